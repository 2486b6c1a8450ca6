//! What is known outside the documents, as plain data that the caller gathers. Reads nothing.

use std::collections::BTreeSet;

use crate::tested::{CoveredLines, TestResult};

/// Everything that a trace is made of, beside the documents. Each part may be empty. Paths count from the root, with
/// `/`; lines count from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Words in source text that name a criterion, a property or a task.
    pub tags: Vec<TagFact>,
    /// Last results of tests.
    pub results: Vec<TestResult>,
    /// Lines that ran.
    pub coverage: Vec<CoveredLines>,
    /// Commits, newest first.
    pub commits: Vec<CommitFact>,
    /// Which commit the lines of today's files came with.
    pub blamed: Vec<BlameFact>,
    /// What runs of tasks produced, from their journals.
    pub work: Vec<WorkFact>,
    /// The symbols of today's source files.
    pub symbols: Vec<SymbolFact>,
    /// Today's source files.
    pub files: BTreeSet<String>,
    /// Criteria that drift has made suspect, as spec and id.
    pub suspects: BTreeSet<(String, String)>,
}

/// What a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKind {
    /// A criterion, or a requirement with all its criteria.
    Criterion,
    /// A correctness property of the design.
    Property,
    /// A task.
    Task,
}

/// Words in source text that name something of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFact {
    /// The file.
    pub path: String,
    /// The line.
    pub line: usize,
    /// What it names.
    pub kind: TagKind,
    /// The spec, by its name or by its title; `None` when the tag does not say.
    pub spec: Option<String>,
    /// The id: `1.2`, `3`.
    pub id: String,
    /// How sure it is that the words are a tag, in percent.
    pub confidence: u8,
}

/// A symbol of a source file, as `symbols` reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolFact {
    /// The file.
    pub path: String,
    /// The bare name.
    pub name: String,
    /// The name with those around it.
    pub qualified: String,
    /// First and last line.
    pub lines: (usize, usize),
    /// The first line of the comments directly above.
    pub above: usize,
    /// Changes with the tokens.
    pub digest: u64,
    /// As `digest`, names left out.
    pub shape: u64,
    /// Can be used from outside.
    pub is_public: bool,
    /// Is a test or a group of tests.
    pub is_test: bool,
    /// Holds other symbols and is not itself a test: a module, a type, a group of tests.
    pub is_group: bool,
}

/// A task of a spec, as a commit or a journal names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskRef {
    /// The spec's name.
    pub spec: String,
    /// The task's id or number.
    pub task: String,
}

/// A commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitFact {
    /// Its name.
    pub hash: String,
    /// Seconds since 1970.
    pub time: i64,
    /// The first line of its message.
    pub subject: String,
    /// Tasks that its message names; see [`task_refs`].
    pub tasks: Vec<TaskRef>,
    /// Tasks that it ticked; see [`ticked`].
    pub ticked: Vec<TaskRef>,
    /// Specs whose documents it changed otherwise than by ticks.
    pub specs: Vec<String>,
    /// The files that it changed, by the paths that they had after it.
    pub files: Vec<String>,
}

/// Lines of today's file that came with a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlameFact {
    /// The file.
    pub path: String,
    /// The first line.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// The commit.
    pub commit: String,
}

/// Lines that the run of a task wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkFact {
    /// The task.
    pub task: TaskRef,
    /// The file.
    pub path: String,
    /// The first line, 0 when only the file is known.
    pub first: usize,
    /// The last line.
    pub last: usize,
}

/// Tasks that one message may name.
const REFS_MAX: usize = 64;

/// The tasks that the trailers of a message name: `Task: auth#2.1`, or `Task: 2.1` with `Spec: auth`; several in one
/// line are parted by commas.
pub fn task_refs(trailers: &[(String, String)]) -> Vec<TaskRef> {
    let values = |name: &'static str| {
        trailers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    let spec = values("spec").next().map(str::trim).unwrap_or_default();
    let mut refs = Vec::new();
    for item in values("task").flat_map(|value| value.split([',', ' '])).filter(|item| !item.is_empty()) {
        let (spec, task) = item.rsplit_once('#').unwrap_or((spec, item));
        if !spec.is_empty() && !task.is_empty() && refs.len() < REFS_MAX {
            refs.push(TaskRef { spec: spec.to_string(), task: task.to_string() });
        }
    }
    refs
}

/// The ids of the leaves that are done in the second version of a task document and were not in the first.
pub fn ticked(before: Option<&[u8]>, after: &[u8]) -> Vec<String> {
    let done = |bytes: &[u8]| -> BTreeSet<String> {
        let tasks = spec::Tasks::parse(bytes).tasks;
        let is_done = |task: &&spec::Task| task.is_leaf() && task.state == spec::State::Done;
        tasks.iter().filter(is_done).map(|task| task.id.clone()).collect()
    };
    let before = before.map(done).unwrap_or_default();
    done(after).into_iter().filter(|id| !before.contains(id)).collect()
}

/// Whether two versions of a document differ otherwise than by ticks.
pub fn is_edited(before: Option<&[u8]>, after: Option<&[u8]>) -> bool {
    before.map(spec::approval::canonical) != after.map(spec::approval::canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_name_tasks() {
        let check = |trailers: &[(&str, &str)], expected: &[&str]| {
            let trailers: Vec<(String, String)> =
                trailers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            let refs: Vec<String> =
                task_refs(&trailers).into_iter().map(|task| format!("{}#{}", task.spec, task.task)).collect();
            assert_eq!(refs, expected, "{trailers:?}");
        };
        check(&[("Task", "auth#2.1")], &["auth#2.1"]);
        check(&[("task", "auth#2.1, auth#2.2")], &["auth#2.1", "auth#2.2"]);
        check(&[("Spec", "auth"), ("Task", "2.1,3")], &["auth#2.1", "auth#3"]);
        check(&[("Task", "2.1")], &[]);
        check(&[("Signed-off-by", "a#1")], &[]);
    }

    #[test]
    fn ticks_are_told_from_edits() {
        let before = b"- [x] 1. A\n- [ ] 2. B\n  - [ ] 2.1 C\n";
        let after = b"- [x] 1. A\n- [x] 2. B\n  - [x] 2.1 C\n";
        assert_eq!(ticked(Some(before), after), ["2.1"]);
        assert_eq!(ticked(None, after), ["1", "2.1"]);
        assert!(!is_edited(Some(before), Some(after)));
        assert!(is_edited(Some(before), Some(b"- [x] 1. B\n")));
        assert!(is_edited(None, Some(before)));
    }
}
