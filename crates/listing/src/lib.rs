//! Goes through the folders of a workspace as git lists them. Reads no file but the lists of what is ignored, and of those none
//! that would keep it waiting or take its memory.

#![expect(clippy::disallowed_methods, reason = "whether lists are plain files is looked up here")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use ignore::{DirEntry, Error, WalkBuilder, WalkState};

/// The largest list of what is ignored that is heeded, in bytes. The patterns of one are made into one automaton, and
/// the library gives up on what comes to too large a one.
pub const LIST_BYTES_MAX: u64 = 256 * 1024;

/// The most that a file named `.git`, or what it leads to, may say about where the repository lies.
const LINK_BYTES_MAX: u64 = 8 * 1024;

/// The lists that git and its relatives look for in a folder.
const LISTS: [&str; 2] = [".gitignore", ".ignore"];

/// The entries below `root`, hidden ones too, without what `.gitignore`, `.ignore` and the lists named `also` leave out, whether
/// or not it is a repository. A person's global list is not consulted, so that a workspace looks the same to everyone; symlinks
/// are not followed. `enters` says of each entry but the root whether it counts; a folder of which it says no is not entered.
///
/// A folder with a list that [`can_heed`] refuses is not entered, either. When the root or a folder above it has such a list,
/// lists of that name count nowhere.
pub fn walk(
    root: &Path,
    also: &'static [&'static str],
    enters: impl Fn(&DirEntry) -> bool + Send + Sync + 'static,
) -> WalkBuilder {
    #[expect(clippy::disallowed_methods, reason = "this is the room of it")]
    let mut walk = WalkBuilder::new(root);
    let is_plain_above = |name: &str| above(root).all(|folder| is_plain(&folder.join(name)));
    walk.hidden(false).git_global(false).require_git(false).follow_links(false);
    walk.git_ignore(is_plain_above(".gitignore")).ignore(is_plain_above(".ignore"));
    walk.git_exclude(above(root).all(|folder| has_plain_exclude(&folder)));
    for name in also.iter().filter(|name| is_plain_above(name)) {
        walk.add_custom_ignore_filename(name);
    }
    walk.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.depth() == 0 || enters(entry) && (!is_folder || can_heed(entry.path(), also))
    });
    walk
}

/// Everything below `root`, ignored or not, `root` itself first. Symlinks are not followed.
pub fn everything(root: &Path) -> WalkBuilder {
    #[expect(clippy::disallowed_methods, reason = "this is the room of it")]
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false).follow_links(false);
    walk
}

/// Whether the lists of what is ignored in a folder can be read at once: each that is there is a regular file of at most
/// [`LIST_BYTES_MAX`]. A pipe would wait for whoever writes into it, and git cannot carry one but an archive can.
pub fn can_heed(folder: &Path, also: &[&str]) -> bool {
    LISTS.iter().chain(also).all(|name| is_plain(&folder.join(name))) && has_plain_exclude(folder)
}

/// A folder and those above it.
fn above(root: &Path) -> impl Iterator<Item = PathBuf> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let all: Vec<PathBuf> = root.ancestors().map(Path::to_path_buf).collect();
    all.into_iter()
}

/// A folder of that name is no list, and reading it fails at once.
fn is_plain(list: &Path) -> bool {
    list.metadata().map_or(true, |data| data.is_dir() || data.is_file() && data.len() <= LIST_BYTES_MAX)
}

/// Whether `info/exclude` of the repository that begins in a folder, if one does, is plain, and the way to it as well: in a
/// worktree `.git` is a file that says where the repository lies.
fn has_plain_exclude(folder: &Path) -> bool {
    let git = folder.join(".git");
    match git.metadata() {
        Err(_) => true,
        Ok(data) if data.is_dir() => is_plain(&git.join("info/exclude")),
        Ok(_) => {
            let Ok(link) = first_line(&git) else { return false };
            let Some(own) = link.strip_prefix("gitdir: ").map(PathBuf::from) else { return true };
            let common = own.join("commondir");
            match first_line(&common) {
                Ok(common) => is_plain(&own.join(common).join("info/exclude")),
                Err(error) => error.kind() == ErrorKind::NotFound,
            }
        }
    }
}

/// The first line of a small regular file.
fn first_line(path: &Path) -> std::io::Result<String> {
    let data = path.metadata()?;
    if !data.is_file() || data.len() > LINK_BYTES_MAX {
        return Err(ErrorKind::InvalidData.into());
    }
    let text = std::fs::read(path)?;
    Ok(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_string())
}

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
