//! A real MCP server in a few lines of Python: the frame of the protocol is here, what it offers and answers is each test's.

/// What a body may use, and may define anew: `tool`, and what the server says of itself.
const BEGINS: &str = r#"
import sys, json, os
def tool(name, description="A tool.", **more):
    schema = {"type": "object", "properties": {"path": {"type": "string"}, "text": {"type": "string"}}}
    return dict({"name": name, "description": description, "inputSchema": schema}, **more)
def hello(): return {"name": "t", "version": "1.2"}
"#;

const SERVES: &str = r#"
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message: continue
    method, params, answer = message["method"], message.get("params") or {}, {"jsonrpc": "2.0", "id": message["id"]}
    if method == "initialize":
        answer["result"] = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": hello()}
    elif method == "tools/list": answer["result"] = {"tools": tools()}
    elif method == "tools/call":
        said = called(params["name"], params.get("arguments") or {})
        answer["result"] = {"content": [{"type": "text", "text": said}]}
    else: answer["error"] = {"code": -32601, "message": "no such method"}
    print(json.dumps(answer), flush=True)
"#;

/// A server whose body defines `tools()`, a list of `tool(…)`, and `called(name, arguments)`, a text.
pub(crate) fn server(body: &str) -> String {
    format!("{BEGINS}{body}{SERVES}")
}

/// The system's own, which a held command can read; others may lie in a home that it cannot.
#[expect(clippy::disallowed_methods, reason = "looks for a program")]
pub(crate) fn python() -> &'static str {
    if std::path::Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" }
}
