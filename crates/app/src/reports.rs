//! What the commands around documents print as JSON: lists, changes, findings, traces. A wire of its own; the engine's
//! types are converted by the commands.

use schemars::JsonSchema;
use serde::Serialize;

/// A row of `waypost spec list`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SpecRow {
    pub(crate) spec: String,
    /// `feature`, `bugfix`, `quick` or `design-first`.
    pub(crate) kind: String,
    /// `written` (no tasks yet), `planned`, `begun` or `done`.
    pub(crate) state: String,
    pub(crate) criteria: u32,
    /// Criteria that no task cites.
    pub(crate) uncited: u32,
    pub(crate) tasks: u32,
    pub(crate) done: u32,
    /// Whether every document is approved as it is now.
    pub(crate) approved: bool,
    /// It was put away.
    pub(crate) archived: bool,
}

/// What a command that changes documents prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SpecChange {
    pub(crate) spec: String,
    /// What was done, in words.
    pub(crate) what: String,
    /// Whether the files were written.
    pub(crate) written: bool,
    pub(crate) files: Vec<ChangedFile>,
    /// What a person should know.
    pub(crate) notes: Vec<String>,
}

/// A file that a command changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ChangedFile {
    pub(crate) path: String,
    pub(crate) is_new: bool,
    pub(crate) added: u32,
    pub(crate) removed: u32,
    /// Lines of a unified diff.
    pub(crate) diff: Vec<String>,
}
