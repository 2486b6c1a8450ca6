//! The command line of `waypost scan`. What it does lives in `commands`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How to go on, at the end of its help.
const EXAMPLES: &str = "\
Examples:
  waypost scan                                   the files of this workspace, as git sees them
  waypost scan --staged                          what the next commit would bring
  waypost scan --history                         what every commit brought; --history=main..HEAD for some of them
  waypost scan --format sarif -o secrets.sarif   for code scanning
  waypost scan --install-hook                    before each commit: git runs `waypost scan --staged`

What was found and is none, or may stay, is accepted with a reason:
  on its line            a remark with `waypost:allow REASON`; `gitleaks:allow` is understood, too
  for files or values    an allow-list with a `description` in .gitleaks.toml, in the format of gitleaks
  as known               waypost scan --format json -o known.json, then waypost scan --baseline known.json

Rules: those built in, ~/.config/waypost/secrets.toml, .gitleaks.toml of the repository (adds and allows, never
switches off), --rules. Values are never shown. More: docs/secrets.md

Exit codes: 0 nothing found, 1 something found or not looked into, 2 usage or a broken rule file.";

/// `waypost scan`
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Scan {
    /// Files and folders; the workspace when none is named. A file named here is always looked into, in a folder what git
    /// ignores is left out
    pub(crate) paths: Vec<PathBuf>,
    /// Look into what the next commit would bring: the content of git's index, not of the working tree
    #[arg(long)]
    pub(crate) staged: bool,
    /// Look into what commits brought: all that a branch, a tag or HEAD reaches, or a range of `git rev-list`
    #[arg(long, value_name = "RANGE", num_args = 0..=1, require_equals = true, conflicts_with = "staged")]
    pub(crate) history: Option<Option<String>>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = ScanFormat::Text)]
    pub(crate) format: ScanFormat,
    /// Write them into this file instead of to the screen
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// More rules, in the format of gitleaks; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// An earlier report of --format json: what stands in it does not count
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Have git run `waypost scan --staged` before each commit; a hook that is there is kept and runs first
    #[arg(long, conflicts_with_all = ["remove_hook", "paths", "staged", "history", "output", "rules", "baseline"])]
    pub(crate) install_hook: bool,
    /// Take that hook away again; what was there before is put back
    #[arg(long, conflicts_with_all = ["paths", "staged", "history", "output", "rules", "baseline"])]
    pub(crate) remove_hook: bool,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For a person
    Text,
    /// For a program, and as a baseline
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}
