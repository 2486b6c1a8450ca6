//! A small hash that is the same on every machine and in every version, and the hasher of tables with fixed keys.
//! Protects against nobody: no table with keys from a document uses it.

use std::hash::{BuildHasherDefault, Hasher};

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a over 64 bits, with a final mix so that short texts differ in every digit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(OFFSET)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    fn finish(&self) -> u64 {
        // The finaliser of SplitMix64.
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A table whose keys stand in this program.
pub(crate) type Table<V> = std::collections::HashMap<&'static str, V, BuildHasherDefault<Fnv>>;

/// The hash of a text.
pub(crate) fn of(text: &str) -> u64 {
    let mut hash = Fnv::default();
    hash.write(text.as_bytes());
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_never_changes() {
        // Stored in people's repositories: another value here loses their ratchets.
        assert_eq!(of(""), 0xf52a_15e9_a9b5_e89b);
        assert_eq!(of("waypost"), 0x4379_d6f9_71e6_2b13);
        assert_ne!(of("a"), of("b"));
    }
}
