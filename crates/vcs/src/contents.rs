//! Reads the bytes of files into the store, while others may be writing them. Decides nothing about paths.

use std::ffi::CStr;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FileType, fstat, readlinkat};
use rustix::io::Errno;
use sha2::Digest as _;

use crate::SnapshotError;
use crate::beneath;
use crate::known::Bytes;
use crate::object::{Id, Kind};
use crate::stamp::Stamp;
use crate::store::Batch;

/// The longest file that a snapshot holds.
pub(crate) const FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// How many new bytes one snapshot takes in.
pub(crate) const NEW_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
/// From here on a file is read twice, piece by piece, instead of once into memory.
const LONG_BYTES: u64 = 16 * 1024 * 1024;
/// How often a file that changes while it is read is read again.
const TRIES_MAX: usize = 3;

/// What came of reading a file.
pub(crate) enum Came {
    /// Its bytes are in the batch.
    Bytes(Bytes),
    /// There is nothing of that name, or it is something else now.
    Other,
    /// It may not be read.
    Denied,
    /// It is longer than what is held.
    TooLong,
    /// The snapshot has taken in all that it takes.
    TooMuch,
}

/// Where read bytes go.
pub(crate) struct Contents<'a, 's> {
    pub(crate) batch: &'a Mutex<Batch<'s>>,
    /// The time of the snapshot, by the clock of the file system.
    pub(crate) now: i64,
    pub(crate) new_bytes: &'a AtomicU64,
    /// For messages.
    pub(crate) root: &'a Path,
}

impl<'s> Contents<'_, 's> {
    /// Reads a link's target.
    pub(crate) fn link(
        &self,
        parent: BorrowedFd<'_>,
        name: &CStr,
        stamp: Stamp,
    ) -> Result<Came, SnapshotError> {
        match readlinkat(parent, name, Vec::new()) {
            Ok(target) => {
                let id = self.batch().put(Kind::Blob, target.as_bytes())?;
                Ok(Came::Bytes(Bytes { stamp, id, is_settled: stamp.is_settled(self.now) }))
            }
            Err(error) => self.other(error, name),
        }
    }

    /// Reads a file. When it changes while it is read, again; in the end it is held as it was read, and read anew the
    /// next time.
    pub(crate) fn file(&self, parent: BorrowedFd<'_>, name: &CStr) -> Result<Came, SnapshotError> {
        for attempt in 1..=TRIES_MAX {
            let opened = match beneath::file(parent, name) {
                Ok(opened) => opened,
                Err(error) => return self.other(error, name),
            };
            let before = self.stamp(&opened, name)?;
            if before.kind() != FileType::RegularFile {
                return Ok(Came::Other);
            }
            if before.size > FILE_BYTES_MAX {
                return Ok(Came::TooLong);
            }
            if self.new_bytes.load(Ordering::Relaxed).saturating_add(before.size) > NEW_BYTES_MAX {
                return Ok(Came::TooMuch);
            }
            let file = File::from(opened);
            let read = if before.size > LONG_BYTES {
                self.long(&file, before.size, name)?
            } else {
                Some(self.short(&file, before.size, name)?)
            };
            let after = self.stamp(&file, name)?;
            let is_same = before == after && read.is_some_and(|(_, length)| length == after.size);
            if let Some((id, _)) = read.filter(|_| is_same || attempt == TRIES_MAX) {
                let is_settled = is_same && before.is_settled(self.now);
                return Ok(Came::Bytes(Bytes { stamp: before, id, is_settled }));
            }
        }
        // A long file that never was the same twice.
        Ok(Came::Denied)
    }

    fn short(&self, file: &File, size: u64, name: &CStr) -> Result<(Id, u64), SnapshotError> {
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        // A file that grows meanwhile is cut here; it is read again anyway.
        let read = file.take(LONG_BYTES * 2).read_to_end(&mut bytes);
        read.map_err(self.failed("read", name))?;
        let id = Id::of(Kind::Blob, &bytes);
        if self.batch().put_named(Kind::Blob, id, &bytes)? {
            self.new_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        Ok((id, bytes.len() as u64))
    }

    fn long(&self, file: &File, size: u64, name: &CStr) -> Result<Option<(Id, u64)>, SnapshotError> {
        let mut hasher = Id::hasher(Kind::Blob, size);
        let mut piece = vec![0; 1024 * 1024];
        let mut done = 0;
        while done < size {
            let count = file.read_at(&mut piece, done).map_err(self.failed("read", name))?;
            if count == 0 {
                return Ok(None);
            }
            done += count as u64;
            hasher.update(piece.get(..count).unwrap_or_default());
        }
        let id = Id::finish(hasher);
        let mut batch = self.batch();
        if batch.has(&id) {
            return Ok(Some((id, size)));
        }
        let mut at = 0;
        let next = |buffer: &mut [u8]| {
            let count = file.read_at(buffer, at).map_err(self.failed("read", name))?;
            at += count as u64;
            Ok(count)
        };
        let is_held = batch.put_long(id, size, next)?;
        self.new_bytes.fetch_add(size, Ordering::Relaxed);
        Ok(is_held.then_some((id, size)))
    }

    fn stamp(&self, file: impl AsFd, name: &CStr) -> Result<Stamp, SnapshotError> {
        fstat(file).map(|stat| Stamp::of(&stat)).map_err(|error| self.failed("look at", name)(error.into()))
    }

    /// What an error in reaching a file says of it.
    fn other(&self, error: Errno, name: &CStr) -> Result<Came, SnapshotError> {
        match error {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::INVAL | Errno::NXIO => Ok(Came::Other),
            Errno::ACCESS | Errno::PERM | Errno::IO | Errno::STALE | Errno::TXTBSY => Ok(Came::Denied),
            other => Err(self.failed("open", name)(other.into())),
        }
    }

    fn failed<'a>(
        &'a self,
        doing: &'static str,
        name: &'a CStr,
    ) -> impl FnOnce(std::io::Error) -> SnapshotError + 'a {
        move |error| SnapshotError::io(doing, &self.root.join(beneath::as_path(name.to_bytes())))(error)
    }

    fn batch(&self) -> std::sync::MutexGuard<'_, Batch<'s>> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The node at a name as it is on the disk now, by its bytes; `None` when there is nothing. Follows no link.
pub(crate) fn node_at(parent: &OwnedFd, name: &[u8]) -> Result<Option<crate::object::Node>, std::io::Error> {
    use crate::object::{FILE, LINK, Node};
    let stat = match rustix::fs::statat(parent, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Stamp::of(&stat),
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match stat.kind() {
        FileType::Directory => Ok(Some(Node::directory(stat.mode))),
        FileType::Symlink => {
            let target = readlinkat(parent, name, Vec::new())?;
            Ok(Some(Node { mode: LINK, id: Id::of(Kind::Blob, target.as_bytes()) }))
        }
        FileType::RegularFile => {
            let mut file = File::from(beneath::file(parent, name)?);
            let stamp = Stamp::of(&fstat(&file)?);
            if stamp.kind() != FileType::RegularFile {
                return Err(std::io::Error::other("it is no file any more"));
            }
            let mut hasher = Id::hasher(Kind::Blob, stamp.size);
            let mut piece = vec![0; 256 * 1024];
            loop {
                let count = file.read(&mut piece)?;
                if count == 0 {
                    break;
                }
                hasher.update(piece.get(..count).unwrap_or_default());
            }
            Ok(Some(Node { mode: FILE | (stamp.mode & 0o7777), id: Id::finish(hasher) }))
        }
        _ => Err(std::io::Error::other("it is neither a file, a link nor a directory")),
    }
}
