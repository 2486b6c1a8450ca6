//! Sections over requirements that no numbered heading opens: named headings, bold lines, flat lists, prose; and what
//! is tried when a document has no such section. Reads no numbered heading.

use super::criteria::{self, has_items, has_marker};
use super::openings::{Kind, Opening, parse, place_of};
use super::roles::{Role, Source, is_statement};
use super::{Dialect, Requirement, build, criterion};
use crate::inline::is_bullet;
use crate::items::address::{Addressed, continued};
use crate::items::number::Number;
use crate::items::{Item, is_label, unindented};
use crate::outline::Heading;

/// What the requirements found so far leave to the others.
pub(super) struct State {
    pub(super) requirements: Vec<Requirement>,
    /// The last number given in a flat list.
    last: u32,
    /// Qualities that got a number of their own.
    qualities: u32,
    /// Sections that have statements and no address for them, by their heading.
    pub(super) unaddressed: Vec<usize>,
}

impl State {
    pub(super) fn new(requirements: Vec<Requirement>) -> State {
        State { requirements, last: 0, qualities: 0, unaddressed: Vec::new() }
    }
}

/// Reads every section over requirements that has no opening in it.
pub(super) fn read(source: &Source<'_, '_>, openings: &[Opening], state: &mut State) {
    let has_criteria = state.requirements.iter().any(|requirement| !requirement.criteria.is_empty());
    let opened = |from: usize, to: usize| {
        let at = openings.partition_point(|opening| opening.line < from);
        let inside = openings.get(at).is_some_and(|opening| opening.line < to);
        // A section may also lie inside a requirement.
        let before = at.checked_sub(1).and_then(|at| openings.get(at));
        inside || before.is_some_and(|opening| opening.end > from && opening.line < from)
    };
    for (index, heading) in source.headings.iter().enumerate() {
        let role = source.role(index);
        let is_section = matches!(role, Role::Requirements | Role::Qualities | Role::Acceptance)
            && !source.is_outside(index);
        if !is_section || is_part(source, index) || opened(heading.line, heading.end) {
            continue;
        }
        // The sections below it are read on their own; only the text before them is its own.
        let own_end = first_section_below(source, index).unwrap_or(heading.end);
        if has_criteria && !is_addressed(source, heading, own_end, role) {
            if has_items(source, heading.line + 1, own_end) {
                state.unaddressed.push(index);
            }
            continue;
        }
        section(source, index, own_end, role, state);
    }
}

/// A label inside another section over criteria.
fn is_part(source: &Source<'_, '_>, index: usize) -> bool {
    let parent = source.headings.get(index).and_then(|heading| heading.parent);
    let above = parent.map(|at| source.role(at));
    source.role(index) == Role::Acceptance
        && matches!(above, Some(Role::Acceptance | Role::Requirements | Role::Qualities))
        || source.role(index) == Role::Acceptance && parent.is_some_and(|at| is_named_child(source, at))
}

/// A named heading directly below a section over requirements.
fn is_named_child(source: &Source<'_, '_>, index: usize) -> bool {
    let parent = source.headings.get(index).and_then(|heading| heading.parent);
    source.role(index) == Role::Unknown
        && parent.is_some_and(|at| matches!(source.role(at), Role::Requirements | Role::Qualities))
}

fn first_section_below(source: &Source<'_, '_>, index: usize) -> Option<usize> {
    let below = source.headings.iter().enumerate().skip(index + 1);
    below
        .take_while(|(_, heading)| source.headings.get(index).is_some_and(|own| heading.line < own.end))
        .find(|(at, _)| matches!(source.role(*at), Role::Requirements | Role::Qualities))
        .map(|(_, heading)| heading.line)
}

/// In a document whose requirements are addressed elsewhere, a further section counts when it says its addresses.
fn is_addressed(source: &Source<'_, '_>, heading: &Heading, end: usize, role: Role) -> bool {
    let items = criteria::list(source, heading.line + 1, end, false);
    let own = items.iter().filter(|item| {
        matches!(item.number, Some(Number::Series(_) | Number::Dotted(_) | Number::Criterion(_)))
    });
    let is_strict = |item: &&Item| is_statement(&item.text);
    let strict = items.iter().filter(is_strict).count();
    !items.is_empty()
        && (own.count() * 2 >= items.len() || role != Role::Acceptance && strict * 2 >= items.len())
}

fn section(source: &Source<'_, '_>, index: usize, end: usize, role: Role, state: &mut State) {
    let Some(heading) = source.headings.get(index) else { return };
    let lines = line_openings(source, heading.line + 1, end);
    if !lines.is_empty() {
        for opening in &lines {
            let place = state.requirements.len() + 1;
            state.requirements.push(build(source, opening, place));
        }
        return;
    }
    let children: Vec<Opening> = children(source, index, end);
    if !children.is_empty() && role != Role::Acceptance {
        for mut opening in children {
            if role == Role::Qualities {
                state.qualities += 1;
                opening.number = Some(format!("NFR-{}", state.qualities));
            }
            let place = state.requirements.len() + 1;
            state.requirements.push(build(source, &opening, place));
        }
        return;
    }
    let has_plain = state.last > 0;
    let series = match role {
        Role::Qualities => "NFR-",
        Role::Acceptance if has_plain => "AC-",
        _ => "",
    };
    let mut items = criteria::list(source, heading.line + 1, end, role == Role::Acceptance);
    let is_prose = items.is_empty();
    if is_prose {
        items = criteria::paragraphs(source, heading.line + 1, end);
    }
    flat(items, series, if is_prose { Dialect::Prose } else { Dialect::Flat }, state);
}

/// Each item is a requirement and its own criterion; deeper items are criteria of the one above.
pub(super) fn flat(items: Vec<Item>, series: &str, dialect: Dialect, state: &mut State) {
    let is_plain = series.is_empty();
    let last = if is_plain { state.last } else { 0 };
    let found = continued(items, series, true, last);
    if is_plain {
        state.last = last
            .saturating_add(u32::try_from(found.iter().filter(|one| one.depth == 0).count()).unwrap_or(0));
    }
    let mut found = found.into_iter().peekable();
    while let Some(one) = found.next() {
        let parts: Vec<Addressed> = std::iter::from_fn(|| found.next_if(|next| next.depth > 0)).collect();
        // `1. Login` over `1.1 WHEN …` is a title.
        let is_title = parts.iter().any(|part| !part.is_synthetic) && !is_statement(&one.item.text)
            || !parts.is_empty() && is_label(&one.item.text);
        let mut requirement = Requirement {
            number: one.id.clone(),
            title: one.item.text.lines().next().unwrap_or_default().to_string(),
            user_story: None,
            criteria: Vec::new(),
            span: one.item.span,
            number_span: one.item.number_span,
            heading: one.item.span,
            dialect,
        };
        if let Some(last) = parts.last() {
            requirement.span = crate::Span::between(requirement.span.offset, last.item.span.end());
        }
        if !is_title {
            requirement.criteria.push(criterion(one));
        }
        requirement.criteria.extend(parts.into_iter().map(criterion));
        state.requirements.push(requirement);
    }
}

/// The headings directly below a section that say no number.
fn children(source: &Source<'_, '_>, section: usize, end: usize) -> Vec<Opening> {
    let below = source.headings.iter().enumerate().skip(section + 1);
    below
        .take_while(|(_, heading)| heading.line < end)
        .filter(|(index, heading)| {
            heading.parent == Some(section)
                && !source.is_outside(*index)
                && matches!(source.role(*index), Role::Unknown | Role::Story)
        })
        .map(|(_, heading)| named(source, heading))
        .collect()
}

fn named(source: &Source<'_, '_>, heading: &Heading) -> Opening {
    Opening {
        line: heading.line,
        end: heading.end,
        level: heading.level,
        kind: Kind::Named,
        number: None,
        number_span: None,
        heading: source.text.lines().get(heading.line).map(|line| line.span).unwrap_or_default(),
        title: heading.title.trim_matches(|c: char| matches!(c, '*' | '_') || c.is_whitespace()).to_string(),
        is_nested: false,
    }
}

/// Level of an opening that is no heading.
const LINE_LEVEL: usize = 7;

/// `**US-1 — Title**` or `Requirement 1: Title` as a line of its own, with a list below it.
pub(super) fn line_openings(source: &Source<'_, '_>, from: usize, to: usize) -> Vec<Opening> {
    let mut found: Vec<Opening> = Vec::new();
    for (index, line) in source.prose(from, to) {
        let bytes = source.text.of(line).trim_ascii_start();
        let is_candidate = line.indent < 4
            && bytes
                .first()
                .is_some_and(|b| matches!(b, b'*' | b'_') || b.is_ascii_alphabetic() || *b >= 0x80);
        if !is_candidate || bytes.len() > LINE_BYTES_MAX {
            continue;
        }
        let content = source.text.str_of(&unindented(source.text, line));
        if is_bullet(&content) {
            continue;
        }
        let trimmed = content.trim();
        let is_bold = trimmed.starts_with("**") || trimmed.starts_with("__");
        let Some(parsed) = parse(trimmed) else { continue };
        let Some(number) = parsed.number.clone() else { continue };
        let is_opening = match parsed.kind {
            Kind::Worded => is_bold || trimmed.len() <= SHORT_BYTES_MAX && trimmed.contains([':', '：']),
            Kind::Coded => is_bold,
            // `**1. Login**` is a title when all of it is bold.
            Kind::Numbered => is_bold && is_label(trimmed) && !trimmed.ends_with([':', '：']),
            _ => false,
        };
        if !is_opening {
            continue;
        }
        if found.len() >= OPENINGS_MAX {
            break;
        }
        found.push(Opening {
            line: index,
            end: to,
            level: LINE_LEVEL,
            kind: parsed.kind,
            number: Some(number),
            number_span: place_of(source, index, parsed.written),
            heading: line.span,
            title: parsed.title.trim_end_matches(['*', ':', '：', ' ']).to_string(),
            is_nested: false,
        });
    }
    let starts: Vec<usize> = found.iter().map(|opening| opening.line).collect();
    for (place, opening) in found.iter_mut().enumerate() {
        let next = starts.get(place + 1).copied().unwrap_or(to);
        let headings = source.headings_in(opening.line + 1, next);
        let stop =
            headings.filter(|at| source.role(*at) != Role::Acceptance && source.role(*at) != Role::Story);
        let stop = stop.filter_map(|at| source.headings.get(at)).map(|heading| heading.line).min();
        opening.end = stop.unwrap_or(next).min(next);
    }
    let with_list = found
        .iter()
        .filter(|opening| {
            has_marker(source, opening.line + 1, opening.end)
                || has_items(source, opening.line + 1, opening.end) && !opens_itself(source, opening)
        })
        .count();
    if with_list * 2 >= found.len() { found } else { Vec::new() }
}

/// The line is the first of the items that were found below it.
fn opens_itself(source: &Source<'_, '_>, opening: &Opening) -> bool {
    !source.prose(opening.line + 1, opening.end).any(|(_, line)| {
        let content = source.text.str_of(line);
        is_bullet(&content)
            || content.trim_start().starts_with(crate::digits::is_digit)
            || content.trim_start().starts_with('|')
    })
}

/// Lines that can open requirements; what lies beyond belongs to the last.
const OPENINGS_MAX: usize = 5_000;

/// Bytes of a line that can open a requirement.
const LINE_BYTES_MAX: usize = 400;

/// Bytes of a line that opens one without emphasis.
const SHORT_BYTES_MAX: usize = 120;

/// The last resort: statements wherever they stand, and then headings with prose.
pub(super) fn anything(source: &Source<'_, '_>, state: &mut State) {
    let end = source.text.lines().len();
    let lines = line_openings(source, 0, end);
    if !lines.is_empty() {
        let built = lines.iter().enumerate().map(|(place, opening)| build(source, opening, place + 1));
        return state.requirements.extend(built);
    }
    let parts = top_sections(source);
    for (from, to) in &parts {
        let items = criteria::list(source, *from, *to, false);
        let is_list = items.iter().any(|item| {
            item.number.as_ref().is_some_and(|n| !matches!(n, Number::Plain(_))) || is_statement(&item.text)
        });
        if is_list {
            flat(items, "", Dialect::Flat, state);
        }
    }
    if !state.requirements.is_empty() {
        return;
    }
    for (index, heading) in source.headings.iter().enumerate() {
        let is_free = heading.level >= 2 && source.role(index) == Role::Unknown && !source.is_outside(index);
        if is_free && heading.body_end > heading.line + 1 {
            let built = build(
                source,
                &Opening { end: heading.body_end, ..named(source, heading) },
                state.requirements.len() + 1,
            );
            if !built.criteria.is_empty() {
                state.requirements.push(built);
            }
        }
    }
    if state.requirements.is_empty() {
        for (from, to) in &parts {
            flat(criteria::paragraphs(source, *from, *to), "", Dialect::Prose, state);
        }
    }
    if state.requirements.is_empty() {
        for (from, to) in parts {
            flat(criteria::stories(source, from, to), "", Dialect::Prose, state);
        }
    }
}

/// The lines that no introduction, glossary or note takes, in stretches.
fn top_sections(source: &Source<'_, '_>) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut from = super::roles::front_matter_end(source.text);
    for (index, heading) in source.headings.iter().enumerate() {
        if source.is_outside(index) {
            if heading.line > from {
                out.push((from, heading.line));
            }
            from = from.max(heading.end);
        }
    }
    let end = source.text.lines().len();
    if from < end {
        out.push((from, end));
    }
    out
}
