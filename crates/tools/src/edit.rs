//! The tool `edit`: replaces pieces of a file that was read. All of them or none; nothing else in it changes.

use conversation::{
    Call, CallResult, Digest, FileChange, Later, Recovery, Status, Tool, ToolContext, ToolDescription,
    ToolError,
};
use policy::{Capability, Permit, Place, Request};
use serde::Deserialize;

use crate::files::{self, FileError, Found};
use crate::replace::{Replaced, Replacement, replace};
use crate::{input, missing, paths, text};

const DESCRIPTION: &str = "Change a file that you have read. Each old_text is copied from the file as it is \
    now, with enough lines around it to occur once; `all` replaces every occurrence. \
    All edits apply together or none.";

const SCHEMA: &str = r#"{"type":"object","properties":{"path":{"type":"string"},"edits":{"type":"array","items":{"type":"object","properties":{"old_text":{"type":"string"},"new_text":{"type":"string"},"all":{"type":"boolean"}},"required":["old_text","new_text"]}}},"required":["path","edits"]}"#;

/// How many replacements a call makes.
const EDITS_MAX: usize = 100;

/// How many line numbers a result names.
const LINES_NAMED_MAX: usize = 12;

#[derive(Debug, Deserialize)]
pub(crate) struct Arguments {
    #[serde(alias = "file_path", alias = "filePath", alias = "file", alias = "filename")]
    path: String,
    #[serde(default, deserialize_with = "input::list")]
    edits: Vec<Replacement>,
    // A single replacement beside the path, as other tools have it.
    #[serde(default, alias = "old", alias = "old_string", alias = "oldText", alias = "old_str")]
    old_text: Option<String>,
    #[serde(default, alias = "new", alias = "new_string", alias = "newText", alias = "new_str")]
    new_text: Option<String>,
    #[serde(default, alias = "replace_all", deserialize_with = "input::flag")]
    all: bool,
}

impl Arguments {
    fn of(call: &Call) -> Result<(String, Vec<Replacement>), ToolError> {
        let Arguments { path, mut edits, old_text, new_text, all } = input::parse(call)?;
        if let (Some(old_text), Some(new_text)) = (old_text, new_text) {
            edits.push(Replacement { old_text, new_text, all });
        }
        match edits.len() {
            0 => Err(ToolError("`edit`: `edits` is empty or missing".to_string())),
            1..=EDITS_MAX => Ok((path, edits)),
            count => {
                Err(ToolError(format!("`edit`: {count} edits are too many; at most {EDITS_MAX} per call")))
            }
        }
    }
}

/// Changes a file.
pub(crate) struct Edit;

impl Tool for Edit {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "edit".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        false
    }

    fn request(&self, call: &Call, context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        paths::request(Capability::FsWrite, &Arguments::of(call)?.0, context)
    }

    fn understood(&self, call: &Call) -> Option<String> {
        let (path, edits) = Arguments::of(call).ok()?;
        serde_json::to_string(&serde_json::json!({"path": path, "edits": edits})).ok()
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
    let (_, edits) = Arguments::of(call).map_err(|error| fail(error.to_string()))?;
    let place = paths::permitted(permit, Capability::FsWrite)?;
    let shown = paths::shorten(&place.shown());
    let found = files::load(place.absolute()).map_err(|error| match error {
        FileError::Missing => fail(missing::tell(permit, place, context.workspace)),
        error => fail(error.tell(&shown)),
    })?;
    let decoded = text::decode(&found.bytes)
        .map_err(|kind| fail(format!("`{shown}` is {kind}, which cannot be edited")))?;
    let before = check_seen(place, &found, context).map_err(fail)?;
    let edits = reveal(edits, &shown, context).map_err(fail)?;
    let replaced =
        replace(&decoded.text, &edits).map_err(|why| fail(format!("`{shown}` was not changed: {why}")))?;
    let bytes = text::encode(&replaced.text, decoded.encoding).map_err(|c| {
        fail(format!("`{shown}` was not changed: it is not UTF-8 but Latin-1, which has no `{c}`"))
    })?;
    files::replace(place.absolute(), &bytes, Some(&found.stat), &call.id)
        .map_err(|error| fail(error.tell(&shown)))?;
    Ok(result(call, place, tell(&shown, &replaced), before, Digest::of(&bytes)))
}

/// The edits with the values that the model knows by placeholders only.
fn reveal(
    edits: Vec<Replacement>,
    target: &str,
    context: &ToolContext<'_>,
) -> Result<Vec<Replacement>, String> {
    let reveal = |text: &str| context.secrecy.reveal(text, target);
    let edits = edits.into_iter().map(|edit| {
        Ok(Replacement { old_text: reveal(&edit.old_text)?, new_text: reveal(&edit.new_text)?, ..edit })
    });
    edits.collect()
}

/// The digest of the file, if the model has seen exactly these bytes.
pub(crate) fn check_seen(place: &Place, found: &Found, context: &ToolContext<'_>) -> Result<Digest, String> {
    let shown = paths::shorten(&place.shown());
    let now = Digest::of(&found.bytes);
    match context.seen.get(place.absolute().to_string_lossy().as_ref()) {
        Some(seen) if *seen == now => Ok(now),
        Some(_) => {
            Err(format!("`{shown}` has changed since you read it; nothing was written, read it again"))
        }
        None => Err(format!("`{shown}` was not read yet; nothing was written, read it first")),
    }
}

fn result(call: &Call, place: &Place, text: String, before: Digest, after: Digest) -> CallResult {
    CallResult {
        changes: vec![FileChange { path: place.shown(), before: Some(before), after: Some(after) }],
        seen: vec![(place.absolute().to_string_lossy().into_owned(), after)],
        inside: None,
        ..CallResult::new(&call.id, Status::Done, text)
    }
}

fn tell(shown: &str, replaced: &Replaced) -> String {
    let count = replaced.lines.len();
    let named: Vec<String> = replaced.lines.iter().take(LINES_NAMED_MAX).map(usize::to_string).collect();
    let more = if count > LINES_NAMED_MAX { " …" } else { "" };
    let loose = match replaced.loose {
        0 => "",
        _ => "; white space differed from old_text, that of the file was kept",
    };
    format!(
        "edited {shown}: {count} replacement{} (line{} {}{more}{loose})",
        if count == 1 { "" } else { "s" },
        if count == 1 { "" } else { "s" },
        named.join(", ")
    )
}

/// Looks whether a call that was cut short had its effect.
fn recover(call: &Call, context: &ToolContext<'_>) -> Option<Recovery> {
    let (path, edits) = Arguments::of(call).ok()?;
    let place = paths::resolve(context.workspace, &path).ok()?;
    let found = files::load(place.absolute()).ok()?;
    let before = *context.seen.get(place.absolute().to_string_lossy().as_ref())?;
    let now = Digest::of(&found.bytes);
    if now == before {
        return Some(Recovery::Again);
    }
    let text = text::decode(&found.bytes).ok()?.text.replace("\r\n", "\n");
    let edits = reveal(edits, &place.shown(), context).ok()?;
    let is_done = |edit: &Replacement| {
        let (old, new) = (edit.old_text.replace("\r\n", "\n"), edit.new_text.replace("\r\n", "\n"));
        !new.is_empty() && text.contains(&new) && !text.contains(&old)
    };
    let said = format!("edited {}", paths::shorten(&place.shown()));
    edits.iter().all(is_done).then(|| Recovery::Done(result(call, &place, said, before, now)))
}
