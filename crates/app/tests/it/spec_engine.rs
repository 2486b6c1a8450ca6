//! The commands around documents, driven from outside: check, lint, rules, graph, edit, trace, drift, import, export. What
//! they find is tested in the rooms below.

use serde_json::{Value, json};

use crate::harness::{Desk, PLAN, REQUIREMENTS};

const TEST: &str = "// Validates: Requirements 1.1\n#[test]\nfn greets() {\n    assert!(true);\n}\n";

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    desk.put(".kiro/specs/greet/tasks.md", PLAN);
    desk.put("tests/greet.rs", TEST);
    desk
}

#[test]
fn check_holds_the_line() {
    let desk = desk();
    desk.put(".kiro/specs/greet/tasks.md", PLAN.replace("_Requirements: 1.1", "_Requirements: 9.9"));
    desk.check(&["spec", "check"], 1, &["cites `9.9`, which does not exist", "trace/dangling-reference"]);
    desk.check(&["spec", "check", "--update-ratchet"], 0, &["known findings"]);
    desk.check(&["spec", "check"], 0, &["0 new"]);
    desk.put(".kiro/specs/other/requirements.md", REQUIREMENTS);
    desk.put(".kiro/specs/other/tasks.md", "- [ ] 1. A\n  - _Requirements: 3.3_\n");
    desk.check(&["spec", "check"], 1, &[".kiro/specs/other/tasks.md"]).never_says(&["`9.9`"]);
    desk.put(".kiro/settings/spec-check.ratchet.json", "{");
    desk.check(&["spec", "check"], 2, &["cannot be read", "--update-ratchet"]);
}

#[test]
fn findings_in_every_format() {
    let desk = desk();
    desk.put(".kiro/specs/greet/tasks.md", "- [ ] 1. A\n  - _Requirements: 9.9_\n");
    let sarif = desk.waypost(&["spec", "check", "--all", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&sarif.exits(1).out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(
        sarif["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["ruleId"] == "trace/dangling-reference")
    );
    let junit = desk.waypost(&["spec", "check", "--format", "junit"]);
    assert!(junit.exits(1).out.contains("<testsuite name=\"greet\""), "{}", junit.out);
    desk.check(&["spec", "check", "--format", "markdown"], 1, &["9.9"]);
    let json = desk.waypost(&["--json", "spec", "check", "--all"]).exits(1).document();
    assert!(json["findings"].as_array().unwrap().iter().all(|one| one["line"].as_u64() > Some(0)), "{json}");
    desk.check(&["spec", "check", "--format", "sarif", "-o", "out.sarif"], 1, &["1 error"]);
    assert!(desk.text("out.sarif").contains("2.1.0"));
}

#[test]
fn settings_silence_with_a_reason_and_mistakes_are_named() {
    let desk = desk();
    desk.put(".kiro/specs/greet/tasks.md", "- [ ] 1. A\n  - _Requirements: 9.9_\n");
    desk.put(".kiro/settings/spec-check.toml", "[[ignore]]\nrule = \"*\"\nreason = \"old\"\n");
    desk.check(&["spec", "check"], 0, &["0 errors"]);
    desk.put(
        ".kiro/settings/spec-check.toml",
        "[[ignore]]\nrule = \"trace/danglin-reference\"\nreason = \"x\"\n",
    );
    desk.check(&["spec", "check"], 2, &["did you mean `trace/dangling-reference`?"]);
}

#[test]
fn rules_explain_themselves() {
    let desk = Desk::new();
    desk.check(
        &["spec", "rules"],
        0,
        &["requirements/missing-title", "conflict/proved", "glossary/undefined-term"],
    );
    desk.check(&["spec", "rules", "conflict/proved"], 0, &["To mend it:", "To silence it:"]);
    desk.check(&["spec", "rules", "conflict/prooved"], 2, &["did you mean `conflict/proved`?"]);
}

#[test]
fn lint_mends_what_is_safe() {
    let desk = desk();
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS.replace("# Requirements Document\n\n", ""));
    desk.check(
        &["spec", "lint", "greet", "--fix", "--dry-run"],
        0,
        &["+# Requirements Document", "nothing was written"],
    );
    desk.check(&["spec", "lint", "greet", "--fix"], 0, &["written and recorded"]);
    assert!(desk.text(".kiro/specs/greet/requirements.md").contains("# Requirements Document"));
    desk.check(&["audit", "verify"], 0, &[]);
}

#[test]
fn the_graph_is_shown_and_repaired() {
    let desk = desk();
    let tasks = "# Implementation Plan: A\n\n## Tasks\n\n- [ ] 1. Create `src/a.rs`\n- [ ] 2. Create `src/a.rs` again\n\n## Task Dependency Graph\n\n```json\n{\"waves\": [[\"1\", \"2\"], [\"7\"]]}\n```\n";
    desk.put(".kiro/specs/greet/tasks.md", tasks);
    desk.check(&["spec", "graph"], 0, &["`7`", "--repair"]);
    desk.check(&["spec", "graph", "--repair"], 0, &["written and recorded"]);
    let mended = desk.text(".kiro/specs/greet/tasks.md");
    assert!(mended.contains("{ \"id\": 1, \"tasks\": [\"2\"] }") && !mended.contains("\"7\""), "{mended}");
}

#[test]
fn references_follow_an_edit() {
    let desk = desk();
    desk.check(
        &["spec", "edit", "insert", "criteria", "1", "THE Greeter SHALL start."],
        0,
        &["criterion 1.1 is now 1.2"],
    );
    assert!(desk.text("tests/greet.rs").contains("Requirements 1.2"));
    let before = desk.text(".kiro/specs/greet/tasks.md");
    desk.check(&["spec", "edit", "tick", "1"], 0, &["stands on no evidence"]);
    let after = desk.text(".kiro/specs/greet/tasks.md");
    assert_eq!(before.bytes().zip(after.bytes()).filter(|(a, b)| a != b).count(), 1);
    desk.check(&["spec", "edit", "remove", "9.9"], 2, &["no criterion `9.9`"]);
    desk.check(&["spec", "edit", "rename", "term:Greeter", "Host", "-n"], 0, &["nothing was written"]);
    assert!(!desk.text(".kiro/specs/greet/requirements.md").contains("Host"));
}

#[test]
fn the_trace_goes_from_criterion_to_result_and_back() {
    let desk = desk();
    let junit = "<testsuites><testsuite name=\"greet\"><testcase name=\"greets\" classname=\"greet\"/></testsuite></testsuites>";
    desk.put("junit.xml", junit);
    desk.check(
        &["spec", "why", "1.1", "--results", "junit.xml"],
        0,
        &["criterion greet#1.1", "test tests/greet.rs greets"],
    );
    desk.check(&["spec", "impact", "tests/greet.rs:3"], 0, &["criterion greet#1.1"]);
    desk.check(&["spec", "impact", "tests/none.rs:3"], 2, &["there is no file"]);
    desk.check(&["spec", "why", "9.9"], 2, &["nothing is called `9.9`"]);
    desk.check(&["spec", "gaps"], 0, &["no gaps"]);
    desk.put(".kiro/specs/greet/tasks.md", "- [ ] 1. A\n  - _Requirements: 1.1_\n");
    desk.check(&["spec", "gaps"], 0, &["1 criteria without a task", "criterion greet#1.2"]);
    let trace = desk.waypost(&["--json", "spec", "trace"]).exits(0).document();
    assert_eq!(trace["specs"][0]["criteria"][0]["id"], json!("1.1"));
    for (format, text) in [("html", "<!doctype html>"), ("reqif", "<REQ-IF"), ("needs", "\"needs\"")] {
        let ran = desk.waypost(&["spec", "trace", "--format", format]);
        assert!(ran.exits(0).out.to_lowercase().contains(&text.to_lowercase()), "{format}: {}", ran.out);
    }
}

#[test]
fn a_spec_gets_another_name_everywhere() {
    let desk = desk();
    let tagged = "// Feature: greet, Property 1\n// Task: greet#1\n// see .kiro/specs/greet/design.md and specs/greeting\n#[test]\nfn x() {}\n";
    desk.put("tests/tagged.rs", tagged);
    desk.put("docs/notes.md", "The spec is in `.kiro/specs/greet/`; greet people.\n");
    desk.put(".kiro/steering/house.md", "See #[[file:.kiro/specs/greet/requirements.md]].\n");
    desk.put(".kiro/specs/other/requirements.md", REQUIREMENTS);
    desk.put(
        ".kiro/specs/other/tasks.md",
        "- [ ] 1. As in .kiro/specs/greet/tasks.md\n  - _Requirements: 9.9_\n",
    );
    desk.put(".kiro/specs/greet/tasks.md", PLAN.replace("_Requirements: 1.1", "_Requirements: 9.9"));
    desk.check(&["spec", "approve", "greet", "--yes"], 0, &[]);
    desk.check(&["spec", "check", "--update-ratchet"], 0, &[]);
    let before = desk.everything();
    desk.check(
        &["spec", "rename", "greet", "welcome", "--dry-run"],
        0,
        &[
            "-// Feature: greet, Property 1",
            "+// Feature: welcome, Property 1",
            ".kiro/specs/greet → .kiro/specs/welcome",
            "nothing was written",
        ],
    );
    assert!(desk.everything() == before);
    let ran = desk.waypost(&["--json", "spec", "rename", "greet", "welcome"]);
    let change = ran.exits(0).document();
    assert_eq!(change["moved"], json!([".kiro/specs/greet", ".kiro/specs/welcome"]), "{change}");
    assert_eq!(change["written"], true);
    assert!(!desk.has(".kiro/specs/greet") && desk.has(".kiro/specs/welcome/tasks.md"));
    assert_eq!(
        desk.text("tests/tagged.rs"),
        tagged.replace("greet,", "welcome,").replace("greet#1", "welcome#1").replace("greet/", "welcome/")
    );
    assert_eq!(desk.text("docs/notes.md"), "The spec is in `.kiro/specs/welcome/`; greet people.\n");
    assert!(desk.text(".kiro/steering/house.md").contains("specs/welcome/requirements.md"));
    assert!(desk.text(".kiro/specs/other/tasks.md").contains("specs/welcome/tasks.md"));
    // What was approved stays approved, what was known stays known, and the record is whole.
    desk.check(&["spec", "status", "welcome"], 0, &["approved by tester"]).never_says(&["changed since"]);
    desk.check(&["spec", "check"], 0, &["0 new"]);
    desk.check(&["audit", "verify"], 0, &[]);
    // Another spec of the old name begins with nothing.
    desk.put(".kiro/specs/greet/requirements.md", REQUIREMENTS);
    desk.put(".kiro/specs/greet/tasks.md", PLAN.replace("_Requirements: 1.1", "_Requirements: 9.9"));
    desk.check(&["spec", "status", "greet"], 0, &["not approved"]);
    let before = desk.everything();
    desk.check(&["spec", "rename", "welcome", "greet"], 2, &["`.kiro/specs/greet` exists already"]);
    for odd in ["", ".x", "a/b", "a:b", "a b", "README", "welcome", "ü*"] {
        assert_eq!(desk.waypost(&["spec", "rename", "welcome", odd]).code, 2, "{odd}");
    }
    desk.check(&["spec", "rename", "nothing", "x"], 2, &["there is no spec `nothing`"]);
    assert!(desk.everything() == before);
    // And back under its first name.
    desk.check(&["spec", "rename", "greet", "third"], 0, &[]);
    desk.check(&["spec", "rename", "welcome", "greet"], 0, &["written and recorded"]);
    desk.check(&["spec", "status", "greet"], 0, &["approved by tester"]);
    desk.check(&["spec", "status", "third"], 0, &["not approved"]);
}

#[test]
fn a_single_file_is_renamed_as_a_file() {
    let desk = Desk::new();
    desk.put(".kiro/specs/greet.md", crate::harness::SINGLE);
    desk.put("tests/a.rs", "// @spec greet\n// Task: greet#1\n");
    desk.check(&["spec", "rename", "greet", "hello"], 0, &[".kiro/specs/greet.md → .kiro/specs/hello.md"]);
    assert!(desk.has(".kiro/specs/hello.md") && !desk.has(".kiro/specs/greet.md"));
    assert!(desk.text("tests/a.rs").contains("Task: hello#1"), "{}", desk.text("tests/a.rs"));
    desk.put(".kiro/specs/other/tasks.md", "- [ ] 1. A\n");
    desk.check(&["spec", "rename", "hello", "other"], 2, &["exists already"]);
}

#[test]
fn gaps_stand_where_they_are_in_sarif() {
    let desk = desk();
    desk.put(".kiro/specs/greet/tasks.md", "- [ ] 1. A\n  - _Requirements: 1.1_\n");
    desk.put("tests/other.rs", "\n\n// Validates: Requirements 7.7\n#[test]\nfn x() {}\n");
    let ran = desk.waypost(&["spec", "trace", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&ran.exits(0).out).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let place = |rule: &str| {
        let found =
            results.iter().find(|one| one["ruleId"] == rule).unwrap_or_else(|| panic!("{rule}: {log:#}"));
        let place = &found["locations"][0]["physicalLocation"];
        json!([place["artifactLocation"]["uri"], place["region"]["startLine"]])
    };
    assert_eq!(place("gaps/no-task"), json!([".kiro/specs/greet/requirements.md", 20]));
    assert_eq!(place("gaps/loose-tag"), json!(["tests/other.rs", 3]));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "gaps/no-task"), "{rules:?}");
    desk.check(&["spec", "trace", "greet", "--format", "sarif", "-o", "gaps.sarif"], 0, &["wrote"]);
    assert!(desk.text("gaps.sarif").contains("gaps/no-task"));
    assert!(!desk.text("gaps.sarif").contains("tests/other.rs"), "what belongs to no spec");
    for format in ["text", "json", "html", "sarif", "reqif", "needs"] {
        desk.check(&["spec", "trace", "--help"], 0, &[format]);
    }
}

#[test]
fn drift_is_found_and_accepted() {
    let desk = desk();
    desk.git(&["init", "-q"]);
    desk.put("src/store.rs", "pub fn keep() -> u32 {\n    1\n}\n");
    let tasks =
        "# Implementation Plan: A\n\n## Tasks\n\n- [ ] 1. Write `src/store.rs`\n  - _Requirements: 1.1_\n";
    desk.put(".kiro/specs/greet/tasks.md", tasks);
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-qm", "begin"]);
    desk.put(".kiro/specs/greet/tasks.md", tasks.replace("[ ]", "[x]"));
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-qm", "done"]);
    desk.check(&["spec", "drift"], 0, &["no drift"]);
    desk.take("src/store.rs");
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-qm", "remove the store"]);
    desk.check(&["spec", "drift"], 1, &["dead reference", "src/store.rs", "remove the store"]);
    desk.check(&["spec", "accept", "greet", "--why", "moved to a service"], 0, &["written and recorded"]);
    assert!(desk.text(".kiro/specs/greet/accepted.json").contains("moved to a service"));
    desk.check(&["spec", "drift"], 0, &["no drift"]);
}

#[test]
fn specs_of_other_tools_come_and_go() {
    let desk = desk();
    desk.check(&["spec", "export", "greet", "--to", "spec-kit", "--into", "out"], 0, &[]);
    assert!(desk.has("out/specs/greet/spec.md"));
    desk.check(&["spec", "import", "out/specs/greet", "--name", "again"], 0, &["written and recorded"]);
    assert!(desk.text(".kiro/specs/again/requirements.md").contains("SHALL write hello"));
    desk.check(&["spec", "import", "out/specs/greet", "--name", "again"], 2, &["exists already"]);
    desk.check(&["spec", "import", "tests", "--name", "x"], 2, &["--from spec-kit"]);
}
