//! JSON, JSON with comments, and YAML as one tree whose every node knows its bytes. Knows no schema and writes nothing;
//! the bytes themselves stay with the caller, so that an edit is a splice.

mod jsonc;
mod yaml;

use crate::Span;
use crate::diagnostic::Diagnostic;

/// Bytes of one data document; larger ones are refused with a diagnostic. The largest real one has 60 kB.
pub const DATA_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Nesting beyond which a document is refused.
pub const DEPTH_MAX: usize = 64;

/// Nodes of one document, aliases counted each time, so that a "billion laughs" stays small.
pub const NODES_MAX: usize = 200_000;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The bytes of the value, quotes and brackets included.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// A value. Members keep their order, and repeated keys are all kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing at all behind a key.
    Null,
    /// `true` or `false`. In YAML only these words: Kiro reads `yes` and `no` as strings.
    Bool(bool),
    /// Any number, as a double.
    Number(f64),
    /// Any text, escapes resolved.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values.
    Map(Vec<(Key, Node)>),
}

/// The key of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its bytes, quotes included.
    pub span: Span,
    /// Its text.
    pub name: String,
}

impl Node {
    /// The member of that name; the last one wins, as in `JSON.parse`.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.members().iter().rev().find(|(key, _)| key.name == name).map(|(_, value)| value)
    }

    /// The members of a map; empty for anything else.
    pub fn members(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// A number.
    pub fn as_number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Which notation a data document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON; comments and trailing commas are read with a warning where Kiro would refuse them.
    Json,
    /// YAML 1.2, one document.
    Yaml,
}

/// Reads any bytes. The tree is `None` when nothing could be made of them; the diagnostics say where and why.
pub fn read(bytes: &[u8], notation: Notation) -> (Option<Node>, Vec<Diagnostic>) {
    read_at(bytes, 0, notation)
}

/// The same for a part of a larger document that begins at `offset`; spans count from the document's first byte.
pub fn read_at(bytes: &[u8], offset: usize, notation: Notation) -> (Option<Node>, Vec<Diagnostic>) {
    let whole = Span { offset, len: bytes.len() };
    if bytes.len() > DATA_BYTES_MAX {
        let message = format!("only documents up to {} MiB are read", DATA_BYTES_MAX >> 20);
        return (None, vec![Diagnostic::error("data/too-large", whole, message)]);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = Span { offset: offset + error.valid_up_to(), len: 1 };
            let found = Diagnostic::error("document/not-utf-8", at, "these bytes are not UTF-8 text");
            return (None, vec![found.hint("save the file as UTF-8")]);
        }
    };
    let (text, offset) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, offset + 3),
        None => (text, offset),
    };
    match notation {
        Notation::Json => jsonc::read(text, offset),
        Notation::Yaml => yaml::read(text, offset),
    }
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
