//! Documents as trees of symbols, and the search for an item across all specs.

use std::collections::HashMap;

use index::Lines;
use lsp_types::{DocumentSymbol, DocumentSymbolParams, Location, SymbolInformation, SymbolKind, Uri};
use plan::Step;
use plan::occurrences::{Item, Role};
use spec::Span;
use spec::outline::{Heading, headings};
use spec::text::Text;

use crate::convert::{range_of, uri_of};
use crate::document::{FILES, SpecState};
use crate::hover::mark;
use crate::locate;
use crate::state::State;

/// Symbols found by one search.
const SEARCH_MAX: usize = 200;
/// How deep a tree is.
const DEPTH_MAX: usize = 32;

/// The tree of a document: headings, with criteria and tasks below them.
pub(crate) fn symbols(state: &State, params: &DocumentSymbolParams) -> Option<Vec<DocumentSymbol>> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let file = spec.file_name(file);
    let bytes = spec.bytes(&file)?;
    let lines = state.lines(&path, bytes);
    let text = Text::read(bytes);
    let headings = headings(&text);
    let mut flat: Vec<Node> = headings.iter().map(|heading| of_heading(&text, heading)).collect();
    flat.extend(items(&spec, &file));
    flat.sort_by_key(|node| (node.whole.offset, std::cmp::Reverse(node.whole.len)));
    Some(nested(&lines, bytes, flat))
}

/// The same for an editor that takes a list only.
#[expect(deprecated, reason = "the field must be given, and newer editors ignore it")]
pub(crate) fn flat(uri: &Uri, trees: Vec<DocumentSymbol>) -> Vec<SymbolInformation> {
    let mut found = Vec::new();
    let mut left: Vec<(DocumentSymbol, Option<String>)> =
        trees.into_iter().rev().map(|tree| (tree, None)).collect();
    while let Some((tree, above)) = left.pop() {
        let below = tree.children.into_iter().flatten().rev();
        left.extend(below.map(|child| (child, Some(tree.name.clone()))));
        found.push(SymbolInformation {
            name: tree.name,
            kind: tree.kind,
            tags: None,
            deprecated: None,
            location: Location { uri: uri.clone(), range: tree.range },
            container_name: above,
        });
    }
    found
}

/// Items whose id or words hold the query, whatever the case, from all specs of a folder.
#[expect(deprecated, reason = "the field must be given, and newer editors ignore it")]
pub(crate) fn search(state: &State, query: &str, found: &mut Vec<SymbolInformation>) {
    let query = query.to_lowercase();
    for name in state.names() {
        let (Some(place), Some(slim)) = (state.place(name), state.slim(name)) else { continue };
        for (item, stated) in slim.items() {
            if found.len() >= SEARCH_MAX {
                return;
            }
            if !stated.name.to_lowercase().contains(&query) && !item.words().contains(&query) {
                continue;
            }
            let file = FILES.get(usize::from(stated.file)).copied().unwrap_or(FILES[0]);
            let Some(uri) = uri_of(&place.file(file)) else { continue };
            found.push(SymbolInformation {
                name: short(&stated.name),
                kind: kind(item),
                tags: None,
                deprecated: None,
                location: Location { uri, range: stated.range },
                container_name: Some(name.to_string()),
            });
        }
    }
}

struct Node {
    name: String,
    detail: Option<String>,
    kind: SymbolKind,
    whole: Span,
    line: Span,
}

fn of_heading(text: &Text<'_>, heading: &Heading) -> Node {
    let line = text.lines().get(heading.line).map(|line| line.span).unwrap_or_default();
    Node {
        name: short(&heading.title),
        detail: None,
        kind: if heading.level == 1 { SymbolKind::FILE } else { SymbolKind::NAMESPACE },
        whole: heading.span(text),
        line,
    }
}

fn items(spec: &SpecState, file: &str) -> Vec<Node> {
    let Some(bytes) = spec.bytes(file) else { return Vec::new() };
    let steps: HashMap<&str, &Step> =
        spec.plan.steps.iter().map(|step| (step.task_id.as_str(), step)).collect();
    let ends = ends(spec);
    let stated = spec.within(file).iter().filter(|one| one.role == Role::Definition);
    stated
        .filter(|one| !matches!(one.item, Item::Requirement(_) | Item::Property(_)))
        .map(|one| {
            let task = match &one.item {
                Item::Task(id) => Some(id.as_str()),
                _ => None,
            };
            let step = task.and_then(|id| steps.get(id));
            let name = match step {
                Some(step) => format!("{} {}", step.number, step.title),
                None => one.span.text(bytes),
            };
            // The block of a task with sub-tasks is its own; what stands below it belongs to it as well.
            let end = task.and_then(|id| ends.get(id)).copied().unwrap_or_default();
            Node {
                name: short(&name),
                detail: step.map(|step| mark(step.state).to_string()),
                kind: kind(&one.item),
                whole: Span::between(one.whole.offset, one.whole.end().max(end)),
                line: one.span,
            }
        })
        .collect()
}

/// Where each task ends with everything below it.
pub(crate) fn ends(spec: &SpecState) -> HashMap<&str, usize> {
    let tasks = spec.reading.tasks.as_ref().map(|tasks| tasks.tasks.as_slice()).unwrap_or_default();
    let mut ends: Vec<usize> = tasks.iter().map(|task| task.span.end()).collect();
    // Children stand behind their parents, so that one way from the back is enough.
    for (at, task) in tasks.iter().enumerate().rev() {
        let end = ends.get(at).copied().unwrap_or_default();
        if let Some(above) = task.parent.filter(|above| *above < at).and_then(|above| ends.get_mut(above)) {
            *above = end.max(*above);
        }
    }
    tasks.iter().zip(ends).map(|(task, end)| (task.id.as_str(), end)).collect()
}

fn kind(item: &Item) -> SymbolKind {
    match item {
        Item::Requirement(_) => SymbolKind::CLASS,
        Item::Criterion(_) => SymbolKind::METHOD,
        Item::Property(_) => SymbolKind::PROPERTY,
        Item::Task(_) => SymbolKind::EVENT,
        Item::Term(_) => SymbolKind::CONSTANT,
    }
}

/// Puts each node below the last one that holds it.
fn nested(lines: &Lines, bytes: &[u8], flat: Vec<Node>) -> Vec<DocumentSymbol> {
    let mut roots: Vec<DocumentSymbol> = Vec::new();
    let mut open: Vec<(Span, DocumentSymbol)> = Vec::new();
    for node in flat {
        while let Some((_, closed)) = open.pop_if(|(whole, _)| node.whole.offset >= whole.end()) {
            close(&mut open, &mut roots, closed);
        }
        if open.len() >= DEPTH_MAX
            && let Some((_, closed)) = open.pop()
        {
            close(&mut open, &mut roots, closed);
        }
        let line = range_of(lines, bytes, node.line);
        let mut range = range_of(lines, bytes, node.whole);
        // An editor throws the whole tree away when a name stands outside of what it names.
        (range.start, range.end) = (range.start.min(line.start), range.end.max(line.end));
        #[expect(deprecated, reason = "the field must be given, and newer editors ignore it")]
        let symbol = DocumentSymbol {
            name: node.name,
            detail: node.detail,
            kind: node.kind,
            tags: None,
            deprecated: None,
            range,
            selection_range: line,
            children: None,
        };
        open.push((node.whole, symbol));
    }
    while let Some((_, closed)) = open.pop() {
        close(&mut open, &mut roots, closed);
    }
    roots
}

fn close(open: &mut [(Span, DocumentSymbol)], roots: &mut Vec<DocumentSymbol>, closed: DocumentSymbol) {
    match open.last_mut() {
        Some((_, above)) => above.children.get_or_insert_default().push(closed),
        None => roots.push(closed),
    }
}

/// A name of one line and bounded length; editors refuse an empty one.
fn short(name: &str) -> String {
    let line: String =
        name.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(120).collect();
    if line.trim().is_empty() { "…".to_string() } else { line }
}
