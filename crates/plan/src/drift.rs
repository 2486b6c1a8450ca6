//! Where documents and code have gone apart: dead references, criteria that changed after their work, code that changed
//! without its spec. Reads no file and no history; decides nothing about what to do.

mod accepted;
mod code;
mod facts;
mod noise;
mod references;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use spec::State;
use spec::references::normal_id;

pub use accepted::{ACCEPTED_MAX, Accepted, Entry};
pub use facts::{Completed, Contents, DriftFacts, Edited, Version, baseline, plain_digest, text_digest};
pub use noise::{ALERT_MIN, SHARE_MAX, within_budget};

use crate::read::Plan;
use facts::Known;

/// Findings of one spec; the surest are kept.
pub const DRIFTS_MAX: usize = 500;

/// Commits named as the reason of one finding.
const REASONS_MAX: usize = 3;

/// What has gone apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DriftKind {
    /// A finished task names a file or symbol that is gone.
    DeadReference,
    /// A finished task names a file or symbol that is elsewhere now; the suggestion says where.
    Moved,
    /// A criterion says something else than when its task was finished.
    SuspectCriterion,
    /// Code of a finished task changed its meaning without the spec.
    SuspectCode,
    /// Something that can be used from outside is new in a file of the spec, and no criterion asks for it.
    Unspecified,
    /// An acceptance no longer holds because its time is over.
    AcceptanceExpired,
    /// Design sections and tasks were written for what a criterion, a property or a section said before.
    Outdated,
}

/// A commit that is the reason for a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Because {
    /// Its name.
    pub commit: String,
    /// The first line of its message.
    pub subject: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// What has gone apart.
    pub kind: DriftKind,
    /// What an acceptance of it names: a criterion's id, a path, or `path#symbol`.
    pub item: String,
    /// The finished task that it belongs to.
    pub task: Option<String>,
    /// The criteria that the task cites, or the criterion itself.
    pub criteria: Vec<String>,
    /// For what is outdated: what was written for it, in words.
    pub stands: Vec<String>,
    /// The file as it is called today, or as the task calls it when it is gone.
    pub path: Option<String>,
    /// The line of the symbol today, counted from 1.
    pub line: Option<usize>,
    /// What the document may say instead.
    pub suggestion: Option<String>,
    /// The commits that did it, newest first, at most three.
    pub because: Vec<Because>,
    /// How sure it is that somebody must look, in percent.
    pub confidence: u8,
    /// Whether it is worth an interruption; the others are notes.
    pub is_alert: bool,
    /// What an acceptance of it must hold: the digest of the text or symbol today, 0 when there is none.
    pub digest: u64,
}

/// One spec as drift sees it.
#[derive(Clone, Copy, Debug)]
pub struct DriftSpec<'a> {
    /// What its documents mean today.
    pub plan: &'a Plan,
    /// The text of its tasks, for the symbols that they name.
    pub reading: &'a crate::reading::Reading,
    /// What somebody looked at and found true.
    pub accepted: &'a Accepted,
}

/// The findings of every spec by name, the budget of noise applied. `today` is a date such as `2026-11-21`.
pub fn drift_of_all(
    specs: &[DriftSpec<'_>],
    facts: &DriftFacts,
    today: &str,
) -> BTreeMap<String, Vec<Drift>> {
    let known = Known::of(facts);
    let shared = noise::named_by(specs);
    let mut all: BTreeMap<String, Vec<Drift>> = BTreeMap::new();
    for spec in specs {
        let found = drift(spec, facts, &known, &shared, today);
        all.entry(spec.plan.name.clone()).or_default().extend(found);
    }
    within_budget(&mut all);
    all
}

fn drift(
    spec: &DriftSpec<'_>,
    facts: &DriftFacts,
    known: &Known<'_>,
    shared: &HashMap<String, usize>,
    today: &str,
) -> Vec<Drift> {
    let name = spec.plan.name.as_str();
    let ground = Ground { spec, facts, known, shared, today, start: known.start(name) };
    let mut found = Vec::new();
    ground.expired(&mut found);
    ground.criteria(&mut found);
    ground.code(&mut found);
    for drift in &mut found {
        drift.is_alert = drift.confidence >= ALERT_MIN
            && !matches!(
                drift.kind,
                DriftKind::Moved | DriftKind::Unspecified | DriftKind::AcceptanceExpired
            );
    }
    // Several tasks may name the same place; the surest finding of it is kept.
    found.sort_by(|a, b| (b.is_alert, b.confidence, a).cmp(&(a.is_alert, a.confidence, b)));
    let mut seen: BTreeSet<(DriftKind, String)> = BTreeSet::new();
    found.retain(|drift| seen.insert((drift.kind, drift.item.clone())));
    found.truncate(DRIFTS_MAX);
    found
}

/// What all findings of one spec stand on.
struct Ground<'a> {
    spec: &'a DriftSpec<'a>,
    facts: &'a DriftFacts,
    known: &'a Known<'a>,
    shared: &'a HashMap<String, usize>,
    today: &'a str,
    /// The place of the baseline among the commits, oldest first; changes after it count.
    start: usize,
}

impl Ground<'_> {
    /// Acceptances whose time is over.
    fn expired(&self, found: &mut Vec<Drift>) {
        for entry in self.spec.accepted.entries.iter().filter(|entry| entry.is_expired(self.today)) {
            found.push(Drift { confidence: 40, ..empty(DriftKind::AcceptanceExpired, entry.item.clone()) });
        }
    }

    /// Criteria whose words changed after a task that cites them was finished.
    fn criteria(&self, found: &mut Vec<Drift>) {
        let name = self.spec.plan.name.as_str();
        let now: BTreeMap<String, u64> = self
            .spec
            .plan
            .criteria
            .iter()
            .map(|criterion| (normal_id(&criterion.id), text_digest(&criterion.text)))
            .collect();
        let done: BTreeSet<&str> = self.done_tasks().map(|step| step.task_id.as_str()).collect();
        // What the criterion said when the last of its tasks was finished is what counts.
        let mut last: BTreeMap<String, (&Completed, u64)> = BTreeMap::new();
        let completed = self.known.completed(name).iter().copied();
        for completed in completed.filter(|completed| done.contains(completed.task.task.as_str())) {
            for (id, digest) in &completed.criteria {
                let place = self.known.place(&completed.commit);
                let known = last.entry(normal_id(id)).or_insert((completed, *digest));
                if place >= self.known.place(&known.0.commit) {
                    *known = (completed, *digest);
                }
            }
        }
        for (id, (completed, digest)) in last {
            let Some(today) = now.get(&id).copied().filter(|today| *today != digest) else { continue };
            let edits = self.edits(&id, completed, digest);
            let open: Vec<usize> = match edits.as_slice() {
                // The edits are not known; then the last of the whole spec stands for them.
                [] => vec![self.start],
                edits => edits.iter().copied().filter(|place| !self.is_in_step(*place, completed)).collect(),
            };
            let Some(newest) = open.iter().max() else { continue };
            if self.accepts(&id, Some(*newest), today) {
                continue;
            }
            found.push(Drift {
                task: Some(completed.task.task.clone()),
                criteria: vec![id.clone()],
                confidence: 80,
                because: if edits.is_empty() { Vec::new() } else { self.because(&open) },
                digest: today,
                ..empty(DriftKind::SuspectCriterion, id)
            });
        }
    }

    /// The places of the commits that changed a criterion after its task was finished.
    fn edits(&self, id: &str, completed: &Completed, digest: u64) -> Vec<usize> {
        let name = self.spec.plan.name.as_str();
        let done = self.known.place(&completed.commit);
        let said = |edited: &facts::Edited| {
            edited.criteria.iter().find(|(other, _)| normal_id(other) == id).map(|(_, digest)| *digest)
        };
        let mut edits: Vec<(usize, Option<u64>)> = self
            .known
            .edited(name)
            .iter()
            .map(|edited| (self.known.place(&edited.commit), said(edited)))
            .filter(|(place, _)| *place > done)
            .collect();
        edits.sort_unstable();
        let mut last = Some(digest);
        edits.retain(|(_, digest)| std::mem::replace(&mut last, *digest) != *digest);
        edits.into_iter().map(|(place, _)| place).collect()
    }

    /// Whether a commit that changed a criterion changed the code of its task as well.
    fn is_in_step(&self, place: usize, completed: &Completed) -> bool {
        let Some(commit) = self.known.commit(place) else { return false };
        let step = self.spec.plan.step(&completed.task.task);
        let named = step.map(|step| step.files.as_slice()).unwrap_or_default();
        named.iter().any(|named| commit.files.iter().any(|file| crate::scope::covers(named, file)))
    }

    fn because(&self, places: &[usize]) -> Vec<Because> {
        let mut places = places.to_vec();
        places.sort_unstable_by(|a, b| b.cmp(a));
        places.dedup();
        let commits = places.into_iter().take(REASONS_MAX).filter_map(|place| self.known.commit(place));
        commits
            .map(|commit| Because { commit: commit.hash.clone(), subject: commit.subject.clone() })
            .collect()
    }

    fn done_tasks(&self) -> impl Iterator<Item = &crate::read::Step> {
        self.spec.plan.steps.iter().filter(|step| step.is_leaf && step.state == State::Done)
    }

    /// Whether somebody accepted an item with this digest, or at or after a change.
    fn accepts(&self, item: &str, change: Option<usize>, digest: u64) -> bool {
        let path = item.split('#').next().unwrap_or(item);
        let is_of_it = |entry: &&Entry| {
            (entry.item == item || entry.item == "*" || entry.item == path) && !entry.is_expired(self.today)
        };
        self.spec.accepted.entries.iter().filter(is_of_it).any(|entry| {
            let is_later = match (self.known.find(&entry.commit), change) {
                (Some(accepted), Some(change)) => change <= accepted,
                _ => false,
            };
            is_later || digest != 0 && entry.digest == digest
        })
    }
}

/// A finding without anything.
pub fn empty(kind: DriftKind, item: String) -> Drift {
    Drift {
        kind,
        item,
        task: None,
        criteria: Vec::new(),
        stands: Vec::new(),
        path: None,
        line: None,
        suggestion: None,
        because: Vec::new(),
        confidence: 0,
        is_alert: false,
        digest: 0,
    }
}
