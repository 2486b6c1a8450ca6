//! What makes a finding weaker or stronger, and how many specs may be flagged at once. Finds nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Drift, DriftSpec};
use crate::trace::CommitFact;

/// The least confidence of an alert, in percent.
pub const ALERT_MIN: u8 = 50;

/// The most specs that are flagged at once, in percent of all. A flag on everything is a flag on nothing.
pub const SHARE_MAX: usize = 15;

/// So many specs may be flagged however few there are.
const SPECS_MIN: usize = 2;

/// Files of a commit that is a sweep over the repository.
const SWEEP_FILES_MIN: usize = 25;

/// Specs that name the same file from which on it belongs to none of them.
const SHARED_MIN: usize = 4;

/// How many specs name each file.
pub(super) fn named_by(specs: &[DriftSpec<'_>]) -> HashMap<String, usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for spec in specs {
        let files: BTreeSet<&String> = spec.plan.steps.iter().flat_map(|step| &step.files).collect();
        for file in files {
            *counts.entry(file.clone()).or_default() += 1;
        }
    }
    counts
}

/// How much a commit's change counts, in percent, by what its message says that it is and how wide it reaches.
pub(super) fn weight_of(commit: &CommitFact) -> u8 {
    let kind = commit.subject.split([':', '(', '!', ' ']).next().unwrap_or_default().to_ascii_lowercase();
    let by_kind = match kind.as_str() {
        "style" | "format" | "fmt" | "lint" | "docs" | "doc" | "chore" | "ci" | "build" | "test"
        | "tests" => 30,
        "refactor" | "rename" | "cleanup" | "move" => 50,
        "fix" | "bugfix" | "hotfix" | "perf" => 70,
        _ => 100,
    };
    let is_sweep = commit.files.len() >= SWEEP_FILES_MIN;
    percent(by_kind, if is_sweep { 50 } else { 100 })
}

/// How much a file that so many specs name says about one of them, in percent.
pub(super) fn weight_of_shared(specs: usize) -> u8 {
    if specs >= SHARED_MIN { 40 } else { 100 }
}

/// A part of a part.
pub(super) fn percent(one: u8, other: u8) -> u8 {
    u8::try_from(u16::from(one) * u16::from(other) / 100).unwrap_or(100)
}

/// Keeps the alerts of the surest specs and makes notes of the others, so that at most [`SHARE_MAX`] percent of the
/// specs are flagged. Nothing is dropped.
pub fn within_budget(all: &mut BTreeMap<String, Vec<Drift>>) {
    let room = (all.len() * SHARE_MAX / 100).max(SPECS_MIN);
    let mut flagged: Vec<(u8, usize, String)> = Vec::new();
    for (name, drifts) in all.iter() {
        let alerts: Vec<u8> =
            drifts.iter().filter(|drift| drift.is_alert).map(|drift| drift.confidence).collect();
        if let Some(best) = alerts.iter().max() {
            flagged.push((*best, alerts.len(), name.clone()));
        }
    }
    flagged.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
    for (_, _, name) in flagged.into_iter().skip(room) {
        for drift in all.get_mut(&name).into_iter().flatten() {
            drift.is_alert = false;
        }
    }
}
