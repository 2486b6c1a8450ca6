//! Keeps a draft's words words: nothing that comes from a person or a model may open a heading, a task, a fence or a
//! comment of the document around it. Writes no document.

use crate::task_line;
use crate::text::{Inside, Line, Text, after_list_marker};

/// Bytes of one line of a draft; what lies beyond is cut, so that no title grows into a document.
pub(super) const LINE_BYTES_MAX: usize = 4 * 1024;

/// Bytes of one long text of a draft; what lies beyond is cut.
pub(super) const BODY_BYTES_MAX: usize = 256 * 1024;

/// The words on one line, white space and control characters as single blanks, with a first character that starts
/// no Markdown block.
pub(super) fn line(words: &str) -> String {
    let mut out = String::with_capacity(words.len().min(LINE_BYTES_MAX));
    for word in words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if out.len() + word.len() > LINE_BYTES_MAX {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    // `1. - ```` opens a fence inside its list items, so the words behind the markers decide.
    let mut words = out.as_bytes();
    while let Some(rest) = after_list_marker(words) {
        words = rest;
    }
    let opens_fence = words.starts_with(b"```") || words.starts_with(b"~~~");
    if opens_fence {
        out.insert(out.len() - words.len(), '\\');
    }
    let is_box = out.starts_with('[') && out.chars().nth(2) == Some(']');
    let is_item =
        is_box || is_task(&out) || out.starts_with("- [") || out.starts_with("* [") || out.starts_with("+ [");
    if is_item || out.starts_with('#') || out.starts_with("<!--") {
        out.insert(0, '\\');
    }
    out
}

/// Whether the words would be read as a task, on their own or behind a bullet.
fn is_task(words: &str) -> bool {
    task_line::item(words).is_some()
        || task_line::row(words, None).is_some()
        || task_line::item(&format!("- {words}")).is_some()
}

/// [`line`], or `otherwise` when nothing is left.
pub(super) fn line_or(words: &str, otherwise: &str) -> String {
    let out = line(words);
    if out.is_empty() { otherwise.to_string() } else { out }
}

/// A command on one line, its own characters untouched but for line breaks and control characters.
pub(super) fn command(words: &str) -> String {
    let blanked: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(blanked.trim(), LINE_BYTES_MAX).to_string()
}

/// `text` without what stands behind the first `bytes_max` bytes, cut between characters.
fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Which headings a long text may bring along.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Headings {
    /// None: their marks are escaped.
    None,
    /// From the third level; higher ones are lowered to it.
    FromThird,
}

/// A long text with its Markdown, made safe to stand inside a section: headings as allowed, no tasks, no comment that
/// is left open, every fence closed. Ends without a line break; `otherwise` when nothing is left.
pub(super) fn body(words: &str, headings: Headings, otherwise: &str) -> String {
    let words: String = cut(words, BODY_BYTES_MAX)
        .replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect::<String>()
        .replace("<!--", "\\<!--");
    let words = words.trim_matches('\n').trim_end();
    let text = Text::read(words.as_bytes());
    let mut lines: Vec<String> = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        let content = text.str_of(line);
        match line.inside {
            Inside::Prose => {
                // A task line ended this fence; escaped, it no longer would.
                lines.extend(open.take());
                lines.push(prose(&content, headings));
            }
            Inside::FenceEdge => {
                open = match open {
                    Some(_) => None,
                    None => Some(closing(line, &content)),
                };
                lines.push(content.trim_end().to_string());
            }
            Inside::Fence | Inside::Comment => lines.push(content.trim_end().to_string()),
        }
    }
    lines.extend(open);
    let out = lines.join("\n");
    if out.trim().is_empty() { otherwise.to_string() } else { out }
}

/// The line that closes the fence which `content` opens.
fn closing(line: &Line, content: &str) -> String {
    let trimmed = content.trim_start().as_bytes();
    let words = after_list_marker(trimmed).unwrap_or(trimmed);
    let byte = words.first().copied().unwrap_or(b'`');
    let count = words.iter().take_while(|b| **b == byte).count();
    format!("{}{}", " ".repeat(line.indent), (byte as char).to_string().repeat(count))
}

fn prose(content: &str, headings: Headings) -> String {
    let content = content.trim_end();
    let trimmed = content.trim_start();
    let indent = content.get(..content.len() - trimmed.len()).unwrap_or_default();
    if trimmed.starts_with('#') {
        return heading(indent, trimmed, headings);
    }
    let after =
        trimmed.strip_prefix(['-', '*', '+']).map(str::trim_start).filter(|rest| rest.starts_with('['));
    match after.map(|after| trimmed.split_at_checked(trimmed.len() - after.len())) {
        Some(Some((bullet, after))) if !after.contains("](") => format!("{indent}{bullet}\\{after}"),
        _ if is_task(trimmed) => format!("{indent}\\{trimmed}"),
        _ => content.to_string(),
    }
}

fn heading(indent: &str, trimmed: &str, headings: Headings) -> String {
    let words = trimmed.trim_start_matches('#');
    let level = trimmed.len() - words.len();
    let is_heading = level <= 6 && (words.is_empty() || words.starts_with(char::is_whitespace));
    if !is_heading || headings == Headings::None {
        return format!("{indent}\\{trimmed}");
    }
    // Kiro takes a design with this heading for the design of a bug fix.
    let lower = words.trim().to_lowercase();
    let is_telling = lower == "bug condition" || lower == "fault condition";
    let level = level.max(if is_telling { 4 } else { 3 });
    format!("{} {}", "#".repeat(level), words.trim())
}

/// Takes off a number that the writer put before the words although the document numbers itself: `1.2 `, `2. `.
pub(super) fn without_number<'a>(words: &'a str, ids: &[&str]) -> &'a str {
    let trimmed = words.trim();
    for id in ids {
        if let Some(rest) = trimmed.strip_prefix(id) {
            let rest = rest.strip_prefix(['.', ')', ':']).unwrap_or(rest);
            if rest.starts_with(char::is_whitespace) {
                return rest.trim();
            }
        }
    }
    trimmed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_line_stays_one_line() {
        let check = |input: &str, expected: &str| assert_eq!(line(input), expected, "{input:?}");
        check(" a\n\n## b\t\u{0}c ", "a ## b c");
        check("# x", "\\# x");
        check("[ ] x", "\\[ ] x");
        check("1.1 [ ] x", "\\1.1 [ ] x");
        check("2. [x] y", "\\2. [x] y");
        check("| [ ] | 1 | z |", "\\| [ ] | 1 | z |");
        check("- [x] y", "\\- [x] y");
        check("```rm```", "\\```rm```");
        check("1. - ```rm", "1. - \\```rm");
        check("<!-- x", "\\<!-- x");
        check("naïve 日本", "naïve 日本");
    }

    #[test]
    fn a_body_keeps_its_markdown_and_cannot_leave_its_section() {
        let check = |input: &str, headings, expected: &str| {
            assert_eq!(body(input, headings, "-"), expected, "{input:?}")
        };
        check("# A\n## B\n#### C", Headings::FromThird, "### A\n### B\n#### C");
        check("# A\n#tag", Headings::None, "\\# A\n\\#tag");
        check("- [ ] 1. task\n- [a](b)", Headings::None, "- \\[ ] 1. task\n- [a](b)");
        check("```rs\n# x\n- [ ] y", Headings::None, "```rs\n# x\n- [ ] y\n```");
        check("a\r\n<!-- b\r\n", Headings::None, "a\n\\<!-- b");
        check("1. ```\n- [ ] x", Headings::None, "1. ```\n```\n- \\[ ] x");
        check(" \n", Headings::None, "-");
        check("### Bug Condition", Headings::FromThird, "#### Bug Condition");
    }

    proptest! {
        #[test]
        fn a_body_opens_nothing(s in "(\\PC|\n|```|~~~|<!--|- \\[ \\] |## ){0,40}") {
            let out = body(&s, Headings::None, "x");
            let text = Text::read(out.as_bytes());
            prop_assert_eq!(text.unclosed(), None);
            prop_assert_eq!(crate::outline::headings(&text).len(), 0);
            prop_assert_eq!(crate::tasks::Tasks::parse(out.as_bytes()).tasks.len(), 0);
        }
    }
}
