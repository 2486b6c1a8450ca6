//! The workspace on disk: its root, what it is, its specs and their documents. Changes only what it is told to.
#![expect(clippy::disallowed_methods, reason = "the documents of specs are read and written here")]

use std::io::Write;
use std::path::{Path, PathBuf};

use plan::{Shape, SpecDocuments};

use crate::error::{Error, Outcome};
use crate::world::World;

/// The largest spec document that is read.
const DOCUMENT_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// The most specs of one workspace that are listed.
const SPECS_MAX: usize = 10_000;
/// How deep spec folders may be nested.
const NESTING_MAX: usize = 4;

/// A workspace.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The resolved absolute root.
    pub(crate) root: PathBuf,
}

/// Where a spec's documents lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpecPlace {
    /// Its name: the folder's path below `.kiro/specs`, or the file's name without `.md`.
    pub(crate) name: String,
    /// Folder or single file.
    pub(crate) shape: Shape,
    /// The folder, or the file.
    pub(crate) path: PathBuf,
}

impl Workspace {
    /// The workspace around a directory: the nearest directory upwards with `.kiro` or `.git`, else itself.
    pub(crate) fn find(world: &World) -> Outcome<Workspace> {
        let start = resolved(&world.directory)?;
        let home = world.home.canonicalize().ok();
        // `~/.kiro` holds the person's settings and makes no workspace of the home directory.
        let is_root = |path: &Path| {
            path.join(".git").exists() || (path.join(".kiro").is_dir() && home.as_deref() != Some(path))
        };
        let root = start.ancestors().find(|path| is_root(path)).unwrap_or(&start).to_path_buf();
        Ok(Workspace { root })
    }

    /// Every spec, by name.
    pub(crate) fn specs(&self) -> Vec<SpecPlace> {
        let mut found = Vec::new();
        let base = self.root.join(".kiro/specs");
        collect(&base, &base, 0, &mut found);
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// The spec of that name, or the only one.
    pub(crate) fn spec(&self, name: Option<&str>) -> Outcome<SpecPlace> {
        let specs = self.specs();
        let names = || specs.iter().map(|spec| spec.name.as_str()).collect::<Vec<_>>().join(", ");
        match name {
            Some(name) => {
                let name = name.trim_end_matches('/').trim_end_matches(".md");
                specs.iter().find(|spec| spec.name == name).cloned().ok_or_else(|| {
                    let missing = Error::usage(format!("there is no spec `{name}`"));
                    if specs.is_empty() {
                        missing.hint("start one: waypost spec new \"what it should do\"")
                    } else {
                        missing.hint(format!("the specs here are: {}", names()))
                    }
                })
            }
            None if specs.len() == 1 => Ok(specs[0].clone()),
            None if specs.is_empty() => Err(Error::usage("there is no spec in this workspace")
                .hint("start one: waypost spec new \"what it should do\"")),
            None => {
                Err(Error::usage("there is more than one spec").hint(format!("name one of: {}", names())))
            }
        }
    }

    /// A path below the root, for people.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The command that proves a change in projects of this kind.
    pub(crate) fn found_check(&self) -> Option<&'static str> {
        let has = |name: &str| self.root.join(name).is_file();
        let holds = |name: &str, text: &str| {
            std::fs::read_to_string(self.root.join(name)).is_ok_and(|content| content.contains(text))
        };
        if has("Cargo.toml") {
            return Some("cargo test");
        }
        if holds("package.json", "\"test\"") {
            return Some("npm test");
        }
        if has("go.mod") {
            return Some("go test ./...");
        }
        if has("pyproject.toml") || has("pytest.ini") || has("setup.py") {
            return Some("python3 -m pytest -q");
        }
        if has("pom.xml") {
            return Some("mvn -q test");
        }
        if has("gradlew") {
            return Some("./gradlew test");
        }
        if holds("Makefile", "\ntest:") || holds("Makefile", "\ncheck:") {
            return Some(if holds("Makefile", "\ntest:") { "make test" } else { "make check" });
        }
        None
    }
}

impl SpecPlace {
    /// The documents as they are on disk now.
    pub(crate) fn documents(&self) -> Outcome<SpecDocuments> {
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
    pub(crate) fn tasks_file(&self) -> PathBuf {
        match self.shape {
            Shape::Single => self.path.clone(),
            Shape::Folder => self.path.join("tasks.md"),
        }
    }
}

/// Where a path really is: links followed.
pub(crate) fn resolved(path: &Path) -> Outcome<PathBuf> {
    path.canonicalize()
        .map_err(|error| Error::failed(format!("`{}` cannot be read: {error}", path.display())))
}

/// Writes a file whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let failed =
        |error: std::io::Error| Error::failed(format!("`{}` cannot be written: {error}", path.display()));
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = directory.join(format!(".{name}.waypost-{}", crate::world::random()));
    let mut options = std::fs::OpenOptions::new();
    let written = options.write(true).create_new(true).open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        if let Ok(old) = std::fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        failed(error)
    })
}

/// The bytes of a document; `None` when there is none.
pub(crate) fn read(path: &Path) -> Outcome<Option<Vec<u8>>> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Ok(data) if data.len() > DOCUMENT_BYTES_MAX => {
            Err(Error::failed(format!("`{}` is larger than 8 MiB", path.display())))
        }
        _ => std::fs::read(path)
            .map(Some)
            .map_err(|error| Error::failed(format!("`{}` cannot be read: {error}", path.display()))),
    }
}

fn collect(base: &Path, directory: &Path, depth: usize, found: &mut Vec<SpecPlace>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        if found.len() >= SPECS_MAX {
            return;
        }
        let (path, file_name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if file_name.starts_with('.') {
            continue;
        }
        let below = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let is_spec = |name: &str| path.join(name).is_file();
        if path.is_dir() && ["requirements.md", "bugfix.md", "design.md", "tasks.md"].into_iter().any(is_spec)
        {
            found.push(SpecPlace { name: below, shape: Shape::Folder, path });
        } else if path.is_dir() && depth < NESTING_MAX {
            collect(base, &path, depth + 1, found);
        } else if let Some(name) = below.strip_suffix(".md").filter(|_| depth == 0 && path.is_file()) {
            // A README beside specs is about them and is none.
            if !name.eq_ignore_ascii_case("readme") {
                found.push(SpecPlace { name: name.to_string(), shape: Shape::Single, path });
            }
        }
    }
}
