//! The two faces of a command: words for a person, or a stream of typed events. Both show the same things.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use agent::{Face, Notice, Question};
use conversation::{Delta, Event as Happened, HookEnd, Later, Outcome, Status};
use policy::Answer;

use crate::commands::session_show::hooked_line;
use crate::error::Error;
use crate::events::{self, Event};
use crate::exit::Exit;
use crate::input::Lines;
use crate::term::{Style, Term, glimpse, marked, one_line, text_line};

/// How many characters of a call's arguments or result one line shows.
const GLIMPSE_CHARS: usize = 100;

/// How many characters a status line has: it must not wrap, or it cannot be rewritten.
const STATUS_CHARS: usize = 70;

/// Shows what happens and asks what has to be asked.
pub(crate) struct Screen {
    /// Where it is shown.
    pub(crate) term: Term,
    /// Typed answers.
    pub(crate) lines: Lines,
    /// Held by whoever asks, where several could.
    pub(crate) asking: tokio::sync::Mutex<()>,
    json: bool,
    interactive: bool,
    streams: bool,
    person: String,
    /// The tool and the gist of each call of the last answer, by the call's id.
    calls: Mutex<BTreeMap<String, (String, String)>>,
}

impl Screen {
    /// A screen; `interactive` when a person can answer, `json` for the event stream.
    pub(crate) fn new(term: Term, json: bool, interactive: bool, person: String) -> Screen {
        let interactive = interactive && !json;
        let (streams, calls) = (false, Mutex::default());
        let asking = tokio::sync::Mutex::default();
        Screen { term, lines: Lines::default(), asking, json, interactive, streams, person, calls }
    }

    /// The screen with its event stream begun, for a command that streams. One that lists writes a document instead.
    pub(crate) fn begun(mut self, streams: bool) -> Screen {
        self.streams = streams;
        if streams {
            let waypost = env!("CARGO_PKG_VERSION").to_string();
            self.event(&Event::Hello { version: events::VERSION, waypost });
        }
        self
    }

    /// Ends the event stream, if one was begun.
    pub(crate) fn end(&self, exit: Exit) {
        if self.streams {
            self.event(&Event::End { exit_code: exit.code() });
        }
    }

    /// Tells an error with its next steps.
    pub(crate) fn error(&self, error: &Error) {
        if self.json {
            let (message, hints) = (error.cause.clone(), error.hints.clone());
            self.event(&Event::Error { message, hints, exit_code: error.exit.code() });
            return;
        }
        self.term.note(&format!("{} {}", self.term.style(Style::Red, "error:"), marked(&error.cause)));
        for hint in &error.hints {
            self.term.note(&format!("{} {}", self.term.style(Style::Bold, " hint:"), marked(hint)));
        }
    }

    /// Writes the document of a listing: JSON of `rows`, or the lines that `words` makes.
    pub(crate) fn document<T: serde::Serialize>(&self, rows: &T, words: impl FnOnce(&T) -> String) {
        if self.json {
            if let Ok(text) = serde_json::to_string_pretty(rows) {
                self.term.line(&text);
            }
        } else {
            let text = words(rows);
            if !text.is_empty() {
                self.term.line(text.trim_end());
            }
        }
    }

    /// The person at the keyboard.
    pub(crate) fn person(&self) -> &str {
        &self.person
    }

    /// Whether a person can answer.
    pub(crate) fn interactive(&self) -> bool {
        self.interactive
    }

    /// Whether events are written instead of words.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Writes one event; nothing when words are shown. Of a listing it goes to the error stream: who reads the document expects
    /// nothing beside it.
    pub(crate) fn event(&self, event: &Event) {
        let Ok(line) = serde_json::to_string(event) else { return };
        match (self.json, self.streams) {
            (true, true) => self.term.line(&line),
            (true, false) => self.term.note(&line),
            (false, _) => {}
        }
    }

    /// Says something that a person should know, in either form. In words it is one line, whatever names are in it.
    pub(crate) fn notice(&self, text: &str) {
        self.noted(text, &one_line(text));
    }

    /// The same with what others said in several lines: those behind the first are marked.
    pub(crate) fn notice_lines(&self, text: &str) {
        self.noted(text, &marked(text.trim_end()));
    }

    fn noted(&self, text: &str, shown: &str) {
        if self.json {
            self.event(&Event::Notice { text: text.to_string() });
        } else {
            self.term.note(&format!("{} {shown}", self.term.style(Style::Yellow, "note:")));
        }
    }

    /// Writes a line of words to the error stream; nothing in the event stream.
    pub(crate) fn progress(&self, style: Style, text: &str) {
        if !self.json {
            self.term.note(&self.term.style(style, &one_line(text)));
        }
    }

    /// The same with what others wrote in several lines: each is marked.
    pub(crate) fn progress_lines(&self, style: Style, text: &str) {
        text.lines().for_each(|line| self.progress(style, &format!("  | {line}")));
    }

    /// Asks yes or no. `None` when nobody can answer.
    pub(crate) async fn confirm(&self, question: &str) -> Option<bool> {
        if !self.interactive {
            return None;
        }
        self.term.prompt(&format!("{} [y/n] ", self.term.style(Style::Bold, &one_line(question))));
        let line = self.lines.next().await?;
        Some(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    fn words(&self, happened: &Happened) {
        match happened {
            Happened::Answered(answered) => {
                self.term.end_line();
                let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
                calls.clear();
                for block in &answered.blocks {
                    if let conversation::Block::Call(call) = block {
                        calls.insert(call.id.clone(), (call.tool.clone(), gist(call.input.text())));
                        let gist = gist(call.input.text());
                        self.progress(Style::Dim, &format!("→ {} {gist}", call.tool));
                    }
                }
            }
            Happened::Finished(result) => {
                let style = match result.status {
                    Status::Done => Style::Dim,
                    Status::Failed => Style::Yellow,
                    Status::Denied => Style::Red,
                };
                let mark = if result.status == Status::Done { "←" } else { "✗" };
                let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
                let (tool, gist) = calls.get(&result.call).map_or(("", ""), |(tool, gist)| (tool, gist));
                let told = match result.status {
                    Status::Done | Status::Failed => outcome_of(tool, &result.text),
                    Status::Denied => result.text.clone(),
                };
                // Results of calls that ran together come in any order: say which call each answers.
                let which = match tool {
                    "read" | "list" | "glob" | "grep" => format!("{tool} {}: ", glimpse(gist, GLIMPSE_CHARS / 2)),
                    _ => String::new(),
                };
                self.progress(style, &format!("{mark} {which}{}", glimpse(&told, GLIMPSE_CHARS)));
            }
            Happened::Sent(sent) => self.term.status(&format!("  waiting for the model (turn {})", sent.turn)),
            // The message itself ends the session and is told then, or another try follows.
            Happened::ModelFailed { kind, .. } => {
                if let Some(step) = events::step_after(*kind) {
                    self.progress(Style::Yellow, step);
                }
            }
            Happened::Steered { fragments } => {
                let names: Vec<&str> = fragments.iter().map(conversation::Fragment::name).collect();
                self.progress(Style::Dim, &format!("steering in force from here: {}", names.join(", ")));
            }
            Happened::Hooked(hooked) => {
                let style = match hooked.end {
                    HookEnd::Done => Style::Dim,
                    HookEnd::Blocked | HookEnd::Failed | HookEnd::Cut | HookEnd::Interrupted => Style::Yellow,
                    HookEnd::Denied => Style::Red,
                };
                self.term.end_line();
                self.progress(style, &format!("⚑ {}", hooked_line(hooked)));
            }
            Happened::Compacted(_) => self.progress(Style::Dim, "the conversation was summarised to make room"),
            Happened::Ended(ended) if ended.outcome != Outcome::Done => self.term.end_line(),
            Happened::Repaired { bytes } => self.notice(&format!(
                "a torn record of {bytes} bytes at the end of the journal was set aside; everything before it is whole"
            )),
            _ => {}
        }
    }
}

impl Face for Screen {
    fn show(&self, notice: Notice<'_>) {
        match notice {
            Notice::Event(happened) if self.json => {
                events::of(happened).iter().for_each(|event| self.event(event));
            }
            Notice::Event(happened) => self.words(happened),
            Notice::Delta(delta) if self.json => {
                events::of_delta(delta).iter().for_each(|event| self.event(event));
            }
            Notice::Told { text } => self.notice_lines(text),
            Notice::Delta(Delta::Text(text)) => self.term.words(text),
            Notice::Delta(Delta::Retry { why, wait_ms }) => {
                self.progress(
                    Style::Yellow,
                    &format!("{why}; asking again in {:.1} s", *wait_ms as f64 / 1000.0),
                );
            }
            Notice::Delta(Delta::Reasoning(_) | Delta::Call { .. }) => {}
            Notice::Output { call, text } if self.json => {
                self.event(&Event::Output { call: call.to_string(), text: text.to_string() });
            }
            Notice::Output { text, .. } => {
                let last = text.lines().rev().find(|line| !line.trim().is_empty());
                self.term.status(&format!("  {}", glimpse(last.unwrap_or(""), STATUS_CHARS)));
            }
        }
    }

    fn choose<'a>(&'a self, question: &'a str, labels: &'a [String]) -> Later<'a, Option<usize>> {
        Box::pin(async move {
            if !self.interactive {
                return None;
            }
            self.term.note(&self.term.style(Style::Bold, &one_line(question)));
            for (number, label) in labels.iter().enumerate() {
                self.term.note(&format!("  {} {}", number + 1, one_line(label)));
            }
            loop {
                self.term.prompt("which? its number, or n for none: ");
                let line = self.lines.next().await?;
                match line.trim() {
                    "n" | "no" | "" => return None,
                    number => {
                        let chosen = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                        if let Some(chosen) = chosen.filter(|chosen| *chosen < labels.len()) {
                            return Some(chosen);
                        }
                    }
                }
            }
        })
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Later<'a, Option<Answer>> {
        Box::pin(async move {
            if !self.interactive {
                return None;
            }
            self.term.note(&self.term.style(Style::Bold, &format!("{} wants to", one_line(&question.tool))));
            let shown = wanted(question, false);
            shown.iter().for_each(|line| self.term.note(line));
            let reason = format!("  ({})", one_line(&question.decision.reason));
            self.term.note(&self.term.style(Style::Dim, &reason));
            loop {
                let what = if question.tool == "shell" { "this command" } else { "this file" };
                self.term.prompt(&format!(
                    "allow? [y]es, [n]o, [a]lways {what} in this session, [v]iew all of it: "
                ));
                let line = self.lines.next().await?;
                let (yes, always) = match line.trim().to_lowercase().as_str() {
                    "y" | "yes" => (true, false),
                    "a" | "always" => (true, true),
                    "n" | "no" => (false, false),
                    "v" | "view" => {
                        wanted(question, true).iter().for_each(|line| self.term.note(line));
                        continue;
                    }
                    _ => continue,
                };
                return Some(Answer { yes, always, by: self.person.clone() });
            }
        })
    }
}

/// The one argument that says most about a call, or all of them on one line.
pub(crate) fn gist(input: &str) -> String {
    const TELLING: [&str; 7] = ["command", "cmd", "pattern", "path", "file_path", "id", "overview"];
    let value: serde_json::Value = serde_json::from_str(input).unwrap_or_default();
    let telling = TELLING.iter().find_map(|name| value.get(name).and_then(|value| value.as_str()));
    let all = || input.split_whitespace().collect::<Vec<_>>().join(" ");
    glimpse(&telling.map_or_else(all, str::to_string), GLIMPSE_CHARS)
}

/// What a result comes to, on one line: how much was read or found, how a command ended.
fn outcome_of(tool: &str, text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match (tool, lines.as_slice()) {
        ("read" | "list" | "glob" | "grep", [_, .., _]) => format!("{} lines", text.lines().count()),
        ("shell", [.., said, exit]) if exit.starts_with("exit ") => format!("{exit}: {}", said.trim()),
        ("shell", [.., last]) => last.trim().to_string(),
        _ => text.to_string(),
    }
}

/// An edit as what goes and what comes.
fn diff(edit: &serde_json::Value) -> Vec<String> {
    let side = |names: [&str; 3], mark: char| {
        let text =
            names.iter().find_map(|name| edit.get(name)).and_then(|value| value.as_str()).unwrap_or("");
        text.lines().map(|line| format!("{mark} {line}")).collect::<Vec<_>>()
    };
    let old = side(["old_text", "old", "old_string"], '-');
    let new = side(["new_text", "new", "new_string"], '+');
    std::iter::once("@@".to_string()).chain(old).chain(new).collect()
}

/// What a call wants, as a person can judge it: every line begins with a mark that the call cannot write, and what is
/// left out is counted. `all` leaves nothing out.
fn wanted(question: &Question, all: bool) -> Vec<String> {
    const LINES_MAX: usize = 24;
    let mut lines = Vec::new();
    for request in &question.requests {
        lines.push(format!("{}:", request.capability.name()));
        lines.extend(request.target.shown().lines().map(str::to_string));
    }
    let pretty = serde_json::from_str::<serde_json::Value>(&question.input).unwrap_or_default();
    for (name, value) in pretty.as_object().into_iter().flatten() {
        if let (Some(edits), "edits") = (value.as_array(), name.as_str()) {
            edits.iter().for_each(|edit| lines.extend(diff(edit)));
            continue;
        }
        // The command and the path are what was asked for; they stand above.
        if !matches!(name.as_str(), "command" | "path" | "file_path" | "cmd") {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
            lines.push(format!("{name}:"));
            lines.extend(text.lines().map(str::to_string));
        }
    }
    let marked = |line: &String| format!("  | {}", text_line(line));
    if all || lines.len() <= LINES_MAX {
        return lines.iter().map(marked).collect();
    }
    // Head and tail: what runs last must not be hidden by what stands first, nor the other way round.
    let left_out = lines.len() - LINES_MAX;
    let head = lines.iter().take(LINES_MAX / 2).map(marked);
    let tail = lines.iter().skip(LINES_MAX / 2 + left_out).map(marked);
    let gap = std::iter::once(format!("  … {left_out} lines are not shown here; `v` shows them …"));
    head.chain(gap).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_shown_as_what_goes_and_what_comes() {
        let edit = serde_json::json!({"old_text": "a\nb", "new_text": "c"});
        assert_eq!(diff(&edit), ["@@", "- a", "- b", "+ c"]);
    }

    #[test]
    fn a_long_command_shows_both_ends_and_says_what_is_hidden() {
        let command = format!("first{}last", "\n".repeat(100));
        let question = Question {
            call: "c".into(),
            tool: "shell".into(),
            input: "{\"background\":true}".into(),
            requests: vec![policy::Request {
                capability: policy::Capability::Shell,
                target: policy::Target::Command(command),
                origin: policy::Origin::Agent,
            }],
            decision: policy::Decision { effect: policy::Effect::Ask, reason: String::new(), remedy: None },
        };
        let shown = wanted(&question, false).join("\n");
        for part in ["  | first", "  | last", "  | background:", "lines are not shown here"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(wanted(&question, true).len(), 1 + 101 + 2);
    }

    #[test]
    fn what_a_result_comes_to() {
        assert_eq!(outcome_of("read", "a\nb\nc\n"), "3 lines");
        assert_eq!(outcome_of("shell", "x\ntest result: ok\n\nexit 0"), "exit 0: test result: ok");
        assert_eq!(outcome_of("shell", "exit 1"), "exit 1");
        assert_eq!(outcome_of("edit", "edited a: 1 replacement"), "edited a: 1 replacement");
    }

    #[test]
    fn the_gist_of_a_call() {
        assert_eq!(gist(r#"{"path": "src/a.rs", "edits": []}"#), "src/a.rs");
        assert_eq!(gist("{\n  \"items\": []\n}"), "{ \"items\": [] }");
        assert_eq!(gist("{broken"), "{broken");
    }
}
