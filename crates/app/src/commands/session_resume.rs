//! `waypost session resume`: goes on with a session where its record ends.

use std::sync::Arc;

use conversation::Purpose;
use model::ModelName;

use crate::cli::SessionResume;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::session::{self, Again};
use crate::world::World;
use crate::{leading, models, toolbox};

/// Goes on.
pub(crate) async fn run(world: World, screen: Arc<Screen>, resume: SessionResume) -> Outcome<Exit> {
    let mut house = House::open(world, screen)?;
    let id = match &resume.id {
        Some(id) => house.store.find(id)?,
        None => latest(&house)?,
    };
    let started = leading::started(&house, &id)?;
    if let Purpose::Task { spec, task } = &started.purpose {
        // A task goes on inside its run, which checks and ticks it.
        return Err(Error::usage(format!("session {id} belongs to task {task} of the spec `{spec}`"))
            .hint(format!("go on with the run: waypost spec run {spec}")));
    }
    if let Purpose::Part { parent, agent } = &started.purpose {
        return Err(Error::usage(format!("session {id} is the part of {agent} in session {parent}"))
            .hint(format!("go on with the whole: waypost session resume {parent}")));
    }
    if started.purpose == Purpose::Hooks {
        return Err(Error::usage(format!("session {id} is a record of hooks, and nothing goes on in it"))
            .hint("watch again: waypost hooks watch"));
    }
    // Where it was begun: what guards it there goes on to guard it.
    house.work_in(&started.here)?;
    let plans = matches!(started.purpose, Purpose::Plan { .. });
    if plans {
        return Err(Error::usage(format!("session {id} was writing a document and left nothing half done"))
            .hint("start it again: waypost spec plan"));
    }
    let mut flags = resume.flags.clone();
    flags.autopilot |= flags.mode.is_none() && started.mode == policy::Mode::Autopilot;
    let mut gate = house.gate(&flags, &[])?;
    let (turns_max, cost_max) = session::limits(&house, &flags)?;
    let led_by = leading::goes_on(&house, &started, flags.agent.as_deref())?;
    let named = resume.flags.model.as_deref().unwrap_or(&started.model);
    let model = match leading::named_by(&house, led_by.as_deref(), named)? {
        Some(model) if resume.flags.model.is_none() => model,
        _ => {
            let name = ModelName::parse(named).map_err(Error::usage)?;
            models::open(&house.world, &house.config, &name)?
        }
    };
    let lead =
        toolbox::Lead { model: &model, is_named: resume.flags.model.is_some(), agent: led_by.as_deref() };
    let set = toolbox::session(&house, &mut gate, lead, None)?;
    // What the agent is told is on record.
    let toolbox::Set { tools, crew, agent, .. } = set;
    let (mut words, mut reached) = (None, None);
    if let Some(message) = resume.message {
        let named = super::run::looked_up(&house, &crew, &gate, &message, &tools).await?;
        reached = named.reached(house.screen.person());
        words = Some(named.text);
    }
    let (is_last, now) = (true, crew.clone());
    let again = Again { id, crew: now, tools, gate, words, turns_max, cost_max, is_last, agent, reached };
    let came = session::resume(&mut house, again).await;
    crew.end().await;
    let came = came?;
    Ok(super::run::tell(&house.screen, &came, &flags))
}

/// The session that was written last among those that go on by themselves. Where there is none, one that was writing a document is
/// named if it came last: there the next step is another.
fn latest(house: &House) -> Outcome<String> {
    if let Some(summary) = house.store.latest_resumable()? {
        return Ok(summary.id);
    }
    let last = house.store.list_sessions()?.into_iter().next();
    let wrote = last.filter(|last| last.can_resume() && matches!(last.purpose, Some(Purpose::Plan { .. })));
    wrote.map(|last| last.id).ok_or_else(|| {
        Error::usage("there is no session to go on with").hint("see them all: waypost session list")
    })
}
