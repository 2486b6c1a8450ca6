//! `waypost agent show`: one agent as it would be in a session here.

use policy::WrittenRule;
use roster::agent::Agent;
use roster::resource::Resource;
use spec::data::Node;

use super::roster_rows as rows;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::roster::cast;
use crate::roster::rows::AgentShown;
use crate::term::{Style, Term, one_line, sanitise};
use crate::world::World;

/// Names shown of hooks and servers.
const NAMES_MAX: usize = 200;

/// Shows.
pub(crate) fn run(world: &World, screen: &Screen, name: &str) -> Outcome<Exit> {
    let (here, all, usable) = rows::load(world)?;
    let agent = cast::find(&here, &all, name)?;
    let mut notes = Vec::new();
    let prompt = cast::prompt(&here, agent).unwrap_or_else(|why| {
        notes.push(why);
        String::new()
    });
    let words = |list: &[roster::agent::ToolWord]| list.iter().map(|word| word.word.clone()).collect();
    let shown = AgentShown {
        agent: rows::agent(&here, &usable, agent),
        model: agent.model.clone(),
        effort: agent.effort.clone(),
        welcome: agent.welcome.clone(),
        prompt,
        wanted_tools: words(&agent.tools),
        excluded_tools: words(&agent.excluded_tools),
        rules: agent.permissions.rules.iter().map(rule).collect(),
        presets: agent.permissions.presets.iter().map(|(name, _)| name.clone()).collect(),
        bound: roster::grant::bound(agent).iter().map(rule).collect(),
        hooks: hooks(agent),
        servers: names(agent.mcp_servers.as_ref()),
        include_mcp_json: agent.include_mcp_json != Some(false),
        include_powers: agent.include_powers,
        resources: agent.resources.iter().map(resource).collect(),
        problems_found: agent
            .diagnostics
            .iter()
            .map(|found| rows::problem(&here, &agent.file, found))
            .collect(),
        notes,
    };
    screen.document(&shown, |shown| text(&screen.term, shown));
    shown.notes.iter().for_each(|note| rows::note(screen, note));
    if !shown.agent.usable {
        rows::unused(screen, &shown.agent.trust, &agent.file);
    }
    Ok(Exit::Done)
}

fn rule(rule: &WrittenRule) -> String {
    let matches = if rule.matches.is_empty() { "*".to_string() } else { rule.matches.join(", ") };
    let except = match rule.excludes.is_empty() {
        true => String::new(),
        false => format!(" except {}", rule.excludes.join(", ")),
    };
    let effect = rule.effect.map_or("ask", policy::Effect::name);
    format!("{effect} {}:{matches}{except}", rule.capability)
}

fn resource(resource: &Resource) -> String {
    match resource {
        Resource::File { glob, .. } => format!("file {glob}"),
        Resource::Skill { glob, .. } => format!("skill {glob}"),
        Resource::Knowledge(base) => format!("knowledge base {} in {}", base.name, base.source),
    }
}

/// Hooks by what they are called: a name, or the trigger.
fn hooks(agent: &Agent) -> Vec<String> {
    let Some(hooks) = &agent.hooks else { return Vec::new() };
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_str).map(str::to_string);
    let listed = hooks.items().iter().map(|hook| {
        let trigger = text(hook, "trigger").unwrap_or_else(|| "no trigger".to_string());
        match text(hook, "name") {
            Some(name) => format!("{name} ({trigger})"),
            None => trigger,
        }
    });
    let keyed = hooks.members().iter().map(|(key, hooks)| {
        let count = hooks.items().len();
        if count == 1 { key.name.clone() } else { format!("{} ({count})", key.name) }
    });
    listed.chain(keyed).take(NAMES_MAX).collect()
}

fn names(node: Option<&Node>) -> Vec<String> {
    node.iter().flat_map(|node| node.members()).map(|(key, _)| key.name.clone()).take(NAMES_MAX).collect()
}

fn text(term: &Term, shown: &AgentShown) -> String {
    let mut lines = vec![term.style(Style::Bold, &one_line(&shown.agent.agent))];
    let mut line = |key: &str, value: &str| {
        if !value.is_empty() {
            lines.push(one_line(&format!("  {key:<12} {value}")));
        }
    };
    line("for", shown.agent.description.as_deref().unwrap_or_default());
    line("file", &format!("{} ({}, {})", shown.agent.file, shown.agent.format, shown.agent.trust));
    line("model", shown.model.as_deref().unwrap_or_default());
    line("effort", shown.effort.as_deref().unwrap_or_default());
    line("welcome", shown.welcome.as_deref().unwrap_or_default());
    let or_none = |names: &[String]| if names.is_empty() { "none".to_string() } else { names.join(", ") };
    line("tools", &format!("{} (written: {})", or_none(&shown.agent.tools), or_none(&shown.wanted_tools)));
    line("without", &shown.excluded_tools.join(", "));
    let mut servers = shown.servers.clone();
    servers.extend(shown.include_mcp_json.then(|| "those of mcp.json".to_string()));
    servers.extend(shown.include_powers.then(|| "those of powers".to_string()));
    line("servers", &servers.join(", "));
    line("hooks", &shown.hooks.join(", "));
    line("resources", &shown.resources.join(", "));
    let mut part = |title: &str, rules: &[String]| {
        if !rules.is_empty() {
            lines.push(String::new());
            lines.push(term.style(Style::Bold, title));
            lines.extend(rules.iter().map(|rule| one_line(&format!("  {rule}"))));
        }
    };
    let presets = shown.presets.iter().map(|name| format!("preset {name}"));
    let own: Vec<String> = shown.rules.iter().cloned().chain(presets).collect();
    part("Its own rules:", &own);
    part("The most that it may do:", &shown.bound);
    if !shown.problems_found.is_empty() {
        lines.push(String::new());
        lines.extend(rows::problem_words(term, &shown.problems_found));
    }
    lines.push(String::new());
    lines.push(term.style(Style::Bold, "What it is told:"));
    lines.push(if shown.prompt.is_empty() { "nothing".to_string() } else { sanitise(&shown.prompt) });
    lines.join("\n")
}
