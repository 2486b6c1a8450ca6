//! A workspace with tools in it, and one way to call them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use conversation::{Call, CallResult, Input, Recovery, Seen, Status, Tool, ToolContext};
use policy::{Admission, Answer, Ask, Decided, Gate, Mode, Policy, Record, RecordError};
use tempfile::TempDir;

pub(crate) struct Bench {
    _root: TempDir,
    pub(crate) workspace: PathBuf,
    pub(crate) scratch: PathBuf,
    pub(crate) outside: PathBuf,
    pub(crate) seen: Seen,
    pub(crate) tools: Vec<Box<dyn Tool>>,
    gate: Gate,
    runtime: tokio::runtime::Runtime,
    calls: usize,
}

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

impl Bench {
    pub(crate) fn new() -> Bench {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().canonicalize().unwrap();
        let [workspace, scratch, outside] = ["work", "scratch", "outside"].map(|name| real.join(name));
        [&workspace, &scratch, &outside].into_iter().for_each(|path| std::fs::create_dir(path).unwrap());
        let inherited =
            [("PATH", std::env::var("PATH").unwrap_or_default()), ("LANG", "C.UTF-8".to_string())];
        let inherited = inherited.map(|(name, value)| (name.to_string(), value));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (tools, seen) = (
            tools::all(Arc::new(sandbox::Free { environment: tools::command_environment(inherited) })),
            Seen::new(),
        );
        Bench {
            _root: root,
            workspace,
            scratch,
            outside,
            seen,
            tools,
            gate: Gate::new(Policy::new(Mode::Autopilot, &[])),
            runtime,
            calls: 0,
        }
    }

    pub(crate) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.workspace.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.workspace.join(path)).unwrap()
    }

    pub(crate) fn tool(&self, name: &str) -> &dyn Tool {
        self.tools.iter().find(|tool| tool.describe().name == name).unwrap().as_ref()
    }

    /// A call as the engine makes it; a person says yes to every question.
    pub(crate) fn call(&mut self, tool: &str, json: &str) -> CallResult {
        self.calls += 1;
        let call = call(&format!("c{}", self.calls), tool, json);
        let between = || {};
        self.call_with(&call, between)
    }

    /// The same with something that happens after the decision and before the effect.
    pub(crate) fn call_with(&mut self, call: &Call, between: impl FnOnce()) -> CallResult {
        let result = {
            let context = ToolContext {
                session: "",
                cost_left: None,
                turns_left: 0,
                workspace: &self.workspace,
                scratch: &self.scratch,
                seen: &self.seen,
                secrecy: &conversation::Plain,
                on_output: &|_| {},
            };
            let tool = self.tools.iter().find(|tool| tool.describe().name == call.tool).unwrap();
            let requests = match tool.request(call, &context) {
                Ok(requests) => requests,
                Err(error) => return CallResult::new(&call.id, Status::Failed, error.to_string()),
            };
            let yes = Answer { yes: true, always: false, by: "test".to_string() };
            let asks = vec![Ask { call: call.id.clone(), requests, answer: Some(yes) }];
            match self.gate.admit(&mut Nowhere, asks).unwrap().pop().unwrap() {
                Admission::Permitted(permit) => {
                    between();
                    self.runtime.block_on(tool.run(permit, call, &context))
                }
                Admission::Denied(decision) => CallResult::new(&call.id, Status::Denied, decision.reason),
                Admission::Unanswered(decision) => {
                    CallResult::new(&call.id, Status::Denied, format!("asked: {}", decision.reason))
                }
            }
        };
        self.seen.extend(result.seen.clone());
        result
    }

    pub(crate) fn recover(&self, tool: &str, json: &str) -> Recovery {
        let context = ToolContext {
            session: "",
            cost_left: None,
            turns_left: 0,
            workspace: &self.workspace,
            scratch: &self.scratch,
            seen: &self.seen,
            secrecy: &conversation::Plain,
            on_output: &|_| {},
        };
        self.tool(tool).recover(&call("r1", tool, json), &context)
    }

    /// What the gate says of a call that nobody answers for: the reason of its question, or nothing.
    pub(crate) fn asks(&mut self, tool: &str, json: &str) -> Option<String> {
        let (call, ignored) = (call("a1", tool, json), |_: &str| {});
        let context = ToolContext {
            session: "",
            cost_left: None,
            turns_left: 0,
            workspace: &self.workspace,
            scratch: &self.scratch,
            seen: &self.seen,
            secrecy: &conversation::Plain,
            on_output: &ignored,
        };
        let requests = self.tool(tool).request(&call, &context).unwrap();
        let asks = vec![Ask { call: call.id.clone(), requests, answer: None }];
        match self.gate.admit(&mut Nowhere, asks).unwrap().pop().unwrap() {
            Admission::Unanswered(decision) => Some(decision.reason),
            Admission::Permitted(_) | Admission::Denied(_) => None,
        }
    }

    /// Calls and compares status and text.
    #[track_caller]
    pub(crate) fn check(&mut self, tool: &str, json: &str, status: Status, text: &str) {
        let result = self.call(tool, json);
        assert_eq!((result.status, result.text.as_str()), (status, text), "{tool} {json}");
    }

    /// Calls, expects a failure that contains the words, and that the file is as it was.
    #[track_caller]
    pub(crate) fn refuses(&mut self, tool: &str, json: &str, words: &str) {
        let result = self.call(tool, json);
        assert_ne!(result.status, Status::Done, "{tool} {json}: {}", result.text);
        assert!(result.text.contains(words), "{tool} {json}:\n{}", result.text);
        assert!(result.changes.is_empty());
    }

    /// What is left of temporary files in the workspace.
    pub(crate) fn temporaries(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.workspace).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| path.extension().is_some_and(|end| end == "tmp")).collect()
    }
}

pub(crate) fn call(id: &str, tool: &str, json: &str) -> Call {
    let input = match json.starts_with('{') && json.ends_with('}') {
        true => Input::Json(json.to_string()),
        false => Input::Broken(json.to_string()),
    };
    Call { id: id.to_string(), tool: tool.to_string(), input }
}

pub(crate) fn link(target: &Path, at: &Path) {
    std::os::unix::fs::symlink(target, at).unwrap();
}
