//! The store on disk: one append-only file of objects and the list of where each lies. Knows no workspace.
//!
//! `log-<n>` is a first line and then records: `<kind> <length> <id>`, a newline, the bytes, a newline. `idx-<n>` says
//! where they are; it is made anew when it is missing, torn or wrong. A higher number replaces a lower one.
#![expect(clippy::disallowed_methods, reason = "the store is files")]

mod batch;
mod index;
mod places;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

pub(crate) use batch::Batch;
use places::Places;

use crate::SnapshotError;
use crate::durable::sync_directory;
use crate::object::{EMPTY_TREE, Id, Kind, TreeEntry, decode_tree};

/// The first line of a log.
const FIRST: &[u8] = b"waypost checkpoints 1\n";
/// The longest first line of a record.
const HEAD_BYTES_MAX: usize = 5 + 20 + 1 + 64 + 1;
/// The longest tree or mark that is read.
const SMALL_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How many objects are put on the list at once.
const LISTED_AT_ONCE: usize = 4_000;
/// How much of the log is read at once for it. Longer ones save nothing where the objects are longer.
const WINDOW_BYTES: usize = 16 * 1024;

/// Where an object lies in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    /// Of its first byte, behind the record's first line.
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl Place {
    /// Where the next record begins.
    fn end(&self) -> u64 {
        self.offset.saturating_add(self.length).saturating_add(1)
    }
}

/// The objects of one workspace. Everything that writes holds the lock.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    log: File,
    generation: u64,
    /// Where the next record begins.
    end: u64,
    /// How many bytes of the list were read or written.
    listed: u64,
    /// Where the first record begins that is not on the list.
    listed_end: u64,
    places: Places,
    /// Marks, oldest first.
    marks: Vec<Id>,
}

/// Held while the store is written.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Store {
    /// Takes the lock; waits for whoever holds it. The system gives it back when its holder ends.
    pub(crate) fn lock(directory: &Path) -> Result<Lock, SnapshotError> {
        let path = directory.join("lock");
        let open = || OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = match open() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
                made.map_err(SnapshotError::io("create", directory))?;
                open()
            }
            other => other,
        };
        let file = file.map_err(SnapshotError::io("open", &path))?;
        file.lock().map_err(SnapshotError::io("lock", &path))?;
        Ok(Lock { _file: file })
    }

    /// Opens the store, or makes it.
    pub(crate) fn open(directory: &Path, _lock: &Lock) -> Result<Store, SnapshotError> {
        let newest = generations(directory)?.into_iter().max();
        let generation = newest.unwrap_or(1);
        let path = log_path(directory, generation);
        if newest.is_none() {
            let part = part_path(directory);
            fs::write(&part, FIRST).map_err(SnapshotError::io("write", &part))?;
            fs::rename(&part, &path).map_err(SnapshotError::io("rename", &part))?;
        }
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        let log = opened.map_err(SnapshotError::io("open", &path))?;
        let mut first = [0; FIRST.len()];
        let read = log.read_at(&mut first, 0).map_err(SnapshotError::io("read", &path))?;
        if first != FIRST {
            let is_ours = first.starts_with(b"waypost checkpoints ") && read == FIRST.len();
            return Err(if is_ours {
                SnapshotError::Newer { path }
            } else {
                SnapshotError::damaged(&path, "it does not begin as a store does")
            });
        }
        if newest.is_none() {
            log.sync_all().map_err(SnapshotError::io("sync", &path))?;
            sync_directory(directory)?;
        }
        let end = FIRST.len() as u64;
        let mut store = Store {
            directory: directory.to_path_buf(),
            log,
            generation,
            end,
            listed: 0,
            listed_end: end,
            places: Places::new(),
            marks: Vec::new(),
        };
        store.catch_up()?;
        for old in generations(directory)?.into_iter().filter(|old| *old < generation) {
            // What a pruning left when it was cut off.
            let _gone = fs::remove_file(log_path(directory, old));
            let _gone = fs::remove_file(index::path(directory, old));
        }
        Ok(store)
    }

    /// Reads what another process wrote meanwhile. Says whether the store was replaced, so that objects may be gone.
    pub(crate) fn refresh(&mut self, lock: &Lock) -> Result<bool, SnapshotError> {
        let replaced = self.log.metadata().is_ok_and(|data| data.nlink() == 0)
            || generations(&self.directory)?.into_iter().max() != Some(self.generation);
        if replaced {
            *self = Store::open(&self.directory, lock)?;
        } else {
            self.catch_up()?;
        }
        Ok(replaced)
    }

    /// An empty store that can take the place of this one. It counts as nothing until it does.
    pub(crate) fn successor(old: &Store, _lock: &Lock) -> Result<Store, SnapshotError> {
        let generation = old.generation + 1;
        let path = part_path(&old.directory);
        let _left = fs::remove_file(index::path(&old.directory, generation));
        let opened =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(&path);
        let log = opened.map_err(SnapshotError::io("create", &path))?;
        log.write_all_at(FIRST, 0).map_err(SnapshotError::io("write", &path))?;
        let (directory, end) = (old.directory.clone(), FIRST.len() as u64);
        let (places, marks) = (Places::new(), Vec::new());
        Ok(Store { directory, log, generation, end, listed: 0, listed_end: end, places, marks })
    }

    /// Takes the place of the old store.
    pub(crate) fn succeed(self, old: &Store, _lock: &Lock) -> Result<Store, SnapshotError> {
        let part = part_path(&self.directory);
        fs::rename(&part, self.log_path()).map_err(SnapshotError::io("rename", &part))?;
        sync_directory(&self.directory)?;
        // If these stay, the next opening removes them.
        let _gone = fs::remove_file(old.log_path());
        let _gone = fs::remove_file(index::path(&old.directory, old.generation));
        Ok(self)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Bytes of the log.
    pub(crate) fn bytes(&self) -> u64 {
        self.end
    }

    /// Whether the object is there. What cannot be read is not.
    pub(crate) fn has(&self, id: &Id) -> bool {
        *id == EMPTY_TREE || matches!(self.place(id), Ok(Some(_)))
    }

    /// The same without a look at the disk: `false` is certain, `true` is not, because another object may have the
    /// same piece of a name.
    pub(crate) fn may_have(&self, id: &Id) -> bool {
        *id == EMPTY_TREE || self.places.of(id).next().is_some()
    }

    /// Where the object lies, by the whole name that stands there.
    pub(crate) fn place(&self, id: &Id) -> Result<Option<Place>, SnapshotError> {
        for start in self.places.of(id) {
            let place = self.head_at(start)?.filter(|head| head.id == *id).map(|head| head.place(start));
            if place.is_some_and(|place| place.end() <= self.end) {
                return Ok(place);
            }
        }
        Ok(None)
    }

    /// The marks, oldest first.
    pub(crate) fn marks(&self) -> &[Id] {
        &self.marks
    }

    /// The bytes of an object; compared with its name.
    pub(crate) fn read(&self, id: &Id, bytes_max: u64) -> Result<Vec<u8>, SnapshotError> {
        if *id == EMPTY_TREE {
            return Ok(Vec::new());
        }
        let path = self.log_path();
        let place = self.place(id)?.ok_or_else(|| SnapshotError::Unknown(id.to_string()))?;
        let length = usize::try_from(place.length).ok().filter(|_| place.length <= bytes_max);
        let length = length.ok_or_else(|| SnapshotError::damaged(&path, format!("`{id}` is too long")))?;
        let mut bytes = vec![0; length];
        let read = self.log.read_exact_at(&mut bytes, place.offset);
        read.map_err(SnapshotError::io("read", &path))?;
        if Id::of(place.kind, &bytes) != *id {
            return Err(SnapshotError::damaged(&path, format!("the bytes of `{id}` are others")));
        }
        Ok(bytes)
    }

    /// Gives the bytes of an object piece by piece, and fails at the end if they are not what its name says.
    pub(crate) fn stream(
        &self,
        id: &Id,
        mut take: impl FnMut(&[u8]) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        let path = self.log_path();
        let place = self.place(id)?.ok_or_else(|| SnapshotError::Unknown(id.to_string()))?;
        let mut hasher = Id::hasher(place.kind, place.length);
        let mut buffer = vec![0; 1024 * 1024];
        let mut done = 0;
        while done < place.length {
            let wanted = usize::try_from(place.length - done).unwrap_or(usize::MAX).min(buffer.len());
            let Some(piece) = buffer.get_mut(..wanted) else { break };
            let read = self.log.read_exact_at(piece, place.offset + done);
            read.map_err(SnapshotError::io("read", &path))?;
            sha2::Digest::update(&mut hasher, &*piece);
            take(piece)?;
            done += wanted as u64;
        }
        if Id::finish(hasher) != *id {
            return Err(SnapshotError::damaged(&path, format!("the bytes of `{id}` are others")));
        }
        Ok(())
    }

    /// The entries of a tree.
    pub(crate) fn tree(&self, id: &Id) -> Result<Vec<TreeEntry>, SnapshotError> {
        let bytes = self.read(id, SMALL_BYTES_MAX)?;
        decode_tree(&bytes)
            .ok_or_else(|| SnapshotError::damaged(&self.log_path(), format!("`{id}` is no directory")))
    }

    /// The text of a mark.
    pub(crate) fn mark(&self, id: &Id) -> Result<Vec<u8>, SnapshotError> {
        self.read(id, SMALL_BYTES_MAX)
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        log_path(&self.directory, self.generation)
    }

    /// Reads the list and then, with every byte compared, what stands in the log behind it. What a crash left
    /// unfinished at the end is cut off: nothing was promised about it.
    fn catch_up(&mut self) -> Result<(), SnapshotError> {
        let path = self.log_path();
        let length = self.log.metadata().map_err(SnapshotError::io("read", &path))?.len();
        if length == self.end {
            return Ok(());
        }
        if length < self.end {
            return Err(SnapshotError::damaged(&path, "it became shorter"));
        }
        let (directory, generation, end) = (self.directory.clone(), self.generation, self.end);
        let known = index::Known { listed: self.listed, end, length };
        let listed = index::read(&directory, generation, known, |id, place| self.learn(id, place));
        (self.listed, self.listed_end) = (listed, self.end);
        while self.end < length {
            let Some((id, place)) = self.record_at(self.end, length)? else {
                self.log.set_len(self.end).map_err(SnapshotError::io("shorten", &path))?;
                break;
            };
            self.learn(id, place);
        }
        self.list()
    }

    /// The next record.
    fn learn(&mut self, id: Id, place: Place) {
        if place.kind == Kind::Mark && !self.has(&id) {
            self.marks.push(id);
        }
        self.places.insert(&id, self.end);
        self.end = place.end();
    }

    /// Puts on the list what stands in the log behind what is on it. The places themselves are not kept in memory.
    fn list(&mut self) -> Result<(), SnapshotError> {
        let (mut window, mut from) = (Vec::new(), 0);
        while self.listed_end < self.end {
            let (mut entries, mut end) = (Vec::new(), self.listed_end);
            while end < self.end && entries.len() < LISTED_AT_ONCE {
                let within = |window: &Vec<u8>, from| {
                    let at = usize::try_from(end.checked_sub(from)?).ok()?;
                    Head::read(window.get(at..)?)
                };
                let mut head = within(&window, from);
                if head.is_none() {
                    window.resize(WINDOW_BYTES, 0);
                    let read = self.log.read_at(&mut window, end);
                    window.truncate(read.map_err(self.unread())?);
                    from = end;
                    head = within(&window, from);
                }
                // One that was damaged meanwhile is found when it is read; the list ends before it.
                let Some(head) = head else { return Ok(()) };
                let place = head.place(end);
                end = place.end();
                if end > self.end {
                    return Ok(());
                }
                entries.push((head.id, place));
            }
            self.listed = index::append(&self.directory, self.generation, self.listed, &entries)?;
            self.listed_end = end;
        }
        Ok(())
    }

    /// The first line of the record that begins here; `None` when there is none.
    fn head_at(&self, start: u64) -> Result<Option<Head>, SnapshotError> {
        let mut bytes = [0; HEAD_BYTES_MAX];
        let read = self.log.read_at(&mut bytes, start).map_err(self.unread())?;
        Ok(Head::read(bytes.get(..read).unwrap_or_default()))
    }

    fn unread(&self) -> impl FnOnce(std::io::Error) -> SnapshotError {
        |error| SnapshotError::io("read", &self.log_path())(error)
    }

    /// The record that begins here, if it is whole.
    fn record_at(&self, start: u64, length: u64) -> Result<Option<(Id, Place)>, SnapshotError> {
        let path = self.log_path();
        let Some(head) = self.head_at(start)? else { return Ok(None) };
        let Place { kind, offset, length: size } = head.place(start);
        if size >= length.saturating_sub(offset) {
            return Ok(None);
        }
        let mut last = [0];
        self.log.read_exact_at(&mut last, offset + size).map_err(SnapshotError::io("read", &path))?;
        let mut hasher = Id::hasher(kind, size);
        let mut buffer = vec![0; 64 * 1024];
        let mut done = 0;
        while done < size {
            let wanted = usize::try_from(size - done).unwrap_or(usize::MAX).min(buffer.len());
            let Some(piece) = buffer.get_mut(..wanted) else { break };
            self.log.read_exact_at(piece, offset + done).map_err(SnapshotError::io("read", &path))?;
            sha2::Digest::update(&mut hasher, &*piece);
            done += wanted as u64;
        }
        let is_whole = last == *b"\n" && Id::finish(hasher) == head.id;
        Ok(is_whole.then_some((head.id, head.place(start))))
    }
}

/// The first line of a record.
struct Head {
    kind: Kind,
    /// Of the bytes behind it.
    length: u64,
    id: Id,
    /// Of the line itself, with its end.
    line: u64,
}

impl Head {
    fn read(bytes: &[u8]) -> Option<Head> {
        let newline = bytes.iter().take(HEAD_BYTES_MAX).position(|byte| *byte == b'\n')?;
        let mut words = bytes.get(..newline)?.split(|byte| *byte == b' ');
        let kind = Kind::named(words.next()?)?;
        let mut word = || std::str::from_utf8(words.next().unwrap_or_default()).ok();
        let length = word()?.parse().ok()?;
        let id = Id::read(word()?)?;
        Some(Head { kind, length, id, line: newline as u64 + 1 })
    }

    fn place(&self, start: u64) -> Place {
        Place { kind: self.kind, offset: start.saturating_add(self.line), length: self.length }
    }
}

pub(crate) fn log_path(directory: &Path, generation: u64) -> PathBuf {
    directory.join(format!("log-{generation}"))
}

fn part_path(directory: &Path) -> PathBuf {
    directory.join("part")
}

fn generations(directory: &Path) -> Result<Vec<u64>, SnapshotError> {
    let listed = fs::read_dir(directory).map_err(SnapshotError::io("list", directory))?;
    let number = |name: &str| name.strip_prefix("log-")?.parse().ok();
    Ok(listed.flatten().filter_map(|entry| number(entry.file_name().to_str()?)).collect())
}

#[cfg(test)]
mod tests;
