//! `waypost spec run`: carries out the approved plan, task by task, and shows the review brief.

use std::sync::Arc;

use agent::{RunEnd, run_spec};
use conversation::Model;
use plan::Plan;

use crate::cli::{SessionFlags, SpecRun};
use crate::desk::SpecDesk;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::leading;
use crate::specs::SpecRecord;
use crate::term::Style;
use crate::world::World;
use crate::{brief, events};
use index::SpecPlace;

/// Runs.
pub(crate) async fn run(world: World, screen: Arc<Screen>, run: SpecRun) -> Outcome<Exit> {
    let mut house = House::open(world, screen)?;
    let place = house.workspace.spec(run.name.as_deref())?;
    house.work_near(&place)?;
    let plan = Plan::read(&place.documents()?);
    if plan.steps.is_empty() {
        return Err(Error::needs_answer(format!("the spec `{}` has no plan", place.name))
            .hint(format!("make one: waypost spec plan {}", place.name)));
    }
    if let Some(task) = run.task.as_deref().filter(|task| plan.step(task).is_none_or(|step| !step.is_leaf)) {
        let leaves = plan.steps.iter().filter(|step| step.is_leaf);
        let leaves: Vec<&str> = leaves.map(|step| step.task_id.as_str()).collect();
        return Err(Error::usage(format!("the spec `{}` has no task `{task}` to carry out", place.name))
            .hint(format!("its tasks are: {}", leaves.join(", "))));
    }
    let model = leading::model(&house, &run.flags)?;
    carry_out(&mut house, &place, model, run.flags, run.task.as_deref()).await
}

/// Carries out the plan of a spec with this model, and shows the brief.
pub(crate) async fn carry_out(
    house: &mut House,
    place: &SpecPlace,
    model: Arc<dyn Model>,
    flags: SessionFlags,
    only: Option<&str>,
) -> Outcome<Exit> {
    let (ended, told) = {
        let mut desk = SpecDesk::open(house, place.clone(), model, flags.clone())?;
        let ended = run_spec(&mut desk, only).await;
        (ended, desk.untold())
    };
    // The brief belongs to a run that failed as well: it says what is there and what is missing.
    let worked = match &ended {
        Ok(ended) => !ended.tasks.is_empty(),
        Err(_) => true,
    };
    if worked {
        show_brief(house, place)?;
    }
    if !told.trim().is_empty() {
        house.screen.notice_lines(&format!("what hooks said when the last task ended:\n{}", told.trim()));
    }
    let RunEnd { outcome, message, tasks } = ended?;
    let exit = Exit::from(outcome);
    if exit == Exit::Done {
        if tasks.is_empty() {
            house.screen.notice(&message);
        } else {
            house.screen.progress(Style::Dim, "next: read the diff, then commit it");
        }
        return Ok(exit);
    }
    let next = match exit {
        Exit::NeedsAnswer if message.starts_with("not approved") => {
            format!("review what changed, then: waypost spec approve {}", place.name)
        }
        Exit::NeedsAnswer if message.contains("no check command") => {
            "write `_Check: <command>_` under the task, or `Check: <command>` in the testing strategy, then approve".to_string()
        }
        _ => format!("go on with: waypost spec run {}{}", place.name, flags.typed()),
    };
    Err(Error { exit, ..Error::failed(message) }.hint(next))
}

fn show_brief(house: &House, place: &SpecPlace) -> Outcome<()> {
    let plan = Plan::read(&place.documents()?);
    let record = SpecRecord::read(&house.store, place)?;
    let brief = brief::brief(&plan, &record, Some(&house.snapshots))?;
    if house.screen.json() {
        house.screen.event(&events::Event::Brief(brief));
    } else {
        house.screen.term.end_line();
        house.screen.term.line(&format!("\n{}", brief::words(&house.screen.term, &brief)));
    }
    Ok(())
}
