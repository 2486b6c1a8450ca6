//! `waypost session show`: what happened in a session, record by record.

use conversation::{Block, Event, HookEnd, Moment};
use ledger::{Entry, Format, Store, Stored};

use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::{Screen, gist};
use crate::house;
use crate::term::{glimpse, one_line};
use crate::workspace::Workspace;
use crate::world::World;

/// How much of a text one line shows.
const CHARS_MAX: usize = 140;

/// Shows.
pub(crate) fn run(world: &World, screen: &Screen, id: Option<&str>) -> Outcome<Exit> {
    let store = house::open_store(world, &Workspace::find(world)?)?;
    let id = find(&store, id)?;
    if screen.json() {
        let mut out = Vec::new();
        store.export(&id, Format::JsonArray, &mut out)?;
        screen.term.line(String::from_utf8_lossy(&out).trim_end());
        return Ok(Exit::Done);
    }
    for stored in store.read(&id)? {
        for line in lines(&stored) {
            screen.term.line(&line);
        }
    }
    Ok(Exit::Done)
}

/// The session of that id or beginning of an id, or the latest.
pub(crate) fn find(store: &Store, id: Option<&str>) -> Outcome<String> {
    match id {
        Some(id) => Ok(store.find(id)?),
        None => store.list_sessions()?.first().map(|summary| summary.id.clone()).ok_or_else(|| {
            Error::usage("there is no session in this workspace").hint("start one: waypost run \"…\"")
        }),
    }
}

fn lines(stored: &Stored) -> Vec<String> {
    let told = match &stored.entry {
        Entry::Unknown { name, .. } => vec![format!("{name} (of a newer Waypost)")],
        Entry::Event(event) => words(event),
    };
    told.iter().map(|line| format!("{:>4}  {}", stored.seq, one_line(line))).collect()
}

fn words(event: &Event) -> Vec<String> {
    match event {
        Event::Started(started) => {
            let led = started.agent.as_ref().map(|agent| format!(", led by {agent}")).unwrap_or_default();
            let (model, place, mode) = (&started.model, &started.workspace, started.mode.name());
            vec![format!("started with {model} in {place} ({mode}{led})")]
        }
        Event::Said { text } => text.lines().map(|line| format!("person: {line}")).collect(),
        Event::Asked { text } => vec![format!("asked, before hooks: {}", glimpse(text, CHARS_MAX))],
        Event::Withheld { message } => vec![format!("withheld: {message}")],
        Event::Answered(answered) => answered
            .blocks
            .iter()
            .flat_map(|block| match block {
                Block::Text(text) => text.lines().map(|line| format!("model: {line}")).collect(),
                Block::Call(call) => {
                    vec![format!("call {} {}", call.tool, gist(call.input.text()))]
                }
                Block::Reasoning(_) | Block::Result(_) => Vec::new(),
            })
            .collect(),
        Event::Decided(decided) => {
            vec![format!("decided: {} ({})", decided.decision.effect.name(), decided.decision.reason)]
        }
        Event::Finished(result) => {
            vec![format!("{}: {}", result.status.name(), glimpse(&result.text, CHARS_MAX))]
        }
        Event::ModelFailed { kind, message } => vec![format!("model failed ({}): {message}", kind.name())],
        Event::Compacted(_) => vec!["compacted".to_string()],
        Event::Steered { fragments } => {
            let names: Vec<&str> = fragments.iter().map(conversation::Fragment::name).collect();
            vec![format!("steering came into force: {}", names.join(", "))]
        }
        Event::HooksDue { hooks } => {
            let names: Vec<&str> = hooks.iter().map(|due| due.hook.as_str()).collect();
            vec![format!("hooks due: {}", glimpse(&names.join(", "), CHARS_MAX))]
        }
        Event::Hooked(hooked) => vec![hooked_line(hooked)],
        Event::Noted { text } => vec![format!("note: {text}")],
        Event::Ended(ended) => vec![format!("ended: {} {}", ended.outcome.name(), ended.message)],
        Event::Checkpointed(checkpoint) => {
            let moment = match checkpoint.moment {
                Moment::Before => "before the call",
                Moment::After => "after the call",
                Moment::Restored => "a restore",
            };
            vec![format!("checkpoint {}: {moment}", checkpoint.number)]
        }
        Event::Rewound { call } => vec![format!("the conversation went back to before call {call}")],
        Event::Sent(_) | Event::PersonAnswered { .. } => Vec::new(),
        other => vec![other.name().to_string()],
    }
}

/// A hook in one line: `hook NAME on PreToolUse: blocked in 12 ms (why)`.
pub(crate) fn hooked_line(hooked: &conversation::Hooked) -> String {
    let mut line = format!("hook {} on {}: {}", hooked.hook, hooked.trigger, hooked.end.name());
    if hooked.end != HookEnd::Interrupted {
        line.push_str(&format!(" in {} ms", hooked.ms));
    }
    if !hooked.message.is_empty() {
        line.push_str(&format!(" ({})", glimpse(&hooked.message, CHARS_MAX)));
    }
    if !hooked.cause.is_empty() {
        line.push_str(&format!(", because of {}", hooked.cause.join(" → ")));
    }
    line
}
