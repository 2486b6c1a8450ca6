//! What is known of the files of a workspace from the last time, as a tree in memory. Only a shortcut: whatever is
//! missing or does not fit is read anew. Touches no disk.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::object::{FILE, Id, LINK, directory_mode};
use crate::rules::Rules;
use crate::stamp::Stamp;

pub(crate) mod file;

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
    /// By name.
    pub(crate) entries: Vec<Known>,
    /// Its `.gitignore`.
    pub(crate) rules: Option<KnownRules>,
    /// Whether a repository begins here.
    pub(crate) has_git: bool,
    /// The exclude file of that repository.
    pub(crate) exclude: Option<KnownRules>,
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

/// One name in a directory.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: CString,
    pub(crate) what: What,
}

/// What it stands for.
#[derive(Debug)]
pub(crate) enum What {
    /// A file or a link.
    Bytes(Bytes),
    /// A directory.
    Directory(Box<Directory>),
}

/// The bytes of a file, or where a link leads.
#[derive(Clone, Copy, Debug)]
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
            let at = here.entries.binary_search_by(|known| known.name.as_bytes().cmp(name)).ok()?;
            match &mut here.entries.get_mut(at)?.what {
                What::Directory(inner) => here = inner,
                What::Bytes(_) => return None,
            }
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

    /// Its entries as a tree holds them.
    pub(crate) fn tree_entries(&self) -> impl Iterator<Item = (u32, &[u8], Id)> {
        self.entries.iter().filter_map(|known| {
            let name = known.name.as_bytes();
            match &known.what {
                What::Bytes(bytes) => Some((bytes.mode(), name, bytes.id)),
                What::Directory(inner) => Some((directory_mode(inner.permissions), name, inner.tree?)),
            }
        })
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
