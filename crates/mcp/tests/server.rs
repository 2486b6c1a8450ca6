//! Our server as clients meet it: raw lines and raw HTTP, well-meant and hostile. The conformance suite covers the rest.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use conversation::Later;
use mcp::offer::{
    Card, Changed, Held, Object, Offer, OfferResult, Offered, Outcome, Question, Questions, Refused, Resource,
};
use mcp::server::{Caller, MESSAGE_BYTES_MAX, ServeError, serve_http, serve_streams};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Shop {
    /// How many calls were dropped before they were done.
    dropped: Arc<AtomicU32>,
}

/// Counts when it is dropped.
struct Dropped(Arc<AtomicU32>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Offered for Shop {
    fn card(&self) -> Card {
        Card {
            name: "shop".into(),
            version: "1.2.3".into(),
            instructions: Some("buy something".into()),
            lists_change: true,
            subscribe: true,
            ..Card::default()
        }
    }

    fn offers(&self) -> Vec<Offer> {
        let schema = json!({ "type": "object", "properties": {} });
        let offer = |name: &str| Offer {
            name: name.to_string(),
            title: None,
            description: format!("does {name}"),
            input: schema.as_object().cloned().unwrap_or_default(),
            output: None,
            hints: None,
        };
        ["echo", "hang", "order", "panic", "restock"].into_iter().map(offer).collect()
    }

    fn call<'a>(
        &'a self,
        name: &'a str,
        arguments: &'a Object,
        caller: &'a Caller,
    ) -> Later<'a, Result<Outcome<OfferResult>, Refused>> {
        Box::pin(async move {
            match name {
                "echo" => {
                    let value = Value::Object(arguments.clone());
                    Ok(Outcome::Done(OfferResult::structured(value.to_string(), value)))
                }
                "hang" => {
                    let _count = Dropped(Arc::clone(&self.dropped));
                    caller.progress(1.0, None, Some("begun")).await;
                    std::future::pending().await
                }
                "order" => match (caller.answers().elicited("size")?, caller.answers().state()) {
                    (Some(size), Some("kept")) => {
                        Ok(Outcome::Done(OfferResult::text(format!("{} {:?}", size.action, size.content))))
                    }
                    _ => {
                        let schema =
                            json!({ "type": "object", "properties": { "cm": { "type": "integer" } } });
                        let schema = schema.as_object().cloned().unwrap_or_default();
                        let question = Question::Elicit { message: "which size?".into(), schema };
                        let asked = vec![("size".to_string(), question)];
                        Ok(Outcome::Ask(Questions { asked, state: Some("kept".into()) }))
                    }
                },
                "restock" => {
                    caller.changed(Changed::Resource("shop://shelf".into())).await;
                    caller.changed(Changed::Resource("shop://cellar".into())).await;
                    Ok(Outcome::Done(OfferResult::text("done")))
                }
                other => panic!("the tool `{other}` fell over"),
            }
        })
    }

    fn resources(&self) -> Later<'_, Result<Vec<Resource>, Refused>> {
        let number =
            |n: u32| Resource { uri: format!("shop://{n}"), name: n.to_string(), ..Resource::default() };
        Box::pin(async move { Ok((0..450).map(number).collect()) })
    }

    fn read<'a>(&'a self, uri: &'a str) -> Later<'a, Result<Vec<Held>, Refused>> {
        Box::pin(async move { Err(Refused::NoResource(uri.to_string())) })
    }
}

/// A client that writes and reads lines.
struct Client {
    to: WriteHalf<DuplexStream>,
    from: Lines<BufReader<ReadHalf<DuplexStream>>>,
    dropped: Arc<AtomicU32>,
    ended: Option<oneshot::Receiver<Result<(), ServeError>>>,
}

impl Client {
    fn start() -> Client {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (from, to) = tokio::io::split(theirs);
        let shop = Shop::default();
        let dropped = Arc::clone(&shop.dropped);
        let (say, ended) = oneshot::channel();
        tokio::task::spawn_local(async move {
            let _ = say.send(serve_streams(Arc::new(shop), from, to, std::future::pending()).await);
        });
        let (from, to) = tokio::io::split(ours);
        Client { to, from: BufReader::new(from).lines(), dropped, ended: Some(ended) }
    }

    async fn raw(&mut self, bytes: &[u8]) {
        self.to.write_all(bytes).await.unwrap();
        self.to.write_all(b"\n").await.unwrap();
    }

    async fn say(&mut self, message: Value) {
        self.raw(message.to_string().as_bytes()).await;
    }

    async fn hear(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.from.next_line()).await.expect("nothing came");
        serde_json::from_str(&line.unwrap().expect("the server hung up")).unwrap()
    }

    async fn ask(&mut self, id: u32, method: &str, params: Value) -> Value {
        self.say(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        loop {
            let came = self.hear().await;
            if came.get("id") == Some(&json!(id)) && came.get("method").is_none() {
                return came;
            }
        }
    }

    /// Connects as clients of the revision 2025-11-25 do.
    async fn connected(capabilities: Value) -> Client {
        let mut client = Client::start();
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities,
            "clientInfo": { "name": "test", "version": "0" } });
        let came = client.ask(1, "initialize", params).await;
        assert_eq!(came["result"]["protocolVersion"], "2025-11-25", "{came}");
        assert_eq!(came["result"]["serverInfo"]["name"], "shop", "{came}");
        client.say(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        client
    }
}

fn modern(params: Value) -> Value {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
    });
    params
}

fn local(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(tokio::task::LocalSet::new().run_until(work));
}

#[test]
fn both_revisions_over_lines() {
    local(async {
        let mut old = Client::connected(json!({})).await;
        let came = old.ask(2, "tools/call", json!({ "name": "echo", "arguments": { "a": 1 } })).await;
        assert_eq!(came["result"]["structuredContent"], json!({ "a": 1 }), "{came}");
        assert!(came["result"].get("resultType").is_none(), "{came}");

        let mut new = Client::start();
        let came = new.ask(1, "server/discover", modern(json!({}))).await;
        let versions = came["result"]["supportedVersions"].as_array().unwrap();
        assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")), "{came}");
        let came = new.ask(2, "tools/call", modern(json!({ "name": "echo", "arguments": {} }))).await;
        assert_eq!(came["result"]["resultType"], "complete", "{came}");
    });
}

#[test]
fn a_question_is_asked_in_both_revisions_and_a_client_that_cannot_answer_is_told() {
    local(async {
        let mut old = Client::connected(json!({ "elicitation": {} })).await;
        old.say(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "order" } }))
            .await;
        let question = old.hear().await;
        assert_eq!(question["method"], "elicitation/create", "{question}");
        let answer = json!({ "action": "accept", "content": { "cm": 30 } });
        old.say(json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer })).await;
        let came = old.hear().await;
        assert!(came["result"]["content"][0]["text"].as_str().unwrap().contains("30"), "{came}");

        let mut new = Client::start();
        new.ask(1, "server/discover", modern(json!({}))).await;
        let came = new.ask(2, "tools/call", modern(json!({ "name": "order" }))).await;
        assert_eq!(came["result"]["resultType"], "input_required", "{came}");
        let state = came["result"]["requestState"].clone();
        let again = |state: Value| {
            modern(json!({ "name": "order", "requestState": state,
                "inputResponses": { "size": { "action": "decline" } } }))
        };
        let came = new.ask(3, "tools/call", again(state.clone())).await;
        assert!(came["result"]["content"][0]["text"].as_str().unwrap().starts_with("decline"), "{came}");
        let forged = format!("{}x", state.as_str().unwrap());
        let came = new.ask(4, "tools/call", again(json!(forged))).await;
        assert_eq!(came["error"]["code"], -32602, "{came}");

        let mut mute = Client::connected(json!({})).await;
        let came = mute.ask(2, "tools/call", json!({ "name": "order" })).await;
        assert_eq!(came["error"]["data"]["requiredCapabilities"], json!({ "elicitation": {} }), "{came}");
    });
}

#[test]
fn a_cancelled_call_is_dropped_and_the_server_goes_on() {
    local(async {
        let mut client = Client::connected(json!({})).await;
        let params = json!({ "name": "hang", "_meta": { "progressToken": "p" } });
        client.say(json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params })).await;
        assert_eq!(client.hear().await["method"], "notifications/progress");
        let cancel = json!({ "requestId": 7, "reason": "enough" });
        client.say(json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel })).await;
        let came = client.ask(8, "tools/call", json!({ "name": "echo", "arguments": { "b": 2 } })).await;
        assert_eq!(came["result"]["structuredContent"]["b"], 2, "{came}");
        assert_eq!(client.dropped.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn what_hangs_does_not_keep_others_from_being_listed() {
    local(async {
        let mut client = Client::connected(json!({})).await;
        for id in 100..150 {
            let params = json!({ "name": "hang" });
            client.say(json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })).await;
        }
        let came = client.ask(3, "tools/list", json!({})).await;
        assert_eq!(came["result"]["tools"].as_array().unwrap().len(), 5, "{came}");
    });
}

#[test]
fn only_what_was_subscribed_to_is_told() {
    local(async {
        let mut client = Client::connected(json!({})).await;
        client.ask(2, "resources/subscribe", json!({ "uri": "shop://shelf" })).await;
        client
            .say(
                json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": { "name": "restock" } }),
            )
            .await;
        let told = client.hear().await;
        assert_eq!(told["method"], "notifications/resources/updated", "{told}");
        assert_eq!(told["params"]["uri"], "shop://shelf", "{told}");
        assert_eq!(client.hear().await["id"], 3);

        client.ask(4, "resources/unsubscribe", json!({ "uri": "shop://shelf" })).await;
        client
            .say(
                json!({ "jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": { "name": "restock" } }),
            )
            .await;
        assert_eq!(client.hear().await["id"], 5);
    });
}

#[test]
fn long_lists_come_in_pages() {
    local(async {
        let mut client = Client::connected(json!({})).await;
        let (mut seen, mut cursor, mut id) = (0, Value::Null, 10);
        loop {
            let params = if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) };
            let came = client.ask(id, "resources/list", params).await;
            seen += came["result"]["resources"].as_array().unwrap().len();
            cursor = came["result"].get("nextCursor").cloned().unwrap_or_default();
            id += 1;
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!((seen, id), (450, 13));
        for cursor in ["-1", "451", "x", "99999999999999999999999"] {
            let came = client.ask(id, "resources/list", json!({ "cursor": cursor })).await;
            assert_eq!(came["error"]["code"], -32602, "{cursor} {came}");
            id += 1;
        }
    });
}

#[test]
fn bad_lines_are_answered_or_passed_over_and_the_next_good_one_works() {
    let long = "x".repeat(MESSAGE_BYTES_MAX + 10);
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for bad in [
        "nonsense",
        "",
        "{}",
        "[]",
        "null",
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"no/such\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":7}}",
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":\"nobody\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"resources/read\",\"params\":{\"uri\":\"shop://none\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":999,\"result\":{}}",
        long.as_str(),
        deep.as_str(),
    ] {
        local(async {
            let mut client = Client::connected(json!({})).await;
            client.raw(bad.as_bytes()).await;
            let came = client.ask(8, "tools/call", json!({ "name": "echo", "arguments": { "b": 2 } })).await;
            assert_eq!(came["result"]["structuredContent"]["b"], 2, "{came}");
        });
    }
    local(async {
        let mut client = Client::connected(json!({})).await;
        client.raw(b"\xff\xfe\x00\x00{\r").await;
        let came = client.ask(8, "tools/call", json!({ "name": "echo" })).await;
        assert!(came.get("result").is_some(), "{came}");
    });
}

#[test]
fn a_client_that_leaves_ends_the_server_in_order() {
    local(async {
        for connect in [true, false] {
            let mut client = if connect { Client::connected(json!({})).await } else { Client::start() };
            let ended = client.ended.take().unwrap();
            drop(client);
            let came = tokio::time::timeout(PATIENCE, ended).await.expect("it does not end").unwrap();
            assert!(came.is_ok(), "{came:?}");
        }
    });
}

/// Serves the shop over HTTP while `work` runs.
fn served<F: Future<Output = ()>>(work: impl FnOnce(u16) -> F) {
    local(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::task::spawn_local(serve_http(listener, Arc::new(Shop::default()), async {
            let _ = stopped.await;
        }));
        work(port).await;
        let _ = stop.send(());
        let ended = tokio::time::timeout(PATIENCE, serving).await.expect("it does not stop");
        assert!(ended.unwrap().is_ok());
    });
}

/// Sends one request as it is and reads what comes first, up to its end or a pause.
async fn send(port: u16, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    // A server that refused already need not read the rest.
    let _ = stream.write_all(body).await;
    let mut came = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(Ok(read @ 1..)) =
        tokio::time::timeout(Duration::from_millis(1500), stream.read(&mut piece)).await
    {
        came.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&came).into_owned()
}

fn post(port: u16, more: &str) -> String {
    let accept = "Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n";
    let host = if more.contains("Host:") { String::new() } else { format!("Host: 127.0.0.1:{port}\r\n") };
    format!("POST /mcp HTTP/1.1\r\n{host}{accept}{more}")
}

fn hello() -> Vec<u8> {
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "0" } });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }).to_string().into_bytes()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[test]
fn only_this_machine_and_its_own_pages_may_ask() {
    served(|port| async move {
        for (more, expected) in [
            (String::new(), "200"),
            (format!("Host: localhost:{port}\r\n"), "200"),
            (format!("Origin: http://127.0.0.1:{port}\r\n"), "200"),
            (format!("Origin: http://localhost:{port}\r\n"), "200"),
            ("Host: evil.example\r\n".to_string(), "403"),
            (format!("Host: evil.example:{port}\r\n"), "403"),
            ("Host: localhost:1\r\n".to_string(), "403"),
            (format!("Host: 127.0.0.1.evil.example:{port}\r\n"), "403"),
            ("Origin: http://evil.example\r\n".to_string(), "403"),
            (format!("Origin: http://evil.example:{port}\r\n"), "403"),
            (format!("Origin: https://localhost:{port}\r\n"), "403"),
            ("Origin: http://localhost:1\r\n".to_string(), "403"),
            ("Origin: null\r\n".to_string(), "403"),
        ] {
            let came = send(port, &post(port, &more), &hello()).await;
            assert_eq!(status(&came), expected, "{more} {came}");
        }
    });
}

#[test]
fn requests_are_bounded() {
    served(|port| async move {
        let long = vec![b' '; MESSAGE_BYTES_MAX + 1];
        assert_eq!(status(&send(port, &post(port, ""), &long).await), "413");
        let header = format!("X-Long: {}\r\n", "x".repeat(200 * 1024));
        let came = send(port, &post(port, &header), b"{}").await;
        assert!(["431", "none"].contains(&status(&came)), "{came}");
        let other = format!("GET /else HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
        assert_eq!(status(&send(port, &other, b"").await), "404");
        let put = format!("PUT /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
        assert_eq!(status(&send(port, &put, b"").await), "405");
        assert_eq!(status(&send(port, &post(port, ""), &hello()).await), "200");
    });
}

#[test]
fn sessions_are_counted_and_unknown_ones_are_refused() {
    served(|port| async move {
        let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {} }).to_string();
        let stranger = post(port, "Mcp-Session-Id: 11111111-1111-1111-1111-111111111111\r\n");
        assert_eq!(status(&send(port, &stranger, list.as_bytes()).await), "404");

        let mut streams = Vec::new();
        let mut refused = 0;
        for _ in 0..70 {
            let body = hello();
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let head = format!("{}Content-Length: {}\r\n\r\n", post(port, ""), body.len());
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&body).await.unwrap();
            let mut first = [0; 16];
            stream.read_exact(&mut first).await.unwrap();
            refused += usize::from(first.starts_with(b"HTTP/1.1 503"));
            streams.push(stream);
        }
        assert_eq!(refused, 6);
        // The newer revision has no sessions and is served all the same.
        let headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n";
        let body = json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/list", "params": modern(json!({})) });
        let came = send(port, &post(port, headers), body.to_string().as_bytes()).await;
        assert_eq!(status(&came), "200", "{came}");
    });
}

#[test]
fn a_tool_that_falls_over_is_answered_and_the_next_one_works() {
    local(async {
        let mut client = Client::connected(json!({})).await;
        let came = client.ask(2, "tools/call", json!({ "name": "panic" })).await;
        assert_eq!(came["error"]["code"], -32603, "{came}");
        let came = client.ask(3, "tools/call", json!({ "name": "echo" })).await;
        assert!(came.get("result").is_some(), "{came}");
    });
}

#[test]
fn it_does_not_listen_for_other_machines() {
    local(async {
        let listener = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
        let came = serve_http(listener, Arc::new(Shop::default()), std::future::pending()).await;
        assert!(matches!(came, Err(ServeError::NotLoopback(_))), "{came:?}");
    });
}
