//! The lists of paths that hold in a workspace, kept true to the disk: `.kiroignore` anywhere, `ignore` in `.kiro/settings`,
//! and the person's own `kiroignore`. What a line means is `policy`'s.
#![expect(clippy::disallowed_methods, reason = "lists are read here")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use policy::{Capability, IgnoreFile, ListKind, Request, Target};

use crate::Ground;
use crate::known::{self, Known as Tree};
use crate::walk;

/// The largest list that is read, in bytes; a larger one closes its directory.
const LIST_BYTES_MAX: u64 = 1024 * 1024;

/// The most lists of one workspace. Beyond them nothing can be certain, so the whole workspace closes.
const LISTS_MAX: usize = 4_096;

/// The lists, as they were read last.
#[derive(Debug)]
pub struct Lists {
    root: PathBuf,
    global: PathBuf,
    known: BTreeMap<PathBuf, Known>,
    /// Whether the whole tree was looked through since something last ran that may have changed it.
    is_whole: bool,
    too_many: bool,
    tree: Tree<walk::Lists>,
}

#[derive(Debug)]
struct Known {
    stamp: Option<(u64, SystemTime)>,
    text: Result<String, String>,
}

impl Lists {
    /// The lists at the root and the person's own. Those deeper in the tree are read when a call comes near them.
    pub fn new(ground: &Ground) -> Lists {
        let global = ground.home.join(".kiro/settings/kiroignore");
        let mut lists = Lists {
            root: ground.root.clone(),
            global: global.clone(),
            known: BTreeMap::new(),
            is_whole: false,
            too_many: false,
            tree: Tree::default(),
        };
        for path in [global, lists.root.join(".kiroignore"), lists.root.join(".kiro/settings/ignore")] {
            lists.look(&path);
        }
        lists
    }

    /// Looks again at what is known and at what these requests come near. Whether anything changed.
    pub fn refresh(&mut self, requests: &[Request]) -> bool {
        let known: Vec<PathBuf> = self.known.keys().cloned().collect();
        let mut changed = false;
        for path in known {
            changed |= self.look(&path);
        }
        for path in
            [self.global.clone(), self.root.join(".kiroignore"), self.root.join(".kiro/settings/ignore")]
        {
            changed |= self.look(&path);
        }
        // A search comes upon what it did not name: files below, and files that have another name below a deeper list.
        let searches = |request: &Request| match &request.target {
            Target::Path(place) => place.absolute().starts_with(&self.root) && place.absolute().is_dir(),
            _ => request.capability == Capability::Shell,
        };
        if !self.is_whole && requests.iter().any(searches) {
            changed |= self.walk();
        }
        for request in requests {
            if let Target::Path(place) = &request.target {
                let root = self.root.clone();
                let above = place.absolute().ancestors().take_while(|path| path.starts_with(&root));
                for directory in above.collect::<Vec<_>>() {
                    changed |= self.look(&directory.join(".kiroignore"));
                    changed |= self.look(&directory.join(".kiro/settings/ignore"));
                }
            }
        }
        changed
    }

    /// A command ran that may have made new lists: the tree is looked through again before the next one.
    pub fn outdated(&mut self) {
        self.is_whole = false;
    }

    /// The lists as values. The person's own is the last: of two lines that fit, the later one decides, and the repository takes
    /// nothing back that the person closed.
    pub fn files(&self) -> Vec<IgnoreFile> {
        let (own, others): (Vec<_>, Vec<_>) = self.known.iter().partition(|(path, _)| **path == self.global);
        let mut files: Vec<IgnoreFile> =
            others.into_iter().map(|(path, known)| self.file(path, known)).collect();
        if own.iter().any(|(_, known)| known.text.as_ref().is_ok_and(|text| !text.trim().is_empty())) {
            // A list deeper in the tree would decide before it. Lines keep their numbers.
            for file in files.iter_mut().filter(|file| !file.base.is_empty()) {
                file.text = file.text.as_ref().map(|text| without_exceptions(text)).map_err(Clone::clone);
            }
        }
        files.extend(own.into_iter().map(|(path, known)| self.file(path, known)));
        if self.too_many {
            files.push(IgnoreFile {
                kind: ListKind::Invisible,
                file: ".kiroignore".to_string(),
                base: String::new(),
                text: Err(format!(
                    "the workspace has more than {LISTS_MAX} lists, or more than {} entries",
                    walk::ENTRIES_MAX
                )),
            });
        }
        files
    }

    fn file(&self, path: &Path, known: &Known) -> IgnoreFile {
        let inside = path.strip_prefix(&self.root).ok();
        let is_own = path.ends_with(".kiro/settings/ignore");
        let base = match (inside, is_own) {
            (Some(inside), false) => inside.parent(),
            (Some(inside), true) => inside.ancestors().nth(3),
            (None, _) => None,
        };
        IgnoreFile {
            kind: if is_own && inside.is_some() { ListKind::ReadOnly } else { ListKind::Invisible },
            file: inside.unwrap_or(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"),
            base: base.unwrap_or(Path::new("")).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"),
            text: known.text.clone(),
        }
    }

    fn walk(&mut self) -> bool {
        let found = if known::helps(&self.root) {
            walk::lists_again(&self.root, &mut self.tree)
        } else {
            walk::lists(&self.root)
        };
        match found {
            Ok(found) => {
                let mut changed = false;
                for path in found {
                    changed |= self.look(&path);
                }
                self.is_whole = true;
                changed
            }
            Err(walk::TooMany) => !std::mem::replace(&mut self.too_many, true),
        }
    }

    /// Reads a list if it is new or other than it was. Whether it was.
    fn look(&mut self, path: &Path) -> bool {
        // A link counts as what it leads to: a list that closes is never dropped because of how it is stored.
        let data = match std::fs::metadata(path) {
            Ok(data) => data,
            Err(error) => {
                let is_gone =
                    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory);
                if is_gone && std::fs::symlink_metadata(path).is_err() {
                    return self.known.remove(path).is_some();
                }
                return self.keep(path, None, Err(error.to_string()));
            }
        };
        let stamp = data.modified().ok().map(|time| (data.len(), time));
        if let Some(known) = self.known.get(path)
            && stamp.is_some()
            && known.stamp == stamp
        {
            return false;
        }
        let text = if !data.is_file() {
            Err("it is no file".to_string())
        } else if data.len() > LIST_BYTES_MAX {
            Err(format!("it is larger than {LIST_BYTES_MAX} bytes"))
        } else {
            std::fs::read(path)
                .map_err(|error| error.to_string())
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_string()))
        };
        self.keep(path, stamp, text)
    }

    fn keep(&mut self, path: &Path, stamp: Option<(u64, SystemTime)>, text: Result<String, String>) -> bool {
        if self.known.len() >= LISTS_MAX && !self.known.contains_key(path) {
            return !std::mem::replace(&mut self.too_many, true);
        }
        let changed = self.known.get(path).is_none_or(|known| known.text != text);
        self.known.insert(path.to_path_buf(), Known { stamp, text });
        changed
    }
}

/// The list without the lines that open something.
fn without_exceptions(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .map(|line| if line.starts_with('!') { "\n".to_string() } else { format!("{line}\n") })
        .collect()
}

#[cfg(test)]
#[path = "lists_tests.rs"]
mod tests;
