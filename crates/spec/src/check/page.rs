//! A document as Kiro's validator sees it: lines with trailing blanks cut, compared whole. Holds no rule.

use std::borrow::Cow;

use super::RULES;
use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::text::{Inside, Text};

/// The lines that can break a rule or keep one; code blocks and comments can do neither.
pub(super) struct Page<'a> {
    pub(super) text: Text<'a>,
    pub(super) lines: Vec<PageLine<'a>>,
}

/// A prose line.
pub(super) struct PageLine<'a> {
    pub(super) content: Cow<'a, str>,
    pub(super) span: Span,
}

impl<'a> Page<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Page<'a> {
        let text = Text::read(bytes);
        let prose = text.lines().iter().filter(|line| line.inside == Inside::Prose);
        let lines = prose
            .map(|line| {
                let content = match text.str_of(line) {
                    Cow::Borrowed(content) => Cow::Borrowed(trim_end(content)),
                    Cow::Owned(content) => Cow::Owned(trim_end(&content).to_string()),
                };
                PageLine { content, span: line.span }
            })
            .collect();
        Page { text, lines }
    }

    pub(super) fn has(&self, line: &str) -> bool {
        self.lines.iter().any(|l| l.content == line)
    }

    /// `line` is in lower case and holds no letter that another one becomes in lower case.
    pub(super) fn has_ignoring_case(&self, line: &str) -> bool {
        self.lines.iter().any(|l| l.content.eq_ignore_ascii_case(line))
    }

    /// The lines behind the first line that `opens`, up to the first that `closes`.
    pub(super) fn section(
        &self,
        opens: impl Fn(&str) -> bool,
        closes: impl Fn(&str) -> bool,
    ) -> Option<(&PageLine<'a>, &[PageLine<'a>])> {
        let at = self.lines.iter().position(|line| opens(&line.content))?;
        let (head, rest) = self.lines.get(at..)?.split_first()?;
        let end = rest.iter().position(|line| closes(&line.content)).unwrap_or(rest.len());
        Some((head, rest.get(..end)?))
    }

    /// The stretches that begin with a line that `opens` and end before the next one or one that `closes`.
    pub(super) fn blocks<'l>(
        lines: &'l [PageLine<'a>],
        opens: impl Fn(&str) -> bool,
        closes: impl Fn(&str) -> bool,
    ) -> Vec<&'l [PageLine<'a>]> {
        let mut blocks = Vec::new();
        let mut start = None;
        for (at, line) in lines.iter().enumerate() {
            let is_open = opens(&line.content);
            if is_open || closes(&line.content) {
                blocks.extend(start.take().and_then(|from: usize| lines.get(from..at)));
            }
            if is_open {
                start = Some(at);
            }
        }
        blocks.extend(start.and_then(|from| lines.get(from..)));
        blocks
    }
}

/// Findings by code.
#[derive(Default)]
pub(super) struct Report(Findings);

impl Report {
    pub(super) fn at(&mut self, code: &'static str, span: Span) {
        if let Some(rule) = RULES.iter().find(|rule| rule.code == code) {
            let (message, hint) = (rule.message.to_string(), Some(rule.hint.to_string()));
            self.0.push(Diagnostic { code: rule.code, severity: rule.severity, span, message, hint });
        }
    }

    /// Something is missing from the whole document.
    pub(super) fn unless(&mut self, is_there: bool, code: &'static str, page: &Page<'_>) {
        if !is_there {
            self.at(code, page.text.first_line());
        }
    }

    pub(super) fn into_vec(self) -> Vec<Diagnostic> {
        self.0.into_vec()
    }
}

/// `trimEnd` as JavaScript does it: a byte-order mark is white space there, and a next-line character is none.
fn trim_end(content: &str) -> &str {
    content.trim_end_matches(is_space)
}

/// `\s` as JavaScript reads it.
pub(super) fn is_space(c: char) -> bool {
    c != '\u{85}' && (c.is_whitespace() || c == '\u{feff}')
}

/// `\d+` at the start, and what stands behind.
pub(super) fn after_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

/// `prefix\b`: the prefix, and no word character behind it.
pub(super) fn starts_with_word(line: &str, prefix: &str) -> bool {
    let behind = line.strip_prefix(prefix);
    behind.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}
