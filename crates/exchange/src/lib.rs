//! Other people's formats in and out: reports, results, coverage, requirement files and the specs of other tools.
//! Bytes to values and back; touches no disk and decides nothing.

#![deny(clippy::indexing_slicing)]
