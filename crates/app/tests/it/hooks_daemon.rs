//! `waypost hooks watch`: saves of people, beside sessions, beside other hooks. What hooks do in a session is `hooks_at_work`.

#![expect(clippy::disallowed_methods, reason = "saves as an editor does, by renaming")]

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use crate::harness::{Desk, Running, recording};
use crate::hooks_at_work::{command, desk, ends, put, run, writes};

/// A daemon that has begun; it ends with the value.
fn daemon(desk: &Desk) -> Running {
    let running = desk.spawn(&["--json", "hooks", "watch"]);
    until("the watch stands", || running.out().contains("Ctrl-C ends"));
    running
}

/// Waits until this holds.
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn people_change_files_and_hooks_run_once_for_each() {
    let desk = desk(&[command("log", "PostFileSave", "\\.ts$", "cat >> log.jsonl; date +%N >> other.ts")]);
    desk.put("src/a.ts", "1\n");
    desk.put("other.ts", "1\n");
    let daemon = daemon(&desk);
    let lines = || if desk.has("log.jsonl") { desk.text("log.jsonl").lines().count() } else { 0 };
    desk.put("src/a.ts", "2\n");
    until("the hook runs", || lines() >= 1);
    // What the hook wrote is its own doing.
    std::thread::sleep(Duration::from_millis(800));
    assert_eq!(lines(), 1, "{}", desk.text("log.jsonl"));
    assert!(desk.text("log.jsonl").contains("src/a.ts"));
    // A save by rename, as editors do it.
    desk.put("src/.a.tmp", "3\n");
    fs::rename(desk.work("src/.a.tmp"), desk.work("src/a.ts")).unwrap();
    until("a save by rename", || lines() >= 2);
    daemon.kill();
    desk.check(&["hooks", "history"], 0, &["log on PostFileSave: done"]);
}

#[test]
fn a_matcher_may_be_about_whole_paths() {
    let desk = Desk::new();
    let matcher = format!("^{}/src/.*\\.ts$", desk.resolved("work"));
    let hook = command("whole", "PostFileSave", &matcher, "echo ran >> log.txt");
    put(&desk, &[hook]);
    desk.put("src/a.ts", "1\n");
    let daemon = daemon(&desk);
    desk.put("src/a.ts", "2\n");
    until("the hook runs", || desk.has("log.txt"));
    daemon.kill();
}

#[test]
fn what_a_person_saves_while_a_hook_runs_is_no_doing_of_the_hook() {
    // By the words of its line, which write one file; and by an advisory hook, which can write none.
    let desk = desk(&[
        command("log", "PostFileSave", "^src/", "cat >> log.jsonl; sleep 1"),
        command("look", "PostFileSave", "^docs/", "sh slow.sh"),
    ]);
    desk.put("slow.sh", "sleep 1; exit 1\n");
    desk.config("[hooks.grants]\nlook = \"advisory\"\n");
    desk.check(&["trust", "--yes"], 0, &[]);
    for path in ["src/a.ts", "src/b.ts", "docs/a.md"] {
        desk.put(path, "1\n");
    }
    let daemon = daemon(&desk);
    let told = || if desk.has("log.jsonl") { desk.text("log.jsonl") } else { String::new() };
    desk.put("src/a.ts", "2\n");
    until("the hook runs", || told().contains("src/a.ts"));
    desk.put("src/a.ts", "3\n");
    desk.put("src/b.ts", "3\n");
    until("what was saved meanwhile is told", || told().lines().count() >= 2 && told().contains("src/b.ts"));
    let last = told().lines().last().unwrap().to_string();
    assert!(last.contains("src/a.ts") && last.contains("src/b.ts"), "{last}");
    let looks = || daemon.out().matches("\"hook\":\".kiro/hooks/all.json#look\"").count();
    // What is saved while another hook runs becomes one run: the first of these two comes when none does.
    std::thread::sleep(Duration::from_millis(1_500));
    desk.put("docs/a.md", "2\n");
    std::thread::sleep(Duration::from_millis(600));
    desk.put("docs/a.md", "3\n");
    until("the advisory hook runs again", || looks() >= 2);
    assert!(!daemon.out().contains("it caused this itself"), "{}", daemon.out());
}

#[test]
fn an_agent_beside_the_daemon_runs_hooks_once() {
    let desk = desk(&[command("log", "PostFileCreate", "\\.ts$", "cat >> log.jsonl")]);
    let _daemon = daemon(&desk);
    let model = recording(&desk, &[("go", writes("src/a.ts", "1\n"))]);
    run(&desk, &model, 0, &["log on PostFileCreate: done"]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(desk.text("log.jsonl").lines().count(), 1, "{}", desk.text("log.jsonl"));
}

#[test]
fn the_daemon_loses_no_save_however_many_come() {
    let desk =
        desk(&[command("log", "PostFileSave", "\\.ts$", "cat >> log.jsonl; echo >> log.jsonl; sleep 0.3")]);
    for at in 0..40 {
        desk.put(&format!("src/{at}.ts"), "1\n");
    }
    let daemon = daemon(&desk);
    for at in 0..40 {
        desk.put(&format!("src/{at}.ts"), "2\n");
        std::thread::sleep(Duration::from_millis(40));
    }
    let told = || -> (usize, usize) {
        let text = if desk.has("log.jsonl") { desk.text("log.jsonl") } else { String::new() };
        (
            (0..40).filter(|at| text.contains(&format!("src/{at}.ts"))).count(),
            text.matches("hook_event_name").count(),
        )
    };
    until("every save is told", || told().0 == 40);
    // What came while it ran became one run.
    assert!(told().1 < 30, "{} runs", told().1);
    until("every run is over, and well", || ends(&desk).iter().all(|end| end == "log done"));
    daemon.kill();
}

#[test]
fn a_hook_that_took_too_long_runs_at_its_next_moment() {
    let mut slow = command("slow", "PostFileSave", "\\.ts$", "echo x >> runs.log; sleep 60");
    slow["timeout"] = json!(1);
    let desk = desk(&[slow]);
    desk.put("a.ts", "1\n");
    let _daemon = daemon(&desk);
    for run in 1..=2 {
        desk.put("a.ts", format!("{run} and more\n"));
        until("the hook is cut", || ends(&desk).iter().filter(|end| *end == "slow cut").count() == run);
        assert_eq!(desk.text("runs.log").lines().count(), run);
    }
}

#[test]
fn one_ctrl_c_ends_the_daemon_while_a_hook_runs() {
    let desk = desk(&[command("slow", "PostFileSave", "\\.ts$", "touch began; sleep 60; touch ended")]);
    desk.put("a.ts", "1\n");
    let daemon = daemon(&desk);
    desk.put("a.ts", "2\n");
    until("the hook runs", || desk.has("began"));
    let began = Instant::now();
    daemon.signal(Signal::INT);
    daemon.finish();
    assert!(began.elapsed() < Duration::from_secs(20) && !desk.has("ended"));
}

#[test]
fn trust_that_is_given_while_the_daemon_runs_counts_from_the_next_change() {
    let desk = desk(&[command("old", "PostFileSave", "\\.md$", "echo x >> old.log")]);
    desk.put(".gitignore", "*.log\n");
    desk.put("a.md", "0\n");
    let daemon = desk.spawn(&["hooks", "watch"]);
    until("the watch stands", || daemon.err().contains("watching"));
    let save = |text: &str| {
        desk.put("a.md", text);
        std::thread::sleep(Duration::from_millis(900));
    };
    save("1\n");
    until("the hook runs", || desk.has("old.log"));
    let hooks = [command("new", "PostFileSave", "\\.md$", "echo x >> new.log; exit 0")];
    desk.put(".kiro/hooks/all.json", json!({"version": "v1", "hooks": hooks}).to_string());
    until("the hooks are read", || daemon.err().contains("read again: 0 hooks wait for files"));
    save("2\n");
    assert!(!desk.has("new.log"), "{}", daemon.err());
    let lines = |file: &str| if desk.has(file) { desk.text(file).lines().count() } else { 0 };
    desk.check(&["trust", "--yes"], 0, &[]);
    save("3\n");
    until("the new hook runs", || lines("new.log") == 1);
    assert_eq!(lines("old.log"), 1, "{}", daemon.err());
    assert!(daemon.err().contains("because trust or settings changed: 1 hook waits for files"));
    // So does what the settings say, also when they cannot be read for a while.
    desk.config("[hooks]\nenabled = false\n");
    save("4\n");
    desk.config("[hooks\n");
    save("5\n");
    until("it is said that none runs", || daemon.err().contains("none runs until they can"));
    assert_eq!(lines("new.log"), 1, "{}", daemon.err());
    desk.config("[hooks]\ngrants = { new = \"advisory\" }\n");
    save("6\n");
    // An advisory hook writes nothing.
    assert_eq!(lines("new.log"), 1, "{}", daemon.err());
    desk.config("");
    save("7\n");
    until("it runs again", || lines("new.log") == 2);
    // Trust that is taken back, too.
    desk.check(&["trust", "--remove"], 0, &[]);
    save("8\n");
    assert_eq!(lines("new.log"), 2, "{}", daemon.err());
    daemon.kill();
}

#[test]
fn hooks_of_the_package_are_read_again_when_their_files_change() {
    let desk = desk(&[]);
    desk.put(".gitignore", "*.log\n.kiro\n");
    desk.put("packages/x/a.md", "0\n");
    let put = |line: &str| {
        let hooks = [command("h", "PostFileSave", "\\.md$", line)];
        desk.put("packages/x/.kiro/hooks/h.json", json!({"version": "v1", "hooks": hooks}).to_string());
    };
    put("echo x >> old.log");
    let at = desk.work("packages/x").display().to_string();
    desk.check(&["-C", &at, "trust", "--yes"], 0, &[]);
    let daemon = desk.spawn(&["-C", &at, "hooks", "watch"]);
    until("the watch stands", || daemon.err().contains("watching"));
    let lines = |file: &str| {
        let file = format!("packages/x/{file}");
        if desk.has(&file) { desk.text(&file).lines().count() } else { 0 }
    };
    desk.put("packages/x/a.md", "1\n");
    until("the hook runs", || lines("old.log") == 1);
    std::thread::sleep(Duration::from_millis(900));
    // Nobody trusts it as it is now: neither line runs.
    put("echo x >> new.log");
    until("the hooks are read", || daemon.err().contains("read again: 0 hooks wait for files"));
    desk.put("packages/x/a.md", "2\n");
    std::thread::sleep(Duration::from_millis(900));
    desk.check(&["-C", &at, "trust", "--yes"], 0, &[]);
    desk.put("packages/x/a.md", "3\n");
    until("the new line runs", || lines("new.log") == 1);
    assert_eq!(lines("old.log"), 1, "{}", daemon.err());
    daemon.kill();
}
