//! The lines that an editor shows above tasks and requirements: start it, see its evidence, how far it is covered.

use std::collections::HashMap;

use lsp_types::{CodeLens, CodeLensParams, Command};
use plan::occurrences::{Item, Role};
use plan::{PlanCriterion, Step};
use serde_json::json;
use spec::State as TaskState;
use spec::references::normal_id;
use spec::requirements::Requirement;

use crate::commands;
use crate::convert::range_of;
use crate::document::SpecState;
use crate::locate;
use crate::state::State;

/// Lenses of one document.
const LENSES_MAX: usize = 2_000;

/// The lenses of a document.
pub(crate) fn lenses(state: &State, params: &CodeLensParams) -> Option<Vec<CodeLens>> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let file = spec.file_name(file);
    let bytes = spec.bytes(&file)?;
    let lines = state.lines(&path, bytes);
    let coverage = Coverage::of(state, &spec);
    let root = state.root.to_string_lossy().into_owned();
    let mut found = Vec::new();
    for one in spec.within(&file).iter().filter(|one| one.role == Role::Definition) {
        if found.len() >= LENSES_MAX {
            break;
        }
        let range = range_of(&lines, bytes, one.span);
        let name = &spec.place.name;
        let mut push = |title: String, command: &str, id: &str| {
            // The folder goes last, so that a person who types the command can leave it out.
            let arguments = vec![json!(name), json!(id), json!(root)];
            let command = Command { title, command: command.to_string(), arguments: Some(arguments) };
            found.push(CodeLens { range, command: Some(command), data: None });
        };
        match &one.item {
            Item::Task(id) => {
                let Some(step) = coverage.steps.get(id.as_str()).filter(|step| step.is_leaf) else {
                    continue;
                };
                if step.state != TaskState::Done {
                    push("Start task".to_string(), commands::START_TASK, id);
                }
                if step.state != TaskState::Open {
                    push("View evidence".to_string(), commands::VIEW_EVIDENCE, id);
                }
            }
            Item::Requirement(id) => push(coverage.words(id), commands::SHOW_COVERAGE, id),
            _ => {}
        }
    }
    Some(found)
}

/// How far requirements are covered.
pub(crate) struct Coverage<'s> {
    state: &'s State,
    spec: &'s SpecState,
    requirements: HashMap<String, &'s Requirement>,
    criteria: HashMap<String, &'s PlanCriterion>,
    steps: HashMap<&'s str, &'s Step>,
}

impl<'s> Coverage<'s> {
    pub(crate) fn of(state: &'s State, spec: &'s SpecState) -> Coverage<'s> {
        let requirements = spec.reading.requirements.iter().flat_map(|read| &read.requirements);
        Coverage {
            state,
            spec,
            requirements: requirements.map(|one| (normal_id(&one.number), one)).collect(),
            criteria: spec.plan.criteria.iter().map(|one| (normal_id(&one.id), one)).collect(),
            steps: spec.plan.steps.iter().map(|step| (step.task_id.as_str(), step)).collect(),
        }
    }

    /// `3 criteria: 2 in tasks, 1 done, 1 in tests`
    pub(crate) fn words(&self, requirement: &str) -> String {
        let one = self.requirements.get(requirement);
        let ids: Vec<String> =
            one.into_iter().flat_map(|one| &one.criteria).map(|criterion| normal_id(&criterion.id)).collect();
        let tasks =
            |id: &String| self.criteria.get(id).map(|one| one.cited_by.as_slice()).unwrap_or_default();
        let is_done = |id: &&String| {
            let mut steps = tasks(id).iter().filter_map(|task| self.steps.get(task.as_str()));
            !tasks(id).is_empty() && steps.all(|step| step.state == TaskState::Done)
        };
        let is_tagged =
            |id: &&String| !locate::tagged(self.state, self.spec, &Item::Criterion((*id).clone())).is_empty();
        let criteria = match ids.len() {
            1 => "1 criterion".to_string(),
            count => format!("{count} criteria"),
        };
        format!(
            "{criteria}: {} in tasks, {} done, {} in tests",
            ids.iter().filter(|id| !tasks(id).is_empty()).count(),
            ids.iter().filter(is_done).count(),
            ids.iter().filter(is_tagged).count()
        )
    }
}
