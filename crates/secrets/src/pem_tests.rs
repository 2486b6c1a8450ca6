//! Private keys and what only looks like one.

use super::*;

const BODY: &str = "MIIEpAIBAAKCAQEA7bq1Zz0Xn3yTQwV9\nRkLm5sYh2PdGf8JcUeWxA4oNiBvKt6Hr\nQwErTyUiOpAsDfGhJkLzXcVbNm0123456789+/ab\n";

fn block(kind: &str, body: &str) -> String {
    format!("-----BEGIN {kind}PRIV{0}-----\n{body}-----END {kind}PRIV{0}-----\n", "ATE KEY")
}

fn key(text: &str) -> Option<&str> {
    match read_last(text.as_bytes(), text.find("-----").unwrap()) {
        Block::Key(span, _) => Some(&text[span]),
        _ => None,
    }
}

#[test]
fn keys_are_found_whole() {
    for kind in ["", "RSA ", "OPENSSH ", "ENCRYPTED "] {
        let text = format!("before\n{}after", block(kind, BODY));
        assert_eq!(key(&text).map(str::len), Some(text.len() - "before\n\nafter".len()), "{kind}");
    }
    let escaped = format!("\"key\": \"{}\", \"x\": 1", block("", BODY).replace('\n', "\\n"));
    assert!(key(&escaped).is_some_and(|key| key.ends_with("KEY-----")), "{escaped}");
    let locked = block("RSA ", &format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011\n\n{BODY}"));
    assert!(key(&locked).is_some());
}

#[test]
fn a_key_that_breaks_off_is_found() {
    let text = block("", BODY);
    let cut = &text[..text.len() / 2 + 20];
    assert_eq!(key(cut), Some(cut));
    let prose = format!("{}$ and so on", &text[..text.find("-----END").unwrap()]);
    assert_eq!(key(&prose), prose.strip_suffix("$ and so on"));
}

#[test]
fn forms_without_a_key_are_none() {
    assert_eq!(key(&block("RSA ", "")), None);
    assert_eq!(key(&block("RSA ", "...\n")), None);
    assert_eq!(key(&block("RSA ", &"A".repeat(200))), None);
    assert_eq!(key("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"), None);
    assert_eq!(key(&["-----BEGIN RSA PRIV", "ATE KEY"].concat()), None);
}

#[test]
fn a_key_is_open_until_its_end_is_seen() {
    let text = block("RSA ", BODY);
    let end = text.find("-----END").unwrap();
    for cut in [12, 30, 60, end, end + 8] {
        assert_eq!(read(&text.as_bytes()[..cut], 0), Block::Open, "{cut}");
    }
    assert!(matches!(read(text.as_bytes(), 0), Block::Key(..)));
    assert_eq!(read(b"-----BEGIN CERTIFICATE-----\n", 0), Block::Other);
    assert_eq!(read(b"-----BEGIN\n", 0), Block::Other);
}
