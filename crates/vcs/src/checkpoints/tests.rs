//! Tests of the record of checkpoints.

use super::*;
use crate::testing::{cause, place};

#[test]
fn checkpoints_are_on_record_with_their_calls() {
    let place = place();
    place.write("a", "1\n");
    let snapshots = place.snapshots();
    let task = Cause { task: Some("auth#2.1".to_string()), ..cause("c1") };
    let first = snapshots.before(&task).unwrap();
    place.write("a", "2\n");
    let after = snapshots.after(first.number, &Wrote::Paths(vec!["a".into()])).unwrap();
    let second = snapshots.before(&cause("c2")).unwrap();
    let plain = snapshots.snapshot().unwrap();
    assert_eq!((first.number, second.number), (1, 2));

    let again = place.snapshots();
    let all = again.checkpoints().unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].cause, task);
    assert_eq!(all[0].before, first.snapshot.tree);
    assert_eq!(all[0].after, Some((after.tree.clone(), Wrote::Paths(vec!["a".into()]))));
    assert_eq!((all[1].before.clone(), all[1].after.clone()), (after.tree, None));
    assert_eq!((all[2].kind.clone(), all[2].before.clone()), (Kind::Plain, plain.tree));
    assert!(all.iter().all(|it| it.at > 1_700_000_000_000), "milliseconds since 1970");
    assert_eq!(again.checkpoint(1).unwrap(), all[0]);
    assert_eq!(again.checkpoint(2).unwrap(), all[1]);
    assert_eq!(again.of_task("auth#2.1").unwrap(), [1]);
    assert_eq!(again.of_session("s-1").unwrap(), [1, 2]);
    let of_call = |session, call| again.of_call(session, call).unwrap();
    assert_eq!(of_call("s-1", "c1").as_ref(), all.first());
    assert_eq!(of_call("s-1", "c2").as_ref(), all.get(1));
    assert_eq!((of_call("s-2", "c1"), of_call("s-1", "c3")), (None, None));
    assert_eq!(again.since(2).unwrap(), [2]);
    again.after(2, &Wrote::Nothing).unwrap();
    assert_eq!(again.since(1).unwrap(), [1], "a call that wrote nothing is nothing to undo");
    assert!(matches!(again.after(2, &Wrote::Anything), Err(SnapshotError::Misused { number: 2, .. })));
    assert!(matches!(again.after(3, &Wrote::Anything), Err(SnapshotError::Misused { number: 3, .. })));
    assert!(matches!(again.after(9, &Wrote::Anything), Err(SnapshotError::NoCheckpoint(9))));
}

#[test]
fn odd_paths_and_long_words_are_carried() {
    use std::ffi::OsStr;
    let place = place();
    let snapshots = place.snapshots();
    let odd = PathBuf::from(OsStr::from_bytes(b"a\xff\n\"b"));
    let long = Cause { what: "é".repeat(5_000), ..cause("c\"1\n") };
    let begun = snapshots.before(&long).unwrap();
    snapshots.after(begun.number, &Wrote::Paths(vec![odd.clone()])).unwrap();
    let read = snapshots.checkpoint(begun.number).unwrap();
    assert!(read.cause.what.len() < WORDS_BYTES_MAX + 8 && read.cause.what.ends_with('…'));
    assert_eq!(read.cause.call, long.call);
    assert_eq!(read.after.unwrap().1, Wrote::Paths(vec![odd]));
    let begun = snapshots.before(&cause("c2")).unwrap();
    let many = (0..=PATHS_MAX).map(|at| PathBuf::from(at.to_string())).collect();
    snapshots.after(begun.number, &Wrote::Paths(many)).unwrap();
    assert_eq!(snapshots.checkpoint(begun.number).unwrap().after.unwrap().1, Wrote::Anything);
}
