//! Hostile documents that must not hang the checks, and two measurements, which assert nothing about time:
//! `cargo test --release -p lint --test speed -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use lint::across::{Summary, across};
use lint::settings::{Level, SeverityRule};
use lint::{Settings, check};
use plan::{Plan, Reading, SpecDocuments};

/// A check that takes longer hangs, on any machine. With the square of its input, each of these would take hours.
const HANG: Duration = Duration::from_secs(120);

/// A spec of about 60 kB in three documents, with some of everything.
fn documents(name: &str, seed: usize) -> SpecDocuments {
    let mut requirements = String::from(
        "# Requirements Document\n\n## Introduction\n\nx\n\n## Glossary\n\n- **Session_Store**: keeps who is signed in\n\
         - **Login_Form**: asks for the password\n- **Rate_Limiter**: counts\n\n## Requirements\n",
    );
    let mut tasks = String::from("# Implementation Plan: A\n\n## Overview\n\nx\n\n## Tasks\n\n");
    let mut design = String::from(
        "# Design\n\n## Overview\n\n## Architecture\n\n## Components and Interfaces\n\n## Data Models\n\n\
         ## Error Handling\n\n## Testing Strategy\n\n## Correctness Properties\n\n",
    );
    for n in 1..=48 {
        requirements.push_str(&format!(
            "\n### Requirement {n}: Part {n}\n\n**User Story:** As a visitor, I want part {n}, so that it works.\n\n\
             #### Acceptance Criteria\n\n"
        ));
        for k in 1..=6 {
            let word = seed * 7_919 + n * 31 + k;
            requirements.push_str(&format!(
                "{k}. WHEN the visitor opens page w{word} of list v{}, THE Session_Store SHALL write the entry of `u{word}` \
                 to table t{} within {k} seconds\n",
                word % 97,
                word % 89,
            ));
        }
        tasks.push_str(&format!(
            "- [ ] {n}. Write part {n}\n  - Create `src/part_{n}.rs` with the table and its job\n  - Add tests for the job\n  \
             - _Requirements: {n}.1, {n}.2, {n}.3, {n}.4, {n}.5, {n}.6_\n"
        ));
        design.push_str(&format!(
            "### Property {n}: Part {n} holds\n\n*For any* list, part {n} writes what it read and nothing else, however \
             long the list is and whoever wrote it.\n\n**Validates: Requirements {n}.1, {n}.2**\n\n"
        ));
    }
    tasks.push_str("\n## Notes\n");
    let part = |text: String| Some(text.into_bytes());
    SpecDocuments {
        name: name.to_string(),
        requirements: part(requirements),
        design: part(design),
        tasks: part(tasks),
        ..SpecDocuments::default()
    }
}

fn bytes(documents: &SpecDocuments) -> usize {
    let parts = [&documents.requirements, &documents.design, &documents.tasks];
    parts.iter().filter_map(|part| part.as_ref().map(Vec::len)).sum()
}

#[test]
#[ignore = "a measurement"]
fn one_spec_and_many() {
    let documents = documents("a", 1);
    let reading = Reading::of(documents.clone());
    let plan = Plan::of(&reading);
    // The conflict rules and the graph have bounds and tests of their own.
    let off = |rule: &str| SeverityRule {
        rule: rule.to_string(),
        spec: "*".to_string(),
        file: "*".to_string(),
        level: Level::Off,
    };
    let settings = Settings {
        severities: vec![off("conflict/*"), off("facts/*"), off("graph/*")],
        ..Settings::default()
    };
    let warm = check::spec(&reading, &plan, &settings);
    // The least of many runs: the machine does other things, too.
    let time = || {
        let start = Instant::now();
        assert_eq!(check::spec(&reading, &plan, &settings).len(), warm.len());
        start.elapsed()
    };
    let one = (0..60).map(|_| time()).min().unwrap();
    let least = |act: &dyn Fn()| {
        let once = |_| {
            let start = Instant::now();
            act();
            start.elapsed()
        };
        (0..20).map(once).min().unwrap()
    };
    let whole = least(&|| drop(check::spec(&reading, &plan, &Settings::default())));
    let conflicts = least(&|| drop(lint::conflict::check(&reading)));
    let graph = least(&|| drop(plan::Graph::of(&reading, &plan)));
    let size = bytes(&documents);
    println!("{size} bytes, {} findings: {one:?} for one spec, {whole:?} with conflicts", warm.len());
    println!("of that {conflicts:?} for conflicts, {graph:?} for the graph of tasks");
}

#[test]
#[ignore = "a measurement"]
fn fifteen_thousand_criteria() {
    let settings = Settings::default();
    let summaries: Vec<Summary> =
        (0..53).map(|seed| Summary::of(&Reading::of(documents(&format!("s{seed}"), seed)))).collect();
    let found = across(&summaries, &settings);
    let time = || {
        let start = Instant::now();
        assert_eq!(across(&summaries, &settings).len(), found.len());
        start.elapsed()
    };
    let took = (0..if cfg!(debug_assertions) { 1 } else { 5 }).map(|_| time()).min().unwrap();
    println!("{} specs of 288 criteria, {} findings: {took:?} across", summaries.len(), found.len());
}

/// Lines of a hostile document; a debug build shows growth with the square on a tenth.
const LINES: usize = if cfg!(debug_assertions) { 2_000 } else { 20_000 };

#[test]
fn hostile_documents_take_no_square_of_time() {
    let settings = Settings::default();
    let line = "WHEN the `".repeat(LINES * 10);
    let items: String = (0..LINES).map(|n| format!("{n}. THE A_B SHALL be easy, etc. WHEN (\n")).collect();
    let boxes: String =
        (0..LINES).map(|n| format!("{}- [x] {n}. A (dep: {n})\n", " ".repeat(n % 40))).collect();
    let comments = "<!-- waypost: ignore x/y reason: z -->\n".repeat(LINES);
    let terms: String = (0..LINES / 4).map(|n| format!("- **T{n}_A**: x\n")).collect();
    for text in [
        line.clone(),
        format!("1. {line}"),
        format!("## Requirements\n\n{items}"),
        boxes.clone(),
        format!("{comments}{items}"),
        format!("## Glossary\n\n{terms}\n## Requirements\n\n{items}"),
        format!("{items}{boxes}{comments}"),
        "(".repeat(LINES * 50),
        "\"".repeat(LINES * 50),
    ] {
        let start = Instant::now();
        let documents = SpecDocuments {
            requirements: Some(text.clone().into_bytes()),
            tasks: Some(text.clone().into_bytes()),
            ..SpecDocuments::default()
        };
        let reading = Reading::of(documents);
        let plan = Plan::of(&reading);
        let read = start.elapsed();
        let start = Instant::now();
        check::spec(&reading, &plan, &settings);
        let took = start.elapsed();
        println!(
            "{:40}: {} bytes read in {read:?}, checked in {took:?}",
            text.get(..40).unwrap_or_default().replace('\n', " "),
            text.len()
        );
        assert!(took < HANG, "{took:?}");
    }
}
