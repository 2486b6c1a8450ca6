//! Everything that can happen in a session or to a spec, on one page. State is a fold over these.

use policy::{Answer, Decided, Mode, Taint};

use crate::{Block, CallResult, Cost, Digest, Fragment, ModelErrorKind, Spent, Stop, ToolDescription, Usage};

/// Something that happened. Plain data; the ledger owns the stored form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A session began.
    Started(Started),
    /// The person said something: the request, or words typed while the agent works.
    Said {
        /// The words.
        text: String,
    },
    /// The person asked for something, and hooks that may keep it from the model run first. It is no part of the conversation until
    /// it is `Said`; a session that dies before goes on with it.
    Asked {
        /// The words.
        text: String,
    },
    /// What was asked is kept from the model, and not asked again.
    Withheld {
        /// Which hook said no, and why.
        message: String,
    },
    /// The model was asked.
    Sent(Sent),
    /// The model answered.
    Answered(Answered),
    /// The model could not be had.
    ModelFailed {
        /// What kind of failure.
        kind: ModelErrorKind,
        /// What was said.
        message: String,
    },
    /// The gate decided about a call.
    Decided(Decided),
    /// A person answered a question about a call.
    PersonAnswered {
        /// The call.
        call: String,
        /// The answer.
        answer: Answer,
    },
    /// A call came to its end.
    Finished(CallResult),
    /// The conversation was replaced by a summary; the fragments stayed.
    Compacted(Compacted),
    /// Waypost told the model something on its own account, for example that it repeats itself.
    Noted {
        /// The words.
        text: String,
    },
    /// Steering that began to be in force while the session works: it is told behind the conversation, so that what a cache
    /// holds stays, and a compaction moves it to the pinned part, byte for byte. One with the name of an earlier one
    /// stands in its place.
    Steered {
        /// What came into force, in order.
        fragments: Vec<Fragment>,
    },
    /// Hooks are due, and none of these has begun. Each comes to a `Hooked`; one without it was due when the session died.
    HooksDue {
        /// In the order in which they run.
        hooks: Vec<HookDue>,
    },
    /// A hook came to its end, or was cut before it began.
    Hooked(Hooked),
    /// The session was resumed after it stopped or died.
    Resumed,
    /// The session came to rest. It can be resumed unless it is done.
    Ended(Ended),
    /// A plan for a spec was written.
    Planned {
        /// Digest of the documents that make up the plan, in canonical form.
        plan: Digest,
        /// The session in which the model wrote it, if one did.
        session: Option<String>,
    },
    /// A person approved documents of a spec.
    Approved {
        /// Who.
        by: String,
        /// File name and digest of its canonical form, for each document.
        documents: Vec<(String, Digest)>,
        /// The check commands that the approval covers, word for word.
        checks: Vec<String>,
    },
    /// Work on a task began.
    TaskStarted {
        /// The task's number.
        task: String,
        /// The session that carries it out.
        session: String,
        /// The snapshot of the workspace before it.
        before: String,
    },
    /// A check command ran.
    Checked(Check),
    /// A task's state byte was written.
    Ticked {
        /// The task's number.
        task: String,
        /// The state character: ` `, `-` or `x`.
        state: char,
        /// Why: the evidence, or what is missing.
        why: String,
    },
    /// What a task changed, as the snapshots before and after show it.
    Changed {
        /// The task's number.
        task: String,
        /// The session that carried it out, and the head of its journal: it pins that record from here.
        session: String,
        /// Head digest of the session's journal.
        head: Digest,
        /// Snapshot before.
        before: String,
        /// Snapshot after.
        after: String,
        /// Each file with added and removed lines.
        files: Vec<(String, u32, u32)>,
        /// What the task cost, when the price is known.
        cost: Option<Cost>,
    },
    /// A person had Waypost change files of a spec: renumber, rename, accept, import. Recorded before the files are
    /// written.
    Edited(Edited),
    /// The files of the workspace were put into the checkpoint store: before a call that may change files, after it,
    /// or around a restore.
    Checkpointed(Checkpointed),
    /// A person went back in the conversation: to before the answer that made this call. What came after that answer is
    /// no part of the conversation any more; it stays on record, and what it cost was spent.
    Rewound {
        /// The call, of this session.
        call: String,
    },
    /// A torn record at the end of the journal was set aside; everything before it is whole.
    Repaired {
        /// How many bytes were set aside.
        bytes: u64,
    },
}

/// A change of a spec's files that a person asked for by a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Who.
    pub by: String,
    /// The command in words: `renumber criteria`.
    pub what: String,
    /// The reason that the person gave, where the command asks for one.
    pub why: Option<String>,
    /// Each file from the workspace root, with its digest before (none when it is new) and after (none when it goes).
    pub files: Vec<(String, Option<Digest>, Option<Digest>)>,
}

/// A checkpoint of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpointed {
    /// Its number in the workspace's store. The one before a call and the one after it have the same.
    pub number: u64,
    /// What it was taken for.
    pub moment: Moment,
    /// The call that it belongs to; none for a restore by a person's command.
    pub call: Option<String>,
    /// The snapshot's id.
    pub tree: String,
    /// The checkpoints that a restore undid; empty otherwise.
    pub undone: Vec<u64>,
    /// Files that the snapshot does not hold or a restore did not touch, each with the reason; the first few.
    pub left_out: Vec<(String, String)>,
}

/// What a checkpoint was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before a call, and durable before it began.
    Before,
    /// After a call.
    After,
    /// After a restore.
    Restored,
}

impl Moment {
    /// Every moment.
    pub const ALL: [Moment; 3] = [Moment::Before, Moment::After, Moment::Restored];

    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Moment::Before => "before",
            Moment::After => "after",
            Moment::Restored => "restored",
        }
    }

    /// The moment of a word.
    pub fn named(word: &str) -> Option<Moment> {
        Moment::ALL.into_iter().find(|moment| moment.name() == word)
    }
}

/// A hook that is due at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookDue {
    /// The call by which it goes through the gate.
    pub call: String,
    /// The hook: its file and name.
    pub hook: String,
    /// What it waited for, in the word of its format: `PreToolUse`.
    pub trigger: String,
    /// The hooks that led here, outermost first; empty when nothing of a hook did.
    pub cause: Vec<String>,
    /// What it is told once more when the session dies before its end and goes on.
    pub again: Again,
}

/// What a hook is told once more in a session that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Nothing: its moment comes by itself once more, or is over for good.
    Nothing,
    /// That the session began.
    Started,
    /// That a call is finished.
    Called {
        /// The call.
        call: String,
    },
    /// That files changed.
    Changed {
        /// Each file once.
        files: Vec<Touched>,
        /// How many more there were than a hook is told by name.
        left_out: u64,
        /// The calls of the session that changed them; none where hooks or people did.
        calls: Vec<String>,
    },
}

/// A file of the workspace that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// From the workspace root, with `/`.
    pub path: String,
    /// What happened to it.
    pub how: How,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is new.
    Created,
    /// Its bytes are others.
    Saved,
    /// It is gone.
    Deleted,
}

impl How {
    /// Everything that can happen.
    pub const ALL: [How; 3] = [How::Created, How::Saved, How::Deleted];

    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            How::Created => "created",
            How::Saved => "saved",
            How::Deleted => "deleted",
        }
    }

    /// What a word says.
    pub fn named(word: &str) -> Option<How> {
        How::ALL.into_iter().find(|how| how.name() == word)
    }
}

/// What came of a hook at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooked {
    /// The call by which it went through the gate.
    pub call: String,
    /// The hook: its file and name.
    pub hook: String,
    /// What it waited for, in the word of its format: `PreToolUse`.
    pub trigger: String,
    /// The hooks that led here, outermost first; empty when nothing of a hook did.
    pub cause: Vec<String>,
    /// How it ended.
    pub end: HookEnd,
    /// What the model is told; empty when nothing.
    pub context: String,
    /// What a person is told: the exit code and why, or what cut it.
    pub message: String,
    /// What its agent used, when it has one.
    pub spent: Option<Spent>,
    /// What its agent took in from outside.
    pub took_in: Taint,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// How a hook ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookEnd {
    /// It did what it does.
    Done,
    /// It did, and what was about to happen does not.
    Blocked,
    /// It did not work.
    Failed,
    /// The gate did not let it.
    Denied,
    /// A guard stopped it: a loop, its rate, its time, its money; or what it was due for was off.
    Cut,
    /// Waypost ended before it was over; how far it came is not known.
    Interrupted,
}

impl HookEnd {
    /// Every end.
    pub const ALL: [HookEnd; 6] = [
        HookEnd::Done,
        HookEnd::Blocked,
        HookEnd::Failed,
        HookEnd::Denied,
        HookEnd::Cut,
        HookEnd::Interrupted,
    ];

    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            HookEnd::Done => "done",
            HookEnd::Blocked => "blocked",
            HookEnd::Failed => "failed",
            HookEnd::Denied => "denied",
            HookEnd::Cut => "cut",
            HookEnd::Interrupted => "interrupted",
        }
    }

    /// The end of a word.
    pub fn named(word: &str) -> Option<HookEnd> {
        HookEnd::ALL.into_iter().find(|end| end.name() == word)
    }
}

/// How a session began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The session's id.
    pub session: String,
    /// What it is for.
    pub purpose: Purpose,
    /// `provider/model`.
    pub model: String,
    /// The resolved absolute workspace root.
    pub workspace: String,
    /// The folder in which it was started, from the root with `/`: what its packages bring counts. Empty for the root, and in records
    /// that are older than this field.
    pub here: String,
    /// Supervised or autopilot.
    pub mode: Mode,
    /// The id of the agent that leads it; none where no agent does, and in records that are older than this field.
    pub agent: Option<String>,
    /// The pinned part of the prompt.
    pub fragments: Vec<Fragment>,
    /// The tools on offer.
    pub tools: Vec<ToolDescription>,
}

/// What a session is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// One request without a spec, or a chat.
    Request,
    /// Writing documents of a spec, or its plan.
    Plan {
        /// The spec.
        spec: String,
    },
    /// Carrying out one task.
    Task {
        /// The spec.
        spec: String,
        /// The task's number.
        task: String,
    },
    /// The part of another session that an agent of its own carries out.
    Part {
        /// The session that it is a part of.
        parent: String,
        /// Whose part: the id of an agent, or `hook NAME`.
        agent: String,
    },
    /// The hooks of a workspace, while people change its files or run one by hand. No model is asked in it.
    Hooks,
}

/// A request to the model, by its measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The turn, from 1.
    pub turn: u32,
    /// Digest over the digests of all fragments in force, in order.
    pub fragments: Digest,
    /// How many messages it carried.
    pub messages: u32,
}

/// An answer of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What was said, in order.
    pub blocks: Vec<Block>,
    /// Why it ended.
    pub stop: Stop,
    /// What it used.
    pub usage: Usage,
    /// What it cost, or `None` when the price is not known.
    pub cost: Option<Cost>,
}

/// A compaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// What stands for the messages that went.
    pub summary: String,
    /// How many messages at the end stayed as they were.
    pub kept: u32,
    /// What writing the summary used.
    pub usage: Usage,
    /// What it cost, or `None` when the price is not known.
    pub cost: Option<Cost>,
}

/// A check command that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The task that it checks, or `None` for the whole spec.
    pub task: Option<String>,
    /// The command line.
    pub command: String,
    /// Its exit code; `None` when a signal or the time limit ended it.
    pub exit: Option<i32>,
    /// The end of its output.
    pub tail: String,
}

/// How a session came to rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What came of it.
    pub outcome: Outcome,
    /// In a sentence, with the next step where there is one.
    pub message: String,
}

/// What came of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The model is done.
    Done,
    /// It did not work.
    Failed,
    /// A question that nobody can answer.
    NeedsAnswer,
    /// Denied by policy, again and again.
    Denied,
    /// A budget of turns or money is used up.
    Budget,
    /// The provider could not be had.
    Unavailable,
    /// The person stopped it.
    Interrupted,
}

impl Event {
    /// The event's name in records.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Started(_) => "started",
            Event::Said { .. } => "said",
            Event::Asked { .. } => "asked",
            Event::Withheld { .. } => "withheld",
            Event::Sent(_) => "sent",
            Event::Answered(_) => "answered",
            Event::ModelFailed { .. } => "model_failed",
            Event::Decided(_) => "decided",
            Event::PersonAnswered { .. } => "person_answered",
            Event::Finished(_) => "finished",
            Event::Compacted(_) => "compacted",
            Event::Noted { .. } => "noted",
            Event::Steered { .. } => "steered",
            Event::HooksDue { .. } => "hooks_due",
            Event::Hooked(_) => "hooked",
            Event::Resumed => "resumed",
            Event::Ended(_) => "ended",
            Event::Planned { .. } => "planned",
            Event::Approved { .. } => "approved",
            Event::TaskStarted { .. } => "task_started",
            Event::Checked(_) => "checked",
            Event::Ticked { .. } => "ticked",
            Event::Changed { .. } => "changed",
            Event::Edited(_) => "edited",
            Event::Checkpointed(_) => "checkpointed",
            Event::Rewound { .. } => "rewound",
            Event::Repaired { .. } => "repaired",
        }
    }
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 7] = [
        Outcome::Done,
        Outcome::Failed,
        Outcome::NeedsAnswer,
        Outcome::Denied,
        Outcome::Budget,
        Outcome::Unavailable,
        Outcome::Interrupted,
    ];

    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::NeedsAnswer => "needs_answer",
            Outcome::Denied => "denied",
            Outcome::Budget => "budget",
            Outcome::Unavailable => "unavailable",
            Outcome::Interrupted => "interrupted",
        }
    }

    /// The outcome with that name.
    pub fn named(name: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}
