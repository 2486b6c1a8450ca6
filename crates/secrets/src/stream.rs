//! Redacts a text that arrives in pieces. What is given back does not depend on how the text was cut.
//!
//! A line is redacted when its end has arrived. A private key is held back until its end, 16 kB at most; a line of more than
//! 64 kB goes in parts, each looked at with 16 kB to either side.

use crate::firewall::{Firewall, Redacted, Source};
use crate::pem::{self, BLOCK_MAX, Block};

/// The part of a long line that is redacted at once, in bytes, and how far to either side of it is looked.
const PART: usize = 64 << 10;
const AROUND: usize = BLOCK_MAX;

/// A text on its way through a firewall. Each piece pushed gives the redacted text that is certain; [`Stream::finish`] gives the
/// rest. At most [`Stream::HELD_MAX`] bytes are held back.
#[derive(Debug)]
pub struct Stream {
    source: Source,
    /// What was not given back yet, after up to `AROUND` bytes that were.
    pending: Vec<u8>,
    /// Where in `pending` the part begins that was not given back.
    done: usize,
    /// Where in the whole text `pending` begins.
    offset: usize,
    /// Whether `done` is inside a long line.
    inside: bool,
}

/// What can be redacted next.
enum Unit {
    /// Lines up to here.
    Lines(usize),
    /// A part of a long line up to the first, looking as far as the second.
    Part(usize, usize),
    /// Nothing before more has arrived.
    Wait,
}

impl Stream {
    /// The most bytes that are held back between two pushes.
    pub const HELD_MAX: usize = 2 * (PART + AROUND);

    /// A stream that begins.
    pub fn new(source: Source) -> Self {
        Self { source, pending: Vec::new(), done: 0, offset: 0, inside: false }
    }

    /// Takes a piece, and gives what is certain. Spans in the outcome count from the beginning of the stream.
    pub fn push(&mut self, firewall: &mut Firewall, piece: &[u8]) -> Redacted<Vec<u8>> {
        self.pending.extend_from_slice(piece);
        self.run(firewall, false)
    }

    /// Gives the rest.
    pub fn finish(mut self, firewall: &mut Firewall) -> Redacted<Vec<u8>> {
        self.run(firewall, true)
    }

    fn run(&mut self, firewall: &mut Firewall, last: bool) -> Redacted<Vec<u8>> {
        let mut out = Redacted { text: Vec::new(), found: Vec::new(), forgotten: 0 };
        while self.done < self.pending.len() {
            match self.unit(last) {
                Unit::Wait => break,
                Unit::Lines(end) => {
                    let text = self.pending.get(self.done..end).unwrap_or_default();
                    self.done +=
                        firewall.cover(text, 0..text.len(), self.offset + self.done, self.source, &mut out);
                    self.inside = false;
                }
                Unit::Part(end, reach) => {
                    let from = if self.inside { self.done.saturating_sub(AROUND) } else { self.done };
                    let text = self.pending.get(from..reach).unwrap_or_default();
                    let region = self.done - from..end - from;
                    self.done =
                        from + firewall.cover(text, region, self.offset + from, self.source, &mut out);
                    self.inside = self.done > 0 && self.pending.get(self.done - 1) != Some(&b'\n');
                }
            }
        }
        let keep = if self.inside { self.done.saturating_sub(AROUND) } else { self.done };
        self.pending.drain(..keep);
        self.done -= keep;
        self.offset += keep;
        out
    }

    /// Decides from the content alone, never from where pieces ended.
    fn unit(&self, last: bool) -> Unit {
        if self.inside {
            return self.part(last);
        }
        let mut at = self.done;
        while at < self.pending.len() {
            let end = match self.line(at, last) {
                Line::Short(end) => end,
                Line::Long if at == self.done => return self.part(last),
                Line::Long | Line::Unknown => break,
            };
            match self.key_end(at, end, last) {
                Some(end) => at = end,
                None => break,
            }
            // A unit that ends inside a line is looked at by itself.
            if self.pending.get(at - 1) != Some(&b'\n') {
                break;
            }
        }
        if at == self.done { Unit::Wait } else { Unit::Lines(at) }
    }

    fn line(&self, at: usize, last: bool) -> Line {
        let rest = self.pending.get(at..).unwrap_or_default();
        let window = rest.get(..rest.len().min(PART)).unwrap_or_default();
        match window.iter().position(|byte| *byte == b'\n') {
            Some(end) => Line::Short(at + end + 1),
            None if rest.len() > PART => Line::Long,
            None if last => Line::Short(self.pending.len()),
            None => Line::Unknown,
        }
    }

    /// The end of a short line, or of the line in which a private key that begins in it ends; nothing if that is not known yet.
    /// Lines that keys join are a unit up to the first key that ends behind `PART` bytes: what is held stays bounded.
    fn key_end(&self, start: usize, end: usize, last: bool) -> Option<usize> {
        let mut end = end;
        let mut from = start;
        while let Some(at) = key_begin(&self.pending, from, end) {
            let seen = self.pending.get(..self.pending.len().min(at + BLOCK_MAX)).unwrap_or_default();
            let reached = match pem::read(seen, at) {
                Block::Open if !last => return None,
                Block::Open => seen.len(),
                Block::Key(span, _) | Block::Empty(span, _) => span.end,
                Block::Other => at,
            };
            if reached > end {
                if reached - start > PART {
                    return Some(reached);
                }
                end = match self.line(reached, last) {
                    _ if self.pending.get(reached - 1) == Some(&b'\n') => reached,
                    Line::Short(end) => end,
                    // The key ends in a long line: the unit ends with the key.
                    Line::Long => return Some(reached),
                    Line::Unknown => return None,
                };
            }
            from = at + 10;
        }
        Some(end)
    }

    fn part(&self, last: bool) -> Unit {
        let rest = self.pending.get(self.done..).unwrap_or_default();
        let window = rest.get(..rest.len().min(PART + AROUND)).unwrap_or_default();
        if let Some(end) = window.iter().position(|byte| *byte == b'\n') {
            let end = self.done + end + 1;
            return Unit::Part(end, end);
        }
        if rest.len() < PART + AROUND {
            return if last { Unit::Part(self.pending.len(), self.pending.len()) } else { Unit::Wait };
        }
        let mut end = self.done + PART;
        for _ in 0..3 {
            // A character of UTF-8 is not cut.
            end -= usize::from(self.pending.get(end).is_some_and(|byte| (0x80..0xc0).contains(byte)));
        }
        Unit::Part(end, self.done + PART + AROUND)
    }
}

enum Line {
    Short(usize),
    Long,
    Unknown,
}

/// Where `-----BEGIN` stands in `from..to`.
fn key_begin(text: &[u8], from: usize, to: usize) -> Option<usize> {
    let line = text.get(from..to)?;
    line.windows(10)
        .position(|window| window.starts_with(b"-----") && window.eq_ignore_ascii_case(b"-----BEGIN"))
        .map(|at| from + at)
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
