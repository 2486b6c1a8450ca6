//! Turns a path as a model wrote it into the place where it really is. Looks at the disk; changes nothing.
#![expect(clippy::disallowed_methods, reason = "looks where symlinks lead")]

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use conversation::{CallResult, Status, ToolContext, ToolError};
use policy::{Capability, Origin, Permit, Place, Request, Target};
use rustix::io::Errno;

use crate::names;

/// The longest path that is looked at, in bytes.
const PATH_BYTES_MAX: usize = 4096;

/// The longest name in a path, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// How many symlinks are followed before it is called a loop.
const LINKS_MAX: usize = 40;

/// The place that a path names: relative to the workspace or absolute, symlinks and `..` resolved. What does not
/// exist yet is appended as it is.
///
/// Limitations: what is found may change before it is used, so whoever opens the place follows no symlink.
///
/// # Errors
/// [`ToolError`] when the path cannot name a file.
pub fn resolve(workspace: &Path, path: &str) -> Result<Place, ToolError> {
    let refuse = |why: &str| Err(ToolError(format!("path `{}` {why}", shorten(path))));
    if path.trim().is_empty() {
        return refuse("is empty; give a path relative to the workspace, `.` is the workspace itself");
    }
    if path.contains('\0') {
        return refuse("has a NUL character in it");
    }
    if path.len() > PATH_BYTES_MAX || path.split('/').any(|name| name.len() > NAME_BYTES_MAX) {
        return refuse("is longer than a path can be");
    }
    if path == "~" || path.starts_with("~/") {
        return refuse(
            "starts with `~`, which is not expanded; give it relative to the workspace or absolute",
        );
    }
    match follow(&workspace.join(path)) {
        Ok(absolute) => Ok(Place::new(workspace, &absolute)),
        Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => {
            refuse("leads through a loop of symlinks")
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            refuse("goes through a file as if it were a directory")
        }
        Err(error) => refuse(&format!("cannot be looked up: {error}")),
    }
}

/// A request for the place that a path names, and one for each other name of what lies there.
pub(crate) fn request(
    capability: Capability,
    path: &str,
    context: &ToolContext<'_>,
) -> Result<Vec<Request>, ToolError> {
    let place = resolve(context.workspace, path)?;
    // The first is what is opened. The others are the same file: what closes one of them closes it.
    let others = names::others(context.workspace, place.absolute())?;
    let others = others.iter().map(|other| Place::new(context.workspace, other)).collect::<Vec<_>>();
    let request = |place| Request { capability, target: Target::Path(place), origin: Origin::Agent };
    Ok(std::iter::once(place).chain(others).map(request).collect())
}

/// The place that the permit is for. The path in the call is never looked at again: what was decided about is
/// what is opened.
pub(crate) fn permitted(permit: &Permit, capability: Capability) -> Result<&Place, CallResult> {
    let places = permit.requests().iter().filter_map(|request| match &request.target {
        Target::Path(place) if request.capability == capability => Some(place),
        _ => None,
    });
    let missing =
        || CallResult::new(permit.call(), Status::Failed, "the permit names no path; nothing was done");
    places.into_iter().next().ok_or_else(missing)
}

/// A path for a message, bounded.
pub(crate) fn shorten(path: &str) -> String {
    const SHOWN_CHARS: usize = 200;
    if path.chars().count() <= SHOWN_CHARS {
        return path.replace('\0', "\\0");
    }
    format!("{}…", path.chars().take(SHOWN_CHARS).collect::<String>())
}

enum Step {
    Root,
    Up,
    Name(OsString),
}

fn steps(path: &Path) -> impl DoubleEndedIterator<Item = Step> + '_ {
    path.components().filter_map(|component| match component {
        Component::RootDir | Component::Prefix(_) => Some(Step::Root),
        Component::CurDir => None,
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Name(name.to_os_string())),
    })
}

/// Follows every symlink on the way, also the last one and one that leads nowhere.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let (mut resolved, mut links) = (PathBuf::from("/"), 0);
    let mut ahead: VecDeque<Step> = steps(path).collect();
    while let Some(step) = ahead.pop_front() {
        let name = match step {
            Step::Root => {
                resolved = PathBuf::from("/");
                continue;
            }
            Step::Up => {
                resolved.pop();
                continue;
            }
            Step::Name(name) => name,
        };
        let next = resolved.join(name);
        match std::fs::symlink_metadata(&next) {
            Ok(found) if found.is_symlink() => {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::LOOP.into());
                }
                for step in steps(&std::fs::read_link(&next)?).rev() {
                    ahead.push_front(step);
                }
            }
            Ok(found) => {
                if !found.is_dir() && !ahead.is_empty() {
                    return Err(io::ErrorKind::NotADirectory.into());
                }
                resolved = next;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => resolved = next,
            Err(error) => return Err(error),
        }
    }
    Ok(resolved)
}
