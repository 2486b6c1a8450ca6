//! Which moments are for which hooks, and the reasons.

use super::*;
use crate::read::read;
use crate::trigger::Trigger;

fn v1(trigger: &str, matcher: &str) -> Hook {
    let hook = serde_json::json!({"version": "v1", "hooks": [
        {"name": "h", "trigger": trigger, "matcher": matcher, "action": {"type": "command", "command": "x"}}]});
    read("h.json", hook.to_string().as_bytes()).hooks.remove(0)
}

fn tool(name: &str) -> Moment {
    let mut moment = Moment::new(Trigger::PreToolUse, "s", "/w");
    moment.tool_name = Some(name.to_string());
    moment
}

fn file(path: &str) -> Moment {
    let mut moment = Moment::new(Trigger::PostFileSave, "s", "/home/me/src/w");
    moment.file_path = Some(path.to_string());
    moment
}

#[test]
fn a_matcher_written_for_kiro_matches_here() {
    let check = |matcher: &str, tool_name: &str, expected: bool| {
        let verdict = explain(&v1("PreToolUse", matcher), &tool(tool_name));
        assert_eq!(
            matches!(verdict, Verdict::Matches { .. }),
            expected,
            "{matcher} on {tool_name}: {verdict:?}"
        );
    };
    // Categories of the documentation.
    check("write", "write", true);
    check("write", "edit", true);
    check("write", "shell", false);
    check("read", "grep", true);
    check("read", "list", true);
    check("shell", "shell", true);
    check("shell", "process", true);
    check("web", "web_fetch", true);
    check("*", "todo", true);
    check("@builtin", "shell", true);
    check("@builtin", "git/git_diff", false);
    check("@mcp", "git/git_diff", true);
    check("@mcp", "write", false);
    check("@git", "git/git_diff", true);
    check("@git", "github/x", false);
    check("@git/git_diff", "git/git_diff", true);
    check("@git/git_*", "git/git_log", true);
    check("@git/git_diff", "git/git_log", false);
    check("@git/.*", "git/git_diff", true);
    check("@git/git_d.*", "git/git_diff", true);
    check("@git/git_d.*", "git/git_log", false);
    check("@git/git_log|@git/git_diff", "git/git_diff", true);
    check("@git/git_log|@git/git_diff", "git/git_show", false);
    check("@git/(log|show)$", "git/git_log", false);
    check("@git/git_(log|show)$", "git/git_log", true);
    check("@mcp.*diff.*", "git/git_diff", true);
    check("@mcp.*diff.*", "git/git_log", false);
    check("@mcp.*", "write", false);
    check("@builtin/(write|edit)", "edit", true);
    check("@builtin/(write|edit)", "shell", false);
    check("@git/.*", "github/git_diff", false);
    check("@powers/.*query", "power-db/query", true);
    check("@powers", "power-db/query", true);
    check("@powers", "git/git_diff", false);
    // Names as the engine tests them.
    check("^(fs_write|fs_append|str_replace|delete_file|code)$", "write", true);
    check("^(fs_write|fs_append|str_replace|delete_file|code)$", "edit", true);
    check("^(fs_write|fs_append|str_replace|delete_file|code)$", "shell", false);
    check("^execute_bash$", "shell", true);
    check("fs_write|str_replace", "edit", true);
    check("execute_pwsh", "shell", true);
    check("^fs_read$", "read", true);
    check("readFile", "read", true);
    check("git_diff", "git/git_diff", true);
    check("^mcp_git_", "git/git_diff", true);
    check("^write$", "write", true);
    // Nothing here deletes by that tool, and the pattern is taken for what it is.
    check("^delete_file$", "shell", false);
    check("(", "write", false);
}

#[test]
fn the_command_lines_globs() {
    let (node, _) = spec::data::read(
        br#"{"preToolUse":[{"matcher":"fs_*","command":"x"},{"matcher":"@git*/status","command":"x"},{"matcher":"aws","command":"x"}]}"#,
        spec::data::Notation::Json,
    );
    let hooks = crate::read::read_agent_hooks(&node.unwrap(), "a.json", "a").hooks;
    let count = |tool_name: &str, agent: Option<&str>| {
        let mut moment = tool(tool_name);
        moment.agent = agent.map(str::to_string);
        moment.tool_input = Some(serde_json::json!({"command": "aws s3 ls"}));
        matching(&hooks, &moment).len()
    };
    assert_eq!(count("write", Some("a")), 1);
    assert_eq!(count("github/status", Some("a")), 1);
    assert_eq!(count("github/log", Some("a")), 0);
    assert_eq!(count("shell", Some("a")), 1);
    // They belong to their agent.
    assert_eq!((count("write", Some("b")), count("write", None)), (0, 0));
}

#[test]
fn files_and_their_reasons() {
    let check = |matcher: &str, path: &str, expected: Result<&str, &str>| {
        let got = explain(&v1("PostFileSave", matcher), &file(path));
        match (got, expected) {
            (Verdict::Matches { why, .. }, Ok(expected)) => assert_eq!(why, expected),
            (Verdict::Not { why }, Err(expected)) => assert_eq!(why, expected),
            (got, _) => panic!("{matcher} on {path}: {got:?}"),
        }
    };
    check(r"\.rs$", "src/a.rs", Ok(r"`\.rs$` matches `src/a.rs`"));
    check(r"\.rs$", "a.ts", Err(r"`\.rs$` does not match `a.ts`"));
    // The folder of the workspace is no part of what is matched …
    check("src/", "README.md", Err("`src/` does not match `README.md`"));
    // … unless the expression asks for it.
    check("^/home/me/", "a.md", Ok("`^/home/me/` matches `/home/me/src/w/a.md`"));
    check("*.rs", "src/a.rs", Ok("`*.rs` matches `src/a.rs`"));
    check("(", "a", Err("its matcher `(` never matches: unclosed group"));
}

#[test]
fn exclusions() {
    let check = |patterns: &[&str], path: &str, expected: bool| {
        let hook = serde_json::json!({"name": "h", "when": {"type": "fileEdited", "patterns": patterns},
            "then": {"type": "askAgent", "prompt": "x"}});
        let hook = read("h.kiro.hook", hook.to_string().as_bytes()).hooks.remove(0);
        assert_eq!(!matching(&[hook], &file(path)).is_empty(), expected, "{patterns:?} on {path}");
    };
    check(&["src/**", "!src/gen/**"], "src/a", true);
    check(&["src/**", "!src/gen/**"], "src/gen/a", false);
    check(&["!node_modules/**"], "a", true);
    check(&["!node_modules/**"], "node_modules/a", false);
    check(&[], "a", true);
    check(&["a{", "!b"], "c", false);
}

#[test]
fn a_moment_about_many_files_is_for_those_that_match() {
    let mut moment = file("a.rs");
    moment.file_paths = ["a.rs", "b.ts", "c.rs"].map(str::to_string).to_vec();
    let hooks = [v1("PostFileSave", r"\.rs$"), v1("PostFileSave", r"\.py$")];
    let found = matching(&hooks, &moment);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].paths, ["a.rs", "c.rs"]);
    assert_eq!(found[0].why, r"`\.rs$` matches `a.rs`; 2 of 3 files");
    let part = moment.of_paths(&["c.rs".to_string()]);
    assert_eq!((part.file_path.as_deref(), part.file_paths.len()), (Some("c.rs"), 0));
}

#[test]
fn other_moments_and_disabled_hooks() {
    let mut hook = v1("Stop", "");
    assert!(!matching(std::slice::from_ref(&hook), &Moment::new(Trigger::Stop, "s", "/w")).is_empty());
    assert_eq!(
        explain(&hook, &file("a")),
        Verdict::Not { why: "it runs at `Stop`, not at `PostFileSave`".to_string() }
    );
    hook.is_enabled = false;
    assert!(matching(&[hook], &Moment::new(Trigger::Stop, "s", "/w")).is_empty());
}

#[test]
fn a_hook_of_a_package_sees_the_package() {
    let of = |matcher: &str| {
        let hook = v1("PostFileSave", matcher);
        let file = "packages/x/.kiro/hooks/h.json".to_string();
        Hook { source: crate::hook::Source { file, ..hook.source.clone() }, ..hook }
    };
    let check = |matcher: &str, path: &str, expected: bool| {
        let (hook, moment) = (of(matcher), file(path));
        let verdict = explain(&hook, &moment);
        assert_eq!(matches!(verdict, Verdict::Matches { .. }), expected, "{matcher} on {path}: {verdict:?}");
        assert_eq!(hook.fits_path(path, &moment.cwd), expected);
        assert_eq!(hook.waits_for(path, &moment.cwd), expected);
    };
    // Written from the package, or from the workspace.
    check("^src/.*\\.ts$", "packages/x/src/a.ts", true);
    check("^packages/x/src/", "packages/x/src/a.ts", true);
    check("^src/.*\\.ts$", "src/a.ts", false);
    check("\\.ts$", "packages/xy/a.ts", false);
    check(".*", "other/a.ts", false);
    let globs = |path: &str| {
        let yaml = "hooks:\n  - name: h\n    trigger: file_modified\n    patterns: [\"*.k\", \"!packages/x/skip/**\", \"!out/**\"]\n    command: x\n";
        let hook = read("hooks.yaml", yaml.as_bytes()).hooks.remove(0);
        let file = "packages/x/.kiro/settings/hooks.yaml".to_string();
        let hook = Hook { source: crate::hook::Source { file, ..hook.source.clone() }, ..hook };
        hook.fits_path(path, "/w")
    };
    assert!(globs("packages/x/a.k") && !globs("packages/x/skip/a.k") && !globs("packages/x/out/a.k"));
}

#[test]
fn a_moment_as_a_package_sees_it() {
    let mut moment = file("packages/x/src/a.ts");
    moment.file_paths = vec!["packages/x/src/a.ts".to_string(), "b.ts".to_string()];
    let seen = moment.seen_from("packages/x");
    assert_eq!(seen.cwd, "/home/me/src/w/packages/x");
    assert_eq!(seen.file_path.as_deref(), Some("src/a.ts"));
    assert_eq!(seen.file_paths, ["src/a.ts", "../../b.ts"]);
    assert_eq!(moment.seen_from(""), moment);
    let input = |path: &str, tool_name: &str| {
        let mut moment = tool(tool_name);
        moment.tool_input = Some(serde_json::json!({"path": path, "content": path}));
        moment.seen_from("packages/x").tool_input.unwrap()
    };
    let check = |path: &str, expected: &str| {
        assert_eq!(input(path, "write"), serde_json::json!({"path": expected, "content": path}));
    };
    check("packages/x/secret/k", "secret/k");
    check("./packages/x/k", "k");
    check("k", "../../k");
    check("/abs/k", "/abs/k");
    assert_eq!(input("packages/x/k", "server/put")["path"], "packages/x/k");
}
