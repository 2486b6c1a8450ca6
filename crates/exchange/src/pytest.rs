//! The report of pytest-json-report to test results. pytest's JUnit XML is read by [`crate::junit::read`].

use serde_json::Value;

use crate::results::{Results, TestResult, TestStatus, excerpt};

/// Reads any bytes.
pub fn read(bytes: &[u8]) -> Results {
    let mut out = Results::default();
    let report: Value = match serde_json::from_slice(bytes) {
        Ok(report) => report,
        Err(error) => {
            let hint = "write it with `pytest --json-report --json-report-file=results.json`";
            out.problem(format!("this is not JSON: {error}"), Some(hint));
            return out;
        }
    };
    let tests = report.get("tests").and_then(Value::as_array);
    if tests.is_none() && report.get("exitcode").is_none() {
        out.problem("there are no `tests`".to_string(), Some("this is no report of pytest-json-report"));
    }
    for test in tests.into_iter().flatten() {
        read_test(test, &mut out);
    }
    // A module that cannot be imported is a collector that failed; it has no tests.
    for collector in report.get("collectors").and_then(Value::as_array).into_iter().flatten() {
        if collector.get("outcome").and_then(Value::as_str) == Some("failed") {
            let node = collector.get("nodeid").and_then(Value::as_str).unwrap_or_default();
            let mut test = TestResult::new(node, "(the module itself)", TestStatus::Errored);
            test.file = Some(node.to_string());
            test.message = collector.get("longrepr").and_then(Value::as_str).map(str::to_string);
            out.push(test);
        }
    }
    out
}

fn read_test(test: &Value, out: &mut Results) {
    let Some(node) = test.get("nodeid").and_then(Value::as_str) else {
        out.problem("a test has no `nodeid`".to_string(), None);
        return;
    };
    let status = match test.get("outcome").and_then(Value::as_str) {
        Some("passed" | "xpassed") => TestStatus::Passed,
        Some("failed") => TestStatus::Failed,
        Some("error") => TestStatus::Errored,
        Some("skipped" | "xfailed") => TestStatus::Skipped,
        other => {
            let message = format!("`{}` is no outcome of a test", excerpt(other.unwrap_or_default()));
            out.problem(message, Some("the tests that say so count as not carried out"));
            TestStatus::Errored
        }
    };
    let (suite, name, file) = parts(node);
    let mut result = TestResult::new(suite, name, status);
    result.file = file.map(str::to_string);
    // Counted from 0.
    let line = test.get("lineno").and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok());
    result.line = line.map(|line| line.saturating_add(1));
    let stages = ["setup", "call", "teardown"].map(|stage| test.get(stage));
    let lasted: Vec<f64> =
        stages.iter().flatten().filter_map(|stage| stage.get("duration")?.as_f64()).collect();
    result.seconds = (!lasted.is_empty()).then(|| lasted.iter().sum());
    let said = |stage: &Value| {
        let crash = stage.get("crash").and_then(|crash| crash.get("message"));
        crash.or_else(|| stage.get("longrepr")).and_then(Value::as_str).map(str::to_string)
    };
    result.message = stages.into_iter().flatten().find_map(said);
    out.push(result);
}

/// Suite, name and file of `a/b.py::Class::test[x::y]`.
fn parts(node: &str) -> (String, &str, Option<&str>) {
    let head = node.find('[').unwrap_or(node.len());
    let Some(last) = node.get(..head).and_then(|head| head.rfind("::")) else {
        return (String::new(), node, None);
    };
    let (above, name) = node.split_at_checked(last).unwrap_or((node, ""));
    let name = name.trim_start_matches("::");
    match above.split_once("::") {
        Some((file, classes)) => (classes.replace("::", "."), name, Some(file)),
        None => (above.to_string(), name, Some(above)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(report: &str, expected: &[&str]) {
        let results = read(report.as_bytes());
        let tests = results.tests.iter().map(|test| {
            let line = test.line.map(|line| format!(":{line}")).unwrap_or_default();
            let (suite, name) = (&test.suite, &test.name);
            let file = test.file.as_deref().unwrap_or_default();
            let message = test.message.as_deref().unwrap_or_default();
            format!("{file}{line} {suite} / {name}: {:?} {message}", test.status)
        });
        let problems = results.problems.iter().map(|problem| format!("! {}", problem.message));
        assert_eq!(tests.chain(problems).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn pytest_json_report() {
        check(
            r#"{"created": 1795242611.5, "exitcode": 1, "summary": {"passed": 1}, "collectors": [{"nodeid": "test_bad.py", "outcome": "failed", "longrepr": "ImportError"}], "tests": [
            {"nodeid": "test_store.py::test_keeps", "lineno": 1, "outcome": "passed", "setup": {"duration": 0.25, "outcome": "passed"}, "call": {"duration": 0.25, "outcome": "passed"}},
            {"nodeid": "a/test_store.py::TestLimit::test_rejects[a::b]", "lineno": 4, "outcome": "failed", "call": {"duration": 0.0001, "crash": {"path": "/w/test_store.py", "lineno": 7, "message": "AssertionError: too < many"}, "longrepr": "self = x"}},
            {"nodeid": "test_store.py::test_later", "lineno": 7, "outcome": "skipped", "setup": {"duration": 0.1, "outcome": "skipped", "longrepr": "('/w/test_store.py', 8, 'Skipped: later')"}},
            {"nodeid": "test_store.py::test_error", "lineno": 13, "outcome": "error", "setup": {"duration": 0.1, "crash": {"message": "RuntimeError: no db"}}}]}"#,
            &[
                "test_store.py:2 test_store.py / test_keeps: Passed ",
                "a/test_store.py:5 TestLimit / test_rejects[a::b]: Failed AssertionError: too < many",
                "test_store.py:8 test_store.py / test_later: Skipped ('/w/test_store.py', 8, 'Skipped: later')",
                "test_store.py:14 test_store.py / test_error: Errored RuntimeError: no db",
                "test_bad.py test_bad.py / (the module itself): Errored ImportError",
            ],
        );
    }

    #[test]
    fn what_is_no_report() {
        check("{}", &["! there are no `tests`"]);
        check("[", &["! this is not JSON: EOF while parsing a list at line 1 column 1"]);
        check(
            r#"{"tests":[{"nodeid":"x","outcome":7}]}"#,
            &["  / x: Errored ", "! `` is no outcome of a test"],
        );
    }

    proptest! {
        #[test]
        fn any_node_has_parts(node in "[a-z:\\[\\]./]{0,30}") {
            let (suite, name, file) = parts(&node);
            prop_assert!(suite.len() + name.len() + file.map_or(0, str::len) <= 2 * node.len());
        }
    }
}
