//! Where a finding stands, as readers of reports count: a path from the root of the repository, lines and columns.
//! Reads no file.

use lint::Place;

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
