//! What follows from declared facts without being a conflict: criteria that add nothing, cases that no criterion
//! covers, cases that two criteria share.

use spec::Severity;

use crate::conflict::prove::{Case, Rule};
use crate::conflict::sat::Answer;
use crate::conflict::statement::exact;
use crate::conflict::world::World;
use crate::facts::vocabulary::{Atom, Formula, Vocabulary};

pub(crate) const REDUNDANT: &str = "conflict/redundant";
pub(crate) const UNCOVERED: &str = "conflict/uncovered";
pub(crate) const OVERLAP: &str = "conflict/overlap";

/// Cells of a decision table that are asked about; a larger table is not decided.
const CELLS_MAX: usize = 256;

/// Enums that one table may have.
const COLUMNS_MAX: usize = 6;

/// Rules that are compared for redundancy and overlap; the work is quadratic in them.
const RULES_MAX: usize = 150;

/// All three questions, over the rules that can apply.
pub(crate) fn check(case: &mut Case<'_, '_>, possible: &[usize]) {
    let mut compared = possible;
    if compared.len() > RULES_MAX {
        case.is_cut = true;
        compared = compared.get(..RULES_MAX).unwrap_or(compared);
    }
    redundant(case, compared);
    overlap(case, compared);
    uncovered(case, possible);
}

/// A rule adds nothing when those that apply whenever it does ask for all that it asks for.
fn redundant(case: &mut Case<'_, '_>, possible: &[usize]) {
    let mut gone: Vec<usize> = Vec::new();
    for at in possible.iter().rev() {
        let Some(rule) = case.rules.get(*at) else { continue };
        let (Some(what), true) = (rule.what.clone(), rule.is_whole) else { continue };
        let (who, when) = (rule.who, case.now.literal(&rule.when));
        let mut then = World::new(case.vocabulary, case.facts, case.with_suggested);
        let unwanted = !then.literal(&what);
        let mut others = Vec::new();
        for other_at in possible.iter().filter(|other| *other != at && !gone.contains(other)) {
            let Some(other) = case.rules.get(*other_at) else { continue };
            let Some(other_what) = other.what.as_ref().filter(|_| other.who == who) else { continue };
            if says_the_same(rule_at(case, *at), other) {
                continue;
            }
            let other_when = case.now.literal(&other.when);
            match case.now.ask(&[when, !other_when]) {
                Answer::No(_) => others.push((*other_at, then.literal(other_what))),
                Answer::Yes => {}
                Answer::Undecided => case.is_cut = true,
            }
        }
        let literals: Vec<_> = others.iter().map(|(_, literal)| *literal).collect();
        let fixed = [then.facts().as_slice(), &[unwanted]].concat();
        // Facts alone may ask for it already; then no criterion makes another pointless.
        let Some(core) = then.sat.least_core(&fixed, &literals).filter(|core| !core.is_empty()) else {
            continue;
        };
        let mut because: Vec<usize> =
            others.iter().filter(|(_, literal)| core.contains(literal)).map(|(at, _)| *at).collect();
        because.dedup();
        gone.push(*at);
        let ids = case.ids(&because);
        because.push(*at);
        let facts = then.blame(&[core.as_slice(), &[unwanted]].concat()).unwrap_or_default();
        let message = |id: &str| format!("`{id}` adds nothing to {ids}");
        case.report(REDUNDANT, Severity::Hint, &because, &facts, message, "drop it, or say what it adds");
    }
}

fn rule_at<'c, 's>(case: &'c Case<'_, 's>, at: usize) -> Option<&'c Rule<'s>> {
    case.rules.get(at)
}

/// Copies are the business of the rule on duplicates.
fn says_the_same(a: Option<&Rule<'_>>, b: &Rule<'_>) -> bool {
    a.is_some_and(|a| {
        a.statement.identity() == b.statement.identity() || a.when == b.when && a.what == b.what
    })
}

/// Two ranges of one number that meet at their ends, which is where `at least` was written for `more than`.
fn overlap(case: &mut Case<'_, '_>, possible: &[usize]) {
    for (index, b_at) in possible.iter().enumerate() {
        for a_at in possible.iter().take(index) {
            let (Some(a), Some(b)) = (case.rules.get(*a_at), case.rules.get(*b_at)) else { continue };
            let (Some(number), Some(other)) = (only_number(a), only_number(b)) else { continue };
            if number != other || a.who != b.who || a.unknown != b.unknown || same_response(a, b) {
                continue;
            }
            let is_told = |found: &crate::Finding| found.subject.as_deref() == Some(b.statement.id.as_str());
            if case.out.iter().any(|found| found.rule == super::prove::PROVED && is_told(found)) {
                continue;
            }
            let atoms = [a.known.as_slice(), b.known.as_slice()].concat();
            let (left, right) = (case.now.literal(&a.when.clone()), case.now.literal(&b.when.clone()));
            let apart = |answer: Answer| matches!(answer, Answer::Yes);
            let is_nested = !apart(case.now.ask(&[left, !right])) || !apart(case.now.ask(&[right, !left]));
            if is_nested || case.now.ask(&[left, right]) != Answer::Yes {
                continue;
            }
            let moment = case.now.moment(&atoms).join(", ");
            let ids = case.ids(&[*a_at, *b_at]);
            let message = |_: &str| format!("{ids} both apply when `{moment}`");
            case.report(
                OVERLAP,
                Severity::Hint,
                &[*a_at, *b_at],
                &[],
                message,
                "let the ranges end side by side, or say that both are wanted",
            );
        }
    }
}

fn same_response(a: &Rule<'_>, b: &Rule<'_>) -> bool {
    let words = |rule: &Rule<'_>| -> Vec<u64> { rule.statement.what.iter().map(exact).collect() };
    a.statement.is_negated == b.statement.is_negated && words(a) == words(b)
}

/// The one number that a condition is about.
fn only_number(rule: &Rule<'_>) -> Option<u32> {
    let mut numbers = rule.known.iter().map(|atom| match atom {
        Atom::AtLeast(number, _) => Some(*number),
        _ => None,
    });
    let first = numbers.next()??;
    numbers.all(|number| number == Some(first)).then_some(first)
}

/// Rows of the decision table that no condition covers. A table is what rules of one subject speak of that agree in
/// everything no fact knows, and that tell two values of an enum or a number apart.
fn uncovered(case: &mut Case<'_, '_>, possible: &[usize]) {
    let mut done: Vec<(u64, Vec<Atom>)> = Vec::new();
    for at in possible {
        let Some(rule) = case.rules.get(*at) else { continue };
        let key = (rule.who, rule.unknown.clone());
        if rule.known.is_empty() || done.contains(&key) {
            continue;
        }
        done.push(key.clone());
        let mut group: Vec<usize> = Vec::new();
        let mut covering: Vec<usize> = Vec::new();
        for other_at in possible {
            let Some(other) = case.rules.get(*other_at).filter(|other| other.who == key.0) else { continue };
            if other.unknown == key.1 && !other.known.is_empty() {
                group.push(*other_at);
            }
            if other.unknown.iter().all(|atom| key.1.contains(atom)) {
                covering.push(*other_at);
            }
        }
        table(case, &group, &covering, &key.1);
    }
}

fn table(case: &mut Case<'_, '_>, group: &[usize], covering: &[usize], unknown: &[Atom]) {
    let mut columns: Vec<Vec<Formula>> = Vec::new();
    let atoms: Vec<Atom> =
        group.iter().filter_map(|at| case.rules.get(*at)).flat_map(|rule| rule.known.clone()).collect();
    for choice in 0..case.vocabulary.choices.len() as u32 {
        let mut told: Vec<Atom> = atoms
            .iter()
            .filter(|atom| matches!(atom, Atom::Value(at, _) if *at == choice))
            .copied()
            .collect();
        told.sort_unstable();
        told.dedup();
        // One value alone is a special case and not a table.
        if told.len() >= 2 {
            let count =
                case.vocabulary.choices.get(choice as usize).map_or(0, |found| found.values.len()) as u32;
            columns.push((0..count).map(|value| Formula::Is(Atom::Value(choice, value), true)).collect());
        }
    }
    columns.retain(|column| column.len() > 1);
    let number = told_number(case, group);
    // The fastest column, so that the cells of one range stand side by side.
    let line = number.map(|number| ranges(case, number)).unwrap_or_default();
    if columns.is_empty() && line.len() < 2 {
        return;
    }
    let rows: usize = columns.iter().map(Vec::len).product();
    if columns.len() > COLUMNS_MAX || rows.saturating_mul(line.len().max(1)) > CELLS_MAX {
        case.is_cut = true;
        return;
    }
    let rules = covering.iter().filter_map(|at| case.rules.get(*at));
    let whens: Vec<Formula> = rules.map(|rule| rule.when.clone()).collect();
    let mut fixed: Vec<_> = whens.iter().map(|when| !case.now.literal(when)).collect();
    fixed.extend(unknown.iter().map(|atom| case.now.literal(&Formula::Is(*atom, true))));
    let mut open: Vec<String> = Vec::new();
    for cell in 0..rows {
        let mut rest = cell;
        let mut row: Vec<&Formula> = Vec::new();
        for column in &columns {
            row.extend(column.get(rest % column.len()));
            rest /= column.len();
        }
        let at: Vec<_> =
            fixed.iter().copied().chain(row.iter().map(|formula| case.now.literal(formula))).collect();
        let named = |extra: Option<&Formula>| {
            row.iter()
                .copied()
                .chain(extra)
                .map(|formula| words(case.vocabulary, formula))
                .collect::<Vec<_>>()
                .join(" | ")
        };
        if line.len() < 2 {
            match case.now.ask(&at) {
                Answer::Yes => open.push(named(None)),
                Answer::No(_) => {}
                Answer::Undecided => case.is_cut = true,
            }
            continue;
        }
        // Below the first threshold and above the last one, to do nothing is normal; a gap between two is not.
        let mut is_open = Vec::with_capacity(line.len());
        for range in &line {
            let range = case.now.literal(range);
            is_open.push(case.now.ask(&[at.as_slice(), &[range]].concat()) == Answer::Yes);
        }
        let first = is_open.iter().position(|open| !open).unwrap_or(line.len());
        let last = is_open.iter().rposition(|open| !open).unwrap_or(0);
        let gaps = line
            .iter()
            .zip(&is_open)
            .enumerate()
            .filter(|(at, (_, open))| **open && *at > first && *at < last);
        let gaps: Vec<String> = gaps.map(|(_, (range, _))| named(Some(range))).collect();
        if first == line.len() && !columns.is_empty() {
            open.push(named(None));
        }
        open.extend(gaps);
    }
    let Some(first) = open.first() else { return };
    let more = match open.len() {
        1 => String::new(),
        count => format!(" and {} rows more", count - 1),
    };
    let shown: Vec<usize> = group.iter().rev().take(4).rev().copied().collect();
    let ids = case.ids(&shown);
    let message = |_: &str| format!("no criterion covers `| {first} |`{more}, which {ids} tell apart");
    case.report(
        UNCOVERED,
        Severity::Hint,
        &shown,
        &[],
        message,
        "add a criterion for it, or declare that it cannot be",
    );
}

/// The one number that two rules at least tell apart; with several there is no table.
fn told_number(case: &Case<'_, '_>, group: &[usize]) -> Option<u32> {
    let mut numbers: Vec<(u32, usize)> = Vec::new();
    let mut last: Option<&Formula> = None;
    for rule in group.iter().filter_map(|at| case.rules.get(*at)) {
        let own = rule
            .known
            .iter()
            .find_map(|atom| if let Atom::AtLeast(number, _) = atom { Some(*number) } else { None });
        if last == Some(&rule.when) {
            continue;
        }
        last = Some(&rule.when);
        match (own, numbers.iter_mut().find(|(number, _)| Some(*number) == own)) {
            (Some(_), Some((_, count))) => *count += 1,
            (Some(number), None) => numbers.push((number, 1)),
            (None, _) => {}
        }
    }
    match numbers.as_slice() {
        [(number, count)] if *count >= 2 => Some(*number),
        _ => None,
    }
}

/// The ranges between the bounds that were spoken of.
fn ranges(case: &Case<'_, '_>, number: u32) -> Vec<Formula> {
    let mut bounds = case.now.bounds(number);
    let Some(declared) = case.vocabulary.numbers.get(number as usize) else { return Vec::new() };
    bounds.push(declared.low);
    bounds.sort_unstable();
    bounds.dedup();
    let ends = bounds.iter().skip(1).copied().chain([declared.high.saturating_add(1)]);
    let range = |(from, to): (i64, i64)| {
        let at_least = Formula::Is(Atom::AtLeast(number, from), true);
        Formula::All(vec![at_least, Formula::Is(Atom::AtLeast(number, to), false)])
    };
    bounds.iter().copied().zip(ends).map(range).collect()
}

/// A cell of the table in words: `Plan is free`, `attempts is 3..5`.
fn words(vocabulary: &Vocabulary, formula: &Formula) -> String {
    match formula {
        Formula::Is(atom, holds) => vocabulary.words(*atom, *holds),
        Formula::All(parts) | Formula::Any(parts) => match parts.as_slice() {
            [Formula::Is(Atom::AtLeast(number, from), _), Formula::Is(Atom::AtLeast(_, to), _)] => {
                let name = vocabulary.numbers.get(*number as usize).map(|number| number.name.as_str());
                let name = name.unwrap_or_default();
                if from + 1 == *to {
                    format!("{name} is {from}")
                } else {
                    format!("{name} is {from}..{}", to - 1)
                }
            }
            _ => String::new(),
        },
    }
}
