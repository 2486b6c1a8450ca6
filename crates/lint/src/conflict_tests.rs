//! Tests of `conflict` as a whole.

use super::*;
use plan::SpecDocuments;
use proptest::prelude::*;

fn reading(name: &str, text: &str) -> Reading {
    Reading::of(SpecDocuments {
        name: name.to_string(),
        requirements: Some(text.as_bytes().to_vec()),
        ..SpecDocuments::default()
    })
}

fn spec(name: &str, criteria: &[&str]) -> Reading {
    let lines: String =
        criteria.iter().enumerate().map(|(at, line)| format!("{}. {line}\n", at + 1)).collect();
    let glossary = "## Glossary\n\n- **Row_Store**: keeps rows\n";
    reading(
        name,
        &format!(
            "{glossary}\n## Requirements\n\n### Requirement 1: A\n\n#### Acceptance Criteria\n\n{lines}"
        ),
    )
}

#[test]
fn a_finding_stands_at_the_later_criterion_and_names_the_earlier() {
    let found = check(&spec("a", &["THE Row_Store SHALL drop rows", "THE Row_Store SHALL NOT drop rows"]));
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (found.rule, found.basis, found.subject.as_deref()),
        (POLARITY, Basis::Suspected, Some("1.2"))
    );
    assert_eq!(found.message, "`1.2` forbids what `1.1` asks for");
    assert!(found.place.span.offset > found.related[0].0.span.offset);
}

#[test]
fn copies_are_told_of_the_first_only() {
    let line = "THE Row_Store SHALL drop rows";
    let found = check(&spec("a", &[line; 5]));
    assert_eq!(found.len(), 4);
    assert!(
        found.iter().all(|found| found.rule == DUPLICATE && found.message.ends_with("`1.1`")),
        "{found:?}"
    );
}

#[test]
fn what_a_bug_analysis_describes_is_no_obligation() {
    let text = "### Current Behavior (Defect)\n1.1 WHEN full THEN the system SHALL drop rows\n\
        ### Expected Behavior (Correct)\n2.1 WHEN full THEN the system SHALL NOT drop rows\n\
        ### Unchanged Behavior\n3.1 WHEN full THEN the system SHALL CONTINUE TO drop rows\n";
    let bugfix =
        Reading::of(SpecDocuments { bugfix: Some(text.as_bytes().to_vec()), ..SpecDocuments::default() });
    let messages: Vec<_> = check(&bugfix).into_iter().map(|found| found.message).collect();
    assert_eq!(messages, ["`2.1` forbids what `3.1` asks for"]);
}

#[test]
fn specs_contradict_each_other_about_one_actor() {
    let across = |left: &[&str], right: &[&str]| -> Vec<String> {
        let all = [statements(&spec("left", left)), statements(&spec("right", right))];
        super::across(&all).into_iter().map(|found| found.message).collect()
    };
    assert_eq!(
        across(
            &["WHEN full, THE Row_Store SHALL drop rows"],
            &["WHEN full, THE Row_Store SHALL NOT drop rows"]
        ),
        ["`right 1.1` forbids what `left 1.1` asks for"],
    );
    assert_eq!(
        across(&["THE Row_Store SHALL answer within 2 s"], &["THE Row_Store SHALL answer within 9 s"]),
        ["`right 1.1` says `within 9 s` where `left 1.1` says `within 2 s`"],
    );
    assert_eq!(across(&["THE Row_Store SHALL drop rows"], &["THE Row_Store SHALL drop rows"]), [""; 0]);
    assert_eq!(across(&["THE system SHALL drop rows"], &["THE system SHALL NOT drop rows"]), [""; 0]);
    assert_eq!(
        across(&["WHEN full, THE Row_Store SHALL drop rows"], &["THE Row_Store SHALL NOT drop rows"]),
        [""; 0]
    );
}

#[test]
fn what_is_asked_of_two_is_told_and_of_three_is_a_list() {
    let lines: Vec<String> = ["Ui", "Hub", "Store"]
        .map(|who| {
            format!("THE {who} SHALL record the name, path, branch, owner and size of each changed file")
        })
        .to_vec();
    let actors = |lines: &[String]| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        check(&spec("a", &lines)).iter().filter(|found| found.rule == ACTORS).count()
    };
    assert_eq!((actors(&lines[..2]), actors(&lines)), (1, 0));
}

#[test]
fn large_and_hostile_documents_end_in_time() {
    let one_line =
        format!("### Requirement 1: A\n\n1. THE x SHALL {}\n", "not a 5 ms 不 `b` , ".repeat(250_000));
    assert!(check(&reading("a", &one_line)).len() <= FINDINGS_MAX);
    let many: String =
        (0..6_000).map(|at| format!("{}. THE x SHALL keep {at} rows of it\n", at + 1)).collect();
    assert!(check(&reading("a", &format!("### Requirement 1: A\n\n{many}"))).len() <= FINDINGS_MAX);
    let quotes = format!("### Requirement 1: A\n\n1. {}\n", "\"`“「".repeat(300_000));
    assert!(check(&reading("a", &quotes)).is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_checked_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut text = b"### Requirement 1: A\n\n1. ".to_vec();
        text.extend(&bytes);
        let documents = SpecDocuments { requirements: Some(text), ..SpecDocuments::default() };
        let _ = check(&Reading::of(documents));
    }

    #[test]
    fn any_sentences_are_checked_without_a_panic(
        lines in proptest::collection::vec("(WHEN|SHALL|NOT|THE|not|if|unless|within|5|秒|以内|してはならない|应|[a-z]{1,5}|[,.;%$<>=\"`-]| ){0,25}", 0..6)
    ) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let found = check(&spec("a", &lines));
        for finding in &found {
            prop_assert!(finding.rule == DUPLICATE || crate::rules::find(finding.rule).is_some());
            prop_assert!(finding.related.len() <= crate::finding::RELATED_MAX);
        }
    }
}
