//! Which files there are to look into, and opening them so that nothing can make it wait. Looks for nothing itself.
#![expect(clippy::disallowed_methods, reason = "the files that are looked into are found and opened here")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use vcs::history::History;

use super::{Loaded, Outcomes, look};

/// Files of one scan; more are said to be left out.
const FILES_MAX: usize = 2_000_000;
/// How much of one file is looked into, in bytes: a file without end must not make a scan without end.
const FILE_BYTES_MAX: u64 = 16 << 30;

/// A file to look into.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    /// As it is shown, and as rules see it: from the root where it lies below it.
    shown: String,
    path: PathBuf,
    /// Whether a person named it. One that was only met may go away in the meantime, or be no regular file.
    is_named: bool,
}

/// The files that were asked for, and what could not be listed. `path` is where git is looked for.
pub(super) fn list(root: &Path, path: &str, asked: &[PathBuf]) -> (Vec<Listed>, Outcomes) {
    let mut listing = Listing { root, files: BTreeSet::new(), outcomes: Outcomes::default() };
    let whole = [root.to_path_buf()];
    let folders = if asked.is_empty() { &whole[..] } else { asked };
    for asked in folders {
        match asked.metadata() {
            Ok(data) if data.is_dir() => listing.walk(asked),
            Ok(_) => listing.add(asked.clone(), true),
            Err(error) => listing.outcomes.unread(shown(root, asked), error),
        }
    }
    // What git follows is part of the repository even where it is ignored.
    let history = History::open(root, path);
    match history.followed() {
        Ok(followed) => {
            for path in followed.iter().map(|path| root.join(OsStr::from_bytes(path))) {
                if folders.iter().any(|folder| path.starts_with(folder)) && !listing.has(&path) {
                    listing.add(path, false);
                }
            }
        }
        Err(error) => listing.outcomes.unread("the files that git follows".to_string(), error),
    }
    (listing.files.into_iter().collect(), listing.outcomes)
}

struct Listing<'a> {
    root: &'a Path,
    files: BTreeSet<Listed>,
    outcomes: Outcomes,
}

impl Listing<'_> {
    fn walk(&mut self, folder: &Path) {
        let odd: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
        let left_out = Arc::clone(&odd);
        let mut walk = listing::walk(folder, &[], move |entry| {
            if entry.file_name() == ".git" {
                return false;
            }
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            if is_folder && !listing::can_heed(entry.path(), &[]) {
                left_out.lock().unwrap_or_else(PoisonError::into_inner).push(entry.path().to_path_buf());
            }
            true
        });
        // Files named `.ignore` are no list of git's: what a repository hides with them is in its commits all the same.
        for entry in walk.ignore(false).build() {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    self.add(entry.into_path(), false);
                }
                Ok(_) => {}
                Err(error) => {
                    let (path, why) = told(&error);
                    self.outcomes.unread(shown(self.root, path.unwrap_or(folder)), why);
                }
            }
        }
        for path in odd.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            self.outcomes.unread(
                shown(self.root, &path),
                "its list of what is ignored is no file, or too large".to_string(),
            );
        }
    }

    fn add(&mut self, path: PathBuf, is_named: bool) {
        let shown = shown(self.root, &path);
        if self.files.len() >= FILES_MAX {
            self.outcomes.unread(shown, format!("there are more than {FILES_MAX} files; name a folder"));
        } else {
            self.files.insert(Listed { shown, path, is_named });
        }
    }

    fn has(&self, path: &Path) -> bool {
        let shown = shown(self.root, path);
        let one = |is_named| Listed { shown: shown.clone(), path: path.to_path_buf(), is_named };
        self.files.contains(&one(false)) || self.files.contains(&one(true))
    }
}

/// The path of an error, and its words without the path.
fn told(error: &listing::Error) -> (Option<&Path>, String) {
    match error {
        listing::Error::WithPath { path, err } => (Some(path), told(err).1),
        listing::Error::WithDepth { err, .. } | listing::Error::WithLineNumber { err, .. } => told(err),
        other => (None, other.to_string()),
    }
}

/// The path from the root with `/`; as it is outside. What is no UTF-8 is replaced.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// Looks into one file.
pub(super) fn look_into(loaded: &Loaded, file: &Listed) -> Outcomes {
    let mut outcomes = Outcomes::default();
    let opened = match open(file) {
        Ok(Some(opened)) => opened,
        Ok(None) => return outcomes,
        Err(error) => {
            outcomes.unread(file.shown.clone(), error);
            return outcomes;
        }
    };
    let mut rest = opened.take(FILE_BYTES_MAX);
    match look::read(&loaded.scanner, &file.shown, &mut rest, &mut outcomes) {
        Ok(()) if rest.limit() == 0 => {
            outcomes.unread(file.shown.clone(), format!("what lies beyond {FILE_BYTES_MAX} bytes"));
        }
        Ok(()) => outcomes.contents += 1,
        Err(error) => outcomes.unread(file.shown.clone(), error),
    }
    outcomes
}

/// Opens without waiting, as a pipe would make us; nothing for what was only met and is no regular file (any more).
fn open(file: &Listed) -> io::Result<Option<File>> {
    let mut flags = rustix::fs::OFlags::NONBLOCK;
    if !file.is_named {
        flags |= rustix::fs::OFlags::NOFOLLOW;
    }
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let opened = match OpenOptions::new().read(true).custom_flags(flags).open(&file.path) {
        Ok(opened) => opened,
        Err(error) if !file.is_named && is_gone_or_other(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    if opened.metadata()?.is_file() {
        return Ok(Some(opened));
    }
    if file.is_named { Err(io::Error::other("is no regular file")) } else { Ok(None) }
}

/// What was listed a moment ago went away or became a link.
fn is_gone_or_other(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
