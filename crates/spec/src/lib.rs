//! `.kiro` documents: bytes to a lossless line tree to typed views, diagnostics with spans, edits as byte
//! splices, and the generators. Never touches a disk, a clock, a network, an environment or a process.
//!
//! Reading never fails and never panics: any bytes give a view and a list of [`Diagnostic`]s. Writing is either
//! a one-byte [`edit::Splice`] or a whole document in the strict form that Kiro's own validator accepts.

#![deny(clippy::indexing_slicing)]

pub mod approval;
pub mod bugfix;
pub mod check;
pub mod config;
pub mod data;
pub mod design;
pub mod diagnostic;
mod digits;
pub mod edit;
mod inline;
mod items;
pub mod json;
pub mod kind;
pub mod outline;
pub mod paths;
pub mod refactor;
pub mod references;
pub mod requirements;
pub mod settings;
pub mod single;
pub mod span;
pub mod splice;
pub mod steering;
pub mod tags;
mod task_blocks;
mod task_detail;
mod task_dialect;
mod task_id;
mod task_line;
mod task_picture;
mod task_region;
mod task_tree;
pub mod tasks;
pub mod template;
pub mod text;
mod wave_json;
mod wave_text;
pub mod waves;
mod word_lists;
mod words;
pub mod write;

pub use diagnostic::{Diagnostic, Severity};
pub use kind::{DocumentKind, SpecKind, SpecType, Workflow};
pub use requirements::Criterion;
pub use span::Span;
pub use splice::Edit;
pub use tasks::{State, Task, Tasks};
