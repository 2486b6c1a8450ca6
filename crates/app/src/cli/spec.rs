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
    /// Tick, insert, move, rename, renumber or remove; everything that cites an item follows
    Edit(SpecEdit),
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

/// `waypost spec edit`
#[derive(Args, Debug)]
#[command(after_help = EDIT_EXAMPLES)]
pub(crate) struct SpecEdit {
    #[command(subcommand)]
    pub(crate) verb: SpecEditVerb,
    /// The spec; may be left out when there is only one
    #[arg(long, short, global = true, value_name = "NAME")]
    pub(crate) spec: Option<String>,
    /// Show what would change, and write nothing
    #[arg(long, short = 'n', global = true)]
    pub(crate) dry_run: bool,
}

/// The examples at the end of its help.
const EDIT_EXAMPLES: &str = "\
Items: 3.2 is a criterion, 3 a requirement; task:2.1, property:1 and term:Name say what they are.

Examples:
  waypost spec edit insert criteria 3.2 \"WHEN a key expires, THE Rate_Limiter SHALL forget it.\"
  waypost spec edit move task:4 --after task:2
  waypost spec edit rename term:Rate_Limiter Limiter
  waypost spec edit renumber criteria --dry-run";

/// What is edited, and how.
#[derive(Debug, Subcommand)]
pub(crate) enum SpecEditVerb {
    /// Set the box of a task; one byte changes
    Tick {
        /// The task's number
        task: String,
        /// What the box will say
        #[arg(long, value_enum, default_value_t = EditState::Done)]
        state: EditState,
    },
    /// Add a criterion, a requirement or a task behind another one
    Insert {
        /// What is added
        #[arg(value_enum)]
        what: EditTarget,
        /// The number behind which it goes; a requirement's number puts a criterion first in it
        after: String,
        /// The criterion's text, or the title
        words: String,
        /// A line below a task, or a criterion of a requirement; may be repeated
        #[arg(long = "detail", value_name = "TEXT")]
        details: Vec<String>,
    },
    /// Take an item out, with everything below it
    Remove {
        /// The item
        item: String,
        /// Also take it out of the lists that cite it
        #[arg(long)]
        drop_references: bool,
    },
    /// Move an item, with everything below it
    Move {
        /// The item
        item: String,
        /// In front of this one
        #[arg(long, value_name = "ID", conflicts_with = "after")]
        before: Option<String>,
        /// Behind this one
        #[arg(long, value_name = "ID")]
        after: Option<String>,
    },
    /// Give an item other words, or a term another name everywhere
    Rename {
        /// The item, or term:Name
        item: String,
        /// The new words
        words: String,
    },
    /// Make numbers run without gaps, or set some
    Renumber {
        /// What is numbered
        #[arg(value_enum)]
        what: EditTarget,
        /// Give this one another number instead; may be repeated
        #[arg(long, value_name = "OLD=NEW")]
        set: Vec<String>,
    },
}

/// What has numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditTarget {
    /// Requirements with their criteria
    #[value(alias = "requirement")]
    Requirements,
    /// Criteria
    #[value(alias = "criterion")]
    Criteria,
    /// Tasks
    #[value(alias = "task")]
    Tasks,
    /// Correctness properties of the design
    #[value(alias = "property")]
    Properties,
}

/// What a box can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditState {
    /// [ ]
    Open,
    /// [~]
    Queued,
    /// [-]
    Begun,
    /// [x]
    Done,
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
