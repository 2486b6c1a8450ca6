//! The acceptance criteria of one requirement: under their label, or, where no label is, all its items. Looks for no
//! requirement.

use super::fold::{Words, begins};
use super::roles::{LABEL_BYTES_MAX, Role, Source, is_statement, label_role};
use super::words;
use crate::inline::{is_bullet, strip_bullet};
use crate::items::address::{Addressed, addressed};
use crate::items::{self, Item, Mark, Reading, steps};
use crate::text::Line;

/// What was found in a requirement.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) criteria: Vec<Addressed>,
    /// The criteria stand under a label.
    pub(super) has_marker: bool,
    /// Nothing is listed; the one criterion is the prose itself.
    pub(super) is_prose: bool,
}

/// Something in the lines of a requirement that begins or ends its criteria.
struct Event {
    line: usize,
    kind: EventKind,
}

enum EventKind {
    /// A label over criteria; `level` of the heading, 7 for a line; `column` of a list item.
    Marker {
        level: usize,
        column: Option<usize>,
    },
    Heading {
        level: usize,
        role: Role,
        is_item: bool,
    },
    /// A label over something else.
    Label {
        is_outside: bool,
    },
}

/// The level of a label that is no heading: every heading ends what stands under it.
const LINE_LEVEL: usize = 7;

/// The criteria in lines `from..to` of the requirement with that number.
pub(super) fn collect(source: &Source<'_, '_>, from: usize, to: usize, number: &str) -> Collected {
    let events = events(source, from, to);
    let has_marker = events.iter().any(|event| matches!(event.kind, EventKind::Marker { .. }));
    let stretches = if has_marker { marked(source, &events, to) } else { unmarked(&events, from, to) };
    let mut items: Vec<Item> = Vec::new();
    for stretch in &stretches {
        items.extend(read(source, stretch, has_marker));
    }
    let is_prose = items.is_empty() && !has_marker;
    if is_prose {
        return prose(source, &stretches, number);
    }
    Collected { criteria: addressed(items, &format!("{number}."), false), has_marker, is_prose }
}

/// The lines of `from..to` in which a requirement without labelled criteria can have them.
pub(super) fn open_lines(source: &Source<'_, '_>, from: usize, to: usize) -> Vec<(usize, usize)> {
    unmarked(&events(source, from, to), from, to)
        .into_iter()
        .map(|stretch| (stretch.from, stretch.to))
        .collect()
}

/// The items of a section that is a list of requirements; `headings` counts those that are criteria themselves.
pub(super) fn list(source: &Source<'_, '_>, from: usize, to: usize, headings: bool) -> Vec<Item> {
    let headings = headings
        && source.headings_in(from, to).any(|at| source.headings.get(at).is_some_and(|h| is_item(&h.title)));
    let mut items = Vec::new();
    for (from, to) in open_lines(source, from, to) {
        let reading = Reading { rows: true, headings, blocks: headings, ..Reading::default() };
        let mut read = items::read_with(source.text, from, to, reading);
        read.retain(|item| item.mark != Mark::Row || item.number.is_some());
        items.extend(without_facts(read, false));
    }
    items
}

/// User stories in a list, where nothing else is said.
pub(super) fn stories(source: &Source<'_, '_>, from: usize, to: usize) -> Vec<Item> {
    let mut items = Vec::new();
    for (from, to) in open_lines(source, from, to) {
        items.extend(items::read(source.text, from, to).into_iter().filter(|item| is_story(&item.text)));
    }
    items
}

/// Whether at least two items are whole sentences of `when … shall …`.
pub(super) fn has_sentences(source: &Source<'_, '_>, from: usize, to: usize) -> bool {
    let items = items::read(source.text, from, to);
    let is_sentence = |item: &&Item| {
        is_statement(&item.text)
            && (steps::step_of(&item.text).is_some()
                || ["SHALL", " shall "].iter().any(|word| item.text.contains(word)))
    };
    items.iter().filter(is_sentence).count() >= 2
}

/// Every paragraph that says what must be, for a section without a list.
pub(super) fn paragraphs(source: &Source<'_, '_>, from: usize, to: usize) -> Vec<Item> {
    let mut items = Vec::new();
    for (from, to) in open_lines(source, from, to) {
        let reading = Reading { paragraphs: true, ..Reading::default() };
        items.extend(items::read_with(source.text, from, to, reading));
    }
    items.retain(|item| is_statement(&item.text) && !is_fact(&item.text, false) && !is_story(&item.text));
    items
}

/// Whether a label over criteria stands in the lines.
pub(super) fn has_marker(source: &Source<'_, '_>, from: usize, to: usize) -> bool {
    events(source, from, to).iter().any(|event| matches!(event.kind, EventKind::Marker { .. }))
}

/// Whether a list stands in the lines, most items of which say that something must be.
pub(super) fn has_statements(source: &Source<'_, '_>, from: usize, to: usize) -> bool {
    let items = items::read(source.text, from, to);
    !items.is_empty() && items.iter().filter(|item| is_statement(&item.text)).count() * 2 >= items.len()
}

/// Whether any list stands in the lines.
pub(super) fn has_items(source: &Source<'_, '_>, from: usize, to: usize) -> bool {
    !items::read(source.text, from, to).is_empty()
}

fn events(source: &Source<'_, '_>, from: usize, to: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut headings = source.headings_in(from, to).peekable();
    for (index, line) in source.prose(from, to) {
        while headings.peek().is_some_and(|at| source.headings.get(*at).is_none_or(|h| h.line < index)) {
            headings.next();
        }
        let heading = headings.peek().and_then(|at| Some((*at, source.headings.get(*at)?)));
        if let Some((at, heading)) = heading.filter(|(_, heading)| heading.line == index) {
            let role = source.role(at);
            let kind = match role {
                Role::Acceptance => EventKind::Marker { level: heading.level, column: None },
                _ => EventKind::Heading { level: heading.level, role, is_item: is_item(&heading.title) },
            };
            events.push(Event { line: index, kind });
            continue;
        }
        events.extend(label(source, index, line));
    }
    events
}

/// Headings that are criteria themselves: `1.2 Title`, `FR1.2 - Title`, `Scenario: name`.
pub(super) fn is_item(title: &str) -> bool {
    let number = items::number::number(title).map(|found| found.number);
    number.is_some_and(|number| !matches!(number, items::number::Number::Plain(_)))
        || steps::is_scenario(title.trim_start_matches(['*', '_', ' ']))
}

fn label(source: &Source<'_, '_>, index: usize, line: &Line) -> Option<Event> {
    let bytes = source.text.of(line).trim_ascii();
    let first = *bytes.first()?;
    let is_short = bytes.len() <= LABEL_BYTES_MAX;
    // Most lines are neither, and looking closer at each would cost more than everything else.
    if first.is_ascii_digit()
        || first == b'|'
        || !(is_short || matches!(first, b'*' | b'_' | b'-' | b'+' | b'>'))
    {
        return None;
    }
    let content = source.text.str_of(&items::unindented(source.text, line));
    let bulleted = is_bullet(&content);
    let body = if bulleted { strip_bullet(&content) } else { content.trim() };
    let is_plain = !body.starts_with(['*', '_']) && !body.ends_with([':', '：']);
    let is_named = || words::ACCEPTANCE.begin(body) || named(body, &words::ACCEPTANCE_ALONE).is_some();
    if bulleted && is_plain && !is_named() {
        return None;
    }
    let (role, rest) = label_role(body)?;
    let kind = match role {
        Role::Acceptance => EventKind::Marker { level: LINE_LEVEL, column: bulleted.then_some(line.indent) },
        _ if bulleted || !rest.is_empty() => return None,
        role => EventKind::Label { is_outside: role == Role::Outside },
    };
    Some(Event { line: index, kind })
}

/// Lines in which criteria stand, and the line of their label.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: usize,
    to: usize,
    marker: Option<usize>,
}

fn marked(source: &Source<'_, '_>, events: &[Event], to: usize) -> Vec<Stretch> {
    let mut out = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let EventKind::Marker { level, column } = event.kind else { continue };
        let ends = |other: &Event| match other.kind {
            EventKind::Marker { .. } => true,
            EventKind::Heading { level: other, role, is_item } => {
                let is_below = other > level || level == LINE_LEVEL && is_item;
                !is_below || matches!(role, Role::Outside | Role::Story)
            }
            EventKind::Label { is_outside } => is_outside,
        };
        let after = events.get(place + 1..).unwrap_or_default();
        let mut end = after.iter().find(|other| ends(other)).map_or(to, |other| other.line);
        if let Some(column) = column {
            let is_out = |line: &Line| line.indent <= column && !source.text.of(line).trim_ascii().is_empty();
            end = source
                .prose(event.line + 1, end)
                .find(|(_, line)| is_out(line))
                .map_or(end, |(index, _)| index);
        }
        out.push(Stretch { from: event.line + 1, to: end, marker: Some(event.line) });
    }
    out
}

fn unmarked(events: &[Event], from: usize, to: usize) -> Vec<Stretch> {
    let mut out = Vec::new();
    let mut start = Some(from);
    // The rank of the heading that closed the criteria.
    let mut closed = LINE_LEVEL;
    for event in events {
        let (closes, opens) = match event.kind {
            EventKind::Marker { .. } => (false, true),
            EventKind::Heading { level, role, .. } => {
                let is_off = matches!(role, Role::Outside | Role::Glossary | Role::Introduction);
                if is_off && start.is_some() {
                    closed = level;
                }
                (is_off, !is_off && level <= closed)
            }
            EventKind::Label { is_outside } => (is_outside, !is_outside && closed == LINE_LEVEL),
        };
        if closes {
            out.extend(start.take().map(|from| Stretch { from, to: event.line, marker: None }));
        } else if opens && start.is_none() {
            start = Some(event.line);
            closed = LINE_LEVEL;
        }
    }
    out.extend(start.map(|from| Stretch { from, to, marker: None }));
    out
}

fn read(source: &Source<'_, '_>, stretch: &Stretch, is_marked: bool) -> Vec<Item> {
    let lists = Reading { rows: true, headings: true, blocks: is_marked, paragraphs: false };
    let read = |reading: Reading| items::read_with(source.text, stretch.from, stretch.to, reading);
    let mut items = read(lists);
    items.retain(|item| item.mark != Mark::Row || is_marked || item.number.is_some());
    let mut items = without_facts(items, is_marked);
    if items.is_empty() && !is_marked {
        items = read(Reading { blocks: true, ..Reading::default() });
        items.retain(|item| item.mark == Mark::Block);
    }
    if items.is_empty() && is_marked {
        items = without_facts(read(Reading { paragraphs: true, ..lists }), true);
    }
    if items.is_empty() {
        items.extend(stretch.marker.and_then(|marker| inline(source, marker)));
    }
    items
}

/// `**Acceptance Criteria:** WHEN …`: the criterion behind its label.
fn inline(source: &Source<'_, '_>, marker: usize) -> Option<Item> {
    let line = source.text.lines().get(marker)?;
    let content = source.text.str_of(line);
    if content.trim_start().starts_with('#') {
        return None;
    }
    let (_, rest) = label_role(strip_bullet(&content))?;
    (!rest.is_empty()).then(|| items::whole(line, &content, rest))
}

/// Items that say something about the requirement and not what must be: its story, its priority.
fn without_facts(items: Vec<Item>, is_marked: bool) -> Vec<Item> {
    let mut dropped: Option<usize> = None;
    let mut out: Vec<Item> = Vec::with_capacity(items.len());
    for item in items {
        if dropped.is_some_and(|column| item.indent > column) {
            continue;
        }
        dropped = None;
        let is_free = item.number.is_none() && matches!(item.mark, Mark::Bullet | Mark::Paragraph);
        if is_free && (is_fact(&item.text, is_marked) || !is_marked && is_story(&item.text)) {
            dropped = Some(item.indent);
            continue;
        }
        out.push(item);
    }
    let is_description =
        |item: &Item| item.number.is_none() && named(&item.text, &words::DESCRIPTION).is_some();
    if !is_marked && out.iter().any(|item| !is_description(item)) {
        out.retain(|item| !is_description(item));
    }
    out
}

/// The text behind `label:` when the first line begins with one of the labels.
pub(super) fn named<'a>(text: &'a str, labels: &Words) -> Option<&'a str> {
    let open = text.trim_start_matches(['*', '_', ' ', '>']);
    labels.alone(open).find_map(|rest| {
        let rest = rest.trim_start_matches(['*', '_', ' ']);
        rest.strip_prefix([':', '：']).map(|rest| rest.trim_start_matches(['*', '_', ' ']).trim_end())
    })
}

fn is_fact(text: &str, is_marked: bool) -> bool {
    let first = text.lines().next().unwrap_or_default();
    named(first, &words::FACTS).is_some()
        || !is_marked && (named(first, &words::STORY).is_some() || named(first, &words::OUTSIDE).is_some())
        || is_marked && first.starts_with(['*', '_']) && named(first, &words::OUTSIDE).is_some()
}

/// `As a user, I want …` in the languages that we know.
pub(super) fn is_story(text: &str) -> bool {
    const WANTS: &[&str] = &[
        "i want",
        "i need",
        "i would like",
        "quiero",
        "quero",
        "mochte",
        "will ich",
        "je veux",
        "je souhaite",
        "я хочу",
        "я хотів",
        "希望",
        "想要",
        "我想",
        "したい",
        "싶",
        "saya ingin",
        "toi muon",
        "wil ik",
        "chce",
        "istiyor",
        "voglio",
    ];
    let open = text.trim_start_matches(['*', '_', ' ', '>', '"', '“']);
    // Chinese and Japanese write no blank behind the first words.
    let starts = words::STORY_STARTS.behind(open);
    let is_start =
        |rest: &str| !rest.starts_with(char::is_alphanumeric) || rest.starts_with(|c: char| c >= '\u{2E80}');
    if !starts.map(|(_, rest)| rest).any(is_start) {
        return false;
    }
    let folded: String = open.chars().take(400).filter_map(super::fold::fold).collect();
    let is_part = begins(open, &["so that", "i want", "para que", "afin de", "afin que", "чтобы", "以便"]);
    is_part || WANTS.iter().any(|want| folded.contains(want))
}

/// Paragraphs in place of a list: several sentences of `when … shall …` are as many criteria, anything else that says
/// what must be is one.
fn prose(source: &Source<'_, '_>, stretches: &[Stretch], number: &str) -> Collected {
    let mut found: Vec<Item> = Vec::new();
    for stretch in stretches {
        let reading = Reading { paragraphs: true, ..Reading::default() };
        found.extend(items::read_with(source.text, stretch.from, stretch.to, reading));
    }
    found.retain(|item| !is_fact(&item.text, false) && !is_story(&item.text));
    let is_sentence = |item: &Item| {
        is_statement(&item.text)
            && matches!(steps::step_of(&item.text), Some(steps::Step::When | steps::Step::Given))
    };
    // `**Event-driven:** When …`: paragraphs with labels of their own.
    let is_labelled = |item: &Item| item.text.starts_with("**") && is_statement(&item.text);
    let sentences = found.iter().filter(|item| is_sentence(item) || is_labelled(item)).count();
    if sentences >= 2 {
        found.retain(|item| is_statement(&item.text));
        return Collected {
            criteria: addressed(found, &format!("{number}."), false),
            has_marker: false,
            is_prose: true,
        };
    }
    let first = found.iter().position(|item| is_statement(&item.text));
    let Some(mut one) = first.and_then(|at| found.get(at).cloned()) else { return Collected::default() };
    for other in found.into_iter().skip(first.map_or(0, |at| at + 1)).filter(|item| is_statement(&item.text))
    {
        one.text.push('\n');
        one.text.push_str(&other.text);
        one.span = crate::Span::between(one.span.offset, other.span.end());
        one.text_span = crate::Span::between(one.text_span.offset, other.text_span.end());
    }
    if let Some(words) = named(&one.text, &words::DESCRIPTION).map(str::to_string) {
        one.text = words;
    }
    let only = Addressed { id: number.to_string(), is_synthetic: true, depth: 0, item: one };
    Collected { criteria: vec![only], has_marker: false, is_prose: true }
}
