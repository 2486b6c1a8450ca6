//! Each rule about conflicts, facts and graphs with a document that breaks it and one that does not.

use plan::{Plan, Reading, SpecDocuments};

use crate::{Settings, check};

fn rules_of(documents: SpecDocuments) -> Vec<&'static str> {
    let reading = Reading::of(documents);
    let plan = Plan::of(&reading);
    check::spec(&reading, &plan, &Settings::default()).iter().map(|finding| finding.rule).collect()
}

/// Criteria of one requirement, and a block of facts when there are any.
fn criteria(facts: &str, criteria: &[&str]) -> SpecDocuments {
    let lines: String =
        criteria.iter().enumerate().map(|(at, line)| format!("{}. {line}\n", at + 1)).collect();
    let facts = if facts.is_empty() { String::new() } else { format!("\n```facts\n{facts}\n```\n") };
    let text = format!("### Requirement 1: A\n\n#### Acceptance Criteria\n\n{lines}{facts}");
    SpecDocuments { requirements: Some(text.into_bytes()), ..SpecDocuments::default() }
}

fn tasks(tasks: &str, waves: &str) -> SpecDocuments {
    let text = format!("## Tasks\n\n{tasks}\n## Task Dependency Graph\n\n```json\n{waves}\n```\n");
    SpecDocuments { tasks: Some(text.into_bytes()), ..SpecDocuments::default() }
}

#[track_caller]
fn check_rule(rule: &str, bad: SpecDocuments, good: SpecDocuments) {
    let found = rules_of(bad);
    assert!(found.contains(&rule), "{rule} is not among {found:?}");
    let found = rules_of(good);
    assert!(!found.contains(&rule), "{rule} is among {found:?}");
}

#[test]
fn suspected_conflicts() {
    let pair = |a: &str, b: &str| criteria("", &[a, b]);
    check_rule(
        "conflict/polarity",
        pair(
            "WHEN a key expires, THE Store SHALL keep the entry",
            "WHEN a key expires, THE Store SHALL NOT keep the entry",
        ),
        pair(
            "WHEN a key expires, THE Store SHALL keep the entry",
            "WHEN a key is revoked, THE Store SHALL NOT keep the entry",
        ),
    );
    check_rule(
        "conflict/bound",
        pair(
            "THE Gateway SHALL answer each request within 200 ms",
            "THE Gateway SHALL answer each request within 2 s",
        ),
        pair(
            "THE Gateway SHALL answer each request within 2000 ms",
            "THE Gateway SHALL answer each request within 2 s",
        ),
    );
    check_rule(
        "conflict/antonym",
        pair(
            "WHEN a token is old, THE Guard SHALL accept the call",
            "WHEN a token is old, THE Guard SHALL reject the call",
        ),
        pair(
            "WHEN a token is new, THE Guard SHALL accept the call",
            "WHEN a token is old, THE Guard SHALL reject the call",
        ),
    );
    check_rule(
        "conflict/always",
        pair(
            "WHEN a user signs in with a password, THE Audit_Log SHALL write one line with the name of the user",
            "THE Audit_Log SHALL write one line with the name of the user",
        ),
        pair(
            "WHEN a user signs in with a password, THE Audit_Log SHALL write one line with the name of the user",
            "THE Audit_Log SHALL keep every line for a year",
        ),
    );
    check_rule(
        "conflict/actors",
        pair(
            "WHEN a key expires after the last request, THE Store SHALL drop the entry of the key",
            "WHEN a key expires after the last request, THE Cache SHALL drop the entry of the key",
        ),
        pair(
            "WHEN a key expires after the last request, THE Store SHALL drop the entry of the key",
            "WHEN a key expires after the last request, THE Cache SHALL count the entry of the user",
        ),
    );
}

const FACTS: &str = "state Session = open | closed\nexclusive \"return status 429\" / \"allow the request\"";

#[test]
fn what_follows_from_facts() {
    check_rule(
        "conflict/proved",
        criteria(
            FACTS,
            &["THE Api SHALL allow the request", "WHEN the Session is open, THE Api SHALL return status 429"],
        ),
        criteria(
            FACTS,
            &[
                "WHEN the Session is closed, THE Api SHALL allow the request",
                "WHEN the Session is open, THE Api SHALL return status 429",
            ],
        ),
    );
    check_rule(
        "conflict/unreachable",
        criteria(
            FACTS,
            &["WHILE the Session is open, WHEN the Session is closed, THE Api SHALL allow the request"],
        ),
        criteria(FACTS, &["WHILE the Session is open, THE Api SHALL allow the request"]),
    );
    check_rule(
        "conflict/undecided",
        criteria(
            FACTS,
            &[
                "WHEN the key is good, THE Api SHALL allow the request",
                "WHEN the key is bad, THE Api SHALL return status 429",
            ],
        ),
        criteria(
            &format!("{FACTS}\nexclusive \"key is good\" / \"key is bad\""),
            &[
                "WHEN the key is good, THE Api SHALL allow the request",
                "WHEN the key is bad, THE Api SHALL return status 429",
            ],
        ),
    );
    check_rule(
        "conflict/redundant",
        criteria(
            FACTS,
            &["THE Api SHALL allow the request", "WHEN the Session is open, THE Api SHALL allow the request"],
        ),
        criteria(
            FACTS,
            &[
                "WHEN the Session is closed, THE Api SHALL return status 429",
                "WHEN the Session is open, THE Api SHALL allow the request",
            ],
        ),
    );
    let plans = "enum Plan = free | pro | team";
    check_rule(
        "conflict/uncovered",
        criteria(
            plans,
            &["WHEN the Plan is free, THE Api SHALL count", "WHEN the Plan is pro, THE Api SHALL run"],
        ),
        criteria(
            plans,
            &[
                "WHEN the Plan is free, THE Api SHALL count",
                "WHEN the Plan is pro, THE Api SHALL run",
                "WHEN the Plan is team, THE Api SHALL share",
            ],
        ),
    );
    let attempts = "number attempts in 0..10";
    check_rule(
        "conflict/overlap",
        criteria(
            attempts,
            &[
                "WHEN attempts is at most 3, THE Api SHALL warn",
                "WHEN attempts is at least 3, THE Api SHALL lock",
            ],
        ),
        criteria(
            attempts,
            &[
                "WHEN attempts is at most 3, THE Api SHALL warn",
                "WHEN attempts is more than 3, THE Api SHALL lock",
            ],
        ),
    );
}

#[test]
fn facts_that_are_none() {
    let use_it = &["WHEN the Session is open, THE Api SHALL run"];
    check_rule("facts/syntax", criteria("state Session: open, closed", use_it), criteria(FACTS, use_it));
    check_rule(
        "facts/unused",
        criteria("state Door = ajar | shut", use_it),
        criteria("state Session = open | closed", use_it),
    );
    check_rule(
        "facts/contradictory",
        criteria(
            "state Session = open | closed\nnever \"Session is open\"\nnever \"Session is closed\"",
            use_it,
        ),
        criteria("state Session = open | closed\nnever \"Session is closed\" and \"token is valid\"", use_it),
    );
}

#[test]
fn tasks_that_cannot_run_together() {
    let two = "- [ ] 1. A\n  - [ ] 1.1 Create `src/store.rs`\n  - [ ] 1.2 Create `src/store.rs` again\n";
    check_rule(
        "graph/clash",
        tasks(two, r#"{"waves":[{"id":0,"tasks":["1.1","1.2"]}]}"#),
        tasks(two, r#"{"waves":[{"id":0,"tasks":["1.1"]},{"id":1,"tasks":["1.2"]}]}"#),
    );
    let depends = "- [ ] 1. Build the store\n- [ ] 2. Serve it\n  - _Depends: 1_\n";
    check_rule(
        "graph/contradiction",
        tasks(depends, r#"{"waves":[{"id":0,"tasks":["2"]},{"id":1,"tasks":["1"]}]}"#),
        tasks(depends, r#"{"waves":[{"id":0,"tasks":["1"]},{"id":1,"tasks":["2"]}]}"#),
    );
    let gate = "- [ ] 1. Build the store\n- [ ] 2. Checkpoint - Ensure all tests pass\n- [ ] 3. Serve it\n";
    check_rule(
        "graph/checkpoint-passed",
        tasks(gate, r#"{"waves":[{"id":0,"tasks":["1","3"]},{"id":1,"tasks":["2"]}]}"#),
        tasks(gate, r#"{"waves":[{"id":0,"tasks":["1"]},{"id":1,"tasks":["2"]},{"id":2,"tasks":["3"]}]}"#),
    );
}
