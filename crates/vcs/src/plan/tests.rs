//! Tests of what would be undone, and of what a person changed meanwhile.
#![expect(clippy::disallowed_methods, reason = "the files of a test")]

use std::fs;
use std::os::unix::fs::symlink;

use super::*;
use crate::testing::{Place, cause, place, tree_now};

fn undo(checkpoints: &[u64]) -> Undo {
    Undo { checkpoints: checkpoints.to_vec(), paths: Vec::new(), unended: false }
}

type Told = (Vec<(String, Action)>, Vec<(String, Reason)>);

/// Paths with what would happen, and paths that stay with why.
fn told(plan: &Plan) -> Told {
    let steps = plan.steps.iter().map(|step| (step.path.display().to_string(), step.action));
    let kept = plan.kept.iter().map(|kept| (kept.path.display().to_string(), kept.why));
    (steps.collect(), kept.collect())
}

fn check(
    place: &Place,
    snapshots: &Snapshots,
    undo: &Undo,
    steps: &[(&str, Action)],
    kept: &[(&str, Reason)],
) -> Plan {
    let before = place.on_disk();
    let plan = snapshots.plan(undo).unwrap();
    let (told_steps, told_kept) = told(&plan);
    let owned = |list: &[(&str, Action)]| list.iter().map(|(p, a)| (p.to_string(), *a)).collect::<Vec<_>>();
    assert_eq!(told_steps, owned(steps));
    assert_eq!(told_kept, kept.iter().map(|(p, w)| (p.to_string(), *w)).collect::<Vec<_>>());
    assert_eq!(place.on_disk(), before, "a plan changes nothing");
    plan
}

#[test]
fn one_call_is_undone_and_what_others_did_stays() {
    let place = place();
    place.write("mine", "1\n");
    place.write("its", "1\n");
    place.write("gone", "1\n");
    let snapshots = place.snapshots();
    let start = tree_now(&snapshots);
    let call = place.call(&snapshots, "c1", || {
        place.write("its", "2\n");
        place.write("new/deep", "2\n");
        fs::remove_file(place.path("gone")).unwrap();
    });
    let steps = [
        ("gone", Action::Create),
        ("its", Action::Replace),
        ("new", Action::Remove),
        ("new/deep", Action::Remove),
    ];
    let plan = check(&place, &snapshots, &undo(&[call]), &steps, &[]);
    assert_eq!(plan.then, start, "exactly as before when nobody interfered");
    place.write("mine", "by a person\n");
    let plan = check(&place, &snapshots, &undo(&[call]), &steps, &[]);
    assert_ne!(plan.then, start);
    let only = Undo { paths: vec!["new".into(), "gone".into()], ..undo(&[call]) };
    check(
        &place,
        &snapshots,
        &only,
        &[("gone", Action::Create), ("new", Action::Remove), ("new/deep", Action::Remove)],
        &[],
    );
}

#[test]
fn a_file_that_both_changed_is_merged_or_kept() {
    let place = place();
    let text = |first: &str, last: &str| format!("{first}\nb\nc\nd\n{last}\n");
    for name in ["apart", "same lines", "binary", "removed", "recreated", "new"] {
        place.write(name, text("a", "e"));
    }
    place.write("binary", b"a\0b");
    fs::remove_file(place.path("new")).unwrap();
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || {
        for name in ["apart", "same lines", "removed", "new"] {
            place.write(name, text("A", "e"));
        }
        place.write("binary", b"A\0b");
        fs::remove_file(place.path("recreated")).unwrap();
    });
    place.write("apart", text("A", "mine"));
    place.write("same lines", text("mine", "e"));
    place.write("binary", b"mine\0b");
    fs::remove_file(place.path("removed")).unwrap();
    place.write("recreated", "mine\n");
    place.write("new", text("A", "mine"));
    let plan = check(
        &place,
        &snapshots,
        &undo(&[call]),
        &[("apart", Action::Merge)],
        &[
            ("binary", Reason::ChangedSince),
            ("new", Reason::ChangedSince),
            ("recreated", Reason::ChangedSince),
            ("removed", Reason::RemovedSince),
            ("same lines", Reason::ChangedSince),
        ],
    );
    let merged = snapshots.file(&plan.then, Path::new("apart")).unwrap().unwrap();
    assert_eq!(String::from_utf8(merged).unwrap(), text("a", "mine"));
}

#[test]
fn what_a_person_did_between_two_calls_stays() {
    let place = place();
    place.write("f", "1\n2\n3\n4\n5\n6\n7\n");
    let snapshots = place.snapshots();
    let first = place.call(&snapshots, "c1", || place.write("f", "one\n2\n3\n4\n5\n6\n7\n"));
    place.write("f", "one\n2\n3\nmine\n5\n6\n7\n");
    place.write("own", "by a person\n");
    let second = place.call(&snapshots, "c2", || place.write("f", "one\n2\n3\nmine\n5\n6\nseven\n"));
    let held = |plan: &Plan| {
        String::from_utf8(snapshots.file(&plan.then, Path::new("f")).unwrap().unwrap()).unwrap()
    };
    let both = check(&place, &snapshots, &undo(&[first, second]), &[("f", Action::Merge)], &[]);
    assert_eq!(held(&both), "1\n2\n3\nmine\n5\n6\n7\n");
    let only_first = check(&place, &snapshots, &undo(&[first]), &[("f", Action::Merge)], &[]);
    assert_eq!(held(&only_first), "1\n2\n3\nmine\n5\n6\nseven\n");
    let only_second = check(&place, &snapshots, &undo(&[second]), &[("f", Action::Replace)], &[]);
    assert_eq!(held(&only_second), "one\n2\n3\nmine\n5\n6\n7\n");
}

#[test]
fn a_tool_that_names_its_files_owns_no_other() {
    let place = place();
    place.write("f", "1\n");
    place.write("g", "1\n");
    let snapshots = place.snapshots();
    let begun = snapshots.before(&cause("edit")).unwrap();
    place.write("f", "2\n");
    place.write("new/h", "2\n");
    place.write("g", "typed by a person at the same time\n");
    let wrote = Wrote::Paths(vec!["f".into(), "new/h".into()]);
    snapshots.after(begun.number, &wrote).unwrap();
    let steps = [("f", Action::Replace), ("new", Action::Remove), ("new/h", Action::Remove)];
    check(&place, &snapshots, &undo(&[begun.number]), &steps, &[]);
}

#[test]
fn a_call_that_never_ended_is_kept_unless_asked() {
    let place = place();
    place.write("f", "1\n");
    let snapshots = place.snapshots();
    let begun = snapshots.before(&cause("killed")).unwrap();
    place.write("f", "2\n");
    check(&place, &snapshots, &undo(&[begun.number]), &[], &[("f", Reason::Unended)]);
    let all = Undo { unended: true, ..undo(&[begun.number]) };
    check(&place, &snapshots, &all, &[("f", Action::Replace)], &[]);
    // With a later checkpoint it is known what had happened until then.
    let next = place.call(&snapshots, "c2", || place.write("f", "3\n"));
    check(&place, &snapshots, &undo(&[next]), &[("f", Action::Replace)], &[]);
    // What the later one did is taken back all the same.
    check(
        &place,
        &snapshots,
        &undo(&[begun.number, next]),
        &[("f", Action::Replace)],
        &[("f", Reason::Unended)],
    );
}

#[test]
fn what_stands_in_the_way_stays() {
    let place = place();
    place.write("was file", "1\n");
    place.write("was dir/f", "1\n");
    let snapshots = place.snapshots();
    let call = place.call(&snapshots, "c1", || {
        fs::remove_file(place.path("was file")).unwrap();
        fs::create_dir(place.path("was file")).unwrap();
        place.write("was file/its", "2\n");
        fs::remove_dir_all(place.path("was dir")).unwrap();
    });
    place.write("was file/mine", "by a person\n");
    place.write("was dir", "by a person\n");
    check(
        &place,
        &snapshots,
        &undo(&[call]),
        &[("was file/its", Action::Remove)],
        &[("was dir", Reason::ChangedSince), ("was dir/f", Reason::Occupied), ("was file", Reason::Occupied)],
    );
}

#[test]
fn kinds_modes_links_and_empty_directories() {
    let place = place();
    place.write("file to dir", "1\n");
    place.write("dir to file/f", "1\n");
    place.write("file to link", "1\n");
    place.write("mode", "1\n");
    place.write("both modes", "1\n");
    fs::create_dir(place.path("empty")).unwrap();
    symlink("a", place.path("link")).unwrap();
    let snapshots = place.snapshots();
    let start = tree_now(&snapshots);
    let call = place.call(&snapshots, "c1", || {
        fs::remove_file(place.path("file to dir")).unwrap();
        place.write("file to dir/x", "2\n");
        fs::remove_dir_all(place.path("dir to file")).unwrap();
        place.write("dir to file", "2\n");
        fs::remove_file(place.path("file to link")).unwrap();
        symlink("/etc/passwd", place.path("file to link")).unwrap();
        place.mode("mode", 0o400);
        place.mode("both modes", 0o755);
        fs::remove_dir(place.path("empty")).unwrap();
        fs::create_dir_all(place.path("made/inner")).unwrap();
        fs::remove_file(place.path("link")).unwrap();
        symlink("b", place.path("link")).unwrap();
    });
    assert_eq!(snapshots.plan(&undo(&[call])).unwrap().then, start);
    place.write("both modes", "mine\n");
    place.mode("mode", 0o600);
    let plan = snapshots.plan(&undo(&[call])).unwrap();
    let (steps, kept) = told(&plan);
    assert!(steps.contains(&("both modes".to_string(), Action::Merge)), "its bytes and the old mode");
    assert_eq!(kept, [("mode".to_string(), Reason::ChangedSince)]);
}

#[test]
fn nonsense_is_refused() {
    let place = place();
    let snapshots = place.snapshots();
    snapshots.snapshot().unwrap();
    assert!(matches!(snapshots.plan(&undo(&[1])), Err(SnapshotError::Misused { number: 1, .. })));
    assert!(matches!(snapshots.plan(&undo(&[5])), Err(SnapshotError::NoCheckpoint(5))));
    assert!(snapshots.plan(&undo(&[])).unwrap().steps.is_empty());
}
