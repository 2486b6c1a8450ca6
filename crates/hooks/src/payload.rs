//! What a hook gets: the JSON on its standard input, its environment, and the prompt of an agent hook. Runs nothing.

use serde_json::{Map, Value, json};

use crate::hook::{Action, Format, Hook};
use crate::moment::Moment;
use crate::tool_names;
use crate::trigger::Trigger;

/// Bytes of one text in a payload (prompt, each text of a tool's input and answer); a longer one is cut and says so.
pub const TEXT_MAX: usize = 256 * 1024;

/// The same for what a hook says yes or no to (the input at `PreToolUse`, the prompt at `UserPromptSubmit`): as much as an answer of
/// a model can hold, so that nothing is hidden behind what is cut.
const GUARDED_TEXT_MAX: usize = 32 * 1024 * 1024;

/// Bytes of one variable in the environment; the kernel refuses more than 128 KiB.
pub const VARIABLE_MAX: usize = 32 * 1024;

/// Texts and numbers inside one tool's input or answer that go into a payload.
const VALUES_MAX: usize = 10_000;

/// The same for the input at `PreToolUse`.
const GUARDED_VALUES_MAX: usize = 1_000_000;

/// Places that a payload names as cut; there may be more.
const CUTS_MAX: usize = 100;

/// Bytes of the name of such a place.
const POINTER_MAX: usize = 1024;

/// The JSON that a command gets on standard input: Kiro's names, everything that is known, and below `waypost` what
/// Kiro has no name for (our tool's name, all files of a merged moment, the chain, what was cut). One line, a line feed behind it.
pub fn payload(hook: &Hook, moment: &Moment) -> String {
    let mut map = Map::new();
    let is_cli = hook.format == Format::Cli;
    let event = if is_cli { moment.trigger.cli_name() } else { moment.trigger.name() };
    map.insert("hook_event_name".to_string(), json!(event));
    map.insert("session_id".to_string(), json!(moment.session_id));
    map.insert("cwd".to_string(), json!(moment.cwd));
    let mut cuts = Vec::new();
    let mut text = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let is_guarded = name == "prompt" && moment.trigger == Trigger::UserPromptSubmit;
            let max = if is_guarded { GUARDED_TEXT_MAX } else { TEXT_MAX };
            if value.len() > max {
                cuts.push(format!("/{name}"));
            }
            map.insert(name.to_string(), Value::String(cut(value, max)));
        }
    };
    text("prompt", moment.prompt.as_deref());
    text("tool_name", moment.tool_name.as_deref().map(|tool| shown_tool(hook, tool)).as_deref());
    text("file_path", moment.file_path.as_deref());
    text("spec_name", moment.spec_name.as_deref());
    text("task_name", moment.task_name.as_deref());
    text("user_decision", moment.user_decision.as_deref());
    let mut bounds = match moment.trigger {
        Trigger::PreToolUse => Bounds { text: GUARDED_TEXT_MAX, left: GUARDED_VALUES_MAX, cuts },
        _ => Bounds { text: TEXT_MAX, left: VALUES_MAX, cuts },
    };
    if let Some(input) = &moment.tool_input {
        map.insert("tool_input".to_string(), with_kiros_keys(bounds.of(input, "/tool_input")));
    }
    if let Some(response) = &moment.tool_response {
        map.insert("tool_response".to_string(), bounds.of(response, "/tool_response"));
    }
    if let Some(success) = moment.task_success {
        map.insert("task_success".to_string(), json!(success));
    }
    map.insert("waypost".to_string(), ours(hook, moment, &bounds.cuts));
    format!("{}\n", Value::Object(map))
}

/// What Kiro has no name for.
fn ours(hook: &Hook, moment: &Moment, cuts: &[String]) -> Value {
    let mut map = Map::new();
    map.insert("hook".to_string(), json!(hook.name));
    map.insert("event".to_string(), json!(moment.trigger.yaml_name()));
    if let Some(tool) = &moment.tool_name {
        map.insert("tool".to_string(), json!(tool));
    }
    if let Some(agent) = &moment.agent {
        map.insert("agent".to_string(), json!(agent));
    }
    if moment.trigger.is_file() {
        map.insert("file_paths".to_string(), moment.paths().collect());
        if moment.paths_left_out > 0 {
            map.insert("file_paths_left_out".to_string(), json!(moment.paths_left_out));
        }
    }
    if let Some(path) = &moment.old_path {
        map.insert("old_path".to_string(), json!(path));
    }
    if !cuts.is_empty() {
        map.insert("cut".to_string(), json!(cuts));
    }
    let links: Vec<&str> = moment.cause.links.iter().map(|link| link.as_str()).collect();
    map.insert("cause".to_string(), json!({ "event": moment.cause.root, "hooks": links }));
    Value::Object(map)
}

/// The tool as the hook's format knows it: Kiro's name, except in our own `hooks.yaml`.
fn shown_tool(hook: &Hook, tool: &str) -> String {
    match hook.format {
        Format::Cli => tool_names::cli_name(tool),
        Format::Yaml => tool.to_string(),
        Format::V1 | Format::Legacy | Format::Plugin => tool_names::v1_name(tool).to_string(),
    }
}

/// Keys under which scripts written for Kiro look for what our tools call otherwise; ours stay.
fn with_kiros_keys(input: Value) -> Value {
    let Value::Object(mut map) = input else { return input };
    let mut add = |to: &str, from: &str| {
        if !map.contains_key(to)
            && let Some(value) = map.get(from).cloned()
        {
            map.insert(to.to_string(), value);
        }
    };
    add("file_path", "path");
    add("text", "content");
    add("file_text", "content");
    // One edit is what Kiro's tool can do; its scripts look for these two.
    if let Some(Value::Array(edits)) = map.get("edits")
        && let [Value::Object(edit)] = edits.as_slice()
    {
        let pair = (edit.get("old_text").cloned(), edit.get("new_text").cloned());
        for (name, value) in [("old_str", pair.0), ("new_str", pair.1)] {
            if let Some(value) = value.filter(|_| !map.contains_key(name)) {
                map.insert(name.to_string(), value);
            }
        }
    }
    Value::Object(map)
}

/// How much of a value goes into a payload, and what did not.
struct Bounds {
    /// Bytes of one text.
    text: usize,
    /// Values that may still come.
    left: usize,
    /// Where something is missing, as JSON pointers.
    cuts: Vec<String>,
}

impl Bounds {
    /// The same value with long texts cut and at most as many values as are left; nested values deeper than a hundred become text.
    fn of(&mut self, value: &Value, at: &str) -> Value {
        self.at(value, &mut vec![at.to_string()])
    }

    fn at(&mut self, value: &Value, path: &mut Vec<String>) -> Value {
        self.left = self.left.saturating_sub(1);
        match value {
            Value::String(text) => {
                if text.len() > self.text {
                    self.is_cut(path);
                }
                Value::String(cut(text, self.text))
            }
            Value::Array(_) | Value::Object(_) if path.len() > 100 || self.left == 0 => {
                self.is_cut(path);
                json!("… left out")
            }
            Value::Array(items) => {
                let mut kept = Vec::new();
                for (nth, item) in items.iter().enumerate() {
                    if self.left == 0 {
                        self.is_cut(path);
                        kept.push(json!("… left out"));
                        break;
                    }
                    path.push(format!("/{nth}"));
                    kept.push(self.at(item, path));
                    path.pop();
                }
                Value::Array(kept)
            }
            Value::Object(members) => {
                let mut kept = Map::new();
                for (key, member) in members {
                    if self.left == 0 {
                        self.is_cut(path);
                        kept.insert("…".to_string(), json!("left out"));
                        break;
                    }
                    path.push(format!("/{}", key.replace('~', "~0").replace('/', "~1")));
                    kept.insert(key.clone(), self.at(member, path));
                    path.pop();
                }
                Value::Object(kept)
            }
            other => other.clone(),
        }
    }

    fn is_cut(&mut self, path: &[String]) {
        if self.cuts.len() < CUTS_MAX {
            let pointer = path.concat();
            self.cuts.push(cut(&pointer, POINTER_MAX));
        }
    }
}

/// Variables that a command gets beside its ordinary environment. None holds a NUL or more than [`VARIABLE_MAX`] bytes.
pub fn environment(hook: &Hook, moment: &Moment) -> Vec<(String, String)> {
    let mut pairs = vec![
        ("USER_PROMPT".to_string(), moment.prompt.clone().unwrap_or_default()),
        ("WAYPOST_HOOK".to_string(), hook.name.clone()),
        ("WAYPOST_EVENT".to_string(), moment.trigger.name().to_string()),
        ("WAYPOST_SESSION".to_string(), moment.session_id.clone()),
        ("WORKSPACE_ROOT".to_string(), moment.cwd.clone()),
    ];
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            pairs.push((name.to_string(), value));
        }
    };
    add("WAYPOST_FILE", moment.file_path.clone());
    add("WAYPOST_TOOL", moment.tool_name.clone());
    add("PLUGIN_ROOT", plugin_root(hook, moment));
    for (_, value) in &mut pairs {
        if value.contains('\0') {
            *value = value.replace('\0', "");
        }
        *value = cut(value, VARIABLE_MAX);
    }
    pairs
}

/// What an agent hook's agent is asked, with `${PLUGIN_ROOT}` and `${WORKSPACE_ROOT}` of plugins filled in; `None` for a
/// command. In a command line the shell fills them in, from [`environment`].
pub fn prompt(hook: &Hook, moment: &Moment) -> Option<String> {
    let Action::Agent { prompt } = &hook.action else { return None };
    let Some(root) = plugin_root(hook, moment) else { return Some(prompt.clone()) };
    Some(prompt.replace("${PLUGIN_ROOT}", &root).replace("${WORKSPACE_ROOT}", &moment.cwd))
}

fn plugin_root(hook: &Hook, moment: &Moment) -> Option<String> {
    let root = hook.plugin_root()?;
    Some(match root.starts_with(['/', '~']) {
        true => root.to_string(),
        false => format!("{}/{root}", moment.cwd.trim_end_matches('/')),
    })
}

/// The text up to `max` bytes, at a character, with a mark when something is missing.
pub(crate) fn cut(text: &str, max: usize) -> String {
    const MARK: &str = "… (cut)";
    if text.len() <= max {
        return text.to_string();
    }
    let mut end = max.saturating_sub(MARK.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MARK}", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
