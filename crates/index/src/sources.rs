//! The files of a repository that are not specs: which there are, and the bytes of those that are text. Finds no tag
//! and no symbol in them.
#![expect(clippy::disallowed_methods, reason = "source files are read here")]

use std::path::Path;

use crate::place::slashed;

/// Files listed of one repository; what lies beyond is told by [`Listing::is_cut`].
pub const FILES_MAX: usize = 400_000;
/// Bytes of one source file that is read; larger ones are generated.
pub const SOURCE_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// The files of a repository, as git would list them.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Paths from the root with `/`, in order. What git ignores is left out, and so are `.git`,
    /// `.kiro` and `node_modules`.
    pub files: Vec<String>,
    /// There were more than [`FILES_MAX`].
    pub is_cut: bool,
}

impl Listing {
    /// Walks the root.
    pub fn read(root: &Path) -> Listing {
        let mut listing = Listing::default();
        let walk = listing::walk(root, &[], |entry| {
            let name = entry.file_name().as_encoded_bytes();
            !(name == b".git" || name == b".kiro" || name == b"node_modules")
        });
        for entry in walk.build().flatten() {
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            if listing.files.len() >= FILES_MAX {
                listing.is_cut = true;
                break;
            }
            if let Ok(path) = entry.path().strip_prefix(root) {
                listing.files.push(slashed(path));
            }
        }
        listing.files.sort();
        listing
    }

    /// Whether there is a file of exactly that path.
    pub fn has(&self, path: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }

    /// Whether there is a file below that folder.
    pub fn has_folder(&self, folder: &str) -> bool {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let at = self.files.partition_point(|file| file.as_str() < folder.as_str());
        self.files.get(at).is_some_and(|file| file.starts_with(&folder))
    }
}

/// The bytes of a source file; `None` when it is too large, no regular file or cannot be read.
pub fn read(root: &Path, path: &str) -> Option<Vec<u8>> {
    let path = root.join(path);
    let data = std::fs::symlink_metadata(&path).ok()?;
    (data.is_file() && data.len() <= SOURCE_BYTES_MAX).then(|| std::fs::read(&path).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_as_git_would_list_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("src/a.rs", "a");
        write("src/deep/b.rs", "b");
        write("target/c.rs", "c");
        write(".gitignore", "target/\n");
        write(".kiro/specs/x/tasks.md", "x");
        let listing = Listing::read(folder.path());
        assert_eq!(listing.files, [".gitignore", "src/a.rs", "src/deep/b.rs"]);
        assert!(listing.has("src/a.rs") && !listing.has("src/c.rs"));
        assert!(listing.has_folder("src/deep") && listing.has_folder("src/") && !listing.has_folder("sr"));
        assert_eq!(read(folder.path(), "src/a.rs"), Some(b"a".to_vec()));
        assert_eq!(read(folder.path(), "src"), None);
    }
}
