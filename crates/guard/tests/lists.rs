//! Lists of the person and lists of the repository together: the repository takes nothing back that the person closed.
#![expect(clippy::disallowed_methods, reason = "tests make files")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use guard::{Ground, Lists};
use policy::{Mode, Place, Policy};

/// With these lists, of the person and of the repository in folders, which of these files are closed for reading.
#[track_caller]
fn check(home: &str, person: &str, lists: &[(&str, &str)], files: &[&str], closed: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().canonicalize().unwrap();
    let put = |path: &Path, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let (root, home) = (real.join("m-work"), real.join(home));
    put(&home.join(".kiro/settings/kiroignore"), person);
    lists.iter().for_each(|(at, text)| put(&root.join(at).join(".kiroignore"), text));
    files.iter().for_each(|path| put(&root.join(path), "x"));
    let ground = Ground {
        root: root.clone(),
        home: home.clone(),
        config: home.join("config"),
        state: home.join("state"),
        managed: Vec::new(),
        temporary: real.join("tmp"),
        variables: BTreeMap::new(),
    };
    let mut read = Lists::new(&ground);
    let everything = policy::Request {
        capability: policy::Capability::FsRead,
        target: policy::Target::Path(Place::new(&root, &root)),
        origin: policy::Origin::Agent,
    };
    let _changed = read.refresh(&[everything]);
    let mut policy = Policy::new(Mode::Autopilot, &[]).in_workspace(&root);
    assert!(policy.set_lists(&read.files()).is_empty());
    let is_closed = |path: &&&str| policy.closes(&Place::new(&root, &root.join(path)), false).0;
    let found: Vec<&str> = files.iter().filter(is_closed).copied().collect();
    assert_eq!(found, closed, "the home is {}", home.display());
}

#[test]
fn a_repository_opens_nothing_that_the_person_closed() {
    // The home lies before and behind the workspace in the order of names.
    for home in ["a-home", "z-home"] {
        let files = ["a.pem", "sub/b.pem", "sub/deep/c.pem", "sub/d.txt"];
        check(home, "*.pem\n", &[], &files, &["a.pem", "sub/b.pem", "sub/deep/c.pem"]);
        check(home, "*.pem\n", &[("", "!*.pem\n")], &files, &["a.pem", "sub/b.pem", "sub/deep/c.pem"]);
        let lists = [("", "!*.pem\n"), ("sub", "!*\n!b.pem\n"), ("sub/deep", "!c.pem\n")];
        check(home, "*.pem\n", &lists, &files, &["a.pem", "sub/b.pem", "sub/deep/c.pem"]);
        check(
            home,
            "/sub/\n",
            &[("", "!/sub/\n!sub\n")],
            &files,
            &["sub/b.pem", "sub/deep/c.pem", "sub/d.txt"],
        );
        // Within its own lists the repository may make exceptions, and the person within theirs.
        check(home, "", &[("", "*.pem\n"), ("sub", "!b.pem\n")], &files, &["a.pem", "sub/deep/c.pem"]);
        check(home, "*.pem\n!a.pem\n", &[], &files, &["sub/b.pem", "sub/deep/c.pem"]);
    }
}
