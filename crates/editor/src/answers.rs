//! Which request is answered by which file. Makes no answer.

use lsp_server::{ErrorCode, Request, Response};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CompletionResponse, DocumentSymbolParams, DocumentSymbolResponse, MessageType, WorkspaceSymbolParams,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::path_of_text;
use crate::server::Server;
use crate::state::State;
use crate::{actions, commands, completion, folding, hover, lens, navigate, outline, rename, tokens};

/// The answer to a request; `None` when it comes later.
pub(crate) fn answer(server: &mut Server<'_>, request: Request) -> Option<Response> {
    let client = server.client.clone();
    let uri = request.params.pointer("/textDocument/uri").and_then(Value::as_str);
    let state = uri.and_then(path_of_text).and_then(|path| server.folders.of(&path));
    Some(match request.method.as_str() {
        request::HoverRequest::METHOD => at(state, request, |s, p| Ok(hover::hover(s, &p))),
        request::GotoDefinition::METHOD => at(state, request, |s, p| Ok(navigate::definition(s, &p))),
        request::References::METHOD => at(state, request, |s, p| Ok(navigate::references(s, &p))),
        request::DocumentHighlightRequest::METHOD => {
            at(state, request, |s, p| Ok(navigate::highlights(s, &p)))
        }
        request::DocumentSymbolRequest::METHOD => {
            at(state, request, |s, p| Ok(symbols(s, &p, client.takes_trees)))
        }
        request::FoldingRangeRequest::METHOD => at(state, request, |s, p| Ok(folding::ranges(s, &p))),
        request::PrepareRenameRequest::METHOD => at(state, request, |s, p| rename::prepare(s, &p)),
        request::Completion::METHOD => {
            at(state, request, |s, p| Ok(completion::items(s, &p).map(CompletionResponse::List)))
        }
        request::CodeActionRequest::METHOD => at(state, request, |s, p| Ok(actions::actions(s, &p, &client))),
        request::CodeLensRequest::METHOD => at(state, request, |s, p| Ok(lens::lenses(s, &p))),
        request::SemanticTokensFullRequest::METHOD => at(state, request, |s, p| Ok(tokens::tokens(s, &p))),
        request::Rename::METHOD => {
            let mut notes = Vec::new();
            let answer = at(state, request, |s, p| {
                let made = rename::rename(s, &p, &client)?;
                Ok(made.map(|(edit, told)| {
                    notes = told;
                    edit
                }))
            });
            if !notes.is_empty() {
                server.tell(MessageType::INFO, notes.join("\n"));
            }
            answer
        }
        request::ResolveCompletionItem::METHOD => with(request, |item| {
            let pick = |uri: &str| path_of_text(uri).and_then(|path| server.folders.of(&path));
            Ok(completion::resolve(item, pick))
        }),
        request::WorkspaceSymbolRequest::METHOD => with(request, |params: WorkspaceSymbolParams| {
            let mut found = Vec::new();
            server.folders.iter().for_each(|state| outline::search(state, &params.query, &mut found));
            Ok(found)
        }),
        request::ExecuteCommand::METHOD => {
            let id = request.id.clone();
            let params = match serde_json::from_value(request.params) {
                Ok(params) => params,
                Err(error) => return Some(invalid(id, &error)),
            };
            match commands::execute(server, &id, &params) {
                Ok(value) => Response::new_ok(id, value?),
                Err(words) => Response::new_err(id, ErrorCode::RequestFailed as i32, words),
            }
        }
        _ => {
            let message = format!("`{}` is not offered", request.method);
            Response::new_err(request.id, ErrorCode::MethodNotFound as i32, message)
        }
    })
}

fn symbols(state: &State, params: &DocumentSymbolParams, as_tree: bool) -> Option<DocumentSymbolResponse> {
    let tree = outline::symbols(state, params)?;
    Some(match as_tree {
        true => DocumentSymbolResponse::Nested(tree),
        false => DocumentSymbolResponse::Flat(outline::flat(&params.text_document.uri, tree)),
    })
}

/// Reads the parameters and asks about a document; one that lies in no folder has no answer, and that is no error.
fn at<P: DeserializeOwned, R: Serialize>(
    state: Option<&State>,
    request: Request,
    ask: impl FnOnce(&State, P) -> Result<Option<R>, String>,
) -> Response {
    with(request, |params| match state {
        Some(state) => ask(state, params),
        None => Ok(None),
    })
}

/// Reads the parameters, asks, and wraps what came of it.
fn with<P: DeserializeOwned, R: Serialize>(
    request: Request,
    ask: impl FnOnce(P) -> Result<R, String>,
) -> Response {
    let id = request.id;
    match serde_json::from_value::<P>(request.params) {
        Ok(params) => match ask(params) {
            Ok(result) => Response::new_ok(id, result),
            Err(message) => Response::new_err(id, ErrorCode::RequestFailed as i32, message),
        },
        Err(error) => invalid(id, &error),
    }
}

fn invalid(id: lsp_server::RequestId, error: &serde_json::Error) -> Response {
    Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string())
}
