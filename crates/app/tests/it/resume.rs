//! `session resume`: which session, with which words, and what it refuses.

use serde_json::json;

use crate::harness::{Desk, call, say, status};

#[test]
fn words_join_a_session_that_was_done() {
    let (desk, model) = Desk::with(vec![say("Blue."), say("Green now.")]);
    desk.check(&["run", "name a colour"], 0, &["Blue."]);
    desk.check(&["session", "resume"], 2, &["there is no session to go on with"]);
    let id =
        desk.waypost(&["--json", "session", "list"]).document()[0]["session"].as_str().unwrap().to_string();
    desk.check(&["session", "resume", &id[..id.len() - 1], "-m", "another one"], 0, &["Green now."]);
    let messages = &model.requests()[1]["messages"];
    assert_eq!(messages.as_array().unwrap().len(), 3);
    assert!(model.last().contains("another one"));
    let sessions = desk.waypost(&["--json", "session", "list"]).document();
    assert_eq!((sessions.as_array().unwrap().len(), &sessions[0]["turns"]), (1, &json!(2)));
}

#[test]
fn the_latest_that_is_not_done() {
    let (desk, model) =
        Desk::with(vec![status(401, "authentication_error", "no"), say("Other work."), say("Now it works.")]);
    desk.check(&["run", "first request"], 6, &[]);
    desk.check(&["run", "second request"], 0, &[]);
    desk.check(&["session", "resume"], 0, &["Now it works."]);
    assert!(model.last().contains("first request"));
}

#[test]
fn the_mode_stays_and_the_permission_can_be_given() {
    let write = || call("write", json!({"path": "a.txt", "content": "x"}));
    let (desk, _model) = Desk::with(vec![write(), say("Done.")]);
    desk.check(&["run", "x"], 3, &["--allow 'fs_write:a.txt'"]);
    desk.check(&["session", "resume"], 3, &["--allow 'fs_write:a.txt'"]);
    desk.check(&["session", "resume", "--allow", "fs_write:a.txt"], 0, &["Done."]);
    assert_eq!(desk.text("a.txt"), "x");
    let (desk, model) = Desk::with(vec![status(401, "authentication_error", "no"), write(), say("Done.")]);
    desk.check(&["run", "x", "--autopilot"], 6, &[]);
    desk.check(&["session", "resume"], 0, &["Done."]);
    assert_eq!(model.requests().len(), 3);
}

#[test]
fn names_that_fit_nothing() {
    let (desk, _model) = Desk::with(vec![say("Done.")]);
    desk.check(&["run", "x"], 0, &[]);
    desk.check(&["session", "resume", "1999"], 2, &["1999", "waypost session list"]);
    desk.check(&["session", "show", "../.."], 2, &["waypost session list"]);
}

#[test]
fn a_session_in_use_is_not_resumed() {
    let (desk, model) = Desk::with(vec![crate::harness::Answer::Stall(String::new()), say("Done.")]);
    let running = desk.spawn(&["run", "x"]);
    model.wait_for(1);
    let id = desk.waypost(&["--json", "session", "list"]).document()[0].clone();
    assert_eq!(id["outcome"], "running");
    desk.check(&["session", "resume", id["session"].as_str().unwrap()], 1, &["is in use by process"]);
    running.kill();
    desk.check(&["session", "resume"], 0, &["Done."]);
}
