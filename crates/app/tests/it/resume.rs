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

#[test]
fn the_agent_that_led_leads_on_and_nobody_else() {
    let file = ".kiro/agents/reader.md";
    let reader = "---\nname: Looks\ndescription: Reads\ntools: [read]\n---\nYou read.\n";
    let write = call("write", json!({"path": "a.txt", "content": "x"}));
    let no = || status(401, "authentication_error", "no");
    let (desk, model) = Desk::with(vec![no(), write, say("Done."), no(), say("Plain.")]);
    desk.put(file, reader);
    desk.put(".kiro/agents/other.md", reader.replace("Looks", "Other"));
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["run", "x", "--agent", "Looks", "--autopilot"], 6, &[]);
    let record = desk.records("sessions");
    assert!(record.contains("\"agent\":\"reader\""), "{record}");
    desk.check(&["session", "resume", "--agent", "other"], 2, &["is led by `reader`", "without --agent"]);
    desk.put(file, format!("{reader}More.\n"));
    desk.check(
        &["session", "resume"],
        2,
        &["is led by an agent that cannot be used", "waypost trust .kiro/agents/reader.md --yes"],
    );
    desk.take(file);
    desk.check(&["session", "resume"], 2, &["there is no agent `reader`"]);
    desk.put(file, reader);
    desk.check(&["session", "resume", "--autopilot"], 0, &["Done."]);
    assert!(!desk.has("a.txt"));
    let tools = model.requests()[1]["tools"].to_string();
    assert!(tools.contains("\"read\"") && !tools.contains("\"write\""), "{tools}");
    // Who led nothing does not take over either.
    desk.check(&["run", "plain"], 6, &[]);
    desk.check(&["session", "resume", "--agent", "reader"], 2, &["is led by no agent"]);
    desk.check(&["session", "resume"], 0, &["Plain."]);
}

#[test]
fn the_latest_is_one_that_goes_on_by_itself() {
    let no = || status(401, "authentication_error", "no");
    let part = call("subagent", json!({"tasks": [{"agent": "context-gatherer", "task": "look"}]}));
    let (desk, model) = Desk::with(vec![no(), part, no(), say("Other work."), say("Now it works.")]);
    desk.check(&["run", "first request"], 6, &[]);
    desk.check(&["run", "second request"], 0, &["Other work."]);
    desk.check(&["session", "resume"], 0, &["Now it works."]);
    assert!(model.last().contains("first request"));
    desk.check(&["session", "resume"], 2, &["there is no session to go on with"]);
}
