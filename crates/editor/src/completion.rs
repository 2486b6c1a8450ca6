//! What can be written next: ids on a reference line, terms in a criterion, properties and tasks where they are cited.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionResponse, Documentation, MarkupContent,
    MarkupKind,
};
use plan::occurrences::{Item, Role};

use crate::hover;
use crate::locate;
use crate::state::{SpecState, State};

/// Items offered at once.
const ITEMS_MAX: usize = 500;

/// The items at a position.
pub(crate) fn items(state: &State, params: &CompletionParams) -> Option<CompletionResponse> {
    let at = &params.text_document_position;
    let path = locate::path(&at.text_document.uri)?;
    let (offset, text) = locate::offset(state, &path, at.position)?;
    let before = line_before(&text, offset);
    let spec = match state.spec_of(&path) {
        Some((spec, _)) => spec,
        None => spec_named(state, &text)?,
    };
    let wanted = wanted(&before);
    let stated = spec.occurrences.iter().filter(|one| one.role == Role::Definition);
    let mut found: Vec<CompletionItem> = stated
        .filter(|one| match (&one.item, wanted) {
            (Item::Criterion(_) | Item::Requirement(_), Wanted::Ids)
            | (Item::Property(_), Wanted::Properties)
            | (Item::Task(_), Wanted::Tasks) => true,
            (Item::Term(_), Wanted::Terms) => state.spec_of(&path).is_some(),
            _ => false,
        })
        .take(ITEMS_MAX)
        .enumerate()
        .map(|(place, one)| item(state, spec, &one.item, place))
        .collect();
    found.dedup_by(|a, b| a.label == b.label);
    Some(CompletionResponse::Array(found))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Ids,
    Properties,
    Tasks,
    Terms,
}

/// What the words before the cursor ask for.
fn wanted(before: &str) -> Wanted {
    let lower = before.to_lowercase();
    let ends = |words: &[&str]| words.iter().any(|word| lower.trim_end().ends_with(word));
    if ends(&["property", "properties"]) {
        return Wanted::Properties;
    }
    if lower.contains("_depends") || lower.contains("_dependencies") || lower.contains("(dep:") {
        return Wanted::Tasks;
    }
    // The line is a reference line when it would be one with an id at the cursor.
    if !spec::references::spans(format!("{before}1.1").as_bytes(), 0).is_empty()
        || ends(&["requirements", "requirement"])
    {
        return Wanted::Ids;
    }
    Wanted::Terms
}

fn item(state: &State, spec: &SpecState, item: &Item, place: usize) -> CompletionItem {
    let (label, kind) = match item {
        Item::Criterion(id) => (id.clone(), CompletionItemKind::REFERENCE),
        Item::Requirement(id) => (id.clone(), CompletionItemKind::CLASS),
        Item::Property(number) => (number.to_string(), CompletionItemKind::PROPERTY),
        Item::Task(id) => (id.clone(), CompletionItemKind::EVENT),
        Item::Term(name) => (name.clone(), CompletionItemKind::CONSTANT),
    };
    let detail = spec.occurrences.iter().find(|one| one.item == *item).and_then(|one| {
        let text = one.span.text(spec.bytes(&one.file)?);
        Some(text.chars().take(100).collect::<String>())
    });
    CompletionItem {
        label,
        kind: Some(kind),
        detail,
        documentation: hover::words(state, spec, item)
            .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
        sort_text: Some(format!("{place:06}")),
        ..CompletionItem::default()
    }
}

/// The only spec, or the only one that a source file names in its tags.
fn spec_named<'a>(state: &'a State, text: &[u8]) -> Option<&'a SpecState> {
    if state.specs.len() == 1 {
        return state.specs.values().next();
    }
    let names: std::collections::BTreeSet<String> =
        spec::tags::scan(text).into_iter().filter_map(|tag| tag.spec).collect();
    let mut named = state
        .specs
        .values()
        .filter(|spec| names.contains(&spec.place.name) || names.contains(spec.place.short_name()));
    match (named.next(), named.next()) {
        (Some(spec), None) => Some(spec),
        _ => None,
    }
}

fn line_before(text: &[u8], offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    String::from_utf8_lossy(before.get(start..).unwrap_or_default()).into_owned()
}
