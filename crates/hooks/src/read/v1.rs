//! Hooks in Kiro's v1 form: the whole file, and each hook of it, also inside an agent.

use spec::data::{Node, Value};

use super::fields::{Fields, Found, wrong};
use super::{Draft, HOOKS_MAX, regex_matcher, trigger, typed_action};
use crate::hook::{Action, CONFIRM_OPTIONS_MAX, Confirm, ConfirmOption};
use crate::matcher::Matcher;
use crate::trigger::Trigger;

const KNOWN: &[&str] =
    &["name", "description", "trigger", "matcher", "action", "timeout", "enabled", "confirm", "advisory"];

/// `{"version": "v1", "hooks": […]}`. What breaks the schema is marked in `found`.
pub(super) fn file(root: &Node, found: &mut Found) -> Vec<Draft> {
    let fields = Fields::of(root);
    match fields.text("version", found).as_deref() {
        Some("v1") => {}
        Some(other) => {
            let message = format!("`version` is `{other}`, not `v1`");
            found.broken(
                "hook/wrong-version",
                fields.span_of("version"),
                message,
                "write `\"version\": \"v1\"`",
            );
        }
        None => found.broken(
            "hook/wrong-version",
            super::first_span(Some(root)),
            "`version` is missing",
            "write `\"version\": \"v1\"`",
        ),
    }
    fields.unknown(&["version", "hooks", "$schema", "description"], found);
    let Some(hooks) = fields.get("hooks").filter(|hooks| matches!(hooks.value, Value::List(_))) else {
        let message = "`hooks` is missing or no list; there is no hook in this file";
        found.broken("hook/no-hooks", super::first_span(Some(root)), message, "write `\"hooks\": [ … ]`");
        return Vec::new();
    };
    if hooks.items().is_empty() {
        let message = "`hooks` is empty; there is no hook in this file";
        found.broken("hook/no-hooks", hooks.span, message, "add a hook, or remove the file");
    }
    hooks.items().iter().filter_map(|item| hook(item, found)).take(HOOKS_MAX + 1).collect()
}

/// One hook.
pub(super) fn hook(node: &Node, found: &mut Found) -> Option<Draft> {
    let fields = Fields::of(node);
    if !matches!(node.value, Value::Map(_)) {
        wrong("a hook", node, "a map", found);
        return None;
    }
    let name = fields.needed("name", "give the hook a name", found);
    let description = fields.text("description", found);
    let trigger = trigger(&fields, "trigger", Trigger::name, found);
    let matcher = fields.text("matcher", found);
    let (action, inner_timeout) = match fields.get("action") {
        Some(action) => {
            let inner = Fields::of(action);
            if let Some(timeout) = inner.get("timeout") {
                let message =
                    "`timeout` inside `action` is not read by Kiro, which takes 60 seconds; it counts here";
                found.warn("hook/timeout-in-action", timeout.span, message, "move it beside `action`");
            }
            (typed_action(action, [&["command"], &["agent"]], found), inner.number("timeout", found))
        }
        None => {
            let hint = "write `\"action\": {\"type\": \"command\", \"command\": \"…\"}`";
            found.broken("hook/missing-field", node.span, "`action` is missing", hint);
            (None, None)
        }
    };
    let timeout = fields.number("timeout", found).or(inner_timeout);
    let is_enabled = fields.flag("enabled", found).unwrap_or(true);
    let advisory = fields.flag("advisory", found);
    fields.unknown(KNOWN, found);
    let confirm = confirm(&fields, trigger, action.as_ref(), found);
    let (name, trigger, action) = (name?, trigger?, action?);
    let matcher = match matcher.filter(|matcher| !matcher.is_empty()) {
        Some(text) => regex_matcher(&text, fields.span_of("matcher"), trigger, found),
        None => Matcher::Always,
    };
    Some(Draft {
        name,
        description,
        span: node.span,
        trigger,
        matcher,
        action,
        timeout_ms: timeout.map(|seconds| seconds.saturating_mul(1000)),
        is_enabled,
        advisory,
        confirm,
        output_max: None,
        cache_ttl_seconds: 0,
    })
}

/// `confirm: {question, options: [{id, label, run, continueReason?}], confirmCommand?}`.
fn confirm(
    fields: &Fields<'_>,
    trigger: Option<Trigger>,
    action: Option<&Action>,
    found: &mut Found,
) -> Option<Confirm> {
    let node = fields.get("confirm")?;
    if !matches!(node.value, Value::Map(_)) {
        wrong("confirm", node, "a map", found);
        return None;
    }
    let confirm = Fields::of(node);
    let command = confirm.text("confirmCommand", found);
    let question = match &command {
        Some(_) => confirm.text("question", found).unwrap_or_default(),
        None => confirm.needed("question", "write what the person is asked", found)?,
    };
    let items = confirm.get("options").map(Node::items).unwrap_or_default();
    if items.is_empty() && command.is_none() {
        let message = "`confirm` has no `options`";
        found.broken("hook/missing-field", node.span, message, "add options with `id`, `label` and `run`");
        return None;
    }
    if let Some(item) = items.get(CONFIRM_OPTIONS_MAX) {
        let message = format!("only the first {CONFIRM_OPTIONS_MAX} options are read");
        found.warn("hook/too-many", item.span, message, "");
    }
    let mut options = Vec::new();
    for item in items.iter().take(CONFIRM_OPTIONS_MAX) {
        let option = Fields::of(item);
        option.unknown(&["id", "label", "run", "continueReason"], found);
        let id = option.needed("id", "what the command gets as `user_decision`", found);
        let label = option.text("label", found);
        let runs = option.flag("run", found).unwrap_or(true);
        let continue_reason = option.text("continueReason", found);
        let Some(id) = id else { continue };
        options.push(ConfirmOption { label: label.unwrap_or_else(|| id.clone()), id, runs, continue_reason });
    }
    confirm.unknown(&["question", "options", "confirmCommand"], found);
    if trigger.is_some_and(|trigger| trigger != Trigger::Stop) || matches!(action, Some(Action::Agent { .. }))
    {
        let message = "`confirm` counts only for a command at `Stop`; nobody is asked here";
        found.warn("hook/confirm-ignored", node.span, message, "take it out");
        return None;
    }
    Some(Confirm { question, options, command })
}
