//! `waypost mcp list`, `test`, `accept`, `login` and `logout`: looks at servers and agrees to them. Every start is a decision at the
//! gate, on record.

use std::sync::Arc;

use mcp::config::Entry;
use mcp::described::Described;
use mcp::lock::Lock;
use mcp::servers::{Servers, Status};
use policy::{Admission, Answer, Ask, Gate, Permit};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{McpAccept, McpList, McpName, SessionFlags};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::mcp_servers::{self, Named, Printed, Sources};
use crate::roster::{Here, cast};
use crate::term::{counted, one_line, text_line};
use crate::toolbox;
use crate::world::{self, World};

/// The journal of what commands do with servers, beside those of sessions and specs.
const JOURNAL: &str = "@mcp";

/// A row of `waypost mcp list`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct McpRow {
    name: String,
    /// `user`, `workspace`, `package` or `agent` (what an agent or a power brings).
    scope: String,
    /// The file that names it.
    file: String,
    /// `stdio`, `http` or `sse`.
    transport: String,
    /// The command line or the address, variables by name.
    reach: String,
    /// `off`, `disabled`, `ready`, `failed`, `needs login`, `stopped` or `broken`.
    status: String,
    /// Why it cannot be had, and what was left out.
    notes: Vec<String>,
    /// How many tools are agreed to.
    tools: usize,
    /// `new`, `agreed`, `changed`.
    lock: String,
}

/// What `waypost mcp test` and `waypost mcp accept` show.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct McpShown {
    name: String,
    version: String,
    /// The revision of the protocol that is spoken.
    protocol: String,
    tools: Vec<McpTool>,
    /// What differs from what was agreed to.
    changed: String,
    /// What was left out, and why.
    notes: Vec<String>,
}

/// One tool.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct McpTool {
    name: String,
    description: String,
    /// About how many tokens its description costs.
    tokens: u64,
    /// What the server claims of its effects; nobody checked it.
    claims: Vec<String>,
    /// `agreed`, `changed`, `new` or `switched off`.
    state: String,
}

/// The servers of this workspace and the way to permits for them.
pub(super) struct Desk {
    house: House,
    gate: Gate,
    /// What is known of agents that bring servers, each with these.
    agents: Vec<(roster::agent::Agent, Vec<String>)>,
    pub(super) servers: Arc<Servers>,
    broken: Vec<(String, String)>,
}

impl Desk {
    /// The servers of the files and of powers, and those of an agent that is named.
    pub(super) fn open(world: World, screen: Arc<Screen>, agent: Option<&str>) -> Outcome<Desk> {
        let house = House::open(world, screen)?;
        let gate = house.gate(&SessionFlags::default(), &[])?;
        let here = Here::load(&house.world, &house.workspace)?;
        let usable = here.usable();
        let sources = Sources { brought: toolbox::by_powers(&house, &usable), ..Sources::default() };
        let sources = match agent {
            Some(name) => sources.with(cast::find(&here, &usable, name)?),
            None => sources,
        };
        let bring = |agent: &roster::agent::Agent| {
            let servers = agent.mcp_servers.as_ref()?.members();
            Some((agent.clone(), servers.iter().map(|(key, _)| key.name.clone()).collect()))
        };
        let agents = usable.agents.iter().filter_map(bring).collect();
        let named = mcp_servers::named(&house.world, &house.config, &house.workspace, &sources)?;
        named.told.iter().for_each(|told| house.screen.notice(told));
        let (servers, broken) = met(&house, named)?;
        let mut desk = Desk { house, gate, agents, servers, broken };
        desk.let_start();
        Ok(desk)
    }

    /// The rules that come with the files of the servers.
    fn let_start(&mut self) {
        mcp_servers::rules(&self.servers.entries()).into_iter().for_each(|rule| self.gate.add(rule));
    }

    pub(super) fn entry(&self, name: &str) -> Outcome<Entry> {
        let entries = self.servers.entries();
        let found = entries.iter().find(|entry| entry.name == name || entry.server.name == name);
        found.cloned().ok_or_else(|| {
            let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
            let missing = Error::usage(format!("there is no MCP server `{name}` here"));
            let brings = |(_, servers): &&(_, Vec<String>)| servers.iter().any(|server| server == name);
            if let Some((agent, _)) = self.agents.iter().find(brings) {
                return missing.hint(format!("the agent `{0}` brings one: --agent {0}", agent.id));
            }
            match names.is_empty() {
                true => missing.hint("waypost mcp add --help says how one is added"),
                false => missing.hint(format!("the servers here are: {}", names.join(", "))),
            }
        })
    }

    /// Starts a server: a decision at the gate like any other. That the person typed its name is the answer where the gate asks.
    async fn start(&mut self, name: &str) -> Outcome<()> {
        self.started(name).await.map(drop)
    }

    /// The same, with the permit by which it was started.
    pub(super) async fn started(&mut self, name: &str) -> Outcome<Permit> {
        let requests = self.servers.start_requests(name).map_err(Error::failed)?;
        let mut journal = self.house.store.create_or_open_spec(JOURNAL)?;
        let by = self.house.screen.person().to_string();
        let ask = Ask {
            call: format!("mcp-start-{name}-{}", world::session_id()),
            requests,
            answer: Some(Answer { yes: true, always: false, by }),
        };
        let admitted = self.gate.admit(&mut journal, vec![ask]).map_err(Error::failed)?.pop();
        let permit = match admitted {
            Some(Admission::Permitted(permit)) => permit,
            Some(Admission::Denied(decision)) => {
                return Err(Error {
                    exit: Exit::Denied,
                    ..Error::failed(format!("denied by {}", decision.reason))
                });
            }
            Some(Admission::Unanswered(decision)) => return Err(Error::needs_answer(decision.reason)),
            None => return Err(Error::failed("the gate gave no answer")),
        };
        let started = self.servers.start(name, &permit).await;
        for why in journal.close()? {
            self.house.screen.notice(&format!("the record is signed and not anchored at {why}"));
        }
        started.map_err(|why| {
            Error::failed(why).hint(format!("waypost mcp list shows how `{name}` is started"))
        })?;
        Ok(permit)
    }

    fn shown(&self, entry: &Entry) -> McpShown {
        let known = self.servers.known(&entry.name).unwrap_or_default();
        let state = |tool: &Described| {
            if entry.is_switched_off(&tool.name) {
                "switched off"
            } else if known.changed.changed.contains(&tool.name) {
                "changed"
            } else if known.changed.added.contains(&tool.name) {
                "new"
            } else {
                "agreed"
            }
        };
        let tools = known.described.iter().flatten().map(|tool| McpTool {
            name: tool.name.clone(),
            description: tool.description.clone(),
            tokens: tool.tokens(),
            claims: tool.claims.words().into_iter().map(str::to_string).collect(),
            state: state(tool).to_string(),
        });
        McpShown {
            name: entry.name.clone(),
            version: known.version.clone(),
            protocol: known.protocol.clone(),
            tools: tools.collect(),
            changed: known.changed.tell(),
            notes: known.notes.clone(),
        }
    }

    /// A row for each of its servers.
    async fn rows(&mut self, list: &McpList, lock: &Lock, rows: &mut Vec<McpRow>) {
        let desk = self;
        let screen = Arc::clone(&desk.house.screen);
        for entry in desk.servers.entries() {
            let mut notes = Vec::new();
            if list.start && !entry.server.is_disabled {
                screen.progress(crate::term::Style::Dim, &format!("starting {}", entry.name));
                notes.extend(desk.start(&entry.name).await.err().map(|error| error.cause));
            }
            let known = desk.servers.known(&entry.name).unwrap_or_default();
            let status = desk.servers.status(&entry.name).unwrap_or(Status::Off);
            if let Status::Failed(why) = &status
                && notes.is_empty()
            {
                notes.push(why.clone());
            }
            notes.extend(known.notes.iter().cloned());
            let state = match (
                known.changed.closes(),
                lock.servers.contains_key(&entry.key())
                    || !known.version.is_empty()
                    || known.described.is_some(),
            ) {
                (true, _) => "changed",
                (_, true) => "agreed",
                _ => "new",
            };
            if known.changed.closes() {
                notes.push(format!(
                    "{}; waypost mcp accept {} shows it",
                    known.changed.tell(),
                    entry.words()
                ));
            }
            rows.push(McpRow {
                name: entry.name.clone(),
                scope: entry.scope.word().to_string(),
                file: entry.file.clone(),
                transport: entry.transport().to_string(),
                reach: entry.line().or(entry.origin()).unwrap_or_default(),
                status: status.word().to_string(),
                notes,
                tools: known.tools.len(),
                lock: state.to_string(),
            });
            desk.servers.stop(&entry.name).await;
        }
        for (name, why) in &desk.broken {
            rows.push(McpRow {
                name: name.clone(),
                scope: String::new(),
                file: String::new(),
                transport: String::new(),
                reach: String::new(),
                status: "broken".to_string(),
                notes: vec![why.clone()],
                tools: 0,
                lock: "new".to_string(),
            });
        }
    }
}

type Met = (Arc<Servers>, Vec<(String, String)>);

fn met(house: &House, named: Named) -> Outcome<Met> {
    let broken = named.configured.broken.clone();
    let screen = Arc::clone(&house.screen);
    let servers =
        mcp_servers::servers(&house.world, &house.config, &house.workspace, &house.held, screen, named)?;
    Ok((servers, broken))
}

/// Lists.
pub(crate) async fn list(world: World, screen: Arc<Screen>, list: &McpList) -> Outcome<Exit> {
    let mut desk = Desk::open(world, Arc::clone(&screen), None)?;
    let lock = mcp_servers::lock(desk.house.store.directory())?;
    let mut rows = Vec::new();
    desk.rows(list, &lock, &mut rows).await;
    // Each agent by itself: servers of several may have the same name.
    for (agent, _) in std::mem::take(&mut desk.agents) {
        let sources = Sources { leaves_out_files: true, ..Sources::default() }.with(&agent);
        let house = &desk.house;
        let named = mcp_servers::named(&house.world, &house.config, &house.workspace, &sources)?;
        named.told.iter().for_each(|told| house.screen.notice(told));
        (desk.servers, desk.broken) = met(house, named)?;
        desk.let_start();
        desk.rows(list, &lock, &mut rows).await;
    }
    screen.document(&rows, |rows| words(rows));
    let is_bad = |row: &McpRow| matches!(row.status.as_str(), "failed" | "broken" | "needs login");
    Ok(if rows.iter().any(is_bad) { Exit::Failed } else { Exit::Done })
}

fn words(rows: &[McpRow]) -> String {
    if rows.is_empty() {
        return "no file names an MCP server here; waypost mcp add --help says how one is added".to_string();
    }
    let mut lines = Vec::new();
    for row in rows {
        let tools = counted(row.tools, "tool", "tools");
        lines.push(format!(
            "{:<20} {:<10} {:<6} {:<12} {:<8} {tools:<10} {}",
            one_line(&row.name),
            row.scope,
            row.transport,
            row.status,
            row.lock,
            one_line(&row.reach)
        ));
        if row.scope == mcp::config::Scope::Agent.word() {
            lines.push(format!("  in {}", one_line(&row.file)));
        }
        lines.extend(row.notes.iter().map(|note| format!("  {}", one_line(note))));
    }
    lines.join("\n")
}

/// Starts a server and shows its tools.
pub(crate) async fn test(world: World, screen: Arc<Screen>, named: &McpName) -> Outcome<Exit> {
    let mut desk = Desk::open(world, Arc::clone(&screen), named.agent.as_deref())?;
    let name = &named.name;
    let entry = desk.entry(name)?;
    desk.start(&entry.name).await?;
    let shown = desk.shown(&entry);
    let said = desk.servers.said(&entry.name);
    desk.servers.stop_all().await;
    screen.document(&shown, table);
    said.iter().for_each(|said| screen.notice(said));
    if shown.tools.iter().any(|tool| tool.state == "changed" || tool.state == "new") {
        return Err(Error::needs_answer(format!(
            "`{}` changed since it was agreed to: {}",
            entry.name, shown.changed
        ))
        .hint(format!("read it, then: waypost mcp accept {}", entry.words())));
    }
    Ok(Exit::Done)
}

fn table(shown: &McpShown) -> String {
    let sum: u64 = shown.tools.iter().map(|tool| tool.tokens).sum();
    let mut lines = vec![format!(
        "{} {} speaks {}: {}, about {sum} tokens",
        one_line(&shown.name),
        one_line(&shown.version),
        one_line(&shown.protocol),
        counted(shown.tools.len(), "tool", "tools")
    )];
    for tool in &shown.tools {
        let first = tool.description.lines().next().unwrap_or_default();
        let claims = match tool.claims.is_empty() {
            true => String::new(),
            false => format!(" (it says: {})", tool.claims.join(", ")),
        };
        lines.push(format!(
            "  {:<32} {:>6}  {:<12} {}{claims}",
            one_line(&tool.name),
            tool.tokens,
            tool.state,
            crate::term::glimpse(first, 80)
        ));
    }
    lines.extend(shown.notes.iter().map(|note| format!("  {}", one_line(note))));
    lines.join("\n")
}

/// Shows what changed and agrees to it.
pub(crate) async fn accept(world: World, screen: Arc<Screen>, accept: &McpAccept) -> Outcome<Exit> {
    let mut desk = Desk::open(world, Arc::clone(&screen), accept.agent.as_deref())?;
    let entry = desk.entry(&accept.name)?;
    let before = mcp_servers::lock(desk.house.store.directory())?.servers;
    let before = before.get(&entry.key()).or_else(|| before.get(&entry.name)).cloned();
    desk.start(&entry.name).await?;
    let shown = desk.shown(&entry);
    let known = desk.servers.known(&entry.name).unwrap_or_default();
    let mut lines = vec![table(&shown)];
    for name in known.changed.changed.iter().chain(&known.changed.added) {
        let old = before.as_ref().and_then(|before| before.tools.get(name)).map(|locked| &locked.tool);
        let new = known.described.iter().flatten().find(|tool| tool.name == *name);
        lines.push(format!("\n{}", one_line(name)));
        lines.extend(difference(old, new));
    }
    screen.document(&shown, |_| lines.join("\n"));
    if !known.changed.closes() {
        screen.notice(&format!("`{}` is as it was agreed to", entry.name));
        desk.servers.stop_all().await;
        return Ok(Exit::Done);
    }
    let agreed = accept.yes || screen.confirm("agree to these tools, as they are now?").await == Some(true);
    if !agreed {
        desk.servers.stop_all().await;
        return Err(Error::needs_answer("nothing was agreed to")
            .hint(format!("read it, then: waypost mcp accept {} --yes", entry.words())));
    }
    desk.servers.agree(&entry.name).map_err(Error::failed)?;
    desk.servers.stop_all().await;
    screen.notice(&format!("agreed to `{}` as it is now", entry.name));
    Ok(Exit::Done)
}

/// What differs between two descriptions, line by line.
fn difference(old: Option<&Described>, new: Option<&Described>) -> Vec<String> {
    let text = |tool: Option<&Described>| {
        tool.map(|tool| {
            let schema = serde_json::from_str::<serde_json::Value>(&tool.schema).ok();
            let schema = schema.and_then(|schema| serde_json::to_string_pretty(&schema).ok());
            format!(
                "{}\n{}\n{}\n",
                tool.description,
                schema.unwrap_or_default(),
                tool.claims.words().join(", ")
            )
        })
        .unwrap_or_default()
    };
    const LINES_MAX: usize = 200;
    let Some(compared) = vcs::compare(text(old).as_bytes(), text(new).as_bytes()) else { return Vec::new() };
    let lines = compared.hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| {
        let sign = match line.side {
            vcs::Side::Before => '-',
            vcs::Side::After => '+',
            vcs::Side::Both => ' ',
        };
        format!("  {sign} {}", text_line(&line.text))
    });
    lines.take(LINES_MAX).collect()
}

/// Logs in.
pub(crate) async fn login(world: World, screen: Arc<Screen>, named: &McpName) -> Outcome<Exit> {
    let mut desk = Desk::open(world, Arc::clone(&screen), named.agent.as_deref())?;
    let name = &named.name;
    let entry = desk.entry(name)?;
    if entry.is_program() {
        return Err(Error::usage(format!("`{name}` is a program of this machine and has no login")));
    }
    // What the server says when it refuses is where the login begins.
    match desk.start(&entry.name).await {
        Ok(()) => {
            desk.servers.stop_all().await;
            screen.notice(&format!("`{name}` needs no login now"));
            return Ok(Exit::Done);
        }
        Err(_) if desk.servers.status(&entry.name) == Some(Status::NeedsLogin) => {}
        Err(error) => return Err(error),
    }
    desk.servers.login(&entry.name, &Printed(&screen)).await.map_err(Error::failed)?;
    desk.start(&entry.name).await?;
    desk.servers.stop_all().await;
    screen.notice(&format!("logged in at `{name}`"));
    Ok(Exit::Done)
}

/// Forgets a login.
pub(crate) async fn logout(world: World, screen: Arc<Screen>, named: &McpName) -> Outcome<Exit> {
    let desk = Desk::open(world, Arc::clone(&screen), named.agent.as_deref())?;
    let name = &named.name;
    let entry = desk.entry(name)?;
    desk.servers.logout(&entry.name).await.map_err(Error::usage)?;
    screen.notice(&format!("the login at `{name}` is forgotten here; the server may still know it"));
    Ok(Exit::Done)
}
