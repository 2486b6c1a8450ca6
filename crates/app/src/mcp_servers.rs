//! The MCP servers of this workspace: which files name them, what of it is trusted, which rules come with it. The servers themselves
//! are `mcp`'s; nothing is started here.
#![expect(clippy::disallowed_methods, reason = "the files that name servers are read here")]

mod answers;
mod edit;
mod kept;
mod scripts;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use conversation::{Digest, Tool};
use mcp::config::{Configured, Entry, Layer, Scope, merge};
use mcp::remote::{Budget, Sees, offer};
use mcp::servers::Servers;
use mcp::variables::Variables;
use mcp::{MayStart, Surroundings};
use policy::{Effect, Gate, Rule, Source};
use roster::paths::package_of;
use sandbox::Confine;
use spec::data::Node;

pub(crate) use answers::{Person, Printed};
pub(crate) use edit::{put, remove};
pub(crate) use kept::{Kept, lock};
pub(crate) use scripts::{names, scripts};

use crate::config::Config;
use crate::error::Outcome;
use crate::face::Screen;
use crate::house::Common;
use crate::limits::Held;
use crate::models;
use crate::repository::ITEM_BYTES_MAX;
use crate::trust::{TrustStore, Trusted};
use crate::workspace::Workspace;
use crate::world::World;

/// Where servers are named, below a home or a root.
pub(crate) const FILE: &str = ".kiro/settings/mcp.json";

/// Servers that an agent or a power brings. Their files were trusted before they were read.
#[derive(Clone)]
pub(crate) struct Brought {
    file: String,
    agent: Option<String>,
    servers: serde_json::Value,
}

impl Brought {
    /// Those of an agent, as they stand in its file.
    pub(crate) fn by_agent(agent: &roster::agent::Agent) -> Option<Brought> {
        let servers = as_json(agent.mcp_servers.as_ref()?);
        Some(Brought { file: agent.file.clone(), agent: Some(agent.id.clone()), servers })
    }

    /// As a file that names them.
    fn layer(&self) -> Layer {
        let text = serde_json::json!({ "mcpServers": self.servers }).to_string();
        let layer = Layer::read(Scope::Agent, self.file.clone(), text.as_bytes());
        layer.of_agent(self.agent.clone()).in_package(package_of(&self.file))
    }

    /// Those of a power, by the names that they have in a session. `root` is its folder, absolute.
    pub(crate) fn by_power(power: &roster::power::Power, root: &str) -> Option<Brought> {
        let text = as_json(power.mcp.as_ref()?).to_string().replace("${PLUGIN_ROOT}", root);
        let whole: serde_json::Value = serde_json::from_str(&text).ok()?;
        let named = whole.get("mcpServers")?;
        let servers =
            power.servers.iter().filter_map(|(name, here)| Some((here.clone(), named.get(name)?.clone())));
        Some(Brought { file: format!("{}/mcp.json", power.folder), agent: None, servers: servers.collect() })
    }
}

/// From where a session has servers.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    /// What its powers and agents bring; of one name the later one counts.
    pub(crate) brought: Vec<Brought>,
    /// Whether its agent says that the servers of `mcp.json` files are not for it.
    pub(crate) leaves_out_files: bool,
}

impl Sources {
    /// The same with what an agent says and brings.
    pub(crate) fn with(mut self, agent: &roster::agent::Agent) -> Sources {
        self.brought.extend(Brought::by_agent(agent));
        self.leaves_out_files |= agent.include_mcp_json == Some(false);
        self
    }
}

/// Sees what all of these agents have: none of them is everything.
pub(crate) fn sees(agents: Vec<Arc<roster::agent::Agent>>) -> Sees {
    Arc::new(move |server, tool| {
        agents.iter().all(|agent| match tool {
            Some(tool) => agent.uses_tool(server, tool),
            None => agent.uses_server(server),
        })
    })
}

/// What the files name.
pub(crate) struct Named {
    /// The servers that count, and what is broken.
    pub(crate) configured: Configured,
    /// What a person is told: files that are not trusted, entries that cannot be understood.
    pub(crate) told: Vec<String>,
}

/// What a session gets.
pub(crate) struct Offer {
    /// The tools of servers, behind those of Waypost.
    pub(crate) tools: Vec<Box<dyn Tool>>,
    /// What a person is told at the beginning.
    pub(crate) told: Vec<String>,
    /// The servers; whoever holds them last ends them.
    pub(crate) servers: Arc<Servers>,
}

/// The tools of the servers for one session, with the rules that trusted files bring put into its gate. Starts nothing: the first call
/// does, through the gate of the session. `context` is what the model holds, in tokens.
pub(crate) fn tools(
    house: &Common,
    gate: &mut Gate,
    context: u64,
    known: Option<&Arc<Servers>>,
    sources: &Sources,
    sees: &Sees,
) -> Outcome<Offer> {
    let named = named(&house.world, &house.config, &house.workspace, sources)?;
    let mut told = named.told.clone();
    rules(&named.configured.entries).into_iter().for_each(|rule| gate.add(rule));
    let variables = variables(&house.world, &house.config);
    let root = &house.workspace.root;
    let elsewhere = of_other_packages(&house.workspace, &TrustStore::open(&house.world.state)?.of(root));
    for entries in [&named.configured.entries, &elsewhere] {
        scripts::kept(root, entries, &variables).into_iter().for_each(|rule| gate.add(rule));
    }
    if let Some(known) = known {
        // What they are was told when they were met.
        return Ok(offered(house, known, context, sees));
    }
    let screen = Arc::clone(&house.screen);
    let servers = servers(&house.world, &house.config, &house.workspace, &house.held, screen, named)?;
    let mut offer = offered(house, &servers, context, sees);
    told.append(&mut offer.told);
    Ok(Offer { told, ..offer })
}

/// The servers of a part whose agent has others than the session around it, none started. Their files bring no rules here: a part may
/// do what the session around it may, so what that one may not start is asked about. `file` is the agent's.
pub(crate) fn of_part(house: &Common, sources: &Sources, file: &str) -> Outcome<Arc<Servers>> {
    let named = named(&house.world, &house.config, &house.workspace, sources)?;
    // What the other files name was told by the session around.
    let told = named.told.iter().filter(|told| told.contains(file));
    told.for_each(|told| house.screen.notice(told));
    servers(&house.world, &house.config, &house.workspace, &house.held, Arc::clone(&house.screen), named)
}

/// The tools of servers that the session around this one knows already.
pub(crate) fn offered(house: &Common, servers: &Arc<Servers>, context: u64, sees: &Sees) -> Offer {
    let (percent, tokens) = (house.config.mcp.defer_percent, house.config.mcp.defer_tokens);
    let usual = Budget::usual(context);
    let budget =
        Budget { percent: percent.unwrap_or(usual.percent), tokens: tokens.unwrap_or(usual.tokens), ..usual };
    let offered = offer(servers, budget, sees);
    let mut told = offered.notes;
    if offered.is_deferred {
        told.push(format!(
            "the tools of MCP servers would take about {} tokens, so they are found with `tool_search` (at most {}; [mcp] in config.toml)",
            offered.cost,
            budget.bound()
        ));
    }
    Offer { tools: offered.tools, told, servers: Arc::clone(servers) }
}

/// The folder of a power, absolute.
pub(crate) fn folder(world: &World, workspace: &Workspace, power: &roster::power::Power) -> PathBuf {
    match power.folder.strip_prefix("~/") {
        Some(below) => world.home.join(below),
        None => workspace.root.join(&power.folder),
    }
}

/// What all files name here. A file of the repository counts only as the person trusted it.
pub(crate) fn named(
    world: &World,
    config: &Config,
    workspace: &Workspace,
    sources: &Sources,
) -> Outcome<Named> {
    let trusted = TrustStore::open(&world.state)?.of(&workspace.root);
    let (mut layers, mut told) = (Vec::new(), Vec::new());
    let files = if sources.leaves_out_files { Vec::new() } else { files(world, workspace) };
    for (scope, path) in files {
        let shown = shown(world, workspace, &path);
        let bytes = match read(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => continue,
            Err(why) => {
                told.push(format!("`{shown}` is left out: {why}"));
                continue;
            }
        };
        if scope != Scope::User && !trusted.holds(&shown, Digest::of(&bytes)) {
            told.push(format!(
                "MCP servers of `{shown}` left out, because it is not trusted as it is now (`waypost trust` shows and grants)"
            ));
            continue;
        }
        let layer = Layer::read(scope, shown.clone(), &bytes);
        layers.push(layer.in_package(package_of(&shown)));
    }
    layers.extend(sources.brought.iter().map(Brought::layer));
    let mut configured = merge(layers);
    let variables = variables(world, config);
    for (name, script) in scripts::changed(&workspace.root, &configured.entries, &variables, &trusted) {
        configured.entries.retain(|entry| entry.name != name);
        told.push(format!(
            "MCP server `{name}` is left out, because `{script}`, which it starts, is not trusted as it is now (`waypost trust` shows and grants)"
        ));
    }
    told.extend(
        configured.diagnostics.iter().filter(|(_, found)| found.severity == spec::Severity::Error).map(
            |(file, found)| {
                let hint = found.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
                format!("{file}: {}{hint} ({})", found.message, found.code)
            },
        ),
    );
    told.extend(
        configured.broken.iter().map(|(name, why)| format!("MCP server `{name}` cannot be had: {why}")),
    );
    Ok(Named { configured, told })
}

/// What is wrong with the servers that an agent's file names, each at its entry.
pub(crate) fn problems(agent: &roster::agent::Agent) -> Vec<spec::Diagnostic> {
    let mut found = Vec::new();
    for (key, node) in agent.mcp_servers.iter().flat_map(Node::members) {
        let servers = serde_json::json!({ key.name.clone(): as_json(node) });
        let configured = merge(vec![Brought { file: String::new(), agent: None, servers }.layer()]);
        let before = found.len();
        let at = |one: spec::Diagnostic| spec::Diagnostic { span: node.span, ..one };
        found.extend(configured.diagnostics.into_iter().map(|(_, one)| at(one)));
        let is_said =
            found.iter().skip(before).any(|one: &spec::Diagnostic| one.severity == spec::Severity::Error);
        found.extend(configured.broken.into_iter().filter(|_| !is_said).map(|(name, why)| {
            spec::Diagnostic {
                code: "agent/bad-server",
                severity: spec::Severity::Error,
                span: node.span,
                message: format!("MCP server `{name}` cannot be had: {why}"),
                hint: None,
            }
        }));
    }
    found
}

/// A part of a document in the notation of another one.
fn as_json(node: &Node) -> serde_json::Value {
    use spec::data::Value;
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(is) => (*is).into(),
        Value::Number(number) => {
            serde_json::Number::from_f64(*number).map_or(serde_json::Value::Null, Into::into)
        }
        Value::String(text) => text.clone().into(),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Map(members) => members.iter().map(|(key, node)| (key.name.clone(), as_json(node))).collect(),
    }
}

/// The files that may name servers: the person's, the root's, and those of the packages that are worked in, outermost first.
pub(crate) fn files(world: &World, workspace: &Workspace) -> Vec<(Scope, PathBuf)> {
    let mut files = vec![(Scope::User, world.home.join(FILE)), (Scope::Workspace, workspace.root.join(FILE))];
    let packages = workspace.packages.iter();
    files.extend(packages.map(|package| (Scope::Package, workspace.root.join(package).join(FILE))));
    files
}

/// The servers that trusted files of packages name in which nobody works now.
fn of_other_packages(workspace: &Workspace, trusted: &Trusted) -> Vec<Entry> {
    let is_other = |name: &&str| {
        let package = package_of(name);
        name.ends_with(&format!("/{FILE}")) && !workspace.packages.iter().any(|here| here == package)
    };
    let layer = |name: &str| {
        let bytes = read(&workspace.root.join(name)).ok()??;
        let layer = Layer::read(Scope::Package, name, &bytes).in_package(package_of(name));
        trusted.holds(name, Digest::of(&bytes)).then_some(layer)
    };
    let layers = trusted.names().filter(is_other).filter_map(layer);
    // Each by itself: two packages may have servers of one name.
    layers.flat_map(|layer| merge(vec![layer]).entries).collect()
}

/// The name of such a file for people, and for trust.
pub(crate) fn shown(world: &World, workspace: &Workspace, path: &Path) -> String {
    match (path.strip_prefix(&workspace.root), path.strip_prefix(&world.home)) {
        (Ok(inside), _) => inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"),
        (_, Ok(at_home)) => format!("~/{}", at_home.display()),
        _ => path.display().to_string(),
    }
}

/// The bytes of such a file. Links are not followed: what is trusted is what lies there.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
        Ok(data) if data.is_symlink() => Err("it is a link".to_string()),
        Ok(data) if !data.is_file() => Err("it is no file".to_string()),
        Ok(data) if data.len() > ITEM_BYTES_MAX => Err("it is larger than 1 MiB".to_string()),
        Ok(_) => std::fs::read(path).map(Some).map_err(|error| error.to_string()),
    }
}

/// The rules that a trusted file brings: its own command lines and addresses may be started, and what it approves may be called. They
/// allow what is asked about otherwise, and nothing that another rule asks about or denies.
pub(crate) fn rules(entries: &[Entry]) -> Vec<Rule> {
    let mut rules = Vec::new();
    for entry in entries {
        let source = if entry.scope == Scope::User { Source::User } else { Source::Workspace };
        let mut allow = |text: &str| rules.extend(Rule::read(text, Effect::Allow, source));
        match entry.origin() {
            Some(origin) => allow(&format!("mcp:{} {origin}", entry.name)),
            None => allow(&format!("mcp:{}", entry.name)),
        }
        for tool in &entry.server.auto_approve {
            // A name with a wildcard of its own would allow more than it says.
            if tool == "*" || !tool.contains(['*', '?', '[', '{']) {
                allow(&format!("mcp:{}/{tool}", entry.name));
            }
        }
        rules.extend(entry.line().map(|line| Rule::exact_command(&line, source)));
    }
    rules
}

/// The servers, none started.
pub(crate) fn servers(
    world: &World,
    config: &Config,
    workspace: &Workspace,
    held: &Held,
    screen: Arc<Screen>,
    named: Named,
) -> Outcome<Arc<Servers>> {
    let store = crate::house::open_store(world, workspace)?;
    let kept = Arc::new(Kept::new(world, store.directory()));
    let variables = variables(world, config);
    let around = Surroundings {
        workspace: workspace.root.clone(),
        confine: Arc::clone(&held.hold) as Arc<dyn Confine>,
        may_start: may_start(world, workspace, &variables),
        asker: Arc::new(Person(screen)),
        tokens: Arc::clone(&kept) as Arc<_>,
        web: models::reached(world, config)?,
        version: env!("CARGO_PKG_VERSION").to_string(),
        handshake_ms: mcp::HANDSHAKE_MS,
    };
    Ok(Arc::new(Servers::new(around, kept, named.configured, &variables)))
}

/// Whether what a server starts is still what the person trusts: it may start long after its file was read.
fn may_start(world: &World, workspace: &Workspace, variables: &Variables) -> MayStart {
    let (state, root, variables) = (world.state.clone(), workspace.root.clone(), variables.clone());
    Arc::new(move |entry| {
        let trusted = TrustStore::open(&state).map_err(|error| error.cause)?.of(&root);
        let changed = scripts::changed(&root, std::slice::from_ref(entry), &variables, &trusted);
        changed.first().map_or(Ok(()), |(_, script)| {
            Err(format!(
                "it was not started, because `{script}`, which it starts, is not trusted as it is now; a person looks at it and grants it with `waypost trust`"
            ))
        })
    })
}

/// The variables that entries may name.
fn variables(world: &World, config: &Config) -> Variables {
    let approved = config.mcp.approved_env.iter().cloned();
    Variables::approved(approved, |name| world.variable(name))
}
