//! The matching itself: equal words first, then alike ones, from the surest to the least sure. Greedy, with few
//! candidates for each item, so that hostile documents stay cheap. Knows no documents.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{
    ALIKE_ELSEWHERE_PERCENT, ALIKE_HERE_PERCENT, CANDIDATES_MAX, Fate, Item, Link, SHARED_MAX, SURE_PERCENT,
};
use crate::digest::Digest;

/// Confidence when several items have the same words and only their order says which is which.
const UNSURE_PERCENT: u32 = 60;

struct Match<'a> {
    old: &'a [Item],
    new: &'a [Item],
    /// For each old item the new one, and the other way round.
    to_new: Vec<Option<usize>>,
    to_old: Vec<Option<(usize, u32)>>,
}

pub(super) fn links(old: &[Item], new: &[Item]) -> Vec<Link> {
    let mut found = Match { old, new, to_new: vec![None; old.len()], to_old: vec![None; new.len()] };
    found.same_words_and_number();
    found.same_words_once();
    // Neighbours and parents tell items with the same words apart; each match may tell the next one.
    found.same_words_beside();
    found.same_words_in_order();
    found.alike_with_number();
    found.alike_elsewhere();
    found.links()
}

impl Match<'_> {
    fn take(&mut self, old: usize, new: usize, confidence: u32) {
        if let (Some(to_new @ None), Some(to_old @ None)) =
            (self.to_new.get_mut(old), self.to_old.get_mut(new))
        {
            *to_new = Some(new);
            *to_old = Some((old, confidence));
        }
    }

    fn is_open(&self, old: usize, new: usize) -> bool {
        self.to_new.get(old) == Some(&None) && self.to_old.get(new) == Some(&None)
    }

    fn open_old(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.old.iter().enumerate().filter(|(at, _)| self.to_new.get(*at) == Some(&None))
    }

    fn open_new(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.new.iter().enumerate().filter(|(at, _)| self.to_old.get(*at) == Some(&None))
    }

    /// The same number and words. Where several items have these words, the neighbour must agree, too: inserting a
    /// checkpoint before another gives the new one the number of the old.
    fn same_words_and_number(&mut self) {
        let counts = |items: &[Item]| {
            let mut counts: HashMap<Digest, usize> = HashMap::new();
            items.iter().for_each(|item| *counts.entry(item.digest()).or_default() += 1);
            counts
        };
        let (old_counts, new_counts) = (counts(self.old), counts(self.new));
        let by_id: HashMap<&str, usize> =
            self.new.iter().enumerate().rev().map(|(at, item)| (item.id.as_str(), at)).collect();
        let mut found = Vec::new();
        for (at, item) in self.old.iter().enumerate() {
            let Some(new) = by_id.get(item.id.as_str()).copied() else { continue };
            let Some(other) = self.new.get(new).filter(|other| other.digest() == item.digest()) else {
                continue;
            };
            let is_one_of_many =
                |counts: &HashMap<Digest, usize>| counts.get(&item.digest()).is_some_and(|n| *n > 1);
            let is_single = !is_one_of_many(&old_counts) && !is_one_of_many(&new_counts);
            let is_beside =
                before(self.old, at) == before(self.new, new) || after(self.old, at) == after(self.new, new);
            if (is_single || is_beside) && !other.words.is_empty() {
                found.push((at, new));
            }
        }
        found.into_iter().for_each(|(old, new)| self.take(old, new, 100));
    }

    /// The same words, which no other item has.
    fn same_words_once(&mut self) {
        let only = |items: &mut dyn Iterator<Item = (usize, &Item)>| {
            let mut only: HashMap<Digest, Option<usize>> = HashMap::new();
            for (at, item) in items.filter(|(_, item)| !item.words.is_empty()) {
                only.entry(item.digest()).and_modify(|known| *known = None).or_insert(Some(at));
            }
            only
        };
        let (old, new) = (only(&mut self.open_old()), only(&mut self.open_new()));
        for (digest, old) in old {
            if let (Some(old), Some(Some(new))) = (old, new.get(&digest)) {
                self.take(old, *new, 100);
            }
        }
    }

    /// The same words, and the item before, the item behind or the parent was matched to the one there.
    fn same_words_beside(&mut self) {
        let mut places: HashMap<Digest, Vec<usize>> = HashMap::new();
        for (at, item) in self.open_new().filter(|(_, item)| !item.words.is_empty()) {
            places.entry(item.digest()).or_default().push(at);
        }
        let new_parents: Vec<Option<usize>> = parents(self.new);
        let old_parents: Vec<Option<usize>> = parents(self.old);
        // Once down for neighbours before, once up for neighbours behind, once more for parents found meanwhile.
        let down: Vec<usize> = (0..self.old.len()).collect();
        for (order, step) in [(down.clone(), -1isize), (down.iter().rev().copied().collect(), 1), (down, 0)] {
            for old in order {
                let Some(item) = self.old.get(old) else { continue };
                let beside = match step {
                    0 => None,
                    _ => old.checked_add_signed(step).and_then(|at| self.to_new.get(at)).copied().flatten(),
                };
                let new = match step {
                    0 => {
                        // The only open one of these words below the same parent.
                        let parent = old_parents.get(old).copied().flatten();
                        let parent = parent.and_then(|at| self.to_new.get(at)).copied().flatten();
                        let Some(parent) = parent else { continue };
                        let list = places.get(&item.digest()).into_iter().flatten().take(SHARED_MAX);
                        let mut below = list.copied().filter(|at| {
                            new_parents.get(*at) == Some(&Some(parent)) && self.is_open(old, *at)
                        });
                        match (below.next(), below.next()) {
                            (Some(at), None) => Some(at),
                            _ => None,
                        }
                    }
                    _ => beside.and_then(|at| at.checked_add_signed(-step)),
                };
                let is_same = |at: &usize| self.new.get(*at).is_some_and(|new| new.digest() == item.digest());
                if let Some(new) = new.filter(is_same).filter(|_| !item.words.is_empty()) {
                    self.take(old, new, 95);
                }
            }
        }
    }

    /// What is left of the same words, in order. Sure only when as many are left on both sides.
    fn same_words_in_order(&mut self) {
        let mut groups: HashMap<Digest, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (at, item) in self.open_old().filter(|(_, item)| !item.words.is_empty()) {
            groups.entry(item.digest()).or_default().0.push(at);
        }
        for (at, item) in self.open_new() {
            if let Some((_, new)) = groups.get_mut(&item.digest()) {
                new.push(at);
            }
        }
        for (old, new) in groups.into_values() {
            let confidence = if old.len() == new.len() { SURE_PERCENT } else { UNSURE_PERCENT };
            old.into_iter().zip(new).for_each(|(old, new)| self.take(old, new, confidence));
        }
    }

    /// The same number, and words that are alike.
    fn alike_with_number(&mut self) {
        let by_id: HashMap<&str, usize> = self.open_new().map(|(at, item)| (item.id.as_str(), at)).collect();
        let mut found = Vec::new();
        for (old, item) in self.open_old() {
            let Some(new) = by_id.get(item.id.as_str()).copied() else { continue };
            let alike = self.new.get(new).map_or(0, |other| likeness(item, other, ALIKE_HERE_PERCENT));
            if alike >= ALIKE_HERE_PERCENT {
                found.push((alike, old, new));
            }
        }
        // Surer ones elsewhere come first: a number that was given to other words must not win over the words.
        let elsewhere = self.candidates();
        let best_for_old = best(elsewhere.iter().map(|(alike, old, _)| (*old, *alike)));
        let best_for_new = best(elsewhere.iter().map(|(alike, _, new)| (*new, *alike)));
        for (alike, old, new) in found {
            let is_best =
                |best: &HashMap<usize, u32>, at: usize| best.get(&at).is_none_or(|best| *best <= alike);
            if is_best(&best_for_old, old) && is_best(&best_for_new, new) {
                self.take(old, new, alike);
            }
        }
    }

    /// Words that are alike under another number, the most alike first.
    fn alike_elsewhere(&mut self) {
        for (alike, old, new) in self.candidates() {
            self.take(old, new, alike);
        }
        // What lost its number's place to surer ones may still be the same item.
        let by_id: HashMap<&str, usize> = self.open_new().map(|(at, item)| (item.id.as_str(), at)).collect();
        let mut found = Vec::new();
        for (old, item) in self.open_old() {
            let Some(new) = by_id.get(item.id.as_str()).copied() else { continue };
            let alike = self.new.get(new).map_or(0, |other| likeness(item, other, ALIKE_HERE_PERCENT));
            if alike >= ALIKE_HERE_PERCENT {
                found.push((old, new, alike));
            }
        }
        found.into_iter().for_each(|(old, new, alike)| self.take(old, new, alike));
    }

    /// Open pairs that share a rare word and are alike, the most alike first, nearest places first among equals.
    fn candidates(&self) -> Vec<(u32, usize, usize)> {
        let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, item) in self.open_new() {
            let mut last = None;
            for hash in item.words.hashes() {
                if last != Some(*hash) {
                    let list = holders.entry(*hash).or_default();
                    // One more than is useful, so that a full list is known to be one.
                    if list.len() <= SHARED_MAX {
                        list.push(at);
                    }
                }
                last = Some(*hash);
            }
        }
        let mut found = Vec::new();
        for (old, item) in self.open_old() {
            let mut shared: HashMap<usize, usize> = HashMap::new();
            let rare = item.words.hashes().iter().filter_map(|hash| holders.get(hash));
            for new in rare.filter(|list| list.len() <= SHARED_MAX).flatten() {
                *shared.entry(*new).or_default() += 1;
            }
            let mut best: Vec<(usize, usize)> = shared.into_iter().collect();
            best.sort_unstable_by_key(|(new, count)| (Reverse(*count), *new));
            for (new, _) in best.into_iter().take(CANDIDATES_MAX) {
                let alike =
                    self.new.get(new).map_or(0, |other| likeness(item, other, ALIKE_ELSEWHERE_PERCENT));
                if alike >= ALIKE_ELSEWHERE_PERCENT {
                    found.push((alike, old, new));
                }
            }
        }
        found.sort_unstable_by_key(|(alike, old, new)| (Reverse(*alike), old.abs_diff(*new), *old, *new));
        found
    }

    fn links(self) -> Vec<Link> {
        let mut links = Vec::with_capacity(self.old.len().max(self.new.len()));
        for (new, item) in self.new.iter().enumerate() {
            let Some((old, confidence)) = self.to_old.get(new).copied().flatten() else {
                links.push(Link { old: None, new: Some(new), fate: Fate::New, confidence: 100 });
                continue;
            };
            let before = self.old.get(old);
            let fate = match before {
                Some(before) if before.digest() != item.digest() => Fate::Reworded,
                Some(before) if before.id != item.id => Fate::Moved,
                _ => Fate::Kept,
            };
            links.push(Link { old: Some(old), new: Some(new), fate, confidence });
        }
        for (old, _) in self.to_new.iter().enumerate().filter(|(_, new)| new.is_none()) {
            links.push(Link { old: Some(old), new: None, fate: Fate::Removed, confidence: 100 });
        }
        links
    }
}

/// How alike the words are, or 0 when their lengths alone forbid `least`.
fn likeness(old: &Item, new: &Item, least: u32) -> u32 {
    if old.words.alike_at_most(&new.words) < least { 0 } else { old.words.alike(&new.words) }
}

fn best(pairs: impl Iterator<Item = (usize, u32)>) -> HashMap<usize, u32> {
    let mut best: HashMap<usize, u32> = HashMap::new();
    for (at, alike) in pairs {
        let known = best.entry(at).or_default();
        *known = alike.max(*known);
    }
    best
}

fn before(items: &[Item], at: usize) -> Option<Digest> {
    at.checked_sub(1).and_then(|at| items.get(at)).map(Item::digest)
}

fn after(items: &[Item], at: usize) -> Option<Digest> {
    items.get(at + 1).map(Item::digest)
}

fn parents(items: &[Item]) -> Vec<Option<usize>> {
    let by_id: HashMap<&str, usize> =
        items.iter().enumerate().rev().map(|(at, item)| (item.id.as_str(), at)).collect();
    items.iter().map(|item| item.parent.as_deref().and_then(|id| by_id.get(id)).copied()).collect()
}
