//! Tests of `tasks`.

use super::*;
use proptest::prelude::*;

const KIRO: &str = "# Implementation Plan: Rate limiting\n\n## Overview\nBottom-up.\n\n## Tasks\n\n\
- [x] 1. Set up counter store\n  - [x] 1.1 Create `src/limiter/store.rs`\n    - in-memory and Redis\n      back-ends\n    \
- _Check: cargo test store_\n    - _Requirements: 1.1, 1.2_\n  - [-] 1.2 Wire Redis\n    - _Requirements: 1.2_\n  \
- [ ]* 1.3 Write property test\n    - **Validates: Requirements 1.1, 1.4**\n- [~] 2. Register middleware\n\
- [ ] 3. Checkpoint - Ensure all tests pass\n  - Ask the user if questions arise.\n\n## Notes\n\n- a note\n\n\
## Task Dependency Graph\n\n```json\n{ \"waves\": [ { \"id\": 0, \"tasks\": [\"1.1\"] } ] }\n```\n";

#[track_caller]
fn check(input: &str, expected: &[(&str, usize, &str)]) {
    let tasks = Tasks::parse(input.as_bytes());
    let got: Vec<_> = tasks.tasks.iter().map(|t| (t.id.as_str(), t.level, t.title.as_str())).collect();
    assert_eq!(got, expected, "{input}");
    for task in &tasks.tasks {
        let mark = task.mark.slice(input.as_bytes());
        assert_eq!(mark.len(), task.mark_len, "{input}");
        assert_eq!(
            input.as_bytes().get(task.state_offset),
            mark.first().filter(|_| mark.len() == 1),
            "{input}"
        );
    }
}

#[test]
fn kiros_own_form() {
    check(
        KIRO,
        &[
            ("1", 0, "Set up counter store"),
            ("1.1", 1, "Create `src/limiter/store.rs`"),
            ("1.2", 1, "Wire Redis"),
            ("1.3", 1, "Write property test"),
            ("2", 0, "Register middleware"),
            ("3", 0, "Checkpoint - Ensure all tests pass"),
        ],
    );
    let tasks = Tasks::parse(KIRO.as_bytes());
    assert_eq!(tasks.title, "Rate limiting");
    let store = tasks.find("1.1").unwrap();
    assert_eq!(store.label, "1.1 Create `src/limiter/store.rs`");
    assert_eq!(
        store.details,
        ["in-memory and Redis back-ends", "_Check: cargo test store_", "_Requirements: 1.1, 1.2_"]
    );
    assert_eq!(store.check.as_deref(), Some("cargo test store"));
    assert_eq!(store.requirements, ["1.1", "1.2"]);
    assert_eq!(store.files, ["src/limiter/store.rs"]);
    assert_eq!(store.span.text(KIRO.as_bytes()).lines().count(), 5);
    assert_eq!(tasks.find("1.3").unwrap().requirements, ["1.1", "1.4"]);
    assert!(tasks.find("1.3").unwrap().optional);
    assert_eq!(tasks.tasks[0].children, [1, 2, 3]);
    assert_eq!(tasks.find("2.").unwrap().state, State::Queued);
    assert!(tasks.find("3").unwrap().is_checkpoint);
    assert_eq!(
        tasks.find("3").unwrap().block,
        "- [ ] 3. Checkpoint - Ensure all tests pass\n  - Ask the user if questions arise."
    );
    assert_eq!(tasks.waves.as_ref().unwrap()[0].tasks, ["1.1"]);
    assert_eq!(tasks.leaves().count(), 5);
    assert_eq!(tasks.diagnostics, []);
}

#[test]
fn addresses_without_numbers() {
    check(
        "- [ ] A\n  - [ ] B\n  - [ ] C\n- [ ] D\n",
        &[("1", 0, "A"), ("1.1", 1, "B"), ("1.2", 1, "C"), ("2", 0, "D")],
    );
    check("- [ ] 1. A\n  - [ ] B\n  - [ ] 1.1 C\n", &[("1", 0, "A"), ("1.2", 1, "B"), ("1.1", 1, "C")]);
    check(
        "- [ ] 1.1 A\n- [ ] 1.1 B\n- [ ] 1.1 C\n",
        &[("1.1", 0, "A"), ("1.1#2", 0, "B"), ("1.1#3", 0, "C")],
    );
}

#[test]
fn children_by_number_at_column_zero_and_under_headings() {
    check("- [ ] 1. A\n- [ ] 1.1 B\n- [ ] 1.1.1 C\n", &[("1", 0, "A"), ("1.1", 1, "B"), ("1.1.1", 2, "C")]);
    check("## 1. Group\n- [ ] 1.1 A\n- [ ] 1.2 B\n", &[("1.1", 0, "A"), ("1.2", 0, "B")]);
    check("* [ ] 1. A\r\n\t+ [x] 1.1 B\r\n", &[("1", 0, "A"), ("1.1", 1, "B")]);
}

#[test]
fn boxes_that_are_no_tasks() {
    check("## Tasks\n- [ ] 1. A\n## Success Criteria\n- [ ] fast\n### More\n- [ ] 9. x\n", &[("1", 0, "A")]);
    check("```\n- [ ] 1. code\n```\n<!--\n- [ ] 2. comment\n-->\n- [ ] 3. A\n", &[("3", 0, "A")]);
}

#[test]
fn the_block_ends_where_the_document_speaks_again() {
    let block = |input: &str| Tasks::parse(input.as_bytes()).tasks[0].block.clone();
    assert_eq!(block("- [ ] 1. A\n  - d\n\n  more\n\nA paragraph.\n"), "- [ ] 1. A\n  - d\n\n  more");
    assert_eq!(
        block("- [ ] 1. A\n- a detail at the same column\n"),
        "- [ ] 1. A\n- a detail at the same column"
    );
    assert_eq!(block("- [ ] 1. A\n\n_Requirements: 1.1_\n"), "- [ ] 1. A\n\n_Requirements: 1.1_");
    assert_eq!(
        block("- [ ] 1. A\n\n```sh\n# not a heading\n```\n"),
        "- [ ] 1. A\n\n```sh\n# not a heading\n```"
    );
    assert_eq!(block("- [ ] 1. A\n## Next\ntext"), "- [ ] 1. A");
}

#[test]
fn headings_that_are_tasks() {
    let states = |input: &str| -> Vec<(String, State, usize)> {
        Tasks::parse(input.as_bytes()).tasks.into_iter().map(|t| (t.id, t.state, t.mark_len)).collect()
    };
    let all = |list: &[(&str, State, usize)]| -> Vec<(String, State, usize)> {
        list.iter().map(|(id, state, len)| (id.to_string(), *state, *len)).collect()
    };
    use State::{Done, InProgress, Open};
    // Sub-tasks decide, and the heading has no byte.
    assert_eq!(
        states("### Task 1: A\n- [x] a\n- [ ] b\n"),
        all(&[("1", InProgress, 0), ("1.1", Done, 1), ("1.2", Open, 1)])
    );
    assert_eq!(states("### Task 1: A\n- [x] 1.1 a\n"), all(&[("1", Done, 0), ("1.1", Done, 1)]));
    assert_eq!(states("### Task 1: A\n- [x] a\n- [ ]* b\n")[0], ("1".into(), Done, 0));
    // Checks are no sub-tasks: the last one is the box.
    let checks = "### Task 1: A\n**Acceptance Criteria:**\n- [x] a\n- [ ] b\n### Task 2: B\n#### Verification\n- [x] c\n";
    assert_eq!(states(checks), all(&[("1", InProgress, 1), ("2", Done, 1)]));
    let ticked = crate::edit::tick(checks.as_bytes(), "1", Done).unwrap().apply(checks.as_bytes()).unwrap();
    assert_eq!(Tasks::parse(&ticked).tasks[0].state, Done);
    // Nothing to tick, and it is said.
    let read = Tasks::parse(b"### Task 1: A\ntext\n");
    assert_eq!((read.tasks[0].state, read.tasks[0].state_offset), (Open, NO_BYTE));
    assert_eq!(read.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), ["tasks/no-box"]);
    // What stands behind the boxes speaks of the heading.
    let read = Tasks::parse(b"### Task 1: A\n- [ ] a\n\n_Requirements: 1.1_\n\n**Files:** `src/a.rs`\n");
    assert_eq!(
        (read.tasks[0].requirements.as_slice(), read.tasks[0].files.as_slice()),
        (["1.1".to_string()].as_slice(), ["src/a.rs".to_string()].as_slice())
    );
    assert_eq!(read.tasks[1].requirements, Vec::<String>::new());
}

#[test]
fn headings_that_are_none() {
    let check = |input: &str, expected: &[&str]| {
        let read = Tasks::parse(input.as_bytes());
        assert_eq!(read.tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), expected, "{input}");
    };
    check("## 1. Group\n- [ ] 1.1 A\n", &["1.1"]);
    check("# Task 1: the name of the document\n- [ ] A\n", &["1"]);
    check("## Task Dependency Graph\n\ntext\n", &[]);
    check("## Summary\n### Task 1: done early\n\n## Tasks\n- [ ] 1. A\n", &["1"]);
    check("## Requirements\n### 1. Fast\n- [ ] a\n\n## Tasks\n- [ ] 1. A\n", &["1"]);
    check("- [ ] 1. A\n\n## Task 1: more on it\n\ntext\n", &["1"]);
    check("## 2. Testing\n- [ ] a\n## 3. Tasks\n- [ ] 1. A\n", &["1"]);
}

#[test]
fn regions() {
    let check = |input: &str, expected: &[&str]| {
        let read = Tasks::parse(input.as_bytes());
        assert_eq!(
            read.tasks.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(),
            expected,
            "{input}"
        );
    };
    check("## Verification\n- [ ] 3.1 A\n- [ ] b\n## Work\n- [ ] 1. C\n", &["A", "C"]);
    check("## 3. Acceptance criteria\n- [ ] 3.1 A\n", &["A"]);
    check("- [ ] 1. A\n## Rollout\n- [ ] b\n## Phase 2\n- [ ] c\n", &["A", "c"]);
    check("- [ ] a\n## Rollout\n- [ ] b\n", &["a", "b"]);
    check("- [ ] 1. A\n## Rollout\n- [ ] b\n  - [ ] c\n", &["A"]);
    check("## Tâches\n- [ ] a\n## Divers\n- [ ] b\n", &["a"]);
    let codes: Vec<_> = Tasks::parse(b"- [ ] 1. A\n## Rollout\n- [ ] b\n- [ ] c\n").diagnostics;
    assert_eq!(
        codes.iter().map(|found| (found.code, found.span.offset)).collect::<Vec<_>>(),
        [("tasks/checklist", 22)]
    );
}

#[test]
fn places_in_the_document() {
    let check = |input: &[u8], number: Option<&str>, title: &str| {
        let read = Tasks::parse(input);
        let task = &read.tasks[0];
        assert_eq!(task.number_span.map(|span| span.text(input)).as_deref(), number);
        assert_eq!(task.title_span.text(input), title);
        assert!(task.line.offset <= task.title_span.offset && task.title_span.end() <= task.line.end());
    };
    check("\u{feff}- [ ] **1.2 T** (P)\r\n".as_bytes(), Some("1.2"), "T**");
    check(b"  - [ ] A\n", None, "A");
    check("### タスク３：題\n".as_bytes(), Some("３"), "題");
    check(b"- [ ] 1. \xff\xfe T\n", Some("1"), "\u{fffd}\u{fffd} T");
    check(b"| [ ] | 1.1 | T |\n", Some("1.1"), "T");
}

#[test]
fn lines_behind_sub_tasks_speak_of_the_parent() {
    let read =
        Tasks::parse(b"- [ ] 1. A\n  - [ ] 1.1 B\n    - d\n  - _Requirements: 7_\n    more\n- [ ] 2. C\n");
    assert_eq!(read.tasks[0].requirements, ["7"]);
    assert_eq!(read.tasks[0].details, ["_Requirements: 7_ more"]);
    assert_eq!(read.tasks[1].details, ["d"]);
}

#[test]
fn findings() {
    let codes = |input: &str| -> Vec<&str> {
        Tasks::parse(input.as_bytes()).diagnostics.iter().map(|d| d.code).collect()
    };
    assert_eq!(
        codes("- [] 1. A\n- [!] 2. B\n- [ ] 2. C\n```\n"),
        ["tasks/empty-box", "tasks/unknown-state", "tasks/duplicate-number", "tasks/unclosed-block"]
    );
    assert_eq!(codes("- [✓] 1. A\n"), ["tasks/wide-mark"]);
    let checks = "### Task 1: A\n**Acceptance:**\n- [ ] a\n- [x] b\n";
    assert_eq!(codes(checks), ["tasks/open-check"]);
    let many = "## Task 1\n".repeat(TASKS_MAX + 1);
    assert!(codes(&many).contains(&"tasks/too-many-tasks"));
}

#[test]
fn the_documents_own_check() {
    assert_eq!(Tasks::parse(b"## Notes\n- Check: `cargo test`\n").check.as_deref(), Some("cargo test"));
    assert_eq!(Tasks::parse(b"- [ ] 1. A\n  - Check: `x`\n").check, None);
}

#[test]
fn hostile_sizes_are_read_in_linear_time() {
    let many = "- [ ] 1. A\n".repeat(50_000);
    assert_eq!(Tasks::parse(many.as_bytes()).tasks.len(), TASKS_MAX);
    let deep: String = (0..2_000).map(|n| format!("{}- [ ] t\n", " ".repeat(n))).collect();
    let read = Tasks::parse(deep.as_bytes());
    assert_eq!(read.tasks.len(), 2_000);
    assert!(read.tasks.iter().all(|task| task.id.len() <= 80));
    let headings = "## Task 1\n".repeat(50_000);
    assert_eq!(Tasks::parse(headings.as_bytes()).tasks.len(), TASKS_MAX);
    let long = format!("- [ ] 1. {}\n", "`*_[( a: ".repeat(60_000));
    assert_eq!(Tasks::parse(long.as_bytes()).tasks.len(), 1);
    let ticks = format!("- [ ] 1. A\n  - {}\n", "` `` ``` ".repeat(60_000));
    assert_eq!(Tasks::parse(ticks.as_bytes()).tasks.len(), 1);
    let labels = format!("- [ ] 1. A\n{}", "  - Depends: 1.1, 1.2\n".repeat(30_000));
    assert_eq!(Tasks::parse(labels.as_bytes()).tasks[0].depends_on, ["1.1", "1.2"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Tasks::parse(&bytes);
    }

    #[test]
    fn every_task_has_its_own_address(s in "([ ]{0,3}([-*]|[12][.)]) \\[([ x-]|✓|)\\]\\*? ([0-9](\\.[0-9])?\\.?|T-[12]:)? ?[a-c]{1,2}\n|#{1,4} (T|Task [12]|[12]\\.[12] T|Tasks|\\[ \\] T|Acceptance)\n|\\| \\[ \\] \\| [12] \\| T \\|\n|  - _Depends: 1_\n|Done when:\n|\n){0,25}") {
        let tasks = Tasks::parse(s.as_bytes());
        let ids: std::collections::HashSet<_> = tasks.tasks.iter().map(|t| &t.id).collect();
        prop_assert_eq!(ids.len(), tasks.tasks.len());
        for (index, task) in tasks.tasks.iter().enumerate() {
            prop_assert!(task.parent.is_none_or(|parent| parent < index));
            prop_assert!(task.children.iter().all(|child| tasks.tasks[*child].parent == Some(index)));
        }
    }
}
