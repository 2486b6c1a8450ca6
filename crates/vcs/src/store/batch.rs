//! Appends objects to the log: all of a batch, durably, or none of it.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use super::{HEAD_BYTES_MAX, Head, Lock, Place, Store};
use crate::SnapshotError;
use crate::object::{EMPTY_TREE, Id, Kind};

/// How much is gathered before it is written.
const BUFFER_BYTES: usize = 256 * 1024;

/// Objects on their way into the log. A batch that is dropped leaves nothing behind.
pub(crate) struct Batch<'s> {
    store: &'s mut Store,
    path: PathBuf,
    buffer: Vec<u8>,
    /// Where the buffer belongs.
    at: u64,
    /// How many marks there were.
    marks: usize,
    kept: bool,
}

impl<'s> Batch<'s> {
    pub(crate) fn new(store: &'s mut Store, _lock: &Lock) -> Batch<'s> {
        let (at, path, marks) = (store.end, store.log_path(), store.marks.len());
        Batch { store, path, buffer: Vec::new(), at, marks, kept: false }
    }

    /// The store; of this batch it has nothing yet.
    pub(crate) fn store(&self) -> &Store {
        self.store
    }

    /// Whether the object is there or on its way.
    pub(crate) fn has(&self, id: &Id) -> bool {
        *id == EMPTY_TREE || self.store.places.of(id).any(|start| self.id_at(start) == Some(*id))
    }

    /// Adds an object, unless it is there.
    pub(crate) fn put(&mut self, kind: Kind, bytes: &[u8]) -> Result<Id, SnapshotError> {
        let id = Id::of(kind, bytes);
        self.put_named(kind, id, bytes)?;
        Ok(id)
    }

    /// The same for bytes whose name is known; says whether they were added.
    pub(crate) fn put_named(&mut self, kind: Kind, id: Id, bytes: &[u8]) -> Result<bool, SnapshotError> {
        if self.has(&id) {
            return Ok(false);
        }
        let start = self.head(kind, bytes.len() as u64, id)?;
        self.bytes(bytes)?;
        self.bytes(b"\n")?;
        self.note(kind, id, start);
        Ok(true)
    }

    /// Adds a long object piece by piece. `next` fills a buffer and says with how much, 0 at the end. Gives `false`,
    /// and adds nothing, when the bytes are not those of the name.
    pub(crate) fn put_long(
        &mut self,
        id: Id,
        length: u64,
        mut next: impl FnMut(&mut [u8]) -> Result<usize, SnapshotError>,
    ) -> Result<bool, SnapshotError> {
        if self.has(&id) {
            return Ok(true);
        }
        self.flush()?;
        let start = self.head(Kind::Blob, length, id)?;
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
        self.note(Kind::Blob, id, start);
        Ok(true)
    }

    /// Copies an object of another store.
    pub(crate) fn copy(&mut self, from: &Store, id: Id, place: Place) -> Result<(), SnapshotError> {
        if self.has(&id) {
            return Ok(());
        }
        let start = self.head(place.kind, place.length, id)?;
        from.stream(&id, |piece| self.bytes(piece))?;
        self.bytes(b"\n")?;
        self.note(place.kind, id, start);
        Ok(())
    }

    /// Makes everything durable.
    pub(crate) fn commit(mut self) -> Result<(), SnapshotError> {
        self.flush()?;
        if self.at != self.store.end {
            self.log().sync_data().map_err(SnapshotError::io("sync", &self.path))?;
        }
        self.kept = true;
        self.store.end = self.at;
        // The objects are durable; a list that misses them is made good from the log.
        let _lags = self.store.list();
        Ok(())
    }

    fn log(&self) -> &File {
        &self.store.log
    }

    /// The name in the record that begins here.
    fn id_at(&self, start: u64) -> Option<Id> {
        let head = match start.checked_sub(self.at) {
            None => self.store.head_at(start).ok()?,
            Some(at) => Head::read(self.buffer.get(usize::try_from(at).ok()?..)?),
        };
        head.map(|head| head.id)
    }

    fn note(&mut self, kind: Kind, id: Id, start: u64) {
        self.store.places.insert(&id, start);
        if kind == Kind::Mark {
            self.store.marks.push(id);
        }
    }

    /// Writes the first line of a record, which is never cut in two; says where it begins.
    fn head(&mut self, kind: Kind, length: u64, id: Id) -> Result<u64, SnapshotError> {
        let head = format!("{} {length} {id}\n", kind.word());
        debug_assert!(head.len() <= HEAD_BYTES_MAX);
        let start = self.at + self.buffer.len() as u64;
        self.bytes(head.as_bytes())?;
        Ok(start)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush()?;
        }
        if bytes.len() > BUFFER_BYTES {
            return self.write(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SnapshotError> {
        let buffer = std::mem::take(&mut self.buffer);
        let written = self.write(&buffer);
        self.buffer = buffer;
        written?;
        self.buffer.clear();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let written = self.log().write_all_at(bytes, self.at);
        written.map_err(SnapshotError::io("write", &self.path))?;
        self.at += bytes.len() as u64;
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
        self.store.places.forget_from(end);
        self.store.marks.truncate(self.marks);
    }
}
