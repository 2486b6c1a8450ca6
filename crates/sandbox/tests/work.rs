//! Ordinary work inside the sandbox still works: version control, builds, interpreters, servers on loopback,
//! terminals. A tool that is not on the machine is named and skipped.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "tests look at the disk and at the environment")]
#![expect(clippy::print_stdout, reason = "what is skipped is said")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use policy::{Network, Profile, Sockets};
use sandbox::{Capabilities, Command, Confinement, Finished, Namespaces, capabilities, run};

struct Work {
    folder: tempfile::TempDir,
}

/// What a line of shell is tried with: everything that the machine has, and less.
fn layers() -> Vec<(&'static str, Capabilities)> {
    let can = capabilities();
    let mut all = vec![("everything", can)];
    if let Some(namespaces) = can.namespaces.filter(|it| !it.user) {
        let namespaces = Some(Namespaces { user: true, ..namespaces });
        all.push(("user namespace", Capabilities { namespaces, ..can }));
    }
    if can.landlock.is_some() {
        all.push(("Landlock alone", Capabilities { namespaces: None, ..can }));
    }
    all
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn has(tool: &str) -> bool {
    let path = variable("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !there {
        println!("skipped: no `{tool}` on this machine");
    }
    there
}

impl Work {
    fn new() -> Work {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("work")).unwrap();
        fs::create_dir_all(folder.path().join("tmp")).unwrap();
        Work { folder }
    }

    /// The same in a folder of the machine.
    fn below(place: &str) -> Work {
        let work = Work { folder: tempfile::tempdir_in(place).unwrap() };
        for name in ["work", "tmp"] {
            fs::create_dir_all(work.folder.path().join(name)).unwrap();
        }
        work
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("work")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn profile(&self) -> Profile {
        let mut profile = Profile::workspace(&self.root(), self.folder.path().join("tmp"));
        // Tools that a person installed for themselves.
        for home in variable("HOME").iter().map(Path::new) {
            for name in [".cargo", ".rustup", ".pyenv", ".nvm", ".local", ".gitconfig"] {
                profile.readable.push(home.join(name));
                profile.executable.push(home.join(name));
            }
        }
        profile
    }

    fn run(&self, line: &str, profile: Profile, can: Capabilities) -> Finished {
        let mut environment: Vec<(String, String)> = ["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME"]
            .into_iter()
            .filter_map(|name| Some((name.to_string(), variable(name)?)))
            .collect();
        environment.push(("SECRET_TOKEN".to_string(), "do not pass on".to_string()));
        let confinement = Confinement::new(profile).unwrap().on(can);
        let command =
            Command { timeout: Duration::from_secs(120), ..Command::shell(line, &self.root(), environment) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(&command.confined(&confinement), &|_| {})).unwrap()
    }
}

/// The line ends well and its output holds this, in every set of layers that `only` lets through.
fn check_in(only: fn(&str) -> bool, work: &Work, line: &str, expected: &str, change: fn(&mut Profile)) {
    for (name, can) in layers().into_iter().filter(|(name, _)| only(name)) {
        let mut profile = work.profile();
        change(&mut profile);
        let finished = work.run(line, profile, can);
        let said = finished.output.text(|_| "…".to_string());
        assert!(said.contains(expected) && finished.exit == Some(0), "{name}: {line}: {finished:?}");
    }
}

fn check(work: &Work, line: &str, expected: &str) {
    check_in(|_| true, work, line, expected, |_| {});
}

fn with_namespaces(name: &str) -> bool {
    name != "Landlock alone"
}

#[test]
fn a_workspace_in_memory_is_there_and_its_neighbours_are_not() {
    if !Path::new("/dev/shm").is_dir() {
        return println!("skipped: no /dev/shm on this machine");
    }
    let (work, other) = (Work::below("/dev/shm"), Work::below("/dev/shm"));
    other.write("secret", "secret\n");
    work.write("a", "in\n");
    let line = format!(
        "cat a; echo out > b; cat b; cat {}/secret 2>/dev/null || echo closed; {{ echo x > /dev/shm/mine; }} 2>/dev/null; ls /dev/null",
        other.root().display()
    );
    check(&work, &line, "in\nout\nclosed\n/dev/null\n");
    assert!(!Path::new("/dev/shm/mine").exists());
}

#[test]
fn shells_pipes_and_files() {
    let work = Work::new();
    check(&work, "echo a | tr a b; for i in 1 2; do echo $i; done | sort -r | head -1", "b\n2\n");
    let folders = "mkdir -p a/b && echo x > a/b/c && mv a/b/c a/d && rm -r a && echo gone";
    check_in(with_namespaces, &work, folders, "gone", |_| {});
    // Without mounts nothing can be made beside what is protected, and everything below.
    work.write("src/keep", "");
    check(&work, &format!("cd src && {folders}"), "gone");
    check(
        &work,
        "echo lost > /dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c",
        "4\n4\n",
    );
    check(&work, "echo out > /dev/stdout; echo err > /dev/stderr; cat < /dev/null", "out\nerr\n");
    check(&work, "cat <(echo sub) <<< here; echo done", "sub\ndone");
    check(&work, "cat << END\nhere\nEND", "here");
    check(&work, "seq 200000 | sort -rn | head -1", "200000");
    check(&work, "id -u; uname -s; date +%Y | wc -c; nproc | wc -l", "Linux\n5\n1\n");
    check(&work, "ls -la / > /dev/null || ls -la . > /dev/null; pwd", "/work\n");
    check(
        &work,
        "ps > /dev/null; cat /proc/self/status | grep -c NoNewPrivs; grep -c . /proc/meminfo > /dev/null && echo ok",
        "1\nok",
    );
}

#[test]
fn temporary_files_and_variables() {
    let work = Work::new();
    check(&work, "f=$(mktemp) && echo x > $f && cat $f && rm $f && echo $TMPDIR", "/tmp\n");
    check(&work, "echo \"[$SECRET_TOKEN]\"; env | grep -c SECRET || true", "[]\n0\n");
    // A program that does not look at the variable.
    check_in(
        with_namespaces,
        &work,
        "echo x > /tmp/fixed && cat /tmp/fixed; echo y > /var/tmp/f",
        "x",
        |_| {},
    );
    assert!(!Path::new("/tmp/fixed").exists());
}

#[test]
fn trees_of_processes() {
    let work = Work::new();
    check(&work, "(echo a; (echo b; bash -c 'echo c; sh -c \"echo d\"') ) & wait; echo e", "a\nb\nc\nd\ne\n");
    check(&work, "sleep 5 & kill $!; wait $! ; echo $?", "143");
    check(&work, "timeout 0.2 sleep 5; echo $?", "124");
    check(&work, "trap 'echo bye' EXIT; kill -0 $$ && echo alive", "alive\nbye");
    check(&work, "echo a > >(sleep 0.03; cat)", "a\n");
    check(&work, "xargs -P4 -n1 echo <<< '1 2 3 4' | sort | tr -d '\\n'", "1234");
    let killed = work.run("kill -9 $$", work.profile(), capabilities());
    assert_eq!((killed.exit, killed.signal), (None, Some(9)));
    let left = work.run("sleep 77.1 & echo hi", work.profile(), capabilities());
    assert_eq!((left.exit, left.leftovers, left.output.head.as_str()), (Some(0), true, "hi\n"));
}

#[test]
fn git_reads_and_a_working_copy_can_change() {
    if !has("git") {
        return;
    }
    let work = Work::new();
    work.write("a.txt", "one\n");
    let setup = "git init -q . && git add . && git -c user.name=a -c user.email=a@b commit -qm one";
    let begun =
        std::process::Command::new("sh").args(["-c", setup]).current_dir(work.root()).output().unwrap();
    assert!(begun.status.success(), "{begun:?}");
    check(&work, "git status --short; git log --oneline | wc -l", "1\n");
    check(&work, "echo two >> a.txt; git diff | grep '^+two'; git status --short", "+two");
    check(&work, "git show HEAD:a.txt; git grep one", "one");
    // What it writes of its own it may not, and says so.
    let refused = work.run("git add a.txt", work.profile(), capabilities());
    assert_ne!(refused.exit, Some(0));
    // With the folder of git opened by the profile it can commit.
    let open = |profile: &mut Profile| profile.protected.retain(|path| !path.ends_with(".git"));
    let commit =
        "echo $RANDOM >> a.txt; git add . && git -c user.name=a -c user.email=a@b commit -qm two && echo ok";
    check_in(|_| true, &work, commit, "ok", open);
}

#[test]
fn cargo_builds_and_runs() {
    if !has("cargo") {
        return;
    }
    let work = Work::new();
    work.write("Cargo.toml", "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    work.write(
        "src/main.rs",
        "fn main() { println!(\"built {}\", 6 * 7); }\n#[test]\nfn t() { assert_eq!(1, 1); }\n",
    );
    work.write("build.rs", "fn main() { println!(\"cargo::rustc-env=X=1\"); }\n");
    let line =
        "rm -rf target; cargo run -q --offline && cargo test -q --offline 2>&1 | grep -c 'test result: ok'";
    check_in(with_namespaces, &work, line, "built 42\n1\n", |_| {});
    // Where nothing can be made beside what is protected, the folder has to be there.
    fs::create_dir_all(work.root().join("target")).unwrap();
    fs::write(work.root().join("Cargo.lock"), "").unwrap();
    check(&work, "cargo build -q --offline && target/debug/tiny", "built 42");
}

#[test]
fn make_and_a_compiler() {
    if !has("make") || !has("gcc") {
        return;
    }
    let work = Work::new();
    work.write("a.c", "#include <stdio.h>\nint main(void) { puts(\"compiled\"); return 0; }\n");
    work.write("Makefile", "out/a: a.c\n\tgcc -o $@ $<\n");
    work.write("out/keep", "");
    check(&work, "rm -f out/a; make -j2 && ./out/a", "compiled");
}

#[test]
fn python() {
    if !has("python3") {
        return;
    }
    let work = Work::new();
    work.write(
        "main.py",
        "import json, subprocess, tempfile, ssl, sqlite3\n\
        with tempfile.TemporaryDirectory() as d:\n    open(d + '/x', 'w').write('1')\n\
        print(json.dumps({'sub': subprocess.check_output(['echo', 'hi'], text=True)}))\n",
    );
    check(&work, "python3 main.py", "{\"sub\": \"hi\\n\"}");
    check(
        &work,
        "python3 -c 'import threading; t = threading.Thread(target=print, args=(1,)); t.start(); t.join()'",
        "1",
    );
    let pool = "python3 -c 'import multiprocessing as m; print(sum(m.Pool(2).map(abs, [-1, -2])))'";
    check_in(with_namespaces, &work, pool, "3", |_| {});
    work.write("pair.py", "import socket\na, b = socket.socketpair()\na.send(b'pair')\nprint(b.recv(4))\n");
    check(&work, "python3 pair.py", "b'pair'");
}

#[test]
fn a_server_on_its_own_loopback_address() {
    if !has("python3") || capabilities().namespaces.is_none_or(|it| !it.network) {
        return println!("skipped: no network of its own here");
    }
    let work = Work::new();
    work.write(
        "serve.py",
        "import http.server, threading, urllib.request\n\
        s = http.server.HTTPServer(('localhost', 0), http.server.SimpleHTTPRequestHandler)\n\
        threading.Thread(target=s.serve_forever, daemon=True).start()\n\
        print(urllib.request.urlopen('http://localhost:%d/serve.py' % s.server_port).status)\n",
    );
    check_in(with_namespaces, &work, "python3 serve.py 2>/dev/null", "200", |_| {});
    let own = |profile: &mut Profile| profile.sockets = Sockets::Own;
    work.write(
        "unix.py",
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.bind('s')\ns.listen()\n\
        c = socket.socket(socket.AF_UNIX)\nc.connect('s')\nprint('met')\n",
    );
    check_in(with_namespaces, &work, "rm -f s; python3 unix.py", "met", own);
}

#[test]
fn node() {
    if !has("node") {
        return;
    }
    let work = Work::new();
    work.write(
        "main.js",
        "const { execSync } = require('child_process');\n\
        const os = require('os'); const fs = require('fs');\n\
        fs.mkdtempSync(os.tmpdir() + '/x'); os.networkInterfaces;\n\
        console.log('node', execSync('echo child').toString());\n",
    );
    check(&work, "node main.js", "node child");
    check(&work, "node -e \"new (require('worker_threads').Worker)('console.log(7)', { eval: true })\"", "7");
    let watch = "node -e \"const w = require('fs').watch('.'); setTimeout(() => { w.close(); console.log('watched') }, 50)\"";
    check_in(with_namespaces, &work, watch, "watched", |_| {});
}

#[test]
fn terminals() {
    if !has("script") {
        return;
    }
    let work = Work::new();
    check_in(
        with_namespaces,
        &work,
        "script -qec 'tty; stty size < /dev/tty | wc -w' /dev/null",
        "/dev/pts/",
        |_| {},
    );
}

#[test]
fn caches_of_the_person_are_read_and_not_written() {
    let work = Work::new();
    let home = work.folder.path().join("home");
    fs::create_dir_all(home.join(".cache/tool")).unwrap();
    fs::write(home.join(".cache/tool/data"), "cached").unwrap();
    for (name, can) in layers() {
        let mut profile = work.profile();
        profile.readable.push(home.join(".cache"));
        let line = format!(
            "cat {0}/.cache/tool/data; echo x > {0}/.cache/tool/data || echo refused",
            home.display()
        );
        let finished = work.run(&line, profile, can);
        assert!(
            finished.output.head.contains("cached") && finished.output.head.contains("refused"),
            "{name}: {finished:?}"
        );
    }
}

#[test]
fn a_whole_disk_to_read_and_a_folder_to_write() {
    let work = Work::new();
    work.write("private/key", "secret");
    let change = |profile: &mut Profile| {
        profile.readable = vec!["/".into()];
        profile.executable.push("/".into());
        profile.invisible.push(profile.writable[0].join("private"));
    };
    check_in(
        |_| true,
        &work,
        "mkdir -p out; ls /usr > /dev/null && echo x > out/a && cat out/a; cat /proc/self/comm",
        "x\ncat",
        |profile| {
            profile.readable = vec!["/".into()];
            profile.executable.push("/".into());
            profile.protected.clear();
        },
    );
    let hidden = "cat private/key || echo hidden; touch /etc/x || echo refused";
    check_in(with_namespaces, &work, hidden, "hidden", change);
    check_in(with_namespaces, &work, hidden, "refused", change);
}

#[test]
fn what_steers_a_later_run_stays_absent() {
    let work = Work::new();
    let made =
        work.run("mkdir -p .kiro/specs && echo x > .kiro/specs/a; ls -a", work.profile(), capabilities());
    assert!(made.output.head.contains(".kiro"), "{made:?}");
    assert!(work.root().join(".kiro/specs/a").exists() && !work.root().join(".kiro/settings").exists());
    assert!(!work.root().join(".git").exists());
}

#[test]
fn a_profile_that_cannot_be_meant_is_refused() {
    let work = Work::new();
    let profile = Profile { writable: vec!["/".into()], ..work.profile() };
    assert!(Confinement::new(profile).unwrap_err().to_string().contains("would leave nothing to hold"));
}

#[test]
fn what_is_missing_is_refused_when_strict_and_said_when_not() {
    let work = Work::new();
    let none = Capabilities::default();
    let strict = Profile { strict: true, network: Network::None, ..work.profile() };
    let confinement = Confinement::new(strict.clone()).unwrap().on(none);
    assert!(!confinement.enforced().is_complete());
    let command = Command::shell("echo ran > ran", &work.root(), Vec::new()).confined(&confinement);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(run(&command, &|_| {})).unwrap_err().to_string();
    assert!(
        error.starts_with("`") && error.contains("was not run, because not all of its profile"),
        "{error}"
    );
    assert!(!work.root().join("ran").exists());
    // Capabilities that are claimed and not there let nothing through either.
    let claimed = Namespaces { user: true, processes: true, process_limit: true, network: true };
    let claimed =
        Capabilities { landlock: Some(99), seccomp: true, namespaces: Some(claimed), lists_children: true };
    let confinement = Confinement::new(strict).unwrap().on(claimed);
    let command = Command::shell("echo ran > ran", &work.root(), Vec::new()).confined(&confinement);
    let outcome = runtime.block_on(run(&command, &|_| {}));
    assert!(outcome.is_err() && !work.root().join("ran").exists(), "{outcome:?}");
}

#[test]
fn what_cannot_be_started_says_why() {
    let work = Work::new();
    let confinement = Confinement::new(work.profile()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let said = |command: Command| {
        runtime.block_on(run(&command.confined(&confinement), &|_| {})).unwrap_err().to_string()
    };
    let command = Command::shell("true", &work.root(), Vec::new());
    assert!(said(Command { program: "no-such".to_string(), ..command.clone() }).ends_with("no such program"));
    let gone = said(Command { directory: "/no/such".into(), ..command.clone() });
    assert!(gone.ends_with("the directory `/no/such` does not exist"), "{gone}");
    // There, and not granted.
    let closed = said(Command { directory: self::closed(&work), ..command });
    assert!(closed.contains("(its directory)"), "{closed}");
}

fn closed(work: &Work) -> PathBuf {
    let path = work.folder.path().join("closed");
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn the_machine_keeps_its_own_bound_of_processes() {
    let bound = || fs::read_to_string("/proc/sys/kernel/pid_max").unwrap();
    let (before, work) = (bound(), Work::new());
    let mut profile = work.profile();
    profile.limits.processes = Some(100);
    work.run("true", profile, capabilities());
    assert_eq!(bound(), before);
}

#[test]
fn nothing_stays_mounted_or_made() {
    let mounts = || fs::read_to_string("/proc/self/mountinfo").unwrap();
    let (before, work) = (mounts(), Work::new());
    work.run("true", work.profile(), capabilities());
    assert_eq!(mounts(), before);
    assert_eq!(fs::read_dir(work.root()).unwrap().count(), 0);
}
