//! One record as one line: how it is written, and what the line alone can prove. Touches no file.

use std::borrow::Cow;
use std::fmt::Write as _;

use conversation::Digest;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The stored format that this version writes. It changes when an older reader would misread a journal.
pub(crate) const FORMAT: u64 = 1;

/// The longest line that is read. Bodies that could make a longer one are moved to the content store.
pub(crate) const LINE_BYTES_MAX: usize = 1024 * 1024;

/// What stands before the hash of a line. The hash covers every byte before it.
const HASH_KEY: &str = ",\"hash\":\"";

/// The key, 64 digits, and `"}`.
const SEAL_BYTES: usize = HASH_KEY.len() + 64 + 2;

/// The hash that the first record names as its predecessor's.
pub(crate) const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A record that is about to be written.
pub(crate) struct Draft<'a> {
    /// Its place, from 0.
    pub(crate) seq: u64,
    /// Milliseconds since the epoch.
    pub(crate) at: u64,
    /// The hash of the record before it.
    pub(crate) prev: Digest,
    /// Its type: lower-case letters and `_`.
    pub(crate) name: &'a str,
    /// Its body, as JSON on one line.
    pub(crate) body: &'a str,
}

/// A line whose own hash fits it.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) seq: u64,
    pub(crate) at: u64,
    pub(crate) prev: Digest,
    pub(crate) name: Cow<'a, str>,
    pub(crate) body: &'a str,
    pub(crate) hash: Digest,
}

/// What is wrong with a line, seen by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LineFault {
    /// It is not a record at all: what a write leaves behind that was cut short.
    Unparsable(String),
    /// It is a record, and its bytes are not those that its hash was made of.
    Edited,
    /// It has a format that this version does not know.
    Newer(u64),
}

/// The fields of a line in the order in which they are written.
#[derive(Deserialize)]
struct Fields<'a> {
    v: Option<u64>,
    seq: u64,
    at: u64,
    #[serde(borrow)]
    prev: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    name: Cow<'a, str>,
    #[serde(borrow)]
    body: &'a RawValue,
}

/// The hash that stands for "nothing came before".
pub(crate) fn origin() -> Digest {
    Digest::read(ORIGIN).unwrap_or_else(|| Digest::of(b""))
}

/// Appends the line, its newline included, and gives its hash.
pub(crate) fn write(draft: &Draft<'_>, out: &mut String) -> Digest {
    let start = out.len();
    let version = if draft.seq == 0 { format!("\"v\":{FORMAT},") } else { String::new() };
    let Draft { seq, at, prev, name, body } = draft;
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{{{version}\"seq\":{seq},\"at\":{at},\"prev\":\"{prev}\",\"type\":\"{name}\",\"body\":{body}"
    );
    let hash = Digest::of(out.get(start..).unwrap_or_default().as_bytes());
    let _ = writeln!(out, "{HASH_KEY}{hash}\"}}");
    hash
}

/// Reads a line without its newline and proves it against its own hash.
pub(crate) fn read(line: &[u8]) -> Result<Line<'_>, LineFault> {
    let unparsable = |why: &str| LineFault::Unparsable(why.to_string());
    let text = std::str::from_utf8(line).map_err(|_| unparsable("not UTF-8"))?;
    let fields: Fields<'_> =
        serde_json::from_str(text).map_err(|error| LineFault::Unparsable(error.to_string()))?;
    // The version comes first: a newer format may seal its lines in another way.
    if let Some(found) = fields.v.filter(|found| *found > FORMAT) {
        return Err(LineFault::Newer(found));
    }
    let split = text.len().checked_sub(SEAL_BYTES).filter(|at| text.is_char_boundary(*at));
    let (sealed, seal) = split.map(|at| text.split_at(at)).ok_or(LineFault::Edited)?;
    let hash = Digest::of(sealed.as_bytes());
    // Compared as text, so that the one way of writing a digest is the only one that passes.
    if seal != format!("{HASH_KEY}{hash}\"}}") {
        return Err(LineFault::Edited);
    }
    let prev = Digest::read(&fields.prev).ok_or_else(|| unparsable("`prev` is not a digest"))?;
    Ok(Line { seq: fields.seq, at: fields.at, prev, name: fields.name, body: fields.body.get(), hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> String {
        let mut out = String::new();
        write(&Draft { seq: 0, at: 7, prev: origin(), name: "said", body: r#"{"text":"é"}"# }, &mut out);
        out
    }

    #[test]
    fn the_written_form_is_the_documented_one() {
        let line = first();
        let sealed =
            format!(r#"{{"v":1,"seq":0,"at":7,"prev":"{ORIGIN}","type":"said","body":{{"text":"é"}}"#);
        assert_eq!(line, format!("{sealed},\"hash\":\"{}\"}}\n", Digest::of(sealed.as_bytes())));
        let read = read(line.trim_end().as_bytes()).unwrap();
        assert_eq!((read.seq, read.at, &*read.name, read.body), (0, 7, "said", r#"{"text":"é"}"#));
    }

    #[test]
    fn the_example_of_the_documentation_is_a_chain() {
        let page = include_str!("../../../docs/ledger-format.md");
        let mut prev = origin();
        let lines: Vec<&str> = page.lines().filter(|line| line.contains("\"seq\":")).collect();
        for (seq, text) in (0..).zip(&lines) {
            let line = read(text.as_bytes()).unwrap();
            assert_eq!((line.seq, line.prev), (seq, prev));
            prev = line.hash;
        }
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn every_changed_byte_is_seen() {
        let line = first();
        let bytes = line.trim_end().as_bytes();
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = bytes.to_vec();
                changed[at] ^= flip;
                assert!(read(&changed).is_err(), "byte {at} xor {flip:#x}");
            }
        }
    }

    #[test]
    fn a_newer_format_is_told_apart_from_damage() {
        let newer = first().replace("\"v\":1", "\"v\":2");
        assert_eq!(read(newer.trim_end().as_bytes()).unwrap_err(), LineFault::Newer(2));
        assert!(matches!(read(b"{\"seq\":1"), Err(LineFault::Unparsable(_))));
    }
}
