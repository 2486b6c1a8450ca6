//! One record as one line: how it is written, and what the line alone can prove. Touches no file.

use std::borrow::Cow;
use std::fmt::Write as _;

use conversation::Digest;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The stored format that this version writes. It changes when an older reader would misread a journal. In format 1
/// every text stands in the body; from format 2 on texts stand behind the hash, which covers their digests.
pub(crate) const FORMAT: u64 = 2;
/// The format of the small files beside journals, which format 2 left as they were.
pub(crate) const HEAD_FORMAT: u64 = 1;

/// The longest line that is read. Bodies that could make a longer one are moved to the content store.
pub(crate) const LINE_BYTES_MAX: usize = 1024 * 1024;

/// What stands before the hash of a line. The hash covers every byte before it.
pub(crate) const HASH_KEY: &str = ",\"hash\":\"";

/// What stands between the digits of the hash and the texts.
const TEXTS_KEY: &str = "\",\"texts\":";

/// How many digits a hash has.
const HASH_DIGITS: usize = 64;

/// The hash that the first record names as its predecessor's.
pub(crate) const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A record that is about to be written.
pub(crate) struct Draft<'a> {
    /// The format of the journal.
    pub(crate) format: u64,
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
    /// The texts that the body refers to, each as a JSON array of a salt and the text. None in format 1.
    pub(crate) texts: &'a [String],
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
    /// The digests of the texts that the body refers to.
    pub(crate) salted: Vec<Digest>,
    /// These texts, as they were written; `None` where one was erased.
    pub(crate) texts: Vec<Option<&'a str>>,
    /// How much of the line stands before its texts, or before its end when it has none.
    pub(crate) sealed: usize,
    /// The format, which the first record names.
    pub(crate) format: Option<u64>,
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
    #[serde(default)]
    salted: Vec<Digits>,
    #[serde(borrow, default)]
    texts: Vec<Option<&'a RawValue>>,
}

/// A digest as its digits.
struct Digits(Digest);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digits, D::Error> {
        let digits = Cow::<'de, str>::deserialize(deserializer)?;
        Digest::read(&digits).map(Digits).ok_or_else(|| serde::de::Error::custom("a digest in it is none"))
    }
}

/// The hash that stands for "nothing came before".
pub(crate) fn origin() -> Digest {
    Digest::read(ORIGIN).unwrap_or_else(|| Digest::of(b""))
}

/// Appends the line, its newline included, and gives its hash.
pub(crate) fn write(draft: &Draft<'_>, out: &mut String) -> Digest {
    let start = out.len();
    let Draft { format, seq, at, prev, name, body, texts } = draft;
    let version = if *seq == 0 { format!("\"v\":{format},") } else { String::new() };
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{{{version}\"seq\":{seq},\"at\":{at},\"prev\":\"{prev}\",\"type\":\"{name}\",\"body\":{body}"
    );
    for (count, text) in texts.iter().enumerate() {
        let before = if count == 0 { ",\"salted\":[" } else { "," };
        let _ = write!(out, "{before}\"{}\"", Digest::of(text.as_bytes()));
    }
    if !texts.is_empty() {
        out.push(']');
    }
    let hash = Digest::of(out.get(start..).unwrap_or_default().as_bytes());
    let _ = write!(out, "{HASH_KEY}{hash}");
    if texts.is_empty() {
        out.push_str("\"}\n");
    } else {
        let _ = writeln!(out, "{TEXTS_KEY}[{}]}}", texts.join(","));
    }
    hash
}

/// Reads a line without its newline and proves it against its own hash, and its texts against their digests. A text
/// that is not there proves nothing: whoever verifies asks whether it was erased.
pub(crate) fn read(line: &[u8]) -> Result<Line<'_>, LineFault> {
    let unparsable = |why: &str| LineFault::Unparsable(why.to_string());
    let text = std::str::from_utf8(line).map_err(|_| unparsable("not UTF-8"))?;
    let fields: Fields<'_> =
        serde_json::from_str(text).map_err(|error| LineFault::Unparsable(error.to_string()))?;
    // The version comes first: a newer format may seal its lines in another way.
    if let Some(found) = fields.v.filter(|found| *found > FORMAT) {
        return Err(LineFault::Newer(found));
    }
    // No string holds this key, as its quotes would be escaped, and no text holds an object: so the last is the one.
    let split = text.rfind(HASH_KEY).ok_or(LineFault::Edited)?;
    let (sealed, seal) = text.split_at(split);
    let hash = Digest::of(sealed.as_bytes());
    let texts: Vec<Option<&str>> = fields.texts.iter().map(|one| one.map(RawValue::get)).collect();
    // Compared as text, so that the one way of writing it is the only one that passes.
    let rest = seal.strip_prefix(&format!("{HASH_KEY}{hash}")).ok_or(LineFault::Edited)?;
    if rest != ending(&texts) {
        return Err(LineFault::Edited);
    }
    let salted: Vec<Digest> = fields.salted.into_iter().map(|digits| digits.0).collect();
    let fits = |(digest, text): (&Digest, &Option<&str>)| {
        text.is_none_or(|text| Digest::of(text.as_bytes()) == *digest)
    };
    if salted.len() != texts.len() || !salted.iter().zip(&texts).all(fits) {
        return Err(LineFault::Edited);
    }
    let prev = Digest::read(&fields.prev).ok_or_else(|| unparsable("`prev` is not a digest"))?;
    let sealed = split + HASH_KEY.len() + HASH_DIGITS;
    Ok(Line {
        seq: fields.seq,
        at: fields.at,
        prev,
        name: fields.name,
        body: fields.body.get(),
        hash,
        salted,
        texts,
        sealed,
        format: fields.v,
    })
}

/// What stands behind the digits of the hash.
fn ending(texts: &[Option<&str>]) -> String {
    if texts.is_empty() {
        return "\"}".to_string();
    }
    let texts: Vec<&str> = texts.iter().map(|text| text.unwrap_or("null")).collect();
    format!("{TEXTS_KEY}[{}]}}", texts.join(","))
}

impl Line<'_> {
    /// The text at this place; `None` when it was erased, or there is no such place.
    pub(crate) fn text(&self, at: usize) -> Option<String> {
        let (_salt, text): (String, String) = serde_json::from_str((*self.texts.get(at)?)?).ok()?;
        Some(text)
    }

    /// The line again, without the texts for which `erased` says so, and without a newline.
    pub(crate) fn without(&self, line: &str, erased: &mut dyn FnMut(&Digest) -> bool) -> String {
        if self.texts.is_empty() {
            return line.to_string();
        }
        let kept: Vec<Option<&str>> = self
            .salted
            .iter()
            .zip(&self.texts)
            .map(|(digest, text)| text.filter(|_| !erased(digest)))
            .collect();
        format!("{}{}", line.get(..self.sealed).unwrap_or_default(), ending(&kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> String {
        let mut out = String::new();
        let body = r#"{"text":"é"}"#;
        let draft = Draft { format: 1, seq: 0, at: 7, prev: origin(), name: "said", body, texts: &[] };
        write(&draft, &mut out);
        out
    }

    fn with_texts() -> String {
        let mut out = String::new();
        let body = r#"{"a":{"salted":0,"bytes":2},"b":{"salted":1,"bytes":9}}"#;
        let texts = [r#"["00ff","é"]"#.to_string(), r#"["11","x,\"hash\":\""]"#.to_string()];
        let draft = Draft { format: 2, seq: 0, at: 7, prev: origin(), name: "said", body, texts: &texts };
        write(&draft, &mut out);
        out
    }

    #[test]
    fn texts_stand_behind_the_hash_and_can_go_without_breaking_it() {
        let written = with_texts();
        let line = written.trim_end();
        let whole = read(line.as_bytes()).unwrap();
        assert_eq!((whole.text(0).as_deref(), whole.text(1).as_deref()), (Some("é"), Some("x,\"hash\":\"")));
        let second = whole.salted[1];
        let less = whole.without(line, &mut |digest| *digest == second);
        let read_again = read(less.as_bytes()).unwrap();
        assert_eq!(read_again.hash, whole.hash);
        assert_eq!((read_again.text(0).as_deref(), read_again.text(1)), (Some("é"), None));
        assert!(!less.contains("x,") && less.ends_with(",null]}"));
        let none = whole.without(line, &mut |_| true);
        assert!(read(none.as_bytes()).is_ok_and(|line| line.hash == whole.hash));
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
        for line in [first(), with_texts()] {
            every_changed_byte_of_it_is_seen(line.trim_end().as_bytes());
        }
    }

    fn every_changed_byte_of_it_is_seen(bytes: &[u8]) {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = bytes.to_vec();
                changed[at] ^= flip;
                assert!(read(&changed).is_err(), "byte {at} xor {flip:#x}");
            }
            let more = [&bytes[..at], b" ", &bytes[at..]].concat();
            assert!(read(&more).is_err(), "a blank at byte {at}");
        }
    }

    #[test]
    fn a_newer_format_is_told_apart_from_damage() {
        let newer = first().replace("\"v\":1", "\"v\":3");
        assert_eq!(read(newer.trim_end().as_bytes()).unwrap_err(), LineFault::Newer(3));
        assert!(matches!(read(b"{\"seq\":1"), Err(LineFault::Unparsable(_))));
    }
}
