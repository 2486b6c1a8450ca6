//! A small digest of words, for comparing two versions of a document with each other. Not for security: whoever wants
//! two texts with one digest can make them.

use std::fmt;

/// FNV-1a over 64 bits. Equal words have equal digests on every machine and in every version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub u64);

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Digest {
    /// The digest of no bytes.
    pub const EMPTY: Digest = Digest(OFFSET);

    /// The digest of the bytes so far followed by `bytes`.
    pub fn with(self, bytes: &[u8]) -> Digest {
        Digest(bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME)))
    }

    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest::EMPTY.with(bytes)
    }

    /// Reads what `to_string` wrote: exactly sixteen lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Digest> {
        let is_hex = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten().map(Digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_published_values() {
        let check =
            |text: &str, expected: &str| assert_eq!(Digest::of(text.as_bytes()).to_string(), expected);
        check("", "cbf29ce484222325");
        check("a", "af63dc4c8601ec8c");
        check("foobar", "85944171f73967e8");
    }

    #[test]
    fn only_its_own_form_is_read() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(Digest::parse(text), expected.map(Digest));
        check("00000000000000ff", Some(255));
        check("00000000000000FF", None);
        check("ff", None);
        check("+0000000000000ff", None);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value in any::<u64>()) {
            prop_assert_eq!(Digest::parse(&Digest(value).to_string()), Some(Digest(value)));
        }
    }
}
