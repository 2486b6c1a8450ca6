//! A feature as a change: `proposal.md`, a delta of one capability, `design.md`, `tasks.md`.

use std::fmt::Write;

use crate::specs::checklist_write::{self, Style, push, push_note};
use crate::specs::feature::{Design, Feature, Group, Numbers};
use crate::specs::lists::one_line;
use crate::specs::{File, Loss, general_loss};

/// The statement that OpenSpec asks of every requirement, where ours are the scenarios themselves.
pub(super) const SENTENCE: &str = "The system SHALL satisfy every scenario below.";

/// What the scenarios of a spec of ours are called, with the number of the criterion behind it.
pub(super) const CRITERION: &str = "Criterion ";

/// Marks a section that says nothing of its own.
pub(super) const MADE: &str = "<!-- kiro: made on export -->";

/// The files of the change's folder.
pub(super) fn write(feature: &Feature, losses: &mut Vec<Loss>) -> Vec<File> {
    let folder = format!("openspec/changes/{}", feature.name);
    let title = if feature.title.is_empty() { &feature.name } else { &feature.title };
    let title = one_line(title);
    let mut files = vec![(format!("{folder}/proposal.md"), proposal(feature, &title).into_bytes())];
    if !feature.groups.is_empty() || !feature.notes.is_empty() {
        let path = format!("{folder}/specs/{}/spec.md", feature.name);
        files.push((path, delta(feature, losses).into_bytes()));
    }
    if let Design::Whole(bytes) = &feature.design {
        files.push((format!("{folder}/design.md"), bytes.clone()));
    }
    if !feature.tasks.is_empty() {
        files.push((format!("{folder}/tasks.md"), tasks(feature, &title).into_bytes()));
    }
    files.extend(feature.beside.iter().map(|(path, bytes)| (format!("{folder}/{path}"), bytes.clone())));
    files
}

fn numbers(feature: &Feature) -> Numbers {
    Numbers::of(&feature.groups, |at| (at + 1).to_string(), |at, below| format!("{}.{}", at + 1, below + 1))
}

fn proposal(feature: &Feature, title: &str) -> String {
    let mut out = format!("# Change: {title}\n\n## Why\n");
    push(&mut out, &feature.introduction);
    let _ = write!(out, "\n## What Changes\n\n{MADE}\n");
    for group in &feature.groups {
        let _ = writeln!(out, "- {}", one_line(&group.title));
    }
    let _ = write!(out, "\n## Impact\n\n{MADE}\n- Affected specs: {}\n", feature.name);
    out
}

fn delta(feature: &Feature, losses: &mut Vec<Loss>) -> String {
    let mut out = String::from("## ADDED Requirements\n");
    for (at, group) in feature.groups.iter().enumerate() {
        let _ = write!(out, "\n### Requirement: {}\n\n{SENTENCE}\n", one_line(&group.title));
        if let Some(story) = &group.story {
            let _ = write!(out, "\n**User Story:** {}\n", one_line(story));
        }
        if !group.notes.is_empty() {
            out.push_str("\n**Notes**:\n");
            push(&mut out, &group.notes);
        }
        scenarios(&mut out, at, group);
        if group.criteria.is_empty() {
            let why = "OpenSpec takes no requirement without a scenario";
            losses.push(general_loss("requirements.md", &group.title, why, Some("spec.md")));
        }
    }
    if !feature.glossary.is_empty() {
        out.push_str("\n## Glossary\n");
        push(&mut out, &feature.glossary);
    }
    for note in &feature.notes {
        push_note(&mut out, note);
    }
    out
}

fn scenarios(out: &mut String, at: usize, group: &Group) {
    for (below, criterion) in group.criteria.iter().enumerate() {
        let _ = write!(out, "\n#### Scenario: {CRITERION}{}.{}\n\n", at + 1, below + 1);
        for step in steps(&one_line(&criterion.text)) {
            let _ = writeln!(out, "- {step}");
        }
    }
}

/// The criterion in steps that read back to the same words: cut before `THEN`, or behind the comma of a condition.
fn steps(text: &str) -> Vec<String> {
    if text.contains("**") || text.starts_with(['\\', '-', '*', '+', '#', '[']) {
        return vec![format!("\\{text}")];
    }
    let upper = text.to_uppercase();
    let is_condition =
        ["WHEN ", "IF ", "WHILE ", "WHERE ", "GIVEN "].iter().any(|word| upper.starts_with(word));
    // Letters that change their length in capitals would move the place of the cut.
    if !is_condition || upper.len() != text.len() {
        return vec![text.to_string()];
    }
    let cut = upper.find(" THEN ").map(|at| at + 1).or_else(|| upper.find(", THE ").map(|at| at + 2));
    let Some((condition, response)) = cut.and_then(|cut| text.split_at_checked(cut)) else {
        return vec![bold_first(text)];
    };
    let response = if response.to_uppercase().starts_with("THEN ") {
        bold_first(response)
    } else {
        response.to_string()
    };
    vec![bold_first(condition.trim_end()), response]
}

fn bold_first(text: &str) -> String {
    match text.split_once(' ') {
        Some((word, rest)) => format!("**{word}** {rest}"),
        None => text.to_string(),
    }
}

fn tasks(feature: &Feature, title: &str) -> String {
    let numbers = numbers(feature);
    let style = Style {
        title: format!("Tasks: {title}"),
        section: &|number, title| format!("{number}. {title}"),
        key: &|_, (section, below)| format!("{section}.{below}"),
        above: &|number| number.to_string(),
        numbers: &numbers,
        label: &|_| None,
        has_parallel: false,
    };
    checklist_write::write(feature, &style)
}
