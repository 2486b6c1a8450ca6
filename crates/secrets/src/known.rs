//! Finds values that were seen before, wherever they stand. Grows by one value at a time without building anything anew.

use std::collections::HashMap;

/// The shortest value that is looked for by itself; a shorter one is too likely to be a part of something else.
pub(crate) const KNOWN_MIN: usize = 8;
/// The bits of the filter before the table, as a power of two.
const FILTER_BITS: u32 = 16;
/// How often a lookup narrows its bucket before it gives up.
const NARROW_MAX: usize = 16;

/// An index of values by their first eight bytes. The values themselves stay with their owner, who hands them in.
#[derive(Debug, Default)]
pub(crate) struct Known {
    filter: Vec<u64>,
    /// For each start, the numbers of its values, sorted by value.
    buckets: HashMap<u64, Vec<usize>>,
}

impl Known {
    /// Adds the value with the number `index`, unless it is too short.
    pub(crate) fn insert<'v>(&mut self, index: usize, value: &[u8], value_of: impl Fn(usize) -> &'v [u8]) {
        let Some(start) = start_of(value, 0) else { return };
        if self.filter.is_empty() {
            self.filter = vec![0; 1 << (FILTER_BITS - 6)];
        }
        let (word, bit) = slot(start);
        if let Some(word) = self.filter.get_mut(word) {
            *word |= bit;
        }
        let bucket = self.buckets.entry(start).or_default();
        let place = bucket.partition_point(|other| value_of(*other) < value);
        bucket.insert(place, index);
    }

    /// The first place in `from..to` where a known value begins, the number of the longest one there, and its length.
    pub(crate) fn next<'v>(
        &self,
        text: &[u8],
        from: usize,
        to: usize,
        value_of: impl Fn(usize) -> &'v [u8],
    ) -> Option<(usize, usize, usize)> {
        if self.buckets.is_empty() {
            return None;
        }
        (from..to).find_map(|at| {
            let start = start_of(text, at)?;
            let (word, bit) = slot(start);
            if self.filter.get(word)? & bit == 0 {
                return None;
            }
            let (index, length) = longest(self.buckets.get(&start)?, text.get(at..)?, &value_of)?;
            Some((at, index, length))
        })
    }
}

/// The longest value that `text` begins with. The bucket is sorted, so the candidates are found by halving: the greatest value
/// not above the text is either a prefix of it, or shares a shorter start with it, and then so does every longer one.
fn longest<'v>(
    bucket: &[usize],
    text: &[u8],
    value_of: impl Fn(usize) -> &'v [u8],
) -> Option<(usize, usize)> {
    let mut text = text;
    for _ in 0..NARROW_MAX {
        let place = bucket.partition_point(|index| value_of(*index) <= text);
        let index = *bucket.get(place.checked_sub(1)?)?;
        let value = value_of(index);
        let shared = value.iter().zip(text).take_while(|(a, b)| a == b).count();
        if shared == value.len() {
            return Some((index, shared));
        }
        text = text.get(..shared)?;
    }
    None
}

fn start_of(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..at + KNOWN_MIN)?.try_into().ok().map(u64::from_le_bytes)
}

fn slot(start: u64) -> (usize, u64) {
    let hash = start.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], text: &str, expected: Option<(usize, &str)>) {
        let mut known = Known::default();
        for (index, value) in values.iter().enumerate() {
            known.insert(index, value.as_bytes(), |i| values[i].as_bytes());
        }
        let found = known.next(text.as_bytes(), 0, text.len(), |i| values[i].as_bytes());
        assert_eq!(found.map(|(at, index, _)| (at, values[index])), expected, "{values:?} {text}");
    }

    #[test]
    fn the_longest_known_value_is_found() {
        check(&["abcdefgh"], "xxabcdefghyy", Some((2, "abcdefgh")));
        check(&["abcdefgh", "abcdefghij", "abcdefghzz"], "abcdefghijk", Some((0, "abcdefghij")));
        check(&["abcdefghij", "abcdefgh", "abcdefghia", "abcdefghiia"], "abcdefghii", Some((0, "abcdefgh")));
        check(&["abcdefgh"], "abcdefg", None);
        check(&["abc"], "abc abc abc abc", None);
        check(&[], "abcdefgh", None);
    }
}
