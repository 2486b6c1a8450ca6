//! The gaps of a trace as findings, so that SARIF shows each where it stands. Finds no gap and reads no file.

use std::collections::HashMap;

use lint::{Basis, Finding, Place};
use plan::Reading;
use plan::trace::{Gaps, Item, LooseTag, TagFault, TagKind};
use spec::references::normal_id;
use spec::{Severity, Span};

use crate::sarif::Rule;

/// A gap of one kind: its rule, how much it matters, what it stands on, what it says and what to do.
struct Kind {
    rule: &'static str,
    severity: Severity,
    basis: Basis,
    summary: &'static str,
    hint: &'static str,
}

const NO_TASK: Kind = Kind {
    rule: "gaps/no-task",
    severity: Severity::Warning,
    basis: Basis::Read,
    summary: "no task cites this criterion",
    hint: "cite it in the task that fulfils it: `_Requirements: …_`",
};
const NO_TEST: Kind = Kind {
    rule: "gaps/no-test",
    severity: Severity::Warning,
    basis: Basis::Read,
    summary: "its tasks are done, and no test names this criterion",
    hint: "name it above a test: `Validates: Requirements …`",
};
const RED: Kind = Kind {
    rule: "gaps/red",
    severity: Severity::Error,
    basis: Basis::Read,
    summary: "a test of this criterion fails",
    hint: "see what stands around it: `waypost spec why …`",
};
const SUSPECT: Kind = Kind {
    rule: "gaps/suspect",
    severity: Severity::Warning,
    basis: Basis::Suspected,
    summary: "this criterion or its code changed after it was proved",
    hint: "see what went apart: `waypost spec drift`",
};
const TASK: Kind = Kind {
    rule: "gaps/task-without-criterion",
    severity: Severity::Hint,
    basis: Basis::Read,
    summary: "this task cites no criterion",
    hint: "add `_Requirements: …_`",
};
const PROPERTY: Kind = Kind {
    rule: "gaps/property-without-test",
    severity: Severity::Hint,
    basis: Basis::Read,
    summary: "no test names this property",
    hint: "name it above a test: `Feature: …, Property …`",
};
const TAG: Kind = Kind {
    rule: "gaps/loose-tag",
    severity: Severity::Warning,
    basis: Basis::Read,
    summary: "this tag names nothing, or nothing for certain",
    hint: "mend the number, or name the spec: `Feature: …`",
};
const FILE: Kind = Kind {
    rule: "gaps/file-without-criterion",
    severity: Severity::Hint,
    basis: Basis::Suspected,
    summary: "files beside this one belong to tasks, and no criterion stands behind it",
    hint: "cite it in a task, or leave it: not every file needs a criterion",
};

const KINDS: [&Kind; 8] = [&NO_TASK, &NO_TEST, &RED, &SUSPECT, &TASK, &PROPERTY, &TAG, &FILE];

/// The rules of the findings that [`findings`] makes.
pub fn rules() -> Vec<Rule> {
    let rule = |kind: &&Kind| Rule {
        id: kind.rule.to_string(),
        summary: kind.summary.to_string(),
        help: format!("What is missing: {}.\n\nNext step: {}.", kind.summary, kind.hint),
        severity: kind.severity,
    };
    KINDS.iter().map(rule).collect()
}

/// Finds the document set of a spec.
pub type ReadingOf<'a> = &'a dyn Fn(&str) -> Option<&'a Reading>;

/// The bytes of a line of a source file; the line counts from 1.
pub type LineOf<'a> = &'a dyn Fn(&str, usize) -> Span;

/// A finding for each gap, the worst first, in the order of the gaps.
pub fn findings(gaps: &Gaps, reading_of: ReadingOf<'_>, line_of: LineOf<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let lists = [
        (&RED, &gaps.red),
        (&SUSPECT, &gaps.suspect),
        (&NO_TASK, &gaps.without_task),
        (&NO_TEST, &gaps.without_test),
        (&TASK, &gaps.tasks_without_criterion),
        (&PROPERTY, &gaps.properties_without_test),
    ];
    let mut known: HashMap<&str, Stands> = HashMap::new();
    for (kind, items) in lists {
        for item in items {
            let (Item::Criterion { spec, .. } | Item::Task { spec, .. } | Item::Property { spec, .. }) = item
            else {
                continue;
            };
            let stands =
                known.entry(spec).or_insert_with(|| reading_of(spec).map(Stands::of).unwrap_or_default());
            let (place, subject) = match item {
                Item::Task { id, .. } => (stands.tasks.get(id), format!("task {id}")),
                Item::Property { id, .. } => (stands.properties.get(id), format!("property {id}")),
                Item::Criterion { id, .. } => (stands.criteria.get(id), id.clone()),
                _ => continue,
            };
            let (file, span) = place.cloned().unwrap_or_default();
            let place = Place { spec: spec.clone(), file, span };
            found.push(finding(kind, place, Some(subject.clone()), format!("`{subject}`: {}", kind.summary)));
        }
    }
    for tag in &gaps.loose_tags {
        let place = Place { spec: String::new(), file: tag.path.clone(), span: line_of(&tag.path, tag.line) };
        found.push(finding(&TAG, place, Some(tag.id.clone()), loose(tag)));
    }
    for path in &gaps.unexplained_files {
        let place = Place { spec: String::new(), file: path.clone(), span: Span::default() };
        found.push(finding(&FILE, place, None, FILE.summary.to_string()));
    }
    found
}

fn finding(kind: &Kind, place: Place, subject: Option<String>, message: String) -> Finding {
    Finding {
        rule: kind.rule,
        severity: kind.severity,
        basis: kind.basis,
        place,
        subject,
        message,
        hint: Some(kind.hint.to_string()),
        related: Vec::new(),
        fix: None,
    }
}

/// Where the items of one spec are stated: the document and the bytes in it.
#[derive(Default)]
struct Stands {
    criteria: HashMap<String, (String, Span)>,
    tasks: HashMap<String, (String, Span)>,
    properties: HashMap<String, (String, Span)>,
}

impl Stands {
    fn of(reading: &Reading) -> Stands {
        let mut stands = Stands::default();
        for (file, criterion) in reading.criteria() {
            stands.criteria.entry(normal_id(&criterion.id)).or_insert((file, criterion.span));
        }
        let file = reading.documents.tasks_file();
        for task in reading.tasks.iter().flat_map(|tasks| &tasks.tasks) {
            let line = Span { len: task.line_text.len().min(task.span.len), ..task.span };
            stands.tasks.entry(task.id.clone()).or_insert((file.clone(), line));
        }
        for property in reading.design.iter().flat_map(|design| &design.properties) {
            let place = ("design.md".to_string(), property.heading);
            stands.properties.entry(property.number.to_string()).or_insert(place);
        }
        stands
    }
}

fn loose(tag: &LooseTag) -> String {
    let kind = match tag.kind {
        TagKind::Criterion => "criterion",
        TagKind::Property => "property",
        TagKind::Task => "task",
    };
    let id = &tag.id;
    match &tag.fault {
        TagFault::NoSpec { spec } => {
            format!("the tag names {kind} `{id}` of `{spec}`, and there is no such spec")
        }
        TagFault::NoItem { spec } => format!("the tag names {kind} `{id}`, which `{spec}` does not have"),
        TagFault::ManySpecs { specs } => {
            format!("the tag names {kind} `{id}` and no spec; it may be that of {}", specs.join(", "))
        }
        TagFault::Nowhere => format!("the tag names {kind} `{id}`, which no spec has"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plan::SpecDocuments;

    #[test]
    fn each_gap_stands_where_it_is_stated() {
        let documents = SpecDocuments {
            name: "a".to_string(),
            requirements: Some(b"### Requirement 1: A\n\n1. WHEN a THEN b\n2. WHEN c THEN d\n".to_vec()),
            design: Some(b"# D\n\n## Correctness Properties\n\n### Property 1: P\n\nx\n".to_vec()),
            tasks: Some(b"- [ ] 1. One\n  - detail\n- [x] 2. Two\n".to_vec()),
            ..SpecDocuments::default()
        };
        let reading = Reading::of(documents.clone());
        let gaps = Gaps {
            without_task: vec![Item::criterion("a", "1.2")],
            tasks_without_criterion: vec![Item::task("a", "2")],
            properties_without_test: vec![Item::property("a", "1")],
            red: vec![Item::criterion("a", "9.9")],
            loose_tags: vec![LooseTag {
                path: "t.rs".to_string(),
                line: 3,
                kind: TagKind::Criterion,
                id: "7.7".to_string(),
                fault: TagFault::Nowhere,
            }],
            unexplained_files: vec!["src/x.rs".to_string()],
            ..Gaps::default()
        };
        let found = findings(&gaps, &|_| Some(&reading), &|_, line| Span { offset: line * 10, len: 2 });
        let words = |finding: &Finding| {
            let bytes = match finding.place.file.as_str() {
                "requirements.md" => documents.requirements.as_deref(),
                "design.md" => documents.design.as_deref(),
                "tasks.md" => documents.tasks.as_deref(),
                _ => None,
            };
            let text = bytes.map(|bytes| finding.place.span.text(bytes).trim().to_string());
            format!("{} {} {}", finding.rule, finding.place.file, text.unwrap_or_default())
        };
        assert_eq!(
            found.iter().map(words).collect::<Vec<_>>(),
            [
                "gaps/red  ",
                "gaps/no-task requirements.md 2. WHEN c THEN d",
                "gaps/task-without-criterion tasks.md - [x] 2. Two",
                "gaps/property-without-test design.md ### Property 1: P",
                "gaps/loose-tag t.rs ",
                "gaps/file-without-criterion src/x.rs ",
            ]
        );
        assert_eq!(found[4].place.span.offset, 30);
        assert_eq!(found[4].message, "the tag names criterion `7.7`, which no spec has");
        assert!(found.iter().all(|finding| rules().iter().any(|rule| rule.id == finding.rule)));
    }
}
