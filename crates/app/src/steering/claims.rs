//! What exists in a workspace, for statements of steering: files, scripts, targets, recipes, packages. Where it is not sure it
//! says so; which statement is worth a word is the room `steering`'s to say.
#![expect(
    clippy::disallowed_methods,
    reason = "files, scripts and packages of the workspace are looked up here"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ::steering::globs::Globs;
use ::steering::stale::{Answer, Ground, Registry, Runner};
use ignore::gitignore::Gitignore;

/// Files and folders that are looked at.
const ENTRIES_MAX: usize = 300_000;
/// Files that name scripts and packages.
const FILES_MAX: usize = 2_000;
/// The largest of them.
const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// What a workspace has.
pub(crate) struct Workshop {
    paths: BTreeSet<String>,
    /// By last part, for paths that are written from somewhere inside.
    ends: BTreeMap<String, Vec<String>>,
    /// There is more than was looked at.
    is_cut: bool,
    ignored: Gitignore,
    /// Texts of files that name scripts and packages, by kind.
    manifests: Vec<String>,
    locks: Vec<String>,
    aliases: Vec<String>,
    cargo: Vec<String>,
    make: Vec<String>,
    just: Vec<String>,
    has_cmake: bool,
}

impl Workshop {
    /// Looks through the workspace.
    pub(crate) fn look(root: &Path) -> Workshop {
        let mut workshop = Workshop {
            paths: BTreeSet::new(),
            ends: BTreeMap::new(),
            is_cut: false,
            ignored: match listing::can_heed(root, &[]) {
                true => Gitignore::new(root.join(".gitignore")).0,
                false => Gitignore::empty(),
            },
            manifests: Vec::new(),
            locks: Vec::new(),
            aliases: Vec::new(),
            cargo: Vec::new(),
            make: Vec::new(),
            just: Vec::new(),
            has_cmake: false,
        };
        let walk = listing::walk(root, &[], |entry| entry.file_name() != ".git");
        let mut texts = 0;
        for (count, entry) in walk.build().flatten().enumerate() {
            if count >= ENTRIES_MAX {
                workshop.is_cut = true;
                break;
            }
            let Ok(inside) = entry.path().strip_prefix(root) else { continue };
            let path = inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            if path.is_empty() {
                continue;
            }
            let name = path.rsplit('/').next().unwrap_or(&path).to_string();
            if texts < FILES_MAX && workshop.take(&name, &path, entry.path()) {
                texts += 1;
            }
            workshop.ends.entry(name).or_default().push(path.clone());
            workshop.paths.insert(path);
        }
        workshop
    }

    /// What a file says about scripts and packages. Whether it says anything.
    fn take(&mut self, name: &str, inside: &str, path: &Path) -> bool {
        let into = match name {
            "package.json" => &mut self.manifests,
            "package-lock.json" | "yarn.lock" | "pnpm-lock.yaml" | "bun.lock" => &mut self.locks,
            "Cargo.toml" | "Cargo.lock" => &mut self.cargo,
            "config.toml" if inside.ends_with(".cargo/config.toml") => &mut self.cargo,
            "Makefile" | "makefile" | "GNUmakefile" => &mut self.make,
            "justfile" | ".justfile" | "Justfile" => &mut self.just,
            "CMakeLists.txt" => {
                self.has_cmake = true;
                return false;
            }
            name if name.ends_with(".mk") => &mut self.make,
            name if name.ends_with(".just") => &mut self.just,
            name if name.starts_with("tsconfig") && name.ends_with(".json") => &mut self.aliases,
            name if name.starts_with("vite.config.") || name.starts_with("webpack.config.") => {
                &mut self.aliases
            }
            _ => return false,
        };
        let readable =
            std::fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.len() <= FILE_BYTES_MAX);
        if let Some(bytes) = readable.then(|| std::fs::read(path).ok()).flatten() {
            into.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        true
    }

    /// What exists as seen from a steering file, for whose folder and package paths may be written.
    pub(crate) fn seen_from<'w>(&'w self, root: &'w Path, file: &str, package: &str) -> View<'w> {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        View { workshop: self, root, folder: folder.to_string(), package: package.to_string() }
    }

    /// Whether globs of a folder's steering match anything that is there; `true` when that cannot be said.
    pub(crate) fn matches(&self, globs: &Globs, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        self.is_cut
            || self.paths.iter().any(|path| {
                let below = if folder.is_empty() { Some(path.as_str()) } else { path.strip_prefix(&prefix) };
                below.is_some_and(|below| globs.matching(below).is_some() || globs.matching(path).is_some())
            })
    }

    fn has(&self, path: &str) -> bool {
        self.paths.contains(path.trim_end_matches('/'))
    }
}

/// A workshop as a file sees it.
pub(crate) struct View<'w> {
    workshop: &'w Workshop,
    root: &'w Path,
    folder: String,
    package: String,
}

impl View<'_> {
    fn from(&self, folder: &str, path: &str) -> Option<String> {
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }

    fn is_at(&self, folder: &str, path: &str) -> bool {
        self.from(folder, path)
            .is_some_and(|path| self.workshop.has(&path) || self.root.join(&path).symlink_metadata().is_ok())
    }

    fn gone(&self) -> Answer {
        if self.workshop.is_cut { Answer::Unknown } else { Answer::Gone }
    }
}

impl Ground for View<'_> {
    fn path(&self, path: &str) -> Answer {
        if self.exact(path) == Answer::There || self.is_at(&self.folder, path) {
            return Answer::There;
        }
        let path = path.trim_end_matches('/');
        let last = path.rsplit('/').next().unwrap_or(path);
        let end = format!("/{path}");
        if self.workshop.ends.get(last).is_some_and(|all| all.iter().any(|whole| whole.ends_with(&end))) {
            return Answer::There;
        }
        let is_folder = !last.contains('.');
        if self.workshop.ignored.matched_path_or_any_parents(path, is_folder).is_ignore() {
            return Answer::Unknown;
        }
        self.gone()
    }

    fn exact(&self, path: &str) -> Answer {
        let is_there = self.is_at("", path) || !self.package.is_empty() && self.is_at(&self.package, path);
        if is_there { Answer::There } else { self.gone() }
    }

    fn script(&self, runner: Runner, name: &str) -> Answer {
        let shop = self.workshop;
        match runner {
            Runner::Npm => {
                let has = |text: &String| {
                    serde_json::from_str::<serde_json::Value>(text).map_or(true, |manifest| {
                        manifest.get("scripts").is_some_and(|scripts| scripts.get(name).is_some())
                    })
                };
                // Of a workspace without any package, commands may be meant for another one.
                let is_known = shop.manifests.is_empty() || shop.manifests.iter().any(has);
                let is_default = name == "start" && !shop.ends.get("server.js").is_none_or(Vec::is_empty);
                if is_known || is_default { Answer::There } else { self.gone() }
            }
            Runner::Make => {
                let is_open = |text: &String| {
                    text.lines().any(|line| {
                        line.starts_with("include ")
                            || line.starts_with("-include ")
                            || line.contains("%:")
                            || line.contains("$(eval")
                    })
                };
                let has = |text: &String| {
                    text.lines().any(|line| {
                        let targets =
                            line.split_once(':').filter(|(left, _)| !left.starts_with(['\t', ' ', '#']));
                        targets.is_some_and(|(left, right)| {
                            !right.starts_with('=') && left.split_whitespace().any(|target| target == name)
                        })
                    })
                };
                if shop.make.is_empty() || shop.has_cmake || shop.make.iter().any(is_open) {
                    return Answer::Unknown;
                }
                // A target may be a file.
                let is_there = shop.make.iter().any(has) || self.exact(name) == Answer::There;
                if is_there { Answer::There } else { self.gone() }
            }
            Runner::Just => {
                let is_open = |text: &String| {
                    text.lines()
                        .any(|line| ["import", "mod ", "mod?"].iter().any(|word| line.starts_with(word)))
                };
                let has = |text: &String| {
                    text.lines().any(|line| {
                        let line = line.trim_start_matches('@');
                        let alias = line.strip_prefix("alias ").map(str::trim_start);
                        let head = alias.unwrap_or(line).split([' ', ':', '=']).next().unwrap_or_default();
                        head == name && line.contains(':')
                    })
                };
                if shop.just.is_empty() || shop.just.iter().any(is_open) {
                    return Answer::Unknown;
                }
                if shop.just.iter().any(has) { Answer::There } else { self.gone() }
            }
            // Anything may be installed as `cargo-something`; only the alias of a workspace can be missed.
            Runner::Cargo if name == "xtask" && !shop.cargo.is_empty() => {
                let has = |text: &String| text.lines().any(|line| line.trim_start().starts_with("xtask"));
                let is_there = shop.cargo.iter().any(has) || self.exact("xtask") == Answer::There;
                if is_there { Answer::There } else { self.gone() }
            }
            Runner::Cargo => Answer::Unknown,
        }
    }

    fn package(&self, registry: Registry, name: &str) -> Answer {
        let shop = self.workshop;
        let quoted = format!("\"{name}\"");
        match registry {
            Registry::Cargo => {
                if shop.cargo.is_empty() {
                    return Answer::Unknown;
                }
                let has = |text: &String| {
                    text.lines().any(|line| {
                        let is_name = line.trim_start().starts_with("name") && line.contains(&quoted);
                        is_name || line.trim_start().starts_with(&format!("{name} ="))
                    })
                };
                if shop.cargo.iter().any(has) { Answer::There } else { self.gone() }
            }
            Registry::Npm => {
                let scope = name.split_once('/').map_or(name, |(scope, _)| scope);
                let is_alias = shop.aliases.iter().any(|text| text.contains(&format!("{scope}/")));
                if shop.manifests.is_empty() || is_alias {
                    return Answer::Unknown;
                }
                let named = shop.manifests.iter().chain(&shop.locks).any(|text| text.contains(name));
                if named { Answer::There } else { self.gone() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_workspace_has() {
        let root = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("package.json", r#"{"scripts":{"lint":"x"},"dependencies":{"@acme/ui":"1"}}"#);
        put("tsconfig.json", r#"{"compilerOptions":{"paths":{"@lib/*":["src/*"]}}}"#);
        put("Makefile", "a b: c\n\techo\nX := 1\n");
        put("justfile", "ci: lint\n@lint flag:\nalias l := lint\n");
        put("Cargo.toml", "[package]\nname = \"app\"\n");
        put("web/src/App.tsx", "");
        put(".gitignore", "/data\n");
        let shop = Workshop::look(root.path());
        let view = shop.seen_from(root.path(), "web/.kiro/steering/a.md", "web");
        let check = |answer: Answer, expected: Answer| assert_eq!(answer, expected);
        use Answer::{Gone, There, Unknown};
        check(view.path("src/App.tsx"), There);
        check(view.path("App.tsx"), There);
        check(view.path("src/Gone.tsx"), Gone);
        check(view.path("data/x.csv"), Unknown);
        check(view.exact("web"), There);
        for (runner, name, expected) in [
            (Runner::Npm, "lint", There),
            (Runner::Npm, "build", Gone),
            (Runner::Make, "b", There),
            (Runner::Make, "c", Gone),
            (Runner::Make, "X", Gone),
            (Runner::Just, "lint", There),
            (Runner::Just, "l", There),
            (Runner::Just, "gone", Gone),
            (Runner::Cargo, "xtask", Gone),
            (Runner::Cargo, "nextest", Unknown),
        ] {
            assert_eq!(view.script(runner, name), expected, "{name}");
        }
        check(view.package(Registry::Npm, "@acme/ui"), There);
        check(view.package(Registry::Npm, "@acme/gone"), Gone);
        check(view.package(Registry::Npm, "@lib/x"), Unknown);
        check(view.package(Registry::Cargo, "app"), There);
        check(view.package(Registry::Cargo, "gone"), Gone);
    }
}
