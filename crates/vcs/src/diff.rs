//! What differs between two snapshots, file by file. Reads the store, never the workspace.

use std::collections::{HashMap, HashSet};

use crate::beneath::shown;
use crate::hunks::{self, Hunk};
use crate::object::{Id, Node};
use crate::renames;
use crate::store::Store;
use crate::trees::{Differs, Trees};
use crate::{SnapshotError, Snapshots};

/// The longest file of which hunks are made.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How many bytes of files are compared for one difference.
const TOTAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How many files a difference lists; what changes more than that is no change that a person reads.
const FILES_MAX: usize = 20_000;

/// How one file differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Its path after, relative to the workspace, with `/`; before, when it was deleted. Bytes that are no UTF-8
    /// are replaced.
    pub path: String,
    /// What happened to it.
    pub change: Change,
    /// Its mode before and after, such as `0o100644`; 0 when it was not there.
    pub modes: (u32, u32),
    /// How many lines were added.
    pub added: u32,
    /// How many lines were removed.
    pub removed: u32,
    /// What changed, with three lines around it.
    pub hunks: Vec<Hunk>,
    /// Whether it is not text; then there are no lines to count.
    pub binary: bool,
    /// Whether it was too long to be compared, or hunks were left out; the counts are then too low.
    pub cut: bool,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// Its bytes or its mode changed.
    Modified,
    /// It is gone.
    Deleted,
    /// It was moved, and perhaps changed.
    Renamed {
        /// Its path before.
        from: String,
    },
}

/// The bytes of the files that are compared.
#[derive(Default)]
pub(crate) struct Texts {
    held: HashMap<Id, Vec<u8>>,
    total: u64,
}

impl Texts {
    /// Reads a file, unless it is too long or too much was read.
    pub(crate) fn get(&mut self, store: &Store, id: &Id) -> Result<Option<&[u8]>, SnapshotError> {
        if !self.held.contains_key(id) {
            let place = store.place(id)?.ok_or_else(|| SnapshotError::Unknown(id.to_string()))?;
            if place.length > FILE_BYTES_MAX || self.total + place.length > TOTAL_BYTES_MAX {
                return Ok(None);
            }
            self.total += place.length;
            self.held.insert(*id, store.read(id, FILE_BYTES_MAX)?);
        }
        Ok(self.held.get(id).map(Vec::as_slice))
    }
}

impl Snapshots {
    /// Each file that differs between two snapshots, with the lines that were added and removed; by path. A file
    /// that was moved is one that is gone and one that is new. Binary files, those of more than 4 MiB, and what comes
    /// after 64 MiB in all count no lines.
    ///
    /// # Errors
    /// [`SnapshotError::Unknown`] when a snapshot is not in the store.
    pub fn changes(&self, before: &str, after: &str) -> Result<Vec<(String, u32, u32)>, SnapshotError> {
        self.with_store(|store, _| {
            let mut texts = Texts::default();
            let mut changes = Vec::new();
            for differs in files(store, before, after)? {
                let diff = file_diff(store, &differs, None, &mut texts)?;
                changes.push((diff.path, diff.added, diff.removed));
            }
            Ok(changes)
        })
    }

    /// The files that differ between two snapshots, by path: whether each was there before, and is there after. Reads no file,
    /// so it is quick.
    ///
    /// # Errors
    /// [`SnapshotError::Unknown`] when a snapshot is not in the store.
    pub fn changed(&self, before: &str, after: &str) -> Result<Vec<(String, bool, bool)>, SnapshotError> {
        self.with_store(|store, _| {
            let differs = files(store, before, after)?;
            let one = |it: &Differs| (shown(&it.path), it.before.is_some(), it.after.is_some());
            Ok(differs.iter().take(FILES_MAX).map(one).collect())
        })
    }

    /// How many files differ between two snapshots. Reads no file, so it is quick.
    ///
    /// # Errors
    /// [`SnapshotError::Unknown`] when a snapshot is not in the store.
    pub fn count_changes(&self, before: &str, after: &str) -> Result<usize, SnapshotError> {
        if before == after {
            return Ok(0);
        }
        self.with_store(|store, _| Ok(files(store, before, after)?.len()))
    }

    /// What differs between two snapshots, with hunks; by path.
    ///
    /// Limitations: at most 20,000 files are listed; a file of more than 4 MiB, and what comes after 64 MiB in all,
    /// is listed without its lines.
    ///
    /// # Errors
    /// [`SnapshotError::Unknown`] when a snapshot is not in the store.
    pub fn diff(&self, before: &str, after: &str) -> Result<Vec<FileDiff>, SnapshotError> {
        self.with_store(|store, _| {
            let mut texts = Texts::default();
            let mut differs = files(store, before, after)?;
            let moved = renames::find(store, &differs, &mut texts)?;
            let gone: HashSet<&[u8]> = moved.values().map(|from| from.path.as_slice()).collect();
            differs.retain(|it| it.after.is_some() || !gone.contains(it.path.as_slice()));
            differs.truncate(FILES_MAX);
            differs.iter().map(|it| file_diff(store, it, moved.get(&it.path), &mut texts)).collect()
        })
    }
}

/// The files that differ; a directory is none.
fn files(store: &Store, before: &str, after: &str) -> Result<Vec<Differs>, SnapshotError> {
    let id = |tree: &str| {
        let id = Id::read(tree).filter(|id| store.has(id));
        id.ok_or_else(|| SnapshotError::Unknown(tree.to_string()))
    };
    let (before, after) = (id(before)?, id(after)?);
    let mut differs = Trees::new(store).differences(&before, &after)?;
    let only_files = |node: Option<Node>| node.filter(|node| !node.is_directory());
    for it in &mut differs {
        (it.before, it.after) = (only_files(it.before), only_files(it.after));
    }
    differs.retain(|it| it.before.is_some() || it.after.is_some());
    Ok(differs)
}

fn file_diff(
    store: &Store,
    differs: &Differs,
    from: Option<&Differs>,
    texts: &mut Texts,
) -> Result<FileDiff, SnapshotError> {
    let before = from.map_or(differs.before, |from| from.before);
    let after = differs.after;
    let change = match (from, before, after) {
        (Some(from), _, _) => Change::Renamed { from: shown(&from.path) },
        (None, None, _) => Change::Added,
        (None, Some(_), None) => Change::Deleted,
        (None, Some(_), Some(_)) => Change::Modified,
    };
    let mode = |node: Option<Node>| node.map_or(0, |node| node.mode);
    let mut diff = FileDiff {
        path: shown(&differs.path),
        change,
        modes: (mode(before), mode(after)),
        added: 0,
        removed: 0,
        hunks: Vec::new(),
        binary: false,
        cut: false,
    };
    if before.map(|node| node.id) == after.map(|node| node.id) {
        return Ok(diff);
    }
    let mut side = |node: Option<Node>| match node {
        None => Ok::<_, SnapshotError>(Some(Vec::new())),
        Some(node) => Ok(texts.get(store, &node.id)?.map(<[u8]>::to_vec)),
    };
    let (Some(before), Some(after)) = (side(before)?, side(after)?) else {
        diff.cut = true;
        return Ok(diff);
    };
    match hunks::compare(&before, &after) {
        Some(compared) => {
            (diff.added, diff.removed, diff.hunks, diff.cut) =
                (compared.added, compared.removed, compared.hunks, compared.cut);
        }
        None => diff.binary = true,
    }
    Ok(diff)
}
