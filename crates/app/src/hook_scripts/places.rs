//! Where the words of a command are looked up: the folder in which it runs, the others in which it may, and the files there. Which words are
//! looked up is said elsewhere.
#![expect(clippy::disallowed_methods, reason = "the scripts of hooks are looked for here")]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use policy::Directory;

use super::launchers::NODE_ENDS;
use super::variables::{self, Known};
use super::{normal, wild};

/// In how many folders a command is looked at whose own is not known.
const FOLDERS_MAX: usize = 32;
/// How many names of files are looked up for one hook.
pub(super) const LOOKUPS_MAX: usize = 20_000;
/// How many folders of a line's `PATH` are looked into.
const PATH_MAX: usize = 16;

/// Where words are looked up.
#[derive(Clone)]
pub(super) struct Place<'a> {
    /// Only what lies below is looked for.
    pub(super) root: &'a Path,
    /// Where the line begins.
    pub(super) begin: PathBuf,
    /// Where the command runs.
    pub(super) folder: PathBuf,
    /// Files that are named by an absolute path are passed over.
    pub(super) is_relative: bool,
    /// Wildcards are expanded.
    pub(super) is_wild: bool,
    /// Folders in which a program is looked up, beside those of the system.
    pub(super) path: Vec<PathBuf>,
    /// Folders in which Python looks up modules first.
    pub(super) modules: Vec<PathBuf>,
    /// Folders in which a command of the line ran before.
    pub(super) others: Vec<PathBuf>,
    /// Folders to which the line goes at any place, from each other.
    pub(super) reached: Rc<Vec<PathBuf>>,
    /// It goes to one of them, nobody knows to which.
    pub(super) is_lost: bool,
    /// It may go to folders that are not among them.
    pub(super) is_open: bool,
    /// What the shell fills in.
    pub(super) known: Vec<Known>,
    /// Programs of the line may be others than their names say.
    pub(super) has_aliases: bool,
    /// What the line lets wildcards mean.
    pub(super) wildcards: wild::Options,
    /// How many entries of folders may still be looked at.
    pub(super) left: Rc<Cell<usize>>,
    /// How many names of files may still be looked up.
    pub(super) lookups: Rc<Cell<usize>>,
}

impl<'a> Place<'a> {
    /// In a folder, from the root when relative.
    pub(super) fn new(root: &'a Path, folder: &Path) -> Place<'a> {
        let left = Rc::new(Cell::new(wild::ENTRIES_MAX));
        let folder = led(&root.join(folder));
        Place {
            root,
            begin: folder.clone(),
            others: vec![folder.clone()],
            folder,
            is_relative: false,
            is_wild: true,
            path: Vec::new(),
            modules: Vec::new(),
            reached: Rc::new(Vec::new()),
            is_lost: false,
            is_open: false,
            known: variables_of_place(),
            has_aliases: false,
            wildcards: wild::Options::default(),
            left,
            lookups: Rc::new(Cell::new(LOOKUPS_MAX)),
        }
    }

    /// Goes to a folder as `cd` does; where nobody knows it, the command may run in any of those before.
    pub(super) fn go(&mut self, to: Option<&str>) {
        match to {
            Some(to) if to.contains(['$', '`', '…']) || to.starts_with('-') => self.is_lost = true,
            Some(to) => {
                // The shell takes `..` by the name, or with `-P` by where the link leads.
                let really = self.to(to);
                self.folder = normal(&self.folder.join(to));
                if really != self.folder {
                    self.is_lost = true;
                    self.others.push(really);
                }
            }
            None => self.folder = self.root.to_path_buf(),
        }
        if self.others.len() < PATH_MAX && !self.others.contains(&self.folder) {
            self.others.push(self.folder.clone());
        }
    }

    /// A folder of the workspace.
    pub(super) fn folder_below(&self, word: &str) -> Option<PathBuf> {
        let path = self.to(word);
        (path.starts_with(self.root) && !word.contains(['$', '`'])).then_some(path)
    }

    /// The same place in each folder in which a command may run.
    pub(super) fn folders(&self, directory: &Directory) -> Vec<Place<'a>> {
        let others: &[String] = if let Directory::OneOf(all) = directory { all } else { &[] };
        let both = |folder: &String| {
            let path = self.begin.join(folder);
            [normal(&path), led(&path)]
        };
        let mut folders: Vec<PathBuf> = others.iter().flat_map(both).collect();
        folders.push(self.folder.clone());
        let more = self.others.iter().chain(self.reached.iter());
        folders.extend(more.filter(|_| self.is_unknown(directory)).cloned());
        folders.sort();
        folders.dedup();
        folders.into_iter().map(|folder| Place { folder, ..self.clone() }).collect()
    }

    /// Whether nobody knows in which folder a command runs.
    pub(super) fn is_unknown(&self, directory: &Directory) -> bool {
        self.is_lost || *directory == Directory::Unknown
    }

    /// Takes in to which folders the line goes, at whatever place and how often.
    pub(super) fn reach(&mut self, targets: &BTreeSet<String>) {
        let mut all = vec![self.folder.clone()];
        let mut at = 0;
        while let Some(from) = all.get(at).cloned() {
            at += 1;
            for target in targets {
                let matches =
                    wild::is_wild(target).then(|| wild::matches(&from, target, self.wildcards, &self.left));
                self.is_open |= matches == Some(None);
                let written = from.join(target);
                let next = [normal(&written), led(&written)];
                for next in next.into_iter().chain(matches.flatten().unwrap_or_default()) {
                    if all.contains(&next) || !next.starts_with(self.root) || !next.is_dir() {
                        continue;
                    }
                    if all.len() >= FOLDERS_MAX {
                        self.is_open = true;
                        self.reached = Rc::new(all);
                        return;
                    }
                    all.push(next);
                }
            }
        }
        self.reached = Rc::new(all);
    }

    /// Takes in what a command sets before it runs: where programs are looked up.
    pub(super) fn assigned(&mut self, text: &str) {
        // `PATH+=:tools`
        for (at, _) in text.match_indices("PATH=").chain(text.match_indices("PATH+=")) {
            let is_longer = text
                .get(..at)
                .is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            let behind = text.get(at + 4..).unwrap_or_default().trim_start_matches('+');
            let behind = behind.strip_prefix('=').unwrap_or(behind);
            let value = behind.split(|c: char| c.is_whitespace() || c == ';').next().unwrap_or_default();
            let value = value.trim_matches(['"', '\'']);
            if is_longer {
                continue;
            }
            let folders = value.split(':').filter(|folder| !folder.contains('$'));
            let folders = folders.map(|folder| self.to(&folder.replace(['"', '\''], "")));
            let folders = folders.filter(|folder| folder.starts_with(self.root)).take(PATH_MAX);
            let folders: Vec<PathBuf> = folders.collect();
            self.path.extend(folders);
            self.path.truncate(PATH_MAX);
        }
    }

    /// A line with what is known in it, and whether it sets the folder's own names to something else. What it sets is known no more to
    /// the lines in it.
    pub(super) fn filled(&mut self, line: &str) -> (String, bool) {
        let paths = ["/proc/self/cwd", "/proc/thread-self/cwd", "/proc/$$/cwd"];
        let line = paths.iter().fold(line.to_string(), |line, path| line.replace(path, "."));
        let (filled, set) = variables::filled(&line, &self.known);
        let set: Vec<String> = set.into_iter().map(str::to_string).collect();
        let is_odd = set.iter().any(|name| name.ends_with("PWD"));
        self.known.retain(|known| !set.iter().any(|name| known.is(name)));
        (filled, is_odd)
    }

    /// A text with what is known, wherever it stands.
    pub(super) fn spelled(&self, text: &str) -> String {
        variables::anywhere(text, &self.known)
    }

    /// Where a path leads from here.
    pub(super) fn to(&self, path: &str) -> PathBuf {
        led(&self.folder.join(path))
    }

    /// The files that a word names, each below the root or a link there. What is named like a wildcard is one beside what the wildcard
    /// matches. One that matches too many stands for itself: nobody can trust that.
    pub(super) fn files(&self, word: &str) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = self.file(word).into_iter().collect();
        let is_meant =
            self.is_wild && wild::is_wild(word) && !(self.is_relative && Path::new(word).is_absolute());
        if !is_meant {
            return found;
        }
        match wild::matches(&self.folder, word, self.wildcards, &self.left) {
            Some(all) => found.extend(all.into_iter().filter_map(|path| self.lies(&path))),
            // Nothing lies below a file, so nobody can have trusted that.
            None if !found.is_empty() => found.push(self.to(word).join("*")),
            None => found.push(self.to(word)),
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether a file looks like one that is run, where nothing says which words are.
    pub(super) fn is_script(&self, path: &Path) -> bool {
        let ends = ["sh", "bash", "zsh", "fish", "py", "rb", "pl", "php", "lua", "awk", "ps1"];
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        ends.contains(&end) || NODE_ENDS.contains(&end) || is_executable(path)
    }

    /// Whether a file is a script whoever reads it: what is plainly the source of a program, or data, is none.
    pub(super) fn is_plain_script(&self, path: &Path) -> bool {
        let ends = ["sh", "bash", "zsh", "fish", "ksh", "dash", "csh", "bats", "ps1"];
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        ends.contains(&end)
            || begins(path).is_some_and(|begin| {
                // What a compiler made changes with each build.
                begin.starts_with(b"#!") || is_executable(path) && begin != b"\x7fELF"
            })
    }

    /// A file below the root, or a link there.
    pub(super) fn file(&self, word: &str) -> Option<PathBuf> {
        let is_meant = !(self.is_relative && Path::new(word).is_absolute());
        is_meant.then(|| self.lies(&self.folder.join(word))).flatten()
    }

    /// Whether no more files are looked up: what would have been found is not known.
    pub(super) fn is_spent(&self) -> bool {
        self.lookups.get() == 0
    }

    fn lies(&self, path: &Path) -> Option<PathBuf> {
        self.lookups.set(self.lookups.get().checked_sub(1)?);
        let path = led(path);
        let is_inside = path != self.root && path.starts_with(self.root);
        (is_inside && (path.is_symlink() || path.is_file())).then_some(path)
    }
}

/// A path without `.` and `..`, as the system takes it: `..` behind a link is the folder around that to which the link leads.
fn led(path: &Path) -> PathBuf {
    let mut led = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if led.is_symlink() {
                    led = led.canonicalize().unwrap_or(led);
                }
                led.pop();
            }
            other => led.push(other),
        }
    }
    led
}

/// The folder in which a command runs, as the shell names it.
fn variables_of_place() -> Vec<Known> {
    let names = ["PWD", "OLDPWD", "$(pwd)", "`pwd`"];
    names.iter().map(|name| Known::new(name, ".")).collect()
}

/// Whether something lies there.
pub(super) fn is_there(path: &Path) -> bool {
    path.exists()
}

pub(super) fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// How a file begins: its first four bytes, or fewer.
fn begins(path: &Path) -> Option<Vec<u8>> {
    use std::io::Read as _;
    // What is no plain file may never answer.
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let mut begin = Vec::new();
    std::fs::File::open(path).ok()?.take(4).read_to_end(&mut begin).ok()?;
    Some(begin)
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
