//! The hook before a commit, with a real git: it refuses, it lets through, it lives beside other hooks, and it leaves no trace.
#![expect(clippy::disallowed_methods, reason = "tests make hooks and look at them")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::harness::{Desk, Ran};
use crate::scan::{repository, token};

/// Runs git in a folder below the desk, as a person would.
fn git(desk: &Desk, folder: &str, arguments: &[&str]) -> Ran {
    let mut git = desk.program("git");
    git.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"]);
    git.args(arguments).current_dir(desk.path(folder));
    desk.start(git).finish()
}

/// Stages a file with a value and one without, and checks that the first is refused and the second goes through.
#[track_caller]
fn guards(desk: &Desk, folder: &str) {
    fs::write(desk.path(folder).join("value.txt"), token(7)).unwrap();
    git(desk, folder, &["add", "value.txt"]).exits(0);
    let before = git(desk, folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).out;
    git(desk, folder, &["commit", "--message", "a value"])
        .exits(1)
        .says(&["value.txt:1:1"])
        .never_says(&[&token(7)[5..]]);
    assert_eq!(git(desk, folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).out, before);
    git(desk, folder, &["rm", "--quiet", "--force", "value.txt"]).exits(0);
    fs::write(desk.path(folder).join("clean.txt"), "clean\n").unwrap();
    git(desk, folder, &["add", "clean.txt"]).exits(0);
    git(desk, folder, &["commit", "--allow-empty", "--message", "no value"]).exits(0);
}

/// Every entry of a folder with its mode and bytes; of a link where it leads.
fn entries(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entry = |entry: fs::DirEntry| {
        let (path, data) = (entry.path(), entry.path().symlink_metadata().unwrap());
        let bytes = match data.is_symlink() {
            true => fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
            false => fs::read(&path).unwrap_or_default(),
        };
        (entry.file_name().to_string_lossy().into_owned(), (data.permissions().mode(), bytes))
    };
    fs::read_dir(folder).into_iter().flatten().flatten().map(entry).collect()
}

/// Writes a hook that can be run.
fn put_hook(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o750)).unwrap();
}

#[test]
fn a_commit_with_a_value_is_refused_and_one_without_goes_through() {
    let desk = repository();
    let before = entries(&desk.work(".git/hooks"));
    desk.check(&["scan", "--install-hook"], 0, &[".git/hooks/pre-commit: installed"]);
    let installed = entries(&desk.work(".git/hooks"));
    desk.check(&["scan", "--install-hook"], 0, &["is installed already"]);
    assert_eq!(entries(&desk.work(".git/hooks")), installed);
    guards(&desk, "work");
    // The bypass is git's own.
    desk.put("value.txt", token(1));
    desk.git(&["add", "value.txt"]);
    git(&desk, "work", &["commit", "--no-verify", "--message", "knowingly"]).exits(0);
    desk.check(&["scan", "--remove-hook"], 0, &["removed"]);
    assert_eq!(entries(&desk.work(".git/hooks")), before);
    desk.check(&["scan", "--remove-hook"], 0, &["nothing was changed"]);
}

#[test]
fn a_commit_of_named_files_and_of_all_is_looked_into_as_git_makes_it() {
    let desk = repository();
    desk.put("a.txt", "a\n");
    desk.put("b.txt", "b\n");
    desk.git(&["add", "--all"]);
    desk.check(&["scan", "--install-hook"], 0, &[]);
    git(&desk, "work", &["commit", "--message", "first"]).exits(0);
    // Neither is staged: git makes an index for the one commit.
    desk.put("a.txt", token(1));
    git(&desk, "work", &["commit", "--all", "--message", "all"]).exits(1).says(&["a.txt:1:1"]);
    git(&desk, "work", &["commit", "--message", "one", "a.txt"]).exits(1).says(&["a.txt:1:1"]);
    desk.put("b.txt", "b and more\n");
    git(&desk, "work", &["commit", "--message", "the other", "b.txt"]).exits(0);
    fs::create_dir_all(desk.work("deep/er")).unwrap();
    git(&desk, "work/deep/er", &["commit", "--all", "--message", "from below"]).exits(1).says(&["a.txt:1:1"]);
}

#[test]
fn a_hook_that_is_there_is_kept_and_runs_first() {
    let desk = repository();
    let hook = desk.work(".git/hooks/pre-commit");
    put_hook(&hook, "#!/bin/sh\necho \"theirs $# $(dirname \"$0\")\" >> ran\n[ ! -e stop ]\n");
    let before = entries(&desk.work(".git/hooks"));
    desk.check(&["scan", "--install-hook"], 0, &["pre-commit.before-waypost and runs first"]);
    desk.check(&["scan", "--install-hook"], 0, &["is installed already"]);
    guards(&desk, "work");
    assert_eq!(desk.text("ran"), "theirs 0 .git/hooks\n".repeat(2));
    // What it refuses is refused.
    desk.put("stop", "");
    git(&desk, "work", &["commit", "--allow-empty", "--message", "x"]).exits(1).never_says(&["found in"]);
    desk.check(&["scan", "--remove-hook"], 0, &["the hook that was there before is back"]);
    assert_eq!(entries(&desk.work(".git/hooks")), before);
}

#[test]
fn a_hook_that_is_a_link_a_program_or_switched_off_stays_as_it_is() {
    let desk = repository();
    let (folder, hook) = (desk.work(".git/hooks"), desk.work(".git/hooks/pre-commit"));
    put_hook(&desk.work("tools/theirs"), "#!/bin/sh\necho theirs >> ran\n");
    let round = |ran: Option<&str>| {
        let before = entries(&folder);
        desk.check(&["scan", "--install-hook"], 0, &["runs first"]);
        guards(&desk, "work");
        assert_eq!(desk.has("ran").then(|| desk.text("ran")).as_deref(), ran);
        desk.check(&["scan", "--remove-hook"], 0, &["is back"]);
        assert_eq!(entries(&folder), before);
        let _ = fs::remove_file(desk.work("ran"));
        fs::remove_file(&hook).unwrap();
    };
    std::os::unix::fs::symlink("../../tools/theirs", &hook).unwrap();
    round(Some("theirs\ntheirs\n"));
    put_hook(&hook, "#!/usr/bin/env python3\nopen('ran', 'a').write('python\\n')\n");
    round(Some("python\npython\n"));
    // Git runs no hook that is not executable, and neither do we.
    fs::write(&hook, "#!/bin/sh\necho off >> ran\n").unwrap();
    round(None);
    std::os::unix::fs::symlink("nowhere", &hook).unwrap();
    round(None);
}

#[test]
fn a_hook_that_cannot_be_chained_is_left_alone_with_a_next_step() {
    let desk = repository();
    let refused = |says: &[&str]| {
        let before = entries(&desk.work(".git/hooks"));
        desk.check(&["scan", "--install-hook"], 1, says);
        assert_eq!(entries(&desk.work(".git/hooks")), before);
    };
    let hook = desk.work(".git/hooks/pre-commit");
    put_hook(&hook, "#!/bin/sh\nexec tool \"$(basename \"$0\")\"\n");
    refused(&["looks at its own name", "hint: add the line `waypost scan --staged || exit 1`"]);
    fs::remove_file(&hook).unwrap();
    fs::create_dir(&hook).unwrap();
    refused(&["is a folder"]);
    fs::remove_dir(&hook).unwrap();
    // Another tool wrote over ours.
    put_hook(&hook, "#!/bin/sh\necho first\n");
    desk.check(&["scan", "--install-hook"], 0, &[]);
    put_hook(&hook, "#!/bin/sh\necho second\n");
    refused(&["are both there", "hint:"]);
    desk.check(&["scan", "--remove-hook"], 0, &["nothing was changed"]);
    // A person wrote into ours.
    fs::rename(desk.work(".git/hooks/pre-commit.before-waypost"), &hook).unwrap();
    desk.check(&["scan", "--install-hook"], 0, &[]);
    let text = fs::read_to_string(&hook).unwrap();
    put_hook(&hook, &text.replace("exec ", "echo mine\nexec "));
    refused(&["changes by hand"]);
    desk.check(&["scan", "--remove-hook"], 1, &["changes by hand", "hint: move the changes elsewhere"]);
}

#[test]
fn the_folder_of_hooks_is_the_one_that_git_uses() {
    let desk = repository();
    desk.git(&["config", "core.hooksPath", "my hooks"]);
    desk.check(&["scan", "--install-hook"], 0, &["work/my hooks/pre-commit: installed"]);
    assert!(!desk.has(".git/hooks/pre-commit"));
    guards(&desk, "work");
    // From a folder below as well, and away without a trace: the folder was made for it.
    fs::create_dir_all(desk.work("deep")).unwrap();
    desk.check(&["-C", "deep", "scan", "--install-hook"], 0, &["is installed already"]);
    desk.check(&["-C", "deep", "scan", "--remove-hook"], 0, &["removed"]);
    assert!(!desk.has("my hooks"));
    desk.put(".husky/_/pre-commit", "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"\n");
    desk.git(&["config", "core.hooksPath", ".husky/_"]);
    desk.check(
        &["scan", "--install-hook"],
        1,
        &["belongs to husky", "hint: add the line `waypost scan --staged` to .husky/pre-commit"],
    );
    desk.git(&["config", "core.hooksPath", "/dev/null"]);
    desk.check(&["scan", "--install-hook"], 1, &["is no folder", "hint:"]);
    desk.git(&["config", "--unset", "core.hooksPath"]);
    // One folder for every repository of a person is not this repository's to change.
    git(&desk, "work", &["config", "--global", "core.hooksPath", "~/hooks"]).exits(0);
    desk.check(
        &["scan", "--install-hook"],
        1,
        &["for more than this repository (global)", "git config core.hooksPath .git/hooks"],
    );
    desk.git(&["config", "core.hooksPath", ".git/hooks"]);
    desk.check(&["scan", "--install-hook"], 0, &["installed"]);
    guards(&desk, "work");
}

#[test]
fn linked_worktrees_and_submodules_are_guarded() {
    let desk = repository();
    desk.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    desk.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = desk.path("linked").display().to_string();
    desk.check(&["-C", &linked, "scan", "--install-hook"], 0, &["work/.git/hooks/pre-commit: installed"]);
    guards(&desk, "linked");
    guards(&desk, "work");
    desk.check(&["-C", &linked, "scan", "--remove-hook"], 0, &["removed"]);
    assert!(!desk.has(".git/hooks/pre-commit"));

    fs::create_dir(desk.path("other")).unwrap();
    git(&desk, "other", &["init", "--quiet", "."]).exits(0);
    git(&desk, "other", &["commit", "--quiet", "--allow-empty", "--message", "other"]).exits(0);
    git(&desk, "work", &["submodule", "add", "--quiet", "../other", "module"]).exits(0);
    desk.check(
        &["-C", "module", "scan", "--install-hook"],
        0,
        &["work/.git/modules/module/hooks/pre-commit: installed"],
    );
    guards(&desk, "work/module");
    desk.check(&["-C", "module", "scan", "--remove-hook"], 0, &["removed"]);
}

#[test]
fn where_the_program_is_gone_nothing_is_committed_unseen() {
    let desk = repository();
    let copy = desk.path("o'brien's waypost");
    fs::copy(env!("CARGO_BIN_EXE_waypost"), &copy).unwrap();
    let mut install = desk.program(copy.to_str().unwrap());
    install.args(["scan", "--install-hook"]);
    desk.start(install).finish().exits(0);
    guards(&desk, "work");
    fs::remove_file(&copy).unwrap();
    git(&desk, "work", &["commit", "--allow-empty", "--message", "x"])
        .exits(1)
        .says(&["waypost is not found"]);
    // Installed again, it names the program that is there.
    desk.check(&["scan", "--install-hook"], 0, &["starts this program now"]);
    git(&desk, "work", &["commit", "--allow-empty", "--message", "x"]).exits(0);
    // Outside of a repository there is no hook to install.
    let desk = Desk::new();
    desk.check(&["scan", "--install-hook"], 2, &["is no working copy of git"]);
}
