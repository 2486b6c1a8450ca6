//! Which agent leads a session that goes on: the one of its record, or a refusal; and with which model one begins. What an agent brings lives in `roster::cast`.

use std::sync::Arc;

use conversation::{Event, FragmentKind, Model, Started};
use ledger::Stored;

use crate::cli::SessionFlags;
use crate::error::{Error, Outcome};
use crate::house::House;
use crate::models::{self, Role};
use crate::roster::{Here, cast};
use crate::term::Style;

/// How the session of this id began.
///
/// # Errors
/// It cannot be read, or was cut off before it began.
pub(crate) fn started(house: &House, id: &str) -> Outcome<Started> {
    let record = house.store.read(id)?;
    let first = record.iter().filter_map(Stored::event).find_map(|event| match event {
        Event::Started(started) => Some(started.clone()),
        _ => None,
    });
    first.ok_or_else(|| Error::failed(format!("session {id} was cut off before it began")))
}

/// The id of the agent that is asked for by its id or its name.
///
/// # Errors
/// There is none, or it may not be used.
pub(crate) fn id_of(house: &House, asked: &str) -> Outcome<String> {
    let here = Here::load(&house.world, &house.workspace)?;
    Ok(cast::find(&here, &here.usable(), asked)?.id.clone())
}

/// The model of a new session: of the flag or the settings, else of the agent that leads, else the first whose key is there. Which
/// one won is said where the agent wants another.
///
/// # Errors
/// There is no such agent, or no model.
pub(crate) fn model(house: &House, flags: &SessionFlags) -> Outcome<Arc<dyn Model>> {
    let (world, config, screen) = (&house.world, &house.config, &house.screen);
    let (wanted, effort) = match &flags.agent {
        Some(asked) => {
            let here = Here::load(world, &house.workspace)?;
            let usable = here.usable();
            let agent = cast::find(&here, &usable, asked)?;
            (agent.model.clone(), agent.effort.clone())
        }
        None => (None, None),
    };
    let is_decided = flags.model.is_some() || models::is_set(config, Role::Execute);
    if let Some(wanted) = wanted.as_ref().filter(|_| !is_decided) {
        match models::of_agent(world, config, wanted, effort.as_deref()) {
            Ok(model) => {
                screen.progress(Style::Dim, &format!("model {}, which the agent names", model.name()));
                return Ok(model);
            }
            Err(why) => screen.notice(&format!("the agent's model `{wanted}` is not used: {why}")),
        }
    }
    let name = models::name(world, config, flags.model.as_deref(), Role::Execute)?;
    if let Some(wanted) = wanted.filter(|wanted| is_decided && *wanted != name.to_string()) {
        let by = if flags.model.is_some() { "`--model`" } else { "your settings" };
        screen.progress(Style::Dim, &format!("model {name} by {by}; the agent names `{wanted}`"));
    }
    models::open(world, config, &name)
}

/// The agent that leads a session which goes on: its bound is the agent's, so it stays whoever led it. `asked` is the agent of
/// the command line.
///
/// # Errors
/// Another agent is asked for, or the agent may not be used any more.
pub(crate) fn goes_on(house: &House, started: &Started, asked: Option<&str>) -> Outcome<Option<String>> {
    let recorded = leader(started);
    if recorded.is_none() && asked.is_none() {
        return Ok(None);
    }
    let here = Here::load(&house.world, &house.workspace)?;
    let usable = here.usable();
    let session = &started.session;
    if let Some(asked) = asked
        && recorded != Some(asked)
    {
        // An agent may be named by its id or its name.
        let id = &cast::find(&here, &usable, asked)?.id;
        if recorded != Some(id.as_str()) {
            let led = recorded.map_or("by no agent".to_string(), |agent| format!("by `{agent}`"));
            return Err(Error::usage(format!(
                "session {session} is led {led}, and `{id}` cannot take it over"
            ))
            .hint("go on without --agent, or begin anew with it"));
        }
    }
    let Some(agent) = recorded else { return Ok(None) };
    // Without its file nobody knows what it may do, and without a bound it would go on with more than it had.
    match cast::find(&here, &usable, agent) {
        Ok(agent) => Ok(Some(agent.id.clone())),
        Err(mut error) => {
            error.cause =
                format!("session {session} is led by an agent that cannot be used: {}", error.cause);
            Err(error)
        }
    }
}

/// The model of a session that goes on, as the agent that leads it names it, with its effort; `None` when it names another one.
pub(crate) fn named_by(house: &House, agent: Option<&str>, model: &str) -> Outcome<Option<Arc<dyn Model>>> {
    let Some(agent) = agent else { return Ok(None) };
    let here = Here::load(&house.world, &house.workspace)?;
    let usable = here.usable();
    let agent = cast::find(&here, &usable, agent)?;
    let wanted = agent.model.as_deref().filter(|wanted| *wanted == model);
    let opened = wanted
        .map(|wanted| models::of_agent(&house.world, &house.config, wanted, agent.effort.as_deref()).ok());
    Ok(opened.flatten())
}

/// Who leads by the record. Records that are older than the field have the agent's words under its name.
pub(crate) fn leader(started: &Started) -> Option<&str> {
    let words = || {
        let mut own = started.fragments.iter().filter(|fragment| fragment.kind() == FragmentKind::Steering);
        let fragment = own.find(|fragment| fragment.text().starts_with("<agent name=\""))?;
        fragment.name().strip_prefix("agent ")
    };
    started.agent.as_deref().or_else(words)
}
