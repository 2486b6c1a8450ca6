//! How the calls of an answer go through hooks, gate and tools to their records. What a session does next is `step`'s.

use std::sync::Mutex;

use conversation::{
    Call, CallResult, Checkpointed, Elsewhere, Ended, Event, Input, Journal, Outcome, Recovery, Secrecy,
    Status, ToolContext,
};
use futures_util::stream::{FuturesUnordered, StreamExt};
use policy::{
    Admission, Answer, Ask, Capability, Decided, Decision, Gate, Permit, Record, RecordError, Request,
};

use crate::driver::{DriveError, Hands, Waited, until};
use crate::face::{Notice, Question};
use crate::firing::{Fired, With};
use crate::hooks::{Happens, Kind};
use crate::keeper::{Doing, may_change_files};
use crate::state::Untold;
use crate::{Effect, State, Touched, step, taint};

impl Hands<'_> {
    /// Takes calls through the gate and runs those that are permitted, together.
    pub(crate) async fn perform(
        &mut self,
        state: &mut State,
        calls: Vec<String>,
    ) -> Result<Waited<Vec<Effect>>, DriveError> {
        let mut effects = Vec::new();
        let mut permits = Vec::new();
        let mut wanted = Vec::new();
        for id in calls {
            match self.wants(state, &id) {
                Ok(requests) => {
                    if let Some(done) = self.is_kept_back(state, &id).await? {
                        match done {
                            Waited::Came(more) => effects.extend(more),
                            Waited::Interrupted => return Ok(Waited::Interrupted),
                        }
                        continue;
                    }
                    let answer = state.pending(&id).and_then(|pending| pending.answer.clone());
                    wanted.push(Ask { call: id, requests, answer });
                }
                Err(text) => {
                    let result = CallResult::new(&id, Status::Failed, text);
                    effects.extend(self.happen(state, Event::Finished(result))?);
                }
            }
        }
        let mut admissions = self.admit(state, wanted.clone())?;
        for (ask, admission) in wanted.into_iter().zip(&mut admissions) {
            if let Admission::Unanswered(decision) = admission {
                let answer = match self.ask_person(state, &ask, decision).await? {
                    Waited::Came(Some(answer)) => answer,
                    Waited::Came(None) => return Ok(Waited::Came(vec![unanswerable(&ask, decision)])),
                    Waited::Interrupted => return Ok(Waited::Interrupted),
                };
                self.happen(state, Event::PersonAnswered { call: ask.call.clone(), answer: answer.clone() })?;
                let again = Ask { answer: Some(answer), ..ask.clone() };
                if let Some(answered) = self.admit(state, vec![again])?.pop() {
                    *admission = answered;
                }
            }
            match std::mem::replace(admission, Admission::Denied(nothing_left())) {
                Admission::Permitted(permit) => permits.push(permit),
                Admission::Denied(decision) | Admission::Unanswered(decision) => {
                    let result = CallResult::new(&ask.call, Status::Denied, denial(&decision));
                    effects.extend(self.happen(state, Event::Finished(result))?);
                }
            }
        }
        if permits.is_empty() {
            return Ok(Waited::Came(effects));
        }
        // The group goes on when its last call is finished, so at most one of these lists holds an effect.
        Ok(match self.run(state, permits).await? {
            Waited::Came(more) => {
                effects.extend(more);
                Waited::Came(effects)
            }
            Waited::Interrupted => Waited::Interrupted,
        })
    }

    /// Asks the hooks about a call before the gate is. `Some` when one of them says no, or the person stopped it.
    async fn is_kept_back(
        &mut self,
        state: &mut State,
        id: &str,
    ) -> Result<Option<Waited<Vec<Effect>>>, DriveError> {
        if !self.hooks.heeds(Kind::Calling) {
            return Ok(None);
        }
        let Some(call) = state.pending(id).map(|pending| pending.call.clone()) else { return Ok(None) };
        let (call, elsewhere) = self.as_told(&call);
        Ok(
            match self
                .fire(state, Happens::Calling { call: &call, elsewhere: elsewhere.as_ref() }, &[])
                .await?
            {
                Waited::Came(Fired { blocked: Some(why), .. }) => {
                    let result = CallResult::new(id, Status::Denied, format!("not run: {why}"));
                    Some(Waited::Came(self.happen(state, Event::Finished(result))?))
                }
                Waited::Came(_) => None,
                Waited::Interrupted => Some(Waited::Interrupted),
            },
        )
    }

    /// A call as hooks are told of it: what it does, in the names of its tool's schema, and at which server.
    pub(crate) fn as_told(&self, call: &Call) -> (Call, Option<Elsewhere>) {
        let tool = self.tool(&call.tool);
        let mut told = call.clone();
        if let Some(understood) = tool.and_then(|tool| tool.understood(call)) {
            told.input = Input::Json(understood);
        }
        (told, tool.and_then(|tool| tool.elsewhere(call)))
    }

    /// What the call wants, or what to tell the model when it makes no sense.
    fn wants(&self, state: &State, id: &str) -> Result<Vec<Request>, String> {
        let Some(pending) = state.pending(id) else { return Err("no such call".to_string()) };
        let Some(tool) = self.tool(&pending.call.tool) else {
            let names: Vec<String> = self.tools.iter().map(|tool| tool.describe().name).collect();
            return Err(format!(
                "there is no tool `{}`; the tools are: {}",
                pending.call.tool,
                names.join(", ")
            ));
        };
        let ignored = |_: &str| {};
        let context = self.context(state, &ignored);
        tool.request(&pending.call, &context).map_err(|error| error.to_string())
    }

    /// The gate, and its decisions let happen to the state. Recording them is the gate's own duty.
    fn admit(&mut self, state: &mut State, asks: Vec<Ask>) -> Result<Vec<Admission>, RecordError> {
        for text in self.watch.before_calls(self.gate, &asks) {
            self.face.show(Notice::Told { text: &text });
        }
        self.gate.set_taint(state.taint.clone());
        let mut copy = Copy { journal: self.journal, secrecy: self.secrecy, decided: Vec::new() };
        let admissions = self.gate.admit(&mut copy, asks)?;
        let decided = copy.decided;
        self.decided(state, decided);
        Ok(admissions)
    }

    /// The same at a gate of a hook's own.
    pub(crate) fn admit_at(
        &mut self,
        state: &mut State,
        gate: &mut Gate,
        asks: Vec<Ask>,
    ) -> Result<Vec<Admission>, RecordError> {
        let mut copy = Copy { journal: self.journal, secrecy: self.secrecy, decided: Vec::new() };
        let admissions = gate.admit(&mut copy, asks)?;
        let decided = copy.decided;
        self.decided(state, decided);
        Ok(admissions)
    }

    fn decided(&mut self, state: &mut State, decided: Vec<Decided>) {
        for decided in decided {
            let event = Event::Decided(decided);
            self.face.show(Notice::Event(&event));
            step(state, &event);
        }
    }

    async fn ask_person(
        &mut self,
        state: &mut State,
        ask: &Ask,
        decision: &Decision,
    ) -> Result<Waited<Option<Answer>>, DriveError> {
        let Some(call) = state.pending(&ask.call).map(|pending| pending.call.clone()) else {
            return Ok(Waited::Came(None));
        };
        let question = Question {
            call: call.id,
            tool: call.tool,
            input: call.input.text().to_string(),
            requests: ask.requests.clone(),
            decision: decision.clone(),
        };
        self.ask_about(state, question).await
    }

    /// Puts a question to the person.
    pub(crate) async fn ask_about(
        &mut self,
        state: &mut State,
        question: Question,
    ) -> Result<Waited<Option<Answer>>, DriveError> {
        // What led to the question must not be lost while a person thinks.
        self.journal.sync()?;
        let mut said = Vec::new();
        let answer = until(self.face.ask(&question), self.inbox, |words| said.push(words)).await;
        self.hear_all(state, said).await?;
        Ok(answer)
    }

    /// Runs permitted calls together and lets each result happen as it comes.
    async fn run(
        &mut self,
        state: &mut State,
        permits: Vec<Permit>,
    ) -> Result<Waited<Vec<Effect>>, DriveError> {
        let kept = match self.keep(state, &permits).await? {
            Waited::Came(Ok(kept)) => kept,
            Waited::Came(Err(why)) => {
                let why = format!("the files could not be kept before the call, so it was not run: {why}");
                self.call_off(state, &permits, &why)?;
                return Ok(Waited::Came(vec![failed(why)]));
            }
            Waited::Interrupted => {
                self.call_off(state, &permits, "not run: the person stopped the session before it began")?;
                return Ok(Waited::Interrupted);
            }
        };
        let mut effects = Vec::new();
        let mut said = Vec::new();
        let mut results = Vec::new();
        let calls: Vec<Call> = permits
            .iter()
            .filter_map(|permit| state.pending(permit.call()).map(|pending| pending.call.clone()))
            .collect();
        let interrupted = {
            let (tools, face, seen) = (self.tools, self.face, &state.seen);
            let (session, cost_left, turns_left) = (state.session(), state.cost_left(), state.turns_left());
            let (workspace, scratch, secrecy) = (self.workspace, self.scratch, self.secrecy);
            let mut running = FuturesUnordered::new();
            for permit in permits {
                let Some(pending) = state.pending(permit.call()) else { continue };
                let Some(tool) = tools.iter().find(|tool| tool.describe().name == pending.call.tool) else {
                    continue;
                };
                let call = &pending.call;
                running.push(async move {
                    let pieces = Mutex::new(secrecy.stream());
                    let show = |text: &str| {
                        if !text.is_empty() {
                            face.show(Notice::Output { call: &call.id, text });
                        }
                    };
                    let shown = |text: &str| show(&lock(&pieces).push(text));
                    let context = ToolContext {
                        workspace,
                        scratch,
                        session,
                        cost_left,
                        turns_left,
                        seen,
                        secrecy,
                        on_output: &shown,
                    };
                    let mark = taint::mark(permit.requests(), workspace);
                    let mut result = tool.run(permit, call, &context).await;
                    if let Some(mark) = mark {
                        result.text = format!("{mark}\n{}", result.text);
                    }
                    show(&lock(&pieces).finish());
                    result
                });
            }
            let all = async {
                while let Some(result) = running.next().await {
                    results.push(result);
                }
            };
            matches!(until(Box::pin(all), self.inbox, |words| said.push(words)).await, Waited::Interrupted)
        };
        self.hear_all(state, said).await?;
        for result in &results {
            effects.extend(self.happen(state, Event::Finished(result.clone()))?);
        }
        // Also of a call that was stopped: what runs no more changes no more.
        let (mut changes, mut by) = (Vec::new(), Vec::new());
        for (call, requests, before) in kept {
            match self.close(state, &call, &requests, Some(&before)).await? {
                Ok(more) => {
                    changes.extend(self.hooks.news(state.session(), &call.id, more));
                    by.push(call.id);
                }
                Err(why) => {
                    effects = vec![failed(format!("the files after the call could not be kept: {why}"))];
                }
            }
        }
        if interrupted {
            return Ok(Waited::Interrupted);
        }
        self.hooks_after(state, &calls, &results, &changes, &by).await.map(|waited| match waited {
            Waited::Came(()) => Waited::Came(effects),
            Waited::Interrupted => Waited::Interrupted,
        })
    }

    /// The hooks that come behind calls. What they tell joins the prompt that carries the results.
    async fn hooks_after(
        &mut self,
        state: &mut State,
        calls: &[Call],
        results: &[CallResult],
        changes: &[Touched],
        by: &[String],
    ) -> Result<Waited<()>, DriveError> {
        for result in results {
            let Some(call) = calls.iter().find(|call| call.id == result.call) else { continue };
            if let Waited::Interrupted = self.fire_called(state, call, result, &[], With::default()).await? {
                return Ok(Waited::Interrupted);
            }
        }
        if changes.is_empty() {
            return Ok(Waited::Came(()));
        }
        let with = With { by, ..With::default() };
        Ok(match self.fire_with(state, Happens::Changed { changes }, &[], with).await? {
            Waited::Came(_) => Waited::Came(()),
            Waited::Interrupted => Waited::Interrupted,
        })
    }

    /// Tells the hooks behind a finished call what the record does not show that they heard: its end, and the files that it changed.
    /// Gives why it is not known which those are, when it is not. `is_certain` says that it did what it was to do and no more.
    pub(crate) async fn hear_of(
        &mut self,
        state: &mut State,
        untold: &Untold,
        call: &Call,
        result: &CallResult,
        is_certain: bool,
    ) -> Result<Waited<Result<(), String>>, DriveError> {
        let (changes, unknown) = match self.changes_of(state, untold, call, is_certain).await? {
            Ok(changes) => (self.hooks.news(state.session(), &call.id, changes), Ok(())),
            Err(why) => (Vec::new(), Err(why)),
        };
        let one = (std::slice::from_ref(call), std::slice::from_ref(result));
        let (calls, results) = if untold.is_end_told { Default::default() } else { one };
        let by = std::slice::from_ref(&call.id);
        Ok(match self.hooks_after(state, calls, results, &changes, by).await? {
            Waited::Came(()) => Waited::Came(unknown),
            Waited::Interrupted => Waited::Interrupted,
        })
    }

    /// The files that a call changed of which hooks have not heard, in a session that goes on.
    async fn changes_of(
        &mut self,
        state: &mut State,
        untold: &Untold,
        call: &Call,
        is_certain: bool,
    ) -> Result<Result<Vec<Touched>, String>, DriveError> {
        let Some(after) = &untold.after else {
            let ignored = |_: &str| {};
            let tool = self.tool(&call.tool);
            let requests = tool.and_then(|tool| tool.request(call, &self.context(state, &ignored)).ok());
            let is_its_own = |requests: &Vec<Request>| {
                may_change_files(requests) && (is_certain || names_what_it_writes(requests))
            };
            return match requests.filter(is_its_own) {
                Some(requests) => self.close(state, call, &requests, untold.before.as_ref()).await,
                // Anybody may have written what is different now: its checkpoint stays open, and the files are nobody's.
                None => Ok(Ok(Vec::new())),
            };
        };
        Ok(match &untold.before {
            Some(before) if !untold.are_files_told && self.hooks.heeds(Kind::Changed) => {
                self.keeper.changed(&before.tree, &after.tree).await
            }
            _ => Ok(Vec::new()),
        })
    }

    /// Keeps the files before each of these calls that may change some; gives those calls, or why it did not work.
    async fn keep(
        &mut self,
        state: &mut State,
        permits: &[Permit],
    ) -> Result<Waited<Result<Vec<Kept>, String>>, DriveError> {
        let mut kept = Vec::new();
        for permit in permits.iter().filter(|permit| may_change_files(permit.requests())) {
            let Some(call) = state.pending(permit.call()).map(|pending| pending.call.clone()) else {
                continue;
            };
            let mut said = Vec::new();
            let waited = {
                let doing = doing(state, &call, permit.requests());
                until(self.keeper.before(&doing), self.inbox, |words| said.push(words)).await
            };
            self.hear_all(state, said).await?;
            match waited {
                Waited::Came(Ok(checkpoint)) => {
                    self.happen(state, Event::Checkpointed(checkpoint.clone()))?;
                    kept.push((call, permit.requests().to_vec(), checkpoint));
                }
                Waited::Came(Err(why)) => return Ok(Waited::Came(Err(why))),
                Waited::Interrupted => return Ok(Waited::Interrupted),
            }
        }
        if !kept.is_empty() && self.hooks.heeds(Kind::Changed) {
            // A session that dies in the call must know what was there before it, for the hooks of what it changes.
            self.journal.sync()?;
        }
        Ok(Waited::Came(Ok(kept)))
    }

    /// Keeps what a call left. Gives the files that differ from before, when a hook waits for changes.
    pub(crate) async fn close(
        &mut self,
        state: &mut State,
        call: &Call,
        requests: &[Request],
        before: Option<&Checkpointed>,
    ) -> Result<Result<Vec<Touched>, String>, DriveError> {
        let after = match self.keeper.after(&doing(state, call, requests)).await {
            Ok(Some(after)) => after,
            Ok(None) => return Ok(Ok(Vec::new())),
            Err(why) => return Ok(Err(why)),
        };
        self.happen(state, Event::Checkpointed(after.clone()))?;
        let before = before.filter(|before| self.hooks.heeds(Kind::Changed) && before.tree != after.tree);
        let Some(before) = before else { return Ok(Ok(Vec::new())) };
        Ok(self.keeper.changed(&before.tree, &after.tree).await)
    }

    /// Finishes calls that did not begin.
    fn call_off(&mut self, state: &mut State, permits: &[Permit], why: &str) -> Result<(), DriveError> {
        for permit in permits {
            self.happen(state, Event::Finished(CallResult::new(permit.call(), Status::Failed, why)))?;
        }
        Ok(())
    }

    /// Finds out what became of calls that were permitted and never finished.
    pub(crate) async fn recover(
        &mut self,
        state: &mut State,
        calls: Vec<String>,
    ) -> Result<Waited<Vec<Effect>>, DriveError> {
        let mut effects = Vec::new();
        let mut again = Vec::new();
        for id in calls {
            let Some(call) = state.pending(&id).map(|pending| pending.call.clone()) else { continue };
            let ignored = |_: &str| {};
            let context = self.context(state, &ignored);
            let recovery =
                self.tool(&call.tool).map_or(Recovery::Unknown, |tool| tool.recover(&call, &context));
            let is_certain = matches!(recovery, Recovery::Done(_));
            let result = match recovery {
                Recovery::Again => {
                    again.push(id);
                    continue;
                }
                Recovery::Done(result) => result,
                Recovery::Unknown => {
                    let text = "Waypost was interrupted while this ran; nobody knows how far it came. \
                                Look before you repeat it.";
                    CallResult::new(&id, Status::Failed, text)
                }
            };
            effects.extend(self.happen(state, Event::Finished(result.clone()))?);
            let Some(untold) = state.untold.iter().find(|one| one.call == id).cloned() else { continue };
            match self.hear_of(state, &untold, &call, &result, is_certain).await? {
                Waited::Came(Ok(())) => {}
                Waited::Came(Err(why)) => {
                    effects = vec![failed(format!("the files after the call could not be kept: {why}"))];
                }
                Waited::Interrupted => return Ok(Waited::Interrupted),
            }
        }
        if again.is_empty() {
            return Ok(Waited::Came(effects));
        }
        // Through the gate again: the rules may have changed since.
        self.perform(state, again).await
    }
}

/// A call, what it may do, and what was kept before it.
type Kept = (Call, Vec<Request>, Checkpointed);

/// Records through the journal and keeps a copy, so that the state learns what was decided.
struct Copy<'a> {
    journal: &'a mut dyn Journal,
    secrecy: &'a dyn Secrecy,
    decided: Vec<Decided>,
}

impl Record for Copy<'_> {
    fn record(&mut self, decided: &[Decided]) -> Result<(), RecordError> {
        let decided: Vec<Decided> =
            decided.iter().map(|it| conversation::hide_decided(self.secrecy, it.clone())).collect();
        self.journal.record(&decided)?;
        self.decided.extend(decided);
        Ok(())
    }
}

/// Whether a call changes no files but those that its requests name.
fn names_what_it_writes(requests: &[Request]) -> bool {
    let is_of_files = |one: &Request| matches!(one.capability, Capability::FsRead | Capability::FsWrite);
    requests.iter().all(is_of_files)
}

/// A panic elsewhere leaves the pieces as they were.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

pub(crate) fn doing<'a>(state: &'a State, call: &'a Call, requests: &'a [Request]) -> Doing<'a> {
    Doing { session: state.session(), purpose: state.purpose(), call, requests }
}

/// The end of a session in which something failed that no model can mend.
fn failed(message: String) -> Effect {
    Effect::Rest(Ended { outcome: Outcome::Failed, message })
}

fn denial(decision: &Decision) -> String {
    format!(
        "not permitted: {}. Do not try to get around it; find another way or say what you need.",
        decision.reason
    )
}

fn nothing_left() -> Decision {
    Decision { effect: policy::Effect::Deny, reason: String::new(), remedy: None }
}

fn unanswerable(ask: &Ask, decision: &Decision) -> Effect {
    let wants: Vec<String> = ask
        .requests
        .iter()
        .map(|request| format!("{} `{}`", request.capability.name(), request.target.shown()))
        .collect();
    let remedy = match &decision.remedy {
        Some(rule) => format!("; to allow it, run again with --allow '{rule}'"),
        None => "; it can only be allowed by a person who is asked".to_string(),
    };
    let message = format!(
        "{} needs an answer and nobody can give one here ({}){remedy}",
        wants.join(", "),
        decision.reason
    );
    Effect::Rest(Ended { outcome: Outcome::NeedsAnswer, message })
}
