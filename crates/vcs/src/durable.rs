//! What makes files and names survive a loss of power. Writes nothing itself.
#![expect(clippy::disallowed_methods, reason = "opens the directories of the store")]

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::io::Errno;

use crate::SnapshotError;

/// Makes new names in a directory durable.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), SnapshotError> {
    let synced = File::open(directory).and_then(|opened| opened.sync_all());
    synced.map_err(SnapshotError::io("sync", directory))
}

/// Makes everything on the file system of a directory durable, whoever wrote it: it may take long while others write.
#[cfg(target_os = "linux")]
pub(crate) fn sync_file_system(directory: &OwnedFd) -> Result<(), Errno> {
    rustix::fs::syncfs(directory)
}

/// The same where only the whole machine can be asked.
#[cfg(not(target_os = "linux"))]
pub(crate) fn sync_file_system(_directory: &OwnedFd) -> Result<(), Errno> {
    rustix::fs::sync();
    Ok(())
}
