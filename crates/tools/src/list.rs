//! The tool `list`: the names in a directory. Opens no file.

use conversation::{Call, CallResult, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use policy::{Capability, Permit, Request};
use serde::{Deserialize, Serialize};

use crate::files::{self, FileError};
use crate::{input, missing, paths, walk};

const DESCRIPTION: &str = "List one directory (default: the workspace). Directories end in `/`; ignored \
    files are left out.";

const SCHEMA: &str = r#"{"type":"object","properties":{"path":{"type":"string"}}}"#;

/// How many names a call gives.
const NAMES_MAX: usize = 500;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Arguments {
    #[serde(default = "here", alias = "directory", alias = "dir", alias = "dir_path")]
    path: String,
}

pub(crate) fn here() -> String {
    ".".to_string()
}

/// Lists a directory.
pub(crate) struct List;

impl Tool for List {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "list".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
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
    let place = paths::permitted(permit, Capability::FsRead)?;
    let shown = paths::shorten(&place.shown());
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    if !is_directory(place.absolute()).map_err(|error| match error {
        FileError::Missing => fail(missing::tell(permit, place, context.workspace)),
        error => fail(error.tell(&shown)),
    })? {
        return Err(fail(format!("`{shown}` is a file; use `read`")));
    }
    let (mut text, mut count) = (String::new(), 0_usize);
    for entry in walk::builder(place.absolute()).max_depth(Some(1)).build().flatten().skip(1) {
        if !permit.may_read(context.workspace, entry.path()) || !files::is_there(entry.path()) {
            continue;
        }
        count += 1;
        if count > NAMES_MAX {
            continue;
        }
        text.push_str(&walk::one_line(entry.file_name().to_string_lossy().into_owned()));
        text.push_str(match entry.file_type() {
            Some(kind) if kind.is_dir() => "/\n",
            Some(kind) if kind.is_symlink() => "@\n",
            _ => "\n",
        });
    }
    if count > NAMES_MAX {
        text.push_str(&format!("[and {} more; `glob` finds by name]", count - NAMES_MAX));
    }
    if count == 0 {
        text.push_str("[nothing that is not ignored]");
    }
    Ok(CallResult::new(&call.id, Status::Done, text))
}

/// Whether the place is a directory; the root of the disk is one.
pub(crate) fn is_directory(path: &std::path::Path) -> Result<bool, FileError> {
    if path.parent().is_none() {
        return Ok(true);
    }
    let stat = files::look(path)?;
    Ok(rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Directory)
}
