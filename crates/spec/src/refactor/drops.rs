//! Takes references out of their lists when what they name is gone. Leaves whatever is not only a list.

use std::collections::{BTreeMap, HashSet};

use super::Set;
use super::finish::bytes_of;
use super::uses::{File, How, Use};
use crate::Span;
use crate::references::labels::{self, DEPENDENCIES};
use crate::references::same_length;
use crate::splice::Edit;

/// What can be taken out.
#[derive(Debug, Default)]
pub(super) struct Drops {
    pub(super) edits: Vec<(File, Edit)>,
    /// File and first byte of each reference that goes.
    pub(super) places: HashSet<(File, usize)>,
}

/// Plans which references of `gone` go, and how.
pub(super) fn plan(set: &Set<'_>, places: &[Use], gone: &[&Use]) -> Drops {
    let mut drops = Drops::default();
    let mut lists: BTreeMap<(File, usize), Vec<&Use>> = BTreeMap::new();
    for place in places.iter().filter(|place| place.how != How::Word && place.how != How::Name) {
        if let Some(list) = place.list {
            lists.entry((place.file, list)).or_default().push(place);
        }
    }
    let is_gone: HashSet<(File, usize)> = gone.iter().map(|place| (place.file, place.span.offset)).collect();
    for ((file, _), items) in lists {
        let goes: Vec<bool> = items.iter().map(|item| is_gone.contains(&(file, item.span.offset))).collect();
        if !goes.contains(&true) {
            continue;
        }
        let bytes = bytes_of(set, file);
        let edits = if goes.contains(&false) { some(bytes, &items, &goes) } else { all(bytes, &items) };
        for (edit, item) in edits {
            drops.places.extend(item.iter().map(|at| (file, *at)));
            drops.edits.push((file, edit));
        }
    }
    drops
}

/// Takes items out of a list that keeps others. An item with a remark behind it stays.
fn some(bytes: &[u8], items: &[&Use], goes: &[bool]) -> Vec<(Edit, Vec<usize>)> {
    let mut out = Vec::new();
    let mut has_kept = false;
    for (at, (item, goes)) in items.iter().zip(goes).enumerate() {
        if !goes {
            has_kept = true;
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| items.get(at)).map(|item| item.span.end());
        let after = items.get(at + 1).map(|item| item.span.offset);
        let (gap, cut) = match (has_kept, before, after) {
            (true, Some(before), _) => {
                (Span::between(before, item.span.offset), Span::between(before, item.span.end()))
            }
            (_, _, Some(after)) => {
                (Span::between(item.span.end(), after), Span::between(item.span.offset, after))
            }
            _ => continue,
        };
        if is_separator(gap.slice(bytes)) {
            out.push((Edit::delete(cut), vec![item.span.offset]));
        } else {
            has_kept = true;
        }
    }
    out
}

/// Takes a whole list out: the elements of an array, the line of a label, a pair of brackets.
fn all(bytes: &[u8], items: &[&Use]) -> Vec<(Edit, Vec<usize>)> {
    let (Some(first), Some(last)) = (items.first(), items.last()) else { return Vec::new() };
    let places: Vec<usize> = items.iter().map(|item| item.span.offset).collect();
    let whole = Span::between(first.span.offset, last.span.end());
    if first.how == How::JsonNumber || bytes.get(first.span.offset) == Some(&b'"') {
        return vec![(Edit::delete(whole), places)];
    }
    let start = bytes
        .get(..whole.offset)
        .unwrap_or_default()
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let rest = bytes.get(whole.end()..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| whole.end() + at + 1);
    let line = same_length(bytes.get(start..end).unwrap_or_default());
    let (from, to) = (whole.offset - start, whole.end().saturating_sub(start).min(line.len()));
    let before = line.get(..from).unwrap_or_default();
    let after = line.get(to..).unwrap_or_default();
    let found = labels::requirements(&line).or_else(|| labels::find(&line, &DEPENDENCIES));
    let only_label = found.is_some_and(|found| {
        let lead = line.get(..found.label.start).unwrap_or_default();
        let joint = line.get(found.label.end..from).unwrap_or_default();
        lead.chars().all(|c| matches!(c, '-' | '*' | '+' | '_' | ' ' | '\t'))
            && joint.chars().all(|c| matches!(c, ':' | '：' | '*' | '_' | ' ' | '[' | '`'))
    });
    if only_label && after.chars().all(|c| matches!(c, '*' | '_' | ' ' | ']' | '`' | '.' | '\r' | '\n')) {
        return vec![(Edit::delete(Span::between(start, end)), places)];
    }
    // ` (dep: 5)` in a title.
    let open =
        before.rfind('(').filter(|open| before.get(*open..).is_some_and(|text| text.starts_with("(dep")));
    if let (Some(open), true) = (open, after.starts_with(')')) {
        let open = before.get(..open).map_or(open, |text| text.trim_end().len());
        return vec![(Edit::delete(Span::between(start + open, whole.end() + 1)), places)];
    }
    Vec::new()
}

fn is_separator(gap: &[u8]) -> bool {
    let text = String::from_utf8_lossy(gap);
    let bare = text.trim_matches(|c: char| {
        matches!(c, ' ' | ',' | ';' | '、' | '，' | '；' | '/' | '&' | '+' | '・' | '`' | '\n' | '\r' | '\t')
    });
    bare.is_empty() || bare.eq_ignore_ascii_case("and")
}
