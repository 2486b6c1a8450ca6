//! One content, of any length, to findings with places and fingerprints. Reads from what it is given and opens nothing.

use std::io::{self, Read};
use std::sync::Arc;

use conversation::Digest;
use secrets::{Confidence, Lines, Options, Scanner, Severity, Wrapping};

use super::Outcomes;

/// How much of a content is looked into at once, in bytes; even, so that no UTF-16 unit is cut.
const PIECE: usize = 8 << 20;
/// How far the pieces of a content overlap to either side, in bytes: further than any rule looks.
const AROUND: usize = 64 << 10;
/// Findings kept of one content; more are counted.
const FOUND_MAX: usize = 10_000;
/// A shorter value shows none of its characters.
const SHOWN_FROM: usize = 20;
/// How many characters of a value are shown: what tells its kind.
const SHOWN: usize = 4;

/// A found value, without the value.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The rule's name.
    pub(crate) rule: Arc<str>,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    /// Why it was found, in a few words.
    pub(crate) reason: &'static str,
    /// The file, as it is shown.
    pub(crate) path: String,
    /// Line and column from 1, columns in UTF-16 code units.
    pub(crate) start: (u32, u32),
    pub(crate) end: (u32, u32),
    /// The first characters of a value whose kind they tell.
    pub(crate) beginning: String,
    /// Says whether it is the same rule, file and value, without saying the value.
    pub(crate) fingerprint: String,
    /// The value's digest, to compare in this process; never written, because it would let a guess be tested.
    pub(crate) value: Option<Digest>,
    /// The commit that brought it, as a place in a list; 0 elsewhere.
    pub(crate) origin: usize,
}

/// Looks into a content that is read in pieces.
///
/// # Errors
/// What reading says; what was found before it is kept in `outcomes`.
pub(crate) fn read(
    scanner: &Scanner,
    path: &str,
    mut content: impl Read,
    outcomes: &mut Outcomes,
) -> io::Result<()> {
    let mut buffer = Vec::new();
    let (mut base, mut own_from) = (Base::default(), 0);
    loop {
        let room = (PIECE - buffer.len()) as u64;
        let before = buffer.len();
        content.by_ref().take(room).read_to_end(&mut buffer)?;
        outcomes.bytes += (buffer.len() - before) as u64;
        let is_last = buffer.len() < PIECE;
        let own_to = if is_last { usize::MAX } else { buffer.len() - AROUND };
        look(scanner, path, &buffer, base, own_from..own_to, outcomes);
        if is_last {
            return Ok(());
        }
        let keep = own_to - AROUND;
        base = base.after(buffer.get(..keep).unwrap_or_default());
        buffer.drain(..keep);
        own_from = AROUND;
    }
}

/// Looks into a content that is there as a whole.
pub(crate) fn whole(scanner: &Scanner, path: &str, content: &[u8], outcomes: &mut Outcomes) {
    outcomes.bytes += content.len() as u64;
    look(scanner, path, content, Base::default(), 0..usize::MAX, outcomes);
}

/// Where a piece begins in its content.
#[derive(Clone, Copy, Debug, Default)]
struct Base {
    /// Line ends before it.
    lines: usize,
    /// Bytes since the last of them.
    column: usize,
}

impl Base {
    fn after(self, passed: &[u8]) -> Base {
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        match passed.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => Base { lines: self.lines + lines, column: passed.len() - last - 1 },
            None => Base { lines: self.lines, column: self.column + passed.len() },
        }
    }
}

fn look(
    scanner: &Scanner,
    path: &str,
    piece: &[u8],
    base: Base,
    own: std::ops::Range<usize>,
    outcomes: &mut Outcomes,
) {
    let scan = scanner.scan(piece, &Options { path: Some(path), marks: true, let_through: false });
    if scan.findings.is_empty() {
        return;
    }
    let mut places = Places { piece, lines: Lines::new(piece), base, last: (usize::MAX, 0, 0) };
    for finding in scan.findings.into_iter().filter(|finding| own.contains(&finding.secret.start)) {
        if outcomes.found.len() >= FOUND_MAX {
            outcomes.more_found += 1;
            continue;
        }
        let value = piece.get(finding.secret.clone()).unwrap_or_default();
        let (start, end) = (places.of(finding.secret.start), places.of(finding.secret.end));
        let tells_its_kind = finding.confidence > Confidence::Generic
            && finding.wrapping == Wrapping::None
            && value.len() >= SHOWN_FROM;
        let beginning = value.iter().take(SHOWN).take_while(|byte| tells_its_kind && byte.is_ascii_graphic());
        outcomes.found.push(Found {
            beginning: beginning.map(|byte| char::from(*byte)).collect(),
            fingerprint: fingerprint(&finding.rule, path, value),
            value: Some(Digest::of(value)),
            rule: finding.rule,
            severity: finding.severity,
            confidence: finding.confidence,
            reason: finding.reason,
            path: path.to_string(),
            start,
            end,
            origin: 0,
        });
    }
}

/// Fifty-two bits of the rule and the file, and twelve of the value: enough to see that another value stands there now, and
/// too little to try guesses against.
fn fingerprint(rule: &str, path: &str, value: &[u8]) -> String {
    let place = Digest::of(format!("waypost value\0{rule}\0{path}").as_bytes()).to_string();
    let value = Digest::of(value).to_string();
    place.chars().take(13).chain(value.chars().take(3)).collect()
}

/// Offsets of one piece to lines and columns. Going forward takes time linear in the piece, however long its lines are.
struct Places<'a> {
    piece: &'a [u8],
    lines: Lines,
    base: Base,
    /// The beginning of the last line, the last offset in it, and the units between them.
    last: (usize, usize, usize),
}

impl Places<'_> {
    fn of(&mut self, offset: usize) -> (u32, u32) {
        let place = self.lines.place(offset);
        let line_start = offset + 1 - place.column;
        let (from, before) = match self.last {
            (line, at, count) if line == line_start && at <= offset => (at, count),
            _ => (line_start, 0),
        };
        let count = before + units(self.piece.get(from..offset).unwrap_or_default());
        self.last = (line_start, offset, count);
        let earlier = if place.line == 1 { self.base.column } else { 0 };
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (number(place.line + self.base.lines), number(count + earlier + 1))
    }
}

/// UTF-16 code units of a text; a byte that is no text counts as one.
fn units(bytes: &[u8]) -> usize {
    let chunk = |chunk: std::str::Utf8Chunk<'_>| {
        chunk.valid().chars().map(char::len_utf16).sum::<usize>() + usize::from(!chunk.invalid().is_empty())
    };
    bytes.utf8_chunks().map(chunk).sum()
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
