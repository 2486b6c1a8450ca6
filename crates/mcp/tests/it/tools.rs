//! What a session gets: tools one by one or found by words, long answers, questions, progress.

use std::sync::{Arc, Mutex};

use conversation::{Later, Status as CallStatus};
use mcp::ask::{Asker, Question, Reply};
use mcp::config::{Layer, Scope, merge};
use mcp::remote::{Budget, Sees, offer};
use mcp::servers::{Servers, Status};
use mcp::variables::Variables;
use serde_json::json;

use crate::harness::{Place, everything, names, offered, on_runtime, run, start, tool};

const MANY: &str = r#"
def handle(method, params):
    if method == "tools/list": return {"tools": [tool("tool%d" % n, description="number %d " % n + "x" * 200) for n in range(300)]}
    return said("called " + params["name"])
loop(handle)
"#;

#[test]
fn many_tools_are_found_by_words() {
    on_runtime(async {
        let place = Place::new();
        let servers = place.python(MANY);
        // Nothing is known of it yet: it is found through the two fixed tools, and started by name.
        let before = offered(&servers);
        assert_eq!(names(&before), ["tool_search", "mcp"]);
        let root = place.root();
        let listed = run(tool(&before, "tool_search"), &json!({}), &root).await;
        assert_eq!(listed.text, "s: off, tools not known yet; name it in `server` to start it\n");
        let found =
            run(tool(&before, "tool_search"), &json!({"server": "s", "query": "tool77"}), &root).await;
        assert!(found.text.starts_with("s / tool77: number 77"), "{}", found.text);
        let called =
            run(tool(&before, "mcp"), &json!({"server": "s", "tool": "tool77", "arguments": {}}), &root)
                .await;
        assert_eq!(called.text, "called tool77");
        let wrong = run(tool(&before, "mcp"), &json!({"server": "t", "tool": "x"}), &root).await;
        assert_eq!(wrong.text, "there is no server `t`; there are: s");
        // Who may not see a server or a tool hears nothing of it.
        let sees: Sees = Arc::new(|server, tool| server == "s" && tool.is_none_or(|tool| tool != "tool77"));
        let some = offer(&servers, Budget::usual(200_000), &sees);
        let found = run(tool(&some, "tool_search"), &json!({"server": "s", "query": "tool77"}), &root).await;
        assert!(!found.text.contains("tool77"), "{}", found.text);
        let sees: Sees = Arc::new(|_, _| false);
        let none = offer(&servers, Budget::usual(200_000), &sees);
        assert_eq!(names(&none), Vec::<String>::new());
        servers.stop_all().await;

        // The next session knows them from the lock, and they cost too much.
        let servers = place.python(MANY);
        assert_eq!(servers.status("s"), Some(Status::Off));
        let after = offered(&servers);
        assert!(after.is_deferred && after.cost > 15_000, "{}", after.cost);
        assert_eq!(names(&after), ["tool_search", "mcp"]);
        let wide =
            offer(&servers, Budget { context: 10_000_000, percent: 5, tokens: 1_000_000 }, &everything());
        assert_eq!(wide.tools.len(), 300);
        assert!(names(&wide).contains(&"mcp__s__tool0".to_string()));
        assert_eq!(servers.origin("mcp__s__tool0"), Some(("s".to_string(), "tool0".to_string())));
        assert_eq!(servers.origin("mcp__s__tool300"), None);
    });
}

#[test]
fn switched_off_tools_are_neither_offered_nor_called() {
    on_runtime(async {
        let place = Place::new();
        place.python(MANY);
        let path = place.root().join("server.py");
        let servers = place.servers(
            &json!({"mcpServers": {
                "s": {"command": "python3", "args": ["-u", path], "disabledTools": ["tool1"]},
                "t": {"command": "python3", "disabled": true}
            }})
            .to_string(),
        );
        start(&servers, "s").await.unwrap();
        let offered = offered(&servers);
        let direct = json!({"server": "s", "tool": "tool1"});
        let closed = run(tool(&offered, "mcp"), &direct, &place.root()).await;
        assert_eq!(closed.text, "the tool `tool1` of `s` is switched off in `mcp.json`");
        assert_eq!(servers.status("t"), Some(Status::Disabled));
        assert_eq!(start(&servers, "t").await.unwrap_err(), "the server `t` is switched off in `mcp.json`");
    });
}

#[test]
fn long_answers_go_to_a_file_and_errors_are_failures() {
    on_runtime(async {
        let place = Place::new();
        let servers = place.python(
            r#"
def handle(method, params):
    if method == "tools/list": return {"tools": [tool("long"), tool("bad"), tool("refuse")]}
    if params["name"] == "bad": return dict(said("no"), isError=True)
    if params["name"] == "refuse": raise Refuse("never")
    return said("\n".join("line %d" % n for n in range(100000)))
loop(handle)
"#,
        );
        start(&servers, "s").await.unwrap();
        let (offered, root) = (offered(&servers), place.root());
        let long = run(tool(&offered, "mcp__s__long"), &json!({}), &root).await;
        assert!(long.text.len() < 17_000 && long.text.starts_with("line 0\n"));
        assert!(long.text.contains("`process` with id o500000 and offset"), "{}", &long.text[16_000..]);
        let whole = std::fs::read_to_string(root.join("scratch/o500000.log")).unwrap();
        assert!(whole.ends_with("line 99999"));
        let bad = run(tool(&offered, "mcp__s__bad"), &json!({}), &root).await;
        assert_eq!((bad.status, bad.text.as_str()), (CallStatus::Failed, "no"));
        let refused = run(tool(&offered, "mcp__s__refuse"), &json!({}), &root).await;
        assert_eq!(refused.text, "the server `s`: it refused: never");
    });
}

#[derive(Default)]
struct Person(Mutex<Vec<String>>);

impl Asker for Person {
    fn ask<'a>(&'a self, server: &'a str, question: Question) -> Later<'a, Reply> {
        self.0.lock().unwrap().push(format!("{server}: {question:?}"));
        let reply = match question {
            Question::Form { .. } => Reply::Accept(Some("{\"name\":\"ann\"}".to_string())),
            Question::Page { .. } => Reply::Decline,
        };
        Box::pin(std::future::ready(reply))
    }
}

#[test]
fn a_server_may_ask_within_limits() {
    on_runtime(async {
        let place = Place::new();
        let path = place.put("server.py", "");
        let servers = place.python(
            r#"
def ask(method, params):
    send({"jsonrpc": "2.0", "id": "q", "method": method, "params": params})
    while True:
        answer = json.loads(sys.stdin.readline())
        if answer.get("id") == "q": return answer.get("result") or answer.get("error")
def handle(method, params):
    if method == "tools/list": return {"tools": [tool("form"), tool("page"), tool("file"), tool("roots"), tool("sample")]}
    name = params["name"]
    if name == "form": return said(json.dumps(ask("elicitation/create", {"message": "who?", "requestedSchema":
        {"type": "object", "properties": {"name": {"type": "string"}, "n": {"type": "integer", "default": 3}}}})))
    if name == "page": return said(json.dumps(ask("elicitation/create", {"mode": "url", "message": "go", "url": "https://x.example/", "elicitationId": "1"})))
    if name == "file": return said(json.dumps(ask("elicitation/create", {"mode": "url", "message": "go", "url": "file:///etc/passwd", "elicitationId": "1"})))
    if name == "roots": return said(json.dumps(ask("roots/list", {})))
    return said(json.dumps(ask("sampling/createMessage", {"messages": [], "maxTokens": 1})))
loop(handle)
"#,
        );
        drop(servers);
        let person = Arc::new(Person::default());
        let mut around = place.around();
        around.asker = Arc::clone(&person) as Arc<_>;
        let text = json!({"mcpServers": {"s": {"command": "python3", "args": ["-u", path]}}}).to_string();
        let configured = merge(vec![Layer::read(Scope::User, "mcp.json", text.as_bytes())]);
        let kept = Arc::clone(&place.kept) as Arc<_>;
        let servers = Arc::new(Servers::new(around, kept, configured, &Variables::default()));
        start(&servers, "s").await.unwrap();
        let (offered, root) = (offered(&servers), place.root());
        let call =
            async |name: &str| run(tool(&offered, &format!("mcp__s__{name}")), &json!({}), &root).await.text;
        assert_eq!(call("form").await, r#"{"action": "accept", "content": {"name": "ann", "n": 3}}"#);
        assert_eq!(call("page").await, r#"{"action": "decline"}"#);
        assert_eq!(call("file").await, r#"{"action": "decline"}"#);
        let roots = call("roots").await;
        assert!(roots.contains(&format!("file://{}", root.display())), "{roots}");
        assert!(call("sample").await.contains("lends its model to no server"));
        assert_eq!(person.0.lock().unwrap().len(), 2, "the file was not asked about");
        assert!(servers.said("s").iter().any(|it| it.contains("asked to use the model")));
    });
}

#[test]
fn only_changed_servers_restart() {
    on_runtime(async {
        let place = Place::new();
        place.python(MANY);
        let path = place.root().join("server.py");
        let text = |more: &str| {
            json!({"mcpServers": {
                "a": {"command": "python3", "args": ["-u", path]},
                "b": {"command": "python3", "args": ["-u", path, more]}
            }})
            .to_string()
        };
        let servers = place.servers(&text("1"));
        start(&servers, "a").await.unwrap();
        start(&servers, "b").await.unwrap();
        let before = servers.process("a").unwrap();
        // The same entries, elsewhere in the file, and one changed.
        let next = format!("\n\n{}", text("2"));
        let configured = merge(vec![Layer::read(Scope::User, "mcp.json", next.as_bytes())]);
        servers.replace(configured, &Variables::default()).await;
        assert_eq!((servers.status("a"), servers.process("a")), (Some(Status::Ready), Some(before)));
        assert_eq!(servers.status("b"), Some(Status::Off));
        servers.replace(merge(Vec::new()), &Variables::default()).await;
        assert_eq!(servers.status("a"), None);
    });
}

#[test]
fn it_is_asked_before_each_start_whether_a_server_may() {
    use std::sync::atomic::{AtomicBool, Ordering};
    on_runtime(async {
        let may = Arc::new(AtomicBool::new(true));
        let asked = Arc::clone(&may);
        let mut place = Place::new();
        place.may_start = Arc::new(move |entry| match asked.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(format!("what `{}` starts has changed", entry.name)),
        });
        let servers = place.python(MANY);
        assert_eq!(start(&servers, "s").await, Ok(()));
        // One that runs goes on; one that is started again is looked at again.
        may.store(false, Ordering::Relaxed);
        assert_eq!(start(&servers, "s").await, Ok(()));
        servers.stop_all().await;
        let why = "what `s` starts has changed";
        assert_eq!(start(&servers, "s").await, Err(format!("the server `s`: {why}")));
        assert_eq!(servers.status("s"), Some(Status::Failed(why.to_string())));
        may.store(true, Ordering::Relaxed);
        assert_eq!(start(&servers, "s").await, Ok(()));
        servers.stop_all().await;
    });
}
