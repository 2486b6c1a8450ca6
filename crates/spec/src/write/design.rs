//! Writes `design.md` for a feature and for a bug fix. Judges no design.

use std::fmt::Write;

use super::draft::{BugfixDesignDraft, DesignDraft, PropertyDraft};
use super::guard::{Headings, body, command, line, line_or};
use super::requirements::glossary;
use crate::references::normal_id;

/// What stands in a section that the draft left empty.
const EMPTY: &str = "To be described.";

/// `design.md` of a feature.
pub fn design_md(draft: &DesignDraft) -> String {
    let mut out = format!("# Design Document: {}\n", line_or(&draft.title, "Untitled"));
    section(&mut out, "## Overview", &draft.overview);
    section(&mut out, "## Architecture", &draft.architecture);
    out.push_str("\n## Components and Interfaces\n");
    for component in &draft.components {
        let name = line_or(&component.name, "Unnamed");
        let is_telling = matches!(name.to_lowercase().as_str(), "bug condition" | "fault condition");
        let name = if is_telling { format!("{name} component") } else { name };
        section(&mut out, &format!("### {name}"), &component.text);
    }
    if draft.components.is_empty() {
        let _ = write!(out, "\n{EMPTY}\n");
    }
    section(&mut out, "## Data Models", &draft.data_models);
    properties(&mut out, &draft.properties, "1.1");
    section(&mut out, "## Error Handling", &draft.error_handling);
    testing(&mut out, &draft.testing_strategy, draft.check.as_deref());
    out
}

/// `design.md` of a bug fix.
pub fn bugfix_design_md(draft: &BugfixDesignDraft) -> String {
    let mut out = format!("# {} Bugfix Design\n", line_or(&draft.title, "Untitled"));
    section(&mut out, "## Overview", &draft.overview);
    let _ = write!(out, "\n## Glossary\n\n{}", glossary(&draft.glossary));
    section(&mut out, "## Bug Details", &draft.bug_details);
    section(&mut out, "### Bug Condition", &draft.bug_condition);
    section(&mut out, "## Expected Behavior", &draft.expected_behavior);
    section(&mut out, "### Preservation Requirements", &draft.preservation);
    section(&mut out, "## Hypothesized Root Cause", &draft.root_cause);
    properties(&mut out, &draft.properties, "2.1");
    section(&mut out, "## Fix Implementation", &draft.fix);
    testing(&mut out, &draft.testing_strategy, draft.check.as_deref());
    out
}

fn section(out: &mut String, heading: &str, text: &str) {
    let _ = write!(out, "\n{heading}\n\n{}\n", body(text, Headings::FromThird, EMPTY));
}

/// A design always has a property; without one in the draft it is the plainest: the first criterion holds.
fn properties(out: &mut String, drafts: &[PropertyDraft], first_criterion: &str) {
    out.push_str("\n## Correctness Properties\n");
    let plain = [PropertyDraft {
        title: format!("Criterion {first_criterion} holds for all inputs"),
        statement: "*For any* input that the criterion speaks of, the system SHALL behave as it says."
            .to_string(),
        validates: vec![first_criterion.to_string()],
    }];
    let drafts = if drafts.is_empty() { &plain } else { drafts };
    for (index, property) in drafts.iter().enumerate() {
        let number = index + 1;
        let title = line_or(&property.title, "Untitled");
        // A line that begins with `Property` would be the heading of the next one.
        let mut statement = line_or(&property.statement, EMPTY);
        if let Some(rest) = statement.strip_prefix("Property") {
            statement = format!("_Property_{rest}");
        }
        let mut validates: Vec<String> = property.validates.iter().map(|id| normal_id(id)).collect();
        validates.retain(|id| id.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !id.is_empty());
        if validates.is_empty() {
            validates.push(first_criterion.to_string());
        }
        let ids = validates.join(", ");
        let _ = write!(
            out,
            "\n### Property {number}: {title}\n\n{statement}\n\n**Validates: Requirements {ids}**\n"
        );
    }
}

fn testing(out: &mut String, text: &str, check: Option<&str>) {
    section(out, "## Testing Strategy", text);
    let check = check.map(command).filter(|check| !check.is_empty());
    match check {
        Some(check) if check.contains('`') => drop(write!(out, "\nCheck: {}\n", line(&check))),
        Some(check) => drop(write!(out, "\nCheck: `{check}`\n")),
        None => {}
    }
}
