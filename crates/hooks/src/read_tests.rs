//! What the readers make of every format.

use proptest::prelude::*;

use super::*;

/// Each hook on one line.
fn shown(hook: &Hook) -> String {
    let action = match &hook.action {
        Action::Command { line } => format!("$ {line}"),
        Action::Agent { prompt } => format!("> {prompt}"),
    };
    let matcher = match &hook.matcher {
        Matcher::Never { text, .. } => format!("never {text}"),
        Matcher::Paths(pattern) => format!("/{}/", pattern.text()),
        matcher => matcher.shown(),
    };
    let off = if hook.is_enabled { "" } else { " off" };
    let advisory = hook.advisory.map(|is| format!(" advisory={is}")).unwrap_or_default();
    format!("{} {} {matcher} {action} {}ms{off}{advisory}", hook.name, hook.trigger.name(), hook.timeout_ms)
}

#[track_caller]
fn check(file: &str, text: &str, format: Format, hooks: &[&str], codes: &[&str]) {
    let found = read(file, text.as_bytes());
    assert_eq!(found.format, format);
    assert_eq!(found.hooks.iter().map(shown).collect::<Vec<_>>(), hooks);
    assert_eq!(found.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes);
    for found in &found.diagnostics {
        assert!(found.span.end() <= text.len(), "{found:?}");
    }
}

#[test]
fn v1_files() {
    check(
        "lint.json",
        r#"{"version":"v1","hooks":[
            {"name":"lint","trigger":"PostFileSave","matcher":"\\.ts$","action":{"type":"command","command":"npx eslint"},"timeout":5,"enabled":false},
            {"name":"ask","trigger":"PreToolUse","matcher":"write","action":{"type":"agent","prompt":"look"},"advisory":true},
            {"name":"old","trigger":"agentStop","action":{"type":"command","command":"x"},"timeout":0}]}"#,
        Format::V1,
        &[
            r"lint PostFileSave /\.ts$/ $ npx eslint 5000ms off",
            "ask PreToolUse write > look 60000ms advisory=true",
            "old Stop * $ x 0ms",
        ],
        &[],
    );
}

#[test]
fn one_break_of_the_schema_refuses_a_v1_file() {
    let good = r#"{"name":"a","trigger":"Stop","action":{"type":"command","command":"x"}}"#;
    let file = |bad: &str| format!(r#"{{"version":"v1","hooks":[{good},{bad}]}}"#);
    let refused = |bad: &str, code: &str| {
        check("a.json", &file(bad), Format::V1, &[], &["hook/file-refused", code]);
    };
    refused(r#"{"name":"b","trigger":"Stop","action":{"type":"alert","text":"x"}}"#, "hook/unknown-action");
    refused(r#"{"trigger":"Stop","action":{"type":"command","command":"x"}}"#, "hook/missing-field");
    refused(r#"{"name":"b","trigger":"Stop"}"#, "hook/missing-field");
    refused(
        r#"{"name":"b","trigger":"Stop","action":{"type":"command","command":""}}"#,
        "hook/missing-field",
    );
    refused(
        r#"{"name":"b","trigger":"Stop","timeout":-1,"action":{"type":"command","command":"x"}}"#,
        "hook/wrong-type",
    );
    refused(
        r#"{"name":"b","trigger":"Stop","enabled":"yes","action":{"type":"command","command":"x"}}"#,
        "hook/wrong-type",
    );
    refused("7", "hook/wrong-type");
    let wrong = format!(r#"{{"version":"1.0","hooks":[{good}]}}"#);
    check("a.json", &wrong, Format::V1, &[], &["hook/file-refused", "hook/wrong-version"]);
    check("a.json", r#"{"version":"v1","hooks":[]}"#, Format::V1, &[], &["hook/no-hooks"]);
    check("a.json", r#"{"version":"v1"}"#, Format::V1, &[], &["hook/no-hooks"]);
    check("a.json", "[1]", Format::V1, &[], &["hook/wrong-type"]);
    check("a.json", "", Format::V1, &[], &["data/not-json"]);
    check("a.json", "{", Format::V1, &[], &["data/not-json"]);
}

#[test]
fn what_kiro_keeps_is_kept() {
    check(
        "a.json",
        r#"{"version":"v1","hooks":[
            {"name":"a","trigger":"Never","action":{"type":"command","command":"x"}},
            {"name":"b","trigger":"PostFileSave","matcher":"(","action":{"type":"command","command":"x"}},
            {"name":"c","trigger":"PostFileSave","matcher":"**/*.ts","action":{"type":"agent","prompt":"x","timeout":3}},
            {"name":"d","trigger":"fileSaved","action":{"type":"command","command":"fmt \"{{filePath}}\""}},
            {"name":"d","trigger":"Stop","matcher":"x","Enabled":true,"action":{"type":"command","command":"x"}}]}"#,
        Format::V1,
        &[
            "b PostFileSave never ( $ x 60000ms",
            "c PostFileSave **/*.ts > x 3000ms",
            "d PostFileSave * $ fmt \"{{filePath}}\" 60000ms",
            "d Stop * $ x 60000ms",
        ],
        &[
            "hook/unknown-trigger",
            "hook/bad-matcher",
            "hook/glob-in-matcher",
            "hook/timeout-in-action",
            "hook/placeholder",
            "hook/wild-trigger",
            "hook/duplicate-name",
            "hook/matcher-ignored",
            "hook/unknown-field",
        ],
    );
}

#[test]
fn hints_name_the_fix() {
    let hint = |text: &str, code: &str| {
        let found = read("a.json", text.as_bytes());
        let found = found.diagnostics.into_iter().find(|found| found.code == code);
        found.and_then(|found| found.hint).unwrap_or_default()
    };
    let hook = |rest: &str| format!(r#"{{"version":"v1","hooks":[{{"name":"a",{rest}}}]}}"#);
    let command = r#""action":{"type":"command","command":"x"}"#;
    let check = |text: &str, code: &str, part: &str| {
        let hint = hint(text, code);
        assert!(hint.contains(part), "{code}: {hint:?} has no {part:?}");
    };
    check(&hook(&format!(r#""trigger":"fileSaved",{command}"#)), "hook/wild-trigger", "write `PostFileSave`");
    check(
        &hook(&format!(r#""trigger":"postfilesave",{command}"#)),
        "hook/unknown-trigger",
        "write `PostFileSave`",
    );
    check(
        &hook(&format!(r#""trigger":"PostFileSave","matcher":"*.ts",{command}"#)),
        "hook/glob-in-matcher",
        r"write `^(?:.*/)?[^/]*\.ts$`",
    );
    let old = |then: &str| format!(r#"{{"name":"a","when":{{"type":"promptSubmit"}},"then":{then}}}"#);
    check(
        &old(r#"{"type":"sendMessage","message":"x"}"#),
        "hook/unknown-action",
        r#"`"type": "askAgent"` with `prompt`"#,
    );
    check(&old(r#"{"type":"alert","message":"x"}"#), "hook/unknown-action", "runCommand");
    check(&old(r#"{"type":"askAgent","prompt":"x"}"#), "hook/old-shape", "waypost hooks convert");
    check(
        &hook(r#""trigger":"Stop","action":{"type":"askAgent","prompt":"x"}"#),
        "hook/unknown-action",
        r#"`"type": "agent"`"#,
    );
    let placeholder = r#""trigger":"Stop","action":{"type":"command","command":"fmt {{filePath}}"}"#;
    check(&hook(placeholder), "hook/placeholder", "$WAYPOST_FILE");
}

#[test]
fn a_question_before_a_command() {
    let text = r#"{"version":"v1","hooks":[{"name":"push","trigger":"Stop","action":{"type":"command","command":"git push"},
        "confirm":{"question":"push?","options":[{"id":"yes","label":"Push","run":true},
        {"id":"more","label":"Go on","run":false,"continueReason":"run the tests first"}]}}]}"#;
    let found = read("a.json", text.as_bytes());
    assert_eq!(found.diagnostics, []);
    let confirm = found.hooks[0].confirm.clone().unwrap();
    assert_eq!(confirm.question, "push?");
    assert_eq!(confirm.options[1].continue_reason.as_deref(), Some("run the tests first"));
    assert_eq!((confirm.options[0].runs, confirm.options[1].runs), (true, false));
    let elsewhere = text.replace("\"Stop\"", "\"SessionStart\"");
    let found = read("a.json", elsewhere.as_bytes());
    assert_eq!(found.diagnostics[0].code, "hook/confirm-ignored");
    assert!(found.hooks[0].confirm.is_none());
}

#[test]
fn files_of_the_first_generation() {
    check(
        "docs.kiro.hook",
        r#"{"enabled":true,"name":"Docs","version":"1","when":{"type":"fileEdited","patterns":["src/**/*.ts","!src/gen/**"]},
            "then":{"type":"askAgent","prompt":"Update"},"workspaceFolderName":"app","shortName":"docs"}"#,
        Format::Legacy,
        &["Docs PostFileSave src/**/*.ts, !src/gen/** > Update 60000ms"],
        &[],
    );
    check(
        "gate.hook",
        r#"{"name":"Gate","when":{"type":"preToolUse","toolTypes":["write","^execute_bash$"]},"then":{"type":"runCommand","command":"x","timeout":9}}"#,
        Format::Legacy,
        &["Gate PreToolUse write, ^execute_bash$ $ x 9000ms"],
        &[],
    );
    check(
        "all.kiro.hook",
        r#"{"when":{"type":"fileCreated"},"then":{"type":"askAgent","prompt":"x"}}"#,
        Format::Legacy,
        &["fileCreated PostFileCreate * > x 60000ms"],
        &["hook/missing-field", "hook/every-file"],
    );
    check(
        "x.kiro.hook",
        r#"{"name":"x"}"#,
        Format::Legacy,
        &[],
        &["hook/missing-field", "hook/missing-field"],
    );
    check(
        "new.kiro.hook",
        r#"{"version":"v1","hooks":[{"name":"a","trigger":"Stop","action":{"type":"command","command":"x"}}]}"#,
        Format::V1,
        &["a Stop * $ x 60000ms"],
        &[],
    );
}

#[test]
fn the_settings_file() {
    check(
        "hooks.yaml",
        "hooks:\n  - name: sync\n    trigger: file_modified\n    pattern: 'src/**'\n    action: Update the docs\n    advisory: true\n  - name: gate\n    trigger: pre_tool_use\n    tools: [write, shell]\n    command: ./gate\n    timeout: 5\n",
        Format::Yaml,
        &[
            "sync PostFileSave src/** > Update the docs 60000ms advisory=true",
            "gate PreToolUse write, shell $ ./gate 5000ms",
        ],
        &[],
    );
    // Named blocks below `hooks:`; one bad block spoils only itself.
    check(
        "hooks.yaml",
        "hooks:\n  a:\n    trigger: file_deleted\n    pattern: ['*.a', '*.b']\n    prompt: x\n  b:\n    trigger: file_deleted\n    pattern: '*.c'\n    prompt: x\n    command: y\n  c: 5\n",
        Format::Yaml,
        &["a PostFileDelete *.a, *.b > x 60000ms"],
        &["hook/two-actions", "hook/wrong-type"],
    );
    check("hooks.yaml", "hooks:\n  - x\n", Format::Yaml, &[], &["hook/wrong-type"]);
    check("hooks.yml", "", Format::Yaml, &[], &["hook/no-hooks"]);
    check("hooks.yaml", "hooks: []\n", Format::Yaml, &[], &["hook/no-hooks"]);
    check("hooks.yaml", "hooks: [\n", Format::Yaml, &[], &["data/not-yaml"]);
}

/// The blocks of the one public file at this path say when, and never what.
#[test]
fn blocks_that_say_no_action_are_named() {
    check(
        "hooks.yaml",
        "global:\n  enabled: true\ncompile:\n  enabled: true\n  event: onFileSave\n  file-pattern: '**/*.kt'\n  priority: 5\n  syntax-only: true\nask:\n  event: onUserInput\n  prompt: Be kind\nlogs:\n  level: 3\n",
        Format::Yaml,
        &["ask UserPromptSubmit * > Be kind 60000ms"],
        &["hook/not-a-hook", "hook/no-action", "hook/priority-ignored", "hook/unknown-field"],
    );
}

#[test]
fn plugins() {
    let text = r#"{"hooks":{"PostToolUse":[{"matcher":"fs_write","hooks":[{"type":"command","command":"${PLUGIN_ROOT}/x"},
            {"type":"prompt","prompt":"look"}]}],"Nope":[]}}"#;
    check(
        ".agents/plugins/p/hooks/hooks.json",
        text,
        Format::Plugin,
        &[
            "PostToolUse PostToolUse fs_write $ ${PLUGIN_ROOT}/x 60000ms",
            "PostToolUse-2 PostToolUse fs_write > look 60000ms",
        ],
        &["hook/unknown-trigger"],
    );
    let hooks = read(".agents/plugins/p/hooks/hooks.json", text.as_bytes()).hooks;
    assert_eq!(hooks[0].plugin_root(), Some(".agents/plugins/p"));
}

#[test]
fn hooks_inside_an_agent() {
    let agent = |text: &str| {
        let (node, _) = data::read(text.as_bytes(), Notation::Json);
        read_agent_hooks(&node.unwrap(), ".kiro/agents/a.json", "a")
    };
    let found = agent(
        r#"{"agentSpawn":[{"command":"git status","cache_ttl_seconds":60}],
            "preToolUse":[{"matcher":"fs_*","command":"./gate","timeout_ms":1500,"max_output_size":99}, {"matcher":"x"}],
            "stop":[{"command":"a"},{"command":"b"}],"never":[{"command":"c"}]}"#,
    );
    assert_eq!(found.format, Format::Cli);
    assert_eq!(
        found.hooks.iter().map(shown).collect::<Vec<_>>(),
        [
            "agentSpawn SessionStart * $ git status 30000ms",
            "preToolUse PreToolUse fs_* $ ./gate 1500ms",
            "stop Stop * $ a 30000ms",
            "stop-2 Stop * $ b 30000ms"
        ]
    );
    assert_eq!(found.hooks[0].cache_ttl_seconds, 60);
    assert_eq!((found.hooks[0].output_max, found.hooks[1].output_max), (10 * 1024, 99));
    assert_eq!(found.hooks[0].scope, Scope::Agent("a".to_string()));
    let codes: Vec<&str> = found.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, ["hook/missing-field", "hook/unknown-trigger"]);

    // The list form: one bad hook spoils only itself.
    let found = agent(
        r#"[{"name":"fmt","trigger":"PostToolUse","matcher":"^fs_write$","action":{"type":"command","command":"cargo fmt"}}, {"name":"b"}]"#,
    );
    assert_eq!(found.format, Format::V1);
    assert_eq!(
        found.hooks.iter().map(shown).collect::<Vec<_>>(),
        ["fmt PostToolUse ^fs_write$ $ cargo fmt 60000ms"]
    );
    assert!(!found.diagnostics.is_empty());
    assert!(agent("null").diagnostics.is_empty());
    assert_eq!(agent("3").diagnostics[0].code, "hook/wrong-type");
}

#[test]
fn ids_tell_twins_apart() {
    let one = r#"{"name":"a","trigger":"Stop","action":{"type":"command","command":"x"}}"#;
    let text = format!(r#"{{"version":"v1","hooks":[{one},{one},{one}]}}"#);
    let ids: Vec<String> =
        read("f.json", text.as_bytes()).hooks.iter().map(|hook| hook.id.to_string()).collect();
    assert_eq!(ids, ["f.json#a", "f.json#a#2", "f.json#a#3"]);
}

#[test]
fn bad_bytes() {
    let good = r#"{"version":"v1","hooks":[{"name":"a","trigger":"Stop","action":{"type":"command","command":"x"}}]}"#;
    let bom = [b"\xef\xbb\xbf", good.as_bytes()].concat();
    assert_eq!(read("a.json", &bom).hooks.len(), 1);
    assert_eq!(read("a.json", b"\xff\xfe{}").diagnostics[0].code, "document/not-utf-8");
    assert_eq!(read("a.json", &vec![b'['; 10_000]).hooks.len(), 0);
    assert_eq!(read("hooks.yaml", &vec![b'['; 10_000]).hooks.len(), 0);
    assert!(!read("a.json", &vec![b' '; 3 << 20]).diagnostics.is_empty());
}

#[test]
fn ten_thousand_hooks_are_bounded() {
    let one = r#"{"name":"a","trigger":"PostFileSave","matcher":"\\w{20}\\.ts$","action":{"type":"command","command":"x"}}"#;
    let text = format!(r#"{{"version":"v1","hooks":[{}]}}"#, vec![one; 10_000].join(","));
    let begun = std::time::Instant::now();
    let found = read("a.json", text.as_bytes());
    assert_eq!(found.hooks.len(), HOOKS_MAX);
    assert!(found.diagnostics.iter().any(|found| found.code == "hook/too-many"));
    let weight: usize = found.hooks.iter().map(Hook::weight).sum();
    assert!(weight <= FILE_WEIGHT_MAX + crate::COMPILED_MAX, "{weight}");
    assert!(found.diagnostics.iter().any(|found| found.message.contains("16 MiB")));
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), yaml in any::<bool>()) {
        read(if yaml { "hooks.yaml" } else { "a.json" }, &bytes);
    }

    /// Files that are nearly right: every key and word of the formats, in any order.
    #[test]
    fn any_words_are_read(words in proptest::collection::vec(proptest::sample::select(WORDS.to_vec()), 0..60), yaml in any::<bool>()) {
        let text = words.concat();
        let found = read(if yaml { "hooks.yaml" } else { "x.kiro.hook" }, text.as_bytes());
        for found in &found.diagnostics {
            prop_assert!(found.span.offset <= text.len());
        }
    }
}

const WORDS: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\n",
    "  ",
    "    ",
    "- ",
    "\"hooks\"",
    "hooks",
    "\"version\"",
    "\"v1\"",
    "\"name\"",
    "name",
    "\"a\"",
    "\"trigger\"",
    "trigger",
    "\"Stop\"",
    "\"PostFileSave\"",
    "file_modified",
    "pre_tool_use",
    "\"matcher\"",
    "matcher",
    "\"(\"",
    "\"*\"",
    "\"**/*.ts\"",
    "\"action\"",
    "action",
    "\"type\"",
    "\"command\"",
    "command",
    "\"agent\"",
    "\"prompt\"",
    "prompt",
    "\"when\"",
    "\"then\"",
    "\"fileEdited\"",
    "\"patterns\"",
    "\"confirm\"",
    "\"options\"",
    "3",
    "null",
];

#[test]
fn the_hooks_of_a_refused_file_are_counted_as_they_are_written() {
    let check = |hooks: &str, expected: &str| {
        let found = read("h.json", format!(r#"{{"version":"v1","hooks":[{hooks}]}}"#).as_bytes());
        let refused = found.diagnostics.iter().find(|found| found.code == "hook/file-refused").unwrap();
        assert_eq!(refused.message, expected);
    };
    let good = r#"{"name":"a","trigger":"Stop","action":{"type":"command","command":"x"}}"#;
    let no_action = r#"{"name":"b","trigger":"Stop"}"#;
    let both = "none of the 2 hooks of this file counts, because of the errors in it";
    check(&format!("{good},{no_action}"), both);
    let late = good.replace("\"trigger\"", "\"timeout\":\"soon\",\"trigger\"");
    check(&late, "the one hook of this file does not count, because of the errors in it");
}
