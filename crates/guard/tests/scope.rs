//! What a grant leaves writable, held by the sandbox: commands that a person said yes to and that write beside it all the
//! same. How a grant is compiled into paths is `guard::scope`'s.
#![expect(clippy::disallowed_methods, reason = "tests look at the disk and at the environment")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]
#![expect(clippy::print_stdout, reason = "what is skipped is said")]

use std::path::{Path, PathBuf};

use guard::{Ground, Hold, Settings};
use policy::{
    Admission, Answer, Ask, Capability, Decided, Effect, Gate, Grant, Mode, Origin, Policy, Record,
    RecordError, Request, Rule, Source, Target,
};
use sandbox::{Capabilities, Command, Confine as _};

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

/// Every way in which this machine can hold a command: with all layers, by Landlock alone, by mounts without Landlock.
fn layers() -> Vec<(&'static str, Capabilities)> {
    let can = sandbox::capabilities();
    let mut all = Vec::new();
    if can.landlock.is_some() && can.namespaces.is_some() {
        all.push(("all", can));
    }
    if can.landlock.is_some() {
        all.push(("Landlock", Capabilities { namespaces: None, ..can }));
    }
    if can.namespaces.is_some() {
        all.push(("mounts", Capabilities { landlock: None, ..can }));
    }
    if all.len() < 3 {
        println!("only {} of 3 kinds of layers are tried: {can}", all.len());
    }
    all
}

struct Desk {
    _folder: tempfile::TempDir,
    root: PathBuf,
    hold: Hold,
    policy: Policy,
}

impl Desk {
    fn new(can: Capabilities, grant: impl FnOnce() -> Grant) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let root = base.join("w");
        for name in ["w/src/deep", "w/lib", "w/docs", "w/.git/hooks", "h", "t"] {
            std::fs::create_dir_all(base.join(name)).unwrap();
        }
        for name in ["src/a.txt", "lib/a.txt", "docs/a.md", "docs/a.txt", "README.md"] {
            std::fs::write(root.join(name), "old\n").unwrap();
        }
        std::os::unix::fs::symlink("../lib", root.join("src/way")).unwrap();
        let ground = Ground {
            root: root.clone(),
            home: base.join("h"),
            config: base.join("c"),
            state: base.join("s"),
            managed: Vec::new(),
            temporary: base.join("t"),
            variables: Default::default(),
        };
        let environment = vec![("PATH".to_string(), "/usr/local/bin:/usr/bin:/bin".to_string())];
        let token = Box::new(|| "t0ken".to_string());
        let hold = Hold::new(&ground, Settings::default(), environment, token).unwrap().on(can);
        let policy = Policy::new(Mode::Autopilot, &ground.own_paths())
            .in_workspace(&ground.root)
            .with_scratch(hold.temporary());
        Desk { _folder: folder, root, hold, policy: policy.narrowed_to(grant()) }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.root.join(name)).unwrap_or_default()
    }

    /// Runs a line that a person said yes to.
    fn run(&self, line: &str) -> String {
        let target = Target::Command(line.to_string());
        let requests = vec![Request { capability: Capability::Shell, target, origin: Origin::Agent }];
        let yes = Answer { yes: true, always: false, by: "test".to_string() };
        let ask = Ask { call: "c".to_string(), requests, answer: Some(yes) };
        let mut gate = Gate::new(self.policy.clone());
        let admission = gate.admit(&mut Nowhere, vec![ask]).unwrap().pop();
        let Some(Admission::Permitted(permit)) = admission else { return format!("{admission:?}") };
        let confined = self.hold.confine(&permit).unwrap();
        let command = confined.hold(Command::shell(line, &self.root, Vec::new()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let finished = runtime.block_on(sandbox::run(&command, &|_| {})).unwrap();
        let told = confined.wishes.tell(&finished.output.head, finished.exit != Some(0));
        format!("{}{told}", finished.output.head)
    }

    /// Runs a script, in which the gate sees nothing of this.
    fn script(&self, program: &str, text: &str) -> String {
        std::fs::write(self.root.join("script"), text).unwrap();
        self.run(&format!("{program} script"))
    }
}

fn scope(globs: &[&str]) -> Grant {
    let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_string()).collect();
    Grant::write_scope("the spec", &globs).unwrap()
}

fn on_all_layers(grant: impl Fn() -> Grant, check: impl Fn(&str, &Desk)) {
    for (name, can) in layers() {
        check(name, &Desk::new(can, &grant));
    }
}

/// Everything in the workspace but what was meant is as it was.
#[track_caller]
fn untouched(layers: &str, desk: &Desk, said: &str) {
    for name in ["lib/a.txt", "docs/a.txt", "README.md"] {
        assert_eq!(desk.read(name), "old\n", "{layers}: {name}: {said}");
    }
    let mut names: Vec<String> = Vec::new();
    for folder in ["", "lib", "docs"] {
        let entries = std::fs::read_dir(desk.root.join(folder)).unwrap();
        names.extend(entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()));
    }
    names.sort();
    let expected =
        [".git", "README.md", "a.md", "a.txt", "a.txt", "docs", "lib", "script", "src"].map(str::to_string);
    assert_eq!(names, expected, "{layers}: {said}");
}

#[test]
fn a_script_writes_in_its_scope_and_nowhere_else() {
    on_all_layers(
        || scope(&["src/**"]),
        |layers, desk| {
            let said = desk.script(
                "sh",
                "for f in lib/a.txt docs/a.txt README.md src/way/a.txt lib/new new; do echo x > $f; done\n\
                 mv lib/a.txt src/gone; mv lib src/lib; ln lib/a.txt src/again && echo x > src/again\n\
                 rm -rf docs; mkdir made; chmod 600 README.md && echo x >> README.md; touch lib/b\n\
                 echo new > src/a.txt; echo new > src/deep/b.txt; rm -f src/none; mkdir src/made\n\
                 echo t > $TMPDIR/t && cat $TMPDIR/t; exit 1\n",
            );
            untouched(layers, desk, &said);
            let made = [desk.read("src/a.txt"), desk.read("src/deep/b.txt")];
            assert_eq!(made, ["new\n", "new\n"], "{layers}: {said}");
            assert!(desk.root.join("src/made").is_dir() && said.contains("\nt\n"), "{layers}: {said}");
            assert!(said.contains("can be written only where the spec"), "{layers}: {said}");
            let said = desk.script(
                "python3",
                "import os\n\
                 for f in ['lib/a.txt', 'new', 'docs/a.md', 'src/p']:\n\
                 \ttry:\n\t\topen(f, 'w').write('x')\n\texcept OSError as e: print(f, e.errno)\n\
                 for g in [lambda: os.rename('lib/a.txt', 'src/g'), lambda: os.unlink('README.md'),\n\
                 \tlambda: os.truncate('docs/a.txt', 0), lambda: os.symlink('x', 'l'), lambda: os.mkdir('lib/d')]:\n\
                 \ttry: g()\n\texcept OSError as e: print(e.errno)\n",
            );
            untouched(layers, desk, &said);
            assert_eq!(
                (desk.read("src/p").as_str(), desk.read("docs/a.md").as_str()),
                ("x", "old\n"),
                "{said}"
            );
        },
    );
}

#[test]
fn files_that_are_allowed_one_by_one_and_what_is_not_there_yet() {
    on_all_layers(
        || scope(&["docs/*.md", "lib/soon/**"]),
        |layers, desk| {
            let said = desk.script(
                "sh",
                "echo new > docs/a.md; echo x > docs/a.txt; echo x > docs/b.md; mkdir lib/soon; echo x > src/a.txt\n",
            );
            untouched(layers, desk, &said);
            assert_eq!(
                [desk.read("docs/a.md"), desk.read("src/a.txt")],
                ["new\n", "old\n"],
                "{layers}: {said}"
            );
            // A line that is followed may make it, and from then on it is open.
            desk.run("mkdir lib/soon");
            desk.script("sh", "echo new > lib/soon/a; echo x > lib/a.txt");
            assert_eq!([desk.read("lib/soon/a"), desk.read("lib/a.txt")], ["new\n", "old\n"], "{layers}");
        },
    );
}

#[test]
fn what_a_line_names_and_a_person_let_is_written() {
    on_all_layers(
        || scope(&["src/**"]),
        |layers, desk| {
            let check = |line: &str, name: &str, expected: &str| {
                let said = desk.run(line);
                assert_eq!(desk.read(name), expected, "{layers}: {line}: {said}");
            };
            check("echo new > lib/a.txt", "lib/a.txt", "new\n");
            check("echo new > lib/new.txt", "lib/new.txt", "new\n");
            check("sed -i s/old/new/ docs/a.txt", "docs/a.txt", "new\n");
            check("mkdir -p lib/far/away && echo new > lib/far/away/x", "lib/far/away/x", "new\n");
            check("rm docs/a.txt", "docs/a.txt", "");
            // Beside a program that is not followed only the file itself is open.
            std::fs::write(desk.root.join("script"), "echo x > lib/more; echo x > docs/a.md; echo new")
                .unwrap();
            check("sh script > lib/made.txt", "lib/made.txt", "new\n");
            check("true", "lib/more", "");
            check("true", "docs/a.md", "old\n");
            // A file that was made for a line that did not come to it goes again.
            desk.run("sh none && sh script > lib/never.txt");
            assert!(!desk.root.join("lib/never.txt").exists(), "{layers}");
        },
    );
}

#[test]
fn another_name_in_scope_of_a_file_beyond_is_not_written() {
    on_all_layers(
        || scope(&["src/**"]),
        |layers, desk| {
            std::fs::hard_link(desk.root.join("lib/a.txt"), desk.root.join("src/again")).unwrap();
            std::fs::hard_link(desk.root.join("src/a.txt"), desk.root.join("src/deep/both")).unwrap();
            let said = desk.script("sh", "echo x > src/again; echo new > src/deep/both");
            assert_eq!(
                [desk.read("lib/a.txt"), desk.read("src/a.txt")],
                ["old\n", "new\n"],
                "{layers}: {said}"
            );
        },
    );
}

#[test]
fn both_of_two_grants_have_to_allow_it() {
    for (layers, can) in layers() {
        let mut desk = Desk::new(can, || scope(&["src/**", "docs/**"]));
        desk.policy = desk.policy.narrowed_to(scope(&["src/deep/**", "lib/**"]));
        let said = desk.script("sh", "for d in src src/deep docs lib; do echo x > $d/new; done");
        let made = ["src", "src/deep", "docs", "lib"].map(|name| desk.root.join(name).join("new").exists());
        assert_eq!(made, [false, true, false, false], "{layers}: {said}");
    }
}

#[test]
fn who_only_advises_writes_nothing_and_reaches_nobody() {
    let advises = || {
        let limits = [Capability::FsWrite, Capability::SandboxNetwork];
        Grant::new("the hook", &limits, Vec::new(), Effect::Deny)
    };
    for (layers, can) in layers() {
        let mut desk = Desk::new(can, advises);
        desk.policy.add(Rule::exact_command("sh script", Source::Trust));
        desk.policy.add(Rule::read("sandbox_network:*", Effect::Allow, Source::User).unwrap());
        let said = desk.script(
            "sh",
            "echo x > src/a.txt; echo x > new; echo t > $TMPDIR/t && cat $TMPDIR/t; curl -s -m 5 http://waypost.invalid/",
        );
        untouched(layers, &desk, &said);
        assert_eq!(desk.read("src/a.txt"), "old\n", "{layers}: {said}");
        assert!(said.contains("t\n") && said.contains("[not reached"), "{layers}: {said}");
        assert_eq!(desk.policy.reaches("a.example", 443).effect, Effect::Deny);
    }
}

#[test]
fn a_line_that_the_grant_itself_names_writes_as_approved() {
    let grant = || {
        let rules = vec![Rule::exact_command("sh script", Source::Plan)];
        Grant::new("the spec", &[Capability::FsWrite], rules, Effect::Ask)
    };
    on_all_layers(grant, |layers, desk| {
        let said = desk.script("sh", "echo new > lib/a.txt");
        assert_eq!(desk.read("lib/a.txt"), "new\n", "{layers}: {said}");
        assert!(Path::new(&desk.root).is_absolute());
    });
}

#[test]
fn what_a_person_opens_beside_the_workspace_does_not_open_the_workspace() {
    let Some((_, can)) = layers().into_iter().next() else { return };
    let desk = Desk::new(can, || scope(&["src/**"]));
    let above = desk.root.parent().unwrap().to_path_buf();
    let ground = Ground {
        root: desk.root.clone(),
        home: above.join("h"),
        config: above.join("c"),
        state: above.join("s"),
        managed: Vec::new(),
        temporary: above.join("t"),
        variables: Default::default(),
    };
    let settings = Settings { writable: vec![above], ..Settings::default() };
    let environment = vec![("PATH".to_string(), "/usr/bin:/bin".to_string())];
    let hold = Hold::new(&ground, settings, environment, Box::new(|| "other".to_string())).unwrap().on(can);
    let desk = Desk { hold, ..desk };
    desk.script("sh", "echo x > lib/a.txt; echo new > src/a.txt");
    assert_eq!([desk.read("lib/a.txt"), desk.read("src/a.txt")], ["old\n", "new\n"]);
}
