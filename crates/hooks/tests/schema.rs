//! The published JSON Schema says of documents what the reader says of them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../docs/hooks.schema.json");

/// As much of JSON Schema as the file uses; a word that is not known here fails the test.
fn valid(schema: &Value, value: &Value, root: &Value) -> bool {
    let Some(words) = schema.as_object() else { return schema == &json!(true) };
    words.iter().all(|(word, rule)| match word.as_str() {
        "$schema" | "title" | "description" | "$defs" | "default" => true,
        "$ref" => {
            let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
            valid(&root["$defs"][name], value, root)
        }
        "anyOf" => rule.as_array().unwrap().iter().any(|part| valid(part, value, root)),
        "const" => rule == value,
        "enum" => rule.as_array().unwrap().contains(value),
        "type" => match rule {
            Value::Array(types) => types.iter().any(|rule| is_type(rule.as_str().unwrap(), value)),
            rule => is_type(rule.as_str().unwrap(), value),
        },
        "required" => value.as_object().is_none_or(|map| {
            rule.as_array().unwrap().iter().all(|name| map.contains_key(name.as_str().unwrap()))
        }),
        "properties" => value.as_object().is_none_or(|map| {
            rule.as_object()
                .unwrap()
                .iter()
                .all(|(name, rule)| map.get(name).is_none_or(|value| valid(rule, value, root)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|map| {
            let known = words.get("properties").and_then(Value::as_object);
            let others = map.iter().filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)));
            others.into_iter().all(|(_, value)| rule != &json!(false) && valid(rule, value, root))
        }),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| valid(rule, item, root))),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
        "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= rule.as_u64().unwrap()),
        "minLength" => {
            value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap())
        }
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
        other => panic!("the test does not know `{other}`"),
    })
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        other => panic!("the test does not know the type `{other}`"),
    }
}

/// JSON is YAML, so one text stands for both.
#[track_caller]
fn check(file: &str, def: &str, document: Value, expected: bool) {
    let root: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(valid(&root["$defs"][def], &document, &root), expected, "the schema on {document}");
    let read = hooks::read(file, document.to_string().as_bytes());
    let is_clean = read.diagnostics.iter().all(|found| found.severity == spec::Severity::Hint);
    assert_eq!(
        is_clean && !read.hooks.is_empty(),
        expected,
        "the reader on {document}: {:?}",
        read.diagnostics
    );
}

#[test]
fn v1_files() {
    let file = |hook: Value, expected| {
        check("a.json", "v1File", json!({"version": "v1", "hooks": [hook]}), expected);
    };
    let action = json!({"type": "command", "command": "x"});
    file(json!({"name": "a", "trigger": "Stop", "action": action}), true);
    file(
        json!({"name": "a", "trigger": "PostFileSave", "matcher": "x$", "action": {"type": "agent", "prompt": "x"},
        "timeout": 5, "enabled": false, "advisory": true, "description": "d"}),
        true,
    );
    file(
        json!({"name": "a", "trigger": "Stop", "action": action, "confirm": {"question": "?",
        "options": [{"id": "a", "label": "A", "run": true, "continueReason": "r"}]}}),
        true,
    );
    file(json!({"name": "", "trigger": "Stop", "action": action}), false);
    file(json!({"trigger": "Stop", "action": action}), false);
    file(json!({"name": "a", "trigger": "fileSaved", "action": action}), false);
    file(json!({"name": "a", "trigger": "Never", "action": action}), false);
    file(json!({"name": "a", "trigger": "Stop", "action": {"type": "alert"}}), false);
    file(
        json!({"name": "a", "trigger": "Stop", "action": {"type": "command", "command": "x", "timeout": 5}}),
        false,
    );
    file(json!({"name": "a", "trigger": "Stop", "action": action, "timeout": -1}), false);
    file(json!({"name": "a", "trigger": "Stop", "action": action, "enabled": 1}), false);
    file(json!({"name": "a", "trigger": "Stop", "action": action, "event": "x"}), false);
    check("a.json", "v1File", json!({"version": "1", "hooks": []}), false);
    check("a.json", "v1File", json!({"version": "v1", "hooks": []}), false);
}

#[test]
fn yaml_files() {
    let file = |hook: Value, expected| check("hooks.yaml", "yamlFile", json!({"hooks": [hook]}), expected);
    file(json!({"name": "a", "trigger": "file_modified", "pattern": "*.rs", "action": "x"}), true);
    file(
        json!({"name": "a", "trigger": "file_deleted", "patterns": ["a", "b"], "command": "x", "advisory": true}),
        true,
    );
    file(
        json!({"name": "a", "trigger": "pre_tool_use", "tools": ["write"], "action": {"type": "command", "command": "x"}}),
        true,
    );
    file(json!({"name": "a", "trigger": "nope", "action": "x"}), false);
    file(json!({"name": "a", "trigger": "manual", "action": ""}), false);
    file(json!({"name": "a", "trigger": "manual", "prompt": "x", "oops": 1}), false);
    file(json!({"name": "a", "trigger": "manual", "prompt": "x", "timeout": "5"}), false);
    check("hooks.yaml", "yamlFile", json!({"hooks": {"a": {"trigger": "manual", "prompt": "x"}}}), true);
}

/// Every documented word for a trigger is in the schema, and every word in the schema is understood.
#[test]
fn triggers() {
    let root: Value = serde_json::from_str(SCHEMA).unwrap();
    let words = |def: &str| -> Vec<String> {
        let words = root["$defs"][def]["enum"].as_array().unwrap();
        words.iter().map(|word| word.as_str().unwrap().to_string()).collect()
    };
    for word in words("v1Trigger").iter().chain(&words("yamlTrigger")) {
        assert!(hooks::Trigger::named(word).is_some() && !hooks::Trigger::is_wild(word), "{word}");
    }
    for trigger in hooks::TRIGGERS {
        assert!(words("v1Trigger").iter().any(|word| word == trigger.name()));
        assert!(words("yamlTrigger").iter().any(|word| word == trigger.yaml_name()));
        assert!(words("v1Trigger").iter().any(|word| word == trigger.legacy_name()));
    }
}
