//! `waypost checkpoint list`: the calls that changed files, the latest first.

use crate::cli::CheckpointList;
use crate::commands::checkpoint_rows::{CheckpointRow, line, rows};
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::workspace::Workspace;
use crate::world::World;

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen, list: &CheckpointList) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let snapshots = house::snapshots(&store, &workspace)?;
    let session = list.session.as_deref().map(|id| store.find(id)).transpose()?;
    let checkpoints = snapshots.checkpoints()?;
    let mut rows = rows(&snapshots, &checkpoints, |checkpoint| {
        session.as_ref().is_none_or(|session| checkpoint.cause.session == *session)
            && list.task.as_ref().is_none_or(|task| checkpoint.cause.task.as_ref() == Some(task))
    })?;
    let hidden = rows.len();
    if !list.all {
        rows.retain(|row| row.changed != Some(0) || row.trashed > 0);
    }
    let hidden = hidden - rows.len();
    rows.reverse();
    if !list.all {
        rows.truncate(list.limit);
    }
    screen.document(&rows, |rows| words(rows, hidden));
    Ok(Exit::Done)
}

fn words(rows: &[CheckpointRow], hidden: usize) -> String {
    let mut lines = Vec::new();
    let mut session = None;
    for row in rows {
        if row.session != session {
            session.clone_from(&row.session);
            lines.push(format!("session {}", session.as_deref().unwrap_or("none")));
        }
        lines.push(line(row));
    }
    match (rows.is_empty(), hidden) {
        (true, 0) => lines.push("no checkpoints here yet; a session makes them before its calls".to_string()),
        (true, _) => lines.push("no call changed a file; --all lists every checkpoint".to_string()),
        (false, _) => lines.push("look at one: waypost checkpoint show NUMBER".to_string()),
    }
    lines.join("\n")
}
