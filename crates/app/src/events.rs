//! What `--json` writes: one typed event a line, and the rows of listings. Their JSON Schema is `waypost schema`.
//! This is a wire of its own: the ledger's stored records and the engine's events are converted here by hand.

use conversation::{Delta, Event as Happened, ModelErrorKind, Moment};
use schemars::JsonSchema;
use serde::Serialize;

/// The version of this stream; it grows when a reader of an older one would misread a newer one.
pub(crate) const VERSION: u32 = 1;

/// One line of the event stream.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The first line of every stream.
    Hello { version: u32, waypost: String },
    /// A session began.
    SessionStarted { session: String, model: String, workspace: String, mode: String },
    /// An earlier session goes on.
    SessionResumed { session: String },
    /// The person said something.
    Said { text: String },
    /// What the person's words name with `#`, told before it is sent.
    Context { pieces: Vec<crate::context::ContextPiece> },
    /// A piece of the answer that is arriving.
    TextDelta { text: String },
    /// A piece of the model's reasoning, where the provider shows it.
    ReasoningDelta { text: String },
    /// The provider could not answer and is asked again.
    Retry { why: String, wait_ms: u64 },
    /// The model's answer is complete.
    Answer {
        /// The words of it.
        text: String,
        usage: Usage,
        /// US dollars; absent when the price is not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        cost_usd: Option<f64>,
    },
    /// The model called a tool.
    Call {
        call: String,
        tool: String,
        /// The arguments as the model wrote them: usually a JSON object, as text.
        input: String,
    },
    /// The gate decided about a call.
    Decision {
        call: String,
        /// `allow` or `deny`.
        effect: String,
        reason: String,
        /// What the call wanted, as `capability:target`.
        requests: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        answered_by: Option<String>,
    },
    /// A piece of the output of a running call.
    Output { call: String, text: String },
    /// A call came to its end.
    Result {
        call: String,
        /// `done`, `failed` or `denied`.
        status: String,
        text: String,
        /// Files that it changed.
        changed: Vec<String>,
    },
    /// The files were kept before a call that may change some; `waypost checkpoint restore` takes it back.
    Checkpoint {
        /// Its number in this workspace.
        checkpoint: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        call: Option<String>,
    },
    /// Steering came into force because of the files in play.
    Steering {
        /// Where it comes from.
        file: String,
        bytes: usize,
    },
    /// A hook came to its end, or was cut before it began.
    Hook {
        hook: String,
        /// What it waited for.
        event: String,
        /// `done`, `blocked`, `failed`, `denied`, `cut` or `interrupted`.
        end: String,
        /// What a person should know of it.
        message: String,
        /// What the model was told.
        context: String,
        /// The hooks that led here, outermost first.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        cause: Vec<String>,
        ms: u64,
        /// Dollars that its agent cost.
        #[serde(skip_serializing_if = "Option::is_none")]
        cost_usd: Option<f64>,
    },
    /// A part of the work that an agent of its own carries out: what it does, in short.
    Part {
        agent: String,
        /// `begins`, `→` for a call, `ended`.
        what: String,
        text: String,
    },
    /// The conversation was replaced by a summary.
    Compacted { summary: String },
    /// Something that a person should know.
    Notice { text: String },
    /// A spec was written.
    SpecWritten { spec: String, files: Vec<String> },
    /// Steering files were written, or shown.
    SteeringWritten {
        files: Vec<String>,
        /// `false` when they were only shown.
        written: bool,
    },
    /// The numbered plan.
    Plan { spec: String, steps: Vec<StepRow>, problems: Vec<String> },
    /// Documents were approved.
    Approved {
        spec: String,
        by: String,
        documents: Vec<String>,
        checks: Vec<String>,
        /// The globs of the spec's write scope; absent when it has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        write_scope: Option<Vec<String>>,
    },
    /// Work on a task began.
    TaskStarted { task: String, title: String },
    /// A check command ran.
    Check { task: String, command: String, exit: Option<i32> },
    /// A task's state changed in its document.
    TaskTicked { task: String, state: String, why: String },
    /// The review brief of a run.
    Brief(Brief),
    /// A session came to rest.
    SessionEnded { session: String, outcome: String, message: String },
    /// The command could not do what was asked.
    Error { message: String, hints: Vec<String>, exit_code: u8 },
    /// The last line of every stream.
    End { exit_code: u8 },
}

/// Tokens.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write: u64,
    pub(crate) output: u64,
}

/// One step of a plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct StepRow {
    pub(crate) task: String,
    pub(crate) title: String,
    /// `open`, `queued`, `in_progress` or `done`.
    pub(crate) state: String,
    pub(crate) optional: bool,
    /// Criteria that the task cites.
    pub(crate) criteria: Vec<String>,
    /// Files that the task names.
    pub(crate) files: Vec<String>,
    /// The command that proves it.
    pub(crate) check: Option<String>,
}

/// The review brief.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Brief {
    pub(crate) spec: String,
    pub(crate) tasks: Vec<BriefTask>,
    /// Criteria that no proven task cites.
    pub(crate) uncovered: Vec<Criterion>,
    /// Files that were changed outside the scope of every task.
    pub(crate) out_of_scope: Vec<String>,
    /// US dollars over all tasks; absent when a price is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost_usd: Option<f64>,
}

/// What one task came to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct BriefTask {
    pub(crate) task: String,
    pub(crate) title: String,
    pub(crate) proven: bool,
    /// The evidence, or what is missing.
    pub(crate) why: String,
    pub(crate) files: Vec<BriefFile>,
    pub(crate) criteria: Vec<Criterion>,
    pub(crate) check: Option<BriefCheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost_usd: Option<f64>,
    pub(crate) session: Option<String>,
}

/// What happened to one file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct BriefFile {
    pub(crate) path: String,
    /// Whether the task named it, or named no file at all.
    pub(crate) in_scope: bool,
    pub(crate) added: u32,
    pub(crate) removed: u32,
    /// First line and length in the new file, for each hunk.
    pub(crate) hunks: Vec<(u32, u32)>,
}

/// A criterion with its words, when the spec has them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Criterion {
    pub(crate) id: String,
    pub(crate) text: Option<String>,
}

/// The check that ran last for a task.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct BriefCheck {
    pub(crate) command: String,
    pub(crate) exit: Option<i32>,
}

/// A row of `waypost session list`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SessionRow {
    pub(crate) session: String,
    /// Milliseconds since the epoch.
    pub(crate) started_at: u64,
    pub(crate) updated_at: u64,
    pub(crate) purpose: String,
    pub(crate) model: String,
    pub(crate) request: String,
    /// `done`, `failed`, …; absent while nothing ended it.
    pub(crate) outcome: Option<String>,
    pub(crate) turns: u32,
    pub(crate) cost_usd: Option<f64>,
}

/// What `waypost spec status` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SpecStatus {
    pub(crate) spec: String,
    /// Documents that are not approved as they are now.
    pub(crate) unapproved: Vec<String>,
    pub(crate) approved_by: Option<String>,
    pub(crate) steps: Vec<StepRow>,
    pub(crate) problems: Vec<String>,
    /// `fresh`, `stale`, or `unknown` when there is neither an approval nor a commit to compare with.
    pub(crate) freshness: String,
    /// What design and tasks have not seen: criteria, properties and sections that changed since.
    pub(crate) stale: Vec<crate::reports::StaleRow>,
    pub(crate) brief: Brief,
}

/// A finding of `waypost audit verify`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct FindingRow {
    pub(crate) journal: String,
    pub(crate) record: Option<u64>,
    /// The word for this kind of finding, such as `edited`; docs/ledger-format.md lists them.
    pub(crate) kind: String,
    pub(crate) problem: String,
}

/// What `waypost audit verify` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AuditReport {
    pub(crate) journals: u64,
    pub(crate) records: u64,
    /// How many heads bear the signature of their key.
    pub(crate) heads: u64,
    /// The public key that signs now.
    pub(crate) key: Option<String>,
    /// The anchors that agree.
    pub(crate) anchors: Vec<AnchorRow>,
    pub(crate) findings: Vec<FindingRow>,
    /// What is not wrong and yet to be known.
    pub(crate) notes: Vec<FindingRow>,
}

/// An anchor that agrees with the ledger.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AnchorRow {
    pub(crate) anchor: String,
    /// How many heads it has.
    pub(crate) heads: u64,
}

/// What `waypost audit key` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct KeyRow {
    /// The public key, 64 digits.
    pub(crate) key: String,
    /// Its id, as heads name it.
    pub(crate) id: String,
}

/// What `waypost audit erase` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ErasedRow {
    /// Short texts that are gone.
    pub(crate) texts: u64,
    /// Long texts that are gone.
    pub(crate) contents: u64,
    /// Long texts that stay, because other journals refer to them.
    pub(crate) shared: Vec<String>,
    /// Records of format 1 whose short texts stay.
    pub(crate) kept_inline: u64,
    /// Remains of torn records that are gone.
    pub(crate) torn: u64,
}

/// A row of `waypost doctor` and `waypost trust`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ItemRow {
    pub(crate) name: String,
    pub(crate) ok: bool,
    pub(crate) detail: String,
}

/// Everything, for the schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is wanted")]
pub(crate) enum Document {
    Event(Event),
    Sessions(Vec<SessionRow>),
    Specs(Vec<crate::reports::SpecRow>),
    Change(crate::reports::SpecChange),
    Graph(crate::reports::SpecGraph),
    Check(crate::reports::CheckReport),
    Trace(crate::reports::TraceReport),
    Why(Vec<crate::reports::TraceWhy>),
    Impact(crate::reports::TraceImpact),
    Gaps(crate::reports::TraceGaps),
    Drift(Vec<crate::reports::DriftRow>),
    Rule(crate::reports::RuleRow),
    Rules(Vec<crate::reports::RuleRow>),
    Status(SpecStatus),
    Audit(AuditReport),
    Key(KeyRow),
    Erased(ErasedRow),
    Scan(crate::scan::ScanReport),
    Checkpoints(Vec<crate::commands::checkpoint_rows::CheckpointRow>),
    CheckpointShown(crate::commands::checkpoint_rows::CheckpointShown),
    CheckpointDiff(crate::commands::checkpoint_rows::CheckpointDiff),
    CheckpointRestore(crate::commands::checkpoint_rows::CheckpointRestore),
    Context(crate::commands::context_show::ContextShown),
    Items(Vec<ItemRow>),
    McpServers(Vec<crate::commands::mcp_look::McpRow>),
    McpShown(crate::commands::mcp_look::McpShown),
    McpOffered(crate::commands::mcp_ask::McpOffered),
    HookRuns(Vec<crate::commands::hooks_history::HookRun>),
    HooksListed(crate::hook_reports::HooksListed),
    HooksChecked(crate::hook_reports::HooksChecked),
    HookTested(Box<crate::hook_reports::HookTested>),
    HooksConverted(crate::hook_reports::HooksConverted),
    PolicyExplained(Box<crate::policy_reports::PolicyExplained>),
    PolicyTested(crate::policy_reports::PolicyTested),
    PolicySimulated(crate::policy_reports::PolicySimulated),
    PolicyListed(crate::policy_reports::PolicyListed),
    SteeringListed(Vec<crate::steering::rows::SteeringRow>),
    SteeringWhy(crate::steering::rows::SteeringWhy),
    SteeringChecked(crate::steering::rows::SteeringChecked),
    Agents(crate::roster::rows::AgentsListed),
    Agent(Box<crate::roster::rows::AgentShown>),
    RosterChecked(crate::roster::rows::RosterChecked),
    Skills(crate::roster::rows::SkillsListed),
    Powers(crate::roster::rows::PowersListed),
    Prompts(crate::roster::rows::PromptsListed),
    Opened(crate::roster::rows::ThingShown),
    Prompt(crate::roster::rows::PromptShown),
}

/// Dollars of a cost.
pub(crate) fn dollars(cost: conversation::Cost) -> f64 {
    // Exact for every cost below nine thousand million dollars.
    cost.0 as f64 / 1_000_000.0
}

/// The event lines for something that happened in a session.
pub(crate) fn of(happened: &Happened) -> Vec<Event> {
    match happened {
        Happened::Started(started) => vec![Event::SessionStarted {
            session: started.session.clone(),
            model: started.model.clone(),
            workspace: started.workspace.clone(),
            mode: started.mode.name().to_string(),
        }],
        Happened::Said { text } => vec![Event::Said { text: text.clone() }],
        Happened::Answered(answered) => {
            let message = conversation::Message {
                role: conversation::Role::Assistant,
                blocks: answered.blocks.clone(),
            };
            let usage = answered.usage;
            let answer = Event::Answer {
                text: message.text(),
                usage: Usage {
                    input: usage.input,
                    cache_read: usage.cache_read,
                    cache_write: usage.cache_write,
                    output: usage.output,
                },
                cost_usd: answered.cost.map(dollars),
            };
            let calls = message.calls().map(|call| Event::Call {
                call: call.id.clone(),
                tool: call.tool.clone(),
                input: call.input.text().to_string(),
            });
            std::iter::once(answer).chain(calls).collect()
        }
        Happened::ModelFailed { kind, message } => {
            let step = step_after(*kind).map_or(String::new(), |step| format!("; {step}"));
            vec![Event::Notice { text: format!("{message}{step}") }]
        }
        Happened::Noted { text } => vec![Event::Notice { text: text.clone() }],
        Happened::Decided(decided) => vec![Event::Decision {
            call: decided.call.clone(),
            effect: decided.decision.effect.name().to_string(),
            reason: decided.decision.reason.clone(),
            requests: decided
                .requests
                .iter()
                .map(|request| format!("{}:{}", request.capability.name(), request.target.shown()))
                .collect(),
            answered_by: decided.answered_by.clone(),
        }],
        Happened::Finished(result) => vec![Event::Result {
            call: result.call.clone(),
            status: result.status.name().to_string(),
            text: result.text.clone(),
            changed: result.changes.iter().map(|change| change.path.clone()).collect(),
        }],
        Happened::Steered { fragments } => {
            let one = |fragment: &conversation::Fragment| Event::Steering {
                file: fragment.name().to_string(),
                bytes: fragment.text().len(),
            };
            fragments.iter().map(one).collect()
        }
        Happened::Hooked(hooked) => vec![Event::Hook {
            hook: hooked.hook.clone(),
            event: hooked.trigger.clone(),
            end: hooked.end.name().to_string(),
            message: hooked.message.clone(),
            context: hooked.context.clone(),
            cause: hooked.cause.clone(),
            ms: hooked.ms,
            cost_usd: hooked.spent.and_then(|spent| spent.cost).map(dollars),
        }],
        Happened::Compacted(compacted) => vec![Event::Compacted { summary: compacted.summary.clone() }],
        Happened::Checked(check) => vec![Event::Check {
            task: check.task.clone().unwrap_or_default(),
            command: check.command.clone(),
            exit: check.exit,
        }],
        Happened::Repaired { bytes } => vec![Event::Notice {
            text: format!("a torn record of {bytes} bytes at the end of the journal was set aside"),
        }],
        Happened::Checkpointed(checkpoint) => match checkpoint.moment {
            Moment::Before => {
                vec![Event::Checkpoint { checkpoint: checkpoint.number, call: checkpoint.call.clone() }]
            }
            Moment::After | Moment::Restored => Vec::new(),
        },
        // The session's end is told with its id by whoever ran it; the rest has lines of its own.
        Happened::Ended(_)
        | Happened::Sent(_)
        | Happened::PersonAnswered { .. }
        | Happened::Resumed
        | Happened::Planned { .. }
        | Happened::Approved { .. }
        | Happened::Edited(_)
        | Happened::Rewound { .. }
        | Happened::TaskStarted { .. }
        | Happened::Ticked { .. }
        | Happened::Changed { .. }
        // The words themselves follow, or what their hook said.
        | Happened::Asked { .. }
        | Happened::HooksDue { .. }
        | Happened::Withheld { .. } => Vec::new(),
    }
}

/// What a person does, or what happens by itself, after a failure of this kind.
pub(crate) fn step_after(kind: ModelErrorKind) -> Option<&'static str> {
    match kind {
        ModelErrorKind::KeyRejected => {
            Some("the key was rejected: check the variable or the source in config.toml that it comes from")
        }
        ModelErrorKind::UnknownModel => {
            Some("the model is not known there: name another one with --model provider/model")
        }
        ModelErrorKind::ContextOverflow => Some("the conversation has become too long; it is summarised"),
        ModelErrorKind::Cut | ModelErrorKind::Garbled => {
            Some("the answer broke off; nothing of it was acted upon")
        }
        _ => None,
    }
}

/// The event line for a piece of an answer.
pub(crate) fn of_delta(delta: &Delta) -> Option<Event> {
    match delta {
        Delta::Text(text) => Some(Event::TextDelta { text: text.clone() }),
        Delta::Reasoning(text) => Some(Event::ReasoningDelta { text: text.clone() }),
        Delta::Call { .. } => None,
        Delta::Retry { why, wait_ms } => Some(Event::Retry { why: why.clone(), wait_ms: *wait_ms }),
    }
}
