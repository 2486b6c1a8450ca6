//! One look at the names in a workspace: lists that lie deeper, and what a policy closes by pattern. Opens no file.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::{WalkBuilder, WalkState};
use policy::{Place, Policy};

/// The most entries of a workspace that are looked at. In a larger one a command that would need more is refused.
pub(crate) const ENTRIES_MAX: usize = 2_000_000;

/// The most threads.
const THREADS_MAX: usize = 4;

/// More than is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// What a policy closes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Closed {
    /// For reading, and so for everything. Nothing below one of them is named again.
    pub(crate) reading: Vec<PathBuf>,
    /// For writing only.
    pub(crate) writing: Vec<PathBuf>,
}

/// The lists below a root: files of that name, and Waypost's own `ignore` in a `.kiro/settings`.
pub(crate) fn lists(root: &Path) -> Result<Vec<PathBuf>, TooMany> {
    let found = Mutex::new(Vec::new());
    each(root, &|entry, _| {
        let name = entry.file_name();
        let is_own = name == "ignore" && entry.path().ends_with(".kiro/settings/ignore");
        if name == ".kiroignore" || is_own {
            lock(&found).push(entry.path().to_path_buf());
        }
        WalkState::Continue
    })?;
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.sort();
    Ok(found)
}

/// What the policy closes below a root. A closed directory stands for all that is in it.
pub(crate) fn closed(root: &Path, policy: &Policy) -> Result<Closed, TooMany> {
    let found = Mutex::new(Closed::default());
    each(root, &|entry, is_directory| {
        let place = Place::new(root, entry.path());
        let (reading, writing) = policy.closes(&place, is_directory);
        match (reading, writing) {
            (true, _) => {
                lock(&found).reading.push(entry.path().to_path_buf());
                WalkState::Skip
            }
            (false, true) => {
                lock(&found).writing.push(entry.path().to_path_buf());
                WalkState::Continue
            }
            _ => WalkState::Continue,
        }
    })?;
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.reading.sort();
    found.writing.sort();
    // What lies below something else that is closed for writing need not be named.
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in found.writing {
        if !kept.last().is_some_and(|above| path.starts_with(above)) {
            kept.push(path);
        }
    }
    Ok(Closed { writing: kept, ..found })
}

/// Every entry below the root but the root itself; `.git` is named and not entered. No link is followed.
fn each(root: &Path, look: &(dyn Fn(&ignore::DirEntry, bool) -> WalkState + Sync)) -> Result<(), TooMany> {
    let count = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let walk =
        WalkBuilder::new(root).standard_filters(false).follow_links(false).threads(threads).build_parallel();
    walk.run(|| {
        Box::new(|entry| {
            // A folder that cannot be read here cannot be read by a command of the same user either.
            let Ok(entry) = entry else { return WalkState::Continue };
            if entry.depth() == 0 {
                return WalkState::Continue;
            }
            if count.fetch_add(1, Ordering::Relaxed) >= ENTRIES_MAX {
                return WalkState::Quit;
            }
            let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
            let state = look(&entry, is_directory);
            if entry.file_name() == ".git" && is_directory { WalkState::Skip } else { state }
        })
    });
    if count.into_inner() > ENTRIES_MAX { Err(TooMany) } else { Ok(()) }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
