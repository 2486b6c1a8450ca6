//! A hook as one value, whatever file it came from. Reads no file and matches nothing.

use std::fmt;

use spec::Span;

use crate::matcher::Matcher;
use crate::trigger::Trigger;

/// Milliseconds that a command may take when its file does not say (v1, 0.x, `hooks.yaml`, plugins).
pub const TIMEOUT_MS_DEFAULT: u64 = 60_000;

/// The same for hooks of the 2.x command line.
pub const CLI_TIMEOUT_MS_DEFAULT: u64 = 30_000;

/// Bytes of a command's output that go on when its file does not say.
pub const OUTPUT_DEFAULT: usize = 64 * 1024;

/// The same for hooks of the 2.x command line.
pub const CLI_OUTPUT_DEFAULT: usize = 10 * 1024;

/// The most bytes of output that a file can ask for.
pub const OUTPUT_MAX: usize = 1024 * 1024;

/// The most milliseconds that a file can ask for: a day.
pub const TIMEOUT_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// Which hook: the file and the name in it, and a number when the name is there twice. Stable as long as these are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HookId(String);

impl HookId {
    /// The id of the `nth` hook (from 0) with that name in that file.
    pub fn new(file: &str, name: &str, nth: usize) -> HookId {
        match nth {
            0 => HookId(format!("{file}#{name}")),
            _ => HookId(format!("{file}#{name}#{}", nth + 1)),
        }
    }

    /// An id as it was written down, for instance in a record.
    pub fn recorded(text: &str) -> HookId {
        HookId(text.to_string())
    }

    /// The id as text: `file#name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which notation a hook was written in. Decides the names in its payload and the meaning of its exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `.kiro/settings/hooks.yaml`.
    Yaml,
    /// `.kiro/hooks/*.json` with `"version": "v1"`, and the list form inside an agent.
    V1,
    /// `.kiro.hook` and `.hook` with `when` and `then`.
    Legacy,
    /// The map form inside the JSON of an agent of the 2.x command line.
    Cli,
    /// `hooks/hooks.json` of an Open-Plugin.
    Plugin,
}

impl Format {
    /// The word for listings and records.
    pub fn word(self) -> &'static str {
        match self {
            Format::Yaml => "hooks.yaml",
            Format::V1 => "v1",
            Format::Legacy => "0.x",
            Format::Cli => "cli-2.x",
            Format::Plugin => "open-plugin",
        }
    }
}

/// Where a hook is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The file as people name it: relative to the workspace, or with `~/` in front.
    pub file: String,
    /// The hook in it.
    pub span: Span,
}

/// What a hook does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Runs a command line in a shell, with the payload on standard input.
    Command {
        /// The line, as written.
        line: String,
    },
    /// Asks an agent.
    Agent {
        /// What it is asked, as written.
        prompt: String,
    },
}

/// Where a hook counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every session.
    Everywhere,
    /// Only in sessions of this agent.
    Agent(String),
}

/// A question that is put to the person before a command runs; only for [`Trigger::Stop`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Confirm {
    /// The question; empty when `command` makes it.
    pub question: String,
    /// What the person can choose, at most [`CONFIRM_OPTIONS_MAX`].
    pub options: Vec<ConfirmOption>,
    /// A command line whose output is the question and its options as JSON.
    pub command: Option<String>,
}

/// The most options of one question.
pub const CONFIRM_OPTIONS_MAX: usize = 20;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConfirmOption {
    /// What the command gets as `user_decision`.
    pub id: String,
    /// What the person reads.
    pub label: String,
    /// Whether the hook's command runs when this is chosen.
    pub runs: bool,
    /// What the agent is told to go on with, when this is chosen.
    pub continue_reason: Option<String>,
}

/// One hook.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Which one.
    pub id: HookId,
    /// Its name; the file's or the trigger's when none is written.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where it is written.
    pub source: Source,
    /// In which notation.
    pub format: Format,
    /// When it runs.
    pub trigger: Trigger,
    /// On what.
    pub matcher: Matcher,
    /// What it does.
    pub action: Action,
    /// Milliseconds that it may take, at most [`TIMEOUT_MS_MAX`]; 0 means that the file sets no limit.
    pub timeout_ms: u64,
    /// Whether it runs at all.
    pub is_enabled: bool,
    /// What the file asks for: `true` to report only, `false` to act; `None` when it has no word on it.
    pub advisory: Option<bool>,
    /// The question before it runs.
    pub confirm: Option<Confirm>,
    /// Bytes of output that go on, at most [`OUTPUT_MAX`].
    pub output_max: usize,
    /// Seconds for which an output stands for later runs with the same payload; 0 is never.
    pub cache_ttl_seconds: u64,
    /// Where it counts.
    pub scope: Scope,
}

impl Hook {
    /// The folder of the plugin that the hook belongs to, as its file is named.
    pub fn plugin_root(&self) -> Option<&str> {
        if self.format != Format::Plugin {
            return None;
        }
        let folder = self.source.file.strip_suffix("hooks.json")?;
        Some(folder.strip_suffix("hooks/").unwrap_or(folder).trim_end_matches('/'))
    }

    /// The package that it belongs to: the folder with the `.kiro` that its file lies in, from the workspace with `/`. Empty for the
    /// workspace's and the person's own.
    pub fn package(&self) -> &str {
        let file = self.source.file.as_str();
        match file.starts_with(".kiro/") || file.starts_with("~/") {
            true => "",
            false => file.split_once("/.kiro/").map_or("", |(package, _)| package),
        }
    }

    /// The command line, when it runs one.
    pub fn command(&self) -> Option<&str> {
        match &self.action {
            Action::Command { line } => Some(line),
            Action::Agent { .. } => None,
        }
    }

    /// The prompt, when it asks an agent.
    pub fn prompt(&self) -> Option<&str> {
        match &self.action {
            Action::Command { .. } => None,
            Action::Agent { prompt } => Some(prompt),
        }
    }

    /// Bytes that its compiled patterns hold; whoever loads many files adds these up.
    pub fn weight(&self) -> usize {
        self.matcher.weight()
    }
}
