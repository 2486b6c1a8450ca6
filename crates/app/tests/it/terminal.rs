//! A person at a terminal: questions that are answered, words typed while it works, colours. Needs the program
//! `script` for the terminal; where it is missing, nothing is tested here.
#![expect(clippy::print_stderr, reason = "says when it tests nothing")]

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::harness::{Desk, Model, Running, call, say, soon, told};

/// Starts `waypost` in a terminal of its own.
fn terminal(desk: &Desk, arguments: &str) -> Option<Running> {
    let mut probe = desk.program("script");
    if !probe.arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("no `script` here: the terminal is not tested");
        return None;
    }
    let mut command = desk.program("script");
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_waypost"));
    command.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
    command.stdin(Stdio::piped());
    Some(desk.start(command))
}

#[track_caller]
fn shows(running: &Running, text: &str) {
    assert!(soon(|| running.out().contains(text)), "`{text}` never came: {}", running.out());
}

#[test]
fn a_question_is_asked_and_answered() {
    let write = |name: &str| call("write", json!({"path": name, "content": "x"}));
    let (desk, model) = Desk::with(vec![write("yes.txt"), write("no.txt"), say("Done.")]);
    let Some(mut running) = terminal(&desk, "run x") else { return };
    let mut keyboard = running.stdin();
    shows(&running, "allow? [y]es, [n]o, [a]lways this file in this session");
    keyboard.write_all(b"maybe\n").unwrap();
    assert!(soon(|| running.out().matches("allow?").count() == 2), "it asks again: {}", running.out());
    keyboard.write_all(b"y\n").unwrap();
    assert!(soon(|| running.out().matches("write wants to").count() == 2), "{}", running.out());
    assert!(
        soon(|| running.out().matches("allow?").count() == 3),
        "it asks for the other: {}",
        running.out()
    );
    keyboard.write_all(b"n\n").unwrap();
    let ran = running.finish();
    ran.exits(0).says(&["Done.", "\u{1b}["]);
    assert_eq!((desk.has("yes.txt"), desk.has("no.txt")), (true, false));
    assert!(model.last().contains("not permitted"));
    assert!(desk.records("sessions").contains(r#""by":"tester""#), "who answered is on record");
}

#[test]
fn words_typed_while_it_works_steer_the_next_turn() {
    let desk = Desk::new();
    let mut turn = 0;
    let model = Model::by(move |body| {
        // Looks at one file after the other until it hears what the person said.
        std::thread::sleep(std::time::Duration::from_millis(10));
        turn += 1;
        let heard = told(body).contains("rather in French");
        if heard { say("D'accord.") } else { call("read", json!({"path": format!("{turn}.txt")})) }
    });
    desk.talks_to(&model);
    let Some(mut running) = terminal(&desk, "run x --max-turns 1000") else { return };
    model.wait_for(2);
    running.stdin().write_all(b"rather in French\n").unwrap();
    running.finish().exits(0).says(&["D'accord."]);
}

#[test]
fn colours_can_be_turned_off() {
    let (desk, _model) = Desk::with(vec![say("Done.")]);
    desk.set("NO_COLOR", "1");
    let Some(running) = terminal(&desk, "run x") else { return };
    running.finish().exits(0).never_says(&["\u{1b}["]);
}

#[test]
fn an_approval_is_asked_for() {
    let desk = Desk::new();
    crate::harness::greet(&desk);
    let Some(mut running) = terminal(&desk, "spec approve greet") else { return };
    let mut keyboard = running.stdin();
    shows(&running, "approve?");
    keyboard.write_all(b"n\n").unwrap();
    running.finish().exits(3).says(&["the plan was not approved; nothing was changed"]);
    let Some(mut running) = terminal(&desk, "spec approve greet") else { return };
    let mut keyboard = running.stdin();
    shows(&running, "approve?");
    keyboard.write_all(b"y\n").unwrap();
    running.finish().exits(0).says(&["approved by tester"]);
}
