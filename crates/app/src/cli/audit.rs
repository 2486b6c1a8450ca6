//! The command line of `waypost audit`. What each command does lives in `commands`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

/// What the verifier's exit codes and notes mean.
const VERIFY: &str = "\
Findings end with exit code 1. Notes (erasures, records that a killed process left unsigned) do not.
Without --key the key is the one that the chain of heads begins with: keep the line that `waypost audit key`
prints somewhere else, and give it here. Anchors are those of the settings.
docs/ledger-format.md says what each finding means and what it does not prove.";

/// `waypost audit …`
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check every chain of this workspace, what was signed of it and where it is anchored
    #[command(after_help = VERIFY)]
    Verify(AuditVerify),
    /// Write the records of this workspace for an auditor
    Export(AuditExport),
    /// Show the device key that signs what is on record, hand over to a new one, or give it up
    Key {
        #[command(subcommand)]
        what: Option<AuditKey>,
    },
    /// Take texts away for good; that they were there, and who had them erased, stays on record
    Erase(AuditErase),
    /// Give the newest signed head to the anchors of the settings now
    Anchor,
}

/// `waypost audit verify`
#[derive(Args, Debug)]
pub(crate) struct AuditVerify {
    /// The public key of this device, as `waypost audit key` printed it: 64 digits
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Verify these instead: state directories, workspaces in them, or single journals, also on another machine
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// `waypost audit export`
#[derive(Args, Debug)]
pub(crate) struct AuditExport {
    /// The shape
    #[arg(long, value_enum)]
    pub(crate) format: AuditShape,
    /// From this day or time on (UTC): 2026-01-31, 2026-01-31T10:20:30Z
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Before this day or time (UTC)
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// This session alone: its id or the beginning of it
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Into this file, which is replaced when all is written; else to the output stream
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The shapes of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditShape {
    /// Events of the Open Cybersecurity Schema Framework, one per line
    Ocsf,
    /// Records as they are, one per line
    Jsonl,
    /// A table that no spreadsheet takes for formulas
    Csv,
}

/// `waypost audit key …`
#[derive(Debug, Subcommand)]
pub(crate) enum AuditKey {
    /// Make a new key and have the old one sign it
    Rotate,
    /// Give up a key that is lost or was found out; verifying says so from then on
    Replace {
        /// The reason, for the record
        #[arg(long)]
        why: String,
    },
}

/// `waypost audit erase`
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("what").required(true).args(["session", "digest"])))]
pub(crate) struct AuditErase {
    /// Everything that was said in this session: its id or the beginning of it
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// One text, by its digest, wherever it stands
    #[arg(long, value_name = "DIGEST")]
    pub(crate) digest: Option<String>,
    /// The reason, for the record
    #[arg(long)]
    pub(crate) why: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}
