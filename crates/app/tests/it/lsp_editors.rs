//! `waypost lsp` with clients that other people wrote: Neovim's, and the protocol library of VS Code. Each test says which
//! one ran, in which version, or that it is not installed.
#![expect(clippy::disallowed_methods, reason = "a test reads files and the environment")]

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Desk, soon};
use crate::lsp_spec::{REQUIREMENTS, T, TASKS, desk, find};

/// Lets a client go through its session and gives what it saw.
fn session(desk: &Desk, mut client: Command) -> Value {
    let out = desk.path("seen.json");
    client.env("WAYPOST", env!("CARGO_BIN_EXE_waypost")).env("ROOT", desk.resolved("work")).env("OUT", &out);
    let running = desk.start(client);
    let came = soon(|| out.exists()) || soon(|| out.exists()) || soon(|| out.exists());
    if !came {
        running.signal(rustix::process::Signal::KILL);
        panic!("the client wrote nothing: {} {}", running.out(), running.err());
    }
    running.finish();
    let seen: Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    assert!(seen.get("error").is_none(), "{}", seen["error"].as_str().unwrap_or_default());
    seen
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

#[track_caller]
fn holds(value: &Value, parts: &[&str]) {
    let text = value.as_str().unwrap_or_default();
    assert!(parts.iter().all(|part| text.contains(part)), "{parts:?} in {text}");
}

#[test]
fn neovim() {
    let desk = desk();
    let version = desk.program("nvim").arg("--version").output();
    if !version.is_ok_and(|ran| ran.status.success()) {
        println!("skipped: no Neovim (`nvim`) on the path");
        return;
    }
    let script = desk.put_outside("session.lua", include_str!("lsp_neovim.lua"));
    let mut client = desk.program("nvim");
    client.args(["--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", &format!("luafile {script}")]);
    let seen = session(&desk, client);
    println!("client: Neovim {}", seen["version"].as_str().unwrap());

    let line = |text: &str, words: &str| find(text, words).0 + 1;
    assert_eq!((&seen["attached"], &seen["exit"]), (&Value::Bool(true), &Value::from(0)));
    assert_eq!(texts(&seen["diagnostics"]), ["trace/dangling-reference"]);
    assert_eq!(seen["diagnostic_line"], line(TASKS, "9.9"));
    holds(&seen["hover"], &["I want a greeting", "WHEN a Visitor arrives"]);
    let criterion = line(REQUIREMENTS, "1. WHEN a Visitor arrives");
    assert_eq!(seen["definition"], format!("requirements.md:{criterion}"));
    let references = texts(&seen["references"]);
    assert_eq!(references.len(), 5, "{references:?}");
    assert!(references.iter().any(|one| one.starts_with("greet_test.py:2 ")), "{references:?}");
    let symbols = texts(&seen["symbols"]);
    assert!(symbols.iter().any(|one| one.contains("1.2 Test the greeting")), "{symbols:?}");
    assert_eq!(texts(&seen["completion"]), ["1.1", "1.2"]);
    holds(&seen["renamed_tasks"], &["_Requirements: 1.1, 1.7_"]);
    holds(&seen["renamed_test"], &["Requirements 1.7, 7.7"]);
    assert_eq!(seen["fixed"], true);
    assert_eq!(texts(&seen["lenses"]), ["View evidence", "View evidence", "Start task"]);
}

#[test]
fn the_protocol_library_of_vs_code() {
    let Ok(modules) = std::env::var("WAYPOST_TEST_NODE_MODULES") else {
        println!("skipped: WAYPOST_TEST_NODE_MODULES names no folder with `vscode-languageserver-protocol`");
        return;
    };
    let desk = desk();
    let script = desk.put_outside("session.cjs", include_str!("lsp_vscode.cjs"));
    let mut client = desk.program("node");
    client.arg(script).env("NODE_PATH", modules);
    let seen = session(&desk, client);
    println!("client: vscode-languageserver-protocol {}", seen["version"].as_str().unwrap());

    assert_eq!((&seen["server"], &seen["encoding"]), (&Value::from("waypost"), &Value::from("utf-16")));
    assert!(texts(&seen["errors"]).is_empty(), "{}", seen["errors"]);
    assert_eq!(texts(&seen["registered"]), ["workspace/didChangeWatchedFiles"]);
    holds(&seen["hover"], &["I want a greeting", "WHEN a Visitor arrives"]);
    holds(&seen["definition"], &["/.kiro/specs/greet/requirements.md"]);
    let references = ["design.md", "requirements.md", "tasks.md", "tasks.md", "greet_test.py"];
    assert_eq!(texts(&seen["references"]), references);
    assert_eq!(texts(&seen["completion"]), ["1", "1.1", "1.2", "2", "2.1"]);
    assert_eq!(texts(&seen["renamed"]), ["greet_test.py", "requirements.md", "tasks.md"]);
    assert_eq!(seen["refused"]["isResponse"], true);
    holds(&seen["refused"]["words"], &["two things would be criterion `1.1`"]);
    assert_eq!(texts(&seen["symbols"]), ["Implementation Plan"]);
    assert!(seen["folds"].as_u64().unwrap() > 4);
    assert_eq!(texts(&seen["lenses"]), ["View evidence", "View evidence", "Start task"]);
    assert_eq!((&seen["tokens"], &seen["workspace"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(texts(&seen["diagnostics"]), ["trace/dangling-reference"], "of {T}");
    assert_eq!(seen["exit"], 0);
    let silence = "silence `trace/dangling-reference` here; the reason is for you to write";
    assert_eq!(texts(&seen["actions"]).last(), Some(&silence));
}
