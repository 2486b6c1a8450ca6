//! Hooks in every generation: v1 files, 0.x `.kiro.hook`, `hooks.yaml`, Open-Plugin files, and those inside an agent.
//! Says when a hook would run and what; matches nothing and runs nothing.

use super::fields::Fields;
use crate::Span;
use crate::data::{self, Node, Notation, Value};
use crate::diagnostic::{Diagnostic, Findings};

/// Hooks read from one file.
pub const HOOKS_MAX: usize = 500;

/// Seconds that a command may take when the file does not say.
pub const TIMEOUT_SECONDS_DEFAULT: u64 = 60;

/// Which notation a hook was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `.kiro/hooks/*.json` with `"version": "v1"`.
    V1,
    /// `.kiro.hook` with `when` and `then`.
    Legacy,
    /// `.kiro/settings/hooks.yaml`.
    SettingsYaml,
    /// `hooks/hooks.json` of an Open-Plugin.
    Plugin,
    /// `hooks` inside the JSON of an agent of the 2.x command line.
    AgentCli,
}

/// The moment at which a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// A session begins.
    SessionStart,
    /// A session ends.
    SessionEnd,
    /// A person sent a prompt; can refuse it.
    UserPromptSubmit,
    /// The agent came to rest.
    Stop,
    /// Before a tool runs; can refuse it.
    PreToolUse,
    /// After a tool ran.
    PostToolUse,
    /// Before a task of a spec; can refuse it.
    PreTaskExec,
    /// After a task of a spec.
    PostTaskExec,
    /// A file came.
    PostFileCreate,
    /// A file was saved.
    PostFileSave,
    /// A file went.
    PostFileDelete,
    /// A person asks for it.
    Manual,
}

/// Every spelling of a trigger: v1, 0.x, the 2.x command line, `hooks.yaml`.
const TRIGGERS: &[(&str, Trigger)] = &[
    ("SessionStart", Trigger::SessionStart),
    ("sessionStart", Trigger::SessionStart),
    ("agentSpawn", Trigger::SessionStart),
    ("session_started", Trigger::SessionStart),
    ("SessionEnd", Trigger::SessionEnd),
    ("sessionEnd", Trigger::SessionEnd),
    ("onSessionEnd", Trigger::SessionEnd),
    ("session_ended", Trigger::SessionEnd),
    ("UserPromptSubmit", Trigger::UserPromptSubmit),
    ("userPromptSubmit", Trigger::UserPromptSubmit),
    ("promptSubmit", Trigger::UserPromptSubmit),
    ("onUserInput", Trigger::UserPromptSubmit),
    ("prompt_submitted", Trigger::UserPromptSubmit),
    ("Stop", Trigger::Stop),
    ("stop", Trigger::Stop),
    ("agentStop", Trigger::Stop),
    ("agent_stopped", Trigger::Stop),
    ("PreToolUse", Trigger::PreToolUse),
    ("preToolUse", Trigger::PreToolUse),
    ("PostToolUse", Trigger::PostToolUse),
    ("postToolUse", Trigger::PostToolUse),
    ("PreTaskExec", Trigger::PreTaskExec),
    ("preTaskExecution", Trigger::PreTaskExec),
    ("task_started", Trigger::PreTaskExec),
    ("PostTaskExec", Trigger::PostTaskExec),
    ("postTaskExecution", Trigger::PostTaskExec),
    ("task_completed", Trigger::PostTaskExec),
    ("PostFileCreate", Trigger::PostFileCreate),
    ("fileCreated", Trigger::PostFileCreate),
    ("file_created", Trigger::PostFileCreate),
    ("PostFileSave", Trigger::PostFileSave),
    ("AfterFileEdit", Trigger::PostFileSave),
    ("fileEdited", Trigger::PostFileSave),
    ("fileSaved", Trigger::PostFileSave),
    ("file_modified", Trigger::PostFileSave),
    ("file_saved", Trigger::PostFileSave),
    ("onFileSave", Trigger::PostFileSave),
    ("PostFileDelete", Trigger::PostFileDelete),
    ("fileDeleted", Trigger::PostFileDelete),
    ("file_deleted", Trigger::PostFileDelete),
    ("Manual", Trigger::Manual),
    ("userTriggered", Trigger::Manual),
    ("manual", Trigger::Manual),
];

impl Trigger {
    /// The trigger of that spelling.
    pub fn named(name: &str) -> Option<Trigger> {
        TRIGGERS.iter().find(|(known, _)| *known == name).map(|(_, trigger)| *trigger)
    }

    /// Kiro's v1 name.
    pub fn name(self) -> &'static str {
        TRIGGERS.iter().find(|(_, trigger)| *trigger == self).map_or("", |(name, _)| name)
    }

    /// Whether exit code 2 of a command refuses what is about to happen.
    pub fn can_refuse(self) -> bool {
        matches!(self, Trigger::UserPromptSubmit | Trigger::PreToolUse | Trigger::PreTaskExec)
    }

    /// Whether it is about a file.
    pub fn is_file(self) -> bool {
        matches!(self, Trigger::PostFileCreate | Trigger::PostFileSave | Trigger::PostFileDelete)
    }
}

/// What a hook wants to see of the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// Every moment of its trigger.
    Always,
    /// A regular expression over the tool's name or the file's path. Not compiled here.
    Regex(String),
    /// Globs over the file's path.
    Globs(Vec<String>),
    /// Tools by name, category or expression.
    Tools(Vec<String>),
}

/// What a hook does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Runs a command line.
    Command(String),
    /// Asks an agent.
    Agent(String),
}

/// One hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its name; the trigger's when none is written.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it runs.
    pub trigger: Trigger,
    /// On what.
    pub matching: Matching,
    /// What it does.
    pub action: Action,
    /// Seconds that a command may take; 0 is no limit of its own.
    pub timeout_seconds: u64,
    /// Whether it runs at all.
    pub is_enabled: bool,
    /// It reports and writes nothing.
    pub is_advisory: bool,
    /// Where it stands.
    pub span: Span,
}

/// A hook file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    /// How it is written.
    pub generation: Generation,
    /// The hooks that can be understood, in order.
    pub hooks: Vec<Hook>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Hooks {
    /// Reads any bytes. The notation follows from the name (`.yaml`, `.yml`), the generation from what is inside.
    pub fn parse(bytes: &[u8], file_name: &str) -> Hooks {
        let is_yaml = file_name.ends_with(".yaml") || file_name.ends_with(".yml");
        let notation = if is_yaml { Notation::Yaml } else { Notation::Json };
        let (root, problems) = data::read(bytes, notation);
        let mut found = Findings::default();
        problems.into_iter().for_each(|problem| found.push(problem));
        let generation = match &root {
            _ if is_yaml => Generation::SettingsYaml,
            Some(root) if root.get("when").is_some() || root.get("then").is_some() => Generation::Legacy,
            Some(root) if matches!(root.get("hooks").map(|n| &n.value), Some(Value::Map(_))) => {
                Generation::Plugin
            }
            _ => Generation::V1,
        };
        let mut hooks = root.as_ref().map_or_else(Vec::new, |root| read(root, generation, &mut found));
        if hooks.len() > HOOKS_MAX {
            let message = format!("only the first {HOOKS_MAX} hooks are read");
            found.push(Diagnostic::warning("hook/too-many", Span::default(), message));
            hooks.truncate(HOOKS_MAX);
        }
        report_names(&hooks, &mut found);
        Hooks { generation, hooks, diagnostics: found.into_vec() }
    }
}

/// The hooks of an agent: a list in the v1 form, or the 2.x command line's map of lists.
pub(super) fn of_agent(node: &Node, found: &mut Findings) -> Vec<Hook> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(|item| v1(item, found)).take(HOOKS_MAX).collect(),
        Value::Map(_) => grouped(node, Generation::AgentCli, found),
        _ => {
            Fields::of(node, "hook").wrong("hooks", node, "a list or a map", found);
            Vec::new()
        }
    }
}

fn read(root: &Node, generation: Generation, found: &mut Findings) -> Vec<Hook> {
    if !matches!(root.value, Value::Map(_)) {
        Fields::of(root, "hook").wrong("the file", root, "a map", found);
        return Vec::new();
    }
    match generation {
        Generation::Legacy => legacy(root, found).into_iter().collect(),
        Generation::Plugin | Generation::AgentCli => {
            root.get("hooks").map_or_else(Vec::new, |hooks| grouped(hooks, generation, found))
        }
        Generation::SettingsYaml => settings(root, found),
        Generation::V1 => {
            let fields = Fields::of(root, "hook");
            match fields.text("version", found).as_deref() {
                Some("v1") => {}
                _ => found.push(
                    Diagnostic::error("hook/wrong-version", root.span, "`version` is not `v1`")
                        .hint("Kiro refuses the whole file; write \"version\": \"v1\""),
                ),
            }
            fields.unknown(&["version", "hooks", "$schema"], found);
            let items = root.get("hooks").map(Node::items).unwrap_or_default();
            if items.is_empty() {
                let message = "there is no hook in this file";
                found.push(Diagnostic::error("hook/no-hooks", root.span, message).hint("add one to `hooks`"));
            }
            items.iter().filter_map(|item| v1(item, found)).collect()
        }
    }
}

fn v1(node: &Node, found: &mut Findings) -> Option<Hook> {
    const KNOWN: &[&str] =
        &["name", "description", "trigger", "matcher", "action", "timeout", "enabled", "confirm", "advisory"];
    let fields = Fields::of(node, "hook");
    let trigger = trigger(&fields, "trigger", found);
    let name = fields.needed("name", found);
    let matching = match fields.text("matcher", found) {
        Some(matcher) if looks_like_glob(&matcher) => {
            let span = fields.get("matcher").map_or(node.span, |node| node.span);
            found.push(
                Diagnostic::warning(
                    "hook/glob-in-matcher",
                    span,
                    format!("`{matcher}` is a glob; a matcher is a regular expression"),
                )
                .hint("it is read as a glob here; Kiro would never match it"),
            );
            Matching::Globs(vec![matcher])
        }
        Some(matcher) => Matching::Regex(matcher),
        None => Matching::Always,
    };
    let (action, inner) = match fields.get("action") {
        Some(action) => (v1_action(action, found), Fields::of(action, "hook").number("timeout", found)),
        None => {
            found.push(Diagnostic::error("hook/missing-field", node.span, "`action` is missing"));
            (None, None)
        }
    };
    let timeout = fields.number("timeout", found).or(inner);
    let (is_enabled, is_advisory) =
        (fields.flag("enabled", true, found), fields.flag("advisory", false, found));
    fields.unknown(KNOWN, found);
    let (trigger, action) = (trigger?, action?);
    Some(Hook {
        name: name.unwrap_or_else(|| trigger.name().to_string()),
        description: fields.text("description", found),
        trigger,
        matching,
        action,
        timeout_seconds: timeout.unwrap_or(TIMEOUT_SECONDS_DEFAULT),
        is_enabled,
        is_advisory,
        span: node.span,
    })
}

fn v1_action(node: &Node, found: &mut Findings) -> Option<Action> {
    let fields = Fields::of(node, "hook");
    match fields.text("type", found).as_deref() {
        Some("command" | "runCommand") => fields.needed("command", found).map(Action::Command),
        Some("agent" | "askAgent" | "prompt") => fields.needed("prompt", found).map(Action::Agent),
        other => {
            let message = format!("an action of type `{}` is not known", other.unwrap_or_default());
            found.push(
                Diagnostic::error("hook/unknown-action", node.span, message).hint("use `command` or `agent`"),
            );
            None
        }
    }
}

fn legacy(root: &Node, found: &mut Findings) -> Option<Hook> {
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
    ];
    let fields = Fields::of(root, "hook");
    fields.unknown(KNOWN, found);
    let (Some(when), Some(then)) = (root.get("when"), root.get("then")) else {
        let message = "a hook of this form needs `when` and `then`";
        found.push(Diagnostic::error("hook/missing-field", root.span, message));
        return None;
    };
    let (when, then_fields) = (Fields::of(when, "hook"), Fields::of(then, "hook"));
    let trigger = trigger(&when, "type", found)?;
    let (patterns, tools) = (when.texts("patterns", found), when.texts("toolTypes", found));
    let matching = match (patterns.is_empty(), tools.is_empty()) {
        (false, _) => Matching::Globs(patterns),
        (true, false) => Matching::Tools(tools),
        (true, true) => Matching::Always,
    };
    if trigger.is_file() && matching == Matching::Always {
        found.push(
            Diagnostic::warning("hook/every-file", when.span(), "this hook runs for every file")
                .hint("name the files in `patterns`"),
        );
    }
    let action = v1_action(then, found)?;
    Some(Hook {
        name: fields.needed("name", found).unwrap_or_else(|| trigger.name().to_string()),
        description: fields.text("description", found),
        trigger,
        matching,
        action,
        timeout_seconds: then_fields.number("timeout", found).unwrap_or(TIMEOUT_SECONDS_DEFAULT),
        is_enabled: fields.flag("enabled", true, found),
        is_advisory: fields.flag("advisory", false, found),
        span: root.span,
    })
}

/// `{ "<Event>": [ { matcher, hooks: [ … ] } ] }` of plugins, `{ "<event>": [ { command, matcher } ] }` of agents.
fn grouped(node: &Node, generation: Generation, found: &mut Findings) -> Vec<Hook> {
    let mut hooks = Vec::new();
    for (key, groups) in node.members() {
        let Some(trigger) = Trigger::named(&key.name) else {
            found.push(unknown_trigger(&key.name, key.span));
            continue;
        };
        for group in groups.items().iter().take(HOOKS_MAX) {
            let fields = Fields::of(group, "hook");
            let matcher = fields.text("matcher", found).filter(|matcher| !matcher.is_empty());
            let matching = match (matcher, generation) {
                (None, _) => Matching::Always,
                (Some(matcher), Generation::AgentCli) => Matching::Tools(vec![matcher]),
                (Some(matcher), _) => Matching::Regex(matcher),
            };
            let inner: Vec<&Node> = match group.get("hooks") {
                Some(inner) => inner.items().iter().collect(),
                None => vec![group],
            };
            for item in inner {
                let fields = Fields::of(item, "hook");
                let action = match item.get("type") {
                    Some(_) => v1_action(item, found),
                    None => fields.needed("command", found).map(Action::Command),
                };
                let timeout = fields.number("timeout_ms", found).map(|ms| ms.div_ceil(1000));
                let timeout = timeout.or_else(|| fields.number("timeout", found));
                let Some(action) = action else { continue };
                hooks.push(Hook {
                    name: key.name.clone(),
                    description: None,
                    trigger,
                    matching: matching.clone(),
                    action,
                    timeout_seconds: timeout.unwrap_or(30),
                    is_enabled: true,
                    is_advisory: false,
                    span: item.span,
                });
            }
        }
    }
    hooks
}

/// `hooks: [{name, trigger, pattern, action}]`, and the keyed blocks that one public repository has there.
fn settings(root: &Node, found: &mut Findings) -> Vec<Hook> {
    let list = root.get("hooks").unwrap_or(root);
    let mut blocks: Vec<(Option<String>, &Node)> = list.items().iter().map(|item| (None, item)).collect();
    blocks.extend(list.members().iter().map(|(key, block)| (Some(key.name.clone()), block)));
    if blocks.is_empty() {
        found.push(Diagnostic::warning("hook/no-hooks", root.span, "there is no hook in this file"));
    }
    blocks.into_iter().filter_map(|(name, block)| settings_hook(name, block, found)).collect()
}

fn settings_hook(key: Option<String>, node: &Node, found: &mut Findings) -> Option<Hook> {
    const KNOWN: &[&str] = &[
        "name",
        "description",
        "trigger",
        "event",
        "pattern",
        "patterns",
        "file-pattern",
        "file_pattern",
        "action",
        "prompt",
        "command",
        "advisory",
        "enabled",
        "timeout",
        "priority",
    ];
    let fields = Fields::of(node, "hook");
    if !matches!(node.value, Value::Map(_)) {
        fields.wrong(key.as_deref().unwrap_or("a hook"), node, "a map", found);
        return None;
    }
    fields.unknown(KNOWN, found);
    let trigger = trigger(&fields, if fields.get("trigger").is_some() { "trigger" } else { "event" }, found);
    let named = ["pattern", "patterns", "file-pattern", "file_pattern"].into_iter();
    let patterns: Vec<String> = named.flat_map(|name| fields.texts(name, found)).collect();
    let action = match (fields.text("command", found), fields.text("prompt", found)) {
        (Some(command), _) => Some(Action::Command(command)),
        (None, Some(prompt)) => Some(Action::Agent(prompt)),
        (None, None) => match fields.get("action") {
            Some(action) if matches!(action.value, Value::Map(_)) => v1_action(action, found),
            Some(_) => fields.text("action", found).map(Action::Agent),
            None => {
                found.push(Diagnostic::error("hook/missing-field", node.span, "`action` is missing"));
                None
            }
        },
    };
    let timeout = fields.number("timeout", found);
    let (is_enabled, is_advisory) =
        (fields.flag("enabled", true, found), fields.flag("advisory", false, found));
    let (trigger, action) = (trigger?, action?);
    Some(Hook {
        name: fields.text("name", found).or(key).unwrap_or_else(|| trigger.name().to_string()),
        description: fields.text("description", found),
        trigger,
        matching: if patterns.is_empty() { Matching::Always } else { Matching::Globs(patterns) },
        action,
        timeout_seconds: timeout.unwrap_or(TIMEOUT_SECONDS_DEFAULT),
        is_enabled,
        is_advisory,
        span: node.span,
    })
}

fn trigger(fields: &Fields<'_>, name: &str, found: &mut Findings) -> Option<Trigger> {
    let text = fields.needed(name, found)?;
    let trigger = Trigger::named(&text);
    if trigger.is_none() {
        let span = fields.get(name).map_or(fields.span(), |node| node.span);
        found.push(unknown_trigger(&text, span));
    }
    trigger
}

fn unknown_trigger(name: &str, span: Span) -> Diagnostic {
    let known: Vec<&str> = TRIGGERS
        .iter()
        .map(|(known, _)| *known)
        .filter(|known| known.starts_with(char::is_uppercase))
        .collect();
    Diagnostic::error("hook/unknown-trigger", span, format!("`{name}` is no trigger; this hook never runs"))
        .hint(format!("use one of: {}", known.join(", ")))
}

fn looks_like_glob(matcher: &str) -> bool {
    matcher.starts_with("*") || matcher.contains("**") || matcher.contains("/*")
}

fn report_names(hooks: &[Hook], found: &mut Findings) {
    for (at, hook) in hooks.iter().enumerate() {
        let same = |other: &&Hook| {
            other.name == hook.name && other.trigger == hook.trigger && other.action == hook.action
        };
        if hooks.iter().take(at).any(|other| same(&other)) {
            let message = format!("the hook `{}` is written twice", hook.name);
            found.push(Diagnostic::warning("hook/duplicate", hook.span, message));
        }
    }
}

#[cfg(test)]
#[path = "hooks_tests.rs"]
mod tests;
