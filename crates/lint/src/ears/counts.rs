//! How many criteria follow which pattern. Judges no mixture.

use std::collections::BTreeMap;

use super::{Ears, Pattern};

/// Counts of patterns, for a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    by_pattern: BTreeMap<Pattern, usize>,
    /// Criteria that must not let something happen.
    pub negative: usize,
    /// Criteria with more than one response.
    pub with_several_responses: usize,
}

impl Counts {
    /// Counts one more criterion.
    pub fn add(&mut self, ears: &Ears) {
        *self.by_pattern.entry(ears.pattern).or_insert(0) += 1;
        self.negative += usize::from(ears.is_negative);
        self.with_several_responses += usize::from(ears.responses.len() > 1);
    }

    /// Adds the counts of another spec.
    pub fn merge(&mut self, other: &Counts) {
        for (pattern, count) in &other.by_pattern {
            *self.by_pattern.entry(*pattern).or_insert(0) += count;
        }
        self.negative += other.negative;
        self.with_several_responses += other.with_several_responses;
    }

    /// How many follow that pattern.
    pub fn of(&self, pattern: Pattern) -> usize {
        self.by_pattern.get(&pattern).copied().unwrap_or(0)
    }

    /// All criteria counted.
    pub fn total(&self) -> usize {
        self.by_pattern.values().sum()
    }

    /// Patterns with their counts, the most frequent first; equal counts in the order of the patterns.
    pub fn by_frequency(&self) -> Vec<(Pattern, usize)> {
        let mut counts: Vec<_> = self.by_pattern.iter().map(|(pattern, count)| (*pattern, *count)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ears::parse;

    #[test]
    fn patterns_are_counted() {
        let mut counts = Counts::default();
        for text in ["WHEN a, THE B SHALL c", "WHEN d, THE B SHALL NOT e", "THE B SHALL f and SHALL g", "h"] {
            counts.add(&parse(text, None));
        }
        counts.merge(&counts.clone());
        let want = [(Pattern::Event, 4), (Pattern::Ubiquitous, 2), (Pattern::None, 2)];
        assert_eq!(counts.by_frequency(), want);
        assert_eq!((counts.total(), counts.of(Pattern::Event)), (8, 4));
        assert_eq!((counts.negative, counts.with_several_responses), (2, 2));
    }
}
