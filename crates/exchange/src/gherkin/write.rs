//! A feature as one `.feature` file: a rule for each requirement, a scenario for each criterion. The criterion's own words
//! stand before the steps, which are only a first cut of them.

use std::fmt::Write;

use crate::specs::feature::{Design, Feature, Group};
use crate::specs::lists::one_line;
use crate::specs::{File, Loss, general_loss};

/// What the scenarios of a spec of ours are called, with the number of the criterion behind it.
pub(super) const CRITERION: &str = "Criterion ";

/// The file.
pub(super) fn write(feature: &Feature, losses: &mut Vec<Loss>) -> File {
    let title = if feature.title.is_empty() { &feature.name } else { &feature.title };
    let mut out = format!("Feature: {}\n", one_line(title));
    quoted(&mut out, "  ", &feature.introduction);
    if !feature.glossary.is_empty() {
        out.push_str("  > **Glossary**\n");
        quoted(&mut out, "  ", &feature.glossary);
    }
    for note in &feature.notes {
        let _ = writeln!(out, "  > **{}**", one_line(&note.heading));
        quoted(&mut out, "  ", &note.lines);
    }
    for (at, group) in feature.groups.iter().enumerate() {
        rule(&mut out, at + 1, group);
    }
    if !feature.tasks.is_empty() || !feature.task_notes.is_empty() {
        let why = "a feature of Gherkin has no tasks";
        losses.push(general_loss("tasks.md", "the tasks", why, None));
    }
    if !matches!(feature.design, Design::None) {
        losses.push(general_loss("design.md", "the design", "a feature of Gherkin has no design", None));
    }
    (format!("features/{}.feature", feature.name), out.into_bytes())
}

/// Words that begin no step and no heading, whatever they are.
fn quoted(out: &mut String, indent: &str, lines: &[String]) {
    for line in lines {
        let _ = writeln!(out, "{}", format!("{indent}> {}", line.replace(['\r', '\n'], " ")).trim_end());
    }
}

fn rule(out: &mut String, number: usize, group: &Group) {
    let _ = write!(out, "\n  Rule: {}\n", one_line(&group.title));
    let story: Vec<String> =
        group.story.iter().map(|story| format!("**User Story:** {}", one_line(story))).collect();
    quoted(out, "    ", &story);
    quoted(out, "    ", &group.notes);
    for (below, criterion) in group.criteria.iter().enumerate() {
        let id = format!("{number}.{}", below + 1);
        let text = one_line(&criterion.text);
        let _ = write!(out, "\n    Scenario: {CRITERION}{id}\n      > {text}\n\n");
        for step in steps(&text) {
            let _ = writeln!(out, "      {step}");
        }
    }
}

/// A first cut: the condition as `When`, the response as `Then`.
fn steps(text: &str) -> Vec<String> {
    let upper = text.to_uppercase();
    let words = ["WHEN ", "IF ", "WHILE ", "WHERE ", "GIVEN "];
    let condition = words.iter().find(|word| upper.starts_with(*word)).filter(|_| upper.len() == text.len());
    let cut = |word: &str| upper.find(word).map(|at| (at, at + word.len()));
    let Some((word, (end, start))) = condition.zip(cut(" THEN ").or_else(|| cut(", "))) else {
        return vec![format!("Then {text}")];
    };
    let key = if matches!(*word, "WHILE " | "WHERE " | "GIVEN ") { "Given" } else { "When" };
    let condition = text.get(word.len()..end).unwrap_or_default().trim();
    let response = text.get(start..).unwrap_or_default().trim();
    if condition.is_empty() || response.is_empty() {
        return vec![format!("Then {text}")];
    }
    vec![format!("{key} {condition}"), format!("Then {response}")]
}
