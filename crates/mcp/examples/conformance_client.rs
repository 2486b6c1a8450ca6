//! The client as the official conformance suite drives it: the address comes last, the scenario in the environment. Holds no logic
//! of its own but that of a person who logs in, says yes, and calls each tool once.
//!
//! `npx @modelcontextprotocol/conformance client --requirements 2025-11-25 --command target/debug/examples/conformance_client`
#![expect(clippy::disallowed_methods, reason = "the suite gives its context in the environment")]
#![expect(clippy::print_stderr, reason = "the suite shows what is said here when a scenario fails")]

use std::sync::Arc;

use conversation::Later;
use mcp::ask::{Asker, Forgetful, Question, Reply};
use mcp::config::{Layer, Scope, merge};
use mcp::servers::{Servers, Status};
use mcp::variables::Variables;
use mcp::{Browser, Network, Surroundings};
use policy::{
    Admission, Ask, Capability, Decided, Effect, Gate, Mode, Origin, Permit, Policy, Record, RecordError,
};
use policy::{Request, Rule, Source, Target};
use sandbox::Free;
use serde_json::{Map, Value, json};

/// How often a person would log in for one run.
const LOGINS_MAX: usize = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(why) = outcome {
        eprintln!("{why}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), String> {
    let url = std::env::args().next_back().unwrap_or_default();
    let context: Value = std::env::var("MCP_CONFORMANCE_CONTEXT")
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let oauth = json!({
        "clientId": context.get("client_id"),
        "clientSecret": context.get("client_secret"),
        "clientMetadataUrl": "https://conformance-test.local/client-metadata.json",
    });
    let text = json!({"mcpServers": {"s": {"url": url, "type": "http", "oauth": oauth, "timeout": 20000}}});
    let configured = merge(vec![Layer::read(Scope::User, "mcp.json", text.to_string().as_bytes())]);
    let kept = Arc::new(Forgetful::default());
    let around = Surroundings {
        workspace: std::env::current_dir().map_err(|error| error.to_string())?,
        confine: Arc::new(Free::default()),
        may_start: Arc::new(|_| Ok(())),
        asker: Arc::new(Willing),
        tokens: Arc::clone(&kept) as Arc<_>,
        web: Network::default(),
        version: "0".to_string(),
        handshake_ms: mcp::HANDSHAKE_MS,
    };
    let servers = Servers::new(around, kept, configured, &Variables::default());
    let mut logins = 0;
    start(&servers, &mut logins).await?;
    let tools = servers.known("s").unwrap_or_default().tools;
    let wanted = context.get("toolCalls").and_then(Value::as_array);
    let mut calls: Vec<(String, Map<String, Value>)> = Vec::new();
    for call in wanted.into_iter().flatten() {
        let name = call.get("name").and_then(Value::as_str).unwrap_or_default().to_string();
        calls.push((name, call.get("arguments").and_then(Value::as_object).cloned().unwrap_or_default()));
    }
    if calls.is_empty() {
        let first = tools.first().map(|tool| tool.schema.clone()).unwrap_or_default();
        calls = tools.iter().map(|tool| (tool.name.clone(), sample(&tool.schema, &first))).collect();
    }
    for (tool, arguments) in calls {
        loop {
            let permit = permit(&servers, Some(&tool))?;
            match servers.call("s", &tool, arguments.clone(), &permit, &|_| {}).await {
                Ok(answer) => {
                    eprintln!("{tool}: {}", answer.text);
                    break;
                }
                Err(_) if servers.status("s") == Some(Status::NeedsLogin) => {
                    login(&servers, &mut logins).await?
                }
                Err(why) => {
                    eprintln!("{tool}: {why}");
                    break;
                }
            }
        }
    }
    servers.stop_all().await;
    Ok(())
}

async fn start(servers: &Servers, logins: &mut usize) -> Result<(), String> {
    loop {
        let permit = permit(servers, None)?;
        match servers.start("s", &permit).await {
            Ok(()) => return Ok(()),
            Err(_) if servers.status("s") == Some(Status::NeedsLogin) => login(servers, logins).await?,
            Err(why) => return Err(why),
        }
    }
}

async fn login(servers: &Servers, logins: &mut usize) -> Result<(), String> {
    *logins += 1;
    if *logins > LOGINS_MAX {
        return Err("it wants a login again and again".to_string());
    }
    servers.login("s", &Quick).await
}

/// Arguments that fit a schema well enough: what is required, by type.
fn sample(schema: &str, first: &str) -> Map<String, Value> {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut arguments = Map::new();
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if name == "schema" {
            arguments.insert(name.clone(), serde_json::from_str(first).unwrap_or_default());
        }
        if !required.iter().any(|it| it.as_str() == Some(name)) || arguments.contains_key(name) {
            continue;
        }
        let value = match property.get("type").and_then(Value::as_str) {
            Some("number" | "integer") => json!(arguments.len() + 3),
            Some("boolean") => json!(true),
            Some("array") => json!([]),
            Some("object") => json!({}),
            _ => json!("text"),
        };
        arguments.insert(name.clone(), value);
    }
    arguments
}

fn permit(servers: &Servers, tool: Option<&str>) -> Result<Permit, String> {
    let mut requests = servers.start_requests("s")?;
    requests.extend(tool.map(|tool| Request {
        capability: Capability::Mcp,
        target: Target::Name(format!("s/{tool}")),
        origin: Origin::Agent,
    }));
    let mut policy = Policy::new(Mode::Autopilot, &[]);
    policy.add(Rule::read("all:*", Effect::Allow, Source::User).map_err(|error| error.to_string())?);
    let ask = Ask { call: "c".to_string(), requests, answer: None };
    match Gate::new(policy).admit(&mut Nowhere, vec![ask]).map_err(|error| error.to_string())?.pop() {
        Some(Admission::Permitted(permit)) => Ok(permit),
        other => Err(format!("{other:?}")),
    }
}

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _decided: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

/// Says yes, and leaves every field to its default.
struct Willing;

impl Asker for Willing {
    fn ask<'a>(&'a self, _server: &'a str, _question: Question) -> Later<'a, Reply> {
        Box::pin(std::future::ready(Reply::Accept(Some("{}".to_string()))))
    }
}

/// A browser whose person agrees at once.
struct Quick;

impl Browser for Quick {
    fn open<'a>(&'a self, url: &'a str) -> Later<'a, Result<(), String>> {
        Box::pin(async move {
            let tell = |error: reqwest::Error| error.to_string();
            let client = reqwest::Client::builder()
                .tls_backend_preconfigured(tls()?)
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .map_err(tell)?;
            let answer = client.get(url).send().await.map_err(tell)?;
            let back = answer.headers().get("location").and_then(|it| it.to_str().ok());
            let back =
                back.ok_or_else(|| format!("the page leads nowhere: {}", answer.status()))?.to_string();
            // The visit waits in the listener until somebody looks.
            let visit = std::thread::spawn(move || visit(&back));
            drop(visit);
            Ok(())
        })
    }
}

/// Comes back as a browser does, from a thread of its own: the client is busy waiting for it.
fn visit(back: &str) {
    use std::io::{Read as _, Write as _};
    let Some(rest) = back.strip_prefix("http://") else { return };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Ok(mut stream) = std::net::TcpStream::connect(host.replace("localhost", "127.0.0.1")) else { return };
    let _sent = stream.write_all(format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes());
    let mut answer = Vec::new();
    let _read = stream.read_to_end(&mut answer);
}

fn tls() -> Result<rustls::ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}
