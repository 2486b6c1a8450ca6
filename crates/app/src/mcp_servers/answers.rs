//! A person's answers to servers: a question at the terminal, a page to visit. Decides nothing in a person's place.

use std::sync::Arc;

use conversation::Later;
use mcp::Browser;
use mcp::ask::{Asker, Question, Reply};

use crate::face::Screen;
use crate::term::sanitise;

/// Asks at the terminal; declines where nobody can answer.
pub(crate) struct Person(pub(crate) Arc<Screen>);

impl Asker for Person {
    fn ask<'a>(&'a self, server: &'a str, question: Question) -> Later<'a, Reply> {
        Box::pin(async move {
            let (asked, values) = match &question {
                Question::Page { message, url } => {
                    (format!("MCP server `{server}` wants you to visit {url}: {message}; will you?"), None)
                }
                Question::Form { message, schema } => {
                    let Some(names) = with_defaults(schema) else {
                        self.0.notice(&format!(
                            "MCP server `{server}` asked for values that can only be typed in; declined: {message}"
                        ));
                        return Reply::Decline;
                    };
                    let names = if names.is_empty() { "nothing".to_string() } else { names.join(", ") };
                    let asked = format!(
                        "MCP server `{server}` asks: {message} (it gets the defaults of: {names}); agree?"
                    );
                    (asked, Some("{}".to_string()))
                }
            };
            match self.0.confirm(&sanitise(&asked)).await {
                Some(true) => Reply::Accept(values),
                Some(false) | None => Reply::Decline,
            }
        })
    }
}

/// The fields of a form that can be agreed to as it is: every one that must be there has a default.
fn with_defaults(schema: &str) -> Option<Vec<String>> {
    let schema: serde_json::Value = serde_json::from_str(schema).ok()?;
    let properties = schema.get("properties").and_then(serde_json::Value::as_object)?;
    let required = schema.get("required").and_then(serde_json::Value::as_array);
    let has_default = |name: &str| properties.get(name).is_some_and(|it| it.get("default").is_some());
    let all = required.into_iter().flatten().all(|name| name.as_str().is_some_and(has_default));
    all.then(|| properties.keys().filter(|name| has_default(name)).cloned().collect())
}

/// Prints the address to log in at. A person opens it: Waypost starts no browser.
pub(crate) struct Printed<'a>(pub(crate) &'a Screen);

impl Browser for Printed<'_> {
    fn open<'a>(&'a self, url: &'a str) -> Later<'a, Result<(), String>> {
        self.0.notice(&format!("open this address in a browser and log in there: {url}"));
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_form_with_defaults_can_be_agreed_to() {
        let check = |schema: &str, expected: Option<&[&str]>| {
            let names = expected.map(|names| names.iter().map(ToString::to_string).collect());
            assert_eq!(with_defaults(schema), names, "{schema}");
        };
        check(r#"{"properties":{"a":{"default":1},"b":{}},"required":["a"]}"#, Some(&["a"]));
        check(r#"{"properties":{"a":{}},"required":["a"]}"#, None);
        check(r#"{"properties":{}}"#, Some(&[]));
        check("no", None);
    }
}
