//! Puts what is in a drop back into the workspace. Replaces nothing and follows no link.

use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RawMode, RenameFlags, fchmod, linkat, mkdirat, openat, readlinkat,
    renameat_with, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

use super::keep::{clone_file, open_drop, reopened};
use super::{Entry, How, NotKept};
use crate::SnapshotError;
use crate::beneath;
use crate::stamp::Stamp;

/// Puts everything back; gives what was not.
pub(super) fn put_back(
    workspace: &Path,
    drop: &Path,
    entries: &[Entry],
) -> Result<Vec<(PathBuf, NotKept)>, SnapshotError> {
    let root = beneath::root(workspace).map_err(SnapshotError::io("open", workspace))?;
    let files = drop.join("files");
    let files = open_drop(&files).map_err(SnapshotError::io("open", &files))?;
    let mut left = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match one(&root, &files, at, entry) {
            Ok(()) => {}
            Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::ROFS)) => {
                return Err(SnapshotError::io("write", workspace)(error));
            }
            Err(Errno::EXIST) if is_there(&root, &files, at, entry) => {}
            Err(Errno::EXIST | Errno::NOTDIR | Errno::LOOP) => {
                left.push((beneath::as_path(entry.path.bytes()).into(), NotKept::Occupied));
            }
            Err(_) => left.push((beneath::as_path(entry.path.bytes()).into(), NotKept::Unreadable)),
        }
    }
    Ok(left)
}

/// Whether everything of a drop is still, or again, where it was.
pub(super) fn are_all_there(workspace: &Path, drop: &Path, entries: &[Entry]) -> bool {
    let (Ok(root), Ok(files)) = (beneath::root(workspace), open_drop(&drop.join("files"))) else {
        return false;
    };
    entries.iter().enumerate().all(|(at, entry)| is_there(&root, &files, at, entry))
}

/// Whether what was kept is at its place, with the same bytes.
fn is_there(root: &OwnedFd, files: &OwnedFd, at: usize, entry: &Entry) -> bool {
    let (above, name) = beneath::split(entry.path.bytes());
    let kept = at.to_string();
    let compare = || -> Result<bool, Errno> {
        let parent = beneath::descend(root, above)?;
        let now = statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let is_kind = Stamp::of(&now).kind() == FileType::from_raw_mode(entry.mode as RawMode);
        Ok(is_kind
            && match entry.how {
                How::Directory => true,
                How::Moved => false,
                How::Link => readlinkat(&parent, name, Vec::new())? == readlinkat(files, kept, Vec::new())?,
                How::Linked => {
                    let own = statat(files, kept, AtFlags::SYMLINK_NOFOLLOW)?;
                    (own.st_dev, own.st_ino) == (now.st_dev, now.st_ino)
                }
                How::Copied => {
                    Stamp::of(&now).size == entry.bytes
                        && is_same(&beneath::file(&parent, name)?, &beneath::file(files, kept)?)?
                }
            })
    };
    compare().unwrap_or(false)
}

/// Whether two files hold the same bytes.
fn is_same(one: &OwnedFd, other: &OwnedFd) -> Result<bool, Errno> {
    let errno = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
    let (mut one, mut other) = (BufReader::new(reopened(one)?), BufReader::new(reopened(other)?));
    loop {
        let (left, right) = (one.fill_buf().map_err(errno)?, other.fill_buf().map_err(errno)?);
        let length = left.len().min(right.len());
        if length == 0 {
            return Ok(left.is_empty() && right.is_empty());
        }
        if left.get(..length) != right.get(..length) {
            return Ok(false);
        }
        one.consume(length);
        other.consume(length);
    }
}

fn one(root: &OwnedFd, files: &OwnedFd, at: usize, entry: &Entry) -> Result<(), Errno> {
    let path = entry.path.bytes();
    let (above, name) = beneath::split(path);
    let parent = made(root, above)?;
    let mode = Mode::from_bits_truncate((entry.mode & 0o7777) as RawMode);
    let kept = at.to_string();
    match entry.how {
        How::Directory => match mkdirat(&parent, name, Mode::RWXU) {
            Ok(()) => fchmod(beneath::directory(&parent, name)?, mode),
            // One that is there is as good.
            Err(Errno::EXIST) => beneath::directory(&parent, name).map(drop),
            Err(error) => Err(error),
        },
        How::Link => symlinkat(readlinkat(files, kept, Vec::new())?, &parent, name),
        How::Moved => renameat_with(files, kept, &parent, name, RenameFlags::NOREPLACE),
        How::Linked => linkat(files, kept, &parent, name, AtFlags::empty()),
        How::Copied => copy(files, &kept, &parent, name, mode),
    }
}

/// The directory at a path, made where it is missing.
fn made(root: &OwnedFd, path: &[u8]) -> Result<OwnedFd, Errno> {
    let mut here = beneath::descend(root, b"")?;
    for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
        here = match beneath::directory(&here, name) {
            Err(Errno::NOENT) => {
                mkdirat(&here, name, Mode::from_bits_truncate(0o755))?;
                beneath::directory(&here, name)?
            }
            other => other?,
        };
    }
    Ok(here)
}

/// Copies under a name of its own, and renames when it is whole.
fn copy(files: &OwnedFd, kept: &str, parent: &OwnedFd, name: &[u8], mode: Mode) -> Result<(), Errno> {
    let from = beneath::file(files, kept)?;
    let part = format!(".waypost-put-back-{}", std::process::id());
    let _left = unlinkat(parent, part.as_str(), AtFlags::empty());
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let to = openat(parent, part.as_str(), flags, Mode::RUSR | Mode::WUSR)?;
    let write = || {
        if clone_file(&to, &from).is_err() {
            let (mut from, mut into) = (reopened(&from)?, reopened(&to)?);
            let copied = std::io::copy(&mut from, &mut into);
            copied.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        }
        fchmod(&to, mode)?;
        rustix::fs::fsync(&to)?;
        renameat_with(parent, part.as_str(), parent, name, RenameFlags::NOREPLACE)
    };
    let written = write();
    if written.is_err() {
        let _gone = unlinkat(parent, part.as_str(), AtFlags::empty());
    }
    written
}
