//! What can go wrong with snapshots, each with the next step. Performs nothing.

use std::io;
use std::path::{Path, PathBuf};

/// Why a snapshot or a difference could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is no git.
    #[error(
        "git was not found; Waypost takes its snapshots with it: install git (https://git-scm.com), make sure that \
         `git --version` works, and try again"
    )]
    NoGit,
    /// Git could not be started.
    #[error("git could not be started: {0}")]
    Start(sandbox::StartError),
    /// Git said no.
    #[error("`git {verb}` failed on the snapshots in `{directory}`: {said}", directory = directory.display())]
    Git {
        /// What git was asked.
        verb: String,
        /// Where the snapshots are.
        directory: PathBuf,
        /// What it said.
        said: String,
    },
    /// Git took too long or said too much.
    #[error("`git {verb}` was ended after {}: is a very large directory missing in .gitignore?", why)]
    Bounds {
        /// What git was asked.
        verb: String,
        /// The bound that it passed.
        why: &'static str,
    },
    /// Git answered something that is not its format.
    #[error("`git {verb}` answered in a way that cannot be read; `git --version` must be 2.30 or later")]
    Answer {
        /// What git was asked.
        verb: &'static str,
    },
    /// The snapshot is not in the store.
    #[error("there is no snapshot `{0}` here; it was taken on another machine, or the state was removed")]
    Unknown(String),
    /// The state lies at or above the workspace.
    #[error(
        "the snapshots in `{directory}` cannot hold the workspace `{workspace}`, which lies in them; set \
         XDG_STATE_HOME to a directory elsewhere",
        directory = directory.display(),
        workspace = workspace.display()
    )]
    InState {
        /// Where the snapshots are.
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
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SnapshotError {
        let path = path.to_path_buf();
        move |source| SnapshotError::Io { doing, path, source }
    }
}
