//! Names that an outsider wrote, with line breaks in them: none begins a line of its own on the terminal.

use serde_json::{Value, json};

use crate::harness::{Desk, recording, turn};

/// A server whose names hold line breaks, and which fails with one.
const SERVER: &str = r#"
import sys, json
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message: continue
    method, answer = message["method"], {"jsonrpc": "2.0", "id": message["id"]}
    print("said\nFAKE on the error stream", file=sys.stderr, flush=True)
    if method == "initialize":
        answer["result"] = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}, "resources": {}, "prompts": {}},
            "serverInfo": {"name": "t\nFAKE name", "version": "1\r\nFAKE version"}}
    elif method == "tools/list":
        answer["result"] = {"tools": [{"name": name, "description": "\nFAKE\n", "inputSchema": {"type": "object"}}
            for name in ["fine", "shout\nFAKE tool"]]}
    elif method == "resources/list":
        answer["result"] = {"resources": [{"uri": "x://a", "name": "a\nFAKE resource"}]}
    elif method == "prompts/list":
        answer["result"] = {"prompts": [{"name": "p\nFAKE prompt", "description": "x\nFAKE"}]}
    else: answer["error"] = {"code": -32601, "message": "no\nFAKE error"}
    print(json.dumps(answer), flush=True)
"#;

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("server.py", SERVER);
    let entry = json!({"command": "/usr/bin/python3", "args": ["-u", desk.resolved("work/server.py")]});
    let broken = json!({"command": "/nowhere/x\nFAKE program", "disabledTools": 3});
    let servers = json!({"t": entry, "u\nFAKE server": entry, "v\r\nFAKE broken": broken});
    desk.put(".kiro/settings/mcp.json", json!({"mcpServers": servers}).to_string());
    let hook = |name: &str, line: &str| json!({"name": name, "trigger": "Stop", "action": {"type": "command", "command": line}});
    let hooks = [
        hook("h\nFAKE hook", "echo x\nFAKE"),
        hook("k\nFAKE computed", "sh \"$x\nFAKE\""),
        hook("m\nFAKE", "./a\nFAKE.sh"),
    ];
    desk.put(".kiro/hooks/a.json", json!({"version": "v1", "hooks": hooks}).to_string());
    desk.put(
        ".kiro/hooks/b\nFAKE file.json",
        json!({"version": "v1", "hooks": [{"name": "x", "trigger": "No\nFAKE"}]}).to_string(),
    );
    desk.put(".kiro/steering/s\nFAKE steering.md", "Be short.\n");
    desk.put(
        ".kiro/agents/a\nFAKE agent.md",
        "---\nname: \"z\\nFAKE agent\"\ndescription: \"d\\nFAKE\"\ntools: [\"@none\\nFAKE\"]\n---\nx\n",
    );
    desk.put(
        ".kiro/skills/s\nFAKE skill/SKILL.md",
        "---\nname: \"s\\nFAKE\"\ndescription: \"d\\nFAKE\"\n---\nx\n",
    );
    desk.put("src/f\nFAKE.rs", "fn x() {}\n");
    desk
}

#[track_caller]
fn check(desk: &Desk, words: &[&str], mentions: bool) {
    let ran = desk.waypost(words);
    let all = format!("{}\n{}", ran.out, ran.err);
    let begins = |line: &&str| line.trim_start_matches([' ', '\r', '\t']).starts_with("FAKE");
    let found: Vec<&str> = all.split(['\n', '\r', '\u{2028}']).filter(begins).collect();
    assert!(found.is_empty(), "{words:?}: {found:?}\n{all}");
    assert!(!mentions || all.contains("FAKE"), "{words:?} shows nothing of it: {all}");
}

#[test]
fn rows_and_notices_keep_their_lines() {
    let desk = desk();
    let model = recording(&desk, &[("go", vec![turn("Hi.", &[])])]);
    check(&desk, &["run", "go", "--model", &model], true);
    for words in [&["trust"][..], &["hooks", "list"], &["agent", "list"], &["steering", "list"]] {
        check(&desk, words, true);
    }
    desk.waypost(&["trust", "--yes"]);
    desk.put(".kiro/steering/s\nFAKE steering.md", "Be long.\rFAKE\n\u{2028}FAKE\n");
    let words: [&[&str]; 23] = [
        &["trust"],
        &["mcp", "list"],
        &["mcp", "list", "--start"],
        &["mcp", "test", "t"],
        &["mcp", "accept", "t"],
        &["mcp", "test", "u\nFAKE server"],
        &["mcp", "test", "none\nFAKE"],
        &["mcp", "resource", "t"],
        &["mcp", "prompt", "t"],
        &["mcp", "resource", "t", "x://b"],
        &["hooks", "list"],
        &["hooks", "check"],
        &["hooks", "test", "h\nFAKE hook"],
        &["hooks", "run", "h\nFAKE hook"],
        &["hooks", "history"],
        &["agent", "list"],
        &["agent", "check"],
        &["skill", "list"],
        &["steering", "list"],
        &["steering", "check"],
        &["steering", "why", "src/f\nFAKE.rs"],
        &["session", "list"],
        &["session", "show"],
    ];
    for words in words {
        check(&desk, words, false);
    }
    let call = ("read", json!({"path": "src/f\nFAKE.rs"}));
    let write = ("write", json!({"path": "src/g\nFAKE.rs", "content": "x\n"}));
    let odd: (&str, Value) = ("odd\nFAKE", json!({"x": "\nFAKE"}));
    let model = recording(&desk, &[("go", vec![turn("", &[call, write, odd]), turn("Hi.", &[])])]);
    check(&desk, &["run", "go\nand #file:'src/f FAKE.rs'", "--autopilot", "--model", &model], true);
    for words in [
        &["session", "list"][..],
        &["session", "show"],
        &["checkpoint", "list"],
        &["checkpoint", "show", "1"],
        &["hooks", "history"],
        &["audit", "log"],
    ] {
        check(&desk, words, false);
    }
}
