//! What was found in each folder of a tree, kept for the next look: a folder is read again only when it changed, by what was heard of
//! it or by its times. Knows nothing of what is looked for.
#![expect(clippy::disallowed_methods, reason = "reads folders, and the clock that their times come from")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ear::Ear;
use crate::walk::{ENTRIES_MAX, TooMany};

/// A folder that changed less than this long ago, in seconds, may change again without its times telling so: file systems
/// keep times to a tick, some to two seconds. It is read again.
const SETTLED_AFTER: i64 = 3;

/// The most folders that are remembered. A tree with more is looked through anew beyond them.
const FOLDERS_MAX: usize = 100_000;

/// From how many folders on it is listened to them instead of looking at each: below, looking is as quick.
const LISTENED_FROM: usize = 500;

/// A tree as it was found.
#[derive(Debug)]
pub(crate) struct Known<T> {
    folders: HashMap<Arc<Path>, Folder<T>>,
    entries: usize,
    /// Hears what changes in every folder, when there is one.
    ear: Option<Ear>,
    listens_from: usize,
}

#[derive(Debug)]
struct Folder<T> {
    /// None where it must be read again in any case.
    stamp: Option<Stamp>,
    entries: usize,
    below: Box<[Arc<Path>]>,
    found: T,
}

/// What tells that nothing was made, renamed or removed in a folder. The second time is one that no program can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Is told each entry of a folder, and whether it is a folder, and says whether to go into it.
type Look<'l, T> = &'l mut dyn FnMut(&Path, bool, &mut T) -> bool;

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known { folders: HashMap::new(), entries: 0, ear: None, listens_from: LISTENED_FROM }
    }
}

impl<T: Default> Known<T> {
    /// One that listens from the first look on, for whoever looks often.
    pub(crate) fn listening() -> Known<T> {
        Known { listens_from: 0, ..Known::default() }
    }

    /// Whether it hears what changes, so that a look costs no more than what changed.
    pub(crate) fn listens(&self) -> bool {
        self.ear.is_some()
    }

    /// Everything below the root as it is now, from the folders that changed and what is known of the others; `.git` is named and
    /// not entered, and no link is followed.
    pub(crate) fn look(
        &mut self,
        root: &Path,
        look: Look<'_, T>,
    ) -> Result<impl Iterator<Item = &T>, TooMany> {
        match self.ear.as_mut().and_then(Ear::heard) {
            Some(heard) => self.look_at(heard.into_iter().collect(), look),
            None => self.look_everywhere(root, look),
        }
        if self.entries > ENTRIES_MAX {
            *self = Known::default();
            return Err(TooMany);
        }
        Ok(self.folders.values().map(|folder| &folder.found))
    }

    /// Looks at every folder below the root, and reads those that changed.
    fn look_everywhere(&mut self, root: &Path, look: Look<'_, T>) {
        let mut old = std::mem::take(&mut self.folders);
        self.entries = 0;
        self.ear = (old.len() >= self.listens_from).then(Ear::new).flatten();
        let (mut waiting, mut devices) = (vec![Arc::from(root)], Devices::default());
        while let Some(path) = waiting.pop() {
            if let Some(ear) = &mut self.ear {
                ear.listen(&path);
            }
            let (stamp, keeps_times) = stamp(&path, &mut devices);
            let known = old.remove(&*path).filter(|known| stamp.is_some() && known.stamp == stamp);
            let folder = known.unwrap_or_else(|| read(&path, stamp, look));
            self.entries += folder.entries;
            if self.entries > ENTRIES_MAX {
                return;
            }
            waiting.extend(folder.below.iter().cloned());
            let is_kept = self.folders.len() < FOLDERS_MAX;
            if !keeps_times || !is_kept {
                self.ear = None;
            }
            let folder = Folder { stamp: folder.stamp.filter(|_| is_kept), ..folder };
            self.folders.insert(path, folder);
        }
        if self.ear.as_ref().is_some_and(Ear::is_deaf) {
            // The system has no room for all of these folders, and will not have any the next time.
            (self.ear, self.listens_from) = (None, usize::MAX);
        }
    }

    /// Reads these folders again, and what is new below them. The one above comes before the one below it.
    fn look_at(&mut self, folders: BTreeSet<Arc<Path>>, look: Look<'_, T>) {
        let mut devices = Devices::default();
        for path in folders {
            let Some(before) = self.take(&path) else { continue };
            let mut waiting = vec![path.clone()];
            while let Some(path) = waiting.pop() {
                if let Some(ear) = &mut self.ear {
                    ear.listen(&path);
                }
                let (stamp, keeps_times) = stamp(&path, &mut devices);
                if !keeps_times || self.folders.len() >= FOLDERS_MAX {
                    self.ear = None;
                }
                let folder = read(&path, stamp, look);
                self.entries += folder.entries;
                if self.entries > ENTRIES_MAX {
                    return;
                }
                let is_new = |below: &&Arc<Path>| !self.folders.contains_key(&***below);
                waiting.extend(folder.below.iter().filter(is_new).cloned());
                self.folders.insert(path, folder);
            }
            let mut gone = before.below.into_vec();
            if let Some(now) = self.folders.get(&*path) {
                // There may be thousands, and paths are slow to compare.
                let now: HashSet<&OsStr> = now.below.iter().map(|below| below.as_os_str()).collect();
                gone.retain(|below| !now.contains(below.as_os_str()));
            }
            while let Some(path) = gone.pop() {
                gone.extend(self.take(&path).into_iter().flat_map(|folder| folder.below.into_vec()));
            }
        }
    }

    fn take(&mut self, path: &Path) -> Option<Folder<T>> {
        let folder = self.folders.remove(path)?;
        self.entries = self.entries.saturating_sub(folder.entries);
        Some(folder)
    }
}

fn read<T: Default>(path: &Path, stamp: Option<Stamp>, look: Look<'_, T>) -> Folder<T> {
    let mut folder = Folder { stamp, entries: 0, below: Box::default(), found: T::default() };
    let mut below = Vec::new();
    // A folder that cannot be read here cannot be read by a command of the same user either.
    for entry in std::fs::read_dir(path).into_iter().flatten() {
        let (Ok(entry), true) = (entry, folder.entries <= ENTRIES_MAX) else {
            folder.stamp = None;
            continue;
        };
        folder.entries += 1;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let path = entry.path();
        if look(&path, is_folder, &mut folder.found) && is_folder && entry.file_name() != ".git" {
            below.push(Arc::from(path));
        }
    }
    folder.below = below.into_boxed_slice();
    folder
}

/// The stamp of a folder, where it can be relied on; and whether it lies where times and ears tell.
fn stamp(path: &Path, devices: &mut Devices) -> (Option<Stamp>, bool) {
    // One that went meanwhile tells nothing wrong.
    let Ok(folder) = path.symlink_metadata() else { return (None, true) };
    let keeps_times = devices.keep_times(path, folder.dev());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let changed = folder.ctime().max(folder.mtime());
    let is_settled = i64::try_from(now).unwrap_or_default().saturating_sub(changed) >= SETTLED_AFTER;
    let stamp = (is_settled && keeps_times).then(|| Stamp {
        device: folder.dev(),
        inode: folder.ino(),
        modified: (folder.mtime(), folder.mtime_nsec()),
        changed: (folder.ctime(), folder.ctime_nsec()),
    });
    (stamp, keeps_times)
}

/// Which devices keep times that can be relied on: during one look, for as long as a device stays what it is.
#[derive(Default)]
struct Devices(HashMap<u64, bool>);

impl Devices {
    /// Whether it is a disk of this machine, or its memory: what comes over a network or from a program may keep no times, or
    /// late ones.
    fn keep_times(&mut self, path: &Path, device: u64) -> bool {
        let is_disk = ((device >> 8) & 0xfff) | ((device >> 32) & !0xfff) != 0;
        cfg!(target_os = "macos") || is_disk || *self.0.entry(device).or_insert_with(|| is_local(path))
    }
}

/// Whether this kernel itself keeps the file system of a place that lies on no disk of its own: btrfs, tmpfs, overlay, zfs,
/// bcachefs, ramfs.
#[cfg(target_os = "linux")]
fn is_local(path: &Path) -> bool {
    const LOCAL: [i128; 6] = [0x9123_683e, 0x0102_1994, 0x794c_7630, 0x2fc1_2fc1, 0xca45_1a4e, 0x8584_58f6];
    rustix::fs::statfs(path).is_ok_and(|found| LOCAL.contains(&(i128::from(found.f_type) & 0xffff_ffff)))
}

#[cfg(not(target_os = "linux"))]
fn is_local(_path: &Path) -> bool {
    false
}

/// Whether remembering helps at a place at all.
pub(crate) fn helps(root: &Path) -> bool {
    root.symlink_metadata().is_ok_and(|folder| Devices::default().keep_times(root, folder.dev()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Looks twice as two commands do, with something between, and compares with a look that knows nothing.
    #[test]
    fn what_changed_between_is_seen() {
        // On the disk of the build and in memory.
        let places = [env!("CARGO_MANIFEST_DIR"), "/dev/shm"].map(Path::new);
        std::thread::scope(|scope| {
            for place in places.into_iter().filter(|place| place.is_dir()) {
                scope.spawn(move || {
                    what_changed_between(tempfile::tempdir_in(place).unwrap(), Known::default())
                });
                scope.spawn(move || {
                    what_changed_between(tempfile::tempdir_in(place).unwrap(), Known::listening())
                });
            }
        });
    }

    fn what_changed_between(folder: tempfile::TempDir, mut known: Known<Vec<PathBuf>>) {
        let root = folder.path();
        for name in ["a/b", "c", ".git/x"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        let names = |known: &mut Known<Vec<PathBuf>>, reads: &mut usize| -> Vec<PathBuf> {
            let mut look = |path: &Path, _: bool, found: &mut Vec<PathBuf>| {
                found.push(path.to_path_buf());
                *reads += 1;
                true
            };
            let mut all: Vec<PathBuf> = known.look(root, &mut look).unwrap().flatten().cloned().collect();
            all.sort();
            all
        };
        let mut check = |change: &dyn Fn(), is_settled: bool| {
            change();
            let mut reads = 0;
            let found = names(&mut known, &mut reads);
            assert_eq!(found, names(&mut Known::default(), &mut 0));
            let expected = if is_settled && helps(root) { 0 } else { found.len() };
            assert!(reads <= expected || !is_settled, "{reads} of {}", found.len());
        };
        check(&|| {}, false);
        // At once, when the times cannot tell.
        for number in 0..50 {
            check(&|| std::fs::write(root.join(format!("a/b/{number}")), "").unwrap(), false);
        }
        std::thread::sleep(std::time::Duration::from_secs(SETTLED_AFTER as u64 + 1));
        check(&|| {}, false);
        check(&|| {}, true);
        check(&|| std::fs::rename(root.join("a"), root.join("d")).unwrap(), false);
        check(
            &|| {
                std::fs::remove_dir_all(root.join("d/b")).unwrap();
                std::fs::create_dir_all(root.join("d/b/e")).unwrap();
                (0..5).for_each(|number| std::fs::write(root.join(format!("d/b/{number}")), "").unwrap());
            },
            false,
        );
        let held = std::fs::File::open(root.join("d/b")).unwrap();
        check(
            &|| {
                std::fs::remove_dir_all(root.join("d/b")).unwrap();
                std::fs::create_dir_all(root.join("d/b/f")).unwrap();
            },
            false,
        );
        drop(held);
        check(&|| std::fs::write(root.join("d/b/f/x"), "").unwrap(), false);
        check(&|| std::fs::remove_dir_all(root.join("c")).unwrap(), false);
        check(&|| std::fs::remove_file(root.join("d/b/f/x")).unwrap(), false);
        check(&|| std::fs::create_dir_all(root.join("c/new/deep")).unwrap(), false);
        check(&|| std::fs::write(root.join("c/new/deep/x"), "").unwrap(), false);
        // Times that a program sets back do not hide what it did.
        let old = std::fs::File::open(root.join("d")).unwrap();
        let times = std::fs::FileTimes::new().set_modified(old.metadata().unwrap().modified().unwrap());
        check(
            &|| {
                std::fs::write(root.join("d/late"), "").unwrap();
                old.set_times(times).unwrap();
            },
            false,
        );
    }
}
