//! One spec in which nothing is wrong, and for each rule a change that breaks it. That every rule has a failing and a
//! passing case is held by `tests/pages.rs`.

#[path = "check_cases.rs"]
mod cases;

use super::*;
use crate::settings::{Ignore, Level, SeverityRule};
use cases::*;
use plan::{Shape, SpecDocuments};
use proptest::prelude::*;
use spec::splice;

fn part(text: &str) -> Option<Vec<u8>> {
    Some(text.as_bytes().to_vec())
}

fn feature() -> SpecDocuments {
    SpecDocuments {
        name: "sessions".to_string(),
        requirements: part(REQUIREMENTS),
        design: part(DESIGN),
        tasks: part(TASKS),
        config: part(CONFIG),
        ..SpecDocuments::default()
    }
}

fn bug() -> SpecDocuments {
    SpecDocuments {
        name: "early".to_string(),
        bugfix: part(BUGFIX),
        design: part(BUG_DESIGN),
        config: part(&CONFIG.replace("feature", "bugfix")),
        ..SpecDocuments::default()
    }
}

fn single() -> SpecDocuments {
    SpecDocuments {
        name: "small".to_string(),
        shape: Shape::Single,
        single: part(
            "# Feature: Small\n\nA line.\n\n## Requirements\n\n- THE page SHALL load within 2 seconds\n",
        ),
        ..SpecDocuments::default()
    }
}

fn lint_with(documents: &SpecDocuments, settings: &Settings) -> Vec<Finding> {
    let reading = Reading::of(documents.clone());
    spec(&reading, &Plan::of(&reading), settings)
}

fn lint(documents: &SpecDocuments) -> Vec<Finding> {
    lint_with(documents, &Settings::default())
}

fn rules_of(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule).collect()
}

fn changed(at: In, from: &str, to: &str) -> SpecDocuments {
    let mut documents = match at {
        In::Requirements | In::Design | In::Tasks | In::Config => feature(),
        In::Bugfix | In::BugDesign => bug(),
        In::Single => single(),
    };
    let bytes = match at {
        In::Requirements => &mut documents.requirements,
        In::Design | In::BugDesign => &mut documents.design,
        In::Tasks => &mut documents.tasks,
        In::Config => &mut documents.config,
        In::Bugfix => &mut documents.bugfix,
        In::Single => &mut documents.single,
    };
    let text = String::from_utf8(bytes.take().unwrap()).unwrap();
    assert!(text.contains(from), "{from}");
    *bytes = part(&text.replacen(from, to, 1));
    documents
}

/// A criterion in place of `1.3`.
fn with(criterion: &str) -> SpecDocuments {
    changed(
        In::Requirements,
        "3. WHILE the clock is wrong, THE Session_Store SHALL keep each session",
        criterion,
    )
}

#[test]
fn nothing_is_wrong_with_a_good_spec() {
    for documents in [feature(), bug(), single()] {
        assert_eq!(lint(&documents), [], "{}", documents.name);
    }
}

#[test]
fn each_rule_speaks_when_it_is_broken() {
    for (rule, at, from, to) in BREAKS {
        let to = if *rule == "glossary/synonym" {
            to.replace("- **X**: THE Keeper\n", "")
        } else {
            (*to).to_string()
        };
        let mut documents = changed(*at, from, &to);
        if *rule == "glossary/synonym" {
            let text = String::from_utf8(documents.requirements.take().unwrap()).unwrap();
            documents.requirements =
                part(&text.replace("THE Session_Store SHALL refuse", "THE Keeper SHALL refuse"));
        }
        let found = lint(&documents);
        assert!(rules_of(&found).contains(rule), "{rule}: {:?}", rules_of(&found));
    }
}

#[test]
fn each_rule_about_criteria_speaks_and_is_silent() {
    for (rule, bad, good) in CRITERIA {
        let found = lint(&with(bad));
        assert!(rules_of(&found).contains(rule), "{bad}: {:?}", rules_of(&found));
        for finding in found.iter().filter(|finding| finding.rule == *rule) {
            assert_eq!(finding.subject.as_deref(), Some("1.3"), "{bad}");
        }
        let found = lint(&with(good));
        assert!(!rules_of(&found).contains(rule), "{good}: {:?}", rules_of(&found));
    }
    let long = format!("3. THE Session_Store SHALL keep {}", "one and ".repeat(40));
    assert!(rules_of(&lint(&with(&long))).contains(&"words/too-long"));
}

#[test]
fn a_missing_failure_case_comes_with_a_proposal() {
    let outside = "### Requirement 2: Files\n\n#### Acceptance Criteria\n\n1. WHEN a file is chosen, THE Login_Form SHALL \
                   upload it to the server\n2. WHEN it is there, THE Login_Form SHALL show a line\n";
    let documents = changed(
        In::Requirements,
        REQUIREMENTS.split_once("### Requirement 2").map(|(_, rest)| rest).unwrap(),
        "",
    );
    let text =
        String::from_utf8(documents.requirements.unwrap()).unwrap().replace("### Requirement 2", outside);
    let lint_text =
        |text: &str| lint(&SpecDocuments { requirements: part(text), ..SpecDocuments::default() });
    let found = lint_text(&text);
    let finding = found.iter().find(|finding| finding.rule == "requirements/no-failure-path").unwrap();
    assert_eq!(finding.subject.as_deref(), Some("2"));
    assert!(finding.hint.as_ref().unwrap().contains("IF the upload fails"), "{finding:?}");
    let mended = format!("{text}3. IF the upload fails, THEN THE Login_Form SHALL keep the file\n");
    assert!(!rules_of(&lint_text(&mended)).contains(&"requirements/no-failure-path"));
}

#[test]
fn tasks_that_cite_nothing_are_told_once() {
    let without: String = TASKS
        .lines()
        .filter(|line| !line.contains("_Requirements"))
        .map(|line| format!("{line}\n"))
        .collect();
    let documents = SpecDocuments { tasks: part(&without), ..feature() };
    assert_eq!(rules_of(&lint(&documents)), ["trace/no-references"]);
}

#[test]
fn limits_of_the_readers() {
    let many: String = (1..=5_001).map(|n| format!("- [ ] {n}. A\n")).collect();
    let documents = SpecDocuments { tasks: part(&many), ..SpecDocuments::default() };
    assert!(rules_of(&lint(&documents)).contains(&"tasks/too-many-tasks"));
    let clauses: String = (1..=3_000).map(|n| format!("1.{n} WHEN a THEN b\n\n")).collect();
    let bug = format!(
        "## Bug Analysis\n\n### Current Behavior (Defect)\n\n{clauses}### Expected Behavior (Correct)\n\n{clauses}"
    );
    let documents = SpecDocuments { bugfix: part(&bug), ..SpecDocuments::default() };
    assert!(rules_of(&lint(&documents)).contains(&"bugfix/too-many"));
    let list: String = (1..=5_001).map(|n| format!("{n}. THE A SHALL keep {n}\n")).collect();
    let text = format!(
        "### Requirement 1: A\n\n#### Acceptance Criteria\n\n1. THE A SHALL b\n\n### Requirement 2: B\n\n#### Acceptance Criteria\n\n{list}"
    );
    let documents = SpecDocuments { requirements: part(&text), ..SpecDocuments::default() };
    assert!(rules_of(&lint(&documents)).contains(&"requirements/too-many"));
    let waves: String = (0..1_001).map(|_| "[\"1\"],").collect();
    let graph = format!(
        "- [ ] 1. A\n\n## Task Dependency Graph\n\n```json\n[{}]\n```\n",
        waves.trim_end_matches(',')
    );
    let documents = SpecDocuments { tasks: part(&graph), ..SpecDocuments::default() };
    assert!(rules_of(&lint(&documents)).contains(&"tasks/graph-too-large"));
    let vague: String = (1..=3_000).map(|n| format!("{n}. THE A SHALL be easy, etc. always\n")).collect();
    let text = format!("### Requirement 1: A\n\n#### Acceptance Criteria\n\n{vague}");
    let documents = SpecDocuments { requirements: part(&text), ..SpecDocuments::default() };
    let found = lint(&documents);
    assert_eq!(found.len(), FINDINGS_MAX + 1);
    assert!(rules_of(&found).contains(&"check/too-many-findings"));
    let documents = SpecDocuments { tasks: Some(b"- [ ] 1. A\xff\n".to_vec()), ..SpecDocuments::default() };
    assert!(rules_of(&lint(&documents)).contains(&"document/not-utf-8"));
}

/// Whether a rule speaks of what the plan of a spec found; the other kinds are of drafts.
fn has_rule(kind: plan::ProblemKind) -> bool {
    use plan::ProblemKind::*;
    match kind {
        DanglingReference | Uncited | Duplicate | Graph | Dependency => true,
        Empty | TooLarge | Blank => false,
    }
}

#[test]
fn rules_that_are_off_speak_when_asked() {
    let settings = |rule: &str| Settings {
        severities: vec![SeverityRule {
            rule: rule.to_string(),
            spec: "*".to_string(),
            file: "*".to_string(),
            level: Level::Warning,
        }],
        ..Settings::default()
    };
    let documents = with("3. WHEN a file is shut THEN the Session_Store SHALL NOT stop");
    assert_eq!(lint(&documents), []);
    for rule in ["ears/when-then", "words/negative"] {
        assert_eq!(rules_of(&lint_with(&documents, &settings(rule))), [rule]);
    }
}

#[test]
fn sentences_of_another_language_are_left_alone_by_english_rules() {
    for text in [
        "3. WHEN 用户点击 THEN Session_Store SHALL 显示一行",
        "3. CUANDO el usuario pulse el botón ENTONCES Session_Store DEBE guardar de inmediato la sesión",
        "3. WENN der Benutzer klickt, DANN MUSS Session_Store die Sitzung speichern und etc die Liste der Tage",
    ] {
        let found = lint(&with(text));
        let hits: Vec<_> = rules_of(&found).into_iter().filter(|rule| *rule != "words/vague").collect();
        assert_eq!(hits, Vec::<&str>::new(), "{text}");
    }
    let found = lint(&with("3. WHEN ボタンが押された, THE Session_Store SHALL 適切に保存する"));
    assert_eq!(rules_of(&found), ["words/vague"]);
}

#[test]
fn spans_are_exact() {
    let at = |documents: &SpecDocuments, rule: &str| {
        let found = lint(documents);
        let finding = found.iter().find(|finding| finding.rule == rule).unwrap().clone();
        let bytes = match finding.place.file.as_str() {
            "tasks.md" => documents.tasks.as_ref(),
            "design.md" => documents.design.as_ref(),
            _ => documents.requirements.as_ref(),
        };
        finding.place.span.text(bytes.unwrap())
    };
    let check = |documents: SpecDocuments, rule: &str, expected: &str| {
        assert_eq!(at(&documents, rule), expected, "{rule}")
    };
    check(with("3. THE Login_Form SHALL be\n   **easy** to use"), "words/vague", "easy");
    check(
        changed(In::Tasks, "_Requirements: 2.2_", "_Requirements: 1.1, 9.9, 9.9.1_"),
        "trace/dangling-reference",
        "9.9",
    );
    check(changed(In::Design, "1.1, 1.2**", "1.1, 9.9**"), "trace/dangling-property", "9.9");
    check(changed(In::Tasks, "\"3\"", "\"3\", \"9.9\""), "graph/unknown-task", "9.9");
    check(
        changed(
            In::Requirements,
            "2. IF the disk is full, THEN THE S",
            "2. IF the disk is full, THEN THE Old_S",
        ),
        "glossary/undefined-term",
        "Old_Session_Store",
    );
}

#[test]
fn comments_silence_with_a_reason_only() {
    let bad = "3. THE Login_Form SHALL be easy";
    let check = |text: &str, expected: &[&str]| assert_eq!(rules_of(&lint(&with(text))), expected, "{text}");
    check(bad, &["words/vague"]);
    check(&format!("<!-- waypost: ignore words/vague reason: the tariff says so -->\n{bad}"), &[]);
    check(&format!("<!-- waypost: ignore words/* reason: the tariff says so -->\n\n{bad}"), &[]);
    check(&format!("{bad} <!-- waypost: ignore words/vague, ears/no-pattern reason: x -->"), &[]);
    check(
        &format!("<!-- waypost: ignore words/vague -->\n{bad}"),
        &["check/ignore-without-reason", "words/vague"],
    );
    check(
        &format!("<!-- waypost: ignore words/escape reason: x -->\n{bad}"),
        &["check/unused-ignore", "words/vague"],
    );
    check(
        &format!("<!-- waypost: ignore words/vauge reason: x -->\n{bad}"),
        &["check/unknown-rule", "words/vague"],
    );
    check(&format!("<!-- waypost: ignore reason: x -->\n{bad}"), &["check/unknown-rule", "words/vague"]);
    let whole = format!(
        "<!-- waypost: ignore words/vague reason: x -->\n{}",
        String::from_utf8(with(bad).requirements.unwrap()).unwrap()
    );
    assert_eq!(lint(&SpecDocuments { requirements: part(&whole), ..feature() }), []);
    let hint = lint(&with(&format!("<!-- waypost: ignore words/vauge reason: x -->\n{bad}")));
    assert_eq!(hint.first().and_then(|finding| finding.hint.as_deref()), Some("did you mean `words/vague`"));
}

#[test]
fn settings_accept_findings() {
    let ignore = |subject: Option<&str>| Settings {
        ignores: vec![Ignore {
            rule: "words/*".to_string(),
            spec: "sess*".to_string(),
            file: "*".to_string(),
            subject: subject.map(str::to_string),
            reason: "known".to_string(),
        }],
        ..Settings::default()
    };
    let documents = with("3. THE Login_Form SHALL be easy");
    assert_eq!(lint_with(&documents, &ignore(None)), []);
    assert_eq!(lint_with(&documents, &ignore(Some("1.3"))), []);
    assert_eq!(lint_with(&documents, &ignore(Some("1.1"))).len(), 1);
}

#[test]
fn counts_for_a_summary() {
    let reading = Reading::of(feature());
    let tally = tally(&reading, &Plan::of(&reading));
    assert_eq!((tally.criteria, tally.cited, tally.with_property, tally.properties), (5, 5, 2, 1));
    assert_eq!(tally.patterns.of(crate::ears::Pattern::Unwanted), 2);
}

/// The documents after the fix of a finding.
fn fixed(documents: &SpecDocuments, finding: &Finding) -> SpecDocuments {
    let mut documents = documents.clone();
    let fix = finding.fix.as_ref().unwrap();
    let edits: Vec<spec::Edit> = fix.edits.iter().map(|(_, edit)| edit.clone()).collect();
    let bytes = match finding.place.file.as_str() {
        "requirements.md" => &mut documents.requirements,
        "bugfix.md" => &mut documents.bugfix,
        "design.md" => &mut documents.design,
        _ => &mut documents.tasks,
    };
    let mended = splice::apply(bytes.as_deref().unwrap(), &edits).unwrap();
    *bytes = Some(mended);
    documents
}

#[test]
fn fixes_remove_their_finding_and_nothing_else() {
    let mut count = 0;
    let broken = BREAKS.iter().map(|(_, at, from, to)| changed(*at, from, to));
    let criteria = CRITERIA.iter().map(|(_, bad, _)| with(bad));
    let unused =
        std::iter::once(with("<!-- waypost: ignore words/vague reason: x -->\n3. THE Login_Form SHALL stop"));
    for documents in broken.chain(criteria).chain(unused) {
        let mut before = lint(&documents);
        for finding in before.clone().iter().filter(|finding| finding.fix.is_some()) {
            let mut after = rules_of(&lint(&fixed(&documents, finding)));
            after.push(finding.rule);
            after.sort_unstable();
            before.sort_by_key(|finding| finding.rule);
            assert_eq!(after, rules_of(&before), "{finding:?}");
            count += 1;
        }
    }
    assert!(count >= 20, "{count}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_checked_without_a_panic(
        requirements in proptest::collection::vec(any::<u8>(), 0..300),
        tasks in "(- \\[[ x]\\] |[0-9]\\. |_Requirements: |```json|\n|\\{\"waves\":|## Tasks|WHEN |SHALL |<!-- waypost: ignore |-->|[a-z]{1,4}){0,40}",
    ) {
        let documents = SpecDocuments {
            requirements: Some(requirements.clone()),
            bugfix: Some(tasks.clone().into_bytes()),
            design: Some(requirements),
            tasks: Some(tasks.into_bytes()),
            ..SpecDocuments::default()
        };
        let plan = Plan::of(&Reading::of(documents.clone()));
        prop_assert!(plan.problems.iter().all(|problem| has_rule(problem.kind)));
        lint(&documents);
    }
}
