//! The most that an agent may do, as a grant of `policy`: what its tools need and its permissions do not close. Only takes
//! away; what it allows beyond the rules of the person is [`crate::permissions::Permissions::rule_file`].

use std::path::Path;

use policy::{
    Capability, Contents, Effect, Grant, Mode, Policy, Request, Rule, RuleFile, Scope, Source, WrittenRule,
};

use crate::agent::Agent;
use crate::tools::{KNOWLEDGE, ToolInfo, Wanted};

/// Each of our tools and the capabilities that it needs.
const NEEDS: [(&str, &[Capability]); 14] = [
    ("read", &[Capability::FsRead, Capability::Diagnostics]),
    ("list", &[Capability::FsRead]),
    ("glob", &[Capability::FsRead]),
    ("grep", &[Capability::FsRead]),
    ("edit", &[Capability::FsWrite, Capability::FsRead]),
    ("write", &[Capability::FsWrite]),
    ("shell", &[Capability::Shell, Capability::SandboxNetwork]),
    ("process", &[Capability::Shell]),
    ("todo", &[Capability::Context]),
    ("web_fetch", &[Capability::WebFetch]),
    ("web_search", &[Capability::WebSearch]),
    ("subagent", &[Capability::Subagent]),
    ("skill", &[Capability::Skill, Capability::Context]),
    ("power", &[Capability::Power]),
];

/// The capabilities that the tools of an agent need. `Mcp` is among them when it names a server at all.
pub fn capabilities(agent: &Agent) -> Vec<Capability> {
    let tools: Vec<ToolInfo> = NEEDS.iter().map(|(name, _)| ToolInfo::of(name)).collect();
    let has = agent.tools_of(&tools);
    let needed = NEEDS.iter().filter(|(name, _)| has.contains(name)).flat_map(|(_, needs)| needs.iter());
    let mut held: Vec<Capability> = needed.copied().collect();
    let wanted = agent.wanted(&agent.tools);
    if wanted.iter().any(|word| matches!(word, Wanted::All | Wanted::Tag(crate::tools::Category::Spec))) {
        held.extend([Capability::Diagnostics, Capability::Context]);
    }
    if wanted
        .iter()
        .any(|word| matches!(word, Wanted::All | Wanted::Mcp | Wanted::Powers | Wanted::Server(..)))
    {
        held.push(Capability::Mcp);
    }
    if agent.include_powers {
        held.push(Capability::Power);
    }
    held.sort_unstable();
    held.dedup();
    held
}

/// Whether it can change nothing: no tool of it writes, runs, reaches or gives parts away, and it brings no server and no hook.
pub fn only_reads(agent: &Agent) -> bool {
    use Capability::{Context, Diagnostics, FsRead, Power, Skill};
    let is_quiet = |held: &Capability| matches!(held, FsRead | Diagnostics | Context | Skill | Power);
    agent.mcp_servers.is_none() && agent.hooks.is_none() && capabilities(agent).iter().all(is_quiet)
}

/// The grant. What no tool of the agent needs is denied; what its permissions deny or ask about is denied or asked about;
/// the rest is left to the policy that the grant narrows. `home` is the resolved home directory, for patterns with `~/`; `starts` are
/// what the servers that it uses need to be started, exactly.
pub fn grant(agent: &Agent, home: Option<&Path>, starts: &[Request]) -> Grant {
    let rules = bound(agent);
    let outside = if agent.permissions.denies_other_commands { Effect::Deny } else { Effect::Ask };
    // Where other commands are denied, those that a preset names are not others.
    let presets =
        if agent.permissions.denies_other_commands { agent.permissions.presets.clone() } else { Vec::new() };
    let contents = Contents::Rules { rules, presets };
    let file = RuleFile { scope: Scope::Agent, file: agent.file.clone(), contents };
    let exactly =
        |request: &Request| Rule::exact_text(request.capability, &request.target.shown(), Source::Agent);
    let rules = compiled(&file, home).into_iter().chain(starts.iter().map(exactly)).collect();
    Grant::new(&format!("agent {}", agent.id), &Capability::ALL, rules, outside).of_agent()
}

/// The same as rules, for a person to read.
pub fn bound(agent: &Agent) -> Vec<WrittenRule> {
    let rule = |capability: Capability, effect: Effect, matches: Vec<String>| WrittenRule {
        capability: capability.name().to_string(),
        effect: Some(effect),
        matches,
        ..WrittenRule::default()
    };
    let held = capabilities(agent);
    let starts: &[Capability] = match held.contains(&Capability::Mcp) {
        true => &[Capability::Shell, Capability::SandboxNetwork],
        false => &[],
    };
    let mut rules = Vec::new();
    for capability in Capability::ALL {
        if capability == Capability::FsRead && !held.contains(&capability) && searches(agent) {
            // No tool of it reads anything but these.
            let package = crate::paths::package_of(&agent.file);
            let near = |source: &str| {
                let is_inside = !package.is_empty() && !source.starts_with(['/', '~']);
                is_inside.then(|| of_source(&format!("{package}/{}", source.trim_start_matches("./"))))
            };
            let sources = agent.knowledge().map(|base| base.source.as_str());
            let matches = sources
                .flat_map(|source| of_source(source).into_iter().chain(near(source).into_iter().flatten()))
                .collect();
            rules.push(rule(capability, Effect::Allow, matches));
        } else if !held.contains(&capability) && starts.contains(&capability) {
            // Its servers are started by these, and it has no tool that asks for more of them.
        } else if !held.contains(&capability) {
            rules.push(rule(capability, Effect::Deny, Vec::new()));
        } else if capability == Capability::Mcp {
            rules.extend(servers(agent).map(|matches| rule(capability, Effect::Allow, matches)));
        } else if capability == Capability::Subagent
            && let Some(names) = &agent.permissions.subagents
        {
            let effect = if names.is_empty() { Effect::Deny } else { Effect::Allow };
            rules.push(rule(capability, effect, names.clone()));
        } else if capability != Capability::Shell || !agent.permissions.denies_other_commands {
            rules.push(rule(capability, Effect::Allow, Vec::new()));
        }
    }
    for excluded in agent.wanted(&agent.excluded_tools) {
        if let Wanted::Server(server, tool) = excluded {
            let pattern = format!("{server}/{}", tool.unwrap_or("*")).replace('?', "*");
            rules.push(rule(Capability::Mcp, Effect::Deny, vec![pattern]));
        }
    }
    let permissions = &agent.permissions;
    let is_own = |rule: &&WrittenRule| {
        rule.effect != Some(Effect::Allow)
            || permissions.denies_other_commands
                && Capability::named(&rule.capability).contains(&Capability::Shell)
    };
    rules.extend(permissions.rules.iter().filter(is_own).cloned());
    if permissions.void.is_some() {
        rules.push(WrittenRule {
            capability: "all".to_string(),
            effect: Some(Effect::Ask),
            ..WrittenRule::default()
        });
    }
    rules
}

/// Whether it has the tool that searches knowledge bases.
fn searches(agent: &Agent) -> bool {
    !agent.tools_of(&[ToolInfo::of(KNOWLEDGE)]).is_empty()
}

/// Patterns for what a knowledge base reads: its source itself, and what lies below.
fn of_source(source: &str) -> [String; 2] {
    let mut plain = String::new();
    for c in source.trim_start_matches("./").trim_end_matches('/').chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => plain.extend(['[', c, ']']),
            c => plain.push(c),
        }
    }
    match plain.as_str() {
        "" | "." => ["**".to_string(), "**".to_string()],
        _ => [format!("{plain}/**"), plain],
    }
}

/// Patterns for the calls of servers that it may make: `None` inside a list means all of them.
fn servers(agent: &Agent) -> impl Iterator<Item = Vec<String>> {
    let words = agent.wanted(&agent.tools);
    words.into_iter().filter_map(|word| match word {
        Wanted::All | Wanted::Mcp => Some(Vec::new()),
        Wanted::Powers => Some(vec![format!("{}*", crate::power::SERVER_PREFIX)]),
        Wanted::Server(server, tool) => Some(vec![format!("{server}/{}", tool.unwrap_or("*"))]),
        _ => None,
    })
}

/// Rules as `policy` reads those of a file.
fn compiled(file: &RuleFile, home: Option<&Path>) -> Vec<Rule> {
    let mut policy = Policy::new(Mode::Supervised, &[]);
    if let Some(home) = home {
        policy = policy.at_home(home);
    }
    let problems = policy.load(file);
    if problems.iter().any(|problem| problem.voids) {
        // A pattern that `policy` cannot read voids a file there; here it closes everything that is not allowed anyway.
        return all_ask();
    }
    policy.rules().iter().filter(|rule| rule.source() == Source::Agent).cloned().collect()
}

fn all_ask() -> Vec<Rule> {
    Rule::read("all:*", Effect::Ask, Source::Agent).into_iter().collect()
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
