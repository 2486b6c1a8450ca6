//! Reports of real runners, reduced by hand, and hostile ones.

use super::*;
use proptest::prelude::*;

/// `suite / name: status [file:line] message`, one line each, then problems.
fn shown(bytes: &[u8]) -> Vec<String> {
    let results = read(bytes);
    let tests = results.tests.iter().map(|test| {
        let place = match (&test.file, test.line) {
            (Some(file), Some(line)) => format!(" [{file}:{line}]"),
            (Some(file), None) => format!(" [{file}]"),
            _ => String::new(),
        };
        let message = test.message.as_deref().map(|m| format!(" {}", m.lines().next().unwrap_or_default()));
        format!("{} / {}: {:?}{place}{}", test.suite, test.name, test.status, message.unwrap_or_default())
    });
    tests.chain(results.problems.iter().map(|problem| format!("! {}", problem.message))).collect()
}

fn check(report: &str, expected: &[&str]) {
    assert_eq!(shown(report.as_bytes()), expected);
}

#[test]
fn cargo_nextest() {
    check(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="3" skipped="0" failures="1" errors="0" time="0.219">
    <testsuite name="demo" tests="3" skipped="0" errors="0" failures="1">
        <testcase name="tests::keeps" classname="demo" timestamp="2026-11-21T06:30:33.300+00:00" time="0.014"/>
        <testcase name="tests::rejects" classname="demo" time="0.200">
            <failure message="thread &apos;tests::rejects&apos; (28447) panicked at src/lib.rs:3:25" type="test failure with exit code 101">thread: too &lt;many&gt; &amp; more</failure>
            <system-out>
running 1 test
</system-out>
            <system-err>assertion failed</system-err>
        </testcase>
        <testcase name="tests::flaky" classname="demo" time="0.1">
            <flakyFailure message="first try" type="test failure"><stackTrace>x</stackTrace></flakyFailure>
        </testcase>
    </testsuite>
</testsuites>"#,
        &[
            "demo / tests::keeps: Passed",
            "demo / tests::rejects: Failed thread 'tests::rejects' (28447) panicked at src/lib.rs:3:25",
            "demo / tests::flaky: Passed",
        ],
    );
}

#[test]
fn pytest() {
    check(
        r#"<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="2" tests="6" time="0.034"><testcase classname="test_store" name="test_keeps" time="0.000" /><testcase classname="test_store.TestLimit" name="test_rejects[2]" file="test_store.py" line="4" time="0.000"><failure message="AssertionError: too &lt; many &amp; &lt;b&gt;&#10;assert 2 &lt; 2">self = x</failure></testcase><testcase classname="test_store" name="test_skipped" time="0.000"><skipped type="pytest.skip" message="later">test_store.py:8: later</skipped></testcase><testcase classname="test_store" name="test_xfail" time="0.000"><skipped type="pytest.xfail" message="" /></testcase><testcase classname="test_store" name="test_error" time="0.000"><error message="failed on setup with &quot;RuntimeError: no #x1B[31mdb&quot;">x</error></testcase></testsuite></testsuites>"#,
        &[
            "test_store / test_keeps: Passed",
            "test_store.TestLimit / test_rejects[2]: Failed [test_store.py:5] AssertionError: too < many & <b>",
            "test_store / test_skipped: Skipped later",
            "test_store / test_xfail: Skipped",
            "test_store / test_error: Errored failed on setup with \"RuntimeError: no #x1B[31mdb\"",
        ],
    );
}

#[test]
fn jest_junit_and_vitest() {
    check(
        r#"<testsuites name="jest tests" tests="3" failures="1" errors="0" time="0.236">
  <testsuite name="store" errors="0" failures="1" skipped="1" time="0.218" tests="3">
    <testcase classname="store 1.2 limit rejects the 61st" name="store 1.2 limit rejects the 61st" time="0.002">
      <failure>Error: expect(received).toBe(expected)
    at Promise.then (&lt;anonymous&gt;)</failure>
    </testcase>
    <testcase classname="store later" name="store later" time="0"><skipped/></testcase>
  </testsuite>
  <testsuite name="v/store.spec.js" tests="1"><testcase classname="v/store.spec.js" name="store &gt; keeps" time="0.000149123">
  </testcase></testsuite>
</testsuites>"#,
        &[
            "store 1.2 limit rejects the 61st / store 1.2 limit rejects the 61st: Failed Error: expect(received).toBe(expected)",
            "store later / store later: Skipped",
            "v/store.spec.js / store > keeps: Passed [v/store.spec.js]",
        ],
    );
}

#[test]
fn gradle_surefire_and_nested_suites() {
    check(
        r#"<testsuite name="com.acme.StoreTest" tests="2" time="1,234.5">
  <properties><property name="a" value="b"/></properties>
  <testcase name="keeps()" classname="com.acme.StoreTest" time="1,234.5"/>
  <testcase name="errs()" classname="com.acme.StoreTest" time="soon"><rerunFailure message="m"/><error type="java.lang.X"><![CDATA[java.lang.X: <no> db]]></error></testcase>
  <system-out><![CDATA[<testcase name="no test"/>]]></system-out>
</testsuite>"#,
        &[
            "com.acme.StoreTest / keeps(): Passed",
            "com.acme.StoreTest / errs(): Errored java.lang.X: <no> db",
            "! `soon` is no time",
        ],
    );
    check(
        r#"<testsuites><testsuite name="outer" file="a/b.php"><testsuite name="inner"><testcase name="t" line="7"/></testsuite><testcase name="u" status="notrun"/></testsuite><testsuite name="lost"><error message="no such file"/></testsuite></testsuites>"#,
        &[
            "inner / t: Passed [a/b.php:7]",
            "outer / u: Skipped [a/b.php]",
            "lost / (the suite itself): Errored no such file",
        ],
    );
}

#[test]
fn hostile_reports() {
    let bomb = format!(
        "<!DOCTYPE x [<!ENTITY a \"{}\">]><testsuite><testcase name=\"&a;\"/></testsuite>",
        "a".repeat(100)
    );
    check(&bomb, &["! the XML cannot be read on: it declares entities of its own, which are refused"]);
    check("<testsuite name=\"s\"><testcase name=\"&x;\"/></testsuite>", &["s / &x;: Passed"]);
    check(
        "<testsuite name=\"s\"><testcase name=\"a\"/><testcase name=\"b\">",
        &["s / a: Passed", "! the XML cannot be read on: it ends inside `<testcase>`"],
    );
    check("<html/>", &["! there is no `<testsuite>`"]);
    assert_eq!(
        shown(b"<testsuite name=\"s\"><testcase name=\"\xff\"/></testsuite>"),
        ["s / \u{fffd}: Passed", "! the report is not UTF-8 text"]
    );
    let deep = format!("<testsuite>{}", "<testsuite>".repeat(10_000));
    assert_eq!(read(deep.as_bytes()).problems.len(), 1);
}

#[test]
fn a_long_message_is_cut() {
    let report = format!(
        "<testsuite name=\"s\"><testcase name=\"a\"><failure>{}</failure></testcase></testsuite>",
        "x ".repeat(2_000_000)
    );
    let results = read(report.as_bytes());
    let message = results.tests[0].message.as_ref().unwrap();
    assert!(message.len() <= MESSAGE_BYTES_MAX, "{}", message.len());
}

proptest! {
    #[test]
    fn any_bytes_give_results(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_markup_gives_results(words in proptest::collection::vec(
        prop_oneof![
            Just("<testsuite name=\"s\">"), Just("</testsuite>"), Just("<testcase name=\"t\">"), Just("</testcase>"),
            Just("<testcase name=\"u\"/>"), Just("<failure>"), Just("</failure>"), Just("<error message='m'/>"),
            Just("<skipped/>"), Just("words"), Just("&amp;"), Just("<x>"), Just("</x>"), Just("<![CDATA["), Just("]]>"),
        ], 0..40)) {
        let _ = read(words.concat().as_bytes());
    }
}
