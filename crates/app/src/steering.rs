//! The steering in force: which files of the repository and the person steer a session, once they are trusted.
#![expect(clippy::disallowed_methods, reason = "steering files are read here")]

use std::path::{Path, PathBuf};

use conversation::{Digest, Fragment, FragmentKind};
use globset::GlobBuilder;
use spec::steering::{Inclusion, Steering};

use crate::trust::Trusted;
use crate::workspace::Workspace;
use crate::world::World;

/// The most steering files that are looked at.
const FILES_MAX: usize = 500;
/// The largest steering file that is read.
const FILE_BYTES_MAX: u64 = 256 * 1024;
/// How deep steering folders may be nested.
const NESTING_MAX: usize = 8;

/// A steering file as it is now.
#[derive(Clone, Debug)]
pub(crate) struct SteeringFile {
    /// Relative to the workspace, or absolute for the person's own.
    pub(crate) name: String,
    /// Of all its bytes.
    pub(crate) digest: Digest,
    /// Whether it lies in the repository and so needs trust.
    pub(crate) needs_trust: bool,
    steering: Steering,
}

/// What steers a session and what was left out.
#[derive(Debug, Default)]
pub(crate) struct InForce {
    /// In order: the person's own, then the repository's.
    pub(crate) fragments: Vec<Fragment>,
    /// Names of files that are not trusted as they are now.
    pub(crate) untrusted: Vec<String>,
    /// What is odd about a file, for the person.
    pub(crate) problems: Vec<String>,
}

/// Every steering file of the person and the repository.
pub(crate) fn files(world: &World, workspace: &Workspace) -> Vec<SteeringFile> {
    let mut found = Vec::new();
    gather(&world.home.join(".kiro/steering"), None, 0, &mut found);
    gather(&workspace.root.join(".kiro/steering"), Some(&workspace.root), 0, &mut found);
    load(&workspace.root.join("AGENTS.md"), Some(&workspace.root), &mut found);
    found
}

/// The steering for work on these paths.
pub(crate) fn in_force(files: &[SteeringFile], trusted: &Trusted, paths: &[String]) -> InForce {
    let mut in_force = InForce::default();
    for file in files {
        in_force.problems.extend(
            file.steering.diagnostics.iter().map(|found| format!("{}: {}", file.name, found.message)),
        );
        let applies = match &file.steering.inclusion {
            Inclusion::Always => true,
            Inclusion::FileMatch(patterns) => patterns.iter().any(|pattern| matches(pattern, paths)),
            // Named by a person or chosen by the model: neither happens before a session begins.
            Inclusion::Manual | Inclusion::Auto | Inclusion::Wrong(_) => false,
        };
        if !applies || file.steering.body.trim().is_empty() {
            continue;
        }
        if file.needs_trust && !trusted.holds(&file.name, file.digest) {
            in_force.untrusted.push(file.name.clone());
            continue;
        }
        let text = format!("<steering file=\"{}\">\n{}\n</steering>", file.name, file.steering.body.trim());
        in_force.fragments.push(Fragment::new(FragmentKind::Steering, &file.name, text));
    }
    in_force
}

fn matches(pattern: &str, paths: &[String]) -> bool {
    let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() else { return false };
    let glob = glob.compile_matcher();
    paths.iter().any(|path| glob.is_match(path))
}

fn gather(directory: &Path, root: Option<&Path>, depth: usize, found: &mut Vec<SteeringFile>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        // A link could bring in a file that nobody meant to steer by; Kiro's scanner drops them too.
        if found.len() >= FILES_MAX || path.is_symlink() {
            continue;
        }
        if path.is_dir() && depth < NESTING_MAX {
            gather(&path, root, depth + 1, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            load(&path, root, found);
        }
    }
}

fn load(path: &Path, root: Option<&Path>, found: &mut Vec<SteeringFile>) {
    let readable =
        std::fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.len() <= FILE_BYTES_MAX);
    let Some(bytes) = readable.then(|| std::fs::read(path).ok()).flatten() else { return };
    let name = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    found.push(SteeringFile {
        name: name.to_string_lossy().replace('\\', "/"),
        digest: Digest::of(&bytes),
        needs_trust: root.is_some(),
        steering: Steering::parse(&bytes),
    });
}
