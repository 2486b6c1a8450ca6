//! The loop of the server: messages in, answers and diagnostics out, in order. Each kind of answer is made in a file of
//! its own.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use index::{Listing, TagIndex};
use lsp_server::{Connection, ErrorCode, ExtractError, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions, CompletionOptions,
    ExecuteCommandOptions, FoldingRangeProviderCapability, HoverProviderCapability, InitializeParams,
    MessageType, OneOf, RenameOptions, SemanticTokensFullOptions, SemanticTokensOptions,
    SemanticTokensServerCapabilities, ServerCapabilities, ShowMessageParams, TextDocumentSyncCapability,
    TextDocumentSyncKind, Uri, WorkDoneProgressOptions,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::convert::path_of;
use crate::state::State;
use crate::{
    actions, commands, completion, diagnostics, folding, hover, lens, navigate, outline, rename, tokens,
};

/// What the front door does for the server, because it touches the world.
pub trait Host: Send + Sync {
    /// Carries out one task of a spec, and says what came of it. Takes as long as it takes.
    fn start_task(&self, spec: &str, task: &str) -> Result<String, String>;
    /// What a tick stands on, as Markdown; `None` when nothing is on record.
    fn evidence(&self, spec: &str, task: &str) -> Option<String>;
}

/// Why the server ended before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// The editor does not speak as agreed, or went away.
    #[error("the editor's side of the protocol broke: {0}")]
    Protocol(String),
}

/// Something that was finished in the background.
pub(crate) enum Done {
    /// The tags of all sources.
    Tags(TagIndex),
    /// Words for the person.
    Told(MessageType, String),
}

/// Serves one editor until it says `exit`. `root` is used when the editor names no folder.
pub fn serve(connection: &Connection, root: PathBuf, host: Arc<dyn Host>) -> Result<(), EditorError> {
    let broken = |error: &dyn std::fmt::Display| EditorError::Protocol(error.to_string());
    let (id, params) = connection.initialize_start().map_err(|error| broken(&error))?;
    let params: InitializeParams = serde_json::from_value(params).map_err(|error| broken(&error))?;
    let answer = serde_json::json!({
        "capabilities": capabilities(),
        "serverInfo": { "name": "waypost", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, answer).map_err(|error| broken(&error))?;
    let root = root_of(&params).unwrap_or(root);
    let (done, finished) = unbounded();
    let mut server = Server { connection, host, state: State::open(root), done, asked: 0 };
    server.scan_tags();
    server.watch_files(&params);
    server.run(&finished)
}

#[expect(deprecated, reason = "older editors name the folder in `rootUri` only")]
fn root_of(params: &InitializeParams) -> Option<PathBuf> {
    let folders =
        params.workspace_folders.as_ref().and_then(|folders| folders.first()).map(|folder| &folder.uri);
    folders.or(params.root_uri.as_ref()).and_then(path_of)
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::INCREMENTAL)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([" ", ",", ".", "_"].map(str::to_string).to_vec()),
            ..CompletionOptions::default()
        }),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: commands::ALL.map(str::to_string).to_vec(),
            ..ExecuteCommandOptions::default()
        }),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: tokens::legend(),
                full: Some(SemanticTokensFullOptions::Bool(true)),
                ..SemanticTokensOptions::default()
            },
        )),
        ..ServerCapabilities::default()
    }
}

/// One editor being served.
pub(crate) struct Server<'c> {
    connection: &'c Connection,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) state: State,
    pub(crate) done: Sender<Done>,
    /// Requests that the server itself made.
    asked: i32,
}

impl Server<'_> {
    fn run(&mut self, finished: &Receiver<Done>) -> Result<(), EditorError> {
        loop {
            select! {
                recv(self.connection.receiver) -> message => match message {
                    // The editor went away without a word; there is nobody left to tell.
                    Err(_) => return Ok(()),
                    Ok(message) => if self.take(message)? { return Ok(()) },
                },
                recv(finished) -> done => match done {
                    Ok(Done::Tags(tags)) => {
                        self.state.tags = tags;
                        self.state.resolve_tags();
                    }
                    Ok(Done::Told(kind, message)) => self.tell(kind, message),
                    Err(_) => {}
                },
            }
        }
    }

    /// Deals with one message; true when it was the last.
    fn take(&mut self, message: Message) -> Result<bool, EditorError> {
        match message {
            Message::Request(request) => {
                let ends = self.connection.handle_shutdown(&request);
                if ends.map_err(|error| EditorError::Protocol(error.to_string()))? {
                    return Ok(true);
                }
                let answer = self.answer(request);
                self.send(Message::Response(answer));
            }
            Message::Notification(told) => self.notice(told),
            Message::Response(_) => {}
        }
        Ok(false)
    }

    fn answer(&mut self, request: Request) -> Response {
        let state = &self.state;
        match request.method.as_str() {
            request::HoverRequest::METHOD => with(request, |p| Ok(hover::hover(state, &p))),
            request::GotoDefinition::METHOD => with(request, |p| Ok(navigate::definition(state, &p))),
            request::References::METHOD => with(request, |p| Ok(navigate::references(state, &p))),
            request::DocumentHighlightRequest::METHOD => {
                with(request, |p| Ok(navigate::highlights(state, &p)))
            }
            request::DocumentSymbolRequest::METHOD => with(request, |p| Ok(outline::symbols(state, &p))),
            request::WorkspaceSymbolRequest::METHOD => with(request, |p| Ok(outline::search(state, &p))),
            request::FoldingRangeRequest::METHOD => with(request, |p| Ok(folding::ranges(state, &p))),
            request::PrepareRenameRequest::METHOD => with(request, |p| Ok(rename::prepare(state, &p))),
            request::Rename::METHOD => with(request, |p| rename::rename(state, &p)),
            request::Completion::METHOD => with(request, |p| Ok(completion::items(state, &p))),
            request::CodeActionRequest::METHOD => with(request, |p| Ok(actions::actions(state, &p))),
            request::CodeLensRequest::METHOD => with(request, |p| Ok(lens::lenses(state, &p))),
            request::SemanticTokensFullRequest::METHOD => with(request, |p| Ok(tokens::tokens(state, &p))),
            request::ExecuteCommand::METHOD => with(request, |p| commands::execute(self, p)),
            _ => {
                let message = format!("`{}` is not offered", request.method);
                Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
            }
        }
    }

    fn notice(&mut self, told: Notification) {
        match told.method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                let Some(params) = read::<notification::DidOpenTextDocument>(told) else { return };
                let document = params.text_document;
                let Some(path) = path_of(&document.uri) else { return };
                self.state.buffers.open(path, document.version, document.text);
                self.changed(&document.uri);
            }
            notification::DidChangeTextDocument::METHOD => {
                let Some(params) = read::<notification::DidChangeTextDocument>(told) else { return };
                let document = params.text_document;
                let Some(path) = path_of(&document.uri) else { return };
                self.state.buffers.change(&path, document.version, params.content_changes);
                self.changed(&document.uri);
            }
            notification::DidCloseTextDocument::METHOD => {
                let Some(params) = read::<notification::DidCloseTextDocument>(told) else { return };
                if let Some(path) = path_of(&params.text_document.uri) {
                    self.state.buffers.close(&path);
                    self.state.look_again(&path);
                }
            }
            notification::DidSaveTextDocument::METHOD => {
                let Some(params) = read::<notification::DidSaveTextDocument>(told) else { return };
                if let Some(path) = path_of(&params.text_document.uri) {
                    self.state.look_again(&path);
                    self.publish_open();
                }
            }
            notification::DidChangeWatchedFiles::METHOD => {
                let Some(params) = read::<notification::DidChangeWatchedFiles>(told) else { return };
                for path in params.changes.iter().filter_map(|change| path_of(&change.uri)) {
                    self.state.look_again(&path);
                }
                self.publish_open();
            }
            _ => {}
        }
    }

    /// A document changed under the editor's hands: its spec is read anew and every open document of it judged.
    fn changed(&mut self, uri: &Uri) {
        let Some(path) = path_of(uri) else { return };
        match self.state.edited(&path) {
            Some(spec) => {
                diagnostics::of_spec(&self.state, &spec).into_iter().for_each(|found| self.publish(found))
            }
            None => {
                self.state.retag(&path);
                diagnostics::of_source(&self.state, &path).into_iter().for_each(|found| self.publish(found));
            }
        }
    }

    fn publish_open(&mut self) {
        for name in self.state.open_specs() {
            diagnostics::of_spec(&self.state, &name).into_iter().for_each(|found| self.publish(found));
        }
    }

    fn publish(&self, params: lsp_types::PublishDiagnosticsParams) {
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
        let _ = self.connection.sender.send(message);
    }

    /// Reads the sources in the background; until that is done, references know the documents only.
    fn scan_tags(&self) {
        let (root, done) = (self.state.root.clone(), self.done.clone());
        std::thread::spawn(move || {
            let tags = TagIndex::scan(&root, &Listing::read(&root));
            let _ = done.send(Done::Tags(tags));
        });
    }

    /// Asks to be told of changes on disk, where the editor can do that.
    fn watch_files(&mut self, params: &InitializeParams) {
        let workspace = params.capabilities.workspace.as_ref();
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        if watched.and_then(|watched| watched.dynamic_registration) != Some(true) {
            return;
        }
        self.asked += 1;
        let registration = serde_json::json!({ "registrations": [{
            "id": "waypost-files",
            "method": notification::DidChangeWatchedFiles::METHOD,
            "registerOptions": { "watchers": [{ "globPattern": "**/*" }] },
        }]});
        let id = RequestId::from(self.asked);
        let request = Request::new(id, request::RegisterCapability::METHOD.to_string(), registration);
        self.send(Message::Request(request));
    }
}

/// Reads the parameters, asks, and wraps what came of it.
fn with<P: DeserializeOwned, R: Serialize>(
    request: Request,
    ask: impl FnOnce(P) -> Result<R, String>,
) -> Response {
    let id = request.id.clone();
    let method = request.method.clone();
    match request.extract::<P>(&method) {
        Ok((id, params)) => match ask(params) {
            Ok(result) => Response::new_ok(id, result),
            Err(message) => Response::new_err(id, ErrorCode::RequestFailed as i32, message),
        },
        Err(ExtractError::JsonError { error, .. }) => {
            Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string())
        }
        Err(ExtractError::MethodMismatch(_)) => {
            Response::new_err(id, ErrorCode::InternalError as i32, "the method changed".to_string())
        }
    }
}

fn read<N: notification::Notification>(told: Notification) -> Option<N::Params>
where
    N::Params: DeserializeOwned,
{
    told.extract::<N::Params>(N::METHOD).ok()
}
