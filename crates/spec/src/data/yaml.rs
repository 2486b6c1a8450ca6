//! YAML 1.2 to nodes, with the core schema as Kiro reads it. The grammar itself is `saphyr-parser`'s.

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

use super::{DEPTH_MAX, Key, NODES_MAX, Node, Value};
use crate::Span;
use crate::diagnostic::Diagnostic;

/// Aliases that one document may use; Kiro allows as many.
const ALIASES_MAX: usize = 20;

/// A list or a map that is not closed yet.
struct Open {
    span: Span,
    anchor: usize,
    node: Value,
    key: Option<Key>,
}

pub(super) fn read(text: &str, offset: usize) -> (Option<Node>, Vec<Diagnostic>) {
    let mut tree = Tree {
        places: Places::of(text, offset),
        open: Vec::new(),
        anchors: Vec::new(),
        aliases: 0,
        nodes: 0,
        root: None,
        found: Vec::new(),
    };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, marks) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = Span { offset: tree.places.byte(error.marker().index()), len: 0 };
                tree.found.push(Diagnostic::error(
                    "data/not-yaml",
                    at,
                    format!("this is not YAML: {}", error.info()),
                ));
                return (None, tree.found);
            }
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                let at = tree.places.span(&marks);
                tree.found.push(Diagnostic::warning(
                    "data/second-document",
                    at,
                    "only the first document is read",
                ));
                break;
            }
        }
        if let Err(problem) = tree.take(event, &marks) {
            tree.found.push(problem);
            return (None, tree.found);
        }
    }
    (tree.root, tree.found)
}

struct Tree {
    places: Places,
    open: Vec<Open>,
    anchors: Vec<(usize, Node, usize)>,
    aliases: usize,
    nodes: usize,
    root: Option<Node>,
    found: Vec<Diagnostic>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, marks: &Marks) -> Result<(), Diagnostic> {
        let span = self.places.span(marks);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = scalar(&text, style);
                self.place(Node { span, value }, anchor, Some(&text), 1)
            }
            Event::SequenceStart(anchor, _) => self.begin(span, anchor, Value::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.begin(span, anchor, Value::Map(Vec::new())),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let node = Node { span: Span::between(open.span.offset, span.end()), value: open.node };
                self.place(node, open.anchor, None, 1)
            }
            Event::Alias(anchor) => {
                self.aliases += 1;
                let known = self.anchors.iter().find(|(known, ..)| *known == anchor).cloned();
                match known {
                    Some((_, node, size)) if self.aliases <= ALIASES_MAX => {
                        let text = node.as_str().map(str::to_string);
                        self.place(Node { span, ..node }, 0, text.as_deref(), size)
                    }
                    Some(_) => Err(Diagnostic::error(
                        "data/too-many-aliases",
                        span,
                        format!("more than {ALIASES_MAX} aliases"),
                    )),
                    None => {
                        Err(Diagnostic::error("data/not-yaml", span, "this alias names no anchor before it"))
                    }
                }
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, span: Span, anchor: usize, node: Value) -> Result<(), Diagnostic> {
        if self.open.len() >= DEPTH_MAX {
            return Err(Diagnostic::error("data/too-deep", span, format!("nested deeper than {DEPTH_MAX}")));
        }
        self.open.push(Open { span, anchor, node, key: None });
        Ok(())
    }

    fn place(
        &mut self,
        node: Node,
        anchor: usize,
        text: Option<&str>,
        size: usize,
    ) -> Result<(), Diagnostic> {
        self.nodes += size;
        if self.nodes > NODES_MAX {
            return Err(Diagnostic::error(
                "data/too-large",
                node.span,
                format!("more than {NODES_MAX} values"),
            ));
        }
        if anchor > 0 {
            // What an anchor holds is kept twice, and counts again at each alias.
            let size = count(&node);
            self.nodes += size;
            self.anchors.push((anchor, node.clone(), size));
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { node: Value::List(items), .. }) => items.push(node),
            Some(Open { node: Value::Map(members), key, .. }) => match key.take() {
                Some(key) => members.push((key, node)),
                None => *key = Some(Key { span: node.span, name: text.unwrap_or_default().to_string() }),
            },
            Some(_) => {}
        }
        Ok(())
    }
}

fn count(node: &Node) -> usize {
    // Depth is bounded by DEPTH_MAX, aliases included, because an alias is placed below an open node.
    1 + node.items().iter().map(count).sum::<usize>()
        + node.members().iter().map(|(_, value)| count(value)).sum::<usize>()
}

/// The core schema: only plain words are anything but text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_string());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => {
            let looks_like_number =
                text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
                    && text.bytes().any(|byte| byte.is_ascii_digit());
            match text.parse::<f64>() {
                Ok(number) if looks_like_number => Value::Number(number),
                _ => Value::String(text.to_string()),
            }
        }
    }
}

/// The parser counts characters, spans count bytes.
struct Places {
    offset: usize,
    /// Byte of each character; empty when all are ASCII and the two are the same.
    bytes: Vec<usize>,
    len: usize,
}

impl Places {
    fn of(text: &str, offset: usize) -> Places {
        let bytes =
            if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Places { offset, bytes, len: text.len() }
    }

    fn byte(&self, index: usize) -> usize {
        let at =
            if self.bytes.is_empty() { index } else { self.bytes.get(index).copied().unwrap_or(self.len) };
        self.offset + at.min(self.len)
    }

    fn span(&self, marks: &Marks) -> Span {
        Span::between(self.byte(marks.start.index()), self.byte(marks.end.index()))
    }
}
