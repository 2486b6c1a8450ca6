//! The places where tasks name tasks without a word in front: `_Depends: 1.2_`, `(dep: 5, 6)`, and the waves of the
//! dependency graph. Only ids that exist count; everything else is left alone.

use std::collections::HashSet;

use crate::Span;
use crate::outline::headings;
use crate::references::labels::{self, DEPENDENCIES};
use crate::references::lexer::byte;
use crate::references::same_length;
use crate::text::Text;
use crate::waves;

/// One id of a task in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListItem {
    pub(super) id: String,
    /// The id alone.
    pub(super) number: Span,
    /// The id with its quotes.
    pub(super) span: Span,
    /// Items of one list have one number.
    pub(super) list: usize,
    /// The id of a range's end, and its place.
    pub(super) to: Option<(String, Span)>,
    /// A number of JSON, without quotes.
    pub(super) is_json_number: bool,
    /// Behind other words or in brackets, as in `Phase 3 complete`: it may count something else.
    pub(super) is_unsure: bool,
}

/// What a document names in lists, in order. `known` are the ids of its tasks.
pub(super) fn read(bytes: &[u8], known: &HashSet<&str>, first_list: usize) -> Vec<ListItem> {
    let text = Text::read(bytes);
    let mut out = Vec::new();
    let mut list = first_list;
    for line in text.lines() {
        let content = same_length(text.of(line));
        list += 1;
        if let Some(found) = labels::find(&content, &DEPENDENCIES) {
            values(
                content.as_bytes(),
                found.value.start,
                found.value.end,
                line.span.offset,
                known,
                list,
                &mut out,
            );
        }
        for open in ["(dep: ", "(deps: ", "(depends on ", "(depends: ", "(depends on: "] {
            if let Some(at) = content.find(open) {
                let from = at + open.len();
                let end = content
                    .get(from..)
                    .and_then(|rest| rest.find(')'))
                    .map_or(content.len(), |end| from + end);
                values(content.as_bytes(), from, end, line.span.offset, known, list, &mut out);
                break;
            }
        }
    }
    if let Some((span, json)) = waves::json_of(&text, &headings(&text)) {
        json_ids(json, span.offset, known, &mut list, &mut out);
    }
    out.sort_by_key(|item| item.number.offset);
    out.dedup_by_key(|item| item.number);
    out
}

/// `1.2, Task 1.3 (for x), T-4`: each piece between commas counts when it begins with an id.
fn values(
    s: &[u8],
    from: usize,
    to: usize,
    offset: usize,
    known: &HashSet<&str>,
    list: usize,
    out: &mut Vec<ListItem>,
) {
    let mut at = from;
    let mut depth = 0usize;
    let mut is_fresh = true;
    while at < to {
        let b = byte(s, at);
        match b {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' | b';' | b'[' | b'+' | b'&' => is_fresh = true,
            _ => {}
        }
        if !(b.is_ascii_alphanumeric() || b >= 0x80) {
            at += 1;
            continue;
        }
        let end = at + token_len(s.get(at..to).unwrap_or_default());
        let word = std::str::from_utf8(s.get(at..end).unwrap_or_default()).unwrap_or_default();
        let is_filler = ["task", "tasks", "and", "und", "y", "et", "и", "和", "と", "任务", "タスク"]
            .iter()
            .any(|filler| word.eq_ignore_ascii_case(filler));
        if known.contains(word) {
            let number = Span::between(offset + at, offset + end);
            let is_unsure = !is_fresh || depth > 0;
            let id = word.to_string();
            let mut item =
                ListItem { id, number, span: number, list, to: None, is_json_number: false, is_unsure };
            let mut next = end;
            if let Some(dash) =
                ["-", "–", "—"].iter().find(|dash| crate::references::lexer::starts(s, end, dash))
            {
                let right = end + dash.len();
                let close = right + token_len(s.get(right..to).unwrap_or_default());
                let other = std::str::from_utf8(s.get(right..close).unwrap_or_default()).unwrap_or_default();
                if known.contains(other) {
                    let number = Span::between(offset + right, offset + close);
                    item.span = Span::between(item.span.offset, number.end());
                    item.to = Some((other.to_string(), number));
                    next = close;
                }
            }
            out.push(item);
            at = next;
            // `1.2 1.3`: ids may stand side by side; words end the piece.
            continue;
        }
        is_fresh = is_fresh && is_filler;
        at = end.max(at + 1);
    }
}

/// The length of an id: letters, digits, dots between digits, and the hyphen of `T-4`.
fn token_len(s: &[u8]) -> usize {
    let is_wide = s.first().is_some_and(|b| *b >= 0x80);
    let mut end = 0;
    while let Some(b) = s.get(end) {
        let is_before_digit = s.get(end + 1).is_some_and(u8::is_ascii_digit);
        let is_letters = || s.get(..end).is_some_and(|word| word.iter().all(u8::is_ascii_alphabetic));
        let is_part = match b {
            _ if is_wide => *b >= 0x80,
            b'.' => is_before_digit,
            b'-' => end > 0 && is_before_digit && is_letters(),
            b => b.is_ascii_alphanumeric(),
        };
        if !is_part {
            break;
        }
        end += 1;
    }
    end
}

/// The ids in the arrays of the graph: elements of `"tasks"`, and of arrays that stand in arrays.
fn json_ids(json: &[u8], offset: usize, known: &HashSet<&str>, list: &mut usize, out: &mut Vec<ListItem>) {
    // For each open bracket: whether it is an array of ids, and its list.
    let mut open: Vec<(bool, usize)> = Vec::new();
    let mut key: Option<Vec<u8>> = None;
    let mut at = 0;
    while at < json.len() {
        let b = byte(json, at);
        match b {
            b'[' => {
                *list += 1;
                let holds_ids = match &key {
                    Some(key) => key.eq_ignore_ascii_case(b"tasks"),
                    None => true,
                };
                open.push((holds_ids, *list));
                key = None;
            }
            b'{' => {
                open.push((false, *list));
                key = None;
            }
            b']' | b'}' => {
                open.pop();
                key = None;
            }
            b',' => key = None,
            b'"' => {
                let end = string_end(json, at);
                let inner = json.get(at + 1..end).unwrap_or_default();
                let behind = json.get(end + 1..).unwrap_or_default().trim_ascii_start();
                if behind.first() == Some(&b':') {
                    key = Some(inner.to_vec());
                } else {
                    let id = std::str::from_utf8(inner).unwrap_or_default();
                    // `1. Title`: Kiro's own identity of a task begins with its number.
                    let bare = id.split([' ', '\t']).next().unwrap_or_default().trim_end_matches('.');
                    push_id(bare, at + 1, (at, end + 1), offset, known, &open, out);
                }
                at = end;
            }
            b'0'..=b'9' => {
                let len = token_len(json.get(at..).unwrap_or_default());
                let id = std::str::from_utf8(json.get(at..at + len).unwrap_or_default()).unwrap_or_default();
                push_id(id, at, (at, at + len), offset, known, &open, out);
                at += len.max(1) - 1;
            }
            _ => {}
        }
        at += 1;
    }
}

fn push_id(
    id: &str,
    at: usize,
    whole: (usize, usize),
    offset: usize,
    known: &HashSet<&str>,
    open: &[(bool, usize)],
    out: &mut Vec<ListItem>,
) {
    if let Some((true, list)) = open.last()
        && known.contains(id)
    {
        out.push(ListItem {
            id: id.to_string(),
            number: Span::between(offset + at, offset + at + id.len()),
            span: Span::between(offset + whole.0, offset + whole.1),
            list: *list,
            to: None,
            is_json_number: whole.0 == at,
            is_unsure: false,
        });
    }
}

/// The closing quote of the string that opens at `at`.
fn string_end(json: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < json.len() {
        match byte(json, end) {
            b'\\' => end += 1,
            b'"' => return end,
            _ => {}
        }
        end += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let known = HashSet::from(["1", "2", "1.1", "1.2", "2.10", "7b", "T-4"]);
        let got: Vec<String> = read(text.as_bytes(), &known, 0)
            .into_iter()
            .filter(|item| !item.is_unsure)
            .map(|item| {
                let to = item.to.map(|(to, _)| format!("..{to}")).unwrap_or_default();
                format!("{}{to}", item.number.text(text.as_bytes()))
            })
            .collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn dependencies() {
        check("  - _Depends: 1.2, 7b_", &["1.2", "7b"]);
        check("  - **Dependencies:** Task 1.1, Task 1.2 (for 2)", &["1.1", "1.2"]);
        check("  - _Dependencies: [1.1, 2.10]_", &["1.1", "2.10"]);
        check("- [ ] 3. T (dep: 1, T-4)", &["1", "T-4"]);
        check("  - Depends on: Node 1, React 2", &[]);
        check("- [x] 9. Gate (depends on Tasks 1–2)", &["1..2"]);
        check("  - _Dependencies: 1.1 done first, 2_", &["1.1", "2"]);
    }

    #[test]
    fn waves() {
        let graph = |json: &str| format!("## Task Dependency Graph\n\n```json\n{json}\n```\n");
        check(&graph(r#"{"waves":[{"id":1,"tasks":["1.1","2. T"],"dependsOn":[1]}]}"#), &["1.1", "2"]);
        check(&graph(r#"[["1",2],["2.10"]]"#), &["1", "2", "2.10"]);
        check(&graph(r#"{"waves":[{"tasks":["1""#), &["1"]);
    }
}
