//! Colours that depend on meaning: ids, terms, tasks that are done, and the key words of criteria.

use std::collections::HashSet;

use lint::Language;
use lint::ears::Ears;
use lsp_types::{
    SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens, SemanticTokensLegend,
    SemanticTokensParams, SemanticTokensResult,
};
use plan::occurrences::{Item, Role};
use spec::{Span, State as TaskState};

use crate::document::SpecState;
use crate::locate;
use crate::state::State;

/// Criteria that are read to know the language.
const CRITERIA_READ_MAX: usize = 40;

const KEYWORD: u32 = 0;
const NUMBER: u32 = 1;
const VARIABLE: u32 = 2;
const PROPERTY: u32 = 3;
const EVENT: u32 = 4;
/// The modifiers, as bits.
const DECLARATION: u32 = 1;
const DONE: u32 = 2;

/// The names behind the numbers.
pub(crate) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: vec![
            SemanticTokenType::KEYWORD,
            SemanticTokenType::NUMBER,
            SemanticTokenType::VARIABLE,
            SemanticTokenType::PROPERTY,
            SemanticTokenType::EVENT,
        ],
        token_modifiers: vec![SemanticTokenModifier::DECLARATION, SemanticTokenModifier::DEPRECATED],
    }
}

/// The tokens of a document.
pub(crate) fn tokens(state: &State, params: &SemanticTokensParams) -> Option<SemanticTokensResult> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let file = spec.file_name(file);
    let bytes = spec.bytes(&file)?;
    let mut spans: Vec<(Span, u32, u32)> = Vec::new();
    let done: HashSet<&str> = spec
        .plan
        .steps
        .iter()
        .filter(|step| step.state == TaskState::Done)
        .map(|step| step.task_id.as_str())
        .collect();
    for one in spec.within(&file) {
        let (kind, span) = match (&one.item, one.role) {
            (Item::Term(name), Role::Definition) => {
                let line = one.span.text(bytes);
                let Some(at) = line.find(name.as_str()) else { continue };
                (VARIABLE, Span { offset: one.span.offset + at, len: name.len() })
            }
            (Item::Term(_), Role::Reference) => (VARIABLE, one.span),
            (Item::Task(_), Role::Definition) => (EVENT, one.span),
            // The words of criteria and headings keep the colours of Markdown.
            (_, Role::Definition) => continue,
            (Item::Property(_), Role::Reference) => (PROPERTY, one.span),
            (_, Role::Reference) => (NUMBER, one.span),
        };
        let is_done = matches!(&one.item, Item::Task(id) if done.contains(id.as_str()));
        if matches!(one.item, Item::Task(_)) && one.role == Role::Definition && !is_done {
            continue;
        }
        let declaration = if one.role == Role::Definition { DECLARATION } else { 0 };
        spans.push((span, kind, declaration | if is_done { DONE } else { 0 }));
    }
    let language = language(&spec);
    for (criterion_file, criterion) in spec.reading.criteria() {
        if criterion_file == file {
            let Ok(text) = std::str::from_utf8(criterion.text_span.slice(bytes)) else { continue };
            let shift = |span: Span| Span { offset: criterion.text_span.offset + span.offset, len: span.len };
            let found = keywords(&lint::ears::parse(text, language));
            spans.extend(found.into_iter().map(|span| (shift(span), KEYWORD, 0)));
        }
    }
    let lines = state.lines(&path, bytes);
    Some(SemanticTokensResult::Tokens(SemanticTokens {
        result_id: None,
        data: encoded(&lines, bytes, spans),
    }))
}

/// The key words of a criterion, as the reader of criteria found them in whatever language it is written in.
fn keywords(ears: &Ears) -> Vec<Span> {
    let modals = ears.responses.iter().map(|response| response.modal);
    let mut spans: Vec<Span> = ears.openers.iter().copied().chain(ears.then).chain(modals).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// The language that most criteria are written in; it decides about the others.
fn language(spec: &SpecState) -> Option<Language> {
    let all: String = spec
        .reading
        .criteria()
        .take(CRITERIA_READ_MAX)
        .flat_map(|(_, criterion)| [criterion.text.as_str(), "\n"].map(str::to_string))
        .collect();
    (!all.is_empty()).then(|| Language::of(&all, None))
}

/// Relative positions, one line each, without overlaps: the form that the protocol wants.
fn encoded(lines: &index::Lines, bytes: &[u8], mut spans: Vec<(Span, u32, u32)>) -> Vec<SemanticToken> {
    spans.sort_unstable_by_key(|(span, ..)| (span.offset, std::cmp::Reverse(span.len)));
    let mut out = Vec::with_capacity(spans.len());
    let (mut line, mut column, mut done) = (0, 0, 0);
    for (span, token_type, token_modifiers_bitset) in spans {
        let (start, end) = (lines.position(bytes, span.offset), lines.position(bytes, span.end()));
        if span.offset < done || start.line != end.line || end.column <= start.column {
            continue;
        }
        done = span.end();
        out.push(SemanticToken {
            delta_line: start.line - line,
            delta_start: if start.line == line { start.column - column } else { start.column },
            length: end.column - start.column,
            token_type,
            token_modifiers_bitset,
        });
        (line, column) = (start.line, start.column);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_words_in_any_language() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> = keywords(&lint::ears::parse(text, None))
                .iter()
                .map(|span| span.text(text.as_bytes()))
                .collect();
            assert_eq!(found, expected, "{text}");
        };
        check("WHEN it starts, THE Greeter SHALL greet", &["WHEN", "SHALL"]);
        check("when it starts, the greeter shall greet", &["when", "shall"]);
        check("IF it fails, THEN the Greeter SHALL NOT greet", &["IF", "THEN", "SHALL NOT"]);
        check("the words WHEN and SHALLOW say nothing", &[]);
        check("CUANDO el usuario entra, EL Sistema DEBE guardar la sesión", &["CUANDO", "DEBE"]);
        check("", &[]);
    }
}
