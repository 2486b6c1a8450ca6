//! Takes snapshots: the bytes of every file that is not ignored, as one tree. Writes nothing into the workspace, starts
//! no process, and needs no git.
#![expect(clippy::disallowed_methods, reason = "the store is opened, and its clock read, here")]

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::contents::Contents;
use crate::known::{Directory, KnownFiles, file};
use crate::object::Id;
use crate::stamp::Stamp;
use crate::store::{Batch, Lock, Store};
use crate::walk::{Job, Notes, Walk, settle};
use crate::watch::Watch;
use crate::{SnapshotError, Why, beneath, outer};

/// How long the watch alone is believed after every file was looked at: when somebody waits, and when nobody does.
const WATCHED_MAX: Duration = Duration::from_secs(60 * 60);
const FRESH_MAX: Duration = Duration::from_secs(10 * 60);
/// How many directories with files of several names are looked at each time; with more, every file is.
const LINKED_MAX: usize = 1_000;
/// After how many read files what is known is written down. Less is written when the snapshots are closed.
const KEEP_AFTER: u64 = 1_000;

/// The snapshots and checkpoints of one workspace.
///
/// Limitations: files that the workspace ignores are not in a snapshot, even where the person's own repository tracks
/// them; [`Why`] names what else is not. Owners, extended attributes and hard links are not held. Calls block.
#[derive(Debug)]
pub struct Snapshots {
    directory: PathBuf,
    pub(crate) workspace: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    store: Option<Store>,
    known: Option<KnownFiles>,
    watch: Option<Watch>,
    /// Whether the workspace turned out to be one that cannot be watched.
    is_unwatchable: bool,
    /// When every file was looked at.
    walked: Option<Instant>,
    notes: Notes,
    /// Files read since what is known was written down.
    unkept: u64,
}

/// The files of a workspace at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id: the same files with the same bytes and modes have the same one.
    pub tree: String,
    /// What could not be read and is in the snapshot as it was before, or not at all; workspace-relative.
    pub unreadable: Vec<String>,
    /// Everything that is not in the snapshot and is not ignored, with the reason; workspace-relative, at most 10,000.
    pub left_out: Vec<(String, Why)>,
    /// How many files were read.
    pub read: u64,
    /// Whether the watch said what to look at. Otherwise every file was looked at.
    pub is_watched: bool,
}

/// How thoroughly the files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Each of them.
    All,
    /// Those of which the watch says something, where there is one.
    Watched,
    /// The same, but each of them when that was not done for a while.
    Fresh,
}

/// A snapshot on its way into the store.
pub(crate) struct Taken {
    pub(crate) tree: Id,
    /// Milliseconds since 1970, by the clock of the file system.
    pub(crate) at: i64,
    pub(crate) snapshot: Snapshot,
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tree)
    }
}

impl Snapshots {
    /// The snapshots of a workspace, kept in `directory`. Both paths are resolved and absolute.
    ///
    /// # Errors
    /// [`SnapshotError::InState`] when the workspace lies in `directory`.
    pub fn open(directory: &Path, workspace: &Path) -> Result<Snapshots, SnapshotError> {
        let (directory, workspace) = (directory.to_path_buf(), workspace.to_path_buf());
        if workspace.starts_with(&directory) {
            return Err(SnapshotError::InState { directory, workspace });
        }
        Ok(Snapshots { directory, workspace, state: Mutex::default() })
    }

    /// Takes a snapshot that no checkpoint speaks of. It is durable when this returns.
    ///
    /// The first one reads every file; later ones read those whose size, times or mode have changed.
    ///
    /// # Errors
    /// When the store cannot be written. A file that cannot be read is no error: the snapshot names it.
    pub fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        self.take(Look::All, |batch, taken| {
            crate::checkpoints::note_plain(batch, taken)?;
            Ok(taken.snapshot.clone())
        })
    }

    /// The id of the files as they are, to be compared with. No checkpoint is made of it, so pruning takes it.
    ///
    /// # Errors
    /// Those of [`Snapshots::snapshot`].
    pub fn now(&self) -> Result<String, SnapshotError> {
        self.take(Look::All, |_, taken| Ok(taken.tree.to_string()))
    }

    /// Looks at every file and begins to watch, so that the next checkpoint is quick. For a thread of its own while
    /// a model is thinking.
    ///
    /// # Errors
    /// Those of [`Snapshots::snapshot`].
    pub fn warm(&self) -> Result<(), SnapshotError> {
        self.take(Look::All, |_, _| Ok(()))
    }

    /// Brings the store up to date with the workspace, lets `mark` add to the same batch, and makes all of it durable.
    pub(crate) fn take<T>(
        &self,
        look: Look,
        mark: impl FnOnce(&mut Batch<'_>, &Taken) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        self.exclusively(|held| held.take(look, mark))
    }

    /// Does several things with nobody between them.
    pub(crate) fn exclusively<T>(
        &self,
        work: impl FnOnce(&mut Held<'_>) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        let state = self.state();
        let lock = Store::lock(&self.directory)?;
        work(&mut Held { snapshots: self, state, lock })
    }

    fn take_locked<T>(
        &self,
        state: &mut State,
        lock: &Lock,
        look: Look,
        mark: impl FnOnce(&mut Batch<'_>, &Taken) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        let State { store, known, watch, is_unwatchable, walked, notes, unkept } = state;
        let store = opened(store, &self.directory, lock)?;
        let now = self.clock()?;
        let (rules, outer) = outer::rules(&self.workspace);
        let root = beneath::root(&self.workspace).map_err(SnapshotError::io("open", &self.workspace))?;
        let device = stamp_of(&root, &self.workspace)?.device;
        let is_held = known.is_some();
        let mut files = match known.take().or_else(|| file::read(&self.directory)) {
            Some(files) => files,
            None => KnownFiles { generation: 0, outer, root: Directory::new(c"") },
        };
        if files.generation != store.generation() {
            forget_missing(&mut files.root, &|id| store.has(id));
            files.generation = store.generation();
            *walked = None;
        } else if !is_held {
            // What is known was written down when these objects were durable, and this log only grew since. So one is
            // missing only if the log was damaged behind our back; that its piece of a name is another's as well is
            // not to be expected then, and to read 100,000 names makes an opening take 1.4 times as long. After a
            // pruning, above, objects are missing without any damage, and a name could be made for it: all are read.
            forget_missing(&mut files.root, &|id| store.may_have(id));
            *walked = None;
        }
        let anew = files.outer != outer;
        files.outer = outer;
        let believed = match look {
            Look::All => Duration::ZERO,
            Look::Watched => WATCHED_MAX,
            Look::Fresh => FRESH_MAX,
        };
        let is_recent = walked.is_some_and(|walked| walked.elapsed() < believed);
        let touched = watch.as_ref().and_then(Watch::drain).map(|touched| {
            for path in &touched.unwatched {
                if let Some(directory) = files.root.at(path) {
                    directory.watched = None;
                }
            }
            touched.directories
        });
        let touched = touched.filter(|_| is_recent && !anew);
        let touched = touched.and_then(|touched| with_linked(&files.root, touched));
        if touched.is_none() && !*is_unwatchable && watch.as_ref().is_none_or(|watch| !watch.is_whole()) {
            unwatch(&mut files.root);
            *watch = Watch::start(&root);
        }
        match &touched {
            Some(touched) => notes.paths.retain(|path, _| !touched.contains(beneath::split(path).0)),
            None => notes.paths.clear(),
        }
        let collected = Mutex::new(std::mem::take(notes));
        let (entries, reads, new_bytes) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let batch = Mutex::new(Batch::new(store, lock));
        let walk = Walk {
            contents: Contents { batch: &batch, now, new_bytes: &new_bytes, root: &self.workspace },
            notes: &collected,
            watch: watch.as_ref(),
            device,
            state: self.state_directory(),
            entries: &entries,
            reads: &reads,
            root: &self.workspace,
        };
        match &touched {
            None => {
                let (path, directory) = (Vec::new(), &mut files.root);
                walk.run(vec![Job {
                    directory,
                    parent: None,
                    path,
                    above: rules,
                    anew,
                    all: true,
                    depth: 0,
                }])?;
                *walked = Some(Instant::now());
                // What could not be watched now cannot be watched the next time.
                *is_unwatchable = watch.as_ref().is_none_or(|watch| !watch.is_whole());
            }
            Some(touched) => {
                for path in touched {
                    walk.run_at(&mut files.root, path, rules.clone(), &root)?;
                }
            }
        }
        let mut batch = batch.into_inner().unwrap_or_else(PoisonError::into_inner);
        let tree = settle(&mut files.root, &mut batch)?;
        *notes = collected.into_inner().unwrap_or_else(PoisonError::into_inner);
        let read = reads.load(Ordering::Relaxed);
        let taken = Taken {
            tree,
            at: now / 1_000_000,
            snapshot: Snapshot {
                tree: tree.to_string(),
                unreadable: notes
                    .paths
                    .iter()
                    .filter(|(_, why)| **why == Why::Unreadable)
                    .map(|(path, _)| beneath::shown(path))
                    .collect(),
                left_out: notes.paths.iter().map(|(path, why)| (beneath::shown(path), *why)).collect(),
                read,
                is_watched: touched.is_some(),
            },
        };
        let marked = mark(&mut batch, &taken)?;
        batch.commit()?;
        *unkept += read;
        *known = Some(files);
        Ok(marked)
    }

    /// The store, for reading; up to date.
    pub(crate) fn with_store<T>(
        &self,
        read: impl FnOnce(&mut Store, &Lock) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        self.exclusively(|held| {
            let store = opened(&mut held.state.store, &self.directory, &held.lock)?;
            read(store, &held.lock)
        })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> Result<i64, SnapshotError> {
        let _lock = Store::lock(&self.directory)?;
        Ok(self.clock()? / 1_000_000)
    }

    /// The time by the clock that also stamps the files, in nanoseconds since 1970.
    fn clock(&self) -> Result<i64, SnapshotError> {
        let path = self.directory.join("clock");
        let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = open.map_err(SnapshotError::io("open", &path))?;
        file.write_all_at(b"\n", 0).map_err(SnapshotError::io("write", &path))?;
        Ok(stamp_of(&file.into(), &path)?.modified)
    }

    /// Waypost's own state, where it lies inside the workspace.
    fn state_directory(&self) -> Option<(u64, u64)> {
        let parent = self.directory.parent()?;
        let state = if self.workspace.starts_with(parent) { &self.directory } else { parent };
        if !state.starts_with(&self.workspace) {
            return None;
        }
        let stamp = stamp_of(&beneath::root(state).ok()?, state).ok()?;
        Some((stamp.device, stamp.inode))
    }

    fn keep(&self, state: &mut State) {
        if let Some(known) = &state.known {
            file::write(&self.directory, known);
            state.unkept = 0;
        }
    }
}

/// The snapshots while nobody else may use them.
pub(crate) struct Held<'a> {
    snapshots: &'a Snapshots,
    state: MutexGuard<'a, State>,
    lock: Lock,
}

impl Held<'_> {
    pub(crate) fn take<T>(
        &mut self,
        look: Look,
        mark: impl FnOnce(&mut Batch<'_>, &Taken) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        let done = self.snapshots.take_locked(&mut self.state, &self.lock, look, mark);
        if done.is_err() {
            // What is known may speak of objects that did not reach the disk.
            (self.state.known, self.state.watch, self.state.walked) = (None, None, None);
        } else if self.state.unkept >= KEEP_AFTER {
            self.snapshots.keep(&mut self.state);
        }
        done
    }

    /// The store, up to date.
    pub(crate) fn store(&mut self) -> Result<&mut Store, SnapshotError> {
        opened(&mut self.state.store, &self.snapshots.directory, &self.lock)
    }
}

impl Drop for Snapshots {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = state.known.as_ref().filter(|_| state.unkept > 0)
            && fs::symlink_metadata(&self.directory).is_ok()
        {
            file::write(&self.directory, known);
        }
    }
}

impl Walk<'_, '_> {
    /// Looks at one directory, and at what is new below it.
    fn run_at(
        &self,
        root: &mut Directory,
        path: &[u8],
        outer: Option<std::sync::Arc<crate::rules::Rules>>,
        top: &OwnedFd,
    ) -> Result<(), SnapshotError> {
        let mut above = outer;
        let (mut directory, mut here, mut depth) = (root, Vec::new(), 0);
        let (parent, _) = beneath::split(path);
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            above = directory.rules_below(above, &here, depth);
            here = beneath::join(&here, name);
            depth += 1;
            // One that is not known any more was forgotten with the directory above it.
            let Some(inner) = directory.at(name) else { return Ok(()) };
            directory = inner;
        }
        let parent = match depth {
            0 => None,
            _ => match beneath::descend(top, parent) {
                Ok(parent) => Some(std::sync::Arc::new(parent)),
                // It is gone; what is above it has been touched as well.
                Err(_) => return Ok(()),
            },
        };
        self.run(vec![Job { directory, parent, path: here, above, anew: false, all: false, depth }])
    }
}

fn opened<'s>(
    store: &'s mut Option<Store>,
    directory: &Path,
    lock: &Lock,
) -> Result<&'s mut Store, SnapshotError> {
    if let Some(open) = store.as_mut() {
        open.refresh(lock)?;
    }
    match store {
        Some(open) => Ok(open),
        None => Ok(store.insert(Store::open(directory, lock)?)),
    }
}

fn stamp_of(file: &OwnedFd, path: &Path) -> Result<Stamp, SnapshotError> {
    rustix::fs::fstat(file).map(|stat| Stamp::of(&stat)).map_err(SnapshotError::io("look at", path))
}

/// Has everything read again whose object is not in the store.
fn forget_missing(directory: &mut Directory, has: &impl Fn(&Id) -> bool) {
    if directory.tree.is_some_and(|tree| !has(&tree)) {
        directory.tree = None;
    }
    if directory.unsettle_files(has) {
        directory.tree = None;
    }
    for inner in &mut directory.directories {
        forget_missing(inner, has);
        if inner.tree.is_none() {
            directory.tree = None;
        }
    }
}

/// The touched directories and those of which the watch may miss something; `None` when these are too many.
fn with_linked(root: &Directory, mut touched: BTreeSet<Vec<u8>>) -> Option<BTreeSet<Vec<u8>>> {
    fn add(directory: &Directory, path: &[u8], count: &mut usize, touched: &mut BTreeSet<Vec<u8>>) {
        if directory.has_links {
            *count += 1;
            touched.insert(path.to_vec());
        }
        for inner in &directory.directories {
            add(inner, &beneath::join(path, inner.name.as_bytes()), count, touched);
        }
    }
    let mut count = 0;
    add(root, b"", &mut count, &mut touched);
    (count <= LINKED_MAX).then_some(touched)
}

fn unwatch(directory: &mut Directory) {
    directory.watched = None;
    directory.directories.iter_mut().for_each(unwatch);
}

#[cfg(test)]
mod tests;
