//! The servers of the registries, started for real. They lie in the folder that `WAYPOST_TEST_MCP` names (`.ci/mcp-servers.sh`
//! fills it); without it these tests say so and do nothing.

use std::path::PathBuf;

use mcp::servers::Status;
use serde_json::{Value, json};

use crate::harness::{Place, names, offered, on_runtime, run, start, tool};

fn cache() -> Option<PathBuf> {
    let found = std::env::var_os("WAYPOST_TEST_MCP").map(PathBuf::from).filter(|path| path.is_dir());
    if found.is_none() {
        println!("skipped: WAYPOST_TEST_MCP names no folder with servers");
    }
    found
}

/// Starts a server, calls one tool, stops it, starts it again and calls once more. The place is made by `prepare`.
fn check(
    command: impl FnOnce(&std::path::Path, &std::path::Path) -> Vec<String>,
    prepare: impl FnOnce(&std::path::Path),
    calls: &[(&str, Value, &str)],
    tools_min: usize,
) {
    let Some(cache) = cache() else { return };
    on_runtime(async {
        let mut place = Place::new();
        place.handshake_ms = 60_000;
        let root = place.root();
        prepare(&root);
        let mut words = command(&cache, &root);
        let program = words.remove(0);
        if !PathBuf::from(&program).exists() && program.contains('/') {
            println!("skipped: {program} is not in the folder");
            return;
        }
        let entry = json!({"command": program, "args": words, "timeout": 30000, "env": {
            "MEMORY_FILE_PATH": root.join("memory.json"), "HOME": root
        }});
        let servers = place.servers(&json!({"mcpServers": {"s": entry}}).to_string());
        for round in 0..2 {
            start(&servers, "s").await.unwrap();
            let known = servers.known("s").unwrap();
            println!("{} {} tools, {} {:?}", known.protocol, known.tools.len(), known.version, known.notes);
            assert!(known.tools.len() >= tools_min);
            let offered = offered(&servers);
            for (name, arguments, expected) in calls {
                let arguments: Value =
                    serde_json::from_str(&arguments.to_string().replace("ROOT", &root.to_string_lossy()))
                        .unwrap();
                let name = format!("mcp__s__{name}");
                assert!(names(&offered).contains(&name), "{:?}", names(&offered));
                let said = run(tool(&offered, &name), &arguments, &root).await;
                assert!(said.text.contains(expected), "round {round}, {name}: {}", said.text);
            }
            servers.stop("s").await;
            assert_eq!(servers.status("s"), Some(Status::Stopped));
        }
    });
}

/// A server of npm, by its file in the cache.
fn node(cache: &std::path::Path, name: &str, more: &[&str]) -> Vec<String> {
    let file = cache.join("npm/node_modules/@modelcontextprotocol").join(name).join("dist/index.js");
    let file = file.to_string_lossy().into_owned();
    if !PathBuf::from(&file).exists() {
        return vec![file];
    }
    ["node".to_string(), file].into_iter().chain(more.iter().map(ToString::to_string)).collect()
}

#[test]
fn filesystem() {
    check(
        |cache, root| node(cache, "server-filesystem", &[&root.to_string_lossy()]),
        |root| std::fs::write(root.join("note.txt"), "remember the milk").unwrap(),
        &[
            ("read_text_file", json!({"path": "ROOT/note.txt"}), "remember the milk"),
            ("write_file", json!({"path": "ROOT/new.txt", "content": "x"}), "wrote"),
            ("read_text_file", json!({"path": "/etc/passwd"}), "denied"),
        ],
        10,
    );
}

#[test]
fn memory() {
    check(
        |cache, _| node(cache, "server-memory", &[]),
        |_| {},
        &[
            (
                "create_entities",
                json!({"entities": [{"name": "ann", "entityType": "person", "observations": ["likes tea"]}]}),
                "",
            ),
            ("search_nodes", json!({"query": "tea"}), "ann"),
        ],
        5,
    );
}

#[test]
fn everything() {
    check(
        |cache, _| node(cache, "server-everything", &["stdio"]),
        |_| {},
        &[
            ("echo", json!({"message": "hello there"}), "hello there"),
            ("get-tiny-image", json!({}), "[image image/png"),
            ("trigger-long-running-operation", json!({"duration": 1, "steps": 2}), "completed"),
        ],
        8,
    );
}

#[test]
fn git() {
    check(
        |cache, root| {
            let program = cache.join("py/bin/mcp-server-git").to_string_lossy().into_owned();
            vec![program, "--repository".to_string(), root.to_string_lossy().into_owned()]
        },
        |root| {
            for line in [&["init", "-q"][..], &["commit", "-q", "--allow-empty", "-m", "first words"]] {
                let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
                let done =
                    std::process::Command::new("git").args(identity).args(line).current_dir(root).status();
                assert!(done.unwrap().success());
            }
        },
        &[("git_log", json!({"repo_path": "ROOT"}), "first words")],
        5,
    );
}

#[test]
fn fetch() {
    let page = crate::web::Web::serve(|asked| match asked.path.as_str() {
        "/page" => crate::web::Said {
            status: 200,
            headers: vec![("content-type", "text/html".to_string())],
            body: Some(
                "<html><body><article><h1>Otters</h1><p>Otters hold hands.</p></article></body></html>"
                    .into(),
            ),
            later: None,
        },
        _ => crate::web::Said::status(404),
    });
    check(
        |cache, _| {
            let program = cache.join("py/bin/mcp-server-fetch").to_string_lossy().into_owned();
            vec![program, "--allow-private-ips".to_string()]
        },
        |_| {},
        &[("fetch", json!({"url": format!("{}/page", page.url)}), "Otters hold hands")],
        1,
    );
}
