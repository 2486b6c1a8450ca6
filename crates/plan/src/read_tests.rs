//! Tests of `read`.

use super::*;
use proptest::prelude::*;

fn documents(requirements: &str, tasks: &str) -> SpecDocuments {
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    SpecDocuments {
        name: "limit".into(),
        requirements: bytes(requirements),
        tasks: bytes(tasks),
        ..SpecDocuments::default()
    }
}

const REQUIREMENTS: &str = "### Requirement 1: A\n1. a\n2. b\n### Requirement 2: B\n1. c\n";

#[track_caller]
fn problems(tasks: &str, expected: &[&str]) {
    let plan = Plan::read(&documents(REQUIREMENTS, tasks));
    let got: Vec<_> = plan.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(got, expected, "{tasks}");
}

#[test]
fn steps_know_their_criteria() {
    let plan = Plan::read(&documents(
        REQUIREMENTS,
        "# Implementation Plan: X\n- [ ] 1. P\n  - [-]* 1.1 T `src/a.rs`\n    - _Check: cargo test a_\n    - _Requirements: 1, 2.1, 7.7_\n",
    ));
    assert_eq!(plan.title, "X");
    let step = plan.step("1.1").unwrap();
    let some = |text: &str| Some(text.to_string());
    let want = [
        ("1.1".into(), some("a")),
        ("1.2".into(), some("b")),
        ("2.1".into(), some("c")),
        ("7.7".into(), None),
    ];
    assert_eq!(step.criteria, want);
    assert_eq!((step.optional, step.is_leaf, step.state), (true, true, State::InProgress));
    assert_eq!((step.parent.as_deref(), step.check.as_deref()), (Some("1"), Some("cargo test a")));
    assert_eq!(step.files, ["src/a.rs"]);
    assert_eq!(plan.criteria[0].cited_by, ["1.1"]);
    assert!(!plan.step("1").unwrap().is_leaf);
}

#[test]
fn problems_between_the_documents() {
    problems("- [ ] 1. T\n  - _Requirements: all_\n", &[]);
    problems("", &[]);
    problems(
        "- [ ] 1. T\n  - _Requirements: 1.1-1.2, 3_\n",
        &["task `1` cites `3`, which does not exist", "no task cites criterion `2.1`"],
    );
    problems(
        "- [ ] 1. T\n  - _Requirements: 1, 2_\n- [ ] 1. U (dep: 8)\n",
        &["task number `1` is used more than once", "task `1#2` depends on `8`, which does not exist"],
    );
    problems(
        "- [ ] 1. T (dep: 2)\n  - _Requirements: 1, 2_\n- [ ] 2. U (dep: 1)\n",
        &["these tasks wait for each other: `1`, `2`"],
    );
}

#[test]
fn problems_of_the_graph() {
    let with = |waves: &str| {
        format!(
            "- [ ] 1. T\n  - _Requirements: 1, 2_\n- [ ] 2. U\n## Task Dependency Graph\n```json\n{{\"waves\":{waves}}}\n```\n"
        )
    };
    problems(&with(r#"[{"id":0,"tasks":["1","2"]}]"#), &[]);
    problems(
        &with(r#"[{"id":0,"tasks":["1","1","9"]}]"#),
        &[
            "the dependency graph names task `1` twice",
            "the dependency graph names task `9`, which does not exist",
            "the dependency graph leaves out task `2`",
        ],
    );
}

#[test]
fn a_checkpoint_that_the_graph_leaves_out_waits_for_the_tasks_above_it() {
    let tasks = "- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. Checkpoint\n- [ ] 4. C\n## Task Dependency Graph\n```json\n\
        {\"waves\":[[\"2\"],[\"1\",\"4\"]]}\n```\n";
    let plan = Plan::read(&documents("", tasks));
    assert!(plan.has_valid_graph);
    let waves: Vec<_> = plan.steps.iter().map(|step| step.wave).collect();
    assert_eq!(waves, [Some(1), Some(0), Some(1), Some(1)]);
}

#[test]
fn the_check_of_the_whole_spec() {
    let mut documents = documents(REQUIREMENTS, "- [ ] 1. T\n");
    documents.design = Some(b"# D\n## Testing Strategy\nCheck: `cargo test`\n".to_vec());
    let plan = Plan::read(&documents);
    assert_eq!(plan.check.as_deref(), Some("cargo test"));
    assert_eq!(plan.steps[0].check.as_deref(), Some("cargo test"));
}

#[test]
fn clauses_of_a_bug_are_criteria_and_the_defect_needs_no_task() {
    let bugfix = "### Current Behavior (Defect)\n1.1 x\n### Expected Behavior (Correct)\n2.1 y\n";
    let plan = Plan::read(&SpecDocuments {
        bugfix: Some(bugfix.as_bytes().to_vec()),
        tasks: Some(b"- [ ] 1. T\n".to_vec()),
        ..SpecDocuments::default()
    });
    assert_eq!(plan.criteria_to_cite().collect::<Vec<_>>(), ["2.1"]);
    assert_eq!(plan.problems.len(), 1);
}

#[test]
fn a_single_file_is_a_plan() {
    let single = "# Feature: X\n## Requirements\n- a\n  - a1\n- b\n## Check\n`make`\n## Tasks\n- [ ] 1. T\n  - _Requirements: 1, 2_\n";
    let plan = Plan::read(&SpecDocuments {
        name: "x".into(),
        shape: Shape::Single,
        single: Some(single.as_bytes().to_vec()),
        ..SpecDocuments::default()
    });
    let ids: Vec<_> = plan.steps[0].criteria.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["1", "1.1", "2"]);
    assert_eq!((plan.title.as_str(), plan.check.as_deref()), ("X", Some("make")));
    assert_eq!(plan.problems, []);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(
        parts in proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 0..150)), 6),
        is_single in any::<bool>(),
    ) {
        let documents = SpecDocuments {
            name: "x".into(),
            shape: if is_single { Shape::Single } else { Shape::Folder },
            requirements: parts[0].clone(),
            bugfix: parts[1].clone(),
            design: parts[2].clone(),
            tasks: parts[3].clone(),
            single: parts[4].clone(),
            config: parts[5].clone(),
        };
        let plan = Plan::read(&documents);
        let _ = crate::schedule::next(&plan);
        let _ = crate::approval::documents(&documents);
        for step in &plan.steps {
            let _ = crate::context::task_context(&documents, &plan, &step.task_id);
            let _ = crate::schedule::parent_completions(&plan, &step.task_id);
        }
    }

    #[test]
    fn every_run_ends(s in "([ ]{0,2}- \\[[ x]\\]\\*? ([0-9](\\.[0-9])?\\.?) [a-c]( \\(dep: [0-9]\\))?\n){0,12}") {
        let mut text = s.into_bytes();
        for _ in 0..40 {
            let documents = SpecDocuments { tasks: Some(text.clone()), ..SpecDocuments::default() };
            let plan = Plan::read(&documents);
            let Some(step) = crate::schedule::next(&plan) else { return Ok(()) };
            let mut ids = vec![step.task_id.clone()];
            ids.extend(crate::schedule::parent_completions(&plan, &step.task_id));
            for id in ids {
                text = spec::edit::tick(&text, &id, State::Done).unwrap().apply(&text).unwrap();
            }
        }
        prop_assert!(false, "the run did not end");
    }
}
