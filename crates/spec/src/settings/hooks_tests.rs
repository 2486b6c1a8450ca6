//! What the hook reader makes of every generation.

use super::*;

/// Each hook as `name trigger matching action`.
fn shown(hook: &Hook) -> String {
    let matching = match &hook.matching {
        Matching::Always => "*".to_string(),
        Matching::Regex(regex) => format!("/{regex}/"),
        Matching::Globs(globs) => globs.join("|"),
        Matching::Tools(tools) => format!("@{}", tools.join("|")),
    };
    let action = match &hook.action {
        Action::Command(command) => format!("$ {command}"),
        Action::Agent(prompt) => format!("> {prompt}"),
    };
    let marks = [(!hook.is_enabled, " off"), (hook.is_advisory, " advisory")];
    let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    format!("{} {} {matching} {action} {}s{marks}", hook.name, hook.trigger.name(), hook.timeout_seconds)
}

#[track_caller]
fn check(file: &str, text: &str, generation: Generation, hooks: &[&str], codes: &[&str]) {
    let read = Hooks::parse(text.as_bytes(), file);
    assert_eq!(read.generation, generation);
    assert_eq!(read.hooks.iter().map(shown).collect::<Vec<_>>(), hooks);
    assert_eq!(read.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes);
}

#[test]
fn v1_files() {
    check(
        "lint.json",
        r#"{"version":"v1","hooks":[{"name":"lint","trigger":"PostFileSave","matcher":"\\.ts$",
            "action":{"type":"command","command":"npx eslint"},"timeout":5,"enabled":false}]}"#,
        Generation::V1,
        &[r"lint PostFileSave /\.ts$/ $ npx eslint 5s off"],
        &[],
    );
    check(
        "a.json",
        r#"{"version":"1","hooks":[
            {"name":"a","trigger":"fileSaved","matcher":"**/*.ts","action":{"type":"agent","prompt":"x","timeout":3}},
            {"name":"b","trigger":"Never","action":{"type":"command","command":"x"}},
            {"name":"c","trigger":"Stop","action":{"type":"alert"}},
            {"trigger":"Stop","Enabled":true,"action":{"type":"command","command":"x"},"timeout":"5"}]}"#,
        Generation::V1,
        &["a PostFileSave **/*.ts > x 3s", "Stop Stop * $ x 60s"],
        &[
            "hook/wrong-version",
            "hook/glob-in-matcher",
            "hook/unknown-trigger",
            "hook/unknown-action",
            "hook/missing-field",
            "hook/unknown-field",
            "hook/wrong-type",
        ],
    );
    check("a.json", r#"{"version":"v1","hooks":[]}"#, Generation::V1, &[], &["hook/no-hooks"]);
    check("a.json", "[1]", Generation::V1, &[], &["hook/wrong-type"]);
    check("a.json", "{", Generation::V1, &[], &["data/not-json"]);
}

#[test]
fn files_of_the_first_generation() {
    check(
        "docs.kiro.hook",
        r#"{"enabled":true,"name":"Docs","version":"1","when":{"type":"fileEdited","patterns":["src/**/*.ts","README.md"]},
            "then":{"type":"askAgent","prompt":"Update"}}"#,
        Generation::Legacy,
        &["Docs PostFileSave src/**/*.ts|README.md > Update 60s"],
        &[],
    );
    check(
        "gate.kiro.hook",
        r#"{"name":"Gate","when":{"type":"preToolUse","toolTypes":["write"]},"then":{"type":"runCommand","command":"x","timeout":9}}"#,
        Generation::Legacy,
        &["Gate PreToolUse @write $ x 9s"],
        &[],
    );
    check(
        "all.json",
        r#"{"name":"All","when":{"type":"fileCreated"},"then":{"type":"sendMessage","text":"x"}}"#,
        Generation::Legacy,
        &[],
        &["hook/every-file", "hook/unknown-action"],
    );
}

#[test]
fn the_settings_file() {
    check(
        "hooks.yaml",
        "hooks:\n  - name: sync\n    trigger: file_modified\n    pattern: 'src/**'\n    action: Update the docs\n    advisory: true\n",
        Generation::SettingsYaml,
        &["sync PostFileSave src/** > Update the docs 60s advisory"],
        &[],
    );
    check(
        "hooks.yaml",
        "greet:\n  event: onUserInput\n  prompt: Be kind\n  priority: 1\n  enabled: false\nlint:\n  event: onFileSave\n  file-pattern: '*.py'\n  command: ruff check\n",
        Generation::SettingsYaml,
        &["greet UserPromptSubmit * > Be kind 60s off", "lint PostFileSave *.py $ ruff check 60s"],
        &[],
    );
    check("hooks.yaml", "hooks:\n  - x\n", Generation::SettingsYaml, &[], &["hook/wrong-type"]);
    check("hooks.yml", "", Generation::SettingsYaml, &[], &[]);
}

#[test]
fn plugins() {
    check(
        "hooks.json",
        r#"{"hooks":{"PostToolUse":[{"matcher":"fs_write","hooks":[{"type":"command","command":"${PLUGIN_ROOT}/x"},
            {"type":"prompt","prompt":"look"}]}],"Nope":[]}}"#,
        Generation::Plugin,
        &[
            "PostToolUse PostToolUse /fs_write/ $ ${PLUGIN_ROOT}/x 30s",
            "PostToolUse PostToolUse /fs_write/ > look 30s",
        ],
        &["hook/unknown-trigger"],
    );
}
