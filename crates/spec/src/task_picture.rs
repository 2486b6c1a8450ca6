//! Tasks whose state is a picture or a word and no box: `- ✅ 1.1 T`, `| 1.1 | T | In progress |`. Sees one line; whether
//! such a line is a task at all needs the document.

use crate::digits::is_digit;
use crate::task_id::{self, Form};
use crate::task_line::{self, Mark, Number, Shape, TaskLine, Weight, blank, cells, titled};
use crate::tasks::State;
use crate::words;

/// Columns of a table that has no boxes, from its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) title: Option<usize>,
    /// `None`: the cell that is nothing but a picture.
    pub(crate) status: Option<usize>,
}

/// Reads a list item that begins with a picture of its state.
pub(crate) fn item(line: &str) -> Option<TaskLine> {
    let start = blank(line, 0);
    let rest = line.get(start..)?;
    let mut list = None;
    let after = match rest.strip_prefix(['-', '*', '+', '•']) {
        Some(after) => after,
        None => {
            let id = task_id::take(rest).filter(|id| id.form == Form::Plain && rest.starts_with(is_digit))?;
            let after = rest.get(id.len..)?.strip_prefix(['.', ')'])?;
            list = Some(Number { id: id.text, at: start, len: id.len, form: id.form, weight: Weight::List });
            after
        }
    };
    if !after.starts_with([' ', '\t']) {
        return None;
    }
    let shape = if list.is_some() { Shape::Ordered } else { Shape::Item };
    let at = blank(line, line.len() - after.len());
    let mut read = match picture(line.get(at..)?) {
        Some((state, len)) => {
            let end = at + len;
            if !line.get(end..)?.starts_with(char::is_whitespace) {
                return None;
            }
            let mut read = titled(line, end, line.len(), shape);
            read.mark = Some(Mark { at, len, state, is_odd: false });
            read
        }
        None => {
            let mark = last(line, at)?;
            let end = line.get(..mark.at)?.trim_end_matches(['[', '［', ' ', '\t']).len();
            let mut read = titled(line, at, end.max(at), shape);
            read.mark = Some(mark);
            read
        }
    };
    read.number = read.number.or(list);
    let title = line.get(read.title.0..read.title.1).unwrap_or_default();
    // `- ✅ Completed` explains the picture.
    let is_legend = read.number.is_none() && words::says_state(&words::fold(title), true).is_some();
    (!title.is_empty() && !is_legend).then_some(read)
}

/// The mark that closes a line: `T ✅`, `T [x]`.
fn last(line: &str, from: usize) -> Option<Mark> {
    let text = line.trim_end();
    if text.ends_with([']', '］']) {
        let open = text.rfind(['[', '［']).filter(|open| *open > from)?;
        let (mark, end) = task_line::mark(text, open)?;
        let is_apart = text.get(..open)?.ends_with(' ');
        return (end == text.len() && is_apart).then_some(mark);
    }
    let bare = text.trim_end_matches('\u{fe0f}');
    let c = bare.chars().next_back()?;
    let at = bare.len() - c.len_utf8();
    let is_apart = line.get(..at)?.ends_with([' ', '\t']) && at > from;
    let state = words::picture(c).filter(|_| is_apart)?;
    Some(Mark { at, len: text.len() - at, state, is_odd: false })
}

/// Reads a row whose state stands in a column of its own, as a picture or in words.
pub(crate) fn row(line: &str, columns: Columns) -> Option<TaskLine> {
    let cells = cells(line)?;
    let text = |at: usize| cells.get(at).and_then(|(from, to)| line.get(*from..*to)).unwrap_or_default();
    let is_picture = |at: &usize| {
        let cell = text(*at);
        picture(cell).is_some_and(|(_, len)| len == cell.len())
    };
    let column = match columns.status {
        Some(at) => at,
        None => (0..cells.len()).find(is_picture)?,
    };
    let status = cells.get(column).copied()?;
    let value = text(column);
    let bare = value.trim_start_matches(['`', '*', '_']);
    let at = status.0 + (value.len() - bare.len());
    let (state, at, len) = match picture(bare) {
        Some((state, len)) => (state, at, len),
        None => (words::says_state(&words::fold(bare), true)?, status.0, value.len()),
    };
    let number_at = (0..cells.len().min(task_line::NUMBER_COLUMNS_MAX)).find(|at| {
        let word = text(*at).trim_matches(['`', '*', '#']);
        *at != column && task_id::take(word).is_some_and(|id| id.len == word.trim_end_matches('.').len())
    });
    let is_words = |at: usize| at != column && Some(at) != number_at && !text(at).is_empty();
    // Without a number and a head that says so, any table of states would be a plan.
    let title_at = match columns.title.filter(|at| is_words(*at)) {
        Some(at) => at,
        None => (0..cells.len()).find(|at| is_words(*at)).filter(|_| number_at.is_some())?,
    };
    if columns.status.is_none() && number_at.is_none() {
        return None;
    }
    let title = cells.get(title_at).copied()?;
    let mut read = titled(line, title.0, title.1, Shape::Row);
    read.mark = Some(Mark { at, len, state, is_odd: false });
    if let Some((from, to)) = number_at.and_then(|at| cells.get(at)) {
        let cell = line.get(*from..*to)?;
        let lead = cell.len() - cell.trim_start_matches(['`', '*', '#']).len();
        let id = cell.get(lead..).and_then(task_id::take)?;
        read.drop_number();
        read.number =
            Some(Number { id: id.text, at: from + lead, len: id.len, form: id.form, weight: Weight::Sure });
    }
    Some(read)
}

/// The state that a picture at the start shows, and its bytes.
fn picture(text: &str) -> Option<(State, usize)> {
    let c = text.chars().next()?;
    let state = words::picture(c)?;
    let rest = text.get(c.len_utf8()..)?;
    let rest = rest.strip_prefix('\u{fe0f}').unwrap_or(rest);
    Some((state, text.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_rows_without_a_box() {
        let check = |read: Option<TaskLine>, line: &str, expected: Option<(State, Option<&str>, &str)>| {
            let got = read.as_ref().map(|read| {
                (read.mark.unwrap().state, read.number.as_ref().map(|n| n.id.as_str()), read.title_of(line))
            });
            assert_eq!(got, expected.map(|(s, n, t)| (s, n, t.to_string())), "{line}");
        };
        for (line, expected) in [
            ("- ✅ 1.1 Store", Some((State::Done, Some("1.1"), "Store"))),
            ("  * 🔄 **2. Screen**", Some((State::InProgress, Some("2"), "Screen"))),
            ("3. ⬜ Docs", Some((State::Open, Some("3"), "Docs"))),
            ("- ✔️ Docs", Some((State::Done, None, "Docs"))),
            ("- ✅ Completed", None),
            ("- ✅", None),
            ("2. Store ✅", Some((State::Done, Some("2"), "Store"))),
            ("- 1.2 Store [ ]", Some((State::Open, Some("1.2"), "Store"))),
            ("- Store✅", None),
            ("- see [x]", Some((State::Done, None, "see"))),
            ("- [x]", None),
        ] {
            check(item(line), line, expected);
        }
        let columns = Columns { title: Some(1), status: Some(2) };
        for (line, expected) in [
            ("| 1.1 | Store | ✅ Done |", Some((State::Done, Some("1.1"), "Store"))),
            ("| 1.2 | Screen | In progress |", Some((State::InProgress, Some("1.2"), "Screen"))),
            ("| T-3 | Docs | **TODO** |", Some((State::Open, Some("T-3"), "Docs"))),
            ("| x | Docs | red |", None),
            ("|---|---|---|", None),
        ] {
            check(row(line, columns), line, expected);
        }
        let unknown = Columns { title: Some(1), status: None };
        let line = "| 1 | Store | ✅ | 1.1 |";
        check(row(line, unknown), line, Some((State::Done, Some("1"), "Store")));
        check(row("| a | Store | ✅ |", unknown), "", None);
    }
}
