//! What a model is told about the tools: bounded, and true.

use std::collections::BTreeSet;

use conversation::Tool;
use serde_json::Value;

use crate::harness::Bench;

/// How many bytes all tools may take in a request.
const TOOLS_BYTES_MAX: usize = 3300;

/// One tool as it stands in a request.
fn wire(tool: &dyn Tool) -> String {
    let told = tool.describe();
    let schema: Value = serde_json::from_str(&told.schema).unwrap();
    assert_eq!(
        serde_json::to_string(&schema).unwrap(),
        told.schema,
        "the schema of {} is compact",
        told.name
    );
    serde_json::json!({"name": told.name, "description": told.description, "input_schema": schema})
        .to_string()
}

#[test]
fn all_tools_together_are_small() {
    let bench = Bench::new();
    let sizes: Vec<(String, usize)> =
        bench.tools.iter().map(|tool| (tool.describe().name, wire(tool.as_ref()).len() + 1)).collect();
    let total: usize = sizes.iter().map(|(_, size)| size).sum::<usize>() + 1;
    println!("{total} bytes: {sizes:?}");
    assert!(total <= TOOLS_BYTES_MAX, "{total} bytes: {sizes:?}");
    let names: Vec<&str> = sizes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["read", "list", "glob", "grep", "edit", "write", "shell", "process", "todo"]);
}

/// A value of the kind that the schema names, or one of another kind.
fn value(schema: &Value, right: bool) -> Value {
    let wrong = serde_json::json!({"no": "such"});
    if !right {
        return if schema["type"] == "array" { serde_json::json!([7]) } else { wrong };
    }
    match (schema["type"].as_str(), schema["enum"].as_array()) {
        (_, Some(names)) => names.first().unwrap().clone(),
        (Some("integer"), _) => 1.into(),
        (Some("boolean"), _) => true.into(),
        (Some("array"), _) => Value::Array(vec![whole(&schema["items"])]),
        _ => "p1".into(),
    }
}

/// An object with every property of a schema.
fn whole(schema: &Value) -> Value {
    let properties = schema["properties"].as_object().unwrap();
    Value::Object(properties.iter().map(|(name, schema)| (name.clone(), value(schema, true))).collect())
}

#[test]
fn every_property_is_read_and_every_required_one_is_missed() {
    let bench = Bench::new();
    let context = conversation::ToolContext {
        session: "",
        cost_left: None,
        turns_left: 0,
        workspace: &bench.workspace,
        scratch: &bench.scratch,
        seen: &bench.seen,
        secrecy: &conversation::Plain,
        on_output: &|_| {},
    };
    for tool in &bench.tools {
        let told = tool.describe();
        let schema: Value = serde_json::from_str(&told.schema).unwrap();
        let request = |input: &Value| {
            tool.request(&crate::harness::call("c", &told.name, &input.to_string()), &context)
        };
        let all = whole(&schema);
        assert!(request(&all).is_ok(), "{} {all}: {:?}", told.name, request(&all));
        for (name, property) in schema["properties"].as_object().unwrap() {
            let mut input = all.clone();
            input[name] = value(property, false);
            assert!(request(&input).is_err(), "{} does not read `{name}`: {input}", told.name);
        }
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let required: BTreeSet<&str> = required.iter().map(|name| name.as_str().unwrap()).collect();
        for name in schema["properties"].as_object().unwrap().keys() {
            let mut input = all.clone();
            input.as_object_mut().unwrap().remove(name);
            let refused = request(&input).map_err(|error| error.0);
            assert_eq!(
                refused.is_err(),
                required.contains(name.as_str()),
                "{} `{name}`: {refused:?}",
                told.name
            );
            if let Err(why) = refused {
                assert!(why.contains(name), "{} `{name}`: {why}", told.name);
            }
        }
    }
}

#[test]
fn broken_arguments_say_where() {
    let mut bench = Bench::new();
    bench.refuses("read", r#"{"path": "a"#, "EOF while parsing a string at line 1 column 11");
    bench.refuses("edit", "{}", "missing field `path`");
    bench.refuses("write", r#"{"path":"a"}"#, "missing field `content`");
    bench.refuses("shell", "[1]", "not a JSON object");
}
