//! What was found wrong in a document. Decides nothing about what happens next.

use crate::Span;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// A suggestion; nothing is wrong.
    Hint,
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

/// What is wrong with a document as text, whatever it is about: bytes that are not UTF-8. Everything else in it is
/// still read.
pub fn encoding(bytes: &[u8]) -> Option<Diagnostic> {
    let error = std::str::from_utf8(bytes).err()?;
    let offset = error.valid_up_to();
    let span = Span { offset, len: error.error_len().unwrap_or(bytes.len() - offset) };
    let message = format!("the bytes at {offset} are not UTF-8 text");
    Some(Diagnostic::error("document/not-utf-8", span, message).hint("save the file as UTF-8"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text() {
        let check = |bytes: &[u8], expected: Option<(usize, usize)>| {
            assert_eq!(encoding(bytes).map(|found| (found.span.offset, found.span.len)), expected);
        };
        check("# Größe\n".as_bytes(), None);
        check(b"Gr\xfc\xdfe", Some((2, 1)));
        check(b"cut \xe2\x82", Some((4, 2)));
    }
}
