//! Which boxes and headings of a document are tasks, and which are somebody's check list. Gives rows in document
//! order; ids, parents and details come later.
//!
//! A box is judged with its neighbours: by the name of its section, by the label above it, and by whether the boxes of
//! its section carry numbers. A heading is a task when it has a box, a word for a task and a number, or a number over
//! boxes that have none.

use std::collections::{HashMap, HashSet};

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings, Severity};
use crate::outline::Heading;
use crate::task_id::{self, Form};
use crate::task_line::{self, Mark, Shape, TaskLine, Weight};
use crate::task_picture::{self, Columns};
use crate::tasks::TASKS_MAX;
use crate::text::{Inside, Text};
use crate::words::{self, Section};

/// Headings that are looked at; what lies beyond is prose.
pub(crate) const HEADINGS_MAX: usize = 20_000;

/// A line that is a task.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Index of the line.
    pub(crate) line: usize,
    pub(crate) indent: usize,
    pub(crate) read: TaskLine,
    /// Index of the heading that the line stands under, or is.
    pub(crate) heading: Option<usize>,
    /// The nearest heading above that is a task itself, as index of a heading.
    pub(crate) under: Option<usize>,
    /// The last check of a heading that is a task and has no box of its own, and whether an earlier one is ticked, and
    /// whether an earlier one is open.
    pub(crate) checks: Option<Checks>,
}

/// The checks of a heading that is a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checks {
    /// The last box, counted from the start of the document.
    pub(crate) last: Mark,
    pub(crate) is_earlier_begun: bool,
    /// An earlier check that is open.
    pub(crate) open: Option<Span>,
}

/// Everything that may be a task, and where reading stopped.
struct Found {
    boxes: Vec<Candidate>,
    /// For each heading, what its line says.
    heads: Vec<TaskLine>,
}

struct Candidate {
    line: usize,
    indent: usize,
    read: TaskLine,
    heading: Option<usize>,
    /// Stands below a label such as `Acceptance Criteria:`.
    is_check: bool,
    /// The box that it stands below, as index of a candidate.
    parent: Option<usize>,
}

/// The tasks of the document, and the first line that was not looked at any more.
pub(crate) fn rows(text: &Text<'_>, headings: &[Heading], findings: &mut Findings) -> (Vec<Row>, usize) {
    let (found, limit) = collect(text, headings, Marks::Boxes, findings);
    let rows = judge(text, headings, found, Marks::Boxes, findings);
    let (rows, limit) = match rows.is_empty() {
        // Next to boxes a picture is a remark; in a document without any it is the box.
        true => {
            let (found, limit) = collect(text, headings, Marks::Pictures, findings);
            (judge(text, headings, found, Marks::Pictures, findings), limit)
        }
        false => (rows, limit),
    };
    bounded(text, rows, limit, findings)
}

/// What holds the states of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marks {
    Boxes,
    Pictures,
}

/// The candidates that are tasks, in document order.
fn judge(
    text: &Text<'_>,
    headings: &[Heading],
    mut found: Found,
    marks: Marks,
    findings: &mut Findings,
) -> Vec<Row> {
    settle_numbers(&mut found.boxes);
    let outline = Outline::new(headings, &found);
    let tasks = heading_tasks(headings, &found, &outline);
    let mut rows = Vec::with_capacity(found.boxes.len());
    let mut checks: HashMap<usize, Checks> = HashMap::new();
    let mut told: HashSet<Option<usize>> = HashSet::new();
    let mut places: Vec<Place> = Vec::with_capacity(found.boxes.len());
    for candidate in found.boxes {
        let under = outline.task_above(candidate.heading, &tasks);
        let parent = candidate.parent.and_then(|at| places.get(at).copied());
        let mut place = outline.place(&candidate, parent, &tasks);
        if marks == Marks::Pictures && parent.is_none() && candidate.read.number.is_none() {
            // `- ✅ All green` is a remark unless its section is one of tasks.
            let is_told = matches!(outline.nearest(candidate.heading), Section::Tasks | Section::Phase);
            place = if is_told { place } else { Place::Check };
        }
        places.push(place);
        match place {
            Place::Task => rows.push(Row {
                line: candidate.line,
                indent: candidate.indent,
                read: candidate.read,
                heading: candidate.heading,
                under,
                checks: None,
            }),
            Place::Check | Place::Aside => {
                if let (Some(under), Some(mark)) = (under, candidate.read.mark)
                    && let Some(line) = text.lines().get(candidate.line)
                {
                    let last = Mark { at: line.span.offset + mark.at, ..mark };
                    let known = checks.get(&under);
                    let (begun, open) = known.map_or((false, None), |known| {
                        let is_open = known.last.state != crate::tasks::State::Done;
                        let span = Span { offset: known.last.at, len: known.last.len };
                        let is_begun = known.last.state != crate::tasks::State::Open;
                        (known.is_earlier_begun || is_begun, known.open.or(is_open.then_some(span)))
                    });
                    checks.insert(under, Checks { last, is_earlier_begun: begun, open });
                }
                if place == Place::Aside && told.insert(candidate.heading) {
                    tell_aside(text, headings, &candidate, findings);
                }
            }
        }
    }
    for (at, read) in found.heads.into_iter().enumerate() {
        if !tasks.contains(&at) {
            continue;
        }
        let Some(heading) = headings.get(at) else { continue };
        rows.push(Row {
            line: heading.line,
            indent: 0,
            read,
            heading: Some(at),
            under: outline.task_above(heading.parent, &tasks),
            checks: checks.remove(&at),
        });
    }
    rows.sort_by_key(|row| row.line);
    rows
}

fn bounded(text: &Text<'_>, mut rows: Vec<Row>, limit: usize, findings: &mut Findings) -> (Vec<Row>, usize) {
    let Some(first) = rows.get(TASKS_MAX) else { return (rows, limit) };
    let limit = limit.min(first.line);
    if let Some(line) = text.lines().get(first.line) {
        let message = format!("only the first {TASKS_MAX} tasks are read");
        findings.push(Diagnostic::error("tasks/too-many-tasks", line.span, message));
    }
    rows.truncate(TASKS_MAX);
    (rows, limit)
}

fn tell_aside(text: &Text<'_>, headings: &[Heading], candidate: &Candidate, findings: &mut Findings) {
    let Some(line) = text.lines().get(candidate.line) else { return };
    let title = candidate.heading.and_then(|at| headings.get(at)).map_or("the title", |h| h.title.as_str());
    let title: String = title.chars().take(TITLE_CHARS_MAX).collect();
    findings.push(Diagnostic {
        code: "tasks/checklist",
        severity: Severity::Hint,
        span: line.span,
        message: format!("the boxes under `{title}` are read as a check list and not as tasks"),
        hint: Some("give them numbers, or move them under `## Tasks`, when they are work".to_string()),
    });
}

/// Characters of a heading that a message quotes.
const TITLE_CHARS_MAX: usize = 80;

/// The label that is in force for the boxes below it.
#[derive(Clone, Copy)]
struct Context {
    indent: usize,
    is_bullet: bool,
}

fn collect(text: &Text<'_>, headings: &[Heading], marks: Marks, findings: &mut Findings) -> (Found, usize) {
    let mut boxes: Vec<Candidate> = Vec::new();
    let mut heads = Vec::new();
    let mut heading = headings.iter().take(HEADINGS_MAX).enumerate().peekable();
    let (mut current, mut context, mut table) = (None, None, None);
    // Columns and indices of the boxes that a deeper box stands below.
    let mut above: Vec<(usize, usize)> = Vec::new();
    let front = text.front_matter();
    for (index, line) in text.lines().iter().enumerate() {
        if line.inside != Inside::Prose {
            continue;
        }
        if let Some((at, _)) = heading.next_if(|(_, heading)| heading.line == index) {
            let content = text.exact(line);
            let level = headings.get(at).map_or(1, |heading| heading.level);
            let start = content.len() - content.trim_start().len() + level;
            let end = content.trim_end().trim_end_matches('#').trim_end().len().max(start);
            heads.push(task_line::heading(&content, start.min(content.len()), end.min(content.len()), level));
            (current, context, table) = (Some(at), None, None);
            above.clear();
            continue;
        }
        let bytes = text.begin(line);
        let Some(first) = bytes.first() else { continue };
        if index < front {
            continue;
        }
        let is_row = *first == b'|';
        table = table.filter(|_| is_row);
        let may_be_box = matches!(first, b'-' | b'*' | b'+' | b'[' | b'0'..=b'9' | 0xd9 | 0xdb | 0xe0..=0xe2 | 0xef)
            || is_row;
        let read = match may_be_box {
            true => Some(text.exact(line)).and_then(|content| match (is_row, marks) {
                (false, Marks::Boxes) => task_line::item(&content),
                (false, Marks::Pictures) => task_picture::item(&content),
                (true, _) => {
                    let (title, status) = *table.get_or_insert_with(|| columns(&content));
                    match (marks, status) {
                        (Marks::Boxes, _) => task_line::row(&content, title),
                        (Marks::Pictures, status) => task_picture::row(&content, Columns { title, status }),
                    }
                }
            }),
            false => None,
        };
        let Some(read) = read else {
            if let Some(label) = label_line(bytes) {
                context = label.then_some(Context {
                    indent: line.indent,
                    is_bullet: matches!(first, b'-' | b'*' | b'+') && is_marker(bytes),
                });
            } else if context.is_some_and(|known| ends(known, line.indent, bytes)) {
                context = None;
            }
            continue;
        };
        if boxes.len() >= TASKS_MAX {
            let message = format!("only the first {TASKS_MAX} boxes are read");
            findings.push(Diagnostic::error("tasks/too-many-tasks", line.span, message));
            return (Found { boxes, heads }, index);
        }
        let is_check = context.is_some_and(|known| is_check_of(known, line.indent, &read));
        context = context.filter(|_| is_check);
        above.truncate(above.partition_point(|(indent, _)| *indent < line.indent));
        let parent = above.last().map(|(_, at)| *at).filter(|_| read.shape != Shape::Row);
        if !is_check {
            above.push((line.indent, boxes.len()));
        }
        boxes.push(Candidate { line: index, indent: line.indent, read, heading: current, is_check, parent });
    }
    (Found { boxes, heads }, text.lines().len())
}

fn is_marker(bytes: &[u8]) -> bool {
    crate::text::after_list_marker(bytes).is_some()
}

/// The columns of a table's head that hold the words of a task and its state.
fn columns(head: &str) -> (Option<usize>, Option<usize>) {
    const TITLES: &[&str] = &[
        "task",
        "title",
        "description",
        "what",
        "name",
        "タスク",
        "内容",
        "作業",
        "作業内容",
        "任务",
        "任务名称",
        "描述",
        "任務",
        "작업",
        "내용",
        "задача",
        "описание",
        "tarea",
        "descripcion",
        "tarefa",
        "descricao",
        "aufgabe",
        "beschreibung",
        "tache",
        "gorev",
        "aciklama",
        "nhiem vu",
        "cong viec",
        "mo ta",
        "tugas",
        "deskripsi",
        "attivita",
        "descrizione",
        "zadanie",
        "opis",
        "taak",
        "omschrijving",
        "ukol",
        "завдання",
        "опис",
        "المهمة",
        "कार्य",
        "งาน",
        "work",
        "item",
        "step",
    ];
    let Some(cells) = task_line::cells(head) else { return (None, None) };
    let words: Vec<String> =
        cells.iter().map(|(from, to)| words::fold(head.get(*from..*to).unwrap_or_default())).collect();
    let title = words.iter().position(|word| TITLES.contains(&word.as_str()));
    (title, words.iter().position(|word| words::label(word) == Some(words::Label::Status)))
}

/// Whether a line that is no box is a label for the lines below it: `Some(true)` when it names checks.
fn label_line(bytes: &[u8]) -> Option<bool> {
    let end = bytes.trim_ascii_end();
    let is_emphasis = |byte: &&u8| matches!(byte, b'*' | b'_');
    let emphasis = end.iter().rev().take_while(is_emphasis).count();
    let bare = end.get(..end.len() - emphasis)?;
    let has_colon = bare.ends_with(b":") || bare.ends_with("：".as_bytes());
    if !has_colon && emphasis < 2 || end.len() > words::WORDS_BYTES_MAX {
        return None;
    }
    let content = String::from_utf8_lossy(end);
    let label = crate::inline::strip_bullet(&content);
    if !has_colon && !label.starts_with("**") && !label.starts_with("__") {
        return None;
    }
    Some(words::is_checks(&words::fold(label.trim_end_matches(['*', '_', ':', '：', ' ']))))
}

/// Whether a plain line ends the label's reach.
fn ends(context: Context, indent: usize, bytes: &[u8]) -> bool {
    let is_rule = matches!(bytes.trim_ascii(), b"---" | b"***" | b"___");
    is_rule || indent < context.indent || context.is_bullet && indent == context.indent && is_marker(bytes)
}

fn is_check_of(context: Context, indent: usize, read: &TaskLine) -> bool {
    let number = read.number.as_ref().filter(|number| number.weight == Weight::Sure);
    let is_own_task = number.is_some_and(|number| !context.is_bullet || number.form != Form::Plain);
    let is_below = if context.is_bullet { indent > context.indent } else { indent >= context.indent };
    is_below && !is_own_task
}

/// Takes weak numbers back that nothing in the document confirms: `3 files` alone is a count, `UTF-8` a word.
fn settle_numbers(boxes: &mut [Candidate]) {
    let mut plain: HashSet<u32> = HashSet::new();
    let mut stems: HashSet<String> = HashSet::new();
    let mut series: HashMap<String, HashSet<&str>> = HashMap::new();
    let head = |id: &str| id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_string();
    let mut hyphened = 0;
    for number in boxes.iter().filter_map(|found| found.read.number.as_ref()) {
        hyphened += usize::from(number.form == Form::Series && number.id.contains('-'));
        match number.form {
            Form::Plain => {
                plain.extend(number.id.parse::<u32>().ok());
            }
            Form::Known | Form::Series => {
                series.entry(head(&number.id)).or_default().insert(number.id.as_str());
            }
            _ => {}
        }
        if let Some(stem) = number.id.split_once('.').map(|(stem, _)| stem) {
            stems.insert(stem.to_string());
        }
    }
    let series: HashMap<String, usize> = series.into_iter().map(|(head, ids)| (head, ids.len())).collect();
    for found in boxes.iter_mut() {
        let Some(number) = found.read.number.as_ref().filter(|number| number.weight == Weight::Weak) else {
            continue;
        };
        let is_confirmed = match number.form {
            Form::Plain => number.id.parse::<u32>().is_ok_and(|n| {
                n <= 1
                    || plain.contains(&(n - 1))
                    || plain.contains(&n.saturating_add(1))
                    || stems.contains(&number.id)
            }),
            _ => {
                let is_hyphened = number.id.contains('-');
                is_hyphened && hyphened >= HYPHENED_MIN
                    || series.get(&head(&number.id)).is_some_and(|count| *count >= SERIES_MIN)
            }
        };
        if !is_confirmed {
            found.read.drop_number();
        }
    }
}

/// Boxes with any letters, a hyphen and a number that make a style: `FOUNDATION-1`, `CORE-1`, `CORE-2`.
const HYPHENED_MIN: usize = 3;

/// Different numbers behind the same letters that make a series.
const SERIES_MIN: usize = 2;

/// Where a box stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Task,
    /// A check of a task, or of a section that is named as a check list.
    Check,
    /// Not named as anything: told in a finding.
    Aside,
}

/// What is known of each section.
struct Outline {
    /// What each heading's words mean; only of headings that matter, the rest says nothing.
    kinds: Vec<Section>,
    parents: Vec<Option<usize>>,
    numbers: Vec<Option<String>>,
    /// Sections whose own boxes carry numbers.
    numbered: HashSet<Option<usize>>,
    /// Most boxes of the document carry numbers.
    is_numbered: bool,
    has_task_section: bool,
}

impl Outline {
    fn new(headings: &[Heading], found: &Found) -> Outline {
        let count = found.heads.len();
        let parents: Vec<_> = headings.iter().take(count).map(|heading| heading.parent).collect();
        let mut kinds = vec![Section::Other; count];
        let mut is_known = vec![false; count];
        let has_one_title = headings.iter().filter(|heading| heading.level == 1).take(2).count() == 1;
        let mut numbered = HashSet::new();
        let numbers = found.heads.iter().map(|head| head.number.as_ref().map(|n| n.id.clone()));
        let mut outline = Outline {
            kinds: Vec::new(),
            parents,
            numbers: numbers.collect(),
            numbered: HashSet::new(),
            is_numbered: false,
            has_task_section: false,
        };
        let told = |(at, head): (usize, &TaskLine)| (head.mark.is_some() || head.is_worded).then_some(at);
        let starts = found.heads.iter().enumerate().filter_map(told).map(Some);
        for start in starts.chain(found.boxes.iter().map(|candidate| candidate.heading)) {
            let mut next = start;
            while let Some(at) = next.filter(|at| !is_known.get(*at).copied().unwrap_or(true)) {
                if let (Some(kind), Some(known), Some(heading)) =
                    (kinds.get_mut(at), is_known.get_mut(at), headings.get(at))
                {
                    *known = true;
                    // `# Tasks: Rate limiting` is the name of the document and says nothing of its boxes.
                    let is_title = at == 0 && heading.level == 1 && has_one_title;
                    let is_worded = found.heads.get(at).is_some_and(|head| head.is_worded);
                    *kind =
                        if is_title || is_worded { Section::Other } else { words::section(&heading.title) };
                }
                next = outline.parents.get(at).copied().flatten();
            }
        }
        for candidate in &found.boxes {
            if candidate.read.number.is_some() && !candidate.is_check {
                numbered.insert(candidate.heading);
            }
        }
        outline.kinds = kinds;
        outline.numbered = numbered;
        let (mut with, mut without) = (0usize, 0usize);
        for candidate in found.boxes.iter().filter(|found| !found.is_check) {
            let kind = outline.nearest(candidate.heading);
            if matches!(kind, Section::Checklist | Section::Checks | Section::Aside) {
                continue;
            }
            outline.has_task_section |= kind == Section::Tasks;
            with += usize::from(candidate.read.number.is_some());
            without += usize::from(candidate.read.number.is_none() && candidate.parent.is_none());
        }
        outline.is_numbered = with > 0 && with * 2 >= without;
        outline
    }

    fn kind(&self, at: usize) -> Section {
        self.kinds.get(at).copied().unwrap_or(Section::Other)
    }

    fn above(&self, at: usize) -> Option<usize> {
        self.parents.get(at).copied().flatten()
    }

    /// The nearest section upwards whose name says something of its boxes.
    fn nearest(&self, heading: Option<usize>) -> Section {
        let mut next = heading;
        let mut found = Section::Other;
        while let Some(at) = next {
            match self.kind(at) {
                kind @ (Section::Tasks | Section::Checklist | Section::Checks) => return kind,
                Section::Other => {}
                kind if found == Section::Other => found = kind,
                _ => {}
            }
            next = self.above(at);
        }
        found
    }

    /// The nearest heading that is a task, from `heading` upwards.
    fn task_above(&self, heading: Option<usize>, tasks: &HashSet<usize>) -> Option<usize> {
        let mut next = heading;
        while let Some(at) = next {
            if tasks.contains(&at) {
                return Some(at);
            }
            next = self.above(at);
        }
        None
    }

    /// Whether the number continues the one of the heading above: `3.1` under `## 3. Acceptance`.
    fn continues(&self, heading: Option<usize>, candidate: &Candidate) -> bool {
        let stem = candidate.read.number.as_ref().and_then(|number| task_id::stem(&number.id));
        stem.is_some() && heading.and_then(|at| self.numbers.get(at)?.as_deref()) == stem
    }

    /// Where the box stands; `parent` is the place of the box that it stands below.
    fn place(&self, candidate: &Candidate, parent: Option<Place>, tasks: &HashSet<usize>) -> Place {
        let heading = candidate.heading;
        if candidate.is_check {
            return Place::Check;
        }
        // A check list below a heading that is a task is the task's.
        let mut next = heading;
        while let Some(at) = next {
            if tasks.contains(&at) {
                return Place::Task;
            }
            match self.kind(at) {
                Section::Checklist if !self.continues(heading, candidate) => return Place::Check,
                Section::Checks if candidate.read.number.is_none() => return Place::Check,
                Section::Tasks => return Place::Task,
                _ => {}
            }
            next = self.above(at);
        }
        if candidate.read.number.is_some() {
            return Place::Task;
        }
        if let Some(place) = parent {
            return place;
        }
        match self.nearest(heading) {
            _ if self.numbered.contains(&heading) => Place::Task,
            Section::Phase => Place::Task,
            Section::Preparation if !self.is_numbered => Place::Task,
            Section::Aside => Place::Check,
            _ if self.is_numbered || self.has_task_section => Place::Aside,
            _ => Place::Task,
        }
    }
}

/// The headings that are tasks.
fn heading_tasks(headings: &[Heading], found: &Found, outline: &Outline) -> HashSet<usize> {
    let count = found.heads.len();
    // A box belongs to the nearest heading above that has a number or a box of its own.
    let mut owns: Vec<Owned> = vec![Owned::default(); count];
    let is_claimant =
        |at: usize| found.heads.get(at).is_some_and(|head| head.mark.is_some() || head.number.is_some());
    let mut places: HashMap<&str, Option<usize>> = HashMap::new();
    for candidate in &found.boxes {
        let mut next = candidate.heading;
        while let Some(at) = next.filter(|at| !is_claimant(*at)) {
            next = outline.above(at);
        }
        // Below a heading with a word for a task numbers are counted anew.
        let is_relative = next.and_then(|at| found.heads.get(at)).is_some_and(|head| head.is_worded);
        if let Some(number) = candidate.read.number.as_ref().filter(|_| !candidate.is_check && !is_relative) {
            places.entry(number.id.as_str()).or_insert(next);
        }
        if let Some(owned) = next.and_then(|at| owns.get_mut(at)) {
            owned.boxes += 1;
            let is_numbered = candidate.read.number.as_ref().is_some_and(|n| n.weight != Weight::List);
            owned.numbered += usize::from(is_numbered && !candidate.is_check);
        }
    }
    for at in (0..count).rev() {
        if let Some(above) = outline.above(at)
            && is_claimant(at)
            && let Some(owned) = owns.get_mut(above)
        {
            owned.has_claimant = true;
        }
        let inherited = owns.get(at).is_some_and(|owned| owned.has_claimant);
        if inherited && let Some(owned) = outline.above(at).and_then(|above| owns.get_mut(above)) {
            owned.has_claimant = true;
        }
    }
    let titles = headings.iter().filter(|heading| heading.level == 1).take(2).count();
    let mut tasks = HashSet::new();
    let mut numbered_levels: HashSet<(Option<usize>, usize)> = HashSet::new();
    for (at, (head, heading)) in found.heads.iter().zip(headings).enumerate() {
        let owned = owns.get(at).copied().unwrap_or_default();
        let (in_tasks, in_checklist) = region(outline, at, &tasks);
        let is_title = heading.level == 1 && titles == 1;
        if in_checklist || is_title {
            continue;
        }
        if head.mark.is_some() {
            tasks.insert(at);
            continue;
        }
        let Some(number) = head.number.as_ref() else { continue };
        // The checklist at the top is the plan, and this heading explains one of its lines.
        let elsewhere = places.get(number.id.as_str()).is_some_and(|place| *place != Some(at));
        if elsewhere {
            continue;
        }
        if head.is_worded || number.form == Form::Known {
            tasks.insert(at);
            continue;
        }
        let is_named = outline.kind(at) != Section::Other || words::section(&heading.title) != Section::Other;
        let is_shut_out = outline.has_task_section && !in_tasks;
        if heading.level < 2 || is_named || is_shut_out || owned.has_claimant || owned.numbered > 0 {
            continue;
        }
        if owned.boxes > 0 {
            tasks.insert(at);
            numbered_levels.insert((heading.parent, heading.level));
        }
    }
    // `### 3. Title` without any box, among headings of its kind that are tasks.
    for (at, (head, heading)) in found.heads.iter().zip(headings).enumerate() {
        let is_sibling = numbered_levels.contains(&(heading.parent, heading.level));
        let owned = owns.get(at).copied().unwrap_or_default();
        let is_plain = owned.boxes == 0 && !owned.has_claimant && head.mark.is_none();
        if is_sibling && is_plain && head.number.is_some() && words::section(&heading.title) == Section::Other
        {
            tasks.insert(at);
        }
    }
    tasks
}

#[derive(Clone, Copy, Default)]
struct Owned {
    boxes: usize,
    numbered: usize,
    has_claimant: bool,
}

/// Whether a heading stands in a section of tasks, and whether in a check list.
fn region(outline: &Outline, at: usize, tasks: &HashSet<usize>) -> (bool, bool) {
    let mut next = outline.above(at);
    while let Some(above) = next {
        if tasks.contains(&above) {
            return (true, false);
        }
        match outline.kind(above) {
            Section::Tasks => return (true, false),
            // `### Task 1: done early` under `## Summary` looks back.
            Section::Checklist | Section::Checks | Section::Aside => return (false, true),
            _ => {}
        }
        next = outline.above(above);
    }
    (false, false)
}
