//! The tool `glob`: files by the pattern of their names. Opens no file.

use conversation::{Call, CallResult, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use globset::{GlobBuilder, GlobMatcher};
use policy::{Capability, Permit, Request};
use serde::{Deserialize, Serialize};

use crate::files::FileError;
use crate::list::{here, is_directory};
use crate::{files, input, missing, paths, walk};

const DESCRIPTION: &str = "Find files by name: `*.rs` at any depth, or `src/**/*.{ts,tsx}`. Skips ignored \
    files.";

const SCHEMA: &str = r#"{"type":"object","properties":{"pattern":{"type":"string"},"path":{"type":"string"}},"required":["pattern"]}"#;

/// How many paths a call gives.
const PATHS_MAX: usize = 200;

/// How many paths are collected to be sorted and counted.
const COLLECTED_MAX: usize = 100_000;

/// The longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1000;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Arguments {
    #[serde(alias = "glob")]
    pattern: String,
    #[serde(default = "here", alias = "directory", alias = "dir")]
    path: String,
}

/// Finds files by name.
pub(crate) struct Glob;

impl Tool for Glob {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "glob".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        true
    }

    fn request(&self, call: &Call, context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let arguments = input::parse::<Arguments>(call)?;
        matcher(&arguments.pattern)?;
        paths::request(Capability::FsRead, &arguments.path, context)
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
        Box::pin(async move { run(permit, call, context).await.unwrap_or_else(|failed| failed) })
    }
}

async fn run(permit: Permit, call: &Call, context: &ToolContext<'_>) -> Result<CallResult, CallResult> {
    let arguments: Arguments = input::parse_or_fail(call)?;
    let place = paths::permitted(&permit, Capability::FsRead)?.clone();
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    is_directory(place.absolute()).map_err(|error| match error {
        FileError::Missing => fail(missing::tell(&permit, &place, context.workspace)),
        error => fail(error.tell(&paths::shorten(&place.shown()))),
    })?;
    let root = place.absolute().to_path_buf();
    let pattern =
        arguments.pattern.strip_prefix(&format!("{}/", root.display())).unwrap_or(&arguments.pattern);
    let matcher = matcher(pattern).map_err(|error| fail(error.to_string()))?;
    let workspace = context.workspace.to_path_buf();
    let found = walk::beside(move |cancelled| {
        let all = walk::files(&permit, &workspace, &root).take_while(|_| !cancelled.is_set());
        let matching = all.filter(|path| matcher.is_match(path.strip_prefix(&root).unwrap_or(path)));
        let matching = matching.filter(|path| files::is_there(path));
        let mut found: Vec<String> =
            matching.take(COLLECTED_MAX).map(|path| walk::shown(&workspace, &path)).collect();
        found.sort();
        found
    });
    let found = found.await.unwrap_or_default();
    let mut text: String = found.iter().take(PATHS_MAX).map(|path| format!("{path}\n")).collect();
    if found.len() > PATHS_MAX {
        let least = if found.len() == COLLECTED_MAX { "at least " } else { "" };
        text.push_str(&format!(
            "[and {least}{} more; narrow the pattern or the path]",
            found.len() - PATHS_MAX
        ));
    }
    if found.is_empty() {
        text = format!("no file matches `{}`", paths::shorten(&arguments.pattern));
    }
    Ok(CallResult::new(&call.id, Status::Done, text))
}

/// The matcher of a pattern, over paths relative to the searched directory.
pub(crate) fn matcher(pattern: &str) -> Result<GlobMatcher, ToolError> {
    let pattern = pattern.trim().trim_start_matches("./");
    let shown = paths::shorten(pattern);
    if pattern.is_empty() || pattern.len() > PATTERN_BYTES_MAX {
        return Err(ToolError(format!("the pattern `{shown}` is empty or too long")));
    }
    let anywhere = if pattern.contains('/') { pattern.to_string() } else { format!("**/{pattern}") };
    match GlobBuilder::new(&anywhere).literal_separator(true).build() {
        Ok(glob) => Ok(glob.compile_matcher()),
        Err(error) => Err(ToolError(format!("the pattern `{shown}` cannot be read: {}", error.kind()))),
    }
}
