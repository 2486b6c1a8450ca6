//! Workspaces of every condition: no git, a bare repository, a dirty tree, a directory below the root.

use serde_json::json;

use crate::harness::{Desk, approved, call, makes, recording, say};

#[test]
fn no_git_is_needed() {
    let (desk, _model) =
        Desk::with(vec![call("write", json!({"path": "a.txt", "content": "x"})), say("Done.")]);
    desk.check(&["run", "x", "--autopilot"], 0, &[]);
    assert!(!desk.has(".git"), "and none is made");
}

#[test]
fn a_directory_below_the_root_belongs_to_the_workspace() {
    let (desk, model) = Desk::with(vec![call("read", json!({"path": "a.txt"})), say("Done.")]);
    desk.put("a.txt", "at the root\n");
    desk.put("src/deep/b.txt", "");
    let deep = desk.work("src/deep").display().to_string();
    desk.check(&["-C", &deep, "run", "x"], 0, &[]);
    assert!(model.last().contains("at the root"));
    desk.check(&["session", "list"], 0, &["done"]);
}

#[test]
fn a_bare_repository() {
    let (desk, _model) = Desk::with(vec![call("list", json!({})), say("It is bare.")]);
    desk.git(&["init", "--bare", "../bare.git"]);
    let bare = desk.path("bare.git").display().to_string();
    desk.check(&["-C", &bare, "run", "x"], 0, &["It is bare."]);
    desk.check(&["-C", &bare, "spec", "list"], 0, &["no specs here yet"]);
}

/// Everything of the user's that a run could spoil.
fn state(desk: &Desk) -> [String; 5] {
    [
        desk.git(&[
            "status",
            "--porcelain=v2",
            "--untracked-files=all",
            "--",
            ".",
            ":!hello.txt",
            ":!bye.txt",
            ":!.kiro",
        ]),
        desk.git(&["diff", "--cached"]),
        desk.git(&["stash", "list"]),
        desk.git(&["log", "--format=%H %s", "--all"]),
        desk.git(&["ls-files", "--stage"]),
    ]
}

#[test]
fn a_dirty_tree_stays_as_dirty_as_it_was() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.put("kept.txt", "one\n");
    desk.put("gone.txt", "one\n");
    desk.put(".gitignore", "*.log\n");
    desk.git(&["add", "."]);
    desk.git(&["commit", "-qm", "first"]);
    desk.put("kept.txt", "staged\n");
    desk.git(&["add", "kept.txt"]);
    desk.put("kept.txt", "not staged\n");
    desk.put("new.txt", "untracked\n");
    desk.put("trace.log", "ignored\n");
    desk.git(&["rm", "-q", "gone.txt"]);
    approved(&desk);
    let (before, index) = (state(&desk), desk.bytes(".git/index"));
    let model =
        recording(&desk, &[("task 1", makes("hello.txt", "hello\n")), ("task 2", makes("bye.txt", "bye\n"))]);
    desk.check(&["spec", "run", "--model", &model, "--autopilot"], 0, &[]);
    assert!(desk.bytes(".git/index") == index, "the index is touched");
    assert_eq!(state(&desk), before);
    let files = ["kept.txt", "new.txt", "trace.log"].map(|name| desk.text(name));
    assert_eq!(files, ["not staged\n", "untracked\n", "ignored\n"]);
}

#[test]
fn a_spec_runs_without_git_in_the_workspace() {
    let desk = Desk::new();
    approved(&desk);
    let model =
        recording(&desk, &[("task 1", makes("hello.txt", "hello\n")), ("task 2", makes("bye.txt", "bye\n"))]);
    desk.check(&["spec", "run", "--model", &model, "--autopilot"], 0, &[]);
    assert!(!desk.has(".git"));
}

#[test]
fn a_broken_repository_does_not_stop_a_run() {
    let desk = Desk::new();
    desk.put(".git/HEAD", "garbage");
    approved(&desk);
    let model =
        recording(&desk, &[("task 1", makes("hello.txt", "hello\n")), ("task 2", makes("bye.txt", "bye\n"))]);
    desk.check(&["spec", "run", "--model", &model, "--autopilot"], 0, &[]);
    assert_eq!(desk.text(".git/HEAD"), "garbage");
}
