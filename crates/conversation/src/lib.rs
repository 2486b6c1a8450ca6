//! What is said and what happened, and the three traits by which the engine reaches the world: `Model`, `Tool`,
//! `Journal`. Knows no provider's wire, no stored format and no disk.
#![deny(clippy::indexing_slicing)]

mod digest;
mod event;
mod fragment;
mod journal;
mod message;
mod model;
mod price;
mod secrecy;
mod tool;

use std::future::Future;
use std::pin::Pin;

pub use digest::Digest;
pub use event::{
    Again, Answered, Check, Checkpointed, Compacted, Edited, Ended, Event, HookDue, HookEnd, Hooked, How,
    Moment, Outcome, Purpose, Sent, Started, Touched,
};
pub use fragment::{Fragment, FragmentKind};
pub use journal::{Journal, JournalError};
pub use message::{Block, Call, Input, Message, Reasoning, Role};
pub use model::{Delta, Limits, Model, ModelError, ModelErrorKind, Prompt, Reply, Stop};
pub use price::{Cost, Price, Spent, Usage};
pub use secrecy::{Piecewise, Plain, Secrecy, decided as hide_decided, hide};
pub use tool::{
    CallResult, Elsewhere, FileChange, Inside, Recovery, Seen, Status, Tool, ToolContext, ToolDescription,
    ToolError,
};

/// A future behind a pointer, so that traits stay object-safe and faces do not recompile with providers.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
