//! `mcp.json`: which MCP servers there are and how each is started or reached. One bad entry spoils only itself. Starts
//! nothing and resolves no `${VAR}`.

use super::fields::Fields;
use crate::Span;
use crate::data::{self, Node, Notation, Value};
use crate::diagnostic::{Diagnostic, Findings};

/// Servers read from one file.
pub const SERVERS_MAX: usize = 200;

/// The longest time for a request, in milliseconds; Kiro cuts larger ones to it.
pub const TIMEOUT_MS_MAX: u64 = 600_000;

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A program that speaks over standard input and output.
    Stdio {
        /// The program.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// Its environment; values may hold `${VAR}`.
        env: Vec<(String, String)>,
        /// Where it runs.
        cwd: Option<String>,
    },
    /// A URL: streamable HTTP, or server-sent events when the entry says so.
    Remote {
        /// The address.
        url: String,
        /// Sent with each request; values may hold `${VAR}`.
        headers: Vec<(String, String)>,
        /// What is asked for at login.
        oauth: Oauth,
        /// `type` said `sse`.
        is_sse: bool,
    },
    /// The entry only overrides what a registry says.
    Registry,
}

/// The `oauth` part of a remote server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oauth {
    /// The client as registered.
    pub client_id: Option<String>,
    /// The secret of that client, where it has one; may hold `${VAR}`.
    pub client_secret: Option<String>,
    /// Where the browser comes back: `127.0.0.1:7778`.
    pub redirect_uri: Option<String>,
    /// The client's metadata document.
    pub client_metadata_url: Option<String>,
    /// Scopes; empty asks for the server's own.
    pub scopes: Vec<String>,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its key in the file.
    pub name: String,
    /// How it is reached.
    pub transport: Transport,
    /// It is switched off.
    pub is_disabled: bool,
    /// Tools that need no question; `*` for all.
    pub auto_approve: Vec<String>,
    /// Tools that are not offered.
    pub disabled_tools: Vec<String>,
    /// Milliseconds for one request, at most [`TIMEOUT_MS_MAX`].
    pub timeout_ms: Option<u64>,
    /// The session waits for it.
    pub waits_for_ready: bool,
    /// Where the entry stands.
    pub span: Span,
}

/// An `mcp.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Servers {
    /// The servers that can be understood, in order.
    pub servers: Vec<Server>,
    /// Names of entries that cannot.
    pub broken: Vec<String>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Servers {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Servers {
        let (root, problems) = data::read(bytes, Notation::Json);
        let mut found = Findings::default();
        problems.into_iter().for_each(|problem| found.push(problem));
        let mut servers = Servers::default();
        if let Some(root) = &root {
            match (root.get("mcpServers"), root.get("servers")) {
                (Some(entries), _) => servers.read(entries, &mut found),
                (None, Some(entries)) => {
                    let message = "`servers` is the name in other programs; Kiro reads `mcpServers`";
                    found.push(
                        Diagnostic::warning("mcp/unknown-field", entries.span, message).hint("rename it"),
                    );
                    servers.read(entries, &mut found);
                }
                (None, None) => {
                    let message = "there is no `mcpServers`";
                    found.push(Diagnostic::warning("mcp/missing-field", root.span, message));
                }
            }
            if let Some(powers) = root.get("powers").and_then(|powers| powers.get("mcpServers")) {
                servers.read(powers, &mut found);
            }
        }
        servers.diagnostics = found.into_vec();
        servers
    }

    fn read(&mut self, entries: &Node, found: &mut Findings) {
        if !matches!(entries.value, Value::Map(_)) {
            Fields::of(entries, "mcp").wrong("mcpServers", entries, "a map", found);
        }
        for (key, entry) in entries.members() {
            if self.servers.len() >= SERVERS_MAX {
                let message = format!("only the first {SERVERS_MAX} servers are read");
                found.push(Diagnostic::warning("mcp/too-many", key.span, message));
                return;
            }
            if self.servers.iter().any(|server| server.name == key.name) {
                let message = format!("the server `{}` is written twice; the last entry counts", key.name);
                found.push(Diagnostic::warning("mcp/duplicate", key.span, message));
                self.servers.retain(|server| server.name != key.name);
            }
            match server(&key.name, entry, found) {
                Some(server) => self.servers.push(server),
                None => self.broken.push(key.name.clone()),
            }
        }
    }
}

fn server(name: &str, node: &Node, found: &mut Findings) -> Option<Server> {
    const KNOWN: &[&str] = &[
        "command",
        "args",
        "env",
        "cwd",
        "url",
        "headers",
        "oauth",
        "oauthScopes",
        "type",
        "transport",
        "transportType",
        "disabled",
        "autoApprove",
        "alwaysAllow",
        "disabledTools",
        "timeout",
        "requestTimeout",
        "waitForReady",
        "description",
    ];
    let fields = Fields::of(node, "mcp");
    if !matches!(node.value, Value::Map(_)) {
        fields.wrong(name, node, "a map", found);
        return None;
    }
    fields.unknown(KNOWN, found);
    let kind = ["type", "transport", "transportType"].into_iter().find_map(|field| fields.text(field, found));
    let transport = match (fields.text("command", found), fields.text("url", found)) {
        (Some(command), _) => Transport::Stdio {
            command,
            args: fields.texts("args", found),
            env: fields.pairs("env", found),
            cwd: fields.text("cwd", found),
        },
        (None, Some(url)) => remote(&fields, url, kind.as_deref(), found)?,
        (None, None) if kind.as_deref() == Some("registry") => Transport::Registry,
        (None, None) => {
            let message = format!("the server `{name}` has neither `command` nor `url`");
            found.push(Diagnostic::error("mcp/missing-field", node.span, message));
            return None;
        }
    };
    let mut auto_approve = fields.texts("autoApprove", found);
    if fields.get("alwaysAllow").is_some() {
        auto_approve.extend(fields.texts("alwaysAllow", found));
    }
    Some(Server {
        name: name.to_string(),
        transport,
        is_disabled: fields.flag("disabled", false, found),
        auto_approve,
        disabled_tools: fields.texts("disabledTools", found),
        timeout_ms: fields.number("timeout", found).filter(|ms| *ms > 0).map(|ms| ms.min(TIMEOUT_MS_MAX)),
        waits_for_ready: fields.flag("waitForReady", false, found),
        span: node.span,
    })
}

fn remote(fields: &Fields<'_>, url: String, kind: Option<&str>, found: &mut Findings) -> Option<Transport> {
    let host = url.strip_prefix("http://").map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
    let is_local = matches!(host, Some("localhost" | "127.0.0.1" | "[" | "0.0.0.0"));
    if !url.starts_with("https://") && !is_local {
        let span = fields.get("url").map_or(fields.span(), |node| node.span);
        let message = "a server is reached over https, or over http on this machine";
        found.push(Diagnostic::error("mcp/insecure-url", span, message).hint("write an https address"));
        return None;
    }
    let mut oauth = Oauth::default();
    if let Some(node) = fields.get("oauth") {
        let inner = Fields::of(node, "mcp");
        oauth.client_id = inner.text("clientId", found);
        oauth.client_secret = inner.text("clientSecret", found);
        oauth.redirect_uri = inner.text("redirectUri", found);
        oauth.client_metadata_url = inner.text("clientMetadataUrl", found);
        oauth.scopes = inner.texts("oauthScopes", found);
    }
    if fields.get("oauthScopes").is_some() {
        oauth.scopes.extend(fields.texts("oauthScopes", found));
    }
    Some(Transport::Remote {
        url,
        headers: fields.pairs("headers", found),
        oauth,
        is_sse: kind == Some("sse"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, servers: &[&str], codes: &[&str]) {
        let read = Servers::parse(text.as_bytes());
        let shown: Vec<String> = read
            .servers
            .iter()
            .map(|server| match &server.transport {
                Transport::Stdio { command, args, env, .. } => {
                    format!("{}: {command} {} {}", server.name, args.join(" "), env.len())
                }
                Transport::Remote { url, is_sse, .. } => format!("{}: {url} {is_sse}", server.name),
                Transport::Registry => format!("{}: registry", server.name),
            })
            .collect();
        assert_eq!(shown, servers);
        assert_eq!(read.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes);
    }

    #[test]
    fn one_bad_entry_spoils_only_itself() {
        check(
            r#"{"mcpServers": {
                // comment
                "docs": {"command": "npx", "args": ["-y", "docs"], "env": {"T": "${T}", "N": 1}, "autoApprove": ["*"]},
                "bad": {"args": []},
                "worse": 3,
                "web": {"url": "https://x/mcp", "type": "sse"},
                "plain": {"url": "http://example.com/mcp"},
                "local": {"url": "http://localhost:3000/mcp", "alwaysallow": []},
                "reg": {"type": "registry"},
            }}"#,
            &[
                "docs: npx -y docs 2",
                "web: https://x/mcp true",
                "local: http://localhost:3000/mcp false",
                "reg: registry",
            ],
            &[
                "data/comment",
                "mcp/missing-field",
                "mcp/wrong-type",
                "mcp/insecure-url",
                "mcp/unknown-field",
                "data/trailing-comma",
            ],
        );
        check("{}", &[], &["mcp/missing-field"]);
        check("", &[], &["data/not-json"]);
        let twice = r#"{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}}}"#;
        check(twice, &["a: y  0"], &["mcp/duplicate"]);
    }
}
