//! Workspaces of a few small specs, and one of fifteen thousand criteria.

use super::*;
use plan::SpecDocuments;

fn summary(name: &str, glossary: &str, criteria: &[&str]) -> Summary {
    let list: String =
        criteria.iter().enumerate().map(|(at, text)| format!("{}. {text}\n", at + 1)).collect();
    let text = format!(
        "# Requirements Document\n\n## Glossary\n\n{glossary}\n\n## Requirements\n\n### Requirement 1: A\n\n\
         #### Acceptance Criteria\n\n{list}"
    );
    let documents = SpecDocuments {
        name: name.to_string(),
        requirements: Some(text.into_bytes()),
        config: Some(format!("{{\"specId\": \"{}\"}}", glossary.len()).into_bytes()),
        ..SpecDocuments::default()
    };
    Summary { id: None, ..Summary::of(&Reading::of(documents)) }
}

#[track_caller]
fn check(specs: &[Summary], expected: &[(&str, &str)]) {
    let got = across(specs, &Settings::default());
    let got: Vec<_> = got.iter().map(|finding| (finding.rule, finding.message.as_str())).collect();
    assert_eq!(got, expected);
}

const SAVE: &str =
    "WHEN the user saves the open file, THE Editor SHALL write it to the disk within 2 seconds";

#[test]
fn criteria_of_two_specs() {
    check(
        &[
            summary("a", "", &[SAVE]),
            summary("b", "", &["THE Editor SHALL do something else entirely", SAVE]),
        ],
        &[("across/duplicate-criterion", "criterion `1.2` has the same words as `1.1` of the spec `a`")],
    );
    let other = SAVE.replace("2 seconds", "9 seconds");
    check(
        &[summary("a", "", &[SAVE]), summary("b", "", &[&other])],
        &[("across/similar-criterion", "criterion `1.1` has nearly the same words as `1.1` of the spec `a`")],
    );
    // Within one spec it is another rule's business.
    check(&[summary("a", "", &[SAVE, SAVE])], &[]);
    check(
        &[summary("a", "", &[SAVE]), summary("b", "", &["THE Viewer SHALL print what it shows on paper"])],
        &[],
    );
}

#[test]
fn terms_of_two_specs() {
    let table = "- **Session_Store**: the database table that keeps one row for each person who is signed in";
    let service = "- **Session_Store**: a remote machine under the stairs whose lamp blinks at night";
    let entry = ("across/term-differs", "`Session_Store` is defined in other words by the spec `a`");
    check(&[summary("a", table, &[]), summary("b", service, &[])], &[entry]);
    check(&[summary("a", table, &[]), summary("b", table, &[])], &[]);
}

#[test]
fn names_and_ids() {
    let with_id = |name: &str| Summary { id: Some("x".to_string()), ..summary(name, "", &[]) };
    check(
        &[summary("a", "", &[]), summary("a", "", &[])],
        &[("across/same-name", "two specs are named `a`")],
    );
    check(
        &[with_id("a"), with_id("b")],
        &[("across/same-id", "the specs `a` and `b` have one id in their `.config.kiro`")],
    );
    check(&[summary("a", "", &[]), summary("b", "", &[])], &[]);
}

#[test]
fn the_same_for_ever_is_told_a_bounded_number_of_times() {
    let criteria = vec![SAVE; 1_000];
    let found = across(&[summary("a", "", &criteria), summary("b", "", &criteria)], &Settings::default());
    assert_eq!(found.len(), FINDINGS_MAX);
    assert!(found.iter().any(|finding| finding.hint.as_ref().is_some_and(|hint| hint.contains("500 more"))));
}
