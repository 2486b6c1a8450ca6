//! The command line of `waypost checkpoint …`. What each command does lives in `commands`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `waypost checkpoint …`
#[derive(Debug, Subcommand)]
pub(crate) enum Checkpoint {
    /// List the calls that changed files, the latest first
    List(CheckpointList),
    /// Show what a call changed, what is in the trash from it, and what a checkpoint could not hold
    Show {
        /// The checkpoint's number
        number: u64,
    },
    /// Show what a call changed, line by line
    Diff(CheckpointDiff),
    /// Take back what calls changed; what others changed since stays
    Restore(CheckpointRestore),
}

/// `waypost checkpoint list`
#[derive(Args, Debug)]
pub(crate) struct CheckpointList {
    /// Only of this session: its id or the beginning of it
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Only of this task, as spec#task
    #[arg(long, value_name = "SPEC#TASK")]
    pub(crate) task: Option<String>,
    /// Also those that changed nothing, and without a limit
    #[arg(long)]
    pub(crate) all: bool,
    /// The most rows
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50, conflicts_with = "all")]
    pub(crate) limit: usize,
}

/// `waypost checkpoint diff`
#[derive(Args, Debug)]
pub(crate) struct CheckpointDiff {
    /// The checkpoint's number
    pub(crate) number: u64,
    /// From before the call to the files as they are now, whoever changed them
    #[arg(long)]
    pub(crate) now: bool,
}

/// How a restore is asked for.
const RESTORE: &str = "\
Examples:
  waypost checkpoint restore 12                  take back what checkpoint 12 changed, and only that
  waypost checkpoint restore --since 12          everything that its session changed from there on
  waypost checkpoint restore --task auth#2.1     everything that was changed for a task
  waypost checkpoint restore --session 2026      a whole run
  waypost checkpoint restore --since 12 --both   files and conversation, to go on from there
  waypost checkpoint restore 12 --dry-run        what it would do, and what it would keep and why

A file that somebody changed since is merged when both changes fit, and kept otherwise.
A restore is a checkpoint itself: taking it back is a restore with its number.";

/// `waypost checkpoint restore`
#[derive(Args, Debug)]
#[command(after_help = RESTORE)]
pub(crate) struct CheckpointRestore {
    /// Take back this checkpoint alone
    #[arg(required_unless_present_any = ["since", "task", "session", "finish"])]
    pub(crate) number: Option<u64>,
    /// Take back this checkpoint and everything later of its session
    #[arg(long, value_name = "NUMBER", conflicts_with = "number")]
    pub(crate) since: Option<u64>,
    /// Take back everything of a task, in whichever sessions it was carried out
    #[arg(long, value_name = "SPEC#TASK", conflicts_with_all = ["number", "since"])]
    pub(crate) task: Option<String>,
    /// Take back everything of a session: its id or the beginning of it
    #[arg(long, value_name = "ID", conflicts_with_all = ["number", "since", "task"])]
    pub(crate) session: Option<String>,
    /// The files, which is what it does without this
    #[arg(long, conflicts_with_all = ["conversation", "both"])]
    pub(crate) files: bool,
    /// The conversation alone: the session goes on from before the call
    #[arg(long, conflicts_with = "both")]
    pub(crate) conversation: bool,
    /// Files and conversation
    #[arg(long)]
    pub(crate) both: bool,
    /// Only what is at or below this path; may be repeated
    #[arg(long, value_name = "PATH", conflicts_with = "conversation")]
    pub(crate) path: Vec<PathBuf>,
    /// Also what changed since a call that never ended, whoever changed it
    #[arg(long)]
    pub(crate) unended: bool,
    /// Show what would be done and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Finish a restore that was cut off
    #[arg(long = "resume", conflicts_with_all = ["number", "since", "task", "session", "conversation", "both", "dry_run"])]
    pub(crate) finish: bool,
}
