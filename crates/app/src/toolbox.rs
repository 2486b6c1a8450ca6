//! Which tools a session gets. The tools themselves live in their own room.

use std::sync::Arc;

use conversation::{Model, Tool};

use crate::agent_commits::Commits;
use crate::house::{Common, House};
use crate::subagents::{self, Crew, Subagents};

/// The tools that only read: what a planning session may use.
const READERS: [&str; 4] = ["read", "list", "glob", "grep"];

/// All tools of a session of its own.
pub(crate) fn tools(house: &House, model: &Arc<dyn Model>) -> Vec<Box<dyn Tool>> {
    of(&Crew { common: Arc::clone(&house.common), model: Arc::clone(model), depth: 0 })
}

/// All tools of a session of this crew.
pub(crate) fn of(crew: &Crew) -> Vec<Box<dyn Tool>> {
    let mut all = own(&crew.common);
    if crew.may_share() {
        all.push(Box::new(Subagents::new(crew.clone(), subagents::built_in())));
    }
    all
}

/// Only the tools that read. A session with these can change nothing, whatever it is told.
pub(crate) fn readers(house: &Common) -> Vec<Box<dyn Tool>> {
    let mut all = own(house);
    all.retain(|tool| READERS.contains(&tool.describe().name.as_str()));
    all
}

/// The built-in tools; their commands are held, and what they commit is looked into.
fn own(common: &Common) -> Vec<Box<dyn Tool>> {
    tools::all(Arc::new(Commits {
        hold: Arc::clone(&common.held.hold),
        world: common.world.clone(),
        workspace: common.workspace.clone(),
    }))
}
