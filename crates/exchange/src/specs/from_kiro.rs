//! Kiro's documents as a feature. Every line of them is taken in its role, kept as a note, or named as lost.

use plan::{Reading, Shape, SpecDocuments};
use spec::bugfix::ClauseKind;

use super::account::Account;
use super::feature::{BUG_GROUPS, Design, Feature, Group, Note, Statement};
use super::from_tasks::read_tasks;
use super::lists::{labelled, one_line};
use super::{Loss, general_loss};

/// Placeholders of a document that has nothing to say yet; they go nowhere.
const PLACEHOLDERS: &[&str] = &["To be described.", "To be told.", "No terms of its own yet."];

/// The feature, and what of the documents is not in it.
pub(crate) fn read(documents: &SpecDocuments) -> (Feature, Vec<Loss>) {
    let reading = Reading::of(documents.clone());
    let mut losses = Vec::new();
    let mut feature = Feature { name: documents.name.clone(), ..Feature::default() };
    match documents.shape {
        Shape::Folder => {
            read_requirements(&reading, &mut feature, &mut losses);
            read_bugfix(&reading, &mut feature, &mut losses);
            if let Some(bytes) = &documents.design {
                feature.design = Design::Whole(bytes.clone());
            }
            if let (Some(bytes), Some(tasks)) = (&documents.tasks, &reading.tasks) {
                let mut account = Account::of("tasks.md", bytes);
                read_tasks(tasks, &mut account, &mut feature, &mut losses);
                close_tasks(&mut account, &mut feature);
                losses.extend(account.into_losses());
            }
        }
        Shape::Single => read_single(&reading, &mut feature, &mut losses),
    }
    if feature.title.is_empty() {
        feature.title = reading.design.as_ref().map(|design| design.title.clone()).unwrap_or_default();
    }
    (feature, losses)
}

fn statement(criterion: &spec::Criterion) -> Statement {
    Statement { keys: vec![criterion.id.clone()], text: one_line(&criterion.text) }
}

/// Takes the lines of a criterion; code between them is not part of its words.
fn take_criterion(account: &mut Account, criterion: &spec::Criterion) {
    let (from, to) = account.lines_of(criterion.span);
    for at in from..to {
        if account.is_prose(at) {
            account.carry(at);
        }
    }
}

pub(super) fn skip_placeholders(account: &mut Account) {
    for at in 0..account.len() {
        if PLACEHOLDERS.contains(&account.line(at).trim()) {
            account.frame(at);
        }
    }
}

/// The line of the first heading with that title, and where its section ends.
pub(super) fn section(account: &Account, names: &[&str]) -> Option<(usize, usize)> {
    let is_it = |at: &usize| {
        account
            .heading(*at)
            .is_some_and(|(_, title)| names.iter().any(|name| title.eq_ignore_ascii_case(name)))
    };
    let at = (0..account.len()).find(is_it)?;
    let level = account.heading(at)?.0;
    Some((at, account.section_end(at + 1, level)))
}

fn read_requirements(reading: &Reading, feature: &mut Feature, losses: &mut Vec<Loss>) {
    let (Some(bytes), Some(read)) = (&reading.documents.requirements, &reading.requirements) else { return };
    let mut account = Account::of("requirements.md", bytes);
    skip_placeholders(&mut account);
    frame_headings(&mut account, &["requirements document", "requirements", "imported notes", "需求文档"]);
    let is_flat = read.requirements.iter().all(|requirement| {
        requirement.criteria.len() == 1 && requirement.criteria.iter().all(|c| c.id == requirement.number)
    });
    if is_flat && !read.requirements.is_empty() {
        let mut group = Group { title: "Requirements".to_string(), ..Group::default() };
        for criterion in read.criteria() {
            group.criteria.push(statement(criterion));
            take_criterion(&mut account, criterion);
        }
        feature.groups.push(group);
    } else {
        for requirement in &read.requirements {
            feature.groups.push(group(requirement, &mut account));
            if !requirement.number.bytes().all(|b| b.is_ascii_digit()) {
                let kept = format!("requirement {} in this order", feature.groups.len());
                let why = "the other tool numbers requirements itself";
                losses.push(general_loss("requirements.md", &requirement.number, why, Some(&kept)));
            }
        }
    }
    let names = ["introduction", "overview", "概要", "简介", "介绍", "はじめに", "개요", "введение"];
    if let Some((at, end)) = section(&account, &names) {
        account.frame(at);
        feature.introduction = account.carry_text(at + 1, end);
    }
    let names = ["glossary", "terms", "terminology", "用語集", "用語", "术语表", "术语", "용어", "глоссарий"];
    if let Some((at, end)) = section(&account, &names) {
        account.frame(at);
        feature.glossary = account.carry_text(at + 1, end);
    }
    feature.notes.extend(notes(&mut account, "the notes"));
    losses.extend(account.into_losses());
}

fn frame_headings(account: &mut Account, names: &[&str]) {
    for at in 0..account.len() {
        let title = account.heading(at).map(|(_, title)| title.to_lowercase());
        if title.is_some_and(|title| names.contains(&title.as_str())) {
            account.frame(at);
        }
    }
}

const STORIES: &[&str] = &[
    "user story",
    "story",
    "objective",
    "ユーザーストーリー",
    "目的",
    "用户故事",
    "사용자 스토리",
    "пользовательская история",
    "цель",
];

fn group(requirement: &spec::requirements::Requirement, account: &mut Account) -> Group {
    let mut group = Group {
        keys: vec![requirement.number.clone()],
        title: requirement.title.clone(),
        story: requirement.user_story.clone().filter(|story| !PLACEHOLDERS.contains(&story.as_str())),
        ..Group::default()
    };
    for criterion in &requirement.criteria {
        group.criteria.push(statement(criterion));
        take_criterion(account, criterion);
    }
    let (from, to) = account.lines_of(requirement.span);
    account.carry(from);
    for at in from + 1..to {
        if !account.is_open(at) || !account.is_prose(at) {
            continue;
        }
        let is_acceptance = {
            let line = account.line(at);
            let bare = line.trim_matches(|c: char| matches!(c, '-' | '#' | '*' | '_' | ':' | '：' | ' '));
            let words =
                ["acceptance criteria", "acceptance", "受け入れ基準", "受入基準", "验收标准", "수용 기준"];
            words.contains(&bare.to_lowercase().as_str()) || bare.to_lowercase().starts_with("критерии при")
        };
        if is_acceptance {
            account.frame(at);
            continue;
        }
        let line = account.line(at).trim_start_matches(['-', '*', '+', ' ']).to_string();
        let Some((_, value)) =
            labelled(&line).filter(|(label, _)| STORIES.contains(&label.to_lowercase().as_str()))
        else {
            continue;
        };
        match &group.story {
            None if PLACEHOLDERS.contains(&value) => account.frame(at),
            None => {
                group.story = Some(value.to_string());
                account.carry(at);
            }
            Some(story) if story.trim_end_matches(['*', '_']) == value.trim_end_matches(['*', '_']) => {
                account.carry(at)
            }
            Some(_) => {}
        }
    }
    group.notes = account.carry_text(from + 1, to);
    group
}

/// What nobody took, section by section.
fn notes(account: &mut Account, kept_as: &str) -> Vec<Note> {
    let why = "no format shares this section";
    let mut starts: Vec<usize> =
        (0..account.len()).filter(|at| account.heading(*at).is_some_and(|(level, _)| level <= 2)).collect();
    starts.insert(0, 0);
    starts.dedup();
    let ends = starts.iter().skip(1).copied().chain([account.len()]).collect::<Vec<_>>();
    let mut out = Vec::new();
    for (from, to) in starts.into_iter().zip(ends) {
        let heading = account.heading(from).map(|(_, title)| title.to_string());
        let is_own = heading.is_some() && account.is_open(from);
        if is_own {
            account.frame(from);
        }
        let lines = account.keep(from, to, why, kept_as);
        let heading = heading.filter(|_| is_own).unwrap_or_default();
        if !lines.is_empty() || !heading.is_empty() {
            if is_own {
                account.lose(from, why, Some(kept_as));
            }
            out.push(Note { heading, lines });
        }
    }
    out
}

fn read_bugfix(reading: &Reading, feature: &mut Feature, losses: &mut Vec<Loss>) {
    let (Some(bytes), Some(read)) = (&reading.documents.bugfix, &reading.bugfix) else { return };
    let mut account = Account::of("bugfix.md", bytes);
    skip_placeholders(&mut account);
    frame_headings(&mut account, &["bugfix requirements document", "bug analysis", "imported notes"]);
    let kinds = [ClauseKind::Current, ClauseKind::Expected, ClauseKind::Unchanged];
    for (kind, title) in kinds.into_iter().zip(BUG_GROUPS) {
        let mut group = Group { title: title.to_string(), ..Group::default() };
        for clause in read.clauses.iter().filter(|clause| clause.kind == kind) {
            group.criteria.push(statement(&clause.criterion));
            take_criterion(&mut account, &clause.criterion);
        }
        feature.groups.push(group);
    }
    for at in 0..account.len() {
        let Some((3, title)) = account.heading(at) else { continue };
        let title = title.to_lowercase();
        if ["current behavior", "expected behavior", "unchanged behavior"]
            .iter()
            .any(|name| title.starts_with(name))
        {
            account.frame(at);
        }
    }
    if let Some((at, end)) = section(&account, &["introduction"]) {
        account.frame(at);
        feature.introduction.extend(account.carry_text(at + 1, end));
    }
    feature.notes.extend(notes(&mut account, "the notes"));
    losses.extend(account.into_losses());
}

fn read_single(reading: &Reading, feature: &mut Feature, losses: &mut Vec<Loss>) {
    let (Some(bytes), Some(read)) = (&reading.documents.single, &reading.single) else { return };
    let file = reading.documents.tasks_file();
    let mut account = Account::of(&file, bytes);
    feature.title.clone_from(&read.title);
    frame_headings(&mut account, &["requirements", "acceptance criteria", "tasks"]);
    let mut group = Group { title: "Requirements".to_string(), ..Group::default() };
    for criterion in &read.requirements {
        group.criteria.push(statement(criterion));
        take_criterion(&mut account, criterion);
    }
    if !group.criteria.is_empty() {
        feature.groups.push(group);
    }
    if let Some(tasks) = &reading.tasks {
        read_tasks(tasks, &mut account, feature, losses);
        feature.title.clone_from(&read.title);
    }
    let first = (0..account.len()).find(|at| account.heading(*at).is_some());
    if let Some(at) = first {
        account.carry(at);
        let end = (at + 1..account.len()).find(|at| account.heading(*at).is_some()).unwrap_or(account.len());
        feature.introduction = account.carry_text(at + 1, end);
    }
    feature.notes.extend(notes(&mut account, "the notes"));
    losses.extend(account.into_losses());
}

fn close_tasks(account: &mut Account, feature: &mut Feature) {
    for at in 0..account.len() {
        let title = account.heading(at).map(|(_, title)| title.to_lowercase());
        if title
            .is_some_and(|title| matches!(title.as_str(), "tasks" | "任务" | "タスク" | "작업" | "задачи"))
        {
            account.frame(at);
        }
        if account.line(at).trim()
            == "- Tasks marked with `*` are optional and can be skipped for a faster MVP"
        {
            account.frame(at);
        }
    }
    if let Some((at, end)) = section(account, &["notes"]) {
        account.frame(at);
        let lines = account.carry_text(at + 1, end);
        if !lines.is_empty() {
            feature.task_notes.push(Note { heading: "Notes".to_string(), lines });
        }
    }
    feature.task_notes.extend(notes(account, "the notes"));
}

#[cfg(test)]
#[path = "from_kiro_tests.rs"]
mod tests;
