//! `waypost audit anchor`: gives the newest signed head to the anchors of the settings now.

use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::workspace::Workspace;
use crate::world::World;

/// Anchors.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let config = Config::read(&world.config)?;
    if config.audit.anchor.is_empty() {
        return Err(Error::usage("no anchor is set")
            .hint("name one under [audit] in config.toml: anchor = \"file:/mnt/worm/waypost-heads\""));
    }
    let store = house::open_store_to_write(world, &Workspace::find(world)?, &config)?;
    let refused = store.anchor_now()?;
    if refused.is_empty() {
        screen.notice("the newest head is anchored");
        return Ok(Exit::Done);
    }
    let mut error = Error::failed("not every anchor took the newest head");
    for why in refused {
        error = error.hint(format!("{why}; make it reachable and try again"));
    }
    Err(error)
}
