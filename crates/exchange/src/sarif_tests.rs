//! The log against what SARIF 2.1.0 requires of it.

use super::*;
use crate::lines::Lines;
use crate::samples;

fn log(findings: &[Finding], rules: &[Rule]) -> Value {
    let text = samples::REQUIREMENTS;
    let locate = |place: &Place| Located {
        path: format!(".kiro/specs/{}/{}", place.spec, place.file),
        region: Some(Lines::of(text.as_bytes()).region(text.as_bytes(), place.span)),
    };
    let written = write(&Input { version: "0.1.0", findings, rules, locate: &locate });
    serde_json::from_str(&written).expect("the log is JSON")
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(path).unwrap_or_else(|| panic!("{path} is missing in {value:#}"))
}

#[test]
fn a_finding_has_everything_that_a_viewer_needs() {
    let rules = [Rule {
        id: "ears/no-response".to_string(),
        summary: "a criterion says what happens".to_string(),
        help: "Say what the system **shall** do.".to_string(),
        severity: Severity::Error,
    }];
    let log = log(&samples::findings(), &rules);
    let check = |path: &str, expected: Value| assert_eq!(*at(&log, path), expected, "{path}");
    check("/version", json!("2.1.0"));
    check("/runs/0/tool/driver/name", json!("waypost"));
    check("/runs/0/tool/driver/rules/0/help/markdown", json!("Say what the system **shall** do."));
    check("/runs/0/tool/driver/rules/1/id", json!("trace/uncited"));
    check("/runs/0/results/0/ruleIndex", json!(0));
    check("/runs/0/results/0/level", json!("error"));
    check("/runs/0/results/0/properties/basis", json!("read"));
    check("/runs/0/results/0/properties/subject", json!("1.2"));
    check("/runs/0/results/0/locations/0/logicalLocations/0/fullyQualifiedName", json!("rate limit/1.2"));
    let uri = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
    check(uri, json!(".kiro/specs/rate%20limit/requirements.md"));
    check("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(12));
    check("/runs/0/results/0/relatedLocations/0/id", json!(1));
    let fix = "/runs/0/results/0/fixes/0/artifactChanges/0/replacements/0";
    check(&format!("{fix}/insertedContent/text"), json!(" SHALL"));
    let message = at(&log, "/runs/0/results/1/message/text").as_str().unwrap();
    assert!(!message.contains("]("), "{message}");
}

#[test]
fn a_finding_keeps_its_name_when_lines_move() {
    let mut findings = samples::findings();
    let name = |log: &Value, index: usize| {
        at(log, &format!("/runs/0/results/{index}/partialFingerprints/waypostFinding~1v1")).clone()
    };
    let before = log(&findings, &[]);
    findings[0].place.span.offset += 3;
    findings.reverse();
    let after = log(&findings, &[]);
    assert_eq!(name(&before, 0), name(&after, findings.len() - 1));
    let twice = [findings[0].clone(), findings[0].clone()];
    let twice = log(&twice, &[]);
    assert_ne!(name(&twice, 0), name(&twice, 1));
}

#[test]
fn what_is_left_out_is_said() {
    let one = samples::findings().remove(0);
    let many = vec![one; 5];
    let locate = |_: &Place| Located { path: "a.md".to_string(), region: None };
    let written = write_up_to(&Input { version: "0", findings: &many, rules: &[], locate: &locate }, 3);
    let log: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(at(&log, "/runs/0/results").as_array().map(Vec::len), Some(3));
    let text = at(&log, "/runs/0/invocations/0/toolExecutionNotifications/0/message/text");
    assert!(text.as_str().unwrap().starts_with("2 more findings"), "{text}");
}
