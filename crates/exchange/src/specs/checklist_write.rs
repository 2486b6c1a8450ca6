//! Task documents for Spec Kit and OpenSpec: boxes below sections. Reads nothing.

use std::collections::HashMap;
use std::fmt::Write;

use super::checklist::OWN_WAVES;
use super::feature::{Feature, Item, Note, Numbers, leaves};
use super::lists::one_line;
use super::marks::{Marks, box_of, renumbered, wave_line};
use super::to_kiro::prose;

/// How a tool writes its tasks.
pub(crate) struct Style<'a> {
    /// The first heading.
    pub(crate) title: String,
    /// The heading of a section, from its number and its words.
    pub(crate) section: &'a dyn Fn(usize, &str) -> String,
    /// The key of a leaf, from its place among all leaves, and its section and place in it.
    pub(crate) key: &'a dyn Fn(usize, (usize, usize)) -> String,
    /// What others call a task with children, from the number of its section.
    pub(crate) above: &'a dyn Fn(usize) -> String,
    /// The numbers of the criteria.
    pub(crate) numbers: &'a Numbers,
    /// A mark that follows from what a task cites.
    pub(crate) label: &'a dyn Fn(&[String]) -> Option<String>,
    /// Tasks that may be carried out beside others carry `[P]`.
    pub(crate) has_parallel: bool,
}

/// The document.
pub(crate) fn write(feature: &Feature, style: &Style<'_>) -> String {
    let mut out = format!("# {}\n", style.title);
    push(&mut out, &feature.overview);
    let ids = ids(&feature.tasks, style);
    let new = |key: &str| ids.get(key).cloned();
    for (at, task) in feature.tasks.iter().enumerate() {
        let is_top = task.children.is_empty();
        let own = (!is_top && task.state != task.state_of_children()).then_some(task.state);
        let marks = Marks { optional: !is_top && task.optional, state: own, is_top };
        let heading = (style.section)(at + 1, &one_line(&task.title));
        let _ = write!(out, "\n## {heading}{}\n\n", marks.written());
        if is_top {
            write_task(&mut out, task, style, &new);
            continue;
        }
        for line in prose(&task.body) {
            let _ = writeln!(out, "{}", renumbered(&line, &new));
        }
        let cited = cited(task, style);
        if !cited.is_empty() {
            let _ = writeln!(out, "- Requirements: {}", cited.join(", "));
        }
        if !task.body.is_empty() || !cited.is_empty() {
            out.push('\n');
        }
        for child in &task.children {
            write_task(&mut out, child, style, &new);
        }
    }
    if let Some(waves) = &feature.waves {
        let _ = write!(out, "\n## {OWN_WAVES}\n\n");
        for (number, wave) in waves.iter().enumerate() {
            let named: Vec<String> = wave.iter().filter_map(|key| new(key)).collect();
            let _ = writeln!(out, "{}", wave_line(number + 1, &named));
        }
    }
    for note in &feature.task_notes {
        push_note(&mut out, note);
    }
    out
}

/// Markdown lines behind a blank one.
pub(crate) fn push(out: &mut String, lines: &[String]) {
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in prose(lines) {
        let _ = writeln!(out, "{line}");
    }
}

/// A section of its own.
pub(crate) fn push_note(out: &mut String, note: &Note) {
    let heading = if note.heading.is_empty() { "Notes" } else { &note.heading };
    let _ = write!(out, "\n## {}\n", one_line(heading));
    push(out, &note.lines);
}

/// The keys of tasks by the ones that they had; the first of those with one key has it.
fn ids(tasks: &[Item], style: &Style<'_>) -> HashMap<String, String> {
    let mut places = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        let below = task.children.len().max(1);
        places.extend((1..=below).map(|below| (at + 1, below)));
    }
    let mut ids = HashMap::new();
    for (at, (leaf, place)) in leaves(tasks).zip(places).enumerate() {
        ids.entry(leaf.key.clone()).or_insert_with(|| (style.key)(at, place));
    }
    for (at, task) in tasks.iter().enumerate() {
        ids.entry(task.key.clone()).or_insert_with(|| (style.above)(at + 1));
    }
    ids
}

fn cited(task: &Item, style: &Style<'_>) -> Vec<String> {
    if task.all { vec!["All".to_string()] } else { style.numbers.all(&task.refs) }
}

fn write_task(out: &mut String, task: &Item, style: &Style<'_>, new: &dyn Fn(&str) -> Option<String>) {
    let (mark, state) = box_of(task.state);
    let marks = Marks { optional: task.optional, state, is_top: false };
    let cited = cited(task, style);
    let mut words = vec![new(&task.key).unwrap_or_default()];
    if task.parallel && style.has_parallel {
        words.push("[P]".to_string());
    }
    words.extend((style.label)(&cited));
    words.push(one_line(&task.title));
    let _ = writeln!(out, "- {mark} {}{}", words.join(" "), marks.written());
    for line in prose(&task.body) {
        let line = renumbered(&line, new);
        let _ = if line.is_empty() { writeln!(out) } else { writeln!(out, "  {line}") };
    }
    if !cited.is_empty() {
        let _ = writeln!(out, "  - Requirements: {}", cited.join(", "));
    }
}
