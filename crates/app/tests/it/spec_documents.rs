//! Specs that are missing, empty, not UTF-8 or half written: said with the next step, and never made worse.

use crate::harness::{Desk, PLAN, REQUIREMENTS, greet, makes, recording};

const SPEC: &str = ".kiro/specs/greet";

fn model(desk: &Desk) -> String {
    recording(desk, &[("", makes("hello.txt", "hello\n"))])
}

/// Prepares a spec, runs these, and sees that nothing in the workspace changed.
#[track_caller]
fn check(prepare: impl FnOnce(&Desk), expected: &[(&[&str], i32, &[&str])]) {
    let desk = Desk::new();
    prepare(&desk);
    let model = model(&desk);
    let before = desk.everything();
    for (arguments, code, says) in expected {
        let with_model = [*arguments, &["--model", &model]].concat();
        let needs_model = ["plan", "run"].contains(&arguments[1]);
        desk.check(if needs_model { &with_model } else { arguments }, *code, says);
        assert!(desk.everything() == before, "{arguments:?} changed something");
    }
}

#[test]
fn missing() {
    let hint = "hint: start one: waypost spec new";
    check(
        |_| {},
        &[
            (&["spec", "run", "greet"], 2, &["there is no spec `greet`", hint]),
            (&["spec", "plan"], 2, &["there is no spec in this workspace", hint]),
            (&["spec", "approve", "--yes"], 2, &[hint]),
            (&["spec", "status"], 2, &[hint]),
            (&["spec", "list"], 0, &["no specs here yet"]),
        ],
    );
    let two = |desk: &Desk| {
        greet(desk);
        desk.put(".kiro/specs/other.md", "# Feature: Other\n");
    };
    check(
        two,
        &[
            (&["spec", "run", "gret"], 2, &["there is no spec `gret`", "the specs here are: greet, other"]),
            (&["spec", "status"], 2, &["there is more than one spec", "name one of: greet, other"]),
        ],
    );
}

#[test]
fn empty() {
    let hint = "write requirements into .kiro/specs/greet";
    check(
        |desk| desk.put(&format!("{SPEC}/requirements.md"), ""),
        &[
            (&["spec", "status"], 0, &[]),
            (&["spec", "plan"], 3, &["has no criteria that could be planned", hint]),
            (&["spec", "approve", "--yes"], 3, &["has no plan to approve", "waypost spec plan greet"]),
            (&["spec", "run"], 3, &["has no plan", "waypost spec plan greet"]),
        ],
    );
    check(
        |desk| desk.put(&format!("{SPEC}.md"), ""),
        &[
            (&["spec", "status"], 0, &[]),
            (&["spec", "plan"], 3, &[hint]),
            (&["spec", "run"], 3, &["waypost spec plan greet"]),
        ],
    );
}

#[test]
fn not_utf_8() {
    let mut latin = REQUIREMENTS.as_bytes().to_vec();
    latin.extend_from_slice(b"\nGr\xfc\xdfe\n");
    let prepare = |desk: &Desk| {
        greet(desk);
        desk.put(&format!("{SPEC}/requirements.md"), &latin);
    };
    check(
        prepare,
        &[(&["spec", "status"], 0, &["requirements.md", "UTF-8"]), (&["spec", "plan"], 0, &["UTF-8"])],
    );
    check(
        |desk| desk.put(&format!("{SPEC}/requirements.md"), b"\xff\xfe\x00\x00\x80"),
        &[(&["spec", "status"], 0, &[]), (&["spec", "plan"], 3, &["has no criteria that could be planned"])],
    );
}

#[test]
fn a_plan_in_utf_16_is_not_ticked_to_pieces() {
    let wide: Vec<u8> = PLAN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let prepare = |desk: &Desk| {
        greet(desk);
        desk.put(&format!("{SPEC}/tasks.md"), [b"\xff\xfe".as_slice(), &wide].concat());
    };
    check(prepare, &[(&["spec", "status"], 0, &["tasks.md"]), (&["spec", "run"], 3, &["has no plan"])]);
}

#[test]
fn half_written() {
    let half = &REQUIREMENTS[..REQUIREMENTS.find("#### Acceptance").unwrap()];
    check(
        |desk| desk.put(&format!("{SPEC}/requirements.md"), half),
        &[(&["spec", "status"], 0, &[]), (&["spec", "plan"], 3, &["has no criteria that could be planned"])],
    );
    let torn = &PLAN[..PLAN.find("_Requirements: 1.2").unwrap()];
    let prepare = |desk: &Desk| {
        greet(desk);
        desk.put(&format!("{SPEC}/tasks.md"), torn);
    };
    check(prepare, &[(&["spec", "status"], 0, &["1.2"]), (&["spec", "run"], 3, &["not approved"])]);
}

#[test]
fn a_task_that_cites_what_is_not_there() {
    let prepare = |desk: &Desk| {
        greet(desk);
        desk.put(&format!("{SPEC}/tasks.md"), PLAN.replace("_Requirements: 1.2_", "_Requirements: 7.7_"));
    };
    check(prepare, &[(&["spec", "status"], 0, &["7.7"]), (&["spec", "approve"], 3, &["7.7"])]);
}

#[test]
fn a_task_that_does_not_exist() {
    let desk = Desk::new();
    crate::harness::approved(&desk);
    let model = model(&desk);
    desk.check(&["spec", "run", "--task", "9", "--model", &model], 2, &["task `9`", "hint: "]);
    assert_eq!(desk.text(&format!("{SPEC}/tasks.md")), PLAN);
}
