//! What a server of ours offers to another agent, as plain values: tools, resources, prompts, answers. No wire, no SDK.

use std::collections::BTreeMap;

use conversation::Later;
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::server::Caller;

/// A JSON object, as schemas and arguments are.
pub type Object = Map<String, Value>;

/// Who offers, as told to a client when it connects.
#[derive(Debug, Clone, Default)]
pub struct Card {
    /// The name by which clients list the server.
    pub name: String,
    /// The same for people.
    pub title: Option<String>,
    /// The version of the program that offers.
    pub version: String,
    /// What a model is told about the server as a whole.
    pub instructions: Option<String>,
    /// Whether the lists of tools, prompts and resources may change while it runs; clients are then told when they do.
    pub lists_change: bool,
    /// Whether resources can be subscribed to.
    pub subscribe: bool,
    /// Whether it sends log messages.
    pub logs: bool,
    /// Whether it completes arguments of prompts and of resource templates.
    pub completes: bool,
}

/// What a client may assume of a tool. Hints: the tool is held to them by nobody but itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hints {
    /// It changes nothing.
    pub read_only: bool,
    /// What it changes may be lost by it.
    pub destructive: bool,
    /// A second call with the same arguments changes nothing more.
    pub idempotent: bool,
    /// It reaches beyond what the server itself holds, such as the network.
    pub open_world: bool,
}

impl Hints {
    /// A tool that only looks, at what the server itself holds.
    pub const LOOKS: Hints =
        Hints { read_only: true, destructive: false, idempotent: true, open_world: false };
}

/// One tool that is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Of 1 to 128 characters out of `A-Z a-z 0-9 _ - .`.
    pub name: String,
    /// The name for people.
    pub title: Option<String>,
    /// What a model reads to decide whether to call it.
    pub description: String,
    /// The JSON schema of the arguments; an object schema.
    pub input: Object,
    /// The JSON schema of [`OfferResult::structured`], when there is one.
    pub output: Option<Object>,
    /// What a client may assume.
    pub hints: Option<Hints>,
}

/// What a call came to.
#[derive(Debug, Clone, Default)]
pub struct OfferResult {
    /// For the model, in order.
    pub pieces: Vec<Piece>,
    /// The same as a value, in the shape of [`Offer::output`].
    pub structured: Option<Value>,
    /// The tool did not do what it was asked to; the pieces say why, to the model.
    pub is_error: bool,
}

impl OfferResult {
    /// Words alone.
    #[must_use]
    pub fn text(text: impl Into<String>) -> OfferResult {
        OfferResult { pieces: vec![Piece::Text(text.into())], structured: None, is_error: false }
    }

    /// Words and the same as a value.
    #[must_use]
    pub fn structured(text: impl Into<String>, value: Value) -> OfferResult {
        OfferResult { structured: Some(value), ..OfferResult::text(text) }
    }

    /// Words that say what went wrong and what to do next.
    #[must_use]
    pub fn error(text: impl Into<String>) -> OfferResult {
        OfferResult { is_error: true, ..OfferResult::text(text) }
    }
}

/// One piece of a result or of a prompt.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Words.
    Text(String),
    /// A picture, in base 64.
    Image {
        /// The bytes in base 64.
        base64: String,
        /// Such as `image/png`.
        media_type: String,
    },
    /// A sound, in base 64.
    Audio {
        /// The bytes in base 64.
        base64: String,
        /// Such as `audio/wav`.
        media_type: String,
    },
    /// A resource with its content.
    Resource(Held),
}

/// The content of one resource.
#[derive(Debug, Clone)]
pub struct Held {
    /// Where it was read.
    pub uri: String,
    /// Such as `text/markdown`.
    pub media_type: Option<String>,
    /// The content itself.
    pub body: Body,
}

/// Text, or bytes in base 64.
#[derive(Debug, Clone)]
pub enum Body {
    /// Text as it is.
    Text(String),
    /// Bytes in base 64.
    Base64(String),
}

/// One resource that can be read.
#[derive(Debug, Clone, Default)]
pub struct Resource {
    /// Its address.
    pub uri: String,
    /// A short name.
    pub name: String,
    /// The name for people.
    pub title: Option<String>,
    /// What is in it.
    pub description: Option<String>,
    /// Such as `text/markdown`.
    pub media_type: Option<String>,
    /// Its length in bytes, where known.
    pub bytes: Option<u64>,
}

/// A family of resources: an address with `{names}` to fill in.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// An RFC 6570 template.
    pub uri: String,
    /// A short name.
    pub name: String,
    /// What is in them.
    pub description: Option<String>,
    /// Such as `text/markdown`, when all have it.
    pub media_type: Option<String>,
}

/// One prompt that is offered.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    /// By this it is asked for.
    pub name: String,
    /// The name for people.
    pub title: Option<String>,
    /// What it makes an agent do.
    pub description: Option<String>,
    /// What is filled in.
    pub arguments: Vec<PromptArgument>,
}

/// One argument of a prompt.
#[derive(Debug, Clone, Default)]
pub struct PromptArgument {
    /// Its name.
    pub name: String,
    /// What to write there.
    pub description: Option<String>,
    /// The prompt cannot be had without it.
    pub required: bool,
}

/// A prompt, filled in.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// What it makes an agent do.
    pub description: Option<String>,
    /// The messages, in order.
    pub messages: Vec<(Speaker, Piece)>,
}

/// Who says a message of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// A finished answer, or questions that the client must answer first.
///
/// The answer may be built again from the start: in the revision 2026-07-28 the client sends the same request once more,
/// with the answers; before it, the server asks over the session and then calls once more. A tool is written once for both.
#[derive(Debug, Clone)]
pub enum Outcome<T> {
    /// It is done.
    Done(T),
    /// It can only go on when these are answered.
    Ask(Questions),
}

/// Questions to the client.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    /// Each with the key under which its answer comes back.
    pub asked: Vec<(String, Question)>,
    /// What the tool wants to know again when the answers come. It is sealed on its way, so nobody can change it; it is
    /// not encrypted.
    pub state: Option<String>,
}

/// One question to the client.
#[derive(Debug, Clone)]
pub enum Question {
    /// A form for the person.
    Elicit {
        /// What the person reads above it.
        message: String,
        /// An object schema of plain fields.
        schema: Object,
    },
    /// A question to the client's model: the parameters of `sampling/createMessage`.
    Sample(Object),
    /// Which folders the client works in.
    Roots,
}

/// What a client can be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Askable {
    /// [`Question::Elicit`].
    pub elicit: bool,
    /// [`Question::Sample`].
    pub sample: bool,
    /// [`Question::Roots`].
    pub roots: bool,
}

/// The answers to the questions of the round before, and the state that was kept over it.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    pub(crate) given: BTreeMap<String, Value>,
    pub(crate) state: Option<String>,
}

/// What a person did with a form.
#[derive(Debug, Clone, Deserialize)]
pub struct Elicited {
    /// `accept`, `decline` or `cancel`.
    pub action: String,
    /// What was filled in, when accepted.
    #[serde(default)]
    pub content: Option<Object>,
}

impl Answers {
    /// The answer to a form. None when it was not answered.
    ///
    /// # Errors
    ///
    /// Something came that is not an answer to a form.
    pub fn elicited(&self, key: &str) -> Result<Option<Elicited>, Refused> {
        let Some(value) = self.given.get(key) else { return Ok(None) };
        let elicited: Elicited = Elicited::deserialize(value)
            .map_err(|error| Refused::Invalid(format!("the answer `{key}` is none to a form: {error}")))?;
        if !matches!(elicited.action.as_str(), "accept" | "decline" | "cancel") {
            let action = elicited.action;
            return Err(Refused::Invalid(format!("the answer `{key}` has the unknown action `{action}`")));
        }
        Ok(Some(elicited))
    }

    /// The answer to another question, an object. None when it was not answered.
    ///
    /// # Errors
    ///
    /// Something came that is no object.
    pub fn object(&self, key: &str) -> Result<Option<&Object>, Refused> {
        match self.given.get(key) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(Refused::Invalid(format!("the answer `{key}` is not an object"))),
        }
    }

    /// What the tool wanted to know again.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// Why a request could not be answered at all. What a model should read goes into [`OfferResult::error`] instead.
#[derive(Debug, Clone, Error)]
pub enum Refused {
    /// There is no tool, prompt or argument of this name.
    #[error("{0}")]
    Unknown(String),
    /// There is no resource at this address.
    #[error("there is no resource `{0}`")]
    NoResource(String),
    /// The request is not as it must be.
    #[error("{0}")]
    Invalid(String),
    /// The server itself failed.
    #[error("{0}")]
    Failed(String),
}

/// Something that changed while clients are connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The list of resources.
    Resources,
    /// The content of one resource.
    Resource(String),
}

/// What argument is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// An argument of the prompt of this name.
    Prompt(String),
    /// A name in the resource template of this address.
    Template(String),
}

/// Something that offers tools, resources and prompts.
pub trait Offered: Send + Sync + 'static {
    /// Who offers.
    fn card(&self) -> Card;

    /// The tools, in the same order each time.
    fn offers(&self) -> Vec<Offer>;

    /// Calls a tool. A call that is dropped was cancelled; one that works elsewhere asks [`Caller::cancelled`].
    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: &'a Object,
        caller: &'a Caller,
    ) -> Later<'a, Result<Outcome<OfferResult>, Refused>>;

    /// The resources.
    fn resources(&self) -> Later<'_, Result<Vec<Resource>, Refused>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The families of resources.
    fn templates(&self) -> Vec<Template> {
        Vec::new()
    }

    /// Reads a resource; [`Refused::NoResource`] when there is none.
    fn read<'a>(&'a self, uri: &'a str) -> Later<'a, Result<Vec<Held>, Refused>> {
        Box::pin(async move { Err(Refused::NoResource(uri.to_string())) })
    }

    /// The prompts, in the same order each time.
    fn prompts(&self) -> Vec<Prompt> {
        Vec::new()
    }

    /// Fills in a prompt.
    fn prompt<'a>(
        &'a self,
        name: &'a str,
        arguments: &'a Object,
        caller: &'a Caller,
    ) -> Later<'a, Result<Outcome<Filled>, Refused>> {
        let _ = (arguments, caller);
        Box::pin(async move { Err(Refused::Unknown(format!("there is no prompt `{name}`"))) })
    }

    /// What an argument could be, best first; `typed` is what is there of it, `others` are the arguments already filled in.
    fn complete<'a>(
        &'a self,
        about: &'a About,
        argument: &'a str,
        typed: &'a str,
        others: &'a BTreeMap<String, String>,
    ) -> Later<'a, Vec<String>> {
        let _ = (about, argument, typed, others);
        Box::pin(async { Vec::new() })
    }
}
