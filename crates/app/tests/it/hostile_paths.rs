//! Repositories whose names and links lead elsewhere: links out, loops, races, several names, names with line ends, names that look
//! like options, devices.
#![expect(clippy::disallowed_methods, reason = "lays out files and looks at them")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::harness::{Answer, Model, call, calls, say};
use crate::hostile::{Repository, UNSEEN, check, ends, nothing};

const AUTOPILOT: &[&[&str]] = &[&["run", "x", "--autopilot"]];

fn shell(line: &str) -> Answer {
    call("shell", json!({"command": line}))
}

fn write(path: &str) -> Answer {
    call("write", json!({"path": path, "content": "changed"}))
}

/// One call in a repository; nobody can be asked.
#[track_caller]
fn tries(name: &str, lay_out: impl FnOnce(&mut Repository), answer: Answer, code: i32) {
    let lay_out = |it: &mut Repository| {
        lay_out(it);
        it.answers(vec![answer, say("Done.")]);
    };
    check(name, lay_out, AUTOPILOT, ends(code));
}

#[test]
fn links_out_of_the_workspace_are_followed_by_nobody_unasked() {
    let out = |it: &mut Repository| {
        it.link("../private.txt", "notes.txt").link("..", "up").link("../home", "src");
    };
    tries("reading a link out", out, call("read", json!({"path": "notes.txt"})), 3);
    tries("reading through a folder", out, call("read", json!({"path": "up/private.txt"})), 3);
    tries("searching through a folder", out, call("grep", json!({"pattern": "canary", "path": "up"})), 3);
    tries("searching everything", out, call("grep", json!({"pattern": "canary-word"})), 0);
    tries("a command that reads a link", out, shell("cat notes.txt"), 3);
    tries("a command that reads through a folder", out, shell("cat up/private.txt"), 3);
    tries("a command that searches links", out, shell("grep -R canary-word ."), 3);
    tries("a command behind `cd`", out, shell("cd up && cat private.txt"), 3);
    tries("writing a link out", out, write("notes.txt"), 0);
    tries("writing through a folder", out, write("src/.profile"), 0);
    tries("a redirect through a folder", out, shell("echo x > src/.profile"), 0);
    tries("a copy through a folder", out, shell("cp README.md src/.profile"), 0);
    tries(
        "a loop of links",
        |it| {
            it.link("b", "a").link("a", "b");
        },
        call("read", json!({"path": "a/b"})),
        0,
    );
    tries(
        "a link to the root of the disk",
        |it| {
            it.link("/", "disk");
        },
        call("list", json!({"path": "disk/root"})),
        3,
    );
    tries(
        "a link into `/proc`",
        |it| {
            it.link("/proc/self/environ", "env.txt");
        },
        call("read", json!({"path": "env.txt"})),
        3,
    );
}

#[test]
fn what_waypost_and_git_keep_is_not_written_by_any_spelling() {
    for path in [
        ".git/config",
        ".GIT/config",
        ".Git/hooks/pre-commit",
        ".git./config",
        "GIT~1/config",
        "src/../.git/hooks/x",
        "./.git//config",
        ".git/modules/x/config",
        ".kiro/settings/mcp.json",
        ".kiro/Settings/mcp.json",
        ".KIRO/settings/x",
        "link/config",
        "vendor/.git/hooks/post-checkout",
        ".gi\u{200c}t/config",
        "settings/x.json",
    ] {
        let lay_out = |it: &mut Repository| {
            it.git();
            it.link(".git", "link").link(".kiro/settings", "settings");
            std::fs::create_dir_all(it.desk.work(".kiro/settings")).unwrap();
            std::fs::create_dir_all(it.desk.work("vendor/.git")).unwrap();
            it.answers(vec![write(path), say("Done.")]);
        };
        check(&format!("writing `{path}`"), lay_out, AUTOPILOT, ends(0));
    }
}

#[test]
fn a_link_that_is_exchanged_between_decision_and_effect() {
    // Another process turns a folder into a link and back, as fast as it can, while the model reads, searches and writes there.
    let race = |name: &str, shown: &str, answer: fn(usize) -> (&'static str, serde_json::Value)| {
        let running = Arc::new(AtomicBool::new(true));
        let lay_out = |it: &mut Repository| {
            for folder in ["outside", "work/real"] {
                std::fs::create_dir_all(it.desk.path(folder)).unwrap();
            }
            std::fs::write(it.desk.path("outside/a.txt"), UNSEEN).unwrap();
            it.put("real/a.txt", "nothing to see\n");
            // What leads outside is denied, so that it ends no session: the others go on.
            let outside = it.desk.resolved("outside");
            it.desk.config(&format!("deny = [\"fs_read:{outside}/**\"]\n"));
            let (real, away) = (it.desk.work("real"), it.desk.work("away"));
            let (outside, running) = (it.desk.path("outside"), Arc::clone(&running));
            std::thread::spawn(move || exchange(&real, &away, &outside, &running));
            let mut at = 0;
            let calls_of = move |body: &serde_json::Value| {
                if body["messages"].as_array().is_some_and(|messages| messages.len() > 1) {
                    return say("Done.");
                }
                at += 8;
                calls(&(at - 8..at).map(answer).collect::<Vec<_>>())
            };
            it.model(Model::by(calls_of));
        };
        let run: &[&str] = &["run", "x", "--autopilot"];
        let touched = ["work/real", "work/away", "work/new"];
        let it = check(name, lay_out, &[run; 8], nothing().but(&touched));
        // A busy machine may let none through at first: then the race would show nothing.
        for _ in 0..60 {
            if shown.is_empty() || it.told().contains(shown) {
                break;
            }
            it.desk.waypost(run);
        }
        running.store(false, Ordering::Relaxed);
        assert!(shown.is_empty() || it.told().contains(shown), "{name}: no call got through\n{}", it.told());
    };
    race("reading in a race", "nothing to see", |at| {
        ("read", json!({"path": "real/a.txt", "limit": at + 1}))
    });
    race("searching in a race", "nothing to see", |at| {
        ("grep", json!({"pattern": format!("canary|nothing|x{at}"), "path": "real"}))
    });
    race("searching above a race", "nothing to see", |at| {
        ("grep", json!({"pattern": format!("canary|nothing|x{at}"), "path": "."}))
    });
    race("writing in a race", "created", |at| {
        ("write", json!({"path": format!("real/{at}.txt"), "content": "changed"}))
    });
    race("redirecting in a race", "exit 0", |at| {
        ("shell", json!({"command": format!("echo x > real/{at}.txt")}))
    });
    race("a command that reads in a race", "nothing to see", |at| {
        ("shell", json!({"command": format!("head -n {at} real/a.txt")}))
    });
}

fn exchange(real: &Path, away: &Path, outside: &Path, running: &AtomicBool) {
    while running.load(Ordering::Relaxed) {
        if std::fs::rename(real, away).is_err() {
            return;
        }
        let _ = std::os::unix::fs::symlink(outside, real);
        std::thread::yield_now();
        let _ = std::fs::remove_file(real);
        if std::fs::rename(away, real).is_err() {
            return;
        }
        std::thread::yield_now();
    }
}

#[test]
fn several_names_of_a_closed_file() {
    let lay_out = |it: &mut Repository| {
        it.git();
        it.put(".kiroignore", "private/\n").put("private/key", UNSEEN).put("src/x", "");
        std::fs::hard_link(it.desk.work("private/key"), it.desk.work("src/open.txt")).unwrap();
        std::fs::hard_link(it.desk.work(".git/config"), it.desk.work("src/settings.txt")).unwrap();
        it.answers(vec![
            calls(&[
                ("read", json!({"path": "src/open.txt"})),
                ("grep", json!({"pattern": "canary", "path": "src"})),
                ("list", json!({"path": "src"})),
                ("write", json!({"path": "src/open.txt", "content": "x"})),
                ("shell", json!({"command": "cat src/open.txt"})),
                ("glob", json!({"pattern": "*.md"})),
                ("shell", json!({"command": "echo x >> src/settings.txt"})),
            ]),
            say("Done."),
        ]);
    };
    check("several names", lay_out, AUTOPILOT, ends(0));
}

#[test]
fn names_that_look_like_options() {
    for (name, line) in [
        ("-o", "sort *"),
        ("--output=canary", "git diff *"),
        ("-delete", "find *"),
        ("--files0-from=private", "wc *"),
        ("-exec", "find *"),
        ("--checkpoint-action=exec=sh payload.sh", "tar -cf /dev/null *"),
        ("-rf", "ls *"),
        ("-i", "sed -n p *"),
        ("--pre=.", "grep x *"),
        ("-fprintf", "find *"),
    ] {
        let lay_out = |it: &mut Repository| {
            it.put(name, "x\n").put("canary", "x\n").put("zz", "x\n").git();
            it.answers(vec![shell(line), say("Done.")]);
        };
        check(&format!("`{name}` in `{line}`"), lay_out, AUTOPILOT, nothing());
    }
}

#[test]
fn names_with_line_ends_and_escapes() {
    let lay_out = |it: &mut Repository| {
        it.put("a\nREADME.md", "x\n")
            .put("\u{1b}[2J\u{1b}]0;owned\u{7}.txt", "x\n")
            .put("b\r\nallow? y", "x\n");
        it.put("$(payload.sh)", "x\n")
            .put("`.\u{200b}`;payload.sh", "x\n")
            .put("c'; sh payload.sh; '", "x\n")
            .git();
        it.answers(vec![
            calls(&[
                ("list", json!({"path": "."})),
                ("glob", json!({"pattern": "**"})),
                ("grep", json!({"pattern": "x"})),
                ("shell", json!({"command": "ls"})),
                ("shell", json!({"command": "for f in *; do cat \"$f\"; done"})),
            ]),
            say("Done."),
        ]);
    };
    let it = check(
        "names with line ends and escapes",
        lay_out,
        &[&["run", "x"], &["doctor"], &["session", "show"]],
        nothing(),
    );
    let shown = it.desk.waypost(&["session", "show"]);
    assert!(!shown.out.contains('\u{1b}') && !shown.err.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn what_is_no_file() {
    let lay_out = |it: &mut Repository| {
        let pipe = it.desk.work("pipe.txt");
        rustix::fs::mknodat(rustix::fs::CWD, pipe, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        std::fs::create_dir_all(it.desk.work(".kiro/steering")).unwrap();
        let pipe = it.desk.work(".kiro/steering/pipe.md");
        rustix::fs::mknodat(rustix::fs::CWD, pipe, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        let pipe = it.desk.work(".kiroignore");
        rustix::fs::mknodat(rustix::fs::CWD, pipe, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        it.answers(vec![
            calls(&[
                ("read", json!({"path": "pipe.txt"})),
                ("grep", json!({"pattern": "x"})),
                ("write", json!({"path": "pipe.txt", "content": "x"})),
            ]),
            say("Done."),
        ]);
    };
    check(
        "pipes that nobody writes",
        lay_out,
        &[&["doctor"], &["trust"], &["run", "x", "--autopilot"]],
        nothing(),
    );
}

#[test]
fn a_restore_goes_through_no_link() {
    // What the agent changed is to come back, and a link stands where a folder or a file was.
    let lay_out = |it: &mut Repository, is_folder: bool| {
        it.put("d/a.txt", "old\n").put("d/deep/b.txt", "old\n");
        it.answers(vec![shell("sed -i s/old/new/ d/a.txt d/deep/b.txt; echo new > d/new.txt"), say("Done.")]);
        it.desk.check(&["run", "x", "--autopilot"], 0, &[]);
        let outside = it.desk.path("outside");
        for name in ["a.txt", "deep/b.txt", "new.txt"] {
            let path = outside.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "new\n").unwrap();
            if !is_folder {
                std::fs::remove_file(it.desk.work("d").join(name)).unwrap();
                it.link(&path, &format!("d/{name}"));
            }
        }
        if is_folder {
            std::fs::remove_dir_all(it.desk.work("d")).unwrap();
            it.link(&outside, "d");
        }
    };
    let runs: &[&[&str]] =
        &[&["checkpoint", "list"], &["checkpoint", "restore"], &["checkpoint", "restore", "--since", "1"]];
    check("a folder that became a link", |it| lay_out(it, true), runs, nothing().but(&["work/d"]));
    check("files that became links", |it| lay_out(it, false), runs, nothing().but(&["work/d"]));
}
