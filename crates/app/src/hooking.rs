//! The hooks of a session at work: which are due at a moment, what each may do, how it is run. Formats and matching are the room
//! `hooks`'; the order and the records are the engine's.

mod moments;
mod own;
mod running;
mod tellings;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::{At, Came, Due, Happens, Hooks, Kind, Occasion, Touched};
use conversation::{Digest, HookEnd, Later, Secrecy as _};
use hooks::{Action, Cut, Guards, Hook, HookId, Moment, Scope, Trigger};
use policy::{Capability, Origin, Permit, Policy, Request, Target};
use serde_json::Value;

use crate::config::{Config, HookGrant};
use crate::error::Outcome;
use crate::hook_policy;
use crate::hooking::own::{Ran, Reach};
use crate::hooking::tellings::Told;
use crate::hooks_here::{self, Here};
use crate::house::Common;
use crate::subagents::Crew;
use crate::world;

pub(crate) use tellings::Tellings;

/// The most answers of hooks that are remembered for `cache_ttl`.
const CACHED_MAX: usize = 256;

/// The hooks in force in one session, or in the daemon.
pub(crate) struct Hooking {
    crew: Crew,
    hooks: Vec<Hook>,
    /// The same, with what each may do.
    heres: Vec<Here>,
    /// Hooks that wait for files and would run if the person trusted them, or switched hooks on.
    dormant: Vec<Hook>,
    agent: Option<String>,
    /// What the person said last.
    prompt: Mutex<Option<String>>,
    /// Shared with the sessions of agents of hooks: what those cause counts here.
    guards: Arc<Mutex<Guards>>,
    /// The hooks that led to this session.
    led_here: Vec<String>,
    /// What is due and not over: the hook, and the moment that it is due for.
    open: Mutex<HashMap<String, (usize, Moment)>>,
    /// What a hook said to the same input, and until when that holds.
    cached: Mutex<HashMap<(HookId, Digest), (u64, Came)>>,
    /// What a person asks for.
    wanted: Mutex<Option<(HookId, Moment)>>,
    /// How the last hook ended.
    last: Mutex<Option<HookEnd>>,
    /// The session and the call of the hook that ran last, and what is known of its run.
    ran: Mutex<Option<(String, String, Ran)>>,
    /// The hooks that wait for files, as others are told of them.
    for_files: Arc<[HookId]>,
    /// Files of which a session inside told some of the hooks here, until the others are told.
    already: Mutex<HashMap<String, Told>>,
    runs: Mutex<usize>,
    /// Of each hook, how often it ran and how it ended last.
    ends: Mutex<HashMap<HookId, (u32, Option<HookEnd>)>>,
    /// Files that hooks changed since somebody asked.
    touched: Mutex<Vec<String>>,
    number: AtomicU64,
    /// How many events there were that no hook led to.
    causes: AtomicU64,
    began: u64,
}

impl Hooking {
    /// Every hook of this workspace and its person that may run. What is not trusted stays out, and is said once.
    pub(crate) fn here(crew: &Crew, agent: Option<String>) -> Outcome<Hooking> {
        let common = &crew.common;
        let mut loaded = hooks_here::load(&common.world, &common.workspace)?;
        if let Some(agent) = &agent {
            leave_out_shadowed(common, &mut loaded.hooks, agent)?;
        }
        let untrusted: Vec<&str> = loaded
            .hooks
            .iter()
            .filter(|here| here.hook.is_enabled && !here.trust.is_given())
            .map(|here| here.hook.id.as_str())
            .collect();
        if crew.depth == 0 && !untrusted.is_empty() {
            common.screen.notice(&format!(
                "hooks left out, because they are not trusted as they are now: {} (`waypost trust` shows and grants)",
                untrusted.join(", ")
            ));
        }
        // As the grants of `loaded`: as the settings are now.
        let are_on = Config::read(&common.world.config)?.hooks.enabled != Some(false);
        Ok(Hooking::new(crew, loaded.hooks, are_on, agent))
    }

    /// Those of these hooks that may run. `agent` is whose session it is, where it has one.
    fn new(crew: &Crew, mut heres: Vec<Here>, are_on: bool, agent: Option<String>) -> Hooking {
        let config = crew.common.config.hooks.clone();
        heres.retain(|here| match &here.hook.scope {
            Scope::Everywhere => true,
            Scope::Agent(of) => agent.as_ref() == Some(of),
        });
        let (heres, out): (Vec<Here>, Vec<Here>) = heres.into_iter().partition(|here| are_on && here.runs());
        let waits = |here: &Here| here.hook.is_enabled && here.hook.trigger.is_file();
        let dormant = out.into_iter().filter(waits).map(|here| here.hook).collect();
        let hooks: Vec<Hook> = heres.iter().map(|here| here.hook.clone()).collect();
        let for_files = hooks.iter().filter(|hook| hook.trigger.is_file()).map(|hook| hook.id.clone());
        Hooking {
            crew: crew.clone(),
            for_files: for_files.collect(),
            already: Mutex::default(),
            hooks,
            heres,
            dormant,
            guards: crew.guards.clone().unwrap_or_else(|| Arc::new(Mutex::new(Guards::new(config.caps())))),
            led_here: crew
                .cause
                .iter()
                .flat_map(|cause| &cause.links)
                .map(|hook| hook.as_str().to_string())
                .collect(),
            agent,
            prompt: Mutex::default(),
            open: Mutex::default(),
            cached: Mutex::default(),
            wanted: Mutex::default(),
            last: Mutex::default(),
            ran: Mutex::default(),
            runs: Mutex::default(),
            ends: Mutex::default(),
            touched: Mutex::default(),
            number: AtomicU64::new(0),
            causes: AtomicU64::new(0),
            began: world::now_ms(),
        }
    }

    /// What the person said last, before this process began.
    pub(crate) fn said_before(&self, text: &str) {
        *lock(&self.prompt) = Some(self.crew.common.held.firewall.hide_own(text));
    }

    /// None of the hooks here, until somebody looks again.
    pub(crate) fn none(crew: &Crew) -> Hooking {
        Hooking::new(crew, Vec::new(), false, None)
    }

    /// The hook of a name or an id.
    pub(crate) fn named(&self, name: &str) -> Option<&Hook> {
        self.hooks.iter().find(|hook| hook.id.as_str() == name || hook.name == name)
    }

    /// These hooks from now on. What ran before counts on: reading hooks again gives nobody new bounds.
    pub(crate) fn go_on_as(&mut self, again: Hooking) {
        let before = std::mem::replace(self, again);
        self.guards = before.guards;
        self.runs = before.runs;
        self.touched = before.touched;
        self.causes = before.causes;
        // For a hook that is gone nobody would ask again: it would stay due for ever.
        let waits = |id: &HookId, trigger| {
            self.hooks.iter().any(|hook| hook.id == *id && hook.trigger == trigger && trigger.is_file())
        };
        lock(&self.guards).keep_waiting(waits);
    }

    /// Makes a hook due at [`Happens::ByHand`], whatever it waits for.
    pub(crate) fn want(&self, hook: &HookId, mut moment: Moment) {
        moment.prompt = moment.prompt.map(|prompt| self.crew.common.held.firewall.hide_own(&prompt));
        *lock(&self.wanted) = Some((hook.clone(), moment));
    }

    /// Lets hooks that ran too often wait with their files, for whoever comes back at [`Hooking::next_due_ms`] with no changes.
    pub(crate) fn let_wait(&self) {
        lock(&self.guards).let_wait();
    }

    /// When a hook that waits may run, if one does.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        lock(&self.guards).next_due_ms()
    }

    /// How the last hook ended.
    pub(crate) fn last_end(&self) -> Option<HookEnd> {
        *lock(&self.last)
    }

    /// The files that hooks changed since this was asked last.
    pub(crate) fn take_touched(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.touched))
    }

    /// A row of each hook that waits for files: its name, how often it ran, how it ended last, its time and money so far.
    pub(crate) fn rows(&self) -> Vec<String> {
        let (guards, ends) = (lock(&self.guards), lock(&self.ends));
        let waiting = self.hooks.iter().filter(|hook| hook.trigger.is_file());
        let row = |hook: &Hook| {
            let (runs, end) = ends.get(&hook.id).copied().unwrap_or((0, None));
            let spent = guards.spent(&hook.id);
            let name = crate::term::glimpse(&hook.name, 28);
            let end = end.map_or("waits", HookEnd::name);
            let cost = crate::events::dollars(conversation::Cost(spent.cost_micros));
            let trigger = hook.trigger.name();
            format!("  {name:<28} {trigger:<14} {runs:>5}  {end:<8} {:>7} ms  ${cost:.4}", spent.ms)
        };
        waiting.map(row).collect()
    }

    /// How many hooks ran, and what they cost in dollars.
    pub(crate) fn sums(&self) -> (usize, f64) {
        let guards = lock(&self.guards);
        let cost: u64 = self.hooks.iter().map(|hook| guards.spent(&hook.id).cost_micros).sum();
        (*lock(&self.runs), crate::events::dollars(conversation::Cost(cost)))
    }

    /// Says of a path whether any hook waits for it or would, if it were trusted; for a thread of its own.
    pub(crate) fn paths(&self) -> Paths {
        let running = self.hooks.iter().filter(|hook| hook.trigger.is_file());
        let root = self.crew.common.workspace.root.to_string_lossy().into_owned();
        Paths { hooks: running.chain(&self.dormant).cloned().collect(), root }
    }

    /// The hooks in force.
    pub(crate) fn hooks(&self) -> &[Hook] {
        &self.hooks
    }

    /// What a tool got or gave, as the model sees it: without values. As deep as documents are read.
    fn without_values(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.crew.common.held.firewall.hide_own(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.without_values(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (name, self.without_values(value))).collect()
            }
            other => other,
        }
    }

    fn by_hand(&self) -> Option<Due> {
        let (hook, moment) = lock(&self.wanted).take()?;
        let at = self.hooks.iter().position(|one| one.id == hook)?;
        let cut = lock(&self.guards).admit(&hook, &moment, world::now_ms()).err();
        Some(self.due_for(at, moment, cut))
    }

    /// Whether the hook only advises: what its file asks for, and what the person grants; the smaller counts.
    pub(crate) fn is_advisory(&self, hook: &Hook) -> bool {
        let here = self.heres.iter().find(|here| here.hook.id == hook.id);
        here.is_none_or(|here| here.grant == HookGrant::Advisory)
    }

    fn due_for(&self, at: usize, moment: Moment, cut: Option<Cut>) -> Due {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let call = format!("hook-{:x}-{number}", self.began);
        let (how, left_out) = (moments::how_of(moment.trigger), moment.paths_left_out);
        let files =
            how.map(|how| moment.paths().map(|path| Touched { path: path.to_string(), how }).collect());
        let led = cut.as_ref().map_or(&moment.cause, |cut| &cut.chain);
        let cause = led.links.iter().map(|hook| hook.as_str().to_string()).collect();
        let (hook, trigger, requests) = match self.hooks.get(at) {
            Some(hook) => (hook.id.as_str().to_string(), moment.trigger.name().to_string(), requests(hook)),
            None => Default::default(),
        };
        lock(&self.open).insert(call.clone(), (at, moment));
        let ends_a_loop = cut.as_ref().is_some_and(|cut| cut.why.ends_a_loop());
        let keeps_back = self.hooks.get(at).is_some_and(guards_it) && !ends_a_loop;
        let files = files.unwrap_or_default();
        Due {
            call,
            hook,
            trigger,
            requests,
            cause,
            files,
            left_out,
            cut: cut.map(|cut| cut.to_string()),
            keeps_back,
        }
    }

    /// What is due at moments that do not wait.
    fn at_once(&self, moment: &Moment, is_told: impl Fn(&HookId) -> bool) -> Vec<Due> {
        let now = world::now_ms();
        let mut due = Vec::new();
        for found in hooks::matching(&self.hooks, moment) {
            if !is_told(&found.hook.id) {
                continue;
            }
            let Some(at) = self.hooks.iter().position(|hook| hook.id == found.hook.id) else { continue };
            let mut guards = lock(&self.guards);
            let admitted = match guards_it(found.hook) {
                true => guards.admit_guard(&found.hook.id, moment, now),
                false => guards.admit(&found.hook.id, moment, now),
            };
            drop(guards);
            due.push(self.due_for(at, moment.clone(), admitted.err()));
        }
        due
    }

    /// Which hooks here need not be told of these files, because they were told inside and the file is as it was then.
    fn take_already(&self, moments: &[Moment]) -> HashMap<String, Told> {
        let root = &self.crew.common.workspace.root;
        let mut already = lock(&self.already);
        let paths = moments.iter().filter_map(|moment| moment.file_path.as_ref());
        let told = paths.filter_map(|path| already.remove_entry(path));
        told.filter(|(path, told)| told.is_now(root, path)).collect()
    }

    /// Of changes around a call, those of which not all hooks here were told inside it.
    fn untold(&self, session: &str, call: &str, mut changes: Vec<Touched>) -> Vec<Touched> {
        let root = &self.crew.common.workspace.root;
        let mut inside = self.crew.tellings.take(session, call);
        let mut already = lock(&self.already);
        changes.retain(|change| {
            let told = inside.remove_entry(&change.path).filter(|(path, told)| told.is_now(root, path));
            let Some((path, told)) = told else { return true };
            let is_left = self.for_files.iter().any(|hook| !told.reached(hook));
            if is_left {
                already.insert(path, told);
            }
            is_left
        });
        changes
    }

    /// What is due when files changed: each hook once for all of its files.
    fn for_files(&self, moments: &[Moment], is_asked: impl Fn(&HookId) -> bool) -> Vec<Due> {
        let now = world::now_ms();
        let mut cuts = Vec::new();
        let already = self.take_already(moments);
        let is_told = |moment: &Moment, hook: &HookId| {
            let told = moment.file_path.as_ref().and_then(|path| already.get(path));
            told.is_some_and(|told| told.reached(hook))
        };
        let mut guards = lock(&self.guards);
        for moment in moments {
            for found in hooks::matching(&self.hooks, moment) {
                if is_told(moment, &found.hook.id) || !is_asked(&found.hook.id) {
                    continue;
                }
                if let Err(cut) = guards.offer(&found.hook.id, moment.clone()) {
                    cuts.push((cut, moment.clone()));
                }
            }
        }
        let (ready, more) = guards.due(now);
        drop(guards);
        let mut due = Vec::new();
        let at = |id: &HookId| self.hooks.iter().position(|hook| hook.id == *id);
        // The same hook is cut once for a batch, however many files it would have had.
        let mut said: Vec<HookId> = Vec::new();
        for (cut, moment) in cuts {
            if let Some(at) = at(&cut.hook).filter(|_| !said.contains(&cut.hook)) {
                said.push(cut.hook.clone());
                due.push(self.due_for(at, moment, Some(cut)));
            }
        }
        for cut in more {
            if let Some((at, hook)) = at(&cut.hook).and_then(|at| Some((at, self.hooks.get(at)?))) {
                let waited =
                    || Moment::new(hook.trigger, "", self.crew.common.workspace.root.to_string_lossy());
                let moment = moments.first().cloned().unwrap_or_else(waited);
                due.push(self.due_for(at, moment, Some(cut)));
            }
        }
        for one in ready {
            match at(&one.hook) {
                Some(at) => due.push(self.due_for(at, one.moment, None)),
                // It is not here, so nobody runs it, and nobody else would say that it is over.
                None => lock(&self.guards).finished(&one.hook, hooks::Spent::default()),
            }
        }
        due
    }
}

/// Of several agents of one name only the one that counts is at work: the hooks of the others are nobody's here.
fn leave_out_shadowed(common: &Common, heres: &mut Vec<Here>, agent: &str) -> Outcome<()> {
    let is_its = |here: &Here| matches!(&here.hook.scope, Scope::Agent(of) if of == agent);
    if !heres.iter().any(is_its) {
        return Ok(());
    }
    let usable = crate::roster::Here::load(&common.world, &common.workspace)?.usable();
    // A guard of one that is not found stays: it keeps more back, and nothing less.
    if let Some(counts) = usable.agent(agent) {
        heres.retain(|here| !is_its(here) || here.hook.source.file == counts.file);
    }
    Ok(())
}

/// The hooks that wait for files.
pub(crate) struct Paths {
    hooks: Vec<Hook>,
    /// Matchers may be about whole paths.
    root: String,
}

impl Paths {
    /// Whether a change of this file would be the moment of any hook. Asked often.
    pub(crate) fn matter(&self, path: &str) -> bool {
        self.hooks.iter().any(|hook| hook.waits_for(path, &self.root))
    }
}

impl Hooks for Hooking {
    fn heeds(&self, kind: Kind) -> bool {
        if kind == Kind::ByHand {
            return lock(&self.wanted).is_some();
        }
        if kind == Kind::Said {
            // A prompt is remembered for the hooks that come later.
            return !self.hooks.is_empty();
        }
        self.hooks.iter().any(|hook| moments::kind_of(hook.trigger) == Some(kind))
    }

    fn due(&self, occasion: &Occasion<'_>) -> Vec<Due> {
        if let Happens::Said { text } = occasion.happens {
            *lock(&self.prompt) = Some(self.crew.common.held.firewall.hide_own(text));
        }
        let root = self.crew.common.workspace.root.to_string_lossy();
        // What no hook led to is a cause of its own: a prompt, a call, a save.
        let is_first =
            occasion.cause.is_empty() && !matches!(occasion.happens, Happens::Changed { changes: [] });
        let number = self.causes.fetch_add(u64::from(is_first), Ordering::Relaxed) + u64::from(is_first);
        let own = || format!("{}.{number}", occasion.session);
        let first = self.crew.cause.as_ref().map_or_else(own, |cause| cause.root.clone());
        let mut moments = moments::of(occasion, &root, &first);
        if let (Some(only), Some(first)) = (occasion.only, moments.first_mut()) {
            first.paths_left_out = only.left_out;
        }
        for moment in &mut moments {
            moment.agent.clone_from(&self.agent);
            // The words without values: what was said just now, too.
            moment.prompt.clone_from(&lock(&self.prompt));
            moment.tool_response = moment.tool_response.take().map(|value| self.without_values(value));
            moment.tool_input = moment.tool_input.take().map(|value| self.without_values(value));
        }
        let is_asked = |hook: &HookId| occasion.only.is_none_or(|only| hook.as_str() == only.hook);
        match occasion.happens {
            Happens::ByHand => self.by_hand().into_iter().collect(),
            Happens::Changed { changes } => {
                if !occasion.cause.is_empty() {
                    lock(&self.touched).extend(changes.iter().map(|change| change.path.clone()));
                }
                let root = &self.crew.common.workspace.root;
                self.crew.tellings.tell(occasion.session, root, changes, &self.for_files);
                self.for_files(&moments, is_asked)
            }
            _ => moments.iter().flat_map(|moment| self.at_once(moment, is_asked)).collect(),
        }
    }

    fn led_here(&self) -> &[String] {
        &self.led_here
    }

    fn policy(&self, due: &Due, session: &Policy) -> Policy {
        let session = &session.without_agents();
        let open = lock(&self.open);
        let here = open.get(&due.call).and_then(|(at, _)| self.heres.get(*at));
        here.map_or_else(
            || session.clone(),
            |here| hook_policy::narrowed(session, here, &self.crew.common.workspace.root),
        )
    }

    fn ended(&self, due: &Due, came: &Came) {
        *lock(&self.last) = Some(came.end);
        *lock(&self.runs) +=
            usize::from(matches!(came.end, HookEnd::Done | HookEnd::Failed | HookEnd::Blocked));
        let Some((at, _)) = lock(&self.open).remove(&due.call) else { return };
        if let Some(hook) = self.hooks.get(at) {
            let mut ends = lock(&self.ends);
            let (runs, end) = ends.entry(hook.id.clone()).or_default();
            *runs += u32::from(came.end != HookEnd::Cut);
            *end = Some(came.end);
        }
        // Of one that was stopped or never ran nobody asks what was told inside it; of another `own` does, after this.
        let is_asked = lock(&self.ran).as_ref().is_some_and(|(_, call, _)| *call == due.call);
        if !is_asked {
            self.crew.tellings.forget(&due.call);
        }
        // One that a guard did not let begin runs on, if it runs, for another moment.
        let Some(hook) = self.hooks.get(at).filter(|_| due.cut.is_none()) else { return };
        let usage = came.spent.unwrap_or_default();
        let tokens = usage.usage.context().saturating_add(usage.usage.output);
        let cost_micros = usage.cost.unwrap_or_default().0;
        lock(&self.guards).finished(&hook.id, hooks::Spent { ms: came.ms, tokens, cost_micros });
    }

    fn run<'a>(&'a self, permit: Permit, due: &'a Due, at: At<'a>) -> Later<'a, Came> {
        Box::pin(async move {
            let began = world::now_ms();
            let open = lock(&self.open).get(&due.call).cloned();
            let Some((hook, moment)) = open.and_then(|(at, moment)| Some((self.hooks.get(at)?, moment)))
            else {
                return running::failed("the hook is gone");
            };
            let (mut came, mut reach) = match &hook.action {
                Action::Command { line } => {
                    let reach = Reach::of_lines(lines(hook), &self.crew.common.workspace.root);
                    (self.command(&permit, hook, line, moment, at).await, reach)
                }
                Action::Agent { .. } => self.agent(&permit, hook, &moment, &due.call, at).await,
            };
            if self.is_advisory(hook) && self.crew.common.held.keeps_from_writing() {
                reach = Reach::Nothing;
            }
            let to = world::now_ms();
            let session = at.occasion.session.to_string();
            let ran = Some((session, due.call.clone(), Ran { from: began, to, reach }));
            // The files after the one before could not be kept, so nobody asked for them.
            if let Some((_, before, _)) = std::mem::replace(&mut *lock(&self.ran), ran) {
                self.crew.tellings.forget(&before);
            }
            came.ms = to.saturating_sub(began);
            came
        })
    }

    fn own(&self, due: &Due, changes: Vec<Touched>) -> Vec<Touched> {
        match lock(&self.ran).take() {
            Some((session, call, ran)) if call == due.call => {
                let own = ran.own(&self.crew.common.workspace.root, changes);
                // Of its agent's calls, too, which told of them themselves.
                lock(&self.touched).extend(own.iter().map(|change| change.path.clone()));
                self.untold(&session, &call, own)
            }
            _ => changes,
        }
    }

    fn news(&self, session: &str, call: &str, changes: Vec<Touched>) -> Vec<Touched> {
        self.untold(session, call, changes)
    }
}

/// Whether a hook says of something that is about to happen whether it may.
pub(crate) fn guards_it(hook: &Hook) -> bool {
    let is_before =
        matches!(hook.trigger, Trigger::PreToolUse | Trigger::UserPromptSubmit | Trigger::PreTaskExec);
    is_before && hook.command().is_some()
}

/// The command lines that a hook brings.
pub(crate) fn lines(hook: &Hook) -> impl Iterator<Item = &str> {
    hook.confirm.iter().filter_map(|confirm| confirm.command.as_deref()).chain(hook.command())
}

fn requests(hook: &Hook) -> Vec<Request> {
    let request = |capability, target| Request { capability, target, origin: Origin::Hook };
    match &hook.action {
        Action::Command { .. } => {
            lines(hook).map(|line| request(Capability::Shell, Target::Command(line.to_string()))).collect()
        }
        Action::Agent { .. } => {
            vec![request(Capability::Subagent, Target::Name(format!("hook {}", hook.name)))]
        }
    }
}

/// A panic elsewhere leaves what is kept as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
