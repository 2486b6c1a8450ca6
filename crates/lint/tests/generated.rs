//! Documents that Waypost writes itself: nothing in them is an error or a warning.

use lint::{Settings, check};
use plan::{Plan, Reading, Shape, SpecDocuments};
use spec::template::{self, Start};
use spec::write::{self, *};
use spec::{Severity, SpecKind};

fn loud(documents: SpecDocuments) -> Vec<String> {
    let reading = Reading::of(documents);
    let plan = Plan::of(&reading);
    check::spec(&reading, &plan, &Settings::default())
        .into_iter()
        .filter(|finding| finding.severity > Severity::Hint)
        .map(|finding| format!("{} {}: {}", finding.place.file, finding.rule, finding.message))
        .collect()
}

fn put(documents: &mut SpecDocuments, name: &str, text: String) {
    let bytes = Some(text.into_bytes());
    match name {
        "requirements.md" => documents.requirements = bytes,
        "bugfix.md" => documents.bugfix = bytes,
        "design.md" => documents.design = bytes,
        "tasks.md" => documents.tasks = bytes,
        ".config.kiro" => documents.config = bytes,
        other => assert_eq!(other, "a document of a spec"),
    }
}

#[test]
fn the_documents_a_spec_begins_with() {
    for kind in SpecKind::ALL {
        for sentence in
            ["Add rate limiting to the API", "Login fails on Sundays", "Ratenbegrenzung für die API"]
        {
            let start = Start { kind, name: "a", sentence, spec_id: Some("1"), check: Some("cargo test") };
            let mut documents = SpecDocuments { name: "a".to_string(), ..SpecDocuments::default() };
            for (name, text) in template::documents(&start) {
                put(&mut documents, &name, text);
            }
            assert_eq!(loud(documents), Vec::<String>::new(), "{kind:?} {sentence}");
            let single = SpecDocuments {
                name: "a".to_string(),
                shape: Shape::Single,
                single: Some(template::single(&start).into_bytes()),
                ..SpecDocuments::default()
            };
            assert_eq!(loud(single), Vec::<String>::new(), "{kind:?} {sentence}");
        }
    }
}

fn task(title: &str, requirements: &[&str]) -> TaskDraft {
    TaskDraft {
        title: title.to_string(),
        requirements: requirements.iter().map(|id| id.to_string()).collect(),
        check: Some("cargo test".to_string()),
        files: vec!["src/store.rs".to_string()],
        ..TaskDraft::default()
    }
}

#[test]
fn a_feature_from_drafts() {
    let requirement = |title: &str, criteria: &[&str]| RequirementDraft {
        title: title.to_string(),
        user_story: "As a visitor, I want limits, so that the page stays up.".to_string(),
        criteria: criteria.iter().map(|text| text.to_string()).collect(),
    };
    let requirements = RequirementsDraft {
        introduction: "Limits.".to_string(),
        glossary: vec![TermDraft {
            name: "Rate_Limiter".to_string(),
            definition: "counts requests".to_string(),
        }],
        requirements: vec![
            requirement("Counting", &["WHEN a request arrives, THE Rate_Limiter SHALL count it"]),
            requirement(
                "Refusing",
                &["IF 100 requests came in a minute, THEN THE Rate_Limiter SHALL answer 429"],
            ),
        ],
    };
    let design = DesignDraft {
        title: "Limits".to_string(),
        properties: vec![PropertyDraft {
            title: "No key is counted twice".to_string(),
            statement: "For all keys.".to_string(),
            validates: vec!["1.1".to_string()],
        }],
        ..DesignDraft::default()
    };
    let tasks = TasksDraft {
        title: "Limits".to_string(),
        tasks: vec![
            TaskDraft {
                subtasks: vec![task("Write the table", &["1.1"]), task("Write the job", &["1.1"])],
                ..task("Count", &[])
            },
            task("Refuse", &["2.1"]),
        ],
        ..TasksDraft::default()
    };
    let documents = SpecDocuments {
        name: "limits".to_string(),
        requirements: Some(write::requirements_md(&requirements).into_bytes()),
        design: Some(write::design_md(&design).into_bytes()),
        tasks: Some(write::tasks_md(&tasks).into_bytes()),
        config: Some(write::config_kiro("1", SpecKind::Feature).into_bytes()),
        ..SpecDocuments::default()
    };
    assert_eq!(loud(documents), Vec::<String>::new());
}

#[test]
fn a_bug_fix_from_drafts() {
    let list = |text: &str| vec![text.to_string()];
    let bugfix = BugfixDraft {
        introduction: "Sessions ended early.".to_string(),
        current: list("WHEN the clocks change THEN the system ends the session early"),
        expected: list("WHEN the clocks change THEN the system SHALL end the session after 24 hours"),
        unchanged: list(
            "WHEN no clock changes THEN the system SHALL CONTINUE TO end the session after 24 hours",
        ),
    };
    let property =
        PropertyDraft { title: "A".to_string(), statement: "B.".to_string(), validates: list("2.1") };
    let design = BugfixDesignDraft {
        title: "Early".to_string(),
        properties: vec![property],
        ..BugfixDesignDraft::default()
    };
    let tasks = TasksDraft {
        title: "Early".to_string(),
        tasks: vec![task("Mend", &["2.1", "3.1"])],
        ..TasksDraft::default()
    };
    let documents = SpecDocuments {
        name: "early".to_string(),
        bugfix: Some(write::bugfix_md(&bugfix).into_bytes()),
        design: Some(write::bugfix_design_md(&design).into_bytes()),
        tasks: Some(write::tasks_md(&tasks).into_bytes()),
        config: Some(write::config_kiro("1", SpecKind::Bugfix).into_bytes()),
        ..SpecDocuments::default()
    };
    assert_eq!(loud(documents), Vec::<String>::new());
}
