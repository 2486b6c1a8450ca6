//! Tests of `requirements`.

use super::*;
use proptest::prelude::*;

/// Number, title, and criteria as (id, text).
type Expected<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[track_caller]
fn check(input: &str, expected: &[Expected<'_>]) {
    let parsed = Requirements::parse(input.as_bytes());
    let got: Vec<_> = parsed
        .requirements
        .iter()
        .map(|r| {
            let criteria: Vec<_> = r.criteria.iter().map(|c| (c.id.as_str(), c.text.as_str())).collect();
            (r.number.as_str(), r.title.as_str(), criteria)
        })
        .collect();
    let want: Vec<_> = expected.iter().map(|(n, t, c)| (*n, *t, c.to_vec())).collect();
    assert_eq!(got, want, "{input}");
}

const KIRO: &str = "# Requirements Document\n\n## Introduction\nProtect the API.\n\n## Glossary\n\
    - **Rate_Limiter**: counts requests\n\n## Requirements\n\n### Requirement 1: Limit requests\n\n\
    **User Story:** As an owner, I want a cap, so that all are served.\n\n#### Acceptance Criteria\n\n\
    1. WHEN a key exceeds 100 requests,\n   THE Rate_Limiter SHALL return 429.\n2. THE Rate_Limiter SHALL log it.\n";

#[test]
fn kiros_own_form() {
    check(
        KIRO,
        &[(
            "1",
            "Limit requests",
            &[
                ("1.1", "WHEN a key exceeds 100 requests,\nTHE Rate_Limiter SHALL return 429."),
                ("1.2", "THE Rate_Limiter SHALL log it."),
            ],
        )],
    );
    let parsed = Requirements::parse(KIRO.as_bytes());
    assert_eq!(parsed.introduction, "Protect the API.");
    let term = &parsed.glossary[0];
    assert_eq!((term.name.as_str(), term.definition.as_str()), ("Rate_Limiter", "counts requests"));
    assert_eq!(term.span.text(KIRO.as_bytes()), "Rate_Limiter");
    assert_eq!(parsed.dialect, Dialect::Kiro);
    let story = parsed.requirements[0].user_story.as_deref();
    assert_eq!(story, Some("As an owner, I want a cap, so that all are served."));
    assert_eq!(parsed.diagnostics, []);
    let span = parsed.requirements[0].criteria[1].span;
    assert_eq!(span.text(KIRO.as_bytes()), "2. THE Rate_Limiter SHALL log it.");
}

#[test]
fn wild_forms() {
    check(
        "### Requirement 1\n1. a\n### Requirement 2 - B\n- b\n",
        &[("1", "", &[("1.1", "a")]), ("2", "B", &[("2.1", "b")])],
    );
    check(
        "### 需求 1：标题\n#### 验收标准\n1. 甲\n2. 乙\n",
        &[("1", "标题", &[("1.1", "甲"), ("1.2", "乙")])],
    );
    check("### REQ-1\n- 1.1 a\n- 1.2 b\n", &[("1", "", &[("1.1", "a"), ("1.2", "b")])]);
    check("### R2. T\n**User Story:** s\n**Acceptance Criteria**\n1. a\n", &[("2", "T", &[("2.1", "a")])]);
    check(
        "## Requirements\n### 1. First\n1.1 a\n\n1.2 b\n",
        &[("1", "First", &[("1.1", "a"), ("1.2", "b")])],
    );
    check("## Requirement 1: A\n### 1.1 Sub\nbody\n", &[("1", "A", &[("1.1", "Sub\nbody")])]);
    check("## Requirements\n- a\n- b\n", &[("1", "a", &[("1", "a")]), ("2", "b", &[("2", "b")])]);
    check(
        "## Requirements\n### Login\n- a\n### Logout\n- b\n",
        &[("1", "Login", &[("1.1", "a")]), ("2", "Logout", &[("2.1", "b")])],
    );
    check("### NFR-1: Speed\n1. fast\n", &[("NFR-1", "Speed", &[("NFR-1.1", "fast")])]);
    check("# X\n## Acceptance Criteria\n1. a\n", &[("1", "a", &[("1", "a")])]);
    check("```\n### Requirement 1: code\n```\n", &[]);
    check(
        "### Requirement 1: A\r\n\r\n#### Acceptance Criteria\r\n\r\n1. a\r\n",
        &[("1", "A", &[("1.1", "a")])],
    );
}

#[test]
fn notes_behind_the_criteria_are_no_criteria() {
    check(
        "### Requirement 1: A\n#### Acceptance Criteria\n1. a\n#### Notes\n- n\n",
        &[("1", "A", &[("1.1", "a")])],
    );
    check("### Requirement 1: A\n1. a\n## Out of Scope\n- n\n", &[("1", "A", &[("1.1", "a")])]);
}

#[test]
fn what_is_missing_or_double_is_told() {
    let codes = |input: &str| -> Vec<&str> {
        Requirements::parse(input.as_bytes()).diagnostics.iter().map(|d| d.code).collect()
    };
    assert_eq!(codes("### Requirement 1: A\n"), ["requirements/no-criteria"]);
    assert_eq!(
        codes("### Requirement 1: A\n1. a\n### Requirement 1: B\n1. b\n"),
        ["requirements/duplicate-criterion"]
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Requirements::parse(&bytes);
    }

    #[test]
    fn any_document_is_read_without_a_panic(
        s in "(#{1,4} (Requirement|NFR|需求)?[ -]?[0-9.]{0,4}:? ?\\PC{0,4}\n|[-*] \\PC{0,6}\n|[0-9.]{1,4} \\PC{0,5}\n|\n){0,20}",
    ) {
        let parsed = Requirements::parse(s.as_bytes());
        for criterion in parsed.criteria() {
            prop_assert!(criterion.span.end() <= s.len());
        }
    }
}
