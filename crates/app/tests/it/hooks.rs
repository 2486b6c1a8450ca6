//! `waypost hooks`: what is found where, what is said of it, what a try shows, what a conversion writes. Nothing is ever run.
#![expect(clippy::disallowed_methods, reason = "puts links, scripts and folders where hooks lie")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::{Value, json};

use crate::harness::Desk;

const YAML: &str = "hooks:\n  - name: sync\n    trigger: file_modified\n    pattern: 'src/**'\n    action: Update docs/api.md\n    advisory: true\n";
const LINT: &str = r#"{"version":"v1","hooks":[
  {"name":"lint","trigger":"PostFileSave","matcher":"\\.ts$","action":{"type":"command","command":"touch ran"},"timeout":5},
  {"name":"gate","trigger":"PreToolUse","matcher":"^execute_bash$","action":{"type":"command","command":"cat"}},
  {"name":"odd","trigger":"Never","action":{"type":"command","command":"cat"}}]}"#;
const OLD: &str = r#"{"name":"Docs","when":{"type":"fileEdited","patterns":["src/**/*.ts"]},"then":{"type":"askAgent","prompt":"Update README.md"}}"#;
const AGENT: &str = r#"{"name":"planner","hooks":{"agentSpawn":[{"command":"git status"}]}}"#;
const PLUGIN: &str = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"${PLUGIN_ROOT}/x.sh"}]}]}}"#;

/// A workspace with one hook of each format.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put(".kiro/settings/hooks.yaml", YAML);
    desk.put(".kiro/hooks/lint.json", LINT);
    desk.put(".kiro/hooks/docs.kiro.hook", OLD);
    desk.put(".kiro/agents/planner.json", AGENT);
    desk.put(
        ".kiro/agents/team/review.md",
        "---\ndescription: r\nhooks:\n  - {name: fmt, trigger: PostToolUse, matcher: ^fs_write$, action: {type: command, command: cargo fmt}}\n---\nYou review.\n",
    );
    desk.put(".agents/plugins/p/hooks/hooks.json", PLUGIN);
    desk.put("../home/.kiro/hooks/mine.json", LINT.replace("lint", "mine").replace("gate", "mygate"));
    desk.put("src/a.ts", "x\n");
    desk
}

fn row<'a>(listed: &'a Value, name: &str) -> &'a Value {
    let rows = listed["hooks"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no hook {name} in {listed}"))
}

#[test]
fn every_format_is_listed_with_its_trust_and_grant() {
    let desk = desk();
    let listed = desk.waypost(&["--json", "hooks", "list"]).document();
    let check = |name: &str, expected: [&str; 5]| {
        let row = row(&listed, name);
        let got = ["trigger", "matcher", "format", "grant", "trust"].map(|key| row[key].as_str().unwrap());
        assert_eq!(got, expected, "{name}");
    };
    check("sync", ["PostFileSave", "src/**", "hooks.yaml", "advisory", "untrusted"]);
    check("lint", ["PostFileSave", r"\.ts$", "v1", "prescriptive", "untrusted"]);
    check("Docs", ["PostFileSave", "src/**/*.ts", "0.x", "prescriptive", "untrusted"]);
    check("agentSpawn", ["SessionStart", "*", "cli-2.x", "prescriptive", "untrusted"]);
    check("fmt", ["PostToolUse", "^fs_write$", "v1", "prescriptive", "untrusted"]);
    check("Stop", ["Stop", "*", "open-plugin", "prescriptive", "untrusted"]);
    check("mine", ["PostFileSave", r"\.ts$", "v1", "prescriptive", "own"]);
    assert_eq!(
        (&row(&listed, "agentSpawn")["agent"], &row(&listed, "fmt")["agent"]),
        (&json!("planner"), &json!("team/review"))
    );
    assert_eq!((&row(&listed, "lint")["runs"], &row(&listed, "mine")["runs"]), (&json!(false), &json!(true)));
    assert_eq!(
        (&row(&listed, "sync")["file"], &row(&listed, "sync")["line"]),
        (&json!(".kiro/settings/hooks.yaml"), &json!(2))
    );
    // What was dropped is named, once in each file that has it.
    let dropped: Vec<&str> =
        listed["problems"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    assert_eq!(dropped, ["~/.kiro/hooks/mine.json", ".kiro/hooks/lint.json"]);
    desk.check(
        &["hooks", "list"],
        0,
        &["`Never` is no trigger", "use one of: SessionStart", "7 hooks are not trusted", "waypost trust"],
    );

    desk.check(&["trust", "--yes"], 0, &[".agents/plugins/p/hooks/hooks.json"]);
    let listed = desk.waypost(&["--json", "hooks", "list"]).document();
    assert!(listed["hooks"].as_array().unwrap().iter().all(|row| row["runs"] == true), "{listed}");
    desk.put(".kiro/hooks/docs.kiro.hook", OLD.replace("Update", "Delete"));
    desk.check(&["hooks", "list"], 0, &["changed since it was trusted", "1 hook is not trusted"]);
}

#[test]
fn a_grant_is_the_smaller_of_two_words() {
    let desk = desk();
    let grant = |settings: &str, name: &str| {
        desk.config(settings);
        let listed = desk.waypost(&["--json", "hooks", "list"]).document();
        row(&listed, name)["grant"].as_str().unwrap().to_string()
    };
    assert_eq!(grant("", "lint"), "prescriptive");
    assert_eq!(grant("[hooks]\ngrant = \"advisory\"\n", "lint"), "advisory");
    assert_eq!(
        grant("[hooks]\ngrant = \"advisory\"\ngrants = { lint = \"prescriptive\" }\n", "lint"),
        "prescriptive"
    );
    assert_eq!(
        grant("[hooks]\ngrants = { \".kiro/hooks/lint.json#lint\" = \"advisory\" }\n", "lint"),
        "advisory"
    );
    // The file asked for less, and the person cannot make it more.
    assert_eq!(grant("[hooks]\ngrants = { sync = \"prescriptive\" }\n", "sync"), "advisory");
    desk.config("[hooks]\ngrant = \"all\"\n");
    desk.check(&["hooks", "list"], 2, &["config.toml"]);
}

#[test]
fn files_that_nobody_reads_are_named() {
    let desk = Desk::new();
    desk.put(".kiro/settings/hooks.json", LINT);
    desk.put(".kiro/hooks/deep/a.json", LINT);
    desk.put(".kiro/agent-hooks/b.kiro.hook", OLD);
    desk.put(".kiro/hooks/run.sh", "true\n");
    desk.put("elsewhere.json", LINT);
    fs::create_dir_all(desk.path("home/.kiro/hooks")).unwrap();
    symlink(desk.work("elsewhere.json"), desk.work(".kiro/hooks/link.json")).unwrap();
    symlink(desk.work("elsewhere.json"), desk.path("home/.kiro/hooks/link.json")).unwrap();
    desk.check(
        &["hooks", "list"],
        0,
        &[
            "no hooks here",
            "hooks are not read from `.kiro/settings/hooks.json`",
            "hooks are not read from folders below `.kiro/hooks`",
            "move it to `.kiro/hooks/b.kiro.hook`",
            "`.kiro/hooks/link.json` is a link",
            "`~/.kiro/hooks/link.json` is not read: a link",
        ],
    )
    .never_says(&["run.sh"]);
    Desk::new().check(&["hooks", "list"], 0, &["no hooks here", "docs/hooks.md"]);
}

#[test]
fn the_check_looks_at_real_files_and_scripts() {
    let desk = Desk::new();
    desk.put("src/a.rs", "\n");
    desk.put("gone/b.py", "\n");
    desk.put(".gitignore", "gone/\n");
    desk.put(
        ".kiro/settings/hooks.yaml",
        "hooks:\n  - {name: dead, trigger: file_modified, pattern: '*.py', command: make}\n  - {name: fmt, trigger: file_modified, pattern: '*.rs', command: cargo fmt}\n  - {name: stamp, trigger: file_modified, pattern: 'src/**', command: 'date > src/stamp'}\n  - {name: run, trigger: agent_stopped, command: ./run.sh && .kiro/none.sh}\n",
    );
    desk.put("run.sh", "#!/bin/sh\n");
    fs::set_permissions(desk.work("run.sh"), fs::Permissions::from_mode(0o644)).unwrap();
    desk.check(
        &["hooks", "check"],
        1,
        &[
            ".kiro/settings/hooks.yaml:2:5",
            "`*.py` matches no file of the workspace",
            "the hook `fmt` may trigger itself (`cargo fmt`)",
            "the hook `stamp` triggers itself (`> src/stamp`)",
            "`./run.sh` has no run bit",
            "chmod +x run.sh",
            "`.kiro/none.sh` is not there",
            "4 hooks over",
            "1 error, 3 warnings, 1 hint",
        ],
    );
    let report = desk.waypost(&["hooks", "check", "--format", "json"]).document();
    let codes: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["hook/dead-pattern", "hook/loop", "hook/loop", "hook/no-run-bit", "hook/missing-script"]
    );
    assert_eq!(report["findings"][1]["certain"], false);
    let sarif = desk.waypost(&["hooks", "check", "--format", "sarif"]).document();
    assert_eq!(sarif["version"], "2.1.0");
    let first = &sarif["runs"][0]["results"][0];
    assert_eq!(first["ruleId"], "hook/dead-pattern");
    assert_eq!(first["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
    fs::set_permissions(desk.work("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    desk.check(&["hooks", "check"], 0, &["0 errors"]);
    desk.check(&["hooks", "check", "--fail-on", "warning"], 1, &[]);
    desk.check(&["hooks", "check", "--format", "sarif", "-o", "out.sarif"], 0, &["0 errors"]);
    assert!(desk.text("out.sarif").contains("hook/loop"));
}

#[test]
fn what_a_wildcard_matches_is_trusted_file_by_file() {
    let desk = Desk::new();
    desk.put("checks/a.sh", "true\n");
    desk.put("README.md", "hello\n");
    desk.put(
        ".kiro/settings/hooks.yaml",
        "hooks:\n  - {name: checks, trigger: agent_stopped, command: 'sh checks/*.sh'}\n  - {name: reads, trigger: agent_stopped, command: 'prettier --check README.md'}\n  - {name: piped, trigger: agent_stopped, command: 'ls checks | xargs sh'}\n",
    );
    let trust_of = |name: &str| {
        let rows = desk.waypost(&["--json", "hooks", "list"]).document();
        let row = rows["hooks"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
        row["trust"].as_str().unwrap().to_string()
    };
    desk.check(&["trust", "--yes"], 0, &["checks/a.sh"]).never_says(&["README.md"]);
    assert_eq!([trust_of("checks"), trust_of("reads")], ["trusted", "trusted"]);
    desk.put("README.md", "hello again\n");
    assert_eq!(trust_of("reads"), "trusted");
    // A file that comes later is one that nobody trusted.
    desk.put("checks/b.sh", "touch evil.txt\n");
    assert_eq!([trust_of("checks"), trust_of("reads")], ["untrusted", "trusted"]);
    desk.check(&["trust", "--yes"], 0, &["checks/b.sh"]);
    assert_eq!(trust_of("checks"), "trusted");
    desk.check(
        &["hooks", "check"],
        0,
        &[
            "what `xargs sh` starts shows only when it runs",
            "hook/computed-script",
            "`./checks/*.sh`",
            "1 warning",
        ],
    );
}

#[test]
fn a_matcher_that_names_a_server_which_no_file_has_is_found() {
    let desk = Desk::new();
    let hook = |name: &str, matcher: &str| {
        format!("  - {{name: {name}, trigger: pre_tool_use, matcher: '{matcher}', command: 'true'}}\n")
    };
    let hooks = [
        hook("a", "@nosuch/.*"),
        hook("b", "@git/log|@git/diff"),
        hook("c", "@none"),
        hook("d", "@g*/log"),
        hook("e", "@mcp.*sql.*"),
        hook("f", "^@(git|none)/x"),
        hook("g", "@builtin/read|@none/x"),
    ];
    desk.put(".kiro/settings/hooks.yaml", format!("hooks:\n{}", hooks.concat()));
    let found = || {
        let report = desk.waypost(&["hooks", "check", "--format", "json"]).document();
        let found = report["findings"].as_array().unwrap().iter();
        let found = found.filter(|one| one["code"] == "hook/unknown-server");
        found
            .map(|one| one["message"].as_str().unwrap().split('`').nth(1).unwrap().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(), ["@nosuch/.*", "@git/log|@git/diff", "@none", "@g*/log"]);
    desk.check(
        &["hooks", "check"],
        0,
        &["the server `nosuch`, which no file names", "waypost mcp add --help"],
    );
    desk.put(".kiro/settings/mcp.json", r#"{"mcpServers": {"git": {"command": "x"}}}"#);
    assert_eq!(found(), ["@nosuch/.*", "@none"]);
    desk.check(&["hooks", "check"], 0, &["the servers here are: git"]);
}

#[test]
fn a_try_shows_what_would_happen_and_runs_nothing() {
    let desk = desk();
    let lint = ["hooks", "test", "lint", "--path", "src/a.ts"];
    desk.check(
        &lint,
        1,
        &[r"matches at PostFileSave: `\.ts$` matches `src/a.ts`", "not trusted", "nothing was run"],
    );
    desk.check(&["trust", "--yes"], 0, &[]);
    let ran = desk.check(&lint, 0, &["policy: allow", "touch ran", "it is ended after 5000 ms"]);
    assert!(ran.out.contains(r#""file_path":"src/a.ts""#), "{}", ran.out);
    assert!(!desk.work("ran").exists());
    desk.check(&["hooks", "test", "lint", "--path", "a.rs"], 1, &["does not match", "`a.rs`"]);
    desk.check(&["hooks", "test", "lint"], 1, &["the moment names no file", "name a file with --path"]);
    desk.check(
        &["hooks", "test", "lint", "--event", "Stop"],
        1,
        &["it runs at `PostFileSave`, not at `Stop`"],
    );
    desk.check(&["hooks", "test", "lint", "--event", "Nope"], 2, &["there is no trigger `Nope`"]);
    desk.check(&["hooks", "test", "nobody"], 2, &["there is no hook `nobody`", "the hooks here are: mine"]);
    desk.check(&["hooks", "test", "gate", "--tool", "shell", "--input", "{"], 2, &["--input is no JSON"]);

    let input = r#"{"command":"git push"}"#;
    let gate =
        desk.waypost(&["--json", "hooks", "test", "gate", "--tool", "shell", "--input", input]).document();
    assert_eq!((&gate["matches"], &gate["effect"]), (&json!(true), &json!("allow")));
    let stdin: Value = serde_json::from_str(gate["stdin"].as_str().unwrap()).unwrap();
    assert_eq!(stdin["hook_event_name"], "PreToolUse");
    assert_eq!(stdin["tool_name"], "execute_bash");
    assert_eq!(stdin["tool_input"], json!({"command": "git push"}));
    assert_eq!(stdin["cwd"], desk.resolved("work"));
    desk.check(&["hooks", "test", "gate", "--tool", "read"], 1, &["matches none of the names of `read`"]);
    // A hook of an agent is tried as in its sessions.
    desk.check(&["hooks", "test", "agentSpawn"], 1, &["only in sessions of the agent `planner`"]);
    let spawn = desk.waypost(&["--json", "hooks", "test", "agentSpawn", "--agent", "planner"]).document();
    assert!(spawn["stdin"].as_str().unwrap().contains(r#""hook_event_name":"agentSpawn""#));
    desk.check(
        &["hooks", "test", "sync", "--path", "src/a.ts"],
        0,
        &["can neither write nor run", "Update docs/api.md"],
    );
}

#[test]
fn an_advisory_hook_may_write_nothing() {
    let desk = Desk::new();
    let hook = |advisory: bool| {
        let text = format!(
            "hooks:\n  - {{name: h, trigger: agent_stopped, command: 'date > out.txt', advisory: {advisory}}}\n"
        );
        desk.put(".kiro/settings/hooks.yaml", text);
        desk.check(&["trust", "--yes"], 0, &[]);
    };
    hook(true);
    desk.check(&["hooks", "test", "h"], 4, &["policy: deny", "the advisory hook `h`", "advisory"]);
    // Its own command runs, and what it writes unseen is the sandbox's to keep.
    desk.put(
        ".kiro/settings/hooks.yaml",
        "hooks:\n  - {name: h, trigger: agent_stopped, command: make lint, advisory: true}\n",
    );
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["hooks", "test", "h"], 0, &["policy: allow", "nothing of the workspace can be written"]);
    // Trusted word for word, it needs no further question; a rule of the person still closes.
    hook(false);
    desk.check(&["hooks", "test", "h"], 0, &["policy: allow"]);
    desk.config("deny = [\"shell:date*\"]\n");
    desk.check(&["hooks", "test", "h"], 4, &["policy: deny", "shell:date*"]);
    desk.config("mode = \"autopilot\"\n");
    hook(true);
    desk.check(&["hooks", "test", "h"], 4, &["policy: deny"]);
    // What destroys asks each time, trusted or not.
    desk.put(
        ".kiro/settings/hooks.yaml",
        "hooks:\n  - {name: h, trigger: agent_stopped, command: 'rm -rf src'}\n",
    );
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["hooks", "test", "h"], 3, &["policy: ask", "without a way back"]);
    // And so does what is not followed to its end.
    desk.put(
        ".kiro/settings/hooks.yaml",
        "hooks:\n  - {name: h, trigger: agent_stopped, command: 'make \"$(x'}\n",
    );
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["hooks", "test", "h"], 3, &["policy: ask"]);
}

#[test]
fn a_conversion_is_shown_then_written_and_takes_nothing_away() {
    let desk = Desk::new();
    desk.put(".kiro/hooks/docs.kiro.hook", OLD);
    desk.put(
        ".kiro/hooks/look.kiro.hook",
        r#"{"name":"Look at it","when":{"type":"userTriggered"},"then":{"type":"askAgent","prompt":"Look"}}"#,
    );
    desk.put(
        ".kiro/hooks/gate.kiro.hook",
        r#"{"name":"gate","when":{"type":"preToolUse","toolTypes":["write"]},"then":{"type":"runCommand","command":"x"}}"#,
    );
    let ran = desk.check(
        &["hooks", "convert"],
        0,
        &["would be written with --write", "PostFileSave", "inclusion: manual", "refuses only with 2"],
    );
    assert!(ran.out.contains(".kiro/steering/look-at-it.md") && !desk.work(".kiro/hooks/docs.json").exists());
    desk.put(".kiro/hooks/gate.json", "mine\n");
    desk.check(
        &["hooks", "convert", "--write"],
        1,
        &["something else is there", "as long as both are there, both run"],
    );
    assert_eq!(desk.text(".kiro/hooks/gate.json"), "mine\n");
    assert_eq!(desk.text(".kiro/hooks/docs.kiro.hook"), OLD);
    let new: Value = serde_json::from_str(&desk.text(".kiro/hooks/docs.json")).unwrap();
    assert_eq!(new["hooks"][0]["matcher"], r"^src/(?:.*/)?[^/]*\.ts$");
    assert!(desk.text(".kiro/steering/look-at-it.md").ends_with("Look\n"));
    // The new file is read as the old one was.
    let files = ["src/a.ts", "src/x/y.ts"];
    for file in files {
        for hook in [".kiro/hooks/docs.kiro.hook#Docs", ".kiro/hooks/docs.json#Docs"] {
            desk.check(
                &["hooks", "test", hook, "--path", file],
                1,
                &["matches at PostFileSave", "not trusted"],
            );
        }
    }
    desk.check(&["hooks", "test", "Docs"], 2, &["there is more than one hook `Docs`"]);
    let one = desk.waypost(&["--json", "hooks", "convert", ".kiro/hooks/docs.kiro.hook"]).document();
    assert_eq!(one["files"].as_array().unwrap().len(), 1);
    desk.check(&["hooks", "convert", ".kiro/hooks/docs.json"], 2, &["is v1 already"]);
    Desk::new().check(&["hooks", "convert"], 0, &["nothing to convert"]);
    // Nothing is written behind a link.
    let linked = Desk::new();
    linked.put("../home/.kiro/hooks/a.kiro.hook", OLD);
    linked.put("target/keep", "");
    fs::remove_dir_all(linked.path("home/.kiro/steering")).unwrap_or_default();
    symlink(linked.work("target/keep"), linked.path("home/.kiro/hooks/a.json")).unwrap();
    linked.check(&["hooks", "convert", "--write"], 1, &["is a link"]);
    assert_eq!(linked.text("target/keep"), "");
}

#[test]
fn hostile_files_spoil_only_themselves() {
    let desk = Desk::new();
    desk.put(".kiro/hooks/a-good.json", LINT);
    desk.put(
        ".kiro/hooks/bom.json",
        [b"\xef\xbb\xbf".as_slice(), LINT.replace("lint", "bom").as_bytes()].concat(),
    );
    desk.put(".kiro/hooks/broken.json", "{");
    desk.put(".kiro/hooks/bytes.json", b"\xff\xfe\x00");
    desk.put(".kiro/hooks/deep.json", "[".repeat(100_000));
    desk.put(".kiro/hooks/big.json", vec![b' '; 2 << 20]);
    desk.put(".kiro/settings/hooks.yaml", "a: &a [*a]\nhooks: [\n");
    let explode = LINT.replace(r"\\.ts$", r"(\\w{900}){900}").replace("lint", "explode");
    desk.put(".kiro/hooks/explode.json", explode);
    let many = format!(
        r#"{{"version":"v1","hooks":[{}]}}"#,
        vec![r#"{"name":"\u001b[31mm","trigger":"Stop","action":{"type":"command","command":"x"}}"#; 5_000]
            .join(",")
    );
    desk.put(".kiro/hooks/many.json", many);
    let begun = std::time::Instant::now();
    let ran = desk.waypost(&["hooks", "list"]);
    ran.exits(0).says(&[
        "lint  PostFileSave",
        "bom  PostFileSave",
        "these bytes are not UTF-8 text",
        "larger than 1 MiB",
        "it takes more than 512 KiB when compiled",
        "only the first 1000 hooks of a file are read",
    ]);
    assert!(!ran.out.contains('\u{1b}'));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    desk.waypost(&["hooks", "check"]).exits(1);
}
