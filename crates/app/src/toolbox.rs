//! Which tools a session gets, and what the agent that leads it adds and takes away. The tools themselves live in their own rooms.

use std::sync::Arc;

use conversation::{Fragment, Model, Tool};
use mcp::servers::Servers;
use policy::Gate;
use roster::Origin;
use roster::agent::Agent;
use roster::skill::Skill;

use crate::agent_commits::Commits;
use crate::error::Outcome;
use crate::house::{Common, House};
use crate::mcp_servers::{self, Brought, Sources};
use crate::roster::cast::{self, Cast};
use crate::roster::power_tool::PowerTool;
use crate::roster::skill_tool::SkillTool;
use crate::roster::{self as here, Here};
use crate::subagents::{self, Crew, Subagents};
use crate::term::Style;
use crate::web_tools;

/// The tools that only read: what a planning session may use.
const READERS: [&str; 4] = ["read", "list", "glob", "grep"];

/// How much of an agent's greeting is shown.
const WELCOME_CHARS_MAX: usize = 2_000;

/// How many things that are left out are named.
const NAMED_MAX: usize = 20;

/// What a session works with.
pub(crate) struct Set {
    pub(crate) tools: Vec<Box<dyn Tool>>,
    /// What its hooks and parts are made from; its servers are to be ended when the session is over.
    pub(crate) crew: Crew,
    /// What the agent that leads the session is told.
    pub(crate) fragments: Vec<Fragment>,
    /// The id of the agent that leads it.
    pub(crate) agent: Option<String>,
}

/// Who leads a session.
pub(crate) struct Lead<'a> {
    /// What answers.
    pub(crate) model: &'a Arc<dyn Model>,
    /// Whether the person named the model for this run: its parts answer with it, too.
    pub(crate) is_named: bool,
    /// The agent, by its id or name.
    pub(crate) agent: Option<&'a str>,
}

/// Everything for a session of its own. The gate gets the rules that come with servers and the agent that leads, and is narrowed to
/// that agent's grant. `known` are servers that an earlier session of this run met.
pub(crate) fn session(
    house: &House,
    gate: &mut Gate,
    lead: Lead<'_>,
    known: Option<&Arc<Servers>>,
) -> Outcome<Set> {
    let Lead { model, is_named, agent } = lead;
    let here = Here::load(&house.world, &house.workspace)?;
    let usable = here.usable();
    let closed: Vec<&str> = here.untrusted().map(|found| found.name.as_str()).take(NAMED_MAX).collect();
    if !closed.is_empty() && known.is_none() {
        house.screen.notice(&format!(
            "left out, because they are not trusted as they are now: {} (`waypost trust` shows and grants)",
            closed.join(", ")
        ));
    }
    let cast = match agent {
        Some(name) => {
            let (home, root) = (&house.world.home, &house.workspace.root);
            let listed = crate::limits::with_lists(gate.policy(), &house.held.ground);
            let cast = Cast::of(home, root, &here, &usable, &listed, name)?;
            cast.notes.iter().for_each(|note| house.screen.notice(note));
            if let Some(welcome) = cast.agent.welcome.as_ref().filter(|_| house.screen.interactive()) {
                let told: String = welcome.chars().take(WELCOME_CHARS_MAX).collect();
                house.screen.progress_lines(Style::Plain, told.trim());
            }
            let mut policy = gate.policy().clone();
            for problem in policy.load(&cast.rules) {
                house.screen.notice(&crate::limits::tell(&problem));
            }
            *gate = Gate::new(policy);
            Some(cast)
        }
        None => None,
    };
    let sources = Sources { brought: by_powers(house, &usable), ..Sources::default() };
    let lead: Option<Arc<Agent>> = cast.as_ref().map(|cast| Arc::new(cast.agent.clone()));
    let sources = lead.iter().fold(sources, |sources, agent| sources.with(agent));
    let sees = mcp_servers::sees(lead.iter().cloned().collect());
    let offer = mcp_servers::tools(house, gate, model.limits().context, known, &sources, &sees)?;
    offer.told.iter().for_each(|told| house.screen.notice(told));
    if let Some(cast) = &cast {
        let grant = cast::grant(&house.world.home, &cast.agent, Some(&offer.servers));
        *gate = Gate::new(gate.policy().narrowed_to(grant));
    }
    let agents = subagents(house, &here, &usable);
    let powers = PowerTool::of(&usable, &here);
    let crew = Crew::new(&house.common, model).with(&offer.servers, agents, &usable.skills, powers);
    let crew = Crew { sources: Arc::new(sources), seen_by: lead.into_iter().collect(), ..crew };
    let crew = crew.answering_with(is_named);
    let mut tools = of(&crew)?;
    tools.extend(crew.power_tool());
    tools.extend(offer.tools);
    let (mut fragments, agent) = (Vec::new(), cast.as_ref().map(|cast| cast.agent.id.clone()));
    if cast.is_none() {
        tools.extend(skills(&usable.skills));
    }
    if let Some(mut cast) = cast {
        tools.append(&mut cast.tools);
        cast::keep(&cast.agent, &mut tools, &|name| offer.servers.origin(name));
        fragments = cast.fragments;
    }
    Ok(Set { tools, crew, fragments, agent })
}

/// Who carries out the agents of hooks where no session is around them: with the servers of this workspace, none started, and the
/// agents that parts can be given to; and what a person is told of the servers. The gate gets the rules that come with them.
pub(crate) fn of_hooks(
    common: &Arc<Common>,
    model: &Arc<dyn Model>,
    gate: &mut Gate,
) -> Outcome<(Crew, Vec<String>)> {
    let here = Here::load(&common.world, &common.workspace)?;
    let usable = here.usable();
    let sources = Sources { brought: by_powers(common, &usable), ..Sources::default() };
    let sees = mcp_servers::sees(Vec::new());
    let offer = mcp_servers::tools(common, gate, model.limits().context, None, &sources, &sees)?;
    let agents = subagents(common, &here, &usable);
    let powers = PowerTool::of(&usable, &here);
    let crew = Crew::new(common, model).with(&offer.servers, agents, &usable.skills, powers);
    Ok((Crew { sources: Arc::new(sources), ..crew }, offer.told))
}

/// The servers of the powers that may be used.
pub(crate) fn by_powers(common: &Common, usable: &roster::Roster) -> Vec<Brought> {
    let by_power = |power: &roster::power::Power| {
        let root = mcp_servers::folder(&common.world, &common.workspace, power);
        Brought::by_power(power, &root.to_string_lossy())
    };
    usable.powers.iter().filter_map(by_power).collect()
}

/// The tools of a session of this crew, but for those of its agent and of MCP servers at the top.
pub(crate) fn of(crew: &Crew) -> Outcome<Vec<Box<dyn Tool>>> {
    let common = &crew.common;
    let mut all = own(common);
    let servers = crew.servers.as_ref();
    let remote = |name: &str| {
        let (server, called) = name.split_once('/')?;
        let servers = servers?;
        // That the person's settings search with it is no matter of agents.
        let sees = mcp_servers::sees(Vec::new());
        let offered = mcp_servers::offered(common, servers, crew.model.limits().context, &sees).tools;
        let is_it = |(of, tool): (String, String)| of == server && tool == called;
        offered.into_iter().find(|tool| servers.origin(&tool.describe().name).is_some_and(is_it))
    };
    all.extend(web_tools::tools(&common.world, &common.config, &remote)?);
    if crew.depth > 0
        && let Some(servers) = &crew.servers
    {
        let sees = mcp_servers::sees(crew.seen_by.clone());
        all.extend(mcp_servers::offered(common, servers, crew.model.limits().context, &sees).tools);
    }
    if crew.may_share() {
        all.push(Box::new(Subagents::new(crew.clone(), crew.agents.as_ref().clone())));
    }
    Ok(all)
}

/// The tool that opens these skills.
pub(crate) fn skills(skills: &[Skill]) -> Option<Box<dyn Tool>> {
    SkillTool::of(skills.to_vec()).map(|tool| -> Box<dyn Tool> { Box::new(tool) })
}

/// Only the tools that read. A session with these can change nothing, whatever it is told.
pub(crate) fn readers(house: &Common) -> Vec<Box<dyn Tool>> {
    let mut all = own(house);
    all.retain(|tool| READERS.contains(&tool.describe().name.as_str()));
    all
}

/// The built-in tools; their commands are held, and what they commit is looked into.
fn own(common: &Common) -> Vec<Box<dyn Tool>> {
    tools::all(Arc::new(Commits {
        hold: Arc::clone(&common.held.hold),
        world: common.world.clone(),
        workspace: common.workspace.clone(),
    }))
}

/// The agents that parts can be given to: the built-in ones, and those of the person and the repository that may be used.
fn subagents(common: &Common, here: &Here, usable: &roster::Roster) -> Vec<subagents::Agent> {
    let mut agents = subagents::built_in();
    for (id, description) in here::available_subagents(usable) {
        let written = usable.agents.iter().find(|agent| agent.id == id && agent.origin != Origin::BuiltIn);
        let Some(agent) = written else { continue };
        let prompt = cast::prompt(here, agent).unwrap_or_else(|why| {
            common.screen.notice(&why);
            String::new()
        });
        let made = subagents::Agent {
            id,
            description,
            prompt: Some(prompt).filter(|prompt| !prompt.trim().is_empty()),
            grant: None,
            keeps: Some(Arc::new(agent.clone())),
            reads_only: false,
            at_once: roster::grant::only_reads(agent),
        };
        // One of the repository stands in the place of a built-in one of its name, and is the first where that was.
        match agents.iter_mut().find(|built_in| built_in.id == made.id) {
            Some(built_in) => *built_in = made,
            None => agents.push(made),
        }
    }
    agents
}
