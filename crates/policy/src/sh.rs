//! A command line as the shell reads it: text to tree to a flat list of simple commands. Judges none of them, runs none.
//!
//! It follows POSIX sh and bash as far as both agree with what is written here. What it does not follow, it does not
//! guess: the whole line is [`Unclear`], with the reason and the place.

mod arithmetic;
mod brace;
mod chain;
mod cursor;
mod effects;
mod env;
mod expand;
mod grammar;
mod heredoc;
mod tree;
mod walk;
mod word;

use std::ops::Range;

pub use walk::{Access, Arg, Directory, Input, Part, Redirect, Via};

/// The longest command line that is looked into, in bytes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// How deep substitutions, groups and expansions may stand in one another.
pub const DEPTH_MAX: usize = 32;

/// How many simple commands one line may come to, with every turn of a loop over known words.
pub const PARTS_MAX: usize = 512;

/// How many words a brace expansion may come to.
pub const BRACES_MAX: usize = 64;

/// Why a command line was not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why} at byte {}", .at.start)]
pub struct Unclear {
    /// The reason, as a noun: `an open quote`.
    pub why: &'static str,
    /// Where in the line, in bytes. Inside backquotes and here-documents it is the place of the whole.
    pub at: Range<usize>,
}

/// The simple commands of a line in the order in which they stand, substitutions before the command that they are in.
///
/// # Errors
/// [`Unclear`] for whatever is not followed: it never guesses.
pub fn read(line: &str) -> Result<Vec<Part>, Unclear> {
    if line.len() > LINE_BYTES_MAX {
        return Err(Unclear { why: "a very long line", at: LINE_BYTES_MAX..line.len() });
    }
    if let Some((at, c)) = line.char_indices().find(|(_, c)| is_hidden(*c)) {
        return Err(Unclear {
            why: "a character that is not shown as what it is",
            at: at..at + c.len_utf8(),
        });
    }
    let parsed = grammar::parse(line)?;
    walk::flatten(line, &parsed)
}

/// The same for any bytes.
///
/// # Errors
/// [`Unclear`] also for bytes that are no text.
pub fn read_bytes(line: &[u8]) -> Result<Vec<Part>, Unclear> {
    match std::str::from_utf8(line) {
        Ok(text) => read(text),
        Err(error) => Err(Unclear { why: "bytes that are no text", at: error.valid_up_to()..line.len() }),
    }
}

/// Control characters, and those that change how others are shown: a person who is asked must see what runs.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
#[path = "sh_tests.rs"]
mod tests;
