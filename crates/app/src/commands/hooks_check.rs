//! `waypost hooks check`: what is wrong with the hooks here, over the files that are really there. Judges nothing itself but
//! whether a script could be started.
#![expect(clippy::disallowed_methods, reason = "looks whether scripts are there and can be run")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use exchange::place::Located;
use exchange::sarif;
use hooks::{Matcher, ToolPattern};
use lint::{Basis, Place};
use spec::{Diagnostic, Severity};

use super::hooks_list::problem_lines;
use crate::cli::{HooksCheck, HooksFormat};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::hook_reports::{HookProblem, HooksChecked};
use crate::hook_scripts;
use crate::hooks_here::{self, Here, Loaded};
use crate::mcp_servers;
use crate::term::{Style, Term, counted};
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Files on which patterns are tried; a larger workspace is looked at as far as this goes, and that is said.
const FILES_MAX: usize = 500_000;

/// Findings shown in words; the other formats have all.
const SHOWN_MAX: usize = 1_000;

/// Words behind `@` that are no names of servers.
const SERVER_WORDS: [&str; 3] = ["builtin", "mcp", "powers"];

/// How many servers are named in a hint.
const SERVERS_TOLD_MAX: usize = 20;

/// Checks.
pub(crate) fn run(world: &World, screen: &Screen, flags: &HooksCheck) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let mut loaded = hooks_here::load(world, &workspace)?;
    loaded.name_elsewhere(&workspace);
    let files = files(&workspace.root);
    if files.len() >= FILES_MAX {
        screen.term.note(&format!("note: patterns were tried on the first {FILES_MAX} files only"));
    }
    for found in hooks::check(&loaded.all(), &files) {
        loaded.found(&found.file, &found.diagnostic, Some(&found.hook), found.is_certain);
    }
    for here in loaded.hooks.clone() {
        let computed = hook_scripts::computed(&workspace.root, &here.hook);
        let computed = computed.iter().map(|line| computed_script(&here, line));
        for found in scripts(&workspace.root, &here).into_iter().chain(computed) {
            loaded.found(&here.hook.source.file, &found, Some(&here.hook.id), true);
        }
    }
    let names = mcp_servers::names(world, &workspace);
    for here in loaded.hooks.clone() {
        for found in servers(&here, &names) {
            loaded.found(&here.hook.source.file, &found, Some(&here.hook.id), false);
        }
    }
    let report = report(&loaded, files.len());
    let fails = report.findings.iter().any(|found| found.level >= flags.fail_on.severity());
    tell(world, screen, flags, &loaded, &report)?;
    Ok(if fails { Exit::Failed } else { Exit::Done })
}

/// The files of the workspace that git does not ignore, from its root, with `/`.
fn files(root: &Path) -> Vec<String> {
    let mut walk = listing::walk(root, &[], |entry| entry.file_name() != ".git");
    let found = walk
        .ignore(false)
        .build()
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let name = |entry: listing::DirEntry| {
        let below = entry.path().strip_prefix(root).ok()?;
        Some(below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
    };
    found.filter_map(name).take(FILES_MAX).collect()
}

/// Scripts of the repository that the hook's line starts and that cannot be started.
fn scripts(root: &Path, here: &Here) -> Vec<Diagnostic> {
    let Some(line) = here.hook.command() else { return Vec::new() };
    let mut found = Vec::new();
    let folder = root.join(here.hook.package());
    for program in hooks::programs(line) {
        // Only what is plainly a file of the workspace: the rest is looked up by the shell.
        let below = program.strip_prefix("./").unwrap_or(&program);
        let is_file = program.starts_with("./") || program.starts_with(".kiro/") || below.contains('/');
        if !is_file || below.starts_with(['/', '~', '$']) || below.contains(['$', '*', '`']) {
            continue;
        }
        let mut say = |code, severity, message, hint: String| {
            found.push(Diagnostic { code, severity, span: here.hook.source.span, message, hint: Some(hint) });
        };
        match std::fs::metadata(folder.join(below)) {
            Err(_) => say(
                "hook/missing-script",
                Severity::Warning,
                format!("`{program}` is not there"),
                "commands run in the root of the workspace, those of a package in its folder; mend the path"
                    .to_string(),
            ),
            Ok(data) if !data.is_file() => say(
                "hook/missing-script",
                Severity::Warning,
                format!("`{program}` is no file"),
                "name the script in it".to_string(),
            ),
            Ok(data) if data.permissions().mode() & 0o111 == 0 => say(
                "hook/no-run-bit",
                Severity::Error,
                format!("`{program}` has no run bit; the shell cannot start it"),
                format!("chmod +x {below}"),
            ),
            Ok(_) => {}
        }
    }
    found
}

/// Something that the hook's line starts and that its trust does not cover.
fn computed_script(here: &Here, line: &str) -> Diagnostic {
    Diagnostic {
        code: "hook/computed-script",
        severity: Severity::Warning,
        span: here.hook.source.span,
        message: format!("what `{line}` starts shows only when it runs; trust in the hook does not cover it"),
        hint: Some("start scripts by their names, or by a wildcard such as `./checks/*.sh`".to_string()),
    }
}

/// Servers that the hook's matcher names and that no file has.
fn servers(here: &Here, names: &[String]) -> Vec<Diagnostic> {
    let hook = &here.hook;
    let Matcher::Tools(patterns) = &hook.matcher else { return Vec::new() };
    let known = |server: &str| SERVER_WORDS.contains(&server) || names.iter().any(|name| name == server);
    let missing = patterns.iter().filter(|_| hook.trigger.is_tool()).filter_map(|pattern| {
        let ToolPattern::Server { text, expression, server, .. } = pattern else { return None };
        if names.iter().any(|name| server.matches(name)) {
            return None;
        }
        let named = match expression {
            Some(_) => text.split('|').map(server_in).collect::<Option<Vec<&str>>>()?,
            None => vec![server.text()],
        };
        let is_missing = named.iter().all(|name| !known(name));
        is_missing.then(|| (text.clone(), named.first().copied().unwrap_or_default().to_string()))
    });
    let told: Vec<&str> = names.iter().take(SERVERS_TOLD_MAX).map(String::as_str).collect();
    let hint = match told.is_empty() {
        true => {
            "no file names an MCP server here; `waypost mcp add --help` says how one is added".to_string()
        }
        false => format!("the servers here are: {}; `waypost mcp list` shows them", told.join(", ")),
    };
    let finding = |(text, server): (String, String)| Diagnostic {
        code: "hook/unknown-server",
        severity: Severity::Warning,
        span: hook.source.span,
        message: format!("`{text}` waits for tools of the server `{server}`, which no file names"),
        hint: Some(hint.clone()),
    };
    missing.map(finding).collect()
}

/// The server in one alternative of an expression: `git` in `^@git/.*`. Nothing where it is an expression itself.
fn server_in(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['^', '(']);
    let (server, _) = text.strip_prefix('@')?.split_once('/')?;
    let is_plain = !server.contains(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | ' '));
    is_plain.then_some(server)
}

fn report(loaded: &Loaded, files: usize) -> HooksChecked {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let count = |level: Severity| number(loaded.problems.iter().filter(|found| found.level == level).count());
    let mut findings = loaded.problems.clone();
    findings.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    HooksChecked {
        hooks: number(loaded.hooks.len()),
        files: number(files),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        hints: count(Severity::Hint),
        findings,
    }
}

fn tell(
    world: &World,
    screen: &Screen,
    flags: &HooksCheck,
    loaded: &Loaded,
    report: &HooksChecked,
) -> Outcome<()> {
    let text = match flags.format {
        HooksFormat::Text => None,
        HooksFormat::Json => Some(serde_json::to_string_pretty(report).map_err(Error::failed)?),
        HooksFormat::Sarif => Some(to_sarif(loaded, report)),
    };
    match (text, &flags.output) {
        (Some(text), Some(path)) => {
            write_whole(&world.directory.join(path), text.as_bytes())?;
            screen.document(report, |report| words(&screen.term, report));
        }
        (Some(text), None) => screen.term.line(text.trim_end()),
        (None, Some(path)) => {
            write_whole(&world.directory.join(path), words(&Term::new(false, false), report).as_bytes())?;
        }
        (None, None) => screen.document(report, |report| words(&screen.term, report)),
    }
    Ok(())
}

fn to_sarif(loaded: &Loaded, report: &HooksChecked) -> String {
    let finding = |found: &HookProblem| lint::Finding {
        rule: found.code,
        severity: found.level,
        basis: if found.certain { Basis::Read } else { Basis::Suspected },
        place: Place { spec: String::new(), file: found.file.clone(), span: found.span },
        subject: found.hook.clone(),
        message: found.message.clone(),
        hint: found.hint.clone(),
        related: Vec::new(),
        fix: None,
    };
    let findings: Vec<lint::Finding> = report.findings.iter().map(finding).collect();
    let locate =
        |place: &Place| Located { path: place.file.clone(), region: loaded.region(&place.file, place.span) };
    let version = env!("CARGO_PKG_VERSION");
    sarif::write(&sarif::Input { version, findings: &findings, rules: &[], locate: &locate })
}

fn words(term: &Term, report: &HooksChecked) -> String {
    let mut lines: Vec<String> =
        report.findings.iter().take(SHOWN_MAX).flat_map(|found| problem_lines(term, found)).collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    if report.findings.len() > SHOWN_MAX {
        let more = counted(report.findings.len() - SHOWN_MAX, "more finding", "more findings");
        lines.push(term.style(Style::Dim, &format!("{more}; --format json has all")));
    }
    let number = |n: u32, one: &str, many: &str| counted(n as usize, one, many);
    lines.push(format!(
        "{} over {}: {}, {}, {}",
        number(report.hooks, "hook", "hooks"),
        number(report.files, "file", "files"),
        number(report.errors, "error", "errors"),
        number(report.warnings, "warning", "warnings"),
        number(report.hints, "hint", "hints"),
    ));
    lines.join("\n")
}
