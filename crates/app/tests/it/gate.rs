//! Modes and rules, as the person sets them: what is written unasked, what asks, what is denied.

use serde_json::json;

use crate::harness::{Answer, Desk, call, say};

fn write(path: &str) -> Answer {
    call("write", json!({"path": path, "content": "x"}))
}

fn shell(command: &str) -> Answer {
    call("shell", json!({"command": command}))
}

/// Runs one call with these flags and checks the end and whether its file was made.
#[track_caller]
fn check(answer: Answer, flags: &[&str], code: i32, made: bool) -> Desk {
    let (desk, _model) = Desk::with(vec![answer, say("Done.")]);
    let arguments: Vec<&str> = ["run", "x"].iter().chain(flags).copied().collect();
    desk.check(&arguments, code, &[]);
    assert_eq!(desk.has("made.txt"), made);
    desk
}

#[test]
fn supervised_asks_before_it_writes_and_autopilot_does_not() {
    check(write("made.txt"), &[], 3, false);
    check(write("made.txt"), &["--mode", "supervised"], 3, false);
    check(write("made.txt"), &["--autopilot"], 0, true);
    check(write("made.txt"), &["--mode", "autopilot"], 0, true);
    check(write("made.txt"), &["--allow", "fs_write:*.txt"], 0, true);
    check(write("made.txt"), &["--allow", "fs_write:*.rs"], 3, false);
}

#[test]
fn commands_ask_unless_they_only_read() {
    check(shell("cat /dev/null; ls"), &[], 0, false);
    check(shell("touch made.txt"), &[], 3, false);
    check(shell("touch made.txt"), &["--autopilot"], 0, true);
    check(shell("python3 -c \"open('made.txt', 'w')\""), &["--autopilot"], 3, false);
    check(shell("touch made.txt"), &["--allow", "shell:touch *"], 0, true);
    check(shell("echo > made.txt"), &["--allow", "shell:echo*"], 3, false);
    check(shell("true; touch made.txt"), &["--allow", "shell:true*"], 3, false);
    check(shell("make; touch ../made.txt"), &["--autopilot", "--allow", "shell:*"], 3, false);
    check(shell("cat $(touch made.txt)"), &[], 3, false);
    check(shell("cat ../secret"), &["--autopilot"], 3, false);
}

#[test]
fn deny_wins_over_allow_from_wherever() {
    let flags = ["--autopilot", "--allow", "shell:*", "--deny", "shell:touch*"];
    let desk = check(shell("touch made.txt"), &flags, 0, false);
    assert!(desk.records("sessions").contains("rule `shell:touch*`"), "the reason is on record");
    check(write("made.txt"), &["--autopilot", "--deny", "fs_write:**"], 0, false);
}

#[test]
fn rules_of_the_settings() {
    let (desk, _model) =
        Desk::with(vec![write("made.txt"), say("Done."), shell("touch other.txt"), say("Done.")]);
    desk.config("mode = \"autopilot\"\nask = [\"fs_write:made.txt\"]\ndeny = [\"shell:touch*\"]\n");
    desk.check(&["run", "x"], 3, &["--allow 'fs_write:made.txt'"]);
    desk.check(&["run", "x"], 0, &["Done."]);
    desk.check(&["run", "x", "--allow", "shell:*"], 0, &["Done."]);
    assert!(!desk.has("made.txt") && !desk.has("other.txt"));
    desk.config("mode = \"wild\"\n");
    desk.check(&["run", "x"], 2, &["`wild`", "mode is supervised or autopilot"]);
}

#[test]
fn what_is_never_written_whatever_is_allowed() {
    for path in [
        ".git/config",
        "vendor/.git/config",
        ".kiro/settings/x.json",
        "../config/waypost/config.toml",
        "../state/waypost/x",
    ] {
        let (desk, _model) = Desk::with(vec![write(path), say("Done.")]);
        let before = desk.everything();
        desk.check(
            &["run", "x", "--autopilot", "--allow", "fs_write:**", "--allow", "fs_write:/**"],
            0,
            &["Done."],
        );
        assert!(desk.records("sessions").contains("\"deny\""), "{path}");
        assert!(desk.everything() == before && !desk.has(path), "{path}");
    }
}

#[test]
fn a_decision_is_on_record_before_the_effect() {
    let (desk, _model) = Desk::with(vec![write("made.txt"), say("Done.")]);
    desk.check(&["run", "x", "--autopilot"], 0, &[]);
    let records = desk.records("sessions");
    let (decided, finished) = (records.find("\"type\":\"decided\""), records.find("\"type\":\"finished\""));
    assert!(decided.is_some() && decided < finished, "{records}");
}

#[test]
fn commands_do_not_get_the_keys() {
    let (desk, model) = Desk::with(vec![shell("printenv"), say("Done.")]);
    desk.check(&["run", "x", "--allow", "shell:printenv"], 0, &[]);
    let told = model.last();
    assert!(told.contains("PATH=") && !told.contains("test-key-0123456789"), "{told}");
}
