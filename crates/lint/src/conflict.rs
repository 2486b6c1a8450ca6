//! Conflicts between acceptance criteria: what looks wrong by its words (*suspected*), and what follows from facts that
//! a person declared (*proved*). Guesses no fact, and decides nothing by probability.
//!
//! Words are compared in slots (condition, subject, obligation); see [`Statements`]. Two criteria with two conditions
//! are two cases and no conflict, however much their responses disagree.

mod antonyms;
mod cover;
pub(crate) mod lexicon;
mod pairs;
mod prove;
pub(crate) mod quantity;
mod sat;
pub(crate) mod statement;
mod units;
pub(crate) mod words;
mod world;

use std::collections::HashMap;

use plan::Reading;
use spec::Severity;
use spec::bugfix::ClauseKind;

use crate::facts;
use crate::finding::{Basis, Finding, Place};
use pairs::{Care, Clash, Lists, Prepared};
pub use statement::Statement;

pub(crate) const DUPLICATE: &str = "conflict/duplicate";
pub(crate) const POLARITY: &str = "conflict/polarity";
pub(crate) const BOUND: &str = "conflict/bound";
pub(crate) const ANTONYM: &str = "conflict/antonym";

pub(crate) const ALWAYS: &str = "conflict/always";
pub(crate) const ACTORS: &str = "conflict/actors";

/// Findings of one call; nobody reads the thousandth.
pub const FINDINGS_MAX: usize = 500;

/// The obligations of one spec, cut into slots: all that a comparison with other specs needs. Worth keeping between
/// calls, for cutting costs more than comparing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statements {
    /// The spec's name.
    pub spec: String,
    /// Every obligation in document order. A defect that a bug analysis only describes is none.
    pub all: Vec<Statement>,
    /// Subjects that the glossary defines, as [`Statement`] keys them.
    actors: Vec<u64>,
}

/// The obligations of a spec.
pub fn statements(reading: &Reading) -> Statements {
    let mut out = Statements { spec: reading.name().to_string(), ..Statements::default() };
    let clauses = reading.bugfix.iter().flat_map(|bugfix| &bugfix.clauses);
    let described: Vec<spec::Span> = clauses
        .filter(|clause| clause.kind == ClauseKind::Current)
        .map(|clause| clause.criterion.span)
        .collect();
    for (file, criterion) in reading.criteria() {
        if file == "bugfix.md" && described.contains(&criterion.span) {
            continue;
        }
        out.all.extend(statement::read(&criterion.id, &file, criterion.span, &criterion.text));
    }
    let terms = reading.requirements.iter().flat_map(|requirements| &requirements.glossary);
    out.actors = terms.map(|term| statement::actor(&term.name)).filter(|actor| *actor != 0).collect();
    out.actors.sort_unstable();
    out
}

/// Everything that is wrong between the criteria of one spec.
pub fn check(reading: &Reading) -> Vec<Finding> {
    judge(reading, &statements(reading))
}

/// The same, with the obligations that were read before.
pub(crate) fn judge(reading: &Reading, statements: &Statements) -> Vec<Finding> {
    let facts = facts::read(reading);
    let mut out = within(statements);
    out.extend(facts.findings);
    out.extend(prove::check(statements, &facts.facts));
    out.truncate(FINDINGS_MAX);
    out
}

/// Suspected conflicts within one spec.
pub fn within(statements: &Statements) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut firsts: lexicon::Table<&Statement> = lexicon::Table::default();
    let mut all: Vec<Prepared<'_>> = Vec::with_capacity(statements.all.len());
    for statement in &statements.all {
        let prepared = Prepared::of(statement);
        // Copies are told of the first only, so that a hundred copies are no pairs of copies.
        match firsts.get(&prepared.identity) {
            Some(first) if statement.part == 0 && first.span != statement.span => {
                out.push(finding(&statements.spec, first, &statements.spec, statement, Clash::Duplicate));
            }
            Some(_) => {}
            None => {
                firsts.insert(prepared.identity, statement);
                all.push(prepared);
            }
        }
    }
    let lists = Lists::of(&all);
    for (a, b) in pairs::alike(&all) {
        let (Some(a), Some(b)) = (all.get(a), all.get(b)) else { continue };
        if let Some(clash) = pairs::judge(a, b, Care::Within) {
            if clash == Clash::Actors && lists.has(a) {
                continue;
            }
            out.push(finding(&statements.spec, a.statement, &statements.spec, b.statement, clash));
        }
    }
    out.sort_by_key(|found| found.place.span.offset);
    out.truncate(FINDINGS_MAX);
    out
}

/// Suspected conflicts between criteria of different specs that oblige one actor of a glossary under equal
/// conditions. Copies between specs are no finding.
pub fn across(all: &[Statements]) -> Vec<Finding> {
    let mut actors: Vec<u64> = all.iter().flat_map(|statements| statements.actors.iter().copied()).collect();
    actors.sort_unstable();
    actors.dedup();
    let mut groups: HashMap<u64, (Vec<&str>, Vec<Prepared<'_>>)> = HashMap::new();
    for statements in all {
        for statement in &statements.all {
            if actors.binary_search(&statement.who).is_ok() {
                let (specs, group) = groups.entry(statement.who).or_default();
                specs.push(&statements.spec);
                group.push(Prepared::of(statement));
            }
        }
    }
    let mut out = Vec::new();
    for (specs, group) in groups.values() {
        for (a, b) in pairs::equal_frames(group) {
            let (Some(first), Some(second), Some(left), Some(right)) =
                (group.get(a), group.get(b), specs.get(a), specs.get(b))
            else {
                continue;
            };
            if left == right {
                continue;
            }
            match pairs::judge(first, second, Care::Across) {
                None | Some(Clash::Duplicate | Clash::NearDuplicate | Clash::Actors | Clash::Always(_)) => {}
                Some(clash) => out.push(finding(left, first.statement, right, second.statement, clash)),
            }
        }
    }
    out.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.related.cmp(&b.related)));
    out.truncate(FINDINGS_MAX);
    out
}

fn finding(
    first_spec: &str,
    first: &Statement,
    second_spec: &str,
    second: &Statement,
    clash: Clash,
) -> Finding {
    let address = |spec: &str, statement: &Statement| {
        if first_spec == second_spec { statement.id.clone() } else { format!("{spec} {}", statement.id) }
    };
    let (one, two) = (address(first_spec, first), address(second_spec, second));
    let mut severity = Severity::Warning;
    let (rule, message, hint) = match clash {
        Clash::Duplicate => (DUPLICATE, format!("`{two}` says the same as `{one}`"), "keep one of them"),
        Clash::NearDuplicate => {
            severity = Severity::Hint;
            (
                DUPLICATE,
                format!("`{two}` says nearly the same as `{one}`"),
                "keep one of them, or say what differs",
            )
        }
        Clash::Polarity => {
            let (forbids, asks) = if second.is_negated { (&two, &one) } else { (&one, &two) };
            let message = format!("`{forbids}` forbids what `{asks}` asks for");
            (POLARITY, message, "decide which holds, or say in one of them when it does not")
        }
        Clash::Bound(left, right) => {
            let message = format!("`{two}` says `{right}` where `{one}` says `{left}`");
            (BOUND, message, "decide which limit holds, or say when each does")
        }
        Clash::Always(is_second) => {
            severity = Severity::Hint;
            let (always, sometimes) = if is_second { (&two, &one) } else { (&one, &two) };
            let message = format!("`{always}` asks always for what `{sometimes}` asks for on a condition");
            (ALWAYS, message, "drop the narrower one, or give the wider one its condition")
        }
        Clash::Actors => {
            severity = Severity::Hint;
            let message =
                format!("`{two}` asks of `{}` what `{one}` asks of `{}`", second.subject, first.subject);
            (ACTORS, message, "decide who does it, or say that both do")
        }
        Clash::Antonym(left, right) => {
            let message = format!("`{two}` says `{right}` where `{one}` says `{left}`");
            (ANTONYM, message, "decide which holds, or say when each does")
        }
    };
    Finding {
        rule,
        severity,
        basis: Basis::Suspected,
        place: place(second_spec, second),
        subject: Some(second.id.clone()),
        message,
        hint: Some(hint.to_string()),
        related: vec![(place(first_spec, first), format!("`{one}` stands here"))],
        fix: None,
    }
}

fn place(spec: &str, statement: &Statement) -> Place {
    Place { spec: spec.to_string(), file: statement.file.clone(), span: statement.span }
}

#[cfg(test)]
#[path = "conflict_tests.rs"]
mod tests;
