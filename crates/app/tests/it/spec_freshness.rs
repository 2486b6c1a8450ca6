//! Whether design and tasks are as new as what they answer: status, drift and acceptance, from outside.

use serde_json::{Value, json};

use crate::harness::{Desk, PLAN, REQUIREMENTS, approved, greet};

const TASKS: &str = ".kiro/specs/greet/tasks.md";
const WANTED: &str = ".kiro/specs/greet/requirements.md";
const DESIGN: &str = ".kiro/specs/greet/design.md";

fn committed() -> Desk {
    let desk = Desk::new();
    greet(&desk);
    desk.git(&["init", "-q"]);
    commit(&desk, "begin");
    desk
}

fn commit(desk: &Desk, subject: &str) {
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-qm", subject]);
}

fn status(desk: &Desk) -> Value {
    desk.waypost(&["--json", "spec", "status"]).exits(0).document()
}

/// What status says is stale: source, cause, sections, tasks.
#[track_caller]
fn check(desk: &Desk, expected: Value) {
    let status = status(desk);
    let rows = status["stale"].as_array().unwrap().iter();
    let rows: Vec<Value> = rows
        .map(|row| {
            let tasks: Vec<&Value> =
                row["tasks"].as_array().unwrap().iter().map(|task| &task["task"]).collect();
            json!([row["source"], row["cause"], row["design_sections"], tasks])
        })
        .collect();
    assert_eq!(json!(rows), expected, "{status}");
    let said = if rows.is_empty() { "fresh" } else { "stale" };
    assert_eq!(status["freshness"], said);
}

#[test]
fn a_changed_criterion_is_named_with_what_stands_on_it() {
    let desk = committed();
    check(&desk, json!([]));
    let changed = REQUIREMENTS.replace("write hello into", "write hello and a name into");
    desk.put(WANTED, &changed);
    let stale = json!([["criterion 1.1", "changed", ["Property 1: Greets"], ["1"]]]);
    check(&desk, stale.clone());
    desk.check(
        &["spec", "status"],
        0,
        &[
            "the design is older than criterion 1.1",
            "the plan is older than criterion 1.1",
            "criterion 1.1 was changed  (not committed yet)",
            "design: Property 1: Greets",
            "tasks: 1",
            "waypost spec accept greet 1.1 --why",
        ],
    );
    commit(&desk, "greet by name");
    check(&desk, stale);
    desk.check(&["spec", "status"], 0, &["greet by name"]);
    desk.check(
        &["spec", "drift"],
        1,
        &["greet  outdated  1.1", "design section `Property 1: Greets`, task `1`", "greet by name"],
    );
    let drift = desk.waypost(&["--json", "spec", "drift"]).exits(1).document();
    assert_eq!(drift[0]["kind"], "outdated");
    assert_eq!(drift[0]["stands"], json!(["design section `Property 1: Greets`", "task `1`"]));
    // Whoever rewrites the task saw it; the design is still to be looked at.
    desk.put(TASKS, PLAN.replace("Write the greeting", "Write the greeting with the name"));
    check(&desk, json!([["criterion 1.1", "changed", ["Property 1: Greets"], []]]));
    desk.check(
        &["spec", "accept", "greet", "1.1", "--why", "the property holds"],
        0,
        &["written and recorded"],
    );
    let accepted = desk.text(".kiro/specs/greet/accepted.json");
    assert!(accepted.contains("the property holds") && accepted.contains("\"by\": \"tester\""), "{accepted}");
    assert!(desk.records("specs").contains("accept 1.1"));
    check(&desk, json!([]));
    desk.check(&["spec", "drift"], 0, &["no drift"]);
    // The next change is seen again.
    commit(&desk, "accept it");
    desk.put(WANTED, changed.replace("a name", "two names"));
    check(&desk, json!([["criterion 1.1", "changed", ["Property 1: Greets"], ["1"]]]));
    desk.check(&["audit", "verify"], 0, &[]);
}

#[test]
fn layout_numbers_ticks_and_other_criteria_flag_nothing() {
    let desk = committed();
    desk.put(
        WANTED,
        REQUIREMENTS.replace("\n", "\r\n").replace("THE Greeter SHALL", "THE  **Greeter**  SHALL"),
    );
    desk.put(TASKS, PLAN.replace("[ ]", "[x]"));
    check(&desk, json!([]));
    desk.put(WANTED, format!("{REQUIREMENTS}3. WHEN the Greeter waits, THE Greeter SHALL smile.\n"));
    check(&desk, json!([]));
    desk.put(WANTED, REQUIREMENTS);
    desk.put(TASKS, PLAN);
    desk.check(&["spec", "edit", "insert", "criteria", "1", "THE Greeter SHALL start."], 0, &["is now 1.2"]);
    check(&desk, json!([]));
    commit(&desk, "insert a criterion");
    check(&desk, json!([]));
    // References that were left behind by hand cite something else now.
    let inserted = desk.text(WANTED);
    let desk = committed();
    desk.put(WANTED, inserted);
    let status = status(&desk);
    let first = &status["stale"][0];
    assert_eq!(
        json!([first["cause"], first["source"], first["now"]]),
        json!(["renumbered", "criterion 1.1", "criterion 1.2"]),
        "{status}"
    );
}

#[test]
fn a_commit_of_both_documents_says_that_they_fit() {
    let desk = committed();
    desk.put(WANTED, REQUIREMENTS.replace("bye into", "farewell into"));
    desk.put(TASKS, PLAN.replace("First the greeting", "At first the greeting"));
    check(&desk, json!([["criterion 1.2", "changed", [], ["2"]]]));
    commit(&desk, "say farewell");
    check(&desk, json!([]));
}

#[test]
fn an_approval_is_a_baseline_without_any_history() {
    let desk = Desk::new();
    greet(&desk);
    assert_eq!(status(&desk)["freshness"], "unknown");
    desk.check(&["spec", "approve", "greet", "--yes"], 0, &[]);
    check(&desk, json!([]));
    desk.put(WANTED, REQUIREMENTS.replace("bye into", "farewell into"));
    desk.put(TASKS, PLAN.replace("First the greeting", "At first the greeting"));
    check(&desk, json!([["criterion 1.2", "changed", [], ["2"]]]));
    assert_eq!(status(&desk)["stale"][0]["since"], "approval");
    desk.check(&["spec", "drift"], 1, &["outdated  1.2", "task `2`"]);
    desk.check(&["spec", "accept", "--why", "the same"], 0, &["written and recorded"]);
    check(&desk, json!([]));
    desk.take(".kiro/specs/greet/accepted.json");
    desk.check(&["spec", "approve", "greet", "--yes"], 0, &[]);
    check(&desk, json!([]));
    // What was removed is named, too.
    let without = desk.text(WANTED).split("2. WHEN").next().unwrap().to_string();
    desk.put(WANTED, without);
    check(&desk, json!([["criterion 1.2", "removed", [], ["2"]]]));
    desk.check(&["spec", "accept", "greet", "1.2", "--why", "gone for good"], 0, &[]);
    check(&desk, json!([]));
}

#[test]
fn a_commit_after_an_approval_does_not_hide_what_it_changed() {
    let desk = Desk::new();
    approved(&desk);
    desk.git(&["init", "-q"]);
    commit(&desk, "begin");
    desk.put(WANTED, REQUIREMENTS.replace("bye into", "farewell into"));
    desk.put(DESIGN, desk.text(DESIGN).replace("Two files", "Both files"));
    desk.put(TASKS, PLAN.replace("First the greeting", "At first the greeting"));
    commit(&desk, "say farewell");
    check(&desk, json!([["criterion 1.2", "changed", [], ["2"]]]));
}

#[test]
fn a_task_stands_on_the_section_that_it_names() {
    let desk = committed();
    desk.put(DESIGN, desk.text(DESIGN).replace("with a line each", "with two lines each"));
    check(&desk, json!([["design section Greeter", "changed", [], ["1"]]]));
    desk.check(&["spec", "accept", "greet", "section:Greeter", "--why", "wording"], 0, &[]);
    check(&desk, json!([]));
}
