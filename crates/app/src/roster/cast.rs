//! An agent in a session: its words, its tools, its grant, its rules, what it brings. Starts nothing; the session does.
#![expect(clippy::disallowed_methods, reason = "resources of an agent are read here")]

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use conversation::{Fragment, FragmentKind, Tool};
use globset::{GlobBuilder, GlobMatcher};
use policy::{Capability, Effect, Grant, Origin as Asker, Policy, Request, RuleFile, Target};
use roster::agent::{Agent, Prompt};
use roster::resource::Resource;
use roster::skill::Skill;
use roster::tools::ToolInfo;
use roster::{LeftOut, Roster};
use spec::data::Node;

use super::Here;
use crate::error::{Error, Outcome};

/// Files that the resources of one agent bring.
const RESOURCE_FILES_MAX: usize = 50;
/// Bytes that they bring together.
const RESOURCES_BYTES_MAX: usize = 512 * 1024;
/// The largest of them.
const RESOURCE_BYTES_MAX: u64 = 256 * 1024;
/// Entries of the workspace that are looked at for one glob.
const WALKED_MAX: usize = 100_000;

/// Names of all tools of Waypost's own that a session can have.
const OWN_TOOLS: [&str; 14] = [
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
];

/// What an agent brings into a session.
pub(crate) struct Cast {
    /// The agent.
    pub(crate) agent: Agent,
    /// What it is told, and its resources, behind the fragments that every session has.
    pub(crate) fragments: Vec<Fragment>,
    /// The most that it may do. The session's policy is narrowed to it, always.
    pub(crate) grant: Grant,
    /// Its permissions as a file of rules of the scope `agent`, for the policy of a session that it leads: there they may also
    /// allow. Not for a sub-agent, which never has more than its parent.
    pub(crate) rules: RuleFile,
    /// Its own servers, as they stand in its file.
    pub(crate) mcp: Option<Node>,
    /// The skills that it may open: those that its resources name, else all.
    pub(crate) skills: Vec<Skill>,
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
        let words = format!("<agent name=\"{}\">\n{}\n</agent>", agent.id, words.trim());
        fragments.push(Fragment::new(FragmentKind::Steering, format!("agent {}", agent.id), words));
        fragments.extend(resources(root, &agent, policy, &mut notes));
        let home = home.canonicalize().ok();
        Ok(Cast {
            grant: roster::grant::grant(&agent, home.as_deref()),
            rules: agent.permissions.rule_file(&agent.file),
            mcp: agent.mcp_servers.clone(),
            skills: skills(usable, &agent),
            fragments,
            notes,
            agent,
        })
    }
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

/// The skills of an agent: those that its resources name, else all.
fn skills(usable: &Roster, agent: &Agent) -> Vec<Skill> {
    let globs: Vec<&str> = agent
        .resources
        .iter()
        .filter_map(|resource| match resource {
            Resource::Skill { glob, .. } => Some(glob.as_str()),
            _ => None,
        })
        .collect();
    if globs.is_empty() {
        return usable.skills.clone();
    }
    let matchers: Vec<GlobMatcher> = globs.iter().filter_map(|glob| matcher(glob)).collect();
    let is_named = |skill: &&Skill| {
        let file = format!("{}/SKILL.md", skill.folder);
        matchers.iter().any(|matcher| matcher.is_match(&file) || matcher.is_match(&skill.folder))
    };
    usable.skills.iter().filter(is_named).cloned().collect()
}

fn matcher(glob: &str) -> Option<GlobMatcher> {
    let glob = glob.trim_start_matches("./");
    Some(GlobBuilder::new(glob).literal_separator(true).build().ok()?.compile_matcher())
}

fn resources(root: &Path, agent: &Agent, policy: &Policy, notes: &mut Vec<String>) -> Vec<Fragment> {
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut bytes_left = RESOURCES_BYTES_MAX;
    for resource in &agent.resources {
        match resource {
            Resource::Skill { .. } => {}
            Resource::Knowledge(base) => {
                let text = format!(
                    "There is material about `{}` in `{}`; search it with `grep` when it matters.",
                    roster_line(&base.name),
                    roster_line(&base.source)
                );
                fragments.push(Fragment::new(
                    FragmentKind::Steering,
                    format!("knowledge {}", base.name),
                    text,
                ));
            }
            Resource::File { glob, .. } => {
                let files = files_of(root, glob);
                if files.is_empty() {
                    notes.push(format!("the resource `{}` names no file", roster_line(glob)));
                }
                for file in files {
                    if fragments.len() >= RESOURCE_FILES_MAX {
                        notes
                            .push(format!("only {RESOURCE_FILES_MAX} files of the resources are brought in"));
                        return fragments;
                    }
                    match read(root, &file, policy) {
                        Ok(text) if text.len() <= bytes_left => {
                            bytes_left -= text.len();
                            let text = format!("<resource file=\"{file}\">\n{}\n</resource>", text.trim());
                            fragments.push(Fragment::new(FragmentKind::Steering, &file, text));
                        }
                        Ok(_) => notes
                            .push(format!("the resource `{file}` is left out: together they are too large")),
                        Err(why) => notes.push(format!("the resource `{file}` is left out: {why}")),
                    }
                }
            }
        }
    }
    fragments
}

/// Files below the workspace that a glob names, in order, from the root.
fn files_of(root: &Path, glob: &str) -> Vec<String> {
    let Some(path) = roster::paths::below("", glob) else { return Vec::new() };
    if !path.contains(['*', '?', '[', '{']) {
        return if root.join(&path).is_file() { vec![path] } else { Vec::new() };
    }
    let Some(matcher) = matcher(&path) else { return Vec::new() };
    // From the last folder before the first wildcard.
    let plain: Vec<&str> = path.split('/').take_while(|name| !name.contains(['*', '?', '[', '{'])).collect();
    let start = root.join(plain.join("/"));
    let mut walk = listing::walk(&start, &[], |_| true);
    let inside = walk.max_depth(Some(16)).build().flatten().take(WALKED_MAX).filter_map(|entry| {
        let path = entry.path().strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/");
        (entry.file_type()?.is_file() && !path.starts_with(".git/") && matcher.is_match(&path))
            .then_some(path)
    });
    let mut files: Vec<String> = inside.take(RESOURCE_FILES_MAX * 4).collect();
    files.sort();
    files
}

fn read(root: &Path, file: &str, policy: &Policy) -> Result<String, String> {
    let place = tools::resolve(root, file).map_err(|error| error.to_string())?;
    if place.relative().is_none() {
        return Err("it leads out of the workspace".to_string());
    }
    let absolute = place.absolute().to_path_buf();
    let request =
        Request { capability: Capability::FsRead, target: Target::Path(place), origin: Asker::Waypost };
    let decision = policy.decide(&request);
    if decision.effect != Effect::Allow {
        return Err(decision.reason);
    }
    let data = std::fs::symlink_metadata(&absolute).map_err(|error| error.to_string())?;
    if data.nlink() > 1 && policy.closes_by_pattern().0 {
        return Err("it has several names (hard links), and rules close files by name".to_string());
    }
    if !data.is_file() || data.len() > RESOURCE_BYTES_MAX {
        return Err(format!("it is no file, or larger than {} KiB", RESOURCE_BYTES_MAX / 1024));
    }
    let bytes = std::fs::read(&absolute).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_string())
}

/// A word of a file on one line.
fn roster_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

#[cfg(test)]
#[path = "cast_tests.rs"]
mod tests;
