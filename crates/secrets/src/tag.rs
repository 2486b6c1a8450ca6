//! Keyed digests of values: SipHash-2-4, and how its bits become letters. Keeps no value.

use std::fmt;

/// The 128 bits that make the placeholders of one installation unlike those of another. The front door brings them, from a
/// source of chance, and keeps them where it keeps keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; 16]);

impl Key {
    /// Takes 16 bytes of chance.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(…)")
    }
}

/// How many letters a tag has; five bits each.
pub(crate) const TAG_LETTERS: usize = 8;
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The letters for a value. `round` parts two values that meet by chance.
pub(crate) fn tag(key: Key, value: &[u8], round: u8) -> [u8; TAG_LETTERS] {
    let mut rest = siphash(key, value, round);
    let mut letters = [b'a'; TAG_LETTERS];
    for letter in &mut letters {
        *letter = LETTERS.get((rest & 31) as usize).copied().unwrap_or(b'a');
        rest >>= 5;
    }
    letters
}

/// Whether a byte is a letter of a tag.
pub(crate) fn is_letter(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'2'..=b'7')
}

/// SipHash-2-4 of the value and the round. A pseudo-random function, so that a tag tells nothing about a short password.
pub(crate) fn siphash(key: Key, value: &[u8], round: u8) -> u64 {
    let half = |from: usize| {
        key.0.iter().skip(from).take(8).rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let (k0, k1) = (half(0), half(8));
    let mut state = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let length = value.len() + 1;
    let mut word = 0u64;
    let mut filled = 0;
    for byte in value.iter().chain(std::iter::once(&round)) {
        word |= u64::from(*byte) << (8 * filled);
        filled += 1;
        if filled == 8 {
            absorb(&mut state, word);
            (word, filled) = (0, 0);
        }
    }
    absorb(&mut state, word | (length as u64) << 56);
    let [_, _, third, _] = &mut state;
    *third ^= 0xff;
    for _ in 0..4 {
        mix(&mut state);
    }
    let [a, b, c, d] = state;
    a ^ b ^ c ^ d
}

fn absorb(state: &mut [u64; 4], word: u64) {
    let [_, _, _, last] = state;
    *last ^= word;
    mix(state);
    mix(state);
    let [first, ..] = state;
    *first ^= word;
}

fn mix(state: &mut [u64; 4]) {
    let [a, b, c, d] = state;
    *a = a.wrapping_add(*b);
    *b = b.rotate_left(13) ^ *a;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*d);
    *d = d.rotate_left(16) ^ *c;
    *a = a.wrapping_add(*d);
    *d = d.rotate_left(21) ^ *a;
    *c = c.wrapping_add(*b);
    *b = b.rotate_left(17) ^ *c;
    *c = c.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_siphash_2_4() {
        // The vectors of the authors: key 00…0f, message 00…(n-1). Our round is the last byte of the message.
        let key = Key(std::array::from_fn(|at| u8::try_from(at).unwrap()));
        let message: Vec<u8> = (0..15).collect();
        let check = |length: usize, expected: u64| {
            let (last, rest) = message[..length].split_last().unwrap();
            assert_eq!(siphash(key, rest, *last), expected, "{length}");
        };
        check(1, 0x74f8_39c5_93dc_67fd);
        check(8, 0x93f5_f579_9a93_2462);
        check(15, 0xa129_ca61_49be_45e5);
    }
}
