//! `--json`: a stream of typed events and nothing else, and the schema that says what they are.

use serde_json::{Value, json};

use crate::harness::{Desk, call, recording, say, status, turn};

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

#[test]
fn a_run_from_hello_to_end() {
    let (desk, _model) = Desk::with(vec![call("read", json!({"path": "a.txt"})), say("It says hi.")]);
    desk.put("a.txt", "hi\n");
    let ran = desk.waypost(&["--json", "run", "what does a.txt say?"]);
    ran.exits(0);
    assert_eq!(ran.err, "");
    let events = ran.events();
    assert_eq!(
        types(&events),
        [
            "hello",
            "session_started",
            "said",
            "answer",
            "call",
            "decision",
            "result",
            "text_delta",
            "answer",
            "session_ended",
            "end"
        ]
    );
    assert_eq!(events[0]["version"], 1);
    assert_eq!(events[2]["text"], "what does a.txt say?");
    assert_eq!((&events[4]["tool"], &events[5]["effect"]), (&json!("read"), &json!("allow")));
    assert_eq!(events[5]["requests"], json!([format!("fs_read:{}", "a.txt")]));
    assert_eq!((&events[6]["status"], &events[6]["text"]), (&json!("done"), &json!("hi\n")));
    assert_eq!((&events[8]["text"], &events[8]["cost_usd"]), (&json!("It says hi."), &json!(0.003)));
    assert_eq!(events[9]["outcome"], "done");
    assert_eq!(events[10], json!({"type": "end", "exit_code": 0}));
}

#[test]
fn the_last_line_has_the_exit_code_whatever_happens() {
    let (desk, _model) = Desk::with(vec![
        call("shell", json!({"command": "make"})),
        status(401, "authentication_error", "no"),
    ]);
    for (arguments, code) in [
        (&["--json", "run", "x"][..], 3),
        (&["--json", "run", "x"], 6),
        (&["--json", "run", "x", "--max-cost", "1", "--model", "anthropic/claude-unheard-of"], 2),
        (&["--json", "spec", "run", "nothing"], 2),
    ] {
        let ran = desk.waypost(arguments);
        let events = ran.exits(code).events();
        assert_eq!(events[0]["type"], "hello", "{arguments:?}");
        assert_eq!(events.last().unwrap(), &json!({"type": "end", "exit_code": code}), "{arguments:?}");
        let errors = ran.of_type("error");
        assert_eq!(errors.len(), 1, "{arguments:?}: {events:?}");
        assert_eq!(errors[0]["exit_code"], code);
        assert!(!errors[0]["hints"].as_array().unwrap().is_empty(), "{arguments:?}: {errors:?}");
    }
}

#[test]
fn an_error_before_the_stream_began_is_an_event_of_a_whole_stream_too() {
    let desk = Desk::new();
    for arguments in [&["--json", "run", " "][..], &["--json", "-C", "nowhere", "run", "x"], &["--json"]] {
        let ran = desk.waypost(arguments);
        let events = ran.exits(2).events();
        assert_eq!(types(&events), ["hello", "error", "end"], "{arguments:?}");
    }
}

#[test]
fn reasoning_and_several_calls_of_a_recording() {
    let desk = Desk::new();
    desk.put("a.txt", "a\n");
    let mut first = turn("Both.", &[("read", json!({"path": "a.txt"})), ("list", json!({"path": "."}))]);
    first["reasoning"] = json!("Which files are there?");
    let model = recording(&desk, &[("", vec![first, turn("Two.", &[])])]);
    let ran = desk.waypost(&["--json", "run", "x", "--model", &model]);
    ran.exits(0);
    assert_eq!(ran.of_type("reasoning_delta")[0]["text"], "Which files are there?");
    let results = ran.of_type("result");
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|result| result["status"] == "done"), "{results:?}");
}

#[test]
fn listings_are_one_document() {
    let (desk, _model) = Desk::with(vec![say("Yes.")]);
    desk.check(&["run", "is it?"], 0, &[]);
    for arguments in [
        &["--json", "session", "list"][..],
        &["--json", "session", "show"],
        &["--json", "spec", "list"],
        &["--json", "audit", "verify"],
        &["--json", "trust"],
        &["--json", "doctor"],
    ] {
        let document = desk.waypost(arguments).document();
        assert!(document.is_array() || document.is_object(), "{arguments:?}");
    }
}

#[test]
fn what_goes_wrong_in_a_listing_is_told_beside_the_document() {
    let desk = Desk::new();
    desk.put("AGENTS.md", "Be good.\n");
    for (arguments, code) in [(&["--json", "trust"][..], 3), (&["--json", "session", "show"], 2)] {
        let ran = desk.waypost(arguments);
        ran.exits(code);
        let error: Value = serde_json::from_str(&ran.err).unwrap();
        assert_eq!((&error["type"], &error["exit_code"]), (&json!("error"), &json!(code)));
        assert!(ran.out.is_empty() || ran.document().is_array(), "{}", ran.out);
    }
}

#[test]
fn the_schema_that_is_checked_in_is_the_one_of_this_program() {
    let schema = Desk::new().waypost(&["schema"]);
    let schema: Value = serde_json::from_str(&schema.exits(0).out).unwrap();
    let checked_in: Value =
        serde_json::from_str(include_str!("../../../../docs/events.schema.json")).unwrap();
    assert_eq!(schema, checked_in, "write it anew: waypost schema > docs/events.schema.json");
}
