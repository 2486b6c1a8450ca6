//! Private keys in PEM and its relatives, on lines of their own or escaped inside a string. Public keys and certificates are not
//! looked at.

use std::ops::Range;

use crate::allow::{contains, find};
use crate::base64;
use crate::entropy::shannon;
use crate::finding::{Confidence, Reason};

/// The longest block that is looked for, in bytes. A key of 16,384 bits has 13 kB.
pub(crate) const BLOCK_MAX: usize = 16 << 10;
/// The longest first line.
const HEADER_MAX: usize = 120;
/// The fewest characters of base64 in a key; an Ed25519 key has 64.
const BODY_MIN: usize = 40;

/// What stands at a `-----BEGIN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// No private key.
    Other,
    /// A private key that can not be told apart from its end yet: the text ends before the block does.
    Open,
    /// A private key.
    Key(Range<usize>, Confidence),
    /// The form of a private key, without one.
    Empty(Range<usize>, Reason),
}

/// Reads the block that begins at `at`.
pub(crate) fn read(text: &[u8], at: usize) -> Block {
    let Some(rest) = text.get(at..text.len().min(at + BLOCK_MAX)) else {
        return Block::Other;
    };
    let Some(head) = header(rest) else {
        let whole = rest.len() < HEADER_MAX && rest.iter().all(|byte| name_byte(*byte) || *byte == b'-');
        return if whole && at + rest.len() == text.len() { Block::Open } else { Block::Other };
    };
    let name = rest.get(..head).unwrap_or_default();
    if !contains(name, b"PRIVATE KEY") || contains(name, b"PUBLIC") {
        return Block::Other;
    }
    let body = rest.get(head..).unwrap_or_default();
    let body = body.get(..open_body(body)).unwrap_or_default();
    let closed = find(body, b"-----END");
    let mut cut = closed.is_none();
    let (inner, end) = match closed {
        Some(end) => {
            let tail = body.get(end + 8..).unwrap_or_default();
            let tail = tail.get(..tail.len().min(HEADER_MAX)).unwrap_or_default();
            let line = tail.iter().position(|byte| !name_byte(*byte)).unwrap_or(tail.len());
            let dashes =
                tail.get(line..).unwrap_or_default().iter().take_while(|byte| **byte == b'-').count().min(5);
            cut = dashes < 5 && end + 8 + line + dashes == rest.len() - head;
            (body.get(..end).unwrap_or_default(), head + end + 8 + line + dashes)
        }
        None => (body, head + body.len()),
    };
    let span = at..at + end;
    if cut && span.end == text.len() && rest.len() < BLOCK_MAX {
        return Block::Open;
    }
    judge(inner, span)
}

/// As [`read`], for a text that will not go on.
pub(crate) fn read_last(text: &[u8], at: usize) -> Block {
    match read(text, at) {
        Block::Open => {
            let rest = text.get(at..).unwrap_or_default();
            let Some(head) = header(rest) else { return Block::Other };
            judge(rest.get(head..).unwrap_or_default(), at..text.len())
        }
        block => block,
    }
}

/// The length of `-----BEGIN … -----`.
fn header(rest: &[u8]) -> Option<usize> {
    let after = rest.get(10..rest.len().min(HEADER_MAX))?;
    let name = after.iter().position(|byte| !name_byte(*byte))?;
    after.get(name..name + 5).filter(|dashes| dashes.iter().all(|byte| *byte == b'-'))?;
    Some(10 + name + 5)
}

fn name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_')
}

/// How far a block can reach at all: over characters that keys, their headers and their escapes have, to the next block.
fn open_body(body: &[u8]) -> usize {
    let stops = |at: usize, byte: u8| {
        let inside = base64::value(byte).is_some() || b"=\r\n\\ \t:,\"'>#*|.()@".contains(&byte);
        !inside
            || byte == b'-'
                && body.get(at..at + 10).is_some_and(|next| next.eq_ignore_ascii_case(b"-----BEGIN"))
    };
    body.iter().enumerate().position(|(at, byte)| stops(at, *byte)).unwrap_or(body.len())
}

fn judge(inner: &[u8], span: Range<usize>) -> Block {
    let key = key_characters(inner);
    if key.len() < 200 && [&b"..."[..], b"your", b"example"].iter().any(|word| contains(inner, word)) {
        return Block::Empty(span, Reason::Placeholder("the body of the block"));
    }
    if key.len() < BODY_MIN {
        return Block::Empty(span, Reason::Short);
    }
    if shannon(&key) < 4.0 {
        return Block::Empty(span, Reason::Monotone);
    }
    let start = base64::decode(key.get(..16).unwrap_or_default());
    let known = start.starts_with(&[0x30])
        || start.starts_with(b"openssh-key")
        || matches!(start.first(), Some(0x94..=0x99 | 0xc5));
    Block::Key(span, if known { Confidence::Checksum } else { Confidence::Structured })
}

/// The characters of the key itself: lines without a colon, without escapes, quotes and spaces.
fn key_characters(inner: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(inner.len());
    for line in inner.split(|byte| *byte == b'\n') {
        if line.contains(&b':') && line.len() < 100 {
            continue;
        }
        let mut bytes = line.iter();
        while let Some(byte) = bytes.next() {
            if *byte == b'\\' {
                bytes.next();
            } else if base64::value(*byte).is_some() {
                key.push(*byte);
            }
        }
    }
    key
}

#[cfg(test)]
#[path = "pem_tests.rs"]
mod tests;
