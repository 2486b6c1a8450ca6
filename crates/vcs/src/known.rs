//! What is known of the files of a workspace from the last time, as a tree in memory. Only a shortcut: whatever is
//! missing or does not fit is read anew. Touches no disk.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::object::{FILE, Id, LINK, directory_mode};
use crate::rules::Rules;
use crate::stamp::Stamp;

pub(crate) mod file;
mod packed;

pub(crate) use packed::{Files, Packer};

/// Everything that is known.
#[derive(Debug)]
pub(crate) struct KnownFiles {
    /// Of the store; objects of another one may be gone.
    pub(crate) generation: u64,
    /// The rules above the workspace, hashed.
    pub(crate) outer: [u8; 32],
    pub(crate) root: Directory,
}

/// A directory and everything covered below it.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) name: CString,
    /// As it was when its names were read; none when they must be read again.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) permissions: u32,
    /// Those below it, by name.
    pub(crate) directories: Vec<Directory>,
    /// Its files and links.
    pub(crate) files: Files,
    /// Its `.gitignore`.
    pub(crate) rules: Option<Box<KnownRules>>,
    /// Whether a repository begins here.
    pub(crate) has_git: bool,
    /// The exclude file of that repository.
    pub(crate) exclude: Option<Box<KnownRules>>,
    /// Its tree in the store; none when that must be made.
    pub(crate) tree: Option<Id>,
    /// Whether something about it is to be put into the tree above. Not kept.
    pub(crate) is_changed: bool,
    /// It is new, so nothing below it is known. Not kept.
    pub(crate) is_fresh: bool,
    /// It was not there any more. Not kept.
    pub(crate) is_gone: bool,
    /// The inode that is watched. Not kept.
    pub(crate) watched: Option<u64>,
    /// Whether a file in it has several names, one of which may be elsewhere.
    pub(crate) has_links: bool,
}

/// The bytes of a file, or where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) stamp: Stamp,
    pub(crate) id: Id,
    /// Whether the stamp is enough to know that the bytes are the same.
    pub(crate) is_settled: bool,
}

/// The patterns that a file held.
#[derive(Clone, Debug)]
pub(crate) struct KnownRules {
    pub(crate) stamp: Stamp,
    pub(crate) text: Arc<[u8]>,
    pub(crate) is_settled: bool,
}

impl Directory {
    pub(crate) fn new(name: &CStr) -> Directory {
        Directory { name: name.to_owned(), permissions: 0o755, is_changed: true, ..Directory::default() }
    }

    /// The directory at a path below this one.
    pub(crate) fn at(&mut self, path: &[u8]) -> Option<&mut Directory> {
        let mut here = self;
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
            let at = here.directories.binary_search_by(|inner| inner.name.as_bytes().cmp(name)).ok()?;
            here = here.directories.get_mut(at)?;
        }
        Some(here)
    }

    /// The rules for what is in this directory, given those above it.
    pub(crate) fn rules_below(
        &self,
        above: Option<Arc<Rules>>,
        path: &[u8],
        depth: usize,
    ) -> Option<Arc<Rules>> {
        // A repository in the workspace knows nothing of the rules around it.
        let mut rules = if self.has_git && depth > 0 { None } else { above };
        for held in [&self.exclude, &self.rules].into_iter().flatten().filter(|held| !held.text.is_empty()) {
            rules = Some(Rules::inside(rules, path, Arc::clone(&held.text)));
        }
        rules
    }

    /// Its entries as a tree holds them, the files first.
    pub(crate) fn tree_entries(&self) -> impl Iterator<Item = (u32, &[u8], Id)> {
        let files = self.files.iter().map(|(name, held)| (held.mode(), name.to_bytes(), held.id));
        let directories = self.directories.iter().filter_map(|inner| {
            Some((directory_mode(inner.permissions), inner.name.as_bytes(), inner.tree?))
        });
        files.chain(directories)
    }

    /// Has the files read again whose object is not there; says whether there are any.
    pub(crate) fn unsettle_files(&mut self, is_there: &impl Fn(&Id) -> bool) -> bool {
        let files = self.files.iter().enumerate().filter(|(_, (_, held))| !is_there(&held.id));
        let missing: Vec<(usize, Bytes)> =
            files.map(|(at, (_, held))| (at, Bytes { is_settled: false, ..held })).collect();
        self.files.replace(&missing);
        !missing.is_empty()
    }
}

impl Bytes {
    /// The mode in a tree.
    pub(crate) fn mode(&self) -> u32 {
        match self.stamp.kind() {
            rustix::fs::FileType::Symlink => LINK,
            _ => FILE | (self.stamp.mode & 0o7777),
        }
    }
}

impl KnownRules {
    /// Of a file that is still to be read.
    pub(crate) fn unread() -> KnownRules {
        KnownRules { stamp: Stamp::default(), text: Arc::from([]), is_settled: false }
    }
}
