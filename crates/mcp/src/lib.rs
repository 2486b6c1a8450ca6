//! The Model Context Protocol: servers of others as tools, and tools of ours offered. Knows no agent.
#![deny(clippy::indexing_slicing)]

pub mod config;
pub mod described;
pub mod lock;
pub mod variables;
