//! `spec run` when all goes well: fresh sessions, one byte a tick, proof for each, a brief at the end; and after a kill.

use serde_json::{Value, json};

use crate::harness::{
    Desk, Model, PLAN, SINGLE, approved, call, ends, makes, recording, say, soon, told, turn,
};

fn model(desk: &Desk) -> String {
    recording(desk, &[("task 1", makes("hello.txt", "hello\n")), ("task 2", makes("bye.txt", "bye\n"))])
}

#[test]
fn every_tick_is_one_byte() {
    let desk = Desk::new();
    desk.commands_write_beside();
    approved(&desk);
    let ran = desk.check(
        &["spec", "run", "--autopilot", "--model", &model(&desk)],
        0,
        &[
            "task 1. Write the greeting",
            "[-] task 1",
            "check: sh look.sh hello.txt",
            "[x] task 1: 1 file changed",
            "[x] task 2",
        ],
    );
    let seen = |name: &str| String::from_utf8(desk.bytes(&format!("../seen-{name}"))).unwrap();
    assert_eq!(seen("hello.txt"), PLAN.replace("- [ ] 1.", "- [-] 1."));
    assert_eq!(seen("bye.txt"), PLAN.replace("- [ ] 1.", "- [x] 1.").replace("- [ ] 2.", "- [-] 2."));
    assert_eq!(desk.text(".kiro/specs/greet/tasks.md"), PLAN.replace("[ ]", "[x]"));
    assert_eq!((desk.text("hello.txt").as_str(), desk.text("bye.txt").as_str()), ("hello\n", "bye\n"));
    // The brief: task → files → criteria → check.
    for text in
        ["hello.txt", "1.1", "SHALL write hello into hello.txt", "sh look.sh hello.txt", "bye.txt", "1.2"]
    {
        assert!(ran.out.contains(text), "`{text}` is not in the brief: {}", ran.out);
    }
    desk.check(&["spec", "run", "--model", &model(&desk)], 0, &["nothing is open"]);
    desk.check(&["audit", "verify"], 0, &["3 journals", "every chain is whole"]);
}

#[test]
fn the_event_stream_of_a_run() {
    let desk = Desk::new();
    approved(&desk);
    let ran = desk.waypost(&["--json", "spec", "run", "--autopilot", "--model", &model(&desk)]);
    ran.exits(0);
    let steps: Vec<String> = ran
        .events()
        .iter()
        .filter_map(|event| match event["type"].as_str().unwrap() {
            "task_started" => Some(format!("start {}", event["task"].as_str().unwrap())),
            "task_ticked" => {
                Some(format!("{} {}", event["state"].as_str().unwrap(), event["task"].as_str().unwrap()))
            }
            "check" => Some(format!("exit {}", event["exit"])),
            "brief" => Some("brief".to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(steps, ["- 1", "start 1", "exit 0", "x 1", "- 2", "start 2", "exit 0", "x 2", "brief"]);
    let brief = ran.of_type("brief").remove(0);
    let task = &brief["tasks"][0];
    assert_eq!((&task["task"], &task["proven"]), (&json!("1"), &json!(true)));
    assert_eq!((&task["files"][0]["path"], &task["files"][0]["added"]), (&json!("hello.txt"), &json!(1)));
    assert_eq!(task["criteria"][0]["id"], "1.1");
    assert_eq!(task["check"], json!({"command": "sh look.sh hello.txt", "exit": 0}));
    assert_eq!(brief["uncovered"], json!([]));
}

#[test]
fn status_and_list_say_how_far_it_is() {
    let desk = Desk::new();
    approved(&desk);
    desk.check(&["spec", "run", "--task", "1", "--autopilot", "--model", &model(&desk)], 0, &["[x] task 1"]);
    let status = desk.waypost(&["--json", "spec", "status", "greet"]).document();
    let states: Vec<&Value> = status["steps"].as_array().unwrap().iter().map(|step| &step["state"]).collect();
    assert_eq!(states, ["done", "open"]);
    assert_eq!((&status["unapproved"], &status["approved_by"]), (&json!([]), &json!("tester")));
    assert_eq!(status["brief"]["tasks"][0]["proven"], true);
    let list = desk.waypost(&["--json", "spec", "list"]).document();
    assert_eq!(
        (&list[0]["done"], &list[0]["tasks"], &list[0]["approved"]),
        (&json!(1), &json!(2), &json!(true))
    );
    desk.check(&["spec", "list"], 0, &["greet", "1/2"]);
}

#[test]
fn a_single_file_runs_the_same_way() {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet.md", SINGLE);
    desk.check(&["spec", "approve", "--yes"], 0, &["test -s hello.txt"]);
    desk.check(&["spec", "run", "greet.md", "--autopilot", "--model", &model(&desk)], 0, &["[x] task 1"]);
    assert_eq!(desk.text(".kiro/specs/greet.md"), SINGLE.replace("- [ ] 1.", "- [x] 1."));
}

#[test]
fn a_task_is_told_what_it_cites_and_no_more() {
    let (desk, scripted) =
        Desk::with(vec![call("write", json!({"path": "hello.txt", "content": "hello\n"})), say("Done.")]);
    approved(&desk);
    desk.check(&["spec", "run", "--task", "1", "--autopilot"], 0, &[]);
    let text = told(&scripted.requests()[0]);
    for wanted in [
        "Task 1. Write the greeting",
        "1.1 WHEN the Greeter starts",
        "Design, Greeter:",
        "sh look.sh hello.txt",
        "Left to later tasks: 2. Write the leave",
    ] {
        assert!(text.contains(wanted), "`{wanted}` is missing: {text}");
    }
    for unwanted in ["bye.txt into", "WHEN the Greeter ends", "Each task has a check"] {
        assert!(!text.contains(unwanted), "`{unwanted}` is told: {text}");
    }
}

#[test]
fn each_task_has_a_session_of_its_own() {
    let write = |path: &str| call("write", json!({"path": path, "content": "x\n"}));
    let (desk, scripted) =
        Desk::with(vec![write("hello.txt"), say("One done."), write("bye.txt"), say("Two done.")]);
    approved(&desk);
    desk.check(&["spec", "run", "--autopilot"], 0, &[]);
    let requests = scripted.requests();
    assert_eq!(requests[2]["messages"].as_array().unwrap().len(), 1, "nothing of task 1 is carried over");
    assert_eq!(desk.journals("sessions").len(), 2);
    let rows = desk.waypost(&["--json", "session", "list"]).document();
    assert_eq!((&rows[0]["purpose"], &rows[1]["purpose"]), (&json!("greet task 2"), &json!("greet task 1")));
    desk.check(&["session", "resume", "-m", "more"], 2, &["waypost"]);
}

#[test]
fn two_runs_of_one_spec_at_once() {
    let desk = Desk::new();
    let answers = vec![call("write", json!({"path": "hello.txt", "content": "hello\n"})), say("Done.")];
    let scripted = Model::by_turn(answers, vec![1]);
    desk.talks_to(&scripted);
    approved(&desk);
    let first = desk.spawn(&["spec", "run", "--task", "1", "--autopilot"]);
    scripted.wait_for(2);
    desk.check(&["spec", "run", "--task", "1", "--autopilot"], 1, &["greet", "is in use by process"]);
    desk.check(&["spec", "status"], 0, &["Write the greeting"]);
    assert_eq!(scripted.requests().len(), 2, "the second run asked for nothing");
    first.signal(rustix::process::Signal::INT);
    first.finish().exits(130);
    desk.check(&["spec", "run", "--task", "1", "--autopilot"], 0, &["[x] task 1"]);
}

#[test]
fn a_run_killed_in_the_middle_of_a_task_goes_on_in_the_same_session() {
    let answers = || {
        vec![
            call("write", json!({"path": "hello.txt", "content": "hel\n"})),
            call("edit", json!({"path": "hello.txt", "edits": [{"old_text": "hel", "new_text": "hello"}]})),
            say("Done."),
        ]
    };
    for stall in 0..3 {
        let desk = Desk::new();
        let scripted = Model::by_turn(answers(), vec![stall]);
        desk.talks_to(&scripted);
        approved(&desk);
        let arguments = ["spec", "run", "--task", "1", "--autopilot"];
        let running = desk.spawn(&arguments);
        scripted.wait_for(stall + 1);
        running.kill();
        assert_eq!(desk.text(".kiro/specs/greet/tasks.md"), PLAN.replace("- [ ] 1.", "- [-] 1."));
        desk.check(&arguments, 0, &["[x] task 1"]);
        assert_eq!(desk.text("hello.txt"), "hello\n");
        assert_eq!(desk.journals("sessions").len(), 1, "stall {stall}");
        assert_eq!(desk.records("specs").matches("\"type\":\"task_started\"").count(), 1, "stall {stall}");
        desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
    }
}

#[test]
fn a_run_killed_while_its_check_runs_checks_again() {
    let desk = Desk::new();
    desk.commands_write_beside();
    approved(&desk);
    desk.put(
        "look.sh",
        "echo checking >> ../checks; n=0; while [ ! -e ../go ] && [ $n -lt 999 ]; do n=$((n+1)); sleep 0.02; done; test -s \"$1\"\n",
    );
    let model = model(&desk);
    let arguments = ["spec", "run", "--task", "1", "--autopilot", "--model", &model];
    let running = desk.spawn(&arguments);
    let checks = || desk.has("../checks") && desk.text("../checks") == "checking\n";
    assert!(soon(checks), "{}", running.err());
    running.kill();
    desk.put_outside("go", "");
    desk.check(&arguments, 0, &["[x] task 1"]);
    assert_eq!(desk.text("../checks"), "checking\nchecking\n");
}

#[test]
fn an_interrupt_during_the_check_leaves_the_task_in_progress() {
    let desk = Desk::new();
    desk.commands_write_beside();
    approved(&desk);
    desk.put("look.sh", "echo x > ../checks; n=0; while [ ! -e ../go ] && [ $n -lt 999 ]; do n=$((n+1)); sleep 0.02; done; test -s \"$1\"\n");
    let model = model(&desk);
    let arguments = ["spec", "run", "--task", "1", "--autopilot", "--model", &model];
    let running = desk.spawn(&arguments);
    assert!(soon(|| desk.has("../checks")), "{}", running.err());
    running.signal(rustix::process::Signal::INT);
    running.finish().exits(130).says(&["stopped by the person", "hint: go on with the same command"]);
    assert!(desk.text(".kiro/specs/greet/tasks.md").contains("- [-] 1."));
    desk.put_outside("go", "");
    desk.check(&arguments, 0, &["[x] task 1"]);
}

#[test]
fn the_agent_cannot_edit_the_specs_own_documents() {
    let desk = Desk::new();
    approved(&desk);
    let tick = json!({"path": ".kiro/specs/greet/tasks.md", "content": "- [x] 1. Done\n"});
    let turns = vec![
        turn("I tick it myself.", &[("write", tick)]),
        turn("", &[("write", json!({"path": "hello.txt", "content": "hello\n"}))]),
        ends("Done."),
    ];
    let model = recording(&desk, &[("", turns)]);
    let flags = ["--autopilot", "--allow", "fs_write:**", "--model", &model];
    desk.check(&[&["spec", "run", "--task", "1"], &flags[..]].concat(), 0, &["[x] task 1"]);
    assert_eq!(desk.text(".kiro/specs/greet/tasks.md"), PLAN.replace("- [ ] 1.", "- [x] 1."));
    assert!(desk.records("sessions").contains("not permitted"));
}

#[test]
fn the_agent_may_run_the_approved_check_itself() {
    let desk = Desk::new();
    approved(&desk);
    let turns = vec![
        turn(
            "",
            &[
                ("write", json!({"path": "hello.txt", "content": "hello\n"})),
                ("shell", json!({"command": "sh look.sh hello.txt"})),
            ],
        ),
        ends("Green."),
    ];
    let model = recording(&desk, &[("", turns)]);
    desk.check(&["spec", "run", "--task", "1", "--autopilot", "--model", &model], 0, &["[x] task 1"]);
}

#[test]
fn a_task_that_goes_on_keeps_its_agent() {
    let desk = Desk::new();
    approved(&desk);
    let agent = "---\ndescription: d\ntools: [read, write]\n---\nx\n";
    desk.put(".kiro/agents/one.md", agent);
    desk.put(".kiro/agents/two.md", agent);
    desk.check(&["trust", "--yes"], 0, &[]);
    let write = || makes("hello.txt", "hello\n");
    let model = recording(&desk, &[("task 1", write())]);
    let run = |more: &[&str], code: i32, says: &[&str]| {
        let words: Vec<&str> =
            ["spec", "run", "--task", "1", "--model", &model].iter().chain(more).copied().collect();
        desk.check(&words, code, says)
    };
    run(&["--agent", "one"], 3, &["--allow 'fs_write:hello.txt'"]);
    run(&["--agent", "two"], 2, &["is led by `one`", "without --agent"]);
    run(&["--deny", "shell:*"], 3, &["--allow 'fs_write:hello.txt'"]);
    desk.put(".kiro/agents/one.md", agent.replace("write", "web"));
    desk.check(&["trust", "--yes"], 0, &[]);
    let ran = run(&["--autopilot"], 1, &[]);
    assert!(!desk.has("hello.txt"), "{}", ran.err);
}

#[test]
fn hooks_of_the_agent_run_around_a_task() {
    let desk = Desk::new();
    approved(&desk);
    let hook = |trigger: &str| {
        json!({"name": trigger, "trigger": trigger,
               "action": {"type": "command", "command": format!("echo {trigger} >> ran.log")}})
    };
    let agent = json!({"description": "d", "tools": ["read", "write"], "prompt": "x",
        "hooks": [hook("PreTaskExec"), hook("PostTaskExec")]});
    desk.put(".kiro/agents/one.json", agent.to_string());
    desk.check(&["trust", "--yes"], 0, &[]);
    let model = recording(&desk, &[("task 1", makes("hello.txt", "hello\n"))]);
    let words = ["spec", "run", "--task", "1", "--autopilot", "--agent", "one", "--model", &model];
    let ran = desk.waypost(&words);
    assert!(desk.has("ran.log"), "{} {}", ran.out, ran.err);
    assert_eq!(desk.text("ran.log"), "PreTaskExec\nPostTaskExec\n");
}
