//! The repository since a revision: its specs as they were, and the source files that differ. Judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plan::{Shape, SpecDocuments};
use vcs::history::History;

use crate::error::IndexError;
use crate::place::{SpecPlace, slashed};
use crate::repository::Repository;
use crate::sources;
use crate::tags::is_source;

/// Commits after the revision that are looked through for changed files.
const COMMITS_MAX: usize = 20_000;
/// Source files that are compared with what they were.
pub const FILES_MAX: usize = 5_000;

/// The state with which today is compared.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// The newest commit that the revision and what is checked out have in common.
    pub commit: String,
    /// Today's specs as they were then, by name. A spec that is new has no document.
    pub documents: BTreeMap<String, SpecDocuments>,
}

/// A source file that differs from what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// From the root; of a file that is gone, where it was.
    pub path: String,
    /// What it was; `None` for a new one.
    pub before: Option<Vec<u8>>,
    /// What it is; `None` for one that is gone.
    pub after: Option<Vec<u8>>,
}

impl Base {
    /// Finds a revision: a branch, a tag, a commit. `path` is where git is looked for. What came to the revision after the
    /// branches parted is left out, so that only the work of this side is seen.
    ///
    /// # Errors
    /// [`IndexError::Revision`] when there is no such commit here, [`IndexError::History`] when git fails.
    pub fn find(root: &Path, path: &str, revision: &str, places: &[SpecPlace]) -> Result<Base, IndexError> {
        let history = History::open(root, path);
        if let Some(absence) = history.absence() {
            let why = absence.to_string();
            return Err(IndexError::Revision { revision: revision.to_string(), why });
        }
        let Some(commit) = history.base_of(revision)? else {
            let shallow =
                if history.is_shallow() { "the clone is shallow" } else { "no commit has that name" };
            let (revision, why) = (revision.to_string(), shallow.to_string());
            return Err(IndexError::Revision { revision, why });
        };
        // From where a document is to where it was.
        let was: BTreeMap<String, String> =
            history.renames_since(&commit)?.into_iter().map(|(old, new)| (new, old)).collect();
        let mut wanted = Vec::new();
        let mut slots = Vec::new();
        for place in places {
            let names: &[&str] = match place.shape {
                Shape::Single => &[""],
                Shape::Folder => &["requirements.md", "bugfix.md", "design.md", "tasks.md", ".config.kiro"],
            };
            for name in names {
                let file = place.file(name);
                let file = slashed(file.strip_prefix(root).unwrap_or(&file));
                let file = was.get(&file).cloned().unwrap_or(file);
                wanted.push((commit.clone(), file));
                slots.push((place, *name));
            }
        }
        let blobs = history.files_at(&wanted)?;
        let mut documents: BTreeMap<String, SpecDocuments> = BTreeMap::new();
        for ((place, name), bytes) in slots.into_iter().zip(blobs) {
            let read = documents.entry(place.name.clone()).or_insert_with(|| SpecDocuments {
                name: place.name.clone(),
                shape: place.shape,
                ..SpecDocuments::default()
            });
            match name {
                "" => read.single = bytes,
                "requirements.md" => read.requirements = bytes,
                "bugfix.md" => read.bugfix = bytes,
                "design.md" => read.design = bytes,
                "tasks.md" => read.tasks = bytes,
                _ => read.config = bytes,
            }
        }
        Ok(Base { commit, documents })
    }

    /// The source files that differ: those that commits since then changed, and of those that nobody committed the ones
    /// that a task names or that have a tag. Files that differ in the form of their lines alone are left out.
    pub fn changed(&self, repository: &Repository, path: &str) -> Result<Vec<Changed>, IndexError> {
        let history = History::open(&repository.root, path);
        let log = history.commits_since(&self.commit, COMMITS_MAX)?;
        let was: BTreeMap<String, String> =
            vcs::history::renames(&log.commits).into_iter().map(|(old, new)| (new, old)).collect();
        let committed = log.commits.iter().flat_map(|commit| &commit.files).map(|file| file.path.clone());
        let named = repository.specs.iter().flat_map(|entry| &entry.plan.steps).flat_map(|step| &step.files);
        let tagged = repository.tags.files.keys();
        let mut files: BTreeSet<String> = committed.chain(tagged.cloned()).chain(named.cloned()).collect();
        files.retain(|file| is_source(file));
        let files: Vec<String> = files.into_iter().take(FILES_MAX).collect();
        let old = |file: &String| was.get(file).unwrap_or(file).clone();
        let wanted: Vec<(String, String)> =
            files.iter().map(|file| (self.commit.clone(), old(file))).collect();
        let blobs = history.files_at(&wanted)?;
        let moved: BTreeSet<&String> = was.values().collect();
        let mut changed = Vec::new();
        for (file, before) in files.into_iter().zip(blobs) {
            let after = sources::read(&repository.root, &file);
            let is_same = match (&before, &after) {
                (Some(before), Some(after)) => unix(before) == unix(after),
                (None, None) => true,
                // It is somewhere else now, and compared there.
                (Some(_), None) => moved.contains(&file),
                (None, Some(_)) => false,
            };
            if !is_same {
                changed.push(Changed { path: file, before, after });
            }
        }
        Ok(changed)
    }
}

fn unix(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}
