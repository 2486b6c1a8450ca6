//! The workspace on disk: its root, what it is, and the one way to write a document. Where specs lie and what is in them
//! is read by `index`.
#![expect(clippy::disallowed_methods, reason = "the documents of specs are written here")]

use std::io::Write;
use std::path::{Path, PathBuf};

use index::SpecPlace;

use crate::error::{Error, Outcome};
use crate::world::World;

/// A workspace.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The resolved absolute root.
    pub(crate) root: PathBuf,
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

    /// Every spec, by name: the root's own, then those of packages.
    pub(crate) fn specs(&self) -> Vec<SpecPlace> {
        index::specs(&self.root)
    }

    /// The spec of that name, or the only one.
    pub(crate) fn spec(&self, name: Option<&str>) -> Outcome<SpecPlace> {
        let specs = self.specs();
        let names = || specs.iter().map(|spec| spec.name.as_str()).collect::<Vec<_>>().join(", ");
        match name {
            Some(name) => {
                let name = name.trim_end_matches('/').trim_end_matches(".md");
                // `limits` also names the only `packages/x:limits` or `v1/limits`.
                let mut short = specs.iter().filter(|spec| spec.short_name() == name);
                let short = match (short.next(), short.next()) {
                    (Some(spec), None) => Some(spec),
                    _ => None,
                };
                specs.iter().find(|spec| spec.name == name).or(short).cloned().ok_or_else(|| {
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
