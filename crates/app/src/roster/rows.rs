//! What the commands around agents, skills, powers and prompts print as JSON. A wire of its own.

use schemars::JsonSchema;
use serde::Serialize;

/// What `waypost agent list` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AgentsListed {
    pub(crate) agents: Vec<AgentRow>,
    pub(crate) left_out: Vec<LeftOutRow>,
}

/// An agent in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AgentRow {
    /// By which it is chosen.
    pub(crate) agent: String,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// `person`, `built in`, `workspace`, or `package packages/x`.
    pub(crate) origin: String,
    pub(crate) file: String,
    /// `markdown`, `json`, or `json of the 2.x command line`.
    pub(crate) format: String,
    /// Whether a session may use it.
    pub(crate) usable: bool,
    /// `your own`, `trusted`, `not trusted`, `changed since it was trusted`, or `never trusted: …`.
    pub(crate) trust: String,
    /// Waypost's own tools that it gets.
    pub(crate) tools: Vec<String>,
    /// How many errors and warnings there are about it.
    pub(crate) problems: u32,
}

/// A file that does not count.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LeftOutRow {
    pub(crate) file: String,
    /// `agent`, `skill`, `power` or `prompt`.
    pub(crate) kind: String,
    pub(crate) why: String,
}

/// What `waypost agent show` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AgentShown {
    #[serde(flatten)]
    pub(crate) agent: AgentRow,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) welcome: Option<String>,
    /// What it is told.
    pub(crate) prompt: String,
    /// Its tools, as its file names them.
    pub(crate) wanted_tools: Vec<String>,
    pub(crate) excluded_tools: Vec<String>,
    /// Its own rules, as `effect capability:pattern`.
    pub(crate) rules: Vec<String>,
    /// Presets that its rules name.
    pub(crate) presets: Vec<String>,
    /// The most that it may do, as rules of the same form; nothing that the person's rules do not allow is allowed by them.
    pub(crate) bound: Vec<String>,
    /// Its hooks, by name or trigger.
    pub(crate) hooks: Vec<String>,
    /// Its own servers.
    pub(crate) servers: Vec<String>,
    /// Whether it also gets those of `mcp.json`.
    pub(crate) include_mcp_json: bool,
    pub(crate) include_powers: bool,
    pub(crate) resources: Vec<String>,
    pub(crate) problems_found: Vec<ProblemRow>,
    /// What else a person should know.
    pub(crate) notes: Vec<String>,
}

/// Something odd about a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ProblemRow {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// `error`, `warning` or `hint`.
    pub(crate) severity: String,
    /// What a reader of reports knows it by, such as `agent/no-tools`.
    pub(crate) rule: String,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

/// What `waypost agent check` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RosterChecked {
    pub(crate) agents: u32,
    pub(crate) skills: u32,
    pub(crate) powers: u32,
    pub(crate) prompts: u32,
    pub(crate) errors: u32,
    pub(crate) warnings: u32,
    pub(crate) problems: Vec<ProblemRow>,
}

/// What `waypost skill list` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SkillsListed {
    pub(crate) skills: Vec<ThingRow>,
    pub(crate) left_out: Vec<LeftOutRow>,
}

/// What `waypost power list` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PowersListed {
    pub(crate) powers: Vec<ThingRow>,
    pub(crate) left_out: Vec<LeftOutRow>,
}

/// What `waypost prompt list` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PromptsListed {
    pub(crate) prompts: Vec<ThingRow>,
    pub(crate) left_out: Vec<LeftOutRow>,
}

/// A skill, power or prompt in a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ThingRow {
    pub(crate) name: String,
    pub(crate) description: String,
    /// `person` or `workspace`.
    pub(crate) origin: String,
    /// The file, or the folder.
    pub(crate) file: String,
    pub(crate) usable: bool,
    pub(crate) trust: String,
    /// Bytes that the model gets when it is opened.
    pub(crate) bytes: u64,
    /// Words that call for it, of a power.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) keywords: Vec<String>,
    /// Names that its servers have in a session, of a power.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) servers: Vec<String>,
}

/// What `waypost skill show` and `waypost power show` print.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ThingShown {
    #[serde(flatten)]
    pub(crate) thing: ThingRow,
    /// What the model gets when it is opened.
    pub(crate) text: String,
    pub(crate) problems_found: Vec<ProblemRow>,
}

/// What `waypost prompt show` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PromptShown {
    pub(crate) prompt: String,
    pub(crate) file: String,
    /// The text with its arguments in place.
    pub(crate) text: String,
    /// Places that got no argument; they stand in the text as they are.
    pub(crate) missing: Vec<String>,
    pub(crate) notes: Vec<String>,
}
