//! A tick needs proof: a change in scope and a green check. Without it a task stays open, says why, and loses nothing.

use serde_json::{Value, json};

use crate::harness::{Desk, PLAN, approved, ends, makes, recording, turn};

/// A session that is sent back twice and says this each time.
fn stubborn(first: Vec<Value>) -> Vec<Value> {
    first.into_iter().chain([ends("It is done, really."), ends("Trust me.")]).collect()
}

/// Runs task 1 with these turns; it stays open for this reason.
#[track_caller]
fn stays_open(prepare: impl FnOnce(&Desk), turns: Vec<Value>, why: &[&str]) -> Desk {
    let desk = Desk::new();
    prepare(&desk);
    approved(&desk);
    let model = recording(&desk, &[("task 1", turns)]);
    let ran = desk.check(
        &["spec", "run", "--autopilot", "--model", &model],
        1,
        &["task 1 stays open", "[ ] task 1"],
    );
    ran.says(why).says(&["hint: go on with: waypost spec run greet"]);
    assert_eq!(desk.text(".kiro/specs/greet/tasks.md"), PLAN, "the tick is taken back");
    assert!(!desk.has("bye.txt"), "the next task is not begun");
    desk.check(&["spec", "status"], 0, why);
    desk.check(&["audit", "verify"], 0, &[]);
    desk
}

#[test]
fn a_check_that_stays_red() {
    let turns = stubborn(makes("other.txt", "x\n"));
    let desk = stays_open(|_| {}, turns, &["sh look.sh hello.txt"]);
    let records = desk.records("sessions");
    assert!(records.contains("no hello.txt"), "the model was told the end of the check's output");
    assert_eq!(desk.records("specs").matches("\"type\":\"checked\"").count(), 3, "three attempts");
}

#[test]
fn a_task_that_changes_nothing() {
    // The check is green from the start, and that alone proves nothing.
    let prepare = |desk: &Desk| desk.put("hello.txt", "hello\n");
    stays_open(
        prepare,
        stubborn(vec![ends("It is there already.")]),
        &["nothing was changed; the task names `hello.txt`"],
    );
}

#[test]
fn a_change_outside_of_its_files() {
    let prepare = |desk: &Desk| desk.put("hello.txt", "hello\n");
    stays_open(prepare, stubborn(makes("elsewhere.txt", "x\n")), &["hello.txt"]);
}

#[test]
fn the_second_attempt_can_prove_it() {
    let desk = Desk::new();
    approved(&desk);
    let turns = vec![
        ends("I believe it is done."),
        turn("It is not.", &[("write", json!({"path": "hello.txt", "content": "hello\n"}))]),
        ends("Now it is."),
    ];
    let model = recording(&desk, &[("task 1", turns)]);
    desk.check(&["spec", "run", "--task", "1", "--autopilot", "--model", &model], 0, &["[x] task 1"]);
    assert_eq!(desk.journals("sessions").len(), 1, "in the same session");
}

#[test]
fn what_a_command_changed_counts_and_what_a_model_says_does_not() {
    let desk = Desk::new();
    approved(&desk);
    let command = json!({"command": "echo hello > hello.txt"});
    let model = recording(&desk, &[("", vec![turn("", &[("shell", command)]), ends("I changed nothing.")])]);
    let flags = ["--autopilot", "--model", &model];
    desk.check(&[&["spec", "run", "--task", "1"], &flags[..]].concat(), 0, &["[x] task 1: 1 file changed"]);
}

#[test]
fn a_checkpoint_needs_only_its_check() {
    let desk = Desk::new();
    approved(&desk);
    let plan = format!("{PLAN}\n- [ ] 3. Checkpoint - Ensure all is there\n  - _Check: test -s hello.txt_\n");
    desk.put(".kiro/specs/greet/tasks.md", plan);
    desk.put("hello.txt", "hello\n");
    desk.check(&["spec", "approve", "--yes"], 0, &[]);
    let model = recording(&desk, &[("", vec![ends("All is there.")])]);
    desk.check(
        &["spec", "run", "--task", "3", "--model", &model],
        0,
        &["[x] task 3: `test -s hello.txt` is green"],
    );
}

#[test]
fn a_session_that_needs_an_answer_leaves_its_task_in_progress() {
    let desk = Desk::new();
    approved(&desk);
    let model = recording(&desk, &[("task 1", makes("hello.txt", "hello\n"))]);
    desk.check(
        &["spec", "run", "--model", &model],
        3,
        &["task 1: ", "fs_write `hello.txt` needs an answer", "--allow 'fs_write:hello.txt'"],
    );
    assert!(desk.text(".kiro/specs/greet/tasks.md").contains("- [-] 1."));
    desk.check(
        &["spec", "run", "--task", "1", "--model", &model, "--allow", "fs_write:hello.txt"],
        0,
        &["[x] task 1"],
    );
    assert_eq!(desk.journals("sessions").len(), 1);
}
