//! Rows that the commands around agents, skills, powers and prompts share, and how they look. Reads nothing.

use exchange::lines::Lines;
use roster::agent::Agent;
use roster::paths::package_of;
use roster::{Origin, Roster, What};
use spec::{Diagnostic, Severity};

use crate::error::{Error, Outcome};
use crate::face::Screen;
use crate::roster::rows::{AgentRow, LeftOutRow, ProblemRow, ThingRow, ThingShown};
use crate::roster::{Here, Trust, cast};
use crate::term::{Style, Term, glimpse, one_line, sanitise};

/// Characters of a description in a list.
const DESCRIPTION_CHARS: usize = 90;

/// Whose something is, for a person: of the workspace's also the package.
pub(super) fn whose(origin: Origin, file: &str) -> String {
    match package_of(file) {
        package if origin == Origin::Workspace && !package.is_empty() => format!("package {package}"),
        _ => origin.name().to_string(),
    }
}

/// The word for a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}

/// A finding with its line and column.
pub(super) fn problem(here: &Here, file: &str, found: &Diagnostic) -> ProblemRow {
    let bytes = here.bytes(file).unwrap_or_default();
    let region = Lines::of(bytes).region(bytes, found.span);
    ProblemRow {
        file: file.to_string(),
        line: region.start_line,
        column: region.start_column,
        severity: severity(found.severity).to_string(),
        rule: found.code.to_string(),
        message: found.message.clone(),
        hint: found.hint.clone(),
    }
}

/// An agent as a row.
pub(super) fn agent(here: &Here, usable: &Roster, agent: &Agent) -> AgentRow {
    let trust = if agent.origin == Origin::BuiltIn { Trust::Own } else { here.trust(&agent.file) };
    let matters = agent.diagnostics.iter().filter(|found| found.severity != Severity::Hint).count();
    AgentRow {
        agent: agent.id.clone(),
        name: agent.name.clone(),
        description: agent.description.clone(),
        origin: whose(agent.origin, &agent.file),
        file: agent.file.clone(),
        format: agent.format.name().to_string(),
        usable: usable.agents.iter().any(|one| one.id == agent.id && one.file == agent.file),
        trust: if agent.origin == Origin::BuiltIn { "built in".to_string() } else { trust.words() },
        tools: cast::own_tools(agent),
        problems: u32::try_from(matters).unwrap_or(u32::MAX),
    }
}

/// What does not count, of one kind.
pub(super) fn left_out(roster: &Roster, what: What) -> Vec<LeftOutRow> {
    let of = roster.left_out.iter().filter(|left| left.what == what);
    of.map(|left| LeftOutRow {
        file: left.file.clone(),
        kind: what.name().to_string(),
        why: left.why.clone(),
    })
    .collect()
}

/// Lines for what does not count.
pub(super) fn left_out_words(term: &Term, rows: &[LeftOutRow]) -> Vec<String> {
    let mut lines = Vec::new();
    if !rows.is_empty() {
        lines.push(String::new());
        lines.push(term.style(Style::Bold, "Left out:"));
    }
    lines.extend(rows.iter().map(|row| one_line(&format!("  {}: {}", row.file, row.why))));
    lines
}

/// A skill, power or prompt in a line.
pub(super) fn thing_words(term: &Term, row: &ThingRow) -> String {
    let state = if row.usable { row.origin.clone() } else { format!("{}, {}", row.origin, row.trust) };
    let style = if row.usable { Style::Dim } else { Style::Yellow };
    format!(
        "{}  {}  {}",
        term.style(Style::Bold, &one_line(&format!("{:<28}", row.name))),
        one_line(&glimpse(&row.description, DESCRIPTION_CHARS)),
        term.style(style, &one_line(&format!("({state})")))
    )
}

/// An agent in a line.
pub(super) fn agent_words(term: &Term, row: &AgentRow) -> String {
    let problems = match row.problems {
        0 => String::new(),
        1 => "; 1 problem".to_string(),
        count => format!("; {count} problems"),
    };
    let trust = if row.usable { String::new() } else { format!(", {}", row.trust) };
    let style = if row.usable && row.problems == 0 { Style::Dim } else { Style::Yellow };
    format!(
        "{}  {}  {}",
        term.style(Style::Bold, &one_line(&format!("{:<28}", row.agent))),
        one_line(&glimpse(row.description.as_deref().unwrap_or("no description"), DESCRIPTION_CHARS)),
        term.style(style, &one_line(&format!("({}{trust}{problems})", row.origin)))
    )
}

/// Lines for findings.
pub(super) fn problem_words(term: &Term, rows: &[ProblemRow]) -> Vec<String> {
    let mut lines = Vec::new();
    for row in rows {
        let style = match row.severity.as_str() {
            "error" => Style::Red,
            "warning" => Style::Yellow,
            _ => Style::Dim,
        };
        let place = format!("{}:{}:{}", row.file, row.line, row.column);
        lines.push(format!(
            "{}  {} {}",
            term.style(Style::Bold, &one_line(&place)),
            term.style(style, &row.severity),
            one_line(&row.message)
        ));
        let hint = row.hint.as_deref().map(|hint| format!("{hint}; ")).unwrap_or_default();
        lines.push(term.style(Style::Dim, &one_line(&format!("    {hint}{}", row.rule))));
    }
    lines
}

/// A skill, power or prompt that is not there, or is left out.
pub(super) fn missing(roster: &Roster, what: What, name: &str, names: Vec<&str>) -> Error {
    let word = what.name();
    let is_it = |left: &&roster::LeftOut| left.what == what && left.name == name;
    if let Some(left) = roster.left_out.iter().find(is_it) {
        return Error::usage(format!("the {word} `{name}` is left out: {}", left.why))
            .hint(format!("mend {}; `waypost agent check` says where", left.file));
    }
    let missing = Error::usage(format!("there is no {word} `{name}`"));
    match names.is_empty() {
        true => missing.hint("put one below .kiro or ~/.kiro; docs/agents.md says where"),
        false => missing.hint(format!("there are: {}", names.join(", "))),
    }
}

/// Says something beside a document; nothing where it is JSON, whose reader expects nothing behind it.
pub(super) fn note(screen: &Screen, text: &str) {
    if !screen.json() {
        screen.notice(text);
    }
}

/// Shows a skill or a power: its text, what is odd about it, and whether a session may use it.
pub(super) fn show(screen: &Screen, shown: &ThingShown) {
    screen.document(shown, |shown| {
        let mut lines = vec![sanitise(shown.text.trim_end())];
        if !shown.problems_found.is_empty() {
            lines.push(String::new());
            lines.extend(problem_words(&screen.term, &shown.problems_found));
        }
        lines.join("\n")
    });
    if !shown.thing.usable {
        unused(screen, &shown.thing.trust, &shown.thing.file);
    }
}

/// Says that no session uses something, and what to do.
pub(super) fn unused(screen: &Screen, trust: &str, file: &str) {
    note(screen, &format!("no session uses it: {trust}; read it, then waypost trust {file}"));
}

/// A number of bytes as a row has it.
pub(super) fn size(text: &str) -> u64 {
    text.len() as u64
}

/// Loads everything here.
pub(super) fn load(world: &crate::world::World) -> Outcome<(Here, Roster, Roster)> {
    let workspace = crate::workspace::Workspace::find(world)?;
    let here = Here::load(world, &workspace)?;
    let (all, usable) = (here.all(), here.usable());
    Ok((here, all, usable))
}
