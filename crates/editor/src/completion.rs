//! What can be written next: ids on a reference line, terms in a criterion, properties and tasks where they are cited.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionParams, CompletionTextEdit,
    CompletionTriggerKind, Documentation, MarkupContent, MarkupKind, Range, TextEdit,
};
use plan::occurrences::Item;
use serde_json::{Value, json};
use spec::Span;
use std::rc::Rc;

use crate::convert::range_of;
use crate::document::SpecState;
use crate::hover;
use crate::locate;
use crate::state::State;

/// Items offered at once; when there are more, the editor asks again as the person types on.
const ITEMS_MAX: usize = 500;
/// Characters of the words beside an item.
const DETAIL_CHARS_MAX: usize = 100;
/// Bytes of a line before the cursor that are looked at.
const LINE_BYTES_MAX: usize = 4_096;

/// The items at a position.
pub(crate) fn items(state: &State, params: &CompletionParams) -> Option<CompletionList> {
    let at = &params.text_document_position;
    let path = locate::path(&at.text_document.uri)?;
    let (offset, text) = locate::offset(state, &path, at.position)?;
    let before = line_before(&text, offset);
    let owner = state.spec_of(&path);
    let wanted = wanted(&before);
    let was_typed = params
        .context
        .as_ref()
        .is_some_and(|context| context.trigger_kind == CompletionTriggerKind::TRIGGER_CHARACTER);
    // Terms belong into documents, and a blank between two words of prose asks for nothing.
    if wanted == Wanted::Terms && (was_typed || owner.is_none()) {
        return None;
    }
    let (spec, file) = match owner {
        Some((spec, file)) => (Rc::clone(&spec), Some(spec.file_name(file))),
        None => {
            let file = state.relative(&path)?;
            index::tags::is_source(&file).then_some(())?;
            (spec_named(state, &text)?, None)
        }
    };
    // No fragment of the item itself is offered while it is being written.
    let is_here = |one: &plan::occurrences::Occurrence| {
        Some(&one.file) == file.as_ref() && one.span.offset <= offset && offset <= one.span.end()
    };
    let prefix = prefix(&before, wanted);
    let lines = state.lines(&path, &text);
    let range = range_of(&lines, &text, Span::between(offset - prefix.len(), offset));
    let fits = |one: &&plan::occurrences::Occurrence| match (&one.item, wanted) {
        (Item::Criterion(_) | Item::Requirement(_), Wanted::Ids)
        | (Item::Property(_), Wanted::Properties)
        | (Item::Task(_), Wanted::Tasks) => true,
        (Item::Term(_), Wanted::Terms) => !is_here(one),
        _ => false,
    };
    let stated = spec.stated().filter(fits).filter(|one| begins(&label(&one.item), prefix));
    let uri = &at.text_document.uri;
    let mut found: Vec<CompletionItem> = stated
        .take(ITEMS_MAX + 1)
        .enumerate()
        .map(|(place, one)| {
            let detail = spec.bytes(&one.file).map(|bytes| one.span.text(bytes)).unwrap_or_default();
            let data = json!([uri.as_str(), spec.place.name, code(&one.item)]);
            item(&one.item, place, range, &detail, data)
        })
        .collect();
    found.dedup_by(|a, b| a.label == b.label);
    let is_incomplete = found.len() > ITEMS_MAX;
    found.truncate(ITEMS_MAX);
    Some(CompletionList { is_incomplete, items: found })
}

/// The same item with all that is known of it. `pick` finds the folder of a document.
pub(crate) fn resolve<'s>(
    mut item: CompletionItem,
    pick: impl FnOnce(&str) -> Option<&'s State>,
) -> CompletionItem {
    let text = |at: usize| item.data.as_ref().and_then(|data| data.get(at)).and_then(Value::as_str);
    if let (Some(uri), Some(name), Some(known)) = (text(0), text(1), text(2).and_then(decoded))
        && let Some(state) = pick(uri)
        && let Some(spec) = state.full(name)
    {
        item.documentation = hover::words(state, &spec, &known)
            .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
    }
    item
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Ids,
    Properties,
    Tasks,
    Terms,
}

/// What the words before the cursor ask for.
fn wanted(before: &str) -> Wanted {
    let lower = before.to_lowercase();
    let words = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    let ends = |all: &[&str]| all.iter().any(|word| words.ends_with(word));
    if ends(&["property", "properties"]) && words.len() < lower.len() {
        return Wanted::Properties;
    }
    if lower.contains("_depends") || lower.contains("_dependencies") || lower.contains("(dep:") {
        return Wanted::Tasks;
    }
    // The line is a reference line when it would be one with an id at the cursor.
    let bare = before.trim_end_matches(is_of_id);
    let would_cite = !spec::references::spans(format!("{bare}1.1").as_bytes(), 0).is_empty();
    let is_tag = spec::tags::scan(format!("{bare}1.1").as_bytes()).iter().any(|tag| {
        tag.kind == spec::tags::TagKind::Requirement && tag.number.end() == bare.len() + "1.1".len()
    });
    match would_cite || is_tag {
        true => Wanted::Ids,
        false => Wanted::Terms,
    }
}

fn is_of_id(c: char) -> bool {
    c.is_alphanumeric() || c == '.' || c == '-'
}

/// The beginning of an item that stands before the cursor already.
fn prefix(before: &str, wanted: Wanted) -> &str {
    let is_part = |c: char| match wanted {
        Wanted::Terms => c.is_alphanumeric() || c == '_' || c == '-',
        Wanted::Properties => c.is_ascii_digit(),
        Wanted::Ids | Wanted::Tasks => is_of_id(c),
    };
    before.get(before.trim_end_matches(is_part).len()..).unwrap_or_default()
}

fn begins(label: &str, prefix: &str) -> bool {
    let mut label = label.chars().flat_map(char::to_lowercase);
    prefix.chars().flat_map(char::to_lowercase).all(|letter| label.next() == Some(letter))
}

fn label(item: &Item) -> String {
    match item {
        Item::Criterion(id) | Item::Requirement(id) | Item::Task(id) => id.clone(),
        Item::Property(number) => number.to_string(),
        Item::Term(name) => name.clone(),
    }
}

/// The item in a form that comes back from the editor.
fn code(item: &Item) -> String {
    let kind = match item {
        Item::Criterion(_) => 'c',
        Item::Requirement(_) => 'r',
        Item::Property(_) => 'p',
        Item::Task(_) => 't',
        Item::Term(_) => 'g',
    };
    format!("{kind}{}", label(item))
}

fn decoded(code: &str) -> Option<Item> {
    let mut rest = code.chars();
    let kind = rest.next()?;
    let id = rest.as_str().to_string();
    Some(match kind {
        'c' => Item::Criterion(id),
        'r' => Item::Requirement(id),
        'p' => Item::Property(id.parse().ok()?),
        't' => Item::Task(id),
        'g' => Item::Term(id),
        _ => return None,
    })
}

fn item(item: &Item, place: usize, range: Range, detail: &str, data: Value) -> CompletionItem {
    let kind = match item {
        Item::Criterion(_) => CompletionItemKind::REFERENCE,
        Item::Requirement(_) => CompletionItemKind::CLASS,
        Item::Property(_) => CompletionItemKind::PROPERTY,
        Item::Task(_) => CompletionItemKind::EVENT,
        Item::Term(_) => CompletionItemKind::CONSTANT,
    };
    let label = label(item);
    CompletionItem {
        kind: Some(kind),
        detail: Some(detail.chars().take(DETAIL_CHARS_MAX).collect()),
        sort_text: Some(format!("{place:06}")),
        filter_text: Some(label.clone()),
        // Editors disagree about what a word is; `1.2` must take the place of all of `1.`.
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: label.clone() })),
        data: Some(data),
        label,
        ..CompletionItem::default()
    }
}

/// The only spec, or the only one that a source file names in its tags.
fn spec_named(state: &State, text: &[u8]) -> Option<Rc<SpecState>> {
    if state.count() == 1 {
        return state.full(state.names().next()?);
    }
    let wanted: std::collections::BTreeSet<String> =
        spec::tags::scan(text).into_iter().filter_map(|tag| tag.spec).collect();
    let mut named = state.names().filter(|name| wanted.iter().any(|wanted| locate::is_named(name, wanted)));
    match (named.next(), named.next()) {
        (Some(name), None) => state.full(name),
        _ => None,
    }
}

fn line_before(text: &[u8], offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.get(start.max(offset.saturating_sub(LINE_BYTES_MAX))..).unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_asks_for() {
        let check = |before: &str, expected: Wanted, begun: &str| {
            assert_eq!((wanted(before), prefix(before, wanted(before))), (expected, begun), "{before}");
        };
        check("    - _Requirements: ", Wanted::Ids, "");
        check("    - _Requirements: 1.1, 2", Wanted::Ids, "2");
        check("    - _Requirements: 1.", Wanted::Ids, "1.");
        check("**Validates: Requirements ", Wanted::Ids, "");
        check("// Validates: Requirements 1.2, ", Wanted::Ids, "");
        check("_Requirements: NFR-", Wanted::Ids, "NFR-");
        check("  - **Property ", Wanted::Properties, "");
        check("  - **Property 1", Wanted::Properties, "1");
        check("  _Depends: 1.", Wanted::Tasks, "1.");
        check("1. WHEN the Rate_", Wanted::Terms, "Rate_");
        check("", Wanted::Terms, "");
        check("properties", Wanted::Terms, "properties");
    }

    #[test]
    fn what_is_begun_is_gone_on_with() {
        assert!(begins("Rate_Limiter", "rate") && begins("Ä", "ä") && begins("x", ""));
        assert!(!begins("Rate", "rate_") && !begins("1.2", "2"));
    }

    #[test]
    fn items_come_back_as_they_went() {
        for item in [Item::Criterion("1.2".to_string()), Item::Property(3), Item::Term("A b".to_string())] {
            assert_eq!(decoded(&code(&item)), Some(item));
        }
        assert_eq!((decoded(""), decoded("x1"), decoded("px")), (None, None, None));
    }
}
