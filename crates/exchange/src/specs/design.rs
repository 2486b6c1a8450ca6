//! `design.md` for a feature that came from another tool. Judges no design.

use std::fmt::Write;

use spec::write::{DesignDraft, design_md};
use spec::{DocumentKind, SpecKind};

use super::feature::{Design, Feature};
use super::lists::one_line;
use super::{Loss, general_loss};

/// A document of Kiro's shape: the one that came, completed, or one made of the sections that came.
pub(crate) fn write(feature: &Feature, kind: SpecKind, losses: &mut Vec<Loss>) -> Option<Vec<u8>> {
    match &feature.design {
        Design::None => None,
        Design::Whole(bytes) => Some(completed(bytes, kind)),
        Design::Parts { overview, sections } => {
            let mut architecture = String::new();
            let mut rest = DesignDraft {
                title: feature.title.clone(),
                overview: overview.join("\n"),
                ..DesignDraft::default()
            };
            for section in sections {
                let text = section.lines.join("\n");
                match section.heading.to_lowercase().as_str() {
                    "data models" | "data model" => rest.data_models = text,
                    "error handling" => rest.error_handling = text,
                    "testing strategy" | "testing" => rest.testing_strategy = text,
                    _ => {
                        let _ = write!(architecture, "### {}\n\n{text}\n\n", one_line(&section.heading));
                    }
                }
            }
            rest.architecture = architecture;
            let longest = [
                &rest.overview,
                &rest.architecture,
                &rest.data_models,
                &rest.error_handling,
                &rest.testing_strategy,
            ];
            if longest.iter().any(|text| text.len() > DESIGN_BYTES_MAX) {
                let why = "one section of a design holds 256 KiB; the rest of the text is cut";
                losses.push(general_loss("design.md", "the design", why, None));
            }
            Some(design_md(&rest).into_bytes())
        }
    }
}

/// Bytes that the generator takes for one section.
const DESIGN_BYTES_MAX: usize = 256 * 1024;

/// A design with the sections that Kiro's validator misses put behind it.
fn completed(bytes: &[u8], kind: SpecKind) -> Vec<u8> {
    const SECTIONS: [(&str, &str); 11] = [
        ("design/missing-overview", "## Overview"),
        ("design/missing-architecture", "## Architecture"),
        ("design/missing-components", "## Components and Interfaces"),
        ("design/missing-data-models", "## Data Models"),
        ("design/missing-glossary", "## Glossary"),
        ("design/missing-bug-details", "## Bug Details"),
        ("design/missing-expected-behavior", "## Expected Behavior"),
        ("design/missing-hypothesized-root-cause", "## Hypothesized Root Cause"),
        ("design/missing-fix-implementation", "## Fix Implementation"),
        ("design/missing-error-handling", "## Error Handling"),
        ("design/missing-testing-strategy", "## Testing Strategy"),
    ];
    let missing = spec::check::check(DocumentKind::Design, Some(kind), bytes);
    let mut added = String::new();
    for (code, heading) in SECTIONS {
        if missing.iter().any(|found| found.code == code) {
            let _ = write!(added, "\n{heading}\n\nNot described in the imported design.\n");
        }
    }
    if missing.iter().any(|found| found.code == "design/missing-correctness-properties") {
        let first = if kind == SpecKind::Bugfix { "2.1" } else { "1.1" };
        let _ = write!(
            added,
            "\n## Correctness Properties\n\n### Property 1: Criterion {first} holds for all inputs\n\n*For any* input \
             that the criterion speaks of, the system SHALL behave as it says.\n\n**Validates: Requirements {first}**\n"
        );
    }
    let mut out = bytes.to_vec();
    if !added.is_empty() {
        match spec::text::Text::read(bytes).unclosed() {
            Some(spec::text::Unclosed::Fence { byte, count, .. }) => {
                out.extend_from_slice(
                    format!("\n{}\n", char::from(byte).to_string().repeat(count)).as_bytes(),
                );
            }
            Some(spec::text::Unclosed::Comment { .. }) => out.extend_from_slice(b"\n-->\n"),
            None => {}
        }
        if !out.is_empty() && !out.ends_with(b"\n") {
            out.push(b'\n');
        }
        out.extend_from_slice(added.as_bytes());
    }
    out
}
