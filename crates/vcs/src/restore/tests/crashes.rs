//! The process is ended at every place where it can be, in a child; the next one finishes.

use std::ffi::OsString;
use std::time::Duration;

use sandbox::{OwnCommand, run_own};

use super::*;

/// What the child is told by its environment.
const WORKSPACE: &str = "WAYPOST_TEST_WORKSPACE";
const STATE: &str = "WAYPOST_TEST_STATE";
const POINTS: &str = "WAYPOST_TEST_POINTS";
const ACT: &str = "WAYPOST_TEST_ACT";

#[expect(clippy::disallowed_methods, reason = "the child of a test is told what to do by its environment")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The child: does what it is told and is ended at the given point. As a test of its own it does nothing.
#[test]
fn child() {
    let (Some(workspace), Some(state), Some(points), Some(act)) =
        (told(WORKSPACE), told(STATE), told(POINTS), told(ACT))
    else {
        return;
    };
    crash::LEFT.store(points.parse().unwrap(), Ordering::SeqCst);
    let snapshots = Snapshots::open(Path::new(&state), Path::new(&workspace)).unwrap();
    match act.as_str() {
        "snapshot" => drop(snapshots.before(&cause("in the child")).unwrap()),
        "restore" => {
            let plan = snapshots.plan(&undo(&[1])).unwrap();
            snapshots.restore(&plan, &cause("restore")).unwrap();
        }
        other => panic!("{other}"),
    }
}

/// Runs the child; says whether it was ended before it was done.
fn run(place: &Place, act: &str, points: i64) -> bool {
    let arguments = ["--exact", "restore::tests::crashes::child", "--nocapture"];
    let environment = [
        (WORKSPACE, place.workspace.display().to_string()),
        (STATE, place.state().display().to_string()),
        (POINTS, points.to_string()),
        (ACT, act.to_string()),
    ];
    let output = run_own(&OwnCommand {
        program: std::env::current_exe().unwrap().into(),
        arguments: arguments.map(OsString::from).to_vec(),
        directory: place.root.path().to_path_buf(),
        environment: environment.map(|(name, value)| (name.to_string(), value)).to_vec(),
        input: Vec::new(),
        timeout: Duration::from_secs(60),
        output_bytes_max: 1 << 20,
    })
    .unwrap();
    let said = [output.output, output.errors].concat();
    assert!(output.exit == Some(0) || output.signal.is_some(), "{}", String::from_utf8_lossy(&said));
    output.exit != Some(0)
}

fn example() -> (Place, crate::testing::Files, crate::testing::Files) {
    let place = place();
    place.write("changed", "1\n");
    place.write("swap", "1\n");
    place.write("gone/deep/f", "1\n");
    place.write("to file/x", "1\n");
    fs::create_dir(place.path("empty")).unwrap();
    place.mode("gone", 0o700);
    let before = place.on_disk();
    let snapshots = place.snapshots();
    place.call(&snapshots, "c1", || {
        place.write("changed", "2\n");
        place.write("new/f", "2\n");
        fs::remove_file(place.path("swap")).unwrap();
        place.write("swap/inner", "2\n");
        fs::remove_dir_all(place.path("gone")).unwrap();
        fs::remove_dir_all(place.path("to file")).unwrap();
        place.write("to file", "2\n");
        fs::remove_dir(place.path("empty")).unwrap();
        place.mode("changed", 0o600);
    });
    let after = place.on_disk();
    (place, before, after)
}

#[test]
fn a_restore_that_is_ended_anywhere_is_finished_by_asking_again() {
    let mut points = 1;
    loop {
        let (place, before, after) = example();
        let was_ended = run(&place, "restore", points);
        let snapshots = place.snapshots();
        let unfinished = snapshots.unfinished_restore().unwrap();
        if unfinished.is_some() {
            let refused = snapshots.before(&cause("too early")).unwrap_err();
            assert!(matches!(refused, SnapshotError::Unfinished(_)), "{refused}");
            let finished = snapshots.finish_restore().unwrap().unwrap();
            assert!(finished.is_exact && finished.kept.is_empty(), "ended at {points}: {finished:?}");
            assert_eq!(place.on_disk(), before, "ended at {points}");
        } else {
            let now = place.on_disk();
            assert!(now == before || now == after && was_ended, "ended at {points}");
        }
        assert_eq!(snapshots.finish_restore().unwrap(), None);
        snapshots.before(&cause("next")).unwrap();
        if !was_ended {
            break;
        }
        // The restore itself can be undone, wherever it was ended.
        if let Some(number) = unfinished {
            assert!(back(&snapshots, &[number]).is_exact);
            assert_eq!(place.on_disk(), after, "ended at {points}");
        }
        points += 1;
    }
    assert!(points > 15, "only {points} places were tried");
    println!("ended at each of {points} places");
}

#[test]
fn what_a_person_does_after_a_crash_is_kept_when_it_is_finished() {
    let mut points = 1;
    loop {
        let (place, _, _) = example();
        let was_ended = run(&place, "restore", points);
        place.write("changed", "mine\n");
        let is_free = !place.path("gone").exists();
        if is_free {
            place.write("gone", "a file of mine where a directory was\n");
        }
        let snapshots = place.snapshots();
        if snapshots.unfinished_restore().unwrap().is_some() {
            snapshots.finish_restore().unwrap().unwrap();
            assert_eq!(place.read("changed"), "mine\n", "ended at {points}");
            assert!(!is_free || place.path("gone").is_file(), "ended at {points}");
        }
        if !was_ended {
            break;
        }
        points += 1;
    }
}

/// The process is killed by a signal at a random moment of a snapshot: the store opens and nothing is lost.
#[test]
fn a_snapshot_that_is_killed_leaves_a_whole_store() {
    let place = place();
    for at in 0..2_000 {
        place.write(&format!("d{}/f{at}", at % 20), format!("{at}\n").repeat(50));
    }
    let first = place.snapshots().snapshot().unwrap();
    let held = place.on_disk();
    for round in 0..20 {
        for at in 0..500 {
            place.write(&format!("d{}/f{at}", at % 20), format!("{at} {round}\n").repeat(50));
        }
        let environment = [
            (WORKSPACE, place.workspace.display().to_string()),
            (STATE, place.state().display().to_string()),
            (POINTS, i64::MAX.to_string()),
            (ACT, "snapshot".to_string()),
        ];
        let output = run_own(&OwnCommand {
            program: "/bin/sh".into(),
            arguments: [
                "-c",
                "\"$0\" --exact restore::tests::crashes::child & sleep \"$1\"; kill -9 $!; wait $!",
            ]
            .map(OsString::from)
            .into_iter()
            .chain([std::env::current_exe().unwrap().into(), format!("0.0{:02}", round * 4).into()])
            .collect(),
            directory: place.root.path().to_path_buf(),
            environment: environment.map(|(name, value)| (name.to_string(), value)).to_vec(),
            input: Vec::new(),
            timeout: Duration::from_secs(60),
            output_bytes_max: 1 << 20,
        });
        output.unwrap();
        let snapshots = place.snapshots();
        assert_eq!(place.held(&first.tree), held, "killed in round {round}");
        let now = snapshots.snapshot().unwrap();
        assert_eq!(place.held(&now.tree), place.on_disk());
    }
}

#[test]
fn an_intent_that_cannot_be_read_is_said() {
    let place = place();
    place.write("f", "1\n");
    let snapshots = place.snapshots();
    snapshots.snapshot().unwrap();
    fs::write(place.state().join("restoring"), "{").unwrap();
    assert!(matches!(snapshots.before(&cause("c")), Err(SnapshotError::Damaged { .. })));
    assert!(matches!(snapshots.finish_restore(), Err(SnapshotError::Damaged { .. })));
}
