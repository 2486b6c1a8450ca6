//! `accepted.json`: what somebody looked at and found true, beside the documents of a spec. Reads and writes no file.

use spec::json::{Value, quote, read_lenient};
use spec::{Diagnostic, Severity, Span};

/// Entries of one file; those beyond are left out with a diagnostic.
pub const ACCEPTED_MAX: usize = 10_000;

/// One acceptance.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What was accepted: `*` for the whole spec, a criterion's id, a path, or `path#symbol`.
    pub item: String,
    /// The commit against which it was read; changes up to it do not count.
    pub commit: String,
    /// The digest of what was read, as a finding gives it; 0 when there is none. Counts also when the commit is no
    /// longer known.
    pub digest: u64,
    /// Who.
    pub by: String,
    /// When, as a date such as `2026-11-21`.
    pub at: String,
    /// Why it is still true.
    pub why: String,
    /// The last day on which it holds.
    pub expires: Option<String>,
}

impl Entry {
    /// Whether it no longer holds on that day.
    pub fn is_expired(&self, today: &str) -> bool {
        self.expires.as_deref().is_some_and(|last| last < today)
    }
}

/// All acceptances of a spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Sorted by item and day.
    pub entries: Vec<Entry>,
}

impl Accepted {
    /// Reads any bytes. What is not understood is left out and said so.
    pub fn parse(bytes: &[u8]) -> (Accepted, Vec<Diagnostic>) {
        let whole = Span { offset: 0, len: bytes.len() };
        let mut diagnostics = Vec::new();
        let text = String::from_utf8_lossy(bytes);
        if text.trim().is_empty() {
            return (Accepted::default(), diagnostics);
        }
        let value = match read_lenient(&text) {
            Ok(value) => value,
            Err(error) => {
                let message = format!("`accepted.json` is not JSON: {} is missing", error.expected);
                let span = Span { offset: error.offset, len: 0 };
                let hint = Some("until it is mended, nothing in it is accepted".to_string());
                diagnostics.push(Diagnostic { hint, ..warning("accepted/not-json", span, message) });
                return (Accepted::default(), diagnostics);
            }
        };
        let mut accepted = Accepted::default();
        let items = value.get("accepted").and_then(Value::items).unwrap_or_default();
        if value.get("accepted").and_then(Value::items).is_none() {
            let message = "`accepted.json` has no list `accepted`".to_string();
            diagnostics.push(warning("accepted/no-list", whole, message));
        }
        for (at, item) in items.iter().enumerate() {
            match entry(item) {
                _ if accepted.entries.len() >= ACCEPTED_MAX => {
                    let message = format!("only the first {ACCEPTED_MAX} acceptances are read");
                    diagnostics.push(warning("accepted/too-many", whole, message));
                    break;
                }
                Some(entry) => accepted.entries.push(entry),
                None => {
                    let message = format!("acceptance {} has no `item` or no `commit`", at + 1);
                    diagnostics.push(warning("accepted/entry", whole, message));
                }
            }
        }
        accepted.entries.sort();
        (accepted, diagnostics)
    }

    /// Adds an acceptance in the place of an earlier one of the same item.
    pub fn accept(&mut self, entry: Entry) {
        self.entries.retain(|known| known.item != entry.item);
        self.entries.push(entry);
        self.entries.sort();
    }

    /// The file: one line for each acceptance, so that two people's lines merge.
    pub fn print(&self) -> String {
        let mut out = String::from("{\n  \"version\": 1,\n  \"accepted\": [");
        for (at, entry) in self.entries.iter().enumerate() {
            out.push_str(if at == 0 { "\n    " } else { ",\n    " });
            let mut members = vec![("item", &entry.item), ("commit", &entry.commit)];
            let digest = format!("{:016x}", entry.digest);
            if entry.digest != 0 {
                members.push(("digest", &digest));
            }
            members.extend([("by", &entry.by), ("at", &entry.at), ("why", &entry.why)]);
            members.extend(entry.expires.iter().map(|expires| ("expires", expires)));
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{}: {}", quote(name), quote(value))).collect();
            out.push_str(&format!("{{{}}}", members.join(", ")));
        }
        out.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        out
    }
}

fn warning(code: &'static str, span: Span, message: String) -> Diagnostic {
    Diagnostic { code, severity: Severity::Warning, span, message, hint: None }
}

fn entry(value: &Value) -> Option<Entry> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_string);
    let digest = text("digest").and_then(|digits| u64::from_str_radix(&digits, 16).ok());
    Some(Entry {
        item: text("item").filter(|item| !item.is_empty())?,
        commit: text("commit")?,
        digest: digest.unwrap_or_default(),
        by: text("by").unwrap_or_default(),
        at: text("at").unwrap_or_default(),
        why: text("why").unwrap_or_default(),
        expires: text("expires"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_understood_is_named() {
        let check = |text: &str, entries: usize, codes: &[&str]| {
            let (accepted, diagnostics) = Accepted::parse(text.as_bytes());
            let found: Vec<&str> = diagnostics.iter().map(|found| found.code).collect();
            assert_eq!((accepted.entries.len(), found.as_slice()), (entries, codes), "{text}");
        };
        check("", 0, &[]);
        check("{", 0, &["accepted/not-json"]);
        check("{}", 0, &["accepted/no-list"]);
        check(r#"{"accepted": []}"#, 0, &[]);
        check(
            r#"{"accepted": [{"item": "1.1", "commit": "a"}, {"item": "1.1"}, 3]}"#,
            1,
            &["accepted/entry", "accepted/entry"],
        );
    }

    #[test]
    fn a_day_after_the_last_is_too_late() {
        let entry = Entry { expires: Some("2026-11-21".to_string()), ..Entry::default() };
        assert!(!entry.is_expired("2026-11-21"));
        assert!(entry.is_expired("2026-11-22"));
        assert!(!Entry::default().is_expired("9999-01-01"));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(
            rows in proptest::collection::vec((".+", any::<String>(), any::<u64>(), any::<String>(), proptest::option::of(any::<String>())), 0..6),
        ) {
            let mut accepted = Accepted::default();
            for (item, commit, digest, why, expires) in rows {
                accepted.accept(Entry { item, commit, digest, why, expires, ..Entry::default() });
            }
            let (read, diagnostics) = Accepted::parse(accepted.print().as_bytes());
            prop_assert_eq!(read, accepted);
            prop_assert!(diagnostics.is_empty());
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Accepted::parse(&bytes);
        }
    }
}
