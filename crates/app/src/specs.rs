//! What the ledger knows of a spec: approvals, the work on each task, its evidence. A fold over the spec's journal.

use std::collections::BTreeMap;

use conversation::{Check, Cost, Digest, Event, Hooked};
use index::past::Approval;
use ledger::{LedgerError, Store};
use plan::{Shape, SpecDocuments};

use crate::error::{Error, Outcome};
use crate::write_scope::{self, WriteScope};
use index::SpecPlace;

/// The record of a spec, folded.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpecRecord {
    /// The approved digest of each document, by file name.
    pub(crate) approved: BTreeMap<String, Digest>,
    /// Who approved last.
    pub(crate) approved_by: Option<String>,
    /// When, in milliseconds since 1970.
    pub(crate) approved_at: u64,
    /// The check commands that the approval covers.
    pub(crate) checks: Vec<String>,
    /// What is known of each task, by number.
    pub(crate) tasks: BTreeMap<String, TaskRecord>,
    /// What hooks said when a task ended and no task's session was told yet, oldest first.
    pub(crate) untold: Vec<Hooked>,
}

/// Hooks whose words wait for the next task; the oldest give way.
const UNTOLD_MAX: usize = 50;

/// Names of one spec, one after the other, that are followed.
const RENAMES_MAX: usize = 16;

/// The words with which the record of a spec says that it has another name now.
pub(crate) fn renamed(old: &str, new: &str) -> String {
    format!("rename the spec `{old}` to `{new}`")
}

/// The two names in such words.
fn names_of(what: &str) -> Option<(&str, &str)> {
    let rest = what.strip_prefix("rename the spec `")?.strip_suffix('`')?;
    rest.split_once("` to `")
}

/// The record under one name. Given `successor`, what it was when it was renamed to that the last time up to `until`.
fn fold(
    store: &Store,
    known: &[String],
    name: &str,
    successor: Option<&str>,
    until: u64,
    left: usize,
) -> Outcome<SpecRecord> {
    let mut record = SpecRecord::default();
    let mut handed_over = SpecRecord::default();
    if left == 0 || !known.iter().any(|known| known == name) {
        return Ok(record);
    }
    let stored = store.read_spec(name).map_err(Error::from)?;
    for one in stored.iter().filter(|one| one.at <= until) {
        let Some(event) = one.event() else { continue };
        let names = match event {
            Event::Edited(edited) => names_of(&edited.what),
            _ => None,
        };
        match names {
            Some((old, new)) if new == name => {
                record = fold(store, known, old, Some(name), one.at, left - 1)?;
            }
            // Whatever is called like this from now on is another spec.
            Some((old, new)) if old == name => {
                let gone = std::mem::take(&mut record);
                if successor == Some(new) {
                    handed_over = gone;
                }
            }
            _ => {
                if matches!(event, Event::Approved { .. }) {
                    record.approved_at = one.at;
                }
                record.happen(event);
            }
        }
    }
    Ok(if successor.is_some() { handed_over } else { record })
}

/// The work on one task.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskRecord {
    /// The session that carries it out, and the snapshot before it, while it is not done with.
    pub(crate) open: Option<(String, String)>,
    /// The last session.
    pub(crate) session: Option<String>,
    /// Snapshots before and after, and what differs.
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) files: Vec<(String, u32, u32)>,
    /// Money, when the price was known.
    pub(crate) cost: Option<Cost>,
    /// The last check.
    pub(crate) check: Option<Check>,
    /// The last tick and why.
    pub(crate) state: Option<(char, String)>,
}

impl SpecRecord {
    /// Reads the record of a spec; empty when nothing happened to it yet. What happened under an earlier name belongs to
    /// it.
    pub(crate) fn read(store: &Store, place: &SpecPlace) -> Outcome<SpecRecord> {
        let known = store.list_specs().map_err(Error::from)?;
        fold(store, &known, &place.record_name(), None, u64::MAX, RENAMES_MAX)
    }

    /// The documents as they were approved last, boxes empty. `None` when nothing was approved, or by a Waypost that
    /// did not keep them.
    pub(crate) fn approval(&self, store: &Store, place: &SpecPlace) -> Option<Approval> {
        let mut documents =
            SpecDocuments { name: place.name.clone(), shape: place.shape, ..SpecDocuments::default() };
        for (name, digest) in &self.approved {
            let bytes = Some(store.content().get(digest).ok()?);
            match (place.shape, name.as_str()) {
                (Shape::Single, _) => documents.single = bytes,
                (_, "requirements.md") => documents.requirements = bytes,
                (_, "bugfix.md") => documents.bugfix = bytes,
                (_, "design.md") => documents.design = bytes,
                (_, "tasks.md") => documents.tasks = bytes,
                _ => {}
            }
        }
        let at = i64::try_from(self.approved_at / 1000).unwrap_or(i64::MAX);
        let by = self.approved_by.clone()?;
        Some(Approval { at, by, documents })
    }

    /// Lets one event happen.
    pub(crate) fn happen(&mut self, event: &Event) {
        match event {
            Event::Approved { by, documents, checks } => {
                self.approved = documents.iter().cloned().collect();
                self.approved_by = Some(by.clone());
                self.checks.clone_from(checks);
            }
            // Recorded with its words when it said them, and without when they were told.
            Event::Hooked(hooked) => {
                self.untold.retain(|said| said.call != hooked.call);
                if !hooked.context.is_empty() {
                    self.untold.push(hooked.clone());
                    self.untold.drain(..self.untold.len().saturating_sub(UNTOLD_MAX));
                }
            }
            Event::TaskStarted { task, session, before } => {
                let record = self.tasks.entry(task.clone()).or_default();
                *record = TaskRecord {
                    open: Some((session.clone(), before.clone())),
                    session: Some(session.clone()),
                    before: before.clone(),
                    state: record.state.take(),
                    ..TaskRecord::default()
                };
            }
            Event::Changed { task, after, files, cost, .. } => {
                let record = self.tasks.entry(task.clone()).or_default();
                record.after.clone_from(after);
                record.files.clone_from(files);
                record.cost = *cost;
            }
            Event::Checked(check) => {
                if let Some(task) = &check.task {
                    self.tasks.entry(task.clone()).or_default().check = Some(check.clone());
                }
            }
            Event::Ticked { task, state, why } => {
                let record = self.tasks.entry(task.clone()).or_default();
                record.state = Some((*state, why.clone()));
                if *state != '-' {
                    record.open = None;
                }
            }
            _ => {}
        }
    }

    /// The documents that are not approved as they are now, the write scope among them. A scope that cannot be read is
    /// never what was approved.
    pub(crate) fn unapproved(&self, documents: &SpecDocuments, scope: Option<&WriteScope>) -> Vec<String> {
        let documents = plan::approval::documents(documents).into_iter();
        let mut now: Vec<(String, Option<Digest>)> =
            documents.map(|(name, bytes)| (name, Some(Digest::of(&bytes)))).collect();
        now.extend(scope.map(|scope| (write_scope::FILE.to_string(), scope.digest)));
        let changed = now
            .iter()
            .filter(|(name, digest)| digest.is_none() || self.approved.get(name) != digest.as_ref());
        let changed: Vec<String> = changed.map(|(name, _)| name.clone()).collect();
        let gone = self.approved.keys().filter(|name| !now.iter().any(|(there, _)| there == *name));
        changed.into_iter().chain(gone.cloned()).collect()
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Error {
        // The ledger's messages name their next step themselves.
        match error {
            LedgerError::NotFound { .. } | LedgerError::Ambiguous { .. } | LedgerError::Name { .. } => {
                Error::usage(error)
            }
            other => Error::failed(other),
        }
    }
}
