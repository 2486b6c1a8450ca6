//! Plans the way back: what undoing some checkpoints would do to each file, and what somebody else changed since and
//! therefore stays. Writes nothing into the workspace.
//!
//! Each checkpoint is a change from the snapshot before to the one after. Undoing goes through them from the newest to
//! the oldest and takes each change back out of the files as they are now. Where a file is exactly as the call left it,
//! that is simple; where it is not, a person (or another call that is not undone) changed it since, and the two changes
//! are merged or the file is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::checkpoints::{Checkpoint, Wrote, all};
use crate::contents::FILE_BYTES_MAX;
use crate::merge::{MERGE_BYTES_MAX, merge};
use crate::object::{FILE, Id, Kind, Node, PERMISSIONS};
use crate::snapshots::Look;
use crate::store::{Batch, Store};
use crate::trees::{Differs, Overlaid, Trees};
use crate::{SnapshotError, Snapshots, beneath};

/// What to undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// The checkpoints, in any order.
    pub checkpoints: Vec<u64>,
    /// Only what lies at or below these paths, relative to the workspace; everything when empty.
    pub paths: Vec<PathBuf>,
    /// What changed since a call that never ended: it is not known whether the call or a person did it. With `true`
    /// it is undone, with `false` kept.
    pub unended: bool,
}

/// What undoing would do, by path. Nothing has been changed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is undone, oldest first.
    pub checkpoints: Vec<u64>,
    /// What would be written, removed or made.
    pub steps: Vec<Step>,
    /// What stays as it is although a checkpoint that is undone had changed it.
    pub kept: Vec<Kept>,
    /// The files as they are now.
    pub now: String,
    /// The files as they would be.
    pub then: String,
}

/// One path that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// What would happen to it.
    pub action: Action,
    pub(crate) from: Option<Node>,
    pub(crate) to: Option<Node>,
}

/// What would happen to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It comes back.
    Create,
    /// Its bytes, its mode or its kind become what they were.
    Replace,
    /// The call's change is taken out and another one stays in.
    Merge,
    /// It goes.
    Remove,
}

/// One path that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// Why.
    pub why: Reason,
}

/// Why a path stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It was changed since, in a way that cannot be merged.
    ChangedSince,
    /// It was removed since.
    RemovedSince,
    /// It was changed between the plan and the restore.
    ChangedMeanwhile,
    /// Something that stays stands in its place, or where its directory would be.
    Occupied,
    /// The call never ended, so nobody knows who changed it.
    Unended,
    /// Its bytes are not in the store.
    NotHeld,
    /// The directory holds files that no snapshot holds.
    NotEmpty,
    /// It lies on another file system than the workspace.
    OtherDevice,
    /// The system refused to change it.
    Refused,
}

impl Reason {
    /// In words, for a person.
    pub fn words(self) -> &'static str {
        match self {
            Reason::ChangedSince => {
                "it was changed since, in the same lines or in a way that cannot be merged"
            }
            Reason::RemovedSince => "it was removed since",
            Reason::ChangedMeanwhile => "it was changed while the restore ran",
            Reason::Occupied => "something that stays is in its place",
            Reason::Unended => "the call never ended, so nobody knows who changed it",
            Reason::NotHeld => "its bytes are not in the store",
            Reason::NotEmpty => "the directory holds files that no checkpoint holds",
            Reason::OtherDevice => "it is on another file system",
            Reason::Refused => "the system refused to change it",
        }
    }
}

/// A path on the way back.
struct Way {
    /// As it is now.
    now: Option<Node>,
    /// As it will be.
    then: Option<Node>,
    is_merged: bool,
    kept: Option<Reason>,
}

/// What is known while a plan is made.
struct Planner<'s> {
    store: &'s Store,
    trees: Trees<'s>,
    ways: BTreeMap<Vec<u8>, Way>,
    /// Merged texts that are not in the store yet.
    fresh: Vec<(Id, Vec<u8>)>,
    now: Id,
}

impl Snapshots {
    /// The checkpoints of a session from one of them on, its restores among them: what "back to before this call"
    /// undoes.
    ///
    /// # Errors
    /// [`SnapshotError::NoCheckpoint`].
    pub fn since(&self, number: u64) -> Result<Vec<u64>, SnapshotError> {
        self.with_store(|store, _| {
            let all = all(store)?;
            let first = all.get(&number).ok_or(SnapshotError::NoCheckpoint(number))?;
            let session = first.cause.session.clone();
            let is_of = |checkpoint: &&Checkpoint| {
                checkpoint.number >= number && checkpoint.cause.session == session && checkpoint.is_change()
            };
            Ok(all.values().filter(is_of).map(|checkpoint| checkpoint.number).collect())
        })
    }

    /// The checkpoints of a task, in whichever sessions it was carried out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of_task(&self, task: &str) -> Result<Vec<u64>, SnapshotError> {
        self.chosen(|checkpoint| checkpoint.cause.task.as_deref() == Some(task))
    }

    /// The checkpoints of a session.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of_session(&self, session: &str) -> Result<Vec<u64>, SnapshotError> {
        self.chosen(|checkpoint| checkpoint.cause.session == session)
    }

    fn chosen(&self, is_chosen: impl Fn(&Checkpoint) -> bool) -> Result<Vec<u64>, SnapshotError> {
        let all = self.checkpoints()?;
        let chosen = all.iter().filter(|checkpoint| checkpoint.is_change() && is_chosen(checkpoint));
        Ok(chosen.map(|checkpoint| checkpoint.number).collect())
    }

    /// What undoing these checkpoints would do. Takes a snapshot of the files as they are.
    ///
    /// # Errors
    /// [`SnapshotError::NoCheckpoint`], [`SnapshotError::Misused`] for one that belongs to no call, and those of
    /// [`Snapshots::snapshot`].
    pub fn plan(&self, undo: &Undo) -> Result<Plan, SnapshotError> {
        let now = self.take(Look::All, |_, taken| Ok(taken.tree))?;
        self.with_store(|store, lock| {
            let (ways, overlaid, then, mut fresh) = {
                let checkpoints = all(store)?;
                let mut planner = Planner {
                    store,
                    trees: Trees::new(store),
                    ways: BTreeMap::new(),
                    fresh: Vec::new(),
                    now,
                };
                let chosen: BTreeSet<u64> = undo.checkpoints.iter().copied().collect();
                for number in chosen.iter().rev() {
                    planner.take_back(&checkpoints, *number, undo)?;
                }
                planner.keep_what_is_not_held();
                let (overlaid, then) = planner.overlay()?;
                (planner.ways, overlaid, then, planner.fresh)
            };
            let mut batch = Batch::new(store, lock);
            for (id, bytes) in fresh.drain(..) {
                batch.put_named(Kind::Blob, id, &bytes)?;
            }
            for (id, bytes) in &overlaid.fresh {
                batch.put_named(Kind::Tree, *id, bytes)?;
            }
            batch.commit()?;
            let steps = Trees::new(store).differences(&now, &then)?;
            let steps = steps.into_iter().map(|differs| step(differs, &ways)).collect();
            let mut chosen = undo.checkpoints.clone();
            chosen.sort_unstable();
            chosen.dedup();
            let kept = ways.into_iter().filter_map(|(path, way)| Some((path, way.kept?)));
            let kept = kept.map(|(path, why)| Kept { path: beneath::as_path(&path).into(), why }).collect();
            Ok(Plan { checkpoints: chosen, steps, kept, now: now.to_string(), then: then.to_string() })
        })
    }
}

impl Checkpoint {
    /// Whether there is something that could be undone.
    pub(crate) fn is_change(&self) -> bool {
        self.kind != crate::checkpoints::Kind::Plain
            && self.after.as_ref().is_none_or(|(_, wrote)| *wrote != Wrote::Nothing)
    }
}

impl Planner<'_> {
    /// Takes the change of one checkpoint out of what the paths are to become.
    fn take_back(
        &mut self,
        checkpoints: &BTreeMap<u64, Checkpoint>,
        number: u64,
        undo: &Undo,
    ) -> Result<(), SnapshotError> {
        let checkpoint = checkpoints.get(&number).ok_or(SnapshotError::NoCheckpoint(number))?;
        if checkpoint.kind == crate::checkpoints::Kind::Plain {
            return Err(SnapshotError::Misused {
                number,
                why: "belongs to no call, so there is nothing to undo",
            });
        }
        let before = self.tree(&checkpoint.before)?;
        let (after, wrote) = match &checkpoint.after {
            Some((after, wrote)) => (self.tree(after)?, wrote.clone()),
            None => {
                // The next thing that is known: whatever was taken after it, or the files as they are.
                let next = checkpoints.range(number + 1..).next();
                let after = next.map_or(Ok(self.now), |(_, next)| self.tree(&next.before))?;
                (after, Wrote::Anything)
            }
        };
        let is_unended = checkpoint.after.is_none();
        let differences = self.trees.differences(&before, &after)?;
        for Differs { path, before, after } in differences {
            if !is_within(&path, &undo.paths) || !is_written(&path, before.or(after), &wrote) {
                continue;
            }
            // No snapshot has such a path; one from a damaged store must not get through.
            if path.split(|byte| *byte == b'/').any(|name| name == b".git") {
                continue;
            }
            if !self.ways.contains_key(&path) {
                let now = self.trees.at(&self.now, &path)?;
                self.ways.insert(path.clone(), Way { now, then: now, is_merged: false, kept: None });
            }
            let Some(way) = self.ways.get(&path).filter(|way| way.kept.is_none()) else { continue };
            let then = way.then;
            let outcome = if then == before {
                Ok((then, false))
            } else if is_unended && !undo.unended {
                Err(Reason::Unended)
            } else if then == after {
                Ok((before, false))
            } else {
                self.merged(after, then, before)?
            };
            let Some(way) = self.ways.get_mut(&path) else { continue };
            match outcome {
                Ok((then, is_merged)) => {
                    way.then = then;
                    way.is_merged |= is_merged;
                }
                // It stays as it is after what newer calls did was taken back: what they had removed is there again.
                Err(why) => way.kept = Some(why),
            }
        }
        Ok(())
    }

    /// The node with a change of somebody else in it, and the change from `base` to `back` as well.
    fn merged(
        &mut self,
        base: Option<Node>,
        theirs: Option<Node>,
        back: Option<Node>,
    ) -> Result<Result<(Option<Node>, bool), Reason>, SnapshotError> {
        let Some(theirs) = theirs else { return Ok(Err(Reason::RemovedSince)) };
        let (Some(base), Some(back)) = (base, back) else { return Ok(Err(Reason::ChangedSince)) };
        let is_mergeable = [base, theirs, back].iter().all(Node::is_file)
            || [base, theirs, back].iter().all(Node::is_directory);
        if !is_mergeable {
            return Ok(Err(Reason::ChangedSince));
        }
        let permissions = three_way(base.permissions(), theirs.permissions(), back.permissions());
        let Some(permissions) = permissions else { return Ok(Err(Reason::ChangedSince)) };
        if theirs.is_directory() {
            return Ok(Ok((Some(Node::directory(permissions)), true)));
        }
        let id = match three_way(base.id, theirs.id, back.id) {
            Some(id) => id,
            None => {
                let texts = [base.id, theirs.id, back.id].map(|id| self.text(&id));
                let [Some(base), Some(theirs), Some(back)] = texts else {
                    return Ok(Err(Reason::ChangedSince));
                };
                let Some(text) = merge(&base, &theirs, &back) else { return Ok(Err(Reason::ChangedSince)) };
                let id = Id::of(Kind::Blob, &text);
                self.fresh.push((id, text));
                id
            }
        };
        Ok(Ok((Some(Node { mode: FILE | (permissions & PERMISSIONS), id }), true)))
    }

    /// A text that is short enough to be merged.
    fn text(&self, id: &Id) -> Option<Vec<u8>> {
        let fresh = self.fresh.iter().find(|(fresh, _)| fresh == id).map(|(_, text)| text.clone());
        fresh.or_else(|| self.store.read(id, MERGE_BYTES_MAX).ok())
    }

    /// What cannot be written, because its bytes are gone, is kept.
    fn keep_what_is_not_held(&mut self) {
        for way in self.ways.values_mut() {
            let Some(then) = way.then.filter(|then| !then.is_directory() && Some(*then) != way.now) else {
                continue;
            };
            let is_fresh = self.fresh.iter().any(|(id, _)| *id == then.id);
            let place = self.store.place(&then.id).ok().flatten();
            let is_held = place.is_some_and(|place| place.length <= FILE_BYTES_MAX);
            if !is_fresh && !is_held {
                (way.then, way.kept) = (way.now, Some(Reason::NotHeld));
            }
        }
    }

    /// The whole tree as it will be. What is in the way stays.
    fn overlay(&mut self) -> Result<(Overlaid, Id), SnapshotError> {
        loop {
            let changed = self.ways.iter().filter(|(_, way)| way.now != way.then);
            let changes = changed.map(|(path, way)| (path.clone(), way.then)).collect();
            let mut overlaid = Overlaid::default();
            let then = self.trees.overlay(&self.now, &changes, &mut overlaid)?;
            if overlaid.occupied.is_empty() {
                return Ok((overlaid, then));
            }
            for path in &overlaid.occupied {
                if let Some(way) = self.ways.get_mut(path) {
                    (way.then, way.kept) = (way.now, Some(Reason::Occupied));
                }
            }
        }
    }

    fn tree(&self, tree: &str) -> Result<Id, SnapshotError> {
        let id = Id::read(tree).filter(|id| self.store.has(id));
        id.ok_or_else(|| SnapshotError::Unknown(tree.to_string()))
    }
}

fn step(differs: Differs, ways: &BTreeMap<Vec<u8>, Way>) -> Step {
    let is_merged = ways.get(&differs.path).is_some_and(|way| way.is_merged);
    let action = match (differs.before, differs.after) {
        (None, _) => Action::Create,
        (_, None) => Action::Remove,
        _ if is_merged => Action::Merge,
        _ => Action::Replace,
    };
    let path = std::ffi::OsString::from_vec(differs.path).into();
    Step { path, action, from: differs.before, to: differs.after }
}

/// Both changes of one value; `None` when they differ.
fn three_way<T: PartialEq>(base: T, theirs: T, back: T) -> Option<T> {
    if theirs == back || base == back {
        Some(theirs)
    } else if base == theirs {
        Some(back)
    } else {
        None
    }
}

fn is_within(path: &[u8], wanted: &[PathBuf]) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| beneath::as_path(path).starts_with(wanted))
}

/// Whether a call that wrote this also changed that path. A directory above a written file came or went with it.
fn is_written(path: &[u8], node: Option<Node>, wrote: &Wrote) -> bool {
    match wrote {
        Wrote::Anything => true,
        Wrote::Nothing => false,
        Wrote::Paths(paths) => {
            let is_directory = node.is_some_and(|node| node.is_directory());
            let here = beneath::as_path(path);
            paths.iter().any(|written| written == here || is_directory && written.starts_with(here))
        }
    }
}

/// The bytes of a path.
pub(crate) fn bytes_of(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

#[cfg(test)]
mod tests;
