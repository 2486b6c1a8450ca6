//! A real disk: looks, lists and reads below a root, and asks the system to watch. Follows no link and never waits for a pipe.
#![expect(
    clippy::disallowed_methods,
    reason = "the watch looks at the files of the workspace; it writes none"
)]

use std::fs::{FileType, Metadata};
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, Seen, Sort, Trouble};
use crate::interest::Interest;
use crate::judge::Stamp;
use crate::moment::Note;
use crate::rules::{RULES_BYTES_MAX, Rules};
use crate::source::Source;
use crate::table::join;

/// Names of one directory that are taken in.
const NAMES_MAX: usize = 1_000_000;
/// Directories above the root in which a repository is looked for.
const ABOVE_MAX: usize = 64;

/// The root, and what the system says about it.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    pub(crate) source: Source,
}

impl Tree {
    pub(crate) fn new(root: PathBuf, source: Source) -> Tree {
        Tree { root, source }
    }

    fn at(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(path) }
    }
}

impl Disk for Tree {
    fn look(&mut self, path: &str) -> Seen {
        match std::fs::symlink_metadata(self.at(path)) {
            Ok(found) => match sort(found.file_type()) {
                Sort::File => Seen::File(stamp(&found)),
                Sort::Directory => Seen::Directory,
                Sort::Special => Seen::Special,
            },
            Err(_) => Seen::Nothing,
        }
    }

    fn list(&mut self, directory: &str, notes: &mut Vec<Note>) -> Result<Vec<(String, Sort)>, Trouble> {
        if self.look(directory) != Seen::Directory {
            return Err(Trouble::Gone);
        }
        let entries = std::fs::read_dir(self.at(directory)).map_err(|error| trouble(error.kind()))?;
        let mut names = Vec::new();
        for entry in entries.take(NAMES_MAX).flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            match entry.file_name().into_string() {
                Ok(name) => names.push((name, sort(kind))),
                Err(name) => notes.push(Note::NotUnicode { path: join(directory, &name.to_string_lossy()) }),
            }
        }
        if names.len() >= NAMES_MAX {
            notes.push(Note::TooMany { what: "names in one directory", max: NAMES_MAX });
        }
        Ok(names)
    }

    fn watch(&mut self, directory: &str) -> Result<i32, Trouble> {
        self.source.watch(&self.root, directory)
    }

    fn unwatch(&mut self, directory: &str, number: i32) {
        self.source.unwatch(directory, number);
    }

    fn read(&mut self, path: &str, bytes_max: usize) -> Option<Vec<u8>> {
        read(&self.at(path), bytes_max)
    }
}

/// The content of a plain file up to a length; of anything else nothing.
pub(crate) fn read(path: &Path, bytes_max: usize) -> Option<Vec<u8>> {
    let file = open(path)?;
    file.metadata().ok().filter(Metadata::is_file)?;
    let mut content = Vec::new();
    file.take(u64::try_from(bytes_max).unwrap_or(u64::MAX)).read_to_end(&mut content).ok()?;
    Some(content)
}

#[cfg(unix)]
fn open(path: &Path) -> Option<std::fs::File> {
    use rustix::fs::{Mode, OFlags};
    // Without NONBLOCK, a pipe in the place of the file would hold the watch for ever.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    rustix::fs::open(path, flags, Mode::empty()).ok().map(std::fs::File::from)
}

#[cfg(not(unix))]
fn open(path: &Path) -> Option<std::fs::File> {
    std::fs::symlink_metadata(path).ok().filter(Metadata::is_file)?;
    std::fs::File::open(path).ok()
}

fn sort(kind: FileType) -> Sort {
    if kind.is_dir() {
        Sort::Directory
    } else if kind.is_file() || kind.is_symlink() {
        Sort::File
    } else {
        Sort::Special
    }
}

fn trouble(kind: ErrorKind) -> Trouble {
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Trouble::Gone,
        _ => Trouble::Denied,
    }
}

fn stamp(found: &Metadata) -> Stamp {
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(found.len());
    if let Ok(modified) = found.modified()
        && let Ok(since) = modified.duration_since(std::time::UNIX_EPOCH)
    {
        hasher.write_u128(since.as_nanos());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        hasher.write_u64(found.ino());
        hasher.write_u8(u8::from(found.file_type().is_symlink()));
    }
    Stamp(hasher.finish())
}

/// Git's own directory for the repository that a root lies in, and the top of that repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repository {
    pub(crate) git: Option<PathBuf>,
    top: Option<PathBuf>,
}

impl Repository {
    /// Looks in the root and above it.
    pub(crate) fn find(root: &Path) -> Repository {
        for top in root.ancestors().take(ABOVE_MAX) {
            let git = top.join(".git");
            let Ok(found) = std::fs::symlink_metadata(&git) else {
                continue;
            };
            let top = Some(top.to_owned());
            if found.is_dir() {
                return Repository { git: Some(git), top };
            }
            // A linked working tree has a file that names its directory.
            let text = read(&git, 4_096).and_then(|text| String::from_utf8(text).ok());
            let named = text.and_then(|text| Some(text.strip_prefix("gitdir:")?.trim().to_owned()));
            let git = named.and_then(|named| top.as_ref().map(|top| top.join(named)));
            return Repository { git, top };
        }
        Repository::default()
    }

    /// The rules that come from outside the root, the weakest at the bottom: the person's own file, the repository's own file, and
    /// those in the directories above the root.
    pub(crate) fn rules(&self, root: &Path, interest: &Interest) -> (Option<Arc<Rules>>, Vec<Note>) {
        let mut rules: Option<Arc<Rules>> = None;
        let mut notes = Vec::new();
        if !interest.asks_git() {
            return (None, notes);
        }
        let lead = |directory: &Path| {
            let inner = root.strip_prefix(directory).ok()?;
            let names = inner.components().map(|name| name.as_os_str().to_string_lossy());
            Some(names.map(|name| format!("{name}/")).collect::<String>())
        };
        let whole = self.top.as_deref().and_then(lead).unwrap_or_default();
        // In a linked working tree, the shared files are two directories up.
        let exclude = self.git.as_ref().map(|git| {
            let common = read(&git.join("commondir"), 4_096).and_then(|text| String::from_utf8(text).ok());
            git.join(common.as_deref().map_or(".", str::trim)).join("info/exclude")
        });
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        files.extend(interest.global().map(|global| (global.to_owned(), whole.clone())));
        files.extend(exclude.map(|exclude| (exclude, whole)));
        if let Some(top) = &self.top {
            let mut above: Vec<&Path> =
                root.ancestors().skip(1).take_while(|directory| directory.starts_with(top)).collect();
            above.reverse();
            files.extend(
                above
                    .into_iter()
                    .filter_map(|directory| Some((directory.join(".gitignore"), lead(directory)?))),
            );
        }
        for (path, lead) in files {
            let Some(text) = read(&path, RULES_BYTES_MAX) else {
                continue;
            };
            let read = Rules::outside(rules.clone(), &lead, text);
            if let Some(why) = read.fault() {
                notes.push(Note::BadPattern { path: path.display().to_string(), why: why.to_owned() });
            }
            rules = Some(read);
        }
        (rules, notes)
    }
}
