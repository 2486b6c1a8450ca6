//! `waypost hooks list`: every hook that was found, and what was dropped and why. Runs nothing.

use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::hook_reports::{HookProblem, HookRow, HooksListed};
use crate::hooks_here;
use crate::term::{Style, Term, counted, glimpse, sanitise};
use crate::workspace::Workspace;
use crate::world::World;

/// Characters of a command line or prompt that are shown; `--json` has all.
const SHOWN_MAX: usize = 100;

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let loaded = hooks_here::load(world, &workspace)?;
    let listed = HooksListed {
        hooks: loaded.hooks.iter().map(hooks_here::Here::row).collect(),
        problems: loaded.problems,
    };
    screen.document(&listed, |listed| words(&screen.term, listed));
    Ok(Exit::Done)
}

fn words(term: &Term, listed: &HooksListed) -> String {
    let mut lines: Vec<String> = listed.hooks.iter().flat_map(|row| hook_lines(term, row)).collect();
    if listed.hooks.is_empty() {
        let next = "write .kiro/settings/hooks.yaml or .kiro/hooks/NAME.json (docs/hooks.md)";
        lines.push(format!("no hooks here; {next}"));
    }
    if !listed.problems.is_empty() {
        lines.push(String::new());
        lines.extend(listed.problems.iter().flat_map(|problem| problem_lines(term, problem)));
    }
    let untrusted = listed.hooks.iter().filter(|row| row.trust != "own" && row.trust != "trusted").count();
    if untrusted > 0 {
        lines.push(String::new());
        let what = counted(untrusted, "hook is not trusted", "hooks are not trusted");
        lines.push(format!("{what} and will not run; read them, then: waypost trust"));
    }
    lines.join("\n")
}

/// A hook in a few lines.
pub(super) fn hook_lines(term: &Term, row: &HookRow) -> Vec<String> {
    let style = if row.runs { Style::Green } else { Style::Dim };
    let mut head = format!("{}  {}", term.style(style, &sanitise(&row.name)), row.trigger);
    if row.matcher != "*" {
        head.push_str(&format!("  {}", sanitise(&glimpse(&row.matcher, SHOWN_MAX))));
    }
    let sign = if row.action == "command" { "$" } else { ">" };
    let mut state = vec![row.grant.clone(), trust_words(&row.trust).to_string()];
    if !row.enabled {
        state.insert(0, "off".to_string());
    }
    if let Some(agent) = &row.agent {
        state.push(format!("only in sessions of {agent}"));
    }
    let place = format!("{}:{} ({}); {}", row.file, row.line, row.format, state.join(", "));
    vec![
        head,
        format!("    {sign} {}", sanitise(&glimpse(&row.does, SHOWN_MAX))),
        term.style(Style::Dim, &format!("    {}", sanitise(&place))),
    ]
}

fn trust_words(trust: &str) -> &str {
    match trust {
        "own" => "yours",
        "changed" => "changed since it was trusted",
        "untrusted" => "not trusted",
        other => other,
    }
}

/// A problem in two lines.
pub(super) fn problem_lines(term: &Term, problem: &HookProblem) -> Vec<String> {
    let style = match problem.severity {
        "error" => Style::Red,
        "warning" => Style::Yellow,
        _ => Style::Dim,
    };
    let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
    let hint = problem.hint.as_deref().map(|hint| format!("{hint}; ")).unwrap_or_default();
    vec![
        format!(
            "{}  {} {}",
            term.style(Style::Bold, &sanitise(&place)),
            term.style(style, problem.severity),
            sanitise(&problem.message)
        ),
        term.style(Style::Dim, &sanitise(&format!("    {hint}{}", problem.code))),
    ]
}
