//! The traits by which a session is shown and steered. Contains no face.

use conversation::{Delta, Event, Later};
use futures_util::Stream;
use policy::{Answer, Decision, Request};

/// Shows a session and answers its questions.
pub trait Face: Send + Sync {
    /// Shows something; must not block.
    fn show(&self, notice: Notice<'_>);

    /// Asks a person. `None` when nobody can answer here.
    fn ask<'a>(&'a self, question: &'a Question) -> Later<'a, Option<Answer>>;

    /// Has a person choose one of these, by their labels. `None` when nobody can.
    fn choose<'a>(&'a self, _question: &'a str, _labels: &'a [String]) -> Later<'a, Option<usize>> {
        Box::pin(std::future::ready(None))
    }
}

/// Something to show.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// It happened and is on record.
    Event(&'a Event),
    /// A piece of the answer that is still arriving.
    Delta(&'a Delta),
    /// Something that a person should know and the model need not.
    Told {
        /// In a sentence part.
        text: &'a str,
    },
    /// Output of a running call.
    Output {
        /// The call.
        call: &'a str,
        /// A piece of its output, as it came.
        text: &'a str,
    },
}

/// A question about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The call.
    pub call: String,
    /// The tool.
    pub tool: String,
    /// The arguments as the model wrote them.
    pub input: String,
    /// What the call wants.
    pub requests: Vec<Request>,
    /// Why it has to be asked, and which rule would allow it.
    pub decision: Decision,
}

/// What a person does while a session works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inbound {
    /// Says something; it steers the next turn.
    Words(String),
    /// Stops it. The session can be resumed.
    Interrupt,
}

/// Where [`Inbound`] comes from. May end: then nobody is there any more.
pub type Inbox = dyn Stream<Item = Inbound> + Send + Unpin;
