//! Commands as a session holds them, run for real.

use policy::{
    Admission, Ask, Capability, Decided, Effect, Gate, Mode, Origin, Record, RecordError, Request, Rule,
    Source, Target,
};
use sandbox::Command;

use super::*;

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

struct Desk {
    folder: tempfile::TempDir,
    hold: Hold,
    policy: Policy,
}

impl Desk {
    fn new(change: impl FnOnce(&mut Settings)) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        ["w/.git/hooks", "h", "t"].iter().for_each(|name| std::fs::create_dir_all(at(name)).unwrap());
        std::fs::write(at("h/diary"), "dear diary").unwrap();
        let ground = Ground {
            root: at("w"),
            home: at("h"),
            config: at("c"),
            state: at("s"),
            managed: Vec::new(),
            temporary: at("t"),
            variables: Default::default(),
        };
        let mut settings = Settings::default();
        change(&mut settings);
        let environment =
            [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("SESSION_KEY", "k"), ("LANG", "C.UTF-8")];
        let environment = environment.map(|(name, value)| (name.to_string(), value.to_string())).to_vec();
        let hold = Hold::new(&ground, settings, environment, Box::new(|| "t0ken".to_string())).unwrap();
        let policy = Policy::new(Mode::Autopilot, &ground.own_paths()).in_workspace(&ground.root);
        Desk { folder, hold, policy }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// Runs a line that a person allowed.
    fn run(&self, line: &str) -> String {
        let request = |capability, target| Request { capability, target, origin: Origin::Agent };
        let requests = vec![request(Capability::Shell, Target::Command(line.to_string()))];
        let yes = policy::Answer { yes: true, always: false, by: "test".to_string() };
        let ask = Ask { call: "c".to_string(), requests, answer: Some(yes) };
        let mut gate = Gate::new(self.policy.clone());
        let Some(Admission::Permitted(permit)) = gate.admit(&mut Nowhere, vec![ask]).unwrap().pop() else {
            return "denied".to_string();
        };
        let confined = self.hold.confine(&permit).unwrap();
        let command = confined.hold(Command::shell(line, &self.at("w"), Vec::new()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let finished = runtime.block_on(sandbox::run(&command, &|_| {})).unwrap();
        format!(
            "{}{}",
            finished.output.head,
            confined.wishes.tell(&finished.output.head, finished.exit != Some(0))
        )
    }

    /// The same line in a script, where the gate does not see it and only the sandbox is left.
    #[track_caller]
    fn hidden(&self, line: &str, expected: &str) {
        std::fs::write(self.at("w/script"), line).unwrap();
        self.check("sh script", expected);
    }

    #[track_caller]
    fn check(&self, line: &str, expected: &str) {
        let said = self.run(line);
        assert!(said.contains(expected), "{line}: {said}");
    }
}

#[test]
fn the_workspace_is_open_and_the_rest_is_not() {
    let desk = Desk::new(|_| {});
    desk.hidden("echo hi > made; cat made", "hi");
    desk.hidden("cat ../h/diary || echo no", "no");
    desk.hidden("echo x > ../h/new || echo no", "no");
    desk.hidden("echo x > .git/hooks/post-commit || echo no", "no");
    desk.hidden("mkdir -p .kiro/hooks && echo x > .kiro/hooks/a || echo no", "no");
    desk.hidden("echo -$SESSION_KEY- $LANG", "-- C.UTF-8");
    desk.hidden("echo x > $TMPDIR/a && cat $TMPDIR/a", "x");
    assert!(!desk.at("w/.git/hooks/post-commit").exists() && !desk.at("w/.kiro/hooks/a").exists());
}

#[test]
fn what_rules_close_is_closed_to_programs_too() {
    let mut desk = Desk::new(|_| {});
    for name in ["w/a/.env", "w/.env", "w/vendor/x"] {
        std::fs::create_dir_all(desk.at(name).parent().unwrap()).unwrap();
        std::fs::write(desk.at(name), "K=1").unwrap();
    }
    desk.policy.add(Rule::read("fs_read:**/.env", Effect::Deny, Source::User).unwrap());
    desk.policy.add(Rule::read("fs_write:vendor", Effect::Deny, Source::User).unwrap());
    desk.check("python3 -c \"print(open('a/.env').read())\" || echo no", "no");
    desk.hidden("cat $(echo .e)nv || echo no", "no");
    desk.hidden("echo y > vendor/x || echo no", "no");
    assert_eq!(std::fs::read(desk.at("w/vendor/x")).unwrap(), b"K=1");
}

#[test]
fn a_line_that_only_reads_cannot_write() {
    let desk = Desk::new(|_| {});
    let Means { writes, opened, .. } = {
        let request = Request {
            capability: Capability::Shell,
            target: Target::Command("git status && ls".to_string()),
            origin: Origin::Agent,
        };
        let ask = Ask { call: "c".to_string(), requests: vec![request], answer: None };
        let mut gate = Gate::new(desk.policy.clone());
        let Some(Admission::Permitted(permit)) = gate.admit(&mut Nowhere, vec![ask]).unwrap().pop() else {
            panic!()
        };
        Means::of(&permit, &desk.at("w"), &desk.at("t"))
    };
    assert!(!writes && opened.repository.is_none());
}

#[test]
fn git_writes_its_repository_and_not_its_hooks() {
    let desk = Desk::new(|_| {});
    std::fs::remove_dir_all(desk.at("w/.git")).unwrap();
    let git = |line: &str| desk.run(line);
    // Made from outside: the agent cannot make a repository where none was.
    let made = std::fs::create_dir_all(desk.at("w/.git/hooks")).is_ok();
    assert!(made);
    for (name, text) in [("HEAD", "ref: refs/heads/main\n"), ("config", "[user]\nname = a\nemail = a@b\n")] {
        std::fs::write(desk.at("w/.git").join(name), text).unwrap();
    }
    ["objects", "refs"].iter().for_each(|name| std::fs::create_dir(desk.at("w/.git").join(name)).unwrap());
    std::fs::write(desk.at("w/a"), "a").unwrap();
    let said = git("git add a && git commit -q -m one; git log --oneline");
    assert!(said.contains("one"), "{said}");
    desk.check("git config core.pager evil || echo no", "no");
    desk.hidden("echo x > .git/HEAD || echo no", "no");
}

#[test]
fn the_network_is_closed_and_says_so() {
    let desk = Desk::new(|_| {});
    desk.check("curl -s -m 5 http://waypost.invalid/ || echo no", "sandbox_network:waypost.invalid");
}

#[test]
fn settings_open_and_close() {
    let mut opened = PathBuf::new();
    let desk = Desk::new(|settings| settings.environment.push("SESSION_*".to_string()));
    desk.hidden("echo -$SESSION_KEY-", "-k-");
    opened.push(desk.at("h"));
    let wide = Desk::new(|settings| settings.readable.push(opened));
    assert!(wide.hold.enforced().unwrap().is_some());
    let off = Desk::new(|settings| settings.holding = Holding::Off);
    off.check("sh -c 'cat ../h/diary'", "dear diary");
    assert!(off.hold.enforced().unwrap().is_none());
}

#[test]
fn strict_refuses_where_something_does_not_hold() {
    let mut desk = Desk::new(|settings| settings.holding = Holding::Strict);
    desk.hold.capabilities = Some(Capabilities::default());
    let enforced = desk.hold.enforced().unwrap().unwrap();
    assert!(!enforced.is_complete());
}

#[test]
fn what_a_person_let_it_read_outside_can_be_read() {
    let desk = Desk::new(|_| {});
    desk.hidden("cat ../h/diary || echo no", "no");
    desk.check("cat ../h/diary", "dear diary");
    // For that line alone.
    assert!(!desk.run("sh script").contains("dear"));
}

#[test]
fn a_fork_bomb_and_a_file_of_100_gigabytes_are_contained() {
    // The bound is a low one, so that nobody else on the machine is short of processes; kernels let through up to 300 more.
    let desk = Desk::new(|settings| settings.limits.processes = Some(100));
    let bomb = "import os, time\nn = 0\ntry:\n while n < 2000:\n  if os.fork() == 0:\n   time.sleep(60)\n  n += 1\n\
                except OSError:\n print('stopped')\nprint('made', n, flush=True)\n";
    std::fs::write(desk.at("w/bomb.py"), bomb).unwrap();
    let said = desk.run("python3 bomb.py");
    assert!(said.contains("stopped"), "{said}");
    let made: u64 = said.split("made ").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    assert!(made < 400, "{said}");
    // With the usual limits. What lies behind a hole in a file counts, and takes no room on the disk.
    let usual = Desk::new(|_| {});
    usual.hidden("truncate -s 100G big || echo no", "no");
    usual.hidden("dd if=/dev/zero of=big bs=1 count=1 seek=100G || echo no", "no");
    usual.hidden("truncate -s 10G big && rm big && echo yes", "yes");
    usual.hidden("ulimit -c; ulimit -n; ulimit -u", "0\n");
    assert!(!usual.at("w/big").exists());
}

#[test]
fn the_private_folder_goes_with_the_session() {
    let desk = Desk::new(|_| {});
    let temporary = desk.hold.temporary().to_path_buf();
    assert!(temporary.is_dir());
    drop(desk);
    assert!(!temporary.exists());
}
