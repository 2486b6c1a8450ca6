//! Repositories whose git data would run programs or lead elsewhere: settings, hooks, attributes, drivers, nested and bare ones.
#![expect(clippy::disallowed_methods, reason = "lays out files and looks at them")]

use serde_json::json;

use crate::harness::{call, calls, say};
use crate::hostile::{Repository, check, ends, nothing};

/// What a person or the agent does that looks at git. None of it asks.
const RUNS: &[&[&str]] = &[
    &["doctor"],
    &["spec", "list"],
    &["spec", "status"],
    &["spec", "check"],
    &["spec", "check", "--since", "HEAD"],
    &["spec", "drift", "greet"],
    &["spec", "trace", "greet"],
    &["run", "look at the history", "--autopilot"],
];

/// A repository with history, a change, a spec with tags, and this in its settings.
#[track_caller]
fn settings(name: &str, config: impl FnOnce(&str) -> String) {
    laid(name, |it| {
        let text = config(&it.run_payload());
        append(it, ".git/config", &text);
    });
}

#[track_caller]
fn laid(name: &str, trap: impl FnOnce(&mut Repository)) {
    let lay_out = |it: &mut Repository| {
        crate::harness::greet(&it.desk);
        it.put("src/a.txt", "one\ntwo\n").put("src/a.bin", "bytes\n").put(".gitattributes", ATTRIBUTES).git();
        it.put("src/a.txt", "one\nthree\n");
        it.desk.git(&["commit", "-q", "-am", "second"]);
        it.put("src/a.txt", "one\nfour\n").put("src/new.txt", "new\n");
        trap(it);
        let looks = [
            "git status",
            "git diff",
            "git diff --cached",
            "git log -p -3",
            "git show HEAD",
            "git blame src/a.txt",
            "git log --stat -2",
            "git branch -a",
            "git ls-files",
            "git grep one",
            "git stash list",
            "git describe --always",
        ];
        let shell = |line: &str| ("shell", json!({"command": line}));
        let asked: Vec<_> = looks.iter().map(|line| shell(line)).collect();
        it.answers(vec![
            calls(&asked),
            call("write", json!({"path": "made.txt", "content": "x"})),
            say("Done."),
        ]);
    };
    check(name, lay_out, RUNS, ends(0).but(&["work/made.txt"]));
}

const ATTRIBUTES: &str = "* filter=x diff=x merge=x\n*.txt diff=x filter=x\n";

fn append(it: &Repository, name: &str, text: &str) {
    let before = std::fs::read_to_string(it.desk.work(name)).unwrap_or_default();
    it.put(name, format!("{before}\n{text}"));
}

#[test]
fn settings_of_a_repository_start_nothing() {
    settings("a monitor of files", |run| {
        format!("[core]\n\tfsmonitor = {run}\n\tfsmonitorHookVersion = 2\n")
    });
    settings("a pager", |run| format!("[core]\n\tpager = {run}\n[pager]\n\tlog = {run}\n\tdiff = {run}\n"));
    settings("an editor", |run| format!("[core]\n\teditor = {run}\n[sequence]\n\teditor = {run}\n"));
    settings("a program for differences", |run| {
        format!("[diff]\n\texternal = {run}\n\ttool = x\n[diff \"x\"]\n\tcommand = {run}\n")
    });
    settings("a driver that converts to text", |run| {
        format!("[diff \"x\"]\n\ttextconv = {run}\n\tcachetextconv = true\n")
    });
    settings("filters", |run| {
        format!("[filter \"x\"]\n\tclean = {run}\n\tsmudge = {run}\n\tprocess = {run}\n\trequired = false\n")
    });
    settings("a driver for merges", |run| {
        format!("[merge \"x\"]\n\tdriver = {run} %A\n[merge]\n\ttool = x\n")
    });
    settings("hooks elsewhere", |_| "[core]\n\thooksPath = hooks\n".to_string());
    settings("programs for signatures", |run| {
        format!(
            "[gpg]\n\tprogram = {run}\n[gpg \"ssh\"]\n\tprogram = {run}\n[log]\n\tshowSignature = true\n[commit]\n\tgpgSign = true\n"
        )
    });
    settings("programs for the network", |run| {
        format!(
            "[core]\n\tsshCommand = {run}\n\tgitProxy = {run}\n\taskPass = {run}\n[credential]\n\thelper = !{run}\n[uploadpack]\n\tpackObjectsHook = {run}\n"
        )
    });
    settings("other references", |run| format!("[core]\n\talternateRefsCommand = {run}\n"));
    settings("aliases", |run| {
        format!("[alias]\n\tstatus = !{run}\n\tdiff = !{run}\n\tst = !{run}\n\tlog = !{run}\n")
    });
    settings("a remote that is fetched on demand", |run| {
        format!(
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\turl = ext::{run}\n\tpromisor = true\n\tuploadpack = {run}\n[protocol \"ext\"]\n\tallow = always\n"
        )
    });
    settings("a helper for trailers and notes", |run| {
        format!(
            "[trailer \"x\"]\n\tcommand = {run}\n\tcmd = {run}\n[interactive]\n\tdiffFilter = {run}\n[sendemail]\n\tsmtpserver = {run}\n"
        )
    });
}

#[test]
fn settings_that_other_files_bring_start_nothing() {
    laid("settings that are included", |it| {
        let run = it.run_payload();
        it.put("evil.inc", format!("[core]\n\tfsmonitor = {run}\n\tpager = {run}\n[diff]\n\texternal = {run}\n[diff \"x\"]\n\ttextconv = {run}\n"));
        append(it, ".git/config", "[include]\n\tpath = ../evil.inc\n");
    });
    laid("settings of a work tree", |it| {
        let run = it.run_payload();
        append(
            it,
            ".git/config",
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tworktreeConfig = true\n",
        );
        it.put(".git/config.worktree", format!("[core]\n\tfsmonitor = {run}\n[diff]\n\texternal = {run}\n"));
    });
    laid("settings in the tree", |it| {
        let run = it.run_payload();
        it.put(".gitconfig", format!("[core]\n\tfsmonitor = {run}\n\tpager = {run}\n"));
    });
}

#[test]
fn hooks_of_a_repository_do_not_run() {
    laid("every hook", |it| {
        for hook in [
            "post-index-change",
            "fsmonitor-watchman",
            "pre-commit",
            "post-checkout",
            "post-commit",
            "pre-auto-gc",
            "reference-transaction",
            "post-merge",
            "prepare-commit-msg",
            "applypatch-msg",
            "pre-push",
        ] {
            it.put_program(&format!(".git/hooks/{hook}"));
            it.put_program(&format!("hooks/{hook}"));
        }
    });
}

#[test]
fn repositories_that_lie_elsewhere_or_bare() {
    let evil = |it: &Repository, folder: &str| {
        let run = it.run_payload();
        it.put(&format!("{folder}HEAD"), "ref: refs/heads/main\n");
        it.put(&format!("{folder}objects/info/x"), "").put(&format!("{folder}refs/heads/x"), "");
        it.put(
            &format!("{folder}config"),
            format!("[core]\n\tbare = false\n\tworktree = ..\n\tfsmonitor = {run}\n\tpager = {run}\n[diff]\n\texternal = {run}\n"),
        );
    };
    let looks = |it: &mut Repository, folder: &str| {
        let lines = [
            "git status".to_string(),
            "git diff".to_string(),
            format!("git -C {folder} status"),
            format!("cd {folder} && git status"),
            format!("git --git-dir={folder} status"),
            format!("GIT_DIR={folder} git status"),
            format!("ls {folder}"),
        ];
        // One by one: what asks ends the session.
        it.answers(vec![
            calls(&lines[..2].iter().map(|line| ("shell", json!({"command": line}))).collect::<Vec<_>>()),
            call("shell", json!({"command": lines[2]})),
            call("shell", json!({"command": lines[3]})),
            call("shell", json!({"command": lines[4]})),
            call("shell", json!({"command": lines[5]})),
            say("Done."),
        ]);
    };
    const TRIES: &[&[&str]] = &[
        &["doctor"],
        &["spec", "list"],
        &["run", "x"],
        &["run", "x"],
        &["run", "x"],
        &["run", "x"],
        &["run", "x"],
    ];
    check(
        "a bare repository inside",
        |it| {
            it.git();
            evil(it, "sub/");
            looks(it, "sub");
        },
        TRIES,
        nothing(),
    );
    check(
        "a workspace that is a bare repository",
        |it| {
            evil(it, "");
            looks(it, ".");
        },
        TRIES,
        nothing(),
    );
    check(
        "a file `.git` that leads into the tree",
        |it| {
            evil(it, "sub/");
            it.put(".git", "gitdir: sub\n");
            looks(it, "sub");
        },
        TRIES,
        nothing(),
    );
    check(
        "a nested repository with its own settings",
        |it| {
            it.git();
            evil(it, "sub/.git/");
            looks(it, "sub");
        },
        TRIES,
        nothing(),
    );
    check(
        "settings shared from the tree",
        |it| {
            it.git();
            evil(it, "sub/");
            it.put(".git/commondir", "../sub\n");
            looks(it, "sub");
        },
        TRIES,
        nothing(),
    );
}

#[test]
fn submodules_fetch_and_run_nothing() {
    laid("submodules", |it| {
        let (run, url) = (it.run_payload(), it.url());
        it.put(
            ".gitmodules",
            format!("[submodule \"x\"]\n\tpath = x\n\turl = {url}/x\n\tupdate = !{run}\n[submodule \"-u{run}\"]\n\tpath = -u{run}\n\turl = ext::{run}\n[submodule \"../../y\"]\n\tpath = y\n\turl = {url}/y\n"),
        );
        append(
            it,
            ".git/config",
            &format!(
                "[submodule \"x\"]\n\turl = {url}/x\n\tupdate = !{run}\n\tactive = true\n[submodule]\n\trecurse = true\n[status]\n\tsubmoduleSummary = true\n[diff]\n\tsubmodule = log\n"
            ),
        );
        it.put("x/.git", "gitdir: ../.git/modules/x\n");
        it.put(".git/modules/x/HEAD", "ref: refs/heads/main\n")
            .put(".git/modules/x/objects/a", "")
            .put(".git/modules/x/refs/a", "");
        it.put(".git/modules/x/config", format!("[core]\n\tfsmonitor = {run}\n\tworktree = ../../../x\n"));
    });
}

#[test]
fn a_work_tree_elsewhere_is_not_written() {
    let lay_out = |it: &mut Repository| {
        it.git();
        let outside = it.desk.path("home").display().to_string();
        append(it, ".git/config", &format!("[core]\n\tworktree = {outside}\n"));
        it.answers(vec![
            calls(&[("shell", json!({"command": "git status"})), ("shell", json!({"command": "git diff"}))]),
            call("shell", json!({"command": "git checkout -- ."})),
            say("Done."),
        ]);
    };
    check("a work tree elsewhere", lay_out, &[&["spec", "list"], &["run", "x", "--autopilot"]], nothing());
    // Even where a person allows every command of git.
    let lay_out = |it: &mut Repository| {
        it.git();
        let outside = it.desk.path("home").display().to_string();
        append(it, ".git/config", &format!("[core]\n\tworktree = {outside}\n"));
        it.answers(vec![call("shell", json!({"command": "git checkout-index -a"})), say("Done.")]);
    };
    let runs: &[&[&str]] = &[&["run", "x", "--autopilot", "--allow", "shell:git *"]];
    check("a work tree elsewhere, and git allowed", lay_out, runs, nothing().but(&["work/.git"]));
}

#[test]
fn the_traps_would_catch_somebody_else() {
    // What the cases above lay out does run where git is asked without care.
    let catches = |name: &str, config: &dyn Fn(&str) -> String, looks: &[&str]| {
        let it = Repository::new();
        it.put("src/a.txt", "one\n").put(".gitattributes", ATTRIBUTES).git();
        it.put("src/a.txt", "two\n");
        append(&it, ".git/config", &config(&it.run_payload()));
        let _said = it.desk.program("git").args(looks).output().unwrap();
        let signs = it.signs();
        for sign in ["/home/canary", "over the network", "process"] {
            assert!(signs.iter().any(|seen| seen.contains(sign)), "{name}: {signs:?}");
        }
        it.clean();
    };
    catches("a monitor of files", &|run| format!("[core]\n\tfsmonitor = {run}\n"), &["status"]);
    catches("a program for differences", &|run| format!("[diff]\n\texternal = {run}\n"), &["diff"]);
    catches("a driver", &|run| format!("[diff \"x\"]\n\ttextconv = {run}\n"), &["diff"]);
    catches("filters", &|run| format!("[filter \"x\"]\n\tclean = {run}\n"), &["add", "-A"]);
}
