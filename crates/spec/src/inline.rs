//! Words inside one line: bullets, emphasis, labels such as `Requirements:`, code spans. Knows no document.

/// The line without its list marker and the white space around it.
pub(crate) fn strip_bullet(line: &str) -> &str {
    let trimmed = line.trim();
    let after = trimmed.strip_prefix(['-', '*', '+']).filter(|rest| rest.starts_with([' ', '\t']));
    after.map_or(trimmed, str::trim_start)
}

/// A title without the letters or Chinese digits that count its chapter: `三、需求`, `（二）需求`, `II. Tasks`, `第三章 需求`.
pub(crate) fn without_chapter(title: &str) -> &str {
    let open = title.trim_start_matches(['（', '(', '第']);
    let is_counter = |c: char| "一二三四五六七八九十".contains(c);
    let rest = open.trim_start_matches(is_counter);
    let behind = |rest: &'static [char], text: &str| text.starts_with(rest);
    if rest.len() < open.len() {
        const STOPS: &[char] =
            &['、', '.', '．', '）', ')', ' ', '\u{3000}', '：', ':', '章', '节', '節', '部'];
        return if behind(STOPS, rest) {
            rest.trim_start_matches(STOPS).trim_start_matches(['分', ' ', '\u{3000}', '、', '：', ':'])
        } else {
            title
        };
    }
    let rest = open.trim_start_matches(['I', 'V', 'X', 'i', 'v', 'x']);
    let is_roman = rest.len() < open.len() && open.len() - rest.len() <= ROMAN_BYTES_MAX;
    let is_letter = open.starts_with(|c: char| c.is_ascii_uppercase()) && !is_roman;
    let rest = if is_letter { open.get(1..).unwrap_or_default() } else { rest };
    match rest.strip_prefix(['.', ')']).filter(|rest| rest.starts_with(' ')) {
        Some(rest) if is_roman || is_letter => rest.trim_start(),
        _ => title,
    }
}

/// The text without the signs and words between a word and its number: ` Nr. 1`, ` n° 1`, ` №1`, ` #1`, ` số 1`.
pub(crate) fn without_numero(text: &str) -> &str {
    const SIGNS: &[char] =
        &[' ', '\t', '-', '#', '_', '.', '№', '‑', '\u{a0}', '\u{202f}', '\u{3000}', '[', '(', '（', '第'];
    let rest = text.trim_start_matches(SIGNS);
    if rest.len() < text.len() { behind_numero(rest) } else { rest }
}

/// The digits behind `Nr.`, `n°` and their like, else the text itself.
pub(crate) fn behind_numero(text: &str) -> &str {
    const WORDS: &[&str] = &["nr", "no", "n°", "nº", "n.º", "n.°", "n", "num", "núm", "số", "номер"];
    let behind = WORDS.iter().find_map(|word| {
        let head = text.get(..word.len()).filter(|head| head.to_lowercase() == *word)?;
        let after = text.get(head.len()..)?.trim_start_matches(['.', ' ', '\u{a0}', '\u{202f}']);
        after.starts_with(crate::digits::is_digit).then_some(after)
    });
    behind.unwrap_or(text)
}

/// Letters of a Roman number before a title.
const ROMAN_BYTES_MAX: usize = 5;

/// Whether the line is a list item of `-`, `*` or `+`.
pub(crate) fn is_bullet(line: &str) -> bool {
    let trimmed = line.trim_start();
    trimmed.strip_prefix(['-', '*', '+']).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// Digits in one part of a number; a longer run is not an address that anybody wrote by hand.
pub(crate) const PART_DIGITS_MAX: usize = 6;

/// Bytes of the longest label; a colon behind more text than that ends a sentence.
pub(crate) const LABEL_BYTES_MAX: usize = 80;

/// The text behind `label:` when the line starts with one of `labels` (bullet and emphasis aside, any case).
/// The emphasis that closes the line is taken off, too.
pub(crate) fn labelled<'a>(line: &'a str, labels: &[&str]) -> Option<&'a str> {
    let (label, value) = label_of(line)?;
    labels.iter().any(|known| eq_ignore_case(label, known)).then_some(value)
}

/// Label and value of `- **Label:** value`, `_Label: value_`, `Label：value`, whatever the label says.
pub(crate) fn label_of(line: &str) -> Option<(&str, &str)> {
    let body = strip_bullet(line);
    let open = body.trim_start_matches(['_', '*']);
    let marks = body.len() - open.len();
    let (label, rest) = split_label(open)?;
    let label = label.trim_end_matches(['_', '*']).trim();
    // In `**Check:** x` the emphasis closes before the value, in `_Check: x_` behind it.
    let rest = rest.trim();
    let closed_early = rest.trim_start_matches(['_', '*']);
    if closed_early.len() < rest.len() && rest.len() - closed_early.len() == marks {
        return Some((label, closed_early.trim()));
    }
    let mut value = rest;
    for _ in 0..marks.min(MARKS_MAX) {
        value = value.strip_suffix(['_', '*']).unwrap_or(value);
    }
    Some((label, value.trim()))
}

/// Marks of emphasis around one label.
const MARKS_MAX: usize = 6;

fn split_label(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes().iter().take(LABEL_BYTES_MAX + 1);
    for (at, _) in bytes.enumerate().filter(|(_, byte)| matches!(byte, b':' | 0xEF)) {
        let (label, rest) = text.split_at_checked(at)?;
        if let Some(rest) = rest.strip_prefix([':', '：']) {
            return Some((label, rest));
        }
    }
    None
}

/// Case-insensitive comparison that also works for Cyrillic and other cased scripts.
pub(crate) fn eq_ignore_case(a: &str, b: &str) -> bool {
    if a.is_ascii() || b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

/// Whether a colon may stand in the text: `:` or the first byte of `：`.
pub(crate) fn has_colon(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte == b':' || *byte == 0xEF)
}

/// The contents of the code spans of a text, in order. A run of back-ticks closes only a run of its own length, as
/// CommonMark has it; a run without a partner is text. Linear in the length of the text.
pub(crate) fn code_spans(text: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut at = 0;
    // For each length, a place behind which no run of that length stands: it is looked for once and not again.
    let mut exhausted = [usize::MAX; RUN_MAX];
    while let Some((open, length)) = next_run(text, at) {
        let inner = open + length;
        at = inner;
        let Some(limit) = exhausted.get_mut(length.min(RUN_MAX) - 1) else { break };
        if *limit <= inner || length >= RUN_MAX {
            continue;
        }
        let mut from = inner;
        loop {
            match next_run(text, from) {
                Some((close, other)) if other == length => {
                    spans.push(text.get(inner..close).unwrap_or_default().trim());
                    at = close + other;
                    break;
                }
                Some((other_at, other)) => from = other_at + other,
                None => {
                    *limit = inner;
                    break;
                }
            }
        }
    }
    spans
}

/// Longer runs of back-ticks are decoration.
const RUN_MAX: usize = 8;

/// Place and length of the next run of back-ticks.
fn next_run(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.as_bytes().get(from..)?;
    let at = rest.iter().position(|byte| *byte == b'`')?;
    let length = rest.get(at..)?.iter().take_while(|byte| **byte == b'`').count();
    Some((from + at, length))
}

/// A command as it stands behind a `Check:` label: `` `cmd` `` or bare words. `None` when nothing is left.
pub(crate) fn command(value: &str) -> Option<String> {
    let value = value.trim();
    let inner = value.strip_prefix('`').and_then(|v| v.strip_suffix('`')).filter(|v| !v.contains('`'));
    let command = match inner {
        Some(inner) => inner.trim(),
        // ``Check: `cargo test` (takes a minute)``: the code span is the command, the rest is a remark.
        None if value.starts_with('`') => code_spans(value).first().copied().unwrap_or(value),
        None => value,
    };
    (!command.is_empty()).then(|| command.to_string())
}

/// The spellings of the label that names the command which proves a task.
pub(crate) const CHECK_LABELS: &[&str] = &["check", "check command", "verification command"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_every_dress() {
        let check = |line: &'static str, expected: Option<&str>| {
            assert_eq!(labelled(line, &["requirements", "需求", "требования"]), expected, "{line}");
        };
        check("- _Requirements: 1.1, 2.3_", Some("1.1, 2.3"));
        check("  * **Requirements:** 1.1", Some("1.1"));
        check("**Requirements: 1.1**", Some("1.1"));
        check("_需求：1.1_", Some("1.1"));
        check("ТРЕБОВАНИЯ: 1", Some("1"));
        check("- Requirements: `a_`", Some("`a_`"));
        check("- no requirements: 1", None);
        check("- Requirements", None);
    }

    #[test]
    fn chapters_are_counted_in_many_ways() {
        let check = |title: &str, expected: &str| assert_eq!(without_chapter(title), expected, "{title}");
        check("三、非功能需求", "非功能需求");
        check("（二）需求", "需求");
        check("第三章 需求", "需求");
        check("第二部分：任务", "任务");
        check("II. Tasks", "Tasks");
        check("A. Requirements", "Requirements");
        check("一覧", "一覧");
        check("第一", "第一");
        check("X requirements", "X requirements");
    }

    #[test]
    fn numbers_have_names() {
        for text in [
            " 1: x",
            " Nr. 1: x",
            " n° 1: x",
            " n.º 1: x",
            " №1: x",
            " #1: x",
            "-1: x",
            " nr 1: x",
            " số 1: x",
        ] {
            assert!(without_numero(text).starts_with("1: x"), "{text}");
        }
        assert_eq!(without_numero(" not 1"), "not 1");
        assert_eq!(without_numero(" none"), "none");
    }

    #[test]
    fn code_spans_of_any_width() {
        assert_eq!(code_spans("a `b` ``c`d`` `e"), vec!["b", "c`d"]);
        assert_eq!(code_spans("````````````"), Vec::<&str>::new());
        assert_eq!(code_spans("`a ``b` c`` `d`"), vec!["a ``b", "d"]);
        assert_eq!(code_spans("``a `b` c"), vec!["b"]);
    }

    #[test]
    fn a_far_colon_makes_no_label() {
        assert_eq!(label_of("- **Depends on**: T-2"), Some(("Depends on", "T-2")));
        assert_eq!(label_of("_Check: a_"), Some(("Check", "a")));
        assert_eq!(label_of(&format!("{}: x", "a".repeat(100))), None);
        assert_eq!(label_of(&format!("{}：x", "需".repeat(100))), None);
    }

    #[test]
    fn commands_bare_and_quoted() {
        assert_eq!(command("`cargo test`").as_deref(), Some("cargo test"));
        assert_eq!(command("`cargo test` (slow)").as_deref(), Some("cargo test"));
        assert_eq!(command("echo `x`").as_deref(), Some("echo `x`"));
        assert_eq!(command(" "), None);
    }
}
