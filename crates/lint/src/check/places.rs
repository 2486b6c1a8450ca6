//! Where in a document something stands that the plan knows only by name: a cited number, an id in the graph, a term.
//! Judges nothing.

use spec::text::Inside;
use spec::{Span, Task};

use super::context::Document;

/// The place of a number in a stretch of the document, not inside a longer number; at or behind `from`.
pub(super) fn number_in(document: &Document<'_>, stretch: Span, number: &str) -> Option<Span> {
    let is_number_byte = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    find_apart(document.bytes, stretch, number.as_bytes(), |before, behind| {
        // `1.2` is not in `1.2.3` or `11.2`, but it is in `1.2.` and `(1.2)`.
        let dotted_before = before.last() == Some(&b'.') && is_number_byte(before.iter().rev().nth(1));
        let dotted_behind = behind.first() == Some(&b'.') && is_number_byte(behind.get(1));
        !is_number_byte(before.last()) && !is_number_byte(behind.first()) && !dotted_before && !dotted_behind
    })
}

fn find_apart(
    bytes: &[u8],
    stretch: Span,
    needle: &[u8],
    fits: impl Fn(&[u8], &[u8]) -> bool,
) -> Option<Span> {
    if needle.is_empty() {
        return None;
    }
    let hay = bytes.get(stretch.offset..stretch.end().min(bytes.len()))?;
    hay.windows(needle.len())
        .enumerate()
        .filter(|(_, window)| *window == needle)
        .map(|(at, _)| stretch.offset + at)
        .find(|at| {
            let before = bytes.get(..*at).unwrap_or_default();
            let behind = bytes.get(at + needle.len()..).unwrap_or_default();
            fits(before, behind)
        })
        .map(|offset| Span { offset, len: needle.len() })
}

/// Where a task cites something: the number itself, or the whole line when a range or other words mean it.
pub(super) fn citation(document: &Document<'_>, task: &Task, reference: &str) -> Span {
    let mut line_that_cites = None;
    let from = document.line_of(task.span.offset);
    let to = document.line_of(task.span.end().saturating_sub(1)) + 1;
    let bare = reference.rsplit('-').next().unwrap_or(reference);
    for (_, line) in document.prose(from, to) {
        let content = document.text.str_of(line);
        if spec::references::read_line(&content).is_none() {
            continue;
        }
        let found =
            number_in(document, line.span, reference).or_else(|| number_in(document, line.span, bare));
        if let Some(span) = found {
            return span;
        }
        line_that_cites = line_that_cites.or(Some(line.span));
    }
    line_that_cites.unwrap_or_else(|| document.first_line_of(task.span))
}

/// The lines of the graph's JSON.
pub(super) fn graph(document: &Document<'_>) -> Option<Span> {
    let heading = document.heading(&[spec::waves::HEADING])?;
    let lines = document.text.lines().get(heading.line..heading.end)?;
    let mut code = lines.iter().filter(|line| line.inside == Inside::Fence);
    let first = code.next()?;
    let last = code.next_back().unwrap_or(first);
    Some(Span::between(first.span.offset, last.span.end()))
}

/// The `nth` place of an id in the graph, counted from 0; the whole graph when it is not found.
pub(super) fn in_graph(document: &Document<'_>, graph: Span, id: &str, nth: usize) -> Span {
    let mut stretch = graph;
    for left in (0..=nth).rev() {
        let quoted = format!("\"{id}");
        let found = find_apart(document.bytes, stretch, quoted.as_bytes(), |_, behind| {
            matches!(behind, [b'"' | b'.' | b' ', ..])
        });
        let found = found
            .map(|span| Span { offset: span.offset + 1, len: span.len - 1 })
            .or_else(|| number_in(document, stretch, id));
        let Some(span) = found else { return graph };
        if left == 0 {
            return span;
        }
        stretch = Span::between(span.end(), graph.end());
    }
    graph
}
