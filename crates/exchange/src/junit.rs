//! JUnit XML: test results in, findings out. Decides nothing about either.

mod read;
mod write;

pub use read::read;
pub use write::{Options, write};
