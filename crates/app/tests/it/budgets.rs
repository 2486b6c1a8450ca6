//! Exit code 5: bounds of turns and of money.

use serde_json::json;

use crate::harness::{Answer, Desk, Model, approved, call, makes, recording, say};

fn busy() -> Vec<Answer> {
    let look = |n: usize| call("read", json!({"path": format!("{n}.txt")}));
    vec![look(1), look(2), look(3), say("Seen enough.")]
}

fn desk() -> (Desk, Model) {
    let (desk, model) = Desk::with(busy());
    for n in 1..=3 {
        desk.put(&format!("{n}.txt"), "text\n");
    }
    (desk, model)
}

#[test]
fn turns() {
    let (desk, model) = desk();
    desk.check(
        &["run", "look", "--max-turns", "2"],
        5,
        &["reached the limit of 2 turns", "hint: go on with: waypost session resume 2"],
    );
    assert_eq!(model.requests().len(), 2);
    desk.check(&["session", "resume", "--max-turns", "10"], 0, &["Seen enough."]);
    assert_eq!(model.requests().len(), 4, "it went on where it stopped");
}

#[test]
fn money() {
    // Each answer costs 1000 × $2/M + 100 × $10/M = $0.003.
    let (desk, model) = desk();
    desk.check(&["run", "look", "--max-cost", "0.005"], 5, &["spent $0.006", "the limit is $0.005"]);
    assert_eq!(model.requests().len(), 2);
}

#[test]
fn bounds_of_the_settings_hold_and_flags_go_before_them() {
    let (desk, model) = desk();
    desk.config("max_turns = 1\n");
    desk.check(&["run", "look"], 5, &["reached the limit of 1 turns"]);
    desk.check(&["session", "resume", "--max-turns", "9"], 0, &["Seen enough."]);
    assert_eq!(model.requests().len(), 4);
}

#[test]
fn money_cannot_be_bounded_without_a_price() {
    let (desk, model) = desk();
    let arguments = ["run", "look", "--max-cost", "1", "--model", "anthropic/claude-unheard-of"];
    desk.check(&arguments, 2, &["the price of `anthropic/claude-unheard-of` is not known", "[prices."]);
    assert_eq!(model.requests().len(), 0);
    desk.config("[prices.\"anthropic/claude-unheard-of\"]\ninput = 2000.0\noutput = 0.0\n");
    desk.check(&arguments, 5, &["spent $2", "the limit is $1"]);
    desk.check(&["run", "look", "--max-cost=-1"], 2, &["a budget of -1 dollars makes no sense"]);
}

#[test]
fn a_task_that_runs_into_a_bound_goes_on_later() {
    let desk = Desk::new();
    approved(&desk);
    let model = recording(&desk, &[("task 1", makes("hello.txt", "hello\n"))]);
    let arguments = ["spec", "run", "--task", "1", "--autopilot", "--model", &model];
    let bound = [&arguments[..], &["--max-turns", "1"]].concat();
    desk.check(
        &bound,
        5,
        &["task 1: reached the limit of 1 turns", "hint: go on with: waypost spec run greet"],
    );
    assert!(desk.text(".kiro/specs/greet/tasks.md").contains("- [-] 1."));
    desk.check(&arguments, 0, &["[x] task 1"]);
    assert_eq!(desk.journals("sessions").len(), 1, "in the same session");
}
