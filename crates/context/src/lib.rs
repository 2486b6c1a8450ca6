//! What a person names with `#` in a message, as text with its size. Asks no model.
#![deny(clippy::indexing_slicing)]

mod codebase;
mod file;
mod folder;
mod gather;
mod git;
mod mention;
mod piece;
mod specs;
mod walk;

#[cfg(test)]
mod testing;

pub use codebase::{Found, Look, Snippet, Within, look};
pub use gather::{Answer, Ground, Outside, SpecPlace, gather};
pub use mention::{Kind, MENTIONS_MAX, Mention, Mentions, mentions, prose};
pub use piece::{PIECE_BYTES_MAX, Piece, TOTAL_BYTES_MAX, tokens};
