//! Everything of a set that has a number: requirements, criteria, tasks and properties, with the bytes of each, its
//! number as written and its place in the order. Looks at no reference.

use std::collections::{HashMap, HashSet};

use super::rewrite::bare;
use super::{Kind, Set, lead};
use crate::Span;
use crate::bugfix::Bugfix;
use crate::design::Design;
use crate::digits::{self, is_digit};
use crate::kind::DocumentKind;
use crate::outline::headings;
use crate::references::lexer::split_last;
use crate::requirements::{CRITERIA_MAX, Criterion, Requirements};
use crate::single::SingleFile;
use crate::tasks::{TASKS_MAX, Task, Tasks};
use crate::text::{Inside, Text};

/// A number as it stands in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) span: Span,
    /// The whole id is written (`1.2`), not its last part alone (`2.`).
    pub(super) is_full: bool,
    /// What is written is the id. In a list of `1.` `1.` `1.` it is not, and counts for nothing.
    pub(super) is_true: bool,
    /// A digit of it, so that a new number is written in the same script.
    pub(super) digit: char,
}

/// One thing with a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// Index in [`Set::documents`].
    pub(super) file: usize,
    pub(super) id: String,
    /// Where its first line begins. With kind and file, its identity in one version of the documents.
    pub(super) start: usize,
    /// From `start` to the end of its last line, break left out; children included.
    pub(super) unit: Span,
    /// Its own lines, children left out.
    pub(super) own: Span,
    pub(super) number: Option<Written>,
    /// The words that a person would rename, when they can be told from the rest of the line.
    pub(super) title: Option<Span>,
    /// The words, for comparison.
    pub(super) text: String,
    /// Kiro's identity of a task; empty for everything else.
    pub(super) label: String,
    /// The requirement of a criterion, the parent of a task.
    pub(super) parent: Option<usize>,
    /// Something that is not its child stands between its lines, so it cannot be moved as one.
    pub(super) is_scattered: bool,
}

/// All entities in the order of the documents.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) entities: Vec<Entity>,
    /// A reader stopped at its bound, so not everything with a number is known.
    pub(super) is_cut: bool,
    by_id: HashMap<(Kind, String), Vec<usize>>,
    by_start: HashMap<(Kind, usize, usize), usize>,
}

impl Model {
    pub(super) fn read(set: &Set<'_>) -> Model {
        let mut model = Model::default();
        for (file, (name, bytes)) in set.documents.iter().enumerate() {
            let mut reader = Reader { text: Text::read(bytes), bytes, file, model: &mut model };
            match document_kind(name) {
                Some(DocumentKind::Requirements) => reader.requirements(),
                Some(DocumentKind::Bugfix) => reader.bugfix(),
                Some(DocumentKind::Design) => reader.design(),
                Some(DocumentKind::Tasks) => reader.tasks(),
                Some(DocumentKind::Single) => {
                    reader.single();
                    reader.tasks();
                }
                Some(DocumentKind::Config) | None => {}
            }
        }
        let count = |kind: Kind| model.entities.iter().filter(|entity| entity.kind == kind).count();
        model.is_cut = count(Kind::Task) >= TASKS_MAX || count(Kind::Criterion) >= CRITERIA_MAX;
        for (at, entity) in model.entities.iter().enumerate() {
            model.by_id.entry((entity.kind, entity.id.clone())).or_default().push(at);
            model.by_start.entry((entity.kind, entity.file, entity.start)).or_insert(at);
        }
        model
    }

    pub(super) fn get(&self, at: usize) -> Option<&Entity> {
        self.entities.get(at)
    }

    /// Everything of that kind and id, in order. More than one when a number is used twice.
    pub(super) fn all(&self, kind: Kind, id: &str) -> &[usize] {
        self.by_id.get(&(kind, id.to_string())).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn first(&self, kind: Kind, id: &str) -> Option<usize> {
        self.all(kind, id).first().copied()
    }

    /// What begins at that byte.
    pub(super) fn at(&self, kind: Kind, file: usize, start: usize) -> Option<usize> {
        self.by_start.get(&(kind, file, start)).copied()
    }

    /// The kind under which `id` is kept: in a flat list a requirement is its own criterion.
    pub(super) fn flat(&self, kind: Kind, id: &str) -> Kind {
        let is_flat = kind == Kind::Requirement && self.all(kind, id).is_empty();
        let is_alone = |at: &usize| self.get(*at).is_some_and(|entity| entity.parent.is_none());
        if is_flat && self.all(Kind::Criterion, id).iter().any(is_alone) { Kind::Criterion } else { kind }
    }

    /// The flat lists whose items are requirements.
    pub(super) fn flat_lists(&self, kind: Kind) -> Vec<Vec<usize>> {
        let is_flat = |list: &Vec<usize>| {
            list.first().and_then(|at| self.get(*at)).is_some_and(|entity| entity.parent.is_none())
        };
        if kind != Kind::Requirement {
            return Vec::new();
        }
        self.lists(Kind::Criterion).into_iter().filter(is_flat).collect()
    }

    /// What a citation of a requirement means: `1.2` a criterion, `3` a requirement.
    pub(super) fn cited(&self, id: &str) -> Option<usize> {
        let order = if id.contains('.') {
            [Kind::Criterion, Kind::Requirement]
        } else {
            [Kind::Requirement, Kind::Criterion]
        };
        let find = |id: &str| order.iter().find_map(|kind| self.first(*kind, id));
        // A heading `FR-1` counts as requirement 1 where no other series is there.
        let bare = || id.split_once('-').filter(|(series, _)| matches!(*series, "FR" | "US" | "AC" | "BR"));
        find(id).or_else(|| bare().and_then(|(_, bare)| find(bare)))
    }

    /// The indices of the things that are counted together with `at`, itself included, in order.
    pub(super) fn siblings(&self, at: usize) -> Vec<usize> {
        let Some(entity) = self.get(at) else { return Vec::new() };
        let wanted = list_key(entity);
        (0..self.entities.len())
            .filter(|at| self.get(*at).is_some_and(|other| list_key(other) == wanted))
            .collect()
    }

    /// Every list of things that are counted together, in order.
    pub(super) fn lists(&self, kind: Kind) -> Vec<Vec<usize>> {
        let mut lists: Vec<Vec<usize>> = Vec::new();
        let mut by_key = HashMap::new();
        for (at, entity) in self.entities.iter().enumerate().filter(|(_, entity)| entity.kind == kind) {
            let list = *by_key.entry(list_key(entity)).or_insert_with(|| {
                lists.push(Vec::new());
                lists.len() - 1
            });
            if let Some(list) = lists.get_mut(list) {
                list.push(at);
            }
        }
        lists
    }

    /// The indices of everything below `at`.
    pub(super) fn below(&self, at: usize) -> Vec<usize> {
        let is_below = |mut next: Option<usize>| {
            let mut steps = 0;
            while let Some(above) = next {
                if above == at {
                    return true;
                }
                steps += 1;
                next = self.get(above).and_then(|entity| entity.parent).filter(|_| steps < 64);
            }
            false
        };
        (0..self.entities.len()).filter(|i| is_below(self.get(*i).and_then(|entity| entity.parent))).collect()
    }
}

/// Things with the same key are counted in one list.
fn list_key(entity: &Entity) -> (Kind, usize, Option<usize>, &str) {
    (entity.kind, entity.file, entity.parent, stem(entity))
}

/// What stands before the last part of an id and is counted elsewhere: `1.` of `1.2`, `NFR-` of `NFR-2`.
pub(super) fn stem(entity: &Entity) -> &str {
    match entity.kind {
        // A list under one requirement is one list, whatever its items say.
        Kind::Criterion if entity.parent.is_some() => "",
        _ => split_last(&entity.id).0,
    }
}

/// The number of an id: `1.2` of `1.2#2`, the second task that says `1.2`.
pub(super) fn plain(id: &str) -> &str {
    id.split('#').next().unwrap_or(id)
}

/// The document that a file of a set is, by its name.
pub(super) fn document_kind(name: &str) -> Option<DocumentKind> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let is_markdown = base.ends_with(".md");
    DocumentKind::of_file_name(base).or(is_markdown.then_some(DocumentKind::Single))
}

struct Reader<'a, 'm> {
    text: Text<'a>,
    bytes: &'a [u8],
    file: usize,
    model: &'m mut Model,
}

impl Reader<'_, '_> {
    fn push(&mut self, mut entity: Entity) -> usize {
        entity.file = self.file;
        self.model.entities.push(entity);
        self.model.entities.len() - 1
    }

    /// The line that begins at or holds `offset`, without its break.
    fn line(&self, offset: usize) -> Span {
        let lines = self.text.lines();
        let at = lines.partition_point(|line| line.span.offset <= offset).saturating_sub(1);
        lines.get(at).map(|line| line.span).unwrap_or_default()
    }

    fn requirements(&mut self) {
        for requirement in Requirements::parse(self.bytes).requirements {
            let is_item = |criterion: &Criterion| criterion.span == requirement.span;
            if requirement.criteria.len() == 1 && requirement.criteria.iter().all(is_item) {
                for criterion in &requirement.criteria {
                    self.criterion(criterion, None);
                }
                continue;
            }
            let line = self.line(requirement.heading.offset);
            let end = requirement.criteria.iter().map(|criterion| criterion.span.end()).max().unwrap_or(0);
            let unit = self.trimmed(Span::between(line.offset, requirement.span.end().max(end)));
            let number =
                requirement.number_span.and_then(|span| self.written(span, &requirement.number, true));
            let title = self.behind(line, number, &requirement.title);
            let at = self.push(Entity {
                kind: Kind::Requirement,
                file: 0,
                id: requirement.number.clone(),
                start: line.offset,
                unit,
                own: line,
                number,
                title,
                text: requirement.title.clone(),
                label: String::new(),
                parent: None,
                is_scattered: false,
            });
            for criterion in &requirement.criteria {
                self.criterion(criterion, Some(at));
            }
        }
    }

    fn criterion(&mut self, criterion: &Criterion, parent: Option<usize>) {
        let line = self.line(criterion.span.offset);
        let content = line.slice(self.bytes);
        let is_heading = content.trim_ascii_start().starts_with(b"#");
        let written = criterion.number_span.and_then(|span| {
            let is_full = span.slice(self.bytes).contains(&b'.') || !criterion.id.contains('.');
            self.written(span, &criterion.id, is_full)
        });
        let own = if is_heading {
            self.trimmed(criterion.span)
        } else {
            self.with_deeper_lines(Span::between(line.offset, criterion.span.end()))
        };
        let title = (!is_heading).then_some(criterion.text_span);
        self.push(Entity {
            kind: Kind::Criterion,
            file: 0,
            id: criterion.id.clone(),
            start: line.offset,
            unit: own,
            own,
            number: written,
            title,
            text: criterion.text.clone(),
            label: String::new(),
            parent,
            is_scattered: false,
        });
    }

    fn bugfix(&mut self) {
        let sections: Vec<(usize, usize, &str)> = headings(&self.text)
            .iter()
            .filter_map(|heading| {
                let title = heading.title.to_lowercase();
                let id = match () {
                    () if title.starts_with("current behavio") => "1",
                    () if title.starts_with("expected behavio") => "2",
                    () if title.starts_with("unchanged behavio") => "3",
                    () => return None,
                };
                let span = heading.span(&self.text);
                Some((span.offset, span.end(), id))
            })
            .collect();
        let clauses = Bugfix::parse(self.bytes).clauses;
        for (start, end, id) in sections {
            let line = self.line(start);
            let unit = self.trimmed(Span::between(start, end));
            let at = self.push(Entity {
                kind: Kind::Requirement,
                file: 0,
                id: id.to_string(),
                start,
                unit,
                own: line,
                number: None,
                title: None,
                text: line.text(self.bytes),
                label: String::new(),
                parent: None,
                is_scattered: true,
            });
            for clause in &clauses {
                if (start..end).contains(&clause.criterion.span.offset) {
                    self.criterion(&clause.criterion, Some(at));
                }
            }
        }
    }

    fn single(&mut self) {
        for criterion in SingleFile::parse(self.bytes).requirements {
            self.criterion(&criterion, None);
        }
    }

    fn design(&mut self) {
        for property in Design::parse(self.bytes).properties {
            let line = self.line(property.heading.offset);
            let id = property.number.to_string();
            let number = property.number_span.and_then(|span| self.written(span, &id, true));
            let title = self.behind(line, number, &property.title);
            let unit = self.trimmed(property.span);
            self.push(Entity {
                kind: Kind::Property,
                file: 0,
                id,
                start: line.offset,
                unit,
                own: unit,
                number,
                title,
                text: property.title.clone(),
                label: String::new(),
                parent: None,
                is_scattered: false,
            });
        }
    }

    fn tasks(&mut self) {
        let tasks = Tasks::parse(self.bytes).tasks;
        let base = self.model.entities.len();
        for (index, task) in tasks.iter().enumerate() {
            let line = self.line(task.span.offset);
            let (last, is_scattered) = subtree(&tasks, index);
            let end = tasks.get(last).map_or(task.span.end(), |task| task.span.end());
            let own = self.trimmed_plain(Span::between(line.offset, task.span.end()));
            let unit = self.trimmed_plain(Span::between(line.offset, end));
            let number = task.number_span.map(|span| Written {
                span,
                is_full: true,
                is_true: digits::plain(&span.text(self.bytes)) == plain(&task.id),
                digit: self.digit(span),
            });
            let is_scattered =
                is_scattered || self.has_foreign_lines(unit, tasks.get(index..=last).unwrap_or_default());
            self.push(Entity {
                kind: Kind::Task,
                file: 0,
                id: task.id.clone(),
                start: line.offset,
                unit,
                own,
                title: self.task_title(task),
                number,
                text: task.title.clone(),
                label: task.label.clone(),
                parent: task.parent.map(|parent| base + parent),
                is_scattered,
            });
        }
    }

    /// The digits at the end of `span`, which are the number of `id`: `2` of `FR-2`.
    fn written(&self, span: Span, id: &str, is_full: bool) -> Option<Written> {
        let text = std::str::from_utf8(span.slice(self.bytes)).ok()?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || is_digit(c) || matches!(c, '.' | '．');
        let head = text.trim_end_matches(is_part);
        let number = text.get(head.len()..)?.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        if number.is_empty() {
            return None;
        }
        let wanted = if is_full { bare(id) } else { split_last(id).1 };
        let span = Span { offset: span.end() - number.len(), len: number.len() };
        Some(Written { span, is_full, is_true: digits::plain(number) == wanted, digit: self.digit(span) })
    }

    fn digit(&self, span: Span) -> char {
        span.text(self.bytes).chars().find(|c| is_digit(*c)).unwrap_or('0')
    }

    /// Where `words` stand in `line`, behind the number.
    fn behind(&self, line: Span, number: Option<Written>, words: &str) -> Option<Span> {
        let from = number.map_or(0, |number| number.span.end().saturating_sub(line.offset));
        let found = lead::find(line.slice(self.bytes), words.as_bytes(), from)?;
        Some(Span { offset: line.offset + found.start, len: found.len() })
    }

    /// The words of a task, without a `(dep: 1)` that closes them.
    fn task_title(&self, task: &Task) -> Option<Span> {
        let text = task.title_span.text(self.bytes);
        let words = text.find(" (dep").and_then(|at| text.get(..at)).unwrap_or(&text).trim_end();
        (!words.is_empty() && task.title_span.slice(self.bytes).starts_with(words.as_bytes()))
            .then_some(Span { offset: task.title_span.offset, len: words.len() })
    }

    /// Whether words stand between tasks of a subtree that belong to none of them.
    fn has_foreign_lines(&self, unit: Span, tasks: &[Task]) -> bool {
        let mut at = unit.offset;
        tasks.iter().any(|task| {
            let gap = Span::between(at, task.span.offset);
            at = task.span.end();
            !gap.slice(self.bytes).trim_ascii().is_empty()
        })
    }

    /// Without white space and rulers at the end.
    fn trimmed(&self, span: Span) -> Span {
        let mut content = span.slice(self.bytes);
        loop {
            content = content.trim_ascii_end();
            let last = content.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            let line = content.get(last..).unwrap_or_default().trim_ascii();
            let is_ruler = line.len() >= 3
                && ["-", "*", "_"].iter().any(|mark| line.iter().all(|b| [*b] == mark.as_bytes()));
            if !is_ruler || last == 0 {
                return Span { offset: span.offset, len: content.len() };
            }
            content = content.get(..last).unwrap_or_default();
        }
    }

    fn trimmed_plain(&self, span: Span) -> Span {
        Span { offset: span.offset, len: span.slice(self.bytes).trim_ascii_end().len() }
    }

    /// The item and the code or text behind it that is indented more deeply, which readers of items leave out.
    fn with_deeper_lines(&self, span: Span) -> Span {
        let lines = self.text.lines();
        let first = lines.partition_point(|line| line.span.offset <= span.offset).saturating_sub(1);
        let indent = lines.get(first).map_or(0, |line| line.indent);
        let mut end = self.trimmed_plain(span).end();
        let from = lines.partition_point(|line| line.span.offset < span.end());
        for line in lines.get(from..).unwrap_or_default() {
            let is_blank = self.text.of(line).trim_ascii().is_empty();
            if !is_blank && (line.indent <= indent || line.inside == Inside::Comment) {
                break;
            }
            if !is_blank {
                end = line.span.end();
            }
        }
        Span::between(span.offset, self.trimmed_plain(Span::between(span.offset, end)).end())
    }
}

/// The index of the last task below `index`, and whether another task stands between.
fn subtree(tasks: &[Task], index: usize) -> (usize, bool) {
    let mut last = index;
    let mut below = HashSet::from([index]);
    let mut is_scattered = false;
    for (at, task) in tasks.iter().enumerate().skip(index + 1) {
        // Parents come before their children, so one pass is enough; most subtrees end soon.
        if task.parent.is_some_and(|parent| below.contains(&parent)) {
            is_scattered |= at != last + 1;
            last = at;
            below.insert(at);
        } else if at > last + LOOK_AHEAD_MAX {
            break;
        }
    }
    (last, is_scattered)
}

/// Tasks behind a subtree among which a scattered child is looked for.
const LOOK_AHEAD_MAX: usize = 200;
