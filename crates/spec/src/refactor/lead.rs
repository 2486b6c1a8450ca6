//! What stands before the words of a list item, so that a new item can be written like its neighbour. Reads one line.

use std::ops::Range;

use crate::references::lexer::{byte, skip_blanks};

/// The head of a line: what stands before its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lead {
    /// The number as written, digits and dots alone.
    pub(super) number: Option<Range<usize>>,
    /// Where the words begin.
    pub(super) body: usize,
}

/// `3. WHEN`, `- [ ] 1.2 WHEN`, `**1.2** WHEN`, `- WHEN`.
pub(super) fn of_item(line: &[u8]) -> Lead {
    let mut at = skip_blanks(line, 0);
    if matches!(byte(line, at), b'-' | b'*' | b'+') && matches!(byte(line, at + 1), b' ' | b'\t') {
        at = skip_blanks(line, at + 1);
    }
    if byte(line, at) == b'[' && byte(line, at + 2) == b']' && byte(line, at + 3) == b' ' {
        at = skip_blanks(line, at + 3);
    }
    let body = at;
    let number_at = skip_marks(line, at);
    let end = digits(line, number_at);
    if end == number_at {
        return Lead { number: None, body };
    }
    let is_dotted = line.get(number_at..end).is_some_and(|number| number.contains(&b'.'));
    let stop = matches!(byte(line, end), b'.' | b')' | b':') || line.get(end..).is_some_and(is_wide_colon);
    if !is_dotted && !matches!(byte(line, end), b'.' | b')') {
        return Lead { number: None, body };
    }
    let mut after = end + usize::from(stop);
    while matches!(byte(line, after), b'*' | b'_' | b':' | b')' | 0xBC | 0x9A) {
        after += 1;
    }
    Lead { number: Some(number_at..end), body: skip_blanks(line, after) }
}

fn is_wide_colon(rest: &[u8]) -> bool {
    rest.starts_with("：".as_bytes())
}

fn skip_marks(line: &[u8], mut at: usize) -> usize {
    while matches!(byte(line, at), b'*' | b'_') {
        at += 1;
    }
    at
}

/// The end of `1`, `1.2` at `at`; `at` itself when there is no digit. A final dot is left out.
fn digits(line: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        let count = line.get(end..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
        end += count;
        if count == 0 || byte(line, end) != b'.' || !byte(line, end + 1).is_ascii_digit() {
            return end;
        }
        end += 1;
    }
}

/// The first place of `needle` at or behind `from`.
pub(super) fn find(line: &[u8], needle: &[u8], from: usize) -> Option<Range<usize>> {
    if needle.is_empty() {
        return None;
    }
    let at = line.get(from..)?.windows(needle.len()).position(|window| window == needle)? + from;
    Some(at..at + needle.len())
}

/// The column of the first byte that is not white space, as bytes.
pub(super) fn indent(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_items() {
        let check = |line: &str, number: Option<&str>, body: &str| {
            let lead = of_item(line.as_bytes());
            assert_eq!((lead.number.map(|at| &line[at]), &line[lead.body..]), (number, body), "{line}");
        };
        check("3. WHEN a", Some("3"), "WHEN a");
        check("  - [ ] 1.2 WHEN a", Some("1.2"), "WHEN a");
        check("- **1.2** WHEN a", Some("1.2"), "WHEN a");
        check("1.2：a", Some("1.2"), "a");
        check("- 3 retries", None, "3 retries");
        check("- **bold** a", None, "**bold** a");
        check("4) a", Some("4"), "a");
    }
}
