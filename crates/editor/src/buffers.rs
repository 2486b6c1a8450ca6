//! The documents that the editor has open, as it shows them and not as they are on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use index::Lines;
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use spec::Span;

use crate::convert::span_of;

/// Bytes of one open document: what is read from disk, too. Larger ones are not kept and not judged.
pub(crate) const BUFFER_BYTES_MAX: usize = index::place::DOCUMENT_BYTES_MAX as usize;
/// Open documents; what is opened beyond is read as it is on disk.
const BUFFERS_MAX: usize = 5_000;

/// An open document.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    /// As the editor names it.
    pub(crate) uri: Uri,
    /// What the editor counts.
    pub(crate) version: i32,
    /// The text.
    pub(crate) bytes: Vec<u8>,
    /// Its lines.
    pub(crate) lines: Lines,
}

/// Bytes that came into the place of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Where.
    pub(crate) offset: usize,
    /// Bytes that went.
    pub(crate) removed: usize,
    /// Bytes that came.
    pub(crate) added: usize,
}

impl Step {
    /// The one step from one text to another.
    pub(crate) fn between(old: &[u8], new: &[u8]) -> Option<Step> {
        if old == new {
            return None;
        }
        let offset = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - offset;
        let same = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        Some(Step { offset, removed: old.len() - same - offset, added: new.len() - same - offset })
    }

    /// Where a span is afterwards; `None` when the step touches it.
    pub(crate) fn follow(&self, span: Span) -> Option<Span> {
        if span.end() <= self.offset {
            return Some(span);
        }
        let behind = span.offset.checked_sub(self.offset + self.removed)?;
        Some(Span { offset: self.offset + self.added + behind, len: span.len })
    }
}

/// All open documents, by absolute path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers(BTreeMap<PathBuf, Buffer>);

impl Buffers {
    /// The document was opened. False when it is too large to be kept.
    pub(crate) fn open(&mut self, path: PathBuf, uri: Uri, version: i32, text: String) -> bool {
        let fits = text.len() <= BUFFER_BYTES_MAX && self.0.len() < BUFFERS_MAX;
        match fits {
            true => {
                let bytes = text.into_bytes();
                let lines = Lines::of(&bytes);
                self.0.insert(path, Buffer { uri, version, lines, bytes });
            }
            false => drop(self.0.remove(&path)),
        }
        fits
    }

    /// Takes a buffer over from elsewhere.
    pub(crate) fn put(&mut self, path: PathBuf, buffer: Buffer) {
        self.0.insert(path, buffer);
    }

    /// The document was edited, change by change. A change without a range replaces it whole. `None` when it became
    /// too large to be kept.
    pub(crate) fn change(
        &mut self,
        path: &Path,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> Option<Vec<Step>> {
        let Some(buffer) = self.0.get_mut(path) else { return Some(Vec::new()) };
        let mut steps = Vec::new();
        for change in changes {
            match change.range {
                None => {
                    let new = change.text.into_bytes();
                    steps.extend(Step::between(&buffer.bytes, &new));
                    buffer.bytes = new;
                }
                Some(range) => {
                    let span = span_of(&buffer.lines, &buffer.bytes, range);
                    let step = Step { offset: span.offset, removed: span.len, added: change.text.len() };
                    buffer.bytes.splice(span.offset..span.end(), change.text.into_bytes());
                    steps.push(step);
                }
            }
            buffer.lines = Lines::of(&buffer.bytes);
            if buffer.bytes.len() > BUFFER_BYTES_MAX {
                self.0.remove(path);
                return None;
            }
        }
        buffer.version = version;
        Some(steps)
    }

    /// The document was closed.
    pub(crate) fn close(&mut self, path: &Path) {
        self.0.remove(path);
    }

    /// The open document of that path.
    pub(crate) fn get(&self, path: &Path) -> Option<&Buffer> {
        self.0.get(path)
    }

    /// Every open document.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Buffer)> {
        self.0.iter()
    }

    /// Gives all away.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (PathBuf, Buffer)> {
        std::mem::take(&mut self.0).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lsp_types::{Position, Range};
    use std::str::FromStr;

    #[test]
    fn edits_as_an_editor_sends_them() {
        let path = PathBuf::from("/a");
        let mut buffers = Buffers::default();
        let uri = Uri::from_str("file:///a").unwrap();
        assert!(buffers.open(path.clone(), uri.clone(), 1, "one\ntwö 𝄞x\n".to_string()));
        let at = |line, character| Position { line, character };
        let edit = |start, end, text: &str| TextDocumentContentChangeEvent {
            range: Some(Range { start, end }),
            range_length: None,
            text: text.to_string(),
        };
        let steps =
            buffers.change(&path, 2, vec![edit(at(1, 4), at(1, 6), "-"), edit(at(0, 3), at(1, 0), " ")]);
        let step = |offset, removed, added| Step { offset, removed, added };
        assert_eq!(steps, Some(vec![step(9, 4, 1), step(3, 1, 1)]));
        let buffer = buffers.get(&path).unwrap();
        assert_eq!((String::from_utf8_lossy(&buffer.bytes).as_ref(), buffer.version), ("one twö -x\n", 2));
        let whole = TextDocumentContentChangeEvent { range: None, range_length: None, text: "z".to_string() };
        buffers.change(&path, 3, vec![whole, edit(at(9, 9), at(9, 9), "!")]);
        assert_eq!(buffers.get(&path).unwrap().bytes, b"z!");
        // A range that runs backwards or ends within a sign of two units.
        buffers.change(&path, 4, vec![edit(at(0, 2), at(0, 0), "𝄞")]);
        buffers.change(&path, 5, vec![edit(at(0, 3), at(u32::MAX, u32::MAX), "x")]);
        assert_eq!(String::from_utf8_lossy(&buffers.get(&path).unwrap().bytes), "z!𝄞x");
        assert_eq!(buffers.change(Path::new("/b"), 1, vec![edit(at(0, 0), at(0, 0), "")]), Some(vec![]));
        buffers.close(&path);
        assert!(buffers.get(&path).is_none());
        assert!(!buffers.open(path.clone(), uri, 1, "x".repeat(BUFFER_BYTES_MAX + 1)));
    }

    #[test]
    fn spans_follow_edits() {
        let check = |old: &str, new: &str, span: (usize, usize), expected: Option<&str>| {
            let step = Step::between(old.as_bytes(), new.as_bytes());
            let span = Span { offset: span.0, len: span.1 };
            let found = step.map_or(Some(span), |step| step.follow(span));
            assert_eq!(found.map(|span| span.text(new.as_bytes())).as_deref(), expected, "{old} → {new}");
        };
        check("abc def", "abc def", (4, 3), Some("def"));
        check("abc def", "abXYc def", (4, 3), Some("def"));
        check("abc def", "abc", (0, 3), Some("abc"));
        check("abc def", "abc dXf", (4, 3), None);
        check("abc def", " def", (4, 3), Some("def"));
        check("aaaa", "aaa", (0, 2), Some("aa"));
        check("abc def", "abc  def", (4, 3), Some("def"));
    }
}
