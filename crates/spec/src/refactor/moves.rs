//! Moving a requirement, a criterion or a task with everything below it, and taking one out. Follows no reference.

use super::finish::Draft;
use super::layout::Move;
use super::model::{Entity, Model, plain, stem};
use super::numbering::{self, Numbers, last_number, shift, with_children};
use super::{Kind, Place, RefactorError, Set, lead};
use crate::Span;
use crate::splice::Edit;

/// The one thing of that kind and id.
pub(super) fn find(model: &Model, kind: Kind, id: &str) -> Result<usize, RefactorError> {
    let id = id.trim().trim_end_matches('.');
    match model.all(kind, id) {
        [] => {
            let last = model.entities.iter().rev().find(|entity| entity.kind == kind);
            Err(RefactorError::Unknown {
                kind,
                id: id.to_string(),
                last: last.map(|entity| entity.id.clone()),
            })
        }
        [at] => Ok(*at),
        _ => Err(RefactorError::Ambiguous { kind, id: id.to_string() }),
    }
}

/// Moves `id` to `place`. `None` when it stands there already.
pub(super) fn shift_to(
    set: &Set<'_>,
    model: &Model,
    kind: Kind,
    id: &str,
    place: Place<'_>,
) -> Result<Option<Draft>, RefactorError> {
    let at = find(model, kind, id)?;
    let (Place::Before(other) | Place::After(other)) = place;
    let anchor = find(model, kind, other)?;
    let (Some(entity), Some(target)) = (model.get(at), model.get(anchor)) else { return Ok(None) };
    let bytes = document(set, entity.file);
    let is_inside = target.start >= entity.unit.offset && target.start < entity.unit.end();
    if at == anchor || is_inside || entity.file != target.file || entity.is_scattered || target.is_scattered {
        let same = at == anchor;
        return if same { Ok(None) } else { Err(RefactorError::Scattered { kind, id: entity.id.clone() }) };
    }
    // A box beside a heading that is a task would be read as its sub-task, and a heading among boxes as their end.
    let is_heading = |entity: &Entity| entity.unit.slice(bytes).trim_ascii_start().starts_with(b"#");
    if kind == Kind::Task && is_heading(entity) != is_heading(target) {
        return Err(RefactorError::CannotWrite { kind, id: entity.id.clone() });
    }
    if std::str::from_utf8(entity.unit.slice(bytes)).is_err() {
        return Err(RefactorError::NotText { kind, id: entity.id.clone() });
    }
    let list = model.siblings(at);
    let other_list = model.siblings(anchor);
    let is_after = matches!(place, Place::After(_));
    let position = |list: &[usize], wanted: usize| list.iter().position(|at| *at == wanted).unwrap_or(0);
    let (from, to) = (position(&list, at), position(&other_list, anchor));
    let mut numbers = Numbers::new();
    if list == other_list {
        // The places keep their numbers; who stands there changes. So moving back is exact.
        let mut order: Vec<usize> = list.iter().copied().filter(|other| *other != at).collect();
        let target = order.iter().position(|other| *other == anchor).unwrap_or(0) + usize::from(is_after);
        order.insert(target.min(order.len()), at);
        if order == list {
            return Ok(None);
        }
        for (old, new) in list.iter().zip(&order) {
            if let Some(slot) = model.get(*old).filter(|_| old != new) {
                numbers.insert(*new, plain(&slot.id).to_string());
            }
        }
    } else {
        let number = last_number(&target.id).map_or(0, |(_, number)| number) + u32::from(is_after);
        shift(model, &other_list, to + usize::from(is_after), number, true, &mut numbers);
        if let Some((_, own)) = last_number(&entity.id) {
            shift(model, &list, from + 1, own.saturating_add(1), false, &mut numbers);
        }
        // What stands above the target may get another number by this very move.
        let mut above = numbers.clone();
        with_children(model, &mut above, Some(at));
        let target_id = above.get(&anchor).unwrap_or(&target.id);
        numbers.extend(numbering::with_last(target_id, number).map(|id| (at, id)));
    }
    let mut draft = Draft::default();
    with_children(model, &mut numbers, Some(at));
    draft.number(model, numbers);
    relevel(model, at, target, bytes, &mut draft);
    let layout = draft.layout(entity.file);
    // The last child of its parent goes behind the parent: it stands there, only on another level.
    let stays = is_after && target.unit.end() == entity.unit.end();
    layout.moved = (!stays).then(|| block(model, bytes, at, &list, target, is_after));
    Ok(Some(draft))
}

pub(super) fn document<'a>(set: &Set<'a>, file: usize) -> &'a [u8] {
    set.documents.get(file).map(|(_, bytes)| *bytes).unwrap_or_default()
}

/// The cut and where it goes.
fn block(model: &Model, bytes: &[u8], at: usize, list: &[usize], target: &Entity, is_after: bool) -> Move {
    let unit = model.get(at).map(|entity| entity.unit).unwrap_or_default();
    let (cut, separator) = cut(model, bytes, at, list);
    let separator = separator.slice(bytes).to_vec();
    let separator = if separator.contains(&b'\n') { separator } else { eol(bytes).to_vec() };
    let (at, before, after) = if is_after {
        (target.unit.end(), separator, Vec::new())
    } else {
        (target.unit.offset, Vec::new(), separator)
    };
    Move { cut, block: unit, at, before, after }
}

/// What goes when `at` goes: its lines and one separator, and where that separator stands.
pub(super) fn cut(model: &Model, bytes: &[u8], at: usize, list: &[usize]) -> (Span, Span) {
    let unit = model.get(at).map(|entity| entity.unit).unwrap_or_default();
    let index = list.iter().position(|other| *other == at).unwrap_or(0);
    let next = list.get(index + 1).and_then(|next| model.get(*next)).map(|next| next.unit.offset);
    if let Some(gap) = next.map(|next| Span::between(unit.end(), next))
        && is_separator(gap.slice(bytes))
    {
        return (Span::between(unit.offset, gap.end()), gap);
    }
    let before = index.checked_sub(1).and_then(|index| list.get(index)).and_then(|before| model.get(*before));
    if let Some(gap) = before.map(|before| Span::between(before.unit.end(), unit.offset))
        && is_separator(gap.slice(bytes))
    {
        return (Span::between(gap.offset, unit.end()), gap);
    }
    let rest = bytes.get(unit.end()..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1);
    let gap = Span { offset: unit.end(), len: end };
    (Span::between(unit.offset, gap.end()), gap)
}

/// White space and rulers, and at least one line break.
fn is_separator(gap: &[u8]) -> bool {
    gap.contains(&b'\n')
        && gap.split(|b| *b == b'\n').all(|line| {
            let line = line.trim_ascii();
            line.is_empty() || line.len() >= 3 && line.iter().all(|b| *b == b'-')
        })
}

pub(super) fn eol(bytes: &[u8]) -> &'static [u8] {
    let first = bytes.iter().position(|b| *b == b'\n');
    match first.and_then(|at| at.checked_sub(1)).and_then(|at| bytes.get(at)) {
        Some(b'\r') => b"\r\n",
        _ => b"\n",
    }
}

/// Gives the lines of a moved block the indentation of their new neighbour, and its number the neighbour's stop.
fn relevel(model: &Model, at: usize, target: &Entity, bytes: &[u8], draft: &mut Draft) {
    let Some(entity) = model.get(at) else { return };
    if entity.kind == Kind::Requirement {
        return;
    }
    let old = lead::indent(entity.unit.slice(bytes)).to_vec();
    let new = lead::indent(target.unit.slice(bytes)).to_vec();
    let layout = draft.layout(entity.file);
    if old != new {
        let mut offset = entity.unit.offset;
        for line in entity.unit.slice(bytes).split_inclusive(|b| *b == b'\n') {
            // One byte behind the indentation is written again, so that the line begins where it began.
            let width = line
                .get(old.len()..)
                .and_then(|rest| std::str::from_utf8(rest).ok())
                .and_then(|rest| rest.chars().next());
            if let (true, Some(c)) = (line.starts_with(&old) && !line.trim_ascii().is_empty(), width) {
                let span = Span { offset, len: old.len() + c.len_utf8() };
                let numbered = entity.number.is_some_and(|number| number.span.offset < span.end());
                if numbered && offset == entity.unit.offset && old.is_empty() {
                    // The first byte is the number itself: `1. WHEN` at the edge.
                    number_with_indent(layout, entity, &new, bytes);
                } else {
                    layout.small.push(Edit::replace(span, format!("{}{c}", String::from_utf8_lossy(&new))));
                }
            }
            offset += line.len();
        }
    }
    let stop = |entity: &Entity| {
        let end = entity.number.map(|number| number.span.end())?;
        let rest = bytes.get(end..)?;
        let len = rest.iter().take_while(|b| matches!(b, b'.' | b')' | b':')).count();
        Some(Span { offset: end, len })
    };
    if entity.kind == Kind::Task
        && let (Some(own), Some(theirs)) = (stop(entity), stop(target))
        && own.slice(bytes) != theirs.slice(bytes)
        && stem(entity).is_empty() != stem(target).is_empty()
    {
        layout.small.push(Edit::replace(own, theirs.text(bytes)));
    }
}

/// A number at the very edge of its line gets the new indentation in the edit that writes it.
fn number_with_indent(layout: &mut super::layout::Layout, entity: &Entity, indent: &[u8], bytes: &[u8]) {
    let Some(number) = entity.number else { return };
    let indent = String::from_utf8_lossy(indent).into_owned();
    match layout.small.iter_mut().find(|edit| edit.span == number.span) {
        Some(edit) => edit.new.insert_str(0, &indent),
        None => layout.small.push(Edit::replace(number.span, indent + &number.span.text(bytes))),
    }
}

/// Takes `id` out with everything below it.
pub(super) fn remove(
    set: &Set<'_>,
    model: &Model,
    kind: Kind,
    id: &str,
    drop_references: bool,
    is_cited: &dyn Fn(&[usize]) -> bool,
) -> Result<Draft, RefactorError> {
    let at = find(model, kind, id)?;
    let mut draft = Draft { drop_references, ..Draft::default() };
    let Some(entity) = model.get(at) else { return Ok(draft) };
    if entity.is_scattered {
        return Err(RefactorError::Scattered { kind, id: entity.id.clone() });
    }
    let bytes = document(set, entity.file);
    let list = model.siblings(at);
    let index = list.iter().position(|other| *other == at).unwrap_or(0);
    let (span, _) = cut(model, bytes, at, &list);
    draft.removed = model.below(at);
    draft.removed.push(at);
    draft.cut.push((entity.file, span));
    draft.layout(entity.file).small.push(Edit::delete(span));
    if is_cited(&draft.removed) {
        draft.notes.push(format!(
            "{kind} `{}` is still cited, so its number stays free; renumber when nothing cites it",
            entity.id
        ));
        return Ok(draft);
    }
    let mut numbers = Numbers::new();
    if let Some((_, number)) = last_number(&entity.id) {
        shift(model, &list, index + 1, number.saturating_add(1), false, &mut numbers);
    }
    with_children(model, &mut numbers, None);
    draft.number(model, numbers);
    Ok(draft)
}
