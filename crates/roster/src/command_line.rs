//! What an agent of the 2.x command line says beside the keys of today: `allowedTools`, `toolsSettings`, `toolAliases`, as
//! rules. What a rule cannot say is said to the person, and closes.

use policy::{Effect, WrittenRule};
use spec::Span;
use spec::data::{Node, Value};

use crate::agent::Agent;
use crate::fields::{AGENT, Fields};
use crate::regex_words;
use crate::say::{Findings, Lines, shown};
use crate::tools::{self, Category, Wanted};

/// Keys that only this format has.
pub(crate) const KEYS: &[&str] =
    &["allowedTools", "toolsSettings", "toolAliases", "useLegacyMcpJson", "keyboardShortcut"];

/// Takes them into the agent.
pub(crate) fn take_in(agent: &mut Agent, fields: &Fields<'_>, lines: &Lines, found: &mut Findings) {
    if fields.get("useLegacyMcpJson").is_some() {
        let included = fields.flag("useLegacyMcpJson", found);
        agent.include_mcp_json = Some(included || agent.include_mcp_json == Some(true));
    }
    if let Some(aliases) = fields.get("toolAliases") {
        for (tool, alias) in aliases.members().iter().take(crate::fields::ITEMS_MAX) {
            match alias.as_str() {
                Some(alias) => agent.tool_aliases.push((tool.name.clone(), alias.to_string())),
                None => fields.wrong("toolAliases", alias, "text", found),
            }
        }
    }
    let mut taker = Taker { agent, lines, found };
    for (word, span) in fields.texts("allowedTools", None, taker.found) {
        taker.allowed_tool(&word, span);
    }
    if let Some(settings) = fields.get("toolsSettings") {
        if !matches!(settings.value, Value::Map(_)) {
            fields.wrong("toolsSettings", settings, "a map", taker.found);
        }
        for (key, settings) in settings.members() {
            taker.settings(&key.name, key.span, settings);
        }
    }
}

struct Taker<'a> {
    agent: &'a mut Agent,
    lines: &'a Lines,
    found: &'a mut Findings,
}

impl Taker<'_> {
    fn rule(&mut self, capability: &str, effect: Effect, matches: Vec<String>, span: Span) {
        let line = self.lines.line(span.offset);
        let (capability, effect) = (capability.to_string(), Some(effect));
        let rule = WrittenRule { capability, effect, matches, line, ..WrittenRule::default() };
        if self.agent.permissions.rules.len() < policy::bounds::RULES_MAX {
            self.agent.permissions.rules.push(rule);
        } else {
            let why = format!("there are more than {} rules", policy::bounds::RULES_MAX);
            self.agent.permissions.void.get_or_insert((line, why));
        }
    }

    fn unsaid(&mut self, span: Span, message: String, hint: &str) {
        self.found.warning("agent/cannot-be-said", span, message, hint);
    }

    /// A tool that needs no question.
    fn allowed_tool(&mut self, word: &str, span: Span) {
        let allow = |taker: &mut Self, capability: &str, matches: Vec<String>| {
            taker.rule(capability, Effect::Allow, matches, span);
        };
        match tools::wanted(word) {
            Wanted::Tag(category) => match category {
                Category::Read => allow(self, "fs_read", Vec::new()),
                Category::Write => allow(self, "fs_write", Vec::new()),
                Category::Shell => allow(self, "shell", Vec::new()),
                Category::Web => {
                    allow(self, "web_fetch", Vec::new());
                    allow(self, "web_search", Vec::new());
                }
                Category::Subagent => allow(self, "subagent", Vec::new()),
                _ => {}
            },
            Wanted::Ids(ids) => {
                let mut capabilities: Vec<&str> = ids.iter().filter_map(|id| capability_of(id)).collect();
                capabilities.dedup();
                capabilities.into_iter().for_each(|capability| allow(self, capability, Vec::new()));
            }
            Wanted::Server(server, tool) => {
                if server.contains('?') || tool.is_some_and(|tool| tool.contains('?')) {
                    let message =
                        format!("`{}` has a `?`, which no rule can say; its calls ask", shown(word));
                    return self.unsaid(span, message, "write a `*`");
                }
                allow(self, "mcp", vec![format!("{server}/{}", tool.unwrap_or("*"))]);
            }
            Wanted::Mcp => allow(self, "mcp", Vec::new()),
            Wanted::BuiltIn => allow(self, "builtin", Vec::new()),
            // The 2.x command line takes no `*` here; nothing is opened by guessing.
            Wanted::All | Wanted::Powers | Wanted::Unknown => {
                let message = format!("`{}` in `allowedTools` allows nothing", shown(word));
                self.unsaid(span, message, "name tools, `@server` or `@server/tool`");
            }
            Wanted::Missing => {}
        }
    }

    fn settings(&mut self, tool: &str, span: Span, node: &Node) {
        let fields = Fields::of(node, AGENT);
        if !matches!(node.value, Value::Map(_)) {
            return fields.wrong(tool, node, "a map", self.found);
        }
        match tool {
            "read" | "fs_read" | "glob" | "grep" => self.reading(tool, &fields),
            "write" | "fs_write" => {
                fields.unknown(&["allowedPaths", "deniedPaths"], &[], self.found);
                self.paths(&fields, "fs_write", "allowedPaths", Effect::Allow);
                self.paths(&fields, "fs_write", "deniedPaths", Effect::Deny);
            }
            "shell" | "execute_bash" | "execute_cmd" | "bash" => self.commands(&fields),
            "web_fetch" => {
                fields.unknown(&["trusted", "blocked"], &[], self.found);
                self.expressions(&fields, "trusted", "web_fetch", Effect::Allow);
                self.expressions(&fields, "blocked", "web_fetch", Effect::Deny);
            }
            "subagent" | "use_subagent" | "delegate" => {
                fields.unknown(&["availableAgents", "trustedAgents"], &[], self.found);
                let names = |taker: &mut Self, key: &str| {
                    let texts = fields.texts(key, None, taker.found);
                    texts.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
                };
                if fields.get("availableAgents").is_some() {
                    self.agent.permissions.subagents = Some(names(self, "availableAgents"));
                }
                let trusted = names(self, "trustedAgents");
                if !trusted.is_empty() {
                    self.rule("subagent", Effect::Allow, trusted, fields.key("trustedAgents"));
                }
            }
            _ => {
                let message = format!("settings of `{}` say nothing here", shown(tool));
                self.unsaid(
                    span,
                    message,
                    "its calls are judged by the rules, and ask where none allows them",
                );
            }
        }
    }

    fn reading(&mut self, tool: &str, fields: &Fields<'_>) {
        fields.unknown(&["allowedPaths", "deniedPaths", "allowReadOnly"], &[], self.found);
        self.paths(fields, "fs_read", "deniedPaths", Effect::Deny);
        if matches!(tool, "read" | "fs_read") {
            self.paths(fields, "fs_read", "allowedPaths", Effect::Allow);
            if fields.flag("allowReadOnly", self.found) {
                self.rule("fs_read", Effect::Allow, Vec::new(), fields.key("allowReadOnly"));
            }
            return;
        }
        if fields.get("deniedPaths").is_some() {
            let message = format!("`deniedPaths` of `{tool}` closes these paths for every tool that reads");
            self.unsaid(fields.key("deniedPaths"), message, "");
        }
        for key in ["allowedPaths", "allowReadOnly"] {
            if fields.get(key).is_some() {
                let message =
                    format!("`{key}` of `{tool}` would allow reading by every tool; it allows nothing");
                self.unsaid(fields.key(key), message, "write it for `read` if that is meant");
            }
        }
    }

    fn paths(&mut self, fields: &Fields<'_>, capability: &str, key: &str, effect: Effect) {
        for (path, span) in fields.texts(key, None, self.found) {
            self.rule(capability, effect, vec![path], span);
        }
    }

    fn commands(&mut self, fields: &Fields<'_>) {
        let known =
            ["allowedCommands", "deniedCommands", "autoAllowReadonly", "denyByDefault", "allowReadOnly"];
        fields.unknown(&known, &[], self.found);
        self.expressions(fields, "allowedCommands", "shell", Effect::Allow);
        self.expressions(fields, "deniedCommands", "shell", Effect::Deny);
        let readonly = ["autoAllowReadonly", "allowReadOnly"];
        for key in readonly {
            if fields.flag(key, self.found) {
                let line = self.lines.line(fields.key(key).offset);
                self.agent.permissions.presets.push(("read-only-shell".to_string(), line));
            }
        }
        self.agent.permissions.denies_other_commands |= fields.flag("denyByDefault", self.found);
    }

    /// Regular expressions: what allows only as far as a pattern says exactly the same, what denies at least as far.
    fn expressions(&mut self, fields: &Fields<'_>, key: &str, capability: &str, effect: Effect) {
        for (regex, span) in fields.texts(key, None, self.found) {
            if effect == Effect::Allow {
                match regex_words::exactly(&regex) {
                    Some(patterns) => self.rule(capability, effect, patterns, span),
                    None => {
                        let message =
                            format!("no pattern says exactly `{}`; what it would allow asks", shown(&regex));
                        self.unsaid(span, message, "write it with words and `.*` only");
                    }
                }
                continue;
            }
            let (patterns, is_exact) = regex_words::at_least(&regex);
            if !is_exact {
                let message = format!(
                    "no pattern says exactly `{}`; `{}` is denied, which is more",
                    shown(&regex),
                    shown(&patterns.join("`, `"))
                );
                self.unsaid(span, message, "write it with words and `.*` only");
            }
            self.rule(capability, effect, patterns, span);
        }
    }
}

fn capability_of(id: &str) -> Option<&'static str> {
    match id {
        // One capability of a whole group of tools; to list a folder is less than to read it.
        "read" | "grep" | "list" | "glob" => Some("fs_read"),
        "edit" | "write" => Some("fs_write"),
        "shell" => Some("shell"),
        "web_fetch" => Some("web_fetch"),
        "web_search" => Some("web_search"),
        "subagent" => Some("subagent"),
        "skill" => Some("skill"),
        "power" => Some("power"),
        _ => None,
    }
}
