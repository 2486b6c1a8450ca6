//! Where in a document something stands that the plan knows only by name: a cited number, an id in the graph. Judges
//! nothing.

use std::collections::HashMap;

use spec::Span;
use spec::references::{self, Form};
use spec::waves::Claim;

use super::context::Document;

/// The place of a number in a stretch of the document, not inside a longer number: `1.2` is not in `1.2.3` or `11.2`, but
/// it is in `1.2.` and `(1.2)`. For numbers that no reader gives a place of.
pub(super) fn number_in(document: &Document<'_>, stretch: Span, number: &str) -> Option<Span> {
    let bytes = document.bytes;
    let is_number_byte = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_apart = |at: &usize| {
        let before = bytes.get(..*at).unwrap_or_default();
        let behind = bytes.get(at + number.len()..).unwrap_or_default();
        let dotted_before = before.last() == Some(&b'.') && is_number_byte(before.iter().rev().nth(1));
        let dotted_behind = behind.first() == Some(&b'.') && is_number_byte(behind.get(1));
        !is_number_byte(before.last()) && !is_number_byte(behind.first()) && !dotted_before && !dotted_behind
    };
    let hay = bytes.get(stretch.offset..stretch.end().min(bytes.len()))?;
    let windows = hay.windows(number.len().max(1)).enumerate();
    let hits = windows.filter(|(_, window)| *window == number.as_bytes()).map(|(at, _)| stretch.offset + at);
    hits.into_iter().find(is_apart).map(|offset| Span { offset, len: number.len() })
}

/// Where a stretch of the document cites something: the number, the range that means it, or the first line that cites
/// anything.
pub(super) fn citation(document: &Document<'_>, stretch: Span, id: &str) -> Span {
    let mut line_that_cites = None;
    let from = document.line_of(stretch.offset);
    let to = document.line_of(stretch.end().saturating_sub(1)) + 1;
    for (_, line) in document.prose(from, to) {
        for reference in references::spans(document.text.of(line), line.span.offset) {
            if reference.ids().iter().any(|known| known == id) {
                let is_range = matches!(reference.form, Form::Range { .. });
                return if is_range { reference.span } else { reference.number };
            }
            line_that_cites = line_that_cites.or(Some(line.span));
        }
    }
    line_that_cites.unwrap_or_else(|| document.first_line_of(stretch))
}

/// Where the graph names each task for the first and the second time.
pub(super) struct Listed<'a> {
    graph: Span,
    places: HashMap<&'a str, (Span, Option<Span>)>,
}

impl<'a> Listed<'a> {
    pub(super) fn of(graph: &'a Claim) -> Listed<'a> {
        let mut places: HashMap<&str, (Span, Option<Span>)> = HashMap::new();
        let arrows = graph.edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
        for named in graph.waves.iter().flat_map(|wave| &wave.tasks).chain(arrows) {
            places
                .entry(named.text.as_str())
                .and_modify(|(_, second)| *second = second.or(Some(named.span)))
                .or_insert((named.span, None));
        }
        Listed { graph: graph.span, places }
    }

    /// The first place of an id; the whole graph where it is named by other words.
    pub(super) fn first(&self, id: &str) -> Span {
        self.places.get(id).map_or(self.graph, |(first, _)| *first)
    }

    /// The second place of an id.
    pub(super) fn second(&self, id: &str) -> Span {
        self.places.get(id).and_then(|(_, second)| *second).unwrap_or_else(|| self.first(id))
    }
}
