//! Checkpoints: which snapshot was taken before and after which call, for what. Restores nothing.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::object::{Id, Kind as ObjectKind};
use crate::snapshots::{Look, Taken};
use crate::store::{Batch, Store};
use crate::{Snapshot, SnapshotError, Snapshots, beneath};

/// How many paths a call may name as written; with more it counts as one that wrote anything.
const PATHS_MAX: usize = 10_000;
/// Bytes of a word that says what a call was for.
const WORDS_BYTES_MAX: usize = 2_000;

/// For what a checkpoint was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The session.
    pub session: String,
    /// The spec and task, as `auth#2.1`, when the session carries one out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The call in the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// In words: the tool, or the command line. Cut to 2,000 bytes.
    pub what: String,
}

/// What a call may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrote {
    /// Anything in the workspace, as a command can. What a person changed during the call counts as the call's.
    Anything,
    /// These files alone, relative to the workspace. Everything else that changed meanwhile was somebody else.
    Paths(Vec<PathBuf>),
    /// Nothing: it failed or was denied.
    Nothing,
}

/// What kind of checkpoint it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A snapshot that belongs to no call.
    Plain,
    /// Around a call.
    Call,
    /// Around a restore that undid these checkpoints.
    Restore(Vec<u64>),
}

/// A checkpoint on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number; later ones are higher. Never used twice.
    pub number: u64,
    /// When it was taken, in milliseconds since 1970, by the clock of the file system.
    pub at: i64,
    /// What kind it is.
    pub kind: Kind,
    /// For what.
    pub cause: Cause,
    /// The snapshot before.
    pub before: String,
    /// The snapshot after and what was written; `None` when nobody said that it ended.
    pub after: Option<(String, Wrote)>,
}

/// A checkpoint that was just taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Its number, to be given to [`Snapshots::after`].
    pub number: u64,
    /// The snapshot.
    pub snapshot: Snapshot,
}

/// A line about checkpoints in the store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) number: u64,
    /// The number that the next checkpoint gets.
    pub(crate) next: u64,
    pub(crate) at: i64,
    pub(crate) tree: String,
    pub(crate) what: What,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    Plain,
    Before(Cause),
    Restore {
        cause: Cause,
        of: Vec<u64>,
    },
    /// `None` is anything.
    After {
        paths: Option<Vec<Text>>,
    },
    /// Keeps the numbers going when every checkpoint was pruned.
    Counter,
}

/// A path, in words when it has some.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Words(String),
    Bytes(Vec<u8>),
}

impl Text {
    pub(crate) fn of(path: &[u8]) -> Text {
        match std::str::from_utf8(path) {
            Ok(words) => Text::Words(words.to_string()),
            Err(_) => Text::Bytes(path.to_vec()),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Text::Words(words) => words.as_bytes(),
            Text::Bytes(bytes) => bytes,
        }
    }
}

impl Snapshots {
    /// Takes a checkpoint before a call that may change files. It is durable when this returns.
    ///
    /// With a watch running and nothing changed, only what the watch names is looked at; otherwise every file is.
    ///
    /// # Errors
    /// When the store cannot be written, and then the call must not begin; [`SnapshotError::Unfinished`] when a
    /// restore was cut off.
    pub fn before(&self, cause: &Cause) -> Result<Begun, SnapshotError> {
        let cause = shortened(cause);
        self.take(Look::Watched, |batch, taken| {
            if let Some(number) = crate::restore::unfinished(batch.store())? {
                return Err(SnapshotError::Unfinished(number));
            }
            let number = note(batch, taken, None, What::Before(cause))?;
            Ok(Begun { number, snapshot: taken.snapshot.clone() })
        })
    }

    /// Says that a call ended, and takes the snapshot after it. What a command left is found by looking at every
    /// file: it may have written by another name of a file, outside the workspace, of which a watch hears nothing.
    ///
    /// # Errors
    /// [`SnapshotError::NoCheckpoint`], [`SnapshotError::Misused`] for one that ended before, and those of
    /// [`Snapshots::before`].
    pub fn after(&self, number: u64, wrote: &Wrote) -> Result<Snapshot, SnapshotError> {
        let is_told = matches!(wrote, Wrote::Nothing)
            || matches!(wrote, Wrote::Paths(paths) if paths.len() <= PATHS_MAX);
        self.ended(number, wrote, if is_told { Look::Watched } else { Look::All })
    }

    /// The same after a command that a person wrote or trusts, and that has no reason to hide: a watch that is running says what to
    /// look at. What it does not hear of is found by the next look at every file, some minutes later.
    ///
    /// # Errors
    /// Those of [`Snapshots::after`].
    pub fn after_trusted(&self, number: u64, wrote: &Wrote) -> Result<Snapshot, SnapshotError> {
        self.ended(number, wrote, Look::Fresh)
    }

    fn ended(&self, number: u64, wrote: &Wrote, look: Look) -> Result<Snapshot, SnapshotError> {
        let paths = match wrote {
            Wrote::Anything => None,
            Wrote::Nothing => Some(Vec::new()),
            Wrote::Paths(paths) if paths.len() > PATHS_MAX => None,
            Wrote::Paths(paths) => {
                Some(paths.iter().map(|path| Text::of(path.as_os_str().as_bytes())).collect())
            }
        };
        self.take(look, |batch, taken| {
            let checkpoint = find(batch.store(), number)?;
            if checkpoint.after.is_some() || checkpoint.kind == Kind::Plain {
                return Err(SnapshotError::Misused { number, why: "ended before" });
            }
            note(batch, taken, Some(number), What::After { paths })?;
            Ok(taken.snapshot.clone())
        })
    }

    /// Every checkpoint, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn checkpoints(&self) -> Result<Vec<Checkpoint>, SnapshotError> {
        self.with_store(|store, _| Ok(all(store)?.into_values().collect()))
    }

    /// One checkpoint.
    ///
    /// # Errors
    /// [`SnapshotError::NoCheckpoint`].
    pub fn checkpoint(&self, number: u64) -> Result<Checkpoint, SnapshotError> {
        self.with_store(|store, _| find(store, number))
    }

    /// The latest checkpoint of a call, whether it ended or not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of_call(&self, session: &str, call: &str) -> Result<Option<Checkpoint>, SnapshotError> {
        let is_it = |it: &Checkpoint| it.cause.session == session && it.cause.call.as_deref() == Some(call);
        Ok(self.checkpoints()?.into_iter().rev().find(is_it))
    }

    /// The bytes of a file, or where a link leads, as a snapshot has it; `None` when it has none at that path.
    ///
    /// # Errors
    /// [`SnapshotError::Unknown`] when the snapshot is not in the store.
    pub fn file(&self, tree: &str, path: &Path) -> Result<Option<Vec<u8>>, SnapshotError> {
        self.with_store(|store, _| {
            let id = Id::read(tree).filter(|id| store.has(id));
            let id = id.ok_or_else(|| SnapshotError::Unknown(tree.to_string()))?;
            let node = crate::trees::Trees::new(store).at(&id, path.as_os_str().as_bytes())?;
            let bytes = node.filter(|node| !node.is_directory());
            bytes.map(|node| store.read(&node.id, crate::contents::FILE_BYTES_MAX)).transpose()
        })
    }
}

/// Puts a mark into the store; a new number when none is given.
pub(crate) fn note(
    batch: &mut Batch<'_>,
    taken: &Taken,
    number: Option<u64>,
    what: What,
) -> Result<u64, SnapshotError> {
    let next = next_number(batch.store())?;
    let (number, next) = match number {
        Some(number) => (number, next),
        None => (next, next + 1),
    };
    let mark = Mark { number, next, at: taken.at, tree: taken.tree.to_string(), what };
    put(batch, &mark)?;
    Ok(number)
}

pub(crate) fn put(batch: &mut Batch<'_>, mark: &Mark) -> Result<(), SnapshotError> {
    let text = serde_json::to_vec(mark);
    let text = text.map_err(|error| SnapshotError::damaged(&batch.store().log_path(), error.to_string()))?;
    batch.put(ObjectKind::Mark, &text)?;
    Ok(())
}

/// The mark of a snapshot without a call.
pub(crate) fn note_plain(batch: &mut Batch<'_>, taken: &Taken) -> Result<(), SnapshotError> {
    note(batch, taken, None, What::Plain).map(|_| ())
}

fn next_number(store: &Store) -> Result<u64, SnapshotError> {
    match store.marks().last() {
        Some(last) => Ok(read(store, last)?.next),
        None => Ok(1),
    }
}

fn read(store: &Store, id: &Id) -> Result<Mark, SnapshotError> {
    let text = store.mark(id)?;
    serde_json::from_slice(&text).map_err(|error| {
        SnapshotError::damaged(&store.log_path(), format!("the mark `{id}` cannot be read: {error}"))
    })
}

/// Every mark, oldest first.
pub(crate) fn marks(store: &Store) -> Result<Vec<Mark>, SnapshotError> {
    store.marks().iter().map(|id| read(store, id)).collect()
}

/// Every checkpoint by its number.
pub(crate) fn all(store: &Store) -> Result<BTreeMap<u64, Checkpoint>, SnapshotError> {
    Ok(folded(marks(store)?.into_iter()))
}

fn folded(marks: impl Iterator<Item = Mark>) -> BTreeMap<u64, Checkpoint> {
    let mut checkpoints: BTreeMap<u64, Checkpoint> = BTreeMap::new();
    for mark in marks {
        let Mark { number, at, tree, what, .. } = mark;
        let (kind, cause) = match what {
            What::Plain => (Kind::Plain, Cause::default()),
            What::Before(cause) => (Kind::Call, cause),
            What::Restore { cause, of } => (Kind::Restore(of), cause),
            What::After { paths } => {
                let wrote = match paths {
                    None => Wrote::Anything,
                    Some(paths) if paths.is_empty() => Wrote::Nothing,
                    Some(paths) => {
                        Wrote::Paths(paths.iter().map(|path| beneath::as_path(path.bytes()).into()).collect())
                    }
                };
                if let Some(checkpoint) = checkpoints.get_mut(&number) {
                    checkpoint.after = Some((tree, wrote));
                }
                continue;
            }
            What::Counter => continue,
        };
        checkpoints.insert(number, Checkpoint { number, at, kind, cause, before: tree, after: None });
    }
    checkpoints
}

/// The checkpoint of a number; the newest marks are looked at first.
pub(crate) fn find(store: &Store, number: u64) -> Result<Checkpoint, SnapshotError> {
    let mut newest_first = Vec::new();
    for id in store.marks().iter().rev() {
        let mark = read(store, id)?;
        if mark.number == number {
            let is_begin = !matches!(mark.what, What::After { .. });
            newest_first.push(mark);
            if is_begin {
                break;
            }
        }
    }
    folded(newest_first.into_iter().rev()).remove(&number).ok_or(SnapshotError::NoCheckpoint(number))
}

pub(crate) fn shortened(cause: &Cause) -> Cause {
    let mut cause = cause.clone();
    if cause.what.len() > WORDS_BYTES_MAX {
        let mut end = WORDS_BYTES_MAX;
        while !cause.what.is_char_boundary(end) {
            end -= 1;
        }
        cause.what.truncate(end);
        cause.what.push('…');
    }
    cause
}

#[cfg(test)]
mod tests;
