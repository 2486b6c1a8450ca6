//! The loop of the server: messages in, answers and diagnostics out, in order. Each kind of answer is made in a file of
//! its own.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, after, never, select, unbounded};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{MessageType, PublishDiagnosticsParams, ShowMessageParams};
use serde_json::{Value, json};

use crate::answers;
use crate::background::{self, Job, News};
use crate::client::Client;
use crate::diagnostics;
use crate::folders::{Folders, around};
use crate::offers;
use crate::progress::Progress;
use crate::wire::{Incoming, Outgoing, Wire};

/// Judging a spec may take this long at every key; specs that take longer wait for a pause.
const QUICK: Duration = Duration::from_millis(25);
/// The pause.
const PAUSE: Duration = Duration::from_millis(200);
/// Findings are shown at least this often while somebody types without a pause.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the front door does for the server, because it touches the world. `root` is the editor's folder.
pub trait Host: Send + Sync {
    /// Carries out one task of a spec, and says what came of it. Takes as long as it takes.
    fn start_task(&self, root: &Path, spec: &str, task: &str) -> Result<String, String>;
    /// What a tick stands on, as Markdown; `None` when nothing is on record.
    fn evidence(&self, root: &Path, spec: &str, task: &str) -> Option<String>;
}

/// How serving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The editor said `shutdown` and then `exit`.
    InOrder,
    /// It said `exit` without `shutdown`, or went away.
    Abruptly,
}

/// Why the server ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// The input is not what an editor sends.
    #[error("this is not how an editor speaks: {0}")]
    Protocol(String),
    /// A thread could not be started.
    #[error("no thread could be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Something that was finished in the background.
pub(crate) enum Done {
    /// Specs or sources of a folder were read.
    News(PathBuf, News),
    /// Words for the person.
    Told(MessageType, String),
    /// The answer to a request.
    Answered(RequestId, Value),
    /// A task is not being carried out any more.
    Ran,
}

/// Serves one editor over a pair of pipes until it says `exit`. `root` is served when the editor names no folder and
/// there are specs in it.
///
/// Errors: [`EditorError::Protocol`] when the beginning of a message cannot be found. Messages that make no sense are
/// answered and are no errors.
pub fn serve(
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    root: PathBuf,
    host: Arc<dyn Host>,
) -> Result<Ended, EditorError> {
    let wire = Wire::start(input, output)?;
    let ended = match greet(&wire)? {
        Some(client) => {
            let (done, finished) = unbounded();
            Server::start(&wire, client, root, host, done)?.run(&finished)
        }
        None => Ok(Ended::Abruptly),
    };
    wire.finish();
    ended
}

/// Waits for `initialize` and answers it; `None` when the editor leaves before.
fn greet(wire: &Wire) -> Result<Option<Client>, EditorError> {
    loop {
        match wire.incoming.recv() {
            Err(_) => return Ok(None),
            Ok(Incoming::Broken(words)) => return Err(EditorError::Protocol(words)),
            Ok(Incoming::Refused(answer)) => drop(wire.outgoing.send(Outgoing::Raw(answer))),
            Ok(Incoming::Message(Message::Request(request))) => {
                let is_first = request.method == request::Initialize::METHOD;
                let answer = match is_first {
                    true => Response::new_ok(
                        request.id,
                        json!({
                            "capabilities": offers::capabilities(),
                            "serverInfo": { "name": "waypost", "version": env!("CARGO_PKG_VERSION") },
                        }),
                    ),
                    false => {
                        let words = format!("`{}` came before `initialize`", request.method);
                        Response::new_err(request.id, ErrorCode::ServerNotInitialized as i32, words)
                    }
                };
                drop(wire.outgoing.send(Outgoing::Message(Message::Response(answer))));
                if is_first {
                    return Ok(Some(Client::of(&request.params)));
                }
            }
            Ok(Incoming::Message(Message::Notification(told))) if told.method == "exit" => return Ok(None),
            Ok(Incoming::Message(_)) => {}
        }
    }
}

/// One editor being served.
pub(crate) struct Server<'w> {
    wire: &'w Wire,
    pub(crate) client: Client,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) folders: Folders,
    pub(crate) done: Sender<Done>,
    /// Tasks that are being carried out.
    pub(crate) running: usize,
    workers: Vec<(PathBuf, Sender<Job>)>,
    progress: Progress,
    /// Requests that the server itself made.
    asked: i32,
    is_shut: bool,
    /// Specs and sources whose findings are to be shown, by folder.
    stale_specs: BTreeSet<(PathBuf, String)>,
    stale_sources: BTreeSet<PathBuf>,
    /// Since when something is stale, and how long judging it took last time.
    stale_since: Option<Instant>,
    cost: Duration,
}

impl<'w> Server<'w> {
    fn start(
        wire: &'w Wire,
        client: Client,
        root: PathBuf,
        host: Arc<dyn Host>,
        done: Sender<Done>,
    ) -> Result<Server<'w>, EditorError> {
        let progress = Progress::new(client.shows_progress);
        let mut server = Server {
            wire,
            client,
            host,
            folders: Folders::default(),
            done,
            running: 0,
            workers: Vec::new(),
            progress,
            asked: 0,
            is_shut: false,
            stale_specs: BTreeSet::new(),
            stale_sources: BTreeSet::new(),
            stale_since: None,
            cost: Duration::ZERO,
        };
        let mut roots = server.client.folders.clone();
        if roots.is_empty() {
            // Without a folder, the working directory may be anything; it is taken when there are specs in it.
            roots.extend(Some(root).filter(|root| around(&root.join("x")).as_deref() == Some(root)));
        }
        for root in roots {
            server.add_folder(root)?;
        }
        server.watch_files();
        Ok(server)
    }

    fn run(mut self, finished: &Receiver<Done>) -> Result<Ended, EditorError> {
        loop {
            let pause = self.pause();
            if pause == Some(Duration::ZERO) {
                match self.wire.incoming.try_recv() {
                    Ok(incoming) => {
                        if let Some(ended) = self.take(incoming, finished)? {
                            return Ok(ended);
                        }
                    }
                    Err(TryRecvError::Empty) => self.show(),
                    Err(TryRecvError::Disconnected) => return Ok(Ended::Abruptly),
                }
                continue;
            }
            let later = pause.map_or_else(never, after);
            select! {
                recv(self.wire.incoming) -> incoming => match incoming {
                    // The editor went away without a word; there is nobody left to tell.
                    Err(_) => return Ok(Ended::Abruptly),
                    Ok(incoming) => if let Some(ended) = self.take(incoming, finished)? { return Ok(ended) },
                },
                recv(finished) -> done => done.into_iter().for_each(|done| self.finish(done)),
                recv(later) -> _ => self.show(),
            }
        }
    }

    /// How long to wait before findings are shown; `None` when there are none to show.
    fn pause(&self) -> Option<Duration> {
        let since = self.stale_since?;
        let is_quick = self.cost <= QUICK || since.elapsed() > PATIENCE.max(self.cost * 4);
        Some(if is_quick { Duration::ZERO } else { PAUSE })
    }

    /// Deals with what came; says how it ended when this was the last.
    fn take(&mut self, incoming: Incoming, finished: &Receiver<Done>) -> Result<Option<Ended>, EditorError> {
        match incoming {
            Incoming::Broken(words) => return Err(EditorError::Protocol(words)),
            Incoming::Refused(answer) => drop(self.wire.outgoing.send(Outgoing::Raw(answer))),
            Incoming::Message(Message::Request(request)) => {
                let answer = if self.is_shut {
                    let words = format!("`{}` came after `shutdown`", request.method);
                    Some(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, words))
                } else if request.method == request::Shutdown::METHOD {
                    self.is_shut = true;
                    Some(Response::new_ok(request.id, Value::Null))
                } else if request.method == request::Initialize::METHOD {
                    let words = "`initialize` came twice".to_string();
                    Some(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, words))
                } else {
                    self.be_ready(&request, finished);
                    answers::answer(self, request)
                };
                if let Some(answer) = answer {
                    self.send(Message::Response(answer));
                }
                self.folders.iter().for_each(|state| state.trim());
            }
            Incoming::Message(Message::Notification(told)) if told.method == notification::Exit::METHOD => {
                return Ok(Some(if self.is_shut { Ended::InOrder } else { Ended::Abruptly }));
            }
            Incoming::Message(Message::Notification(told)) => self.notice(told)?,
            Incoming::Message(Message::Response(answer)) => {
                let next = self.progress.answered(&answer.id, answer.response_result.is_ok());
                next.into_iter().for_each(|message| self.send(message));
            }
        }
        Ok(None)
    }

    /// Waits until the specs of the folder that a request is about were looked for, and reads what was edited.
    fn be_ready(&mut self, request: &Request, finished: &Receiver<Done>) {
        let uri = request.params.pointer("/textDocument/uri").and_then(Value::as_str);
        let path = uri.and_then(crate::client::path_of_text);
        loop {
            let is_waiting = match &path {
                Some(path) => self.folders.of(path).is_some_and(|state| !state.is_ready),
                None => self.folders.iter().any(|state| !state.is_ready),
            };
            if !is_waiting {
                break;
            }
            match finished.recv() {
                Ok(done) => self.finish(done),
                Err(_) => break,
            }
        }
        self.folders.iter_mut().for_each(|state| state.settle());
    }

    fn finish(&mut self, done: Done) {
        match done {
            Done::Told(kind, words) => self.tell(kind, words),
            Done::Answered(id, value) => self.send(Message::Response(Response::new_ok(id, value))),
            Done::Ran => self.running = self.running.saturating_sub(1),
            Done::News(root, news) => {
                let Some(state) = self.folders.at(&root) else {
                    // The folder was closed meanwhile.
                    return if !matches!(news, News::Between(_)) {
                        self.progressed()
                    };
                };
                let mut trouble = None;
                let (specs, is_first) = match news {
                    News::Specs(mut specs) => {
                        let was_ready = state.is_ready;
                        let words = specs.trouble.take();
                        let mut touched = state.take_specs(specs);
                        if !was_ready {
                            touched.extend(state.open_specs());
                        }
                        trouble = words;
                        (touched, !was_ready)
                    }
                    News::Between(between) => (state.take_between(between), false),
                    News::Tags(tags) => {
                        state.take_tags(tags);
                        (BTreeSet::new(), true)
                    }
                };
                self.stale_specs.extend(specs.into_iter().map(|name| (root.clone(), name)));
                let sources = self.folders.at(&root).into_iter().flat_map(|state| state.buffers.iter());
                self.stale_sources.extend(sources.map(|(path, _)| path.clone()).collect::<Vec<_>>());
                self.stale_since.get_or_insert_with(Instant::now);
                if is_first {
                    self.progressed();
                }
                if let Some(words) = trouble {
                    self.tell(MessageType::WARNING, words);
                }
            }
        }
    }

    fn progressed(&mut self) {
        let message = self.progress.end();
        message.into_iter().for_each(|message| self.send(message));
    }

    /// Judges and shows what is stale.
    fn show(&mut self) {
        self.stale_since = None;
        let mut cost = Duration::ZERO;
        let mut shown: Vec<PublishDiagnosticsParams> = Vec::new();
        for (root, name) in std::mem::take(&mut self.stale_specs) {
            let Some(state) = self.folders.at(&root) else { continue };
            if !state.is_ready {
                continue;
            }
            state.settle();
            if let Some(spec) = state.full(&name).filter(|_| state.open_specs().contains(&name)) {
                shown.extend(diagnostics::of_spec(state, &spec));
                cost += spec.cost();
            }
        }
        for path in std::mem::take(&mut self.stale_sources) {
            let Some(state) = self.folders.of(&path).filter(|state| state.is_ready) else { continue };
            shown.extend(diagnostics::of_source(state, &path));
        }
        self.cost = cost;
        shown.into_iter().for_each(|params| self.publish(params));
        self.folders.iter().for_each(|state| state.trim());
    }

    /// The findings of what a path belongs to are to be shown anew.
    pub(crate) fn is_stale(&mut self, path: &Path) {
        let Some(state) = self.folders.of(path) else { return };
        match state.named(path) {
            Some((name, _)) => drop(self.stale_specs.insert((state.root.clone(), name.to_string()))),
            None => drop(self.stale_sources.insert(path.to_path_buf())),
        }
        self.stale_since.get_or_insert_with(Instant::now);
    }

    /// Serves a folder, too.
    pub(crate) fn add_folder(&mut self, root: PathBuf) -> Result<(), EditorError> {
        if !self.folders.add(root.clone()) {
            return Ok(());
        }
        let teller = || (self.done.clone(), root.clone());
        let (done, at) = teller();
        let worker =
            background::start(root.clone(), move |news| done.send(Done::News(at.clone(), news)).is_ok())?;
        let (done, at) = teller();
        background::scan(root.clone(), move |news| drop(done.send(Done::News(at, news))))?;
        self.workers.push((root.clone(), worker));
        self.look(&root, None);
        for _piece in ["specs", "sources"] {
            let message = self.progress.begin(&mut self.asked);
            message.into_iter().for_each(|message| self.send(message));
        }
        Ok(())
    }

    /// Serves a folder no more.
    pub(crate) fn remove_folder(&mut self, root: &Path) {
        self.workers.retain(|(known, _)| known != root);
        self.folders.remove(root);
        self.stale_specs.retain(|(known, _)| known != root);
    }

    /// Has the worker of a folder look: at everything, or at one spec.
    pub(crate) fn look(&mut self, root: &Path, spec: Option<&str>) {
        let Some(job) = self.folders.at(root).map(|state| state.job(spec)) else { return };
        if let Some((_, worker)) = self.workers.iter().find(|(known, _)| known == root) {
            let _ = worker.send(job);
        }
    }

    /// Reads all tags of a folder anew.
    pub(crate) fn rescan(&self, root: &Path) -> Result<(), EditorError> {
        let (done, at) = (self.done.clone(), root.to_path_buf());
        Ok(background::scan(root.to_path_buf(), move |news| drop(done.send(Done::News(at, news))))?)
    }

    /// Shows findings.
    pub(crate) fn publish(&self, params: PublishDiagnosticsParams) {
        self.notify::<notification::PublishDiagnostics>(params);
    }

    /// Says something to the person.
    pub(crate) fn tell(&self, typ: MessageType, message: String) {
        self.notify::<notification::ShowMessage>(ShowMessageParams { typ, message });
    }

    fn notify<N: notification::Notification>(&self, params: N::Params) {
        self.send(Message::Notification(Notification::new(N::METHOD.to_string(), params)));
    }

    fn send(&self, message: Message) {
        // When the editor is gone the loop ends with its next look at the receiver.
        let _ = self.wire.outgoing.send(Outgoing::Message(message));
    }

    /// Asks to be told of changes on disk, where the editor can do that.
    fn watch_files(&mut self) {
        if !self.client.watches_files {
            return;
        }
        self.asked += 1;
        let params = json!({ "registrations": [{
            "id": "waypost-files",
            "method": notification::DidChangeWatchedFiles::METHOD,
            "registerOptions": { "watchers": [{ "globPattern": "**/*" }] },
        }]});
        let method = request::RegisterCapability::METHOD.to_string();
        self.send(Message::Request(Request { id: RequestId::from(self.asked), method, params }));
    }
}
