//! The command line of `waypost context`. What each command does lives in `commands`.

use clap::{Args, Subcommand};

use super::RuleFlags;

/// `waypost context …`
#[derive(Debug, Subcommand)]
pub(crate) enum Context {
    /// Show what a message would send, with sizes, and send nothing
    Show(ContextShow),
}

const SHOW_EXAMPLES: &str = "\
  waypost context show 'why does #file:src/limits.rs:10-40 fail?'
  waypost context show 'explain #codebase:\"rate limit\"' --full
  waypost context show '#diff #problems #git:HEAD~1'
  waypost context show 'as in #url:https://example.com/rfc' --json

Mentions: #file:PATH[:FIRST-LAST], #folder:PATH, #spec[:NAME], #steering:NAME or #NAME, #git[:REVISION],
#diff[:REVISION], #problems, #terminal, #url:https://…, #codebase[:WORDS]. Quote what has spaces: #file:\"a b.rs\".
A page is fetched for it; nothing else leaves this machine, and no model is asked.

Exit codes: 0 everything that is named would be sent, 1 something was left out, 2 usage.";

/// `waypost context show`
#[derive(Args, Debug)]
#[command(after_help = SHOW_EXAMPLES)]
pub(crate) struct ContextShow {
    /// The message
    #[arg(value_name = "WORDS")]
    pub(crate) words: String,
    /// Show the text as well, not the sizes alone
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) flags: RuleFlags,
}
