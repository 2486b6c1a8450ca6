//! The firewall as a session meets it: texts in both directions, arguments, lines, streams.

use super::*;

/// A key of a service, put together so that no scanner takes this file for a leak.
fn key() -> String {
    ["ghp", "_", "Zq3kV8xT1mB7cN5wR9yL2pD6sF4hJ0ghp8qK"].concat()
}

fn token() -> String {
    // The last six characters of such a token are a checksum, which the rules look at.
    let body = "Zq3kV8xT1mB7cN5wR9yL2pD6sF4hJ0";
    let sum = secrets_checksum(body);
    format!("ghp_{body}{sum}")
}

/// CRC-32 in base 62, as the tokens of that service end.
fn secrets_checksum(body: &str) -> String {
    let mut crc = 0xffff_ffffu32;
    for byte in body.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut rest = !crc;
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = Vec::new();
    for _ in 0..6 {
        text.push(digits[(rest % 62) as usize]);
        rest /= 62;
    }
    text.reverse();
    String::from_utf8(text).unwrap()
}

fn firewall(references: References) -> Firewall {
    Firewall::build(Path::new("/nowhere/secrets.toml"), [7; 16], references).unwrap()
}

#[test]
fn a_value_goes_in_as_a_placeholder_and_comes_back() {
    let firewall = firewall(References::default());
    let token = token();
    let hidden = firewall.hide(&format!("GITHUB_TOKEN={token}\n"));
    assert!(!hidden.contains(&token) && hidden.contains("waypost_secret_"), "{hidden}");
    assert!(hidden.ends_with("put it in]"), "said once: {hidden}");
    let again = firewall.hide(&format!("GITHUB_TOKEN={token}\n"));
    assert!(!again.contains("put it in]"));
    assert_eq!(firewall.reveal(&again, "a file").unwrap(), format!("GITHUB_TOKEN={token}\n"));
    // The session's own words keep their placeholders, and a value that it repeats is covered.
    assert_eq!(firewall.hide_own(&again), again);
    assert!(!firewall.hide_own(&format!("use {token}")).contains(&token));
    assert!(!firewall.hide(&key()).is_empty());
}

#[test]
fn arguments_stay_json_and_stay_as_they_were_without_a_value() {
    let firewall = firewall(References::default());
    let plain = r#"{ "b":1,  "a":"x\ny" }"#;
    assert_eq!(firewall.hide_arguments(plain), plain);
    let token = token();
    let hidden = firewall.hide_arguments(&format!(r#"{{"path":"a","content":"T=\"{token}\"\n"}}"#));
    let value: Value = serde_json::from_str(&hidden).unwrap();
    let content = value["content"].as_str().unwrap();
    assert!(!content.contains(&token));
    assert_eq!(firewall.reveal(content, "a").unwrap(), format!("T=\"{token}\"\n"));
}

#[test]
fn a_stream_hides_what_comes_in_pieces() {
    let firewall = firewall(References::default());
    let token = token();
    let text = format!("first\nGITHUB_TOKEN={token}\nlast\n");
    let mut stream = firewall.stream();
    let mut shown = String::new();
    for piece in text.as_bytes().chunks(5) {
        shown.push_str(&stream.push(std::str::from_utf8(piece).unwrap()));
    }
    shown.push_str(&stream.finish());
    assert!(
        !shown.contains(&token) && shown.contains("waypost_secret_") && shown.ends_with("last\n"),
        "{shown}"
    );
}

#[test]
fn a_command_line_gets_plain_values_only() {
    let references = References {
        allowed: ["env:PLAIN", "env:ODD"].map(str::to_string).into(),
        variables: [("PLAIN", "abc-123"), ("ODD", "a'; rm -rf x #")]
            .map(|(n, v)| (n.to_string(), v.to_string()))
            .into(),
        ..References::default()
    };
    let firewall = firewall(references);
    let token = token();
    let hidden = firewall.hide(&token);
    let placeholder = hidden.split_whitespace().next().unwrap();
    let line = firewall.reveal_in_line(&format!("curl -H 'Authorization: {placeholder}'")).unwrap();
    assert_eq!(line, format!("curl -H 'Authorization: {token}'"));
    assert_eq!(firewall.reveal_in_line("echo '{{secret:env:PLAIN}}'").unwrap(), "echo 'abc-123'");
    let refused = |line: &str, why: &str| {
        let said = firewall.reveal_in_line(line).unwrap_err();
        assert!(said.contains(why), "{said}");
    };
    refused("echo {{secret:env:ODD}}", "characters that a shell would read");
    refused("echo {{secret:env:HOME}}", "is not allowed");
    refused("echo {{secret:nonsense}}", "");
    refused("echo waypost_secret_aaaaaaaa_github_pat", "has not seen");
}

#[test]
fn own_rules_with_a_fault_stop() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets.toml");
    std::fs::write(&file, "[[rules]]\nid = \"x\"\nregex = '''('''\n").unwrap();
    let error = Firewall::build(&file, [7; 16], References::default()).unwrap_err().to_string();
    assert!(error.contains("secrets.toml") && error.contains("line 3"), "{error}");
}
