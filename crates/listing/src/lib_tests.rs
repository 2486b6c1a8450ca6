//! What is listed in folders with lists of all kinds. A walk that waits for a pipe never ends, and so does its test.

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use super::*;

/// A folder with these files: a path and its text; one that ends in `|` is a pipe.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let at = folder.path().join(path.trim_end_matches('|'));
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        if path.ends_with('|') {
            mknodat(CWD, &at, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        } else {
            std::fs::write(&at, text).unwrap();
        }
    }
    folder
}

/// The files that a walk from `from` gives, one by one and in parallel alike.
fn check(files: &[(&str, &str)], from: &str, expected: &[&str]) {
    let folder = folder(files);
    let root = folder.path().join(from);
    let walk = walk(&root, &[".kiroignore"], |entry| entry.file_name() != ".git");
    let name = |entry: &DirEntry| entry.path().strip_prefix(&root).unwrap().to_str().unwrap().to_string();
    let is_file = |entry: &DirEntry| entry.file_type().is_some_and(|kind| kind.is_file());
    let mut found: Vec<String> = walk.build().flatten().filter(is_file).map(|entry| name(&entry)).collect();
    found.sort();
    assert_eq!(found, expected);
    let together = std::sync::Mutex::new(Vec::new());
    walk.build_parallel().run(|| {
        Box::new(|entry| {
            together.lock().unwrap().extend(entry.ok().filter(is_file).map(|entry| name(&entry)));
            WalkState::Continue
        })
    });
    let mut together = together.into_inner().unwrap();
    together.sort();
    assert_eq!(together, expected);
}

#[test]
fn what_is_ignored_is_left_out() {
    let files = [
        (".gitignore", "a\n"),
        (".ignore", "b\n"),
        (".kiroignore", "c\n"),
        (".git/info/exclude", "d\n"),
        ("a", ""),
        ("b", ""),
        ("c", ""),
        ("d", ""),
        ("e", ""),
        ("sub/.gitignore", "f\n"),
        ("sub/f", ""),
        ("sub/g", ""),
        ("sub/a", ""),
    ];
    check(&files, "", &[".gitignore", ".ignore", ".kiroignore", "e", "sub/.gitignore", "sub/g"]);
    // Lists above count, too.
    check(&files, "sub", &[".gitignore", "g"]);
}

#[test]
fn a_folder_whose_list_is_a_pipe_is_not_entered() {
    for list in ["sub/.gitignore|", "sub/.ignore|", "sub/.kiroignore|", "sub/.git/info/exclude|", "sub/.git|"]
    {
        check(&[("a", ""), ("sub/b", ""), (list, ""), ("z/c", "")], "", &["a", "z/c"]);
    }
}

#[test]
fn a_pipe_in_the_root_or_above_turns_its_lists_off() {
    check(&[(".gitignore|", ""), (".ignore", "a\n"), ("a", ""), ("b", "")], "", &[".ignore", "b"]);
    check(&[(".ignore|", ""), (".gitignore", "a\n"), ("a", ""), ("b", "")], "", &[".gitignore", "b"]);
    check(&[(".kiroignore|", ""), (".gitignore", "a\n"), ("a", ""), ("b", "")], "", &[".gitignore", "b"]);
    check(
        &[(".git/info/exclude|", ""), (".gitignore", "a\n"), ("a", ""), ("b", "")],
        "",
        &[".gitignore", "b"],
    );
    check(
        &[(".gitignore|", ""), ("sub/.ignore", "a\n"), ("sub/a", ""), ("sub/b", "")],
        "sub",
        &[".ignore", "b"],
    );
    check(&[(".kiroignore|", ""), ("sub/a", "")], "sub", &["a"]);
}

#[test]
fn a_repository_that_lies_elsewhere_is_asked_as_carefully() {
    let folder = folder(&[("common/info/exclude", "a\n"), ("own/commondir", "../common\n"), ("work/a", "")]);
    let root = folder.path().join("work");
    let link = format!("gitdir: {}\n", folder.path().join("own").display());
    std::fs::write(root.join(".git"), link).unwrap();
    assert!(can_heed(&root, &[]));
    let listed = |name| walk(&root, &[], |_| true).build().flatten().any(|entry| entry.file_name() == name);
    assert!(!listed("a") && listed(".git"));
    for way in ["common/info/exclude", "own/commondir"] {
        let at = folder.path().join(way);
        let text = std::fs::read(&at).unwrap();
        std::fs::remove_file(&at).unwrap();
        mknodat(CWD, &at, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        assert!(!can_heed(&root, &[]));
        assert!(listed("a"));
        std::fs::remove_file(&at).unwrap();
        std::fs::write(&at, text).unwrap();
    }
}

#[test]
fn a_list_is_heeded_up_to_its_bound() {
    let most = usize::try_from(LIST_BYTES_MAX).unwrap();
    let long = format!("x\n{}", "# more\n".repeat(most / 7 - 1));
    check(&[("sub/.gitignore", &long), ("sub/x", ""), ("sub/y", "")], "", &["sub/.gitignore", "sub/y"]);
    let longer = format!("{long}{}", "x".repeat(20));
    check(&[("sub/.gitignore", &longer), ("sub/y", ""), ("z", "")], "", &["z"]);
}

#[test]
fn a_list_made_to_be_costly_comes_to_an_end() {
    let costly = "*a*b*c*d?\n".repeat(usize::try_from(LIST_BYTES_MAX).unwrap() / 10);
    // The library gives up on what comes to too large an automaton; then the list counts for nothing.
    check(&[("sub/.gitignore", costly.as_str()), ("sub/y", "")], "", &["sub/.gitignore", "sub/y"]);
}
