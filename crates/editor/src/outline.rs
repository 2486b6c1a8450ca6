//! Documents as trees of symbols, and the search for an item across all specs.

use index::Lines;
use lsp_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, SymbolInformation, SymbolKind,
    WorkspaceSymbolParams,
};
use plan::occurrences::{Item, Role};
use spec::Span;
use spec::outline::{Heading, headings};
use spec::text::Text;

use crate::convert::range_of;
use crate::hover::mark;
use crate::locate;
use crate::state::{SpecState, State};

/// Symbols found by one search.
const SEARCH_MAX: usize = 200;

/// The tree of a document: headings, with criteria and tasks below them.
pub(crate) fn symbols(state: &State, params: &DocumentSymbolParams) -> Option<DocumentSymbolResponse> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let file = spec.file_name(file);
    let bytes = spec.bytes(&file)?;
    let lines = state.lines(&path, bytes);
    let text = Text::read(bytes);
    let headings = headings(&text);
    let mut flat: Vec<Node> = headings.iter().map(|heading| of_heading(&text, heading)).collect();
    flat.extend(items(spec, &file));
    flat.sort_by_key(|node| (node.whole.offset, std::cmp::Reverse(node.whole.len)));
    Some(DocumentSymbolResponse::Nested(nested(&lines, bytes, flat)))
}

/// Items and specs whose words hold the query, whatever the case.
pub(crate) fn search(state: &State, params: &WorkspaceSymbolParams) -> Option<Vec<SymbolInformation>> {
    let query = params.query.to_lowercase();
    let mut found = Vec::new();
    for spec in state.specs.values() {
        for one in spec.occurrences.iter().filter(|one| one.role == Role::Definition) {
            let Some(bytes) = spec.bytes(&one.file) else { continue };
            let name = one.span.text(bytes);
            if !name.to_lowercase().contains(&query) && !one.item.words().contains(&query) {
                continue;
            }
            let Some(location) = locate::location(state, spec, &one.file, one.span) else { continue };
            #[expect(deprecated, reason = "the field must be given, and newer editors ignore it")]
            found.push(SymbolInformation {
                name: short(&name),
                kind: kind(&one.item),
                tags: None,
                deprecated: None,
                location,
                container_name: Some(spec.place.name.clone()),
            });
            if found.len() >= SEARCH_MAX {
                return Some(found);
            }
        }
    }
    Some(found)
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
    let stated = spec.occurrences.iter().filter(|one| one.role == Role::Definition && one.file == file);
    stated
        .filter(|one| !matches!(one.item, Item::Requirement(_) | Item::Property(_)))
        .map(|one| {
            let step = match &one.item {
                Item::Task(id) => spec.plan.step(id),
                _ => None,
            };
            let name = match step {
                Some(step) => format!("{} {}", step.number, step.title),
                None => one.span.text(bytes),
            };
            // The block of a task with sub-tasks is its own; what stands below it belongs to it as well.
            let whole = step.map_or(one.whole, |step| whole(spec, &step.task_id, one.whole));
            Node {
                name: short(&name),
                detail: step.map(|step| mark(step.state).to_string()),
                kind: kind(&one.item),
                whole,
                line: one.span,
            }
        })
        .collect()
}

fn whole(spec: &SpecState, task: &str, own: Span) -> Span {
    let tasks = spec.reading.tasks.iter().flat_map(|tasks| &tasks.tasks);
    let below = tasks.filter(|other| {
        let mut at = spec.plan.step(&other.id);
        while let Some(step) = at {
            if step.parent.as_deref() == Some(task) {
                return true;
            }
            at = step.parent.as_deref().and_then(|parent| spec.plan.step(parent));
        }
        false
    });
    let end = below.map(|other| other.span.end()).max().unwrap_or(own.end());
    Span::between(own.offset, end.max(own.end()))
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
        let range = range_of(lines, bytes, node.whole);
        #[expect(deprecated, reason = "the field must be given, and newer editors ignore it")]
        let symbol = DocumentSymbol {
            name: node.name,
            detail: node.detail,
            kind: node.kind,
            tags: None,
            deprecated: None,
            range,
            selection_range: range_of(lines, bytes, node.line),
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
