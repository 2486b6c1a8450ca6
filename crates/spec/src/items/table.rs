//! Rows of tables as items. Knows no column by name.

use super::number::{Number, number};
use super::{Item, Mark};
use crate::Span;
use crate::digits::{is_digit, plain};
use crate::requirements::fold::offset_in;
use crate::text::Line;

/// Cells of one row; what lies beyond belongs to the last.
const CELLS_MAX: usize = 32;

/// Whether the line is the rule below a table's head: `|---|:-:|`.
pub(crate) fn is_delimiter(line: &str) -> bool {
    let line = line.trim();
    line.contains('-')
        && line.contains('|')
        && line.bytes().all(|b| matches!(b, b'|' | b'-' | b':' | b' ' | b'\t'))
}

/// The row as an item: its first cell is the number when it reads as one, the others are the text.
pub(crate) fn row(line: &Line, content: &str) -> Option<Item> {
    if is_delimiter(content) {
        return None;
    }
    let cells = cells(content);
    let (first, rest) = cells.split_first()?;
    let found = cell_number(first);
    let words: Vec<&str> = match found {
        Some(_) => rest.iter().copied().filter(|cell| !cell.is_empty()).collect(),
        None => cells.iter().copied().filter(|cell| !cell.is_empty()).collect(),
    };
    let (start, end) = (words.first()?, words.last()?);
    let is_exact = content.len() == line.span.len;
    let at = |part: &str| line.span.offset + offset_in(content, part);
    Some(Item {
        number_span: found
            .as_ref()
            .filter(|_| is_exact)
            .map(|(_, written)| Span { offset: at(written), len: written.len() }),
        number: found.map(|(number, _)| number),
        is_sure: true,
        mark: Mark::Row,
        text: words.join(" | "),
        indent: 0,
        span: line.span,
        text_span: if is_exact { Span::between(at(start), at(end) + end.len()) } else { line.span },
        is_after_label: false,
        has_box: false,
    })
}

fn cells(content: &str) -> Vec<&str> {
    let inner = content.trim();
    let inner = inner.strip_prefix('|').unwrap_or(inner);
    let inner = inner.strip_suffix('|').filter(|inner| !inner.ends_with('\\')).unwrap_or(inner);
    let mut cells = Vec::new();
    let mut start = 0;
    let mut is_escaped = false;
    for (index, byte) in inner.bytes().enumerate() {
        if byte == b'|' && !is_escaped && cells.len() < CELLS_MAX {
            cells.extend(inner.get(start..index).map(str::trim));
            start = index + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    cells.extend(inner.get(start..).map(str::trim));
    cells
}

fn cell_number(cell: &str) -> Option<(Number, &str)> {
    let bare = cell.trim_matches(|c: char| matches!(c, '*' | '_' | '`' | '[' | ']' | '#' | ' '));
    let is_short = bare.len() <= CELL_NUMBER_BYTES_MAX && bare.chars().all(is_digit);
    if let Some(value) = plain(bare).parse().ok().filter(|_| is_short) {
        return Some((Number::Plain(value), bare));
    }
    number(cell).filter(|found| found.rest.len() <= CELL_REST_MAX).map(|found| (found.number, found.written))
}

/// Bytes of a number in its cell; digits of other scripts have up to three.
const CELL_NUMBER_BYTES_MAX: usize = 18;

/// Bytes behind the number in its cell: a remark, and no sentence.
const CELL_REST_MAX: usize = 24;
