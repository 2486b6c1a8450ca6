//! Carries out a plan: a checkpoint first, then what is intended on record, then the files, then a checkpoint after. A
//! restore that was cut off is finished by asking for it again.
#![expect(clippy::disallowed_methods, reason = "what is intended is written into a file of the store")]

mod apply;
mod stage;

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::checkpoints::{Cause, Text, What, note, shortened};
use crate::durable::sync_directory;
use crate::object::{Id, Node};
use crate::plan::{Kept, Plan, Step, bytes_of};
use crate::snapshots::Look;
use crate::store::Store;
use crate::{SnapshotError, Snapshots, beneath};

/// What came of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Its own checkpoint: undoing that one takes the restore back.
    pub number: u64,
    /// The paths that were changed, relative to the workspace.
    pub changed: Vec<PathBuf>,
    /// What stayed as it is, with what the plan had said would.
    pub kept: Vec<Kept>,
    /// The files as they are now.
    pub tree: String,
    /// Whether these are exactly those that the plan promised.
    pub is_exact: bool,
}

/// What a restore intends, on record before the first file changes.
#[derive(Debug, Serialize, Deserialize)]
struct Intent {
    number: u64,
    then: String,
    steps: Vec<IntendedStep>,
    kept: Vec<(Text, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct IntendedStep {
    path: Text,
    from: Option<(u32, String)>,
    to: Option<(u32, String)>,
}

impl Snapshots {
    /// Carries out a plan.
    ///
    /// A file that is not as the plan saw it is kept. Files come back with the modes that they had, by renaming, so
    /// that a program sees the old or the new one and never half of it; times are those of now.
    ///
    /// # Errors
    /// [`SnapshotError::Unfinished`] when an earlier restore was cut off. After any other error
    /// [`Snapshots::finish_restore`] goes on where this one stopped.
    pub fn restore(&self, plan: &Plan, cause: &Cause) -> Result<Restored, SnapshotError> {
        let cause = shortened(cause);
        self.exclusively(|held| {
            let number = held.take(Look::All, |batch, taken| {
                if let Some(number) = unfinished(batch.store())? {
                    return Err(SnapshotError::Unfinished(number));
                }
                note(batch, taken, None, What::Restore { cause, of: plan.checkpoints.clone() })
            })?;
            let intent = Intent::of(number, plan);
            intent.write(self.directory())?;
            crash::point();
            self.carry_out(held, &intent, plan.kept.clone())
        })
    }

    /// Finishes a restore that was cut off; `None` when there is none.
    ///
    /// # Errors
    /// Those of [`Snapshots::restore`].
    pub fn finish_restore(&self) -> Result<Option<Restored>, SnapshotError> {
        self.exclusively(|held| {
            let Some(intent) = Intent::read(self.directory())? else { return Ok(None) };
            let kept = intent.kept.iter().filter_map(|(path, word)| {
                let why = REASONS.iter().find(|why| format!("{why:?}") == *word)?;
                Some(Kept { path: beneath::as_path(path.bytes()).into(), why: *why })
            });
            let kept = kept.collect();
            self.carry_out(held, &intent, kept).map(Some)
        })
    }

    /// The number of a restore that was cut off.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unfinished_restore(&self) -> Result<Option<u64>, SnapshotError> {
        self.with_store(|store, _| unfinished(store))
    }

    fn carry_out(
        &self,
        held: &mut crate::snapshots::Held<'_>,
        intent: &Intent,
        mut kept: Vec<Kept>,
    ) -> Result<Restored, SnapshotError> {
        let steps = intent.steps()?;
        let done = match apply::apply(&self.workspace, held.store()?, intent.number, &steps) {
            Ok(done) => done,
            Err(error) => {
                // Before the stage is ready no file was changed, so there is nothing to finish.
                if stage::was_not_ready(&self.workspace, intent.number) {
                    let _gone = fs::remove_file(intent_path(self.directory()));
                }
                return Err(error);
            }
        };
        kept.extend(done.kept);
        kept.sort_by(|a, b| a.path.cmp(&b.path));
        kept.dedup();
        crash::point();
        let paths = done.changed.iter().map(|path| Text::of(bytes_of(path))).collect();
        let tree = held.take(Look::All, |batch, taken| {
            // A restore that was cut off after this line is finished a second time; it has ended already.
            if crate::checkpoints::find(batch.store(), intent.number)?.after.is_none() {
                note(batch, taken, Some(intent.number), What::After { paths: Some(paths) })?;
            }
            Ok(taken.tree)
        })?;
        crash::point();
        let path = intent_path(self.directory());
        fs::remove_file(&path).map_err(SnapshotError::io("remove", &path))?;
        sync_directory(self.directory())?;
        let tree = tree.to_string();
        let is_exact = tree == intent.then;
        Ok(Restored { number: intent.number, changed: done.changed, kept, tree, is_exact })
    }
}

/// Every reason, to read one from its name.
const REASONS: [crate::plan::Reason; 9] = {
    use crate::plan::Reason;
    [
        Reason::ChangedSince,
        Reason::RemovedSince,
        Reason::ChangedMeanwhile,
        Reason::Occupied,
        Reason::Unended,
        Reason::NotHeld,
        Reason::NotEmpty,
        Reason::OtherDevice,
        Reason::Refused,
    ]
};

impl Intent {
    fn of(number: u64, plan: &Plan) -> Intent {
        let node = |node: Option<Node>| node.map(|node| (node.mode, node.id.to_string()));
        let steps = plan.steps.iter().map(|step| IntendedStep {
            path: Text::of(bytes_of(&step.path)),
            from: node(step.from),
            to: node(step.to),
        });
        let kept = plan.kept.iter().map(|kept| (Text::of(bytes_of(&kept.path)), format!("{:?}", kept.why)));
        Intent { number, then: plan.then.clone(), steps: steps.collect(), kept: kept.collect() }
    }

    fn steps(&self) -> Result<Vec<Step>, SnapshotError> {
        let node = |node: &Option<(u32, String)>| match node {
            None => Some(None),
            Some((mode, id)) => Some(Some(Node { mode: *mode, id: Id::read(id)? })),
        };
        let step = |step: &IntendedStep| {
            let (from, to) = (node(&step.from)?, node(&step.to)?);
            let path = beneath::as_path(step.path.bytes()).to_path_buf();
            // The action is for people; the nodes say what to do.
            Some(Step { path, action: crate::plan::Action::Replace, from, to })
        };
        let steps: Option<Vec<Step>> = self.steps.iter().map(step).collect();
        steps.ok_or_else(|| SnapshotError::damaged(Path::new(INTENT), "it names no object"))
    }

    fn write(&self, directory: &Path) -> Result<(), SnapshotError> {
        let (path, part) = (intent_path(directory), directory.join("restoring.part"));
        let text = serde_json::to_vec(self);
        let text = text.map_err(|error| SnapshotError::damaged(&path, error.to_string()))?;
        let open = || {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&part, &path)
        };
        open().map_err(SnapshotError::io("write", &part))?;
        sync_directory(directory)
    }

    fn read(directory: &Path) -> Result<Option<Intent>, SnapshotError> {
        let path = intent_path(directory);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SnapshotError::io("read", &path)(error)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| SnapshotError::damaged(&path, format!("it cannot be read: {error}")))
    }
}

/// The file that says what a restore intends.
const INTENT: &str = "restoring";

fn intent_path(directory: &Path) -> PathBuf {
    directory.join(INTENT)
}

/// The number of a restore that was cut off.
pub(crate) fn unfinished(store: &Store) -> Result<Option<u64>, SnapshotError> {
    if File::open(intent_path(store.directory())).is_err() {
        return Ok(None);
    }
    Ok(Intent::read(store.directory())?.map(|intent| intent.number))
}

/// Places where a test ends the process.
pub(crate) mod crash {
    #[cfg(test)]
    pub(crate) static LEFT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(i64::MAX);

    /// Ends the process when it is this point's turn; nothing outside of tests.
    pub(crate) fn point() {
        #[cfg(test)]
        if LEFT.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests;
