//! The grammar of one line that may be a task: list marker, box, marks, number, title; as list item, heading or row
//! of a table. Sees no other line, and so decides nothing that needs the document.

use crate::digits::is_digit;
use crate::inline::behind_numero;
use crate::task_id::{self, Form, Id};
use crate::tasks::State;
use crate::words;

/// A line with a box, or a heading that may be a task without one. Offsets count from the start of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskLine {
    pub(crate) shape: Shape,
    pub(crate) mark: Option<Mark>,
    pub(crate) optional: bool,
    pub(crate) parallel: bool,
    pub(crate) is_bold: bool,
    /// A word for a task stands before the number.
    pub(crate) is_worded: bool,
    pub(crate) number: Option<Number>,
    /// Where the text begins when the number is none.
    pub(crate) words_at: usize,
    /// Where the title stands.
    pub(crate) title: (usize, usize),
    /// The same with the marks for parallel work that stand at its ends.
    pub(crate) written: (usize, usize),
    /// Emphasis that opened before the number and closes somewhere in the title: where it stands and its bytes.
    pub(crate) opener: Option<(usize, usize)>,
}

impl TaskLine {
    /// The title, Markdown kept, but for emphasis that holds number and title together. Marks for parallel
    /// work are left out.
    pub(crate) fn title_of(&self, line: &str) -> String {
        self.words_of(line, self.title)
    }

    /// The title with every mark that stands in it.
    pub(crate) fn written_of(&self, line: &str) -> String {
        self.words_of(line, self.written)
    }

    fn words_of(&self, line: &str, (from, to): (usize, usize)) -> String {
        let title = line.get(from..to).unwrap_or_default();
        let opener = self.opener.and_then(|(at, len)| line.get(at..at + len)).filter(|mark| !mark.is_empty());
        let text = match opener {
            Some(opener) => title.replacen(&opener.chars().rev().collect::<String>(), "", 1),
            None => title.to_string(),
        };
        text.trim().to_string()
    }

    /// Takes the number back into the title.
    pub(crate) fn drop_number(&mut self) {
        self.number = None;
        self.opener = None;
        self.title.0 = self.words_at.min(self.title.1);
        self.written.0 = self.words_at.min(self.written.1);
    }
}

/// What kind of line carries the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `- [ ] T`
    Item,
    /// `1. [ ] T`, with the number before the box.
    Ordered,
    /// `[ ] 1. T` without a list marker.
    Bare,
    /// `### [ ] T`, `### Task 1: T`; the level.
    Heading(usize),
    /// `| [ ] | 1.1 | T |`
    Row,
}

/// The box of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) at: usize,
    /// Bytes of the mark: 0 in `[]`, 3 in `[✓]`.
    pub(crate) len: usize,
    pub(crate) state: State,
    /// None of the marks whose meaning is known.
    pub(crate) is_odd: bool,
}

/// The number of a task as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) id: String,
    pub(crate) at: usize,
    pub(crate) len: usize,
    pub(crate) form: Form,
    pub(crate) weight: Weight,
}

/// How sure a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The number, whatever the rest of the document says.
    Sure,
    /// A number when others continue it: `3 files` alone is a count.
    Weak,
    /// The number of an ordered list, which Markdown itself counts.
    List,
}

/// Reads a list item or a bare line; `None` when it has no box.
pub(crate) fn item(line: &str) -> Option<TaskLine> {
    let mut at = blank(line, 0);
    let rest = line.get(at..)?;
    let mut shape = Shape::Bare;
    let mut list = None;
    let mut is_tight = false;
    if let Some(after) =
        rest.strip_prefix(['-', '*', '+', '•']).filter(|after| after.starts_with([' ', '\t']))
    {
        shape = Shape::Item;
        at = blank(line, line.len() - after.len());
    } else if rest.starts_with("-[") || rest.starts_with("+[") {
        // `-[ ] 1. T`, when the number is a sure one.
        (shape, is_tight) = (Shape::Item, true);
        at += 1;
    } else if rest.starts_with(is_digit) {
        let id = task_id::take(rest).filter(|id| matches!(id.form, Form::Plain | Form::Dotted))?;
        let after = rest.get(id.len..)?;
        let behind = after.strip_prefix(['.', ')']).filter(|_| id.form == Form::Plain).unwrap_or(after);
        if !behind.starts_with([' ', '\t']) {
            return None;
        }
        let weight = if id.form == Form::Plain { Weight::List } else { Weight::Sure };
        list = Some(Number { id: id.text, at, len: id.len, form: id.form, weight });
        shape = Shape::Ordered;
        at = blank(line, line.len() - behind.len());
    }
    // `- 1.1 [ ] T`: the number stands before the box.
    if shape == Shape::Item && line.get(at..)?.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        let rest = line.get(at..)?;
        let id = task_id::take(rest)?;
        let after = rest.get(id.len..)?;
        let stop = after.strip_prefix(['.', ')', ':']);
        let behind = stop.unwrap_or(after);
        if !behind.starts_with(' ') || stop.is_none() && matches!(id.form, Form::Plain | Form::Series) {
            return None;
        }
        list = Some(Number { id: id.text, at, len: id.len, form: id.form, weight: Weight::Sure });
        at = blank(line, line.len() - behind.len());
    }
    let opener = ["**", "__", "~~"].iter().find(|mark| line.get(at..).is_some_and(|r| r.starts_with(**mark)));
    let inner = at + opener.map_or(0, |mark| mark.len());
    let (mark, end) = mark(line, inner)?;
    let rest = line.get(end..)?;
    let begins_with_mark = rest.starts_with(['*', '＊']) || rest.starts_with("\\*") || rest.starts_with("**");
    let begins_wide = rest.starts_with(|c: char| u32::from(c) >= 0x2e80 && c != '（');
    // `- [x]3. T`, when the number is a sure one.
    let begins_number = rest.starts_with(is_digit);
    let is_wide_box = line.get(..end).is_some_and(|head| head.ends_with('］'));
    let is_apart = rest.starts_with(char::is_whitespace)
        || begins_with_mark
        || begins_wide
        || is_wide_box
        || begins_number;
    if !is_apart {
        return None;
    }
    let mut read = titled(line, end, line.len(), shape);
    read.mark = Some(mark);
    if let Some(opener) = opener {
        read.opener = Some((at, opener.len()));
        read.is_bold = true;
    }
    // `1. [ ] 1.1 T`: the number behind the box is the task's own.
    if read.number.is_none() {
        read.number = list;
    }
    let is_sure = read.number.as_ref().is_some_and(|number| number.weight == Weight::Sure);
    if (begins_number && !is_wide_box || is_tight) && !is_sure {
        return None;
    }
    let is_empty = read.title.0 >= read.title.1;
    let has_text = !is_empty || read.number.as_ref().is_some_and(|number| number.at >= end);
    let is_kept = has_text && (shape != Shape::Bare || read.number.is_some());
    is_kept.then_some(read)
}

/// Reads a heading of that level whose words are `line[at..end]`. Every heading is read; whether it is a task needs the
/// document, unless it has a box.
pub(crate) fn heading(line: &str, at: usize, end: usize, level: usize) -> TaskLine {
    let at = blank(line, at);
    let text = line.get(..end).unwrap_or_default();
    if let Some((mark, after)) = mark(text, at).filter(|(_, after)| {
        text.get(*after..).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    }) {
        let mut read = titled(line, after, end, Shape::Heading(level));
        read.mark = Some(mark);
        return read;
    }
    let mut read = titled(line, at, end, Shape::Heading(level));
    // `### 1. [ ] T`
    if let Some((mark, after)) = mark(text, read.title.0)
        && text.get(after..).is_some_and(|rest| rest.starts_with(char::is_whitespace))
    {
        read.mark = Some(mark);
        read.title.0 = blank(line, after).min(read.title.1);
        read.written.0 = read.title.0;
        return read;
    }
    // `### Task 1: T [x]`
    let title = line.get(read.title.0..read.title.1).unwrap_or_default();
    let closed = title.trim_end_matches('`');
    if closed.ends_with([']', '］'])
        && let Some(open) = closed.rfind(['[', '［'])
        && let Some((mark, after)) = mark(text, read.title.0 + open)
        && after == read.title.0 + closed.len()
        && title.get(..open).is_some_and(|head| head.ends_with([' ', '`']))
    {
        read.mark = Some(mark);
        read.title.1 =
            read.title.0 + title.get(..open).unwrap_or_default().trim_end_matches([' ', '\t', '`']).len();
        read.written.1 = read.title.1;
    }
    read
}

/// Reads `| [ ] | 1.1 | T |`. `columns` says which cell is the title, when the table's head does.
pub(crate) fn row(line: &str, title_column: Option<usize>) -> Option<TaskLine> {
    let cells = cells(line)?;
    let word = |(from, to): &(usize, usize)| line.get(*from..*to).unwrap_or_default().trim_matches('`');
    let box_of = |cell: &(usize, usize)| {
        let lead = line.get(cell.0..cell.1)?.starts_with('`');
        let (mark, end) = mark(line, cell.0 + usize::from(lead))?;
        (end + usize::from(lead) == cell.1).then_some(mark)
    };
    let (box_at, mark) = cells.iter().enumerate().find_map(|(at, cell)| Some((at, box_of(cell)?)))?;
    let number_at = cells.iter().take(NUMBER_COLUMNS_MAX).position(|cell| {
        let text = word(cell).trim_matches('*');
        task_id::take(text).is_some_and(|id| id.len == text.trim_end_matches('.').len())
    });
    let is_words = |at: usize, cell: &(usize, usize)| {
        at != box_at && Some(at) != number_at && cell.0 < cell.1 && box_of(cell).is_none()
    };
    let title_at = title_column
        .filter(|at| cells.get(*at).is_some_and(|cell| is_words(*at, cell)))
        .or_else(|| cells.iter().enumerate().find(|(at, cell)| is_words(*at, cell)).map(|(at, _)| at))?;
    let title = cells.get(title_at).copied()?;
    let mut read = titled(line, title.0, title.1, Shape::Row);
    read.mark = Some(mark);
    if let Some(cell) = number_at.and_then(|at| cells.get(at)) {
        let text = line.get(cell.0..cell.1)?;
        let lead = text.len() - text.trim_start_matches(['`', '*']).len();
        if let Some(Id { text, len, form }) = text.get(lead..).and_then(task_id::take) {
            read.title.0 = read.words_at.min(read.title.1);
            read.written.0 = read.words_at.min(read.written.1);
            read.opener = None;
            read.number = Some(Number { id: text, at: cell.0 + lead, len, form, weight: Weight::Sure });
        }
    }
    let is_parallel = |cell: &&(usize, usize)| {
        let text = line.get(cell.0..cell.1).unwrap_or_default();
        bracketed(text).is_some_and(|(inside, len)| len == text.len() && words::is_parallel(inside))
    };
    read.parallel |= cells.iter().find(is_parallel).is_some();
    Some(read)
}

/// Columns in which a row's number is looked for.
pub(crate) const NUMBER_COLUMNS_MAX: usize = 4;

/// Cells of one row; what stands beyond is not read.
const CELLS_MAX: usize = 32;

/// The trimmed cells of a table's row, as offsets; `None` when the line is no row.
pub(crate) fn cells(line: &str) -> Option<Vec<(usize, usize)>> {
    let start = blank(line, 0);
    line.get(start..)?.strip_prefix('|')?;
    let mut found = Vec::new();
    let mut from = start + 1;
    let mut is_escaped = false;
    for (at, byte) in line.bytes().enumerate().skip(from) {
        if byte == b'|' && !is_escaped {
            found.push(trim(line, from, at));
            from = at + 1;
            if found.len() >= CELLS_MAX {
                return Some(found);
            }
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    let last = trim(line, from, line.len());
    if last.0 < last.1 {
        found.push(last);
    }
    Some(found)
}

fn trim(line: &str, from: usize, to: usize) -> (usize, usize) {
    let text = line.get(from..to).unwrap_or_default();
    let start = from + (text.len() - text.trim_start().len());
    (start, start + text.trim().len())
}

/// The first byte behind the blanks at `at`.
pub(crate) fn blank(line: &str, at: usize) -> usize {
    let plain = line.bytes().skip(at).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let rest = line.get(at + plain..).unwrap_or_default();
    at + plain + (rest.len() - rest.trim_start().len())
}

/// The box at `at` and where it ends: `[x]`, `[ x ]`, `[]`, `[✓]`, `［ ］`, `☐`.
pub(crate) fn mark(line: &str, at: usize) -> Option<(Mark, usize)> {
    let rest = line.get(at..)?;
    let mut chars = rest.chars();
    let open = chars.next()?;
    let close = match open {
        '[' | '［' => [']', '］'],
        '☐' | '☑' | '☒' => {
            let state = if open == '☐' { State::Open } else { State::Done };
            let mark = Mark { at, len: open.len_utf8(), state, is_odd: false };
            return Some((mark, at + open.len_utf8()));
        }
        _ => return None,
    };
    let inner = at + open.len_utf8();
    let body = line.get(inner..)?;
    let len = body.char_indices().take(MARK_CHARS_MAX).find(|(_, c)| close.contains(c))?.0;
    let body = body.get(..len)?;
    let end = inner + len + line.get(inner + len..)?.chars().next()?.len_utf8();
    let word = body.trim();
    if word.is_empty() {
        // One byte between the brackets can be written; an ideographic blank is three.
        let len = body.chars().next().map_or(0, char::len_utf8);
        return Some((Mark { at: inner, len, state: State::Open, is_odd: false }, end));
    }
    let (state, is_odd) = match word.trim_end_matches('\u{fe0f}') {
        "x" | "X" | "х" | "Х" | "ｘ" | "Ｘ" | "✓" | "✔" | "✅" | "☑" | "√" | "v" | "V" | "●" | "済"
        | "完" | "☒" => (State::Done, false),
        "-" | "－" | "–" | "—" | "🔄" | "⏳" | "🚧" => (State::InProgress, false),
        "~" | "～" => (State::Queued, false),
        "○" | "◯" => (State::Open, false),
        // Home-made marks such as `[/]`, `[!]`, `[>]`: the task exists, and nobody has proved it done.
        "/" | "!" | ">" | "?" | "." | "+" | "*" | "o" | "O" | "<" | "=" | "\\" | "×" | "❌" | "✗" | "✘"
        | "⏸" | "⬜" => (State::Open, true),
        _ => return None,
    };
    let lead = body.len() - body.trim_start().len();
    Some((Mark { at: inner + lead, len: word.len(), state, is_odd }, end))
}

/// Characters between the brackets of a box.
const MARK_CHARS_MAX: usize = 5;

/// Number, marks and title of `line[at..end]`.
pub(crate) fn titled(line: &str, at: usize, end: usize, shape: Shape) -> TaskLine {
    let text = line.get(..end).unwrap_or_default();
    let mut read = TaskLine {
        shape,
        mark: None,
        optional: false,
        parallel: false,
        is_bold: false,
        is_worded: false,
        number: None,
        words_at: 0,
        title: (0, 0),
        written: (0, 0),
        opener: None,
    };
    let mut at = at;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(len) = star(rest) {
            read.optional = true;
            at += len;
            continue;
        }
        let blanks = rest.len() - rest.trim_start().len();
        if let Some((inside, len)) = bracketed(rest.trim_start())
            && words::is_parallel(inside)
        {
            read.parallel = true;
            at += blanks + len;
            continue;
        }
        at += blanks;
        if blanks == 0 {
            break;
        }
    }
    read.words_at = at;
    read.title = (at, end);
    read.is_bold = text.get(at..).is_some_and(|rest| rest.starts_with("**") || rest.starts_with("__"));
    number(text, at, &mut read);
    let (mut from, mut to) = trim(line, read.title.0, read.title.1);
    read.written = (from, to);
    loop {
        let title = line.get(from..to).unwrap_or_default();
        if let Some((inside, len)) = bracketed(title)
            && words::is_parallel(inside)
        {
            read.parallel = true;
            (from, to) = trim(line, from + len, to);
            continue;
        }
        if let Some((inside, len)) = last_bracketed(title)
            && words::is_parallel(inside)
        {
            read.parallel = true;
            (from, to) = trim(line, from, to - len);
            continue;
        }
        break;
    }
    read.title = (from, to);
    read
}

/// An optional mark at the start: `*`, `\*`, `＊`, but no emphasis.
fn star(rest: &str) -> Option<usize> {
    let trimmed = rest.trim_start();
    let after = trimmed
        .strip_prefix("\\*")
        .or_else(|| trimmed.strip_prefix('＊'))
        .or_else(|| trimmed.strip_prefix('*').filter(|after| !after.starts_with('*')))?;
    // `* 1.3 T` and `*1.3 T` are marks, `*soon* T` is emphasis.
    let is_mark = after.is_empty()
        || after.starts_with(char::is_whitespace)
        || after.starts_with(is_digit) && !after.contains('*');
    is_mark.then_some(rest.len() - after.len())
}

/// `[P]`, `(P)`, `（並行可）`, `` `[P]` `` at the start: what is inside, and how many bytes it takes.
fn bracketed(rest: &str) -> Option<(&str, usize)> {
    let bare = rest.trim_start_matches(['`', '*', '\\']);
    let close = match bare.chars().next()? {
        '[' => ']',
        '(' => ')',
        '（' => '）',
        '［' => '］',
        '【' => '】',
        _ => return None,
    };
    let mut chars = bare.char_indices();
    let from = chars.next().map(|(_, c)| c.len_utf8())?;
    let to = chars.take(PARALLEL_CHARS_MAX).find(|(_, c)| *c == close)?.0;
    let inside = bare.get(from..to)?.trim_end_matches('\\');
    let after = bare.get(to + close.len_utf8()..)?;
    // `[P](link)` is a link.
    if after.starts_with('(') {
        return None;
    }
    let after = after.trim_start_matches(['`', '*']);
    Some((inside, rest.len() - after.len()))
}

/// The same at the end of the text.
fn last_bracketed(title: &str) -> Option<(&str, usize)> {
    let open = title.char_indices().rev().take(PARALLEL_CHARS_MAX).find(|(_, c)| "[(（［【".contains(*c))?.0;
    let tail = title.get(open..)?;
    let (inside, len) = bracketed(tail)?;
    (len == tail.len()).then_some((inside, len))
}

/// Characters in a mark that says parallel.
const PARALLEL_CHARS_MAX: usize = 20;

/// Finds the number at `at`, with a word for a task, emphasis, brackets or a picture before it.
fn number(text: &str, at: usize, read: &mut TaskLine) {
    let rest = text.get(at..).unwrap_or_default();
    // `🔴 1. T` and `✅ **1.1** T`; anything else before the number is part of the title.
    let bare = rest.trim_start_matches(|c: char| is_picture(c) || c == ' ');
    let opened = bare.trim_start_matches(['*', '_', '~', '`']);
    let opener = bare.get(..bare.len() - opened.len()).unwrap_or_default();
    let (bracket, inner) = match opened.chars().next() {
        Some(c @ ('[' | '(' | '【' | '（' | '［')) => {
            (Some(c), opened.get(c.len_utf8()..).unwrap_or_default())
        }
        _ => (None, opened),
    };
    let word = words::task_word(inner);
    let mut start = at + (rest.len() - inner.len());
    if let Some(len) = word {
        let behind = text.get(start + len..).unwrap_or_default();
        let digits = behind.trim_start_matches([' ', '\t', '#', '№', '\u{a0}']);
        let digits = if digits.len() < behind.len() { behind_numero(digits) } else { digits };
        if digits.starts_with(is_digit) {
            start += len + (behind.len() - digits.len());
        } else if let Some(id) = task_id::take(digits).filter(|_| digits.len() < behind.len())
            && matches!(id.form, Form::Known | Form::Series)
        {
            // `Task T-4: T`
            start += len + (behind.len() - digits.len());
        }
    }
    let Some(id) = text.get(start..).and_then(task_id::take) else { return };
    let is_worded = word.is_some() && start > at + (rest.len() - inner.len());
    let mut end = start + id.len;
    let mut is_link = false;
    if let Some(open) = bracket {
        let close = match open {
            '[' => ']',
            '(' => ')',
            '【' => '】',
            '（' => '）',
            _ => '］',
        };
        match text.get(end..).and_then(|rest| rest.strip_prefix(close)) {
            Some(after) if !after.starts_with('(') => end += close.len_utf8(),
            // `[1.1 Title](#anchor)`: the whole title is a link.
            _ if open == '[' && text.ends_with(')') && text.get(end..).is_some_and(|r| r.contains("](")) => {
                is_link = true;
            }
            _ => return,
        }
    }
    let after = text.get(end..).unwrap_or_default();
    // Marks and closing emphasis may stand on both sides of the stop: `1.3* T`, `1.3.\* T`, `**1.** T`.
    let mut tail = Tail { rest: after, opener, is_open: !opener.is_empty(), optional: false };
    tail.star();
    tail.close();
    let stopped = tail.stop();
    tail.star();
    tail.close();
    let stopped = stopped || tail.stop();
    let enclosed = bracket.is_some() || !opener.is_empty() && !tail.is_open;
    let wide = tail.rest.starts_with(|c: char| u32::from(c) >= 0x2e80);
    let capital = tail.rest.starts_with(char::is_uppercase);
    let is_apart = tail.rest.is_empty()
        || tail.rest.starts_with(char::is_whitespace)
        || stopped && (wide || capital)
        || wide && (is_worded || id.form == Form::Dotted)
        || enclosed && wide;
    let has_suffix = id.text.ends_with(|c: char| c.is_ascii_alphabetic()) && id.form == Form::Plain;
    // `A.1 Title` is a number when there is an `A.2`; `UTF-8 names` is none.
    let has_one_letter = id.text.as_bytes().get(1).is_some_and(|byte| !byte.is_ascii_alphabetic());
    let is_firm = stopped || is_worded || enclosed;
    let is_kept = is_apart
        && (!has_suffix || is_firm)
        && (id.form != Form::Hyphened || is_firm)
        && (id.form != Form::Series || is_firm || has_one_letter);
    if !is_kept {
        return;
    }
    let weight = match id.form {
        _ if is_worded || bracket.is_some() => Weight::Sure,
        Form::Plain if !is_firm => Weight::Weak,
        Form::Series => Weight::Weak,
        Form::Known if !is_firm && !id.text.contains('-') && id.text.len() < 4 => Weight::Weak,
        _ => Weight::Sure,
    };
    read.optional |= tail.optional;
    read.is_worded = is_worded;
    read.opener = tail.is_open.then_some((start_of(rest, bare) + at, opener.len()));
    // `- Title` behind the number is the title with a dash before it.
    let rest = tail.rest.trim_start();
    let rest =
        ["- ", "– ", "— ", "| ", "-- "].iter().find_map(|dash| rest.strip_prefix(dash)).unwrap_or(rest);
    read.title.0 = text.len() - rest.trim_start().len();
    if is_link && let Some(end) = rest.rfind("](") {
        read.title.1 = (text.len() - rest.len() + end).max(read.title.0);
    }
    read.number = Some(Number { id: id.text, at: start, len: id.len, form: id.form, weight });
}

fn start_of(text: &str, tail: &str) -> usize {
    text.len() - tail.len()
}

/// What stands behind a number, piece by piece.
struct Tail<'a> {
    rest: &'a str,
    opener: &'a str,
    is_open: bool,
    optional: bool,
}

impl Tail<'_> {
    fn star(&mut self) {
        let after = self.rest.strip_prefix("\\*").or_else(|| self.rest.strip_prefix('＊')).or_else(|| {
            self.rest.strip_prefix('*').filter(|after| !after.starts_with('*') && self.opener != "*")
        });
        if let Some(after) = after {
            self.optional = true;
            self.rest = after;
        }
    }

    fn close(&mut self) {
        if self.is_open
            && let Some(after) = self.rest.strip_prefix(self.opener)
        {
            self.is_open = false;
            self.rest = after;
        }
    }

    fn stop(&mut self) -> bool {
        let rest = self.rest.strip_prefix('\\').unwrap_or(self.rest);
        // French sets a blank before the colon.
        let spaced =
            self.rest.strip_prefix([' ', '\u{a0}']).filter(|rest| rest.starts_with([':', '：', '|']));
        let rest = spaced.unwrap_or(rest);
        let dashed = [" - ", " – ", " — "].iter().any(|dash| self.rest.starts_with(dash));
        match rest.strip_prefix(['.', ')', ':', '：', '．', '、', '）', '|']) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => dashed,
        }
    }
}

fn is_picture(c: char) -> bool {
    matches!(u32::from(c), 0x2190..=0x21ff | 0x2300..=0x23ff | 0x25a0..=0x27bf | 0x2b00..=0x2bff | 0xfe0f | 0x1f000..=0x1faff)
}

#[cfg(test)]
#[path = "task_line_tests.rs"]
mod tests;
