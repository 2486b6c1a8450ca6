//! What can go wrong with the ledger, each with the next step. Performs nothing.

use std::io;
use std::path::{Path, PathBuf};

use conversation::{Digest, JournalError};
use policy::RecordError;

/// Why the ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The operating system refused.
    #[error("cannot {doing} `{path}`: {source}{hint}", path = path.display(), hint = next_step(source))]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process writes this journal.
    #[error("{what} is in use{by}; wait for it or stop it, then try again", by = by_process(*pid))]
    InUse {
        /// The session or spec, for a person.
        what: String,
        /// The process, when it left its number.
        pid: Option<u32>,
    },
    /// The chain is broken in a way that no crash explains.
    #[error(
        "`{file}` is damaged at record {record}: {problem}; run `waypost audit verify` for the whole list",
        file = file.display()
    )]
    Broken {
        /// The journal.
        file: PathBuf,
        /// The first record that is wrong.
        record: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A newer Waypost wrote the file, in a format that this one does not know.
    #[error(
        "`{file}` has format {found}, and this Waypost reads up to {known}; update Waypost to open it",
        file = file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// The format it has.
        found: u64,
        /// The newest format of such files that this version reads.
        known: u64,
    },
    /// A record is whole, yet this version cannot make sense of its body.
    #[error(
        "record {record} (`{name}`) of `{file}` cannot be read: {problem}; update Waypost, or run \
         `waypost audit verify`",
        file = file.display()
    )]
    Unreadable {
        /// The journal.
        file: PathBuf,
        /// The record.
        record: u64,
        /// Its type.
        name: String,
        /// What could not be read.
        problem: String,
    },
    /// A content file is missing or is not what its name says.
    #[error("content `{digest}` {problem}; run `waypost audit verify` for the whole list")]
    Content {
        /// The content's digest.
        digest: Digest,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no such session or spec journal.
    #[error("there is no {what} here; `waypost session list` shows the sessions of this workspace")]
    NotFound {
        /// The session or spec, for a person.
        what: String,
    },
    /// A prefix fits several sessions.
    #[error("`{prefix}` fits several sessions: {}; write more of the id", ids.join(", "))]
    Ambiguous {
        /// What was given.
        prefix: String,
        /// The first few that fit.
        ids: Vec<String>,
    },
    /// A session with this id exists.
    #[error("session `{id}` exists already; resume it, or start one with another id")]
    Exists {
        /// The id.
        id: String,
    },
    /// A name that cannot be a file name of the ledger.
    #[error("`{name}` cannot name a {what}: {problem}")]
    Name {
        /// Session or spec.
        what: &'static str,
        /// What was given.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two workspaces meet in one directory.
    #[error("`{directory}` belongs to the workspace `{found}`; move it away to start afresh", directory = directory.display())]
    OtherWorkspace {
        /// The directory of state.
        directory: PathBuf,
        /// The workspace that it names.
        found: String,
    },
    /// The device key or the chain of heads cannot be used as it is.
    #[error("`{file}` {problem}; {step}", file = file.display())]
    Device {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// The next step.
        step: String,
    },
    /// What was recorded could not be signed or, where that is required, anchored.
    #[error("the record could not be signed: {why}")]
    Unsigned {
        /// What went wrong, with the next step.
        why: String,
    },
    /// The texts of a session were erased, so it can be read and verified, and not gone on with.
    #[error("the texts of session `{id}` were erased; start a new session instead")]
    Erased {
        /// The id.
        id: String,
    },
    /// An earlier write failed; nothing more is accepted.
    #[error("the journal takes no more records because an earlier write failed: {first}")]
    Poisoned {
        /// The first failure.
        first: String,
    },
}

impl LedgerError {
    /// An error of the operating system.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LedgerError {
        let path = path.to_path_buf();
        move |source| LedgerError::Io { doing, path, source }
    }
}

impl From<LedgerError> for JournalError {
    fn from(error: LedgerError) -> JournalError {
        JournalError(error.to_string())
    }
}

impl From<LedgerError> for RecordError {
    fn from(error: LedgerError) -> RecordError {
        RecordError(error.to_string())
    }
}

fn by_process(pid: Option<u32>) -> String {
    pid.map(|pid| format!(" by process {pid}")).unwrap_or_default()
}

/// What a person can do about it, where the kind of error tells.
fn next_step(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space there, then resume the session"
        }
        io::ErrorKind::ReadOnlyFilesystem => "; make the file system writable, or move the state directory",
        io::ErrorKind::PermissionDenied => "; check who owns it and its mode",
        _ => "",
    }
}
