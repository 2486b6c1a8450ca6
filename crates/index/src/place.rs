//! Where the specs of a repository lie, and their documents as bytes. Reads no meaning into them.
#![expect(clippy::disallowed_methods, reason = "the documents of specs are read here")]

use std::path::{Path, PathBuf};

use plan::{Shape, SpecDocuments};

use crate::error::IndexError;

/// The largest spec document that is read, in bytes.
pub const DOCUMENT_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// The most specs of one repository.
pub const SPECS_MAX: usize = 10_000;
/// How deep spec folders may be nested below `.kiro/specs`.
pub const NESTING_MAX: usize = 6;
/// How deep a package with a `.kiro` of its own may lie below the root.
pub const PACKAGE_DEPTH_MAX: usize = 6;
/// Files and folders looked at in search of packages.
const ENTRIES_MAX: usize = 400_000;

/// The documents that make a folder a spec.
const DOCUMENTS: [&str; 4] = ["requirements.md", "bugfix.md", "design.md", "tasks.md"];
/// Folder names under which people put specs away. Compared in lower case.
const ARCHIVES: [&str; 8] =
    ["archive", "archived", "_archive", "_archived", ".archive", "_completed", "completed", "_done"];

/// Where a spec's documents lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecPlace {
    /// Its address: the path below `.kiro/specs` without `.md`; `packages/x:name` for a package's own.
    pub name: String,
    /// Folder or single file.
    pub shape: Shape,
    /// The folder, or the file.
    pub path: PathBuf,
    /// The package's folder from the workspace root, with `/`; empty for the root's own specs.
    pub package: String,
    /// It lies in a folder whose name says that it is put away.
    pub is_archived: bool,
}

impl SpecPlace {
    /// The documents as they are on disk now.
    pub fn documents(&self) -> Result<SpecDocuments, IndexError> {
        let mut documents =
            SpecDocuments { name: self.name.clone(), shape: self.shape, ..Default::default() };
        match self.shape {
            Shape::Single => documents.single = read(&self.path)?,
            Shape::Folder => {
                documents.requirements = read(&self.path.join("requirements.md"))?;
                documents.bugfix = read(&self.path.join("bugfix.md"))?;
                documents.design = read(&self.path.join("design.md"))?;
                documents.tasks = read(&self.path.join("tasks.md"))?;
                documents.config = read(&self.path.join(".config.kiro"))?;
            }
        }
        Ok(documents)
    }

    /// The file that holds the tasks.
    pub fn tasks_file(&self) -> PathBuf {
        self.file("tasks.md")
    }

    /// The path of one of the spec's documents; the single file whatever the name.
    pub fn file(&self, document: &str) -> PathBuf {
        match self.shape {
            Shape::Single => self.path.clone(),
            Shape::Folder => self.path.join(document),
        }
    }

    /// The name under which the ledger keeps the record: the same before and after the spec is put away.
    pub fn record_name(&self) -> String {
        let (package, below) =
            self.name.split_once(':').map_or((None, self.name.as_str()), |(p, b)| (Some(p), b));
        let kept: Vec<&str> =
            below.split('/').filter(|part| !self.is_archived || !is_archive(part)).collect();
        match package {
            Some(package) => format!("{package}:{}", kept.join("/")),
            None => kept.join("/"),
        }
    }

    /// The name as tags and branches use it: the last part.
    pub fn short_name(&self) -> &str {
        self.name.rsplit(['/', ':']).next().unwrap_or(&self.name)
    }
}

/// Every spec below the root, by name: the root's own, then those of packages with a `.kiro` of their own.
pub fn specs(root: &Path) -> Vec<SpecPlace> {
    let mut found = Vec::new();
    collect(root, "", &mut found);
    for package in packages(root) {
        collect(&root.join(&package), &package, &mut found);
    }
    found.sort_by(|a, b| (&a.package, &a.name).cmp(&(&b.package, &b.name)));
    found
}

/// Folders below the root that have a `.kiro` of their own, with `/`, in order. What git ignores is left out.
pub fn packages(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut walk = listing::walk(root, &[], |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let name = entry.file_name().as_encoded_bytes();
        is_folder && (!name.starts_with(b".") || name == b".kiro") && name != b"node_modules"
    });
    walk.max_depth(Some(PACKAGE_DEPTH_MAX + 1));
    for entry in walk.build().take(ENTRIES_MAX).flatten() {
        if entry.file_name() == ".kiro"
            && let Some(package) = entry.path().parent().and_then(|parent| parent.strip_prefix(root).ok())
            && !package.as_os_str().is_empty()
        {
            found.push(slashed(package));
        }
    }
    found.sort();
    found
}

/// The bytes of a document; `None` when there is none.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, IndexError> {
    let failed = |source| IndexError::Read { path: path.to_path_buf(), source };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Ok(data) if data.len() > DOCUMENT_BYTES_MAX => {
            Err(IndexError::TooLarge { path: path.to_path_buf(), mebibytes: DOCUMENT_BYTES_MAX >> 20 })
        }
        // A named pipe called `tasks.md` would block for ever.
        Ok(data) if !data.is_file() => Err(failed(std::io::Error::other("it is not a regular file"))),
        _ => std::fs::read(path).map(Some).map_err(failed),
    }
}

/// A path with `/` between its parts.
pub fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

fn collect(folder: &Path, package: &str, found: &mut Vec<SpecPlace>) {
    let base = folder.join(".kiro/specs");
    collect_below(&base, &base, package, 0, found);
}

fn collect_below(base: &Path, directory: &Path, package: &str, depth: usize, found: &mut Vec<SpecPlace>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    // Below the top, files are notes of a folder of specs; only an archive keeps single-file specs, too.
    let may_be_single =
        directory.strip_prefix(base).is_ok_and(|below| slashed(below).split('/').all(is_archive_or_top));
    for entry in entries.flatten() {
        if found.len() >= SPECS_MAX {
            return;
        }
        let (path, file_name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let is_folder = path.is_dir();
        if file_name.starts_with('.') && !(is_folder && is_archive(&file_name)) {
            continue;
        }
        let below = slashed(path.strip_prefix(base).unwrap_or(&path));
        if is_folder && DOCUMENTS.into_iter().any(|name| path.join(name).is_file()) {
            found.push(place(&below, Shape::Folder, path, package));
        } else if is_folder && depth < NESTING_MAX {
            collect_below(base, &path, package, depth + 1, found);
        } else if let Some(name) = below.strip_suffix(".md").filter(|_| may_be_single && path.is_file()) {
            // A README beside specs is about them and is none.
            if !name.eq_ignore_ascii_case("readme") {
                found.push(place(name, Shape::Single, path, package));
            }
        }
    }
}

fn place(below: &str, shape: Shape, path: PathBuf, package: &str) -> SpecPlace {
    let folders = below.rsplit_once('/').map_or("", |(folders, _)| folders);
    let is_archived = folders.split('/').any(is_archive);
    let name = if package.is_empty() { below.to_string() } else { format!("{package}:{below}") };
    SpecPlace { name, shape, path, package: package.to_string(), is_archived }
}

fn is_archive_or_top(folder: &str) -> bool {
    folder.is_empty() || is_archive(folder)
}

fn is_archive(folder: &str) -> bool {
    ARCHIVES.contains(&folder.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x\n").unwrap();
        }
        folder
    }

    #[track_caller]
    fn check(files: &[&str], expected: &[(&str, Shape, bool)]) {
        let folder = workspace(files);
        let found = specs(folder.path());
        let got: Vec<_> =
            found.iter().map(|spec| (spec.name.as_str(), spec.shape, spec.is_archived)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn folders_files_and_packages() {
        check(
            &[
                ".kiro/specs/b/tasks.md",
                ".kiro/specs/a.md",
                ".kiro/specs/README.md",
                ".kiro/specs/v1/agent/design.md",
                ".kiro/specs/_completed/old/requirements.md",
                ".kiro/specs/_completed/one.md",
                ".kiro/specs/v1/notes.md",
                ".kiro/specs/.hidden/tasks.md",
                "packages/x/.kiro/specs/c/bugfix.md",
                "node_modules/y/.kiro/specs/no/tasks.md",
            ],
            &[
                ("_completed/old", Shape::Folder, true),
                ("_completed/one", Shape::Single, true),
                ("a", Shape::Single, false),
                ("b", Shape::Folder, false),
                ("v1/agent", Shape::Folder, false),
                ("packages/x:c", Shape::Folder, false),
            ],
        );
        check(&["src/lib.rs"], &[]);
        check(&[".gitignore", "build/.kiro/specs/a/tasks.md"], &[("build:a", Shape::Folder, false)]);
    }

    #[test]
    fn the_record_of_a_spec_stays_when_it_is_put_away() {
        let check = |below: &str, package: &str, expected: &str| {
            let place = place(below, Shape::Folder, PathBuf::new(), package);
            assert_eq!(place.record_name(), expected);
        };
        check("a", "", "a");
        check("_archive/a", "", "a");
        check("v1/completed/a", "p/x", "p/x:v1/a");
        check("archive", "", "archive");
    }

    #[test]
    fn what_git_ignores_is_no_package() {
        let folder = workspace(&["build/.kiro/specs/a/tasks.md"]);
        std::fs::write(folder.path().join(".gitignore"), "build/\n").unwrap();
        assert_eq!(specs(folder.path()), []);
    }

    #[test]
    fn documents_of_a_folder_and_of_a_file() {
        let folder = workspace(&[".kiro/specs/a/tasks.md", ".kiro/specs/b.md"]);
        let found = specs(folder.path());
        let a = found[0].documents().unwrap();
        assert_eq!((a.tasks, a.design, a.single), (Some(b"x\n".to_vec()), None, None));
        assert_eq!(found[1].documents().unwrap().single, Some(b"x\n".to_vec()));
        assert_eq!(found[1].file("tasks.md"), found[1].path);
    }
}
