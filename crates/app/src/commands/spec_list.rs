//! `waypost spec list`: the specs of this workspace, how far each is, and all of them together.

use plan::{Plan, Reading};
use spec::State;

use crate::cli::SpecList as Flags;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::reports::SpecRow;
use crate::specs::SpecRecord;
use crate::term::{Style, Term, one_line};
use crate::workspace::Workspace;
use crate::world::World;
use crate::write_scope::WriteScope;

/// The list and its sum.
#[derive(Default)]
pub(crate) struct SpecList {
    pub(crate) specs: Vec<SpecRow>,
    total: SpecTotal,
}

#[derive(Default)]
struct SpecTotal {
    specs: u32,
    specs_done: u32,
    criteria: u32,
    tasks: u32,
    done: u32,
    /// Specs that were put away and are not listed.
    archived_hidden: u32,
}

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen, flags: &Flags) -> Outcome<Exit> {
    let list = gather(world, flags.all)?;
    screen.document(&list.specs, |_| words(&screen.term, &list));
    Ok(Exit::Done)
}

/// The list as it is now.
pub(crate) fn gather(world: &World, all: bool) -> Outcome<SpecList> {
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let mut list = SpecList::default();
    for place in workspace.specs() {
        if place.is_archived && !all {
            list.total.archived_hidden += 1;
            continue;
        }
        let reading = Reading::of(place.documents()?);
        let plan = Plan::of(&reading);
        let record = SpecRecord::read(&store, &place)?;
        let scope = WriteScope::read(&place);
        let is_approved = record.unapproved(&reading.documents, scope.as_ref()).is_empty();
        list.specs.push(row(&reading, &plan, is_approved, place.is_archived));
    }
    for row in &list.specs {
        list.total.specs += 1;
        list.total.specs_done += u32::from(row.state == "done");
        list.total.criteria += row.criteria;
        list.total.tasks += row.tasks;
        list.total.done += row.done;
    }
    Ok(list)
}

fn row(reading: &Reading, plan: &Plan, is_approved: bool, archived: bool) -> SpecRow {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let leaves: Vec<_> = plan.steps.iter().filter(|step| step.is_leaf).collect();
    let done = leaves.iter().filter(|step| step.state == State::Done).count();
    let is_open = leaves.iter().any(|step| step.state != State::Done && !step.optional);
    let is_begun = done > 0 || leaves.iter().any(|step| step.state == State::InProgress);
    let state = match (leaves.is_empty(), is_open, is_begun) {
        (true, ..) => "written",
        (false, false, _) => "done",
        (false, true, true) => "begun",
        (false, true, false) => "planned",
    };
    let to_cite = || plan.criteria.iter().filter(|criterion| !criterion.is_described_only);
    SpecRow {
        spec: plan.name.clone(),
        kind: reading.kind.name().to_string(),
        state: state.to_string(),
        criteria: count(to_cite().count()),
        uncited: count(to_cite().filter(|criterion| criterion.cited_by.is_empty()).count()),
        tasks: count(leaves.len()),
        done: count(done),
        approved: is_approved,
        archived,
    }
}

/// The list for a person.
pub(crate) fn words(term: &Term, list: &SpecList) -> String {
    if list.specs.is_empty() && list.total.archived_hidden == 0 {
        return "no specs here yet; start one: waypost spec new \"what it should do\"".to_string();
    }
    let mut lines: Vec<String> = list.specs.iter().map(|row| line(term, row)).collect();
    let total = &list.total;
    if total.specs > 1 {
        lines.push(term.style(
            Style::Bold,
            &format!(
                "{} specs, {} done; {} criteria; {}/{} tasks done",
                total.specs, total.specs_done, total.criteria, total.done, total.tasks
            ),
        ));
    }
    if total.archived_hidden > 0 {
        lines.push(
            term.style(Style::Dim, &format!("{} put away; show them with --all", total.archived_hidden)),
        );
    }
    lines.join("\n")
}

fn line(term: &Term, row: &SpecRow) -> String {
    let style = match row.state.as_str() {
        "done" => Style::Green,
        "begun" => Style::Yellow,
        _ => Style::Plain,
    };
    let mut line = format!(
        "{:<32} {:<12} {} {:>3}/{:<3} tasks done  {:>3} {}",
        one_line(&row.spec),
        row.kind,
        term.style(style, &format!("{:<8}", row.state)),
        row.done,
        row.tasks,
        row.criteria,
        if row.criteria == 1 { "criterion" } else { "criteria" }
    );
    if row.uncited > 0 && row.tasks > 0 {
        line.push_str(&format!(", {} uncited", row.uncited));
    }
    line.push_str(if row.approved { "  approved" } else { "  not approved" });
    if row.archived {
        line.push_str("  put away");
    }
    line
}
