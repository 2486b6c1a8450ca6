//! The tool `todo`: the plan of work that the model keeps. Touches nothing; the record of the call is the plan.

use conversation::{Call, CallResult, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use policy::{Permit, Request};
use serde::{Deserialize, Serialize};

use crate::input;

const DESCRIPTION: &str = "Keep a plan for longer work: send the whole list whenever a step changes.";

const SCHEMA: &str = r#"{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"text":{"type":"string"},"status":{"type":"string","enum":["pending","active","done"]}},"required":["text","status"]}}},"required":["items"]}"#;

/// How many steps a plan has.
const ITEMS_MAX: usize = 100;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Arguments {
    #[serde(alias = "todos", deserialize_with = "input::list")]
    items: Vec<Item>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Item {
    #[serde(alias = "content", alias = "title", alias = "step")]
    text: String,
    #[serde(default)]
    status: Progress,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Progress {
    #[default]
    #[serde(alias = "todo", alias = "open")]
    Pending,
    #[serde(alias = "in_progress", alias = "doing")]
    Active,
    #[serde(alias = "completed", alias = "complete")]
    Done,
}

/// Keeps the plan.
pub(crate) struct Todo;

impl Tool for Todo {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "todo".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        true
    }

    fn request(&self, call: &Call, _context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let count = input::parse::<Arguments>(call)?.items.len();
        if count > ITEMS_MAX {
            return Err(ToolError(format!("{count} items are too many for a plan; at most {ITEMS_MAX}")));
        }
        Ok(Vec::new())
    }

    fn understood(&self, call: &Call) -> Option<String> {
        input::understood::<Arguments>(call)
    }

    fn run<'a>(
        &'a self,
        _permit: Permit,
        call: &'a Call,
        _context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move { run(call).unwrap_or_else(|failed| failed) })
    }
}

fn run(call: &Call) -> Result<CallResult, CallResult> {
    let items = input::parse_or_fail::<Arguments>(call)?.items;
    let count = |progress| items.iter().filter(|item| item.status == progress).count();
    let text = format!(
        "plan kept: {} done, {} active, {} pending",
        count(Progress::Done),
        count(Progress::Active),
        count(Progress::Pending)
    );
    Ok(CallResult::new(&call.id, Status::Done, text))
}
