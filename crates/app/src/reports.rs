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

/// What `waypost spec graph` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SpecGraph {
    pub(crate) spec: String,
    /// The leaves in document order.
    pub(crate) tasks: Vec<GraphTask>,
    /// Rings of tasks that wait for each other, each as short as it gets.
    pub(crate) cycles: Vec<Vec<String>>,
    /// A longest chain of tasks.
    pub(crate) critical_path: Vec<String>,
    /// The time of one task after the other, in percent of the longest chain.
    pub(crate) gain_percent: u64,
    /// Whether running tasks side by side is worth it.
    pub(crate) worth_it: bool,
    /// What is wrong with the document's own graph.
    pub(crate) faults: Vec<GraphFault>,
}

/// A task in the graph.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct GraphTask {
    pub(crate) task: String,
    pub(crate) title: String,
    pub(crate) done: bool,
    pub(crate) optional: bool,
    pub(crate) checkpoint: bool,
    /// Tasks before it in its longest chain.
    pub(crate) level: u32,
    /// The wave that the document puts it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) claimed_wave: Option<u32>,
    pub(crate) waits_for: Vec<GraphWait>,
}

/// Why a task waits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct GraphWait {
    pub(crate) task: String,
    /// That one is done.
    pub(crate) over: bool,
    /// In words, strongest first.
    pub(crate) reasons: Vec<String>,
}

/// A fault of the document's graph.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct GraphFault {
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// `--repair` mends it.
    pub(crate) mendable: bool,
    pub(crate) tasks: Vec<String>,
    /// It stands there, and is not only likely.
    pub(crate) certain: bool,
}
