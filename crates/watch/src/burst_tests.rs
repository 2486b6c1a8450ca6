//! Tests of the burst: what is said when, and when it is taken.

use super::*;

/// Says things at times and takes what is due until nothing is; the result is `time:path path` for each batch.
#[track_caller]
fn check(said: &[(u64, &str, What)], expectation: &[&str]) {
    let mut burst = Burst::new(Pace::default());
    let mut taken = Vec::new();
    let mut take = |burst: &mut Burst, until: u64| {
        while let Some(due) = burst.due_ms().filter(|due| *due <= until) {
            let work = burst.take(due);
            taken.push(format!("{due}:{}", work.paths.into_keys().collect::<Vec<_>>().join(" ")));
            assert!(taken.len() < 1_000, "it comes to an end");
        }
    };
    for (now, path, what) in said {
        take(&mut burst, *now);
        match *path {
            "LOCK" => burst.git(Sign::Locked, *now),
            "UNLOCK" => burst.git(Sign::Unlocked, *now),
            "HEAD" => burst.git(Sign::Head, *now),
            // It does not matter.
            "-" => burst.heard(*what),
            path => {
                burst.heard(*what);
                burst.name(path, *what, *now);
            }
        }
    }
    take(&mut burst, u64::MAX);
    assert_eq!(taken, expectation);
}

use What::{Closed, Created, Deleted, Written};

#[test]
fn one_save_is_told_after_a_short_silence() {
    check(&[(100, "a", Written), (100, "a", Closed)], &["106:a"]);
    check(&[(100, "a", Created), (103, "b", Created)], &["109:a b"]);
    check(&[(100, "a", Created), (110, "b", Created)], &["106:a", "116:b"]);
}

#[test]
fn a_burst_that_goes_on_is_told_in_between() {
    let said: Vec<(u64, &str, What)> = (0..200).map(|at| (at * 5, "a", Closed)).collect();
    check(&said, &["400:a", "800:a", "1001:a"]);
}

#[test]
fn a_burst_is_not_cut_within_one_file() {
    let names: Vec<String> = (0..100).map(|at| format!("{at:02}")).collect();
    let mut burst = Burst::new(Pace::default());
    for (at, name) in (0..).zip(&names) {
        burst.name(name, Closed, at * 4);
    }
    burst.name("a", Deleted, 398);
    burst.half("a", What::From, 7);
    burst.half("b", What::To, 7);
    let work = burst.take(400);
    assert_eq!((work.paths.len(), work.renames.len(), burst.due_ms()), (99, 0, Some(404)));
    burst.name("a", Created, 401);
    let work = burst.take(burst.due_ms().unwrap());
    assert_eq!(work.paths.into_keys().collect::<Vec<_>>(), ["99", "a"]);
    assert_eq!((work.renames.len(), burst.due_ms()), (1, None));
}

#[test]
fn a_file_that_is_open_is_told_when_it_is_closed_or_after_a_while() {
    check(&[(0, "a", Written), (300, "a", Closed)], &["306:a"]);
    check(&[(0, "a", Written), (2, "b", Closed), (300, "a", Closed)], &["8:b", "306:a"]);
    check(&[(0, "a", Written), (900, "a", Written)], &["1000:a"]);
    // Written to all the time, and never closed.
    let said: Vec<(u64, &str, What)> = (0..500).map(|at| (at * 10, "log", Written)).collect();
    check(&said, &["1000:log", "2000:log", "3000:log", "4000:log", "5000:log"]);
    check(&[(0, "a", Written), (4, "a", Deleted)], &["10:a"]);
}

#[test]
fn git_s_lock_holds_a_burst_together() {
    let said = [
        (0, "LOCK", Created),
        (1, "a", Closed),
        (600, "b", Closed),
        (700, "UNLOCK", Deleted),
        (702, "HEAD", Closed),
    ];
    check(&said, &["708:a b"]);
    // A lock that nobody takes away.
    check(&[(0, "LOCK", Created), (1, "a", Closed), (3_000, "b", Closed)], &["2000:a", "3006:b"]);
    // A slow checkout: one file each 20 ms, for 5 s.
    let names: Vec<String> = (0..250).map(|at| format!("{at:03}")).collect();
    let mut burst = Burst::new(Pace::default());
    burst.git(Sign::Locked, 0);
    let mut taken = Vec::new();
    for (at, name) in (1..).zip(&names) {
        burst.heard(Closed);
        burst.name(name, Closed, at * 20);
        if burst.due_ms().unwrap() <= at * 20 {
            taken.push((at * 20, burst.take(at * 20).paths.len()));
        }
    }
    burst.git(Sign::Unlocked, 5_001);
    assert_eq!((taken, burst.due_ms()), (vec![(2_000, 99), (4_000, 100)], Some(5_007)));
    // The same, and of the files one in ten matters: it is not told file by file.
    let mut said = vec![(0, "LOCK", Created)];
    said.extend((1..250).map(|at| (at * 20, if at % 10 == 0 { "a" } else { "-" }, Closed)));
    said.push((5_001, "UNLOCK", Deleted));
    check(&said, &["2000:a", "4000:a", "5007:a"]);
    // Locked again and again.
    let said: Vec<(u64, &str, What)> = (0..2_000)
        .flat_map(|at| {
            [(at * 4, "LOCK", Created), (at * 4 + 1, "a", Closed), (at * 4 + 3, "UNLOCK", Deleted)]
        })
        .collect();
    check(&said, &["2401:a", "4801:a", "7201:a", "8005:a"]);
}

#[test]
fn many_names_become_directories_and_memory_is_bounded() {
    let mut burst = Burst::new(Pace::default());
    for number in 0..PATHS_MAX + 10 {
        burst.name(&format!("d/{number}"), Created, 1);
        burst.half(&format!("d/{number}"), What::From, u32::try_from(number).unwrap() + 1);
    }
    let work = burst.take(50);
    assert_eq!(work.paths.len(), PATHS_MAX);
    assert_eq!(work.lists.iter().map(String::as_str).collect::<Vec<_>>(), ["d"]);
    assert_eq!(work.rescan, Some(Rescanned::TooMany));
    assert!(burst.halves.is_empty());
}
