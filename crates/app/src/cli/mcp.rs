//! The command line of `waypost mcp …`. What each command does lives in `commands`.

use clap::{Args, Subcommand, ValueEnum};

/// How servers are added.
const ADDING: &str = "\
Examples:
  waypost mcp add docs -- npx -y docs-mcp                         for you, in every workspace
  waypost mcp add db --scope workspace --env 'DSN=${DB_DSN}' -- db-mcp --read-only
  waypost mcp add issues --url https://mcp.example.com/mcp

A value such as ${DB_DSN} is taken from the environment when approved_env under [mcp] in config.toml names it.";

/// What `list` shows.
const LISTING: &str = "\
Examples:
  waypost mcp list              what the files name, and what is agreed to
  waypost mcp list --start      start each of them, say how it is, and stop it

Exit codes: 0 all of them can be had, 1 one of them cannot.";

/// `waypost mcp …`
#[derive(Debug, Subcommand)]
pub(crate) enum Mcp {
    /// List the servers that the files name here: scope, transport, state, tools
    #[command(after_help = LISTING)]
    List(McpList),
    /// Start a server, list its tools with their sizes, call none, stop it
    Test(McpName),
    /// List the prompts of a server, or fill one in: waypost mcp prompt docs review file=src/a.rs
    Prompt(McpPrompt),
    /// List the resources of a server, or read one
    Resource(McpResource),
    /// Show what a server changed about its tools, and agree to it
    Accept(McpAccept),
    /// Put a server into a file
    #[command(after_help = ADDING)]
    Add(McpAdd),
    /// Take a server out of a file
    Remove(McpRemove),
    /// Log in at a server that wants it
    Login(McpName),
    /// Forget the login of a server
    Logout(McpName),
}

/// `waypost mcp list`
#[derive(Args, Debug)]
pub(crate) struct McpList {
    /// Start each server to see how it is
    #[arg(long)]
    pub(crate) start: bool,
}

/// One server.
#[derive(Args, Debug)]
pub(crate) struct McpName {
    /// The server, as `waypost mcp list` names it
    pub(crate) name: String,
    /// The agent that brings it, where it is an agent's
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
}

/// `waypost mcp prompt`
#[derive(Args, Debug)]
pub(crate) struct McpPrompt {
    /// The server, as `waypost mcp list` names it
    pub(crate) name: String,
    /// The agent that brings it, where it is an agent's
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// The prompt; all of them are listed when left out
    pub(crate) prompt: Option<String>,
    /// Its arguments
    #[arg(value_name = "NAME=VALUE")]
    pub(crate) arguments: Vec<String>,
}

/// `waypost mcp resource`
#[derive(Args, Debug)]
pub(crate) struct McpResource {
    /// The server, as `waypost mcp list` names it
    pub(crate) name: String,
    /// The agent that brings it, where it is an agent's
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// The resource; all of them are listed when left out
    pub(crate) uri: Option<String>,
}

/// `waypost mcp accept`
#[derive(Args, Debug)]
pub(crate) struct McpAccept {
    /// The server, as `waypost mcp list` names it
    pub(crate) name: String,
    /// The agent that brings it, where it is an agent's
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// Agree without being asked
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `waypost mcp add`
#[derive(Args, Debug)]
pub(crate) struct McpAdd {
    /// What to call it
    pub(crate) name: String,
    /// The program and its arguments, behind `--`
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// The address, instead of a program
    #[arg(long, value_name = "URL", conflicts_with = "command")]
    pub(crate) url: Option<String>,
    /// In which file: yours, or that of this workspace
    #[arg(long, value_enum, default_value_t = McpScope::User)]
    pub(crate) scope: McpScope,
    /// A variable for the program; may be repeated
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "url")]
    pub(crate) env: Vec<String>,
    /// A header for the address; may be repeated
    #[arg(long, value_name = "NAME=VALUE", requires = "url")]
    pub(crate) header: Vec<String>,
}

/// `waypost mcp remove`
#[derive(Args, Debug)]
pub(crate) struct McpRemove {
    /// The server, as the file names it
    pub(crate) name: String,
    /// From which file: yours, or that of this workspace
    #[arg(long, value_enum, default_value_t = McpScope::User)]
    pub(crate) scope: McpScope,
}

/// In which file a server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum McpScope {
    /// ~/.kiro/settings/mcp.json
    User,
    /// .kiro/settings/mcp.json of this workspace
    Workspace,
}
