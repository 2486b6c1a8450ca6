//! What the data readers make of good and bad documents.

use proptest::prelude::*;

use super::*;

/// The tree as one line: `{a: [1, "x"], b: ~}`.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Null => "~".to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(members) => {
            let members: Vec<_> =
                members.iter().map(|(key, value)| format!("{}: {}", key.name, shown(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

#[track_caller]
fn check(notation: Notation, text: &str, tree: &str, codes: &[&str]) {
    let (root, found) = read(text.as_bytes(), notation);
    assert_eq!(root.as_ref().map(shown).unwrap_or_default(), tree, "{text}");
    assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), codes, "{text}");
}

#[test]
fn json_as_people_write_it() {
    let json = |text: &str, tree: &str, codes: &[&str]| check(Notation::Json, text, tree, codes);
    json(r#"{"a": [1, "x\u00e9\n"], "b": null}"#, r#"{a: [1, "xé\n"], b: ~}"#, &[]);
    json("\u{feff}{ \"a\": 1, }", "{a: 1}", &["data/trailing-comma"]);
    json("// why\n[true, /* x */ false,]", "[true, false]", &["data/comment", "data/trailing-comma"]);
    json("{\"a\":1,\"a\":2}", "{a: 1, a: 2}", &[]);
    json("{a: 1}", "", &["data/not-json"]);
    json("[1 2]", "", &["data/not-json"]);
    json("", "", &["data/not-json"]);
    json("[1] x", "", &["data/not-json"]);
    json("\"a\nb\"", "", &["data/not-json"]);
    json(&"[".repeat(100_000), "", &["data/not-json"]);
}

#[test]
fn yaml_as_people_write_it() {
    let yaml = |text: &str, tree: &str, codes: &[&str]| check(Notation::Yaml, text, tree, codes);
    yaml("a: 1\nb: [x, 'y']\n", r#"{a: 1, b: ["x", "y"]}"#, &[]);
    yaml("a: yes\nb: true\nc:\nd: 1.5.2\n", r#"{a: "yes", b: true, c: ~, d: "1.5.2"}"#, &[]);
    yaml("- a: |\n    two\n    lines\n- b\n", r#"[{a: "two\nlines\n"}, "b"]"#, &[]);
    yaml("a: &x [1]\nb: *x\n", "{a: [1], b: [1]}", &[]);
    yaml("a: 1\n---\nb: 2\n", "{a: 1}", &["data/second-document"]);
    yaml("a: [1\n", "", &["data/not-yaml"]);
    yaml("", "", &[]);
    yaml(&"[".repeat(100), "", &["data/too-deep"]);
    let laughs = (1..30)
        .fold("a0: &a0 [x, x]\n".to_string(), |text, n| format!("{text}a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1));
    yaml(&laughs, "", &["data/too-many-aliases"]);
}

#[test]
fn every_value_knows_its_bytes() {
    let check = |notation: Notation, text: &str, path: &[&str], expected: &str| {
        let (root, _) = read(text.as_bytes(), notation);
        let root = root.unwrap();
        let node = path.iter().fold(&root, |node, key| match key.parse::<usize>() {
            Ok(at) => &node.items()[at],
            Err(_) => node.get(key).unwrap(),
        });
        assert_eq!(node.span.text(text.as_bytes()), expected);
    };
    check(Notation::Json, "\u{feff}{\"ä\": [1, {\"b\": \"c\"}]}", &["ä", "1", "b"], "\"c\"");
    check(Notation::Yaml, "\u{feff}ä: ü\nb:\n  - c: 'd'\n", &["b", "0", "c"], "'d'");
    check(Notation::Yaml, "ä: ü\nb: [x, y]\n", &["b"], "[x, y]");
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (read(&bytes, Notation::Json), read(&bytes, Notation::Yaml));
    }

    #[test]
    fn any_marks_are_read(text in "[-\\[\\]{}:,'\"&*!|> \n#a0/\\\\]{0,80}") {
        for notation in [Notation::Json, Notation::Yaml] {
            if let (Some(root), _) = read(text.as_bytes(), notation) {
                prop_assert!(root.span.end() <= text.len());
            }
        }
    }
}
