//! New words for a requirement, a criterion, a task or a property; a new word for a term; a new name for a spec. No
//! number changes.

use std::collections::BTreeMap;

use super::finish::{Draft, bytes_of};
use super::model::Model;
use super::moves::find;
use super::uses::File;
use super::{Changes, Kind, NOTES_MAX, RefactorError, Set};
use crate::Span;
use crate::references::same_length;
use crate::splice::Edit;
use crate::tags::{self, TagKind};
use crate::text::{Inside, Text};

/// Other words for the one thing of that kind and id.
pub(super) fn words(
    set: &Set<'_>,
    model: &Model,
    kind: Kind,
    id: &str,
    words: &str,
) -> Result<Draft, RefactorError> {
    let at = find(model, kind, id)?;
    let mut draft = Draft { reworded: vec![at], ..Draft::default() };
    let Some(entity) = model.get(at) else { return Ok(draft) };
    let title = entity.title.ok_or_else(|| RefactorError::NoWords { kind, id: entity.id.clone() })?;
    let bytes = super::moves::document(set, entity.file);
    let old = title.text(bytes);
    let new = match kind {
        Kind::Criterion => {
            let eol = String::from_utf8_lossy(super::moves::eol(bytes)).into_owned();
            let indent = " ".repeat(title.offset - entity.start);
            words.trim().lines().map(str::trim).collect::<Vec<_>>().join(&format!("{eol}{indent}"))
        }
        _ => words.trim().replace(['\n', '\r'], " "),
    };
    draft.layout(entity.file).small.push(Edit::replace(title, new.as_str()));
    draft.cut.push((entity.file, title));
    match kind {
        // Plans and tests repeat the words of a property behind its number.
        Kind::Property => repeat(set, &entity.id, &old, &new, &mut draft),
        // A wave may name a task by its title.
        Kind::Task => graph(set, entity.file, &old, &new, &mut draft),
        _ => {}
    }
    Ok(draft)
}

/// `Property 3: old words` becomes `Property 3: new words` in the documents.
fn repeat(set: &Set<'_>, id: &str, old: &str, new: &str, draft: &mut Draft) {
    for (file, (_, bytes)) in set.documents.iter().enumerate() {
        let text = Text::read(bytes);
        let mut edits = Vec::new();
        for line in text.lines() {
            for tag in tags::line::read(text.of(line), line.span.offset, 0) {
                let words = behind_number(bytes, tag.number.end(), line.span.end(), old);
                if tag.kind == TagKind::Property
                    && tag.id == id
                    && let Some(span) = words
                {
                    edits.push(Edit::replace(span, new));
                }
            }
        }
        let layout = draft.layout(file);
        for edit in edits {
            // The definition itself is there already.
            if !layout.small.iter().any(|other| other.span == edit.span) {
                layout.small.push(edit);
            }
        }
    }
    for (_, bytes) in set.sources {
        let has_words = crate::tags::scan(bytes).iter().any(|tag| {
            tag.kind == TagKind::Property && tag.id == id && tag.spec.as_deref() == Some(set.name)
        });
        if has_words {
            draft
                .notes
                .push(format!("tests repeat the old words of property `{id}`; they were left as they are"));
            break;
        }
    }
}

/// Where `old` stands behind `: ` at `from`.
fn behind_number(bytes: &[u8], from: usize, to: usize, old: &str) -> Option<Span> {
    let rest = bytes.get(from..to)?;
    let skip = rest.iter().take_while(|b| matches!(b, b':' | b' ' | b'*')).count();
    let words = rest.get(skip..)?;
    (!old.is_empty() && skip > 0 && words.starts_with(old.as_bytes()))
        .then_some(Span { offset: from + skip, len: old.len() })
}

fn graph(set: &Set<'_>, file: usize, old: &str, new: &str, draft: &mut Draft) {
    let bytes = bytes_of(set, File::Document(file));
    let text = Text::read(bytes);
    let Some((span, json)) = crate::waves::json_of(&text, &crate::outline::headings(&text)) else { return };
    let quoted = crate::json::quote(old);
    let mut from = 0;
    while let Some(found) = super::lead::find(json, quoted.as_bytes(), from) {
        let place = Span { offset: span.offset + found.start, len: found.len() };
        draft.layout(file).small.push(Edit::replace(place, crate::json::quote(new)));
        from = found.end;
    }
}

/// Another word for a term, in the prose of all documents. Code keeps the old word and is named in a note.
pub(super) fn term(set: &Set<'_>, old: &str, new: &str) -> Result<Changes, RefactorError> {
    let is_word = |word: &str| !word.trim().is_empty() && !word.contains(['\n', '\r']);
    if !is_word(old) || !is_word(new) {
        return Err(RefactorError::EmptyWords);
    }
    let mut changes = Changes::default();
    let mut in_code: BTreeMap<&str, usize> = BTreeMap::new();
    let mut has_new = false;
    for (name, bytes) in set.documents {
        let text = Text::read(bytes);
        for line in text.lines() {
            let content = same_length(text.of(line));
            has_new |= places_of(&content, new).next().is_some();
            for at in places_of(&content, old) {
                let is_code = line.inside == Inside::Fence || is_in_code(&content, at);
                if is_code {
                    *in_code.entry(name).or_default() += 1;
                    continue;
                }
                let span = Span { offset: line.span.offset + at, len: old.len() };
                changes.edits.push((name.clone(), Edit::replace(span, new)));
            }
        }
    }
    if has_new {
        changes.notes.push(format!("`{new}` is in use already, so two terms became one"));
    }
    for (name, count) in in_code.into_iter().take(NOTES_MAX) {
        changes.notes.push(format!("`{old}` stands {count} times in code of `{name}` and was left there"));
    }
    Ok(changes)
}

/// Where `word` stands as a whole word.
fn places_of<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        // Emphasis with `_` is no part of a word: `_Term_`. Scripts without spaces have no edges of words.
        let first = word.chars().next();
        let last = word.chars().next_back();
        let joins = |a: Option<char>, b: Option<char>| {
            a.is_some_and(is_part)
                && b.is_some_and(|b| b.is_alphanumeric() && (b as u32) < 0x2E80)
                && a != Some('_')
        };
        !joins(before, first)
            && !joins(after, last)
            && !(after == Some('_')
                && text.get(at + word.len() + 1..).is_some_and(|rest| rest.starts_with(is_part)))
            && !(before == Some('_') && text.get(..at - 1).is_some_and(|rest| rest.ends_with(is_part)))
    })
}

/// Whether an odd number of back-ticks stands before `at`.
fn is_in_code(line: &str, at: usize) -> bool {
    line.get(..at).is_some_and(|before| before.bytes().filter(|b| *b == b'`').count() % 2 == 1)
}

/// Another name for the spec, in tags of sources and documents and in paths below `specs/`.
pub(super) fn spec(set: &Set<'_>, new: &str) -> Result<Changes, RefactorError> {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    if !is_name(new) || !is_name(set.name) {
        return Err(RefactorError::EmptyWords);
    }
    let mut changes = Changes::default();
    for (name, bytes) in set.documents.iter().chain(set.sources) {
        let mut spans: Vec<Span> = tags::scan(bytes)
            .into_iter()
            .filter(|tag| tag.spec.as_deref() == Some(set.name))
            .filter_map(|tag| tag.spec_span)
            .collect();
        let path = format!("specs/{}", set.name);
        let mut from = 0;
        while let Some(found) = super::lead::find(bytes, path.as_bytes(), from) {
            let next = bytes.get(found.end).copied().unwrap_or(b' ');
            let is_whole = !(next.is_ascii_alphanumeric() || matches!(next, b'-' | b'_') || next >= 0x80);
            if is_whole {
                spans.push(Span { offset: found.end - set.name.len(), len: set.name.len() });
            }
            from = found.end;
        }
        spans.sort();
        spans.dedup();
        changes.edits.extend(spans.into_iter().map(|span| (name.clone(), Edit::replace(span, new))));
    }
    Ok(changes)
}
