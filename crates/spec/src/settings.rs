//! The files beside specs and steering: MCP servers, permissions, and the records of runs. Reads each into a typed view with
//! diagnostics; runs nothing, trusts nothing, and keeps what it does not know. Hooks and agents have rooms of their own.

mod fields;
pub mod mcp;
pub mod permissions;
pub mod tasks_meta;
