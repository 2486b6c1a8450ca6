//! `spec plan`: a model hands in a plan as data, Waypost checks it and writes it; nothing else changes.

use serde_json::{Value, json};

use crate::harness::{Answer, Desk, PLAN, REQUIREMENTS, SINGLE, ends, greet, recording, turn};

fn plan(criteria: [&str; 2]) -> Value {
    json!({
        "overview": "First the greeting, then the leave.",
        "tasks": [
            {"title": "Write the greeting", "files": ["hello.txt"], "requirements": [criteria[0]], "check": "test -s hello.txt"},
            {"title": "Write the leave", "files": ["bye.txt"], "requirements": [criteria[1]], "check": "test -s bye.txt"},
        ],
        "design": {"overview": "Two files.", "architecture": "One program.", "testing_strategy": "A check a task.",
            "components": [{"name": "Greeter", "text": "Writes both."}], "data_models": "None", "error_handling": "None",
            "properties": [{"title": "Greets", "statement": "*For any* start, THE Greeter SHALL greet.", "validates": ["1.1"]}]}
    })
}

fn submits(plans: &[Value]) -> Vec<Value> {
    let turns = plans.iter().map(|plan| turn("", &[("submit_plan", plan.clone())]));
    turns.chain([ends("Handed in.")]).collect()
}

#[test]
fn a_folder_gets_design_and_tasks() {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    let model =
        recording(&desk, &[("Write the plan for the spec `greet`", submits(&[plan(["1.1", "1.2"])]))]);
    desk.check(
        &["spec", "plan", "greet", "--model", &model],
        0,
        &["Write the greeting", "Write the leave", "next: review it, then: waypost spec approve greet"],
    );
    assert_eq!(desk.text(".kiro/specs/greet/requirements.md"), REQUIREMENTS);
    let tasks = desk.text(".kiro/specs/greet/tasks.md");
    for line in
        ["- [ ] 1. Write the greeting", "_Requirements: 1.1_", "_Check: test -s hello.txt_", "hello.txt"]
    {
        assert!(tasks.contains(line), "`{line}`: {tasks}");
    }
    assert!(desk.text(".kiro/specs/greet/design.md").contains("Writes both."));
    let status = desk.waypost(&["--json", "spec", "status"]).document();
    assert_eq!(status["problems"], json!([]));
    assert_eq!(status["steps"].as_array().unwrap().len(), 2);
}

#[test]
fn a_single_file_gets_a_section_and_keeps_every_byte() {
    let desk = Desk::new();
    let before = SINGLE.split("\n## Tasks").next().unwrap();
    desk.put(".kiro/specs/greet.md", before);
    let mut single = plan(["1", "1"]);
    single.as_object_mut().unwrap().remove("design");
    let model = recording(&desk, &[("Write the plan for the spec `greet`", submits(&[single]))]);
    desk.check(&["spec", "plan", "--model", &model], 0, &["Write the greeting"]);
    let after = desk.text(".kiro/specs/greet.md");
    assert!(after.starts_with(before) && after.contains("## Tasks"), "{after}");
}

#[test]
fn a_plan_that_does_not_fit_goes_back_with_the_reasons() {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    let mut designless = plan(["1.1", "1.2"]);
    designless["design"] = Value::Null;
    let plans = [designless, plan(["1.1", "9.9"]), plan(["1.1", "1.1"]), plan(["1.1", "1.2"])];
    let model = recording(&desk, &[("", submits(&plans))]);
    let ran = desk.waypost(&["--json", "spec", "plan", "--model", &model]);
    let results = ran.exits(0).of_type("result");
    for (result, why) in results.iter().zip(["no design.md", "9.9", "1.2"]) {
        assert_eq!(result["status"], "failed");
        assert!(result["text"].as_str().unwrap().contains(why), "{result}");
    }
    assert_eq!(results[3]["status"], "done");
}

#[test]
fn no_plan_leaves_nothing() {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    let before = desk.everything();
    let model = recording(&desk, &[("", submits(&[plan(["1.1", "9.9"])]))]);
    desk.check(&["spec", "plan", "--model", &model], 1, &["submit_plan", "nothing was written"]);
    assert!(desk.everything() == before);
}

#[test]
fn a_plan_that_is_there_is_shown_and_not_made_again() {
    let desk = Desk::new();
    greet(&desk);
    let before = desk.everything();
    desk.check(
        &["spec", "plan"],
        0,
        &["this plan exists; --again", "Write the greeting", "sh look.sh hello.txt"],
    );
    assert!(desk.everything() == before);
    let model = recording(&desk, &[("", submits(&[plan(["1.1", "1.2"])]))]);
    desk.check(&["spec", "plan", "--again", "--model", &model], 0, &["test -s hello.txt"]);
    assert!(desk.text(".kiro/specs/greet/tasks.md") != PLAN);
}

#[test]
fn a_plan_needs_a_model() {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    desk.check(&["spec", "plan"], 6, &["no model provider is configured"]);
}

#[test]
fn a_planning_that_is_killed_leaves_nothing_half_done() {
    let (desk, scripted) = Desk::with(vec![Answer::Stall("I plan".to_string())]);
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    let before = desk.everything();
    let running = desk.spawn(&["spec", "plan"]);
    scripted.wait_for(1);
    running.kill();
    assert!(desk.everything() == before);
    desk.check(
        &["session", "resume"],
        2,
        &["left nothing half done", "hint: start it again: waypost spec plan"],
    );
    let model = recording(&desk, &[("", submits(&[plan(["1.1", "1.2"])]))]);
    desk.check(&["spec", "plan", "--model", &model], 0, &["Write the leave"]);
}
