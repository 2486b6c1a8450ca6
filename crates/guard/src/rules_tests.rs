//! Files of rules of all scopes as they lie on disk, and what is said of broken ones.

use policy::{Capability, Effect, Mode, Origin, Place, Request, Taint, Target};

use super::*;

struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn new() -> Disk {
        let disk = Disk { folder: tempfile::tempdir().unwrap() };
        ["w", "h/.kiro/settings", "c", "s"]
            .iter()
            .for_each(|name| std::fs::create_dir_all(disk.at(name)).unwrap());
        disk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn put(self, name: &str, bytes: impl AsRef<[u8]>) -> Disk {
        std::fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        std::fs::write(self.at(name), bytes).unwrap();
        self
    }

    fn ground(&self) -> Ground {
        Ground {
            root: self.at("w"),
            home: self.at("h"),
            config: self.at("c"),
            state: self.at("s"),
            managed: vec![self.at("managed.json")],
            temporary: self.at("t"),
            variables: Default::default(),
        }
    }

    /// What is decided about `capability:target`, with the reason up to the folder of the test.
    #[track_caller]
    fn check(&self, call: &str, expected: Effect, why: &str) {
        let read = rules(&self.ground(), Mode::Supervised, &[], Vec::new()).unwrap();
        let (capability, target) = call.split_once(':').unwrap();
        let capability = Capability::named(capability)[0];
        let target = match capability {
            Capability::Shell => Target::Command(target.to_string()),
            Capability::FsRead | Capability::FsWrite => {
                Target::Path(Place::new(&self.at("w"), &self.at("w").join(target)))
            }
            _ => Target::Name(target.to_string()),
        };
        let request = Request { capability, target, origin: Origin::Agent };
        let verdict = read.policy.judge(&request, &Taint::none());
        assert!(
            verdict.effect == expected && verdict.reason().contains(why),
            "{verdict:?}: {}",
            verdict.reason()
        );
    }

    #[track_caller]
    fn problem(&self, expected: &str) {
        let read = rules(&self.ground(), Mode::Supervised, &[], Vec::new()).unwrap();
        let said: Vec<String> =
            read.problems.iter().map(|it| format!("{}:{} {}", it.file, it.line, it.what)).collect();
        assert!(said.iter().any(|line| line.contains(expected)), "{said:?}");
    }
}

const USER: &str = "h/.kiro/settings/permissions.yaml";

#[test]
fn each_scope_has_its_file() {
    let user = Disk::new().put(USER, "rules:\n- {capability: shell, effect: allow, match: ['make *']}\n");
    user.check("shell:make all", Effect::Allow, "permissions.yaml:2");
    user.check("shell:ninja", Effect::Ask, "");
    let json = "{\"rules\":[{\"capability\":\"shell\",\"effect\":\"allow\",\"match\":[\"ninja\"]}]}";
    let both = user.put("h/.kiro/settings/permissions.json", json);
    both.check("shell:ninja", Effect::Ask, "");
    Disk::new().put("h/.kiro/settings/permissions.json", json).check(
        "shell:ninja",
        Effect::Allow,
        "permissions.json",
    );
}

#[test]
fn nobody_below_loosens_the_organisation() {
    let managed = r#"{"signin_method": "idc", "permissions": {"rules": [{"capability": "shell", "effect": "deny", "match": ["curl *"]}, {"capability": "shell", "effect": "allow", "match": ["sudo *"]}]}}"#;
    let disk =
        Disk::new().put("managed.json", managed).put(USER, "rules:\n- {capability: all, effect: allow}\n");
    disk.check("shell:curl x.example", Effect::Deny, "managed.json");
    disk.problem("managed.json");
    Disk::new().put("managed.json", managed).check("shell:sudo make", Effect::Ask, "");
    let broken =
        Disk::new().put("managed.json", "{").put(USER, "rules:\n- {capability: all, effect: allow}\n");
    broken.check("shell:ls", Effect::Ask, "managed.json:0 is void");
}

#[test]
fn what_cannot_be_understood_closes_and_says_the_line() {
    let allow = "rules:\n- {capability: all, effect: allow}\n";
    Disk::new().put(USER, allow).check("shell:make", Effect::Allow, "");
    let unknown =
        Disk::new().put(USER, format!("{allow}- {{capability: shell, effect: deny, matches: ['x']}}\n"));
    unknown.check("fs_read:a", Effect::Ask, "permissions.yaml:3 is void");
    unknown.problem("permissions.yaml:3");
    Disk::new().put(USER, "rules: [").check("shell:ls", Effect::Ask, "is void");
    Disk::new().put(USER, b"rules:\xff\xfe\n").check("shell:ls", Effect::Ask, "is void");
    Disk::new().put(USER, vec![b' '; 1024 * 1024 + 1]).check("shell:ls", Effect::Ask, "larger than");
    let folder = Disk::new().put("h/.kiro/settings/permissions.yaml/x", "");
    folder.check("shell:ls", Effect::Ask, "it is no file");
    let nowhere = Disk::new();
    std::os::unix::fs::symlink("/nowhere/at/all", nowhere.at(USER)).unwrap();
    nowhere.check("shell:ls", Effect::Ask, "cannot be read");
    // As in Kiro, a capability that nobody knows leaves out its rule alone; it is said.
    let skipped = Disk::new().put(USER, format!("{allow}- {{capability: telepathy, effect: deny}}\n"));
    skipped.check("shell:make", Effect::Allow, "");
    skipped.problem("telepathy");
}

#[test]
fn rules_in_the_repository_are_none() {
    let disk =
        Disk::new().put("w/.kiro/settings/permissions.yaml", "rules:\n- {capability: all, effect: allow}\n");
    disk.check("shell:make", Effect::Ask, "");
}
