//! Building diagnostics and keeping them in order. Knows no format.

use spec::diagnostic::DIAGNOSTICS_MAX;
use spec::{Diagnostic, Severity, Span};

/// What is odd about one file; stops growing at [`DIAGNOSTICS_MAX`].
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Diagnostic>);

impl Findings {
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: &str) {
        self.push(code, Severity::Error, span, message.into(), hint);
    }

    pub(crate) fn warning(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: &str) {
        self.push(code, Severity::Warning, span, message.into(), hint);
    }

    pub(crate) fn hint(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: &str) {
        self.push(code, Severity::Hint, span, message.into(), hint);
    }

    fn push(&mut self, code: &'static str, severity: Severity, span: Span, message: String, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_string());
        self.extend([Diagnostic { code, severity, span, message, hint }]);
    }

    pub(crate) fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        let room = DIAGNOSTICS_MAX.saturating_sub(self.0.len());
        self.0.extend(diagnostics.into_iter().take(room));
    }

    /// In document order.
    pub(crate) fn into_vec(mut self) -> Vec<Diagnostic> {
        self.0.sort_by_key(|found| found.span.offset);
        self.0
    }
}

/// A word of a document in a message: one line, not endless.
pub(crate) fn shown(word: &str) -> String {
    const SHOWN_MAX: usize = 80;
    let plain: String =
        word.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN_MAX + 1).collect();
    match plain.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", plain.get(..at).unwrap_or_default()),
        None => plain,
    }
}

/// Numbers of lines by offset, found once for a document.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(bytes: &[u8]) -> Lines {
        Lines(bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect())
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|end| *end < offset) + 1).unwrap_or(u32::MAX)
    }
}

/// The first line of a document, where absent things are shown.
pub(crate) fn first_line(bytes: &[u8]) -> Span {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let len = if end > 0 && bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
    Span { offset: 0, len }
}
