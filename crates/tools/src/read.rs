//! The tool `read`: the text of a file. Changes nothing.

use conversation::{Call, CallResult, Digest, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use policy::{Capability, Permit, Request};
use serde::{Deserialize, Serialize};

use crate::files::{self, FileError};
use crate::{input, missing, paths, text};

const DESCRIPTION: &str = "Read a text file: all of it, or `limit` lines from line `offset`. A long \
    file comes in parts that say how to go on.";

const SCHEMA: &str = r#"{"type":"object","properties":{"path":{"type":"string","description":"workspace-relative or absolute"},"offset":{"type":"integer"},"limit":{"type":"integer"}},"required":["path"]}"#;

/// How many lines a call gives.
const LINES_MAX: usize = 2000;

/// How many bytes of text a call gives.
const TEXT_BYTES_MAX: usize = 48 * 1024;

/// How much of one line is given.
const LINE_CHARS_MAX: usize = 2000;

/// The largest file that is read without saying which part.
const UNASKED_BYTES_MAX: usize = 10 * 1024 * 1024;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Arguments {
    #[serde(alias = "file_path", alias = "filePath", alias = "file", alias = "filename")]
    path: String,
    #[serde(
        default,
        alias = "start_line",
        deserialize_with = "input::number",
        skip_serializing_if = "Option::is_none"
    )]
    offset: Option<u64>,
    #[serde(default, deserialize_with = "input::number", skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
}

/// Reads a file.
pub(crate) struct Read;

impl Tool for Read {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "read".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        true
    }

    fn request(&self, call: &Call, context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        paths::request(Capability::FsRead, &input::parse::<Arguments>(call)?.path, context)
    }

    fn understood(&self, call: &Call) -> Option<String> {
        input::understood::<Arguments>(call)
    }

    fn run<'a>(
        &'a self,
        permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move { run(&permit, call, context).unwrap_or_else(|failed| failed) })
    }
}

fn run(permit: &Permit, call: &Call, context: &ToolContext<'_>) -> Result<CallResult, CallResult> {
    let arguments: Arguments = input::parse_or_fail(call)?;
    let place = paths::permitted(permit, Capability::FsRead)?;
    let shown = paths::shorten(&place.shown());
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    let found = files::load(place.absolute()).map_err(|error| match error {
        FileError::Missing => fail(missing::tell(permit, place, context.workspace)),
        error => fail(error.tell(&shown)),
    })?;
    let size = found.bytes.len();
    let decoded = text::decode(&found.bytes)
        .map_err(|kind| fail(format!("`{shown}` is {kind} of {size} bytes, not text; it was not read")))?;
    if size > UNASKED_BYTES_MAX && arguments.offset.is_none() && arguments.limit.is_none() {
        let why = "give `offset` and `limit` for a part of it, or use `grep`";
        return Err(fail(format!("`{shown}` has {size} bytes, which is too much to read whole; {why}")));
    }
    let part = cut(&decoded.text, arguments.offset, arguments.limit)
        .map_err(|why| fail(format!("`{shown}` {why}")))?;
    let mut result = CallResult::new(&call.id, Status::Done, part);
    let key = place.absolute().to_string_lossy().into_owned();
    result.seen.push((key, Digest::of(&found.bytes)));
    Ok(result)
}

/// The lines that were asked for, within the bounds, and how to go on when some are left.
pub(crate) fn cut(text: &str, offset: Option<u64>, limit: Option<u64>) -> Result<String, String> {
    if text.is_empty() {
        return Ok("[empty file]".to_string());
    }
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let first = offset.map_or(1, number).max(1);
    let limit = limit.map_or(LINES_MAX, number).clamp(1, LINES_MAX);
    let total = text.split_inclusive('\n').count();
    if first > total {
        return Err(format!("has {total} lines; offset {first} is past its end"));
    }
    let (mut part, mut count, mut cut_lines) = (String::new(), 0, false);
    for line in text.split_inclusive('\n').skip(first - 1).take(limit) {
        let line = match line.char_indices().nth(LINE_CHARS_MAX) {
            Some((end, _)) if line.len() > end + 1 => {
                cut_lines = true;
                let rest = line.len() - end;
                format!("{}[{rest} more bytes in this line]\n", line.get(..end).unwrap_or_default())
            }
            _ => line.to_string(),
        };
        if count > 0 && part.len() + line.len() > TEXT_BYTES_MAX {
            break;
        }
        part.push_str(&line);
        count += 1;
    }
    let part = text::shown(&part);
    let last = first + count - 1;
    if first == 1 && last == total && !cut_lines {
        return Ok(part);
    }
    let gap = if part.ends_with('\n') { "" } else { "\n" };
    let next = if last < total { format!("; continue with offset {}", last + 1) } else { String::new() };
    Ok(format!("{part}{gap}[lines {first}-{last} of {total}{next}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, offset: Option<u64>, limit: Option<u64>, expected: &str) {
        assert_eq!(cut(text, offset, limit).unwrap_or_else(|error| error), expected, "{text:?}");
    }

    #[test]
    fn a_whole_file_is_its_text_and_nothing_else() {
        check("a\nb\n", None, None, "a\nb\n");
        check("a\r\nb", Some(0), None, "a\r\nb");
        check("", None, None, "[empty file]");
    }

    #[test]
    fn a_part_says_which() {
        check("a\nb\nc\nd", Some(2), Some(2), "b\nc\n[lines 2-3 of 4; continue with offset 4]");
        check("a\nb\nc\nd", Some(3), None, "c\nd\n[lines 3-4 of 4]");
        check("a\nb\n", Some(3), None, "has 2 lines; offset 3 is past its end");
        let long = "x\n".repeat(LINES_MAX + 5);
        let expected =
            format!("{}[lines 1-2000 of 2005; continue with offset 2001]", "x\n".repeat(LINES_MAX));
        check(&long, None, None, &expected);
    }

    #[test]
    fn long_lines_and_many_bytes_are_cut() {
        let line = "é".repeat(LINE_CHARS_MAX + 10);
        let expected =
            format!("{}[20 more bytes in this line]\n[lines 1-1 of 1]", "é".repeat(LINE_CHARS_MAX));
        check(&line, None, None, &expected);
        let text = format!("{}\n", "y".repeat(1000)).repeat(100);
        let part = cut(&text, None, None).unwrap();
        assert!(
            part.ends_with("[lines 1-49 of 100; continue with offset 50]"),
            "{}",
            &part[part.len() - 60..]
        );
    }
}
