//! Front matter of agents, skills, powers and prompts: where it ends, its tree, and the text behind it. Knows no keys.

use spec::data::{self, DATA_BYTES_MAX, Node, Notation, Value};
use spec::{Diagnostic, Severity, Span};

use crate::say::{Findings, Lines};

/// A document in its two parts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Split {
    /// The bytes between the fences, and how they are written; `None` without front matter.
    pub(crate) front: Option<(Span, Notation)>,
    /// A first fence that is never closed.
    pub(crate) is_open: bool,
    /// The bytes behind it.
    pub(crate) body: Span,
}

/// Finds the front matter. It begins with the first byte (a byte-order mark aside) and ends at the next line `---`.
pub(crate) fn split(bytes: &[u8]) -> Split {
    let skip = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let none = |is_open| Split { front: None, is_open, body: Span::between(skip, bytes.len()) };
    let mut lines = lines(bytes, skip);
    let Some(first) = lines.next() else { return none(false) };
    let notation = match first.slice(bytes).trim_ascii_end() {
        b"---" | b"---yaml" | b"---yml" | b"--- yaml" | b"--- yml" => Notation::Yaml,
        b"---json" | b"--- json" => Notation::Json,
        _ => return none(false),
    };
    let start = next_line(bytes, first);
    for line in lines {
        if line.slice(bytes).trim_ascii_end() == b"---" {
            let front = Span::between(start, line.offset);
            let body = Span::between(next_line(bytes, line), bytes.len());
            return Split { front: Some((front, notation)), is_open: false, body };
        }
    }
    none(true)
}

/// The text of a span, with bytes that are no UTF-8 said and shown as replacement characters.
pub(crate) fn text(bytes: &[u8], span: Span, found: &mut Findings) -> String {
    let part = span.slice(bytes);
    if let Err(error) = std::str::from_utf8(part) {
        let at = Span { offset: span.offset + error.valid_up_to(), len: 1 };
        found.error("document/not-utf-8", at, "these bytes are not UTF-8 text", "save the file as UTF-8");
    }
    String::from_utf8_lossy(part).trim().to_string()
}

/// The tree of the front matter. Values with a bare `: `, which YAML does not take and other readers do, are read as text and
/// said so.
pub(crate) fn tree(bytes: &[u8], front: Span, notation: Notation, found: &mut Findings) -> Option<Node> {
    let part = front.slice(bytes);
    let (root, problems) = data::read_at(part, front.offset, notation);
    if root.is_some() || notation == Notation::Json {
        found.extend(problems);
        return root;
    }
    let Some((loose, wrong)) = loosened(part) else {
        found.extend(problems);
        return None;
    };
    match data::read(loose.as_bytes(), Notation::Yaml) {
        (Some(mut root), again) => {
            let map = Places::of(part, loose.as_bytes(), front.offset);
            map.node(&mut root);
            let place = Span { offset: front.offset + wrong.offset, len: wrong.len };
            found.warning(
                "front-matter/bare-colon",
                place,
                "this value has a `: ` outside quotes; it is read as text, and Kiro leaves the file out",
                "put the value in quotes",
            );
            found.extend(again.into_iter().map(|d| Diagnostic { span: map.span(d.span), ..d }));
            Some(root)
        }
        _ => {
            found.extend(problems);
            None
        }
    }
}

/// Whether diagnostics hold an error; for whoever must say why nothing was read.
pub(crate) fn first_error(diagnostics: &[Diagnostic]) -> Option<String> {
    let error = diagnostics.iter().find(|found| found.severity == Severity::Error)?;
    Some(error.message.clone())
}

/// The same front matter with bare values quoted, and the first value that needed it.
fn loosened(part: &[u8]) -> Option<(String, Span)> {
    let text = std::str::from_utf8(part).ok().filter(|text| text.len() <= DATA_BYTES_MAX)?;
    let mut loose = String::with_capacity(text.len() + 64);
    let (mut first, mut offset) = (None, 0);
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        match bare_value(content) {
            Some(at) => {
                let (key, value) = content.split_at(at);
                first.get_or_insert(Span { offset: offset + at, len: value.len() });
                loose.push_str(key);
                loose.push('\'');
                loose.push_str(&value.trim_end().replace('\'', "''"));
                loose.push('\'');
                loose.push_str(line.get(content.len()..).unwrap_or_default());
            }
            None => loose.push_str(line),
        }
        offset += line.len();
    }
    first.map(|first| (loose, first))
}

/// Where the value of a `key: value` begins that YAML would not take because of a `: ` in it.
fn bare_value(line: &str) -> Option<usize> {
    let colon = line.find(": ")?;
    let key = line.get(..colon)?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if key.is_empty() || !key.chars().all(plain) {
        return None;
    }
    let rest = line.get(colon + 2..)?;
    let value = rest.trim_start();
    let at = line.len() - value.len();
    let is_plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!', '%', '@', '`', '#']);
    (is_plain && (value.contains(": ") || value.trim_end().ends_with(':'))).then_some(at)
}

/// From places in the loosened text to those in the document. Lines are the same; columns at most shift inside one.
struct Places {
    loose: Lines,
    loose_starts: Vec<usize>,
    starts: Vec<usize>,
    len: usize,
    offset: usize,
}

impl Places {
    fn of(part: &[u8], loose: &[u8], offset: usize) -> Places {
        Places {
            loose: Lines::of(loose),
            loose_starts: starts(loose),
            starts: starts(part),
            len: part.len(),
            offset,
        }
    }

    fn place(&self, at: usize) -> usize {
        let line = self.loose.line(at).saturating_sub(1) as usize;
        let column = at.saturating_sub(self.loose_starts.get(line).copied().unwrap_or(0));
        let start = self.starts.get(line).copied().unwrap_or(self.len);
        let end = self.starts.get(line + 1).copied().unwrap_or(self.len);
        self.offset + (start + column).min(end).min(self.len)
    }

    fn span(&self, span: Span) -> Span {
        Span::between(self.place(span.offset), self.place(span.end()))
    }

    fn node(&self, node: &mut Node) {
        node.span = self.span(node.span);
        match &mut node.value {
            Value::List(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::Map(members) => {
                for (key, value) in members {
                    key.span = self.span(key.span);
                    self.node(value);
                }
            }
            _ => {}
        }
    }
}

fn starts(bytes: &[u8]) -> Vec<usize> {
    let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks).collect()
}

fn lines(bytes: &[u8], from: usize) -> impl Iterator<Item = Span> {
    let mut at = from;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let len = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = Span { offset: at, len };
        at += len + 1;
        Some(line)
    })
}

fn next_line(bytes: &[u8], line: Span) -> usize {
    (line.end() + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_matter_begins_with_the_first_byte() {
        let check = |text: &str, front: Option<&str>, body: &str, is_open: bool| {
            let bytes = text.as_bytes();
            let split = split(bytes);
            assert_eq!(split.front.map(|(span, _)| span.text(bytes)).as_deref(), front, "{text:?}");
            assert_eq!((split.body.text(bytes).as_str(), split.is_open), (body, is_open), "{text:?}");
        };
        check("---\na: 1\n---\nx\n", Some("a: 1\n"), "x\n", false);
        check("\u{feff}---\r\na: 1\r\n---\r\nx", Some("a: 1\r\n"), "x", false);
        check("---json\n{}\n---", Some("{}\n"), "", false);
        check("\n---\na: 1\n---\n", None, "\n---\na: 1\n---\n", false);
        check("---\na: 1\n", None, "---\na: 1\n", true);
        check("---", None, "---", true);
        check("----\na\n---\n", None, "----\na\n---\n", false);
        check("", None, "", false);
    }

    #[test]
    fn a_bare_colon_is_text() {
        let text = "---\nname: a\ndescription: Use it when: it's late\ntools: [x]\n---\n";
        let (front, notation) = split(text.as_bytes()).front.unwrap();
        let mut found = Findings::default();
        let root = tree(text.as_bytes(), front, notation, &mut found).unwrap();
        assert_eq!(root.get("description").unwrap().as_str(), Some("Use it when: it's late"));
        assert_eq!(root.get("tools").unwrap().span.text(text.as_bytes()), "[x]");
        let found = found.into_vec();
        assert_eq!(found[0].code, "front-matter/bare-colon");
        assert_eq!(found[0].span.text(text.as_bytes()), "Use it when: it's late");
        let mut found = Findings::default();
        assert!(tree(b"a: [\n", Span { offset: 0, len: 5 }, Notation::Yaml, &mut found).is_none());
        assert_eq!(found.into_vec()[0].code, "data/not-yaml");
    }
}
