//! Steering files: front matter (when the file is in force) and body. Matches no path and reads no reference.

mod fixes;

use crate::Span;
use crate::data::{self, Notation};
use crate::diagnostic::{Diagnostic, Findings};
use crate::json::{self, Value};
use crate::splice::Edit;
use crate::text::{Eol, Line, Text};

/// When a steering file is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// On every turn; also what a file without front matter means.
    Always,
    /// When a file in play matches one of these globs.
    FileMatch(Vec<String>),
    /// When a person names it.
    Manual,
    /// When its description fits the work.
    Auto,
    /// The front matter says something else. Never in force: Kiro would make it always, and a typing error must
    /// not widen what steers the agent.
    Wrong(String),
}

/// A steering file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steering {
    /// When it is in force.
    pub inclusion: Inclusion,
    /// `name`, for `/name`; the caller falls back to the file name.
    pub name: Option<String>,
    /// `description`; required for [`Inclusion::Auto`].
    pub description: Option<String>,
    /// The text behind the front matter.
    pub body: String,
    /// Where the body begins, in bytes.
    pub body_offset: usize,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
    /// What would mend some of it, in document order.
    pub fixes: Vec<Fix>,
}

/// A change that takes one diagnostic away and makes none of the same code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The code of the diagnostic that it mends.
    pub code: &'static str,
    /// The span of that diagnostic.
    pub at: Span,
    /// What it does, for a person: lower case, no full stop.
    pub title: String,
    /// The bytes that change.
    pub edit: Edit,
}

/// Keys read from one front matter; more is no front matter that anybody wrote.
pub const KEYS_MAX: usize = 100;

/// Fixes kept for one front matter.
pub const FIXES_MAX: usize = 100;

/// Globs kept from one front matter.
pub const PATTERNS_MAX: usize = 100;

/// A value of the flat YAML that front matter uses.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scalar {
    Null,
    Text(String),
    List(Vec<String>),
}

struct Entry {
    key: String,
    value: Scalar,
    span: Span,
    /// Where the key and its value stand, quotes included; `None` when they are not on one line of UTF-8.
    places: Option<(Span, Span)>,
}

/// What the front matter is checked into: findings, and what would mend them.
struct Found {
    findings: Findings,
    fixes: Vec<Fix>,
    /// As the document ends its lines.
    line_break: &'static str,
}

impl Found {
    fn fix(&mut self, code: &'static str, at: Span, title: String, edit: Edit) {
        self.fixes.push(Fix { code, at, title, edit });
    }
}

impl Steering {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Steering {
        let text = Text::read(bytes);
        let line_break = if text.eol() == Eol::CrLf { "\r\n" } else { "\n" };
        let mut found = Found { findings: Findings::default(), fixes: Vec::new(), line_break };
        let (entries, body_line) = match split(&text) {
            Split::Absent => (Ok(Vec::new()), 0),
            Split::Unclosed => (Err("the front matter is never closed"), 0),
            Split::Yaml { end } => (read_yaml(&text, 1, end), end + 1),
            Split::Json { end } => (read_json(&text, end), end + 1),
        };
        let body_offset = text.span_of(body_line, text.lines().len()).offset;
        let body = Span::between(body_offset, bytes.len()).text(bytes);
        let (entries, broken) = match entries {
            Ok(entries) => (entries, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        if let Some(why) = broken {
            found.findings.push(
                Diagnostic::error("steering/broken-front-matter", text.first_line(), why)
                    .hint("the file is not in force until this is mended; Kiro would include it always"),
            );
        }
        let get = |key: &str| entries.iter().find(|entry| entry.key == key);
        let text_of = |key: &str| match get(key).map(|entry| &entry.value) {
            Some(Scalar::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let description = text_of("description");
        let inclusion = match broken {
            Some(why) => Inclusion::Wrong(why.to_string()),
            None => inclusion(&entries, description.is_some(), &mut found),
        };
        Steering {
            inclusion,
            name: text_of("name"),
            description,
            body,
            body_offset,
            diagnostics: found.findings.into_vec(),
            fixes: found.fixes.into_iter().take(FIXES_MAX).collect(),
        }
    }
}

fn inclusion(entries: &[Entry], has_description: bool, found: &mut Found) -> Inclusion {
    let patterns = entries.iter().find(|entry| entry.key == "fileMatchPattern");
    fixes::pattern_keys(entries, found);
    if let Some(wrong) = fixes::inclusion_key(entries, found) {
        return Inclusion::Wrong(wrong);
    }
    let Some(entry) = entries.iter().find(|entry| entry.key == "inclusion") else {
        if let Some(patterns) = patterns {
            found.findings.push(
                Diagnostic::warning(
                    "steering/unused-pattern",
                    patterns.span,
                    "`fileMatchPattern` does nothing without `inclusion: fileMatch`",
                )
                .hint("without `inclusion` the file is always in force"),
            );
            if patterns.places.is_some() && !patterns.is_quoted() {
                let line = format!("inclusion: fileMatch{}", found.line_break);
                let edit = Edit::insert(patterns.span.offset, line);
                let title = "add `inclusion: fileMatch`".to_string();
                found.fix("steering/unused-pattern", patterns.span, title, edit);
            }
        }
        return Inclusion::Always;
    };
    let word = match &entry.value {
        Scalar::Null => return Inclusion::Always,
        Scalar::Text(word) => word.as_str(),
        Scalar::List(_) => "a list",
    };
    match word {
        "always" => Inclusion::Always,
        "manual" => Inclusion::Manual,
        "auto" => {
            if !has_description {
                found.findings.push(
                    Diagnostic::error(
                        "steering/missing-description",
                        entry.span,
                        "`inclusion: auto` needs a `description`",
                    )
                    .hint("say in one line when this file is useful"),
                );
                return Inclusion::Wrong("auto without a description".to_string());
            }
            Inclusion::Auto
        }
        "fileMatch" => {
            let globs = match patterns.map(|entry| &entry.value) {
                Some(Scalar::Text(pattern)) => vec![pattern.clone()],
                Some(Scalar::List(patterns)) => patterns.clone(),
                Some(Scalar::Null) | None => Vec::new(),
            };
            if globs.is_empty() {
                found.findings.push(
                    Diagnostic::error(
                        "steering/missing-pattern",
                        entry.span,
                        "`inclusion: fileMatch` needs a `fileMatchPattern`",
                    )
                    .hint("for example `fileMatchPattern: \"src/**/*.rs\"`"),
                );
                return Inclusion::Wrong("fileMatch without a pattern".to_string());
            }
            Inclusion::FileMatch(fixes::joined(patterns, globs, found))
        }
        word => {
            fixes::unknown_inclusion(entry, word, fixes::has_pattern(entries), found);
            Inclusion::Wrong(word.to_string())
        }
    }
}

enum Split {
    Absent,
    Unclosed,
    Yaml { end: usize },
    Json { end: usize },
}

fn split(text: &Text<'_>) -> Split {
    let mut lines = text.lines().iter().map(|line| text.str_of(line));
    let first = lines.next();
    let fence = first.as_deref().map(str::trim_end).and_then(|line| line.strip_prefix("---"));
    let is_json = match fence.map(str::trim) {
        Some("" | "yaml" | "yml") => false,
        Some("json") => true,
        _ => return Split::Absent,
    };
    let mut looks_like_keys = false;
    for (index, line) in lines.enumerate() {
        let end = index + 1;
        if line.trim_end() == "---" {
            return if is_json { Split::Json { end } } else { Split::Yaml { end } };
        }
        // A document may open with a horizontal rule; only keys make it front matter that somebody forgot to close.
        let is_key = line.split_once(':').is_some_and(|(key, _)| is_plain_key(key));
        looks_like_keys |= index == 0 && is_key;
    }
    if looks_like_keys { Split::Unclosed } else { Split::Absent }
}

fn is_plain_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// Reads flat `key: value` lines, flow and block lists of scalars, quotes, comments, and `>` / `|` blocks.
/// Deeper values are skipped. An error means that a YAML reader would refuse the text.
fn read_yaml(text: &Text<'_>, from: usize, to: usize) -> Result<Vec<Entry>, &'static str> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut block: Option<char> = None;
    for line in text.lines().get(from..to).unwrap_or_default() {
        let content = text.str_of(line);
        let trimmed = content.trim();
        if line.indent > 0 || trimmed.starts_with("- ") {
            continue_value(entries.last_mut(), trimmed, block)?;
            continue;
        }
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        block = None;
        let (key, rest) = trimmed.split_once(':').ok_or("a line of the front matter is no `key: value`")?;
        if !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
            return Err("a line of the front matter has no blank behind its colon");
        }
        let key = unquote(key.trim()).ok_or("a key of the front matter has an open quote")?;
        if entries.iter().any(|entry| entry.key == key) {
            return Err("a key of the front matter stands there twice");
        }
        if entries.len() >= KEYS_MAX {
            return Err("the front matter has too many keys");
        }
        let rest = rest.trim();
        let value = match rest {
            ">" | ">-" | "|" | "|-" | ">+" | "|+" => {
                block = rest.chars().next();
                Scalar::Text(String::new())
            }
            _ => scalar(rest)?,
        };
        entries.push(Entry { key, value, span: line.span, places: places(text, line) });
    }
    Ok(entries)
}

/// Where the key and the value of a line stand.
fn places(text: &Text<'_>, line: &Line) -> Option<(Span, Span)> {
    let content = std::str::from_utf8(text.of(line)).ok()?;
    let (key, rest) = content.split_once(':')?;
    let value = without_comment(rest.trim_start());
    let at = line.span.offset + (content.len() - rest.trim_start().len());
    let key = Span { offset: line.span.offset, len: key.trim_end().len() };
    Some((key, Span { offset: at, len: value.trim_end().len() }))
}

fn continue_value(entry: Option<&mut Entry>, line: &str, block: Option<char>) -> Result<(), &'static str> {
    let Some(entry) = entry else { return Ok(()) };
    if let (Some(style), Scalar::Text(text)) = (block, &mut entry.value) {
        if !text.is_empty() {
            text.push(if style == '|' { '\n' } else { ' ' });
        }
        text.push_str(line);
        return Ok(());
    }
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    if let Some(item) = line.strip_prefix("- ") {
        let Scalar::Text(item) = scalar(item.trim())? else { return Ok(()) };
        match &mut entry.value {
            Scalar::Null => entry.value = Scalar::List(vec![item]),
            Scalar::List(items) if items.len() < PATTERNS_MAX => items.push(item),
            Scalar::List(_) => {}
            Scalar::Text(_) => return Err("a list follows a value that is no list"),
        }
        return Ok(());
    }
    // Plain words run on over indented lines; anything deeper is not ours to read.
    if let Scalar::Text(text) = &mut entry.value {
        text.push(' ');
        text.push_str(line);
    }
    Ok(())
}

fn scalar(text: &str) -> Result<Scalar, &'static str> {
    if let Some(inner) = text.strip_prefix('[') {
        let inner = without_comment(inner);
        let inner = inner.trim_end().strip_suffix(']').ok_or("a list of the front matter is never closed")?;
        let mut items = Vec::new();
        for item in split_flow(inner) {
            let item = item.trim();
            if !item.is_empty() && items.len() < PATTERNS_MAX {
                items.push(unquote(item).ok_or("a value of the front matter has an open quote")?);
            }
        }
        return Ok(Scalar::List(items));
    }
    if text.starts_with(['"', '\'']) {
        return unquote(without_comment(text).trim_end())
            .map(Scalar::Text)
            .ok_or("a value of the front matter has an open quote");
    }
    if text.starts_with(['*', '&', '!', '%', '@', '`', '{']) {
        return Err("a value of the front matter needs quotes");
    }
    let text = without_comment(text).trim();
    Ok(match text {
        "" | "null" | "~" | "Null" | "NULL" => Scalar::Null,
        text => Scalar::Text(text.to_string()),
    })
}

/// Cuts a ` # comment` that stands outside quotes.
fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open && before != '\\' => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None if c == '#' && before.is_whitespace() => return text.get(..at).unwrap_or(text),
            None => {}
        }
        before = c;
    }
    text
}

/// Splits at commas outside quotes and braces, so that `"*.{ts,tsx}"` stays whole.
fn split_flow(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quote, mut depth) = (0, None, 0usize);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn unquote(text: &str) -> Option<String> {
    if let Some(inner) = text.strip_prefix('"') {
        inner.strip_suffix('"')?;
        return match json::read_strict(text) {
            Ok(Value::String(text)) => Some(text),
            _ => None,
        };
    }
    if let Some(inner) = text.strip_prefix('\'') {
        return inner.strip_suffix('\'').map(|inner| inner.replace("''", "'"));
    }
    Some(text.to_string())
}

fn read_json(text: &Text<'_>, end: usize) -> Result<Vec<Entry>, &'static str> {
    let span = text.span_of(1, end);
    let Ok(Value::Object(members)) = json::read_strict(&span.text(text.bytes())) else {
        return Err("the front matter is not a JSON object");
    };
    // The same text again as a tree that knows its bytes.
    let tree = data::read_at(span.slice(text.bytes()), span.offset, Notation::Json).0;
    let members = members.into_iter().take(KEYS_MAX).enumerate();
    let entry = |(at, (key, value)): (usize, (String, Value))| {
        let member = tree.as_ref().and_then(|tree| tree.members().get(at));
        let places = member.filter(|(name, _)| name.name == key).map(|(name, node)| (name.span, node.span));
        let span = places.map_or(span, |(key, value)| Span::between(key.offset, value.end()));
        let value = match value {
            Value::String(text) => Scalar::Text(text),
            Value::Array(items) => {
                let texts = items.iter().filter_map(Value::as_str).map(str::to_string);
                Scalar::List(texts.take(PATTERNS_MAX).collect())
            }
            _ => Scalar::Null,
        };
        Entry { key, value, span, places }
    };
    Ok(members.map(entry).collect())
}

#[cfg(test)]
#[path = "steering_tests.rs"]
mod tests;
