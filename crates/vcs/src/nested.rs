//! Repositories inside the workspace: git keeps only the name of their commit, a snapshot keeps their files.
#![expect(
    clippy::disallowed_methods,
    reason = "nested directories are looked at, a passing index is removed"
)]

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::git::{Ask, Git, concat};
use crate::snapshots::object_id;
use crate::top::Top;
use crate::{SnapshotError, Snapshots};

/// How many repositories of one directory are followed; of the others the commit alone is kept.
const NESTED_MAX: usize = 200;
/// How deep repositories in repositories are followed.
const DEPTH_MAX: usize = 8;

/// The mode of an entry that stands for a repository.
const LINK_MODE: &[u8] = b"160000";

/// What is known of the repositories below each part of the disk, so that a large tree is listed only once.
#[derive(Debug, Default)]
pub(crate) struct Links {
    known: Mutex<HashMap<String, (String, BTreeSet<PathBuf>)>>,
}

impl Links {
    /// The repositories that a tree names, by their paths in it.
    pub(crate) fn below(
        &self,
        git: &Git,
        index: &str,
        tree: &str,
    ) -> Result<BTreeSet<PathBuf>, SnapshotError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut links = BTreeSet::new();
        match known.remove(index) {
            Some((last, before)) if last == tree => links = before,
            Some((last, before)) => {
                links = before;
                let ask = Ask::new("diff-tree", &["-r", "-z", "--no-renames", "--raw", &last, tree]);
                let answer = git.ask(ask)?;
                let mut parts = answer.split(|byte| *byte == 0);
                while let (Some(modes), Some(path)) = (parts.next(), parts.next()) {
                    let path = path_of(path);
                    if modes.split(|byte| *byte == b' ').nth(1) == Some(LINK_MODE) {
                        links.insert(path);
                    } else {
                        links.remove(&path);
                    }
                }
            }
            None => {
                let answer = git.ask(Ask::new("ls-tree", &["-r", "-z", tree]))?;
                for entry in answer.split(|byte| *byte == 0).filter(|entry| entry.starts_with(LINK_MODE)) {
                    links.extend(entry.split(|byte| *byte == b'\t').nth(1).map(path_of));
                }
            }
        }
        known.insert(index.to_string(), (tree.to_string(), links.clone()));
        Ok(links)
    }
}

/// The tree with the files of these repositories in the place of their names.
pub(crate) fn fill(
    snapshots: &Snapshots,
    top: &Top,
    tree: &str,
    links: &BTreeSet<PathBuf>,
    depth: usize,
    unreadable: &mut BTreeSet<String>,
) -> Result<String, SnapshotError> {
    if links.is_empty() || depth >= DEPTH_MAX {
        return Ok(tree.to_string());
    }
    let mut filled = Vec::new();
    for link in links.iter().take(NESTED_MAX) {
        let inner = Top::alone(&top.covered.join(link));
        // Not through a symlink, which may lead anywhere.
        if fs::symlink_metadata(&inner.covered).is_ok_and(|found| found.is_dir()) {
            filled.push((link, snapshots.tree_of(&inner, depth + 1, unreadable)?));
        }
    }
    let git = snapshots.git();
    // An index of its own, thrown away: the private one goes on naming the repositories.
    let index = format!("filling-{}", std::process::id());
    let ask = |verb, arguments: &[&str]| Ask { index: Some(&index), ..Ask::new(verb, arguments) };
    git.ask(ask("read-tree", &[tree]))?;
    let mut remove = ask("update-index", &["--force-remove", "-z", "--stdin"]);
    remove.input =
        filled.iter().flat_map(|(link, _)| [link.as_os_str().as_bytes(), b"\0"].concat()).collect();
    remove.files = Some((&top.covered, &top.covered));
    git.ask(remove)?;
    for (link, inner) in &filled {
        let mut read = ask("read-tree", &[]);
        // Git insists on files here, and looks at none.
        read.files = Some((&top.covered, &top.covered));
        let prefix = concat("--prefix=", link.as_os_str());
        read.arguments = vec![concat_slash(prefix), inner.into()];
        git.ask(read)?;
    }
    let answer = git.ask(ask("write-tree", &[]))?;
    let _ = fs::remove_file(git.directory().join(&index));
    object_id(&answer).ok_or(SnapshotError::Answer { verb: "write-tree" })
}

fn concat_slash(mut path: OsString) -> OsString {
    path.push("/");
    path
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes.to_vec()))
}
