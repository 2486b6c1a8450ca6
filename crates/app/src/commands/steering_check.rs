//! `waypost steering check`: what is wrong in steering files, globs that match nothing, references that lead nowhere, statements
//! that are no longer true. Judges little itself: `spec` reads front matter, `steering` reads statements.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ::steering::references::REFERENCES_MAX;
use ::steering::stale::stale;
use ::steering::{Condition, File, Refusal, Why};
use exchange::lines::Lines;
use exchange::place::Located;
use exchange::sarif;
use lint::{Basis, Finding, Place};
use spec::{Severity, Span};

use crate::cli::{SteeringCheck, SteeringFormat};
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::steering::Board;
use crate::steering::claims::Workshop;
use crate::steering::rows::{SteeringChecked, SteeringFinding, SteeringMended};
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Findings of one run.
const FINDINGS_MAX: usize = 5_000;

/// Checks every steering file.
pub(crate) fn run(world: &World, screen: &Screen, flags: &SteeringCheck) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let config = Config::read(&world.config)?;
    let mut mended = Vec::new();
    if flags.fix {
        let mut board = Board::open(world, &config, &workspace)?;
        board.look_everywhere();
        mended = mend(world, &workspace, board.collection().files())?;
    }
    let mut board = Board::open(world, &config, &workspace)?;
    board.look_everywhere();
    super::steering_list::tell_fault(screen, &board);
    let workshop = Workshop::look(&workspace.root);
    let files: Vec<File> = board.collection().files().to_vec();
    let mut findings = Vec::new();
    for file in &files {
        of_file(file, &workspace, &workshop, &mut board, &mut findings);
    }
    findings.truncate(FINDINGS_MAX);
    let lines: BTreeMap<&str, (Lines, &[u8])> = files
        .iter()
        .map(|file| {
            let bytes = file.source.bytes.as_deref().unwrap_or_default();
            (file.source.name.as_str(), (Lines::of(bytes), bytes))
        })
        .collect();
    let locate = |place: &Place| Located {
        path: place.file.clone(),
        region: lines.get(place.file.as_str()).map(|(lines, bytes)| lines.region(bytes, place.span)),
    };
    let of = |severity: Severity| findings.iter().filter(|found| found.severity == severity).count();
    let checked = SteeringChecked {
        files: files.len() as u64,
        errors: of(Severity::Error) as u64,
        warnings: of(Severity::Warning) as u64,
        findings: findings.iter().map(|found| row(found, &locate(&found.place))).collect(),
        mended,
    };
    match flags.format {
        SteeringFormat::Sarif => {
            let version = env!("CARGO_PKG_VERSION");
            let input =
                sarif::Input { version, findings: &findings, rules: &rules(&findings), locate: &locate };
            screen.term.line(sarif::write(&input).trim_end());
        }
        SteeringFormat::Json => {
            screen.term.line(&serde_json::to_string_pretty(&checked).map_err(Error::failed)?);
        }
        SteeringFormat::Text => screen.document(&checked, |checked| checked.words(&screen.term)),
    }
    let fails = checked.errors > 0 || flags.strict && checked.warnings > 0;
    Ok(if fails { Exit::Failed } else { Exit::Done })
}

/// Everything that is wrong with one file.
fn of_file(
    file: &File,
    workspace: &Workspace,
    workshop: &Workshop,
    board: &mut Board,
    findings: &mut Vec<Finding>,
) {
    for found in &file.diagnostics {
        let fix = file.fixes.iter().find(|fix| fix.code == found.code && fix.at == found.span);
        findings.push(Finding {
            hint: found.hint.clone(),
            fix: fix.map(|fix| lint::finding::Fix {
                title: fix.title.clone(),
                edits: vec![(file.source.name.clone(), fix.edit.clone())],
            }),
            ..finding(file, found.code, found.severity, found.span, found.message.clone())
        });
    }
    let first = Span::default();
    if let (Condition::Never(why), true) = (&file.condition, file.diagnostics.is_empty()) {
        let severity = if matches!(why, Why::Link) { Severity::Warning } else { Severity::Error };
        findings.push(finding(
            file,
            "steering/left-out",
            severity,
            first,
            format!("left out: {}", why.words()),
        ));
        return;
    }
    let bytes = file.source.bytes.as_deref().unwrap_or_default();
    if file.body().is_empty() {
        findings.push(finding(file, "steering/empty", Severity::Hint, first, "it says nothing".to_string()));
    }
    if file.source.is_of_workspace() {
        if let Condition::Match(globs) = &file.condition
            && !workshop.matches(globs, &file.source.folder)
        {
            let at = front_matter(bytes);
            let message = "no file of the workspace matches its globs".to_string();
            findings.push(Finding {
                hint: Some("it is never in force; mend the globs or take the file away".to_string()),
                ..finding(file, "steering/dead-glob", Severity::Warning, at, message)
            });
        }
        let view = workshop.seen_from(&workspace.root, &file.source.name, &file.source.folder);
        for found in stale(bytes, &view) {
            findings.push(Finding {
                hint: Some("say what is so now, or take the sentence away".to_string()),
                ..finding(file, found.code, Severity::Warning, found.span, found.message)
            });
        }
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let references = ::steering::references::find(text);
    if let Some(first) = references.get(REFERENCES_MAX) {
        let beyond = references.len() - REFERENCES_MAX;
        let message = format!(
            "{beyond} of its {} references are not followed: at most {REFERENCES_MAX}",
            references.len()
        );
        findings.push(Finding {
            hint: Some("refer to less, or split the file".to_string()),
            ..finding(file, "steering/many-references", Severity::Warning, first.span, message)
        });
    }
    for written in references.into_iter().take(REFERENCES_MAX) {
        // What is missing is a stale path already; what may not be read is said here.
        if let Err(refused) = board.leads(&file.source, &written)
            && !(refused == Refusal::Missing && file.source.is_of_workspace())
        {
            let why = refused.words();
            let hint = Some("write a path from the workspace root to something that may be read".to_string());
            let message = format!("`{}` is not included: {why}", written.words());
            findings.push(Finding {
                hint,
                ..finding(file, "steering/unreadable-reference", Severity::Warning, written.span, message)
            });
        }
    }
}

fn finding(file: &File, rule: &'static str, severity: Severity, span: Span, message: String) -> Finding {
    Finding {
        rule,
        severity,
        basis: Basis::Read,
        place: Place { spec: String::new(), file: file.source.name.clone(), span },
        subject: None,
        message,
        hint: None,
        related: Vec::new(),
        fix: None,
    }
}

/// The first line, which opens the front matter.
fn front_matter(bytes: &[u8]) -> Span {
    Span { offset: 0, len: bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len()) }
}

fn row(found: &Finding, located: &Located) -> SteeringFinding {
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    };
    SteeringFinding {
        file: found.place.file.clone(),
        line: located.region.map_or(1, |region| region.start_line),
        column: located.region.map_or(1, |region| region.start_column),
        code: found.rule.to_string(),
        severity: severity.to_string(),
        message: found.message.clone(),
        hint: found.hint.clone(),
        fix: found.fix.as_ref().map(|fix| fix.title.clone()),
    }
}

/// The rules that spoke.
fn rules(findings: &[Finding]) -> Vec<sarif::Rule> {
    let mut all: BTreeMap<&str, sarif::Rule> = BTreeMap::new();
    for found in findings {
        all.entry(found.rule).or_insert_with(|| sarif::Rule {
            id: found.rule.to_string(),
            summary: summary(found.rule).to_string(),
            help: "See `docs/steering.md`.".to_string(),
            severity: found.severity,
        });
    }
    all.into_values().collect()
}

fn summary(rule: &str) -> &'static str {
    match rule {
        "steering/broken-front-matter" => "the front matter cannot be read",
        "steering/broken-glob" => "a glob cannot be read",
        "steering/dead-glob" => "no file matches the globs",
        "steering/empty" => "the file says nothing",
        "steering/joined-patterns" => "several globs stand in one text",
        "steering/left-out" => "the file cannot steer",
        "steering/missing-description" => "an auto file has no description",
        "steering/missing-pattern" => "a fileMatch file has no globs",
        "steering/stale-command" => "a command names something that is gone",
        "steering/stale-package" => "a package is gone",
        "steering/stale-path" => "a path is gone",
        "steering/unknown-inclusion" => "an inclusion that nobody knows",
        "steering/unknown-key" => "a key that is not read",
        "steering/unreadable-reference" => "a reference that may not be followed",
        "steering/unused-pattern" => "globs that do nothing",
        _ => "something is odd in a steering file",
    }
}

/// Mends slips in the front matter; nothing else of a file changes.
fn mend(world: &World, workspace: &Workspace, files: &[File]) -> Outcome<Vec<SteeringMended>> {
    let mut mended = Vec::new();
    for file in files {
        let Ok(bytes) = &file.source.bytes else { continue };
        let mut edits: Vec<spec::Edit> = Vec::new();
        let mut what = Vec::new();
        for fix in &file.fixes {
            let mut wanted = edits.clone();
            wanted.push(fix.edit.clone());
            // Fixes that touch the same bytes wait for the next run.
            if spec::splice::apply(bytes, &wanted).is_ok() {
                edits = wanted;
                what.push(fix.title.clone());
            }
        }
        let Some(path) = path_of(world, workspace, file).filter(|_| !edits.is_empty()) else { continue };
        if index::place::read(&path)?.as_deref() != Some(bytes.as_slice()) {
            return Err(Error::failed(format!("`{}` changed meanwhile", file.source.name))
                .hint("run the command again"));
        }
        write_whole(&path, &spec::splice::apply(bytes, &edits).map_err(Error::failed)?)?;
        mended.push(SteeringMended { file: file.source.name.clone(), what });
    }
    Ok(mended)
}

/// Where a file lies; the team's is not ours to mend.
fn path_of(world: &World, workspace: &Workspace, file: &File) -> Option<PathBuf> {
    match file.source.scope {
        ::steering::Scope::Team => None,
        ::steering::Scope::Person => Some(world.home.join(file.source.name.strip_prefix("~/")?)),
        _ => Some(workspace.root.join(&file.source.name)),
    }
}
