//! Texts that hide values one level deep: UTF-16, and runs of base64. Maps what is found there back to the input.

use std::ops::Range;

use crate::base64;

/// The shortest and the longest run of base64 that is looked into, in characters. A longer one is looked into piece by piece.
const RUN_MIN: usize = 32;
pub(crate) const RUN_MAX: usize = 16 << 10;
/// How many bytes are looked at to tell UTF-16.
const PROBE: usize = 512;

/// UTF-16 as UTF-8, with a map back.
pub(crate) struct Utf16 {
    pub(crate) text: String,
    /// The place in the input for each byte of `text`, and one more for the end.
    places: Vec<u32>,
}

impl Utf16 {
    /// The range of the input for a range of `text`.
    pub(crate) fn back(&self, range: &Range<usize>) -> Range<usize> {
        let at = |index: usize| self.places.get(index).copied().unwrap_or(0) as usize;
        at(range.start)..at(range.end)
    }
}

/// Reads UTF-16 of either byte order, with or without a mark. `None` if the input does not look like it, or is longer than 4 GB.
pub(crate) fn utf16(input: &[u8]) -> Option<Utf16> {
    let (little, skip) = match input {
        [0xff, 0xfe, ..] => (true, 2),
        [0xfe, 0xff, ..] => (false, 2),
        _ => (unmarked(input)?, 0),
    };
    if u32::try_from(input.len()).is_err() {
        return None;
    }
    let body = input.get(skip..)?;
    let units = body.chunks_exact(2).map(|pair| match pair {
        [a, b] if little => u16::from_le_bytes([*a, *b]),
        [a, b] => u16::from_be_bytes([*a, *b]),
        _ => 0,
    });
    let mut text = String::with_capacity(body.len() / 2 + 1);
    let mut places = Vec::with_capacity(body.len() / 2 + 1);
    let mut at = skip;
    for unit in char::decode_utf16(units) {
        let character = unit.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.push(character);
        places.resize(text.len(), u32::try_from(at).unwrap_or(u32::MAX));
        at += if unit_length(character) { 4 } else { 2 };
    }
    places.push(u32::try_from(at.min(input.len())).unwrap_or(u32::MAX));
    Some(Utf16 { text, places })
}

fn unit_length(character: char) -> bool {
    character.len_utf16() == 2
}

/// Little or big, by where the zeros stand in the first bytes.
fn unmarked(input: &[u8]) -> Option<bool> {
    let probe = input.get(..input.len().min(PROBE))?;
    let pairs = probe.len() / 2;
    if pairs < 8 {
        return None;
    }
    let zeros = |odd: usize| probe.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 >= pairs * 9 && even * 10 < pairs {
        return Some(true);
    }
    (even * 10 >= pairs * 9 && odd * 10 < pairs).then_some(false)
}

/// A decoded run of base64.
pub(crate) struct Decoded {
    pub(crate) text: Vec<u8>,
    /// Where the run begins in the input.
    start: usize,
    /// Where it ends.
    end: usize,
}

impl Decoded {
    /// The characters of the input that hold a range of the decoded bytes.
    pub(crate) fn back(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.start + range.start * 4 / 3;
        let end = self.start + (range.end * 4).div_ceil(3);
        start..end.min(self.end).max(start)
    }
}

/// Calls `visit` with each run of base64 that decodes to text.
pub(crate) fn base64_runs(input: &[u8], mut visit: impl FnMut(&Decoded)) {
    // Every run of RUN_MIN characters covers a multiple of RUN_MIN - 1 or so; looking at one byte in 31 misses none.
    let step = RUN_MIN - 1;
    let mut probe = 0;
    let mut done = 0;
    while let Some(byte) = input.get(probe) {
        if base64::value(*byte).is_none() {
            probe += step;
            continue;
        }
        let before = input.get(done..probe).unwrap_or_default();
        let start = probe - before.iter().rev().take_while(|b| base64::value(**b).is_some()).count();
        let after = input.get(probe..input.len().min(start + RUN_MAX)).unwrap_or_default();
        let end = probe + after.iter().take_while(|b| base64::value(**b).is_some()).count();
        if end - start >= RUN_MIN
            && let Some(decoded) = decode_text(input, start, end)
        {
            visit(&decoded);
        }
        done = end;
        probe = end.max(probe) + 1;
    }
}

/// Decodes the run if its first bytes are text; most runs are words, paths, digests and pictures.
fn decode_text(input: &[u8], start: usize, end: usize) -> Option<Decoded> {
    let run = input.get(start..end)?;
    let head = base64::decode(run.get(..24)?);
    if !head.iter().all(|byte| printable(*byte)) {
        return None;
    }
    let text = base64::decode(run);
    let good = text.iter().filter(|byte| printable(**byte)).count();
    (good * 10 >= text.len() * 9).then_some(Decoded { text, start, end })
}

fn printable(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)
}

#[cfg(test)]
#[path = "encoded_tests.rs"]
mod tests;
