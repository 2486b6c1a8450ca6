//! Tests of snapshots and differences on real directories, with the git of this machine.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, Instant};

use sandbox::{OwnCommand, run_own};

use super::*;
use crate::{Change, Side};

/// A workspace beside the state, gone with the test.
struct Place {
    root: tempfile::TempDir,
    workspace: PathBuf,
}

fn place() -> Place {
    let root = tempfile::tempdir().unwrap();
    let workspace = root.path().canonicalize().unwrap().join("w");
    fs::create_dir(&workspace).unwrap();
    Place { root, workspace }
}

impl Place {
    fn snapshots(&self) -> Snapshots {
        self.snapshots_of(&self.workspace)
    }

    fn snapshots_of(&self, workspace: &Path) -> Snapshots {
        let environment = vec![
            ("PATH".to_string(), "/usr/local/bin:/usr/bin:/bin".to_string()),
            ("GIT_DIR".to_string(), "/nowhere".to_string()),
        ];
        let state = self.root.path().canonicalize().unwrap().join("state/w/snapshots.git");
        Snapshots::open(&state, workspace, environment).unwrap()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The person's own git, with settings that would do harm if they counted.
    fn git(&self, directory: &str, arguments: &[&str]) -> String {
        let mut all =
            vec!["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
        all.extend(arguments);
        let output = run_own(&OwnCommand {
            program: "git".into(),
            arguments: all.into_iter().map(OsString::from).collect(),
            directory: self.workspace.join(directory),
            environment: vec![
                ("PATH".to_string(), "/usr/local/bin:/usr/bin:/bin".to_string()),
                ("HOME".to_string(), "/nonexistent".to_string()),
                ("LC_ALL".to_string(), "C".to_string()),
            ],
            input: Vec::new(),
            timeout: Duration::from_secs(60),
            output_bytes_max: 1 << 20,
        })
        .unwrap();
        assert_eq!(output.exit, Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.errors));
        String::from_utf8(output.output).unwrap()
    }

    /// The files of a snapshot.
    fn files(&self, snapshot: &Snapshot) -> Vec<String> {
        let answer = self
            .snapshots()
            .git
            .ask(Ask::new("ls-tree", &["-r", "-z", "--name-only", &snapshot.tree]))
            .unwrap();
        String::from_utf8_lossy(&answer).split_terminator('\0').map(str::to_string).collect()
    }

    fn bytes(&self, snapshot: &Snapshot, path: &str) -> Vec<u8> {
        let object = format!("{}:{path}", snapshot.tree);
        self.snapshots().git.ask(Ask::new("cat-file", &["blob", &object])).unwrap()
    }
}

/// Every path below a directory with kind, mode, length and content, so that any touch shows.
fn everything(directory: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut all = Vec::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(path) = left.pop() {
        let found = fs::symlink_metadata(&path).unwrap();
        let bytes = if found.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        if found.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        all.push((path, found.permissions().mode(), bytes));
    }
    all.sort();
    all
}

#[test]
fn a_plain_directory_without_git() {
    let place = place();
    let snapshots = place.snapshots();
    let empty = snapshots.snapshot().unwrap();
    assert_eq!(empty.tree, EMPTY_TREE);
    place.write("a.txt", "one\ntwo\n");
    place.write("dir/b.txt", "b\n");
    let first = snapshots.snapshot().unwrap();
    assert_eq!(first, place.snapshots().snapshot().unwrap(), "the same files are the same snapshot");
    place.write("a.txt", "one\n2\nthree\n");
    fs::remove_file(place.workspace.join("dir/b.txt")).unwrap();
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
    assert_eq!(fs::read_dir(&place.workspace).unwrap().count(), 3, "nothing of ours in the workspace");
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
    assert_eq!(place.files(&snapshot), [".gitignore", "kept.txt", "new.txt"]);
    assert_eq!(place.bytes(&snapshot, "kept.txt"), b"4\n");
}

#[test]
fn settings_and_attributes_of_the_workspace_run_nothing_and_change_no_byte() {
    let place = place();
    place.git("", &["init", "-q"]);
    let trap = place.workspace.join("trap");
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
    assert_eq!(place.bytes(&first, "f.txt"), bytes);
    assert_eq!(place.bytes(&first, "sub/f.txt"), bytes);
    assert_eq!(snapshots.changes(&first.tree, &second.tree).unwrap(), [("sub/f.txt".to_string(), 2, 3)]);
    assert_eq!(snapshots.diff(&first.tree, &second.tree).unwrap().len(), 1);
    assert!(!trap.exists(), "no command of the workspace ran");
}

#[test]
fn repositories_in_the_workspace_keep_their_files() {
    let place = place();
    place.git("", &["init", "-q"]);
    place.write("outer.txt", "o\n");
    for nested in ["with commit", "deep/without"] {
        place.write(&format!("{nested}/in.txt"), "1\n");
        place.git(nested, &["init", "-q"]);
    }
    place.git("with commit", &["add", "."]);
    place.git("with commit", &["commit", "-qm", "one"]);
    place.write("with commit/.gitignore", "*.log\n");
    place.write("with commit/x.log", "ignored");
    place.write("with commit/inner/f", "deeper\n");
    place.git("with commit/inner", &["init", "-q"]);
    place.write("bare.git/readme", "kept as files\n");
    place.git("bare.git", &["init", "-q", "--bare"]);
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    let files = place.files(&first);
    for file in
        ["outer.txt", "with commit/in.txt", "with commit/inner/f", "deep/without/in.txt", "bare.git/HEAD"]
    {
        assert!(files.iter().any(|found| found == file), "{file} in {files:?}");
    }
    assert!(!files.iter().any(|file| file.contains("x.log") || file.contains(".git/objects/info/../")));
    assert!(!files.iter().any(|file| file.starts_with("with commit/.git/")));
    place.write("with commit/in.txt", "2\n");
    place.write("deep/without/in.txt", "2\n");
    let second = snapshots.snapshot().unwrap();
    let paths: Vec<String> =
        snapshots.changes(&first.tree, &second.tree).unwrap().into_iter().map(|(path, _, _)| path).collect();
    assert_eq!(paths, ["deep/without/in.txt", "with commit/in.txt"]);
    assert_eq!(place.snapshots().snapshot().unwrap(), second, "with nothing known from before as well");
    fs::remove_dir_all(place.workspace.join("with commit/.git")).unwrap();
    assert!(place.files(&snapshots.snapshot().unwrap()).contains(&"with commit/in.txt".to_string()));
    fs::remove_dir_all(place.workspace.join("with commit")).unwrap();
    let third = snapshots.snapshot().unwrap();
    assert!(!place.files(&third).iter().any(|file| file.starts_with("with commit")));
}

#[test]
fn a_workspace_inside_a_repository_follows_its_ignore_rules() {
    let place = place();
    place.git("", &["init", "-q"]);
    place.write(".gitignore", "target/\n/package/generated\n");
    place.write("other/file", "not covered\n");
    place.write("package/src/lib.rs", "fn a() {}\n");
    place.write("package/target/out", "ignored");
    place.write("package/generated", "ignored");
    place.write("package/nested/f", "n\n");
    place.git("package/nested", &["init", "-q"]);
    let snapshots = place.snapshots_of(&place.workspace.join("package"));
    let snapshot = snapshots.snapshot().unwrap();
    assert_eq!(place.files(&snapshot), ["nested/f", "src/lib.rs"]);
    fs::remove_dir_all(place.workspace.join("package/nested")).unwrap();
    fs::remove_dir_all(place.workspace.join("package/src")).unwrap();
    assert_eq!(snapshots.snapshot().unwrap().tree, EMPTY_TREE);

    // A repository that ignores all of the workspace, as dot files in a home directory do.
    place.write(".gitignore", "*\n");
    place.write("package/src/lib.rs", "fn a() {}\n");
    assert_eq!(place.files(&snapshots.snapshot().unwrap()), ["generated", "src/lib.rs", "target/out"]);
}

#[test]
fn a_bare_repository_and_a_worktree_as_workspace() {
    let place = place();
    place.git("", &["init", "-q", "--bare"]);
    let before = everything(&place.workspace);
    let snapshot = place.snapshots().snapshot().unwrap();
    assert!(place.files(&snapshot).contains(&"HEAD".to_string()));
    assert_eq!(everything(&place.workspace), before);

    let place = self::place();
    place.write("repo/f", "1\n");
    place.git("repo", &["init", "-q"]);
    place.git("repo", &["add", "."]);
    place.git("repo", &["commit", "-qm", "one"]);
    place.git("repo", &["worktree", "add", "-q", "../tree"]);
    let snapshot = place.snapshots_of(&place.workspace.join("tree")).snapshot().unwrap();
    assert_eq!(place.files(&snapshot), ["f"]);
}

#[test]
fn odd_names_links_and_modes() {
    let place = place();
    let odd = "a \"b\"\t\\c\nd é*?[";
    place.write(odd, "1\n");
    place.write("git~1/.gitx", "kept\n");
    place.write(":(glob)x", "kept\n");
    place.write("run.sh", "#!/bin/sh\n");
    symlink("/etc/passwd", place.workspace.join("link")).unwrap();
    symlink("nowhere", place.workspace.join("dangling")).unwrap();
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    assert_eq!(place.files(&first).len(), 6);
    assert_eq!(place.bytes(&first, "link"), b"/etc/passwd", "the link itself, not where it leads");
    fs::set_permissions(place.workspace.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(place.workspace.join(odd), place.workspace.join("moved")).unwrap();
    let second = snapshots.snapshot().unwrap();
    let diff = snapshots.diff(&first.tree, &second.tree).unwrap();
    assert_eq!(diff.len(), 2);
    assert_eq!((&*diff[0].path, &diff[0].change), ("moved", &Change::Renamed { from: odd.to_string() }));
    assert_eq!((&*diff[1].path, diff[1].modes, diff[1].hunks.len()), ("run.sh", (0o100_644, 0o100_755), 0));
    assert_eq!(snapshots.changes(&first.tree, &second.tree).unwrap().len(), 3);
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
fn what_git_complains_about_is_told() {
    let errors = b"error: open(\"w/c\"): Permission denied\nerror: unable to index file 'w/c'\n\
                   warning: could not open directory 'w/locked/': Permission denied\n\
                   error: 'w/deep/in/' does not have a commit checked out\nfatal: adding files failed\n";
    let [covered, root] = [Path::new("/r/w"), Path::new("/r")];
    let found = Complaints::read(errors, covered, root, covered);
    let expected = Complaints {
        unreadable: vec!["c".to_string(), "locked".to_string()],
        without_commit: vec![PathBuf::from("deep/in")],
    };
    assert_eq!(found, expected);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let place = place();
    place.write("open.txt", "1\n");
    place.write("closed.txt", "1\n");
    fs::set_permissions(place.workspace.join("closed.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    let snapshot = place.snapshots().snapshot().unwrap();
    if fs::read(place.workspace.join("closed.txt")).is_ok() {
        println!("this user may read everything: only half of the test ran");
    } else {
        assert_eq!(snapshot.unreadable, ["closed.txt"]);
        assert_eq!(place.files(&snapshot), ["open.txt"]);
    }
}

#[test]
fn state_that_is_broken_or_was_left_half_made_heals() {
    let place = place();
    place.write("a", "1\n");
    let snapshots = place.snapshots();
    let first = snapshots.snapshot().unwrap();
    let state = snapshots.git.directory().to_path_buf();
    let index = state.join(index_name(&Top::alone(&place.workspace)));
    fs::write(&index, "broken").unwrap();
    fs::write(index.with_extension("lock"), "").unwrap();
    assert_eq!(snapshots.snapshot().unwrap(), first);
    fs::remove_file(state.join("ready")).unwrap();
    fs::remove_file(state.join("config")).unwrap();
    assert_eq!(place.snapshots().snapshot().unwrap(), first);
}

#[test]
fn snapshots_at_the_same_time_wait_for_one_another() {
    let place = place();
    for count in 0..200 {
        place.write(&format!("f{count}"), format!("{count}\n"));
    }
    let snapshots = place.snapshots();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| snapshots.snapshot().unwrap())).collect();
        let mut trees: Vec<_> = all.into_iter().map(|one| one.join().unwrap().tree).collect();
        trees.dedup();
        assert_eq!(trees.len(), 1);
    });
}

#[test]
fn state_inside_the_workspace_is_left_out_and_a_workspace_inside_the_state_is_refused() {
    let place = place();
    place.write("a", "1\n");
    let state = place.workspace.join("st ate [x]/w/snapshots.git");
    let snapshots = Snapshots::open(&state, &place.workspace, Vec::new()).unwrap();
    fs::write(state.parent().unwrap().join("journal"), "x").unwrap();
    let snapshot = snapshots.snapshot().unwrap();
    assert_eq!(place.files_in(&snapshots, &snapshot), ["a"]);
    let refused = Snapshots::open(&place.workspace, &place.workspace.join("a"), Vec::new()).unwrap_err();
    assert!(refused.to_string().contains("set XDG_STATE_HOME to a directory elsewhere"));
}

impl Place {
    fn files_in(&self, snapshots: &Snapshots, snapshot: &Snapshot) -> Vec<String> {
        let ask = Ask::new("ls-tree", &["-r", "-z", "--name-only", &snapshot.tree]);
        let answer = snapshots.git.ask(ask).unwrap();
        String::from_utf8_lossy(&answer).split_terminator('\0').map(str::to_string).collect()
    }
}

#[test]
fn errors_name_the_next_step() {
    let place = place();
    let snapshots = place.snapshots();
    for unknown in ["", "HEAD", "--output=x", &"0".repeat(40)] {
        let refused = snapshots.diff(unknown, EMPTY_TREE).unwrap_err();
        assert!(matches!(refused, SnapshotError::Unknown(_)), "{refused}");
    }
    let environment = vec![("PATH".to_string(), "/nowhere".to_string())];
    let missing =
        Snapshots::open(&place.root.path().join("other"), &place.workspace, environment).unwrap_err();
    assert!(matches!(missing, SnapshotError::NoGit));
    assert!(missing.to_string().contains("install git"));
}

/// Prints what snapshots cost; run it alone: `cargo test -p vcs --release large -- --ignored --nocapture`.
#[test]
#[ignore = "makes 100,000 files; a measurement, not a proof"]
fn a_large_workspace() {
    let place = place();
    let start = Instant::now();
    for count in 0..100_000 {
        place.write(
            &format!("d{}/e{}/f{count}.rs", count % 40, count % 1_000),
            format!("fn f{count}() {{}}\n").repeat(30),
        );
    }
    println!("100,000 files written: {:?}", start.elapsed());
    let snapshots = place.snapshots();
    let timed = |what: &str| {
        let start = Instant::now();
        let snapshot = snapshots.snapshot().unwrap();
        println!("{what}: {:?}", start.elapsed());
        snapshot
    };
    timed("first snapshot");
    let before = timed("second, nothing changed");
    for count in 0..10 {
        place.write(&format!("d{count}/new.rs"), "fn new() {}\n");
    }
    let after = timed("third, ten files new");
    let start = Instant::now();
    assert_eq!(snapshots.diff(&before.tree, &after.tree).unwrap().len(), 10);
    println!("their diff: {:?}", start.elapsed());
    place.write("nested/a", "a\n");
    place.git("nested", &["init", "-q"]);
    timed("fourth, with a repository inside");
    timed("fifth, with a repository inside");
}
