//! Calls the tools as the engine does: through the gate, in a real directory. No network, no home folder.
#![expect(clippy::disallowed_methods, reason = "tests look at the disk and at the environment")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod bad_input;
mod commands;
mod describe;
mod editing;
mod harness;
mod looking;
mod recovery;
