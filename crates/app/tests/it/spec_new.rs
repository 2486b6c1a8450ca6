//! `spec new`: what it writes for every kind and shape, from a sentence, a file, or a model's draft.

use serde_json::json;

use crate::harness::{Desk, REQUIREMENTS, ends, recording, turn};

/// Starts a spec from the template and checks which files it wrote and that nobody finds fault with them.
#[track_caller]
fn check(flags: &[&str], files: &[&str]) {
    let desk = Desk::new();
    let arguments =
        [&["spec", "new", "limit requests per key", "--template", "--name", "limit"], flags].concat();
    desk.check(&arguments, 0, &["next: read and edit it, then: waypost spec plan limit"]);
    let written: Vec<String> = desk
        .everything()
        .keys()
        .map(|path| path.strip_prefix(desk.work(".kiro/specs")).unwrap().display().to_string())
        .collect();
    assert_eq!(written, files, "{flags:?}");
    for file in files {
        let text = desk.text(&format!(".kiro/specs/{file}"));
        assert!(text.ends_with('\n') || file.ends_with(".kiro"), "{file}");
        assert!(!text.contains("{{"), "{file}");
    }
    let status = desk.waypost(&["--json", "spec", "status", "limit"]).document();
    assert_eq!(status["problems"], json!([]), "{flags:?}");
}

#[test]
fn every_kind_from_the_template() {
    check(&[], &["limit/.config.kiro", "limit/requirements.md"]);
    check(&["--kind", "bugfix"], &["limit/.config.kiro", "limit/bugfix.md"]);
    check(&["--kind", "design-first"], &["limit/.config.kiro", "limit/design.md", "limit/requirements.md"]);
    check(
        &["--kind", "quick"],
        &["limit/.config.kiro", "limit/design.md", "limit/requirements.md", "limit/tasks.md"],
    );
    check(&["--single"], &["limit.md"]);
    check(&["--single", "--kind", "bugfix"], &["limit.md"]);
}

#[test]
fn the_sentence_is_in_it_and_names_it() {
    let desk = Desk::new();
    desk.check(&["spec", "new", "Limit requests per API key", "--template"], 0, &[]);
    let names = desk.waypost(&["--json", "spec", "list"]).document();
    let name = names[0]["spec"].as_str().unwrap().to_string();
    assert!(name.contains("limit-requests"), "{name}");
    let requirements = desk.text(&format!(".kiro/specs/{name}/requirements.md"));
    assert!(
        requirements.contains("Limit requests per API key") && requirements.contains("SHALL"),
        "{requirements}"
    );
    assert_eq!((&names[0]["approved"], &names[0]["done"]), (&json!(false), &json!(0)));
}

#[test]
fn from_a_file() {
    let desk = Desk::new();
    desk.put("notes.md", "# Limits\n\nNobody may ask more than 60 times a minute.\n");
    desk.check(&["spec", "new", "--from", "notes.md", "--name", "limits", "--template"], 0, &[]);
    assert!(desk.text(".kiro/specs/limits/requirements.md").contains("60 times a minute"));
    desk.check(&["spec", "new", "--from", "none.md", "--template"], 2, &["none.md` cannot be read"]);
    desk.put("latin.md", b"gr\xfc\xdfe");
    desk.check(&["spec", "new", "--from", "latin.md", "--template"], 2, &["latin.md` is not UTF-8 text"]);
    desk.put("empty.md", "\n");
    desk.check(
        &["spec", "new", "--from", "empty.md", "--template"],
        2,
        &["there is no description", "hint: "],
    );
}

#[test]
fn names_that_cannot_be_and_names_that_are_taken() {
    let desk = Desk::new();
    for name in ["../out", ".hidden", "a/b", "a b", ""] {
        desk.check(&["spec", "new", "x", "--template", "--name", name], 2, &["cannot name a spec"]);
    }
    desk.check(&["spec", "new", "x", "--template", "--name", "taken"], 0, &[]);
    let before = desk.everything();
    desk.check(
        &["spec", "new", "y", "--template", "--name", "taken"],
        2,
        &["the spec `taken` exists", "--name"],
    );
    desk.check(
        &["spec", "new", "y", "--template", "--name", "taken", "--single"],
        2,
        &["the spec `taken` exists"],
    );
    assert!(desk.everything() == before);
}

#[test]
fn without_any_model_it_is_the_template_and_that_is_said() {
    let desk = Desk::new();
    desk.check(&["spec", "new", "limit requests"], 0, &["no model is configured"]);
}

#[test]
fn a_model_drafts_it_and_changes_nothing_else() {
    let desk = Desk::new();
    let requirements = json!({
        "introduction": "The program greets.",
        "glossary": [{"name": "Greeter", "definition": "the program"}],
        "requirements": [{
            "title": "Greeting",
            "user_story": "As a visitor, I want a greeting, so that I feel seen.",
            "criteria": ["WHEN the Greeter starts, THE Greeter SHALL write hello."]
        }]
    });
    let bare = json!({"introduction": "x", "requirements": []});
    let model = recording(
        &desk,
        &[(
            "Write the spec `greet`",
            vec![
                turn(
                    "First a look, and a try at more.",
                    &[("write", json!({"path": "evil.txt", "content": "x"}))],
                ),
                turn("", &[("submit_spec", bare)]),
                turn("", &[("submit_spec", requirements)]),
                ends("Done."),
            ],
        )],
    );
    let ran = desk.waypost(&["--json", "spec", "new", "greet people", "--name", "greet", "--model", &model]);
    ran.exits(0);
    assert_eq!(ran.of_type("spec_written")[0]["files"][0], ".kiro/specs/greet/requirements.md");
    let results = ran.of_type("result");
    assert!(results[0]["text"].as_str().unwrap().contains("there is no tool `write`"), "{results:?}");
    assert!(results[1]["text"].as_str().unwrap().contains("there is no requirement"), "{results:?}");
    assert!(
        desk.text(".kiro/specs/greet/requirements.md")
            .contains("1. WHEN the Greeter starts, THE Greeter SHALL write hello.")
    );
    assert!(!desk.has("evil.txt"));
}

#[test]
fn a_draft_that_never_comes_leaves_nothing() {
    let desk = Desk::new();
    let model = recording(&desk, &[("", vec![ends("I would rather not.")])]);
    desk.check(&["spec", "new", "greet", "--model", &model], 1, &["submit_spec", "nothing was written"]);
    assert!(desk.everything().is_empty());
}

#[test]
fn a_spec_that_kiro_made_is_listed_like_ours() {
    let desk = Desk::new();
    desk.put(".kiro/specs/theirs/requirements.md", REQUIREMENTS);
    desk.put(".kiro/specs/README.md", "About these specs.\n");
    desk.check(&["spec", "list"], 0, &["theirs", "0/0"]).never_says(&["README"]);
    desk.check(&["spec", "status"], 0, &["no plan yet; next: waypost spec plan theirs"]);
}
