//! The tool `process`: reads and stops commands in the background, and reads outputs that were kept whole.
#![expect(clippy::disallowed_methods, reason = "finds out where the scratch directory really is")]

use std::sync::Arc;
use std::time::Duration;

use conversation::{
    Call, CallResult, Later, Recovery, Status, Tool, ToolContext, ToolDescription, ToolError,
};
use policy::{Permit, Request};
use sandbox::State;
use serde::{Deserialize, Serialize};

use crate::processes::{Processes, is_id, output_path, tell_end, whole_lines};
use crate::shell::with_what_it_reached;
use crate::{files, input, processes, read};

const DESCRIPTION: &str = "Read or stop a background command, or read a long output, by the id that `shell` \
    gave. Reads what is new, after up to `wait` seconds; or, given `offset` or \
    `limit`, lines of all.";

const SCHEMA: &str = r#"{"type":"object","properties":{"id":{"type":"string"},"action":{"type":"string","enum":["read","stop"]},"wait":{"type":"integer"},"offset":{"type":"integer"},"limit":{"type":"integer"}},"required":["id"]}"#;

/// How much new output a call gives.
const OUTPUT_BYTES_MAX: usize = 16 * 1024;

/// How long a call waits at most, in seconds.
const WAIT_S_MAX: u64 = 60;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Arguments {
    #[serde(alias = "process_id", alias = "pid")]
    id: String,
    #[serde(default)]
    action: Action,
    #[serde(default, deserialize_with = "input::number", skip_serializing_if = "Option::is_none")]
    wait: Option<u64>,
    #[serde(default, deserialize_with = "input::number", skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(default, deserialize_with = "input::number", skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Action {
    #[default]
    Read,
    #[serde(alias = "kill")]
    Stop,
}

/// Reads and stops what `shell` started.
pub(crate) struct Process(pub(crate) Arc<Processes>);

impl Tool for Process {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "process".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        false
    }

    fn request(&self, call: &Call, _context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let id = input::parse::<Arguments>(call)?.id;
        if is_id(&id) {
            // It reaches only what a permitted command left behind.
            return Ok(Vec::new());
        }
        Err(ToolError(format!("`{}` is no id that `shell` gave", crate::paths::shorten(&id))))
    }

    fn understood(&self, call: &Call) -> Option<String> {
        input::understood::<Arguments>(call)
    }

    fn run<'a>(
        &'a self,
        _permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move { run(&self.0, call, context).await.unwrap_or_else(|failed| failed) })
    }

    fn recover(&self, _call: &Call, _context: &ToolContext<'_>) -> Recovery {
        // Reading again is harmless, and what was to be stopped ended with the session that started it.
        Recovery::Again
    }
}

async fn run(
    processes: &Processes,
    call: &Call,
    context: &ToolContext<'_>,
) -> Result<CallResult, CallResult> {
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    let arguments: Arguments = input::parse_or_fail(call)?;
    let id = Some(arguments.id.as_str()).filter(|id| is_id(id));
    let id = id.ok_or_else(|| fail("that is no id that `shell` gave".to_string()))?;
    let Some(running) = processes.take(id) else {
        return ended_earlier(processes, id, &arguments, call, context);
    };
    // Whatever happens while it is waited for, the command goes back to the others.
    let mut held = Borrowed { processes, id, held: Some(running) };
    let Some(processes::Held { running, confined }) = held.held.as_mut() else {
        return Err(fail(format!("`{id}` is gone")));
    };
    let wait = Duration::from_secs(arguments.wait.unwrap_or(0).min(WAIT_S_MAX));
    let state = match arguments.action {
        Action::Stop => running.stop(),
        Action::Read => running.wait_at_most(wait).await,
    };
    let text = if arguments.offset.is_some() || arguments.limit.is_some() {
        lines(id, &arguments, context).map_err(fail)?
    } else {
        match running.read_new(OUTPUT_BYTES_MAX).map_err(|error| fail(error.to_string()))? {
            (text, 0) => text,
            (text, skipped) => format!("[{skipped} bytes skipped; `offset` reads them]\n{text}"),
        }
    };
    let told = confined.wishes.tell(&text, matches!(state, State::Ended { .. }));
    let state = match state {
        State::Running => "[running]".to_string(),
        State::Ended { exit, signal } => tell_end(exit, signal),
    };
    let result = CallResult::new(&call.id, Status::Done, format!("{}{told}{state}", whole_lines(text)));
    Ok(with_what_it_reached(result, confined))
}

struct Borrowed<'a> {
    processes: &'a Processes,
    id: &'a str,
    held: Option<processes::Held>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            self.processes.put(self.id, held);
        }
    }
}

/// The output of a command that is no longer there: it ran to its end, or another session started it.
fn ended_earlier(
    processes: &Processes,
    id: &str,
    arguments: &Arguments,
    call: &Call,
    context: &ToolContext<'_>,
) -> Result<CallResult, CallResult> {
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    let text = lines(id, arguments, context).map_err(|_| {
        let known = processes.ids();
        let known = if known.is_empty() { "nothing".to_string() } else { known.join(", ") };
        fail(format!("there is no output `{id}`; in the background: {known}"))
    })?;
    if matches!(arguments.action, Action::Stop) {
        let text = format!("`{id}` has ended already; there is nothing to stop");
        return Ok(CallResult::new(&call.id, Status::Done, text));
    }
    let ended = if id.starts_with('p') { "[ended earlier]" } else { "" };
    Ok(CallResult::new(&call.id, Status::Done, format!("{}{ended}", whole_lines(text))))
}

/// Lines of a whole output.
fn lines(id: &str, arguments: &Arguments, context: &ToolContext<'_>) -> Result<String, String> {
    let scratch = context.scratch.canonicalize().map_err(|error| error.to_string())?;
    let found = files::load(&output_path(&scratch, id)).map_err(|error| error.tell(id))?;
    let text = String::from_utf8_lossy(&found.bytes);
    if text.is_empty() {
        return Ok(String::new());
    }
    read::cut(&text, arguments.offset, arguments.limit).map_err(|why| format!("`{id}` {why}"))
}
