//! `waypost demo`: the whole flow with the recorded model, the sample's real tests included. Slow: cargo builds the sample.

use serde_json::{Value, json};

use crate::harness::Desk;

#[test]
fn from_the_plan_to_the_brief_without_an_account() {
    let desk = Desk::new();
    let ran = desk.check(
        &["demo", "--yes", "--into", "demo"],
        0,
        &["RECORDED", "approved by tester", "[x] task 1", "[x] task 4", "waypost -C"],
    );
    let tasks = desk.text("demo/.kiro/specs/rate-limit/tasks.md");
    let ticks = |state: &str| tasks.lines().filter(|line| line.starts_with(&format!("- [{state}]"))).count();
    assert_eq!((ticks("x"), ticks(" "), ticks("-")), (4, 0, 0), "{tasks}");
    for text in ["src/limiter.rs", "1.1", "SHALL", "cargo test"] {
        assert!(ran.out.contains(text), "`{text}` is not in the brief: {}", ran.out);
    }
    let demo = desk.work("demo").display().to_string();
    let status = desk.waypost(&["-C", &demo, "--json", "spec", "status"]).document();
    assert_eq!((&status["unapproved"], &status["problems"]), (&json!([]), &json!([])));
    let proven = |task: &Value| task["proven"] == true && task["check"]["exit"] == 0;
    let tasks = status["brief"]["tasks"].as_array().unwrap();
    assert!(tasks.len() == 4 && tasks.iter().all(proven), "{status}");
    assert_eq!(status["brief"]["uncovered"], json!([]), "every criterion has its task");
    desk.check(&["-C", &demo, "audit", "verify"], 0, &["every chain is whole"]);
    desk.check(&["demo", "--yes", "--into", "demo"], 2, &["already holds a project", "--into"]);
}
