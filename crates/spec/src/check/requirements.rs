//! The seven rules of `requirements.md`.

use super::page::{Page, Report, after_digits, starts_with_word};

pub(super) fn check(page: &Page<'_>, report: &mut Report) {
    report.unless(page.has("# Requirements Document"), "requirements/missing-title", page);
    report.unless(page.has("## Introduction"), "requirements/missing-introduction", page);
    report.unless(page.has("## Glossary"), "requirements/missing-glossary", page);
    report.unless(page.has("## Requirements"), "requirements/missing-requirements-section", page);
    let opens = |line: &str| starts_with_word(line, "### Requirement");
    for block in Page::blocks(&page.lines, opens, |line| line.starts_with("## ")) {
        let Some(heading) = block.first() else { continue };
        let number = heading.content.strip_prefix("### Requirement ").and_then(after_digits);
        if !number.is_some_and(|rest| rest.starts_with(':')) {
            report.at("requirements/malformed-requirement-heading", heading.span);
        }
        if !block.iter().any(|line| line.content == "#### Acceptance Criteria") {
            report.at("requirements/missing-acceptance-criteria", heading.span);
        }
        if !block.iter().any(|line| line.content.contains("**User Story:**")) {
            report.at("requirements/missing-user-story", heading.span);
        }
    }
}
