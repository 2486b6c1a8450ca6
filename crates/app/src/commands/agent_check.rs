//! `waypost agent check`: what is wrong with the files of agents, skills, powers and prompts. Judges nothing itself.

use exchange::lines::Lines;
use exchange::place::Located;
use exchange::sarif;
use lint::{Basis, Finding, Place};
use roster::{Reading, What};
use spec::{Diagnostic, Severity, Span};

use super::roster_rows as rows;
use crate::cli::{AgentCheck, RosterFormat};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::mcp_servers;
use crate::roster::rows::RosterChecked;
use crate::roster::{Found, Here, Thing};
use crate::term::{Term, counted};
use crate::workspace::Workspace;
use crate::world::World;

/// Checks.
pub(crate) fn run(world: &World, screen: &Screen, flags: &AgentCheck) -> Outcome<Exit> {
    let (here, _, _) = rows::load(world)?;
    let mut all: Vec<(String, Diagnostic)> = here.found().iter().flat_map(of).collect();
    all.extend(duplicates(&here));
    all.extend(servers(&here, &mcp_servers::names(world, &Workspace::find(world)?)));
    all.sort_by(|(a, x), (b, y)| (a, x.span.offset).cmp(&(b, y.span.offset)));
    let count = |what: What| number(here.found().iter().filter(|found| found.what() == what).count());
    let of_severity =
        |severity: Severity| number(all.iter().filter(|(_, found)| found.severity == severity).count());
    let checked = RosterChecked {
        agents: count(What::Agent),
        skills: count(What::Skill),
        powers: count(What::Power),
        prompts: count(What::Prompt),
        errors: of_severity(Severity::Error),
        warnings: of_severity(Severity::Warning),
        problems: all.iter().map(|(file, found)| rows::problem(&here, file, found)).collect(),
    };
    match flags.format {
        RosterFormat::Sarif if !screen.json() => screen.term.line(sarif(&here, &all).trim_end()),
        RosterFormat::Json if !screen.json() => {
            screen.term.line(&serde_json::to_string_pretty(&checked).map_err(Error::failed)?);
        }
        _ => screen.document(&checked, |checked| words(&screen.term, checked)),
    }
    Ok(if checked.errors > 0 { Exit::Failed } else { Exit::Done })
}

/// What is odd about one file. A file that is not used at all has at least one error, whatever else is said.
fn of(found: &Found) -> Vec<(String, Diagnostic)> {
    let (mut diagnostics, why) = found.diagnostics();
    if let Some(why) = why
        && !diagnostics.iter().any(|(_, one)| one.severity == Severity::Error)
    {
        diagnostics.push((
            found.manifest.clone(),
            Diagnostic {
                code: "roster/left-out",
                severity: Severity::Error,
                span: Span::default(),
                message: format!("the {} is left out: {why}", found.what().name()),
                hint: None,
            },
        ));
    }
    diagnostics
}

/// What is odd about the servers of agents: entries that cannot be had, and words for tools of servers that there are not. `names` are all
/// that there are.
fn servers(here: &Here, names: &[String]) -> Vec<(String, Diagnostic)> {
    let mut all = Vec::new();
    for found in here.found() {
        let Thing::Agent(Reading::Read(agent)) = &found.thing else { continue };
        let nobody = agent.without_server(names).map(|word| Diagnostic {
            code: "agent/unknown-server",
            severity: Severity::Warning,
            span: word.span,
            message: format!("`{}` names no MCP server that there is", word.word),
            hint: Some("`waypost mcp list` shows those that there are".to_string()),
        });
        let told = mcp_servers::problems(agent).into_iter().chain(nobody);
        all.extend(told.map(|one| (found.manifest.clone(), one)));
    }
    all
}

/// Files that lose to another of the same name.
fn duplicates(here: &Here) -> Vec<(String, Diagnostic)> {
    let all = here.all();
    let lost = all.left_out.iter().filter(|left| !left.is_wrong);
    let of_file = |file: &str| here.found().iter().find(|found| found.file == file);
    lost.filter_map(|left| {
        let manifest = of_file(&left.file)?.manifest.clone();
        let message = format!("the {} `{}` is not used: {}", left.what.name(), left.name, left.why);
        let hint = Some("give it another name, or remove one".to_string());
        let (severity, span) = (Severity::Hint, Span::default());
        Some((manifest, Diagnostic { code: "roster/same-name", severity, span, message, hint }))
    })
    .collect()
}

fn sarif(here: &Here, all: &[(String, Diagnostic)]) -> String {
    let findings: Vec<Finding> = all
        .iter()
        .map(|(file, found)| Finding {
            rule: found.code,
            severity: found.severity,
            basis: Basis::Read,
            place: Place { spec: String::new(), file: file.clone(), span: found.span },
            subject: None,
            message: found.message.clone(),
            hint: found.hint.clone(),
            related: Vec::new(),
            fix: None,
        })
        .collect();
    let locate = |place: &Place| {
        let region = here.bytes(&place.file).map(|bytes| Lines::of(bytes).region(bytes, place.span));
        Located { path: place.file.clone(), region }
    };
    let version = env!("CARGO_PKG_VERSION");
    sarif::write(&sarif::Input { version, findings: &findings, rules: &[], locate: &locate })
}

fn words(term: &Term, checked: &RosterChecked) -> String {
    let mut lines = rows::problem_words(term, &checked.problems);
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let number = |n: u32, one: &str| counted(n as usize, one, &format!("{one}s"));
    lines.push(format!(
        "{}, {}, {}, {}: {}, {}",
        number(checked.agents, "agent"),
        number(checked.skills, "skill"),
        number(checked.powers, "power"),
        number(checked.prompts, "prompt"),
        number(checked.errors, "error"),
        number(checked.warnings, "warning"),
    ));
    lines.join("\n")
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
