//! The append-only, hash-chained, signed journal of sessions and specs, and its content store. Never edits or deletes
//! a record; texts can be erased from behind their records. The stored format is described in `docs/ledger-format.md`.
#![deny(clippy::indexing_slicing)]

mod anchor;
mod audit;
mod chain;
mod content;
mod device;
mod erase;
mod erasures;
mod error;
mod export;
mod head;
mod key;
mod layout;
mod line;
mod lock;
mod pins;
mod signed;
mod signer;
mod store;
mod summary;
#[cfg(test)]
mod testing;
mod texts;
mod time;
mod verify;
mod wire;
mod writer;

pub use anchor::{Anchor, Anchors, FileAnchor};
pub use audit::{AuditFormat, Filter, Origin, Wanted};
pub use content::Content;
pub use device::{device_key, replace_key, rotate_key};
pub use erase::{Erase, Erased};
pub use erasures::Erasure;
pub use error::LedgerError;
pub use export::Format;
pub use key::PublicKey;
pub use store::{Entry, Store, Stored};
pub use summary::Summary;
pub use time::civil;
pub use verify::{Finding, Problem, Report, Trust, verify, verify_with};
pub use writer::Writer;

/// The clock: milliseconds since the epoch.
pub type Clock = fn() -> u64;
