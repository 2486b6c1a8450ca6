//! A feature as `spec.md`, `plan.md` and `tasks.md`.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use super::read_spec::OWN_NUMBERS;
use crate::specs::checklist_write::{self, Style, push, push_note};
use crate::specs::feature::{Design, Feature, Group, Numbers, Statement};
use crate::specs::lists::one_line;
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

fn tasks_md(feature: &Feature, title: &str, requirements: &Requirements) -> String {
    let story = |cited: &[String]| {
        let stories: HashSet<usize> =
            cited.iter().filter_map(|id| requirements.group_of.get(id)).copied().collect();
        let only = stories.iter().next().filter(|_| stories.len() == 1)?;
        Some(format!("[US{}]", only + 1))
    };
    let style = Style {
        title: format!("Tasks: {title}"),
        section: &|number, title| format!("Phase {number}: {title}"),
        key: &|leaf, _| format!("T{:03}", leaf + 1),
        above: &|number| format!("phase {number}"),
        numbers: &requirements.numbers,
        label: &story,
        has_parallel: true,
    };
    checklist_write::write(feature, &style)
}
