//! From what happens in a session to the moments of hooks. Matches nothing.

use agent::{Happens, How, Kind, Occasion};
use conversation::{Call, Elsewhere};
use hooks::{Chain, HookId, Moment, Trigger};
use serde_json::Value;
use std::path::{Component, Path, PathBuf};

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

/// What happened to a file at a trigger; none where it is not about files.
pub(crate) fn how_of(trigger: Trigger) -> Option<How> {
    Some(match trigger {
        Trigger::PostFileCreate => How::Created,
        Trigger::PostFileSave => How::Saved,
        Trigger::PostFileDelete => How::Deleted,
        _ => return None,
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
    // What is no JSON is told as it stands: a guard that looks into it must not find nothing.
    let mut input = Some(serde_json::from_str(input).unwrap_or_else(|_| Value::String(input.to_string())));
    if let (None, Some(Value::Object(input))) = (elsewhere, &mut input) {
        one_path(input, &moment.cwd);
    }
    Moment { tool_name: Some(name), tool_input: input, ..moment }
}

/// Whatever a model writes for the path of a call of ours, a guard gets it in one form, under `path` as well: from the workspace,
/// without `.`, `..` and doubled `/`; a path elsewhere is absolute, or goes up.
fn one_path(input: &mut serde_json::Map<String, Value>, root: &str) {
    let mut path = None;
    for key in hooks::PATH_KEYS {
        if let Some(Value::String(written)) = input.get_mut(key) {
            *written = plain(written, root);
            path.get_or_insert_with(|| written.clone());
        }
    }
    if let Some(path) = path.filter(|_| !input.contains_key("path")) {
        input.insert("path".to_string(), Value::String(path));
    }
}

/// A path by its text alone: links are not followed.
fn plain(written: &str, root: &str) -> String {
    let inside = Path::new(written).strip_prefix(root).unwrap_or(Path::new(written));
    let mut plain = PathBuf::new();
    for part in inside.components() {
        let can_go_up = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if can_go_up => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    // Nothing is left of the workspace itself.
    if plain.as_os_str().is_empty() { ".".to_string() } else { plain.to_string_lossy().into_owned() }
}

fn chain(occasion: &Occasion<'_>, first: &str) -> Chain {
    occasion.cause.iter().fold(Chain::begun(first), |chain, hook| chain.then(&HookId::recorded(hook)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_form() {
        let check = |written: &str, expected: &str| assert_eq!(plain(written, "/w"), expected, "{written}");
        check("a/b", "a/b");
        check("./a//b/.", "a/b");
        check("x/../a/./b", "a/b");
        check("/w/a", "a");
        check("/w/x/../a", "a");
        check("../w2/a", "../w2/a");
        check("a/../../b", "../b");
        check("/etc/x", "/etc/x");
        check("/w2/a", "/w2/a");
        check(".", ".");
        check("~/x", "~/x");
    }

    #[test]
    fn a_guard_finds_the_path_under_one_key() {
        let check = |input: Value, expected: Value| {
            let Value::Object(mut map) = input else { panic!("no map") };
            one_path(&mut map, "/w");
            assert_eq!(Value::Object(map), expected);
        };
        check(
            serde_json::json!({"filePath": "./secret/b", "content": "./x"}),
            serde_json::json!({"filePath": "secret/b", "path": "secret/b", "content": "./x"}),
        );
        check(serde_json::json!({"path": "x/../secret"}), serde_json::json!({"path": "secret"}));
        check(serde_json::json!({"command": "ls"}), serde_json::json!({"command": "ls"}));
    }
}
