//! A small editor for the tests of the language server: it frames messages, answers what the server asks, and remembers
//! what the server showed.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::Desk;

/// How long anything may take before a test gives up on it.
const WAIT: Duration = Duration::from_secs(20);

/// What an editor says about itself that can do everything.
pub(crate) fn full_capabilities() -> Value {
    json!({
        "workspace": {
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceEdit": { "documentChanges": true },
            "workspaceFolders": true,
        },
        "window": { "workDoneProgress": true },
        "textDocument": { "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } },
    })
}

/// An editor with a server of its own.
pub(crate) struct Editor {
    child: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    last: i64,
    root: String,
    /// What was shown last, by URI.
    shown: BTreeMap<String, Value>,
    /// Messages to the person.
    pub(crate) told: Vec<String>,
    /// What the server asked and told beside that, by method.
    pub(crate) seen: Vec<Value>,
}

impl Editor {
    /// Starts a server in the desk's workspace and says nothing.
    pub(crate) fn silent(desk: &Desk) -> Editor {
        let mut command = desk.program(env!("CARGO_BIN_EXE_waypost"));
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, messages) = channel();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        let root = format!("file://{}", desk.resolved("work"));
        let shown = BTreeMap::new();
        Editor { child, stdin, messages, last: 0, root, shown, told: Vec::new(), seen: Vec::new() }
    }

    /// Starts a server and greets it with the workspace as its folder.
    pub(crate) fn new(desk: &Desk) -> Editor {
        let mut editor = Editor::silent(desk);
        let folders = json!([{ "uri": editor.root, "name": "work" }]);
        let capabilities = full_capabilities();
        let params = json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": folders });
        let answer = editor.ask("initialize", params);
        assert_eq!(answer["serverInfo"]["name"], "waypost");
        editor.tell("initialized", json!({}));
        editor
    }

    /// The URI of a file of the workspace.
    pub(crate) fn uri(&self, file: &str) -> String {
        format!("{}/{file}", self.root)
    }

    /// Writes bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        // A server that has left is noticed by what comes next.
        let _ =
            self.stdin.as_mut().unwrap().write_all(bytes).and_then(|()| self.stdin.as_mut().unwrap().flush());
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    /// Sends a notification.
    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({ "method": method, "params": params }));
    }

    /// Sends a request and gives its id.
    pub(crate) fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        self.send(json!({ "id": self.last, "method": method, "params": params }));
        self.last
    }

    /// Sends a request and gives the whole answer.
    #[track_caller]
    pub(crate) fn answer(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.until(&format!("the answer to {method}"), |message| {
            message["id"] == id && message.get("method").is_none()
        })
    }

    /// Sends a request and gives its result.
    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a request that is refused and gives code and words.
    #[track_caller]
    pub(crate) fn refused(&mut self, method: &str, params: Value) -> (i64, String) {
        let answer = self.answer(method, params);
        let error = answer.get("error").unwrap_or_else(|| panic!("{method}: {answer}"));
        (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_string())
    }

    /// Asks about a place in a file.
    #[track_caller]
    pub(crate) fn at(&mut self, method: &str, file: &str, place: (u32, u32), more: Value) -> Value {
        let mut params = self.place(file, place);
        params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.ask(&format!("textDocument/{method}"), params)
    }

    /// The parameters of a place.
    pub(crate) fn place(&self, file: &str, (line, character): (u32, u32)) -> Value {
        json!({
            "textDocument": { "uri": self.uri(file) },
            "position": { "line": line, "character": character },
        })
    }

    /// Opens a file with this text.
    pub(crate) fn open(&mut self, file: &str, text: &str) {
        let document = json!({ "uri": self.uri(file), "languageId": "markdown", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Edits an open file.
    pub(crate) fn change(&mut self, file: &str, version: i64, changes: Value) {
        let document = json!({ "uri": self.uri(file), "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Says that a file was saved.
    pub(crate) fn save(&mut self, file: &str) {
        let uri = self.uri(file);
        self.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    }

    /// Waits until the codes that are shown in a file are such.
    #[track_caller]
    pub(crate) fn shows(&mut self, file: &str, is_so: impl Fn(&[&str]) -> bool) -> Vec<Value> {
        let uri = self.uri(file);
        let end = Instant::now() + WAIT;
        loop {
            if let Some(shown) = self.shown.get(&uri) {
                let all = shown["diagnostics"].as_array().unwrap();
                let codes: Vec<&str> = all.iter().map(|one| one["code"].as_str().unwrap()).collect();
                if is_so(&codes) {
                    return all.clone();
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(self.next(left).is_some(), "{file}: {:?}", self.shown.get(&uri));
        }
    }

    /// Waits for a message; everything before it is dealt with.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + WAIT;
        loop {
            match self.next(end.saturating_duration_since(Instant::now())) {
                Some(message) if is_it(&message) => return message,
                Some(_) => {}
                None => panic!("{what} did not come; seen: {:?}", self.seen),
            }
        }
    }

    /// The next message, dealt with as an editor does; `None` when none came in time.
    fn next(&mut self, wait: Duration) -> Option<Value> {
        let message = match self.messages.recv_timeout(wait) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
        };
        if let Some(method) = message["method"].as_str() {
            match method {
                "textDocument/publishDiagnostics" => {
                    let uri = message["params"]["uri"].as_str().unwrap().to_string();
                    self.shown.insert(uri, message["params"].clone());
                }
                "window/showMessage" => {
                    self.told.push(message["params"]["message"].as_str().unwrap().to_string());
                }
                _ => self.seen.push(message.clone()),
            }
            if let Some(id) = message.get("id") {
                let id = id.clone();
                self.send(json!({ "id": id, "result": null }));
            }
        }
        Some(message)
    }

    /// Says goodbye and checks that the server leaves in order.
    #[track_caller]
    pub(crate) fn leave(mut self) {
        assert_eq!(self.ask("shutdown", json!(null)), json!(null));
        self.tell("exit", json!(null));
        let (code, words) = self.ended();
        assert_eq!((code, words.as_str()), (0, ""));
    }

    /// Closes the server's input.
    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Waits for the end and gives exit code and what was said on the error stream.
    #[track_caller]
    pub(crate) fn ended(mut self) -> (i32, String) {
        let end = Instant::now() + WAIT;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut words = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
                return (status.code().unwrap_or(-1), words);
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        panic!("the server does not end");
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One message.
fn read(input: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().unwrap(),
            _ if line == "\r\n" => break,
            _ => panic!("{line:?} on standard output"),
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}
