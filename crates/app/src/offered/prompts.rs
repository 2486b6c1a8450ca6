//! The one prompt: carry out a task of a spec, with all that it needs and the way to its tick.

use mcp::offer::{Filled, Object, Piece, Prompt, PromptArgument, Speaker};
use plan::{Plan, schedule};
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::read;
use super::plan::told;
use crate::error::{Error, Outcome};
use crate::workspace::Workspace;
use crate::world::World;

pub(super) const NAME: &str = "carry-out-task";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    spec: Option<String>,
    task: Option<String>,
}

pub(super) fn prompt(read_only: bool) -> Prompt {
    let argument = |name: &str, what: &str| PromptArgument {
        name: name.to_string(),
        description: Some(what.to_string()),
        required: false,
    };
    let ticked = if read_only { "" } else { " and have it ticked on evidence" };
    Prompt {
        name: NAME.to_string(),
        title: Some("Carry out a task of a spec".to_string()),
        description: Some(format!("carry out one task of an approved plan{ticked}")),
        arguments: vec![
            argument("spec", "the spec; it can be left out where there is only one"),
            argument("task", "the task, such as 2.1; the next one when it is left out"),
        ],
    }
}

pub(super) fn fill(world: &World, read_only: bool, arguments: &Object) -> Outcome<Filled> {
    let arguments: Arguments = read(arguments)?;
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(arguments.spec.as_deref().filter(|spec| !spec.is_empty()))?;
    let plan = Plan::read(&place.documents()?);
    let next = || schedule::next(&plan).map(|step| step.task_id.clone());
    let Some(task) = arguments.task.filter(|task| !task.is_empty()).or_else(next) else {
        return Err(Error::usage(format!("the spec `{}` has no open task", place.name)));
    };
    let words = told(world, Some(&place.name), &task)?;
    let way = match read_only {
        true => "When you are done, say what you changed and how you saw that it works.".to_string(),
        false => format!(
            "1. Before you change any file: spec_tick with spec `{spec}`, task `{task}`, state `in_progress`.\n\
             2. Carry the task out, and nothing beyond it. Leave the boxes in tasks.md to Waypost.\n\
             3. Run the check yourself until it is green.\n\
             4. spec_tick with state `done`. It looks at what changed and runs the check. When it says what is missing, \
             go on and hand in again; when you cannot, state `open` with a reason gives the task back.",
            spec = place.name
        ),
    };
    let text = format!("{}\n\n{way}", words.trim_end());
    Ok(Filled { description: None, messages: vec![(Speaker::User, Piece::Text(text))] })
}
