//! Every place of a set that names something by its number, and what it means there. Changes nothing.

use std::collections::{BTreeMap, HashSet};

use super::model::{Model, document_kind};
use super::{Kind, Set, lists};
use crate::Span;
use crate::kind::DocumentKind;
use crate::references::{self, Form, Reference, lexer};
use crate::tags::{self, CONFIDENT_MIN, Tag, TagForm, TagKind};
use crate::text::{Inside, Text};

/// References read from one set; a set with more is not changed.
pub(super) const USES_MAX: usize = 200_000;

/// Which file of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum File {
    Document(usize),
    Source(usize),
}

/// How an id is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// An item of a list: it can be taken out.
    Item,
    /// An item of JSON that is no string.
    JsonNumber,
    /// A word of prose or a tag.
    Word,
    /// Inside a name, with `_` for each dot.
    Name,
}

/// Why a place is left as it is although it seems to name something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing is doubtful.
    None,
    /// The line speaks about another spec.
    OtherSpec,
    /// Nothing says that the file is about this spec.
    Stranger,
    /// It may be a number of something else.
    Unsure,
}

/// One place that names something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) file: File,
    pub(super) kind: TagKind,
    pub(super) how: How,
    /// The whole of it: prefix, quotes, both ends of a range.
    pub(super) span: Span,
    pub(super) number: Span,
    pub(super) id: String,
    pub(super) to: Option<(String, Span)>,
    /// What it names, as indices of the model.
    pub(super) targets: Vec<usize>,
    /// What it names and nobody defines.
    pub(super) missing: Vec<String>,
    pub(super) doubt: Doubt,
    /// Items of one list have one number.
    pub(super) list: Option<usize>,
}

/// All uses in order of file and place; `None` when there are more than are read.
pub(super) fn read(set: &Set<'_>, model: &Model) -> Option<Vec<Use>> {
    let mut reader = Reader { set, model, out: Vec::new(), list: 0, is_cut: false };
    for file in 0..set.documents.len() {
        reader.document(file);
        if reader.is_cut || reader.out.len() > USES_MAX {
            return None;
        }
    }
    for (file, (_, bytes)) in set.sources.iter().enumerate() {
        reader.source(file, bytes);
        if reader.is_cut || reader.out.len() > USES_MAX {
            return None;
        }
    }
    Some(reader.out)
}

struct Reader<'a> {
    set: &'a Set<'a>,
    model: &'a Model,
    out: Vec<Use>,
    list: usize,
    /// A reader stopped at its bound, so not every reference is known.
    is_cut: bool,
}

impl Reader<'_> {
    fn document(&mut self, file: usize) {
        let Some((name, bytes)) = self.set.documents.get(file) else { return };
        let kind = document_kind(name);
        let text = Text::read(bytes);
        let place = File::Document(file);
        let mut found: BTreeMap<usize, Use> = BTreeMap::new();
        let mut taken: HashSet<usize> = self.definitions(file);
        let has_tasks = matches!(kind, Some(DocumentKind::Tasks | DocumentKind::Single));
        if has_tasks {
            self.dependencies(file, bytes, &mut taken, &mut found);
        }
        let mut goes_on = false;
        for line in text.lines() {
            let content = text.of(line);
            let list = match references::list_of(content, line.span.offset) {
                Some(found) => Some(found),
                None if goes_on => {
                    let items = references::items(content, line.span.offset);
                    let is_list = items.iter().all(|item| item.form != Form::Unknown);
                    let more = content.trim_ascii_end().ends_with(b",");
                    is_list.then_some((items, more))
                }
                None if self.begins_task(file, line.span.offset) => {
                    Some((references::title_spans(content, line.span.offset), false))
                }
                None => None,
            };
            goes_on = list.as_ref().is_some_and(|(_, more)| *more);
            self.list += 1;
            self.is_cut |= list.as_ref().is_some_and(|(items, _)| items.len() >= references::SPANS_MAX);
            for item in list.map(|(items, _)| items).unwrap_or_default() {
                let item = self.own_code(item);
                if matches!(item.form, Form::Single | Form::Whole | Form::Range { .. })
                    && taken.insert(item.number.offset)
                {
                    let new = self.item(place, item);
                    found.insert(new.number.offset, new);
                }
            }
            let is_heading = line.inside == Inside::Prose && content.trim_ascii_start().starts_with(b"#");
            let other = names_other_spec(content, self.set.name);
            let tags = tags::line::read(content, line.span.offset, 0);
            self.is_cut |= tags.len() >= tags::line::LINE_TAGS_MAX;
            for tag in tags {
                if tag.kind == TagKind::Spec || !taken.insert(tag.number.offset) {
                    continue;
                }
                let doubt = if tag.spec.as_deref().is_some_and(|name| name != self.set.name) || other {
                    Doubt::OtherSpec
                } else if is_unsure(&tag, kind, line.inside != Inside::Prose, is_heading) {
                    Doubt::Unsure
                } else {
                    Doubt::None
                };
                let new = self.tag(place, tag, doubt);
                found.insert(new.number.offset, new);
            }
        }
        self.out.extend(found.into_values());
    }

    fn begins_task(&self, file: usize, offset: usize) -> bool {
        self.model.at(Kind::Task, file, offset).is_some()
    }

    /// Where the numbers of a document's own entities begin.
    fn definitions(&self, file: usize) -> HashSet<usize> {
        let of_file = self.model.entities.iter().filter(|entity| entity.file == file);
        of_file.filter_map(|entity| entity.number.map(|number| number.span.offset)).collect()
    }

    fn dependencies(
        &mut self,
        file: usize,
        bytes: &[u8],
        taken: &mut HashSet<usize>,
        found: &mut BTreeMap<usize, Use>,
    ) {
        let model = self.model;
        let tasks = model.entities.iter().filter(|entity| entity.kind == Kind::Task && entity.file == file);
        let known: HashSet<&str> = tasks.map(|entity| entity.id.as_str()).collect();
        let words = tags::scan(bytes).into_iter().filter(|tag| tag.kind == TagKind::Task);
        let tasks_in_words: HashSet<usize> = words.map(|tag| tag.number.offset).collect();
        for item in lists::read(bytes, &known, self.list) {
            self.list = self.list.max(item.list);
            // A word in front says more than the list does: `(see task 3)`.
            let has_word = item.is_unsure && tasks_in_words.contains(&item.number.offset);
            if has_word || !taken.insert(item.number.offset) {
                continue;
            }
            if let Some((_, number)) = &item.to {
                taken.insert(number.offset);
            }
            let mut new = Use {
                file: File::Document(file),
                kind: TagKind::Task,
                how: if item.is_json_number { How::JsonNumber } else { How::Item },
                span: item.span,
                number: item.number,
                id: item.id,
                to: item.to,
                targets: Vec::new(),
                missing: Vec::new(),
                doubt: if item.is_unsure { Doubt::Unsure } else { Doubt::None },
                list: Some(item.list),
            };
            self.resolve(&mut new);
            found.insert(new.number.offset, new);
        }
    }

    /// An item such as `REQ-UI-3` is no id in general, but it is one when the documents say so.
    fn own_code(&self, mut item: Reference) -> Reference {
        let number = super::rewrite::bare(&item.id).len();
        if item.form == Form::Unknown
            && item.id.len() == item.span.len
            && self.model.cited(&item.id).is_some()
        {
            item.number = Span { offset: item.span.end().saturating_sub(number), len: number };
            item.form = Form::Single;
        }
        item
    }

    fn item(&self, file: File, item: Reference) -> Use {
        let to = match item.form {
            Form::Range { to, number } => Some((to, number)),
            _ => None,
        };
        let mut new = Use {
            file,
            kind: TagKind::Requirement,
            how: How::Item,
            span: item.span,
            number: item.number,
            id: item.id,
            to,
            targets: Vec::new(),
            missing: Vec::new(),
            doubt: Doubt::None,
            list: Some(self.list),
        };
        self.resolve(&mut new);
        new
    }

    fn tag(&self, file: File, tag: Tag, doubt: Doubt) -> Use {
        let mut new = Use {
            file,
            kind: tag.kind,
            how: if tag.form == TagForm::Name { How::Name } else { How::Word },
            span: tag.span,
            number: tag.number,
            id: tag.id,
            to: tag.to,
            targets: Vec::new(),
            missing: Vec::new(),
            doubt,
            list: None,
        };
        self.resolve(&mut new);
        // A name says nothing about where its number ends: `test_req_1_2_items` may be about requirement 1.
        let is_whole = new.targets.iter().all(|at| self.model.get(*at).is_some_and(|e| e.id == new.id));
        if new.how == How::Name && new.doubt == Doubt::None && (new.targets.is_empty() || !is_whole) {
            new.doubt = Doubt::Unsure;
        }
        new
    }

    fn resolve(&self, new: &mut Use) {
        let ids = match &new.to {
            Some((to, _)) => lexer::expand(&new.id, to, references::REFERENCES_MAX),
            None => vec![new.id.clone()],
        };
        if ids.len() >= references::REFERENCES_MAX {
            new.doubt = Doubt::Unsure;
        }
        for id in ids {
            let found = match new.kind {
                TagKind::Requirement => self.model.cited(&id),
                TagKind::Property => self.model.first(Kind::Property, &id),
                TagKind::Task => self.model.first(Kind::Task, &id).or_else(|| {
                    // `Task T001` is read as a number of a series, the task says `T001`.
                    let written = id.replacen('-', "", 1);
                    self.model.first(Kind::Task, &written)
                }),
                TagKind::Spec => None,
            };
            match found {
                Some(at) if !new.targets.contains(&at) => new.targets.push(at),
                Some(_) => {}
                None => new.missing.push(id),
            }
        }
    }

    fn source(&mut self, file: usize, bytes: &[u8]) {
        let found = tags::scan(bytes);
        self.is_cut |= found.len() >= tags::TAGS_MAX;
        let named: HashSet<&str> = found.iter().filter_map(|tag| tag.spec.as_deref()).collect();
        let is_ours_alone =
            named.len() == 1 && named.contains(self.set.name) || named.is_empty() && self.set.sources_belong;
        let is_theirs = !named.is_empty() && !named.contains(self.set.name);
        if is_theirs {
            return;
        }
        let doubts: Vec<Option<Doubt>> = found
            .iter()
            .map(|tag| match tag.spec.as_deref() {
                Some(name) if name != self.set.name => None,
                Some(_) => Some(Doubt::None),
                None if is_ours_alone => Some(Doubt::None),
                None => Some(Doubt::Stranger),
            })
            .collect();
        for (tag, doubt) in found.into_iter().zip(doubts) {
            let Some(doubt) = doubt.filter(|_| tag.kind != TagKind::Spec) else { continue };
            let doubt =
                if doubt == Doubt::None && tag.confidence < CONFIDENT_MIN { Doubt::Unsure } else { doubt };
            let new = self.tag(File::Source(file), tag, doubt);
            self.out.push(new);
        }
    }
}

/// Whether a number in a document may count something else than what the word before it says.
fn is_unsure(tag: &Tag, kind: Option<DocumentKind>, is_code: bool, is_heading: bool) -> bool {
    let is_dotted = tag.id.contains('.');
    match tag.kind {
        // Everybody has tasks; only in the plan a bare number is surely one of ours.
        TagKind::Task if kind == Some(DocumentKind::Tasks) => tag.confidence < 60,
        TagKind::Task => is_code || !is_dotted || tag.confidence < CONFIDENT_MIN,
        // A heading with a number that is no requirement of ours belongs to another count.
        TagKind::Requirement if is_heading && kind == Some(DocumentKind::Requirements) => true,
        TagKind::Requirement | TagKind::Property | TagKind::Spec => tag.confidence < CONFIDENT_MIN,
    }
}

/// Whether a line speaks about a spec that is not `name`: `` the `other` spec ``, `.kiro/specs/other/`.
fn names_other_spec(line: &[u8], name: &str) -> bool {
    let text = references::same_length(line);
    let folder = text.match_indices("specs/").any(|(at, found)| {
        let rest = text.get(at + found.len()..).unwrap_or_default();
        let end = rest.find(|c: char| !is_name_char(c)).unwrap_or(rest.len());
        let other = rest.get(..end).unwrap_or_default().trim_end_matches(".md");
        other.len() >= 3 && other != name
    });
    folder
        || text.match_indices("spec").any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let is_word = text
                .get(at + 4..)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '/'));
            let before = before.trim_end_matches([' ', '`', '*', '"', '\'']);
            let from = before.rfind(|c: char| !is_name_char(c)).map_or(0, |at| {
                at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
            });
            let other = before.get(from..).unwrap_or_default();
            is_word && other.contains('-') && other.len() >= 3 && other != name && !other.starts_with('-')
        })
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_about_other_specs() {
        let check = |line: &str, expected: bool| {
            assert_eq!(names_other_spec(line.as_bytes(), "mine"), expected, "{line}")
        };
        check("the `docs-placement` spec (Requirement 5) keeps it", true);
        check("see .kiro/specs/other/tasks.md task 2.1", true);
        check("see .kiro/specs/mine/tasks.md task 2.1", false);
        check("the mine spec, Requirement 5", false);
        check("Requirement 5 of this spec", false);
        check("specifically Requirement 5", false);
    }
}
