//! A spec in which nothing is wrong, and what breaks it, rule by rule. Checks nothing.

pub(super) const REQUIREMENTS: &str = "# Requirements Document

## Introduction

Sessions end on their own.

## Glossary

- **Session_Store**: keeps who is signed in
- **Login_Form**: asks for the password

## Requirements

### Requirement 1: Sessions

**User Story:** As a visitor, I want my session to end, so that nobody takes my seat.

#### Acceptance Criteria

1. WHEN 15 minutes pass without a request, THE Session_Store SHALL end the session
2. IF the disk is full, THEN THE Session_Store SHALL refuse new sessions
3. WHILE the clock is wrong, THE Session_Store SHALL keep each session

### Requirement 2: Passwords

**User Story:** As a visitor, I want one try per second, so that nobody guesses my password.

#### Acceptance Criteria

1. WHEN a password arrives, THE Login_Form SHALL show one line of text
2. IF the password is wrong, THEN THE Login_Form SHALL name the next step
";

pub(super) const DESIGN: &str = "# Design: Sessions

## Overview

One table.

## Architecture

## Components and Interfaces

## Data Models

## Correctness Properties

### Property 1: A session ends

**Validates: Requirements 1.1, 1.2**

## Error Handling

## Testing Strategy
";

pub(super) const TASKS: &str = "# Implementation Plan: Sessions

## Overview

The store first.

## Tasks

- [x] 1. Write the store
  - [x] 1.1 Write the table
    - _Requirements: 1.1, 1.2_
  - [x] 1.2 Write the job
    - _Requirements: 1.3_
- [ ] 2. Write the form
  - _Requirements: 2.1_
- [ ] 3. Write the answers
  - _Requirements: 2.2_

## Notes

## Task Dependency Graph

```json
{
  \"waves\": [
    { \"id\": 0, \"tasks\": [\"1.1\"] },
    { \"id\": 1, \"tasks\": [\"1.2\", \"2\", \"3\"] }
  ]
}
```
";

/// The JSON of the good tasks.
pub(super) const WAVES: &str = "{
  \"waves\": [
    { \"id\": 0, \"tasks\": [\"1.1\"] },
    { \"id\": 1, \"tasks\": [\"1.2\", \"2\", \"3\"] }
  ]
}";

pub(super) const BUGFIX: &str = "# Bugfix Requirements Document

## Introduction

Sessions ended early.

## Bug Analysis

### Current Behavior (Defect)

1.1 WHEN the clocks change THEN the system ends the session early

### Expected Behavior (Correct)

2.1 WHEN the clocks change THEN the system SHALL end the session after 24 hours

### Unchanged Behavior (Regression Prevention)

3.1 WHEN no clock changes THEN the system SHALL CONTINUE TO end the session after 24 hours
";

pub(super) const BUG_DESIGN: &str = "# Design

## Overview

## Glossary

## Bug Details

## Expected Behavior

## Hypothesized Root Cause

## Correctness Properties

Property 1: A session lasts
**Validates: Requirements 2.1**

## Fix Implementation

## Testing Strategy
";

pub(super) const CONFIG: &str =
    "{\"specId\": \"1\", \"workflowType\": \"requirements-first\", \"specType\": \"feature\"}\n";

/// Which document is changed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum In {
    Requirements,
    Design,
    Tasks,
    Config,
    Bugfix,
    BugDesign,
    Single,
}

/// Every rule with the change that breaks it. The good specs above are the passing case of each.
pub(super) const BREAKS: &[(&str, In, &str, &str)] = &[
    ("requirements/missing-title", In::Requirements, "# Requirements Document", "# Requirements"),
    ("requirements/missing-introduction", In::Requirements, "## Introduction", "## Summary"),
    ("requirements/missing-requirements-section", In::Requirements, "## Requirements\n", "## Needs\n"),
    ("requirements/malformed-requirement-heading", In::Requirements, "Requirement 1: S", "Requirement 1 - S"),
    (
        "requirements/missing-acceptance-criteria",
        In::Requirements,
        "#### Acceptance Criteria",
        "**Acceptance Criteria**",
    ),
    ("requirements/missing-glossary", In::Requirements, "## Glossary", "## Words"),
    ("requirements/missing-user-story", In::Requirements, "**User Story:**", "**User Story**:"),
    ("design/missing-overview", In::Design, "## Overview", "## Summary"),
    ("design/missing-architecture", In::Design, "## Architecture", "## Parts"),
    ("design/missing-components", In::Design, "## Components and Interfaces", "## Components"),
    ("design/missing-data-models", In::Design, "## Data Models", "## Data"),
    ("design/missing-correctness-properties", In::Design, "## Correctness Properties", "## Properties"),
    ("design/missing-error-handling", In::Design, "## Error Handling", "## Errors"),
    ("design/missing-testing-strategy", In::Design, "## Testing Strategy", "## Tests"),
    ("design/malformed-property-heading", In::Design, "### Property 1: A", "### Property 1 - A"),
    ("design/empty-correctness-properties", In::Design, "### Property 1: A", "### A"),
    ("design/missing-property-validates", In::Design, "**Validates: Requirements", "**Validates:"),
    ("design/missing-glossary", In::BugDesign, "## Glossary", "## Words"),
    ("design/missing-bug-details", In::BugDesign, "## Bug Details", "## Details"),
    ("design/missing-expected-behavior", In::BugDesign, "## Expected Behavior", "## Expected"),
    ("design/missing-hypothesized-root-cause", In::BugDesign, "## Hypothesized Root Cause", "## Root Cause"),
    ("design/missing-fix-implementation", In::BugDesign, "## Fix Implementation", "## Fix"),
    ("tasks/missing-implementation-plan", In::Tasks, "# Implementation Plan: Sessions", "# Tasks"),
    ("tasks/invalid-task-heading", In::Tasks, "## Notes", "## Notes\n\n### Task 4: Rest"),
    ("tasks/malformed-checkbox", In::Tasks, "- [x] 1. ", "- [X] 1. "),
    ("tasks/invalid-task-line", In::Tasks, "- [ ] 2. ", "- [ ] 2 "),
    ("tasks/invalid-subtask-line", In::Tasks, "  - [x] 1.2 ", "  - [x] "),
    ("tasks/missing-dependency-graph", In::Tasks, "## Task Dependency Graph", "## Graph"),
    ("tasks/missing-dag-json", In::Tasks, "```json", "```text"),
    ("tasks/empty-dag-json", In::Tasks, "```json\n", "```json\n\n```\n\n```text\n"),
    ("tasks/invalid-dag-json", In::Tasks, "\"3\"] }", "\"3\"] },"),
    ("tasks/invalid-dag-structure", In::Tasks, "\"waves\"", "\"rounds\""),
    ("tasks/missing-overview", In::Tasks, "## Overview", "## Summary"),
    ("tasks/missing-tasks-section", In::Tasks, "## Tasks", "## Steps"),
    ("tasks/missing-notes", In::Tasks, "## Notes", "## Remarks"),
    ("bugfix/missing-introduction", In::Bugfix, "## Introduction", "## Summary"),
    ("bugfix/missing-bug-analysis", In::Bugfix, "## Bug Analysis", "## Analysis"),
    ("bugfix/missing-current-behavior", In::Bugfix, "### Current Behavior (Defect)", "### Current Behavior"),
    (
        "bugfix/missing-expected-behavior",
        In::Bugfix,
        "### Expected Behavior (Correct)",
        "### Expected Behavior",
    ),
    ("bugfix/missing-unchanged-behavior", In::Bugfix, "(Regression Prevention)", "(stays)"),
    ("bugfix/unexpected-section", In::Bugfix, "## Bug Analysis", "## Architecture\n\n## Bug Analysis"),
    ("config/not-an-object", In::Config, CONFIG, "[]"),
    ("config/unreadable", In::Config, CONFIG, "{"),
    ("config/unknown-value", In::Config, "\"feature\"", "\"Feature\""),
    (
        "requirements/no-criteria",
        In::Requirements,
        "1. WHEN a password arrives, THE Login_Form SHALL show one line of text\n2. IF the password is wrong, THEN THE Login_Form SHALL name the next step\n",
        "",
    ),
    ("requirements/duplicate-criterion", In::Requirements, "### Requirement 2:", "### Requirement 1:"),
    (
        "requirements/none",
        In::Requirements,
        REQUIREMENTS,
        "# Requirements Document\n\n## Introduction\n\n## Glossary\n",
    ),
    (
        "requirements/unstructured",
        In::Requirements,
        REQUIREMENTS,
        "# Requirements Document\n\n## Introduction\n\n## Requirements\n\n### Requirement 1: The page SHALL load within 2 seconds\n",
    ),
    (
        "requirements/unaddressed",
        In::Requirements,
        "## Requirements\n",
        "## Non-Functional Requirements\n\n- Pages load within 2 seconds\n- Nothing is lost\n\n## Requirements\n",
    ),
    ("bugfix/no-clauses", In::Bugfix, BUGFIX, "# Bugfix\n"),
    ("single/no-requirements", In::Single, "- THE page SHALL load within 2 seconds\n", ""),
    ("tasks/unclosed-block", In::Tasks, "```\n", "\n"),
    ("tasks/empty-box", In::Tasks, "- [ ] 3. ", "- [] x\n- [ ] 3. "),
    ("tasks/unknown-state", In::Tasks, "## Tasks\n\n- [x] 1. ", "- [/] 0. Before\n\n## Tasks\n\n- [x] 1. "),
    ("tasks/wide-mark", In::Tasks, "## Tasks\n\n- [x] 1. ", "- [✓] 0. Before\n\n## Tasks\n\n- [x] 1. "),
    ("tasks/checklist", In::Tasks, "## Notes", "## Rollout\n\n- [ ] Tell the team\n\n## Notes"),
    (
        "tasks/open-check",
        In::Tasks,
        "## Notes",
        "### Task 4: Rest\n\n**Acceptance:**\n\n- [ ] Tests pass\n- [x] It is merged\n\n## Notes",
    ),
    ("tasks/duplicate-number", In::Tasks, "- [ ] 3. ", "- [ ] 2. "),
    ("tasks/graph-cycle", In::Tasks, WAVES, "1.1 --> 1.2\n1.2 --> 1.1"),
    (
        "tasks/unreadable-graph",
        In::Tasks,
        "## Task Dependency Graph\n\n```json\n{",
        "## Task dependency graph\n\n```json\n{ {",
    ),
    ("tasks/nothing-to-do", In::Tasks, TASKS, "# Implementation Plan\n\nWe will see.\n"),
    ("tasks/done-with-open-children", In::Tasks, "[x] 1.2", "[ ] 1.2"),
    ("tasks/open-with-done-children", In::Tasks, "[x] 1. ", "[ ] 1. "),
    ("tasks/done-but-says-not", In::Tasks, "Write the job", "Write the job - POSTPONED"),
    (
        "tasks/contradicted-state",
        In::Tasks,
        "Write the job",
        "Write the job\n    - **Note**: Not started - critical blocker",
    ),
    ("tasks/left-in-progress", In::Tasks, "[ ] 2. ", "[-] 2. "),
    ("tasks/number-gap", In::Tasks, "- [ ] 3. ", "- [ ] 5. "),
    (
        "tasks/number-order",
        In::Tasks,
        "- [ ] 3. Write the answers\n  - _Requirements: 2.2_\n",
        "- [ ] 4. Write the answers\n  - _Requirements: 2.2_\n- [ ] 3. Rest\n",
    ),
    ("graph/unknown-task", In::Tasks, "\"3\"", "\"3\", \"9.9\""),
    ("graph/task-twice", In::Tasks, "\"3\"", "\"3\", \"1.1\""),
    ("graph/task-missing", In::Tasks, ", \"3\"", ""),
    ("graph/parent-listed", In::Tasks, "\"3\"", "\"3\", \"1\""),
    ("trace/dangling-reference", In::Tasks, "_Requirements: 2.2_", "_Requirements: 2.2, 9.9_"),
    ("trace/uncited", In::Tasks, "_Requirements: 2.2_", "none"),
    ("trace/unknown-dependency", In::Tasks, "_Requirements: 2.2_", "_Requirements: 2.2_\n  - _Depends: 7.4_"),
    (
        "trace/cycle",
        In::Tasks,
        "Write the form\n",
        "Write the form (dep: 3)\n  - _Depends: 3_\n- [ ] 4. Rest\n  - _Depends: 4_\n",
    ),
    ("trace/dangling-property", In::Design, "1.1, 1.2**", "1.1, 9.9**"),
    (
        "design/property-without-criterion",
        In::Design,
        "1.1, 1.2**\n",
        "1.1, 1.2**\n\n**Property 2: It stays**\n",
    ),
    ("glossary/undefined-term", In::Requirements, "THE Login_Form SHALL name", "THE Error_Page SHALL name"),
    (
        "glossary/near-miss",
        In::Requirements,
        "THE Session_Store SHALL refuse",
        "THE Sesion_Store SHALL refuse",
    ),
    (
        "glossary/other-spelling",
        In::Requirements,
        "THE Session_Store SHALL refuse",
        "THE SessionStore SHALL refuse",
    ),
    ("glossary/unused-term", In::Requirements, "- **Login_Form**", "- **Token_Cache**: y\n- **Login_Form**"),
    (
        "glossary/duplicate-term",
        In::Requirements,
        "- **Login_Form**",
        "- **Session_Store**: y\n- **Login_Form**",
    ),
    (
        "glossary/synonym",
        In::Requirements,
        "keeps who is signed in\n",
        "also called `Keeper`, keeps who is signed in\n- **X**: THE Keeper\n",
    ),
    (
        "glossary/generic-system",
        In::Requirements,
        "THE Session_Store SHALL refuse",
        "THE system SHALL refuse",
    ),
    ("glossary/wrong-actor", In::Requirements, "THE Session_Store SHALL refuse", "THE User SHALL refuse"),
    ("requirements/number-gap", In::Requirements, "2. IF the password", "4. IF the password"),
    (
        "requirements/number-order",
        In::Requirements,
        "### Requirement 1: Sessions",
        "### Requirement 3: Sessions",
    ),
    (
        "requirements/other-number",
        In::Requirements,
        "### Requirement 2:",
        "### Requirement 7:\n\n#### Acceptance Criteria\n\n6.1 THE Login_Form SHALL stop\n\n### Requirement 8:",
    ),
    ("story/no-benefit", In::Requirements, ", so that nobody takes my seat", ""),
];

/// Rules about one criterion, each with one that breaks it and one that does not.
pub(super) const CRITERIA: &[(&str, &str, &str)] = &[
    ("ears/no-pattern", "3. Good messages", "3. THE Session_Store SHALL keep two clocks"),
    (
        "ears/no-response",
        "3. WHEN the disk is full",
        "3. WHEN the disk fills up, THE Session_Store SHALL stop",
    ),
    (
        "ears/no-system",
        "3. WHEN the token is old, SHALL ask again",
        "3. WHEN the token is old, THE Login_Form SHALL ask",
    ),
    (
        "ears/not-binding",
        "3. THE Session_Store should keep two clocks",
        "3. THE Session_Store SHALL keep what may come",
    ),
    (
        "ears/no-shall",
        "3. WHEN a key is old THEN it is removed",
        "3. WHEN a key is old THEN the Login_Form SHALL ask",
    ),
    (
        "ears/if-without-then",
        "3. IF a is b, THE Session_Store SHALL stop",
        "3. IF a is b, THEN THE Session_Store SHALL stop",
    ),
    (
        "ears/several-triggers",
        "3. WHEN a is b, IF c is d, THE Session_Store SHALL stop",
        "3. WHILE a is b, IF c is d, THEN THE Session_Store SHALL stop",
    ),
    (
        "ears/several-responses",
        "3. THE Session_Store SHALL stop AND SHALL log",
        "3. THE Session_Store SHALL state that WHEN a is b, THE Login_Form SHALL stop",
    ),
    (
        "ears/state-as-event",
        "3. WHEN the visitor is logged in, THE Login_Form SHALL stop",
        "3. WHEN the visitor logs in, THE Login_Form SHALL stop",
    ),
    (
        "ears/event-as-state",
        "3. WHILE the visitor clicks, THE Login_Form SHALL stop",
        "3. WHILE the visitor waits, THE Login_Form SHALL stop",
    ),
    (
        "ears/condition-as-feature",
        "3. WHERE the call fails, THE Login_Form SHALL stop",
        "3. WHERE colour is supported, THE Login_Form SHALL use it",
    ),
    (
        "ears/clause-order",
        "3. THE Login_Form SHALL stop WHEN a is b",
        "3. THE Login_Form SHALL say when it stops",
    ),
    (
        "requirements/same-words",
        "3. WHEN 15 minutes pass without a request, the Session_Store SHALL end the session!",
        "3. WHEN 15 minutes pass without a request, THE Login_Form SHALL close the window",
    ),
    (
        "requirements/similar-words",
        "3. WHEN 15 minutes pass without a request, THE Session_Store SHALL silently end the session",
        "3. WHEN 19 hours pass, THE Session_Store SHALL end all of them",
    ),
    ("words/vague", "3. THE Login_Form SHALL be easy", "3. THE Login_Form SHALL show \"easy\" and `robust`"),
    (
        "words/escape",
        "3. THE Session_Store SHALL keep the order where possible",
        "3. THE Session_Store SHALL keep the order of the possible places",
    ),
    (
        "words/open-list",
        "3. THE Session_Store SHALL read files, lines, etc.",
        "3. THE Session_Store SHALL read files and lines (such as two)",
    ),
    (
        "words/passive",
        "3. WHEN a is b, the data SHALL be stored",
        "3. WHEN a is b, the data SHALL be stored by the Session_Store",
    ),
    (
        "words/compound",
        "3. THE Session_Store SHALL write the file and send a message",
        "3. THE Session_Store SHALL let visitors write and read",
    ),
    ("words/absolute", "3. THE Session_Store SHALL always answer", "3. THE Session_Store SHALL NEVER answer"),
    (
        "words/pronoun",
        "3. THE Session_Store SHALL delete it",
        "3. WHEN a session ends, THE Session_Store SHALL delete it",
    ),
    (
        "words/no-quantity",
        "3. THE Session_Store SHALL answer quickly",
        "3. THE Session_Store SHALL answer quickly, within 2 seconds",
    ),
    (
        "words/no-unit",
        "3. THE Session_Store SHALL answer within 30",
        "3. THE Session_Store SHALL answer within 30 days",
    ),
    (
        "words/mixed-units",
        "3. THE Session_Store SHALL answer within 2 min",
        "3. THE Session_Store SHALL answer within 2 minutes",
    ),
    ("words/able-to", "3. THE Session_Store SHALL be able to stop", "3. THE Session_Store SHALL stop"),
    (
        "words/placeholder",
        "3. THE Session_Store SHALL retry TBD times",
        "3. THE Session_Store SHALL contain no TBD",
    ),
    (
        "words/placeholder",
        "3. THE Session_Store SHALL retry ??? times",
        "3. THE Session_Store SHALL ask what is missing",
    ),
];
