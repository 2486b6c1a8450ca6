//! Hooks in the form of Kiro 0.x: one per file, with `when` and `then`.

use spec::data::{Node, Value};

use super::fields::{Fields, Found, wrong};
use super::{Draft, globs, ignored, tools, trigger, typed_action};
use crate::matcher::{Dialect, Matcher};
use crate::trigger::Trigger;

const KNOWN: &[&str] = &[
    "name",
    "description",
    "version",
    "enabled",
    "when",
    "then",
    "workspaceFolderName",
    "shortName",
    "advisory",
    "$schema",
];

/// The one hook of the file.
pub(super) fn hook(root: &Node, found: &mut Found) -> Option<Draft> {
    let fields = Fields::of(root);
    fields.unknown(KNOWN, found);
    let map = |name: &str, hint: &str, found: &mut Found| match fields.get(name) {
        Some(node) if matches!(node.value, Value::Map(_)) => Some(Fields::of(node)),
        Some(node) => {
            wrong(name, node, "a map", found);
            None
        }
        None => {
            let message = format!("`{name}` is missing; this hook never runs");
            found.broken("hook/missing-field", super::first_span(Some(root)), message, hint);
            None
        }
    };
    let when = map("when", "write `\"when\": {\"type\": \"fileEdited\", \"patterns\": [ … ]}`", found);
    let then = map("then", "write `\"then\": {\"type\": \"askAgent\", \"prompt\": \"…\"}`", found);
    let (when, then) = (when?, then?);
    let trigger = trigger(&when, "type", Trigger::legacy_name, found);
    let action = typed_action(then.node, [&["runCommand", "command"], &["askAgent", "agent"]], found);
    let timeout = then.number("timeout", found).or_else(|| fields.number("timeout", found));
    let (patterns, tool_types) = (when.texts("patterns", found), when.texts("toolTypes", found));
    when.unknown(&["type", "patterns", "toolTypes"], found);
    then.unknown(&["type", "prompt", "command", "timeout"], found);
    let name = fields.text("name", found).filter(|name| !name.trim().is_empty());
    let name = name.or_else(|| fields.text("shortName", found));
    let description = fields.text("description", found);
    let (is_enabled, advisory) = (fields.flag("enabled", found), fields.flag("advisory", found));
    let (trigger, action) = (trigger?, action?);
    let name = name.unwrap_or_else(|| {
        let message = format!("`name` is missing; the hook is called `{}`", trigger.legacy_name());
        found.warn("hook/missing-field", super::first_span(Some(root)), message, "give the hook a name");
        trigger.legacy_name().to_string()
    });
    let matcher = matcher(&when, trigger, &patterns, &tool_types, found);
    Some(Draft {
        name,
        description,
        span: root.span,
        trigger,
        matcher,
        action,
        timeout_ms: timeout.map(|seconds| seconds.saturating_mul(1000)),
        is_enabled: is_enabled.unwrap_or(true),
        advisory,
        confirm: None,
        output_max: None,
        cache_ttl_seconds: 0,
    })
}

fn matcher(
    when: &Fields<'_>,
    trigger: Trigger,
    patterns: &[(String, spec::Span)],
    tool_types: &[(String, spec::Span)],
    found: &mut Found,
) -> Matcher {
    if trigger.is_file() {
        if !tool_types.is_empty() {
            ignored(when.span_of("toolTypes"), trigger, found);
        }
        if patterns.is_empty() {
            let message = "this hook runs for every file";
            found.warn("hook/every-file", when.node.span, message, "name the files in `patterns`");
        }
        return globs(patterns, found);
    }
    if !patterns.is_empty() {
        ignored(when.span_of("patterns"), trigger, found);
    }
    if trigger.is_tool() {
        return tools(tool_types, Dialect::Regex, found);
    }
    if !tool_types.is_empty() {
        ignored(when.span_of("toolTypes"), trigger, found);
    }
    Matcher::Always
}
