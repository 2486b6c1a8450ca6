//! `waypost steering`: what is in force where, what is wrong, and what a model may write.

use serde_json::{Value, json};

use crate::harness::{Desk, call, ends, recording, say, turn};

const MATCHING: &str = "---\ninclusion: fileMatch\nfileMatchPattern: \"src/**/*.ts\"\n---\nStrict types.\n";

/// Files and rules of `steering why --json`, and files with codes of what is left out.
fn why(desk: &Desk, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
    let shown = desk.waypost(&[&["--json", "steering", "why"], arguments].concat()).document();
    let both = |list: &Value, second: &str| -> Vec<String> {
        let rows = list.as_array().unwrap().iter();
        rows.map(|row| format!("{}: {}", row["file"].as_str().unwrap(), row[second].as_str().unwrap()))
            .collect()
    };
    (both(&shown["in_force"], "rule"), both(&shown["left_out"], "code"))
}

fn monorepo() -> Desk {
    let desk = Desk::new();
    desk.put("../home/.kiro/steering/own.md", "Answer briefly.\n");
    desk.put(".kiro/steering/product.md", "A shop.\n");
    desk.put(".kiro/steering/types.md", MATCHING);
    desk.put(".kiro/steering/deploy.md", "---\ninclusion: manual\n---\nAsk twice.\n");
    desk.put(".kiro/steering/wrong.md", "---\ninclusion: Always\n---\nNever seen.\n");
    desk.put("packages/web/.kiro/steering/web.md", MATCHING);
    desk.put("packages/web/src/AGENTS.md", "Near.\n");
    desk.put("packages/web/src/a.ts", "");
    desk.put("AGENTS.md", "Root.\n");
    desk
}

#[test]
fn why_lists_what_is_in_force_in_order_and_what_is_not() {
    let desk = monorepo();
    let (in_force, left_out) = why(&desk, &["src/x.ts"]);
    assert_eq!(in_force, ["~/.kiro/steering/own.md: always"]);
    assert!(left_out.contains(&".kiro/steering/product.md: not-trusted".to_string()), "{left_out:?}");
    desk.check(&["trust", "--yes"], 0, &["packages/web/src/AGENTS.md", "packages/web/.kiro/steering/web.md"]);
    let (in_force, left_out) = why(&desk, &["packages/web/src/a.ts", "--name", "#deploy"]);
    assert_eq!(
        in_force,
        [
            "~/.kiro/steering/own.md: always",
            ".kiro/steering/deploy.md: named `#deploy`",
            ".kiro/steering/product.md: always",
            "AGENTS.md: always",
            "packages/web/.kiro/steering/web.md: fileMatch `src/**/*.ts` matches `packages/web/src/a.ts`",
            "packages/web/src/AGENTS.md: nested AGENTS.md above `packages/web/src/a.ts`",
        ]
    );
    assert_eq!(left_out, [".kiro/steering/types.md: no-match", ".kiro/steering/wrong.md: wrong"]);
    let (in_force, left_out) = why(&desk, &[]);
    assert_eq!(in_force.len(), 3);
    assert!(left_out.contains(&"packages/web/src/AGENTS.md: elsewhere".to_string()), "{left_out:?}");
    desk.check(
        &["steering", "why", "src/x.ts"],
        0,
        &[
            "1. ~/.kiro/steering/own.md",
            "about",
            "tokens",
            "fileMatch `src/**/*.ts` matches `src/x.ts`",
            "left out",
            "unknown inclusion",
        ],
    );
    desk.check(
        &["steering", "why", "--name", "nobody"],
        2,
        &["no steering is called `nobody`", "waypost steering list"],
    );
    desk.check(&["steering", "why", "../other"], 2, &["outside the workspace"]);
}

#[test]
fn the_same_question_has_the_same_bytes() {
    let desk = monorepo();
    desk.check(&["trust", "--yes"], 0, &[]);
    let ask = || desk.waypost(&["--json", "steering", "why", "packages/web/src/a.ts"]).out;
    assert_eq!(ask(), ask());
}

#[test]
fn list_shows_every_file() {
    let desk = monorepo();
    let rows = desk.waypost(&["--json", "steering", "list"]).document();
    let files: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(files.len(), 8, "{files:?}");
    assert_eq!((&rows[0]["trusted"], &rows[1]["trusted"]), (&json!(true), &json!(false)));
    desk.check(&["steering", "list"], 0, &["fileMatch src/**/*.ts", "manual, #deploy", "not trusted"]);
    let empty = Desk::new();
    empty.check(&["steering", "list"], 0, &["waypost steering init"]);
}

#[test]
fn references_are_read_within_the_rules() {
    let desk = Desk::new();
    desk.put("lines.txt", "one\ntwo\nthree\n");
    desk.put(".env", "KEY=abc\n");
    desk.put(".kiroignore", ".env\n");
    desk.put(
        ".kiro/steering/a.md",
        "#[[file:lines.txt:2]] #[[file:.env]] #[[file:../x]] #[[file:gone.txt]]\n",
    );
    desk.check(&["trust", "--yes"], 0, &[]);
    let shown = desk.waypost(&["--json", "steering", "why"]).document();
    let references = shown["in_force"][0]["references"].as_array().unwrap();
    assert!(references[0]["bytes"].as_u64().unwrap() > 0);
    for (at, why) in [(1, "may not be read"), (2, "leads outside"), (3, "no such file")] {
        assert!(references[at]["why"].as_str().unwrap().contains(why), "{references:?}");
    }
}

#[test]
fn check_finds_slips_and_mends_them() {
    let desk = Desk::new();
    let slip = "---\r\ninclusion: Always # all\r\n---\r\nUse `src/lib.rs` and `src/gone.rs`.\r\n";
    desk.put(".kiro/steering/slip.md", slip);
    desk.put(".kiro/steering/globs.md", "---\ninclusion: fileMatch\nglobs: \"**/*.rs\"\n---\nx\n");
    desk.put(".kiro/steering/dead.md", "---\ninclusion: fileMatch\nfileMatchPattern: \"**/*.zig\"\n---\nx\n");
    desk.put("src/lib.rs", "");
    desk.check(
        &["steering", "check"],
        1,
        &[
            "slip.md:2:1",
            "unknown inclusion `Always`",
            "write `inclusion: always` (--fix)",
            "`src/gone.rs` is not there",
            "steering/dead-glob",
            "rename `globs`",
        ],
    );
    let sarif: Value =
        serde_json::from_str(&desk.waypost(&["steering", "check", "--format", "sarif"]).out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(sarif["runs"][0]["results"].as_array().unwrap().len() >= 4);
    desk.check(&["steering", "check", "--fix"], 0, &["mended .kiro/steering/slip.md", "0 errors"]);
    assert_eq!(desk.text(".kiro/steering/slip.md"), slip.replace("Always", "always"));
    assert!(desk.text(".kiro/steering/globs.md").contains("fileMatchPattern: \"**/*.rs\""));
    let checked = desk.waypost(&["--json", "steering", "check"]).document();
    let codes: Vec<&str> =
        checked["findings"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["steering/dead-glob", "steering/stale-path"]);
    desk.check(&["steering", "check", "--strict"], 1, &["2 warnings"]);
}

#[test]
fn bad_files_are_named_and_the_rest_works() {
    let desk = Desk::new();
    desk.put(".kiro/steering/bytes.md", b"gr\xfcn\n");
    desk.put(".kiro/steering/large.md", vec![b'x'; 300_000]);
    desk.put(".kiro/steering/open.md", "---\ninclusion: manual\n");
    desk.put(".kiro/steering/good.md", "\u{feff}Good.\n");
    std::os::unix::fs::symlink("/etc/passwd", desk.work(".kiro/steering/link.md")).unwrap();
    desk.check(&["trust", ".kiro/steering/good.md", "--yes"], 0, &[]);
    let (in_force, left_out) = why(&desk, &[]);
    assert_eq!(in_force, [".kiro/steering/good.md: always"]);
    assert_eq!(
        left_out,
        [
            ".kiro/steering/bytes.md: not-text",
            ".kiro/steering/large.md: too-large",
            ".kiro/steering/link.md: link",
            ".kiro/steering/open.md: wrong",
        ]
    );
    desk.check(&["steering", "check"], 1, &["not UTF-8", "300000 bytes", "never closed", "it is a link"]);
}

#[test]
fn a_team_folder_and_rules_of_other_tools_when_asked() {
    let desk = Desk::new();
    let team = desk.path("team");
    desk.put("../team/all.md", "Team.\n");
    desk.put("CLAUDE.md", "Claude.\n");
    desk.put(".cursor/rules/ts.mdc", "---\nglobs: *.ts\n---\nCursor.\n");
    assert_eq!(why(&desk, &["a.ts"]), (Vec::new(), Vec::new()));
    desk.config(&format!("[steering]\nteam = \"{}\"\nalso = [\"claude\", \"cursor\"]\n", team.display()));
    desk.check(&["trust", "--yes"], 0, &["CLAUDE.md", ".cursor/rules/ts.mdc"]);
    let (in_force, _) = why(&desk, &["a.ts"]);
    assert_eq!(
        in_force,
        [
            format!("{}/all.md: always", team.display()),
            "CLAUDE.md: always".to_string(),
            ".cursor/rules/ts.mdc: fileMatch `*.ts` matches `a.ts`".to_string(),
        ]
    );
    desk.config("[steering]\nalso = [\"windsurf\"]\n");
    desk.check(&["steering", "list"], 2, &["`windsurf`", "contributing, claude, cursor and copilot"]);
}

#[test]
fn a_session_is_told_what_is_named() {
    let (desk, model) = Desk::with(vec![say("One."), say("Two.")]);
    desk.put(".kiro/steering/deploy.md", "---\ninclusion: manual\n---\nAsk twice.\n");
    desk.put(
        ".kiro/steering/testing.md",
        "---\ninclusion: auto\ndescription: when tests change\n---\nTest first.\n",
    );
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["run", "look at it"], 0, &[]);
    assert!(!model.last().contains("Ask twice.") && model.last().contains("testing: when tests change"));
    desk.check(&["run", "look at it as #deploy says"], 0, &[]);
    assert!(model.last().contains("Ask twice."));
}

fn handed_in() -> Value {
    json!({
        "product": { "summary": "A shop.", "features": ["Sells `things`"], "users": ["Buyers"] },
        "tech": { "stack": ["Rust"], "commands": [{ "purpose": "run all tests", "command": "cargo test" }] },
        "structure": { "layout": [{ "path": "src/lib.rs", "holds": "everything" }] }
    })
}

#[test]
fn init_writes_what_the_model_found_and_only_then() {
    let desk = Desk::new();
    desk.put("src/lib.rs", "");
    desk.put("Cargo.toml", "[package]\nname = \"shop\"\n");
    let mut wrong = handed_in();
    wrong["structure"]["layout"][0]["path"] = json!("src/gone.rs");
    let turns = vec![
        turn("", &[("write", json!({"path": "evil.txt", "content": "x"}))]),
        turn("", &[("submit_steering", wrong)]),
        turn("", &[("submit_steering", handed_in())]),
        ends("Done."),
    ];
    let model = recording(&desk, &[("Write the steering", turns)]);
    desk.check(&["steering", "init", "--model", &model], 3, &["--yes writes them unasked"]);
    let ran = desk.waypost(&["--json", "steering", "init", "--dry-run", "--model", &model]);
    ran.exits(0);
    let results = ran.of_type("result");
    assert!(results[0]["text"].as_str().unwrap().contains("there is no tool `write`"), "{results:?}");
    assert!(
        results[1]["text"].as_str().unwrap().contains("`src/gone.rs` in structure.layout is not there"),
        "{results:?}"
    );
    assert_eq!(ran.of_type("steering_written")[0]["written"], false);
    assert!(!desk.has(".kiro/steering/product.md") && !desk.has("evil.txt"));
    desk.check(
        &["steering", "init", "--yes", "--model", &model],
        0,
        &["- run all tests: `cargo test`", "wrote .kiro/steering/product.md", "waypost trust"],
    );
    assert_eq!(
        desk.text(".kiro/steering/structure.md"),
        "# Structure\n\n## Layout\n\n- `src/lib.rs`: everything\n"
    );
    assert!(desk.text(".kiro/steering/tech.md").contains("- run all tests: `cargo test`\n"));
    desk.check(&["checkpoint", "list"], 0, &["waypost steering init writes .kiro/steering"]);
    desk.check(
        &["steering", "init", "--yes", "--model", &model],
        2,
        &["there is steering already", "--force"],
    );
    desk.check(&["audit", "verify"], 0, &[]);
    desk.check(&["session", "show"], 0, &[]);
    let number = desk.waypost(&["--json", "checkpoint", "list"]).document()[0]["checkpoint"].to_string();
    desk.check(&["checkpoint", "restore", &number], 0, &[]);
    assert!(!desk.has(".kiro/steering/product.md"));
}

#[test]
fn what_context_show_says_is_what_a_run_tells() {
    let (desk, model) = Desk::with((0..8).map(|_| say("Fine.")).collect());
    let auto = "---\ninclusion: auto\nname: deploy\ndescription: when we deploy\n---\nAsk twice.\n";
    let manual = |body: &str| format!("---\ninclusion: manual\n---\n{body}\n");
    desk.put(".kiro/steering/release.md", auto);
    desk.put(".kiro/steering/sub/deep.md", manual("Dig deep."));
    desk.put("packages/x/.kiro/steering/pk.md", manual("Pack it."));
    desk.check(&["trust", "--yes"], 0, &[]);
    for (words, told) in [
        ("#deploy", "Ask twice."),
        ("#steering:deploy", "Ask twice."),
        ("#sub/deep", "Dig deep."),
        ("#steering:.kiro/steering/sub/deep.md", "Dig deep."),
        ("please /deep", "Dig deep."),
        ("#pk", "Pack it."),
        ("#packages/x/pk", "Pack it."),
    ] {
        desk.check(&["context", "show", "--full", words], 0, &[told, "tokens"])
            .never_says(&["names nothing", "left out"]);
        desk.check(&["run", words], 0, &["tokens"]).never_says(&["left out"]);
        assert!(model.last().contains(told), "{words}");
    }
    desk.check(&["context", "show", "`#deploy` here"], 0, &["names nothing"]);
    desk.check(&["run", "`#deploy` here"], 0, &[]);
    assert!(!model.last().contains("Ask twice."));
}

#[test]
fn a_file_in_a_message_is_in_play() {
    let (desk, model) = Desk::with(vec![say("Fine."), say("Fine.")]);
    desk.put(".kiro/steering/types.md", MATCHING);
    desk.put("src/AGENTS.md", "Near.\n");
    desk.put("src/a.ts", "let a = 1;\n");
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["run", "look around"], 0, &[]);
    assert!(!model.last().contains("Strict types.") && !model.last().contains("Near."));
    desk.check(&["run", "mend #file:src/a.ts"], 0, &[]);
    assert!(model.last().contains("Strict types.") && model.last().contains("Near."));
}

#[test]
fn a_file_that_a_command_changed_is_in_play() {
    let shell = call("shell", json!({"command": "echo 'let b = 2;' >> src/a.ts"}));
    let (desk, model) = Desk::with(vec![shell, say("Done.")]);
    desk.put(".kiro/steering/types.md", MATCHING);
    desk.put("src/AGENTS.md", "Near.\n");
    desk.put("src/a.ts", "let a = 1;\n");
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["run", "--autopilot", "add b"], 0, &[]);
    assert!(desk.text("src/a.ts").contains("let b"));
    assert!(model.last().contains("Strict types.") && model.last().contains("Near."));
}

#[test]
fn what_is_left_out_of_references_and_of_the_settings_is_said() {
    let desk = Desk::new();
    let many: String = (0..70).map(|n| format!("#[[file:src/{n}.ts]]\n")).collect();
    desk.put(".kiro/steering/many.md", many);
    for n in 0..70 {
        desk.put(&format!("src/{n}.ts"), "");
    }
    desk.check(&["trust", "--yes"], 0, &[]);
    desk.check(&["steering", "why"], 0, &["6 more  not included: at most 64 references are followed"]);
    let shown = desk.waypost(&["--json", "steering", "why"]).document();
    let references = shown["in_force"][0]["references"].as_array().unwrap();
    assert_eq!(references.last().unwrap()["why"], json!("at most 64 references are followed"));
    desk.check(
        &["steering", "check"],
        0,
        &["6 of its 70 references are not followed", "steering/many-references"],
    );
    desk.config("[steering]\nteam = \"/nowhere/at/all\"\n");
    let said = "the team folder `/nowhere/at/all` is no folder here";
    for arguments in [&["steering", "list"][..], &["steering", "why"], &["steering", "check"]] {
        desk.check(arguments, 0, &[said]);
    }
    let doctor = desk.waypost(&["doctor"]);
    doctor.says(&[said]);
}
