//! Tests of the trash: what no checkpoint holds survives its deletion.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::*;
use crate::Retention;
use crate::testing::{Files, Place, cause, place};

fn example() -> Place {
    let place = place();
    place.write(".gitignore", "/build/\n.env\nnode_modules/\n");
    place.write("src/lib.rs", "held by the checkpoint\n");
    place.write("src/node_modules/left/index.js", "ignored\n");
    place.write("src/.env", "TOKEN=1\n");
    place.mode("src/.env", 0o600);
    place.write("build/out.bin", vec![7; 100_000]);
    place.write("build/deep/er", "ignored\n");
    fs::create_dir(place.path("build/empty")).unwrap();
    symlink("out.bin", place.path("build/latest")).unwrap();
    place.write(".git/HEAD", "ref: refs/heads/main\n");
    place
}

fn paths(paths: &[&str]) -> Vec<PathBuf> {
    paths.iter().map(PathBuf::from).collect()
}

fn keep(place: &Place, snapshots: &Snapshots, named: &[&str], bounds: TrashBounds) -> Dropped {
    let begun = snapshots.before(&cause("rm")).unwrap();
    assert!(place.path("src/lib.rs").exists());
    snapshots.trash("s-1").keep("rm", &begun.snapshot.tree, &paths(named), bounds).unwrap()
}

#[test]
fn what_is_ignored_comes_back_from_the_trash_and_the_rest_from_the_checkpoint() {
    let place = example();
    let snapshots = place.snapshots();
    let before: Files = place.on_disk();
    let begun = snapshots.before(&cause("rm -rf build src .git")).unwrap();
    let trash = snapshots.trash("s-1");
    let named = paths(&["build", "./src", "build/deep", ".git", "not there"]);
    let dropped = trash.keep("c1", &begun.snapshot.tree, &named, TrashBounds::default()).unwrap();
    assert_eq!(dropped.not_kept, []);
    let trashed = dropped.trashed.unwrap();
    assert_eq!((trashed.files, trashed.linked), (6, 0), "all but what the checkpoint holds: {trashed:?}");
    assert_eq!(place.on_disk(), before, "everything is still where it was");
    for name in ["build", "src", ".git"] {
        fs::remove_dir_all(place.path(name)).unwrap();
    }
    snapshots.after(begun.number, &crate::Wrote::Anything).unwrap();
    assert_eq!(place.snapshots().trash("s-1").list().unwrap(), std::slice::from_ref(&trashed));

    assert_eq!(trash.put_back(trashed.number).unwrap(), []);
    let undo = crate::Undo { checkpoints: vec![begun.number], paths: Vec::new(), unended: false };
    let restored = snapshots.restore(&snapshots.plan(&undo).unwrap(), &cause("restore")).unwrap();
    assert!(restored.is_exact && restored.kept.is_empty(), "{restored:?}");
    assert_eq!(place.on_disk(), before);
    assert_eq!(place.read(".git/HEAD"), "ref: refs/heads/main\n");
    assert_eq!(fs::metadata(place.path("src/.env")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(trash.put_back(trashed.number).unwrap(), [], "all of it is there");
    place.write("src/.env", "TOKEN=2\n");
    place.write("build/out.bin", vec![8; 100_000]);
    assert_eq!(
        trash.put_back(trashed.number).unwrap(),
        [(PathBuf::from("build/out.bin"), NotKept::Occupied), (PathBuf::from("src/.env"), NotKept::Occupied)]
    );
    assert_eq!(place.read("src/.env"), "TOKEN=2\n");
}

#[test]
fn what_only_a_checkpoint_needs_to_hold_makes_no_trash() {
    let place = example();
    let snapshots = place.snapshots();
    let dropped = keep(&place, &snapshots, &["src/lib.rs", ".gitignore", "nothing"], TrashBounds::default());
    assert_eq!(dropped, Dropped::default());
    assert_eq!(snapshots.trash("s-1").list().unwrap(), []);
}

#[test]
fn too_much_is_not_kept_by_halves_and_is_said() {
    let place = example();
    let snapshots = place.snapshots();
    let few = TrashBounds { entries_max: 3, ..TrashBounds::default() };
    let dropped = keep(&place, &snapshots, &["build", "src/.env"], few);
    assert_eq!(dropped.not_kept, [("build".into(), NotKept::TooMany)]);
    assert_eq!(dropped.trashed.unwrap().paths, paths(&["src/.env"]));

    let short = TrashBounds { copied_file_bytes_max: 1_000, ..TrashBounds::default() };
    let trashed = keep(&place, &snapshots, &["build"], short).trashed.unwrap();
    assert!(trashed.linked <= 1, "a clone where the file system can, another name where not: {trashed:?}");
    let inode = fs::metadata(place.path("build/out.bin")).unwrap().ino();
    fs::remove_dir_all(place.path("build")).unwrap();
    snapshots.trash("s-1").put_back(trashed.number).unwrap();
    let back = fs::metadata(place.path("build/out.bin")).unwrap();
    assert_eq!(back.len(), 100_000);
    assert_eq!(back.ino() == inode, trashed.linked == 1);
}

#[test]
fn nothing_outside_is_reached() {
    let place = example();
    let outside = place.root.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("theirs"), "1\n").unwrap();
    symlink(&outside, place.path("build/link")).unwrap();
    let snapshots = place.snapshots();
    let named = ["../outside", outside.to_str().unwrap(), "build/link/theirs", "build/link"];
    let dropped = keep(&place, &snapshots, &named, TrashBounds::default());
    let refused: Vec<NotKept> = dropped.not_kept.iter().map(|(_, why)| *why).collect();
    assert_eq!(refused, [NotKept::Outside, NotKept::Outside]);
    assert_eq!(dropped.trashed.unwrap().files, 1, "the link itself");
    let trash = snapshots.trash("../../../x");
    assert!(trash.directory.starts_with(place.state().join("trash")), "{:?}", trash.directory);
    assert!(trash.take("c", Path::new("build/link/theirs")).is_err());
    assert!(trash.take("c", Path::new("../outside")).is_err());
    assert!(outside.join("theirs").exists());
}

#[test]
fn a_file_is_moved_there_and_back() {
    let place = example();
    let snapshots = place.snapshots();
    let trash = snapshots.trash("s-1");
    let before = place.on_disk();
    let directory = trash.take("c1", Path::new("build")).unwrap();
    let file = trash.take("c2", &place.path("src/lib.rs")).unwrap();
    assert!(!place.path("build").exists() && !place.path("src/lib.rs").exists());
    assert!(trash.take("c3", Path::new("build")).is_err(), "it is gone");
    assert_eq!(trash.list().unwrap().len(), 2);
    for number in [directory.number, file.number] {
        assert_eq!(trash.put_back(number).unwrap(), []);
    }
    assert_eq!(place.on_disk(), before);
    assert!(trash.put_back(99).is_err());
}

#[test]
fn old_trash_goes_but_not_that_of_a_running_session() {
    let place = example();
    let snapshots = place.snapshots();
    for session in ["done", "running"] {
        let begun = snapshots.before(&cause("rm")).unwrap();
        let trash = snapshots.trash(session);
        trash.keep("c", &begun.snapshot.tree, &paths(&["build"]), TrashBounds::default()).unwrap();
    }
    let running = std::iter::once("running".to_string()).collect();
    let pruned = snapshots.prune(&Retention { age_ms_max: -1, running, ..Retention::default() }).unwrap();
    assert!(pruned.trashed >= 100_000, "{pruned:?}");
    assert_eq!(snapshots.trash("done").list().unwrap(), []);
    assert_eq!(snapshots.trash("running").list().unwrap().len(), 1);
}

#[test]
fn what_was_not_lost_is_forgotten() {
    let place = example();
    let snapshots = place.snapshots();
    let trash = snapshots.trash("s-1");
    let kept = |call: &str, named: &[&str]| {
        let begun = snapshots.before(&cause(call)).unwrap();
        trash.keep(call, &begun.snapshot.tree, &paths(named), TrashBounds::default()).unwrap();
    };
    let linked = TrashBounds { copied_file_bytes_max: 10, ..TrashBounds::default() };
    kept("reads", &["src/.env", "build"]);
    let begun = snapshots.before(&cause("reads")).unwrap();
    trash.keep("reads", &begun.snapshot.tree, &paths(&["build/out.bin"]), linked).unwrap();
    assert_eq!(trash.list().unwrap().len(), 2);
    trash.forget_unchanged("another").unwrap();
    assert_eq!(trash.list().unwrap().len(), 2);
    trash.forget_unchanged("reads").unwrap();
    assert_eq!(trash.list().unwrap(), []);
    kept("overwrites", &["src/.env"]);
    place.write("src/.env", "TOKEN=2\n");
    trash.forget_unchanged("overwrites").unwrap();
    assert_eq!(trash.list().unwrap().len(), 1, "the same length and other bytes");
    kept("removes", &["build"]);
    fs::remove_file(place.path("build/latest")).unwrap();
    trash.forget_unchanged("removes").unwrap();
    assert_eq!(trash.list().unwrap().len(), 2);
}
