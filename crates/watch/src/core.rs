//! What decides: hears what was said, says when to look, and remembers. Touches a disk only through `Disk`, the time is an argument.

mod enter;
mod settle;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::burst::{Burst, Pace};
use crate::disk::{Disk, Seen};
use crate::interest::Interest;
use crate::moment::{NOTES_MAX, Note};
use crate::raw::{Raw, What};
use crate::rules::Rules;
use crate::table::{Table, split};

/// Directories that are heard.
pub const DIRECTORIES_MAX: usize = 200_000;
/// Files that are remembered.
pub const FILES_MAX: usize = 1_000_000;
/// How deep directories are followed.
const DEPTH_MAX: usize = 128;
/// Notes that are remembered, so that each is said once.
const SAID_MAX: usize = 1_000;
/// Directories that appeared while they were ignored.
const REFUSED_MAX: usize = 10_000;
/// The file of patterns.
const IGNORE_FILE: &str = ".gitignore";

/// The state of one watch.
#[derive(Debug)]
pub(crate) struct Core {
    interest: Interest,
    burst: Burst,
    table: Table,
    /// The rules of files above the root.
    base: Option<Arc<Rules>>,
    poll_ms: u64,
    polls_all: bool,
    next_poll_ms: Option<u64>,
    /// Directories of this burst that were not entered because they are ignored.
    refused: BTreeSet<String>,
    is_root_gone: bool,
    notes: Vec<Note>,
    said: BTreeSet<Note>,
}

impl Core {
    /// Enters the root and everything below it that matters; nothing of it is told. `polls_all` when the disk cannot be
    /// relied on to say what changes.
    pub(crate) fn start(
        interest: Interest,
        base: Option<Arc<Rules>>,
        pace: Pace,
        poll_ms: u64,
        polls_all: bool,
        notes: Vec<Note>,
        disk: &mut impl Disk,
    ) -> Core {
        let mut core = Core {
            interest,
            burst: Burst::new(pace),
            table: Table::default(),
            base,
            poll_ms,
            polls_all,
            next_poll_ms: None,
            refused: BTreeSet::new(),
            is_root_gone: false,
            notes: Vec::new(),
            said: BTreeSet::new(),
        };
        for note in notes {
            core.note(note);
        }
        core.enter("", None, disk);
        core.plan_poll(0);
        core
    }

    /// Other files matter from now on. Nothing is told of files that begin to matter or cease to.
    pub(crate) fn change_interest(
        &mut self,
        interest: Interest,
        base: Option<Arc<Rules>>,
        now_ms: u64,
        disk: &mut impl Disk,
    ) {
        self.interest = interest;
        self.base = base;
        if !self.is_root_gone {
            self.refresh("", &BTreeSet::new(), disk);
        }
        self.plan_poll(now_ms);
    }

    /// The system said something.
    pub(crate) fn hear(&mut self, raw: Raw, now_ms: u64, disk: &mut impl Disk) {
        match raw {
            Raw::Name { path, what, is_directory, cookie } => {
                self.hear_name(&path, what, is_directory, cookie, now_ms, disk);
            }
            Raw::Unwatched { directory, number } => {
                if self.table.directory(&directory).is_some_and(|known| known.number == Some(number)) {
                    self.burst.gone(&directory, now_ms);
                }
            }
            Raw::RootGone => self.burst.gone("", now_ms),
            Raw::Overflow => self.burst.overflow(now_ms),
            Raw::Git(sign) => self.burst.git(sign, now_ms),
            Raw::Noted(note) => self.note(note),
        }
    }

    fn hear_name(
        &mut self,
        path: &str,
        what: What,
        is_directory: Option<bool>,
        cookie: u32,
        now_ms: u64,
        disk: &mut impl Disk,
    ) {
        let (directory, name) = split(path);
        if name == ".git" || self.table.directory(directory).is_none() {
            return;
        }
        let is_known = self.table.directory(path).is_some();
        let appears = matches!(what, What::Created | What::To);
        let is_directory =
            is_directory.unwrap_or_else(|| is_known || appears && disk.look(path) == Seen::Directory);
        self.burst.heard(what);
        self.burst.half(path, what, cookie);
        if !is_directory {
            if name == IGNORE_FILE || self.interest.wants_file(path) {
                self.burst.name(path, what, now_ms);
            }
        } else if appears {
            // At once: what is put into it before it is watched is found by looking, what comes after is said.
            for found in self.enter(path, Some(now_ms), disk) {
                self.burst.found(&found, now_ms);
            }
        } else if is_known && matches!(what, What::Deleted | What::From) {
            self.burst.gone(path, now_ms);
        }
    }

    /// When to call `settle`; `None` while there is nothing to wait for.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        let burst = self.burst.due_ms().or_else(|| (!self.notes.is_empty()).then_some(0));
        [burst, self.next_poll_ms].into_iter().flatten().min()
    }

    /// How many directories are heard, how many of them have no watch, and how many files are remembered.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        (self.table.count(), self.table.unwatched().len(), self.table.files())
    }

    fn plan_poll(&mut self, now_ms: u64) {
        let polls = self.polls_all || !self.table.unwatched().is_empty();
        self.next_poll_ms = polls.then(|| {
            self.next_poll_ms.filter(|next| *next > now_ms).unwrap_or(now_ms.saturating_add(self.poll_ms))
        });
    }

    fn note(&mut self, note: Note) {
        let is_news = matches!(note, Note::RootGone | Note::RootBack) || !self.said.contains(&note);
        if is_news && self.notes.len() < NOTES_MAX && self.said.len() < SAID_MAX {
            self.said.insert(note.clone());
            self.notes.push(note);
        }
    }

    /// The rules for what lies in a directory, as far as they come from above it.
    fn rules_above(&self, directory: &str) -> Option<Arc<Rules>> {
        if directory.is_empty() {
            return self.base.clone();
        }
        self.table.directory(split(directory).0).and_then(|above| above.rules.clone())
    }

    /// Whether a directory is to be heard, given that the one it lies in is.
    fn admits(&self, directory: &str) -> bool {
        directory.is_empty()
            || split(directory).1 != ".git"
                && self.interest.wants_directory(directory)
                && (self.interest.is_exempt(directory, true)
                    || !self.rules_above(directory).is_some_and(|rules| rules.ignores(directory, true)))
    }

    /// Whether a file is to be told.
    fn matters(&self, path: &str) -> bool {
        let Some(directory) = self.table.directory(split(path).0) else {
            return false;
        };
        self.interest.wants_file(path)
            && (self.interest.is_exempt(path, false)
                || !directory.rules.as_ref().is_some_and(|rules| rules.ignores(path, false)))
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
