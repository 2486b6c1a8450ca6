//! The objects of the store: their names and how a directory is written down. Touches no disk.
//!
//! Names and trees are those of a git repository with the object format `sha256`, so git itself can check them. Two
//! things git would not write: modes are kept whole (`100600`, `40700`), and empty directories are there.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The permission bits of a mode.
pub(crate) const PERMISSIONS: u32 = 0o7777;
/// The kinds of a mode.
pub(crate) const KIND: u32 = 0o170_000;
/// A file.
pub(crate) const FILE: u32 = 0o100_000;
/// A symbolic link.
pub(crate) const LINK: u32 = 0o120_000;
/// A directory.
pub(crate) const DIRECTORY: u32 = 0o040_000;
/// The permissions of a directory that are not written down.
const USUAL_DIRECTORY: u32 = 0o755;

/// The name of an object: what it is and its bytes, hashed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) [u8; 32]);

/// The tree without an entry.
pub(crate) const EMPTY_TREE: Id = Id([
    0x6e, 0xf1, 0x9b, 0x41, 0x22, 0x5c, 0x53, 0x69, 0xf1, 0xc1, 0x04, 0xd4, 0x5d, 0x8d, 0x85, 0xef, 0xa9,
    0xb0, 0x57, 0xb5, 0x3b, 0x14, 0xb4, 0xb9, 0xb9, 0x39, 0xdd, 0x74, 0xde, 0xcc, 0x53, 0x21,
]);

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The bytes of a file, or where a link leads.
    Blob,
    /// A directory.
    Tree,
    /// A line about checkpoints.
    Mark,
}

/// What stands at a path: its mode, and for a file or link the name of its bytes. A directory has no name of its own
/// here, because what is in it stands at other paths.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) mode: u32,
    pub(crate) id: Id,
}

/// One entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    pub(crate) mode: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) id: Id,
}

impl Id {
    pub(crate) fn of(kind: Kind, bytes: &[u8]) -> Id {
        let mut hasher = Id::hasher(kind, bytes.len() as u64);
        hasher.update(bytes);
        Id::finish(hasher)
    }

    /// Begins an id of bytes that come in pieces.
    pub(crate) fn hasher(kind: Kind, length: u64) -> Sha256 {
        let mut hasher = Sha256::new();
        hasher.update(kind.word().as_bytes());
        hasher.update(b" ");
        hasher.update(length.to_string().as_bytes());
        hasher.update(b"\0");
        hasher
    }

    pub(crate) fn finish(hasher: Sha256) -> Id {
        Id(hasher.finalize().into())
    }

    /// Reads 64 lower-case digits.
    pub(crate) fn read(text: &str) -> Option<Id> {
        let text = text.as_bytes();
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut id = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (to, pair) in id.iter_mut().zip(text.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *to = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Id(id))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:o} {}", self.mode, self.id)
    }
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Blob => "blob",
            Kind::Tree => "tree",
            Kind::Mark => "mark",
        }
    }

    pub(crate) fn named(word: &[u8]) -> Option<Kind> {
        [Kind::Blob, Kind::Tree, Kind::Mark].into_iter().find(|kind| kind.word().as_bytes() == word)
    }
}

impl Node {
    pub(crate) fn directory(permissions: u32) -> Node {
        Node { mode: directory_mode(permissions), id: EMPTY_TREE }
    }

    pub(crate) fn is_directory(&self) -> bool {
        self.mode & KIND == DIRECTORY
    }

    pub(crate) fn is_file(&self) -> bool {
        self.mode & KIND == FILE
    }

    pub(crate) fn is_link(&self) -> bool {
        self.mode & KIND == LINK
    }

    /// The permissions that a file or directory has.
    pub(crate) fn permissions(&self) -> u32 {
        match self.mode & PERMISSIONS {
            0 if self.is_directory() => USUAL_DIRECTORY,
            permissions => permissions,
        }
    }
}

impl TreeEntry {
    pub(crate) fn is_directory(&self) -> bool {
        self.mode & KIND == DIRECTORY
    }

    pub(crate) fn node(&self) -> Node {
        let id = if self.is_directory() { EMPTY_TREE } else { self.id };
        Node { mode: self.mode, id }
    }
}

/// The mode of a directory with these permissions. One of `000` is written as if it had a sticky bit, because a
/// directory without bits is one with the usual ones.
pub(crate) fn directory_mode(permissions: u32) -> u32 {
    match permissions & PERMISSIONS {
        USUAL_DIRECTORY => DIRECTORY,
        0 => DIRECTORY | 0o1000,
        other => DIRECTORY | other,
    }
}

/// The bytes of a tree. The entries may come in any order; no two have the same name.
pub(crate) fn encode_tree<'a>(entries: impl Iterator<Item = (u32, &'a [u8], Id)>) -> Vec<u8> {
    let mut entries: Vec<(u32, &[u8], Id)> = entries.collect();
    // Git compares a directory as if its name ended in a slash.
    let key = |(mode, name, _): &(u32, &'a [u8], Id)| {
        let slash = (mode & KIND == DIRECTORY).then_some(b'/');
        name.iter().copied().chain(slash).collect::<Vec<u8>>()
    };
    if !entries.is_sorted_by_key(key) {
        entries.sort_by_cached_key(key);
    }
    let mut bytes = Vec::with_capacity(entries.iter().map(|(_, name, _)| name.len() + 40).sum());
    for (mode, name, id) in entries {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(&id.0);
    }
    bytes
}

/// The entries of a tree, in its order; `None` for bytes that are no tree that this crate writes.
pub(crate) fn decode_tree(mut bytes: &[u8]) -> Option<Vec<TreeEntry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let blank = bytes.iter().take(8).position(|byte| *byte == b' ')?;
        let mode = u32::from_str_radix(std::str::from_utf8(bytes.get(..blank)?).ok()?, 8).ok()?;
        bytes = bytes.get(blank + 1..)?;
        let end = bytes.iter().position(|byte| *byte == 0)?;
        let name = bytes.get(..end)?.to_vec();
        let id = Id(bytes.get(end + 1..end + 33)?.try_into().ok()?);
        bytes = bytes.get(end + 33..)?;
        // A name that leaves its directory would let a damaged store write anywhere.
        let is_plain = !name.is_empty() && name != b"." && name != b".." && !name.contains(&b'/');
        if !is_plain || !matches!(mode & KIND, FILE | LINK | DIRECTORY) {
            return None;
        }
        entries.push(TreeEntry { mode, name, id });
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git_with_sha256() {
        // `git hash-object --stdin` in a repository made with `--object-format=sha256`.
        let check =
            |bytes: &[u8], expected: &str| assert_eq!(Id::of(Kind::Blob, bytes).to_string(), expected);
        check(b"", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813");
        assert_eq!(Id::of(Kind::Tree, b""), EMPTY_TREE);
        assert_eq!(Id::read(&EMPTY_TREE.to_string()), Some(EMPTY_TREE));
        assert_eq!(Id::read(&"A".repeat(64)), None);
    }

    #[test]
    fn trees_read_back_and_stand_in_the_order_of_git() {
        let id = Id::of(Kind::Blob, b"x");
        let entries: [(u32, &[u8], Id); 4] = [
            (DIRECTORY, b"a", id),
            (FILE | 0o644, b"a.b", id),
            (FILE | 0o600, b"a0", id),
            (LINK, b"\xff", id),
        ];
        let bytes = encode_tree(entries.into_iter());
        let names: Vec<Vec<u8>> = decode_tree(&bytes).unwrap().into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, [b"a.b".to_vec(), b"a".to_vec(), b"a0".to_vec(), b"\xff".to_vec()]);
        for cut in 1..bytes.len() {
            let _no_panic = decode_tree(&bytes[..cut]);
        }
        let wrong: [&[u8]; 3] = [b"..", b"a/b", b"."];
        for name in wrong {
            assert_eq!(decode_tree(&encode_tree([(FILE, name, id)].into_iter())), None);
        }
    }

    #[test]
    fn permissions_of_directories_read_back() {
        for permissions in [0o755, 0o700, 0o2775, 0o500] {
            assert_eq!(Node::directory(permissions).permissions(), permissions);
        }
        assert_eq!(Node::directory(0o755).mode, 0o40_000);
    }
}
