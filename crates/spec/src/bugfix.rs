//! `bugfix.md`: what happens now, what should happen, and what must stay. Knows no code.

mod titles;

use crate::diagnostic::{Diagnostic, Findings};
use crate::items::address::{Addressed, continued};
use crate::items::{self, Item, Reading};
use crate::requirements::fold::Words;
use crate::requirements::roles::{Role, Source, bare, bounded, label_role, too_long};
use crate::requirements::{CRITERIA_MAX, Criterion, Dialect, Requirement, criterion, read_all};
use crate::text::Text;

/// What a clause speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClauseKind {
    /// The defect as it is; clauses `1.x`. Nothing has to be built for it.
    Current,
    /// The behaviour wanted; clauses `2.x`.
    Expected,
    /// The behaviour that must survive the fix; clauses `3.x`.
    Unchanged,
}

/// One clause, cited by tasks like a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Which of the three sections it stands in.
    pub kind: ClauseKind,
    /// Id, text and place.
    pub criterion: Criterion,
}

/// A bug analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bugfix {
    /// The first heading.
    pub title: String,
    /// The text of the introduction.
    pub introduction: String,
    /// Every clause in document order.
    pub clauses: Vec<Clause>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Bugfix {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Bugfix {
        let (text, ignored) = bounded(bytes);
        let source = Source::read(&text);
        let mut findings = Findings::default();
        if let Some(line) = ignored {
            findings.push(too_long("bugfix/too-long", line));
        }
        let mut clauses: Vec<Clause> = Vec::new();
        for part in parts(&source) {
            let kind = part.kind;
            clauses.extend(part.found.into_iter().map(|found| Clause { kind, criterion: criterion(found) }));
        }
        if clauses.is_empty() {
            // Some describe the fix as ordinary requirements.
            let wanted = read_all(&source, &mut Findings::default())
                .into_iter()
                .filter(|read| read.dialect != Dialect::Prose);
            let criteria = wanted.flat_map(|requirement| requirement.criteria);
            clauses.extend(criteria.map(|criterion| Clause { kind: ClauseKind::Expected, criterion }));
        }
        report(&clauses, &text, &mut findings);
        clauses.truncate(CRITERIA_MAX);
        let introduction = source.named(Role::Introduction).filter(|heading| heading.level > 1);
        Bugfix {
            title: source.headings.first().map(|heading| heading.title.clone()).unwrap_or_default(),
            introduction: introduction.map(|heading| heading.full_body(&text)).unwrap_or_default(),
            clauses,
            diagnostics: findings.into_vec(),
        }
    }

    /// Every clause as a criterion, in document order.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.clauses.iter().map(|clause| &clause.criterion)
    }
}

fn report(clauses: &[Clause], text: &Text<'_>, findings: &mut Findings) {
    if clauses.is_empty() {
        findings.push(
            Diagnostic::warning("bugfix/no-clauses", text.first_line(), "no clause was found")
                .hint("write `2.1 WHEN … THEN the system SHALL …` under `### Expected Behavior (Correct)`"),
        );
    }
    if clauses.len() > CRITERIA_MAX {
        let message = format!("the document has more than {CRITERIA_MAX} clauses");
        findings
            .push(Diagnostic::warning("bugfix/too-many", text.first_line(), message).hint("split the spec"));
    }
    let mut seen = std::collections::HashSet::new();
    for clause in clauses {
        if !seen.insert(clause.criterion.id.as_str()) {
            let message = format!("clause `{}` exists twice", clause.criterion.id);
            findings.push(
                Diagnostic::warning("bugfix/duplicate-clause", clause.criterion.span, message)
                    .hint("citing it means the first; give this one a number of its own"),
            );
        }
    }
}

/// Real files translate the words and keep the numbers.
fn kind_of(title: &str) -> Option<ClauseKind> {
    let title = bare(title);
    let is = |words: &Words| {
        words.behind(title).any(|(_, rest)| !(title.is_ascii() && rest.starts_with(char::is_alphanumeric)))
    };
    if is(&titles::CURRENT) {
        Some(ClauseKind::Current)
    } else if is(&titles::EXPECTED) {
        Some(ClauseKind::Expected)
    } else {
        is(&titles::UNCHANGED).then_some(ClauseKind::Unchanged)
    }
}

/// One of the three sections, or a label in their place.
struct Part {
    kind: ClauseKind,
    line: usize,
    end: usize,
    title: String,
    found: Vec<Addressed>,
}

/// The clauses by section, in document order.
fn parts(source: &Source<'_, '_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for heading in &source.headings {
        // A section inside another of its kind is a part of it.
        let is_inside = parts.last().is_some_and(|last| last.end > heading.line);
        if let Some(kind) = kind_of(&heading.title).filter(|_| !is_inside) {
            parts.push(Part {
                kind,
                line: heading.line,
                end: heading.end,
                title: heading.title.clone(),
                found: Vec::new(),
            });
        }
    }
    if parts.is_empty() {
        parts = labels(source);
    }
    let mut last = [0u32; 3];
    for part in &mut parts {
        let (stem, counter) = match part.kind {
            ClauseKind::Current => ("1.", 0),
            ClauseKind::Expected => ("2.", 1),
            ClauseKind::Unchanged => ("3.", 2),
        };
        let Some(last) = last.get_mut(counter) else { continue };
        let items = read(source, part.line + 1, part.end);
        // Written numbers begin anew for each bug, and are kept so that the clash is told.
        let is_written = items.first().is_some_and(|item| item.number.is_some());
        part.found = continued(items, stem, false, if is_written { 0 } else { *last });
        *last = last.saturating_add(u32::try_from(part.found.len()).unwrap_or(0));
    }
    parts
}

fn read(source: &Source<'_, '_>, from: usize, to: usize) -> Vec<Item> {
    // Notes below a section's own headings are no clauses.
    let headings = source.headings_in(from, to);
    let to = headings
        .filter(|at| source.role(*at) == Role::Outside)
        .find_map(|at| source.headings.get(at))
        .map_or(to, |h| h.line);
    let lists = Reading { rows: true, ..Reading::default() };
    let items = items::read_with(source.text, from, to, lists);
    if items.is_empty() {
        items::read_with(source.text, from, to, Reading { paragraphs: true, ..lists })
    } else {
        items
    }
}

/// `**Current Behavior:**` as a line.
fn labels(source: &Source<'_, '_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let end = source.text.lines().len();
    for (index, line) in source.prose(0, end) {
        let bytes = source.text.of(line).trim_ascii();
        if bytes.len() > crate::requirements::roles::LABEL_BYTES_MAX
            || !(bytes.starts_with(b"*") || bytes.starts_with(b"_") || bytes.ends_with(b":"))
        {
            continue;
        }
        let content = source.text.str_of(line);
        if label_role(&content).is_some_and(|(_, rest)| rest.is_empty())
            && let Some(kind) = kind_of(&content)
        {
            let stop =
                source.headings.get(source.headings_in(0, index + 1).end).map_or(end, |heading| heading.line);
            if let Some(last) = parts.last_mut() {
                last.end = last.end.min(index);
            }
            parts.push(Part {
                kind,
                line: index,
                end: stop,
                title: bare(&content).to_string(),
                found: Vec::new(),
            });
        }
    }
    parts
}

/// The bug analysis of a `requirements.md`: three requirements, one for each section.
pub(crate) fn as_requirements(source: &Source<'_, '_>) -> Vec<Requirement> {
    let parts = parts(source);
    let has_pair = parts.iter().any(|part| part.kind == ClauseKind::Current)
        && parts.iter().any(|part| part.kind == ClauseKind::Expected);
    if !has_pair {
        return Vec::new();
    }
    let number = |kind| match kind {
        ClauseKind::Current => "1",
        ClauseKind::Expected => "2",
        ClauseKind::Unchanged => "3",
    };
    let filled = parts.into_iter().filter(|part| !part.found.is_empty());
    filled
        .map(|part| Requirement {
            number: number(part.kind).to_string(),
            title: part.title,
            user_story: None,
            span: source.text.span_of(part.line, part.end),
            number_span: None,
            heading: source.text.lines().get(part.line).map(|line| line.span).unwrap_or_default(),
            dialect: Dialect::Bugfix,
            criteria: part.found.into_iter().map(criterion).collect(),
        })
        .collect()
}

#[cfg(test)]
#[path = "bugfix/tests.rs"]
mod tests;
