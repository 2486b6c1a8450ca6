//! Which steering is in force where, in what order, and why. Reads no disk and knows no model.
//!
//! The caller gathers files as [`Source`] values and gives a way to [`Look`] at what they refer to; [`Collection::at`]
//! answers with a [`Listing`]: what is in force for some paths, with the rule that included each piece, and what was
//! left out and why. The same input gives the same bytes, whatever the order in which files were found.

#![deny(clippy::indexing_slicing)]

pub mod at;
pub mod collection;
mod foreign;
pub mod globs;
pub mod listing;
pub mod look;
mod names;
pub mod references;
pub mod source;
pub mod stale;

pub use at::at;
pub use collection::{Collection, Condition, File};
pub use listing::{LeftOut, Listing, Offer, Piece, Reason, Reference, Why};
pub use look::{Look, Refusal};
pub use source::{Scope, Source, Unreadable};
