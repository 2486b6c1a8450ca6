//! List items and numbered paragraphs of a stretch of prose, with their continuation lines. Gives no ids.

use crate::Span;
use crate::inline::{dotted, is_bullet, ordered, strip_bullet};
use crate::text::{Inside, Text};

/// Items read from one stretch; what lies beyond is ignored. The longest real list has under a hundred.
pub(crate) const ITEMS_MAX: usize = 5_000;

/// One item. `number` is what stands before the text: `3` of `3. x`, `1.2` of `- 1.2 x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) number: Option<String>,
    pub(crate) text: String,
    pub(crate) indent: usize,
    pub(crate) span: Span,
}

/// The items of lines `from..to`. Text before the first item, and code, is left out.
pub(crate) fn read(text: &Text<'_>, from: usize, to: usize) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut is_open = false;
    let mut is_after_blank = false;
    for line in text.lines().get(from..to.min(text.lines().len())).unwrap_or_default() {
        if line.inside != Inside::Prose {
            continue;
        }
        let content = text.str_of(line);
        if content.trim().is_empty() {
            is_after_blank = true;
            continue;
        }
        if let Some((number, body)) = start(&content) {
            if items.len() >= ITEMS_MAX {
                return items;
            }
            items.push(Item { number, text: body.to_string(), indent: line.indent, span: line.span });
            is_open = true;
        } else if let Some(item) = items.last_mut() {
            // An unindented line behind a blank one is a paragraph of its own; so is a heading.
            let is_apart =
                is_after_blank && line.indent <= item.indent || content.trim_start().starts_with('#');
            if is_apart || !is_open {
                is_open = false;
            } else {
                item.text.push('\n');
                item.text.push_str(content.trim());
                item.span = Span::between(item.span.offset, line.span.end());
            }
        }
        is_after_blank = false;
    }
    items
}

fn start(content: &str) -> Option<(Option<String>, &str)> {
    if let Some((number, body)) = dotted(strip_bullet(content)) {
        return Some((Some(number.to_string()), without_box(body)));
    }
    if let Some((number, body)) = ordered(content) {
        return Some((Some(number.to_string()), without_box(body)));
    }
    is_bullet(content).then(|| {
        let body = without_box(strip_bullet(content));
        match dotted(body) {
            Some((number, body)) => (Some(number.to_string()), body),
            None => match ordered(body) {
                Some((number, body)) => (Some(number.to_string()), body),
                None => (None, body),
            },
        }
    })
}

/// People tick criteria, too.
fn without_box(body: &str) -> &str {
    for mark in ["[ ] ", "[x] ", "[X] ", "[-] ", "[~] "] {
        if let Some(rest) = body.strip_prefix(mark) {
            return rest.trim_start();
        }
    }
    body
}

/// Gives ids to a list: a dotted number is kept, a plain one counts when it goes up, the rest are counted on
/// from the last. `stem` is `1.` inside requirement 1 and empty in a flat list. Deeper items become part of the
/// text of the item above them, unless `nested` asks for ids such as `2.1`.
pub(crate) fn numbered(items: Vec<Item>, stem: &str, nested: bool) -> Vec<(String, Item)> {
    let base = items.first().map_or(0, |item| item.indent);
    let mut out: Vec<(String, Item)> = Vec::new();
    let mut last = 0u32;
    let mut last_nested = 0u32;
    for item in items {
        if item.indent > base && !out.is_empty() {
            let parent = format!("{stem}{last}");
            if nested {
                last_nested += 1;
                let id = item
                    .number
                    .clone()
                    .filter(|n| n.contains('.'))
                    .unwrap_or(format!("{parent}.{last_nested}"));
                out.push((id, item));
            } else if let Some((_, above)) = out.last_mut() {
                above.text.push('\n');
                above.text.push_str(&item.text);
                above.span = Span::between(above.span.offset, item.span.end());
            }
            continue;
        }
        last_nested = 0;
        let id = match item.number.as_deref() {
            Some(number) if number.contains('.') => {
                let tail = number.rsplit('.').next().and_then(|tail| tail.parse().ok());
                last = tail.unwrap_or(last).max(last);
                number.to_string()
            }
            Some(number) => {
                let written: u32 = number.parse().unwrap_or(0);
                last = if written > last { written } else { last.saturating_add(1) };
                format!("{stem}{last}")
            }
            None => {
                last = last.saturating_add(1);
                format!("{stem}{last}")
            }
        };
        out.push((id, item));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, nested: bool, expected: &[(&str, &str)]) {
        let text = Text::read(input.as_bytes());
        let got: Vec<_> = numbered(read(&text, 0, usize::MAX), "", nested)
            .into_iter()
            .map(|(id, item)| (id, item.text))
            .collect();
        let want: Vec<_> = expected.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        assert_eq!(got, want, "{input}");
    }

    #[test]
    fn ids_are_the_written_numbers_or_the_place() {
        check("1. a\n2. b\n", false, &[("1", "a"), ("2", "b")]);
        check("1. a\n1. b\n1. c\n", false, &[("1", "a"), ("2", "b"), ("3", "c")]);
        check("- a\n- b\n  wrapped\n\nnot part\n", false, &[("1", "a"), ("2", "b\nwrapped")]);
        check("1.1 WHEN a\n\n1.2 WHEN b\n", false, &[("1.1", "WHEN a"), ("1.2", "WHEN b")]);
        check("- [x] 1.1 a\n- [ ] b\n", false, &[("1.1", "a"), ("2", "b")]);
        check("1. a\n   - a1\n2. b\n", false, &[("1", "a\na1"), ("2", "b")]);
        check(
            "1. a\n   - a1\n   - a2\n2. b\n",
            true,
            &[("1", "a"), ("1.1", "a1"), ("1.2", "a2"), ("2", "b")],
        );
        check("text\n```\n1. code\n```\n", false, &[]);
    }
}
