//! `waypost lsp` as an editor sees it, feature by feature, driven over its pipes.
#![expect(clippy::disallowed_methods, reason = "a test makes files")]

use std::fs;

use serde_json::{Value, json};

use crate::harness::Desk;
use crate::lsp_client::Editor;
use crate::lsp_spec::{D, DESIGN, R, REQUIREMENTS, T, TASKS, TEST, TESTS, desk, find};

/// The workspace with its documents open.
fn open() -> (Desk, Editor) {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    for (file, text) in [(R, REQUIREMENTS), (D, DESIGN), (T, TASKS), (TESTS, TEST)] {
        editor.open(file, text);
    }
    (desk, editor)
}

/// A place just behind the beginning of these words.
fn on(text: &str, words: &str) -> (u32, u32) {
    let (line, column) = find(text, words);
    (line, column + 1)
}

/// `file:line` of locations, in order.
fn lines(editor: &Editor, locations: &Value) -> Vec<String> {
    let root = editor.uri("");
    let one = |location: &Value| {
        let uri = location["uri"].as_str().unwrap().strip_prefix(&root).unwrap().to_string();
        let line = location["range"]["start"]["line"].as_u64().unwrap() + 1;
        format!("{}:{line}", uri.rsplit('/').next().unwrap())
    };
    match locations {
        Value::Array(all) => all.iter().map(one).collect(),
        other => vec![one(other)],
    }
}

/// The text with the edits of a workspace edit for a file applied.
fn edited(editor: &Editor, edit: &Value, file: &str, text: &str) -> String {
    let uri = editor.uri(file);
    let documents = edit["documentChanges"].as_array().unwrap();
    let Some(changes) = documents.iter().find(|one| one["textDocument"]["uri"] == uri) else {
        return text.to_string();
    };
    let starts: Vec<usize> =
        std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let offset = |place: &Value| {
        let start = starts[usize::try_from(place["line"].as_u64().unwrap()).unwrap()];
        let units = usize::try_from(place["character"].as_u64().unwrap()).unwrap();
        let bytes: usize = text[start..].chars().take(units).map(char::len_utf8).sum();
        start + bytes
    };
    let mut edits: Vec<(usize, usize, &str)> = changes["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort();
    let mut out = text.to_string();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}

#[test]
fn diagnostics_as_you_type() {
    let (_desk, mut editor) = open();
    let shown = editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    assert_eq!(shown[0]["source"], "waypost");
    assert_eq!(shown[0]["severity"], 1);
    assert_eq!(shown[0]["range"]["start"], {
        let (line, character) = find(TASKS, "9.9");
        json!({ "line": line, "character": character })
    });
    assert!(shown[0]["message"].as_str().unwrap().contains("`9.9`, which does not exist"), "{shown:?}");
    editor.shows(R, |codes| codes.is_empty());
    editor.shows(TESTS, |codes| codes == ["trace/dangling-tag"]);

    let cut = |(line, character): (u32, u32), (last, end): (u32, u32)| {
        let range = json!({
            "start": { "line": line, "character": character },
            "end": { "line": last, "character": end },
        });
        json!([{ "range": range, "text": "" }])
    };
    let (line, character) = find(TASKS, ", 9.9");
    editor.change(T, 2, cut((line, character), (line, character + 5)));
    editor.shows(T, |codes| codes.is_empty());
    // A criterion goes from one document, and the finding comes in the one beside it.
    let (line, _) = find(REQUIREMENTS, "1. WHEN a Visitor leaves");
    editor.change(R, 2, cut((line, 0), (line + 1, 0)));
    let shown = editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    assert!(shown[0]["message"].as_str().unwrap().contains("`2.1`, which does not exist"), "{shown:?}");
    editor.shows(R, |codes| !codes.is_empty());
    // The whole text, as editors without ranges send it.
    editor.change(R, 3, json!([{ "text": REQUIREMENTS }]));
    editor.shows(R, |codes| codes.is_empty());
    editor.shows(T, |codes| codes.is_empty());
    // Closed: what was shown is taken back.
    editor.change(T, 3, json!([{ "text": TASKS }]));
    editor.shows(T, |codes| codes.len() == 1);
    let uri = editor.uri(T);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    editor.shows(T, |codes| codes.is_empty());
    editor.leave();
}

#[test]
fn hover_says_story_and_criterion() {
    let (_desk, mut editor) = open();
    let mut check = |file: &str, place: (u32, u32), says: &[&str]| {
        let hover = editor.at("hover", file, place, json!({}));
        let words = hover["contents"]["value"].as_str().unwrap_or_default();
        assert!(says.iter().all(|part| words.contains(part)), "{says:?} in {words}");
        assert_eq!(words.is_empty(), says.is_empty());
    };
    check(
        T,
        on(TASKS, "1.1_"),
        &["Requirement 1: Greeting", "I want a greeting", "**1.1** WHEN a Visitor arrives"],
    );
    check(T, on(TASKS, "1.1, 1.2"), &["☑ 1.1 Create", "☑ 1.2 Test", "tests/greet_test.py:2"]);
    check(T, on(TASKS, "9.9"), &["does not exist in `greet`; the last one is `2.1`"]);
    check(T, on(TASKS, "1: Greets"), &["Property 1: Greets", "*For any* Visitor"]);
    check(T, on(TASKS, "\"2\""), &["☐ **2 Take leave"]);
    check(TESTS, on(TEST, "1.2"), &["IF the door is shut"]);
    check(TESTS, on(TEST, "1: Greets"), &["Property 1: Greets"]);
    check(R, on(REQUIREMENTS, "Greeter SHALL write bye"), &["**Greeter**: the program that writes"]);
    check(D, on(DESIGN, "#[[file:tests"), &["`tests/greet_test.py`: 10 lines"]);
    check(D, on(DESIGN, "#[[file:nowhere"), &["there is no file `nowhere.md`"]);
    check(D, on(DESIGN, "One program"), &[]);
    check("README.md", (0, 0), &[]);
    editor.leave();
}

#[test]
fn definitions_and_references_across_documents_and_tests() {
    let (_desk, mut editor) = open();
    let line = |text: &str, words: &str| find(text, words).0 + 1;
    let criterion = format!("requirements.md:{}", line(REQUIREMENTS, "1. WHEN a Visitor arrives"));
    for (file, place) in [(T, on(TASKS, "1.1_")), (D, on(DESIGN, "1.1**")), (TESTS, on(TEST, "1.1"))] {
        let found = editor.at("definition", file, place, json!({}));
        assert_eq!(lines(&editor, &found), [criterion.clone()], "{file}");
    }
    let found = editor.at("definition", T, on(TASKS, "\"1.2\""), json!({}));
    assert_eq!(lines(&editor, &found), [format!("tasks.md:{}", line(TASKS, "- [x] 1.2"))]);
    let found = editor.at("definition", D, on(DESIGN, "#[[file:tests"), json!({}));
    assert_eq!(lines(&editor, &found), ["greet_test.py:1"]);

    let found = editor.at(
        "references",
        R,
        on(REQUIREMENTS, "1. WHEN a Visitor arrives"),
        json!({ "context": { "includeDeclaration": true } }),
    );
    let expected = [
        format!("design.md:{}", line(DESIGN, "1.1**")),
        criterion,
        format!("tasks.md:{}", line(TASKS, "1.1_")),
        format!("tasks.md:{}", line(TASKS, "1.1, 1.2")),
        "greet_test.py:2".to_string(),
    ];
    assert_eq!(lines(&editor, &found), expected);
    let without = editor.at(
        "references",
        TESTS,
        on(TEST, "1.1"),
        json!({ "context": { "includeDeclaration": false } }),
    );
    assert_eq!(without.as_array().unwrap().len(), 4);
    let same = editor.at("documentHighlight", T, on(TASKS, "1.1_"), json!({}));
    assert_eq!(same.as_array().unwrap().len(), 2);
    editor.leave();
}

#[test]
fn numbers_and_terms_are_renamed_with_all_that_cites_them() {
    let (desk, mut editor) = open();
    let ready = editor.at("prepareRename", T, on(TASKS, "1.2_"), json!({}));
    assert_eq!(ready["placeholder"], "1.2");
    let edit = editor.at("rename", T, on(TASKS, "1.2_"), json!({ "newName": "1.5" }));
    let file = |editor: &Editor, edit: &Value, file, text| edited(editor, edit, file, text);
    assert!(file(&editor, &edit, R, REQUIREMENTS).contains("\n5. IF the door"));
    assert!(file(&editor, &edit, T, TASKS).contains("_Requirements: 1.1, 1.5_"));
    assert!(file(&editor, &edit, TESTS, TEST).contains("Requirements 1.5, 7.7"));
    assert_eq!(edit["documentChanges"][0]["textDocument"]["version"], 1, "{edit}");

    // From the test, and with the last number alone.
    let same = editor.at("rename", TESTS, on(TEST, "1.2"), json!({ "newName": "5" }));
    assert_eq!(same, edit);

    let edit = editor.at("rename", R, on(REQUIREMENTS, "### Requirement 1"), json!({ "newName": "7" }));
    assert!(file(&editor, &edit, R, REQUIREMENTS).contains("### Requirement 7: Greeting"));
    assert!(file(&editor, &edit, T, TASKS).contains("_Requirements: 7.1, 7.2_"));
    assert!(file(&editor, &edit, D, DESIGN).contains("Requirements 7.1**"));
    assert!(file(&editor, &edit, TESTS, TEST).contains("Requirements 7.1\n"));

    let edit = editor.at("rename", D, on(DESIGN, "### Property 1"), json!({ "newName": "4" }));
    assert!(file(&editor, &edit, D, DESIGN).contains("### Property 4: Greets"));
    assert!(file(&editor, &edit, T, TASKS).contains("**Property 4: Greets**"));
    assert!(file(&editor, &edit, TESTS, TEST).contains("Feature: greet, Property 4: Greets"));

    // Tasks are keys of a record beside them.
    desk.put(
        ".kiro/specs/greet/tasks.meta.json",
        "{\"tasks\": {\"1.2 Test the greeting\": {\"pbtStatus\": \"passed\"}}}\n",
    );
    let edit = editor.at("rename", T, on(TASKS, "- [x] 1. Greet"), json!({ "newName": "3" }));
    assert!(file(&editor, &edit, T, TASKS).contains("- [x] 3. Greet\n  - [x] 3.1 Create"));
    assert!(file(&editor, &edit, T, TASKS).contains("\"tasks\":[\"3.1\"]"));

    let edit = editor.at("rename", R, on(REQUIREMENTS, "Visitor**"), json!({ "newName": "Guest" }));
    let renamed = file(&editor, &edit, R, REQUIREMENTS);
    assert!(renamed.contains("- **Guest**: a person") && !renamed.contains("Visitor"), "{renamed}");
    assert!(file(&editor, &edit, D, DESIGN).contains("*For any* Guest,"));

    let mut refused = |file: &str, place: (u32, u32), new: &str, says: &str| {
        let mut params = editor.place(file, place);
        params["newName"] = json!(new);
        let (code, words) = editor.refused("textDocument/rename", params);
        assert_eq!(code, -32803);
        assert!(words.contains(says), "{words}");
    };
    refused(T, on(TASKS, "1.2_"), "1.1", "two things would be criterion `1.1`; give each its own number");
    refused(T, on(TASKS, "1.2_"), "", "is no number");
    refused(T, on(TASKS, "1.2_"), "one two", "is no number");
    refused(T, on(TASKS, "9.9"), "1.4", "criterion 9.9 does not exist in `greet`");
    refused(R, on(REQUIREMENTS, "Visitor**"), " ", "the new words are empty");
    let nothing = editor.at("rename", D, on(DESIGN, "One program"), json!({ "newName": "1.4" }));
    assert_eq!(nothing, Value::Null);
    editor.leave();
}

#[test]
fn quick_fixes_and_silence() {
    let desk = desk();
    let mut editor = Editor::new(&desk);
    let broken = TASKS.replace("## Overview\n\nTwo steps.\n\n", "");
    editor.open(T, &broken);
    let shown = editor.shows(T, |codes| codes.contains(&"tasks/missing-overview"));
    let overview = shown.iter().find(|one| one["code"] == "tasks/missing-overview").unwrap();
    let uri = editor.uri(T);
    let ask = |editor: &mut Editor, finding: &Value| {
        let params = json!({
            "textDocument": { "uri": uri },
            "range": finding["range"],
            "context": { "diagnostics": [finding] },
        });
        editor.ask("textDocument/codeAction", params)
    };
    let actions = ask(&mut editor, overview);
    let fix = actions.as_array().unwrap().iter().find(|one| one["isPreferred"] == true).unwrap();
    assert_eq!(fix["kind"], "quickfix");
    assert_eq!(fix["diagnostics"][0]["code"], "tasks/missing-overview");
    let fixed = edited(&editor, &fix["edit"], T, &broken);
    editor.change(T, 2, json!([{ "text": fixed }]));
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);

    // A finding that nobody can mend by rule is silenced by a comment with a reason.
    let shown = editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    let actions = ask(&mut editor, &shown[0]);
    let silence = actions.as_array().unwrap().last().unwrap();
    assert_eq!(silence["title"], "silence `trace/dangling-reference` here; the reason is for you to write");
    let silenced = edited(&editor, &silence["edit"], T, &fixed);
    let expected = "<!-- waypost: ignore trace/dangling-reference reason: -->\n- [ ] 2. Take leave";
    assert!(silenced.contains(expected), "{silenced}");
    editor.change(T, 3, json!([{ "text": silenced }]));
    editor.shows(T, |codes| codes.contains(&"check/ignore-without-reason"));
    editor.change(T, 4, json!([{ "text": silenced.replace("reason:", "reason: comes later") }]));
    editor.shows(T, |codes| codes.is_empty());
    // Only what was asked for.
    let params = json!({
        "textDocument": { "uri": uri },
        "range": shown[0]["range"],
        "context": { "diagnostics": [], "only": ["refactor"] },
    });
    assert_eq!(editor.ask("textDocument/codeAction", params), Value::Null);
    editor.leave();
}

#[test]
fn completion_of_ids_terms_properties_and_tasks() {
    let (_desk, mut editor) = open();
    let uri = editor.uri(T);
    let mut ask = |line: &str, trigger: u32| -> Vec<String> {
        let text = TASKS.replace("  - _Requirements: 2.1, 9.9_", line);
        editor.tell(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": uri, "version": 9 },
                "contentChanges": [{ "text": text }],
            }),
        );
        let (row, column) = find(&text, line);
        let place = (row, column + u32::try_from(line.chars().count()).unwrap());
        let context = json!({ "context": { "triggerKind": trigger } });
        let list = editor.at("completion", T, place, context);
        let items = list["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["textEdit"]["newText"].as_str().unwrap().to_string()).collect()
    };
    let ids = ["1", "1.1", "1.2", "2", "2.1"];
    assert_eq!(ask("  - _Requirements: ", 1), ids);
    assert_eq!(ask("  - _Requirements: ", 2), ids);
    assert_eq!(ask("  - _Requirements: 1.1, 2", 1), ["2", "2.1"]);
    assert_eq!(ask("  - _Requirements: 1.", 1), ["1.1", "1.2"]);
    assert_eq!(ask("  - **Property ", 1), ["1"]);
    assert_eq!(ask("  - _Depends: 1.", 1), ["1.1", "1.2"]);
    assert_eq!(ask("  - the Gre", 1), ["Greeter"]);
    // A blank in prose asks for nothing.
    assert!(ask("  - the ", 2).is_empty());

    // The edit takes the place of all that is written of the id.
    let list = editor.at("completion", TESTS, on(TEST, "1.2,"), json!({}));
    let item = list["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(item["label"], "1.2");
    let (line, character) = find(TEST, "1.2,");
    assert_eq!(item["textEdit"]["range"]["start"], json!({ "line": line, "character": character }));
    let known = editor.ask("completionItem/resolve", item);
    assert!(known["documentation"]["value"].as_str().unwrap().contains("IF the door is shut"));
    editor.leave();
}

#[test]
fn symbols_folding_and_colours() {
    let (_desk, mut editor) = open();
    let tree = editor.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": editor.uri(T) } }));
    let child = |tree: &Value, at: usize| tree["children"][at].clone();
    let tasks = child(&tree[0], 1);
    assert_eq!((&tree[0]["name"], &tasks["name"]), (&json!("Implementation Plan"), &json!("Tasks")));
    let first = child(&tasks, 0);
    assert_eq!((&first["name"], &first["detail"]), (&json!("1 Greet"), &json!("☑")));
    assert_eq!(child(&first, 1)["name"], "1.2 Test the greeting");
    assert_eq!(child(&tasks, 1)["detail"], "☐");

    let found = editor.ask("workspace/symbol", json!({ "query": "door is shut" }));
    assert_eq!((found.as_array().unwrap().len(), &found[0]["containerName"]), (1, &json!("greet")));

    let uri = editor.uri(T);
    let folds = editor.ask("textDocument/foldingRange", json!({ "textDocument": { "uri": uri } }));
    let line = |words: &str| find(TASKS, words).0;
    let has = |from: u32, to: u32| {
        folds.as_array().unwrap().iter().any(|one| one["startLine"] == from && one["endLine"] == to)
    };
    assert!(has(line("- [x] 1. Greet"), line("_Requirements: 1.1, 1.2_")), "{folds}");
    assert!(has(line("- [x] 1.1"), line("_Requirements: 1.1_")), "{folds}");
    assert!(has(line("```json"), line("```json") + 2), "{folds}");

    let uri = editor.uri(R);
    let tokens = editor.ask("textDocument/semanticTokens/full", json!({ "textDocument": { "uri": uri } }));
    let data: Vec<u32> = tokens["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| u32::try_from(n.as_u64().unwrap()).unwrap())
        .collect();
    let (mut row, mut column, mut words) = (0, 0, Vec::new());
    for token in data.chunks(5) {
        column = if token[0] == 0 { column + token[1] } else { token[1] };
        row += token[0];
        let line = REQUIREMENTS.lines().nth(usize::try_from(row).unwrap()).unwrap();
        let text: String = line.chars().skip(column as usize).take(token[2] as usize).collect();
        if token[3] == 0 {
            words.push(text);
        }
    }
    assert_eq!(words, ["WHEN", "SHALL", "IF", "THEN", "SHALL NOT", "WHEN", "SHALL"]);
    editor.leave();
}

#[test]
fn lenses_and_their_commands() {
    let (_desk, mut editor) = open();
    let uri = editor.uri(R);
    let lenses = editor.ask("textDocument/codeLens", json!({ "textDocument": { "uri": uri } }));
    let titles: Vec<&str> =
        lenses.as_array().unwrap().iter().map(|one| one["command"]["title"].as_str().unwrap()).collect();
    assert_eq!(
        titles,
        ["2 criteria: 2 in tasks, 2 done, 2 in tests", "1 criterion: 1 in tasks, 0 done, 0 in tests"]
    );
    let command = |lens: &Value| json!({ "command": lens["command"]["command"], "arguments": lens["command"]["arguments"] });
    let words = editor.ask("workspace/executeCommand", command(&lenses[0]));
    assert_eq!(words, "requirement 1: 2 criteria: 2 in tasks, 2 done, 2 in tests");

    let uri = editor.uri(T);
    let lenses = editor.ask("textDocument/codeLens", json!({ "textDocument": { "uri": uri } }));
    let titles: Vec<&str> =
        lenses.as_array().unwrap().iter().map(|one| one["command"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["View evidence", "View evidence", "Start task"]);
    let words = editor.ask("workspace/executeCommand", command(&lenses[0]));
    assert_eq!(words, "nothing is on record for task 1.1 of `greet`");

    // Nothing is approved, so the run refuses; the words of the refusal come back.
    assert_eq!(editor.ask("workspace/executeCommand", command(&lenses[2])), "started");
    editor.until("the end of the run", |message| {
        message["params"]["message"]
            .as_str()
            .is_some_and(|words| words.contains("task 2 of `greet` did not get done"))
    });
    let said = editor.told.last().unwrap().clone();
    assert!(said.contains("error:") && said.contains("hint:"), "{said}");

    // A task is carried out as the documents are on disk.
    editor.change(T, 2, json!([{ "text": format!("{TASKS}\nmore\n") }]));
    let (_, words) = editor.refused("workspace/executeCommand", command(&lenses[2]));
    assert_eq!(words, "`tasks.md` is not saved; a task is carried out as the documents are on disk");
    editor.leave();
}

#[test]
fn what_changes_on_disk_is_seen() {
    let (desk, mut editor) = open();
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    let is_wish = |message: &Value| message["method"] == "client/registerCapability";
    assert!(editor.seen.iter().any(is_wish), "{:?}", editor.seen);
    // A document that is not open changes behind the editor's back.
    let uri = editor.uri(R);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    let longer = format!(
        "{REQUIREMENTS}\n### Requirement 9: New\n\n#### Acceptance Criteria\n\n9. THE Greeter SHALL greet.\n"
    );
    desk.put(R, &longer);
    let changed = |editor: &mut Editor, file: &str, kind: u32| {
        let uri = editor.uri(file);
        editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": kind }] }));
    };
    changed(&mut editor, R, 2);
    editor.shows(T, |codes| codes.is_empty());
    // A test gains a tag.
    desk.put("tests/more.py", "# Feature: greet\n# Validates: Requirements 2.1\n");
    changed(&mut editor, "tests/more.py", 1);
    let context = json!({ "context": { "includeDeclaration": false } });
    let found = editor.at("references", T, on(TASKS, "2.1"), context.clone());
    assert_eq!(lines(&editor, &found).last().unwrap(), "more.py:2");
    // And goes.
    desk.take("tests/more.py");
    changed(&mut editor, "tests/more.py", 3);
    let found = editor.at("references", T, on(TASKS, "2.1"), context);
    assert_eq!(found.as_array().unwrap().len(), 1);
    // A new spec, and one that goes.
    desk.put(".kiro/specs/second/tasks.md", "- [ ] 1. A\n  - _Requirements: 8.8_\n");
    changed(&mut editor, ".kiro/specs/second/tasks.md", 1);
    editor.open(".kiro/specs/second/tasks.md", "- [ ] 1. A\n  - _Requirements: 8.8_\n");
    editor.shows(".kiro/specs/second/tasks.md", |codes| codes.contains(&"trace/dangling-reference"));
    let uri = editor.uri(".kiro/specs/second/tasks.md");
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    fs::remove_dir_all(desk.work(".kiro/specs/second")).unwrap();
    changed(&mut editor, ".kiro/specs/second/tasks.md", 3);
    editor.shows(".kiro/specs/second/tasks.md", |codes| codes.is_empty());
    // Settings count at once.
    desk.put(R, REQUIREMENTS);
    changed(&mut editor, R, 2);
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    desk.put(".kiro/settings/spec-check.toml", "[[severity]]\nrule = \"trace/*\"\nlevel = \"off\"\n");
    changed(&mut editor, ".kiro/settings/spec-check.toml", 1);
    editor.shows(T, |codes| codes.is_empty());
    // Settings that cannot be read are told, and the defaults count.
    desk.put(".kiro/settings/spec-check.toml", "[[severity]\n");
    changed(&mut editor, ".kiro/settings/spec-check.toml", 2);
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    assert!(editor.told.iter().any(|words| words.contains("spec-check.toml")), "{:?}", editor.told);
    editor.leave();
}

#[test]
fn specs_are_compared_with_each_other() {
    let (desk, mut editor) = open();
    editor.shows(R, |codes| codes.is_empty());
    // The same sentence in another spec, under other numbers.
    let copy = REQUIREMENTS.replace("Requirement 1: Greeting", "Requirement 1: Hello");
    desk.put(".kiro/specs/first/requirements.md", copy);
    let uri = editor.uri(".kiro/specs/first/requirements.md");
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 1 }] }));
    let shown = editor.shows(R, |codes| codes.iter().any(|code| code.starts_with("across/")));
    let finding = shown.iter().find(|one| one["code"].as_str().unwrap().starts_with("across/")).unwrap();
    let related = &finding["relatedInformation"][0]["location"]["uri"];
    assert!(related.as_str().unwrap().ends_with("specs/first/requirements.md"), "{finding}");
    // It moves with the text that it is about.
    let at = json!({ "line": 0, "character": 0 });
    editor.change(R, 2, json!([{ "range": { "start": at, "end": at }, "text": "<!-- x -->\n\n" }]));
    let before = finding["range"]["start"]["line"].as_u64().unwrap();
    let code = finding["code"].clone();
    let uri = editor.uri(R);
    editor.until("the finding two lines down", |message| {
        message["params"]["uri"] == json!(uri)
            && message["params"]["diagnostics"].as_array().is_some_and(|all| {
                all.iter().any(|one| {
                    one["code"] == code && one["range"]["start"]["line"].as_u64() == Some(before + 2)
                })
            })
    });
    editor.leave();
}

#[test]
fn two_folders_and_none() {
    let desk = desk();
    let second = "second/.kiro/specs/greet/tasks.md";
    desk.put(second, "- [ ] 1. Other\n  - _Requirements: 1.1_\n");
    let mut editor = Editor::silent(&desk);
    let folders = json!([
        { "uri": editor.uri("second"), "name": "second" },
        { "uri": editor.uri("third"), "name": "third" },
    ]);
    let capabilities = crate::lsp_client::full_capabilities();
    editor.ask("initialize", json!({ "capabilities": capabilities, "workspaceFolders": folders }));
    editor.tell("initialized", json!({}));
    editor.open(second, "- [ ] 1. Other\n  - _Requirements: 1.1_\n");
    editor.shows(second, |codes| codes.contains(&"trace/dangling-reference"));
    // The document of a folder that is not open is served nevertheless.
    editor.open(T, TASKS);
    editor.shows(T, |codes| codes == ["trace/dangling-reference"]);
    let hover = editor.at("hover", T, on(TASKS, "1.1_"), json!({}));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("WHEN a Visitor arrives"));
    // Both folders have a spec of that name; a command without a folder cannot say which.
    let plain = json!({ "command": "waypost.showCoverage", "arguments": ["greet", "1"] });
    let (_, words) = editor.refused("workspace/executeCommand", plain);
    assert_eq!(words, "more than one folder has a spec `greet`; name the folder");
    let root = desk.resolved("work");
    let named = json!({ "command": "waypost.showCoverage", "arguments": ["greet", "1", root] });
    assert!(editor.ask("workspace/executeCommand", named).as_str().unwrap().contains("2 criteria"));
    // A folder goes, and its documents are served by the one around it.
    let event =
        json!({ "event": { "added": [], "removed": [{ "uri": editor.uri("second"), "name": "second" }] } });
    editor.tell("workspace/didChangeWorkspaceFolders", event);
    let found = editor.ask("workspace/symbol", json!({ "query": "task 2" }));
    assert_eq!(found.as_array().unwrap().len(), 1);
    editor.leave();

    // No folder at all: the working directory, because there are specs in it.
    let mut editor = Editor::silent(&desk);
    editor.ask("initialize", json!({ "capabilities": {}, "rootUri": null }));
    editor.tell("initialized", json!({}));
    let found = editor.ask("workspace/symbol", json!({ "query": "door is shut" }));
    assert_eq!(found.as_array().unwrap().len(), 1);
    // An editor that takes no trees gets a list.
    let uri = editor.uri(T);
    let list = editor.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
    assert!(list[0]["location"]["range"].is_object(), "{list}");
    editor.leave();
}

#[test]
fn progress_is_begun_and_ended() {
    let (_desk, mut editor) = open();
    let kind = |message: &Value| message["params"]["value"]["kind"].as_str().map(str::to_string);
    // Reading may be over before the editor agreed; then nothing is shown.
    editor.until("the question about progress", |message| {
        message["method"] == "window/workDoneProgress/create"
    });
    editor.ask("workspace/symbol", json!({ "query": "" }));
    editor.shows(T, |codes| codes.len() == 1);
    let kinds: Vec<String> = editor.seen.iter().filter_map(kind).collect();
    assert!(kinds.is_empty() || kinds[0] == "begin", "{kinds:?}");
    editor.leave();
}
