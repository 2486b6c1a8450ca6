//! Task states that contradict each other or their own text.

use spec::{State, Task};

use super::context::{Context, Document};
use super::out::{Found, Out, shown};

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let Some(at) = context.tasks_document() else { return };
    let (Some(document), Some(tasks)) = (context.documents.get(at), &context.reading.tasks) else { return };
    for task in &tasks.tasks {
        let children: Vec<&Task> = task.children.iter().filter_map(|child| tasks.tasks.get(*child)).collect();
        family(task, &children, at, document, out);
        if matches!(task.state, State::InProgress | State::Queued) {
            let message = format!("task `{}` was begun and not finished", task.id);
            let span = document.first_line_of(task.span);
            let found =
                Found::new("tasks/left-in-progress", at, span, message).subject(format!("task {}", task.id));
            out.push(found.hint("finish it, or set it back to open"));
        }
        // The reader of tasks says the same of words that it understands.
        let is_said = out.findings.iter().any(|finding| {
            finding.rule == "tasks/contradicted-state"
                && (task.span.offset..=task.span.end()).contains(&finding.place.span.offset)
        });
        if task.state == State::Done && !is_said {
            own_words(task, at, document, out);
        }
    }
}

fn family(task: &Task, children: &[&Task], at: usize, document: &Document<'_>, out: &mut Out<'_>) {
    let has_required = children.iter().any(|child| !child.optional);
    let counted: Vec<&&Task> = children.iter().filter(|child| !has_required || !child.optional).collect();
    let span = document.first_line_of(task.span);
    let subject = format!("task {}", task.id);
    let open: Vec<&&&Task> = counted.iter().filter(|child| child.state != State::Done).collect();
    if let Some(first) = open.first().filter(|_| task.state == State::Done && has_required) {
        let message = match open.len() {
            1 => format!("task `{}` is done, but its part `{}` is not", task.id, first.id),
            count => format!(
                "task `{}` is done, but {count} of its parts are not, the first of them `{}`",
                task.id, first.id
            ),
        };
        let mut found = Found::new("tasks/done-with-open-children", at, span, message).subject(subject);
        for child in &open {
            found =
                found.related(at, document.first_line_of(child.span), format!("task `{}` is open", child.id));
        }
        out.push(found.hint("do the parts, or take the tick of the whole away"));
    } else if task.state != State::Done && !children.is_empty() && has_required && open.is_empty() {
        let message = format!("task `{}` is open, but all its parts are done", task.id);
        out.push(
            Found::new("tasks/open-with-done-children", at, span, message)
                .subject(subject)
                .hint("tick it, or write down what is left as a part"),
        );
    }
}

/// Words that say that something was not done, where they stand alone or behind a label.
const NOT_DONE: &[&str] = &[
    "not started",
    "not yet started",
    "not implemented",
    "not yet implemented",
    "not done",
    "not complete",
    "not completed",
    "incomplete",
    "partially complete",
    "partially implemented",
    "deferred",
    "postponed",
    "skipped",
    "blocked",
    "failed",
    "tbd",
    "todo",
    "to be done",
    "wip",
    "work in progress",
    "in progress",
    "未完了",
    "未着手",
    "保留",
    "未完成",
    "未开始",
    "미완료",
    "보류",
    "не начато",
    "не готово",
    "отложено",
];

/// Labels behind which a status is told.
const LABELS: &[&str] =
    &["note", "status", "state", "progress", "remark", "result", "状态", "状態", "備考", "상태", "статус"];

/// The task's own text says that it is not done: a detail that is nothing but such words, a status behind a label, or a
/// mark in the title.
fn own_words(task: &Task, at: usize, document: &Document<'_>, out: &mut Out<'_>) {
    let from = document.line_of(task.span.offset);
    let to = document.line_of(task.span.end().saturating_sub(1)) + 1;
    for (index, line) in document.prose(from, to) {
        let content = document.text.str_of(line);
        let words = if index == from { mark_in_title(&content) } else { status(&content) };
        let Some(words) = words else { continue };
        let message = format!("task `{}` is ticked and says {}", task.id, shown(&words));
        let found = Found::new("tasks/done-but-says-not", at, line.span, message)
            .subject(format!("task {}", task.id));
        out.push(found.hint("take the tick away, or the note"));
        return;
    }
}

/// `[failed]`, `(deferred)`, `- SKIPPED` at the end of a title.
fn mark_in_title(line: &str) -> Option<String> {
    let line = line.trim_end().trim_end_matches(['*', '_', '~', ' ']);
    let bracketed =
        line.strip_suffix([')', ']', '）', '】']).and_then(|rest| rest.rsplit_once(['(', '[', '（', '【']));
    let (_, words) = bracketed.or_else(|| {
        line.rsplit_once(" - ")
            .or_else(|| line.rsplit_once(" — "))
            .filter(|(_, words)| words.chars().all(|c| !c.is_lowercase()))
    })?;
    is_not_done(words).then(|| words.to_string())
}

fn status(line: &str) -> Option<String> {
    let bare: String = spec_bullet(line).chars().filter(|c| !matches!(c, '*' | '_' | '~' | '`')).collect();
    let bare = bare.trim_matches(|c: char| !c.is_alphanumeric() && c != '[' && c != '(');
    if let Some((label, words)) = bare.split_once([':', '：']) {
        let label = label.trim().to_lowercase();
        return (LABELS.contains(&label.as_str()) && begins_not_done(words)).then(|| bare.to_string());
    }
    is_not_done(bare.trim_matches(['[', ']', '(', ')', '.'])).then(|| bare.to_string())
}

fn spec_bullet(line: &str) -> &str {
    let trimmed = line.trim();
    trimmed
        .strip_prefix(['-', '*', '+'])
        .filter(|rest| rest.starts_with(' '))
        .map_or(trimmed, str::trim_start)
}

/// Nothing but such words, with at most a short reason behind a dash.
fn is_not_done(words: &str) -> bool {
    let lower = words.trim().to_lowercase();
    let head = lower.split(['—', '–', ',', ';']).next().unwrap_or_default();
    let head = head.split(" - ").next().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric());
    NOT_DONE.contains(&head)
}

fn begins_not_done(words: &str) -> bool {
    let lower = words.trim().trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    NOT_DONE.iter().any(|known| {
        lower.strip_prefix(known).is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.is_empty()
                || rest.starts_with(|c: char| !c.is_alphanumeric())
                || rest.starts_with("by ")
                || rest.starts_with("until ")
                || rest.starts_with("to ")
                || rest.starts_with("for ")
        })
    })
}
