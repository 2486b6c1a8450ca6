//! Snapshots and checkpoints of a workspace, what differs between two of them, and the way back; and the history of the
//! person's repository, read only. Never touches the person's repository, index, branch or stash.
#![deny(clippy::indexing_slicing)]

mod beneath;
mod checkpoints;
mod contents;
mod diff;
mod durable;
mod error;
pub mod history;
mod hunks;
mod known;
mod merge;
mod object;
mod outer;
mod pattern;
mod plan;
mod renames;
mod restore;
mod retention;
mod rules;
mod snapshots;
mod stamp;
mod store;
#[cfg(test)]
mod testing;
mod trash;
mod trees;
mod walk;
mod watch;

pub use checkpoints::{Begun, Cause, Checkpoint, Kind, Wrote};
pub use diff::{Change, FileDiff};
pub use error::SnapshotError;
pub use hunks::{Compared, Hunk, Line, Side, compare};
pub use plan::{Action, Kept, Plan, Reason, Step, Undo};
pub use restore::Restored;
pub use retention::{AGE_MS_MAX, BYTES_MAX, COUNT_MAX, Pruned, Retention};
pub use snapshots::{Snapshot, Snapshots};
pub use trash::{Dropped, NotKept, Trash, TrashBounds, Trashed};
pub use walk::Why;
