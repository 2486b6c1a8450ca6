//! From what happens in a session to the moments of hooks. Matches nothing.

use agent::{Happens, How, Kind, Occasion};
use hooks::{Chain, HookId, Moment, Trigger};
use serde_json::Value;

/// The kind of moment of a session at which a trigger fires; none for what only a person starts.
pub(crate) fn kind_of(trigger: Trigger) -> Option<Kind> {
    Some(match trigger {
        Trigger::SessionStart => Kind::Started,
        Trigger::SessionEnd => Kind::Over,
        Trigger::UserPromptSubmit => Kind::Said,
        Trigger::Stop => Kind::Stopped,
        Trigger::PreToolUse => Kind::Calling,
        Trigger::PostToolUse => Kind::Called,
        Trigger::PreTaskExec => Kind::TaskBegins,
        Trigger::PostTaskExec => Kind::TaskEnded,
        Trigger::PostFileCreate | Trigger::PostFileSave | Trigger::PostFileDelete => Kind::Changed,
        Trigger::Manual => return None,
    })
}

/// The moments that this is: one, or one for each file. `first` names the event that began it all.
pub(crate) fn of(occasion: &Occasion<'_>, root: &str, first: &str) -> Vec<Moment> {
    let moment = |trigger| {
        let mut moment = Moment::new(trigger, occasion.session, root);
        moment.cause = chain(occasion, first);
        moment
    };
    match occasion.happens {
        Happens::Started => vec![moment(Trigger::SessionStart)],
        Happens::Over => vec![moment(Trigger::SessionEnd)],
        Happens::Stopped => vec![moment(Trigger::Stop)],
        Happens::Said { text } => {
            vec![Moment { prompt: Some(text.to_string()), ..moment(Trigger::UserPromptSubmit) }]
        }
        Happens::Calling { call } => {
            let tool_input = serde_json::from_str(call.input.text()).ok();
            let tool_name = Some(tool_name(&call.tool));
            vec![Moment { tool_name, tool_input, ..moment(Trigger::PreToolUse) }]
        }
        Happens::Called { call, result } => vec![Moment {
            tool_name: Some(tool_name(&call.tool)),
            tool_input: serde_json::from_str(call.input.text()).ok(),
            tool_response: Some(Value::String(result.text.clone())),
            ..moment(Trigger::PostToolUse)
        }],
        Happens::Changed { changes } => {
            let one = |change: &agent::Touched| {
                let trigger = match change.how {
                    How::Created => Trigger::PostFileCreate,
                    How::Saved => Trigger::PostFileSave,
                    How::Deleted => Trigger::PostFileDelete,
                };
                Moment { file_path: Some(change.path.clone()), ..moment(trigger) }
            };
            changes.iter().map(one).collect()
        }
        Happens::ByHand => Vec::new(),
        Happens::TaskBegins { spec, task } => vec![Moment {
            spec_name: Some(spec.to_string()),
            task_name: Some(task.to_string()),
            ..moment(Trigger::PreTaskExec)
        }],
        Happens::TaskEnded { spec, task, proven } => vec![Moment {
            spec_name: Some(spec.to_string()),
            task_name: Some(task.to_string()),
            task_success: Some(proven),
            ..moment(Trigger::PostTaskExec)
        }],
    }
}

/// A tool of an MCP server is known to hooks as `server/tool`.
fn tool_name(tool: &str) -> String {
    match tool.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) {
        Some((server, tool)) => format!("{server}/{tool}"),
        None => tool.to_string(),
    }
}

fn chain(occasion: &Occasion<'_>, first: &str) -> Chain {
    occasion.cause.iter().fold(Chain::begun(first), |chain, hook| chain.then(&HookId::recorded(hook)))
}
