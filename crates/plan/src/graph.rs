//! Which task waits for which, and why: leaves as nodes, edges with their reasons, faults with their places. Decides
//! no next step and starts nothing.

mod claim;
mod clash;
mod cycles;
mod fault;
mod infer;
mod measure;
mod order;
mod reason;
mod repair;
mod rules;
mod sketch;

use std::collections::HashMap;

use spec::{Span, State, Tasks};

use crate::accesses::{Access, accesses};
use crate::read::Plan;
use crate::reading::Reading;

pub use cycles::Cycle;
pub use fault::{FAULTS_MAX, Fault, FaultKind};
pub use measure::{NOT_WORTH_IT_PERCENT, Summary};
pub use reason::Reason;
pub use repair::{Repaired, WHY_MAX, is_read_by_kiro, repair, repair_edit, to_kiro_json};
pub use sketch::{LINKS_MAX, PAIRS_MAX, REASONS_MAX};

/// A task that is work: a leaf, optional ones and checkpoints included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The task's address, as in [`crate::Step::task_id`].
    pub id: String,
    /// The words behind the number.
    pub title: String,
    /// What the box says.
    pub state: State,
    /// Skipped unless asked for.
    pub optional: bool,
    /// Only asks whether everything holds.
    pub is_checkpoint: bool,
    /// The wave that the document's graph puts it in.
    pub claimed_wave: Option<usize>,
    /// What it names.
    pub accesses: Vec<Access>,
    /// The task's lines, in bytes of its document.
    pub span: Span,
}

/// `to` waits for `from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Index in [`Graph::nodes`] of the task that comes first.
    pub from: usize,
    /// Index of the task that waits.
    pub to: usize,
    /// Why, strongest first; never empty, at most [`REASONS_MAX`].
    pub reasons: Vec<Reason>,
}

/// Every task in `after` waits for every task in `before`. Stands for the edges between them when there are more than
/// [`PAIRS_MAX`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Indices in [`Graph::nodes`].
    pub before: Vec<usize>,
    /// Indices in [`Graph::nodes`].
    pub after: Vec<usize>,
    /// Why.
    pub reason: Reason,
}

/// Where the order of the tasks comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The document's graph of waves.
    Waves,
    /// The marks `(P)`: what carries none waits for all above it.
    Marks,
    /// At least half of the tasks say what they wait for.
    Dependencies,
    /// Nothing is said, so one task runs after the other.
    #[default]
    Document,
}

/// One wait of a task, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The task waited for.
    pub id: String,
    /// Whether that one is done.
    pub is_over: bool,
    /// Why, strongest first.
    pub reasons: Vec<Reason>,
    /// The reasons in words, strongest first.
    pub words: Vec<String>,
}

/// The graph of one task document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The leaves in document order.
    pub nodes: Vec<Node>,
    /// What waits for what, by `to`, then `from`.
    pub edges: Vec<Edge>,
    /// Edges in bulk.
    pub gates: Vec<Gate>,
    /// Tasks that wait for themselves, each ring as short as it gets.
    pub cycles: Vec<Cycle>,
    /// What is wrong with the graph, in document order, at most [`FAULTS_MAX`].
    pub faults: Vec<Fault>,
    /// Where the order comes from.
    pub basis: Basis,
    /// The waves of the document with what could be resolved, as indices in [`Graph::nodes`].
    pub waves: Vec<Vec<usize>>,
    /// An order that keeps all edges outside of rings: node indices.
    pub order: Vec<usize>,
    /// Place of each node in `order`.
    place: Vec<usize>,
    /// For each node the indices of the edges that end there, and of the gates before it.
    into: Vec<(Vec<usize>, Vec<usize>)>,
    by_id: HashMap<String, usize>,
}

impl Graph {
    /// The graph of the tasks that were read. `plan` must be the plan of the same reading.
    pub fn of(reading: &Reading, plan: &Plan) -> Graph {
        let none = Tasks::default();
        let tasks = reading.tasks.as_ref().unwrap_or(&none);
        let bytes = reading.documents.tasks_bytes().unwrap_or_default();
        infer::graph(tasks, plan, bytes)
    }

    /// The node of that task; `None` for parents and for unknown ids.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The id of a node; empty when there is none.
    pub fn id(&self, node: usize) -> &str {
        self.nodes.get(node).map(|node| node.id.as_str()).unwrap_or_default()
    }

    /// Whether the order keeps the edge; edges of rings cannot all be kept.
    pub fn is_kept(&self, from: usize, to: usize) -> bool {
        self.place.get(from) < self.place.get(to)
    }

    /// The tasks that a task waits for directly, with the reasons, in document order. Empty for parents and unknown
    /// ids.
    pub fn why_waits(&self, id: &str) -> Vec<Wait> {
        let Some(node) = self.find(id) else { return Vec::new() };
        let mut reasons: HashMap<usize, Vec<Reason>> = HashMap::new();
        let (edges, gates) = self.links_into(node);
        for edge in edges.iter().filter_map(|at| self.edges.get(*at)) {
            reasons.entry(edge.from).or_default().extend(edge.reasons.iter().cloned());
        }
        for gate in gates.iter().filter_map(|at| self.gates.get(*at)) {
            for before in &gate.before {
                reasons.entry(*before).or_default().push(gate.reason.clone());
            }
        }
        let mut froms: Vec<(usize, Vec<Reason>)> = reasons.into_iter().collect();
        froms.sort_by_key(|(from, _)| *from);
        let wait = |(from, mut reasons): (usize, Vec<Reason>)| {
            reasons.sort();
            reasons.dedup();
            Wait {
                id: self.id(from).to_string(),
                is_over: self.nodes.get(from).is_some_and(|node| node.state == State::Done),
                words: reasons.iter().map(|reason| reason.words(self.id(from), id)).collect(),
                reasons,
            }
        };
        froms.into_iter().map(wait).collect()
    }

    fn links_into(&self, node: usize) -> (&[usize], &[usize]) {
        self.into.get(node).map(|(edges, gates)| (edges.as_slice(), gates.as_slice())).unwrap_or_default()
    }
}

/// The leaves of the plan as nodes, and for each task its node.
fn nodes(tasks: &Tasks, plan: &Plan) -> (Vec<Node>, Vec<Option<usize>>) {
    let mut nodes = Vec::new();
    let mut node_of = Vec::with_capacity(tasks.tasks.len());
    for (task, step) in tasks.tasks.iter().zip(&plan.steps) {
        node_of.push(task.is_leaf().then_some(nodes.len()));
        if task.is_leaf() {
            nodes.push(Node {
                id: task.id.clone(),
                title: task.title.clone(),
                state: step.state,
                optional: step.optional,
                is_checkpoint: step.is_checkpoint,
                claimed_wave: None,
                accesses: accesses(task),
                span: task.span,
            });
        }
    }
    (nodes, node_of)
}

#[cfg(test)]
#[path = "graph/graph_tests.rs"]
mod tests;
