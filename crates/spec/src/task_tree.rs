//! Ids and parents of the rows of a document: by number first, by indentation second, by heading third. Reads no text.

use std::collections::{HashMap, HashSet};

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::task_id::{self, Form};
use crate::task_line::{Shape, Weight};
use crate::task_region::Row;

/// The address of a row and the row above it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) id: String,
    /// Index of the parent among the rows; always smaller than the row's own.
    pub(crate) parent: Option<usize>,
    /// The number is none, because the list counts itself or starts again.
    pub(crate) is_counted: bool,
}

/// Bytes of an id that names its place by counting; below that the task is addressed by its place in the document.
const ID_BYTES_MAX: usize = 64;

/// Gives every row a unique id and its parent.
pub(crate) fn nodes(rows: &[Row], span_of: impl Fn(&Row) -> Span, findings: &mut Findings) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::with_capacity(rows.len());
    let mut by_number: HashMap<&str, usize> = HashMap::new();
    let mut by_heading: HashMap<usize, usize> = HashMap::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut taken: HashSet<String> = HashSet::new();
    let mut above: Vec<(usize, usize)> = Vec::new();
    let mut section = None;
    for (index, row) in rows.iter().enumerate() {
        let is_heading = matches!(row.read.shape, Shape::Heading(_));
        if row.heading != section || is_heading {
            section = row.heading;
            above.clear();
        }
        above.truncate(above.partition_point(|(_, indent)| *indent < row.indent));
        let by_indent = above.last().map(|(at, _)| *at);
        let under = row.under.and_then(|heading| by_heading.get(&heading)).copied();
        if is_heading {
            by_heading.extend(row.heading.map(|heading| (heading, index)));
        } else {
            above.push((index, row.indent));
        }
        let number = row.read.number.as_ref();
        let stem = number.and_then(|number| task_id::stem(&number.id));
        let by_stem = stem.and_then(|stem| by_number.get(stem)).copied();
        let parent = by_stem.or(by_indent).or(under);
        let mut node = Node { id: String::new(), parent, is_counted: false };
        if let Some(number) = number {
            let is_list = number.weight == Weight::List;
            let is_plain = number.form == Form::Plain;
            let is_known = taken.contains(&number.id);
            // `1.` of an inner list and the second `1.` of a list that Markdown counts are places. So is a plain
            // number that starts again below a heading that is a task.
            let is_inner = is_list && by_indent.is_some();
            let starts_again = is_plain && is_known && by_indent.is_none() && under.is_some();
            let stem = if is_inner { by_indent } else { under.filter(|_| starts_again) };
            let place = stem.and_then(|at| nodes.get(at)).map(|above| format!("{}.{}", above.id, number.id));
            if let Some(id) = place.filter(|id| id.len() <= ID_BYTES_MAX && !taken.contains(id)) {
                node.is_counted = true;
                taken.insert(id.clone());
                node.id = id;
            } else if is_list && (is_known || is_inner) {
                node.is_counted = true;
            } else {
                let count = seen.entry(number.id.as_str()).or_insert(0);
                *count += 1;
                let (first, mut nth) = (*count == 1, *count);
                node.id = if first { number.id.clone() } else { format!("{}#{nth}", number.id) };
                while !taken.insert(node.id.clone()) {
                    nth += 1;
                    node.id = format!("{}#{nth}", number.id);
                }
                if *count == 2 {
                    let message = format!("task number `{}` is used twice", number.id);
                    findings.push(
                        Diagnostic::warning("tasks/duplicate-number", span_of(row), message)
                            .hint(format!("the second one is addressed as `{}`", node.id)),
                    );
                }
                by_number.insert(number.id.as_str(), index);
            }
        }
        nodes.push(node);
    }
    count(&mut nodes, &mut taken);
    nodes
}

/// Gives the rows without a number their place as an id: `2.1` is the first row below `2`.
fn count(nodes: &mut [Node], taken: &mut HashSet<String>) {
    let mut last: HashMap<Option<usize>, usize> = HashMap::new();
    for index in 0..nodes.len() {
        let Some(node) = nodes.get(index) else { break };
        let (parent, is_named) = (node.parent, !node.id.is_empty());
        let counter = last.entry(parent).or_insert(0);
        *counter += 1;
        if is_named {
            continue;
        }
        let stem = match parent.and_then(|at| nodes.get(at)) {
            Some(above) if above.id.len() >= ID_BYTES_MAX => None,
            Some(above) => Some(format!("{}.", above.id)),
            None => Some(String::new()),
        };
        let mut id = match &stem {
            Some(stem) => format!("{stem}{counter}"),
            None => format!("#{}", index + 1),
        };
        while !taken.insert(id.clone()) {
            *counter += 1;
            id = match &stem {
                Some(stem) => format!("{stem}{counter}"),
                None => format!("#{}.{counter}", index + 1),
            };
        }
        if let Some(node) = nodes.get_mut(index) {
            node.id = id;
        }
    }
}
