//! What can go wrong with snapshots and checkpoints, each with the next step. Performs nothing.

use std::io;
use std::path::{Path, PathBuf};

/// Why a snapshot, a difference or a restore could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The snapshot is not in the store.
    #[error(
        "there is no snapshot `{0}` here: it was taken on another machine or by an earlier version, it was pruned, or \
         the state was removed"
    )]
    Unknown(String),
    /// The checkpoint is not in the store.
    #[error("there is no checkpoint {0}; `waypost checkpoint list` shows those that there are")]
    NoCheckpoint(u64),
    /// What was asked for makes no sense for this checkpoint.
    #[error("checkpoint {number} {why}")]
    Misused {
        /// Its number.
        number: u64,
        /// What is wrong with it, as a verb with its object.
        why: &'static str,
    },
    /// A restore was cut off and must be finished before anything else changes files.
    #[error(
        "restore {0} was cut off in the middle; finish it with `waypost checkpoint restore --resume`, which goes on \
         where it stopped"
    )]
    Unfinished(u64),
    /// Bytes in the store are not what they were.
    #[error("the checkpoint store `{path}` is damaged: {what}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The store was written by a later version.
    #[error("the checkpoint store `{path}` is of a newer version; update Waypost", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// The workspace is larger than what is taken.
    #[error("the workspace has more than {limit} {what}; name what needs no checkpoint in .gitignore")]
    Bounds {
        /// What there is too much of.
        what: &'static str,
        /// How many are taken.
        limit: u64,
    },
    /// The state lies at or above the workspace.
    #[error(
        "the checkpoints in `{directory}` cannot hold the workspace `{workspace}`, which lies in them; set \
         XDG_STATE_HOME to a directory elsewhere",
        directory = directory.display(),
        workspace = workspace.display()
    )]
    InState {
        /// Where the checkpoints are.
        directory: PathBuf,
        /// The workspace.
        workspace: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {doing} `{path}`: {source}", path = path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SnapshotError {
    pub(crate) fn io<E: Into<io::Error>>(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(E) -> SnapshotError + use<E> {
        let path = path.to_path_buf();
        move |source| SnapshotError::Io { doing, path, source: source.into() }
    }

    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> SnapshotError {
        SnapshotError::Damaged { path: path.to_path_buf(), what: what.into() }
    }
}
