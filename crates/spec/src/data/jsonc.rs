//! JSON to nodes. Comments and trailing commas are read, with a warning each kind once. Recursion is bounded.

use super::{DEPTH_MAX, Key, NODES_MAX, Node, Value};
use crate::Span;
use crate::diagnostic::Diagnostic;

pub(super) fn read(text: &str, offset: usize) -> (Option<Node>, Vec<Diagnostic>) {
    let mut reader =
        Reader { text, at: 0, offset, nodes: 0, found: Vec::new(), has_comment: false, has_comma: false };
    let root = match reader.document() {
        Ok(root) => Some(root),
        Err(Stop { at, expected }) => {
            let span = Span { offset: offset + at, len: usize::from(at < text.len()) };
            let message = format!("this is not JSON: {expected}");
            reader.found.push(Diagnostic::error("data/not-json", span, message));
            None
        }
    };
    (root, reader.found)
}

struct Stop {
    at: usize,
    expected: &'static str,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    offset: usize,
    nodes: usize,
    found: Vec<Diagnostic>,
    has_comment: bool,
    has_comma: bool,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Node, Stop> {
        let root = self.value(0)?;
        self.blank()?;
        match self.peek() {
            None => Ok(root),
            Some(_) => Err(self.stop("expected the end of the document")),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn stop(&self, expected: &'static str) -> Stop {
        Stop { at: self.at, expected }
    }

    fn span_from(&self, start: usize) -> Span {
        Span::between(self.offset + start, self.offset + self.at)
    }

    fn warn(&mut self, start: usize, code: &'static str, message: &str) {
        let span = self.span_from(start);
        self.found
            .push(Diagnostic::warning(code, span, message).hint("Kiro may refuse the file; take it out"));
    }

    fn blank(&mut self) -> Result<(), Stop> {
        loop {
            let rest = self.rest();
            let start = self.at;
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            let rest = self.rest();
            if let Some(after) = rest.strip_prefix("//") {
                self.at += 2 + after.find('\n').unwrap_or(after.len());
            } else if let Some(after) = rest.strip_prefix("/*") {
                let Some(end) = after.find("*/") else { return Err(self.stop("this comment has no end")) };
                self.at += end + 4;
            } else {
                return Ok(());
            }
            if !std::mem::replace(&mut self.has_comment, true) {
                self.warn(start, "data/comment", "JSON has no comments");
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Stop> {
        self.blank()?;
        self.nodes += 1;
        if depth > DEPTH_MAX {
            return Err(self.stop("it is nested too deeply"));
        }
        if self.nodes > NODES_MAX {
            return Err(self.stop("it has too many values"));
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { span: self.span_from(start), value })
    }

    fn word(&mut self) -> Result<Value, Stop> {
        for (word, value) in
            [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)]
        {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.stop("expected a value"))
    }

    fn map(&mut self, depth: usize) -> Result<Value, Stop> {
        self.at += 1;
        let mut members = Vec::new();
        while !self.closed(b'}', !members.is_empty())? {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.stop("expected a key in double quotes"));
            }
            let name = self.string()?;
            let key = Key { span: self.span_from(start), name };
            self.blank()?;
            if self.peek() != Some(b':') {
                return Err(self.stop("expected `:` behind the key"));
            }
            self.at += 1;
            members.push((key, self.value(depth + 1)?));
        }
        Ok(Value::Map(members))
    }

    fn list(&mut self, depth: usize) -> Result<Value, Stop> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.closed(b']', !items.is_empty())? {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::List(items))
    }

    /// Whether the list or map ends here; else the reader stands before its next item.
    fn closed(&mut self, end: u8, has_items: bool) -> Result<bool, Stop> {
        self.blank()?;
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(true);
        }
        if !has_items {
            return Ok(false);
        }
        if self.peek() != Some(b',') {
            return Err(self.stop("expected `,` or the end of the list"));
        }
        let comma = self.at;
        self.at += 1;
        self.blank()?;
        if self.peek() == Some(end) {
            self.at += 1;
            if !std::mem::replace(&mut self.has_comma, true) {
                self.warn(comma, "data/trailing-comma", "JSON has no comma before the end of a list");
            }
            return Ok(true);
        }
        Ok(false)
    }

    fn string(&mut self) -> Result<String, Stop> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let end = rest
                .find(['"', '\\', '\n'])
                .ok_or(Stop { at: self.text.len(), expected: "this text has no end" })?;
            out.push_str(rest.get(..end).unwrap_or_default());
            self.at += end;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(self.stop("a text ends on its own line")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        let plain = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.stop("this escape is not known")),
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, Stop> {
        let high = self.hex4()?;
        let code = match high {
            0xD800..=0xDBFF if self.rest().starts_with("\\u") => match self.hex4()? {
                low @ 0xDC00..=0xDFFF => 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00),
                _ => 0xFFFD,
            },
            code => code,
        };
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, Stop> {
        let digits =
            self.text.get(self.at + 2..self.at + 6).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.stop("expected four hexadecimal digits"))?;
        self.at += 6;
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, Stop> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        let number = rest
            .get(..end)
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| self.stop("expected a number"))?;
        self.at += end;
        Ok(Value::Number(number))
    }
}
