//! The commands behind the lenses. What touches the world is done by the front door.

use std::sync::Arc;

use lsp_types::{ExecuteCommandParams, MessageType};
use serde_json::Value;

use crate::lens;
use crate::server::{Done, Server};

/// Carries out a task. Arguments: spec, task.
pub(crate) const START_TASK: &str = "waypost.startTask";
/// Says what a tick stands on. Arguments: spec, task. The answer is Markdown.
pub(crate) const VIEW_EVIDENCE: &str = "waypost.viewEvidence";
/// Says how far a requirement is covered. Arguments: spec, requirement.
pub(crate) const SHOW_COVERAGE: &str = "waypost.showCoverage";

/// Every command.
pub(crate) const ALL: [&str; 3] = [START_TASK, VIEW_EVIDENCE, SHOW_COVERAGE];

/// Executes one.
pub(crate) fn execute(server: &Server<'_>, params: ExecuteCommandParams) -> Result<Value, String> {
    let argument =
        |at: usize| params.arguments.get(at).and_then(Value::as_str).unwrap_or_default().to_string();
    let (name, item) = (argument(0), argument(1));
    let spec = server.state.specs.get(&name).ok_or_else(|| format!("there is no spec `{name}`"))?;
    match params.command.as_str() {
        START_TASK => {
            if spec.plan.step(&item).is_none() {
                return Err(format!("there is no task `{item}` in `{name}`"));
            }
            // A task takes minutes; the editor must not wait for it.
            let (host, done) = (Arc::clone(&server.host), server.done.clone());
            std::thread::spawn(move || {
                let (kind, words) = match host.start_task(&name, &item) {
                    Ok(words) => (MessageType::INFO, words),
                    Err(words) => (MessageType::ERROR, words),
                };
                let _ = done.send(Done::Told(kind, words));
            });
            Ok(Value::String("started".to_string()))
        }
        VIEW_EVIDENCE => {
            let evidence = server.host.evidence(&name, &item);
            let words =
                evidence.unwrap_or_else(|| format!("nothing is on record for task {item} of `{name}`"));
            server.tell(MessageType::INFO, words.clone());
            Ok(Value::String(words))
        }
        SHOW_COVERAGE => {
            let words = format!("requirement {item}: {}", lens::coverage(&server.state, spec, &item));
            server.tell(MessageType::INFO, words.clone());
            Ok(Value::String(words))
        }
        other => Err(format!("`{other}` is not a command of this server")),
    }
}
