//! The language server: specs in any editor, over standard input and output. Asks `index`, `plan` and `lint`, and
//! holds no rule of its own.

#![deny(clippy::indexing_slicing)]

mod buffers;
mod convert;
mod state;
