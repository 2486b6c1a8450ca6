//! Anthropic Messages. What is written and read here is that API's wire; nothing of it leaves this file.

use conversation::{
    Block, Call, Delta, FragmentKind, Later, Message, Prompt, Reasoning, Reply, Role, Status, Stop, Usage,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::errors::{Failure, of_event};
use crate::json;
use crate::settings::{Auth, Thinking};
use crate::wire::{self, BLOCKS_MAX, Carry, Framing, Headers, Reader, Wire};

const MARK: &str = r#","cache_control":{"type":"ephemeral"}"#;
/// The provider looks for a cached beginning at most this many blocks before a mark.
const LOOK_BACK_BLOCKS: usize = 20;

/// The provider.
pub(crate) struct Anthropic {
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

impl Wire for Anthropic {
    fn url(&self) -> &str {
        &self.url
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn headers<'a>(&'a self, _body: &'a [u8]) -> Later<'a, Result<Headers, Failure>> {
        let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
        let mut headers = vec![
            pair("content-type", "application/json"),
            pair("accept", "text/event-stream"),
            pair("anthropic-version", "2023-06-01"),
        ];
        match &self.auth {
            Auth::Key(key) => headers.push(pair("x-api-key", key.secret())),
            Auth::Bearer(key) => headers.push(pair("authorization", &format!("Bearer {}", key.secret()))),
            Auth::None | Auth::Aws(_) => {}
        }
        if matches!(self.thinking, Thinking::Budget(_)) {
            // Without it a model with a budget thinks only before its first call.
            headers.push(pair("anthropic-beta", "interleaved-thinking-2025-05-14"));
        }
        headers.extend(self.headers.iter().cloned());
        Box::pin(std::future::ready(Ok(headers)))
    }

    fn body(&self, prompt: &Prompt<'_>, carry: Carry) -> String {
        let mut out = String::with_capacity(16 * 1024);
        out.push('{');
        json::member(&mut out, "model", &self.model);
        let budget = if let Thinking::Budget(budget) = self.thinking { u64::from(budget) } else { 0 };
        // The budget is part of the output limit and must be smaller.
        out.push_str(&format!(r#","max_tokens":{},"stream":true"#, self.output.saturating_add(budget)));
        out.push_str(&thinking(&self.thinking, &self.model));
        self.push_tools(&mut out, prompt);
        push_system(&mut out, prompt);
        out.push_str(r#","messages":["#);
        let own = (carry == Carry::Own).then_some(self.own.as_str());
        push_messages(&mut out, prompt.messages, own);
        out.push_str("]}");
        out
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Answer {
            provider: self.provider.clone(),
            own: self.own.clone(),
            blocks: Vec::new(),
            usage: Usage::default(),
            stop: None,
            done: false,
        })
    }
}

impl Anthropic {
    fn push_tools(&self, out: &mut String, prompt: &Prompt<'_>) {
        if prompt.tools.is_empty() {
            return;
        }
        out.push_str(r#","tools":["#);
        for (at, tool) in prompt.tools.iter().enumerate() {
            json::comma(out);
            out.push('{');
            json::member(out, "name", &tool.name);
            out.push(',');
            json::member(out, "description", &tool.description);
            out.push_str(r#","input_schema":"#);
            out.push_str(&tool.schema);
            // A mark on the system part covers the tools before it.
            if at + 1 == prompt.tools.len() && prompt.fragments.is_empty() {
                out.push_str(MARK);
            }
            out.push('}');
        }
        out.push(']');
    }
}

/// What is asked of the model's thinking. Models from 5 on always decide for themselves how much; they are asked to
/// show a summary, because the words between their calls come as thinking.
fn thinking(thinking: &Thinking, model: &str) -> String {
    let adaptive = r#","thinking":{"type":"adaptive","display":"summarized"}"#;
    match thinking {
        Thinking::Budget(budget) => {
            format!(r#","thinking":{{"type":"enabled","budget_tokens":{budget}}}"#)
        }
        Thinking::Effort(effort) => {
            let mut out = adaptive.to_string();
            out.push_str(r#","output_config":{"#);
            json::member(&mut out, "effort", effort);
            out.push('}');
            out
        }
        Thinking::Default if thinks_always(model) => adaptive.to_string(),
        Thinking::Default => String::new(),
    }
}

fn thinks_always(model: &str) -> bool {
    ["claude-opus-5", "claude-sonnet-5", "claude-haiku-5", "claude-fable-5"]
        .iter()
        .any(|family| model.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

/// The pinned part, one block per fragment. Marked at its end, and where the task begins: what stands before the task
/// is the same for all sessions of a run.
fn push_system(out: &mut String, prompt: &Prompt<'_>) {
    let fragments: Vec<_> = prompt.fragments.iter().filter(|f| !f.text().trim().is_empty()).collect();
    if fragments.is_empty() {
        return;
    }
    out.push_str(r#","system":["#);
    for (at, fragment) in fragments.iter().enumerate() {
        json::comma(out);
        out.push_str(r#"{"type":"text","#);
        json::member(out, "text", fragment.text());
        let task_next = fragments.get(at + 1).is_none_or(|next| next.kind() == FragmentKind::Task);
        if task_next && (at + 1 == fragments.len() || fragment.kind() != FragmentKind::Task) {
            out.push_str(MARK);
        }
        out.push('}');
    }
    out.push(']');
}

fn push_messages(out: &mut String, messages: &[Message], own: Option<&str>) {
    let messages: Vec<(Role, Vec<&Block>)> =
        messages.iter().map(|message| (message.role, wire::blocks(message, own))).collect();
    let messages: Vec<_> = messages.into_iter().filter(|(_, blocks)| !blocks.is_empty()).collect();
    let marked = marked(&messages.iter().map(|(role, blocks)| (*role, blocks.len())).collect::<Vec<_>>());
    for (at, (role, blocks)) in messages.iter().enumerate() {
        json::comma(out);
        out.push_str(match role {
            Role::User => r#"{"role":"user","content":["#,
            Role::Assistant => r#"{"role":"assistant","content":["#,
        });
        for (nth, block) in blocks.iter().enumerate() {
            json::comma(out);
            push_block(out, block, nth + 1 == blocks.len() && marked.contains(&at));
        }
        out.push_str("]}");
    }
}

/// The messages whose last block is marked: the last one, and the one that was last in the request before when the
/// provider would not look back as far. Role and number of blocks of each message are given.
fn marked(messages: &[(Role, usize)]) -> Vec<usize> {
    let Some(last) = messages.len().checked_sub(1) else { return Vec::new() };
    let mut marked = vec![last];
    if let Some(answer) = messages.iter().rposition(|(role, _)| *role == Role::Assistant) {
        let since: usize = messages.iter().skip(answer).map(|(_, blocks)| blocks).sum();
        if let (true, Some(before)) = (since >= LOOK_BACK_BLOCKS, answer.checked_sub(1)) {
            marked.push(before);
        }
    }
    marked
}

fn push_block(out: &mut String, block: &Block, mark: bool) {
    match block {
        Block::Text(text) => {
            out.push_str(r#"{"type":"text","#);
            json::member(out, "text", text);
        }
        Block::Call(call) => {
            out.push_str(r#"{"type":"tool_use","#);
            json::member(out, "id", &wire::plain(&call.id));
            out.push(',');
            json::member(out, "name", &wire::plain(&call.tool));
            out.push_str(r#","input":"#);
            wire::push_input(out, &call.input);
        }
        Block::Result(result) => {
            out.push_str(r#"{"type":"tool_result","#);
            json::member(out, "tool_use_id", &wire::plain(&result.call));
            out.push(',');
            json::member(out, "content", wire::said(result));
            if result.status != Status::Done {
                out.push_str(r#","is_error":true"#);
            }
        }
        // Carried back byte for byte, and never marked: the provider allows no mark there.
        Block::Reasoning(reasoning) => return out.push_str(&reasoning.opaque),
    }
    if mark {
        out.push_str(MARK);
    }
    out.push('}');
}

/// Reads one answer.
struct Answer {
    provider: String,
    own: String,
    blocks: Vec<Part>,
    usage: Usage,
    stop: Option<Stop>,
    done: bool,
}

/// A block that is still growing.
enum Part {
    Text(String),
    Thinking {
        text: String,
        signature: String,
    },
    Whole(Reasoning),
    Call {
        id: String,
        tool: String,
        whole: String,
        json: String,
    },
    /// A kind that is not known here; nothing of it is kept.
    Other,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    message: Option<Begun>,
    content_block: Option<Box<RawValue>>,
    delta: Option<Piece>,
    usage: Option<Tokens>,
    error: Option<Trouble>,
}

#[derive(Deserialize)]
struct Begun {
    #[serde(default)]
    usage: Tokens,
}

#[derive(Deserialize)]
struct Start {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    input: Option<Box<RawValue>>,
}

/// A piece of a block, or how a message ended.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Piece {
    text: Option<String>,
    partial_json: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    stop_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Tokens {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Trouble {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    message: String,
}

impl Reader for Answer {
    fn feed(&mut self, _name: &str, data: &str, show: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Failure> {
        let event: Event = serde_json::from_str(data).map_err(|_| self.garbled(data))?;
        match event.kind.as_str() {
            "message_start" => {
                if let Some(message) = event.message {
                    self.count(&message.usage);
                }
            }
            "content_block_start" => {
                let block = event.content_block.ok_or_else(|| self.garbled(data))?;
                self.start(block.get(), show)?;
            }
            "content_block_delta" => {
                let piece = event.delta.ok_or_else(|| self.garbled(data))?;
                self.grow(piece, data, show)?;
            }
            "message_delta" => {
                if let Some(usage) = event.usage {
                    self.count(&usage);
                }
                if let Some(reason) = event.delta.and_then(|delta| delta.stop_reason) {
                    self.stop = Some(match reason.as_str() {
                        "tool_use" => Stop::Calls,
                        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
                        "refusal" => Stop::Refused,
                        _ => Stop::EndTurn,
                    });
                }
            }
            "message_stop" => self.done = true,
            "error" => {
                let error = event.error.ok_or_else(|| self.garbled(data))?;
                return Err(of_event(&self.provider, &error.kind, &error.message));
            }
            _ => {}
        }
        Ok(())
    }

    fn done(&self) -> bool {
        self.done
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        let (true, Some(stop)) = (self.done, self.stop) else { return Err(Failure::cut(&self.provider, "")) };
        let own = self.own;
        let blocks = self.blocks.into_iter().filter_map(|part| match part {
            Part::Text(text) if text.is_empty() => None,
            Part::Text(text) => Some(Block::Text(text)),
            Part::Thinking { text, signature } => {
                let mut opaque = r#"{"type":"thinking","#.to_string();
                json::member(&mut opaque, "thinking", &text);
                opaque.push(',');
                json::member(&mut opaque, "signature", &signature);
                opaque.push('}');
                Some(Block::Reasoning(Reasoning { text, opaque, provider: own.clone() }))
            }
            Part::Whole(reasoning) => Some(Block::Reasoning(reasoning)),
            Part::Call { id, tool, whole, json } => {
                let input = wire::input(if json.is_empty() { whole } else { json });
                Some(Block::Call(Call { id, tool, input }))
            }
            Part::Other => None,
        });
        Ok(wire::reply(blocks.collect(), stop, self.usage))
    }
}

impl Answer {
    fn garbled(&self, data: &str) -> Failure {
        Failure::garbled(&self.provider, &format!("an event that cannot be read: `{data}`"))
    }

    /// The counts are totals; later ones replace earlier ones.
    fn count(&mut self, tokens: &Tokens) {
        let usage = &mut self.usage;
        usage.input = tokens.input_tokens.unwrap_or(usage.input);
        usage.cache_write = tokens.cache_creation_input_tokens.unwrap_or(usage.cache_write);
        usage.cache_read = tokens.cache_read_input_tokens.unwrap_or(usage.cache_read);
        usage.output = tokens.output_tokens.unwrap_or(usage.output);
    }

    fn start(&mut self, raw: &str, show: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Failure> {
        if self.blocks.len() >= BLOCKS_MAX {
            return Err(Failure::garbled(&self.provider, "an answer of too many blocks"));
        }
        let start: Start = serde_json::from_str(raw).map_err(|_| self.garbled(raw))?;
        self.blocks.push(match start.kind.as_str() {
            "text" => {
                if !start.text.is_empty() {
                    show(Delta::Text(start.text.clone()));
                }
                Part::Text(start.text)
            }
            "thinking" => Part::Thinking { text: start.thinking, signature: start.signature },
            "redacted_thinking" => Part::Whole(Reasoning {
                text: String::new(),
                opaque: raw.to_string(),
                provider: self.own.clone(),
            }),
            "tool_use" => {
                show(Delta::Call { tool: start.name.clone() });
                let whole = start.input.map(|input| input.get().to_string()).unwrap_or_default();
                Part::Call { id: start.id, tool: start.name, whole, json: String::new() }
            }
            _ => Part::Other,
        });
        Ok(())
    }

    /// A piece belongs to the last block: the provider sends one block after the other.
    fn grow(
        &mut self,
        piece: Piece,
        data: &str,
        show: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<(), Failure> {
        match (self.blocks.last_mut(), piece) {
            (Some(Part::Text(kept)), Piece { text: Some(text), .. }) => {
                kept.push_str(&text);
                show(Delta::Text(text));
            }
            (Some(Part::Call { json, .. }), Piece { partial_json: Some(more), .. }) => json.push_str(&more),
            (Some(Part::Thinking { text, .. }), Piece { thinking: Some(more), .. }) => {
                text.push_str(&more);
                if !more.is_empty() {
                    show(Delta::Reasoning(more));
                }
            }
            (Some(Part::Thinking { signature, .. }), Piece { signature: Some(more), .. }) => {
                signature.push_str(&more);
            }
            // Before any block there is nothing that could grow; pieces of kinds of tomorrow are passed over.
            (None, _) => return Err(self.garbled(data)),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_reach_back_to_the_request_before() {
        let check = |messages: &str, expect: &[usize]| {
            let messages: Vec<_> = messages
                .split_whitespace()
                .map(|word| {
                    let (role, count) = word.split_at(1);
                    (if role == "u" { Role::User } else { Role::Assistant }, count.parse().unwrap())
                })
                .collect();
            assert_eq!(marked(&messages), expect);
        };
        check("", &[]);
        check("u1", &[0]);
        check("u1 a3 u2", &[2]);
        check("u1 a11 u10", &[2, 0]);
        check("u1 a2 u2 a19 u20 u1", &[5, 2]);
        check("a30", &[0]);
    }

    #[test]
    fn thinking_by_model() {
        let check = |how: Thinking, model: &str, expect: &str| assert_eq!(thinking(&how, model), expect);
        check(Thinking::Default, "claude-sonnet-4-5", "");
        check(Thinking::Default, "claude-opus-50", "");
        let adaptive = r#","thinking":{"type":"adaptive","display":"summarized"}"#;
        check(Thinking::Default, "claude-opus-5-5", adaptive);
        check(
            Thinking::Budget(4096),
            "claude-sonnet-4-5",
            r#","thinking":{"type":"enabled","budget_tokens":4096}"#,
        );
        check(
            Thinking::Effort("low".to_string()),
            "claude-sonnet-5-5",
            &format!(r#"{adaptive},"output_config":{{"effort":"low"}}"#),
        );
    }
}
