//! Tests of `items` and of the addresses they get.

use super::address::addressed;
use super::*;

#[track_caller]
fn check(input: &str, nested: bool, expected: &[(&str, &str)]) {
    check_in(input, "", nested, expected);
}

#[track_caller]
fn check_in(input: &str, stem: &str, nested: bool, expected: &[(&str, &str)]) {
    let text = Text::read(input.as_bytes());
    let reading = Reading { rows: true, headings: true, blocks: true, paragraphs: false };
    let got: Vec<_> = addressed(read_with(&text, 0, usize::MAX, reading), stem, nested)
        .into_iter()
        .map(|found| (found.id, found.item.text))
        .collect();
    let want: Vec<_> = expected.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    assert_eq!(got, want, "{input}");
}

#[test]
fn ids_are_the_written_numbers_or_the_place() {
    check("1. a\n2. b\n", false, &[("1", "a"), ("2", "b")]);
    check("1. a\n1. b\n1. c\n", false, &[("1", "a"), ("2", "b"), ("3", "c")]);
    check("- a\n- b\n  wrapped\n\nnot part\n", false, &[("1", "a"), ("2", "b\nwrapped")]);
    check("1.1 WHEN a\n\n1.2 WHEN b\n", false, &[("1.1", "WHEN a"), ("1.2", "WHEN b")]);
    check("- [x] 1.1 a\n- [ ] b\n", false, &[("1.1", "a"), ("2", "b")]);
    check("1. a\n   - a1\n2. b\n", false, &[("1", "a\na1"), ("2", "b")]);
    check("1. a\n   - a1\n   - a2\n2. b\n", true, &[("1", "a"), ("1.1", "a1"), ("1.2", "a2"), ("2", "b")]);
    check("text\n```\n1. code\n```\n", false, &[]);
}

#[test]
fn bullets_between_numbers_are_details() {
    check("1. a:\n- x\n- y\n2. b\n", false, &[("1", "a:\nx\ny"), ("2", "b")]);
    check("4.1. a:\n- x\n\n4.2. b\n", false, &[("4.1", "a:\nx"), ("4.2", "b")]);
    check("1. a\n\n**Details:**\n- x\n- y\n", false, &[("1", "a")]);
    check("1. a\n\n**More:**\n\n2. b\n", false, &[("1", "a"), ("2", "b")]);
}

#[test]
fn quantities_are_no_numbers() {
    check(
        "- a\n- 2.5 seconds at most\n- b\n",
        false,
        &[("1", "a"), ("2", "2.5 seconds at most"), ("3", "b")],
    );
    check("1. it takes\n2.5 seconds\n", false, &[("1", "it takes\n2.5 seconds")]);
}

#[test]
fn codes() {
    check_in("- AC1: a\n- AC2: b\n", "3.", false, &[("3.1", "a"), ("3.2", "b")]);
    check_in("- **AC-3.1**: a\n- **AC-3.2** — b\n", "US-3.", false, &[("US-3.1", "a"), ("US-3.2", "b")]);
    check("- **FR-001**: a\n- **FR-002**: b\n", false, &[("FR-001", "a"), ("FR-002", "b")]);
    check("**FR-1.1**: a\n\n**FR-1.2**: b\n", false, &[("FR-1.1", "a"), ("FR-1.2", "b")]);
}

#[test]
fn groups_tables_scenarios_and_headings() {
    check(
        "- **Happy:**\n  - it shall a\n  - it shall b\n- **Sad:**\n  - it shall c\n",
        false,
        &[("1", "it shall a"), ("2", "it shall b"), ("3", "it shall c")],
    );
    check(
        "| ID | Text |\n|---|---|\n| 1.1 | WHEN a |\n| 1.2 | b \\| c |\n",
        false,
        &[("1.1", "WHEN a"), ("1.2", "b \\| c")],
    );
    check("| AC | Given | Then |\n|--|--|--|\n| AC-01 | a | b |\n", false, &[("1", "a | b")]);
    check(
        "```gherkin\nFeature: x\nScenario: A\n  Given a\n  Then b\nScenario: B\n  Given c\n```\n",
        false,
        &[("1", "Scenario: A\nGiven a\nThen b"), ("2", "Scenario: B\nGiven c")],
    );
    check(
        "##### FR1.1 - A\n\n* x\n  * y\n\n##### FR1.2 - B\n",
        false,
        &[("FR-1.1", "A\nx\ny"), ("FR-1.2", "B")],
    );
    check(
        "#### Scenario: A\n- **WHEN** a\n- **THEN** b\n",
        false,
        &[("1", "Scenario: A\n**WHEN** a\n**THEN** b")],
    );
}

#[test]
fn places_of_number_and_text() {
    let input = "- [ ] **1.2** WHEN a\n  THEN b\n";
    let text = Text::read(input.as_bytes());
    let items = read(&text, 0, usize::MAX);
    assert_eq!(items[0].number_span.map(|span| span.text(input.as_bytes())).as_deref(), Some("1.2"));
    assert_eq!(items[0].text_span.text(input.as_bytes()), "WHEN a\n  THEN b");
}
