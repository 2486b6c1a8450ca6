//! The providers against a server on loopback that speaks their wires, whole and broken.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod broken;
mod network;
mod provider;
mod requests;
mod server;
mod streams;
