//! `waypost hooks check`: what is wrong with the hooks here, over the files that are really there. Judges nothing itself but
//! whether a script could be started.
#![expect(clippy::disallowed_methods, reason = "looks whether scripts are there and can be run")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use exchange::place::Located;
use exchange::sarif;
use lint::{Basis, Place};
use spec::{Diagnostic, Severity};

use super::hooks_list::problem_lines;
use crate::cli::{HooksCheck, HooksFormat};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::hook_reports::{HookProblem, HooksChecked};
use crate::hooks_here::{self, Here, Loaded};
use crate::term::{Style, Term, counted};
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Files on which patterns are tried; a larger workspace is looked at as far as this goes, and that is said.
const FILES_MAX: usize = 500_000;

/// Findings shown in words; the other formats have all.
const SHOWN_MAX: usize = 1_000;

/// Checks.
pub(crate) fn run(world: &World, screen: &Screen, flags: &HooksCheck) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let mut loaded = hooks_here::load(world, &workspace)?;
    let files = files(&workspace.root);
    if files.len() >= FILES_MAX {
        screen.term.note(&format!("note: patterns were tried on the first {FILES_MAX} files only"));
    }
    for found in hooks::check(&loaded.all(), &files) {
        loaded.found(&found.file, &found.diagnostic, Some(&found.hook), found.is_certain);
    }
    for here in loaded.hooks.clone() {
        for found in scripts(&workspace.root, &here) {
            loaded.found(&here.hook.source.file, &found, Some(&here.hook.id), true);
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
        Some(below.to_string_lossy().replace('\\', "/"))
    };
    found.filter_map(name).take(FILES_MAX).collect()
}

/// Scripts of the repository that the hook's line starts and that cannot be started.
fn scripts(root: &Path, here: &Here) -> Vec<Diagnostic> {
    let Some(line) = here.hook.command() else { return Vec::new() };
    let mut found = Vec::new();
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
        match std::fs::metadata(root.join(below)) {
            Err(_) => say(
                "hook/missing-script",
                Severity::Warning,
                format!("`{program}` is not there"),
                "commands run in the root of the workspace; mend the path".to_string(),
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
