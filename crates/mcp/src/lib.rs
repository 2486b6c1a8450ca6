//! The Model Context Protocol: servers of others as tools, and tools of ours offered. Knows no agent.

pub mod offer;
pub mod server;
