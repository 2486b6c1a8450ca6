//! Every generator's output passes Kiro's rules and is read back as it was meant, whatever the words.

use super::*;
use crate::check::check;
use crate::kind::DocumentKind;
use crate::requirements::Requirements;
use crate::tasks::Tasks;
use proptest::prelude::*;

#[track_caller]
fn passes(kind: DocumentKind, spec: SpecKind, text: &str) {
    let found = check(kind, Some(spec), text.as_bytes());
    assert_eq!(found, [], "{text}");
}

fn task(title: &str) -> TaskDraft {
    TaskDraft { title: title.into(), ..TaskDraft::default() }
}

#[test]
fn a_plan_in_kiros_form() {
    let draft = TasksDraft {
        title: "Rate limiting".into(),
        overview: "Bottom-up.".into(),
        tasks: vec![
            TaskDraft {
                title: "1. Set up the store".into(),
                subtasks: vec![
                    TaskDraft {
                        title: "Create the store".into(),
                        details: vec!["in memory".into(), "_Requirements: 9.9_".into()],
                        files: vec!["src/store.rs".into()],
                        requirements: vec!["1.1".into(), "R1.2".into()],
                        check: Some("cargo test store".into()),
                        ..TaskDraft::default()
                    },
                    TaskDraft { optional: true, ..task("Property test") },
                ],
                ..TaskDraft::default()
            },
            task("Checkpoint - Ensure all tests pass"),
        ],
        notes: vec![],
        waves: None,
    };
    let text = tasks_md(&draft);
    let expected = "# Implementation Plan: Rate limiting\n\n## Overview\n\nBottom-up.\n\n## Tasks\n\n\
        - [ ] 1. Set up the store\n  - [ ] 1.1 Create the store\n    - in memory\n    - Files: `src/store.rs`\n    \
        - _Check: cargo test store_\n    - _Requirements: 1.1, 1.2_\n  - [ ]* 1.2 Property test\n\n\
        - [ ] 2. Checkpoint - Ensure all tests pass\n\n## Notes\n\n\
        - Tasks marked with `*` are optional and can be skipped for a faster MVP\n\n## Task Dependency Graph\n\n\
        ```json\n{\n  \"waves\": [\n    { \"id\": 0, \"tasks\": [\"1.1\"] },\n    { \"id\": 1, \"tasks\": [\"1.2\"] },\n    \
        { \"id\": 2, \"tasks\": [\"2\"] }\n  ]\n}\n```\n";
    assert_eq!(text, expected);
    passes(DocumentKind::Tasks, SpecKind::Feature, &text);
    let together =
        TasksDraft { waves: Some(vec![vec!["1.1".into(), "1.2".into()], vec!["2".into()]]), ..draft };
    assert_eq!(Tasks::parse(tasks_md(&together).as_bytes()).waves.unwrap().len(), 2);
    let wrong = TasksDraft { waves: Some(vec![vec!["1.1".into(), "9".into()]]), ..together };
    assert_eq!(Tasks::parse(tasks_md(&wrong).as_bytes()).waves.unwrap().len(), 3);
}

#[test]
fn empty_drafts_pass() {
    passes(DocumentKind::Tasks, SpecKind::Feature, &tasks_md(&TasksDraft::default()));
    passes(DocumentKind::Requirements, SpecKind::Feature, &requirements_md(&RequirementsDraft::default()));
    passes(DocumentKind::Bugfix, SpecKind::Bugfix, &bugfix_md(&BugfixDraft::default()));
    passes(DocumentKind::Design, SpecKind::Feature, &design_md(&DesignDraft::default()));
    passes(DocumentKind::Design, SpecKind::Bugfix, &bugfix_design_md(&BugfixDesignDraft::default()));
}

#[test]
fn tasks_enter_a_single_file_and_touch_nothing_else() {
    let draft = TasksDraft { tasks: vec![task("A"), task("B")], ..TasksDraft::default() };
    let put = |existing: &str, expected: &str| {
        let once = single_with_tasks(existing.as_bytes(), &draft);
        assert_eq!(String::from_utf8_lossy(&once), expected);
        assert_eq!(single_with_tasks(&once, &draft), once, "twice is once");
    };
    put("# Feature: X\n\n- r", "# Feature: X\n\n- r\n\n## Tasks\n\n- [ ] 1. A\n\n- [ ] 2. B\n");
    put("", "## Tasks\n\n- [ ] 1. A\n\n- [ ] 2. B\n");
    put(
        "\u{feff}# F\r\n## Tasks\r\nold\r\n## Notes\r\n\r\nn",
        "\u{feff}# F\r\n## Tasks\r\n\r\n- [ ] 1. A\r\n\r\n- [ ] 2. B\r\n\r\n## Notes\r\n\r\nn",
    );
    put("# F\r", "# F\r\r\n\r\n## Tasks\r\n\r\n- [ ] 1. A\r\n\r\n- [ ] 2. B\r\n");
    put("# F\n```\ncode", "# F\n```\ncode\n```\n\n## Tasks\n\n- [ ] 1. A\n\n- [ ] 2. B\n");
}

#[test]
fn a_single_file_is_read_back() {
    let draft = SingleDraft {
        title: "Rate\nlimiting".into(),
        introduction: "Protect.\n## Requirements\n- fake".into(),
        requirements: vec!["Limit each key".into(), "# Answer 429".into()],
        constraints: vec!["No new dependency".into()],
        out_of_scope: vec!["Billing".into()],
        check: Some("cargo test".into()),
    };
    let text = single_md(&draft);
    let read = crate::single::SingleFile::parse(text.as_bytes());
    assert_eq!(read.title, "Rate limiting");
    let ids: Vec<_> = read.requirements.iter().map(|r| (r.id.as_str(), r.text.as_str())).collect();
    assert_eq!(ids, [("1", "Limit each key"), ("2", "\\# Answer 429")]);
    assert_eq!((read.check.as_deref(), read.out_of_scope.as_str()), (Some("cargo test"), "- Billing"));
}

#[test]
fn the_sidecar_is_read_back() {
    for kind in SpecKind::ALL {
        let config = crate::config::Config::parse(config_kiro("a\"b", kind).as_bytes());
        assert_eq!((config.spec_id.as_deref(), config.kind()), (Some("a\"b"), Some(kind)));
        assert_eq!(config.diagnostics, []);
    }
}

/// Words that try to leave their place.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n"),
        Just("\r\n"),
        Just("# "),
        Just("## Tasks"),
        Just("### Requirement"),
        Just("### Property x"),
        Just("Property 9"),
        Just("```"),
        Just("~~~"),
        Just("`"),
        Just("- [ ] "),
        Just("- [x] 9. "),
        Just("[ ] "),
        Just("<!--"),
        Just("-->"),
        Just("1. "),
        Just("1.1 "),
        Just("**"),
        Just("*"),
        Just("_"),
        Just("\\"),
        Just("日本"),
        Just("a"),
        Just("word "),
        Just("\u{0}"),
        Just("\u{2028}"),
        Just("Requirements: 7"),
        Just("_Requirements: 7_"),
        Just("Check: x"),
        Just("\t"),
        Just("{"),
        Just("\""),
        Just("### Bug Condition"),
        Just("(dep: 1)"),
        Just("## Task Dependency Graph\n```json\n"),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn hostile_task() -> impl Strategy<Value = TaskDraft> {
    let list = || proptest::collection::vec(hostile(), 0..3);
    (hostile(), list(), list(), list(), proptest::option::of(hostile()), any::<bool>()).prop_map(
        |(title, details, files, requirements, check, optional)| TaskDraft {
            title,
            details,
            files,
            requirements,
            check,
            optional,
            subtasks: vec![],
        },
    )
}

proptest! {
    #[test]
    fn no_words_break_a_plan(
        title in hostile(),
        overview in hostile(),
        tops in proptest::collection::vec((hostile_task(), proptest::collection::vec(hostile_task(), 0..3)), 0..4),
        notes in proptest::collection::vec(hostile(), 0..3),
    ) {
        let tasks: Vec<TaskDraft> = tops.into_iter().map(|(task, subtasks)| TaskDraft { subtasks, ..task }).collect();
        let draft = TasksDraft { title, overview, tasks, notes, waves: None };
        let text = tasks_md(&draft);
        let found = check(DocumentKind::Tasks, Some(SpecKind::Feature), text.as_bytes());
        prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
        let read = Tasks::parse(text.as_bytes());
        let leaves: Vec<_> = read.leaves().map(|task| task.id.clone()).collect();
        prop_assert_eq!(leaves, leaf_ids(&draft.tasks), "{}", text);
        prop_assert!(read.tasks.iter().all(|task| task.state == crate::State::Open));
        let drafts: Vec<&TaskDraft> = draft.tasks.iter().flat_map(|t| std::iter::once(t).chain(&t.subtasks)).collect();
        for (task, draft) in read.tasks.iter().zip(drafts) {
            prop_assert_eq!(task.optional, draft.optional);
        }
    }

    #[test]
    fn no_words_break_requirements(
        introduction in hostile(),
        stories in proptest::collection::vec((hostile(), hostile(), proptest::collection::vec(hostile(), 0..4)), 0..4),
        terms in proptest::collection::vec((hostile(), hostile()), 0..3),
    ) {
        let draft = RequirementsDraft {
            introduction,
            glossary: terms.into_iter().map(|(name, definition)| TermDraft { name, definition }).collect(),
            requirements: stories
                .into_iter()
                .map(|(title, user_story, criteria)| RequirementDraft { title, user_story, criteria })
                .collect(),
        };
        let text = requirements_md(&draft);
        let found = check(DocumentKind::Requirements, None, text.as_bytes());
        prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
        let read = Requirements::parse(text.as_bytes());
        let numbers: Vec<_> = read.requirements.iter().map(|r| r.number.clone()).collect();
        let expected: Vec<_> = (1..=draft.requirements.len()).map(|n| n.to_string()).collect();
        prop_assert_eq!(numbers, expected, "{}", text);
    }

    #[test]
    fn no_words_break_a_bug_analysis(parts in proptest::collection::vec(proptest::collection::vec(hostile(), 0..3), 4)) {
        let intro = parts[3].concat();
        let draft = BugfixDraft {
            introduction: intro, current: parts[0].clone(), expected: parts[1].clone(), unchanged: parts[2].clone(),
        };
        let text = bugfix_md(&draft);
        let found = check(DocumentKind::Bugfix, None, text.as_bytes());
        prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
    }

    #[test]
    fn no_words_break_a_design(words in proptest::collection::vec(hostile(), 12)) {
        let property = PropertyDraft {
            title: words[0].clone(), statement: words[1].clone(), validates: vec![words[2].clone(), "1.2".into()],
        };
        let feature = DesignDraft {
            title: words[3].clone(), overview: words[4].clone(), architecture: words[5].clone(),
            components: vec![ComponentDraft { name: words[6].clone(), text: words[7].clone() }],
            data_models: words[8].clone(), properties: vec![property.clone()], error_handling: words[9].clone(),
            testing_strategy: words[10].clone(), check: Some(words[11].clone()),
        };
        let text = design_md(&feature);
        for spec in [None, Some(SpecKind::Feature)] {
            let found = check(DocumentKind::Design, spec, text.as_bytes());
            prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
        }
        let bug = BugfixDesignDraft {
            title: words[3].clone(), overview: words[4].clone(), bug_details: words[5].clone(),
            glossary: vec![TermDraft { name: words[6].clone(), definition: words[7].clone() }],
            bug_condition: words[8].clone(), expected_behavior: words[9].clone(), preservation: words[10].clone(),
            root_cause: words[11].clone(), properties: vec![property], fix: words[0].clone(),
            testing_strategy: words[1].clone(), check: Some(words[2].clone()),
        };
        let text = bugfix_design_md(&bug);
        for spec in [None, Some(SpecKind::Bugfix)] {
            let found = check(DocumentKind::Design, spec, text.as_bytes());
            prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
        }
    }

    #[test]
    fn putting_tasks_into_any_file_keeps_every_other_byte(existing in hostile(), bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let draft = TasksDraft { tasks: vec![task("A")], ..TasksDraft::default() };
        for existing in [existing.as_bytes(), &bytes] {
            let out = single_with_tasks(existing, &draft);
            let text = crate::text::Text::read(existing);
            let headings = crate::outline::headings(&text);
            let kept = match crate::single::task_section(&headings) {
                Some(heading) => text.span_of(heading.line + 1, heading.end).offset,
                None => existing.len(),
            };
            prop_assert_eq!(&out[..kept], &existing[..kept]);
            prop_assert!(Tasks::parse(&out).tasks.iter().any(|task| task.title == "A"), "{}", String::from_utf8_lossy(&out));
            prop_assert_eq!(single_with_tasks(&out, &draft), out);
        }
    }

    #[test]
    fn the_words_of_a_plain_plan_come_back(
        title in "[A-Za-z][a-z]{0,8}( [a-z]{1,6}){0,3}",
        check in "[a-z]{1,8}( [a-z0-9:._/-]{1,8}){0,3}",
        files in proptest::collection::vec("(src|tests)/[a-z]{1,6}\\.rs", 0..3),
    ) {
        let mut files = files;
        files.sort();
        files.dedup();
        let task = TaskDraft {
            title: title.clone(), files: files.clone(), check: Some(check.clone()),
            requirements: vec!["1.1".into(), "2".into()], ..TaskDraft::default()
        };
        let draft = TasksDraft { tasks: vec![task], ..TasksDraft::default() };
        let read = Tasks::parse(tasks_md(&draft).as_bytes());
        let back = &read.tasks[0];
        prop_assert_eq!(&back.title, &title);
        prop_assert_eq!(back.check.as_deref(), Some(check.as_str()));
        prop_assert_eq!(&back.files, &files);
        prop_assert_eq!(&back.requirements, &["1.1", "2"]);
    }
}
