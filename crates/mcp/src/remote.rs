//! Tools of servers as tools of a session: one each, or found by words and called through one fixed tool. Starts nothing without
//! a permit.

use std::collections::BTreeMap;
use std::sync::Arc;

use conversation::{
    Call, CallResult, Elsewhere, Input, Later, Status, Tool, ToolContext, ToolDescription, ToolError,
};
use policy::{Capability, Origin, Permit, Request, Target};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::described::Described;
use crate::servers::{self, Servers};
use crate::told;

/// The longest name of a tool that providers take.
const NAME_CHARS_MAX: usize = 64;

/// The largest arguments of one call, in bytes.
const ARGUMENTS_BYTES_MAX: usize = 1024 * 1024;

/// How deep arguments may be nested.
const ARGUMENTS_DEPTH_MAX: usize = 64;

/// Tools that one search shows.
const FOUND_MAX: usize = 12;

/// How much the descriptions of tools may cost before they are found by words instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What the model holds, in tokens.
    pub context: u64,
    /// The share of it, in percent.
    pub percent: u64,
    /// The most tokens, however much the model holds.
    pub tokens: u64,
}

/// Says whether a session may know of a server, or of a tool of it.
pub type Sees = Arc<dyn Fn(&str, Option<&str>) -> bool + Send + Sync>;

/// What is offered to a session.
pub struct Offered {
    /// The tools, in a fixed order.
    pub tools: Vec<Box<dyn Tool>>,
    /// What a person is told at the beginning.
    pub notes: Vec<String>,
    /// Whether tools are found by words.
    pub is_deferred: bool,
    /// What all descriptions would cost together, in tokens.
    pub cost: u64,
}

impl Budget {
    /// Five percent of what the model holds, at most 50,000 tokens.
    pub fn usual(context: u64) -> Budget {
        Budget { context, percent: 5, tokens: 50_000 }
    }

    /// The bound in tokens.
    pub fn bound(&self) -> u64 {
        (self.context.saturating_mul(self.percent) / 100).min(self.tokens)
    }
}

/// The tools of these servers for a new session. Starts none: what a server offers is known from the lock, and a server that was
/// never started is found by `tool_search`.
///
/// `sees` says of a server, or of a tool of it, whether the session may know of it.
pub fn offer(servers: &Arc<Servers>, budget: Budget, sees: &Sees) -> Offered {
    let mut known: Vec<(String, Described)> = Vec::new();
    let (mut notes, mut unknown) = (Vec::new(), 0);
    for entry in servers.entries().into_iter().filter(|entry| sees(&entry.name, None)) {
        match servers.status(&entry.name) {
            Some(servers::Status::Disabled) | None => continue,
            Some(servers::Status::Failed(why)) if servers.start_requests(&entry.name).is_err() => {
                notes.push(format!("MCP server `{}` is left out: {why}", entry.name));
                continue;
            }
            Some(_) => {}
        }
        let found = servers.known(&entry.name).unwrap_or_default();
        notes.extend(found.notes.iter().map(|note| format!("MCP server `{}`: {note}", entry.name)));
        if found.tools.is_empty() {
            unknown += 1;
        }
        let mut tools = found.tools;
        tools.retain(|tool| sees(&entry.name, Some(&tool.name)));
        // One order, whether they come from the lock or from the server: the beginning of the prompt stays.
        tools.sort_by(|a, b| a.name.cmp(&b.name));
        known.extend(tools.into_iter().map(|tool| (entry.name.clone(), tool)));
    }
    let cost = known.iter().map(|(_, tool)| tool.tokens()).sum();
    let is_deferred = cost > budget.bound();
    let mut tools: Vec<Box<dyn Tool>> = Vec::new();
    if is_deferred || unknown > 0 {
        tools.push(Box::new(Search(Arc::clone(servers), Arc::clone(sees))));
        tools.push(Box::new(Through(Arc::clone(servers), Arc::clone(sees))));
    }
    if !is_deferred {
        for (server, tool) in known {
            let name = servers.called(&server, &tool.name);
            tools.push(Box::new(RemoteTool { servers: Arc::clone(servers), server, name, tool }));
        }
    }
    Offered { tools, notes, is_deferred, cost }
}

/// `mcp__server__tool`, in the characters and the length that all providers take; two tools never get the same.
pub(crate) fn wire_name<T>(server: &str, tool: &str, taken: &BTreeMap<String, T>) -> String {
    let plain = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' })
            .collect()
    };
    let mut name = format!("mcp__{}__{}", plain(server), plain(tool));
    if name.len() > NAME_CHARS_MAX || taken.contains_key(&name) {
        let mark = conversation::Digest::of(format!("{server}/{tool}").as_bytes()).short();
        name.truncate(NAME_CHARS_MAX - mark.len() - 1);
        name = format!("{name}_{mark}");
    }
    name
}

/// One tool of a server.
struct RemoteTool {
    servers: Arc<Servers>,
    server: String,
    name: String,
    tool: Described,
}

impl Tool for RemoteTool {
    fn describe(&self) -> ToolDescription {
        let said =
            if self.tool.description.trim().is_empty() { "no description" } else { &self.tool.description };
        ToolDescription {
            name: self.name.clone(),
            description: format!("[MCP server {}] {said}", self.server),
            schema: self.tool.told_schema(),
        }
    }

    fn reads_only(&self) -> bool {
        // The server's own word for it is nothing to rely on.
        false
    }

    fn request(&self, call: &Call, _context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        arguments(call)?;
        wants(&self.servers, &self.server, &self.tool.name)
    }

    fn elsewhere(&self, call: &Call) -> Option<Elsewhere> {
        let (server, tool) = (self.server.clone(), self.tool.name.clone());
        Some(Elsewhere { server, tool, input: call.input.text().to_string() })
    }

    fn run<'a>(
        &'a self,
        permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move {
            let given = match arguments(call) {
                Ok(given) => given,
                Err(error) => return CallResult::new(&call.id, Status::Failed, error.0),
            };
            called(&self.servers, (&self.server, &self.tool.name), given, &permit, call, context).await
        })
    }
}

/// Finds tools by words, and starts a server whose tools are not known yet.
struct Search(Arc<Servers>, Sees);

impl Tool for Search {
    fn describe(&self) -> ToolDescription {
        ToolDescription {
            name: "tool_search".to_string(),
            description: "Find tools of MCP servers by words; call what it finds with `mcp`. Without words it lists the \
                          servers. With `server` it starts that one, when its tools are not known yet."
                .to_string(),
            schema: r#"{"type":"object","properties":{"query":{"type":"string"},"server":{"type":"string"}}}"#
                .to_string(),
        }
    }

    fn reads_only(&self) -> bool {
        false
    }

    fn request(&self, call: &Call, _context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let given = arguments(call)?;
        match text(&given, "server") {
            Some(server) if !(self.1)(server, None) => Err(unseen(server)),
            Some(server) if self.is_unknown(server) => self.0.start_requests(server).map_err(ToolError),
            Some(server) => self
                .0
                .status(server)
                .map(|_| Vec::new())
                .ok_or_else(|| ToolError(self.0.start_requests(server).err().unwrap_or_default())),
            None => Ok(Vec::new()),
        }
    }

    fn run<'a>(
        &'a self,
        permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move {
            let given = arguments(call).unwrap_or_default();
            let server = text(&given, "server");
            if let Some(server) = server.filter(|server| self.is_unknown(server)) {
                (context.on_output)(&format!("starting {server}\n"));
                if let Err(why) = self.0.start(server, &permit).await {
                    return CallResult::new(&call.id, Status::Failed, why);
                }
            }
            let text =
                told::found(&self.0, &self.1, text(&given, "query").unwrap_or_default(), server, FOUND_MAX);
            CallResult::new(&call.id, Status::Done, told::cut(text, context, "tools"))
        })
    }
}

impl Search {
    fn is_unknown(&self, server: &str) -> bool {
        let known = self.0.known(server);
        known.is_some_and(|known| known.tools.is_empty() && known.described.is_none())
    }
}

/// Calls any tool of any server, and reads resources: one description for all, so that the beginning of the prompt stays.
struct Through(Arc<Servers>, Sees);

impl Tool for Through {
    fn describe(&self) -> ToolDescription {
        ToolDescription {
            name: "mcp".to_string(),
            description: "Call a tool of an MCP server with arguments that fit the schema that `tool_search` showed; or read a \
                          resource of it (`resource` instead of `tool`; an empty one lists them)."
                .to_string(),
            schema: r#"{"type":"object","properties":{"server":{"type":"string"},"tool":{"type":"string"},"arguments":{"type":"object"},"resource":{"type":"string"}},"required":["server"]}"#
                .to_string(),
        }
    }

    fn reads_only(&self) -> bool {
        false
    }

    fn request(&self, call: &Call, _context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let given = arguments(call)?;
        let server = text(&given, "server").ok_or_else(|| ToolError("`server` is missing".to_string()))?;
        if !(self.1)(server, None) {
            return Err(unseen(server));
        }
        match (text(&given, "tool"), text(&given, "resource")) {
            (Some(tool), None) => {
                inner(&given)?;
                wants(&self.0, server, tool)
            }
            (None, Some(_)) => wants(&self.0, server, RESOURCES),
            _ => Err(ToolError("give either `tool` or `resource`".to_string())),
        }
    }

    fn elsewhere(&self, call: &Call) -> Option<Elsewhere> {
        let given = arguments(call).ok()?;
        let server = text(&given, "server")?.to_string();
        Some(match text(&given, "tool") {
            Some(tool) => {
                let input = Value::Object(inner(&given).ok()?).to_string();
                Elsewhere { server, tool: tool.to_string(), input }
            }
            None => {
                let input = serde_json::json!({ "resource": text(&given, "resource")? }).to_string();
                Elsewhere { server, tool: RESOURCES.to_string(), input }
            }
        })
    }

    fn run<'a>(
        &'a self,
        permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move {
            let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
            let given = arguments(call).unwrap_or_default();
            let Some(server) = text(&given, "server") else { return fail("`server` is missing".to_string()) };
            match (text(&given, "tool"), text(&given, "resource")) {
                (Some(tool), _) => match inner(&given) {
                    Ok(inner) => called(&self.0, (server, tool), inner, &permit, call, context).await,
                    Err(error) => fail(error.0),
                },
                (None, Some("")) => match self.0.resources(server, &permit).await {
                    Ok(lines) => {
                        let text = told::cut(lines.join("\n"), context, "resources");
                        CallResult::new(&call.id, Status::Done, text)
                    }
                    Err(why) => fail(why),
                },
                (None, Some(uri)) => match context.secrecy.reveal(uri, server) {
                    Ok(uri) => match self.0.read(server, &uri, &permit).await {
                        Ok(text) => {
                            CallResult::new(&call.id, Status::Done, told::cut(text, context, "resource"))
                        }
                        Err(why) => fail(why),
                    },
                    Err(why) => fail(why),
                },
                _ => fail("give either `tool` or `resource`".to_string()),
            }
        })
    }
}

fn unseen(server: &str) -> ToolError {
    ToolError(format!(
        "there is no server `{server}` here; without words `tool_search` lists those that there are"
    ))
}

/// What reading resources is called in rules: `server/resources`, beside the tools.
const RESOURCES: &str = "resources";

/// What a call wants: the tool, and the start of its server when it does not run.
fn wants(servers: &Servers, server: &str, tool: &str) -> Result<Vec<Request>, ToolError> {
    let mut requests = vec![Request {
        capability: Capability::Mcp,
        target: Target::Name(format!("{server}/{tool}")),
        origin: Origin::Agent,
    }];
    requests.extend(servers.start_requests(server).map_err(ToolError)?);
    Ok(requests)
}

async fn called(
    servers: &Servers,
    (server, tool): (&str, &str),
    given: Map<String, Value>,
    permit: &Permit,
    call: &Call,
    context: &ToolContext<'_>,
) -> CallResult {
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    // Only now, behind the gate: what is on record holds no value.
    let given = match revealed(Value::Object(given), &format!("{server}/{tool}"), context, 0) {
        Ok(Value::Object(given)) => given,
        Ok(_) => return fail("the arguments are no object".to_string()),
        Err(why) => return fail(why),
    };
    match servers.call(server, tool, given, permit, context.on_output).await {
        Ok(Answer { text, is_error }) => {
            let status = if is_error { Status::Failed } else { Status::Done };
            let text = if text.is_empty() { "[no content]".to_string() } else { text };
            CallResult::new(&call.id, status, told::cut(text, context, "answer"))
        }
        Err(why) => fail(why),
    }
}

/// Every text in the arguments with its values put back.
fn revealed(value: Value, target: &str, context: &ToolContext<'_>, depth: usize) -> Result<Value, String> {
    if depth > ARGUMENTS_DEPTH_MAX {
        return Err(format!("the arguments are nested deeper than {ARGUMENTS_DEPTH_MAX}"));
    }
    Ok(match value {
        Value::String(text) => Value::String(context.secrecy.reveal(&text, target)?),
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(|item| revealed(item, target, context, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let reveal =
                |(name, value)| revealed(value, target, context, depth + 1).map(|value| (name, value));
            Value::Object(members.into_iter().map(reveal).collect::<Result<_, _>>()?)
        }
        other => other,
    })
}

fn arguments(call: &Call) -> Result<Map<String, Value>, ToolError> {
    let (Input::Json(text) | Input::Broken(text)) = &call.input;
    if text.len() > ARGUMENTS_BYTES_MAX {
        return Err(ToolError(format!("the arguments have more than {ARGUMENTS_BYTES_MAX} bytes")));
    }
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text)
        .map_err(|error| ToolError(format!("the arguments are no JSON object: {error}")))
}

/// The `arguments` of a call through `mcp`: an object, or one written as text.
fn inner(given: &Map<String, Value>) -> Result<Map<String, Value>, ToolError> {
    let wrong = || ToolError("`arguments` is no object".to_string());
    match given.get("arguments") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(inner)) => Ok(inner.clone()),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| wrong()),
        Some(_) => Err(wrong()),
    }
}

fn text<'a>(given: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    given.get(field).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_every_provider_and_differ() {
        let mut taken = BTreeMap::new();
        let mut name = |server: &str, tool: &str| {
            let name = wire_name(server, tool, &taken);
            taken.insert(name.clone(), ());
            name
        };
        assert_eq!(name("files", "read"), "mcp__files__read");
        assert_eq!(name("a.b", "c/d"), "mcp__a_b__c_d");
        let other = name("a_b", "c_d");
        assert!(other.starts_with("mcp__a_b__c_d_") && other.len() <= 64, "{other}");
        let long = name(&"s".repeat(64), &"t".repeat(64));
        assert_eq!(long.len(), 64);
        assert_ne!(long, name(&"s".repeat(64), &"u".repeat(64)));
    }

    #[test]
    fn the_smaller_bound_counts() {
        assert_eq!(Budget::usual(200_000).bound(), 10_000);
        assert_eq!(Budget::usual(2_000_000).bound(), 50_000);
        assert_eq!(Budget::usual(u64::MAX).bound(), 50_000);
    }
}
