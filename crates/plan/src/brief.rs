//! The review brief: for each task what changed, which criteria it was for, and what its check said. Renders
//! nothing, measures nothing.

use std::collections::{HashMap, HashSet};

use spec::State;

use crate::evidence::{CheckOutcome, Verdict, judge};
use crate::read::Plan;

/// What a task changed in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Path relative to the repository.
    pub path: String,
    /// Hunks in the diff.
    pub hunks: usize,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
}

/// What is on record about one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRecord {
    /// Its address.
    pub task_id: String,
    /// Its changes.
    pub files: Vec<FileChange>,
    /// How its check ended, if it ran.
    pub check: Option<CheckOutcome>,
    /// What the models cost, in millionths of a US dollar; `None` when the price is not known.
    pub cost_micro_usd: Option<u64>,
}

/// One task of the brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskBrief {
    /// Its address.
    pub task_id: String,
    /// Its words.
    pub title: String,
    /// What the box says.
    pub state: State,
    /// Cited criteria with their text; `None` when the criterion does not exist.
    pub criteria: Vec<(String, Option<String>)>,
    /// Its changes.
    pub files: Vec<FileChange>,
    /// How its check ended, if it ran.
    pub check: Option<CheckOutcome>,
    /// In millionths of a US dollar.
    pub cost_micro_usd: Option<u64>,
    /// The judgement over it; `None` when nothing is on record.
    pub verdict: Option<Verdict>,
}

/// Everything a reviewer should see first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewBrief {
    /// The spec's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The leaf tasks in document order.
    pub tasks: Vec<TaskBrief>,
    /// Criteria that no proven task fulfils, as (id, text).
    pub uncovered: Vec<(String, String)>,
    /// Files that were changed outside every scope, each once, in order.
    pub out_of_scope: Vec<String>,
    /// The known costs together, in millionths of a US dollar.
    pub cost_micro_usd: u64,
    /// Tasks whose cost is not known although something is on record.
    pub tasks_without_cost: usize,
}

/// Builds the brief from the plan and what is on record. Records of unknown tasks are left out.
pub fn build(plan: &Plan, records: &[TaskRecord]) -> ReviewBrief {
    let by_id: HashMap<&str, &TaskRecord> =
        records.iter().map(|record| (record.task_id.as_str(), record)).collect();
    let mut brief =
        ReviewBrief { name: plan.name.clone(), title: plan.title.clone(), ..ReviewBrief::default() };
    let mut covered: HashSet<&str> = HashSet::new();
    for step in plan.steps.iter().filter(|step| step.is_leaf) {
        let record = by_id.get(step.task_id.as_str());
        let verdict = record.map(|record| {
            let paths: Vec<String> = record.files.iter().map(|file| file.path.clone()).collect();
            judge(step, &paths, record.check.as_ref())
        });
        if verdict.as_ref().is_some_and(Verdict::is_proven) {
            covered.extend(step.criteria.iter().map(|(id, _)| id.as_str()));
        }
        if let Some(Verdict::Proven { out_of_scope, .. } | Verdict::Open { out_of_scope, .. }) = &verdict {
            for file in out_of_scope {
                if !brief.out_of_scope.contains(file) {
                    brief.out_of_scope.push(file.clone());
                }
            }
        }
        let cost = record.and_then(|record| record.cost_micro_usd);
        brief.cost_micro_usd = brief.cost_micro_usd.saturating_add(cost.unwrap_or(0));
        brief.tasks_without_cost += usize::from(record.is_some() && cost.is_none());
        brief.tasks.push(TaskBrief {
            task_id: step.task_id.clone(),
            title: step.title.clone(),
            state: step.state,
            criteria: step.criteria.clone(),
            files: record.map(|record| record.files.clone()).unwrap_or_default(),
            check: record.and_then(|record| record.check.clone()),
            cost_micro_usd: cost,
            verdict,
        });
    }
    let uncovered = plan.criteria.iter().filter(|c| !c.is_described_only && !covered.contains(c.id.as_str()));
    brief.uncovered = uncovered.map(|criterion| (criterion.id.clone(), criterion.text.clone())).collect();
    brief
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::SpecDocuments;

    #[test]
    fn a_brief_names_what_is_proven_and_what_is_not() {
        let bytes = |text: &str| Some(text.as_bytes().to_vec());
        let plan = Plan::read(&SpecDocuments {
            name: "limit".into(),
            requirements: bytes("### Requirement 1: A\n1. a\n2. b\n3. c\n"),
            tasks: bytes(
                "- [x] 1. T `src/a.rs`\n  - _Requirements: 1.1_\n- [x] 2. U\n  - _Requirements: 1.2_\n- [ ] 3. V\n",
            ),
            ..SpecDocuments::default()
        });
        let change = |path: &str| FileChange { path: path.into(), hunks: 1, added: 2, removed: 3 };
        let record = |id: &str, files, exit_code, cost_micro_usd| TaskRecord {
            task_id: id.into(),
            files,
            check: Some(CheckOutcome::read("t", Some(exit_code), "")),
            cost_micro_usd,
        };
        let brief = build(
            &plan,
            &[
                record("1", vec![change("src/a.rs"), change("b.rs")], 0, Some(1_500)),
                record("2", vec![change("c.rs")], 1, None),
                record("9", vec![], 0, Some(7)),
            ],
        );
        let verdicts: Vec<_> =
            brief.tasks.iter().map(|t| t.verdict.as_ref().map(Verdict::is_proven)).collect();
        assert_eq!(verdicts, [Some(true), Some(false), None]);
        let uncovered: Vec<_> = brief.uncovered.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(uncovered, ["1.2", "1.3"]);
        assert_eq!(brief.out_of_scope, ["b.rs"]);
        assert_eq!((brief.cost_micro_usd, brief.tasks_without_cost), (1_500, 1));
    }
}
