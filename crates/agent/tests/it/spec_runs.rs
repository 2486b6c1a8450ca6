//! A spec run over a scripted desk: which task comes, what proves it, what stops the run.
#![expect(clippy::unwrap_used, reason = "a harness that fails is a test that fails")]

use agent::{Desk, RunEnd, TaskOrder, TaskWork, run_spec};
use conversation::{Check, Ended, Outcome};
use plan::{Plan, SpecDocuments, Step};
use spec::State;

/// Does what its lists say and writes down what it was asked.
struct Script {
    tasks: String,
    /// How each session ends, and the paths that differ after it.
    works: Vec<(Outcome, Vec<&'static str>)>,
    /// How each check ends.
    exits: Vec<i32>,
    unapproved: Vec<String>,
    covered: &'static str,
    log: Vec<String>,
    /// What a check does to the tasks behind the run's back.
    meddle: fn(&mut Script),
}

impl Desk for Script {
    type Error = String;

    fn documents(&mut self) -> Result<SpecDocuments, String> {
        let tasks = Some(self.tasks.clone().into_bytes());
        Ok(SpecDocuments { name: "s".into(), tasks, ..SpecDocuments::default() })
    }
    fn unapproved(&mut self, _: &SpecDocuments) -> Result<Vec<String>, String> {
        Ok(self.unapproved.clone())
    }
    fn check_of(&self, _: &Plan, step: &Step) -> Option<String> {
        step.check.clone()
    }
    fn covers(&self, command: &str) -> bool {
        command == self.covered
    }
    fn tick(&mut self, task: &str, state: State, why: &str) -> Result<(), String> {
        let bytes = self.tasks.clone().into_bytes();
        let splice = spec::edit::tick(&bytes, task, state).map_err(|error| error.to_string())?;
        let ticked = splice.apply(&bytes).map_err(|error| error.to_string())?;
        self.tasks = String::from_utf8_lossy(&ticked).into_owned();
        self.log.push(format!("[{}] {task} {why}", char::from(state.byte())));
        Ok(())
    }
    async fn work(&mut self, order: &TaskOrder) -> Result<TaskWork, String> {
        let again = order.again.as_deref().map_or("", |_| " again");
        self.log.push(format!("work {}{again}", order.step.task_id));
        let (outcome, changed) = self.works.remove(0);
        let ended = Ended { outcome, message: outcome.name().to_string() };
        Ok(TaskWork { ended, changed: changed.into_iter().map(str::to_string).collect() })
    }
    async fn check(&mut self, task: &str, command: &str) -> Result<Check, String> {
        (self.meddle)(self);
        let (task, command) = (Some(task.to_string()), command.to_string());
        Ok(Check { task, command, exit: Some(self.exits.remove(0)), tail: "E: wrong".into() })
    }
}

const TASKS: &str = "- [ ] 1. Both\n  - [ ] 1.1 Write `a.rs`\n    - _Check: t_\n  - [ ]* 1.2 Maybe\n    - _Check: t_\n- [ ] 2. Write `b.rs`\n  - _Check: t_\n";

fn script(works: Vec<(Outcome, Vec<&'static str>)>, exits: Vec<i32>) -> Script {
    Script {
        tasks: TASKS.into(),
        works,
        exits,
        unapproved: vec![],
        covered: "t",
        log: vec![],
        meddle: |_| {},
    }
}

#[track_caller]
fn check(mut script: Script, only: Option<&str>, expected: (Outcome, &str), log: &[&str]) -> Script {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let RunEnd { outcome, message, .. } = runtime.block_on(run_spec(&mut script, only)).unwrap();
    assert_eq!((outcome, message.as_str()), expected);
    assert_eq!(script.log, log);
    script
}

#[test]
fn tasks_in_order_parents_with_their_last_part() {
    let works = vec![(Outcome::Done, vec!["a.rs"]), (Outcome::Done, vec!["a.rs", "b.rs"])];
    let after = check(
        script(works, vec![0, 0]),
        None,
        (Outcome::Done, "every required task is proven"),
        &[
            "[-] 1.1 work began",
            "work 1.1",
            "[x] 1.1 1 file changed in its scope, `t` is green",
            "[x] 1 all its parts are done",
            "[-] 2 work began",
            "work 2",
            "[x] 2 1 file changed in its scope, `t` is green",
        ],
    );
    assert!(after.tasks.contains("- [ ]* 1.2 Maybe"));
}

#[test]
fn a_task_without_evidence_is_sent_back_and_then_stays_open() {
    let works = vec![(Outcome::Done, vec![]), (Outcome::Done, vec!["a.rs"]), (Outcome::Done, vec!["a.rs"])];
    check(
        script(works, vec![0, 1, 1]),
        None,
        (Outcome::Failed, "task 1.1 stays open: the check `t` ended with exit code 1"),
        &[
            "[-] 1.1 work began",
            "work 1.1",
            "work 1.1 again",
            "work 1.1 again",
            "[ ] 1.1 the check `t` ended with exit code 1",
        ],
    );
}

#[test]
fn a_session_that_stops_leaves_the_task_in_progress() {
    check(
        script(vec![(Outcome::Budget, vec!["a.rs"])], vec![]),
        None,
        (Outcome::Budget, "task 1.1: budget"),
        &["[-] 1.1 work began", "work 1.1"],
    );
}

#[test]
fn nothing_begins_without_approval_or_check() {
    let mut changed = script(vec![], vec![]);
    changed.unapproved = vec!["tasks.md".into()];
    check(changed, None, (Outcome::NeedsAnswer, "not approved as it is now: tasks.md"), &[]);
    let mut uncovered = script(vec![], vec![]);
    uncovered.covered = "other";
    let message = "the approval does not cover the check `t` of task 1.1";
    check(uncovered, None, (Outcome::NeedsAnswer, message), &[]);
    let mut bare = script(vec![], vec![]);
    bare.tasks = "- [ ] 1. Write `a.rs`\n".into();
    let message = "task 1 has no check command, so nothing could prove it";
    check(bare, None, (Outcome::NeedsAnswer, message), &[]);
}

#[test]
fn one_task_by_name_and_nothing_left() {
    let works = vec![(Outcome::Done, vec!["b.rs"])];
    let log = ["[-] 2 work began", "work 2", "[x] 2 1 file changed in its scope, `t` is green"];
    check(script(works, vec![0]), Some("2"), (Outcome::Done, "task 2 is proven"), &log);
    let mut done = script(vec![], vec![]);
    done.tasks = TASKS.replace("[ ]", "[x]");
    check(done, None, (Outcome::Done, "nothing is open"), &[]);
}

#[test]
fn a_box_that_something_else_ticked_stops_the_run() {
    let works = || vec![(Outcome::Done, vec!["a.rs"])];
    let mut ticked = script(works(), vec![0]);
    ticked.meddle = |script| script.tasks = script.tasks.replace("- [ ] 2.", "- [x] 2.");
    let message =
        "the box of task 2 was changed by something else while task 1.1 was worked on; nothing was ticked";
    check(ticked, None, (Outcome::Failed, message), &["[-] 1.1 work began", "work 1.1"]);
    let mut changed = script(works(), vec![0]);
    changed.meddle = |script| script.unapproved = vec!["design.md".into()];
    let message = "not approved as it is now: design.md (changed while task 1.1 was worked on)";
    check(changed, None, (Outcome::NeedsAnswer, message), &["[-] 1.1 work began", "work 1.1"]);
}

#[test]
fn a_parent_that_was_forgotten_is_ticked_first() {
    let mut forgotten = script(vec![], vec![]);
    forgotten.tasks = TASKS.replace("[ ]", "[x]").replacen("[x] 1. Both", "[ ] 1. Both", 1);
    check(forgotten, None, (Outcome::Done, "nothing is open"), &["[x] 1 all its parts are done"]);
}
