//! What a system says of its files, in one form for all systems. Values only.

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    /// Something happened to a name.
    Name {
        /// Relative to the root, with `/`.
        path: String,
        what: What,
        /// `None` where the system does not say.
        is_directory: Option<bool>,
        /// The same for the two halves of a rename.
        cookie: u32,
    },
    /// A directory lost its watch, by the number that the watch had.
    #[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code, reason = "only inotify says so"))]
    Unwatched { directory: String, number: i32 },
    /// The root moved, or lost its watch.
    RootGone,
    /// Things were not said.
    Overflow,
    /// Git did something.
    Git(Sign),
    /// Something that a person should know.
    Noted(crate::moment::Note),
}

/// What happened to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Created,
    /// Content was written; a `Closed` follows where the system says so.
    #[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code, reason = "only inotify says so"))]
    Written,
    /// Closed after it was open for writing.
    Closed,
    Deleted,
    /// The old name of a rename.
    From,
    /// The new name of a rename.
    To,
}

/// What git does to its own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Head,
    Index,
    Locked,
    Unlocked,
}

impl Sign {
    /// What a change of a name in git's directory means.
    pub(crate) fn of(name: &str, what: What) -> Option<Sign> {
        match (name, what) {
            ("index.lock", What::Created) => Some(Sign::Locked),
            ("index.lock", What::Deleted | What::From) => Some(Sign::Unlocked),
            ("HEAD", What::To | What::Closed) => Some(Sign::Head),
            ("index", What::To | What::Closed) => Some(Sign::Index),
            _ => None,
        }
    }
}
