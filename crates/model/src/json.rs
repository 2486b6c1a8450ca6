//! Pushes JSON onto a string, compactly. Requests are built this way so that what a tool schema or a model's own
//! arguments look like is never changed by reading and writing them again.

use std::fmt::Write as _;

/// Pushes a quoted string.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        let mut tail = tail.chars();
        match tail.next() {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(other) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            None => {}
        }
        rest = tail.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Pushes `"name":"value"`.
pub(crate) fn member(out: &mut String, name: &str, value: &str) {
    string(out, name);
    out.push(':');
    string(out, value);
}

/// Pushes a comma unless the last thing was an opening bracket.
pub(crate) fn comma(out: &mut String) {
    if !out.ends_with(['[', '{']) {
        out.push(',');
    }
}

/// Whether the text is one JSON object that everybody can read: whoever guards a call, and whoever carries it out. A number beyond all
/// bounds or a nesting without end is none.
pub(crate) fn is_object(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_string_reads_back(text in any::<String>()) {
            let mut out = String::new();
            string(&mut out, &text);
            prop_assert_eq!(&out, &serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn objects() {
        assert!(is_object(r#" {"a":[1,2]} "#));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for broken in [r#"{"a":1e999}"#, &deep, "", "[]", "{", r#"{"a":}"#, "{} {}", "null"] {
            assert!(!is_object(broken), "{broken}");
        }
    }
}
