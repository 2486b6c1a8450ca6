//! The state of a session, as a value. How it changes lives in `step`.

use std::collections::{BTreeSet, VecDeque};

use conversation::{
    Block, Call, CallResult, Checkpointed, Cost, Ended, Fragment, HookDue, Limits, Message, Prompt, Purpose,
    Seen, ToolDescription, Usage,
};
use policy::{Answer, Taint};

/// Everything a session knows. Invariant: it is a fold over the session's events and its bounds.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) bounds: Bounds,
    pub(crate) session: String,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) fragments: Vec<Fragment>,
    /// Steering that came into force behind the beginning. It stands in the conversation until a compaction.
    pub(crate) late: Vec<Fragment>,
    pub(crate) tools: Vec<ToolDescription>,
    pub(crate) messages: Vec<Message>,
    pub(crate) phase: Phase,
    /// The prompt as it is now was sent; what is added belongs to the next turn.
    pub(crate) is_sent: bool,
    /// Words said while the agent works, and notes of Waypost's own, for the next turn.
    pub(crate) queued: Vec<String>,
    /// What the person asked for and hooks did not let through yet.
    pub(crate) asked: Option<String>,
    /// Hooks that did not come to their end yet, in the order in which that was put on record.
    pub(crate) hooks_due: Vec<HookDue>,
    pub(crate) calls: Vec<Pending>,
    /// Calls since the model was asked last of which not all hooks have heard yet, as far as the record shows.
    pub(crate) untold: Vec<Untold>,
    pub(crate) seen: Seen,
    /// The resolved absolute workspace root.
    pub(crate) workspace: String,
    /// What came in from outside. It stays for the session: the words stay in the conversation, and a summary repeats them.
    pub(crate) taint: Taint,
    pub(crate) turns: u32,
    /// Answers that parts of it and agents of hooks were given.
    pub(crate) turns_inside: u32,
    pub(crate) usage: Usage,
    pub(crate) cost: Option<Cost>,
    /// Input tokens of the last request: what the context holds now.
    pub(crate) context: u64,
    pub(crate) recent: VecDeque<u64>,
    pub(crate) denials: u32,
    pub(crate) cut_answers: u32,
    pub(crate) cut_streams: u32,
    pub(crate) compacted_at: Option<u32>,
    pub(crate) rested: Option<Ended>,
    /// What it came to, until it is on record that it ended: the hooks of its end run between.
    pub(crate) came_to: Option<Ended>,
}

/// The limits of a session. They come from the person and the model, not from the record.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The most turns; one turn is one answer of the model.
    pub turns_max: u32,
    /// The most money, or `None` for no limit. Spend is at most this and one answer more.
    pub cost_max: Option<Cost>,
    /// The model's own limits, in tokens.
    pub model: Limits,
    /// The names of the tools whose calls only read and may run together.
    pub readers: BTreeSet<String>,
    /// The names of the tools whose accepted call is the end of the work: nothing is left to say.
    pub closing: BTreeSet<String>,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing: it waits for words.
    Idle,
    /// The model is being asked.
    Asking,
    /// Calls are being performed.
    Calling,
    /// The conversation is being summarised.
    Compacting,
}

/// A call that the model made in its last answer.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) call: Call,
    /// `step` asked for it to be performed and has not heard of it yet.
    pub(crate) running: bool,
    pub(crate) permitted: bool,
    pub(crate) answer: Option<Answer>,
    pub(crate) result: Option<CallResult>,
    /// The session ended while it ran.
    pub(crate) was_stopped: bool,
}

/// A call that ran, and what its hooks have heard of it.
#[derive(Clone, Debug)]
pub(crate) struct Untold {
    pub(crate) call: String,
    /// The files before and after it, as far as they are kept.
    pub(crate) before: Option<Checkpointed>,
    pub(crate) after: Option<Checkpointed>,
    pub(crate) is_finished: bool,
    /// The hooks behind calls are due or were.
    pub(crate) is_end_told: bool,
    /// The hooks of its files are due or were.
    pub(crate) are_files_told: bool,
}

impl State {
    /// A session to which nothing has happened yet.
    pub fn new(bounds: Bounds) -> State {
        State {
            bounds,
            session: String::new(),
            purpose: None,
            fragments: Vec::new(),
            late: Vec::new(),
            tools: Vec::new(),
            messages: Vec::new(),
            phase: Phase::Idle,
            is_sent: false,
            queued: Vec::new(),
            asked: None,
            hooks_due: Vec::new(),
            calls: Vec::new(),
            untold: Vec::new(),
            seen: Seen::new(),
            workspace: String::new(),
            taint: Taint::none(),
            turns: 0,
            turns_inside: 0,
            usage: Usage::default(),
            cost: Some(Cost::default()),
            context: 0,
            recent: VecDeque::new(),
            denials: 0,
            cut_answers: 0,
            cut_streams: 0,
            compacted_at: None,
            rested: None,
            came_to: None,
        }
    }

    /// What the model is told next.
    pub fn prompt(&self) -> Prompt<'_> {
        Prompt {
            fragments: &self.fragments,
            tools: &self.tools,
            messages: &self.messages,
            cache_key: &self.session,
        }
    }

    /// The session's id; empty before it started.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// What came in from outside so far.
    pub fn taint(&self) -> &Taint {
        &self.taint
    }

    /// What the session is for.
    pub fn purpose(&self) -> Option<&Purpose> {
        self.purpose.as_ref()
    }

    /// Everything pinned that is in force, in order: what came late stands where a compaction would put it.
    pub fn in_force(&self) -> Vec<Fragment> {
        let mut all = self.fragments.clone();
        self.late.iter().for_each(|fragment| put(&mut all, fragment.clone()));
        all
    }

    /// Files that the agent has read or written, from the workspace root with `/`, in the order of their names.
    pub fn files_in_play(&self) -> impl Iterator<Item = &str> {
        let root = self.workspace.trim_end_matches('/');
        self.seen.keys().filter_map(move |path| path.strip_prefix(root)?.strip_prefix('/'))
    }

    /// What it is doing.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The conversation as the model sees it.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// How many answers the model gave or was asked for.
    pub fn turns(&self) -> u32 {
        self.turns
    }

    /// The same with what was asked for inside it: by its parts and the agents of hooks.
    pub fn turns_in_all(&self) -> u32 {
        self.turns.saturating_add(self.turns_inside)
    }

    /// How many answers it may still ask for, what lies inside it included.
    pub fn turns_left(&self) -> u32 {
        self.bounds.turns_max.saturating_sub(self.turns_in_all())
    }

    /// Tokens used so far.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Money spent so far, or `None` when a price was not known.
    pub fn cost(&self) -> Option<Cost> {
        self.cost
    }

    /// What is left of its money, when that is limited. Nothing is left when nobody knows what was spent.
    pub fn cost_left(&self) -> Option<Cost> {
        let max = self.bounds.cost_max?;
        Some(Cost(max.0.saturating_sub(self.cost.unwrap_or(max).0)))
    }

    /// How it came to rest, when it did.
    pub fn rested(&self) -> Option<&Ended> {
        self.rested.as_ref()
    }

    /// Brings what came late to the pinned part.
    pub(crate) fn pin(&mut self) {
        for fragment in std::mem::take(&mut self.late) {
            put(&mut self.fragments, fragment);
        }
    }

    pub(crate) fn pending(&self, call: &str) -> Option<&Pending> {
        self.calls.iter().find(|pending| pending.call.id == call)
    }

    /// A call that is finished, and what came of it: while others of its answer still run, and behind them.
    pub(crate) fn finished(&self, id: &str) -> Option<(Call, CallResult)> {
        if let Some(Pending { call, result: Some(result), .. }) = self.pending(id) {
            return Some((call.clone(), result.clone()));
        }
        let mut blocks = self.messages.iter().rev().flat_map(|message| &message.blocks);
        let result = blocks.find_map(|block| match block {
            Block::Result(result) if result.call == id => Some(result.clone()),
            _ => None,
        })?;
        let call = blocks.find_map(|block| match block {
            Block::Call(call) if call.id == id => Some(call.clone()),
            _ => None,
        })?;
        Some((call, result))
    }

    /// Takes note of a call that runs: hooks are to hear of it.
    pub(crate) fn must_tell(&mut self, call: &str) {
        if !self.untold.iter().any(|one| one.call == call) {
            let (call, before, after) = (call.to_string(), None, None);
            let (is_finished, is_end_told, are_files_told) = (false, false, false);
            self.untold.push(Untold { call, before, after, is_finished, is_end_told, are_files_told });
        }
    }

    /// Takes note of something about such a call.
    pub(crate) fn note_untold(&mut self, call: &str, note: impl FnOnce(&mut Untold)) {
        if let Some(one) = self.untold.iter_mut().find(|one| one.call == call) {
            note(one);
        }
    }

    pub(crate) fn pending_mut(&mut self, call: &str) -> Option<&mut Pending> {
        self.calls.iter_mut().find(|pending| pending.call.id == call)
    }
}

/// Puts a fragment behind the last of its kind, or in the place of the one that has its name.
fn put(fragments: &mut Vec<Fragment>, fragment: Fragment) {
    let same = |one: &&mut Fragment| one.kind() == fragment.kind() && one.name() == fragment.name();
    if let Some(earlier) = fragments.iter_mut().find(same) {
        *earlier = fragment;
        return;
    }
    let at = fragments.iter().rposition(|one| one.kind() <= fragment.kind()).map_or(0, |at| at + 1);
    fragments.insert(at, fragment);
}
