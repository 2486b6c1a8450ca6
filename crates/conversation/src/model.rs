//! The trait by which the engine asks a model, and what can come back. No wire, no clock, no retry policy.

use crate::{Block, Fragment, Later, Message, Price, ToolDescription, Usage};

/// A model that can be asked. Implemented once per provider, and by `replay`.
pub trait Model: Send + Sync {
    /// `provider/model`, as the person chose it.
    fn name(&self) -> &str;

    /// How much it takes and gives.
    fn limits(&self) -> Limits;

    /// What it costs, or `None` when that is not known.
    fn price(&self) -> Option<Price>;

    /// Asks once. Deltas are shown as they arrive; the reply is complete or it is an error.
    ///
    /// Retries with back-off happen inside, and only before the first delta of the answer.
    fn ask<'a>(
        &'a self,
        prompt: &'a Prompt<'a>,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> Later<'a, Result<Reply, ModelError>>;
}

/// Everything that a model is told. Its beginning is the same from turn to turn, so that caches hit.
#[derive(Clone, Copy, Debug)]
pub struct Prompt<'a> {
    /// The pinned part, in order.
    pub fragments: &'a [Fragment],
    /// The tools on offer, in order.
    pub tools: &'a [ToolDescription],
    /// The conversation so far.
    pub messages: &'a [Message],
    /// Names the session towards the provider's cache; the same for all turns of a session.
    pub cache_key: &'a str,
}

/// Bounds of a model, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What prompt and answer may hold together.
    pub context: u64,
    /// The longest answer that is asked for.
    pub output: u64,
}

/// Something to show while the answer arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// Words of the answer.
    Text(String),
    /// Words of the reasoning, where the provider shows them.
    Reasoning(String),
    /// A call begins.
    Call {
        /// The tool's name.
        tool: String,
    },
    /// The provider could not answer; it is asked again after this many milliseconds.
    Retry {
        /// What it said.
        why: String,
        /// How long until the next try.
        wait_ms: u64,
    },
}

/// A complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What was said, in order.
    pub blocks: Vec<Block>,
    /// Why it ended.
    pub stop: Stop,
    /// What it used.
    pub usage: Usage,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model is done with its turn.
    EndTurn,
    /// It waits for results of calls.
    Calls,
    /// It reached the output limit.
    Length,
    /// The provider withheld the answer.
    Refused,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ModelError {
    /// What kind of failure, for exit codes and for what the agent does about it.
    pub kind: ModelErrorKind,
    /// What happened, with the provider's own words where it gave some.
    pub message: String,
}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelErrorKind {
    /// No key could be found.
    NoKey,
    /// The provider rejected the key.
    KeyRejected,
    /// The provider does not know the model.
    UnknownModel,
    /// The conversation is longer than the model takes; answered by compaction.
    ContextOverflow,
    /// Too many requests, after all retries.
    RateLimited,
    /// Overloaded, 5xx, unreachable or silent, after all retries.
    Unavailable,
    /// The stream ended before the answer did.
    Cut,
    /// What arrived was not the provider's format.
    Garbled,
    /// The provider refused the request itself (400).
    BadRequest,
    /// `replay` was asked something that its recording does not hold.
    NotRecorded,
}

impl Stop {
    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Stop::EndTurn => "end_turn",
            Stop::Calls => "calls",
            Stop::Length => "length",
            Stop::Refused => "refused",
        }
    }

    /// The stop with that name.
    pub fn named(name: &str) -> Option<Stop> {
        [Stop::EndTurn, Stop::Calls, Stop::Length, Stop::Refused].into_iter().find(|stop| stop.name() == name)
    }
}

impl ModelErrorKind {
    /// All kinds.
    pub const ALL: [ModelErrorKind; 10] = [
        ModelErrorKind::NoKey,
        ModelErrorKind::KeyRejected,
        ModelErrorKind::UnknownModel,
        ModelErrorKind::ContextOverflow,
        ModelErrorKind::RateLimited,
        ModelErrorKind::Unavailable,
        ModelErrorKind::Cut,
        ModelErrorKind::Garbled,
        ModelErrorKind::BadRequest,
        ModelErrorKind::NotRecorded,
    ];

    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            ModelErrorKind::NoKey => "no_key",
            ModelErrorKind::KeyRejected => "key_rejected",
            ModelErrorKind::UnknownModel => "unknown_model",
            ModelErrorKind::ContextOverflow => "context_overflow",
            ModelErrorKind::RateLimited => "rate_limited",
            ModelErrorKind::Unavailable => "unavailable",
            ModelErrorKind::Cut => "cut",
            ModelErrorKind::Garbled => "garbled",
            ModelErrorKind::BadRequest => "bad_request",
            ModelErrorKind::NotRecorded => "not_recorded",
        }
    }

    /// The kind with that name.
    pub fn named(name: &str) -> Option<ModelErrorKind> {
        ModelErrorKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl ModelError {
    /// An error of this kind with these words.
    pub fn new(kind: ModelErrorKind, message: impl Into<String>) -> ModelError {
        ModelError { kind, message: message.into() }
    }
}
