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
    /// The folder in which Waypost was started, from the root with `/`; empty for the root.
    pub(crate) here: String,
    /// The folders with a `.kiro` of their own on the way from the root to there, outermost first, from the root with `/`.
    pub(crate) packages: Vec<String>,
}

impl Workspace {
    /// The workspace around a directory. Inside a repository (`.git`) its root is the outermost folder with `.kiro`, and the
    /// repository's top where there is none; outside of one the outermost folder with `.kiro` below the home directory, else
    /// the directory itself. Folders further out count only when they belong to whom the directory belongs to, to the person or to
    /// the system; a repository of the home directory makes no workspace of what lies below it.
    pub(crate) fn find(world: &World) -> Outcome<Workspace> {
        let start = resolved(&world.directory)?;
        let home = world.home.canonicalize().ok();
        // `~/.kiro` holds the person's settings and makes no workspace of the home directory.
        let is_home = |path: &Path| home.as_deref() == Some(path);
        let mut around: Vec<&Path> = Vec::new();
        let mut top = None;
        for path in start.ancestors() {
            let counts = |name: &str| path == start || is_owned(&path.join(name), &start, &world.home);
            if is_home(path) {
                break;
            }
            if path.join(".kiro").is_dir() && counts(".kiro") {
                around.push(path);
            }
            if path.join(".git").exists() && counts(".git") {
                top = Some(path);
                break;
            }
        }
        let root = around.last().copied().or(top).unwrap_or(&start).to_path_buf();
        let inside = |path: &Path| index::place::slashed(path.strip_prefix(&root).unwrap_or(path));
        let packages = around.iter().rev().map(|path| inside(path)).filter(|path| !path.is_empty()).collect();
        let here = inside(&start);
        Ok(Workspace { root, here, packages })
    }

    /// A path that a person typed, from the root: as it reads from where they are when something lies there, else as it is.
    pub(crate) fn typed_here(&self, typed: &str) -> String {
        if self.here.is_empty() || Path::new(typed).is_absolute() {
            return typed.to_string();
        }
        let mut inside = PathBuf::from(&self.here);
        for part in Path::new(typed).components() {
            match part {
                std::path::Component::ParentDir if !inside.pop() => return typed.to_string(),
                std::path::Component::Normal(name) => inside.push(name),
                _ => {}
            }
        }
        let is_there = self.root.join(&inside).symlink_metadata().is_ok();
        let slash = if typed.ends_with('/') { "/" } else { "" };
        if is_there { format!("{}{slash}", index::place::slashed(&inside)) } else { typed.to_string() }
    }

    /// The same of a path that may stand there whole: below the root it means that file, wherever one is.
    pub(crate) fn typed_anywhere(&self, typed: &str) -> String {
        match Path::new(typed).strip_prefix(&self.root) {
            Ok(inside) => index::place::slashed(inside),
            Err(_) => self.typed_here(typed),
        }
    }

    /// The same with all its packages, whichever is worked in: for what is trusted once and counts anywhere in it.
    pub(crate) fn everywhere(&self) -> Workspace {
        let mut packages = index::place::packages(&self.root);
        // Git may ignore those of the way, or they are hidden: what is worked in counts all the same.
        packages.extend(self.packages.iter().cloned());
        packages.sort();
        packages.dedup();
        Workspace { packages, ..self.clone() }
    }

    /// The package that Waypost was started in, the nearest one; empty for the root.
    pub(crate) fn package(&self) -> &str {
        self.packages.last().map_or("", String::as_str)
    }

    /// Every spec, by name: the root's own, then those of packages.
    pub(crate) fn specs(&self) -> Vec<SpecPlace> {
        index::specs(&self.root)
    }

    /// The spec of that name, or the only one. A short name means first the specs of the package that Waypost was started in.
    pub(crate) fn spec(&self, name: Option<&str>) -> Outcome<SpecPlace> {
        let specs = self.specs();
        let names = || specs.iter().map(|spec| spec.name.as_str()).collect::<Vec<_>>().join(", ");
        match name {
            Some(name) => {
                let name = name.trim_end_matches('/').trim_end_matches(".md");
                // `:limits` is the root's own wherever one stands.
                let (name, is_roots) = name.strip_prefix(':').map_or((name, false), |name| (name, true));
                // `limits` also names the only `packages/x:limits` or `v1/limits`.
                let only = |here: bool| {
                    let mut short = specs.iter().filter(|spec| {
                        spec.short_name() == name && (!here || spec.package == self.package())
                    });
                    short.next().filter(|_| short.next().is_none())
                };
                let near = only(true).filter(|_| !is_roots && !self.package().is_empty());
                near.or(specs.iter().find(|spec| spec.name == name))
                    .or_else(|| only(false))
                    .filter(|spec| !is_roots || spec.package.is_empty())
                    .cloned()
                    .ok_or_else(|| {
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

    /// The package that a spec belongs to, by its address; empty for the root's own, which may have a colon in their names.
    pub(crate) fn package_of_spec<'n>(&self, spec: &'n str) -> &'n str {
        let Some((package, below)) = spec.split_once(':') else { return "" };
        let specs = self.root.join(package).join(".kiro/specs");
        let is_there = specs.join(below).is_dir() || specs.join(format!("{below}.md")).is_file();
        if is_there { package } else { "" }
    }

    /// A path below the root, for people.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The command that proves a change in projects of this kind, in this package or the nearest folder around it.
    pub(crate) fn found_check(&self, package: &str) -> Option<String> {
        let folders = Path::new(package).ancestors().filter(|folder| !folder.as_os_str().is_empty());
        let found = |folder: &Path| {
            let folder_name = index::place::slashed(folder);
            // The name goes into a line for a shell, and a package's name is somebody else's.
            let is_plain = folder_name.chars().all(|c| c.is_alphanumeric() || "-_./@+".contains(c));
            let check = check_in(&self.root.join(folder)).filter(|_| is_plain)?;
            Some(format!("cd ./{folder_name} && {check}"))
        };
        folders.into_iter().find_map(found).or_else(|| check_in(&self.root).map(str::to_string))
    }
}

/// The command that proves a change in the project of this folder.
fn check_in(folder: &Path) -> Option<&'static str> {
    let has = |name: &str| folder.join(name).is_file();
    let holds = |name: &str, text: &str| {
        std::fs::read_to_string(folder.join(name)).is_ok_and(|content| content.contains(text))
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

/// Whether something belongs to the owner of where one is, to the person, or to the system: in a shared folder anybody can put a
/// `.kiro` or a `.git` above others. Git asks the same of a repository. A link counts for nobody: what it leads to is no word of its
/// owner about this folder.
fn is_owned(path: &Path, start: &Path, home: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    const SYSTEM: u32 = 0;
    let owner = |path: &Path| path.metadata().ok().map(|data| data.uid());
    let own = path.symlink_metadata().ok().filter(|data| !data.is_symlink()).map(|data| data.uid());
    own.is_some_and(|uid| uid == SYSTEM || [start, home].map(owner).contains(&Some(uid)))
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
