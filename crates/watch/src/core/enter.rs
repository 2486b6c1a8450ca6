//! Directories that begin to be heard, and those that cease to: watches, rules, and the files in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Core, DEPTH_MAX, DIRECTORIES_MAX, FILES_MAX, IGNORE_FILE, REFUSED_MAX};
use crate::disk::{Disk, Seen, Sort, Trouble};
use crate::moment::Note;
use crate::rules::{RULES_BYTES_MAX, Rules};
use crate::table::join;

impl Core {
    /// Hears a directory and all below it. With a time, its files are new, and are given back; without, they are remembered
    /// as they are.
    pub(super) fn enter(&mut self, path: &str, told: Option<u64>, disk: &mut impl Disk) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![path.to_owned()];
        while let Some(directory) = open.pop() {
            if !self.admits(&directory) {
                if told.is_some() && self.refused.len() < REFUSED_MAX {
                    self.refused.insert(directory);
                }
                continue;
            }
            let held = self.table.directory(&directory).map(|held| held.number);
            if held.is_none() && self.is_full(&directory) {
                continue;
            }
            // First the watch, then the names: what comes in between is seen twice and not missed.
            let Ok(number) = self.watch(&directory, disk) else {
                continue;
            };
            if let Some(Some(old)) = held
                && number != Some(old)
            {
                disk.unwatch(&directory, old);
            }
            let entries = self.list(&directory, disk);
            let mut rules = self.rules_above(&directory);
            let brings = |(name, sort): &(String, Sort)| name == IGNORE_FILE && *sort == Sort::File;
            if entries.as_ref().is_some_and(|entries| entries.iter().any(brings)) {
                rules = self.read_rules(&directory, rules, disk);
            }
            self.table.enter(&directory, number.filter(|_| entries.is_some()), rules);
            for (name, sort) in entries.unwrap_or_default() {
                let path = join(&directory, &name);
                match sort {
                    Sort::Directory if name != ".git" => open.push(path),
                    Sort::File if self.interest.wants_file(&path) => match told {
                        Some(_) => found.push(path),
                        None => self.remember(&path, disk),
                    },
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether there is no room for one more directory.
    fn is_full(&mut self, directory: &str) -> bool {
        let is_deep = directory.bytes().filter(|byte| *byte == b'/').count() >= DEPTH_MAX;
        if is_deep {
            self.note(Note::TooMany { what: "directories within one another", max: DEPTH_MAX });
        }
        let is_full = self.table.count() >= DIRECTORIES_MAX;
        if is_full {
            self.note(Note::TooMany { what: "directories", max: DIRECTORIES_MAX });
        }
        is_deep || is_full
    }

    /// Watches a directory, or says that it is looked at instead. An error when it is not there.
    pub(super) fn watch(&mut self, directory: &str, disk: &mut impl Disk) -> Result<Option<i32>, Trouble> {
        match disk.watch(directory) {
            Ok(number) => Ok(Some(number)),
            Err(Trouble::Gone) => Err(Trouble::Gone),
            Err(Trouble::Denied) => Ok(None),
            Err(Trouble::UsedUp) => {
                let is_said = |note: &Note| matches!(note, Note::WatchesUsedUp { .. } | Note::NoWatch { .. });
                if !self.said.iter().any(is_said) {
                    self.note(Note::WatchesUsedUp { path: directory.to_owned(), every_ms: self.poll_ms });
                }
                Ok(None)
            }
        }
    }

    /// The names in a directory; `None` and a note when it may not be read, `None` when it is not there.
    pub(super) fn list(&mut self, directory: &str, disk: &mut impl Disk) -> Option<Vec<(String, Sort)>> {
        let mut notes = Vec::new();
        let entries = disk.list(directory, &mut notes);
        for note in notes {
            self.note(note);
        }
        if entries == Err(Trouble::Denied) {
            self.note(Note::Unreadable { path: directory.to_owned() });
        }
        entries.ok()
    }

    /// The rules of a directory that has a file of them.
    pub(super) fn read_rules(
        &mut self,
        directory: &str,
        above: Option<Arc<Rules>>,
        disk: &mut impl Disk,
    ) -> Option<Arc<Rules>> {
        let path = join(directory, IGNORE_FILE);
        if !self.interest.asks_git() {
            return above;
        }
        let Some(text) = disk.read(&path, RULES_BYTES_MAX) else {
            return above;
        };
        let rules = Rules::inside(above, directory, text);
        if let Some(why) = rules.fault() {
            self.note(Note::BadPattern { path, why: why.to_owned() });
        }
        Some(rules)
    }

    /// Remembers a file as it is, when it matters. Nothing is told.
    fn remember(&mut self, path: &str, disk: &mut impl Disk) {
        if self.matters(path)
            && !self.is_full_of_files()
            && let Seen::File(stamp) = disk.look(path)
        {
            self.table.set(path, Some(stamp));
        }
    }

    pub(super) fn is_full_of_files(&mut self) -> bool {
        let is_full = self.table.files() >= FILES_MAX;
        if is_full {
            self.note(Note::TooMany { what: "files", max: FILES_MAX });
        }
        is_full
    }

    /// Hears a directory and all below it no longer. Nothing is told.
    pub(super) fn forget(&mut self, directory: &str, disk: &mut impl Disk) {
        for (path, number) in self.table.remove(directory) {
            if let Some(number) = number {
                disk.unwatch(&path, number);
            }
        }
    }

    /// Brings a directory and all below it in line with rules or an interest that changed. Files that begin to matter are
    /// remembered and not told, unless they are among `marked`. Gives the files that appeared together with the change.
    pub(super) fn refresh(
        &mut self,
        top: &str,
        marked: &BTreeSet<String>,
        disk: &mut impl Disk,
    ) -> Vec<String> {
        let mut found = Vec::new();
        let inside: Vec<String> = self.table.below(top).map(|(path, _)| path.to_owned()).collect();
        for directory in inside {
            let Some(held) = self.table.directory(&directory) else {
                // It went with what it lies in.
                continue;
            };
            let own = held.rules.clone().filter(|rules| rules.is_of(&directory));
            if directory != top && !self.admits(&directory) {
                self.forget(&directory, disk);
                continue;
            }
            let above = self.rules_above(&directory);
            let rules = if directory == top || own.is_none() && self.interest.asks_git() {
                self.read_rules(&directory, above, disk)
            } else {
                own.map(|own| own.under(above.clone())).or(above)
            };
            self.table.set_rules(&directory, rules);
            let files = self.table.directory(&directory).map(|held| held.files.keys());
            let paths: Vec<String> = files.into_iter().flatten().map(|name| join(&directory, name)).collect();
            for path in paths {
                if !self.matters(&path) {
                    self.table.set(&path, None);
                }
            }
            for (name, sort) in self.list(&directory, disk).unwrap_or_default() {
                let path = join(&directory, &name);
                match sort {
                    Sort::Directory if self.table.directory(&path).is_none() => {
                        let is_new = self.refused.contains(&path);
                        found.extend(self.enter(&path, is_new.then_some(0), disk));
                    }
                    Sort::File if self.table.stamp(&path).is_none() && !marked.contains(&path) => {
                        self.remember(&path, disk);
                    }
                    _ => {}
                }
            }
        }
        found
    }
}
