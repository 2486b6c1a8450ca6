//! The stored shape of every event, version 1, and the way there and back, by hand. Touches no file.
//!
//! A field that is added here must be optional on reading: journals of older versions do not have it. A field
//! that is renamed or means something else is a new format, not a new field.

mod answer;
mod gate;
mod hook;
mod session;

use conversation::{
    Check, Checkpointed, Digest, Edited, Ended, Event, ModelErrorKind, Moment, Outcome, Sent,
};
use policy::Answer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub(crate) use session::keep_apart;

/// Why a body could not be turned into an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WireError(pub(crate) String);

/// Type and body of a record.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
enum Body {
    Started(session::Started),
    Said {
        text: String,
    },
    Asked {
        text: String,
    },
    Withheld {
        message: String,
    },
    Sent {
        turn: u32,
        fragments: Hex,
        messages: u32,
    },
    Answered(answer::Answered),
    ModelFailed {
        kind: String,
        message: String,
    },
    Decided(gate::Decided),
    PersonAnswered {
        call: String,
        yes: bool,
        always: bool,
        by: String,
    },
    Finished(answer::CallResult),
    Compacted(answer::Compacted),
    Noted {
        text: String,
    },
    Steered {
        fragments: Vec<session::WireFragment>,
    },
    HooksDue {
        hooks: Vec<hook::HookDue>,
    },
    Hooked(hook::Hooked),
    Resumed {},
    Ended {
        outcome: String,
        message: String,
    },
    Planned {
        plan: Hex,
        session: Option<String>,
    },
    Approved {
        by: String,
        documents: Vec<(String, Hex)>,
        checks: Vec<String>,
    },
    TaskStarted {
        task: String,
        session: String,
        before: String,
    },
    Checked {
        task: Option<String>,
        command: String,
        exit: Option<i32>,
        tail: String,
    },
    Ticked {
        task: String,
        state: char,
        why: String,
    },
    Changed(Changed),
    Edited {
        by: String,
        what: String,
        why: Option<String>,
        files: Vec<(String, Option<Hex>, Option<Hex>)>,
    },
    Checkpointed {
        number: u64,
        moment: String,
        call: Option<String>,
        tree: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        undone: Vec<u64>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<(String, String)>,
    },
    Rewound {
        call: String,
    },
    Repaired {
        bytes: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Changed {
    task: String,
    session: String,
    head: Hex,
    before: String,
    after: String,
    files: Vec<(String, u32, u32)>,
    cost: Option<u64>,
}

/// The types of record that this version knows.
const NAMES: [&str; 27] = [
    "started",
    "said",
    "asked",
    "withheld",
    "sent",
    "answered",
    "model_failed",
    "decided",
    "person_answered",
    "finished",
    "compacted",
    "noted",
    "steered",
    "hooks_due",
    "hooked",
    "resumed",
    "ended",
    "planned",
    "approved",
    "task_started",
    "checked",
    "ticked",
    "changed",
    "edited",
    "checkpointed",
    "rewound",
    "repaired",
];

/// The body of the record for this event. The record's type is the event's name.
pub(crate) fn body_of(event: &Event) -> Result<Value, WireError> {
    Body::from_event(event).into_value()
}

/// The body of the record for a decision of the gate.
pub(crate) fn body_of_decision(decided: &policy::Decided) -> Result<Value, WireError> {
    Body::Decided(decided.into()).into_value()
}

/// The event in a record, or `None` when this version does not know the type.
pub(crate) fn event_of(name: &str, body: Value) -> Result<Option<Event>, WireError> {
    if !NAMES.contains(&name) {
        return Ok(None);
    }
    let tagged =
        Value::Object([("type".to_string(), name.into()), ("body".to_string(), body)].into_iter().collect());
    let body: Body = serde_json::from_value(tagged).map_err(|error| WireError(error.to_string()))?;
    body.into_event().map(Some)
}

/// The session and the head digest that a `changed` record of a spec journal names.
pub(crate) fn pinned(body: &Value) -> Option<(String, Digest)> {
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    Some((field("session")?.to_string(), Digest::read(field("head")?)?))
}

impl Body {
    fn from_event(event: &Event) -> Body {
        match event {
            Event::Started(started) => Body::Started(started.into()),
            Event::Said { text } => Body::Said { text: text.clone() },
            Event::Asked { text } => Body::Asked { text: text.clone() },
            Event::Withheld { message } => Body::Withheld { message: message.clone() },
            Event::Sent(sent) => {
                Body::Sent { turn: sent.turn, fragments: Hex(sent.fragments), messages: sent.messages }
            }
            Event::Answered(answered) => Body::Answered(answered.into()),
            Event::ModelFailed { kind, message } => {
                Body::ModelFailed { kind: kind.name().to_string(), message: message.clone() }
            }
            Event::Decided(decided) => Body::Decided(decided.into()),
            Event::PersonAnswered { call, answer } => Body::PersonAnswered {
                call: call.clone(),
                yes: answer.yes,
                always: answer.always,
                by: answer.by.clone(),
            },
            Event::Finished(result) => Body::Finished(result.into()),
            Event::Compacted(compacted) => Body::Compacted(compacted.into()),
            Event::Noted { text } => Body::Noted { text: text.clone() },
            Event::Steered { fragments } => {
                Body::Steered { fragments: fragments.iter().map(session::WireFragment::from).collect() }
            }
            Event::HooksDue { hooks } => {
                Body::HooksDue { hooks: hooks.iter().map(hook::HookDue::from).collect() }
            }
            Event::Hooked(hooked) => Body::Hooked(hooked.into()),
            Event::Resumed => Body::Resumed {},
            Event::Ended(ended) => {
                Body::Ended { outcome: ended.outcome.name().to_string(), message: ended.message.clone() }
            }
            Event::Planned { plan, session } => Body::Planned { plan: Hex(*plan), session: session.clone() },
            Event::Approved { by, documents, checks } => Body::Approved {
                by: by.clone(),
                documents: documents.iter().map(|(name, digest)| (name.clone(), Hex(*digest))).collect(),
                checks: checks.clone(),
            },
            Event::TaskStarted { task, session, before } => {
                Body::TaskStarted { task: task.clone(), session: session.clone(), before: before.clone() }
            }
            Event::Checked(check) => Body::Checked {
                task: check.task.clone(),
                command: check.command.clone(),
                exit: check.exit,
                tail: check.tail.clone(),
            },
            Event::Ticked { task, state, why } => {
                Body::Ticked { task: task.clone(), state: *state, why: why.clone() }
            }
            Event::Changed { task, session, head, before, after, files, cost } => Body::Changed(Changed {
                task: task.clone(),
                session: session.clone(),
                head: Hex(*head),
                before: before.clone(),
                after: after.clone(),
                files: files.clone(),
                cost: cost.map(|cost| cost.0),
            }),
            Event::Edited(edited) => Body::Edited {
                by: edited.by.clone(),
                what: edited.what.clone(),
                why: edited.why.clone(),
                files: edited
                    .files
                    .iter()
                    .map(|(path, before, after)| (path.clone(), before.map(Hex), after.map(Hex)))
                    .collect(),
            },
            Event::Checkpointed(checkpointed) => Body::Checkpointed {
                number: checkpointed.number,
                moment: checkpointed.moment.name().to_string(),
                call: checkpointed.call.clone(),
                tree: checkpointed.tree.clone(),
                undone: checkpointed.undone.clone(),
                left_out: checkpointed.left_out.clone(),
            },
            Event::Rewound { call } => Body::Rewound { call: call.clone() },
            Event::Repaired { bytes } => Body::Repaired { bytes: *bytes },
        }
    }

    /// The body alone. Its type is left out: a record has it in a field of its own.
    fn into_value(self) -> Result<Value, WireError> {
        match serde_json::to_value(self).map_err(|error| WireError(error.to_string()))? {
            Value::Object(mut fields) => Ok(fields.remove("body").unwrap_or_default()),
            _ => Err(WireError("the body is not an object".to_string())),
        }
    }

    fn into_event(self) -> Result<Event, WireError> {
        Ok(match self {
            Body::Started(started) => Event::Started(started.try_into()?),
            Body::Asked { text } => Event::Asked { text },
            Body::Withheld { message } => Event::Withheld { message },
            Body::Said { text } => Event::Said { text },
            Body::Sent { turn, fragments, messages } => {
                Event::Sent(Sent { turn, fragments: fragments.0, messages })
            }
            Body::Answered(answered) => Event::Answered(answered.try_into()?),
            Body::ModelFailed { kind, message } => {
                Event::ModelFailed { kind: word(&kind, "kind", ModelErrorKind::named)?, message }
            }
            Body::Decided(decided) => Event::Decided(decided.try_into()?),
            Body::PersonAnswered { call, yes, always, by } => {
                Event::PersonAnswered { call, answer: Answer { yes, always, by } }
            }
            Body::Finished(result) => Event::Finished(result.try_into()?),
            Body::Compacted(compacted) => Event::Compacted(compacted.into()),
            Body::Noted { text } => Event::Noted { text },
            Body::Steered { fragments } => Event::Steered {
                fragments: fragments.into_iter().map(session::fragment).collect::<Result<_, _>>()?,
            },
            Body::HooksDue { hooks } => {
                Event::HooksDue { hooks: hooks.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()? }
            }
            Body::Hooked(hooked) => Event::Hooked(hooked.try_into()?),
            Body::Resumed {} => Event::Resumed,
            Body::Ended { outcome, message } => {
                Event::Ended(Ended { outcome: word(&outcome, "outcome", Outcome::named)?, message })
            }
            Body::Planned { plan, session } => Event::Planned { plan: plan.0, session },
            Body::Approved { by, documents, checks } => Event::Approved {
                by,
                documents: documents.into_iter().map(|(name, digest)| (name, digest.0)).collect(),
                checks,
            },
            Body::TaskStarted { task, session, before } => Event::TaskStarted { task, session, before },
            Body::Checked { task, command, exit, tail } => {
                Event::Checked(Check { task, command, exit, tail })
            }
            Body::Ticked { task, state, why } => Event::Ticked { task, state, why },
            Body::Changed(changed) => Event::Changed {
                task: changed.task,
                session: changed.session,
                head: changed.head.0,
                before: changed.before,
                after: changed.after,
                files: changed.files,
                cost: changed.cost.map(conversation::Cost),
            },
            Body::Edited { by, what, why, files } => Event::Edited(Edited {
                by,
                what,
                why,
                files: files
                    .into_iter()
                    .map(|(path, before, after)| (path, before.map(|d| d.0), after.map(|d| d.0)))
                    .collect(),
            }),
            Body::Checkpointed { number, moment, call, tree, undone, left_out } => {
                let moment = word(&moment, "moment", Moment::named)?;
                Event::Checkpointed(Checkpointed { number, moment, call, tree, undone, left_out })
            }
            Body::Rewound { call } => Event::Rewound { call },
            Body::Repaired { bytes } => Event::Repaired { bytes },
        })
    }
}

/// A digest as 64 digits.
#[derive(Clone, Copy)]
pub(crate) struct Hex(pub(crate) Digest);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hex, D::Error> {
        let text = String::deserialize(deserializer)?;
        Digest::read(&text).map(Hex).ok_or_else(|| serde::de::Error::custom("not a digest"))
    }
}

/// Reads one word of a closed list.
fn word<T>(text: &str, field: &str, named: impl Fn(&str) -> Option<T>) -> Result<T, WireError> {
    named(text).ok_or_else(|| WireError(format!("unknown {field} `{text}`")))
}

#[cfg(test)]
pub(crate) mod samples;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_reads_back_as_it_was() {
        let events = samples::all();
        let seen: BTreeSet<&str> = events.iter().map(Event::name).collect();
        assert_eq!(seen, NAMES.into_iter().collect(), "every type of event is in the samples");
        for event in events {
            let body = body_of(&event).unwrap();
            let text = serde_json::to_string(&body).unwrap();
            let back = event_of(event.name(), serde_json::from_str(&text).unwrap()).unwrap();
            assert_eq!(back, Some(event), "{text}");
        }
    }

    #[test]
    fn a_type_of_tomorrow_is_unknown_and_a_word_of_tomorrow_is_an_error() {
        assert_eq!(event_of("dreamt", Value::Null), Ok(None));
        let ended = serde_json::json!({"outcome": "transcended", "message": ""});
        assert_eq!(event_of("ended", ended).unwrap_err().to_string(), "unknown outcome `transcended`");
        let more = serde_json::json!({"text": "hi", "mood": "good"});
        assert_eq!(event_of("said", more), Ok(Some(Event::Said { text: "hi".to_string() })));
    }
}
