//! The pages of Kiro's seven rules for `requirements.md`. The checks are `spec::check`.

use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!("requirements/missing-title", Error, 2, "the title is missing",
        what: "No line of the document is exactly `# Requirements Document`.",
        why: "Kiro knows the document by this line and underlines the file without it. Blanks behind it do not matter; \
              another word, another level or a translation does.",
        bad: "# Requirements",
        good: "# Requirements Document",
        mend: "make this the first line; the quick-fix does it when no other title would be lost.",
        source: "Kiro 1.1, spec diagnostics"),
    rule!("requirements/missing-introduction", Error, 2, "the introduction is missing",
        what: "No line of the document is exactly `## Introduction`.",
        why: "A person and a model both need a paragraph that says what the feature is and for whom before they read \
              forty criteria. Kiro refuses the document without the heading.",
        bad: "## Overview",
        good: "## Introduction\n\n    Sessions end on their own, so that a forgotten browser is no open door.",
        mend: "add the heading behind the title and write a paragraph below it.",
        source: "Kiro 1.1, spec diagnostics"),
    rule!("requirements/missing-requirements-section", Error, 3, "the requirements section is missing",
        what: "No line of the document is exactly `## Requirements`.",
        why: "The requirements are looked for below this heading. In a document without it they may still be found by \
              their own headings, but Kiro underlines the file.",
        bad: "## Functional needs\n\n    ### Requirement 1: Sign in",
        good: "## Requirements\n\n    ### Requirement 1: Sign in",
        mend: "put the heading above the first requirement.",
        source: "Kiro 1.1, spec diagnostics"),
    rule!("requirements/malformed-requirement-heading", Error, 4, "this requirement heading has no number and colon",
        what: "A heading begins with `### Requirement` and does not go on with a blank, a number and a colon.",
        why: "The number is the address that tasks, properties and tests cite. Kiro reads it only in this form, so every \
              citation of the requirement would point nowhere.",
        bad: "### Requirement 1 - Sign in",
        good: "### Requirement 1: Sign in",
        mend: "write number and colon; the quick-fix keeps the words of the title.",
        source: "Kiro 1.1, spec diagnostics"),
    rule!("requirements/missing-acceptance-criteria", Error, 4, "this requirement has no acceptance criteria",
        what: "Below a requirement there is no line that is exactly `#### Acceptance Criteria`.",
        why: "A requirement without criteria cannot be proved. Often the criteria are there, under a heading that Kiro \
              does not know, or as bare bullets.",
        bad: "### Requirement 1: Sign in\n\n    1. WHEN the password fits, THE Session_Store SHALL open a session",
        good: "### Requirement 1: Sign in\n\n    #### Acceptance Criteria\n\n    1. WHEN the password fits, THE Session_Store \
               SHALL open a session",
        mend: "put the heading above the criteria; the quick-fix does it when the list is there.",
        source: "Kiro 1.1, spec diagnostics"),
    rule!("requirements/missing-glossary", Warning, 1, "the glossary is missing",
        what: "No line of the document is exactly `## Glossary`.",
        why: "The glossary is the list of names that the criteria may use. Without it two criteria can mean one thing by \
              two names, and nothing notices. Documents that Kiro wrote before 2026 have none.",
        bad: "## Requirements",
        good: "## Glossary\n\n    - **Session_Store**: keeps who is signed in\n\n    ## Requirements",
        mend: "add the heading above the requirements and define each name that a criterion uses as its subject.",
        source: "Kiro 1.1, spec diagnostics"),
    rule!("requirements/missing-user-story", Warning, 2, "this requirement has no user story",
        what: "Below a requirement no line holds `**User Story:**`, the colon inside the emphasis.",
        why: "The story says for whom the requirement exists and what it is good for; it settles what a criterion leaves \
              open.",
        bad: "**User Story**: As a visitor, I want …",
        good: "**User Story:** As a visitor, I want to stay signed in, so that I need not type my password again.",
        mend: "write the story below the heading; the quick-fix mends the label when the story is there.",
        source: "Kiro 1.1, spec diagnostics"),
];
