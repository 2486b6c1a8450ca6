//! The one place that writes to the terminal: colours, sanitising, lines. Knows nothing of what it writes.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Writes to the person.
#[derive(Debug)]
pub(crate) struct Term {
    colour: bool,
    /// Whether a line that is rewritten in place may be shown.
    live: bool,
    cursor: Mutex<Cursor>,
}

/// Where the cursor stands, as far as this file moved it.
#[derive(Debug)]
struct Cursor {
    /// At the beginning of a line of the output stream.
    fresh: bool,
    /// Behind so many status lines on the error stream.
    status: usize,
}

/// How a piece of text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// Less important.
    Dim,
    /// Important.
    Bold,
    /// Good.
    Green,
    /// Bad.
    Red,
    /// Needs attention.
    Yellow,
}

impl Term {
    /// A terminal with or without colours; `live` when it can rewrite a line in place.
    pub(crate) fn new(colour: bool, live: bool) -> Term {
        Term { colour, live, cursor: Mutex::new(Cursor { fresh: true, status: 0 }) }
    }

    /// Shows what is going on right now, on one line that the next words replace. Nothing where lines stay.
    pub(crate) fn status(&self, text: &str) {
        self.table(&[self.style(Style::Dim, text)]);
    }

    /// The same with several lines, none of which may be wider than the terminal.
    pub(crate) fn table(&self, lines: &[String]) {
        let mut cursor = self.cursor();
        if self.live && cursor.fresh {
            cursor.clear_status();
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K{}", lines.join("\n"));
            let _ = std::io::stderr().flush();
            cursor.status = lines.len();
        }
    }

    /// The text in this style, when colours are on.
    pub(crate) fn style(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Plain => return text.to_string(),
            Style::Dim => "2",
            Style::Bold => "1",
            Style::Green => "32",
            Style::Red => "31",
            Style::Yellow => "33",
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// Writes words of an answer as they come, to the output stream.
    pub(crate) fn words(&self, text: &str) {
        let text = sanitise(text);
        let mut cursor = self.cursor();
        cursor.clear_status();
        if let Some(last) = text.chars().last() {
            cursor.fresh = last == '\n';
        }
        // A closed pipe on the other side is no error of ours: the work goes on and is on record.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    /// The output stream itself, for what is too long to be held in memory and needs no sanitising.
    pub(crate) fn output(&self) -> std::io::StdoutLock<'static> {
        std::io::stdout().lock()
    }

    /// Writes a line to the output stream.
    pub(crate) fn line(&self, text: &str) {
        let mut cursor = self.cursor();
        cursor.clear_status();
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{text}");
        let _ = out.flush();
        cursor.fresh = true;
    }

    /// Writes a line about what is going on, to the error stream.
    pub(crate) fn note(&self, text: &str) {
        let mut cursor = self.cursor();
        cursor.clear_status();
        cursor.end_line();
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Asks on the error stream, leaving the cursor behind the question.
    pub(crate) fn prompt(&self, text: &str) {
        let mut cursor = self.cursor();
        cursor.clear_status();
        cursor.end_line();
        let _ = write!(std::io::stderr(), "{text}");
        let _ = std::io::stderr().flush();
    }

    /// Ends a line of words that was begun.
    pub(crate) fn end_line(&self) {
        let mut cursor = self.cursor();
        cursor.clear_status();
        cursor.end_line();
    }

    fn cursor(&self) -> MutexGuard<'_, Cursor> {
        self.cursor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cursor {
    fn clear_status(&mut self) {
        match std::mem::take(&mut self.status) {
            0 => {}
            1 => drop(write!(std::io::stderr(), "\r\u{1b}[2K")),
            lines => drop(write!(std::io::stderr(), "\r\u{1b}[{}A\u{1b}[J", lines - 1)),
        }
    }

    fn end_line(&mut self) {
        if !std::mem::replace(&mut self.fresh, true) {
            let _ = writeln!(std::io::stdout());
        }
    }
}

/// A number with its noun: `1 task`, `2 tasks`.
pub(crate) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Text that an outsider wrote, made harmless for a terminal: control characters other than tab and new line are
/// shown as pictures, and characters that turn the direction of writing or hide themselves are named.
pub(crate) fn sanitise(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '\n' | '\t' => vec![c],
            '\r' => Vec::new(),
            c if u32::from(c) < 0x20 => char::from_u32(0x2400 + u32::from(c)).into_iter().collect(),
            '\u{7f}'..='\u{9f}' => vec!['␡'],
            '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => format!("<U+{:04X}>", u32::from(c)).chars().collect(),
            c => vec![c],
        })
        .collect()
}

/// The same for a value that stands in a row of a listing: line breaks and tabs are shown as pictures too, so that a name
/// cannot make a row of its own that nobody wrote.
pub(crate) fn one_line(text: &str) -> String {
    sanitise(&text.replace('\n', "␊").replace('\r', "␍").replace('\t', "␉"))
}

/// A line of a text, of which the line break was taken away: tabs stay.
pub(crate) fn text_line(text: &str) -> String {
    let line = text.strip_suffix('\n').unwrap_or(text);
    sanitise(&line.strip_suffix('\r').unwrap_or(line).replace('\n', "␊").replace('\r', "␍"))
}

/// A text of several lines: each one behind the first begins with a mark, so that none can pass for a line of Waypost's own.
pub(crate) fn marked(text: &str) -> String {
    text.split('\n').map(text_line).collect::<Vec<_>>().join("\n  | ")
}

/// The first line of a text, sanitised and cut to so many characters.
pub(crate) fn glimpse(text: &str, chars_max: usize) -> String {
    let line = one_line(text.trim().lines().next().unwrap_or(""));
    if line.chars().count() > chars_max {
        line.chars().take(chars_max.saturating_sub(1)).collect::<String>() + "…"
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(sanitise(input), expected);
    }

    #[test]
    fn outsiders_cannot_move_the_cursor_or_turn_the_text() {
        check("plain\ttext\n", "plain\ttext\n");
        check("\u{1b}[2Jgone", "␛[2Jgone");
        check("a\rb\u{8}c\u{9b}d", "ab␈c␡d");
        check("safe\u{202e}exe.txt", "safe<U+202E>exe.txt");
        assert_eq!(one_line("a\nb\tc\r\n\u{1b}[m\u{2028}"), "a␊b␉c␍␊␛[m<U+2028>");
        assert_eq!(text_line("\tx\r\n"), "\tx");
        assert_eq!(text_line("a\nb\rc"), "a␊b␍c");
        assert_eq!(marked("one\nerror: two\r\n"), "one\n  | error: two\n  | ");
        assert_eq!(glimpse("  one\ntwo", 9), "one");
        assert_eq!(glimpse("abcdefghij", 5), "abcd…");
    }
}
