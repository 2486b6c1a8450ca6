//! The trash of a session: what is about to be deleted and is in no snapshot (ignored files, `.git`, files that are too
//! long), kept until it is pruned. Deletes nothing in the workspace itself but by moving it here.
//!
//! A clone is kept where the file system makes one, a copy of what is short, and otherwise another name of the same
//! file (a hard link). That outlives a deletion, but not an overwriting of the bytes; the listing says which it is.
#![expect(clippy::disallowed_methods, reason = "the trash is directories and files")]

mod keep;
mod put_back;

use std::fs::{self, DirBuilder};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::checkpoints::Text;
use crate::durable::sync_directory;
use crate::store::Store;
use crate::{SnapshotError, Snapshots, beneath};

/// How many bytes all trash of a workspace takes up before the oldest goes.
pub(crate) const TRASH_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// How many drops a session has.
const DROPS_MAX: u64 = 100_000;

/// How much is kept at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrashBounds {
    /// Files and directories of one path; of a larger one nothing is kept, and that is said.
    pub entries_max: usize,
    /// Bytes that are copied in one drop, where nothing can be cloned.
    pub copied_bytes_max: u64,
    /// The longest file that is copied; a longer one gets another name.
    pub copied_file_bytes_max: u64,
}

impl Default for TrashBounds {
    fn default() -> TrashBounds {
        TrashBounds {
            entries_max: 20_000,
            copied_bytes_max: 64 * 1024 * 1024,
            copied_file_bytes_max: 4 * 1024 * 1024,
        }
    }
}

/// The trash of one session.
#[derive(Debug)]
pub struct Trash<'s> {
    snapshots: &'s Snapshots,
    directory: PathBuf,
}

/// Something in the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trashed {
    /// Its number in the trash of the session.
    pub number: u64,
    /// The call that deleted it.
    pub call: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What was deleted, relative to the workspace.
    pub paths: Vec<PathBuf>,
    /// How many files and links are kept.
    pub files: usize,
    /// Of these, how many are another name of the same file: overwriting the file changes them.
    pub linked: usize,
    /// Bytes that are kept.
    pub bytes: u64,
}

/// What came of keeping paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// What is in the trash now; `None` when every file is in the checkpoint, or there was nothing.
    pub trashed: Option<Trashed>,
    /// What could not be kept; a person should say whether it may be deleted.
    pub not_kept: Vec<(PathBuf, NotKept)>,
}

/// Why something is not in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// It lies outside the workspace.
    Outside,
    /// It has more files than are kept.
    TooMany,
    /// It is longer than what is copied, and can get no other name.
    TooLong,
    /// It cannot be read.
    Unreadable,
    /// It is a pipe, a socket or a device.
    Special,
    /// Something is at its place again, and stays.
    Occupied,
}

impl NotKept {
    /// In words, for a person.
    pub fn words(self) -> &'static str {
        match self {
            NotKept::Outside => "it lies outside the workspace",
            NotKept::TooMany => "it holds more ignored files than the trash takes at once",
            NotKept::TooLong => "it is too long to be copied into the trash",
            NotKept::Unreadable => "it cannot be read",
            NotKept::Special => "it is a pipe, a socket or a device",
            NotKept::Occupied => "something is at its place",
        }
    }
}

/// What a drop holds, as a file beside it.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    call: String,
    at: i64,
    /// What was named.
    paths: Vec<Text>,
    entries: Vec<Entry>,
}

/// One thing in a drop.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    path: Text,
    mode: u32,
    bytes: u64,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    /// Bytes of its own.
    Copied,
    /// Another name of the same file.
    Linked,
    /// A symbolic link.
    Link,
    /// Only that it was there, and its mode.
    Directory,
    /// Moved here with all that is in it.
    Moved,
}

impl Snapshots {
    /// The trash of a session.
    pub fn trash(&self, session: &str) -> Trash<'_> {
        Trash { snapshots: self, directory: trash_directory(self.directory()).join(directory_name(session)) }
    }
}

impl Trash<'_> {
    /// Keeps what a call is about to delete and `tree`, the snapshot before it, does not hold. The files stay where
    /// they are. Durable when this returns.
    ///
    /// # Errors
    /// When the trash cannot be written; [`SnapshotError::Unknown`] for a snapshot that is not in the store.
    pub fn keep(
        &self,
        call: &str,
        tree: &str,
        paths: &[PathBuf],
        bounds: TrashBounds,
    ) -> Result<Dropped, SnapshotError> {
        let mut dropped = Dropped::default();
        let mut inside = Vec::new();
        for path in paths {
            match self.inside(path) {
                Some(path) => inside.push(path),
                None => dropped.not_kept.push((path.clone(), NotKept::Outside)),
            }
        }
        inside.sort();
        inside.dedup();
        // What lies below another one is kept with it.
        let mut named: Vec<PathBuf> = Vec::new();
        for path in inside {
            if !named.iter().any(|above| path.starts_with(above)) {
                named.push(path);
            }
        }
        let found = self.snapshots.with_store(|store, _| {
            keep::find(store, &self.snapshots.workspace, tree, &named, bounds, &mut dropped.not_kept)
        })?;
        if found.is_empty() {
            return Ok(dropped);
        }
        let (number, directory) = self.next()?;
        let entries =
            keep::copy(&self.snapshots.workspace, &directory, found, bounds, &mut dropped.not_kept)?;
        if entries.iter().all(|entry| entry.how == How::Directory) {
            remove_drop(&directory)?;
            return Ok(dropped);
        }
        // Those of which every file is in the checkpoint lost nothing.
        let is_kept = |path: &PathBuf| {
            let mut files = entries.iter().filter(|entry| entry.how != How::Directory);
            files.any(|entry| beneath::as_path(entry.path.bytes()).starts_with(path))
        };
        named.retain(is_kept);
        dropped.trashed = Some(self.close(number, &directory, call, &named, entries)?);
        Ok(dropped)
    }

    /// Moves a file or directory into the trash, with all that is in it.
    ///
    /// # Errors
    /// When it is not in the workspace, is not there, or lies on another file system than the trash; then it stays
    /// where it is.
    pub fn take(&self, call: &str, path: &Path) -> Result<Trashed, SnapshotError> {
        let workspace = &self.snapshots.workspace;
        let refuse = |error: Errno| SnapshotError::io::<Errno>("move to the trash", path)(error);
        let inside = self.inside(path).ok_or(Errno::XDEV).map_err(refuse)?;
        let root = beneath::root(workspace).map_err(refuse)?;
        let (parent, name) = beneath::split(inside.as_os_str().as_bytes());
        let parent = beneath::descend(&root, parent).map_err(refuse)?;
        let stat =
            rustix::fs::statat(&parent, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).map_err(refuse)?;
        let stamp = crate::stamp::Stamp::of(&stat);
        let (number, directory) = self.next()?;
        let entry = Entry {
            path: Text::of(inside.as_os_str().as_bytes()),
            mode: stamp.mode,
            bytes: stamp.size,
            how: How::Moved,
        };
        // The list first: a crash leaves a list without a file, never a file without a list.
        let trashed = self.close(number, &directory, call, std::slice::from_ref(&inside), vec![entry])?;
        let moved = renameat_with(
            &parent,
            name,
            CWD,
            directory.join("files").join("0").as_path(),
            RenameFlags::NOREPLACE,
        );
        if let Err(error) = moved {
            remove_drop(&directory)?;
            return Err(refuse(error));
        }
        sync_directory(&directory.join("files"))?;
        Ok(trashed)
    }

    /// Everything in the trash of this session, oldest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn list(&self) -> Result<Vec<Trashed>, SnapshotError> {
        let mut all = Vec::new();
        for number in numbers(&self.directory)? {
            // A drop without a list was never finished.
            if let Some(list) = read_list(&self.directory.join(number.to_string())) {
                all.push(trashed(number, &list));
            }
        }
        Ok(all)
    }

    /// Whether something of a drop is not where it was, as it was.
    ///
    /// # Errors
    /// When there is no such drop.
    pub fn is_missed(&self, number: u64) -> Result<bool, SnapshotError> {
        let directory = self.directory.join(number.to_string());
        let list = read_list(&directory);
        let list = list.ok_or_else(|| SnapshotError::io("find in the trash", &directory)(Errno::NOENT))?;
        Ok(!put_back::are_all_there(&self.snapshots.workspace, &directory, &list.entries))
    }

    /// Forgets what was kept for a call and is still where it was, as it was: nothing of it was lost.
    ///
    /// # Errors
    /// When the trash cannot be read or written.
    pub fn forget_unchanged(&self, call: &str) -> Result<(), SnapshotError> {
        for number in numbers(&self.directory)?.into_iter().rev() {
            let directory = self.directory.join(number.to_string());
            let Some(list) = read_list(&directory) else { continue };
            if list.call != call {
                // Calls follow one another.
                break;
            }
            if put_back::are_all_there(&self.snapshots.workspace, &directory, &list.entries) {
                remove_drop(&directory)?;
            }
        }
        Ok(())
    }

    /// Puts everything of a drop back where it was. Something else that is there now stays, and is named. The trash
    /// keeps its own.
    ///
    /// # Errors
    /// [`SnapshotError::Io`] when there is no such drop, or the workspace cannot be written.
    pub fn put_back(&self, number: u64) -> Result<Vec<(PathBuf, NotKept)>, SnapshotError> {
        let directory = self.directory.join(number.to_string());
        let list = read_list(&directory);
        let list = list.ok_or_else(|| SnapshotError::io("find in the trash", &directory)(Errno::NOENT))?;
        put_back::put_back(&self.snapshots.workspace, &directory, &list.entries)
    }

    /// A path in the workspace, relative to it; the root itself is none.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let relative = match path.is_absolute() {
            true => path.strip_prefix(&self.snapshots.workspace).ok()?,
            false => path,
        };
        let mut inside = PathBuf::new();
        for part in relative.components() {
            match part {
                Component::Normal(name) => inside.push(name),
                Component::CurDir => {}
                _ => return None,
            }
        }
        // `rm -rf .` and `rm -rf *` mean everything.
        Some(inside)
    }

    /// Room for one more drop.
    fn next(&self) -> Result<(u64, PathBuf), SnapshotError> {
        let _lock = Store::lock(self.snapshots.directory())?;
        let number = numbers(&self.directory)?.into_iter().max().unwrap_or(0) + 1;
        if number > DROPS_MAX {
            return Err(SnapshotError::Bounds { what: "deletions in one session's trash", limit: DROPS_MAX });
        }
        let directory = self.directory.join(number.to_string());
        let files = directory.join("files");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&files);
        made.map_err(SnapshotError::io("create", &files))?;
        Ok((number, directory))
    }

    /// Writes the list, after which the drop counts.
    fn close(
        &self,
        number: u64,
        directory: &Path,
        call: &str,
        paths: &[PathBuf],
        entries: Vec<Entry>,
    ) -> Result<Trashed, SnapshotError> {
        let at = self.snapshots.now_ms()?;
        let paths = paths.iter().map(|path| Text::of(path.as_os_str().as_bytes())).collect();
        let list = List { call: call.to_string(), at, paths, entries };
        let (path, part) = (directory.join("list.json"), directory.join("list.part"));
        let text = serde_json::to_vec(&list);
        let text = text.map_err(|error| SnapshotError::damaged(&path, error.to_string()))?;
        let write = || {
            let mut file = fs::File::create(&part)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&part, &path)
        };
        write().map_err(SnapshotError::io("write", &part))?;
        for synced in [directory, self.directory.as_path(), self.snapshots.directory()] {
            sync_directory(synced)?;
        }
        Ok(trashed(number, &list))
    }
}

/// A session as the name of a directory; no two have the same one.
fn directory_name(session: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let shown = |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") };
    session.bytes().map(shown).collect()
}

fn trash_directory(store: &Path) -> PathBuf {
    store.join("trash")
}

fn trashed(number: u64, list: &List) -> Trashed {
    let is_file = |entry: &&Entry| entry.how != How::Directory;
    Trashed {
        number,
        call: list.call.clone(),
        at: list.at,
        paths: list.paths.iter().map(|path| beneath::as_path(path.bytes()).into()).collect(),
        files: list.entries.iter().filter(is_file).count(),
        linked: list.entries.iter().filter(|entry| entry.how == How::Linked).count(),
        bytes: list.entries.iter().map(|entry| entry.bytes).sum(),
    }
}

fn read_list(directory: &Path) -> Option<List> {
    serde_json::from_slice(&fs::read(directory.join("list.json")).ok()?).ok()
}

fn numbers(directory: &Path) -> Result<Vec<u64>, SnapshotError> {
    let listed = match fs::read_dir(directory) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(SnapshotError::io("list", directory)(error)),
    };
    let mut numbers: Vec<u64> =
        listed.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn remove_drop(directory: &Path) -> Result<(), SnapshotError> {
    fs::remove_dir_all(directory).map_err(SnapshotError::io("remove", directory))
}

/// Removes what is old, and the oldest while all of it is too much; never of a running session.
pub(crate) fn prune(
    store: &Path,
    running: &std::collections::BTreeSet<String>,
    age_ms_max: i64,
    now: i64,
) -> Result<u64, SnapshotError> {
    let root = trash_directory(store);
    let running: Vec<String> = running.iter().map(|session| directory_name(session)).collect();
    let Ok(sessions) = fs::read_dir(&root) else { return Ok(0) };
    let mut drops = Vec::new();
    let mut total = 0;
    for session in sessions.flatten() {
        let name = session.file_name().to_string_lossy().into_owned();
        for number in numbers(&session.path())? {
            let directory = session.path().join(number.to_string());
            let list = read_list(&directory);
            let bytes: u64 =
                list.as_ref().map_or(0, |list| list.entries.iter().map(|entry| entry.bytes).sum());
            total += bytes;
            if !running.contains(&name) {
                drops.push((list.map_or(0, |list| list.at), directory, bytes));
            }
        }
    }
    drops.sort();
    let mut removed = 0;
    for (at, directory, bytes) in drops {
        if now.saturating_sub(at) <= age_ms_max && total <= TRASH_BYTES_MAX {
            break;
        }
        remove_drop(&directory)?;
        total -= bytes;
        removed += bytes;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
