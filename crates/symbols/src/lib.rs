//! Source text to symbols: functions, types and constants with a digest of their tokens, so that a change of meaning
//! is told from a change of layout. Touches no disk; knows no spec.
//!
//! The digests do not see comments, white space, trailing commas, and in JavaScript and Go semicolons. They are made
//! from the words of the source and not from the grammar, so they outlive a new version of a grammar. They are not
//! made to withstand an attacker.

#![deny(clippy::indexing_slicing)]

mod language;
mod languages;
mod look;
mod symbol;
mod tokens;
mod walk;

pub use language::language_of;
pub use symbol::{Source, Symbol, SymbolKind};
pub use walk::{SOURCE_BYTES_MAX, SYMBOLS_MAX, read, read_until, source};

#[cfg(test)]
#[path = "symbols_tests.rs"]
mod tests;
