//! Kiro's 41 rules as findings. The rules are `spec::check`, their quick-fixes the next file.

use spec::{Diagnostic, DocumentKind, Severity};

use super::context::Context;
use super::kiro_fixes::{self, Fixer};
use super::out::{Found, Out};

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let kind = context.reading.config.as_ref().and_then(|config| config.kind());
    for (index, document) in context.documents.iter().enumerate() {
        if document.kind == DocumentKind::Single {
            continue;
        }
        let found = spec::check::check(document.kind, kind, document.bytes);
        let is_older = is_older(document.kind, &found);
        let fixer = Fixer::new(context, document, kind, &found);
        for diagnostic in &found {
            let mut finding = Found::new(diagnostic.code, index, diagnostic.span, diagnostic.message.clone());
            if let Some(hint) = &diagnostic.hint {
                finding = finding.hint(hint.clone());
            }
            if is_older && is_form(diagnostic.code) {
                finding = finding.severity(Severity::Hint);
            }
            if let Some((title, edits)) = kiro_fixes::fix(&fixer, diagnostic) {
                finding = finding.fix(title, edits);
            }
            out.push(finding);
        }
    }
}

/// Whether the document is in a form from before the present one, as Kiro itself wrote in 2025 and people still write. It
/// is not damaged, so what it lacks is a hint.
fn is_older(kind: DocumentKind, found: &[Diagnostic]) -> bool {
    let lacks =
        |codes: &[&str]| codes.iter().filter(|code| found.iter().any(|known| known.code == **code)).count();
    match kind {
        DocumentKind::Requirements => {
            let frame = [
                "requirements/missing-title",
                "requirements/missing-introduction",
                "requirements/missing-requirements-section",
            ];
            lacks(&["requirements/missing-glossary"]) == 1
                && lacks(&["requirements/malformed-requirement-heading"]) == 1
                || lacks(&frame) >= 2
        }
        DocumentKind::Design => {
            found
                .iter()
                .filter(|known| known.code.starts_with("design/missing-") && is_form(known.code))
                .count()
                >= DESIGN_LACKS_MIN
        }
        DocumentKind::Tasks => {
            lacks(&["tasks/missing-overview", "tasks/missing-tasks-section", "tasks/missing-notes"]) >= 2
        }
        DocumentKind::Bugfix | DocumentKind::Config | DocumentKind::Single => false,
    }
}

/// Sections that a design has to lack before it counts as another kind of document.
const DESIGN_LACKS_MIN: usize = 4;

/// Rules about the form alone: breaking one changes nothing that is read.
fn is_form(code: &str) -> bool {
    matches!(
        code,
        "requirements/missing-title"
            | "requirements/missing-introduction"
            | "requirements/missing-requirements-section"
            | "requirements/missing-glossary"
            | "requirements/missing-acceptance-criteria"
            | "requirements/malformed-requirement-heading"
            | "tasks/missing-implementation-plan"
            | "tasks/missing-overview"
            | "tasks/missing-tasks-section"
            | "tasks/missing-notes"
            | "tasks/missing-dependency-graph"
            | "tasks/invalid-task-heading"
    ) || code.starts_with("design/missing-") && code != "design/missing-property-validates"
}
