//! Reading, listing and searching.

use conversation::{Digest, Status};

use crate::harness::{Bench, link};

#[test]
fn a_read_gives_the_text_and_marks_it_seen() {
    let mut bench = Bench::new();
    let path = bench.put("src/a.rs", "fn a() {}\n");
    bench.check("read", r#"{"path":"src/a.rs"}"#, Status::Done, "fn a() {}\n");
    assert_eq!(bench.seen.get(path.to_str().unwrap()), Some(&Digest::of(b"fn a() {}\n")));
    let absolute = format!(r#"{{"file_path":"{}","limit":"1"}}"#, path.display());
    bench.check("read", &absolute, Status::Done, "fn a() {}\n");
    bench.put("u.txt", b"\xff\xfea\0\n\0");
    bench.check("read", r#"{"path":"u.txt"}"#, Status::Done, "a\n");
    bench.put("l.txt", b"caf\xe9\n");
    bench.check("read", r#"{"path":"./src/../l.txt"}"#, Status::Done, "café\n");
    bench.put("m.txt", "\u{feff}marked\r\n");
    bench.check("read", r#"{"path":"m.txt"}"#, Status::Done, "marked\r\n");
    bench.put("n.txt", "1\n2\n3\n");
    bench.check(
        "read",
        r#"{"path":"n.txt","offset":2,"limit":1}"#,
        Status::Done,
        "2\n[lines 2-2 of 3; continue with offset 3]",
    );
    let whole = Digest::of(b"1\n2\n3\n");
    assert_eq!(bench.seen.get(bench.workspace.join("n.txt").to_str().unwrap()), Some(&whole));
}

#[test]
fn a_list_shows_what_is_not_ignored() {
    let mut bench = Bench::new();
    for path in ["b.rs", "a/x.rs", ".github/w.yml", ".git/config", "target/out", ".gitignore"] {
        bench.put(path, "");
    }
    bench.put(".gitignore", "target/\n");
    link(&bench.outside.clone(), &bench.workspace.join("link"));
    bench.check("list", "{}", Status::Done, ".github/\n.gitignore\na/\nb.rs\nlink@\n");
    bench.check("list", r#"{"path":"a"}"#, Status::Done, "x.rs\n");
    bench.refuses("list", r#"{"path":"b.rs"}"#, "`b.rs` is a file; use `read`");
    bench.refuses("list", r#"{"path":"c"}"#, "does not exist");
    (0..600).for_each(|n| drop(bench.put(&format!("many/{n:04}"), "")));
    let text = bench.call("list", r#"{"path":"many"}"#).text;
    assert!(text.starts_with("0000\n") && text.ends_with("[and 100 more; `glob` finds by name]"));
}

#[test]
fn a_glob_finds_by_name() {
    let mut bench = Bench::new();
    for path in ["b.rs", "src/deep/a.rs", "src/c.ts", "target/d.rs", ".kiro/e.rs"] {
        bench.put(path, "");
    }
    bench.put(".gitignore", "target/\n");
    bench.check("glob", r#"{"pattern":"*.rs"}"#, Status::Done, ".kiro/e.rs\nb.rs\nsrc/deep/a.rs\n");
    bench.check("glob", r#"{"pattern":"src/**/*.{rs,ts}"}"#, Status::Done, "src/c.ts\nsrc/deep/a.rs\n");
    bench.check("glob", r#"{"pattern":"*.rs","path":"src"}"#, Status::Done, "src/deep/a.rs\n");
    bench.check("glob", r#"{"pattern":"*.py"}"#, Status::Done, "no file matches `*.py`");
    let absolute = format!(r#"{{"pattern":"{}/src/*.ts"}}"#, bench.workspace.display());
    bench.check("glob", &absolute, Status::Done, "src/c.ts\n");
    bench.refuses("glob", r#"{"pattern":"a["}"#, "the pattern `a[` cannot be read");
    (0..300).for_each(|n| drop(bench.put(&format!("many/{n:04}.md"), "")));
    let text = bench.call("glob", r#"{"pattern":"*.md"}"#).text;
    assert!(text.ends_with("many/0199.md\n[and 100 more; narrow the pattern or the path]"));
}

#[test]
fn a_grep_finds_lines() {
    let mut bench = Bench::new();
    bench.put("a.rs", "fn one() {}\nfn Two() {}\n\nfn three() {}\n");
    bench.put("src/b.txt", "fn four\r\n");
    bench.put("bin", b"fn five\n\0\n");
    bench.put("target/c.rs", "fn six\n");
    bench.put(".gitignore", "target/\n");
    bench.check(
        "grep",
        r#"{"pattern":"fn \\w+"}"#,
        Status::Done,
        "a.rs:1:fn one() {}\na.rs:2:fn Two() {}\na.rs:4:fn three() {}\nsrc/b.txt:1:fn four\n",
    );
    bench.check(
        "grep",
        r#"{"pattern":"TWO","ignore_case":true,"context":1,"glob":"*.rs"}"#,
        Status::Done,
        "a.rs-1-fn one() {}\na.rs:2:fn Two() {}\na.rs-3-\n",
    );
    bench.check("grep", r#"{"pattern":"four","path":"src/b.txt"}"#, Status::Done, "src/b.txt:1:fn four\n");
    bench.check("grep", r#"{"pattern":"nowhere","glob":"*.rs"}"#, Status::Done, "no match in 1 files");
    bench.refuses("grep", r#"{"pattern":"a("}"#, "`a(` is not a regular expression: unclosed group");
    bench.refuses("grep", r#"{"pattern":"x","path":"gone"}"#, "does not exist");
    bench.put("many.txt", "hit\n".repeat(500));
    let text = bench.call("grep", r#"{"pattern":"hit"}"#).text;
    assert_eq!(text.lines().count(), 201, "{text}");
    assert!(text.ends_with("[there are more matches; narrow the pattern, the path or the glob]"));
    bench.put("long.txt", "wide ".repeat(1000));
    let text = bench.call("grep", r#"{"pattern":"wide"}"#).text;
    assert!(text.len() < 400 && text.ends_with("…\n"), "{text}");
}

#[test]
fn a_search_does_not_follow_links_out_of_the_workspace() {
    let mut bench = Bench::new();
    std::fs::write(bench.outside.join("secret.txt"), "password\n").unwrap();
    link(&bench.outside.clone(), &bench.workspace.join("link"));
    link(&bench.outside.join("secret.txt"), &bench.workspace.join("direct.txt"));
    bench.check("grep", r#"{"pattern":"password"}"#, Status::Done, "no match in 0 files");
    bench.check("glob", r#"{"pattern":"*.txt"}"#, Status::Done, "no file matches `*.txt`");
}

#[test]
fn a_plan_is_acknowledged() {
    let mut bench = Bench::new();
    let items =
        r#"{"items":[{"text":"a","status":"done"},{"text":"b","status":"in_progress"},{"text":"c"}]}"#;
    bench.check("todo", items, Status::Done, "plan kept: 1 done, 1 active, 1 pending");
}
