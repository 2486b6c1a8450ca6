//! Edits and writes: what changes, and that nothing else does.

use std::os::unix::fs::PermissionsExt as _;

use conversation::{Digest, Status};
use serde_json::json;

use crate::harness::Bench;

/// Reads a file, edits it, compares it.
#[track_caller]
fn check(before: impl AsRef<[u8]>, edits: &[(&str, &str)], after: Result<&[u8], &str>) {
    let mut bench = Bench::new();
    bench.put("f", &before);
    bench.call("read", r#"{"path":"f"}"#);
    let edits: Vec<_> = edits.iter().map(|(old, new)| json!({"old_text": old, "new_text": new})).collect();
    let result = bench.call("edit", &json!({"path": "f", "edits": edits}).to_string());
    let now = bench.get("f");
    match after {
        Ok(after) => {
            assert_eq!(result.status, Status::Done, "{}", result.text);
            assert_eq!(String::from_utf8_lossy(&now), String::from_utf8_lossy(after));
            assert_eq!(now, after);
            let change = result.changes.first().unwrap();
            assert_eq!(
                (change.before, change.after),
                (Some(Digest::of(before.as_ref())), Some(Digest::of(after)))
            );
        }
        Err(words) => {
            assert!(result.status == Status::Failed && result.text.contains(words), "{}", result.text);
            assert_eq!(now, before.as_ref());
        }
    }
    assert!(bench.temporaries().is_empty());
}

#[test]
fn exact_replacements() {
    check("a b c\n", &[("b", "B")], Ok(b"a B c\n"));
    check("one\ntwo\nthree\n", &[("three", "3"), ("one\n", "1\n1.5\n")], Ok(b"1\n1.5\ntwo\n3\n"));
    check("a\nb\n", &[("b\n", "")], Ok(b"a\n"));
    check("no end", &[("end", "END")], Ok(b"no END"));
    check("a\n\nb", &[("\n\n", "\n")], Ok(b"a\nb"));
    check("äöü 😀", &[("ö", "oe"), ("😀", "🎉")], Ok("äoeü 🎉".as_bytes()));
}

#[test]
fn refusals_say_what_was_found_and_where() {
    check("a\n", &[("a", "a")], Err("the same"));
    check("a\n", &[("", "b")], Err("old_text is empty; to fill or create a file use `write`"));
    let twice = "fn a() {\n    let x = 1;\n}\nfn b() {\n    let x = 1;\n}\n";
    check(
        twice,
        &[("let x = 1;", "let x = 2;")],
        Err(
            "old_text occurs 2 times:\n  line 2: `    let x = 1;` (after `fn a() {`)\n  line 5: `    let x = 1;` \
             (after `fn b() {`)\nAdd lines around it so that it occurs once, or set `all`",
        ),
    );
    check("aaa", &[("aa", "b")], Err("occurs 2 times"));
    check(
        "fn a() {\n    one();\n    two();\n    three();\n}\n",
        &[("one();\n    tow();\n    three();", "x")],
        Err("Closest are lines 2-4; line 3 differs:\n  file:     `    two();`\n  old_text: `    tow();`"),
    );
    check("let total = 1;\n", &[("let totals = 1;", "x")], Err("Closest are lines 1-1"));
    check("abc\n", &[("entirely different", "x")], Err("nothing like it"));
    check("new line\n", &[("old line", "new line")], Err("new_text is already, at line 1"));
    check("abcdef", &[("abc", "x"), ("cde", "y")], Err("edits 1 and 2 overlap at line 1"));
    check("abc", &[("b", "x"), ("b", "y")], Err("overlap"));
    // One that cannot be done leaves the others undone.
    check("a\nb\n", &[("a", "x"), ("zzz", "y")], Err("edit 2: old_text is not there"));
}

#[test]
fn white_space_drift_is_overlooked() {
    // White space at line ends, which the file keeps where the edit says nothing about it.
    check(
        "if a {  \n    b();\t\n}  \n",
        &[("if a {\n    b();\n}\n", "if a {\n    c();\n}\n")],
        Ok(b"if a {  \n    c();\n}  \n"),
    );
    // Indentation shifted to the right and to the left.
    check(
        "mod m {\n    fn a() {\n        b();\n    }\n}\n",
        &[("fn a() {\n    b();\n}", "fn a() {\n    if c {\n        b();\n    }\n}")],
        Ok(b"mod m {\n    fn a() {\n        if c {\n            b();\n        }\n    }\n}\n"),
    );
    check(
        "fn a() {\n  b();\n}\n",
        &[("  fn a() {\n    b();\n  }\n", "  fn a() {\n    c();\n  }\n")],
        Ok(b"fn a() {\n  c();\n}\n"),
    );
    // Tabs in the file, spaces in the edit, and the other way round.
    check(
        "\tif a {\n\t\tb();\n\t}\n",
        &[("    if a {\n        b();\n    }\n", "    if a {\n        b();\n            c();\n    }\n")],
        Ok(b"\tif a {\n\t\tb();\n\t\t\tc();\n\t}\n"),
    );
    check(
        "  if a {\n    b();\n  }\n",
        &[("\tif a {\n\t\tb();\n\t}\n", "\tif a {\n\t\tc();\n\t}\n")],
        Ok(b"  if a {\n    c();\n  }\n"),
    );
    // A last line without an end.
    check("a\nb", &[("b\n", "c\n")], Ok(b"a\nc"));
}

#[test]
fn drift_is_never_ambiguous() {
    check(
        "  a();\n  b();\n\n    a();\n    b();\n",
        &[("a();\nb();", "c();")],
        Err("occurs 2 times when white space is overlooked:\n  line 1:"),
    );
    // The same indentation here and another one there is no shift.
    check("  if a:\n    b\n    c\n", &[("if a:\n  b\n c", "x")], Err("differs (only the indentation)"));
    // White space alone is never found loosely.
    check("a\n \nb\n", &[("\n\n", "\n")], Err("not there"));
    // A new line whose indentation cannot be told.
    check("\ta\n", &[("  a\n", "  b\n   c\n")], Err("copy old_text with the indentation of the file"));
}

#[test]
fn all_occurrences_on_request() {
    let mut bench = Bench::new();
    bench.put("f", "a b\na\n");
    bench.call("read", r#"{"path":"f"}"#);
    bench.check(
        "edit",
        r#"{"path":"f","edits":[{"old_text":"a","new_text":"c","all":"true"}]}"#,
        Status::Done,
        "edited f: 2 replacements (lines 1, 2)",
    );
    assert_eq!(bench.get("f"), b"c b\nc\n");
    // The other names that models use, one edit beside the path, and edits as a string.
    bench.check(
        "edit",
        r#"{"file_path":"f","old_string":"b","new_string":"d"}"#,
        Status::Done,
        "edited f: 1 replacement (line 1)",
    );
    bench.check(
        "edit",
        r#"{"path":"f","edits":"[{\"old\":\"d\",\"new\":\"e\"}]"}"#,
        Status::Done,
        "edited f: 1 replacement (line 1)",
    );
    bench.check(
        "edit",
        r#"{"path":"f","edits":{"oldText":"e","newText":"f"}}"#,
        Status::Done,
        "edited f: 1 replacement (line 1)",
    );
    assert_eq!(bench.get("f"), b"c f\nc\n");
}

#[test]
fn encodings_and_line_ends_are_kept() {
    check("\u{feff}a\r\nb\r\n", &[("a\nb", "a\nx\nb")], Ok("\u{feff}a\r\nx\r\nb\r\n".as_bytes()));
    check("a\r\nb\r\nc", &[("b\r\nc", "d\r\nc")], Ok(b"a\r\nd\r\nc"));
    // Mixed ends: what is not touched keeps its own, what is new follows its line.
    check("a\r\nb\nc\r\nd\n", &[("a\nb\nc\nd", "a\nb\nc\ne\nd")], Ok(b"a\r\nb\nc\r\ne\nd\n"));
    check("a\r\nb\nc\r\n", &[("a", "x\ny")], Ok(b"x\r\ny\r\nb\nc\r\n"));
    check(
        b"\xff\xfea\0\r\0\n\0\x3d\xd8\x00\xde",
        &[("a", "é")],
        Ok(b"\xff\xfe\xe9\0\r\0\n\0\x3d\xd8\x00\xde"),
    );
    check(b"\xfe\xff\0a\0b", &[("b", "c")], Ok(b"\xfe\xff\0a\0c"));
    check(b"caf\xe9 na\xefve", &[("café", "thé")], Ok(b"th\xe9 na\xefve"));
    check(b"caf\xe9", &[("café", "→")], Err("it is not UTF-8 but Latin-1, which has no `→`"));
    check(b"\xc3\xa9\xc3\xa8 \xff x", &[("x", "ü")], Ok(b"\xc3\xa9\xc3\xa8 \xff \xc3\xbc"));
}

#[test]
fn mode_bits_are_kept() {
    let mut bench = Bench::new();
    let path = bench.put("run.sh", "a\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o751)).unwrap();
    bench.call("read", r#"{"path":"run.sh"}"#);
    bench.call("edit", r#"{"path":"run.sh","edits":[{"old_text":"a","new_text":"b"}]}"#);
    bench.check("write", r#"{"path":"run.sh","content":"c\n"}"#, Status::Done, "wrote run.sh (1 line)");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o751);
}

#[test]
fn writes_create_and_replace() {
    let mut bench = Bench::new();
    bench.check(
        "write",
        r#"{"path":"new/deep/a.txt","content":"1\n2\n"}"#,
        Status::Done,
        "created new/deep/a.txt (2 lines)",
    );
    bench.check(
        "edit",
        r#"{"path":"new/deep/a.txt","edits":[{"old_text":"2","new_text":"3"}]}"#,
        Status::Done,
        "edited new/deep/a.txt: 1 replacement (line 2)",
    );
    bench.check(
        "write",
        r#"{"path":"new/deep/a.txt","content":"1\n3\n"}"#,
        Status::Done,
        "new/deep/a.txt has this content already",
    );
    bench.put("b.txt", "old");
    bench.refuses(
        "write",
        r#"{"path":"b.txt","content":"x"}"#,
        "`b.txt` was not read yet; nothing was written, read it first",
    );
    bench.put("dos.txt", "\u{feff}a\r\nb\r\n");
    bench.call("read", r#"{"path":"dos.txt"}"#);
    bench.check(
        "write",
        r#"{"path":"dos.txt","content":"c\nd\n"}"#,
        Status::Done,
        "wrote dos.txt (2 lines; line ends kept as CRLF)",
    );
    assert_eq!(bench.get("dos.txt"), "\u{feff}c\r\nd\r\n".as_bytes());
    bench.refuses("write", r#"{"path":"new/","content":"x"}"#, "names a directory");
    bench.refuses("write", r#"{"path":"new","content":"x"}"#, "is a directory");
    bench.refuses(
        "write",
        r#"{"path":"b.txt/c","content":"x"}"#,
        "goes through a file as if it were a directory",
    );
}
