//! One line of the chain of heads: how it is written, signed, read and proven. Touches no file.

use conversation::Digest;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::key::{DeviceKey, PublicKey};

/// The format of the chain that this version writes.
pub(crate) const FORMAT: u64 = 1;
/// The longest line that is read. A line holds names and digests only.
pub(crate) const LINE_BYTES_MAX: usize = 4096;

/// What is signed is this and then the line up to its signature: no signature of the key can mean anything else.
const DOMAIN: &str = "waypost chain of heads 1\n";
/// What stands before the signature of a line.
const SIGNATURE_KEY: &str = ",\"sig\":\"";
/// The key, 128 digits, and `"}`.
const SEAL_BYTES: usize = SIGNATURE_KEY.len() + 128 + 2;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// From here on this key signs; the line is signed by it.
    Key {
        /// The key.
        public: PublicKey,
        /// The key that should have signed instead, when that one was given up.
        replaces: Option<Digest>,
        /// Why, in a person's words.
        why: String,
    },
    /// The key that signs this line hands over to another one.
    Rotated {
        /// The next key.
        to: PublicKey,
    },
    /// How far a journal has come.
    Head {
        /// The journal's directory, from the state root.
        journal: String,
        /// How many records were durable.
        records: u64,
        /// The hash of the last of them.
        hash: Digest,
        /// What the writer was doing.
        state: State,
    },
    /// A type of line that a newer Waypost writes.
    Unknown(String),
}

/// What a writer was doing when a head was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It was found like this when the device key was made.
    Adopted,
    /// Somebody began to write, and nothing of that is durable yet.
    Opened,
    /// Somebody writes.
    Running,
    /// Whoever wrote came to an end.
    Closed,
}

/// A line of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    /// Its place, from 0.
    pub(crate) seq: u64,
    /// When it was signed, in milliseconds since the epoch.
    pub(crate) at: u64,
    /// The digest of the line before it.
    pub(crate) prev: Digest,
    /// The id of the key that signed it.
    pub(crate) key: Digest,
    pub(crate) said: Said,
    /// The digest of the line.
    pub(crate) digest: Digest,
    signature: String,
    /// How much of the line is signed.
    sealed: usize,
}

/// What is wrong with a line, seen by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignedFault {
    Unparsable(String),
    Newer(u64),
}

#[derive(Deserialize)]
struct Fields {
    v: u64,
    seq: u64,
    at: u64,
    prev: String,
    #[serde(rename = "type")]
    name: String,
    key: String,
    body: Value,
    sig: String,
}

/// The line, signed, without a newline.
pub(crate) fn write(seq: u64, at: u64, prev: Digest, said: &Said, key: &DeviceKey) -> String {
    let (name, body) = match said {
        Said::Key { public, replaces, why } => {
            let replaces = replaces.map(|id| id.to_string());
            ("key", json!({"public": public.to_string(), "replaces": replaces, "why": why}))
        }
        Said::Rotated { to } => ("rotated", json!({"to": to.to_string()})),
        Said::Head { journal, records, hash, state } => {
            let hash = hash.to_string();
            let state = state.name();
            ("head", json!({"journal": journal, "records": records, "hash": hash, "state": state}))
        }
        Said::Unknown(name) => (name.as_str(), json!({})),
    };
    let id = key.public().id();
    let sealed = format!(
        "{{\"v\":{FORMAT},\"seq\":{seq},\"at\":{at},\"prev\":\"{prev}\",\"type\":\"{name}\",\"key\":\"{id}\",\"body\":{body}"
    );
    let signature = key.sign(&text(&sealed));
    format!("{sealed}{SIGNATURE_KEY}{signature}\"}}")
}

/// Reads a line without its newline. Its signature is not looked at yet.
pub(crate) fn read(line: &[u8]) -> Result<Signed, SignedFault> {
    let odd = |why: &str| SignedFault::Unparsable(why.to_string());
    let text = std::str::from_utf8(line).map_err(|_| odd("not UTF-8"))?;
    let fields: Fields =
        serde_json::from_str(text).map_err(|error| SignedFault::Unparsable(error.to_string()))?;
    if fields.v > FORMAT {
        return Err(SignedFault::Newer(fields.v));
    }
    let sealed = text.len().checked_sub(SEAL_BYTES).filter(|at| text.is_char_boundary(*at));
    let (_, seal) = sealed.map(|at| text.split_at(at)).ok_or_else(|| odd("it is too short"))?;
    if seal != format!("{SIGNATURE_KEY}{}\"}}", fields.sig) {
        return Err(odd("its signature is not at its end"));
    }
    let digest = |text: &str| Digest::read(text).ok_or_else(|| odd("a digest in it is none"));
    let said = said(&fields.name, &fields.body).ok_or_else(|| odd("its body is not that of its type"))?;
    Ok(Signed {
        seq: fields.seq,
        at: fields.at,
        prev: digest(&fields.prev)?,
        key: digest(&fields.key)?,
        said,
        digest: Digest::of(line),
        signature: fields.sig,
        sealed: sealed.unwrap_or_default(),
    })
}

fn said(name: &str, body: &Value) -> Option<Said> {
    let field = |name: &str| body.get(name).and_then(Value::as_str);
    Some(match name {
        "key" => Said::Key {
            public: PublicKey::read(field("public")?)?,
            replaces: match body.get("replaces")? {
                Value::Null => None,
                other => Some(Digest::read(other.as_str()?)?),
            },
            why: field("why")?.to_string(),
        },
        "rotated" => Said::Rotated { to: PublicKey::read(field("to")?)? },
        "head" => Said::Head {
            journal: field("journal")?.to_string(),
            records: body.get("records")?.as_u64()?,
            hash: Digest::read(field("hash")?)?,
            state: State::named(field("state")?)?,
        },
        other => Said::Unknown(other.to_string()),
    })
}

fn text(sealed: &str) -> Vec<u8> {
    [DOMAIN.as_bytes(), sealed.as_bytes()].concat()
}

impl Signed {
    /// Whether this key signed the line, which is the one that was read.
    pub(crate) fn is_by(&self, key: &PublicKey, line: &[u8]) -> bool {
        let sealed = line.get(..self.sealed).and_then(|bytes| std::str::from_utf8(bytes).ok());
        key.id() == self.key && sealed.is_some_and(|sealed| key.signed(&text(sealed), &self.signature))
    }

    /// The id of the key that signs the next line.
    pub(crate) fn next_key(&self) -> Digest {
        match &self.said {
            Said::Rotated { to } => to.id(),
            _ => self.key,
        }
    }
}

impl State {
    const ALL: [State; 4] = [State::Adopted, State::Opened, State::Running, State::Closed];

    fn name(self) -> &'static str {
        match self {
            State::Adopted => "adopted",
            State::Opened => "opened",
            State::Running => "running",
            State::Closed => "closed",
        }
    }

    fn named(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Unsynced;
    use crate::line;

    fn key() -> DeviceKey {
        let root = tempfile::tempdir().unwrap();
        DeviceKey::make(&root.path().join("key"), &mut Unsynced::default()).unwrap()
    }

    fn head() -> Said {
        let journal = "workspaces/0123456789abcdef/sessions/a".to_string();
        Said::Head { journal, records: 7, hash: Digest::of(b"x"), state: State::Closed }
    }

    #[test]
    fn every_kind_of_line_reads_back_and_is_by_its_key_alone() {
        let (one, other) = (key(), key());
        let (public, replaces) = (one.public(), Some(other.public().id()));
        let says = [
            head(),
            Said::Rotated { to: other.public() },
            Said::Key { public, replaces: None, why: "first use".to_string() },
            Said::Key { public, replaces, why: "the disk \"died\"\n".to_string() },
            Said::Unknown("dreamt".to_string()),
        ];
        for said in says {
            let line = write(3, 9, line::origin(), &said, &one);
            assert!(line.len() < LINE_BYTES_MAX);
            let read = read(line.as_bytes()).unwrap();
            assert_eq!((read.seq, read.at, &read.said), (3, 9, &said));
            assert!(read.is_by(&one.public(), line.as_bytes()));
            assert!(!read.is_by(&other.public(), line.as_bytes()));
        }
    }

    #[test]
    fn every_changed_byte_is_seen() {
        let key = key();
        let line = write(0, 9, line::origin(), &head(), &key).into_bytes();
        for at in 0..line.len() {
            for flip in [0x01, 0x02, 0x20, 0x80] {
                let mut changed = line.clone();
                changed[at] ^= flip;
                let passes = read(&changed).is_ok_and(|read| read.is_by(&key.public(), &changed));
                assert!(!passes, "byte {at} xor {flip:#x}");
            }
        }
    }

    #[test]
    fn a_newer_format_is_told_apart_from_damage() {
        let line = write(0, 9, line::origin(), &head(), &key()).replacen("\"v\":1", "\"v\":2", 1);
        assert_eq!(read(line.as_bytes()), Err(SignedFault::Newer(2)));
        assert!(matches!(read(b"{}"), Err(SignedFault::Unparsable(_))));
    }
}
