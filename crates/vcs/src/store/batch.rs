//! Appends objects to the log: all of a batch, durably, or none of it.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use super::{HEAD_BYTES_MAX, Lock, Place, Store, index};
use crate::SnapshotError;
use crate::object::{EMPTY_TREE, Id, Kind};

/// How much is gathered before it is written.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Objects on their way into the log. A batch that is dropped leaves nothing behind.
pub(crate) struct Batch<'s> {
    store: &'s mut Store,
    path: PathBuf,
    buffer: Vec<u8>,
    /// Where the buffer belongs.
    at: u64,
    fresh: Vec<(Id, Place)>,
    kept: bool,
}

impl<'s> Batch<'s> {
    pub(crate) fn new(store: &'s mut Store, _lock: &Lock) -> Batch<'s> {
        let (at, path) = (store.end, store.log_path());
        Batch { store, path, buffer: Vec::new(), at, fresh: Vec::new(), kept: false }
    }

    pub(crate) fn store(&self) -> &Store {
        self.store
    }

    /// Whether the object is there or on its way.
    pub(crate) fn has(&self, id: &Id) -> bool {
        self.store.has(id)
    }

    /// Adds an object, unless it is there.
    pub(crate) fn put(&mut self, kind: Kind, bytes: &[u8]) -> Result<Id, SnapshotError> {
        let id = Id::of(kind, bytes);
        self.put_named(kind, id, bytes)?;
        Ok(id)
    }

    /// The same for bytes whose name is known.
    pub(crate) fn put_named(&mut self, kind: Kind, id: Id, bytes: &[u8]) -> Result<(), SnapshotError> {
        if id == EMPTY_TREE || self.store.has(&id) {
            return Ok(());
        }
        let offset = self.head(kind, bytes.len() as u64, id)?;
        self.bytes(bytes)?;
        self.bytes(b"\n")?;
        self.note(id, Place { kind, offset, length: bytes.len() as u64 });
        Ok(())
    }

    /// Adds a long object piece by piece. `next` fills a buffer and says with how much, 0 at the end. Gives `false`,
    /// and adds nothing, when the bytes are not those of the name.
    pub(crate) fn put_long(
        &mut self,
        id: Id,
        length: u64,
        mut next: impl FnMut(&mut [u8]) -> Result<usize, SnapshotError>,
    ) -> Result<bool, SnapshotError> {
        if self.store.has(&id) {
            return Ok(true);
        }
        self.flush()?;
        let start = self.at;
        let offset = self.head(Kind::Blob, length, id)?;
        let mut hasher = Id::hasher(Kind::Blob, length);
        let mut piece = vec![0; 1024 * 1024];
        let mut left = length;
        loop {
            let count = next(&mut piece)?;
            if count == 0 || count as u64 > left {
                break;
            }
            left -= count as u64;
            let read = piece.get(..count).unwrap_or_default();
            sha2::Digest::update(&mut hasher, read);
            self.bytes(read)?;
        }
        if left != 0 || Id::finish(hasher) != id {
            self.buffer.clear();
            self.at = start;
            self.log().set_len(start).map_err(SnapshotError::io("shorten", &self.path))?;
            return Ok(false);
        }
        self.bytes(b"\n")?;
        self.note(id, Place { kind: Kind::Blob, offset, length });
        Ok(true)
    }

    /// Copies an object of another store.
    pub(crate) fn copy(&mut self, from: &Store, id: Id, place: Place) -> Result<(), SnapshotError> {
        if self.store.has(&id) {
            return Ok(());
        }
        let offset = self.head(place.kind, place.length, id)?;
        from.stream(&id, |piece| self.bytes(piece))?;
        self.bytes(b"\n")?;
        self.note(id, Place { offset, ..place });
        Ok(())
    }

    /// Makes everything durable.
    pub(crate) fn commit(mut self) -> Result<(), SnapshotError> {
        self.flush()?;
        if !self.fresh.is_empty() {
            self.log().sync_data().map_err(SnapshotError::io("sync", &self.path))?;
        }
        self.kept = true;
        self.store.end = self.at;
        let (directory, generation, listed) =
            (self.store.directory.clone(), self.store.generation, self.store.listed);
        // The objects are durable; a list that misses them is made good from the log.
        self.store.listed = index::append(&directory, generation, listed, &self.fresh).unwrap_or(listed);
        Ok(())
    }

    fn log(&self) -> &File {
        &self.store.log
    }

    fn note(&mut self, id: Id, place: Place) {
        self.fresh.push((id, place));
        self.store.places.insert(id, place);
        if place.kind == Kind::Mark {
            self.store.marks.push(id);
        }
    }

    /// Writes the first line of a record; gives the place behind it.
    fn head(&mut self, kind: Kind, length: u64, id: Id) -> Result<u64, SnapshotError> {
        let head = format!("{} {length} {id}\n", kind.word());
        debug_assert!(head.len() <= HEAD_BYTES_MAX);
        self.bytes(head.as_bytes())?;
        Ok(self.at + self.buffer.len() as u64)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SnapshotError> {
        let written = self.log().write_all_at(&self.buffer, self.at);
        written.map_err(SnapshotError::io("write", &self.path))?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let end = self.store.end;
        // If even this fails, the next opening finds what is unfinished and cuts it off.
        let _shortened = self.log().set_len(end);
        for (id, place) in std::mem::take(&mut self.fresh) {
            self.store.places.remove(&id);
            if place.kind == Kind::Mark {
                self.store.marks.pop();
            }
        }
    }
}
