//! Writes `requirements.md` and `bugfix.md`. Judges no wording.

use std::fmt::Write;

use super::draft::{BugfixDraft, RequirementsDraft, TermDraft};
use super::guard::{Headings, body, line, line_or, without_number};

/// `requirements.md` of a feature.
pub fn requirements_md(draft: &RequirementsDraft) -> String {
    let mut out = String::from("# Requirements Document\n\n## Introduction\n\n");
    out.push_str(&body(&draft.introduction, Headings::None, "To be described."));
    out.push_str("\n\n## Glossary\n\n");
    out.push_str(&glossary(&draft.glossary));
    out.push_str("\n## Requirements\n");
    for (index, requirement) in draft.requirements.iter().enumerate() {
        let number = index + 1;
        let title = line_or(&requirement.title, "Untitled");
        let story = requirement.user_story.trim();
        let story =
            story.strip_prefix("**User Story:**").or(story.strip_prefix("User Story:")).unwrap_or(story);
        let story = line_or(story, "To be told.");
        let _ = write!(
            out,
            "\n### Requirement {number}: {title}\n\n**User Story:** {story}\n\n#### Acceptance Criteria\n\n"
        );
        let mut count = 0;
        for criterion in &requirement.criteria {
            let next = count + 1;
            let criterion =
                line(without_number(criterion, &[&format!("{number}.{next}"), &next.to_string()]));
            if !criterion.is_empty() {
                count = next;
                let _ = writeln!(out, "{count}. {criterion}");
            }
        }
    }
    out
}

/// `bugfix.md`.
pub fn bugfix_md(draft: &BugfixDraft) -> String {
    let mut out = String::from("# Bugfix Requirements Document\n\n## Introduction\n\n");
    out.push_str(&body(&draft.introduction, Headings::None, "To be described."));
    out.push_str("\n\n## Bug Analysis\n");
    let sections = [
        ("### Current Behavior (Defect)", &draft.current),
        ("### Expected Behavior (Correct)", &draft.expected),
        ("### Unchanged Behavior (Regression Prevention)", &draft.unchanged),
    ];
    for (index, (heading, clauses)) in sections.into_iter().enumerate() {
        let _ = write!(out, "\n{heading}\n");
        let mut count = 0;
        for clause in clauses {
            let id = format!("{}.{}", index + 1, count + 1);
            let clause = line(without_number(clause, &[&id]));
            if !clause.is_empty() {
                count += 1;
                let _ = write!(out, "\n{id} {clause}\n");
            }
        }
    }
    out
}

/// The entries of a glossary, or a line that says there are none yet; ends with a line break.
pub(super) fn glossary(terms: &[TermDraft]) -> String {
    let mut out = String::new();
    for term in terms {
        let name = line(&term.name.replace(['*', '`', ':', '：'], " "));
        if !name.is_empty() {
            let _ = writeln!(out, "- **{name}**: {}", line_or(&term.definition, "to be defined"));
        }
    }
    if out.is_empty() { "No terms of its own yet.\n".to_string() } else { out }
}
