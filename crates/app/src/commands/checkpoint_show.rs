//! `waypost checkpoint show`: what a call changed, and what of it is in the trash.

use vcs::{Change, Checkpoint, FileDiff, Snapshots, Wrote};

use crate::commands::checkpoint_rows::{ChangedRow, CheckpointShown, TrashRow, line, rows};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::term::one_line;
use crate::workspace::Workspace;
use crate::world::World;

/// How many files are shown in words.
const FILES_SHOWN: usize = 200;

/// Shows.
pub(crate) fn run(world: &World, screen: &Screen, number: u64) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let snapshots = house::snapshots(&store, &workspace)?;
    let checkpoint = snapshots.checkpoint(number)?;
    let all = snapshots.checkpoints()?;
    let row = rows(&snapshots, &all, |other| other.number == number)?.pop();
    let row = row.ok_or_else(|| Error::from(vcs::SnapshotError::NoCheckpoint(number)))?;
    let (after, wrote) = match &checkpoint.after {
        Some((after, wrote)) => (Some(after.clone()), Some(wrote)),
        None => (None, None),
    };
    let files = match &after {
        Some(after) => snapshots.diff(&checkpoint.before, after)?.iter().map(changed).collect(),
        None => Vec::new(),
    };
    let shown = CheckpointShown {
        row,
        before: checkpoint.before.clone(),
        after,
        wrote: match wrote {
            Some(Wrote::Paths(paths)) => {
                Some(paths.iter().map(|path| path.to_string_lossy().into_owned()).collect())
            }
            Some(Wrote::Nothing) => Some(Vec::new()),
            Some(Wrote::Anything) | None => None,
        },
        files,
        trash: trash(&snapshots, &checkpoint)?,
    };
    screen.document(&shown, words);
    Ok(Exit::Done)
}

fn trash(snapshots: &Snapshots, checkpoint: &Checkpoint) -> Outcome<Vec<TrashRow>> {
    let Some(call) = &checkpoint.cause.call else { return Ok(Vec::new()) };
    let drops = snapshots.trash(&checkpoint.cause.session).list()?;
    let drops = drops.into_iter().filter(|drop| drop.call == *call).map(|drop| TrashRow {
        paths: drop.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        files: drop.files,
        bytes: drop.bytes,
        linked: drop.linked,
    });
    Ok(drops.collect())
}

/// A file of a difference as a row.
pub(crate) fn changed(diff: &FileDiff) -> ChangedRow {
    let (change, from) = match &diff.change {
        Change::Added => ("added", None),
        Change::Modified => ("modified", None),
        Change::Deleted => ("deleted", None),
        Change::Renamed { from } => ("renamed", Some(from.clone())),
    };
    ChangedRow {
        path: diff.path.clone(),
        change: change.to_string(),
        from,
        added: diff.added,
        removed: diff.removed,
        binary: diff.binary,
    }
}

/// A changed file in a line.
pub(crate) fn file_line(file: &ChangedRow) -> String {
    let from = file.from.as_deref().map(|from| format!("{from} → ")).unwrap_or_default();
    let counts =
        if file.binary { "not text".to_string() } else { format!("+{} -{}", file.added, file.removed) };
    format!("{:<8}  {}{}  {counts}", file.change, one_line(&from), one_line(&file.path))
}

fn words(shown: &CheckpointShown) -> String {
    let mut lines = vec![line(&shown.row)];
    if let Some(session) = &shown.row.session {
        lines.push(format!("session {}", one_line(session)));
    }
    if shown.after.is_none() {
        lines.push("it never ended, so nobody knows who changed what since".to_string());
    }
    lines.extend(shown.files.iter().take(FILES_SHOWN).map(|file| format!("  {}", file_line(file))));
    if shown.files.len() > FILES_SHOWN {
        lines.push(format!("  … {} more", shown.files.len() - FILES_SHOWN));
    }
    for drop in &shown.trash {
        let linked = if drop.linked > 0 {
            format!(", {} as another name of the same file", drop.linked)
        } else {
            String::new()
        };
        lines.push(format!(
            "in the trash: {}  ({} {}, {} bytes{linked})",
            one_line(&drop.paths.join(", ")),
            drop.files,
            if drop.files == 1 { "file" } else { "files" },
            drop.bytes
        ));
    }
    let number = shown.row.checkpoint;
    lines.push(format!("its lines: waypost checkpoint diff {number}"));
    lines.push(format!("take it back: waypost checkpoint restore {number} --dry-run"));
    lines.join("\n")
}
