//! Kiro's 41 rules as findings. The rules are `spec::check`, their quick-fixes the next file.

use spec::{DocumentKind, Severity};

use super::context::{Context, Document};
use super::kiro_fixes::{self, Fixer};
use super::out::{Found, Out};

/// Headings of the frame that Kiro writes around tasks since 2026. A document that has none of them was written before,
/// and is not damaged.
const FRAME: &[&str] = &["Overview", "Tasks", "Notes", "Task Dependency Graph"];

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let kind = context.reading.config.as_ref().and_then(|config| config.kind());
    for (index, document) in context.documents.iter().enumerate() {
        if document.kind == DocumentKind::Single {
            continue;
        }
        let found = spec::check::check(document.kind, kind, document.bytes);
        let is_older = is_older(document);
        let fixer = Fixer::new(context, document, kind, &found);
        for diagnostic in &found {
            let mut finding = Found::new(diagnostic.code, index, diagnostic.span, diagnostic.message.clone());
            if let Some(hint) = &diagnostic.hint {
                finding = finding.hint(hint.clone());
            }
            if is_older && is_frame(diagnostic.code) {
                finding = finding.severity(Severity::Hint);
            }
            if let Some((title, edits)) = kiro_fixes::fix(&fixer, diagnostic) {
                finding = finding.fix(title, edits);
            }
            out.push(finding);
        }
    }
}

fn is_older(document: &Document<'_>) -> bool {
    match document.kind {
        DocumentKind::Tasks => document.heading(FRAME).is_none(),
        _ => false,
    }
}

fn is_frame(code: &str) -> bool {
    matches!(
        code,
        "tasks/missing-overview"
            | "tasks/missing-tasks-section"
            | "tasks/missing-notes"
            | "tasks/missing-dependency-graph"
    )
}
