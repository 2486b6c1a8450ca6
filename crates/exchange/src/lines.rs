//! Bytes to lines and columns and back, for people, SARIF and editors. Knows no document.

use spec::Span;

use crate::place::Region;

/// A place as editors count: both from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Lines before it.
    pub line: u32,
    /// UTF-16 code units before it in its line, as LSP and SARIF count by default.
    pub column: u32,
}

/// Lines longer than this are counted in bytes: nobody looks at column 100,000, and counting it for each finding
/// would take time that grows with the square of the line.
pub const EXACT_LINE_BYTES_MAX: usize = 64 * 1024;

/// Where the lines of a text begin.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Offset of the first byte of each line; never empty.
    starts: Vec<usize>,
}

impl Lines {
    /// Counts the lines of any bytes. A line ends with `\n`.
    pub fn of(bytes: &[u8]) -> Lines {
        let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Lines { starts: std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect() }
    }

    /// The place of a byte; the end of the text when `offset` lies behind it.
    pub fn position(&self, bytes: &[u8], offset: usize) -> Position {
        let offset = offset.min(bytes.len());
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = bytes.get(start..offset).unwrap_or_default();
        let column = match self.is_long(line, bytes.len()) {
            true => before.len(),
            false => String::from_utf8_lossy(before).encode_utf16().count(),
        };
        Position { line: bounded(line), column: bounded(column) }
    }

    /// The stretch under a span, counted from 1; what reaches outside the text ends at its end. A byte-order mark is no
    /// character of the first line.
    pub fn region(&self, bytes: &[u8], span: Span) -> Region {
        let point = |offset: usize| {
            let Position { line, column } = self.position(bytes, offset);
            let is_behind_mark = line == 0 && offset >= BOM.len() && bytes.starts_with(BOM);
            let mark = if is_behind_mark { self.column_of_mark(bytes) } else { 0 };
            (line.saturating_add(1), column.saturating_sub(mark).saturating_add(1))
        };
        let ((start_line, start_column), (end_line, end_column)) = (point(span.offset), point(span.end()));
        Region { start_line, start_column, end_line, end_column }
    }

    fn column_of_mark(&self, bytes: &[u8]) -> u32 {
        self.position(bytes, BOM.len()).column
    }

    /// The byte at a place; the end of its line when the column lies behind it.
    pub fn offset(&self, bytes: &[u8], position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return bytes.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(bytes.len());
        if self.is_long(line, bytes.len()) {
            return start.saturating_add(position.column as usize).min(end);
        }
        let content = bytes.get(start..end).unwrap_or_default();
        let mut units = 0;
        for chunk in content.utf8_chunks() {
            let base = start + (chunk.valid().as_ptr() as usize - content.as_ptr() as usize);
            for (at, letter) in chunk.valid().char_indices() {
                if units >= position.column || letter == '\n' || letter == '\r' {
                    return base + at;
                }
                units += bounded(letter.len_utf16());
            }
            if !chunk.invalid().is_empty() {
                if units >= position.column {
                    return base + chunk.valid().len();
                }
                // Bytes that are no text count as one replacement character.
                units += 1;
            }
        }
        end
    }

    /// The bytes of a line, counted from 0, without its break; empty when there is no such line.
    pub fn span(&self, bytes: &[u8], line: usize) -> Span {
        let Some(start) = self.starts.get(line).copied() else { return Span::default() };
        let end = self.starts.get(line + 1).map_or(bytes.len(), |next| next - 1);
        let span = Span::between(start, end);
        let is_crlf = span.slice(bytes).ends_with(b"\r");
        Span { len: span.len - usize::from(is_crlf), ..span }
    }

    fn is_long(&self, line: usize, len: usize) -> bool {
        let start = self.starts.get(line).copied().unwrap_or_default();
        self.starts.get(line + 1).copied().unwrap_or(len).saturating_sub(start) > EXACT_LINE_BYTES_MAX
    }

    /// How many lines there are; 1 for an empty text.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

fn bounded(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_as_editors_do() {
        let check = |text: &str, offset: usize, line: u32, column: u32| {
            let lines = Lines::of(text.as_bytes());
            let position = Position { line, column };
            assert_eq!(lines.position(text.as_bytes(), offset), position, "{text:?} {offset}");
            assert_eq!(lines.offset(text.as_bytes(), position), offset, "{text:?} {position:?}");
        };
        check("", 0, 0, 0);
        check("ab\ncd", 4, 1, 1);
        check("ä𝄞x\n", 6, 0, 3);
        check("a\r\nb", 3, 1, 0);
        let lines = Lines::of(b"ab\r\ncd");
        assert_eq!(lines.offset(b"ab\r\ncd", Position { line: 0, column: 99 }), 2);
        assert_eq!(lines.offset(b"ab\r\ncd", Position { line: 9, column: 0 }), 6);
        assert_eq!(lines.position(b"ab", 99), Position { line: 0, column: 2 });
    }

    #[test]
    fn stretches_are_counted_as_reports_do() {
        let check = |text: &str, offset: usize, len: usize, expected: (u32, u32, u32, u32)| {
            let region = Lines::of(text.as_bytes()).region(text.as_bytes(), Span { offset, len });
            let got = (region.start_line, region.start_column, region.end_line, region.end_column);
            assert_eq!(got, expected, "{text:?}");
        };
        check("", 0, 0, (1, 1, 1, 1));
        check("ab\ncd\n", 3, 2, (2, 1, 2, 3));
        check("ab\ncd\n", 0, 6, (1, 1, 3, 1));
        check("日本😀x", 10, 1, (1, 5, 1, 6));
        check("\u{feff}ab", 3, 1, (1, 1, 1, 2));
        check("\u{feff}ab\ncd", 7, 1, (2, 2, 2, 3));
        check("ab", 99, 5, (1, 3, 1, 3));
        let long = "x".repeat(1_000_000);
        check(&long, 999_999, 1, (1, 1_000_000, 1, 1_000_001));
    }

    proptest! {
        #[test]
        fn the_end_never_stands_before_the_start(bytes in proptest::collection::vec(any::<u8>(), 0..80), offset in 0usize..100, len in 0usize..100) {
            let region = Lines::of(&bytes).region(&bytes, Span { offset, len });
            prop_assert!((region.start_line, region.start_column) <= (region.end_line, region.end_column));
        }

        #[test]
        fn there_and_back(text in "[a-c𝄞é\n]{0,40}", pick in any::<prop::sample::Index>()) {
            let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let offset = offsets[pick.index(offsets.len())];
            let lines = Lines::of(text.as_bytes());
            prop_assert_eq!(lines.offset(text.as_bytes(), lines.position(text.as_bytes(), offset)), offset);
        }

        #[test]
        fn any_bytes_and_any_place(bytes in proptest::collection::vec(any::<u8>(), 0..60), line in 0u32..9, column in 0u32..40) {
            let lines = Lines::of(&bytes);
            let offset = lines.offset(&bytes, Position { line, column });
            prop_assert!(offset <= bytes.len());
        }
    }
}
