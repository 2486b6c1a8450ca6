//! Writes a single-file spec, and puts its tasks into an existing one without touching a byte beside them.

use std::fmt::Write;

use super::draft::{SingleDraft, TasksDraft};
use super::guard::{Headings, body, command, line, line_or};
use super::tasks::task_lines;
use crate::outline::headings;
use crate::single::task_section;
use crate::text::{Eol, Text, Unclosed};

/// `.kiro/specs/<name>.md` without tasks.
pub fn single_md(draft: &SingleDraft) -> String {
    let mut out = format!("# Feature: {}\n", line_or(&draft.title, "Untitled"));
    let introduction = body(&draft.introduction, Headings::None, "");
    if !introduction.is_empty() {
        let _ = write!(out, "\n{introduction}\n");
    }
    out.push_str("\n## Requirements\n\n");
    let requirements = draft.requirements.iter().map(|words| line(words)).filter(|words| !words.is_empty());
    for (index, requirement) in requirements.enumerate() {
        let _ = writeln!(out, "{}. {requirement}", index + 1);
    }
    for (heading, items) in [("Constraints", &draft.constraints), ("Out of scope", &draft.out_of_scope)] {
        let items: Vec<String> =
            items.iter().map(|words| line(words)).filter(|words| !words.is_empty()).collect();
        if !items.is_empty() {
            let _ = write!(out, "\n## {heading}\n\n- {}\n", items.join("\n- "));
        }
    }
    match draft.check.as_deref().map(command).filter(|check| !check.is_empty()) {
        Some(check) if check.contains('`') => drop(write!(out, "\n## Check\n\nCheck: {check}\n")),
        Some(check) => drop(write!(out, "\n## Check\n\n`{check}`\n")),
        None => {}
    }
    out
}

/// The document with the tasks of `draft` under `## Tasks`: the text below an existing heading is replaced, else the
/// section is appended. Every other byte stays, line endings are the document's own, and doing it twice is doing it
/// once. A fence or comment that the document left open is closed first, for the section would vanish in it.
pub fn single_with_tasks(existing: &[u8], draft: &TasksDraft) -> Vec<u8> {
    let text = Text::read(existing);
    let eol = line_break(&text);
    let tasks = task_lines(&draft.tasks).replace('\n', eol);
    let headings = headings(&text);
    if let Some(heading) = task_section(&headings) {
        let place = text.span_of(heading.line + 1, heading.end);
        let mut out = existing.get(..place.offset).unwrap_or_default().to_vec();
        if !out.ends_with(b"\n") {
            out.extend_from_slice(eol.as_bytes());
        }
        out.extend_from_slice(eol.as_bytes());
        out.extend_from_slice(tasks.as_bytes());
        let rest = existing.get(place.end()..).unwrap_or_default();
        if !rest.is_empty() {
            out.extend_from_slice(eol.as_bytes());
        }
        out.extend_from_slice(rest);
        return out;
    }
    let mut out = existing.to_vec();
    let mut push = |words: &str| out.extend_from_slice(words.as_bytes());
    if !existing.is_empty() && !existing.ends_with(b"\n") {
        push(eol);
    }
    match text.unclosed() {
        Some(Unclosed::Fence { byte, count, .. }) => {
            push(&format!("{}{eol}", (byte as char).to_string().repeat(count)))
        }
        Some(Unclosed::Comment { .. }) => push(&format!("-->{eol}")),
        None => {}
    }
    if !existing.is_empty() {
        push(eol);
    }
    push(&format!("## Tasks{eol}{eol}"));
    push(&tasks);
    out
}

/// The document's own line break. A lone carriage return at the end of a single line becomes the half of one as soon
/// as a line feed follows, so there it decides.
fn line_break(text: &Text<'_>) -> &'static str {
    let has_break = text.lines().iter().any(|line| line.eol != Eol::None);
    let ends_half = !has_break && text.bytes().ends_with(b"\r");
    if ends_half || text.eol() == Eol::CrLf { "\r\n" } else { "\n" }
}
