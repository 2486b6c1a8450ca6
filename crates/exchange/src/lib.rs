//! Other people's formats in and out: reports, results, coverage, requirement files and the specs of other tools.
//! Bytes to values and back; touches no disk and decides nothing.

#![deny(clippy::indexing_slicing)]

pub mod ccsdd;
pub mod gaps;
pub mod gherkin;
pub mod go_test;
pub mod html;
pub mod jest;
pub mod junit;
pub mod lcov;
pub mod libtest;
pub mod lines;
pub mod markdown;
pub mod needs;
pub mod openspec;
pub mod place;
pub mod pytest;
pub mod report;
pub mod reqif;
pub mod results;
pub mod sarif;
pub mod speckit;
pub mod specs;
pub mod values;
mod xml;

#[cfg(test)]
mod samples;
