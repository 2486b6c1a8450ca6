//! Findings: what is wrong, missing, doubtful or contradictory in the documents of a spec and across specs. Touches
//! no disk, calls no model, changes nothing; a quick-fix is a list of edits for the caller.

#![deny(clippy::indexing_slicing)]

pub mod conflict;
pub mod facts;
pub mod finding;

pub use finding::{Basis, Finding, Fix, Place};
