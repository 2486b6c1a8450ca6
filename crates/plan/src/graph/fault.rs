//! What can be wrong with a task graph. Finds nothing and mends nothing.

use spec::Span;

use crate::accesses::Certainty;

/// Faults listed for one graph; nobody reads the thousandth.
pub const FAULTS_MAX: usize = 500;

/// What kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// The section is there, and Kiro would not read its graph: no JSON, not its form, no waves.
    NotKiro,
    /// The graph names a task that does not exist.
    UnknownId,
    /// The graph names a task twice.
    Duplicate,
    /// The graph leaves a required leaf out.
    MissingLeaf,
    /// Two tasks have one number, so that the graph cannot name the second.
    SharedNumber,
    /// The graph names a task that has sub-tasks.
    ParentListed,
    /// The graph's order turns a dependency around, or puts both ends into one wave.
    Contradiction,
    /// Tasks that may run together write one file.
    Clash,
    /// A task runs before or beside a checkpoint that stands above it.
    CheckpointPassed,
    /// A task depends on one that does not exist.
    UnknownDependency,
    /// Tasks wait for each other.
    Cycle,
    /// There is more than is looked at.
    TooLarge,
}

/// One fault of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// How sure it is.
    pub certainty: Certainty,
    /// The tasks concerned, the one to look at first.
    pub tasks: Vec<String>,
    /// The file concerned, if it is one.
    pub path: Option<String>,
    /// Where, in bytes of the task document: the id in the graph, else the task, else the graph.
    pub span: Span,
    /// What is wrong: lower case, no full stop, ids in back-ticks.
    pub message: String,
    /// The next step, when there is one.
    pub hint: Option<String>,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, span: Span, tasks: &[&str], message: String) -> Fault {
        Fault {
            kind,
            certainty: Certainty::Certain,
            tasks: tasks.iter().map(|id| id.to_string()).collect(),
            path: None,
            span,
            message,
            hint: None,
        }
    }

    pub(super) fn likely(mut self) -> Fault {
        self.certainty = Certainty::Likely;
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    /// Whether [`super::repair`] mends it. The others need new words in a task, or are what the graph's author wants.
    pub fn is_mendable(&self) -> bool {
        use FaultKind::{CheckpointPassed, Cycle, SharedNumber, TooLarge, UnknownDependency};
        !matches!(self.kind, SharedNumber | UnknownDependency | Cycle | TooLarge | CheckpointPassed)
    }
}
