//! Terms and what they mean: lists, bold paragraphs, tables, headings. Checks no use of them.

use super::roles::{Role, Source, is_statement};
use super::{TERMS_MAX, Term};
use crate::Span;
use crate::inline::strip_bullet;
use crate::items::{self, Mark, Reading};
use crate::outline::Heading;

/// Every term of the document in order.
pub(super) fn terms(source: &Source<'_, '_>) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut done = 0;
    for (index, heading) in source.headings.iter().enumerate() {
        let is_section = source.role(index) == Role::Glossary && (heading.level > 1 || index > 0);
        if is_section && heading.line >= done {
            read(source, heading, index, &mut terms);
            done = heading.end;
        }
    }
    terms.truncate(TERMS_MAX);
    terms
}

fn read(source: &Source<'_, '_>, section: &Heading, index: usize, terms: &mut Vec<Term>) {
    let before = terms.len();
    let reading = Reading { rows: true, ..Reading::default() };
    let items = items::read_with(source.text, section.line + 1, section.end, reading);
    let base = items.first().map_or(0, |item| item.indent);
    for item in items.iter().filter(|item| item.indent <= base + 1) {
        let span = match item.number_span {
            // A term may look like a number: `R1`, `AC-2`.
            Some(number) => Span::between(number.offset, item.text_span.end()),
            None => item.text_span,
        };
        let words = span.text(source.text.bytes());
        if item.mark == Mark::Row {
            terms.extend(row(&words, span));
        } else {
            terms.extend(term(&words, span));
        }
    }
    if terms.len() == before {
        for (_, line) in source.prose(section.line + 1, section.end) {
            let content = source.text.str_of(line);
            let body = strip_bullet(&content);
            if body.starts_with("**") || body.starts_with("__") {
                let offset = line.span.offset + super::fold::offset_in(&content, body);
                terms.extend(term(body, Span { offset, len: body.len() }));
            }
        }
    }
    if terms.len() == before {
        let below =
            source.headings_in(section.line + 1, section.end).filter_map(|at| source.headings.get(at));
        let below = below.filter(|heading| heading.parent == Some(index));
        terms.extend(below.map(|heading| {
            let line = source.text.lines().get(heading.line).map(|line| line.span).unwrap_or_default();
            let text = line.text(source.text.bytes());
            let at = text.find(heading.title.as_str()).unwrap_or_default();
            let name = marks_off(&heading.title);
            let at = at + super::fold::offset_in(&heading.title, name);
            Term {
                name: name.to_string(),
                definition: heading.full_body(source.text),
                span: Span { offset: line.offset + at, len: name.len() },
            }
        }));
    }
}

fn marks_off(name: &str) -> &str {
    name.trim_matches(|c: char| {
        matches!(c, '*' | '_' | '`' | '"' | '“' | '”' | '「' | '」' | '\'' | ':' | '：') || c.is_whitespace()
    })
    .trim_matches(|c: char| matches!(c, '*' | '`'))
}

fn row(words: &str, span: Span) -> Option<Term> {
    let (name, rest) = words.split_once('|')?;
    entry(words, name, rest.trim(), span)
}

/// `**Name**: meaning`, `Name — meaning`, `**Name:** meaning`.
fn term(words: &str, span: Span) -> Option<Term> {
    const SEPARATORS: [&str; 7] = [":", "：", " - ", " — ", " – ", "—", " = "];
    for mark in ["**", "__"] {
        if let Some((name, rest)) = words.strip_prefix(mark).and_then(|open| open.split_once(mark)) {
            // `**Name** (short): meaning` keeps what is in brackets with the meaning.
            return entry(words, name, rest, span);
        }
    }
    let first = words.lines().next().unwrap_or_default();
    let at = SEPARATORS.iter().filter_map(|mark| Some((first.find(mark)?, mark.len()))).min();
    match at {
        Some((at, len)) => entry(words, words.get(..at)?, words.get(at + len..)?, span),
        // A sentence is no term.
        None if is_statement(first) => None,
        None => entry(words, first, "", span),
    }
}

fn entry(words: &str, name: &str, definition: &str, span: Span) -> Option<Term> {
    let name = marks_off(name);
    let is_name = !name.is_empty() && name.len() <= NAME_BYTES_MAX;
    let definition = definition.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '：' | '-' | '—' | '–' | '*' | '_' | '=')
    });
    is_name.then(|| Term {
        name: name.to_string(),
        definition: definition.lines().map(str::trim).collect::<Vec<_>>().join("\n"),
        span: Span { offset: span.offset + super::fold::offset_in(words, name), len: name.len() },
    })
}

/// Bytes of a term; longer ones are sentences.
const NAME_BYTES_MAX: usize = 200;
