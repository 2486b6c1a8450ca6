//! Plays recorded turns: a real provider for the demo, for tests and for regression runs. Pretends to be no model:
//! what is not in the recording is an error. No network, no disk.
//!
//! A recording is one JSON document:
//!
//! ```json
//! {
//!   "version": 1,
//!   "title": "what it shows",
//!   "sessions": [
//!     {
//!       "match": "Task 1",
//!       "turns": [
//!         { "reasoning": "optional", "text": "optional",
//!           "calls": [ { "name": "read", "input": { "path": "src/lib.rs" } } ],
//!           "usage": { "input": 900, "cache_read": 0, "cache_write": 0, "output": 40 } },
//!         { "text": "Done." }
//!       ]
//!     }
//!   ]
//! }
//! ```
//!
//! A session is the first one whose `match` stands, letter for letter, in the text of the first user message or of a
//! task fragment; an empty `match` fits everything. The turn is the one whose number is the count of answers that
//! the prompt already holds, so a recording keeps no state: a retry, a resumed process or a second run get the same
//! answer. Calls get the ids `replay-<turn>-<number>`. Usage that is not recorded is zero, and nothing costs money.
//!
//! Limitations: after a compaction the count of answers begins anew, so a recorded session must fit its context.

use conversation::{
    Block, Call, Delta, FragmentKind, Input, Later, Limits, Model, ModelError, ModelErrorKind, Price, Prompt,
    Reasoning, Reply, Role, Stop, Usage,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::wire;

/// The largest recording, in bytes.
const RECORDING_BYTES_MAX: usize = 16 * 1024 * 1024;
const LIMITS: Limits = Limits { context: 1_000_000, output: 32_000 };
const PRICE: Price = Price { input: 0, cache_read: 0, cache_write: 0, output: 0 };

/// A recording, read and checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    version: u32,
    title: String,
    sessions: Vec<Session>,
}

/// A text is not a recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// Not the format.
    #[error("the recording cannot be read: {0}")]
    Format(String),
    /// Another version of the format.
    #[error("the recording is of version {0}; this program plays version 1")]
    Version(u32),
    /// The input of a call is not an object.
    #[error("the input of a recorded call to `{0}` is not a JSON object")]
    Input(String),
    /// Too large.
    #[error("the recording is larger than 16 MiB")]
    TooLarge,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    #[serde(rename = "match")]
    fits: String,
    turns: Vec<Turn>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    #[serde(default)]
    reasoning: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    calls: Vec<RecordedCall>,
    #[serde(default)]
    usage: RecordedUsage,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedCall {
    name: String,
    input: Box<RawValue>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RecordedUsage {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
}

/// A model that plays a recording.
#[derive(Clone, Debug)]
pub struct Replay {
    name: String,
    recording: Recording,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// [`RecordingError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Recording, RecordingError> {
        if text.len() > RECORDING_BYTES_MAX {
            return Err(RecordingError::TooLarge);
        }
        let recording: Recording =
            serde_json::from_str(text).map_err(|error| RecordingError::Format(error.to_string()))?;
        if recording.version != 1 {
            return Err(RecordingError::Version(recording.version));
        }
        let turns = recording.sessions.iter().flat_map(|session| &session.turns);
        match turns.flat_map(|turn| &turn.calls).find(|call| !call.input.get().starts_with('{')) {
            Some(call) => Err(RecordingError::Input(call.name.clone())),
            None => Ok(recording),
        }
    }

    /// What it shows, in its own words.
    pub fn title(&self) -> &str {
        &self.title
    }
}

impl Replay {
    /// A model that plays this, under this name, which is `replay/…`.
    pub fn new(name: impl Into<String>, recording: Recording) -> Replay {
        Replay { name: name.into(), recording }
    }

    fn answer(&self, prompt: &Prompt<'_>) -> Result<Reply, ModelError> {
        let unknown = |what: String| {
            let message = format!("the recording `{}` holds {what}", self.recording.title);
            ModelError::new(ModelErrorKind::NotRecorded, message)
        };
        let first = prompt.messages.iter().find(|message| message.role == Role::User);
        let first = first.map(conversation::Message::text).unwrap_or_default();
        let tasks = prompt.fragments.iter().filter(|fragment| fragment.kind() == FragmentKind::Task);
        let texts: Vec<&str> = std::iter::once(first.as_str()).chain(tasks.map(|task| task.text())).collect();
        let fits = |session: &&Session| texts.iter().any(|text| text.contains(&session.fits));
        let session = self.recording.sessions.iter().find(fits).ok_or_else(|| {
            let begin: String = first.chars().take(60).collect();
            unknown(format!("no session for a request that begins with `{}`", crate::errors::clean(&begin)))
        })?;
        let at = prompt.messages.iter().filter(|message| message.role == Role::Assistant).count();
        let turn = session.turns.get(at).ok_or_else(|| {
            let (fits, count) = (&session.fits, session.turns.len());
            unknown(format!("{count} turns for `{fits}`, and turn {} was asked for", at + 1))
        })?;
        Ok(turn.reply(at + 1))
    }
}

impl Turn {
    fn reply(&self, turn: usize) -> Reply {
        let mut blocks = Vec::new();
        if !self.reasoning.is_empty() {
            blocks.push(Block::Reasoning(Reasoning {
                text: self.reasoning.clone(),
                opaque: "{}".to_string(),
                provider: "replay".to_string(),
            }));
        }
        if !self.text.is_empty() {
            blocks.push(Block::Text(self.text.clone()));
        }
        for (at, call) in self.calls.iter().enumerate() {
            blocks.push(Block::Call(Call {
                id: format!("replay-{turn}-{}", at + 1),
                tool: call.name.clone(),
                input: Input::Json(call.input.get().to_string()),
            }));
        }
        let RecordedUsage { input, cache_read, cache_write, output } = self.usage;
        wire::reply(blocks, Stop::EndTurn, Usage { input, cache_read, cache_write, output })
    }
}

impl Model for Replay {
    fn name(&self) -> &str {
        &self.name
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn price(&self) -> Option<Price> {
        Some(PRICE)
    }

    fn ask<'a>(
        &'a self,
        prompt: &'a Prompt<'a>,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> Later<'a, Result<Reply, ModelError>> {
        Box::pin(async move {
            let reply = self.answer(prompt)?;
            for block in &reply.blocks {
                match block {
                    Block::Text(text) => on_delta(Delta::Text(text.clone())),
                    Block::Reasoning(reasoning) => on_delta(Delta::Reasoning(reasoning.text.clone())),
                    Block::Call(call) => on_delta(Delta::Call { tool: call.tool.clone() }),
                    Block::Result(_) => {}
                }
            }
            Ok(reply)
        })
    }
}

#[cfg(test)]
mod tests {
    use conversation::{Fragment, Message};

    use super::*;

    const RECORDING: &str = r#"{"version":1,"title":"demo","sessions":[
        {"match":"Task 1","turns":[
            {"reasoning":"hm","text":"I look.","calls":[{"name":"read","input":{"path": "a"}},{"name":"list","input":{}}],
             "usage":{"input":10,"output":2}},
            {"text":"Done."}]},
        {"match":"","turns":[{"text":"Anything."}]}]}"#;

    fn ask(recording: &str, fragments: &[Fragment], messages: &[Message]) -> Result<Reply, ModelError> {
        let replay = Replay::new("replay/demo", Recording::parse(recording).unwrap());
        replay.answer(&Prompt { fragments, tools: &[], messages, cache_key: "" })
    }

    #[test]
    fn turns_are_found_by_the_prompt_alone() {
        let task = [Fragment::new(FragmentKind::Task, "spec", "Task 1: do it")];
        let mut messages = vec![Message::user("go")];
        let first = ask(RECORDING, &task, &messages).unwrap();
        assert_eq!(ask(RECORDING, &task, &messages), Ok(first.clone()), "asking again changes nothing");
        assert_eq!(first.stop, Stop::Calls);
        assert_eq!(first.usage, Usage { input: 10, output: 2, ..Usage::default() });
        let message = Message { role: Role::Assistant, blocks: first.blocks };
        let calls: Vec<String> =
            message.calls().map(|call| format!("{} {} {}", call.id, call.tool, call.input.text())).collect();
        assert_eq!(calls, [r#"replay-1-1 read {"path": "a"}"#, "replay-1-2 list {}"]);
        messages.push(message);
        assert_eq!(ask(RECORDING, &task, &messages).unwrap().blocks, [Block::Text("Done.".to_string())]);
        messages.push(Message { role: Role::Assistant, blocks: vec![] });
        let error = ask(RECORDING, &task, &messages).unwrap_err();
        assert_eq!(error.kind, ModelErrorKind::NotRecorded);
        assert_eq!(
            error.message,
            "the recording `demo` holds 2 turns for `Task 1`, and turn 3 was asked for"
        );
        let other = ask(RECORDING, &[], &[Message::user("Task 2")]).unwrap();
        assert_eq!(other.blocks, [Block::Text("Anything.".to_string())]);
    }

    #[test]
    fn broken_recordings() {
        let check = |text: &str, expect: &str| {
            assert!(Recording::parse(text).unwrap_err().to_string().contains(expect), "{text}");
        };
        check("", "cannot be read");
        check(r#"{"version":2,"title":"","sessions":[]}"#, "version 2");
        check(
            r#"{"version":1,"title":"","sessions":[{"match":"","turns":[{"txt":""}]}]}"#,
            "unknown field `txt`",
        );
        check(
            r#"{"version":1,"title":"","sessions":[{"match":"","turns":[{"calls":[{"name":"x","input":[]}]}]}]}"#,
            "to `x` is not a JSON object",
        );
        let none = r#"{"version":1,"title":"t","sessions":[]}"#;
        let error = ask(none, &[], &[Message::user("hi\nthere")]).unwrap_err();
        assert_eq!(
            error.message,
            "the recording `t` holds no session for a request that begins with `hi there`"
        );
    }
}
