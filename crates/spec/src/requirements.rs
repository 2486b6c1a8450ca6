//! `requirements.md` in every dialect: introduction, glossary, and requirements with their acceptance criteria and
//! ids. Judges no wording; see [`crate::check`] for what Kiro asks of the form.

mod criteria;
mod dialect;
pub(crate) mod fold;
mod glossary;
mod openings;
pub(crate) mod roles;
mod sections;
mod story;
pub(crate) mod words;

use std::collections::HashSet;

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings, Severity};
use crate::items::address::Addressed;
use crate::items::{self, Mark};
pub use dialect::Dialect;
use openings::{Kind, Opening};
use roles::{Role, Source, bounded, is_statement, too_long};
use sections::State;

/// Criteria read from one document; what lies beyond is ignored with a diagnostic.
pub const CRITERIA_MAX: usize = 5_000;

/// Terms read from one document; what lies beyond is ignored.
pub const TERMS_MAX: usize = 5_000;

/// One statement that can be met or not. Tasks cite it by `id`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criterion {
    /// `1.2`; a single number in single-file specs and flat lists.
    pub id: String,
    /// The statement, list marker and number left out; lines joined by `\n`.
    pub text: String,
    /// Its lines, in bytes.
    pub span: Span,
    /// The number as written, letters included, in bytes; `None` when none is written at the criterion.
    pub number_span: Option<Span>,
    /// From the first byte of the statement to the last of its last line.
    pub text_span: Span,
    /// The id follows from the place and is not what is written; it is never written back unasked.
    pub is_synthetic: bool,
}

/// One requirement and its criteria.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The number as written, letters of a code included, in bytes; `None` when none is written.
    pub number_span: Option<Span>,
    /// The line that opens it, without its break, in bytes.
    pub heading: Span,
    /// How it is written.
    pub dialect: Dialect,
}

/// A glossary entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// The word, emphasis left out.
    pub name: String,
    /// What it means.
    pub definition: String,
    /// The word where it is defined, in bytes.
    pub span: Span,
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
    /// How most of it is written.
    pub dialect: Dialect,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Requirements {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Requirements {
        let (text, ignored) = bounded(bytes);
        let source = Source::read(&text);
        let mut findings = Findings::default();
        if let Some(line) = ignored {
            findings.push(too_long("requirements/too-long", line));
        }
        let requirements = read_all(&source, &mut findings);
        report(&requirements, &source, &mut findings);
        let introduction = source.named(Role::Introduction).filter(|heading| heading.level > 1);
        Requirements {
            title: source
                .headings
                .iter()
                .find(|h| !h.title.is_empty())
                .map(|h| h.title.clone())
                .unwrap_or_default(),
            introduction: introduction.map(|heading| heading.full_body(&text)).unwrap_or_default(),
            glossary: glossary::terms(&source),
            dialect: dialect::vote(&requirements),
            requirements,
            diagnostics: findings.into_vec(),
        }
    }

    /// Every criterion in document order.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.requirements.iter().flat_map(|requirement| &requirement.criteria)
    }
}

/// The requirements that a document marks as such, by headings or in a section over requirements.
pub(crate) fn read_sections(source: &Source<'_, '_>) -> Vec<Requirement> {
    let (mut state, _) = marked(source);
    state.requirements.sort_by_key(|requirement| requirement.span.offset);
    state.requirements
}

fn marked(source: &Source<'_, '_>) -> (State, bool) {
    let openings = openings::find(source);
    let mut read: Vec<Requirement> = Vec::with_capacity(openings.len());
    for opening in &openings {
        read.push(build(source, opening, read.len() + 1));
    }
    let mut state = State::new(read);
    sections::read(source, &openings, &mut state);
    (state, !openings.is_empty())
}

/// The requirements of a document; where none is marked, what says that something must be.
pub(crate) fn read_all(source: &Source<'_, '_>, findings: &mut Findings) -> Vec<Requirement> {
    let (mut state, has_openings) = marked(source);
    if !has_openings {
        state.requirements.extend(crate::bugfix::as_requirements(source));
    }
    if state.requirements.iter().all(|requirement| requirement.criteria.is_empty()) {
        sections::anything(source, &mut state);
    }
    for heading in state.unaddressed.iter().filter_map(|index| source.headings.get(*index)) {
        let line = source.text.lines().get(heading.line).map(|line| line.span).unwrap_or_default();
        let message = format!("the statements under `{}` have no address", heading.title);
        findings.push(hint(
            "requirements/unaddressed",
            line,
            message,
            "number them, as in `NFR-1: …`, so that tasks can cite them",
        ));
    }
    let mut requirements = state.requirements;
    requirements.sort_by_key(|requirement| requirement.span.offset);
    let mut left = CRITERIA_MAX;
    for requirement in &mut requirements {
        if requirement.criteria.len() > left {
            let message = format!("the document has more than {CRITERIA_MAX} criteria");
            findings.push(
                Diagnostic::warning("requirements/too-many", requirement.heading, message)
                    .hint("split the spec"),
            );
        }
        requirement.criteria.truncate(left);
        left -= requirement.criteria.len();
    }
    requirements
}

/// The requirement that an opening begins; `place` is its number when none is written.
fn build(source: &Source<'_, '_>, opening: &Opening, place: usize) -> Requirement {
    let number = opening.number.clone().unwrap_or_else(|| place.to_string());
    let found = criteria::collect(source, opening.line + 1, opening.end, &number);
    let mut is_prose = found.is_prose;
    let mut criteria: Vec<Addressed> = found.criteria;
    if criteria.is_empty() && is_statement(&opening.title) {
        is_prose = true;
        criteria.extend(title_as_criterion(source, opening, &number));
    }
    let mark = criteria.first().map(|one| one.item.mark);
    let dialect = match (mark, opening.kind) {
        (Some(_), _) if is_prose => Dialect::Prose,
        (Some(Mark::Row), _) => Dialect::Table,
        (Some(Mark::Block), _) => Dialect::Scenarios,
        (Some(Mark::Heading), Kind::Named) => Dialect::Scenarios,
        (_, Kind::Worded | Kind::Foreign) if found.has_marker => Dialect::Kiro,
        (_, Kind::Coded) => Dialect::Codes,
        _ => Dialect::Headings,
    };
    Requirement {
        number,
        title: opening.title.clone(),
        user_story: story::story(source, opening.line + 1, opening.end),
        criteria: criteria.into_iter().map(criterion).collect(),
        span: source.text.span_of(opening.line, opening.end),
        number_span: opening.number_span,
        heading: opening.heading,
        dialect,
    }
}

/// `### Requirement 1: The system shall …` with nothing below it.
fn title_as_criterion(source: &Source<'_, '_>, opening: &Opening, number: &str) -> Option<Addressed> {
    let line = source.text.lines().get(opening.line)?;
    let content = source.text.str_of(line);
    let at = content.rfind(opening.title.as_str())?;
    let body = content.get(at..at + opening.title.len())?;
    let item = items::whole(line, &content, body);
    Some(Addressed { id: number.to_string(), is_synthetic: true, depth: 0, item })
}

pub(crate) fn criterion(found: Addressed) -> Criterion {
    Criterion {
        id: found.id,
        text: found.item.text,
        span: found.item.span,
        number_span: found.item.number_span,
        text_span: found.item.text_span,
        is_synthetic: found.is_synthetic,
    }
}

fn hint(code: &'static str, span: Span, message: String, hint: &str) -> Diagnostic {
    Diagnostic { severity: Severity::Hint, ..Diagnostic::warning(code, span, message).hint(hint) }
}

fn report(requirements: &[Requirement], source: &Source<'_, '_>, findings: &mut Findings) {
    if requirements.is_empty() && source.text.bytes().iter().any(|byte| !byte.is_ascii_whitespace()) {
        let line = source.text.first_line();
        findings.push(
            Diagnostic::warning("requirements/none", line, "no requirement was found").hint(
                "write `### Requirement 1: Title` with a numbered list under `#### Acceptance Criteria`",
            ),
        );
    }
    let mut seen = HashSet::new();
    for (index, requirement) in requirements.iter().enumerate() {
        let has_parts = requirements.get(index + 1).is_some_and(|next| {
            next.number.strip_prefix(requirement.number.as_str()).is_some_and(|rest| rest.starts_with('.'))
        });
        if requirement.criteria.is_empty() && !has_parts {
            let message = format!("requirement `{}` has no acceptance criteria", requirement.number);
            findings.push(
                Diagnostic::warning("requirements/no-criteria", requirement.span, message)
                    .hint("no task can be proved against it"),
            );
        }
        if requirement.dialect == Dialect::Prose {
            let message = format!(
                "requirement `{}` is prose, and all of it counts as its criterion",
                requirement.number
            );
            let next = "write what must be as a numbered list under `#### Acceptance Criteria`";
            findings.push(hint("requirements/unstructured", requirement.heading, message, next));
        }
        for criterion in &requirement.criteria {
            if !seen.insert(criterion.id.as_str()) {
                let message = format!("criterion `{}` exists twice", criterion.id);
                findings.push(
                    Diagnostic::warning("requirements/duplicate-criterion", criterion.span, message)
                        .hint("citing it means the first; give this one a number of its own"),
                );
            }
        }
    }
}

#[cfg(test)]
#[path = "requirements_tests.rs"]
mod tests;
