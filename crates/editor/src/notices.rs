//! What the editor tells: documents that open, change and close, files that change on disk, folders that come and go.
//! Answers nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lsp_server::Notification;
use lsp_types::notification::{self, Notification as _};
use lsp_types::{MessageType, PublishDiagnosticsParams, Uri};

use crate::buffers::BUFFER_BYTES_MAX;
use crate::convert::path_of;
use crate::folders::around;
use crate::server::{EditorError, Server};

/// Sources that are read one by one when they change; when more change at once, all are read.
const SOURCES_MAX: usize = 64;

impl Server<'_> {
    /// Takes note. A notification that cannot be read is passed over, as the protocol wants it.
    pub(crate) fn notice(&mut self, told: Notification) -> Result<(), EditorError> {
        match told.method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                let Some(params) = read::<notification::DidOpenTextDocument>(told) else { return Ok(()) };
                let document = params.text_document;
                let Some(path) = path_of(&document.uri) else { return Ok(()) };
                if self.folders.of(&path).is_none()
                    && let Some(root) = around(&path)
                {
                    self.add_folder(root)?;
                }
                let Some(state) = self.folders.of_mut(&path) else { return Ok(()) };
                let (root, is_known) = (state.root.clone(), state.named(&path).is_some());
                let is_ready = state.is_ready;
                if !state.open(&path, document.uri.clone(), document.version, document.text) {
                    self.is_too_large(&path, &document.uri);
                }
                // A document of a spec that was made behind the server's back.
                if is_ready && !is_known && is_of_specs(&path) {
                    self.look(&root, None);
                }
                self.is_stale(&path);
            }
            notification::DidChangeTextDocument::METHOD => {
                let Some(params) = read::<notification::DidChangeTextDocument>(told) else { return Ok(()) };
                let document = params.text_document;
                let Some(path) = path_of(&document.uri) else { return Ok(()) };
                let Some(state) = self.folders.of_mut(&path) else { return Ok(()) };
                if !state.change(&path, document.version, params.content_changes) {
                    self.is_too_large(&path, &document.uri);
                }
                self.is_stale(&path);
            }
            notification::DidCloseTextDocument::METHOD => {
                let Some(params) = read::<notification::DidCloseTextDocument>(told) else { return Ok(()) };
                let uri = params.text_document.uri;
                let Some(path) = path_of(&uri) else { return Ok(()) };
                let Some(state) = self.folders.of_mut(&path) else { return Ok(()) };
                state.close(&path);
                state.retag(&path);
                self.publish(PublishDiagnosticsParams { uri, diagnostics: Vec::new(), version: None });
                self.look_again(BTreeSet::from([path]))?;
            }
            notification::DidSaveTextDocument::METHOD => {
                let Some(params) = read::<notification::DidSaveTextDocument>(told) else { return Ok(()) };
                let Some(path) = path_of(&params.text_document.uri) else { return Ok(()) };
                self.look_again(BTreeSet::from([path]))?;
            }
            notification::DidChangeWatchedFiles::METHOD => {
                let Some(params) = read::<notification::DidChangeWatchedFiles>(told) else { return Ok(()) };
                self.look_again(params.changes.iter().filter_map(|change| path_of(&change.uri)).collect())?;
            }
            notification::DidChangeWorkspaceFolders::METHOD => {
                let Some(params) = read::<notification::DidChangeWorkspaceFolders>(told) else {
                    return Ok(());
                };
                let paths = |folders: Vec<lsp_types::WorkspaceFolder>| -> Vec<PathBuf> {
                    folders.iter().filter_map(|folder| path_of(&folder.uri)).collect()
                };
                for root in paths(params.event.removed) {
                    self.remove_folder(&root);
                }
                for root in paths(params.event.added) {
                    self.add_folder(root)?;
                }
                let open: Vec<PathBuf> = self
                    .folders
                    .iter()
                    .flat_map(|state| state.buffers.iter())
                    .map(|(path, _)| path.clone())
                    .collect();
                open.iter().for_each(|path| self.is_stale(path));
            }
            _ => {}
        }
        Ok(())
    }

    /// Files may have changed on disk: documents of specs, settings, specs that are new or gone, sources.
    fn look_again(&mut self, paths: BTreeSet<PathBuf>) -> Result<(), EditorError> {
        let mut specs: BTreeSet<(PathBuf, Option<String>)> = BTreeSet::new();
        let mut sources: Vec<PathBuf> = Vec::new();
        for path in paths {
            let Some(state) = self.folders.of_mut(&path) else { continue };
            let root = state.root.clone();
            if let Some(name) = state.named(&path).map(|(name, _)| name.to_string()) {
                // An open spec is read anew at once, its open documents from the editor.
                state.forget(&path);
                let is_gone = !matches!(index::place::read(&path), Ok(Some(_)));
                specs.insert((root, Some(name).filter(|_| !is_gone)));
                self.is_stale(&path);
            } else if path.components().any(|part| part.as_os_str() == ".kiro") {
                specs.insert((root, None));
            } else if state.relative(&path).is_some_and(|file| is_ours(&file)) {
                sources.push(path);
            }
        }
        let whole: Vec<PathBuf> =
            specs.iter().filter(|(_, name)| name.is_none()).map(|(root, _)| root.clone()).collect();
        for (root, name) in specs {
            if name.is_none() || !whole.contains(&root) {
                self.look(&root, name.as_deref());
            }
        }
        if sources.len() > SOURCES_MAX {
            let roots: BTreeSet<PathBuf> = sources
                .iter()
                .filter_map(|path| self.folders.of(path))
                .map(|state| state.root.clone())
                .collect();
            return roots.iter().try_for_each(|root| self.rescan(root));
        }
        for path in sources {
            if let Some(state) = self.folders.of_mut(&path) {
                state.retag(&path);
            }
            self.is_stale(&path);
        }
        Ok(())
    }

    fn is_too_large(&self, path: &Path, uri: &Uri) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mebibytes = BUFFER_BYTES_MAX >> 20;
        self.publish(PublishDiagnosticsParams { uri: uri.clone(), diagnostics: Vec::new(), version: None });
        self.tell(
            MessageType::WARNING,
            format!("`{name}` is larger than {mebibytes} MiB and is not checked; split it"),
        );
    }
}

/// Whether a path lies where specs lie.
fn is_of_specs(path: &Path) -> bool {
    let mut parts = path.components().map(|part| part.as_os_str());
    parts.any(|part| part == ".kiro") && parts.next().is_some_and(|part| part == "specs")
}

/// Whether the tags of a file count: it is a source, and not one that a tool put there.
fn is_ours(file: &str) -> bool {
    index::tags::is_source(file) && !file.split('/').any(|part| part == "node_modules" || part == ".git")
}

fn read<N: notification::Notification>(told: Notification) -> Option<N::Params>
where
    N::Params: serde::de::DeserializeOwned,
{
    serde_json::from_value(told.params).ok()
}
