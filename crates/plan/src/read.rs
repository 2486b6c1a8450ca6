//! Documents to plan: steps, the criteria they cite, and what does not fit. Chooses no next step.

use std::collections::{HashMap, HashSet};

use spec::bugfix::ClauseKind;
use spec::references::normal_id;
use spec::waves::Wave;
use spec::{Criterion, Diagnostic, State, Task, Tasks};

use crate::documents::{Shape, SpecDocuments};
use crate::problem::{PROBLEMS_MAX, Problem, ProblemKind};
use crate::reading::Reading;

/// One task as the plan sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The task's address in its document; what `spec::edit::tick` takes.
    pub task_id: String,
    /// The number as written; the address when none is written.
    pub number: String,
    /// The words behind the number.
    pub title: String,
    /// Number and title as written: Kiro's identity of the task.
    pub label: String,
    /// What the box says.
    pub state: State,
    /// Skipped unless asked for.
    pub optional: bool,
    /// Has no sub-tasks, so it is work.
    pub is_leaf: bool,
    /// Only asks whether everything holds.
    pub is_checkpoint: bool,
    /// The `task_id` of the task above.
    pub parent: Option<String>,
    /// Cited criteria with their text; `None` when the criterion does not exist. Citing a whole requirement cites
    /// each of its criteria.
    pub criteria: Vec<(String, Option<String>)>,
    /// Paths that the task names: its scope. Empty when it names none.
    pub files: Vec<String>,
    /// The command that proves it: its own, else the plan's.
    pub check: Option<String>,
    /// `task_id`s that must be done before, as the task itself says.
    pub depends_on: Vec<String>,
    /// Position in the dependency graph, when the graph is valid and this is a leaf.
    pub wave: Option<usize>,
}

/// A criterion and the tasks that cite it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanCriterion {
    /// As cited.
    pub id: String,
    /// The statement.
    pub text: String,
    /// A defect that is only described; no task has to cite it.
    pub is_described_only: bool,
    /// `task_id`s in document order.
    pub cited_by: Vec<String>,
}

/// What the documents mean together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The spec's name.
    pub name: String,
    /// The title of the tasks, else of the single file or the requirements.
    pub title: String,
    /// Every task in document order.
    pub steps: Vec<Step>,
    /// Every criterion in document order.
    pub criteria: Vec<PlanCriterion>,
    /// The command that proves the whole spec.
    pub check: Option<String>,
    /// The dependency graph names every required leaf once (checkpoints may be left out) and nothing else.
    pub has_valid_graph: bool,
    /// What does not fit, at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// What the readers of the documents found odd, as (file name, diagnostic).
    pub diagnostics: Vec<(String, Diagnostic)>,
}

impl Plan {
    /// Reads any documents; missing ones leave their part empty.
    pub fn read(documents: &SpecDocuments) -> Plan {
        Plan::of(&Reading::of(documents.clone()))
    }

    /// The same, from documents that were read already.
    pub fn of(reading: &Reading) -> Plan {
        let none = Tasks::default();
        let tasks = reading.tasks.as_ref().unwrap_or(&none);
        let mut plan = Plan { name: reading.documents.name.clone(), ..Plan::default() };
        match reading.documents.shape {
            Shape::Single => read_single(reading, &mut plan),
            Shape::Folder => read_folder(reading, &mut plan),
        }
        report_encoding(&reading.documents, &mut plan);
        report_duplicates(tasks, &mut plan);
        plan.steps = steps(tasks, &mut plan);
        read_graph(tasks.waves.as_deref(), &mut plan);
        report_cycles(&mut plan);
        report_uncited(&mut plan);
        plan.problems.truncate(PROBLEMS_MAX);
        plan
    }

    /// The step with that address.
    pub fn step(&self, task_id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.task_id == task_id)
    }

    /// The ids of the criteria that tasks have to cite.
    pub fn criteria_to_cite(&self) -> impl Iterator<Item = &str> {
        self.criteria
            .iter()
            .filter(|criterion| !criterion.is_described_only)
            .map(|criterion| criterion.id.as_str())
    }
}

fn read_single(reading: &Reading, plan: &mut Plan) {
    let Some(single) = &reading.single else { return };
    plan.title.clone_from(&single.title);
    plan.check.clone_from(&single.check);
    plan.criteria = single.requirements.iter().map(|criterion| to_cite(criterion, false)).collect();
    let file = reading.documents.tasks_file();
    plan.diagnostics = single.diagnostics.iter().map(|found| (file.clone(), found.clone())).collect();
}

fn read_folder(reading: &Reading, plan: &mut Plan) {
    let mut note = |file: &str, found: &[Diagnostic]| {
        plan.diagnostics.extend(found.iter().map(|found| (file.to_string(), found.clone())));
    };
    if let Some(read) = &reading.requirements {
        plan.criteria.extend(read.criteria().map(|criterion| to_cite(criterion, false)));
        note("requirements.md", &read.diagnostics);
    }
    if let Some(read) = &reading.bugfix {
        let clauses = read.clauses.iter();
        plan.criteria
            .extend(clauses.map(|clause| to_cite(&clause.criterion, clause.kind == ClauseKind::Current)));
        note("bugfix.md", &read.diagnostics);
    }
    if let Some(read) = &reading.design {
        plan.title.clone_from(&read.title);
        plan.check.clone_from(&read.check);
        note("design.md", &read.diagnostics);
    }
    if let Some(tasks) = &reading.tasks {
        if !tasks.title.is_empty() {
            plan.title.clone_from(&tasks.title);
        }
        plan.check = plan.check.take().or_else(|| tasks.check.clone());
        note("tasks.md", &tasks.diagnostics);
    }
}

fn report_encoding(documents: &SpecDocuments, plan: &mut Plan) {
    let single = documents.tasks_file();
    let parts = [
        ("requirements.md", &documents.requirements),
        ("bugfix.md", &documents.bugfix),
        ("design.md", &documents.design),
        ("tasks.md", &documents.tasks),
        (&single, &documents.single),
    ];
    for (file, bytes) in parts {
        let found = bytes.as_deref().and_then(spec::diagnostic::encoding);
        plan.diagnostics.extend(found.map(|found| (file.to_string(), found)));
    }
}

fn to_cite(criterion: &Criterion, is_described_only: bool) -> PlanCriterion {
    PlanCriterion {
        id: criterion.id.clone(),
        text: criterion.text.clone(),
        is_described_only,
        cited_by: Vec::new(),
    }
}

fn report_duplicates(tasks: &Tasks, plan: &mut Plan) {
    let mut seen = HashSet::new();
    for criterion in &plan.criteria {
        if !seen.insert(criterion.id.as_str()) {
            let message = format!("criterion `{}` exists twice; citing it means the first", criterion.id);
            plan.problems.push(Problem::new(ProblemKind::Duplicate, Some(&criterion.id), message));
        }
    }
    for task in &tasks.tasks {
        if let Some(number) = task.number.as_deref().filter(|number| *number != task.id) {
            let message = format!("task number `{number}` is used more than once");
            let problem = Problem::new(ProblemKind::Duplicate, Some(&task.id), message);
            plan.problems.push(problem.hint(format!("this one is addressed as `{}`", task.id)));
        }
    }
}

fn steps(tasks: &Tasks, plan: &mut Plan) -> Vec<Step> {
    let ids = Ids::of(&plan.criteria);
    let known: HashSet<&str> = tasks.tasks.iter().map(|task| task.id.as_str()).collect();
    let last = tasks.tasks.last().map(|task| task.id.clone()).unwrap_or_default();
    let mut steps = Vec::with_capacity(tasks.tasks.len());
    for task in &tasks.tasks {
        let criteria = cited(task, &ids, plan);
        for missing in task.depends_on.iter().filter(|id| !known.contains(id.as_str())) {
            let message = format!("task `{}` depends on `{missing}`, which does not exist", task.id);
            let problem = Problem::new(ProblemKind::Dependency, Some(&task.id), message);
            plan.problems.push(problem.hint(format!("tasks in this spec end at `{last}`")));
        }
        steps.push(Step {
            task_id: task.id.clone(),
            number: task.number.clone().unwrap_or_else(|| task.id.clone()),
            title: task.title.clone(),
            label: task.label.clone(),
            state: task.state,
            optional: task.optional,
            is_leaf: task.is_leaf(),
            is_checkpoint: task.is_checkpoint,
            parent: task.parent.and_then(|at| tasks.tasks.get(at)).map(|parent| parent.id.clone()),
            criteria,
            files: task.files.clone(),
            check: task.check.clone().or_else(|| plan.check.clone()),
            depends_on: task.depends_on.iter().filter(|id| known.contains(id.as_str())).cloned().collect(),
            wave: None,
        });
    }
    steps
}

/// Where the criteria stand, by what a task may write.
struct Ids {
    /// Position of the first criterion with an id.
    exact: HashMap<String, usize>,
    /// Positions of the criteria below a requirement: `1` for `1.1` and `1.2`.
    below: HashMap<String, Vec<usize>>,
}

impl Ids {
    fn of(criteria: &[PlanCriterion]) -> Ids {
        let mut ids = Ids { exact: HashMap::new(), below: HashMap::new() };
        for (index, criterion) in criteria.iter().enumerate() {
            let id = normal_id(&criterion.id);
            let mut stem = id.as_str();
            while let Some((above, _)) = stem.rsplit_once('.') {
                ids.below.entry(above.to_string()).or_default().push(index);
                stem = above;
            }
            ids.exact.entry(id).or_insert(index);
        }
        ids
    }
}

fn cited(task: &Task, ids: &Ids, plan: &mut Plan) -> Vec<(String, Option<String>)> {
    let mut hits: Vec<usize> = Vec::new();
    let mut dangling = Vec::new();
    if task.requires_all {
        hits.extend(0..plan.criteria.len());
    }
    for reference in &task.requirements {
        let reference = normal_id(reference);
        // `1` names requirement 1 with all its criteria; in a single file it also names item 1 itself.
        let before = hits.len();
        hits.extend(ids.exact.get(&reference));
        hits.extend(ids.below.get(&reference).into_iter().flatten());
        if hits.len() == before {
            dangling.push(reference);
        }
    }
    let mut seen = HashSet::new();
    hits.retain(|index| seen.insert(*index));
    let mut out = Vec::new();
    for index in hits {
        let Some(criterion) = plan.criteria.get_mut(index) else { continue };
        criterion.cited_by.push(task.id.clone());
        out.push((criterion.id.clone(), Some(criterion.text.clone())));
    }
    for reference in dangling {
        let message = format!("task `{}` cites `{reference}`, which does not exist", task.id);
        let mut problem = Problem::new(ProblemKind::DanglingReference, Some(&task.id), message);
        if let Some(last) = plan.criteria.last() {
            problem = problem.hint(format!("criteria in this spec end at `{}`", last.id));
        }
        plan.problems.push(problem);
        out.push((reference, None));
    }
    out
}

fn read_graph(waves: Option<&[Wave]>, plan: &mut Plan) {
    let Some(waves) = waves else { return };
    let known: HashSet<&str> = plan.steps.iter().map(|step| step.task_id.as_str()).collect();
    let mut place: HashMap<&str, usize> = HashMap::new();
    let mut problems = Vec::new();
    for wave in waves {
        for id in &wave.tasks {
            if !known.contains(id.as_str()) {
                let message = format!("the dependency graph names task `{id}`, which does not exist");
                problems.push(Problem::new(ProblemKind::Graph, Some(id), message));
            } else if place.insert(id.as_str(), wave.number).is_some() {
                let message = format!("the dependency graph names task `{id}` twice");
                problems.push(Problem::new(ProblemKind::Graph, Some(id), message));
            }
        }
    }
    for step in plan.steps.iter().filter(|step| step.is_leaf && !step.optional && !step.is_checkpoint) {
        if !place.contains_key(step.task_id.as_str()) {
            let message = format!("the dependency graph leaves out task `{}`", step.task_id);
            problems.push(Problem::new(ProblemKind::Graph, Some(&step.task_id), message));
        }
    }
    plan.has_valid_graph = problems.is_empty();
    if let Some(first) = problems.first_mut() {
        first.hint = Some("until this is mended, tasks run in document order".to_string());
    }
    if plan.has_valid_graph {
        // Real graphs leave out checkpoints and optional tasks: those wait for every task above them.
        let mut latest = 0;
        for step in plan.steps.iter_mut().filter(|step| step.is_leaf) {
            let wave = place.get(step.task_id.as_str()).copied().unwrap_or(latest);
            latest = latest.max(wave);
            step.wave = Some(wave);
        }
    }
    plan.problems.extend(problems);
}

/// Kahn's algorithm over what the tasks themselves say; whatever is left waits for itself.
fn report_cycles(plan: &mut Plan) {
    let mut waiting: HashMap<&str, usize> = HashMap::new();
    let mut followers: HashMap<&str, Vec<&str>> = HashMap::new();
    for step in &plan.steps {
        waiting.insert(&step.task_id, step.depends_on.len());
        for before in &step.depends_on {
            followers.entry(before).or_default().push(&step.task_id);
        }
    }
    let mut free: Vec<&str> = waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        waiting.remove(id);
        for follower in followers.remove(id).unwrap_or_default() {
            if let Some(count) = waiting.get_mut(follower) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    free.push(follower);
                }
            }
        }
    }
    let stuck: Vec<&Step> =
        plan.steps.iter().filter(|step| waiting.contains_key(step.task_id.as_str())).collect();
    let ids: Vec<String> = stuck.iter().map(|step| format!("`{}`", step.task_id)).collect();
    if let Some(first) = stuck.first() {
        let message = format!("these tasks wait for each other: {}", ids.join(", "));
        let problem = Problem::new(ProblemKind::Dependency, Some(&first.task_id), message);
        plan.problems.push(problem.hint("they run in document order"));
    }
}

fn report_uncited(plan: &mut Plan) {
    if plan.steps.is_empty() {
        return;
    }
    let uncited = plan
        .criteria
        .iter()
        .filter(|criterion| criterion.cited_by.is_empty() && !criterion.is_described_only);
    let problems: Vec<Problem> = uncited
        .map(|criterion| {
            let message = format!("no task cites criterion `{}`", criterion.id);
            let problem = Problem::new(ProblemKind::Uncited, Some(&criterion.id), message);
            problem.hint(format!("add `_Requirements: {}_` to the task that fulfils it", criterion.id))
        })
        .collect();
    plan.problems.extend(problems);
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
