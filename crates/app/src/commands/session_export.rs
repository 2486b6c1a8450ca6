//! `waypost session export`: a session's records as JSON lines, long texts included.

use ledger::Format;

use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::workspace::Workspace;
use crate::world::World;

/// Exports to the output stream.
pub(crate) fn run(world: &World, screen: &Screen, id: Option<&str>) -> Outcome<Exit> {
    let store = house::open_store(world, &Workspace::find(world)?)?;
    let id = super::session_show::find(&store, id)?;
    let mut out = Vec::new();
    store.export(&id, Format::Jsonl, &mut out)?;
    screen.term.line(String::from_utf8_lossy(&out).trim_end());
    Ok(Exit::Done)
}
