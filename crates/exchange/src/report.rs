//! What the views show: criteria with their tasks, tests and commits, as plain values that the caller fills. Knows no
//! format and computes no status.

/// How far a criterion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// No task cites it.
    NoTask,
    /// A task cites it, and not all of them are done.
    TaskOpen,
    /// Its tasks are done, and no test is linked to it.
    DoneNoTest,
    /// A linked test passed.
    Green,
    /// A linked test failed.
    Red,
    /// Its words or its code changed after it was proved.
    Suspect,
}

impl Status {
    /// Every status, from the least to the most proved, then the bad ones.
    pub const ALL: [Status; 6] =
        [Status::NoTask, Status::TaskOpen, Status::DoneNoTest, Status::Green, Status::Red, Status::Suspect];

    /// The mark before the words.
    pub fn glyph(self) -> &'static str {
        match self {
            Status::NoTask => "○",
            Status::TaskOpen => "◔",
            Status::DoneNoTest => "◑",
            Status::Green => "●",
            Status::Red => "✖",
            Status::Suspect => "⚠",
        }
    }

    /// The words that a person reads.
    pub fn words(self) -> &'static str {
        match self {
            Status::NoTask => "no task",
            Status::TaskOpen => "task open",
            Status::DoneNoTest => "done, no test",
            Status::Green => "tested, green",
            Status::Red => "tested, red",
            Status::Suspect => "suspect",
        }
    }

    /// The word in files and addresses.
    pub fn key(self) -> &'static str {
        match self {
            Status::NoTask => "no-task",
            Status::TaskOpen => "task-open",
            Status::DoneNoTest => "done-no-test",
            Status::Green => "green",
            Status::Red => "red",
            Status::Suspect => "suspect",
        }
    }
}

impl From<plan::trace::Status> for Status {
    fn from(status: plan::trace::Status) -> Status {
        use plan::trace::Status as Traced;
        match status {
            Traced::NoTask => Status::NoTask,
            Traced::TaskOpen => Status::TaskOpen,
            Traced::NoTest => Status::DoneNoTest,
            Traced::Green => Status::Green,
            Traced::Red => Status::Red,
            Traced::Suspect => Status::Suspect,
        }
    }
}

/// Everything that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The project's name.
    pub project: String,
    /// When it was made: `2026-11-21T06:30:00Z`.
    pub generated: String,
    /// The specs in the order that they are shown.
    pub specs: Vec<SpecReport>,
}

/// One spec.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpecReport {
    /// The folder's name; unique in the report.
    pub name: String,
    /// The words of its heading.
    pub title: String,
    /// `feature`, `bugfix`, `quick`, `design-first`.
    pub kind: String,
    /// In document order.
    pub requirements: Vec<RequirementReport>,
    /// Every task in document order.
    pub tasks: Vec<TaskReport>,
    /// Findings that belong to no criterion.
    pub findings: Vec<FindingReport>,
}

/// One requirement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequirementReport {
    /// As cited: `1`, `NFR-2`.
    pub number: String,
    /// The words behind the number.
    pub title: String,
    /// The user story.
    pub story: Option<String>,
    /// In document order.
    pub criteria: Vec<CriterionReport>,
}

/// One criterion and everything that is linked to it.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionReport {
    /// `1.2`; unique in its spec, or else the later ones get no address of their own.
    pub id: String,
    /// The statement.
    pub text: String,
    /// How far it is.
    pub status: Status,
    /// The tasks that cite it.
    pub tasks: Vec<TaskReport>,
    /// The titles of the properties that validate it.
    pub properties: Vec<String>,
    /// The tests that are linked to it.
    pub tests: Vec<TestReport>,
    /// The commits that are linked to it.
    pub commits: Vec<CommitReport>,
    /// The files that are linked to it.
    pub files: Vec<FileReport>,
    /// What the rules found in it.
    pub findings: Vec<FindingReport>,
}

impl CriterionReport {
    /// A criterion to which nothing is linked.
    pub fn new(id: impl Into<String>, text: impl Into<String>, status: Status) -> CriterionReport {
        CriterionReport {
            id: id.into(),
            text: text.into(),
            status,
            tasks: Vec::new(),
            properties: Vec::new(),
            tests: Vec::new(),
            commits: Vec::new(),
            files: Vec::new(),
            findings: Vec::new(),
        }
    }
}

/// A task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskReport {
    /// Its number.
    pub id: String,
    /// The words behind the number.
    pub title: String,
    /// `open`, `queued`, `in progress`, `done`.
    pub state: String,
    /// The criteria that it cites.
    pub criteria: Vec<String>,
}

/// A test and how it came out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestReport {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: Option<String>,
    /// Its line, from 1.
    pub line: Option<u32>,
    /// `passed`, `failed`, `skipped`, `errored`, `not run`.
    pub status: String,
    /// How sure the link is, from 0 to 1.
    pub confidence: f64,
}

/// A commit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommitReport {
    /// Its hash, as long as it is to be shown.
    pub hash: String,
    /// Its first line.
    pub subject: String,
}

/// A file and the lines of it that are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileReport {
    /// From the root of the repository.
    pub path: String,
    /// `12-40, 52`; empty when the whole file is meant.
    pub lines: String,
}

/// A finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindingReport {
    /// The rule's id.
    pub rule: String,
    /// `error`, `warning`, `hint`.
    pub severity: String,
    /// What it stands on, in words.
    pub basis: String,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

impl From<&lint::Finding> for FindingReport {
    fn from(finding: &lint::Finding) -> FindingReport {
        let severity = match finding.severity {
            spec::Severity::Error => "error",
            spec::Severity::Warning => "warning",
            spec::Severity::Hint => "hint",
        };
        FindingReport {
            rule: finding.rule.to_string(),
            severity: severity.to_string(),
            basis: finding.basis.words().to_string(),
            message: finding.message.clone(),
            hint: finding.hint.clone(),
        }
    }
}

impl Report {
    /// Every criterion with its spec and its requirement.
    pub fn criteria(&self) -> impl Iterator<Item = (&SpecReport, &RequirementReport, &CriterionReport)> {
        self.specs.iter().flat_map(|spec| {
            spec.requirements.iter().flat_map(move |requirement| {
                requirement.criteria.iter().map(move |criterion| (spec, requirement, criterion))
            })
        })
    }
}

impl SpecReport {
    /// How many criteria have each status, in the order of [`Status::ALL`].
    pub fn counts(&self) -> [usize; 6] {
        counts(self.requirements.iter().flat_map(|requirement| &requirement.criteria))
    }
}

/// How many criteria have each status, in the order of [`Status::ALL`].
pub fn counts<'a>(criteria: impl Iterator<Item = &'a CriterionReport>) -> [usize; 6] {
    let mut out = [0; 6];
    for criterion in criteria {
        let at = Status::ALL.iter().position(|status| *status == criterion.status);
        if let Some(count) = at.and_then(|at| out.get_mut(at)) {
            *count += 1;
        }
    }
    out
}
