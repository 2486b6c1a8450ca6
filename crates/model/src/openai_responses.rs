//! OpenAI Responses. What is written and read here is that API's wire; nothing of it leaves this file. Nothing is
//! stored at the provider: every request carries the whole conversation, reasoning in encrypted form.

use std::collections::BTreeMap;

use conversation::{Block, Call, Delta, Later, Message, Prompt, Reasoning, Reply, Role, Stop, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::errors::{Failure, of_event};
use crate::json;
use crate::settings::{Auth, Thinking};
use crate::wire::{self, BLOCKS_MAX, Carry, Framing, Headers, Reader, Wire};

/// The longest cache key that the provider takes.
const CACHE_KEY_BYTES_MAX: usize = 64;

/// The provider.
pub(crate) struct Responses {
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) url: String,
    pub(crate) auth: Auth,
    pub(crate) headers: Headers,
    pub(crate) output: u64,
    pub(crate) thinking: Thinking,
    /// The mark of reasoning that this model made.
    pub(crate) own: String,
}

impl Wire for Responses {
    fn url(&self) -> &str {
        &self.url
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn headers<'a>(&'a self, _body: &'a [u8]) -> Later<'a, Result<Headers, Failure>> {
        Box::pin(std::future::ready(Ok(bearer(&self.auth, &self.headers))))
    }

    fn body(&self, prompt: &Prompt<'_>, carry: Carry) -> String {
        let mut out = String::with_capacity(16 * 1024);
        out.push('{');
        json::member(&mut out, "model", &self.model);
        out.push_str(r#","stream":true,"store":false"#);
        if reasons(&self.model) {
            out.push_str(r#","include":["reasoning.encrypted_content"]"#);
        }
        if !prompt.cache_key.is_empty() {
            out.push(',');
            let key: String = prompt.cache_key.chars().take(CACHE_KEY_BYTES_MAX).collect();
            json::member(&mut out, "prompt_cache_key", &key);
        }
        out.push_str(&format!(r#","max_output_tokens":{}"#, self.output));
        if let Thinking::Effort(effort) = &self.thinking {
            out.push_str(r#","reasoning":{"#);
            json::member(&mut out, "effort", effort);
            out.push('}');
        }
        if !prompt.tools.is_empty() {
            out.push_str(r#","tools":["#);
            for tool in prompt.tools {
                json::comma(&mut out);
                out.push_str(r#"{"type":"function","#);
                json::member(&mut out, "name", &tool.name);
                out.push(',');
                json::member(&mut out, "description", &tool.description);
                out.push_str(r#","strict":false,"parameters":"#);
                out.push_str(&tool.schema);
                out.push('}');
            }
            out.push(']');
        }
        let system = wire::system(prompt);
        if !system.is_empty() {
            out.push(',');
            json::member(&mut out, "instructions", &system);
        }
        out.push_str(r#","input":["#);
        let own = (carry == Carry::Own).then_some(self.own.as_str());
        for message in prompt.messages {
            push_message(&mut out, message, own);
        }
        out.push_str("]}");
        out
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Answer {
            provider: self.provider.clone(),
            own: self.own.clone(),
            items: BTreeMap::new(),
            ended: None,
        })
    }
}

/// The headers of OpenAI's kind of API.
pub(crate) fn bearer(auth: &Auth, more: &Headers) -> Headers {
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    let mut headers = vec![pair("content-type", "application/json"), pair("accept", "text/event-stream")];
    if let Auth::Key(key) | Auth::Bearer(key) = auth {
        headers.push(pair("authorization", &format!("Bearer {}", key.secret())));
    }
    headers.extend(more.iter().cloned());
    headers
}

/// Whether the model reasons; the older ones reject being asked for it.
fn reasons(model: &str) -> bool {
    let model = model.rsplit('/').next().unwrap_or(model);
    !["gpt-3", "gpt-4", "chatgpt"].iter().any(|family| model.starts_with(family))
}

fn push_message(out: &mut String, message: &Message, own: Option<&str>) {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    for block in wire::blocks(message, own) {
        json::comma(out);
        out.push('{');
        match block {
            Block::Text(text) => {
                json::member(out, "role", role);
                out.push(',');
                json::member(out, "content", text);
            }
            Block::Call(call) => {
                out.push_str(r#""type":"function_call","#);
                json::member(out, "call_id", &call.id);
                out.push(',');
                json::member(out, "name", &wire::plain(&call.tool));
                out.push(',');
                let mut arguments = String::new();
                wire::push_input(&mut arguments, &call.input);
                json::member(out, "arguments", &arguments);
            }
            Block::Result(result) => {
                out.push_str(r#""type":"function_call_output","#);
                json::member(out, "call_id", &result.call);
                out.push(',');
                json::member(out, "output", wire::said(result));
            }
            Block::Reasoning(reasoning) => {
                // Carried back byte for byte, braces and all.
                out.pop();
                out.push_str(&reasoning.opaque);
                continue;
            }
        }
        out.push('}');
    }
}

/// Reads one answer.
struct Answer {
    provider: String,
    own: String,
    items: BTreeMap<u64, Box<RawValue>>,
    ended: Option<Outcome>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    output_index: u64,
    item: Option<Box<RawValue>>,
    delta: Option<Box<RawValue>>,
    response: Option<Outcome>,
    /// Of an `error` event: here or inside `error`.
    code: Option<String>,
    message: Option<String>,
    error: Option<Trouble>,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    status: String,
    #[serde(default)]
    output: Vec<Box<RawValue>>,
    usage: Option<Tokens>,
    error: Option<Trouble>,
    incomplete_details: Option<Incomplete>,
}

#[derive(Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Trouble {
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    input_tokens_details: Option<Cached>,
}

#[derive(Default, Deserialize)]
struct Cached {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    Message {
        #[serde(default)]
        content: Vec<Content>,
    },
    FunctionCall {
        #[serde(default)]
        call_id: String,
        name: String,
        #[serde(default)]
        arguments: String,
    },
    Reasoning {
        #[serde(default)]
        summary: Vec<Content>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "type", default)]
    kind: String,
    text: Option<String>,
    refusal: Option<String>,
}

impl Reader for Answer {
    fn feed(&mut self, _name: &str, data: &str, show: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Failure> {
        if data == "[DONE]" {
            return Ok(());
        }
        let event: Event = serde_json::from_str(data).map_err(|_| self.garbled(data))?;
        let words = || event.delta.as_ref().and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
        match event.kind.as_str() {
            "response.output_text.delta" | "response.refusal.delta" => {
                words().into_iter().for_each(|text| show(Delta::Text(text)));
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                words().into_iter().for_each(|text| show(Delta::Reasoning(text)));
            }
            "response.output_item.added" => {
                if let Some(Item::FunctionCall { name, .. }) = event.item.as_deref().and_then(read) {
                    show(Delta::Call { tool: name });
                }
            }
            "response.output_item.done" => {
                let item = event.item.ok_or_else(|| self.garbled(data))?;
                if self.items.len() >= BLOCKS_MAX {
                    return Err(Failure::garbled(&self.provider, "an answer of too many items"));
                }
                self.items.insert(event.output_index, item);
            }
            "response.completed" | "response.incomplete" | "response.done" => {
                self.ended = Some(event.response.ok_or_else(|| self.garbled(data))?);
            }
            "response.failed" | "response.cancelled" => {
                let error = event.response.and_then(|response| response.error);
                return Err(self.trouble(error, None, None));
            }
            "error" => return Err(self.trouble(event.error, event.code, event.message)),
            // A server that does not stream, or one that sends an error without a name.
            "" if event.error.is_some() => return Err(self.trouble(event.error, None, None)),
            "" => {
                let whole: Outcome = serde_json::from_str(data).map_err(|_| self.garbled(data))?;
                self.ended = Some(whole);
            }
            _ => {}
        }
        Ok(())
    }

    fn done(&self) -> bool {
        self.ended.is_some()
    }

    fn finish(mut self: Box<Self>) -> Result<Reply, Failure> {
        let Some(ended) = self.ended.take() else { return Err(Failure::cut(&self.provider, "")) };
        if ended.status == "failed" {
            return Err(self.trouble(ended.error, None, None));
        }
        let mut items: Vec<Box<RawValue>> = std::mem::take(&mut self.items).into_values().collect();
        if items.is_empty() {
            items = ended.output;
        }
        let mut blocks = Vec::new();
        let mut refused = false;
        for raw in &items {
            match read(raw) {
                Some(Item::Message { content }) => {
                    for part in content {
                        refused |= part.refusal.is_some() || part.kind == "refusal";
                        let text = part.text.or(part.refusal).unwrap_or_default();
                        if !text.is_empty() {
                            blocks.push(Block::Text(text));
                        }
                    }
                }
                Some(Item::FunctionCall { call_id, name, arguments }) => {
                    blocks.push(Block::Call(Call { id: call_id, tool: name, input: wire::input(arguments) }));
                }
                Some(Item::Reasoning { summary }) => {
                    let texts: Vec<String> = summary.into_iter().filter_map(|part| part.text).collect();
                    blocks.push(Block::Reasoning(Reasoning {
                        text: texts.join("\n\n"),
                        opaque: raw.get().to_string(),
                        provider: self.own.clone(),
                    }));
                }
                Some(Item::Other) => {}
                None => return Err(self.garbled(raw.get())),
            }
        }
        let reason = ended.incomplete_details.and_then(|details| details.reason).unwrap_or_default();
        let stop = match reason.as_str() {
            "content_filter" => Stop::Refused,
            "" if refused => Stop::Refused,
            "" if ended.status == "incomplete" => Stop::Length,
            "" => Stop::EndTurn,
            _ => Stop::Length,
        };
        let usage = ended.usage.map_or_else(Usage::default, |tokens| {
            let cached = tokens.input_tokens_details.unwrap_or_default();
            usage(
                tokens.input_tokens,
                cached.cached_tokens.unwrap_or_default(),
                cached.cache_write_tokens.unwrap_or_default(),
                tokens.output_tokens,
            )
        });
        Ok(wire::reply(blocks, stop, usage))
    }
}

impl Answer {
    fn garbled(&self, data: &str) -> Failure {
        Failure::garbled(&self.provider, &format!("an event that cannot be read: `{data}`"))
    }

    fn trouble(&self, error: Option<Trouble>, code: Option<String>, message: Option<String>) -> Failure {
        let (inner_code, inner_message) = match error {
            Some(error) => (error.code.or(error.kind), error.message),
            None => (None, None),
        };
        let code = inner_code.or(code).unwrap_or_default();
        let message = inner_message.or(message).unwrap_or_else(|| "no reason was given".to_string());
        of_event(&self.provider, &code, &message)
    }
}

fn read(raw: &RawValue) -> Option<Item> {
    serde_json::from_str(raw.get()).ok()
}

/// OpenAI counts what a cache served into the input; here the two stand side by side.
pub(crate) fn usage(input: u64, cache_read: u64, cache_write: u64, output: u64) -> Usage {
    Usage {
        input: input.saturating_sub(cache_read).saturating_sub(cache_write),
        cache_read,
        cache_write,
        output,
    }
}
