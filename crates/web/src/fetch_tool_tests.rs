//! The tool with real permits: what it asks for, what a rule lets near, and the parts of long pages.

use std::path::Path;

use conversation::{Plain, Seen};
use policy::{Admission, Answer, Ask, Decided, Gate, Mode, Record, RecordError, Rule};

use super::*;
use crate::testing::{Server, fetcher, run, send};

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

fn call(input: &str) -> Call {
    Call { id: "c".to_string(), tool: "web_fetch".to_string(), input: Input::Json(input.to_string()) }
}

/// What a call comes to under these rules; whoever is asked says yes when `yes`.
fn told(tool: &WebFetch, rules: &[&str], yes: bool, input: &str) -> CallResult {
    let mut policy = Policy::new(Mode::Autopilot, &[]);
    for rule in rules {
        let (effect, rule) = match rule.strip_prefix("deny ") {
            Some(rule) => (Effect::Deny, rule),
            None => (Effect::Allow, *rule),
        };
        policy.add(Rule::read(rule, effect, Source::User).unwrap());
    }
    let (workspace, seen) = (Path::new("/w"), Seen::new());
    let context = ToolContext {
        workspace,
        scratch: workspace,
        session: "",
        cost_left: None,
        turns_left: 0,
        seen: &seen,
        secrecy: &Plain,
        on_output: &|_| {},
    };
    let call = call(input);
    let requests = match tool.request(&call, &context) {
        Ok(requests) => requests,
        Err(error) => return CallResult::new("c", Status::Failed, error.to_string()),
    };
    let answer = yes.then(|| Answer { yes, always: false, by: "ann".to_string() });
    let asks = vec![Ask { call: "c".to_string(), requests, answer }];
    match Gate::new(policy).admit(&mut Nowhere, asks).unwrap().pop().unwrap() {
        Admission::Permitted(permit) => run(tool.run(permit, &call, &context)),
        Admission::Unanswered(decision) => {
            CallResult::new("c", Status::Denied, format!("asks: {}", decision.reason))
        }
        Admission::Denied(decision) => CallResult::new("c", Status::Denied, decision.reason),
    }
}

fn tool() -> WebFetch {
    WebFetch::new(Arc::new(fetcher(200_000, 1500)))
}

#[test]
fn it_asks_for_the_page_in_one_spelling() {
    let seen = Seen::new();
    let context = ToolContext {
        session: "",
        cost_left: None,
        turns_left: 0,
        workspace: Path::new("/w"),
        scratch: Path::new("/w"),
        seen: &seen,
        secrecy: &Plain,
        on_output: &|_| {},
    };
    let check = |input: &str, expected: &str| {
        let said = match tool().request(&call(input), &context) {
            Ok(requests) => {
                requests.iter().map(|it| format!("{} {}", it.capability.name(), it.target.shown())).collect()
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected);
    };
    check(r#"{"url": "HTTPS://Docs.rs:443/a/../b#c"}"#, "web_fetch https://docs.rs/b");
    check(r#"{"uri": "docs.rs"}"#, "web_fetch https://docs.rs/");
    check(
        r#"{"url": "file:///etc/passwd"}"#,
        "only http and https are fetched, not `file`; a file of the workspace is read with `read`",
    );
    check("{}", "`web_fetch` needs {\"url\": \"https://…\"}: missing field `url` at line 1 column 2");
}

#[test]
fn a_page_with_its_head() {
    let server = Server::page("<title>T</title><p>Hello.");
    let result = told(&tool(), &[], true, &format!(r#"{{"url": "{}"}}"#, server.url("/a")));
    assert_eq!(result.status, Status::Done, "{}", result.text);
    let head = format!("url: {}\nstatus: 200\ntype: text/html\ntitle: T\n", server.url("/a"));
    assert_eq!(result.text, format!("{head}bytes: 25 fetched, 7 of text\n\nHello.\n"));
    let result = told(&tool(), &[], false, &format!(r#"{{"url": "{}"}}"#, server.url("/a")));
    assert!(result.text.starts_with("asks:"), "{}", result.text);
}

#[test]
fn a_name_that_leads_here_needs_a_rule_that_names_it() {
    let server = Server::page("secret");
    let port = server.port();
    let url = format!(r#"{{"url": "http://intranet.example:{port}/x"}}"#);
    let hint = format!(
        "http://intranet.example:{port}/x was not fetched: `intranet.example` is an address of this machine or its \
         neighbours, and no rule names it; a person can allow it by the rule \
         `web_fetch:http://intranet.example:{port}/*` in the settings"
    );
    for (rules, yes) in
        [(&["web_fetch:*"][..], false), (&["all:*"], false), (&["web_fetch:http://*"], false), (&[], true)]
    {
        assert_eq!(told(&tool(), rules, yes, &url).text, hint, "{rules:?}");
    }
    assert!(server.seen().is_empty());
    let rule = format!("web_fetch:http://intranet.example:{port}/*");
    assert_eq!(told(&tool(), &[&rule], false, &url).status, Status::Done);
    let local = format!(r#"{{"url": "http://localhost:{port}/x"}}"#);
    assert_eq!(told(&tool(), &[], true, &local).status, Status::Done, "a person saw that it is this machine");
    assert_eq!(told(&tool(), &["web_fetch:*"], false, &local).status, Status::Failed, "nobody saw it");
}

#[test]
fn a_redirect_does_not_pass_a_rule() {
    let server = Server::new(|path, _, client| match path {
        "/robots.txt" => send(client, "404 Not Found", "", b""),
        "/a" => send(client, "302 Found", "location: /admin\r\n", b""),
        _ => send(client, "200 OK", "content-type: text/plain\r\n", b"secret"),
    });
    let deny = format!("deny web_fetch:{}", server.url("/admin*"));
    let result = told(&tool(), &[&deny], true, &format!(r#"{{"url": "{}"}}"#, server.url("/a")));
    assert!(result.text.contains("that is denied: rule"), "{}", result.text);
}

#[test]
fn a_long_page_comes_in_parts_and_is_fetched_once() {
    let server = Server::page(&format!("<p>{}", "wörd ".repeat(20_000)));
    let tool = tool();
    let mut start = 0;
    let mut all = String::new();
    for _ in 0..20 {
        let input = format!(r#"{{"url": "{}", "start": "{start}", "max": 30000}}"#, server.url("/a"));
        let result = told(&tool, &[], true, &input);
        let (head, part) = result.text.split_once("\n\n").unwrap();
        all.push_str(part);
        match head.rsplit_once("continue with start ") {
            Some((_, next)) => start = next.trim().parse().unwrap(),
            None => break,
        }
    }
    assert_eq!(all, "wörd ".repeat(20_000).trim().to_string() + "\n");
    assert_eq!(server.seen().iter().filter(|request| request.starts_with("GET /a")).count(), 1);
    let input = format!(r#"{{"url": "{}", "start": 99999999}}"#, server.url("/a"));
    assert!(told(&tool, &[], true, &input).text.contains("is past its end"));
}

#[test]
fn an_error_page_is_a_failure_with_its_words() {
    let server = Server::new(|_, _, client| {
        send(client, "404 Not Found", "content-type: text/html\r\n", b"<h1>Not here</h1>");
    });
    let result = told(&tool(), &[], true, &format!(r#"{{"url": "{}"}}"#, server.url("/a")));
    assert_eq!(result.status, Status::Failed);
    assert!(result.text.contains("status: 404") && result.text.contains("# Not here"), "{}", result.text);
}
