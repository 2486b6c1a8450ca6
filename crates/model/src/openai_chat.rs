//! OpenAI Chat Completions, and with it every compatible server: Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, a
//! gateway. What is written and read here is that wire, with what servers leave out or do their own way; nothing of it
//! leaves this file.

use conversation::{Block, Call, Delta, Later, Message, Prompt, Reasoning, Reply, Role, Stop, Usage};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::errors::{Failure, of_event};
use crate::json;
use crate::openai_responses::{bearer, usage};
use crate::settings::{Auth, MaxTokensField, Thinking};
use crate::wire::{self, BLOCKS_MAX, Carry, Framing, Headers, Reader, Wire};

const MARK: &str = r#","cache_control":{"type":"ephemeral"}"#;

/// The provider.
pub(crate) struct Chat {
    pub(crate) provider: String,
    pub(crate) model: String,
    pub(crate) url: String,
    pub(crate) auth: Auth,
    pub(crate) headers: Headers,
    pub(crate) output: u64,
    pub(crate) max_tokens_field: MaxTokensField,
    pub(crate) thinking: Thinking,
    /// Whether the server takes Anthropic's cache marks.
    pub(crate) marks: bool,
    /// The mark of reasoning that this model made.
    pub(crate) own: String,
}

impl Wire for Chat {
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
        out.push_str(r#","stream":true,"stream_options":{"include_usage":true}"#);
        match self.max_tokens_field {
            MaxTokensField::MaxTokens => out.push_str(&format!(r#","max_tokens":{}"#, self.output)),
            MaxTokensField::MaxCompletionTokens => {
                out.push_str(&format!(r#","max_completion_tokens":{}"#, self.output));
            }
            MaxTokensField::Omit => {}
        }
        if let Thinking::Effort(effort) = &self.thinking {
            out.push(',');
            json::member(&mut out, "reasoning_effort", effort);
        }
        if !prompt.tools.is_empty() {
            out.push_str(r#","tools":["#);
            for tool in prompt.tools {
                json::comma(&mut out);
                out.push_str(r#"{"type":"function","function":{"#);
                json::member(&mut out, "name", &tool.name);
                out.push(',');
                json::member(&mut out, "description", &tool.description);
                out.push_str(r#","parameters":"#);
                out.push_str(&tool.schema);
                out.push_str("}}");
            }
            out.push(']');
        }
        out.push_str(r#","messages":["#);
        let system = wire::system(prompt);
        if !system.is_empty() {
            out.push_str(r#"{"role":"system""#);
            self.push_content(&mut out, &system, true);
            out.push('}');
        }
        let own = (carry == Carry::Own).then_some(self.own.as_str());
        for (at, message) in prompt.messages.iter().enumerate() {
            match message.role {
                Role::User => self.push_user(&mut out, message, at + 1 == prompt.messages.len()),
                Role::Assistant => push_assistant(&mut out, message, own),
            }
        }
        out.push_str("]}");
        out
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Answer {
            provider: self.provider.clone(),
            own: self.own.clone(),
            text: String::new(),
            reasoning: Thought::default(),
            calls: Vec::new(),
            usage: Usage::default(),
            stop: None,
            done: false,
        })
    }
}

impl Chat {
    fn push_content(&self, out: &mut String, text: &str, mark: bool) {
        if !self.marks {
            out.push(',');
            return json::member(out, "content", text);
        }
        out.push_str(r#","content":[{"type":"text","#);
        json::member(out, "text", text);
        if mark {
            out.push_str(MARK);
        }
        out.push_str("}]");
    }

    fn push_user(&self, out: &mut String, message: &Message, last: bool) {
        let blocks = wire::blocks(message, None);
        for (at, block) in blocks.iter().enumerate() {
            let mark = last && at + 1 == blocks.len();
            match block {
                Block::Result(result) => {
                    json::comma(out);
                    out.push_str(r#"{"role":"tool","#);
                    json::member(out, "tool_call_id", &result.call);
                    self.push_content(out, wire::said(result), mark);
                    out.push('}');
                }
                Block::Text(text) => {
                    json::comma(out);
                    out.push_str(r#"{"role":"user""#);
                    self.push_content(out, text, mark);
                    out.push('}');
                }
                Block::Reasoning(_) | Block::Call(_) => {}
            }
        }
    }
}

fn push_assistant(out: &mut String, message: &Message, own: Option<&str>) {
    let blocks = wire::blocks(message, own);
    let calls = || blocks.iter().filter(|block| matches!(block, Block::Call(_)));
    let texts: Vec<&str> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    // An answer of nothing but reasoning says nothing, and most servers reject it.
    if texts.is_empty() && calls().next().is_none() {
        return;
    }
    json::comma(out);
    out.push_str(r#"{"role":"assistant","#);
    if texts.is_empty() {
        out.push_str(r#""content":null"#);
    } else {
        json::member(out, "content", &texts.join("\n\n"));
    }
    for block in &blocks {
        if let Block::Reasoning(reasoning) = block {
            // The members of the block, as the server named them, beside the content.
            let members = reasoning.opaque.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            if let Some(members) = members.filter(|members| !members.is_empty()) {
                out.push(',');
                out.push_str(members);
            }
            break;
        }
    }
    if calls().next().is_some() {
        out.push_str(r#","tool_calls":["#);
        for block in calls() {
            let Block::Call(call) = block else { continue };
            json::comma(out);
            out.push('{');
            json::member(out, "id", &call.id);
            out.push_str(r#","type":"function","function":{"#);
            json::member(out, "name", &wire::plain(&call.tool));
            out.push(',');
            let mut arguments = String::new();
            wire::push_input(&mut arguments, &call.input);
            json::member(out, "arguments", &arguments);
            out.push_str("}}");
        }
        out.push(']');
    }
    out.push('}');
}

/// Reads one answer.
struct Answer {
    provider: String,
    own: String,
    text: String,
    reasoning: Thought,
    calls: Vec<Growing>,
    usage: Usage,
    stop: Option<Stop>,
    done: bool,
}

/// Reasoning as it comes: words under the server's own name for them, and details of which only the server knows what
/// they are.
#[derive(Default)]
struct Thought {
    name: &'static str,
    text: String,
    details: Vec<Value>,
}

struct Growing {
    index: Option<u64>,
    id: String,
    tool: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Tokens>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    /// A server that does not stream sends a whole message.
    #[serde(alias = "message")]
    delta: Option<Piece>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Piece {
    content: Option<Value>,
    refusal: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<Value>,
    reasoning_details: Option<Vec<Value>>,
    tool_calls: Option<Vec<CallPiece>>,
}

#[derive(Deserialize)]
struct CallPiece {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionPiece>,
}

#[derive(Deserialize)]
struct FunctionPiece {
    name: Option<String>,
    arguments: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Tokens {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<Cached>,
    prompt_cache_hit_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
struct Cached {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

impl Reader for Answer {
    fn feed(&mut self, _name: &str, data: &str, show: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Failure> {
        if data.trim() == "[DONE]" {
            self.done = true;
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|_| {
            Failure::garbled(&self.provider, &format!("an event that cannot be read: `{data}`"))
        })?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(self.trouble(&error));
        }
        if let Some(tokens) = chunk.usage {
            self.count(&tokens);
        }
        // Only one answer is asked for.
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(()) };
        if let Some(piece) = choice.delta {
            self.grow(piece, show)?;
        }
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            self.stop = Some(match reason.as_str() {
                "length" | "max_tokens" => Stop::Length,
                "content_filter" | "refusal" => Stop::Refused,
                "error" => {
                    return Err(of_event(&self.provider, "error", "the answer ended with an error"));
                }
                _ => self.stop.filter(|stop| *stop == Stop::Refused).unwrap_or(Stop::EndTurn),
            });
        }
        Ok(())
    }

    fn done(&self) -> bool {
        self.done
    }

    fn finish(self: Box<Self>) -> Result<Reply, Failure> {
        let empty = self.text.is_empty() && self.calls.is_empty();
        // Some servers forget the reason, some the end mark; one of the two there must be.
        let stop = match (self.stop, self.done) {
            (Some(stop), _) => stop,
            (None, true) if !empty => Stop::EndTurn,
            _ => return Err(Failure::cut(&self.provider, "")),
        };
        let mut blocks = Vec::new();
        if !self.reasoning.is_empty() {
            let opaque = self.reasoning.opaque();
            blocks.push(Block::Reasoning(Reasoning {
                text: self.reasoning.text,
                opaque,
                provider: self.own,
            }));
        }
        if !self.text.is_empty() {
            blocks.push(Block::Text(self.text));
        }
        for call in self.calls {
            blocks.push(Block::Call(Call {
                id: call.id,
                tool: call.tool,
                input: wire::input(call.arguments),
            }));
        }
        Ok(wire::reply(blocks, stop, self.usage))
    }
}

impl Answer {
    fn trouble(&self, error: &Value) -> Failure {
        let text = |name: &str| match error.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let code = text("code").or_else(|| text("type")).unwrap_or_default();
        let said = error.as_str().map(str::to_string).or_else(|| text("message"));
        of_event(&self.provider, &code, &said.unwrap_or_else(|| error.to_string()))
    }

    fn count(&mut self, tokens: &Tokens) {
        let details = tokens.prompt_tokens_details.as_ref();
        let cached = details.and_then(|details| details.cached_tokens).or(tokens.prompt_cache_hit_tokens);
        let written = details.and_then(|details| details.cache_write_tokens);
        self.usage = usage(
            tokens.prompt_tokens.unwrap_or_default(),
            cached.unwrap_or_default(),
            written.unwrap_or_default(),
            tokens.completion_tokens.unwrap_or_default(),
        );
    }

    fn grow(&mut self, piece: Piece, show: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Failure> {
        let thought = match (&piece.reasoning_content, &piece.reasoning) {
            (Some(text), _) => Some(("reasoning_content", text.clone())),
            (None, Some(Value::String(text))) => Some(("reasoning", text.clone())),
            _ => None,
        };
        if let Some((name, text)) = thought.filter(|(_, text)| !text.is_empty()) {
            self.reasoning.name = name;
            self.reasoning.text.push_str(&text);
            show(Delta::Reasoning(text));
        }
        for detail in piece.reasoning_details.into_iter().flatten() {
            self.reasoning.add(detail);
        }
        for text in [piece.content.map(words), piece.refusal.clone()].into_iter().flatten() {
            if !text.is_empty() {
                self.text.push_str(&text);
                show(Delta::Text(text));
            }
        }
        if piece.refusal.is_some_and(|refusal| !refusal.is_empty()) {
            self.stop = Some(Stop::Refused);
        }
        for call in piece.tool_calls.into_iter().flatten() {
            self.grow_call(call, show);
        }
        if self.calls.len() + self.reasoning.details.len() > BLOCKS_MAX {
            return Err(Failure::garbled(&self.provider, "an answer of too many calls"));
        }
        Ok(())
    }

    /// Finds the call that a piece belongs to. By index where there is one; but some servers give all calls index 0,
    /// or none, and then a new id or a new name begins a new call.
    fn grow_call(&mut self, piece: CallPiece, show: &mut (dyn FnMut(Delta) + Send)) {
        let id = piece.id.unwrap_or_default();
        let (name, arguments) = match piece.function {
            Some(function) => (function.name.unwrap_or_default(), function.arguments),
            None => (String::new(), None),
        };
        let arguments = arguments.map(|raw| argument_text(&raw)).unwrap_or_default();
        let at = match piece.index {
            Some(index) => self.calls.iter().rposition(|call| call.index == Some(index)),
            None => self.calls.len().checked_sub(1),
        };
        let begins = |call: &Growing| {
            let other_id = !id.is_empty() && !call.id.is_empty() && call.id != id;
            let complete = piece.index.is_none() && !name.is_empty() && !call.tool.is_empty();
            (other_id && !name.is_empty()) || (complete && (id.is_empty() || call.id != id))
        };
        match at.and_then(|at| self.calls.get_mut(at)).filter(|call| !begins(call)) {
            Some(call) => {
                if call.tool.is_empty() && !name.is_empty() {
                    show(Delta::Call { tool: name.clone() });
                    call.tool = name;
                }
                if call.id.is_empty() {
                    call.id = id;
                }
                call.arguments.push_str(&arguments);
            }
            None => {
                if !name.is_empty() {
                    show(Delta::Call { tool: name.clone() });
                }
                self.calls.push(Growing { index: piece.index, id, tool: name, arguments });
            }
        }
    }
}

impl Thought {
    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.details.is_empty()
    }

    /// Adds a detail; pieces of one and the same text are put together, everything else stays as it came.
    fn add(&mut self, detail: Value) {
        let same = |name: &str, last: &Value| last.get(name) == detail.get(name);
        let last = self.details.last_mut().filter(|last| same("type", last) && same("index", last));
        let (Some(Value::Object(last)), Value::Object(more)) = (last, &detail) else {
            return self.details.push(detail);
        };
        for (name, value) in more {
            match (last.get_mut(name), value) {
                (Some(Value::String(text)), Value::String(more))
                    if matches!(name.as_str(), "text" | "summary" | "data") =>
                {
                    text.push_str(more);
                }
                (Some(known), _) if !known.is_null() => {}
                _ => {
                    last.insert(name.clone(), value.clone());
                }
            }
        }
    }

    fn opaque(&self) -> String {
        let mut out = "{".to_string();
        if !self.details.is_empty() {
            out.push_str(r#""reasoning_details":"#);
            out.push_str(&Value::Array(self.details.clone()).to_string());
        } else {
            json::member(&mut out, self.name, &self.text);
        }
        out.push('}');
        out
    }
}

/// The words of a content: a text, or a list of parts.
fn words(content: Value) -> String {
    match content {
        Value::String(text) => text,
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<Vec<_>>().join("")
        }
        _ => String::new(),
    }
}

/// Arguments: a piece of text, or from some servers the object itself.
fn argument_text(raw: &RawValue) -> String {
    match serde_json::from_str::<Option<String>>(raw.get()) {
        Ok(text) => text.unwrap_or_default(),
        Err(_) => raw.get().to_string(),
    }
}
