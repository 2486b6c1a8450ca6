//! Why something of the repository could not be read. The documents themselves never fail; they give findings.

use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The disk refused.
    #[error("`{path}` cannot be read: {source}")]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than anything that is read here.
    #[error("`{path}` is larger than {mebibytes} MiB")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        mebibytes: u64,
    },
    /// A settings file of the repository is not what it should be.
    #[error("`{path}`: {message}")]
    Settings {
        /// The file, from the workspace root.
        path: String,
        /// What is wrong, with the line.
        message: String,
    },
    /// There is nothing to compare with.
    #[error("`{revision}` cannot be compared with: {why}")]
    Revision {
        /// As it was asked for.
        revision: String,
        /// Why not.
        why: String,
    },
    /// Git failed.
    #[error("the history cannot be read: {0}")]
    History(#[from] vcs::history::HistoryError),
}
