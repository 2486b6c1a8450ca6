//! Tests of where the words of a line lead: wildcards, links, folders, and variables.
#![expect(clippy::disallowed_methods, reason = "a test makes files")]

use std::os::unix::ffi::OsStrExt as _;

use super::super::looked::check;
use super::super::places::Place;
use super::super::{lines, scripts};

fn workspace(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "").unwrap();
    }
    folder
}

#[test]
fn a_file_named_like_a_wildcard_frees_no_other() {
    let folder = workspace(&["checks/*.sh", "checks/a.sh", "checks/b.sh"]);
    let root = folder.path().canonicalize().unwrap();
    let all = ["checks/*.sh", "checks/a.sh", "checks/b.sh"];
    check(&root, "for f in checks/*.sh; do sh \"$f\"; done", &all, false);
    check(&root, "run-parts checks", &all, false);
    check(&root, "sh 'checks/*.sh'", &all, false);
    (0..300).for_each(|at| std::fs::write(root.join(format!("checks/x{at}.sh")), "").unwrap());
    let scripts = scripts(&root, lines::look(Place::new(&root, &root), "sh checks/*.sh").files, false);
    assert!(scripts.iter().any(|script| script.digest().is_none()), "{scripts:?}");
}

#[test]
fn a_match_whose_name_is_no_text_is_never_trusted() {
    // The second is how the first is shown.
    let folder = workspace(&["checks/a.sh", "checks/\u{fffd}.sh"]);
    let root = folder.path().canonicalize().unwrap();
    let scripts = || {
        scripts(
            &root,
            lines::look(Place::new(&root, &root), "for f in checks/*.sh; do sh \"$f\"; done").files,
            false,
        )
    };
    let before = scripts();
    assert!(before.len() == 2 && before.iter().all(|script| script.digest().is_some()), "{before:?}");
    let odd = std::ffi::OsStr::from_bytes(b"checks/\xff.sh");
    // A file system may refuse such names: then nobody can make one.
    if std::fs::write(root.join(odd), "").is_err() {
        return;
    }
    let after = scripts();
    assert!(after.len() == 3 && after.iter().any(|script| script.digest().is_none()), "{after:?}");
}

#[test]
fn two_dots_behind_a_link_lead_where_the_system_goes() {
    let folder = workspace(&["x.sh", "tools/x.sh", "tools/bin/y.sh", "e/z"]);
    let root = folder.path().canonicalize().unwrap();
    std::os::unix::fs::symlink("tools/bin", root.join("d")).unwrap();
    // What stands behind the first dot may be a name as well.
    check(&root, "sh d/../x.sh", &["tools/x.sh", "x.sh"], false);
    check(&root, "sh d/../x.s*", &["tools/x.sh"], false);
    check(&root, "sh e/../x.sh", &["x.sh"], false);
    check(&root, "env -C d sh ../x.sh; PATH=d/..:$PATH x.sh", &["tools/x.sh", "x.sh"], false);
    check(&root, "cd d && sh ../x.sh", &["tools/x.sh"], false);
    check(&root, "cd d/.. && sh x.sh", &["tools/x.sh", "x.sh"], false);
    std::fs::remove_file(root.join("d")).unwrap();
    std::os::unix::fs::symlink("e", root.join("d")).unwrap();
    check(&root, "sh d/../x.sh", &["x.sh"], false);
}

#[test]
fn names_of_the_folder_are_taken_as_the_shell_takes_them() {
    let folder = workspace(&["x.sh", "tools/x.sh", "$PWD/x.sh"]);
    let root = folder.path().canonicalize().unwrap();
    check(&root, "sh $PWD/x.sh; sh \"$(pwd)/x.sh\"; sh ~+/x.sh", &["x.sh"], false);
    check(&root, "PWDX=tools; sh $PWDX/x.sh", &["tools/x.sh"], false);
    check(&root, "PWD=tools; sh $PWD/x.sh", &["tools/x.sh"], true);
    check(&root, "sh '$PWD/x.sh'", &["$PWD/x.sh", "x.sh"], false);
    check(&root, "sh -c 'sh $PWD/x.sh'", &["x.sh"], false);
    check(&root, "cd tools && sh $PWD/x.sh", &["tools/x.sh"], false);
    check(&root, "awk 'BEGIN{system(\"sh $PWD/x.sh\")}'", &["x.sh"], false);
}

#[test]
fn where_the_folder_is_not_known_all_are_tried() {
    let folder = workspace(&["a/x.sh", "b/x.sh", "c/a/x.sh", "y.sh", "tools/lint"]);
    let root = folder.path().canonicalize().unwrap();
    let both = ["a/x.sh", "b/x.sh"];
    check(&root, "for d in a b; do (cd $d && sh x.sh); done", &both, false);
    check(&root, "for d in [ab]; do (cd $d && sh x.sh); done", &both, false);
    check(&root, "f() { sh x.sh; }; cd a; f", &["a/x.sh"], false);
    check(&root, "trap 'sh x.sh' EXIT; cd a", &["a/x.sh"], false);
    check(&root, "alias f='sh x.sh'; cd a; f", &["a/x.sh"], false);
    check(&root, "while p; do sh x.sh; cd a; done", &["a/x.sh"], false);
    check(&root, "while p; do ./x.sh; cd c; cd a; done", &["a/x.sh", "c/a/x.sh"], false);
    check(&root, "eval 'cd a'; sh x.sh", &["a/x.sh"], false);
    // In none of them, or perhaps elsewhere.
    check(&root, "for d in a b; do (cd $d && sh z.sh); done", &[], true);
    check(&root, "f() { ./z.sh; }; cd a; f", &[], true);
    check(&root, "cd \"$X\" && sh y.sh", &["y.sh"], true);
    // What is found where it must be is not told, and neither is what lies elsewhere.
    check(&root, "cd a && sh x.sh; cd ..; sh /opt/z.sh", &["a/x.sh"], false);
    check(&root, "f() { python3 -c 'print(1)'; sh y.sh; }; f", &["y.sh"], false);
    check(&root, "PATH+=:tools; lint", &["tools/lint"], false);
    check(&root, "export PATH+=\":$PWD/tools\"; lint", &["tools/lint"], false);
}

#[test]
fn a_line_that_names_too_much_is_never_trusted() {
    let folder = workspace(&["x.sh"]);
    let root = folder.path().canonicalize().unwrap();
    let look = |most: usize| {
        let place = Place::new(&root, &root);
        place.lookups.set(most);
        lines::look(place, "true a b c d e f; sh x.sh")
    };
    let all = look(1_000);
    assert!(!all.is_beyond && all.computed.is_empty() && all.files.len() == 1);
    let some = look(10);
    assert!(some.is_beyond && !some.computed.is_empty());
    let last = scripts(&root, some.files, some.is_beyond).pop();
    assert!(last.is_some_and(|script| script.digest().is_none()));
}
