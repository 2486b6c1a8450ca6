//! Slots of Japanese, Chinese and Korean criteria that use no English key word. Looks for the endings and particles that
//! mark a condition, the one who acts and the demand.

use spec::Span;

use super::{Ears, Modal, Pattern, Response, trimmed};

/// Where `needles` are found first, and which.
fn first<'a>(text: &str, from: usize, needles: &[&'a str]) -> Option<(usize, &'a str)> {
    let rest = text.get(from..)?;
    needles
        .iter()
        .filter_map(|needle| rest.find(needle).map(|at| (from + at, *needle)))
        .min_by_key(|(at, needle)| (*at, std::cmp::Reverse(needle.len())))
}

fn last<'a>(text: &str, needles: &[&'a str]) -> Option<(usize, &'a str)> {
    needles
        .iter()
        .filter_map(|needle| text.rfind(needle).map(|at| (at, *needle)))
        .max_by_key(|(at, needle)| (at + needle.len(), needle.len()))
}

/// What a condition is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    When,
    If,
    While,
}

fn put(ears: &mut Ears, kind: Kind, clause: Span) {
    match kind {
        Kind::While => ears.states.push(clause),
        Kind::When => ears.triggers.push(clause),
        Kind::If => {
            ears.is_unwanted = true;
            ears.triggers.push(clause);
        }
    }
}

fn finish(mut ears: Ears, response: Response) -> Ears {
    ears.is_ordered = true;
    ears.system = response.system;
    ears.responses.push(response);
    ears.pattern = match (ears.states.is_empty(), ears.triggers.is_empty(), ears.is_unwanted) {
        (true, true, _) => Pattern::Ubiquitous,
        (false, true, _) => Pattern::State,
        (true, false, true) => Pattern::Unwanted,
        (true, false, false) => Pattern::Event,
        (false, false, _) => Pattern::Complex,
    };
    ears
}

/// `もし…ならば、システムは…しなければならない`, `…した場合、…は…すること`.
pub(super) fn japanese(text: &str) -> Option<Ears> {
    const DEMANDS: &[&str] = &[
        "なければならない",
        "なければなりません",
        "べきである",
        "べきです",
        "ものとする",
        "必要がある",
        "してはならない",
        "てはならない",
        "てはいけない",
        "ないこと",
        "すること",
        "とする",
        "する",
        "れる",
    ];
    const CONDITIONS: &[(&str, Kind)] = &[
        ("ならば、", Kind::If),
        ("なら、", Kind::If),
        ("場合は、", Kind::When),
        ("場合、", Kind::When),
        ("場合に、", Kind::When),
        ("とき、", Kind::When),
        ("ときは、", Kind::When),
        ("時、", Kind::When),
        ("際、", Kind::When),
        ("たら、", Kind::When),
        ("ると、", Kind::When),
        ("間、", Kind::While),
        ("間は、", Kind::While),
    ];
    let (demand_at, demand) = last(text, DEMANDS)?;
    let mut ears = Ears::default();
    let mut from = 0;
    let endings: Vec<&str> = CONDITIONS.iter().map(|(ending, _)| *ending).collect();
    if let Some((at, ending)) = first(text.get(..demand_at)?, 0, &endings) {
        let kind =
            CONDITIONS.iter().find(|(known, _)| *known == ending).map_or(Kind::When, |(_, kind)| *kind);
        let opening = text.trim_start_matches(['*', ' ']);
        let is_if = opening.starts_with("もし");
        let start = text.len() - opening.strip_prefix("もし").unwrap_or(opening).len();
        put(&mut ears, if is_if { Kind::If } else { kind }, trimmed(text, start, at)?);
        from = at + ending.len();
    }
    let topic = first(text.get(..demand_at)?, from, &["は", "が"]);
    let system = topic.and_then(|(at, _)| trimmed(text, from, at));
    let start = topic.map_or(from, |(at, mark)| at + mark.len());
    let response = Response {
        system,
        modal: Span { offset: demand_at, len: demand.len() },
        text: trimmed(text, start, demand_at + demand.len())?,
        is_negative: ["してはならない", "てはならない", "てはいけない", "ないこと"].contains(&demand),
        strength: if ["する", "れる", "とする"].contains(&demand) {
            Modal::Weak
        } else {
            Modal::Binding
        },
    };
    let is_bare = response.strength == Modal::Weak && ears.triggers.is_empty() && ears.states.is_empty();
    (!is_bare).then(|| finish(ears, response))
}

/// `当…时，系统应…`, `如果…，系统必须…`, `系统不得…`.
pub(super) fn chinese(text: &str) -> Option<Ears> {
    const DEMANDS: &[&str] = &[
        "不应", "不得", "不能", "禁止", "应当", "应该", "必须", "应能", "应", "應", "須", "须", "需要", "需",
    ];
    const OPENINGS: &[(&str, Kind)] = &[
        ("当", Kind::When),
        ("當", Kind::When),
        ("如果", Kind::If),
        ("若", Kind::If),
        ("假如", Kind::If),
        ("在", Kind::While),
    ];
    let opening = text.trim_start_matches(['*', ' ']);
    let offset = text.len() - opening.len();
    let mut ears = Ears::default();
    let mut from = offset;
    let known = OPENINGS.iter().find(|(word, _)| opening.starts_with(word));
    if let Some((word, kind)) = known
        && let Some((at, comma)) = first(text, offset, &["，", ","])
    {
        let clause = text.get(..at)?;
        let is_while = ["期间", "过程中", "状态下", "的情况下"].iter().any(|end| clause.ends_with(end));
        let kind = if *kind == Kind::While && !is_while { Kind::When } else { *kind };
        put(&mut ears, kind, trimmed(text, offset + word.len(), at)?);
        from = at + comma.len();
    }
    let (demand_at, demand) = first(text, from, DEMANDS)?;
    let system_from = text.get(from..demand_at)?.rfind(['，', '、', ',']).map_or(from, |at| from + at);
    let system = trimmed(text, system_from, demand_at).map(|span| {
        let rest = span.text(text.as_bytes());
        let cut = rest.len() - rest.trim_start_matches(['那', '么', '则']).len();
        Span { offset: span.offset + cut, len: span.len - cut }
    });
    let response = Response {
        system: system.filter(|span| span.len > 0),
        modal: Span { offset: demand_at, len: demand.len() },
        text: trimmed(text, demand_at + demand.len(), text.len())?,
        is_negative: ["不应", "不得", "不能", "禁止"].contains(&demand),
        strength: if demand == "需" || demand == "需要" { Modal::Weak } else { Modal::Binding },
    };
    Some(finish(ears, response))
}

/// `…하면 시스템은 …해야 한다`, `만약 …경우, …`.
pub(super) fn korean(text: &str) -> Option<Ears> {
    const DEMANDS: &[&str] = &[
        "지 않아야 한다",
        "지 않아야 합니다",
        "어서는 안 된다",
        "서는 안 됩니다",
        "야 한다",
        "야 합니다",
        "야 함",
        "여야 한다",
    ];
    const CONDITIONS: &[(&str, Kind)] = &[
        ("하면", Kind::When),
        ("되면", Kind::When),
        ("으면", Kind::When),
        ("이면", Kind::When),
        ("면,", Kind::When),
        ("할 때", Kind::When),
        ("될 때", Kind::When),
        ("때,", Kind::When),
        ("경우", Kind::When),
        ("동안", Kind::While),
    ];
    let (demand_at, demand) = last(text, DEMANDS)?;
    let mut ears = Ears::default();
    let mut from = 0;
    let endings: Vec<&str> = CONDITIONS.iter().map(|(ending, _)| *ending).collect();
    if let Some((at, ending)) = first(text.get(..demand_at)?, 0, &endings) {
        let kind =
            CONDITIONS.iter().find(|(known, _)| *known == ending).map_or(Kind::When, |(_, kind)| *kind);
        let opening = text.trim_start_matches(['*', ' ']);
        let is_if = opening.starts_with("만약");
        let start = text.len() - opening.strip_prefix("만약").unwrap_or(opening).len();
        from = at + ending.trim_end_matches(',').len();
        put(&mut ears, if is_if { Kind::If } else { kind }, trimmed(text, start, from)?);
    }
    let topic = first(text.get(..demand_at)?, from, &["은 ", "는 ", "이 ", "가 "]);
    let system = topic.and_then(|(at, _)| trimmed(text, from, at));
    let start = topic.map_or(from, |(at, mark)| at + mark.len());
    let response = Response {
        system,
        modal: Span { offset: demand_at, len: demand.len() },
        text: trimmed(text, start, demand_at + demand.len())?,
        is_negative: demand.contains("않아야") || demand.contains("안 "),
        strength: Modal::Binding,
    };
    Some(finish(ears, response))
}
