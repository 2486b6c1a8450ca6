//! Where something stands in a document, in bytes. Knows nothing about lines.

/// A run of bytes: `offset` from the first byte of the file (a byte-order mark included), `len` bytes long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Bytes before the first byte of the run.
    pub offset: usize,
    /// Bytes in the run.
    pub len: usize,
}

impl Span {
    /// The span from `offset` up to, not including, `end`; empty when `end` stands before `offset`.
    pub fn between(offset: usize, end: usize) -> Span {
        Span { offset, len: end.saturating_sub(offset) }
    }

    /// The first byte behind the span.
    pub fn end(&self) -> usize {
        self.offset.saturating_add(self.len)
    }

    /// The bytes of `document` under this span; empty when the span reaches outside the document.
    pub fn slice<'a>(&self, document: &'a [u8]) -> &'a [u8] {
        document.get(self.offset..self.end()).unwrap_or_default()
    }

    /// The text of `document` under this span, with invalid UTF-8 shown as replacement characters.
    pub fn text(&self, document: &[u8]) -> String {
        String::from_utf8_lossy(self.slice(document)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_outside_the_document_is_empty() {
        assert_eq!(Span { offset: 5, len: 9 }.slice(b"abc"), b"");
        assert_eq!(Span { offset: usize::MAX, len: 9 }.slice(b"abc"), b"");
        assert_eq!(Span::between(1, 3).text(b"abc"), "bc");
        assert_eq!(Span::between(3, 1).len, 0);
    }
}
