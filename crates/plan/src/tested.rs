//! What test runners and coverage tools said, as plain data. Reads none of their formats; see `exchange`.

/// How a test ended the last time it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestStatus {
    /// It ran and held.
    Passed,
    /// It ran and an assertion did not hold.
    Failed,
    /// It did not run.
    Skipped,
    /// It broke before it could tell.
    Errored,
}

/// The last result of one test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// The suite, class or binary, as the runner names it; may be empty.
    pub suite: String,
    /// The test, as the runner names it.
    pub name: String,
    /// The file, from the root with `/`, where the runner says it.
    pub file: Option<String>,
    /// The line, counted from 1, where the runner says it.
    pub line: Option<usize>,
    /// How it ended.
    pub status: TestStatus,
    /// How long it took, in seconds; 0 when the runner does not say.
    pub seconds: f64,
}

/// Lines of a file that ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoveredLines {
    /// The test that ran them, as its runner names it; `None` when they are those of a whole run.
    pub test: Option<String>,
    /// The file, from the root with `/`.
    pub path: String,
    /// The lines that ran at least once, counted from 1, in ascending order.
    pub hit: Vec<usize>,
    /// How many lines of the file could have run.
    pub found: usize,
}
