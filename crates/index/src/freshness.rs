//! What the documents of a spec have not seen of each other since its baseline: an approval, else the commits that
//! edited them together. Compares no words itself.

use plan::drift::{ALERT_MIN, Accepted, Because, Drift, DriftKind};
use plan::freshness::{Cause, Outdated, Source, Subject};
use plan::{Plan, Reading};
use spec::State;

use crate::past::{APPROVAL, Past};
use crate::repository::Entry;

/// Something written for a source that says something else now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// What happened to the source.
    pub cause: Cause,
    /// What an acceptance of it names: `2.1`, `property:1`, `section:Store`.
    pub item: String,
    /// The titles of the design sections that stand on it.
    pub sections: Vec<String>,
    /// The tasks that stand on it, each with its state.
    pub tasks: Vec<(String, State)>,
    /// The commit that changed the source; `None` when it is not committed yet.
    pub because: Option<Because>,
    /// Since when it is outdated.
    pub since: Since,
    /// What an acceptance must hold.
    pub digest: u64,
}

/// When a section or task last agreed with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// When a person approved the documents.
    Approval,
    /// With that commit.
    Commit(Because),
}

/// What is stale in the documents as they are and was not accepted, in the order of the first thing that stands on it.
/// Empty when nothing is known to compare them with; see [`Past::timelines`].
pub fn stale(reading: &Reading, plan: &Plan, accepted: &Accepted, past: &Past, today: &str) -> Vec<Stale> {
    let Some(timeline) = past.timelines.get(&plan.name) else { return Vec::new() };
    let found = timeline.outdated(reading, plan).into_iter();
    found
        .filter(|one| !is_accepted(one, accepted, past, today))
        .map(|one| {
            let mut stale = Stale {
                item: one.cause.source().item(),
                sections: Vec::new(),
                tasks: Vec::new(),
                because: one.commit.as_deref().map(|hash| named(past, hash)),
                since: match one.since.as_str() {
                    APPROVAL => Since::Approval,
                    hash => Since::Commit(named(past, hash)),
                },
                digest: one.digest,
                cause: one.cause,
            };
            for (subject, _) in one.stands {
                match subject {
                    Subject::Section(title) => stale.sections.push(title),
                    Subject::Task(id) => {
                        let state = plan.step(&id).map_or(State::Open, |step| step.state);
                        stale.tasks.push((id, state));
                    }
                }
            }
            stale
        })
        .collect()
}

/// Puts what is stale among the drift of a spec. Finished tasks are left to drift wherever it knows when they were
/// finished: it also looks whether their code followed.
pub(crate) fn in_drift(entry: &Entry, past: &Past, stale: Vec<Stale>, found: &mut Vec<Drift>) {
    let name = entry.place.name.as_str();
    let is_judged = |task: &str| {
        past.completed.iter().any(|completed| completed.task.spec == name && completed.task.task == task)
    };
    for one in stale {
        let tasks: Vec<&String> = one
            .tasks
            .iter()
            .filter(|(task, state)| *state != State::Done || !is_judged(task))
            .map(|(task, _)| task)
            .collect();
        if tasks.is_empty() && one.sections.is_empty() {
            continue;
        }
        let sections = one.sections.iter().map(|title| Subject::Section(title.clone()).to_string());
        let stands = sections.chain(tasks.iter().map(|task| Subject::Task((*task).clone()).to_string()));
        let (confidence, suggestion) = match &one.cause {
            Cause::Changed(_) => (80, None),
            Cause::Removed(_) => (90, None),
            // Only a heading has other words.
            Cause::Renumbered { from: Source::Section(_), to } => (40, Some(to.to_string())),
            Cause::Renumbered { to, .. } => (90, Some(to.to_string())),
        };
        found.push(Drift {
            task: tasks.first().map(|task| (*task).clone()),
            criteria: match one.cause.source() {
                Source::Criterion(id) => vec![id.clone()],
                _ => Vec::new(),
            },
            stands: stands.collect(),
            suggestion,
            because: one.because.into_iter().collect(),
            confidence,
            is_alert: confidence >= ALERT_MIN,
            digest: one.digest,
            ..plan::drift::empty(DriftKind::Outdated, one.item)
        });
    }
}

/// Whether somebody looked at it as it is, or after it was changed.
fn is_accepted(one: &Outdated, accepted: &Accepted, past: &Past, today: &str) -> bool {
    let item = one.cause.source().item();
    let place = |hash: &str| past.commits.iter().position(|commit| commit.hash == hash);
    let mut of_it = accepted
        .entries
        .iter()
        .filter(|entry| (entry.item == item || entry.item == "*") && !entry.is_expired(today));
    of_it.any(|entry| {
        let is_later = match (place(&entry.commit), one.commit.as_deref().and_then(place)) {
            // Newest first.
            (Some(accepted), Some(changed)) => accepted <= changed,
            _ => false,
        };
        is_later || one.digest != 0 && entry.digest == one.digest
    })
}

fn named(past: &Past, hash: &str) -> Because {
    let known = past.commits.iter().find(|commit| commit.hash == hash);
    let subject = known.map(|commit| commit.subject.clone()).unwrap_or_default();
    Because { commit: hash.to_string(), subject }
}
