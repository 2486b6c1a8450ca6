//! The files beside specs and steering: hooks, MCP servers, agents, permissions, and the records of runs. Reads each into
//! a typed view with diagnostics; runs nothing, trusts nothing, and keeps what it does not know.

pub mod agent;
mod fields;
pub mod hooks;
pub mod mcp;
pub mod permissions;
pub mod tasks_meta;
