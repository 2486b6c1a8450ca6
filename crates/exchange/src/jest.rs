//! `jest --json` and `vitest --reporter=json` to test results. Each field stands on its own; a wrong one takes none of
//! the others with it.

use serde_json::Value;

use crate::results::{Results, TestResult, TestStatus, excerpt};

/// Reads any bytes.
pub fn read(bytes: &[u8]) -> Results {
    let mut out = Results::default();
    let report: Value = match serde_json::from_slice(bytes) {
        Ok(report) => report,
        Err(error) => {
            let hint =
                "run the tests with `--json --outputFile=results.json`, so that nothing else is in the file";
            out.problem(format!("this is not JSON: {error}"), Some(hint));
            return out;
        }
    };
    let Some(files) = report.get("testResults").and_then(Value::as_array) else {
        out.problem("there is no `testResults`".to_string(), Some("this is no report of Jest or Vitest"));
        return out;
    };
    for file in files {
        read_file(file, &mut out);
    }
    out
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn read_file(file: &Value, out: &mut Results) {
    let path = text(file, "name").unwrap_or_default();
    let none = Vec::new();
    // The name differs between the report on standard output and the one for a reporter.
    let tests = file.get("assertionResults").or_else(|| file.get("testResults"));
    let tests = tests.and_then(Value::as_array).unwrap_or(&none);
    for test in tests {
        read_test(test, path, out);
    }
    // A file that does not even load has no tests, and yet it failed.
    if tests.is_empty() && text(file, "status") == Some("failed") {
        let mut test = TestResult::new(path, "(the file itself)", TestStatus::Errored);
        test.file = Some(path.to_string());
        test.message = text(file, "message").map(str::to_string);
        out.push(test);
    }
}

fn read_test(test: &Value, path: &str, out: &mut Results) {
    let titles = test.get("ancestorTitles").and_then(Value::as_array);
    let titles: Vec<&str> = titles.into_iter().flatten().filter_map(Value::as_str).collect();
    let name = text(test, "title").or_else(|| text(test, "fullName"));
    let Some(name) = name else {
        out.problem(format!("a test of `{}` has no title", excerpt(path)), None);
        return;
    };
    let status = match text(test, "status") {
        Some("passed" | "focused") => TestStatus::Passed,
        Some("failed") => TestStatus::Failed,
        Some("pending" | "skipped" | "todo" | "disabled") => TestStatus::Skipped,
        other => {
            let message = format!("`{}` is no status of a test", excerpt(other.unwrap_or_default()));
            out.problem(message, Some("the tests that say so count as not carried out"));
            TestStatus::Errored
        }
    };
    let mut result = TestResult::new(titles.join(" > "), name, status);
    result.file = (!path.is_empty()).then(|| path.to_string());
    let line = test.get("location").and_then(|place| place.get("line")).and_then(Value::as_u64);
    result.line = line.and_then(|line| u32::try_from(line).ok());
    result.seconds = test.get("duration").and_then(Value::as_f64).map(|milliseconds| milliseconds / 1000.0);
    let messages = test.get("failureMessages").and_then(Value::as_array);
    result.message = messages.and_then(|all| all.iter().find_map(Value::as_str)).map(str::to_string);
    out.push(result);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(report: &str, expected: &[&str]) {
        let results = read(report.as_bytes());
        let tests = results.tests.iter().map(|test| {
            let line = test.line.map(|line| format!(":{line}")).unwrap_or_default();
            let message = test.message.as_deref().and_then(|message| message.lines().next());
            let file = test.file.as_deref().unwrap_or_default();
            let (suite, name) = (&test.suite, &test.name);
            format!("{file}{line} {suite} / {name}: {:?} {}", test.status, message.unwrap_or_default())
        });
        let problems = results.problems.iter().map(|problem| format!("! {}", problem.message));
        assert_eq!(tests.chain(problems).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn jest() {
        check(
            r#"{"numFailedTests":1,"numTotalTests":4,"success":false,"testResults":[{"assertionResults":[
            {"ancestorTitles":["store","1.2 limit"],"duration":2,"failureMessages":["Error: expect(received).toBe(expected)\n  at x"],"fullName":"store 1.2 limit rejects the 61st","location":{"column":5,"line":3},"status":"failed","title":"rejects the 61st"},
            {"ancestorTitles":["store","1.2 limit"],"duration":null,"failureMessages":[],"status":"pending","title":"later"},
            {"ancestorTitles":["store","1.2 limit"],"duration":null,"failureMessages":[],"status":"todo","title":"write me"},
            {"ancestorTitles":["store"],"duration":0,"failureMessages":[],"status":"passed","title":"keeps"}],
            "message":"x","name":"/w/t/store.test.js","status":"failed"}],"wasInterrupted":false}"#,
            &[
                "/w/t/store.test.js:3 store > 1.2 limit / rejects the 61st: Failed Error: expect(received).toBe(expected)",
                "/w/t/store.test.js store > 1.2 limit / later: Skipped ",
                "/w/t/store.test.js store > 1.2 limit / write me: Skipped ",
                "/w/t/store.test.js store / keeps: Passed ",
            ],
        );
    }

    #[test]
    fn vitest_and_a_file_that_does_not_load() {
        check(
            r#"{"numTotalTests":1,"testResults":[
            {"assertionResults":[{"ancestorTitles":[],"fullName":"keeps","status":"skipped","title":"keeps","duration":0.16,"failureMessages":[],"meta":{}}],"status":"passed","message":"","name":"/w/v/a.spec.js"},
            {"assertionResults":[],"status":"failed","message":"SyntaxError: x","name":"/w/v/b.spec.js"}]}"#,
            &[
                "/w/v/a.spec.js  / keeps: Skipped ",
                "/w/v/b.spec.js /w/v/b.spec.js / (the file itself): Errored SyntaxError: x",
            ],
        );
    }

    #[test]
    fn what_is_no_report() {
        check("{}", &["! there is no `testResults`"]);
        check("{", &["! this is not JSON: EOF while parsing an object at line 1 column 1"]);
        check(
            r#"{"testResults":[{"name":7,"assertionResults":[{"title":"a","status":"odd"},{"status":"passed"},null]}]}"#,
            &["  / a: Errored ", "! `odd` is no status of a test", "! a test of `` has no title"],
        );
        let deep = "[".repeat(100_000);
        assert_eq!(read(deep.as_bytes()).problems.len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_give_results(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }
    }
}
