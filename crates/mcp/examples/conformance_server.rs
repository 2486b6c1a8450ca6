//! The server that the protocol's conformance suite wants to meet, offered through `Offered` and `serve_http`. No product.
#![expect(clippy::print_stderr, reason = "an example that is started by a script says where it listens")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use conversation::Later;
use mcp::offer::{
    About, Body, Card, Changed, Filled, Held, Hints, Object, Offer, OfferResult, Offered, Outcome, Piece,
    Prompt, PromptArgument, Question, Questions, Refused, Resource, Speaker, Template,
};
use mcp::server::{Caller, Level, serve_http};
use serde_json::{Value, json};

const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const WAV: &str = "UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQQAAACAgICA";
/// What `test_tool_with_progress` and `test_tool_with_logging` wait between two notices.
const BREATH: Duration = Duration::from_millis(50);

type Called = Result<Outcome<OfferResult>, Refused>;

struct Suite;

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

fn said(text: impl Into<String>) -> Called {
    Ok(Outcome::Done(OfferResult::text(text)))
}

fn pieces(pieces: Vec<Piece>) -> Called {
    Ok(Outcome::Done(OfferResult { pieces, ..OfferResult::default() }))
}

fn picture() -> Piece {
    Piece::Image { base64: PNG.to_string(), media_type: "image/png".to_string() }
}

fn held(uri: &str, media_type: &str, text: &str) -> Held {
    let (uri, media_type) = (uri.to_string(), Some(media_type.to_string()));
    Held { uri, media_type, body: Body::Text(text.to_string()) }
}

fn form(key: &str, message: &str, schema: Value) -> (String, Question) {
    let question = Question::Elicit { message: message.to_string(), schema: object(schema) };
    (key.to_string(), question)
}

fn one_field(key: &str, message: &str, field: &str, kind: &str) -> (String, Question) {
    let properties = json!({ field: { "type": kind } });
    form(key, message, json!({ "type": "object", "properties": properties, "required": [field] }))
}

fn sample(key: &str, text: &str, tokens: u32) -> (String, Question) {
    let message = json!({ "role": "user", "content": { "type": "text", "text": text } });
    let params = json!({ "messages": [message], "maxTokens": tokens });
    (key.to_string(), Question::Sample(object(params)))
}

fn roots() -> (String, Question) {
    ("client_roots".to_string(), Question::Roots)
}

fn ask<T>(asked: Vec<(String, Question)>, state: Option<&str>) -> Result<Outcome<T>, Refused> {
    Ok(Outcome::Ask(Questions { asked, state: state.map(str::to_string) }))
}

fn wanted(arguments: &Object, name: &str) -> Result<String, Refused> {
    let value = arguments.get(name).and_then(Value::as_str);
    value.map(str::to_string).ok_or_else(|| Refused::Invalid(format!("`{name}` must be a string")))
}

/// Asks a form and says what came.
fn elicits(caller: &Caller, message: &str, schema: Value) -> Called {
    match caller.answers().elicited("form")? {
        None => ask(vec![form("form", message, schema)], None),
        Some(came) => {
            let content = Value::Object(came.content.unwrap_or_default());
            said(format!("Elicitation completed: action={}, content={content}", came.action))
        }
    }
}

fn samples(caller: &Caller, key: &str, text: &str) -> Called {
    match caller.answers().object(key)? {
        None => ask(vec![sample(key, text, 100)], None),
        Some(answer) => {
            let content = answer.get("content");
            let one = content.and_then(|content| content.as_array()?.first()).or(content);
            let text = one.and_then(|one| one.get("text")).and_then(Value::as_str).unwrap_or("no text");
            said(format!("LLM response: {text}"))
        }
    }
}

fn defaults() -> Value {
    json!({ "type": "object", "properties": {
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "default": true },
    } })
}

fn choices() -> Value {
    let titled = |noun: &str| {
        json!([
            { "const": "value1", "title": format!("First {noun}") },
            { "const": "value2", "title": format!("Second {noun}") },
            { "const": "value3", "title": format!("Third {noun}") },
        ])
    };
    json!({ "type": "object", "properties": {
        "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
        "titledSingle": { "type": "string", "oneOf": titled("Option") },
        "legacyEnum": { "type": "string", "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"] },
        "untitledMulti": { "type": "array",
            "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
        "titledMulti": { "type": "array", "items": { "anyOf": titled("Choice") } },
    } })
}

fn schema_2020() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": { "address": { "$anchor": "addressDef", "type": "object",
            "properties": { "street": { "type": "string" }, "city": { "type": "string" } } } },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

/// Name, what it does, schema of the arguments.
fn tools() -> Vec<(&'static str, &'static str, Value)> {
    let none = || json!({ "type": "object", "properties": {} });
    let one = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] });
    vec![
        ("test_simple_text", "gives text", none()),
        ("test_image_content", "gives a picture", none()),
        ("test_audio_content", "gives a sound", none()),
        ("test_embedded_resource", "gives a resource", none()),
        ("test_multiple_content_types", "gives text, a picture and a resource", none()),
        ("test_tool_with_logging", "logs while it works", none()),
        ("test_logging_tool", "logs while it works", none()),
        ("test_error_handling", "fails", none()),
        ("test_tool_with_progress", "says how far it is", none()),
        ("test_sampling", "asks the client's model", one("prompt")),
        ("test_elicitation", "asks the person", one("message")),
        ("test_elicitation_sep1034_defaults", "asks with defaults", none()),
        ("test_elicitation_sep1330_enums", "asks with choices", none()),
        ("json_schema_2020_12_tool", "has a schema with everything", schema_2020()),
        ("test_reconnection", "takes a while", none()),
        ("test_missing_capability", "asks the client's model", none()),
        ("test_streaming_elicitation", "asks the person while it streams", none()),
        ("test_trigger_tool_change", "changes the list of tools", none()),
        ("test_trigger_prompt_change", "changes the list of prompts", none()),
        (
            "test_custom_headers",
            "wants an argument in a header as well",
            json!({ "type": "object", "required": ["region"],
                "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } }),
        ),
        ("test_input_required_result_elicitation", "asks the person", none()),
        ("test_input_required_result_sampling", "asks the client's model", none()),
        ("test_input_required_result_list_roots", "asks for the folders", none()),
        ("test_input_required_result_request_state", "keeps a state", none()),
        ("test_input_required_result_multiple_inputs", "asks three things at once", none()),
        ("test_input_required_result_multi_round", "asks twice", none()),
        ("test_input_required_result_tampered_state", "keeps a state", none()),
        ("test_input_required_result_capabilities", "asks what can be asked", none()),
    ]
}

async fn logs(caller: &Caller) -> Called {
    for (index, words) in
        ["Tool execution started", "Tool processing data", "Tool execution completed"].iter().enumerate()
    {
        if index > 0 {
            tokio::time::sleep(BREATH).await;
        }
        caller.log(Level::Info, "suite", json!(words)).await;
    }
    said("Logging done")
}

async fn progresses(caller: &Caller) -> Called {
    for done in [0.0, 50.0, 100.0] {
        caller.progress(done, Some(100.0), Some("working")).await;
        tokio::time::sleep(BREATH).await;
    }
    said("Progress done")
}

fn keeps_state(caller: &Caller) -> Called {
    match (caller.answers().elicited("confirm")?, caller.answers().state()) {
        (Some(_), Some("asked")) => said("state-ok"),
        _ => ask(vec![one_field("confirm", "Please confirm", "ok", "boolean")], Some("asked")),
    }
}

fn asks_twice(caller: &Caller) -> Called {
    let answers = caller.answers();
    match (answers.state(), answers.elicited("step1")?, answers.elicited("step2")?) {
        (Some("two"), _, Some(_)) => said("both steps are done"),
        (Some("one"), Some(_), _) => ask(
            vec![one_field("step2", "Step 2: What is your favorite color?", "color", "string")],
            Some("two"),
        ),
        _ => ask(vec![one_field("step1", "Step 1: What is your name?", "name", "string")], Some("one")),
    }
}

fn asks_three(caller: &Caller) -> Called {
    let answers = caller.answers();
    let all = answers.elicited("user_name")?.is_some()
        && answers.object("greeting")?.is_some()
        && answers.object("client_roots")?.is_some();
    if all && answers.state() == Some("three") {
        return said("all three came");
    }
    let asked = vec![
        one_field("user_name", "What is your name?", "name", "string"),
        sample("greeting", "Generate a greeting", 50),
        roots(),
    ];
    ask(asked, Some("three"))
}

async fn answer(name: &str, arguments: &Object, caller: &Caller) -> Called {
    match name {
        "test_simple_text" => said("This is a simple text response for testing."),
        "test_image_content" => pieces(vec![picture()]),
        "test_audio_content" => {
            pieces(vec![Piece::Audio { base64: WAV.to_string(), media_type: "audio/wav".to_string() }])
        }
        "test_embedded_resource" => pieces(vec![Piece::Resource(held(
            "test://embedded-resource",
            "text/plain",
            "This is an embedded resource content.",
        ))]),
        "test_multiple_content_types" => pieces(vec![
            Piece::Text("Multiple content types test:".to_string()),
            picture(),
            Piece::Resource(held("test://mixed-content-resource", "application/json", r#"{"test":"data"}"#)),
        ]),
        "test_tool_with_logging" | "test_logging_tool" => logs(caller).await,
        "test_error_handling" => Ok(Outcome::Done(OfferResult::error("This tool intentionally fails"))),
        "test_tool_with_progress" => progresses(caller).await,
        "test_sampling" => samples(caller, "prompt", &wanted(arguments, "prompt")?),
        "test_missing_capability" => samples(caller, "prompt", "anything"),
        "test_elicitation" => {
            let field = json!({ "type": "string" });
            let schema = json!({ "type": "object", "properties": { "username": field, "email": field },
                "required": ["username", "email"] });
            elicits(caller, &wanted(arguments, "message")?, schema)
        }
        "test_elicitation_sep1034_defaults" => elicits(caller, "All have defaults", defaults()),
        "test_elicitation_sep1330_enums" => elicits(caller, "Choose", choices()),
        "test_streaming_elicitation" => {
            caller.progress(1.0, None, None).await;
            elicits(caller, "While it streams", json!({ "type": "object", "properties": {} }))
        }
        "test_reconnection" => {
            tokio::time::sleep(BREATH * 4).await;
            said("Reconnection test completed")
        }
        "test_trigger_tool_change" => {
            caller.changed(Changed::Tools).await;
            said("told")
        }
        "test_trigger_prompt_change" => {
            caller.changed(Changed::Prompts).await;
            said("told")
        }
        "test_custom_headers" => said(wanted(arguments, "region")?),
        "json_schema_2020_12_tool" => said("done"),
        "test_input_required_result_elicitation" => match caller.answers().elicited("user_name")? {
            None => ask(vec![one_field("user_name", "What is your name?", "name", "string")], None),
            Some(came) => {
                let name = came.content.as_ref().and_then(|content| content.get("name")?.as_str());
                said(format!("Hello, {}!", name.unwrap_or("nobody")))
            }
        },
        "test_input_required_result_sampling" => {
            samples(caller, "capital_question", "What is the capital of France?")
        }
        "test_input_required_result_list_roots" => match caller.answers().object("client_roots")? {
            None => ask(vec![roots()], None),
            Some(came) => said(format!("roots: {}", came.get("roots").unwrap_or(&Value::Null))),
        },
        "test_input_required_result_request_state" | "test_input_required_result_tampered_state" => {
            keeps_state(caller)
        }
        "test_input_required_result_multiple_inputs" => asks_three(caller),
        "test_input_required_result_multi_round" => asks_twice(caller),
        "test_input_required_result_capabilities" => {
            let can = caller.askable();
            let mut asked = Vec::new();
            if can.sample {
                asked.push(sample("question", "What can you do?", 50));
            }
            if can.elicit {
                asked.push(one_field("user_name", "What is your name?", "name", "string"));
            }
            match asked.is_empty() {
                true => said("nothing can be asked"),
                false => ask(asked, None),
            }
        }
        other => Err(Refused::Unknown(format!("there is no tool `{other}`"))),
    }
}

impl Offered for Suite {
    fn card(&self) -> Card {
        Card {
            name: "waypost-conformance".to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            instructions: Some("a server for the conformance suite".to_string()),
            lists_change: true,
            subscribe: true,
            logs: true,
            completes: true,
            ..Card::default()
        }
    }

    fn offers(&self) -> Vec<Offer> {
        let offer = |(name, does, schema): (&str, &str, Value)| Offer {
            name: name.to_string(),
            title: None,
            description: does.to_string(),
            input: object(schema),
            output: None,
            hints: Some(Hints::LOOKS),
        };
        tools().into_iter().map(offer).collect()
    }

    fn call<'a>(&'a self, name: &'a str, arguments: &'a Object, caller: &'a Caller) -> Later<'a, Called> {
        Box::pin(answer(name, arguments, caller))
    }

    fn resources(&self) -> Later<'_, Result<Vec<Resource>, Refused>> {
        let all = [
            ("test://static-text", "text/plain"),
            ("test://static-binary", "image/png"),
            ("test://watched-resource", "text/plain"),
        ];
        let listed = all.map(|(uri, media_type)| Resource {
            uri: uri.to_string(),
            name: uri.trim_start_matches("test://").to_string(),
            media_type: Some(media_type.to_string()),
            ..Resource::default()
        });
        Box::pin(async move { Ok(listed.to_vec()) })
    }

    fn templates(&self) -> Vec<Template> {
        vec![Template {
            uri: "test://template/{id}/data".to_string(),
            name: "data".to_string(),
            description: Some("data of one number".to_string()),
            media_type: Some("application/json".to_string()),
        }]
    }

    fn read<'a>(&'a self, uri: &'a str) -> Later<'a, Result<Vec<Held>, Refused>> {
        Box::pin(async move {
            let id = uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data"));
            match (uri, id) {
                ("test://static-text", _) => {
                    Ok(vec![held(uri, "text/plain", "This is the content of the static text resource.")])
                }
                ("test://watched-resource", _) => Ok(vec![held(uri, "text/plain", "watched")]),
                ("test://static-binary", _) => {
                    let media_type = Some("image/png".to_string());
                    Ok(vec![Held { uri: uri.to_string(), media_type, body: Body::Base64(PNG.to_string()) }])
                }
                (_, Some(id)) => {
                    let text =
                        json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
                    Ok(vec![held(uri, "application/json", &text.to_string())])
                }
                _ => Err(Refused::NoResource(uri.to_string())),
            }
        })
    }

    fn prompts(&self) -> Vec<Prompt> {
        let argument = |name: &str| PromptArgument {
            name: name.to_string(),
            description: Some(format!("the test argument {name}")),
            required: true,
        };
        let prompt = |name: &str, arguments: &[&str]| Prompt {
            name: name.to_string(),
            description: Some(format!("the prompt {name}")),
            arguments: arguments.iter().map(|name| argument(name)).collect(),
            ..Prompt::default()
        };
        vec![
            prompt("test_simple_prompt", &[]),
            prompt("test_prompt_with_arguments", &["arg1", "arg2"]),
            prompt("test_prompt_with_embedded_resource", &["resourceUri"]),
            prompt("test_prompt_with_image", &[]),
            prompt("test_input_required_result_prompt", &[]),
        ]
    }

    fn prompt<'a>(
        &'a self,
        name: &'a str,
        arguments: &'a Object,
        caller: &'a Caller,
    ) -> Later<'a, Result<Outcome<Filled>, Refused>> {
        Box::pin(async move {
            let text = |words: String| (Speaker::User, Piece::Text(words));
            let messages = match name {
                "test_simple_prompt" => vec![text("This is a simple prompt for testing.".to_string())],
                "test_prompt_with_arguments" => {
                    let (one, two) = (wanted(arguments, "arg1")?, wanted(arguments, "arg2")?);
                    vec![text(format!("Prompt with arguments: arg1='{one}', arg2='{two}'"))]
                }
                "test_prompt_with_embedded_resource" => {
                    let uri = wanted(arguments, "resourceUri")?;
                    let resource = held(&uri, "text/plain", "Embedded resource content for testing.");
                    vec![
                        (Speaker::User, Piece::Resource(resource)),
                        text("Please process the embedded resource above.".to_string()),
                    ]
                }
                "test_prompt_with_image" => {
                    vec![(Speaker::User, picture()), text("Please analyze the image above.".to_string())]
                }
                "test_input_required_result_prompt" => match caller.answers().elicited("user_context")? {
                    None => {
                        let message = "What context should the prompt use?";
                        return ask(vec![one_field("user_context", message, "context", "string")], None);
                    }
                    Some(came) => vec![text(format!("context: {:?}", came.content))],
                },
                other => return Err(Refused::Unknown(format!("there is no prompt `{other}`"))),
            };
            Ok(Outcome::Done(Filled { description: None, messages }))
        })
    }

    fn complete<'a>(
        &'a self,
        _: &'a About,
        _: &'a str,
        typed: &'a str,
        _: &'a BTreeMap<String, String>,
    ) -> Later<'a, Vec<String>> {
        Box::pin(async move {
            let all = ["paris", "park", "party", "test"];
            all.into_iter().filter(|word| word.starts_with(typed)).map(str::to_string).collect()
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
    eprintln!("listening on http://{}/mcp", listener.local_addr()?);
    serve_http(listener, Arc::new(Suite), std::future::pending()).await?;
    Ok(())
}
