//! Writes `tasks.md` in Kiro's strict form. Orders nothing by itself.

use std::collections::HashSet;
use std::fmt::Write;

use super::draft::{TaskDraft, TasksDraft};
use super::guard::{Headings, body, command, line, line_or, without_number};
use crate::inline::{CHECK_LABELS, labelled};
use crate::json::quote;
use crate::references::{normal_id, read_line};
use crate::tasks::Tasks;

/// `tasks.md`, every task open.
pub fn tasks_md(draft: &TasksDraft) -> String {
    let title = line_or(&draft.title, "Untitled");
    let overview = no_task(body(&draft.overview, Headings::None, "To be described."), "");
    let mut out = format!("# Implementation Plan: {title}\n\n## Overview\n\n{overview}\n\n## Tasks\n\n");
    out.push_str(&task_lines(&draft.tasks));
    out.push_str("\n## Notes\n\n");
    let mut has_notes = false;
    for note in draft.notes.iter().map(|note| line(note)).filter(|note| !note.is_empty()) {
        has_notes = true;
        let _ = writeln!(out, "- {}", no_task(note, "- "));
    }
    if !has_notes {
        out.push_str("- Tasks marked with `*` are optional and can be skipped for a faster MVP\n");
    }
    let _ = write!(out, "\n## Task Dependency Graph\n\n```json\n{}\n```\n", graph(draft));
    out
}

/// Words beside the tasks that no dialect reads as a task, not even where a plan has none: where the reader would, their brackets
/// become round. The reader itself is asked, because dialects put numbers and boxes in more ways than could be listed here.
fn no_task(words: String, bullet: &str) -> String {
    let reads_as_task = |words: &str| {
        let document = format!("# Implementation Plan: x\n\n## Overview\n\n{bullet}{words}\n\n## Tasks\n");
        !Tasks::parse(document.as_bytes()).tasks.is_empty()
    };
    if words.contains('[') && reads_as_task(&words) {
        words.replace('[', "(").replace(']', ")")
    } else {
        words
    }
}

/// The ids that the leaves of a draft get when it is written, in document order.
pub fn leaf_ids(tasks: &[TaskDraft]) -> Vec<String> {
    let mut ids = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let number = index + 1;
        let children = flattened(&task.subtasks).len();
        match children {
            0 => ids.push(number.to_string()),
            _ => ids.extend((1..=children).map(|child| format!("{number}.{child}"))),
        }
    }
    ids
}

/// The task lines alone, ending with a line break when there are any.
pub(super) fn task_lines(tasks: &[TaskDraft]) -> String {
    let mut out = String::new();
    for (index, task) in tasks.iter().enumerate() {
        let number = (index + 1).to_string();
        if index > 0 {
            out.push('\n');
        }
        write_task(&mut out, task, "", &number, ".");
        for (index, child) in flattened(&task.subtasks).into_iter().enumerate() {
            write_task(&mut out, child, "  ", &format!("{number}.{}", index + 1), "");
        }
    }
    out
}

/// Sub-tasks and what lies below them as one list: Kiro knows two levels. Iterative, so that no draft is too deep.
fn flattened(subtasks: &[TaskDraft]) -> Vec<&TaskDraft> {
    let mut out = Vec::new();
    let mut open: Vec<&TaskDraft> = subtasks.iter().rev().collect();
    while let Some(task) = open.pop() {
        out.push(task);
        open.extend(task.subtasks.iter().rev());
    }
    out
}

fn write_task(out: &mut String, task: &TaskDraft, indent: &str, number: &str, stop: &str) {
    let mark = if task.optional { "*" } else { "" };
    let title = line_or(without_number(&task.title, &[number]), "Untitled");
    let _ = writeln!(out, "{indent}- [ ]{mark} {number}{stop} {title}");
    let says_a_field = |detail: &str| read_line(detail).is_some() || labelled(detail, CHECK_LABELS).is_some();
    for detail in task.details.iter().map(|detail| line(detail)) {
        let detail = detail.strip_prefix("- ").unwrap_or(&detail);
        if !detail.is_empty() && !says_a_field(detail) {
            let _ = writeln!(out, "{indent}  - {}", line(detail));
        }
    }
    let files: Vec<String> =
        task.files.iter().map(|file| line(file)).filter(|file| is_quotable(file)).collect();
    if !files.is_empty() {
        let _ = writeln!(out, "{indent}  - Files: `{}`", files.join("`, `"));
    }
    if let Some(check) = task.check.as_deref().map(command).filter(|check| !check.is_empty()) {
        let _ = match check.starts_with(['_', '*']) {
            true => writeln!(out, "{indent}  - Check: `{check}`"),
            false => writeln!(out, "{indent}  - _Check: {check}_"),
        };
    }
    let mut seen = HashSet::new();
    let ids: Vec<String> = task
        .requirements
        .iter()
        .map(|id| normal_id(&line(id)).replace([',', '_', '*', '\\'], " ").trim().to_string())
        .filter(|id| !id.is_empty() && seen.insert(id.clone()))
        .collect();
    if !ids.is_empty() {
        let _ = writeln!(out, "{indent}  - _Requirements: {}_", ids.join(", "));
    }
}

fn is_quotable(file: &str) -> bool {
    !file.is_empty() && !file.contains('`')
}

fn graph(draft: &TasksDraft) -> String {
    let leaves = leaf_ids(&draft.tasks);
    let serial = || leaves.iter().map(|id| vec![id.clone()]).collect::<Vec<_>>();
    let given = draft.waves.clone().map(|mut waves| {
        waves.retain(|wave| !wave.is_empty());
        waves
    });
    let mut waves = match given {
        Some(waves) if names_each_once(&waves, &leaves) => waves,
        _ => serial(),
    };
    if waves.is_empty() {
        waves.push(Vec::new());
    }
    let mut out = String::from("{\n  \"waves\": [\n");
    let last = waves.len().saturating_sub(1);
    for (number, wave) in waves.iter().enumerate() {
        let ids: Vec<String> = wave.iter().map(|id| quote(id)).collect();
        let comma = if number == last { "" } else { "," };
        let _ = writeln!(out, "    {{ \"id\": {number}, \"tasks\": [{}] }}{comma}", ids.join(", "));
    }
    out.push_str("  ]\n}");
    out
}

fn names_each_once(waves: &[Vec<String>], leaves: &[String]) -> bool {
    let named: Vec<&String> = waves.iter().flatten().collect();
    let unique: HashSet<&String> = named.iter().copied().collect();
    named.len() == leaves.len()
        && unique.len() == leaves.len()
        && leaves.iter().all(|leaf| unique.contains(leaf))
}
