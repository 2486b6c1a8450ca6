//! The tasks of a Kiro spec as items: states, citations, lines, waves. Reads no requirement.

use std::collections::HashSet;

use spec::Tasks;

use super::account::Account;
use super::feature::{Feature, Item, mark_by_waves};
use super::from_kiro::{section, skip_placeholders};
use super::lists::labelled;
use super::{Loss, general_loss};

/// Tasks, waves, title and overview; the sections around them are left open.
pub(super) fn read_tasks(
    tasks: &Tasks,
    account: &mut Account,
    feature: &mut Feature,
    losses: &mut Vec<Loss>,
) {
    skip_placeholders(account);
    feature.title.clone_from(&tasks.title);
    let first = (0..account.len()).find(|at| account.heading(*at).is_some());
    if let Some(at) = first.filter(|at| account.heading(*at).is_some_and(|(level, _)| level == 1)) {
        account.carry(at);
    }
    let mut places: Vec<(usize, Option<usize>)> = Vec::with_capacity(tasks.tasks.len());
    for task in &tasks.tasks {
        let mut item = Item::new(&task.id, &task.title, task.state);
        item.parallel = task.parallel;
        item.optional = task.optional;
        item.refs.clone_from(&task.requirements);
        item.all = task.requires_all;
        item.body = body(task, account);
        let above = task.parent.and_then(|at| places.get(at)).copied();
        match above {
            None => {
                feature.tasks.push(item);
                places.push((feature.tasks.len() - 1, None));
            }
            Some((top, below)) => {
                if below.is_some() {
                    let why = "the formats share two levels of tasks";
                    losses.push(general_loss(
                        &account.file,
                        &task.label,
                        why,
                        Some("a task of the second level"),
                    ));
                }
                let Some(parent) = feature.tasks.get_mut(top) else { continue };
                parent.children.push(item);
                places.push((top, Some(parent.children.len() - 1)));
            }
        }
    }
    if let Some(waves) = &tasks.waves {
        let waves: Vec<Vec<String>> = waves.iter().map(|wave| wave.tasks.clone()).collect();
        let known: HashSet<&str> = tasks.tasks.iter().map(|task| task.id.as_str()).collect();
        if waves.iter().flatten().all(|id| known.contains(id.as_str())) {
            mark_by_waves(&mut feature.tasks, &waves);
            feature.waves = Some(waves);
        } else {
            let why = "it names tasks that do not exist";
            losses.push(general_loss(&account.file, "the task dependency graph", why, None));
        }
        if let Some((at, end)) = section(account, &["task dependency graph"]) {
            account.frame(at);
            for at in at + 1..end {
                if !account.is_prose(at) && !account.is_comment(at) {
                    account.frame(at);
                }
            }
        }
    }
    if let Some((at, end)) = section(account, &["overview"]) {
        account.frame(at);
        feature.overview = account.carry_text(at + 1, end);
    }
}

/// The lines below a task, without the ones that only cite criteria and without the indentation that they share.
fn body(task: &spec::Task, account: &mut Account) -> Vec<String> {
    let (from, to) = account.lines_of(task.span);
    account.carry(from);
    let mut kept: Vec<(usize, String)> = Vec::new();
    for at in from + 1..to {
        let line = account.line(at).trim_end().to_string();
        if line.is_empty() {
            kept.push((usize::MAX, line));
            continue;
        }
        // A task may have its children in the middle of its lines; those are not its own.
        if !account.is_open(at) {
            continue;
        }
        if account.is_prose(at) && spec::references::read_line(&line).is_some() && cites_only(&line) {
            let says_all =
                task.requires_all && spec::references::read_line(&line).is_some_and(|found| found.all);
            let words =
                labelled(&line).map(|(_, value)| value.split_whitespace().count()).unwrap_or_default();
            if line.contains(['(', '（']) || says_all && words > 1 {
                account.lose(at, "the numbers are carried over, the remark beside them is not", None);
                continue;
            }
            account.carry(at);
            continue;
        }
        kept.push((account.indent(at), line));
        account.carry(at);
    }
    let shared =
        kept.iter().map(|(indent, _)| *indent).min().filter(|shared| *shared != usize::MAX).unwrap_or(0);
    let mut lines: Vec<String> = kept.into_iter().map(|(_, line)| dedented(&line, shared)).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    while lines.first().is_some_and(String::is_empty) {
        lines.remove(0);
    }
    lines
}

/// Whether the label stands at the beginning, so that the line holds nothing beside the citation.
fn cites_only(line: &str) -> bool {
    let bare = line.trim_start_matches(['-', '*', '+', ' ', '\t', '_']);
    labelled(bare)
        .is_some_and(|(label, _)| label.chars().count() <= LABEL_CHARACTERS_MAX && !label.contains('.'))
}

/// Characters in a label before a citation, as in `Validates Requirements`.
const LABEL_CHARACTERS_MAX: usize = 30;

/// The line without the first `columns` columns of white space; a tab goes to the next multiple of four.
fn dedented(line: &str, columns: usize) -> String {
    let mut column = 0;
    let mut rest = line;
    while column < columns {
        let Some(c) = rest.chars().next().filter(|c| *c == ' ' || *c == '\t') else { break };
        column += if c == ' ' { 1 } else { 4 - column % 4 };
        rest = rest.get(1..).unwrap_or_default();
    }
    format!("{}{rest}", " ".repeat(column.saturating_sub(columns)))
}
