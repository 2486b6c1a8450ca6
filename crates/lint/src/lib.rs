//! Findings: what is wrong, missing, doubtful or contradictory in the documents of a spec and across specs. Touches
//! no disk, calls no model, changes nothing; a quick-fix is a list of edits for the caller.

#![deny(clippy::indexing_slicing)]

pub mod across;
pub mod alike;
pub mod check;
pub mod conflict;
pub mod ears;
pub mod facts;
pub mod finding;
pub mod glossary;
mod hash;
pub mod language;
mod near;
pub mod ratchet;
pub mod rules;
pub mod select;
pub mod settings;
mod words;

pub use finding::{Basis, Finding, Fix, Place};
pub use language::Language;
pub use rules::Rule;
pub use settings::Settings;
