//! The places of a workspace that have to do with some words: what is asked, and how the answer stands in a message. How
//! files are scanned and ranked lives below.

mod rank;
mod scan;
mod snippet;
mod terms;

use std::path::Path;
use std::time::Duration;

use crate::gather::Ground;
use crate::mention::{Kind, Mention};
use crate::piece::{Piece, files};

pub use rank::Found;
pub use snippet::Snippet;

/// How long a look may take.
const TIME_MAX: Duration = Duration::from_secs(15);

/// How many files are given.
const FILES_GIVEN: usize = 8;

/// The most text that is given, in bytes.
const TEXT_BYTES_MAX: usize = 32 * 1024;

/// What a look through a workspace came to.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The files that fit best, best first.
    pub found: Vec<Found>,
    /// How many files were read.
    pub files: usize,
    /// What was not looked at, and why.
    pub cut: Option<String>,
    /// The words that were looked for.
    pub terms: Vec<String>,
}

impl Look {
    /// Adds the places, with their lines, to a text as long as that stays within this many bytes; says how many are left out.
    pub fn add_to(&self, text: &mut String, bytes_max: usize) -> usize {
        let mut left = 0;
        for found in &self.found {
            for snippet in &found.snippets {
                let part =
                    format!("\n--- {}:{}-{} ---\n{}", found.path, snippet.first, snippet.last, snippet.text);
                match text.len() + part.len() > bytes_max {
                    true => left += 1,
                    false => text.push_str(&part),
                }
            }
        }
        left
    }
}

/// Where a look looks. The two questions are asked from several threads.
pub struct Within<'a> {
    /// The resolved absolute root of the workspace; paths are shown from it.
    pub workspace: &'a Path,
    /// The resolved folder or file that is looked through.
    pub place: &'a Path,
    /// Whether a file below it counts.
    pub counts: &'a (dyn Fn(&Path) -> bool + Sync),
    /// Whether it may be read, or why not.
    pub may_read: &'a (dyn Fn(&Path) -> Result<(), String> + Sync),
}

/// Looks for the files that have most to do with these words, at most `limit`, and for the best places in them. No index and no
/// model: every file that counts and may be read is read as it is now.
pub fn look(within: &Within<'_>, words: &str, limit: usize) -> Look {
    let terms = terms::of(words);
    if terms.is_empty() {
        return Look::default();
    }
    let scanned = scan::scan(within, &terms, TIME_MAX);
    let cut = scanned.cut();
    let files = scanned.files;
    let found = rank::best(within.workspace, &terms, scanned, limit);
    Look { found, files, cut, terms: terms.shown() }
}

pub(crate) fn piece(ground: &Ground<'_>, mention: &Mention) -> Piece {
    let title = mention.shown();
    let own = mention.argument.clone();
    let words = own.unwrap_or_else(|| without_mentions(ground.words));
    let within = Within {
        workspace: ground.workspace,
        place: ground.workspace,
        counts: &|_| true,
        may_read: ground.may_read,
    };
    let look = look(&within, &words, FILES_GIVEN);
    if look.terms.is_empty() {
        let why = "there are no words to look for; write `#codebase:\"rate limit\"`";
        return Piece::left_out(Kind::Codebase, title, why);
    }
    if look.found.is_empty() {
        let why = format!("nothing in {} has to do with {}", files(look.files), look.terms.join(", "));
        return Piece::left_out(Kind::Codebase, title, why);
    }
    let mut text = format!("places that have to do with: {}\n", look.terms.join(", "));
    let left = look.add_to(&mut text, TEXT_BYTES_MAX);
    let left = (left > 0)
        .then(|| format!("{left} more places left out, beyond the bound of {TEXT_BYTES_MAX} bytes"));
    Piece::new(Kind::Codebase, title, &text).with_cut(left).with_cut(look.cut)
}

/// A message without what it names.
fn without_mentions(words: &str) -> String {
    let mut rest = String::new();
    let mut at = 0;
    for mention in crate::mentions(words).all {
        rest.push_str(words.get(at..mention.span.start).unwrap_or_default());
        rest.push(' ');
        at = mention.span.end;
    }
    rest.push_str(words.get(at..).unwrap_or_default());
    rest
}

#[cfg(test)]
#[path = "codebase_tests.rs"]
mod tests;
