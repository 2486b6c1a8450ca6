//! `waypost spec plan`: a model reads code and spec with reading tools only and hands in a numbered plan; Waypost checks
//! it and writes it down. Nothing else changes.

use std::path::Path;
use std::sync::Arc;

use conversation::{Digest, Event, Fragment, FragmentKind, Journal, Model, Purpose};
use plan::{Plan, Shape, SpecDocuments};
use spec::SpecKind;
use vcs::{Cause, Wrote};

use crate::checkpoints;
use crate::cli::{SessionFlags, SpecPlan};
use crate::drafting::{self, PlanWire};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::{self, House};
use crate::models::{self, Role};
use crate::session::{self, Order};
use crate::subagents::Crew;
use crate::term::Style;
use crate::toolbox;
use crate::workspace::write_whole;
use crate::world::World;
use index::SpecPlace;

/// What a planning session is told about its work.
const PLANNING: &str = "\
You plan; you change nothing. Read the code that the spec concerns (and its documents, where they are not given), then hand in a plan with submit_plan.
A good plan: each task is one reviewable change of one to a few files that can be checked by itself; tasks stand in the
order of their dependencies; each names the files it will create or change (tests included), the criteria it fulfils and a
check command that is red before it and green after it; every criterion is fulfilled by some task; the last task is a
checkpoint that runs everything. Prefer the project's own test command, as narrow as it goes. Use details to say what a
stranger would need: names, signatures, places, the design sections to follow.";

/// Plans, or shows the plan that is there.
pub(crate) async fn run(world: World, screen: Arc<Screen>, plan: SpecPlan) -> Outcome<Exit> {
    let mut house = House::open(world, screen)?;
    let place = house.workspace.spec(plan.name.as_deref())?;
    house.work_near(&place)?;
    let documents = place.documents()?;
    let existing = Plan::read(&documents);
    if existing.steps.is_empty() || plan.again {
        let name = models::name(&house.world, &house.config, plan.flags.model.as_deref(), Role::Plan)?;
        let model = models::open(&house.world, &house.config, &name)?;
        make(&mut house, &place, &model, &plan.flags).await?;
    } else {
        house.screen.progress(Style::Dim, "this plan exists; --again has the model write a new one");
    }
    let documents = place.documents()?;
    let read = Plan::read(&documents);
    super::spec_approve::show(&house, &read, &house::problems(&documents, &read));
    house.screen.progress(Style::Dim, &format!("next: review it, then: waypost spec approve {}", place.name));
    Ok(Exit::Done)
}

/// Has the model write a plan and writes it down.
pub(crate) async fn make(
    house: &mut House,
    place: &SpecPlace,
    model: &Arc<dyn Model>,
    flags: &SessionFlags,
) -> Outcome<()> {
    let documents = place.documents()?;
    let before = Plan::read(&documents);
    if before.criteria.is_empty() {
        return Err(Error::needs_answer(format!(
            "the spec `{}` has no criteria that could be planned",
            place.name
        ))
        .hint(format!("write requirements into {}", house.workspace.shown(&place.path))));
    }
    let kind = documents.kind();
    let needs_design = place.shape == Shape::Folder && documents.design.is_none();
    let title = title(&place.name, &before.title);
    let (checked_title, checked_place) = (title.clone(), place.clone());
    let description =
        "Hand in the plan. It is checked: every criterion cited exists and is cited by some task.";
    let (tool, take) = drafting::submit::<PlanWire>("submit_plan", description, move |wire| {
        // Against the documents as they are now: the person may have edited them meanwhile.
        let now = Plan::read(&checked_place.documents().map_err(|error| error.to_string())?);
        let known: Vec<&str> = now.criteria.iter().map(|criterion| criterion.id.as_str()).collect();
        let citable: Vec<&str> = now.criteria_to_cite().collect();
        let problems = plan::draft::check(&wire.tasks(&checked_title), &citable, &known);
        let mut refusal = if problems.is_empty() { String::new() } else { plan::draft::refusal(&problems) };
        if needs_design && wire.design.is_none() {
            refusal.push_str("- the spec has no design.md yet: hand in `design` as well\n");
        }
        if refusal.is_empty() { Ok(()) } else { Err(refusal) }
    });
    let mut tools = toolbox::readers(house);
    tools.push(Box::new(tool));
    let (turns_max, cost_max) = session::limits(house, flags)?;
    let names = document_names(&house.workspace.shown(&place.path), place.shape, &documents).join(", ");
    let order = Order {
        id: session::new_id(),
        purpose: Purpose::Plan { spec: place.name.clone() },
        crew: Crew::new(&house.common, model),
        tools,
        gate: house.gate(flags, &[])?,
        fragments: vec![Fragment::new(FragmentKind::Task, "planning", PLANNING)],
        paths: Vec::new(),
        words: format!(
            "Write the plan for the spec `{}`. Its documents: {names}. {}\n{}",
            place.name,
            if needs_design { "It has no design yet: hand one in with the plan." } else { "" },
            whole(&documents)
        ),
        turns_max,
        cost_max,
        is_last: true,
        agent: None,
        reached: None,
    };
    let came = session::begin(house, order).await?;
    let exit = Exit::from(came.ended.outcome);
    if exit != Exit::Done {
        return Err(Error { exit, ..Error::failed(came.ended.message) }
            .hint(format!("nothing was written; look at it with: waypost session show {}", came.session)));
    }
    let wire = take()?;
    let mut journal = house.open_spec(place)?;
    let what = format!("the plan of {}", place.name);
    let cause = Cause { session: came.session.clone(), what, ..Cause::default() };
    let (number, event) = checkpoints::before(&house.snapshots, &cause)?;
    journal.append(&event)?;
    write(house, place, &documents, kind, &title, &wire, needs_design)?;
    let written = [place.path.clone(), place.path.join("design.md"), place.path.join("tasks.md")];
    let written = written.iter().filter_map(|path| path.strip_prefix(&house.workspace.root).ok());
    let wrote = Wrote::Paths(written.map(Path::to_path_buf).collect());
    journal.append(&checkpoints::after(&house.snapshots, number, &wrote)?)?;
    let documents = place.documents()?;
    let digests: Vec<u8> =
        plan::approval::documents(&documents).into_iter().flat_map(|(_, bytes)| bytes).collect();
    journal.append(&Event::Planned { plan: Digest::of(&digests), session: Some(came.session) })?;
    Ok(journal.sync()?)
}

/// Writes the documents that a plan consists of.
fn write(
    house: &House,
    place: &SpecPlace,
    documents: &SpecDocuments,
    kind: SpecKind,
    title: &str,
    wire: &PlanWire,
    needs_design: bool,
) -> Outcome<()> {
    let tasks = wire.tasks(title);
    let mut files = Vec::new();
    match place.shape {
        Shape::Single => {
            let existing = documents.single.as_deref().unwrap_or_default();
            let new = spec::write::single_with_tasks(existing, &tasks);
            write_whole(&place.path, &keep_ticks(house, Some(existing), &new))?;
            files.push(place.path.clone());
        }
        Shape::Folder => {
            if let Some(design) = wire.design.as_ref().filter(|_| needs_design) {
                let text = match kind {
                    SpecKind::Bugfix => {
                        spec::write::bugfix_design_md(&design.bugfix(title, wire.check.clone()))
                    }
                    _ => spec::write::design_md(&design.feature(title, wire.check.clone())),
                };
                files.push(place.path.join("design.md"));
                write_whole(&place.path.join("design.md"), text.as_bytes())?;
            }
            files.push(place.path.join("tasks.md"));
            let new = spec::write::tasks_md(&tasks);
            let kept = keep_ticks(house, documents.tasks.as_deref(), new.as_bytes());
            write_whole(&place.path.join("tasks.md"), &kept)?;
        }
    }
    let files: Vec<String> = files.iter().map(|path| house.workspace.shown(path)).collect();
    house.screen.progress(Style::Green, &format!("wrote {}", files.join(", ")));
    house.screen.event(&crate::events::Event::SpecWritten { spec: place.name.clone(), files });
    Ok(())
}

/// The new document with the states of tasks that did not change, and words about those that did.
fn keep_ticks(house: &House, old: Option<&[u8]>, new: &[u8]) -> Vec<u8> {
    let Some(old) = old else { return new.to_vec() };
    let came = plan::replan::replan(old, new, None);
    let told = |rows: &[plan::replan::Row], style: Style, what: &str| {
        for row in rows {
            let number = if row.new.is_empty() { &row.old } else { &row.new };
            house.screen.progress(style, &format!("{what}: {number} {}", row.title));
        }
    };
    let done = |row: &&plan::replan::Row| row.before == Some(spec::State::Done);
    let kept = came.kept.iter().filter(done).count();
    if kept > 0 {
        house.screen.progress(Style::Dim, &format!("{kept} unchanged tasks keep their tick"));
    }
    let changed: Vec<_> = came.changed.iter().chain(&came.unsure).filter(done).cloned().collect();
    told(&changed, Style::Yellow, "changed, so its tick is gone");
    told(&came.removed_done, Style::Red, "done, and not in the new plan");
    came.document
}

/// The documents themselves, when they are short enough to save the model from reading them.
fn whole(documents: &SpecDocuments) -> String {
    const WHOLE_BYTES_MAX: usize = 24 * 1024;
    let parts = [&documents.requirements, &documents.bugfix, &documents.design, &documents.single];
    let texts: Vec<_> = parts.into_iter().flatten().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    match texts.iter().map(|text| text.len()).sum::<usize>() <= WHOLE_BYTES_MAX {
        true => texts.iter().map(|text| format!("\n<document>\n{}\n</document>\n", text.trim())).collect(),
        false => String::new(),
    }
}

/// The title of a plan: the spec's own, unless that only says what kind of document it is.
fn title(name: &str, own: &str) -> String {
    if !own.is_empty() && !own.ends_with("Document") {
        return own.to_string();
    }
    let words = name.rsplit('/').next().unwrap_or(name).replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The documents that exist, as paths for the model.
fn document_names(base: &str, shape: Shape, documents: &SpecDocuments) -> Vec<String> {
    match shape {
        Shape::Single => vec![base.to_string()],
        Shape::Folder => [
            ("requirements.md", &documents.requirements),
            ("bugfix.md", &documents.bugfix),
            ("design.md", &documents.design),
        ]
        .into_iter()
        .filter(|(_, bytes)| bytes.is_some())
        .map(|(name, _)| format!("{base}/{name}"))
        .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        assert_eq!(title("rate-limit", "Design Document"), "Rate limit");
        assert_eq!(title("a/rate-limit", ""), "Rate limit");
        assert_eq!(title("rate-limit", "Limits for keys"), "Limits for keys");
    }
}
