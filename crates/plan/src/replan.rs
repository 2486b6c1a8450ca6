//! Keeps the ticks of a task document that was written anew: states go with the words, never with the number alone.
//! Every byte but the state bytes stays as it was written.

use std::collections::{BTreeMap, BTreeSet};

use spec::{State, Task, Tasks};

use crate::lineage::{Fate, Lineage, SURE_PERCENT, tasks as items};

/// One task of both documents, or of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number in the old document; empty when the task is new.
    pub old: String,
    /// The number in the new document; empty when the task was removed.
    pub new: String,
    /// The words of its title, new ones where there are any.
    pub title: String,
    /// What the box said before.
    pub before: Option<State>,
    /// What it says now.
    pub after: Option<State>,
    /// Criteria that it cites now and did not cite before, and the other way round, as written.
    pub recited: (Vec<String>, Vec<String>),
}

/// What became of the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replan {
    /// The new document with the states carried over.
    pub document: Vec<u8>,
    /// Unchanged tasks, under their old number or another. Their state was carried over.
    pub kept: Vec<Row>,
    /// Tasks whose words changed. Their state is lost: what was proved was something else.
    pub changed: Vec<Row>,
    /// Tasks with words that several tasks share, so that nobody can say which was done. Their state is lost.
    pub unsure: Vec<Row>,
    /// Tasks that were not there before.
    pub new: Vec<Row>,
    /// Tasks that are gone.
    pub removed: Vec<Row>,
    /// Those of `removed` that were done or begun: work without a task. To be said loudly.
    pub removed_done: Vec<Row>,
    /// Ids of tasks that the new document calls done or begun although nothing of the old one says so. Their state was
    /// taken away.
    pub unproved: Vec<String>,
    /// Ids of tasks above others that were done and are not any more, because some part of them is open.
    pub reopened: Vec<String>,
}

impl Replan {
    /// Unchanged tasks that cite other criteria than before: worth a look, though their words say the same.
    pub fn recited(&self) -> impl Iterator<Item = &Row> {
        self.kept.iter().filter(|row| row.recited != Default::default())
    }

    /// Whether a tick was lost, to a change, to doubt or with its task.
    pub fn has_losses(&self) -> bool {
        let lost = |row: &&Row| row.before.is_some_and(is_progress) && !row.after.is_some_and(is_progress);
        self.changed.iter().chain(&self.unsure).chain(&self.removed).any(|row| lost(&row))
    }
}

/// Carries the states of `old` over to `new`, both whole task documents. `criteria` says what became of the criteria
/// that the tasks cite; without it, a number means what it meant before.
pub fn replan(old: &[u8], new: &[u8], criteria: Option<&Lineage>) -> Replan {
    let (before, after) = (Tasks::parse(old), Tasks::parse(new));
    let lineage = Lineage::of(&items(&before), &items(&after));
    let mut out = Replan { document: new.to_vec(), ..Replan::default() };
    let mut states: Vec<u8> = Vec::with_capacity(after.tasks.len());
    // Links come in the order of the new tasks, removed ones behind.
    for link in lineage.links.iter().filter(|link| link.new.is_some()) {
        let task = link.old.and_then(|at| before.tasks.get(at));
        let is_carried = matches!(link.fate, Fate::Kept | Fate::Moved) && link.confidence >= SURE_PERCENT;
        let byte = task.filter(|_| is_carried).and_then(|task| old.get(task.state_offset)).copied();
        states.push(byte.unwrap_or(b' '));
    }
    let was_done: Vec<bool> = states.iter().map(|byte| state(*byte) == State::Done).collect();
    roll_up(&after, &mut states);
    for (at, (task, byte)) in after.tasks.iter().zip(&states).enumerate() {
        if let Some(place) = out.document.get_mut(task.state_offset) {
            *place = *byte;
        }
        if was_done.get(at) == Some(&true) && state(*byte) != State::Done {
            out.reopened.push(task.id.clone());
        }
        if is_progress(task.state) && !is_progress(state(*byte)) {
            out.unproved.push(task.id.clone());
        }
    }
    for link in &lineage.links {
        let was = link.old.and_then(|at| before.tasks.get(at));
        let is = link.new.and_then(|at| after.tasks.get(at));
        let now = link.new.and_then(|at| states.get(at)).map(|byte| state(*byte));
        let row = row(was, is, now, criteria);
        match link.fate {
            Fate::Kept | Fate::Moved if link.confidence < SURE_PERCENT => out.unsure.push(row),
            Fate::Kept | Fate::Moved => out.kept.push(row),
            Fate::Reworded => out.changed.push(row),
            Fate::New => out.new.push(row),
            Fate::Removed => {
                if row.before.is_some_and(is_progress) {
                    out.removed_done.push(row.clone());
                }
                out.removed.push(row);
            }
        }
    }
    // What was kept is no claim of the new document, whatever its box said.
    let known: BTreeSet<&str> = out.kept.iter().map(|row| row.new.as_str()).collect();
    out.unproved.retain(|id| !known.contains(id.as_str()));
    out
}

/// A task above others is done when its required parts are; Kiro ticks it then, and refuses it before.
fn roll_up(tasks: &Tasks, states: &mut [u8]) {
    // Parts mostly stand behind their whole, but a number may also place them before it: deepest first is safe.
    let mut by_level: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, task) in tasks.tasks.iter().enumerate().filter(|(_, task)| !task.is_leaf()) {
        by_level.entry(task.level).or_default().push(at);
    }
    for at in by_level.into_values().rev().flatten() {
        let Some(task) = tasks.tasks.get(at) else { continue };
        let parts = || {
            task.children.iter().filter_map(|child| Some((tasks.tasks.get(*child)?, *states.get(*child)?)))
        };
        let has_required = parts().any(|(part, _)| !part.optional);
        let mut counted = parts().filter(|(part, _)| !has_required || !part.optional);
        let is_done = counted.all(|(_, byte)| state(byte) == State::Done);
        let Some(byte) = states.get(at).copied() else { continue };
        let next = match (is_done, state(byte)) {
            (true, State::Done) => byte,
            (true, _) => State::Done.byte(),
            (false, State::Done) => State::Open.byte(),
            (false, _) => byte,
        };
        states.get_mut(at).into_iter().for_each(|place| *place = next);
    }
}

fn row(was: Option<&Task>, is: Option<&Task>, now: Option<State>, criteria: Option<&Lineage>) -> Row {
    let recited = match (was, is) {
        (Some(was), Some(is)) => recited(was, is, criteria),
        _ => Default::default(),
    };
    Row {
        old: was.map(|task| task.id.clone()).unwrap_or_default(),
        new: is.map(|task| task.id.clone()).unwrap_or_default(),
        title: is.or(was).map(|task| task.title.clone()).unwrap_or_default(),
        before: was.map(|task| task.state),
        after: now,
        recited,
    }
}

fn recited(was: &Task, is: &Task, criteria: Option<&Lineage>) -> (Vec<String>, Vec<String>) {
    let now = |id: &String| criteria.and_then(|lineage| lineage.renumbered(id)).unwrap_or(id).to_string();
    let old: BTreeSet<String> = was.requirements.iter().map(now).collect();
    let new: BTreeSet<String> = is.requirements.iter().cloned().collect();
    (new.difference(&old).cloned().collect(), old.difference(&new).cloned().collect())
}

fn state(byte: u8) -> State {
    match byte {
        b'~' => State::Queued,
        b'-' => State::InProgress,
        b'x' | b'X' => State::Done,
        _ => State::Open,
    }
}

fn is_progress(state: State) -> bool {
    matches!(state, State::Done | State::InProgress)
}

#[cfg(test)]
#[path = "replan_tests.rs"]
mod tests;
