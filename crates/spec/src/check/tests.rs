//! One failing and one passing document for each of the 41 rules.

use super::*;
use proptest::prelude::*;

const REQUIREMENTS: &str = "# Requirements Document\n\n## Introduction\n\nx\n\n## Glossary\n\n## Requirements\n\n\
    ### Requirement 1: A\n\n**User Story:** As a …\n\n#### Acceptance Criteria\n\n1. WHEN a, THE B SHALL c.\n";
const DESIGN: &str = "## Overview\n## Architecture\n## Components and Interfaces\n## Data Models\n\
    ## Correctness Properties\n### Property 1: A\n**Validates: Requirements 1.1, 1.2**\n## Error Handling\n## Testing Strategy\n";
const BUG_DESIGN: &str = "## Overview\n## Glossary\n## Bug Details\n## Expected Behavior\n## Hypothesized Root Cause\n\
    ## Correctness Properties\nProperty 1: A\n**Validates: Requirements 2.1**\n## Fix Implementation\n## Testing Strategy\n";
const TASKS: &str = "# Implementation Plan: A\n## Overview\n## Tasks\n- [ ] 1. A\n  - [x]* 1.1 B\n- [~]\\* 2. C\n- [] x\n\
    ## Notes\n## Task Dependency Graph\n```json\n{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]}]}\n```\n";
const BUGFIX: &str = "## Introduction\n## Bug Analysis\n### Current Behavior (Defect)\n### Expected Behavior (Correct)\n\
    ### Unchanged Behavior (Regression Prevention)\n";

fn codes(kind: DocumentKind, spec: Option<SpecKind>, text: &str) -> Vec<&'static str> {
    check(kind, spec, text.as_bytes()).into_iter().map(|found| found.code).collect()
}

/// The document passes, and breaks exactly `code` once `from` is replaced by `to`.
#[track_caller]
fn breaks(kind: DocumentKind, spec: Option<SpecKind>, good: &str, from: &str, to: &str, code: &str) {
    assert!(good.contains(from), "{from}");
    assert_eq!(codes(kind, spec, good), Vec::<&str>::new());
    assert_eq!(codes(kind, spec, &good.replacen(from, to, 1)), [code]);
}

#[test]
fn requirements() {
    let check = |from, to, code| breaks(DocumentKind::Requirements, None, REQUIREMENTS, from, to, code);
    check("# Requirements Document", "# Requirements", "requirements/missing-title");
    check("## Introduction", " ## Introduction", "requirements/missing-introduction");
    check("## Glossary", "## Terms", "requirements/missing-glossary");
    check("## Requirements\n", "## Needs\n", "requirements/missing-requirements-section");
    check("### Requirement 1: A", "### Requirement 1", "requirements/malformed-requirement-heading");
    check("#### Acceptance Criteria", "#### Acceptance", "requirements/missing-acceptance-criteria");
    check("**User Story:**", "**Story:**", "requirements/missing-user-story");
}

#[test]
fn design_of_a_feature() {
    let check = |from, to, code| breaks(DocumentKind::Design, None, DESIGN, from, to, code);
    check("## Overview", "## Overview · 概要", "design/missing-overview");
    check("## Architecture", "", "design/missing-architecture");
    check("## Components and Interfaces", "## Components", "design/missing-components");
    check("## Data Models", "", "design/missing-data-models");
    check("## Correctness Properties", "", "design/missing-correctness-properties");
    check("## Error Handling", "", "design/missing-error-handling");
    check("## Testing Strategy", "## Tests", "design/missing-testing-strategy");
    check("### Property 1: A", "### Property 1 A", "design/malformed-property-heading");
    check("### Property 1: A", "### A", "design/empty-correctness-properties");
    check(
        "**Validates: Requirements 1.1, 1.2**",
        "**Validates: Requirement 1.1**",
        "design/missing-property-validates",
    );
    assert_eq!(
        codes(DocumentKind::Design, None, &DESIGN.replace("## Overview", "## OVERVIEW  ")),
        Vec::<&str>::new()
    );
}

#[test]
fn design_of_a_bug_fix() {
    for spec in [None, Some(SpecKind::Bugfix)] {
        let check = |from, to, code| breaks(DocumentKind::Design, spec, BUG_DESIGN, from, to, code);
        check("## Overview", "", "design/missing-overview");
        check("## Glossary", "", "design/missing-glossary");
        check("## Bug Details", "", "design/missing-bug-details");
        check("## Expected Behavior", "", "design/missing-expected-behavior");
        check("## Hypothesized Root Cause", "", "design/missing-hypothesized-root-cause");
        check("## Correctness Properties", "", "design/missing-correctness-properties");
        check("## Fix Implementation", "", "design/missing-fix-implementation");
        check("## Testing Strategy", "", "design/missing-testing-strategy");
        check("Property 1: A", "Property A", "design/malformed-property-heading");
    }
}

#[test]
fn tasks() {
    let check = |from, to, code| breaks(DocumentKind::Tasks, None, TASKS, from, to, code);
    check("# Implementation Plan: A", "# Plan", "tasks/missing-implementation-plan");
    check("## Overview", "", "tasks/missing-overview");
    check("## Tasks", "", "tasks/missing-tasks-section");
    check("## Notes", "## Remarks", "tasks/missing-notes");
    check("## Notes", "## Notes\n### Task 1", "tasks/invalid-task-heading");
    check("- [ ] 1. A", "- [X] 1. A", "tasks/malformed-checkbox");
    check("- [ ] 1. A", "- [ ] 1 A", "tasks/invalid-task-line");
    check("  - [x]* 1.1 B", "  - [x]* 1. B", "tasks/invalid-subtask-line");
    check("## Task Dependency Graph", "## Graph", "tasks/missing-dependency-graph");
    check("```json", "```mermaid", "tasks/missing-dag-json");
    check("{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]}]}", " ", "tasks/empty-dag-json");
    check("\"id\":0,", "\"id\":0", "tasks/invalid-dag-json");
    check("[{\"id\":0,\"tasks\":[\"1.1\"]}]", "[]", "tasks/invalid-dag-structure");
    let without_graph = TASKS.split("## Task Dependency").next().unwrap();
    assert_eq!(codes(DocumentKind::Tasks, Some(SpecKind::Bugfix), without_graph), Vec::<&str>::new());
}

#[test]
fn bugfix() {
    let check = |from, to, code| breaks(DocumentKind::Bugfix, None, BUGFIX, from, to, code);
    check("## Introduction", "", "bugfix/missing-introduction");
    check("## Bug Analysis", "", "bugfix/missing-bug-analysis");
    check("### Current Behavior (Defect)", "### Current Behavior", "bugfix/missing-current-behavior");
    check("### Expected Behavior (Correct)", "", "bugfix/missing-expected-behavior");
    check("### Unchanged Behavior (Regression Prevention)", "", "bugfix/missing-unchanged-behavior");
    check("## Bug Analysis", "## Bug Analysis\n## Architecture", "bugfix/unexpected-section");
}

#[test]
fn every_code_stands_in_this_file() {
    let here = include_str!("tests.rs");
    for rule in RULES {
        assert!(here.contains(&format!("\"{}\"", rule.code)), "{} has no test", rule.code);
    }
    let unique: std::collections::HashSet<_> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(unique.len(), 41);
}

#[test]
fn endings_do_not_matter() {
    assert_eq!(
        codes(DocumentKind::Requirements, None, &REQUIREMENTS.replace('\n', "  \r\n")),
        Vec::<&str>::new()
    );
}

proptest! {
    #[test]
    fn any_bytes_are_checked_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for kind in [DocumentKind::Requirements, DocumentKind::Design, DocumentKind::Tasks, DocumentKind::Bugfix] {
            let _ = check(kind, None, &bytes);
        }
    }
}
