//! Other agents and our specs: the built program as an MCP server, met by a client of lines, over HTTP and by a real SDK.
#![expect(clippy::disallowed_methods, reason = "tests start the built program and look for an SDK")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Desk, PLAN, approved, greet, makes, recording, soon};

/// How long an answer may take.
const WAIT: Duration = Duration::from_secs(120);

/// A client that writes and reads lines.
struct Client {
    child: Child,
    to: Option<ChildStdin>,
    from: Receiver<String>,
    id: u32,
    modern: bool,
}

impl Client {
    /// Starts the server and connects, as clients of this revision do.
    #[track_caller]
    fn start(desk: &Desk, flags: &[&str], modern: bool) -> Client {
        let mut command = desk.program(env!("CARGO_BIN_EXE_waypost"));
        command.arg("mcp-server").args(flags);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let to = child.stdin.take();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, from) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        let mut client = Client { child, to, from, id: 0, modern };
        if !modern {
            let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
                "clientInfo": { "name": "line-client", "version": "1.0" } });
            let came = client.ask("initialize", params);
            assert_eq!(came["serverInfo"]["name"], "waypost", "{came}");
            client.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        }
        client
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.to.as_mut().unwrap(), "{message}").unwrap();
    }

    /// Asks, and gives the whole answer.
    #[track_caller]
    fn raw(&mut self, method: &str, mut params: Value) -> Value {
        self.id += 1;
        if self.modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { "name": "line-client", "version": "1.0" },
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        let id = self.id;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            // Only the protocol on standard output, or the test fails here.
            let line = self.from.recv_timeout(WAIT).unwrap();
            let came: Value = serde_json::from_str(&line).unwrap();
            if came["id"] == json!(id) {
                return came;
            }
        }
    }

    /// Asks, and gives the result.
    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let mut came = self.raw(method, params);
        assert!(came.get("error").is_none(), "{came}");
        came["result"].take()
    }

    #[track_caller]
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// Calls a tool; it says these, and refuses or not.
    #[track_caller]
    fn check(&mut self, tool: &str, arguments: Value, refuses: bool, says: &[&str]) -> Value {
        let came = self.call(tool, arguments);
        let text = text(&came);
        assert_eq!(came["isError"], json!(refuses), "{text}");
        for wanted in says {
            assert!(text.contains(wanted), "`{wanted}` is missing in: {text}");
        }
        came
    }

    #[track_caller]
    fn tick(&mut self, task: &str, state: &str, refuses: bool, says: &[&str]) -> Value {
        let arguments = json!({ "spec": "greet", "task": task, "state": state, "why": "as told" });
        self.check("spec_tick", arguments, refuses, says)
    }

    /// Leaves, and waits for the server to end.
    #[track_caller]
    fn leave(mut self) -> i32 {
        drop(self.to.take());
        let mut code = None;
        soon(|| {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        code.and_then(|code| code.code()).unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// All that a result says.
fn text(result: &Value) -> String {
    let pieces = result["content"].as_array().cloned().unwrap_or_default();
    pieces.iter().filter_map(|piece| piece["text"].as_str()).collect::<Vec<_>>().join("\n")
}

fn names(listed: &Value) -> Vec<String> {
    let listed = listed.as_array().cloned().unwrap_or_default();
    listed.iter().filter_map(|one| one["name"].as_str().map(str::to_string)).collect()
}

const READERS: [&str; 6] = ["spec_list", "spec_show", "spec_lint", "spec_trace", "spec_plan", "spec_status"];

#[test]
fn everything_is_read_in_both_revisions() {
    let desk = Desk::new();
    approved(&desk);
    let before = desk.everything();
    for modern in [false, true] {
        let mut client = Client::start(&desk, &[], modern);
        let tools = client.ask("tools/list", json!({}));
        assert_eq!(names(&tools["tools"]), [&READERS[..], &["spec_tick"]].concat());
        for tool in tools["tools"].as_array().unwrap() {
            let reads = tool["annotations"]["readOnlyHint"] == json!(true);
            assert_eq!(reads, tool["name"] != "spec_tick", "{tool}");
            assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
            assert_eq!(tool["outputSchema"]["type"], "object", "{tool}");
        }
        let came = client.check("spec_list", json!({}), false, &["greet", "0/2", "approved"]);
        assert_eq!(came["structuredContent"]["specs"][0]["tasks"], 2, "{came}");
        let came = client.check("spec_show", json!({ "spec": "greet" }), false, &["THE Greeter SHALL"]);
        assert_eq!(came["structuredContent"]["documents"].as_array().unwrap().len(), 3, "{came}");
        assert_eq!(came["structuredContent"]["documents"][0]["approved"], true, "{came}");
        let one = json!({ "spec": "greet", "document": "design.md" });
        let came = client.check("spec_show", one, false, &["== design.md"]);
        assert_eq!(came["structuredContent"]["documents"].as_array().unwrap().len(), 1, "{came}");
        let came = client.check("spec_lint", json!({}), false, &["1 spec"]);
        assert_eq!(came["structuredContent"]["specs"], 1, "{came}");
        let came = client.check("spec_trace", json!({ "spec": "greet" }), false, &["1.1", "1.2"]);
        assert_eq!(
            came["structuredContent"]["specs"][0]["criteria"][0]["tasks"],
            json!(["task greet#1"]),
            "{came}"
        );
        client.check("spec_trace", json!({ "item": "1.1" }), false, &["leads to", "task"]);
        let came = client.check("spec_plan", json!({}), false, &["next: task 1", "level 0"]);
        assert_eq!(came["structuredContent"]["next"], "1", "{came}");
        let told = ["Task 1. Write the greeting", "1.1", "sh look.sh hello.txt", "Design, Greeter"];
        client.check("spec_plan", json!({ "spec": "greet", "task": "1" }), false, &told);
        client.check("spec_status", json!({}), false, &["approved by tester", "sh look.sh bye.txt"]);

        let listed = client.ask("resources/list", json!({}));
        let uris: Vec<&str> =
            listed["resources"].as_array().unwrap().iter().filter_map(|one| one["uri"].as_str()).collect();
        assert!(uris.contains(&"waypost://spec/greet/tasks.md"), "{uris:?}");
        let came = client.ask("resources/read", json!({ "uri": "waypost://spec/greet/tasks.md" }));
        assert_eq!(came["contents"][0]["text"], PLAN, "{came}");
        let about = json!({ "ref": { "type": "ref/prompt", "name": "carry-out-task" },
            "argument": { "name": "spec", "value": "gr" } });
        assert_eq!(client.ask("completion/complete", about)["completion"]["values"], json!(["greet"]));
        let came =
            client.ask("prompts/get", json!({ "name": "carry-out-task", "arguments": { "task": "2" } }));
        let words = came["messages"][0]["content"]["text"].as_str().unwrap();
        assert!(words.contains("Task 2. Write the leave") && words.contains("spec_tick"), "{words}");
        assert_eq!(client.leave(), 0);
    }
    assert_eq!(desk.everything(), before, "reading wrote something");
}

#[test]
fn a_task_is_ticked_on_evidence_and_the_record_holds() {
    let desk = Desk::new();
    approved(&desk);
    let mut client = Client::start(&desk, &[], false);
    client.tick("1", "in_progress", false, &["is taken up", "next: carry the task out"]);
    assert!(desk.text(".kiro/specs/greet/tasks.md").contains("- [-] 1. "));

    // Red, and nothing changed: it stays, and the agent hears why.
    let came = client.tick("1", "done", true, &["not proven", "no hello.txt", "hand it in again"]);
    assert_eq!(came["structuredContent"]["state"], "in_progress", "{came}");
    assert!(desk.text(".kiro/specs/greet/tasks.md").contains("- [-] 1. "));

    desk.put("hello.txt", "hello\n");
    let came = client.tick("1", "done", false, &["is done", "1 file changed in its scope"]);
    assert_eq!(came["structuredContent"]["state"], "done", "{came}");
    assert!(desk.text(".kiro/specs/greet/tasks.md").contains("- [x] 1. "));
    client.tick("1", "done", false, &["is done"]);
    client.tick("1", "in_progress", false, &["proven already"]);
    client.check("spec_status", json!({}), false, &["proven  1.", "hello.txt  +1 -0"]);
    assert_eq!(client.leave(), 0);

    desk.check(&["spec", "status"], 0, &["proven  1.", "hello.txt"]);
    desk.check(&["session", "list"], 0, &["greet task 1", "carried out by `line-client 1.0`, outside"]);
    assert!(desk.records("sessions").contains("outside/line-client-1.0"), "its record says who worked");
    desk.check(&["audit", "verify"], 0, &[]);
    let records = desk.records("specs");
    assert!(records.contains("`line-client 1.0` outside"), "who took it up is on record");
}

#[test]
fn without_evidence_or_approval_nothing_is_ticked() {
    let desk = Desk::new();
    greet(&desk);
    let mut client = Client::start(&desk, &[], false);
    client.tick("1", "in_progress", true, &["not approved as it is now", "waypost spec approve greet"]);
    client.tick("1", "done", true, &["not approved as it is now", "waypost spec approve greet"]);
    assert_eq!(desk.text(".kiro/specs/greet/tasks.md"), PLAN);
    desk.check(&["spec", "approve", "greet", "--yes"], 0, &[]);

    client.tick("1", "done", true, &["nobody said", "`in_progress` comes before the work"]);
    client.tick("1", "open", true, &["not in progress"]);
    client.tick("9", "in_progress", true, &["no task `9`", "its tasks are: 1, 2"]);

    // There before: the check is green, and that alone proves nothing.
    desk.put("hello.txt", "hello\n");
    client.tick("1", "in_progress", false, &[]);
    client.tick("1", "done", true, &["not proven", "nothing was changed"]);
    client.tick("1", "in_progress", false, &["was taken up before"]);
    client.tick("1", "open", false, &["given back"]);
    assert_eq!(desk.text(".kiro/specs/greet/tasks.md"), PLAN);

    // A check that nobody approved does not run.
    let other = PLAN.replace("sh look.sh bye.txt", "touch ran.txt");
    desk.put(".kiro/specs/greet/tasks.md", &other);
    client.tick("2", "in_progress", true, &["not approved as it is now: tasks.md"]);
    client.tick("2", "done", true, &["not approved as it is now: tasks.md"]);
    assert!(!desk.has("ran.txt"));
    assert_eq!(client.leave(), 0);
    desk.check(&["audit", "verify"], 0, &[]);
}

#[test]
fn a_box_that_the_agent_ticked_itself_is_no_evidence() {
    let desk = Desk::new();
    approved(&desk);
    let mut client = Client::start(&desk, &[], false);
    client.tick("1", "in_progress", false, &[]);
    let by_hand = PLAN.replace("- [ ] 1.", "- [x] 1.").replace("- [ ] 2.", "- [x] 2.");
    desk.put(".kiro/specs/greet/tasks.md", &by_hand);
    client.tick("1", "done", true, &["not proven"]);
    assert!(desk.text(".kiro/specs/greet/tasks.md").contains("- [-] 1. "));
    client.tick("2", "done", true, &["nobody said that work on task 2 began"]);
    desk.put("hello.txt", "hello\n");
    client.tick("1", "done", false, &["is done"]);
    assert_eq!(client.leave(), 0);
}

#[test]
fn a_run_of_ours_goes_on_where_an_agent_left() {
    let desk = Desk::new();
    approved(&desk);
    let mut client = Client::start(&desk, &[], false);
    client.tick("1", "in_progress", false, &[]);
    assert_eq!(client.leave(), 0);
    let model = recording(&desk, &[("", makes("hello.txt", "hello\n"))]);
    desk.check(&["spec", "run", "--task", "1", "--autopilot", "--model", &model], 0, &["[x] task 1"]);
    desk.check(&["audit", "verify"], 0, &[]);
}

#[test]
fn read_only_offers_nothing_that_writes() {
    let desk = Desk::new();
    approved(&desk);
    let mut client = Client::start(&desk, &["--read-only"], false);
    let tools = client.ask("tools/list", json!({}));
    assert_eq!(names(&tools["tools"]), READERS);
    let came = client
        .raw("tools/call", json!({ "name": "spec_tick", "arguments": { "task": "1", "state": "done" } }));
    assert_eq!(came["error"]["code"], -32602, "{came}");
    let came = client.ask("prompts/get", json!({ "name": "carry-out-task" }));
    assert!(!came.to_string().contains("spec_tick"), "{came}");
    assert_eq!(client.leave(), 0);
}

#[test]
fn wrong_arguments_are_told_by_name() {
    let desk = Desk::new();
    approved(&desk);
    let mut client = Client::start(&desk, &[], false);
    client.check("spec_status", json!({ "spec": 3 }), true, &["the argument `spec`", "integer `3`"]);
    client.check("spec_status", json!({ "sepc": "greet" }), true, &["unknown field `sepc`", "`spec`"]);
    client.check(
        "spec_status",
        json!({ "spec": "gret" }),
        true,
        &["no spec `gret`", "next: the specs here are: greet"],
    );
    client.check("spec_tick", json!({ "state": "done" }), true, &["missing field `task`"]);
    client.check("spec_tick", json!({ "task": "1", "state": "finished" }), true, &["`finished`"]);
    client.check("spec_plan", json!({ "task": "7" }), true, &["no task `7`", "its tasks are: 1, 2"]);
    client.check("spec_show", json!({ "document": "../look.sh" }), true, &["no document", "tasks.md"]);
    client.check("spec_trace", json!({ "item": "99.9" }), true, &["nothing is called `99.9`"]);
    for uri in [
        "waypost://spec/greet/../../../look.sh",
        "waypost://spec/greet/%2E%2E%2Flook.sh",
        "waypost://spec/none/tasks.md",
        "waypost://spec/greet",
        "waypost://spec/greet/%zz",
        "file:///etc/passwd",
        "",
    ] {
        let came = client.raw("resources/read", json!({ "uri": uri }));
        assert_eq!(came["error"]["code"], -32002, "{uri} {came}");
    }
    let came = client.raw("tools/call", json!({ "name": "spec_delete", "arguments": {} }));
    assert_eq!(came["error"]["code"], -32602, "{came}");
    assert_eq!(client.leave(), 0);
}

#[test]
fn values_of_credentials_do_not_leave() {
    let desk = Desk::new();
    approved(&desk);
    let key = crate::scan::token(7);
    desk.put(".kiro/specs/greet/design.md", format!("# Design Document: Greet\n\nThe token is {key}.\n"));
    let mut client = Client::start(&desk, &[], false);
    for came in [
        client.call("spec_show", json!({})),
        client.ask("resources/read", json!({ "uri": "waypost://spec/greet/design.md" })),
    ] {
        let all = came.to_string();
        assert!(all.contains("The token is"), "{all}");
        assert!(!all.contains(&key), "{all}");
    }
    assert_eq!(client.leave(), 0);
}

#[test]
fn hostile_specs_are_read_without_falling_over() {
    let desk = Desk::new();
    approved(&desk);
    desk.put(".kiro/specs/odd/requirements.md", b"\xff\xfe\x00# \r1.\r\x1b[31m".repeat(1000));
    desk.put(".kiro/specs/odd/tasks.md", format!("{}- [ ] 1. x\n", "  - [ ] 1.1 y\n".repeat(5000)));
    desk.put(".kiro/specs/long/requirements.md", "x".repeat(3_000_000));
    let mut client = Client::start(&desk, &[], false);
    for spec in ["odd", "long"] {
        for tool in READERS.iter().filter(|tool| !["spec_list", "spec_lint"].contains(tool)) {
            let came = client.call(tool, json!({ "spec": spec }));
            assert!(came.to_string().len() < 3_000_000, "{tool} {spec}");
        }
    }
    client.call("spec_lint", json!({}));
    client.check("spec_list", json!({}), false, &["greet", "odd", "long"]);
    assert_eq!(client.leave(), 0);
}

#[test]
fn what_is_piped_in_is_answered_before_the_end() {
    let desk = Desk::new();
    approved(&desk);
    let lines = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": "2025-06-18",
            "capabilities": {}, "clientInfo": { "name": "pipe", "version": "0" } } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "spec_list" } }),
    ];
    let input = lines.map(|line| format!("{line}\n")).concat();
    let ran = desk.waypost_reading(input, &["mcp-server"]);
    ran.exits(0);
    let answers: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        answers.iter().any(|answer| answer["id"] == 2 && text(&answer["result"]).contains("greet")),
        "{ran:?}"
    );
}

#[test]
fn over_http_on_this_machine_alone() {
    let desk = Desk::new();
    approved(&desk);
    for address in ["0.0.0.0:0", "192.0.2.1:8765", "[::]:0"] {
        desk.check(&["mcp-server", "--http", address], 2, &["is not an address of this machine alone"]);
    }
    desk.check(&["mcp-server", "--http", "localhost"], 2, &["--http"]);
    let running = desk.spawn(&["mcp-server", "--http", "127.0.0.1:0"]);
    let mut address = String::new();
    soon(|| {
        let said = running.err();
        let at = said.split_once("http://").and_then(|(_, rest)| rest.split_once("/mcp"));
        address = at.map(|(address, _)| address.to_string()).unwrap_or_default();
        !address.is_empty()
    });
    let post = |host: &str| {
        let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "0" },
            "io.modelcontextprotocol/clientCapabilities": {} });
        let params = json!({ "name": "spec_list", "arguments": {}, "_meta": meta });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(WAIT)).unwrap();
        write!(
            stream,
            "POST /mcp HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: tools/call\r\nMcp-Name: spec_list\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut came = String::new();
        let _ = stream.read_to_string(&mut came);
        came
    };
    let came = post(&address);
    assert!(came.starts_with("HTTP/1.1 200") && came.contains("greet"), "{came}");
    let came = post("evil.example");
    assert!(came.starts_with("HTTP/1.1 403") && !came.contains("greet"), "{came}");
    running.signal(rustix::process::Signal::TERM);
    running.finish().exits(0);
}

/// The official Python SDK as a client. Skipped, with a line, where it is not installed.
#[test]
fn a_real_client_gets_along() {
    const SCRIPT: &str = "
import asyncio, sys
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
async def main():
    async with stdio_client(StdioServerParameters(command=sys.argv[1], args=['mcp-server'], env=dict(__import__('os').environ))) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            tools = await session.list_tools()
            print('tools', len(tools.tools))
            for name in ['spec_list', 'spec_show', 'spec_lint', 'spec_trace', 'spec_plan', 'spec_status']:
                came = await session.call_tool(name, {})
                print(name, came.is_error if hasattr(came, 'is_error') else came.isError)
            came = await session.read_resource('waypost://spec/greet/tasks.md')
            print('resource', len(came.contents))
            came = await session.get_prompt('carry-out-task', {'task': '1'})
            print('prompt', len(came.messages))
asyncio.run(main())
";
    let desk = Desk::new();
    approved(&desk);
    let python = std::env::var("WAYPOST_TEST_PYTHON").unwrap_or("python3".to_string());
    let has = desk.program(&python).args(["-c", "import mcp"]).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        println!("skipped: `{python}` has no package `mcp`; name one that has with WAYPOST_TEST_PYTHON");
        return;
    }
    let script = desk.put_outside("client.py", SCRIPT);
    let mut command = desk.program(&python);
    command.args([&script, env!("CARGO_BIN_EXE_waypost")]);
    let ran = desk.start(command).finish();
    ran.exits(0).says(&[
        "tools 7",
        "spec_list False",
        "spec_lint False",
        "spec_trace False",
        "spec_plan False",
    ]);
    ran.says(&["spec_show False", "spec_status False", "resource 1", "prompt 1"]);
}
