//! What is sent: one recorded request per provider, and the promise that each is the beginning of the next.

use conversation::{
    Block, Call, CallResult, Fragment, FragmentKind, Input, Message, Prompt, Reasoning, Role, Status,
    ToolDescription,
};
use model::{MaxTokensField, Settings, Thinking, choose};
use serde_json::Value;

use crate::provider::{PROVIDERS, Provider, Say, ask};
use crate::server::{Recorded, Server};

fn fragments() -> Vec<Fragment> {
    vec![
        Fragment::new(FragmentKind::System, "waypost", "You are an agent.\nBe \"careful\"."),
        Fragment::new(FragmentKind::Steering, "tech.md", "Rust — always."),
        Fragment::new(FragmentKind::Task, "spec", "Task 1"),
    ]
}

fn tools() -> Vec<ToolDescription> {
    let tool = |name: &str, schema: &str| ToolDescription {
        name: name.to_string(),
        description: format!("does {name}"),
        schema: schema.to_string(),
    };
    vec![
        tool("read", r#"{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}"#),
        tool("list", r#"{"type":"object","properties":{}}"#),
    ]
}

/// Reasoning of this provider and of another, parallel calls of which one is broken, their results out of order.
fn history(provider: &Provider) -> Vec<Message> {
    let opaque = match provider.name.split('/').next() {
        Some("anthropic") => r#"{"type":"thinking","thinking":"hm","signature":"s+/="}"#,
        Some("openai") => r#"{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA="}"#,
        Some("bedrock") => r#"{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s+/="}}}"#,
        _ => r#"{"reasoning_content":"hm"}"#,
    };
    let reasoning = |provider: &str| {
        Block::Reasoning(Reasoning {
            text: "hm".to_string(),
            opaque: opaque.to_string(),
            provider: provider.to_string(),
        })
    };
    let call = |id: &str, tool: &str, input: Input| {
        Block::Call(Call { id: id.to_string(), tool: tool.to_string(), input })
    };
    let assistant = |blocks| Message { role: Role::Assistant, blocks };
    vec![
        Message::user("add a limit"),
        assistant(vec![
            reasoning(provider.name),
            reasoning("another/model"),
            Block::Text("I look.".to_string()),
            call("c1", "read", Input::Json(r#"{"path": "a.rs",  "n": 1.0}"#.to_string())),
            call("c2", "functions.list", Input::Broken("{\"path\"".to_string())),
        ]),
        Message {
            role: Role::User,
            blocks: vec![
                Block::Text("and be quick".to_string()),
                Block::Result(CallResult::new("c1", Status::Done, "fn a() {}\n")),
                Block::Result(CallResult::new("c2", Status::Failed, "")),
            ],
        },
        assistant(vec![Block::Text("Done.".to_string())]),
        Message::user("thanks"),
        Message::user("one more"),
    ]
}

fn sent(settings: Settings, server: &Server, messages: &[Message]) -> Recorded {
    let (fragments, tools) = (fragments(), tools());
    let prompt = Prompt { fragments: &fragments, tools: &tools, messages, cache_key: "session-1" };
    ask(choose(settings).unwrap().as_ref(), &prompt).0.unwrap();
    server.requests().pop().unwrap()
}

fn server(provider: &Provider) -> Server {
    Server::start(vec![provider.stream(&[Say::Text("ok")])])
}

#[test]
fn recorded_requests() {
    for (provider, name) in PROVIDERS.iter().zip(["anthropic", "openai_responses", "openai_chat", "bedrock"])
    {
        let server = server(provider);
        let request = sent(provider.settings(&server.url()), &server, &history(provider));
        let mut text = request.line.clone();
        for (name, value) in &request.headers {
            let changing =
                ["host", "content-length"].contains(&name.as_str()) || value.contains("Signature=");
            text.push_str(&format!("\n{name}: {}", if changing { "…" } else { value }));
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        insta::assert_snapshot!(name, format!("{text}\n\n{body:#}"));
    }
}

#[test]
fn settings_change_the_request() {
    let check = |at: usize, change: &dyn Fn(&mut Settings), expect: &str| {
        let server = server(&PROVIDERS[at]);
        let mut settings = PROVIDERS[at].settings(&server.url());
        change(&mut settings);
        let request = sent(settings, &server, &[Message::user("hi")]);
        assert!(request.body.contains(expect), "{expect} in {}", request.body);
    };
    let budget = |settings: &mut Settings| settings.thinking = Thinking::Budget(2048);
    let effort = |settings: &mut Settings| settings.thinking = Thinking::Effort("low".to_string());
    check(
        0,
        &budget,
        r#""max_tokens":34048,"stream":true,"thinking":{"type":"enabled","budget_tokens":2048}"#,
    );
    check(1, &effort, r#""reasoning":{"effort":"low"}"#);
    check(1, &|s| s.model = "gpt-4.1".to_string(), r#""store":false,"prompt_cache_key""#);
    check(2, &effort, r#""reasoning_effort":"low""#);
    check(
        2,
        &|s| s.max_tokens_field = MaxTokensField::MaxCompletionTokens,
        r#","max_completion_tokens":8192,"#,
    );
    check(2, &|s| s.max_tokens_field = MaxTokensField::Omit, r#""include_usage":true},"tools""#);
    check(
        3,
        &budget,
        r#""additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2048}}"#,
    );
    let openrouter = |settings: &mut Settings| {
        settings.provider = "openrouter".to_string();
        settings.model = "anthropic/claude-sonnet-5.5".to_string();
        settings.auth = model::Auth::Key(model::Key::new("k"));
    };
    check(
        2,
        &openrouter,
        r#"{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}"#,
    );
}

/// Invariant: what a cache can serve is never changed. Up to its last block, marks aside, a request is the beginning
/// of the next one.
#[test]
fn each_request_is_the_beginning_of_the_next() {
    let plain = |body: &str| {
        body.replace(r#","cache_control":{"type":"ephemeral"}"#, "")
            .replace(r#",{"cachePoint":{"type":"default"}}"#, "")
    };
    for provider in &PROVIDERS {
        let server = server(provider);
        let history = history(provider);
        let mut before = String::new();
        for count in [1, 3, 5, 6] {
            let request = sent(provider.settings(&server.url()), &server, &history[..count]);
            let body = plain(&request.body);
            assert!(
                body.starts_with(before.trim_end_matches(['}', ']'])),
                "{}\n{before}\n{body}",
                provider.name
            );
            before = body;
        }
    }
}

#[test]
fn an_answer_goes_back_unchanged() {
    for provider in &PROVIDERS {
        let server = Server::start(vec![provider.stream(&[
            Say::Think("let me\nsee"),
            Say::Text("I look."),
            Say::Call("c1", "read", r#"{"path":"a"}"#),
        ])]);
        let model = provider.model(&server);
        let mut messages = vec![Message::user("hi")];
        let prompt = Prompt { fragments: &[], tools: &[], messages: &messages, cache_key: "" };
        let reply = ask(model.as_ref(), &prompt).0.unwrap();
        let Some(Block::Reasoning(reasoning)) = reply.blocks.first() else { panic!("{reply:?}") };
        let opaque = reasoning.opaque.clone();
        messages.push(Message { role: Role::Assistant, blocks: reply.blocks });
        let results = vec![Block::Result(CallResult::new("c1", Status::Done, "ok"))];
        messages.push(Message { role: Role::User, blocks: results });
        let prompt = Prompt { fragments: &[], tools: &[], messages: &messages, cache_key: "" };
        ask(model.as_ref(), &prompt).0.unwrap();
        let body = &server.requests()[1].body;
        let members = opaque.trim_start_matches('{').trim_end_matches('}');
        assert!(body.contains(members), "{members} in {body}");
    }
}
