//! What a watch tells: moments, in batches, with what else is to be known about them. Values only.

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is there and was not before.
    Created,
    /// Its content was written, in place or by a rename over it.
    Saved,
    /// It was there and is not any more.
    Deleted,
    /// It has another path now. When it was also written, a `Saved` of the new path follows.
    Renamed {
        /// The path before, relative to the root.
        from: String,
    },
}

/// One file that matters, and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Relative to the root, with `/`.
    pub path: String,
    /// What happened.
    pub kind: Kind,
    /// What announced the change ([`crate::Watcher::expect`]); `None` for a change by somebody else.
    pub cause: Option<String>,
}

/// Why files were compared with what was known of them, instead of being told by the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rescanned {
    /// Files of directories that have no watch were looked at, because it was time to.
    Polled,
    /// So many names changed that whole directories were compared.
    TooMany,
    /// The system's queue ran over; everything was compared.
    Overflow,
}

/// Something about the watch that a person should know. Its text names the next step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Note {
    /// A directory may not be read.
    #[error("`{path}` may not be read, so changes in it are not noticed; give read permission or ignore it")]
    Unreadable {
        /// The directory.
        path: String,
    },
    /// A name that is not UTF-8.
    #[error("`{path}` is not UTF-8 and is not watched; rename it if a hook shall hear of it")]
    NotUnicode {
        /// The path, with signs in place of what is not readable.
        path: String,
    },
    /// No further directory can be watched.
    #[error(
        "the system has no watch left for `{path}` and further directories, their files are looked at every {every_ms} ms \
         instead; raise `fs.inotify.max_user_watches` or ignore directories that need no watch"
    )]
    WatchesUsedUp {
        /// The first directory without one.
        path: String,
        /// Milliseconds between two looks.
        every_ms: u64,
    },
    /// The system gives no watch at all.
    #[error(
        "the system gives no watch ({why}), files are looked at every {every_ms} ms instead; \
         close other watching programs or raise `fs.inotify.max_user_instances`"
    )]
    NoWatch {
        /// What it said.
        why: String,
        /// Milliseconds between two looks.
        every_ms: u64,
    },
    /// The workspace lies on a file system that other machines may change unheard.
    #[error(
        "the workspace lies on a file system that tells nothing of changes by others, files are looked at \
         every {every_ms} ms as well; keep it on a local disk to hear at once"
    )]
    Remote {
        /// Milliseconds between two looks.
        every_ms: u64,
    },
    /// More than can be held.
    #[error("there are more than {max} {what}, so some changes are not noticed; ignore what needs no watch")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// A file of patterns is not as it should be; the rest of it holds.
    #[error("`{path}` has a pattern that is left out: {why}; correct or delete its line")]
    BadPattern {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The root is not there any more.
    #[error("the workspace is gone, its files count as deleted; the watch goes on when it is back")]
    RootGone,
    /// The root is there again.
    #[error("the workspace is back and is watched again")]
    RootBack,
}

/// Notes that one batch holds.
pub const NOTES_MAX: usize = 100;

/// What happened in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// What happened to the files that matter, in the order of their paths; at most two of one path.
    pub moments: Vec<Moment>,
    /// Whether files were compared, and the strongest reason.
    pub rescanned: Option<Rescanned>,
    /// Git wrote `HEAD`: another branch or commit is checked out.
    pub checkout: bool,
    /// Git wrote its index.
    pub index: bool,
    /// What a person should know.
    pub notes: Vec<Note>,
    /// When the first of it was noticed, in milliseconds since the watch began.
    pub first_ms: u64,
    /// When the batch was complete, in milliseconds since the watch began.
    pub at_ms: u64,
    /// How many batches were put into this one because nobody took them.
    pub merged: u32,
}

impl Batch {
    /// Whether it says anything. A written index alone says nothing.
    pub fn is_empty(&self) -> bool {
        self.moments.is_empty() && self.notes.is_empty() && self.rescanned.is_none() && !self.checkout
    }

    pub(crate) fn note(&mut self, note: Note) {
        if self.notes.len() < NOTES_MAX && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
