//! What a provider is to the rest of this crate: a request it can write and a stream it can read. No network.

use conversation::{Block, CallResult, Delta, Input, Later, Message, Prompt, Reply, Role, Stop, Usage};

use crate::errors::Failure;
use crate::json;

/// What an answer may hold in all, in bytes.
pub(crate) const REPLY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How many blocks an answer may hold.
pub(crate) const BLOCKS_MAX: usize = 1024;
/// The longest name of a tool and the longest id of a call that are sent.
const NAME_BYTES_MAX: usize = 64;

/// One provider's wire.
pub(crate) trait Wire: Send + Sync {
    /// The address that requests go to.
    fn url(&self) -> &str;

    /// How the answer is cut into pieces.
    fn framing(&self) -> Framing;

    /// The body of a request. Its beginning is the same from turn to turn.
    fn body(&self, prompt: &Prompt<'_>, reasoning: Carry) -> String;

    /// The headers of a request; computed anew for each try, because a signature holds the time.
    fn headers<'a>(&'a self, body: &'a [u8]) -> Later<'a, Result<Headers, Failure>>;

    /// Something that reads one answer.
    fn reader(&self) -> Box<dyn Reader>;
}

/// Names and values.
pub(crate) type Headers = Vec<(String, String)>;

/// How a stream is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events.
    Sse,
    /// AWS's event stream.
    EventStream,
}

/// Whether reasoning blocks are carried back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carry {
    /// Those that this very model made.
    Own,
    /// None.
    Nothing,
}

/// Reads one answer, piece by piece.
pub(crate) trait Reader: Send {
    /// Takes a piece: its name, and its text, which is JSON in every provider's format.
    fn feed(&mut self, name: &str, data: &str, show: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Failure>;

    /// Whether the answer is whole, so that nothing more is waited for.
    fn done(&self) -> bool;

    /// The whole answer.
    fn finish(self: Box<Self>) -> Result<Reply, Failure>;
}

/// The arguments of a call as a model wrote them: an empty text is an empty object.
pub(crate) fn input(text: String) -> Input {
    if text.trim().is_empty() {
        Input::Json("{}".to_string())
    } else if json::is_object(&text) {
        Input::Json(text)
    } else {
        Input::Broken(text)
    }
}

/// Pushes arguments as a JSON object, also when they are none: providers insist.
pub(crate) fn push_input(out: &mut String, input: &Input) {
    match input {
        Input::Json(text) => out.push_str(text.trim()),
        Input::Broken(text) => {
            out.push('{');
            json::member(out, "unparsed", text);
            out.push('}');
        }
    }
}

/// What of a text may stand where providers allow only letters, digits, `_` and `-`: a model can write any name, and
/// a conversation can have begun with another provider.
pub(crate) fn plain(text: &str) -> String {
    let plain: String = text
        .chars()
        .take(NAME_BYTES_MAX)
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' })
        .collect();
    if plain.is_empty() { "_".to_string() } else { plain }
}

/// What a result says; never nothing, which some providers reject.
pub(crate) fn said(result: &CallResult) -> &str {
    if result.text.trim().is_empty() { "(no output)" } else { &result.text }
}

/// A message's blocks as providers want them: results before words, nothing empty, and reasoning only where it is
/// carried back to the one that made it and something follows.
pub(crate) fn blocks<'a>(message: &'a Message, own: Option<&str>) -> Vec<&'a Block> {
    let keep = |block: &&Block| match block {
        Block::Text(text) => !text.trim().is_empty(),
        Block::Reasoning(reasoning) => {
            message.role == Role::Assistant && own == Some(reasoning.provider.as_str())
        }
        Block::Call(_) => message.role == Role::Assistant,
        Block::Result(_) => message.role == Role::User,
    };
    let is_result = |block: &&Block| matches!(block, Block::Result(_));
    let results = message.blocks.iter().filter(is_result).filter(keep);
    let others = message.blocks.iter().filter(|block| !is_result(block)).filter(keep);
    let mut blocks: Vec<&Block> = results.chain(others).collect();
    // An answer that was cut short inside its reasoning: every provider rejects reasoning that leads to nothing.
    while matches!(blocks.last(), Some(Block::Reasoning(_))) {
        blocks.pop();
    }
    blocks
}

/// The pinned part of a prompt as one text.
pub(crate) fn system(prompt: &Prompt<'_>) -> String {
    let mut out = String::new();
    for fragment in prompt.fragments.iter().filter(|fragment| !fragment.text().is_empty()) {
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(fragment.text());
    }
    out
}

/// Gives every call an id that is not yet in the conversation: some servers send none, or the same ones each turn.
pub(crate) fn unique_ids(reply: &mut Reply, prompt: &Prompt<'_>) {
    if !reply.blocks.iter().any(|block| matches!(block, Block::Call(_))) {
        return;
    }
    let mut taken: std::collections::HashSet<String> =
        prompt.messages.iter().flat_map(Message::calls).map(|call| call.id.clone()).collect();
    let turn = prompt.messages.iter().filter(|message| message.role == Role::Assistant).count() + 1;
    let mut nth = 0;
    for block in &mut reply.blocks {
        let Block::Call(call) = block else { continue };
        nth += 1;
        let base = if call.id.is_empty() { "call".to_string() } else { call.id.clone() };
        let mut round = 0;
        while call.id.is_empty() || taken.contains(&call.id) {
            let more = if round == 0 { String::new() } else { format!("_{round}") };
            call.id = format!("{base}_{turn}_{nth}{more}");
            round += 1;
        }
        taken.insert(call.id.clone());
    }
}

/// The reply of these parts. A model that asks for calls waits for them, whatever it calls that.
pub(crate) fn reply(blocks: Vec<Block>, stop: Stop, usage: Usage) -> Reply {
    let calls = blocks.iter().any(|block| matches!(block, Block::Call(_)));
    let stop = match stop {
        Stop::EndTurn | Stop::Calls if calls => Stop::Calls,
        Stop::Calls => Stop::EndTurn,
        stop => stop,
    };
    Reply { blocks, stop, usage }
}

#[cfg(test)]
mod tests {
    use conversation::{Call, Reasoning};

    use super::*;

    #[test]
    fn arguments() {
        let check = |text: &str, expect: &str| {
            let mut out = String::new();
            push_input(&mut out, &input(text.to_string()));
            assert_eq!(out, expect);
        };
        check("", "{}");
        check(" {\"a\": 1} ", "{\"a\": 1}");
        check("{\"a\": \"", r#"{"unparsed":"{\"a\": \""}"#);
        check("[1]", r#"{"unparsed":"[1]"}"#);
    }

    #[test]
    fn blocks_as_providers_want_them() {
        let check = |role: Role, own: Option<&str>, expect: &str| {
            let thought = |provider: &str| {
                Block::Reasoning(Reasoning {
                    text: String::new(),
                    opaque: "{}".to_string(),
                    provider: provider.to_string(),
                })
            };
            let result = Block::Result(CallResult::new("c", conversation::Status::Done, ""));
            let text = |text: &str| Block::Text(text.to_string());
            let all = vec![thought("a/m"), thought("b/m"), text("t"), text(" \n"), result, thought("a/m")];
            let message = Message { role, blocks: all };
            let letters = blocks(&message, own).into_iter().map(|block| match block {
                Block::Text(_) => 't',
                Block::Reasoning(_) => 'r',
                Block::Call(_) => 'c',
                Block::Result(_) => 's',
            });
            assert_eq!(letters.collect::<String>(), expect);
        };
        check(Role::Assistant, Some("a/m"), "rt");
        check(Role::Assistant, None, "t");
        check(Role::User, Some("a/m"), "st");
    }

    #[test]
    fn names() {
        assert_eq!(plain("functions.read:0"), "functions_read_0");
        assert_eq!(plain(""), "_");
        assert_eq!(plain(&"é".repeat(100)), "_".repeat(64));
    }

    #[test]
    fn ids_become_unique() {
        let call = |id: &str| {
            Block::Call(Call {
                id: id.to_string(),
                tool: "t".to_string(),
                input: Input::Json("{}".to_string()),
            })
        };
        let before = [Message { role: Role::Assistant, blocks: vec![call("call_0")] }];
        let prompt = Prompt { fragments: &[], tools: &[], messages: &before, cache_key: "" };
        let mut reply =
            reply(vec![call("call_0"), call(""), call("x"), call("x")], Stop::EndTurn, Usage::default());
        unique_ids(&mut reply, &prompt);
        let message = Message { role: Role::Assistant, blocks: reply.blocks };
        let ids: Vec<&str> = message.calls().map(|call| call.id.as_str()).collect();
        assert_eq!(ids, ["call_0_2_1", "call_2_2", "x", "x_2_4"]);
        assert_eq!(reply.stop, Stop::Calls);
    }
}
