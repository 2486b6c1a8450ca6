//! Changes to a document as a list of splices, applied together or not at all. Does not know what a change means.

use crate::Span;

/// Bytes under `span` are replaced by `new`; an empty span inserts, an empty `new` deletes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes in its place.
    pub new: String,
}

impl Edit {
    /// Replaces the bytes under `span`.
    pub fn replace(span: Span, new: impl Into<String>) -> Edit {
        Edit { span, new: new.into() }
    }

    /// Puts text before the byte at `offset`.
    pub fn insert(offset: usize, new: impl Into<String>) -> Edit {
        Edit { span: Span { offset, len: 0 }, new: new.into() }
    }

    /// Takes the bytes under `span` away.
    pub fn delete(span: Span) -> Edit {
        Edit { span, new: String::new() }
    }
}

/// Why edits could not be applied. The document is then as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpliceError {
    /// An edit reaches behind the last byte.
    Outside {
        /// Where it begins.
        offset: usize,
    },
    /// Two edits change the same bytes.
    Overlap {
        /// Where the second begins.
        offset: usize,
    },
}

impl std::fmt::Display for SpliceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SpliceError::Outside { offset } => {
                write!(f, "an edit at byte {offset} reaches outside the document")
            }
            SpliceError::Overlap { offset } => write!(f, "two edits change the bytes at {offset}"),
        }
    }
}

impl std::error::Error for SpliceError {}

/// The document with all edits applied. Their order does not matter; insertions at one place stay in list order.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, SpliceError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.offset, edit.span.len));
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for edit in sorted {
        let Span { offset, len } = edit.span;
        if offset < done {
            return Err(SpliceError::Overlap { offset });
        }
        let end = offset.checked_add(len).filter(|end| *end <= bytes.len());
        let (Some(end), Some(before)) = (end, bytes.get(done..offset)) else {
            return Err(SpliceError::Outside { offset });
        };
        out.extend_from_slice(before);
        out.extend_from_slice(edit.new.as_bytes());
        done = end;
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(edits: &[Edit], expected: Result<&str, SpliceError>) {
        let got = apply(b"0123456789", edits).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(got, expected.map(str::to_string));
    }

    #[test]
    fn edits_apply_together() {
        let at = |offset, len| Span { offset, len };
        check(&[], Ok("0123456789"));
        check(&[Edit::delete(at(8, 2)), Edit::replace(at(0, 1), "ab")], Ok("ab1234567"));
        check(&[Edit::insert(10, "x"), Edit::insert(10, "y"), Edit::insert(0, "z")], Ok("z0123456789xy"));
        check(&[Edit::insert(3, "x"), Edit::delete(at(3, 2))], Ok("012x56789"));
    }

    #[test]
    fn edits_that_cannot_apply() {
        let at = |offset, len| Span { offset, len };
        check(&[Edit::delete(at(9, 2))], Err(SpliceError::Outside { offset: 9 }));
        check(&[Edit::insert(usize::MAX, "")], Err(SpliceError::Outside { offset: usize::MAX }));
        check(&[Edit::delete(at(2, 3)), Edit::delete(at(4, 1))], Err(SpliceError::Overlap { offset: 4 }));
    }
}
