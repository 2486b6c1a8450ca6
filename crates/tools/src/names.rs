//! Other names of a file: hard links in the workspace. What is decided about one name has to hold for all. Only looks.
#![expect(clippy::disallowed_methods, reason = "looks how many names files have")]

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use conversation::ToolError;
use policy::Permit;

/// How many entries of a workspace are looked at. In a larger one a file with several names is not touched.
const ENTRIES_MAX: usize = 2_000_000;

/// The other names that a file has in the workspace; none for a file with one name, and for what is no file.
///
/// Limitations: names outside the workspace are not looked for; a file with such a name counts as one of the workspace.
///
/// # Errors
/// [`ToolError`] when there are more entries than are looked at.
pub(crate) fn others(workspace: &Path, path: &Path) -> Result<Vec<PathBuf>, ToolError> {
    let Ok(file) = std::fs::symlink_metadata(path) else { return Ok(Vec::new()) };
    if !file.is_file() || file.nlink() < 2 {
        return Ok(Vec::new());
    }
    let mut left = file.nlink().saturating_sub(1);
    let mut found = Vec::new();
    for (count, entry) in everything(workspace).enumerate() {
        if left == 0 {
            break;
        }
        if count >= ENTRIES_MAX {
            return Err(ToolError(format!(
                "`{}` has several names, and the workspace has more than {ENTRIES_MAX} entries to look for them in; make a copy \
                 of it with `shell` and use that",
                path.display()
            )));
        }
        if entry.ino() == Some(file.ino()) && entry.path() != path && is(entry.path(), &file) {
            found.push(entry.into_path());
            left -= 1;
        }
    }
    Ok(found)
}

fn is(path: &Path, file: &std::fs::Metadata) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|it| (it.dev(), it.ino()) == (file.dev(), file.ino()))
}

fn everything(workspace: &Path) -> impl Iterator<Item = listing::DirEntry> {
    listing::everything(workspace).build().flatten()
}

/// Whether what a search comes upon is a closed file by another name. Looked up once, when the first file with several names
/// turns up.
#[derive(Default)]
pub struct Closed(OnceLock<Option<HashSet<(u64, u64)>>>);

impl Closed {
    /// Whether the permit closes this file under one of its names. True as well when there are too many to know.
    pub fn has(&self, permit: &Permit, workspace: &Path, path: &Path) -> bool {
        let Ok(file) = std::fs::symlink_metadata(path) else { return false };
        if !file.is_file() || file.nlink() < 2 {
            return false;
        }
        let closed = self.0.get_or_init(|| {
            let mut closed = HashSet::new();
            for (count, entry) in everything(workspace).enumerate() {
                if count >= ENTRIES_MAX {
                    return None;
                }
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                if !is_file || permit.may_read(workspace, entry.path()) {
                    continue;
                }
                if let Ok(file) = std::fs::symlink_metadata(entry.path()).as_ref()
                    && file.nlink() > 1
                {
                    closed.insert((file.dev(), file.ino()));
                }
            }
            Some(closed)
        });
        closed.as_ref().is_none_or(|closed| closed.contains(&(file.dev(), file.ino())))
    }
}
