//! `waypost policy list`: the rules in force in the order in which they are looked at, and the lists of paths.

use policy::{IgnoreFile, ListKind};

use crate::cli::PolicyList;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::in_force::{InForce, at};
use crate::policy_reports::{PolicyListFile, PolicyListed, PolicyProblem, PolicyRule};
use crate::term::{Style, Term, counted, one_line};
use crate::world::World;

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen, flags: &PolicyList) -> Outcome<Exit> {
    let force = InForce::read(world, &flags.flags, None, false)?;
    let listed = PolicyListed {
        mode: force.policy.mode().name().to_string(),
        trusted: force.is_trusted,
        rules: force.policy.rules().iter().map(|rule| force.row(&rule.cite())).collect(),
        files: force.files.iter().map(|file| file.display().to_string()).collect(),
        lists: force.lists.iter().map(list).collect(),
        problems: force.problem_rows(),
    };
    screen.document(&listed, |listed| words(&screen.term, listed));
    Ok(Exit::Done)
}

fn list(list: &IgnoreFile) -> PolicyListFile {
    let names = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let count = |text: &String| {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        u32::try_from(text.lines().filter(names).count()).unwrap_or(u32::MAX)
    };
    PolicyListFile {
        file: list.file.clone(),
        kind: match list.kind {
            ListKind::Invisible => "invisible",
            ListKind::ReadOnly => "never written",
            ListKind::NotDiscovered => "left out",
        }
        .to_string(),
        base: list.base.clone(),
        patterns: list.text.as_ref().ok().map(count),
    }
}

fn words(term: &Term, listed: &PolicyListed) -> String {
    let mut lines = vec![term.style(Style::Bold, "Rules, deny over ask over allow:")];
    lines.extend(listed.rules.iter().map(|rule| format!("  {}", rule_words(term, rule))));
    let mode = match listed.mode.as_str() {
        "autopilot" => "autopilot: writing in the workspace is allowed where no rule speaks",
        _ => "supervised: writing asks where no rule speaks",
    };
    lines.push(String::new());
    lines.push(mode.to_string());
    if !listed.trusted {
        lines.push("this workspace is not trusted: every command asks (waypost trust)".to_string());
    }
    lines.push(String::new());
    if listed.lists.is_empty() {
        lines.push("no lists of paths".to_string());
    } else {
        lines.push(term.style(Style::Bold, "Lists of paths:"));
    }
    for list in &listed.lists {
        let count = match list.patterns {
            Some(count) => counted(count as usize, "pattern", "patterns"),
            None => "cannot be read: its directory closes".to_string(),
        };
        let below = if list.base.is_empty() { String::new() } else { format!(" below {}", list.base) };
        lines.push(one_line(&format!("  {:<14} {}  {count}{below}", list.kind, list.file)));
    }
    lines.extend(problem_lines(term, &listed.problems));
    lines.join("\n")
}

/// A rule in a line.
pub(super) fn rule_words(term: &Term, rule: &PolicyRule) -> String {
    let style = match rule.effect.as_str() {
        "deny" => Style::Red,
        "ask" => Style::Yellow,
        _ => Style::Green,
    };
    let place = match &rule.file {
        Some(file) => format!("{}, {}", rule.scope, at(file, rule.line)),
        None => rule.scope.clone(),
    };
    format!(
        "{} {} {}",
        term.style(style, &format!("{:<5}", rule.effect)),
        one_line(&rule.rule),
        term.style(Style::Dim, &one_line(&format!("({place})")))
    )
}

/// What is wrong with files, behind everything else.
pub(super) fn problem_lines(term: &Term, problems: &[PolicyProblem]) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in problems {
        let follows = if problem.voids { "; until it is mended what it may close asks" } else { "" };
        let text = format!("{}: {}{follows}", at(&problem.file, problem.line), problem.what);
        let style = if problem.voids { Style::Red } else { Style::Yellow };
        let word = if problem.voids { "void:" } else { "note:" };
        lines.push(format!("{} {}", term.style(style, word), one_line(&text)));
    }
    if !lines.is_empty() {
        lines.insert(0, String::new());
    }
    lines
}
