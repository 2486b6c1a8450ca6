//! JUnit XML as cargo-nextest, pytest, jest-junit, vitest, Gradle, Surefire and go-junit-report write it. Knows no
//! spec.

use crate::results::{MESSAGE_BYTES_MAX, NAME_BYTES_MAX, Results, TestResult, TestStatus, clip, excerpt};
use crate::xml::{Document, Element, Step};

/// Reads any bytes. What comes before a fault in the XML is kept, and the fault is named.
pub fn read(bytes: &[u8]) -> Results {
    let mut out = Results::default();
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        let hint = "convert it to UTF-8; names with other letters may not be found";
        out.problem("the report is not UTF-8 text".to_string(), Some(hint));
    }
    let mut reader = Reader::default();
    let mut document = Document::of(&text);
    loop {
        match document.next() {
            Step::Open(element) => reader.open(element, &mut out),
            Step::Close(name) => reader.close(&name, &mut out),
            Step::Text(words) => reader.words(&words),
            Step::End => break,
            Step::Broken(why) => {
                let hint = "the tests before that place are read; run the tests again for a whole report";
                out.problem(format!("the XML cannot be read on: {why}"), Some(hint));
                break;
            }
        }
    }
    if !reader.has_suite && out.problems.is_empty() {
        out.problem("there is no `<testsuite>`".to_string(), Some("this is no JUnit report"));
    }
    out
}

/// What encloses the test at hand.
#[derive(Default)]
struct Suite {
    name: String,
    file: Option<String>,
}

/// The name of a test that stands for a suite which could not begin.
const SUITE_ITSELF: &str = "(the suite itself)";

#[derive(Default)]
struct Reader {
    has_suite: bool,
    suites: Vec<Suite>,
    test: Option<TestResult>,
    /// The outcome element that is open, and the words in it so far.
    outcome: Option<(TestStatus, String)>,
    /// Elements open inside the test or the outcome.
    depth: usize,
}

impl Reader {
    fn open(&mut self, element: Element, out: &mut Results) {
        match element.name.as_str() {
            "testsuites" | "testsuite" if self.test.is_none() => {
                self.has_suite = true;
                let file = element.get("file").or_else(|| element.get("filepath")).map(str::to_string);
                let name = element.get("name").unwrap_or_default().to_string();
                self.suites.push(Suite { name, file });
            }
            "testcase" if self.test.is_none() => {
                self.test = Some(self.test_of(&element, out));
                self.depth = 0;
            }
            "failure" | "error" | "skipped" | "disabled" if self.outcome.is_none() && self.depth == 0 => {
                let status = match element.name.as_str() {
                    "failure" => TestStatus::Failed,
                    "error" => TestStatus::Errored,
                    _ => TestStatus::Skipped,
                };
                self.begin_outcome(status, &element);
            }
            _ => self.depth += usize::from(self.test.is_some() || self.outcome.is_some()),
        }
    }

    fn begin_outcome(&mut self, status: TestStatus, element: &Element) {
        let message = element.get("message").unwrap_or_default().to_string();
        // A suite that could not even begin says so outside of any test.
        if self.test.is_none() {
            let suite = self.suites.last().map(|suite| suite.name.clone()).unwrap_or_default();
            let mut test = TestResult::new(suite, SUITE_ITSELF, status);
            test.file = self.suites.iter().rev().find_map(|suite| suite.file.clone());
            self.test = Some(test);
        }
        let Some(test) = self.test.as_mut() else { return };
        // A failure decides over a skip beside it; the first message is the cause.
        let is_graver = matches!(
            (test.status, status),
            (TestStatus::Passed, _) | (TestStatus::Skipped, TestStatus::Failed | TestStatus::Errored)
        );
        if is_graver {
            test.status = status;
            test.message = None;
        }
        if test.message.is_none() && !message.is_empty() {
            test.message = Some(clip(&message, MESSAGE_BYTES_MAX));
        }
        self.outcome = Some((status, String::new()));
    }

    fn close(&mut self, name: &str, out: &mut Results) {
        match name {
            "failure" | "error" | "skipped" | "disabled" if self.outcome.is_some() && self.depth == 0 => {
                let Some((status, words)) = self.outcome.take() else { return };
                let Some(test) = self.test.as_mut() else { return };
                if test.message.is_none() && test.status == status && !words.trim().is_empty() {
                    test.message = Some(words);
                }
                if test.name == SUITE_ITSELF
                    && let Some(test) = self.test.take()
                {
                    out.push(test);
                }
            }
            "testcase" if self.outcome.is_none() && self.depth == 0 => {
                if let Some(test) = self.test.take() {
                    out.push(test);
                }
            }
            "testsuite" | "testsuites" if self.test.is_none() => drop(self.suites.pop()),
            _ => self.depth = self.depth.saturating_sub(1),
        }
    }

    fn words(&mut self, words: &str) {
        if let Some((_, so_far)) = self.outcome.as_mut()
            && so_far.len() < MESSAGE_BYTES_MAX
        {
            so_far.push_str(&clip(words, MESSAGE_BYTES_MAX));
        }
    }

    fn test_of(&self, element: &Element, out: &mut Results) -> TestResult {
        let number = |key: &str| element.get(key).map(str::trim).filter(|value| !value.is_empty());
        let own_suite =
            self.suites.iter().rev().map(|suite| suite.name.as_str()).find(|name| !name.is_empty());
        let class = element.get("classname").filter(|class| !class.is_empty());
        let suite = class.or(own_suite).unwrap_or_default();
        let name = element.get("name").unwrap_or_default();
        let mut test =
            TestResult::new(clip(suite, NAME_BYTES_MAX), clip(name, NAME_BYTES_MAX), TestStatus::Passed);
        let of_suite = || self.suites.iter().rev().find_map(|suite| suite.file.as_deref());
        let of_class = || class.filter(|class| is_path(class));
        test.file = element.get("file").or_else(of_class).or_else(of_suite).map(str::to_string);
        // pytest counts lines from 0.
        let is_pytest = self.suites.iter().any(|suite| suite.name == "pytest");
        test.line = number("line").and_then(|line| line.parse::<u32>().ok());
        test.line = test.line.map(|line| line.saturating_add(u32::from(is_pytest)));
        test.seconds = number("time").and_then(seconds);
        if let Some(odd) = number("time").filter(|_| test.seconds.is_none()) {
            out.problem(format!("`{}` is no time", excerpt(odd)), Some("the test is read without it"));
        }
        // GoogleTest and CTest say it in an attribute.
        let says = |key: &str, words: &[&str]| element.get(key).is_some_and(|value| words.contains(&value));
        if says("status", &["notrun", "disabled", "skipped"]) || says("result", &["skipped", "suppressed"]) {
            test.status = TestStatus::Skipped;
        }
        if says("status", &["fail", "failed"]) {
            test.status = TestStatus::Failed;
        }
        test
    }
}

/// vitest writes the file as the class.
fn is_path(class: &str) -> bool {
    class.contains('/')
        && class.rsplit('/').next().is_some_and(|last| last.contains('.'))
        && !class.contains(' ')
}

/// `0.014`, and `1,234.5` as Surefire writes thousands.
fn seconds(value: &str) -> Option<f64> {
    let value = if value.contains('.') { value.replace(',', "") } else { value.replace(',', ".") };
    value.trim_end_matches('s').parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
