//! `waypost spec check` and `spec lint`: what is wrong with the specs of a repository. Checks hold the line in CI: only
//! findings that are not known yet fail. Judges nothing itself.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use exchange::place::Located;
use exchange::{junit, markdown, sarif};
use index::SpecPlace;
use index::findings::{Checked, check};
use index::settings::RATCHET_FILE;
use lint::ratchet::{Ratchet, fingerprints};
use lint::{Basis, Finding, Place, select};
use plan::SpecDocuments;
use spec::Severity;

use crate::changes::{self, Changes, FileChange};
use crate::cli::{FindingFormat, SpecCheck, SpecLint};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::pull::{self, Pull};
use crate::reports::{CheckCounts, CheckReport, SpecFinding};
use crate::term::{Style, Term, counted, one_line};
use crate::workspace::{Workspace, write_whole};
use crate::world::World;

/// Findings shown of one run that asks for all.
const SHOWN_MAX: usize = 2_000;

/// Everything that a run found.
struct Run {
    checked: Checked,
    /// In the order that they are told.
    findings: Vec<Finding>,
    /// One for each finding.
    fingerprints: Vec<String>,
    places: BTreeMap<Place, Located>,
    /// How far the criteria are and what a change does to them, where that is asked for.
    pull: Option<Pull>,
}

/// The gate for CI: every spec, errors and warnings, known findings aside.
pub(crate) fn check_all(world: &World, screen: &Screen, flags: &SpecCheck) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let places = chosen(&workspace, &flags.names, flags.archived)?;
    let least = if flags.hints { Severity::Hint } else { Severity::Warning };
    let mut run = run(&workspace, &places, least)?;
    let ratchet_path =
        flags.ratchet.clone().map_or(workspace.root.join(RATCHET_FILE), |path| world.directory.join(path));
    let known = ratchet(&ratchet_path)?;
    if flags.update_ratchet {
        return update(world, screen, &workspace, &ratchet_path, &run);
    }
    let (mut new, mut gone) = match &known {
        Some(known) => (known.new_findings(&run.fingerprints), known.fixed(&run.fingerprints).len()),
        None => ((0..run.findings.len()).collect(), 0),
    };
    let base = flags.since.as_deref().map(|revision| pull::base(world, &workspace, revision, &places));
    let base = base.transpose()?;
    if let Some(base) = &base {
        let then = pull::fingerprints_then(&workspace, &places, base, least)?;
        new.retain(|at| run.fingerprints.get(*at).is_some_and(|print| !then.contains(print)));
        let now: HashSet<&String> = run.fingerprints.iter().collect();
        gone = then.iter().filter(|print| !now.contains(print)).count();
    }
    let sources = &flags.sources;
    let is_traced = !sources.results.is_empty() || !sources.coverage.is_empty();
    if base.is_some() || is_traced || flags.format == FindingFormat::Markdown {
        run.pull = Some(pull::open(world, screen, flags, base, &places)?);
    }
    let is_compared = known.is_some() || flags.since.is_some();
    let fails = new
        .iter()
        .filter_map(|at| run.findings.get(*at))
        .any(|finding| finding.severity >= flags.fail_on.severity());
    let first = select::first(&pick(&run.findings, &new), select::FIRST_MAX);
    let shown: Vec<usize> = match flags.all || is_compared {
        true => new.iter().copied().take(SHOWN_MAX).collect(),
        false => first.shown.iter().filter_map(|at| new.get(*at)).copied().collect(),
    };
    let known = is_compared.then(|| run.findings.len() - new.len());
    let mut report = report(&run, &shown, new.len(), known, gone);
    if let Some(pull) = &run.pull {
        report.statuses = Some(pull.statuses());
        report.since = flags.since.as_deref().and_then(|revision| pull.report(revision));
    }
    let complete = pick(&run.findings, &new);
    tell(
        screen,
        &run,
        flags.format,
        flags.output.as_ref().map(|path| world.directory.join(path)),
        &complete,
        &report,
        flags.fail_on.severity(),
    )?;
    Ok(if fails { Exit::Failed } else { Exit::Done })
}

/// Everything about a few specs, hints included; mends what can be mended safely.
pub(crate) fn lint_some(world: &World, screen: &Screen, flags: &SpecLint) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let places = chosen(&workspace, &flags.names, true)?;
    let run = run(&workspace, &places, Severity::Hint)?;
    if flags.fix {
        return fix(world, screen, &workspace, &places, &run, flags.dry_run);
    }
    let wanted = |finding: &Finding| {
        flags.rule.is_empty() || flags.rule.iter().any(|rule| lint::settings::matches(rule, finding.rule))
    };
    let shown: Vec<usize> = run
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| wanted(finding))
        .map(|(at, _)| at)
        .take(SHOWN_MAX)
        .collect();
    let report = report(&run, &shown, shown.len(), None, 0);
    let complete = pick(&run.findings, &shown);
    tell(screen, &run, flags.format, None, &complete, &report, Severity::Error)?;
    let has_error = complete.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if has_error { Exit::Failed } else { Exit::Done })
}

/// What is new in these specs, at most so many findings: what the gate for CI would say, without failing.
pub(crate) fn gather(world: &World, names: &[String], hints: bool, shown_max: usize) -> Outcome<CheckReport> {
    let workspace = Workspace::find(world)?;
    let places = chosen(&workspace, names, false)?;
    let run = run(&workspace, &places, if hints { Severity::Hint } else { Severity::Warning })?;
    let known = ratchet(&workspace.root.join(RATCHET_FILE))?;
    let (new, gone) = match &known {
        Some(known) => (known.new_findings(&run.fingerprints), known.fixed(&run.fingerprints).len()),
        None => ((0..run.findings.len()).collect(), 0),
    };
    let shown: Vec<usize> = new.iter().copied().take(shown_max).collect();
    let known = known.map(|_| run.findings.len() - new.len());
    Ok(report(&run, &shown, new.len(), known, gone))
}

fn chosen(workspace: &Workspace, names: &[String], archived: bool) -> Outcome<Vec<SpecPlace>> {
    if names.is_empty() {
        return Ok(workspace.specs().into_iter().filter(|place| archived || !place.is_archived).collect());
    }
    names.iter().map(|name| workspace.spec(Some(name))).collect()
}

fn run(workspace: &Workspace, places: &[SpecPlace], least: Severity) -> Outcome<Run> {
    let settings = index::settings::settings(&workspace.root)?;
    let mut checked = check(&workspace.root, places, &settings)?;
    let (findings, fingerprints) = ordered(&mut checked, least);
    let places = checked.located(findings.iter());
    Ok(Run { checked, findings, fingerprints, places, pull: None })
}

/// The findings that are at least so severe, in the order that they are told, each with its fingerprint.
pub(crate) fn ordered(checked: &mut Checked, least: Severity) -> (Vec<Finding>, Vec<String>) {
    let mut all = std::mem::take(&mut checked.findings);
    all.retain(|finding| finding.severity >= least);
    let findings = pick(&all, &select::order(&all));
    let documents = |spec: &str| -> Option<&SpecDocuments> { checked.documents.get(spec) };
    let fingerprints = fingerprints(&findings, documents);
    (findings, fingerprints)
}

fn pick(findings: &[Finding], chosen: &[usize]) -> Vec<Finding> {
    chosen.iter().filter_map(|at| findings.get(*at)).cloned().collect()
}

fn ratchet(path: &Path) -> Outcome<Option<Ratchet>> {
    let Some(bytes) = index::place::read(path)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    // A list that cannot be read must not turn into "everything is new" or "nothing is".
    Ratchet::parse(&text).map(Some).map_err(|error| {
        Error::usage(format!("`{}`: {error}", path.display()))
            .hint("mend it, or write it anew: waypost spec check --update-ratchet")
    })
}

fn update(world: &World, screen: &Screen, workspace: &Workspace, path: &Path, run: &Run) -> Outcome<Exit> {
    let ratchet = Ratchet::of(&run.findings, |spec| run.checked.documents.get(spec));
    write_whole(path, ratchet.print().as_bytes())?;
    let _ = world;
    screen.progress(
        Style::Green,
        &format!("{} known findings are in {}; commit it", ratchet.entries.len(), workspace.shown(path)),
    );
    Ok(Exit::Done)
}

fn report(run: &Run, shown: &[usize], new: usize, known: Option<usize>, gone: usize) -> CheckReport {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let count = |severity: Severity| {
        number(run.findings.iter().filter(|finding| finding.severity == severity).count())
    };
    let tally = &run.checked.tally;
    CheckReport {
        specs: number(run.checked.documents.len()),
        criteria: number(tally.criteria),
        cited: number(tally.cited),
        patterns: tally
            .patterns
            .by_frequency()
            .into_iter()
            .map(|(p, n)| (p.words().to_string(), number(n)))
            .collect(),
        counts: CheckCounts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            hints: count(Severity::Hint),
        },
        new: number(new),
        known: known.map(number),
        gone: number(gone),
        statuses: None,
        since: None,
        findings: shown
            .iter()
            .filter_map(|at| run.findings.get(*at).zip(run.fingerprints.get(*at)))
            .map(|(finding, fingerprint)| row(run, finding, fingerprint))
            .collect(),
    }
}

fn row(run: &Run, finding: &Finding, fingerprint: &str) -> SpecFinding {
    let at = |place: &Place| {
        let located = run.places.get(place);
        let path = located.map_or_else(|| place.file.clone(), |located| located.path.clone());
        (path, located.and_then(|located| located.region))
    };
    let (path, region) = at(&finding.place);
    SpecFinding {
        rule: finding.rule.to_string(),
        severity: severity(finding.severity).to_string(),
        basis: finding.basis.words().to_string(),
        spec: finding.place.spec.clone(),
        path,
        line: region.map_or(1, |region| region.start_line),
        column: region.map_or(1, |region| region.start_column),
        subject: finding.subject.clone(),
        message: finding.message.clone(),
        hint: finding.hint.clone(),
        related: finding
            .related
            .iter()
            .map(|(place, words)| {
                let (path, region) = at(place);
                format!("{path}:{}: {words}", region.map_or(1, |region| region.start_line))
            })
            .collect(),
        fixable: finding.fix.is_some(),
        fingerprint: fingerprint.to_string(),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}

fn tell(
    screen: &Screen,
    run: &Run,
    format: FindingFormat,
    output: Option<PathBuf>,
    complete: &[Finding],
    report: &CheckReport,
    fails: Severity,
) -> Outcome<()> {
    let locate = |place: &Place| {
        let missing = || Located { path: run.checked.path(place), region: None };
        run.places.get(place).cloned().unwrap_or_else(missing)
    };
    let text = match format {
        FindingFormat::Text => None,
        FindingFormat::Json => Some(serde_json::to_string_pretty(report).map_err(Error::failed)?),
        FindingFormat::Sarif => {
            let rules: Vec<sarif::Rule> = lint::rules::ALL
                .iter()
                .map(|rule| sarif::Rule {
                    id: rule.id.to_string(),
                    summary: rule.title.to_string(),
                    help: rule.explanation.to_string(),
                    severity: rule.severity,
                })
                .collect();
            let version = env!("CARGO_PKG_VERSION");
            Some(sarif::write(&sarif::Input { version, findings: complete, rules: &rules, locate: &locate }))
        }
        FindingFormat::Junit => {
            let specs: Vec<String> = run.checked.documents.keys().cloned().collect();
            let options = junit::Options { specs: &specs, fails, locate: &locate };
            Some(junit::write(complete, &options))
        }
        FindingFormat::Markdown => Some(markdown::summary(&markdown::Input {
            title: "Specs",
            new: complete,
            known: report.known.unwrap_or_default() as usize,
            gone: report.gone as usize,
            counts: run.pull.as_ref().map(|pull| pull.counts),
            diff: run.pull.as_ref().and_then(|pull| pull.diff.as_ref()),
            locate: &locate,
        })),
    };
    match (text, output) {
        (Some(text), Some(path)) => {
            write_whole(&path, text.as_bytes())?;
            screen.document(report, |report| words(&screen.term, report));
        }
        (Some(text), None) if !screen.json() => screen.term.line(text.trim_end()),
        (None, Some(path)) => {
            let plain = words(&Term::new(false, false), report);
            write_whole(&path, plain.as_bytes())?;
        }
        _ => screen.document(report, |report| words(&screen.term, report)),
    }
    Ok(())
}

/// The findings for a person.
pub(crate) fn words(term: &Term, report: &CheckReport) -> String {
    let mut lines = Vec::new();
    for finding in &report.findings {
        let style = match finding.severity.as_str() {
            "error" => Style::Red,
            "warning" => Style::Yellow,
            _ => Style::Dim,
        };
        let place = format!("{}:{}:{}", finding.path, finding.line, finding.column);
        let basis = if finding.basis == Basis::Read.words() {
            String::new()
        } else {
            format!(" ({})", finding.basis)
        };
        lines.push(format!(
            "{}  {} {}{}",
            term.style(Style::Bold, &one_line(&place)),
            term.style(style, &finding.severity),
            one_line(&finding.message),
            term.style(Style::Dim, &basis)
        ));
        for related in &finding.related {
            lines.push(term.style(Style::Dim, &format!("    {}", one_line(related))));
        }
        let hint = finding.hint.as_deref().map(|hint| format!("{hint}; ")).unwrap_or_default();
        lines.push(term.style(Style::Dim, &one_line(&format!("    {hint}{}", finding.rule))));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(summary(report));
    lines.extend(report.statuses.as_ref().map(|statuses| pull::counted(statuses)));
    lines.extend(report.since.as_ref().map(|since| pull::words(term, since)));
    let shown = u32::try_from(report.findings.len()).unwrap_or(u32::MAX);
    if report.new > shown {
        let more = report.new - shown;
        let next = match report.known {
            None => {
                "--all shows them; --update-ratchet takes them as known; `waypost spec rules ID` explains one"
            }
            Some(_) => "the rest is left out; narrow it down by naming specs",
        };
        let more = counted(more as usize, "more finding", "more findings");
        lines.push(term.style(Style::Dim, &format!("{more}; {next}")));
    }
    lines.join("\n")
}

fn summary(report: &CheckReport) -> String {
    let counts = &report.counts;
    if report.specs == 0 {
        return "no specs here yet; start one: waypost spec new \"what it should do\"".to_string();
    }
    let number = |n: u32, one: &str| counted(n as usize, one, &format!("{one}s"));
    let mut text = format!(
        "{}, {}, {} of them in tasks: {}, {}",
        number(report.specs, "spec"),
        counted(report.criteria as usize, "criterion", "criteria"),
        report.cited,
        number(counts.errors, "error"),
        number(counts.warnings, "warning")
    );
    if counts.hints > 0 {
        text.push_str(&format!(", {}", number(counts.hints, "hint")));
    }
    if let Some(known) = report.known {
        text.push_str(&format!("; {} new, {known} known, {} gone", report.new, report.gone));
    }
    text
}

/// Applies the safe fixes, spec by spec.
fn fix(
    world: &World,
    screen: &Screen,
    workspace: &Workspace,
    places: &[SpecPlace],
    run: &Run,
    dry_run: bool,
) -> Outcome<Exit> {
    for place in places {
        let mut edits: BTreeMap<&str, Vec<spec::Edit>> = BTreeMap::new();
        let mut mended = 0;
        for fix in run
            .findings
            .iter()
            .filter(|finding| finding.place.spec == place.name)
            .filter_map(|f| f.fix.as_ref())
        {
            let mut wanted: BTreeMap<&str, Vec<spec::Edit>> = edits.clone();
            for (file, edit) in &fix.edits {
                wanted.entry(file).or_default().push(edit.clone());
            }
            // Fixes that touch the same bytes wait for the next run.
            let fits = wanted.iter().all(|(file, edits)| {
                run.checked
                    .bytes(&place.name, file)
                    .is_some_and(|bytes| spec::splice::apply(bytes, edits).is_ok())
            });
            if fits {
                edits = wanted;
                mended += 1;
            }
        }
        if mended == 0 {
            continue;
        }
        let mut files = Vec::new();
        for (file, edits) in edits {
            let before = run.checked.bytes(&place.name, file).unwrap_or_default();
            let after = spec::splice::apply(before, &edits).map_err(Error::failed)?;
            files.push(FileChange { path: place.file(file), before: Some(before.to_vec()), after });
        }
        let what = format!("mend {mended} findings");
        let changes = Changes { what, why: None, files, moved: None, notes: Vec::new() };
        changes::carry_out(world, screen, workspace, place, changes, dry_run)?;
    }
    Ok(Exit::Done)
}
