//! Labels in front of a list of ids, in the languages of real task files: where the list begins and ends. Reads no
//! id.

use std::ops::Range;

pub(crate) use super::label_words::{DEPENDENCIES, Labels};
use super::label_words::{OTHER_REQUIREMENTS, REQUIREMENTS};

use Strength::{Guess, Strong, Weak};

/// What a label must bring with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// The label alone says that requirements follow.
    Strong,
    /// The word is used for other things, too: only a list with at least one id counts.
    Weak,
    /// An ordinary word, or a label nobody knows that has a word for requirements in it: the list must be ids and nothing
    /// else, and one of them that of a criterion or of a series.
    Guess,
}

/// Words in a label that is only guessed.
const GUESS_WORDS_MAX: usize = 4;

impl Labels {
    fn lookup(&self, name: &str) -> Option<Strength> {
        if name.is_empty() || name.len() > LABEL_BYTES_MAX {
            return None;
        }
        if self.strong.are(name) {
            return Some(Strong);
        }
        if self.weak.are(name) {
            return Some(Weak);
        }
        (self.telling.are(name) || self.is_guess(name)).then_some(Guess)
    }

    /// `对应的需求`, `Covers the requirements`: a word for requirements at one of the ends.
    fn is_guess(&self, name: &str) -> bool {
        if OTHER_REQUIREMENTS.begin(name) || name.split_whitespace().count() > GUESS_WORDS_MAX {
            return false;
        }
        let is_wide = |text: &str| text.chars().next_back().is_some_and(|c| c >= '\u{2e80}');
        // Scripts without blanks join the words of a label.
        let ends = name
            .char_indices()
            .skip(1)
            .filter(|(at, _)| name.get(..*at).is_some_and(|before| before.ends_with(' ') || is_wide(before)));
        self.guess.alone(name).next().is_some()
            || ends.filter_map(|(at, _)| name.get(at..)).any(|end| self.guess.are(end))
    }
}

/// Bytes of the longest label. What stands further from its colon is prose.
const LABEL_BYTES_MAX: usize = 64;

/// A label and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Labelled {
    pub(crate) label: Range<usize>,
    pub(crate) strength: Strength,
    /// The list, emphasis that closes it left out, untrimmed.
    pub(crate) value: Range<usize>,
    /// The emphasis around label and list is closed, so the list cannot go on in the next line.
    pub(crate) is_closed: bool,
}

/// The first label of requirements in a line.
pub(crate) fn requirements(line: &str) -> Option<Labelled> {
    find(line, &REQUIREMENTS)
}

/// The first label of `known` in a line that stands at its start, or behind emphasis, or in the first cell of a
/// table row.
pub(crate) fn find(line: &str, known: &Labels) -> Option<Labelled> {
    let start = content_start(line);
    let is_row = line.get(start..).is_some_and(|rest| rest.starts_with('|'));
    if is_row {
        return row(line, start, known);
    }
    for (colon, text) in line.match_indices([':', '：']) {
        let from = colon.saturating_sub(LABEL_BYTES_MAX).max(start);
        let from = (from..=colon).find(|at| line.is_char_boundary(*at)).unwrap_or(colon);
        let before = line.get(from..colon).unwrap_or_default();
        let bare = before.trim_end_matches(['_', '*', ' ', '\u{a0}', '\u{202f}']);
        let name_at = match bare.rfind(['_', '*']) {
            Some(at) => from + at + 1,
            None if from == start => start,
            None => continue,
        };
        let name = line.get(name_at..from + bare.len()).unwrap_or_default().trim_start();
        let Some(strength) = known.lookup(name) else { continue };
        let label = name_at..from + bare.len();
        let marks = line.get(start..name_at).unwrap_or_default();
        let marks = &marks.get(marks.trim_end_matches(['_', '*']).len()..).unwrap_or_default();
        let (value, is_closed) = value(line, colon + text.len(), marks, before.len() > bare.len());
        return Some(Labelled { label, strength, value, is_closed });
    }
    None
}

/// `| Requirements | 1.1, 1.2 |`
fn row(line: &str, start: usize, known: &Labels) -> Option<Labelled> {
    let cell = line.get(start + 1..)?;
    let end = cell.find('|')?;
    let name = cell.get(..end)?.trim().trim_matches(['_', '*']);
    let strength = known.lookup(name)?;
    let from = start + 1 + end + 1;
    let rest = line.get(from..)?;
    let to = from + rest.find('|')?;
    // A third cell with words makes it the head of a table or something else.
    let is_pair = line.get(to + 1..).unwrap_or_default().trim().is_empty();
    (is_pair && strength == Strong).then_some(Labelled {
        label: start + 1..start + 1 + end,
        strength: Weak,
        value: from..to,
        is_closed: true,
    })
}

/// Where the words of a line begin: behind white space, quote and comment marks and one list marker.
fn content_start(line: &str) -> usize {
    let mut rest = line.trim_start_matches([' ', '\t', '>', '\u{feff}']);
    for mark in ["///", "//!", "//", "/**", "/*", "<!--", "--", ";;", "%%", "##", "#", "\"\"\"", "'''"] {
        if let Some(after) = rest.strip_prefix(mark) {
            rest = after.trim_start();
            break;
        }
    }
    if let Some(after) = rest.strip_prefix(['-', '*', '+'])
        && after.starts_with([' ', '\t'])
    {
        rest = after.trim_start();
    }
    for mark in ["[ ] ", "[x] ", "[X] ", "[-] ", "[~] "] {
        rest = rest.strip_prefix(mark).unwrap_or(rest);
    }
    line.len() - rest.len()
}

/// The value behind the colon: up to the emphasis that closes `marks`, or to the end of the line.
fn value(line: &str, from: usize, marks: &str, closed_before_colon: bool) -> (Range<usize>, bool) {
    let rest = line.get(from..).unwrap_or_default();
    if marks.is_empty() || closed_before_colon {
        return (from..line.len(), false);
    }
    // In `**Check:** x` the emphasis closes before the value, in `_Check: x_` behind it.
    if let Some(after) = rest.strip_prefix(marks).filter(|after| !after.is_empty()) {
        return (line.len() - after.len()..line.len(), false);
    }
    let last = marks.chars().last().unwrap_or('_');
    let closes = |at: &usize| {
        let behind = rest.get(at + 1..).unwrap_or_default().chars().next();
        let is_last_of_wild = rest.get(..*at).is_some_and(|before| before.ends_with('.')) && last == '*';
        !behind.is_some_and(char::is_alphanumeric) && !is_last_of_wild
    };
    match rest.match_indices(last).map(|(at, _)| at).find(closes) {
        Some(end) => (from..from + end, true),
        None => (from..line.len(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        assert_eq!(requirements(line).map(|found| line[found.value].trim()), expected, "{line}");
    }

    #[test]
    fn labels_in_every_dress() {
        check("- _Requirements: 1.1, 2.3_", Some("1.1, 2.3"));
        check("  * **Requirements:** 1.1", Some("1.1"));
        check("**Requirements**: 1.1", Some("1.1"));
        check("**Requirements: 1.1**", Some("1.1"));
        check("***Validates: 1.1***", Some("1.1"));
        check("_需求：1.1_", Some("1.1"));
        check("ТРЕБОВАНИЯ: 1", Some("1"));
        check("- Write it _Requirements: 1.1_ and more", Some("1.1"));
        check("- Note: see _Requirements: REQ_1, 2_", Some("REQ_1, 2"));
        check("// Validates: Requirements 1.2", Some("Requirements 1.2"));
        check(" * **Validates: Requirements 1.2**", Some("Requirements 1.2"));
        check("| Requirements | 1.1, 1.2 |", Some("1.1, 1.2"));
        check("| Requirement | Text | More |", None);
        check("- no requirements: 1", None);
        check("- Requirements", None);
        check("- _Requirements: 6.*, 7_", Some("6.*, 7"));
    }
}
