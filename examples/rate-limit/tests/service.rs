//! The service as it is today, over the loopback device.
#![allow(missing_docs)]

#[allow(dead_code)] // Each test binary uses its own part of the helpers.
mod common;

use common::{ACME, GLOBEX, Running};

#[test]
fn a_known_key_is_served() {
    let running = Running::start();
    let answer = running.get("/v1/quotes/1", Some(ACME));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.body(), r#"{"quote":"Well begun is half done."}"#);
}

#[test]
fn a_key_tells_its_owner_and_plan() {
    let running = Running::start();
    let answer = running.get("/v1/me", Some(GLOBEX));
    assert_eq!(answer.body(), r#"{"owner":"globex","plan":"premium"}"#);
}

#[test]
fn an_unknown_or_missing_key_is_turned_away() {
    let running = Running::start();
    assert_eq!(running.get("/v1/quotes", None).status, 401);
    assert_eq!(running.get("/v1/quotes", Some("guess")).status, 401);
}

#[test]
fn health_needs_no_key() {
    let running = Running::start();
    assert_eq!(running.get("/health", None).body(), r#"{"status":"ok"}"#);
}

#[test]
fn what_is_no_request_gets_400() {
    let running = Running::start();
    assert_eq!(running.send("hello\r\n\r\n").status, 400);
}

#[test]
fn each_request_is_logged_without_its_key() {
    let running = Running::start();
    running.advance_seconds(7);
    running.get("/v1/quotes/1", Some(ACME));
    running.get("/v1/quotes/1", Some("guess"));
    assert_eq!(running.log.lines(), ["7 acme GET /v1/quotes/1 200", "7 - GET /v1/quotes/1 401"]);
}
