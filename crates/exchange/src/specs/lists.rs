//! List items of a stretch of a source file, continuation lines and nested items joined to one line each. Gives no ids.

use super::account::Account;

/// One item of the outermost list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListItem {
    /// Everything behind the marker, on one line.
    pub(crate) text: String,
    /// Its lines.
    pub(crate) lines: Vec<usize>,
}

/// Items read from one stretch; what lies beyond stays open in the account.
const ITEMS_MAX: usize = 5_000;

/// The items of open prose lines `from..to`.
pub(crate) fn read(account: &Account, from: usize, to: usize) -> Vec<ListItem> {
    let mut items: Vec<ListItem> = Vec::new();
    let mut base = 0;
    let mut is_after_blank = false;
    let mut is_open = false;
    for at in from..to.min(account.len()) {
        let line = account.line(at);
        if line.trim().is_empty() {
            is_after_blank = true;
            continue;
        }
        if !account.is_prose(at) || !account.is_open(at) || account.heading(at).is_some() {
            is_open = false;
            continue;
        }
        let indent = account.indent(at);
        match (marker(line), items.last_mut()) {
            (Some(text), None) => {
                base = indent;
                items.push(ListItem { text: text.to_string(), lines: vec![at] });
                is_open = true;
            }
            (Some(text), Some(_)) if indent <= base || !is_open => {
                if items.len() >= ITEMS_MAX {
                    return items;
                }
                items.push(ListItem { text: text.to_string(), lines: vec![at] });
                is_open = true;
            }
            (found, Some(last)) if is_open && (found.is_some() || !is_after_blank || indent > base) => {
                let words = found.unwrap_or(line).trim();
                last.text.push(' ');
                last.text.push_str(words);
                last.lines.push(at);
            }
            _ => is_open = false,
        }
        is_after_blank = false;
    }
    items
}

/// What stands behind `- `, `* `, `+ `, `1. ` or `1) `.
pub(crate) fn marker(line: &str) -> Option<&str> {
    let trimmed = line.trim();
    let digits = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = match trimmed.len() - digits.len() {
        0 => trimmed.strip_prefix(['-', '*', '+'])?,
        1..=9 => digits.strip_prefix(['.', ')'])?,
        _ => return None,
    };
    rest.starts_with([' ', '\t']).then(|| rest.trim_start())
}

/// Label and value of `**Label**: value`, `**Label:** value` and `Label: value`.
pub(crate) fn labelled(line: &str) -> Option<(&str, &str)> {
    let trimmed = line.trim();
    let (label, value) = trimmed.split_once([':', '：'])?;
    let label = label.trim_matches(['*', '_', ' ']);
    (!label.is_empty()).then(|| (label, value.trim_start_matches(['*', '_']).trim()))
}

/// All words on one line, runs of white space as single blanks.
pub(crate) fn one_line(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for word in words.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_one_line_each() {
        let check = |source: &str, expected: &[&str]| {
            let account = Account::of("a.md", source.as_bytes());
            let items = read(&account, 0, account.len());
            assert_eq!(
                items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>(),
                expected,
                "{source:?}"
            );
        };
        check("1. a\n2. b\n   more\n\nparagraph\n", &["a", "b more"]);
        check("text\n- a\n  - nested\n  - two\n- b\n", &["a nested two", "b"]);
        check("- a\n\n  later\n\n- b\n", &["a later", "b"]);
        check("* a\n# H\n* b\n", &["a", "b"]);
        check("- a\n```\n- code\n```\n- b\n", &["a", "b"]);
        check("none\n", &[]);
        check("**Bold**: x\n", &[]);
    }

    #[test]
    fn labels() {
        let check = |line: &str, expected: Option<(&str, &str)>| assert_eq!(labelled(line), expected);
        check("**Why this priority**: because", Some(("Why this priority", "because")));
        check("**Goal:** x", Some(("Goal", "x")));
        check("Purpose: a: b", Some(("Purpose", "a: b")));
        check("none", None);
    }
}
