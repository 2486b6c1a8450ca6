//! Hooks grouped by event: those inside an agent of the 2.x command line, and those of Open-Plugins.

use spec::Span;
use spec::data::{Node, Value};

use super::fields::{Fields, Found, wrong};
use super::{Draft, HOOKS_MAX, ignored, regex_matcher, tools, trigger_named, typed_action};
use crate::hook::Action;
use crate::matcher::{Dialect, Matcher};
use crate::trigger::Trigger;

/// `{"preToolUse": [{"command", "matcher"?, "timeout_ms"?, "max_output_size"?, "cache_ttl_seconds"?}]}`.
pub(super) fn agent(node: &Node, found: &mut Found) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (key, list) in node.members() {
        let Some(trigger) = trigger_named(&key.name, key.span, Trigger::cli_name, found) else { continue };
        let count = drafts.len();
        for item in entries(&key.name, list, found) {
            if drafts.len() > HOOKS_MAX {
                return drafts;
            }
            let fields = Fields::of(item);
            if !matches!(item.value, Value::Map(_)) {
                wrong("a hook", item, "a map with `command`", found);
                continue;
            }
            let matcher = matcher(&fields, trigger, Dialect::Glob, found);
            let command = fields.needed("command", "write the command line", found);
            let timeout_ms = fields.number("timeout_ms", found);
            let output_max = fields.number("max_output_size", found);
            let ttl = fields.number("cache_ttl_seconds", found).unwrap_or(0);
            let (name, description) = (fields.text("name", found), fields.text("description", found));
            let (enabled, advisory) = (fields.flag("enabled", found), fields.flag("advisory", found));
            fields.unknown(
                &[
                    "command",
                    "matcher",
                    "timeout_ms",
                    "max_output_size",
                    "cache_ttl_seconds",
                    "name",
                    "description",
                    "enabled",
                    "advisory",
                ],
                found,
            );
            let Some(line) = command else { continue };
            drafts.push(Draft {
                name: name.unwrap_or_else(|| numbered(&key.name, drafts.len() - count)),
                description,
                span: item.span,
                trigger,
                matcher,
                action: Action::Command { line },
                timeout_ms,
                is_enabled: enabled.unwrap_or(true),
                advisory,
                confirm: None,
                output_max,
                cache_ttl_seconds: ttl,
            });
        }
    }
    drafts
}

/// `{"hooks": {"<Event>": [{"matcher"?, "hooks": [{"type": "command", "command"} | {"type": "prompt", "prompt"}]}]}}`.
pub(super) fn plugin(root: &Node, found: &mut Found) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let outer = Fields::of(root);
    outer.unknown(&["hooks", "description", "$schema", "version"], found);
    let Some(events) = outer.get("hooks") else { return drafts };
    for (key, list) in events.members() {
        let Some(trigger) = trigger_named(&key.name, key.span, Trigger::name, found) else { continue };
        let count = drafts.len();
        for group in entries(&key.name, list, found) {
            let fields = Fields::of(group);
            let matcher = matcher(&fields, trigger, Dialect::Regex, found);
            let inner = match fields.get("hooks") {
                Some(inner) => {
                    fields.unknown(&["matcher", "hooks", "description"], found);
                    entries("hooks", inner, found).iter().collect()
                }
                None => vec![group],
            };
            for item in inner {
                if drafts.len() > HOOKS_MAX {
                    return drafts;
                }
                let fields = Fields::of(item);
                let action = typed_action(item, [&["command"], &["prompt", "agent"]], found);
                let timeout = fields.number("timeout", found);
                let (name, description) = (fields.text("name", found), fields.text("description", found));
                let Some(action) = action else { continue };
                drafts.push(Draft {
                    name: name.unwrap_or_else(|| numbered(&key.name, drafts.len() - count)),
                    description,
                    span: item.span,
                    trigger,
                    matcher: matcher.clone(),
                    action,
                    timeout_ms: timeout.map(|seconds| seconds.saturating_mul(1000)),
                    is_enabled: true,
                    advisory: None,
                    confirm: None,
                    output_max: None,
                    cache_ttl_seconds: 0,
                });
            }
        }
    }
    drafts
}

fn entries<'a>(name: &str, list: &'a Node, found: &mut Found) -> &'a [Node] {
    if !matches!(list.value, Value::List(_) | Value::Null) {
        wrong(name, list, "a list", found);
    }
    list.items()
}

/// `PreToolUse`, `PreToolUse-2`, …: these formats know no names.
fn numbered(event: &str, nth: usize) -> String {
    if nth == 0 { event.to_string() } else { format!("{event}-{}", nth + 1) }
}

fn matcher(fields: &Fields<'_>, trigger: Trigger, dialect: Dialect, found: &mut Found) -> Matcher {
    let Some(text) = fields.text("matcher", found).filter(|text| !text.is_empty()) else {
        return Matcher::Always;
    };
    let span: Span = fields.span_of("matcher");
    match dialect {
        Dialect::Regex => regex_matcher(&text, span, trigger, found),
        Dialect::Glob if trigger.is_tool() => tools(&[(text, span)], Dialect::Glob, found),
        Dialect::Glob => {
            ignored(span, trigger, found);
            Matcher::Always
        }
    }
}
