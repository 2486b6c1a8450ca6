//! `tasks.md`: its tasks in document order, with states, numbers, parents, references, files and checks.
//! Decides nothing about what runs next, and changes nothing.

use std::collections::{HashMap, HashSet};

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::inline::{CHECK_LABELS, command, is_bullet, labelled, strip_bullet};
use crate::outline::{Heading, headings};
use crate::paths::paths_in;
use crate::references::{self, REFERENCES_MAX};
use crate::task_line::{self, BoxLine, TaskLine};
use crate::text::{Inside, Text, Unclosed};
use crate::waves::{self, Wave};

/// Tasks read from one document; what lies beyond is ignored with a diagnostic. The largest real file has 130.
pub const TASKS_MAX: usize = 5_000;

/// Where a task stands. Markdown has no state for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// `[ ]`, and any mark that is none of the others.
    Open,
    /// `[~]`
    Queued,
    /// `[-]`
    InProgress,
    /// `[x]` or `[X]`
    Done,
}

impl State {
    /// The byte between the brackets.
    pub fn byte(self) -> u8 {
        match self {
            State::Open => b' ',
            State::Queued => b'~',
            State::InProgress => b'-',
            State::Done => b'x',
        }
    }
}

/// One task. Its address is `id`, which is unique in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The number as written (`1.2`); a place by indentation (`2.1`) when none is written; `1.2#2` for the
    /// second task that says `1.2`.
    pub id: String,
    /// The number as written, if any.
    pub number: Option<String>,
    /// The text behind the number, Markdown kept.
    pub title: String,
    /// Number and title as written, without bullet, box and mark: Kiro's identity of the task.
    pub label: String,
    /// The whole line without its break.
    pub line_text: String,
    /// What the box says.
    pub state: State,
    /// Offset of the one byte between the brackets.
    pub state_offset: usize,
    /// Marked with `*`: skipped unless asked for.
    pub optional: bool,
    /// The line and its own details, children left out, in bytes.
    pub span: Span,
    /// The bytes of `span` as text, trailing blank lines left out.
    pub block: String,
    /// Bullets and lines below the task, without their markers; references and checks included as written.
    pub details: Vec<String>,
    /// Ids that the task says it fulfils, ranges expanded, each once.
    pub requirements: Vec<String>,
    /// The task says that it fulfils all requirements.
    pub requires_all: bool,
    /// Paths that the block names; see [`crate::paths::paths_in`].
    pub files: Vec<String>,
    /// The command that proves the task, from `_Check: cmd_` or ``Check: `cmd` ``.
    pub check: Option<String>,
    /// Ids of tasks that must be done before, from `_Depends: 1.2_` and its like.
    pub depends_on: Vec<String>,
    /// The task changes nothing and only asks whether everything holds.
    pub is_checkpoint: bool,
    /// 0 for a top-level task, one more for each ancestor.
    pub level: usize,
    /// Index of the parent in [`Tasks::tasks`].
    pub parent: Option<usize>,
    /// Indices of the children in [`Tasks::tasks`].
    pub children: Vec<usize>,
}

impl Task {
    /// Whether the task has no children, so that it is work and not a heading over work.
    pub fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }
}

/// A task document. Limitations: a heading that is itself a task (`### Task 1.1`) is read as a heading, and the
/// boxes below it as tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// The document's first heading, without `Implementation Plan:`.
    pub title: String,
    /// Every task in document order, at most [`TASKS_MAX`].
    pub tasks: Vec<Task>,
    /// The dependency graph, when there is one that can be read.
    pub waves: Option<Vec<Wave>>,
    /// A `Check:` line that belongs to no task: the command that proves the whole spec.
    pub check: Option<String>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Sections whose boxes are somebody's checklist and never work for the agent.
const CHECKLISTS: &[&str] = &[
    "requirements",
    "constraints",
    "out of scope",
    "success criteria",
    "acceptance criteria",
    "definition of done",
    "acceptance",
    "prerequisites",
    "external dependencies",
    "introduction",
    "task dependency graph",
];

impl Tasks {
    /// Reads any bytes: a `tasks.md`, or a single-file spec of which only the task part counts.
    pub fn parse(bytes: &[u8]) -> Tasks {
        let text = Text::read(bytes);
        let headings = headings(&text);
        let mut findings = Findings::default();
        let mut rows = rows(&text, &headings, &mut findings);
        close_blocks(&text, &headings, &mut rows);
        name_rows(&mut rows, &mut findings);
        let tasks: Vec<Task> = build(&text, rows);
        let waves = waves::read(&text, &headings, &mut findings);
        if let Some(Unclosed::Fence { span, .. } | Unclosed::Comment { span }) = text.unclosed() {
            findings.push(
                Diagnostic::warning(
                    "tasks/unclosed-block",
                    span,
                    "this code block or comment is never closed",
                )
                .hint("no task below it is seen"),
            );
        }
        let check = document_check(&text, &tasks);
        let title = headings.first().map(|heading| plan_title(&heading.title)).unwrap_or_default();
        Tasks { title, tasks, waves, check, diagnostics: findings.into_vec() }
    }

    /// The task with that id, written with or without a final dot.
    pub fn find(&self, id: &str) -> Option<&Task> {
        let id = id.trim().trim_end_matches('.');
        self.tasks.iter().find(|task| task.id == id)
    }

    /// The tasks without children, in document order.
    pub fn leaves(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.is_leaf())
    }
}

fn plan_title(heading: &str) -> String {
    let rest =
        heading.strip_prefix("Implementation Plan").map(|rest| rest.trim_start_matches([':', ' ', '-', '—']));
    rest.unwrap_or(heading).to_string()
}

/// A task line on its way to becoming a task.
struct Row {
    line: usize,
    end: usize,
    indent: usize,
    span: Span,
    read: TaskLine,
    id: String,
    parent: Option<usize>,
}

fn rows(text: &Text<'_>, headings: &[Heading], findings: &mut Findings) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut heading = headings.iter().enumerate().peekable();
    let mut in_checklist = false;
    for (index, line) in text.lines().iter().enumerate() {
        if line.inside != Inside::Prose {
            continue;
        }
        if let Some((at, _)) = heading.next_if(|(_, heading)| heading.line == index) {
            in_checklist = is_checklist(headings, at);
            continue;
        }
        match task_line::read(text.of(line)) {
            None => {}
            Some(_) if in_checklist => {}
            Some(BoxLine::Empty) => findings.push(
                Diagnostic::warning("tasks/empty-box", line.span, "`[]` has no space between the brackets")
                    .hint("write `[ ]`, or the line is not a task"),
            ),
            Some(BoxLine::Task(_)) if rows.len() >= TASKS_MAX => {
                let message = format!("only the first {TASKS_MAX} tasks are read");
                findings.push(Diagnostic::error("tasks/too-many-tasks", line.span, message));
                break;
            }
            Some(BoxLine::Task(read)) => {
                if read.is_odd {
                    findings.push(
                        Diagnostic::warning("tasks/unknown-state", line.span, "unknown state in the box")
                            .hint(
                                "the states are `[ ]`, `[~]`, `[-]` and `[x]`; this one counts as not done",
                            ),
                    );
                }
                let (indent, span, end) = (line.indent, line.span, index + 1);
                rows.push(Row { line: index, end, indent, span, read, id: String::new(), parent: None });
            }
        }
    }
    rows
}

fn is_checklist(headings: &[Heading], at: usize) -> bool {
    let mut next = Some(at);
    while let Some(heading) = next.and_then(|at| headings.get(at)) {
        if CHECKLISTS.iter().any(|name| heading.is(name)) {
            return true;
        }
        next = heading.parent;
    }
    false
}

/// Finds for each task the line where its own text ends.
fn close_blocks(text: &Text<'_>, headings: &[Heading], rows: &mut [Row]) {
    let heading_lines: HashSet<usize> = headings.iter().map(|heading| heading.line).collect();
    let starts: Vec<usize> = rows.iter().map(|row| row.line).collect();
    for (index, row) in rows.iter_mut().enumerate() {
        let limit = starts.get(index + 1).copied().unwrap_or(text.lines().len());
        let mut is_after_blank = false;
        for (at, line) in text.lines().iter().enumerate().take(limit).skip(row.line + 1) {
            let content = text.str_of(line);
            if heading_lines.contains(&at) {
                break;
            }
            if content.trim().is_empty() {
                is_after_blank = true;
                continue;
            }
            // A paragraph at the task's own column behind a blank line is the document speaking again.
            let is_outside = line.inside == Inside::Prose && line.indent <= row.indent && is_after_blank;
            if is_outside && references::read_line(&content).is_none() {
                break;
            }
            is_after_blank = false;
            row.end = at + 1;
        }
    }
}

/// Gives every row a unique id and its parent.
fn name_rows(rows: &mut [Row], findings: &mut Findings) {
    let mut by_number: HashMap<String, usize> = HashMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut taken: HashSet<String> = HashSet::new();
    let mut above: Vec<(usize, usize)> = Vec::new();
    for index in 0..rows.len() {
        let Some(row) = rows.get_mut(index) else { break };
        while above.last().is_some_and(|(_, indent)| *indent >= row.indent) {
            above.pop();
        }
        let by_indent = above.last().map(|(at, _)| *at);
        above.push((index, row.indent));
        row.parent = match row.read.number.as_deref().and_then(|number| number.rsplit_once('.')) {
            Some((stem, _)) => by_number.get(stem).copied().or(by_indent),
            None => by_indent,
        };
        if let Some(number) = row.read.number.clone() {
            let count = seen.entry(number.clone()).or_insert(0);
            *count += 1;
            row.id = if *count == 1 { number.clone() } else { format!("{number}#{count}") };
            if *count == 2 {
                let message = format!("task number `{number}` is used twice");
                findings.push(
                    Diagnostic::warning("tasks/duplicate-number", row.span, message)
                        .hint(format!("the second one is addressed as `{}`", row.id)),
                );
            }
            taken.insert(row.id.clone());
            by_number.insert(number, index);
        }
    }
    let mut last: HashMap<Option<usize>, usize> = HashMap::new();
    for index in 0..rows.len() {
        let Some(row) = rows.get(index) else { break };
        let (parent, is_numbered) = (row.parent, row.read.number.is_some());
        let count = last.entry(parent).or_insert(0);
        *count += 1;
        if is_numbered {
            continue;
        }
        let stem = parent.and_then(|at| rows.get(at)).map(|row| format!("{}.", row.id)).unwrap_or_default();
        let mut id = format!("{stem}{count}");
        while !taken.insert(id.clone()) {
            *count += 1;
            id = format!("{stem}{count}");
        }
        if let Some(row) = rows.get_mut(index) {
            row.id = id;
        }
    }
}

fn build(text: &Text<'_>, rows: Vec<Row>) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        let Some(line) = text.lines().get(row.line) else { continue };
        let span = text.span_of(row.line, row.end);
        let block = span.text(text.bytes()).trim_end().to_string();
        let mut task = Task {
            id: row.id,
            label: label(&row.read),
            number: row.read.number,
            line_text: text.str_of(line).into_owned(),
            state: row.read.state,
            state_offset: line.span.offset + row.read.state_at,
            optional: row.read.optional,
            span,
            files: paths_in(&block),
            block,
            details: Vec::new(),
            requirements: Vec::new(),
            requires_all: false,
            check: None,
            depends_on: Vec::new(),
            is_checkpoint: is_checkpoint(&row.read.title),
            title: row.read.title,
            level: row.parent.and_then(|at| tasks.get(at)).map_or(0, |parent| parent.level + 1),
            parent: row.parent,
            children: Vec::new(),
        };
        read_references(&mut task, &text.str_of(line));
        for line in text.lines().get(row.line + 1..row.end).unwrap_or_default() {
            if line.inside == Inside::Prose {
                read_references(&mut task, &text.str_of(line));
                read_detail(&mut task, &text.str_of(line));
            }
        }
        read_dependencies(&mut task);
        if let Some(parent) = row.parent.and_then(|at| tasks.get_mut(at)) {
            parent.children.push(index);
        }
        tasks.push(task);
    }
    tasks
}

fn label(read: &TaskLine) -> String {
    match &read.number {
        Some(number) if number.contains('.') => format!("{number} {}", read.title),
        Some(number) => format!("{number}. {}", read.title),
        None => read.title.clone(),
    }
}

const DEPENDENCY_LABELS: &[&str] = &[
    "depends",
    "depends on",
    "dependencies",
    "dependency",
    "blocked by",
    "after",
    "依存",
    "依存関係",
    "依赖",
];

fn read_references(task: &mut Task, line: &str) {
    if let Some(found) = references::read_line(line) {
        task.requires_all |= found.all;
        for id in found.ids {
            if task.requirements.len() < REFERENCES_MAX && !task.requirements.contains(&id) {
                task.requirements.push(id);
            }
        }
    }
}

fn read_detail(task: &mut Task, line: &str) {
    if task.check.is_none() {
        task.check = labelled(line, CHECK_LABELS).and_then(command);
    }
    if let Some(value) = labelled(line, DEPENDENCY_LABELS) {
        push_dependencies(task, value);
    }
    let detail = strip_bullet(line);
    match task.details.last_mut() {
        _ if detail.is_empty() => {}
        Some(last) if !is_bullet(line) && !detail.starts_with(['_', '*']) => {
            last.push(' ');
            last.push_str(detail);
        }
        _ => task.details.push(detail.to_string()),
    }
}

/// `(dep: 5, 6)` in the title.
fn read_dependencies(task: &mut Task) {
    let title = task.title.clone();
    for open in ["(dep: ", "(deps: ", "(depends on ", "(depends: "] {
        if let Some((_, rest)) = title.split_once(open)
            && let Some((value, _)) = rest.split_once(')')
        {
            push_dependencies(task, value);
        }
    }
}

fn push_dependencies(task: &mut Task, value: &str) {
    for item in value.split([',', '、', '[', ']', ' ']) {
        let id = item.trim().trim_end_matches('.');
        let is_id = id.starts_with(|c: char| c.is_ascii_digit() || c == 'T')
            && id.chars().any(|c| c.is_ascii_digit());
        if is_id && task.depends_on.len() < REFERENCES_MAX && !task.depends_on.iter().any(|known| known == id)
        {
            task.depends_on.push(id.to_string());
        }
    }
}

/// Whether a title only asks that everything holds. Narrow on purpose: a checkpoint is proved by a check alone,
/// so a task that should change files must not pass for one.
fn is_checkpoint(title: &str) -> bool {
    const WORDS: &[&str] = &[
        "checkpoint",
        "final checkpoint",
        "verification checkpoint",
        "ensure all tests pass",
        "检查点",
        "チェックポイント",
        "체크포인트",
        "контрольная точка",
        "punto de control",
    ];
    let title = title.trim_start_matches(['*', '_', ' ']).to_lowercase();
    // `Checkpoint - all green` asks; `Checkpoint storage` is a thing to build.
    let asks = |rest: &str| {
        let rest = rest.trim_start();
        !rest.starts_with(char::is_alphanumeric)
            || rest.starts_with(|c: char| c.is_ascii_digit())
            || ["ensure", "verify", "all ", "run "].iter().any(|word| rest.starts_with(word))
    };
    WORDS.iter().any(|word| title.strip_prefix(word).is_some_and(asks))
        || title.starts_with("verify ") && title.contains(" test") && title.contains(" pass")
}

fn document_check(text: &Text<'_>, tasks: &[Task]) -> Option<String> {
    let mut blocks = tasks.iter().map(|task| task.span).peekable();
    for line in text.lines() {
        while blocks.next_if(|block| block.end() <= line.span.offset).is_some() {}
        let is_in_task = blocks.peek().is_some_and(|block| block.offset <= line.span.offset);
        if !is_in_task
            && line.inside == Inside::Prose
            && let Some(found) = labelled(&text.str_of(line), CHECK_LABELS).and_then(command)
        {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
#[path = "tasks_tests.rs"]
mod tests;
