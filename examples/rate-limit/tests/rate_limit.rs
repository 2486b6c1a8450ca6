//! The acceptance tests of `.kiro/specs/rate-limit`. They fail until the feature is built.
//!
//! Each test names the criteria that it proves. Time moves only when a test moves it.
#![allow(missing_docs)]

#[allow(dead_code)] // Each test binary uses its own part of the helpers.
mod common;

use std::time::Duration;

use common::{ACME, GLOBEX, INITECH, Running};

const STANDARD_LIMIT: usize = 20;
const PREMIUM_LIMIT: usize = 100;

/// Criterion 1.1.
#[test]
fn limit_rejects_what_exceeds_it() {
    let running = Running::start();
    assert_eq!(running.accepted(ACME, STANDARD_LIMIT), STANDARD_LIMIT);
    let answer = running.get("/v1/quotes/1", Some(ACME));
    assert_eq!(answer.status, 429);
    assert!(answer.text.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{}", answer.text);
    assert_eq!(answer.body(), r#"{"error":"rate limit reached"}"#);
}

/// Criterion 1.2.
#[test]
fn limit_says_when_to_come_back() {
    let running = Running::start();
    running.accepted(ACME, STANDARD_LIMIT);
    running.advance_seconds(18);
    assert_eq!(running.get("/v1/me", Some(ACME)).header("retry-after"), Some("42"));
    running.clock.advance(Duration::from_millis(41_500));
    assert_eq!(running.get("/v1/me", Some(ACME)).header("retry-after"), Some("1"));
}

/// Criteria 1.1 and 1.3.
#[test]
fn limit_ends_with_its_window() {
    let running = Running::start();
    assert_eq!(running.accepted(ACME, STANDARD_LIMIT + 5), STANDARD_LIMIT);
    running.advance_seconds(59);
    assert_eq!(running.accepted(ACME, 1), 0);
    running.advance_seconds(1);
    assert_eq!(running.accepted(ACME, STANDARD_LIMIT + 5), STANDARD_LIMIT);
}

/// Criterion 1.4.
#[test]
fn limit_is_counted_for_each_key() {
    let running = Running::start();
    assert_eq!(running.accepted(ACME, STANDARD_LIMIT + 1), STANDARD_LIMIT);
    assert_eq!(running.accepted(INITECH, STANDARD_LIMIT + 1), STANDARD_LIMIT);
}

/// Criteria 2.1 and 2.2.
#[test]
fn limit_leaves_unknown_keys_and_health_alone() {
    let running = Running::start();
    for _ in 0..STANDARD_LIMIT * 2 {
        assert_eq!(running.get("/v1/quotes/1", Some("guess")).status, 401);
        assert_eq!(running.get("/v1/quotes/1", None).status, 401);
        assert_eq!(running.get("/health", Some(ACME)).status, 200);
    }
    assert_eq!(running.accepted(ACME, STANDARD_LIMIT + 1), STANDARD_LIMIT);
    assert_eq!(running.get("/health", Some(ACME)).status, 200);
}

/// Criterion 3.1.
#[test]
fn premium_keys_have_a_higher_limit() {
    let running = Running::start();
    assert_eq!(running.accepted(GLOBEX, PREMIUM_LIMIT), PREMIUM_LIMIT);
    assert_eq!(running.get("/v1/quotes/1", Some(GLOBEX)).status, 429);
}

/// Criteria 4.1 and 4.2.
#[test]
fn log_names_each_rejection_but_not_the_key() {
    let running = Running::start();
    running.accepted(ACME, STANDARD_LIMIT);
    running.advance_seconds(18);
    running.get("/v1/me", Some(ACME));
    running.get("/v1/me", Some(ACME));
    let lines = running.log.lines();
    let rejections: Vec<&String> = lines.iter().filter(|line| line.contains("rejected")).collect();
    assert_eq!(rejections, ["18 acme rejected plan=standard retry_after_s=42"; 2]);
    assert!(lines.iter().all(|line| !line.contains(ACME)), "{lines:?}");
}
