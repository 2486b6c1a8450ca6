//! `waypost checkpoint` from outside: what an agent did to files comes back, what a person did stays, and the person's
//! own git does not notice.
#![expect(clippy::disallowed_methods, reason = "a person's edits are files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Desk, approved, call, ends, makes, recording, say, soon, turn};

const NUMBERS: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

/// A call that removes, changes and makes files, ignored ones among them.
const HAVOC: &str = "rm src/lib.rs src/deep/mod.rs build/out.bin .env && rmdir src/deep src build && sed -i s/2/two/ numbers.txt && mkdir -p new/deep && \
                     echo made > new/deep/file.txt";

fn project(desk: &Desk) {
    desk.put(".gitignore", "/build/\n.env\n");
    desk.put("src/lib.rs", "pub fn one() {}\n");
    desk.put("src/deep/mod.rs", "mod deep;\n");
    desk.put("build/out.bin", vec![7_u8; 10_000]);
    desk.put(".env", "TOKEN=1\n");
    desk.put("numbers.txt", NUMBERS);
    desk.put("staged.txt", "staged\n");
    desk.put("untracked.txt", "untracked\n");
}

/// Runs one shell call in a session that replays.
#[track_caller]
fn shell(desk: &Desk, line: &str) {
    let calls = turn("Now.", &[("shell", json!({"command": line}))]);
    let model = recording(desk, &[("", vec![calls, ends("Done.")])]);
    desk.check(&["run", "x", "--model", &model, "--autopilot", "--allow", "shell:*"], 0, &["Done."]);
}

#[track_caller]
fn list(desk: &Desk) -> Vec<Value> {
    desk.waypost(&["--json", "checkpoint", "list"]).document().as_array().unwrap().clone()
}

/// The number of the latest call that changed something.
#[track_caller]
fn latest(desk: &Desk) -> String {
    list(desk)[0]["checkpoint"].to_string()
}

/// Every file below a directory of git, by path.
fn inside(directory: PathBuf) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![directory];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            match entry.file_type().unwrap().is_dir() {
                true => left.push(entry.path()),
                false => _ = found.insert(entry.path(), fs::read(entry.path()).unwrap()),
            }
        }
    }
    found
}

#[test]
fn what_a_command_did_comes_back_and_git_does_not_notice() {
    let desk = Desk::new();
    project(&desk);
    desk.git(&["init", "-q"]);
    desk.git(&["add", "src", "numbers.txt", ".gitignore"]);
    desk.git(&["commit", "-qm", "one"]);
    desk.git(&["add", "staged.txt"]);
    desk.put("src/lib.rs", "pub fn one() {} // not staged\n");
    fs::write(desk.work("stash.txt"), "x").unwrap();
    desk.git(&["stash", "push", "-uq", "stash.txt"]);
    let status = desk.git(&["status", "--porcelain=v2", "--ignored", "--branch"]);
    let (before, git) = (desk.everything(), inside(desk.work(".git")));

    shell(&desk, HAVOC);
    assert!(!desk.has("src") && !desk.has("build") && !desk.has(".env"));
    let number = latest(&desk);
    desk.check(&["checkpoint", "list"], 0, &["4 files", "rm src/lib.rs", "[2 in the trash]"]);
    desk.check(
        &["checkpoint", "show", &number],
        0,
        &[
            "deleted   src/lib.rs",
            "modified  numbers.txt  +1 -1",
            "added     new/deep/file.txt",
            "in the trash",
            ".env",
        ],
    );
    desk.check(&["checkpoint", "diff", &number], 0, &["-2", "+two", "+made"]);
    let after = desk.everything();
    let dry = desk.check(
        &["checkpoint", "restore", &number, "--dry-run"],
        0,
        &["create   src/lib.rs", "remove   new/deep/file.txt", "put back", "nothing was changed"],
    );
    dry.never_says(&["kept"]);
    assert_eq!(desk.everything(), after, "a dry run changes nothing");

    desk.check(
        &["checkpoint", "restore", &number],
        0,
        &["done; take it back with: waypost checkpoint restore"],
    );
    assert_eq!(desk.everything(), before);
    assert!(!desk.has("new"), "directories that the call made are gone");
    assert_eq!(inside(desk.work(".git")), git, "index, refs, stash, objects: not a byte");
    assert_eq!(desk.git(&["status", "--porcelain=v2", "--ignored", "--branch"]), status);
    desk.check(&["checkpoint", "restore", &number], 0, &["nothing to take back"]);
    desk.check(&["checkpoint", "list"], 0, &["[taken back by"]);
    desk.check(&["session", "show"], 0, &["checkpoint 1: before the call", "a restore"]);
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
    // And back again: a restore is a checkpoint itself.
    desk.check(&["checkpoint", "restore", &latest(&desk)], 0, &["remove   src/lib.rs"]);
    assert!(!desk.has("src") && desk.has("new/deep/file.txt"));
}

#[test]
fn without_git_and_with_a_person_who_edits_meanwhile() {
    let desk = Desk::new();
    project(&desk);
    shell(
        &desk,
        "sed -i s/2/two/ numbers.txt; echo agent > staged.txt; echo agent > untracked.txt; rm src/lib.rs",
    );
    // Elsewhere in a file, in the same line, and a file of their own in the place of what the call removed.
    desk.put("numbers.txt", NUMBERS.replace("2\n", "two\n").replace("9\n", "nine\n"));
    desk.put("staged.txt", "agent and person\n");
    desk.put("src/lib.rs", "the person's\n");
    desk.put("own.txt", "own\n");
    let number = latest(&desk);
    let says =
        ["merge    numbers.txt", "replace  untracked.txt", "staged.txt: it was changed since", "src/lib.rs"];
    desk.check(&["checkpoint", "restore", &number, "--dry-run"], 0, &says);
    let done = desk.waypost(&["--json", "checkpoint", "restore", &number]).document();
    let kept: Vec<&str> =
        done["kept"].as_array().unwrap().iter().map(|kept| kept["path"].as_str().unwrap()).collect();
    assert_eq!((kept, &done["exact"]), (vec!["src/lib.rs", "staged.txt"], &json!(true)));
    assert_eq!(desk.text("numbers.txt"), NUMBERS.replace("9\n", "nine\n"), "both changes");
    assert_eq!(desk.text("staged.txt"), "agent and person\n");
    assert_eq!(desk.text("src/lib.rs"), "the person's\n");
    assert_eq!(desk.text("untracked.txt"), "untracked\n");
    assert_eq!(desk.text("own.txt"), "own\n");
}

#[test]
fn only_some_paths() {
    let desk = Desk::new();
    project(&desk);
    shell(&desk, HAVOC);
    let number = latest(&desk);
    desk.check(&["checkpoint", "restore", &number, "--path", "src/deep"], 0, &["create   src/deep/mod.rs"]);
    assert!(desk.has("src/deep/mod.rs") && !desk.has("src/lib.rs") && !desk.has(".env"));
    desk.check(
        &["checkpoint", "restore", &number, "--path", "../elsewhere"],
        2,
        &["is not in the workspace"],
    );
}

#[test]
fn a_file_that_is_ignored_and_overwritten_is_in_the_trash() {
    let desk = Desk::new();
    project(&desk);
    shell(&desk, "cat .env; echo TOKEN=2 > .env");
    let number = latest(&desk);
    desk.check(&["checkpoint", "restore", &number], 0, &[".env: something is at its place"]);
    assert_eq!(desk.text(".env"), "TOKEN=2\n", "a person may have written that");
    desk.take(".env");
    desk.check(&["checkpoint", "restore", &number], 0, &["put back .env"]);
    assert_eq!(desk.text(".env"), "TOKEN=1\n");
    // A call that only reads it leaves nothing there.
    shell(&desk, "cat .env");
    assert_eq!(latest(&desk), number);
}

#[test]
fn the_writing_tools_too_and_only_their_own_files() {
    let desk = Desk::new();
    project(&desk);
    let model = recording(&desk, &[("", makes("made.txt", "made\n"))]);
    desk.check(&["run", "x", "--autopilot", "--model", &model], 0, &[]);
    let rows = list(&desk);
    assert_eq!((&rows[0]["what"], &rows[0]["changed"]), (&json!("write made.txt"), &json!(1)));
    let shown = desk.waypost(&["--json", "checkpoint", "show", &latest(&desk)]).document();
    assert_eq!(shown["wrote"], json!(["made.txt"]));
    desk.check(&["checkpoint", "restore", &latest(&desk)], 0, &["remove   made.txt"]);
    assert!(!desk.has("made.txt"));
}

#[test]
fn a_call_whose_checkpoint_cannot_be_written_does_not_begin() {
    let (desk, model) = Desk::with(vec![
        call("write", json!({"path": "a.txt", "content": "x"})),
        say("Wrote it."),
        call("write", json!({"path": "b.txt", "content": "x"})),
        say("Done."),
    ]);
    desk.check(&["run", "x", "--autopilot"], 0, &[]);
    let journals = desk.journals("sessions");
    let store = journals[0].ancestors().nth(3).unwrap().join("checkpoints");
    fs::rename(&store, desk.path("away")).unwrap();
    fs::write(&store, "no directory").unwrap();
    let ran =
        desk.check(&["run", "y", "--autopilot"], 1, &["could not be kept before the call", "it was not run"]);
    ran.never_says(&["panicked"]);
    assert!(!desk.has("b.txt"));
    assert_eq!(model.requests().len(), 3, "no model is asked to get around it");
    fs::remove_file(&store).unwrap();
    fs::rename(desk.path("away"), &store).unwrap();
    desk.check(&["session", "resume"], 0, &["Done."]);
    assert!(model.last().contains("it was not run"), "{}", model.last());
}

#[test]
fn files_and_conversation_go_back_together_and_alone() {
    let write = |file: &str| call("write", json!({"path": file, "content": format!("{file}\n")}));
    let (desk, model) = Desk::with(vec![
        write("first.txt"),
        write("second.txt"),
        write("third.txt"),
        say("All three."),
        say("Otherwise, then."),
        say("Only words went."),
    ]);
    desk.check(&["run", "make three", "--autopilot"], 0, &["All three."]);
    let rows = list(&desk);
    assert_eq!(rows.len(), 3);
    let second = rows[1]["checkpoint"].to_string();
    let says = ["remove   second.txt", "remove   third.txt", "goes back to before call"];
    desk.check(&["checkpoint", "restore", &second, "--both"], 0, &says);
    assert_eq!((desk.has("first.txt"), desk.has("second.txt"), desk.has("third.txt")), (true, false, false));
    desk.check(&["session", "resume"], 0, &["Otherwise, then."]);
    let told = model.last();
    assert!(told.contains("first.txt") && told.contains("went back to this point"), "{told}");
    assert!(!told.contains("second.txt") && !told.contains("third.txt"), "{told}");
    // That call is no part of the conversation any more.
    desk.check(&["checkpoint", "restore", &second, "--conversation"], 1, &["went back before that already"]);
    let first = rows[2]["checkpoint"].to_string();
    desk.check(&["checkpoint", "restore", &first, "--conversation"], 0, &["goes back to before call"]);
    assert!(desk.has("first.txt"), "files stay");
    desk.check(&["session", "resume"], 0, &["Only words went."]);
    assert!(model.last().contains("The files are as they are now") && !model.last().contains("first.txt"));
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
}

#[test]
fn a_model_is_told_when_its_files_were_taken_back() {
    let (desk, model) = Desk::with(vec![
        call("write", json!({"path": "made.txt", "content": "x\n"})),
        say("Made."),
        say("I see."),
    ]);
    desk.check(&["run", "x", "--autopilot"], 0, &[]);
    let id = list(&desk)[0]["session"].as_str().unwrap().to_string();
    desk.check(&["checkpoint", "restore", "--session", &id], 0, &["remove   made.txt"]);
    desk.check(&["session", "resume", &id, "-m", "go on"], 0, &["I see."]);
    assert!(model.last().contains("took changes of this session back in made.txt"), "{}", model.last());
}

#[test]
fn a_task_with_its_tick_and_not_the_other_one() {
    let desk = Desk::new();
    approved(&desk);
    let model =
        recording(&desk, &[("task 1", makes("hello.txt", "hello\n")), ("task 2", makes("bye.txt", "bye\n"))]);
    desk.check(&["spec", "run", "--autopilot", "--model", &model], 0, &[]);
    desk.check(&["checkpoint", "restore", "--task", "greet#1", "--dry-run"], 0, &["hello.txt", "tasks.md"]);
    let done = desk.waypost(&["--json", "checkpoint", "restore", "--task", "greet#1"]).document();
    assert_eq!(done["kept"], json!([]), "{done}");
    assert_eq!((desk.has("hello.txt"), desk.text("bye.txt").as_str()), (false, "bye\n"));
    let plan = desk.text(".kiro/specs/greet/tasks.md");
    assert!(plan.contains("- [ ] 1.") && plan.contains("- [x] 2."), "{plan}");
}

#[test]
fn what_a_killed_call_left_is_kept_unless_it_is_asked_for() {
    let (desk, _model) =
        Desk::with(vec![call("shell", json!({"command": "echo half > half.txt; sleep 600"})), say("Done.")]);
    desk.put("own.txt", "own\n");
    let running = desk.spawn(&["run", "x", "--autopilot", "--allow", "shell:*"]);
    assert!(soon(|| desk.has("half.txt")), "{}", running.err());
    let number = latest(&desk);
    desk.check(&["checkpoint", "restore", &number], 1, &["is working in this workspace"]);
    running.kill();
    desk.put("own.txt", "the person's\n");
    desk.check(&["checkpoint", "list"], 0, &["cut off"]);
    // A session that goes on does not take what a person wrote since for the call's.
    desk.check(&["session", "resume"], 0, &["Done."]);
    desk.check(&["checkpoint", "list"], 0, &["cut off"]);
    desk.check(
        &["checkpoint", "restore", &number],
        0,
        &["half.txt: the call never ended", "nothing to take back"],
    );
    assert!(desk.has("half.txt"));
    desk.check(
        &["checkpoint", "restore", &number, "--unended", "--path", "half.txt"],
        0,
        &["remove   half.txt"],
    );
    assert!(!desk.has("half.txt"));
    assert_eq!(desk.text("own.txt"), "the person's\n");
}

#[test]
fn questions_that_make_no_sense() {
    let desk = Desk::new();
    desk.check(&["checkpoint", "list"], 0, &["no checkpoints here yet"]);
    desk.check(&["checkpoint", "show", "7"], 2, &["there is no checkpoint 7", "waypost checkpoint list"]);
    desk.check(&["checkpoint", "restore"], 2, &["<NUMBER>"]);
    desk.check(&["checkpoint", "restore", "7"], 2, &["there is no checkpoint 7"]);
    desk.check(&["checkpoint", "restore", "--task", "no#1"], 2, &["waypost checkpoint list --all"]);
    desk.check(&["checkpoint", "restore", "--session", "2026"], 2, &["waypost session list"]);
    desk.check(&["checkpoint", "restore", "--resume"], 2, &["no restore was cut off"]);
    desk.check(&["checkpoint", "restore", "1", "--files", "--both"], 2, &["cannot be used with"]);
}
