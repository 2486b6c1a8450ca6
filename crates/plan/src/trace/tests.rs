//! Tests of the trace: links from every source, status of criteria, and the questions.

use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::documents::{Shape, SpecDocuments};
use crate::tested::{CoveredLines, TestResult, TestStatus};

const REQUIREMENTS: &str = "# Requirements\n\n### Requirement 1: Store\n\n#### Acceptance Criteria\n\n\
    1. WHEN a key is set THE Store SHALL keep it\n2. WHEN a key is gone THE Store SHALL say so\n\
    3. WHEN the store is full THE Store SHALL refuse\n4. THE Store SHALL be quick\n";
const DESIGN: &str = "# Design\n\n## Correctness Properties\n\n### Property 1: Round trip\n\nFor all keys.\n\n\
    **Validates: Requirements 1.1**\n\n### Property 2: Bound\n\nFor all sizes.\n\n**Validates: Requirements 1.3**\n";
const TASKS: &str = "# Tasks\n\n- [x] 1. Write `Store.get` in `src/store.rs`\n  - _Requirements: 1.1_\n\
    - [ ] 2. Refuse in `src/limit/`\n  - _Requirements: 1.3_\n- [x] 3. Say so in `src/gone.rs`\n  - _Requirements: 1.2_\n\
    - [x] 4. Tidy up\n";

fn reading(name: &str, requirements: &str, design: &str, tasks: &str) -> Reading {
    Reading::of(SpecDocuments {
        name: name.to_string(),
        shape: Shape::Folder,
        requirements: Some(requirements.as_bytes().to_vec()),
        design: Some(design.as_bytes().to_vec()),
        tasks: Some(tasks.as_bytes().to_vec()),
        ..SpecDocuments::default()
    })
}

fn trace(facts: &Facts) -> Trace {
    let reading = reading("store", REQUIREMENTS, DESIGN, TASKS);
    let plan = Plan::of(&reading);
    Trace::of(&[TracedSpec { reading: &reading, plan: &plan }], facts)
}

fn symbol(path: &str, name: &str, lines: (usize, usize), is_test: bool) -> SymbolFact {
    SymbolFact {
        path: path.to_string(),
        name: name.rsplit("::").next().unwrap().to_string(),
        qualified: name.to_string(),
        lines,
        above: lines.0.saturating_sub(1),
        is_test,
        ..SymbolFact::default()
    }
}

fn tag(path: &str, line: usize, kind: TagKind, spec: Option<&str>, id: &str) -> TagFact {
    TagFact {
        path: path.to_string(),
        line,
        kind,
        spec: spec.map(str::to_string),
        id: id.to_string(),
        confidence: 100,
    }
}

fn result(name: &str, status: TestStatus) -> TestResult {
    TestResult { suite: String::new(), name: name.to_string(), file: None, line: None, status, seconds: 0.1 }
}

fn task_ref(task: &str) -> TaskRef {
    TaskRef { spec: "store".to_string(), task: task.to_string() }
}

/// Two tests in one file, code beside it.
fn facts() -> Facts {
    Facts {
        symbols: vec![
            symbol("src/store.rs", "Store::get", (10, 20), false),
            symbol("src/store.rs", "Store::len", (22, 25), false),
            symbol("tests/store.rs", "keeps", (5, 9), true),
            symbol("tests/store.rs", "says_so", (12, 15), true),
        ],
        tags: vec![tag("tests/store.rs", 4, TagKind::Property, Some("Store"), "Property 1")],
        results: vec![result("keeps", TestStatus::Passed)],
        files: ["src/store.rs", "src/other.rs", "lib/x.rs"].map(str::to_string).into(),
        ..Facts::default()
    }
}

fn check(facts: &Facts, expected: &str) {
    let signs: String = trace(facts).statuses("store").iter().map(|(_, status)| status.sign()).collect();
    assert_eq!(signs, expected);
}

#[test]
fn a_criterion_comes_as_far_as_its_tasks_and_tests() {
    check(&Facts::default(), "◑◑◔○");
    check(&facts(), "●◑◔○");
    let mut red = facts();
    red.results.push(result("keeps", TestStatus::Failed));
    check(&red, "✖◑◔○");
    let mut suspect = facts();
    suspect.suspects.insert(("store".to_string(), "1.1".to_string()));
    check(&suspect, "⚠◑◔○");
    let mut skipped = facts();
    skipped.results = vec![result("keeps", TestStatus::Skipped)];
    check(&skipped, "◑◑◔○");
    let mut direct = facts();
    direct.tags.push(tag("tests/store.rs", 13, TagKind::Criterion, None, "1.4"));
    direct.results.push(result("says_so", TestStatus::Passed));
    check(&direct, "●◑◔●");
    // A requirement stands for all its criteria; the open task still shows.
    let mut whole = facts();
    whole.tags = vec![tag("tests/store.rs", 7, TagKind::Criterion, None, "1")];
    check(&whole, "●●◔●");
}

#[test]
fn a_parent_is_open_while_a_task_below_is() {
    let tasks = "- [x] 1. All\n  - _Requirements: 1.1_\n  - [x] 1.1 One\n  - [ ] 1.2 Two\n";
    let reading = reading("store", REQUIREMENTS, DESIGN, tasks);
    let plan = Plan::of(&reading);
    let trace = Trace::of(&[TracedSpec { reading: &reading, plan: &plan }], &Facts::default());
    assert_eq!(trace.status("store", "1.1"), Some(Status::TaskOpen));
    assert_eq!(trace.status("store", "9.9"), None);
}

/// One line per item near another.
fn shown(near: &[Near]) -> Vec<String> {
    near.iter().map(|near| format!("{} {} {}", near.item, near.confidence, near.source.name())).collect()
}

#[test]
fn why_shows_both_sides_of_a_criterion() {
    let why = trace(&facts()).why(&Item::criterion("store", "1.1")).unwrap();
    assert_eq!(why.status, Some(Status::Green));
    assert_eq!(shown(&why.above), ["requirement store#1 100 document"]);
    assert_eq!(
        shown(&why.below),
        [
            "property store#1 100 document",
            "task store#1 100 document",
            "src/store.rs 60 named path",
            "src/store.rs Store::get 80 named symbol",
            "test tests/store.rs keeps 100 tag",
            "test tests/store.rs says_so 30 similar names",
        ]
    );
    let keeps = why.below.iter().find(|near| near.item.to_string().contains("keeps")).unwrap();
    assert_eq!(keeps.outcome, Some(Outcome::Green));
    assert_eq!(keeps.via, Some(Item::property("store", "1")));
    let why = trace(&facts()).why(&Item::task("store", "1")).unwrap();
    assert_eq!(shown(&why.above), ["requirement store#1 100 document", "criterion store#1.1 100 document"]);
    assert!(trace(&facts()).why(&Item::criterion("store", "7.7")).is_none());
    assert_eq!(trace(&facts()).find("store#1.1"), [Item::criterion("store", "1.1")]);
    assert_eq!(trace(&facts()).find("1"), [Item::property("store", "1"), Item::task("store", "1")]);
}

#[test]
fn commits_of_tasks_lead_to_code_and_tests() {
    let mut facts = facts();
    facts.tags.clear();
    facts.commits = vec![
        CommitFact {
            hash: "b".repeat(40),
            ticked: vec![task_ref("3")],
            files: vec!["src/store.rs".to_string(), "tests/store.rs".to_string()],
            ..CommitFact::default()
        },
        CommitFact {
            hash: "a".repeat(40),
            tasks: vec![task_ref("1")],
            files: vec!["src/store.rs".to_string()],
            ..CommitFact::default()
        },
        CommitFact {
            hash: "c".repeat(40),
            ticked: vec![task_ref("1"), task_ref("4")],
            ..CommitFact::default()
        },
    ];
    let blame = |path: &str, first, last, commit: &str| BlameFact {
        path: path.to_string(),
        first,
        last,
        commit: commit.repeat(40),
    };
    facts.blamed = vec![
        blame("src/store.rs", 1, 19, "a"),
        blame("src/store.rs", 20, 40, "b"),
        blame("tests/store.rs", 12, 15, "b"),
    ];
    facts.results.push(result("says_so", TestStatus::Passed));
    check(&facts, "◑●◔○");
    let trace = trace(&facts);
    let behind = |line| shown(&trace.impact("src/store.rs", Some(line)).behind);
    assert_eq!(
        behind(23),
        [
            "requirement store#1 90 document",
            "criterion store#1.1 70 document",
            "criterion store#1.2 90 document",
            "task store#1 70 trailer",
            "task store#3 90 commit of this task alone",
            "commit aaaaaaaaaa 70 commit",
            "commit bbbbbbbbbb 100 commit",
        ]
    );
    let impact = trace.impact("src/store.rs", Some(12));
    assert_eq!(impact.symbol.as_deref(), Some("Store::get"));
    assert!(shown(&impact.behind).contains(&"criterion store#1.1 100 document".to_string()));
    assert_eq!(shown(&impact.tests).len(), 2);
    assert_eq!(trace.impact("nowhere.rs", Some(1)), Impact::default());
}

#[test]
fn a_journal_and_executed_lines_make_tests_of_a_task() {
    let mut facts = facts();
    facts.tags.clear();
    facts.work =
        vec![WorkFact { task: task_ref("3"), path: "src/store.rs".to_string(), first: 22, last: 23 }];
    facts.coverage = vec![CoveredLines {
        test: Some("says_so".to_string()),
        path: "src/store.rs".to_string(),
        hit: vec![23, 24],
        found: 9,
    }];
    facts.results = vec![result("says_so", TestStatus::Passed)];
    check(&facts, "◑●◔○");
    let why = trace(&facts).why(&Item::criterion("store", "1.2")).unwrap();
    assert!(shown(&why.below).contains(&"test tests/store.rs says_so 70 executed lines".to_string()));
    assert!(shown(&why.below).contains(&"src/store.rs Store::len 100 journal".to_string()));
}

#[test]
fn similar_names_are_only_hints() {
    let mut facts = facts();
    facts.tags.clear();
    facts.results = vec![result("keeps", TestStatus::Failed)];
    check(&facts, "◑◑◔○");
}

#[test]
fn gaps_name_what_is_missing() {
    let mut facts = facts();
    facts.tags.extend([
        tag("tests/store.rs", 6, TagKind::Criterion, Some("Store"), "9.9"),
        tag("tests/store.rs", 6, TagKind::Criterion, Some("Shop"), "1.1"),
        tag("tests/store.rs", 7, TagKind::Property, None, "7"),
    ]);
    let gaps = trace(&facts).gaps(None);
    let names = |items: &[Item]| items.iter().map(Item::to_string).collect::<Vec<_>>();
    assert_eq!(names(&gaps.without_task), ["criterion store#1.4"]);
    assert_eq!(names(&gaps.without_test), ["criterion store#1.2"]);
    assert_eq!(names(&gaps.tasks_without_criterion), ["task store#4"]);
    assert_eq!(names(&gaps.properties_without_test), ["property store#2"]);
    let faults: Vec<&TagFault> = gaps.loose_tags.iter().map(|tag| &tag.fault).collect();
    let spec = |name: &str| name.to_string();
    assert_eq!(
        faults,
        [
            &TagFault::NoSpec { spec: spec("Shop") },
            &TagFault::NoItem { spec: spec("Store") },
            &TagFault::Nowhere
        ]
    );
    assert_eq!(gaps.unexplained_files, ["src/other.rs"]);
    let (by_spec, all) = trace(&facts).coverage();
    assert_eq!(by_spec.get("store"), Some(&all));
    assert_eq!((all.criteria, all.cited, all.tested, all.green_percent()), (4, 3, 1, 25));
    assert_eq!((all.tasks, all.tasks_done, all.properties, all.properties_tested), (4, 3, 2, 1));
}

#[test]
fn a_tag_without_a_spec_goes_where_its_file_belongs() {
    let one = reading("one", REQUIREMENTS, "", "- [x] 1. A in `src/one.rs`\n  - _Requirements: 1.1_\n");
    let two = reading("two", REQUIREMENTS, "", "- [x] 1. B in `src/two.rs`\n  - _Requirements: 1.1_\n");
    let plans = [Plan::of(&one), Plan::of(&two)];
    let specs =
        [TracedSpec { reading: &one, plan: &plans[0] }, TracedSpec { reading: &two, plan: &plans[1] }];
    let facts = Facts {
        symbols: vec![
            symbol("tests/two_test.rs", "t", (2, 3), true),
            symbol("tests/both.rs", "b", (2, 3), true),
        ],
        tags: vec![
            tag("tests/two_test.rs", 2, TagKind::Criterion, None, "1.1"),
            tag("tests/both.rs", 2, TagKind::Criterion, None, "1.1"),
        ],
        results: vec![result("t", TestStatus::Passed)],
        ..Facts::default()
    };
    let trace = Trace::of(&specs, &facts);
    assert_eq!(trace.status("one", "1.1"), Some(Status::NoTest));
    assert_eq!(trace.status("two", "1.1"), Some(Status::Green));
    let gaps = trace.gaps(None);
    assert_eq!(
        gaps.loose_tags.iter().map(|tag| &tag.fault).collect::<Vec<_>>(),
        [&TagFault::ManySpecs { specs: vec!["one".to_string(), "two".to_string()] }]
    );
}

#[test]
fn tags_at_the_head_of_a_file_and_of_a_group_speak_of_all_their_tests() {
    let group = SymbolFact { is_group: true, ..symbol("tests/a.ts", "Feature", (10, 30), true) };
    let facts = Facts {
        symbols: vec![
            group,
            symbol("tests/a.ts", "Feature::one", (12, 15), true),
            symbol("tests/a.ts", "Feature::two", (17, 20), true),
            symbol("tests/a.ts", "last", (40, 42), true),
        ],
        tags: vec![
            tag("tests/a.ts", 2, TagKind::Criterion, None, "1.1"),
            tag("tests/a.ts", 10, TagKind::Criterion, None, "1.2"),
            tag("tests/none.rs", 3, TagKind::Criterion, None, "1.4"),
        ],
        ..Facts::default()
    };
    let trace = trace(&facts);
    let tests = |id: &str| {
        let why = trace.why(&Item::criterion("store", id)).unwrap();
        let tests = why.below.iter().filter(|near| matches!(near.item, Item::Test { .. }));
        tests.map(|near| format!("{} {}", near.item, near.confidence)).collect::<Vec<_>>()
    };
    assert_eq!(
        tests("1.1"),
        ["test tests/a.ts Feature::one 70", "test tests/a.ts Feature::two 70", "test tests/a.ts last 70"]
    );
    assert_eq!(tests("1.2"), ["test tests/a.ts Feature::one 90", "test tests/a.ts Feature::two 90"]);
    assert_eq!(tests("1.4"), ["tests of tests/none.rs 70"]);
}

/// 500 specs with 30 criteria and 26 tasks each.
fn many() -> (Vec<Reading>, Facts) {
    let mut readings = Vec::new();
    let mut facts = Facts::default();
    for spec in 0..500 {
        let mut requirements = String::from("# R\n");
        let mut tasks = String::from("# T\n\n");
        for requirement in 1..=5 {
            requirements
                .push_str(&format!("\n### Requirement {requirement}: R\n\n#### Acceptance Criteria\n\n"));
            for criterion in 1..=6 {
                requirements.push_str(&format!("{criterion}. WHEN a {criterion} THE System SHALL b\n"));
            }
        }
        for task in 1..=26 {
            let (a, b) = (task % 5 + 1, task % 6 + 1);
            tasks.push_str(&format!(
                "- [x] {task}. Do `f{task}` in `src/s{spec}/m{task}.rs`\n  - _Requirements: {a}.{b}, {a}.1-{a}.3_\n"
            ));
            let path = format!("src/s{spec}/m{task}.rs");
            facts.symbols.push(symbol(&path, &format!("f{task}"), (1, 9), false));
            let test = format!("tests/s{spec}_{task}.rs");
            facts.symbols.push(symbol(&test, &format!("t{spec}_{task}"), (2, 9), true));
            facts.tags.push(tag(
                &test,
                1,
                TagKind::Criterion,
                Some(&format!("s{spec}")),
                &format!("{a}.{b}"),
            ));
            facts.results.push(result(&format!("t{spec}_{task}"), TestStatus::Passed));
            facts.files.insert(path.clone());
            let hash = format!("{spec:08x}{task:032x}");
            facts.blamed.push(BlameFact { path: path.clone(), first: 1, last: 9, commit: hash.clone() });
            facts.commits.push(CommitFact {
                hash,
                tasks: vec![TaskRef { spec: format!("s{spec}"), task: task.to_string() }],
                files: vec![path],
                ..CommitFact::default()
            });
        }
        readings.push(reading(&format!("s{spec}"), &requirements, "", &tasks));
    }
    (readings, facts)
}

#[test]
fn fifteen_thousand_criteria_are_traced_in_time() {
    let (readings, facts) = many();
    let plans: Vec<Plan> = readings.iter().map(Plan::of).collect();
    let specs: Vec<TracedSpec<'_>> =
        readings.iter().zip(&plans).map(|(reading, plan)| TracedSpec { reading, plan }).collect();
    let start = Instant::now();
    let trace = Trace::of(&specs, &facts);
    let built = start.elapsed();
    let start = Instant::now();
    let (_, all) = trace.coverage();
    let gaps = trace.gaps(None);
    let asked = start.elapsed();
    println!(
        "{} criteria, {} tasks, {} links: built in {built:?}, gaps and coverage in {asked:?}",
        all.criteria,
        all.tasks,
        trace.links().count()
    );
    assert_eq!((all.criteria, all.tasks), (15_000, 13_000));
    assert_eq!(trace.statuses("s7").iter().filter(|(_, status)| *status == Status::Green).count(), 26);
    assert_eq!(gaps.loose_tags, []);
    assert!(built.as_secs() < 10);
}

proptest! {
    #[test]
    fn any_facts_make_the_same_trace_twice(
        tags in proptest::collection::vec(("[a-c]{1,2}", 0..30_usize, 0..3_u8, proptest::option::of("[a-z]{0,5}|store"), "[0-9.]{0,4}"), 0..20),
        symbols in proptest::collection::vec(("[a-c]{1,2}", "[a-d]", 0..30_usize, 0..10_usize, any::<bool>(), any::<bool>()), 0..20),
        names in proptest::collection::vec("[a-d:. >]{0,6}", 0..8),
    ) {
        let kind = |number| [TagKind::Criterion, TagKind::Property, TagKind::Task][usize::from(number) % 3];
        let facts = Facts {
            tags: tags.iter().map(|(path, line, number, spec, id)| tag(path, *line, kind(*number), spec.as_deref(), id)).collect(),
            symbols: symbols
                .iter()
                .map(|(path, name, first, length, is_test, is_group)| SymbolFact {
                    is_group: *is_group,
                    ..symbol(path, name, (*first, first + length), *is_test)
                })
                .collect(),
            results: names.iter().map(|name| result(name, TestStatus::Passed)).collect(),
            ..Facts::default()
        };
        let (one, two) = (trace(&facts), trace(&facts));
        prop_assert_eq!(one.links().collect::<Vec<_>>(), two.links().collect::<Vec<_>>());
        prop_assert_eq!(one.gaps(None), two.gaps(None));
        for line in 0..32 {
            prop_assert_eq!(one.impact("a", Some(line)), two.impact("a", Some(line)));
        }
        for (item, _, _) in one.links() {
            prop_assert!(one.why(item).is_some());
        }
    }
}
