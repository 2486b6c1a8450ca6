//! A passing and a failing document for each of the 41 rules, and the fine points of how lines are compared.

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

/// A rule, a document that keeps all rules, and the change that breaks exactly this one.
type Case = (&'static str, DocumentKind, Option<SpecKind>, &'static str, &'static str, &'static str);

const R: DocumentKind = DocumentKind::Requirements;
const D: DocumentKind = DocumentKind::Design;
const T: DocumentKind = DocumentKind::Tasks;
const B: DocumentKind = DocumentKind::Bugfix;
const BUG: Option<SpecKind> = Some(SpecKind::Bugfix);

const CASES: &[Case] = &[
    ("requirements/missing-title", R, None, REQUIREMENTS, "# Requirements Document", "# Requirements"),
    ("requirements/missing-introduction", R, None, REQUIREMENTS, "## Introduction", " ## Introduction"),
    ("requirements/missing-glossary", R, None, REQUIREMENTS, "## Glossary", "## Terms"),
    ("requirements/missing-requirements-section", R, None, REQUIREMENTS, "## Requirements\n", "## Needs\n"),
    (
        "requirements/malformed-requirement-heading",
        R,
        None,
        REQUIREMENTS,
        "### Requirement 1: A",
        "### Requirement 1",
    ),
    (
        "requirements/missing-acceptance-criteria",
        R,
        None,
        REQUIREMENTS,
        "#### Acceptance Criteria",
        "#### Acceptance",
    ),
    ("requirements/missing-user-story", R, None, REQUIREMENTS, "**User Story:**", "**Story:**"),
    ("design/missing-overview", D, None, DESIGN, "## Overview", "## Overview · 概要"),
    ("design/missing-architecture", D, None, DESIGN, "## Architecture", ""),
    ("design/missing-components", D, None, DESIGN, "## Components and Interfaces", "## Components"),
    ("design/missing-data-models", D, None, DESIGN, "## Data Models", ""),
    ("design/missing-correctness-properties", D, None, DESIGN, "## Correctness Properties", ""),
    ("design/missing-error-handling", D, None, DESIGN, "## Error Handling", " ## Error Handling"),
    ("design/missing-testing-strategy", D, None, DESIGN, "## Testing Strategy", "## Tests"),
    ("design/malformed-property-heading", D, None, DESIGN, "### Property 1: A", "### Property 1 A"),
    ("design/empty-correctness-properties", D, None, DESIGN, "### Property 1: A", "### A"),
    (
        "design/missing-property-validates",
        D,
        None,
        DESIGN,
        "**Validates: Requirements 1.1, 1.2**",
        "**Validates: Requirement 1.1**",
    ),
    ("design/missing-overview", D, BUG, BUG_DESIGN, "## Overview", ""),
    ("design/missing-glossary", D, BUG, BUG_DESIGN, "## Glossary", ""),
    ("design/missing-bug-details", D, BUG, BUG_DESIGN, "## Bug Details", ""),
    ("design/missing-expected-behavior", D, BUG, BUG_DESIGN, "## Expected Behavior", ""),
    ("design/missing-hypothesized-root-cause", D, BUG, BUG_DESIGN, "## Hypothesized Root Cause", ""),
    ("design/missing-correctness-properties", D, BUG, BUG_DESIGN, "## Correctness Properties", ""),
    ("design/missing-fix-implementation", D, BUG, BUG_DESIGN, "## Fix Implementation", ""),
    ("design/missing-testing-strategy", D, BUG, BUG_DESIGN, "## Testing Strategy", ""),
    ("design/malformed-property-heading", D, BUG, BUG_DESIGN, "Property 1: A", "Property A"),
    // Without a kind, what only a bug's design has says what it is.
    ("design/missing-bug-details", D, None, BUG_DESIGN, "## Bug Details", ""),
    ("design/missing-hypothesized-root-cause", D, None, BUG_DESIGN, "## Hypothesized Root Cause", ""),
    (
        "tasks/missing-implementation-plan",
        T,
        None,
        TASKS,
        "# Implementation Plan: A",
        " # Implementation Plan: A",
    ),
    ("tasks/missing-overview", T, None, TASKS, "## Overview", ""),
    ("tasks/missing-tasks-section", T, None, TASKS, "## Tasks", ""),
    ("tasks/missing-notes", T, None, TASKS, "## Notes", "## Remarks"),
    ("tasks/invalid-task-heading", T, None, TASKS, "## Notes", "## Notes\n### Task 1"),
    ("tasks/malformed-checkbox", T, None, TASKS, "- [ ] 1. A", "- [X] 1. A"),
    ("tasks/invalid-task-line", T, None, TASKS, "- [ ] 1. A", "- [ ] 1 A"),
    ("tasks/invalid-subtask-line", T, None, TASKS, "  - [x]* 1.1 B", "  - [x]* 1. B"),
    ("tasks/missing-dependency-graph", T, None, TASKS, "## Task Dependency Graph", "## Graph"),
    ("tasks/missing-dag-json", T, None, TASKS, "```json", "```mermaid"),
    ("tasks/empty-dag-json", T, None, TASKS, "{\"waves\":[{\"id\":0,\"tasks\":[\"1.1\"]}]}", " "),
    ("tasks/invalid-dag-json", T, None, TASKS, "\"id\":0,", "\"id\":0"),
    ("tasks/invalid-dag-structure", T, None, TASKS, "[{\"id\":0,\"tasks\":[\"1.1\"]}]", "[]"),
    ("bugfix/missing-introduction", B, None, BUGFIX, "## Introduction", ""),
    ("bugfix/missing-bug-analysis", B, None, BUGFIX, "## Bug Analysis", ""),
    (
        "bugfix/missing-current-behavior",
        B,
        None,
        BUGFIX,
        "### Current Behavior (Defect)",
        "### Current Behavior",
    ),
    (
        "bugfix/missing-expected-behavior",
        B,
        None,
        BUGFIX,
        "### Expected Behavior (Correct)",
        " ### Expected Behavior (Correct)",
    ),
    (
        "bugfix/missing-unchanged-behavior",
        B,
        None,
        BUGFIX,
        "### Unchanged Behavior (Regression Prevention)",
        "",
    ),
    ("bugfix/unexpected-section", B, None, BUGFIX, "## Bug Analysis", "## Bug Analysis\n## Architecture"),
];

#[test]
fn every_rule_passes_and_breaks_alone() {
    for (code, kind, spec, good, from, to) in CASES {
        assert!(good.contains(from), "{code}: {from}");
        assert_eq!(codes(*kind, *spec, good), Vec::<&str>::new(), "{code}");
        assert_eq!(codes(*kind, *spec, &good.replacen(from, to, 1)), [*code]);
    }
}

#[test]
fn the_cases_are_all_rules() {
    let tried: std::collections::BTreeSet<_> = CASES.iter().map(|case| case.0).collect();
    let rules: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(rules.len(), 41);
    assert_eq!(tried, rules);
    let of = |document: &str| rules.iter().filter(|code| code.starts_with(document)).count();
    assert_eq!([of("requirements/"), of("design/"), of("tasks/"), of("bugfix/")], [7, 15, 13, 6]);
    let severities = |document: &str| {
        let errors =
            RULES.iter().filter(|rule| rule.code.starts_with(document) && rule.severity == Severity::Error);
        errors.count()
    };
    assert_eq!([severities("requirements/"), severities("tasks/"), severities("bugfix/")], [5, 10, 5]);
}

/// What stands where, and what Kiro says of it.
#[test]
fn lines_are_compared_as_kiro_does() {
    let check = |kind, good: &str, from: &str, to: &str, expected: &[&str]| {
        assert!(good.contains(from), "{from}");
        assert_eq!(codes(kind, None, &good.replacen(from, to, 1)), expected, "{from} -> {to}");
    };
    // White space at the end never matters, whatever JavaScript calls white space; at the start it always does.
    for space in [" ", "\t", "\u{a0}", "\u{3000}", "\u{feff}", " \t "] {
        check(R, REQUIREMENTS, "## Introduction", &format!("## Introduction{space}"), &[]);
    }
    check(
        R,
        REQUIREMENTS,
        "## Introduction",
        "## Introduction\u{85}",
        &["requirements/missing-introduction"],
    );
    check(R, REQUIREMENTS, "## Glossary", "\t## Glossary", &["requirements/missing-glossary"]);
    check(
        R,
        REQUIREMENTS,
        "# Requirements Document",
        "# Requirements document",
        &["requirements/missing-title"],
    );
    // A heading that is hidden by a blank opens no block, so nothing is missing from it.
    check(R, REQUIREMENTS, "### Requirement 1: A", " ### Requirement 1", &[]);
    check(R, REQUIREMENTS, "### Requirement 1: A", "### Requirement 12:", &[]);
    check(
        R,
        REQUIREMENTS,
        "### Requirement 1: A",
        "### Requirement  1: A",
        &["requirements/malformed-requirement-heading"],
    );
    check(
        R,
        REQUIREMENTS,
        "### Requirement 1: A",
        "### Requirement １: A",
        &["requirements/malformed-requirement-heading"],
    );
    check(
        R,
        REQUIREMENTS,
        "### Requirement 1: A",
        "### Requirement",
        &["requirements/malformed-requirement-heading"],
    );
    check(R, REQUIREMENTS, "### Requirement 1: A", "### Requirements 1", &[]);
    check(R, REQUIREMENTS, "**User Story:**", "- **User Story:**", &[]);
    check(D, DESIGN, "## Overview", "## OVERVIEW  ", &[]);
    check(D, DESIGN, "### Property 1: A", " ### Property 1: A", &["design/empty-correctness-properties"]);
    check(D, DESIGN, "### Property 1: A", "Property 1: A", &[]);
    check(D, DESIGN, "### Property 1: A", "### Property 1.1: A", &["design/malformed-property-heading"]);
    check(D, DESIGN, "### Property 1: A", "### Properties", &["design/empty-correctness-properties"]);
    check(D, DESIGN, "**Validates: Requirements 1.1, 1.2**", "x **Validates:Requirements 1** y", &[]);
    check(
        D,
        DESIGN,
        "**Validates: Requirements 1.1, 1.2**",
        "**Validates: Requirements 1.1 (and 1.2)**",
        &["design/missing-property-validates"],
    );
    check(
        D,
        DESIGN,
        "**Validates: Requirements 1.1, 1.2**",
        "_Validates: Requirements 1.1_",
        &["design/missing-property-validates"],
    );
    check(T, TASKS, "# Implementation Plan: A", "# Implementation Plans", &[]);
    check(T, TASKS, "- [ ] 1. A", "- [/] 1. A", &["tasks/malformed-checkbox"]);
    check(T, TASKS, "- [ ] 1. A", "- [-]\\* 1. A", &[]);
    check(T, TASKS, "- [ ] 1. A", "- [x](link) A", &[]);
    check(T, TASKS, "## Notes", "## Notes\n#### Task 1\n## Taskforce 1", &[]);
    check(
        B,
        BUGFIX,
        "## Bug Analysis",
        "## Bug Analysis\n### The Data Models",
        &["bugfix/unexpected-section"],
    );
    check(B, BUGFIX, "## Bug Analysis", "## Bug Analysis\nthe architecture\n ## Architecture", &[]);
}

#[test]
fn a_bug_fix_needs_no_graph() {
    let without_graph = TASKS.split("## Task Dependency").next().unwrap();
    assert_eq!(codes(T, BUG, without_graph), Vec::<&str>::new());
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
