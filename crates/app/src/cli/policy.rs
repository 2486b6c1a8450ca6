//! The command line of `waypost policy …`. What each command does lives in `commands`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ModeFlag, SessionFlags};

/// `waypost policy …`
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Say what a call would come to and why: verdict, rules, files, and what would allow it
    Explain(PolicyExplain),
    /// Check every file of rules, and what a team expects of its rules; for CI
    Test(PolicyTest),
    /// Judge recorded sessions again under other rules: what would be tighter, what looser
    Simulate(PolicySimulate),
    /// List the rules and lists in force, in the order in which they are looked at
    List(PolicyList),
}

/// Rules for this command alone, beside those of the files.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RuleFlags {
    /// Judge as in this mode [default: that of the settings, else supervised]
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
    /// A permissions.yaml, taken as one more file of the person; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
}

impl RuleFlags {
    /// The flags of a session that would set the same.
    pub(crate) fn session(&self) -> SessionFlags {
        SessionFlags {
            mode: self.mode,
            autopilot: self.autopilot,
            allow: self.allow.clone(),
            deny: self.deny.clone(),
            ..SessionFlags::default()
        }
    }

    /// Whether nothing is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.mode.is_none()
            && !self.autopilot
            && self.allow.is_empty()
            && self.deny.is_empty()
            && self.rules.is_empty()
    }
}

const EXPLAIN_EXAMPLES: &str = "\
A call is `capability:target`, as in a rule, without wildcards:
  waypost policy explain 'shell:git push --force'
  waypost policy explain fs_read:.env
  waypost policy explain fs_write:src/a.rs --mode autopilot
  waypost policy explain mcp:github/create_issue --tainted web
  waypost policy explain sandbox_network:crates.io
  waypost policy explain fs_write:src/a.rs --spec limits

Exit codes: 0 allow, 3 ask, 4 deny, 2 the call or a setting makes no sense, or the tool would refuse the path.";

/// `waypost policy explain`
#[derive(Args, Debug)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub(crate) struct PolicyExplain {
    /// The call, as capability:target
    #[arg(value_name = "CAPABILITY:TARGET")]
    pub(crate) call: String,
    /// As if the turn had taken in something from there; may be repeated
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub(crate) tainted: Vec<TaintFlag>,
    /// As a task of this spec: its write scope holds
    #[arg(long, value_name = "NAME")]
    pub(crate) spec: Option<String>,
    #[command(flatten)]
    pub(crate) flags: RuleFlags,
}

/// Where somebody else's words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TaintFlag {
    /// A page, or the answer of a search
    Web,
    /// The answer of an MCP server
    Mcp,
    /// An issue, a pull request, a comment
    Issue,
    /// A file outside the workspace
    Outside,
}

impl TaintFlag {
    /// The source in the policy.
    pub(crate) fn source(self) -> policy::TaintSource {
        match self {
            TaintFlag::Web => policy::TaintSource::Web,
            TaintFlag::Mcp => policy::TaintSource::Mcp,
            TaintFlag::Issue => policy::TaintSource::Issue,
            TaintFlag::Outside => policy::TaintSource::OutsideFile,
        }
    }

    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            TaintFlag::Web => "web",
            TaintFlag::Mcp => "mcp",
            TaintFlag::Issue => "issue",
            TaintFlag::Outside => "outside",
        }
    }
}

const TEST_EXAMPLES: &str = "\
A file of expectations has one on each line; a line that begins with # is a comment:
  deny   fs_read:.env
  ask    shell:git push --force
  allow  shell:cargo test

Exit codes: 0 all is as it should be, 1 something is not, 2 a file or a setting could not be read at all.";

/// `waypost policy test`
#[derive(Args, Debug)]
#[command(after_help = TEST_EXAMPLES)]
pub(crate) struct PolicyTest {
    /// Expectations to hold the rules against; may be several files
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) flags: RuleFlags,
}

const SIMULATE_EXAMPLES: &str = "\
  waypost policy simulate --all --rules new-permissions.yaml
  waypost policy simulate --deny 'shell:curl *'
  waypost policy simulate --all

With flags, what today's rules say of each recorded call is held against what they would say with those. Without,
what was decided then is held against today's rules.

Exit codes: 0 judged, 1 a session could not be read, 2 usage.";

/// `waypost policy simulate`
#[derive(Args, Debug)]
#[command(after_help = SIMULATE_EXAMPLES)]
pub(crate) struct PolicySimulate {
    /// The session's id or the beginning of it; the latest when neither this nor --all is given
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Every session of this workspace
    #[arg(long, conflicts_with = "session")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) flags: RuleFlags,
}

/// `waypost policy list`
#[derive(Args, Debug)]
pub(crate) struct PolicyList {
    #[command(flatten)]
    pub(crate) flags: RuleFlags,
}
