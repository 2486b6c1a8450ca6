//! `spec_plan`: the tasks of a spec in order, what comes next, and what one task is told.

use agent::TaskOrder;
use mcp::offer::{Hints, Object, Offer, OfferResult};
use plan::context::task_context;
use plan::{Graph, Plan, Reading, schedule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{read, schema};
use crate::commands::spec_graph;
use crate::config::Config;
use crate::desk::task_words;
use crate::error::{Error, Outcome};
use crate::events::StepRow;
use crate::reports::SpecGraph;
use crate::specs::SpecRecord;
use crate::term::Term;
use crate::workspace::Workspace;
use crate::world::World;
use crate::write_scope::WriteScope;
use crate::{brief, house};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The spec, as spec_list names it; it can be left out where there is only one.
    spec: Option<String>,
    /// A task, such as `2.1`: all that it needs to be carried out, as text.
    task: Option<String>,
}

/// What it gives as a value.
#[derive(Serialize, JsonSchema)]
struct Planned {
    spec: String,
    /// Documents that are not approved as they are now; nothing can be ticked before they are.
    unapproved: Vec<String>,
    /// The task to carry out next; absent when all required work is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    steps: Vec<StepRow>,
    /// Which task waits for which, and why.
    graph: SpecGraph,
    /// With `task`: what it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<String>,
}

pub(super) fn offer() -> Offer {
    Offer {
        name: "spec_plan".to_string(),
        title: Some("Plan of a spec".to_string()),
        description: "The tasks of a spec in the order in which they can be carried out, which waits for which and why, \
                      and the next one. With `task`: all that this task needs, as text: its own lines, the criteria it \
                      cites, the design sections it names, what was done before it, and the check that proves it."
            .to_string(),
        input: schema::<Arguments>(),
        output: Some(schema::<Planned>()),
        hints: Some(Hints::LOOKS),
    }
}

pub(super) fn call(world: &World, arguments: &Object) -> Outcome<OfferResult> {
    let arguments: Arguments = read(arguments)?;
    let told = match &arguments.task {
        Some(task) => Some(told(world, arguments.spec.as_deref(), task)?),
        None => None,
    };
    let config = Config::read(&world.config)?;
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(arguments.spec.as_deref())?;
    let reading = Reading::of(place.documents()?);
    let plan = Plan::of(&reading);
    let record = SpecRecord::read(&house::open_store(world, &workspace)?, &place)?;
    let planned = Planned {
        spec: place.name.clone(),
        unapproved: record.unapproved(&reading.documents, WriteScope::read(&place).as_ref()),
        next: schedule::next(&plan).map(|step| step.task_id.clone()),
        steps: brief::rows(&plan, |step| house::check_of(&config, &workspace, &plan, step)),
        graph: spec_graph::report(&place.name, &Graph::of(&reading, &plan)),
        told,
    };
    let value = serde_json::to_value(&planned).map_err(Error::failed)?;
    if let Some(told) = planned.told {
        return Ok(OfferResult::structured(told, value));
    }
    let term = Term::new(false, false);
    let mut text = format!(
        "{}\n\n{}",
        brief::plan_words(&term, &planned.steps, &[]).trim(),
        spec_graph::words(&term, &planned.graph)
    );
    text.push_str(&match &planned.next {
        Some(task) => format!("\nnext: task {task}; spec_plan with `task` says what it needs"),
        None => "\nall required work is done".to_string(),
    });
    if !planned.unapproved.is_empty() {
        let which = planned.unapproved.join(", ");
        text.push_str(&format!(
            "\nnot approved as it is now: {which}; a person does that: waypost spec approve {}",
            planned.spec
        ));
    }
    Ok(OfferResult::structured(text, value))
}

/// What a task is told, as in a run of ours.
pub(super) fn told(world: &World, spec: Option<&str>, task: &str) -> Outcome<String> {
    let config = Config::read(&world.config)?;
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(spec)?;
    let documents = place.documents()?;
    let plan = Plan::read(&documents);
    let Some(step) = plan.step(task).filter(|step| step.is_leaf) else {
        let leaves = plan.steps.iter().filter(|step| step.is_leaf).map(|step| step.task_id.as_str());
        let leaves: Vec<&str> = leaves.take(100).collect();
        return Err(Error::usage(format!("the spec `{}` has no task `{task}` to carry out", place.name))
            .hint(format!("its tasks are: {}", leaves.join(", "))));
    };
    let context = task_context(&documents, &plan, task).unwrap_or_default();
    let check = house::check_of(&config, &workspace, &plan, step);
    let order = TaskOrder { step: step.clone(), context, check, again: None };
    Ok(task_words(&plan, &order, &workspace.shown(&place.path)))
}
