//! Hooks of older formats as v1 files and manual steering files, with a list of everything that v1 has no place for.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::hook::{Action, CLI_TIMEOUT_MS_DEFAULT, Format, Hook, HookId, OUTPUT_DEFAULT, Scope};
use crate::matcher::{Matcher, ToolPattern};
use crate::pattern::{glob_to_regex, name_glob_to_regex};
use crate::tool_names::{cli_tools, kiro_names};
use crate::trigger::Trigger;

/// An expression that matches nothing, here and in Kiro. The old text might mean something as an expression, and an empty
/// one would match everything.
const NEVER: &str = r"[^\s\S]";

/// What a conversion gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// The new files, by path. Nothing says that they are not there already; the caller looks.
    pub files: Vec<NewFile>,
    /// What did not come along.
    pub losses: Vec<Loss>,
}

/// A file that a conversion proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Where it belongs, named as the sources are.
    pub path: String,
    /// All of it.
    pub text: String,
    /// The hooks that it stands for.
    pub hooks: Vec<HookId>,
}

/// Something that v1 has no place for, or that Kiro does otherwise with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Of which hook.
    pub hook: HookId,
    /// What, as a sentence.
    pub what: String,
}

/// The same hooks as v1. Hooks that are v1 already are left out; a manual hook that asks an agent becomes a steering file
/// with `inclusion: manual`, because Kiro's editor has no manual hooks.
pub fn convert(hooks: &[Hook]) -> Converted {
    let mut converted = Converted::default();
    let mut files: BTreeMap<String, (Vec<Value>, Vec<HookId>)> = BTreeMap::new();
    let mut steering: BTreeMap<String, NewFile> = BTreeMap::new();
    for hook in hooks.iter().filter(|hook| hook.format != Format::V1) {
        if let (Trigger::Manual, Action::Agent { prompt }) = (hook.trigger, &hook.action) {
            let path = free(format!("{}steering/{}", folder(hook), slug(&hook.name)), ".md", &steering);
            let file =
                NewFile { text: manual(hook, prompt), hooks: vec![hook.id.clone()], path: path.clone() };
            steering.insert(path, file);
            if !hook.is_enabled {
                lose(
                    &mut converted,
                    hook,
                    "a manual steering file has no `enabled: false`; it can be named at any time",
                );
            }
            if hook.advisory == Some(true) {
                lose(&mut converted, hook, "a manual steering file has no `advisory`");
            }
            continue;
        }
        let value = v1(hook, &mut converted);
        let file = files.entry(target(hook)).or_default();
        file.0.push(value);
        file.1.push(hook.id.clone());
    }
    for (path, (values, hooks)) in files {
        let value = json!({ "version": "v1", "hooks": values });
        // Every value is a map of texts, numbers and truth values; that always can be written.
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        converted.files.push(NewFile { path, text: format!("{text}\n"), hooks });
    }
    converted.files.extend(steering.into_values());
    converted
}

fn lose(converted: &mut Converted, hook: &Hook, what: impl Into<String>) {
    converted.losses.push(Loss { hook: hook.id.clone(), what: what.into() });
}

fn v1(hook: &Hook, converted: &mut Converted) -> Value {
    let mut map = Map::new();
    map.insert("name".to_string(), json!(hook.name));
    if let Some(description) = &hook.description {
        map.insert("description".to_string(), json!(description));
    }
    map.insert("trigger".to_string(), json!(hook.trigger.name()));
    if let Some(matcher) = matcher(hook, converted) {
        map.insert("matcher".to_string(), json!(matcher));
    }
    let action = match &hook.action {
        Action::Command { line } => json!({ "type": "command", "command": rooted(hook, line, converted) }),
        Action::Agent { prompt } => json!({ "type": "agent", "prompt": rooted(hook, prompt, converted) }),
    };
    map.insert("action".to_string(), action);
    if hook.command().is_some() {
        map.insert("timeout".to_string(), json!(hook.timeout_ms.div_ceil(1000)));
    }
    if !hook.is_enabled {
        map.insert("enabled".to_string(), json!(false));
    }
    if let Some(advisory) = hook.advisory {
        map.insert("advisory".to_string(), json!(advisory));
    }
    other_losses(hook, converted);
    Value::Object(map)
}

fn other_losses(hook: &Hook, converted: &mut Converted) {
    if hook.advisory == Some(true) {
        lose(
            converted,
            hook,
            "`advisory` is kept and counts here; Kiro does not read it and lets the hook write",
        );
    }
    if let Scope::Agent(agent) = &hook.scope {
        lose(
            converted,
            hook,
            format!("it counted only for the agent `{agent}`; a v1 file counts in every session"),
        );
    }
    if hook.cache_ttl_seconds > 0 {
        lose(
            converted,
            hook,
            format!("`cache_ttl_seconds: {}` has no place; it runs each time", hook.cache_ttl_seconds),
        );
    }
    if hook.format == Format::Cli && hook.output_max != OUTPUT_DEFAULT {
        lose(converted, hook, format!("`max_output_size: {}` has no place", hook.output_max));
    }
    if hook.format == Format::Cli {
        let (from, to) = (hook.trigger.cli_name(), hook.trigger.name());
        lose(converted, hook, format!("`hook_event_name` on standard input is `{to}` instead of `{from}`"));
    }
    if !hook.timeout_ms.is_multiple_of(1000) {
        lose(converted, hook, format!("{} ms became whole seconds", hook.timeout_ms));
    } else if hook.format == Format::Cli && hook.timeout_ms == CLI_TIMEOUT_MS_DEFAULT {
        lose(converted, hook, "its 30 seconds are now written down; v1 would take 60");
    }
    if hook.format == Format::Legacy && hook.trigger.can_refuse() && hook.command().is_some() {
        lose(converted, hook, "it refused with every exit code but 0; a v1 hook refuses only with 2");
    }
    if hook.trigger == Trigger::Manual {
        lose(converted, hook, "Kiro's editor has no manual hooks; start it with `waypost hooks run`");
    }
}

/// One regular expression for all that the hook matches; `None` is everything.
fn matcher(hook: &Hook, converted: &mut Converted) -> Option<String> {
    match &hook.matcher {
        Matcher::Always => None,
        Matcher::Paths(pattern) => Some(pattern.text().to_string()),
        Matcher::Never { text, why } => {
            lose(
                converted,
                hook,
                format!("its matcher `{text}` never matched ({why}); the new one says so plainly"),
            );
            Some(NEVER.to_string())
        }
        Matcher::Globs(globs) => {
            for glob in globs.iter().filter(|glob| glob.is_exclusion) {
                let what =
                    format!("`!{}` has no place in a v1 matcher; those files match now", glob.pattern.text());
                lose(converted, hook, what);
            }
            let wanted: Vec<String> = globs
                .iter()
                .filter(|glob| !glob.is_exclusion)
                .filter_map(|glob| glob_to_regex(glob.pattern.text()).ok())
                .collect();
            match wanted.as_slice() {
                [] => None,
                [one] => Some(format!("^{one}$").replace("^.*$", ".*")),
                many => Some(format!("^(?:{})$", many.join("|"))),
            }
        }
        Matcher::Tools(tools) => tool_matcher(hook, tools, converted),
    }
}

fn tool_matcher(hook: &Hook, tools: &[ToolPattern], converted: &mut Converted) -> Option<String> {
    if tools.contains(&ToolPattern::All) {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut expressions: Vec<String> = Vec::new();
    for tool in tools {
        match tool {
            ToolPattern::All => {}
            ToolPattern::Category(category) => names.extend(kiro_names(category).map(str::to_string)),
            ToolPattern::Regex(pattern) => expressions.push(pattern.text().to_string()),
            ToolPattern::Glob(pattern) => {
                let known: Vec<&str> = cli_tools(pattern.text()).collect();
                match name_glob_to_regex(pattern.text()) {
                    Ok(_) if !known.is_empty() => names.extend(known.into_iter().map(str::to_string)),
                    Ok(regex) => names.push(regex),
                    Err(_) => expressions.push(pattern.text().to_string()),
                }
            }
            prefixed if tools.len() == 1 => return Some(prefixed.text().to_string()),
            prefixed => {
                let what = format!(
                    "`{}` cannot stand beside other tools in a v1 matcher; write a hook for it",
                    prefixed.text()
                );
                lose(converted, hook, what);
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if !names.is_empty() {
        expressions.insert(0, format!("^(?:{})$", names.join("|")));
    }
    // Nothing is left only when every pattern was lost: a name that no tool has keeps the hook from matching all.
    Some(if expressions.is_empty() { "^$".to_string() } else { expressions.join("|") })
}

/// The text with the plugin's folder instead of `${PLUGIN_ROOT}`, which v1 does not know.
fn rooted(hook: &Hook, text: &str, converted: &mut Converted) -> String {
    let Some(root) = hook.plugin_root() else { return text.to_string() };
    if !text.contains("${PLUGIN_ROOT}") && !text.contains("${WORKSPACE_ROOT}") {
        return text.to_string();
    }
    let is_plain = root.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    if !is_plain {
        lose(
            converted,
            hook,
            "`${PLUGIN_ROOT}` stays, because the folder's name has signs that a shell reads",
        );
        return text.to_string();
    }
    text.replace("${PLUGIN_ROOT}", root).replace("${WORKSPACE_ROOT}", ".")
}

/// The `.kiro` folder that the hook belongs to, with a slash; the workspace's for those that come from elsewhere.
fn folder(hook: &Hook) -> &str {
    let file = hook.source.file.as_str();
    match file.rfind(".kiro/") {
        Some(at) => file.get(..at + ".kiro/".len()).unwrap_or(".kiro/"),
        None => ".kiro/",
    }
}

/// The v1 file for a hook: beside its source, under its name, and never its source itself.
fn target(hook: &Hook) -> String {
    let file = hook.source.file.as_str();
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = [".kiro.hook", ".hook", ".json", ".yaml", ".yml", ".md"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    let stem = match (&hook.scope, hook.plugin_root()) {
        (Scope::Agent(agent), _) => format!("{}-hooks", slug(agent)),
        (_, Some(root)) => slug(root.rsplit('/').next().unwrap_or(root)),
        _ => stem.to_string(),
    };
    let path = format!("{}hooks/{stem}.json", folder(hook));
    if path == file { format!("{}hooks/{stem}.v1.json", folder(hook)) } else { path }
}

/// `base` + `end`, with a number when that is taken.
fn free(base: String, end: &str, taken: &BTreeMap<String, NewFile>) -> String {
    let mut path = format!("{base}{end}");
    let mut nth = 2_usize;
    while taken.contains_key(&path) {
        path = format!("{base}-{nth}{end}");
        nth += 1;
    }
    path
}

/// A name for a file: letters, digits and single dashes.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().take(80) {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "hook".to_string() } else { slug.to_string() }
}

fn manual(hook: &Hook, prompt: &str) -> String {
    let mut text = "---\ninclusion: manual\n".to_string();
    if let Some(description) = &hook.description {
        // A JSON text is a YAML text, whatever stands in it.
        text.push_str(&format!("description: {}\n", json!(description)));
    }
    text.push_str(&format!("---\n\n# {}\n\n{}\n", hook.name.replace(['\n', '\r'], " "), prompt.trim_end()));
    text
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
