//! `waypost steering list` and `why`: which steering there is, and what would be in force for some paths. Changes nothing.

use std::path::{Component, Path, PathBuf};

use crate::cli::SteeringWhy;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::steering::rows::{self, SteeringRow};
use crate::steering::{Board, rows::SteeringWhy as Shown};
use crate::term::one_line;
use crate::workspace::{Workspace, resolved};
use crate::world::World;

/// Lists every file.
pub(crate) fn list(world: &World, screen: &Screen) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let mut board = Board::open(world, &Config::read(&world.config)?, &workspace)?;
    board.look_everywhere();
    tell_fault(screen, &board);
    let rows: Vec<SteeringRow> = board.collection().files().iter().map(SteeringRow::of).collect();
    screen.document(&rows, |rows| rows::list_words(&screen.term, rows));
    Ok(Exit::Done)
}

/// Says what would be in force.
pub(crate) fn why(world: &World, screen: &Screen, flags: &SteeringWhy) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let mut board = Board::open(world, &Config::read(&world.config)?, &workspace)?;
    let paths: Vec<String> =
        flags.paths.iter().map(|path| inside(world, &workspace, path)).collect::<Outcome<_>>()?;
    board.look_everywhere();
    tell_fault(screen, &board);
    let listing = board.listing_of(&paths, &flags.names);
    let shown = Shown::of(&listing, &paths, &flags.names);
    screen.document(&shown, |shown| shown.words(&screen.term));
    if !listing.unknown.is_empty() {
        return Err(Error::usage(format!("no steering is called `{}`", listing.unknown.join("`, `")))
            .hint("`waypost steering list` shows every name"));
    }
    Ok(Exit::Done)
}

/// Says what is wrong with the settings, beside whatever is printed.
pub(super) fn tell_fault(screen: &Screen, board: &Board) {
    if let Some(fault) = board.fault() {
        screen.term.note(&one_line(&format!("note: {fault}")));
    }
}

/// A path from the workspace root: as it is typed from here when that is there, else from the root. It need not exist.
fn inside(world: &World, workspace: &Workspace, typed: &str) -> Outcome<String> {
    let here = resolved(&world.directory)?;
    let from_here = plain(&here.join(typed));
    let from_root = plain(&workspace.root.join(typed));
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let chosen = if !is_there(&from_here) && is_there(&from_root) { from_root } else { from_here };
    match chosen.strip_prefix(&workspace.root) {
        Ok(inside) => Ok(inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")),
        Err(_) => Err(Error::usage(format!("`{typed}` lies outside the workspace"))
            .hint(format!("name a path below {}", workspace.root.display()))),
    }
}

/// Without `.` and `..`; links stay as they are.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
