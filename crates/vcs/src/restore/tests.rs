//! Tests of restoring: what one sees on the disk, at every place where the process can be ended, and over random
//! histories.

use std::os::unix::fs::{MetadataExt as _, symlink};
use std::sync::atomic::Ordering;

use super::*;
use crate::Wrote;
use crate::plan::{Reason, Undo};
use crate::testing::{Chance, Place, cause, everything, place, tree_now};

mod crashes;
mod histories;

fn undo(checkpoints: &[u64]) -> Undo {
    Undo { checkpoints: checkpoints.to_vec(), paths: Vec::new(), unended: false }
}

/// Plans and restores.
fn back(snapshots: &Snapshots, checkpoints: &[u64]) -> Restored {
    let plan = snapshots.plan(&undo(checkpoints)).unwrap();
    snapshots.restore(&plan, &cause("restore")).unwrap()
}

#[test]
fn a_call_is_undone_exactly_and_the_restore_can_be_undone() {
    let place = place();
    place.write("kept", "1\n");
    place.write("changed", "1\n");
    place.write("gone/deep/f", "1\n");
    place.write("run.sh", "1\n");
    place.mode("run.sh", 0o750);
    place.mode("gone", 0o700);
    symlink("kept", place.path("link")).unwrap();
    let snapshots = place.snapshots();
    let before = place.on_disk();
    let call = place.call(&snapshots, "c1", || {
        place.write("changed", "2\n");
        fs::remove_dir_all(place.path("gone")).unwrap();
        place.mode("run.sh", 0o444);
        fs::remove_file(place.path("link")).unwrap();
        symlink("elsewhere", place.path("link")).unwrap();
        place.write("new/deep/f", "2\n");
        fs::create_dir_all(place.path("empty/inner")).unwrap();
    });
    let after = place.on_disk();
    let restored = back(&snapshots, &[call]);
    assert_eq!(place.on_disk(), before);
    assert!(restored.is_exact && restored.kept.is_empty(), "{restored:?}");
    let again = back(&snapshots, &[restored.number]);
    assert_eq!(place.on_disk(), after);
    assert!(again.is_exact);
    let third = back(&snapshots, &[again.number]);
    assert_eq!(place.on_disk(), before);
    assert!(third.is_exact);
    assert_eq!(snapshots.since(call).unwrap().len(), 4);
    assert!(!place.path(&stage::name(restored.number)).exists());
}

#[test]
fn files_and_directories_swap_in_both_directions() {
    let place = place();
    place.write("a", "file\n");
    place.write("b/c/d", "directory\n");
    place.write("Case", "1\n");
    symlink("b", place.path("l")).unwrap();
    let snapshots = place.snapshots();
    let before = place.on_disk();
    let call = place.call(&snapshots, "c1", || {
        fs::remove_file(place.path("a")).unwrap();
        place.write("a/x/y", "1\n");
        fs::remove_dir_all(place.path("b")).unwrap();
        symlink("/etc", place.path("b")).unwrap();
        fs::remove_file(place.path("l")).unwrap();
        place.write("l/f", "1\n");
        fs::rename(place.path("Case"), place.path("case")).unwrap();
    });
    let after = place.on_disk();
    assert!(back(&snapshots, &[call]).is_exact);
    assert_eq!(place.on_disk(), before);
    let last = snapshots.checkpoints().unwrap().last().unwrap().number;
    assert!(back(&snapshots, &[last]).is_exact);
    assert_eq!(place.on_disk(), after);
}

#[test]
fn what_a_person_changed_is_kept_whatever_else_happens() {
    let place = place();
    place.write("f", "1\n2\n3\n4\n5\n");
    place.write("g", "1\n");
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || {
        place.write("f", "one\n2\n3\n4\n5\n");
        place.write("g", "2\n");
        place.write("h", "2\n");
    });
    place.write("f", "one\n2\n3\n4\nmine\n");
    place.write("g", "mine\n");
    let plan = snapshots.plan(&undo(&[call])).unwrap();
    // One more, after the plan.
    place.write("h", "mine as well\n");
    let restored = snapshots.restore(&plan, &cause("restore")).unwrap();
    assert_eq!(place.read("f"), "1\n2\n3\n4\nmine\n");
    assert_eq!((place.read("g"), place.read("h")), ("mine\n".to_string(), "mine as well\n".to_string()));
    let kept: Vec<_> = restored.kept.iter().map(|it| (it.path.display().to_string(), it.why)).collect();
    let expected = [("g", Reason::ChangedSince), ("h", Reason::ChangedMeanwhile)];
    assert_eq!(kept, expected.map(|(path, why)| (path.to_string(), why)));
    assert!(!restored.is_exact);
}

#[test]
fn ignored_files_stay_and_their_directories_are_named() {
    let place = place();
    place.write(".gitignore", "*.log\n");
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || {
        place.write("made/by/call.txt", "1\n");
        place.write("made/by/x.log", "not in a checkpoint\n");
    });
    let restored = back(&snapshots, &[call]);
    assert_eq!(place.read("made/by/x.log"), "not in a checkpoint\n");
    assert!(!place.path("made/by/call.txt").exists());
    let kept: Vec<_> = restored.kept.iter().map(|it| (it.path.display().to_string(), it.why)).collect();
    assert_eq!(kept, ["made", "made/by"].map(|path| (path.to_string(), Reason::NotEmpty)));
}

#[test]
fn a_link_never_leads_a_restore_out_of_the_workspace() {
    let place = place();
    let outside = place.root.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("f"), "theirs\n").unwrap();
    place.write("d/f", "1\n");
    place.write("d/g", "1\n");
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || {
        place.write("d/f", "2\n");
        fs::remove_file(place.path("d/g")).unwrap();
    });
    let plan = snapshots.plan(&undo(&[call])).unwrap();
    fs::remove_dir_all(place.path("d")).unwrap();
    symlink(&outside, place.path("d")).unwrap();
    let restored = snapshots.restore(&plan, &cause("restore")).unwrap();
    assert_eq!(fs::read(outside.join("f")).unwrap(), b"theirs\n");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(restored.changed, Vec::<PathBuf>::new());
    assert_eq!(restored.kept.len(), 2);
}

/// A directory is swapped for a link again and again while files in it are restored: none is ever written outside.
#[test]
fn a_race_with_links_writes_nothing_outside() {
    let place = place();
    let outside = place.root.path().join("outside");
    fs::create_dir_all(&outside).unwrap();
    for at in 0..40 {
        place.write(&format!("d/f{at}"), "1\n");
    }
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || {
        for at in 0..40 {
            match at % 2 {
                0 => place.write(&format!("d/f{at}"), "2\n"),
                _ => fs::remove_file(place.path(&format!("d/f{at}"))).unwrap(),
            }
        }
    });
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (d, aside) = (place.path("d"), place.root.path().join("aside"));
            while !is_done.load(Ordering::Relaxed) {
                if fs::rename(&d, &aside).is_ok() {
                    let _link = symlink(&outside, &d);
                    let _gone = fs::remove_file(&d);
                    let _back = fs::rename(&aside, &d);
                }
            }
        });
        for _ in 0..30 {
            let plan = snapshots.plan(&undo(&[call])).unwrap();
            snapshots.restore(&plan, &cause("restore")).unwrap();
            let last = snapshots.checkpoints().unwrap().last().unwrap().number;
            let plan = snapshots.plan(&undo(&[last])).unwrap();
            snapshots.restore(&plan, &cause("restore")).unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

/// Somebody writes the very files that are being restored: whatever they wrote last is on the disk or in the store.
#[test]
fn a_race_with_a_writer_loses_none_of_its_words() {
    let place = place();
    place.write("f", "before\n");
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || place.write("f", "by the call\n"));
    for round in 0..60 {
        place.write("f", "by the call\n");
        let plan = snapshots.plan(&undo(&[call])).unwrap();
        let mine = format!("mine {round}\n");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_micros(200 * (round % 30)));
                // As editors do it: a new file in the place of the old one.
                fs::write(place.path("f.tmp"), &mine).unwrap();
                fs::rename(place.path("f.tmp"), place.path("f")).unwrap();
            });
            snapshots.restore(&plan, &cause("restore")).unwrap();
        });
        assert_eq!(place.read("f"), mine, "the writer came last or was kept");
    }
}

#[test]
fn read_only_files_and_directories() {
    let place = place();
    place.write("d/f", "1\n");
    place.mode("d/f", 0o444);
    place.mode("d", 0o555);
    let snapshots = place.snapshots();
    let before = place.on_disk();
    let call = place.call(&snapshots, "c1", || {
        place.mode("d", 0o755);
        place.mode("d/f", 0o644);
        place.write("d/f", "2\n");
        place.write("d/g", "2\n");
        place.mode("d", 0o555);
    });
    assert!(back(&snapshots, &[call]).is_exact);
    assert_eq!(place.on_disk(), before);
    place.mode("d", 0o755);
}

#[test]
fn a_restored_file_is_a_new_one_and_a_person_s_open_file_is_left_alone() {
    let place = place();
    place.write("f", "1\n");
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || place.write("f", "2\n"));
    let open = fs::File::open(place.path("f")).unwrap();
    let inode = open.metadata().unwrap().ino();
    assert!(back(&snapshots, &[call]).is_exact);
    assert_ne!(fs::metadata(place.path("f")).unwrap().ino(), inode);
    assert_eq!(place.read("f"), "1\n");
    assert_eq!(std::io::read_to_string(open).unwrap(), "2\n");
}
