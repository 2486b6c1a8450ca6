//! `waypost spec trace`, `why`, `impact` and `gaps`: from what is wanted to what proves it, and back. Links nothing itself.

use std::collections::HashMap;

use exchange::report::{
    CommitReport, CriterionReport, FileReport, FindingReport, Report, RequirementReport, SpecReport, Status,
    TaskReport, TestReport,
};
use exchange::{html, needs, reqif};
use index::repository::Entry;
use plan::trace::{Item, Why};
use spec::State;
use spec::references::normal_id;

use crate::cli::{SpecGaps, SpecImpact, SpecTrace, SpecWhy, TraceFormat};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::gaps::gaps_log;
use crate::reports::{TraceCriterion, TraceGap, TraceGaps, TraceImpact, TraceReport, TraceSpec, TraceWhy};
use crate::term::{Style, Term, counted, glimpse, one_line};
use crate::tracing::{self, Traced};
use crate::workspace::write_whole;
use crate::world::World;

/// Lines of one list that are shown to a person.
const SHOWN_MAX: usize = 12;

/// The whole trace.
pub(crate) fn trace(world: &World, screen: &Screen, flags: &SpecTrace) -> Outcome<Exit> {
    let traced = tracing::open(world, &flags.sources, None)?;
    if let Some(name) = &flags.name {
        traced.workspace.spec(Some(name))?;
    }
    let entries = entries(&traced, flags.name.as_deref());
    notes(screen, &traced);
    let rows = rows(&traced, &entries);
    let text = match flags.format {
        TraceFormat::Text => None,
        TraceFormat::Json => Some(serde_json::to_string_pretty(&rows).map_err(Error::failed)?),
        TraceFormat::Html => Some(html::page(&report(&traced, &entries))),
        TraceFormat::Sarif => Some(gaps_log(&traced, flags.name.as_ref().map(|_| entries.as_slice()))),
        TraceFormat::Reqif => Some(reqif::write(&report(&traced, &entries))),
        TraceFormat::Needs => Some(needs::write(&report(&traced, &entries), env!("CARGO_PKG_VERSION"))),
    };
    match (text, &flags.output) {
        (Some(text), Some(path)) => {
            let path = world.directory.join(path);
            write_whole(&path, text.as_bytes())?;
            screen.progress(Style::Green, &format!("wrote {}", path.display()));
        }
        (Some(text), None) if !screen.json() => screen.term.line(text.trim_end()),
        (None, Some(path)) => {
            write_whole(&world.directory.join(path), words(&Term::new(false, false), &rows).as_bytes())?;
        }
        _ => screen.document(&rows, |rows| words(&screen.term, rows)),
    }
    Ok(Exit::Done)
}

/// The specs that are asked for; all without a name.
pub(crate) fn entries<'a>(traced: &'a Traced, name: Option<&str>) -> Vec<&'a Entry> {
    let wanted =
        |entry: &&Entry| name.is_none_or(|name| entry.place.name == name || entry.place.short_name() == name);
    traced.repository.specs.iter().filter(wanted).collect()
}

/// Everything around one item.
pub(crate) fn why(world: &World, screen: &Screen, flags: &SpecWhy) -> Outcome<Exit> {
    let traced = tracing::open(world, &flags.sources, None)?;
    let rows = around(&traced, &flags.item, flags.spec.as_deref())?;
    notes(screen, &traced);
    screen.document(&rows, |rows| {
        let blocks: Vec<String> = rows.iter().map(|row| why_words(&screen.term, row)).collect();
        blocks.join("\n\n")
    });
    Ok(Exit::Done)
}

/// What is called so, each with what is around it; an error when there is nothing.
pub(crate) fn around(traced: &Traced, item: &str, spec: Option<&str>) -> Outcome<Vec<TraceWhy>> {
    let id = match spec {
        Some(spec) => format!("{}#{}", traced.workspace.spec(Some(spec))?.name, item),
        None => item.to_string(),
    };
    let (kind, bare) = id
        .split_once(':')
        .map_or((None, id.clone()), |(kind, rest)| (Some(kind.to_string()), rest.to_string()));
    let found: Vec<Item> = traced
        .trace
        .find(&bare)
        .into_iter()
        .filter(|item| match kind.as_deref() {
            Some("task") => matches!(item, Item::Task { .. }),
            Some("property") => matches!(item, Item::Property { .. }),
            _ => true,
        })
        .collect();
    // `3.2` is first of all a criterion; tasks and properties are asked for by name.
    let criteria: Vec<&Item> = found.iter().filter(|item| matches!(item, Item::Criterion { .. })).collect();
    let items: Vec<&Item> = if criteria.is_empty() { found.iter().collect() } else { criteria };
    let rows: Vec<TraceWhy> =
        items.iter().filter_map(|item| traced.trace.why(item)).map(|why| of_why(traced, &why)).collect();
    if rows.is_empty() {
        return Err(Error::usage(format!("nothing is called `{item}`")).hint(
            "write 3.2 for a criterion, task:2.1, property:1, or a requirement's whole number with --spec",
        ));
    }
    Ok(rows)
}

/// What stands behind a place in the code.
pub(crate) fn impact(world: &World, screen: &Screen, flags: &SpecImpact) -> Outcome<Exit> {
    let (path, line) = match flags.place.rsplit_once(':') {
        Some((path, line)) if line.parse::<usize>().is_ok() => (path.to_string(), line.parse().ok()),
        _ => (flags.place.clone(), None),
    };
    let path = path.trim_start_matches("./").to_string();
    let traced = tracing::open(world, &flags.sources, Some(path.clone()))?;
    if !traced.repository.listing.has(&path) {
        return Err(Error::usage(format!("there is no file `{path}` in this workspace"))
            .hint("name it from the workspace root, for example src/store.rs:40"));
    }
    let found = traced.trace.impact(&path, line);
    notes(screen, &traced);
    let row = TraceImpact {
        path,
        line: line.map(|line| u32::try_from(line).unwrap_or(u32::MAX)),
        symbol: found.symbol.clone(),
        behind: found.behind.iter().map(|near| traced.near(near)).collect(),
        tests: found.tests.iter().map(|near| traced.near(near)).collect(),
    };
    screen.document(&row, |row| {
        let mut lines = vec![screen.term.style(Style::Bold, &one_line(&flags.place))];
        if let Some(symbol) = &row.symbol {
            lines.push(format!("in {}", one_line(symbol)));
        }
        if row.behind.is_empty() && row.tests.is_empty() {
            lines.push("no criterion, task or test stands behind it".to_string());
        }
        lines.extend(row.behind.iter().take(SHOWN_MAX * 2).map(near_words));
        lines.extend(row.tests.iter().take(SHOWN_MAX * 2).map(near_words));
        lines.join("\n")
    });
    Ok(Exit::Done)
}

/// What is missing between what is wanted and what proves it.
pub(crate) fn gaps(world: &World, screen: &Screen, flags: &SpecGaps) -> Outcome<Exit> {
    let traced = tracing::open(world, &flags.sources, None)?;
    let only = match &flags.name {
        Some(name) => Some(traced.workspace.spec(Some(name))?.name),
        None => None,
    };
    let found = traced.trace.gaps(only.as_deref());
    let gap = |item: &Item| TraceGap { item: item.to_string(), words: traced.words(item) };
    let list = |items: &[Item]| items.iter().map(gap).collect::<Vec<_>>();
    notes(screen, &traced);
    let rows = TraceGaps {
        criteria_without_task: list(&found.without_task),
        criteria_without_test: list(&found.without_test),
        criteria_red: list(&found.red),
        criteria_suspect: list(&found.suspect),
        tasks_without_criterion: list(&found.tasks_without_criterion),
        properties_without_test: list(&found.properties_without_test),
        tags_that_name_nothing: found
            .loose_tags
            .iter()
            .map(|tag| TraceGap { item: format!("{}:{}", tag.path, tag.line), words: tag.id.clone() })
            .collect(),
        files_without_criterion: found.unexplained_files.clone(),
    };
    screen.document(&rows, |rows| gap_words(&screen.term, rows));
    Ok(Exit::Done)
}

fn notes(screen: &Screen, traced: &Traced) {
    for note in &traced.repository.notes {
        screen.progress(Style::Yellow, &format!("note: {note}"));
    }
}

/// The trace of these specs.
pub(crate) fn rows(traced: &Traced, entries: &[&Entry]) -> TraceReport {
    let (by_spec, _) = traced.trace.coverage();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let specs = entries.iter().map(|entry| {
        let name = &entry.place.name;
        let criteria = traced.trace.statuses(name).into_iter().map(|(id, now)| {
            let item = Item::criterion(name, &id);
            let below = traced.trace.why(&item).map(|why| why.below).unwrap_or_default();
            let of = |wanted: fn(&Item) -> bool| {
                below
                    .iter()
                    .filter(|near| wanted(&near.item))
                    .map(|near| near.item.to_string())
                    .collect::<Vec<_>>()
            };
            TraceCriterion {
                words: traced.words(&item),
                status: Status::from(now).key().to_string(),
                tasks: of(|item| matches!(item, Item::Task { .. })),
                tests: of(|item| matches!(item, Item::Test { .. })),
                id,
            }
        });
        let sum = by_spec.get(name);
        TraceSpec {
            spec: name.clone(),
            criteria: criteria.collect(),
            cited: sum.map_or(0, |sum| number(sum.cited)),
            tested: sum.map_or(0, |sum| number(sum.tested)),
            green_percent: sum.map_or(0, |sum| number(sum.green_percent())),
        }
    });
    TraceReport { specs: specs.collect() }
}

/// The same for a person.
pub(crate) fn words(term: &Term, report: &TraceReport) -> String {
    let mut lines = Vec::new();
    for spec in &report.specs {
        let head = format!(
            "{}  {}: {} in tasks, {} in tests, {} % tested and green",
            one_line(&spec.spec),
            counted(spec.criteria.len(), "criterion", "criteria"),
            spec.cited,
            spec.tested,
            spec.green_percent
        );
        lines.push(term.style(Style::Bold, &head));
        for criterion in &spec.criteria {
            let known = Status::ALL.into_iter().find(|status| status.key() == criterion.status);
            let (glyph, said) = known.map_or(("?", ""), |status| (status.glyph(), status.words()));
            let style = match known {
                Some(Status::Green) => Style::Green,
                Some(Status::Red) => Style::Red,
                Some(Status::Suspect) => Style::Yellow,
                _ => Style::Plain,
            };
            let id = one_line(&criterion.id);
            let mark = term.style(style, &format!("{glyph} {said:<14}"));
            lines.push(format!("  {mark} {id:<6} {}", glimpse(&criterion.words, 90)));
        }
    }
    if lines.is_empty() {
        return "no specs here yet; start one: waypost spec new \"what it should do\"".to_string();
    }
    lines.join("\n")
}

fn of_why(traced: &Traced, why: &Why) -> TraceWhy {
    TraceWhy {
        item: why.item.to_string(),
        words: traced.words(&why.item),
        status: why.status.map(|now| Status::from(now).words().to_string()),
        above: why.above.iter().map(|near| traced.near(near)).collect(),
        below: why.below.iter().map(|near| traced.near(near)).collect(),
    }
}

/// An item and what is around it, for a person.
pub(crate) fn why_words(term: &Term, row: &TraceWhy) -> String {
    let status = row.status.as_deref().map(|status| format!("  [{status}]")).unwrap_or_default();
    let mut lines = vec![term.style(Style::Bold, &one_line(&format!("{}{status}", row.item)))];
    if !row.words.is_empty() {
        lines.push(format!("  {}", one_line(&row.words.replace('\n', " "))));
    }
    let part = |title: &str, nears: &[crate::reports::TraceNear], lines: &mut Vec<String>| {
        if nears.is_empty() {
            return;
        }
        lines.push(term.style(Style::Dim, title));
        lines.extend(nears.iter().take(SHOWN_MAX * 2).map(near_words));
        let more = nears.len().saturating_sub(SHOWN_MAX * 2);
        if more > 0 {
            lines.push(term.style(Style::Dim, &format!("  and {more} more; --json has all")));
        }
    };
    part("follows from", &row.above, &mut lines);
    part("leads to", &row.below, &mut lines);
    if row.below.is_empty() {
        lines.push("nothing cites it yet".to_string());
    }
    lines.join("\n")
}

fn near_words(near: &crate::reports::TraceNear) -> String {
    let sure = if near.confidence == 100 { String::new() } else { format!(" {} %", near.confidence) };
    let came = near.outcome.as_deref().map(|came| format!(" {came}")).unwrap_or_default();
    let words = if near.words.is_empty() { String::new() } else { format!("  {}", glimpse(&near.words, 70)) };
    format!("  {}{came}{words}  ({}{sure})", one_line(&near.item), near.source)
}

fn gap_words(term: &Term, rows: &TraceGaps) -> String {
    let mut lines = Vec::new();
    let mut part = |title: &str, gaps: &[TraceGap]| {
        if gaps.is_empty() {
            return;
        }
        lines.push(term.style(Style::Bold, &format!("{} {title}", gaps.len())));
        for gap in gaps.iter().take(SHOWN_MAX) {
            lines.push(format!("  {}  {}", one_line(&gap.item), glimpse(&gap.words, 80)));
        }
        if gaps.len() > SHOWN_MAX {
            lines.push(
                term.style(Style::Dim, &format!("  and {} more; --json has all", gaps.len() - SHOWN_MAX)),
            );
        }
    };
    part("criteria with a red test", &rows.criteria_red);
    part("criteria that are suspect", &rows.criteria_suspect);
    part("criteria without a task", &rows.criteria_without_task);
    part("criteria whose tasks are done and that no test names", &rows.criteria_without_test);
    part("tasks without a criterion", &rows.tasks_without_criterion);
    part("properties without a test", &rows.properties_without_test);
    part("tags that name nothing", &rows.tags_that_name_nothing);
    let files: Vec<TraceGap> = rows
        .files_without_criterion
        .iter()
        .map(|file| TraceGap { item: file.clone(), words: String::new() })
        .collect();
    part("files beside the tasks' files, behind which no criterion stands", &files);
    if lines.is_empty() { "no gaps".to_string() } else { lines.join("\n") }
}

/// The trace as the exports take it.
fn report(traced: &Traced, entries: &[&Entry]) -> Report {
    let project = traced.workspace.root.file_name().map(|name| name.to_string_lossy().into_owned());
    Report {
        project: project.unwrap_or_default(),
        generated: tracing::now(),
        specs: entries.iter().map(|entry| of_spec(traced, entry)).collect(),
    }
}

fn of_spec(traced: &Traced, entry: &Entry) -> SpecReport {
    let name = &entry.place.name;
    let settings = index::settings::settings(&traced.workspace.root).unwrap_or_default();
    let findings = index::findings::of_spec(&entry.reading, &entry.plan, &settings);
    let mut by_subject: HashMap<&str, Vec<&lint::Finding>> = HashMap::new();
    for finding in &findings {
        if let Some(subject) = finding.subject.as_deref() {
            by_subject.entry(subject).or_default().push(finding);
        }
    }
    let places: HashMap<&str, usize> =
        entry.plan.steps.iter().enumerate().map(|(at, step)| (step.number.as_str(), at)).collect();
    let criterion = |known: &spec::Criterion| {
        let id = normal_id(&known.id);
        let item = Item::criterion(name, &id);
        let now = traced.trace.status(name, &id).map_or(Status::NoTask, Status::from);
        let mut row = CriterionReport::new(known.id.clone(), known.text.clone(), now);
        for near in traced.trace.why(&item).map(|why| why.below).unwrap_or_default() {
            match &near.item {
                Item::Task { id, .. } => row.tasks.extend(entry.plan.step(id).map(task)),
                Item::Property { id, .. } => {
                    row.properties.push(format!("{id} {}", traced.words(&near.item)))
                }
                Item::Test { path, name } => row.tests.push(TestReport {
                    name: name.clone(),
                    file: Some(path.clone()),
                    line: None,
                    status: near.outcome.map(tracing::outcome).unwrap_or("not run").to_string(),
                    confidence: f64::from(near.confidence) / 100.0,
                }),
                Item::Commit { hash } => row.commits.push(CommitReport {
                    hash: hash.chars().take(10).collect(),
                    subject: traced.words(&near.item),
                }),
                Item::Code { path, .. } => {
                    if !row.files.iter().any(|file| file.path == *path) {
                        row.files.push(FileReport { path: path.clone(), lines: String::new() });
                    }
                }
                Item::Requirement { .. } | Item::Criterion { .. } => {}
            }
        }
        // In the order of the document, so that task 3 stands before task 11.
        row.tasks.sort_by_key(|task| places.get(task.id.as_str()).copied());
        let own = by_subject.get(known.id.as_str()).into_iter().flatten();
        row.findings = own.copied().map(FindingReport::from).collect();
        row
    };
    let mut requirements: Vec<RequirementReport> = Vec::new();
    for one in entry.reading.requirements.iter().flat_map(|read| &read.requirements) {
        requirements.push(RequirementReport {
            number: one.number.clone(),
            title: one.title.clone(),
            story: one.user_story.clone(),
            criteria: one.criteria.iter().map(criterion).collect(),
        });
    }
    let clauses = entry.reading.bugfix.iter().flat_map(|read| &read.clauses).map(|clause| &clause.criterion);
    let single = entry.reading.single.iter().flat_map(|read| &read.requirements);
    let others: Vec<CriterionReport> = clauses.chain(single).map(criterion).collect();
    if !others.is_empty() {
        requirements.push(RequirementReport {
            number: String::new(),
            title: "Criteria".to_string(),
            story: None,
            criteria: others,
        });
    }
    SpecReport {
        name: name.clone(),
        title: entry.plan.title.clone(),
        kind: entry.reading.kind.name().to_string(),
        requirements,
        tasks: entry.plan.steps.iter().map(task).collect(),
        findings: findings
            .iter()
            .filter(|finding| finding.subject.is_none())
            .map(FindingReport::from)
            .collect(),
    }
}

fn task(step: &plan::Step) -> TaskReport {
    TaskReport {
        id: step.number.clone(),
        title: step.title.clone(),
        state: match step.state {
            State::Open => "open",
            State::Queued => "queued",
            State::InProgress => "in progress",
            State::Done => "done",
        }
        .to_string(),
        criteria: step.criteria.iter().map(|(id, _)| id.clone()).collect(),
    }
}
