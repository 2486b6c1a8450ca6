//! What is known of the files that matter: directories, their watches, and a stamp for each file. Compact, and pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use crate::judge::Stamp;
use crate::rules::Rules;

/// One directory that is heard.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    /// The number of its watch; `None` when its files are looked at from time to time instead.
    pub(crate) number: Option<i32>,
    pub(crate) rules: Option<Arc<Rules>>,
    pub(crate) files: BTreeMap<Box<str>, Stamp>,
}

/// All of them, by path. The root is the empty path.
#[derive(Debug, Default)]
pub(crate) struct Table {
    directories: BTreeMap<Box<str>, Directory>,
    unwatched: BTreeSet<Box<str>>,
    files: usize,
}

/// A path as its directory and its name.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A name in a directory as a path.
pub(crate) fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

impl Table {
    pub(crate) fn directory(&self, path: &str) -> Option<&Directory> {
        self.directories.get(path)
    }

    /// Adds a directory, or changes the watch and the rules of one.
    pub(crate) fn enter(&mut self, path: &str, number: Option<i32>, rules: Option<Arc<Rules>>) {
        if number.is_some() {
            self.unwatched.remove(path);
        } else {
            self.unwatched.insert(path.into());
        }
        let directory = self.directories.entry(path.into()).or_default();
        (directory.number, directory.rules) = (number, rules);
    }

    pub(crate) fn set_rules(&mut self, path: &str, rules: Option<Arc<Rules>>) {
        if let Some(directory) = self.directories.get_mut(path) {
            directory.rules = rules;
        }
    }

    pub(crate) fn stamp(&self, path: &str) -> Option<Stamp> {
        let (directory, name) = split(path);
        self.directories.get(directory)?.files.get(name).copied()
    }

    /// Remembers what a file is now. One in a directory that is not known is not remembered.
    pub(crate) fn set(&mut self, path: &str, stamp: Option<Stamp>) {
        let (directory, name) = split(path);
        let Some(directory) = self.directories.get_mut(directory) else {
            return;
        };
        match stamp {
            Some(stamp) => match directory.files.get_mut(name) {
                Some(held) => *held = stamp,
                None => {
                    directory.files.insert(name.into(), stamp);
                    self.files += 1;
                }
            },
            None => self.files -= usize::from(directory.files.remove(name).is_some()),
        }
    }

    /// A directory and all below it, parents first.
    pub(crate) fn below(&self, path: &str) -> impl Iterator<Item = (&str, &Directory)> {
        let (from, to) = if path.is_empty() {
            (Bound::Unbounded, Bound::Unbounded)
        } else {
            // The sign after the slash ends what begins with the path and a slash.
            (Bound::Included(format!("{path}/").into_boxed_str()), Bound::Excluded(format!("{path}0").into()))
        };
        let own = self.directories.get_key_value(path).filter(|_| !path.is_empty());
        let range = self.directories.range::<Box<str>, _>((from, to));
        own.into_iter().chain(range).map(|(path, directory)| (&**path, directory))
    }

    /// The directories directly in a directory.
    pub(crate) fn children(&self, path: &str) -> Vec<String> {
        let skip = if path.is_empty() { 0 } else { path.len() + 1 };
        let inside = self.below(path).map(|(below, _)| below);
        let direct = inside.filter(|below| {
            below.len() > path.len() && below.get(skip..).is_some_and(|rest| !rest.contains('/'))
        });
        direct.map(str::to_owned).collect()
    }

    /// Forgets a directory and all below it; gives their watches.
    pub(crate) fn remove(&mut self, path: &str) -> Vec<(String, Option<i32>)> {
        let paths: Vec<(String, Option<i32>)> =
            self.below(path).map(|(below, directory)| (below.to_owned(), directory.number)).collect();
        for (path, _) in &paths {
            self.unwatched.remove(path.as_str());
            if let Some(directory) = self.directories.remove(path.as_str()) {
                self.files -= directory.files.len();
            }
        }
        paths
    }

    /// The directories without a watch.
    pub(crate) fn unwatched(&self) -> &BTreeSet<Box<str>> {
        &self.unwatched
    }

    pub(crate) fn count(&self) -> usize {
        self.directories.len()
    }

    pub(crate) fn files(&self) -> usize {
        self.files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(paths: &[&str], of: &str, below: &[&str], children: &[&str]) {
        let mut table = Table::default();
        for path in paths {
            table.enter(path, None, None);
            table.set(&join(path, "file"), Some(Stamp(1)));
        }
        assert_eq!(table.below(of).map(|(path, _)| path).collect::<Vec<_>>(), below);
        assert_eq!(table.children(of), children);
        assert_eq!(table.files(), paths.len());
        table.remove(of);
        assert_eq!(table.files(), paths.len() - below.len());
        assert_eq!(table.count(), paths.len() - below.len());
        assert_eq!(table.unwatched().len(), table.count());
    }

    #[test]
    fn what_lies_below_is_found_and_what_is_beside_is_not() {
        let all = ["", "a", "a-b", "a/b", "a/b/c", "a0", "ab", "b"];
        check(&all, "", &all, &["a", "a-b", "a0", "ab", "b"]);
        check(&all, "a", &["a", "a/b", "a/b/c"], &["a/b"]);
        check(&all, "b", &["b"], &[]);
        check(&all, "c", &[], &[]);
    }

    #[test]
    fn a_file_is_counted_once() {
        let mut table = Table::default();
        table.set("x/y", Some(Stamp(1)));
        assert_eq!((table.files(), table.stamp("x/y")), (0, None));
        table.enter("x", Some(1), None);
        table.set("x/y", Some(Stamp(1)));
        table.set("x/y", Some(Stamp(2)));
        assert_eq!((table.files(), table.stamp("x/y")), (1, Some(Stamp(2))));
        table.set("x/y", None);
        table.set("x/y", None);
        assert_eq!((table.files(), table.stamp("x/y")), (0, None));
    }
}
