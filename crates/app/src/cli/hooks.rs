//! The command line of `waypost hooks …`. What each command does lives in `commands`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::SeverityFlag;

const EXAMPLES: &str = "\
Hooks are read from .kiro/settings/hooks.yaml, .kiro/hooks (*.json, *.kiro.hook, *.hook), the agents in .kiro/agents,
.agents/plugins/*/hooks/hooks.json, and the same folders in ~/.kiro. What each format means: docs/hooks.md

Examples:
  waypost hooks list                                        all of them, with what was dropped and why
  waypost hooks check --format sarif -o hooks.sarif         for code scanning
  waypost hooks test lint --path src/a.ts                   would it run, on what, and what would it get
  waypost hooks convert --write                             0.x and other formats to v1, beside the old files

A hook of the repository runs only when its file is trusted as it is: waypost trust";

/// `waypost hooks …`
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Hooks {
    /// List every hook: when it runs, on what, what it does, what it may, and whether it is trusted
    List,
    /// Say what is wrong: schema, patterns that match nothing, hooks that would run each other, scripts that cannot run
    Check(HooksCheck),
    /// Say what a hook would do at a moment; nothing is run
    Test(Box<HooksTest>),
    /// Show older hooks as v1 files, and what v1 has no place for
    Convert(HooksConvert),
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HooksFormat {
    /// Lines for a person
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  waypost hooks check
  waypost hooks check --fail-on warning
  waypost hooks check --format sarif -o hooks.sarif

A pattern is dead when it matches no file of the workspace; what git ignores does not count. Loops are found from
command lines and prompts: `may` says that it depends on what they find.

Exit codes: 0 nothing so severe, 1 something, 2 usage.";

/// `waypost hooks check`
#[derive(Args, Debug)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct HooksCheck {
    /// How findings are written
    #[arg(long, value_enum, default_value_t = HooksFormat::Text)]
    pub(crate) format: HooksFormat,
    /// Write them into this file instead of to the screen
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Fail from this severity on
    #[arg(long, value_enum, default_value_t = SeverityFlag::Error, value_name = "SEVERITY")]
    pub(crate) fail_on: SeverityFlag,
}

const TEST_EXAMPLES: &str = "\
Examples:
  waypost hooks test lint --path src/a.ts
  waypost hooks test gate --tool shell --input '{\"command\": \"git push\"}'
  waypost hooks test gate --tool github/create_issue
  waypost hooks test greet --event UserPromptSubmit --prompt \"fix it\"
  waypost hooks test report --event task_completed --spec login --task \"1.2 Check the form\" --failed

Exit codes: 0 it would run, 1 it would not, 2 usage, 3 a person would be asked first, 4 the policy denies it.";

/// `waypost hooks test`
#[derive(Args, Debug)]
#[command(after_help = TEST_EXAMPLES)]
pub(crate) struct HooksTest {
    /// The hook's name, or file#name
    pub(crate) name: String,
    /// The moment, in any spelling: PostFileSave, fileEdited, file_modified, … [default: the hook's own]
    #[arg(long, value_name = "TRIGGER")]
    pub(crate) event: Option<String>,
    /// A file, from the root of the workspace; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) path: Vec<String>,
    /// A tool: read, list, glob, grep, edit, write, shell, process, todo, or server/tool
    #[arg(long, value_name = "TOOL")]
    pub(crate) tool: Option<String>,
    /// The tool's input, as JSON
    #[arg(long, value_name = "JSON")]
    pub(crate) input: Option<String>,
    /// What the tool answered
    #[arg(long, value_name = "TEXT")]
    pub(crate) response: Option<String>,
    /// What the person sent
    #[arg(long, value_name = "TEXT")]
    pub(crate) prompt: Option<String>,
    /// The agent of the session
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,
    /// The spec
    #[arg(long, value_name = "SPEC")]
    pub(crate) spec: Option<String>,
    /// The task, as the document names it
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,
    /// The task was not proven
    #[arg(long)]
    pub(crate) failed: bool,
    /// What the person chose, of a hook that asks
    #[arg(long, value_name = "ID")]
    pub(crate) decision: Option<String>,
}

const CONVERT_EXAMPLES: &str = "\
Examples:
  waypost hooks convert                          show all that are not v1
  waypost hooks convert .kiro/hooks/docs.kiro.hook
  waypost hooks convert --write                  write the new files beside the old ones

Old files are never changed or removed. As long as both are there, both run: switch the old one off or remove it.";

/// `waypost hooks convert`
#[derive(Args, Debug)]
#[command(after_help = CONVERT_EXAMPLES)]
pub(crate) struct HooksConvert {
    /// Names of hooks, or files; all that are not v1 when none is named
    #[arg(value_name = "NAME|FILE")]
    pub(crate) names: Vec<String>,
    /// Write the new files; a file that is there is left as it is
    #[arg(long)]
    pub(crate) write: bool,
}
