//! Words inside one line: bullets, emphasis, labels such as `Requirements:`, code spans. Knows no document.

/// The line without its list marker and the white space around it.
pub(crate) fn strip_bullet(line: &str) -> &str {
    let trimmed = line.trim();
    let after = trimmed.strip_prefix(['-', '*', '+']).filter(|rest| rest.starts_with([' ', '\t']));
    after.map_or(trimmed, str::trim_start)
}

/// Whether the line is a list item of `-`, `*` or `+`.
pub(crate) fn is_bullet(line: &str) -> bool {
    let trimmed = line.trim_start();
    trimmed.strip_prefix(['-', '*', '+']).is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// Digits in one part of a number; a longer run is not an address that anybody wrote by hand.
pub(crate) const PART_DIGITS_MAX: usize = 6;

/// The text behind `label:` when the line starts with one of `labels` (bullet and emphasis aside, any case).
/// The emphasis that closes the line is taken off, too.
pub(crate) fn labelled<'a>(line: &'a str, labels: &[&str]) -> Option<&'a str> {
    let body = strip_bullet(line);
    let open = body.trim_start_matches(['_', '*']);
    let marks = body.len() - open.len();
    let (label, rest) = split_label(open)?;
    let label = label.trim_end_matches(['_', '*']).trim();
    if !labels.iter().any(|known| eq_ignore_case(label, known)) {
        return None;
    }
    // In `**Check:** x` the emphasis closes before the value, in `_Check: x_` behind it.
    let rest = rest.trim();
    let closed_early = rest.trim_start_matches(['_', '*']);
    if closed_early.len() < rest.len() && rest.len() - closed_early.len() == marks {
        return Some(closed_early.trim());
    }
    let mut value = rest;
    for _ in 0..marks {
        value = value.strip_suffix(['_', '*']).unwrap_or(value);
    }
    Some(value.trim())
}

fn split_label(text: &str) -> Option<(&str, &str)> {
    let at = text.find([':', '：'])?;
    let (label, rest) = text.split_at_checked(at)?;
    Some((label, rest.strip_prefix([':', '：']).unwrap_or(rest)))
}

/// Case-insensitive comparison that also works for Cyrillic and other cased scripts.
pub(crate) fn eq_ignore_case(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

/// The contents of the code spans of a text, in order.
pub(crate) fn code_spans(text: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('`') {
        let ticks = 1 + after.bytes().take_while(|b| *b == b'`').count();
        let body = after.get(ticks - 1..).unwrap_or_default();
        let fence = "`".repeat(ticks.min(8));
        match body.split_once(fence.as_str()) {
            Some((span, behind)) => {
                spans.push(span.trim());
                rest = behind.trim_start_matches('`');
            }
            None => rest = body,
        }
    }
    spans
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
    fn code_spans_of_any_width() {
        assert_eq!(code_spans("a `b` ``c`d`` `e"), vec!["b", "c`d"]);
        assert_eq!(code_spans("````````````"), Vec::<&str>::new());
    }

    #[test]
    fn commands_bare_and_quoted() {
        assert_eq!(command("`cargo test`").as_deref(), Some("cargo test"));
        assert_eq!(command("`cargo test` (slow)").as_deref(), Some("cargo test"));
        assert_eq!(command("echo `x`").as_deref(), Some("echo `x`"));
        assert_eq!(command(" "), None);
    }
}
