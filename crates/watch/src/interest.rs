//! Which paths matter to whoever started the watch. Pure; what git ignores is in `rules`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Asks one question of a path: relative to the root, with `/`.
type Ask = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Which files are told, and which directories need a watch.
///
/// What git ignores is left out, and so are the insides of `.git` and what editors leave beside a file while they have it open
/// (`.#name`, `#name#`, `name~`, `.name.swp`).
#[derive(Clone)]
pub struct Interest {
    matters: Ask,
    enters: Ask,
    also: Vec<String>,
    global: Option<PathBuf>,
    asks_git: bool,
}

impl Interest {
    /// Every file that git does not ignore.
    pub fn everything() -> Interest {
        Interest::files(|_| true)
    }

    /// The files of which this is true. It is asked often, and must be quick.
    pub fn files(matters: impl Fn(&str) -> bool + Send + Sync + 'static) -> Interest {
        Interest {
            matters: Arc::new(matters),
            enters: Arc::new(|_| true),
            also: Vec::new(),
            global: None,
            asks_git: true,
        }
    }

    /// Only directories of which this is true are watched: those in which, or below which, a file may matter. The root always is.
    /// Fewer directories need less memory and begin sooner.
    #[must_use]
    pub fn in_directories(mut self, enters: impl Fn(&str) -> bool + Send + Sync + 'static) -> Interest {
        self.enters = Arc::new(enters);
        self
    }

    /// Files at or below a path are heard although git ignores them, as of `.kiro`.
    #[must_use]
    pub fn also(mut self, path: &str) -> Interest {
        self.also.push(path.trim_matches('/').to_owned());
        self
    }

    /// The person's own file of patterns, for all repositories (`core.excludesFile`, or `git/ignore` in the directory of settings).
    #[must_use]
    pub fn with_global(mut self, path: &Path) -> Interest {
        self.global = Some(path.to_owned());
        self
    }

    /// Files that git ignores are heard as well.
    #[must_use]
    pub fn without_git(mut self) -> Interest {
        self.asks_git = false;
        self
    }

    /// Whether a file matters, apart from what git ignores.
    pub(crate) fn wants_file(&self, path: &str) -> bool {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        !is_of_editor(name) && (self.matters)(path)
    }

    /// Whether a directory is to be entered, apart from what git ignores.
    pub(crate) fn wants_directory(&self, path: &str) -> bool {
        path.is_empty() || (self.enters)(path)
    }

    /// Whether git is not asked about a path.
    pub(crate) fn is_exempt(&self, path: &str, is_directory: bool) -> bool {
        let within = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        !self.asks_git
            || self.also.iter().any(|also| within(path, also) || is_directory && within(also, path))
    }

    pub(crate) fn global(&self) -> Option<&Path> {
        self.global.as_deref().filter(|_| self.asks_git)
    }

    pub(crate) fn asks_git(&self) -> bool {
        self.asks_git
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Interest").field("also", &self.also).field("asks_git", &self.asks_git).finish()
    }
}

/// Whether an editor puts files of such names beside the one that is open.
fn is_of_editor(name: &str) -> bool {
    let swap = || {
        let (stem, end) = name.rsplit_once('.')?;
        let mut signs = end.chars();
        let is_swap = signs.next()? == 's'
            && signs.next()? == 'w'
            && signs.next()?.is_ascii_lowercase()
            && signs.next().is_none();
        Some(stem.starts_with('.') && is_swap)
    };
    name.ends_with('~')
        || name.starts_with(".#")
        || name.len() > 1 && name.starts_with('#') && name.ends_with('#')
        || name.starts_with(".goutputstream-")
        || name.ends_with("___jb_tmp___")
        || name.ends_with("___jb_old___")
        || swap() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_editors_leave_do_not_matter() {
        let all = Interest::everything();
        for name in ["a~", ".#a", "#a#", ".a.txt.swp", ".a.swx", ".goutputstream-X1", "a___jb_tmp___"] {
            assert!(!all.wants_file(name) && !all.wants_file(&format!("d/{name}")), "{name}");
        }
        for name in ["a", "#", "a#", "a.swp", ".swift", ".a.swap", "4913", "a~b", "d~/a"] {
            assert!(all.wants_file(name), "{name}");
        }
    }

    #[test]
    fn what_is_heard_although_git_ignores_it() {
        let interest = Interest::everything().also("x/.kiro/");
        for (path, is_directory, expected) in [
            ("x/.kiro", true, true),
            ("x/.kiro/hooks/a", false, true),
            ("x", true, true),
            ("x", false, false),
            ("x/y", true, false),
            ("x/.kirov", true, false),
        ] {
            assert_eq!(interest.is_exempt(path, is_directory), expected, "{path}");
        }
    }
}
