//! Tests of what a change of a criterion makes stale, and of nothing else.

use proptest::prelude::*;

use super::*;
use crate::SpecDocuments;

const REQUIREMENTS: &str = "### Requirement 1: Keys\n\n#### Acceptance Criteria\n\n1. WHEN a key is old THEN it SHALL go\n\
    2. WHEN a key is new THEN it SHALL stay\n\n### Requirement 2: Clock\n\n#### Acceptance Criteria\n\n\
    1. THE clock SHALL tick\n";
const DESIGN: &str = "# Design\n\n## Overview\n\nAll.\n\n## Store\n\nKeeps keys.\n\n_Requirements: 1.1_\n\n## Clock\n\nTicks.\n\n\
    _Requirements: 2_\n\n## Correctness Properties\n\n### Property 1: Old keys go\n\nFor all keys.\n\n\
    **Validates: Requirements 1.1**\n";
const TASKS: &str = "- [x] 1. Write the store\n  - _Requirements: 1.1, 1.2_\n- [ ] 2. Write the clock\n  - _Requirements: 2.1_\n\
    - [ ] 3. Test\n  - **Property 1: Old keys go**\n- [ ] 4. Celebrate\n";

fn read(requirements: &str, design: &str, tasks: &str) -> (Reading, Plan) {
    let part = |text: &str| Some(text.as_bytes().to_vec());
    let reading = Reading::of(SpecDocuments {
        requirements: part(requirements),
        design: part(design),
        tasks: part(tasks),
        ..SpecDocuments::default()
    });
    let plan = Plan::of(&reading);
    (reading, plan)
}

fn marks(requirements: &str, design: &str, tasks: &str, since: &str) -> Marks {
    let (reading, plan) = read(requirements, design, tasks);
    Marks::of(&reading, &plan, since)
}

fn show(found: &[Staleness]) -> Vec<String> {
    let line = |found: &Staleness| {
        let because: Vec<String> = found.because.iter().map(ToString::to_string).collect();
        format!("{}: {}", found.subject, because.join(", "))
    };
    found.iter().map(line).collect()
}

/// What is stale after the documents of the constants became these.
#[track_caller]
fn check(requirements: &str, design: &str, tasks: &str, expected: &[&str]) {
    let (reading, plan) = read(requirements, design, tasks);
    let found = marks(REQUIREMENTS, DESIGN, TASKS, "monday").stale(&reading, &plan);
    assert_eq!(show(&found), expected);
    assert!(found.iter().all(|found| found.since == "monday" && found.span.len > 0));
}

#[test]
fn only_what_cites_a_changed_criterion_is_stale() {
    check(REQUIREMENTS, DESIGN, TASKS, &[]);
    check(
        &REQUIREMENTS.replace("tick", "tick twice"),
        DESIGN,
        TASKS,
        &["design section `Clock`: criterion `2.1` was changed", "task `2`: criterion `2.1` was changed"],
    );
    check(
        &REQUIREMENTS.replace("SHALL go", "SHALL go at once"),
        DESIGN,
        TASKS,
        &[
            "design section `Store`: criterion `1.1` was changed",
            "design section `Property 1: Old keys go`: criterion `1.1` was changed",
            "task `1`: criterion `1.1` was changed",
        ],
    );
    check(
        REQUIREMENTS,
        &DESIGN.replace("For all keys", "For some keys"),
        TASKS,
        &["task `3`: property `1` was changed"],
    );
    // Case, emphasis and white space are no change; nor are ticks and new criteria.
    check(&REQUIREMENTS.replace("tick", "**TICK**"), DESIGN, &TASKS.replace("[ ]", "[x]"), &[]);
    check(&format!("{REQUIREMENTS}2. THE clock SHALL chime\n"), DESIGN, TASKS, &[]);
}

#[test]
fn removed_and_renumbered_criteria() {
    let without = REQUIREMENTS.replace("1. WHEN a key is old THEN it SHALL go\n2. ", "1. ");
    check(
        &without,
        DESIGN,
        TASKS,
        &[
            "design section `Store`: criterion `1.1` was changed",
            "design section `Property 1: Old keys go`: criterion `1.1` was changed",
            "task `1`: criterion `1.1` was changed",
        ],
    );
    let gone = REQUIREMENTS.replace("1. THE clock SHALL tick\n", "");
    check(
        &gone,
        DESIGN,
        TASKS,
        &["design section `Clock`: criterion `2.1` was removed", "task `2`: criterion `2.1` was removed"],
    );
    // A citation that followed its criterion is fresh; one that did not is named.
    let shifted = REQUIREMENTS
        .replace("1. WHEN a key is old", "1. THE store SHALL be small\n2. WHEN a key is old")
        .replace("2. WHEN a key is new", "3. WHEN a key is new");
    check(&shifted, &DESIGN.replace("1.1", "1.2"), &TASKS.replace("1.1, 1.2", "1.2, 1.3"), &[]);
    check(
        &shifted,
        DESIGN,
        &TASKS.replace("1.1, 1.2", "1.2, 1.3"),
        &[
            "design section `Store`: what was criterion `1.1` is criterion `1.2` now",
            "design section `Property 1: Old keys go`: what was criterion `1.1` is criterion `1.2` now",
        ],
    );
}

#[test]
fn whoever_rewrote_it_saw_the_change() {
    let changed = REQUIREMENTS.replace("tick", "tick twice");
    check(
        &changed,
        &DESIGN.replace("Ticks.", "Ticks two times."),
        TASKS,
        &["task `2`: criterion `2.1` was changed, design section `Clock` was changed"],
    );
    check(
        &changed,
        DESIGN,
        &TASKS.replace("the clock", "the double clock"),
        &["design section `Clock`: criterion `2.1` was changed"],
    );
    // Another number for the task does not hide that its words are old.
    check(
        &changed,
        DESIGN,
        &TASKS.replace("2. Write", "7. Write"),
        &["design section `Clock`: criterion `2.1` was changed", "task `7`: criterion `2.1` was changed"],
    );
}

#[test]
fn recording_again_hides_nothing_and_accepting_does() {
    let changed = REQUIREMENTS.replace("tick", "tick twice");
    let (reading, plan) = read(&changed, DESIGN, TASKS);
    let old = marks(REQUIREMENTS, DESIGN, TASKS, "monday");
    let renewed = old.renewed(&reading, &plan, "tuesday");
    assert_eq!(show(&renewed.stale(&reading, &plan)), show(&old.stale(&reading, &plan)));
    assert!(renewed.stale(&reading, &plan).iter().all(|found| found.since == "monday"));
    let accepted = renewed.accepted(&Subject::Task("2".into()), &reading, &plan, "wednesday");
    assert_eq!(
        show(&accepted.stale(&reading, &plan)),
        ["design section `Clock`: criterion `2.1` was changed"]
    );
    // A further change is seen again.
    let (reading, plan) = read(&REQUIREMENTS.replace("tick", "tick thrice"), DESIGN, TASKS);
    let found = accepted.stale(&reading, &plan);
    assert_eq!(found.iter().map(|found| found.since.as_str()).collect::<Vec<_>>(), ["monday", "wednesday"]);
}

#[test]
fn records_are_lines() {
    let old = marks(REQUIREMENTS, DESIGN, TASKS, "a \"b\"\n");
    let text = old.print();
    assert_eq!(text.lines().count(), old.sources.len() + old.marks.len());
    assert_eq!(Marks::parse(&text), (old.clone(), vec![]));
    let broken = format!("nonsense\n{{\"digest\": \"x\"}}\n{{\"digest\": \"0000000000000000\"}}\n\n{text}");
    let (read, problems) = Marks::parse(&broken);
    assert_eq!(read, old);
    let lines: Vec<(usize, &str)> =
        problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect();
    assert_eq!(
        lines,
        [
            (1, "this line is no JSON"),
            (2, "this line has no digest of sixteen hexadecimal digits"),
            (3, "this line names no criterion, property, section or task"),
        ]
    );
}

/// `n` requirements with three criteria, and tasks that cite one each.
fn spec_of(words: &[u8]) -> (String, String) {
    let (mut requirements, mut tasks) = (String::new(), String::new());
    for (at, word) in words.iter().enumerate() {
        let (top, sub) = (at / 3 + 1, at % 3 + 1);
        if sub == 1 {
            requirements += &format!("### Requirement {top}: A{top}\n\n#### Acceptance Criteria\n\n");
        }
        requirements += &format!("{sub}. THE part{at} SHALL do thing{word}\n");
        tasks += &format!("- [ ] {}. Build part{at}\n  - _Requirements: {top}.{sub}_\n", at + 1);
    }
    (requirements, tasks)
}

proptest! {
    /// Exactly the tasks whose criterion changed are stale.
    #[test]
    fn exactly_the_changed_ones(words in proptest::collection::vec((0..3u8, 0..3u8), 1..30)) {
        let old: Vec<u8> = words.iter().map(|(old, _)| *old).collect();
        let new: Vec<u8> = words.iter().map(|(_, new)| *new).collect();
        let (requirements, tasks) = spec_of(&old);
        let before = marks(&requirements, "", &tasks, "then");
        let (requirements, tasks) = spec_of(&new);
        let (reading, plan) = read(&requirements, "", &tasks);
        let got: Vec<Subject> = before.stale(&reading, &plan).into_iter().map(|found| found.subject).collect();
        let changed = words.iter().enumerate().filter(|(_, (old, new))| old != new);
        let want: Vec<Subject> = changed.map(|(at, _)| Subject::Task((at + 1).to_string())).collect();
        prop_assert_eq!(got, want);
        prop_assert_eq!(Marks::parse(&before.print()), (before, vec![]));
    }

    #[test]
    fn any_record_is_read(text in any::<String>()) {
        let (marks, _) = Marks::parse(&text);
        prop_assert_eq!(Marks::parse(&marks.print()).0, marks);
    }
}

/// A timeline over these versions: requirements, design, tasks and which of the two was edited.
fn timeline(versions: &[(&str, &str, &str, Touched)]) -> Timeline {
    let mut timeline = Timeline::default();
    for (at, (requirements, design, tasks, touched)) in versions.iter().enumerate() {
        let (reading, plan) = read(requirements, design, tasks);
        timeline.commit(&reading, &plan, &format!("c{at}"), *touched);
    }
    timeline
}

fn outdated(timeline: &Timeline, requirements: &str, design: &str, tasks: &str) -> Vec<String> {
    let (reading, plan) = read(requirements, design, tasks);
    let show = |one: Outdated| {
        let stands: Vec<String> = one.stands.iter().map(|(subject, _)| subject.to_string()).collect();
        let by = one.commit.unwrap_or_else(|| "nobody yet".to_string());
        format!("{} by {by} since {}: {}", one.cause, one.since, stands.join(", "))
    };
    timeline.outdated(&reading, &plan).into_iter().map(show).collect()
}

#[test]
fn a_timeline_knows_what_was_seen_together() {
    let none = Touched::default();
    let design = Touched { design: true, tasks: false };
    let changed = REQUIREMENTS.replace("tick", "tick twice");
    let start = (REQUIREMENTS, DESIGN, TASKS, none);
    let begun = timeline(&[start]);
    assert!(begun.is_begun() && !Timeline::default().is_begun());
    assert_eq!(outdated(&begun, REQUIREMENTS, DESIGN, TASKS), [""; 0]);
    let all = "design section `Clock`, task `2`";
    assert_eq!(
        outdated(&begun, &changed, DESIGN, TASKS),
        [format!("criterion `2.1` was changed by nobody yet since c0: {all}")]
    );
    let alone = timeline(&[start, (&changed, DESIGN, TASKS, none)]);
    assert_eq!(
        outdated(&alone, &changed, DESIGN, TASKS),
        [format!("criterion `2.1` was changed by c1 since c0: {all}")]
    );
    // A commit that edits the design as well says that the design fits; the tasks were not looked at.
    let other = DESIGN.replace("All.", "All of it.");
    let together = timeline(&[start, (&changed, &other, TASKS, design)]);
    assert_eq!(
        outdated(&together, &changed, &other, TASKS),
        ["criterion `2.1` was changed by c1 since c0: task `2`"]
    );
    // An edit of the design elsewhere, later, does not.
    let later = timeline(&[start, (&changed, DESIGN, TASKS, none), (&changed, &other, TASKS, design)]);
    assert_eq!(
        outdated(&later, &changed, &other, TASKS),
        [format!("criterion `2.1` was changed by c1 since c0: {all}")]
    );
}

#[test]
fn an_approval_is_a_baseline_and_more_exact_than_commits() {
    let changed = REQUIREMENTS.replace("tick", "tick twice");
    let both = Touched { design: true, tasks: true };
    let mut timeline =
        timeline(&[(REQUIREMENTS, DESIGN, TASKS, both), (&changed, DESIGN, TASKS, Touched::default())]);
    let (reading, plan) = read(&changed, DESIGN, TASKS);
    timeline.approve(&reading, &plan, "approval");
    assert_eq!(outdated(&timeline, &changed, DESIGN, TASKS), [""; 0]);
    let again = changed.replace("twice", "thrice");
    let other = DESIGN.replace("All.", "All of it.");
    let (reading, plan) = read(&again, &other, TASKS);
    timeline.commit(&reading, &plan, "c2", both);
    assert_eq!(
        outdated(&timeline, &again, &other, TASKS),
        ["criterion `2.1` was changed by c2 since approval: design section `Clock`, task `2`"]
    );
    let back = outdated(&timeline, &changed, &other, TASKS);
    assert_eq!(back, [""; 0], "what says the same again is fresh");
}

#[test]
fn a_task_stands_on_the_section_that_it_names() {
    let tasks = "- [ ] 1. Write the `KeyStore` class\n- [ ] 2. Think\n";
    let design = "# Design\n\n## Overview\n\nAll.\n\n## KeyStore\n\nKeeps keys.\n";
    let none = Touched::default();
    let begun = timeline(&[(REQUIREMENTS, design, tasks, none)]);
    assert_eq!(
        outdated(&begun, REQUIREMENTS, &design.replace("Keeps", "Forgets"), tasks),
        ["design section `KeyStore` was changed by nobody yet since c0: task `1`"]
    );
    // Another heading is another name.
    assert_eq!(
        outdated(&begun, REQUIREMENTS, &design.replace("## KeyStore", "## Key chain"), tasks),
        [
            "what was design section `KeyStore` is design section `Key chain` now by nobody yet since c0: task `1`"
        ]
    );
    // Nobody names the overview.
    assert_eq!(outdated(&begun, REQUIREMENTS, &design.replace("All.", "More."), tasks), [""; 0]);
}

#[test]
fn layout_and_numbers_make_nothing_outdated() {
    let begun = timeline(&[(REQUIREMENTS, DESIGN, TASKS, Touched::default())]);
    let laid_out = REQUIREMENTS
        .replace("\n", "\r\n")
        .replace("  ", " ")
        .replace("THE clock SHALL", "THE clock **SHALL**");
    let indented = DESIGN.replace("Keeps keys.", "  Keeps\n  keys.");
    assert_eq!(outdated(&begun, &laid_out, &indented, &TASKS.replace("[ ]", "[x]")), [""; 0]);
    let shifted = REQUIREMENTS.replace("Requirement 2: Clock", "Requirement 3: Clock");
    let (design, tasks) =
        (DESIGN.replace("_Requirements: 2_", "_Requirements: 3_"), TASKS.replace("2.1_", "3.1_"));
    assert_eq!(outdated(&begun, &shifted, &design, &tasks), [""; 0]);
}
