//! Whole answers, as each provider sends them, and the ways in which compatible servers differ.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use conversation::{Block, Delta, Message, Prompt, Reply, Stop, Usage};
use model::{Auth, AwsAuth, AwsCredentials, Key, choose};
use serde_json::json;

use crate::provider::{PROVIDERS, Provider, Say, ask, frame, sse};
use crate::server::{Answer, Server};

fn answer(provider: &Provider, answer: Answer) -> (Reply, Vec<Delta>) {
    let server = Server::start(vec![answer]);
    let messages = [Message::user("hi")];
    let prompt = Prompt { fragments: &[], tools: &[], messages: &messages, cache_key: "" };
    let (result, shown) = ask(provider.model(&server).as_ref(), &prompt);
    (result.unwrap(), shown)
}

/// A reply in one line: what matters of each block.
fn told(reply: &Reply) -> String {
    let blocks = reply.blocks.iter().map(|block| match block {
        Block::Text(text) => format!("text {text}"),
        Block::Reasoning(reasoning) => format!("thinks {} {}", reasoning.text, reasoning.opaque),
        Block::Call(call) => format!("calls {} {} {}", call.id, call.tool, call.input.text()),
        Block::Result(_) => "result".to_string(),
    });
    format!("{} -> {}", blocks.collect::<Vec<_>>().join(" | "), reply.stop.name())
}

#[test]
fn a_whole_answer_however_it_is_cut() {
    for provider in &PROVIDERS {
        let says = [
            Say::Think("hm"),
            Say::Text("Grüße"),
            Say::Call("c1", "read", r#"{"path":"a"}"#),
            Say::Call("c2", "read", r#"{"path":"b"}"#),
        ];
        let bytes = (provider.answer)(&says).concat();
        for size in [bytes.len(), 1000, 17] {
            let pieces = bytes.chunks(size).map(<[u8]>::to_vec).collect();
            let (reply, shown) = answer(provider, Answer::Stream(provider.kind, pieces));
            let told = told(&reply);
            let rest = r#" | text Grüße | calls c1 read {"path":"a"} | calls c2 read {"path":"b"} -> calls"#;
            assert!(told.starts_with("thinks hm {") && told.ends_with(rest), "{told}");
            let usage = &reply.usage;
            assert_eq!(
                (usage.context(), usage.cache_read, usage.output),
                (113, 100, 20),
                "{}",
                provider.name
            );
            let expect = [
                Delta::Reasoning("hm".to_string()),
                Delta::Text("Grüße".to_string()),
                Delta::Call { tool: "read".to_string() },
                Delta::Call { tool: "read".to_string() },
            ];
            assert_eq!(shown, expect, "{}", provider.name);
        }
    }
}

fn check_chat(events: &[serde_json::Value], end: &str, expect: &str) {
    let mut pieces: Vec<Vec<u8>> = events.iter().map(sse).collect();
    pieces.push(end.as_bytes().to_vec());
    let (reply, _) = answer(&PROVIDERS[2], Answer::Stream("text/event-stream", pieces));
    assert_eq!(told(&reply), expect);
}

fn delta(delta: serde_json::Value) -> serde_json::Value {
    json!({"choices":[{"delta":delta}]})
}

fn finish(reason: &str) -> serde_json::Value {
    json!({"choices":[{"delta":{},"finish_reason":reason}]})
}

#[test]
fn compatible_servers_differ() {
    let call = |index: serde_json::Value, id: serde_json::Value, name: &str, arguments: serde_json::Value| {
        delta(json!({"tool_calls":[{"index":index,"id":id,"function":{"name":name,"arguments":arguments}}]}))
    };
    let null = serde_json::Value::Null;
    // No `[DONE]`, no usage.
    check_chat(&[delta(json!({"content":"Hi"})), finish("stop")], "", "text Hi -> end_turn");
    // `[DONE]`, no reason.
    check_chat(&[delta(json!({"content":"Hi"}))], "data: [DONE]\n\n", "text Hi -> end_turn");
    // Whole arguments at once, neither index nor id, and the wrong reason.
    let bare = |name: &str| delta(json!({"tool_calls":[{"function":{"name":name,"arguments":"{}"}}]}));
    check_chat(
        &[bare("a"), bare("b"), finish("stop")],
        "",
        "calls call_1_1 a {} | calls call_1_2 b {} -> calls",
    );
    // Everything has index 0, and the ids tell apart.
    check_chat(
        &[
            call(json!(0), json!("x"), "a", json!("{}")),
            call(json!(0), json!("y"), "b", json!("{}")),
            finish("tool_calls"),
        ],
        "",
        "calls x a {} | calls y b {} -> calls",
    );
    // Interleaved pieces; the name is repeated; an id that comes back empty.
    check_chat(
        &[
            call(json!(0), json!("x"), "a", json!("{\"p\"")),
            call(json!(1), json!("y"), "b", json!("{}")),
            call(json!(0), json!(""), "", json!(":1}")),
            finish("tool_calls"),
        ],
        "",
        "calls x a {\"p\":1} | calls y b {} -> calls",
    );
    // Arguments as an object.
    check_chat(
        &[call(null.clone(), null.clone(), "a", json!({"p": 1})), finish("tool_calls")],
        "",
        "calls call_1_1 a {\"p\":1} -> calls",
    );
    // Reasoning under another name, and in details.
    check_chat(
        &[delta(json!({"reasoning":"h"})), delta(json!({"reasoning":"m","content":"Hi"})), finish("stop")],
        ": OPENROUTER PROCESSING\n\n",
        "thinks hm {\"reasoning\":\"hm\"} | text Hi -> end_turn",
    );
    let detail = |text: &str, more: serde_json::Value| {
        let mut detail = json!({"type":"reasoning.text","text":text,"index":0});
        detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        delta(json!({"reasoning":text,"reasoning_details":[detail]}))
    };
    check_chat(
        &[
            detail("h", json!({})),
            detail("m", json!({"signature":"s"})),
            delta(json!({"content":"Hi"})),
            finish("stop"),
        ],
        "",
        "thinks hm {\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\",\"index\":0,\"signature\":\"s\"}]} | text Hi -> end_turn",
    );
    // Length, refusal, content in parts.
    check_chat(&[delta(json!({"content":"Hi"})), finish("length")], "", "text Hi -> length");
    check_chat(&[delta(json!({"refusal":"No."})), finish("stop")], "", "text No. -> refused");
    check_chat(
        &[delta(json!({"content":[{"type":"text","text":"Hi"}]})), finish("content_filter")],
        "",
        "text Hi -> refused",
    );
}

#[test]
fn a_server_that_does_not_stream() {
    let json = vec![("content-type", "application/json".to_string())];
    let body = json!({"object":"chat.completion","choices":[{"message":{"role":"assistant","content":"Hi"},
        "finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}});
    let (reply, _) = answer(&PROVIDERS[2], Answer::Whole(200, json.clone(), body.to_string()));
    assert_eq!(told(&reply), "text Hi -> end_turn");
    assert_eq!(reply.usage, Usage { input: 5, output: 1, ..Usage::default() });
    let events = (PROVIDERS[2].answer)(&[Say::Text("Hi")]);
    let (reply, _) = answer(&PROVIDERS[2], Answer::Stream("application/json", events));
    assert_eq!(told(&reply), "text Hi -> end_turn", "events under the name of JSON");
    let body = json!({"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]});
    let (reply, _) = answer(&PROVIDERS[1], Answer::Whole(200, json, body.to_string()));
    assert_eq!(told(&reply), "text Hi -> end_turn");
}

#[test]
fn ends_of_every_kind() {
    let check = |at: usize, from: &str, to: &str, expect: Stop| {
        let whole = (PROVIDERS[at].answer)(&[Say::Text("Hi")]);
        let text = String::from_utf8(whole.concat()).unwrap().replace(from, to);
        let (reply, _) = answer(&PROVIDERS[at], Answer::Stream("text/event-stream", vec![text.into_bytes()]));
        assert_eq!(reply.stop, expect, "{to}");
    };
    for (reason, expect) in [
        ("max_tokens", Stop::Length),
        ("refusal", Stop::Refused),
        ("pause_turn", Stop::EndTurn),
        ("model_context_window_exceeded", Stop::Length),
        ("stop_sequence", Stop::EndTurn),
    ] {
        check(0, "end_turn", reason, expect);
    }
    let completed = r#"response.completed","response":{"status":"completed""#;
    let because = |reason: &str| {
        format!(
            r#"response.incomplete","response":{{"status":"incomplete","incomplete_details":{{"reason":"{reason}"}}"#
        )
    };
    check(1, completed, &because("max_output_tokens"), Stop::Length);
    check(1, completed, &because("content_filter"), Stop::Refused);
}

#[test]
fn redacted_thinking_and_unknown_blocks() {
    let whole = (PROVIDERS[0].answer)(&[Say::Text("Hi")]);
    let begun = |block: serde_json::Value| {
        sse(&json!({"type":"content_block_start","index":0,"content_block":block}))
    };
    let mut pieces = vec![whole[0].clone()];
    pieces.push(begun(json!({"type":"redacted_thinking","data":"Eo+/="})));
    pieces.push(begun(json!({"type":"server_tool_use","id":"s","name":"web"})));
    pieces.push(sse(
        &json!({"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{"}}),
    ));
    pieces.push(sse(&json!({"type":"an_event_of_tomorrow","x":1})));
    pieces.extend_from_slice(&whole[1..]);
    let (reply, _) = answer(&PROVIDERS[0], Answer::Stream("text/event-stream", pieces));
    assert_eq!(
        told(&reply),
        "thinks  {\"type\":\"redacted_thinking\",\"data\":\"Eo+/=\"} | text Hi -> end_turn"
    );
    let whole = (PROVIDERS[3].answer)(&[Say::Text("Hi")]);
    let redacted = json!({"contentBlockIndex":9,"delta":{"reasoningContent":{"redactedContent":"Eo+/="}}});
    let mut pieces = vec![frame("event", ":event-type", "contentBlockDelta", &redacted)];
    pieces.extend(whole);
    let (reply, _) = answer(&PROVIDERS[3], Answer::Stream(PROVIDERS[3].kind, pieces));
    assert!(
        told(&reply).ends_with("thinks  {\"reasoningContent\":{\"redactedContent\":\"Eo+/=\"}} -> end_turn")
    );
}

#[test]
fn bedrock_credentials() {
    let provider = &PROVIDERS[3];
    let server = Server::start(vec![provider.stream(&[Say::Text("Hi")])]);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let mut settings = provider.settings(&server.url());
    let now = (settings.clock)();
    let keys = move |expires: SystemTime| AwsCredentials {
        access_key_id: "AKID".to_string(),
        secret: Key::new("s"),
        session_token: Some(Key::new("token")),
        expires: Some(expires),
    };
    // The first credentials are about to end, the next ones last.
    settings.auth = Auth::Aws(AwsAuth::Refreshed(Arc::new(move || {
        let nth = count.fetch_add(1, Ordering::SeqCst) as u64;
        Box::pin(std::future::ready(Ok(keys(now + Duration::from_secs(60 + 3600 * nth)))))
    })));
    let model = choose(settings.clone()).unwrap();
    let messages = [Message::user("hi")];
    let prompt = Prompt { fragments: &[], tools: &[], messages: &messages, cache_key: "" };
    for _ in 0..3 {
        ask(model.as_ref(), &prompt).0.unwrap();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let request = &server.requests()[0];
    assert_eq!(request.header("x-amz-security-token"), Some("token"));
    assert!(request.header("authorization").unwrap().contains("/20150830/us-east-1/bedrock/aws4_request"));
    assert!(request.line.contains("/model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse-stream"));
    settings.auth = Auth::Key(Key::new("bedrock-key"));
    ask(choose(settings.clone()).unwrap().as_ref(), &prompt).0.unwrap();
    assert_eq!(server.requests()[3].header("authorization"), Some("Bearer bedrock-key"));
    settings.auth = Auth::Aws(AwsAuth::Refreshed(Arc::new(|| {
        Box::pin(std::future::ready(Err("the command\nfailed".to_string())))
    })));
    let error = ask(choose(settings).unwrap().as_ref(), &prompt).0.unwrap_err();
    assert_eq!(error.message, "no AWS credentials could be had: the command failed");
}
