//! Parts of a session that agents of their own carry out: who there is, what each may do, and how a part is run. The tool by which the
//! model asks for them is `subagents::tool`.

mod face;
mod tool;

use std::sync::{Arc, Mutex};

use conversation::{Cost, Ended, Fragment, FragmentKind, Model, Outcome as Ending, Purpose, Spent, Tool};
use hooks::{Chain, Guards};
use mcp::servers::Servers;
use policy::{Capability, Effect, Gate, Grant, Policy, Taint};
use roster::skill::Skill;

use crate::error::Outcome;
use crate::hooking::Tellings;
use crate::house::Common;
use crate::mcp_servers::{self, Sources};
use crate::models::{self, Role};
use crate::roster::cast;
use crate::roster::power_tool::PowerTool;
use crate::roster::resources::resources;
use crate::session::{self, Order};
use crate::toolbox;

pub(crate) use face::PartFace;
pub(crate) use tool::Subagents;

/// How deep parts may have parts.
const DEPTH_MAX: u32 = 3;
/// The most answers of one part.
pub(crate) const TURNS_MAX: u32 = 50;

/// An agent that a part can be given to.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    /// Its id.
    pub(crate) id: String,
    /// What it is for: the model chooses by it.
    pub(crate) description: String,
    /// How it works, beside what every session is told.
    pub(crate) prompt: Option<String>,
    /// What it may do at most, beside what follows from whose tools it keeps.
    pub(crate) grant: Option<Grant>,
    /// Who says which tools it has; all of them when `None`.
    pub(crate) keeps: Option<Arc<roster::agent::Agent>>,
    /// Whether it has the tools that only read, and no others.
    pub(crate) reads_only: bool,
    /// Whether it can change nothing, so that several may work at once.
    pub(crate) at_once: bool,
}

/// What every part of a session is made from.
#[derive(Clone)]
pub(crate) struct Crew {
    pub(crate) common: Arc<Common>,
    pub(crate) model: Arc<dyn Model>,
    /// Whether the person named the model, for this run or in the settings: a part has no other then.
    pub(crate) is_model_named: bool,
    /// Inside how many sessions these parts lie.
    pub(crate) depth: u32,
    /// The MCP servers that the whole has started or may start.
    pub(crate) servers: Option<Arc<Servers>>,
    /// From where they come.
    pub(crate) sources: Arc<Sources>,
    /// The agents inside which the work lies: what one of them does not have is not seen.
    pub(crate) seen_by: Vec<Arc<roster::agent::Agent>>,
    /// Who parts can be given to.
    pub(crate) agents: Arc<Vec<Agent>>,
    /// The skills that parts may open.
    pub(crate) skills: Arc<[Skill]>,
    /// What led to these sessions, when it was a hook: its agent, and all parts of that.
    pub(crate) cause: Option<Chain>,
    /// What keeps the hooks of such sessions from running away: that of the session around.
    pub(crate) guards: Option<Arc<Mutex<Guards>>>,
    /// What opens powers, where there are some.
    pub(crate) powers: Option<Arc<PowerTool>>,
    /// What hooks inside calls were told of files.
    pub(crate) tellings: Arc<Tellings>,
}

/// A part that is to be carried out.
pub(crate) struct Part<'a> {
    /// The session that it is a part of.
    pub(crate) parent: &'a str,
    /// The call of that session inside which it lies.
    pub(crate) call: &'a str,
    /// Whose part it is.
    pub(crate) agent: &'a Agent,
    /// What is to be done.
    pub(crate) words: String,
    /// Files that it is about, from the root: their steering is in force from the start.
    pub(crate) paths: Vec<String>,
    /// What the parent may do; the part may do that at most.
    pub(crate) policy: &'a Policy,
    /// What the parent took in from outside: the words were written after that.
    pub(crate) taint: &'a Taint,
    /// What is left of the parent's money, when that is limited.
    pub(crate) cost_left: Option<Cost>,
    /// What is left of the parent's turns: what the part asks for counts as asked for by the parent.
    pub(crate) turns_left: u32,
}

/// What came of a part.
pub(crate) struct PartCame {
    /// Its session.
    pub(crate) session: String,
    pub(crate) ended: Ended,
    /// Its last words.
    pub(crate) answer: String,
    pub(crate) spent: Spent,
    /// What it took in from outside.
    pub(crate) took_in: Taint,
}

/// The agents that are always there.
pub(crate) fn built_in() -> Vec<Agent> {
    vec![
        Agent {
            id: "general-purpose".to_string(),
            description: "does a part of the work with all tools".to_string(),
            prompt: None,
            grant: None,
            keeps: None,
            reads_only: false,
            at_once: false,
        },
        Agent {
            id: "context-gatherer".to_string(),
            description: "finds out how something works here; changes nothing".to_string(),
            prompt: Some(GATHER.to_string()),
            grant: Some(looks_only("context-gatherer")),
            keeps: None,
            reads_only: true,
            at_once: true,
        },
    ]
}

const GATHER: &str = "You find things out for another agent. Answer its question with paths, line numbers, names and short quotes, \
    so that it need not look again; say what you looked for and did not find.";

/// The grant of who only looks: nothing is written, run, sent or reached.
pub(crate) fn looks_only(name: &str) -> Grant {
    let closed = [
        Capability::FsWrite,
        Capability::Shell,
        Capability::Mcp,
        Capability::WebFetch,
        Capability::WebSearch,
        Capability::Power,
        Capability::Subagent,
        Capability::SandboxNetwork,
    ];
    Grant::new(name, &closed, Vec::new(), Effect::Deny).of_agent()
}

impl Crew {
    /// The crew of a session that has no servers and gives no parts to agents of the repository: one that writes a document.
    pub(crate) fn new(common: &Arc<Common>, model: &Arc<dyn Model>) -> Crew {
        let (agents, skills) = (Arc::new(built_in()), Arc::default());
        let is_model_named = models::is_set(&common.config, Role::Execute);
        let (common, model, sources) = (Arc::clone(common), Arc::clone(model), Arc::default());
        Crew {
            common,
            model,
            depth: 0,
            servers: None,
            sources,
            seen_by: Vec::new(),
            agents,
            skills,
            cause: None,
            guards: None,
            powers: None,
            tellings: Arc::default(),
            is_model_named,
        }
    }

    /// The same with these servers, with these agents for parts, and with these skills and powers for them.
    pub(crate) fn with(
        self,
        servers: &Arc<Servers>,
        agents: Vec<Agent>,
        skills: &[Skill],
        powers: Option<PowerTool>,
    ) -> Crew {
        let (servers, agents, skills) = (Some(Arc::clone(servers)), Arc::new(agents), skills.into());
        Crew { servers, agents, skills, powers: powers.map(Arc::new), ..self }
    }

    /// The tool that opens powers, where there are some.
    pub(crate) fn power_tool(&self) -> Option<Box<dyn Tool>> {
        self.powers.as_ref().map(|powers| -> Box<dyn Tool> { Box::new(powers.as_ref().clone()) })
    }

    /// Ends the servers that it started.
    pub(crate) async fn end(&self) {
        if let Some(servers) = &self.servers {
            servers.stop_all().await;
        }
    }

    /// The same; with `is_named` no part has a model of its own.
    pub(crate) fn answering_with(self, is_named: bool) -> Crew {
        Crew { is_model_named: self.is_model_named || is_named, ..self }
    }

    /// The model that the agent of a part names, where it may: the person has named none, and a limit on money can be kept with it.
    fn model_of(&self, part: &Part<'_>) -> Option<Arc<dyn Model>> {
        let agent = part.agent.keeps.as_ref()?;
        let wanted = agent.model.as_ref().filter(|_| !self.is_model_named)?;
        let Common { world, config, screen, .. } = self.common.as_ref();
        let model = models::of_agent(world, config, wanted, agent.effort.as_deref());
        let model = model.and_then(|model| match part.cost_left {
            Some(_) if model.price().is_none() => {
                Err("its price is not known, and this session has a limit on money".to_string())
            }
            _ => Ok(model),
        });
        match model {
            Ok(model) => Some(model),
            Err(why) => {
                let agent = &part.agent.id;
                screen.notice(&format!("the model `{wanted}` of the agent `{agent}` is not used: {why}"));
                None
            }
        }
    }

    /// Whether a session of this crew may give parts away.
    pub(crate) fn may_share(&self) -> bool {
        self.depth < DEPTH_MAX
    }

    /// Carries out a part to its end. What it may do is the parent's policy, narrowed; what it spends is at most what the
    /// parent has left.
    pub(crate) async fn carry_out(&self, part: Part<'_>) -> Outcome<PartCame> {
        let mut inside = Crew { depth: self.depth + 1, ..self.clone() };
        inside.seen_by.extend(part.agent.keeps.clone());
        if let Some(model) = self.model_of(&part) {
            inside.model = model;
        }
        let has_others = |agent: &&Arc<roster::agent::Agent>| {
            agent.mcp_servers.is_some()
                || agent.include_mcp_json == Some(false) && !self.sources.leaves_out_files
        };
        let mut own = None;
        if let Some(agent) = part.agent.keeps.as_ref().filter(has_others) {
            inside.sources = Arc::new(self.sources.as_ref().clone().with(agent));
            own = Some(mcp_servers::of_part(&self.common, &inside.sources, &agent.file)?);
            inside.servers = own.clone();
        }
        let of_keeps = |agent: &Arc<roster::agent::Agent>| {
            cast::grant(&self.common.world.home, agent, inside.servers.as_deref())
        };
        let grants = part.agent.grant.clone().into_iter().chain(part.agent.keeps.as_ref().map(of_keeps));
        let tainted = part.policy.clone().tainted(part.taint);
        let policy = grants.fold(tainted, |policy, grant| policy.narrowed_to(grant));
        let mut tools = match part.agent.reads_only {
            true => toolbox::readers(&self.common),
            false => toolbox::of(&inside)?,
        };
        let prompt = part.agent.prompt.as_ref();
        let fragment =
            |text: &String| Fragment::new(FragmentKind::Task, format!("agent {}", part.agent.id), text);
        let mut fragments: Vec<Fragment> = prompt.map(fragment).into_iter().collect();
        match &part.agent.keeps {
            Some(agent) => {
                let Common { world, workspace, held, screen, .. } = self.common.as_ref();
                tools.extend(cast::brought(&world.home, &workspace.root, agent, &self.skills));
                tools.extend(self.power_tool());
                let origin = |name: &str| inside.servers.as_ref()?.origin(name);
                cast::keep(agent, &mut tools, &origin);
                // What it brings is named in its file, which was trusted: the parent's rules count, and not which tools it has.
                let listed = crate::limits::with_lists(part.policy, &held.ground);
                let mut notes = Vec::new();
                fragments.extend(resources(&world.home, &workspace.root, agent, &listed, &mut notes));
                notes.iter().for_each(|note| screen.notice(note));
            }
            None if part.agent.reads_only => {}
            None => {
                tools.extend(toolbox::skills(&self.skills));
                tools.extend(self.power_tool());
            }
        }
        let id = session::new_id();
        let _inside = self.tellings.enter(&id, part.parent, part.call);
        let order = Order {
            id,
            purpose: Purpose::Part { parent: part.parent.to_string(), agent: part.agent.id.clone() },
            crew: inside,
            tools,
            gate: Gate::new(policy),
            fragments,
            paths: part.paths,
            words: part.words,
            turns_max: part.turns_left.min(TURNS_MAX),
            cost_max: part.cost_left,
            is_last: true,
            agent: Some(part.agent.id.clone()),
            reached: None,
        };
        let face = PartFace::new(Arc::clone(&self.common.screen), &part.agent.id);
        // Boxed: a part may have parts, and a future cannot lie in itself.
        let came = Box::pin(session::begin_in(&face, order)).await;
        if let Some(own) = own {
            own.stop_all().await;
        }
        let came = came?;
        Ok(PartCame {
            session: came.session,
            ended: came.ended,
            answer: came.answer,
            spent: came.spent,
            took_in: came.took_in,
        })
    }
}

impl PartCame {
    /// Whether it came to a good end.
    pub(crate) fn is_done(&self) -> bool {
        self.ended.outcome == Ending::Done
    }
}
