//! `.config.kiro`: which workflow a spec follows. Each field stands on its own; a wrong one takes none of the
//! others with it.

use crate::Span;
use crate::diagnostic::Diagnostic;
use crate::json::{self, Value};
use crate::kind::{SpecKind, SpecType, Workflow};

/// What `.config.kiro` says. Unknown members are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `specId`; never an address, because 4 in 10 files lack it.
    pub spec_id: Option<String>,
    /// `workflowType`
    pub workflow: Option<Workflow>,
    /// `specType`
    pub spec_type: Option<SpecType>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Config {
    /// Reads any bytes; comments and trailing commas are accepted.
    pub fn parse(bytes: &[u8]) -> Config {
        let mut config = Config::default();
        let whole = Span { offset: 0, len: bytes.len() };
        let value = match json::read_lenient(&String::from_utf8_lossy(bytes)) {
            Ok(value @ Value::Object(_)) => value,
            Ok(_) => {
                config.diagnostics.push(Diagnostic::warning(
                    "config/not-an-object",
                    whole,
                    "this is not a JSON object",
                ));
                return config;
            }
            Err(error) => {
                let at = Span { offset: error.offset.min(bytes.len()), len: 0 };
                let message = format!("this is not JSON: expected {}", error.expected);
                config.diagnostics.push(
                    Diagnostic::warning("config/unreadable", at, message)
                        .hint("the kind of spec is taken from its documents instead"),
                );
                return config;
            }
        };
        config.spec_id = value.get("specId").and_then(Value::as_str).map(str::to_string);
        config.workflow = value.get("workflowType").and_then(Value::as_str).and_then(Workflow::from_name);
        config.spec_type = value.get("specType").and_then(Value::as_str).and_then(SpecType::from_name);
        for (key, is_read) in [
            ("specId", config.spec_id.is_some()),
            ("workflowType", config.workflow.is_some()),
            ("specType", config.spec_type.is_some()),
        ] {
            if value.get(key).is_some() && !is_read {
                let message = format!("`{key}` has a value that Kiro does not know");
                config.diagnostics.push(Diagnostic::warning("config/unknown-value", whole, message));
            }
        }
        config
    }

    /// The kind of spec that the two types add up to; `None` when neither is known.
    pub fn kind(&self) -> Option<SpecKind> {
        match (self.spec_type, self.workflow) {
            (Some(SpecType::Bugfix), _) => Some(SpecKind::Bugfix),
            (Some(SpecType::QuickSpec), _) | (_, Some(Workflow::FastTask)) => Some(SpecKind::Quick),
            (_, Some(Workflow::DesignFirst)) => Some(SpecKind::DesignFirst),
            (None, None) => None,
            (_, _) => Some(SpecKind::Feature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, kind: Option<SpecKind>, codes: &[&str]) {
        let config = Config::parse(text.as_bytes());
        let got: Vec<_> = config.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!((config.kind(), got.as_slice()), (kind, codes), "{text}");
    }

    #[test]
    fn each_field_stands_alone() {
        check(
            r#"{"specId":"x","workflowType":"requirements-first","specType":"feature"}"#,
            Some(SpecKind::Feature),
            &[],
        );
        check(r#"{"workflowType":"fast-task","specType":"feature","note":1}"#, Some(SpecKind::Quick), &[]);
        check(r#"{"workflowType":"requirements-first","specType":"bugfix"}"#, Some(SpecKind::Bugfix), &[]);
        check(
            r#"{"workflowType":"design-first","specType":"wrong"}"#,
            Some(SpecKind::DesignFirst),
            &["config/unknown-value"],
        );
        check("{\"specType\": 7, // x\n}", None, &["config/unknown-value"]);
        check("{", None, &["config/unreadable"]);
        check("[]", None, &["config/not-an-object"]);
        check("", None, &["config/unreadable"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Config::parse(&bytes);
        }
    }
}
