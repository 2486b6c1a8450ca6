//! What a provider can do to us: each time a clear word with the next step, a retry where it helps, and nothing lost.

use serde_json::{Value, json};

use crate::harness::{Answer, Desk, Model, approved, broken_call, call, say, status};

#[test]
fn a_rejected_key() {
    let (desk, model) =
        Desk::with(vec![status(401, "authentication_error", "invalid x-api-key test-key-0123456789")]);
    let ran = desk.check(&["run", "x"], 6, &["anthropic answered 401", "invalid x-api-key", "hint: "]);
    ran.never_says(&["test-key-0123456789"]);
    assert!(!desk.records("sessions").contains("test-key-0123456789"), "a key never gets on record");
    assert_eq!(model.requests().len(), 1, "asking again would not help");
}

#[test]
fn an_unknown_model() {
    let (desk, _model) = Desk::with(vec![status(404, "not_found_error", "model: claude-typo")]);
    desk.check(&["run", "x", "--model", "anthropic/claude-typo"], 6, &["claude-typo", "hint: "]);
}

#[test]
fn what_passes_is_tried_again() {
    for (code, kind) in [(429, "rate_limit_error"), (500, "api_error"), (529, "overloaded_error")] {
        let (desk, model) = Desk::with(vec![status(code, kind, "later"), say("Here.")]);
        desk.check(&["run", "x"], 0, &[&format!("anthropic answered {code}"), "asking again in", "Here."]);
        assert_eq!(model.requests()[0], model.requests()[1], "{code}: the same request");
    }
}

#[test]
fn retry_after_is_honoured_and_told_to_scripts() {
    let slow = Answer::Status(429, vec![("retry-after", "1")], "{}".to_string());
    let (desk, _model) = Desk::with(vec![slow, say("Here.")]);
    let before = std::time::Instant::now();
    let ran = desk.waypost(&["--json", "run", "x"]);
    ran.exits(0);
    assert!(before.elapsed().as_millis() >= 1000);
    let wait = ran.of_type("retry")[0]["wait_ms"].as_u64().unwrap();
    assert!((1000..=1100).contains(&wait), "{wait}");
}

#[test]
fn what_does_not_pass_ends_with_6_and_goes_on_later() {
    for (code, kind) in [(429, "rate_limit_error"), (500, "api_error"), (529, "overloaded_error")] {
        let mut script = vec![status(code, kind, "no room today"); 6];
        script.push(say("Here."));
        let (desk, model) = Desk::with(script);
        desk.check(
            &["run", "x"],
            6,
            &["no room today", "(after 5 retries)", "hint: go on with: waypost session resume 2"],
        );
        assert_eq!(model.requests().len(), 6);
        desk.check(&["session", "resume"], 0, &["Here."]);
    }
}

#[test]
fn a_stream_that_breaks_off_is_asked_for_again() {
    let breaks = [
        Answer::Reset("Half a wo".to_string()),
        Answer::Reset(String::new()),
        Answer::Cut("Half a wo".to_string()),
        Answer::Cut(String::new()),
        Answer::Garbage,
    ];
    for broken in breaks {
        let (desk, model) = Desk::with(vec![broken, say("Whole.")]);
        let ran = desk.check(&["run", "x"], 0, &["Whole."]);
        ran.never_says(&["\u{1b}"]);
        assert_eq!(model.requests().len(), 2);
        assert_eq!(model.requests()[0], model.requests()[1], "nothing of the broken answer is kept");
    }
}

#[test]
fn a_stream_that_always_breaks_off_ends_with_6() {
    let (desk, _model) = Desk::with(vec![Answer::Cut("Ha".to_string()); 9]);
    desk.check(&["run", "x"], 6, &["the answer of anthropic was cut before its end", "hint: go on with"]);
    let (desk, _model) = Desk::with(vec![Answer::Garbage; 9]);
    desk.check(&["run", "x"], 6, &["anthropic sent an event that cannot be read", "hint: go on with"]);
}

#[test]
fn calls_that_make_no_sense_are_told_to_the_model() {
    for (answer, told) in [
        (broken_call("write", r#"{"path": "a.txt", "content": "x"#), "the arguments are not a JSON object"),
        (call("launch_missiles", json!({})), "there is no tool `launch_missiles`; the tools are: read, "),
        (call("read", json!({"paht": "a.txt"})), "`read`: "),
        (call("write", json!({"path": 7, "content": "x"})), "`write`: "),
        (call("shell", json!({"command": ""})), "the command is empty"),
    ] {
        let (desk, model) = Desk::with(vec![answer, say("I give up.")]);
        desk.check(&["run", "x", "--autopilot"], 0, &["I give up."]);
        assert!(model.last().contains(told), "`{told}` is missing: {}", model.last());
        assert!(!desk.has("a.txt"));
    }
}

#[test]
fn broken_json_goes_back_as_something_that_the_provider_takes() {
    let (desk, model) = Desk::with(vec![broken_call("write", "{\"path\": \"a.txt\", \"cont"), say("Oh.")]);
    desk.check(&["run", "x"], 0, &["Oh."]);
    let request = model.requests().pop().unwrap();
    let call = &request["messages"][1]["content"][0];
    assert_eq!((&call["type"], call["input"].is_object()), (&json!("tool_use"), true), "{call}");
    let result = &request["messages"][2]["content"][0];
    assert_eq!((&result["tool_use_id"], &result["is_error"]), (&call["id"], &json!(true)), "{result}");
}

#[test]
fn a_server_of_ones_own_speaks_chat_completions() {
    let desk = Desk::new();
    let model = Model::start(vec![call("read", json!({"path": "a.txt"})), say("It says hi.")]);
    desk.put("a.txt", "hi there\n");
    desk.config(&format!(
        "model = \"local/qwen\"\n[providers.local]\napi = \"chat\"\nbase_url = \"{}/v1\"\n",
        model.url()
    ));
    desk.check(&["run", "read it"], 0, &["It says hi."]);
    let last = model.requests().pop().unwrap();
    let result =
        last["messages"].as_array().unwrap().iter().find(|message| message["role"] == "tool").unwrap();
    assert_eq!((&last["model"], &result["content"]), (&json!("qwen"), &json!("hi there\n")));
}

#[test]
fn the_beginning_of_a_request_stays_the_same_and_is_small() {
    let read = |name: &str| call("read", json!({"path": name}));
    let (desk, model) = Desk::with(vec![read("a.txt"), read("b.txt"), say("Done.")]);
    desk.put("a.txt", "a\n");
    desk.put("b.txt", "b\n");
    desk.check(&["run", "x"], 0, &[]);
    let requests = model.requests();
    let first = &requests[0];
    assert!(first.to_string().len() <= 9000, "{}", first.to_string().len());
    for later in &requests[1..] {
        assert_eq!((&later["tools"], &later["system"]), (&first["tools"], &first["system"]));
        let without_marks = |request: &Value| {
            let text = request["messages"].to_string();
            text.replace(r#","cache_control":{"type":"ephemeral"}"#, "").trim_end_matches(']').to_string()
        };
        assert!(without_marks(later).starts_with(&without_marks(first)));
    }
}

#[test]
fn a_conversation_that_became_too_long_is_summarised_and_goes_on() {
    let long = || status(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum");
    let read = |name: &str| call("read", json!({"path": name}));
    let (desk, model) = Desk::with(vec![
        read("a.txt"),
        read("b.txt"),
        long(),
        say("So far: both files were read."),
        say("Done."),
    ]);
    desk.put("a.txt", "aaa\n");
    desk.put("b.txt", "bbb\n");
    desk.put(".kiro/steering/style.md", "Indent with tabs.\n");
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["run", "read both"], 0, &["the conversation was summarised", "Done."]);
    let last = model.requests().pop().unwrap();
    assert_eq!(last["system"], model.requests()[0]["system"], "what is pinned stays, steering included");
    let told = model.last();
    assert!(told.contains("So far: both files were read.") && told.contains("Indent with tabs."), "{told}");
    desk.check(&["session", "resume", "2"], 0, &[]);
}

#[test]
fn a_provider_that_is_gone_leaves_the_task_in_progress() {
    let (desk, _model) = Desk::with(vec![
        status(401, "authentication_error", "no"),
        call("write", json!({"path": "hello.txt", "content": "hello\n"})),
        say("Done."),
    ]);
    approved(&desk);
    let arguments = ["spec", "run", "--task", "1", "--autopilot"];
    desk.check(
        &arguments,
        6,
        &["task 1: anthropic answered 401", "hint: go on with: waypost spec run greet"],
    );
    desk.check(&arguments, 0, &["[x] task 1"]);
    assert_eq!(desk.journals("sessions").len(), 1, "in the same session");
}
