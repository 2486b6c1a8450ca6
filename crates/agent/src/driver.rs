//! The thin driver around `step`: performs effects, puts what came of them on record, feeds it back. Decides nothing.

use std::path::Path;
use std::sync::Mutex;

use conversation::{
    Answered, Call, CallResult, Compacted, Delta, Digest, Ended, Event, Journal, JournalError, Model,
    ModelError, Outcome, Recovery, Reply, Secrecy, Sent, Status, Tool, ToolContext,
};
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use policy::{Admission, Answer, Ask, Decided, Decision, Gate, Permit, Record, RecordError, Request};

use crate::face::{Face, Inbound, Inbox, Notice, Question};
use crate::keeper::{Doing, Keeper, may_change_files};
use crate::{Effect, State, Watch, compaction, step, taint};

/// The world as one session reaches it.
pub struct Hands<'a> {
    /// The model to ask.
    pub model: &'a dyn Model,
    /// The tools on offer, in the order in which the model is told of them.
    pub tools: &'a [Box<dyn Tool>],
    /// The only way to a permit.
    pub gate: &'a mut Gate,
    /// Where everything goes on record.
    pub journal: &'a mut dyn Journal,
    /// Where it is shown and asked.
    pub face: &'a dyn Face,
    /// What the person does meanwhile.
    pub inbox: &'a mut Inbox,
    /// Keeps the files before a call may change them.
    pub keeper: &'a dyn Keeper,
    /// The resolved absolute workspace root.
    pub workspace: &'a Path,
    /// Where long outputs are kept.
    pub scratch: &'a Path,
    /// Keeps values out of what is recorded, shown and sent.
    pub secrecy: &'a dyn Secrecy,
    /// Tells the gate what changed outside.
    pub watch: &'a mut dyn Watch,
}

/// A session cannot go on because it cannot be put on record.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// A decision could not be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An event could not be recorded.
    #[error("the ledger could not be written, so the session stopped: {0}")]
    Journal(#[from] JournalError),
}

/// What ends the wait for something.
enum Waited<T> {
    Came(T),
    Interrupted,
}

/// Lets the events happen and goes on until the session comes to rest.
///
/// # Errors
/// [`DriveError`] when the ledger refuses; then nothing more has been done than what it holds.
pub async fn drive(
    state: &mut State,
    hands: &mut Hands<'_>,
    events: Vec<Event>,
) -> Result<Ended, DriveError> {
    let mut effects = Vec::new();
    for event in events {
        // Only the last one says what to do: `Resumed` behind `Said` looks at the state as a whole.
        effects = hands.happen(state, event)?;
    }
    loop {
        let Some(effect) = effects.pop() else {
            // Nothing to do and nothing said: a resumed session that was already done.
            let ended = Ended { outcome: Outcome::Done, message: String::new() };
            return hands.come_to_rest(state, ended);
        };
        // `step` asks for one thing at a time; anything else would have to be ordered here.
        debug_assert!(effects.is_empty());
        let done = match effect {
            Effect::Ask => hands.ask_model(state).await?,
            Effect::Compact => hands.compact(state).await?,
            Effect::Perform(calls) => hands.perform(state, calls).await?,
            Effect::Recover(calls) => hands.recover(state, calls).await?,
            Effect::Rest(ended) => return hands.come_to_rest(state, ended),
        };
        match done {
            Waited::Came(next) => effects = next,
            Waited::Interrupted => {
                let message = "stopped by the person".to_string();
                return hands.come_to_rest(state, Ended { outcome: Outcome::Interrupted, message });
            }
        }
    }
}

impl Hands<'_> {
    /// Puts an event on record, shows it, and lets it happen to the state; all three without secret values.
    fn happen(&mut self, state: &mut State, event: Event) -> Result<Vec<Effect>, JournalError> {
        let event = conversation::hide(self.secrecy, event);
        self.journal.append(&event)?;
        self.face.show(Notice::Event(&event));
        Ok(step(state, &event))
    }

    fn come_to_rest(&mut self, state: &mut State, ended: Ended) -> Result<Ended, DriveError> {
        self.happen(state, Event::Ended(ended.clone()))?;
        self.journal.sync()?;
        Ok(ended)
    }

    async fn ask_model(&mut self, state: &mut State) -> Result<Waited<Vec<Effect>>, DriveError> {
        let sent = Event::Sent(Sent {
            turn: state.turns() + 1,
            fragments: digest_of(&state.fragments),
            messages: u32::try_from(state.messages().len()).unwrap_or(u32::MAX),
        });
        self.happen(state, sent)?;
        // An answer can take minutes and cost money: what led to it must survive them.
        self.journal.sync()?;
        let face = self.face;
        let mut shown = |delta: Delta| face.show(Notice::Delta(&delta));
        let model = self.model;
        let mut said = Vec::new();
        let prompt = state.prompt();
        let asked = model.ask(&prompt, &mut shown);
        let waited = until(asked, self.inbox, |words| said.push(words)).await;
        // Words said meanwhile come before the answer on record, so that a fold queues them as they were queued;
        // and they are kept when the person stops the session.
        for text in said {
            self.happen(state, Event::Said { text })?;
        }
        let Waited::Came(reply) = waited else { return Ok(Waited::Interrupted) };
        let event = match reply {
            Ok(reply) => Event::Answered(self.priced(reply)),
            Err(ModelError { kind, message }) => Event::ModelFailed { kind, message },
        };
        Ok(Waited::Came(self.happen(state, event)?))
    }

    async fn compact(&mut self, state: &mut State) -> Result<Waited<Vec<Effect>>, DriveError> {
        self.journal.sync()?;
        let overflowed = state.context == u64::MAX;
        let messages = compaction::question(state.messages(), overflowed);
        let prompt = conversation::Prompt { messages: &messages, ..state.prompt() };
        let mut said = Vec::new();
        let mut unseen = |_: Delta| {};
        let waited = until(self.model.ask(&prompt, &mut unseen), self.inbox, |words| said.push(words)).await;
        for text in said {
            self.happen(state, Event::Said { text })?;
        }
        let Waited::Came(reply) = waited else { return Ok(Waited::Interrupted) };
        let event = match reply {
            Ok(reply) => {
                let answered = self.priced(reply);
                let message =
                    conversation::Message { role: conversation::Role::Assistant, blocks: answered.blocks };
                Event::Compacted(Compacted {
                    summary: message.text(),
                    kept: compaction::kept(state.messages(), overflowed),
                    usage: answered.usage,
                    cost: answered.cost,
                })
            }
            Err(ModelError { kind, message }) => Event::ModelFailed { kind, message },
        };
        Ok(Waited::Came(self.happen(state, event)?))
    }

    fn priced(&self, reply: Reply) -> Answered {
        let cost = self.model.price().map(|price| price.of(&reply.usage));
        Answered { blocks: reply.blocks, stop: reply.stop, usage: reply.usage, cost }
    }

    /// Takes calls through the gate and runs those that are permitted, together.
    async fn perform(
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
        for decided in copy.decided {
            let event = Event::Decided(decided);
            self.face.show(Notice::Event(&event));
            step(state, &event);
        }
        Ok(admissions)
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
        // What led to the question must not be lost while a person thinks.
        self.journal.sync()?;
        let question = Question {
            call: call.id,
            tool: call.tool,
            input: call.input.text().to_string(),
            requests: ask.requests.clone(),
            decision: decision.clone(),
        };
        let mut said = Vec::new();
        let answer = until(self.face.ask(&question), self.inbox, |words| said.push(words)).await;
        for text in said {
            self.happen(state, Event::Said { text })?;
        }
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
        let interrupted = {
            let (tools, face, seen) = (self.tools, self.face, &state.seen);
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
                    let context = ToolContext { workspace, scratch, seen, secrecy, on_output: &shown };
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
        for text in said {
            self.happen(state, Event::Said { text })?;
        }
        for result in results {
            effects.extend(self.happen(state, Event::Finished(result))?);
        }
        // Also of a call that was stopped: what runs no more changes no more.
        for (call, requests) in kept {
            if let Err(why) = self.close(state, &call, &requests).await? {
                effects = vec![failed(format!("the files after the call could not be kept: {why}"))];
            }
        }
        Ok(if interrupted { Waited::Interrupted } else { Waited::Came(effects) })
    }

    /// Keeps the files before each of these calls that may change some; gives those calls, or why it did not work.
    async fn keep(
        &mut self,
        state: &mut State,
        permits: &[Permit],
    ) -> Result<Waited<Result<Vec<(Call, Vec<Request>)>, String>>, DriveError> {
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
            for text in said {
                self.happen(state, Event::Said { text })?;
            }
            match waited {
                Waited::Came(Ok(checkpoint)) => {
                    self.happen(state, Event::Checkpointed(checkpoint))?;
                    kept.push((call, permit.requests().to_vec()));
                }
                Waited::Came(Err(why)) => return Ok(Waited::Came(Err(why))),
                Waited::Interrupted => return Ok(Waited::Interrupted),
            }
        }
        Ok(Waited::Came(Ok(kept)))
    }

    /// Keeps what a call left.
    async fn close(
        &mut self,
        state: &mut State,
        call: &Call,
        requests: &[Request],
    ) -> Result<Result<(), String>, DriveError> {
        let kept = self.keeper.after(&doing(state, call, requests)).await;
        match kept {
            Ok(Some(checkpoint)) => self.happen(state, Event::Checkpointed(checkpoint)).map(drop)?,
            Ok(None) => {}
            Err(why) => return Ok(Err(why)),
        }
        Ok(Ok(()))
    }

    /// Finishes calls that did not begin.
    fn call_off(&mut self, state: &mut State, permits: &[Permit], why: &str) -> Result<(), DriveError> {
        for permit in permits {
            self.happen(state, Event::Finished(CallResult::new(permit.call(), Status::Failed, why)))?;
        }
        Ok(())
    }

    /// Finds out what became of calls that were permitted and never finished.
    async fn recover(
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
            match recovery {
                Recovery::Again => again.push(id),
                Recovery::Done(result) => {
                    effects.extend(self.happen(state, Event::Finished(result))?);
                    let requests = self.tool(&call.tool).and_then(|tool| {
                        let context = self.context(state, &ignored);
                        tool.request(&call, &context).ok()
                    });
                    let requests = requests.filter(|requests| may_change_files(requests));
                    if let Some(requests) = requests
                        && let Err(why) = self.close(state, &call, &requests).await?
                    {
                        effects = vec![failed(format!("the files after the call could not be kept: {why}"))];
                    }
                }
                Recovery::Unknown => {
                    let text = "Waypost was interrupted while this ran; nobody knows how far it came. \
                                Look before you repeat it.";
                    let result = CallResult::new(&id, Status::Failed, text);
                    effects.extend(self.happen(state, Event::Finished(result))?);
                }
            }
        }
        if again.is_empty() {
            return Ok(Waited::Came(effects));
        }
        // Through the gate again: the rules may have changed since.
        self.perform(state, again).await
    }

    fn tool(&self, name: &str) -> Option<&dyn Tool> {
        self.tools.iter().map(AsRef::as_ref).find(|tool| tool.describe().name == name)
    }

    fn context<'c>(
        &'c self,
        state: &'c State,
        on_output: &'c (dyn Fn(&str) + Send + Sync),
    ) -> ToolContext<'c> {
        let (workspace, scratch, secrecy) = (self.workspace, self.scratch, self.secrecy);
        ToolContext { workspace, scratch, seen: &state.seen, secrecy, on_output }
    }
}

/// A panic elsewhere leaves the pieces as they were.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

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

/// Waits for something, takes down what the person says meanwhile, and gives up when they interrupt.
async fn until<T>(
    mut wanted: conversation::Later<'_, T>,
    inbox: &mut Inbox,
    mut on_words: impl FnMut(String),
) -> Waited<T> {
    loop {
        // The person first: an interrupt must not wait behind answers that are always ready.
        wanted = match select(inbox.next(), wanted).await {
            Either::Left((Some(Inbound::Interrupt), _)) => return Waited::Interrupted,
            Either::Left((Some(Inbound::Words(words)), rest)) => {
                on_words(words);
                rest
            }
            Either::Left((None, rest)) => return Waited::Came(rest.await),
            Either::Right((came, _)) => return Waited::Came(came),
        };
    }
}

fn doing<'a>(state: &'a State, call: &'a Call, requests: &'a [Request]) -> Doing<'a> {
    Doing { session: state.session(), purpose: state.purpose(), call, requests }
}

/// The end of a session in which something failed that no model can mend.
fn failed(message: String) -> Effect {
    Effect::Rest(Ended { outcome: Outcome::Failed, message })
}

fn digest_of(fragments: &[conversation::Fragment]) -> Digest {
    let all: String = fragments.iter().map(|fragment| fragment.digest().to_string()).collect();
    Digest::of(all.as_bytes())
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
