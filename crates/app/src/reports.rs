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
    /// Where the spec lay and where it lies, when it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved: Option<(String, String)>,
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

/// What `waypost spec check` and `spec lint` print.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CheckReport {
    pub(crate) specs: u32,
    /// Criteria that a task has to cite, and those that one cites.
    pub(crate) criteria: u32,
    pub(crate) cited: u32,
    /// How many criteria follow which sentence pattern, the most frequent first.
    pub(crate) patterns: Vec<(String, u32)>,
    /// All findings, known ones included.
    pub(crate) counts: CheckCounts,
    /// Findings that are not in the ratchet file; all without one.
    pub(crate) new: u32,
    /// Findings that are in it; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<u32>,
    /// Known findings that are gone.
    pub(crate) gone: u32,
    /// Criteria by how far they are, with `--format markdown`, `--since` or `--results`: `no-task`, `task-open`, `done-no-test`, `green`,
    /// `red`, `suspect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statuses: Option<Vec<(String, u32)>>,
    /// What changed since the revision of `--since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<SinceReport>,
    /// New ones, the most important first; a few of them in a first run.
    pub(crate) findings: Vec<SpecFinding>,
}

/// What a change does to the criteria.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SinceReport {
    /// As it was asked for.
    pub(crate) revision: String,
    /// The newest commit that both sides have in common.
    pub(crate) commit: String,
    /// Their words, their code or their tests change.
    pub(crate) touched: Vec<TouchedRow>,
    /// What proved them may no longer hold.
    pub(crate) at_risk: Vec<TouchedRow>,
    /// Their code changes and no test is linked to them.
    pub(crate) untested: Vec<TouchedRow>,
    /// Tasks and design sections that were written for words which change.
    pub(crate) written_for_old_words: Vec<OvertakenRow>,
}

/// A criterion that a change concerns.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TouchedRow {
    pub(crate) spec: String,
    pub(crate) id: String,
    pub(crate) words: String,
    /// As in the trace; `gone` when it was removed.
    pub(crate) status: String,
    pub(crate) why: String,
}

/// Something that was written for words which change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct OvertakenRow {
    pub(crate) spec: String,
    /// With its kind: "task `2`".
    pub(crate) what: String,
    pub(crate) title: String,
    /// Of a task: `done` or `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    pub(crate) why: String,
}

/// Findings by severity.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CheckCounts {
    pub(crate) errors: u32,
    pub(crate) warnings: u32,
    pub(crate) hints: u32,
}

/// One finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SpecFinding {
    pub(crate) rule: String,
    /// `error`, `warning` or `hint`.
    pub(crate) severity: String,
    /// `read`, `proved from declared facts`, `suspected` or `model-suggested`.
    pub(crate) basis: String,
    pub(crate) spec: String,
    pub(crate) path: String,
    /// From 1.
    pub(crate) line: u32,
    /// From 1, in UTF-16 code units.
    pub(crate) column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// Other places that belong to it.
    pub(crate) related: Vec<String>,
    /// `spec lint --fix` mends it.
    pub(crate) fixable: bool,
    /// As in the ratchet file; does not depend on the line.
    pub(crate) fingerprint: String,
}

/// A row of `waypost spec rules`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RuleRow {
    pub(crate) id: String,
    pub(crate) severity: String,
    pub(crate) title: String,
    /// Speaks without being asked.
    pub(crate) on: bool,
    /// The page, when one rule was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
}

/// What `waypost spec trace` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceReport {
    pub(crate) specs: Vec<TraceSpec>,
}

/// A spec in the trace.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceSpec {
    pub(crate) spec: String,
    pub(crate) criteria: Vec<TraceCriterion>,
    /// Criteria that a task cites.
    pub(crate) cited: u32,
    /// Criteria that a test names.
    pub(crate) tested: u32,
    /// Criteria that are tested and green, in percent.
    pub(crate) green_percent: u32,
}

/// A criterion in the trace.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceCriterion {
    pub(crate) id: String,
    pub(crate) words: String,
    /// `no-task`, `task-open`, `done-no-test`, `green`, `red` or `suspect`.
    pub(crate) status: String,
    pub(crate) tasks: Vec<String>,
    pub(crate) tests: Vec<String>,
}

/// An item around another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceNear {
    pub(crate) item: String,
    pub(crate) words: String,
    /// Percent.
    pub(crate) confidence: u8,
    /// Where the link comes from.
    pub(crate) source: String,
    /// For a test, how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<String>,
}

/// What `waypost spec why` prints for one item.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceWhy {
    pub(crate) item: String,
    pub(crate) words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// What it follows from.
    pub(crate) above: Vec<TraceNear>,
    /// What follows from it.
    pub(crate) below: Vec<TraceNear>,
}

/// What `waypost spec impact` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceImpact {
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    /// The function or type that holds the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) symbol: Option<String>,
    /// Criteria, properties, tasks and commits behind it.
    pub(crate) behind: Vec<TraceNear>,
    pub(crate) tests: Vec<TraceNear>,
}

/// What `waypost spec gaps` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceGaps {
    pub(crate) criteria_red: Vec<TraceGap>,
    pub(crate) criteria_suspect: Vec<TraceGap>,
    pub(crate) criteria_without_task: Vec<TraceGap>,
    /// Their tasks are done, and no test names them.
    pub(crate) criteria_without_test: Vec<TraceGap>,
    pub(crate) tasks_without_criterion: Vec<TraceGap>,
    pub(crate) properties_without_test: Vec<TraceGap>,
    pub(crate) tags_that_name_nothing: Vec<TraceGap>,
    /// Source files beside files that tasks name.
    pub(crate) files_without_criterion: Vec<String>,
}

/// Something that is missing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TraceGap {
    pub(crate) item: String,
    pub(crate) words: String,
}

/// A row of `waypost spec drift`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DriftRow {
    pub(crate) spec: String,
    pub(crate) kind: String,
    /// What `spec accept` takes.
    pub(crate) item: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task: Option<String>,
    pub(crate) criteria: Vec<String>,
    /// For what is outdated: the design sections and tasks that were written for what it said before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) stands: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suggestion: Option<String>,
    /// Commits, newest first.
    pub(crate) because: Vec<String>,
    /// Percent.
    pub(crate) confidence: u8,
    /// Sure enough to be shown without --all.
    pub(crate) alert: bool,
}

/// Something that the documents of a spec have not seen of each other, in `waypost spec status`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct StaleRow {
    /// What went on: `criterion 2.1`, `property 1`, `design section Store`.
    pub(crate) source: String,
    /// `changed`, `removed`, `renumbered`, or `renamed` for a section with another heading.
    pub(crate) cause: String,
    /// For `renumbered` and `renamed`, what its words are called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) now: Option<String>,
    /// What `spec accept` takes.
    pub(crate) item: String,
    /// Titles of the design sections that stand on it.
    pub(crate) design_sections: Vec<String>,
    pub(crate) tasks: Vec<StaleTask>,
    /// Commit and subject; absent when the change is not committed yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) because: Option<String>,
    /// `approval`, or a commit and its subject.
    pub(crate) since: String,
}

/// A task that stands on something that went on.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct StaleTask {
    pub(crate) task: String,
    pub(crate) done: bool,
}
