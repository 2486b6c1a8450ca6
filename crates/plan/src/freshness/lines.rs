//! Marks as text: one JSON object in each line, so that two people's records merge line by line. Compares nothing.

use std::fmt::Write as _;

use spec::json::{Value, quote, read_strict};

use super::{Mark, Marks, SEEN_MAX, Source, Subject};
use crate::digest::Digest;

/// Lines read from one record; what lies beyond is not read, and a problem says so.
pub const LINES_MAX: usize = 50_000;

/// A line that could not be read. All others count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

impl Marks {
    /// The record as text. [`Marks::parse`] reads it back.
    pub fn print(&self) -> String {
        let mut out = String::new();
        for (source, digest) in &self.sources {
            let _ = writeln!(out, "{{{}, \"digest\": \"{digest}\"}}", member(source));
        }
        for mark in &self.marks {
            let subject = match &mark.subject {
                Subject::Section(title) => format!("\"section\": {}", quote(title)),
                Subject::Task(id) => format!("\"task\": {}", quote(id)),
            };
            let saw: Vec<String> = mark
                .saw
                .iter()
                .map(|(source, digest)| format!("{{{}, \"digest\": \"{digest}\"}}", member(source)))
                .collect();
            let (digest, since, saw) = (mark.digest, quote(&mark.since), saw.join(", "));
            let _ = writeln!(
                out,
                "{{{subject}, \"digest\": \"{digest}\", \"since\": {since}, \"saw\": [{saw}]}}"
            );
        }
        out
    }

    /// Reads a record. A line that is no mark is named and left out; what it recorded counts as never recorded.
    pub fn parse(text: &str) -> (Marks, Vec<LineProblem>) {
        let (mut marks, mut problems) = (Marks::default(), Vec::new());
        for (at, line) in text.lines().enumerate() {
            let mut problem =
                |message: &str| problems.push(LineProblem { line: at + 1, message: message.to_string() });
            if at >= LINES_MAX {
                problem("this record has more lines than are read");
                break;
            }
            if line.trim().is_empty() {
                continue;
            }
            let Ok(value) = read_strict(line) else {
                problem("this line is no JSON");
                continue;
            };
            let digest = value.get("digest").and_then(Value::as_str).and_then(Digest::parse);
            let Some(digest) = digest else {
                problem("this line has no digest of sixteen hexadecimal digits");
                continue;
            };
            if let Some(source) = source(&value) {
                marks.sources.push((source, digest));
            } else if let Some(subject) = subject(&value) {
                let since = value.get("since").and_then(Value::as_str).unwrap_or_default().to_string();
                let items = value.get("saw").and_then(Value::items).unwrap_or_default();
                let saw: Vec<(Source, Digest)> = items.iter().filter_map(seen).take(SEEN_MAX).collect();
                if saw.len() < items.len() {
                    problem("some of what this line saw cannot be read");
                }
                marks.marks.push(Mark { subject, digest, saw, since });
            } else {
                problem("this line names no criterion, property, section or task");
            }
        }
        (marks, problems)
    }
}

fn member(source: &Source) -> String {
    match source {
        Source::Criterion(id) => format!("\"criterion\": {}", quote(id)),
        Source::Property(number) => format!("\"property\": \"{number}\""),
        Source::Section(title) => format!("\"design\": {}", quote(title)),
    }
}

fn source(value: &Value) -> Option<Source> {
    if let Some(id) = value.get("criterion").and_then(Value::as_str) {
        return Some(Source::Criterion(id.to_string()));
    }
    if let Some(title) = value.get("design").and_then(Value::as_str) {
        return Some(Source::Section(title.to_string()));
    }
    value.get("property").and_then(Value::as_str).and_then(|number| number.parse().ok()).map(Source::Property)
}

fn subject(value: &Value) -> Option<Subject> {
    if let Some(title) = value.get("section").and_then(Value::as_str) {
        return Some(Subject::Section(title.to_string()));
    }
    value.get("task").and_then(Value::as_str).map(|id| Subject::Task(id.to_string()))
}

fn seen(value: &Value) -> Option<(Source, Digest)> {
    Some((source(value)?, value.get("digest").and_then(Value::as_str).and_then(Digest::parse)?))
}
