//! What a server answered, as text for a model and a person. Pure; bounded.

use serde_json::Value;

/// How much of an answer is told, in bytes; the rest goes to a file.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// How much of one answer is kept at all, in bytes.
pub const KEPT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// An answer as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The whole text, at most [`KEPT_BYTES_MAX`].
    pub text: String,
    /// Whether the server says that it failed.
    pub is_error: bool,
}

/// Reads the result of `tools/call`.
pub fn of_call(result: &Value) -> Answer {
    let mut text = String::new();
    let blocks = result.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    blocks.iter().for_each(|block| add_block(block, &mut text));
    if let Some(structured) = result.get("structuredContent").filter(|it| !it.is_null()) {
        // Servers are asked to repeat it as text; what is there already is not told twice.
        let is_told = blocks.iter().any(|block| {
            let said = block.get("text").and_then(Value::as_str);
            said.and_then(|said| serde_json::from_str::<Value>(said).ok()).as_ref() == Some(structured)
        });
        if !is_told {
            add(&structured.to_string(), &mut text);
        }
    }
    Answer { text, is_error: result.get("isError").and_then(Value::as_bool).unwrap_or(false) }
}

/// Reads the result of `resources/read`.
pub fn of_resource(result: &Value) -> String {
    let mut text = String::new();
    let contents = result.get("contents").and_then(Value::as_array);
    contents.into_iter().flatten().for_each(|content| add_content(content, &mut text));
    text
}

/// Reads the result of `prompts/get`: who speaks, and what.
pub fn of_prompt(result: &Value) -> String {
    let mut text = String::new();
    for message in result.get("messages").and_then(Value::as_array).into_iter().flatten() {
        if let Some(role) = message.get("role").and_then(Value::as_str).filter(|role| *role != "user") {
            add(&format!("[{role}]"), &mut text);
        }
        if let Some(block) = message.get("content") {
            add_block(block, &mut text);
        }
    }
    text
}

fn add(piece: &str, text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let room = KEPT_BYTES_MAX.saturating_sub(text.len());
    let cut = piece.floor_char_boundary(room.min(piece.len()));
    text.push_str(piece.get(..cut).unwrap_or_default());
}

fn add_block(block: &Value, text: &mut String) {
    let said = |field: &str| block.get(field).and_then(Value::as_str).unwrap_or_default();
    match said("type") {
        "text" => add(said("text"), text),
        kind @ ("image" | "audio") => {
            add(&format!("[{kind} {}, {} bytes]", said("mimeType"), decoded(said("data"))), text);
        }
        "resource" => {
            if let Some(content) = block.get("resource") {
                add_content(content, text);
            }
        }
        "resource_link" => add(&format!("[resource {} {}]", said("name"), said("uri")), text),
        other => add(&format!("[content of the unknown kind `{other}`]"), text),
    }
}

fn add_content(content: &Value, text: &mut String) {
    let said = |field: &str| content.get(field).and_then(Value::as_str).unwrap_or_default();
    match content.get("text").and_then(Value::as_str) {
        Some(inside) => {
            add(&format!("[resource {}]", said("uri")), text);
            add(inside, text);
        }
        None => {
            let bytes = decoded(said("blob"));
            add(&format!("[resource {} {}, {bytes} bytes]", said("uri"), said("mimeType")), text);
        }
    }
}

/// How many bytes a text in base64 stands for.
fn decoded(base64: &str) -> usize {
    base64.trim_end_matches('=').len() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(result: Value, expected: &str) {
        assert_eq!(of_call(&result).text, expected);
    }

    #[test]
    fn every_kind_of_content_is_told() {
        let text = |text: &str| json!({"type": "text", "text": text});
        check(json!({}), "");
        check(json!({"content": [text("one"), text("two")]}), "one\ntwo");
        check(
            json!({"content": [{"type": "image", "mimeType": "image/png", "data": "AAAA"}, {"type": "x"}]}),
            "[image image/png, 3 bytes]\n[content of the unknown kind `x`]",
        );
        check(
            json!({"content": [
                {"type": "resource", "resource": {"uri": "a://b", "text": "inside"}},
                {"type": "resource", "resource": {"uri": "a://c", "mimeType": "x/y", "blob": "AAA="}},
                {"type": "resource_link", "uri": "a://d", "name": "d"}
            ]}),
            "[resource a://b]\ninside\n[resource a://c x/y, 2 bytes]\n[resource d a://d]",
        );
        check(json!({"content": [text("{\"a\": 1}")], "structuredContent": {"a": 1}}), "{\"a\": 1}");
        check(json!({"content": [text("see")], "structuredContent": {"a": 1}}), "see\n{\"a\":1}");
        assert!(of_call(&json!({"content": [], "isError": true})).is_error);
    }

    #[test]
    fn an_answer_is_bounded() {
        let long = "é".repeat(KEPT_BYTES_MAX);
        let answer = of_call(&json!({"content": [{"type": "text", "text": long}]}));
        assert_eq!(answer.text.len(), KEPT_BYTES_MAX);
    }

    #[test]
    fn prompts_and_resources_are_read() {
        let prompt = json!({"messages": [
            {"role": "user", "content": {"type": "text", "text": "hi"}},
            {"role": "assistant", "content": {"type": "text", "text": "ho"}}
        ]});
        assert_eq!(of_prompt(&prompt), "hi\n[assistant]\nho");
        assert_eq!(of_resource(&json!({"contents": [{"uri": "a", "text": "b"}]})), "[resource a]\nb");
    }
}
