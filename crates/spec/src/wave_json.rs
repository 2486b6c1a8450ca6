//! Task graphs written as JSON, in every shape that real files have. Where a task's name stands is found by walking the
//! tokens of the text beside the value.

use crate::Span;
use crate::json::{self, JsonError, Value};
use crate::waves::{Claim, ClaimWave, EDGES_MAX, Edge, Named, Shape, WAVE_TASKS_MAX, WAVES_MAX};

/// Names under which waves are kept.
const WAVES: &[&str] = &[
    "waves",
    "executionWaves",
    "execution_waves",
    "parallelWaves",
    "parallel_waves",
    "phases",
    "levels",
    "batches",
    "groups",
];
/// Names under which a wave keeps its tasks.
const TASKS: &[&str] = &["tasks", "taskIds", "task_ids", "ids", "items"];
/// Names under which a wave or a task names what comes before it.
const BEFORE: &[&str] =
    &["depends_on", "dependsOn", "depends", "dependencies", "after", "blockedBy", "blocked_by", "requires"];
/// Names of a wave or a task, the best first.
const NAMES: &[&str] = &["id", "wave", "number", "name", "title", "label"];

/// Reads a graph; spans count from `base`. `Ok(None)` is JSON that is no graph.
pub(crate) fn read(text: &str, base: usize) -> Result<Option<Claim>, JsonError> {
    let value = json::read_lenient(text)?;
    let mut tokens = Tokens { text, at: 0, base };
    let node = place(&value, &mut tokens);
    Ok(graph(&node))
}

/// A value whose words know where they stand.
enum Node<'a> {
    /// A string, a number, or anything else that has no parts.
    Word(&'a Value, Span),
    Items(Vec<Node<'a>>),
    Members(Vec<(&'a str, Span, Node<'a>)>),
}

impl<'a> Node<'a> {
    fn get(&self, names: &[&str]) -> Option<&Node<'a>> {
        let Node::Members(members) = self else { return None };
        names
            .iter()
            .find_map(|name| members.iter().rev().find(|(key, ..)| key == name))
            .map(|(.., node)| node)
    }

    fn items(&self) -> Option<&[Node<'a>]> {
        match self {
            Node::Items(items) => Some(items),
            _ => None,
        }
    }

    fn named(&self) -> Option<Named> {
        match self {
            Node::Word(Value::String(text), span) => {
                let text = text.trim().trim_end_matches('.').to_string();
                Some(Named { text, label: None, span: *span })
            }
            Node::Word(Value::Number(number), span) => {
                Some(Named { text: number.to_string(), label: None, span: *span })
            }
            // `{"id": "1.1", "title": "…"}`
            Node::Members(_) => self.get(NAMES)?.named(),
            _ => None,
        }
    }

    fn words(&self) -> Vec<Named> {
        match self {
            Node::Items(items) => items.iter().filter_map(Node::named).collect(),
            word => word.named().into_iter().collect(),
        }
    }
}

fn graph(node: &Node<'_>) -> Option<Claim> {
    let listed = node.get(WAVES).or_else(|| node.items().map(|_| node));
    if let Some(list) = listed {
        let is_bare = std::ptr::eq(list, node);
        if let Some(claim) = waves(list, is_bare) {
            return Some(claim);
        }
    }
    dependencies(node)
}

fn waves(list: &Node<'_>, is_bare: bool) -> Option<Claim> {
    let mut found = Vec::new();
    let (mut is_strict, mut has_objects) = (!is_bare, false);
    let entries: Vec<(Option<&str>, &Node<'_>)> = match list {
        Node::Items(items) => items.iter().map(|item| (None, item)).collect(),
        // `{"wave1": ["1"], "wave2": ["2"]}`
        Node::Members(members) => {
            is_strict = false;
            members.iter().map(|(key, _, node)| (Some(*key), node)).collect()
        }
        Node::Word(..) => return None,
    };
    // Bare words in one list are tasks and no waves.
    if entries.iter().all(|(_, node)| matches!(node, Node::Word(..))) {
        return None;
    }
    for (number, (key, entry)) in entries.into_iter().enumerate().take(WAVES_MAX + 1) {
        let tasks = match entry {
            Node::Members(_) => {
                has_objects = true;
                entry.get(TASKS)
            }
            other => Some(other),
        };
        let is_id =
            matches!(entry.get(&["id"]), Some(Node::Word(Value::Number(id), _)) if *id == number as f64);
        let all_words = tasks
            .and_then(Node::items)
            .is_some_and(|tasks| tasks.iter().all(|task| matches!(task, Node::Word(Value::String(_), _))));
        is_strict &= is_id && all_words;
        let name = key.map(str::to_string).or_else(|| match entry {
            Node::Members(_) => entry.named().map(|named| named.text),
            _ => None,
        });
        let depends_on =
            entry.get(BEFORE).map(|before| before.words().into_iter().map(|named| named.text).collect());
        let mut tasks = tasks.map(Node::words).unwrap_or_default();
        tasks.truncate(WAVE_TASKS_MAX + 1);
        found.push(ClaimWave { number, name, depends_on: depends_on.unwrap_or_default(), tasks });
    }
    if found.iter().all(|wave| wave.tasks.is_empty()) {
        return None;
    }
    let shape = match (is_bare, has_objects) {
        (true, _) => Shape::Bare,
        (_, true) => Shape::Objects,
        _ => Shape::Lists,
    };
    let span = Span::default();
    Some(Claim { shape, waves: found, edges: Vec::new(), span, is_strict_kiro: is_strict })
}

/// `{"tasks": [{"id": "2", "depends_on": ["1"]}]}`, `{"edges": [["1", "2"]]}`, `{"2": ["1"]}`.
fn dependencies(node: &Node<'_>) -> Option<Claim> {
    let mut edges = Vec::new();
    let mut push = |before: Named, task: &Named| {
        if edges.len() <= EDGES_MAX {
            edges.push(Edge { from: before, to: task.clone() });
        }
    };
    if let Some(list) = node.get(&["edges", "links"]).and_then(Node::items) {
        for edge in list {
            let ends = match edge {
                Node::Items(ends) => (ends.first(), ends.get(1)),
                other => (other.get(&["from", "source"]), other.get(&["to", "target"])),
            };
            if let (Some(from), Some(to)) = (ends.0.and_then(Node::named), ends.1.and_then(Node::named)) {
                push(from, &to);
            }
        }
    }
    let tasks = node.get(&["tasks", "nodes"]).unwrap_or(node);
    match tasks {
        Node::Items(items) => {
            for item in items {
                if let (Some(task), Some(before)) = (item.named(), item.get(BEFORE)) {
                    before.words().into_iter().for_each(|word| push(word, &task));
                }
            }
        }
        Node::Members(members) => {
            for (key, span, value) in members {
                let task = Named { text: key.to_string(), label: None, span: *span };
                let before = value.get(BEFORE).or_else(|| value.items().map(|_| value));
                let is_task = key.bytes().any(|byte| byte.is_ascii_digit());
                if let Some(before) = before.filter(|_| is_task) {
                    before.words().into_iter().for_each(|word| push(word, &task));
                }
            }
        }
        Node::Word(..) => {}
    }
    let span = Span::default();
    let shape = Shape::Dependencies;
    (!edges.is_empty()).then_some(Claim { shape, waves: Vec::new(), edges, span, is_strict_kiro: false })
}

/// Walks value and text side by side: both have strings and numbers in the same order.
fn place<'a>(value: &'a Value, tokens: &mut Tokens<'_>) -> Node<'a> {
    match value {
        Value::Array(items) => Node::Items(items.iter().map(|item| place(item, tokens)).collect()),
        Value::Object(members) => Node::Members(
            members
                .iter()
                .map(|(key, value)| {
                    let span = tokens.next_word();
                    (key.as_str(), span, place(value, tokens))
                })
                .collect(),
        ),
        word => Node::Word(word, tokens.next_word()),
    }
}

/// The strings, numbers and names of a JSON text, one after the other.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
    base: usize,
}

impl Tokens<'_> {
    fn next_word(&mut self) -> Span {
        let bytes = self.text.as_bytes();
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            match rest {
                [] => return Span { offset: self.base + self.at, len: 0 },
                [b'/', b'/', ..] => self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
                [b'/', b'*', ..] => {
                    let end = rest.windows(2).skip(2).position(|two| two == b"*/");
                    self.at += end.map_or(rest.len(), |end| end + 4);
                }
                [b'"', ..] => {
                    let start = self.at + 1;
                    let mut is_escaped = false;
                    let len = rest.iter().skip(1).position(|byte| {
                        let is_end = *byte == b'"' && !is_escaped;
                        is_escaped = *byte == b'\\' && !is_escaped;
                        is_end
                    });
                    let len = len.unwrap_or(rest.len() - 1);
                    self.at = start + len + 1;
                    return Span { offset: self.base + start, len };
                }
                [byte, ..] if byte.is_ascii_alphanumeric() || *byte == b'-' => {
                    let is_word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
                    let len = rest.iter().take_while(is_word).count();
                    let offset = self.base + self.at;
                    self.at += len;
                    return Span { offset, len };
                }
                _ => self.at += 1,
            }
        }
    }
}
