//! A person's answers to servers: a question at the terminal, a page to visit. Decides nothing in a person's place.

use std::sync::Arc;

use conversation::Later;
use mcp::Browser;
use mcp::ask::{Asker, Question, Reply};

use crate::face::Screen;
use crate::term::{Style, one_line};

/// Asks at the terminal; declines where nobody can answer.
pub(crate) struct Person(pub(crate) Arc<Screen>);

impl Asker for Person {
    fn ask<'a>(&'a self, server: &'a str, question: Question) -> Later<'a, Reply> {
        Box::pin(async move {
            let asked = match &question {
                Question::Page { message, url } => {
                    format!("MCP server `{server}` wants you to visit {url}: {message}; will you?")
                }
                Question::Form { message, schema } => {
                    let (server, message) = (one_line(server), one_line(message));
                    return match self.fill(&server, &message, schema).await {
                        Some(values) => Reply::Accept(Some(values.to_string())),
                        None => Reply::Decline,
                    };
                }
            };
            match self.0.confirm(&asked).await {
                Some(true) => Reply::Accept(None),
                Some(false) | None => Reply::Decline,
            }
        })
    }
}

impl Person {
    /// Has the person fill in a form, field by field. `None` when nobody is there, or they do not want to.
    async fn fill(&self, server: &str, message: &str, schema: &str) -> Option<serde_json::Value> {
        let Some(fields) = fields(schema).filter(|_| self.0.interactive()) else {
            self.0.notice(&format!(
                "MCP server `{server}` asked for values and nobody can type them; declined: {message}"
            ));
            return None;
        };
        self.0.progress(Style::Bold, &format!("MCP server `{server}` asks: {message}"));
        self.0.progress(Style::Dim, "an empty line takes what stands in brackets; `!` declines");
        let mut values = serde_json::Map::new();
        for field in fields {
            loop {
                self.0.term.prompt(&format!("{}: ", one_line(&field.asks())));
                let typed = self.0.lines.next().await?;
                if typed.trim() == "!" {
                    return None;
                }
                match field.read(typed.trim()) {
                    Ok(Some(value)) => drop(values.insert(field.name.clone(), value)),
                    Ok(None) => {}
                    Err(why) => {
                        self.0.progress(Style::Yellow, &why);
                        continue;
                    }
                }
                break;
            }
        }
        Some(serde_json::Value::Object(values))
    }
}

/// Fields of a form that a person is asked for.
const FIELDS_MAX: usize = 50;

/// One field of a form.
struct Field {
    name: String,
    schema: serde_json::Value,
    is_required: bool,
}

/// The fields of a flat JSON Schema; `None` when it is none.
fn fields(schema: &str) -> Option<Vec<Field>> {
    let schema: serde_json::Value = serde_json::from_str(schema).ok()?;
    let properties = schema.get("properties").and_then(serde_json::Value::as_object)?;
    let required = schema.get("required").and_then(serde_json::Value::as_array);
    let is_required = |name: &str| required.into_iter().flatten().any(|one| one.as_str() == Some(name));
    let field = |(name, schema): (&String, &serde_json::Value)| Field {
        name: name.clone(),
        schema: schema.clone(),
        is_required: is_required(name),
    };
    Some(properties.iter().take(FIELDS_MAX).map(field).collect())
}

impl Field {
    fn text(&self, name: &str) -> Option<&str> {
        self.schema.get(name).and_then(serde_json::Value::as_str)
    }

    /// What there is to choose from, when that is limited.
    fn choices(&self) -> Vec<&str> {
        let words = self.schema.get("enum").and_then(serde_json::Value::as_array);
        words.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
    }

    fn asks(&self) -> String {
        let mut asks = self.text("title").unwrap_or(&self.name).to_string();
        if let Some(description) = self.text("description") {
            asks.push_str(&format!(" ({description})"));
        }
        if !self.choices().is_empty() {
            asks.push_str(&format!(" {}", self.choices().join("/")));
        }
        match self.schema.get("default") {
            Some(default) => asks.push_str(&format!(" [{default}]")),
            None if !self.is_required => asks.push_str(" []"),
            None => {}
        }
        asks
    }

    /// The value of what was typed; none for an empty line where nothing is needed.
    fn read(&self, typed: &str) -> Result<Option<serde_json::Value>, String> {
        if typed.is_empty() {
            return match self.schema.get("default") {
                Some(default) => Ok(Some(default.clone())),
                None if self.is_required => Err(format!("`{}` is needed", self.name)),
                None => Ok(None),
            };
        }
        let choices = self.choices();
        if !choices.is_empty() && !choices.contains(&typed) {
            return Err(format!("`{}` is one of {}", self.name, choices.join(", ")));
        }
        let value = match self.text("type") {
            Some("integer") => typed.parse::<i64>().ok().map(Into::into),
            Some("number") => {
                typed.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Into::into)
            }
            Some("boolean") => match typed.to_lowercase().as_str() {
                "y" | "yes" | "true" => Some(true.into()),
                "n" | "no" | "false" => Some(false.into()),
                _ => None,
            },
            _ => Some(typed.into()),
        };
        let kind = self.text("type").unwrap_or("string");
        value.map(Some).ok_or_else(|| format!("`{}` is of the type {kind}", self.name))
    }
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
    fn what_is_typed_becomes_the_value_that_is_asked_for() {
        let schema = r#"{"properties":{"n":{"type":"integer"},"b":{"type":"boolean","default":true},
            "e":{"type":"string","enum":["x","y"]},"s":{"type":"string"}},"required":["n"]}"#;
        let fields = fields(schema).unwrap();
        let check = |name: &str, typed: &str, expected: &str| {
            let field = fields.iter().find(|field| field.name == name).unwrap();
            let read = match field.read(typed) {
                Ok(value) => value.map_or("nothing".to_string(), |value| value.to_string()),
                Err(why) => why,
            };
            assert_eq!(read, expected);
        };
        check("n", "7", "7");
        check("n", "", "`n` is needed");
        check("n", "seven", "`n` is of the type integer");
        check("b", "", "true");
        check("b", "no", "false");
        check("e", "z", "`e` is one of x, y");
        check("e", "y", "\"y\"");
        check("s", "", "nothing");
        assert!(super::fields("no").is_none());
    }
}
