//! Walks a workspace on several threads and brings what is known of it up to date. Follows no link; writes nothing but
//! objects of the store.

mod visit;

pub(crate) use visit::read_rules;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::SnapshotError;
use crate::contents::Contents;
use crate::known::Directory;
use crate::object::{Id, Kind, encode_tree};
use crate::rules::Rules;
use crate::store::Batch;
use crate::watch::Watch;

/// How deep directories are followed. Each level holds a descriptor while it is walked.
pub(crate) const DEPTH_MAX: usize = 400;
/// How many files and directories are covered.
const ENTRIES_MAX: u64 = 2_000_000;
/// How many threads look at files.
const THREADS_MAX: usize = 4;
/// How many left-out paths are named.
const NOTES_MAX: usize = 10_000;

/// Why something is not in a snapshot, or is in it as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It may not be read. What was known of it before is held.
    Unreadable,
    /// It is longer than 1 GiB.
    TooLong,
    /// The snapshot had taken in 8 GiB already.
    TooMuch,
    /// It lies more than 400 directories deep.
    TooDeep,
    /// It is a pipe, a socket or a device.
    Special,
}

impl Why {
    /// In words, for a person.
    pub fn words(self) -> &'static str {
        match self {
            Why::Unreadable => "it may not be read",
            Why::TooLong => "it is longer than 1 GiB",
            Why::TooMuch => "more than 8 GiB were new at once",
            Why::TooDeep => "it lies more than 400 directories deep",
            Why::Special => "it is a pipe, a socket or a device",
        }
    }
}

/// What was left out, by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    pub(crate) paths: BTreeMap<Vec<u8>, Why>,
}

impl Notes {
    fn add(&mut self, path: Vec<u8>, why: Why) {
        if self.paths.len() < NOTES_MAX {
            self.paths.insert(path, why);
        }
    }
}

/// What the threads share.
pub(crate) struct Walk<'a, 's> {
    pub(crate) contents: Contents<'a, 's>,
    pub(crate) notes: &'a Mutex<Notes>,
    pub(crate) watch: Option<&'a Watch>,
    /// The device of the root; another one below is not watched.
    pub(crate) device: u64,
    /// The directory with Waypost's own state, by device and inode.
    pub(crate) state: Option<(u64, u64)>,
    /// How many entries were seen.
    pub(crate) entries: &'a AtomicU64,
    /// How many files were read.
    pub(crate) reads: &'a AtomicU64,
    pub(crate) root: &'a Path,
}

/// One directory to be looked at.
pub(crate) struct Job<'t> {
    pub(crate) directory: &'t mut Directory,
    /// None for the root.
    pub(crate) parent: Option<Arc<OwnedFd>>,
    pub(crate) path: Vec<u8>,
    pub(crate) above: Option<Arc<Rules>>,
    /// Rules changed: which names are ignored must be asked again.
    pub(crate) anew: bool,
    /// Look below as well, where nothing is known to have changed.
    pub(crate) all: bool,
    pub(crate) depth: usize,
}

struct Queue<'t> {
    jobs: Vec<Job<'t>>,
    busy: usize,
    failed: Option<SnapshotError>,
}

impl Walk<'_, '_> {
    /// Does the jobs and those that come of them.
    pub(crate) fn run<'t>(&self, mut jobs: Vec<Job<'t>>) -> Result<(), SnapshotError> {
        // A few directories: threads would take longer than the work.
        while jobs.iter().all(|job| !job.all) {
            let Some(job) = jobs.pop() else { return Ok(()) };
            jobs.extend(self.visit(job)?);
        }
        let queue = Mutex::new(Queue { jobs, busy: 0, failed: None });
        let wake = Condvar::new();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| self.work(&queue, &wake));
            }
            self.work(&queue, &wake);
        });
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        queue.failed.map_or(Ok(()), Err)
    }

    fn work<'t>(&self, queue: &Mutex<Queue<'t>>, wake: &Condvar) {
        let mut held = queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if held.failed.is_some() {
                return wake.notify_all();
            }
            // The newest first: so few directories are open at once.
            if let Some(job) = held.jobs.pop() {
                held.busy += 1;
                drop(held);
                let came = self.visit(job);
                held = queue.lock().unwrap_or_else(PoisonError::into_inner);
                held.busy -= 1;
                match came {
                    Ok(more) => held.jobs.extend(more),
                    Err(error) => held.failed = Some(error),
                }
                wake.notify_all();
            } else if held.busy == 0 {
                return wake.notify_all();
            } else {
                held = wake.wait(held).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn note(&self, path: Vec<u8>, why: Why) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).add(path, why);
    }

    fn count(&self) -> Result<(), SnapshotError> {
        if self.entries.fetch_add(1, Ordering::Relaxed) >= ENTRIES_MAX {
            return Err(SnapshotError::Bounds { what: "files and directories", limit: ENTRIES_MAX });
        }
        Ok(())
    }
}

/// Makes the trees of what changed, from below; gives the tree of the whole.
pub(crate) fn settle(directory: &mut Directory, batch: &mut Batch<'_>) -> Result<Id, SnapshotError> {
    let mut is_changed = false;
    let count = directory.directories.len();
    directory.directories.retain(|inner| !inner.is_gone);
    if directory.directories.len() != count {
        directory.stamp = None;
        is_changed = true;
    }
    for inner in &mut directory.directories {
        settle(inner, batch)?;
        is_changed |= std::mem::take(&mut inner.is_changed);
    }
    match directory.tree {
        Some(tree) if !is_changed => Ok(tree),
        before => {
            let tree = batch.put(Kind::Tree, &encode_tree(directory.tree_entries()))?;
            directory.tree = Some(tree);
            directory.is_changed |= before != Some(tree);
            Ok(tree)
        }
    }
}
