//! What a change does to the criteria: touched, at risk, untested, and what was written for words that it changes. Reads
//! no file and no history.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use exchange::markdown::{Diff, Overtaken, Touched};
use exchange::report::Status as Shown;
use plan::drift::text_digest;
use plan::freshness::{Marks, Subject};
use plan::trace::{Item, Near, Outcome, Status, SymbolFact, TEST_CONFIDENCE_MIN, Trace};
use plan::{Plan, Reading};
use spec::State;
use spec::references::normal_id;

use crate::past::contents_of;
use crate::repository::{Entry, Repository};
use crate::since::{Base, Changed};

/// Rows of one list; the rest is left out.
pub const ROWS_MAX: usize = 5_000;
/// Changed symbols of all files that are followed to their criteria.
const SYMBOLS_MAX: usize = 4_000;
/// How sure a criterion must stand behind code that changes, in percent: a task that names the file is enough.
const BEHIND_MIN: u8 = 40;
/// The same where more than the name of the file is known of the code: then its other criteria do not count.
const BEHIND_KNOWN_MIN: u8 = 60;

/// Why a criterion is touched.
#[derive(Debug, Default)]
struct Why {
    words: Option<&'static str>,
    code: BTreeSet<String>,
    tests: BTreeSet<String>,
}

/// What the change since `base` does. `changed` are the source files that it changes; `only` keeps these specs.
pub fn diff(
    repository: &Repository,
    trace: &Trace,
    base: &Base,
    changed: &[Changed],
    only: &dyn Fn(&str) -> bool,
) -> Diff {
    let mut diff = Diff::default();
    let mut touched: BTreeMap<(String, String), Why> = BTreeMap::new();
    for entry in repository.specs.iter().filter(|entry| only(&entry.place.name)) {
        let none = plan::SpecDocuments::default();
        let reading = Reading::of(base.documents.get(&entry.place.name).unwrap_or(&none).clone());
        let plan = Plan::of(&reading);
        words(entry, &plan, &mut touched, &mut diff);
        overtaken(entry, &Marks::of(&reading, &plan, ""), &mut diff);
    }
    code(trace, changed, only, &mut touched);
    let mut texts: HashMap<(&str, String), &str> = HashMap::new();
    for entry in &repository.specs {
        let name = entry.place.name.as_str();
        texts.extend(entry.plan.criteria.iter().map(|it| ((name, normal_id(&it.id)), it.text.as_str())));
    }
    for ((spec, id), why) in touched {
        let Some(status) = trace.status(&spec, &id) else { continue };
        let text = texts.get(&(spec.as_str(), id.clone())).copied().unwrap_or_default();
        let row = |why: String| Touched {
            spec: spec.clone(),
            id: id.clone(),
            text: text.to_string(),
            status: Some(Shown::from(status)),
            why,
        };
        let tests = tests(trace, &spec, &id);
        if let Some(risk) = risk(status, &why, &tests) {
            diff.at_risk.push(row(risk));
        }
        if !why.code.is_empty() && tests.is_empty() {
            diff.untested.push(row(format!("{} changes", listed(&why.code))));
        }
        let mut reasons: Vec<String> = why.words.iter().map(|word| (*word).to_string()).collect();
        if !why.code.is_empty() {
            reasons.push(format!("{} changes", listed(&why.code)));
        }
        if !why.tests.is_empty() {
            reasons.push(format!("its test in {} changes", listed(&why.tests)));
        }
        diff.touched.push(row(reasons.join("; ")));
    }
    diff.touched.sort_by(|a, b| (&a.spec, order(&a.id)).cmp(&(&b.spec, order(&b.id))));
    diff.at_risk.sort_by(|a, b| (&a.spec, order(&a.id)).cmp(&(&b.spec, order(&b.id))));
    diff.untested.sort_by(|a, b| (&a.spec, order(&a.id)).cmp(&(&b.spec, order(&b.id))));
    for list in [&mut diff.touched, &mut diff.at_risk, &mut diff.untested] {
        list.truncate(ROWS_MAX);
    }
    diff.overtaken.truncate(ROWS_MAX);
    diff
}

/// Numbers in their order, so that `1.10` comes after `1.9`.
fn order(id: &str) -> Vec<(usize, String)> {
    id.split('.').map(|part| (part.parse().unwrap_or(usize::MAX), part.to_string())).collect()
}

/// Criteria that are new, say something else, or are gone. One that only has another number is none of these.
fn words(entry: &Entry, then: &Plan, touched: &mut BTreeMap<(String, String), Why>, diff: &mut Diff) {
    let digests = |plan: &Plan| -> BTreeMap<String, u64> {
        plan.criteria.iter().map(|it| (normal_id(&it.id), text_digest(&it.text))).collect()
    };
    let (old, new) = (digests(then), digests(&entry.plan));
    let (before, now): (BTreeSet<u64>, BTreeSet<u64>) =
        (old.values().copied().collect(), new.values().copied().collect());
    for (id, digest) in &new {
        if before.contains(digest) {
            continue;
        }
        // Under a number whose old words stand elsewhere now, these words are new.
        let is_reworded = old.get(id).is_some_and(|was| !now.contains(was));
        let why = touched.entry((entry.place.name.clone(), id.clone())).or_default();
        why.words = Some(if is_reworded { "reworded" } else { "new" });
    }
    for criterion in &then.criteria {
        let id = normal_id(&criterion.id);
        if !new.contains_key(&id) && !now.contains(&text_digest(&criterion.text)) {
            diff.touched.push(Touched {
                spec: entry.place.name.clone(),
                id,
                text: criterion.text.clone(),
                status: None,
                why: "removed".to_string(),
            });
        }
    }
}

/// Tasks and sections that were written for words which say something else now.
fn overtaken(entry: &Entry, then: &Marks, diff: &mut Diff) {
    for stale in then.stale(&entry.reading, &entry.plan) {
        let (title, state) = match &stale.subject {
            Subject::Section(_) => (String::new(), None),
            Subject::Task(id) => {
                let step = entry.plan.step(id);
                let state = step.map(|step| if step.state == State::Done { "done" } else { "open" });
                (step.map(|step| step.title.clone()).unwrap_or_default(), state)
            }
        };
        let because: Vec<String> = stale.because.iter().map(ToString::to_string).collect();
        diff.overtaken.push(Overtaken {
            spec: entry.place.name.clone(),
            what: stale.subject.to_string(),
            title,
            state: state.map(str::to_string),
            why: because.join("; "),
        });
    }
}

/// Criteria behind code and tests that change.
fn code(
    trace: &Trace,
    changed: &[Changed],
    only: &dyn Fn(&str) -> bool,
    touched: &mut BTreeMap<(String, String), Why>,
) {
    let mut left = SYMBOLS_MAX;
    for file in changed {
        for (line, is_test) in places(file) {
            if left == 0 {
                return;
            }
            left -= 1;
            let behind = trace.impact(&file.path, line).behind;
            let is_criterion = |near: &&Near| matches!(near.item, Item::Criterion { .. });
            let best = behind.iter().filter(is_criterion).map(|near| near.confidence).max();
            let is_known = best.is_some_and(|best| best >= BEHIND_KNOWN_MIN) && line.is_some();
            let least = if is_known { BEHIND_KNOWN_MIN } else { BEHIND_MIN };
            for near in &behind {
                let Item::Criterion { spec, id } = &near.item else { continue };
                if near.confidence < least || !only(spec) {
                    continue;
                }
                let why = touched.entry((spec.clone(), id.clone())).or_default();
                let list = if is_test { &mut why.tests } else { &mut why.code };
                list.insert(file.path.clone());
            }
        }
    }
}

/// The lines by which the changes of a file are followed, each with whether it is a test: one for each symbol whose
/// tokens changed; the whole file when it is gone or its language is not read.
fn places(file: &Changed) -> Vec<(Option<usize>, bool)> {
    let is_test_file = plan::accesses::is_test_path(&file.path);
    let Some(after) = &file.after else { return vec![(None, is_test_file)] };
    let after = contents_of(&file.path, after);
    let before = file.before.as_deref().map(|bytes| contents_of(&file.path, bytes));
    if before.as_ref().is_some_and(|before| before.digest == after.digest) {
        return Vec::new();
    }
    let Some(symbols) = after.symbols else { return vec![(None, is_test_file)] };
    let before = before.and_then(|before| before.symbols).unwrap_or_default();
    let known: HashMap<&str, u64> =
        before.iter().map(|symbol| (symbol.qualified.as_str(), symbol.digest)).collect();
    let is_changed = |symbol: &&SymbolFact| {
        !symbol.is_group && known.get(symbol.qualified.as_str()) != Some(&symbol.digest)
    };
    let places: Vec<(Option<usize>, bool)> = symbols
        .iter()
        .filter(is_changed)
        .map(|symbol| (Some(symbol.lines.0), symbol.is_test || is_test_file))
        .collect();
    // What stands outside of every symbol.
    if places.is_empty() { vec![(None, is_test_file)] } else { places }
}

/// The tests that are linked to a criterion, each with its file and how it ended.
fn tests(trace: &Trace, spec: &str, id: &str) -> Vec<(String, Outcome)> {
    let below = trace.why(&Item::criterion(spec, id)).map(|why| why.below).unwrap_or_default();
    let sure = below.into_iter().filter(|near| near.confidence >= TEST_CONFIDENCE_MIN);
    sure.filter_map(|near| match near.item {
        Item::Test { path, .. } => Some((path, near.outcome.unwrap_or(Outcome::Unknown))),
        _ => None,
    })
    .collect()
}

/// Why what was proved of a criterion may no longer hold.
fn risk(status: Status, why: &Why, tests: &[(String, Outcome)]) -> Option<String> {
    let was_done = matches!(status, Status::NoTest | Status::Green | Status::Suspect | Status::Red);
    if !was_done || why.words == Some("new") {
        return None;
    }
    let mut risks = Vec::new();
    if why.words.is_some() && !tests.iter().any(|(path, _)| why.tests.contains(path)) {
        risks.push(match tests.is_empty() {
            true => "reworded after its tasks were done".to_string(),
            false => "reworded, and no test of it changes".to_string(),
        });
    }
    if !why.code.is_empty() && !tests.is_empty() {
        let came = |wanted: Outcome| tests.iter().any(|(_, outcome)| *outcome == wanted);
        if came(Outcome::Red) {
            risks.push(format!("{} changes, and a test of it fails", listed(&why.code)));
        } else if !came(Outcome::Green) {
            risks.push(format!("{} changes, and no result of its tests is given", listed(&why.code)));
        }
    }
    (!risks.is_empty()).then(|| risks.join("; "))
}

/// At most three paths, and how many more.
fn listed(paths: &BTreeSet<String>) -> String {
    let shown: Vec<String> = paths.iter().take(3).map(|path| format!("`{path}`")).collect();
    match paths.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
