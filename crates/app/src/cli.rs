//! The command line as it may be typed. What each command does lives in `commands`.

mod audit;
mod checkpoint;
mod context;
mod hooks;
mod mcp;
mod mcp_server;
mod policy;
mod roster;
mod scan;
mod spec;
mod steering;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use audit::*;
pub(crate) use checkpoint::*;
pub(crate) use context::*;
pub(crate) use hooks::*;
pub(crate) use mcp::*;
pub(crate) use mcp_server::*;
pub(crate) use policy::*;
pub(crate) use roster::*;
pub(crate) use scan::*;
pub(crate) use spec::*;
pub(crate) use steering::*;

/// The examples at the end of `--help`.
const EXAMPLES: &str = "\
Examples:
  waypost demo                                  the whole flow on a sample project, no account needed
  waypost run \"why does the login test fail?\"   one request
  waypost spec new \"limit requests per key\"     start a spec; then plan, approve, run
  waypost session resume                        go on where the last session stopped

Exit codes: 0 done, 1 failed, 2 usage, 3 needs approval or an answer, 4 denied by policy,
5 budget reached, 6 provider unavailable, 130 interrupted.";

/// Describe a feature in a spec, approve the plan, let an agent carry it out inside limits that hold, with a record
/// that can be verified. Without a command: a chat in this workspace.
#[derive(Debug, Parser)]
#[command(name = "waypost", version, after_help = EXAMPLES, max_term_width = 100, infer_subcommands = false)]
pub(crate) struct Cli {
    /// Work in this directory
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// Write JSON: a stream of typed events for work, one document for a listing
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Carry out one request without a spec
    Run(Run),
    /// Write, plan, approve, run and follow specs
    #[command(subcommand)]
    Spec(Spec),
    /// List, show, resume and export sessions
    #[command(subcommand)]
    Session(Session),
    /// List what calls changed, show it, and take it back without losing what others changed since
    #[command(subcommand)]
    Checkpoint(Checkpoint),
    /// Show what `#` in a message would send
    #[command(subcommand)]
    Context(Context),
    /// Verify, export, sign, anchor and erase what is on record
    #[command(subcommand)]
    Audit(Audit),
    /// List, start, agree to, add and log in at MCP servers
    #[command(subcommand)]
    Mcp(Mcp),
    /// List, check, try, run, watch and convert hooks
    #[command(subcommand)]
    Hooks(Hooks),
    /// Explain, test, simulate and list the rules
    #[command(subcommand)]
    Policy(Policy),
    /// List, show and check custom agents
    #[command(subcommand)]
    Agent(AgentCommand),
    /// List and show skills
    #[command(subcommand)]
    Skill(SkillCommand),
    /// List and show powers
    #[command(subcommand)]
    Power(PowerCommand),
    /// List saved prompts and show one with its arguments
    #[command(subcommand)]
    Prompt(PromptCommand),
    /// Show and grant what this repository may steer
    Trust(Trust),
    /// Look for credentials in files, in what is staged or in the history
    Scan(Scan),
    /// List, explain, check and write the standing instructions of this workspace
    #[command(subcommand)]
    Steering(Steering),
    /// Run the whole flow on a sample project, with a recorded model and no account
    Demo(Demo),
    /// Serve specs to an editor: the language server, over standard input and output
    Lsp(Lsp),
    /// Offer specs to other agents: an MCP server, over standard input and output or HTTP on this machine
    McpServer(McpServer),
    /// Say what is found and what is missing here
    Doctor,
    /// Print the JSON Schema of everything that --json writes
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Cli {
    /// Whether `--json` gives a stream of events. A command that lists gives one document.
    pub(crate) fn streams(&self) -> bool {
        match &self.command {
            None | Some(Command::Run(_) | Command::Demo(_)) => true,
            Some(Command::Spec(spec)) => spec.streams(),
            Some(Command::Steering(steering)) => steering.streams(),
            Some(Command::Session(session)) => matches!(session, Session::Resume(_)),
            Some(Command::Hooks(hooks)) => matches!(hooks, Hooks::Run(_) | Hooks::Watch(_)),
            Some(
                Command::Checkpoint(_)
                | Command::Context(_)
                | Command::Audit(_)
                | Command::Mcp(_)
                | Command::Policy(_)
                | Command::Agent(_)
                | Command::Skill(_)
                | Command::Power(_)
                | Command::Prompt(_)
                | Command::Trust(_)
                | Command::Scan(_)
                | Command::Lsp(_)
                | Command::McpServer(_)
                | Command::Doctor
                | Command::Schema
                | Command::Completions { .. },
            ) => false,
        }
    }
}

/// How an editor is set up.
const EDITORS: &str = "\
An editor starts this program and talks to it over its standard input and output; started by hand, it waits for
an editor. It serves the documents below .kiro/specs, and the tags in sources and tests that name them.

  Neovim 0.11   vim.lsp.config('waypost', { cmd = { 'waypost', 'lsp' }, filetypes = { 'markdown' },
                                            root_markers = { '.kiro' } })
                vim.lsp.enable('waypost')
  Helix         [language-server.waypost]            in languages.toml, and `waypost` in the list of
                command = \"waypost\"                  language-servers of markdown
                args = [\"lsp\"]
  Emacs         (add-to-list 'eglot-server-programs '(markdown-mode . (\"waypost\" \"lsp\")))

VS Code, Zed, older Neovim, and what each can do: docs/editors.md

Exit codes: 0 the editor said goodbye, 1 it went away without, or what it sent is no message.";

/// The language server.
#[derive(Args, Clone, Debug)]
#[command(after_help = EDITORS)]
pub(crate) struct Lsp {
    /// What it does anyway; some editors say it
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}

/// What bounds a session, and which model carries it out.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SessionFlags {
    /// The model as provider/model; without it, the settings or the first key found decide
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub(crate) model: Option<String>,
    /// Have this agent lead: its words, its tools, its limits; see waypost agent list
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<String>,
    /// Ask before each write (supervised) or write in the workspace unasked (autopilot)
    #[arg(long, value_enum)]
    pub(crate) mode: Option<ModeFlag>,
    /// The same as --mode autopilot
    #[arg(long, conflicts_with = "mode")]
    pub(crate) autopilot: bool,
    /// Allow what matches this rule, for example 'shell:cargo test*'; may be repeated
    #[arg(long, value_name = "CAPABILITY:PATTERN")]
    pub(crate) allow: Vec<String>,
    /// Deny what matches this rule, whatever else allows it; may be repeated
    #[arg(long, value_name = "CAPABILITY:PATTERN")]
    pub(crate) deny: Vec<String>,
    /// Stop after this many answers of the model in one session [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_turns: Option<u32>,
    /// Stop when this much money is spent, in US dollars
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) max_cost: Option<f64>,
}

impl SessionFlags {
    /// The flags as they were typed, to be shown in a next step that a person can paste.
    pub(crate) fn typed(&self) -> String {
        let mut typed = String::new();
        let mut add = |flag: &str, value: &str| {
            let plain = value.chars().all(|c| c.is_alphanumeric() || "-_./:=".contains(c));
            let quoted =
                if plain { value.to_string() } else { format!("'{}'", value.replace('\'', "'\\''")) };
            typed.push_str(&format!(" {flag}{}{quoted}", if value.is_empty() { "" } else { " " }));
        };
        if self.autopilot || self.mode == Some(ModeFlag::Autopilot) {
            add("--autopilot", "");
        }
        self.model.iter().for_each(|model| add("--model", model));
        self.agent.iter().for_each(|agent| add("--agent", agent));
        self.allow.iter().for_each(|rule| add("--allow", rule));
        self.deny.iter().for_each(|rule| add("--deny", rule));
        self.max_turns.iter().for_each(|turns| add("--max-turns", &turns.to_string()));
        self.max_cost.iter().for_each(|cost| add("--max-cost", &cost.to_string()));
        typed
    }
}

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeFlag {
    /// Writes in the workspace ask first
    Supervised,
    /// Writes in the workspace are allowed; commands that are not read-only still ask
    Autopilot,
}

/// `waypost run`
#[derive(Args, Debug)]
pub(crate) struct Run {
    /// What to do; `-` reads it from standard input
    pub(crate) request: String,
    #[command(flatten)]
    pub(crate) flags: SessionFlags,
}

/// `waypost session …`
#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// List the sessions of this workspace, the latest first
    List,
    /// Show a session
    Show {
        /// The session's id or the beginning of it; the latest when not given
        id: Option<String>,
    },
    /// Go on with a session that was stopped, ran into a bound, or died
    Resume(SessionResume),
    /// Write a session's records as JSON lines, long texts included
    Export {
        /// The session's id or the beginning of it; the latest when not given
        id: Option<String>,
    },
}

/// `waypost session resume`
#[derive(Args, Debug)]
pub(crate) struct SessionResume {
    /// The session's id or the beginning of it; the latest that is not done when not given
    pub(crate) id: Option<String>,
    /// Words to go on with
    #[arg(long, short)]
    pub(crate) message: Option<String>,
    #[command(flatten)]
    pub(crate) flags: SessionFlags,
}

/// `waypost trust`
#[derive(Args, Debug)]
pub(crate) struct Trust {
    /// Only these: files, or folders with what is in them
    pub(crate) names: Vec<String>,
    /// Trust what is listed, as it is now
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Withdraw trust, from these or from the whole workspace
    #[arg(long, conflicts_with = "yes")]
    pub(crate) remove: bool,
}

/// `waypost demo`
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Approve the plan without being asked
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Run the demo with a live model instead of the recording
    #[arg(long, value_name = "PROVIDER/MODEL")]
    pub(crate) model: Option<String>,
    /// Work in this new directory and keep it [default: a temporary one, kept and named at the end]
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
}
