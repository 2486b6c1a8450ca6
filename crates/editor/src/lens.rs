//! The lines that an editor shows above tasks and requirements: start it, see its evidence, how far it is covered.

use lsp_types::{CodeLens, CodeLensParams, Command};
use plan::occurrences::{Item, Role};
use serde_json::json;
use spec::State as TaskState;
use spec::references::normal_id;

use crate::commands;
use crate::convert::range_of;
use crate::locate;
use crate::state::{SpecState, State};

/// The lenses of a document.
pub(crate) fn lenses(state: &State, params: &CodeLensParams) -> Option<Vec<CodeLens>> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let file = spec.file_name(file);
    let bytes = spec.bytes(&file)?;
    let lines = state.lines(&path, bytes);
    let mut found = Vec::new();
    for one in spec.occurrences.iter().filter(|one| one.role == Role::Definition && one.file == file) {
        let range = range_of(&lines, bytes, one.span);
        let name = &spec.place.name;
        let mut push = |title: String, command: &str, arguments: Vec<serde_json::Value>| {
            let command = Command { title, command: command.to_string(), arguments: Some(arguments) };
            found.push(CodeLens { range, command: Some(command), data: None });
        };
        match &one.item {
            Item::Task(id) => {
                let Some(step) = spec.plan.step(id).filter(|step| step.is_leaf) else { continue };
                if step.state != TaskState::Done {
                    push("Start task".to_string(), commands::START_TASK, vec![json!(name), json!(id)]);
                }
                if step.state != TaskState::Open {
                    push("View evidence".to_string(), commands::VIEW_EVIDENCE, vec![json!(name), json!(id)]);
                }
            }
            Item::Requirement(id) => {
                let title = coverage(state, spec, id);
                push(title, commands::SHOW_COVERAGE, vec![json!(name), json!(id)]);
            }
            _ => {}
        }
    }
    Some(found)
}

/// `3 criteria: 2 in tasks, 1 done, 1 in tests`
pub(crate) fn coverage(state: &State, spec: &SpecState, requirement: &str) -> String {
    let read = spec.reading.requirements.as_ref();
    let one =
        read.and_then(|read| read.requirements.iter().find(|one| normal_id(&one.number) == *requirement));
    let ids: Vec<String> = one.into_iter().flat_map(|one| &one.criteria).map(|c| normal_id(&c.id)).collect();
    let cited = |id: &String| spec.plan.criteria.iter().find(|criterion| normal_id(&criterion.id) == *id);
    let tasks = |id: &String| cited(id).map(|criterion| criterion.cited_by.as_slice()).unwrap_or_default();
    let is_done = |id: &&String| {
        let steps = tasks(id).iter().filter_map(|task| spec.plan.step(task));
        !tasks(id).is_empty() && steps.into_iter().all(|step| step.state == TaskState::Done)
    };
    let in_tests = |id: &&String| locate::tagged(state, spec, &Item::Criterion((*id).clone())).is_empty();
    format!(
        "{} criteria: {} in tasks, {} done, {} in tests",
        ids.len(),
        ids.iter().filter(|id| !tasks(id).is_empty()).count(),
        ids.iter().filter(is_done).count(),
        ids.iter().filter(in_tests).count()
    )
}
