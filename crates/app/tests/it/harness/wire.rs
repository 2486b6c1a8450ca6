//! Answers in the words of two wires: Anthropic Messages and OpenAI Chat Completions, as streams of events.

use serde_json::{Value, json};

/// The tokens that every answer says it used.
pub(crate) const INPUT_TOKENS: u64 = 1000;
const OUTPUT_TOKENS: u64 = 100;

/// The events of an answer, up to its end.
pub(super) fn anthropic(text: &str, calls: &[(String, String)]) -> String {
    let mut out = anthropic_begin(text);
    for (at, (name, input)) in calls.iter().enumerate() {
        let block = json!({"type": "tool_use", "id": format!("toolu_{at}"), "name": name, "input": {}});
        push(&mut out, &json!({"type": "content_block_start", "index": at + 1, "content_block": block}));
        // In two pieces, as it comes in life.
        let half = (0..=input.len() / 2).rev().find(|at| input.is_char_boundary(*at)).unwrap_or(0);
        for piece in [&input[..half], &input[half..]] {
            let delta = json!({"type": "input_json_delta", "partial_json": piece});
            push(&mut out, &json!({"type": "content_block_delta", "index": at + 1, "delta": delta}));
        }
        push(&mut out, &json!({"type": "content_block_stop", "index": at + 1}));
    }
    let stop = if calls.is_empty() { "end_turn" } else { "tool_use" };
    let usage = json!({"output_tokens": OUTPUT_TOKENS});
    push(&mut out, &json!({"type": "message_delta", "delta": {"stop_reason": stop}, "usage": usage}));
    push(&mut out, &json!({"type": "message_stop"}));
    out
}

/// The events of an answer that has begun and said this much.
pub(super) fn anthropic_begin(text: &str) -> String {
    let mut out = String::new();
    let message = json!({"id": "msg", "role": "assistant", "usage": {"input_tokens": INPUT_TOKENS}});
    push(&mut out, &json!({"type": "message_start", "message": message}));
    if !text.is_empty() {
        let block = json!({"type": "text", "text": ""});
        push(&mut out, &json!({"type": "content_block_start", "index": 0, "content_block": block}));
        let delta = json!({"type": "text_delta", "text": text});
        push(&mut out, &json!({"type": "content_block_delta", "index": 0, "delta": delta}));
        push(&mut out, &json!({"type": "content_block_stop", "index": 0}));
    }
    out
}

/// The chunks of an answer.
pub(super) fn chat(text: &str, calls: &[(String, String)]) -> String {
    let mut out = String::new();
    let chunk = |delta: Value, finish: Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    if !text.is_empty() {
        push_data(&mut out, &chunk(json!({"role": "assistant", "content": text}), Value::Null).to_string());
    }
    for (at, (name, input)) in calls.iter().enumerate() {
        let function = json!({"name": name, "arguments": input});
        let call = json!({"index": at, "id": format!("call_{at}"), "type": "function", "function": function});
        push_data(&mut out, &chunk(json!({"tool_calls": [call]}), Value::Null).to_string());
    }
    let finish = if calls.is_empty() { "stop" } else { "tool_calls" };
    push_data(&mut out, &chunk(json!({}), json!(finish)).to_string());
    let usage =
        json!({"choices": [], "usage": {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS}});
    push_data(&mut out, &usage.to_string());
    push_data(&mut out, "[DONE]");
    out
}

fn push(out: &mut String, event: &Value) {
    let name = event["type"].as_str().unwrap_or_default();
    out.push_str(&format!("event: {name}\ndata: {event}\n\n"));
}

fn push_data(out: &mut String, data: &str) {
    out.push_str(&format!("data: {data}\n\n"));
}
