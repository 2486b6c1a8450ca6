//! Tests of pruning: what stays is whole, what goes gives its space back.
#![expect(clippy::disallowed_methods, reason = "the files of a test")]

use std::fs;

use super::*;
use crate::plan::Undo;
use crate::testing::{Place, cause, place};
use crate::{Cause, Wrote};

/// Ten calls of ten kilobytes each, in two sessions.
fn example(place: &Place) -> Snapshots {
    let snapshots = place.snapshots();
    for at in 0..10 {
        let session = if at < 5 { "old" } else { "new" };
        let begun =
            snapshots.before(&Cause { session: session.to_string(), ..cause(&format!("c{at}")) }).unwrap();
        place.write("f", vec![b'a' + at; 10_000]);
        snapshots.after(begun.number, &Wrote::Anything).unwrap();
    }
    snapshots
}

fn numbers(snapshots: &Snapshots) -> Vec<u64> {
    snapshots.checkpoints().unwrap().iter().map(|checkpoint| checkpoint.number).collect()
}

#[test]
fn the_newest_stay_whole_and_the_space_of_others_comes_back() {
    let place = place();
    let snapshots = example(&place);
    let all = snapshots.checkpoints().unwrap();
    let nothing = snapshots.prune(&Retention::default()).unwrap();
    assert_eq!((nothing.checkpoints, nothing.left), (0, 10));
    let pruned = snapshots.prune(&Retention { count_max: 3, ..Retention::default() }).unwrap();
    assert_eq!((pruned.checkpoints, pruned.left), (7, 3));
    assert!(pruned.bytes > 50_000 && pruned.bytes_left < 50_000, "{pruned:?}");
    assert_eq!(numbers(&snapshots), [8, 9, 10]);
    let held = place.held(&all[7].before);
    assert_eq!(held[&b"f"[..]].1, vec![b'g'; 10_000]);
    assert!(matches!(snapshots.diff(&all[1].before, &all[7].before), Err(SnapshotError::Unknown(_))));
    // Another process that knew the old store, and one that begins.
    let begun = snapshots.before(&cause("next")).unwrap();
    assert_eq!(begun.number, 11, "no number is used twice");
    assert_eq!(numbers(&place.snapshots()), [8, 9, 10, 11]);
    assert_eq!(place.held(&begun.snapshot.tree), place.on_disk());
    let names: Vec<String> = fs::read_dir(place.state())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("log-"))
        .collect();
    assert_eq!(names, ["log-2"]);
}

#[test]
fn a_running_session_is_never_pruned() {
    let place = place();
    let snapshots = example(&place);
    let running = std::iter::once("old".to_string()).collect();
    let retention = Retention { age_ms_max: -1, count_max: 0, bytes_max: 0, running };
    let pruned = snapshots.prune(&retention).unwrap();
    assert_eq!((pruned.checkpoints, numbers(&snapshots)), (5, vec![1, 2, 3, 4, 5]));
    let plan = snapshots.plan(&Undo { checkpoints: vec![5], paths: Vec::new(), unended: false }).unwrap();
    assert_eq!((plan.steps.len(), plan.kept.len()), (0, 1), "what others did since is kept");
    let none = snapshots.prune(&Retention { age_ms_max: -1, ..Retention::default() }).unwrap();
    assert_eq!((none.checkpoints, none.left), (5, 0));
    assert_eq!(snapshots.before(&cause("next")).unwrap().number, 11);
}

#[test]
fn bytes_are_bounded() {
    let place = place();
    let snapshots = example(&place);
    let pruned = snapshots.prune(&Retention { bytes_max: 45_000, ..Retention::default() }).unwrap();
    assert_eq!(numbers(&snapshots), [8, 9, 10], "{pruned:?}");
}

#[test]
fn two_processes_and_a_pruning_between_them() {
    let place = place();
    let first = example(&place);
    let second = place.snapshots();
    let before = second.before(&cause("second")).unwrap();
    first.prune(&Retention { count_max: 1, ..Retention::default() }).unwrap();
    place.write("g", "new\n");
    let after = second.after(before.number, &Wrote::Anything).unwrap();
    assert_eq!(place.held(&after.tree), place.on_disk());
    assert_eq!(second.changes(&before.snapshot.tree, &after.tree).unwrap(), [("g".to_string(), 1, 0)]);
}

#[test]
fn a_pruning_that_was_cut_off_is_as_if_it_had_not_begun() {
    let place = place();
    let snapshots = example(&place);
    drop(snapshots);
    fs::write(place.state().join("part"), "waypost checkpoints 1\nblob 3 half").unwrap();
    fs::write(place.state().join("idx-2"), "left").unwrap();
    let snapshots = place.snapshots();
    assert_eq!(numbers(&snapshots).len(), 10);
    snapshots.prune(&Retention { count_max: 2, ..Retention::default() }).unwrap();
    assert_eq!(numbers(&place.snapshots()), [9, 10]);
}

#[test]
fn once_a_day_is_enough() {
    let place = place();
    assert_eq!(place.snapshots().prune_daily(Retention::default).unwrap(), None, "there is no store");
    let snapshots = example(&place);
    let few = Retention { count_max: 3, ..Retention::default() };
    assert_eq!(snapshots.prune_daily(|| few.clone()).unwrap().map(|pruned| pruned.checkpoints), Some(7));
    assert_eq!(snapshots.prune_daily(|| Retention { count_max: 0, ..few.clone() }).unwrap(), None);
    fs::write(place.state().join("pruned"), "1").unwrap();
    assert_eq!(
        snapshots.prune_daily(|| few.clone()).unwrap().map(|pruned| pruned.left),
        Some(3),
        "a day later"
    );
    fs::write(place.state().join("pruned"), "no number").unwrap();
    assert!(snapshots.prune_daily(|| few.clone()).unwrap().is_some());
}
