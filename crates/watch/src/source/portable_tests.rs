//! Tests of the other systems' way of hearing, with what `notify` has here: the same core over it, on a real tree.
#![expect(clippy::disallowed_methods, reason = "the tests change files")]

use std::time::Instant;

use super::*;
use crate::burst::Pace;
use crate::core::Core;
use crate::disk::{Disk, Seen, Sort};
use crate::interest::Interest;
use crate::moment::{Batch, Kind, Note};
use crate::tree::Tree;

/// A real disk whose changes `notify` tells.
struct Heard {
    tree: Tree,
    source: Source,
    root: PathBuf,
}

impl Disk for Heard {
    fn look(&mut self, path: &str) -> Seen {
        self.tree.look(path)
    }

    fn list(&mut self, directory: &str, notes: &mut Vec<Note>) -> Result<Vec<(String, Sort)>, Trouble> {
        self.tree.list(directory, notes)
    }

    fn watch(&mut self, directory: &str) -> Result<i32, Trouble> {
        self.source.watch(&self.root, directory)
    }

    fn unwatch(&mut self, directory: &str, number: i32) {
        self.source.unwatch(directory, number);
    }

    fn read(&mut self, path: &str, bytes_max: usize) -> Option<Vec<u8>> {
        self.tree.read(path, bytes_max)
    }
}

/// Does `change` to a tree with files, and gives what is told, in words.
fn told(before: &[&str], change: impl FnOnce(&Path)) -> String {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    for path in before {
        put(&root, path, "1");
    }
    let (unused, _) = crate::source::Source::open(&root, None, 0).unwrap();
    let (source, why) = Source::open(&root, None, usize::MAX).unwrap();
    assert_eq!(why, None);
    let mut disk = Heard { tree: Tree::new(root.clone(), unused), source, root: root.clone() };
    let mut core =
        Core::start(Interest::everything(), None, Pace::default(), 10_000, false, Vec::new(), &mut disk);
    let began = Instant::now();
    change(&root);
    let mut all = Batch::default();
    let mut last = Instant::now();
    while last.elapsed() < Duration::from_millis(600) {
        let now = u64::try_from(began.elapsed().as_millis()).unwrap();
        let mut said = Vec::new();
        disk.source.drain(&mut said);
        if !said.is_empty() {
            last = Instant::now();
        }
        for raw in said {
            core.hear(raw, now, &mut disk);
        }
        match core.due_ms() {
            Some(due) if due <= now => {
                core.settle(now, &mut disk, &mut |_, _, _| None)
                    .into_iter()
                    .for_each(|batch| all.absorb(batch));
            }
            _ => disk.source.wait(Some(Duration::from_millis(5))),
        }
    }
    let words = all.moments.iter().map(|moment| match &moment.kind {
        Kind::Created => format!("+{}", moment.path),
        Kind::Saved => format!("*{}", moment.path),
        Kind::Deleted => format!("-{}", moment.path),
        Kind::Renamed { from } => format!("{from}>{}", moment.path),
    });
    let head = if all.checkout { " HEAD" } else { "" };
    words.collect::<Vec<_>>().join(" ") + head
}

fn put(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

#[track_caller]
fn check(before: &[&str], change: impl FnOnce(&Path), expectation: &str) {
    assert_eq!(told(before, change), expectation);
}

#[test]
fn files_are_told() {
    check(&["d/a"], |root| put(root, "d/a", "22"), "*d/a");
    check(&["d/a"], |root| put(root, "d/b", "1"), "+d/b");
    check(&["d/a"], |root| std::fs::remove_file(root.join("d/a")).unwrap(), "-d/a");
    check(&["d/a"], |root| std::fs::rename(root.join("d/a"), root.join("b")).unwrap(), "d/a>b");
    check(&["d/a"], |root| drop(std::fs::read(root.join("d/a")).unwrap()), "");
}

#[test]
fn directories_are_told() {
    check(&["d/a", "d/e/b"], |root| std::fs::remove_dir_all(root.join("d")).unwrap(), "-d/a -d/e/b");
    check(
        &["d/a", "d/e/b"],
        |root| {
            std::fs::rename(root.join("d"), root.join("f")).unwrap();
            put(root, "f/c", "1");
        },
        "d/a>f/a +f/c d/e/b>f/e/b",
    );
    check(&[], |root| put(root, "a/b/c/d", "1"), "+a/b/c/d");
}

#[test]
fn saves_by_rename_and_git_are_told() {
    check(
        &["a"],
        |root| {
            put(root, "a.tmp", "22");
            std::fs::rename(root.join("a.tmp"), root.join("a")).unwrap();
        },
        "*a",
    );
    check(
        &[".git/HEAD", "a"],
        |root| {
            put(root, ".git/HEAD.lock", "1");
            std::fs::rename(root.join(".git/HEAD.lock"), root.join(".git/HEAD")).unwrap();
            put(root, ".git/objects/aa", "1");
        },
        " HEAD",
    );
}

#[test]
fn a_full_channel_loses_nothing() {
    let words = told(&[], |root| {
        for number in 0..20_000 {
            put(root, &format!("d{}/{number}", number % 20), "1");
        }
    });
    assert_eq!(words.split(' ').count(), 20_000);
}
