//! The thin driver around `step`: performs effects, puts what came of them on record, feeds it back. Decides nothing.

use std::collections::VecDeque;
use std::path::Path;

use conversation::{
    Answered, Compacted, Delta, Digest, Ended, Event, Journal, JournalError, Model, ModelError, Outcome,
    Reply, Secrecy, Sent, Tool, ToolContext,
};
use futures_util::future::{Either, select};
use futures_util::stream::StreamExt;
use policy::{Gate, RecordError};

use crate::face::{Face, Inbound, Inbox, Notice};
use crate::firing::{Fired, With};
use crate::hooks::{Happens, Hooks, Kind};
use crate::keeper::Keeper;
use crate::step::in_time;
use crate::{Effect, State, Watch, compaction, step};

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
    /// Finds and runs hooks.
    pub hooks: &'a dyn Hooks,
    /// Whether the session is over when it comes to rest; a chat goes on.
    pub is_last: bool,
}

/// So often the hooks of a session that is done may make it go on.
const AGAIN_MAX: u32 = 5;

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
pub(crate) enum Waited<T> {
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
    let mut again = 0;
    let mut refused = None;
    let came_to = state.came_to.clone();
    if let Waited::Interrupted = hands.catch_up(state).await? {
        return hands.come_to_rest(state, interrupted()).await;
    }
    // The session died while hooks were asked about these words: they are asked about them again.
    if let Some(text) = state.asked.clone() {
        match hands.hear(state, text, true).await? {
            Waited::Came(done) => refused = refusal(&done),
            Waited::Interrupted => return hands.come_to_rest(state, interrupted()).await,
        }
    }
    let mut events = VecDeque::from(events);
    while let Some(event) = events.pop_front() {
        // Only the last one says what to do: `Resumed` behind `Said` looks at the state as a whole.
        let done = match event {
            Event::Said { text } => {
                let is_asked = state.asked.is_some();
                hands.hear(state, text, is_asked).await?
            }
            Event::Started(_) => {
                let done = hands.happen(state, event)?;
                match hands.begin(state, &mut events).await? {
                    Waited::Came(_) => Waited::Came(done),
                    Waited::Interrupted => Waited::Interrupted,
                }
            }
            event => Waited::Came(hands.happen(state, event)?),
        };
        match done {
            Waited::Came(done) => effects = done,
            Waited::Interrupted => return hands.come_to_rest(state, interrupted()).await,
        }
        if let Some(ended) = refusal(&effects) {
            // A hook said no to the words: there is nothing to do.
            return hands.come_to_rest(state, ended).await;
        }
    }
    if let Some(ended) = refused.filter(|_| effects.is_empty()) {
        return hands.come_to_rest(state, ended).await;
    }
    loop {
        let effect = match (effects.pop(), &came_to) {
            (Some(effect), _) => effect,
            // Nothing to do and nothing said: a session that died before the hooks of its end were through,
            (None, Some(ended)) if ended.outcome == Outcome::Done => Effect::Rest(ended.clone()),
            (None, Some(ended)) => return hands.come_to_rest(state, ended.clone()).await,
            // or one that was over already.
            (None, None) => {
                let ended = Ended { outcome: Outcome::Done, message: String::new() };
                return hands.come_to_rest(state, ended).await;
            }
        };
        // `step` asks for one thing at a time; anything else would have to be ordered here.
        debug_assert!(effects.is_empty());
        let done = match in_time(state, effect) {
            Effect::Ask => hands.ask_model(state).await?,
            Effect::Compact => hands.compact(state).await?,
            Effect::Perform(calls) => hands.perform(state, calls).await?,
            Effect::Recover(calls) => hands.recover(state, calls).await?,
            Effect::Rest(ended) => match hands.stop(state, again < AGAIN_MAX, &ended).await? {
                Waited::Came(next) if next.is_empty() => return hands.come_to_rest(state, ended).await,
                Waited::Came(next) => {
                    again += 1;
                    Waited::Came(next)
                }
                Waited::Interrupted => Waited::Interrupted,
            },
        };
        match done {
            Waited::Came(next) => effects = next,
            Waited::Interrupted => return hands.come_to_rest(state, interrupted()).await,
        }
    }
}

/// Lets an event happen in a session that nothing drives: how it begins and ends.
///
/// # Errors
/// [`DriveError`] when the ledger refuses.
pub fn put(state: &mut State, hands: &mut Hands<'_>, event: Event) -> Result<(), DriveError> {
    hands.happen(state, event)?;
    hands.journal.sync()?;
    Ok(())
}

/// Lets the hooks of one moment run in a session that rests: its end, when a chat is left; changes by people. Gives why what
/// was about to happen must not; [`STOPPED`] when the person stopped a hook.
///
/// # Errors
/// [`DriveError`] when the ledger refuses.
pub async fn attend(
    state: &mut State,
    hands: &mut Hands<'_>,
    happens: Happens<'_>,
) -> Result<Option<String>, DriveError> {
    let fired = hands.fire(state, happens, &[]).await?;
    hands.journal.sync()?;
    Ok(match fired {
        Waited::Came(fired) => fired.blocked,
        Waited::Interrupted => Some(STOPPED.to_string()),
    })
}

/// Why something did not happen that the person stopped.
pub const STOPPED: &str = "stopped by the person";

/// How the session ends when a hook said no to words.
fn refusal(effects: &[Effect]) -> Option<Ended> {
    match effects.first() {
        Some(Effect::Rest(ended)) => Some(ended.clone()),
        _ => None,
    }
}

fn interrupted() -> Ended {
    Ended { outcome: Outcome::Interrupted, message: STOPPED.to_string() }
}

impl Hands<'_> {
    /// Puts an event on record, shows it, and lets it happen to the state; all three without secret values.
    pub(crate) fn happen(&mut self, state: &mut State, event: Event) -> Result<Vec<Effect>, JournalError> {
        let event = conversation::hide(self.secrecy, event);
        self.journal.append(&event)?;
        self.face.show(Notice::Event(&event));
        Ok(step(state, &event))
    }

    /// Runs the hooks of a beginning. The words with which it begins are on record before: they are still to come.
    async fn begin(
        &mut self,
        state: &mut State,
        events: &mut VecDeque<Event>,
    ) -> Result<Waited<Fired>, DriveError> {
        if !self.hooks.heeds(Kind::Started) {
            return Ok(Waited::Came(Fired::default()));
        }
        // What was reached for the words comes before them: whoever goes on with them is tainted by it.
        while let Some(event) = events.pop_front_if(|event| !matches!(event, Event::Said { .. })) {
            self.happen(state, event)?;
        }
        let asked = events.front().and_then(|event| match event {
            Event::Said { text } => Some(text.clone()),
            _ => None,
        });
        self.fire_with(state, Happens::Started, &[], With { asked, ..With::default() }).await
    }

    /// Lets the person's words happen, unless a hook says no.
    async fn hear(
        &mut self,
        state: &mut State,
        text: String,
        is_asked: bool,
    ) -> Result<Waited<Vec<Effect>>, DriveError> {
        let asked = (!is_asked).then(|| text.clone());
        let with = With { asked, ..With::default() };
        Ok(match self.fire_with(state, Happens::Said { text: &text }, &[], with).await? {
            Waited::Came(Fired { blocked: Some(message), .. }) => {
                self.happen(state, Event::Withheld { message: message.clone() })?;
                self.face.show(Notice::Told { text: &message });
                Waited::Came(vec![Effect::Rest(Ended { outcome: Outcome::Denied, message })])
            }
            Waited::Came(_) => Waited::Came(self.happen(state, Event::Said { text })?),
            Waited::Interrupted => Waited::Interrupted,
        })
    }

    /// Words that were typed while something went on. Those that a hook says no to are dropped, and said.
    pub(crate) async fn hear_all(&mut self, state: &mut State, said: Vec<String>) -> Result<(), DriveError> {
        for text in said {
            if let Waited::Interrupted = self.hear(state, text, false).await? {
                self.happen(state, Event::Withheld { message: STOPPED.to_string() })?;
            }
        }
        Ok(())
    }

    /// The hooks of a session that is done. What is given says how it goes on; nothing when it does not.
    async fn stop(
        &mut self,
        state: &mut State,
        may_go_on: bool,
        ended: &Ended,
    ) -> Result<Waited<Vec<Effect>>, DriveError> {
        if ended.outcome != Outcome::Done {
            return Ok(Waited::Came(Vec::new()));
        }
        let fired = match self.fire(state, Happens::Stopped, &[]).await? {
            Waited::Came(fired) => fired,
            Waited::Interrupted => return Ok(Waited::Interrupted),
        };
        let mut effects = Vec::new();
        if !may_go_on && !fired.again.is_empty() {
            let text = format!("its hooks made the session go on {AGAIN_MAX} times; that is the most");
            self.face.show(Notice::Told { text: &text });
            return Ok(Waited::Came(effects));
        }
        for text in fired.again {
            effects = self.happen(state, Event::Noted { text })?;
        }
        Ok(Waited::Came(effects))
    }

    /// Ends the session, however it ends: its hooks hear of it first, unless somebody goes on with it.
    async fn come_to_rest(&mut self, state: &mut State, ended: Ended) -> Result<Ended, DriveError> {
        if self.is_last {
            // A person who interrupts these hooks, too, has them stopped; the session ends as it would have.
            let _fired = self.fire(state, Happens::Over, &[]).await?;
        }
        self.happen(state, Event::Ended(ended.clone()))?;
        self.journal.sync()?;
        Ok(ended)
    }

    async fn ask_model(&mut self, state: &mut State) -> Result<Waited<Vec<Effect>>, DriveError> {
        let fragments = self.watch.steering(state);
        if !fragments.is_empty() {
            self.happen(state, Event::Steered { fragments })?;
        }
        let sent = Event::Sent(Sent {
            turn: state.turns() + 1,
            fragments: digest_of(&state.in_force()),
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
        self.hear_all(state, said).await?;
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
        self.hear_all(state, said).await?;
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

    pub(crate) fn tool(&self, name: &str) -> Option<&dyn Tool> {
        self.tools.iter().map(AsRef::as_ref).find(|tool| tool.describe().name == name)
    }

    pub(crate) fn context<'c>(
        &'c self,
        state: &'c State,
        on_output: &'c (dyn Fn(&str) + Send + Sync),
    ) -> ToolContext<'c> {
        let (workspace, scratch, secrecy) = (self.workspace, self.scratch, self.secrecy);
        let (session, seen) = (state.session(), &state.seen);
        let (cost_left, turns_left) = (state.cost_left(), state.turns_left());
        ToolContext { workspace, scratch, session, cost_left, turns_left, seen, secrecy, on_output }
    }
}

/// Waits for something, takes down what the person says meanwhile, and gives up when they interrupt.
pub(crate) async fn until<T>(
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

fn digest_of(fragments: &[conversation::Fragment]) -> Digest {
    let all: String = fragments.iter().map(|fragment| fragment.digest().to_string()).collect();
    Digest::of(all.as_bytes())
}
