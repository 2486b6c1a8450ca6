//! How hooks run in a session: each is a call of its own at the gate, with its own checkpoint and its own record. Which hooks there
//! are is `hooks`'.

use std::collections::VecDeque;

use conversation::{Again, Call, CallResult, Checkpointed, Event, HookDue, HookEnd, Hooked, Input, Later};
use futures_util::FutureExt as _;
use policy::{Admission, Ask, Decision, Gate, Permit, Request, Taint};

use crate::calls::doing;
use crate::driver::{DriveError, Hands, STOPPED, Waited, until};
use crate::hooks::{At, Came, Due, Happens, Kind, Occasion, Only};
use crate::keeper::may_change_files;
use crate::{Notice, Question, State, Touched};

/// What is special about telling hooks of a moment.
#[derive(Debug, Default)]
pub(crate) struct With<'a> {
    /// Words that go on record first when there is a hook: they survive whatever happens while hooks run, because each is decided
    /// about on record before it runs.
    pub(crate) asked: Option<String>,
    /// The one hook that is told.
    pub(crate) only: Option<Only<'a>>,
    /// The calls that changed the files.
    pub(crate) by: &'a [String],
    /// What was due when the session died, and is told with this once more.
    pub(crate) instead_of: Option<&'a HookDue>,
}

/// What the hooks of a moment want of the session.
#[derive(Debug, Default)]
pub(crate) struct Fired {
    /// Why what was about to happen does not.
    pub(crate) blocked: Option<String>,
    /// Words to go on with.
    pub(crate) again: Vec<String>,
}

impl Hands<'_> {
    /// Runs the hooks of a moment, and then those of the changes that they made. `cause` is the whole chain that led to it; empty is
    /// what led to the session.
    pub(crate) fn fire<'f>(
        &'f mut self,
        state: &'f mut State,
        happens: Happens<'f>,
        cause: &'f [String],
    ) -> Later<'f, Result<Waited<Fired>, DriveError>> {
        self.fire_with(state, happens, cause, With::default())
    }

    /// The same with what is special about it.
    pub(crate) fn fire_with<'f>(
        &'f mut self,
        state: &'f mut State,
        happens: Happens<'f>,
        cause: &'f [String],
        with: With<'f>,
    ) -> Later<'f, Result<Waited<Fired>, DriveError>> {
        if !self.hooks.heeds(happens.kind()) {
            return Box::pin(std::future::ready(Ok(Waited::Came(Fired::default()))));
        }
        async move {
            let session = state.session().to_string();
            let purpose = state.purpose().cloned();
            let led = if cause.is_empty() { self.hooks.led_here().to_vec() } else { cause.to_vec() };
            let With { asked, only, by, instead_of } = with;
            let mut occasion =
                Occasion { session: &session, purpose: purpose.as_ref(), happens, cause: &led, only };
            let mut queue = VecDeque::from(self.hooks.due(&occasion));
            if let Some(text) = asked.filter(|_| !queue.is_empty()) {
                self.happen(state, Event::Asked { text })?;
            }
            if !happens.is_ahead() {
                self.put_due(state, happens, by, queue.iter())?;
            }
            // Only now: a session that dies here once more knows of one of the two at least.
            instead_of.map_or(Ok(()), |due| self.interrupted(state, due))?;
            let fired = self.run_all(state, &mut occasion, &mut queue, by).await?;
            // What was due for a moment that is off, or that the person stopped, is over, too.
            let why = match &fired {
                Waited::Came(Fired { blocked, .. }) => blocked.clone().unwrap_or_default(),
                Waited::Interrupted => STOPPED.to_string(),
            };
            let is_open = |due: &Due| state.hooks_due.iter().any(|one| one.call == due.call);
            let left: Vec<Due> = queue.into_iter().filter(is_open).collect();
            for due in left {
                self.over(state, &due, &ended(HookEnd::Cut, format!("it did not run: {why}")))?;
            }
            Ok(fired)
        }
        .boxed()
    }

    /// Goes on with the hooks that were due when the session died: that they were interrupted goes on record, and what happened is
    /// told once more to those for which it does not happen again by itself. Then those hear of a call that nobody told yet.
    pub(crate) async fn catch_up(&mut self, state: &mut State) -> Result<Waited<()>, DriveError> {
        let (open, untold) = (state.hooks_due.clone(), state.untold.clone());
        for (at, due) in open.iter().enumerate() {
            // It died between the two records of telling it once more: the later one stands for both.
            let is_same =
                |one: &HookDue| (&one.hook, &one.cause, &one.again) == (&due.hook, &due.cause, &due.again);
            let waited = match open.iter().skip(at + 1).any(is_same) {
                true => Waited::Came(Fired::default()),
                false => self.once_more(state, due).await?,
            };
            // Where nobody is told any more, too.
            self.interrupted(state, due)?;
            if let Waited::Interrupted = waited {
                for left in open.iter().skip(at + 1) {
                    let came = ended(HookEnd::Cut, format!("it did not run: {STOPPED}"));
                    self.happen(state, hooked(left, &came))?;
                }
                return Ok(Waited::Interrupted);
            }
        }
        for one in untold.iter().filter(|one| one.is_finished) {
            let Some((call, result)) = state.finished(&one.call) else { continue };
            match self.hear_of(state, one, &call, &result, false).await? {
                Waited::Came(Ok(())) => {}
                Waited::Came(Err(why)) => {
                    let text = format!("hooks do not hear which files a call changed: {why}");
                    self.face.show(Notice::Told { text: &text });
                }
                Waited::Interrupted => return Ok(Waited::Interrupted),
            }
        }
        Ok(Waited::Came(()))
    }

    /// Tells a hook that was due what happened, where it does not happen again by itself.
    async fn once_more(&mut self, state: &mut State, due: &HookDue) -> Result<Waited<Fired>, DriveError> {
        let only = Only { hook: &due.hook, left_out: 0 };
        let with = With { only: Some(only), instead_of: Some(due), ..With::default() };
        match &due.again {
            Again::Nothing => Ok(Waited::Came(Fired::default())),
            Again::Started => self.fire_with(state, Happens::Started, &due.cause, with).await,
            Again::Changed { files, left_out, calls } => {
                let only = Only { left_out: usize::try_from(*left_out).unwrap_or(usize::MAX), ..only };
                let with = With { only: Some(only), by: calls, ..with };
                self.fire_with(state, Happens::Changed { changes: files }, &due.cause, with).await
            }
            Again::Called { call } => match state.finished(call) {
                Some((call, result)) => self.fire_called(state, &call, &result, &due.cause, with).await,
                None => Ok(Waited::Came(Fired::default())),
            },
        }
    }

    /// Ends on record what was due when the session died, if that is not done yet.
    fn interrupted(&mut self, state: &mut State, due: &HookDue) -> Result<(), DriveError> {
        if state.hooks_due.iter().any(|one| one.call == due.call) {
            let came = ended(HookEnd::Interrupted, "Waypost ended before it was over".to_string());
            self.happen(state, hooked(due, &came))?;
        }
        Ok(())
    }

    /// The hooks that come behind a call.
    pub(crate) async fn fire_called(
        &mut self,
        state: &mut State,
        call: &Call,
        result: &CallResult,
        cause: &[String],
        with: With<'_>,
    ) -> Result<Waited<Fired>, DriveError> {
        let (call, elsewhere) = self.as_told(call);
        let called = Happens::Called { call: &call, elsewhere: elsewhere.as_ref(), result };
        self.fire_with(state, called, cause, with).await
    }

    /// Runs what is due and what becomes due meanwhile. Leaves in the queue what did not begin.
    async fn run_all(
        &mut self,
        state: &mut State,
        occasion: &mut Occasion<'_>,
        queue: &mut VecDeque<Due>,
        by: &[String],
    ) -> Result<Waited<Fired>, DriveError> {
        let mut fired = Fired::default();
        let happens = occasion.happens;
        loop {
            if queue.is_empty() && happens.kind() == Kind::Changed {
                // What a hook changed while another was due waited for that one to be over.
                (occasion.happens, occasion.only) = (Happens::Changed { changes: &[] }, None);
                queue.extend(self.hooks.due(occasion));
                self.put_due(state, happens, by, queue.iter())?;
            }
            let Some(due) = queue.pop_front() else { break };
            // Those that may call off the moment are put on record one by one, the others were at once: a session that dies must know
            // of all that are due.
            if happens.is_ahead() {
                self.put_due(state, happens, by, std::iter::once(&due))?;
            }
            let (came, changes) = match self.one(state, &due, occasion).await? {
                Waited::Came(came) => came,
                Waited::Interrupted => {
                    queue.push_front(due);
                    return Ok(Waited::Interrupted);
                }
            };
            if !changes.is_empty() {
                let mut chain = due.cause.clone();
                chain.push(due.hook.clone());
                let changed = Happens::Changed { changes: &changes };
                if let Waited::Interrupted = self.fire(state, changed, &chain).await? {
                    return Ok(Waited::Interrupted);
                }
            }
            fired.again.extend(came.again);
            if came.end == HookEnd::Blocked {
                fired.blocked = Some(format!("the hook `{}` said no: {}", due.hook, came.message));
                break;
            }
            if due.keeps_back && matches!(came.end, HookEnd::Cut | HookEnd::Denied) {
                let why = format!("the hook `{}` could not say whether it may: {}", due.hook, came.message);
                fired.blocked = Some(why);
                break;
            }
        }
        Ok(Waited::Came(fired))
    }

    /// Puts on record which hooks are due, those aside that a guard cut: they are over at once.
    fn put_due<'d>(
        &mut self,
        state: &mut State,
        happens: Happens<'_>,
        by: &[String],
        due: impl Iterator<Item = &'d Due>,
    ) -> Result<(), DriveError> {
        let one = |due: &Due| on_record(due, happens.again(due, by));
        let hooks: Vec<HookDue> = due.filter(|due| due.cut.is_none()).map(one).collect();
        if !hooks.is_empty() {
            self.happen(state, Event::HooksDue { hooks })?;
        }
        Ok(())
    }

    /// Runs one hook to its record, and gives the files that it changed.
    async fn one(
        &mut self,
        state: &mut State,
        due: &Due,
        occasion: &Occasion<'_>,
    ) -> Result<Waited<(Came, Vec<Touched>)>, DriveError> {
        let permit = match due.cut.clone() {
            Some(why) => Err(ended(HookEnd::Cut, why)),
            None => match self.permit(state, due).await? {
                Waited::Came(permit) => permit,
                Waited::Interrupted => return Ok(Waited::Interrupted),
            },
        };
        let permit = match permit {
            Ok(permit) => permit,
            Err(came) => {
                self.over(state, due, &came)?;
                return Ok(Waited::Came((came, Vec::new())));
            }
        };
        let call =
            Call { id: due.call.clone(), tool: "hook".to_string(), input: Input::Json("{}".to_string()) };
        let requests = permit.requests().to_vec();
        let before = match self.kept_before(state, &call, &requests).await? {
            Waited::Came(Ok(before)) => before,
            Waited::Came(Err(why)) => {
                let why = format!("the files could not be kept before it, so it was not run: {why}");
                // A guard that could not be asked keeps back what it guards.
                let came = ended(if due.keeps_back { HookEnd::Cut } else { HookEnd::Failed }, why);
                self.over(state, due, &came)?;
                return Ok(Waited::Came((came, Vec::new())));
            }
            Waited::Interrupted => return Ok(Waited::Interrupted),
        };
        let mut said = Vec::new();
        let waited = {
            let (cost_left, turns_left) = (state.cost_left(), state.turns_left());
            let at = At { occasion, face: self.face, secrecy: self.secrecy, cost_left, turns_left };
            until(self.hooks.run(permit, due, at), self.inbox, |words| said.push(words)).await
        };
        let interrupted = matches!(waited, Waited::Interrupted);
        let came = match waited {
            Waited::Came(came) => came,
            Waited::Interrupted => ended(HookEnd::Failed, "stopped by the person".to_string()),
        };
        self.over(state, due, &came)?;
        self.hear_all(state, said).await?;
        let changes = match before {
            Some(before) => match self.close(state, &call, &requests, Some(&before)).await? {
                Ok(changes) => self.hooks.own(due, changes),
                Err(why) => {
                    let text = format!("the files after the hook `{}` could not be kept: {why}", due.hook);
                    self.face.show(Notice::Told { text: &text });
                    Vec::new()
                }
            },
            None => Vec::new(),
        };
        Ok(if interrupted { Waited::Interrupted } else { Waited::Came((came, changes)) })
    }

    fn over(&mut self, state: &mut State, due: &Due, came: &Came) -> Result<(), DriveError> {
        self.happen(state, hooked(&on_record(due, Again::Nothing), came))?;
        self.hooks.ended(due, came);
        Ok(())
    }

    /// The gate's word about a hook, and a person's where it asks; or how the hook ended without one.
    async fn permit(
        &mut self,
        state: &mut State,
        due: &Due,
    ) -> Result<Waited<Result<Permit, Came>>, DriveError> {
        let mut gate = Gate::new(self.hooks.policy(due, self.gate.policy()));
        // What a hook does was written by the person who trusted it, not by what came in since.
        gate.set_taint(Taint::none());
        let mut ask = Ask { call: due.call.clone(), requests: due.requests.clone(), answer: None };
        loop {
            let answered = ask.answer.is_some();
            let admission = self.admit_at(state, &mut gate, vec![ask.clone()])?.pop();
            return Ok(Waited::Came(match admission {
                Some(Admission::Permitted(permit)) => Ok(permit),
                Some(Admission::Unanswered(decision)) if !answered => {
                    match self.ask_about(state, question(due, &decision)).await? {
                        Waited::Came(Some(answer)) => {
                            self.happen(
                                state,
                                Event::PersonAnswered { call: ask.call.clone(), answer: answer.clone() },
                            )?;
                            ask.answer = Some(answer);
                            continue;
                        }
                        Waited::Came(None) => Err(ended(
                            HookEnd::Denied,
                            format!("it asks, and nobody can answer here: {}", decision.reason),
                        )),
                        Waited::Interrupted => return Ok(Waited::Interrupted),
                    }
                }
                Some(Admission::Denied(decision) | Admission::Unanswered(decision)) => {
                    Err(ended(HookEnd::Denied, decision.reason))
                }
                None => Err(ended(HookEnd::Denied, "the gate gave no answer".to_string())),
            }));
        }
    }

    /// Keeps the files before a call that may change some.
    async fn kept_before(
        &mut self,
        state: &mut State,
        call: &Call,
        requests: &[Request],
    ) -> Result<Waited<Result<Option<Checkpointed>, String>>, DriveError> {
        if !may_change_files(requests) {
            return Ok(Waited::Came(Ok(None)));
        }
        let mut said = Vec::new();
        let waited = {
            let doing = doing(state, call, requests);
            until(self.keeper.before(&doing), self.inbox, |words| said.push(words)).await
        };
        self.hear_all(state, said).await?;
        Ok(match waited {
            Waited::Came(Ok(checkpoint)) => {
                self.happen(state, Event::Checkpointed(checkpoint.clone()))?;
                Waited::Came(Ok(Some(checkpoint)))
            }
            Waited::Came(Err(why)) => Waited::Came(Err(why)),
            Waited::Interrupted => Waited::Interrupted,
        })
    }
}

fn question(due: &Due, decision: &Decision) -> Question {
    Question {
        call: due.call.clone(),
        tool: format!("the hook `{}`", due.hook),
        input: "{}".to_string(),
        requests: due.requests.clone(),
        decision: decision.clone(),
    }
}

fn ended(end: HookEnd, message: String) -> Came {
    Came { end, context: String::new(), message, spent: None, took_in: Taint::none(), again: None, ms: 0 }
}

fn on_record(due: &Due, again: Again) -> HookDue {
    HookDue {
        call: due.call.clone(),
        hook: due.hook.clone(),
        trigger: due.trigger.clone(),
        cause: due.cause.clone(),
        again,
    }
}

fn hooked(due: &HookDue, came: &Came) -> Event {
    Event::Hooked(Hooked {
        call: due.call.clone(),
        hook: due.hook.clone(),
        trigger: due.trigger.clone(),
        cause: due.cause.clone(),
        end: came.end,
        context: came.context.clone(),
        message: came.message.clone(),
        spent: came.spent,
        took_in: came.took_in.clone(),
        ms: came.ms,
    })
}
