//! The fifteen rules of `design.md`: for a feature, for a bug fix, and for the properties of both.

use super::page::{Page, Report, after_digits, is_space, starts_with_word};
use crate::kind::SpecKind;

const FEATURE: [(&str, &str); 7] = [
    ("## overview", "design/missing-overview"),
    ("## architecture", "design/missing-architecture"),
    ("## components and interfaces", "design/missing-components"),
    ("## data models", "design/missing-data-models"),
    ("## correctness properties", "design/missing-correctness-properties"),
    ("## error handling", "design/missing-error-handling"),
    ("## testing strategy", "design/missing-testing-strategy"),
];

const BUGFIX: [(&str, &str); 8] = [
    ("## overview", "design/missing-overview"),
    ("## glossary", "design/missing-glossary"),
    ("## bug details", "design/missing-bug-details"),
    ("## expected behavior", "design/missing-expected-behavior"),
    ("## hypothesized root cause", "design/missing-hypothesized-root-cause"),
    ("## correctness properties", "design/missing-correctness-properties"),
    ("## fix implementation", "design/missing-fix-implementation"),
    ("## testing strategy", "design/missing-testing-strategy"),
];

/// Headings that only the design of a bug fix has.
const BUG_HEADINGS: [&str; 5] = [
    "## bug details",
    "## hypothesized root cause",
    "## fix implementation",
    "### bug condition",
    "### fault condition",
];

pub(super) fn check(page: &Page<'_>, spec_kind: Option<SpecKind>, report: &mut Report) {
    let looks_like_bug = || BUG_HEADINGS.iter().any(|heading| page.has_ignoring_case(heading));
    let is_bug = spec_kind.map_or_else(looks_like_bug, |kind| kind == SpecKind::Bugfix);
    let sections: &[(&str, &'static str)] = if is_bug { &BUGFIX } else { &FEATURE };
    for (heading, code) in sections {
        report.unless(page.has_ignoring_case(heading), code, page);
    }
    check_properties(page, report);
}

fn check_properties(page: &Page<'_>, report: &mut Report) {
    let opens = |line: &str| line.eq_ignore_ascii_case("## correctness properties");
    let Some((head, lines)) = page.section(opens, |line| line.starts_with("## ")) else { return };
    let opens = |line: &str| starts_with_word(line.strip_prefix("### ").unwrap_or(line), "Property");
    let blocks = Page::blocks(lines, opens, |_| false);
    if blocks.is_empty() {
        report.at("design/empty-correctness-properties", head.span);
    }
    for block in blocks {
        let Some(heading) = block.first() else { continue };
        let words = heading.content.strip_prefix("### ").unwrap_or(&heading.content);
        let number = words.strip_prefix("Property ").and_then(after_digits);
        if !number.is_some_and(|rest| rest.starts_with(':')) {
            report.at("design/malformed-property-heading", heading.span);
        }
        if !block.iter().any(|line| has_validates(&line.content)) {
            report.at("design/missing-property-validates", heading.span);
        }
    }
}

/// `\*\*Validates:\s*Requirements\s+[\d.,\s]+\*\*` anywhere in the line.
fn has_validates(line: &str) -> bool {
    line.match_indices("**Validates:").any(|(at, found)| {
        let rest = line.get(at + found.len()..).unwrap_or_default().trim_start_matches(is_space);
        let Some(rest) = rest.strip_prefix("Requirements") else { return false };
        let end =
            rest.trim_start_matches(|c: char| c.is_ascii_digit() || is_space(c) || matches!(c, '.' | ','));
        let ids = rest.get(..rest.len() - end.len()).unwrap_or_default();
        ids.starts_with(is_space) && ids.chars().count() >= 2 && end.starts_with("**")
    })
}
