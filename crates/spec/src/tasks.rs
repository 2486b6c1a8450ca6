//! `tasks.md`: its tasks in document order, with states, numbers, parents, references, files and checks.
//! Decides nothing about what runs next, and changes nothing.

use std::borrow::Cow;

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::inline::{CHECK_LABELS, command, has_colon, labelled};
use crate::outline::headings;
use crate::paths::push_paths;
use crate::task_blocks::{self, Block};
use crate::task_detail;
use crate::task_dialect;
use crate::task_line::{self, Mark, Shape};
use crate::task_region::{self, Checks, Row};
use crate::task_tree::{self, Node};
use crate::text::{Inside, Text, Unclosed};
use crate::waves::{self, Claim, Wave};

pub use crate::task_detail::{BOUNDARY_MAX, PROPERTIES_MAX};
pub use crate::task_dialect::{Dialect, Part};

/// Boxes read from one document; what lies beyond is ignored with a diagnostic. The largest real file has 130.
pub const TASKS_MAX: usize = 5_000;

/// [`Task::state_offset`] of a task whose state no single byte holds.
pub const NO_BYTE: usize = usize::MAX;

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
    /// The number as written, full-width digits made plain, if any.
    pub number: Option<String>,
    /// The text behind the number, Markdown kept, marks for parallel work left out.
    pub title: String,
    /// Number and title as written, without bullet, box and mark: Kiro's identity of the task.
    pub label: String,
    /// The whole line without its break.
    pub line_text: String,
    /// What the box says.
    pub state: State,
    /// Offset of the one byte that holds the state, or [`NO_BYTE`] when [`Task::mark_len`] is not 1.
    ///
    /// A heading that is a task and has no box of its own has none either while boxes below it are sub-tasks: its state
    /// follows from theirs. When the boxes below it are checks (`Acceptance Criteria:`), the last one is its box: the
    /// task is done when its last check is.
    pub state_offset: usize,
    /// Bytes of the mark: 1 for `[ ]` and `[x]`, more for `[✓]`, 0 for `[]` and for a heading without a box. Only a mark
    /// of one byte can be changed by a splice of one byte.
    pub mark_len: usize,
    /// The mark between the brackets; empty when there is none.
    pub mark: Span,
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
    /// The task may run beside others: `[P]`, `(P)`, `(並行可)`.
    pub parallel: bool,
    /// Parts of the system that the task may touch, from `_Boundary: A, B_`, at most [`BOUNDARY_MAX`].
    pub boundary: Vec<String>,
    /// Properties that the task tests, from `**Property 3: …**`, at most [`PROPERTIES_MAX`].
    pub properties: Vec<u32>,
    /// Ids behind `Validates:`; they stand in `requirements`, too.
    pub validates: Vec<String>,
    /// Where the number stands, when it is written.
    pub number_span: Option<Span>,
    /// Where the title stands; marks for parallel work are left out at its ends.
    pub title_span: Span,
    /// The task's own line without its break.
    pub line: Span,
    /// The task is a heading.
    pub is_heading: bool,
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

/// A task document in any dialect: Kiro's own, flat lists, children at column 0, headings over boxes, headings that are
/// tasks, tables, and ten languages' words.
///
/// Limitations: a list in a block quote is prose; a box in an indented code block is a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// The document's first heading, without `Implementation Plan:`.
    pub title: String,
    /// Every task in document order, at most [`TASKS_MAX`].
    pub tasks: Vec<Task>,
    /// The dependency graph, when there is one that can be read.
    pub waves: Option<Vec<Wave>>,
    /// The graph as it is written, with the place of every word; `waves` is what follows from it.
    pub graph: Option<Claim>,
    /// The shape that most tasks have.
    pub dialect: Dialect,
    /// The shape of each section that holds tasks, in document order.
    pub parts: Vec<Part>,
    /// A `Check:` line that belongs to no task: the command that proves the whole spec.
    pub check: Option<String>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Tasks {
    /// Reads any bytes: a `tasks.md`, or a single-file spec of which only the task part counts. Linear in their number.
    pub fn parse(bytes: &[u8]) -> Tasks {
        let text = Text::read(bytes);
        let headings = headings(&text);
        let mut findings = Findings::default();
        let (rows, limit) = task_region::rows(&text, &headings, &mut findings);
        let line_of = |row: &Row| text.lines().get(row.line).map(|line| line.span).unwrap_or_default();
        let nodes = task_tree::nodes(&rows, line_of, &mut findings);
        let (blocks, free) = task_blocks::blocks(&text, &headings, &rows, limit);
        let (dialect, parts) = task_dialect::vote(&text, &headings, &rows, &nodes);
        let mut tasks = build(&text, rows, nodes, blocks, &mut findings);
        settle_parents(&mut tasks);
        let graph = waves::read(&text, &headings, &tasks, &mut findings);
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
        let check = document_check(&text, &free);
        let title = headings.first().map(|heading| plan_title(&heading.title)).unwrap_or_default();
        let waves = graph.as_ref().and_then(|claim| claim.waves_as_written(&tasks));
        Tasks { title, tasks, waves, graph, dialect, parts, check, diagnostics: findings.into_vec() }
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

fn build(
    text: &Text<'_>,
    rows: Vec<Row>,
    nodes: Vec<Node>,
    blocks: Vec<Block>,
    findings: &mut Findings,
) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::with_capacity(rows.len());
    let mut has_child = vec![false; rows.len()];
    for parent in nodes.iter().filter_map(|node| node.parent) {
        if let Some(has_child) = has_child.get_mut(parent) {
            *has_child = true;
        }
    }
    for (index, ((row, node), block)) in rows.into_iter().zip(nodes).zip(blocks).enumerate() {
        let parent = node.parent.filter(|parent| *parent < tasks.len());
        let span = text.span_of(row.line, block.end);
        let level = parent.and_then(|at| tasks.get(at)).map_or(0, |parent| parent.level + 1);
        // Over sub-tasks the checks of a heading say nothing of its state.
        let is_leaf = has_child.get(index) == Some(&false);
        let checks = row.checks.filter(|_| is_leaf);
        let mut task = started(text, &row, node, checks);
        (task.span, task.parent, task.level) = (span, parent, level);
        task.block = text.str_at(span).trim_end().to_string();
        push_paths(&task.block, &mut task.files);
        let mut claim = task_detail::read_title(&mut task);
        for at in (row.line + 1..block.end).chain(block.tail) {
            let Some(line) = text.lines().get(at).filter(|line| line.inside == Inside::Prose) else {
                continue;
            };
            let content = text.str_of(line);
            claim = claim.or(task_detail::read_line(&mut task, &content));
            if at >= block.end {
                push_paths(&content, &mut task.files);
            }
            // `- **Status:** [x]` below a heading is the heading's box.
            if task.is_heading && task.mark_len == 0 && checks.is_none() {
                take_status_box(&mut task, line.span.offset, &text.exact(line));
            }
        }
        if let Some(parent) = parent.and_then(|at| tasks.get_mut(at)) {
            parent.children.push(index);
        }
        if task.is_heading && task.mark_len == 0 && is_leaf {
            task.state = claim.unwrap_or(task.state);
        }
        tell(&task, &row, checks, claim, findings);
        if task.is_heading && task.mark_len == 0 && is_leaf {
            findings.push(
                Diagnostic::warning("tasks/no-box", task.line, format!("task `{}` has no box", task.id))
                    .hint("write `- [ ]` before it, or nobody can tick it"),
            );
        }
        tasks.push(task);
    }
    tasks
}

/// A task with what its own line says.
fn started(text: &Text<'_>, row: &Row, node: Node, checks: Option<Checks>) -> Task {
    let line = text.lines().get(row.line).map_or(NO_LINE.span, |line| line.span);
    let content = text.exact(text.lines().get(row.line).unwrap_or(&NO_LINE));
    // Places come from the text that is as long as the line, words from the one that shows what is no UTF-8.
    let at = |(from, to): (usize, usize)| Span::between(line.offset + from, line.offset + to);
    let (title, written) = match content {
        Cow::Borrowed(content) => (row.read.title_of(content), row.read.written_of(content)),
        Cow::Owned(_) => (at(row.read.title).text(text.bytes()), at(row.read.written).text(text.bytes())),
    };
    let number = row.read.number.as_ref().filter(|_| !node.is_counted).map(|number| number.id.clone());
    let number_span = row.read.number.as_ref().map(|n| Span { offset: line.offset + n.at, len: n.len });
    let mut task = Task {
        label: label(number.as_deref(), &written),
        id: node.id,
        number,
        is_checkpoint: task_detail::is_checkpoint(&title),
        title,
        line_text: String::from_utf8_lossy(text.of(text.lines().get(row.line).unwrap_or(&NO_LINE)))
            .into_owned(),
        state: State::Open,
        state_offset: NO_BYTE,
        mark_len: 0,
        mark: Span { offset: line.offset, len: 0 },
        optional: row.read.optional,
        span: line,
        block: String::new(),
        details: Vec::new(),
        requirements: Vec::new(),
        requires_all: false,
        files: Vec::new(),
        check: None,
        depends_on: Vec::new(),
        parallel: row.read.parallel,
        boundary: Vec::new(),
        properties: Vec::new(),
        validates: Vec::new(),
        number_span,
        title_span: at(row.read.title),
        line,
        is_heading: matches!(row.read.shape, Shape::Heading(_)),
        level: 0,
        parent: None,
        children: Vec::new(),
    };
    if let Some(mark) = row.read.mark {
        set_mark(&mut task, mark, line.offset);
    } else if let Some(checks) = checks {
        set_mark(&mut task, checks.last, 0);
        if task.state == State::Open && checks.is_earlier_begun {
            task.state = State::InProgress;
        }
    }
    task
}

const NO_LINE: crate::text::Line = crate::text::Line {
    span: Span { offset: 0, len: 0 },
    eol: crate::text::Eol::None,
    indent: 0,
    inside: Inside::Prose,
    lead: 0,
};

fn set_mark(task: &mut Task, mark: Mark, base: usize) {
    task.state = mark.state;
    task.mark_len = mark.len;
    task.mark = Span { offset: base + mark.at, len: mark.len };
    task.state_offset = if mark.len == 1 { base + mark.at } else { NO_BYTE };
}

fn take_status_box(task: &mut Task, offset: usize, line: &str) {
    let Some((label, value)) = crate::inline::label_of(line) else { return };
    if crate::words::label(&crate::words::fold(label)) != Some(crate::words::Label::Status) {
        return;
    }
    let Some(at) = line.find(value).filter(|_| !value.is_empty()) else { return };
    let lead = value.len() - value.trim_start_matches('`').len();
    if let Some((mark, _)) = task_line::mark(line, at + lead) {
        set_mark(task, mark, offset);
    }
}

/// Says what is odd about one task.
fn tell(task: &Task, row: &Row, checks: Option<Checks>, claim: Option<State>, findings: &mut Findings) {
    let span = task.line;
    if let Some(mark) = row.read.mark {
        if mark.len == 0 {
            findings.push(
                Diagnostic::warning("tasks/empty-box", span, "`[]` has no space between the brackets")
                    .hint("write `[ ]`, or the task cannot be ticked and Kiro does not see it"),
            );
        } else if mark.is_odd {
            findings.push(
                Diagnostic::warning("tasks/unknown-state", span, "unknown state in the box")
                    .hint("the states are `[ ]`, `[~]`, `[-]` and `[x]`; this one counts as not done"),
            );
        }
    }
    if task.mark_len > 1 {
        findings.push(
            Diagnostic::warning("tasks/wide-mark", task.mark, "the mark in the box is longer than one byte")
                .hint("write `[ ]` or `[x]`; until then the task cannot be ticked"),
        );
    }
    if let Some(open) = checks.and_then(|checks| checks.open).filter(|_| task.state == State::Done) {
        let message =
            format!("task `{}` counts as done by its last check, and an earlier one is open", task.id);
        findings.push(
            Diagnostic::warning("tasks/open-check", open, message)
                .hint("tick the check, or open the last one"),
        );
    }
    if let Some(claim) =
        claim.filter(|claim| task_detail::contradicts(task.state, *claim) && task.mark_len > 0)
    {
        let is_done = claim == State::Done;
        let (says, holds) = if is_done { ("done", "not ticked") } else { ("not done", "ticked") };
        let message = format!("task `{}` says in words that it is {says}, and its box is {holds}", task.id);
        findings.push(
            Diagnostic::warning("tasks/contradicted-state", span, message)
                .hint("the box counts; change one of them"),
        );
    }
}

/// Gives headings over sub-tasks the state that follows from these, and names headings without any box.
fn settle_parents(tasks: &mut [Task]) {
    for index in (0..tasks.len()).rev() {
        // What a heading without any box says of its state in words is all that there is.
        let is_over = |task: &&Task| task.is_heading && task.mark_len == 0 && !task.is_leaf();
        let Some(task) = tasks.get(index).filter(is_over) else {
            continue;
        };
        let (mut all_done, mut all_open) = (true, true);
        for child in task.children.iter().filter_map(|at| tasks.get(*at)) {
            all_done &= child.state == State::Done || child.optional;
            all_open &= child.state == State::Open;
        }
        let state = match (all_open, all_done) {
            (true, _) => State::Open,
            (_, true) => State::Done,
            _ => State::InProgress,
        };
        if let Some(task) = tasks.get_mut(index) {
            task.state = state;
        }
    }
}

fn label(number: Option<&str>, title: &str) -> String {
    match number {
        Some(number) if number.contains('.') || !number.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{number} {title}")
        }
        Some(number) => format!("{number}. {title}"),
        None => title.to_string(),
    }
}

/// The command of a line that belongs to no task.
fn document_check(text: &Text<'_>, free: &[usize]) -> Option<String> {
    free.iter().filter_map(|at| text.lines().get(*at)).find_map(|line| {
        if !has_colon(text.begin(line)) {
            return None;
        }
        labelled(&text.str_of(line), CHECK_LABELS).and_then(command)
    })
}

#[cfg(test)]
#[path = "tasks_tests.rs"]
mod tests;
