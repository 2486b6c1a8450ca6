//! `go test -json` to test results. Lines that are no JSON, such as the compiler's, are named and not lost.

use std::collections::HashMap;

use serde_json::Value;

use crate::results::{MESSAGE_BYTES_MAX, Results, TESTS_MAX, TestResult, TestStatus, clip, excerpt};

/// Reads any bytes.
pub fn read(bytes: &[u8]) -> Results {
    let mut run = Run::default();
    for line in
        bytes.split(|byte| *byte == b'\n').map(|line| line.trim_ascii()).filter(|line| !line.is_empty())
    {
        match serde_json::from_slice::<Value>(line) {
            Ok(event) if event.is_object() => run.take(&event),
            _ => run.stray(&String::from_utf8_lossy(line)),
        }
    }
    run.finish()
}

/// A test of which events have come. The test of a package itself has no name.
#[derive(Default)]
struct Open {
    package: String,
    name: String,
    status: Option<TestStatus>,
    seconds: Option<f64>,
    output: String,
}

#[derive(Default)]
struct Run {
    at: HashMap<(String, String), usize>,
    tests: Vec<Open>,
    out: Results,
}

impl Run {
    fn take(&mut self, event: &Value) {
        let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
        let action = text("Action");
        // The build of a package speaks under its import path, which may name the test variant: `demo [demo.test]`.
        let package = if text("Package").is_empty() { text("ImportPath") } else { text("Package") };
        let package = package.split(' ').next().unwrap_or_default();
        let key = (package.to_string(), text("Test").to_string());
        let at = match self.at.get(&key) {
            Some(at) => *at,
            None if self.tests.len() >= TESTS_MAX => {
                self.out.problem(format!("only the first {TESTS_MAX} tests are read"), Some("split the run"));
                return;
            }
            None => {
                let (package, name) = key.clone();
                self.tests.push(Open { package, name, ..Open::default() });
                self.at.insert(key, self.tests.len() - 1);
                self.tests.len() - 1
            }
        };
        let Some(open) = self.tests.get_mut(at) else { return };
        match action {
            "run" | "start" => open.status = None,
            "pass" | "bench" => open.status = Some(TestStatus::Passed),
            "fail" => open.status = Some(TestStatus::Failed),
            "build-fail" => open.status = Some(TestStatus::Errored),
            "skip" => open.status = Some(TestStatus::Skipped),
            "output" | "build-output" => {
                let words = text("Output");
                if !is_frame(words) && open.output.len() < MESSAGE_BYTES_MAX {
                    open.output.push_str(&clip(words, MESSAGE_BYTES_MAX));
                }
            }
            "pause" | "cont" | "attr" | "artifacts" => {}
            other => {
                self.out.problem(format!("`{}` is no action of go test", excerpt(other)), None);
            }
        }
        if let Some(open) = self.tests.get_mut(at) {
            open.seconds = event.get("Elapsed").and_then(Value::as_f64).or(open.seconds);
        }
    }

    /// `FAIL demo/sub [build failed]` is how a package that does not compile shows on standard output.
    fn stray(&mut self, line: &str) {
        let failed = line.strip_prefix("FAIL").map(str::trim).filter(|rest| rest.ends_with("failed]"));
        match failed.and_then(|rest| rest.split_once(" [")) {
            Some((package, why)) => {
                let mut test = TestResult::new(package.trim(), PACKAGE_ITSELF, TestStatus::Errored);
                test.message = Some(why.trim_end_matches(']').to_string());
                self.out.push(test);
            }
            None => {
                let hint = "the compiler speaks between the lines of the tests; run `go vet ./...`";
                self.out.problem(format!("`{}` is no JSON", excerpt(line)), Some(hint));
            }
        }
    }

    fn finish(mut self) -> Results {
        let mut failed: HashMap<&str, bool> = HashMap::new();
        for open in self.tests.iter().filter(|open| !open.name.is_empty()) {
            let is_bad = !matches!(open.status, Some(TestStatus::Passed | TestStatus::Skipped));
            *failed.entry(open.package.as_str()).or_default() |= is_bad;
        }
        let failed: HashMap<String, bool> =
            failed.into_iter().map(|(key, bad)| (key.to_string(), bad)).collect();
        for open in std::mem::take(&mut self.tests) {
            let is_package = open.name.is_empty();
            let status = match open.status {
                // A package fails because a test did; alone it failed to build, or died.
                Some(TestStatus::Failed) if is_package => {
                    if failed.get(&open.package).copied().unwrap_or(false) {
                        continue;
                    }
                    TestStatus::Errored
                }
                Some(TestStatus::Errored) => TestStatus::Errored,
                _ if is_package => continue,
                Some(status) => status,
                None => TestStatus::Errored,
            };
            let name = if is_package { PACKAGE_ITSELF.to_string() } else { open.name };
            let mut test = TestResult::new(open.package, name, status);
            test.seconds = open.seconds;
            let is_silent = status == TestStatus::Passed || open.output.trim().is_empty();
            test.message = (!is_silent).then_some(open.output);
            if open.status.is_none() {
                test.message = Some("it began and never ended".to_string());
            }
            self.out.push(test);
        }
        self.out
    }
}

/// The name of a test that stands for a package which could not be tested.
const PACKAGE_ITSELF: &str = "(the package itself)";

/// Lines that only repeat what the events say.
fn is_frame(words: &str) -> bool {
    let words = words.trim_start();
    ["=== RUN", "=== PAUSE", "=== CONT", "=== NAME", "--- PASS", "--- FAIL", "--- SKIP"]
        .iter()
        .any(|frame| words.starts_with(frame))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(report: &str, expected: &[&str]) {
        let results = read(report.as_bytes());
        let tests = results.tests.iter().map(|test| {
            let message = test.message.as_deref().map(|message| message.replace('\n', "|"));
            let message = message.map(|message| format!(" {message}")).unwrap_or_default();
            format!("{} / {}: {:?}{message}", test.suite, test.name, test.status)
        });
        let problems = results.problems.iter().map(|problem| format!("! {}", problem.message));
        assert_eq!(tests.chain(problems).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn go_test_with_sub_tests_and_a_package_that_does_not_compile() {
        check(
            r#"# example.com/demo/sub [example.com/demo/sub.test]
sub/x.go:2:9: syntax error: unexpected {, expecting )
{"Time":"2026-11-21T06:31:39.971018988Z","Action":"run","Package":"example.com/demo","Test":"TestKeeps"}
{"Action":"output","Package":"example.com/demo","Test":"TestKeeps","Output":"=== RUN   TestKeeps\n"}
{"Action":"pass","Package":"example.com/demo","Test":"TestKeeps","Elapsed":0}
{"Action":"run","Package":"example.com/demo","Test":"TestLimit"}
{"Action":"run","Package":"example.com/demo","Test":"TestLimit/rejects_61st"}
{"Action":"output","Package":"example.com/demo","Test":"TestLimit/rejects_61st","Output":"    store_test.go:5: got 1 \u003cwant\u003e 2\n"}
{"Action":"output","Package":"example.com/demo","Test":"TestLimit/rejects_61st","Output":"    --- FAIL: TestLimit/rejects_61st (0.00s)\n"}
{"Action":"fail","Package":"example.com/demo","Test":"TestLimit/rejects_61st","Elapsed":0}
{"Action":"fail","Package":"example.com/demo","Test":"TestLimit","Elapsed":0}
{"Action":"output","Package":"example.com/demo","Test":"TestLater","Output":"    store_test.go:8: later\n"}
{"Action":"skip","Package":"example.com/demo","Test":"TestLater","Elapsed":0}
{"Action":"run","Package":"example.com/demo","Test":"TestHangs"}
{"Action":"fail","Package":"example.com/demo","Elapsed":0.004}
FAIL	example.com/demo/sub [build failed]
"#,
            &[
                "example.com/demo/sub / (the package itself): Errored build failed",
                "example.com/demo / TestKeeps: Passed",
                "example.com/demo / TestLimit: Failed",
                "example.com/demo / TestLimit/rejects_61st: Failed store_test.go:5: got 1 <want> 2",
                "example.com/demo / TestLater: Skipped store_test.go:8: later",
                "example.com/demo / TestHangs: Errored it began and never ended",
                "! `# example.com/demo/sub [example.com/demo/sub.test]` is no JSON",
                "! `sub/x.go:2:9: syntax error: unexpected {, expecting )` is no JSON",
            ],
        );
    }

    #[test]
    fn a_package_that_fails_alone_is_not_lost() {
        check(
            r#"{"ImportPath":"demo/sub [demo/sub.test]","Action":"build-output","Output":"x.go:2:9: bad\n"}
{"ImportPath":"demo/sub [demo/sub.test]","Action":"build-fail"}
{"Action":"start","Package":"demo/ok"}
{"Action":"fail","Package":"demo/ok","Elapsed":0.1}
{"Action":"shrug","Package":"demo/ok"}"#,
            &[
                "demo/sub / (the package itself): Errored x.go:2:9: bad",
                "demo/ok / (the package itself): Errored",
                "! `shrug` is no action of go test",
            ],
        );
        check("", &[]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_results(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }
    }
}
