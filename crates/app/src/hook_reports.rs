//! What the commands around hooks print as JSON. A wire of its own; the types of `hooks` are converted here and by the
//! commands.

use schemars::JsonSchema;
use serde::Serialize;

/// What `waypost hooks list` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HooksListed {
    pub(crate) hooks: Vec<HookRow>,
    /// What is odd, and every hook that was dropped.
    pub(crate) problems: Vec<HookProblem>,
}

/// One hook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HookRow {
    /// `file#name`.
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Kiro's v1 name.
    pub(crate) trigger: String,
    /// As written; `*` is every moment of the trigger.
    pub(crate) matcher: String,
    /// `command` or `agent`.
    pub(crate) action: String,
    /// The command line or the prompt.
    pub(crate) does: String,
    /// `advisory` or `prescriptive`: the smaller of what the file asks for and what the person grants.
    pub(crate) grant: String,
    /// `own`, `trusted`, `changed`, `untrusted` or `never`.
    pub(crate) trust: String,
    /// Whether it runs when its moment comes: switched on and trusted.
    pub(crate) runs: bool,
    pub(crate) enabled: bool,
    /// `hooks.yaml`, `v1`, `0.x`, `cli-2.x` or `open-plugin`.
    pub(crate) format: String,
    /// The agent in whose sessions it counts, when it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<String>,
    /// Milliseconds; 0 is no limit of its own.
    pub(crate) timeout_ms: u64,
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// Something that is odd about a file of hooks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HookProblem {
    /// Stable: `hook/unknown-trigger`.
    pub(crate) code: &'static str,
    /// `error`, `warning` or `hint`.
    pub(crate) severity: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// `file#name`, when it is about one hook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hook: Option<String>,
    /// Whether it is so, or may be so.
    pub(crate) certain: bool,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// The same place in bytes.
    #[serde(skip)]
    pub(crate) span: spec::Span,
    #[serde(skip)]
    pub(crate) level: spec::Severity,
}

/// What `waypost hooks check` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HooksChecked {
    pub(crate) hooks: u32,
    /// Files of the workspace that the patterns were tried on.
    pub(crate) files: u32,
    pub(crate) errors: u32,
    pub(crate) warnings: u32,
    pub(crate) hints: u32,
    pub(crate) findings: Vec<HookProblem>,
}

/// What `waypost hooks test` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HookTested {
    pub(crate) hook: HookRow,
    /// The moment, by Kiro's v1 name.
    pub(crate) event: String,
    pub(crate) matches: bool,
    pub(crate) why: String,
    /// Exactly what it gets on standard input, of a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stdin: Option<String>,
    /// Variables beside the ordinary environment, of a command.
    pub(crate) environment: Vec<HookVariable>,
    /// The command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<String>,
    /// What the agent is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompt: Option<String>,
    /// What the policy says of it: `allow`, `ask` or `deny`.
    pub(crate) effect: String,
    pub(crate) reason: String,
    /// What would come of it, in words: what keeps it from running, what its exit codes mean.
    pub(crate) then: Vec<String>,
}

/// A variable.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HookVariable {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What `waypost hooks convert` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HooksConverted {
    pub(crate) files: Vec<HookFileRow>,
    pub(crate) losses: Vec<HookLoss>,
}

/// A new file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HookFileRow {
    pub(crate) path: String,
    /// `shown`, `written`, or `exists`: something else is there and stays.
    pub(crate) state: String,
    /// The hooks that it stands for.
    pub(crate) hooks: Vec<String>,
    pub(crate) text: String,
}

/// Something that did not come along.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HookLoss {
    pub(crate) hook: String,
    pub(crate) what: String,
}
