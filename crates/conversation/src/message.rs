//! What person, model and tools say to one another. No wire shape: each provider converts at its own edge.

use crate::CallResult;

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said, in order.
    pub blocks: Vec<Block>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person, or the results of calls.
    User,
    /// The model.
    Assistant,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Words.
    Text(String),
    /// What the model thought, carried back to it unchanged.
    Reasoning(Reasoning),
    /// A tool call by the model.
    Call(Call),
    /// The result of a call.
    Result(CallResult),
}

/// A reasoning block. Only the provider that made it can read `opaque`; everyone else carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reasoning {
    /// The part that may be shown to a person; may be empty.
    pub text: String,
    /// The provider's own JSON of the whole block, byte for byte; sent back to the same provider only.
    pub opaque: String,
    /// The provider that made it, for example `anthropic`.
    pub provider: String,
}

/// A tool call as the model made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The provider's id; unique within the conversation.
    pub id: String,
    /// The tool's name as the model wrote it; it may not exist.
    pub tool: String,
    /// The arguments.
    pub input: Input,
}

/// The arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A JSON object, as the text that the model wrote.
    Json(String),
    /// What the model wrote was not a JSON object. It is kept so that the model can be told.
    Broken(String),
}

impl Message {
    /// A message of words by the person.
    pub fn user(text: impl Into<String>) -> Message {
        Message { role: Role::User, blocks: vec![Block::Text(text.into())] }
    }

    /// The calls in it, in order.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The words in it, joined.
    pub fn text(&self) -> String {
        let texts = self.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}

impl Input {
    /// The text that the model wrote.
    pub fn text(&self) -> &str {
        match self {
            Input::Json(text) | Input::Broken(text) => text,
        }
    }
}
