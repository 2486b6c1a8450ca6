//! Approval: of which bytes and commands, by whom, and that nothing runs without it.

use serde_json::json;

use crate::harness::{Desk, PLAN, REQUIREMENTS, approved, greet, makes, recording, soon};

fn model(desk: &Desk) -> String {
    recording(desk, &[("task 1", makes("hello.txt", "hello\n")), ("task 2", makes("bye.txt", "bye\n"))])
}

#[test]
fn nothing_runs_before_it() {
    let desk = Desk::new();
    greet(&desk);
    let before = desk.everything();
    desk.check(
        &["spec", "run", "--autopilot", "--model", &model(&desk)],
        3,
        &[
            "not approved as it is now",
            "requirements.md",
            "tasks.md",
            "hint: review what changed, then: waypost spec approve greet",
        ],
    );
    assert!(desk.everything() == before, "not even a tick");
    assert!(desk.journals("sessions").is_empty());
}

#[test]
fn without_a_person_it_needs_the_flag() {
    let desk = Desk::new();
    greet(&desk);
    desk.check(
        &["spec", "approve"],
        3,
        &["Write the greeting", "nobody can be asked here", "waypost spec approve greet --yes"],
    );
    desk.check(&["spec", "status"], 0, &["not approved"]);
    let ran = desk.waypost(&["--json", "spec", "approve", "--yes"]);
    let approved = ran.exits(0).of_type("approved").remove(0);
    assert_eq!((&approved["spec"], &approved["by"]), (&json!("greet"), &json!("tester")));
    assert_eq!(approved["checks"], json!(["sh look.sh bye.txt", "sh look.sh hello.txt"]));
    let documents = approved["documents"].as_array().unwrap();
    for name in ["requirements.md", "design.md", "tasks.md"] {
        assert!(documents.contains(&json!(name)), "{documents:?}");
    }
    desk.check(&["spec", "status"], 0, &["approved by tester"]);
    assert_eq!(desk.waypost(&["--json", "spec", "list"]).document()[0]["approved"], true);
}

#[test]
fn a_document_edited_afterwards_needs_it_again() {
    for (file, text) in [
        ("requirements.md", REQUIREMENTS.replace("write hello", "write a hello")),
        ("tasks.md", PLAN.replace("Write `bye.txt`", "Write `bye.txt` and more")),
    ] {
        let desk = Desk::new();
        approved(&desk);
        desk.put(&format!(".kiro/specs/greet/{file}"), text);
        desk.check(
            &["spec", "run", "--autopilot", "--model", &model(&desk)],
            3,
            &[&format!("not approved as it is now: {file}"), "waypost spec approve greet"],
        );
        desk.check(&["spec", "status"], 0, &["approved by tester, but changed since", file]);
        assert!(!desk.has("hello.txt"));
        desk.check(&["spec", "approve", "--yes"], 0, &[]);
        desk.check(&["spec", "run", "--autopilot", "--model", &model(&desk)], 0, &[]);
    }
}

#[test]
fn a_document_that_came_or_went_needs_it_again() {
    let desk = Desk::new();
    approved(&desk);
    desk.take(".kiro/specs/greet/design.md");
    desk.check(&["spec", "run", "--model", &model(&desk)], 3, &["not approved as it is now: design.md"]);
}

#[test]
fn it_holds_for_one_spec_and_not_for_its_twin() {
    let desk = Desk::new();
    for name in ["team/limits", "team--limits"] {
        desk.put(&format!(".kiro/specs/{name}/requirements.md"), REQUIREMENTS);
        desk.put(&format!(".kiro/specs/{name}/tasks.md"), PLAN);
    }
    desk.check(&["spec", "approve", "team/limits", "--yes"], 0, &[]);
    let specs = desk.check(&["--json", "spec", "list"], 0, &[]).document();
    let approved: Vec<_> =
        specs.as_array().unwrap().iter().map(|row| (&row["spec"], &row["approved"])).collect();
    assert_eq!(approved, [(&json!("team--limits"), &json!(false)), (&json!("team/limits"), &json!(true))]);
}

#[test]
fn ticks_keep_it() {
    let desk = Desk::new();
    approved(&desk);
    desk.put(".kiro/specs/greet/tasks.md", PLAN.replace("- [ ] 1.", "- [x] 1."));
    desk.check(&["spec", "run", "--autopilot", "--model", &model(&desk)], 0, &[]);
    assert!(!desk.has("hello.txt") && desk.has("bye.txt"));
}

#[test]
fn an_edit_during_the_run_stops_it_before_anything_is_ticked() {
    let desk = Desk::new();
    approved(&desk);
    // The check waits while a person changes the requirements; itself it could not.
    let wait = "echo more >> .kiro/specs/greet/requirements.md; n=0; while ! grep -q 'And more' \
                .kiro/specs/greet/requirements.md && [ $n -lt 999 ]; do n=$((n+1)); sleep 0.02; done; touch waited; test -s \"$1\"\n";
    desk.put("look.sh", format!("touch waits; {wait}"));
    let model_name = model(&desk);
    let running = desk.spawn(&["spec", "run", "--autopilot", "--model", &model_name]);
    assert!(soon(|| desk.has("waits")), "{}", running.err());
    let before = desk.text(".kiro/specs/greet/requirements.md");
    assert_eq!(before, REQUIREMENTS, "no command changes an approved document");
    desk.put(".kiro/specs/greet/requirements.md", format!("{before}5. And more.\n"));
    let ran = running.finish();
    ran.exits(3).says(&[
        "not approved as it is now: requirements.md (changed while task 1 was worked on)",
        "spec approve greet",
    ]);
    ran.never_says(&["[x] task 1"]);
    assert!(!desk.has("bye.txt"));
    // Approved as it is now, the same task goes on and is proven.
    desk.put("look.sh", "test -s \"$1\"\n");
    desk.check(&["spec", "approve", "--yes"], 0, &[]);
    desk.check(&["spec", "run", "--autopilot", "--model", &model(&desk)], 0, &["[x] task 1"]);
}

#[test]
fn a_check_that_the_approval_does_not_cover_does_not_run() {
    let desk = Desk::new();
    let without = PLAN
        .replace("  - _Check: sh look.sh hello.txt_\n", "")
        .replace("  - _Check: sh look.sh bye.txt_\n", "");
    greet(&desk);
    desk.put(".kiro/specs/greet/tasks.md", without);
    desk.check(&["spec", "approve", "--yes"], 0, &[]);
    desk.check(
        &["spec", "run", "--model", &model(&desk)],
        3,
        &["task 1 has no check command", "_Check: <command>_"],
    );
    let work = desk.resolved("work");
    desk.config(&format!("[workspaces.\"{work}\"]\ncheck = \"touch ran\"\n"));
    desk.check(
        &["spec", "run", "--model", &model(&desk)],
        3,
        &["the approval does not cover the check `touch ran`"],
    );
    assert!(!desk.has("ran"));
    desk.check(&["spec", "approve", "--yes"], 0, &["touch ran"]);
    desk.check(&["spec", "run", "--autopilot", "--model", &model(&desk)], 0, &[]);
    assert!(desk.has("ran"));
}

#[test]
fn there_is_nothing_to_approve_without_a_plan() {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    desk.check(&["spec", "approve", "--yes"], 3, &["has no plan to approve", "waypost spec plan greet"]);
    desk.check(&["spec", "run", "--model", &model(&desk)], 3, &["has no plan", "waypost spec plan greet"]);
}
