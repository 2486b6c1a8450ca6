//! The write scope of a spec: what its tasks may write, by every route, and that the approval covers it.
#![expect(clippy::disallowed_methods, reason = "puts links and folders where a file is expected")]

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::harness::{Desk, ends, greet, makes, recording, turn};

const SCOPE: &str = ".kiro/specs/greet/write-scope";

/// The answers for both tasks; the first begins with these calls.
fn model(desk: &Desk, calls: &[(&str, Value)]) -> String {
    let mut first: Vec<Value> = calls.iter().map(|call| turn("First.", std::slice::from_ref(call))).collect();
    first.extend(makes("hello.txt", "hello\n"));
    recording(desk, &[("task 1", first), ("task 2", makes("bye.txt", "bye\n"))])
}

/// A desk with an approved spec that has this scope.
#[track_caller]
fn scoped(scope: &str) -> Desk {
    let desk = Desk::new();
    greet(&desk);
    desk.put(SCOPE, scope);
    desk.check(&["spec", "approve", "--yes"], 0, &["approved by tester", "write-scope"]);
    desk
}

#[track_caller]
fn run(desk: &Desk, calls: &[(&str, Value)], code: i32, says: &[&str]) {
    let model = model(desk, calls);
    desk.check(&["spec", "run", "--autopilot", "--model", &model], code, says);
}

#[test]
fn within_it_tasks_write_and_outside_they_ask() {
    let desk = scoped("# only the greeting\nhello.txt\n");
    run(&desk, &[], 3, &["the grant of the spec `greet` (`write-scope`)", "bye.txt"]);
    assert!(desk.has("hello.txt") && !desk.has("bye.txt"));
    assert!(
        desk.text(".kiro/specs/greet/tasks.md").contains("- [x] 1."),
        "ticks and checks are Waypost's own"
    );
    // Allowing it by a rule does not widen the scope.
    let model = model(&desk, &[]);
    desk.check(
        &["spec", "run", "--autopilot", "--allow", "fs_write:**", "--model", &model],
        3,
        &["write-scope"],
    );
    assert!(!desk.has("bye.txt"));
    desk.put(SCOPE, "hello.txt\nbye.txt\n");
    desk.check(&["spec", "status"], 0, &["changed since: write-scope"]);
    assert_eq!(desk.waypost(&["--json", "spec", "list"]).document()[0]["approved"], false);
    run(&desk, &[], 3, &["not approved as it is now: write-scope"]);
    desk.check(&["spec", "approve", "--yes"], 0, &["The tasks may write only here", "  bye.txt"]);
    run(&desk, &[], 0, &[]);
    assert!(desk.has("bye.txt"));
}

#[test]
fn every_route_is_held() {
    for (tool, input) in [
        ("write", json!({"path": "other.txt", "content": "x"})),
        ("shell", json!({"command": "echo x > other.txt"})),
        ("shell", json!({"command": "cp look.sh other.txt"})),
        ("shell", json!({"command": "cd .. && cd work && touch other.txt"})),
        ("shell", json!({"command": "python3 -c \"open('other.txt', 'w')\""})),
        ("shell", json!({"command": "bash -c 'echo x > other.txt'"})),
        ("write", json!({"path": "link/other.txt", "content": "x"})),
    ] {
        let desk = scoped(
            "hello.txt
",
        );
        fs::create_dir_all(desk.work("deep")).unwrap();
        symlink("deep", desk.work("link")).unwrap();
        let allow = ["--allow", "shell:*"];
        let model = model(&desk, &[(tool, input.clone())]);
        let arguments = ["spec", "run", "--autopilot", "--model", &model, "--task", "1"];
        let arguments: Vec<&str> = arguments.iter().chain(&allow).copied().collect();
        desk.check(&arguments, 3, &[]);
        assert!(!desk.has("other.txt") && !desk.has("deep/other.txt"), "{input}");
    }
}

#[test]
fn reading_and_approved_checks_go_on() {
    let desk = scoped("hello.txt\nbye.txt\n");
    let calls = [
        ("shell", json!({"command": "cat look.sh | head"})),
        ("shell", json!({"command": "sh look.sh bye.txt"})),
    ];
    run(&desk, &calls, 0, &[]);
    let explain = |call: &str, code: i32, says: &[&str]| {
        desk.check(&["policy", "explain", call, "--spec", "greet", "--autopilot"], code, says);
    };
    explain("fs_write:hello.txt", 0, &[]);
    explain("fs_write:other.txt", 3, &["a line in the write scope of the spec `greet`"]);
    explain("shell:sh look.sh bye.txt", 0, &[]);
    explain("fs_write:.kiro/specs/greet/tasks.md", 4, &["approved plan"]);
}

#[test]
fn what_is_wrong_with_it_closes() {
    let desk = scoped("hello.txt\n");
    desk.put(SCOPE, "hello.txt\n../bye.txt\n");
    let fault = format!("{SCOPE}:2: `../bye.txt` cannot be read");
    desk.check(&["spec", "approve", "--yes"], 0, &[&fault, "The tasks write nothing without asking"]);
    run(&desk, &[], 3, &[&fault]);
    assert!(!desk.has("hello.txt"));
    desk.put(SCOPE, "# nothing yet\n");
    desk.check(&["spec", "approve", "--yes"], 0, &["The tasks write nothing without asking"]);
    run(&desk, &[], 3, &["write-scope"]);
    assert!(!desk.has("hello.txt"));
}

#[test]
fn what_cannot_be_read_cannot_be_approved() {
    for says in ["not a regular file", "a link that leads nowhere", "cannot be read"] {
        let put = |desk: &Desk| match says {
            "not a regular file" => fs::create_dir(desk.work(SCOPE)).unwrap(),
            "a link that leads nowhere" => symlink("nowhere", desk.work(SCOPE)).unwrap(),
            _ => symlink("write-scope", desk.work(SCOPE)).unwrap(),
        };
        let desk = Desk::new();
        greet(&desk);
        desk.check(&["spec", "approve", "--yes"], 0, &[]);
        put(&desk);
        run(&desk, &[], 3, &["not approved as it is now: write-scope"]);
        desk.check(&["spec", "approve", "--yes"], 1, &[says, "one glob a line"]);
        desk.check(&["spec", "status"], 0, &["changed since: write-scope"]);
        assert!(!desk.has("hello.txt"));
    }
}

#[test]
fn one_that_comes_or_goes_ends_the_approval() {
    let desk = scoped("hello.txt\n");
    desk.take(SCOPE);
    run(&desk, &[], 3, &["not approved as it is now: write-scope"]);
    let other = Desk::new();
    greet(&other);
    other.check(&["spec", "approve", "--yes"], 0, &[]);
    other.put(SCOPE, "**\n");
    run(&other, &[], 3, &["not approved as it is now: write-scope"]);
}

#[test]
fn the_tasks_cannot_widen_it() {
    let desk = scoped("**\n");
    let first =
        vec![turn("Wider.", &[("shell", json!({"command": format!("echo '**' > {SCOPE}")}))]), ends("Done.")];
    let model = recording(&desk, &[("task 1", first)]);
    desk.waypost(&["spec", "run", "--autopilot", "--allow", "shell:*", "--model", &model, "--task", "1"]);
    assert_eq!(desk.text(SCOPE), "**\n");
    assert!(desk.records("sessions").contains("approved plan"), "denied by the plan's own rule");
}
