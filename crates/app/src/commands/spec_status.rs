//! `waypost spec status`: how far a spec is, and what each tick stands on.

use plan::Plan;

use crate::brief;
use crate::cli::SpecName;
use crate::config::Config;
use crate::error::Outcome;
use crate::events::SpecStatus;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::specs::SpecRecord;
use crate::term::{Style, sanitise};
use crate::workspace::Workspace;
use crate::world::World;

/// Shows.
pub(crate) fn run(world: &World, screen: &Screen, name: &SpecName) -> Outcome<Exit> {
    let config = Config::read(&world.config)?;
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let place = workspace.spec(name.name.as_deref())?;
    let documents = place.documents()?;
    let plan = Plan::read(&documents);
    let record = SpecRecord::read(&store, &place)?;
    let snapshots = match record.tasks.is_empty() {
        true => None,
        false => Some(house::snapshots(world, &store, &workspace)?),
    };
    let status = SpecStatus {
        spec: place.name.clone(),
        unapproved: record.unapproved(&documents),
        approved_by: record.approved_by.clone(),
        steps: brief::rows(&plan, |step| house::check_of(&config, &workspace, &plan, step)),
        problems: house::problems(&documents, &plan),
        brief: brief::brief(&plan, &record, snapshots.as_ref())?,
    };
    screen.document(&status, |status| {
        let mut text = brief::plan_words(&screen.term, &status.steps, &status.problems);
        if status.steps.is_empty() {
            text.push_str(&format!("\nno plan yet; next: waypost spec plan {}", sanitise(&status.spec)));
            return text.trim_start().to_string();
        }
        let approval = match (&status.approved_by, status.unapproved.is_empty()) {
            (Some(by), true) => format!("approved by {by}"),
            (Some(by), false) => {
                format!("approved by {by}, but changed since: {}", status.unapproved.join(", "))
            }
            (None, _) => "not approved; review it, then: waypost spec approve".to_string(),
        };
        text.push_str(&format!("\n\n{}\n", screen.term.style(Style::Bold, &sanitise(&approval))));
        if !record.tasks.is_empty() {
            text.push_str(&format!("\n{}", brief::words(&screen.term, &status.brief)));
        }
        text
    });
    Ok(Exit::Done)
}
