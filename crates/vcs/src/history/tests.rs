//! Tests of history on real repositories, hostile ones among them, with the git of this machine.
#![expect(clippy::disallowed_methods, reason = "repositories are made on the disk")]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use sandbox::{OwnCommand, run_own};

use super::*;

const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

struct Place(tempfile::TempDir);

fn place() -> Place {
    let place = Place(tempfile::tempdir().unwrap());
    place.git(&["init", "--quiet", "."]);
    place
}

impl Place {
    fn root(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut all =
            vec!["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
        all.extend(arguments);
        let output = run_own(&OwnCommand {
            program: "git".into(),
            arguments: all.into_iter().map(OsString::from).collect(),
            directory: self.root().to_path_buf(),
            environment: vec![
                ("PATH".to_string(), PATH.to_string()),
                ("HOME".to_string(), "/nonexistent".to_string()),
                ("GIT_CONFIG_NOSYSTEM".to_string(), "1".to_string()),
            ],
            input: Vec::new(),
            timeout: Duration::from_secs(60),
            output_bytes_max: 1 << 20,
        })
        .unwrap();
        assert_eq!(output.exit, Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.errors));
        String::from_utf8(output.output).unwrap()
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_string()
    }

    fn history(&self) -> History {
        History::open(self.root(), PATH)
    }
}

/// `A src/a.rs`, `R src/a.rs>src/b.rs`.
fn shown(commit: &Commit) -> Vec<String> {
    let line = |file: &FileChange| match &file.kind {
        ChangeKind::Added => format!("A {}", file.path),
        ChangeKind::Modified => format!("M {}", file.path),
        ChangeKind::Deleted => format!("D {}", file.path),
        ChangeKind::Renamed { from, .. } => format!("R {from}>{}", file.path),
    };
    commit.files.iter().map(line).collect()
}

#[test]
fn commits_have_files_renames_and_trailers() {
    let place = place();
    place.write("src/a.rs", "one\ntwo\nthree\nfour\n");
    place.write("src/t\u{e9}\"x y\".rs", "x");
    let first = place.commit("Add a");
    place.git(&["mv", "src/a.rs", "src/b.rs"]);
    place.commit("Move a\n\nBody: not a trailer, prose follows.\n\nmore\n\nTask: auth#2.1\nSpec: auth");
    place.commit("Nothing");
    fs::remove_file(place.root().join("src/b.rs")).unwrap();
    place.write("src/t\u{e9}\"x y\".rs", "y");
    place.commit("Remove b");
    let log = place.history().commits(10).unwrap();
    assert!(!log.is_cut);
    let subjects: Vec<&str> = log.commits.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects, ["Remove b", "Nothing", "Move a", "Add a"]);
    let files: Vec<Vec<String>> = log.commits.iter().map(shown).collect();
    assert_eq!(files[0], ["D src/b.rs", "M src/t\u{e9}\"x y\".rs"]);
    assert_eq!(files[1], [""; 0]);
    assert_eq!(files[2], ["R src/a.rs>src/b.rs"]);
    assert_eq!(files[3], ["A src/a.rs", "A src/t\u{e9}\"x y\".rs"]);
    let trailer = |name: &str, value: &str| (name.to_string(), value.to_string());
    assert_eq!(log.commits[2].trailers, [trailer("Task", "auth#2.1"), trailer("Spec", "auth")]);
    assert_eq!(log.commits[2].parents, std::slice::from_ref(&first));
    assert!(log.commits[0].time > 1_500_000_000);
    assert_eq!(place.history().commits(1).unwrap().commits.len(), 1);
    assert_eq!(place.history().commits_since(&first, 10).unwrap().commits.len(), 3);
    assert_eq!(place.history().commits_since(&"0".repeat(40), 10).unwrap(), Log::default());
    assert_eq!(place.history().commits_since("--all", 10).unwrap(), Log::default());
}

#[test]
fn renames_are_followed() {
    let place = place();
    place.write("a", "one\ntwo\nthree\n");
    let base = place.commit("a");
    place.git(&["mv", "a", "b"]);
    place.commit("b");
    place.git(&["mv", "b", "c"]);
    place.commit("c");
    let renames = place.history().renames_since(&base).unwrap();
    let now: Vec<(&str, &str)> = renames.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    assert_eq!(now, [("a", "c"), ("b", "c")]);
    place.git(&["mv", "c", "a"]);
    place.commit("back");
    assert!(!place.history().renames_since(&base).unwrap().contains_key("a"));
}

#[test]
fn files_as_they_were() {
    let place = place();
    place.write("a", b"1\0\xff\n");
    place.write("dir/b", "same");
    place.write("dir/c", "same");
    let first = place.commit("1");
    place.write("a", "2");
    let second = place.commit("2");
    let history = place.history();
    let ask = |commit: &str, path: &str| (commit.to_string(), path.to_string());
    let wanted = [
        ask(&first, "a"),
        ask(&second, "a"),
        ask(&first, "dir/b"),
        ask(&first, "./dir/c"),
        ask(&first, "dir"),
        ask(&first, "nope"),
        ask(&first, "../a"),
        ask(&first, "/etc/passwd"),
        ask(&first, "a\na"),
        ask("HEAD", "a"),
        ask(&"0".repeat(40), "a"),
        ask(&second, "dir/b"),
    ];
    let given = history.files_at(&wanted).unwrap();
    let text = |part: &str| Some(part.as_bytes().to_vec());
    let none = || None;
    assert_eq!(
        given,
        [
            Some(b"1\0\xff\n".to_vec()),
            text("2"),
            text("same"),
            text("same"),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            text("same")
        ]
    );
    assert_eq!(history.paths_at(&first).unwrap(), ["a", "dir/b", "dir/c"]);
    assert_eq!(history.last_change("a").unwrap(), Some(second.clone()));
    assert_eq!(history.last_change("dir/b").unwrap(), Some(first.clone()));
    assert_eq!(history.last_change("nope").unwrap(), None);
    assert_eq!(history.head().unwrap(), Some(second));
    // A folder below the root has its own view.
    let below = History::open(&place.root().join("dir"), PATH);
    assert_eq!(below.file_at(&first, "b").unwrap(), text("same"));
    assert_eq!(below.paths_at(&first).unwrap(), ["b", "c"]);
    assert_eq!(shown(below.commits(9).unwrap().commits.last().unwrap()), ["A b", "A c"]);
}

#[test]
fn blame_names_the_commit_of_each_line() {
    let place = place();
    place.write("a", "one\ntwo\nthree\n");
    let first = place.commit("1");
    place.write("a", "one\n  two\n2.5\nthree\n");
    let second = place.commit("2");
    let group = |first: usize, last: usize, commit: &str| Blamed { first, last, commit: commit.to_string() };
    let blamed = place.history().blame("a").unwrap();
    assert_eq!(blamed, [group(1, 2, &first), group(3, 3, &second), group(4, 4, &first)]);
    assert_eq!(place.history().blame("nope").unwrap(), []);
}

#[test]
fn without_git_or_repository_answers_are_empty_and_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path(), PATH);
    assert!(
        matches!(history.absence(), Some(Absence::NoRepository { said }) if said.contains("not a git repository"))
    );
    assert_eq!(history.commits(9).unwrap(), Log::default());
    assert_eq!(history.file_at(&"0".repeat(40), "a").unwrap(), None);
    assert_eq!(history.blame("a").unwrap(), []);
    let history = History::open(folder.path(), "/nonexistent");
    assert_eq!(history.absence(), Some(&Absence::NoGit));
    let place = place();
    assert_eq!(place.history().absence(), None);
    assert_eq!(place.history().commits(9).unwrap(), Log::default());
    assert_eq!(place.history().head().unwrap(), None);
}

#[test]
fn nothing_that_the_repository_names_is_started() {
    let place = place();
    let script = place.root().join("evil.sh");
    let mark = place.root().join("mark");
    fs::write(&script, format!("#!/bin/sh\necho run >> {}\nexit 0\n", mark.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    place.write(".gitattributes", "* diff=evil filter=evil merge=evil\n");
    place.write("a", "one\ntwo\n");
    let first = place.commit("1");
    place.write("a", "one\nthree\n");
    place.commit("2");
    let evil = script.display();
    let config = format!(
        "[core]\n\tfsmonitor = {evil}\n\thooksPath = {hooks}\n\tpager = {evil}\n\tsshCommand = {evil}\n\
         [diff]\n\texternal = {evil}\n[diff \"evil\"]\n\tcommand = {evil}\n\ttextconv = {evil}\n\
         [filter \"evil\"]\n\tclean = {evil}\n\tsmudge = {evil}\n\trequired = true\n\
         [log]\n\tshowSignature = true\n[gpg]\n\tprogram = {evil}\n[alias]\n\tlog = !{evil}\n\
         [pager]\n\tlog = {evil}\n\tblame = {evil}\n\
         [remote \"origin\"]\n\turl = ext::{evil}\n\tpromisor = true\n[extensions]\n\tpartialClone = origin\n",
        hooks = place.root().display(),
    );
    let file = place.root().join(".git/config");
    let before = fs::read_to_string(&file).unwrap();
    fs::write(&file, before + &config).unwrap();
    for hook in ["post-checkout", "fsmonitor-watchman", "post-index-change"] {
        let hook = place.root().join(hook);
        fs::copy(&script, &hook).unwrap();
    }
    let history = place.history();
    assert_eq!(history.absence(), None);
    assert_eq!(history.commits(9).unwrap().commits.len(), 2);
    assert_eq!(history.file_at(&first, "a").unwrap(), Some(b"one\ntwo\n".to_vec()));
    let blamed = history.blame("a").unwrap();
    assert_eq!(history.last_change("a").unwrap(), history.head().unwrap());
    assert_eq!(history.file_at(&"1".repeat(40), "a").unwrap(), None);
    assert_eq!(history.paths_at(&first).unwrap().len(), 3);
    assert!(!mark.exists(), "{}", fs::read_to_string(&mark).unwrap_or_default());
    assert_eq!(blamed.len(), 2);
    // A setting can make an answer fail, and then it is an error and not an empty answer.
    let config = fs::read_to_string(&file).unwrap() + "[blame]\n\tignoreRevsFile = /nonexistent\n";
    fs::write(&file, config).unwrap();
    assert!(matches!(history.blame("a"), Err(HistoryError::Git { .. })));
    // The same repository does start it for a git that is not held back.
    place.git(&["diff", "HEAD~1", "HEAD"]);
    assert!(mark.exists());
}

#[test]
fn many_commits_are_read_in_one_go() {
    let place = place();
    let mut stream = String::new();
    for number in 0..3_000 {
        stream.push_str(&format!(
            "commit refs/heads/main\ncommitter x <x@example.org> {} +0000\ndata 8\ncommit x\nM 644 inline f{}\ndata {}\n{number}\n",
            1_700_000_000 + number,
            number % 50,
            number.to_string().len(),
        ));
    }
    let output = run_own(&OwnCommand {
        program: "git".into(),
        arguments: ["fast-import", "--quiet"].iter().map(OsString::from).collect(),
        directory: place.root().to_path_buf(),
        environment: vec![("PATH".to_string(), PATH.to_string())],
        input: stream.into_bytes(),
        timeout: Duration::from_secs(60),
        output_bytes_max: 1 << 20,
    })
    .unwrap();
    assert_eq!(output.exit, Some(0), "{}", String::from_utf8_lossy(&output.errors));
    place.git(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    let history = place.history();
    let start = std::time::Instant::now();
    let log = history.commits(usize::MAX).unwrap();
    let read = start.elapsed();
    assert_eq!(log.commits.len(), 3_000);
    let wanted: Vec<(String, String)> = log
        .commits
        .iter()
        .flat_map(|commit| commit.files.iter().map(|file| (commit.hash.clone(), file.path.clone())))
        .collect();
    let start = std::time::Instant::now();
    let files = history.files_at(&wanted).unwrap();
    println!("3,000 commits: log {read:?}, {} files {:?}", files.len(), start.elapsed());
    assert!(files.iter().all(Option::is_some));
    assert_eq!(files[0].as_deref(), Some("2999".as_bytes()));
}

#[test]
fn the_commit_where_branches_parted() {
    let place = place();
    place.write("a.txt", "1");
    let first = place.commit("first");
    place.git(&["checkout", "--quiet", "-b", "work"]);
    place.write("b.txt", "1");
    let work = place.commit("work");
    place.git(&["checkout", "--quiet", "-"]);
    place.write("c.txt", "1");
    let main = place.commit("main goes on");
    place.git(&["tag", "v1"]);
    place.git(&["checkout", "--quiet", "work"]);
    let history = History::open(place.root(), PATH);
    let check = |revision: &str, expected: Option<&str>| {
        assert_eq!(history.base_of(revision).unwrap().as_deref(), expected, "{revision}");
    };
    check(&main, Some(&first));
    check("v1", Some(&first));
    check("HEAD", Some(&work));
    check("HEAD~1", Some(&first));
    for odd in ["", "nothing", "--all", "-h", "HEAD HEAD", "HEAD\nHEAD", ":a.txt", "HEAD:a.txt"] {
        check(odd, None);
    }
    check(&"x".repeat(1000), None);
    // Nothing in common: the commit itself.
    place.git(&["checkout", "--quiet", "--orphan", "other"]);
    place.commit("other");
    check("v1", Some(&main));
}

#[test]
fn what_the_working_copy_has_that_the_commit_has_not() {
    let place = place();
    for name in ["same", "edited", "gone", "staged", "touched"] {
        place.write(&format!("d/{name}"), format!("{name}\n"));
    }
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "first"]);
    // A filter would run if git looked at the files itself.
    place.write(".gitattributes", "* filter=evil\n");
    place.git(&["config", "filter.evil.clean", "touch ran; cat"]);
    std::thread::sleep(Duration::from_millis(20));
    place.write("d/edited", "edited anew\n");
    place.write("d/staged", "staged anew\n");
    place.write("d/new", "new\n");
    place.write("d/touched", "touched\n");
    fs::remove_file(place.root().join("d/gone")).unwrap();
    let history = History::open(&place.root().join("d"), PATH);
    let head = history.resolve("HEAD").unwrap().unwrap();
    let worked = history.worked(&head).unwrap();
    let mut followed: Vec<(&str, bool, bool)> =
        worked.followed.iter().map(|it| (it.path.as_str(), it.was, it.is)).collect();
    // One that was written in the moment of the index is only suspected.
    followed.retain(|(path, ..)| *path != "same");
    let (kept, gone) = ((true, true), (true, false));
    let expected = [("edited", kept), ("gone", gone), ("staged", kept), ("touched", kept)]
        .map(|(path, (was, is))| (path, was, is));
    assert_eq!((followed.as_slice(), worked.others), (expected.as_slice(), vec!["new".to_string()]));
    assert!(!place.root().join("ran").exists() && !place.root().join("d/ran").exists(), "a filter ran");
    let commit = history.commit(&head).unwrap().unwrap();
    assert_eq!((commit.subject.as_str(), commit.files.len()), ("first", 5));
    assert_eq!(history.days(5).unwrap().get(&head).map(String::len), Some(10));
    for name in ["", "-x", "no-such", "a b", "HEAD^{tree}"] {
        assert_eq!(history.resolve(name).unwrap(), None, "{name}");
    }
}
