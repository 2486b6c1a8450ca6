//! A spec run: task after task of an approved plan, each in a session of its own, ticked only on evidence. Reaches the
//! world through `Desk`; what counts as evidence is `plan`'s to say.

use std::future::Future;

use conversation::{Check, Ended, Outcome};
use plan::context::{TaskContext, task_context};
use plan::evidence::judge;
use plan::schedule;
use plan::{CheckOutcome, Plan, SpecDocuments, Step, Verdict};
use spec::State;

/// How often a task that shows no evidence is sent back into its session before it stays open.
const ATTEMPTS_MAX: u32 = 3;

/// What a spec run needs from outside.
pub trait Desk {
    /// What can go wrong outside.
    type Error;

    /// The documents as they are now.
    ///
    /// # Errors
    /// When they cannot be read.
    fn documents(&mut self) -> Result<SpecDocuments, Self::Error>;

    /// The documents that nobody approved as they are now, by file name.
    ///
    /// # Errors
    /// When the record of approvals cannot be read.
    fn unapproved(&mut self, documents: &SpecDocuments) -> Result<Vec<String>, Self::Error>;

    /// The command that proves this step, wherever it is named, if any.
    fn check_of(&self, plan: &Plan, step: &Step) -> Option<String>;

    /// Whether the approval covers this command.
    fn covers(&self, command: &str) -> bool;

    /// Writes the state byte of a task and why, on record and on disk.
    ///
    /// # Errors
    /// When either could not be written.
    fn tick(&mut self, task: &str, state: State, why: &str) -> Result<(), Self::Error>;

    /// Says that work on a task is about to begin. Gives why it must not.
    fn task_begins(&mut self, _step: &Step) -> impl Future<Output = Result<Option<String>, Self::Error>> {
        std::future::ready(Ok(None))
    }

    /// Says that work on a task ended, and whether it is proven.
    fn task_ended(&mut self, _step: &Step, _proven: bool) -> impl Future<Output = Result<(), Self::Error>> {
        std::future::ready(Ok(()))
    }

    /// Carries the task out in its session, beginning or going on, and finds what it has changed since it began.
    fn work(&mut self, order: &TaskOrder) -> impl Future<Output = Result<TaskWork, Self::Error>>;

    /// Runs a check command.
    fn check(&mut self, task: &str, command: &str) -> impl Future<Output = Result<Check, Self::Error>>;
}

/// A task to carry out.
#[derive(Clone, Debug)]
pub struct TaskOrder {
    /// The step of the plan.
    pub step: Step,
    /// Exactly what the task cites.
    pub context: TaskContext,
    /// The command that will prove it.
    pub check: Option<String>,
    /// What is missing, when the task comes back.
    pub again: Option<String>,
}

/// What a session did for a task.
#[derive(Clone, Debug)]
pub struct TaskWork {
    /// How the session came to rest.
    pub ended: Ended,
    /// Paths that differ from before the task began.
    pub changed: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// What came of it.
    pub outcome: Outcome,
    /// In a sentence.
    pub message: String,
    /// The tasks that were worked on, and whether each was proven.
    pub tasks: Vec<(String, bool)>,
}

/// Carries out the open required tasks in order, or only the one that is named, until all are proven or one is not.
///
/// # Errors
/// What the desk could not do.
pub async fn run_spec<D: Desk>(desk: &mut D, only: Option<&str>) -> Result<RunEnd, D::Error> {
    let mut tasks = Vec::new();
    loop {
        // Read anew for each task: a person may have changed a document meanwhile, and then it counts.
        let documents = desk.documents()?;
        let plan = Plan::read(&documents);
        let unapproved = desk.unapproved(&documents)?;
        if !unapproved.is_empty() {
            let message = format!("not approved as it is now: {}", unapproved.join(", "));
            return Ok(RunEnd { outcome: Outcome::NeedsAnswer, message, tasks });
        }
        for parent in schedule::overdue_parents(&plan) {
            desk.tick(&parent, State::Done, "all its parts are done")?;
        }
        let next = match only {
            Some(task) => plan.step(task).filter(|step| step.is_leaf && step.state != State::Done),
            None => schedule::next(&plan),
        };
        let Some(step) = next.cloned() else {
            let message = if tasks.is_empty() { "nothing is open" } else { "every required task is proven" };
            return Ok(RunEnd { outcome: Outcome::Done, message: message.to_string(), tasks });
        };
        if let Some(message) = desk.task_begins(&step).await? {
            let message = format!("task {} was not begun: {message}", step.task_id);
            return Ok(RunEnd { outcome: Outcome::Denied, message, tasks });
        }
        let ended = carry_out(desk, &documents, &plan, &step).await?;
        desk.task_ended(&step, ended.outcome == Outcome::Done).await?;
        tasks.push((step.task_id.clone(), ended.outcome == Outcome::Done));
        if ended.outcome != Outcome::Done {
            return Ok(RunEnd { outcome: ended.outcome, message: ended.message, tasks });
        }
        if only.is_some() {
            let message = format!("task {} is proven", step.task_id);
            return Ok(RunEnd { outcome: Outcome::Done, message, tasks });
        }
    }
}

/// One task from open to proven, or to what is missing.
async fn carry_out<D: Desk>(
    desk: &mut D,
    documents: &SpecDocuments,
    plan: &Plan,
    step: &Step,
) -> Result<Ended, D::Error> {
    let command = match provable(desk, plan, step) {
        Ok(command) => command,
        Err(ended) => return Ok(ended),
    };
    if step.state != State::InProgress {
        desk.tick(&step.task_id, State::InProgress, "work began")?;
    }
    let context = task_context(documents, plan, &step.task_id).unwrap_or_default();
    let mut order = TaskOrder { step: step.clone(), context, check: Some(command.clone()), again: None };
    let mut attempt = 1;
    loop {
        let work = desk.work(&order).await?;
        if work.ended.outcome != Outcome::Done {
            // The task stays in progress: the session can be resumed.
            return Ok(Ended {
                message: format!("task {}: {}", step.task_id, work.ended.message),
                ..work.ended
            });
        }
        let (why, tail) = match prove(desk, plan, step, &command, &work.changed).await? {
            Tried::Proven { why } => return Ok(Ended { outcome: Outcome::Done, message: why }),
            Tried::Stopped(ended) => return Ok(ended),
            Tried::Open { why, tail } => (why, tail),
        };
        if attempt == ATTEMPTS_MAX {
            desk.tick(&step.task_id, State::Open, &why)?;
            return Ok(Ended {
                outcome: Outcome::Failed,
                message: format!("task {} stays open: {why}", step.task_id),
            });
        }
        attempt += 1;
        order.again = Some(format!(
            "[Waypost: the task is not proven yet: {why}\nThe check `{command}` printed at its end:\n{tail}\n\
             Find the cause and finish the task.]"
        ));
    }
}

/// What came of looking at the work on a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It is proven, and its box is ticked.
    Proven {
        /// The evidence in a sentence.
        why: String,
    },
    /// Something is missing; its box stays.
    Open {
        /// What is missing.
        why: String,
        /// The end of what the check printed.
        tail: String,
    },
    /// Nothing could be looked at, or may be ticked.
    Stopped(Ended),
}

/// The command that can prove this task, covered by the approval. Known before any money is spent: without it nothing
/// could ever be ticked.
pub(crate) fn provable<D: Desk>(desk: &D, plan: &Plan, step: &Step) -> Result<String, Ended> {
    let message = match desk.check_of(plan, step) {
        Some(command) if desk.covers(&command) => return Ok(command),
        Some(command) => {
            format!("the approval does not cover the check `{command}` of task {}", step.task_id)
        }
        None => format!("task {} has no check command, so nothing could prove it", step.task_id),
    };
    Err(Ended { outcome: Outcome::NeedsAnswer, message })
}

/// Runs the check of a task whose work changed these paths, judges, and ticks when it is proven.
pub(crate) async fn prove<D: Desk>(
    desk: &mut D,
    plan: &Plan,
    step: &Step,
    command: &str,
    changed: &[String],
) -> Result<Tried, D::Error> {
    let ran = desk.check(&step.task_id, command).await?;
    if let Some(ended) = tampered(desk, plan, step)? {
        return Ok(Tried::Stopped(ended));
    }
    let outcome = CheckOutcome::read(command, ran.exit, &ran.tail);
    let verdict = judge(step, changed, Some(&outcome));
    let why = words(&verdict);
    if !verdict.is_proven() {
        return Ok(Tried::Open { why, tail: ran.tail });
    }
    desk.tick(&step.task_id, State::Done, &why)?;
    for parent in schedule::parent_completions(plan, &step.task_id) {
        desk.tick(&parent, State::Done, "all its parts are done")?;
    }
    Ok(Tried::Proven { why })
}

/// What a session or a check did to the spec itself: nothing may be ticked in documents that nobody approved, and no
/// box may have been ticked but by this run.
fn tampered<D: Desk>(desk: &mut D, plan: &Plan, step: &Step) -> Result<Option<Ended>, D::Error> {
    let documents = desk.documents()?;
    let unapproved = desk.unapproved(&documents)?;
    if !unapproved.is_empty() {
        let changed = unapproved.join(", ");
        let message = format!(
            "not approved as it is now: {changed} (changed while task {} was worked on)",
            step.task_id
        );
        return Ok(Some(Ended { outcome: Outcome::NeedsAnswer, message }));
    }
    let now = Plan::read(&documents);
    let expected = |was: &Step| if was.task_id == step.task_id { State::InProgress } else { was.state };
    let strange = plan.steps.iter().find(|was| {
        let state = now.step(&was.task_id).map(|is| is.state);
        // A parent may have been completed at the beginning of this round.
        was.is_leaf && state != Some(expected(was))
    });
    Ok(strange.map(|was| Ended {
        outcome: Outcome::Failed,
        message: format!(
            "the box of task {} was changed by something else while task {} was worked on; nothing was ticked",
            was.task_id, step.task_id
        ),
    }))
}

/// The judgement in a sentence, for the record and the person.
fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Open { why, .. } => why.clone(),
        Verdict::Proven { files, check, .. } if files.is_empty() => format!("`{check}` is green"),
        Verdict::Proven { files, check, .. } => {
            let noun = if files.len() == 1 { "file" } else { "files" };
            format!("{} {noun} changed in its scope, `{check}` is green", files.len())
        }
    }
}
