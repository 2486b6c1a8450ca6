//! Finds what no snapshot holds below some paths, and keeps it in a drop. Follows no link.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, linkat, openat, readlinkat, statat};
use rustix::io::Errno;

use super::{Entry, How, NotKept, TrashBounds};
use crate::SnapshotError;
use crate::beneath;
use crate::checkpoints::Text;
use crate::durable::sync_file_system;
use crate::object::Id;
use crate::stamp::Stamp;
use crate::store::Store;
use crate::trees::Trees;
use crate::walk::DEPTH_MAX;

/// Up to how many are made durable one by one: for more it is quicker to wait for everything that any program wrote.
const SYNCED_ALONE_MAX: usize = 8;

/// Something that is to be kept.
pub(super) struct Found {
    path: Vec<u8>,
    stamp: Stamp,
}

/// Everything below these paths that the tree does not hold, directories before what is in them.
pub(super) fn find(
    store: &Store,
    workspace: &Path,
    named_tree: &str,
    named: &[PathBuf],
    bounds: TrashBounds,
    not_kept: &mut Vec<(PathBuf, NotKept)>,
) -> Result<Vec<Found>, SnapshotError> {
    let tree = Id::read(named_tree).filter(|id| store.has(id));
    let tree = tree.ok_or_else(|| SnapshotError::Unknown(named_tree.to_string()))?;
    let root = beneath::root(workspace).map_err(SnapshotError::io("open", workspace))?;
    let mut trees = Trees::new(store);
    let mut all = Vec::new();
    for path in named {
        match below(&root, &mut trees, &tree, path.as_os_str().as_bytes(), bounds)? {
            Ok((found, odd)) => {
                all.extend(found);
                not_kept.extend(odd);
            }
            Err(why) => not_kept.push((path.clone(), why)),
        }
    }
    Ok(all)
}

type Below = Result<(Vec<Found>, Vec<(PathBuf, NotKept)>), NotKept>;

fn below(
    root: &OwnedFd,
    trees: &mut Trees<'_>,
    tree: &Id,
    path: &[u8],
    bounds: TrashBounds,
) -> Result<Below, SnapshotError> {
    let (mut found, mut odd) = (Vec::new(), Vec::new());
    let mut left = vec![path.to_vec()];
    let mut seen = 0;
    while let Some(path) = left.pop() {
        seen += 1;
        if seen > bounds.entries_max || path.iter().filter(|byte| **byte == b'/').count() > DEPTH_MAX {
            return Ok(Err(NotKept::TooMany));
        }
        let (parent, name) = beneath::split(&path);
        let name = if name.is_empty() { b".".as_slice() } else { name };
        let looked = beneath::descend(root, parent)
            .and_then(|parent| statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW));
        let stamp = match looked {
            Ok(stat) => Stamp::of(&stat),
            // Nothing to delete.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
            Err(_) => {
                odd.push((beneath::as_path(&path).into(), NotKept::Unreadable));
                continue;
            }
        };
        let held = if path.is_empty() { None } else { trees.at(tree, &path)? };
        match stamp.kind() {
            FileType::Directory => {
                if !path.is_empty() {
                    found.push(Found { path: path.clone(), stamp });
                }
                match names(root, &path) {
                    Ok(names) => left.extend(names.iter().rev().map(|name| beneath::join(&path, name))),
                    Err(_) => odd.push((beneath::as_path(&path).into(), NotKept::Unreadable)),
                }
            }
            FileType::RegularFile | FileType::Symlink if held.is_some_and(|held| !held.is_directory()) => {}
            FileType::RegularFile | FileType::Symlink => found.push(Found { path, stamp }),
            _ => odd.push((beneath::as_path(&path).into(), NotKept::Special)),
        }
    }
    Ok(Ok((found, odd)))
}

fn names(root: &OwnedFd, path: &[u8]) -> Result<Vec<Vec<u8>>, Errno> {
    let directory = beneath::descend(root, path)?;
    let mut names = Vec::new();
    for entry in Dir::read_from(&directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            names.push(name.to_bytes().to_vec());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Keeps what was found in the directory of a drop.
pub(super) fn copy(
    workspace: &Path,
    drop: &Path,
    found: Vec<Found>,
    bounds: TrashBounds,
    not_kept: &mut Vec<(PathBuf, NotKept)>,
) -> Result<Vec<Entry>, SnapshotError> {
    let root = beneath::root(workspace).map_err(SnapshotError::io("open", workspace))?;
    let files = drop.join("files");
    let place = beneath::root(&files).map_err(SnapshotError::io("open", &files))?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut copied = 0;
    let are_few = found.len() <= SYNCED_ALONE_MAX;
    let mut is_synced = are_few;
    for Found { path, stamp } in found {
        let name = entries.len().to_string();
        let budget = bounds.copied_bytes_max.saturating_sub(copied);
        let how = match stamp.kind() {
            FileType::Directory => Ok(How::Directory),
            _ => keep_one(&root, &path, &stamp, &place, &name, budget.min(bounds.copied_file_bytes_max)),
        };
        if are_few && matches!(how, Ok(How::Copied | How::Linked)) {
            is_synced &= sync_one(&place, &name).is_ok();
        }
        match how {
            Ok(how) => {
                copied += if how == How::Copied { stamp.size } else { 0 };
                let bytes = if how == How::Directory { 0 } else { stamp.size };
                entries.push(Entry { path: Text::of(&path), mode: stamp.mode, bytes, how });
            }
            Err(Errno::NOENT) => {}
            Err(Errno::NOSPC | Errno::DQUOT) => {
                return Err(SnapshotError::io("write", &files)(Errno::NOSPC));
            }
            Err(Errno::FBIG) => not_kept.push((beneath::as_path(&path).into(), NotKept::TooLong)),
            Err(_) => not_kept.push((beneath::as_path(&path).into(), NotKept::Unreadable)),
        }
    }
    let synced = if is_synced { rustix::fs::fsync(&place) } else { sync_file_system(&place) };
    synced.map_err(SnapshotError::io("sync", &files))?;
    Ok(entries)
}

/// Makes what a kept file holds durable. One that was only given another name may be closed to us.
fn sync_one(place: &OwnedFd, name: &str) -> Result<(), Errno> {
    rustix::fs::fsync(beneath::file(place, name.as_bytes())?)
}

/// A clone, a copy if it is short enough, another name; in this order.
fn keep_one(
    root: &OwnedFd,
    path: &[u8],
    stamp: &Stamp,
    place: &OwnedFd,
    name: &str,
    copied_bytes_max: u64,
) -> Result<How, Errno> {
    let (parent, own) = beneath::split(path);
    let parent = beneath::descend(root, parent)?;
    if stamp.kind() == FileType::Symlink {
        let target = readlinkat(&parent, own, Vec::new())?;
        rustix::fs::symlinkat(target, place, name)?;
        return Ok(How::Link);
    }
    match beneath::file(&parent, own) {
        Ok(file) => {
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            let kept = openat(place, name, flags, Mode::RUSR | Mode::WUSR)?;
            if clone_file(&kept, &file).is_ok() || copy_short(&file, &kept, copied_bytes_max)? {
                return Ok(How::Copied);
            }
            rustix::fs::unlinkat(place, name, AtFlags::empty())?;
        }
        // It may still get another name.
        Err(Errno::ACCESS) => {}
        Err(error) => return Err(error),
    }
    match linkat(&parent, own, place, name, AtFlags::empty()) {
        Ok(()) => Ok(How::Linked),
        Err(Errno::XDEV | Errno::PERM | Errno::MLINK) => Err(Errno::FBIG),
        Err(error) => Err(error),
    }
}

/// Shares the blocks of a file, where the file system can.
#[cfg(target_os = "linux")]
pub(super) fn clone_file(to: &OwnedFd, from: &OwnedFd) -> Result<(), Errno> {
    rustix::fs::ioctl_ficlone(to, from)
}

/// Where no file system is known to.
#[cfg(not(target_os = "linux"))]
pub(super) fn clone_file(_to: &OwnedFd, _from: &OwnedFd) -> Result<(), Errno> {
    Err(Errno::OPNOTSUPP)
}

/// Copies a file of at most so many bytes; `false` when it is longer.
fn copy_short(from: &OwnedFd, to: &OwnedFd, bytes_max: u64) -> Result<bool, Errno> {
    let errno = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
    let (from, mut to) = (reopened(from)?, reopened(to)?);
    let copied = std::io::copy(&mut from.take(bytes_max + 1), &mut to).map_err(errno)?;
    Ok(copied <= bytes_max)
}

/// A descriptor as a file of the standard library.
pub(super) fn reopened(descriptor: &OwnedFd) -> Result<File, Errno> {
    let own = rustix::io::fcntl_dupfd_cloexec(descriptor, 3)?;
    Ok(File::from(own))
}

/// The directory of a drop, by its path in the store.
pub(super) fn open_drop(drop: &Path) -> Result<OwnedFd, Errno> {
    openat(CWD, drop, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}
