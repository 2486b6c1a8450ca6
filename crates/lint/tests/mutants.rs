//! Changes real specs in ways that are wrong and counts what is noticed, and lists what is said about the specs as
//! they are. Single rules are tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

#[path = "mutants/corpus.rs"]
mod corpus;
#[path = "mutants/operators.rs"]
mod operators;

use corpus::Spec;
use lint::conflict;
use operators::{Dice, Mutant};
use plan::{Plan, ProblemKind, Reading};

/// Mutants of one operator.
const MUTANTS: usize = 150;

/// Fewer than this say nothing.
const MUTANTS_MIN: usize = 50;

/// One way to make a spec wrong, and how much of it has to be noticed.
struct Operator {
    name: &'static str,
    change: fn(&Spec, &mut Dice) -> Option<Mutant>,
    is_caught: fn(&Spec, &Mutant) -> bool,
    /// Percent; `None` where nothing is promised.
    promised: Option<usize>,
}

/// A clash of two tasks in one wave needs the graph of tasks; it becomes a line here when that exists.
const OPERATORS: &[Operator] = &[
    Operator { name: "negate", change: operators::negate, is_caught: conflicts, promised: Some(95) },
    Operator {
        name: "negate, reworded",
        change: operators::negate_reworded,
        is_caught: conflicts,
        promised: None,
    },
    Operator {
        name: "negate a near-copy",
        change: operators::negate_in_place,
        is_caught: conflicts,
        promised: None,
    },
    Operator { name: "bound", change: operators::bound, is_caught: conflicts, promised: Some(95) },
    Operator { name: "unit", change: operators::unit, is_caught: conflicts, promised: None },
    Operator { name: "antonym", change: operators::antonym, is_caught: conflicts, promised: Some(80) },
    Operator {
        name: "antonym anywhere",
        change: operators::antonym_anywhere,
        is_caught: conflicts,
        promised: None,
    },
    Operator { name: "drop if", change: operators::drop_if, is_caught: conflicts, promised: None },
    Operator { name: "swap actor", change: operators::swap_actor, is_caught: conflicts, promised: None },
    Operator {
        name: "dangling reference",
        change: operators::dangling,
        is_caught: dangles,
        promised: Some(95),
    },
    Operator {
        name: "duplicate id",
        change: operators::duplicate_id,
        is_caught: doubles,
        promised: Some(95),
    },
    Operator { name: "renumber", change: operators::renumber, is_caught: dangles, promised: None },
    Operator { name: "cycle", change: operators::cycle, is_caught: circles, promised: Some(95) },
    Operator {
        name: "uncited criterion",
        change: operators::uncited,
        is_caught: is_uncited,
        promised: Some(95),
    },
];

/// A finding about words that names the original, and that was not there before.
fn conflicts(spec: &Spec, mutant: &Mutant) -> bool {
    let reading = Reading::of(mutant.documents.clone());
    let count = |reading: &Reading| {
        let found = conflict::check(reading).into_iter().filter(|found| {
            found.rule != "conflict/duplicate" && found.message.contains(&format!("`{}`", mutant.subject))
        });
        found.count()
    };
    count(&reading) > count(&spec.reading)
}

fn problems(spec: &Spec, mutant: &Mutant, kind: ProblemKind, words: &str) -> bool {
    let count = |reading: &Reading| {
        let problems = Plan::of(reading).problems;
        problems.iter().filter(|problem| problem.kind == kind && problem.message.contains(words)).count()
    };
    count(&Reading::of(mutant.documents.clone())) > count(&spec.reading)
}

fn dangles(spec: &Spec, mutant: &Mutant) -> bool {
    problems(spec, mutant, ProblemKind::DanglingReference, &format!("`{}`", mutant.subject))
}

fn doubles(spec: &Spec, mutant: &Mutant) -> bool {
    problems(spec, mutant, ProblemKind::Duplicate, &format!("`{}`", mutant.subject))
}

fn circles(spec: &Spec, mutant: &Mutant) -> bool {
    problems(spec, mutant, ProblemKind::Dependency, &format!("`{}`", mutant.subject))
}

fn is_uncited(spec: &Spec, mutant: &Mutant) -> bool {
    let plan = Plan::of(&Reading::of(mutant.documents.clone()));
    let Some(seeded) = plan.criteria.iter().find(|criterion| criterion.text.contains(&mutant.subject)) else {
        return false;
    };
    problems(spec, mutant, ProblemKind::Uncited, &format!("`{}`", seeded.id))
}

#[test]
fn what_is_made_wrong_is_noticed() {
    let specs = corpus::read();
    if specs.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    println!("{:22} {:>7} {:>7} {:>6}", "operator", "seeded", "caught", "share");
    let mut broken = Vec::new();
    for (number, operator) in OPERATORS.iter().enumerate() {
        let (mut seeded, mut caught) = (0, 0);
        for seed in 0..MUTANTS * 40 {
            let mut dice = Dice::new((number * 1_000_003 + seed + 1) as u64);
            dice.below(2);
            let Some(spec) = specs.get(dice.below(specs.len())) else { continue };
            let Some(mutant) = (operator.change)(spec, &mut dice) else { continue };
            seeded += 1;
            if (operator.is_caught)(spec, &mutant) {
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
    println!("{:22} pending: needs the graph of tasks", "wave clash");
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn conflicts_of_the_specs_as_they_are() {
    let specs = corpus::read();
    if specs.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let mut criteria = 0;
    let started = std::time::Instant::now();
    let mut duplicates = [0; 2];
    for spec in &specs {
        criteria += spec.reading.criteria().count();
        for found in conflict::check(&spec.reading) {
            if found.rule == "conflict/duplicate" {
                duplicates[usize::from(found.severity == spec::Severity::Hint)] += 1;
                continue;
            }
            println!("{} {} {}", found.rule, spec.path, found.message);
            for (place, _) in found.related.iter().chain([&(found.place.clone(), String::new())]) {
                println!("      {}", spec.text(place));
            }
        }
    }
    println!(
        "{} specs, {criteria} criteria, duplicates {duplicates:?}, {:?}",
        specs.len(),
        started.elapsed()
    );
    let all: Vec<_> = specs.iter().map(|spec| conflict::statements(&spec.reading)).collect();
    let started = std::time::Instant::now();
    for found in conflict::across(&all) {
        println!("across {} {}", found.rule, found.message);
        for (place, _) in found.related.iter().chain([&(found.place.clone(), String::new())]) {
            let spec = specs.iter().find(|spec| spec.reading.name() == place.spec).unwrap();
            println!("      {}", spec.text(place));
        }
    }
    println!("across {:?}", started.elapsed());
}
