//! The append-only, hash-chained journal of sessions and specs, and its content store. Never edits or deletes a
//! record. The stored format is described in `docs/ledger-format.md`.
#![deny(clippy::indexing_slicing)]

mod chain;
mod content;
mod error;
mod export;
mod head;
mod layout;
mod line;
mod lock;
mod store;
mod summary;
#[cfg(test)]
mod testing;
mod verify;
mod wire;
mod writer;

pub use content::Content;
pub use error::LedgerError;
pub use export::Format;
pub use store::{Entry, Store, Stored};
pub use summary::Summary;
pub use verify::{Finding, Problem, Report, verify};
pub use writer::Writer;

/// The clock: milliseconds since the epoch.
pub type Clock = fn() -> u64;
