//! The six rules of `bugfix.md`.

use super::page::{Page, Report};

/// Words of a heading that belong into a design.
const DESIGN_WORDS: [&str; 5] = [
    "technical context",
    "implementation details",
    "architecture",
    "components and interfaces",
    "data models",
];

pub(super) fn check(page: &Page<'_>, report: &mut Report) {
    report.unless(page.has("## Introduction"), "bugfix/missing-introduction", page);
    report.unless(page.has("## Bug Analysis"), "bugfix/missing-bug-analysis", page);
    report.unless(page.has("### Current Behavior (Defect)"), "bugfix/missing-current-behavior", page);
    report.unless(page.has("### Expected Behavior (Correct)"), "bugfix/missing-expected-behavior", page);
    let unchanged = "### Unchanged Behavior (Regression Prevention)";
    report.unless(page.has(unchanged), "bugfix/missing-unchanged-behavior", page);
    for line in &page.lines {
        let is_heading =
            line.content.trim_start_matches('#').starts_with(' ') && line.content.starts_with('#');
        if is_heading && DESIGN_WORDS.iter().any(|word| line.content.to_lowercase().contains(word)) {
            report.at("bugfix/unexpected-section", line.span);
        }
    }
}
