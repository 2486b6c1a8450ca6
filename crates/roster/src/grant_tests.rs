//! What a grant lets through of calls that the policy around it would allow.

use std::path::Path;

use policy::{
    Capability, Effect, Mode, Origin as Asker, Place, Policy, Request, Rule, Source as RuleSource, Target,
};

use super::*;
use crate::Origin;
use crate::agent::Source;

fn agent(file: &str, text: &str) -> Agent {
    Agent::read(Source { file, below: file, origin: Origin::Workspace }, text.as_bytes()).ok().unwrap()
}

fn markdown(front: &str) -> Agent {
    agent("a.md", &format!("---\ndescription: d\n{front}\n---\nx"))
}

/// What a policy that allows everything says of a call, once it is narrowed to the agent.
fn judged(agent: &Agent, call: &str) -> Effect {
    let root = Path::new("/w");
    let mut policy = Policy::new(Mode::Autopilot, &[]).in_workspace(root);
    policy.add(Rule::read("all:*", Effect::Allow, RuleSource::User).unwrap());
    let policy = policy.narrowed_to(grant(agent, Some(Path::new("/home/a")), &[]));
    let (capability, target) = call.split_once(':').unwrap();
    let capability = Capability::named(capability)[0];
    let target = match capability {
        Capability::FsRead | Capability::FsWrite => Target::Path(Place::new(root, &root.join(target))),
        Capability::Shell => Target::Command(target.to_string()),
        _ => Target::Name(target.to_string()),
    };
    policy.decide(&Request { capability, target, origin: Asker::Agent }).effect
}

#[track_caller]
fn check(agent: &Agent, calls: &[(&str, Effect)]) {
    for (call, effect) in calls {
        assert_eq!(judged(agent, call), *effect, "{call}");
    }
}

use Effect::{Allow, Ask, Deny};

#[test]
fn an_agent_never_has_more_than_its_tools_need() {
    check(
        &markdown("tools: [read]"),
        &[
            ("fs_read:src/a.rs", Allow),
            ("fs_write:src/a.rs", Deny),
            ("shell:ls", Deny),
            ("mcp:git/log", Deny),
            ("web_fetch:https://x", Deny),
            ("subagent:a", Deny),
        ],
    );
    check(&markdown("model: m"), &[("fs_read:a", Deny), ("shell:ls", Deny), ("skill:s", Deny)]);
    check(
        &markdown("tools: [read, shell]"),
        &[
            ("shell:cargo test", Allow),
            ("shell:cat a", Allow),
            ("shell:echo x > a", Deny),
            ("fs_write:a", Deny),
        ],
    );
    check(
        &markdown("tools: [write, \"@git/git_*\", subagent]\nexcludedTools: [\"@git/git_push\"]"),
        &[
            ("fs_write:a", Allow),
            ("mcp:git/git_log", Allow),
            ("mcp:git/git_push", Deny),
            ("mcp:db/x", Ask),
            ("subagent:a", Allow),
        ],
    );
    check(
        &markdown("tools: \"*\""),
        &[("fs_write:a", Allow), ("shell:make", Allow), ("mcp:a/b", Allow), ("skill:s", Allow)],
    );
    check(&markdown("tools: [write]\nexcludedTools: [write]"), &[("fs_write:a", Deny)]);
}

#[test]
fn its_permissions_close_and_never_open() {
    check(
        &markdown(
            "tools: \"*\"\npermissions: [{capability: shell, effect: deny, match: 'git push*', exclude: 'git push --dry-run*'}, {capability: fs_write, effect: ask, match: '*.toml'}, {capability: fs_write, effect: allow, match: src}]",
        ),
        &[
            ("shell:git push", Deny),
            ("shell:git push --dry-run", Allow),
            ("shell:ls", Allow),
            ("fs_write:Cargo.toml", Ask),
            ("fs_write:docs/a", Allow),
        ],
    );
    let allows = markdown("tools: [read]\npermissions: [{capability: shell, effect: allow}]");
    check(&allows, &[("shell:ls", Deny), ("fs_read:a", Allow)]);
    let void = markdown("tools: \"*\"\npermissions: [{capability: shell, effects: deny}]");
    check(&void, &[("shell:make", Ask), ("fs_read:a", Ask), ("mcp:a/b", Ask)]);
    let broken = markdown("tools: \"*\"\npermissions: [{capability: fs_write, effect: deny, match: 'a[b'}]");
    check(&broken, &[("fs_write:a", Ask), ("fs_read:a", Ask)]);
}

#[test]
fn settings_of_the_command_line_close_as_there() {
    let old = agent(
        "a.json",
        r#"{"description":"d","prompt":"x","tools":["*"],"toolsSettings":{
            "write":{"deniedPaths":["secret/**"]},
            "shell":{"allowedCommands":["cargo .*"],"deniedCommands":["cargo publish.*"],"autoAllowReadonly":true,"denyByDefault":true},
            "subagent":{"availableAgents":["a"]}}}"#,
    );
    check(
        &old,
        &[
            ("shell:cargo test", Allow),
            ("shell:cargo publish", Deny),
            ("shell:make", Deny),
            ("shell:ls", Allow),
            ("fs_write:secret/a", Deny),
            ("fs_write:b", Allow),
            ("subagent:a", Allow),
            ("subagent:b", Deny),
        ],
    );
    let none = agent(
        "a.json",
        r#"{"description":"d","prompt":"x","tools":["*"],"toolsSettings":{"subagent":{"availableAgents":[]}}}"#,
    );
    check(&none, &[("subagent:a", Deny)]);
}

#[test]
fn a_policy_that_asks_still_asks() {
    let root = Path::new("/w");
    let policy = Policy::new(Mode::Supervised, &[]).in_workspace(root);
    let narrowed = policy.narrowed_to(grant(&markdown("tools: \"*\""), None, &[]));
    for line in ["make", "rm -rf /", "curl x | sh"] {
        let request = Request {
            capability: Capability::Shell,
            target: Target::Command(line.into()),
            origin: Asker::Agent,
        };
        assert!(narrowed.decide(&request).effect >= policy.decide(&request).effect, "{line}");
    }
}

#[test]
fn a_knowledge_base_opens_itself_and_nothing_else() {
    let based = |sources: &str| markdown(&format!("resources: [{sources}]"));
    check(
        &based("{type: knowledgeBase, source: 'file://./docs/'}, {type: knowledgeBase, source: '/srv/a[b'}"),
        &[
            ("fs_read:docs", Allow),
            ("fs_read:docs/deep/a.md", Allow),
            ("fs_read:docs.md", Ask),
            ("fs_read:src/a.rs", Ask),
            ("fs_read:/srv/a[b/c", Allow),
            ("fs_read:/srv/ab/c", Ask),
            ("fs_write:docs/a.md", Deny),
            ("shell:ls", Deny),
        ],
    );
    check(&based("{type: knowledgeBase, source: 'file://~/notes'}"), &[("fs_read:/home/a/notes/x", Allow)]);
    check(&based("{type: knowledgeBase, source: .}"), &[("fs_read:src/a.rs", Allow)]);
    let excluded = "excludedTools: [knowledge]\nresources: [{type: knowledgeBase, source: docs}]";
    check(&markdown(excluded), &[("fs_read:docs/a.md", Deny)]);
}

#[test]
fn who_only_reads_can_change_nothing() {
    let check = |fields: &str, expected: bool| {
        let text = format!("---\ndescription: d\n{fields}\n---\nx\n");
        let source = crate::agent::Source {
            file: ".kiro/agents/a.md",
            below: "a.md",
            origin: crate::Origin::Workspace,
        };
        let agent = Agent::read(source, text.as_bytes()).ok().unwrap();
        assert_eq!(only_reads(&agent), expected, "{fields}");
    };
    check("tools: [read, context]", true);
    check("tools: [read]\nresources: [\"skill://a/**\"]", true);
    for word in ["write", "shell", "web", "subagent", "'@git'", "'*'"] {
        check(&format!("tools: [read, {word}]"), false);
    }
    check("tools: [read]\nmcpServers: {a: {command: x}}", false);
    check("tools: [read]\nhooks: [{name: a, trigger: Stop}]", false);
}
