//! `waypost spec list`: the specs of this workspace and how far each is.

use plan::Plan;
use spec::State;

use crate::error::Outcome;
use crate::events::SpecRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::specs::SpecRecord;
use crate::term::sanitise;
use crate::workspace::Workspace;
use crate::world::World;

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let mut rows = Vec::new();
    for place in workspace.specs() {
        let documents = place.documents()?;
        let plan = Plan::read(&documents);
        let leaves = || plan.steps.iter().filter(|step| step.is_leaf);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        rows.push(SpecRow {
            spec: place.name.clone(),
            kind: documents.kind().name().to_string(),
            tasks: count(leaves().count()),
            done: count(leaves().filter(|step| step.state == State::Done).count()),
            approved: SpecRecord::read(&store, &place)?.unapproved(&documents).is_empty(),
        });
    }
    screen.document(&rows, |rows| match rows.is_empty() {
        true => "no specs here yet; start one: waypost spec new \"what it should do\"".to_string(),
        false => rows.iter().map(line).collect::<Vec<_>>().join("\n"),
    });
    Ok(Exit::Done)
}

fn line(row: &SpecRow) -> String {
    let approved = if row.approved { "approved" } else { "not approved" };
    format!(
        "{:<32} {:<12} {:>3}/{:<3} tasks done  {approved}",
        sanitise(&row.spec),
        row.kind,
        row.done,
        row.tasks
    )
}
