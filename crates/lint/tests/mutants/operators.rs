//! Ways to make a good spec wrong. Each takes a spec and a seed and gives the changed documents, or nothing where the
//! change cannot be made. Does not judge what is noticed.
//!
//! Changes of meaning are *seeded beside*: a copy of a real criterion, changed, is put behind the original with the next
//! number, as when two people write one rule twice. The word lists here are written for this test and are not the ones
//! of the product.

use plan::{Plan, SpecDocuments};
use spec::Criterion;

use crate::corpus::Spec;

/// A changed spec.
pub(crate) struct Mutant {
    pub(crate) documents: SpecDocuments,
    /// The change, for a list of what was missed.
    pub(crate) change: String,
    /// The criteria, tasks or references that a finding has to name, all of them.
    pub(crate) names: Vec<String>,
}

/// Numbers from a seed; the same on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % count.max(1)
    }
}

/// A criterion of `requirements.md` chosen by the dice.
fn criterion<'s>(spec: &'s Spec, dice: &mut Dice) -> Option<&'s Criterion> {
    let all: Vec<&Criterion> = spec.reading.requirements.as_ref()?.criteria().collect();
    all.get(dice.below(all.len())).copied()
}

/// Puts a line behind a criterion, numbered so that its id is the next of the requirement.
fn beside(spec: &Spec, original: &Criterion, text: &str) -> Option<Mutant> {
    let bytes = spec.reading.documents.requirements.as_deref()?;
    let requirements = spec.reading.requirements.as_ref()?;
    let group = requirements
        .requirements
        .iter()
        .find(|group| group.criteria.iter().any(|c| c.span == original.span))?;
    let last = group.criteria.last()?;
    let line = last.span.text(bytes);
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    let number = group.criteria.len() + 1;
    let eol = if last.span.end() < bytes.len() { "\n" } else { "" };
    let marker =
        if line.trim_start().starts_with(['-', '*']) { "- ".to_string() } else { format!("{number}. ") };
    let added = format!("\n{indent}{marker}{}{eol}", text.replace('\n', " "));
    let mut changed = bytes.to_vec();
    changed.splice(last.span.end()..last.span.end(), added.bytes());
    let documents = SpecDocuments { requirements: Some(changed), ..spec.reading.documents.clone() };
    Some(Mutant {
        documents,
        change: format!("{} => {text}", original.text),
        names: vec![original.id.clone()],
    })
}

/// Replaces the tasks.
pub(crate) fn tasks(spec: &Spec, tasks: String, change: String, names: &[&str]) -> Mutant {
    let documents = SpecDocuments { tasks: Some(tasks.into_bytes()), ..spec.reading.documents.clone() };
    Mutant { documents, change, names: names.iter().map(|name| name.to_string()).collect() }
}

pub(crate) fn tasks_text(spec: &Spec) -> Option<String> {
    String::from_utf8(spec.reading.documents.tasks.clone()?).ok()
}

const MODALS: &[(&str, &str)] = &[
    (" SHALL NOT ", " SHALL "),
    (" SHALL ", " SHALL NOT "),
    (" shall not ", " shall "),
    (" shall ", " shall not "),
    (" MUST NOT ", " MUST "),
    (" MUST ", " MUST NOT "),
    (" must not ", " must "),
    (" must ", " must not "),
    (" should ", " should not "),
];

fn negated(text: &str) -> Option<String> {
    // The first modal of the sentence: what follows a second one is another obligation.
    let (at, from, to) = MODALS
        .iter()
        .filter_map(|(from, to)| Some((text.find(from)?, *from, *to)))
        .min_by_key(|(at, from, _)| (*at, usize::MAX - from.len()))?;
    Some(format!("{}{to}{}", &text[..at], &text[at + from.len()..]))
}

/// The opposite obligation beside the original.
pub(crate) fn negate(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    beside(spec, original, &negated(&original.text)?)
}

/// The same, said in other words: shortened behind a comma or `and`, articles dropped, the condition moved behind.
pub(crate) fn negate_reworded(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    let mut text = negated(&original.text.replace('\n', " "))?;
    let modal = text.to_lowercase().rfind(" not ").or_else(|| text.to_lowercase().find(" shall "))?;
    match dice.below(3) {
        0 => {
            let joint = [", ", " and ", " so that ", " using ", " with "].iter().filter_map(|joint| {
                let at = text.get(modal + 20..)?.find(joint)?;
                Some(modal + 20 + at)
            });
            text.truncate(joint.min()?);
        }
        1 => text = text.replace(" the ", " ").replace(" a ", " ").replace(" all ", " each "),
        _ => {
            let (when, rest) = text.split_once(", THE ").or_else(|| text.split_once(" THEN the "))?;
            text = format!("THE {} {}", rest.trim_end_matches('.'), when.to_lowercase());
        }
    }
    beside(spec, original, &text)
}

/// The opposite obligation in place, where a near-copy of the criterion stands elsewhere in the spec.
pub(crate) fn negate_in_place(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let all: Vec<&Criterion> = spec.reading.requirements.as_ref()?.criteria().collect();
    let words = |criterion: &Criterion| -> Vec<String> {
        criterion.text.to_lowercase().split_whitespace().map(str::to_string).collect()
    };
    let at = dice.below(all.len());
    let one = *all.get(at)?;
    let own = words(one);
    let is_near = |other: &&&Criterion| {
        let theirs = words(other);
        let shared = own.iter().filter(|word| theirs.contains(word)).count();
        other.span != one.span && shared * 20 >= own.len().max(theirs.len()) * 19
    };
    let other = all.iter().find(is_near)?;
    let bytes = spec.reading.documents.requirements.as_deref()?;
    let line = one.span.text(bytes);
    let changed = negated(&line)?;
    let mut out = bytes.to_vec();
    out.splice(one.span.offset..one.span.end(), changed.bytes());
    let documents = SpecDocuments { requirements: Some(out), ..spec.reading.documents.clone() };
    Some(Mutant {
        documents,
        change: format!("{} ~ {}", changed.trim(), other.text),
        names: vec![other.id.clone()],
    })
}

const UNITS: &[(&str, &str)] = &[
    (" milliseconds", " seconds"),
    ("ms", "s"),
    (" seconds", " minutes"),
    (" second", " minute"),
    (" minutes", " hours"),
    (" minute", " hour"),
    (" hours", " days"),
    (" days", " weeks"),
    (" KB", " MB"),
    ("KB", "MB"),
    (" MB", " GB"),
    ("MB", "GB"),
    (" GB", " KB"),
    (" bytes", " KB"),
    (" px", " percent"),
    ("px", "%"),
];

/// A number that limits something: a unit, a percent sign or a comparison says so.
fn limiting_number(text: &str) -> Option<(usize, usize)> {
    let limits = [
        "within ",
        "at least ",
        "at most ",
        "more than ",
        "less than ",
        "fewer than ",
        "up to ",
        "exceed ",
        "exceeds ",
        "under ",
        "over ",
        "maximum of ",
        "minimum of ",
        "exactly ",
    ];
    let units = [
        "ms",
        "second",
        "minute",
        "hour",
        "day",
        "kb",
        "mb",
        "gb",
        "byte",
        "px",
        "%",
        "percent",
        "character",
        "word",
        "line",
        "retries",
        "attempts",
        "items",
        "times ",
        "files",
    ];
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() || at > 0 && !matches!(bytes[at - 1], b' ' | b'(') {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let behind = text[end..].to_lowercase();
        let before = text[..at].to_lowercase();
        // What stands in quotes is a name or an example.
        let is_quoted = ['`', '"'].iter().any(|mark| text[..at].matches(*mark).count() % 2 == 1);
        let is_whole = !is_quoted && !behind.starts_with(['.', ',', '-', ':'])
            || behind.starts_with(". ")
            || behind.starts_with(", ");
        let has_unit = units.iter().any(|unit| behind.trim_start_matches([' ', '-']).starts_with(unit));
        if is_whole && (has_unit || limits.iter().any(|limit| before.ends_with(limit))) {
            return Some((at, end));
        }
        at = end;
    }
    None
}

/// Another number beside the original.
pub(crate) fn bound(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    let (from, to) = limiting_number(&original.text)?;
    let value: u64 = original.text[from..to].parse().ok()?;
    let other = [value * 2 + 1, value + 1, value * 10][dice.below(3)];
    let other = if other == value { value + 1 } else { other };
    beside(spec, original, &format!("{}{other}{}", &original.text[..from], &original.text[to..]))
}

/// Another unit beside the original.
pub(crate) fn unit(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    let (_, to) = limiting_number(&original.text)?;
    let behind = &original.text[to..];
    let (from, other) = UNITS.iter().find(|(from, _)| behind.starts_with(from))?;
    beside(spec, original, &format!("{}{other}{}", &original.text[..to], &behind[from.len()..]))
}

/// Verbs and adjectives of real criteria with what a careless author might write instead.
const OPPOSITES: &[(&str, &str)] = &[
    ("include", "exclude"),
    ("display", "hide"),
    ("show", "hide"),
    ("accept", "reject"),
    ("reject", "accept"),
    ("allow", "prevent"),
    ("prevent", "allow"),
    ("enable", "disable"),
    ("disable", "enable"),
    ("create", "delete"),
    ("add", "remove"),
    ("remove", "add"),
    ("retain", "discard"),
    ("preserve", "discard"),
    ("maintain", "discard"),
    ("continue", "stop"),
    ("stop", "continue"),
    ("apply", "skip"),
    ("skip", "run"),
    ("run", "skip"),
    ("enforce", "ignore"),
    ("require", "forbid"),
    ("save", "discard"),
    ("store", "discard"),
    ("record", "discard"),
    ("log", "suppress"),
    ("print", "suppress"),
    ("emit", "suppress"),
    ("report", "suppress"),
    ("present", "hide"),
    ("open", "close"),
    ("close", "open"),
    ("start", "stop"),
    ("lock", "unlock"),
    ("expand", "collapse"),
    ("show", "conceal"),
    ("grant", "revoke"),
    ("approve", "reject"),
    ("increase", "decrease"),
    ("before", "after"),
    ("after", "before"),
    ("ascending", "descending"),
    ("first", "last"),
    ("minimum", "maximum"),
    ("encrypt", "decrypt"),
    ("synchronously", "asynchronously"),
    ("required", "optional"),
    ("optional", "mandatory"),
    ("valid", "invalid"),
    ("public", "private"),
    ("append", "overwrite"),
    ("omit", "include"),
    ("exclude", "include"),
    ("pass", "fail"),
    ("install", "uninstall"),
    ("load", "unload"),
    ("validate", "ignore"),
    ("verify", "skip"),
    ("highlight", "hide"),
    ("permit", "block"),
    ("block", "allow"),
    ("leave", "delete"),
    ("restore", "delete"),
    ("follow", "ignore"),
    ("support", "reject"),
    ("import", "export"),
    ("automatically", "manually"),
];

/// The opposite word beside the original, where the response begins: its verb, or what stands next to it.
pub(crate) fn antonym(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    const NEAR_WORDS: usize = 6;
    let original = criterion(spec, dice)?;
    let hits = opposites(&original.text);
    let (at, from, to) = *hits.first()?;
    let words = original.text[modal_end(&original.text)?..at].split_whitespace().count();
    (words < NEAR_WORDS)
        .then(|| replaced(&original.text, at, from, to))
        .and_then(|text| beside(spec, original, &text))
}

/// The opposite word anywhere in the response, also where it is a noun or part of an example.
pub(crate) fn antonym_anywhere(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    let hits = opposites(&original.text);
    let (at, from, to) = *hits.get(dice.below(hits.len()))?;
    beside(spec, original, &replaced(&original.text, at, from, to))
}

fn modal_end(text: &str) -> Option<usize> {
    let modals = [" SHALL ", " shall ", " MUST ", " must "];
    modals.iter().filter_map(|modal| Some(text.find(modal)? + modal.len())).min()
}

fn replaced(text: &str, at: usize, from: &str, to: &str) -> String {
    format!("{}{to}{}", &text[..at], &text[at + from.len()..])
}

/// Words behind the modal that have an opposite, in order.
fn opposites(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let Some(modal) = modal_end(text) else { return Vec::new() };
    let is_word_end =
        |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '`' | '"'));
    let mut hits: Vec<(usize, &str, &str)> = Vec::new();
    for (from, to) in OPPOSITES {
        let found = text[modal..].match_indices(from).filter(|(at, _)| {
            let before = text[..modal + at].chars().next_back();
            before == Some(' ') && is_word_end(&text[modal + at + from.len()..])
        });
        hits.extend(found.map(|(at, _)| (modal + at, *from, *to)).take(1));
    }
    hits.sort();
    hits
}

/// The same without its condition.
pub(crate) fn drop_if(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    let text = original.text.replace('\n', " ");
    if !(text.starts_with("IF ") || text.starts_with("If ") || text.starts_with("WHEN ")) {
        return None;
    }
    let rest = text.split_once(" THEN ").or_else(|| text.split_once(", THE ")).map(|(_, rest)| rest)?;
    let rest = rest.trim_start_matches("THE ").trim_start_matches("the ");
    beside(spec, original, &format!("THE {rest}"))
}

/// The same, asked of somebody else.
pub(crate) fn swap_actor(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    let glossary = &spec.reading.requirements.as_ref()?.glossary;
    let own = glossary.iter().find(|term| original.text.contains(&format!(" {} SHALL", term.name)))?;
    let others: Vec<_> =
        glossary.iter().filter(|term| term.name != own.name && term.name.contains('_')).collect();
    let other = others.get(dice.below(others.len()))?;
    let text = original.text.replace(&format!(" {} SHALL", own.name), &format!(" {} SHALL", other.name));
    beside(spec, original, &text)
}

/// A task that cites what does not exist.
pub(crate) fn dangling(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let (text, from, to) = citation(spec, dice)?;
    let changed = format!("{}{}{}", &text[..from], "97.3", &text[to..]);
    Some(tasks(spec, changed, format!("{} => 97.3", &text[from..to]), &["97.3"]))
}

/// A cited id in a `_Requirements:` line.
fn citation(spec: &Spec, dice: &mut Dice) -> Option<(String, usize, usize)> {
    let text = tasks_text(spec)?;
    let label = "_Requirements: ";
    let lines: Vec<usize> = text.match_indices(label).map(|(at, _)| at + label.len()).collect();
    let from = *lines.get(dice.below(lines.len()))?;
    let len = text[from..].find(|c: char| !c.is_ascii_digit() && c != '.')?;
    (len > 0).then_some((text, from, from + len))
}

/// A criterion whose number is used already.
pub(crate) fn duplicate_id(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let bytes = spec.reading.documents.requirements.as_deref()?;
    let all = &spec.reading.requirements.as_ref()?.requirements;
    let group = all.get(dice.below(all.len()))?;
    // Lists without written numbers are counted, so a copy of an item is only one item more.
    if !group.span.text(bytes).starts_with("### Requirement ") || group.criteria.is_empty() {
        return None;
    }
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    // The whole requirement stands there twice, as after a bad merge.
    let block = group.span.text(bytes);
    let id = group.criteria.first()?.id.clone();
    let mut changed = text.clone();
    changed.insert_str(group.span.end(), &format!("\n{}\n", block.trim_end()));
    let documents =
        SpecDocuments { requirements: Some(changed.into_bytes()), ..spec.reading.documents.clone() };
    Some(Mutant { documents, change: format!("requirement {} twice", group.number), names: vec![id] })
}

/// A requirement with another number, as if one before it had been dropped; what cited it cites nothing.
pub(crate) fn renumber(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let bytes = spec.reading.documents.requirements.as_deref()?;
    let plan = Plan::of(&spec.reading);
    let all = &spec.reading.requirements.as_ref()?.requirements;
    let group = all.get(dice.below(all.len()))?;
    let cited = group.criteria.iter().find(|own| {
        plan.criteria.iter().any(|criterion| criterion.id == own.id && !criterion.cited_by.is_empty())
    })?;
    let block = group.span.text(bytes);
    let heading = format!("Requirement {}", group.number);
    if !block.contains(&heading) || !cited.id.starts_with(&format!("{}.", group.number)) {
        return None;
    }
    let changed = block.replacen(&heading, "Requirement 88", 1);
    let mut out = bytes.to_vec();
    out.splice(group.span.offset..group.span.end(), changed.bytes());
    let documents = SpecDocuments { requirements: Some(out), ..spec.reading.documents.clone() };
    // What dangles is one of its criteria, or the requirement where tasks cite it as a whole.
    let is_part = cited_there(spec, &format!("{}.", group.number));
    let name = if is_part { format!("{}.", group.number) } else { group.number.clone() };
    Some(Mutant { documents, change: format!("{heading} => 88"), names: vec![name] })
}

fn cited_there(spec: &Spec, begin: &str) -> bool {
    let tasks = spec.reading.tasks.iter().flat_map(|read| &read.tasks);
    tasks.flat_map(|task| &task.requirements).any(|id| id.starts_with(begin))
}

/// Two tasks that wait for each other.
pub(crate) fn cycle(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let text = tasks_text(spec)?;
    let leaves: Vec<_> = spec
        .reading
        .tasks
        .as_ref()?
        .tasks
        .iter()
        .filter(|task| task.is_leaf() && task.number.is_some())
        .collect();
    let (a, b) = (leaves.get(dice.below(leaves.len()))?, leaves.get(dice.below(leaves.len()))?);
    if a.id == b.id || a.title.is_empty() || b.title.is_empty() {
        return None;
    }
    let mark = |task: &spec::Task, on: &str| spec::Edit::insert(task.line.end(), format!(" (dep: {on})"));
    let edits = [mark(a, &b.id), mark(b, &a.id)];
    let changed = String::from_utf8(spec::splice::apply(text.as_bytes(), &edits).ok()?).ok()?;
    Some(tasks(spec, changed, format!("{} <=> {}", a.id, b.id), &[&a.id, &b.id]))
}

/// A criterion that no task cites any more.
pub(crate) fn uncited(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let original = criterion(spec, dice)?;
    let plan = Plan::of(&spec.reading);
    if plan.steps.iter().any(|step| step.criteria.len() > 40) {
        return None;
    }
    // Where no task cites anything, one more uncited criterion is nothing new.
    if plan.criteria.iter().all(|criterion| criterion.cited_by.is_empty()) {
        return None;
    }
    let number = spec
        .reading
        .requirements
        .as_ref()?
        .requirements
        .iter()
        .find(|group| group.criteria.iter().any(|c| c.span == original.span))?;
    if !original.id.contains('.') {
        return None;
    }
    // Tasks that cite the whole requirement would cite the new one, too.
    let cites_whole = |task: &spec::Task| task.requires_all || task.requirements.contains(&number.number);
    if spec.reading.tasks.as_ref()?.tasks.iter().any(cites_whole) {
        return None;
    }
    let mut mutant = beside(spec, original, "THE Ledger SHALL count the pages of every volume")?;
    mutant.names = Vec::new();
    Some(mutant)
}
