//! Every exit code that scripts may depend on, and what the person is told with it. Budgets have a file of their own.

use rustix::process::Signal;
use serde_json::json;

use crate::harness::{Answer, Desk, call, calls, is_beating, say, soon, status};

#[test]
fn done_is_0() {
    let (desk, model) = Desk::with(vec![say("Nothing to do.")]);
    let ran = desk.check(&["run", "look around"], 0, &["Nothing to do.", "session 2"]);
    assert_eq!(ran.out, "Nothing to do.\n", "the answer alone goes to the output stream");
    assert_eq!(model.requests().len(), 1);
    assert!(model.last().contains("look around"));
}

#[test]
fn failed_is_1() {
    let (desk, _model) = Desk::with(vec![status(400, "invalid_request_error", "max_tokens: too large")]);
    desk.check(&["run", "x"], 1, &["max_tokens: too large", "hint: look at it with: waypost session show"]);
}

#[test]
fn usage_is_2() {
    let desk = Desk::new();
    for (arguments, says) in [
        (&["fly"][..], "unrecognized subcommand 'fly'"),
        (&["run"], "<REQUEST>"),
        (&["run", "x", "--max-turns", "many"], "'many' for '--max-turns"),
        (&["run", "x", "--mode", "supervised", "--autopilot"], "cannot be used with"),
        (&["run", "  "], "the request is empty"),
        (&["run", "x", "--model", "nomodel"], "`nomodel` is not of the form `provider/model`"),
        (&["run", "x", "--model", "nobody/m"], "hint: add [providers.nobody]"),
        (&["-C", "nowhere", "run", "x"], "nowhere` is not a directory"),
        (&["run", "x", "--model", "replay/nowhere.json"], "nowhere.json` cannot be read"),
        (&["session", "resume"], "hint: see them all: waypost session list"),
        (&["session", "show"], "hint: start one: waypost run"),
        (&[], "a chat needs a terminal"),
    ] {
        desk.check(arguments, 2, &[says]);
    }
}

#[test]
fn a_rule_that_cannot_be_read_is_2() {
    let (desk, model) = Desk::with(Vec::new());
    desk.check(&["run", "x", "--allow", "fly:high"], 2, &["fly"]);
    assert_eq!(model.requests().len(), 0);
}

#[test]
fn a_question_that_nobody_can_answer_is_3_and_names_the_rule() {
    let (desk, _model) = Desk::with(vec![call("shell", json!({"command": "make all"}))]);
    desk.check(
        &["run", "build it"],
        3,
        &[
            "shell `make all` needs an answer",
            "--allow 'shell:make all'",
            "hint: go on with: waypost session resume 2",
        ],
    );
    assert!(desk.records("sessions").contains(r#""outcome":"needs_answer""#));
}

#[test]
fn three_denials_in_a_row_are_4() {
    let write = |path: &str| call("write", json!({"path": path, "content": "x"}));
    let (desk, model) = Desk::with(vec![
        write(".git/hooks/pre-commit"),
        write("../out.txt"),
        write(".kiro/settings/mcp.json"),
    ]);
    desk.check(&["run", "x", "--autopilot"], 4, &["3 calls in a row were denied by policy"]);
    assert_eq!(model.requests().len(), 3);
    assert!(model.last().contains("not permitted: "), "the model is told");
    for path in [".git", "../out.txt", ".kiro/settings"] {
        assert!(!desk.has(path), "{path}");
    }
}

#[test]
fn one_denial_is_told_to_the_model_and_the_work_goes_on() {
    let (desk, model) = Desk::with(vec![
        calls(&[
            ("write", json!({"path": "../out.txt", "content": "x"})),
            ("write", json!({"path": "in.txt", "content": "x"})),
        ]),
        say("Done."),
    ]);
    desk.check(&["run", "x", "--autopilot"], 0, &["Done."]);
    assert!(model.last().contains("not permitted: "));
    assert_eq!((desk.has("../out.txt"), desk.text("in.txt").as_str()), (false, "x"));
}

#[test]
fn no_provider_at_all_is_6() {
    let desk = Desk::new();
    desk.check(
        &["run", "x"],
        6,
        &["no model provider is configured", "ANTHROPIC_API_KEY", "ollama/", "waypost demo"],
    );
    desk.check(&["run", "x", "--model", "anthropic/m"], 6, &["ANTHROPIC_API_KEY", "waypost doctor"]);
}

#[test]
fn nobody_at_the_address_is_6() {
    let desk = Desk::new();
    desk.config("[providers.local]\napi = \"chat\"\nbase_url = \"http://127.0.0.1:1/v1\"\n");
    // Five retries at the usual pace would take longer than a test may.
    let running = desk.spawn(&["run", "x", "--model", "local/m"]);
    let waits = soon(|| running.err().contains("asking again in"));
    assert!(waits, "{}", running.err());
    assert!(running.err().contains("127.0.0.1:1"), "{}", running.err());
    running.signal(Signal::INT);
    running.finish().exits(130);
}

#[test]
fn interrupted_is_130_and_the_session_goes_on() {
    let (desk, model) = Desk::with(vec![Answer::Stall("Let me".to_string()), say("Here it is.")]);
    let running = desk.spawn(&["run", "think about it"]);
    model.wait_for(1);
    running.signal(Signal::INT);
    let ran = running.finish();
    ran.exits(130).says(&["stopped by the person", "hint: go on with: waypost session resume 2"]);
    desk.check(&["session", "resume"], 0, &["Here it is."]);
    let first = &model.requests()[0]["messages"];
    assert_eq!(&model.requests()[1]["messages"], first, "it asks the same again");
}

#[test]
fn a_running_command_is_ended_with_the_interrupt() {
    let (desk, model) = Desk::with(vec![call("shell", json!({"command": "sh slow.sh"})), say("I see.")]);
    desk.put(
        "slow.sh",
        "trap '' INT; n=0; while [ ! -e go ] && [ $n -lt 999 ]; do n=$((n+1)); echo $n > beat; sleep 0.02; done; echo late > late.txt",
    );
    let running = desk.spawn(&["run", "x", "--allow", "shell:sh slow.sh"]);
    assert!(soon(|| desk.has("beat") && is_beating(&desk)));
    running.signal(Signal::TERM);
    running.finish().exits(130);
    let gone = soon(|| !is_beating(&desk));
    desk.put("go", "");
    assert!(gone, "its process group is ended");
    desk.check(&["session", "resume"], 0, &["I see."]);
    assert!(model.last().contains("nobody knows how far it came"), "{}", model.last());
}
