//! Numbers that leave one out, do not go up or belong elsewhere: of requirements, of criteria, of tasks. Duplicates are
//! found elsewhere.

use std::collections::HashMap;

use spec::{Criterion, DocumentKind, Span};

use super::context::Context;
use super::out::{Found, Out};

/// One numbered thing: the number as written, what it is called, and where it stands.
struct Numbered {
    number: u32,
    subject: String,
    document: usize,
    span: Span,
}

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    requirements(context, out);
    criteria(context, out);
    strangers(context, out);
    tasks(context, out);
}

fn requirements(context: &Context<'_>, out: &mut Out<'_>) {
    let (Some(at), Some(read)) =
        (context.document(DocumentKind::Requirements), &context.reading.requirements)
    else {
        return;
    };
    let Some(document) = context.documents.get(at) else { return };
    let mut rows = Vec::new();
    for requirement in &read.requirements {
        // Numbers that are not written are counted by the reader and cannot be wrong.
        if requirement.number_span.is_none() {
            continue;
        }
        let Ok(number) = requirement.number.parse::<u32>() else { continue };
        let span = document.first_line_of(requirement.span);
        rows.push(Numbered { number, subject: requirement.number.clone(), document: at, span });
    }
    compare(&rows, "requirement", "requirements/number-gap", "requirements/number-order", out);
}

fn criteria(context: &Context<'_>, out: &mut Out<'_>) {
    let mut by_stem: HashMap<(usize, &str), Vec<Numbered>> = HashMap::new();
    let mut order = Vec::new();
    for statement in &context.statements {
        let Some(document) = context.documents.get(statement.document) else { continue };
        let Some((stem, _)) = statement.criterion.id.rsplit_once('.') else { continue };
        let Some(number) = written(statement.criterion, document.bytes) else { continue };
        let span = document.first_line_of(statement.criterion.span);
        let rows = by_stem.entry((statement.document, stem)).or_insert_with(|| {
            order.push((statement.document, stem));
            Vec::new()
        });
        rows.push(Numbered {
            number,
            subject: statement.criterion.id.clone(),
            document: statement.document,
            span,
        });
    }
    for key in order {
        let Some(rows) = by_stem.get(&key) else { continue };
        // `1. 1. 1.` is Markdown's own way to let others count, and several lists below one heading begin anew.
        let restarts = rows.iter().filter(|row| row.number == 1).count() > 1;
        if !restarts {
            compare(rows, "criterion", "requirements/number-gap", "requirements/number-order", out);
        }
    }
}

/// The last part of the number that is written at the criterion: `3` of `3.`, `2` of `1.2`.
fn written(criterion: &Criterion, bytes: &[u8]) -> Option<u32> {
    criterion.number_span?.text(bytes).rsplit('.').next()?.parse().ok()
}

/// Criteria that carry the number of another requirement than the one that they stand below.
fn strangers(context: &Context<'_>, out: &mut Out<'_>) {
    let (Some(at), Some(read)) =
        (context.document(DocumentKind::Requirements), &context.reading.requirements)
    else {
        return;
    };
    for requirement in read.requirements.iter().filter(|requirement| requirement.number_span.is_some()) {
        let is_plain = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
        let stranger = requirement.criteria.iter().find_map(|criterion| {
            let (first, _) = criterion.id.split_once('.')?;
            let is_other = is_plain(first) && is_plain(&requirement.number) && first != requirement.number;
            Some((criterion, criterion.number_span.filter(|_| is_other)?))
        });
        let Some((criterion, span)) = stranger else { continue };
        let message =
            format!("criterion `{}` stands below requirement `{}`", criterion.id, requirement.number);
        let found = Found::new("requirements/other-number", at, span, message).subject(criterion.id.clone());
        out.push(found.hint("give both the same number, and look at the tasks that cite it").related(
            at,
            requirement.heading,
            "the requirement",
        ));
    }
}

fn tasks(context: &Context<'_>, out: &mut Out<'_>) {
    let Some(at) = context.tasks_document() else { return };
    let (Some(document), Some(tasks)) = (context.documents.get(at), &context.reading.tasks) else { return };
    let mut by_parent: HashMap<Option<&str>, Vec<Numbered>> = HashMap::new();
    for task in &tasks.tasks {
        let Some(number) = task.number.as_deref().filter(|number| *number == task.id) else { continue };
        let (stem, last) = number.rsplit_once('.').map_or((None, number), |(stem, last)| (Some(stem), last));
        let Ok(number) = last.parse::<u32>() else { continue };
        let span = document.first_line_of(task.span);
        let subject = format!("task {}", task.id);
        by_parent.entry(stem).or_default().push(Numbered { number, subject, document: at, span });
    }
    let mut groups: Vec<_> = by_parent.into_values().collect();
    groups.sort_by_key(|rows| rows.first().map(|row| row.span.offset));
    for rows in groups {
        compare(&rows, "task", "tasks/number-gap", "tasks/number-order", out);
    }
}

fn compare(rows: &[Numbered], what: &str, gap: &'static str, order: &'static str, out: &mut Out<'_>) {
    let Some(first) = rows.first() else { return };
    let written: std::collections::HashSet<u32> = rows.iter().map(|row| row.number).collect();
    let mut last = first;
    let mut highest = first.number;
    for row in rows.iter().skip(1) {
        if row.number < last.number {
            let message = format!("{what} number {} stands behind {}", row.number, last.number);
            let found = Found::new(order, row.document, row.span, message).subject(row.subject.clone());
            out.push(found.related(last.document, last.span, "the one before"));
        } else if row.number > highest + 1 && last.number == highest && !written.contains(&(highest + 1)) {
            let missing = if row.number == highest + 2 {
                format!("{what} number {} is left out", highest + 1)
            } else {
                format!("{what} numbers {} to {} are left out", highest + 1, row.number - 1)
            };
            let found = Found::new(gap, row.document, row.span, missing).subject(row.subject.clone());
            out.push(found.hint("look for citations of what is missing, then renumber").related(
                last.document,
                last.span,
                "the one before",
            ));
        }
        highest = highest.max(row.number);
        last = row;
    }
}
