//! Servers at an address: both transports, redirects, headers, and the login with a mock authorization server.

use std::sync::{Arc, Mutex};

use conversation::Later;
use mcp::Browser;
use mcp::servers::Status;
use serde_json::{Value, json};

use crate::harness::{Place, names, offered, on_runtime, run, start, tool};
use crate::web::{Asked, Said, Web};

/// What a server of revision 2025-11-25 with one tool answers.
fn answer(asked: &Asked) -> Said {
    let message = asked.json();
    let Some(id) = message.get("id") else { return Said::status(202) };
    let result = match message["method"].as_str().unwrap_or_default() {
        "initialize" => {
            json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "t", "version": "2"}})
        }
        "tools/list" => json!({"tools": [{"name": "hi", "inputSchema": {"type": "object"}}]}),
        "tools/call" => json!({"content": [{"type": "text", "text": "hello"}]}),
        _ => {
            return Said::json(
                &json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "no"}}),
            );
        }
    };
    Said::json(&json!({"jsonrpc": "2.0", "id": id, "result": result}))
}

fn entry(url: &str, more: &Value) -> String {
    let mut entry = json!({"url": url, "timeout": 5000});
    entry.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    json!({"mcpServers": {"s": entry}}).to_string()
}

#[test]
fn a_server_at_an_address_answers_and_gets_its_headers() {
    on_runtime(async {
        let web = Web::serve(|asked| if asked.method == "POST" { answer(asked) } else { Said::status(405) });
        let place = Place::new();
        let servers =
            place.servers(&entry(&web.url, &json!({"headers": {"X-Org": "acme", "Bad Header": "x"}})));
        let requests = servers.start_requests("s").unwrap();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].target.shown(), format!("s {}", web.url));
        start(&servers, "s").await.unwrap();
        let known = servers.known("s").unwrap();
        assert_eq!((known.version.as_str(), known.protocol.as_str()), ("2", "2025-11-25"));
        assert_eq!(known.notes, ["the header `Bad Header` is left out: it is no valid header"]);
        let offered = offered(&servers);
        assert_eq!(names(&offered), ["mcp__s__hi"]);
        let said = run(tool(&offered, "mcp__s__hi"), &json!({}), &place.root()).await;
        assert_eq!(said.text, "hello");
        assert!(web.asked.lock().unwrap().iter().all(|asked| asked.header("x-org") == Some("acme")));
        servers.stop_all().await;
    });
}

#[test]
fn a_redirect_to_another_host_is_refused() {
    on_runtime(async {
        let other = Web::serve(answer);
        let elsewhere = other.url.clone();
        let web = Web::serve(move |_| Said::status(307).with("location", elsewhere.clone()));
        let place = Place::new();
        let servers = place.servers(&entry(&web.url, &json!({})));
        let why = start(&servers, "s").await.unwrap_err();
        assert!(why.contains("redirects to another host"), "{why}");
        assert!(other.asked.lock().unwrap().is_empty());
        // To another path of the same host it is followed.
        let web = Web::serve(|asked| match asked.path.as_str() {
            "/here" => Said::status(307).with("location", "/there"),
            _ if asked.method == "POST" => answer(asked),
            _ => Said::status(405),
        });
        let servers = place.servers(&entry(&format!("{}/here", web.url), &json!({})));
        start(&servers, "s").await.unwrap();
    });
}

#[test]
fn the_old_transport_is_fallen_back_to() {
    on_runtime(async {
        let pieces: Arc<Mutex<Option<std::sync::mpsc::Sender<String>>>> = Arc::default();
        let web = Web::serve(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/sse") => {
                let (sender, later) = std::sync::mpsc::channel();
                *pieces.lock().unwrap() = Some(sender);
                Said {
                    status: 200,
                    headers: vec![("content-type", "text/event-stream".to_string())],
                    body: Some("event: endpoint\ndata: /post?id=1\n\n".to_string()),
                    later: Some(later),
                }
            }
            ("POST", "/post?id=1") => {
                let body = answer(asked).body.unwrap_or_default();
                if !body.is_empty() {
                    let piece = format!("event: message\ndata: {body}\n\n");
                    pieces.lock().unwrap().as_ref().unwrap().send(piece).unwrap();
                }
                Said::status(202)
            }
            _ => Said::status(404),
        });
        for more in [json!({}), json!({"type": "sse"})] {
            let place = Place::new();
            let servers = place.servers(&entry(&format!("{}/sse", web.url), &more));
            start(&servers, "s").await.unwrap();
            let offered = offered(&servers);
            let said = run(tool(&offered, "mcp__s__hi"), &json!({}), &place.root()).await;
            assert_eq!(said.text, "hello");
            servers.stop_all().await;
        }
    });
}

#[test]
fn an_endpoint_elsewhere_is_refused() {
    on_runtime(async {
        let web = Web::serve(|asked| match asked.method.as_str() {
            "GET" => {
                let (_, later) = std::sync::mpsc::channel();
                Said {
                    status: 200,
                    headers: vec![("content-type", "text/event-stream".to_string())],
                    body: Some("event: endpoint\ndata: https://evil.example/post\n\n".to_string()),
                    later: Some(later),
                }
            }
            _ => Said::status(404),
        });
        let place = Place::new();
        let servers = place.servers(&entry(&web.url, &json!({"type": "sse"})));
        let why = start(&servers, "s").await.unwrap_err();
        assert_eq!(why, "the server `s`: it wants messages sent to another host");
    });
}

/// Logs in by going where the page sends a browser.
struct Quick;

impl Browser for Quick {
    fn open<'a>(&'a self, url: &'a str) -> Later<'a, Result<(), String>> {
        let url = reqwest::Url::parse(url).unwrap();
        std::thread::spawn(move || {
            use std::io::{Read as _, Write as _};
            let get = |url: &reqwest::Url| {
                let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
                let mut stream = std::net::TcpStream::connect(&host).unwrap();
                let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
                let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).unwrap();
                stream.set_read_timeout(Some(std::time::Duration::from_millis(500))).unwrap();
                let mut text = Vec::new();
                let _until_the_end = stream.read_to_end(&mut text);
                String::from_utf8_lossy(&text).into_owned()
            };
            let page = get(&url);
            let back = page.lines().find_map(|line| line.strip_prefix("location: ")).unwrap().to_string();
            get(&reqwest::Url::parse(&back).unwrap());
        });
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A server that wants a login, and its authorization server, in one.
fn guarded() -> Web {
    let state: Arc<Mutex<(String, String, u32)>> = Arc::default();
    Web::serve(move |asked| {
        let base = format!("http://{}", asked.header("host").unwrap());
        let path = asked.path.split('?').next().unwrap_or_default().to_string();
        let mut state = state.lock().unwrap();
        match path.as_str() {
            "/.well-known/oauth-protected-resource/mcp" => Said::json(&json!({
                "resource": format!("{base}/mcp"), "authorization_servers": [base], "scopes_supported": ["read"]
            })),
            "/.well-known/oauth-authorization-server" => Said::json(&json!({
                "issuer": base, "authorization_endpoint": format!("{base}/authorize"), "token_endpoint": format!("{base}/token"),
                "registration_endpoint": format!("{base}/register"), "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"], "token_endpoint_auth_methods_supported": ["none"]
            })),
            "/register" => Said::json(&json!({
                "client_id": "registered", "redirect_uris": asked.json()["redirect_uris"], "token_endpoint_auth_method": "none"
            })),
            "/authorize" => {
                assert_eq!(asked.field("code_challenge_method").as_deref(), Some("S256"));
                assert_eq!(asked.field("resource"), Some(format!("{base}/mcp")));
                state.0 = asked.field("code_challenge").unwrap();
                state.1 = asked.field("scope").unwrap_or_default();
                let back = asked.field("redirect_uri").unwrap();
                assert!(back.starts_with("http://127.0.0.1:"));
                let back = format!("{back}?code=c0de&state={}", asked.field("state").unwrap());
                Said::status(302).with("location", back)
            }
            "/token" => {
                state.2 += 1;
                match asked.field("grant_type").as_deref() {
                    Some("authorization_code") => {
                        assert_eq!(asked.field("code").as_deref(), Some("c0de"));
                        assert!(asked.field("code_verifier").is_some_and(|it| it.len() >= 43));
                    }
                    Some("refresh_token") => {
                        assert_eq!(asked.field("refresh_token").as_deref(), Some("refresh1"))
                    }
                    other => panic!("{other:?}"),
                }
                // The first token is as good as expired, so that the next use refreshes it.
                let lives = if state.2 == 1 { 5 } else { 3600 };
                Said::json(&json!({
                    "access_token": format!("token{}", state.2), "token_type": "Bearer", "expires_in": lives,
                    "refresh_token": format!("refresh{}", state.2), "scope": state.1
                }))
            }
            "/mcp" => {
                let valid = format!("Bearer token{}", state.2);
                if state.2 == 0 || asked.header("authorization") != Some(valid.as_str()) {
                    let metadata = format!("{base}/.well-known/oauth-protected-resource/mcp");
                    let challenge = format!("Bearer resource_metadata=\"{metadata}\", scope=\"read\"");
                    return Said::status(401).with("www-authenticate", challenge);
                }
                if asked.method == "POST" { answer(asked) } else { Said::status(405) }
            }
            _ => Said::status(404),
        }
    })
}

#[test]
fn a_login_is_asked_for_made_refreshed_and_forgotten() {
    on_runtime(async {
        let web = guarded();
        let place = Place::new();
        let text = entry(&format!("{}/mcp", web.url), &json!({}));
        let servers = place.servers(&text);
        let why = start(&servers, "s").await.unwrap_err();
        assert_eq!(why, "the server `s` needs a login: a person runs `waypost mcp login s`");
        assert_eq!(servers.status("s"), Some(Status::NeedsLogin));
        // Nothing but the server itself was reached until a person wants the login.
        assert!(web.asked.lock().unwrap().iter().all(|asked| asked.path == "/mcp"));
        servers.login("s", &Quick).await.unwrap();
        start(&servers, "s").await.unwrap();
        let offered = offered(&servers);
        let said = run(tool(&offered, "mcp__s__hi"), &json!({}), &place.root()).await;
        assert_eq!(said.text, "hello");
        let refreshed = |web: &Web| {
            let asked = web.asked.lock().unwrap();
            asked.iter().filter(|it| it.field("grant_type").as_deref() == Some("refresh_token")).count()
        };
        assert_eq!(refreshed(&web), 1);
        servers.stop_all().await;
        // Another session goes on with what was kept.
        let servers = place.servers(&text);
        start(&servers, "s").await.unwrap();
        servers.logout("s").await.unwrap();
        let why = start(&servers, "s").await.unwrap_err();
        assert!(why.contains("needs a login"), "{why}");
    });
}
