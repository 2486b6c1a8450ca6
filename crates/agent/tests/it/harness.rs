//! The scripts: `say`, `call`, and a world in memory. The tests live beside it.
#![expect(clippy::unwrap_used, reason = "a harness that fails is a test that fails")]

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Mutex;
use std::task::{Context, Poll};

use agent::{Bounds, Doing, Face, Hands, Inbound, Keeper, Notice, Question, State, drive};
use conversation::{
    Block, Call, CallResult, Checkpointed, Cost, Delta, Digest, Ended, Event, Fragment, FragmentKind, Input,
    Journal, JournalError, Later, Limits, Model, ModelError, ModelErrorKind, Moment, Outcome, Price, Prompt,
    Purpose, Recovery, Reply, Role, Started, Status, Stop, Tool, ToolContext, ToolDescription, ToolError,
    Usage,
};
use futures_util::Stream;
use policy::{
    Answer, Capability, Decided, Gate, Mode, Origin, Permit, Policy, Record, RecordError, Request, Rule,
};
use policy::{Effect, Source, Target};

/// One scripted answer of the model.
#[derive(Clone)]
pub(crate) enum Turn {
    Reply(Vec<Block>, Stop),
    Fail(ModelErrorKind),
}

pub(crate) fn say(text: &str) -> Turn {
    Turn::Reply(vec![Block::Text(text.into())], Stop::EndTurn)
}

pub(crate) fn call(id: &str, tool: &str, input: &str) -> Block {
    Block::Call(Call { id: id.into(), tool: tool.into(), input: Input::Json(input.into()) })
}

pub(crate) fn calls(blocks: Vec<Block>) -> Turn {
    Turn::Reply(blocks, Stop::Calls)
}

/// Plays turns by the number of answers in the prompt, so that a resumed session goes on where it was.
pub(crate) struct Script {
    pub(crate) turns: Vec<Turn>,
    pub(crate) by_prompt: bool,
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) played: Mutex<usize>,
    pub(crate) usage: Usage,
    pub(crate) priced: bool,
}

impl Script {
    pub(crate) fn new(turns: Vec<Turn>) -> Script {
        let usage = Usage { input: 100, output: 10, ..Usage::default() };
        Script {
            turns,
            by_prompt: false,
            asked: Mutex::default(),
            played: Mutex::new(0),
            usage,
            priced: true,
        }
    }
}

impl Model for Script {
    fn name(&self) -> &str {
        "script/one"
    }
    fn limits(&self) -> Limits {
        LIMITS
    }
    fn price(&self) -> Option<Price> {
        self.priced.then_some(Price { input: 1_000_000, cache_read: 0, cache_write: 0, output: 1_000_000 })
    }
    fn ask<'a>(
        &'a self,
        prompt: &'a Prompt<'a>,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> Later<'a, Result<Reply, ModelError>> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(format!("{prompt:?}"));
            let mut played = self.played.lock().unwrap();
            let answers = prompt.messages.iter().filter(|message| message.role == Role::Assistant).count();
            let turn = if self.by_prompt { answers } else { *played };
            *played += 1;
            on_delta(Delta::Text("…".into()));
            match self.turns.get(turn).cloned() {
                Some(Turn::Reply(blocks, stop)) => Ok(Reply { blocks, stop, usage: self.usage }),
                Some(Turn::Fail(kind)) => Err(ModelError::new(kind, kind.name())),
                None => Err(ModelError::new(ModelErrorKind::NotRecorded, "the script is over")),
            }
        })
    }
}

pub(crate) const LIMITS: Limits = Limits { context: 10_000, output: 1_000 };

/// `look` reads; `put` writes its input to a shared list, once for each time it runs; `sh` runs a command.
pub(crate) struct Hand {
    pub(crate) name: &'static str,
    pub(crate) effects: std::sync::Arc<Mutex<Vec<String>>>,
}

impl Tool for Hand {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: self.name.into(), description: String::new(), schema: "{}".into() }
    }
    fn reads_only(&self) -> bool {
        self.name == "look"
    }
    fn request(&self, call: &Call, _: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let capability = match self.name {
            "look" => Capability::Diagnostics,
            "sh" => Capability::Shell,
            _ => Capability::Skill,
        };
        if call.input.text() == "nonsense" {
            return Err(ToolError("`nonsense` is not an input".into()));
        }
        let target = match capability {
            Capability::Shell => Target::Command(call.input.text().into()),
            _ => Target::Name(call.input.text().into()),
        };
        Ok(vec![Request { capability, target, origin: Origin::Agent }])
    }
    fn run<'a>(&'a self, permit: Permit, call: &'a Call, _: &'a ToolContext<'a>) -> Later<'a, CallResult> {
        Box::pin(async move {
            assert_eq!(permit.call(), call.id);
            self.effects.lock().unwrap().push(call.input.text().to_string());
            CallResult::new(&call.id, Status::Done, format!("{} {}", self.name, call.input.text()))
        })
    }
    fn recover(&self, call: &Call, _: &ToolContext<'_>) -> Recovery {
        let done = self.effects.lock().unwrap().iter().any(|effect| effect == call.input.text());
        match (self.name, done) {
            ("sh", _) => Recovery::Unknown,
            (_, true) => {
                let text = format!("{} {}", self.name, call.input.text());
                Recovery::Done(CallResult::new(&call.id, Status::Done, text))
            }
            (_, false) => Recovery::Again,
        }
    }
}

/// Keeps nothing but the order in which it was asked to. `fails` is what it says before or after a call.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) effects: std::sync::Arc<Mutex<Vec<String>>>,
    pub(crate) fails: Option<&'static str>,
    /// What every call changes.
    pub(crate) changes: Vec<agent::Touched>,
    /// Never ready before a call.
    pub(crate) hangs: bool,
}

impl Files {
    fn ask(&self, moment: Moment, doing: &Doing<'_>) -> Result<Checkpointed, String> {
        let effects = self.effects.lock().unwrap().len();
        let asked = format!("{} {} with {effects} effects", moment.name(), doing.call.id);
        self.asked.lock().unwrap().push(asked);
        match self.fails {
            Some(fails) if fails == moment.name() => Err("no space left on device".to_string()),
            _ => Ok(Checkpointed {
                number: 1,
                moment,
                call: Some(doing.call.id.clone()),
                tree: moment.name().into(),
                undone: Vec::new(),
                left_out: Vec::new(),
            }),
        }
    }
}

impl Keeper for Files {
    fn before<'a>(&'a self, doing: &'a Doing<'a>) -> Later<'a, Result<Checkpointed, String>> {
        match self.hangs {
            true => Box::pin(std::future::pending()),
            false => Box::pin(async move { self.ask(Moment::Before, doing) }),
        }
    }
    fn after<'a>(&'a self, doing: &'a Doing<'a>) -> Later<'a, Result<Option<Checkpointed>, String>> {
        Box::pin(async move { self.ask(Moment::After, doing).map(Some) })
    }
    fn changed<'a>(&'a self, _: &'a str, _: &'a str) -> Later<'a, Result<Vec<agent::Touched>, String>> {
        Box::pin(async move { Ok(self.changes.clone()) })
    }
}

/// A journal in memory. `fails_at`: the event at which the disk is full.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) events: Vec<Event>,
    pub(crate) fails_at: Option<usize>,
}

impl Memory {
    fn keep(&mut self, event: Event) -> Result<(), String> {
        if self.fails_at.is_some_and(|at| self.events.len() >= at) {
            return Err("no space left on device".into());
        }
        self.events.push(event);
        Ok(())
    }
}

impl Record for Memory {
    fn record(&mut self, decided: &[Decided]) -> Result<(), RecordError> {
        decided.iter().try_for_each(|one| self.keep(Event::Decided(one.clone()))).map_err(RecordError)
    }
}

impl Journal for Memory {
    fn append(&mut self, event: &Event) -> Result<(), JournalError> {
        self.keep(event.clone()).map_err(JournalError)
    }
    fn sync(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
    fn head(&self) -> Digest {
        Digest::of(b"")
    }
}

/// A person: answers questions from a list, or is not there.
pub(crate) struct Person(pub(crate) Mutex<VecDeque<Option<bool>>>);

impl Face for Person {
    fn show(&self, _: Notice<'_>) {}
    fn ask<'a>(&'a self, _: &'a Question) -> Later<'a, Option<Answer>> {
        let answer = self.0.lock().unwrap().pop_front().flatten();
        Box::pin(async move { answer.map(|yes| Answer { yes, always: false, by: "ann".into() }) })
    }
}

/// Plays what the person does: each item waits until it is polled for the n-th time.
pub(crate) struct Typed(pub(crate) VecDeque<(usize, Inbound)>, pub(crate) usize);

impl Stream for Typed {
    type Item = Inbound;
    fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Inbound>> {
        self.1 += 1;
        let polled = self.1;
        match self.0.front() {
            Some((at, _)) if polled >= *at => Poll::Ready(self.0.pop_front().map(|(_, inbound)| inbound)),
            _ => Poll::Pending,
        }
    }
}

/// One session and its world.
pub(crate) struct World {
    pub(crate) script: Script,
    pub(crate) effects: std::sync::Arc<Mutex<Vec<String>>>,
    pub(crate) journal: Memory,
    pub(crate) files: Files,
    pub(crate) person: Person,
    pub(crate) typed: Typed,
    pub(crate) allow: Vec<&'static str>,
    pub(crate) deny: Vec<&'static str>,
    pub(crate) bounds: Bounds,
    pub(crate) hooks: Box<dyn agent::Hooks>,
    pub(crate) watch: Box<dyn agent::Watch>,
}

impl World {
    pub(crate) fn new(turns: Vec<Turn>) -> World {
        let effects = std::sync::Arc::<Mutex<Vec<String>>>::default();
        World {
            script: Script::new(turns),
            effects: effects.clone(),
            journal: Memory::default(),
            files: Files { effects, ..Files::default() },
            person: Person(Mutex::default()),
            typed: Typed(VecDeque::new(), 0),
            allow: vec!["skill:*"],
            deny: vec![],
            bounds: bounds(),
            hooks: Box::new(agent::NoHooks),
            watch: Box::new(agent::Still),
        }
    }

    /// Runs a new session with this request.
    pub(crate) fn run(&mut self) -> Result<(Ended, State), String> {
        let started = Event::Started(started());
        self.drive(State::new(self.bounds.clone()), vec![started, Event::Said { text: "do it".into() }])
    }

    /// Resumes a session from these events.
    pub(crate) fn resume(&mut self, events: Vec<Event>) -> Result<(Ended, State), String> {
        let state = agent::fold(self.bounds.clone(), &events);
        self.journal.events = events;
        self.drive(state, vec![Event::Resumed])
    }

    fn drive(&mut self, mut state: State, events: Vec<Event>) -> Result<(Ended, State), String> {
        let hand = |name| -> Box<dyn Tool> { Box::new(Hand { name, effects: self.effects.clone() }) };
        let tools = [hand("look"), hand("put"), hand("sh")];
        let mut policy = Policy::new(Mode::Supervised, &[]);
        for (rules, effect) in [(&self.allow, Effect::Allow), (&self.deny, Effect::Deny)] {
            for rule in rules {
                policy.add(Rule::read(rule, effect, Source::Flag).unwrap());
            }
        }
        let mut gate = Gate::new(policy);
        let mut hands = Hands {
            model: &self.script,
            tools: &tools,
            gate: &mut gate,
            journal: &mut self.journal,
            face: &self.person,
            inbox: &mut self.typed,
            keeper: &self.files,
            workspace: Path::new("/w"),
            scratch: Path::new("/s"),
            secrecy: &conversation::Plain,
            watch: self.watch.as_mut(),
            hooks: self.hooks.as_ref(),
            is_last: true,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let ended =
            runtime.block_on(drive(&mut state, &mut hands, events)).map_err(|error| error.to_string())?;
        Ok((ended, state))
    }

    /// Runs and checks how it ended and what the tools did.
    pub(crate) fn check(&mut self, outcome: Outcome, message: &str, effects: &[&str]) -> State {
        let (ended, state) = self.run().unwrap();
        assert_eq!((ended.outcome, ended.message.as_str()), (outcome, message));
        assert_eq!(*self.effects.lock().unwrap(), effects);
        state
    }
}

pub(crate) fn bounds() -> Bounds {
    let readers = BTreeSet::from(["look".to_string()]);
    Bounds { turns_max: 20, cost_max: None::<Cost>, model: LIMITS, readers, closing: BTreeSet::new() }
}

pub(crate) fn started() -> Started {
    Started {
        session: "s1".into(),
        purpose: Purpose::Request,
        model: "script/one".into(),
        workspace: "/w".into(),
        here: String::new(),
        mode: Mode::Supervised,
        agent: None,
        fragments: vec![Fragment::new(FragmentKind::Steering, "tech.md", "use tabs")],
        tools: vec![],
    }
}
