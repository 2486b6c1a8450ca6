//! `requirements.md`: introduction, glossary, and requirements with their acceptance criteria and ids. Judges no
//! wording; see [`crate::check`] for what Kiro asks of the form.

use std::collections::HashSet;

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::inline::{labelled, strip_bullet};
use crate::items::{self, Item};
use crate::outline::{Heading, headings};
use crate::references::normal_id;
use crate::text::{Inside, Text};

/// Criteria read from one document; what lies beyond is ignored with a diagnostic.
pub const CRITERIA_MAX: usize = 5_000;

/// One statement that can be met or not. Tasks cite it by `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// `1.2`; a single number in single-file specs and flat lists.
    pub id: String,
    /// The statement, list marker and number left out; lines joined by `\n`.
    pub text: String,
    /// Its lines, in bytes.
    pub span: Span,
}

/// One requirement and its criteria.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The number as cited (`1`, `NFR-2`); the place in the document when none is written.
    pub number: String,
    /// The words behind the number; empty when there are none.
    pub title: String,
    /// The text behind `**User Story:**`.
    pub user_story: Option<String>,
    /// The criteria in order.
    pub criteria: Vec<Criterion>,
    /// The whole section, in bytes.
    pub span: Span,
}

/// A glossary entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word, emphasis left out.
    pub name: String,
    /// What it means.
    pub definition: String,
}

/// A requirements document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The first heading.
    pub title: String,
    /// The text of the introduction.
    pub introduction: String,
    /// The terms of the glossary.
    pub glossary: Vec<Term>,
    /// The requirements in order.
    pub requirements: Vec<Requirement>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

const INTRODUCTIONS: &[&str] =
    &["introduction", "overview", "概要", "简介", "介绍", "はじめに", "개요", "введение"];
const GLOSSARIES: &[&str] =
    &["glossary", "terms", "terminology", "用語集", "用語", "术语表", "术语", "용어", "глоссарий"];
const STORIES: &[&str] =
    &["user story", "story", "ユーザーストーリー", "用户故事", "사용자 스토리", "пользовательская история"];
const ACCEPTANCE: &[&str] = &[
    "acceptance criteria",
    "acceptance",
    "受け入れ基準",
    "受入基準",
    "验收标准",
    "수용 기준",
    "критерии приемки",
];

impl Requirements {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Requirements {
        let text = Text::read(bytes);
        let headings = headings(&text);
        let mut findings = Findings::default();
        let named = |names: &[&str]| headings.iter().find(|h| names.iter().any(|name| h.is(name)));
        let requirements = read_all(&text, &headings);
        report(&requirements, &mut findings);
        Requirements {
            title: headings.first().map(|heading| heading.title.clone()).unwrap_or_default(),
            introduction: named(INTRODUCTIONS).map(|heading| heading.full_body(&text)).unwrap_or_default(),
            glossary: named(GLOSSARIES).map(|heading| terms(&text, heading)).unwrap_or_default(),
            requirements,
            diagnostics: findings.into_vec(),
        }
    }

    /// Every criterion in document order.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.requirements.iter().flat_map(|requirement| &requirement.criteria)
    }
}

fn report(requirements: &[Requirement], findings: &mut Findings) {
    let mut seen = HashSet::new();
    for requirement in requirements {
        if requirement.criteria.is_empty() {
            let message = format!("requirement `{}` has no acceptance criteria", requirement.number);
            findings.push(
                Diagnostic::warning("requirements/no-criteria", requirement.span, message)
                    .hint("no task can be proved against it"),
            );
        }
        for criterion in &requirement.criteria {
            if !seen.insert(criterion.id.as_str()) {
                let message = format!("criterion `{}` exists twice", criterion.id);
                findings.push(Diagnostic::warning(
                    "requirements/duplicate-criterion",
                    criterion.span,
                    message,
                ));
            }
        }
    }
}

fn terms(text: &Text<'_>, heading: &Heading) -> Vec<Term> {
    items::read(text, heading.line + 1, heading.end)
        .into_iter()
        .map(|item| {
            let (name, definition) = item.text.split_once([':', '：']).unwrap_or((item.text.as_str(), ""));
            let marks = |c: char| matches!(c, '*' | '_' | '`' | ' ');
            Term {
                name: name.trim_matches(marks).to_string(),
                definition: definition.trim_start_matches(marks).trim().to_string(),
            }
        })
        .collect()
}

/// A heading that opens a requirement.
struct Opening {
    heading: usize,
    number: Option<String>,
    title: String,
}

fn read_all(text: &Text<'_>, headings: &[Heading]) -> Vec<Requirement> {
    let mut openings = find_openings(headings);
    let named = |names: &[&str]| headings.iter().position(|h| names.iter().any(|name| h.is(name)));
    let section = named(&["requirements", "需求", "要件"]).or_else(|| named(ACCEPTANCE));
    if openings.is_empty() {
        openings = children_of(headings, section);
    }
    if openings.is_empty() {
        return section
            .and_then(|at| headings.get(at))
            .map(|heading| flat(text, heading))
            .unwrap_or_default();
    }
    let mut out: Vec<Requirement> = Vec::new();
    let mut left = CRITERIA_MAX;
    for (index, opening) in openings.iter().enumerate() {
        let Some(heading) = headings.get(opening.heading) else { continue };
        let next = openings.get(index + 1).and_then(|next| headings.get(next.heading)).map(|next| next.line);
        let end = next.map_or(heading.end, |line| line.min(heading.end));
        let number = opening.number.clone().unwrap_or_else(|| (out.len() + 1).to_string());
        // `### 1.2 Title` below `### Requirement 1` is one of its criteria.
        if let Some(above) = out.last_mut()
            && number.strip_prefix(above.number.as_str()).is_some_and(|rest| rest.starts_with('.'))
        {
            let body = text.span_of(heading.line + 1, end).text(text.bytes());
            let words = format!("{}\n{}", opening.title, body.trim()).trim().to_string();
            above.criteria.push(Criterion { id: number, text: words, span: text.span_of(heading.line, end) });
            continue;
        }
        let mut criteria = criteria(text, heading.line + 1, end, &number);
        criteria.truncate(left);
        left -= criteria.len();
        out.push(Requirement {
            number,
            title: opening.title.clone(),
            user_story: user_story(text, heading.line + 1, end),
            criteria,
            span: text.span_of(heading.line, end),
        });
    }
    out
}

fn find_openings(headings: &[Heading]) -> Vec<Opening> {
    let read = |words_only: bool| -> Vec<Opening> {
        headings
            .iter()
            .enumerate()
            .filter(|(_, heading)| heading.level >= if words_only { 2 } else { 3 })
            .filter_map(|(index, heading)| {
                let (number, title, has_word) = opening_of(&heading.title)?;
                (has_word || !words_only).then_some(Opening { heading: index, number: Some(number), title })
            })
            .collect()
    };
    // Bare numbers also stand before ordinary chapters, so they count only where no heading says `Requirement`,
    // or where they are dotted and deeper than one that does.
    let worded = read(true);
    if worded.is_empty() {
        return read(false);
    }
    let numbers: HashSet<&str> = worded.iter().filter_map(|opening| opening.number.as_deref()).collect();
    let mut all: Vec<Opening> = read(false)
        .into_iter()
        .filter(|opening| {
            let stem =
                opening.number.as_deref().and_then(|number| number.rsplit_once('.')).map(|(stem, _)| stem);
            stem.is_some_and(|stem| numbers.contains(stem))
                && !worded.iter().any(|w| w.heading == opening.heading)
        })
        .collect();
    all.extend(read(true));
    all.sort_by_key(|opening| opening.heading);
    all
}

fn children_of(headings: &[Heading], section: Option<usize>) -> Vec<Opening> {
    headings
        .iter()
        .enumerate()
        .filter(|(_, heading)| section.is_some() && heading.parent == section)
        .map(|(index, heading)| Opening { heading: index, number: None, title: heading.title.clone() })
        .collect()
}

/// Number and title of `Requirement 1: T`, `需求 1 - T`, `REQ-1`, `FR1. T`, `1.1 T`; and whether a word said so.
fn opening_of(title: &str) -> Option<(String, String, bool)> {
    const WORDS: &[&str] = &[
        "requirement",
        "req",
        "需求",
        "要件",
        "要求",
        "요구사항",
        "требование",
        "requisito",
        "anforderung",
        "exigence",
        "user story",
        "fr",
        "nfr",
        "dr",
        "us",
        "r",
    ];
    let title = title.trim_start_matches(['*', '_', ' ']);
    let mut rest = title;
    let mut word = None;
    for known in WORDS {
        let lower: String = title.chars().take(known.chars().count()).flat_map(char::to_lowercase).collect();
        let behind = title.get(known.len()..).unwrap_or_default();
        let number = behind.trim_start_matches([' ', '-', '#', '_']);
        if lower == *known && number.starts_with(|c: char| c.is_ascii_digit()) {
            rest = number;
            word = Some(*known);
            break;
        }
    }
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = rest.get(..rest.len() - after.len())?.trim_end_matches('.');
    let is_apart = after.is_empty() || after.starts_with([' ', ':', '：', '-', '—', '–', ')', '\t', '*']);
    if number.is_empty() || number.len() > NUMBER_BYTES_MAX || !is_apart {
        return None;
    }
    let title = after.trim_start_matches([' ', ':', '：', '-', '—', '–', ')', '\t', '*']).trim();
    let number = match word {
        Some("nfr") => format!("NFR-{number}"),
        Some("dr") => format!("DR-{number}"),
        _ => normal_id(number),
    };
    Some((number, title.to_string(), word.is_some()))
}

/// Bytes in a requirement number; longer runs of digits are years and tickets.
const NUMBER_BYTES_MAX: usize = 12;

fn user_story(text: &Text<'_>, from: usize, to: usize) -> Option<String> {
    let lines = text.lines().get(from..to)?;
    lines
        .iter()
        .filter(|line| line.inside == Inside::Prose)
        .find_map(|line| labelled(&text.str_of(line), STORIES).map(str::to_string))
        .filter(|story| !story.is_empty())
}

fn criteria(text: &Text<'_>, from: usize, to: usize, number: &str) -> Vec<Criterion> {
    let markers = acceptance_markers(text, from, to);
    let stretches: Vec<(usize, usize)> = if markers.is_empty() {
        vec![(from, to)]
    } else {
        let ends = markers.iter().skip(1).copied().chain([to]);
        markers
            .iter()
            .copied()
            .zip(ends)
            .map(|(start, end)| (start + 1, section_end(text, start + 1, end)))
            .collect()
    };
    let found: Vec<Item> = stretches
        .into_iter()
        .flat_map(|(from, to)| items::read(text, from, to))
        .filter(|item| labelled(&item.text, STORIES).is_none())
        .collect();
    items::numbered(found, &format!("{number}."), false)
        .into_iter()
        .map(|(id, item)| Criterion { id, text: item.text, span: item.span })
        .collect()
}

fn acceptance_markers(text: &Text<'_>, from: usize, to: usize) -> Vec<usize> {
    let is_marker = |content: &str| {
        let bare =
            strip_bullet(content).trim_matches(|c: char| matches!(c, '#' | '*' | '_' | ':' | '：' | ' '));
        ACCEPTANCE.iter().any(|name| crate::inline::eq_ignore_case(bare, name))
    };
    let lines = text.lines().get(from..to).unwrap_or_default().iter().enumerate();
    lines
        .filter(|(_, line)| line.inside == Inside::Prose && is_marker(&text.str_of(line)))
        .map(|(index, _)| from + index)
        .collect()
}

/// The first heading behind `from`: a list of criteria does not reach into the next sub-section.
fn section_end(text: &Text<'_>, from: usize, to: usize) -> usize {
    let lines = text.lines().get(from..to).unwrap_or_default();
    let is_heading =
        |line: &crate::text::Line| line.inside == Inside::Prose && text.of(line).starts_with(b"#");
    lines.iter().position(is_heading).map_or(to, |at| from + at)
}

/// `## Requirements` with nothing but a list: each item is a requirement and its own criterion.
fn flat(text: &Text<'_>, section: &Heading) -> Vec<Requirement> {
    items::numbered(items::read(text, section.line + 1, section.end), "", true)
        .into_iter()
        .map(|(id, item)| Requirement {
            number: id.clone(),
            title: item.text.lines().next().unwrap_or_default().to_string(),
            user_story: None,
            span: item.span,
            criteria: vec![Criterion { id, text: item.text, span: item.span }],
        })
        .collect()
}

#[cfg(test)]
#[path = "requirements_tests.rs"]
mod tests;
