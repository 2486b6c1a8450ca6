//! The records of runs beside a spec: Kiro's `tasks.meta.json` and Crew's `.tasks-meta.json`. Reads; which status is
//! true is not decided here.

use super::fields::Fields;
use crate::Span;
use crate::data::{self, Node, Notation};
use crate::diagnostic::{Diagnostic, Findings};
use crate::tasks::Tasks;

/// Entries read from one file.
pub const ENTRIES_MAX: usize = 10_000;

/// What the record says of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `queued`
    Queued,
    /// `running`
    Running,
    /// `succeed`, `passed`, `completed`
    Succeeded,
    /// `failed`
    Failed,
    /// `aborted`
    Aborted,
    /// `unexpected_pass`: a property test that should have failed did not.
    UnexpectedPass,
}

/// One entry: the task by its full label, as Kiro names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number and title, or the id alone.
    pub task: String,
    /// The result of a property test, or the status of a run.
    pub is_property_test: bool,
    /// What it says.
    pub status: Option<Status>,
    /// The input that a property test failed on.
    pub failing_example: Option<String>,
    /// Milliseconds since the epoch.
    pub at: Option<u64>,
    /// The bytes of the key, for renaming a task.
    pub key: Span,
}

/// A record of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TasksMeta {
    /// The entries in order.
    pub entries: Vec<Entry>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl TasksMeta {
    /// Reads any bytes of either form.
    pub fn parse(bytes: &[u8]) -> TasksMeta {
        let (root, problems) = data::read(bytes, Notation::Json);
        let mut found = Findings::default();
        problems.into_iter().for_each(|problem| found.push(problem));
        let mut entries = Vec::new();
        if let Some(root) = &root {
            for name in ["pbtResults", "pbt"] {
                read(root, name, true, &mut entries, &mut found);
            }
            for name in ["tasks", "statuses", "executionHistory"] {
                read(root, name, false, &mut entries, &mut found);
            }
        }
        entries.truncate(ENTRIES_MAX);
        TasksMeta { entries, diagnostics: found.into_vec() }
    }

    /// Entries of tasks that are not in the document: a renamed task orphans its history in Kiro.
    pub fn orphans<'a>(&'a self, tasks: &'a Tasks) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(|entry| !tasks.tasks.iter().any(|task| task.label == entry.task || task.id == entry.task))
    }
}

fn read(root: &Node, name: &str, is_property_test: bool, entries: &mut Vec<Entry>, found: &mut Findings) {
    let Some(map) = root.get(name) else { return };
    if map.members().is_empty() && !map.items().is_empty() {
        Fields::of(root, "meta").wrong(name, map, "a map", found);
    }
    for (key, value) in map.members() {
        // A history is a list, newest last; a bare word is a status.
        let last = value.items().last().unwrap_or(value);
        let fields = Fields::of(last, "meta");
        let word = last.as_str().map(str::to_string).or_else(|| {
            ["executionStatus", "status"].into_iter().find_map(|field| fields.text(field, found))
        });
        let status = word.as_deref().map(|word| (word, status(word)));
        if let Some((word, None)) = status {
            let message = format!("the status `{word}` is not known");
            found.push(Diagnostic::warning("meta/unknown-status", last.span, message));
        }
        let at = ["updatedAt", "lastRunTimestamp", "timestamp", "ts"]
            .into_iter()
            .find_map(|field| fields.number(field, found));
        entries.push(Entry {
            task: key.name.clone(),
            is_property_test,
            status: status.and_then(|(_, status)| status),
            failing_example: fields.text("failingExample", found),
            at,
            key: key.span,
        });
    }
}

fn status(word: &str) -> Option<Status> {
    Some(match word {
        "queued" => Status::Queued,
        "running" | "in_progress" => Status::Running,
        "succeed" | "succeeded" | "passed" | "completed" | "done" => Status::Succeeded,
        "failed" => Status::Failed,
        "aborted" => Status::Aborted,
        "unexpected_pass" => Status::UnexpectedPass,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_stores() {
        let check = |text: &str, expected: &[(&str, bool, Option<Status>)], codes: &[&str]| {
            let read = TasksMeta::parse(text.as_bytes());
            let got: Vec<_> =
                read.entries.iter().map(|e| (e.task.as_str(), e.is_property_test, e.status)).collect();
            assert_eq!(got, expected);
            assert_eq!(read.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes);
        };
        check(
            r#"{"pbtResults":{"1.3 Write":{"status":"failed","failingExample":"[0]","lastRunTimestamp":1}},
                "executionHistory":{"1.2 Wire":[{"executionId":"a","timestamp":1}]}}"#,
            &[("1.3 Write", true, Some(Status::Failed)), ("1.2 Wire", false, None)],
            &[],
        );
        check(
            r#"{"tasks":{"1.2 Wire":{"executionStatus":"succeed","updatedAt":17}},"statuses":{"2":"exploded"}}"#,
            &[("1.2 Wire", false, Some(Status::Succeeded)), ("2", false, None)],
            &["meta/unknown-status"],
        );
        check("{", &[], &["data/not-json"]);
    }

    #[test]
    fn a_renamed_task_leaves_an_orphan() {
        let meta =
            TasksMeta::parse(br#"{"pbtResults":{"1. Old":{"status":"passed"},"2. B":{"status":"passed"}}}"#);
        let tasks = Tasks::parse(b"- [ ] 1. New\n- [ ] 2. B\n");
        assert_eq!(meta.orphans(&tasks).map(|entry| entry.task.as_str()).collect::<Vec<_>>(), ["1. Old"]);
    }
}
