//! Given, When, Then: steps on lines of their own make one criterion. Numbers nothing.

use super::{Item, Mark};
use crate::Span;
use crate::requirements::roles::is_statement;
use crate::requirements::words;

/// What a line does in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Given,
    When,
    Then,
    And,
}

/// Reads the first word of a line, emphasis aside.
pub(crate) fn step_of(text: &str) -> Option<Step> {
    let text = text.trim_start_matches(['*', '_', '`', ' ', '>']);
    // Steps begin like sentences; `if` in the middle of a wrapped one does not.
    if text.starts_with(|c: char| c.is_lowercase()) {
        return None;
    }
    if words::GIVEN.begin(text) {
        Some(Step::Given)
    } else if begins_when(text) {
        Some(Step::When)
    } else if words::THEN.begin(text) {
        Some(Step::Then)
    } else if words::AND.begin(text) {
        Some(Step::And)
    } else {
        None
    }
}

/// Japanese and Chinese write no blank behind the word.
fn begins_when(text: &str) -> bool {
    words::WHEN.behind(text).any(|(_, rest)| {
        let is_unspaced = text.starts_with(|c: char| c >= '\u{2E80}');
        is_unspaced || !rest.starts_with(char::is_alphanumeric)
    })
}

/// Whether the text opens a scenario: `Scenario: name`.
pub(crate) fn is_scenario(title: &str) -> bool {
    words::SCENARIO.alone(title).any(|rest| {
        let rest = rest.trim_start();
        rest.starts_with([':', '：', '-', '—', '–']) || rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Whether the condition waits for what follows it.
fn is_open(text: &str, step: Option<Step>) -> bool {
    match step {
        Some(Step::Given) => !has_then(text),
        Some(Step::When) => !has_then(text) && !is_statement(text),
        _ => false,
    }
}

fn has_then(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | ',' | '，' | '、'))
        .any(|part| words::THEN.are(part))
}

/// Whether the text is a whole sentence of `when … shall …`.
pub(crate) fn is_complete(text: &str) -> bool {
    !is_open(text, step_of(text))
}

/// Joins the steps of one scenario that stand in items of their own.
pub(crate) fn join(items: Vec<Item>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::with_capacity(items.len());
    // The step that the last line of the open scenario is; `None` when no scenario is open.
    let mut last: Option<(Step, bool)> = None;
    for item in items {
        let step = step_of(&item.text);
        let is_free = item.number.is_none() && matches!(item.mark, Mark::Bullet | Mark::Paragraph);
        let goes_on = match (last, step) {
            (_, Some(Step::Given)) | (None, _) => false,
            (Some((before, open)), Some(Step::When)) => open && before == Step::Given,
            (Some(_), Some(Step::Then | Step::And)) => true,
            (Some((_, open)), None) => open,
        };
        let fits =
            out.last().is_some_and(|above| above.indent.abs_diff(item.indent) <= 1 && !item.is_after_label);
        if is_free && goes_on && fits {
            let open = matches!(step, Some(Step::When | Step::Given)) && is_open(&item.text, step)
                || step == Some(Step::And) && last.is_some_and(|(_, open)| open) && !is_statement(&item.text);
            let kept = step.filter(|step| *step != Step::And).or(last.map(|(step, _)| step));
            if let Some(above) = out.last_mut() {
                above.text.push('\n');
                above.text.push_str(&item.text);
                above.span = Span::between(above.span.offset, item.span.end());
                above.text_span = Span::between(above.text_span.offset, item.text_span.end());
            }
            last = kept.map(|step| (step, open));
            continue;
        }
        last = match step {
            Some(step @ (Step::Given | Step::When)) if is_free => {
                Some((step, is_open(&item.text, Some(step))))
            }
            _ => None,
        };
        out.push(item);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    fn check(input: &str, expected: &[&str]) {
        let text = Text::read(input.as_bytes());
        let got: Vec<_> =
            join(super::super::read(&text, 0, usize::MAX)).into_iter().map(|i| i.text).collect();
        assert_eq!(got, expected, "{input}");
    }

    #[test]
    fn steps_are_one_criterion() {
        check(
            "- GIVEN a\n- WHEN b\n- THEN c\n- AND d\n- GIVEN e\n- THEN f\n",
            &["GIVEN a\nWHEN b\nTHEN c\nAND d", "GIVEN e\nTHEN f"],
        );
        check(
            "- **When** a\n- **Then** b\n- **When** c\n- **Then** d\n",
            &["**When** a\n**Then** b", "**When** c\n**Then** d"],
        );
        check("- WHEN a\n- THE SYSTEM SHALL b\n- AND c\n", &["WHEN a\nTHE SYSTEM SHALL b\nAND c"]);
        check("- Dado a\n- Quando b\n- Então c\n", &["Dado a\nQuando b\nEntão c"]);
    }

    #[test]
    fn whole_sentences_stay_apart() {
        check(
            "- WHEN a THEN b\n- WHEN c THE X SHALL d\n- IF e, THEN f\n",
            &["WHEN a THEN b", "WHEN c THE X SHALL d", "IF e, THEN f"],
        );
        check("1. GIVEN a\n2. WHEN b\n", &["GIVEN a", "WHEN b"]);
        check("- x\n- And y\n", &["x", "And y"]);
    }
}
