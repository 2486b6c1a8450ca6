//! Journals that a crash tore or that somebody changed: a torn end is set aside and said, anything else is found.
#![expect(clippy::disallowed_methods, reason = "tests damage files here")]

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::harness::{Answer, Desk, Model, approved, call, makes, recording, say};

/// A session that was killed while the model was asked for the second time.
fn killed(last: Vec<Answer>) -> (Desk, Model, PathBuf) {
    let script = [call("write", json!({"path": "a.txt", "content": "x\n"})), Answer::Stall(String::new())];
    let (desk, model) = Desk::with(script.into_iter().chain(last).collect());
    let running = desk.spawn(&["run", "x", "--autopilot"]);
    model.wait_for(2);
    running.kill();
    let journal = desk.journals("sessions").pop().unwrap();
    (desk, model, journal)
}

#[test]
fn a_torn_last_line_is_set_aside_and_the_session_goes_on() {
    let (desk, model, journal) = killed(vec![say("Done.")]);
    let whole = fs::read(&journal).unwrap();
    let torn = [whole.as_slice(), br#"{"seq":99,"at":17,"prev":"00"#].concat();
    fs::write(&journal, &torn).unwrap();
    let ran = desk.waypost(&["session", "resume"]);
    ran.exits(0).says(&["a torn record of 28 bytes", "was set aside", "Done."]);
    assert!(fs::read(&journal).unwrap().starts_with(&whole), "every whole record is as it was");
    assert_eq!(model.requests().len(), 3);
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
}

#[test]
fn the_event_stream_says_it_too() {
    let (desk, _model, journal) = killed(vec![say("Done.")]);
    let torn = [fs::read(&journal).unwrap().as_slice(), b"{\"seq\""].concat();
    fs::write(&journal, torn).unwrap();
    let ran = desk.waypost(&["--json", "session", "resume"]);
    let notices = ran.of_type("notice");
    let says = |text: &str| notices.iter().any(|notice| notice["text"].as_str().unwrap().contains(text));
    assert!(says("a torn record of 6 bytes"), "{notices:?}");
    ran.exits(0);
}

#[test]
fn what_was_durable_is_not_torn_by_a_crash() {
    let (desk, model) = Desk::with(vec![say("Done.")]);
    desk.check(&["run", "x"], 0, &[]);
    let journal = desk.journals("sessions").pop().unwrap();
    let whole = fs::read(&journal).unwrap();
    let cut = &whole[..whole.len() - 10];
    fs::write(&journal, cut).unwrap();
    let id = journal.parent().unwrap().file_name().unwrap().to_str().unwrap();
    desk.check(&["session", "resume", id, "-m", "more"], 1, &["damaged", "waypost audit verify"]);
    desk.check(&["audit", "verify"], 1, &[id]);
    assert_eq!(
        (fs::read(&journal).unwrap(), model.requests().len()),
        (cut.to_vec(), 1),
        "nothing more is lost"
    );
}

#[test]
fn one_changed_byte_is_found_and_named() {
    let (desk, _model) = Desk::with(vec![say("Done.")]);
    desk.check(&["run", "a harmless request"], 0, &[]);
    let journal = desk.journals("sessions").pop().unwrap();
    let text = fs::read_to_string(&journal).unwrap();
    let record = text.lines().position(|line| line.contains("a harmless request")).unwrap();
    fs::write(&journal, text.replacen("a harmless request", "a harmlesz request", 1)).unwrap();
    let name = journal.parent().unwrap().file_name().unwrap().to_str().unwrap();
    desk.check(&["audit", "verify"], 1, &[&format!("record {record}: "), name, "1 findings", "hint: "]);
    let ran = desk.waypost(&["--json", "audit", "verify"]);
    assert_eq!(ran.exits(1).document()["findings"][0]["record"], record);
    desk.check(
        &["session", "resume", name, "-m", "go on"],
        1,
        &["is damaged at record", "waypost audit verify"],
    );
}

#[test]
fn a_dropped_record_is_found() {
    let (desk, _model) = Desk::with(vec![call("read", json!({"path": "a.txt"})), say("Done.")]);
    desk.check(&["run", "x"], 0, &[]);
    let journal = desk.journals("sessions").pop().unwrap();
    let text = fs::read_to_string(&journal).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |at: usize| {
        let others = lines.iter().enumerate().filter(|(n, _)| *n != at);
        others.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    fs::write(&journal, without(2)).unwrap();
    desk.check(&["audit", "verify"], 1, &["record "]);
    fs::write(&journal, without(lines.len() - 1)).unwrap();
    desk.check(&["audit", "verify"], 1, &["journal"]);
}

#[test]
fn a_torn_record_of_a_spec_is_said_and_its_approval_holds() {
    let desk = Desk::new();
    approved(&desk);
    let journal = desk.journals("specs").pop().unwrap();
    let whole = fs::read(&journal).unwrap();
    fs::write(&journal, [whole.as_slice(), br#"{"seq":7,"at"#].concat()).unwrap();
    desk.check(&["spec", "status"], 0, &["approved by tester"]);
    let model = recording(&desk, &[("task 1", makes("hello.txt", "hello\n"))]);
    let arguments = ["spec", "run", "--task", "1", "--autopilot", "--model", &model];
    desk.check(&arguments, 0, &["a torn record of 12 bytes", "[x] task 1"]);
    assert!(fs::read(&journal).unwrap().starts_with(&whole));
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
}
