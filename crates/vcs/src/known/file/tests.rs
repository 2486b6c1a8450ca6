//! Tests of what is known as a file: it is there again as it was, and anything torn or wrong counts as none.

use super::*;
use crate::known::{Bytes, Packer};

fn directory(name: &str, files: u8) -> Directory {
    let mut packer = Packer::default();
    for at in 0..files {
        let stamp = Stamp { inode: at.into(), modified: i64::MIN, changed: i64::MAX, ..Stamp::default() };
        let held = Bytes { stamp, id: Id([at; 32]), is_settled: at % 2 == 0 };
        packer.push(&CString::new(format!("file {at:03}")).unwrap(), &held);
    }
    let (name, files) = (CString::new(name).unwrap(), packer.finish());
    Directory { name, files, permissions: 0o750, ..Directory::default() }
}

fn example() -> KnownFiles {
    let mut root = directory("", 3);
    let stamp = Stamp { device: 1, inode: 2, size: 3, modified: -4, changed: 5, mode: 0o040_755 };
    let rules = KnownRules { stamp, text: Arc::from(*b"*.o\n"), is_settled: true };
    root.rules = Some(Box::new(rules.clone()));
    let exclude = Some(Box::new(KnownRules { is_settled: false, ..rules }));
    let (tree, stamp) = (Some(Id([9; 32])), Some(stamp));
    let mut inner = Directory { stamp, tree, exclude, has_git: true, has_links: true, ..directory("a", 1) };
    inner.directories = vec![directory("deep", 0)];
    root.directories = vec![inner, directory("b", 12)];
    KnownFiles { generation: 7, outer: [3; 32], root }
}

fn shown(known: Option<KnownFiles>) -> String {
    format!("{known:?}")
}

#[test]
fn what_was_kept_is_there_again() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &example());
    assert_eq!(shown(read(root.path())), shown(Some(example())));
    assert!(!root.path().join("known.part").exists());
}

#[test]
fn a_file_that_is_cut_or_changed_anywhere_counts_as_none() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &example());
    let whole = fs::read(path(root.path())).unwrap();
    let check = |bytes: &[u8], what: &str, at: usize| {
        fs::write(path(root.path()), bytes).unwrap();
        assert!(read(root.path()).is_none(), "{what} at {at}");
    };
    for at in 0..whole.len() {
        check(&whole[..at], "cut", at);
        for flip in [1, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            check(&bytes, "changed", at);
        }
    }
    check(&[&whole[..], b"x"].concat(), "longer", whole.len());
}

/// A digest that fits does not make lengths believed.
#[test]
fn lengths_that_are_longer_than_the_file_are_not_believed() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &example());
    let whole = fs::read(path(root.path())).unwrap();
    let body = &whole[..whole.len() - DIGEST_BYTES];
    for at in FIRST.len()..body.len() {
        for number in [u64::MAX, 1 << 62, 1 << 40, FILES_BYTES_MAX, 70_000] {
            let mut bytes = body.to_vec();
            let rest = &mut bytes[at..];
            let count = rest.len().min(8);
            rest[..count].copy_from_slice(&number.to_le_bytes()[..count]);
            let digest = Sha256::digest(&bytes);
            bytes.extend_from_slice(&digest);
            fs::write(path(root.path()), bytes).unwrap();
            // It may be a number that means something else there; nothing else is asked than no harm.
            let _no_panic = read(root.path());
        }
    }
    // The length of the name of the root.
    let at = FIRST.len() + 8 + 32;
    let mut bytes = body.to_vec();
    bytes[at..at + 8].copy_from_slice(&(1_u64 << 40).to_le_bytes());
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    fs::write(path(root.path()), bytes).unwrap();
    assert!(read(root.path()).is_none());
}

#[test]
fn directories_that_are_too_deep_or_not_in_order_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let check = |directory: Directory, is_taken: bool| {
        write(root.path(), &KnownFiles { generation: 1, outer: [0; 32], root: directory });
        assert_eq!(read(root.path()).is_some(), is_taken);
    };
    let nested = |depth: usize| {
        let outer = |inner| Directory { directories: vec![inner], ..directory("d", 0) };
        (0..depth).fold(directory("d", 0), |inner, _| outer(inner))
    };
    check(nested(DEPTH_MAX), true);
    check(nested(DEPTH_MAX + 1), false);
    let of = |names: [&str; 2]| Directory {
        directories: names.map(|name| directory(name, 0)).into(),
        ..directory("", 0)
    };
    check(of(["a", "b"]), true);
    check(of(["b", "a"]), false);
    check(of(["a", "a"]), false);
}
