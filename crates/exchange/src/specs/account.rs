//! The lines of a source file and what became of each, so that none is lost in silence. Understands no format.

use spec::text::{Inside, Text};

use super::Loss;
use crate::results::excerpt;

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// Nobody has looked at it yet.
    Open,
    /// Its words stand on the other side in their own role.
    Carried,
    /// It is part of the format, such as a known heading; there is nothing to carry.
    Frame,
    /// Its words have no role on the other side: why, and where they can still be read.
    Lost(String, Option<String>),
}

/// One source file.
pub(crate) struct Account {
    pub(crate) file: String,
    lines: Vec<String>,
    inside: Vec<Inside>,
    indents: Vec<usize>,
    offsets: Vec<usize>,
    fates: Vec<Fate>,
    is_text: bool,
}

impl Account {
    pub(crate) fn of(file: &str, bytes: &[u8]) -> Account {
        let text = Text::read(bytes);
        let lines: Vec<String> = text.lines().iter().map(|line| text.str_of(line).into_owned()).collect();
        Account {
            file: file.to_string(),
            fates: vec![Fate::Open; lines.len()],
            inside: text.lines().iter().map(|line| line.inside).collect(),
            indents: text.lines().iter().map(|line| line.indent).collect(),
            offsets: text.lines().iter().map(|line| line.span.offset).collect(),
            lines,
            is_text: std::str::from_utf8(bytes).is_ok(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The words of a line; empty behind the last.
    pub(crate) fn line(&self, at: usize) -> &str {
        self.lines.get(at).map(String::as_str).unwrap_or_default()
    }

    /// The lines under a span, as `from..to`.
    pub(crate) fn lines_of(&self, span: spec::Span) -> (usize, usize) {
        let from = self.offsets.partition_point(|offset| *offset <= span.offset).saturating_sub(1);
        let to = self.offsets.partition_point(|offset| *offset < span.end());
        (from, to.max(from))
    }

    /// Whether headings, items and tasks can stand in the line.
    pub(crate) fn is_prose(&self, at: usize) -> bool {
        self.inside.get(at) == Some(&Inside::Prose)
    }

    pub(crate) fn is_comment(&self, at: usize) -> bool {
        self.inside.get(at) == Some(&Inside::Comment)
    }

    pub(crate) fn indent(&self, at: usize) -> usize {
        self.indents.get(at).copied().unwrap_or_default()
    }

    /// Whether nobody has taken the line.
    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.fates.get(at) == Some(&Fate::Open)
    }

    pub(crate) fn carry(&mut self, at: usize) {
        self.set(at, Fate::Carried);
    }

    pub(crate) fn carry_all(&mut self, from: usize, to: usize) {
        (from..to).for_each(|at| self.carry(at));
    }

    pub(crate) fn frame(&mut self, at: usize) {
        self.set(at, Fate::Frame);
    }

    pub(crate) fn lose(&mut self, at: usize, why: &str, kept_as: Option<&str>) {
        self.set(at, Fate::Lost(why.to_string(), kept_as.map(str::to_string)));
    }

    fn set(&mut self, at: usize, fate: Fate) {
        if let Some(known) = self.fates.get_mut(at) {
            *known = fate;
        }
    }

    /// Level and words of a heading line.
    pub(crate) fn heading(&self, at: usize) -> Option<(usize, &str)> {
        if !self.is_prose(at) || self.indent(at) >= 4 {
            return None;
        }
        let trimmed = self.line(at).trim();
        let words = trimmed.trim_start_matches('#');
        let level = trimmed.len() - words.len();
        let is_heading = (1..=6).contains(&level) && (words.is_empty() || words.starts_with([' ', '\t']));
        is_heading.then(|| (level, words.trim().trim_end_matches('#').trim_end()))
    }

    /// The first line at or behind `from` with a heading of `level` or above; the end without one.
    pub(crate) fn section_end(&self, from: usize, level: usize) -> usize {
        let is_end = |at: &usize| self.heading(*at).is_some_and(|(found, _)| found <= level);
        (from..self.len()).find(is_end).unwrap_or(self.len())
    }

    /// Open lines of a stretch as text to keep, blank ones at both ends left out; they count as lost to their role and
    /// kept there. Comments are left for [`Account::into_losses`].
    pub(crate) fn keep(&mut self, from: usize, to: usize, why: &str, kept_as: &str) -> Vec<String> {
        let (lines, taken) = self.take(from, to);
        taken.into_iter().for_each(|at| self.lose(at, why, Some(kept_as)));
        lines
    }

    /// Open lines of a stretch as text in its own role.
    pub(crate) fn carry_text(&mut self, from: usize, to: usize) -> Vec<String> {
        let (lines, at) = self.take(from, to);
        at.into_iter().for_each(|at| self.carry(at));
        lines
    }

    fn take(&mut self, from: usize, to: usize) -> (Vec<String>, Vec<usize>) {
        let mut lines: Vec<String> = Vec::new();
        let mut taken = Vec::new();
        for at in from..to.min(self.len()) {
            if self.is_comment(at) || !self.is_open(at) {
                continue;
            }
            let is_blank = self.line(at).trim().is_empty();
            if self.is_prose(at) && is_rule(self.line(at).trim()) {
                continue;
            }
            if is_blank && lines.last().is_none_or(|last| last.is_empty()) {
                continue;
            }
            lines.push(if is_blank { String::new() } else { self.line(at).trim_end().to_string() });
            if !is_blank {
                taken.push(at);
            }
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        (lines, taken)
    }

    /// One loss for each stretch of lines with the same fate; what nobody took is lost, too.
    pub(crate) fn into_losses(self) -> Vec<Loss> {
        let mut losses: Vec<Loss> = Vec::new();
        let mut last: Option<usize> = None;
        for (at, fate) in self.fates.iter().enumerate() {
            let words = self.line(at).trim();
            let (why, kept_as) = match fate {
                Fate::Carried | Fate::Frame => {
                    last = None;
                    continue;
                }
                _ if words.is_empty() => continue,
                Fate::Lost(why, kept_as) => (why.clone(), kept_as.clone()),
                Fate::Open if self.is_comment(at) => ("a comment is no part of the spec".to_string(), None),
                Fate::Open if is_rule(words) => continue,
                Fate::Open => ("it has no place on the other side".to_string(), None),
            };
            let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
            match losses.last_mut() {
                Some(known) if last.is_some() && known.why == why && known.kept_as == kept_as => {
                    known.lines.1 = line;
                }
                _ => {
                    let what = excerpt(words);
                    losses.push(Loss { what, file: self.file.clone(), lines: (line, line), why, kept_as });
                }
            }
            last = Some(at);
        }
        if !self.is_text {
            let why = "bytes that are not UTF-8 became replacement characters";
            losses.push(super::general_loss(&self.file, "", why, None));
        }
        losses
    }
}

/// A line of dashes between sections says nothing.
fn is_rule(words: &str) -> bool {
    words.len() >= 3
        && ['-', '*', '_', '='].into_iter().any(|mark| words.chars().all(|c| c == mark || c == ' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_fate() {
        let source = "# A\n\nkept\n\n- carried\n- open\n- open too\n\n---\n<!-- note\nto self -->\nlast\n";
        let mut account = Account::of("a.md", source.as_bytes());
        account.frame(0);
        account.lose(2, "no role", Some("notes"));
        account.carry(4);
        let shown: Vec<String> = account
            .into_losses()
            .iter()
            .map(|loss| {
                format!("{}-{} {} | {} | {:?}", loss.lines.0, loss.lines.1, loss.what, loss.why, loss.kept_as)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "3-3 kept | no role | Some(\"notes\")",
                "6-7 - open | it has no place on the other side | None",
                "10-11 <!-- note | a comment is no part of the spec | None",
                "12-12 last | it has no place on the other side | None",
            ]
        );
    }

    #[test]
    fn stretches_are_taken_once() {
        let mut account = Account::of("a.md", b"\n\na\n\n\nb\n\n");
        assert_eq!(account.keep(0, 9, "why", "there"), ["a", "", "b"]);
        assert_eq!(account.carry_text(0, 9), Vec::<String>::new());
        assert_eq!(account.into_losses().len(), 1);
        assert_eq!(Account::of("a", b"\xff").into_losses().len(), 2);
    }
}
