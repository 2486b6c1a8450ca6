//! What the generators are given: plain values without numbers, marks or Markdown structure. Nothing here checks or
//! writes.

/// The content of `requirements.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequirementsDraft {
    /// A few paragraphs.
    pub introduction: String,
    /// The system's names and words.
    pub glossary: Vec<TermDraft>,
    /// Numbered from 1 in this order.
    pub requirements: Vec<RequirementDraft>,
}

/// A glossary entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermDraft {
    /// In `Title_Snake_Case`, as Kiro writes system names.
    pub name: String,
    /// One line.
    pub definition: String,
}

/// One requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequirementDraft {
    /// One line.
    pub title: String,
    /// `As a …, I want …, so that …`, without the label.
    pub user_story: String,
    /// One line each, without numbers; numbered from 1 in this order.
    pub criteria: Vec<String>,
}

/// The content of `bugfix.md`. Clauses are one line each, without numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BugfixDraft {
    /// A few paragraphs.
    pub introduction: String,
    /// What happens now; becomes `1.1`, `1.2` …
    pub current: Vec<String>,
    /// What should happen; becomes `2.1`, `2.2` …
    pub expected: Vec<String>,
    /// What must stay; becomes `3.1`, `3.2` …
    pub unchanged: Vec<String>,
}

/// The content of a feature's `design.md`. Long texts may hold Markdown: lists, tables, code, headings from `###`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DesignDraft {
    /// One line.
    pub title: String,
    /// A few paragraphs.
    pub overview: String,
    /// How the parts hang together.
    pub architecture: String,
    /// The parts, each under its own heading.
    pub components: Vec<ComponentDraft>,
    /// Types and stored shapes.
    pub data_models: String,
    /// Numbered from 1 in this order.
    pub properties: Vec<PropertyDraft>,
    /// What may go wrong, and what then happens.
    pub error_handling: String,
    /// How it is tested.
    pub testing_strategy: String,
    /// The command that proves the whole spec, written into the testing strategy.
    pub check: Option<String>,
}

/// One part of a design.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComponentDraft {
    /// The heading.
    pub name: String,
    /// What it does, where it lives, what it offers.
    pub text: String,
}

/// A statement for all inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyDraft {
    /// One line.
    pub title: String,
    /// One paragraph.
    pub statement: String,
    /// Ids of criteria; anything that is no number is left out.
    pub validates: Vec<String>,
}

/// The content of a bug fix's `design.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BugfixDesignDraft {
    /// One line.
    pub title: String,
    /// A few paragraphs.
    pub overview: String,
    /// The words of the bug.
    pub glossary: Vec<TermDraft>,
    /// How the bug shows.
    pub bug_details: String,
    /// For which inputs it shows; prose or pseudocode.
    pub bug_condition: String,
    /// What should happen.
    pub expected_behavior: String,
    /// What must stay.
    pub preservation: String,
    /// Why it happens, as far as known.
    pub root_cause: String,
    /// Numbered from 1 in this order.
    pub properties: Vec<PropertyDraft>,
    /// What will be changed.
    pub fix: String,
    /// How it is tested.
    pub testing_strategy: String,
    /// The command that proves the whole spec, written into the testing strategy.
    pub check: Option<String>,
}

/// The content of `tasks.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TasksDraft {
    /// One line.
    pub title: String,
    /// A few paragraphs.
    pub overview: String,
    /// Numbered from 1 in this order.
    pub tasks: Vec<TaskDraft>,
    /// One line each.
    pub notes: Vec<String>,
    /// Ids of leaf tasks that may run together, wave by wave. One task after the other when `None`, or when the
    /// waves do not name every leaf exactly once.
    pub waves: Option<Vec<Vec<String>>>,
}

/// One task, without its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskDraft {
    /// One line.
    pub title: String,
    /// Bullets, one line each. Lines that say `Requirements:` or `Check:` are left out: the fields below say it.
    pub details: Vec<String>,
    /// Paths that the task may change, relative to the repository.
    pub files: Vec<String>,
    /// Ids of the criteria it fulfils.
    pub requirements: Vec<String>,
    /// The command that proves it, on one line.
    pub check: Option<String>,
    /// Skipped unless asked for.
    pub optional: bool,
    /// Numbered `1.1`, `1.2` …; what lies deeper is written as a sibling at that level.
    pub subtasks: Vec<TaskDraft>,
}

/// The content of a single-file spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SingleDraft {
    /// One line.
    pub title: String,
    /// A few paragraphs.
    pub introduction: String,
    /// One line each; numbered from 1 in this order.
    pub requirements: Vec<String>,
    /// One line each.
    pub constraints: Vec<String>,
    /// One line each.
    pub out_of_scope: Vec<String>,
    /// The command that proves the whole spec.
    pub check: Option<String>,
}
