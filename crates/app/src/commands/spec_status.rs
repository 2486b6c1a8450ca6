//! `waypost spec status`: how far a spec is, what each tick stands on, and what its documents have not seen of each
//! other.

use index::SpecPlace;
use index::freshness::{Since, Stale};
use index::past::{Past, Today};
use index::repository::ACCEPTED_FILE;
use plan::drift::{Accepted, Because};
use plan::freshness::{Cause, Source, Timeline};
use plan::{Plan, Reading};
use spec::State;

use crate::brief;
use crate::cli::SpecName;
use crate::config::Config;
use crate::error::Outcome;
use crate::events::SpecStatus;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::reports::{StaleRow, StaleTask};
use crate::specs::SpecRecord;
use crate::term::{Style, Term, one_line};
use crate::tracing;
use crate::workspace::Workspace;
use crate::world::World;
use crate::write_scope::WriteScope;

/// Sources named in one line; the rest is counted.
const SOURCES_SHOWN_MAX: usize = 3;

/// Shows.
pub(crate) fn run(world: &World, screen: &Screen, name: &SpecName) -> Outcome<Exit> {
    let note = |note: String| screen.progress(Style::Yellow, &note);
    let (status, is_begun) = gather(world, name.name.as_deref(), note)?;
    screen.document(&status, |status| words(&screen.term, status, is_begun));
    Ok(Exit::Done)
}

/// How a spec stands, and whether anything is on record about its tasks. `note` hears what could not be read.
pub(crate) fn gather(
    world: &World,
    name: Option<&str>,
    note: impl FnOnce(String),
) -> Outcome<(SpecStatus, bool)> {
    let config = Config::read(&world.config)?;
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let place = workspace.spec(name)?;
    let documents = place.documents()?;
    let reading = Reading::of(documents);
    let plan = Plan::of(&reading);
    let documents = &reading.documents;
    let record = SpecRecord::read(&store, &place)?;
    let snapshots = match record.tasks.is_empty() {
        true => None,
        false => Some(house::snapshots(&store, &workspace)?),
    };
    let approved = record.approval(&store, &place).map(|approval| (place.name.clone(), approval));
    let path = world.variable("PATH").unwrap_or_default();
    let today = Today { place: &place, plan: &plan };
    let past = Past::read_documents_only(&workspace.root, &path, &[today], &approved.into_iter().collect());
    let past = past.unwrap_or_else(|error| {
        note(format!("note: the history cannot be read: {error}"));
        Past::default()
    });
    let is_known = past.timelines.get(&place.name).is_some_and(Timeline::is_begun);
    let accepted = accepted(&place)?;
    let stale = index::freshness::stale(&reading, &plan, &accepted, &past, &tracing::today());
    let status = SpecStatus {
        spec: place.name.clone(),
        unapproved: record.unapproved(documents, WriteScope::read(&place).as_ref()),
        approved_by: record.approved_by.clone(),
        steps: brief::rows(&plan, |step| house::check_of(&config, &workspace, &plan, step)),
        problems: house::problems(documents, &plan),
        freshness: match (is_known, stale.is_empty()) {
            (false, _) => "unknown",
            (true, true) => "fresh",
            (true, false) => "stale",
        }
        .to_string(),
        stale: stale.iter().map(row).collect(),
        brief: brief::brief(&plan, &record, snapshots.as_ref())?,
    };
    Ok((status, !record.tasks.is_empty()))
}

/// The same for a person.
pub(crate) fn words(term: &Term, status: &SpecStatus, is_begun: bool) -> String {
    let mut text = brief::plan_words(term, &status.steps, &status.problems);
    if status.steps.is_empty() {
        text.push_str(&format!("\nno plan yet; next: waypost spec plan {}\n", one_line(&status.spec)));
        text.push_str(&freshness(term, status));
        return text.trim_start().to_string();
    }
    let approval = match (&status.approved_by, status.unapproved.is_empty()) {
        (Some(by), true) => format!("approved by {by}"),
        (Some(by), false) => {
            format!("approved by {by}, but changed since: {}", status.unapproved.join(", "))
        }
        (None, _) => "not approved; review it, then: waypost spec approve".to_string(),
    };
    text.push_str(&format!("\n\n{}\n", term.style(Style::Bold, &one_line(&approval))));
    text.push_str(&freshness(term, status));
    if is_begun {
        text.push_str(&format!("\n{}", brief::words(term, &status.brief)));
    }
    text
}

fn accepted(place: &SpecPlace) -> Outcome<Accepted> {
    if place.shape == plan::Shape::Single {
        return Ok(Accepted::default());
    }
    let bytes = index::place::read(&place.path.join(ACCEPTED_FILE))?;
    Ok(bytes.map(|bytes| Accepted::parse(&bytes).0).unwrap_or_default())
}

fn row(stale: &Stale) -> StaleRow {
    let commit = |because: &Because| {
        format!("{} {}", because.commit.get(..10).unwrap_or(&because.commit), because.subject)
    };
    let (cause, now) = match &stale.cause {
        Cause::Changed(_) => ("changed", None),
        Cause::Removed(_) => ("removed", None),
        Cause::Renumbered { from: Source::Section(_), to } => {
            ("renamed", Some(to.to_string().replace('`', "")))
        }
        Cause::Renumbered { to, .. } => ("renumbered", Some(to.to_string().replace('`', ""))),
    };
    StaleRow {
        source: stale.cause.source().to_string().replace('`', ""),
        cause: cause.to_string(),
        now,
        item: stale.item.clone(),
        design_sections: stale.sections.clone(),
        tasks: stale
            .tasks
            .iter()
            .map(|(task, state)| StaleTask { task: task.clone(), done: *state == State::Done })
            .collect(),
        because: stale.because.as_ref().map(commit),
        since: match &stale.since {
            Since::Approval => "approval".to_string(),
            Since::Commit(because) => commit(because),
        },
    }
}

/// What design and tasks have not seen, for a person.
fn freshness(term: &Term, status: &SpecStatus) -> String {
    let mut text = String::new();
    let mut older = |document: &str, sources: Vec<&str>| {
        let more = sources.len().saturating_sub(SOURCES_SHOWN_MAX);
        let mut named: Vec<&str> = sources.into_iter().take(SOURCES_SHOWN_MAX).collect();
        let rest = format!("{more} more");
        if more > 0 {
            named.push(&rest);
        }
        if !named.is_empty() {
            let line = one_line(&format!("{document} is older than {}", named.join(", ")));
            text.push_str(&format!("{}\n", term.style(Style::Yellow, &line)));
        }
    };
    let sources = |is_it: fn(&StaleRow) -> bool| {
        status.stale.iter().filter(|row| is_it(row)).map(|row| row.source.as_str()).collect()
    };
    older("the design", sources(|row| !row.design_sections.is_empty()));
    older("the plan", sources(|row| !row.tasks.is_empty()));
    for row in &status.stale {
        let now = row.now.as_deref().map(|now| format!("; its words are {now} now")).unwrap_or_default();
        let who = row.because.as_deref().unwrap_or("not committed yet");
        text.push_str(&one_line(&format!("  {} was {}{now}  ({who})", row.source, row.cause)));
        text.push('\n');
        if !row.design_sections.is_empty() {
            text.push_str(&one_line(&format!("    design: {}", row.design_sections.join(", "))));
            text.push('\n');
        }
        if !row.tasks.is_empty() {
            let tasks = row.tasks.iter().map(|task| match task.done {
                true => format!("{} (done)", task.task),
                false => task.task.clone(),
            });
            text.push_str(&one_line(&format!("    tasks: {}", tasks.collect::<Vec<_>>().join(", "))));
            text.push('\n');
        }
    }
    if let Some(row) = status.stale.first() {
        let item = if row.item.contains(' ') { format!("'{}'", row.item) } else { row.item.clone() };
        let next = format!("still true? waypost spec accept {} {item} --why \"…\"", status.spec);
        text.push_str(&format!("{}\n", term.style(Style::Dim, &one_line(&next))));
    }
    text
}
