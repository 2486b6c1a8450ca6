//! What a spec run needs from outside: documents, ticks, sessions, snapshots, checks, each on record in the spec's
//! journal. The order of these lives in `agent::run_spec`.

mod outside;

use std::sync::Arc;
use std::time::Duration;

use agent::{Desk, Happens, Hooks as _, Inbound, TaskOrder, TaskWork};
use conversation::{Check, Cost, Event, FragmentKind, Hooked, Journal, Model, Purpose, Started};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use ledger::{Stored, Writer};
use plan::{Plan, SpecDocuments, Step};
use policy::{Admission, Ask, Capability, Effect, Gate, Origin, Place, Request, Rule, Source, Taint, Target};
use sandbox::Confine as _;
use spec::State;
use vcs::{Cause, Snapshots, Wrote};

use crate::attending::{Attending, Told};
use crate::checkpoints;
use crate::cli::SessionFlags;
use crate::error::{Error, Outcome};
use crate::events;
use crate::exit::Exit;
use crate::hooking::Hooking;
use crate::house::{self, House};
use crate::leading;
use crate::session::{self, Again, Order};
use crate::specs::SpecRecord;
use crate::subagents::Crew;
use crate::term::Style;
use crate::toolbox;
use crate::workspace::{resolved, write_whole};
use crate::write_scope::{self, WriteScope};
use index::SpecPlace;
use index::place::read;

pub(crate) use outside::TakenUp;

/// A check may take as long as a thorough test suite.
const CHECK_SECONDS_MAX: u64 = 1800;
/// How many of the other tasks a task is told of.
const NEIGHBOURS_MAX: usize = 20;
/// How much of a check's output goes on record and back to the model: its end.
const TAIL_BYTES_MAX: usize = 4 * 1024;

/// The desk of one run.
pub(crate) struct SpecDesk<'h> {
    house: &'h mut House,
    place: SpecPlace,
    journal: Writer,
    record: SpecRecord,
    /// Who carries tasks out; none where somebody outside does.
    model: Option<Arc<dyn Model>>,
    flags: SessionFlags,
    snapshots: Arc<Snapshots>,
    turns_max: u32,
    /// What is left of the run's budget.
    cost_max: Option<Cost>,
    /// What hooks of tasks want told to the next session: of this run, and of runs before that had no further one.
    told: Told,
    /// How much of that is from runs before, in bytes of its text.
    told_before: usize,
}

impl<'h> SpecDesk<'h> {
    /// Opens the desk. The spec's journal is locked for as long as it lives: two runs at once are refused.
    pub(crate) fn open(
        house: &'h mut House,
        place: SpecPlace,
        model: Arc<dyn Model>,
        flags: SessionFlags,
    ) -> Outcome<SpecDesk<'h>> {
        SpecDesk::with(house, place, Some(model), flags)
    }

    fn with(
        house: &'h mut House,
        place: SpecPlace,
        model: Option<Arc<dyn Model>>,
        flags: SessionFlags,
    ) -> Outcome<SpecDesk<'h>> {
        let journal = house.open_spec(&place)?;
        let record = SpecRecord::read(&house.store, &place)?;
        let snapshots = Arc::clone(&house.snapshots);
        let (turns_max, cost_max) = session::limits(house, &flags)?;
        let told = Told::of(&record.untold);
        Ok(SpecDesk {
            house,
            place,
            journal,
            record,
            model,
            flags,
            snapshots,
            turns_max,
            cost_max,
            told_before: told.text.len(),
            told,
        })
    }

    /// What hooks of tasks said in this run and no session was told: there was none after them.
    pub(crate) fn untold(&mut self) -> String {
        let mut text = std::mem::take(&mut self.told).text;
        text.split_off(self.told_before.min(text.len()))
    }

    /// The session that is about to begin or to go on is told what hooks said: no other one will be.
    fn tell_no_more(&mut self) -> Outcome<()> {
        self.told_before = 0;
        for said in std::mem::take(&mut self.record.untold) {
            let told = Hooked { context: String::new(), took_in: Taint::none(), ..said };
            self.happen(Event::Hooked(told))?;
        }
        Ok(self.journal.sync()?)
    }

    fn happen(&mut self, event: Event) -> Outcome<()> {
        let event = conversation::hide(&self.house.held.firewall, event);
        self.journal.append(&event)?;
        self.record.happen(&event);
        Ok(())
    }

    /// Keeps the files before Waypost changes some for a task.
    fn keep(&mut self, task: &str, what: &str) -> Outcome<u64> {
        let session = self.record.tasks.get(task).and_then(|record| record.session.clone());
        let cause = Cause {
            session: session.unwrap_or_default(),
            task: Some(checkpoints::task_name(&self.place.name, task)),
            call: None,
            what: what.to_string(),
        };
        let (number, event) = checkpoints::before(&self.snapshots, &cause)?;
        self.happen(event)?;
        Ok(number)
    }

    /// Keeps what it changed.
    fn kept(&mut self, number: u64, wrote: &Wrote) -> Outcome<()> {
        let event = checkpoints::after(&self.snapshots, number, wrote)?;
        self.happen(event)
    }

    /// The workspace as it is now.
    fn snapshot(&self) -> Outcome<String> {
        let snapshot = self.snapshots.snapshot()?;
        if !snapshot.unreadable.is_empty() {
            let few: Vec<&str> = snapshot.unreadable.iter().take(5).map(String::as_str).collect();
            self.house.screen.notice(&format!(
                "{} files cannot be read, so changes to them are not seen: {} …",
                snapshot.unreadable.len(),
                few.join(", ")
            ));
        }
        Ok(snapshot.tree)
    }

    /// The gate of this run: what the plan's approval covers, and the spec's own documents closed to the agent.
    fn gate(&self) -> Outcome<Gate> {
        let mut gate = self.house.gate(&self.flags, &self.record.checks)?;
        let shown = globset::escape(&self.house.workspace.shown(&self.place.path));
        let closed =
            Rule::read(&format!("fs_write:{shown}"), Effect::Deny, Source::Plan).map_err(Error::usage)?;
        gate.add(closed);
        Ok(gate)
    }

    /// The gate of the agent's sessions in this run: the same, within the write scope of the spec, if it has one.
    fn gate_of_agent(&self) -> Outcome<Gate> {
        let gate = self.gate()?;
        let Some(mut scope) = WriteScope::read(&self.place) else { return Ok(gate) };
        // Looked at again here: what is put into the gate is what was approved, or nothing.
        if scope.digest.is_none() || self.record.approved.get(write_scope::FILE) != scope.digest.as_ref() {
            scope = scope.closed("it is not what was approved");
        }
        let shown = self.house.workspace.shown(&self.place.path.join(write_scope::FILE));
        for fault in scope.told(&shown) {
            self.house.screen.notice(&fault);
        }
        let grant = scope.grant(&self.place.name, &self.record.checks);
        Ok(Gate::new(gate.policy().narrowed_to(grant)))
    }

    /// Runs the hooks of a task, in a record of their own.
    async fn attend(&mut self, task: &str, happens: Happens<'_>) -> Outcome<Option<String>> {
        // Who carries a task out from outside has hooks of its own.
        let Some(model) = self.model.clone() else { return Ok(None) };
        let is_over = matches!(happens, Happens::TaskEnded { .. });
        let mut gate = self.gate_of_agent()?;
        let agent = self.leader(task)?;
        if !Hooking::here(&Crew::new(&self.house.common, &model), agent.clone())?.heeds(happens.kind()) {
            return Ok(None);
        }
        // What is left out of the servers is told by the session of the task.
        let (crew, _) = toolbox::of_hooks(&self.house.common, &model, &mut gate)?;
        let mut attending = Attending::open(&crew, Hooking::here(&crew, agent)?, gate, self.turns_max)?;
        let screen = Arc::clone(&self.house.screen);
        let blocked = attending.at(happens, &mut self.house.live, screen.as_ref()).await;
        crew.end().await;
        let said = attending.said()?;
        self.told.join(Told::of(&said));
        attending.close(conversation::Outcome::Done, "")?;
        if is_over {
            // Where no task follows in this run, one of a later run is told. What it spent is counted where it ran.
            said.into_iter()
                .try_for_each(|said| self.happen(Event::Hooked(Hooked { spent: None, ..said })))?;
            self.journal.sync()?;
        }
        blocked
    }

    /// Whose hooks count around a task: those of the agent that is asked for, or that led its session.
    fn leader(&self, task: &str) -> Outcome<Option<String>> {
        if let Some(asked) = &self.flags.agent {
            return leading::id_of(self.house, asked).map(Some);
        }
        let session = self.record.tasks.get(task).and_then(|record| record.session.as_ref());
        let started = session.and_then(|id| leading::started(self.house, id).ok());
        Ok(started.as_ref().and_then(leading::leader).map(str::to_string))
    }

    /// Takes an act of Waypost's own through a gate and onto the record.
    fn admit(&mut self, mut gate: Gate, call: String, request: Request) -> Outcome<policy::Permit> {
        let ask = Ask { call, requests: vec![request], answer: None };
        match gate.admit(&mut self.journal, vec![ask]).map_err(Error::failed)?.pop() {
            Some(Admission::Permitted(permit)) => Ok(permit),
            Some(Admission::Denied(decision)) => {
                Err(Error { exit: Exit::Denied, ..Error::failed(format!("denied by {}", decision.reason)) })
            }
            Some(Admission::Unanswered(decision)) => Err(Error::needs_answer(decision.reason).hint(
                decision.remedy.map_or(String::new(), |rule| format!("allow it with --allow '{rule}'")),
            )),
            None => Err(Error::failed("the gate gave no answer")),
        }
    }

    /// Begins the task's session, or goes on with the one that is open.
    async fn session(&mut self, order: &TaskOrder) -> Outcome<session::Came> {
        let Some(model) = self.model.clone() else { return Err(Error::failed("this desk has no model")) };
        let task = order.step.task_id.clone();
        let spent = self.record.tasks.get(&task).and_then(|record| record.cost).unwrap_or_default();
        let open = self.record.tasks.get(&task).and_then(|record| record.open.clone());
        // A session that was cut off before its first words are on record has nothing to go on with.
        let begun = |house: &House, id: &str| {
            let said = |stored: &Stored| matches!(stored.event(), Some(Event::Said { .. }));
            house.store.read(id).is_ok_and(|record| record.iter().any(said))
        };
        // Who carried a task out from outside had no words here that an agent of ours could go on from.
        let goes_on = |house: &House, id: &str| {
            let is_ours = |started: &Started| !started.model.starts_with("outside/");
            begun(house, id)
                && (self.flags.agent.is_none()
                    || leading::started(house, id).is_ok_and(|started| is_ours(&started)))
        };
        let told = std::mem::take(&mut self.told);
        let id = match open {
            Some((id, _)) if goes_on(self.house, &id) => {
                let started = leading::started(self.house, &id)?;
                let agent = leading::goes_on(self.house, &started, self.flags.agent.as_deref())?;
                let (set, gate) = self.set(&model, agent.as_deref())?;
                let again = Again {
                    id,
                    crew: set.crew.clone(),
                    tools: set.tools,
                    gate,
                    words: match (&order.again, told.text.trim_start()) {
                        (again, "") => again.clone(),
                        (None, text) => Some(text.to_string()),
                        (Some(again), _) => Some(format!("{again}{}", told.text)),
                    },
                    turns_max: self.turns_max,
                    // The session counts what it has spent before as well.
                    cost_max: self.cost_max.map(|left| Cost(left.0.saturating_add(spent.0))),
                    is_last: true,
                    agent: set.agent,
                    reached: told.reached,
                };
                self.tell_no_more()?;
                let came = session::resume(self.house, again).await;
                set.crew.end().await;
                return came;
            }
            open => {
                let id = session::new_id();
                let before = match open {
                    Some((_, before)) => before,
                    None => self.snapshot()?,
                };
                self.happen(Event::TaskStarted { task: task.clone(), session: id.clone(), before })?;
                self.journal.sync()?;
                id
            }
        };
        let plan = Plan::read(&self.place.documents()?);
        let words = task_words(&plan, order, &self.house.workspace.shown(&self.place.path));
        let fragment = agent::task(&self.place.name, &task, &words);
        debug_assert_eq!(fragment.kind(), FragmentKind::Task);
        let (set, gate) = self.set(&model, self.flags.agent.as_deref())?;
        let mut fragments = set.fragments;
        fragments.push(fragment);
        let beginning = Order {
            id,
            purpose: Purpose::Task { spec: self.place.name.clone(), task: task.clone() },
            crew: set.crew.clone(),
            tools: set.tools,
            gate,
            fragments,
            paths: order.step.files.clone(),
            words: format!("Carry out task {task} now.{}", told.text),
            turns_max: self.turns_max,
            cost_max: self.cost_max,
            is_last: true,
            agent: set.agent,
            reached: told.reached,
        };
        self.tell_no_more()?;
        let came = session::begin(self.house, beginning).await;
        set.crew.end().await;
        came
    }

    /// What a task's session works with, and its gate.
    fn set(&self, model: &Arc<dyn Model>, agent: Option<&str>) -> Outcome<(toolbox::Set, Gate)> {
        let mut gate = self.gate_of_agent()?;
        let lead = toolbox::Lead { model, is_named: self.flags.model.is_some(), agent };
        let set = toolbox::session(self.house, &mut gate, lead, None)?;
        Ok((set, gate))
    }
}

impl Desk for SpecDesk<'_> {
    type Error = Error;

    fn documents(&mut self) -> Outcome<SpecDocuments> {
        Ok(self.place.documents()?)
    }

    fn unapproved(&mut self, documents: &SpecDocuments) -> Outcome<Vec<String>> {
        Ok(self.record.unapproved(documents, WriteScope::read(&self.place).as_ref()))
    }

    fn check_of(&self, plan: &Plan, step: &Step) -> Option<String> {
        house::check_of(&self.house.config, &self.house.workspace, plan, step)
    }

    fn covers(&self, command: &str) -> bool {
        self.record.checks.iter().any(|check| check == command)
    }

    fn tick(&mut self, task: &str, state: State, why: &str) -> Outcome<()> {
        let path = self.place.tasks_file();
        let bytes = read(&path)?.ok_or_else(|| Error::failed(format!("`{}` is gone", path.display())))?;
        let splice = spec::edit::tick(&bytes, task, state).map_err(Error::failed)?;
        let ticked = splice.apply(&bytes).map_err(Error::failed)?;
        let resolved = resolved(&path)?;
        let place = Place::new(&self.house.workspace.root, &resolved);
        let request =
            Request { capability: Capability::FsWrite, target: Target::Path(place), origin: Origin::Waypost };
        let gate = self.house.gate(&self.flags, &[])?;
        let _permit = self.admit(gate, format!("tick-{task}-{}", self.journal.records()), request)?;
        let relative = resolved.strip_prefix(&self.house.workspace.root).map(|path| path.to_path_buf());
        let number = self.keep(task, &format!("[{}] {task} in tasks.md", char::from(state.byte())))?;
        write_whole(&resolved, &ticked)?;
        self.kept(number, &Wrote::Paths(relative.into_iter().collect()))?;
        let (state, why) = (char::from(state.byte()), why.to_string());
        self.house.screen.event(&events::Event::TaskTicked {
            task: task.to_string(),
            state: state.to_string(),
            why: why.clone(),
        });
        let style = if state == 'x' { Style::Green } else { Style::Dim };
        self.house.screen.progress(style, &format!("[{state}] task {task}: {why}"));
        self.happen(Event::Ticked { task: task.to_string(), state, why })?;
        Ok(self.journal.sync()?)
    }

    async fn task_begins(&mut self, step: &Step) -> Outcome<Option<String>> {
        let task = format!("{}. {}", step.task_id, step.title);
        let spec = self.place.name.clone();
        self.attend(&step.task_id, Happens::TaskBegins { spec: &spec, task: &task }).await
    }

    async fn task_ended(&mut self, step: &Step, proven: bool) -> Outcome<()> {
        let task = format!("{}. {}", step.task_id, step.title);
        let spec = self.place.name.clone();
        self.attend(&step.task_id, Happens::TaskEnded { spec: &spec, task: &task, proven }).await.map(drop)
    }

    async fn work(&mut self, order: &TaskOrder) -> Outcome<TaskWork> {
        let (task, title) = (order.step.task_id.clone(), order.step.title.clone());
        self.house.screen.progress(Style::Bold, &format!("task {task}. {title}"));
        self.house.screen.event(&events::Event::TaskStarted { task: task.clone(), title });
        let spent_before = self.record.tasks.get(&task).and_then(|record| record.cost).unwrap_or_default();
        let came = self.session(order).await?;
        if let (Some(left), Some(cost)) = (&mut self.cost_max, came.cost) {
            left.0 = left.0.saturating_sub(cost.0.saturating_sub(spent_before.0));
        }
        let before = self.record.tasks.get(&task).map(|record| record.before.clone()).unwrap_or_default();
        let after = self.snapshot()?;
        let files = self.snapshots.changes(&before, &after)?;
        let changed = files.iter().map(|(path, _, _)| path.clone()).collect();
        let (session, head, cost) = (came.session, came.head, came.cost);
        self.happen(Event::Changed { task, session, head, before, after, files, cost })?;
        self.journal.sync()?;
        Ok(TaskWork { ended: came.ended, changed })
    }

    async fn check(&mut self, task: &str, command: &str) -> Outcome<Check> {
        self.house.screen.progress(Style::Dim, &format!("check: {command}"));
        let target = Target::Command(command.to_string());
        let request = Request { capability: Capability::Shell, target, origin: Origin::Waypost };
        let gate = self.gate()?;
        let permit = self.admit(gate, format!("check-{task}-{}", self.journal.records()), request)?;
        let confined = self.house.held.hold.confine(&permit).map_err(Error::failed)?;
        let environment = confined.environment.clone();
        let line = sandbox::Command::shell(command, &self.house.workspace.root, environment);
        let mut line = confined.hold(line);
        line.timeout = Duration::from_secs(CHECK_SECONDS_MAX);
        let ignored = |_: &str| {};
        let number = self.keep(task, &format!("check: {command}"))?;
        let running = Box::pin(sandbox::run(&line, &ignored));
        let finished = interruptible(self.house, running).await;
        self.kept(number, &Wrote::Anything)?;
        let finished = finished?.map_err(Error::failed)?;
        let text = finished.output.text(|gap| format!("\n[… {gap} bytes left out …]\n"));
        let check = Check {
            task: Some(task.to_string()),
            command: command.to_string(),
            exit: finished.exit,
            tail: end_of(&text, TAIL_BYTES_MAX).to_string(),
        };
        let (style, came) = match check.exit {
            Some(0) => (Style::Green, "green".to_string()),
            Some(exit) => (Style::Red, format!("red, exit {exit}")),
            None => (Style::Red, "red, it was ended".to_string()),
        };
        self.house.screen.progress(style, &format!("check: {came}"));
        self.house.screen.event(&events::Event::Check {
            task: task.to_string(),
            command: command.to_string(),
            exit: check.exit,
        });
        self.happen(Event::Checked(check.clone()))?;
        self.journal.sync()?;
        Ok(check)
    }
}

impl From<vcs::SnapshotError> for Error {
    fn from(error: vcs::SnapshotError) -> Error {
        match error {
            vcs::SnapshotError::NoCheckpoint(_) | vcs::SnapshotError::Misused { .. } => Error::usage(error),
            _ => Error::failed(error),
        }
    }
}

/// Waits for something that the person may interrupt.
async fn interruptible<T>(house: &mut House, mut wanted: conversation::Later<'_, T>) -> Outcome<T> {
    loop {
        wanted = match select(house.live.next(), wanted).await {
            Either::Right((came, _)) => return Ok(came),
            Either::Left((Some(Inbound::Interrupt), _)) => {
                let stopped = Error { exit: Exit::Interrupted, ..Error::failed("stopped by the person") };
                return Err(stopped.hint("go on with the same command"));
            }
            Either::Left((_, rest)) => rest,
        };
    }
}

/// The end of a text, at most so many bytes, from the beginning of a line where there is one.
fn end_of(text: &str, bytes_max: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes_max);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let tail = text.get(start..).unwrap_or("");
    match tail.split_once('\n') {
        Some((_, whole)) if start > 0 => whole,
        _ => tail,
    }
}

/// What the model is told about its task. `folder` is where the spec's documents lie, from the root.
pub(crate) fn task_words(plan: &Plan, order: &TaskOrder, folder: &str) -> String {
    let (step, context, spec) = (&order.step, &order.context, &plan.name);
    let mut words = format!(
        "You carry out one task of the approved plan of the spec `{spec}`, and nothing beyond it. All its documents: \
         {folder}\n\nTask {}. {}\n{}\n",
        step.number,
        step.title,
        context.task_block.trim_end()
    );
    if !context.ancestors.is_empty() {
        words.push_str(&format!("\nIt is part of: {}\n", context.ancestors.join(" / ")));
    }
    let leaves = || plan.steps.iter().filter(|other| other.is_leaf && other.task_id != step.task_id);
    for (label, done) in [("Done before", true), ("Left to later tasks", false)] {
        let such = leaves().filter(|other| (other.state == State::Done) == done).take(NEIGHBOURS_MAX);
        let such: Vec<String> = such
            .map(|other| match done && !other.files.is_empty() {
                true => format!("{}. {} ({})", other.number, other.title, other.files.join(", ")),
                false => format!("{}. {}", other.number, other.title),
            })
            .collect();
        if !such.is_empty() {
            words.push_str(&format!("\n{label}: {}\n", such.join("; ")));
        }
    }
    if !context.criteria.is_empty() {
        words.push_str("\nCriteria that it works towards; fulfil the part that is this task's:\n");
        for (id, text) in &context.criteria {
            words.push_str(&format!("{id} {text}\n"));
        }
    }
    for (title, text) in &context.design_sections {
        words.push_str(&format!("\nDesign, {title}:\n{}\n", text.trim()));
    }
    for (title, text) in [("Constraints", &context.constraints), ("Out of scope", &context.out_of_scope)] {
        if !text.trim().is_empty() {
            words.push_str(&format!("\n{title}:\n{}\n", text.trim()));
        }
    }
    if let Some(check) = &order.check {
        words.push_str(&format!(
            "\nThe task is proven by `{check}`: Waypost runs it after you, looks at what changed, and ticks the task \
             itself. Do not edit the spec's documents.\n"
        ));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_text() {
        assert_eq!(end_of("short", 10), "short");
        assert_eq!(end_of("first\nsecond\nthird", 14), "second\nthird");
        assert_eq!(end_of("ééé", 3), "é");
    }
}
