//! The command line of `waypost agent`, `skill`, `power` and `prompt`. What each command does lives in `commands`.

use clap::{Args, Subcommand, ValueEnum};

/// `waypost agent …`
#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// List the agents of this workspace and yours, and the files that are left out and why
    List,
    /// Show an agent: its words, the tools that it really gets, its rules, hooks, servers and resources
    #[command(after_help = AGENT_SHOW)]
    Show {
        /// Its id, such as team/planner, or its name
        name: String,
    },
    /// Check the files of agents, skills, powers and prompts; for CI
    Check(AgentCheck),
}

const AGENT_SHOW: &str = "\
  waypost agent show reviewer
  waypost agent show team/planner --json

Shows an agent that is not trusted as well; a session only uses one that is (waypost trust).";

const AGENT_CHECK: &str = "\
  waypost agent check
  waypost agent check --format sarif > agents.sarif

Exit codes: 0 no errors, 1 errors; warnings and hints are told and do not fail.";

/// `waypost agent check`
#[derive(Args, Debug)]
#[command(after_help = AGENT_CHECK)]
pub(crate) struct AgentCheck {
    /// How the findings are written
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: RosterFormat,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RosterFormat {
    /// Lines for a person
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// `waypost skill …`
#[derive(Debug, Subcommand)]
pub(crate) enum SkillCommand {
    /// List the skills of this workspace and yours
    List,
    /// Show what the model gets when it opens a skill
    #[command(after_help = "  waypost skill show pdf-forms")]
    Show {
        /// Its name
        name: String,
    },
}

/// `waypost power …`
#[derive(Debug, Subcommand)]
pub(crate) enum PowerCommand {
    /// List the installed powers, with the words that call for them
    #[command(after_help = POWER_LIST)]
    List {
        /// Say which powers these words would call for
        #[arg(long, value_name = "WORDS")]
        words: Option<String>,
    },
    /// Show what the model gets when it opens a power
    #[command(after_help = "  waypost power show stripe")]
    Show {
        /// Its name
        name: String,
    },
}

const POWER_LIST: &str = "\
  waypost power list
  waypost power list --words \"add a payment form\"     only those that these words call for";

/// `waypost prompt …`
#[derive(Debug, Subcommand)]
pub(crate) enum PromptCommand {
    /// List the saved prompts of this workspace and yours
    List,
    /// Print a prompt with its arguments in place, as a session would get it
    #[command(after_help = PROMPT_SHOW)]
    Show {
        /// Its name
        name: String,
        /// Its arguments, one each
        arguments: Vec<String>,
    },
}

const PROMPT_SHOW: &str = "\
  waypost prompt show review
  waypost prompt show fix \"the login test\" src/login.rs

Exit codes: 0 printed, 1 a place in the prompt got no argument, 2 there is no such prompt.";
