//! Where the ignore rules of a workspace begin: at the root of the repository that it lies in, if it lies in one.
#![expect(clippy::disallowed_methods, reason = "the directories above the workspace are looked at here")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::SnapshotError;
use crate::git::{Ask, Git, concat};

/// The part of the disk that a snapshot covers, and from where its ignore rules are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    /// The root of the person's repository, or the covered directory itself.
    pub(crate) root: PathBuf,
    /// What is covered.
    pub(crate) covered: PathBuf,
}

impl Top {
    /// A directory that is its own root.
    pub(crate) fn alone(covered: &Path) -> Top {
        Top { root: covered.to_path_buf(), covered: covered.to_path_buf() }
    }

    /// The root for a workspace: the nearest directory upwards that has a `.git`. A repository that ignores the
    /// whole workspace, as one for dot files in a home directory does, is not its root.
    pub(crate) fn of(git: &Git, workspace: &Path) -> Result<Top, SnapshotError> {
        let found = workspace.ancestors().find(|path| path.join(".git").exists());
        let Some(root) = found.filter(|root| *root != workspace) else {
            return Ok(Top::alone(workspace));
        };
        let top = Top { root: root.to_path_buf(), covered: workspace.to_path_buf() };
        let mut ask = Ask::new("check-ignore", &["--quiet", "--no-index", "--"]);
        ask.arguments.push(workspace.into());
        ask.files = Some((root, root));
        ask.settings = top.settings();
        let output = git.run(ask)?;
        match output.exit {
            Some(0) => Ok(Top::alone(workspace)),
            Some(1) => Ok(top),
            _ => Err(git.refused("check-ignore", &output)),
        }
    }

    /// The covered directory below the root, without slashes at its ends; empty for the root itself.
    pub(crate) fn prefix(&self) -> &Path {
        self.covered.strip_prefix(&self.root).unwrap_or(Path::new(""))
    }

    /// The person's own exclude file stands where git looks for one that belongs to nobody's repository.
    pub(crate) fn settings(&self) -> Vec<OsString> {
        let exclude = self.root.join(".git/info/exclude");
        let file = if exclude.is_file() { exclude } else { PathBuf::from("/dev/null") };
        vec![concat("core.excludesFile=", file.as_os_str())]
    }
}
