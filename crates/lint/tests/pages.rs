//! Every rule's page tells the truth: its bad example raises the rule and its good example does not. What stands around
//! an example, so that it becomes a document, is in `pages/frames.rs`. What else a rule finds is tested beside its check.
#![expect(clippy::disallowed_methods, reason = "this test reads the sources of the readers")]

#[path = "pages/frames.rs"]
mod frames;
#[path = "pages/made.rs"]
mod made;

use std::path::PathBuf;

use lint::across::{Summary, across};
use lint::settings::{Level, SeverityRule};
use lint::{Rule, Settings, check, rules};
use plan::{Plan, Reading, SpecDocuments};

/// The example behind a label of the page, without the indent that makes it one.
fn example(rule: &Rule, label: &str) -> String {
    let page = rule.explanation;
    let behind = page.split_once(&format!("\n\n{label}:\n\n")).map(|(_, behind)| behind).unwrap_or_default();
    let lines = behind.lines().take_while(|line| line.is_empty() || line.starts_with("    "));
    let text: String = lines.map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect();
    text.trim_end().to_string()
}

/// The rules that speak of these specs, the rule itself switched on.
fn speaking(rule: &Rule, specs: &[SpecDocuments]) -> Vec<&'static str> {
    let settings = Settings {
        severities: vec![SeverityRule {
            rule: rule.id.to_string(),
            spec: "*".to_string(),
            file: "*".to_string(),
            level: Level::Warning,
        }],
        ..Settings::default()
    };
    let mut found: Vec<&str> = Vec::new();
    let mut summaries = Vec::new();
    for documents in specs {
        let reading = Reading::of(documents.clone());
        let plan = Plan::of(&reading);
        found.extend(check::spec(&reading, &plan, &settings).iter().map(|finding| finding.rule));
        summaries.push(Summary::of(&reading));
    }
    found.extend(across(&summaries, &settings).iter().map(|finding| finding.rule));
    found
}

fn show(specs: &[SpecDocuments]) -> String {
    let text = |bytes: &Option<Vec<u8>>| {
        String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).chars().take(2_000).collect::<String>()
    };
    let parts = |spec: &SpecDocuments| {
        [&spec.requirements, &spec.bugfix, &spec.design, &spec.tasks, &spec.single, &spec.config]
            .map(text)
            .join("\n")
    };
    specs.iter().map(parts).collect()
}

#[test]
fn the_bad_example_of_every_page_speaks_and_the_good_one_is_silent() {
    let mut wrong = Vec::new();
    for rule in rules::ALL {
        let (bad, good) = match made::documents(rule.id) {
            Some(made) => made,
            None => (
                frames::documents(rule.id, &example(rule, "Bad")),
                frames::documents(rule.id, &example(rule, "Good")),
            ),
        };
        let found = speaking(rule, &bad);
        if !found.contains(&rule.id) {
            wrong.push(format!("{}: the bad example raises only {found:?}\n{}", rule.id, show(&bad)));
        }
        if speaking(rule, &good).contains(&rule.id) {
            wrong.push(format!("{}: the good example raises it, too\n{}", rule.id, show(&good)));
        }
    }
    assert!(wrong.is_empty(), "{} pages are wrong:\n{}", wrong.len(), wrong.join("\n---\n"));
}

/// Codes that another rule says in better words.
const SAID_BY_ANOTHER: &[&str] = &["bugfix/duplicate-clause"];

#[test]
fn every_diagnostic_of_the_readers_of_specs_has_a_page() {
    let mut files = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/src"))];
    let mut count = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        for code in std::fs::read_to_string(&path).unwrap().split('"').skip(1).step_by(2) {
            let Some((kind, name)) = code.split_once('/') else { continue };
            let is_document =
                ["requirements", "bugfix", "design", "tasks", "single", "config", "document"].contains(&kind);
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            if is_document && is_name && !SAID_BY_ANOTHER.contains(&code) {
                assert!(rules::find(code).is_some(), "{code} of {} has no page", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn pages_read_well() {
    for rule in rules::ALL {
        let page = rule.explanation;
        let (bad, good) = (example(rule, "Bad"), example(rule, "Good"));
        assert!(!bad.is_empty() && !good.is_empty() && bad != good, "{}", rule.id);
        let body = page.split_once("\n\n").map(|(_, body)| body).unwrap_or_default();
        let prose = body.split_once("\n\nBad:").map(|(prose, _)| prose).unwrap_or_default();
        for paragraph in prose.split("\n\n") {
            assert!(paragraph.ends_with('.') && !paragraph.contains("  "), "{}: {paragraph}", rule.id);
            assert!(
                paragraph.starts_with(|c: char| c.is_uppercase() || c == '`'),
                "{}: {paragraph}",
                rule.id
            );
        }
        assert_eq!(prose.split("\n\n").count(), 2, "{}: what it finds, and why that matters", rule.id);
        let mend = page.split_once("To mend it: ").and_then(|(_, rest)| rest.split_once("\n\n")).unwrap().0;
        assert!(mend.ends_with('.') && mend.starts_with(|c: char| c.is_lowercase()), "{}: {mend}", rule.id);
        let longest = page.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(page.lines().count() <= 60 && longest <= 400, "{}: {longest}", rule.id);
    }
}
