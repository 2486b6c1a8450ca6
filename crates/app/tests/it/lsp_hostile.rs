//! `waypost lsp` under input that no sane editor sends, and at its end: it answers, or it leaves with the right code.
#![expect(clippy::disallowed_methods, reason = "a test takes files away")]

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Desk, soon};
use crate::lsp_client::Editor;
use crate::lsp_spec::{R, REQUIREMENTS, T, TASKS, desk, find};

/// The server still answers as it should.
#[track_caller]
fn still_answers(editor: &mut Editor) {
    let (line, column) = find(TASKS, "1.1_");
    editor.open(T, TASKS);
    // What was opened is read beside the conversation: the answer may come a moment later.
    let mut hover = Value::Null;
    let answers = soon(|| {
        hover = editor.at("hover", T, (line, column), json!({}));
        hover["contents"]["value"].as_str().is_some_and(|text| text.contains("WHEN a Visitor arrives"))
    });
    assert!(answers, "{hover}");
}

#[test]
fn methods_and_parameters_that_make_no_sense() {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    let mut check = |method: &str, params: Value, code: i64, says: &str| {
        let (got, words) = editor.refused(method, params);
        assert_eq!(got, code, "{method}: {words}");
        assert!(words.contains(says), "{words}");
    };
    check("textDocument/nonsense", json!({}), -32601, "`textDocument/nonsense` is not offered");
    check("$/nonsense", json!(null), -32601, "is not offered");
    check("textDocument/hover", json!(null), -32602, "");
    check("textDocument/hover", json!([1]), -32602, "");
    check("textDocument/hover", json!({ "textDocument": { "uri": 7 } }), -32602, "");
    check("textDocument/hover", json!({ "textDocument": { "uri": "" } }), -32602, "");
    check("workspace/executeCommand", json!({ "command": "rm" }), -32803, "`rm` is not a command");
    check("workspace/executeCommand", json!({ "command": "waypost.startTask" }), -32803, "both as text");
    let unknown = json!({ "command": "waypost.startTask", "arguments": ["none", "1"] });
    check("workspace/executeCommand", unknown, -32803, "there is no spec `none`");
    let unknown = json!({ "command": "waypost.startTask", "arguments": ["greet", "; rm -rf /"] });
    check("workspace/executeCommand", unknown, -32803, "there is no task `; rm -rf /` in `greet`");
    check("initialize", json!({}), -32600, "`initialize` came twice");
    let odd = json!({ "label": "x", "data": [1, 2, 3] });
    assert_eq!(editor.ask("completionItem/resolve", odd)["label"], "x");
    for params in [json!(null), json!(7), json!({ "textDocument": 1 }), json!({ "changes": "x" })] {
        for method in ["didOpen", "didChange", "didClose", "didSave", "nonsense"] {
            editor.tell(&format!("textDocument/{method}"), params.clone());
        }
        editor.tell("workspace/didChangeWatchedFiles", params.clone());
        editor.tell("workspace/didChangeWorkspaceFolders", params);
    }
    still_answers(&mut editor);
    editor.leave();
}

#[test]
fn places_that_are_none() {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    let odd = "- [ ] 1. 𝄞 A\n  - _Requirements: 1.1_ 𝄞\n";
    editor.open(T, odd);
    let methods = ["hover", "definition", "documentHighlight", "prepareRename", "completion"];
    for place in [(0, 10), (0, 9_999), (9_999, 0), (u32::MAX, u32::MAX), (1, 24), (1, 25), (2, 0)] {
        for method in methods {
            editor.at(method, T, place, json!({}));
        }
        let context = json!({ "context": { "includeDeclaration": true }, "newName": "x" });
        editor.at("references", T, place, context);
    }
    let negative = json!({
        "textDocument": { "uri": editor.uri(T) },
        "position": { "line": -1, "character": 0 },
    });
    assert_eq!(editor.refused("textDocument/hover", negative).0, -32602);
    let range = |a: (u32, u32), b: (u32, u32)| {
        json!({
            "start": { "line": a.0, "character": a.1 },
            "end": { "line": b.0, "character": b.1 },
        })
    };
    // Within a pair of surrogates, backwards, and far outside.
    for (version, (a, b)) in [((0, 10), (0, 10)), ((1, 5), (0, 2)), ((7, 7), (9, 9)), ((0, 0), (u32::MAX, 0))]
        .into_iter()
        .enumerate()
    {
        let version = i64::try_from(version).unwrap() + 2;
        editor.change(T, version, json!([{ "range": range(a, b), "text": "ß" }]));
        let uri = editor.uri(T);
        let actions = json!({
            "textDocument": { "uri": uri },
            "range": range(a, b),
            "context": { "diagnostics": [] },
        });
        editor.ask("textDocument/codeAction", actions);
    }
    editor.change(T, 9, json!([{ "text": TASKS }]));
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    still_answers(&mut editor);
    editor.leave();
}

#[test]
fn documents_that_are_no_specs() {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    let all = [
        "hover",
        "definition",
        "references",
        "documentHighlight",
        "prepareRename",
        "completion",
        "documentSymbol",
        "foldingRange",
        "codeLens",
        "semanticTokens/full",
    ];
    let uris = [
        "untitled:Untitled-1".to_string(),
        "git:/x/.kiro/specs/greet/tasks.md?ref=1".to_string(),
        "file:///nowhere/at/all.md".to_string(),
        "file:///a%ff.md".to_string(),
        "vscode-notebook-cell:/x#1".to_string(),
        editor.uri("README.md"),
        editor.uri(".kiro/specs/none/tasks.md"),
        editor.uri(".kiro"),
        editor.uri(""),
    ];
    for uri in uris {
        let document = json!({ "uri": uri, "languageId": "markdown", "version": 1, "text": "# A\n" });
        editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
        for method in all {
            let params = json!({
                "textDocument": { "uri": uri },
                "position": { "line": 0, "character": 0 },
                "context": { "includeDeclaration": true },
            });
            // A single question of completion is bad: its context is not this one.
            if method != "completion" {
                editor.ask(&format!("textDocument/{method}"), params);
            }
        }
        let change = json!({
            "textDocument": { "uri": uri, "version": 2 },
            "contentChanges": [{ "text": "# B\n" }],
        });
        editor.tell("textDocument/didChange", change);
        editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
        editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    }
    still_answers(&mut editor);
    editor.leave();
}

#[test]
fn a_folder_whose_name_has_signs_that_a_uri_has_not() {
    let desk = Desk::new();
    desk.put("[a b]/.kiro/specs/x/tasks.md", "- [ ] 1. A\n");
    let mut editor = Editor::silent(&desk);
    let uri = editor.uri("[a b]");
    editor.ask("initialize", json!({ "capabilities": {}, "rootUri": uri }));
    let document = json!({
        "uri": format!("{uri}/.kiro/specs/x/tasks.md"),
        "languageId": "markdown", "version": 1, "text": "- [ ] 1. A\n  - _Requirements: 1.1_\n",
    });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let encoded = "%5Ba%20b%5D/.kiro/specs/x/tasks.md";
    editor.shows(encoded, |codes| codes.contains(&"trace/dangling-reference"));
    editor.leave();
}

#[test]
fn files_that_go_while_they_are_open() {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    editor.open(T, TASKS);
    editor.open(R, REQUIREMENTS);
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    fs::remove_dir_all(desk.work(".kiro")).unwrap();
    for file in [T, R] {
        let uri = editor.uri(file);
        editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 3 }] }));
        editor.save(file);
        editor.change(file, 2, json!([{ "text": "# Gone\n" }]));
        editor.at("hover", file, (0, 0), json!({}));
        editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
        editor.shows(file, |codes| codes.is_empty());
    }
    desk.put(R, REQUIREMENTS);
    desk.put(T, TASKS);
    let uri = editor.uri(T);
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 1 }] }));
    editor.open(T, TASKS);
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    still_answers(&mut editor);
    editor.leave();
}

#[test]
fn documents_that_are_huge_or_odd() {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    let many: String =
        (0..20_000).map(|n| format!("- [ ] {n}. Task {n}\n  - _Requirements: 1.1_\n")).collect();
    let deep: String = (0..10_000).map(|n| format!("{}- [ ] {n} x\n", " ".repeat(n % 500))).collect();
    let line = format!("- [ ] 1. {}", "WHEN x, THE y SHALL z. ".repeat(50_000));
    let odd = "\u{feff}- [ ] 1. A\r- [ ] 2. B\0\r\n\u{2028}- [ ] 3. \u{202e}C";
    for (version, text) in [many.as_str(), deep.as_str(), line.as_str(), odd, ""].into_iter().enumerate() {
        match version {
            0 => editor.open(T, text),
            _ => editor.change(T, i64::try_from(version).unwrap() + 1, json!([{ "text": text }])),
        }
        let uri = editor.uri(T);
        for method in ["documentSymbol", "foldingRange", "codeLens", "semanticTokens/full"] {
            editor.ask(&format!("textDocument/{method}"), json!({ "textDocument": { "uri": uri } }));
        }
        editor.at("hover", T, (0, 3), json!({}));
    }
    editor.change(T, 20, json!([{ "text": "x".repeat(9 * 1024 * 1024) }]));
    editor.until("a word about the size", |message| {
        message["params"]["message"].as_str().is_some_and(|words| words.contains("larger than 8 MiB"))
    });
    still_answers(&mut editor);
    editor.leave();
}

#[test]
fn hundreds_of_keys_without_a_pause() {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    editor.open(T, TASKS);
    editor.shows(T, |codes| codes.len() == 1);
    let (line, character) = find(TASKS, "9.9");
    for nth in 0..500_i64 {
        let at = json!({ "line": line, "character": character });
        let (end, text) = if nth % 2 == 0 { (0, "1.1, ") } else { (5, "") };
        let range = json!({ "start": at, "end": { "line": line, "character": character + end } });
        editor.change(T, nth + 2, json!([{ "range": range, "text": text }]));
    }
    // The answer to what comes behind all of them counts them all.
    let hover = editor.at("hover", T, (line, character), json!({}));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("**9.9** does not exist"), "{hover}");
    let uri = editor.uri(T);
    editor.until("what is shown of the last version", |message| {
        message["params"]["uri"] == json!(uri) && message["params"]["version"] == 501
    });
    editor.leave();
}

#[test]
fn requests_before_the_beginning_and_after_the_end() {
    let desk = desk();
    let mut editor = Editor::silent(&desk);
    let (code, words) = editor.refused("textDocument/hover", json!({}));
    assert_eq!((code, words.as_str()), (-32002, "`textDocument/hover` came before `initialize`"));
    editor.tell("textDocument/didOpen", json!({}));
    editor.ask("initialize", json!({ "capabilities": [1, 2], "workspaceFolders": "x", "rootUri": 5 }));
    editor.ask("shutdown", json!(null));
    let (code, words) = editor.refused("textDocument/hover", json!({}));
    assert_eq!((code, words.as_str()), (-32600, "`textDocument/hover` came after `shutdown`"));
    editor.tell("exit", json!(null));
    assert_eq!(editor.ended(), (0, String::new()));
}

#[test]
fn every_end_has_its_code() {
    let desk = desk();
    // `exit` without `shutdown`, before and after `initialize`.
    let mut editor = Editor::silent(&desk);
    editor.tell("exit", json!(null));
    assert_eq!(editor.ended(), (1, String::new()));
    let mut editor = Editor::new(&desk);
    editor.tell("exit", json!(null));
    assert_eq!(editor.ended(), (1, String::new()));
    // The editor dies.
    let mut editor = Editor::new(&desk);
    editor.hang_up();
    assert_eq!(editor.ended(), (1, String::new()));
    let mut editor = Editor::silent(&desk);
    editor.hang_up();
    assert_eq!(editor.ended(), (1, String::new()));
}

#[test]
fn bytes_that_are_no_messages() {
    let desk = desk();
    let check = |bytes: &[u8], says: &str| {
        for is_greeted in [false, true] {
            let mut editor = if is_greeted { Editor::new(&desk) } else { Editor::silent(&desk) };
            editor.raw(bytes);
            editor.hang_up();
            let (code, words) = editor.ended();
            assert_eq!(code, 1, "{words}");
            assert!(words.contains(says) && !words.contains("panicked"), "{words}");
        }
    };
    check(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "is no header of a message");
    check(b"Content-Length: 18446744073709551615\r\n\r\n{}", "was announced and did not come");
    check(b"Content-Length: 99999999999999999999999\r\n\r\n{}", "is no header of a message");
    check(b"\xff\xfe\x00\x00", "is no header of a message");
    check(b"Content-Length: 50\r\n\r\n{\"jsonrpc\"", "the input ends within a message");
    check(&vec![b'a'; 3_000_000], "is no header of a message");
    check(&[b'\n'; 10], "names no `Content-Length`");

    // What has a frame is answered, and the server goes on.
    let mut editor = Editor::new(&desk);
    for body in ["{", "[]", "null", "\"\"", "{\"jsonrpc\":\"2.0\"}", "{\"id\":[],\"method\":\"x\"}"] {
        editor.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
        editor.until("a refusal", |message| message["error"]["code"].as_i64().is_some());
    }
    still_answers(&mut editor);
    editor.leave();
}

#[test]
fn a_person_who_starts_it_by_hand_is_told() {
    let desk = Desk::new();
    desk.check(
        &["lsp", "--help"],
        0,
        &["An editor starts this program", "Neovim", "Helix", "Emacs", "docs/editors.md"],
    );
    let ran = desk.waypost_reading("hello\n", &["lsp", "--stdio"]);
    ran.exits(1).says(&["this is not how an editor speaks", "waypost lsp --help"]);
}
