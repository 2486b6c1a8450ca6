//! Lists on disk: found where they lie, read again when they change, closing when they cannot be read.

use policy::{Effect, Gate, Mode, Origin, Place, Policy, Taint};

use super::*;

struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new(files: &[(&str, &str)]) -> Disk {
        let disk = Disk { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(disk.root()).unwrap();
        files.iter().for_each(|(name, text)| disk.put(name, text));
        disk
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("w")
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn lists(&self) -> Lists {
        let home = self.folder.path().canonicalize().unwrap().join("h");
        Lists::new(&Ground {
            root: self.root(),
            config: home.join("c"),
            state: home.join("s"),
            home,
            managed: Vec::new(),
            temporary: PathBuf::from("/tmp"),
            variables: Default::default(),
        })
    }

    fn request(&self, capability: Capability, target: &str) -> Request {
        let target = match capability {
            Capability::Shell => Target::Command(target.to_string()),
            _ => Target::Path(Place::new(&self.root(), &self.root().join(target))),
        };
        Request { capability, target, origin: Origin::Agent }
    }

    #[track_caller]
    fn check(&self, lists: &mut Lists, capability: Capability, target: &str, expected: Effect) {
        let request = self.request(capability, target);
        lists.refresh(std::slice::from_ref(&request));
        let mut gate = Gate::new(Policy::new(Mode::Autopilot, &[]).in_workspace(&self.root()));
        gate.set_lists(&lists.files());
        let verdict = gate.policy().judge(&request, &Taint::none());
        assert_eq!(verdict.effect, expected, "{target}: {}", verdict.reason());
    }
}

use Capability::{FsRead, FsWrite, Shell};

#[test]
fn invisible_and_never_written() {
    let disk = Disk::new(&[(".kiroignore", "*.key\n"), (".kiro/settings/ignore", "vendor/\n")]);
    let lists = &mut disk.lists();
    disk.check(lists, FsRead, "a.key", Effect::Deny);
    disk.check(lists, FsWrite, "a.key", Effect::Deny);
    disk.check(lists, FsRead, "vendor/a.rs", Effect::Allow);
    disk.check(lists, FsWrite, "vendor/a.rs", Effect::Deny);
    disk.check(lists, Shell, "cat a.key", Effect::Deny);
    disk.check(lists, Shell, "echo > vendor/a.rs", Effect::Deny);
    disk.check(lists, FsWrite, "src/a.rs", Effect::Allow);
}

#[test]
fn deeper_lists_count_when_a_call_comes_near() {
    let disk = Disk::new(&[("a/b/.kiroignore", "secret\n"), ("packages/x/.kiro/settings/ignore", "gen/\n")]);
    let lists = &mut disk.lists();
    assert!(lists.files().is_empty());
    disk.check(lists, FsRead, "a/b/secret", Effect::Deny);
    disk.check(lists, FsWrite, "packages/x/gen/a", Effect::Deny);
    disk.check(lists, FsRead, "packages/x/gen/a", Effect::Allow);
    // A command may come near any of them.
    disk.check(&mut disk.lists(), Shell, "cat a/b/secret", Effect::Deny);
}

#[test]
fn an_edit_holds_at_once() {
    let disk = Disk::new(&[]);
    let lists = &mut disk.lists();
    disk.check(lists, FsRead, "notes", Effect::Allow);
    disk.put(".kiroignore", "notes\n");
    disk.check(lists, FsRead, "notes", Effect::Deny);
    std::fs::remove_file(disk.root().join(".kiroignore")).unwrap();
    disk.check(lists, FsRead, "notes", Effect::Allow);
    disk.check(lists, Shell, "cat notes", Effect::Allow);
    disk.put("deep/down/.kiroignore", "x\n");
    lists.outdated();
    disk.check(lists, Shell, "cat deep/down/x", Effect::Deny);
}

#[test]
fn a_list_that_cannot_be_read_closes() {
    let disk = Disk::new(&[]);
    std::fs::write(disk.root().join(".kiroignore"), b"a\xff\n").unwrap();
    disk.check(&mut disk.lists(), FsRead, "b", Effect::Ask);
    std::fs::remove_file(disk.root().join(".kiroignore")).unwrap();
    std::fs::create_dir(disk.root().join(".kiroignore")).unwrap();
    disk.check(&mut disk.lists(), FsRead, "b", Effect::Ask);
    std::fs::remove_dir(disk.root().join(".kiroignore")).unwrap();
    std::os::unix::fs::symlink("/nowhere", disk.root().join(".kiroignore")).unwrap();
    disk.check(&mut disk.lists(), FsRead, "b", Effect::Ask);
}
