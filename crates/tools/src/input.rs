//! Reads the arguments of a call, tolerantly, and says precisely what is wrong with them. Knows no tool.

use std::fmt;

use conversation::{Call, CallResult, Input, Status, ToolError};
use serde::de::{DeserializeOwned, Deserializer, Error, Visitor};
use serde::{Deserialize as _, Serialize};

/// How much of broken arguments is quoted.
const QUOTED_CHARS: usize = 60;

/// How much of a complaint is passed on; it may quote a whole argument.
const SAID_CHARS: usize = 300;

/// The arguments of a call as a value.
pub(crate) fn parse<T: DeserializeOwned>(call: &Call) -> Result<T, ToolError> {
    let text = match &call.input {
        Input::Json(text) if text.trim().is_empty() => "{}",
        Input::Json(text) => text.as_str(),
        Input::Broken(text) => return Err(broken(text)),
    };
    serde_json::from_str(text).map_err(|error| {
        if error.is_syntax() || error.is_eof() {
            return broken(text);
        }
        let message = error.to_string();
        let said = message.split(" at line ").next().unwrap_or_default();
        let said: String = said.chars().take(SAID_CHARS).collect();
        ToolError(format!("`{}`: {said}", call.tool))
    })
}

/// The same where nothing but a result can be given back.
pub(crate) fn parse_or_fail<T: DeserializeOwned>(call: &Call) -> Result<T, CallResult> {
    parse(call).map_err(|error| CallResult::new(&call.id, Status::Failed, error.to_string()))
}

/// The arguments of a call under the names of their schema, for [`conversation::Tool::understood`].
pub(crate) fn understood<T: DeserializeOwned + Serialize>(call: &Call) -> Option<String> {
    serde_json::to_string(&parse::<T>(call).ok()?).ok()
}

fn broken(text: &str) -> ToolError {
    let what = match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(_) => return ToolError("the arguments could not be read; nothing was done".to_string()),
        Err(error) => error,
    };
    let before: usize = text.split_inclusive('\n').take(what.line().saturating_sub(1)).map(str::len).sum();
    let mut end = before.saturating_add(what.column()).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let before: String = {
        let (before, _) = text.split_at(end);
        let skipped = before.chars().count().saturating_sub(QUOTED_CHARS);
        before.chars().skip(skipped).collect()
    };
    ToolError(format!(
        "the arguments are not a JSON object: {what}, after `{before}`; nothing was done, send the whole call again"
    ))
}

/// A command line; the list of words that some models send instead becomes the line that it means.
pub(crate) fn command_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Sent {
        Line(String),
        Words(Vec<String>),
    }
    let plain = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_./=:,+@%".contains(c))
    };
    let quoted = |word: &String| match plain(word) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    match Sent::deserialize(deserializer) {
        Ok(Sent::Line(line)) => Ok(line),
        Ok(Sent::Words(words)) => match words.as_slice() {
            [shell, flag, line] if shell.ends_with("sh") && flag.starts_with('-') && flag.ends_with('c') => {
                Ok(line.clone())
            }
            words => Ok(words.iter().map(quoted).collect::<Vec<_>>().join(" ")),
        },
        Err(_) => Err(Error::custom("`command` must be one string, such as \"git status\"")),
    }
}

/// A whole number; a string of digits counts as one.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    struct Number;
    impl<'de> Visitor<'de> for Number {
        type Value = Option<u64>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a whole number")
        }
        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            Ok(Some(value))
        }
        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
            // A negative number can only mean "from the beginning" or "none".
            Ok(Some(u64::try_from(value).unwrap_or(0)))
        }
        fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
            self.visit_str(&format!("{value:.0}"))
        }
        fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
            match value.trim() {
                "" => Ok(None),
                digits => digits
                    .parse()
                    .map(Some)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Str(value), &"a whole number")),
            }
        }
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Number)
}

/// A yes or no; the strings `true` and `false` count as one.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    struct Flag;
    impl<'de> Visitor<'de> for Flag {
        type Value = bool;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "true or false")
        }
        fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
            Ok(value)
        }
        fn visit_str<E: Error>(self, value: &str) -> Result<bool, E> {
            match value.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Ok(true),
                "false" | "0" | "no" | "" => Ok(false),
                _ => Err(E::invalid_value(serde::de::Unexpected::Str(value), &self)),
            }
        }
        fn visit_u64<E: Error>(self, value: u64) -> Result<bool, E> {
            Ok(value != 0)
        }
        fn visit_unit<E: Error>(self) -> Result<bool, E> {
            Ok(false)
        }
    }
    deserializer.deserialize_any(Flag)
}

/// A list; a single element and a string that holds the JSON of a list count as one.
pub(crate) fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    use serde::Deserialize as _;
    let value = match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => serde_json::from_str(&text).map_err(D::Error::custom)?,
        value => value,
    };
    let list = match value {
        serde_json::Value::Null => Vec::new(),
        serde_json::Value::Array(list) => list,
        single => vec![single],
    };
    let read = |(at, value)| {
        serde_json::from_value(value)
            .map_err(|error| D::Error::custom(format!("element {}: {error}", at + 1)))
    };
    list.into_iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, PartialEq)]
    struct Example {
        path: String,
        #[serde(default, deserialize_with = "number")]
        limit: Option<u64>,
        #[serde(default, deserialize_with = "flag")]
        all: bool,
        #[serde(default, deserialize_with = "list")]
        names: Vec<String>,
    }

    fn check(input: Input, expected: Result<(Option<u64>, bool, usize), &str>) {
        let call = Call { id: "c".to_string(), tool: "example".to_string(), input };
        let parsed = parse::<Example>(&call).map(|read| (read.limit, read.all, read.names.len()));
        assert_eq!(
            parsed.as_ref().map_err(|error| error.0.as_str()),
            expected.as_ref().map_err(|error| *error)
        );
    }

    #[test]
    fn arguments_are_read_tolerantly() {
        let json = |text: &str| Input::Json(text.to_string());
        check(json(r#"{"path":"a"}"#), Ok((None, false, 0)));
        check(
            json(r#"{"path":"a","limit":"12","all":"true","names":"[\"x\",\"y\"]"}"#),
            Ok((Some(12), true, 2)),
        );
        check(
            json(r#"{"path":"a","limit":3.0,"all":null,"names":"x","more":1}"#),
            Err("`example`: expected value"),
        );
        check(json(r#"{"path":"a","limit":3.0,"all":null,"names":["x"],"more":1}"#), Ok((Some(3), false, 1)));
        check(json(r#"{"path":"a","limit":-1,"all":0}"#), Ok((Some(0), false, 0)));
        check(json(""), Err("`example`: missing field `path`"));
        check(
            json(r#"{"path":"a","limit":"many"}"#),
            Err("`example`: invalid value: string \"many\", expected a whole number"),
        );
        check(
            json(r#"{"path":"a","names":[1]}"#),
            Err("`example`: element 1: invalid type: integer `1`, expected a string"),
        );
    }

    #[test]
    fn broken_arguments_are_quoted_where_they_break() {
        check(
            Input::Broken(r#"{"path": "é" "limit": 1}"#.to_string()),
            Err("the arguments are not a JSON object: expected `,` or `}` at line 1 column 15, after \
                 `{\"path\": \"é\" \"`; nothing was done, send the whole call again"),
        );
        check(
            Input::Broken("{\n\"path\": \"a".to_string()),
            Err(
                "the arguments are not a JSON object: EOF while parsing a string at line 2 column 10, after \
                 `{\n\"path\": \"a`; nothing was done, send the whole call again",
            ),
        );
        check(
            Input::Broken("[1]".to_string()),
            Err(
                "the arguments are not a JSON object: invalid type: sequence, expected a map at line 1 column 0, \
                 after ``; nothing was done, send the whole call again",
            ),
        );
    }
}
