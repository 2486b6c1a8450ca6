//! A feature as `spec.md`, `plan.md` and `tasks.md`.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use super::read_spec::OWN_NUMBERS;
use super::read_tasks::OWN_WAVES;
use crate::specs::feature::{Design, Feature, Group, Item, Note, Numbers, Statement};
use crate::specs::lists::one_line;
use crate::specs::marks::{Marks, box_of, renumbered, wave_line};
use crate::specs::{File, Loss, general_loss};

/// The files of the feature's folder.
pub(super) fn write(feature: &Feature, losses: &mut Vec<Loss>) -> Vec<File> {
    let folder = format!("specs/{}", feature.name);
    let title = if feature.title.is_empty() { &feature.name } else { &feature.title };
    let title = one_line(title);
    let numbers = Requirements::of(feature);
    let mut files = vec![(format!("{folder}/spec.md"), spec_md(feature, &title, &numbers).into_bytes())];
    if let Design::Whole(bytes) = &feature.design {
        files.push((format!("{folder}/plan.md"), bytes.clone()));
        let why = "a plan of Spec Kit has other sections; this one keeps those of the design";
        losses.push(general_loss("design.md", "the sections of the design", why, Some("plan.md")));
    }
    if !feature.tasks.is_empty() {
        files.push((format!("{folder}/tasks.md"), tasks_md(feature, &title, &numbers).into_bytes()));
    }
    files.extend(feature.beside.iter().map(|(path, bytes)| (format!("{folder}/{path}"), bytes.clone())));
    files
}

/// The ids that criteria get. A group all of whose criteria are scenarios keeps them below its story.
struct Requirements {
    ids: Vec<Vec<String>>,
    /// The group of each id.
    group_of: HashMap<String, usize>,
    numbers: Numbers,
}

impl Requirements {
    fn of(feature: &Feature) -> Requirements {
        let mut ids = Vec::new();
        let mut next = 0;
        for (at, group) in feature.groups.iter().enumerate() {
            let is_told = is_scenarios(group);
            let own = group.criteria.iter().enumerate().map(|(below, _)| {
                if is_told {
                    return format!("US{}/AC{}", at + 1, below + 1);
                }
                next += 1;
                format!("FR-{next:03}")
            });
            ids.push(own.collect::<Vec<_>>());
        }
        let id =
            |at: usize, below: usize| ids.get(at).and_then(|own| own.get(below)).cloned().unwrap_or_default();
        let numbers = Numbers::of(&feature.groups, |at| format!("US{}", at + 1), id);
        let pairs = ids.iter().enumerate().flat_map(|(at, own)| own.iter().map(move |id| (id.clone(), at)));
        let group_of = pairs.chain((0..ids.len()).map(|at| (format!("US{}", at + 1), at))).collect();
        Requirements { group_of, numbers, ids }
    }
}

/// Whether every criterion is `Given …, When …, Then …`.
fn is_scenarios(group: &Group) -> bool {
    let is_told = |criterion: &Statement| {
        criterion.text.starts_with("Given ")
            && criterion.text.contains("When ")
            && criterion.text.contains("Then ")
    };
    !group.criteria.is_empty() && group.criteria.iter().all(is_told)
}

fn spec_md(feature: &Feature, title: &str, requirements: &Requirements) -> String {
    let mut out = format!("# Feature Specification: {title}\n");
    push(&mut out, &feature.introduction);
    out.push_str("\n## User Scenarios & Testing *(mandatory)*\n");
    for (at, group) in feature.groups.iter().enumerate() {
        let number = at + 1;
        let priority = group.notes.iter().find_map(|line| line.strip_prefix("**Priority:** "));
        let shown = priority.map(str::to_string).unwrap_or_else(|| format!("P{}", number.min(3)));
        let _ = write!(out, "\n### User Story {number} - {} (Priority: {shown})\n", one_line(&group.title));
        push(&mut out, &group.story.iter().map(|story| one_line(story)).collect::<Vec<_>>());
        let own = requirements.ids.get(at).map(Vec::as_slice).unwrap_or_default();
        if is_scenarios(group) {
            out.push_str("\n**Acceptance Scenarios**:\n\n");
            for (below, criterion) in group.criteria.iter().enumerate() {
                let _ = writeln!(out, "{}. {}", below + 1, bold(&criterion.text));
            }
        } else if let (Some(first), Some(last)) = (own.first(), own.last()) {
            let _ = write!(out, "\n**Acceptance Scenarios**: see {first} to {last}\n");
        }
        if !group.notes.is_empty() {
            out.push_str("\n**Notes**:\n");
            push(&mut out, &group.notes);
        }
    }
    out.push_str("\n## Requirements *(mandatory)*\n\n### Functional Requirements\n\n");
    let _ = writeln!(out, "{OWN_NUMBERS}");
    for (at, group) in feature.groups.iter().enumerate().filter(|(_, group)| !is_scenarios(group)) {
        let _ = write!(out, "\n**User Story {} - {}**\n\n", at + 1, one_line(&group.title));
        let ids = requirements.ids.get(at).into_iter().flatten();
        for (criterion, id) in group.criteria.iter().zip(ids) {
            let _ = writeln!(out, "- **{id}**: {}", guarded(&criterion.text));
        }
    }
    if !feature.glossary.is_empty() {
        out.push_str("\n### Key Entities\n");
        push(&mut out, &feature.glossary);
    }
    for note in &feature.notes {
        push_note(&mut out, note);
    }
    out
}

/// Words that begin with an emphasis mark would be read as part of the id's.
fn guarded(text: &str) -> String {
    let text = one_line(text);
    if text.starts_with(['*', '_', '\\']) { format!("\\{text}") } else { text }
}

fn bold(text: &str) -> String {
    let mut out = one_line(text);
    for word in ["Given ", "When ", "Then "] {
        if let Some(at) = out.find(word) {
            let end = at + word.len() - 1;
            out.insert_str(end, "**");
            out.insert_str(at, "**");
        }
    }
    out
}

fn push(out: &mut String, lines: &[String]) {
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in crate::specs::to_kiro::prose(lines) {
        let _ = writeln!(out, "{line}");
    }
}

fn push_note(out: &mut String, note: &Note) {
    let heading = if note.heading.is_empty() { "Notes" } else { &note.heading };
    let _ = write!(out, "\n## {}\n", one_line(heading));
    push(out, &note.lines);
}

fn tasks_md(feature: &Feature, title: &str, requirements: &Requirements) -> String {
    let mut out = format!("# Tasks: {title}\n");
    push(&mut out, &feature.overview);
    let ids = task_ids(&feature.tasks);
    let new = |key: &str| ids.get(key).cloned();
    for (at, task) in feature.tasks.iter().enumerate() {
        let number = at + 1;
        let is_top = task.children.is_empty();
        let own = (!is_top && task.state != task.state_of_children()).then_some(task.state);
        let marks = Marks { optional: !is_top && task.optional, state: own, is_top };
        let _ = write!(out, "\n## Phase {number}: {}{}\n\n", one_line(&task.title), marks.written());
        if is_top {
            write_task(&mut out, task, &ids, requirements, &new);
            continue;
        }
        for line in crate::specs::to_kiro::prose(&task.body) {
            let _ = writeln!(out, "{}", renumbered(&line, &new));
        }
        let cited = cited(task, requirements);
        if !cited.is_empty() {
            let _ = writeln!(out, "- Requirements: {}", cited.join(", "));
        }
        if !task.body.is_empty() || !cited.is_empty() {
            out.push('\n');
        }
        for child in &task.children {
            write_task(&mut out, child, &ids, requirements, &new);
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

/// `T001` and on for the leaves; a parent is named by its phase.
fn task_ids(tasks: &[Item]) -> HashMap<String, String> {
    let mut ids = HashMap::new();
    for (at, leaf) in crate::specs::feature::leaves(tasks).enumerate() {
        ids.entry(leaf.key.clone()).or_insert_with(|| format!("T{:03}", at + 1));
    }
    for (at, task) in tasks.iter().enumerate() {
        ids.entry(task.key.clone()).or_insert_with(|| format!("phase {}", at + 1));
    }
    ids
}

fn cited(task: &Item, requirements: &Requirements) -> Vec<String> {
    if task.all { vec!["All".to_string()] } else { requirements.numbers.all(&task.refs) }
}

fn write_task(
    out: &mut String,
    task: &Item,
    ids: &HashMap<String, String>,
    requirements: &Requirements,
    new: &dyn Fn(&str) -> Option<String>,
) {
    let (mark, state) = box_of(task.state);
    let marks = Marks { optional: task.optional, state, is_top: false };
    let cited = cited(task, requirements);
    let mut words = vec![ids.get(&task.key).cloned().unwrap_or_default()];
    if task.parallel {
        words.push("[P]".to_string());
    }
    let stories: HashSet<usize> =
        cited.iter().filter_map(|id| requirements.group_of.get(id)).copied().collect();
    if let (1, Some(story)) = (stories.len(), stories.iter().next()) {
        words.push(format!("[US{}]", story + 1));
    }
    words.push(one_line(&task.title));
    let _ = writeln!(out, "- {mark} {}{}", words.join(" "), marks.written());
    for line in crate::specs::to_kiro::prose(&task.body) {
        let line = renumbered(&line, new);
        let _ = if line.is_empty() { writeln!(out) } else { writeln!(out, "  {line}") };
    }
    if !cited.is_empty() {
        let _ = writeln!(out, "  - Requirements: {}", cited.join(", "));
    }
}
