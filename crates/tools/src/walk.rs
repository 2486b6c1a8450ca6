//! Goes through directories as git would: what is ignored is left out, symlinks are not followed. Reads no file.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use listing::{DirEntry, WalkBuilder};
use policy::{Permit, Place};

use crate::names;

/// Entries below a path in the order of their names. Hidden files are there; `.git` is not.
pub(crate) fn builder(path: &Path) -> WalkBuilder {
    let mut builder = listing::walk(path, &[".kiroignore"], |entry| entry.file_name() != ".git");
    builder.sort_by_file_name(Ord::cmp);
    builder
}

/// The regular files below a path that the permit does not close.
pub(crate) fn files(permit: &Permit, workspace: &Path, path: &Path) -> impl Iterator<Item = PathBuf> {
    let found = builder(path).build().filter_map(|entry| entry.ok().filter(is_file).map(DirEntry::into_path));
    let closed = names::Closed::default();
    found.filter(move |path| permit.may_read(workspace, path) && !closed.has(permit, workspace, path))
}

fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}

/// How a found path is shown: relative in the workspace, absolute outside.
pub(crate) fn shown(workspace: &Path, path: &Path) -> String {
    one_line(Place::new(workspace, path).shown())
}

/// A name as it stands in a listing: a line end in it must not look like another entry.
pub(crate) fn one_line(name: String) -> String {
    if name.contains(char::is_control) { name.replace(char::is_control, "?") } else { name }
}

/// Whether whoever asked has gone.
#[derive(Clone, Default)]
pub(crate) struct Cancelled(Arc<AtomicBool>);

impl Cancelled {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Does long work beside the session. When the future is dropped the work is told to stop.
pub(crate) fn beside<T: Send + 'static>(
    work: impl FnOnce(&Cancelled) -> T + Send + 'static,
) -> impl Future<Output = Option<T>> + Send {
    struct Guard(Cancelled);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.0.store(true, Ordering::Relaxed);
        }
    }
    async move {
        let guard = Guard(Cancelled::default());
        let cancelled = guard.0.clone();
        tokio::task::spawn_blocking(move || work(&cancelled)).await.ok()
    }
}
