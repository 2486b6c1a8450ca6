//! One finding, whatever rule made it. Decides nothing about what is shown.

use spec::{Edit, Severity, Span};

/// What a finding stands on. Shown wherever the finding is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// It stands in the documents as said.
    Read,
    /// It follows from facts that a person declared.
    Proved,
    /// Words look alike; a person has to judge.
    Suspected,
    /// It follows from facts that a model proposed and no person confirmed.
    ModelSuggested,
}

impl Basis {
    /// The words that a person reads.
    pub fn words(self) -> &'static str {
        match self {
            Basis::Read => "read",
            Basis::Proved => "proved from declared facts",
            Basis::Suspected => "suspected",
            Basis::ModelSuggested => "model-suggested",
        }
    }
}

/// Somewhere in a document of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The spec's name.
    pub spec: String,
    /// The document's file name (`tasks.md`), or a path from the workspace root when it is no document of the spec.
    pub file: String,
    /// Bytes in that file.
    pub span: Span,
}

/// Places shown beside the one of the finding itself: a conflict shows four criteria at most.
pub const RELATED_MAX: usize = 3;

/// A change that removes the finding and nothing else. Only offered when it cannot change a meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: `write the heading as Kiro expects it`.
    pub title: String,
    /// Edits by file, the file named as in [`Place::file`].
    pub edits: Vec<(String, Edit)>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable: what a person writes to silence or explain it. `requirements/missing-title`, `ears/no-response`.
    pub rule: &'static str,
    /// How much it matters, after the settings.
    pub severity: Severity,
    /// What it stands on.
    pub basis: Basis,
    /// Where.
    pub place: Place,
    /// The criterion, task or term concerned, when there is one: `3.2`, `task 1.1`.
    pub subject: Option<String>,
    /// What is wrong: lower case, no full stop, the document's words in back-ticks.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
    /// Other places that belong to it, each with a few words; at most [`RELATED_MAX`].
    pub related: Vec<(Place, String)>,
    /// A safe change that removes it.
    pub fix: Option<Fix>,
}
