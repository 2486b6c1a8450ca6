//! What was said since the last batch, and when it is time to look: a state machine with the time as an argument. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::moment::Rescanned;
use crate::raw::{Sign, What};

/// Names that are remembered one by one; of more, their directories are.
const PATHS_MAX: usize = 100_000;
/// Renames whose two names are remembered; further ones are a deletion and a creation.
const RENAMES_MAX: usize = 100_000;

/// How long to wait for what. All in milliseconds since the last or the first thing that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Silence after which a few changes are told.
    pub settle_ms: u64,
    /// Silence after which many changes are told.
    pub quiet_ms: u64,
    /// How many are many.
    pub many: usize,
    /// A burst is told after this time, also when it goes on.
    pub burst_max_ms: u64,
    /// A file that was written and is still open is told after this time.
    pub open_max_ms: u64,
    /// While git holds its lock, a burst is held back for this time at most.
    pub git_hold_max_ms: u64,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            settle_ms: 6,
            quiet_ms: 40,
            many: 64,
            burst_max_ms: 400,
            open_max_ms: 1_000,
            git_hold_max_ms: 2_000,
        }
    }
}

/// What was said of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) first_ms: u64,
    pub(crate) last_ms: u64,
    pub(crate) created: bool,
    pub(crate) written: bool,
    is_open: bool,
}

impl Hint {
    /// Of a name that was found, by looking.
    pub(crate) fn found(now_ms: u64, created: bool) -> Hint {
        Hint { first_ms: now_ms, last_ms: now_ms, created, written: false, is_open: false }
    }
}

/// What is to be looked at.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) paths: BTreeMap<String, Hint>,
    /// Directories that may be gone.
    pub(crate) gone: BTreeSet<String>,
    /// Directories to compare name by name.
    pub(crate) lists: BTreeSet<String>,
    pub(crate) renames: Vec<(String, String)>,
    pub(crate) rescan: Option<Rescanned>,
    pub(crate) head: bool,
    pub(crate) index: bool,
    pub(crate) first_ms: u64,
}

/// The burst that is going on.
#[derive(Debug)]
pub(crate) struct Burst {
    pace: Pace,
    work: Work,
    halves: HashMap<u32, String>,
    /// When the first and the last thing was said that can be told.
    span: Option<(u64, u64)>,
    /// When the burst began, whatever held it back since.
    began_ms: u64,
    /// When the first of the files that are still open can be told.
    open_due_ms: Option<u64>,
    locked_ms: Option<u64>,
    /// Changes that were heard since the last look or since git locked, of names that matter and of others: whether git is at work.
    heard: usize,
}

impl Burst {
    pub(crate) fn new(pace: Pace) -> Burst {
        Burst {
            pace,
            work: Work::default(),
            halves: HashMap::new(),
            span: None,
            began_ms: 0,
            open_due_ms: None,
            locked_ms: None,
            heard: 0,
        }
    }

    /// Something happened to a name, whether it matters or not.
    pub(crate) fn heard(&mut self, what: What) {
        if matches!(what, What::Closed | What::To | What::Deleted) {
            self.heard = self.heard.saturating_add(1);
        }
    }

    /// Something happened to a file that matters, or to what may be one.
    pub(crate) fn name(&mut self, path: &str, what: What, now_ms: u64) {
        let Some(hint) = self.hint(path, now_ms) else {
            return;
        };
        hint.last_ms = now_ms;
        match what {
            What::Created | What::To => hint.created = true,
            What::Written => (hint.written, hint.is_open) = (true, true),
            What::Closed | What::Deleted | What::From => hint.is_open = false,
        }
        if hint.is_open {
            let due = hint.first_ms.saturating_add(self.pace.open_max_ms);
            self.open_due_ms = Some(self.open_due_ms.map_or(due, |open| open.min(due)));
        } else {
            self.touch(now_ms);
        }
    }

    /// A file was found by looking.
    pub(crate) fn found(&mut self, path: &str, now_ms: u64) {
        self.name(path, What::Created, now_ms);
    }

    fn hint(&mut self, path: &str, now_ms: u64) -> Option<&mut Hint> {
        if self.work.paths.len() >= PATHS_MAX && !self.work.paths.contains_key(path) {
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            self.compare(directory, Rescanned::TooMany, now_ms);
            return None;
        }
        if !self.work.paths.contains_key(path) {
            self.work.paths.insert(path.to_owned(), Hint::found(now_ms, false));
        }
        self.work.paths.get_mut(path)
    }

    /// A directory may be gone.
    pub(crate) fn gone(&mut self, directory: &str, now_ms: u64) {
        if !self.work.gone.contains(directory) {
            self.work.gone.insert(directory.to_owned());
        }
        self.touch(now_ms);
    }

    /// A directory is to be compared name by name.
    pub(crate) fn compare(&mut self, directory: &str, why: Rescanned, now_ms: u64) {
        if !self.work.lists.contains(directory) {
            self.work.lists.insert(directory.to_owned());
        }
        self.work.rescan = self.work.rescan.max(Some(why));
        self.touch(now_ms);
    }

    /// Nothing that was said can be relied on.
    pub(crate) fn overflow(&mut self, now_ms: u64) {
        self.work.rescan = Some(Rescanned::Overflow);
        self.touch(now_ms);
    }

    /// One half of a rename. The other half has the same cookie.
    pub(crate) fn half(&mut self, path: &str, what: What, cookie: u32) {
        if cookie == 0 || self.work.renames.len() >= RENAMES_MAX {
            return;
        }
        match what {
            What::From if self.halves.len() < RENAMES_MAX => {
                self.halves.insert(cookie, path.to_owned());
            }
            What::To => {
                if let Some(from) = self.halves.remove(&cookie) {
                    self.work.renames.push((from, path.to_owned()));
                }
            }
            _ => {}
        }
    }

    /// Git did something.
    pub(crate) fn git(&mut self, sign: Sign, now_ms: u64) {
        match sign {
            Sign::Locked => (self.locked_ms, self.heard) = (Some(now_ms), 0),
            Sign::Unlocked => {
                self.locked_ms = None;
                // Git writes its head just after it unlocked the index: wait once more for silence.
                if let Some((first, last)) = &mut self.span {
                    (*first, *last) = (now_ms, now_ms);
                }
            }
            Sign::Head => {
                self.work.head = true;
                self.touch(now_ms);
            }
            Sign::Index => {
                self.work.index = true;
                self.touch(now_ms);
            }
        }
    }

    fn touch(&mut self, now_ms: u64) {
        match &mut self.span {
            Some((_, last)) => *last = now_ms.max(*last),
            None => {
                self.span = Some((now_ms, now_ms));
                self.began_ms = now_ms;
            }
        }
    }

    /// When to take what there is; `None` while there is nothing.
    pub(crate) fn due_ms(&self) -> Option<u64> {
        let pace = &self.pace;
        let told = self.span.map(|(first, last)| {
            let is_many = self.work.paths.len() > pace.many || self.work.rescan.is_some();
            let silence = if is_many { pace.quiet_ms } else { pace.settle_ms };
            let due = last.saturating_add(silence).min(first.saturating_add(pace.burst_max_ms));
            let held =
                self.locked_ms.map_or(due, |locked| due.max(locked.saturating_add(pace.git_hold_max_ms)));
            // Whoever locks again and again does not hold a burst for ever.
            held.min(self.began_ms.saturating_add(pace.burst_max_ms).saturating_add(pace.git_hold_max_ms))
        });
        [told, self.open_due_ms].into_iter().flatten().min()
    }

    /// What is to be looked at now. Files that are written and still open stay, until it is their time; so do those that something
    /// happened to just now.
    pub(crate) fn take(&mut self, now_ms: u64) -> Work {
        let pace = self.pace;
        let mut work = std::mem::take(&mut self.work);
        self.open_due_ms = None;
        let is_open = |hint: &Hint| hint.is_open && now_ms < hint.first_ms.saturating_add(pace.open_max_ms);
        // A burst that is cut is not cut within what happens to one file, as between its deletion and its creation.
        let is_fresh = |hint: &Hint| {
            now_ms < hint.last_ms.saturating_add(pace.settle_ms)
                && now_ms < hint.first_ms.saturating_add(pace.burst_max_ms)
        };
        let mut fresh_ms = None;
        if work.paths.values().any(|hint| is_open(hint) || is_fresh(hint)) {
            for (path, hint) in std::mem::take(&mut work.paths) {
                if is_open(&hint) {
                    let due = hint.first_ms.saturating_add(pace.open_max_ms);
                    self.open_due_ms = Some(self.open_due_ms.map_or(due, |open| open.min(due)));
                } else if is_fresh(&hint) {
                    fresh_ms = fresh_ms.max(Some(hint.last_ms));
                } else {
                    work.paths.insert(path, hint);
                    continue;
                }
                self.work.paths.insert(path, hint);
            }
            let held = &self.work.paths;
            let waits = |(from, to): &(String, String)| held.contains_key(from) || held.contains_key(to);
            let renames = std::mem::take(&mut work.renames);
            (self.work.renames, work.renames) = renames.into_iter().partition(waits);
        }
        let first = work.paths.values().map(|hint| hint.first_ms).min();
        work.first_ms = self.span.map(|(first, _)| first.min(self.began_ms)).or(first).unwrap_or(now_ms);
        self.span = fresh_ms.map(|last| (now_ms, last));
        self.began_ms = now_ms;
        self.halves.clear();
        if self.locked_ms.is_some_and(|locked| now_ms >= locked.saturating_add(self.pace.git_hold_max_ms)) {
            // A lock that somebody forgot holds nothing back any more; git at work does, once more.
            self.locked_ms = (self.heard > self.pace.many).then_some(now_ms);
        }
        self.heard = 0;
        work
    }
}

#[cfg(test)]
#[path = "burst_tests.rs"]
mod tests;
