//! Where the record of each object begins, in sixteen bytes for each. Only a hint: two names may share the piece that is
//! kept of them, so whoever asks reads the whole name from the record. Reads no disk.

use std::collections::BTreeSet;

use crate::object::Id;

/// How many places are gathered before they are put in order among the others, at the least.
const FRESH_MIN: usize = 1_024;
/// The same, as a share of all places: so each of them is moved a bounded number of times, and never is a table
/// twice as long as it need be.
const FRESH_SHARE: usize = 16;

/// A piece of a name, and where the record begins.
type Hint = (u64, u64);

/// The places of all objects. They come in the order in which they lie in the log.
#[derive(Debug)]
pub(super) struct Places {
    piece: fn(&Id) -> u64,
    /// In order.
    old: Vec<Hint>,
    fresh: BTreeSet<Hint>,
}

impl Places {
    pub(super) fn new() -> Places {
        Places::with(|id| {
            let [a, b, c, d, e, f, g, h, ..] = id.0;
            u64::from_le_bytes([a, b, c, d, e, f, g, h])
        })
    }

    /// The same with another piece of each name.
    pub(super) fn with(piece: fn(&Id) -> u64) -> Places {
        Places { piece, old: Vec::new(), fresh: BTreeSet::new() }
    }

    pub(super) fn insert(&mut self, id: &Id, start: u64) {
        self.fresh.insert(((self.piece)(id), start));
        if self.fresh.len() >= FRESH_MIN.max(self.old.len() / FRESH_SHARE) {
            self.merge();
        }
    }

    /// Where the object may lie, the newest place first.
    pub(super) fn of(&self, id: &Id) -> impl Iterator<Item = u64> {
        let piece = (self.piece)(id);
        let begin = self.old.partition_point(|hint| hint.0 < piece);
        let old = self.old.get(begin..).unwrap_or_default();
        let count = old.iter().take_while(|hint| hint.0 == piece).count();
        let old = old.get(..count).unwrap_or_default().iter().rev();
        self.fresh.range((piece, 0)..=(piece, u64::MAX)).rev().chain(old).map(|hint| hint.1)
    }

    /// Forgets every place from here on.
    pub(super) fn forget_from(&mut self, start: u64) {
        self.old.retain(|hint| hint.1 < start);
        self.fresh.retain(|hint| hint.1 < start);
    }

    /// Puts the fresh ones among the others, from behind, so that no second table is needed.
    fn merge(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let (mut end, mut left) = (self.old.len(), fresh.len());
        self.old.reserve_exact(left);
        self.old.resize(end + left, (0, 0));
        for hint in fresh.into_iter().rev() {
            let at = self.old.get(..end).unwrap_or_default().partition_point(|old| *old < hint);
            self.old.copy_within(at..end, at + left);
            left -= 1;
            if let Some(slot) = self.old.get_mut(at + left) {
                *slot = hint;
            }
            end = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the pieces are, each place is found under its name, and none that was forgotten.
        #[test]
        fn every_place_is_found_until_it_is_forgotten(
            names in proptest::collection::vec(0_u8..40, 0..4_000),
            cut in 0_usize..4_000,
        ) {
            let mut places = Places::with(|id| u64::from(id.0[0] / 4));
            for (start, name) in names.iter().enumerate() {
                places.insert(&Id([*name; 32]), start as u64);
            }
            let check = |places: &Places, until: usize| {
                for name in 0..40_u8 {
                    let found: Vec<u64> = places.of(&Id([name; 32])).collect();
                    let all = names.iter().enumerate().take(until).rev();
                    let expected = all.filter(|(_, other)| **other / 4 == name / 4).map(|(at, _)| at as u64);
                    prop_assert_eq!(found, expected.collect::<Vec<_>>());
                }
                Ok(())
            };
            check(&places, names.len())?;
            places.forget_from(cut as u64);
            check(&places, cut)?;
        }
    }

    #[test]
    fn a_table_is_hardly_longer_than_what_is_in_it() {
        let mut places = Places::new();
        for at in 0..100_000_u64 {
            places.insert(&Id::of(crate::object::Kind::Blob, &at.to_le_bytes()), at);
        }
        assert!(places.old.capacity() <= 100_000 && places.fresh.len() <= 100_000 / FRESH_SHARE);
        assert!(places.old.is_sorted());
    }
}
