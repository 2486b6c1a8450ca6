//! The documents that the editor has open, as it shows them and not as they are on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use index::Lines;
use lsp_types::TextDocumentContentChangeEvent;

use crate::convert::span_of;

/// Bytes of one open document; larger ones are dropped and read as they are on disk.
pub(crate) const BUFFER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// An open document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffer {
    /// What the editor counts.
    pub(crate) version: i32,
    /// The text.
    pub(crate) bytes: Vec<u8>,
    /// Its lines.
    pub(crate) lines: Lines,
}

impl Buffer {
    fn new(version: i32, text: String) -> Buffer {
        let bytes = text.into_bytes();
        Buffer { version, lines: Lines::of(&bytes), bytes }
    }
}

/// All open documents, by absolute path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers(BTreeMap<PathBuf, Buffer>);

impl Buffers {
    /// The document was opened.
    pub(crate) fn open(&mut self, path: PathBuf, version: i32, text: String) {
        if text.len() <= BUFFER_BYTES_MAX {
            self.0.insert(path, Buffer::new(version, text));
        }
    }

    /// The document was edited. Changes without a range replace it whole.
    pub(crate) fn change(&mut self, path: &Path, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        let Some(buffer) = self.0.get_mut(path) else { return };
        for change in changes {
            match change.range {
                None => *buffer = Buffer::new(version, change.text),
                Some(range) => {
                    let span = span_of(&buffer.lines, &buffer.bytes, range);
                    buffer.bytes.splice(span.offset..span.end(), change.text.into_bytes());
                    buffer.lines = Lines::of(&buffer.bytes);
                }
            }
        }
        buffer.version = version;
        if buffer.bytes.len() > BUFFER_BYTES_MAX {
            self.0.remove(path);
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use lsp_types::{Position, Range};

    #[test]
    fn edits_as_an_editor_sends_them() {
        let path = PathBuf::from("/a");
        let mut buffers = Buffers::default();
        buffers.open(path.clone(), 1, "one\ntwö 𝄞x\n".to_string());
        let at = |line, character| Position { line, character };
        let edit = |start, end, text: &str| TextDocumentContentChangeEvent {
            range: Some(Range { start, end }),
            range_length: None,
            text: text.to_string(),
        };
        buffers.change(&path, 2, vec![edit(at(1, 4), at(1, 6), "-"), edit(at(0, 3), at(1, 0), " ")]);
        let buffer = buffers.get(&path).unwrap();
        assert_eq!((String::from_utf8_lossy(&buffer.bytes).as_ref(), buffer.version), ("one twö -x\n", 2));
        let whole = TextDocumentContentChangeEvent { range: None, range_length: None, text: "z".to_string() };
        buffers.change(&path, 3, vec![whole, edit(at(9, 9), at(9, 9), "!")]);
        assert_eq!(buffers.get(&path).unwrap().bytes, b"z!");
        buffers.close(&path);
        assert!(buffers.get(&path).is_none());
    }
}
