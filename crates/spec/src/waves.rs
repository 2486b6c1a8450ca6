//! The task dependency graph of `tasks.md`: which tasks may run together, and in which order. Schedules nothing.

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::json::{self, Value};
use crate::outline::Heading;
use crate::text::{Inside, Text};

/// Tasks of one wave have no order among themselves; a wave starts when the one before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// Position, from 0.
    pub number: usize,
    /// Task ids as written.
    pub tasks: Vec<String>,
}

/// Waves read from one graph; what lies beyond is dropped with a diagnostic.
pub const WAVES_MAX: usize = 1_000;

/// Task ids read from one wave; what lies beyond is dropped with a diagnostic.
pub const WAVE_TASKS_MAX: usize = 1_000;

/// The heading of the section, compared without case.
pub const HEADING: &str = "Task Dependency Graph";

/// The graph's JSON: where it stands and what it says. `None` when the section or its fence is absent.
pub(crate) fn json_of<'a>(text: &Text<'a>, headings: &[Heading]) -> Option<(Span, &'a [u8])> {
    let heading = headings.iter().find(|heading| heading.is(HEADING))?;
    let lines = text.lines();
    let mut from = None;
    for index in heading.line.saturating_add(1)..heading.end {
        let line = lines.get(index)?;
        match (from, line.inside) {
            (None, Inside::FenceEdge) if is_json_fence(text.of(line)) => from = Some(index + 1),
            (Some(from), Inside::FenceEdge) => {
                let span = text.span_of(from, index);
                return Some((span, span.slice(text.bytes())));
            }
            _ => {}
        }
    }
    from.map(|from| {
        let span = text.span_of(from, heading.end);
        (span, span.slice(text.bytes()))
    })
}

fn is_json_fence(line: &[u8]) -> bool {
    let info = line.trim_ascii();
    let info = info.iter().skip_while(|byte| **byte == b'`' || **byte == b'~').copied().collect::<Vec<_>>();
    info.trim_ascii().to_ascii_lowercase().starts_with(b"json")
}

/// Reads every JSON shape seen in real files: `{"waves":[{"id":0,"tasks":["1"]}]}`, `{"wave":…}`, bare lists of
/// lists, and numbers in place of strings. Findings tell what Kiro itself would not accept.
pub(crate) fn read(text: &Text<'_>, headings: &[Heading], findings: &mut Findings) -> Option<Vec<Wave>> {
    let (span, bytes) = json_of(text, headings)?;
    let value = match json::read_lenient(&String::from_utf8_lossy(bytes)) {
        Ok(value) => value,
        Err(error) => {
            let at = Span { offset: span.offset.saturating_add(error.offset).min(span.end()), len: 0 };
            findings.push(
                Diagnostic::warning(
                    "tasks/unreadable-graph",
                    at,
                    format!("the task graph is not JSON: expected {}", error.expected),
                )
                .hint("without a graph, tasks run one after the other"),
            );
            return None;
        }
    };
    let list = value.get("waves").and_then(Value::items).or_else(|| value.items())?;
    if list.len() > WAVES_MAX {
        findings.push(Diagnostic::warning(
            "tasks/graph-too-large",
            span,
            format!("only the first {WAVES_MAX} waves are read"),
        ));
    }
    let mut waves = Vec::new();
    for (number, item) in list.iter().take(WAVES_MAX).enumerate() {
        let tasks = item.items().or_else(|| item.get("tasks").and_then(Value::items)).unwrap_or_default();
        let tasks = tasks.iter().take(WAVE_TASKS_MAX).filter_map(id_of).collect();
        waves.push(Wave { number, tasks });
    }
    (!waves.is_empty()).then_some(waves)
}

fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id.trim().trim_end_matches('.').to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::headings;

    fn check(json: &str, expected: Option<&[&[&str]]>) {
        let document = format!("## Task Dependency Graph\n\n```json\n{json}\n```\n");
        let text = Text::read(document.as_bytes());
        let mut findings = Findings::default();
        let got = read(&text, &headings(&text), &mut findings);
        let want = expected.map(|waves| {
            waves
                .iter()
                .enumerate()
                .map(|(number, tasks)| Wave { number, tasks: tasks.iter().map(|t| t.to_string()).collect() })
                .collect::<Vec<_>>()
        });
        assert_eq!(got, want, "{json}");
    }

    #[test]
    fn every_shape_seen() {
        check(
            r#"{"waves":[{"id":0,"tasks":["1.1"]},{"id":1,"tasks":["1.2","1.3"]}]}"#,
            Some(&[&["1.1"], &["1.2", "1.3"]]),
        );
        check(r#"{"waves":[{"wave":1,"description":"x","tasks":["1"]}]}"#, Some(&[&["1"]]));
        check(r#"{"waves":[["1","2"],["3.1"]]}"#, Some(&[&["1", "2"], &["3.1"]]));
        check(r#"[["1"],[2]]"#, Some(&[&["1"], &["2"]]));
        check(r#"{"waves":[]}"#, None);
        check("T1 --> T2", None);
        check("", None);
    }
}
