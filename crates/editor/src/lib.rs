//! The language server: specs in any editor, over standard input and output. Asks `index`, `plan` and `lint`, and
//! holds no rule of its own.

#![deny(clippy::indexing_slicing)]

mod actions;
mod buffers;
mod commands;
mod completion;
mod convert;
mod diagnostics;
mod folding;
mod hover;
mod lens;
mod locate;
mod navigate;
mod outline;
mod rename;
mod server;
mod state;
mod tokens;

pub use lsp_server::Connection;
pub use server::{EditorError, Host, serve};
