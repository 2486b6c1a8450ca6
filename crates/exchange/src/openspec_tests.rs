//! A change and a capability of OpenSpec taken in, and every real spec sent there and back.

use super::*;
use crate::specs::proof;
use proptest::prelude::*;

const PROPOSAL: &str = "# Change: Second factor\n\n## Why\n\nPasswords leak.\n\n## What Changes\n\n- a one-time code\n\n\
## Impact\n\n- Affected specs: auth\n";

const DELTA: &str = r#"## ADDED Requirements

### Requirement: One-time code
The system SHALL ask for a second factor
at every sign-in.

The code is sent by mail.

#### Scenario: Code is right
- **WHEN** the password is right
- **AND** the code is right:
  - six digits
- **THEN** the person is signed in

#### Scenario: Code is old

- **WHEN** the code is older than ten minutes
- **THEN** it is refused

## MODIFIED Requirements

### Requirement: Sign-in
The system SHALL count failures.

#### Scenario: Three failures
- **WHEN** three sign-ins fail
- **THEN** the account is locked

## REMOVED Requirements

### Requirement: Remember me
**Reason**: unsafe

## RENAMED Requirements

- FROM: `### Requirement: Login`
- TO: `### Requirement: Sign-in`
"#;

const TASKS: &str = "## 1. Store\n\n- [x] 1.1 Create the table\n- [ ] 1.2 Clean up old codes\n  - every hour\n\n\
## 2. Screen\n- [ ] 2.1 Ask for the code\n";

fn files() -> Vec<File> {
    let file =
        |name: &str, text: &str| (format!("openspec/changes/add-2fa/{name}"), text.as_bytes().to_vec());
    let design = "## Context\n\nOne service.\n\n## Goals / Non-Goals\n\n- Goals: safety\n\n## Decisions\n\n- mail, not SMS\n";
    vec![
        file("tasks.md", TASKS),
        file("specs/auth/spec.md", DELTA),
        file("proposal.md", PROPOSAL),
        file("design.md", design),
        file("notes.txt", "x"),
    ]
}

#[test]
fn a_change_becomes_a_spec() {
    let files = files();
    assert_eq!(crate::specs::detect(&files), Some(crate::specs::Kind::OpenSpec));
    let import = import("add-2fa", &files);
    proof::valid(&import.documents);
    let frames = [
        "# Change:",
        "## Why",
        "## ADDED Requirements",
        "## MODIFIED Requirements",
        "## REMOVED Requirements",
        "## RENAMED Requirements",
        "### Requirement:",
        "#### Scenario:",
        "- [x] 1.1",
        "- [ ] 1.2",
        "- [ ] 2.1",
        "## 1.",
        "## 2.",
    ];
    proof::is_accounted(&files, &import, &frames);
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap()).unwrap();
    let requirements = text(&import.documents.requirements);
    let has = |words: &str| assert!(requirements.contains(words), "{words:?}\n{requirements}");
    has("## Introduction\n\nPasswords leak.\n\n**What Changes**\n\n- a one-time code\n");
    has(
        "### Requirement 1: One-time code\n\n**User Story:** To be told.\n\nThe code is sent by mail.\n\n#### Acceptance Criteria\n\n1. The system SHALL ask for a second factor at every sign-in.\n2. Code is right: WHEN the password is right AND the code is right: six digits THEN the person is signed in\n3. Code is old: WHEN the code is older than ten minutes THEN it is refused\n",
    );
    has("**Change:** takes the place of the requirement of this name in `auth`\n");
    has("**Removed from auth: Remember me**\n\n**Reason**: unsafe\n");
    has("**Renamed in auth**\n\n- FROM: `### Requirement: Login`\n");
    let tasks = text(&import.documents.tasks);
    assert!(tasks.contains("- [ ] 1. Store\n  - [x] 1.1 Create the table\n  - [ ] 1.2 Clean up old codes\n    - every hour\n- [ ] 2. Screen\n  - [ ] 2.1 Ask for the code\n"), "{tasks}");
    let design = text(&import.documents.design);
    assert!(design.contains("### Decisions") && design.contains("mail, not SMS"), "{design}");
    let losses: Vec<String> = import
        .losses
        .iter()
        .map(|loss| format!("{} -> {}", loss.what, loss.kept_as.as_deref().unwrap_or("-")))
        .collect();
    let expected = [
        "**Reason**: unsafe -> requirements.md, Imported Notes",
        "- FROM: '### Requirement: Login' -> requirements.md, Imported Notes",
    ];
    assert_eq!(losses, expected);
    assert_eq!(import.beside, [("notes.txt".to_string(), b"x".to_vec())]);
}

#[test]
fn a_capability_becomes_a_spec() {
    let spec = "# Listing\n\n## Purpose\n\nTo list things.\n## Requirements\n### Requirement: Order\nThings SHALL be sorted.\n\n#### Scenario: Names\n- **WHEN** listed\n- **THEN** by name\n\n## Why\n\nPeople look for names.\n";
    let files = [("openspec/specs/list/spec.md".to_string(), spec.as_bytes().to_vec())];
    let import = import("list", &files);
    proof::valid(&import.documents);
    let text = String::from_utf8(import.documents.requirements.clone().unwrap()).unwrap();
    assert!(text.contains("## Introduction\n\nListing\n\nTo list things.\n"), "{text}");
    assert!(text.contains("1. Things SHALL be sorted.\n2. Names: WHEN listed THEN by name\n"), "{text}");
    assert!(text.contains("**Why**\n\nPeople look for names.\n"), "{text}");
    assert_eq!(import.losses.len(), 1, "{:?}", import.losses);
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
    fn any_bytes_are_taken_in(spec in "(## ADDED Requirements|### Requirement: |#### Scenario: |- \\*\\*WHEN\\*\\* |a|\n|```|<!--){0,30}", tasks in proptest::collection::vec(any::<u8>(), 0..200)) {
        let files = [("c/specs/a/spec.md".to_string(), spec.into_bytes()), ("c/tasks.md".to_string(), tasks)];
        let import = import("a", &files);
        let export = export(&import.documents);
        prop_assert!(!export.files.is_empty());
    }
}
