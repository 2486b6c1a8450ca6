//! Where requirements begin: headings, or bold lines where there is no heading. Reads no criterion.

use std::collections::HashSet;

use super::criteria::{has_marker, has_sentences, has_statements, is_item};
use super::fold::offset_in;
use super::roles::{Role, Source, role_of};
use super::words;
use crate::Span;
use crate::digits::{is_digit, plain};
use crate::inline::without_numero;
use crate::items::number::{Number, number};
use crate::references::normal_id;

/// How a heading says that it is a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `Requirement 1`, `需求 1`, `User Story 2`.
    Worded,
    /// `FR-1`, `US1`, `R2`.
    Coded,
    /// `1. Title`, `1.1 Title`.
    Numbered,
    /// A word that nobody knows, and a number: `Krav 1`.
    Foreign,
    /// Words only, below a heading over requirements.
    Named,
}

/// The start of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) line: usize,
    /// First line behind it.
    pub(super) end: usize,
    /// Number of `#`; 7 for a line that is no heading.
    pub(super) level: usize,
    pub(super) kind: Kind,
    pub(super) number: Option<String>,
    pub(super) number_span: Option<Span>,
    pub(super) heading: Span,
    pub(super) title: String,
    /// A sub-requirement below a chapter of numbers.
    pub(super) is_nested: bool,
}

/// What a heading's words say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parsed<'a> {
    pub(super) kind: Kind,
    pub(super) number: Option<String>,
    pub(super) written: &'a str,
    pub(super) title: &'a str,
    /// The letters are known, or the word is.
    pub(super) is_known: bool,
}

/// Bytes in a requirement number; longer runs of digits are years and tickets.
const NUMBER_BYTES_MAX: usize = 12;

const SEPARATORS: &[char] = &[
    ' ', '\t', '\u{3000}', ':', '：', '-', '—', '–', '.', '．', ')', '）', ']', '】', '*', '_', '、', '|',
    '·', '・',
];

/// Reads the words of a heading, or of a bold line.
pub(super) fn parse(title: &str) -> Option<Parsed<'_>> {
    let title = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let found = worded(title).or_else(|| coded(title)).or_else(|| numbered(title))?;
    // `Requirement 1 Acceptance Criteria` is a label inside requirement 1; behind a colon it would be a title.
    let behind = title.get(offset_in(title, found.written) + found.written.len()..).unwrap_or_default();
    let is_label = !behind.starts_with([':', '：']) && role_of(found.title, 4) == Role::Acceptance;
    (!is_label).then_some(found)
}

fn tidy(rest: &str) -> &str {
    rest.trim_start_matches(SEPARATORS)
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_'))
}

fn worded(title: &str) -> Option<Parsed<'_>> {
    let series = words::SERIES.behind(title).map(|(place, rest)| (words::SERIES_LETTERS.get(place), rest));
    let plain = words::REQUIREMENT.behind(title).map(|(_, rest)| (None, rest));
    for (letters, rest) in series.chain(plain) {
        let digits = without_numero(rest);
        let found = leading_number(digits).map(|found| with_letter(digits, found));
        if let Some((value, written)) = found.map(|found| with_part(digits, found)) {
            let after = digits.get(written.len()..).unwrap_or_default();
            let number = match letters {
                Some(letters) => format!("{letters}-{value}"),
                None => value,
            };
            return Some(Parsed {
                kind: Kind::Worded,
                number: Some(number),
                written,
                title: tidy(after),
                is_known: true,
            });
        }
        // `Requirement: The title` is how OpenSpec writes it.
        if let Some(words) = rest.strip_prefix([':', '：']).map(tidy).filter(|words| !words.is_empty()) {
            return Some(Parsed {
                kind: Kind::Named,
                number: None,
                written: "",
                title: words,
                is_known: true,
            });
        }
    }
    None
}

/// `12`, `1.2`, `１２`, `十二` or a single letter at the start, with its value.
fn leading_number(text: &str) -> Option<(String, &str)> {
    let rest = text.trim_start_matches(|c: char| is_digit(c) || matches!(c, '.' | '．'));
    let written = text.get(..text.len() - rest.len())?.trim_end_matches(['.', '．']);
    if !written.is_empty() {
        // `1st`, `2FA` and `3-tier` are no numbers of requirements.
        let after = text.get(written.len()..)?;
        let is_apart = !after.starts_with(|c: char| c.is_ascii_alphanumeric()) || is_suffix(after);
        let value = plain(written);
        let is_well_formed = value.split('.').all(|part| !part.is_empty()) && value.len() <= NUMBER_BYTES_MAX;
        return (is_apart && is_well_formed).then_some((value, written));
    }
    let letters = text.char_indices().take_while(|(_, c)| "一二三四五六七八九十".contains(*c)).last();
    if let Some((at, c)) = letters {
        let written = text.get(..at + c.len_utf8())?;
        return Some((chinese(written)?.to_string(), written));
    }
    let letter = text.get(..1).filter(|letter| letter.bytes().all(|b| b.is_ascii_uppercase()))?;
    let after = text.get(1..)?;
    (after.is_empty()
        || after.starts_with([':', '：', '.', ')'])
        || after.starts_with(" -")
        || after.starts_with(" —"))
    .then(|| (letter.to_string(), letter))
}

/// The letter of `1a` and `2B:`.
fn is_suffix(after: &str) -> bool {
    let mut chars = after.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next().is_none_or(|c| !c.is_alphanumeric())
}

/// The number with the letter behind it.
fn with_letter<'a>(text: &'a str, (value, written): (String, &'a str)) -> (String, &'a str) {
    let after = text.get(written.len()..).unwrap_or_default();
    match (after.get(..1), text.get(..written.len() + 1)) {
        (Some(letter), Some(longer)) if is_suffix(after) && value.ends_with(|c: char| c.is_ascii_digit()) => {
            (format!("{value}{letter}"), longer)
        }
        _ => (value, written),
    }
}

/// The number with the part that a hyphen joins to it: `2-1`, `２－１`.
fn with_part<'a>(text: &'a str, (value, written): (String, &'a str)) -> (String, &'a str) {
    let after = text.get(written.len()..).unwrap_or_default();
    let tail = after.strip_prefix(['-', '－', '‐']).unwrap_or_default();
    let rest = tail.trim_start_matches(is_digit);
    let is_part =
        value.ends_with(is_digit) && rest.len() < tail.len() && !rest.starts_with(char::is_alphanumeric);
    match (is_part, tail.get(..tail.len() - rest.len()), text.get(..text.len() - rest.len())) {
        (true, Some(part), Some(longer)) if value.len() + part.len() < NUMBER_BYTES_MAX => {
            (format!("{value}-{}", plain(part)), longer)
        }
        _ => (value, written),
    }
}

fn chinese(written: &str) -> Option<usize> {
    const DIGITS: &str = "一二三四五六七八九";
    let value = |c: char| DIGITS.chars().position(|d| d == c).map(|at| at + 1);
    match written.split_once('十') {
        None => value(written.chars().next()?),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { value(tens.chars().next()?)? };
            let ones = if ones.is_empty() { 0 } else { value(ones.chars().next()?)? };
            Some(tens * 10 + ones)
        }
    }
}

fn coded(title: &str) -> Option<Parsed<'_>> {
    let found = number(title)?;
    if !found.written.starts_with(char::is_uppercase) {
        return None;
    }
    let number = match found.number {
        Number::Series(id) | Number::Dotted(id) => id,
        Number::Criterion(_) | Number::Plain(_) => return None,
    };
    let letters = found.written.trim_end_matches(|c: char| !c.is_alphabetic());
    let letters = letters.split(['-', '_']).next().unwrap_or_default();
    let is_known = words::CODES.contains(&letters.trim_end_matches(|c: char| c.is_ascii_digit()));
    // A code alone is a title, and so is one that is set off; `S3 buckets` is neither.
    (found.is_set_off || is_known).then(|| Parsed {
        kind: Kind::Coded,
        number: Some(number),
        written: found.written,
        title: tidy(found.rest),
        is_known,
    })
}

fn numbered(title: &str) -> Option<Parsed<'_>> {
    let (value, written) = leading_number(title)?;
    let after = title.get(written.len()..)?;
    let is_year = written.len() >= 4 && !written.contains('.');
    let is_digits = value.bytes().all(|b| b.is_ascii_digit() || b == b'.') && written.starts_with(is_digit);
    let is_apart = after.is_empty() || after.starts_with(SEPARATORS);
    (is_digits && is_apart && !is_year).then(|| Parsed {
        kind: Kind::Numbered,
        number: Some(value),
        written,
        title: tidy(after),
        is_known: false,
    })
}

/// A word that is not known, and a number: the word and what it says.
fn foreign(title: &str) -> Option<(&str, Parsed<'_>)> {
    let title = title.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest = title.trim_start_matches(|c: char| c.is_alphabetic() || c.is_whitespace() && c != '\n');
    let word = title.get(..title.len() - rest.len())?.trim_end();
    let is_word = !word.is_empty() && word.len() <= FOREIGN_BYTES_MAX && word.split_whitespace().count() <= 3;
    if !is_word || words::OTHER_NUMBERED.behind(word).next().is_some() {
        return None;
    }
    let (value, written) = leading_number(rest.trim_start_matches(['-', '#', ' ']))?;
    // `KF-01 Title` is a code, although nobody knows its letters.
    let code = title.get(..offset_in(title, written) + written.len())?;
    let is_code = word.bytes().all(|b| b.is_ascii_uppercase()) && rest.starts_with(['-', '_']);
    let (value, written) = if is_code { (normal_id(code), code) } else { (value, written) };
    let after = title.get(offset_in(title, written) + written.len()..)?;
    let is_apart = after.is_empty() || after.starts_with(SEPARATORS);
    is_apart.then(|| {
        let parsed =
            Parsed { kind: Kind::Foreign, number: Some(value), written, title: tidy(after), is_known: false };
        (word, parsed)
    })
}

const FOREIGN_BYTES_MAX: usize = 48;

/// Every heading that opens a requirement, in document order, with where it ends.
pub(super) fn find(source: &Source<'_, '_>) -> Vec<Opening> {
    let candidates: Vec<(usize, Parsed<'_>)> = source
        .headings
        .iter()
        .enumerate()
        .filter(|(index, _)| !source.is_outside(*index))
        .filter_map(|(index, heading)| Some((index, parse(&heading.title)?)))
        .filter(|(index, parsed)| {
            parsed.number.is_some() || source.headings.get(*index).is_some_and(|h| h.level >= 3)
        })
        .collect();
    let mut picked = pick(source, candidates);
    if picked.is_empty() {
        picked = find_foreign(source);
    }
    let mut openings = with_ends(source, picked);
    drop_criteria(source, &mut openings);
    openings
}

/// Votes for the way in which the document numbers: words and codes before bare numbers.
fn pick<'a>(source: &Source<'_, '_>, candidates: Vec<(usize, Parsed<'a>)>) -> Vec<(usize, Parsed<'a>)> {
    let is_strong = |parsed: &Parsed<'_>| {
        matches!(parsed.kind, Kind::Worded | Kind::Named) || parsed.kind == Kind::Coded && parsed.is_known
    };
    let has_strong = candidates.iter().any(|(_, parsed)| is_strong(parsed));
    if has_strong {
        let numbers: HashSet<String> =
            candidates.iter().filter(|(_, p)| is_strong(p)).filter_map(|(_, p)| p.number.clone()).collect();
        // Bare numbers also stand before ordinary chapters, so they count only where they continue another.
        let continues = |parsed: &Parsed<'_>| {
            let stem =
                parsed.number.as_deref().and_then(|number| number.rsplit_once('.')).map(|(stem, _)| stem);
            stem.is_some_and(|stem| numbers.contains(stem))
        };
        return candidates.into_iter().filter(|(_, p)| is_strong(p) || continues(p)).collect();
    }
    let coded: Vec<_> = candidates.iter().filter(|(_, p)| p.kind == Kind::Coded).cloned().collect();
    if !coded.is_empty() {
        return coded;
    }
    let in_section = |index: usize| {
        let mut at = source.headings.get(index).and_then(|heading| heading.parent);
        while let Some(above) = at {
            if matches!(source.role(above), Role::Requirements | Role::Qualities) {
                return true;
            }
            at = source.headings.get(above).and_then(|heading| heading.parent);
        }
        false
    };
    let is_free = |index: usize| matches!(source.role(index), Role::Unknown | Role::Story);
    let inside: Vec<_> =
        candidates.iter().filter(|(index, _)| in_section(*index) && is_free(*index)).cloned().collect();
    if !inside.is_empty() {
        return inside;
    }
    let has_section = source.roles.iter().any(|role| matches!(role, Role::Requirements | Role::Qualities));
    if has_section {
        return Vec::new();
    }
    candidates
        .into_iter()
        .filter(|(index, _)| {
            is_free(*index)
                && source.headings.get(*index).is_some_and(|heading| {
                    heading.level >= 2
                        && (has_marker(source, heading.line + 1, heading.end)
                            || has_statements(source, heading.line + 1, heading.end))
                })
        })
        .collect()
}

/// Headings of one rank that begin with the same word: rank, word, headings.
type Series<'a> = (usize, &'a str, Vec<(usize, Parsed<'a>)>);

/// `Krav 1`, `Krav 2`: the same unknown word before a number in two headings of one rank.
fn find_foreign<'a>(source: &'a Source<'_, '_>) -> Vec<(usize, Parsed<'a>)> {
    let mut best: Vec<(usize, Parsed<'a>)> = Vec::new();
    let mut seen: Vec<Series<'a>> = Vec::new();
    for (index, heading) in source.headings.iter().enumerate().filter(|(index, _)| !source.is_outside(*index))
    {
        let Some((word, parsed)) =
            foreign(&heading.title).filter(|_| heading.level >= 2 && !is_item(&heading.title))
        else {
            continue;
        };
        let known = seen.iter().position(|(level, known, _)| *level == heading.level && *known == word);
        let has_place = seen.len() < FOREIGN_WORDS_MAX;
        match known.and_then(|at| seen.get_mut(at)) {
            Some((_, _, found)) => found.push((index, parsed)),
            None if has_place => seen.push((heading.level, word, vec![(index, parsed)])),
            None => {}
        }
    }
    for (_, _, found) in seen {
        let has_list = found.iter().any(|(index, _)| {
            source
                .headings
                .get(*index)
                .is_some_and(|heading| super::criteria::has_items(source, heading.line + 1, heading.end))
        });
        if found.len() >= 2 && has_list && found.len() > best.len() {
            best = found;
        }
    }
    best
}

/// Different unknown words that are tried.
const FOREIGN_WORDS_MAX: usize = 32;

fn with_ends(source: &Source<'_, '_>, picked: Vec<(usize, Parsed<'_>)>) -> Vec<Opening> {
    let starts: Vec<usize> = picked
        .iter()
        .filter_map(|(index, _)| source.headings.get(*index))
        .map(|heading| heading.line)
        .collect();
    let mut openings = Vec::with_capacity(picked.len());
    for (place, (index, parsed)) in picked.into_iter().enumerate() {
        let Some(heading) = source.headings.get(index) else { continue };
        let next = starts.get(place + 1).copied().unwrap_or(usize::MAX);
        let line = source.text.lines().get(heading.line).map(|line| line.span).unwrap_or_default();
        openings.push(Opening {
            line: heading.line,
            end: section_end(source, index).min(next),
            level: heading.level,
            kind: parsed.kind,
            number_span: place_of(source, heading.line, parsed.written),
            number: parsed.number,
            heading: line,
            title: parsed.title.to_string(),
            is_nested: false,
        });
    }
    openings
}

/// Where `written` stands in the line, in bytes of the file.
pub(super) fn place_of(source: &Source<'_, '_>, line: usize, written: &str) -> Option<Span> {
    let line = source.text.lines().get(line)?;
    if written.is_empty() {
        return None;
    }
    let bytes = source.text.of(line);
    let at = bytes.windows(written.len()).position(|window| window == written.as_bytes())?;
    Some(Span { offset: line.span.offset + at, len: written.len() })
}

/// The first line behind the section of a heading. Acceptance criteria under a heading of the same rank belong to it.
fn section_end(source: &Source<'_, '_>, index: usize) -> usize {
    let Some(own) = source.headings.get(index) else { return 0 };
    let mut end = own.end;
    // The walk is over headings of the own rank only and stops at the first that is none of its parts.
    let mut next = source.headings.partition_point(|heading| heading.line < end);
    while let Some(heading) = source.headings.get(next) {
        let is_part =
            heading.level == own.level && matches!(source.role(next), Role::Acceptance | Role::Story);
        if !is_part
            || heading.line != end
            || parse(&heading.title).is_some_and(|found| found.number.is_some())
        {
            break;
        }
        end = heading.end;
        next = source.headings.partition_point(|heading| heading.line < end);
    }
    end
}

/// `### 1.2 Title` below `### Requirement 1` is one of its criteria, unless it has criteria of its own. Such headings
/// are left to the requirement above.
fn drop_criteria(source: &Source<'_, '_>, openings: &mut Vec<Opening>) {
    let mut kept: Vec<Opening> = Vec::with_capacity(openings.len());
    // The last opening that is no part of another.
    let mut outer: Option<usize> = None;
    let mut labelled: Option<bool> = None;
    for mut opening in openings.drain(..) {
        let above = outer.and_then(|at: usize| kept.get(at));
        let continues = above.is_some_and(|above| {
            let number = opening.number.as_deref().unwrap_or_default();
            let stem = above.number.as_deref().unwrap_or_default();
            number.strip_prefix(stem).is_some_and(|rest| !stem.is_empty() && rest.starts_with('.'))
        });
        if !continues {
            (outer, labelled) = (Some(kept.len()), None);
            kept.push(opening);
            continue;
        }
        let is_chapter =
            above.is_some_and(|above| above.kind == Kind::Numbered && above.level < opening.level);
        // Below the label over the criteria of the requirement above, it is one of them. The label stands before the
        // first part, so it is looked for once.
        let is_labelled = *labelled.get_or_insert_with(|| {
            above.is_some_and(|above| has_marker(source, above.line + 1, opening.line))
        });
        let (from, to) = (opening.line + 1, opening.end);
        let has_own = has_marker(source, from, to)
            || is_chapter && has_statements(source, from, to)
            || !is_labelled && has_sentences(source, from, to)
            || !is_labelled && opening.kind == Kind::Worded && has_statements(source, from, to);
        if has_own {
            opening.is_nested = true;
            kept.push(opening);
        } else if let Some(last) = kept.last_mut() {
            last.end = last.end.max(opening.end);
        }
    }
    *openings = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, expected: Option<(Kind, &str, &str)>) {
        let got = parse(title).map(|p| (p.kind, p.number.unwrap_or_default(), p.title.to_string()));
        assert_eq!(got, expected.map(|(k, n, t)| (k, n.to_string(), t.to_string())), "{title}");
    }

    #[test]
    fn every_dress_of_a_number() {
        use Kind::{Coded, Named, Numbered, Worded};
        check("Requirement 1: Title", Some((Worded, "1", "Title")));
        check("Requirement 1 - Title", Some((Worded, "1", "Title")));
        check("**Requirement 12** — Title", Some((Worded, "12", "Title")));
        check("要件２－１　題", Some((Worded, "2-1", "題")));
        check("Requirement 2-1: Title", Some((Worded, "2-1", "Title")));
        check("Requirement 2 - 1st step", Some((Worded, "2", "1st step")));
        check("आवश्यकता १: शीर्षक", Some((Worded, "1", "शीर्षक")));
        check("Wymaganie nr 2. Tytuł", Some((Worded, "2", "Tytuł")));
        check("Требование №3: Имя", Some((Worded, "3", "Имя")));
        check("ФТ-4: Имя", Some((Coded, "ФТ-4", "Имя")));
        check("KF-01 Judul", Some((Coded, "KF-01", "Judul")));
        check("需求 1：标题", Some((Worded, "1", "标题")));
        check("需求三：标题", Some((Worded, "3", "标题")));
        check("要件1: 題", Some((Worded, "1", "題")));
        check("요구사항 2: 제목", Some((Worded, "2", "제목")));
        check("Требование 3", Some((Worded, "3", "")));
        check("Yêu cầu 4: x", Some((Worded, "4", "x")));
        check("Requisito 5. x", Some((Worded, "5", "x")));
        check("User Story 1 - Login (Priority: P1)", Some((Worded, "1", "Login (Priority: P1)")));
        check("Derived Requirement 2: Speed", Some((Worded, "DR-2", "Speed")));
        check("Requirement: Two factors", Some((Named, "", "Two factors")));
        check("Requirement A: x", Some((Worded, "A", "x")));
        check("REQ-1", Some((Worded, "1", "")));
        check("REQ-001: x", Some((Worded, "001", "x")));
        check("FR1. x", Some((Coded, "FR-1", "x")));
        check("NFR-2: x", Some((Coded, "NFR-2", "x")));
        check("R1 — x", Some((Coded, "1", "x")));
        check("US1 x", Some((Coded, "US-1", "x")));
        check("LOGIN-1: x", Some((Coded, "LOGIN-1", "x")));
        check("1. Title", Some((Numbered, "1", "Title")));
        check("1.1 Title", Some((Numbered, "1.1", "Title")));
        check("1 Title", Some((Numbered, "1", "Title")));
        check("Requirement 2B: x", Some((Worded, "2B", "x")));
        check("RF-1 · Movimiento", Some((Coded, "RF-1", "Movimiento")));
        check("REQ-UI-3: x", Some((Coded, "REQ-UI-3", "x")));
        check("STORY-001 — x", Some((Worded, "001", "x")));
        check("Requirements", None);
        check("Requirement 1 Acceptance Criteria", None);
        check("2024 Plan", None);
        check("S3 buckets", None);
        check("Login", None);
    }
}
