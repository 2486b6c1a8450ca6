//! File changes of a workspace as moments: what was created, saved, deleted, renamed, in batches. Knows no hooks and no agents.
//!
//! A way from the system to a moment, each part with one idea: `source` says raw events (inotify itself on Linux, asked for exactly
//! what is needed; `notify` on other systems), `core` hears them, enters new directories at once and says when to look, `burst`
//! holds what was said until it is quiet, and `judge` compares what was known (`table`) with what is there. So what is told follows
//! from the disk before and after; an event only says where to look, and its loss or its order can make nothing up.
//! [`Causes`] says which of the changes were announced; a [`Next::Batch`] is put together with others when nobody takes it.
//!
//! Limits: a change that leaves length, time and inode as they were, and that the system did not tell, is not noticed; nor is an
//! edit of `.git/info/exclude` or of a `.gitignore` above the root while the watch runs; nor stores into a mapped file until it is
//! closed. A name that is not UTF-8 is named in a note and not told.
//!
//! Measured by `bench/watch.py`; its head says how to run it.

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
pub use causes::{Causes, EXPECTED_MAX, Expected, GRACE_MS, LINGER_MS, digest};
pub use core::{DIRECTORIES_MAX, FILES_MAX};
pub use interest::Interest;
pub use mailbox::Next;
pub use moment::{Batch, Kind, Moment, NOTES_MAX, Note, Rescanned};
pub use watcher::{Settings, Standing, WatchError, Watcher, is_remote};
