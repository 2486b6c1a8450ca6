//! Everything that is wrong with one spec, from all who judge: Kiro's rules and the readers. Judges nothing itself.

use lint::{Basis, Finding, Place};
use plan::{Plan, Reading};
use spec::{Diagnostic, DocumentKind};

/// The findings of a spec, by document and place.
pub fn of_spec(reading: &Reading, plan: &Plan) -> Vec<Finding> {
    let documents = &reading.documents;
    let mut found: Vec<(String, Diagnostic)> = plan.diagnostics.clone();
    let parts = [
        (DocumentKind::Requirements, "requirements.md", &documents.requirements),
        (DocumentKind::Bugfix, "bugfix.md", &documents.bugfix),
        (DocumentKind::Design, "design.md", &documents.design),
        (DocumentKind::Tasks, "tasks.md", &documents.tasks),
    ];
    for (kind, file, bytes) in parts {
        let Some(bytes) = bytes else { continue };
        let broken = spec::check::check(kind, Some(reading.kind), bytes);
        found.extend(broken.into_iter().map(|one| (file.to_string(), one)));
    }
    found.into_iter().map(|(file, one)| finding(reading.name(), file, one)).collect()
}

fn finding(spec: &str, file: String, one: Diagnostic) -> Finding {
    Finding {
        rule: one.code,
        severity: one.severity,
        basis: Basis::Read,
        place: Place { spec: spec.to_string(), file, span: one.span },
        subject: None,
        message: one.message,
        hint: one.hint,
        related: Vec::new(),
        fix: None,
    }
}
