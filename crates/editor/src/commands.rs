//! The commands behind the lenses. What touches the world is done by the front door.

use std::sync::Arc;

use lsp_server::RequestId;
use lsp_types::{ExecuteCommandParams, MessageType};
use serde_json::Value;

use crate::document::FILES;
use crate::lens::Coverage;
use crate::server::{Done, Server};
use crate::state::State;

/// Carries out a task. Arguments: spec, task, folder.
pub(crate) const START_TASK: &str = "waypost.startTask";
/// Says what a tick stands on. Arguments: spec, task, folder. The answer is Markdown.
pub(crate) const VIEW_EVIDENCE: &str = "waypost.viewEvidence";
/// Says how far a requirement is covered. Arguments: spec, requirement, folder.
pub(crate) const SHOW_COVERAGE: &str = "waypost.showCoverage";

/// Every command.
pub(crate) const ALL: [&str; 3] = [START_TASK, VIEW_EVIDENCE, SHOW_COVERAGE];

/// Tasks that are carried out at once.
const RUNNING_MAX: usize = 4;

/// Executes one. `None`: the answer comes later, from the background.
pub(crate) fn execute(
    server: &mut Server<'_>,
    id: &RequestId,
    params: &ExecuteCommandParams,
) -> Result<Option<Value>, String> {
    let argument = |at: usize| params.arguments.get(at).and_then(Value::as_str);
    if !ALL.contains(&params.command.as_str()) {
        return Err(format!("`{}` is not a command of this server", params.command));
    }
    let (Some(name), Some(item)) = (argument(0), argument(1)) else {
        return Err(format!("`{}` wants a spec and an item, both as text", params.command));
    };
    let mut having = server.folders.iter().filter(|state| {
        state.place(name).is_some() && argument(2).is_none_or(|root| state.root.to_str() == Some(root))
    });
    let state = match (having.next(), having.next()) {
        (Some(state), None) => state,
        (None, _) => return Err(format!("there is no spec `{name}`")),
        (Some(_), Some(_)) => {
            return Err(format!("more than one folder has a spec `{name}`; name the folder"));
        }
    };
    let Some(spec) = state.full(name) else { return Err(format!("there is no spec `{name}`")) };
    let (root, name, item) = (state.root.clone(), name.to_string(), item.to_string());
    if params.command == SHOW_COVERAGE {
        let words = format!("requirement {item}: {}", Coverage::of(state, &spec).words(&item));
        server.tell(MessageType::INFO, words.clone());
        return Ok(Some(Value::String(words)));
    }
    if spec.plan.step(&item).is_none() {
        return Err(format!("there is no task `{item}` in `{name}`"));
    }
    let (host, done) = (Arc::clone(&server.host), server.done.clone());
    if params.command == VIEW_EVIDENCE {
        // The record lies on disk and may be long.
        let id = id.clone();
        in_background("evidence", move || {
            let evidence = host.evidence(&root, &name, &item);
            let words =
                evidence.unwrap_or_else(|| format!("nothing is on record for task {item} of `{name}`"));
            let _ = done.send(Done::Told(MessageType::INFO, words.clone()));
            let _ = done.send(Done::Answered(id, Value::String(words)));
        })?;
        return Ok(None);
    }
    if let Some(file) = unsaved(state, &spec) {
        return Err(format!("`{file}` is not saved; a task is carried out as the documents are on disk"));
    }
    if server.running >= RUNNING_MAX {
        return Err(format!("{RUNNING_MAX} tasks are being carried out; wait for one of them"));
    }
    // A task takes minutes; the editor must not wait for it.
    in_background("task", move || {
        let (kind, words) = match host.start_task(&root, &name, &item) {
            Ok(words) => (MessageType::INFO, words),
            Err(words) => (MessageType::ERROR, words),
        };
        let _ = done.send(Done::Told(kind, words));
        let _ = done.send(Done::Ran);
    })?;
    server.running += 1;
    Ok(Some(Value::String("started".to_string())))
}

/// A document of the spec that the editor shows otherwise than it is on disk.
fn unsaved(state: &State, spec: &crate::document::SpecState) -> Option<String> {
    let is_unsaved = |file: &&str| {
        let path = spec.path(file);
        let Some(buffer) = state.buffers.get(&path) else { return false };
        !matches!(index::place::read(&path), Ok(Some(bytes)) if bytes == buffer.bytes)
    };
    FILES.into_iter().find(|file| is_unsaved(file)).map(|file| spec.file_name(file))
}

fn in_background(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let started = std::thread::Builder::new().name(name.to_string()).spawn(work);
    started.map(drop).map_err(|error| format!("no thread could be started: {error}"))
}
