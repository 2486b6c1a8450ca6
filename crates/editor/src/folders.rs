//! The folders that the editor has open, each with what is known of it, and which of them a document belongs to. Reads
//! no document.

use std::path::{Path, PathBuf};

use crate::client::FOLDERS_MAX;
use crate::state::State;

/// The folders.
#[derive(Debug, Default)]
pub(crate) struct Folders(Vec<State>);

impl Folders {
    /// Serves a folder, too. False when it is served already, or when there are too many.
    pub(crate) fn add(&mut self, root: PathBuf) -> bool {
        if self.0.len() >= FOLDERS_MAX || self.0.iter().any(|state| state.root == root) {
            return false;
        }
        self.0.push(State::new(root));
        self.settle_buffers();
        true
    }

    /// Serves a folder no more. What is open in it moves to the folder around it, if there is one.
    pub(crate) fn remove(&mut self, root: &Path) {
        let Some(at) = self.0.iter().position(|state| state.root == root) else { return };
        let mut gone = self.0.remove(at);
        for (path, buffer) in gone.buffers.take() {
            if let Some(state) = self.of_mut(&path) {
                state.buffers.put(path, buffer);
            }
        }
    }

    /// Each open document to the narrowest folder that holds it.
    fn settle_buffers(&mut self) {
        let all: Vec<_> =
            self.0.iter_mut().flat_map(|state| state.buffers.take().collect::<Vec<_>>()).collect();
        for (path, buffer) in all {
            if let Some(state) = self.of_mut(&path) {
                state.buffers.put(path, buffer);
            }
        }
    }

    fn place_of(&self, path: &Path) -> Option<usize> {
        let holding = self.0.iter().enumerate().filter(|(_, state)| path.starts_with(&state.root));
        holding.max_by_key(|(_, state)| state.root.components().count()).map(|(at, _)| at)
    }

    /// The narrowest folder that holds a path.
    pub(crate) fn of(&self, path: &Path) -> Option<&State> {
        self.place_of(path).and_then(|at| self.0.get(at))
    }

    /// The same, to be changed.
    pub(crate) fn of_mut(&mut self, path: &Path) -> Option<&mut State> {
        self.place_of(path).and_then(|at| self.0.get_mut(at))
    }

    /// The folder with exactly this root.
    pub(crate) fn at(&mut self, root: &Path) -> Option<&mut State> {
        self.0.iter_mut().find(|state| state.root == root)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &State> {
        self.0.iter()
    }

    /// All of them, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut State> {
        self.0.iter_mut()
    }
}

/// The folder around a document that lies in none of the editor's: the nearest one with specs. A `.kiro` without them,
/// as in a home directory, makes no folder.
#[expect(clippy::disallowed_methods, reason = "a look whether a folder is there")]
pub(crate) fn around(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|folder| folder.join(".kiro/specs").is_dir()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lsp_types::Uri;
    use std::str::FromStr;

    #[test]
    fn a_document_belongs_to_the_narrowest_folder() {
        let mut folders = Folders::default();
        assert!(folders.add(PathBuf::from("/a")) && !folders.add(PathBuf::from("/a")));
        let root = |folders: &Folders, path: &str| {
            folders.of(Path::new(path)).map(|state| state.root.display().to_string())
        };
        let uri = Uri::from_str("file:///a/b/c").unwrap();
        folders.of_mut(Path::new("/a/b/c")).unwrap().open(Path::new("/a/b/c"), uri, 1, "x".to_string());
        assert_eq!(root(&folders, "/a/b/c"), Some("/a".to_string()));
        assert!(folders.add(PathBuf::from("/a/b")));
        assert_eq!(root(&folders, "/a/b/c"), Some("/a/b".to_string()));
        assert_eq!(root(&folders, "/ab/c"), None);
        let open = |folders: &mut Folders, root: &str| {
            folders.at(Path::new(root)).unwrap().buffers.get(Path::new("/a/b/c")).is_some()
        };
        assert!(open(&mut folders, "/a/b") && !open(&mut folders, "/a"));
        folders.remove(Path::new("/a/b"));
        assert!(open(&mut folders, "/a"));
    }
}
