//! The routes of `docs/conformance.md` that only the whole program has: the tool of an MCP server, the command of a hook, the agent of a
//! hook, a sub-agent, the search of an agent's knowledge base. Each is driven through the built binary against the places of the table, and comes to what the table says.
#![expect(clippy::disallowed_methods, reason = "reads the published table")]

use serde_json::{Value, json};

use crate::harness::{Desk, greet, python, recording, server, turn};
use crate::hostile_runtime::secret;

/// A server with one tool, which reads and writes the path that it is given.
const SERVER: &str = r#"
def tools(): return [tool("try", "Tries.")]
def called(name, arguments):
    path, said = arguments["path"], "tried "
    try: said += open(path).read()
    except OSError as error: said += str(error)
    try: open(path, "a").write("owned\n")
    except OSError as error: said += str(error)
    return said
"#;

const TRY: &str = "echo tried; cat \"$1\"; echo owned >> \"$1\"; true\n";

/// A kind of place: its column in the table, and a file of it.
const PLACES: [(&str, &str); 7] = [
    ("no rule", "src/plain.txt"),
    ("`ignore`", "locked/kept.txt"),
    ("`.kiroignore`", "hidden/diary.txt"),
    ("out of scope", "lib/other.txt"),
    ("secret", "conf/key.txt"),
    ("`.git`", ".git/description"),
    ("`.kiro/settings`", ".kiro/settings/other.txt"),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Route {
    Server,
    HookCommand,
    HookAgent,
    Part,
    Knowledge,
}

impl Route {
    /// The row of the table.
    fn row(self) -> &'static str {
        match self {
            Route::Server => "MCP or LSP server",
            Route::HookCommand => "hook command",
            Route::HookAgent | Route::Part => "sub-agent, hook agent",
            // It is a search like the other.
            Route::Knowledge => "tool `grep`",
        }
    }

    /// What is tried, one after the other, each in a run of its own.
    fn attempts(self, path: &str) -> Vec<(&'static str, Value)> {
        match self {
            Route::Server => vec![("mcp__t__try", json!({"path": path}))],
            Route::HookCommand => vec![("todo", json!({"items": []}))],
            Route::Knowledge => vec![("knowledge", json!({"query": "the key of the marker"}))],
            Route::HookAgent | Route::Part => vec![
                ("read", json!({"path": path})),
                ("shell", json!({"command": format!("cat {path}")})),
                ("shell", json!({"command": format!("sh try.sh {path}")})),
                ("write", json!({"path": path, "content": "owned\n"})),
                ("shell", json!({"command": format!("echo owned >> {path}")})),
            ],
        }
    }
}

/// A cell of the table.
fn cell(section: &str, row: &str, column: &str) -> String {
    let table =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md")).unwrap();
    let part = table.split(&format!("## {section}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_string()).collect()
    };
    let mut lines = part.lines().filter(|line| line.starts_with('|'));
    let at = cells(lines.next().unwrap()).iter().position(|name| name == column).unwrap();
    let line =
        lines.find(|line| line.starts_with(&format!("| {row}"))).unwrap_or_else(|| panic!("no row `{row}`"));
    cells(line).swap_remove(at)
}

/// Whether the table lets it happen after a *yes*. The rules of these runs say yes to whatever a rule can say yes to; no rule widens
/// the scope of a spec, and nobody is there to be asked.
fn is_open(word: &str, column: &str) -> bool {
    match word {
        "allowed" => true,
        "asks" => column != "out of scope",
        "asks, held" | "held" | "hidden" | "denied" => false,
        other => panic!("`{other}` is no word of the table"),
    }
}

fn lay_out(route: Route, path: &str, content: &str) -> Desk {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    greet(&desk);
    desk.put(".kiro/specs/greet/write-scope", "src/**\nhello.txt\n");
    desk.put(".kiroignore", "hidden/\n");
    desk.put(".kiro/settings/ignore", "locked/\n");
    desk.put(path, content);
    desk.put("try.sh", TRY);
    desk.put("server.py", server(SERVER));
    match route {
        Route::Server => {
            let entry = json!({"command": python(), "args": ["-u", "server.py"], "autoApprove": ["*"]});
            desk.put(".kiro/settings/mcp.json", json!({"mcpServers": {"t": entry}}).to_string());
        }
        Route::HookCommand | Route::HookAgent => {
            let action = match route {
                Route::HookCommand => json!({"type": "command", "command": format!("sh try.sh {path}")}),
                _ => json!({"type": "agent", "prompt": "TRY it"}),
            };
            let hook = json!({"name": "h", "trigger": "PostToolUse", "matcher": "^todo$", "action": action});
            desk.put(".kiro/hooks/h.json", json!({"version": "v1", "hooks": [hook]}).to_string());
        }
        Route::Part => {}
        Route::Knowledge => {
            let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
            let agent = json!({"description": "d", "tools": "*", "prompt": "p",
                "resources": [{"type": "knowledgeBase", "source": format!("file://./{folder}")}]});
            desk.put(".kiro/agents/librarian.json", agent.to_string());
        }
    }
    desk.check(&["trust", "--yes"], 0, &[]);
    if route == Route::Server {
        desk.check(&["mcp", "test", "t"], 0, &[]);
    }
    desk.check(&["spec", "approve", "greet", "--yes"], 0, &[]);
    desk
}

/// Tries a place by a route; the session is one of a spec's task where the column is about its scope.
fn check(route: Route, column: &str, path: &str) {
    let marker = if column == "secret" { secret() } else { format!("marker-of-{}", path.replace('/', "-")) };
    let content = format!("key = {marker}\n");
    let desk = lay_out(route, path, &content);
    let (mut was_read, mut was_written) = (false, false);
    for (tool, input) in route.attempts(path) {
        let attempt = vec![turn("", &[(tool, input)]), turn("Tried.", &[])];
        let whole = match route {
            Route::Server | Route::HookCommand | Route::Knowledge => attempt.clone(),
            Route::HookAgent => vec![turn("", &[("todo", json!({"items": []}))]), turn("Over.", &[])],
            Route::Part => {
                vec![turn("", &[("subagent", json!({"tasks": [{"task": "TRY it"}]}))]), turn("Over.", &[])]
            }
        };
        let model = recording(&desk, &[("TRY it", attempt), ("task 1", whole.clone()), ("BEGIN", whole)]);
        let run: &[&str] = if column == "out of scope" {
            &["spec", "run", "greet", "--task", "1"]
        } else {
            &["run", "BEGIN"]
        };
        let flags = [
            "--autopilot",
            "--allow",
            "shell:*",
            "--allow",
            "fs_write:**",
            "--allow",
            "mcp:*",
            "--model",
            &model,
        ];
        let agent: &[&str] = if route == Route::Knowledge { &["--agent", "librarian"] } else { &[] };
        let ran = desk.waypost(&[run, &flags, agent].concat());
        assert!(ran.code >= 0 && !ran.err.contains("panicked"), "{route:?} {column}: {ran:?}");
        let now = desk.text(path);
        was_written |= now != content;
        desk.put(path, &content);
        if column == "secret" {
            assert!(!ran.out.contains(&marker) && !ran.err.contains(&marker), "{route:?}: {ran:?}");
        }
    }
    was_read |= desk.records("sessions").contains(&marker);
    let reading = cell("Reading", route.row(), column);
    assert_eq!(
        was_read,
        is_open(&reading, column),
        "{route:?} reads `{path}` ({column}): the table says `{reading}`"
    );
    if route == Route::Knowledge {
        assert!(!was_written, "{column}");
    } else if column != "secret" {
        let writing = cell("Writing", route.row(), column);
        assert_eq!(
            was_written,
            is_open(&writing, column),
            "{route:?} writes `{path}` ({column}): the table says `{writing}`"
        );
    }
    if column == "secret" {
        assert!(
            desk.records("sessions").contains("waypost_secret_"),
            "{route:?}: it was read, without its value"
        );
    }
}

#[test]
fn the_tool_of_a_server_comes_to_what_the_table_says() {
    PLACES.iter().for_each(|(column, path)| check(Route::Server, column, path));
}

#[test]
fn the_command_of_a_hook_comes_to_what_the_table_says() {
    PLACES.iter().for_each(|(column, path)| check(Route::HookCommand, column, path));
}

#[test]
fn the_agent_of_a_hook_comes_to_what_the_table_says() {
    PLACES.iter().for_each(|(column, path)| check(Route::HookAgent, column, path));
}

#[test]
fn a_sub_agent_comes_to_what_the_table_says() {
    PLACES.iter().for_each(|(column, path)| check(Route::Part, column, path));
}

#[test]
fn the_search_of_a_knowledge_base_comes_to_what_the_table_says_of_searching() {
    PLACES.iter().for_each(|(column, path)| check(Route::Knowledge, column, path));
}
