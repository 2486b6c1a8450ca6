//! What goes to which stream, and that nothing of an outsider gets through to the terminal.

use serde_json::json;

use crate::harness::{Desk, call, say};

#[test]
fn no_escapes_where_there_is_no_terminal() {
    let (desk, _model) = Desk::with(vec![call("read", json!({"path": "a.txt"})), say("Fine.")]);
    desk.put("a.txt", "x\n");
    let ran = desk.check(&["run", "x"], 0, &["→ read a.txt", "Fine."]);
    ran.never_says(&["\u{1b}"]);
    desk.waypost(&["session", "list"]).exits(0).never_says(&["\u{1b}"]);
    desk.waypost(&["run", ""]).exits(2).never_says(&["\u{1b}"]);
}

#[test]
fn escapes_of_a_model_or_a_file_are_shown_and_not_sent() {
    let (desk, _model) = Desk::with(vec![
        call("read", json!({"path": "\u{1b}[31mred.txt"})),
        say("\u{1b}]0;owned\u{7}\u{1b}[2Jclean\u{202e}txt.exe"),
    ]);
    desk.put("\u{1b}[31mred.txt", "\u{1b}[5mblink\n");
    let ran = desk.check(&["run", "x"], 0, &["␛]0;owned␇␛[2Jclean<U+202E>txt.exe", "␛[31mred.txt"]);
    ran.never_says(&["\u{1b}", "\u{7}", "\u{202e}"]);
    let shown = desk.check(&["session", "show"], 0, &["␛[2Jclean"]);
    shown.never_says(&["\u{1b}", "\u{202e}"]);
    desk.check(&["session", "list"], 0, &[]).never_says(&["\u{1b}"]);
}

#[test]
fn a_request_from_standard_input() {
    let (desk, model) = Desk::with(vec![say("Two lines.")]);
    desk.waypost_reading("first line\nsecond line\n", &["run", "-"]).exits(0).says(&["Two lines."]);
    assert!(model.last().contains("first line\nsecond line"), "{}", model.last());
    desk.waypost_reading("", &["run", "-"]).exits(2).says(&["the request is empty"]);
    desk.waypost_reading(b"\xff\xfe", &["run", "-"]).exits(2).says(&["cannot be read as text"]);
    desk.waypost_reading("x".repeat(1024 * 1024 + 1), &["run", "-"]).exits(2).says(&["longer than 1 MiB"]);
    assert_eq!(model.requests().len(), 1);
}

#[test]
fn completions_know_the_commands() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = desk.check(&["completions", shell], 0, &["waypost", "spec", "approve"]);
        assert!(!ran.out.is_empty() && ran.err.is_empty());
    }
}

#[test]
fn help_names_the_exit_codes() {
    Desk::new().check(&["--help"], 0, &["Exit codes: 0 done, 1 failed", "130 interrupted", "waypost demo"]);
}

#[test]
fn a_reader_that_leaves_does_not_stop_the_work() {
    let (desk, _model) = Desk::with(vec![
        call("write", json!({"path": "a.txt", "content": "one"})),
        call("write", json!({"path": "b.txt", "content": "two"})),
        say(&"many words ".repeat(20_000)),
    ]);
    let mut command = desk.program("sh");
    command.args(["-c", "\"$0\" --json run x --autopilot | head -c 1", env!("CARGO_BIN_EXE_waypost")]);
    desk.start(command).finish().exits(0);
    assert_eq!((desk.text("a.txt"), desk.text("b.txt")), ("one".to_string(), "two".to_string()));
    desk.check(&["session", "list"], 0, &["done"]);
}
