//! A feature folder of Spec Kit taken in, and every real spec sent there and back.

use super::*;
use crate::specs::proof;
use proptest::prelude::*;

const SPEC: &str = r#"# Feature Specification: Shorten links

**Feature Branch**: `004-shorten-links`
**Status**: Draft

## User Scenarios & Testing *(mandatory)*

<!-- every story stands alone -->

### User Story 1 - Make a short link (Priority: P1)

A writer pastes a long address and gets a short one
that works at once.

**Why this priority**: without it there is no product

**Independent Test**: paste one address and follow the result

**Acceptance Scenarios**:

1. **Given** a long address, **When** the writer asks, **Then** a short one is shown
2. **Given** a broken address, **When** the writer asks,
   **Then** nothing is stored

---

### User Story 2 – See visits (Priority: P2)

A writer sees how often a link was followed.

**Acceptance Scenarios**:

1. **Given** a link, **When** it is followed twice, **Then** the count is two

### Edge Cases

- What happens when two writers shorten one address?

## Requirements *(mandatory)*

### Functional Requirements

- **FR-001**: System MUST answer within 200 ms
- **FR-002**: System MUST refuse addresses of more than 2,000 characters [NEEDS CLARIFICATION: bytes?]

### Key Entities *(include if feature involves data)*

- **Link**: a short name and where it leads

## Success Criteria *(mandatory)*

### Measurable Outcomes

- **SC-001** nine of ten writers succeed at first

## Assumptions

- One region is enough

### Open points

1. Who deletes links?
"#;

const TASKS: &str = r#"---
description: "Task list"
---

# Tasks: Shorten links

**Input**: Design documents from `/specs/004-shorten-links/`

## Format: `[ID] [P?] [Story] Description`

- **[P]**: Can run in parallel

## Phase 1: Setup (Shared Infrastructure)

**Purpose**: a place to work

- [X] T001 Create the project
- [X] T002 [P] Configure the formatter
- [ ] T003 [P] Configure CI

---

## Phase 2: User Story 1 - Make a short link (Priority: P1) 🎯 MVP

**Goal**: links work

### Tests for User Story 1

- [ ] T004 [P] [US1] Contract test in tests/contract/test_links.py

### Implementation for User Story 1

- [ ] T005 [US1] Implement the store in src/store.py (depends on T001, T004)
  - keep the name unique
- [ ] T006 [US1] Refuse long addresses (FR-002, US1/AC2)

**Checkpoint**: the story works alone

## Dependencies & Execution Order

- Setup before everything

```text
- [ ] T999 no task
```

## Notes

- commit often
"#;

fn files() -> Vec<File> {
    let plan = "# Implementation Plan: Shorten links\n\n**Branch**: `004`\n\n## Summary\n\nA small service.\n\n## Technical Context\n\n**Language/Version**: Rust\n\n## Project Structure\n\n### Source Code\n\n```text\nsrc/\n```\n";
    let file = |name: &str, text: &str| (format!("specs/004-shorten-links/{name}"), text.as_bytes().to_vec());
    vec![
        file("spec.md", SPEC),
        file("plan.md", plan),
        file("tasks.md", TASKS),
        file("contracts/api.yaml", "openapi: 3"),
    ]
}

#[test]
fn a_feature_folder_becomes_a_spec() {
    let files = files();
    assert_eq!(crate::specs::detect(&files), Some(crate::specs::Kind::SpecKit));
    let import = import("shorten-links", &files);
    proof::valid(&import.documents);
    proof::is_accounted(&files, &import, &FRAMES);
    let text = |bytes: &Option<Vec<u8>>| String::from_utf8(bytes.clone().unwrap()).unwrap();
    let requirements = text(&import.documents.requirements);
    let has = |words: &str| assert!(requirements.contains(words), "{words:?}\n{requirements}");
    has(
        "### Requirement 1: Make a short link\n\n**User Story:** A writer pastes a long address and gets a short one that works at once.\n\n**Priority:** P1\n",
    );
    has(
        "1. Given a long address, When the writer asks, Then a short one is shown\n2. Given a broken address, When the writer asks, Then nothing is stored\n",
    );
    has("### Requirement 3: Edge Cases\n");
    has("### Requirement 4: Functional Requirements\n");
    has("1. FR-001: System MUST answer within 200 ms\n");
    has("- **Link**: a short name and where it leads\n");
    has("1. SC-001: nine of ten writers succeed at first\n");
    let tasks = text(&import.documents.tasks);
    let has = |words: &str| assert!(tasks.contains(words), "{words:?}\n{tasks}");
    has(
        "- [ ] 1. Setup (Shared Infrastructure)\n  - **Purpose**: a place to work\n  - [x] 1.1 Create the project\n  - [x] 1.2 Configure the formatter\n",
    );
    has(
        "  - [ ] 2.2 Implement the store in src/store.py (depends on 1.1, 2.1)\n    - keep the name unique\n    - _Requirements: 1_\n",
    );
    has("  - [ ] 2.3 Refuse long addresses (FR-002, US1/AC2)\n    - _Requirements: 1, 4.2, 1.2_\n");
    has("{ \"id\": 1, \"tasks\": [\"1.2\", \"1.3\"] }");
    has("- Numbers before the import: T001 is 1.1, ");
    let plan = plan::Plan::read(&import.documents);
    assert_eq!(plan.problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>(), UNCITED);
    assert_eq!(import.beside, [("contracts/api.yaml".to_string(), b"openapi: 3".to_vec())]);
    let losses: Vec<String> = import
        .losses
        .iter()
        .map(|loss| format!("{} -> {}", loss.what, loss.kept_as.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(losses, LOSSES, "{losses:#?}");
}

const UNCITED: [&str; 4] = [
    "no task cites criterion `2.1`",
    "no task cites criterion `3.1`",
    "no task cites criterion `4.1`",
    "no task cites criterion `5.1`",
];
const LOSSES: [&str; 4] = [
    "<!-- every story stands alone --> -> -",
    "## Assumptions -> requirements.md, Imported Notes",
    "## Format: '[ID] [P?] [Story] Description' -> tasks.md, Notes",
    "## Dependencies & Execution Order -> tasks.md, Notes",
];
const FRAMES: [&str; 31] = [
    "# Feature Specification:",
    "## User Scenarios & Testing *(mandatory)*",
    "## Requirements *(mandatory)*",
    "### Functional Requirements",
    "### Key Entities *(include if feature involves data)*",
    "## Success Criteria *(mandatory)*",
    "### Measurable Outcomes",
    "**Acceptance Scenarios**:",
    "### User Story 1 - ",
    "### User Story 2 – ",
    "(Priority: P2)",
    "(Priority: P1)",
    "# Implementation Plan:",
    "## Summary",
    "# Tasks:",
    "## Phase 1:",
    "## Phase 2:",
    "- [X] T001",
    "- [X] T002 [P]",
    "- [ ] T003 [P]",
    "- [ ] T004 [P] [US1]",
    "- [ ] T005 [US1]",
    "- [ ] T006 [US1]",
    "T001, T004",
    "1. **Given",
    "2. **Given",
    "## Notes",
    "### Edge Cases",
    "1. Who",
    "---",
    "```text",
];

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
    fn any_bytes_are_taken_in(spec in proptest::collection::vec(any::<u8>(), 0..200), tasks in "(- \\[ \\] T0[0-9]{2} |## Phase 1: |\\[P\\] |a|\n|```\n|  - ){0,30}") {
        let files = [("a/spec.md".to_string(), spec), ("a/tasks.md".to_string(), tasks.into_bytes())];
        let import = import("a", &files);
        let export = export(&import.documents);
        prop_assert!(!export.files.is_empty());
    }
}
