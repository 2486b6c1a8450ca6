//! Tests of `prove` and `cover`.

use crate::conflict;
use crate::finding::Basis;
use plan::{Reading, SpecDocuments};

fn reading(facts: &str, criteria: &str) -> Reading {
    let lines: String =
        criteria.lines().enumerate().map(|(at, line)| format!("{}. {line}\n", at + 1)).collect();
    let text =
        format!("### Requirement 1: A\n\n#### Acceptance Criteria\n\n{lines}\n```facts\n{facts}\n```\n");
    Reading::of(SpecDocuments { requirements: Some(text.into_bytes()), ..SpecDocuments::default() })
}

fn found(facts: &str, criteria: &str) -> Vec<(String, Basis)> {
    let findings = conflict::check(&reading(facts, criteria));
    let shown = |found: &crate::Finding| {
        let rule = found.rule.rsplit('/').next().unwrap_or_default();
        (format!("{rule}: {}", found.message), found.basis)
    };
    findings.iter().filter(|found| found.rule != "facts/unused").map(shown).collect()
}

#[track_caller]
fn check(facts: &str, criteria: &str, expected: &[&str]) {
    let got: Vec<String> = found(facts, criteria).into_iter().map(|(text, _)| text).collect();
    assert_eq!(got, expected, "\n{facts}\n{criteria}");
}

const STATES: &str = "state Session = open | closed\nenum Plan = free | pro\n\
    exclusive \"return status 429\" / \"allow the request\" / \"ask for a token\"";

#[test]
fn pairs_that_cannot_be_fulfilled_together() {
    check(
        STATES,
        "WHILE the Session is open, THE Api SHALL allow the request\nWHEN the Plan is free, THE Api SHALL return status 429",
        &[
            "proved: `1.1` and `1.2` apply at once when `Session is open, Plan is free`, and cannot be fulfilled together",
        ],
    );
    check(
        STATES,
        "WHILE the Session is open, THE Api SHALL allow the request\nWHILE the Session is closed, THE Api SHALL return status 429",
        &[],
    );
    check(
        STATES,
        "WHILE the Session is open, THE Api SHALL allow the request\nTHE Gate SHALL return status 429",
        &[],
    );
    check(
        STATES,
        "THE Api SHALL allow the request\nWHEN the user clicks, THE Api SHALL return status 429",
        &["proved: `1.1` and `1.2` apply at once, and cannot be fulfilled together"],
    );
    check(
        STATES,
        "WHEN the key is good, THE Api SHALL allow the request\nWHEN the key is bad, THE Api SHALL return status 429",
        &[
            "undecided: `1.1` and `1.2` cannot be fulfilled together; whether they can apply at once is not decided",
        ],
    );
    check(
        &format!("{STATES}\nexclusive \"key is good\" / \"key is bad\""),
        "WHEN the key is good, THE Api SHALL allow the request\nWHEN the key is bad, THE Api SHALL return status 429",
        &[],
    );
    check(
        STATES,
        "WHEN the Session is open, THE Api SHALL allow the request\nWHEN the Session is open, THE Api SHALL NOT allow the request",
        &[
            "polarity: `1.2` forbids what `1.1` asks for",
            "proved: `1.1` and `1.2` apply at once when `Session is open`, and cannot be fulfilled together",
        ],
    );
}

#[test]
fn a_response_is_about_the_next_moment() {
    check("state Door = open | closed", "WHEN the Door is open, THE Motor SHALL keep the door closed", &[]);
    check(
        "state Door = open | closed",
        "WHEN the Door is open, THE Motor SHALL leave it, Door is closed\nTHE Motor SHALL leave it, Door is open",
        &["proved: `1.1` and `1.2` apply at once when `Door is open`, and cannot be fulfilled together"],
    );
}

#[test]
fn numbers_are_compared_in_their_unit() {
    let facts = "number attempts in 0..10\nnumber delay in 0..60 s\nexclusive \"lock the account\" / \"warn the user\"";
    check(
        facts,
        "WHEN attempts exceed 5, THE Api SHALL lock the account\nWHEN there are at least 6 attempts, THE Api SHALL warn the user",
        &["proved: `1.1` and `1.2` apply at once when `attempts is 6`, and cannot be fulfilled together"],
    );
    check(
        facts,
        "WHEN attempts exceed 5, THE Api SHALL lock the account\nWHEN attempts reach 5, THE Api SHALL warn the user",
        &["proved: `1.1` and `1.2` apply at once when `attempts is 6`, and cannot be fulfilled together"],
    );
    check(
        facts,
        "WHEN attempts exceed 10, THE Api SHALL lock the account",
        &["unreachable: `1.1` can never apply: the declared facts rule its condition out"],
    );
    check(
        facts,
        "WHEN delay is more than 1 minute, THE Api SHALL lock the account",
        &["unreachable: `1.1` can never apply: the declared facts rule its condition out"],
    );
    check(
        "number attempts in 0..10",
        "WHEN attempts are at most 5, THE Api SHALL wait\nWHEN attempts are at least 5, THE Api SHALL stop it",
        &["overlap: `1.1` and `1.2` both apply when `attempts is 5`"],
    );
}

#[test]
fn three_that_clash_only_together() {
    let facts = "never \"open the gate\" and \"sound the bell\" and \"cut the power\"";
    check(
        facts,
        "THE Hub SHALL open the gate\nTHE Hub SHALL sound the bell\nTHE Hub SHALL cut the power\nTHE Hub SHALL wait",
        &["proved: `1.1`, `1.2` and `1.3` apply at once, and cannot be fulfilled together"],
    );
    check(facts, "THE Hub SHALL open the gate\nTHE Hub SHALL sound the bell", &[]);
}

#[test]
fn facts_may_rule_out_a_criterion_or_themselves() {
    check(
        "always \"Session is open\" implies \"token is valid\"\nstate Session = open | closed",
        "WHEN the Session is open and the token is not valid, THE Api SHALL wait",
        &["unreachable: `1.1` can never apply: the declared facts rule its condition out"],
    );
    check(
        "state Session = open | closed\nnever \"Session is open\"\nnever \"Session is closed\"",
        "WHEN the Session is open, THE Api SHALL wait",
        &["contradictory: the declared facts contradict each other, so nothing is proved from them"],
    );
}

#[test]
fn criteria_that_add_nothing() {
    check(
        "enum Plan = free | pro\nalways \"lock the account\" implies \"warn the user\"",
        "THE Api SHALL lock the account\nWHEN Plan is free, THE Api SHALL warn the user",
        &["redundant: `1.2` adds nothing to `1.1`"],
    );
    check("enum Plan = free | pro", "THE Api SHALL wait\nWHEN Plan is free, THE Api SHALL wait", &[]);
}

#[test]
fn rows_that_nothing_covers() {
    let facts = "enum Plan = free | pro | enterprise\nstate Session = open | closed";
    check(
        facts,
        "WHEN Plan is free, THE Ui SHALL show ads\nWHEN Plan is pro, THE Ui SHALL show a badge",
        &["uncovered: no criterion covers `| Plan is enterprise |`, which `1.1` and `1.2` tell apart"],
    );
    check(
        facts,
        "WHEN Plan is free, THE Ui SHALL show ads\nWHEN Plan is pro or enterprise, THE Ui SHALL show a badge",
        &[],
    );
    check(
        facts,
        "WHEN Plan is free and Session is open, THE Ui SHALL show ads\n\
         WHEN Plan is free and Session is closed, THE Ui SHALL show a form\n\
         WHEN Plan is not free, THE Ui SHALL show a badge",
        &[],
    );
    check(
        facts,
        "WHEN Plan is free and the user asks, THE Ui SHALL show ads\nWHEN Plan is pro and the user asks, THE Ui SHALL log it",
        &["uncovered: no criterion covers `| Plan is enterprise |`, which `1.1` and `1.2` tell apart"],
    );
}

#[test]
fn gaps_between_ranges_are_rows_and_ends_are_not() {
    let facts = "number attempts in 0..10\nenum Plan = free | pro";
    check(
        facts,
        "WHEN attempts are at most 3, THE Ui SHALL wait\nWHEN attempts are at least 6, THE Ui SHALL stop",
        &["uncovered: no criterion covers `| attempts is 4..5 |`, which `1.1` and `1.2` tell apart"],
    );
    check(facts, "WHEN attempts reach 3, THE Ui SHALL wait\nWHEN attempts reach 6, THE Ui SHALL stop", &[]);
    check(
        facts,
        "WHEN Plan is free and attempts are at most 3, THE Ui SHALL wait\nWHEN Plan is free and attempts are at least 6, \
         THE Ui SHALL stop\nWHEN Plan is pro, THE Ui SHALL ask",
        &[
            "uncovered: no criterion covers `| Plan is free | attempts is 4..5 |`, which `1.1`, `1.2` and `1.3` tell apart",
        ],
    );
}

#[test]
fn suggested_facts_prove_nothing_by_themselves() {
    let criteria = "THE Api SHALL allow the request\nTHE Api SHALL return status 429";
    let exclusive = "exclusive \"return status 429\" / \"allow the request\"";
    let basis = |facts: &str| found(facts, criteria).into_iter().map(|(_, basis)| basis).collect::<Vec<_>>();
    assert_eq!(basis(exclusive), [Basis::Proved]);
    assert_eq!(basis(&format!("suggested: {exclusive}")), [Basis::ModelSuggested]);
    assert_eq!(basis(&format!("{exclusive}\nsuggested: enum Plan = free | pro")), [Basis::Proved]);
}

#[test]
fn facts_that_nobody_uses_are_named() {
    let findings = conflict::check(&reading(
        "enum Plan = free | pro\nstate Door = open | shut",
        "WHEN Plan is free, THE Ui SHALL wait",
    ));
    let unused: Vec<_> = findings.iter().filter(|found| found.rule == "facts/unused").collect();
    assert_eq!(unused.len(), 1);
}

#[test]
fn a_finding_names_its_facts_and_at_most_four_places() {
    let findings =
        conflict::check(&reading(STATES, "THE Api SHALL allow the request\nTHE Api SHALL return status 429"));
    let related: Vec<_> = findings[0].related.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(related, ["`1.1` stands here", "from this fact"]);
}

#[test]
fn many_facts_and_criteria_end_in_time() {
    let values: Vec<String> = (0..60).map(|at| format!("v{at}x")).collect();
    let facts = format!(
        "enum Plan = {}\nexclusive {}",
        values.join(" | "),
        values.iter().map(|v| format!("\"do {v} now\"")).collect::<Vec<_>>().join(" / ")
    );
    let criteria: String =
        values.iter().map(|v| format!("WHEN Plan is {v}, THE Api SHALL do {v} now\n")).collect();
    let found = found(&facts, &criteria);
    assert!(found.iter().all(|(text, _)| text.starts_with("undecided")), "{found:?}");
}
