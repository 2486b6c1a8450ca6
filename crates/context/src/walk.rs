//! Goes through a workspace as git would, and leaves out what may not be read. Reads no file.
#![expect(clippy::disallowed_methods, reason = "paths are resolved here")]

use std::path::{Path, PathBuf};

use listing::WalkBuilder;

/// The most entries that one question looks at.
pub(crate) const ENTRIES_MAX: usize = 200_000;

/// Entries below a path: hidden ones too, `.git` and what is ignored not.
pub(crate) fn builder(path: &Path) -> WalkBuilder {
    listing::walk(path, &[".kiroignore"], |entry| entry.file_name() != ".git")
}

/// A path as the person wrote it, resolved; and as it is shown.
pub(crate) fn resolve(workspace: &Path, written: &str) -> Result<(PathBuf, String), String> {
    let trimmed = written.trim_end_matches('/');
    let path = workspace.join(if trimmed.is_empty() && !written.is_empty() { "/" } else { trimmed });
    let resolved = std::fs::canonicalize(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_string(),
        _ => format!("it cannot be read: {error}"),
    })?;
    let shown = shown(workspace, &resolved);
    Ok((resolved, shown))
}

/// Whether it is a folder.
pub(crate) fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Relative to the workspace when it lies in it.
pub(crate) fn shown(workspace: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(workspace).unwrap_or(path).to_string_lossy();
    let inside = if inside.is_empty() { ".".into() } else { inside };
    inside.replace(char::is_control, "?")
}

/// Files with the same name elsewhere in the workspace, at most three.
pub(crate) fn namesakes(workspace: &Path, written: &str) -> Vec<String> {
    let Some(name) = Path::new(written).file_name() else { return Vec::new() };
    let walk = builder(workspace).sort_by_file_name(Ord::cmp).build();
    let found = walk.take(ENTRIES_MAX).flatten().filter(|entry| entry.file_name() == name);
    found.map(|entry| shown(workspace, entry.path())).take(3).collect()
}
