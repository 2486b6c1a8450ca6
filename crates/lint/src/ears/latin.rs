//! Slots from key words, for sentences that mark their clauses with words: English, seven more, and mixtures such as
//! `WHEN 用户点击 THEN 系统 SHALL 显示`.

use spec::Span;

use super::keys::{self, Key};
use super::{Ears, Modal, PARTS_MAX, Pattern, Response, trimmed};
use crate::language::Language;
use crate::words::Words;

/// A key word of this sentence.
#[derive(Clone, Copy)]
struct Found {
    key: Key,
    /// Its first word.
    at: usize,
    /// Behind its last word.
    to: usize,
    is_upper: bool,
    /// It stands where a clause can begin.
    is_first: bool,
}

pub(super) fn parse(text: &str, words: &Words, language: Language) -> Ears {
    let found = find(text, words, language);
    let Some(demand) = main_demand(&found, words) else { return without_demand(text, words, &found) };
    let mut ears = Ears { is_ordered: true, ..Ears::default() };
    let is_marked = |key: &Found| !key.key.opens() || key.is_upper || key.is_first || key.at == 0;
    let mut head: Vec<Found> =
        found.iter().copied().filter(|key| key.at < demand.at && is_marked(key)).collect();
    let last_opener = head.iter().rposition(|key| key.key.opens());
    let system = system_before(text, words, &head, last_opener, demand.at);
    // Behind the system's name no clause opens: `the page where it happened SHALL`.
    head.retain(|key| system.is_none_or(|(at, _)| key.at < at));
    let head_end = system.map_or(demand.at, |(at, _)| at);
    read_clauses(text, words, &head, head_end, &mut ears);
    ears.system = system.map(|(_, span)| span);
    read_responses(text, words, &found, demand, &mut ears);
    read_tail(text, words, &found, demand, &mut ears);
    ears.pattern = pattern(&ears, &found);
    ears
}

fn find(text: &str, words: &Words, language: Language) -> Vec<Found> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < words.list.len() {
        let Some(word) = words.list.get(index) else { break };
        let key = if word.is_plain() { keys::at(text, words, index, language) } else { None };
        let Some((key, count)) = key else {
            index += 1;
            continue;
        };
        let gap = words.gap_before(text, index);
        let opens_here =
            |c: char| matches!(c, ',' | ';' | ':' | '.' | '\n' | '—' | '–' | '：' | '，' | '、' | '；');
        let before = index.checked_sub(1).map(|at| words.lower_at(at)).unwrap_or_default();
        let is_first = index == 0 || gap.contains(opens_here) || keys::is_and(before) || before == "then";
        found.push(Found { key, at: index, to: index + count, is_upper: word.is_upper, is_first });
        index += count;
    }
    found
}

/// The word that demands: in capitals before others, `shall` before `should`.
fn main_demand(found: &[Found], words: &Words) -> Option<Found> {
    let rank = |key: &Found| match (key.key, key.is_upper) {
        (Key::Demand(true) | Key::Forbid, true) => Some(0),
        (Key::Demand(true), false) if words.lower_at(key.at) == "shall" => Some(1),
        (Key::Demand(true) | Key::Forbid, false) => Some(2),
        (Key::Demand(false), true) => Some(3),
        (Key::Demand(false), false) => Some(4),
        _ => None,
    };
    found
        .iter()
        .filter_map(|key| rank(key).map(|rank| (rank, key.at, key)))
        .min_by_key(|(rank, at, _)| (*rank, *at))
        .map(|(_, _, key)| *key)
}

/// The word where the system's phrase begins, and its span without article.
fn system_before(
    text: &str,
    words: &Words,
    head: &[Found],
    last_opener: Option<usize>,
    demand: usize,
) -> Option<(usize, Span)> {
    let opener_end = last_opener.and_then(|at| head.get(at)).map_or(0, |key| key.to);
    let then = head.iter().rev().find(|key| key.key == Key::Then && key.at >= opener_end).map(|key| key.to);
    let has_opener = last_opener.is_some();
    let after_comma = (opener_end..demand).rev().find(|index| {
        let is_plain = words.list.get(*index).is_some_and(|word| word.is_plain());
        let gap = words.gap_before(text, *index);
        *index > 0
            && is_plain
            && gap.contains([',', '，', '、', ';', '；', '\n'])
            && !keys::is_and(words.lower_at(*index))
    });
    let upper_the = (opener_end..demand).rev().find(|index| {
        words.lower_at(*index) == "the" && words.list.get(*index).is_some_and(|word| word.is_upper)
    });
    let any_the = || (opener_end..demand).rev().find(|index| keys::is_article(words.lower_at(*index)));
    let capital = || {
        (opener_end..demand).rev().find(|index| {
            let word = words.list.get(*index);
            let first =
                word.and_then(|word| text.get(word.start..word.end)).and_then(|word| word.chars().next());
            *index > opener_end && first.is_some_and(char::is_uppercase)
        })
    };
    // `WHEN x, SHALL y`: what stands before the comma is the condition.
    let is_cut = words.gap_before(text, demand).contains([',', '，', '、']);
    if is_cut && has_opener && then.is_none() && upper_the.is_none() && after_comma.is_none() {
        return None;
    }
    let first = then
        .or(upper_the)
        .or(after_comma)
        .or_else(|| if has_opener { any_the().or_else(capital) } else { Some(0) })?;
    // Of an enumeration in the system's phrase, the part behind the last article is not the whole: keep it whole.
    let mut from = first;
    while from + 1 < demand && (keys::is_article(words.lower_at(from)) || keys::is_and(words.lower_at(from)))
    {
        from += 1;
    }
    let end = words.list.get(demand)?.start;
    if from >= demand {
        return None;
    }
    let mut to = end;
    // `no debe`, `ne doit`: the negation belongs to the demand.
    if keys::is_no_before(words.lower_at(demand.checked_sub(1)?)) && demand > from + 1 {
        to = words.list.get(demand - 1)?.start;
    }
    trimmed(text, words.end_before(from), to).map(|span| (first, span))
}

fn read_clauses(text: &str, words: &Words, head: &[Found], head_end: usize, ears: &mut Ears) {
    let start_of = |index: usize| words.list.get(index).map_or(text.len(), |word| word.start);
    let openers: Vec<Found> = head.iter().copied().filter(|key| key.key.opens()).take(PARTS_MAX).collect();
    ears.then = head.iter().find(|key| key.key == Key::Then).map(|key| span_of(words, key));
    let mut rank = 0;
    for (nth, opener) in openers.iter().enumerate() {
        let next = openers.get(nth + 1).map(|next| next.at).unwrap_or(head_end);
        let then = head.iter().find(|key| key.key == Key::Then && key.at > opener.at && key.at < next);
        let end = then.map_or(next, |key| key.at).min(head_end);
        let Some(clause) = clause(text, words, opener.to, start_of(end)) else { continue };
        let now = add(opener.key, clause, ears);
        ears.openers.push(span_of(words, opener));
        ears.is_ordered &= now >= rank;
        rank = rank.max(now);
    }
}

/// The clause behind an opener, without an `AND` that joins it to the next one.
fn clause(text: &str, words: &Words, from: usize, end: usize) -> Option<Span> {
    let span = trimmed(text, words.end_before(from), end)?;
    let last = words.list.iter().rposition(|word| word.end <= span.end() && word.start >= span.offset)?;
    let word = words.list.get(last)?;
    if keys::is_and(words.lower(word)) && word.start > span.offset {
        return trimmed(text, span.offset, word.start);
    }
    Some(span)
}

/// Puts a clause into its slot and says where EARS wants it.
fn add(key: Key, clause: Span, ears: &mut Ears) -> usize {
    match key {
        Key::Where | Key::ForAll => {
            ears.features.push(clause);
            0
        }
        Key::While | Key::Given => {
            ears.states.push(clause);
            1
        }
        _ => {
            ears.is_unwanted |= key == Key::If;
            ears.triggers.push(clause);
            2
        }
    }
}

fn read_responses(text: &str, words: &Words, found: &[Found], demand: Found, ears: &mut Ears) {
    let is_alike = |key: &Found| match (demand.key, key.key) {
        (Key::Demand(a), Key::Demand(b)) => a == b,
        (Key::Forbid, Key::Demand(true)) | (Key::Demand(true), Key::Forbid) => true,
        (a, b) => a == b,
    };
    let is_one = |key: &Found| key.at >= demand.at && is_alike(key) && key.is_upper == demand.is_upper;
    let kept = if tells(words, demand) { 1 } else { PARTS_MAX };
    let all: Vec<Found> = found.iter().copied().filter(is_one).take(kept).collect();
    let mut system = ears.system;
    for (nth, key) in all.iter().enumerate() {
        let (behind, is_negative) = behind_demand(words, key);
        let start = words.end_before(behind);
        let (next_system, end) = match all.get(nth + 1) {
            None => (None, text.len()),
            Some(next) => next_response(text, words, behind, next.at),
        };
        let modal = Span::between(
            words.list.get(key.at).map_or(0, |word| word.start),
            words.list.get(behind.saturating_sub(1)).map_or(0, |word| word.end),
        );
        ears.responses.push(Response {
            system,
            modal,
            text: trimmed(text, start, end.max(start)).unwrap_or(Span { offset: modal.end(), len: 0 }),
            is_negative,
            strength: if key.key == Key::Demand(false) { Modal::Weak } else { Modal::Binding },
        });
        system = next_system;
    }
}

/// The place behind the demand and its negation, and whether there is one: `SHALL NOT`, `SHALL also NEVER`, `no debe`.
fn behind_demand(words: &Words, key: &Found) -> (usize, bool) {
    let is_upper = |index: usize| words.list.get(index).is_some_and(|word| word.is_upper);
    let is_no = |index: usize| {
        let word = words.lower_at(index);
        keys::is_no(word) && (is_upper(index) || index == key.to && word != "no")
    };
    if let Some(index) = (key.to..key.to + 2).find(|index| is_no(*index)) {
        return (index + 1, true);
    }
    let is_negated_before = key.at > 0 && keys::is_no_before(words.lower_at(key.at - 1));
    (key.to, key.key == Key::Forbid || is_negated_before)
}

/// Between two demands: the system of the second, and where the first response ends.
fn next_response(text: &str, words: &Words, from: usize, demand: usize) -> (Option<Span>, usize) {
    let demand_start = words.list.get(demand).map_or(text.len(), |word| word.start);
    let begins = |index: &usize| {
        let gap = words.gap_before(text, *index);
        keys::is_and(words.lower_at(*index)) || gap.contains([',', ';', '.', '\n', '，', '；', '。', '、'])
    };
    let Some(join) = (from..demand).rev().find(begins) else { return (None, demand_start) };
    let end = words.list.get(join).map_or(demand_start, |word| word.start);
    let mut first = join;
    let is_join = |index: usize| keys::is_and(words.lower_at(index));
    while first < demand && (is_join(first) || first + 1 < demand && keys::is_article(words.lower_at(first)))
    {
        first += 1;
    }
    let start = words.list.get(first).map_or(demand_start, |word| word.start);
    (trimmed(text, start, demand_start).filter(|_| first < demand), end)
}

/// Whether the response only tells of other demands: `SHALL state that WHEN …, THE Agent SHALL …`.
fn tells(words: &Words, demand: Found) -> bool {
    const TELLING: &[&str] = &[
        "state", "specify", "instruct", "document", "describe", "explain", "define", "require", "verify",
        "confirm", "support", "assert", "check", "report", "indicate", "note", "say", "contain", "include",
        "ensure",
    ];
    let (behind, _) = behind_demand(words, &demand);
    let nested = (behind..words.list.len())
        .find(|index| matches!(words.lower_at(*index), "that" | "which" | "whether"));
    TELLING.contains(&words.lower_at(behind)) && nested.is_some()
}

/// Clauses behind the response: `SHALL warn WHEN the disk is full`. They fill empty slots only, and are out of order.
fn read_tail(text: &str, words: &Words, found: &[Found], demand: Found, ears: &mut Ears) {
    if tells(words, demand) {
        return;
    }
    let tail: Vec<&Found> = found
        .iter()
        .filter(|key| {
            key.at > demand.at && key.key.opens() && key.is_upper == demand.is_upper && key.is_upper
        })
        .take(PARTS_MAX)
        .collect();
    for (nth, key) in tail.iter().enumerate() {
        let end =
            tail.get(nth + 1).and_then(|next| words.list.get(next.at)).map_or(text.len(), |word| word.start);
        let Some(clause) = clause(text, words, key.to, end) else { continue };
        add(key.key, clause, ears);
        ears.openers.push(span_of(words, key));
        ears.is_ordered = false;
        let from = words.list.get(key.at).map_or(0, |word| word.start);
        if let Some(last) = ears.responses.last_mut()
            && last.text.offset < from
            && from < last.text.end()
        {
            last.text = trimmed(text, last.text.offset, from).unwrap_or(last.text);
        }
    }
}

/// No word demands anything: a condition with its result, Gherkin, or no pattern at all.
fn without_demand(text: &str, words: &Words, found: &[Found]) -> Ears {
    let mut ears = Ears { is_ordered: true, ..Ears::default() };
    let opens = |key: &&Found| key.key.opens() && (key.is_upper || key.is_first);
    let Some(opener) = found.iter().find(opens) else { return ears };
    let then =
        found.iter().find(|key| key.key == Key::Then && key.at > opener.at && (key.is_upper || key.is_first));
    let Some(then) = then else { return ears };
    read_clauses(
        text,
        words,
        found.iter().copied().filter(|key| key.at <= then.at).collect::<Vec<_>>().as_slice(),
        then.at,
        &mut ears,
    );
    let Some(result) = trimmed(text, words.end_before(then.to), text.len()) else { return Ears::default() };
    let modal = span_of(words, then);
    ears.responses.push(Response {
        system: None,
        modal,
        text: result,
        is_negative: false,
        strength: Modal::Weak,
    });
    let has_given = found.iter().any(|key| key.key == Key::Given && (key.is_upper || key.is_first));
    ears.pattern = if has_given { Pattern::Gherkin } else { Pattern::Condition };
    ears
}

fn pattern(ears: &Ears, found: &[Found]) -> Pattern {
    let has = |wanted: Key| found.iter().any(|key| key.key == wanted && (key.is_upper || key.at == 0));
    if has(Key::Given) && has(Key::When) {
        return Pattern::Gherkin;
    }
    match (!ears.features.is_empty(), !ears.states.is_empty(), !ears.triggers.is_empty()) {
        (false, false, false) => Pattern::Ubiquitous,
        (true, false, false) if has(Key::ForAll) => Pattern::Property,
        (true, false, false) => Pattern::Feature,
        (false, true, false) => Pattern::State,
        (false, false, true) if ears.is_unwanted && has(Key::When) => Pattern::Complex,
        (false, false, true) if ears.is_unwanted => Pattern::Unwanted,
        (false, false, true) => Pattern::Event,
        _ => Pattern::Complex,
    }
}

fn span_of(words: &Words, key: &Found) -> Span {
    let start = words.list.get(key.at).map_or(0, |word| word.start);
    let end = words.list.get(key.to.saturating_sub(1)).map_or(start, |word| word.end);
    Span::between(start, end)
}

/// Turkish marks condition and demand at the ends of words: `… yaptığında, sistem … göstermelidir`.
pub(super) fn turkish(text: &str, words: &Words) -> Option<Ears> {
    const WHEN: &[&str] = &[
        "diğinde",
        "duğunda",
        "düğünde",
        "tiğinde",
        "tuğunda",
        "tüğünde",
        "ğinda",
        "ğinde",
        "ğunda",
        "ğünde",
    ];
    const DEMAND: &[&str] = &["melidir", "malidir", "meli", "mali", "melidirler", "malidirlar"];
    const NEGATIVE: &[&str] = &["memelidir", "mamalidir", "memeli", "mamali"];
    let ends = |index: &usize, endings: &[&str]| {
        let word = words.lower_at(*index);
        let is_plain = words.list.get(*index).is_some_and(|word| word.is_plain());
        is_plain && endings.iter().any(|ending| word.ends_with(ending))
    };
    let count = words.list.len();
    let demand = (0..count).rev().find(|index| ends(index, DEMAND))?;
    let trigger = (0..demand).find(|index| ends(index, WHEN));
    let mut ears = Ears { is_ordered: true, ..Ears::default() };
    let is_if = words.lower_at(0) == "eğer";
    let first = match trigger {
        Some(at) => {
            let start = words.list.get(usize::from(is_if))?.start;
            ears.triggers.extend(trimmed(text, start, words.list.get(at)?.end));
            at + 1
        }
        None => 0,
    };
    ears.is_unwanted = is_if && trigger.is_some();
    let system = words.list.get(first).filter(|_| first < demand)?;
    ears.system = Some(Span::between(system.start, system.end));
    let word = words.list.get(demand)?;
    ears.responses.push(Response {
        system: ears.system,
        modal: Span::between(word.start, word.end),
        text: trimmed(text, words.list.get(first + 1)?.start, word.end)?,
        is_negative: ends(&demand, NEGATIVE),
        strength: Modal::Binding,
    });
    ears.pattern = match (ears.triggers.is_empty(), ears.is_unwanted) {
        (true, _) => Pattern::Ubiquitous,
        (false, true) => Pattern::Unwanted,
        (false, false) => Pattern::Event,
    };
    Some(ears)
}
