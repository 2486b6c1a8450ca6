//! Changes real specs in ways that are wrong and counts what is noticed, and lists what is said about the specs as
//! they are. Single rules are tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

#[path = "mutants/corpus.rs"]
mod corpus;
#[path = "mutants/operators.rs"]
mod operators;
#[path = "mutants/waves.rs"]
mod waves;

use std::collections::HashSet;

use corpus::Spec;
use lint::{Settings, conflict};
use operators::{Dice, Mutant};
use plan::{Plan, Reading, SpecDocuments};

/// Mutants of one operator; fewer where nothing is optimised.
const MUTANTS: usize = if cfg!(debug_assertions) { 60 } else { 150 };

/// Fewer than this say nothing.
const MUTANTS_MIN: usize = 50;
/// Dice thrown for one operator: few criteria have what some of them change.
const TRIES_MAX: usize = 9_000;

/// One way to make a spec wrong, and how much of it has to be noticed.
struct Operator {
    name: &'static str,
    change: fn(&Spec, &mut Dice) -> Option<Mutant>,
    /// Rules of which one has to speak.
    rules: &'static [&'static str],
    /// Percent; `None` where nothing is promised.
    promised: Option<usize>,
}

const CONFLICTS: &[&str] =
    &["conflict/polarity", "conflict/bound", "conflict/antonym", "conflict/always", "conflict/actors"];
const WAVES: &[&str] = &["graph/clash", "graph/contradiction"];

const fn operator(
    name: &'static str,
    change: fn(&Spec, &mut Dice) -> Option<Mutant>,
    rules: &'static [&'static str],
    promised: Option<usize>,
) -> Operator {
    Operator { name, change, rules, promised }
}

const OPERATORS: &[Operator] = &[
    operator("negate", operators::negate, CONFLICTS, Some(95)),
    operator("negate, reworded", operators::negate_reworded, CONFLICTS, None),
    operator("negate a near-copy", operators::negate_in_place, CONFLICTS, None),
    operator("bound", operators::bound, CONFLICTS, Some(95)),
    operator("unit", operators::unit, CONFLICTS, Some(95)),
    operator("antonym", operators::antonym, CONFLICTS, Some(80)),
    operator("antonym anywhere", operators::antonym_anywhere, CONFLICTS, None),
    operator("drop if", operators::drop_if, CONFLICTS, Some(85)),
    operator("swap actor", operators::swap_actor, CONFLICTS, Some(70)),
    operator("dangling reference", operators::dangling, &["trace/dangling-reference"], Some(95)),
    operator("duplicate id", operators::duplicate_id, &["requirements/duplicate-criterion"], Some(95)),
    operator(
        "renumber",
        operators::renumber,
        &["trace/dangling-reference", "requirements/other-number"],
        Some(95),
    ),
    operator("cycle", operators::cycle, &["trace/cycle"], Some(95)),
    operator("uncited criterion", operators::uncited, &["trace/uncited"], Some(95)),
    operator("clash: one file", waves::one_file, WAVES, Some(95)),
    operator("clash: waits beside", waves::waiting_beside, WAVES, Some(95)),
    operator("clash: waves reordered", waves::reordered, WAVES, Some(95)),
];

/// Every finding about a spec.
fn lint(reading: &Reading) -> Vec<lint::Finding> {
    lint::check::spec(reading, &Plan::of(reading), &Settings::default())
}

/// What a finding says, wherever it stands.
fn words(finding: &lint::Finding) -> (&'static str, Option<String>, String) {
    (finding.rule, finding.subject.clone(), finding.message.clone())
}

/// A finding of the operator's rules that names what was changed, and that was not there before.
fn is_caught(operator: &Operator, before: &[lint::Finding], mutant: &Mutant) -> bool {
    let known: HashSet<_> = before.iter().map(words).collect();
    let after = lint(&Reading::of(mutant.documents.clone()));
    let names = |finding: &lint::Finding, name: &String| {
        // `3.` is any criterion of requirement 3.
        let quoted = if name.ends_with('.') { format!("`{name}") } else { format!("`{name}`") };
        finding.subject.as_ref() == Some(name) || finding.message.contains(&quoted)
    };
    let is_meant = |finding: &&lint::Finding| {
        operator.rules.contains(&finding.rule) && mutant.names.iter().all(|name| names(finding, name))
    };
    after.iter().filter(is_meant).any(|finding| !known.contains(&words(finding)))
}

#[test]
fn what_is_made_wrong_is_noticed() {
    let specs = corpus::read();
    if specs.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    println!("{:22} {:>7} {:>7} {:>6}", "operator", "seeded", "caught", "share");
    let before: Vec<_> = specs.iter().map(|spec| lint(&spec.reading)).collect();
    let mut broken = Vec::new();
    for (number, operator) in OPERATORS.iter().enumerate() {
        let (mut seeded, mut caught) = (0, 0);
        for seed in 0..TRIES_MAX {
            let mut dice = Dice::new((number * 1_000_003 + seed + 1) as u64);
            dice.below(2);
            let at = dice.below(specs.len());
            let (Some(spec), Some(before)) = (specs.get(at), before.get(at)) else { continue };
            let Some(mutant) = (operator.change)(spec, &mut dice) else { continue };
            seeded += 1;
            if is_caught(operator, before, &mutant) {
                caught += 1;
            } else if std::env::args().any(|argument| argument == "--show-output") {
                println!("  missed in {}: {}", spec.path, mutant.change.replace('\n', " "));
            }
            if seeded == MUTANTS {
                break;
            }
        }
        let share = caught * 100 / seeded.max(1);
        println!("{:22} {seeded:7} {caught:7} {share:5} %", operator.name);
        let is_enough = operator.promised.is_none_or(|promised| share >= promised && seeded >= MUTANTS_MIN);
        if !is_enough {
            broken.push(operator.name);
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

/// The counterparts of the wave operators: the same changes with the waves as they should be.
const RIGHT: &[Operator] = &[
    operator("one file in turn", waves::one_file_in_turn, WAVES, None),
    operator("waits behind", waves::waiting_behind, WAVES, None),
];

#[test]
fn waves_that_are_right_raise_nothing() {
    let specs = corpus::read();
    if specs.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    for operator in RIGHT {
        let (mut seeded, mut wrong) = (0, Vec::new());
        for seed in 0..TRIES_MAX {
            let mut dice = Dice::new(seed as u64 + 1);
            let Some(spec) = specs.get(dice.below(specs.len())) else { continue };
            let Some(mutant) = (operator.change)(spec, &mut dice) else { continue };
            seeded += 1;
            if is_caught(operator, &[], &mutant) && !is_caught(operator, &[], &unchanged(spec, &mutant)) {
                wrong.push(format!("{}: {}", spec.path, mutant.change));
            }
            if seeded == MUTANTS {
                break;
            }
        }
        println!("{:22} {seeded:7} {:7} wrong", operator.name, wrong.len());
        assert!(seeded >= MUTANTS_MIN && wrong.is_empty(), "{seeded}: {wrong:#?}");
    }
}

/// The spec as it is, asked for the same names.
fn unchanged(spec: &Spec, mutant: &Mutant) -> Mutant {
    Mutant { documents: spec.reading.documents.clone(), change: String::new(), names: mutant.names.clone() }
}

/// Findings of the corpus that a person read and found right, as path and message. None is known: what real specs
/// repeat word for word is a duplicate and no conflict.
const JUDGED_RIGHT: &[(&str, &str)] = &[];

#[test]
fn specs_as_they_are_raise_few_false_alarms() {
    let specs = corpus::read();
    if specs.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut criteria, mut duplicates, mut wrong) = (0, 0, 0);
    let mut show = |found: &lint::Finding| {
        let is_right = JUDGED_RIGHT.iter().any(|(_, message)| *message == found.message);
        wrong += usize::from(!is_right && found.rule != "conflict/duplicate");
        println!("{} {} {}", found.rule, found.place.spec, found.message);
        for (place, _) in found.related.iter().chain([&(found.place.clone(), String::new())]) {
            let spec = specs.iter().find(|spec| spec.reading.name() == place.spec);
            println!("      {}", spec.map(|spec| spec.text(place)).unwrap_or_default());
        }
    };
    for spec in &specs {
        criteria += spec.reading.criteria().count();
        for found in conflict::check(&spec.reading) {
            duplicates += usize::from(found.rule == "conflict/duplicate");
            show(&found);
        }
    }
    let all: Vec<_> = specs.iter().map(|spec| conflict::statements(&spec.reading)).collect();
    conflict::across(&all).iter().for_each(&mut show);
    println!(
        "{} specs, {criteria} criteria: {duplicates} duplicates, {wrong} alarms not judged right",
        specs.len()
    );
    assert!(wrong * 1_000 <= criteria, "{wrong} of {criteria}");
}

/// Facts that nobody confirmed prove nothing by themselves: whatever they bring up is labelled so.
#[test]
fn suggested_facts_of_real_specs_are_read_and_labelled() {
    let specs = corpus::read();
    if specs.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut blocks, mut lines, mut found, mut slowest) = (0, 0, 0, std::time::Duration::ZERO);
    for spec in &specs {
        let block = lint::facts::suggest(&spec.reading);
        let mut documents = spec.reading.documents.clone();
        let Some(text) = documents.requirements.as_mut().filter(|_| block.contains("suggested: ")) else {
            continue;
        };
        text.extend(format!("\n\n{block}").bytes());
        blocks += 1;
        lines += block.matches("suggested: ").count();
        let reading = Reading::of(documents);
        let declared = lint::facts::read(&reading);
        assert_eq!(declared.findings, [], "{block}");
        let started = std::time::Instant::now();
        let all = conflict::check(&reading);
        slowest = slowest.max(started.elapsed());
        for finding in all.iter().filter(|finding| finding.basis == lint::Basis::ModelSuggested) {
            found += 1;
            println!("{} {} {}", finding.rule, spec.path, finding.message);
        }
        assert!(all.iter().all(|finding| finding.basis != lint::Basis::Proved), "{}", spec.path);
    }
    println!(
        "{blocks} blocks with {lines} lines bring up {found} findings; the slowest check took {slowest:?}"
    );
}

/// A spec of about so many bytes whose criteria differ in more than a number.
fn large(name: &str, bytes: usize, seed: u64) -> Reading {
    const THINGS: &[&str] = &[
        "order", "invoice", "parcel", "ticket", "refund", "account", "basket", "voucher", "ledger", "route",
    ];
    const ACTS: &[&str] =
        &["store", "show", "reject", "archive", "count", "sort", "print", "lock", "merge", "split"];
    const ASPECTS: &[&str] =
        &["total", "colour", "owner", "weight", "history", "label", "deadline", "origin", "rank", "price"];
    let mut dice = Dice::new(seed + 1);
    let mut text = String::from("# Requirements Document\n\n## Glossary\n\n");
    for thing in THINGS {
        text.push_str(&format!("- **{thing}_Service**: keeps every {thing}\n"));
    }
    text.push_str("\n## Requirements\n");
    let mut requirement = 0;
    while text.len() < bytes {
        requirement += 1;
        text.push_str(&format!(
            "\n### Requirement {requirement}: Part {requirement}\n\n#### Acceptance Criteria\n\n"
        ));
        for criterion in 1..=8 {
            let mut pick = |words: &[&'static str]| words[dice.below(words.len())];
            let (a, b, c, d, e, f) =
                (pick(THINGS), pick(ACTS), pick(THINGS), pick(ASPECTS), pick(ASPECTS), pick(ACTS));
            text.push_str(&format!(
                "{criterion}. WHEN the {d} of the {a} is changed by a clerk, THE {c}_Service SHALL {b} the {e} and {f} the \
                 {d} of the {a} within {} seconds\n",
                dice.below(50) + 1
            ));
        }
    }
    let documents = SpecDocuments {
        name: name.to_string(),
        requirements: Some(text.into_bytes()),
        ..SpecDocuments::default()
    };
    Reading::of(documents)
}

/// The same with facts about its conditions and responses.
fn with_facts(reading: &Reading) -> Reading {
    let mut documents = reading.documents.clone();
    let mut block = String::from("\n```facts\n");
    for thing in ["order", "invoice", "parcel", "ticket", "refund", "account", "basket", "voucher"] {
        block.push_str(&format!("exclusive \"store the {thing}\" / \"show the total\" / \"lock the price\" / \"reject the owner\"\n"));
        block.push_str(&format!("always \"total of the {thing} is changed by a clerk\" implies \"owner of the {thing} is changed by a clerk\"\n"));
        block.push_str(&format!("enum {thing} = red | green | blue\n"));
    }
    block.push_str("```\n");
    if let Some(text) = documents.requirements.as_mut() {
        text.extend(block.bytes());
    }
    Reading::of(documents)
}

fn fastest<T>(times: usize, mut act: impl FnMut() -> T) -> std::time::Duration {
    let once = |_| {
        let started = std::time::Instant::now();
        std::hint::black_box(act());
        started.elapsed()
    };
    (0..times).map(once).min().unwrap_or_default()
}

#[test]
fn a_large_spec_and_many_specs_take_little_time() {
    let one = large("large", 60_000, 1);
    let criteria = one.criteria().count();
    let cut = fastest(20, || conflict::statements(&one));
    let whole = fastest(20, || conflict::check(&one));
    println!("60 kB, {criteria} criteria: {cut:?} to cut, {whole:?} in all");
    let declared = with_facts(&one);
    let proved = fastest(5, || conflict::check(&declared));
    let found = conflict::check(&declared).iter().filter(|found| found.basis == lint::Basis::Proved).count();
    println!("with 24 declared facts: {proved:?}, {found} findings proved");
    let many: Vec<_> =
        (0..94).map(|at| conflict::statements(&large(&format!("s{at}"), 28_000, at))).collect();
    let count: usize = many.iter().map(|statements| statements.all.len()).sum();
    let across = fastest(3, || conflict::across(&many));
    println!("{count} obligations of {} specs: {across:?} across", many.len());
    assert!(count > 15_000, "{count}");
    // The budgets are 3 ms, 200 ms and 500 ms on a machine that does nothing else; a busy one takes several times that.
    if !cfg!(debug_assertions) {
        assert!(whole.as_millis() < 12, "{whole:?}");
        assert!(proved.as_millis() < 400, "{proved:?}");
        assert!(across.as_millis() < 500, "{across:?}");
    }
}
