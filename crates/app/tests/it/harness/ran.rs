//! What one run of `waypost` came to.

use serde_json::Value;

/// Exit code, output stream, error stream.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Fails the test unless it ended with this code.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Ran {
        assert_eq!(self.code, code, "\n--- output\n{}\n--- errors\n{}", self.out, self.err);
        self
    }

    /// Fails the test unless each of these stands in what was said.
    #[track_caller]
    pub(crate) fn says(&self, texts: &[&str]) -> &Ran {
        for text in texts {
            let said = self.out.contains(text) || self.err.contains(text);
            assert!(said, "`{text}` is missing\n--- output\n{}\n--- errors\n{}", self.out, self.err);
        }
        self
    }

    /// Fails the test when one of these stands in what was said.
    #[track_caller]
    pub(crate) fn never_says(&self, texts: &[&str]) -> &Ran {
        for text in texts {
            let said = self.out.contains(text) || self.err.contains(text);
            assert!(!said, "`{text}` was said\n--- output\n{}\n--- errors\n{}", self.out, self.err);
        }
        self
    }

    /// The event stream, every line of which must be an event.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<Value> {
        let event = |line: &str| match serde_json::from_str::<Value>(line) {
            Ok(event) if event["type"].is_string() => event,
            _ => panic!("`{line}` is no event\n--- errors\n{}", self.err),
        };
        self.out.lines().map(event).collect()
    }

    /// The events of this type.
    #[track_caller]
    pub(crate) fn of_type(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["type"] == kind).collect()
    }

    /// The document that a listing wrote.
    #[track_caller]
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}
