//! From what is wanted to what proves it: requirement, criterion, property, task, commit, code, test, last result, as
//! one graph whose links say where they come from. Finds no drift and reads no file.

mod boundary;
pub mod build;
mod code;
pub mod facts;
mod graph;
mod results;
mod tags;
#[cfg(test)]
mod tests;
pub mod views;

pub use facts::{
    BlameFact, CommitFact, Facts, SymbolFact, TagFact, TagKind, TaskRef, WorkFact, is_edited, task_refs,
    ticked,
};
pub use graph::{Item, Link, Source};
pub use results::Outcome;
pub use tags::{LooseTag, TagFault};
pub use views::{Coverage, Gaps, Impact, Near, Why};

use std::collections::{BTreeMap, BTreeSet};

use crate::read::Plan;
use crate::reading::Reading;
use code::Places;
use graph::Graph;

/// The least that a test must be linked with to count as a test of a criterion, in percent.
pub const TEST_CONFIDENCE_MIN: u8 = 60;

/// One spec as a trace needs it.
#[derive(Clone, Copy, Debug)]
pub struct TracedSpec<'a> {
    /// Its documents.
    pub reading: &'a Reading,
    /// What they mean together.
    pub plan: &'a Plan,
}

/// How far a criterion has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// No task cites it and no test names it.
    NoTask,
    /// A task that cites it is open.
    TaskOpen,
    /// Its tasks are done; no test of it has passed.
    NoTest,
    /// Its tasks are done and a test of it passed; none failed.
    Green,
    /// It or its code changed since; somebody must look.
    Suspect,
    /// A test of it failed.
    Red,
}

impl Status {
    /// The sign that stands for it in a margin.
    pub fn sign(self) -> char {
        match self {
            Status::NoTask => '○',
            Status::TaskOpen => '◔',
            Status::NoTest => '◑',
            Status::Green => '●',
            Status::Suspect => '⚠',
            Status::Red => '✖',
        }
    }
}

/// A criterion of a traced spec.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Traced {
    node: usize,
    /// Describes a defect; needs neither task nor test.
    is_described_only: bool,
    status: Status,
    has_test: bool,
}

/// The graph of one or many specs. Everything that it gives is sorted, and the same facts give the same trace.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    graph: Graph,
    /// By spec, in the order of their names.
    specs: BTreeMap<String, SpecParts>,
    outcomes: BTreeMap<usize, Outcome>,
    places: Places,
    loose_tags: Vec<LooseTag>,
    unexplained: BTreeSet<String>,
    is_cut: bool,
}

#[derive(Clone, Debug, Default)]
struct SpecParts {
    criteria: Vec<Traced>,
    /// The nodes of leaves with whether they are done, and whether they need a criterion.
    tasks: Vec<(usize, bool, bool)>,
    /// Tasks that are open, or have an open task below.
    open: BTreeSet<usize>,
    properties: Vec<usize>,
}

impl Trace {
    /// Puts documents and facts together. Specs of the same name are taken as one.
    pub fn of(specs: &[TracedSpec<'_>], facts: &Facts) -> Trace {
        build::trace(specs, facts)
    }

    /// How far a criterion has come. `None` when there is no such criterion.
    pub fn status(&self, spec: &str, criterion: &str) -> Option<Status> {
        let node = self.graph.find(&Item::criterion(spec, criterion))?;
        let parts = self.specs.get(spec)?;
        parts.criteria.iter().find(|traced| traced.node == node).map(|traced| traced.status)
    }

    /// Every criterion of a spec with how far it has come, in document order.
    pub fn statuses(&self, spec: &str) -> Vec<(String, Status)> {
        let id = |traced: &Traced| match self.graph.item(traced.node) {
            Some(Item::Criterion { id, .. }) => Some((id.clone(), traced.status)),
            _ => None,
        };
        self.specs.get(spec).map(|parts| parts.criteria.iter().filter_map(id).collect()).unwrap_or_default()
    }

    /// The names of the specs, sorted.
    pub fn specs(&self) -> impl Iterator<Item = &str> {
        self.specs.keys().map(String::as_str)
    }

    /// Every link, sorted by its two ends.
    pub fn links(&self) -> impl Iterator<Item = (&Item, &Item, Link)> {
        self.graph.links()
    }

    /// The last outcome of a test.
    pub fn outcome(&self, test: &Item) -> Outcome {
        let node = self.graph.find(test);
        node.and_then(|node| self.outcomes.get(&node)).copied().unwrap_or(Outcome::Unknown)
    }

    /// Whether links were left out because there were too many.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }
}
