//! Mentions over real folders: what each comes to, what stays closed, and the bounds.
#![expect(clippy::disallowed_methods, reason = "links and repositories are made on the disk")]

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;
use crate::piece::PIECE_BYTES_MAX;
use crate::testing::Place;

#[test]
fn files_and_lines() {
    let place = Place::new(&[("src/a.rs", "one\ntwo\nthree\n"), ("b c.txt", "x"), ("closed/k", "secret")]);
    place.check("#file:src/a.rs", "#file:src/a.rs: one\ntwo\nthree\n");
    place.check(
        "#file:src/a.rs:2-3 #file:src/a.rs:2",
        "#file:src/a.rs:2-3: two\nthree\n\n#file:src/a.rs:2: two\n",
    );
    place.check("#file:src/a.rs:3-9", "#file:src/a.rs:3-9: three\n[it has 3 lines]");
    place.check("#file:src/a.rs:7", "#file:src/a.rs:7: left out: it has 3 lines; line 7 is past its end");
    place.check("#file:\"b c.txt\" #file:'b c.txt'", "#file:\"b c.txt\": x");
    place.check("#file:a.rs", "#file:a.rs: left out: it is not there; perhaps `#file:src/a.rs` is meant");
    place.check("#file:src", "#file:src: left out: it is a folder; write `#folder:src`");
    place.check("#file:closed/k", "#file:closed/k: left out: invisible by `closed`");
    place.check("#file:k", "#file:k: left out: it is not there");
    place.check("#file:/etc/hosts", "#file:/etc/hosts: left out: outside the workspace");
    place.check("#file:../x/../../etc/hosts", "#file:../x/../../etc/hosts: left out: it is not there");
    place.check("#file", "#file: left out: no file is named; write `#file:src/a.rs`");
}

#[test]
fn as_kiro_writes_them() {
    let place = Place::new(&[("src/a.rs", "one\ntwo\n"), ("closed/k", "secret")]);
    place.check(
        "#src/a.rs:2 and #src/a.rs, #file:src/a.rs",
        "#file:src/a.rs:2: two\n\n#file:src/a.rs: one\ntwo\n",
    );
    place.check("#src/", "#folder:src/: 1 file in src:\nsrc/a.rs 8 bytes\n\n--- src/a.rs ---\none\ntwo\n");
    place.check("#closed/k", "#file:closed/k: left out: invisible by `closed`");
    place.check(
        "#Repository",
        "#repository: 1 file in .:\nsrc/a.rs 8 bytes\n[closed by rules or lists: 1 file]",
    );
    place.check(
        "#current",
        "#current: left out: no editor says which file is open; name it with `#file:PATH`",
    );
    let pieces = place.pieces("#docs:react #mcp:srv");
    let why = |at: usize| pieces[at].left_out.clone().unwrap();
    assert!(why(0).contains("`#url:https://…`") && why(1).contains("waypost mcp resource"), "{pieces:?}");
    // What is not there and no word of Kiro's is a word like others.
    place.check("#heading #123 #src/none.rs #v1.2 #docs #mcp #code", "");
}

#[test]
fn links_pipes_and_binaries() {
    let place = Place::new(&[("closed/k", "secret")]);
    symlink(place.root.join("closed/k"), place.root.join("link")).unwrap();
    symlink("/etc/hosts", place.root.join("out")).unwrap();
    symlink("loop", place.root.join("loop")).unwrap();
    place.write("bin", b"a\0b");
    place.write("latin", b"caf\xe9");
    assert!(Command::new("mkfifo").arg(place.root.join("pipe")).status().unwrap().success());
    place.check("#file:link", "#file:link: left out: invisible by `closed`");
    place.check("#file:out", "#file:out: left out: outside the workspace");
    place.check("#file:bin", "#file:bin: left out: it is a binary file of 3 bytes");
    place.check("#file:latin", "#file:latin: caf\u{fffd}");
    place.check("#file:pipe", "#file:pipe: left out: it is no file");
    assert!(place.pieces("#file:loop")[0].left_out.is_some());
}

#[test]
fn folders() {
    let place = Place::new(&[
        (".gitignore", "target\n"),
        ("src/a.rs", "one\n"),
        ("src/b/c.rs", "two"),
        ("src/target/x", "no"),
        ("src/closed/k", "secret"),
    ]);
    place.write("src/z.bin", b"\0\0");
    place.check(
        "#folder:src/",
        "#folder:src/: 3 files in src:\nsrc/a.rs 4 bytes\nsrc/b/c.rs 3 bytes\nsrc/z.bin 2 bytes\n\
         \n--- src/a.rs ---\none\n\n--- src/b/c.rs ---\ntwo\n\
         [listed without text, being long, binary or too many: 1 file; closed by rules or lists: 1 file]",
    );
    place.check("#folder:src/a.rs", "#folder:src/a.rs: left out: it is a file; write `#file:src/a.rs`");
    place.check("#folder:closed", "#folder:closed: left out: it is not there");
    place.check("#folder", "#folder: left out: no folder is named; write `#folder:src`");
}

#[test]
fn specs_and_what_lies_outside() {
    let place = Place::new(&[
        (".kiro/specs/limits/tasks.md", "- [ ] 1. a\n"),
        (".kiro/specs/limits/requirements.md", "# R\n"),
        (".kiro/specs/small.md", "# S\n"),
        ("packages/x/.kiro/specs/limits/design.md", "# D\n"),
        ("packages/x/.kiro/specs/closed/design.md", "# C\n"),
    ]);
    let tasks = "--- .kiro/specs/limits/requirements.md ---\n# R\n\n--- .kiro/specs/limits/tasks.md ---\n- [ ] 1. a\n\n";
    place.check("#spec:limits", &format!("#spec:limits: {tasks}"));
    place.check(
        "#spec",
        "#spec: limits: requirements.md, tasks.md\npackages/x:limits: design.md\nsmall: \n[1 closed by rules or lists]",
    );
    place.check("#spec:small", "#spec:small: --- .kiro/specs/small.md ---\n# S\n\n");
    place.check(
        "#spec:packages/x:limits, then",
        "#spec:packages/x:limits: --- packages/x/.kiro/specs/limits/design.md ---\n# D\n\n",
    );
    let there =
        "left out: there is no such spec; there are limits, packages/x:closed, packages/x:limits, small";
    place.check("#spec:x", &format!("#spec:x: {there}"));
    place.check("#spec:../..", &format!("#spec:../..: {there}"));
    let closed = "`packages/x/.kiro/specs/closed/design.md`: invisible by `closed`";
    place.check("#spec:packages/x:closed", &format!("#spec:packages/x:closed: left out: {closed}"));
    place.check("#style #steering:style #other #include", "#style: tabs\n\n#steering:style: tabs\n");
    place.check(
        "#steering:other",
        "#steering:other: left out: there is no such steering; `waypost steering list` shows what there is",
    );
    place.check(
        "#problems #terminal",
        "#problems: p\n[older ones left out]\n#terminal: left out: no terminal",
    );
    place.check("#url:https://a.example/x, #url", "#url:https://a.example/x: page https://a.example/x\n\n#url: left out: no page is named; write `#url:https://…`");
}

#[test]
fn all_pieces_together_have_a_bound() {
    let place = Place::new(&[]);
    let names: Vec<String> = (0..8).map(|number| format!("f{number}")).collect();
    for name in &names {
        place.write(name, "0123456789\n".repeat(8000).as_bytes());
    }
    let words: Vec<String> = names.iter().map(|name| format!("#file:{name}")).collect();
    let pieces = place.pieces(&words.join(" "));
    let total: usize = pieces.iter().map(|piece| piece.bytes).sum();
    assert!(total <= TOTAL_BYTES_MAX && total > TOTAL_BYTES_MAX - PIECE_BYTES_MAX, "{total}");
    assert_eq!(pieces.len(), 8);
    let why = "the bound of 262144 bytes for all pieces is used up; name less";
    assert_eq!(pieces[7].left_out.as_deref(), Some(why));
    let many = place.pieces(&"#file:x ".repeat(100));
    assert_eq!(many.len(), 2, "each thing once, and that there were too many");
}

fn git(place: &Place, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(&place.root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn git_and_diff() {
    let place = Place::new(&[("a.txt", "one\ntwo\n"), ("closed/k", "secret\n")]);
    place.check("#diff", &format!("#diff: left out: {}", absence(&place)));
    git(&place, &["init", "-q", "."]);
    place.check("#git", "#git: left out: there is no commit yet");
    place.check("#diff", "#diff: left out: there is no commit yet");
    git(&place, &["add", "."]);
    git(&place, &["commit", "-qm", "First words"]);
    place.check("#diff", "#diff: left out: nothing differs from HEAD");
    place.write("a.txt", b"one\n2\n");
    place.write("new.txt", b"new\n");
    place.write("closed/k", b"other\n");
    let hunk = "--- a.txt\n+++ a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n";
    let others = "files that git does not follow yet:\n  new.txt\n";
    let closed = "[closed by rules or lists: 1 file]";
    place.check("#diff", &format!("#diff: {hunk}{others}{closed}"));
    git(&place, &["commit", "-qam", "Second"]);
    let recent = &place.pieces("#git")[0];
    let lines: Vec<&str> = recent.text.lines().collect();
    assert!(
        lines[0].ends_with(" Second") && lines[1] == "  M a.txt" && lines[2].ends_with(" First words"),
        "{lines:?}"
    );
    let one = &place.pieces("#git:HEAD")[0];
    assert!(
        one.text.starts_with("commit ") && one.text.contains(&format!("Second\n\n{hunk}")),
        "{}",
        one.text
    );
    assert!(!one.text.contains("other") && one.cut.is_some());
    let first = &place.pieces("#git:HEAD~1")[0].text;
    assert!(first.contains("--- /dev/null\n+++ a.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n"), "{first}");
    place.check("#git:nope", "#git:nope: left out: no commit is named `nope`");
    place.check("#diff:--output=x", "#diff:--output=x: left out: no commit is named `--output=x`");
    assert!(place.pieces("#diff:HEAD~1")[0].text.contains("+2\n"));
}

fn absence(place: &Place) -> String {
    vcs::history::History::open(&place.root, crate::testing::SEARCH_PATH).absence().unwrap().to_string()
}
