//! From what was said to a batch: compares directories, looks at the names, judges, remembers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Core, IGNORE_FILE};
use crate::burst::{Hint, Work};
use crate::disk::{Disk, Seen, Sort};
use crate::judge::{Sight, judge};
use crate::moment::{Batch, Moment, Note, Rescanned};
use crate::table::{join, split};

/// What was found in one settling.
#[derive(Default)]
struct Round {
    paths: BTreeMap<String, Hint>,
    gone: BTreeSet<String>,
    /// Directories that are not there any more.
    removed: BTreeSet<String>,
}

impl Round {
    fn mark(&mut self, path: String, now_ms: u64, created: bool) {
        let hint = self.paths.entry(path).or_insert_with(|| Hint::found(now_ms, created));
        hint.created |= created;
    }

    fn is_removed(&self, path: &str) -> bool {
        if self.removed.is_empty() {
            return false;
        }
        let ends = path.char_indices().filter(|(_, sign)| *sign == '/').map(|(at, _)| at);
        std::iter::once(0)
            .chain(ends)
            .any(|end| path.get(..end).is_some_and(|above| self.removed.contains(above)))
    }
}

impl Core {
    /// Takes what is due and tells what happened. `cause` is asked about each moment, with the times at which it was first and last heard of.
    pub(crate) fn settle(
        &mut self,
        now_ms: u64,
        disk: &mut impl Disk,
        cause: &mut dyn FnMut(&Moment, u64, u64) -> Option<String>,
    ) -> Option<Batch> {
        let mut work = self.burst.take(now_ms);
        self.take_poll(now_ms, &mut work);
        let mut round = Round {
            paths: std::mem::take(&mut work.paths),
            gone: std::mem::take(&mut work.gone),
            ..Round::default()
        };
        for directory in std::mem::take(&mut work.lists) {
            self.compare(&directory, now_ms, &mut round, disk);
        }
        // When a directory above the root moves, nobody says so.
        if !round.paths.is_empty() && disk.look("") != Seen::Directory {
            round.gone.insert(String::new());
        }
        self.leave(now_ms, &mut round, disk);
        self.reload(now_ms, &mut round, disk);
        let sights = self.look(&round, disk);
        let mut moments = judge(&sights, &work.renames);
        for (path, sight) in &sights {
            if sight.was.is_some() || !self.is_full_of_files() {
                self.table.set(path, sight.is);
            }
        }
        for directory in &round.removed {
            self.forget(directory, disk);
        }
        if round.removed.contains("") {
            // Kept without a watch, so that it is looked for.
            self.table.enter("", None, self.base.clone());
        }
        self.refused.clear();
        self.plan_poll(now_ms);
        for moment in &mut moments {
            let hint = round.paths.get(&moment.path);
            let (first, last) = hint.map_or((work.first_ms, now_ms), |hint| (hint.first_ms, hint.last_ms));
            moment.cause = cause(moment, first.min(work.first_ms), last);
        }
        // A look that found nothing is not worth a word.
        let rescanned = work.rescan.filter(|why| *why != Rescanned::Polled || !moments.is_empty());
        let batch = Batch {
            moments,
            rescanned,
            checkout: work.head,
            index: work.index,
            notes: std::mem::take(&mut self.notes),
            first_ms: work.first_ms,
            at_ms: now_ms,
            merged: 0,
        };
        (!batch.is_empty()).then_some(batch)
    }

    /// Adds what is to be compared because it is time to, or because nothing can be relied on.
    fn take_poll(&mut self, now_ms: u64, work: &mut Work) {
        let is_time = self.next_poll_ms.is_some_and(|next| next <= now_ms);
        if work.rescan == Some(Rescanned::Overflow) || is_time && self.polls_all {
            work.lists.extend(self.table.below("").map(|(path, _)| path.to_owned()));
            work.lists.insert(String::new());
        } else if is_time {
            work.lists.extend(self.table.unwatched().iter().map(|path| path.to_string()));
        }
        if is_time {
            work.rescan = work.rescan.max(Some(Rescanned::Polled));
        }
    }

    /// Compares the names in a directory with those that are known.
    fn compare(&mut self, directory: &str, now_ms: u64, round: &mut Round, disk: &mut impl Disk) {
        if directory.is_empty() && self.is_root_gone {
            if disk.look("") != Seen::Directory {
                return;
            }
            self.is_root_gone = false;
            self.note(Note::RootBack);
            for path in self.enter("", Some(now_ms), disk) {
                round.mark(path, now_ms, true);
            }
            return;
        }
        let Some(held) = self.table.directory(directory) else {
            return;
        };
        let (old, rules) = (held.number, held.rules.clone());
        // Once more: another directory may be in its place, or there may be a watch for it by now.
        let Ok(number) = self.watch(directory, disk) else {
            round.gone.insert(directory.to_owned());
            return;
        };
        if let Some(old) = old.filter(|old| number != Some(*old)) {
            disk.unwatch(directory, old);
        }
        let entries = self.list(directory, disk);
        let brings_rules = rules.as_ref().is_some_and(|rules| rules.is_of(directory));
        self.table.enter(directory, number.filter(|_| entries.is_some()), rules);
        let Some(entries) = entries else {
            if disk.look(directory) != Seen::Directory {
                round.gone.insert(directory.to_owned());
            }
            return;
        };
        let mut files = BTreeSet::new();
        let mut directories = BTreeSet::new();
        for (name, sort) in entries {
            let path = join(directory, &name);
            match sort {
                Sort::Directory => {
                    if self.table.directory(&path).is_none() {
                        for found in self.enter(&path, Some(now_ms), disk) {
                            round.mark(found, now_ms, true);
                        }
                    }
                    directories.insert(path);
                }
                Sort::File => {
                    if name == IGNORE_FILE {
                        round.mark(path.clone(), now_ms, false);
                    }
                    if self.matters(&path) {
                        let known = self.table.stamp(&path);
                        let seen = disk.look(&path);
                        if known.map(Seen::File) != Some(seen) {
                            round.mark(path, now_ms, known.is_none());
                        }
                    }
                    files.insert(name);
                }
                Sort::Special => {}
            }
        }
        if brings_rules && !files.contains(IGNORE_FILE) {
            round.mark(join(directory, IGNORE_FILE), now_ms, false);
        }
        let known = self.table.directory(directory).map(|held| held.files.keys());
        for name in known.into_iter().flatten().filter(|name| !files.contains(&***name)) {
            round.mark(join(directory, name), now_ms, false);
        }
        let children = self.table.children(directory);
        round.gone.extend(children.into_iter().filter(|child| !directories.contains(child)));
    }

    /// Looks whether directories are gone that may be; all files that were in them are looked at.
    fn leave(&mut self, now_ms: u64, round: &mut Round, disk: &mut impl Disk) {
        for directory in std::mem::take(&mut round.gone) {
            if self.table.directory(&directory).is_none() || round.is_removed(&directory) {
                continue;
            }
            let below = self.table.below(&directory);
            let mut inside = Vec::new();
            for (path, held) in below {
                inside.push(path.to_owned());
                for name in held.files.keys() {
                    round.mark(join(path, name), now_ms, false);
                }
            }
            if disk.look(&directory) != Seen::Directory {
                if directory.is_empty() && !self.is_root_gone {
                    self.is_root_gone = true;
                    self.note(Note::RootGone);
                }
                round.removed.insert(directory);
                continue;
            }
            // Another one is in its place, without some of the directories that the old one had.
            for path in inside {
                if path != directory && !round.is_removed(&path) && disk.look(&path) != Seen::Directory {
                    round.removed.insert(path);
                }
            }
            for found in self.enter(&directory, Some(now_ms), disk) {
                let is_new = self.table.stamp(&found).is_none();
                round.mark(found, now_ms, is_new);
            }
        }
    }

    /// Reads files of patterns that changed, and hears what they admit.
    fn reload(&mut self, now_ms: u64, round: &mut Round, disk: &mut impl Disk) {
        let changed: Vec<String> = round
            .paths
            .keys()
            .filter(|path| split(path).1 == IGNORE_FILE && !round.is_removed(path))
            .map(|path| split(path).0.to_owned())
            .collect();
        if changed.is_empty() {
            return;
        }
        let marked: BTreeSet<String> = round.paths.keys().cloned().collect();
        for directory in changed {
            let Some(held) = self.table.directory(&directory) else {
                continue;
            };
            let old = held.rules.clone().filter(|rules| rules.is_of(&directory));
            let new = disk.read(&join(&directory, IGNORE_FILE), crate::rules::RULES_BYTES_MAX);
            if old.as_ref().map(|rules| rules.text()) != new.as_deref() {
                for found in self.refresh(&directory, &marked, disk) {
                    round.mark(found, now_ms, true);
                }
            }
        }
    }

    /// What each name was and is.
    fn look(&mut self, round: &Round, disk: &mut impl Disk) -> BTreeMap<String, Sight> {
        let mut sights = BTreeMap::new();
        for (path, hint) in &round.paths {
            let was = self.table.stamp(path);
            if !self.matters(path) {
                self.table.set(path, None);
                continue;
            }
            let is = match round.is_removed(path) {
                true => None,
                false => match disk.look(path) {
                    Seen::File(stamp) => Some(stamp),
                    _ => None,
                },
            };
            if was.is_some() || is.is_some() {
                let sight = Sight { was, is, created: hint.created, written: hint.written };
                sights.insert(path.clone(), sight);
            }
        }
        sights
    }
}
