//! What of a git repository a permitted git command may write, and what stays as it is all the same. Runs no git.
#![expect(
    clippy::disallowed_methods,
    reason = "what a command left behind in a repository is taken away here"
)]

use std::path::{Path, PathBuf};

/// The repository, where git commands do more than read.
#[derive(Default)]
pub(crate) struct Opened {
    pub(crate) repository: Option<PathBuf>,
    /// Whether a command was permitted that makes or removes further work trees.
    pub(crate) worktrees: bool,
    /// The same for submodules.
    pub(crate) modules: bool,
}

impl Opened {
    /// Takes note of a permitted git command that does more than read.
    pub(crate) fn open(&mut self, git: PathBuf, words: &[String]) {
        let says = |word: &str| words.iter().any(|said| said == word);
        self.repository = Some(git);
        self.worktrees |= says("worktree");
        self.modules |= says("submodule") || says("--recurse-submodules");
    }

    /// What stays as it is in an opened repository: settings, and what would run later. Each of these can name a program.
    pub(crate) fn protected(&self, git: &Path) -> Vec<PathBuf> {
        let mut names = vec!["hooks", "config", "config.worktree", "info/attributes"];
        // An empty folder stands where a protected file is not; git takes one of this name for a fault.
        if git.join(COMMON).symlink_metadata().is_ok() {
            names.push(COMMON);
        }
        // Each of those within has settings of its own.
        names.extend((!self.worktrees).then_some("worktrees"));
        names.extend((!self.modules).then_some("modules"));
        names.into_iter().map(|name| git.join(name)).collect()
    }
}

/// A file by which a repository takes its settings from elsewhere.
const COMMON: &str = "commondir";

/// A file that was not there when a command began, and is not there behind it.
pub(crate) struct Absent(PathBuf);

impl Absent {
    pub(crate) fn in_repository(git: &Path) -> Option<Absent> {
        let path = git.join(COMMON);
        // Lazily: a value that is made is a file that goes.
        (git.is_dir() && path.symlink_metadata().is_err()).then(|| Absent(path))
    }
}

impl Drop for Absent {
    fn drop(&mut self) {
        if self.0.symlink_metadata().is_ok() {
            let _gone = std::fs::remove_file(&self.0).or_else(|_| std::fs::remove_dir_all(&self.0));
        }
    }
}
