//! `waypost spec archive`: a finished spec is moved below `.kiro/specs/_archive`, or taken back. Its documents stay as they
//! are, and so does its record.
#![expect(clippy::disallowed_methods, reason = "the folder of a spec is moved here")]

use std::path::PathBuf;

use conversation::{Edited, Event, Journal};
use index::SpecPlace;
use plan::Plan;
use spec::State;

use crate::cli::SpecArchive;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::reports::SpecChange;
use crate::term::one_line;
use crate::workspace::Workspace;
use crate::world::World;

/// Where finished specs are put.
const ARCHIVE: &str = "_archive";

/// Moves.
pub(crate) fn run(world: &World, screen: &Screen, flags: &SpecArchive) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(flags.name.as_deref())?;
    let shown = |path: &PathBuf| workspace.shown(path);
    match (place.is_archived, flags.restore) {
        (true, false) => {
            return Err(Error::usage(format!("the spec `{}` was put away already", place.name))
                .hint(format!("take it back: waypost spec archive {} --restore", place.name)));
        }
        (false, true) => return Err(Error::usage(format!("the spec `{}` was not put away", place.name))),
        _ => {}
    }
    let open = open_tasks(&place)?;
    if open > 0 && !flags.restore && !flags.force {
        return Err(Error::needs_answer(format!("the spec `{}` has {open} open tasks", place.name))
            .hint("finish them, or put it away as it is with --force"));
    }
    let target = target(&workspace, &place, flags.restore);
    if target.symlink_metadata().is_ok() {
        return Err(Error::failed(format!("`{}` exists already", shown(&target)))
            .hint("rename one of the two; nothing was moved"));
    }
    let what = format!("move {} to {}", shown(&place.path), shown(&target));
    let store = house::open_store_to_write(world, &workspace, &Config::read(&world.config)?)?;
    let mut journal = store.create_or_open_spec(&place.record_name())?;
    journal.append(&Event::Edited(Edited {
        by: screen.person().to_string(),
        what: what.clone(),
        why: None,
        files: Vec::new(),
    }))?;
    journal.sync()?;
    let failed =
        |error: std::io::Error| Error::failed(format!("`{}` cannot be moved: {error}", shown(&place.path)));
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::rename(&place.path, &target).map_err(failed)?;
    let change = SpecChange {
        spec: place.name.clone(),
        what,
        written: true,
        files: Vec::new(),
        moved: Some((shown(&place.path), shown(&target))),
        notes: Vec::new(),
    };
    screen.document(&change, |change| one_line(&change.what));
    Ok(Exit::Done)
}

fn open_tasks(place: &SpecPlace) -> Outcome<usize> {
    let plan = Plan::read(&place.documents()?);
    let is_open = |step: &&plan::Step| step.is_leaf && !step.optional && step.state != State::Done;
    Ok(plan.steps.iter().filter(is_open).count())
}

fn target(workspace: &Workspace, place: &SpecPlace, restore: bool) -> PathBuf {
    let base = workspace.root.join(&place.package).join(".kiro/specs");
    let record = place.record_name();
    let below = record.split_once(':').map_or(record.as_str(), |(_, below)| below);
    let base = if restore { base } else { base.join(ARCHIVE) };
    match place.shape {
        plan::Shape::Folder => base.join(below),
        plan::Shape::Single => base.join(format!("{below}.md")),
    }
}
