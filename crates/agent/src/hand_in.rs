//! A task that somebody outside carries out, such as another agent: taken up, handed in, ticked on the same evidence as a task
//! of a spec run. Starts no session.

use conversation::{Ended, Outcome};
use plan::{Plan, Step};
use spec::State;

use crate::spec_run::{Desk, Tried, provable, prove};

/// How many tasks are named to whoever names a wrong one.
const LEAVES_TOLD_MAX: usize = 100;

/// Says that work on a task begins: its box becomes `[-]`. Gives the step, or why the work would be in vain.
///
/// # Errors
/// What the desk could not do.
pub fn take_up<D: Desk>(desk: &mut D, task: &str, who: &str) -> Result<Result<Step, Ended>, D::Error> {
    let plan = match approved(desk)? {
        Ok(plan) => plan,
        Err(ended) => return Ok(Err(ended)),
    };
    let step = match leaf(&plan, task) {
        Ok(step) => step,
        Err(ended) => return Ok(Err(ended)),
    };
    if let Err(ended) = provable(desk, &plan, &step) {
        return Ok(Err(ended));
    }
    if step.state != State::InProgress {
        desk.tick(task, State::InProgress, &format!("work began, by {who}"))?;
    }
    Ok(Ok(step))
}

/// Looks at work that was done on a task in progress: what it changed, what its check says. Ticks it when that proves it.
///
/// # Errors
/// What the desk could not do.
pub async fn hand_in<D: Desk>(
    desk: &mut D,
    task: &str,
    changed: impl FnOnce(&mut D) -> Result<Vec<String>, D::Error>,
) -> Result<Tried, D::Error> {
    let plan = match approved(desk)? {
        Ok(plan) => plan,
        Err(ended) => return Ok(Tried::Stopped(ended)),
    };
    let step = match leaf(&plan, task) {
        Ok(step) => step,
        Err(ended) => return Ok(Tried::Stopped(ended)),
    };
    let command = match provable(desk, &plan, &step) {
        Ok(command) => command,
        Err(ended) => return Ok(Tried::Stopped(ended)),
    };
    if step.state != State::InProgress {
        let message = format!("nobody said that work on task {task} began, so what it changed is not known");
        return Ok(Tried::Stopped(Ended { outcome: Outcome::NeedsAnswer, message }));
    }
    let changed = changed(desk)?;
    prove(desk, &plan, &step, &command, &changed).await
}

/// The plan, when the documents are approved as they are.
fn approved<D: Desk>(desk: &mut D) -> Result<Result<Plan, Ended>, D::Error> {
    let documents = desk.documents()?;
    let plan = Plan::read(&documents);
    let unapproved = desk.unapproved(&documents)?;
    if unapproved.is_empty() {
        return Ok(Ok(plan));
    }
    let message = format!("not approved as it is now: {}", unapproved.join(", "));
    Ok(Err(Ended { outcome: Outcome::NeedsAnswer, message }))
}

fn leaf(plan: &Plan, task: &str) -> Result<Step, Ended> {
    let message = match plan.step(task) {
        Some(step) if step.is_leaf => return Ok(step.clone()),
        Some(_) => {
            format!("task {task} is made of parts; take up one of them, and it is ticked with the last")
        }
        None => {
            let leaves = plan.steps.iter().filter(|step| step.is_leaf);
            let leaves: Vec<&str> = leaves.map(|step| step.task_id.as_str()).take(LEAVES_TOLD_MAX).collect();
            format!("the spec `{}` has no task `{task}`; its tasks are: {}", plan.name, leaves.join(", "))
        }
    };
    Err(Ended { outcome: Outcome::Failed, message })
}
