//! A repository on disk as one value: its specs, sources, tags, test results and history. Reads; never writes, and
//! starts nothing but `git` through `vcs`.

#![deny(clippy::indexing_slicing)]

mod error;
pub mod findings;
pub mod freshness;
pub mod past;
pub mod place;
pub mod repository;
pub mod settings;
pub mod since;
pub mod sources;
pub mod tags;
pub mod touched;

pub use error::IndexError;
pub use exchange::lines::{Lines, Position};
pub use place::{SpecPlace, specs};
pub use repository::Repository;
pub use sources::Listing;
pub use tags::TagIndex;
