//! Each provider's side of the wire, as a test scripts it: `Say` what the model says, get the bytes it is sent as.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use conversation::{Delta, Model, ModelError, Prompt, Reply};
use model::{Api, Auth, AwsAuth, AwsCredentials, Key, ModelName, Network, Settings, choose};
use serde_json::{Value, json};

use crate::server::{Answer, Server};

/// What a model says.
pub(crate) enum Say<'a> {
    Think(&'a str),
    Text(&'a str),
    /// Id, tool, arguments as text.
    Call(&'a str, &'a str, &'a str),
}

pub(crate) struct Provider {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    /// The events of an answer, each as the bytes it is sent as; the end mark is the last one or two of them.
    pub(crate) answer: fn(&[Say<'_>]) -> Vec<Vec<u8>>,
    /// What the provider sends for a code and words when something is wrong.
    pub(crate) error: fn(&str, &str) -> String,
    /// The same inside a stream.
    pub(crate) error_event: fn(&str, &str) -> Vec<u8>,
}

pub(crate) const PROVIDERS: [Provider; 4] = [
    Provider {
        name: "anthropic/claude-opus-4-1",
        kind: "text/event-stream; charset=utf-8",
        answer: anthropic,
        error: |code, words| json!({"type":"error","error":{"type":code,"message":words}}).to_string(),
        error_event: |code, words| sse(&json!({"type":"error","error":{"type":code,"message":words}})),
    },
    Provider {
        name: "openai/gpt-5",
        kind: "text/event-stream",
        answer: responses,
        error: |code, words| {
            json!({"error":{"message":words,"type":"error","param":null,"code":code}}).to_string()
        },
        error_event: |code, words| {
            sse(
                &json!({"type":"response.failed","response":{"status":"failed","error":{"code":code,"message":words}}}),
            )
        },
    },
    Provider {
        name: "vllm/qwen",
        kind: "text/event-stream",
        answer: chat,
        error: |code, words| json!({"error":{"message":words,"type":code,"code":400}}).to_string(),
        error_event: |code, words| sse(&json!({"error":{"message":words,"code":code}})),
    },
    Provider {
        name: "bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0",
        kind: "application/vnd.amazon.eventstream",
        answer: bedrock,
        error: |_, words| json!({"message":words}).to_string(),
        error_event: |code, words| {
            let code = match code {
                "overloaded_error" => "serviceUnavailableException",
                code => code,
            };
            frame("exception", ":exception-type", code, &json!({"message":words}))
        },
    },
];

impl Provider {
    pub(crate) fn settings(&self, base_url: &str) -> Settings {
        let name = ModelName::parse(self.name).unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let settings = Settings::of(&name, Arc::new(move || now));
        let auth = match settings.api {
            Api::Bedrock => Auth::Aws(AwsAuth::Fixed(AwsCredentials {
                access_key_id: "AKIDEXAMPLE".to_string(),
                secret: Key::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                session_token: None,
                expires: None,
            })),
            Api::Chat => Auth::None,
            _ => Auth::Key(Key::new("sk-secret-key")),
        };
        Settings {
            base_url: base_url.to_string(),
            region: Some("us-east-1".to_string()),
            auth,
            network: Network { retry_wait_ms: 1, idle_timeout_ms: 2_000, ..Network::default() },
            ..settings
        }
    }

    pub(crate) fn model(&self, server: &Server) -> Box<dyn Model> {
        choose(self.settings(&server.url())).unwrap()
    }

    pub(crate) fn stream(&self, says: &[Say<'_>]) -> Answer {
        Answer::Stream(self.kind, (self.answer)(says))
    }
}

/// Asks once and gives back what came of it, with everything that was shown.
pub(crate) fn ask(model: &dyn Model, prompt: &Prompt<'_>) -> (Result<Reply, ModelError>, Vec<Delta>) {
    let mut shown = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(model.ask(prompt, &mut |delta| shown.push(delta)));
    (result, shown)
}

pub(crate) fn sse(value: &Value) -> Vec<u8> {
    format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap_or("message")).into_bytes()
}

fn anthropic(says: &[Say<'_>]) -> Vec<Vec<u8>> {
    let usage = json!({"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":100,"output_tokens":1});
    let mut out = vec![
        json!({"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":usage}}),
    ];
    let mut stop = "end_turn";
    for (index, say) in says.iter().enumerate() {
        let (start, deltas) = match say {
            Say::Think(text) => (
                json!({"type":"thinking","thinking":"","signature":""}),
                vec![
                    json!({"type":"thinking_delta","thinking":text}),
                    json!({"type":"signature_delta","signature":"s+/="}),
                ],
            ),
            Say::Text(text) => {
                (json!({"type":"text","text":""}), vec![json!({"type":"text_delta","text":text})])
            }
            Say::Call(id, tool, arguments) => {
                stop = "tool_use";
                let (a, b) = arguments.split_at(arguments.len() / 2);
                (
                    json!({"type":"tool_use","id":id,"name":tool,"input":{}}),
                    vec![
                        json!({"type":"input_json_delta","partial_json":a}),
                        json!({"type":"input_json_delta","partial_json":b}),
                    ],
                )
            }
        };
        out.push(json!({"type":"content_block_start","index":index,"content_block":start}));
        out.push(json!({"type":"ping"}));
        out.extend(
            deltas.into_iter().map(|delta| json!({"type":"content_block_delta","index":index,"delta":delta})),
        );
        out.push(json!({"type":"content_block_stop","index":index}));
    }
    out.push(json!({"type":"message_delta","delta":{"stop_reason":stop},"usage":{"output_tokens":20}}));
    out.push(json!({"type":"message_stop"}));
    out.iter().map(sse).collect()
}

fn responses(says: &[Say<'_>]) -> Vec<Vec<u8>> {
    let mut out = vec![json!({"type":"response.created","response":{"status":"in_progress","output":[]}})];
    let mut items = Vec::new();
    for (index, say) in says.iter().enumerate() {
        let (item, delta) = match say {
            Say::Think(text) => (
                json!({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":text}],"encrypted_content":"gAAA="}),
                json!({"type":"response.reasoning_summary_text.delta","output_index":index,"delta":text}),
            ),
            Say::Text(text) => (
                json!({"type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":text,"annotations":[]}]}),
                json!({"type":"response.output_text.delta","output_index":index,"delta":text}),
            ),
            Say::Call(id, tool, arguments) => (
                json!({"type":"function_call","id":"fc_1","call_id":id,"name":tool,"arguments":arguments,"status":"completed"}),
                json!({"type":"response.function_call_arguments.delta","output_index":index,"delta":arguments}),
            ),
        };
        out.push(json!({"type":"response.output_item.added","output_index":index,"item":item}));
        out.push(delta);
        out.push(json!({"type":"response.output_item.done","output_index":index,"item":item}));
        items.push(item);
    }
    let usage = json!({"input_tokens":113,"input_tokens_details":{"cached_tokens":100},"output_tokens":20,"total_tokens":133});
    out.push(
        json!({"type":"response.completed","response":{"status":"completed","output":items,"usage":usage}}),
    );
    out.iter().map(sse).collect()
}

fn chat(says: &[Say<'_>]) -> Vec<Vec<u8>> {
    let chunk = |delta: Value, finish: Value| {
        sse(
            &json!({"object":"chat.completion.chunk","choices":[{"index":0,"delta":delta,"finish_reason":finish}]}),
        )
    };
    let mut out = vec![chunk(json!({"role":"assistant","content":""}), Value::Null)];
    let mut calls = 0;
    for say in says {
        match say {
            Say::Think(text) => out.push(chunk(json!({"reasoning_content":text}), Value::Null)),
            Say::Text(text) => out.push(chunk(json!({"content":text}), Value::Null)),
            Say::Call(id, tool, arguments) => {
                let (a, b) = arguments.split_at(arguments.len() / 2);
                let head =
                    json!({"index":calls,"id":id,"type":"function","function":{"name":tool,"arguments":a}});
                out.push(chunk(json!({"tool_calls":[head]}), Value::Null));
                let tail = json!({"index":calls,"function":{"arguments":b}});
                out.push(chunk(json!({"tool_calls":[tail]}), Value::Null));
                calls += 1;
            }
        }
    }
    out.push(chunk(json!({}), json!(if calls > 0 { "tool_calls" } else { "stop" })));
    let usage =
        json!({"prompt_tokens":113,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":100}});
    out.push(sse(&json!({"object":"chat.completion.chunk","choices":[],"usage":usage})));
    out.push(b"data: [DONE]\n\n".to_vec());
    out
}

fn bedrock(says: &[Say<'_>]) -> Vec<Vec<u8>> {
    let event = |name: &str, value: Value| frame("event", ":event-type", name, &value);
    let mut out = vec![event("messageStart", json!({"role":"assistant"}))];
    let mut stop = "end_turn";
    for (index, say) in says.iter().enumerate() {
        let delta =
            |delta: Value| event("contentBlockDelta", json!({"contentBlockIndex":index,"delta":delta}));
        match say {
            Say::Think(text) => {
                out.push(delta(json!({"reasoningContent":{"text":text}})));
                out.push(delta(json!({"reasoningContent":{"signature":"s+/="}})));
            }
            Say::Text(text) => out.push(delta(json!({"text":text}))),
            Say::Call(id, tool, arguments) => {
                stop = "tool_use";
                let start = json!({"toolUse":{"toolUseId":id,"name":tool}});
                out.push(event("contentBlockStart", json!({"contentBlockIndex":index,"start":start})));
                out.push(delta(json!({"toolUse":{"input":arguments}})));
            }
        }
        out.push(event("contentBlockStop", json!({"contentBlockIndex":index})));
    }
    out.push(event("messageStop", json!({"stopReason":stop})));
    let usage = json!({"inputTokens":10,"outputTokens":20,"totalTokens":133,"cacheReadInputTokens":100,"cacheWriteInputTokens":3});
    out.push(event("metadata", json!({"usage":usage,"metrics":{"latencyMs":1}})));
    out
}

/// One frame of AWS's event stream.
pub(crate) fn frame(message: &str, name: &str, value: &str, payload: &Value) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in [(":message-type", message), (name, value), (":content-type", "application/json")] {
        head.push(u8::try_from(name.len()).unwrap());
        head.extend_from_slice(name.as_bytes());
        head.push(7);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let payload = payload.to_string();
    let mut out = u32::try_from(16 + head.len() + payload.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(&u32::try_from(head.len()).unwrap().to_be_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(payload.as_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}
