//! What comes next, and which parents are finished with it. Changes no state.

use std::collections::HashSet;

use spec::State;

use crate::read::{Plan, Step};

/// The next step to carry out: the first required leaf that is not done and whose dependencies are, earliest wave
/// first when the graph is valid, in document order otherwise. When open tasks only wait for each other, the first
/// of them. `None` when all required work is done.
pub fn next(plan: &Plan) -> Option<&Step> {
    let finished = finished(plan);
    let open =
        || plan.steps.iter().filter(|step| step.is_leaf && !step.optional && step.state != State::Done);
    let is_free = |step: &&Step| step.depends_on.iter().all(|id| finished.contains(id.as_str()));
    // `min_by_key` keeps the first of equals, so the document's order decides within a wave.
    let wave = |step: &&Step| step.wave.unwrap_or(0);
    open().filter(is_free).min_by_key(wave).or_else(|| open().min_by_key(wave))
}

/// The tasks that are done; a task with sub-tasks also counts when all its required sub-tasks do.
fn finished(plan: &Plan) -> HashSet<&str> {
    let mut finished: HashSet<&str> = HashSet::new();
    let mut has_open_child: HashSet<&str> = HashSet::new();
    let mut has_required_child: HashSet<&str> = HashSet::new();
    // Children stand behind their parent, so from the end each task is known before the one above it.
    for step in plan.steps.iter().rev() {
        let id = step.task_id.as_str();
        let by_children = has_required_child.contains(id) && !has_open_child.contains(id);
        if step.state == State::Done || by_children {
            finished.insert(id);
        }
        if let Some(parent) = step.parent.as_deref().filter(|_| !step.optional) {
            has_required_child.insert(parent);
            if !finished.contains(id) {
                has_open_child.insert(parent);
            }
        }
    }
    finished
}

/// The parents to tick once the step `done_id` is done, innermost first: those whose required children are all done.
/// A parent with optional children only is finished when each of them is done.
pub fn parent_completions(plan: &Plan, done_id: &str) -> Vec<String> {
    let mut done: HashSet<&str> = plan
        .steps
        .iter()
        .filter(|step| step.state == State::Done)
        .map(|step| step.task_id.as_str())
        .collect();
    done.insert(done_id);
    let mut completed = Vec::new();
    let mut next = plan.step(done_id).and_then(|step| step.parent.as_deref());
    while let Some(parent) = next.and_then(|id| plan.step(id)) {
        let children: Vec<&Step> = plan
            .steps
            .iter()
            .filter(|step| step.parent.as_deref() == Some(parent.task_id.as_str()))
            .collect();
        let is_required = |step: &&&Step| !step.optional;
        let has_required = children.iter().any(|step| !step.optional);
        let mut counted = children.iter().filter(|step| !has_required || is_required(step));
        if !counted.all(|step| done.contains(step.task_id.as_str())) {
            break;
        }
        if parent.state != State::Done {
            completed.push(parent.task_id.clone());
        }
        done.insert(&parent.task_id);
        next = parent.parent.as_deref();
    }
    completed
}

/// Parents that are not ticked although every required part of them is: what a run that died between two ticks leaves
/// behind. Innermost first.
pub fn overdue_parents(plan: &Plan) -> Vec<String> {
    let mut overdue: Vec<String> = Vec::new();
    for step in plan.steps.iter().filter(|step| step.is_leaf && step.state == State::Done) {
        for parent in parent_completions(plan, &step.task_id) {
            if !overdue.contains(&parent) {
                overdue.push(parent);
            }
        }
    }
    overdue
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::SpecDocuments;

    fn plan(tasks: &str) -> Plan {
        Plan::read(&SpecDocuments { tasks: Some(tasks.as_bytes().to_vec()), ..SpecDocuments::default() })
    }

    #[track_caller]
    fn check(tasks: &str, expected: Option<&str>) {
        assert_eq!(next(&plan(tasks)).map(|step| step.task_id.as_str()), expected, "{tasks}");
    }

    fn graph(json: &str) -> String {
        format!("\n## Task Dependency Graph\n```json\n{json}\n```\n")
    }

    #[test]
    fn parents_that_were_forgotten() {
        let check =
            |tasks: &str, expected: &[&str]| assert_eq!(overdue_parents(&plan(tasks)), expected, "{tasks}");
        check("- [ ] 1. A\n  - [x] 1.1 B\n  - [ ]* 1.2 C\n- [ ] 2. D\n  - [ ] 2.1 E\n", &["1"]);
        check("- [x] 1. A\n  - [x] 1.1 B\n", &[]);
    }

    #[test]
    fn document_order_among_required_leaves() {
        check("- [ ] 1. A\n  - [x] 1.1 B\n  - [ ]* 1.2 C\n  - [-] 1.3 D\n- [ ] 2. E\n", Some("1.3"));
        check("- [x] 1. A\n- [ ]* 2. B\n", None);
        check("- [~] 1. A\n", Some("1"));
        check("", None);
    }

    #[test]
    fn waves_come_first_when_the_graph_is_valid() {
        let tasks = "- [ ] 1. A\n- [ ] 2. B\n- [ ] 3. C\n";
        let waves = r#"{"waves":[{"id":0,"tasks":["2","3"]},{"id":1,"tasks":["1"]}]}"#;
        check(&format!("{tasks}{}", graph(waves)), Some("2"));
        check(&format!("{}{}", tasks.replace("- [ ] 2", "- [x] 2"), graph(waves)), Some("3"));
        check(&format!("{tasks}{}", graph(r#"{"waves":[{"id":0,"tasks":["2"]}]}"#)), Some("1"));
    }

    #[test]
    fn dependencies_hold_and_rings_do_not_stop_the_run() {
        check("- [ ] 1. A (dep: 2)\n- [ ] 2. B\n", Some("2"));
        check("- [ ] 1. A (dep: 2)\n- [ ] 2. B (dep: 1)\n", Some("1"));
        check("- [ ] 1. A (dep: 2)\n- [ ] 2. B\n  - [x] 2.1 C\n", Some("1"));
    }

    #[test]
    fn parents_are_ticked_with_their_last_required_child() {
        let check = |tasks: &str, done: &str, expected: &[&str]| {
            assert_eq!(parent_completions(&plan(tasks), done), expected, "{tasks}");
        };
        check("- [ ] 1. A\n  - [x] 1.1 B\n  - [ ] 1.2 C\n  - [ ]* 1.3 D\n", "1.2", &["1"]);
        check("- [ ] 1. A\n  - [ ] 1.1 B\n  - [ ] 1.2 C\n", "1.2", &[]);
        check("- [ ] 1. A\n  - [ ] 1.1 B\n    - [ ] 1.1.1 C\n", "1.1.1", &["1.1", "1"]);
        check("- [ ] 1. A\n  - [ ]* 1.1 B\n  - [ ]* 1.2 C\n", "1.1", &[]);
        check("- [ ] 1. A\n", "1", &[]);
        check("- [ ] 1. A\n", "9", &[]);
    }
}
