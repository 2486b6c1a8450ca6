//! Source text to symbols: functions, types and constants with a digest of their tokens, so that a change of meaning
//! is told from a change of layout. Touches no disk; knows no spec.

#![deny(clippy::indexing_slicing)]
