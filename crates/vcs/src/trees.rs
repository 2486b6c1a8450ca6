//! Trees of the store: what stands at a path, what differs between two, and a tree with some paths changed. Reads the
//! store, never the workspace.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::SnapshotError;
use crate::beneath::join;
use crate::object::{EMPTY_TREE, Id, Kind, Node, TreeEntry, encode_tree};
use crate::store::Store;
use crate::walk::DEPTH_MAX;

/// How many entries of trees are kept in memory.
const ENTRIES_MAX: usize = 1_000_000;
/// How many paths may differ between two trees.
pub(crate) const CHANGES_MAX: usize = 1_000_000;

/// One path that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differs {
    pub(crate) path: Vec<u8>,
    pub(crate) before: Option<Node>,
    pub(crate) after: Option<Node>,
}

/// Reads trees, each once.
pub(crate) struct Trees<'s> {
    store: &'s Store,
    read: HashMap<Id, Rc<Vec<TreeEntry>>>,
    entries: usize,
}

/// A tree that was made of another one.
#[derive(Debug, Default)]
pub(crate) struct Overlaid {
    /// Trees that are not in the store yet.
    pub(crate) fresh: Vec<(Id, Vec<u8>)>,
    /// Paths that could not be had, because something stands in the way that stays.
    pub(crate) occupied: Vec<Vec<u8>>,
}

impl<'s> Trees<'s> {
    pub(crate) fn new(store: &'s Store) -> Trees<'s> {
        Trees { store, read: HashMap::new(), entries: 0 }
    }

    fn entries(&mut self, id: &Id) -> Result<Rc<Vec<TreeEntry>>, SnapshotError> {
        if let Some(known) = self.read.get(id) {
            return Ok(Rc::clone(known));
        }
        let entries = Rc::new(self.store.tree(id)?);
        if self.entries + entries.len() > ENTRIES_MAX {
            self.read.clear();
            self.entries = 0;
        }
        self.entries += entries.len();
        self.read.insert(*id, Rc::clone(&entries));
        Ok(entries)
    }

    /// What stands at a path.
    pub(crate) fn at(&mut self, root: &Id, path: &[u8]) -> Result<Option<Node>, SnapshotError> {
        let mut here = *root;
        let mut names = path.split(|byte| *byte == b'/').peekable();
        while let Some(name) = names.next() {
            let entries = self.entries(&here)?;
            let Some(entry) = entries.iter().find(|entry| entry.name == name) else { return Ok(None) };
            if names.peek().is_none() {
                return Ok(Some(entry.node()));
            }
            if !entry.is_directory() {
                return Ok(None);
            }
            here = entry.id;
        }
        Ok(None)
    }

    /// Each path that differs, directories among them, by path with `/` as it compares.
    pub(crate) fn differences(&mut self, before: &Id, after: &Id) -> Result<Vec<Differs>, SnapshotError> {
        let mut differs = Vec::new();
        self.compare(&[], Some(*before), Some(*after), &mut differs, 0)?;
        differs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(differs)
    }

    fn compare(
        &mut self,
        path: &[u8],
        before: Option<Id>,
        after: Option<Id>,
        differs: &mut Vec<Differs>,
        depth: usize,
    ) -> Result<(), SnapshotError> {
        if before == after || depth > DEPTH_MAX {
            return Ok(());
        }
        let read = |trees: &mut Self, id: Option<Id>| trees.entries(&id.unwrap_or(EMPTY_TREE));
        let (old, new) = (read(self, before)?, read(self, after)?);
        let mut names: BTreeMap<&[u8], (Option<&TreeEntry>, Option<&TreeEntry>)> = BTreeMap::new();
        for entry in old.iter() {
            names.entry(&entry.name).or_default().0 = Some(entry);
        }
        for entry in new.iter() {
            names.entry(&entry.name).or_default().1 = Some(entry);
        }
        for (name, (old, new)) in names {
            if old.is_some_and(|old| new.is_some_and(|new| old.mode == new.mode && old.id == new.id)) {
                continue;
            }
            let path = join(path, name);
            let (before, after) = (old.map(TreeEntry::node), new.map(TreeEntry::node));
            if before != after {
                if differs.len() >= CHANGES_MAX {
                    return Err(SnapshotError::Bounds { what: "changes", limit: CHANGES_MAX as u64 });
                }
                differs.push(Differs { path: path.clone(), before, after });
            }
            let inner = |entry: Option<&TreeEntry>| entry.filter(|it| it.is_directory()).map(|it| it.id);
            let (before, after) = (inner(old), inner(new));
            if before.is_some() || after.is_some() {
                self.compare(&path, before, after, differs, depth + 1)?;
            }
        }
        Ok(())
    }

    /// The tree with these paths as they are given: something, or nothing. A directory stays as long as something is
    /// in it, and what would have to be replaced by force is left as it is.
    pub(crate) fn overlay(
        &mut self,
        base: &Id,
        changes: &BTreeMap<Vec<u8>, Option<Node>>,
        overlaid: &mut Overlaid,
    ) -> Result<Id, SnapshotError> {
        let changes: Vec<Change<'_>> =
            changes.iter().map(|(path, node)| Change { path, rest: path, node: *node }).collect();
        let entries = self.build(Some(*base), &changes, overlaid, 0)?;
        Ok(overlaid.tree(&entries))
    }

    fn build(
        &mut self,
        base: Option<Id>,
        changes: &[Change<'_>],
        overlaid: &mut Overlaid,
        depth: usize,
    ) -> Result<Vec<TreeEntry>, SnapshotError> {
        let base = self.entries(&base.unwrap_or(EMPTY_TREE))?;
        let mut entries: BTreeMap<Vec<u8>, TreeEntry> =
            base.iter().map(|entry| (entry.name.clone(), entry.clone())).collect();
        // By the first name, so that all that concerns one entry is together.
        let mut by_name: BTreeMap<&[u8], (Option<Change<'_>>, Vec<Change<'_>>)> = BTreeMap::new();
        for change in changes {
            let mut parts = change.rest.splitn(2, |byte| *byte == b'/');
            let (name, rest) = (parts.next().unwrap_or_default(), parts.next());
            let held = by_name.entry(name).or_default();
            match rest {
                None => held.0 = Some(*change),
                Some(rest) => held.1.push(Change { rest, ..*change }),
            }
        }
        for (name, (own, below)) in by_name {
            let was = entries.remove(name);
            let subtree = was.as_ref().filter(|entry| entry.is_directory()).map(|entry| entry.id);
            let inner = match depth < DEPTH_MAX && (subtree.is_some() || !below.is_empty()) {
                true => self.build(subtree, &below, overlaid, depth + 1)?,
                false => Vec::new(),
            };
            let node = match own {
                Some(change) => change.node,
                None => was.as_ref().map(TreeEntry::node),
            };
            let directory = |mode: u32, overlaid: &mut Overlaid| {
                Some(TreeEntry { mode, name: name.to_vec(), id: overlaid.tree(&inner) })
            };
            let usual = Node::directory(0o755).mode;
            let now = match node {
                Some(node) if node.is_directory() => directory(node.mode, overlaid),
                None if inner.is_empty() => None,
                // Something below stays or comes.
                None => {
                    let mode = was.as_ref().filter(|was| was.is_directory()).map_or(usual, |was| was.mode);
                    directory(mode, overlaid)
                }
                Some(node) if inner.is_empty() => {
                    Some(TreeEntry { mode: node.mode, name: name.to_vec(), id: node.id })
                }
                // A file, and something below it: what is there now wins.
                Some(_) => match &was {
                    Some(was) if was.is_directory() => {
                        overlaid.occupied.extend(own.map(|own| own.path.to_vec()));
                        directory(was.mode, overlaid)
                    }
                    _ => {
                        overlaid.occupied.extend(below.iter().map(|change| change.path.to_vec()));
                        was.clone()
                    }
                },
            };
            entries.extend(now.map(|now| (name.to_vec(), now)));
        }
        Ok(entries.into_values().collect())
    }
}

/// A path to be changed, and what is left of it on the way down.
#[derive(Clone, Copy)]
struct Change<'p> {
    path: &'p [u8],
    rest: &'p [u8],
    node: Option<Node>,
}

impl Overlaid {
    fn tree(&mut self, entries: &[TreeEntry]) -> Id {
        let bytes = encode_tree(entries.iter().map(|entry| (entry.mode, entry.name.as_slice(), entry.id)));
        let id = Id::of(Kind::Tree, &bytes);
        self.fresh.push((id, bytes));
        id
    }
}
