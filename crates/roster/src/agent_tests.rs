//! What agents of every format come to: values, tools, rules, and what is said.

use proptest::prelude::*;

use super::*;
use crate::Reading;

fn read(file: &str, text: &str) -> Reading<Agent> {
    let below = file.strip_prefix(".kiro/agents/").unwrap_or(file);
    Agent::read(Source { file, below, origin: Origin::Workspace }, text.as_bytes())
}

#[track_caller]
fn loaded(file: &str, text: &str, codes: &[&str]) -> Agent {
    match read(file, text) {
        Reading::Read(agent) => {
            let found: Vec<&str> = agent.diagnostics.iter().map(|found| found.code).collect();
            assert_eq!(found, codes, "{text}");
            agent
        }
        Reading::Refused { why, .. } => panic!("{why}: {text}"),
    }
}

#[track_caller]
fn refused(file: &str, text: &str, why: &str, code: &str) {
    match read(file, text) {
        Reading::Read(agent) => panic!("{agent:?}"),
        Reading::Refused { why: said, diagnostics } => {
            assert_eq!((said.as_str(), diagnostics.first().map(|found| found.code)), (why, Some(code)));
        }
    }
}

fn tools(agent: &Agent) -> String {
    let ours = [
        "read",
        "list",
        "glob",
        "grep",
        "edit",
        "write",
        "shell",
        "process",
        "todo",
        "web_fetch",
        "subagent",
    ];
    let mut all: Vec<ToolInfo> = ours.iter().map(|name| ToolInfo::of(name)).collect();
    all.extend(["git/git_diff", "git/git_push", "db/query"].iter().map(|name| ToolInfo::of(name)));
    agent.tools_of(&all).join(" ")
}

fn rules(agent: &Agent) -> Vec<String> {
    let shown = |rule: &policy::WrittenRule| {
        let except =
            if rule.excludes.is_empty() { String::new() } else { format!(" -{}", rule.excludes.join("|")) };
        format!("{} {}:{}{except}", rule.effect.unwrap().name(), rule.capability, rule.matches.join("|"))
    };
    agent.permissions.rules.iter().map(shown).collect()
}

#[test]
fn a_markdown_agent_with_everything() {
    let agent = loaded(
        ".kiro/agents/team/reviewer.md",
        "---\nname: Reviewer\ndescription: Reads\nmodel: m\neffortLevel: high\ntools: [read, web, \"@git/git_diff\"]\nexcludedTools: [grep_search]\nincludeMcpJson: true\nincludePowers: true\nmcpServers: { db: { command: npx } }\nresources: [ \"file://README.md\", \"skill://.kiro/skills/*/SKILL.md\", { type: knowledgeBase, source: \"file://./docs\", name: Docs, indexType: best, include: [\"**/*.md\"], autoUpdate: true } ]\npermissions: { rules: [ { capability: shell, match: [\"npm *\"], exclude: [\"npm publish*\"], effect: allow } ], policies: [read-only-shell] }\nhooks: [ { name: fmt, trigger: PostToolUse } ]\nwelcomeMessage: Ready\ndispatchKind: custom-agent\n---\nYou are it.\n",
        &["agent/index-type"],
    );
    assert_eq!((agent.id.as_str(), agent.name.as_str()), ("team/reviewer", "Reviewer"));
    assert_eq!((agent.model.as_deref(), agent.effort.as_deref()), (Some("m"), Some("high")));
    assert!(agent.include_mcp_json == Some(true) && agent.include_powers);
    assert_eq!(agent.prompt, Prompt::Inline("You are it.".into()));
    assert_eq!(tools(&agent), "read list glob web_fetch git/git_diff");
    assert_eq!(rules(&agent), ["allow shell:npm * -npm publish*"]);
    assert_eq!(agent.permissions.presets, [("read-only-shell".to_string(), 12)]);
    assert_eq!(agent.hooks.as_ref().unwrap().items().len(), 1);
    assert_eq!(agent.mcp_servers.as_ref().unwrap().members().len(), 1);
    assert_eq!(agent.resources.len(), 3);
    assert_eq!((agent.welcome.as_deref(), agent.dispatch.as_deref()), (Some("Ready"), Some("custom-agent")));
}

#[test]
fn tools_as_people_write_them() {
    let head = |tools: &str| format!("---\ndescription: d\n{tools}\n---\nx");
    let check = |written: &str, expected: &str, codes: &[&str]| {
        assert_eq!(tools(&loaded("a.md", &head(written), codes)), expected, "{written}");
    };
    check("tools: read, write", "read list glob grep edit write", &[]);
    check(
        "tools: \"*\"\nexcludedTools: [shell, \"@git/git_p*\"]",
        "read list glob grep edit write todo web_fetch subagent git/git_diff db/query",
        &[],
    );
    check("tools: ['@builtin']", "read list glob grep edit write shell process todo web_fetch subagent", &[]);
    check("tools: ['@mcp', fs_read]", "read list glob grep git/git_diff git/git_push db/query", &[]);
    check(
        "tools: [execute_bash, use_aws, frobnicate]",
        "shell process",
        &["agent/missing-tool", "agent/unknown-tool"],
    );
    // Leaving them out means none, in Kiro and here, and it is said.
    check("model: m", "", &["agent/no-tools"]);
    check("tools: []", "", &["agent/no-tools"]);
    check("tools: {a: b}", "", &["agent/no-tools", "agent/wrong-type"]);
    check("allowedTools: [read, shell]", "", &["agent/no-tools", "agent/unknown-field"]);
    let agent =
        loaded("a.md", &head("allowedTools: [read, shell]"), &["agent/no-tools", "agent/unknown-field"]);
    assert_eq!(agent.diagnostics[1].hint.as_deref(), Some("write `tools: [read, shell]`"));
}

#[test]
fn who_has_servers_can_find_their_tools() {
    let check = |front: &str, expected: bool| {
        let agent = loaded("a.md", &format!("---\ndescription: d\n{front}\n---\nx"), &[]);
        let meta = [ToolInfo::of("tool_search"), ToolInfo::of("mcp")];
        assert_eq!(agent.tools_of(&meta).len(), if expected { 2 } else { 0 }, "{front}");
    };
    check("tools: ['@git/git_diff']\nexcludedTools: ['@git/git_push']", true);
    check("tools: ['@mcp']", true);
    check("tools: '*'", true);
    check("tools: [read, '@builtin']", false);
}

#[test]
fn powers_that_are_included_bring_their_tool() {
    let gets = |front: &str| {
        let agent = loaded("a.md", &format!("---\ndescription: d\n{front}\n---\nx"), &[]);
        !agent.tools_of(&[ToolInfo::of("power")]).is_empty()
    };
    assert!(gets("tools: [read]\nincludePowers: true"));
    assert!(gets("tools: [read, \"@powers\"]"));
    assert!(!gets("tools: [read]") && !gets("tools: [read]\nincludePowers: false"));
    assert!(!gets("tools: [read]\nexcludedTools: [power]\nincludePowers: true"));
    assert!(!gets("tools: [\"*\"]\nexcludedTools: [\"@powers\"]\nincludePowers: true"));
}

#[test]
fn knowledge_bases_bring_their_tool() {
    let read =
        |rest: &str, codes: &[&str]| loaded("a.md", &format!("---\ndescription: d\n{rest}\n---\nx"), codes);
    let gets = |agent: &Agent| !agent.tools_of(&[ToolInfo::of("knowledge")]).is_empty();
    let base = "resources: [{type: knowledgeBase, source: 'file://./docs', name: Docs, description: How, include: '*.md'}]";
    let agent = read(&format!("tools: [read]\n{base}"), &[]);
    let bases: Vec<_> = agent.knowledge().collect();
    assert_eq!((bases[0].name.as_str(), bases[0].source.as_str()), ("Docs", "./docs"));
    assert_eq!(
        (bases[0].description.as_deref(), &bases[0].include[..]),
        (Some("How"), &["*.md".to_string()][..])
    );
    assert!(gets(&agent));
    assert!(!gets(&read(&format!("tools: [read]\nexcludedTools: [knowledge]\n{base}"), &[])));
    assert!(!gets(&read("tools: '*'", &[])));
    read("tools: [read, knowledge]", &["agent/missing-tool"]);
    let typed = |kind: &str| {
        format!("tools: [read]\nresources: [{{type: knowledgeBase, source: d, indexType: {kind}}}]")
    };
    read(&typed("best"), &["agent/index-type"]);
    read(&typed("quick"), &["agent/index-type"]);
    read(&typed("fast"), &[]);
}

#[test]
fn what_cannot_be_an_agent_is_refused_with_a_reason() {
    refused("a.md", "# You\n", "it has no front matter", "agent/no-front-matter");
    refused("a.md", "---\nname: a\n", "its front matter is never closed", "agent/no-front-matter");
    refused("a.md", "---\n- a\n---\n", "its front matter is no map", "agent/wrong-type");
    refused("a.json", "[]", "it is no map", "agent/wrong-type");
    refused(".kiro/agents/plan.md", "---\nname: x\n---\n", "its name is reserved", "agent/reserved-id");
    for (file, text, begin) in
        [("a.md", "---\na: [\n---\n", "its front matter cannot be read: "), ("a.json", "{", "")]
    {
        match read(file, text) {
            Reading::Refused { why, diagnostics } => {
                assert!(
                    why.starts_with(begin) && why.len() > begin.len() && !diagnostics.is_empty(),
                    "{why}"
                );
            }
            Reading::Read(_) => panic!("{text}"),
        }
    }
}

#[test]
fn json_with_comments_and_a_prompt_file() {
    let agent = loaded(
        ".kiro/agents/team/a.json",
        "{ // why\n \"description\": \"d\", \"tools\": \"*\", \"prompt\": \"file://../../prompts/a.md\", }",
        &[],
    );
    assert!(
        matches!(agent.prompt, Prompt::File { ref path, .. } if path == ".kiro/prompts/a.md"),
        "{:?}",
        agent.prompt
    );
    assert_eq!(agent.format, Format::Json);
    loaded(
        ".kiro/agents/a.json",
        "{\"description\": \"d\", \"tools\": \"*\", \"prompt\": \"file:///etc/passwd\"}",
        &["agent/no-prompt", "agent/prompt-outside"],
    );
}

#[test]
fn an_agent_of_the_command_line_is_loaded_and_its_settings_become_rules() {
    let agent = loaded(
        "old.json",
        r#"{"name":"old","description":"d","prompt":"x","tools":["fs_read","status","execute_bash"],
            "toolAliases":{"@git/git_diff":"status"},
            "allowedTools":["fs_read","@git","@db/que?y","*"],
            "useLegacyMcpJson":true,
            "hooks":{"agentSpawn":[{"command":"git status"}]},
            "toolsSettings":{
              "write":{"allowedPaths":["src/**"],"deniedPaths":["src/secret"]},
              "grep":{"allowedPaths":["docs"]},
              "execute_bash":{"allowedCommands":["git (status|log)( .*)?","rm [a-z]+"],"deniedCommands":["git push.*","curl\\b.*"],"autoAllowReadonly":true,"denyByDefault":true},
              "use_aws":{"allowedServices":["s3"]},
              "subagent":{"availableAgents":["a","b"],"trustedAgents":["a"]}}}"#,
        &[
            "agent/skipped-by-kiro",
            "agent/cannot-be-said",
            "agent/cannot-be-said",
            "agent/cannot-be-said",
            "agent/cannot-be-said",
            "agent/cannot-be-said",
            "agent/cannot-be-said",
        ],
    );
    assert_eq!(agent.format, Format::CommandLine);
    assert!(agent.include_mcp_json == Some(true) && agent.permissions.denies_other_commands);
    assert_eq!(tools(&agent), "read list glob grep shell process git/git_diff");
    assert_eq!(
        rules(&agent),
        [
            "allow fs_read:",
            "allow mcp:git/*",
            "allow fs_write:src/**",
            "deny fs_write:src/secret",
            "allow shell:git status|git status *|git log|git log *",
            "deny shell:git push*",
            "deny shell:curl*",
            "allow subagent:a",
        ]
    );
    assert_eq!(agent.permissions.subagents.as_deref().unwrap(), ["a", "b"]);
    assert_eq!(agent.permissions.presets[0].0, "read-only-shell");
    // With `permissions` it is of today, and the old keys say nothing.
    let new = loaded(
        "new.json",
        r#"{"description":"d","prompt":"x","tools":["read"],"allowedTools":["shell"],"permissions":{"rules":[]}}"#,
        &["agent/unknown-field"],
    );
    assert_eq!((new.format, rules(&new).len()), (Format::Json, 0));
}

#[test]
fn a_byte_order_mark_and_bare_colons_are_said_and_read() {
    let agent = loaded(
        "a.md",
        "\u{feff}---\ndescription: Use it when: late\ntools: [read]\n---\nx",
        &["agent/skipped-by-kiro", "front-matter/bare-colon"],
    );
    assert_eq!(agent.description.as_deref(), Some("Use it when: late"));
    let json = loaded("a.md", "---json\n{\"description\": \"d\", \"tools\": [\"read\"]}\n---\nx", &[]);
    assert_eq!(tools(&json), "read list glob grep");
}

#[test]
fn hostile_sizes_end() {
    let deep = format!("---\ntools: {}\n---\n", "[".repeat(10_000));
    assert!(read("a.md", &deep).ok().is_none());
    let many = format!("---\ndescription: d\ntools: [{}]\n---\nx", "read, ".repeat(20_000));
    assert_eq!(read("a.md", &many).ok().unwrap().tools.len(), crate::fields::ITEMS_MAX);
    let line = format!("---\ndescription: {}\n---\nx", "a: ".repeat(1_500_000));
    assert!(read("a.md", &line).ok().is_none());
    let keys: String = (0..50_000).map(|n| format!("k{n}: 1\n")).collect();
    let agent = read("a.md", &format!("---\n{keys}---\nx")).ok().unwrap();
    assert!(agent.diagnostics.len() <= spec::diagnostic::DIAGNOSTICS_MAX);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400), json in any::<bool>()) {
        let file = if json { "a.json" } else { "a.md" };
        let _ = Agent::read(Source { file, below: file, origin: Origin::Person }, &bytes);
    }

    #[test]
    fn any_front_matter_is_read(
        key in "(tools|name|permissions|hooks|resources|mcpServers|excludedTools|description|x)",
        value in "[\\[\\]{}a-z:,\"'@*\\- \n]{0,60}",
        old in "(\"allowedTools\"|\"toolsSettings\"|\"toolAliases\"|\"permissions\"|\"prompt\")",
        json in "[\\[\\]{}\":,a-z0-9 ]{0,40}",
    ) {
        for (file, text) in [
            ("a.md", format!("---\n{key}: {value}\n---\nbody")),
            ("a.json", format!("{{\"{key}\": {json}, {old}: {json}}}")),
        ] {
            if let Reading::Read(agent) = read(file, &text) {
                // Whatever is written, a tool that is not there is not given.
                prop_assert!(agent.tools_of(&[]).is_empty());
                for found in &agent.diagnostics {
                    prop_assert!(found.span.end() <= text.len(), "{found:?} in {text:?}");
                }
            }
        }
    }
}

#[test]
fn an_agent_that_names_skills_can_open_them() {
    let infos = ["read", "skill", "todo"].map(ToolInfo::of);
    let check = |file: &str, text: &str, expected: &[&str]| {
        let source = Source { file, below: file, origin: Origin::Workspace };
        let Reading::Read(agent) = Agent::read(source, text.as_bytes()) else { panic!("{text}") };
        assert_eq!(agent.tools_of(&infos), expected, "{text}");
        let held = crate::grant::capabilities(&agent).contains(&policy::Capability::Skill);
        assert_eq!(held, expected.contains(&"skill"), "{text}");
    };
    let markdown = |more: &str| format!("---\ndescription: d\ntools: [read]\n{more}---\nx\n");
    check("a.md", &markdown(""), &["read"]);
    check("a.md", &markdown("resources: [\"skill://s/**\"]\n"), &["read", "skill"]);
    check("a.md", &markdown("resources: [\"skill://s/**\"]\nexcludedTools: [skill]\n"), &["read"]);
    let old = r#"{"name": "a", "tools": ["fs_read"], "allowedTools": ["fs_read"], "resources": ["skill://s/**/SKILL.md"]}"#;
    check("a.json", old, &["read", "skill"]);
}
