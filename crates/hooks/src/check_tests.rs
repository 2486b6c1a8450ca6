//! What the check finds over a listing of files.

use super::*;
use crate::read::read;

const FILES: [&str; 6] =
    ["src/main.rs", "src/lib.rs", "README.md", "docs/api.md", "web/app.ts", "Cargo.toml"];

/// Hooks as `name | trigger | pattern | command`, a prompt when the last begins with `>`.
fn hooks(lines: &[&str]) -> Vec<Hook> {
    let mut text = "hooks:\n".to_string();
    for line in lines {
        let parts: Vec<&str> = line.split(" | ").collect();
        let (word, act) =
            parts[3].strip_prefix('>').map_or(("command", parts[3]), |prompt| ("prompt", prompt));
        text.push_str(&format!(
            "  - name: {}\n    trigger: {}\n    pattern: {:?}\n    {word}: {act:?}\n",
            parts[0], parts[1], parts[2]
        ));
    }
    let found = read("hooks.yaml", text.as_bytes());
    assert_eq!(found.hooks.len(), lines.len(), "{:?}", found.diagnostics);
    found.hooks
}

#[track_caller]
fn check_that(lines: &[&str], expected: &[(&str, bool, &str)]) {
    let files = FILES.map(str::to_string);
    let found = check(&hooks(lines), &files);
    let got: Vec<(&str, bool, &str)> = found
        .iter()
        .map(|found| (found.diagnostic.code, found.is_certain, found.diagnostic.message.as_str()))
        .collect();
    assert_eq!(got, expected);
}

#[test]
fn dead_patterns() {
    check_that(
        &[
            "a | file_modified | *.rs | x",
            "b | file_modified | *.py | x",
            "c | file_created | *.go | x",
            "d | manual | *.x | x",
        ],
        &[
            ("hook/dead-pattern", true, "`*.py` matches no file of the workspace"),
            ("hook/dead-pattern", false, "`*.go` matches no file of the workspace"),
        ],
    );
}

#[test]
fn matchers_over_tools_that_none_has() {
    check_that(
        &[
            "a | pre_tool_use | write | x",
            "b | pre_tool_use | ^delete_file$ | x",
            "c | pre_tool_use | @git | x",
        ],
        &[("hook/dead-matcher", false, "`^delete_file$` matches no built-in tool")],
    );
    let why = "matches no tool: it is read as a glob, and no name of a tool has such characters";
    check_that(
        &[
            "a | pre_tool_use | @git/.* | x",
            "b | pre_tool_use | @git/(log|diff) | x",
            "c | pre_tool_use | @git/lo(g | x",
            "d | pre_tool_use | @/log | x",
        ],
        &[
            ("hook/dead-matcher", true, &format!("`@git/lo(g` {why}")),
            ("hook/dead-matcher", true, "`@/log` matches no tool: it names no server"),
        ],
    );
}

#[test]
fn a_hook_that_triggers_itself() {
    check_that(
        &["fmt | file_modified | *.rs | cargo fmt"],
        &[("hook/loop", false, "the hook `fmt` may trigger itself (`cargo fmt`)")],
    );
    check_that(
        &["stamp | file_modified | docs/** | date > docs/stamp.md"],
        &[("hook/loop", true, "the hook `stamp` triggers itself (`> docs/stamp.md`)")],
    );
    check_that(&["stamp | file_modified | src/** | date > docs/stamp.md"], &[]);
    check_that(&["lint | file_modified | *.rs | npx eslint --fix"], &[]);
    check_that(
        &["docs | file_modified | *.md | >Fix the spelling"],
        &[("hook/loop", false, "the hook `docs` may trigger itself (its prompt says `fix`)")],
    );
    check_that(&["docs | file_modified | *.rs | >Update docs/api.md"], &[]);
    // A new file is rewritten, which is a save and no creation.
    check_that(&["new | file_created | *.rs | cargo fmt"], &[]);
    check_that(
        &["pull | file_modified | *.rs | git stash"],
        &[("hook/loop", false, "the hook `pull` may trigger itself (`git stash`)")],
    );
}

#[test]
fn hooks_that_trigger_each_other() {
    check_that(
        &[
            "api | file_modified | src/*.rs | date > docs/api.md",
            "gen | file_modified | docs/*.md | date > src/lib.rs",
        ],
        &[(
            "hook/loop",
            true,
            "the hooks `api` → `gen` trigger each other (`api`: `> docs/api.md`; `gen`: `> src/lib.rs`)",
        )],
    );
    check_that(
        &[
            "api | file_modified | src/*.rs | date > docs/api.md",
            "gen | file_modified | docs/*.md | >Update src/lib.rs",
        ],
        &[(
            "hook/loop",
            false,
            "the hooks `api` → `gen` may trigger each other (`api`: `> docs/api.md`; `gen`: its prompt says `update` and names `src/lib.rs`)",
        )],
    );
}

#[test]
fn one_name_in_two_files() {
    let mut both = hooks(&["a | file_modified | *.rs | x"]);
    both.extend(read("other.yaml", b"hooks:\n  - {name: a, trigger: agent_stopped, command: x}\n").hooks);
    let found = check(&both, &[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].diagnostic.message, "the name `a` is also in `hooks.yaml`; both run");
}

#[test]
fn many_hooks_and_many_files_are_bounded() {
    let lines: Vec<String> =
        (0..900).map(|at| format!("h{at} | file_modified | x{at}/*.rs | cargo fmt")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let files: Vec<String> = (0..100_000).map(|at| format!("src/{at}.rs")).collect();
    let begun = std::time::Instant::now();
    let found = check(&hooks(&lines), &files);
    assert!(found.iter().any(|found| found.diagnostic.code == "hook/not-looked-at"));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
