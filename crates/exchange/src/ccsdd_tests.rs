//! A spec folder of cc-sdd taken in, and every real spec sent there and back.

use super::*;
use crate::specs::proof;
use proptest::prelude::*;

const REQUIREMENTS: &str = "# Requirements Document\n\n## Introduction\n変換の依頼を扱う。\n\n## Boundary Context (Optional)\n\
- **In scope**: 依頼\n\n## Requirements\n\n### Requirement 1: 受付\n<!-- numbers only -->\n**Objective:** 利用者として、依頼したい\n\n\
#### Acceptance Criteria\n1. When 依頼したとき, the system shall 待機列へ\n   追加する\n2. The system shall 番号を返す\n";

const TASKS: &str = "# Implementation Plan\n\n- [ ] 1. 受付を作る\n- [x] 1.1 (P) Write the queue\n  - keeps order\n  - _Requirements: 1.1_\n  - _Boundary: Queue_\n\n\
- [ ] 1.2 (P) Write the counter\n  - _Requirements:_ 1.2\n  - _Depends: 1.1_\n\n- [ ]* 1.3 Test it\n  - _Requirements: All requirements need it_\n\n- [ ] 2. (P) Document it\n";

fn files() -> Vec<File> {
    let file = |name: &str, text: &str| (format!(".kiro/specs/encoding/{name}"), text.as_bytes().to_vec());
    let state = r#"{"feature_name":"encoding","language":"ja","phase":"implemented","approvals":{"requirements":{"generated":true,"approved":true},"tasks":{"generated":true,"approved":false}}}"#;
    let design = "# Design\n\n## Overview\nA queue.\n\n## Architecture\nOne.\n\n## System Flows\nNone.\n";
    vec![
        file("spec.json", state),
        file("requirements.md", REQUIREMENTS),
        file("design.md", design),
        file("tasks.md", TASKS),
        file("research.md", "found"),
    ]
}

#[test]
fn a_folder_becomes_a_spec() {
    let files = files();
    assert_eq!(crate::specs::detect(&files), Some(crate::specs::Kind::CcSdd));
    let import = import("encoding", &files);
    proof::valid(&import.documents);
    let frames = ["**Objective:**", "- [x] 1.1 (P)", "- [ ] 1.2 (P)", "- [ ] 2. (P)", "_Requirements:_ 1.2"];
    proof::is_accounted(&files, &import, &frames);
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap()).unwrap();
    let requirements = text(&import.documents.requirements);
    let has = |words: &str| assert!(requirements.contains(words), "{words:?}\n{requirements}");
    has(
        "### Requirement 1: 受付\n\n**User Story:** 利用者として、依頼したい\n\n#### Acceptance Criteria\n\n1. When 依頼したとき, the system shall 待機列へ 追加する\n",
    );
    has("**Boundary Context (Optional)**\n\n- **In scope**: 依頼\n");
    let tasks = text(&import.documents.tasks);
    let has = |words: &str| assert!(tasks.contains(words), "{words:?}\n{tasks}");
    has(
        "- [ ] 1. 受付を作る\n  - [x] 1.1 Write the queue\n    - keeps order\n    - _Boundary: Queue_\n    - _Requirements: 1.1_\n",
    );
    has(
        "  - [ ] 1.2 Write the counter\n    - _Depends: 1.1_\n    - _Requirements: 1.2_\n  - [ ]* 1.3 Test it\n    - _Requirements: All_\n- [ ] 2. Document it\n",
    );
    has(
        "{ \"id\": 0, \"tasks\": [\"1.1\", \"1.2\"] },\n    { \"id\": 1, \"tasks\": [\"1.3\"] },\n    { \"id\": 2, \"tasks\": [\"2\"] }",
    );
    let design = text(&import.documents.design);
    assert!(
        design.starts_with("# Design\n\n## Overview\nA queue.\n") && design.contains("\n## Data Models\n"),
        "{design}"
    );
    let names: Vec<&str> = import.beside.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["spec.json", "research.md"]);
    let losses: Vec<String> = import
        .losses
        .iter()
        .map(|loss| format!("{} -> {}", loss.what, loss.kept_as.as_deref().unwrap_or("-")))
        .collect();
    let expected = [
        "## Boundary Context (Optional) -> the notes",
        "<!-- numbers only --> -> -",
        "- _Requirements: All requirements need it_ -> -",
        "requirements approved -> spec.json",
        "phase \"implemented\" -> spec.json",
        "language \"ja\" -> spec.json",
    ];
    assert_eq!(losses, expected);
}

#[test]
fn the_state_says_what_there_is() {
    let import = import("encoding", &files());
    let export = export(&import.documents);
    let (_, bytes) = export.files.iter().find(|(path, _)| path == ".kiro/specs/encoding/spec.json").unwrap();
    let state: Value = serde_json::from_slice(bytes).unwrap();
    assert_eq!(state.pointer("/language"), Some(&json!("ja")));
    assert_eq!(state.pointer("/phase"), Some(&json!("tasks-generated")));
    assert_eq!(state.pointer("/approvals/design"), Some(&json!({ "generated": true, "approved": false })));
    let (_, tasks) = export.files.iter().find(|(path, _)| path.ends_with("tasks.md")).unwrap();
    let tasks = String::from_utf8_lossy(tasks);
    assert!(
        tasks.contains("- [ ] 1. 受付を作る\n- [x] 1.1 (P) Write the queue\n  - keeps order\n"),
        "{tasks}"
    );
}

#[test]
fn every_real_spec_comes_back() {
    let (mut specs, mut criteria, mut tasks) = (0, 0, 0);
    for documents in proof::corpus() {
        let (c, t) = proof::comes_back(&documents, export, import, true);
        proof::is_exported(&documents, &export(&documents));
        specs += 1;
        criteria += c;
        tasks += t;
    }
    println!("{specs} specs, {criteria} criteria and {tasks} tasks came back");
}

proptest! {
    #[test]
    fn any_bytes_are_taken_in(state in proptest::collection::vec(any::<u8>(), 0..60), tasks in proptest::collection::vec(any::<u8>(), 0..200)) {
        let files = [("a/spec.json".to_string(), state), ("a/tasks.md".to_string(), tasks)];
        let import = import("a", &files);
        let export = export(&import.documents);
        prop_assert!(!export.files.is_empty());
    }
}
