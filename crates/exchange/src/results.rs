//! Results of tests and coverage as plain values, and which format some bytes are. Reads no format itself.

use crate::{go_test, jest, junit, libtest, pytest};

/// How a test came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TestStatus {
    /// It ran and what it asserts holds.
    Passed,
    /// It ran and what it asserts does not hold.
    Failed,
    /// It did not run, or its outcome was declared not to count (expected failures, open to-dos).
    Skipped,
    /// It could not be carried out: set-up, build, collection, time limit, crash.
    Errored,
}

/// One test of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// What the runner groups it under: a class, a crate, a package, the titles of enclosing blocks joined by ` > `.
    pub suite: String,
    /// The test's own name.
    pub name: String,
    /// The file that holds it, as the runner wrote it (absolute or relative), when the format says so.
    pub file: Option<String>,
    /// Its line in that file, from 1.
    pub line: Option<u32>,
    /// How it came out.
    pub status: TestStatus,
    /// Seconds it took.
    pub seconds: Option<f64>,
    /// Why it failed, errored or was skipped; at most [`MESSAGE_BYTES_MAX`] bytes.
    pub message: Option<String>,
}

/// Which lines of a file ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoveredLines {
    /// As the tool wrote it (absolute or relative).
    pub path: String,
    /// Every instrumented line, from 1, with how often it ran; ascending, each line once.
    pub hit: Vec<(u32, u64)>,
}

/// Something in a result file that was not understood. Nothing is dropped without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What: lower case, no full stop, the file's words in back-ticks.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

/// What a result file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The tests in file order, at most [`TESTS_MAX`].
    pub tests: Vec<TestResult>,
    /// What was not understood, at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
}

/// Tests read from one file. The largest suites we know of have some 300,000.
pub const TESTS_MAX: usize = 500_000;

/// Bytes kept of one message; stack traces run to megabytes.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// Bytes kept of a name, a suite or a path.
pub const NAME_BYTES_MAX: usize = 2 * 1024;

/// Problems named for one file; nobody reads the thousandth.
pub const PROBLEMS_MAX: usize = 100;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JUnit XML.
    Junit,
    /// `jest --json`, `vitest --reporter=json`.
    Jest,
    /// `go test -json`.
    GoTest,
    /// The JSON lines of libtest and cargo-nextest.
    Libtest,
    /// pytest-json-report.
    Pytest,
    /// LCOV tracefile.
    Lcov,
}

impl Format {
    /// The words that a person reads.
    pub fn words(self) -> &'static str {
        match self {
            Format::Junit => "JUnit XML",
            Format::Jest => "Jest JSON",
            Format::GoTest => "go test JSON lines",
            Format::Libtest => "libtest JSON lines",
            Format::Pytest => "pytest JSON report",
            Format::Lcov => "LCOV",
        }
    }
}

/// Bytes from the start that decide what a file is.
const LOOK_BYTES: usize = 64 * 1024;

/// What some bytes are, from their beginning; none for a stranger.
pub fn detect(bytes: &[u8]) -> Option<Format> {
    let head = bytes.get(..LOOK_BYTES.min(bytes.len())).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with('<') {
        return head.contains("<testsuite").then_some(Format::Junit);
    }
    let is_lcov = |line: &str| line.starts_with("TN:") || line.starts_with("SF:");
    if head
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .is_some_and(is_lcov)
    {
        return Some(Format::Lcov);
    }
    if head.starts_with('{') && (head.contains("\"numTotalTests\"") || head.contains("\"testResults\"")) {
        return Some(Format::Jest);
    }
    if head.starts_with('{') && head.contains("\"exitcode\"") && head.contains("\"summary\"") {
        return Some(Format::Pytest);
    }
    // A compiler may speak before the first test does.
    let line = head.lines().find(|line| line.starts_with('{'))?;
    if line.contains("\"Action\"") {
        return Some(Format::GoTest);
    }
    let is_libtest = line.contains("\"event\"") && (line.contains("\"suite\"") || line.contains("\"test\""));
    is_libtest.then_some(Format::Libtest)
}

/// Reads a test report in the format that [`detect`] finds; none when it is no test report. Coverage has
/// [`crate::lcov::read`].
pub fn read(bytes: &[u8]) -> Option<Results> {
    match detect(bytes)? {
        Format::Junit => Some(junit::read(bytes)),
        Format::Jest => Some(jest::read(bytes)),
        Format::GoTest => Some(go_test::read(bytes)),
        Format::Libtest => Some(libtest::read(bytes)),
        Format::Pytest => Some(pytest::read(bytes)),
        Format::Lcov => None,
    }
}

impl Results {
    /// Takes a test in; beyond [`TESTS_MAX`] a problem says so once.
    pub(crate) fn push(&mut self, mut test: TestResult) {
        if self.tests.len() >= TESTS_MAX {
            self.problem(format!("only the first {TESTS_MAX} tests are read"), Some("split the report"));
            return;
        }
        test.suite = clip(&test.suite, NAME_BYTES_MAX);
        test.name = clip(&test.name, NAME_BYTES_MAX);
        test.file = test.file.map(|file| clip(&file, NAME_BYTES_MAX)).filter(|file| !file.is_empty());
        test.message = test.message.map(|message| clip(message.trim(), MESSAGE_BYTES_MAX));
        test.message = test.message.filter(|message| !message.is_empty());
        test.seconds = test.seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        self.tests.push(test);
    }

    /// Names what was not understood, each message once.
    pub(crate) fn problem(&mut self, message: String, hint: Option<&str>) {
        let problem = Problem { message, hint: hint.map(str::to_string) };
        if self.problems.len() < PROBLEMS_MAX && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

impl TestResult {
    /// A test of which only the place and the outcome are known.
    pub(crate) fn new(suite: impl Into<String>, name: impl Into<String>, status: TestStatus) -> TestResult {
        TestResult {
            suite: suite.into(),
            name: name.into(),
            file: None,
            line: None,
            status,
            seconds: None,
            message: None,
        }
    }
}

/// `text` up to `bytes_max` bytes, cut between characters and marked as cut.
pub(crate) fn clip(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_string();
    }
    let mut end = bytes_max.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// A short excerpt for a message: one line, at most 80 bytes.
pub(crate) fn excerpt(text: &str) -> String {
    let line: String = text.trim().lines().next().unwrap_or_default().replace('`', "'");
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clip(line.trim(), 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart() {
        let check = |bytes: &str, expected: Option<Format>| {
            assert_eq!(detect(bytes.as_bytes()), expected, "{bytes:?}");
        };
        check("\u{feff}<?xml version=\"1.0\"?>\n<testsuites>", Some(Format::Junit));
        check("<html><body>", None);
        check("{\"numTotalTestSuites\":1,\"numTotalTests\":1,\"testResults\":[]}", Some(Format::Jest));
        check("{\"created\": 1, \"exitcode\": 1, \"summary\": {}}", Some(Format::Pytest));
        check("# demo/sub\nx.go:2:9: bad\n{\"Action\":\"run\",\"Package\":\"demo\"}\n", Some(Format::GoTest));
        check("{\"type\":\"suite\",\"event\":\"started\",\"test_count\":4}\n", Some(Format::Libtest));
        check("TN:\nSF:src/lib.rs\n", Some(Format::Lcov));
        check("", None);
        check("{}", None);
        check("hello", None);
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        let check = |text: &str, max: usize, expected: &str| assert_eq!(clip(text, max), expected);
        check("abc", 3, "abc");
        check("abcdef", 5, "ab…");
        check("日本語", 8, "日…");
    }
}
