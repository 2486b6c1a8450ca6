//! Drives the client against servers that are started for real: small hostile ones, and those of the registries. No unit tests.
#![expect(clippy::disallowed_methods, reason = "tests start servers and look at what they left behind")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]
#![expect(clippy::print_stdout, reason = "what is skipped is said")]

mod addresses;
mod harness;
mod hostile;
mod registries;
mod tools;
mod web;
