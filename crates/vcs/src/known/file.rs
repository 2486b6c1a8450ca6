//! What is known, as a file between two processes. A file that is torn, old or wrong counts as none.
//!
//! It is written and read piece by piece, with the digest computed on the way: as one text it would be longer than all
//! that is kept of it.
#![expect(clippy::disallowed_methods, reason = "what is known is kept in a file")]

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Take, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{Directory, Files, KnownFiles, KnownRules};
use crate::object::Id;
use crate::rules::RULES_BYTES_MAX;
use crate::stamp::Stamp;
use crate::walk::DEPTH_MAX;

/// Changes whenever the file is written in another way.
const FIRST: &[u8] = b"waypost known files 2\n";
/// Bytes of a digest at the end.
const DIGEST_BYTES: usize = 32;
/// How much is read or written at once.
const PIECE_BYTES: usize = 64 * 1024;
/// The longest name.
const NAME_BYTES_MAX: u64 = 4 * 1024;
/// The longest files of one directory.
const FILES_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// The shortest directory.
const DIRECTORY_BYTES_MIN: u64 = 100;

fn path(directory: &Path) -> PathBuf {
    directory.join("known")
}

/// Keeps what is known. A failure is none: the next process reads the files again.
pub(crate) fn write(directory: &Path, known: &KnownFiles) {
    let part = directory.join("known.part");
    let _lost = write_to(&part, known).and_then(|()| fs::rename(&part, path(directory)));
}

/// What was kept, if it is whole.
pub(crate) fn read(directory: &Path) -> Option<KnownFiles> {
    let file = File::open(path(directory)).ok()?;
    let left = file.metadata().ok()?.len().checked_sub(DIGEST_BYTES as u64)?;
    let from = Hashed { inner: file.take(left), hasher: Sha256::new() };
    let mut from = Reader { from: BufReader::with_capacity(PIECE_BYTES, from), left };
    if from.array()? != *FIRST.first_chunk::<{ FIRST.len() }>()? {
        return None;
    }
    let known = KnownFiles { generation: from.number()?, outer: from.array()?, root: from.directory(0)? };
    // All of it was read, so it also went through the hasher.
    let Hashed { inner, hasher } = Some(from.from.into_inner()).filter(|_| from.left == 0)?;
    let mut digest = [0; DIGEST_BYTES];
    inner.into_inner().read_exact(&mut digest).ok()?;
    (<[u8; DIGEST_BYTES]>::from(hasher.finalize()) == digest).then_some(known)
}

fn write_to(path: &Path, known: &KnownFiles) -> io::Result<()> {
    let to = Hashed { inner: File::create(path)?, hasher: Sha256::new() };
    let mut to = BufWriter::with_capacity(PIECE_BYTES, to);
    to.write_all(FIRST)?;
    number(&mut to, known.generation)?;
    to.write_all(&known.outer)?;
    write_directory(&mut to, &known.root)?;
    let Hashed { mut inner, hasher } = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    inner.write_all(&hasher.finalize())
}

fn number(to: &mut impl Write, number: u64) -> io::Result<()> {
    to.write_all(&number.to_le_bytes())
}

fn flag(to: &mut impl Write, flag: bool) -> io::Result<()> {
    to.write_all(&[u8::from(flag)])
}

fn text(to: &mut impl Write, text: &[u8]) -> io::Result<()> {
    number(to, text.len() as u64)?;
    to.write_all(text)
}

fn write_stamp(to: &mut impl Write, stamp: &Stamp) -> io::Result<()> {
    number(to, stamp.device)?;
    number(to, stamp.inode)?;
    number(to, stamp.size)?;
    to.write_all(&stamp.modified.to_le_bytes())?;
    to.write_all(&stamp.changed.to_le_bytes())?;
    to.write_all(&stamp.mode.to_le_bytes())
}

fn write_rules(to: &mut impl Write, rules: Option<&KnownRules>) -> io::Result<()> {
    flag(to, rules.is_some())?;
    let Some(rules) = rules else { return Ok(()) };
    write_stamp(to, &rules.stamp)?;
    flag(to, rules.is_settled)?;
    text(to, &rules.text)
}

/// The recursion is as deep as a walk goes.
fn write_directory(to: &mut impl Write, directory: &Directory) -> io::Result<()> {
    text(to, directory.name.as_bytes())?;
    flag(to, directory.stamp.is_some())?;
    write_stamp(to, &directory.stamp.unwrap_or_default())?;
    to.write_all(&directory.permissions.to_le_bytes())?;
    to.write_all(&[u8::from(directory.has_git) | u8::from(directory.has_links) << 1])?;
    write_rules(to, directory.rules.as_deref())?;
    write_rules(to, directory.exclude.as_deref())?;
    flag(to, directory.tree.is_some())?;
    to.write_all(&directory.tree.unwrap_or(Id([0; 32])).0)?;
    text(to, directory.files.as_bytes())?;
    number(to, directory.directories.len() as u64)?;
    directory.directories.iter().try_for_each(|inner| write_directory(to, inner))
}

/// Hashes what goes through.
struct Hashed<T> {
    inner: T,
    hasher: Sha256,
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

struct Reader {
    from: BufReader<Hashed<Take<File>>>,
    /// How many bytes there still are, so that no length can be longer than the file.
    left: u64,
}

impl Reader {
    fn fill(&mut self, buffer: &mut [u8]) -> Option<()> {
        self.left = self.left.checked_sub(buffer.len() as u64)?;
        self.from.read_exact(buffer).ok()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut array = [0; N];
        self.fill(&mut array)?;
        Some(array)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]: [u8; 1]| byte)
    }

    fn text(&mut self, bytes_max: u64) -> Option<Vec<u8>> {
        let length = Some(self.number()?).filter(|length| *length <= bytes_max.min(self.left))?;
        let length = usize::try_from(length).ok()?;
        let mut text = Vec::new();
        text.try_reserve_exact(length).ok()?;
        text.resize(length, 0);
        self.fill(&mut text)?;
        Some(text)
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

    fn rules(&mut self) -> Option<Option<Box<KnownRules>>> {
        if self.byte()? == 0 {
            return Some(None);
        }
        let (stamp, is_settled) = (self.stamp()?, self.byte()? == 1);
        let text = Arc::from(self.text(RULES_BYTES_MAX as u64)?);
        Some(Some(Box::new(KnownRules { stamp, is_settled, text })))
    }

    fn directory(&mut self, depth: usize) -> Option<Directory> {
        if depth > DEPTH_MAX {
            return None;
        }
        let name = CString::new(self.text(NAME_BYTES_MAX)?).ok()?;
        let has_stamp = self.byte()? == 1;
        let stamp = self.stamp()?;
        let permissions = self.array().map(u32::from_le_bytes)?;
        let flags = self.byte()?;
        let (rules, exclude) = (self.rules()?, self.rules()?);
        let has_tree = self.byte()? == 1;
        let tree = Id(self.array()?);
        let files = Files::from_bytes(self.text(FILES_BYTES_MAX)?.into())?;
        let count = Some(self.number()?).filter(|count| *count <= self.left / DIRECTORY_BYTES_MIN)?;
        let mut directories: Vec<Directory> = Vec::new();
        directories.try_reserve_exact(usize::try_from(count).ok()?).ok()?;
        for _ in 0..count {
            let inner = self.directory(depth + 1)?;
            if directories.last().is_some_and(|before| before.name >= inner.name) {
                return None;
            }
            directories.push(inner);
        }
        Some(Directory {
            name,
            stamp: has_stamp.then_some(stamp),
            permissions,
            directories,
            files,
            rules,
            has_git: flags & 1 == 1,
            exclude,
            tree: has_tree.then_some(tree),
            has_links: flags & 2 == 2,
            ..Directory::default()
        })
    }
}

#[cfg(test)]
mod tests;
