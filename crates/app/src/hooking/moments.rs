//! From what happens in a session to the moments of hooks. Matches nothing.

use agent::{Happens, How, Kind, Occasion};
use conversation::{Call, Elsewhere};
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
        Happens::Calling { call, elsewhere } => vec![of_tool(call, elsewhere, moment(Trigger::PreToolUse))],
        Happens::Called { call, elsewhere, result } => vec![Moment {
            tool_response: Some(Value::String(result.text.clone())),
            ..of_tool(call, elsewhere, moment(Trigger::PostToolUse))
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

/// A tool of an MCP server is known to hooks as `server/tool` with its own arguments, by whatever tool of ours it is called.
fn of_tool(call: &Call, elsewhere: Option<&Elsewhere>, moment: Moment) -> Moment {
    let (name, input) = match elsewhere {
        Some(Elsewhere { server, tool, input }) => (format!("{server}/{tool}"), input.as_str()),
        None => (call.tool.clone(), call.input.text()),
    };
    Moment { tool_name: Some(name), tool_input: serde_json::from_str(input).ok(), ..moment }
}

fn chain(occasion: &Occasion<'_>, first: &str) -> Chain {
    occasion.cause.iter().fold(Chain::begun(first), |chain, hook| chain.then(&HookId::recorded(hook)))
}
