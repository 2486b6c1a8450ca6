//! Takes snapshots: the bytes of every file that is not ignored, as one tree. Writes nothing into the workspace.
#![expect(clippy::disallowed_methods, reason = "the private index and its lock are files")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sandbox::OwnOutput;

use crate::SnapshotError;
use crate::git::{Ask, Git};
use crate::nested::{self, Links};
use crate::top::Top;

/// The tree without a file; git knows it without being told.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Snapshots of one workspace.
///
/// Limitations: empty directories, and files that the workspace ignores, are not in a snapshot, even where the
/// person's own repository tracks them. Nothing is ever removed. Calls block.
#[derive(Debug)]
pub struct Snapshots {
    git: Git,
    workspace: PathBuf,
    links: Links,
}

/// The files of a workspace at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id: the same files with the same bytes and modes have the same one.
    pub tree: String,
    /// What could not be read and is in the snapshot as it was before, or not at all; workspace-relative.
    pub unreadable: Vec<String>,
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tree)
    }
}

impl Snapshots {
    /// The snapshots of a workspace, kept in `directory`. Of the environment only `PATH` counts: it says where git
    /// is. Both paths are resolved and absolute.
    ///
    /// # Errors
    /// [`SnapshotError::NoGit`] when there is no git and the store was not made yet.
    pub fn open(
        directory: &Path,
        workspace: &Path,
        environment: Vec<(String, String)>,
    ) -> Result<Snapshots, SnapshotError> {
        if workspace.starts_with(directory) {
            let (directory, workspace) = (directory.to_path_buf(), workspace.to_path_buf());
            return Err(SnapshotError::InState { directory, workspace });
        }
        let path = environment.into_iter().find(|(name, _)| name == "PATH").map(|(_, value)| value);
        let git = Git::open(directory, path.unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".to_string()))?;
        Ok(Snapshots { git, workspace: workspace.to_path_buf(), links: Links::default() })
    }

    pub(crate) fn git(&self) -> &Git {
        &self.git
    }

    /// Takes a snapshot. It is durable when this returns.
    ///
    /// The first one reads every file; later ones read those whose size or times have changed.
    ///
    /// # Errors
    /// When git is missing or fails. A file that cannot be read is no error: the snapshot names it.
    pub fn snapshot(&self) -> Result<Snapshot, SnapshotError> {
        let _lock = self.lock()?;
        let top = Top::of(&self.git, &self.workspace)?;
        let mut unreadable = BTreeSet::new();
        let tree = self.tree_of(&top, 0, &mut unreadable)?;
        Ok(Snapshot { tree, unreadable: unreadable.into_iter().collect() })
    }

    /// The tree of a covered directory, with what lies in repositories below it.
    pub(crate) fn tree_of(
        &self,
        top: &Top,
        depth: usize,
        unreadable: &mut BTreeSet<String>,
    ) -> Result<String, SnapshotError> {
        let index = index_name(top);
        let output = self.add(top, &index)?;
        let complaints = Complaints::read(&output.errors, &top.covered, &top.root, &self.workspace);
        unreadable.extend(complaints.unreadable);
        let tree = self.write_tree(top, &index)?;
        let mut links = self.links.below(&self.git, &index, &tree)?;
        links.extend(complaints.without_commit);
        links.retain(|link| top.covered.join(link) != top.covered);
        nested::fill(self, top, &tree, &links, depth, unreadable)
    }

    /// Brings the private index up to date with the files. A broken index is made anew: it is only a cache.
    fn add(&self, top: &Top, index: &str) -> Result<OwnOutput, SnapshotError> {
        let first = self.try_add(top, index)?;
        let fine = |output: &OwnOutput| matches!(output.exit, Some(0 | 1));
        if fine(&first) {
            return Ok(first);
        }
        let path = self.git.directory().join(index);
        fs::remove_file(&path).map_err(|_| self.git.refused("add", &first))?;
        let second = self.try_add(top, index)?;
        if fine(&second) { Ok(second) } else { Err(self.git.refused("add", &second)) }
    }

    fn try_add(&self, top: &Top, index: &str) -> Result<OwnOutput, SnapshotError> {
        let path = self.git.directory().join(index);
        // Left by a git that was killed: whoever takes a snapshot holds our lock, so nobody uses it.
        let _ = fs::remove_file(path.with_extension("lock"));
        let mut ask = Ask::new("add", &["--all", "--ignore-errors", "--", "."]);
        ask.files = Some((&top.root, &top.covered));
        ask.settings = top.settings();
        if !path.exists() {
            // Everything is new: one pack instead of a loose file for each.
            ask.settings.push("core.bigFileThreshold=1".into());
        }
        ask.index = Some(index);
        self.exclude_state(top)?;
        self.git.run(ask)
    }

    fn write_tree(&self, top: &Top, index: &str) -> Result<String, SnapshotError> {
        let mut ask = Ask::new("write-tree", &[]);
        ask.index = Some(index);
        let prefix = top.prefix();
        if !prefix.as_os_str().is_empty() {
            let mut argument = OsString::from("--prefix=");
            argument.push(prefix);
            argument.push("/");
            ask.arguments.push(argument);
        }
        let output = self.git.run(ask)?;
        let empty = String::from_utf8_lossy(&output.errors).contains("not found");
        match output.exit {
            Some(0) => object_id(&output.output).ok_or(SnapshotError::Answer { verb: "write-tree" }),
            // No file below the prefix.
            _ if empty && !prefix.as_os_str().is_empty() => Ok(EMPTY_TREE.to_string()),
            _ => Err(self.git.refused("write-tree", &output)),
        }
    }

    /// Keeps Waypost's own state out, where it lies inside what is covered.
    fn exclude_state(&self, top: &Top) -> Result<(), SnapshotError> {
        let directory = self.git.directory();
        let state = directory.parent().unwrap_or(directory);
        let state = if self.workspace.starts_with(state) { directory } else { state };
        let path = directory.join("info/exclude");
        let text = match state.strip_prefix(&top.root) {
            Ok(inside) => [b"/".as_slice(), &escaped(inside.as_os_str().as_bytes()), b"/\n"].concat(),
            Err(_) => Vec::new(),
        };
        if fs::read(&path).unwrap_or_default() != text {
            fs::write(&path, text).map_err(SnapshotError::io("write", &path))?;
        }
        Ok(())
    }

    /// One snapshot at a time; the system gives the lock back when its holder ends.
    fn lock(&self) -> Result<File, SnapshotError> {
        let path = self.git.directory().join("snapshots.lock");
        let open = || OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = open().map_err(SnapshotError::io("open", &path))?;
        file.lock().map_err(SnapshotError::io("lock", &path))?;
        Ok(file)
    }
}

/// What `git add` complained about without giving up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Complaints {
    /// Workspace-relative, to be shown.
    unreadable: Vec<String>,
    /// Directories, below the covered one, that are repositories without a commit.
    without_commit: Vec<PathBuf>,
}

impl Complaints {
    fn read(errors: &[u8], covered: &Path, root: &Path, workspace: &Path) -> Complaints {
        let mut found = Complaints::default();
        for line in errors.split(|byte| *byte == b'\n') {
            let between = |start: &[u8], end: &[u8]| {
                let inner = line.strip_prefix(start)?.strip_suffix(end)?;
                Some(root.join(OsString::from_vec(inner.to_vec())))
            };
            let unreadable = between(b"error: unable to index file '", b"'")
                .or_else(|| between(b"warning: could not open directory '", b"/': Permission denied"));
            if let Some(path) = unreadable {
                found.unreadable.push(path.strip_prefix(workspace).unwrap_or(&path).to_string_lossy().into());
            }
            let repository = between(b"error: '", b"/' does not have a commit checked out");
            if let Some(inside) = repository.as_deref().and_then(|path| path.strip_prefix(covered).ok()) {
                found.without_commit.push(inside.to_path_buf());
            }
        }
        found
    }
}

/// The file name of the private index for this part of the disk. Two parts that share one by accident cost time,
/// nothing else: an index is brought up to date before each use.
fn index_name(top: &Top) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in [top.root.as_os_str().as_bytes(), b"\0", top.covered.as_os_str().as_bytes()].concat() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("index-{hash:016x}")
}

/// The id in an answer that is nothing else.
pub(crate) fn object_id(answer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(answer).ok()?.trim();
    is_object_id(text).then(|| text.to_string())
}

/// Whether this is a whole object id, so that it can be nothing else on a command line.
pub(crate) fn is_object_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A path as a pattern of an exclude file that matches nothing else.
fn escaped(path: &[u8]) -> Vec<u8> {
    path.iter()
        .flat_map(|byte| match byte {
            b'*' | b'?' | b'[' | b'\\' | b' ' => vec![b'\\', *byte],
            _ => vec![*byte],
        })
        .collect()
}

#[cfg(test)]
mod tests;
