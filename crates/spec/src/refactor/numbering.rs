//! Which number everything gets when something comes, goes or moves, and the edits that write it. Follows no
//! reference.

use std::collections::BTreeMap;

use super::model::{Entity, Model, plain};
use super::rewrite::bare;
use crate::digits::like;
use crate::references::lexer::split_last;
use crate::splice::Edit;

/// New ids for entities of the old model, by index.
pub(super) type Numbers = BTreeMap<usize, String>;

/// The number at the end of an id and what stands before it; a letter behind it (`7b`) is left out.
pub(super) fn last_number(id: &str) -> Option<(&str, u32)> {
    let id = plain(id);
    let id = id.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let stem = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = id.get(stem.len()..)?.parse().ok()?;
    Some((stem, number))
}

/// `id` with another last number, as wide as the old one when that began with a zero: `T001`, `T002`.
pub(super) fn with_last(id: &str, number: u32) -> Option<String> {
    let (stem, _) = last_number(id)?;
    let id = plain(id);
    let digits = id.get(stem.len()..)?.trim_end_matches(|c: char| c.is_ascii_lowercase());
    Some(match digits.starts_with('0') && digits.len() > 1 {
        true => format!("{stem}{number:0width$}", width = digits.len()),
        false => format!("{stem}{number}"),
    })
}

/// Moves the unbroken row of numbers that begins with `from` behind index `behind` of `list` by one, up or down.
/// `6a` and `6b` go with 6; smaller numbers in between are passed over.
pub(super) fn shift(model: &Model, list: &[usize], behind: usize, from: u32, up: bool, out: &mut Numbers) {
    let mut expected = from;
    for at in list.iter().skip(behind) {
        let Some((entity, (_, number))) = model.get(*at).and_then(|e| Some((e, last_number(&e.id)?))) else {
            continue;
        };
        let suffix = suffix(&entity.id);
        let goes_with_last = !suffix.is_empty() && expected > from && number.saturating_add(1) == expected;
        if goes_with_last || suffix.is_empty() && number == expected {
            let new = if up { number.saturating_add(1) } else { number.saturating_sub(1) };
            out.extend(with_last(&entity.id, new).map(|id| (*at, id + suffix)));
            expected = number.saturating_add(1);
        } else if number >= expected {
            break;
        }
    }
}

/// The letter behind the last number: `b` of `7b`.
fn suffix(id: &str) -> &str {
    let id = plain(id);
    id.get(id.trim_end_matches(|c: char| c.is_ascii_lowercase()).len()..).unwrap_or_default()
}

/// Adds what stands below the renumbered entities: with requirement 3 its criterion 3.1, with task 2 its child 2.1.
/// `moved` leaves its parent and keeps the id that it was given.
pub(super) fn with_children(model: &Model, numbers: &mut Numbers, moved: Option<usize>) {
    for (at, entity) in model.entities.iter().enumerate().filter(|(at, _)| Some(*at) != moved) {
        let Some(parent) = entity.parent else { continue };
        let (Some(above), Some(new)) = (model.get(parent), numbers.get(&parent)) else { continue };
        let own = plain(numbers.get(&at).map_or(entity.id.as_str(), String::as_str));
        let tail = own.strip_prefix(plain(&above.id)).filter(|tail| tail.starts_with('.'));
        // Parents stand before their children, so the new id of the parent is final here.
        if let Some(tail) = tail {
            let id = format!("{new}{tail}");
            numbers.insert(at, id);
        }
    }
}

/// The edits that write the new numbers where a number is written. What is counted by its place has none.
pub(super) fn edits(model: &Model, numbers: &Numbers) -> Vec<(usize, Edit)> {
    numbers
        .iter()
        .filter_map(|(at, id)| {
            let entity = model.get(*at)?;
            let written = entity.number.filter(|written| written.is_true && plain(&entity.id) != id)?;
            Some((entity.file, Edit::replace(written.span, shown(entity, id, written.is_full))))
        })
        .collect()
}

/// The text of an id where the number of `entity` stands.
pub(super) fn shown(entity: &Entity, id: &str, is_full: bool) -> String {
    let text = match (is_full, entity.kind) {
        // A task's number has its letters: `T-4`.
        (true, super::Kind::Task) => id,
        (true, _) => bare(id),
        (false, _) => split_last(id).1,
    };
    let digit = entity.number.map_or('0', |written| written.digit);
    like(text, digit.encode_utf8(&mut [0; 4]))
}

/// Gapless numbers for a list, in its order. The first number stays when it is 0.
pub(super) fn gapless(model: &Model, list: &[usize], out: &mut Numbers) {
    let first = list.first().and_then(|at| model.get(*at)).and_then(|entity| last_number(&entity.id));
    let mut next = first.map_or(1, |(_, number)| number.min(1));
    for at in list {
        let Some(entity) = model.get(*at) else { continue };
        if let Some(id) = with_last(&entity.id, next).filter(|id| *id != entity.id) {
            out.insert(*at, id);
        }
        next = next.saturating_add(1);
    }
}
