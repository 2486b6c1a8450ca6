//! To whom a changed file is told, how often, and as whose doing: parts, agents of hooks, hooks that answer to the same change.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Desk, recording, soon, turn};

fn command(name: &str, trigger: &str, matcher: &str, line: &str) -> Value {
    json!({"name": name, "trigger": trigger, "matcher": matcher,
           "action": {"type": "command", "command": line}, "timeout": 20})
}

/// A desk with these hooks, trusted, on which what ends in `.log` is ignored.
fn desk(hooks: &[Value]) -> Desk {
    let desk = Desk::new();
    desk.put(".gitignore", "*.log\n");
    desk.put(".kiro/hooks/all.json", json!({"version": "v1", "hooks": hooks}).to_string());
    desk.check(&["trust", "--yes"], 0, &[]);
    desk
}

fn write(path: &str) -> Value {
    turn("", &[("write", json!({"path": path, "content": "1\n"}))])
}

fn shell(line: &str) -> Value {
    turn("", &[("shell", json!({"command": line}))])
}

fn say(text: &str) -> Value {
    turn(text, &[])
}

#[track_caller]
fn run(desk: &Desk, sessions: &[(&str, Vec<Value>)], flags: &[&str]) {
    let model = recording(desk, sessions);
    let mut words = vec!["run", "go", "--autopilot", "--allow", "shell:*", "--model", &model];
    words.extend(flags);
    desk.check(&words, 0, &["over"]);
}

/// What a hook that keeps its payloads in this file was told: the files of each run, and in whose session.
fn told(desk: &Desk, file: &str) -> Vec<(Vec<String>, String)> {
    let text = if desk.has(file) { desk.text(file) } else { String::new() };
    let one = |line: &str| {
        let payload: Value = serde_json::from_str(line).unwrap();
        let ours = &payload["waypost"];
        let paths = ours["file_paths"].as_array().unwrap().iter();
        let paths = paths.map(|path| path.as_str().unwrap().to_string()).collect();
        (paths, ours["agent"].as_str().unwrap_or_default().to_string())
    };
    text.lines().map(one).collect()
}

/// Every run of a hook, the first one first: its name, and what led to it.
fn runs(desk: &Desk) -> Vec<(String, Vec<String>)> {
    let rows = desk.waypost(&["--json", "hooks", "history", "--limit", "1000"]).document();
    let name = |id: &Value| id.as_str().unwrap().rsplit('#').next().unwrap().to_string();
    let mut runs: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["end"] != "cut")
        .map(|row| (name(&row["hook"]), row["cause"].as_array().unwrap().iter().map(name).collect()))
        .collect();
    runs.reverse();
    runs
}

#[test]
fn a_file_that_a_part_wrote_is_told_once_as_the_parts() {
    let desk = desk(&[
        command("made", "PostFileCreate", "\\.z$", "cat >> made.log"),
        command("saved", "PostFileSave", "\\.z$", "cat >> saved.log"),
        command("gone", "PostFileDelete", "\\.z$", "cat >> gone.log"),
    ]);
    desk.put("old.z", "0\n");
    let deeper = json!({"tasks": [{"task": "DEEPER"}]});
    let tasks = json!({"tasks": [{"task": "PART"}, {"task": "OTHER"}]});
    run(
        &desk,
        &[
            ("DEEPER", vec![write("deep.z"), say("ok")]),
            (
                "PART",
                vec![
                    write("a.z"),
                    shell("echo 2 > b.z; echo 3 > old.z"),
                    turn("", &[("subagent", deeper)]),
                    say("ok"),
                ],
            ),
            ("OTHER", vec![write("c.z"), shell("rm old.z"), say("ok")]),
            ("go", vec![turn("", &[("subagent", tasks)]), write("own.z"), say("over")]),
        ],
        &[],
    );
    let part = |path: &str| (vec![path.to_string()], "general-purpose".to_string());
    let made = told(&desk, "made.log");
    let own = (vec!["own.z".to_string()], String::new());
    assert_eq!(made, [part("a.z"), part("b.z"), part("deep.z"), part("c.z"), own]);
    assert_eq!(told(&desk, "saved.log"), [part("old.z")]);
    assert_eq!(told(&desk, "gone.log"), [part("old.z")]);
}

#[test]
fn hooks_that_are_not_in_force_in_a_part_are_told_around_it() {
    let desk = desk(&[command("all", "PostFileCreate", "\\.z$", "cat >> all.log")]);
    let hooks = [command("own", "PostFileCreate", "\\.z$", "cat >> own.log")];
    let lead = json!({"description": "leads", "prompt": "Lead.", "tools": ["*"], "hooks": hooks});
    desk.put(".kiro/agents/lead.json", lead.to_string());
    desk.check(&["trust", "--yes"], 0, &[]);
    let tasks = json!({"tasks": [{"agent": "general-purpose", "task": "PART"}]});
    run(
        &desk,
        &[
            ("PART", vec![write("a.z"), write("b.z"), say("ok")]),
            ("go", vec![turn("", &[("subagent", tasks)]), say("over")]),
        ],
        &["--agent", "lead"],
    );
    let part = |path: &str| (vec![path.to_string()], "general-purpose".to_string());
    assert_eq!(told(&desk, "all.log"), [part("a.z"), part("b.z")]);
    let both = (vec!["a.z".to_string(), "b.z".to_string()], "lead".to_string());
    assert_eq!(told(&desk, "own.log"), [both]);
}

#[test]
fn a_file_that_the_agent_of_a_hook_wrote_is_told_once() {
    let asks = json!({"name": "asks", "trigger": "PostFileCreate", "matcher": "\\.a$",
        "action": {"type": "agent", "prompt": "ANSWER it"}});
    let desk = desk(&[asks, command("log", "PostFileCreate", "\\.z$", "cat >> made.log")]);
    run(
        &desk,
        &[
            ("ANSWER", vec![write("x.z"), shell("echo 1 > y.z"), say("ok")]),
            ("go", vec![write("x.a"), say("over")]),
        ],
        &[],
    );
    let its = |path: &str| (vec![path.to_string()], "hook asks".to_string());
    assert_eq!(told(&desk, "made.log"), [its("x.z"), its("y.z")]);
    let led = || vec!["asks".to_string()];
    let log = runs(&desk).into_iter().filter(|(name, _)| name == "log");
    assert_eq!(log.map(|(_, cause)| cause).collect::<Vec<_>>(), [led(), led()]);
}

#[test]
fn two_hooks_that_change_one_file_never_run_because_of_themselves() {
    let desk = desk(&[
        command("one", "PostFileSave", "\\.txt$", "echo one >> all.txt"),
        command("two", "PostFileSave", "\\.txt$", "echo two >> all.txt"),
    ]);
    desk.put("a.txt", "0\n");
    desk.put("all.txt", "");
    run(&desk, &[("go", vec![shell("echo 1 > a.txt"), say("over")])], &[]);
    let mut runs = runs(&desk);
    assert!(runs.iter().all(|(name, cause)| !cause.contains(name)), "{runs:?}");
    runs.sort();
    let led = |name: &str, by: &[&str]| (name.to_string(), by.iter().map(|by| by.to_string()).collect());
    assert_eq!(runs, [led("one", &[]), led("one", &["two"]), led("two", &[]), led("two", &["one"])]);
    assert_eq!(desk.text("all.txt").lines().count(), 4);
}

#[test]
fn what_a_hook_changes_while_another_is_due_reaches_that_one() {
    // The second one changes no file that is kept, so nothing else would bring it up again.
    let desk = desk(&[
        command("first", "PostFileSave", "a\\.txt$", "echo 1 >> b.txt"),
        command("second", "PostFileSave", "\\.txt$", "cat >> second.log"),
    ]);
    desk.put("a.txt", "0\n");
    desk.put("b.txt", "0\n");
    run(&desk, &[("go", vec![shell("echo 1 > a.txt"), say("over")])], &[]);
    let alone = |path: &str| (vec![path.to_string()], String::new());
    assert_eq!(told(&desk, "second.log"), [alone("a.txt"), alone("b.txt")]);
    let led = |name: &str, by: &[&str]| (name.to_string(), by.iter().map(|by| by.to_string()).collect());
    assert_eq!(runs(&desk), [led("first", &[]), led("second", &[]), led("second", &["first"])]);
}

#[test]
fn what_the_agent_of_a_hook_wrote_is_no_change_by_a_person() {
    let asks = json!({"name": "asks", "trigger": "PostFileSave", "matcher": "\\.a$",
        "action": {"type": "agent", "prompt": "ANSWER it"}});
    let desk = desk(&[
        asks,
        command("log", "PostFileCreate", "\\.z$", "cat >> made.log"),
        command("end", "PostFileSave", "\\.end$", "cat >> end.log"),
    ]);
    desk.put("x.a", "0\n");
    desk.put("x.end", "0\n");
    let model = recording(&desk, &[("ANSWER", vec![write("x.z"), say("ok")])]);
    let daemon = desk.spawn(&["hooks", "watch", "--autopilot", "--model", &model]);
    assert!(soon(|| daemon.err().contains("watching")), "{}", daemon.err());
    desk.put("x.a", "1\n");
    assert!(soon(|| daemon.err().contains("asks on PostFileSave: done")), "{}", daemon.err());
    // What was seen of the agent's file was judged before this is.
    std::thread::sleep(Duration::from_millis(500));
    desk.put("x.end", "1\n");
    assert!(soon(|| !told(&desk, "end.log").is_empty()), "{}", daemon.err());
    daemon.kill();
    assert_eq!(told(&desk, "made.log"), [(vec!["x.z".to_string()], "hook asks".to_string())]);
}
