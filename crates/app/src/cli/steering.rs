//! The command line of `waypost steering …`. What each command does lives in `commands`.

use clap::{Args, Subcommand, ValueEnum};

use super::SessionFlags;

/// `waypost steering …`
#[derive(Debug, Subcommand)]
pub(crate) enum Steering {
    /// List every steering file of the person, the team and the repository
    List,
    /// Say what would be in force for some paths, in order, by which rule; and what is left out, and why
    Why(SteeringWhy),
    /// Find what is wrong in steering files, and statements that are no longer true
    Check(SteeringCheck),
    /// Have a model read the code and write product.md, tech.md and structure.md
    Init(SteeringInit),
}

impl Steering {
    /// Whether it gives a stream of events.
    pub(crate) fn streams(&self) -> bool {
        matches!(self, Steering::Init(_))
    }
}

/// The examples at the end of its help.
const WHY: &str = "\
Examples:
  waypost steering why src/api/users.ts             what an agent is told when it works on this file
  waypost steering why packages/web/src --json      the same for a folder, for programs
  waypost steering why src/a.ts --name testing      with a manual file that somebody named

Tokens are an estimate: a quarter of the bytes. Order: the person's own, the team's, then from the root of the
workspace inwards, so that what lies nearest comes last.";

/// `waypost steering why`
#[derive(Args, Debug)]
#[command(after_help = WHY)]
pub(crate) struct SteeringWhy {
    /// Files or folders, from the workspace root or from here; without one, what every session is told
    pub(crate) paths: Vec<String>,
    /// Steering that is named, as `#NAME` in a message does; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

/// The examples at the end of its help.
const CHECK: &str = "\
Examples:
  waypost steering check                            front matter, globs without files, statements that are not true
  waypost steering check --fix                      mend slips in the front matter; nothing else of a file changes
  waypost steering check --format sarif > out.sarif for code scanning

Exit codes: 0 no error (there may be warnings), 1 a file is in force nowhere because of an error in it.";

/// `waypost steering check`
#[derive(Args, Debug)]
#[command(after_help = CHECK)]
pub(crate) struct SteeringCheck {
    /// How findings are written
    #[arg(long, value_enum, default_value_t = SteeringFormat::Text)]
    pub(crate) format: SteeringFormat,
    /// Mend what can be mended safely
    #[arg(long)]
    pub(crate) fix: bool,
    /// Fail on warnings, too
    #[arg(long)]
    pub(crate) strict: bool,
}

/// How findings of steering are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SteeringFormat {
    /// Lines for a person
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// The examples at the end of its help.
const INIT: &str = "\
Examples:
  waypost steering init                             read the code, show three files, ask, write them
  waypost steering init --dry-run                   show them and write nothing
  waypost steering init --force --yes               replace those that are there, unasked

The model has tools that read and nothing else. Writing is Waypost's, through the gate, with a checkpoint.";

/// `waypost steering init`
#[derive(Args, Debug)]
#[command(after_help = INIT)]
pub(crate) struct SteeringInit {
    /// Replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    /// Write without being asked
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Show what would be written, and write nothing
    #[arg(long, short = 'n', conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) flags: SessionFlags,
}
