//! What goes wrong outside: each gives a clear error with the next step, and nothing is lost.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use conversation::Status;
use sandbox::{OwnCommand, run_own};

use crate::harness::{Bench, call, link};

const EDIT: &str = r#"{"path":"a.txt","edits":[{"old_text":"a","new_text":"b"}]}"#;

#[test]
fn binary_and_huge_files() {
    let mut bench = Bench::new();
    bench.put("p.png", b"\x89PNG\r\n\x1a\n\0\0\0\r");
    bench.refuses("read", r#"{"path":"p.png"}"#, "`p.png` is a PNG image of 12 bytes, not text");
    bench.refuses("write", r#"{"path":"p.png","content":"x"}"#, "is a PNG image; only text is replaced");
    bench.refuses("edit", r#"{"path":"p.png","edits":[{"old_text":"a","new_text":"b"}]}"#, "a PNG image");
    let line = format!("{}\n", "x".repeat(99));
    bench.put("big.log", line.repeat(500_000));
    bench.refuses(
        "read",
        r#"{"path":"big.log"}"#,
        "`big.log` has 50000000 bytes, which is too much to read whole; give `offset` and `limit`",
    );
    bench.check(
        "read",
        r#"{"path":"big.log","offset":400000,"limit":1}"#,
        Status::Done,
        &format!("{line}[lines 400000-400000 of 500000; continue with offset 400001]"),
    );
    let huge = std::fs::File::create(bench.workspace.join("huge")).unwrap();
    huge.set_len(1 << 40).unwrap();
    bench.refuses("read", r#"{"path":"huge","limit":1}"#, "too large to load; use `grep`");
    bench.put("d/x", "");
    bench.refuses("read", r#"{"path":"d"}"#, "`d` is a directory; use `list`");
    bench.refuses("read", r#"{"path":"/dev/zero"}"#, "not a regular file");
}

#[test]
fn files_that_are_not_there() {
    let mut bench = Bench::new();
    bench.put("src/main.rs", "");
    bench.put("src/deep/config.rs", "");
    bench.refuses(
        "read",
        r#"{"path":"src/mian.rs"}"#,
        "`src/mian.rs` does not exist; did you mean `src/main.rs`?",
    );
    bench.refuses("read", r#"{"path":"config.rs"}"#, "did you mean `src/deep/config.rs`?");
    bench.refuses("read", r#"{"path":"zzz/qqq"}"#, "`list` of `.` shows what is there");
    bench.refuses("read", r#"{"path":"../outside/x"}"#, "/outside/x` does not exist");
    bench.refuses(
        "edit",
        r#"{"path":"src/mian.rs","edits":[{"old_text":"a","new_text":"b"}]}"#,
        "did you mean",
    );
    bench.put("a.txt", "a\n");
    bench.call("read", r#"{"path":"a.txt"}"#);
    std::fs::remove_file(bench.workspace.join("a.txt")).unwrap();
    bench.refuses("edit", EDIT, "`a.txt` does not exist");
    for (path, words) in [("", "is empty"), ("a\\u0000b", "NUL"), ("~/x", "`~`, which is not expanded")] {
        bench.refuses("read", &format!(r#"{{"path":"{path}"}}"#), words);
    }
    bench.refuses("read", &format!(r#"{{"path":"{}"}}"#, "x".repeat(300)), "longer than a path can be");
    let loops = bench.workspace.join("loop");
    link(&loops, &loops);
    bench.refuses("read", r#"{"path":"loop"}"#, "loop of symlinks");
}

#[test]
fn a_file_that_was_not_read_or_has_changed() {
    let mut bench = Bench::new();
    bench.put("a.txt", "a\n");
    bench.refuses("edit", EDIT, "`a.txt` was not read yet; nothing was written, read it first");
    bench.call("read", r#"{"path":"a.txt"}"#);
    bench.put("a.txt", "a and more\n");
    bench.refuses("edit", EDIT, "`a.txt` has changed since you read it; nothing was written, read it again");
    bench.refuses("write", r#"{"path":"a.txt","content":"x"}"#, "has changed since you read it");
    assert_eq!(bench.get("a.txt"), b"a and more\n");
}

#[test]
fn a_read_only_file() {
    let mut bench = Bench::new();
    let path = bench.put("a.txt", "a\n");
    bench.call("read", r#"{"path":"a.txt"}"#);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    bench.refuses("edit", EDIT, "`a.txt` is read-only (mode 444); nothing was written");
    bench.refuses("write", r#"{"path":"a.txt","content":"x"}"#, "chmod u+w");
    assert_eq!((bench.get("a.txt"), bench.temporaries().len()), (b"a\n".to_vec(), 0));
}

#[test]
fn places_outside_the_workspace() {
    let mut bench = Bench::new();
    std::fs::write(bench.outside.join("x"), "a\n").unwrap();
    link(&bench.outside.clone(), &bench.workspace.join("link"));
    link(&bench.outside.join("new"), &bench.workspace.join("dangling"));
    // Reading asks, and here somebody says yes; writing is denied whatever anybody says.
    for path in ["../outside/x", "link/x", "link/../outside/x"] {
        bench.check("read", &format!(r#"{{"path":"{path}"}}"#), Status::Done, "a\n");
        let write = format!(r#"{{"path":"{path}","content":"b"}}"#);
        bench.check("write", &write, Status::Denied, "default: nothing outside the workspace is written");
    }
    for path in ["dangling", "link/deep/new", "/etc/waypost-test"] {
        let write = format!(r#"{{"path":"{path}","content":"b"}}"#);
        bench.check("write", &write, Status::Denied, "default: nothing outside the workspace is written");
    }
    assert!(!bench.outside.join("new").exists());
    bench.refuses("write", r#"{"path":".git/hooks/x","content":"b"}"#, "rule `fs_write:.git` (built in)");
    // A link that stays inside is as good as its target.
    bench.put("real/a.txt", "a\n");
    link(&bench.workspace.join("real"), &bench.workspace.join("alias"));
    bench.call("read", r#"{"path":"alias/a.txt"}"#);
    bench.check(
        "edit",
        r#"{"path":"alias/a.txt","edits":[{"old_text":"a","new_text":"b"}]}"#,
        Status::Done,
        "edited real/a.txt: 1 replacement (line 1)",
    );
}

#[test]
fn a_link_made_between_decision_and_effect_is_not_followed() {
    let mut bench = Bench::new();
    std::fs::write(bench.outside.join("a.txt"), "secret\n").unwrap();
    bench.put("d/a.txt", "a\n");
    bench.call("read", r#"{"path":"d/a.txt"}"#);
    let (directory, outside) = (bench.workspace.join("d"), bench.outside.clone());
    let swap = || {
        std::fs::rename(&directory, directory.with_file_name("moved")).unwrap();
        link(&outside, &directory);
    };
    for (tool, input) in [
        ("read", r#"{"path":"d/a.txt"}"#),
        ("edit", r#"{"path":"d/a.txt","edits":[{"old_text":"a","new_text":"b"}]}"#),
        ("write", r#"{"path":"d/a.txt","content":"b"}"#),
        ("write", r#"{"path":"d/new.txt","content":"b"}"#),
    ] {
        let result = bench.call_with(&call("x", tool, input), swap);
        assert_eq!(result.status, Status::Failed, "{tool}: {}", result.text);
        assert!(result.text.contains("a symlink that was not there a moment ago"), "{tool}: {}", result.text);
        std::fs::remove_file(&directory).unwrap();
        std::fs::rename(directory.with_file_name("moved"), &directory).unwrap();
    }
    // The same for the file itself.
    let (file, target) = (bench.workspace.join("d/b.txt"), bench.outside.join("a.txt"));
    let result =
        bench.call_with(&call("y", "write", r#"{"path":"d/b.txt","content":"b"}"#), || link(&target, &file));
    assert_eq!(result.status, Status::Failed, "{}", result.text);
    assert_eq!(std::fs::read(bench.outside.join("a.txt")).unwrap(), b"secret\n");
    assert_eq!(std::fs::read_dir(&bench.outside).unwrap().count(), 1);
}

fn own(program: &str, arguments: &[&str]) -> bool {
    let environment = vec![("PATH".to_string(), "/usr/sbin:/usr/bin:/sbin:/bin".to_string())];
    let command = OwnCommand {
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
        directory: "/".into(),
        environment,
        input: Vec::new(),
        timeout: Duration::from_secs(10),
        output_bytes_max: 10_000,
    };
    run_own(&command).is_ok_and(|output| output.succeeded())
}

/// Needs the right to mount a small file system; without it there is no honest way to fill a disk.
#[test]
fn a_full_disk() {
    let mut bench = Bench::new();
    let disk = bench.workspace.join("disk");
    std::fs::create_dir(&disk).unwrap();
    let shown = disk.to_str().unwrap();
    if !own("mount", &["-t", "tmpfs", "-o", "size=64k", "tmpfs", shown]) {
        println!("skipped: no right to mount a small disk");
        return;
    }
    bench.put("disk/a.txt", "a\n".repeat(5000));
    let read = bench.call("read", r#"{"path":"disk/a.txt"}"#);
    let new = "b".repeat(100_000);
    let edit =
        format!(r#"{{"path":"disk/a.txt","edits":[{{"old_text":"a","new_text":"{new}","all":true}}]}}"#);
    let results = [
        bench.call("edit", &edit),
        bench.call("write", &format!(r#"{{"path":"disk/a.txt","content":"{new}"}}"#)),
        bench.call("write", &format!(r#"{{"path":"disk/new.txt","content":"{new}"}}"#)),
    ];
    let (kept, left) = (bench.get("disk/a.txt"), std::fs::read_dir(&disk).unwrap().count());
    assert!(own("umount", &[shown]));
    assert_eq!(read.status, Status::Done);
    for result in results {
        assert_eq!(result.status, Status::Failed);
        assert!(result.text.starts_with("the disk is full: `disk/"), "{}", result.text);
    }
    assert_eq!((kept, left), ("a\n".repeat(5000).into_bytes(), 1));
}

#[test]
fn a_search_does_not_follow_a_link_made_between_decision_and_effect() {
    for (tool, input) in [
        ("grep", r#"{"pattern":"word","path":"d"}"#),
        ("grep", r#"{"pattern":"word","path":"d/a.txt"}"#),
        ("grep", r#"{"pattern":"word","path":"d/deep"}"#),
        ("glob", r#"{"pattern":"*","path":"d"}"#),
        ("list", r#"{"path":"d"}"#),
        ("list", r#"{"path":"d/deep"}"#),
    ] {
        let mut bench = Bench::new();
        bench.put("d/a.txt", "nothing\n");
        bench.put("d/deep/a.txt", "nothing\n");
        let (directory, outside) = (bench.workspace.join("d"), bench.outside.clone());
        std::fs::create_dir(outside.join("deep")).unwrap();
        for name in ["a.txt", "outside-name.txt", "deep/outside-name.txt"] {
            std::fs::write(outside.join(name), "a word from outside\n").unwrap();
        }
        let swap = || {
            std::fs::remove_dir_all(&directory).unwrap();
            link(&outside, &directory);
        };
        let result = bench.call_with(&call("x", tool, input), swap);
        let saw = result.text.contains("a word from") || result.text.contains("outside-name");
        assert!(!saw, "{tool} {input}: {}", result.text);
    }
}
