//! A feature as Kiro's documents, in the strict form that its validator accepts. Knows no other tool.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use plan::{Shape, SpecDocuments};
use spec::SpecKind;

use super::feature::{Design, Feature, Group, Item, Note, Numbers, waves_by_marks};
use super::lists::one_line;
use super::{File, Import, Loss, bounded, design, general_loss};

/// The documents, the files beside them, and the losses so far with those of the writing. `.config.kiro` is left to the
/// caller, who draws its id.
pub(crate) fn write(feature: Feature, mut losses: Vec<Loss>) -> Import {
    let bug = feature.bug_groups();
    // The groups of a bug are numbered from 1 in their own document.
    let number = |group: usize| group - bug.filter(|from| *from <= group).unwrap_or_default() + 1;
    let numbers = Numbers::of(
        &feature.groups,
        |group| number(group).to_string(),
        |group, below| format!("{}.{}", number(group), below + 1),
    );
    let mut documents =
        SpecDocuments { name: feature.name.clone(), shape: Shape::Folder, ..SpecDocuments::default() };
    let kind = if bug.is_some() { SpecKind::Bugfix } else { SpecKind::Feature };
    let requirement_groups = bug.unwrap_or(feature.groups.len());
    let says_something = !feature.introduction.is_empty() || !feature.notes.is_empty();
    if requirement_groups > 0 || bug.is_none() && says_something {
        documents.requirements = Some(requirements(&feature, requirement_groups, Form::Kiro).into_bytes());
    }
    if let Some(from) = bug {
        documents.bugfix = Some(bugfix(&feature, from).into_bytes());
    }
    documents.design = design::write(&feature, kind, &mut losses);
    if !feature.tasks.is_empty() || !feature.task_notes.is_empty() {
        documents.tasks = Some(tasks(&feature, &numbers, Form::Kiro).into_bytes());
    }
    renumbered(&feature, &mut losses);
    verify(&feature, &documents, &mut losses);
    let beside = apart(feature.beside, &mut losses);
    Import { documents, beside, losses: bounded(losses) }
}

/// Files beside the documents under names that none of the documents has, and each name once, whatever the case.
fn apart(files: Vec<File>, losses: &mut Vec<Loss>) -> Vec<File> {
    let own = ["requirements.md", "bugfix.md", "design.md", "tasks.md", ".config.kiro"];
    let mut taken: HashSet<String> = own.map(str::to_string).into();
    let mut out = Vec::with_capacity(files.len());
    for (path, bytes) in files {
        let mut name = if path.is_empty() { "imported".to_string() } else { path.clone() };
        let mut number = taken.len();
        while !taken.insert(name.to_lowercase()) {
            name = format!("imported-{number}/{path}");
            number += 1;
        }
        if name != path {
            losses.push(general_loss(&path, &path, "another file has this name", Some(&name)));
        }
        out.push((name, bytes));
    }
    out
}

const EMPTY: &str = "To be described.";

/// Whose dialect of the documents is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Kiro's own: a user story, children indented.
    Kiro,
    /// cc-sdd's: an objective, children at the first column, `(P)` before a title.
    CcSdd,
}

pub(crate) fn requirements(feature: &Feature, groups: usize, form: Form) -> String {
    let mut out = String::from("# Requirements Document\n\n## Introduction\n\n");
    let mut introduction = prose(&feature.introduction);
    // Where no other document has a heading for it, the title would be gone.
    let has_other_place = !feature.tasks.is_empty() || !matches!(feature.design, Design::None);
    let is_said = feature.title.is_empty() || introduction.iter().any(|line| line.contains(&feature.title));
    if !has_other_place && !is_said {
        introduction.insert(0, one_line(&feature.title));
        introduction.insert(1, String::new());
    }
    push_lines(&mut out, &introduction, EMPTY);
    out.push_str("\n## Glossary\n\n");
    push_lines(&mut out, &prose(&feature.glossary), "No terms of its own yet.");
    out.push_str("\n## Requirements\n");
    for (at, group) in feature.groups.iter().take(groups).enumerate() {
        let number = at + 1;
        let title = if group.title.is_empty() { "Untitled".to_string() } else { one_line(&group.title) };
        let story = group.story.as_deref().map(one_line).filter(|story| !story.is_empty());
        let label = if form == Form::CcSdd { "Objective" } else { "User Story" };
        let _ = write!(
            out,
            "\n### Requirement {number}: {title}\n\n**{label}:** {}\n",
            story.as_deref().unwrap_or("To be told.")
        );
        let notes = group_notes(group);
        if !notes.is_empty() {
            out.push('\n');
            push_lines(&mut out, &notes, "");
        }
        out.push_str("\n#### Acceptance Criteria\n\n");
        for (below, criterion) in group.criteria.iter().enumerate() {
            let _ = writeln!(out, "{}. {}", below + 1, statement(&criterion.text));
        }
    }
    push_notes(&mut out, "\n## Imported Notes\n", &feature.notes);
    out
}

/// Notes of a requirement: no line of them may look like the heading of the criteria or like the story.
fn group_notes(group: &Group) -> Vec<String> {
    let is_frame = |line: &str| {
        let bare =
            line.trim_matches(|c: char| matches!(c, '-' | '#' | '*' | '_' | ':' | '：' | ' ')).to_lowercase();
        ["acceptance", "user story", "story", "objective"].iter().any(|word| bare.starts_with(word))
    };
    let guard = |line: String| if is_frame(&line) { format!("\\{}", line.trim_start()) } else { line };
    prose(&group.notes).into_iter().map(guard).collect()
}

pub(crate) fn bugfix(feature: &Feature, from: usize) -> String {
    let mut out = String::from("# Bugfix Requirements Document\n\n## Introduction\n\n");
    // With requirements beside it, the introduction and the notes stand there.
    let is_alone = from == 0;
    let introduction = if is_alone { prose(&feature.introduction) } else { Vec::new() };
    push_lines(&mut out, &introduction, EMPTY);
    out.push_str("\n## Bug Analysis\n");
    for (at, group) in feature.groups.iter().skip(from).enumerate() {
        let _ = write!(out, "\n### {}\n", group.title);
        for (below, criterion) in group.criteria.iter().enumerate() {
            let _ = write!(out, "\n{}.{} {}\n", at + 1, below + 1, statement(&criterion.text));
        }
        let notes = group_notes(group);
        if !notes.is_empty() {
            out.push('\n');
            push_lines(&mut out, &notes, "");
        }
    }
    if is_alone {
        push_notes(&mut out, "\n## Imported Notes\n", &feature.notes);
    }
    out
}

fn push_lines(out: &mut String, lines: &[String], otherwise: &str) {
    if lines.iter().all(|line| line.trim().is_empty()) {
        if !otherwise.is_empty() {
            let _ = writeln!(out, "{otherwise}");
        }
        return;
    }
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
}

fn push_notes(out: &mut String, heading: &str, notes: &[Note]) {
    for (at, note) in notes.iter().enumerate() {
        if at == 0 {
            out.push_str(heading);
        }
        if !note.heading.is_empty() {
            let _ = write!(out, "\n**{}**\n", one_line(&note.heading).replace("**", ""));
        }
        let lines = prose(&note.lines);
        if !lines.is_empty() {
            out.push('\n');
            push_lines(out, &lines, "");
        }
    }
}

/// A criterion on one line that begins no other block.
fn statement(words: &str) -> String {
    let mut out = one_line(words);
    let is_box = out.starts_with('[') && out.chars().nth(2) == Some(']');
    if is_box || ["```", "~~~", "- ", "* ", "+ ", "#"].iter().any(|start| out.starts_with(start)) {
        out.insert(0, '\\');
    }
    out
}

/// Markdown lines that stay inside their section: headings become bold, boxes lose their power, every fence is closed,
/// no comment is opened.
pub(crate) fn prose(lines: &[String]) -> Vec<String> {
    let mut out = Vec::with_capacity(lines.len() + 1);
    let mut fence: Option<String> = None;
    for line in lines {
        let trimmed = line.trim();
        if let Some(open) = &fence {
            let closes = trimmed.len() >= open.len() && trimmed.chars().all(|c| open.starts_with(c));
            out.push(line.clone());
            if closes {
                fence = None;
            }
            continue;
        }
        let bare = super::lists::marker(trimmed).unwrap_or(trimmed);
        let ticks = ["`", "~"].into_iter().find_map(|mark| {
            let count = bare.len() - bare.trim_start_matches(mark).len();
            let is_span = mark == "`" && bare.get(count..).unwrap_or_default().contains('`');
            (count >= 3 && !is_span).then(|| mark.repeat(count))
        });
        if ticks.is_some() {
            fence = ticks;
            out.push(line.trim_end().to_string());
            continue;
        }
        let words = trimmed.trim_start_matches('#');
        let level = trimmed.len() - words.len();
        if (1..=6).contains(&level) && (words.is_empty() || words.starts_with([' ', '\t'])) {
            let words = words.trim().replace("**", "");
            if !words.is_empty() {
                out.push(format!("**{words}**"));
            }
            continue;
        }
        let line = line.trim_end().replace("<!--", "\\<!--");
        let box_at = line.find("- [").or_else(|| line.find("* [")).or_else(|| line.find("+ ["));
        match box_at {
            Some(at)
                if line.get(..at).is_some_and(|before| before.trim().is_empty()) && !line.contains("](") =>
            {
                let (before, after) = line.split_at_checked(at + 2).unwrap_or((&line, ""));
                out.push(format!("{before}\\{after}"));
            }
            _ => out.push(line),
        }
    }
    out.extend(fence);
    out
}

pub(crate) fn tasks(feature: &Feature, numbers: &Numbers, form: Form) -> String {
    let title = if feature.title.is_empty() { &feature.name } else { &feature.title };
    let mut out = format!("# Implementation Plan: {}\n\n## Overview\n\n", one_line(title));
    push_lines(&mut out, &prose(&feature.overview), EMPTY);
    out.push_str("\n## Tasks\n\n");
    let ids = task_ids(&feature.tasks);
    let new = |key: &str| ids.get(key).cloned();
    for (at, task) in feature.tasks.iter().enumerate() {
        let number = at + 1;
        let place = |indent, number| Place { indent, number, form };
        write_item(&mut out, task, &place("", format!("{number}.")), numbers, &new);
        let indent = if form == Form::CcSdd { "" } else { "  " };
        for (below, child) in task.children.iter().enumerate() {
            write_item(&mut out, child, &place(indent, format!("{number}.{}", below + 1)), numbers, &new);
        }
    }
    out.push_str("\n## Notes\n\n");
    let mut notes = String::new();
    let mut others = Vec::new();
    for note in &feature.task_notes {
        if note.heading.eq_ignore_ascii_case("notes") || note.heading.is_empty() {
            push_lines(&mut notes, &prose(&note.lines), "");
        } else {
            others.push(note.clone());
        }
    }
    if notes.is_empty() {
        notes.push_str("- Tasks marked with `*` are optional and can be skipped for a faster MVP\n");
    }
    out.push_str(&notes);
    push_notes(&mut out, "", &others);
    let given = feature.waves.clone().filter(|waves| waves.iter().flatten().all(|key| ids.contains_key(key)));
    let waves = given.filter(|waves| !waves.is_empty()).unwrap_or_else(|| waves_by_marks(&feature.tasks));
    let _ = write!(out, "\n## Task Dependency Graph\n\n```json\n{}\n```\n", graph(&waves, &new));
    out
}

/// Numbers of tasks by key; the first of those with one key has it.
fn task_ids(tasks: &[Item]) -> HashMap<String, String> {
    let mut ids = HashMap::new();
    for (at, task) in tasks.iter().enumerate() {
        ids.entry(task.key.clone()).or_insert_with(|| (at + 1).to_string());
        for (below, child) in task.children.iter().enumerate() {
            ids.entry(child.key.clone()).or_insert_with(|| format!("{}.{}", at + 1, below + 1));
        }
    }
    ids
}

fn graph(waves: &[Vec<String>], new: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::from("{\n  \"waves\": [\n");
    let last = waves.len().saturating_sub(1);
    for (number, wave) in waves.iter().enumerate() {
        let ids: Vec<String> =
            wave.iter().map(|key| format!("\"{}\"", new(key).unwrap_or_default())).collect();
        let comma = if number == last { "" } else { "," };
        let _ = writeln!(out, "    {{ \"id\": {number}, \"tasks\": [{}] }}{comma}", ids.join(", "));
    }
    if waves.is_empty() {
        out.push_str("    { \"id\": 0, \"tasks\": [] }\n");
    }
    out.push_str("  ]\n}");
    out
}

/// Where and how a task stands.
struct Place {
    indent: &'static str,
    number: String,
    form: Form,
}

fn write_item(
    out: &mut String,
    item: &Item,
    place: &Place,
    numbers: &Numbers,
    new: &dyn Fn(&str) -> Option<String>,
) {
    let Place { indent, number, form } = place;
    let mark = if item.optional { "*" } else { "" };
    let parallel = if item.parallel && *form == Form::CcSdd { "(P) " } else { "" };
    let title = match one_line(&item.title) {
        empty if empty.is_empty() => "Untitled".to_string(),
        title => title,
    };
    let _ = writeln!(out, "{indent}- [{}]{mark} {number} {parallel}{title}", char::from(item.state.byte()));
    for line in prose(&item.body) {
        let line = super::marks::renumbered(&line, new);
        let _ = if line.is_empty() { writeln!(out) } else { writeln!(out, "{indent}  {line}") };
    }
    let ids = if item.all { vec!["All".to_string()] } else { numbers.all(&item.refs) };
    if !ids.is_empty() {
        let _ = writeln!(out, "{indent}  - _Requirements: {}_", ids.join(", "));
    }
}

/// Says which requirements have another number than they had.
fn renumbered(feature: &Feature, losses: &mut Vec<Loss>) {
    let groups = feature.bug_groups().unwrap_or(feature.groups.len());
    for (at, group) in feature.groups.iter().take(groups).enumerate() {
        let new = (at + 1).to_string();
        let old = group.keys.first().filter(|key| **key != new && !key.starts_with("US") && !key.is_empty());
        if let Some(old) = old {
            let kept = format!("Requirement {new}");
            losses.push(general_loss(
                "requirements.md",
                old,
                "requirements are numbered from 1",
                Some(&kept),
            ));
        }
    }
}

/// Reads what was written and says where it does not come back as it was meant.
fn verify(feature: &Feature, documents: &SpecDocuments, losses: &mut Vec<Loss>) {
    let reading = plan::Reading::of(documents.clone());
    let got: Vec<String> = reading.criteria().map(|(_, criterion)| one_line(&criterion.text)).collect();
    let meant: Vec<String> =
        feature.groups.iter().flat_map(|group| &group.criteria).map(|c| one_line(&c.text)).collect();
    compare(&meant, &got, "criterion", losses);
    let none = spec::Tasks::default();
    let read = reading.tasks.as_ref().unwrap_or(&none);
    let got: Vec<String> = read.tasks.iter().map(|task| format!("{:?} {}", task.state, task.title)).collect();
    let all = feature.tasks.iter().flat_map(|task| std::iter::once(task).chain(&task.children));
    let meant: Vec<String> = all
        .map(|item| {
            let title = one_line(&item.title);
            format!("{:?} {}", item.state, if title.is_empty() { "Untitled" } else { &title })
        })
        .collect();
    compare(&meant, &got, "task", losses);
}

fn compare(meant: &[String], got: &[String], what: &str, losses: &mut Vec<Loss>) {
    if meant.len() != got.len() {
        let why = format!("{} are meant and {} are read from what was written", meant.len(), got.len());
        losses.push(general_loss("", &format!("the number of {what}s"), &why, None));
    }
    for (meant, got) in meant.iter().zip(got).filter(|(meant, got)| meant != got) {
        let why = format!("this {what} is read from what was written with other words");
        losses.push(general_loss("", meant, &why, Some(got)));
    }
}
