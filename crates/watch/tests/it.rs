//! A real watch on a real tree: what people, editors and git do, and what is told of it.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic, in its helpers as well")]
#![expect(clippy::disallowed_methods, reason = "the tests change files and start git")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use watch::{Batch, Expected, Interest, Kind, Next, Note, Pace, Rescanned, Settings, Watcher, digest};

/// A tree and a watch on it.
struct Place {
    directory: tempfile::TempDir,
    watcher: Watcher,
}

impl Place {
    fn new(before: impl FnOnce(&Path)) -> Place {
        Place::with(before, Interest::everything(), Settings::default())
    }

    fn with(before: impl FnOnce(&Path), interest: Interest, settings: Settings) -> Place {
        let directory = tempfile::tempdir().unwrap();
        before(directory.path());
        let watcher = Watcher::start(directory.path(), interest, settings).unwrap();
        Place { directory, watcher }
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.directory.path().join(path)
    }

    /// All that is told until nothing is for a while, as one batch.
    fn all(&self) -> Batch {
        let mut all = Batch::default();
        let until = Instant::now() + Duration::from_secs(20);
        let mut wait = Duration::from_millis(1_500);
        while let Next::Batch(batch) = self.watcher.next(wait) {
            all.absorb(*batch);
            wait = Duration::from_millis(600);
            assert!(Instant::now() < until, "it comes to an end");
        }
        all
    }

    #[track_caller]
    fn check(&self, expectation: &str) {
        assert_eq!(text(&self.all()), expectation);
    }
}

fn text(batch: &Batch) -> String {
    let words = batch.moments.iter().map(|moment| {
        let cause = moment.cause.as_ref().map_or(String::new(), |cause| format!("@{cause}"));
        match &moment.kind {
            Kind::Created => format!("+{}{cause}", moment.path),
            Kind::Saved => format!("*{}{cause}", moment.path),
            Kind::Deleted => format!("-{}{cause}", moment.path),
            Kind::Renamed { from } => format!("{from}>{}{cause}", moment.path),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn put(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(root).args([
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
    ]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let done = command.args(arguments).output().unwrap();
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn plain_changes_are_told() {
    let place = Place::new(|root| put(root, "d/old", "1"));
    put(place.directory.path(), "d/old", "22");
    put(place.directory.path(), "d/new", "1");
    place.check("+d/new *d/old");
    std::fs::remove_file(place.at("d/old")).unwrap();
    place.check("-d/old");
    std::fs::rename(place.at("d/new"), place.at("d/other")).unwrap();
    place.check("d/new>d/other");
    // Opened for writing, and nothing was written; read; asked for.
    drop(std::fs::OpenOptions::new().append(true).open(place.at("d/other")).unwrap());
    std::fs::read(place.at("d/other")).unwrap();
    place.check("");
}

#[test]
fn editors_that_save_by_rename_saved_one_file() {
    let place = Place::new(|root| put(root, "a.rs", "1"));
    let root = place.directory.path();
    // Most editors: written beside it, then renamed over it.
    put(root, "a.rs.tmp1234", "2");
    std::fs::rename(place.at("a.rs.tmp1234"), place.at("a.rs")).unwrap();
    place.check("*a.rs");
    // vim, with a backup that it deletes.
    put(root, "4913", "");
    std::fs::remove_file(place.at("4913")).unwrap();
    std::fs::rename(place.at("a.rs"), place.at("a.rs~")).unwrap();
    put(root, "a.rs", "3");
    std::fs::remove_file(place.at("a.rs~")).unwrap();
    place.check("*a.rs");
    // emacs: a lock that is a link, a backup that stays, a file in place.
    #[cfg(unix)]
    std::os::unix::fs::symlink("me@host.1:2", place.at(".#a.rs")).unwrap();
    std::fs::rename(place.at("a.rs"), place.at("a.rs~")).unwrap();
    put(root, "a.rs", "4");
    #[cfg(unix)]
    std::fs::remove_file(place.at(".#a.rs")).unwrap();
    place.check("*a.rs");
    // The first save of a new file.
    put(root, "b.rs.tmp", "1");
    std::fs::rename(place.at("b.rs.tmp"), place.at("b.rs")).unwrap();
    place.check("+b.rs");
}

#[test]
fn a_directory_that_is_made_and_filled_at_once_loses_nothing() {
    let place = Place::new(|_| {});
    let mut expected = BTreeSet::new();
    for number in 0..500 {
        let path = format!("n{number}/deep/er/file{number}");
        put(place.directory.path(), &path, "1");
        expected.insert(path);
    }
    let told: BTreeSet<String> = place.all().moments.into_iter().map(|moment| moment.path).collect();
    assert_eq!(told, expected);
    // And they are watched.
    put(place.directory.path(), "n499/deep/er/file499", "22");
    place.check("*n499/deep/er/file499");
}

#[test]
fn a_directory_that_moves_takes_its_files_along() {
    let place = Place::new(|root| {
        put(root, "d/a", "1");
        put(root, "d/e/b", "1");
    });
    std::fs::rename(place.at("d"), place.at("f")).unwrap();
    place.check("d/a>f/a d/e/b>f/e/b");
    // What changes there now has the new path, and what is put where it was is heard.
    put(place.directory.path(), "f/e/b", "22");
    put(place.directory.path(), "d/a", "1");
    place.check("+d/a *f/e/b");
    // Out of the root, and what happens there is not told.
    let outside = tempfile::tempdir().unwrap();
    std::fs::rename(place.at("f"), outside.path().join("f")).unwrap();
    place.check("-f/a -f/e/b");
    put(outside.path(), "f/e/b", "333");
    put(outside.path(), "f/c", "1");
    place.check("");
    // In from outside.
    std::fs::rename(outside.path().join("f"), place.at("g")).unwrap();
    place.check("+g/a +g/c +g/e/b");
    put(place.directory.path(), "g/e/b", "4444");
    place.check("*g/e/b");
}

#[test]
fn a_tree_that_is_deleted_is_deleted_file_by_file() {
    let place = Place::new(|root| {
        for number in 0..50 {
            put(root, &format!("d/{number}/a/b"), "1");
        }
        put(root, "e", "1");
    });
    std::fs::remove_dir_all(place.at("d")).unwrap();
    let batch = place.all();
    assert_eq!(batch.moments.len(), 50);
    assert!(batch.moments.iter().all(|moment| moment.kind == Kind::Deleted));
    assert_eq!(place.watcher.standing().directories, 1);
}

#[test]
fn what_git_ignores_is_not_told_and_edits_of_the_rules_take_effect() {
    let place = Place::new(|root| {
        std::fs::create_dir_all(root.join(".git/info")).unwrap();
        put(root, ".git/info/exclude", "*.private\n");
        put(root, ".gitignore", "target/\n*.log\n");
        put(root, "target/a", "1");
        put(root, "sub/.gitignore", "gen\n!keep.log\n");
        put(root, "sub/gen/x", "1");
    });
    let root = place.directory.path();
    for path in ["target/a", "target/b/c", "x.log", "sub/gen/x", "sub/y.log", "a.private", ".git/HEAD2"] {
        put(root, path, "22");
    }
    put(root, "sub/keep.log", "1");
    place.check("+sub/keep.log");
    // Now `target` is heard and `sub` is not.
    put(root, ".gitignore", "*.log\nsub/\n");
    place.check("*.gitignore");
    put(root, "target/a", "333");
    put(root, "sub/keep.log", "333");
    put(root, "sub/new", "333");
    place.check("*target/a");
    // Rules and files that came together.
    put(root, ".gitignore", "");
    put(root, "sub/newer", "1");
    put(root, "fresh.log", "1");
    place.check("*.gitignore +fresh.log");
    put(root, "sub/new", "4444");
    place.check("*sub/new");
}

#[test]
fn only_what_matters_is_watched() {
    let interest = Interest::files(|path| path.ends_with(".rs") || path.starts_with(".kiro/"))
        .in_directories(|path| path == "src" || path.starts_with("src/") || path.starts_with(".kiro"))
        .also(".kiro");
    let before = |root: &Path| {
        put(root, ".gitignore", ".kiro\n");
        put(root, "src/a.rs", "1");
        put(root, "src/a.txt", "1");
        put(root, "docs/b/c.rs", "1");
        put(root, ".kiro/hooks/h", "1");
    };
    let place = Place::with(before, interest, Settings::default());
    assert_eq!(place.watcher.standing().directories, 4);
    assert_eq!(place.watcher.standing().files, 2);
    for path in ["src/a.rs", "src/a.txt", "docs/b/c.rs", ".kiro/hooks/h", "src/m/n.rs"] {
        put(place.directory.path(), path, "22");
    }
    place.check("*.kiro/hooks/h *src/a.rs +src/m/n.rs");
    place.watcher.set_interest(Interest::files(|path| path.ends_with(".txt")));
    place.check("");
    for path in ["src/a.rs", "src/a.txt", "docs/b/c.txt"] {
        put(place.directory.path(), path, "333");
    }
    place.check("+docs/b/c.txt *src/a.txt");
}

#[test]
fn a_checkout_of_ten_thousand_files_is_told_whole() {
    let place = Place::new(|root| {
        git(root, &["init", "-q", "-b", "one"]);
        for number in 0..10_000 {
            put(root, &format!("d{}/f{number}", number % 100), "one");
        }
        put(root, "same", "1");
        git(root, &["add", "."]);
        git(root, &["commit", "-qm", "one"]);
        git(root, &["checkout", "-qb", "two"]);
        for number in 0..10_000 {
            match number % 10 {
                0 => std::fs::remove_file(root.join(format!("d{}/f{number}", number % 100))).unwrap(),
                1 => put(root, &format!("new{}/f{number}", number % 50), "two"),
                _ => put(root, &format!("d{}/f{number}", number % 100), "two!"),
            }
        }
        git(root, &["add", "."]);
        git(root, &["commit", "-qm", "two"]);
    });
    git(place.directory.path(), &["checkout", "-q", "one"]);
    let batch = place.all();
    assert!(batch.checkout && batch.index);
    let count = |kind: fn(&Kind) -> bool| batch.moments.iter().filter(|moment| kind(&moment.kind)).count();
    assert_eq!(count(|kind| *kind == Kind::Created), 1_000);
    assert_eq!(count(|kind| *kind == Kind::Deleted), 1_000);
    assert_eq!(count(|kind| *kind == Kind::Saved), 8_000);
    // A few when nothing else runs; many fewer than files in any case.
    assert!(batch.merged <= 200, "it comes in few batches: {}", batch.merged);
    git(place.directory.path(), &["checkout", "-q", "two"]);
    assert_eq!(place.all().moments.len(), 10_000);
}

#[test]
fn a_storm_is_told_whole() {
    let settings = Settings { batches_max: 2, ..Settings::default() };
    let place = Place::with(|_| {}, Interest::everything(), settings);
    let root = place.directory.path();
    for directory in 0..50 {
        std::fs::create_dir(root.join(format!("d{directory}"))).unwrap();
    }
    for number in 0..50_000 {
        std::fs::write(root.join(format!("d{}/f{number}", number % 50)), "1").unwrap();
    }
    let batch = place.all();
    assert_eq!(batch.moments.len(), 50_000);
    assert!(batch.moments.iter().all(|moment| moment.kind == Kind::Created));
    assert_eq!(place.watcher.standing().files, 50_000);
}

#[test]
fn without_watches_files_are_looked_at_and_it_is_said() {
    let settings = Settings { watches_max: 2, poll_ms: 100, ..Settings::default() };
    let before = |root: &Path| {
        for number in 0..6 {
            put(root, &format!("d{number}/a"), "1");
        }
    };
    let place = Place::with(before, Interest::everything(), settings);
    assert_eq!(place.watcher.standing().polled, 5);
    for number in 0..6 {
        put(place.directory.path(), &format!("d{number}/a"), "22");
    }
    put(place.directory.path(), "d3/new/b", "1");
    let batch = place.all();
    assert_eq!(text(&batch), "*d0/a *d1/a *d2/a *d3/a +d3/new/b *d4/a *d5/a");
    assert!(matches!(batch.notes.as_slice(), [Note::WatchesUsedUp { .. }]), "{:?}", batch.notes);
}

#[test]
fn a_root_that_is_gone_is_said_and_found_again() {
    let settings = Settings { poll_ms: 100, ..Settings::default() };
    let place = Place::with(|root| put(root, "w/d/a", "1"), Interest::everything(), Settings::default());
    let watcher = Watcher::start(&place.at("w"), Interest::everything(), settings).unwrap();
    let place = Place { directory: place.directory, watcher };
    std::fs::remove_dir_all(place.at("w")).unwrap();
    let batch = place.all();
    assert_eq!(text(&batch), "-d/a");
    assert_eq!(batch.notes, [Note::RootGone]);
    put(place.directory.path(), "w/d/b", "1");
    let batch = place.all();
    assert_eq!(text(&batch), "+d/b");
    assert_eq!(batch.notes, [Note::RootBack]);
    put(place.directory.path(), "w/d/b", "22");
    place.check("*d/b");
}

#[test]
fn a_root_whose_parent_moved_is_said_at_the_next_change() {
    let directory = tempfile::tempdir().unwrap();
    put(directory.path(), "p/w/a", "1");
    put(directory.path(), "p/w/b", "1");
    let settings = Settings { poll_ms: 100, ..Settings::default() };
    let watcher = Watcher::start(&directory.path().join("p/w"), Interest::everything(), settings).unwrap();
    let place = Place { directory, watcher };
    std::fs::rename(place.at("p"), place.at("q")).unwrap();
    put(place.directory.path(), "q/w/a", "22");
    let batch = place.all();
    assert_eq!((text(&batch).as_str(), batch.notes), ("-a -b", vec![Note::RootGone]));
    std::fs::rename(place.at("q"), place.at("p")).unwrap();
    place.check("+a +b");
    put(place.directory.path(), "p/w/a", "333");
    place.check("*a");
}

#[test]
fn links_pipes_and_strange_names_are_contained() {
    let outside = tempfile::tempdir().unwrap();
    put(outside.path(), "secret", "1");
    let place = Place::new(|root| put(root, "a", "1"));
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        std::os::unix::fs::symlink(outside.path(), place.at("link")).unwrap();
        let name = std::ffi::OsStr::from_bytes(b"\xff\xfe");
        std::fs::write(place.directory.path().join(name), "1").unwrap();
        assert!(Command::new("mkfifo").arg(place.at("pipe")).status().unwrap().success());
        assert!(Command::new("mkfifo").arg(place.at(".gitignore")).status().unwrap().success());
        let batch = place.all();
        assert_eq!(text(&batch), "+link");
        assert!(matches!(batch.notes.as_slice(), [Note::NotUnicode { .. }]), "{:?}", batch.notes);
        put(outside.path(), "secret", "22");
        place.check("");
    }
    put(place.directory.path(), "a", "22");
    place.check("*a");
}

#[test]
fn an_announced_change_has_its_cause() {
    let place = Place::new(|root| put(root, "d/a", "1"));
    let told = |path: &str, digest| Expected { path: path.to_owned(), cause: "h1".to_owned(), digest };
    place.watcher.expect(told("d/a", None), Duration::from_secs(5));
    put(place.directory.path(), "d/a", "22");
    put(place.directory.path(), "d/b", "22");
    place.check("*d/a@h1 +d/b");
    place.watcher.finished("h1");
    std::thread::sleep(Duration::from_millis(150));
    put(place.directory.path(), "d/a", "333");
    place.check("*d/a");
    // Somebody writes something else in the time of the announcement.
    place.watcher.expect(told("d/a", Some(digest(b"mine"))), Duration::from_secs(5));
    put(place.directory.path(), "d/a", "theirs");
    place.check("*d/a");
    put(place.directory.path(), "d/a", "mine");
    place.check("*d/a@h1");
}

#[test]
fn a_batch_comes_soon_after_a_save() {
    let place = Place::new(|root| put(root, "a", "1"));
    let mut times = Vec::new();
    for number in 0..30 {
        std::thread::sleep(Duration::from_millis(20));
        let began = Instant::now();
        put(place.directory.path(), "a", &"1".repeat(number));
        assert!(matches!(place.watcher.next(Duration::from_secs(5)), Next::Batch(_)));
        times.push(began.elapsed());
    }
    times.sort();
    // Generous, as other work may go on; the example `watching` measures.
    assert!(times[15] < Duration::from_millis(100), "{times:?}");
}

#[test]
fn what_cannot_be_watched_is_an_error_with_its_path() {
    let place = tempfile::tempdir().unwrap();
    put(place.path(), "file", "1");
    for path in ["file", "nothing"] {
        let error = Watcher::start(&place.path().join(path), Interest::everything(), Settings::default())
            .unwrap_err();
        assert!(error.to_string().contains(path), "{error}");
    }
}

#[test]
fn a_log_that_stays_open_is_told_from_time_to_time() {
    use std::io::Write as _;
    let settings = Settings { pace: Pace { open_max_ms: 200, ..Pace::default() }, ..Settings::default() };
    let place = Place::with(|root| put(root, "log.txt", "1"), Interest::everything(), settings);
    let mut log = std::fs::OpenOptions::new().append(true).open(place.at("log.txt")).unwrap();
    log.write_all(b"more").unwrap();
    log.flush().unwrap();
    place.check("*log.txt");
    assert_eq!(None, Some(Rescanned::Overflow).filter(|_| place.all().rescanned.is_some()));
}
