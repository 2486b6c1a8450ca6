//! The desk where somebody outside carries the tasks out, such as an agent that talks to us over MCP: a session on record
//! without a model of ours, and the evidence of a task that is handed in.

use agent::Tried;
use conversation::{Ended, Event, Journal as _, Purpose, Started};
use ledger::Writer;
use plan::{Plan, Step};
use spec::State;

use super::{SpecDesk, task_words};
use crate::cli::SessionFlags;
use crate::error::{Error, Outcome};
use crate::house::House;
use crate::session;
use index::SpecPlace;

/// Who works outside, in a word: `claude-code 2.1`.
const WHO_CHARS_MAX: usize = 64;

/// What came of taking a task up.
pub(crate) enum TakenUp {
    /// Work begins now.
    Now,
    /// It was taken up before; what has changed since then counts.
    Before,
    /// It is proven already, with this evidence.
    Proven(String),
    /// It cannot be taken up.
    Stopped(Ended),
}

impl<'h> SpecDesk<'h> {
    /// Opens the desk for somebody outside.
    pub(crate) fn outside(house: &'h mut House, place: SpecPlace) -> Outcome<SpecDesk<'h>> {
        SpecDesk::with(house, place, None, SessionFlags::default())
    }

    /// The evidence on which the box of a task was ticked, when it was on evidence.
    fn proven(&self, step: &Step) -> Option<String> {
        let (state, why) = self.record.tasks.get(&step.task_id)?.state.as_ref()?;
        (*state == 'x' && step.state == State::Done).then(|| why.clone())
    }

    /// Takes a task up: its box becomes `[-]`, and the files as they are now are what its changes are measured from.
    pub(crate) fn take_up(&mut self, task: &str, who: &str) -> Outcome<TakenUp> {
        let who = plain(who);
        let documents = self.place.documents()?;
        let plan = Plan::read(&documents);
        if let Some(why) = plan.step(task).and_then(|step| self.proven(step)) {
            return Ok(TakenUp::Proven(why));
        }
        let step = match agent::take_up(self, task, &format!("`{who}` outside"))? {
            Ok(step) => step,
            Err(ended) => return Ok(TakenUp::Stopped(ended)),
        };
        if self.record.tasks.get(task).is_some_and(|record| record.open.is_some()) {
            return Ok(TakenUp::Before);
        }
        let id = session::new_id();
        let before = self.snapshot()?;
        self.begin_session(&id, &plan, &step, &who)?;
        self.happen(Event::TaskStarted { task: task.to_string(), session: id, before })?;
        self.journal.sync()?;
        Ok(TakenUp::Now)
    }

    /// Looks at what was done: the files that differ from when the task was taken up, and its check. Ticks it when that
    /// proves it; else the box stays as it is and the work can go on.
    pub(crate) async fn hand_in(&mut self, task: &str, said: &str) -> Outcome<Tried> {
        let plan = Plan::read(&self.place.documents()?);
        let step = plan.step(task).filter(|step| step.is_leaf);
        if let Some(why) = step.and_then(|step| self.proven(step)) {
            return Ok(Tried::Proven { why });
        }
        let is_open = self.record.tasks.get(task).is_some_and(|record| record.open.is_some());
        if is_open && step.is_some_and(|step| step.state != State::InProgress) {
            let by = agent::Desk::tick;
            by(
                self,
                task,
                State::InProgress,
                "its box was changed by something else while it was worked on",
            )?;
        }
        if !is_open && step.is_some_and(|step| step.state == State::InProgress) {
            // Ticked by hand, or by a run whose record is elsewhere: there is nothing to measure changes from.
            let message =
                format!("nobody said here that work on task {task} began, so what it changed is not known");
            return Ok(Tried::Stopped(Ended { outcome: conversation::Outcome::NeedsAnswer, message }));
        }
        let session = self.record.tasks.get(task).and_then(|record| record.session.clone());
        let tried = agent::hand_in(self, task, |desk: &mut SpecDesk<'h>| desk.handed_in(task, said)).await?;
        if let (Tried::Proven { why }, Some(session)) = (&tried, session) {
            self.end_session(&session, why)?;
        }
        Ok(tried)
    }

    /// Gives a task back: its box becomes `[ ]`.
    pub(crate) fn give_back(&mut self, task: &str, why: &str) -> Outcome<Option<Ended>> {
        let plan = Plan::read(&self.place.documents()?);
        match plan.step(task).filter(|step| step.is_leaf) {
            Some(step) if step.state == State::InProgress => {
                agent::Desk::tick(self, task, State::Open, &format!("given back: {why}"))?;
                Ok(None)
            }
            _ => {
                let message = format!("task {task} is not in progress, so there is nothing to give back");
                Ok(Some(Ended { outcome: conversation::Outcome::Failed, message }))
            }
        }
    }

    /// What the files say that the task changed, on record.
    fn handed_in(&mut self, task: &str, said: &str) -> Outcome<Vec<String>> {
        let record = self.record.tasks.get(task).cloned().unwrap_or_default();
        let session = record.session.unwrap_or_default();
        let after = self.snapshot()?;
        let files = self.snapshots.changes(&record.before, &after)?;
        let changed = files.iter().map(|(path, _, _)| path.clone()).collect();
        let mut journal = self.house.store.open_session(&session)?;
        self.note(&mut journal, Event::Noted { text: format!("handed in: {said}") })?;
        journal.close()?;
        let head = journal.head();
        let (task, before) = (task.to_string(), record.before);
        self.happen(Event::Changed { task, session, head, before, after, files, cost: None })?;
        self.journal.sync()?;
        Ok(changed)
    }

    /// A session of its own, so that the evidence has a record to point to, and a run of ours can go on with it.
    fn begin_session(&mut self, id: &str, plan: &Plan, step: &Step, who: &str) -> Outcome<()> {
        let documents = self.place.documents()?;
        let context = plan::context::task_context(&documents, plan, &step.task_id).unwrap_or_default();
        let check = agent::Desk::check_of(self, plan, step);
        let order = agent::TaskOrder { step: step.clone(), context, check, again: None };
        let words = task_words(plan, &order, &self.house.workspace.shown(&self.place.path));
        let root = self.house.workspace.root.to_string_lossy().into_owned();
        let platform = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        let spec = self.place.name.clone();
        let started = Started {
            session: id.to_string(),
            purpose: Purpose::Task { spec: spec.clone(), task: step.task_id.clone() },
            model: format!("outside/{}", who.replace(' ', "-")),
            workspace: root.clone(),
            here: self.house.workspace.here.clone(),
            mode: self.house.mode(&self.flags)?,
            agent: None,
            fragments: vec![
                agent::system(),
                agent::workspace(&root, &self.house.workspace.here, &platform),
                agent::task(&spec, &step.task_id, &words),
            ],
            tools: Vec::new(),
        };
        let mut journal = self.house.store.create_session(id)?;
        self.note(&mut journal, Event::Started(started))?;
        let text = format!("Task {} is carried out by `{who}`, outside of Waypost.", step.task_id);
        self.note(&mut journal, Event::Said { text })?;
        journal.close()?;
        Ok(())
    }

    fn end_session(&mut self, id: &str, why: &str) -> Outcome<()> {
        let mut journal = self.house.store.open_session(id)?;
        let ended = Ended { outcome: conversation::Outcome::Done, message: why.to_string() };
        self.note(&mut journal, Event::Ended(ended))?;
        journal.close()?;
        Ok(())
    }

    fn note(&self, journal: &mut Writer, event: Event) -> Outcome<()> {
        let event = conversation::hide(&self.house.held.firewall, event);
        journal.append(&event).map_err(Error::from)
    }
}

/// What a client says of itself, fit for one line of the record.
fn plain(who: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-/".contains(c);
    let kept: String = who.chars().filter(|c| allowed(*c)).take(WHO_CHARS_MAX).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    if kept.is_empty() { "unknown".to_string() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_of_itself_stays_on_one_line() {
        assert_eq!(plain("claude-code 2.1.3"), "claude-code 2.1.3");
        assert_eq!(plain("a\n[x] task 2\u{1b}[31m"), "ax task 231m");
        assert_eq!(plain("`"), "unknown");
        assert_eq!(plain(&"x".repeat(500)).len(), WHO_CHARS_MAX);
    }
}
