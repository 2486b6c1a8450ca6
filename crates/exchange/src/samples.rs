//! One small report and its findings for the tests of the writers, with hostile words in every place.

use lint::finding::{Basis, Finding, Fix, Place};
use spec::{Edit, Severity, Span};

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
