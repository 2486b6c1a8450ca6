//! The thirteen rules of `tasks.md`.

use super::page::{Page, PageLine, Report, after_digits};
use crate::json;
use crate::kind::SpecKind;
use crate::outline::headings;
use crate::waves;

pub(super) fn check(page: &Page<'_>, spec_kind: Option<SpecKind>, report: &mut Report) {
    let has_title = page.lines.iter().any(|line| line.content.starts_with("# Implementation Plan"));
    report.unless(has_title, "tasks/missing-implementation-plan", page);
    report.unless(page.has("## Overview"), "tasks/missing-overview", page);
    report.unless(page.has("## Tasks"), "tasks/missing-tasks-section", page);
    report.unless(page.has("## Notes"), "tasks/missing-notes", page);
    for line in &page.lines {
        let words = line.content.strip_prefix("### ").or_else(|| line.content.strip_prefix("## "));
        if words.and_then(|words| words.strip_prefix("Task ")).and_then(after_digits).is_some() {
            report.at("tasks/invalid-task-heading", line.span);
        }
    }
    if let Some((_, lines)) = page.section(|line| line == "## Tasks", |line| line.starts_with("## ")) {
        lines.iter().for_each(|line| check_box(line, report));
    }
    check_graph(page, spec_kind, report);
}

fn check_box(line: &PageLine<'_>, report: &mut Report) {
    let trimmed = line.content.trim_start();
    let Some((mark, rest)) = trimmed.strip_prefix("- [").and_then(|rest| rest.split_once(']')) else {
        return;
    };
    // A link is no box, and Kiro passes over `- []` in silence.
    if mark.is_empty() || rest.starts_with(['(', '[', ':']) {
        return;
    }
    if !matches!(mark, " " | "x" | "~" | "-") {
        report.at("tasks/malformed-checkbox", line.span);
        return;
    }
    let rest = rest.strip_prefix('\\').unwrap_or(rest);
    let rest = rest.strip_prefix('*').unwrap_or(rest);
    let after = rest.strip_prefix(' ').and_then(after_digits).and_then(|rest| rest.strip_prefix('.'));
    if trimmed.len() == line.content.len() {
        if after.is_none() {
            report.at("tasks/invalid-task-line", line.span);
        }
    } else if after.and_then(after_digits).is_none() {
        report.at("tasks/invalid-subtask-line", line.span);
    }
}

fn check_graph(page: &Page<'_>, spec_kind: Option<SpecKind>, report: &mut Report) {
    if !page.has("## Task Dependency Graph") {
        report.unless(spec_kind == Some(SpecKind::Bugfix), "tasks/missing-dependency-graph", page);
        return;
    }
    let headings = headings(&page.text);
    let Some((span, bytes)) = waves::json_of(&page.text, &headings) else {
        report.unless(false, "tasks/missing-dag-json", page);
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    if text.trim().is_empty() {
        report.at("tasks/empty-dag-json", span);
        return;
    }
    let Ok(graph) = json::read_strict(&text) else {
        report.at("tasks/invalid-dag-json", span);
        return;
    };
    if graph.get("waves").and_then(json::Value::items).is_none_or(<[_]>::is_empty) {
        report.at("tasks/invalid-dag-structure", span);
    }
}
