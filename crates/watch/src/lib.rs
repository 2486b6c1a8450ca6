//! File changes of a workspace as moments: what was created, saved, deleted, renamed, in batches. Knows no hooks and no agents.

mod burst;
mod causes;
mod core;
mod disk;
mod interest;
mod judge;
mod mailbox;
mod merge;
mod moment;
mod raw;
mod rules;
mod source;
mod table;
mod tree;
mod watcher;

pub use burst::Pace;
pub use causes::{Causes, EXPECTED_MAX, Expected, LINGER_MS, digest};
pub use core::{DIRECTORIES_MAX, FILES_MAX};
pub use interest::Interest;
pub use mailbox::Next;
pub use moment::{Batch, Kind, Moment, NOTES_MAX, Note, Rescanned};
pub use watcher::{Settings, Standing, WatchError, Watcher};
