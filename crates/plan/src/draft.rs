//! Whether a plan that a model submitted can be taken. Writes no document, asks no model.

use std::collections::{HashMap, HashSet};

use spec::references::normal_id;
use spec::write::{TaskDraft, TasksDraft, leaf_ids};

use crate::problem::{PROBLEMS_MAX, Problem, ProblemKind};

/// Leaf tasks in one plan. The largest real plans have a hundred, and nobody reviews more in one sitting.
pub const TASKS_MAX: usize = 120;

/// Bytes in a title.
pub const TITLE_BYTES_MAX: usize = 200;

/// Bytes in one detail line.
pub const DETAIL_BYTES_MAX: usize = 1_000;

/// Detail lines of one task.
pub const DETAILS_MAX: usize = 20;

/// Paths of one task.
pub const FILES_MAX: usize = 40;

/// Bytes in the overview.
pub const OVERVIEW_BYTES_MAX: usize = 8 * 1024;

/// Bytes in a check command.
pub const CHECK_BYTES_MAX: usize = 500;

/// What is wrong with a submitted plan; empty when it can be taken. `criteria` are the ids that tasks have to cite,
/// so leave out a bug's current-behaviour clauses; `citable` are further ids that tasks may cite.
pub fn check(draft: &TasksDraft, criteria: &[&str], citable: &[&str]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let leaves = leaf_ids(&draft.tasks);
    if leaves.is_empty() {
        let problem = Problem::new(ProblemKind::Empty, None, "the plan has no tasks".to_string());
        problems.push(problem.hint("submit at least one task"));
    }
    if leaves.len() > TASKS_MAX {
        let message = format!("the plan has {} tasks; at most {TASKS_MAX} are taken", leaves.len());
        problems.push(
            Problem::new(ProblemKind::TooLarge, None, message).hint("join small tasks, or split the spec"),
        );
    }
    check_size(None, "overview", &draft.overview, OVERVIEW_BYTES_MAX, &mut problems);
    let tasks = numbered(&draft.tasks);
    for (number, task) in &tasks {
        check_task(number, task, &mut problems);
    }
    check_titles(&tasks, &mut problems);
    check_citations(&tasks, criteria, citable, &mut problems);
    check_waves(draft, &leaves, &mut problems);
    problems.truncate(PROBLEMS_MAX);
    problems
}

/// The problems as one text that tells a model what to change.
pub fn refusal(problems: &[Problem]) -> String {
    let mut out = String::from("the plan was not taken:\n");
    for problem in problems {
        out.push_str(&format!("- {problem}\n"));
    }
    out
}

/// Every task with the number that it would get.
fn numbered(tasks: &[TaskDraft]) -> Vec<(String, &TaskDraft)> {
    let mut out = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let number = (index + 1).to_string();
        let mut open: Vec<&TaskDraft> = task.subtasks.iter().rev().collect();
        let mut count = 0;
        out.push((number.clone(), task));
        while let Some(child) = open.pop() {
            count += 1;
            out.push((format!("{number}.{count}"), child));
            open.extend(child.subtasks.iter().rev());
        }
    }
    out
}

fn check_task(number: &str, task: &TaskDraft, problems: &mut Vec<Problem>) {
    if task.title.trim().is_empty() {
        let message = format!("task `{number}` has no title");
        problems.push(
            Problem::new(ProblemKind::Blank, Some(number), message).hint("say in one line what is done"),
        );
    }
    check_size(Some(number), "title", &task.title, TITLE_BYTES_MAX, problems);
    check_size(Some(number), "check", task.check.as_deref().unwrap_or_default(), CHECK_BYTES_MAX, problems);
    for detail in &task.details {
        check_size(Some(number), "detail", detail, DETAIL_BYTES_MAX, problems);
    }
    for (what, count, max) in
        [("details", task.details.len(), DETAILS_MAX), ("files", task.files.len(), FILES_MAX)]
    {
        if count > max {
            let message = format!("task `{number}` has {count} {what}; at most {max} are taken");
            problems.push(Problem::new(ProblemKind::TooLarge, Some(number), message).hint("split the task"));
        }
    }
    for file in task.files.iter().filter(|file| is_outside(file)) {
        let message = format!("task `{number}` names `{file}`, which is no path inside the repository");
        let problem = Problem::new(ProblemKind::Blank, Some(number), message);
        problems.push(problem.hint("name files relative to the repository"));
    }
}

fn is_outside(file: &str) -> bool {
    let file = file.trim();
    let has_drive = file.as_bytes().get(1) == Some(&b':');
    file.is_empty()
        || file.starts_with(['/', '\\', '~'])
        || has_drive
        || file.split(['/', '\\']).any(|part| part == "..")
}

fn check_size(subject: Option<&str>, what: &str, text: &str, max: usize, problems: &mut Vec<Problem>) {
    if text.len() > max {
        let whose = subject.map(|number| format!("of task `{number}` ")).unwrap_or_default();
        let message = format!("the {what} {whose}has {} bytes; at most {max} are taken", text.len());
        problems.push(Problem::new(ProblemKind::TooLarge, subject, message).hint("say it shorter"));
    }
}

fn check_titles(tasks: &[(String, &TaskDraft)], problems: &mut Vec<Problem>) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (number, task) in tasks {
        let title = task.title.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        // Checkpoints repeat by nature.
        if title.is_empty() || title.starts_with("checkpoint") {
            continue;
        }
        if let Some(first) = seen.get(&title) {
            let message = format!("tasks `{first}` and `{number}` have the same title");
            let problem = Problem::new(ProblemKind::Duplicate, Some(number), message);
            problems.push(problem.hint("say what is different, or join them"));
        } else {
            seen.insert(title, number);
        }
    }
}

fn check_citations(
    tasks: &[(String, &TaskDraft)],
    criteria: &[&str],
    citable: &[&str],
    problems: &mut Vec<Problem>,
) {
    let known: HashSet<String> = criteria.iter().chain(citable).map(|id| normal_id(id)).collect();
    let mut cited: HashSet<String> = HashSet::new();
    for (number, task) in tasks {
        for id in task.requirements.iter().map(|id| normal_id(id)) {
            let stem = format!("{id}.");
            let below: Vec<&String> = known.iter().filter(|known| known.starts_with(&stem)).collect();
            if !known.contains(&id) && below.is_empty() {
                let message = format!("task `{number}` cites `{id}`, which does not exist");
                let problem = Problem::new(ProblemKind::DanglingReference, Some(number), message);
                problems.push(problem.hint(format!("the criteria are {}", shown(criteria))));
            }
            cited.extend(below.into_iter().cloned());
            cited.insert(id);
        }
    }
    for id in criteria.iter().filter(|id| !cited.contains(&normal_id(id))) {
        let message = format!("no task cites criterion `{id}`");
        let problem = Problem::new(ProblemKind::Uncited, Some(id), message);
        problems.push(problem.hint("add it to the task that fulfils it, or add a task"));
    }
}

/// Ids shown in one hint.
const IDS_SHOWN_MAX: usize = 40;

fn shown(ids: &[&str]) -> String {
    let mut names: Vec<String> = ids.iter().take(IDS_SHOWN_MAX).map(|id| format!("`{id}`")).collect();
    if ids.len() > IDS_SHOWN_MAX {
        names.push("…".to_string());
    }
    names.join(", ")
}

fn check_waves(draft: &TasksDraft, leaves: &[String], problems: &mut Vec<Problem>) {
    let Some(waves) = &draft.waves else { return };
    let mut left: HashSet<&str> = leaves.iter().map(String::as_str).collect();
    for id in waves.iter().flatten() {
        if !left.remove(id.as_str()) {
            let message = format!("the waves name `{id}`, which is no leaf task or was named before");
            problems.push(Problem::new(ProblemKind::Graph, Some(id), message));
        }
    }
    for id in leaves.iter().filter(|id| left.contains(id.as_str())) {
        let message = format!("the waves leave out task `{id}`");
        problems.push(Problem::new(ProblemKind::Graph, Some(id), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(title: &str, ids: &[&str]) -> TaskDraft {
        TaskDraft {
            title: title.into(),
            requirements: ids.iter().map(|id| id.to_string()).collect(),
            ..TaskDraft::default()
        }
    }

    #[track_caller]
    fn check(tasks: Vec<TaskDraft>, criteria: &[&str], expected: &[&str]) {
        let draft = TasksDraft { tasks, ..TasksDraft::default() };
        let got: Vec<String> = super::check(&draft, criteria, &[]).into_iter().map(|p| p.message).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn a_good_plan_is_taken() {
        let parent = TaskDraft { subtasks: vec![task("b", &["1.1"]), task("c", &["2"])], ..task("a", &[]) };
        check(vec![parent, task("Checkpoint", &[]), task("Checkpoint", &[])], &["1.1", "2.1", "2.2"], &[]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        check(vec![], &["1.1"], &["the plan has no tasks", "no task cites criterion `1.1`"]);
        check(vec![task("a", &["1.1", "9.9"])], &["1.1"], &["task `1` cites `9.9`, which does not exist"]);
        check(
            vec![task("A b", &["1.1"]), task("a  B", &[])],
            &["1.1"],
            &["tasks `1` and `2` have the same title"],
        );
        check(vec![task(" ", &["1.1"])], &["1.1"], &["task `1` has no title"]);
        check(
            vec![task(&"x".repeat(201), &["1.1"])],
            &["1.1"],
            &["the title of task `1` has 201 bytes; at most 200 are taken"],
        );
        let outside =
            TaskDraft { files: vec!["../x".into(), "/etc".into(), "src/a.rs".into()], ..task("a", &[]) };
        check(
            vec![outside],
            &[],
            &[
                "task `1` names `../x`, which is no path inside the repository",
                "task `1` names `/etc`, which is no path inside the repository",
            ],
        );
        let many = (0..121).map(|n| task(&format!("t{n}"), &[])).collect();
        check(many, &[], &["the plan has 121 tasks; at most 120 are taken"]);
    }

    #[test]
    fn waves_name_every_leaf_once() {
        let waves = Some(vec![vec!["1".to_string(), "1".into()], vec!["7".into()]]);
        let draft =
            TasksDraft { tasks: vec![task("a", &[]), task("b", &[])], waves, ..TasksDraft::default() };
        let got: Vec<String> = super::check(&draft, &[], &[]).into_iter().map(|p| p.message).collect();
        assert_eq!(
            got,
            [
                "the waves name `1`, which is no leaf task or was named before",
                "the waves name `7`, which is no leaf task or was named before",
                "the waves leave out task `2`",
            ]
        );
    }

    #[test]
    fn a_refusal_tells_what_to_do() {
        let problems = super::check(&TasksDraft::default(), &[], &[]);
        assert_eq!(
            refusal(&problems),
            "the plan was not taken:\n- the plan has no tasks (submit at least one task)\n"
        );
    }
}
