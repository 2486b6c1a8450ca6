//! What has to stand around the example of a page so that it is a spec. Knows which document each rule speaks of, and
//! nothing of what the rules find.

use plan::{Shape, SpecDocuments};

/// The document that an example belongs to.
#[derive(Clone, Copy)]
enum File {
    Requirements,
    Design,
    Tasks,
    Bugfix,
    Config,
    Single,
}

use File::{Bugfix, Config, Design, Requirements, Single, Tasks};

/// A requirement with criteria that nothing is wrong with; more can follow.
const CRITERIA: &str = "# Requirements Document

## Introduction

Doors and visitors.

## Requirements

### Requirement 1: Doors

**User Story:** As a porter, I want doors that count, so that I know who is inside.

#### Acceptance Criteria

1. WHEN a door opens, THE Store_Front SHALL count one visitor
2. WHEN a door shuts, THE Store_Front SHALL ring one bell
3. THE Store_Front SHALL keep one table of doors
4. THE Store_Front SHALL name each door
";

const STORY: &str = "# Requirements Document

## Requirements

### Requirement 1: Doors

";

const TASKS: &str = "# Implementation Plan

## Tasks

- [ ] 1. Write the store
- [ ] 2. Write the form
  - [ ] 2.1 Write the first page
  - [ ] 2.2 Write the second page
- [ ] 3. Write the answers
";

fn put(documents: &mut SpecDocuments, file: File, text: String) {
    let bytes = Some(unescaped(&text));
    match file {
        Requirements => documents.requirements = bytes,
        Design => documents.design = bytes,
        Tasks => documents.tasks = bytes,
        Bugfix => documents.bugfix = bytes,
        Config => documents.config = bytes,
        Single => {
            documents.shape = Shape::Single;
            documents.single = bytes;
        }
    }
}

/// The text with `\xFC` as the byte that it names.
fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.extend(u8::from_str_radix(digits, 16));
        bytes.extend(rest.bytes());
    }
    bytes
}

fn one(parts: &[(File, String)]) -> Vec<SpecDocuments> {
    let mut documents = SpecDocuments { name: "doors".to_string(), ..SpecDocuments::default() };
    for (file, text) in parts {
        put(&mut documents, *file, text.clone());
    }
    vec![documents]
}

/// Each line of the example as one more criterion; numbers of its own are replaced.
fn criteria(example: &str) -> String {
    let bare = |line: &str| {
        line.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim_start().to_string()
    };
    let lines = example.lines().filter(|line| !line.is_empty());
    let (before, lines): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("<!--"));
    let silencing = before.first().map(|line| format!("{line}\n")).unwrap_or_default();
    let lines: String =
        lines.iter().enumerate().map(|(at, line)| format!("{}. {}\n", at + 5, bare(line))).collect();
    format!("{CRITERIA}{silencing}{lines}")
}

/// Criteria alone, with whatever block of facts the example has.
fn alone(example: &str) -> String {
    format!(
        "# Requirements Document\n\n## Requirements\n\n### Requirement 1: Doors\n\n#### Acceptance Criteria\n\n{example}\n"
    )
}

/// Entries of a glossary and criteria, under their headings.
fn defined(example: &str) -> String {
    let (terms, criteria): (Vec<&str>, Vec<&str>) =
        example.lines().partition(|line| line.starts_with("- **"));
    let glossary = format!("## Glossary\n\n{}\n\n## Requirements", terms.join("\n"));
    alone(&criteria.join("\n")).replace("## Requirements", &glossary)
}

/// Two specs, each below a line with its name and a colon.
fn two(example: &str) -> Vec<SpecDocuments> {
    let mut specs: Vec<(String, String)> = Vec::new();
    for line in example.lines() {
        match line.strip_suffix(':').filter(|name| !name.contains(' ')) {
            Some(name) => specs.push((name.to_string(), String::new())),
            None => specs
                .iter_mut()
                .next_back()
                .into_iter()
                .for_each(|spec| spec.1.push_str(&format!("{line}\n"))),
        }
    }
    let spec = |(name, text): &(String, String)| {
        let folder = name.trim_end_matches("/.config.kiro");
        let folder = folder.rsplit_once('/').map_or(folder, |(_, last)| last);
        let mut documents = SpecDocuments { name: folder.to_string(), ..SpecDocuments::default() };
        if text.starts_with('{') {
            documents.config = Some(text.clone().into_bytes());
        } else {
            documents.requirements = Some(defined(text).into_bytes());
        }
        documents
    };
    specs.iter().map(spec).collect()
}

/// The specs that the example of a rule's page stands for.
pub(crate) fn documents(rule: &str, example: &str) -> Vec<SpecDocuments> {
    let text = example.to_string();
    let behind = |before: &str| format!("{before}\n{example}\n");
    let (kind, name) = rule.split_once('/').unwrap_or_default();
    match (kind, name) {
        ("across", _) => two(example),
        ("document", _) => one(&[(Requirements, text)]),
        ("config", _) => one(&[(Requirements, CRITERIA.to_string()), (Config, text)]),
        ("single", _) => one(&[(Single, text)]),
        ("bugfix", _) => one(&[(Bugfix, text)]),
        (
            "design",
            "missing-bug-details"
            | "missing-expected-behavior"
            | "missing-hypothesized-root-cause"
            | "missing-fix-implementation"
            | "missing-glossary",
        ) => one(&[(Config, "{\"specType\": \"bugfix\"}".to_string()), (Design, text)]),
        ("design", "missing-property-validates") => {
            one(&[(Design, behind("# Design\n\n## Correctness Properties\n\n### Property 1: Limits hold\n"))])
        }
        ("design", "malformed-property-heading" | "property-without-criterion") => {
            one(&[(Design, behind("# Design\n\n## Correctness Properties\n"))])
        }
        ("design", _) => one(&[(Design, text)]),
        ("trace", "dangling-property") => one(&[
            (Requirements, CRITERIA.to_string()),
            (Design, behind("# Design\n\n## Correctness Properties\n\n### Property 1: Limits hold\n")),
        ]),
        ("trace", "cycle") => one(&[(Tasks, text)]),
        ("trace", _) => one(&[(Requirements, CRITERIA.to_string()), (Tasks, text)]),
        ("graph", _) => one(&[(Tasks, text)]),
        (
            "tasks",
            "malformed-checkbox" | "invalid-task-line" | "invalid-subtask-line" | "invalid-task-heading",
        ) => one(&[(Tasks, behind("# Implementation Plan\n\n## Tasks\n"))]),
        ("tasks", "missing-dag-json" | "empty-dag-json") => {
            one(&[(Tasks, format!("{TASKS}\n## Task Dependency Graph\n\n{example}\n"))])
        }
        ("tasks", "invalid-dag-json" | "invalid-dag-structure" | "graph-cycle") => {
            one(&[(Tasks, format!("{TASKS}\n## Task Dependency Graph\n\n```json\n{example}\n```\n"))])
        }
        // Below Kiro's own heading, Kiro's own rule says it.
        ("tasks", "unreadable-graph") => {
            one(&[(Tasks, format!("{TASKS}\n## Task dependency graph\n\n```json\n{example}\n```\n"))])
        }
        ("tasks", _) => one(&[(Tasks, text)]),
        ("story", _) => one(&[(
            Requirements,
            format!("{STORY}{example}\n\n#### Acceptance Criteria\n\n1. THE Store SHALL count\n"),
        )]),
        ("requirements", "missing-user-story") => one(&[(
            Requirements,
            format!("{STORY}{example}\n\n#### Acceptance Criteria\n\n1. THE Store SHALL count\n"),
        )]),
        ("ears" | "words" | "check", _) => one(&[(Requirements, criteria(example))]),
        ("glossary", _) => one(&[(Requirements, defined(example))]),
        ("conflict" | "facts", _) => one(&[(Requirements, alone(example))]),
        _ => one(&[(Requirements, text)]),
    }
}
