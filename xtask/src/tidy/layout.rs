//! Folder names, and the one `clippy.toml`.

use super::finding::Finding;
use crate::workspace::Workspace;

/// Every folder of `crates` is a package of that name; there is one `clippy.toml`, at the root.
pub(super) fn rule(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for folder in &workspace.crate_folders {
        let place = format!("crates/{folder}");
        match workspace.packages.iter().find(|package| package.folder == place) {
            Some(package) if package.name == *folder => {}
            Some(package) => {
                let fault = format!("holds the package `{}`", package.name);
                findings.push(Finding::new(place, fault, "a folder has the name of its package"));
            }
            None => findings.push(Finding::new(
                place,
                "is no package",
                "delete the folder, or give it a manifest",
            )),
        }
    }
    if !workspace.clippy_files.iter().any(|path| path == "clippy.toml") {
        findings.push(Finding::new("clippy.toml", "is missing", "the bans of the house live there"));
    }
    for path in workspace.clippy_files.iter().filter(|path| *path != "clippy.toml") {
        let hint =
            "it would replace the bans of the root; announce an effect with `#![expect(…)]` in its file";
        findings.push(Finding::new(path, "is a second `clippy.toml`", hint));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Package;

    #[test]
    fn strange_folders_and_second_files_are_found() {
        let package = |name: &str, folder: &str| Package {
            name: name.to_owned(),
            folder: format!("crates/{folder}"),
            imports: Vec::new(),
        };
        let workspace = Workspace {
            packages: vec![package("spec", "spec"), package("planner", "plan")],
            crate_folders: ["empty", "plan", "spec"].map(str::to_owned).to_vec(),
            clippy_files: ["clippy.toml", "crates/spec/clippy.toml"].map(str::to_owned).to_vec(),
            ..Workspace::default()
        };
        let places: Vec<String> = rule(&workspace).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["crates/empty", "crates/plan", "crates/spec/clippy.toml"]);
    }
}
