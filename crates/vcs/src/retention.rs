//! Prunes old checkpoints and gives their space back. Never those of a running session, and never while a restore is
//! unfinished.

#![expect(clippy::disallowed_methods, reason = "when it was pruned last is a small file")]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::checkpoints::{Checkpoint, Mark, What, all, marks, put};
use crate::object::{EMPTY_TREE, Id};
use crate::store::{Batch, Lock, Store};
use crate::{SnapshotError, Snapshots};

/// For how long checkpoints are kept, in milliseconds: 30 days.
pub const AGE_MS_MAX: i64 = 30 * 24 * 60 * 60 * 1000;
/// How many checkpoints are kept.
pub const COUNT_MAX: usize = 5_000;
/// How many bytes the checkpoints of a workspace take up.
pub const BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// How often is looked for what is too old.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The store is written anew when at least this share of it, in percent, is not needed.
const WASTE_PERCENT: u64 = 25;

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How old a checkpoint may become, in milliseconds.
    pub age_ms_max: i64,
    /// How many there may be.
    pub count_max: usize,
    /// How many bytes their objects may take up.
    pub bytes_max: u64,
    /// Sessions that are running: theirs are kept whatever the bounds say.
    pub running: BTreeSet<String>,
}

/// What was pruned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many checkpoints are gone.
    pub checkpoints: usize,
    /// How many are left.
    pub left: usize,
    /// How many bytes the store has become smaller by.
    pub bytes: u64,
    /// How many it has now.
    pub bytes_left: u64,
    /// How many bytes of trash are gone.
    pub trashed: u64,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention {
            age_ms_max: AGE_MS_MAX,
            count_max: COUNT_MAX,
            bytes_max: BYTES_MAX,
            running: BTreeSet::new(),
        }
    }
}

impl Snapshots {
    /// Prunes what passes the bounds, oldest first, and writes the store anew when enough of it is not needed. While
    /// that is done both are on the disk.
    ///
    /// Going back past a pruned checkpoint keeps what its call had changed: it counts as somebody else's.
    ///
    /// # Errors
    /// [`SnapshotError::Unfinished`] when a restore was cut off; when the store cannot be written. Nothing is lost
    /// then.
    pub fn prune(&self, retention: &Retention) -> Result<Pruned, SnapshotError> {
        let now = self.now_ms()?;
        self.with_store(|store, lock| {
            if let Some(number) = crate::restore::unfinished(store)? {
                return Err(SnapshotError::Unfinished(number));
            }
            let checkpoints = all(store)?;
            let (kept, objects) = keep(store, &checkpoints, retention, now)?;
            let bytes_before = store.bytes();
            let mut needed = 0;
            for id in &objects {
                needed += store.place(id)?.map_or(0, |place| place.length);
            }
            let pruned = checkpoints.len() - kept.len();
            let wasted = bytes_before.saturating_sub(needed);
            if pruned > 0 || wasted.saturating_mul(100) >= bytes_before.saturating_mul(WASTE_PERCENT) {
                rewrite(store, lock, &kept, &objects)?;
            }
            let bytes_left = store.bytes();
            let bytes = bytes_before.saturating_sub(bytes_left);
            let trashed =
                crate::trash::prune(store.directory(), &retention.running, retention.age_ms_max, now)?;
            Ok(Pruned { checkpoints: pruned, left: kept.len(), bytes, bytes_left, trashed })
        })
    }
}

impl Snapshots {
    /// Prunes when that was not done for a day; `None` when it was, or when there is no store yet.
    ///
    /// # Errors
    /// Those of [`Snapshots::prune`].
    pub fn prune_daily(
        &self,
        retention: impl FnOnce() -> Retention,
    ) -> Result<Option<Pruned>, SnapshotError> {
        if !self.directory().is_dir() {
            return Ok(None);
        }
        let path = self.directory().join("pruned");
        let now = self.now_ms()?;
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        // A clock that went back is no reason to wait for it.
        if text.trim().parse().is_ok_and(|last: i64| (0..DAY_MS).contains(&now.saturating_sub(last))) {
            return Ok(None);
        }
        let pruned = self.prune(&retention())?;
        std::fs::write(&path, now.to_string()).map_err(SnapshotError::io("write", &path))?;
        Ok(Some(pruned))
    }
}

/// The numbers that stay, and every object that they need.
fn keep(
    store: &Store,
    checkpoints: &BTreeMap<u64, Checkpoint>,
    retention: &Retention,
    now: i64,
) -> Result<(BTreeSet<u64>, HashSet<Id>), SnapshotError> {
    let mut kept = BTreeSet::new();
    let mut objects = HashSet::new();
    let mut bytes = 0_u64;
    let is_running = |checkpoint: &Checkpoint| retention.running.contains(&checkpoint.cause.session);
    // Running sessions first: what they take up counts before anything else does.
    let (running, others): (Vec<_>, Vec<_>) =
        checkpoints.values().rev().partition(|checkpoint| is_running(checkpoint));
    for checkpoint in running {
        bytes += reach(store, checkpoint, &mut objects)?.1;
        kept.insert(checkpoint.number);
    }
    for checkpoint in others {
        let is_old = now.saturating_sub(checkpoint.at) > retention.age_ms_max;
        if is_old || kept.len() >= retention.count_max {
            continue;
        }
        let (fresh, more) = reach(store, checkpoint, &mut objects)?;
        if bytes.saturating_add(more) > retention.bytes_max {
            for id in fresh {
                objects.remove(&id);
            }
            // Older ones would need space as well.
            break;
        }
        bytes += more;
        kept.insert(checkpoint.number);
    }
    Ok((kept, objects))
}

/// Adds what a checkpoint needs; gives what was not there before and its bytes.
fn reach(
    store: &Store,
    checkpoint: &Checkpoint,
    objects: &mut HashSet<Id>,
) -> Result<(Vec<Id>, u64), SnapshotError> {
    let after = checkpoint.after.as_ref().map(|(tree, _)| tree.as_str());
    let trees = std::iter::once(checkpoint.before.as_str()).chain(after);
    let mut left: Vec<(Id, bool)> = trees.filter_map(Id::read).map(|id| (id, true)).collect();
    let (mut fresh, mut bytes) = (Vec::new(), 0);
    while let Some((id, is_tree)) = left.pop() {
        if id == EMPTY_TREE || !objects.insert(id) {
            continue;
        }
        fresh.push(id);
        bytes += store.place(&id)?.map_or(0, |place| place.length);
        if is_tree {
            left.extend(store.tree(&id)?.into_iter().map(|entry| (entry.id, entry.is_directory())));
        }
    }
    Ok((fresh, bytes))
}

/// Copies what is needed into a new log, which then replaces the old one.
fn rewrite(
    store: &mut Store,
    lock: &Lock,
    kept: &BTreeSet<u64>,
    objects: &HashSet<Id>,
) -> Result<(), SnapshotError> {
    let marks = marks(store)?;
    let next = marks.last().map_or(1, |mark| mark.next);
    let at = marks.last().map_or(0, |mark| mark.at);
    let mut fresh = Store::successor(store, lock)?;
    let mut batch = Batch::new(&mut fresh, lock);
    // As they lie in the old log, so that what was written together stays together.
    let mut needed = Vec::new();
    for id in objects {
        needed.extend(store.place(id)?.map(|place| (place.offset, *id)));
    }
    needed.sort_unstable();
    for (_, id) in needed {
        let Some(place) = store.place(&id)? else { continue };
        batch.copy(store, id, place)?;
    }
    for mark in marks.into_iter().filter(|mark| kept.contains(&mark.number)) {
        put(&mut batch, &mark)?;
    }
    let tree = EMPTY_TREE.to_string();
    put(&mut batch, &Mark { number: 0, next, at, tree, what: What::Counter })?;
    batch.commit()?;
    *store = fresh.succeed(store, lock)?;
    Ok(())
}

#[cfg(test)]
mod tests;
