//! The command line of `waypost spec …`. What each command does lives in `commands`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::SessionFlags;

/// `waypost spec …`
#[derive(Debug, Subcommand)]
pub(crate) enum Spec {
    /// Start a spec from a sentence or a file
    New(SpecNew),
    /// Read code and spec, and write a numbered plan to review; nothing else changes
    Plan(SpecPlan),
    /// Approve the documents of a spec as they are now
    Approve(SpecApprove),
    /// Carry out the approved plan, task by task, with evidence for each tick
    Run(SpecRun),
    /// Show how far a spec is and what each tick stands on
    Status(SpecName),
    /// List the specs of this workspace: how far each is, and all of them together
    List(SpecList),
    /// Show which task waits for which and why, and repair the document's task graph
    Graph(SpecGraph),
    /// Put a finished spec away, or take it back
    Archive(SpecArchive),
}

impl Spec {
    /// Whether `--json` gives a stream of events; the others print one document.
    pub(crate) fn streams(&self) -> bool {
        matches!(self, Spec::New(_) | Spec::Plan(_) | Spec::Approve(_) | Spec::Run(_))
    }
}

/// `waypost spec list`
#[derive(Args, Debug)]
pub(crate) struct SpecList {
    /// Specs that were put away, too
    #[arg(long, short)]
    pub(crate) all: bool,
}

/// `waypost spec graph`
#[derive(Args, Debug)]
pub(crate) struct SpecGraph {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
    /// Write a graph without faults into tasks.md, in Kiro's form
    #[arg(long)]
    pub(crate) repair: bool,
    /// With --repair: show what would change, and write nothing
    #[arg(long, requires = "repair")]
    pub(crate) dry_run: bool,
}

/// `waypost spec archive`
#[derive(Args, Debug)]
pub(crate) struct SpecArchive {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
    /// Take it back from the archive
    #[arg(long)]
    pub(crate) restore: bool,
    /// Also when tasks are open
    #[arg(long)]
    pub(crate) force: bool,
}

/// `waypost spec new`
#[derive(Args, Debug)]
pub(crate) struct SpecNew {
    /// The feature in a sentence, or with --from the name of the spec
    pub(crate) sentence: Option<String>,
    /// Take the description from this file
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The spec's name in kebab-case; made from the sentence when not given
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What kind of spec
    #[arg(long, value_enum, default_value_t = KindFlag::Feature)]
    pub(crate) kind: KindFlag,
    /// One file .kiro/specs/NAME.md instead of a folder
    #[arg(long)]
    pub(crate) single: bool,
    /// Write the starting documents from the sentence alone, without asking a model
    #[arg(long)]
    pub(crate) template: bool,
    #[command(flatten)]
    pub(crate) flags: SessionFlags,
}

/// Kinds of spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindFlag {
    /// Requirements first, then design and tasks
    Feature,
    /// Current, expected and unchanged behaviour of a fault
    Bugfix,
    /// Requirements, design and tasks in one go
    Quick,
    /// Design first, requirements from it
    DesignFirst,
}

/// `waypost spec plan`
#[derive(Args, Debug)]
pub(crate) struct SpecPlan {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
    /// Have the model write a new plan although there is one
    #[arg(long)]
    pub(crate) again: bool,
    #[command(flatten)]
    pub(crate) flags: SessionFlags,
}

/// `waypost spec approve`
#[derive(Args, Debug)]
pub(crate) struct SpecApprove {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
    /// Approve without being asked
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `waypost spec run`
#[derive(Args, Debug)]
pub(crate) struct SpecRun {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
    /// Only this task
    #[arg(long, value_name = "NUMBER")]
    pub(crate) task: Option<String>,
    #[command(flatten)]
    pub(crate) flags: SessionFlags,
}

/// A spec by its name.
#[derive(Args, Debug)]
pub(crate) struct SpecName {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
}
