//! What the documents of a spec mean together: which task fulfils which criterion, what comes next, what a task
//! needs to know, and when it counts as proved. Touches no disk, and knows no model.

#![deny(clippy::indexing_slicing)]

pub mod approval;
pub mod brief;
pub mod context;
pub mod documents;
pub mod draft;
pub mod drift;
pub mod evidence;
pub mod problem;
pub mod read;
pub mod reading;
pub mod schedule;
mod scope;
pub mod tested;
pub mod trace;

pub use documents::{Shape, SpecDocuments};
pub use evidence::{CheckOutcome, Verdict};
pub use problem::{Problem, ProblemKind};
pub use read::{Plan, PlanCriterion, Step};
pub use reading::Reading;
