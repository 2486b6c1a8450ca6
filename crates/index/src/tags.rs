//! The tags of requirements, properties and tasks in the sources and tests of a repository. Links them to nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use exchange::lines::Lines;
use spec::tags::{self, Tag};

use crate::sources::{self, Listing};

/// Threads that scan; more than this waits for the disk.
const THREADS_MAX: usize = 8;
/// Tags kept of one repository.
pub const TAGS_MAX: usize = 1_000_000;

/// Endings of files that are looked at. Data, pictures and lock files carry no tags.
const ENDINGS: &[&str] = &[
    "rs", "py", "pyi", "ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "go", "java", "kt", "kts",
    "scala", "groovy", "cs", "fs", "vb", "rb", "php", "swift", "m", "mm", "c", "h", "cc", "cpp", "cxx",
    "hpp", "hh", "dart", "ex", "exs", "erl", "hs", "ml", "clj", "cljs", "lua", "r", "jl", "pl", "sh", "bash",
    "zsh", "ps1", "sql", "feature", "robot", "vue", "svelte", "astro", "html", "css", "scss", "tf", "zig",
    "nim", "sol", "proto", "graphql", "yml", "yaml",
];

/// The tags of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTags {
    /// The tags in order.
    pub tags: Vec<Tag>,
}

/// The tags of a repository by path from the root; files without tags are left out.
#[derive(Clone, Debug, Default)]
pub struct TagIndex {
    /// By path.
    pub files: BTreeMap<String, FileTags>,
    /// Files that were looked at.
    pub scanned: usize,
    /// There were more than [`TAGS_MAX`] tags.
    pub is_cut: bool,
}

impl TagIndex {
    /// Scans every source of the listing.
    pub fn scan(root: &Path, listing: &Listing) -> TagIndex {
        let wanted: Vec<&String> = listing.files.iter().filter(|file| is_source(file)).collect();
        let next = AtomicUsize::new(0);
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        let work = || {
            let mut found = Vec::new();
            while let Some(file) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(tags) =
                    sources::read(root, file).map(|bytes| tags::scan(&bytes)).filter(|t| !t.is_empty())
                {
                    found.push(((*file).clone(), FileTags { tags }));
                }
            }
            found
        };
        let mut index = TagIndex { scanned: wanted.len(), ..TagIndex::default() };
        let parts: Vec<Vec<(String, FileTags)>> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            let others = others.into_iter().filter_map(|thread| thread.join().ok());
            others.chain([own]).collect()
        });
        index.files = parts.into_iter().flatten().collect();
        let mut left = TAGS_MAX;
        index.files.retain(|_, file| {
            let fits = file.tags.len() <= left;
            left = left.saturating_sub(file.tags.len());
            index.is_cut |= !fits;
            fits
        });
        index
    }

    /// Puts the tags of one file in the place of the ones known.
    pub fn update(&mut self, file: &str, bytes: Option<&[u8]>) {
        let tags = bytes.filter(|_| is_source(file)).map(tags::scan).filter(|tags| !tags.is_empty());
        match tags {
            Some(tags) => self.files.insert(file.to_string(), FileTags { tags }),
            None => self.files.remove(file),
        };
    }

    /// How many tags there are.
    pub fn len(&self) -> usize {
        self.files.values().map(|file| file.tags.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Whether a file of that name may carry tags.
pub fn is_source(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// The line that a tag stands in, trimmed, for lists.
pub fn line_of(bytes: &[u8], tag: &Tag) -> String {
    let lines = Lines::of(bytes);
    let line = tag.line.saturating_sub(1);
    String::from_utf8_lossy(lines.span(bytes, line).slice(bytes)).trim().to_string()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests make files to read")]
mod tests {
    use super::*;

    #[test]
    fn tags_of_a_repository() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("tests/a.rs", "// Validates: Requirements 1.2, 3.4\n#[test]\nfn a() {}\n");
        write("src/b.py", "x = 1\n");
        write("notes.txt", "Validates: Requirements 9.9\n");
        let mut index = TagIndex::scan(folder.path(), &Listing::read(folder.path()));
        let ids = |index: &TagIndex| -> Vec<String> {
            let all =
                index.files.iter().flat_map(|(file, tags)| tags.tags.iter().map(move |tag| (file, tag)));
            all.map(|(file, tag)| format!("{file}:{} {}", tag.line, tag.id)).collect()
        };
        assert_eq!(
            (ids(&index), index.scanned),
            (vec!["tests/a.rs:1 1.2".to_string(), "tests/a.rs:1 3.4".to_string()], 2)
        );
        index.update("src/b.py", Some(b"# Requirement 2.1\n"));
        index.update("tests/a.rs", None);
        assert_eq!(ids(&index), ["src/b.py:1 2.1"]);
    }
}
