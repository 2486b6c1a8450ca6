//! `waypost trust`: shows what of this repository would steer the agent, and grants it as it is now.

use crate::cli::Trust;
use crate::error::{Error, Outcome};
use crate::events::ItemRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::steering;
use crate::term::sanitise;
use crate::trust::TrustStore;
use crate::workspace::Workspace;
use crate::world::World;

/// Shows, grants or withdraws.
pub(crate) fn run(world: &World, screen: &Screen, trust: &Trust) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let mut store = TrustStore::open(&world.state)?;
    let files: Vec<_> =
        steering::files(world, &workspace).into_iter().filter(|file| file.needs_trust).collect();
    if trust.remove {
        store.set(&workspace.root, Vec::new())?;
    } else if trust.yes {
        store.set(&workspace.root, files.iter().map(|file| (file.name.clone(), file.digest)).collect())?;
    }
    let trusted = store.of(&workspace.root);
    let rows: Vec<ItemRow> = files
        .iter()
        .map(|file| {
            let ok = trusted.holds(&file.name, file.digest);
            let detail = match (ok, trusted.knew(&file.name)) {
                (true, _) => "trusted as it is now",
                (false, true) => "changed since it was trusted",
                (false, false) => "not trusted",
            };
            ItemRow { name: file.name.clone(), ok, detail: format!("{detail} ({})", file.digest.short()) }
        })
        .collect();
    screen.document(&rows, |rows| {
        let lines: Vec<String> =
            rows.iter().map(|row| format!("{:<48} {}", sanitise(&row.name), row.detail)).collect();
        if lines.is_empty() {
            "nothing in this repository steers the agent".to_string()
        } else {
            lines.join("\n")
        }
    });
    if rows.iter().all(|row| row.ok) || trust.remove {
        return Ok(Exit::Done);
    }
    Err(Error::needs_answer("some files would steer the agent and are not trusted as they are now")
        .hint("read them, then: waypost trust --yes"))
}
