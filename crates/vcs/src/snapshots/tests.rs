//! Tests of snapshots and differences on real directories, with the git of this machine as the judge.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;

use super::*;
use crate::object::EMPTY_TREE;
use crate::testing::{Chance, cause, everything, place, tree_now};
use crate::{Change, Side, Wrote};

#[test]
fn a_plain_directory() {
    let place = place();
    let snapshots = place.snapshots();
    let empty = snapshots.snapshot().unwrap();
    assert_eq!(empty.tree, EMPTY_TREE.to_string());
    place.write("a.txt", "one\ntwo\n");
    place.write("dir/b.txt", "b\n");
    let first = snapshots.snapshot().unwrap();
    assert_eq!(
        first.tree,
        place.snapshots().snapshot().unwrap().tree,
        "the same files are the same snapshot"
    );
    assert_eq!(first.tree, place.tree_of_git());
    place.write("a.txt", "one\n2\nthree\n");
    fs::remove_dir_all(place.path("dir")).unwrap();
    place.write("c.bin", b"\0\x01");
    let second = snapshots.snapshot().unwrap();
    let expected =
        [("a.txt".to_string(), 2, 1), ("c.bin".to_string(), 0, 0), ("dir/b.txt".to_string(), 0, 1)];
    assert_eq!(snapshots.changes(&first.tree, &second.tree).unwrap(), expected);

    let diff = snapshots.diff(&first.to_string(), &second.to_string()).unwrap();
    let told: Vec<_> = diff.iter().map(|file| (&*file.path, &file.change, file.binary)).collect();
    assert_eq!(
        told,
        [
            ("a.txt", &Change::Modified, false),
            ("c.bin", &Change::Added, true),
            ("dir/b.txt", &Change::Deleted, false)
        ]
    );
    let hunk = &diff[0].hunks[0];
    assert_eq!((hunk.old_start, hunk.old_len, hunk.new_start, hunk.new_len), (1, 2, 1, 3));
    assert_eq!(hunk.lines[1], crate::Line { side: Side::Before, text: "two".to_string() });
    assert!(snapshots.diff(&first.tree, &first.tree).unwrap().is_empty());
    assert_eq!(fs::read_dir(&place.workspace).unwrap().count(), 2, "nothing of ours in the workspace");
    assert_eq!(snapshots.file(&first.tree, Path::new("dir/b.txt")).unwrap().unwrap(), b"b\n");
    assert_eq!(snapshots.file(&first.tree, Path::new("dir")).unwrap(), None);
}

#[test]
fn a_dirty_repository_is_not_touched() {
    let place = place();
    place.git("", &["init", "-q"]);
    place.write("kept.txt", "1\n");
    place.git("", &["add", "."]);
    place.git("", &["commit", "-qm", "one"]);
    place.write("kept.txt", "2\n");
    place.git("", &["stash"]);
    place.write("kept.txt", "3\n");
    place.git("", &["add", "."]);
    place.write("kept.txt", "4\n");
    place.write("new.txt", "new\n");
    place.write(".gitignore", "*.log\n/build/\n");
    place.write("x.log", "ignored");
    place.write("build/out", "ignored");
    place.write(".git/info/exclude", "private.txt\n");
    place.write("private.txt", "ignored");
    let before = everything(&place.workspace);
    let snapshot = place.snapshots().snapshot().unwrap();
    assert_eq!(everything(&place.workspace), before);
    assert_eq!(place.files(&snapshot.tree), [".gitignore", "kept.txt", "new.txt"]);
    assert_eq!(place.held(&snapshot.tree)[&b"kept.txt"[..]].1, b"4\n");
}

/// Nothing is started at all, so nothing that a repository names can be; and no byte is converted.
#[test]
fn settings_and_attributes_of_the_workspace_run_nothing_and_change_no_byte() {
    let place = place();
    place.git("", &["init", "-q"]);
    let trap = place.path("trap");
    let command = format!("touch {}; cat", trap.display());
    for name in
        ["filter.evil.clean", "filter.evil.process", "core.fsmonitor", "diff.evil.textconv", "core.hooksPath"]
    {
        place.git("", &["config", name, &command]);
    }
    place.git("", &["config", "core.autocrlf", "true"]);
    place.write(
        ".gitattributes",
        "* filter=evil text eol=crlf ident diff=evil working-tree-encoding=UTF-16\n",
    );
    place.write("sub/.gitattributes", "* text eol=lf\n");
    let bytes = b"\xef\xbb\xbfa\r\nb\n$Id$\r\n";
    place.write("f.txt", bytes);
    place.write("sub/f.txt", bytes);
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    place.write("sub/f.txt", b"a\r\nc\n");
    let second = snapshots.snapshot().unwrap();
    let held = place.held(&first.tree);
    assert_eq!((&*held[&b"f.txt"[..]].1, &*held[&b"sub/f.txt"[..]].1), (&bytes[..], &bytes[..]));
    assert_eq!(snapshots.changes(&first.tree, &second.tree).unwrap(), [("sub/f.txt".to_string(), 2, 3)]);
    assert!(!trap.exists(), "no command of the workspace ran");
}

#[test]
fn repositories_in_the_workspace_keep_their_files() {
    let place = place();
    place.git("", &["init", "-q"]);
    place.write("outer.txt", "o\n");
    place.write(".gitignore", "*.tmp\n");
    for nested in ["with commit", "deep/without"] {
        place.write(&format!("{nested}/in.txt"), "1\n");
        place.git(nested, &["init", "-q"]);
    }
    place.git("with commit", &["add", "."]);
    place.git("with commit", &["commit", "-qm", "one"]);
    place.write("with commit/.gitignore", "*.log\n");
    place.write("with commit/x.log", "ignored");
    place.write("with commit/own.tmp", "the outer rules say nothing here");
    place.write("with commit/.git/info/exclude", "secret\n");
    place.write("with commit/secret", "ignored");
    place.write("with commit/inner/f", "deeper\n");
    place.git("with commit/inner", &["init", "-q"]);
    place.write("bare.git/readme", "kept as files\n");
    place.git("bare.git", &["init", "-q", "--bare"]);
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    let files = place.files(&first.tree);
    for file in [
        "outer.txt",
        "with commit/in.txt",
        "with commit/own.tmp",
        "with commit/inner/f",
        "deep/without/in.txt",
        "bare.git/HEAD",
    ] {
        assert!(files.iter().any(|found| found == file), "{file} in {files:?}");
    }
    assert!(!files.iter().any(|file| file.contains("x.log") || file.contains("secret")));
    assert!(!files.iter().any(|file| file.starts_with("with commit/.git/")));
    place.write("with commit/in.txt", "2\n");
    place.write("deep/without/in.txt", "2\n");
    let second = snapshots.snapshot().unwrap();
    let paths: Vec<String> =
        snapshots.changes(&first.tree, &second.tree).unwrap().into_iter().map(|(path, _, _)| path).collect();
    assert_eq!(paths, ["deep/without/in.txt", "with commit/in.txt"]);
    assert_eq!(
        place.snapshots().snapshot().unwrap().tree,
        second.tree,
        "with nothing known from before as well"
    );
    fs::remove_dir_all(place.path("with commit/.git")).unwrap();
    let third = place.files(&snapshots.snapshot().unwrap().tree);
    assert!(
        third.contains(&"with commit/in.txt".to_string())
            && third.contains(&"with commit/secret".to_string())
    );
    assert!(!third.contains(&"with commit/own.tmp".to_string()), "the outer rules hold there now");
}

#[test]
fn a_workspace_inside_a_repository_follows_its_ignore_rules() {
    let place = place();
    place.git("", &["init", "-q"]);
    place.write(".gitignore", "target/\n/package/generated\n");
    place.write(".git/info/exclude", "/package/private\n");
    place.write("other/file", "not covered\n");
    place.write("package/src/lib.rs", "fn a() {}\n");
    place.write("package/target/out", "ignored");
    place.write("package/generated", "ignored");
    place.write("package/private", "ignored");
    place.write("package/nested/f", "n\n");
    place.git("package/nested", &["init", "-q"]);
    let snapshots = place.snapshots_of(&place.path("package"));
    let snapshot = snapshots.snapshot().unwrap();
    assert_eq!(place.files(&snapshot.tree), ["nested/f", "src/lib.rs"]);
    place.write(".gitignore", "/package/generated\n");
    assert_eq!(place.files(&snapshots.snapshot().unwrap().tree), ["nested/f", "src/lib.rs", "target/out"]);

    // A repository that ignores all of the workspace, as dot files in a home directory do.
    place.write(".gitignore", "*\n");
    let all = place.files(&snapshots.snapshot().unwrap().tree);
    assert_eq!(all, ["generated", "nested/f", "private", "src/lib.rs", "target/out"]);
}

#[test]
fn bare_repositories_worktrees_submodules_and_sparse_checkouts() {
    let bare = place();
    bare.git("", &["init", "-q", "--bare"]);
    let before = everything(&bare.workspace);
    let snapshot = bare.snapshots().snapshot().unwrap();
    assert!(bare.files(&snapshot.tree).contains(&"HEAD".to_string()));
    assert_eq!(everything(&bare.workspace), before);

    let place = place();
    for name in ["repo", "library"] {
        place.write(&format!("{name}/f"), "1\n");
        place.write(&format!("{name}/d/g"), "1\n");
        place.git(name, &["init", "-q"]);
        place.git(name, &["add", "."]);
        place.git(name, &["commit", "-qm", "one"]);
    }
    place.git("repo", &["worktree", "add", "-q", "../tree"]);
    let snapshot = place.snapshots_of(&place.path("tree")).snapshot().unwrap();
    assert_eq!(place.files(&snapshot.tree), ["d/g", "f"]);

    let library = place.path("library").display().to_string();
    place.git("repo", &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &library, "sub"]);
    let inner = place.snapshots_of(&place.path("repo"));
    let snapshot = inner.snapshot().unwrap();
    assert_eq!(place.files(&snapshot.tree), [".gitmodules", "d/g", "f", "sub/d/g", "sub/f"]);

    place.git("repo", &["sparse-checkout", "set", "--no-cone", "/f", "/sub"]);
    let before = everything(&place.path("repo"));
    let snapshot = inner.snapshot().unwrap();
    assert!(
        !place.files(&snapshot.tree).contains(&"d/g".to_string()),
        "what is not checked out is not there"
    );
    assert_eq!(everything(&place.path("repo")), before);
}

#[test]
fn odd_names_links_modes_and_empty_directories() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = place();
    let odd = "a \"b\"\t\\c\nd é*?[";
    place.write(odd, "1\n");
    place.write("git~1/.gitx", "kept\n");
    place.write(":(glob)x", "kept\n");
    place.write("run.sh", "#!/bin/sh\n");
    fs::write(place.workspace.join(std::ffi::OsStr::from_bytes(b"not\xffutf8")), "2\n").unwrap();
    symlink("/etc/passwd", place.path("link")).unwrap();
    symlink("nowhere", place.path("dangling")).unwrap();
    symlink("..", place.path("loop")).unwrap();
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    assert_eq!(first.tree, place.tree_of_git());
    assert_eq!(place.held(&first.tree), place.on_disk());
    place.mode("run.sh", 0o750);
    fs::create_dir_all(place.path("empty/inner")).unwrap();
    place.mode("empty", 0o700);
    fs::rename(place.path(odd), place.path("moved")).unwrap();
    let second = snapshots.snapshot().unwrap();
    assert_eq!(place.held(&second.tree), place.on_disk(), "modes and empty directories too");
    let diff = snapshots.diff(&first.tree, &second.tree).unwrap();
    assert_eq!(diff.len(), 2);
    assert_eq!((&*diff[0].path, &diff[0].change), ("moved", &Change::Renamed { from: odd.to_string() }));
    assert_eq!((&*diff[1].path, diff[1].modes, diff[1].hunks.len()), ("run.sh", (0o100_644, 0o100_750), 0));
    assert_eq!(snapshots.changes(&first.tree, &second.tree).unwrap().len(), 3);
}

#[test]
fn a_file_that_moved_and_changed_a_little_is_a_renamed_one() {
    let place = place();
    let text: String = (0..40).map(|line| format!("line {line}\n")).collect();
    place.write("old.rs", &text);
    place.write("twin-a.rs", "same\n");
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    fs::remove_file(place.path("old.rs")).unwrap();
    fs::rename(place.path("twin-a.rs"), place.path("twin-b.rs")).unwrap();
    place.write("new.rs", text.replace("line 7\n", "line seven\n"));
    place.write("other.rs", "nothing of the kind\n");
    let second = snapshots.snapshot().unwrap();
    let diff = snapshots.diff(&first.tree, &second.tree).unwrap();
    let told: Vec<_> = diff.iter().map(|file| (&*file.path, file.change.clone(), file.added)).collect();
    let from = |from: &str| Change::Renamed { from: from.to_string() };
    assert_eq!(
        told,
        [("new.rs", from("old.rs"), 1), ("other.rs", Change::Added, 1), ("twin-b.rs", from("twin-a.rs"), 0)]
    );
}

#[test]
fn what_is_too_long_to_compare_is_listed_without_lines() {
    let place = place();
    place.write("long.txt", "line\n".repeat(1_000_000));
    place.write("short.txt", "line\n");
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    place.write("long.txt", "LINE\n".repeat(1_000_000));
    place.write("short.txt", "LINE\n");
    let second = snapshots.snapshot().unwrap();
    let diff = snapshots.diff(&first.tree, &second.tree).unwrap();
    assert_eq!((diff[0].cut, diff[0].hunks.len()), (true, 0));
    assert_eq!((diff[1].cut, diff[1].hunks.len()), (false, 1));
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_held_as_it_was() {
    let place = place();
    place.write("open.txt", "1\n");
    place.write("closed.txt", "1\n");
    place.write("locked/inner", "1\n");
    let snapshots = place.snapshots();
    snapshots.snapshot().unwrap();
    place.mode("closed.txt", 0o000);
    place.mode("locked", 0o000);
    let readable = fs::read(place.path("closed.txt")).is_ok();
    let second = snapshots.snapshot().unwrap();
    if readable {
        println!("this user may read everything: only half of the test ran");
    } else {
        assert_eq!(second.unreadable, ["closed.txt", "locked"]);
        assert_eq!(place.files(&second.tree), ["closed.txt", "locked/inner", "open.txt"]);
        assert_eq!(snapshots.snapshot().unwrap().unreadable, second.unreadable, "said each time");
    }
    place.mode("locked", 0o755);
}

#[test]
fn pipes_sockets_and_huge_files_are_named_and_nothing_waits_for_them() {
    let place = place();
    place.write("a", "1\n");
    let pipe = std::ffi::CString::new(place.path("pipe").as_os_str().as_encoded_bytes()).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe.as_c_str(), rustix::fs::Mode::RUSR).unwrap();
    let _socket = UnixListener::bind(place.path("socket")).unwrap();
    let huge = fs::File::create(place.path("huge")).unwrap();
    huge.set_len(crate::contents::FILE_BYTES_MAX + 1).unwrap();
    let snapshots = place.snapshots();
    for _ in 0..3 {
        let snapshot = snapshots.snapshot().unwrap();
        let expected = [("huge", Why::TooLong), ("pipe", Why::Special), ("socket", Why::Special)]
            .map(|(path, why)| (path.to_string(), why));
        assert_eq!(snapshot.left_out, expected);
        assert_eq!(place.files(&snapshot.tree), ["a"]);
    }
    // It became short enough without any name changing.
    huge.set_len(3).unwrap();
    let snapshot = snapshots.snapshot().unwrap();
    assert_eq!(place.files(&snapshot.tree), ["a", "huge"]);
}

#[test]
fn a_long_file_is_held_whole() {
    let place = place();
    let mut chance = Chance(7);
    let bytes: Vec<u8> = (0..5 << 20).flat_map(|_| chance.next().to_le_bytes()).collect();
    place.write("long", &bytes);
    let snapshots = place.snapshots();
    let snapshot = snapshots.snapshot().unwrap();
    assert_eq!(snapshot.tree, place.tree_of_git());
    assert!(snapshots.file(&snapshot.tree, Path::new("long")).unwrap().unwrap() == bytes);
}

#[test]
fn ten_thousand_directories_deep() {
    let place = place();
    place.write("a", "1\n");
    let mut here = beneath::root(&place.workspace).unwrap();
    for _ in 0..10_000 {
        rustix::fs::mkdirat(&here, c"d", rustix::fs::Mode::RWXU).unwrap();
        here = beneath::directory(&here, c"d").unwrap();
    }
    drop(here);
    let snapshots = place.snapshots();
    let snapshot = snapshots.snapshot().unwrap();
    assert_eq!(place.files(&snapshot.tree), ["a"]);
    assert_eq!(snapshot.left_out.len(), 1);
    assert_eq!(snapshot.left_out[0].1, Why::TooDeep);
    assert_eq!(snapshot.left_out[0].0.split('/').count(), crate::walk::DEPTH_MAX + 1);
    assert_eq!(snapshots.snapshot().unwrap(), Snapshot { read: 0, ..snapshot });
    // A plain removal would hold a descriptor for each level.
    let (top, aside) = (place.path("d"), place.path("aside"));
    while fs::rename(top.join("d"), &aside).is_ok() {
        fs::remove_dir(&top).unwrap();
        fs::rename(&aside, &top).unwrap();
    }
}

/// Somebody writes, removes and swaps while snapshots are taken: none fails, none waits, and the last one is right.
#[test]
fn files_that_change_while_they_are_read() {
    let place = place();
    for at in 0..50 {
        place.write(&format!("d{}/f{at}", at % 5), format!("{at}\n").repeat(1_000));
    }
    let snapshots = place.snapshots();
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut chance = Chance(1);
            while !is_done.load(Ordering::Relaxed) {
                let path = place.path(&format!("d{}/f{}", chance.below(5), chance.below(60)));
                match chance.below(5) {
                    0 => drop(fs::remove_file(&path)),
                    1 => drop(fs::create_dir(&path)),
                    2 => drop(fs::remove_dir(&path)),
                    3 => drop(symlink("/etc", &path)),
                    _ => drop(fs::write(&path, format!("{}\n", chance.next()).repeat(500))),
                }
            }
        });
        for _ in 0..100 {
            snapshots.snapshot().unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
    let last = snapshots.snapshot().unwrap();
    assert_eq!(place.held(&last.tree), place.on_disk());
}

/// A change of the same length, in the same instant as the snapshot, with its time set back: still seen.
#[test]
fn changes_in_the_same_instant_are_seen() {
    let place = place();
    let snapshots = place.snapshots();
    for round in 0..200 {
        place.write("f", format!("{round:05}\n"));
        let snapshot = snapshots.snapshot().unwrap();
        assert_eq!(place.held(&snapshot.tree)[&b"f"[..]].1, format!("{round:05}\n").as_bytes());
        let now = snapshots.before(&cause("c")).unwrap();
        assert_eq!(now.snapshot.tree, snapshot.tree);
        place.write("f", format!("{round:04}x\n"));
        let old = rustix::fs::Timespec { tv_sec: 1, tv_nsec: 0 };
        let times = rustix::fs::Timestamps { last_access: old, last_modification: old };
        rustix::fs::futimens(fs::File::open(place.path("f")).unwrap(), &times).unwrap();
        let after = snapshots.after(now.number, &Wrote::Anything).unwrap();
        assert_eq!(place.held(&after.tree)[&b"f"[..]].1, format!("{round:04}x\n").as_bytes());
    }
}

#[test]
fn the_watch_sees_what_every_other_way_of_changing_a_file_does() {
    let place = place();
    place.write("d/f", "one\n");
    place.write("d/e/g", "one\n");
    place.write("ignored/x", "one\n");
    place.write(".gitignore", "ignored/\n");
    let snapshots = place.snapshots();
    snapshots.warm().unwrap();
    let check = |what: &str, expect_watched: bool, act: &dyn Fn()| {
        act();
        let begun = snapshots.before(&cause(what)).unwrap();
        assert_eq!(begun.snapshot.tree, tree_now(&place.snapshots()), "{what}");
        if cfg!(target_os = "linux") {
            assert_eq!(begun.snapshot.is_watched, expect_watched, "{what}");
        }
        // The next one begins with everything looked at and watched.
        snapshots.warm().unwrap();
    };
    check("nothing", true, &|| {});
    check("write", true, &|| place.write("d/f", "two\n"));
    check("a new file", true, &|| place.write("d/e/h", "new\n"));
    check("a new directory with directories", true, &|| place.write("n/m/o/p", "new\n"));
    check("a file in a directory that was new", true, &|| place.write("n/m/o/q", "new\n"));
    check("an unseen file", true, &|| place.write("ignored/y", "new\n"));
    check("mode", true, &|| place.mode("d/f", 0o755));
    check("mode of a directory", true, &|| place.mode("d/e", 0o700));
    check("remove", true, &|| fs::remove_file(place.path("d/e/h")).unwrap());
    check("rename", true, &|| fs::rename(place.path("d/f"), place.path("d/e/f")).unwrap());
    check("link", true, &|| symlink("f", place.path("d/l")).unwrap());
    check("truncate", true, &|| {
        fs::File::options().write(true).open(place.path("d/e/f")).unwrap().set_len(1).unwrap()
    });
    check("rules", true, &|| place.write(".gitignore", "d/\n"));
    check("no rules", true, &|| place.write(".gitignore", ""));
    check("a directory that moves", false, &|| fs::rename(place.path("n/m"), place.path("n/k")).unwrap());
    check("in what moved", true, &|| place.write("n/k/o/q", "more\n"));
    check("a directory that goes", true, &|| fs::remove_dir_all(place.path("n")).unwrap());
    check("one that comes again", true, &|| place.write("n/k/o/q", "again\n"));
    // A file with a second name that nobody watches.
    fs::hard_link(place.path("d/e/g"), place.root.path().join("outside")).unwrap();
    snapshots.warm().unwrap();
    check("through another name", true, &|| fs::write(place.root.path().join("outside"), "two\n").unwrap());
    check("more than the queue holds", false, &|| {
        for at in 0..20_000 {
            fs::write(place.path(if at % 2 == 0 { "d/e/g" } else { "d/e/f" }), format!("{at}")).unwrap();
        }
    });
}

/// What git would track is what a snapshot holds, for random trees with random rules.
#[test]
fn ignore_rules_are_those_of_git() {
    let lines = [
        "*.log",
        "/a",
        "b/",
        "!keep.log",
        "a/**",
        "**/c",
        "a/*/d",
        "d?",
        "[ab].txt",
        "\\#x",
        "x ",
        "*",
        "!*/",
        "e",
        "/b/c",
        "!a",
        "c/d",
        "**",
        "*.{log,txt}",
        "[!a]*",
        "keep.log/",
        "!/a/b/",
        "a/**/d",
        "[[:digit:]]*",
    ];
    let names =
        ["a", "b", "c", "d", "e", "x.log", "keep.log", "a.txt", "b.txt", "d1", "#x", "1", "{log,txt}"];
    let mut chance = Chance(3);
    for round in 0..150 {
        let place = place();
        place.git("", &["init", "-q"]);
        for _ in 0..25 {
            let depth = chance.below(4);
            let path: Vec<&str> = (0..=depth).map(|_| *chance.one(&names)).collect();
            let path = place.path(&path.join("/"));
            if fs::create_dir_all(path.parent().unwrap()).is_ok() && !path.exists() {
                fs::write(path, "x").unwrap();
            }
        }
        let mut told = Vec::new();
        for folder in ["", "a", "b", "a/b"] {
            if place.path(folder).is_dir() && chance.below(3) > 0 {
                let count = 1 + chance.below(5);
                let text: String = (0..count).map(|_| format!("{}\n", chance.one(&lines))).collect();
                fs::write(place.path(folder).join(".gitignore"), &text).unwrap();
                told.push((folder, text));
            }
        }
        let listed = place.git("", &["ls-files", "-co", "--exclude-standard", "-z"]);
        let mut expected: Vec<String> = listed.split_terminator('\0').map(str::to_string).collect();
        expected.sort();
        let mut files = place.files(&place.snapshots().snapshot().unwrap().tree);
        files.sort();
        assert_eq!(files, expected, "round {round}: {told:?}");
    }
}

#[test]
fn state_that_is_broken_heals() {
    let place = place();
    place.write("a", "1\n");
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    drop(snapshots);
    let state = place.state();
    for (name, text) in [("known", "broken"), ("idx-1", "broken"), ("known", ""), ("part", "left")] {
        fs::write(state.join(name), text).unwrap();
        assert_eq!(place.snapshots().snapshot().unwrap().tree, first.tree, "{name}");
    }
    // The objects are gone and what is known of the files is not.
    fs::remove_file(state.join("log-1")).unwrap();
    fs::remove_file(state.join("idx-1")).unwrap();
    let again = place.snapshots();
    assert_eq!(again.snapshot().unwrap().tree, first.tree);
    assert_eq!(place.held(&first.tree), place.on_disk());
}

#[test]
fn snapshots_at_the_same_time_wait_for_one_another() {
    let place = place();
    for at in 0..200 {
        place.write(&format!("f{at}"), "1\n");
    }
    let trees: Vec<String> = std::thread::scope(|scope| {
        let one = || scope.spawn(|| place.snapshots().snapshot().unwrap().tree);
        let threads: Vec<_> = (0..8).map(|_| one()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(trees.iter().all(|tree| *tree == trees[0]), "{trees:?}");
    assert_eq!(place.snapshots().checkpoints().unwrap().len(), 8);
}

#[test]
fn state_inside_the_workspace_is_left_out() {
    let place = place();
    place.write("a", "1\n");
    place.write("st ate [x]/other", "1\n");
    let state = place.path("st ate [x]/w/checkpoints");
    let snapshots = Snapshots::open(&state, &place.workspace).unwrap();
    for _ in 0..2 {
        let tree = snapshots.snapshot().unwrap().tree;
        let files = snapshots.diff(&EMPTY_TREE.to_string(), &tree).unwrap();
        let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a", "st ate [x]/other"]);
    }
    let refused = Snapshots::open(&place.workspace, &place.workspace).unwrap_err();
    assert!(matches!(refused, SnapshotError::InState { .. }));
}

#[test]
fn errors_name_the_next_step() {
    let place = place();
    let snapshots = place.snapshots();
    for unknown in ["", "HEAD", "--output=x", &"0".repeat(64), &"0".repeat(40)] {
        let refused = snapshots.diff(unknown, &EMPTY_TREE.to_string()).unwrap_err();
        assert!(matches!(refused, SnapshotError::Unknown(_)), "{refused}");
    }
    assert!(matches!(snapshots.checkpoint(7), Err(SnapshotError::NoCheckpoint(7))));
    fs::remove_dir(&place.workspace).unwrap();
    assert!(matches!(snapshots.snapshot(), Err(SnapshotError::Io { .. })));
}

/// The whole is never written by halves: a directory that cannot be written ends with an error and an intact store.
#[test]
fn a_store_that_cannot_be_written_stops_before_the_call() {
    let place = place();
    place.write("a", "1\n");
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    place.write("a", "2\n");
    fs::set_permissions(place.state(), fs::Permissions::from_mode(0o500)).unwrap();
    let is_root = fs::write(place.state().join("probe"), "").is_ok();
    if !is_root {
        let fresh = place.snapshots();
        fs::set_permissions(place.state().join("lock"), fs::Permissions::from_mode(0o400)).unwrap();
        assert!(fresh.before(&cause("c")).is_err());
        fs::set_permissions(place.state().join("lock"), fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::set_permissions(place.state(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(place.held(&first.tree)[&b"a"[..]].1, b"1\n");
    assert_eq!(place.held(&snapshots.snapshot().unwrap().tree)[&b"a"[..]].1, b"2\n");
}
