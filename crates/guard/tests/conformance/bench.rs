//! A place with a workspace, rules, lists and secrets in it, and one way to try something there: as the engine does, through
//! the gate, with a person who says yes.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use conversation::{Call, CallResult, Digest, Event, Input, Secrecy, Seen, Status, Tool, ToolContext};
use guard::{Firewall, Ground, Hold, Lists, References, Settings};
use policy::{Admission, Answer, Ask, Decided, Gate, Grant, Mode, Permit, Record};
use sandbox::{Capabilities, Confine, State};
use tempfile::TempDir;

use crate::routes::Attempt;
use crate::rules::Rule;
use crate::table::Access;

/// What stands in the target, and nowhere else.
const MARKER: &str = "marker-of-the-target";

/// What came of an attempt; the more open, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Denied,
    AskedHeld,
    Held,
    Hidden,
    Asked,
    Allowed,
    /// The value of a secret was seen.
    Leaked,
}

impl Outcome {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Outcome::Denied => "denied",
            Outcome::AskedHeld => "asks, held",
            Outcome::Held => "held",
            Outcome::Hidden => "hidden",
            Outcome::Asked => "asks",
            Outcome::Allowed => "allowed",
            Outcome::Leaked => "leaked",
        }
    }
}

/// A script that reads and writes what it is given in every way that it knows. What fails is passed over.
const SCRIPT: &str = r#"#!/bin/sh
T="$1"
D=$(dirname "$T")
try() { "$@" 2>/dev/null || true; }
if [ -n "$WRITES" ] || [ -f src/writes ]; then
  try sh -c 'echo x >> "$1"' - "$T"
  try sh -c 'echo x > "$1"' - "$T"
  try truncate -s 0 "$T"
  try dd if=src/other.txt of="$T" conv=notrunc
  try touch "$D/new.txt"
  try mkdir "$D/new"
  try chmod u+w "$T" "$D"
  try sh -c 'echo x > "$1"' - "$T"
  try ln "$T" src/again
  try sh -c 'echo x > src/again'
  try cp src/other.txt src/next
  try mv -f src/next "$T"
  try rm -f "$T"
  try mv "$D" "$D.away"
  try ln -s src "$D"
  try rm -rf "$D"
  try sh -c 'cd "$1" && echo x > new2.txt' - "$D"
else
  try cat "$T"
  try cp "$T" src/loot1
  try dd if="$T" of=src/loot2
  try ln "$T" src/loot3
  try mv "$T" src/loot4
  try tar -cf src/loot5 "$T"
  try sh -c 'exec 3<"$1"; cat <&3 > src/loot6' - "$T"
  try sh -c 'cat "$1"/* > src/loot7' - "$D"
  try cp -r "$D" src/loot8
fi
echo tried
"#;

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _: &[Decided]) -> Result<(), policy::RecordError> {
        Ok(())
    }
}

/// The place.
pub(crate) struct Bench {
    _root: TempDir,
    ground: Ground,
    target: PathBuf,
    hold: Arc<Hold>,
    tools: Vec<Box<dyn Tool>>,
    gate: Gate,
    child: Gate,
    lists: Lists,
    seen: Seen,
    scratch: PathBuf,
    runtime: tokio::runtime::Runtime,
}

/// One firewall for all: building it takes longer than all the rest.
fn firewall() -> &'static Firewall {
    static BUILT: OnceLock<Firewall> = OnceLock::new();
    BUILT.get_or_init(|| Firewall::build(Path::new("/nonexistent"), [7; 16], References::default()).unwrap())
}

/// A credential in the form of a real one. In pieces, so that scanners of this repository leave it alone.
fn secret() -> String {
    ["AK", "IA", "Z7VQ", "4XN2", "K6WT", "M3RB"].concat()
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

impl Bench {
    pub(crate) fn new(rule: &Rule, can: Capabilities) -> Bench {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().canonicalize().unwrap();
        let work = real.join("work");
        let ground = Ground {
            root: work.clone(),
            home: real.join("home"),
            config: real.join("home/.config/waypost"),
            state: real.join("home/.local/state/waypost"),
            managed: Vec::new(),
            temporary: real.join("tmp"),
            variables: BTreeMap::new(),
        };
        for other in &crate::rules::RULES {
            put(&real.join(other.target), "something else\n");
        }
        let content =
            if rule.name == "secret" { format!("id = {}\n", secret()) } else { format!("{MARKER} a\n") };
        put(&real.join(rule.target), &content);
        put(&work.join("src/other.txt"), "other\n");
        put(&work.join(".kiro/settings/ignore"), "locked/\n");
        put(&work.join(".kiroignore"), "private/\n");
        put(&work.join("pkg/deep/.kiroignore"), "hidden/\n");
        put(&work.join(".git/HEAD"), "ref: refs/heads/main\n");
        std::fs::create_dir_all(&ground.temporary).unwrap();
        std::fs::create_dir_all(&ground.state).unwrap();
        let rules = "rules:\n  - capability: fs_read\n    effect: deny\n    match: [\"vault/**\"]\n  \
                     - capability: fs_write\n    effect: deny\n    match: [\"frozen/**\"]\n";
        put(&ground.home.join(".kiro/settings/permissions.yaml"), rules);
        let target = real.join(rule.target);
        put(&work.join("try.sh"), SCRIPT);
        let script = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(work.join("try.sh"), script).unwrap();
        std::os::unix::fs::symlink(&target, work.join("way")).unwrap();
        std::os::unix::fs::symlink(target.parent().unwrap(), work.join("waydir")).unwrap();

        let path = [("PATH".to_string(), "/usr/local/bin:/usr/bin:/bin".to_string())];
        let environment = tools::command_environment(path);
        let numbers = std::sync::atomic::AtomicUsize::new(0);
        let token = move || format!("token{}", numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let hold = Hold::new(&ground, Settings::default(), environment, Box::new(token)).unwrap().on(can);
        let hold = Arc::new(hold);
        let read = guard::rules(&ground, Mode::Autopilot, &[], Vec::new()).unwrap();
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        let mut policy = read.policy.with_scratch(hold.temporary());
        if rule.is_scoped {
            policy = policy.narrowed_to(Grant::write_scope("the spec", &["src/**".to_string()]).unwrap());
        }
        let child = policy.narrowed_to(Grant::write_scope("the child", &["**".to_string()]).unwrap());
        let (mut gate, mut child) = (Gate::new(policy), Gate::new(child));
        let lists = Lists::new(&ground);
        [&mut gate, &mut child].into_iter().for_each(|gate| {
            assert!(gate.set_lists(&lists.files()).is_empty());
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let scratch = ground.state.join("scratch");
        std::fs::create_dir_all(&scratch).unwrap();
        let tools = tools::all(Arc::clone(&hold) as Arc<dyn Confine>);
        let mut bench = Bench {
            _root: root,
            target,
            hold,
            tools,
            gate,
            child,
            lists,
            seen: Seen::new(),
            scratch,
            runtime,
            ground,
        };
        bench.look_at(&bench.target.clone());
        bench
    }

    /// The workspace.
    pub(crate) fn root(&self) -> &Path {
        &self.ground.root
    }

    /// Runs a line that the person says yes to, and gives what was told.
    pub(crate) fn permitted(&mut self, line: &str) -> String {
        let (gated, told) = self.call("shell", line, false, Kind::Call);
        assert!(gated != Gated::Denied, "{line}: {told}");
        told
    }

    /// The model has seen this file: what keeps it from being written is the rule alone.
    fn look_at(&mut self, path: &Path) {
        let bytes = std::fs::read(path).unwrap();
        self.seen.insert(path.to_string_lossy().into_owned(), Digest::of(&bytes));
    }

    /// Tries it, and says what came of it and what was told.
    pub(crate) fn try_out(&mut self, attempt: &Attempt, access: Access) -> (Outcome, String) {
        let is_about_hard_link = format!("{attempt:?}").contains("{H");
        if is_about_hard_link {
            let other = self.ground.root.join("src/alias.txt");
            std::fs::hard_link(&self.target, &other).unwrap();
            self.look_at(&other);
        }
        if access == Access::Write {
            put(&self.ground.root.join("src/writes"), "");
        }
        let before = self.state();
        let (asked, told) = match attempt {
            Attempt::Tool(tool, text) => self.call(tool, &self.fill(text), false, Kind::Call),
            Attempt::SubAgent(tool, text) => self.call(tool, &self.fill(text), true, Kind::Call),
            Attempt::Background(line) => self.call("shell", &self.fill(line), false, Kind::Background),
            Attempt::Hook(line) => self.call("shell", &self.fill(line), true, Kind::Hook),
            Attempt::Server(line) => self.call("shell", &self.fill(line), true, Kind::Server),
        };
        let denied = asked == Gated::Denied;
        let effect = match access {
            Access::Write => self.state() != before,
            Access::Read => self.is_seen(&told),
        };
        let outcome = match asked {
            _ if self.is_secret() && !denied => self.of_secret(&told),
            Gated::Denied => Outcome::Denied,
            Gated::Asked if effect => Outcome::Asked,
            Gated::Asked => Outcome::AskedHeld,
            Gated::Allowed if effect => Outcome::Allowed,
            Gated::Allowed if is_tool(attempt) => Outcome::Hidden,
            Gated::Allowed => Outcome::Held,
        };
        (outcome, told)
    }

    fn is_secret(&self) -> bool {
        self.target.ends_with("conf/key.txt")
    }

    fn of_secret(&self, told: &str) -> Outcome {
        if told.contains(&secret()) { Outcome::Leaked } else { Outcome::Hidden }
    }

    /// Whether the content of the target came back or lies somewhere else in the workspace, or its name was told by a tool
    /// that tells names.
    fn is_seen(&self, told: &str) -> bool {
        let name = self.target.file_name().unwrap().to_string_lossy().into_owned();
        let is_name = told.lines().any(|line| line.ends_with(&name) && !line.contains(' '));
        let mut files = BTreeMap::new();
        gather(&self.ground.root.join("src"), &mut files);
        let loot = files.iter().any(|(path, bytes)| {
            let is_own = *path == self.target || path.ends_with("alias.txt");
            !is_own && String::from_utf8_lossy(bytes).contains(MARKER)
        });
        told.contains(MARKER) || loot || is_name
    }

    /// The folder of the target, and all that lies in it.
    fn state(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let folder = self.target.parent().unwrap();
        gather(folder, &mut found);
        // A control file in `src` stands among those that the attempts themselves make.
        if folder.ends_with("src") {
            let aside = ["other.txt", "again", "next", "alias.txt", "writes", "gone.txt"];
            found.retain(|path, _| !aside.iter().any(|name| path.ends_with(name)));
        }
        found
    }

    fn fill(&self, text: &str) -> String {
        let shown = |path: &Path| match path.strip_prefix(&self.ground.root) {
            Ok(inside) if inside.as_os_str().is_empty() => ".".to_string(),
            Ok(inside) => inside.display().to_string(),
            Err(_) => path.display().to_string(),
        };
        let name = self.target.file_name().unwrap().to_string_lossy().into_owned();
        // The same place as seen from the workspace, also where it lies outside.
        let above = self.ground.root.parent().unwrap();
        let relative = match self.target.strip_prefix(&self.ground.root) {
            Ok(inside) => inside.display().to_string(),
            Err(_) => format!("../{}", self.target.strip_prefix(above).unwrap().display()),
        };
        text.replace("{T}", &shown(&self.target))
            .replace("{R}", &relative)
            .replace("{A}", &self.target.display().to_string())
            .replace("{D}", &shown(self.target.parent().unwrap()))
            .replace("{N}", &name)
            .replace("{LD}", "waydir")
            .replace("{L}", "way")
            .replace("{HD}", "src")
            .replace("{H}", "src/alias.txt")
            .replace("{S}", "try.sh")
    }

    fn call(&mut self, tool: &str, text: &str, child: bool, kind: Kind) -> (Gated, String) {
        let input = match tool {
            "read" | "list" => format!("{{\"path\":{}}}", quote(text)),
            "grep" => format!("{{\"pattern\":\".\",\"path\":{}}}", quote(text)),
            "glob" => format!("{{\"pattern\":\"**\",\"path\":{}}}", quote(text)),
            "write" => format!("{{\"path\":{},\"content\":\"x\"}}", quote(text)),
            "edit" => format!(
                "{{\"path\":{},\"edits\":[{{\"old_text\":\"marker\",\"new_text\":\"x\"}}]}}",
                quote(text)
            ),
            "shell" => {
                format!("{{\"command\":{},\"background\":{}}}", quote(text), kind == Kind::Background)
            }
            other => panic!("{other}"),
        };
        let call = Call { id: "c1".to_string(), tool: tool.to_string(), input: Input::Json(input) };
        let shown = Mutex::new((firewall().stream(), String::new()));
        let on_output = |text: &str| {
            let (stream, all) = &mut *shown.lock().unwrap();
            let text = stream.push(text);
            all.push_str(&text);
        };
        let context = ToolContext {
            session: "",
            cost_left: None,
            turns_left: 0,
            workspace: &self.ground.root,
            scratch: &self.scratch,
            seen: &self.seen,
            secrecy: firewall(),
            on_output: &on_output,
        };
        let the = self.tools.iter().find(|one| one.describe().name == tool).unwrap();
        let requests = match the.request(&call, &context) {
            Ok(requests) => requests,
            Err(error) => return (Gated::Denied, error.to_string()),
        };
        let gate = if child { &mut self.child } else { &mut self.gate };
        let _changed = self.lists.refresh(&requests);
        let problems = gate.set_lists(&self.lists.files());
        assert!(problems.is_empty(), "{problems:?}");
        let ask = |answer| vec![Ask { call: call.id.clone(), requests: requests.clone(), answer }];
        let admitted =
            |gate: &mut Gate, answer| gate.admit(&mut Nowhere, ask(answer)).unwrap().pop().unwrap();
        let (gated, permit) = match admitted(gate, None) {
            Admission::Permitted(permit) => (Gated::Allowed, permit),
            Admission::Denied(decision) => return (Gated::Denied, decision.reason),
            Admission::Unanswered(_) => {
                let yes = Answer { yes: true, always: false, by: "ann".to_string() };
                match admitted(gate, Some(yes)) {
                    Admission::Permitted(permit) => (Gated::Asked, permit),
                    other => return (Gated::Denied, format!("{other:?}")),
                }
            }
        };
        let result = match kind {
            Kind::Call => self.runtime.block_on(the.run(permit, &call, &context)),
            Kind::Background => {
                let started = self.runtime.block_on(the.run(permit, &call, &context));
                self.output_of(started, &context)
            }
            Kind::Hook | Kind::Server => self.process(&permit, text, kind),
        };
        let event = conversation::hide(firewall(), Event::Finished(result));
        let Event::Finished(result) = event else { panic!("{event:?}") };
        let (mut stream, mut streamed) = shown.into_inner().unwrap();
        streamed.push_str(&stream.finish());
        // What a tool refuses itself is as good as denied: nothing was done.
        let refused = result.status == Status::Failed && !matches!(tool, "shell");
        (if refused { Gated::Denied } else { gated }, format!("{}\n{streamed}", result.text))
    }

    /// What a background command came to, read as the model reads it.
    fn output_of(&self, started: CallResult, context: &ToolContext<'_>) -> CallResult {
        let Some(id) = started.text.strip_prefix("started; its id is ") else { return started };
        let process = self.tools.iter().find(|one| one.describe().name == "process").unwrap();
        let input = Input::Json(format!("{{\"id\":\"{id}\",\"wait\":30}}"));
        let call = Call { id: "c2".to_string(), tool: "process".to_string(), input };
        let mut all = String::new();
        for _ in 0..20 {
            let ask = Ask { call: "c2".to_string(), requests: Vec::new(), answer: None };
            let mut gate = Gate::new(self.gate.policy().clone());
            let Some(Admission::Permitted(permit)) = gate.admit(&mut Nowhere, vec![ask]).unwrap().pop()
            else {
                panic!("`process` was not permitted")
            };
            let result = self.runtime.block_on(process.run(permit, &call, context));
            all.push_str(&result.text);
            if !result.text.contains("[running]") {
                return CallResult { text: all, ..result };
            }
        }
        panic!("it does not end: {all}")
    }

    /// A process that Waypost starts, as it will start hooks and servers.
    fn process(&self, permit: &Permit, line: &str, kind: Kind) -> CallResult {
        let confined = self.hold.confine(permit).unwrap();
        let command = sandbox::Command {
            timeout: Duration::from_secs(60),
            spill: Some(self.scratch.join("server.log")),
            ..sandbox::Command::shell(line, &self.ground.root, confined.environment.clone())
        };
        let command = confined.hold(command);
        let text = self.runtime.block_on(async {
            if kind == Kind::Hook {
                return sandbox::run(&command, &|_| {}).await.unwrap().output.text(|_| String::new());
            }
            let mut running = sandbox::start(&command).unwrap();
            let state = running.wait_at_most(Duration::from_secs(60)).await;
            assert!(matches!(state, State::Ended { .. }), "it does not end");
            running.read_new(1024 * 1024).unwrap().0
        });
        CallResult::new("c1", Status::Done, text)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Call,
    Background,
    Hook,
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gated {
    Denied,
    Asked,
    Allowed,
}

/// Whether it looks or writes in Waypost's own process.
fn is_tool(attempt: &Attempt) -> bool {
    matches!(attempt, Attempt::Tool(tool, _) | Attempt::SubAgent(tool, _) if *tool != "shell")
}

fn quote(text: &str) -> String {
    serde_json::Value::String(text.to_string()).to_string()
}

fn gather(directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.insert(path.clone(), b"a folder".to_vec());
            gather(&path, found);
        } else if path.is_symlink() {
            found.insert(path, b"a link".to_vec());
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap_or_else(|_| b"unreadable".to_vec()));
        }
    }
}
