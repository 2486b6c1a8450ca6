//! The language server: specs in any editor, over standard input and output. Asks `index`, `plan` and `lint`, and
//! holds no rule of its own.

#![deny(clippy::indexing_slicing)]

mod actions;
mod answers;
mod background;
mod buffers;
mod client;
mod commands;
mod completion;
mod convert;
mod diagnostics;
mod document;
mod folders;
mod folding;
mod hover;
mod included;
mod lens;
mod locate;
mod navigate;
mod notices;
mod offers;
mod outline;
mod progress;
mod rename;
mod server;
mod silence;
mod state;
mod tagged;
mod tokens;
mod wire;

pub use server::{EditorError, Ended, Host, serve};
