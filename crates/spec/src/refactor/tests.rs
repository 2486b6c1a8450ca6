//! Refactorings on small sets: what is written, what follows, what is left, what is refused.

use super::*;
use proptest::prelude::*;

const REQUIREMENTS: &str = "# Requirements Document\n\n## Requirements\n\n### Requirement 1: Log in\n\n**User Story:** As a user, I want in, so that I am in.\n\n#### Acceptance Criteria\n\n1. WHEN a THEN the system SHALL b\n2. WHEN c THEN the system SHALL d\n3. WHEN e THEN the system SHALL f, see Requirement 2.1\n\n### Requirement 2: Log out\n\n**User Story:** As a user, I want out, so that I am out.\n\n#### Acceptance Criteria\n\n1. WHEN g THEN the system SHALL h\n2. WHEN i THEN the system SHALL j\n";
const DESIGN: &str = "# Design\n\n## Correctness Properties\n\n### Property 1: In\n*For any* user.\n**Validates: Requirements 1.1, 1.2**\n\n### Property 2: Out\n*For any* user.\n**Validates: Requirements 2.1-2.2**\n";
const TASKS: &str = "# Implementation Plan\n\n- [x] 1. Log in\n  - Details\n  - _Requirements: 1.1-1.3_\n  - [ ] 1.1 Form\n    - _Requirements: 1.1, 1.2_\n  - [ ]* 1.2 Test\n    - **Property 1: In**\n    - **Validates: Requirements 1.2**\n\n- [ ] 2. Log out\n  - _Requirements: 2_\n  - _Depends: 1.2_\n\n- [ ] 3. Checkpoint after task 2 (dep: 1, 2)\n\n## Task Dependency Graph\n\n```json\n{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]},{\"id\":1,\"tasks\":[\"1.2\",\"2\"]},{\"id\":2,\"tasks\":[\"3\"]}]}\n```\n";
const SOURCE: &str =
    "// Feature: login, Property 2: Out\n// Validates: Requirements 1.2, 2.1\nfn test_req_1_2_form() {}\n";

/// A set of the four files, changed; the new files as text.
#[track_caller]
fn check(
    work: impl FnOnce(&Set<'_>) -> Result<Changes, RefactorError>,
    expected: &[(&str, &str)],
) -> Changes {
    let documents: Vec<(String, &[u8])> =
        [("requirements.md", REQUIREMENTS), ("design.md", DESIGN), ("tasks.md", TASKS)]
            .into_iter()
            .map(|(name, text)| (name.to_string(), text.as_bytes()))
            .collect();
    let sources = [("src/login.rs".to_string(), SOURCE.as_bytes())];
    let set = Set { name: "login", documents: &documents, sources: &sources, sources_belong: false };
    let changes = work(&set).unwrap();
    let mut shown = Vec::new();
    for (name, bytes) in documents.iter().chain(&sources) {
        let new = String::from_utf8(changes.apply(name, bytes).unwrap()).unwrap();
        let old = String::from_utf8_lossy(bytes).into_owned();
        let new_lines: Vec<&str> = new.lines().collect();
        let old_lines: Vec<&str> = old.lines().collect();
        for line in &new_lines {
            let count = |lines: &[&str]| lines.iter().filter(|other| *other == line).count();
            if !line.is_empty()
                && count(&new_lines) > count(&old_lines)
                && !shown.contains(&(name.clone(), line.to_string()))
            {
                shown.push((name.clone(), line.to_string()));
            }
        }
    }
    let want: Vec<(String, String)> = expected.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    assert_eq!(shown, want, "{changes:#?}");
    changes
}

const R: &str = "requirements.md";
const D: &str = "design.md";
const T: &str = "tasks.md";
const S: &str = "src/login.rs";

#[test]
fn a_new_criterion_pushes_the_others_and_every_citation_follows() {
    let changes = check(
        |set| set.insert_criterion("1.1", "WHEN x THEN the system SHALL y"),
        &[
            (R, "2. WHEN x THEN the system SHALL y"),
            (R, "3. WHEN c THEN the system SHALL d"),
            (R, "4. WHEN e THEN the system SHALL f, see Requirement 2.1"),
            (D, "**Validates: Requirements 1.1, 1.3**"),
            (T, "  - _Requirements: 1.1, 1.3, 1.4_"),
            (T, "    - _Requirements: 1.1, 1.3_"),
            (T, "    - **Validates: Requirements 1.3**"),
            (S, "// Validates: Requirements 1.3, 2.1"),
            (S, "fn test_req_1_3_form() {}"),
        ],
    );
    assert_eq!(changes.moved.len(), 2);
    assert_eq!(changes.notes, ["`1.1-1.3` in `tasks.md`, line 5, is no row any more and was written out"]);
}

#[test]
fn a_first_criterion() {
    check(
        |set| set.insert_criterion("2", "WHEN x THEN y"),
        &[
            (R, "3. WHEN e THEN the system SHALL f, see Requirement 2.2"),
            (R, "1. WHEN x THEN y"),
            (R, "2. WHEN g THEN the system SHALL h"),
            (R, "3. WHEN i THEN the system SHALL j"),
            (D, "**Validates: Requirements 2.2-2.3**"),
            (S, "// Validates: Requirements 1.2, 2.2"),
        ],
    );
}

#[test]
fn a_criterion_moves_into_another_requirement() {
    check(
        |set| set.move_criterion("1.2", Place::After("2.1")),
        &[
            (R, "2. WHEN e THEN the system SHALL f, see Requirement 2.1"),
            (R, "3. WHEN i THEN the system SHALL j"),
            (D, "**Validates: Requirements 1.1, 2.2**"),
            (D, "**Validates: Requirements 2.1, 2.3**"),
            (T, "  - _Requirements: 1.1, 1.2, 2.2_"),
            (T, "    - _Requirements: 1.1, 2.2_"),
            (T, "    - **Validates: Requirements 2.2**"),
            (S, "// Validates: Requirements 2.2, 2.1"),
            (S, "fn test_req_2_2_form() {}"),
        ],
    );
}

#[test]
fn a_requirement_moves_with_its_criteria() {
    check(
        |set| set.move_requirement("2", Place::Before("1")),
        &[
            (R, "### Requirement 1: Log out"),
            (R, "### Requirement 2: Log in"),
            (R, "3. WHEN e THEN the system SHALL f, see Requirement 1.1"),
            (D, "**Validates: Requirements 2.1, 2.2**"),
            (D, "**Validates: Requirements 1.1-1.2**"),
            (T, "  - _Requirements: 2.1-2.3_"),
            (T, "    - _Requirements: 2.1, 2.2_"),
            (T, "    - **Validates: Requirements 2.2**"),
            (T, "  - _Requirements: 1_"),
            (S, "// Validates: Requirements 2.2, 1.1"),
            (S, "fn test_req_2_2_form() {}"),
        ],
    );
}

#[test]
fn a_new_requirement_looks_like_its_neighbour() {
    let changes = check(
        |set| {
            set.insert_requirement(
                "1",
                "Stay",
                Some("As a user, I stay."),
                &["WHEN x THEN y", "WHEN z\nTHEN w"],
            )
        },
        &[
            (R, "#### Acceptance Criteria"),
            (R, "3. WHEN e THEN the system SHALL f, see Requirement 3.1"),
            (R, "### Requirement 2: Stay"),
            (R, "**User Story:** As a user, I stay."),
            (R, "1. WHEN x THEN y"),
            (R, "2. WHEN z"),
            (R, "   THEN w"),
            (R, "### Requirement 3: Log out"),
            (D, "**Validates: Requirements 3.1-3.2**"),
            (T, "  - _Requirements: 3_"),
            (S, "// Validates: Requirements 1.2, 3.1"),
        ],
    );
    assert!(changes.moved.contains(&Moved { kind: Kind::Requirement, from: "2".into(), to: "3".into() }));
}

#[test]
fn a_new_task_and_the_tasks_behind_it() {
    let changes = check(
        |set| set.insert_task("1.1", "Style", &["Make it blue", "_Requirements: 1.1_"]),
        &[
            (T, "  - [ ] 1.2 Style"),
            (T, "    - Make it blue"),
            (T, "    - _Requirements: 1.1_"),
            (T, "  - [ ]* 1.3 Test"),
            (T, "  - _Depends: 1.3_"),
            (
                T,
                "{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]},{\"id\":1,\"tasks\":[\"1.3\",\"2\"]},{\"id\":2,\"tasks\":[\"3\"]}]}",
            ),
        ],
    );
    assert_eq!(changes.keys, [("1.2 Test".to_string(), "1.3 Test".to_string())]);
}

#[test]
fn a_task_moves_with_its_children() {
    check(
        |set| set.move_task("1", Place::After("2")),
        &[
            (T, "- [ ] 1. Log out"),
            (T, "  - _Depends: 2.2_"),
            (T, "- [x] 2. Log in"),
            (T, "  - [ ] 2.1 Form"),
            (T, "  - [ ]* 2.2 Test"),
            (T, "- [ ] 3. Checkpoint after task 1 (dep: 2, 1)"),
            (
                T,
                "{\"waves\":[{\"id\":0,\"tasks\":[\"2.1\"]},{\"id\":1,\"tasks\":[\"2.2\",\"1\"]},{\"id\":2,\"tasks\":[\"3\"]}]}",
            ),
        ],
    );
}

#[test]
fn a_task_changes_its_level() {
    check(
        |set| set.move_task("1.2", Place::After("2")),
        &[
            (T, "  - _Depends: 3_"),
            (T, "- [ ]* 3. Test"),
            (T, "  - **Property 1: In**"),
            (T, "  - **Validates: Requirements 1.2**"),
            (T, "- [ ] 4. Checkpoint after task 2 (dep: 1, 2)"),
            (
                T,
                "{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]},{\"id\":1,\"tasks\":[\"3\",\"2\"]},{\"id\":2,\"tasks\":[\"4\"]}]}",
            ),
        ],
    );
    check(
        |set| set.move_task("2", Place::Before("1.1")),
        &[
            (T, "  - [ ] 1.1 Log out"),
            (T, "    - _Requirements: 2_"),
            (T, "    - _Depends: 1.3_"),
            (T, "  - [ ] 1.2 Form"),
            (T, "  - [ ]* 1.3 Test"),
            (T, "- [ ] 2. Checkpoint after task 1.1 (dep: 1, 1.1)"),
            (
                T,
                "{\"waves\":[{\"id\":0,\"tasks\":[\"1.2\"]},{\"id\":1,\"tasks\":[\"1.3\",\"1.1\"]},{\"id\":2,\"tasks\":[\"2\"]}]}",
            ),
        ],
    );
}

#[test]
fn the_last_child_goes_behind_its_parent() {
    let before = "- [ ] 1. A\n  - [ ] 1.1 B\n    - x\n\n- [ ] 2. C (dep: 1.1)\n";
    let documents = [("tasks.md".to_string(), before.as_bytes())];
    let set = Set { name: "a", documents: &documents, sources: &[], sources_belong: false };
    let new = set.move_task("1.1", Place::After("1")).unwrap().apply("tasks.md", before.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(new).unwrap(), "- [ ] 1. A\n- [ ] 2. B\n  - x\n\n- [ ] 3. C (dep: 2)\n");
}

#[test]
fn what_is_cited_keeps_its_number_free_and_what_is_dropped_does_not() {
    let changes = check(|set| set.remove(Kind::Criterion, "1.2", false), &[]);
    assert_eq!(changes.notes.len(), 6, "{:#?}", changes.notes);
    let changes =
        check(|set| set.remove(Kind::Criterion, "2.2", true), &[(D, "**Validates: Requirements 2.1**")]);
    assert_eq!(
        changes.notes,
        ["`Requirements 2.1-2.2` in `design.md`, line 11, is no row any more and was written out"]
    );
    check(
        |set| set.remove(Kind::Task, "2", true),
        &[
            (T, "- [ ] 3. Checkpoint after task 2 (dep: 1)"),
            (
                T,
                "{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]},{\"id\":1,\"tasks\":[\"1.2\"]},{\"id\":2,\"tasks\":[\"3\"]}]}",
            ),
        ],
    );
    check(
        |set| set.remove(Kind::Task, "1.2", true),
        &[(
            T,
            "{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]},{\"id\":1,\"tasks\":[\"2\"]},{\"id\":2,\"tasks\":[\"3\"]}]}",
        )],
    );
}

#[test]
fn new_words() {
    let changes = check(|set| set.rename(Kind::Task, "3", "Stop"), &[(T, "- [ ] 3. Stop (dep: 1, 2)")]);
    assert_eq!(
        changes.keys,
        [("3. Checkpoint after task 2 (dep: 1, 2)".to_string(), "3. Stop (dep: 1, 2)".to_string())]
    );
    check(|set| set.rename(Kind::Requirement, "1", "Enter"), &[(R, "### Requirement 1: Enter")]);
    check(|set| set.rename(Kind::Criterion, "1.2", "WHEN x\nTHEN y"), &[(R, "2. WHEN x"), (R, "   THEN y")]);
    check(
        |set| set.rename(Kind::Property, "1", "Inside"),
        &[(D, "### Property 1: Inside"), (T, "    - **Property 1: Inside**")],
    );
    check(|set| set.rename_spec("entry"), &[(S, "// Feature: entry, Property 2: Out")]);
}

#[test]
fn terms_are_whole_words_of_prose() {
    let text = "The Rate_Limit is a `Rate_Limit`.\n_Rate_Limit_ Rate_Limits Rate_Limit_2\n```\nRate_Limit\n```\n速度は速度\n";
    let documents = [("design.md".to_string(), text.as_bytes())];
    let set = Set { name: "a", documents: &documents, sources: &[], sources_belong: false };
    let check = |old: &str, new: &str, expected: &str, notes: usize| {
        let changes = set.rename_term(old, new).unwrap();
        assert_eq!(
            String::from_utf8(changes.apply("design.md", text.as_bytes()).unwrap()).unwrap(),
            expected
        );
        assert_eq!(changes.notes.len(), notes, "{:?}", changes.notes);
    };
    check(
        "Rate_Limit",
        "Quota",
        "The Quota is a `Rate_Limit`.\n_Quota_ Rate_Limits Rate_Limit_2\n```\nRate_Limit\n```\n速度は速度\n",
        1,
    );
    check(
        "速度",
        "速さ",
        "The Rate_Limit is a `Rate_Limit`.\n_Rate_Limit_ Rate_Limits Rate_Limit_2\n```\nRate_Limit\n```\n速さは速さ\n",
        0,
    );
    assert_eq!(set.rename_term("", "x"), Err(RefactorError::EmptyWords));
}

#[test]
fn numbers_without_gaps() {
    let tasks = "- [ ] 1. A\n- [ ] 1. B (dep: 1)\n  - [ ] 1.4 C\n- [ ] 7. D after tasks 1 and 1.4\n  - _Requirements: 2, 4.2_\n";
    let requirements = "### Requirement 2: A\n\n1. WHEN a\n3. WHEN b\n\n### Requirement 4: B\n\n- 4.2 WHEN c\n- 4.5 WHEN d, unlike 2.3\n";
    let documents = [
        ("requirements.md".to_string(), requirements.as_bytes()),
        ("tasks.md".to_string(), tasks.as_bytes()),
    ];
    let set = Set { name: "a", documents: &documents, sources: &[], sources_belong: false };
    let changes = set.renumber(Kind::Task).unwrap();
    assert_eq!(
        String::from_utf8(changes.apply("tasks.md", tasks.as_bytes()).unwrap()).unwrap(),
        "- [ ] 1. A\n- [ ] 2. B (dep: 1)\n  - [ ] 2.1 C\n- [ ] 3. D after tasks 1 and 2.1\n  - _Requirements: 2, 4.2_\n"
    );
    let changes = set.renumber(Kind::Requirement).unwrap();
    assert_eq!(
        String::from_utf8(changes.apply("requirements.md", requirements.as_bytes()).unwrap()).unwrap(),
        requirements
            .replace("Requirement 2", "Requirement 1")
            .replace("Requirement 4", "Requirement 2")
            .replace("4.", "2.")
    );
    assert_eq!(
        changes.apply("tasks.md", tasks.as_bytes()).unwrap(),
        tasks.replace("_Requirements: 2, 4.2_", "_Requirements: 1, 2.2_").into_bytes()
    );
    let changes = set.renumber(Kind::Criterion).unwrap();
    assert_eq!(changes.moved.len(), 3);
}

#[test]
fn a_map_and_its_inverse() {
    let map = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect()
    };
    let changes = check(
        |set| set.renumber_with(Kind::Property, &map(&[("1", "2"), ("2", "1")])),
        &[
            (D, "### Property 2: In"),
            (D, "### Property 1: Out"),
            (T, "    - **Property 2: In**"),
            (S, "// Feature: login, Property 1: Out"),
        ],
    );
    assert_eq!(changes.moved.len(), 2);
    let documents = [("design.md".to_string(), DESIGN.as_bytes())];
    let set = Set { name: "login", documents: &documents, sources: &[], sources_belong: false };
    assert_eq!(
        set.renumber_with(Kind::Property, &map(&[("1", "2")])),
        Err(RefactorError::Taken { kind: Kind::Property, id: "2".into() })
    );
}

#[test]
fn what_is_doubtful_is_left_and_named() {
    let requirements = "### Requirement 1: A\n\n1. WHEN a\n2. WHEN b\n";
    let tasks = "- [ ] 1. T\n  - the `other-one` spec (Requirement 1.2) keeps it\n  - Requirement 1.2 here\n";
    let source = "// Requirement 1.2\n";
    let documents = [
        ("requirements.md".to_string(), requirements.as_bytes()),
        ("tasks.md".to_string(), tasks.as_bytes()),
    ];
    let sources = [("a.rs".to_string(), source.as_bytes())];
    for sources_belong in [false, true] {
        let set = Set { name: "a", documents: &documents, sources: &sources, sources_belong };
        let changes = set.insert_criterion("1.1", "WHEN x").unwrap();
        assert_eq!(
            changes.apply("tasks.md", tasks.as_bytes()).unwrap(),
            tasks.replace("- Requirement 1.2", "- Requirement 1.3").into_bytes()
        );
        let followed = changes.apply("a.rs", source.as_bytes()).unwrap() == b"// Requirement 1.3\n";
        assert_eq!(followed, sources_belong);
        assert_eq!(changes.notes.len(), if sources_belong { 1 } else { 2 }, "{:?}", changes.notes);
    }
}

#[test]
fn refusals_say_what_to_do() {
    let documents = [("tasks.md".to_string(), "- [ ] 1. A\n- [ ] 1. B\n- [ ] 3. C\n".as_bytes())];
    let set = Set { name: "a", documents: &documents, sources: &[], sources_belong: false };
    let check = |result: Result<Changes, RefactorError>, message: &str| {
        assert_eq!(result.unwrap_err().to_string(), message);
    };
    check(set.move_task("9", Place::After("1")), "there is no task `9`; the last one is `3`");
    check(set.insert_criterion("1", "x"), "there is no criterion `1`; the spec has none");
    check(
        set.renumber_with(Kind::Task, &[("3".into(), "1".into())]),
        "two things would be task `1`; give each its own number",
    );
}

#[test]
fn line_ends_indents_and_bullets_are_the_neighbours() {
    let check = |before: &str, after: &str, expected: &str| {
        let documents = [("tasks.md".to_string(), before.as_bytes())];
        let set = Set { name: "a", documents: &documents, sources: &[], sources_belong: false };
        let changes = set.insert_task(after, "New", &["detail"]).unwrap();
        let new = changes.apply("tasks.md", before.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(new).unwrap(), expected);
    };
    check(
        "* [x] 1) A\r\n\t* d\r\n\r\n* [ ] 2) B",
        "1",
        "* [x] 1) A\r\n\t* d\r\n\r\n* [ ] 2) New\r\n\t* detail\r\n\r\n* [ ] 3) B",
    );
    check("- [x] T001 A", "T001", "- [x] T001 A\n- [ ] T002 New\n  - detail");
    check("- [x] A\n- [ ] B\n", "1", "- [x] A\n- [ ] New\n  - detail\n- [ ] B\n");
    check(
        "- [ ] 6. A\n- [ ] 6a. B\n- [ ] 6b. C\n- [ ] 7. D after task 6b\n- [ ] 9. E\n",
        "6a",
        "- [ ] 6. A\n- [ ] 6a. B\n- [ ] 7. New\n  - detail\n- [ ] 6b. C\n- [ ] 8. D after task 6b\n- [ ] 9. E\n",
    );
    check(
        "- [ ] 5. A\n- [ ] 6. B\n- [ ] 6a. C\n- [ ] 7. D after task 6a\n",
        "5",
        "- [ ] 5. A\n- [ ] 6. New\n  - detail\n- [ ] 7. B\n- [ ] 7a. C\n- [ ] 8. D after task 7a\n",
    );
    check(
        "- [ ] 7. A\n- [ ] 7b. B\n- [ ] 8. C\n",
        "7b",
        "- [ ] 7. A\n- [ ] 7b. B\n- [ ] 8. New\n  - detail\n- [ ] 9. C\n",
    );
}

#[test]
fn numbers_with_letters_and_tasks_that_are_headings() {
    let requirements = "### REQ-UI-1: A\n\n1. WHEN a\n\n### REQ-UI-2: B\n\n1. WHEN b\n";
    let tasks =
        "### Task 1: A\n\n- Do it\n- _Requirements: REQ-UI-2_\n\n### Task 2: B\n\n- Do it\n- _Depends: 1_\n";
    let documents = [
        ("requirements.md".to_string(), requirements.as_bytes()),
        ("tasks.md".to_string(), tasks.as_bytes()),
    ];
    let set = Set { name: "a", documents: &documents, sources: &[], sources_belong: false };
    let check = |changes: Changes, file: usize, expected: String| {
        let (name, bytes) = &documents[file];
        assert_eq!(String::from_utf8(changes.apply(name, bytes).unwrap()).unwrap(), expected);
    };
    check(
        set.insert_requirement("REQ-UI-1", "New", None, &["WHEN x"]).unwrap(),
        1,
        tasks.replace("REQ-UI-2", "REQ-UI-3"),
    );
    check(
        set.insert_task("1", "New", &["Do it, too"]).unwrap(),
        1,
        tasks.replace("### Task 2: B", "### Task 2: New\n\n- Do it, too\n\n### Task 3: B"),
    );
    check(
        set.move_task("2", Place::Before("1")).unwrap(),
        1,
        "### Task 1: B\n\n- Do it\n- _Depends: 2_\n\n### Task 2: A\n\n- Do it\n- _Requirements: REQ-UI-2_\n"
            .to_string(),
    );
}

#[test]
fn what_is_not_read_whole_is_not_changed() {
    let requirements = "### Requirement 1: A\n\n1. a\n2. b\n";
    let check = |tasks: String| {
        let documents = [
            ("requirements.md".to_string(), requirements.as_bytes()),
            ("tasks.md".to_string(), tasks.as_bytes()),
        ];
        let set = Set { name: "a", documents: &documents, sources: &[], sources_belong: false };
        assert_eq!(set.insert_criterion("1.1", "x"), Err(RefactorError::TooLarge));
    };
    check(format!("- [ ] 1. A\n  - _Requirements: {}1.2_\n", "1.1, ".repeat(crate::references::SPANS_MAX)));
    check("- [ ] A\n".repeat(crate::tasks::TASKS_MAX + 1));
}

#[test]
fn hostile_sets_are_answered_in_time() {
    let long = "- [ ] 1. A _Requirements: ".to_string() + &"1.1, ".repeat(10_000);
    let many: String = (1..800).map(|n| format!("- [ ] {n}. T after task {}\n", n / 2)).collect();
    let deep: String = (0..300).map(|n| format!("{}- [ ] {n}. T\n", " ".repeat(n))).collect();
    for text in [long.as_bytes(), many.as_bytes(), deep.as_bytes(), b"\xff\0\r- [ ] 1. \xff\r\n- [ ] 2. B"] {
        let documents = [
            ("tasks.md".to_string(), text),
            ("requirements.md".to_string(), text),
            ("design.md".to_string(), text),
        ];
        let set = Set { name: "a", documents: &documents, sources: &documents, sources_belong: true };
        let started = std::time::Instant::now();
        let _ = set.renumber(Kind::Task);
        let _ = set.insert_task("1", "New", &[]);
        let _ = set.move_task("1", Place::After("2"));
        let _ = set.remove(Kind::Task, "1", true);
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_are_answered_without_a_panic(
        bytes in "(- \\[ \\] |[0-9]\\.|[0-9]|### Requirement |_Requirements: |, |-|task |\\(dep: |\\)|\n|\r\n|  |a|\u{e9}){0,60}",
        junk in proptest::collection::vec(any::<u8>(), 0..6),
    ) {
        let mut bytes = bytes.into_bytes();
        bytes.extend(junk);
        let documents = [
            ("tasks.md".to_string(), bytes.as_slice()),
            ("requirements.md".to_string(), bytes.as_slice()),
            ("a.md".to_string(), bytes.as_slice()),
        ];
        let set = Set { name: "a", documents: &documents, sources: &documents, sources_belong: true };
        for kind in [Kind::Requirement, Kind::Criterion, Kind::Task, Kind::Property] {
            let _ = set.renumber(kind);
            let _ = set.remove(kind, "1", true);
            let _ = set.rename(kind, "1", "x");
        }
        let _ = set.insert_task("1", "x", &["y"]);
        let _ = set.insert_criterion("1.1", "x");
        let _ = set.insert_requirement("1", "x", None, &["y"]);
        let _ = set.move_task("1", Place::After("2"));
        let _ = set.move_criterion("1.1", Place::Before("2.1"));
    }
}
