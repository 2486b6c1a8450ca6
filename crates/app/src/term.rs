//! The one place that writes to the terminal: colours, sanitising, lines. Knows nothing of what it writes.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the terminal")]

use std::io::Write;
use std::sync::Mutex;

/// Writes to the person.
#[derive(Debug)]
pub(crate) struct Term {
    colour: bool,
    /// Whether the cursor of the output stream stands at the beginning of a line.
    fresh: Mutex<bool>,
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
    /// A terminal with or without colours.
    pub(crate) fn new(colour: bool) -> Term {
        Term { colour, fresh: Mutex::new(true) }
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
        if let Some(last) = text.chars().last() {
            self.set_fresh(last == '\n');
        }
        print!("{text}");
        // A closed pipe on the other side is no error of ours: the work goes on and is on record.
        let _ = std::io::stdout().flush();
    }

    /// Writes a line to the output stream.
    pub(crate) fn line(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{text}");
        let _ = out.flush();
        self.set_fresh(true);
    }

    /// Writes a line about what is going on, to the error stream.
    pub(crate) fn note(&self, text: &str) {
        self.end_line();
        eprintln!("{text}");
    }

    /// Asks on the error stream, leaving the cursor behind the question.
    pub(crate) fn prompt(&self, text: &str) {
        self.end_line();
        eprint!("{text}");
        let _ = std::io::stderr().flush();
    }

    /// Ends a line of words that was begun.
    pub(crate) fn end_line(&self) {
        let mut fresh = self.fresh.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !*fresh {
            println!();
            *fresh = true;
        }
    }

    fn set_fresh(&self, fresh: bool) {
        *self.fresh.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
    }
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
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                format!("<U+{:04X}>", u32::from(c)).chars().collect()
            }
            c => vec![c],
        })
        .collect()
}

/// The first line of a text, sanitised and cut to so many characters.
pub(crate) fn glimpse(text: &str, chars_max: usize) -> String {
    let line = sanitise(text.trim().lines().next().unwrap_or(""));
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
        assert_eq!(glimpse("  one\ntwo", 9), "one");
        assert_eq!(glimpse("abcdefghij", 5), "abcd…");
    }
}
