//! Hooks of `.kiro/settings/hooks.yaml`: a list, a map by name, or blocks at the top as one public repository has them.

use spec::Span;
use spec::data::{Key, Node, Value};

use super::fields::{Fields, Found, wrong};
use super::{Draft, HOOKS_MAX, globs, ignored, regex_matcher, tools, trigger, typed_action};
use crate::hook::Action;
use crate::matcher::{Dialect, Matcher};
use crate::trigger::Trigger;

/// The words for the files that a hook is about.
const PATTERNS: [&str; 5] = ["pattern", "patterns", "files", "file-pattern", "file_pattern"];

const KNOWN: &[&str] = &[
    "name",
    "description",
    "trigger",
    "event",
    "pattern",
    "patterns",
    "files",
    "file-pattern",
    "file_pattern",
    "matcher",
    "tools",
    "action",
    "prompt",
    "command",
    "advisory",
    "enabled",
    "timeout",
    "priority",
];

/// Everything in the file.
pub(super) fn hooks(root: &Node, found: &mut Found) -> Vec<Draft> {
    let list = match root.get("hooks") {
        Some(list) => {
            Fields::of(root).unknown(&["hooks", "version", "$schema", "description"], found);
            list
        }
        None => root,
    };
    let mut drafts = Vec::new();
    match &list.value {
        Value::List(items) => {
            drafts.extend(items.iter().filter_map(|item| hook(None, item, found)).take(HOOKS_MAX + 1));
        }
        Value::Map(members) => blocks(members, std::ptr::eq(list, root), found, &mut drafts),
        Value::Null => {}
        _ => wrong("hooks", list, "a list", found),
    }
    if drafts.is_empty() && list.items().is_empty() && list.members().is_empty() {
        let hint = "write `hooks:` and below it `- name: …`";
        found.warn("hook/no-hooks", super::first_span(Some(root)), "there is no hook in this file", hint);
    }
    drafts
}

/// Blocks by name. At the top of the file there may be blocks that are no hooks; they are named in one message.
fn blocks(members: &[(Key, Node)], is_top: bool, found: &mut Found, drafts: &mut Vec<Draft>) {
    let mut others: Vec<&Key> = Vec::new();
    for (key, block) in members {
        if drafts.len() > HOOKS_MAX {
            return;
        }
        let names_event = block.get("event").is_some() || block.get("trigger").is_some();
        if is_top && !names_event {
            others.push(key);
        } else {
            drafts.extend(hook(Some(&key.name), block, found));
        }
    }
    if let Some(first) = others.first() {
        let names: Vec<String> = others.iter().take(8).map(|key| format!("`{}`", key.name)).collect();
        let more = if others.len() > 8 { ", …" } else { "" };
        let message = format!("{}{more}: no hook, because there is no `trigger` in it", names.join(", "));
        found.note("hook/not-a-hook", first.span, message, "hooks stand in a list below `hooks:`");
    }
}

fn hook(key: Option<&str>, node: &Node, found: &mut Found) -> Option<Draft> {
    let fields = Fields::of(node);
    if !matches!(node.value, Value::Map(_)) {
        wrong(key.unwrap_or("a hook"), node, "a map", found);
        return None;
    }
    fields.unknown(KNOWN, found);
    let word =
        if fields.get("trigger").is_some() || fields.get("event").is_none() { "trigger" } else { "event" };
    let trigger = trigger(&fields, word, Trigger::yaml_name, found);
    let name = fields.text("name", found).or_else(|| key.map(str::to_string));
    let action = action(name.as_deref(), &fields, found);
    let timeout = fields.number("timeout", found);
    let (enabled, advisory) = (fields.flag("enabled", found), fields.flag("advisory", found));
    let description = fields.text("description", found);
    if let Some(priority) = fields.get("priority") {
        let message = "`priority` is not read; hooks run in the order in which they are written";
        found.note("hook/priority-ignored", priority.span, message, "");
    }
    let (trigger, action) = (trigger?, action?);
    let matcher = matcher(&fields, trigger, found);
    let name = name.unwrap_or_else(|| {
        let message = format!("`name` is missing; the hook is called `{}`", trigger.yaml_name());
        found.warn("hook/missing-field", node.span, message, "give the hook a name");
        trigger.yaml_name().to_string()
    });
    Some(Draft {
        name,
        description,
        span: node.span,
        trigger,
        matcher,
        action,
        timeout_ms: timeout.map(|seconds| seconds.saturating_mul(1000)),
        is_enabled: enabled.unwrap_or(true),
        advisory,
        confirm: None,
        output_max: None,
        cache_ttl_seconds: 0,
    })
}

/// `command: …`, `prompt: …`, `action: "<prompt>"` or `action: {type: …}`: exactly one of them.
fn action(name: Option<&str>, fields: &Fields<'_>, found: &mut Found) -> Option<Action> {
    let written: Vec<&str> =
        ["command", "prompt", "action"].into_iter().filter(|word| fields.get(word).is_some()).collect();
    match written.as_slice() {
        [] => {
            let name = name.unwrap_or("?");
            let message = format!("the hook `{name}` says when and not what; it never runs");
            found.broken("hook/no-action", fields.node.span, message, "add `prompt: …` or `command: …`");
            None
        }
        ["command"] => {
            fields.needed("command", "write the command line", found).map(|line| Action::Command { line })
        }
        ["prompt"] => {
            let hint = "write what the agent shall do";
            fields.needed("prompt", hint, found).map(|prompt| Action::Agent { prompt })
        }
        [_] => match fields.get("action") {
            Some(action) if matches!(action.value, Value::Map(_)) => {
                typed_action(action, [&["command", "runCommand"], &["agent", "prompt", "askAgent"]], found)
            }
            _ => {
                let hint = "write what the agent shall do";
                fields.needed("action", hint, found).map(|prompt| Action::Agent { prompt })
            }
        },
        [first, second, ..] => {
            let message = format!("`{first}` and `{second}` are both there; this hook never runs");
            found.broken("hook/two-actions", fields.span_of(second), message, "write two hooks");
            None
        }
    }
}

fn matcher(fields: &Fields<'_>, trigger: Trigger, found: &mut Found) -> Matcher {
    let patterns: Vec<(String, Span)> =
        PATTERNS.into_iter().flat_map(|name| fields.texts(name, found)).collect();
    let mut named_tools = fields.texts("tools", found);
    let regex = fields.text("matcher", found);
    if trigger.is_tool() {
        named_tools.extend(patterns);
        named_tools.extend(regex.map(|regex| (regex, fields.span_of("matcher"))));
        return tools(&named_tools, Dialect::Regex, found);
    }
    if !named_tools.is_empty() {
        ignored(fields.span_of("tools"), trigger, found);
    }
    if !trigger.is_file() {
        if let Some((_, span)) = patterns.first() {
            ignored(*span, trigger, found);
        }
        return Matcher::Always;
    }
    match (patterns.is_empty(), regex) {
        (true, Some(regex)) => regex_matcher(&regex, fields.span_of("matcher"), trigger, found),
        (true, None) => {
            let message = "this hook runs for every file";
            found.warn("hook/every-file", fields.node.span, message, "name the files in `pattern`");
            Matcher::Always
        }
        (false, regex) => {
            if regex.is_some() {
                let message = "`matcher` is not read beside `pattern`";
                found.warn("hook/unknown-field", fields.span_of("matcher"), message, "use one of them");
            }
            globs(&patterns, found)
        }
    }
}
