//! Colours that depend on meaning: ids, terms, tasks that are done, and the key words of criteria.

use lsp_types::{
    SemanticToken, SemanticTokenModifier, SemanticTokenType, SemanticTokens, SemanticTokensLegend,
    SemanticTokensParams, SemanticTokensResult,
};
use plan::occurrences::{Item, Role};
use spec::{Span, State as TaskState};

use crate::locate;
use crate::state::State;

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
    for one in spec.occurrences.iter().filter(|one| one.file == file) {
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
        let is_done = matches!(&one.item, Item::Task(id)
            if spec.plan.step(id).is_some_and(|step| step.state == TaskState::Done));
        if matches!(one.item, Item::Task(_)) && one.role == Role::Definition && !is_done {
            continue;
        }
        let declaration = if one.role == Role::Definition { DECLARATION } else { 0 };
        spans.push((span, kind, declaration | if is_done { DONE } else { 0 }));
    }
    for (criterion_file, criterion) in spec.reading.criteria() {
        if criterion_file == file {
            spans.extend(keywords(bytes, criterion.span).map(|span| (span, KEYWORD, 0)));
        }
    }
    let lines = state.lines(&path, bytes);
    Some(SemanticTokensResult::Tokens(SemanticTokens {
        result_id: None,
        data: encoded(&lines, bytes, spans),
    }))
}

/// The key words of EARS as they stand in a criterion: words in capitals, as every dialect writes them.
fn keywords(bytes: &[u8], span: Span) -> impl Iterator<Item = Span> {
    const WORDS: &[&str] = &[
        "WHEN", "WHILE", "WHERE", "IF", "THEN", "SHALL", "NOT", "MUST", "GIVEN", "AND", "OR", "CONTINUE",
        "TO",
    ];
    let content = span.slice(bytes);
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = content.get(at..)?;
            let start = at + rest.iter().position(u8::is_ascii_alphabetic)?;
            let len =
                content.get(start..)?.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            at = start + len;
            let word = std::str::from_utf8(content.get(start..at)?).unwrap_or_default();
            if WORDS.contains(&word) {
                return Some(Span { offset: span.offset + start, len });
            }
        }
    })
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
