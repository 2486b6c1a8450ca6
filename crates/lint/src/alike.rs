//! Which sentences of a large set have the same words, or nearly the same. Compares only sentences that share one of
//! their rarest words, so the time does not grow with the square of their number.

use std::collections::HashMap;
use std::hash::Hasher;

use crate::hash::{self, Fnv};
use crate::words::Words;

/// Different words below which a sentence is too short to be compared.
pub const WORDS_MIN: usize = 5;

/// Share of common words, of all words of both, from which two sentences are nearly the same.
pub const SIMILAR: f64 = 0.85;

/// Sentences remembered below one rare word. Beyond it a word is not rare, and pairs that share only such words are
/// not looked for.
const POSTINGS_MAX: usize = 64;

/// Partners told for one sentence: the first is enough.
const PARTNERS_MAX: usize = 1;

/// A sentence as the hashes of its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// All words in order.
    whole: u64,
    /// Each word once, sorted.
    words: Vec<u32>,
    /// The names and the code in it, in order. Sentences that differ in these are parallel and not alike.
    names: u64,
}

impl Sketch {
    /// The sketch of a sentence.
    pub fn of(text: &str) -> Sketch {
        Sketch::of_words(text, &Words::of(text))
    }

    pub(crate) fn of_words(text: &str, words: &Words) -> Sketch {
        let (mut all, mut names) = (Fnv::default(), Fnv::default());
        let mut list = Vec::with_capacity(words.list.len());
        for word in &words.list {
            let lower = words.lower(word);
            // `THEN` and `THE` come and go without a change of meaning.
            if matches!(lower, "the" | "then" | "a" | "an") {
                continue;
            }
            let begins_upper =
                text.get(word.start..).is_some_and(|rest| rest.starts_with(char::is_uppercase));
            let is_name = !word.is_said() || begins_upper && !word.is_upper && !list.is_empty();
            for hash in std::iter::once(&mut all).chain(is_name.then_some(&mut names)) {
                hash.write(lower.as_bytes());
                hash.write(b" ");
            }
            let [a, b, c, d, ..] = hash::of(lower).to_le_bytes();
            list.push(u32::from_le_bytes([a, b, c, d]));
        }
        list.sort_unstable();
        list.dedup();
        Sketch { whole: all.finish(), words: list, names: names.finish() }
    }

    /// Whether it has enough words to be compared.
    pub fn is_telling(&self) -> bool {
        self.words.len() >= WORDS_MIN
    }

    /// Common words by all words of both, 0 to 1.
    pub fn likeness(&self, other: &Sketch) -> f64 {
        let (mut common, mut a, mut b) = (0usize, 0, 0);
        while let (Some(left), Some(right)) = (self.words.get(a), other.words.get(b)) {
            match left.cmp(right) {
                std::cmp::Ordering::Equal => {
                    common += 1;
                    a += 1;
                    b += 1;
                }
                std::cmp::Ordering::Less => a += 1,
                std::cmp::Ordering::Greater => b += 1,
            }
        }
        let all = self.words.len() + other.words.len() - common;
        if all == 0 { 0.0 } else { common as f64 / all as f64 }
    }
}

/// Two sentences by their places, `first` before `second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The earlier.
    pub first: usize,
    /// The later.
    pub second: usize,
    /// All words are the same; otherwise nearly all.
    pub is_same: bool,
}

/// For each sentence the first earlier one that is alike and that `may_pair` allows, in the order of the later ones.
pub fn pairs(sketches: &[&Sketch], may_pair: impl Fn(usize, usize) -> bool) -> Vec<Pair> {
    let mut frequency: HashMap<u32, u32> = HashMap::new();
    for word in sketches.iter().flat_map(|sketch| &sketch.words) {
        *frequency.entry(*word).or_insert(0) += 1;
    }
    let mut same: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut by_word: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut found = Vec::new();
    let mut by_rarity: Vec<(u32, u32)> = Vec::new();
    // The sentence that compared itself last with each.
    let mut looked_at = vec![usize::MAX; sketches.len()];
    for (second, sketch) in sketches.iter().enumerate() {
        if !sketch.is_telling() {
            continue;
        }
        let equal = same.entry(sketch.whole).or_default();
        let first = equal.iter().copied().find(|first| may_pair(*first, second));
        if let Some(first) = first {
            found.push(Pair { first, second, is_same: true });
        }
        let is_new = equal.is_empty();
        if equal.len() < POSTINGS_MAX {
            equal.push(second);
        }
        if first.is_some() && !is_new {
            continue;
        }
        // If two sets are alike by SIMILAR, they share at least one of the rarest `len - ceil(SIMILAR * len) + 1` words.
        by_rarity.clear();
        by_rarity.extend(sketch.words.iter().map(|word| (frequency.get(word).copied().unwrap_or(0), *word)));
        let kept = (SIMILAR * by_rarity.len() as f64).ceil() as usize;
        let wanted = (by_rarity.len() - kept.min(by_rarity.len()) + 1).min(by_rarity.len());
        if wanted < by_rarity.len() {
            by_rarity.select_nth_unstable(wanted);
        }
        let rare = by_rarity.get_mut(..wanted).unwrap_or_default();
        rare.sort_unstable();
        let mut partners = 0;
        if first.is_none() {
            for first in rare.iter().filter_map(|(_, word)| by_word.get(word)).flatten().copied() {
                let Some(looked_at) = looked_at.get_mut(first).filter(|by| **by != second) else { continue };
                *looked_at = second;
                if partners >= PARTNERS_MAX {
                    break;
                }
                let Some(other) = sketches.get(first) else { continue };
                let (short, long) =
                    (sketch.words.len().min(other.words.len()), sketch.words.len().max(other.words.len()));
                if (short as f64) < SIMILAR * long as f64 || !may_pair(first, second) {
                    continue;
                }
                if sketch.names == other.names && sketch.likeness(other) >= SIMILAR {
                    found.push(Pair { first, second, is_same: false });
                    partners += 1;
                }
            }
        }
        for (_, word) in rare {
            let postings = by_word.entry(*word).or_default();
            if postings.len() < POSTINGS_MAX {
                postings.push(second);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sentences: &[&str], expected: &[(usize, usize, bool)]) {
        let sketches: Vec<Sketch> = sentences.iter().map(|text| Sketch::of(text)).collect();
        let got: Vec<_> = pairs(&sketches.iter().collect::<Vec<_>>(), |_, _| true)
            .into_iter()
            .map(|pair| (pair.first, pair.second, pair.is_same))
            .collect();
        assert_eq!(got, expected, "{sentences:?}");
    }

    #[test]
    fn the_same_and_nearly_the_same() {
        let long = "WHEN the file is saved by the editor while offline THEN the Store SHALL keep it in the local cache folder";
        check(&[long, &long.to_uppercase()], &[(0, 1, true)]);
        check(&[long, &long.replace(" THEN the Store", ", the Store")], &[(0, 1, true)]);
        check(&[long, &long.replace("local", "shared")], &[(0, 1, false)]);
        check(&[long, "WHEN the file is saved THEN the Store SHALL log"], &[]);
        check(&[long, &long.replace("Store", "Cache")], &[]);
        check(&["too short a line", "too short a line"], &[]);
        check(&[long, long, long], &[(0, 1, true), (0, 2, true)]);
    }

    #[test]
    fn many_equal_sentences_take_no_square_of_time() {
        let sketches: Vec<Sketch> = (0..20_000)
            .map(|n| Sketch::of(&format!("THE Store SHALL keep entry {n} in one of its tables")))
            .collect();
        assert!(pairs(&sketches.iter().collect::<Vec<_>>(), |_, _| true).len() <= sketches.len());
    }
}
