//! The exit codes of `waypost`, in one table. They are stable: scripts depend on them.

use conversation::Outcome;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// It did not work.
    Failed = 1,
    /// The command line or a setting makes no sense.
    Usage = 2,
    /// A person must approve or answer first.
    NeedsAnswer = 3,
    /// Denied by policy.
    Denied = 4,
    /// A budget is used up.
    Budget = 5,
    /// The provider could not be had.
    Unavailable = 6,
    /// The person stopped it.
    Interrupted = 130,
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Exit {
        match outcome {
            Outcome::Done => Exit::Done,
            Outcome::Failed => Exit::Failed,
            Outcome::NeedsAnswer => Exit::NeedsAnswer,
            Outcome::Denied => Exit::Denied,
            Outcome::Budget => Exit::Budget,
            Outcome::Unavailable => Exit::Unavailable,
            Outcome::Interrupted => Exit::Interrupted,
        }
    }
}

impl Exit {
    /// The code for the operating system.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}
