//! Where a finding stands, as readers of reports count: a path from the root of the repository, lines and columns.
//! Reads no file.

use lint::Place;
use spec::Span;

/// A stretch of a file. Lines and columns count from 1; columns count UTF-16 code units; the end is the first column
/// that no longer belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// First line.
    pub start_line: u32,
    /// First column.
    pub start_column: u32,
    /// Last line.
    pub end_line: u32,
    /// The column behind the last.
    pub end_column: u32,
}

/// A place in a file of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// From the root of the repository, with `/`.
    pub path: String,
    /// Where in the file; `None` when the file cannot be read.
    pub region: Option<Region>,
}

/// Finds places: the caller has the files.
pub type Locate<'a> = &'a dyn Fn(&Place) -> Located;

/// The line starts of a file, so that many places of it are found quickly.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
}

/// Bytes of a line in which columns are counted exactly; behind them a byte counts as a column. Lines of prose have
/// hundreds, and minified ones have millions.
pub const EXACT_COLUMN_BYTES_MAX: usize = 16 * 1024;

impl<'a> Lines<'a> {
    /// Linear in the bytes.
    pub fn of(bytes: &'a [u8]) -> Lines<'a> {
        let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        Lines { bytes, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The stretch under a span; what reaches outside the file ends at its end.
    pub fn region(&self, span: Span) -> Region {
        let (start_line, start_column) = self.point(span.offset);
        let (end_line, end_column) = self.point(span.end());
        Region { start_line, start_column, end_line, end_column }
    }

    fn point(&self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.bytes.len());
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let exact = offset.min(start.saturating_add(EXACT_COLUMN_BYTES_MAX));
        let before = String::from_utf8_lossy(self.bytes.get(start..exact).unwrap_or_default());
        // The byte-order mark is no character of the first line.
        let units = before.trim_start_matches('\u{feff}').encode_utf16().count() + (offset - exact);
        (number(line), number(units))
    }
}

fn number(from_zero: usize) -> u32 {
    u32::try_from(from_zero).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_are_counted_as_editors_do() {
        let check = |text: &str, offset: usize, len: usize, expected: (u32, u32, u32, u32)| {
            let region = Lines::of(text.as_bytes()).region(Span { offset, len });
            let got = (region.start_line, region.start_column, region.end_line, region.end_column);
            assert_eq!(got, expected, "{text:?}");
        };
        check("", 0, 0, (1, 1, 1, 1));
        check("ab\ncd\n", 3, 2, (2, 1, 2, 3));
        check("ab\ncd\n", 0, 6, (1, 1, 3, 1));
        check("日本😀x", 10, 1, (1, 5, 1, 6));
        check("\u{feff}ab", 3, 1, (1, 1, 1, 2));
        check("ab", 99, 5, (1, 3, 1, 3));
        let long = "x".repeat(1_000_000);
        check(&long, 999_999, 1, (1, 1_000_000, 1, 1_000_001));
    }

    proptest! {
        #[test]
        fn the_end_never_stands_before_the_start(bytes in proptest::collection::vec(any::<u8>(), 0..80), offset in 0usize..100, len in 0usize..100) {
            let region = Lines::of(&bytes).region(Span { offset, len });
            prop_assert!((region.start_line, region.start_column) <= (region.end_line, region.end_column));
        }
    }
}
