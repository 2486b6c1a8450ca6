//! Arguments of offered tools: their schema from their type, and a fault that names the argument. Knows no tool.

use mcp::offer::Object;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Outcome};

/// The schema of a type, for clients: without what only some of them know.
pub(super) fn schema<T: JsonSchema>() -> Object {
    let mut schema = schemars::schema_for!(T).to_value();
    plain(&mut schema);
    match schema {
        Value::Object(mut object) => {
            object.remove("title");
            object.remove("$schema");
            object
        }
        _ => Object::new(),
    }
}

/// Formats such as `uint32` are known to no validator; some refuse a schema for them.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("format").is_some_and(Value::is_string) {
                object.remove("format");
            }
            object.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

/// The arguments as their type, or an error that names the one that is wrong.
pub(super) fn read<T: DeserializeOwned>(arguments: &Object) -> Outcome<T> {
    let all = |arguments: &Object| serde_json::from_value::<T>(Value::Object(arguments.clone()));
    let fault = match all(arguments) {
        Ok(read) => return Ok(read),
        Err(fault) => fault.to_string(),
    };
    // A wrong value is told without its name: it is the one without which another fault is told, or none.
    let wrong = arguments.keys().find(|name| {
        let mut rest = arguments.clone();
        rest.remove(*name);
        all(&rest).err().is_none_or(|other| other.to_string() != fault)
    });
    let told = match wrong {
        Some(name) if !fault.contains(&format!("`{name}`")) => format!("the argument `{name}`: {fault}"),
        _ => fault,
    };
    Err(Error::usage(told).hint("look at the tool's input schema and call it again"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Two {
        /// What it is.
        #[expect(dead_code, reason = "only read in")]
        name: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only read in")]
        count: u32,
    }

    #[track_caller]
    fn check(arguments: Value, says: &str) {
        let arguments = arguments.as_object().unwrap();
        let told = read::<Two>(arguments).unwrap_err().cause;
        assert!(told.contains(says), "{told}");
    }

    #[test]
    fn a_fault_names_its_argument() {
        check(json!({}), "missing field `name`");
        check(json!({ "name": 3 }), "the argument `name`: invalid type: integer `3`, expected a string");
        check(json!({ "name": "x", "count": "y" }), "the argument `count`: invalid type");
        check(json!({ "name": "x", "count": -1 }), "the argument `count`: invalid value");
        check(json!({ "name": "x", "other": 1 }), "unknown field `other`");
        assert!(read::<Two>(json!({ "name": "x" }).as_object().unwrap()).is_ok());
    }

    #[test]
    fn a_schema_is_what_every_client_knows() {
        let schema = Value::Object(schema::<Two>());
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["name"]["description"], "What it is.");
        assert!(!schema.to_string().contains("uint32"), "{schema}");
    }
}
