//! The directory in the workspace where new files lie ready and replaced ones wait until all is done. It exists only
//! while a restore runs, or after one was cut off.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{
    AtFlags, Dir, Mode, OFlags, RenameFlags, fchmod, mkdirat, openat, renameat_with, symlinkat, unlinkat,
};
use rustix::io::Errno;

use super::crash;
use crate::SnapshotError;
use crate::beneath;
use crate::contents::FILE_BYTES_MAX;
use crate::durable::sync_file_system;
use crate::object::Node;
use crate::store::Store;

/// A stage that is ready: every file in it is whole and on the disk.
pub(super) struct Stage {
    pub(super) directory: OwnedFd,
    name: String,
}

impl Stage {
    /// The stage that a cut-off restore left, if it was ready. One that was not is removed: it held copies only.
    pub(super) fn left(root: &OwnedFd, number: u64) -> Result<Option<Stage>, Errno> {
        remove(root, &part_name(number))?;
        match beneath::directory(root, name(number).as_str()) {
            Ok(directory) => Ok(Some(Stage { directory, name: name(number) })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts the wanted files there, each under its number, and makes them durable.
    pub(super) fn make(
        root: &OwnedFd,
        number: u64,
        store: &Store,
        wanted: &[(usize, Node)],
    ) -> Result<Stage, SnapshotError> {
        let path = store.directory();
        let part = part_name(number);
        mkdirat(root, part.as_str(), Mode::RWXU).map_err(SnapshotError::io("make a directory for", path))?;
        let directory = beneath::directory(root, part.as_str())
            .map_err(SnapshotError::io("open a directory for", path))?;
        for (at, node) in wanted {
            let file_name = new_name(*at);
            if node.is_link() {
                let target = store.read(&node.id, FILE_BYTES_MAX)?;
                symlinkat(target.as_slice(), &directory, file_name.as_str())
                    .map_err(SnapshotError::io("make a link for", path))?;
                continue;
            }
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let made = openat(&directory, file_name.as_str(), flags, Mode::RUSR | Mode::WUSR);
            let mut file = File::from(made.map_err(SnapshotError::io("make a file for", path))?);
            store.stream(&node.id, |piece| {
                file.write_all(piece).map_err(SnapshotError::io("write a file for", path))
            })?;
            let mode = Mode::from_bits_truncate(node.permissions() as rustix::fs::RawMode);
            fchmod(&file, mode).map_err(SnapshotError::io("set the mode of a file for", path))?;
            crash::point();
        }
        sync_file_system(&directory).map_err(SnapshotError::io("sync files for", path))?;
        // From here on what lies there counts.
        renameat_with(root, part.as_str(), root, name(number).as_str(), RenameFlags::empty())
            .map_err(SnapshotError::io("rename a directory for", path))?;
        sync_file_system(&directory).map_err(SnapshotError::io("sync files for", path))?;
        crash::point();
        Ok(Stage { directory, name: name(number) })
    }

    /// Removes the stage and what is left in it, but for what `keep` names; then it stays.
    pub(super) fn close(self, root: &OwnedFd, keep: &[String]) -> Result<(), Errno> {
        sync_file_system(&self.directory)?;
        if keep.is_empty() {
            return remove(root, &self.name);
        }
        for name in names(&self.directory)? {
            if !keep.iter().any(|kept| kept.as_bytes() == name.to_bytes()) {
                unlinkat(&self.directory, name.as_c_str(), AtFlags::empty())?;
            }
        }
        Ok(())
    }
}

/// What a step puts in place, or has put aside.
pub(super) fn new_name(at: usize) -> String {
    format!("new-{at}")
}

/// What a step has removed.
pub(super) fn old_name(at: usize) -> String {
    format!("old-{at}")
}

/// The directory of a restore, in the workspace.
pub(super) fn name(number: u64) -> String {
    format!(".waypost-restore-{number}")
}

/// Whether a restore got no further than gathering its files; what it had gathered is removed.
pub(super) fn was_not_ready(workspace: &Path, number: u64) -> bool {
    let Ok(root) = beneath::root(workspace) else { return false };
    remove(&root, &part_name(number)).is_ok()
        && matches!(beneath::directory(&root, name(number).as_str()), Err(Errno::NOENT))
}

fn part_name(number: u64) -> String {
    format!(".waypost-restore-{number}.part")
}

fn names(directory: &OwnedFd) -> Result<Vec<std::ffi::CString>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        if entry.file_name() != c"." && entry.file_name() != c".." {
            names.push(entry.file_name().to_owned());
        }
    }
    Ok(names)
}

/// Removes a stage. It holds files and links only.
fn remove(root: &OwnedFd, name: &str) -> Result<(), Errno> {
    let directory = match beneath::directory(root, name) {
        Ok(directory) => directory,
        Err(Errno::NOENT) => return Ok(()),
        Err(error) => return Err(error),
    };
    for inner in names(&directory)? {
        unlinkat(&directory, inner.as_c_str(), AtFlags::empty())?;
    }
    unlinkat(root, name, AtFlags::REMOVEDIR)
}
