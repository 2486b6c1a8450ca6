//! What is sent to each engine and what its answer comes to, over servers on loopback.

use super::*;
use crate::testing::{Server, fetcher, run, send};

/// Searches with an engine against a server that gives `answer`; the request and the results as text.
fn told(name: &str, key: Option<&str>, status: &'static str, answer: &str) -> (String, String) {
    let answer = answer.to_string();
    let server = Server::new(move |_, _, client| {
        send(client, status, "content-type: application/json\r\n", answer.as_bytes());
    });
    let provider = providers().into_iter().find(|provider| provider.name() == name).unwrap();
    let key = key.map(str::to_string).map(|key| Box::new(move || Ok(key.clone())) as Key);
    let settings = Settings { provider, base_url: Some(server.url("/")), key };
    let said = match run(settings.search(&fetcher(200_000, 1500), "rust ärgs & co", 3)) {
        Ok(hits) => hits.iter().map(|hit| format!("{}|{}|{}\n", hit.title, hit.url, hit.snippet)).collect(),
        Err(error) => format!("error: {error}"),
    };
    (server.seen().pop().unwrap_or_default(), said)
}

#[test]
fn brave() {
    let answer = r#"{"web": {"results": [
        {"title": "Serde <strong>docs</strong>", "url": "https://serde.rs", "description": "A &amp; b", "x": 1},
        {"title": "bad", "url": "javascript:x"},
        {"title": "", "url": "http://b.example/c"}]}}"#;
    let (sent, said) = told("brave", Some("k1"), "200 OK", answer);
    assert!(sent.starts_with("GET /res/v1/web/search?q=rust+%C3%A4rgs+%26+co&count=3 "), "{sent}");
    assert!(sent.contains("x-subscription-token: k1"), "{sent}");
    assert_eq!(said, "Serde docs|https://serde.rs/|A & b\nhttp://b.example/c|http://b.example/c|\n");
    assert_eq!(told("brave", Some("k1"), "200 OK", r#"{"type": "search"}"#).1, "");
}

#[test]
fn tavily() {
    let answer =
        r#"{"results": [{"title": "T", "url": "https://a.example/", "content": "c", "score": 0.9}]}"#;
    let (sent, said) = told("tavily", Some("k2"), "200 OK", answer);
    assert!(sent.starts_with("POST /search ") && sent.contains("authorization: Bearer k2"), "{sent}");
    assert!(sent.ends_with(r#"{"query":"rust ärgs & co","max_results":3}"#), "{sent}");
    assert_eq!(said, "T|https://a.example/|c\n");
}

#[test]
fn searxng() {
    let answer =
        r#"{"query": "x", "results": [{"title": "T", "url": "https://a.example/", "content": null}]}"#;
    let (sent, said) = told("searxng", None, "200 OK", answer);
    assert!(sent.starts_with("GET /search?q=rust+%C3%A4rgs+%26+co&format=json "), "{sent}");
    assert_eq!(said, "T|https://a.example/|\n");
    let many: Vec<String> = (0..50).map(|n| format!(r#"{{"url": "https://a.example/{n}"}}"#)).collect();
    let many = format!(r#"{{"results": [{}]}}"#, many.join(","));
    assert_eq!(told("searxng", None, "200 OK", &many).1.lines().count(), 3, "no more than asked for");
}

#[test]
fn exa() {
    let answer =
        r#"{"results": [{"title": null, "url": "https://a.example/", "highlights": ["one", "two"]}]}"#;
    let (sent, said) = told("exa", Some("k3"), "200 OK", answer);
    assert!(sent.starts_with("POST /search ") && sent.contains("x-api-key: k3"), "{sent}");
    assert_eq!(said, "https://a.example/|https://a.example/|one … two\n");
}

#[test]
fn what_goes_wrong_is_said_without_the_key() {
    let (_, said) = told("tavily", Some("secret-key"), "401 Unauthorized", r#"{"detail": "bad secret-key"}"#);
    assert_eq!(said, r#"error: tavily answered 401: {"detail": "bad [key]"}"#);
    let (_, said) = told("searxng", None, "200 OK", "<html>no json</html>");
    assert_eq!(said, "error: the answer of searxng cannot be read: expected value at line 1 column 1");
    let (sent, said) = told("exa", None, "200 OK", "{}");
    assert_eq!((sent.as_str(), said.as_str()), ("", "error: `exa` needs a `key`"));
    let searxng = providers().into_iter().find(|provider| provider.name() == "searxng").unwrap();
    let settings = Settings { provider: searxng, base_url: None, key: None };
    assert_eq!(settings.check().unwrap_err().to_string(), "`searxng` needs a `base_url`");
    let deep = format!(r#"{{"results": {}"#, "[".repeat(100_000));
    assert!(
        told("searxng", None, "200 OK", &deep).1.starts_with("error: the answer of searxng cannot be read")
    );
    let endless = "a".repeat(300_000);
    assert!(told("searxng", None, "200 OK", &endless).1.contains("more than 200000 bytes"));
}
