//! The audit export as CSV (RFC 4180) that no spreadsheet takes for formulas.

use std::io::{self, Write};

use serde_json::Value;

use super::{Record, list, target, text};
use crate::time;

/// The names of the columns. New ones come at the end.
const COLUMNS: &str =
    "time,journal,seq,type,session,spec,call,capability,target,effect,status,by,detail,hash";

/// The longest detail; the JSON lines have all of it.
const DETAIL_CHARS_MAX: usize = 2_000;

pub(super) fn begin(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{COLUMNS}\r\n")
}

pub(super) fn write(record: &Record<'_>, out: &mut dyn Write) -> io::Result<()> {
    let requests = list(record.body, "requests");
    if requests.is_empty() {
        return row(record, None, out);
    }
    requests.iter().try_for_each(|request| row(record, Some(request), out))
}

fn row(record: &Record<'_>, request: Option<&Value>, out: &mut dyn Write) -> io::Result<()> {
    let (line, body) = (record.line, record.body);
    let about = request.map(target).unwrap_or_else(|| first(body, &["command", "task"]));
    let by = first(body, &["by", "answered_by"]);
    let status = first(body, &["status", "outcome", "stop", "state"]);
    let detail = detail(body);
    let cells = [
        time::iso(line.at),
        record.journal.to_string(),
        line.seq.to_string(),
        line.name.to_string(),
        record.session().unwrap_or_default().to_string(),
        record.spec().unwrap_or_default().to_string(),
        text(body, "call").to_string(),
        request.map(|request| text(request, "capability")).unwrap_or_default().to_string(),
        about.to_string(),
        text(body, "effect").to_string(),
        status.to_string(),
        by.to_string(),
        detail,
        line.hash.to_string(),
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// What was said, cut; the cut is said.
fn detail(body: &Value) -> String {
    let said = first(body, &["text", "message", "reason", "summary", "why", "tail"]);
    let said = if said.is_empty() {
        list(body, "blocks").iter().map(|block| text(block, "text")).collect::<Vec<_>>().join("\n")
    } else {
        said.to_string()
    };
    match said.char_indices().nth(DETAIL_CHARS_MAX) {
        Some((at, _)) => {
            let (kept, rest) = said.split_at(at);
            format!("{kept} [{} more bytes]", rest.len())
        }
        None => said,
    }
}

fn first<'a>(body: &'a Value, names: &[&str]) -> &'a str {
    names.iter().map(|name| text(body, name)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// A cell in quotes. One that a spreadsheet could take for a formula gets an apostrophe in front.
pub(super) fn cell(text: &str) -> String {
    // Blanks in front are skipped by some programs; the wide forms are taken for the narrow ones by others.
    let start = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next();
    let formula = start.is_some_and(|c| "=+-@\t\r\n|%＝＋－＠".contains(c));
    // A zero byte ends a cell in some programs, and an escape steers the terminal that shows the file.
    let unsafe_here = |c: char| c.is_control() && !"\t\r\n".contains(c);
    let text = text.replace(unsafe_here, "\u{fffd}").replace('"', "\"\"");
    format!("\"{}{text}\"", if formula { "'" } else { "" })
}
