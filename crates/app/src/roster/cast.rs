//! An agent in a session: its words, its tools, its grant, its rules, what it brings. Starts nothing; the session does.
#![expect(clippy::disallowed_methods, reason = "the home directory is resolved here")]

use std::path::Path;

use conversation::{Fragment, FragmentKind, Tool};
use globset::GlobMatcher;
use mcp::servers::Servers;
use policy::{Grant, Policy, RuleFile};
use roster::agent::{Agent, Prompt};
use roster::resource::Resource;
use roster::skill::Skill;
use roster::tools::{KNOWLEDGE, ToolInfo};
use roster::{LeftOut, Roster};

use super::Here;
use super::knowledge_tool::KnowledgeTool;
use super::resources::{matcher, resources};
use super::skill_tool::SkillTool;
use crate::error::{Error, Outcome};
use crate::framed;

/// Names of all tools of Waypost's own that a session can have.
const OWN_TOOLS: [&str; 15] = [
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
    "web_search",
    "subagent",
    "skill",
    "power",
    KNOWLEDGE,
];

/// What an agent brings into a session.
pub(crate) struct Cast {
    /// The agent.
    pub(crate) agent: Agent,
    /// What it is told, and its resources, behind the fragments that every session has.
    pub(crate) fragments: Vec<Fragment>,
    /// Its permissions as a file of rules of the scope `agent`, for the policy of a session that it leads: there they may also
    /// allow. Not for a sub-agent, which never has more than its parent.
    pub(crate) rules: RuleFile,
    /// The tools that come with its resources.
    pub(crate) tools: Vec<Box<dyn Tool>>,
    /// What the person should know: resources that were left out, rules that could not be said.
    pub(crate) notes: Vec<String>,
}

impl Cast {
    /// The agent of this name, made ready. `root` is the resolved workspace and `home` the person's. `policy` is the session's,
    /// before it is narrowed: resources that it does not let be read unasked are left out.
    pub(crate) fn of(
        home: &Path,
        root: &Path,
        here: &Here,
        usable: &Roster,
        policy: &Policy,
        name: &str,
    ) -> Outcome<Cast> {
        let agent = find(here, usable, name)?.clone();
        let mut notes = Vec::new();
        let mut fragments = Vec::new();
        let words = prompt(here, &agent).unwrap_or_else(|why| {
            notes.push(why);
            String::new()
        });
        let words = format!("<agent name=\"{}\">\n{}\n</agent>", framed::attribute(&agent.id), words.trim());
        fragments.push(Fragment::new(FragmentKind::Steering, format!("agent {}", agent.id), words));
        fragments.extend(resources(home, root, &agent, policy, &mut notes));
        Ok(Cast {
            rules: agent.permissions.rule_file(&agent.file),
            tools: brought(home, root, &agent, &usable.skills),
            fragments,
            notes,
            agent,
        })
    }
}

/// The most that an agent may do, in a session with these servers. The session's policy is narrowed to it, always. `home` is the
/// person's.
pub(crate) fn grant(home: &Path, agent: &Agent, servers: Option<&Servers>) -> Grant {
    let entries = servers.map(Servers::entries).unwrap_or_default();
    let used = entries.iter().filter(|entry| agent.uses_server(&entry.name));
    let starts: Vec<policy::Request> = used
        .flat_map(|entry| servers.map_or_else(Vec::new, |all| all.wanted_to_start(&entry.name)))
        .collect();
    roster::grant::grant(agent, home.canonicalize().ok().as_deref(), &starts)
}

/// Takes away the tools that the agent does not have. `of_server` says of a tool's name in the session from which server it is
/// and what it is called there; `None` for one of ours.
pub(crate) fn keep(
    agent: &Agent,
    tools: &mut Vec<Box<dyn Tool>>,
    of_server: &dyn Fn(&str) -> Option<(String, String)>,
) {
    let info = |tool: &dyn Tool| {
        let name = tool.describe().name;
        match of_server(&name) {
            Some((server, called)) => ToolInfo::of_server(&server, &called, &name),
            None => ToolInfo::of(&name),
        }
    };
    let infos: Vec<ToolInfo> = tools.iter().map(|tool| info(tool.as_ref())).collect();
    let kept = agent.tools_of(&infos);
    let mut at = 0;
    tools.retain(|_| {
        let keeps = infos.get(at).is_some_and(|info| kept.contains(&info.name.as_str()));
        at += 1;
        keeps
    });
}

/// The agent of an id or name, if it may be used; else why not, with the next step.
pub(crate) fn find<'r>(here: &Here, usable: &'r Roster, name: &str) -> Outcome<&'r Agent> {
    if let Some(agent) = usable.agent(name) {
        return Ok(agent);
    }
    let is_it = |left: &&LeftOut| left.what == roster::What::Agent && left.name == name;
    if let Some(left) = usable.left_out.iter().find(is_it) {
        let error = Error::usage(format!("the agent `{name}` is not used: {}", left.why));
        return Err(match here.trust(&left.file).is_good() {
            true => error.hint(format!("mend {}; `waypost agent check` says where", left.file)),
            false => error.hint(format!("read it, then: waypost trust {} --yes", left.file)),
        });
    }
    let names: Vec<&str> = usable.agents.iter().map(|agent| agent.id.as_str()).take(30).collect();
    Err(Error::usage(format!("there is no agent `{name}`")).hint(format!("there are: {}", names.join(", "))))
}

/// What an agent is told.
pub(crate) fn prompt(here: &Here, agent: &Agent) -> Result<String, String> {
    match &agent.prompt {
        Prompt::Inline(words) => Ok(words.clone()),
        Prompt::File { path, .. } => {
            let shown = if agent.file.starts_with("~/") { format!("~/{path}") } else { path.clone() };
            let bytes = here.trusted_bytes(&shown);
            let bytes =
                bytes.map_err(|why| format!("the prompt `{shown}` of `{}` is left out: {why}", agent.id))?;
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

/// The tools of Waypost's own that an agent gets.
pub(crate) fn own_tools(agent: &Agent) -> Vec<String> {
    let infos: Vec<ToolInfo> = OWN_TOOLS.iter().map(|name| ToolInfo::of(name)).collect();
    agent.tools_of(&infos).into_iter().map(str::to_string).collect()
}

/// The tools that come with an agent's resources: for its skills, those that it names, else all; for its knowledge bases.
pub(crate) fn brought(home: &Path, root: &Path, agent: &Agent, skills: &[Skill]) -> Vec<Box<dyn Tool>> {
    let skill = SkillTool::of(named(agent, skills)).map(|tool| -> Box<dyn Tool> { Box::new(tool) });
    let knowledge = KnowledgeTool::of(home, root, agent).map(|tool| -> Box<dyn Tool> { Box::new(tool) });
    skill.into_iter().chain(knowledge).collect()
}

fn named(agent: &Agent, skills: &[Skill]) -> Vec<Skill> {
    let globs: Vec<&str> = agent
        .resources
        .iter()
        .filter_map(|resource| match resource {
            Resource::Skill { glob, .. } => Some(glob.as_str()),
            _ => None,
        })
        .collect();
    if globs.is_empty() {
        return skills.to_vec();
    }
    let matchers: Vec<GlobMatcher> = globs.iter().filter_map(|glob| matcher(glob)).collect();
    let is_named = |skill: &&Skill| {
        let file = format!("{}/SKILL.md", skill.folder);
        matchers.iter().any(|matcher| matcher.is_match(&file) || matcher.is_match(&skill.folder))
    };
    skills.iter().filter(is_named).cloned().collect()
}

#[cfg(test)]
#[path = "cast_tests.rs"]
mod tests;
