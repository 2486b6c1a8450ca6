//! What a model is told of servers, tools and answers; long texts go to a file that it can read on in. Calls nothing.
#![expect(clippy::disallowed_methods, reason = "a long answer is kept whole in the scratch directory")]

use std::io::Write as _;

use conversation::ToolContext;

use crate::answer::ANSWER_BYTES_MAX;
use crate::remote::Sees;
use crate::search;
use crate::servers::{Servers, Status};

/// Numbers tried for a file.
const NUMBERS_MAX: u32 = 100_000;

/// The first number: those before belong to the outputs of commands.
const NUMBER_FIRST: u32 = 500_000;

/// The text, or its beginning with a word where the whole of it is.
pub(crate) fn cut(text: String, context: &ToolContext<'_>, what: &str) -> String {
    if text.len() <= ANSWER_BYTES_MAX {
        return text;
    }
    let end = text.floor_char_boundary(ANSWER_BYTES_MAX);
    let end =
        text.get(..end).and_then(|head| head.rfind('\n')).filter(|at| at * 2 > end).map_or(end, |at| at + 1);
    let head = text.get(..end).unwrap_or_default();
    let left_out = text.len() - head.len();
    let line = head.matches('\n').count() + 1;
    let on = match keep(&text, context) {
        Some(id) => format!("; `process` with id {id} and offset {line} reads on"),
        None => String::new(),
    };
    format!(
        "{}\n[{left_out} bytes of the {what} left out from line {line} on{on}]",
        head.trim_end_matches('\n')
    )
}

/// Keeps a text beside the outputs of commands, without values.
fn keep(text: &str, context: &ToolContext<'_>) -> Option<String> {
    std::fs::create_dir_all(context.scratch).ok()?;
    for number in NUMBER_FIRST..NUMBER_FIRST + NUMBERS_MAX {
        let id = format!("o{number}");
        let path = context.scratch.join(format!("{id}.log"));
        match std::fs::OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(mut file) => return file.write_all(context.secrecy.hide(text).as_bytes()).ok().map(|()| id),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(_) => return None,
        }
    }
    None
}

/// The tools that fit the words, with their schemas; without words the servers, or all tools of one by name.
pub(crate) fn found(servers: &Servers, sees: &Sees, query: &str, only: Option<&str>, most: usize) -> String {
    let entries = servers.entries();
    let known: Vec<_> = entries
        .iter()
        .filter(|entry| only.is_none_or(|only| entry.name == only) && sees(&entry.name, None))
        .filter(|entry| servers.status(&entry.name) != Some(Status::Disabled))
        .filter_map(|entry| {
            let mut known = servers.known(&entry.name).unwrap_or_default();
            let is_unknown = known.tools.is_empty();
            known.tools.retain(|tool| sees(&entry.name, Some(&tool.name)));
            (is_unknown || !known.tools.is_empty()).then_some((entry.name.as_str(), known))
        })
        .collect();
    let mut text = String::new();
    if query.trim().is_empty() && only.is_none() {
        for (name, known) in &known {
            let status = servers.status(name).map(|status| status.word().to_string()).unwrap_or_default();
            let tools = match known.tools.len() {
                0 => "tools not known yet; name it in `server` to start it".to_string(),
                count => format!("{count} tools"),
            };
            text.push_str(&format!("{name}: {status}, {tools}\n"));
        }
        return text;
    }
    let all = known.iter().flat_map(|(name, known)| known.tools.iter().map(|tool| (*name, tool)));
    let chosen: Vec<_> = match query.trim().is_empty() {
        true => all.collect(),
        false => search::find(query, all, most),
    };
    for (server, tool) in chosen {
        text.push_str(&format!("{server} / {}: {}\n{}\n\n", tool.name, tool.description.trim(), tool.schema));
    }
    if text.is_empty() {
        text.push_str("no tool fits; other words, or a server by name, may find one\n");
    }
    for (name, known) in &known {
        if known.changed.closes() {
            let changed = known.changed.tell();
            let entry = entries.iter().find(|entry| entry.name == *name);
            let words = entry.map_or_else(|| name.to_string(), crate::config::Entry::words);
            text.push_str(&format!(
                "{name}: closed until a person runs `waypost mcp accept {words}` ({changed})\n"
            ));
        } else if known.tools.is_empty() && only.is_none() {
            text.push_str(&format!("{name}: its tools are not known yet; name it in `server` to start it\n"));
        }
    }
    text
}

impl Status {
    /// The word for a person.
    pub fn word(&self) -> &'static str {
        match self {
            Status::Off => "off",
            Status::Disabled => "disabled",
            Status::Starting => "starting",
            Status::Ready => "ready",
            Status::Failed(_) => "failed",
            Status::NeedsLogin => "needs login",
            Status::Stopped => "stopped",
        }
    }
}
