//! `waypost run`: one request without a spec.

use std::io::Read;
use std::sync::Arc;

use conversation::{Purpose, Tool};
use policy::Gate;

use crate::cli::{Run, SessionFlags};
use crate::context::{self, Parts, Words};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::leading;
use crate::roster::Here;
use crate::roster::called::{Called, Message, expand, powers_for};
use crate::session::{self, Came, Order};
use crate::subagents::Crew;
use crate::term::Style;
use crate::toolbox;
use crate::world::World;

/// The longest request, in bytes.
const REQUEST_BYTES_MAX: u64 = 1024 * 1024;

/// Carries out one request.
pub(crate) async fn run(world: World, screen: Arc<Screen>, run: Run) -> Outcome<Exit> {
    let words = request(&run.request)?;
    let mut house = House::open(world, screen)?;
    let model = leading::model(&house, &run.flags)?;
    let mut gate = house.gate(&run.flags, &[])?;
    let (is_named, agent) = (run.flags.model.is_some(), run.flags.agent.as_deref());
    let lead = toolbox::Lead { model: &model, is_named, agent };
    let set = toolbox::session(&house, &mut gate, lead, None)?;
    let toolbox::Set { tools, crew, fragments, agent } = set;
    // Behind the agent that leads: its rules and its bound count for what the message names.
    let named = looked_up(&house, &crew, &gate, &words, &tools).await?;
    let (turns_max, cost_max) = session::limits(&house, &run.flags)?;
    let order = Order {
        id: session::new_id(),
        purpose: Purpose::Request,
        crew: crew.clone(),
        tools,
        gate,
        fragments,
        paths: Vec::new(),
        reached: named.reached(house.screen.person()),
        words: named.text,
        turns_max,
        cost_max,
        is_last: true,
        agent,
    };
    let came = session::begin(&mut house, order).await;
    crew.end().await;
    let came = came?;
    Ok(tell(&house.screen, &came, &run.flags))
}

/// What is sent for the words of a person: what they call in its place, what they name looked up by the rules of this gate and told.
/// When that fails the crew ends.
pub(crate) async fn looked_up(
    house: &House,
    crew: &Crew,
    gate: &Gate,
    words: &str,
    tools: &[Box<dyn Tool>],
) -> Outcome<Words> {
    let looked_up = match called(house, words, tools) {
        Ok(message) => context::expand(Parts::of(house, gate.policy()), &message).await,
        Err(error) => Err(error),
    };
    match &looked_up {
        Ok(named) => context::tell(&house.screen, named),
        Err(_) => crew.end().await,
    }
    looked_up
}

/// The words of a person with the prompt or skill that they call by `/name` in its place; an agent that is called so is asked for
/// as a part. The model is told to use only what is among these tools of the session.
fn called(house: &House, words: &str, tools: &[Box<dyn Tool>]) -> Outcome<Message> {
    let has = |name: &str| tools.iter().any(|tool| tool.describe().name == name);
    let usable = Here::load(&house.world, &house.workspace)?.usable();
    let text = match expand(&usable, words) {
        None => match powers_for(&usable, words).filter(|_| has("power")) {
            None => words.to_string(),
            Some(hint) => format!("{words}\n\n[Waypost: {hint}]"),
        },
        Some(Called::Words { what, text, notes }) => {
            house.screen.progress(Style::Dim, &what);
            notes.iter().for_each(|note| house.screen.notice(note));
            text
        }
        Some(Called::Agent { id, .. }) if !has("subagent") => {
            house.screen.notice(&format!(
                "`/{id}` names an agent, and this session has no tool `subagent`: the words are sent as they are"
            ));
            words.to_string()
        }
        Some(Called::Agent { id, words }) => {
            format!(
                "Give this to the agent `{id}` with the tool `subagent`, and report what it says:\n\n{words}"
            )
        }
    };
    Ok(Message { typed: words.to_string(), text })
}

/// Says how a session ended and what to do next.
pub(crate) fn tell(screen: &Screen, came: &Came, flags: &SessionFlags) -> Exit {
    let exit = Exit::from(came.ended.outcome);
    if exit != Exit::Done {
        let next = match exit {
            Exit::NeedsAnswer | Exit::Budget | Exit::Interrupted | Exit::Unavailable => {
                format!("go on with: waypost session resume {}{}", came.session, flags.typed())
            }
            _ => format!("look at it with: waypost session show {}", came.session),
        };
        let mut error = Error { exit, ..Error::failed(&came.ended.message) };
        error.hints.push(next);
        screen.error(&error);
    } else if let Some(cost) = came.cost.filter(|cost| cost.0 > 0) {
        screen.progress(Style::Dim, &format!("session {} · {cost}", came.session));
    } else {
        screen.progress(Style::Dim, &format!("session {}", came.session));
    }
    exit
}

/// The request as typed, or read from standard input.
fn request(typed: &str) -> Outcome<String> {
    let mut text = typed.to_string();
    if typed == "-" {
        text.clear();
        std::io::stdin()
            .take(REQUEST_BYTES_MAX + 1)
            .read_to_string(&mut text)
            .map_err(|error| Error::usage(format!("standard input cannot be read as text: {error}")))?;
    }
    if text.len() as u64 > REQUEST_BYTES_MAX {
        return Err(Error::usage("the request is longer than 1 MiB"));
    }
    if text.trim().is_empty() {
        return Err(Error::usage("the request is empty").hint("say what to do: waypost run \"…\""));
    }
    Ok(text.trim().to_string())
}
