//! What the tests have in common: a gate that permits, servers written in a few lines, a runtime. No tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use conversation::{Call, CallResult, Input, Plain, Seen, Tool, ToolContext};
use mcp::ask::{Forgetful, Nobody};
use mcp::config::{Layer, Scope, merge};
use mcp::remote::{Budget, Offered, Sees, offer};
use mcp::servers::Servers;
use mcp::variables::Variables;
use mcp::{MayStart, Network, Surroundings};
use policy::{
    Admission, Ask, Decided, Effect, Gate, Mode, Permit, Policy, Record, RecordError, Request, Rule, Source,
};
use sandbox::Free;

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _decided: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

/// A permit for these requests, from a gate that allows everything.
pub(crate) fn permit(requests: Vec<Request>) -> Permit {
    let mut policy = Policy::new(Mode::Autopilot, &[]);
    policy.add(Rule::read("all:*", Effect::Allow, Source::User).unwrap());
    let ask = Ask { call: "c".to_string(), requests, answer: None };
    match Gate::new(policy).admit(&mut Nowhere, vec![ask]).unwrap().pop().unwrap() {
        Admission::Permitted(permit) => permit,
        other => panic!("{other:?}"),
    }
}

/// A workspace with the servers of an `mcp.json`.
pub(crate) struct Place {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) kept: Arc<Forgetful>,
    pub(crate) handshake_ms: u64,
    pub(crate) may_start: MayStart,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place {
            directory: tempfile::tempdir().unwrap(),
            kept: Arc::new(Forgetful::default()),
            handshake_ms: 20_000,
            may_start: Arc::new(|_| Ok(())),
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    pub(crate) fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn around(&self) -> Surroundings {
        let path = std::env::var("PATH").unwrap();
        let environment =
            vec![("PATH".to_string(), path), ("HOME".to_string(), self.root().display().to_string())];
        Surroundings {
            workspace: self.root(),
            confine: Arc::new(Free { environment }),
            may_start: Arc::clone(&self.may_start),
            asker: Arc::new(Nobody),
            tokens: Arc::clone(&self.kept) as Arc<_>,
            web: Network::default(),
            version: "0".to_string(),
            handshake_ms: self.handshake_ms,
        }
    }

    /// The servers of this text, none started.
    pub(crate) fn servers(&self, text: &str) -> Arc<Servers> {
        let configured = merge(vec![Layer::read(Scope::User, "mcp.json", text.as_bytes())]);
        assert_eq!(configured.broken, []);
        let locks = Arc::clone(&self.kept) as Arc<_>;
        Arc::new(Servers::new(self.around(), locks, configured, &Variables::default()))
    }

    /// One server `s`, written in Python.
    pub(crate) fn python(&self, program: &str) -> Arc<Servers> {
        let path = self.put("server.py", &format!("{PRELUDE}\n{program}"));
        let entry = serde_json::json!({"command": "python3", "args": ["-u", path], "timeout": 3000});
        self.servers(&serde_json::json!({"mcpServers": {"s": entry}}).to_string())
    }
}

/// Helpers for servers in Python: `loop(handle)` answers each request with what `handle(method, params)` gives.
const PRELUDE: &str = r#"
import sys, json, os, time
def send(message):
    sys.stdout.write(json.dumps(message) + "\n"); sys.stdout.flush()
def hello(params):
    return {"protocolVersion": "2025-11-25", "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "test", "version": "1"}}
def tool(name, **more):
    return dict({"name": name, "description": "does " + name, "inputSchema": {"type": "object"}}, **more)
def said(text):
    return {"content": [{"type": "text", "text": text}]}
class Refuse(Exception): pass
def loop(handle):
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message: continue
        try:
            method, params = message["method"], message.get("params") or {}
            if method == "server/discover": raise Refuse("no such method")
            if method == "ping": result = {}
            else: result = hello(params) if method == "initialize" else handle(method, params)
            send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        except Refuse as error:
            send({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": str(error)}})
"#;

pub(crate) fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Starts a server with a permit for just that.
pub(crate) async fn start(servers: &Servers, name: &str) -> Result<(), String> {
    let permit = permit(servers.start_requests(name)?);
    servers.start(name, &permit).await
}

/// The tools that a session would get.
pub(crate) fn offered(servers: &Arc<Servers>) -> Offered {
    offer(servers, Budget::usual(200_000), &everything())
}

/// Sees all servers and tools.
pub(crate) fn everything() -> Sees {
    Arc::new(|_, _| true)
}

pub(crate) fn names(offered: &Offered) -> Vec<String> {
    offered.tools.iter().map(|tool| tool.describe().name).collect()
}

/// Calls a tool as a session does: asks, is permitted, runs.
pub(crate) async fn run(tool: &dyn Tool, input: &serde_json::Value, root: &Path) -> CallResult {
    let call =
        Call { id: "c".to_string(), tool: tool.describe().name, input: Input::Json(input.to_string()) };
    let scratch = root.join("scratch");
    let seen = Seen::new();
    let context = ToolContext {
        workspace: root,
        scratch: &scratch,
        session: "",
        cost_left: None,
        turns_left: 0,
        seen: &seen,
        secrecy: &Plain,
        on_output: &|_| {},
    };
    match tool.request(&call, &context) {
        Ok(requests) => tool.run(permit(requests), &call, &context).await,
        Err(error) => CallResult::new("c", conversation::Status::Failed, error.0),
    }
}

/// The tool of that name.
pub(crate) fn tool<'a>(offered: &'a Offered, name: &str) -> &'a dyn Tool {
    offered.tools.iter().find(|tool| tool.describe().name == name).unwrap().as_ref()
}
