//! Reads every real steering file that lies beside the checkout, if any. The rules themselves are tested on inline documents.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use spec::Severity;
use steering::look::Blind;
use steering::stale::{Answer, Ground, Registry, Runner, candidates, stale};
use steering::{Collection, Condition, Source};

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, out) } else { out.push(path) }
    }
}

/// The files of one repository; it knows nothing of scripts and packages.
struct Tree(BTreeSet<String>);

impl Tree {
    fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        self.0.contains(path)
            || self.0.range(folder.clone()..).next().is_some_and(|file| file.starts_with(&folder))
    }
}

impl Ground for Tree {
    fn path(&self, path: &str) -> Answer {
        let end = format!("/{}", path.trim_end_matches('/'));
        let is_end = self.0.iter().any(|file| file.ends_with(&end) || file.contains(&format!("{end}/")));
        if self.has(path) || is_end { Answer::There } else { Answer::Gone }
    }

    fn exact(&self, path: &str) -> Answer {
        if self.has(path) { Answer::There } else { Answer::Gone }
    }

    fn script(&self, _: Runner, _: &str) -> Answer {
        Answer::Unknown
    }

    fn package(&self, _: Registry, _: &str) -> Answer {
        Answer::Unknown
    }
}

/// The files of a folder by their path from it.
fn tree(root: &Path) -> Tree {
    let mut paths = Vec::new();
    walk(root, &mut paths);
    let below = |path: &PathBuf| path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Tree(
        paths
            .iter()
            .map(below)
            .filter(|path| !path.starts_with("target/") && !path.starts_with(".git/"))
            .collect(),
    )
}

#[test]
fn every_real_file_is_in_force_or_says_why() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    let Ok(repositories) = std::fs::read_dir(corpus) else {
        return println!("skipped: no corpus beside the checkout");
    };
    let (mut files, mut said, mut claims, mut gone) = (0, 0, 0, 0);
    let mut repositories: Vec<PathBuf> = repositories.flatten().map(|entry| entry.path()).collect();
    repositories.sort();
    for root in repositories {
        let tree = tree(&root);
        let read =
            |name: &String| Source::of_workspace(name, Ok(std::fs::read(root.join(name)).unwrap()), true);
        let sources: Vec<Source> = tree.0.iter().filter_map(read).collect();
        let collection = Collection::read(sources);
        for file in collection.files() {
            files += 1;
            let has_error = file.diagnostics.iter().any(|found| found.severity == Severity::Error);
            assert!(!matches!(file.condition, Condition::Never(_)) || has_error, "{}", file.source.name);
            for found in &file.diagnostics {
                said += 1;
                println!("{}: {} {}", file.source.name, found.code, found.message);
            }
            let bytes = file.source.bytes.as_deref().unwrap();
            claims += candidates(bytes).len();
            for stale in stale(bytes, &tree) {
                gone += 1;
                println!("{}: {}", file.source.name, stale.message);
            }
        }
        let paths = ["src/a.ts".to_string(), "main.py".to_string()];
        let listing = collection.at(&paths, &["patterns".to_string()], &mut Blind);
        assert_eq!(listing.pieces.len() + listing.left_out.len(), collection.files().len());
        for left in &listing.left_out {
            println!("- {}: {}", left.name, left.why.words());
        }
    }
    println!(
        "{files} files, {said} diagnostics, {claims} statements, {gone} of them not in the part of the repository that is here"
    );
    assert!(files >= 30, "{files}");
}

#[test]
fn the_pages_of_this_repository_are_hardly_blamed() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let tree = tree(root);
    let (mut claims, mut blamed) = (0, 0);
    for page in tree.0.iter().filter(|path| path.ends_with(".md") && !path.contains("/tests/")) {
        let bytes = std::fs::read(root.join(page)).unwrap();
        claims += candidates(&bytes).len();
        for stale in stale(&bytes, &tree) {
            blamed += 1;
            println!("{page}: {}", stale.message);
        }
    }
    println!("{claims} statements, {blamed} blamed");
    assert!(blamed * 20 <= claims, "{blamed} of {claims}");
}
