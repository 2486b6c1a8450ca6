//! Hostile repositories: what every case stands on. A case fails when something happened that nobody consented to; what was
//! said about it does not count. The cases lie in `hostile_*.rs`.
#![expect(clippy::disallowed_methods, reason = "lays out files and looks at them")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Answer, Desk, Model, Ran, told};

/// A word that stands in what must not be seen.
pub(crate) const UNSEEN: &str = "canary-word-that-nobody-may-see";

/// A repository that somebody else made, on a desk with canaries: a listener, a payload that leaves signs wherever it can, and
/// files of the person's.
pub(crate) struct Repository {
    pub(crate) desk: Desk,
    port: u16,
    visits: Arc<AtomicUsize>,
    model: Option<Model>,
}

/// What must be so behind a case, beside that nothing happened.
#[derive(Default)]
pub(crate) struct Expected {
    /// The exit code of the last run, where it counts.
    pub(crate) code: Option<i32>,
    /// Words that reach neither the model nor the screen nor the record.
    pub(crate) unseen: Vec<&'static str>,
    /// Files, below the place in which the workspace is `work`, that the case is allowed to make or change.
    pub(crate) touched: Vec<&'static str>,
}

/// Nothing happens, and the word is not seen.
pub(crate) fn nothing() -> Expected {
    Expected { unseen: vec![UNSEEN], ..Expected::default() }
}

/// Nothing happens, and the last run ends with this code.
pub(crate) fn ends(code: i32) -> Expected {
    Expected { code: Some(code), ..nothing() }
}

impl Expected {
    pub(crate) fn but(mut self, touched: &[&'static str]) -> Expected {
        self.touched.extend(touched);
        self
    }
}

impl Repository {
    pub(crate) fn new() -> Repository {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, visits) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&visits);
        std::thread::spawn(move || {
            for _visit in listener.incoming() {
                seen.fetch_add(1, Ordering::Relaxed);
            }
        });
        let repository = Repository { desk: Desk::new(), port, visits, model: None };
        repository.desk.put_outside("private.txt", UNSEEN);
        repository.desk.put("payload.sh", repository.payload());
        let path = repository.desk.work("payload.sh");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        repository.desk.put("README.md", "# A project\n");
        repository
    }

    /// A script that leaves signs: inside, outside, at home, over the network, and a process that stays. It starts programs by
    /// their whole names, so that it does not start itself where the search path leads to it.
    fn payload(&self) -> String {
        let root = self.desk.path("").display().to_string();
        let root = root.trim_end_matches('/');
        format!(
            "#!/bin/sh\nfor place in . .. {root}/work {root} {root}/home /tmp \"$TMPDIR\"; do\n  echo ran >> \"$place/{sign}\"\ndone 2>/dev/null\n\
             /bin/bash -c 'echo hello > /dev/tcp/127.0.0.1/{port}' 2>/dev/null\n\
             /bin/sh -c '/bin/sleep 60; : {sign}' > /dev/null 2>&1 &\n/bin/cat\n",
            port = self.port,
            sign = self.sign()
        )
    }

    /// The name of the signs: of this desk alone, because ports come again and processes stay.
    fn sign(&self) -> String {
        let desk = self.desk.path("");
        let name = desk.file_name().map(|name| name.to_string_lossy().replace('.', "-")).unwrap_or_default();
        format!("canary{name}-{}", self.port)
    }

    /// A command that runs the payload, wherever it is started from.
    pub(crate) fn run_payload(&self) -> String {
        self.desk.path("work/payload.sh").display().to_string()
    }

    /// A URL where nobody may call.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> &Repository {
        self.desk.put(name, content);
        self
    }

    pub(crate) fn put_program(&self, name: &str) -> &Repository {
        self.desk.put(name, self.payload());
        std::fs::set_permissions(self.desk.work(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// A repository of git with one commit of what is there, made before the traps are laid.
    pub(crate) fn git(&self) -> &Repository {
        self.desk.git(&["init", "-q"]);
        self.desk.git(&["add", "-A"]);
        self.desk.git(&["commit", "-q", "-m", "first"]);
        self
    }

    pub(crate) fn link(&self, target: impl AsRef<Path>, name: &str) -> &Repository {
        let at = self.desk.work(name);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, at).unwrap();
        self
    }

    /// The model of the case.
    pub(crate) fn answers(&mut self, answers: Vec<Answer>) {
        let model = Model::start(answers);
        self.desk.talks_to(&model);
        self.model = Some(model);
    }

    /// The same, by what it is told.
    pub(crate) fn model(&mut self, model: Model) {
        self.desk.talks_to(&model);
        self.model = Some(model);
    }

    /// Everything that the model was told.
    pub(crate) fn told(&self) -> String {
        self.model.iter().flat_map(Model::requests).map(|body| told(&body)).collect()
    }

    /// Every file, by path below the desk, but for what belongs to Waypost and to this harness.
    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let root = self.desk.path("");
        gather(&root, &mut found);
        let aside = ["state", "runs", "tmp", "input"];
        found
            .into_iter()
            .filter_map(|(path, bytes)| {
                let path = path.strip_prefix(&root).unwrap().to_path_buf();
                (!aside.iter().any(|name| path.starts_with(name))).then_some((path, bytes))
            })
            .collect()
    }

    /// Takes the sign away that lies outside the desk.
    pub(crate) fn clean(&self) {
        let _gone = std::fs::remove_file(format!("/tmp/{}", self.sign()));
    }

    /// Signs that the payload ran.
    pub(crate) fn signs(&self) -> Vec<String> {
        let name = self.sign();
        let mut signs = Vec::new();
        if Path::new("/tmp").join(&name).exists() {
            signs.push(format!("/tmp/{name}"));
        }
        let mut found = BTreeMap::new();
        gather(&self.desk.path(""), &mut found);
        signs
            .extend(found.keys().filter(|path| path.ends_with(&name)).map(|path| path.display().to_string()));
        let visits = self.visits.load(Ordering::Relaxed);
        if visits > 0 {
            signs.push(format!("{visits} visits over the network"));
        }
        for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            if String::from_utf8_lossy(&line).contains(&format!(": {name}")) {
                signs.push(format!("process {}", process.file_name().display()));
            }
        }
        signs
    }
}

#[test]
fn the_canaries_see_what_happens() {
    // Nothing holds here, and everything is allowed: each of the signs must be there, or the cases could not fail.
    let mut it = Repository::new();
    it.desk.config("[sandbox]\nmode = \"off\"\n");
    let background = serde_json::json!({"command": "./payload.sh", "background": true});
    it.answers(vec![
        crate::harness::call("shell", background),
        crate::harness::call("shell", serde_json::json!({"command": "sleep 1"})),
        crate::harness::say("Done."),
    ]);
    let running = it.desk.spawn(&["run", "x", "--autopilot", "--allow", "shell:*"]);
    let all = ["/work/canary", "/home/canary", "/tmp/canary", "over the network"];
    let seen =
        crate::harness::soon(|| all.iter().all(|sign| it.signs().iter().any(|seen| seen.contains(sign))));
    assert!(seen, "{:?}", it.signs());
    running.finish().exits(0);
    it.clean();
}

/// Lays out a repository, runs these commands in it and looks what happened. The runs are over when this returns.
#[track_caller]
pub(crate) fn check(
    name: &str,
    lay_out: impl FnOnce(&mut Repository),
    runs: &[&[&str]],
    expected: Expected,
) -> Repository {
    let mut repository = Repository::new();
    lay_out(&mut repository);
    let before = repository.everything();
    let mut said = String::new();
    let mut last: Option<Ran> = None;
    for arguments in runs {
        let ran = repository.desk.waypost(arguments);
        assert!(ran.code >= 0, "{name}: {arguments:?} was killed\n{}\n{}", ran.out, ran.err);
        assert!(!ran.err.contains("panicked"), "{name}: {arguments:?}\n{}", ran.err);
        said.push_str(&ran.out);
        said.push_str(&ran.err);
        last = Some(ran);
    }
    verify(name, &repository, &before, &said, &expected);
    if let (Some(code), Some(last)) = (expected.code, last) {
        assert_eq!(last.code, code, "{name}\n--- output\n{}\n--- errors\n{}", last.out, last.err);
    }
    repository
}

/// Looks whether anything happened since.
#[track_caller]
fn verify(
    name: &str,
    repository: &Repository,
    before: &BTreeMap<PathBuf, Vec<u8>>,
    said: &str,
    expected: &Expected,
) {
    let signs = repository.signs();
    assert!(signs.is_empty(), "{name}: the payload ran: {signs:?}\n{said}");
    let after = repository.everything();
    let names: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).collect();
    let changed: Vec<&PathBuf> = names
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .filter(|path| !expected.touched.iter().any(|known| path.starts_with(known)))
        .collect();
    assert!(changed.is_empty(), "{name}: these changed: {changed:?}\n{said}");
    let (told, kept) = (repository.told(), repository.desk.records("sessions"));
    for word in &expected.unseen {
        assert!(!told.contains(word), "{name}: the model was told `{word}`\n{told}");
        assert!(!said.contains(word), "{name}: `{word}` was shown\n{said}");
        assert!(!kept.contains(word), "{name}: `{word}` is on record");
    }
}

fn gather(directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            gather(&path, found);
        } else if kind.is_symlink() {
            let target = std::fs::read_link(&path).unwrap_or_default();
            found.insert(path, target.as_os_str().as_encoded_bytes().to_vec());
        } else if kind.is_file() {
            found.insert(path.clone(), std::fs::read(&path).unwrap_or_default());
        } else {
            found.insert(path, b"no file".to_vec());
        }
    }
}
