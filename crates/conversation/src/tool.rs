//! The trait of a tool: it says what a call wants, and does it when given a permit. Contains no tool.

use std::collections::BTreeMap;
use std::path::Path;

use policy::{Permit, Request, Taint};

use crate::{Call, Cost, Digest, Later, Secrecy, Spent};

/// Something the model can call.
pub trait Tool: Send + Sync {
    /// What the model is told about it.
    fn describe(&self) -> ToolDescription;

    /// Whether every call of it only reads, so that several may run at once.
    fn reads_only(&self) -> bool;

    /// What the call wants, with paths resolved. Has no effect on the world.
    ///
    /// # Errors
    /// [`ToolError`] when the arguments make no sense; the model is told and nothing runs.
    fn request(&self, call: &Call, context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError>;

    /// Does it. Failure is a result like any other: the model is told what was found and what to do.
    fn run<'a>(
        &'a self,
        permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult>;

    /// Which tool of a server a call goes to, whatever its own name is: hooks that wait for that tool are told of it. `None` for a
    /// tool that does its work itself, and for a call that makes no sense.
    fn elsewhere(&self, _call: &Call) -> Option<Elsewhere> {
        None
    }

    /// The arguments of a call as this tool reads them, under the names of its schema, as JSON: hooks are told of nothing else, so that a
    /// guard sees what is done, however a model writes it. `None` for a tool that has no names beside those of its schema, and for a
    /// call that makes no sense.
    fn understood(&self, _call: &Call) -> Option<String> {
        None
    }

    /// What became of a call that was permitted and never finished because the process died.
    fn recover(&self, _call: &Call, _context: &ToolContext<'_>) -> Recovery {
        if self.reads_only() { Recovery::Again } else { Recovery::Unknown }
    }
}

/// A tool of a server, and what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The server, by the name that the files give it.
    pub server: String,
    /// The tool, by its name there.
    pub tool: String,
    /// Its arguments as JSON.
    pub input: String,
}

/// What a model is told about a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolDescription {
    /// Its name.
    pub name: String,
    /// What it does and when to use it: this is a prompt, every byte is sent on every turn.
    pub description: String,
    /// The JSON Schema of its input, compact.
    pub schema: String,
}

/// Where and with what knowledge a call runs.
pub struct ToolContext<'a> {
    /// The resolved absolute workspace root.
    pub workspace: &'a Path,
    /// The directory, outside the workspace, where long outputs are kept whole.
    pub scratch: &'a Path,
    /// The session that makes the call.
    pub session: &'a str,
    /// What is left of its money, when that is limited.
    pub cost_left: Option<Cost>,
    /// How often the model may still be asked in it, its parts included.
    pub turns_left: u32,
    /// The files that the model has seen in this session, as it saw them.
    pub seen: &'a Seen,
    /// Brings values back that the model knows by placeholders only, at the moment of the act.
    pub secrecy: &'a dyn Secrecy,
    /// Shows output of a running command as it comes; may be called from any thread.
    pub on_output: &'a (dyn Fn(&str) + Send + Sync),
}

/// Files as the model last saw or wrote them: resolved absolute path (lossy UTF-8) to digest of all bytes.
pub type Seen = BTreeMap<String, Digest>;

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallResult {
    /// The call.
    pub call: String,
    /// Whether it did what was asked.
    pub status: Status,
    /// What the model is told. Bounded by the tool.
    pub text: String,
    /// Files that the call changed by itself (a shell command's changes are found by comparing snapshots).
    pub changes: Vec<FileChange>,
    /// Files whose content the model knows after this call, with the digest of that content.
    pub seen: Vec<(String, Digest)>,
    /// What came of the sessions that it held inside; `None` for a call without any.
    pub inside: Option<Box<Inside>>,
}

/// What came of the sessions inside a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// What they used; the session that made the call counts it as its own.
    pub spent: Spent,
    /// What they took in from outside; the session that made the call took it in with their answers.
    pub took_in: Taint,
}

/// Whether a call did what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It did.
    Done,
    /// It did not; the text says why.
    Failed,
    /// It was not permitted.
    Denied,
}

/// A file that a call changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Workspace-relative, with `/`.
    pub path: String,
    /// The content before, or `None` when the file was created.
    pub before: Option<Digest>,
    /// The content after, or `None` when the file was removed.
    pub after: Option<Digest>,
}

/// What to do with a call that was permitted and never finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It had its whole effect; this is its result.
    Done(CallResult),
    /// It had no effect yet, or repeating it is harmless: run it.
    Again,
    /// Nobody can tell; the model is told so and looks for itself.
    Unknown,
}

/// The arguments of a call make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ToolError(pub String);

impl CallResult {
    /// A result that only says something.
    pub fn new(call: &str, status: Status, text: impl Into<String>) -> CallResult {
        CallResult {
            call: call.to_string(),
            status,
            text: text.into(),
            changes: Vec::new(),
            seen: Vec::new(),
            inside: None,
        }
    }
}

impl Status {
    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Status::Done => "done",
            Status::Failed => "failed",
            Status::Denied => "denied",
        }
    }

    /// The status with that name.
    pub fn named(name: &str) -> Option<Status> {
        [Status::Done, Status::Failed, Status::Denied].into_iter().find(|status| status.name() == name)
    }
}
