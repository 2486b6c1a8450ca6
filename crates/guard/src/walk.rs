//! One look at the names in a workspace: lists that lie deeper, and what a policy closes by pattern. Opens no file.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use listing::WalkState;
use policy::{Place, Policy};

use crate::known::Known;

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

/// What a folder holds of either: of most folders nothing, which takes no room.
pub(crate) type Lists = Option<Box<Vec<PathBuf>>>;
pub(crate) type ClosedHere = Option<Box<Closed>>;

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

/// The same by what is known from the last look.
pub(crate) fn lists_again(root: &Path, known: &mut Known<Lists>) -> Result<Vec<PathBuf>, TooMany> {
    let mut look = |path: &Path, _: bool, found: &mut Lists| {
        if path.ends_with(".kiroignore") || path.ends_with(".kiro/settings/ignore") {
            found.get_or_insert_default().push(path.to_path_buf());
        }
        true
    };
    let found = known.look(root, &mut look)?.flatten();
    let mut found: Vec<PathBuf> = found.flat_map(|found| found.iter()).cloned().collect();
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
    Ok(found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).in_order())
}

/// The same by what is known from the last look.
pub(crate) fn closed_again(
    root: &Path,
    policy: &Policy,
    known: &mut Known<ClosedHere>,
) -> Result<Closed, TooMany> {
    let mut look = |path: &Path, is_directory: bool, found: &mut ClosedHere| {
        let (reading, writing) = policy.closes(&Place::new(root, path), is_directory);
        match (reading, writing) {
            (true, _) => found.get_or_insert_default().reading.push(path.to_path_buf()),
            (false, true) => found.get_or_insert_default().writing.push(path.to_path_buf()),
            _ => {}
        }
        !reading
    };
    let mut all = Closed::default();
    for found in known.look(root, &mut look)?.flatten() {
        all.reading.extend_from_slice(&found.reading);
        all.writing.extend_from_slice(&found.writing);
    }
    Ok(all.in_order())
}

impl Closed {
    fn in_order(mut self) -> Closed {
        self.reading.sort();
        self.writing.sort();
        // What lies below something else that is closed for writing need not be named.
        let mut kept: Vec<PathBuf> = Vec::new();
        for path in self.writing {
            if !kept.last().is_some_and(|above| path.starts_with(above)) {
                kept.push(path);
            }
        }
        Closed { writing: kept, reading: self.reading }
    }
}

/// The other names, below the root, of files that lie in these places: hard links. Without them what is closed by one name
/// would be written by another.
pub(crate) fn other_names(root: &Path, places: &[PathBuf]) -> Result<Vec<PathBuf>, TooMany> {
    let mut several = HashSet::new();
    let mut count = 0;
    for place in places.iter().filter(|place| place.starts_with(root)) {
        let mut walk = listing::everything(place);
        // What git keeps by content is never written in place.
        walk.filter_entry(|entry| !entry.path().ends_with(".git/objects"));
        for entry in walk.build().flatten() {
            count += 1;
            if count > ENTRIES_MAX {
                return Err(TooMany);
            }
            if let Ok(file) = entry.metadata()
                && file.is_file()
                && file.nlink() > 1
            {
                several.insert((file.dev(), file.ino()));
            }
        }
    }
    if several.is_empty() {
        return Ok(Vec::new());
    }
    let inodes: HashSet<u64> = several.iter().map(|(_, inode)| *inode).collect();
    let found = Mutex::new(Vec::new());
    each(root, &|entry, _| {
        let may_be = entry.ino().is_some_and(|inode| inodes.contains(&inode));
        if may_be && entry.metadata().is_ok_and(|file| several.contains(&(file.dev(), file.ino()))) {
            lock(&found).push(entry.path().to_path_buf());
        }
        WalkState::Continue
    })?;
    let mut found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.retain(|path| !places.iter().any(|place| path.starts_with(place)));
    found.sort();
    Ok(found)
}

/// Which of these files (device and number) have a name below the root that is meant.
pub(crate) fn names_of(
    root: &Path,
    files: &HashSet<(u64, u64)>,
    is_meant: &(dyn Fn(&Path) -> bool + Sync),
) -> Result<HashSet<(u64, u64)>, TooMany> {
    let inodes: HashSet<u64> = files.iter().map(|(_, inode)| *inode).collect();
    let found = Mutex::new(HashSet::new());
    each(root, &|entry, _| {
        if entry.ino().is_some_and(|inode| inodes.contains(&inode))
            && is_meant(entry.path())
            && let Ok(file) = entry.metadata()
            && files.contains(&(file.dev(), file.ino()))
        {
            lock(&found).insert((file.dev(), file.ino()));
        }
        WalkState::Continue
    })?;
    Ok(found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Every entry below the root but the root itself; `.git` is named and not entered. No link is followed.
fn each(root: &Path, look: &(dyn Fn(&listing::DirEntry, bool) -> WalkState + Sync)) -> Result<(), TooMany> {
    let count = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let walk = listing::everything(root).threads(threads).build_parallel();
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
