//! `waypost spec approve`: a person approves the documents of a spec, and the commands that will prove it, as they are
//! now.

use std::sync::Arc;

use conversation::{Digest, Event, Journal};
use plan::Plan;

use crate::cli::SpecApprove;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::{self, House};
use crate::term::Style;
use crate::world::World;
use crate::write_scope::{self, WriteScope};
use crate::{brief, events};
use index::SpecPlace;

/// Shows the plan, asks, and puts the approval on record.
pub(crate) async fn run(world: World, screen: Arc<Screen>, approve: SpecApprove) -> Outcome<Exit> {
    let house = House::open(world, screen)?;
    let place = house.workspace.spec(approve.name.as_deref())?;
    ask_and_record(&house, &place, approve.yes).await?;
    house.screen.progress(Style::Dim, &format!("next: waypost spec run {}", place.name));
    Ok(Exit::Done)
}

/// The approval itself; `yes` answers the question.
pub(crate) async fn ask_and_record(house: &House, place: &SpecPlace, yes: bool) -> Outcome<()> {
    let documents = place.documents()?;
    let plan = Plan::read(&documents);
    if plan.steps.is_empty() {
        return Err(Error::needs_answer(format!("the spec `{}` has no plan to approve", place.name))
            .hint(format!("make one: waypost spec plan {}", place.name)));
    }
    let problems = house::problems(&documents, &plan);
    show(house, &plan, &problems);
    if !problems.is_empty() {
        house.screen.notice(&format!(
            "{} problems are shown above; approving takes the plan with them",
            problems.len()
        ));
    }
    let mut checks: Vec<String> = plan
        .steps
        .iter()
        .filter(|step| step.is_leaf)
        .filter_map(|step| house::check_of(&house.config, &house.workspace, &plan, step))
        .collect();
    checks.sort();
    checks.dedup();
    if !house.screen.json() {
        house
            .screen
            .progress(Style::Plain, "Approving covers these documents as they are now and these commands:");
        for check in &checks {
            house.screen.progress(Style::Dim, &format!("  {check}"));
        }
    }
    let scope = scope(house, place)?;
    if !yes {
        match house.screen.confirm("approve?").await {
            Some(true) => {}
            Some(false) => return Err(Error::needs_answer("the plan was not approved; nothing was changed")),
            None => {
                return Err(Error::needs_answer("nobody can be asked here, so nothing was approved")
                    .hint(format!("after reviewing it: waypost spec approve {} --yes", place.name)));
            }
        }
    }
    let by = house.screen.person().to_string();
    let mut journal = house.open_spec(place)?;
    let mut approved: Vec<(String, Digest)> = Vec::new();
    for (name, bytes) in plan::approval::documents(&documents) {
        // Kept, so that later it can be said which words changed since.
        let digest = journal.content().put(&bytes)?;
        approved.push((name, digest));
    }
    if let Some(scope) = &scope {
        approved.push((write_scope::FILE.to_string(), journal.content().put(&scope.bytes)?));
    }
    journal.append(&Event::Approved {
        by: by.clone(),
        documents: approved.clone(),
        checks: checks.clone(),
    })?;
    journal.sync()?;
    house.screen.event(&events::Event::Approved {
        spec: place.name.clone(),
        by: by.clone(),
        documents: approved.iter().map(|(name, _)| name.clone()).collect(),
        checks,
        write_scope: scope.map(|scope| scope.globs.into_iter().map(|(_, glob)| glob).collect()),
    });
    let named: Vec<String> =
        approved.iter().map(|(name, digest)| format!("{name} {}", digest.short())).collect();
    house.screen.progress(Style::Green, &format!("approved by {by}: {}", named.join(", ")));
    Ok(())
}

/// Shows the write scope of a spec, which the approval covers. One that cannot be read cannot be approved.
fn scope(house: &House, place: &SpecPlace) -> Outcome<Option<WriteScope>> {
    let Some(scope) = WriteScope::read(place) else { return Ok(None) };
    let shown = house.workspace.shown(&place.path.join(write_scope::FILE));
    if scope.digest.is_none() {
        let why = scope.faults.first().map(|(_, why)| why.as_str()).unwrap_or_default();
        return Err(Error::failed(format!("`{shown}` bounds what the tasks write, and {why}"))
            .hint("make it a file with one glob a line, or remove it, then approve again"));
    }
    for fault in scope.told(&shown) {
        house.screen.notice(&fault);
    }
    let heading = match scope.globs.is_empty() {
        true => format!("The tasks write nothing without asking ({shown})."),
        false => format!("The tasks may write only here; anything else asks ({shown}):"),
    };
    house.screen.progress(Style::Plain, &heading);
    for (_, glob) in &scope.globs {
        house.screen.progress(Style::Dim, &format!("  {glob}"));
    }
    Ok(Some(scope))
}

/// Shows a plan in either form.
pub(crate) fn show(house: &House, plan: &Plan, problems: &[String]) {
    let rows = brief::rows(plan, |step| house::check_of(&house.config, &house.workspace, plan, step));
    if house.screen.json() {
        let (spec, problems) = (plan.name.clone(), problems.to_vec());
        house.screen.event(&events::Event::Plan { spec, steps: rows, problems });
    } else {
        house.screen.term.line(&brief::plan_words(&house.screen.term, &rows, problems));
    }
}
