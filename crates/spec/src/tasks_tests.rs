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
        let byte = input.as_bytes()[task.state_offset];
        assert!(input.is_char_boundary(task.state_offset) && byte.is_ascii(), "{input}");
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
fn dependencies_of_every_dialect() {
    let check = |input: &str, expected: &[&str]| {
        assert_eq!(Tasks::parse(input.as_bytes()).tasks[0].depends_on, expected, "{input}");
    };
    check("- [ ] 3. A\n  - _Depends: 1.2_\n", &["1.2"]);
    check("- [ ] 3. A (dep: 1, 7b)\n", &["1", "7b"]);
    check("- [ ] 3. A\n  - **Depends on**: T-2\n", &["T-2"]);
    check("- [ ] 3. A\n  - **Dependencies:** Task 1.1\n", &["1.1"]);
    check("- [ ] 3. A\n  - _Dependencies: [1.1]_\n", &["1.1"]);
}

#[test]
fn checkpoints_are_few() {
    let check = |title: &str, expected: bool| {
        let text = format!("- [ ] 1. {title}\n");
        assert_eq!(Tasks::parse(text.as_bytes()).tasks[0].is_checkpoint, expected, "{title}");
    };
    check("Checkpoint - all green", true);
    check("**Checkpoint**", true);
    check("Final checkpoint", true);
    check("Verify preservation tests still pass", true);
    check("检查点", true);
    check("Verify the config loader", false);
    check("Add checkpoint store", false);
    check("Checkpoint storage", false);
    check("Checkpoint 2: ensure all tests pass", true);
    check("Ensure all tests pass", true);
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
    assert_eq!(Tasks::parse(deep.as_bytes()).tasks.len(), 2_000);
    let long = format!("- [ ] 1. {}\n", "`*_[(".repeat(100_000));
    assert_eq!(Tasks::parse(long.as_bytes()).tasks.len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Tasks::parse(&bytes);
    }

    #[test]
    fn every_task_has_its_own_address(s in "([ ]{0,3}[-*] \\[[ x-]\\]\\*? ([0-9](\\.[0-9])?\\.?)? ?[a-c]{1,2}\n|#+ T\n|\n){0,25}") {
        let tasks = Tasks::parse(s.as_bytes());
        let ids: std::collections::HashSet<_> = tasks.tasks.iter().map(|t| &t.id).collect();
        prop_assert_eq!(ids.len(), tasks.tasks.len());
        for (index, task) in tasks.tasks.iter().enumerate() {
            prop_assert!(task.parent.is_none_or(|parent| parent < index));
            prop_assert!(task.children.iter().all(|child| tasks.tasks[*child].parent == Some(index)));
        }
    }
}
