//! Custom agents: Markdown with front matter, and both generations of JSON. Reads; loads no file that one names.

use super::fields::Fields;
use super::hooks::{self, Hook};
use super::mcp::{self, Server};
use super::permissions::{self, Permissions};
use crate::data::{self, Node, Notation, Value};
use crate::diagnostic::{Diagnostic, Findings};
use crate::{Span, text::Text};

/// How an agent is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `.md` with front matter; the body is the prompt.
    Markdown,
    /// JSON with the same keys and `prompt`.
    Json,
    /// JSON of the 2.x command line: `allowedTools`, `toolsSettings`. Kiro's newer engine skips it in silence.
    JsonCli,
}

/// Which tools an agent has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tools {
    /// None: what leaving `tools` out means.
    #[default]
    None,
    /// Every tool: `*`.
    All,
    /// Tools by id, tag, `@server` or `@server/tool`.
    Named(Vec<String>),
}

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// How it is written.
    pub generation: Generation,
    /// `name`; the caller falls back to the path.
    pub name: Option<String>,
    /// `description`, by which it is chosen.
    pub description: Option<String>,
    /// The model it wants.
    pub model: Option<String>,
    /// How hard it shall think, in the provider's words.
    pub effort: Option<String>,
    /// Its tools.
    pub tools: Tools,
    /// Tools that it does not get after all.
    pub excluded_tools: Vec<String>,
    /// Tools that need no question (2.x: `allowedTools`).
    pub allowed_tools: Vec<String>,
    /// Servers of its own.
    pub servers: Vec<Server>,
    /// It also gets the servers of `mcp.json`.
    pub includes_mcp_json: bool,
    /// It also gets the installed powers.
    pub includes_powers: bool,
    /// Files, skills and knowledge bases, as written; objects by their `source`.
    pub resources: Vec<String>,
    /// Its rules.
    pub permissions: Permissions,
    /// Its hooks.
    pub hooks: Vec<Hook>,
    /// Shown when it begins.
    pub welcome: Option<String>,
    /// What it is told: the body, `prompt`, or a `file://` reference that the caller reads.
    pub prompt: String,
    /// Kiro would not load this file at all; why.
    pub rejected: Option<&'static str>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Agent {
    /// Reads any bytes. The form follows from the name: `.md` or `.json`.
    pub fn parse(bytes: &[u8], file_name: &str) -> Agent {
        let mut found = Findings::default();
        if file_name.ends_with(".md") {
            return markdown(bytes, &mut found).finish(found);
        }
        let (root, problems) = data::read(bytes, Notation::Json);
        problems.into_iter().for_each(|problem| found.push(problem));
        let Some(root) = root else { return empty(Generation::Json, Some("it is not JSON")).finish(found) };
        let is_cli = ["allowedTools", "toolsSettings", "toolAliases", "useLegacyMcpJson"]
            .iter()
            .any(|key| root.get(key).is_some())
            && root.get("permissions").is_none();
        let generation = if is_cli { Generation::JsonCli } else { Generation::Json };
        let mut agent = fields(&root, generation, &mut found);
        agent.prompt = Fields::of(&root, "agent").text("prompt", &mut found).unwrap_or_default();
        if is_cli {
            found.push(
                Diagnostic::warning(
                    "agent/skipped-by-kiro",
                    root.span,
                    "Kiro's newer engine skips this agent in silence",
                )
                .hint("turn `allowedTools` and `toolsSettings` into `permissions`"),
            );
        }
        agent.finish(found)
    }

    fn finish(mut self, found: Findings) -> Agent {
        self.diagnostics = found.into_vec();
        self
    }
}

fn empty(generation: Generation, rejected: Option<&'static str>) -> Agent {
    Agent {
        generation,
        name: None,
        description: None,
        model: None,
        effort: None,
        tools: Tools::None,
        excluded_tools: Vec::new(),
        allowed_tools: Vec::new(),
        servers: Vec::new(),
        includes_mcp_json: false,
        includes_powers: false,
        resources: Vec::new(),
        permissions: Permissions::default(),
        hooks: Vec::new(),
        welcome: None,
        prompt: String::new(),
        rejected,
        diagnostics: Vec::new(),
    }
}

fn markdown(bytes: &[u8], found: &mut Findings) -> Agent {
    let Some((front, body)) = front_matter(bytes) else {
        let message = "an agent begins with front matter";
        found.push(
            Diagnostic::error("agent/no-front-matter", Text::read(bytes).first_line(), message)
                .hint("begin with `---`, `name:` and `description:`, `---`; Kiro leaves the file out"),
        );
        let mut agent = empty(Generation::Markdown, Some("it has no front matter"));
        agent.prompt = String::from_utf8_lossy(bytes).into_owned();
        return agent;
    };
    let (root, problems) = data::read_at(front.slice(bytes), front.offset, Notation::Yaml);
    problems.into_iter().for_each(|problem| found.push(problem));
    let mut agent = match root {
        Some(root) => fields(&root, Generation::Markdown, found),
        None => empty(Generation::Markdown, Some("its front matter cannot be read")),
    };
    agent.prompt = body.text(bytes).trim().to_string();
    agent
}

/// The bytes between `---` and `---`, and those behind.
fn front_matter(bytes: &[u8]) -> Option<(Span, Span)> {
    let text = Text::read(bytes);
    let is_fence = |line: &crate::text::Line| text.of(line).trim_ascii_end() == b"---";
    let first = text.lines().first().filter(|line| is_fence(line))?;
    let end = text.lines().iter().skip(1).position(is_fence)? + 1;
    let front = text.span_of(1, end);
    debug_assert!(front.offset >= first.span.end());
    Some((front, text.span_of(end + 1, text.lines().len())))
}

fn fields(root: &Node, generation: Generation, found: &mut Findings) -> Agent {
    const KNOWN: &[&str] = &[
        "name",
        "description",
        "model",
        "effortLevel",
        "tools",
        "excludedTools",
        "includeMcpJson",
        "includePowers",
        "mcpServers",
        "resources",
        "permissions",
        "hooks",
        "welcomeMessage",
        "dispatchKind",
        "prompt",
        "$schema",
    ];
    const KNOWN_CLI: &[&str] =
        &["toolAliases", "allowedTools", "toolsSettings", "useLegacyMcpJson", "keyboardShortcut"];
    let fields = Fields::of(root, "agent");
    if !matches!(root.value, Value::Map(_)) {
        fields.wrong("the agent", root, "a map", found);
        return empty(generation, Some("it is not a map"));
    }
    let known: Vec<&str> = match generation {
        Generation::JsonCli => KNOWN.iter().chain(KNOWN_CLI).copied().collect(),
        _ => KNOWN.to_vec(),
    };
    fields.unknown(&known, found);
    let mut agent = empty(generation, None);
    agent.name = fields.text("name", found);
    agent.description = fields.text("description", found);
    agent.model = fields.text("model", found);
    agent.effort = fields.text("effortLevel", found);
    agent.tools = tools(&fields, found);
    agent.excluded_tools = fields.texts("excludedTools", found);
    agent.allowed_tools = fields.texts("allowedTools", found);
    agent.includes_mcp_json =
        fields.flag("includeMcpJson", false, found) || fields.flag("useLegacyMcpJson", false, found);
    agent.includes_powers = fields.flag("includePowers", false, found);
    agent.welcome = fields.text("welcomeMessage", found);
    if let Some(servers) = fields.get("mcpServers") {
        agent.servers = mcp::of_agent(servers, found);
    }
    if let Some(hooks) = fields.get("hooks") {
        agent.hooks = hooks::of_agent(hooks, found);
    }
    if let Some(rules) = fields.get("permissions") {
        agent.permissions = permissions::of(rules, found);
    }
    if let Some(resources) = fields.get("resources") {
        for item in resources.items() {
            let source = item.as_str().or_else(|| item.get("source").and_then(Node::as_str));
            match source {
                Some(source) => agent.resources.push(source.to_string()),
                None => fields.wrong("resources", item, "a text or a map with `source`", found),
            }
        }
    }
    if agent.tools == Tools::None && generation != Generation::JsonCli {
        let message = "this agent has no tools";
        found.push(
            Diagnostic::warning("agent/no-tools", root.span, message)
                .hint("name them in `tools`, or write \"*\""),
        );
    }
    agent
}

fn tools(fields: &Fields<'_>, found: &mut Findings) -> Tools {
    let listed: Vec<String> = match fields.get("tools").map(|node| &node.value) {
        // In Markdown a list is often one text with commas.
        Some(Value::String(text)) => text.split(',').map(|name| name.trim().to_string()).collect(),
        _ => fields.texts("tools", found),
    };
    let listed: Vec<String> = listed.into_iter().filter(|name| !name.is_empty()).collect();
    match listed.as_slice() {
        [] => Tools::None,
        names if names.iter().any(|name| name == "*") => Tools::All,
        _ => Tools::Named(listed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, text: &str, expected: (Option<&str>, Tools, &str), codes: &[&str]) -> Agent {
        let agent = Agent::parse(text.as_bytes(), file);
        assert_eq!((agent.name.as_deref(), agent.tools.clone(), agent.prompt.as_str()), expected);
        assert_eq!(agent.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes);
        agent
    }

    fn named(names: &[&str]) -> Tools {
        Tools::Named(names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn markdown_agents() {
        let agent = check(
            "reviewer.md",
            "---\nname: reviewer\ntools: [read, \"@git/git_diff\"]\nincludeMcpJson: true\nmcpServers: { db: { command: npx, args: [\"-y\", \"x\"] } }\nresources: [ \"file://README.md\", { type: knowledgeBase, source: \"file://./docs\" } ]\npermissions: { rules: [ { capability: shell, match: [\"npm *\"], effect: allow } ] }\nhooks: [ { name: fmt, trigger: PostToolUse, action: { type: command, command: \"cargo fmt\" } } ]\n---\nYou review.\n",
            (Some("reviewer"), named(&["read", "@git/git_diff"]), "You review."),
            &[],
        );
        assert_eq!((agent.servers.len(), agent.hooks.len(), agent.permissions.rules.len()), (1, 1, 1));
        assert_eq!(agent.resources, ["file://README.md", "file://./docs"]);
        assert!(agent.includes_mcp_json && agent.rejected.is_none());
        check(
            "a.md",
            "---\nname: a\ntools: read, write\n---\nx",
            (Some("a"), named(&["read", "write"]), "x"),
            &[],
        );
        let none = check("a.md", "# You\n", (None, Tools::None, "# You\n"), &["agent/no-front-matter"]);
        assert!(none.rejected.is_some());
        check("a.md", "---\nname: a\n---\n", (Some("a"), Tools::None, ""), &["agent/no-tools"]);
        check("a.md", "---\nname: [\n---\nx", (None, Tools::None, "x"), &["data/not-yaml"]);
    }

    #[test]
    fn both_generations_of_json() {
        check(
            "a.json",
            r#"{"name":"a","tools":["*"],"prompt":"file://p.md","Model":"x"}"#,
            (Some("a"), Tools::All, "file://p.md"),
            &["agent/unknown-field"],
        );
        let old = check(
            "a.json",
            r#"{"name":"a","tools":["read"],"allowedTools":["read"],"toolsSettings":{},"prompt":"x",
                "hooks":{"agentSpawn":[{"command":"git status","timeout_ms":1500}],"stop":[]}}"#,
            (Some("a"), named(&["read"]), "x"),
            &["agent/skipped-by-kiro"],
        );
        assert_eq!((old.generation, old.hooks[0].timeout_seconds), (Generation::JsonCli, 2));
        check("a.json", "[]", (None, Tools::None, ""), &["agent/wrong-type"]);
        check("a.json", "{", (None, Tools::None, ""), &["data/not-json"]);
    }
}
