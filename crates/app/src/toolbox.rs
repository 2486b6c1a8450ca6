//! Which tools a session gets. The tools themselves live in their own room.

use std::sync::Arc;

use conversation::Tool;

use crate::agent_commits::Commits;
use crate::house::House;

/// The tools that only read: what a planning session may use.
const READERS: [&str; 4] = ["read", "list", "glob", "grep"];

/// All built-in tools; their commands are held, and what they commit is looked into.
pub(crate) fn tools(house: &House) -> Vec<Box<dyn Tool>> {
    tools::all(Arc::new(Commits {
        hold: Arc::clone(&house.held.hold),
        world: house.world.clone(),
        workspace: house.workspace.clone(),
    }))
}

/// Only the tools that read. A session with these can change nothing, whatever it is told.
pub(crate) fn readers(house: &House) -> Vec<Box<dyn Tool>> {
    let mut all = tools(house);
    all.retain(|tool| READERS.contains(&tool.describe().name.as_str()));
    all
}
