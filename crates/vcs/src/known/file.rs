//! What is known, as a file between two processes. A file that is torn, old or wrong counts as none.
#![expect(clippy::disallowed_methods, reason = "what is known is kept in a file")]

use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{Bytes, Directory, Known, KnownFiles, KnownRules, What};
use crate::object::Id;
use crate::stamp::Stamp;
use crate::walk::DEPTH_MAX;

/// Changes whenever the file is written in another way.
const FIRST: &[u8] = b"waypost known files 1\n";
/// Bytes of a digest at the end.
const DIGEST_BYTES: usize = 32;

fn path(directory: &Path) -> PathBuf {
    directory.join("known")
}

/// Keeps what is known. A failure is none: the next process reads the files again.
pub(crate) fn write(directory: &Path, known: &KnownFiles) {
    let mut bytes = FIRST.to_vec();
    number(&mut bytes, known.generation);
    bytes.extend_from_slice(&known.outer);
    write_directory(&mut bytes, &known.root);
    let digest: [u8; DIGEST_BYTES] = Sha256::digest(&bytes).into();
    bytes.extend_from_slice(&digest);
    let part = directory.join("known.part");
    let _lost = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path(directory)));
}

/// What was kept, if it is whole.
pub(crate) fn read(directory: &Path) -> Option<KnownFiles> {
    let bytes = fs::read(path(directory)).ok()?;
    let body = bytes.len().checked_sub(DIGEST_BYTES)?;
    let digest: [u8; DIGEST_BYTES] = Sha256::digest(bytes.get(..body)?).into();
    if bytes.get(body..)? != digest {
        return None;
    }
    let mut from = Reader { bytes: bytes.get(..body)?.strip_prefix(FIRST)? };
    let (generation, outer) = (from.number()?, from.array()?);
    let root = from.directory(0)?;
    from.bytes.is_empty().then_some(KnownFiles { generation, outer, root })
}

fn number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    number(bytes, text.len() as u64);
    bytes.extend_from_slice(text);
}

fn write_stamp(bytes: &mut Vec<u8>, stamp: &Stamp) {
    number(bytes, stamp.device);
    number(bytes, stamp.inode);
    number(bytes, stamp.size);
    bytes.extend_from_slice(&stamp.modified.to_le_bytes());
    bytes.extend_from_slice(&stamp.changed.to_le_bytes());
    bytes.extend_from_slice(&stamp.mode.to_le_bytes());
}

fn write_rules(bytes: &mut Vec<u8>, rules: &Option<KnownRules>) {
    bytes.push(u8::from(rules.is_some()));
    if let Some(rules) = rules {
        write_stamp(bytes, &rules.stamp);
        bytes.push(u8::from(rules.is_settled));
        text(bytes, &rules.text);
    }
}

/// The recursion is as deep as a walk goes.
fn write_directory(bytes: &mut Vec<u8>, directory: &Directory) {
    text(bytes, directory.name.as_bytes());
    bytes.push(u8::from(directory.stamp.is_some()));
    write_stamp(bytes, &directory.stamp.unwrap_or_default());
    bytes.extend_from_slice(&directory.permissions.to_le_bytes());
    bytes.push(u8::from(directory.has_git) | u8::from(directory.has_links) << 1);
    write_rules(bytes, &directory.rules);
    write_rules(bytes, &directory.exclude);
    bytes.push(u8::from(directory.tree.is_some()));
    bytes.extend_from_slice(&directory.tree.unwrap_or(Id([0; 32])).0);
    number(bytes, directory.entries.len() as u64);
    for known in &directory.entries {
        match &known.what {
            What::Bytes(held) => {
                bytes.push(u8::from(held.is_settled));
                text(bytes, known.name.as_bytes());
                write_stamp(bytes, &held.stamp);
                bytes.extend_from_slice(&held.id.0);
            }
            What::Directory(inner) => {
                bytes.push(2);
                write_directory(bytes, inner);
            }
        }
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
}

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]: [u8; 1]| byte)
    }

    fn text(&mut self) -> Option<&'b [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    fn stamp(&mut self) -> Option<Stamp> {
        Some(Stamp {
            device: self.number()?,
            inode: self.number()?,
            size: self.number()?,
            modified: self.array().map(i64::from_le_bytes)?,
            changed: self.array().map(i64::from_le_bytes)?,
            mode: self.array().map(u32::from_le_bytes)?,
        })
    }

    fn rules(&mut self) -> Option<Option<KnownRules>> {
        if self.byte()? == 0 {
            return Some(None);
        }
        let (stamp, is_settled) = (self.stamp()?, self.byte()? == 1);
        Some(Some(KnownRules { stamp, is_settled, text: Arc::from(self.text()?) }))
    }

    fn directory(&mut self, depth: usize) -> Option<Directory> {
        if depth > DEPTH_MAX {
            return None;
        }
        let name = CString::new(self.text()?).ok()?;
        let has_stamp = self.byte()? == 1;
        let stamp = self.stamp()?;
        let permissions = self.array().map(u32::from_le_bytes)?;
        let flags = self.byte()?;
        let (rules, exclude) = (self.rules()?, self.rules()?);
        let has_tree = self.byte()? == 1;
        let tree = Id(self.array()?);
        let count = self.number()?;
        let mut entries = Vec::with_capacity(usize::try_from(count).ok()?.min(self.bytes.len() / 32));
        for _ in 0..count {
            let kind = self.byte()?;
            let (name, what) = if kind == 2 {
                let inner = self.directory(depth + 1)?;
                (inner.name.clone(), What::Directory(Box::new(inner)))
            } else {
                let name = CString::new(self.text()?).ok()?;
                let (stamp, id) = (self.stamp()?, Id(self.array()?));
                (name, What::Bytes(Bytes { stamp, id, is_settled: kind == 1 }))
            };
            entries.push(Known { name, what });
        }
        Some(Directory {
            name,
            stamp: has_stamp.then_some(stamp),
            permissions,
            entries,
            rules,
            has_git: flags & 1 == 1,
            exclude,
            tree: has_tree.then_some(tree),
            has_links: flags & 2 == 2,
            ..Directory::default()
        })
    }
}
