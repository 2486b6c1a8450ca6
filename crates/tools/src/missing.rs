//! Says what may have been meant by a path that does not exist. Looks at few names; opens no file.
#![expect(clippy::disallowed_methods, reason = "looks for near names")]

use std::path::Path;

use policy::{Permit, Place};

use crate::paths::shorten;
use crate::{similar, walk};

/// How many names of a directory are compared.
const NAMES_MAX: usize = 2000;

/// How many entries of the workspace are looked at for a file of the same name elsewhere.
const ENTRIES_MAX: usize = 5000;

/// How many names are offered.
const OFFERED_MAX: usize = 3;

/// The message for a path that does not exist, with near names.
pub(crate) fn tell(permit: &Permit, place: &Place, workspace: &Path) -> String {
    let shown = shorten(&place.shown());
    let mut missing = place.absolute();
    while let Some(parent) = missing.parent().filter(|parent| !parent.is_dir()) {
        missing = parent;
    }
    // Nothing is said about directories outside: they were not what the permit is for.
    let inside =
        |path: &Path| path.strip_prefix(workspace).ok().map(|rest| rest.to_string_lossy().into_owned());
    let Some(parent) = missing.parent().and_then(inside) else { return format!("`{shown}` does not exist") };
    let name = missing.file_name().unwrap_or_default().to_string_lossy();
    let entries = std::fs::read_dir(workspace.join(&parent)).into_iter().flatten().flatten().take(NAMES_MAX);
    let entries = entries.filter(|entry| permit.may_read(workspace, &entry.path()));
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let join = |name: String| if parent.is_empty() { name } else { format!("{parent}/{name}") };
    let mut offered: Vec<String> =
        similar::closest_names(names, &name, OFFERED_MAX).into_iter().map(join).collect();
    let wanted = place.absolute().file_name();
    let elsewhere =
        walk::files(permit, workspace, workspace).take(ENTRIES_MAX).filter(|path| path.file_name() == wanted);
    offered.extend(elsewhere.filter_map(|path| inside(&path)).take(OFFERED_MAX));
    offered.truncate(OFFERED_MAX);
    if offered.is_empty() {
        let parent = if parent.is_empty() { ".".to_string() } else { parent };
        return format!("`{shown}` does not exist; `list` of `{parent}` shows what is there");
    }
    let offered: Vec<String> = offered.iter().map(|path| format!("`{path}`")).collect();
    format!("`{shown}` does not exist; did you mean {}?", offered.join(" or "))
}
