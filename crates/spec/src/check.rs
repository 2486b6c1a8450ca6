//! Kiro's own spec diagnostics: the 41 rules under their codes, and which of them a document breaks. Says nothing
//! about wording.

mod bugfix;
mod design;
mod page;
mod requirements;
mod tasks;

use crate::diagnostic::{Diagnostic, Severity};
use crate::kind::{DocumentKind, SpecKind};

/// One rule. Its check lives in the file of its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Kiro's code, `<document>/<rule>`.
    pub code: &'static str,
    /// Kiro's severity.
    pub severity: Severity,
    /// What is wrong.
    pub message: &'static str,
    /// The next step.
    pub hint: &'static str,
}

const fn error(code: &'static str, message: &'static str, hint: &'static str) -> Rule {
    Rule { code, severity: Severity::Error, message, hint }
}

const fn warning(code: &'static str, message: &'static str, hint: &'static str) -> Rule {
    Rule { code, severity: Severity::Warning, message, hint }
}

/// Every rule, as in Kiro 1.1.
pub const RULES: [Rule; 41] = [
    error("requirements/missing-title", "the title is missing", "begin with `# Requirements Document`"),
    error("requirements/missing-introduction", "the introduction is missing", "add `## Introduction`"),
    error(
        "requirements/missing-requirements-section",
        "the requirements section is missing",
        "add `## Requirements`",
    ),
    error(
        "requirements/malformed-requirement-heading",
        "this requirement heading has no number and colon",
        "write `### Requirement 1: Title`",
    ),
    error(
        "requirements/missing-acceptance-criteria",
        "this requirement has no acceptance criteria",
        "add `#### Acceptance Criteria` below it",
    ),
    warning("requirements/missing-glossary", "the glossary is missing", "add `## Glossary`"),
    warning(
        "requirements/missing-user-story",
        "this requirement has no user story",
        "add `**User Story:** As a …, I want …, so that …`",
    ),
    error("design/missing-overview", "the overview is missing", "add `## Overview`"),
    error("design/missing-architecture", "the architecture is missing", "add `## Architecture`"),
    error("design/missing-components", "the components are missing", "add `## Components and Interfaces`"),
    error("design/missing-data-models", "the data models are missing", "add `## Data Models`"),
    error("design/missing-bug-details", "the bug details are missing", "add `## Bug Details`"),
    error(
        "design/missing-expected-behavior",
        "the expected behavior is missing",
        "add `## Expected Behavior`",
    ),
    error(
        "design/missing-hypothesized-root-cause",
        "the root cause is missing",
        "add `## Hypothesized Root Cause`",
    ),
    error("design/missing-fix-implementation", "the fix is missing", "add `## Fix Implementation`"),
    warning("design/missing-glossary", "the glossary is missing", "add `## Glossary`"),
    warning(
        "design/missing-correctness-properties",
        "the correctness properties are missing",
        "add `## Correctness Properties`",
    ),
    warning("design/missing-error-handling", "the error handling is missing", "add `## Error Handling`"),
    warning(
        "design/missing-testing-strategy",
        "the testing strategy is missing",
        "add `## Testing Strategy`",
    ),
    error(
        "design/malformed-property-heading",
        "this property heading has no number and colon",
        "write `### Property 1: Title`",
    ),
    warning(
        "design/empty-correctness-properties",
        "there is no property in this section",
        "add `### Property 1: Title`",
    ),
    warning(
        "design/missing-property-validates",
        "this property does not say what it validates",
        "add `**Validates: Requirements 1.1**`",
    ),
    error(
        "tasks/missing-implementation-plan",
        "the title is missing",
        "begin with `# Implementation Plan: Title`",
    ),
    error("tasks/invalid-task-heading", "a task is a box and not a heading", "write `- [ ] 1. Title`"),
    error(
        "tasks/malformed-checkbox",
        "this box has a state that Kiro does not know",
        "use `[ ]`, `[~]`, `[-]` or `[x]`",
    ),
    error("tasks/invalid-task-line", "this task has no number and dot", "write `- [ ] 1. Title`"),
    error(
        "tasks/invalid-subtask-line",
        "this sub-task has no number of two parts",
        "write `- [ ] 1.1 Title`",
    ),
    error(
        "tasks/missing-dependency-graph",
        "the dependency graph is missing",
        "add `## Task Dependency Graph`",
    ),
    error(
        "tasks/missing-dag-json",
        "the dependency graph has no JSON",
        "add a `json` code block below the heading",
    ),
    error(
        "tasks/empty-dag-json",
        "the JSON of the dependency graph is empty",
        "write `{\"waves\": [{\"id\": 0, \"tasks\": [\"1\"]}]}`",
    ),
    error(
        "tasks/invalid-dag-json",
        "the dependency graph is not JSON",
        "mend the JSON; comments and trailing commas are not allowed",
    ),
    error(
        "tasks/invalid-dag-structure",
        "the dependency graph has no waves",
        "write `{\"waves\": [{\"id\": 0, \"tasks\": [\"1\"]}]}`",
    ),
    warning("tasks/missing-overview", "the overview is missing", "add `## Overview`"),
    warning("tasks/missing-tasks-section", "the tasks section is missing", "add `## Tasks`"),
    warning("tasks/missing-notes", "the notes are missing", "add `## Notes`"),
    error("bugfix/missing-introduction", "the introduction is missing", "add `## Introduction`"),
    error("bugfix/missing-bug-analysis", "the bug analysis is missing", "add `## Bug Analysis`"),
    error(
        "bugfix/missing-current-behavior",
        "the current behavior is missing",
        "add `### Current Behavior (Defect)`",
    ),
    error(
        "bugfix/missing-expected-behavior",
        "the expected behavior is missing",
        "add `### Expected Behavior (Correct)`",
    ),
    error(
        "bugfix/missing-unchanged-behavior",
        "the unchanged behavior is missing",
        "add `### Unchanged Behavior (Regression Prevention)`",
    ),
    warning("bugfix/unexpected-section", "this section belongs into the design", "move it to `design.md`"),
];

/// What Kiro would underline in the document, in document order. `spec_kind` is what `.config.kiro` says; without
/// it, a design that has a bug's headings counts as a bug's design. Configuration and single-file specs have no
/// rules.
pub fn check(kind: DocumentKind, spec_kind: Option<SpecKind>, bytes: &[u8]) -> Vec<Diagnostic> {
    let page = page::Page::read(bytes);
    let mut report = page::Report::default();
    match kind {
        DocumentKind::Requirements => requirements::check(&page, &mut report),
        DocumentKind::Design => design::check(&page, spec_kind, &mut report),
        DocumentKind::Tasks => tasks::check(&page, spec_kind, &mut report),
        DocumentKind::Bugfix => bugfix::check(&page, &mut report),
        DocumentKind::Config | DocumentKind::Single => {}
    }
    report.into_vec()
}

#[cfg(test)]
mod tests;
