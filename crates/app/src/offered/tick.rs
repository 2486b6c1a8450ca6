//! `spec_tick`: takes a task up, hands it in, gives it back. The only tool that writes; what proves a task is decided where runs
//! decide it.

use std::sync::Arc;

use agent::Tried;
use conversation::{Ended, Outcome as Came};
use futures_util::future::{Either, select};
use mcp::offer::{Hints, Object, Offer, OfferResult};
use mcp::server::Caller;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::arguments::{read, schema};
use crate::desk::{SpecDesk, TakenUp};
use crate::error::{Error, Outcome};
use crate::face::Screen;
use crate::house::House;
use crate::term::Term;

pub(super) const NAME: &str = "spec_tick";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The spec, as spec_list names it; it can be left out where there is only one.
    spec: Option<String>,
    /// The task, such as `2.1`.
    task: String,
    /// `in_progress` before you change anything; `done` to hand the work in; `open` to give the task back.
    state: Wanted,
    /// In a sentence: what you did, or why you give it back. It goes on record.
    #[serde(default)]
    why: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    InProgress,
    Done,
    Open,
}

/// What it gives as a value.
#[derive(Serialize, JsonSchema)]
struct Ticked {
    spec: String,
    task: String,
    /// The box as it is now: `open`, `in_progress` or `done`.
    state: String,
    /// The evidence, or what is missing.
    why: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The end of what the check printed, when it ran and did not prove the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    check_output: Option<String>,
}

pub(super) fn offer() -> Offer {
    Offer {
        name: NAME.to_string(),
        title: Some("Tick a task on evidence".to_string()),
        description: "Takes a task up (`in_progress`, before any file is changed), hands it in (`done`) or gives it back \
                      (`open`). A task is only ticked on evidence: files in its scope changed since it was taken up, and \
                      its check command, which a person approved, runs green. Without that it says what is missing and \
                      the box stays. The check may take minutes."
            .to_string(),
        input: schema::<Arguments>(),
        output: Some(schema::<Ticked>()),
        hints: Some(Hints { read_only: false, destructive: false, idempotent: true, open_world: false }),
    }
}

/// Ticks, on the thread of this call.
pub(super) fn call(shared: &Shared, arguments: &Object, caller: &Caller) -> Outcome<OfferResult> {
    let arguments: Arguments = read(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::failed(format!("the runtime cannot be started: {error}")))?;
    runtime.block_on(async {
        let working = Box::pin(async {
            let _one_at_a_time = shared.ticking.lock().await;
            ticked(shared, &arguments, caller).await
        });
        match select(working, Box::pin(caller.cancelled())).await {
            Either::Left((came, _)) => came,
            // What was begun is dropped, which ends the check; the box is as it was.
            Either::Right(_) => Err(Error::failed("cancelled by the client")),
        }
    })
}

async fn ticked(shared: &Shared, arguments: &Arguments, caller: &Caller) -> Outcome<OfferResult> {
    // Its own screen: standard output belongs to the protocol.
    let screen = Screen::new(Term::new(false, false), false, false, "an agent over MCP".to_string());
    let mut world = shared.world.clone();
    world.interactive = false;
    let mut house = House::open(world, Arc::new(screen))?;
    let place = house.workspace.spec(arguments.spec.as_deref())?;
    let spec = place.name.clone();
    let who = caller.client().map_or("unknown".to_string(), |(name, version)| format!("{name} {version}"));
    let task = arguments.task.as_str();
    let mut desk = SpecDesk::outside(&mut house, place)?;
    let row = |state: &str, why: String, next: Option<String>| Ticked {
        spec: spec.clone(),
        task: task.to_string(),
        state: state.to_string(),
        why,
        next,
        check_output: None,
    };
    let (row, is_refused) = match arguments.state {
        Wanted::InProgress => match desk.take_up(task, &who)? {
            TakenUp::Now => (row("in_progress", "it is taken up".to_string(), Some(hand_in())), false),
            TakenUp::Before => {
                let why = "it was taken up before; what has changed since then counts".to_string();
                (row("in_progress", why, Some(hand_in())), false)
            }
            TakenUp::Proven(why) => (row("done", format!("it is proven already: {why}"), None), false),
            TakenUp::Stopped(ended) => return Err(stopped(&spec, ended)),
        },
        Wanted::Done => {
            caller.progress(0.0, None, Some("looking at what changed, then running the check")).await;
            let said = format!("{} ({who})", if arguments.why.is_empty() { "done" } else { &arguments.why });
            match desk.hand_in(task, &said).await? {
                Tried::Proven { why } => (row("done", why, None), false),
                Tried::Open { why, tail } => {
                    let next = "find the cause, finish the task, and hand it in again".to_string();
                    let row = row("in_progress", format!("not proven: {why}"), Some(next));
                    (Ticked { check_output: Some(tail), ..row }, true)
                }
                Tried::Stopped(ended) => return Err(stopped(&spec, ended)),
            }
        }
        Wanted::Open => {
            if arguments.why.trim().is_empty() {
                return Err(Error::usage("the argument `why` is missing: say why the task is given back"));
            }
            match desk.give_back(task, &format!("{} ({who})", arguments.why))? {
                None => (row("open", "it is given back".to_string(), None), false),
                Some(ended) => return Err(stopped(&spec, ended)),
            }
        }
    };
    let mut text = format!("task {task} of `{spec}` is {}: {}", row.state.replace('_', " "), row.why);
    if let Some(tail) = row.check_output.as_deref().filter(|tail| !tail.trim().is_empty()) {
        text.push_str(&format!("\nthe check printed at its end:\n{}", tail.trim_end()));
    }
    if let Some(next) = &row.next {
        text.push_str(&format!("\nnext: {next}"));
    }
    let value = serde_json::to_value(&row).map_err(Error::failed)?;
    Ok(OfferResult { is_error: is_refused, ..OfferResult::structured(text, value) })
}

fn hand_in() -> String {
    "carry the task out, then hand it in: spec_tick with state `done`".to_string()
}

/// Why nothing was done, with the step that a person or the agent takes next.
fn stopped(spec: &str, ended: Ended) -> Error {
    let next = match ended.message.as_str() {
        message
            if message.starts_with("not approved") || message.starts_with("the approval does not cover") =>
        {
            Some(format!("a person reviews and approves: waypost spec approve {spec}"))
        }
        message if message.contains("no check command") => Some(format!(
            "write `_Check: <command>_` under the task, or `Check: <command>` in the testing strategy; then a person \
             approves: waypost spec approve {spec}"
        )),
        message if message.starts_with("nobody said") => {
            Some("spec_tick with state `in_progress` comes before the work".to_string())
        }
        _ => None,
    };
    let error = match ended.outcome {
        Came::NeedsAnswer => Error::needs_answer(ended.message),
        _ => Error::failed(ended.message),
    };
    next.into_iter().fold(error, Error::hint)
}
