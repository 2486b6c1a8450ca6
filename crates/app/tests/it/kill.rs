//! `kill -9` at every moment that a test can hold: the session goes on, every effect is there once, the chain is whole.

use serde_json::json;

use crate::harness::{Answer, Desk, Model, call, calls, is_beating, say, soon};

fn script() -> Vec<Answer> {
    vec![
        call("read", json!({"path": "a.txt"})),
        call("edit", json!({"path": "a.txt", "edits": [{"old_text": "one", "new_text": "one, once"}]})),
        calls(&[
            ("write", json!({"path": "b.txt", "content": "b\n"})),
            ("shell", json!({"command": "sh append.sh"})),
            ("read", json!({"path": "b.txt"})),
        ]),
        say("Done."),
    ]
}

/// Kills it while the model is asked for these turns, goes on each time, and looks at what came of it.
#[track_caller]
fn check(stalls: &[usize]) {
    let desk = Desk::new();
    let model = Model::by_turn(script(), stalls.to_vec());
    desk.talks_to(&model);
    desk.put("a.txt", "one\n");
    desk.put("append.sh", "echo ran >> log.txt\n");
    let flags = ["--autopilot", "--allow", "shell:sh append.sh"];
    let mut arguments = vec!["run", "x"];
    for stall in stalls {
        let asked = model.requests().len();
        let running = desk.spawn(&[arguments.as_slice(), &flags].concat());
        // Its turns up to the stall come first.
        let stalled = || model.requests().iter().skip(asked).any(|told| answers(told) == *stall);
        assert!(soon(stalled), "{}{}", running.err(), desk.waypost(&["session", "list"]).out);
        running.kill();
        arguments = vec!["session", "resume"];
    }
    desk.check(&[arguments.as_slice(), &flags].concat(), 0, &["Done."]);
    let files = [desk.text("a.txt"), desk.text("b.txt"), desk.text("log.txt")];
    assert_eq!(files, ["one, once\n", "b\n", "ran\n"], "{stalls:?}");
    let records = desk.records("sessions");
    let count = |text: &str| records.matches(text).count();
    assert_eq!(count("\"type\":\"finished\""), 5, "{stalls:?}: every call has one end");
    assert_eq!(count("\"type\":\"resumed\""), stalls.len());
    assert_eq!(desk.journals("sessions").len(), 1);
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
}

fn answers(told: &serde_json::Value) -> usize {
    let messages = told["messages"].as_array().unwrap();
    messages.iter().filter(|message| message["role"] == "assistant").count()
}

#[test]
fn while_the_model_is_asked() {
    for turn in 0..4 {
        check(&[turn]);
    }
}

#[test]
fn again_and_again() {
    check(&[0, 1, 2, 3]);
}

#[test]
fn while_a_command_runs() {
    let desk = Desk::new();
    let script = vec![
        call("shell", json!({"command": "sh slow.sh"})),
        call("read", json!({"path": "log.txt"})),
        say("Done."),
    ];
    let model = Model::by_turn(script, Vec::new());
    desk.talks_to(&model);
    desk.put(
        "slow.sh",
        "echo ran >> log.txt; n=0; while [ ! -e go ] && [ $n -lt 999 ]; do n=$((n+1)); echo $n > beat; sleep 0.02; done; echo late >> log.txt",
    );
    let running = desk.spawn(&["run", "x", "--allow", "shell:sh slow.sh"]);
    assert!(soon(|| desk.has("beat") && is_beating(&desk)));
    running.kill();
    desk.check(&["session", "resume", "--allow", "shell:sh slow.sh"], 0, &["Done."]);
    assert!(model.last().contains("nobody knows how far it came"), "{}", model.last());
    assert_eq!(desk.text("log.txt"), "ran\n", "it is not run a second time");
    desk.put("go", "");
    assert!(soon(|| !is_beating(&desk)));
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
}

/// Kills it while a hook of this trigger runs, and goes on.
fn in_a_hook(trigger: &str, says_no: bool) -> (Desk, Model) {
    let desk = Desk::new();
    let model = Model::by_turn(
        vec![call("write", json!({"path": "b.txt", "content": "b\n"})), say("Done.")],
        Vec::new(),
    );
    desk.talks_to(&model);
    let line = "touch begun; n=0; while [ ! -e go ] && [ $n -lt 999 ]; do n=$((n+1)); sleep 0.02; done; [ ! -e no ] || exit 2";
    let action = json!({"type": "command", "command": line});
    let mut hook = json!({"name": "slow", "trigger": trigger, "action": action, "timeout": 30});
    if trigger.starts_with("PostFile") {
        hook["matcher"] = json!("b\\.txt$");
    }
    desk.put(".kiro/hooks/h.json", json!({"version": "v1", "hooks": [hook]}).to_string());
    desk.check(&["trust", "--yes"], 0, &[]);
    let running = desk.spawn(&["run", "bake bread", "--autopilot"]);
    assert!(soon(|| desk.has("begun")), "{}", running.err());
    desk.check(&["hooks", "history"], 0, &[&format!("slow on {trigger}: running")]);
    running.kill();
    desk.check(&["hooks", "history"], 0, &[&format!("slow on {trigger}: interrupted")]);
    desk.put("go", "");
    assert!(desk.waypost(&["session", "list"]).out.contains("bake bread"));
    if says_no {
        desk.put("no", "");
    }
    (desk, model)
}

#[test]
fn while_a_hook_runs_that_is_told_once_more() {
    for trigger in ["PostFileCreate", "PostToolUse", "Stop"] {
        let (desk, _model) = in_a_hook(trigger, false);
        desk.take("begun");
        // Where it had said so before, it has nothing more to say.
        let says: &[&str] = if trigger == "Stop" { &[] } else { &["Done."] };
        desk.check(&["session", "resume", "--autopilot"], 0, says);
        assert!(desk.has("begun"), "{trigger}");
        assert_eq!(desk.text("b.txt"), "b\n");
        let runs = desk.waypost(&["--json", "hooks", "history"]).document();
        let ends: Vec<&str> =
            runs.as_array().unwrap().iter().map(|run| run["end"].as_str().unwrap()).collect();
        assert_eq!(ends, ["done", "interrupted"], "{trigger}: {runs}");
        desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
    }
}

#[test]
fn while_a_hook_is_asked_about_the_words() {
    for trigger in ["SessionStart", "UserPromptSubmit"] {
        let (desk, model) = in_a_hook(trigger, false);
        desk.check(&["session", "resume", "--autopilot"], 0, &["Done."]);
        assert_eq!(
            (desk.text("b.txt").as_str(), model.last().matches("bake bread").count()),
            ("b\n", 1),
            "{trigger}"
        );
        assert_eq!(desk.journals("sessions").len(), 1);
        desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
    }
    let (desk, model) = in_a_hook("UserPromptSubmit", true);
    desk.check(&["session", "resume", "--autopilot"], 4, &["the hook `.kiro/hooks/h.json#slow` said no"]);
    // What was refused is over: it is not asked about again, and no model hears of it.
    desk.take("no");
    desk.check(&["session", "resume", "--autopilot"], 0, &[]);
    let journal = desk.journals("sessions").remove(0);
    let id = journal.parent().unwrap().file_name().unwrap().to_str().unwrap();
    desk.check(&["session", "resume", id, "--message", "anything else", "--autopilot"], 0, &["Done."]);
    assert!(!model.requests().iter().any(|told| told.to_string().contains("bake bread")));
}

#[test]
fn at_any_moment() {
    // Nothing is held here: the kill falls where it falls, a little later each time.
    let desk = Desk::new();
    let mut turns: Vec<Answer> = Vec::new();
    for n in 0..12 {
        turns.push(call("write", json!({"path": format!("{n}.txt"), "content": "x\n"})));
        turns.push(call(
            "edit",
            json!({"path": format!("{n}.txt"), "edits": [{"old_text": "x", "new_text": "xy"}]}),
        ));
    }
    turns.push(say("Done."));
    let model = Model::by_turn(turns, Vec::new());
    desk.talks_to(&model);
    let mut arguments = vec!["run", "x", "--autopilot"];
    for requests in [1, 4, 9, 11, 18, 22] {
        let running = desk.spawn(&arguments);
        model.wait_for(requests);
        running.signal(rustix::process::Signal::KILL);
        running.finish();
        arguments = vec!["session", "resume"];
    }
    let ran = desk.waypost(&arguments);
    assert!(ran.code == 0 || ran.err.contains("no session to go on with"), "{ran:?}");
    for n in 0..12 {
        assert_eq!(desk.text(&format!("{n}.txt")), "xy\n");
    }
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
}
