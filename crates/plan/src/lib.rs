//! What the documents of a spec mean together: which task fulfils which criterion, what comes next, what a task
//! needs to know, and when it counts as proved. Touches no disk, and knows no model.

#![deny(clippy::indexing_slicing)]

pub mod accesses;
pub mod approval;
pub mod brief;
pub mod context;
pub mod digest;
pub mod documents;
pub mod draft;
pub mod drift;
pub mod evidence;
pub mod freshness;
pub mod graph;
pub mod lineage;
pub mod occurrences;
pub mod problem;
pub mod read;
pub mod reading;
pub mod replan;
pub mod schedule;
mod scope;
pub mod tested;
pub mod trace;
pub mod words;

pub use documents::{Shape, SpecDocuments};
pub use evidence::{CheckOutcome, Verdict};
pub use graph::Graph;
pub use problem::{Problem, ProblemKind};
pub use read::{Plan, PlanCriterion, Step};
pub use reading::Reading;
