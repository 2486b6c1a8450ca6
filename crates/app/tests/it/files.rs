//! Files that an agent cannot have or cannot change: the model is told what and why, and the bytes stay as they are.

use serde_json::{Value, json};

use crate::harness::{Answer, Desk, Model, call, say};

fn edit(path: &str, old: &str, new: &str) -> Answer {
    call("edit", json!({"path": path, "edits": [{"old_text": old, "new_text": new}]}))
}

fn read(path: &str) -> Answer {
    call("read", json!({"path": path}))
}

/// Lets the model do this in autopilot, then end; the workspace stays as it is, and the model is told this.
#[track_caller]
fn refused(prepare: impl FnOnce(&Desk), script: Vec<Answer>, told: &[&str]) {
    let desk = Desk::new();
    let model = Model::start(script.into_iter().chain([say("I see.")]).collect());
    desk.talks_to(&model);
    prepare(&desk);
    let before = desk.everything();
    desk.check(&["run", "x", "--autopilot"], 0, &["I see."]);
    let last = last_result(&model);
    for told in told {
        assert!(last.contains(told), "`{told}` is missing in `{last}`");
    }
    assert!(desk.everything() == before, "the workspace changed");
}

fn last_result(model: &Model) -> String {
    let request = model.requests().pop().unwrap();
    let last = request["messages"].as_array().unwrap().last().unwrap()["content"].clone();
    let results: Vec<&str> =
        last.as_array().unwrap().iter().filter_map(|block| block["content"].as_str()).collect();
    results.join("\n")
}

#[test]
fn edits_that_do_not_fit() {
    let text = |desk: &Desk| desk.put("a.txt", "one\ntwo\ntwo\n");
    refused(text, vec![read("a.txt"), edit("a.txt", "three", "3")], &["`a.txt` was not changed"]);
    refused(text, vec![read("a.txt"), edit("a.txt", "two", "2")], &["was not changed", "line 2", "line 3"]);
    refused(text, vec![edit("a.txt", "one", "1")], &["`a.txt` was not read yet"]);
    refused(text, vec![edit("b.txt", "one", "1")], &["`b.txt` does not exist", "`a.txt`"]);
}

#[test]
fn a_file_that_changed_since_it_was_read() {
    let script = vec![
        read("a.txt"),
        call("shell", json!({"command": "echo three >> a.txt"})),
        edit("a.txt", "one", "1"),
        say("I see."),
    ];
    let (desk, model) = Desk::with(script);
    desk.put("a.txt", "one\ntwo\n");
    desk.check(&["run", "x", "--autopilot", "--allow", "shell:*"], 0, &[]);
    assert!(last_result(&model).contains("has changed since you read it"), "{}", last_result(&model));
    assert_eq!(desk.text("a.txt"), "one\ntwo\nthree\n");
}

#[test]
fn a_file_that_vanished() {
    let script = vec![
        read("a.txt"),
        call("shell", json!({"command": "rm a.txt"})),
        edit("a.txt", "one", "1"),
        read("a.txt"),
        say("I see."),
    ];
    let (desk, model) = Desk::with(script);
    desk.put("a.txt", "one\n");
    desk.check(&["run", "x", "--autopilot", "--allow", "shell:*"], 0, &[]);
    assert_eq!(model.last().matches("`a.txt` does not exist").count(), 2, "{}", model.last());
    assert!(!desk.has("a.txt"), "an edit brings nothing back");
}

#[test]
fn binary_and_huge_files() {
    let image = |desk: &Desk| desk.put("p.png", b"\x89PNG\r\n\x1a\n\0\0\0\r");
    refused(image, vec![read("p.png")], &["`p.png` is a PNG image of 12 bytes, not text"]);
    refused(image, vec![edit("p.png", "PNG", "GIF")], &["a PNG image, which cannot be edited"]);
    let huge = |desk: &Desk| desk.put("big.log", format!("{}\n", "x".repeat(99)).repeat(500_000));
    refused(huge, vec![read("big.log")], &["`big.log` has 50000000 bytes, which is too much to read whole"]);
    refused(huge, vec![edit("big.log", "x", "y")], &["`big.log`"]);
}

#[test]
fn a_read_only_file_even_for_root() {
    let script = vec![
        call("shell", json!({"command": "chmod 444 a.txt"})),
        read("a.txt"),
        edit("a.txt", "one", "1"),
        say("I see."),
    ];
    let (desk, model) = Desk::with(script);
    desk.put("a.txt", "one\n");
    desk.check(&["run", "x", "--autopilot", "--allow", "shell:chmod*"], 0, &[]);
    assert!(last_result(&model).contains("`a.txt` is read-only (mode 444)"), "{}", last_result(&model));
    assert_eq!(desk.text("a.txt"), "one\n");
}

#[test]
fn paths_outside_the_workspace() {
    let write = call("write", json!({"path": "../out.txt", "content": "x"}));
    refused(|_| {}, vec![write], &["not permitted: "]);
    let link = |desk: &Desk| std::os::unix::fs::symlink(desk.path("home"), desk.work("link")).unwrap();
    let through = call("write", json!({"path": "link/out.txt", "content": "x"}));
    refused(link, vec![through], &["not permitted: "]);
}

#[test]
fn reading_outside_asks() {
    let (desk, model) = Desk::with(vec![read("../secret.txt"), say("It was hidden.")]);
    desk.put_outside("secret.txt", "hidden\n");
    let outside = desk.resolved("secret.txt");
    let rule = format!("fs_read:{outside}");
    desk.check(
        &["run", "x", "--autopilot"],
        3,
        &[&format!("fs_read `{outside}` needs an answer"), &format!("--allow '{rule}'")],
    );
    // The named rule is the one that helps.
    desk.check(&["session", "resume", "--allow", &rule], 0, &["It was hidden."]);
    assert!(last_result(&model).contains("hidden"));
}

#[test]
fn an_edit_keeps_what_is_not_its_business() {
    let (desk, _model) = Desk::with(vec![read("a.txt"), edit("a.txt", "two", "2"), say("Done.")]);
    desk.put("a.txt", "\u{feff}one\r\ntwo\r\nthree");
    desk.check(&["run", "x", "--autopilot"], 0, &[]);
    assert_eq!(desk.text("a.txt"), "\u{feff}one\r\n2\r\nthree");
    let left: Vec<Value> =
        desk.everything().keys().map(|path| json!(path.file_name().unwrap().to_str())).collect();
    assert_eq!(left, [json!("a.txt")], "no temporary file is left");
}
