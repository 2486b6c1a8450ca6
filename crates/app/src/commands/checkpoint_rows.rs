//! The documents of `waypost checkpoint …`, for people and programs, and what more than one of the commands needs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use vcs::{Checkpoint, Kind, Snapshots, Wrote};

use crate::commands::session_list::moment;
use crate::error::Outcome;
use crate::term::glimpse;

/// A row of `waypost checkpoint list`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CheckpointRow {
    pub(crate) checkpoint: u64,
    /// Milliseconds since the epoch.
    pub(crate) at: i64,
    /// `call`, `restore` or `snapshot`.
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    /// The task, as `spec#task`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<String>,
    /// The command line, or the tool and its file.
    pub(crate) what: String,
    /// Files that differ between before and after; absent when it never ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<usize>,
    /// Files of it in the session's trash.
    pub(crate) trashed: usize,
    /// The restore that took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) taken_back_by: Option<u64>,
}

/// What `waypost checkpoint show` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CheckpointShown {
    #[serde(flatten)]
    pub(crate) row: CheckpointRow,
    /// The id of the files before.
    pub(crate) before: String,
    /// The id of the files after; absent when it never ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
    /// Files that the call may have changed; absent when that is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wrote: Option<Vec<String>>,
    pub(crate) files: Vec<ChangedRow>,
    pub(crate) trash: Vec<TrashRow>,
}

/// One file that differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ChangedRow {
    pub(crate) path: String,
    /// `added`, `modified`, `deleted`, or `renamed`.
    pub(crate) change: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    pub(crate) added: u32,
    pub(crate) removed: u32,
    pub(crate) binary: bool,
}

/// Something in the trash.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TrashRow {
    pub(crate) paths: Vec<String>,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
    /// How many are another name of the same file: overwriting the file would change them.
    pub(crate) linked: usize,
}

/// What `waypost checkpoint diff` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CheckpointDiff {
    pub(crate) checkpoint: u64,
    pub(crate) files: Vec<DiffRow>,
}

/// One file of a diff.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DiffRow {
    #[serde(flatten)]
    pub(crate) file: ChangedRow,
    /// Lines of a unified diff, each with its mark; `@@` lines begin a hunk.
    pub(crate) lines: Vec<String>,
    /// Whether lines were left out.
    pub(crate) cut: bool,
}

/// What `waypost checkpoint restore` prints.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct CheckpointRestore {
    /// The checkpoints that are taken back, oldest first.
    pub(crate) checkpoints: Vec<u64>,
    /// Whether it was done; `false` with --dry-run, and when there was nothing to do.
    pub(crate) done: bool,
    /// Its own checkpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checkpoint: Option<u64>,
    pub(crate) files: Vec<RestoredRow>,
    /// What stays as it is, and why.
    pub(crate) kept: Vec<KeptRow>,
    /// What comes back from the trash.
    pub(crate) from_trash: Vec<String>,
    /// Sessions whose conversation goes back to before a call.
    pub(crate) conversations: Vec<RewoundRow>,
    /// Whether the files are exactly those that were promised; absent when nothing was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exact: Option<bool>,
}

/// A file that a restore changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RestoredRow {
    pub(crate) path: String,
    /// `create`, `replace`, `merge` or `remove`.
    pub(crate) action: String,
}

/// A file that a restore leaves alone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct KeptRow {
    pub(crate) path: String,
    pub(crate) why: String,
}

/// A conversation that goes back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RewoundRow {
    pub(crate) session: String,
    /// It goes on before the answer that made this call.
    pub(crate) call: String,
}

/// The rows of checkpoints, in their order.
pub(crate) fn rows(
    snapshots: &Snapshots,
    checkpoints: &[Checkpoint],
    wanted: impl Fn(&Checkpoint) -> bool,
) -> Outcome<Vec<CheckpointRow>> {
    let taken_back = taken_back(checkpoints);
    let mut trash: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut rows = Vec::new();
    for checkpoint in checkpoints.iter().filter(|checkpoint| wanted(checkpoint)) {
        let session = checkpoint.cause.session.clone();
        if !trash.contains_key(&session) {
            let mut calls = BTreeMap::new();
            for drop in snapshots.trash(&session).list()? {
                *calls.entry(drop.call).or_default() += drop.files;
            }
            trash.insert(session.clone(), calls);
        }
        let trashed = checkpoint.cause.call.as_ref().and_then(|call| trash.get(&session)?.get(call));
        let changed = match (&checkpoint.after, &checkpoint.kind) {
            (Some((_, Wrote::Nothing)), _) | (None, Kind::Plain) => Some(0),
            (Some((after, _)), _) => Some(snapshots.count_changes(&checkpoint.before, after)?),
            (None, _) => None,
        };
        rows.push(CheckpointRow {
            checkpoint: checkpoint.number,
            at: checkpoint.at,
            kind: match checkpoint.kind {
                Kind::Call => "call",
                Kind::Restore(_) => "restore",
                Kind::Plain => "snapshot",
            }
            .to_string(),
            session: Some(session).filter(|session| !session.is_empty()),
            task: checkpoint.cause.task.clone(),
            call: checkpoint.cause.call.clone(),
            what: checkpoint.cause.what.clone(),
            changed,
            trashed: trashed.copied().unwrap_or(0),
            taken_back_by: taken_back.get(&checkpoint.number).copied(),
        });
    }
    Ok(rows)
}

/// Which restore took which checkpoint back. A restore that was taken back itself counts no more.
fn taken_back(checkpoints: &[Checkpoint]) -> BTreeMap<u64, u64> {
    let mut by = BTreeMap::new();
    for checkpoint in checkpoints {
        let Kind::Restore(of) = &checkpoint.kind else { continue };
        by.retain(|_, restore| !of.contains(restore));
        by.extend(of.iter().map(|number| (*number, checkpoint.number)));
    }
    by
}

/// A checkpoint in a line.
pub(crate) fn line(row: &CheckpointRow) -> String {
    let changed = match row.changed {
        Some(1) => "1 file".to_string(),
        Some(count) => format!("{count} files"),
        None => "cut off".to_string(),
    };
    let mut notes = String::new();
    if row.trashed > 0 {
        notes.push_str(&format!("  [{} in the trash]", row.trashed));
    }
    if let Some(restore) = row.taken_back_by {
        notes.push_str(&format!("  [taken back by {restore}]"));
    }
    let task = row.task.as_deref().map(|task| format!("{task}: ")).unwrap_or_default();
    format!(
        "{:>5}  {}  {changed:<10} {}{notes}",
        row.checkpoint,
        moment(u64::try_from(row.at).unwrap_or(0)),
        glimpse(&format!("{task}{}", row.what), 70)
    )
}
