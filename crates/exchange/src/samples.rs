//! One small report and its findings for the tests of the writers, with hostile words in every place.

use lint::finding::{Basis, Finding, Fix, Place};
use spec::{Edit, Severity, Span};

use crate::report::{
    CommitReport, CriterionReport, FileReport, FindingReport, Report, RequirementReport, SpecReport, Status,
    TaskReport, TestReport,
};

/// The document that the findings stand in.
pub(crate) const REQUIREMENTS: &str = "# Requirements Document\n\n## Introduction\n\nLimits.\n\n## Requirements\n\n\
### Requirement 1: Limit\n\n1. WHEN x THE system SHALL y\n2. WHEN z THE system w\n";

/// Words that break out of whatever they are put into carelessly.
pub(crate) const HOSTILE: &str = "</script><img src=x onerror=alert(1)> | [a](javascript:b) `c` *d* @everyone #1 \
--> ]]> & \" ' <!-- www.evil.example http://evil.example";

/// Two findings of one spec and one of another.
pub(crate) fn findings() -> Vec<Finding> {
    let place = |offset: usize, len: usize| Place {
        spec: "rate limit".to_string(),
        file: "requirements.md".to_string(),
        span: Span { offset, len },
    };
    let second = REQUIREMENTS.find("2. WHEN").unwrap_or_default();
    vec![
        Finding {
            rule: "ears/no-response",
            severity: Severity::Error,
            basis: Basis::Read,
            place: place(second, 23),
            subject: Some("1.2".to_string()),
            message: "criterion `1.2` has no response".to_string(),
            hint: Some("write `THE system SHALL …`".to_string()),
            related: vec![(place(second - 29, 28), "this one has".to_string())],
            fix: Some(Fix {
                title: "write `SHALL`".to_string(),
                edits: vec![(
                    "requirements.md".to_string(),
                    Edit::insert(REQUIREMENTS.trim_end().len() - 2, " SHALL"),
                )],
            }),
        },
        Finding {
            rule: "trace/uncited",
            severity: Severity::Warning,
            basis: Basis::Suspected,
            place: place(0, 10),
            subject: None,
            message: format!("no task cites `{HOSTILE}`"),
            hint: None,
            related: Vec::new(),
            fix: None,
        },
        Finding {
            rule: "ears/vague",
            severity: Severity::Hint,
            basis: Basis::Proved,
            place: Place { spec: "other".to_string(), ..place(0, 1) },
            subject: Some("2.1".to_string()),
            message: "`soon` is no time".to_string(),
            hint: Some("say how long".to_string()),
            related: Vec::new(),
            fix: None,
        },
    ]
}

/// A report of one spec with one of everything.
pub(crate) fn report() -> Report {
    let task = TaskReport {
        id: "1.1".to_string(),
        title: "Write the `store`".to_string(),
        state: "done".to_string(),
        criteria: vec!["1.1".to_string()],
    };
    let test = |name: &str, status: &str, confidence: f64| TestReport {
        name: name.to_string(),
        file: Some("tests/store.rs".to_string()),
        line: Some(7),
        status: status.to_string(),
        confidence,
    };
    let first = CriterionReport {
        tasks: vec![task.clone()],
        properties: vec!["Property 1: it holds".to_string()],
        tests: vec![test("keeps it", "passed", 1.0), test(HOSTILE, "failed", 0.7)],
        commits: vec![CommitReport { hash: "0a1b2c3".to_string(), subject: HOSTILE.to_string() }],
        files: vec![FileReport { path: "src/store.rs".to_string(), lines: "12-40, 52".to_string() }],
        findings: findings().iter().map(FindingReport::from).collect(),
        ..CriterionReport::new("1.1", "WHEN x THEN the `store` SHALL y", Status::Green)
    };
    let statuses = Status::ALL.into_iter().enumerate();
    let others = statuses.map(|(index, status)| CriterionReport::new(format!("2.{index}"), HOSTILE, status));
    let same = CriterionReport::new("1.1", "twice", Status::Red);
    let requirement = |number: &str, criteria: Vec<CriterionReport>| RequirementReport {
        number: number.to_string(),
        title: format!("Title {HOSTILE}"),
        story: Some(format!("As a person, {HOSTILE}")),
        criteria,
    };
    let spec = SpecReport {
        name: "rate limit".to_string(),
        title: "Rate limit".to_string(),
        kind: "feature".to_string(),
        requirements: vec![requirement("1", vec![first, same]), requirement("2", others.collect())],
        tasks: vec![task, TaskReport { title: HOSTILE.to_string(), ..TaskReport::default() }],
        findings: findings().iter().map(FindingReport::from).collect(),
    };
    let hostile = SpecReport { name: HOSTILE.to_string(), ..SpecReport::default() };
    let same = SpecReport {
        name: "rate-limit".to_string(),
        requirements: vec![requirement("1", vec![CriterionReport::new("1.1", "again", Status::NoTask)])],
        ..SpecReport::default()
    };
    Report {
        project: format!("demo {HOSTILE}"),
        generated: "2026-11-21T06:30:00Z".to_string(),
        specs: vec![spec, hostile, same],
    }
}
