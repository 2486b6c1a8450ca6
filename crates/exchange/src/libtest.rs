//! The JSON lines of libtest and of cargo-nextest (`--message-format libtest-json`) to test results.

use std::collections::HashMap;

use serde_json::Value;

use crate::results::{Results, TestResult, TestStatus, excerpt};

/// Reads any bytes.
pub fn read(bytes: &[u8]) -> Results {
    let mut out = Results::default();
    let mut at: HashMap<String, usize> = HashMap::new();
    for line in
        bytes.split(|byte| *byte == b'\n').map(|line| line.trim_ascii()).filter(|line| !line.is_empty())
    {
        let event = match serde_json::from_slice::<Value>(line) {
            Ok(event) if event.is_object() => event,
            _ => {
                let words = excerpt(&String::from_utf8_lossy(line));
                out.problem(format!("`{words}` is no JSON"), Some("a test wrote between the lines"));
                continue;
            }
        };
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        if text("type") != Some("test") {
            continue;
        }
        let (Some(label), Some(word)) = (text("name"), text("event")) else {
            out.problem("a test has no name or no event".to_string(), None);
            continue;
        };
        // `demo::demo$tests::keeps#2`: binary, test, attempt. The last attempt counts.
        let label =
            label.rsplit_once('#').filter(|(_, n)| n.parse::<u32>().is_ok()).map_or(label, |(l, _)| l);
        let status = match word {
            "ok" => TestStatus::Passed,
            "failed" => TestStatus::Failed,
            "ignored" => TestStatus::Skipped,
            "started" | "timeout" => TestStatus::Errored,
            "bench" | "discovered" => continue,
            other => {
                out.problem(format!("`{}` is no event of a test", excerpt(other)), None);
                continue;
            }
        };
        let (suite, name) = label.split_once('$').unwrap_or(("", label));
        let mut test = TestResult::new(suite, name, status);
        test.seconds = event.get("exec_time").and_then(Value::as_f64);
        test.message = match word {
            "started" => Some(NEVER_ENDED.to_string()),
            "timeout" => Some("it ran into the time limit".to_string()),
            _ => text("message").or_else(|| text("stdout")).filter(|_| word == "failed").map(str::to_string),
        };
        match at.get(label).and_then(|at| out.tests.get_mut(*at)) {
            Some(known) => *known = clipped(test),
            None => {
                out.push(test);
                at.insert(label.to_string(), out.tests.len().saturating_sub(1));
            }
        }
    }
    out
}

/// What is said of a test that was started and of which nothing more came.
const NEVER_ENDED: &str = "it began and never ended";

fn clipped(test: TestResult) -> TestResult {
    let mut one = Results::default();
    one.push(test.clone());
    one.tests.pop().unwrap_or(test)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(report: &str, expected: &[&str]) {
        let results = read(report.as_bytes());
        let tests = results.tests.iter().map(|test| {
            let message = test.message.as_deref().and_then(|message| message.lines().next());
            let message = message.map(|message| format!(" {message}")).unwrap_or_default();
            format!("{} / {}: {:?}{message}", test.suite, test.name, test.status)
        });
        let problems = results.problems.iter().map(|problem| format!("! {}", problem.message));
        assert_eq!(tests.chain(problems).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn nextest() {
        check(
            r#"{"type":"suite","event":"started","test_count":4}
{"type":"test","event":"started","name":"demo::demo$tests::later"}
{"type":"test","event":"started","name":"demo::demo$tests::keeps"}
{"type":"test","event":"started","name":"demo::demo$tests::hangs"}
{"type":"test","event":"ignored","name":"demo::demo$tests::later"}
{"type":"test","event":"ok","name":"demo::demo$tests::keeps","exec_time":0.008318414}
{"type":"test","event":"failed","name":"demo::demo$tests::rejects","exec_time":0.2,"stdout":"\nthread 'tests::rejects' panicked\n"}
{"type":"test","event":"failed","name":"demo::demo$tests::flaky#1","exec_time":0.2}
{"type":"test","event":"ok","name":"demo::demo$tests::flaky#2","exec_time":0.2}
{"type":"suite","event":"failed","passed":2,"failed":1,"ignored":1}
"#,
            &[
                "demo::demo / tests::later: Skipped",
                "demo::demo / tests::keeps: Passed",
                "demo::demo / tests::hangs: Errored it began and never ended",
                "demo::demo / tests::rejects: Failed thread 'tests::rejects' panicked",
                "demo::demo / tests::flaky: Passed",
            ],
        );
    }

    #[test]
    fn strangers_between_the_lines() {
        check(
            "hello\n{\"type\":\"test\",\"event\":\"odd\",\"name\":\"a\"}\n{\"type\":\"test\",\"event\":\"ok\",\"name\":\"a\"}\n{\"type\":\"test\"}",
            &[
                " / a: Passed",
                "! `hello` is no JSON",
                "! `odd` is no event of a test",
                "! a test has no name or no event",
            ],
        );
    }

    proptest! {
        #[test]
        fn any_bytes_give_results(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }
    }
}
