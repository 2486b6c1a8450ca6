//! Kiro's documents read and written again.

use super::*;
use crate::specs::to_kiro;

pub(crate) const REQUIREMENTS: &str = "# Requirements Document\n\n## Introduction\n\nLimits for keys.\n\n## Glossary\n\n\
- **Key**: what a caller sends\n\n## Requirements\n\n### Requirement 1: Limit\n\n**User Story:** As a caller, I want limits, \
so that I know them\n\nSee the policy.\n\n#### Acceptance Criteria\n\n1. WHEN a key has 60 requests THE system SHALL refuse\n\
2. WHEN a minute is over\n   THE system SHALL forget\n\n### Requirement 2: Log\n\n**User Story:** As an operator, I want logs\n\n\
#### Acceptance Criteria\n\n1. THE system SHALL log\n\n## Out of Scope\n\n- billing\n";

pub(crate) const TASKS: &str = r#"# Implementation Plan: Rate limit

## Overview

Bottom-up.

## Tasks

- [x] 1. Store
  - [x] 1.1 Write `src/store.rs`
    - in memory
      - with a map
    ```rust
    fn a() {}
    ```
    - _Requirements: 1.1, 1.2_
  - [-] 1.2 Wire it
    - _Depends: 1.1_
    - _Requirements: 2_
  - [ ]* 1.3 Test it
- [ ] 2. Checkpoint - all green

## Notes

- ask before deleting

## Task Dependency Graph

```json
{ "waves": [ { "id": 0, "tasks": ["1.1"] }, { "id": 1, "tasks": ["1.2", "1.3"] }, { "id": 2, "tasks": ["2"] } ] }
```
"#;

pub(crate) fn documents() -> SpecDocuments {
    SpecDocuments {
        name: "rate-limit".to_string(),
        requirements: Some(REQUIREMENTS.as_bytes().to_vec()),
        tasks: Some(TASKS.as_bytes().to_vec()),
        ..SpecDocuments::default()
    }
}

#[test]
fn a_spec_comes_back_as_it_was() {
    let (feature, losses) = read(&documents());
    let shown: Vec<String> = losses.iter().map(|loss| format!("{}: {:?}", loss.what, loss.kept_as)).collect();
    assert_eq!(shown, ["## Out of Scope: Some(\"the notes\")"]);
    let import = to_kiro::write(feature, Vec::new());
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap()).unwrap();
    let expected = REQUIREMENTS
        .replace("is over\n   THE", "is over THE")
        .replace("## Out of Scope\n\n- billing", "## Imported Notes\n\n**Out of Scope**\n\n- billing");
    assert_eq!(text(&import.documents.requirements), expected);
    let expected = TASKS.replace(
        "{ \"waves\": [ { \"id\": 0, \"tasks\": [\"1.1\"] }, { \"id\": 1, \"tasks\": [\"1.2\", \"1.3\"] }, { \"id\": 2, \"tasks\": [\"2\"] } ] }",
        "{\n  \"waves\": [\n    { \"id\": 0, \"tasks\": [\"1.1\"] },\n    { \"id\": 1, \"tasks\": [\"1.2\", \"1.3\"] },\n    { \"id\": 2, \"tasks\": [\"2\"] }\n  ]\n}",
    );
    assert_eq!(text(&import.documents.tasks), expected);
    assert_eq!(import.losses, []);
}

#[test]
fn a_bug_and_a_single_file() {
    let bug = SpecDocuments {
        bugfix: Some(b"# Bugfix Requirements Document\n\n## Introduction\n\nX.\n\n## Bug Analysis\n\n### Current Behavior (Defect)\n\n1.1 WHEN a THEN b\n\n### Expected Behavior (Correct)\n\n2.1 WHEN a THEN c\n\n### Unchanged Behavior (Regression Prevention)\n\n3.1 WHEN d THEN e\n".to_vec()),
        ..SpecDocuments::default()
    };
    let (feature, losses) = read(&bug);
    assert_eq!(losses, []);
    let import = to_kiro::write(feature, losses);
    assert_eq!(import.documents.bugfix, bug.bugfix);
    assert_eq!(import.losses, []);

    let single = SpecDocuments {
        name: "limit".to_string(),
        shape: Shape::Single,
        single: Some(b"# Feature: Limit\n\nWhy.\n\n## Requirements\n\n1. refuse\n2. forget\n\n## Constraints\n\n- no lock\n\n## Tasks\n\n- [ ] 1. Do\n  - _Requirements: 2_\n".to_vec()),
        ..SpecDocuments::default()
    };
    let (feature, _) = read(&single);
    assert_eq!(feature.title, "Limit");
    let import = to_kiro::write(feature, Vec::new());
    let tasks = String::from_utf8(import.documents.tasks.unwrap()).unwrap();
    assert!(tasks.contains("_Requirements: 1.2_"), "{tasks}");
}

#[test]
fn hostile_lines_stay_in_their_section() {
    let check = |lines: &[&str], expected: &[&str]| {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(to_kiro::prose(&lines), expected);
    };
    check(&["# A", "## ", "#tag", "text"], &["**A**", "#tag", "text"]);
    check(&["- [ ] 1. task", "  * [x] y", "- [a](b)"], &["- \\[ ] 1. task", "  * \\[x] y", "- [a](b)"]);
    check(&["```", "# code", "- [ ] x"], &["```", "# code", "- [ ] x", "```"]);
    check(&["- ~~~~", "~~~", "~~~~"], &["- ~~~~", "~~~", "~~~~"]);
    check(&["a <!-- b"], &["a \\<!-- b"]);
}

#[test]
fn every_real_spec_stays_what_it_is() {
    for documents in crate::specs::proof::corpus() {
        let (feature, losses) = read(&documents);
        let import = to_kiro::write(feature, losses);
        crate::specs::proof::valid(&import.documents);
        let words = |documents: &SpecDocuments| -> Vec<String> {
            Reading::of(documents.clone()).criteria().map(|(_, c)| one_line(&c.text)).collect()
        };
        assert_eq!(words(&import.documents), words(&documents), "{}", documents.name);
        let titles = |bytes: &Option<Vec<u8>>| -> Vec<String> {
            let read = bytes.as_deref().map(spec::Tasks::parse).unwrap_or_default();
            read.tasks.iter().map(|task| format!("{:?} {}", task.state, one_line(&task.title))).collect()
        };
        assert_eq!(titles(&import.documents.tasks), titles(&documents.tasks), "{}", documents.name);
    }
}
