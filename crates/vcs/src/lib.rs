//! Snapshots of a workspace and what differs between two of them, in a repository of Waypost's own; and the history of
//! the person's repository, read only. Never touches the person's index, branch, stash or working files.
#![deny(clippy::indexing_slicing)]

mod diff;
mod error;
mod git;
pub mod history;
mod hunks;
mod nested;
mod snapshots;
mod top;

pub use diff::{Change, FileDiff};
pub use error::SnapshotError;
pub use hunks::{Compared, Hunk, Line, Side, compare};
pub use snapshots::{Snapshot, Snapshots};
