//! Byte offsets to lines and columns. Knows no finding.

/// A place that a person can go to. Both count from 1; columns count bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The byte inside the line.
    pub column: usize,
}

/// Where the lines of an input begin. Made in one pass; asked in logarithmic time.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Notes where lines begin. A line ends with LF.
    pub fn new(input: &[u8]) -> Self {
        let ends = input.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The place of a byte offset; one past the end is a place too.
    pub fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        Place { line, column: offset - start + 1 }
    }
}

/// The bounds of the line that holds `at`, with its LF, looking at most `reach` bytes to either side.
pub(crate) fn line_around(text: &[u8], at: usize, reach: (usize, usize)) -> (usize, usize) {
    let low = at.saturating_sub(reach.0);
    let high = text.len().min(at.saturating_add(reach.1));
    let before = text.get(low..at).unwrap_or_default();
    let after = text.get(at..high).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(low, |found| low + found + 1);
    let end = after.iter().position(|byte| *byte == b'\n').map_or(high, |found| at + found + 1);
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_places() {
        let lines = Lines::new(b"ab\n\ncd");
        let place = |offset| {
            let place = lines.place(offset);
            (place.line, place.column)
        };
        assert_eq!([0, 2, 3, 4, 6].map(place), [(1, 1), (1, 3), (2, 1), (3, 1), (3, 3)]);
    }

    #[test]
    fn a_line_is_cut_at_its_reach() {
        assert_eq!(line_around(b"ab\ncdef\ngh", 5, (10, 10)), (3, 8));
        assert_eq!(line_around(b"ab\ncdef\ngh", 5, (1, 1)), (4, 6));
    }
}
