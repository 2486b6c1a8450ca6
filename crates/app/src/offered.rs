//! The spec engine as other agents meet it over MCP: which tools, resources and prompts there are. What each does is in a file of
//! its own, and how it travels is `mcp`'s.

mod arguments;
mod lint;
mod list;
mod plan;
mod prompts;
mod resources;
mod show;
mod status;
mod tick;
mod trace;

use std::collections::BTreeMap;
use std::sync::Arc;

use conversation::{Later, Secrecy as _};
use guard::Firewall;
use mcp::offer::{
    About, Body, Card, Filled, Held, Object, Offer, OfferResult, Offered, Outcome as Came, Piece, Prompt,
    Refused, Resource, Template,
};
use mcp::server::Caller;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::limits;
use crate::world::World;

/// The longest text of one answer, in bytes; the rest is left out and said.
const TEXT_BYTES_MAX: usize = 128 * 1024;
/// The longest answer as a value, in bytes; a longer one is refused with a way to ask for less.
const VALUE_BYTES_MAX: usize = 1024 * 1024;

/// What a model is told about the server as a whole.
const INSTRUCTIONS: &str = "\
The specs of this workspace: requirements, design and a plan of tasks below .kiro/specs, approved by a person. \
Read with spec_list, spec_status and spec_plan; spec_plan with a task says all that the task needs. \
To carry a task out: spec_tick with state `in_progress` before you change a file, then the work, then spec_tick with state \
`done`. Waypost then looks at what changed and runs the task's check; only that ticks the box. Do not edit the boxes yourself.";

/// The same where nothing may be ticked.
const INSTRUCTIONS_READ_ONLY: &str = "\
The specs of this workspace: requirements, design and a plan of tasks below .kiro/specs, approved by a person. \
Read with spec_list, spec_status and spec_plan; spec_plan with a task says all that the task needs. \
This server only reads: tasks are ticked elsewhere, with `waypost spec run` or a server without --read-only.";

/// A tool that only reads: its offer, and what it does.
type Reader = (fn() -> Offer, fn(&World, &Object) -> Outcome<OfferResult>);

/// The reading tools, in the order in which they are listed.
const READERS: [Reader; 6] = [
    (list::offer, list::call),
    (show::offer, show::call),
    (lint::offer, lint::call),
    (trace::offer, trace::call),
    (plan::offer, plan::call),
    (status::offer, status::call),
];

/// The spec engine of one workspace.
pub(crate) struct SpecEngine {
    shared: Arc<Shared>,
}

/// What calls share, also those that outlive their client.
struct Shared {
    world: World,
    firewall: Firewall,
    read_only: bool,
    /// Held while a task is ticked: a second one waits.
    ticking: tokio::sync::Mutex<()>,
}

impl SpecEngine {
    /// The engine of the workspace around the world's directory. With `read_only` nothing can be ticked.
    pub(crate) fn new(world: World, read_only: bool) -> Outcome<SpecEngine> {
        let config = Config::read(&world.config)?;
        let firewall = limits::firewall(&world, &config)?;
        let ticking = tokio::sync::Mutex::new(());
        Ok(SpecEngine { shared: Arc::new(Shared { world, firewall, read_only, ticking }) })
    }

    /// Does something on a thread of its own: reading a repository takes a while, and the client may ask on meanwhile.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let shared = Arc::clone(&self.shared);
        let (sender, receiver) = oneshot::channel();
        std::thread::Builder::new()
            .name("offered".to_string())
            .spawn(move || {
                // A client that is gone takes no answer.
                let _ = sender.send(work(&shared));
            })
            .map_err(|error| Refused::Failed(format!("no thread can be started: {error}")))?;
        receiver.await.map_err(|_| Refused::Failed("this request made the server fail".to_string()))
    }

    /// An answer without values of credentials and within its bounds; an error becomes words that name the next step.
    fn told(&self, came: Outcome<OfferResult>) -> OfferResult {
        let mut result = came.unwrap_or_else(|error| OfferResult::error(words(&error)));
        for piece in &mut result.pieces {
            if let Piece::Text(text) = piece {
                *text = bounded(&self.shared.firewall.hide(text));
            }
        }
        if let Some(value) = &mut result.structured {
            self.hide(value);
            if value.to_string().len() > VALUE_BYTES_MAX {
                return OfferResult::error(
                    "the answer is too long; ask for one spec, one document or one task",
                );
            }
        }
        result
    }

    fn hide(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.shared.firewall.hide(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(members) => members.values_mut().for_each(|item| self.hide(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// An error as a model reads it.
fn words(error: &Error) -> String {
    let mut text = error.cause.clone();
    for hint in &error.hints {
        text.push_str(&format!("\nnext: {hint}"));
    }
    text
}

/// The text, cut at a line's end.
fn bounded(text: &str) -> String {
    if text.len() <= TEXT_BYTES_MAX {
        return text.to_string();
    }
    let mut end = TEXT_BYTES_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = text.get(..end).unwrap_or_default();
    let kept = kept.rsplit_once('\n').map_or(kept, |(whole, _)| whole);
    let left_out = text.len() - kept.len();
    format!("{kept}\n[… {left_out} bytes are left out; ask for one spec, one document or one task]")
}

impl Offered for SpecEngine {
    fn card(&self) -> Card {
        let instructions = if self.shared.read_only { INSTRUCTIONS_READ_ONLY } else { INSTRUCTIONS };
        Card {
            name: "waypost".to_string(),
            title: Some("Waypost".to_string()),
            version: env!("CARGO_PKG_VERSION").to_string(),
            instructions: Some(instructions.to_string()),
            completes: true,
            ..Card::default()
        }
    }

    fn offers(&self) -> Vec<Offer> {
        let ticks = (!self.shared.read_only).then(tick::offer);
        READERS.iter().map(|(offer, _)| offer()).chain(ticks).collect()
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: &'a Object,
        caller: &'a Caller,
    ) -> Later<'a, Result<Came<OfferResult>, Refused>> {
        Box::pin(async move {
            let arguments = arguments.clone();
            if name == tick::NAME && !self.shared.read_only {
                let caller = caller.clone();
                let came = self.aside(move |shared| tick::call(shared, &arguments, &caller)).await?;
                return Ok(Came::Done(self.told(came)));
            }
            let Some((_, call)) = READERS.iter().find(|(offer, _)| offer().name == name) else {
                return Err(Refused::Unknown(format!("there is no tool `{name}`")));
            };
            let came = self.aside(move |shared| call(&shared.world, &arguments)).await?;
            Ok(Came::Done(self.told(came)))
        })
    }

    fn resources(&self) -> Later<'_, Result<Vec<Resource>, Refused>> {
        Box::pin(async {
            let listed = self.aside(|shared| resources::list(&shared.world)).await?;
            listed.map_err(|error| Refused::Failed(words(&error)))
        })
    }

    fn templates(&self) -> Vec<Template> {
        vec![resources::template()]
    }

    fn read<'a>(&'a self, uri: &'a str) -> Later<'a, Result<Vec<Held>, Refused>> {
        Box::pin(async move {
            let wanted = uri.to_string();
            let mut held = self.aside(move |shared| resources::read(&shared.world, &wanted)).await??;
            if let Body::Text(text) = &mut held.body {
                *text = self.shared.firewall.hide(text);
            }
            Ok(vec![held])
        })
    }

    fn prompts(&self) -> Vec<Prompt> {
        vec![prompts::prompt(self.shared.read_only)]
    }

    fn prompt<'a>(
        &'a self,
        name: &'a str,
        arguments: &'a Object,
        _: &'a Caller,
    ) -> Later<'a, Result<Came<Filled>, Refused>> {
        Box::pin(async move {
            if name != prompts::NAME {
                return Err(Refused::Unknown(format!("there is no prompt `{name}`")));
            }
            let arguments = arguments.clone();
            let filled =
                self.aside(move |shared| prompts::fill(&shared.world, shared.read_only, &arguments)).await?;
            let mut filled = filled.map_err(|error| Refused::Invalid(words(&error)))?;
            for (_, piece) in &mut filled.messages {
                if let Piece::Text(text) = piece {
                    *text = bounded(&self.shared.firewall.hide(text));
                }
            }
            Ok(Came::Done(filled))
        })
    }

    fn complete<'a>(
        &'a self,
        _: &'a About,
        argument: &'a str,
        typed: &'a str,
        others: &'a BTreeMap<String, String>,
    ) -> Later<'a, Vec<String>> {
        Box::pin(async move {
            let (argument, typed) = (argument.to_string(), typed.to_string());
            let spec = others.get("spec").cloned();
            let found = self
                .aside(move |shared| resources::complete(&shared.world, &argument, &typed, spec.as_deref()));
            found.await.unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_at_a_line_and_say_so() {
        assert_eq!(bounded("short"), "short");
        let long = "é\n".repeat(TEXT_BYTES_MAX);
        let cut = bounded(&long);
        assert!(cut.len() < TEXT_BYTES_MAX + 200, "{}", cut.len());
        assert!(cut.contains("bytes are left out"), "{cut}");
        assert!(bounded(&"x".repeat(TEXT_BYTES_MAX * 2)).contains("bytes are left out"));
    }
}
