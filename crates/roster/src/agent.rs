//! Custom agents: Markdown with front matter, JSON, and JSON of the 2.x command line, as one value. Opens no file that one
//! names, and grants nothing.

use spec::data::{self, Node, Notation, Value};
use spec::{Diagnostic, Span};

use crate::command_line;
use crate::fields::{AGENT, Fields};
use crate::front;
use crate::paths;
use crate::permissions::{self, Permissions};
use crate::resource::{self, Knowledge, Resource};
use crate::say::{Findings, Lines, first_line, shown};
use crate::tools::{self, Category, ToolInfo, Wanted};
use crate::{Origin, Reading};

/// Names that Kiro keeps for its modes; no agent may have one.
pub const RESERVED: [&str; 6] = ["vibe", "spec", "quick-spec", "bug-fix", "plan", "autonomous"];

/// How an agent is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `.md` with front matter; the body is the prompt.
    Markdown,
    /// JSON with the same keys and `prompt`.
    Json,
    /// JSON of the 2.x command line: `allowedTools`, `toolsSettings`. Kiro's newer engine skips it in silence.
    CommandLine,
}

impl Format {
    /// The word for a person.
    pub fn name(self) -> &'static str {
        match self {
            Format::Markdown => "markdown",
            Format::Json => "json",
            Format::CommandLine => "json of the 2.x command line",
        }
    }
}

/// What an agent is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Prompt {
    /// These words.
    Inline(String),
    /// Those of a file, by its path from the root, without a way out of it.
    File {
        /// The path, with `/`.
        path: String,
        /// Where it is named.
        span: Span,
    },
}

/// A word for tools, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolWord {
    /// An id, a tag, `@server` or `@server/tool`.
    pub word: String,
    /// Where it stands.
    pub span: Span,
}

/// One agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// Its file's path below the folder of agents, without the extension: `team/planner`.
    pub id: String,
    /// `name`, else the id.
    pub name: String,
    /// `description`, by which it is chosen as a sub-agent.
    pub description: Option<String>,
    /// The model it wants.
    pub model: Option<String>,
    /// How hard it shall think, in the provider's words.
    pub effort: Option<String>,
    /// Its tools; none when it names none.
    pub tools: Vec<ToolWord>,
    /// Tools that it does not get after all.
    pub excluded_tools: Vec<ToolWord>,
    /// Other names for tools: the tool, then the name (2.x command line).
    pub tool_aliases: Vec<(String, String)>,
    /// Whether it also gets the servers of `mcp.json`; `None` when the file does not say.
    pub include_mcp_json: Option<bool>,
    /// Whether it also gets the installed powers.
    pub include_powers: bool,
    /// `mcpServers` as it stands in the file.
    pub mcp_servers: Option<Node>,
    /// What it brings into its context.
    pub resources: Vec<Resource>,
    /// Its rules.
    pub permissions: Permissions,
    /// `hooks` as it stands in the file: a list, or the map of the 2.x command line.
    pub hooks: Option<Node>,
    /// Shown to the person when it begins.
    pub welcome: Option<String>,
    /// What it is told.
    pub prompt: Prompt,
    /// `dispatchKind`: `sub-agent`, `custom-agent` or `spec`.
    pub dispatch: Option<String>,
    /// The file, as it is shown to a person.
    pub file: String,
    /// Where the file comes from.
    pub origin: Origin,
    /// How it is written.
    pub format: Format,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file that may hold an agent.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file from the root (the workspace, or the person's home), with `/`: `.kiro/agents/team/planner.md`.
    pub file: &'a str,
    /// Its path below the folder of agents: `team/planner.md`.
    pub below: &'a str,
    /// Where it comes from.
    pub origin: Origin,
}

impl Agent {
    /// Reads any bytes. The format follows from the extension; anything but `.md` is JSON.
    pub fn read(source: Source<'_>, bytes: &[u8]) -> Reading<Agent> {
        let mut found = Findings::default();
        let id = id_of(source.below);
        if RESERVED.contains(&id.as_str()) {
            let message = format!("`{id}` is the name of a mode; no agent may have it");
            found.error("agent/reserved-id", first_line(bytes), message, "rename the file");
            return refused("its name is reserved", found);
        }
        if source.file.to_ascii_lowercase().ends_with(".md") {
            markdown(source, id, bytes, found)
        } else {
            json(source, id, bytes, found)
        }
    }

    /// Whether one of its words for tools stands for tools of this server, and none takes all of them away.
    pub fn uses_server(&self, server: &str) -> bool {
        let fits = |word: &Wanted<'_>| match word {
            Wanted::All | Wanted::Mcp => true,
            Wanted::Powers => server.starts_with(crate::power::SERVER_PREFIX),
            Wanted::Server(pattern, _) => tools::matches(pattern, server),
            _ => false,
        };
        let is_whole = |word: &Wanted<'_>| !matches!(word, Wanted::Server(_, Some(_))) && fits(word);
        self.wanted(&self.tools).iter().any(fits) && !self.wanted(&self.excluded_tools).iter().any(is_whole)
    }

    /// Its words that name a server, where none of these is it.
    pub fn without_server<'a>(&'a self, servers: &'a [String]) -> impl Iterator<Item = &'a ToolWord> {
        self.tools.iter().chain(&self.excluded_tools).filter(|word| {
            match tools::wanted(self.resolved(&word.word)) {
                Wanted::Server(pattern, _) => !servers.iter().any(|server| tools::matches(pattern, server)),
                _ => false,
            }
        })
    }

    /// Whether it has this tool of a server.
    pub fn uses_tool(&self, server: &str, tool: &str) -> bool {
        !self.tools_of(&[ToolInfo::of_server(server, tool, "")]).is_empty()
    }

    /// The same as it lies in this file, shown from the workspace: what its rules say of relative paths is meant from its package.
    #[must_use]
    pub fn lying_in(mut self, file: &str) -> Agent {
        let package = crate::paths::package_of(file);
        if !package.is_empty() {
            self.permissions.in_package(package);
        }
        Agent { file: file.to_string(), ..self }
    }

    /// The knowledge bases that it names.
    pub fn knowledge(&self) -> impl Iterator<Item = &Knowledge> {
        self.resources.iter().filter_map(|resource| match resource {
            Resource::Knowledge(base) => Some(base),
            _ => None,
        })
    }

    /// Whether it names skills among its resources.
    pub fn names_skills(&self) -> bool {
        self.resources.iter().any(|resource| matches!(resource, Resource::Skill { .. }))
    }

    /// Which of these tools it gets, in their order. Only takes away.
    pub fn tools_of<'t>(&self, available: &'t [ToolInfo]) -> Vec<&'t str> {
        let wanted = self.wanted(&self.tools);
        let excluded = self.wanted(&self.excluded_tools);
        let is_in = |words: &[Wanted<'_>], tool: &ToolInfo| words.iter().any(|word| tools::fits(word, tool));
        let comes = |tool: &ToolInfo| match tool.name.as_str() {
            tools::KNOWLEDGE => self.knowledge().next().is_some(),
            tools::POWER if self.include_powers => true,
            tools::SKILL if self.names_skills() => true,
            _ if tool.category == Category::Mcp && tool.server.is_none() => {
                let is_of_servers = |word: &Wanted<'_>| {
                    matches!(word, Wanted::All | Wanted::Mcp | Wanted::Powers | Wanted::Server(..))
                };
                wanted.iter().any(is_of_servers)
            }
            _ => is_in(&wanted, tool),
        };
        let gets = |tool: &&ToolInfo| comes(tool) && !is_in(&excluded, tool);
        available.iter().filter(gets).map(|tool| tool.name.as_str()).collect()
    }

    pub(crate) fn wanted<'a>(&'a self, words: &'a [ToolWord]) -> Vec<Wanted<'a>> {
        words.iter().map(|word| tools::wanted(self.resolved(&word.word))).collect()
    }

    /// The tool behind another name for it.
    fn resolved<'a>(&'a self, word: &'a str) -> &'a str {
        let alias = self.tool_aliases.iter().find(|(_, alias)| alias == word);
        alias.map_or(word, |(tool, _)| tool.as_str())
    }
}

fn id_of(below: &str) -> String {
    let stem = below.rsplit_once('.').map_or(below, |(stem, _)| stem);
    stem.trim_matches('/').to_string()
}

fn refused<T>(why: &str, found: Findings) -> Reading<T> {
    Reading::Refused { why: why.to_string(), diagnostics: found.into_vec() }
}

fn markdown(source: Source<'_>, id: String, bytes: &[u8], mut found: Findings) -> Reading<Agent> {
    let split = front::split(bytes);
    let Some((span, notation)) = split.front else {
        let (why, message) = match split.is_open {
            true => ("its front matter is never closed", "the front matter is never closed"),
            false => ("it has no front matter", "an agent begins with front matter"),
        };
        let hint =
            "begin the file with `---`, `description: …`, `tools: […]`, `---`; Kiro leaves it out as well";
        found.error("agent/no-front-matter", first_line(bytes), message, hint);
        return refused(why, found);
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        let message =
            "the file begins with a byte-order mark, so Kiro sees no front matter and leaves the file out";
        found.warning(
            "agent/skipped-by-kiro",
            Span { offset: 0, len: 3 },
            message,
            "save it without the mark",
        );
    }
    let root = match front::tree(bytes, span, notation, &mut found) {
        Some(root) if matches!(root.value, Value::Map(_)) => root,
        Some(root) => {
            let message = format!("the front matter is {}, not a map", root.kind());
            found.error("agent/wrong-type", root.span, message, "write one `key: value` on each line");
            return refused("its front matter is no map", found);
        }
        None => {
            let diagnostics = found.into_vec();
            let why = front::first_error(&diagnostics);
            let why = why.map_or("its front matter is empty".to_string(), |why| {
                format!("its front matter cannot be read: {why}")
            });
            return Reading::Refused { why, diagnostics };
        }
    };
    let mut agent = fields(&root, source, id, Format::Markdown, bytes, &mut found);
    agent.prompt = Prompt::Inline(front::text(bytes, split.body, &mut found));
    Reading::Read(finish(agent, found))
}

fn json(source: Source<'_>, id: String, bytes: &[u8], mut found: Findings) -> Reading<Agent> {
    let (root, problems) = data::read(bytes, Notation::Json);
    // Kiro reads comments and trailing commas here.
    let tolerated = ["data/comment", "data/trailing-comma"];
    found.extend(problems.into_iter().filter(|problem| !tolerated.contains(&problem.code)));
    let Some(root) = root else {
        let diagnostics = found.into_vec();
        let why = front::first_error(&diagnostics).unwrap_or_else(|| "it is not JSON".to_string());
        return Reading::Refused { why, diagnostics };
    };
    if !matches!(root.value, Value::Map(_)) {
        let message = format!("the file is {}, not a map", root.kind());
        found.error("agent/wrong-type", root.span, message, "begin it with `{`");
        return refused("it is no map", found);
    }
    let has = |key: &&str| root.get(key).is_some();
    let is_old = command_line::KEYS.iter().any(&has) && root.get("permissions").is_none();
    let format = if is_old { Format::CommandLine } else { Format::Json };
    let mut agent = fields(&root, source, id, format, bytes, &mut found);
    if ["allowedTools", "toolsSettings"].iter().any(has) && is_old {
        let at = Fields::of(&root, AGENT).key(match root.get("allowedTools") {
            Some(_) => "allowedTools",
            None => "toolsSettings",
        });
        let message = "Kiro's newer engine skips this agent without a word; it is loaded here";
        let hint = "turn `allowedTools` and `toolsSettings` into `permissions`; `waypost agent show` prints them as rules";
        found.warning("agent/skipped-by-kiro", at, message, hint);
    }
    let fields = Fields::of(&root, AGENT);
    agent.prompt = prompt(&fields, source, &mut found);
    Reading::Read(finish(agent, found))
}

fn prompt(fields: &Fields<'_>, source: Source<'_>, found: &mut Findings) -> Prompt {
    let text = fields.text("prompt", found).unwrap_or_default();
    let span = fields.get("prompt").map(|node| node.span).unwrap_or_default();
    if !text.starts_with("file://") || text.contains('\n') {
        return Prompt::Inline(text);
    }
    match paths::below(paths::folder_of(source.file), &text) {
        Some(path) => Prompt::File { path, span },
        None => {
            let message = format!("`{}` is absolute or leads out of the root; it is not read", shown(&text));
            found.error("agent/prompt-outside", span, message, "name a file from the folder of the agent");
            Prompt::Inline(String::new())
        }
    }
}

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
];

fn fields(
    root: &Node,
    source: Source<'_>,
    id: String,
    format: Format,
    bytes: &[u8],
    found: &mut Findings,
) -> Agent {
    let fields = Fields::of(root, AGENT);
    let lines = Lines::of(bytes);
    let mut known = KNOWN.to_vec();
    if format != Format::Markdown {
        known.extend(["prompt", "$schema"]);
    }
    if format == Format::CommandLine {
        known.extend(command_line::KEYS);
    }
    // In the other formats they have a hint of their own.
    fields.unknown(&known, command_line::KEYS, found);
    if format != Format::CommandLine {
        foreign(&fields, found);
    }
    let words = |name: &str, found: &mut Findings| {
        let texts = fields.texts(name, Some(','), found);
        texts.into_iter().map(|(word, span)| ToolWord { word, span }).collect::<Vec<_>>()
    };
    let (tools, excluded_tools) = (words("tools", found), words("excludedTools", found));
    let mut agent = Agent {
        name: fields.text("name", found).unwrap_or_else(|| id.clone()),
        id,
        description: fields.text("description", found),
        model: fields.text("model", found),
        effort: fields.text("effortLevel", found),
        tools,
        excluded_tools,
        tool_aliases: Vec::new(),
        include_mcp_json: fields.get("includeMcpJson").map(|_| fields.flag("includeMcpJson", found)),
        include_powers: fields.flag("includePowers", found),
        mcp_servers: node(&fields, "mcpServers", &["a map"], found),
        resources: resource::read(&fields, found),
        permissions: Permissions::default(),
        hooks: node(&fields, "hooks", &["a list", "a map"], found),
        welcome: fields.text("welcomeMessage", found),
        prompt: Prompt::Inline(String::new()),
        dispatch: fields.text("dispatchKind", found),
        file: source.file.to_string(),
        origin: source.origin,
        format,
        diagnostics: Vec::new(),
    };
    if format == Format::CommandLine {
        command_line::take_in(&mut agent, &fields, &lines, found);
    } else if let Some(rules) = fields.get("permissions") {
        agent.permissions = permissions::read(rules, &lines, found);
    }
    say_tools(&agent, &fields, found);
    if agent.effort.is_some() && agent.model.is_none() {
        let message = "`effortLevel` has no effect without `model`: not every model takes one";
        let hint = "name the model that it is meant for, or set `effort` of the provider in config.toml";
        found.hint("agent/no-effect", fields.key("effortLevel"), message, hint);
    }
    agent
}

/// Keys of the 2.x command line where nobody reads them.
fn foreign(fields: &Fields<'_>, found: &mut Findings) {
    for key in command_line::KEYS {
        let Some(node) = fields.get(key) else { continue };
        let names: Vec<&str> = node.items().iter().filter_map(Node::as_str).map(str::trim).take(20).collect();
        let hint = match *key {
            "allowedTools" if !names.is_empty() && fields.get("tools").is_none() => {
                format!("write `tools: [{}]`", shown(&names.join(", ")))
            }
            "allowedTools" | "toolsSettings" => "write the rules in `permissions`".to_string(),
            "useLegacyMcpJson" => "write `includeMcpJson`".to_string(),
            _ => String::new(),
        };
        let message = format!("`{key}` is a key of the 2.x command line; it is not read here");
        found.warning("agent/unknown-field", fields.key(key), message, &hint);
    }
}

fn node(fields: &Fields<'_>, name: &str, wanted: &[&str], found: &mut Findings) -> Option<Node> {
    let node = fields.get(name)?;
    if !wanted.contains(&node.kind()) {
        fields.wrong(name, node, &wanted.join(" or "), found);
        return None;
    }
    (!node.items().is_empty() || !node.members().is_empty()).then(|| node.clone())
}

/// What is odd about the tools: none, or words that stand for nothing.
fn say_tools(agent: &Agent, fields: &Fields<'_>, found: &mut Findings) {
    if agent.tools.is_empty() {
        let message = "this agent has no tools: an agent that names none gets none, as in Kiro";
        let hint = "name them, as in `tools: [read, shell]`, or write `tools: \"*\"`";
        found.warning("agent/no-tools", fields.key("tools"), message, hint);
    }
    for word in agent.tools.iter().chain(&agent.excluded_tools) {
        match tools::wanted(agent.resolved(&word.word)) {
            Wanted::Unknown => {
                let message = format!("`{}` is no tool or tag that is known", shown(&word.word));
                let hint = "tags are read, write, shell, web, subagent, spec, context, @mcp, @powers, @builtin, *, @server, @server/tool";
                found.warning("agent/unknown-tool", word.span, message, hint);
            }
            Wanted::Ids([tools::KNOWLEDGE]) if agent.knowledge().next().is_none() => {
                let message = format!("`{}` has nothing to search", shown(&word.word));
                let hint =
                    "name a knowledge base in `resources`: `{type: knowledgeBase, source: \"file://docs\"}`";
                found.hint("agent/missing-tool", word.span, message, hint);
            }
            Wanted::Tag(Category::Spec) => {
                let message = format!("`{}` stands for no tool of a session here", shown(&word.word));
                let hint = "specs are read with `read`, and written by `waypost spec new`, `plan` and `run`";
                found.hint("agent/missing-tool", word.span, message, hint);
            }
            Wanted::Missing => {
                let message =
                    format!("there is no tool `{}` here; the agent works without it", shown(&word.word));
                found.hint("agent/missing-tool", word.span, message, "");
            }
            _ => {}
        }
    }
}

fn finish(mut agent: Agent, mut found: Findings) -> Agent {
    if agent.description.is_none() {
        let message = "without a `description` the agent is never chosen by itself, only by name";
        found.hint("agent/no-description", Span::default(), message, "say in one line what it is for");
    }
    if agent.prompt == Prompt::Inline(String::new()) {
        let message = "the agent is told nothing: it has no prompt";
        let hint = match agent.format {
            Format::Markdown => "write it below the front matter",
            _ => "write it in `prompt`",
        };
        found.warning("agent/no-prompt", Span::default(), message, hint);
    }
    agent.diagnostics = found.into_vec();
    agent
}

#[cfg(test)]
#[path = "agent_tests.rs"]
mod tests;
