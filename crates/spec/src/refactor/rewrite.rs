//! What must be written at one place so that it goes on meaning the same. Decides nothing about the places themselves.

use super::model::Model;
use super::uses::{How, Use};
use crate::Span;
use crate::digits::{like, plain};
use crate::references::{REFERENCES_MAX, lexer};
use crate::splice::Edit;
use crate::tags::TagKind;

use super::Kind;

/// How ids change, from the old model to the new one.
pub(super) struct Change<'a> {
    pub(super) old: &'a Model,
    pub(super) new: &'a Model,
    /// For each old entity its index in the new model; none when it is gone.
    pub(super) forward: &'a [Option<usize>],
    /// For each new entity its index in the old model; none when it is new.
    pub(super) back: &'a [Option<usize>],
    /// A range is written anew when one of its members is gone.
    pub(super) tidy: bool,
}

/// What a place needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It says the same as before.
    Keep,
    /// It says the same with these edits.
    Edits(Vec<Edit>),
    /// Everything that it named is gone.
    Gone,
    /// No text can say it.
    Cannot,
}

impl Change<'_> {
    /// What `id` at a place of that kind will mean: an old entity, something new, or nothing.
    pub(super) fn meaning(&self, kind: TagKind, id: &str) -> Option<Option<usize>> {
        let found = match kind {
            TagKind::Requirement => self.new.cited(id),
            TagKind::Property => self.new.first(Kind::Property, id),
            TagKind::Task => {
                let bare = || self.new.first(Kind::Task, &id.replacen('-', "", 1));
                self.new.first(Kind::Task, id).or_else(bare)
            }
            TagKind::Spec => None,
        };
        found.map(|at| self.back.get(at).copied().flatten())
    }

    /// The id that an old entity has now.
    pub(super) fn new_id(&self, at: usize) -> Option<&str> {
        let new = self.forward.get(at).copied().flatten()?;
        self.new.get(new).map(|entity| entity.id.as_str())
    }

    /// Whether something that the place names has another id now.
    pub(super) fn touches(&self, place: &Use) -> bool {
        place.targets.iter().any(|at| self.old.get(*at).map(|entity| entity.id.as_str()) != self.new_id(*at))
    }

    /// What the place needs. `bytes` are those of its file.
    pub(super) fn outcome(&self, place: &Use, bytes: &[u8]) -> Outcome {
        if place.targets.is_empty() {
            return Outcome::Keep;
        }
        match &place.to {
            None => self.single(place, bytes),
            Some((to, number)) => self.range(place, to, *number, bytes),
        }
    }

    fn single(&self, place: &Use, bytes: &[u8]) -> Outcome {
        let Some(target) = place.targets.first().copied() else { return Outcome::Keep };
        let Some(new) = self.new_id(target) else { return Outcome::Gone };
        if self.meaning(place.kind, &place.id) == Some(Some(target)) {
            return Outcome::Keep;
        }
        match self.written(place, place.number, target, new, bytes) {
            Some(edit) => Outcome::Edits(vec![edit]),
            None => Outcome::Cannot,
        }
    }

    fn range(&self, place: &Use, to: &str, to_number: Span, bytes: &[u8]) -> Outcome {
        let kept: Vec<usize> =
            place.targets.iter().copied().filter(|at| self.new_id(*at).is_some()).collect();
        if kept.is_empty() {
            return Outcome::Gone;
        }
        let as_is = self.members(place.kind, &place.id, to);
        let has_lost = kept.len() < place.targets.len();
        if same(&as_is, &kept) && !(self.tidy && has_lost) {
            return Outcome::Keep;
        }
        let mut ids: Vec<(usize, &str)> =
            kept.iter().filter_map(|at| Some((*at, self.new_id(*at)?))).collect();
        ids.sort_by_key(|(_, id)| {
            let (stem, last) = lexer::split_last(id);
            (stem.to_string(), last.parse::<u32>().unwrap_or(u32::MAX))
        });
        if let [(first, from), .., (_, until)] = ids.as_slice()
            && same(&self.members(place.kind, from, until), &kept)
            && lexer::expand(from, until, REFERENCES_MAX).len() == ids.len()
        {
            let short = !place.id.is_empty() && !plain(&to_number.text(bytes)).contains('.');
            let until = if short { lexer::split_last(until).1 } else { bare(until) };
            return match self.written(place, place.number, *first, from, bytes) {
                Some(edit) => {
                    let until = like(until, &to_number.text(bytes));
                    Outcome::Edits(vec![edit, Edit::replace(to_number, until)])
                }
                None => Outcome::Cannot,
            };
        }
        // The members no longer stand in one row: each is named.
        let prefix = Span::between(place.span.offset, place.number.offset).text(bytes);
        let repeated = if prefix.len() <= lexer::SERIES_LETTERS_MAX + 1 { prefix.trim_start() } else { "" };
        let mut text = prefix.clone();
        for (index, (_, id)) in ids.iter().enumerate() {
            if id.contains('#') {
                return Outcome::Cannot;
            }
            if index > 0 {
                text.push_str(", ");
                text.push_str(repeated);
            }
            text.push_str(&like(bare(id), &place.number.text(bytes)));
        }
        Outcome::Edits(vec![Edit::replace(place.span, text)])
    }

    /// The old entities in a range of new ids; `usize::MAX` for one that is new.
    fn members(&self, kind: TagKind, from: &str, to: &str) -> Vec<usize> {
        lexer::expand(from, to, REFERENCES_MAX)
            .iter()
            .filter_map(|id| self.meaning(kind, id))
            .map(|old| old.unwrap_or(usize::MAX))
            .collect()
    }

    /// The edit that writes `new` for the target where `number` stands.
    fn written(&self, place: &Use, number: Span, target: usize, new: &str, bytes: &[u8]) -> Option<Edit> {
        if new.contains('#') {
            return None;
        }
        let old = self.old.get(target).map(|entity| entity.id.as_str()).unwrap_or_default();
        let text = number.text(bytes);
        if place.how == How::Name {
            return (series(old) == series(new)).then(|| Edit::replace(number, bare(new).replace('.', "_")));
        }
        if place.how == How::JsonNumber {
            let is_plain = new.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !new.ends_with('0');
            let is_whole = !new.contains('.');
            let text = if is_plain || is_whole { new.to_string() } else { format!("\"{new}\"") };
            return Some(Edit::replace(number, text));
        }
        if text == old {
            return Some(Edit::replace(number, new));
        }
        if series(old) != series(new) {
            return Some(Edit::replace(place.span, new));
        }
        Some(Edit::replace(number, like(bare(new), &text)))
    }
}

fn same(a: &[usize], b: &[usize]) -> bool {
    let sorted = |list: &[usize]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list.dedup();
        list
    };
    sorted(a) == sorted(b)
}

/// What stands before the number of an id: `NFR-` of `NFR-2.1`, `T` of `T001`.
fn series(id: &str) -> &str {
    id.get(..id.len() - bare(id).len()).unwrap_or_default()
}

/// The number of an id without what stands before it.
pub(super) fn bare(id: &str) -> &str {
    let tail = id.rsplit('-').next().unwrap_or(id);
    tail.trim_start_matches(|c: char| c.is_ascii_alphabetic())
}
