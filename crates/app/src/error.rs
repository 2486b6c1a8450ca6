//! What went wrong, for a person: kind, cause and the next step. Every error of every room ends here once.

use std::fmt;

use crate::exit::Exit;

/// An error at the front door.
#[derive(Debug)]
pub(crate) struct Error {
    /// Decides the exit code.
    pub(crate) exit: Exit,
    /// What happened, in a sentence without a full stop.
    pub(crate) cause: String,
    /// What to do next.
    pub(crate) hints: Vec<String>,
}

/// The result of most things at the front door.
pub(crate) type Outcome<T> = Result<T, Error>;

impl Error {
    /// Something did not work.
    pub(crate) fn failed(cause: impl fmt::Display) -> Error {
        Error { exit: Exit::Failed, cause: cause.to_string(), hints: Vec::new() }
    }

    /// The command line or a setting makes no sense.
    pub(crate) fn usage(cause: impl fmt::Display) -> Error {
        Error { exit: Exit::Usage, ..Error::failed(cause) }
    }

    /// A person has to do something first.
    pub(crate) fn needs_answer(cause: impl fmt::Display) -> Error {
        Error { exit: Exit::NeedsAnswer, ..Error::failed(cause) }
    }

    /// There is no model to ask.
    pub(crate) fn unavailable(cause: impl fmt::Display) -> Error {
        Error { exit: Exit::Unavailable, ..Error::failed(cause) }
    }

    /// The same error with a next step.
    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Error {
        self.hints.push(hint.to_string());
        self
    }
}

impl From<index::IndexError> for Error {
    fn from(error: index::IndexError) -> Error {
        match error {
            index::IndexError::Settings { .. } => Error::usage(error),
            index::IndexError::Revision { .. } => Error::usage(error).hint(
                "name a branch, a tag or a commit of this clone; in CI fetch it first: git fetch --unshallow",
            ),
            index::IndexError::Read { .. }
            | index::IndexError::TooLarge { .. }
            | index::IndexError::History(_) => Error::failed(error),
        }
    }
}

impl From<agent::DriveError> for Error {
    fn from(error: agent::DriveError) -> Error {
        Error::failed(error)
            .hint("free some space or make the state directory writable, then `waypost session resume`")
    }
}

impl From<conversation::JournalError> for Error {
    fn from(error: conversation::JournalError) -> Error {
        Error::failed(format!("the ledger could not be written: {error}"))
            .hint("free some space or make the state directory writable")
    }
}
