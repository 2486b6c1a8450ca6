//! What keeps hooks from running away: depth, self-trigger, rate, runs per cause, cost, and a queue that merges. State
//! without a clock: the time comes in as milliseconds. Every cut is a value that can be said.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;

use crate::hook::{Hook, HookId};
use crate::moment::{Chain, Moment, PATHS_MAX};
use crate::trigger::Trigger;

/// Hooks of which a state is kept; those unused for longest are forgotten.
pub const HOOKS_KEPT_MAX: usize = 10_000;

/// Causes of which the runs are counted; the oldest are forgotten.
pub const ROOTS_MAX: usize = 10_000;

/// The bounds of all hooks together and of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caps {
    /// How many hooks may run one because of the other. 0 lets nothing run that a hook caused.
    pub depth: usize,
    /// Runs of one hook that may come at once.
    pub burst: u32,
    /// Runs of one hook per minute in the long run.
    pub per_minute: u32,
    /// Runs that one cause (a save, a prompt) may have altogether.
    pub runs_per_cause: u32,
    /// Milliseconds after the begin of a run in which further changes of files wait and become one run.
    pub debounce_ms: u64,
    /// Moments that wait at most; hooks beyond are cut.
    pub waiting: usize,
    /// What one hook may use.
    pub each: HookCaps,
}

/// What one hook may use. Zero is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HookCaps {
    /// Milliseconds of one run; a shorter time in the file counts.
    pub run_ms: u64,
    /// Milliseconds of all its runs.
    pub total_ms: u64,
    /// Tokens of all its runs.
    pub tokens: u64,
    /// Cost of all its runs, in millionths of the currency.
    pub cost_micros: u64,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            depth: 4,
            burst: 20,
            per_minute: 60,
            runs_per_cause: 50,
            debounce_ms: 100,
            waiting: 1_000,
            each: HookCaps { run_ms: 600_000, total_ms: 0, tokens: 1_000_000, cost_micros: 5_000_000 },
        }
    }
}

impl HookCaps {
    /// Milliseconds that one run of the hook may take: the smaller of what its file says and the cap. 0 is no bound.
    pub fn run_ms_of(&self, hook: &Hook) -> u64 {
        match (hook.timeout_ms, self.run_ms) {
            (0, cap) => cap,
            (asked, 0) => asked,
            (asked, cap) => asked.min(cap),
        }
    }
}

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Milliseconds.
    pub ms: u64,
    /// Tokens.
    pub tokens: u64,
    /// Cost, in millionths of the currency.
    pub cost_micros: u64,
}

/// Why a hook did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// It led to this moment itself.
    ItsOwn,
    /// Too many hooks ran one because of the other.
    Depth {
        /// The cap.
        cap: usize,
    },
    /// It ran too often.
    Rate {
        /// The cap, in runs per minute.
        per_minute: u32,
    },
    /// What began it all has had its runs.
    Cause {
        /// The cap, in runs.
        cap: u32,
    },
    /// Too many hooks wait.
    Queue {
        /// The cap, in waiting moments.
        cap: usize,
    },
    /// It used up its time.
    Time {
        /// The cap, in milliseconds.
        cap: u64,
    },
    /// It used up its tokens.
    Tokens {
        /// The cap.
        cap: u64,
    },
    /// It used up its money.
    Cost {
        /// The cap, in millionths of the currency.
        cap: u64,
    },
}

impl Why {
    /// Whether it keeps hooks from running one because of the other, rather than too often or too long.
    pub fn ends_a_loop(self) -> bool {
        matches!(self, Why::ItsOwn | Why::Depth { .. })
    }

    /// A stable word for records and `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Why::ItsOwn => "its-own",
            Why::Depth { .. } => "depth",
            Why::Rate { .. } => "rate",
            Why::Cause { .. } => "cause",
            Why::Queue { .. } => "queue",
            Why::Time { .. } => "time",
            Why::Tokens { .. } => "tokens",
            Why::Cost { .. } => "cost",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::ItsOwn => f.write_str("it caused this itself"),
            Why::Depth { cap } => write!(f, "more than {cap} hooks ran one because of the other"),
            Why::Rate { per_minute } => write!(f, "it ran more than {per_minute} times a minute"),
            Why::Cause { cap } => write!(f, "one cause had {cap} runs of hooks"),
            Why::Queue { cap } => write!(f, "more than {cap} hooks wait"),
            Why::Time { cap } => write!(f, "it used up its {cap} ms"),
            Why::Tokens { cap } => write!(f, "it used up its {cap} tokens"),
            Why::Cost { cap } => {
                write!(f, "it used up its {}.{:06} of money", cap / 1_000_000, cap % 1_000_000)
            }
        }
    }
}

/// A hook that did not run though a moment was for it. Always said and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Which.
    pub hook: HookId,
    /// Why.
    pub why: Why,
    /// What led to the moment.
    pub chain: Chain,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the hook `{}` did not run: {} ({})", self.hook, self.why, self.chain.shown())
    }
}

/// A hook whose turn has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// Which.
    pub hook: HookId,
    /// The moment, merged of all that waited.
    pub moment: Moment,
    /// How many moments it stands for.
    pub merged: usize,
}

/// What is known of one hook.
#[derive(Clone, Debug, Default)]
struct State {
    /// Runs in hand, in thousandths.
    tokens_milli: u64,
    /// When these were counted.
    counted_ms: u64,
    /// When its last run began.
    began_ms: Option<u64>,
    /// Whether a run is under way.
    is_running: bool,
    spent: Spent,
    /// The place in the order of use.
    used: u64,
}

struct Waiting {
    moment: Moment,
    /// The paths that the moment already names or counts.
    seen: HashSet<String>,
    merged: usize,
    order: u64,
}

/// The guards of one session, or of the daemon.
pub struct Guards {
    caps: Caps,
    states: HashMap<HookId, State>,
    waiting: BTreeMap<(HookId, Trigger), Waiting>,
    roots: HashMap<String, u32>,
    /// Causes in the order of their first run.
    root_order: VecDeque<String>,
    clock: u64,
    /// Whether a hook that ran too often waits with its files instead of being cut.
    waits: bool,
}

impl fmt::Debug for Guards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guards {{ hooks: {}, waiting: {} }}", self.states.len(), self.waiting.len())
    }
}

impl Guards {
    /// Guards with these bounds; nothing has run yet.
    pub fn new(caps: Caps) -> Guards {
        Guards {
            caps,
            states: HashMap::new(),
            waiting: BTreeMap::new(),
            roots: HashMap::new(),
            root_order: VecDeque::new(),
            clock: 0,
            waits: false,
        }
    }

    /// Lets a hook that ran too often wait with its files until its rate lets it run again, instead of cutting it: for whoever asks
    /// [`Guards::due`] again at [`Guards::next_due_ms`].
    pub fn let_wait(&mut self) {
        self.waits = true;
    }

    /// The bounds.
    pub fn caps(&self) -> &Caps {
        &self.caps
    }

    /// Whether a hook may run now because of this moment; counts the run when it may. For moments that do not wait (all
    /// but those about files). Everything that the run does carries `moment.cause.then(hook)`, and [`Guards::finished`]
    /// follows it.
    pub fn admit(&mut self, hook: &HookId, moment: &Moment, now_ms: u64) -> Result<(), Cut> {
        self.lets(hook, &moment.cause)?;
        self.begin(hook, &moment.cause, now_ms)
    }

    /// The same for a hook that guards what is about to happen. Its rate and the runs of one cause are not counted: cut, it would
    /// guard nothing, and it runs no oftener than that happens.
    pub fn admit_guard(&mut self, hook: &HookId, moment: &Moment, now_ms: u64) -> Result<(), Cut> {
        self.lets(hook, &moment.cause)?;
        self.clock += 1;
        self.make_room(hook);
        let full = u64::from(self.caps.burst).saturating_mul(1000);
        let fresh = State { tokens_milli: full, counted_ms: now_ms, ..State::default() };
        let state = self.states.entry(hook.clone()).or_insert(fresh);
        state.used = self.clock;
        state.began_ms = Some(now_ms);
        state.is_running = true;
        Ok(())
    }

    /// Takes a moment about a file for a hook. It waits, merged with what already waits for the hook, until
    /// [`Guards::due`] gives it out: at once when the hook is idle, else when its run is over and the debounce has
    /// passed. A batch of changes is offered whole before `due` is asked, so it becomes one run.
    pub fn offer(&mut self, hook: &HookId, moment: Moment) -> Result<(), Cut> {
        self.lets(hook, &moment.cause)?;
        let key = (hook.clone(), moment.trigger);
        if let Some(waiting) = self.waiting.get_mut(&key) {
            waiting.merge(moment);
            return Ok(());
        }
        if self.waiting.len() >= self.caps.waiting {
            return Err(cut(hook, Why::Queue { cap: self.caps.waiting }, &moment.cause));
        }
        self.clock += 1;
        self.waiting.insert(key, Waiting::new(moment, self.clock));
        Ok(())
    }

    /// Everything whose turn has come, oldest first, and what was cut instead. Each given out counts as a run that
    /// [`Guards::finished`] ends; a hook runs once at a time.
    pub fn due(&mut self, now_ms: u64) -> (Vec<Due>, Vec<Cut>) {
        let mut keys: Vec<(u64, (HookId, Trigger))> = self
            .waiting
            .iter()
            .filter(|((hook, _), _)| self.ready_at(hook).is_some_and(|at| at <= now_ms))
            .map(|(key, waiting)| (waiting.order, key.clone()))
            .collect();
        keys.sort();
        let (mut due, mut cuts) = (Vec::new(), Vec::new());
        for (_, key) in keys {
            // Another trigger of the same hook may have begun a run in this very round.
            if self.ready_at(&key.0).is_none_or(|at| at > now_ms) {
                continue;
            }
            let Some(waiting) = self.waiting.remove(&key) else { continue };
            match self.begin(&key.0, &waiting.moment.cause, now_ms) {
                Ok(()) => due.push(Due { hook: key.0, moment: waiting.moment, merged: waiting.merged }),
                Err(cut) => cuts.push(cut),
            }
        }
        (due, cuts)
    }

    /// When [`Guards::due`] will have something, if nothing else happens; `None` when nothing waits or all that waits
    /// is for hooks that run.
    pub fn next_due_ms(&self) -> Option<u64> {
        self.waiting.keys().filter_map(|(hook, _)| self.ready_at(hook)).min()
    }

    /// Forgets what waits and is not for one of these: hooks that were taken away, or wait for something else now.
    pub fn keep_waiting(&mut self, is_kept: impl Fn(&HookId, Trigger) -> bool) {
        self.waiting.retain(|(hook, trigger), _| is_kept(hook, *trigger));
    }

    /// How many moments wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// A run is over, and this is what it used.
    pub fn finished(&mut self, hook: &HookId, spent: Spent) {
        let Some(state) = self.states.get_mut(hook) else { return };
        state.is_running = false;
        state.spent.ms = state.spent.ms.saturating_add(spent.ms);
        state.spent.tokens = state.spent.tokens.saturating_add(spent.tokens);
        state.spent.cost_micros = state.spent.cost_micros.saturating_add(spent.cost_micros);
    }

    /// What a hook used so far.
    pub fn spent(&self, hook: &HookId) -> Spent {
        self.states.get(hook).map(|state| state.spent).unwrap_or_default()
    }

    /// The earliest time at which the hook may begin a run; `None` while it runs.
    fn ready_at(&self, hook: &HookId) -> Option<u64> {
        match self.states.get(hook) {
            Some(state) if state.is_running => None,
            Some(state @ State { began_ms: Some(began), .. }) => {
                Some(began.saturating_add(self.caps.debounce_ms).max(self.again_at(state)))
            }
            _ => Some(0),
        }
    }

    /// When the rate lets a hook run again, where that is waited for.
    fn again_at(&self, state: &State) -> u64 {
        let lacks = 1000_u64.saturating_sub(state.tokens_milli);
        match u64::from(self.caps.per_minute) {
            0 => 0,
            _ if !self.waits || lacks == 0 => 0,
            per_minute => state.counted_ms.saturating_add(lacks.saturating_mul(60).div_ceil(per_minute)),
        }
    }

    /// What the chain and the hook's use of its caps say; changes nothing.
    fn lets(&self, hook: &HookId, cause: &Chain) -> Result<(), Cut> {
        let why = if cause.holds(hook) {
            Some(Why::ItsOwn)
        } else if cause.depth >= self.caps.depth {
            Some(Why::Depth { cap: self.caps.depth })
        } else {
            self.used_up(hook)
        };
        why.map_or(Ok(()), |why| Err(cut(hook, why, cause)))
    }

    fn used_up(&self, hook: &HookId) -> Option<Why> {
        let (caps, spent) = (self.caps.each, self.spent(hook));
        let over = |spent: u64, cap: u64| cap > 0 && spent >= cap;
        if over(spent.ms, caps.total_ms) {
            Some(Why::Time { cap: caps.total_ms })
        } else if over(spent.tokens, caps.tokens) {
            Some(Why::Tokens { cap: caps.tokens })
        } else if over(spent.cost_micros, caps.cost_micros) {
            Some(Why::Cost { cap: caps.cost_micros })
        } else {
            None
        }
    }

    /// Counts a run against the cause and the rate, and marks the hook as running.
    fn begin(&mut self, hook: &HookId, cause: &Chain, now_ms: u64) -> Result<(), Cut> {
        if let Some(why) = self.used_up(hook) {
            return Err(cut(hook, why, cause));
        }
        if self.roots.get(&cause.root).is_some_and(|runs| *runs >= self.caps.runs_per_cause) {
            return Err(cut(hook, Why::Cause { cap: self.caps.runs_per_cause }, cause));
        }
        self.clock += 1;
        let full = u64::from(self.caps.burst).saturating_mul(1000);
        let fresh = State { tokens_milli: full, counted_ms: now_ms, ..State::default() };
        self.make_room(hook);
        let state = self.states.entry(hook.clone()).or_insert(fresh);
        state.used = self.clock;
        let passed = now_ms.saturating_sub(state.counted_ms);
        // `per_minute` runs in 60,000 ms are `per_minute / 60` thousandths of a run in a millisecond.
        let gained = passed.saturating_mul(u64::from(self.caps.per_minute)) / 60;
        if gained > 0 || passed > 60_000 {
            state.tokens_milli = state.tokens_milli.saturating_add(gained).min(full);
            state.counted_ms = state.counted_ms.max(now_ms);
        }
        if state.tokens_milli < 1000 {
            return Err(cut(hook, Why::Rate { per_minute: self.caps.per_minute }, cause));
        }
        state.tokens_milli -= 1000;
        state.began_ms = Some(now_ms);
        state.is_running = true;
        self.count_root(&cause.root);
        Ok(())
    }

    fn count_root(&mut self, root: &str) {
        if let Some(runs) = self.roots.get_mut(root) {
            *runs = runs.saturating_add(1);
            return;
        }
        if self.root_order.len() >= ROOTS_MAX
            && let Some(oldest) = self.root_order.pop_front()
        {
            self.roots.remove(&oldest);
        }
        self.roots.insert(root.to_string(), 1);
        self.root_order.push_back(root.to_string());
    }

    /// Forgets half of the idle hooks, longest unused first, when there are too many. What they spent goes with them, so
    /// this happens only beyond any number of hooks that are loaded together.
    fn make_room(&mut self, hook: &HookId) {
        if self.states.len() < HOOKS_KEPT_MAX || self.states.contains_key(hook) {
            return;
        }
        let mut used: Vec<u64> = self.states.values().map(|state| state.used).collect();
        used.sort_unstable();
        let middle = used.get(used.len() / 2).copied().unwrap_or_default();
        self.states.retain(|_, state| state.is_running || state.used > middle);
    }
}

fn cut(hook: &HookId, why: Why, chain: &Chain) -> Cut {
    Cut { hook: hook.clone(), why, chain: chain.clone() }
}

impl Waiting {
    fn new(moment: Moment, order: u64) -> Waiting {
        let mut bare = moment.clone();
        (bare.file_path, bare.file_paths) = (None, Vec::new());
        let mut waiting = Waiting { moment: bare, seen: HashSet::new(), merged: 1, order };
        waiting.add(moment.paths());
        waiting
    }

    /// Makes the moment stand for `later`, too.
    fn merge(&mut self, later: Moment) {
        self.merged = self.merged.saturating_add(1);
        self.moment.paths_left_out = self.moment.paths_left_out.saturating_add(later.paths_left_out);
        self.add(later.paths());
        self.moment.old_path = None;
        self.moment.cause = self.moment.cause.merged(&later.cause);
    }

    /// One path is the moment's file; several are its list, whose first is its file.
    fn add<'a>(&mut self, paths: impl Iterator<Item = &'a str>) {
        for path in paths {
            // A hundred lists of names are remembered; what comes after is counted, perhaps twice.
            if self.seen.len() < 100 * PATHS_MAX && !self.seen.insert(path.to_string()) {
                continue;
            }
            let moment = &mut self.moment;
            match &moment.file_path {
                None => moment.file_path = Some(path.to_string()),
                Some(first) if moment.file_paths.is_empty() => {
                    moment.file_paths = vec![first.clone(), path.to_string()];
                }
                Some(_) if moment.file_paths.len() < PATHS_MAX => moment.file_paths.push(path.to_string()),
                Some(_) => moment.paths_left_out = moment.paths_left_out.saturating_add(1),
            }
        }
    }
}

#[cfg(test)]
#[path = "guards_tests.rs"]
mod tests;
