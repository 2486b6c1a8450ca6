//! Reads the checkout once, so that the rules can be functions over values.
#![expect(clippy::disallowed_methods, reason = "the rules look at the files of the checkout")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Where Rust lives. Folders that are not there are left out.
const SOURCE_FOLDERS: [&str; 5] = ["bench", "crates", "examples", "fuzz", "xtask"];
/// How many entries a walk looks at before it gives up: a loop of links, or a build folder that slipped in.
const ENTRIES_MAX: usize = 100_000;

/// A text file of the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// The path from the root, with `/`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// A package of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// The folder of its manifest, from the root.
    pub(crate) folder: String,
    /// The workspace packages that it needs to run; those that only its tests need are left out.
    pub(crate) imports: Vec<String>,
}

/// All that the rules look at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workspace {
    /// Every `.rs` file below the source folders.
    pub(crate) sources: Vec<File>,
    /// The Markdown files at the root and directly below `docs`.
    pub(crate) documents: Vec<File>,
    /// The root manifest.
    pub(crate) manifest: String,
    /// Every package of the workspace.
    pub(crate) packages: Vec<Package>,
    /// The names of the folders in `crates`.
    pub(crate) crate_folders: Vec<String>,
    /// Every `clippy.toml` and `.clippy.toml`.
    pub(crate) clippy_files: Vec<String>,
}

impl Workspace {
    /// The text of a document, if it is there.
    pub(crate) fn document(&self, path: &str) -> Option<&str> {
        self.documents.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

/// The folder of the checkout.
pub(crate) fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Reads the checkout.
pub(crate) fn read() -> Result<Workspace, String> {
    let root = root();
    let mut workspace = Workspace {
        manifest: read_text(&root.join("Cargo.toml"))?,
        packages: packages()?,
        ..Workspace::default()
    };
    let mut files = Vec::new();
    for folder in SOURCE_FOLDERS {
        walk(&root.join(folder), &mut files)?;
    }
    files.extend(entries(root)?.into_iter().filter(|path| path.is_file()));
    files.extend(entries(&root.join("docs"))?.into_iter().filter(|path| path.is_file()));
    files.sort();
    for file in files {
        let path = relative(root, &file);
        let name = path.rsplit('/').next().unwrap_or_default();
        if matches!(name, "clippy.toml" | ".clippy.toml") {
            workspace.clippy_files.push(path);
        } else if name.ends_with(".rs") {
            workspace.sources.push(File { text: read_text(&file)?, path });
        } else if name.ends_with(".md") && (path == name || path.starts_with("docs/")) {
            workspace.documents.push(File { text: read_text(&file)?, path });
        }
    }
    let crates = root.join("crates");
    let folders = entries(&crates)?.into_iter().filter(|path| path.is_dir());
    workspace.crate_folders = folders.map(|path| relative(&crates, &path)).collect();
    workspace.crate_folders.sort();
    Ok(workspace)
}

fn packages() -> Result<Vec<Package>, String> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .map_err(|error| format!("cannot start `cargo metadata`: {error}"))?;
    if !output.status.success() {
        return Err(format!("`cargo metadata` failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    parse_metadata(&output.stdout, &root().to_string_lossy())
}

fn parse_metadata(json: &[u8], root: &str) -> Result<Vec<Package>, String> {
    let metadata: Value =
        serde_json::from_slice(json).map_err(|error| format!("`cargo metadata` is not JSON: {error}"))?;
    let packages = metadata["packages"].as_array().ok_or("`cargo metadata` names no packages")?;
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let read = packages.iter().map(|package| {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let folder =
            manifest.trim_start_matches(root).trim_start_matches('/').trim_end_matches("/Cargo.toml");
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut imports: Vec<String> = dependencies
            .iter()
            .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
            .filter_map(|dependency| dependency["name"].as_str())
            .filter(|name| names.contains(name))
            .map(str::to_owned)
            .collect();
        imports.sort();
        imports.dedup();
        Package {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            folder: folder.to_owned(),
            imports,
        }
    });
    Ok(read.collect())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    for path in entries(folder)? {
        if files.len() > ENTRIES_MAX {
            return Err(format!("more than {ENTRIES_MAX} files below the source folders"));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_link = path.is_symlink();
        if path.is_dir() && !is_link {
            if name != "target" && name != "node_modules" && name != ".git" {
                walk(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let error = |error| format!("cannot list `{}`: {error}", folder.display());
    fs::read_dir(folder).map_err(error)?.map(|entry| entry.map(|entry| entry.path()).map_err(error)).collect()
}

fn read_text(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_gives_packages_and_what_they_need_to_run() {
        let json = br#"{"packages": [
            {"name": "agent", "manifest_path": "/w/crates/agent/Cargo.toml", "dependencies": [
                {"name": "spec", "kind": null}, {"name": "serde", "kind": null}, {"name": "model", "kind": "dev"}]},
            {"name": "model", "manifest_path": "/w/crates/model/Cargo.toml", "dependencies": []},
            {"name": "spec", "manifest_path": "/w/crates/spec/Cargo.toml", "dependencies": []}]}"#;
        let packages = parse_metadata(json, "/w").unwrap();
        assert_eq!(packages[0].name, "agent");
        assert_eq!(packages[0].folder, "crates/agent");
        assert_eq!(packages[0].imports, ["spec"]);
    }
}
