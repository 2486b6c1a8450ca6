//! The command line of `waypost mcp-server`. What it does lives in `commands`.

use std::net::SocketAddr;

use clap::Args;

/// How an agent is set up.
const AGENTS: &str = "\
An agent starts this program and talks to it over its standard input and output; started by hand, it waits for one.
It offers spec_list, spec_show, spec_lint, spec_trace, spec_plan, spec_status and, without --read-only, spec_tick,
which ticks a task only on evidence: what changed, and a check that a person approved.

  Claude Code   claude mcp add waypost -- waypost mcp-server
  Codex         codex mcp add waypost -- waypost mcp-server
  Cursor        .cursor/mcp.json           {\"mcpServers\": {\"waypost\": {\"command\": \"waypost\",
  Kiro          .kiro/settings/mcp.json                              \"args\": [\"mcp-server\"]}}}

Examples:
  waypost mcp-server --read-only                  specs to read, nothing to tick
  waypost mcp-server --http 127.0.0.1:8765        for several agents at once, at http://127.0.0.1:8765/mcp

More: docs/mcp-server.md

Exit codes: 0 the client left or a signal ended it, 1 it could not be served, 2 not an address of this machine.";

/// Offer the spec engine to other agents
#[derive(Args, Clone, Debug)]
#[command(after_help = AGENTS)]
pub(crate) struct McpServer {
    /// Serve over HTTP at this address of this machine, instead of standard input and output
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) http: Option<SocketAddr>,
    /// Offer nothing that writes
    #[arg(long)]
    pub(crate) read_only: bool,
}
