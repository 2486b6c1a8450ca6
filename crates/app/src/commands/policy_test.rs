//! `waypost policy test`: whether the rules say what they are meant to say: files, examples, unreachable rules, and the
//! expectations of a team. Judges by `policy` alone.

use std::path::Path;

use policy::{Scope, Taint};

use crate::cli::PolicyTest;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::in_force::{InForce, at, effect_named, judge};
use crate::policy_reports::{PolicyFinding, PolicyTested};
use crate::term::{Style, Term, counted, one_line};
use crate::world::World;

/// The largest file of expectations, in bytes.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// The most expectations of one file.
const EXPECTATIONS_MAX: usize = 10_000;

/// Findings shown in words; `--json` has all.
const SHOWN_MAX: usize = 500;

/// Tests.
pub(crate) fn run(world: &World, screen: &Screen, flags: &PolicyTest) -> Outcome<Exit> {
    let force = InForce::read(world, &flags.flags, None, true)?;
    let mut findings = of_settings(&force);
    findings.extend(of_files(&force));
    findings.extend(unreachable(&force));
    let mut expectations = 0;
    for file in &flags.files {
        let path = world.directory.join(file);
        let found = expected(&force, &path, &file.display().to_string())?;
        expectations += found.0;
        findings.extend(found.1);
    }
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let theirs = force.policy.rules().iter().filter(|rule| rule.source().scope() != Scope::Kiro);
    let examples = force.config.rules.iter().map(|rule| rule.examples.len() + rule.counterexamples.len());
    let lists = force.lists.iter().map(|list| list.file.clone());
    let tested = PolicyTested {
        passed: !findings.iter().any(|finding| finding.fails),
        files: force.files.iter().map(|file| file.display().to_string()).chain(lists).collect(),
        rules: number(theirs.count()),
        examples: number(examples.sum()),
        expectations: number(expectations),
        findings,
    };
    screen.document(&tested, |tested| words(&screen.term, tested));
    Ok(if tested.passed { Exit::Done } else { Exit::Failed })
}

/// The short rules of the settings that cannot be read: no session starts with one.
fn of_settings(force: &InForce) -> Vec<PolicyFinding> {
    let finding = |(line, what): &(Option<u32>, String)| PolicyFinding {
        kind: "malformed".to_string(),
        fails: true,
        file: force.settings(),
        line: *line,
        what: what.clone(),
        hint: Some("no session starts until it is mended".to_string()),
    };
    force.unreadable.iter().map(finding).collect()
}

/// What is wrong with files of rules and lists: void, or a part left out.
fn of_files(force: &InForce) -> Vec<PolicyFinding> {
    let is_list = |file: &str| force.lists.iter().any(|list| list.file == file);
    let problems = force.problems.iter().map(|problem| {
        let (kind, hint) = match (is_list(&problem.file), problem.voids) {
            (true, _) => ("list", "what the list does not name asks below its directory until it is mended"),
            (false, true) => ("void", "nothing in the file counts and everything asks until it is mended"),
            (false, false) => ("left-out", "the rest of the file counts"),
        };
        PolicyFinding {
            kind: kind.to_string(),
            fails: true,
            file: problem.file.to_string(),
            line: (problem.line > 0).then_some(problem.line),
            what: problem.what.clone(),
            hint: Some(hint.to_string()),
        }
    });
    problems.collect()
}

/// Rules that a stricter one covers. Within one scope they contradict each other and fail; that one scope is stricter than
/// another is what scopes are for, so it is only told.
fn unreachable(force: &InForce) -> Vec<PolicyFinding> {
    let shadowed = force.policy.shadowed().into_iter().map(|found| {
        let (rule, by) = (force.row(&found.rule), force.row(&found.by));
        let there = by.file.as_deref().map(|file| format!(", {}", at(file, by.line))).unwrap_or_default();
        PolicyFinding {
            kind: "unreachable".to_string(),
            fails: rule.scope == by.scope,
            file: rule.file.clone().unwrap_or_else(|| "--allow".to_string()),
            line: rule.line,
            what: format!(
                "`{}` ({}) never decides: `{}` ({}, {}{there}) covers it",
                rule.rule, rule.effect, by.rule, by.effect, by.scope
            ),
            hint: Some(format!(
                "remove it, or write what it is about under `exclude` of the other; {} wins over {}",
                by.effect, rule.effect
            )),
        }
    });
    shadowed.collect()
}

/// Holds the expectations of a file against the rules: how many there are, and what is not so.
fn expected(force: &InForce, path: &Path, shown: &str) -> Outcome<(usize, Vec<PolicyFinding>)> {
    let bytes = index::place::read(path)?.ok_or_else(|| {
        Error::usage(format!("there is no file `{shown}`")).hint("waypost policy test --help shows its form")
    })?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Error::usage(format!("`{shown}` is larger than {FILE_BYTES_MAX} bytes"))
            .hint("give several smaller files"));
    }
    let mut findings = Vec::new();
    let mut count = 0;
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = if at == 0 { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line) } else { line };
        let number = u32::try_from(at + 1).ok();
        let mut find = |kind: &str, what: String, hint: Option<String>| {
            let (kind, file) = (kind.to_string(), shown.to_string());
            findings.push(PolicyFinding { kind, fails: true, file, line: number, what, hint });
        };
        let Ok(text) = std::str::from_utf8(line) else {
            find("malformed", "the line is not UTF-8".to_string(), None);
            continue;
        };
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        count += 1;
        if count > EXPECTATIONS_MAX {
            find(
                "malformed",
                format!("there are more than {EXPECTATIONS_MAX} expectations; the rest is not looked at"),
                None,
            );
            break;
        }
        match hold(force, text) {
            Ok(None) => {}
            Ok(Some((what, hint))) => find("expectation", what, Some(hint)),
            Err(what) => {
                find("malformed", what, Some("a line is `allow|ask|deny capability:target`".to_string()));
            }
        }
    }
    Ok((count, findings))
}

/// Holds one expectation against the rules: what is not so, and how to see why.
fn hold(force: &InForce, line: &str) -> Result<Option<(String, String)>, String> {
    let (word, call) =
        line.split_once(char::is_whitespace).ok_or_else(|| format!("`{line}` names no call"))?;
    let wanted = effect_named(word).ok_or_else(|| format!("`{word}` is none of allow, ask and deny"))?;
    let call = call.trim();
    let requests = force.requests(call)?;
    let verdict = judge(&force.policy, &requests, &Taint::none()).ok_or("the call asks for nothing")?;
    if verdict.effect == wanted {
        return Ok(None);
    }
    let what =
        format!("`{call}` is {}, not {word}: {}", verdict_word(verdict.effect.name()), verdict.reason());
    Ok(Some((what, format!("waypost policy explain '{}'", call.replace('\'', "'\\''")))))
}

fn verdict_word(effect: &str) -> &str {
    match effect {
        "allow" => "allowed",
        "deny" => "denied",
        _ => "asked about",
    }
}

fn words(term: &Term, tested: &PolicyTested) -> String {
    let mut lines = Vec::new();
    for finding in tested.findings.iter().take(SHOWN_MAX) {
        let (style, word) = if finding.fails { (Style::Red, "fails") } else { (Style::Yellow, "note") };
        lines.push(format!(
            "{}  {} {}  {}",
            term.style(Style::Bold, &one_line(&at(&finding.file, finding.line))),
            term.style(style, word),
            one_line(&finding.what),
            term.style(Style::Dim, &format!("({})", finding.kind))
        ));
        if let Some(hint) = &finding.hint {
            lines.push(term.style(Style::Dim, &one_line(&format!("    {hint}"))));
        }
    }
    let more = tested.findings.len().saturating_sub(SHOWN_MAX);
    if more > 0 {
        lines.push(format!("{}; --json has them", counted(more, "more finding", "more findings")));
    }
    let fails = tested.findings.iter().filter(|finding| finding.fails).count();
    let number = |n: u32, one: &str| counted(n as usize, one, &format!("{one}s"));
    lines.push(format!(
        "{} in {}, {}, {}: {}",
        number(tested.rules, "rule"),
        counted(tested.files.len(), "file", "files"),
        number(tested.examples, "example"),
        number(tested.expectations, "expectation"),
        if fails == 0 { "all as it should be".to_string() } else { counted(fails, "failure", "failures") }
    ));
    lines.join("\n")
}
