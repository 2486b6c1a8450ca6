//! Amazon Bedrock ConverseStream. What is written and read here is that API's wire; nothing of it leaves this file.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use conversation::{
    Block, Call, Delta, Later, Message, ModelErrorKind, Prompt, Reasoning, Reply, Role, Status, Stop, Usage,
};
use serde::Deserialize;

use crate::aws_credentials::{AwsAuth, AwsCredentials};
use crate::bedrock_cache::{CachePoints, takes_point};
use crate::errors::{Again, Failure, clean};
use crate::json;
use crate::settings::{Auth, Clock, Thinking};
use crate::sigv4;
use crate::wire::{self, BLOCKS_MAX, Carry, Framing, Headers, Reader, Wire};

const CACHE_POINT: &str = r#"{"cachePoint":{"type":"default"}}"#;
const SERVICE: &str = "bedrock";

/// The provider.
pub(crate) struct Bedrock {
    pub(crate) provider: String,
    pub(crate) url: String,
    pub(crate) host: String,
    /// The path of the address, percent-encoded as it is sent.
    pub(crate) path: String,
    pub(crate) region: String,
    pub(crate) auth: Auth,
    pub(crate) headers: Headers,
    pub(crate) output: u64,
    pub(crate) thinking: Thinking,
    pub(crate) cache: CachePoints,
    pub(crate) clock: Clock,
    /// Credentials that were fetched, as long as they are good.
    pub(crate) fetched: Mutex<Option<AwsCredentials>>,
    /// The mark of reasoning that this model made.
    pub(crate) own: String,
}

impl Wire for Bedrock {
    fn url(&self) -> &str {
        &self.url
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
    }

    fn headers<'a>(&'a self, body: &'a [u8]) -> Later<'a, Result<Headers, Failure>> {
        Box::pin(async move {
            let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
            let mut headers = vec![
                pair("content-type", "application/json"),
                pair("accept", "application/vnd.amazon.eventstream"),
            ];
            match &self.auth {
                Auth::Key(key) | Auth::Bearer(key) => {
                    headers.push(pair("authorization", &format!("Bearer {}", key.secret())));
                }
                Auth::Aws(auth) => {
                    let keys = self.keys(auth).await?;
                    let request = sigv4::Request {
                        method: "POST",
                        host: &self.host,
                        path: &self.path,
                        query: "",
                        headers: &[("content-type", "application/json")],
                        body,
                    };
                    let now = (self.clock)();
                    let scope = sigv4::Scope { region: &self.region, service: SERVICE, now };
                    headers.extend(sigv4::sign(&request, &keys, &scope));
                }
                Auth::None => {}
            }
            headers.extend(self.headers.iter().cloned());
            Ok(headers)
        })
    }

    fn body(&self, prompt: &Prompt<'_>, carry: Carry) -> String {
        let mut out = String::with_capacity(16 * 1024);
        let budget = if let Thinking::Budget(budget) = self.thinking { u64::from(budget) } else { 0 };
        out.push_str(&format!(
            r#"{{"inferenceConfig":{{"maxTokens":{}}}"#,
            self.output.saturating_add(budget)
        ));
        match &self.thinking {
            Thinking::Budget(budget) => out.push_str(&format!(
                r#","additionalModelRequestFields":{{"thinking":{{"type":"enabled","budget_tokens":{budget}}}}}"#
            )),
            Thinking::Effort(effort) => {
                out.push_str(r#","additionalModelRequestFields":{"thinking":{"type":"adaptive"},"output_config":{"#);
                json::member(&mut out, "effort", effort);
                out.push_str("}}");
            }
            Thinking::Default => {}
        }
        if !prompt.tools.is_empty() {
            out.push_str(r#","toolConfig":{"tools":["#);
            for tool in prompt.tools {
                json::comma(&mut out);
                out.push_str(r#"{"toolSpec":{"#);
                json::member(&mut out, "name", &tool.name);
                out.push(',');
                json::member(&mut out, "description", &tool.description);
                out.push_str(r#","inputSchema":{"json":"#);
                out.push_str(&tool.schema);
                out.push_str("}}}");
            }
            if self.cache.tools {
                out.push(',');
                out.push_str(CACHE_POINT);
            }
            out.push_str("]}");
        }
        push_system(&mut out, prompt, self.cache);
        out.push_str(r#","messages":["#);
        let own = (carry == Carry::Own).then_some(self.own.as_str());
        push_messages(&mut out, prompt.messages, own, self.cache);
        out.push_str("]}");
        out
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Answer {
            provider: self.provider.clone(),
            own: self.own.clone(),
            blocks: BTreeMap::new(),
            usage: Usage::default(),
            stop: None,
            done: false,
        })
    }
}

impl Bedrock {
    /// Credentials that are good for a request.
    async fn keys(&self, auth: &AwsAuth) -> Result<AwsCredentials, Failure> {
        let refresh = match auth {
            AwsAuth::Fixed(keys) => return Ok(keys.clone()),
            AwsAuth::Refreshed(refresh) => refresh,
        };
        let now = (self.clock)();
        let kept = self.fetched.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(keys) = kept.filter(|keys| keys.is_fresh(now)) {
            return Ok(keys);
        }
        let keys = refresh().await.map_err(|why| {
            let message = format!("no AWS credentials could be had: {}", clean(&why));
            Failure::new(ModelErrorKind::NoKey, message, Again::No)
        })?;
        *self.fetched.lock().unwrap_or_else(PoisonError::into_inner) = Some(keys.clone());
        Ok(keys)
    }
}

fn push_system(out: &mut String, prompt: &Prompt<'_>, points: CachePoints) {
    let mut fragments = prompt.fragments.iter().filter(|f| !f.text().trim().is_empty()).peekable();
    if fragments.peek().is_none() {
        return;
    }
    out.push_str(r#","system":["#);
    for fragment in fragments {
        json::comma(out);
        out.push('{');
        json::member(out, "text", fragment.text());
        out.push('}');
    }
    if points.system {
        out.push(',');
        out.push_str(CACHE_POINT);
    }
    out.push(']');
}

/// Messages of one speaker that follow each other become one: this provider insists on turns.
fn push_messages(out: &mut String, messages: &[Message], own: Option<&str>, points: CachePoints) {
    let mut before: Option<(Role, Vec<&Block>)> = None;
    for message in messages {
        let blocks = wire::blocks(message, own);
        if blocks.is_empty() {
            continue;
        }
        let same = before.as_ref().is_some_and(|(role, _)| *role == message.role);
        if !same {
            if before.is_some() {
                out.push_str("]}");
            }
            json::comma(out);
            out.push_str(match message.role {
                Role::User => r#"{"role":"user","content":["#,
                Role::Assistant => r#"{"role":"assistant","content":["#,
            });
        }
        for block in &blocks {
            json::comma(out);
            push_block(out, block);
        }
        before = Some((message.role, blocks));
    }
    if let Some((role, blocks)) = before {
        if takes_point(points, role, &blocks) {
            out.push(',');
            out.push_str(CACHE_POINT);
        }
        out.push_str("]}");
    }
}

fn push_block(out: &mut String, block: &Block) {
    match block {
        Block::Text(text) => {
            out.push('{');
            json::member(out, "text", text);
            out.push('}');
        }
        Block::Call(call) => {
            out.push_str(r#"{"toolUse":{"#);
            json::member(out, "toolUseId", &wire::plain(&call.id));
            out.push(',');
            json::member(out, "name", &wire::plain(&call.tool));
            out.push_str(r#","input":"#);
            wire::push_input(out, &call.input);
            out.push_str("}}");
        }
        Block::Result(result) => {
            out.push_str(r#"{"toolResult":{"#);
            json::member(out, "toolUseId", &wire::plain(&result.call));
            out.push_str(r#","content":[{"#);
            json::member(out, "text", wire::said(result));
            let status = if result.status == Status::Done { "success" } else { "error" };
            out.push_str(&format!(r#"}}],"status":"{status}"}}}}"#));
        }
        Block::Reasoning(reasoning) => out.push_str(&reasoning.opaque),
    }
}

/// Reads one answer.
struct Answer {
    provider: String,
    own: String,
    blocks: BTreeMap<u64, Part>,
    usage: Usage,
    stop: Option<Stop>,
    done: bool,
}

/// A block that is still growing.
enum Part {
    Text(String),
    Thinking { text: String, signature: String },
    Redacted(String),
    Call { id: String, tool: String, json: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(default)]
    content_block_index: u64,
    start: Option<Start>,
    delta: Option<Piece>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    tool_use: Option<Begun>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    tool_use_id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    text: Option<String>,
    tool_use: Option<Input>,
    reasoning_content: Option<Thought>,
}

#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    input: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thought {
    text: Option<String>,
    signature: Option<String>,
    redacted_content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Tokens {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
}

impl Reader for Answer {
    fn feed(&mut self, name: &str, data: &str, show: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Failure> {
        let event: Event = serde_json::from_str(data).map_err(|_| {
            Failure::garbled(&self.provider, &format!("an event that cannot be read: `{data}`"))
        })?;
        match name {
            "contentBlockStart" => {
                if let Some(begun) = event.start.and_then(|start| start.tool_use) {
                    show(Delta::Call { tool: begun.name.clone() });
                    let call = Part::Call { id: begun.tool_use_id, tool: begun.name, json: String::new() };
                    self.blocks.insert(event.content_block_index, call);
                }
            }
            "contentBlockDelta" => {
                if let Some(piece) = event.delta {
                    self.grow(event.content_block_index, piece, show);
                }
            }
            "messageStop" => {
                self.stop = Some(match event.stop_reason.as_deref().unwrap_or_default() {
                    "tool_use" => Stop::Calls,
                    "max_tokens" | "model_context_window_exceeded" => Stop::Length,
                    "guardrail_intervened" | "content_filtered" | "refusal" => Stop::Refused,
                    _ => Stop::EndTurn,
                });
            }
            "metadata" => {
                if let Some(tokens) = event.usage {
                    self.usage = Usage {
                        input: tokens.input_tokens,
                        cache_read: tokens.cache_read_input_tokens.unwrap_or_default(),
                        cache_write: tokens.cache_write_input_tokens.unwrap_or_default(),
                        output: tokens.output_tokens,
                    };
                }
                self.done = self.stop.is_some();
            }
            _ => {}
        }
        if self.blocks.len() > BLOCKS_MAX {
            return Err(Failure::garbled(&self.provider, "an answer of too many blocks"));
        }
        Ok(())
    }

    fn done(&self) -> bool {
        self.done
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        let Some(stop) = self.stop else { return Err(Failure::cut(&self.provider, "")) };
        let mut blocks = Vec::new();
        for part in self.blocks.into_values() {
            blocks.push(match part {
                Part::Text(text) if text.is_empty() => continue,
                Part::Text(text) => Block::Text(text),
                Part::Call { id, tool, json } => Block::Call(Call { id, tool, input: wire::input(json) }),
                Part::Thinking { text, signature } => {
                    let mut opaque = r#"{"reasoningContent":{"reasoningText":{"#.to_string();
                    json::member(&mut opaque, "text", &text);
                    if !signature.is_empty() {
                        opaque.push(',');
                        json::member(&mut opaque, "signature", &signature);
                    }
                    opaque.push_str("}}}");
                    Block::Reasoning(Reasoning { text, opaque, provider: self.own.clone() })
                }
                Part::Redacted(data) => {
                    let mut opaque = r#"{"reasoningContent":{"#.to_string();
                    json::member(&mut opaque, "redactedContent", &data);
                    opaque.push_str("}}");
                    Block::Reasoning(Reasoning { text: String::new(), opaque, provider: self.own.clone() })
                }
            });
        }
        Ok(wire::reply(blocks, stop, self.usage))
    }
}

impl Answer {
    fn grow(&mut self, index: u64, piece: Piece, show: &mut (dyn FnMut(Delta) + Send)) {
        let empty = || Part::Text(String::new());
        if let Some(more) = piece.text
            && let Part::Text(text) = self.blocks.entry(index).or_insert_with(empty)
        {
            text.push_str(&more);
            show(Delta::Text(more));
        }
        if let (Some(more), Some(Part::Call { json, .. })) = (piece.tool_use, self.blocks.get_mut(&index)) {
            json.push_str(&more.input);
        }
        let Some(thought) = piece.reasoning_content else { return };
        if let Some(data) = thought.redacted_content {
            match self.blocks.entry(index).or_insert_with(|| Part::Redacted(String::new())) {
                Part::Redacted(kept) => kept.push_str(&data),
                _ => return,
            }
        }
        if thought.text.is_none() && thought.signature.is_none() {
            return;
        }
        let empty = || Part::Thinking { text: String::new(), signature: String::new() };
        if let Part::Thinking { text, signature } = self.blocks.entry(index).or_insert_with(empty) {
            signature.push_str(&thought.signature.unwrap_or_default());
            let more = thought.text.unwrap_or_default();
            text.push_str(&more);
            if !more.is_empty() {
                show(Delta::Reasoning(more));
            }
        }
    }
}
