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
    /// Show how far a spec is, what each tick stands on, and whether design and plan are as new as what they answer
    Status(SpecName),
    /// List the specs of this workspace: how far each is, and all of them together
    List(SpecList),
    /// Check every spec; for CI: only findings that are not known yet fail
    Check(SpecCheck),
    /// Show everything about one spec or a few, hints included, and mend what is safe to mend
    Lint(SpecLint),
    /// List the rules, or explain one
    Rules(SpecRules),
    /// Show how far each criterion is: task, test, last result; also as JSON, one HTML page, SARIF, ReqIF or needs.json
    Trace(SpecTrace),
    /// Show everything around a criterion, a task or a property
    Why(SpecWhy),
    /// Show which criteria, tasks and tests stand behind a place in the code
    Impact(SpecImpact),
    /// Show what is missing between what is wanted and what proves it
    Gaps(SpecGaps),
    /// Show what went apart since a spec was true: from the code, and within its documents
    Drift(SpecDrift),
    /// Say that a spec is still true although the code or its own words moved on: who, and why
    Accept(SpecAccept),
    /// Take over a spec of Spec Kit, OpenSpec, cc-sdd or Gherkin, and say what did not fit
    Import(SpecImport),
    /// Write a spec in the form of another tool, and say what did not fit; for ReqIF and needs.json see spec trace
    Export(SpecExport),
    /// Propose facts to declare, so that conflicts can be proved
    Facts(SpecName),
    /// Show which task waits for which and why, and repair the document's task graph
    Graph(SpecGraph),
    /// Tick, insert, move, rename, renumber or remove; everything that cites an item follows
    Edit(SpecEdit),
    /// Give a spec another name: its folder, and everything in documents, sources and tests that names it
    Rename(SpecRename),
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

/// `waypost spec check`
#[derive(Args, Debug)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct SpecCheck {
    /// The specs; all of the workspace when none is named
    pub(crate) names: Vec<String>,
    /// Show every finding; without it a first run shows the five that matter most
    #[arg(long, short)]
    pub(crate) all: bool,
    /// Hints, too
    #[arg(long)]
    pub(crate) hints: bool,
    /// Specs that were put away, too
    #[arg(long)]
    pub(crate) archived: bool,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub(crate) format: FindingFormat,
    /// Write them into this file instead of to the screen
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The list of known findings [default: .kiro/settings/spec-check.ratchet.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) ratchet: Option<PathBuf>,
    /// Take all findings as known: from now on only new ones fail
    #[arg(long)]
    pub(crate) update_ratchet: bool,
    /// Compare with this branch, tag or commit: only findings that are new since then count, and the criteria and tasks
    /// that the change touches are listed
    #[arg(long, value_name = "REV", conflicts_with = "update_ratchet")]
    pub(crate) since: Option<String>,
    /// Exit with 1 when a new finding is at least this severe
    #[arg(long, value_enum, default_value_t = SeverityFlag::Error, value_name = "SEVERITY")]
    pub(crate) fail_on: SeverityFlag,
    #[command(flatten)]
    pub(crate) sources: TraceSources,
}

/// The examples at the end of its help.
const CHECK_EXAMPLES: &str = "\
Examples:
  waypost spec check                                   five findings that matter most, and the counts
  waypost spec check --format sarif -o specs.sarif     for code scanning
  waypost spec check --update-ratchet                  start on an old repository: known findings stop failing
  waypost spec check --since origin/main --format markdown -o summary.md --results junit.xml
                                                       for a pull request: new findings, criteria touched and untested,
                                                       tasks at risk

Levels and accepted findings: .kiro/settings/spec-check.toml. Exit code 1 when a new finding fails.";

/// `waypost spec lint`
#[derive(Args, Debug)]
pub(crate) struct SpecLint {
    /// The specs; all of the workspace when none is named
    pub(crate) names: Vec<String>,
    /// Only findings of this rule, for example 'words/*'; may be repeated
    #[arg(long, value_name = "RULE")]
    pub(crate) rule: Vec<String>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = FindingFormat::Text)]
    pub(crate) format: FindingFormat,
    /// Mend what can be mended without changing a meaning
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: show what would change, and write nothing
    #[arg(long, short = 'n', requires = "fix")]
    pub(crate) dry_run: bool,
}

/// `waypost spec rules`
#[derive(Args, Debug)]
pub(crate) struct SpecRules {
    /// The rule to explain, for example glossary/undefined-term
    pub(crate) id: Option<String>,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingFormat {
    /// Lines for a person
    Text,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// A summary for a pull request
    Markdown,
}

/// How severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityFlag {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Everything
    Hint,
}

impl SeverityFlag {
    /// The severity itself.
    pub(crate) fn severity(self) -> spec::Severity {
        match self {
            SeverityFlag::Error => spec::Severity::Error,
            SeverityFlag::Warning => spec::Severity::Warning,
            SeverityFlag::Hint => spec::Severity::Hint,
        }
    }
}

/// What a trace is made from, besides documents and sources.
#[derive(Args, Debug, Default)]
pub(crate) struct TraceSources {
    /// A report of test runs: JUnit XML, jest, go test -json, nextest, pytest; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Vec<PathBuf>,
    /// Coverage in LCOV; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) coverage: Vec<PathBuf>,
    /// Leave the history alone
    #[arg(long)]
    pub(crate) no_git: bool,
}

/// The examples at the end of its help.
const TRACE_EXAMPLES: &str = "\
Examples:
  waypost spec trace greet --results junit.xml         every criterion with its tasks, tests and last result
  waypost spec trace --format html -o trace.html       one page for a reviewer; needs no server and no network
  waypost spec trace --format sarif -o gaps.sarif      what is missing, where it stands; for code scanning
  waypost spec trace --format reqif -o specs.reqif     for DOORS, Polarion, StrictDoc and the like
  waypost spec trace --format needs -o needs.json      for sphinx-needs";

/// `waypost spec trace`
#[derive(Args, Debug)]
#[command(after_help = TRACE_EXAMPLES)]
pub(crate) struct SpecTrace {
    /// The spec; all of the workspace when none is named
    pub(crate) name: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = TraceFormat::Text)]
    pub(crate) format: TraceFormat,
    /// Write it into this file instead of to the screen
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sources: TraceSources,
}

/// How a trace is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceFormat {
    /// Lines for a person
    Text,
    /// One JSON document
    Json,
    /// One page that needs nothing else
    Html,
    /// SARIF 2.1.0: the gaps, each where it stands
    Sarif,
    /// ReqIF 1.2, for requirement tools
    Reqif,
    /// needs.json, for sphinx-needs
    Needs,
}

/// `waypost spec why`
#[derive(Args, Debug)]
pub(crate) struct SpecWhy {
    /// 3.2 is a criterion; task:2.1 and property:1 say what they are
    pub(crate) item: String,
    /// The spec; all of the workspace when none is named
    #[arg(long, short, value_name = "NAME")]
    pub(crate) spec: Option<String>,
    #[command(flatten)]
    pub(crate) sources: TraceSources,
}

/// `waypost spec impact`
#[derive(Args, Debug)]
pub(crate) struct SpecImpact {
    /// A file from the workspace root, with a line or without: src/store.rs:40
    pub(crate) place: String,
    #[command(flatten)]
    pub(crate) sources: TraceSources,
}

/// `waypost spec gaps`
#[derive(Args, Debug)]
pub(crate) struct SpecGaps {
    /// The spec; all of the workspace when none is named
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) sources: TraceSources,
}

/// `waypost spec drift`
#[derive(Args, Debug)]
pub(crate) struct SpecDrift {
    /// The spec; all of the workspace when none is named
    pub(crate) name: Option<String>,
    /// What is less sure, too: moved files, new symbols
    #[arg(long, short)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) sources: TraceSources,
}

/// `waypost spec accept`
#[derive(Args, Debug)]
pub(crate) struct SpecAccept {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
    /// What is accepted, as `spec drift` and `spec status` name it: 2.1, property:1, section:Title, src/x.rs#name;
    /// everything that they show when not given
    pub(crate) item: Option<String>,
    /// Why it is still true
    #[arg(long)]
    pub(crate) why: String,
    /// Ask again after this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) expires: Option<String>,
}

/// `waypost spec import`
#[derive(Args, Debug)]
pub(crate) struct SpecImport {
    /// The folder or file of the other tool's spec
    pub(crate) path: PathBuf,
    /// Whose it is; found out when not given
    #[arg(long, value_enum)]
    pub(crate) from: Option<ForeignKind>,
    /// The new spec's name; made from the folder's when not given
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Show what would be written, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// `waypost spec export`
#[derive(Args, Debug)]
pub(crate) struct SpecExport {
    /// The spec; may be left out when there is only one
    pub(crate) name: Option<String>,
    /// For which tool
    #[arg(long, value_enum)]
    pub(crate) to: ForeignKind,
    /// Below this folder [default: the workspace root]
    #[arg(long, value_name = "DIR")]
    pub(crate) into: Option<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    /// Show what would be written, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// Other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ForeignKind {
    /// github/spec-kit
    SpecKit,
    /// Fission-AI/OpenSpec
    Openspec,
    /// gotalab/cc-sdd
    CcSdd,
    /// Gherkin features
    Gherkin,
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

/// `waypost spec rename`
#[derive(Args, Debug)]
#[command(after_help = RENAME_HELP)]
pub(crate) struct SpecRename {
    /// The spec as it is called now
    pub(crate) old: String,
    /// What it is to be called: the last part only, it stays where it lies
    pub(crate) new: String,
    /// Show what would change, and write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// The end of its help.
const RENAME_HELP: &str = "\
What follows the name: tags such as `Feature: OLD`, `Task: OLD#2.1` and `@spec OLD`, paths below `specs/OLD` in documents,
steering files and sources, the list of known findings, approvals and evidence. Commits keep the old name.

Examples:
  waypost spec rename rate-limit throttling --dry-run
  waypost spec rename packages/api:login sign-in";

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
