//! Bytes of a hook file, or the `hooks` of an agent, to hooks. One file per format below; this one tells them apart and
//! holds what they share. Matches nothing and runs nothing.

mod cli;
mod fields;
mod legacy;
mod v1;
mod yaml;

use std::collections::HashMap;

use spec::data::{self, Node, Notation, Value};
use spec::{Diagnostic, Span};

use fields::{Fields, Found, wrong};

use crate::hook::{
    Action, CLI_OUTPUT_DEFAULT, CLI_TIMEOUT_MS_DEFAULT, Confirm, Format, Hook, HookId, OUTPUT_DEFAULT,
    OUTPUT_MAX, Scope, Source, TIMEOUT_MS_DEFAULT, TIMEOUT_MS_MAX,
};
use crate::matcher::{Dialect, Matcher, PATTERNS_MAX, PathGlob, ToolPattern};
use crate::pattern::Pattern;
use crate::trigger::{TRIGGERS, Trigger};

/// Hooks read from one file; the others are not read, and that is said.
pub const HOOKS_MAX: usize = 1_000;

/// Bytes that the compiled patterns of one file may hold; what comes behind never matches, and that is said.
pub const FILE_WEIGHT_MAX: usize = 16 * 1024 * 1024;

/// What a file brought.
#[derive(Clone, Debug)]
pub struct HookFile {
    /// How it is written.
    pub format: Format,
    /// The hooks that can be understood, in order.
    pub hooks: Vec<Hook>,
    /// What is odd, in document order. Every hook that is written and not in `hooks` is named here.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads any bytes. `file` is the name that people know the file by; its ending and its content tell the format.
pub fn read(file: &str, bytes: &[u8]) -> HookFile {
    let mut found = Found::default();
    let is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
    let (root, problems) = data::read(bytes, if is_yaml { Notation::Yaml } else { Notation::Json });
    problems.into_iter().for_each(|problem| found.push(problem));
    let format = format_of(file, is_yaml, root.as_ref());
    let is_empty = root.as_ref().is_none_or(|root| root.value == Value::Null);
    if is_yaml && is_empty && found.is_silent() {
        let hint = "write `hooks:` and below it `- name: …`";
        found.warn("hook/no-hooks", Span::default(), "there is no hook in this file", hint);
    }
    let mut drafts = Vec::new();
    if let Some(root) = &root {
        if matches!(root.value, Value::Map(_)) {
            drafts = read_root(root, file, format, &mut found);
        } else if !(is_yaml && root.value == Value::Null) {
            wrong("the file", root, "a map", &mut found);
        }
    }
    if format == Format::V1 && found.is_broken {
        if !drafts.is_empty() {
            // Those that were dropped for an error are no drafts.
            let written = root.as_ref().and_then(|root| root.get("hooks"));
            let count = written.map_or(0, |hooks| hooks.items().len()).max(drafts.len());
            let message = match count {
                1 => "the one hook of this file does not count, because of the errors in it".to_string(),
                _ => format!("none of the {count} hooks of this file counts, because of the errors in it"),
            };
            found.warn(
                "hook/file-refused",
                first_span(root.as_ref()),
                message,
                "mend them; Kiro refuses the file, too",
            );
        }
        drafts.clear();
    }
    let hooks = finish(drafts, file, format, &Scope::Everywhere, &mut found);
    HookFile { format, hooks, diagnostics: found.into_vec() }
}

/// Reads the `hooks` of an agent: a list in the v1 form, or the map of lists of the 2.x command line. A hook that is not
/// understood is left out alone. `file` is the agent's file, `agent` its name, spans are those of `node`.
pub fn read_agent_hooks(node: &Node, file: &str, agent: &str) -> HookFile {
    let mut found = Found::default();
    let (format, drafts) = match &node.value {
        Value::List(items) => {
            let read = items.iter().filter_map(|item| v1::hook(item, &mut found));
            (Format::V1, read.take(HOOKS_MAX + 1).collect())
        }
        Value::Map(_) => (Format::Cli, cli::agent(node, &mut found)),
        Value::Null => (Format::Cli, Vec::new()),
        _ => {
            wrong("hooks", node, "a list or a map", &mut found);
            (Format::V1, Vec::new())
        }
    };
    let hooks = finish(drafts, file, format, &Scope::Agent(agent.to_string()), &mut found);
    HookFile { format, hooks, diagnostics: found.into_vec() }
}

/// Whether a file of this name in a folder of hooks is a hook file.
pub fn is_hook_file(name: &str) -> bool {
    [".json", ".kiro.hook", ".hook"].iter().any(|end| name.len() > end.len() && name.ends_with(end))
}

fn format_of(file: &str, is_yaml: bool, root: Option<&Node>) -> Format {
    let Some(root) = root else {
        return match file {
            _ if is_yaml => Format::Yaml,
            _ if file.ends_with(".hook") => Format::Legacy,
            _ => Format::V1,
        };
    };
    if is_yaml {
        Format::Yaml
    } else if root.get("when").is_some() || root.get("then").is_some() {
        Format::Legacy
    } else if matches!(root.get("hooks").map(|hooks| &hooks.value), Some(Value::Map(_))) {
        Format::Plugin
    } else if file.ends_with(".hook") && root.get("hooks").is_none() {
        Format::Legacy
    } else {
        Format::V1
    }
}

fn read_root(root: &Node, file: &str, format: Format, found: &mut Found) -> Vec<Draft> {
    match format {
        Format::Yaml => yaml::hooks(root, found),
        Format::Legacy => {
            if file.ends_with(".json") {
                let hint = "convert it with `waypost hooks convert`, or name the file `….kiro.hook`";
                let message = "a hook of the 0.x form in a `.json` file; Kiro reads only v1 there";
                found.warn("hook/old-shape", first_span(Some(root)), message, hint);
            }
            legacy::hook(root, found).into_iter().collect()
        }
        Format::Plugin | Format::Cli => cli::plugin(root, found),
        Format::V1 => v1::file(root, found),
    }
}

/// The first byte of a document: for what is wrong with all of it.
fn first_span(root: Option<&Node>) -> Span {
    Span { offset: root.map_or(0, |root| root.span.offset), len: 1 }
}

/// A hook before it has its id.
struct Draft {
    name: String,
    description: Option<String>,
    span: Span,
    trigger: Trigger,
    matcher: Matcher,
    action: Action,
    timeout_ms: Option<u64>,
    is_enabled: bool,
    advisory: Option<bool>,
    confirm: Option<Confirm>,
    output_max: Option<u64>,
    cache_ttl_seconds: u64,
}

fn finish(mut drafts: Vec<Draft>, file: &str, format: Format, scope: &Scope, found: &mut Found) -> Vec<Hook> {
    if drafts.len() > HOOKS_MAX {
        let span = drafts.get(HOOKS_MAX).map(|draft| draft.span).unwrap_or_default();
        let message = format!("only the first {HOOKS_MAX} hooks of a file are read");
        found.warn("hook/too-many", span, message, "split the file");
        drafts.truncate(HOOKS_MAX);
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut hooks = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let nth = seen.entry(draft.name.clone()).or_default();
        if *nth > 0 {
            let message = format!("the name `{}` is there twice; it is told apart by a number", draft.name);
            found.warn("hook/duplicate-name", draft.span, message, "give each hook its own name");
        }
        let id = HookId::new(file, &draft.name, *nth);
        *nth += 1;
        placeholders(&draft.action, draft.span, found);
        let (timeout, output) = match format {
            Format::Cli => (CLI_TIMEOUT_MS_DEFAULT, CLI_OUTPUT_DEFAULT),
            _ => (TIMEOUT_MS_DEFAULT, OUTPUT_DEFAULT),
        };
        let output_max = draft.output_max.and_then(|max| usize::try_from(max).ok()).unwrap_or(output);
        hooks.push(Hook {
            id,
            name: draft.name,
            description: draft.description,
            source: Source { file: file.to_string(), span: draft.span },
            format,
            trigger: draft.trigger,
            matcher: draft.matcher,
            action: draft.action,
            timeout_ms: draft.timeout_ms.unwrap_or(timeout).min(TIMEOUT_MS_MAX),
            is_enabled: draft.is_enabled,
            advisory: draft.advisory,
            confirm: draft.confirm,
            output_max: output_max.min(OUTPUT_MAX),
            cache_ttl_seconds: draft.cache_ttl_seconds,
            scope: scope.clone(),
        });
    }
    hooks
}

/// `{{filePath}}` and its like: nothing fills them in, neither Kiro nor this program, which would run a file's name.
fn placeholders(action: &Action, span: Span, found: &mut Found) {
    let (Action::Command { line: text } | Action::Agent { prompt: text }) = action;
    let Some((_, rest)) = text.split_once("{{") else { return };
    let Some((word, _)) = rest.split_once("}}") else { return };
    let word = word.trim();
    let looks_right =
        (1..=40).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
    if !looks_right {
        return;
    }
    let message = format!("`{{{{{word}}}}}` is not filled in; it stays as it is");
    let hint = match action {
        Action::Command { .. } => {
            "the file is `$WAYPOST_FILE` here and `file_path` in the JSON on standard input, for Kiro, too: \
             `\"$(jq -r .file_path)\"`"
        }
        Action::Agent { .. } => "leave it out: the agent is told which file it is about",
    };
    found.warn("hook/placeholder", span, message, hint);
}

/// The trigger that a text names; says what is odd about it.
fn trigger(
    fields: &Fields<'_>,
    name: &str,
    names: fn(Trigger) -> &'static str,
    found: &mut Found,
) -> Option<Trigger> {
    let known = || TRIGGERS.map(names).join(", ");
    let text = fields.needed(name, &format!("use one of: {}", known()), found)?;
    let span = fields.span_of(name);
    trigger_named(&text, span, names, found)
}

fn trigger_named(
    text: &str,
    span: Span,
    names: fn(Trigger) -> &'static str,
    found: &mut Found,
) -> Option<Trigger> {
    let trigger = Trigger::named(text);
    match trigger {
        Some(trigger) if Trigger::is_wild(text) => {
            let message = format!("`{text}` is no trigger of Kiro's; it is read as `{}`", names(trigger));
            found.warn("hook/wild-trigger", span, message, &format!("write `{}`", names(trigger)));
        }
        Some(_) => {}
        None => {
            let lower = text.to_lowercase();
            let near = TRIGGERS.iter().find(|trigger| {
                [trigger.name(), trigger.legacy_name(), trigger.yaml_name()]
                    .iter()
                    .any(|name| name.to_lowercase() == lower)
            });
            let hint = match near {
                Some(near) => format!("write `{}`", names(*near)),
                None => format!("use one of: {}", TRIGGERS.map(names).join(", ")),
            };
            let message = format!("`{text}` is no trigger; this hook never runs");
            found.warn("hook/unknown-trigger", span, message, &hint);
        }
    }
    trigger
}

/// The matcher of a regular expression over paths or tools, as v1 and plugins write it.
fn regex_matcher(text: &str, span: Span, trigger: Trigger, found: &mut Found) -> Matcher {
    if !trigger.is_file() && !trigger.is_tool() {
        ignored(span, trigger, found);
        return Matcher::Always;
    }
    if trigger.is_tool() {
        return tools(&[(text.to_string(), span)], Dialect::Regex, found);
    }
    if looks_like_glob(text)
        && let Ok(glob) = found.compiled(|| PathGlob::new(text), |glob| glob.pattern.weight())
    {
        let message = format!("`{text}` is a glob; a matcher is a regular expression");
        let regex = crate::pattern::glob_to_regex(text).unwrap_or_default();
        let hint = format!("it is read as a glob here, and Kiro never matches it; write `^{regex}$`");
        found.warn("hook/glob-in-matcher", span, message, &hint);
        return Matcher::Globs(vec![glob]);
    }
    match found.compiled(|| Pattern::regex(text), Pattern::weight) {
        Ok(pattern) => Matcher::Paths(pattern),
        Err(why) => never(text, why, span, found),
    }
}

fn ignored(span: Span, trigger: Trigger, found: &mut Found) {
    let message = format!("`{}` looks at no matcher; this one changes nothing", trigger.name());
    found.note("hook/matcher-ignored", span, message, "take it out");
}

/// What is no sensible expression over paths and a plain glob: `*.ts`, `**/*.ts`, `src/*.ts`, `src/**`.
fn looks_like_glob(text: &str) -> bool {
    let is_regex = text.contains(['\\', '^', '$', '(', '|', '+']) || text.contains(".*");
    !is_regex && (text.starts_with('*') || text.contains("**") || text.contains("/*"))
}

fn never(text: &str, why: String, span: Span, found: &mut Found) -> Matcher {
    let message = format!("the matcher `{}` never matches: {why}", crate::payload::cut(text, 80));
    let hint = if why.starts_with("look-around") {
        "name what it shall match instead of what it shall not"
    } else {
        "mend the pattern"
    };
    found.warn("hook/bad-matcher", span, message, hint);
    Matcher::Never { text: crate::payload::cut(text, 200), why }
}

/// The matcher of globs over paths.
fn globs(texts: &[(String, Span)], found: &mut Found) -> Matcher {
    let mut globs = Vec::new();
    let mut broken = None;
    for (text, span) in bounded(texts, found) {
        match found.compiled(|| PathGlob::new(text), |glob| glob.pattern.weight()) {
            Ok(glob) => globs.push(glob),
            Err(why) => broken = Some(never(text, why, *span, found)),
        }
    }
    match (globs.is_empty(), broken) {
        // Only exclusions left would turn a broken list into "everything else".
        (_, Some(broken)) if globs.iter().all(|glob| glob.is_exclusion) => broken,
        (true, None) => Matcher::Always,
        _ => Matcher::Globs(globs),
    }
}

/// The matcher of tools by name or category.
fn tools(texts: &[(String, Span)], dialect: Dialect, found: &mut Found) -> Matcher {
    let mut tools = Vec::new();
    let mut broken = None;
    for (text, span) in bounded(texts, found) {
        // `*write` is no expression, and plainly a glob.
        let compile = || {
            ToolPattern::new(text, dialect).or_else(|why| match text.starts_with('*') {
                true => ToolPattern::new(text, Dialect::Glob).map_err(|_| why),
                false => Err(why),
            })
        };
        let read = found.compiled(compile, ToolPattern::weight);
        match read {
            Ok(tool) => tools.push(tool),
            Err(why) => broken = Some(never(text, why, *span, found)),
        }
    }
    match (tools.is_empty(), broken) {
        (true, Some(broken)) => broken,
        (true, None) => Matcher::Always,
        _ => Matcher::Tools(tools),
    }
}

fn bounded<'a>(texts: &'a [(String, Span)], found: &mut Found) -> &'a [(String, Span)] {
    if let Some((_, span)) = texts.get(PATTERNS_MAX) {
        let message = format!("only the first {PATTERNS_MAX} patterns of a hook are read");
        found.warn("hook/too-many", *span, message, "say it with fewer patterns");
    }
    texts.get(..PATTERNS_MAX.min(texts.len())).unwrap_or_default()
}

/// `{type: command, command}` or `{type: agent, prompt}`; `words` are the two types that the format knows.
fn typed_action(node: &Node, words: [&[&str]; 2], found: &mut Found) -> Option<Action> {
    let fields = Fields::of(node);
    let [commands, agents] = words;
    let (command, agent) = (first(commands), first(agents));
    if !matches!(node.value, Value::Map(_)) {
        wrong(
            "action",
            node,
            &format!("a map such as `{{\"type\": \"{command}\", \"command\": \"…\"}}`"),
            found,
        );
        return None;
    }
    let both = format!("use `{command}` with `command`, or `{agent}` with `prompt`");
    let word = fields.needed("type", &both, found)?;
    if commands.contains(&word.as_str()) {
        let line = fields.needed("command", "write the command line", found)?;
        return Some(Action::Command { line });
    }
    if agents.contains(&word.as_str()) {
        let prompt = fields.needed("prompt", "write what the agent shall do", found)?;
        return Some(Action::Agent { prompt });
    }
    let hint = match word.as_str() {
        "runCommand" | "command" | "shell" | "run" => format!("write `\"type\": \"{command}\"`"),
        "askAgent" | "agent" | "prompt" | "sendMessage" => {
            format!("write `\"type\": \"{agent}\"` with `prompt`")
        }
        "alert" | "notify" | "showMessage" => {
            format!(
                "nothing here shows alerts; use `{command}` with a command that prints, or `{agent}` with `prompt`"
            )
        }
        _ => both,
    };
    let message = format!("an action of type `{word}` does not exist; this hook never runs");
    found.broken("hook/unknown-action", fields.span_of("type"), message, &hint);
    None
}

fn first<'a>(words: &[&'a str]) -> &'a str {
    words.first().copied().unwrap_or_default()
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
