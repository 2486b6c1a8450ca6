//! Drives the client against servers that are started for real: small hostile ones, and those of the registries. No unit tests.

mod harness;
mod hostile;
mod tools;
