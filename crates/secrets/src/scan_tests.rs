//! Scans: what is kept, what is passed over and why, and how long it takes.

use std::time::{Duration, Instant};

use crate::{Confidence, Options, Rules, Scan, Scanner};

fn scan(text: &[u8]) -> Scan {
    Scanner::new(Rules::builtin()).scan(text, &Options { path: None, marks: true, let_through: true })
}

fn passed(text: &str) -> Vec<String> {
    let scan = scan(text.as_bytes());
    assert!(scan.findings.is_empty(), "{text}: {:?}", scan.findings);
    scan.let_through.iter().map(|entry| format!("{}: {}", entry.rule, entry.reason)).collect()
}

#[test]
fn what_is_let_through_says_why() {
    let check = |text: &str, expected: &str| {
        let found = passed(text);
        assert!(found.iter().any(|line| line == expected), "{text}: {found:?}");
    };
    check("id = AKIAIOSFODNN7EXAMPLE", "aws-access-key-id: looks like an example: `example`");
    check("password = \"${DB_PASSWORD}\"", "generic-password: refers to a value elsewhere");
    check("password = \"changeme123\"", "generic-password: looks like an example: `changeme`");
    check("postgres://user:password@localhost/db", "url-password: looks like an example: `password`");
    check(
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "basic-auth-header: looks like an example: `opensesame`",
    );
    let token = ["gh", "p_", "thisIsNotATokenButAVeryLongNameOfOne"].concat();
    check(&format!("t = {token}"), "github-pat: its check sum or structure does not hold");
}

#[test]
fn the_surest_of_those_that_overlap_is_kept() {
    let jwt = [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
        "eyJzdWIiOiJrM2o5eDJtcSIsImlhdCI6MTcwMDAwMDAwMH0.",
        "q7ZtX0vB9kLw3RfJq7ZtX0vB9kLw3RfJa2c",
    ]
    .concat();
    let scan = scan(format!("Authorization: Bearer {jwt}\naccess_token = \"{jwt}\"").as_bytes());
    let found: Vec<_> = scan.findings.iter().map(|f| (&*f.rule, f.confidence)).collect();
    assert_eq!(found, [("jwt", Confidence::Checksum), ("jwt", Confidence::Checksum)]);
}

#[test]
fn values_after_escapes_and_inside_urls_are_found() {
    let key = ["sk", "_live_", "q7ZtX0vB9kLw3RfJa2cD5eFg"].concat();
    for text in [
        format!("\"a\\n{key}\\nb\""),
        format!("https://x/?k%3D{key}"),
        format!("({key})"),
        format!("x={key}&y=1"),
        format!("'{key}'"),
        key.clone(),
    ] {
        assert_eq!(scan(text.as_bytes()).findings.len(), 1, "{text}");
    }
    assert_eq!(scan(format!("task_{key}").as_bytes()).findings.len(), 0);
}

#[test]
fn spans_cut_no_character() {
    let text = format!("password = \"{}ü!\"", ["Tr0ub4", "dor&3"].concat());
    for finding in scan(text.as_bytes()).findings {
        assert!(text.get(finding.secret.clone()).is_some() && text.get(finding.span.clone()).is_some());
    }
}

#[test]
fn hostile_inputs_take_linear_time() {
    let scanner = Scanner::new(Rules::builtin());
    let size = 1 << 20;
    let repeated = |unit: &str| unit.repeat(size / unit.len()).into_bytes();
    let inputs = [
        repeated("a"),
        repeated("sk-"),
        repeated("://a:b"),
        repeated("eyJ"),
        repeated("password="),
        repeated("password = \""),
        repeated("heroku=\"heroku:"),
        repeated("discord"),
        repeated("discord\n"),
        repeated("curl -u "),
        repeated("Q~"),
        repeated("-----BEGIN RSA PRIVATE "),
        repeated(&["-----BEGIN PRIV", "ATE KEY-----"].concat()),
        repeated("AAAA"),
        repeated("\u{0}"),
        repeated("dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRo"),
        repeated("ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        repeated("secret_key secret_access_key aws_secret="),
        (0..size).map(|at| (at * 7919 % 251) as u8).collect(),
    ];
    for input in &inputs {
        let start = Instant::now();
        scanner.scan(input, &Options::default());
        let spent = start.elapsed();
        // A quadratic scan of 1 MB takes minutes; a linear one takes a second at worst, unoptimised and on a busy machine.
        assert!(
            spent < Duration::from_secs(10),
            "{:?} took {spent:?}",
            String::from_utf8_lossy(&input[..40])
        );
    }
}
