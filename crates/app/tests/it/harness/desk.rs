//! A desk: a home, settings, state and a workspace of their own in a temporary directory, and `waypost` run in them.
#![expect(
    clippy::disallowed_methods,
    reason = "tests make files, read the environment and start the built program"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::{Answer, Model, Ran};

/// How long anything may take before a test gives up on it.
const WAIT: Duration = Duration::from_secs(120);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(3);

/// A person's machine in small.
pub(crate) struct Desk {
    root: TempDir,
    environment: RefCell<BTreeMap<String, String>>,
    runs: AtomicUsize,
}

/// A run that goes on.
pub(crate) struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Desk {
    /// A desk without any model.
    pub(crate) fn new() -> Desk {
        let root = tempfile::tempdir().unwrap();
        for directory in ["home", "config/waypost", "state", "tmp", "runs", "work/.kiro"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        let desk = Desk { root, environment: RefCell::default(), runs: AtomicUsize::new(0) };
        let inherited = |name: &str| std::env::var(name).ok();
        let person = inherited("HOME").unwrap_or_default();
        // The sample of the demo is built with the cargo that runs these tests.
        let cargo = inherited("CARGO_HOME").unwrap_or(format!("{person}/.cargo"));
        let rustup = inherited("RUSTUP_HOME").unwrap_or(format!("{person}/.rustup"));
        let under = |name: &str| desk.path(name).display().to_string();
        for (name, value) in [
            ("PATH", inherited("PATH").unwrap_or_default()),
            ("CARGO_HOME", cargo),
            ("RUSTUP_HOME", rustup),
            ("HOME", under("home")),
            ("XDG_CONFIG_HOME", under("config")),
            ("XDG_STATE_HOME", under("state")),
            ("TMPDIR", under("tmp")),
            ("USER", "tester".to_string()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_string()),
        ] {
            desk.set(name, &value);
        }
        desk
    }

    /// A desk with a model that gives these answers, one a request.
    pub(crate) fn with(answers: Vec<Answer>) -> (Desk, Model) {
        let desk = Desk::new();
        let model = Model::start(answers);
        desk.talks_to(&model);
        (desk, model)
    }

    /// Points the desk to a scripted model, as Anthropic's.
    pub(crate) fn talks_to(&self, model: &Model) {
        self.set("ANTHROPIC_BASE_URL", &model.url());
        self.set("ANTHROPIC_API_KEY", "test-key-0123456789");
    }

    /// Sets an environment variable.
    pub(crate) fn set(&self, name: &str, value: &str) {
        self.environment.borrow_mut().insert(name.to_string(), value.to_string());
    }

    /// A path below the desk.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The same without symlinks, as text.
    pub(crate) fn resolved(&self, name: &str) -> String {
        self.path(name).canonicalize().unwrap().display().to_string()
    }

    /// A path in the workspace.
    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.path("work").join(name)
    }

    /// Writes the settings.
    /// Lets commands write in the folder around the workspace, where tests leave and look for signs.
    pub(crate) fn commands_write_beside(&self) {
        let work = self.resolved("work");
        let beside = work.trim_end_matches("/work");
        self.config(&format!("[sandbox]\nwritable = [\"{beside}\"]\n"));
    }

    pub(crate) fn config(&self, text: &str) {
        fs::write(self.path("config/waypost/config.toml"), text).unwrap();
    }

    /// Puts a file into the workspace.
    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.work(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Puts a file beside the workspace and gives its path.
    pub(crate) fn put_outside(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).unwrap();
        self.path(name).display().to_string()
    }

    /// A file of the workspace as text.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// A file of the workspace.
    #[track_caller]
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.work(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Takes a file of the workspace away.
    pub(crate) fn take(&self, name: &str) {
        fs::remove_file(self.work(name)).unwrap();
    }

    /// Whether the workspace has this file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.work(name).symlink_metadata().is_ok()
    }

    /// Every file of the workspace but those of git, by path, with its bytes.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        gather(&self.path("work"), &mut found, &|name| name != ".git");
        found
    }

    /// The journals of sessions (`sessions`) or specs (`specs`).
    pub(crate) fn journals(&self, of: &str) -> Vec<PathBuf> {
        let mut found = BTreeMap::new();
        gather(&self.path("state"), &mut found, &|_| true);
        let is_journal = |path: &PathBuf| {
            path.ends_with("journal.jsonl") && path.components().any(|part| part.as_os_str() == of)
        };
        found.into_keys().filter(is_journal).collect()
    }

    /// The records of all journals of a kind, as text.
    pub(crate) fn records(&self, of: &str) -> String {
        let texts = self.journals(of).into_iter().map(|path| fs::read(path).unwrap());
        texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }

    /// Runs git in the workspace and gives its output.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut git = self.program("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]);
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A program in the workspace, with this desk's environment and nothing else.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env_clear().envs(self.environment.borrow().iter());
        command.current_dir(self.path("work")).stdin(Stdio::null());
        command
    }

    /// Runs `waypost` to its end.
    #[track_caller]
    pub(crate) fn waypost(&self, arguments: &[&str]) -> Ran {
        self.spawn(arguments).finish()
    }

    /// Runs `waypost` to its end with this on its standard input.
    #[track_caller]
    pub(crate) fn waypost_reading(&self, input: impl AsRef<[u8]>, arguments: &[&str]) -> Ran {
        self.put_outside("input", input);
        let mut command = self.program(env!("CARGO_BIN_EXE_waypost"));
        command.args(arguments).stdin(File::open(self.path("input")).unwrap());
        self.start(command).finish()
    }

    /// Runs `waypost` and checks how it ends and what it says.
    #[track_caller]
    pub(crate) fn check(&self, arguments: &[&str], code: i32, says: &[&str]) -> Ran {
        let ran = self.waypost(arguments);
        ran.exits(code).says(says);
        ran
    }

    /// Starts `waypost`.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        let mut command = self.program(env!("CARGO_BIN_EXE_waypost"));
        command.args(arguments);
        self.start(command)
    }

    /// Starts a program; its streams go to files, so that none of them can fill up.
    pub(crate) fn start(&self, mut command: Command) -> Running {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let (out, err) = (self.path(&format!("runs/{run}.out")), self.path(&format!("runs/{run}.err")));
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        // Another test's child may hold a program that was just written open for a moment.
        let mut child = None;
        soon(|| {
            child = match command.spawn() {
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => None,
                other => Some(other),
            };
            child.is_some()
        });
        Running { child: child.unwrap().unwrap(), out, err }
    }
}

impl Running {
    /// Waits for its end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Ran {
        let mut code = None;
        let ended = soon(|| {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        let ran =
            Ran { code: code.and_then(|code| code.code()).unwrap_or(-1), out: self.out(), err: self.err() };
        if !ended {
            self.child.kill().unwrap();
            panic!("it does not end: {ran:?}");
        }
        ran
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Kills it as a power cut would, as far as the process can tell.
    #[track_caller]
    pub(crate) fn kill(self) {
        self.signal(Signal::KILL);
        assert_eq!(self.finish().code, -1, "it was killed");
    }

    /// Takes what can be typed into it.
    pub(crate) fn stdin(&mut self) -> std::process::ChildStdin {
        self.child.stdin.take().unwrap()
    }

    /// What it has written so far.
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.out).unwrap()).into_owned()
    }

    /// What it has said so far.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.err).unwrap()).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only what still runs, as after a failed assertion.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits until something is so, within a bound, and says whether it came to be.
pub(crate) fn soon(mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + WAIT;
    while Instant::now() < end {
        if is_so() {
            return true;
        }
        std::thread::sleep(LOOK);
    }
    false
}

/// Whether a script that counts into the file `beat` does so still. Its process has another number inside the sandbox.
pub(crate) fn is_beating(desk: &Desk) -> bool {
    let before = desk.bytes("beat");
    std::thread::sleep(Duration::from_millis(200));
    desk.bytes("beat") != before
}

fn gather(directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>, wanted: &dyn Fn(&str) -> bool) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if !wanted(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            gather(&path, found, wanted);
        } else {
            // Another process may have renamed it a moment ago.
            found.insert(path.clone(), fs::read(&path).unwrap_or_default());
        }
    }
}
