//! The tool `write`: creates a file or replaces all of one that was read. All or nothing.

use std::path::Path;

use conversation::{
    Call, CallResult, Digest, FileChange, Later, Recovery, Status, Tool, ToolContext, ToolDescription,
    ToolError,
};
use policy::{Capability, Permit, Place, Request};
use serde::{Deserialize, Serialize};

use crate::edit::check_seen;
use crate::files::{self, FileError, Found};
use crate::text::{Encoding, LineEnds};
use crate::{input, paths, text};

const DESCRIPTION: &str = "Create a file, with its directories, or replace all of a file that you have \
    read. To change parts use `edit`.";

const SCHEMA: &str = r#"{"type":"object","properties":{"path":{"type":"string"},"content":{"type":"string"}},"required":["path","content"]}"#;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Arguments {
    #[serde(alias = "file_path", alias = "filePath", alias = "file", alias = "filename")]
    path: String,
    #[serde(alias = "contents", alias = "text", alias = "file_text")]
    content: String,
}

/// Creates or replaces a file.
pub(crate) struct Write;

impl Tool for Write {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "write".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        false
    }

    fn request(&self, call: &Call, context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let path = input::parse::<Arguments>(call)?.path;
        if path.ends_with('/') {
            return Err(ToolError(format!(
                "path `{}` names a directory; name a file",
                paths::shorten(&path)
            )));
        }
        paths::request(Capability::FsWrite, &path, context)
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

    fn recover(&self, call: &Call, context: &ToolContext<'_>) -> Recovery {
        recover(call, context).unwrap_or(Recovery::Unknown)
    }
}

fn run(permit: &Permit, call: &Call, context: &ToolContext<'_>) -> Result<CallResult, CallResult> {
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    let arguments: Arguments = input::parse_or_fail(call)?;
    let place = paths::permitted(permit, Capability::FsWrite)?;
    let shown = paths::shorten(&place.shown());
    let found = existing(place.absolute()).map_err(|error| fail(error.tell(&shown)))?;
    if let Some(kind) = found.as_ref().and_then(|found| text::decode(&found.bytes).err()) {
        return Err(fail(format!(
            "`{shown}` is {kind}; only text is replaced. If it should go, remove it with `shell` first"
        )));
    }
    let before = match &found {
        Some(found) => Some(check_seen(place, found, context).map_err(fail)?),
        None => None,
    };
    let content = context.secrecy.reveal(&arguments.content, &shown).map_err(fail)?;
    let (bytes, kept) = as_before(&content, found.as_ref());
    let after = Digest::of(&bytes);
    let lines = arguments.content.lines().count();
    let lines = format!("{lines} line{}", if lines == 1 { "" } else { "s" });
    if before == Some(after) {
        return Ok(CallResult::new(&call.id, Status::Done, format!("{shown} has this content already")));
    }
    files::replace(place.absolute(), &bytes, found.as_ref().map(|found| &found.stat), &call.id)
        .map_err(|error| fail(error.tell(&shown)))?;
    let verb = if before.is_some() { "wrote" } else { "created" };
    Ok(result(call, place, format!("{verb} {shown} ({lines}{kept})"), before, after))
}

fn existing(path: &Path) -> Result<Option<Found>, FileError> {
    match files::load(path) {
        Ok(found) => Ok(Some(found)),
        Err(FileError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

fn result(call: &Call, place: &Place, text: String, before: Option<Digest>, after: Digest) -> CallResult {
    CallResult {
        changes: vec![FileChange { path: place.shown(), before, after: Some(after) }],
        seen: vec![(place.absolute().to_string_lossy().into_owned(), after)],
        inside: None,
        ..CallResult::new(&call.id, Status::Done, text)
    }
}

/// The content as bytes, in the manner of the file that it replaces; and what to say of that.
fn as_before(content: &str, found: Option<&Found>) -> (Vec<u8>, &'static str) {
    let before = found.and_then(|found| text::decode(&found.bytes).ok());
    let Some(before) = before else { return (content.as_bytes().to_vec(), "") };
    let is_dos = text::line_ends(&before.text) == LineEnds::CrLf && !content.contains("\r\n");
    let (lines, kept) = match is_dos && content.contains('\n') {
        true => (content.replace('\n', "\r\n"), "; line ends kept as CRLF"),
        false => (content.to_string(), ""),
    };
    // A mark that the content brings along is the mark, not a second one.
    let unmarked = match before.encoding {
        Encoding::Utf8Marked | Encoding::Utf16Le | Encoding::Utf16Be => {
            lines.strip_prefix('\u{feff}').unwrap_or(&lines)
        }
        _ => &lines,
    };
    match text::encode(unmarked, before.encoding) {
        Ok(bytes) => (bytes, kept),
        Err(_) => (lines.into_bytes(), "; now UTF-8, it was Latin-1"),
    }
}

/// Looks whether a call that was cut short had its effect.
fn recover(call: &Call, context: &ToolContext<'_>) -> Option<Recovery> {
    let arguments: Arguments = input::parse(call).ok()?;
    let place = paths::resolve(context.workspace, &arguments.path).ok()?;
    let found = existing(place.absolute()).ok()?;
    let seen = context.seen.get(place.absolute().to_string_lossy().as_ref()).copied();
    let Some(found) = found else { return seen.is_none().then_some(Recovery::Again) };
    let now = Digest::of(&found.bytes);
    let content = context.secrecy.reveal(&arguments.content, &place.shown()).ok()?;
    if as_before(&content, Some(&found)).0 == found.bytes {
        let said = format!("wrote {}", paths::shorten(&place.shown()));
        return Some(Recovery::Done(result(call, &place, said, seen, now)));
    }
    (seen == Some(now)).then_some(Recovery::Again)
}
