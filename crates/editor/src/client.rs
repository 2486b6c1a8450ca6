//! What the editor says about itself when it begins. Read piece by piece: a capability of tomorrow that the protocol's
//! types do not know must not keep the server from starting.

use std::path::PathBuf;
use std::str::FromStr;

use lsp_types::Uri;
use serde_json::Value;

use crate::convert::path_of;

/// Folders that are served at once.
pub(crate) const FOLDERS_MAX: usize = 64;

/// The editor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Client {
    /// The folders that it has open; none when it opened files only.
    pub(crate) folders: Vec<PathBuf>,
    /// It tells of files that change on disk when asked to.
    pub(crate) watches_files: bool,
    /// It shows how far long work is.
    pub(crate) shows_progress: bool,
    /// Its edits can name the version of a document that they are for.
    pub(crate) knows_versions: bool,
    /// It takes symbols as a tree.
    pub(crate) takes_trees: bool,
}

impl Client {
    /// Reads the parameters of `initialize`; whatever is missing or malformed counts as not offered.
    pub(crate) fn of(params: &Value) -> Client {
        let is = |path: &str| params.pointer(path).and_then(Value::as_bool) == Some(true);
        let folder = |value: &Value| value.as_str().and_then(path_of_text);
        let listed = params.get("workspaceFolders").and_then(Value::as_array);
        let mut folders: Vec<PathBuf> =
            listed.into_iter().flatten().filter_map(|one| one.get("uri").and_then(folder)).collect();
        if folders.is_empty() {
            // Older editors name one folder only.
            folders.extend(params.get("rootUri").and_then(folder).or_else(|| {
                params
                    .get("rootPath")
                    .and_then(Value::as_str)
                    .filter(|path| !path.is_empty())
                    .map(PathBuf::from)
            }));
        }
        folders.truncate(FOLDERS_MAX);
        Client {
            folders,
            watches_files: is("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration"),
            shows_progress: is("/capabilities/window/workDoneProgress"),
            knows_versions: is("/capabilities/workspace/workspaceEdit/documentChanges"),
            takes_trees: is("/capabilities/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
        }
    }
}

/// The path of a `file:` URI that came as text.
pub(crate) fn path_of_text(uri: &str) -> Option<PathBuf> {
    path_of(&Uri::from_str(uri).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn folders_as_editors_name_them() {
        let check = |params: Value, expected: &[&str]| {
            let folders = Client::of(&params).folders;
            assert_eq!(folders, expected.iter().map(PathBuf::from).collect::<Vec<_>>());
        };
        check(json!(null), &[]);
        check(json!({"rootUri": null, "workspaceFolders": null}), &[]);
        check(json!({"rootUri": "file:///a"}), &["/a"]);
        check(json!({"rootPath": "/a"}), &["/a"]);
        check(json!({"rootUri": "file:///a", "workspaceFolders": []}), &["/a"]);
        let two = json!([{"uri": "file:///b", "name": "b"}, {"uri": "file:///c"}, {"uri": "untitled:x"}]);
        check(json!({"rootUri": "file:///a", "workspaceFolders": two}), &["/b", "/c"]);
        check(json!({"rootUri": 5, "workspaceFolders": {"uri": "file:///a"}}), &[]);
    }

    #[test]
    fn capabilities_that_are_not_understood_do_no_harm() {
        let odd =
            json!({"capabilities": {"workspace": [1], "window": {"workDoneProgress": true}, "new": "x"}});
        assert_eq!(Client::of(&odd), Client { shows_progress: true, ..Client::default() });
    }
}
