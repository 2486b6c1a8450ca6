//! What was found wrong in a document. Decides nothing about what happens next.

use crate::Span;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth reading; the document means what it says.
    Warning,
    /// Some part of the document is not understood, or Kiro refuses it.
    Error,
}

/// One finding. `code` is stable and is what a user writes to silence it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `<document>/<rule>`, for example `requirements/missing-title`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where, in bytes of the document; the first line when something is missing.
    pub span: Span,
    /// What is wrong: lower case, no full stop, the document's words in back-ticks.
    pub message: String,
    /// The next step, when there is one.
    pub hint: Option<String>,
}

impl Diagnostic {
    pub(crate) fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity: Severity::Warning, span, message: message.into(), hint: None }
    }

    pub(crate) fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, severity: Severity::Error, span, message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }
}

/// Findings kept per document; what lies beyond is not reported, because nobody reads the thousandth.
pub const DIAGNOSTICS_MAX: usize = 1_000;

/// A list that stops growing at [`DIAGNOSTICS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Diagnostic>);

impl Findings {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.0.len() < DIAGNOSTICS_MAX {
            self.0.push(diagnostic);
        }
    }

    /// The findings in document order.
    pub(crate) fn into_vec(mut self) -> Vec<Diagnostic> {
        self.0.sort_by_key(|found| found.span.offset);
        self.0
    }
}
