//! Quick-fixes: the edits that findings bring along, and a comment that silences one.

use std::collections::{BTreeMap, HashMap};

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, DocumentChanges, NumberOrString,
    OneOf, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};
use spec::Edit;

use crate::client::Client;
use crate::convert::{range_of, span_of, uri_of};
use crate::document::SpecState;
use crate::locate;
use crate::silence;
use crate::state::State;

/// Actions offered at once.
const ACTIONS_MAX: usize = 100;

/// The actions for a range.
pub(crate) fn actions(
    state: &State,
    params: &CodeActionParams,
    client: &Client,
) -> Option<Vec<CodeActionOrCommand>> {
    let wants_fixes = params.context.only.as_ref().is_none_or(|only| {
        only.iter().any(|kind| kind == &CodeActionKind::QUICKFIX || kind.as_str().is_empty())
    });
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path).filter(|_| wants_fixes)?;
    let file = spec.file_name(file);
    let bytes = spec.bytes(&file)?;
    let lines = state.lines(&path, bytes);
    let wanted = span_of(&lines, bytes, params.range);
    let touches = |span: spec::Span| span.offset <= wanted.end() && wanted.offset <= span.end();
    let between = state.crossings(&spec.place.name).iter().map(|crossing| &crossing.finding);
    let findings = spec.findings().iter().chain(between);
    let (mut fixes, mut silences) = (Vec::new(), Vec::new());
    for finding in
        findings.filter(|finding| finding.place.file == file && touches(finding.place.span)).take(ACTIONS_MAX)
    {
        let range = range_of(&lines, bytes, finding.place.span);
        let is_shown = |shown: &&lsp_types::Diagnostic| {
            shown.range == range
                && matches!(&shown.code, Some(NumberOrString::String(code)) if code == finding.rule)
        };
        let diagnostics: Vec<_> = params.context.diagnostics.iter().filter(is_shown).cloned().collect();
        if let Some(fix) = &finding.fix
            && let Some(edit) = workspace_edit(state, &spec, &fix.edits, client)
        {
            fixes.push(action(fix.title.clone(), edit, diagnostics.clone(), true));
        }
        let Some(line) = silence::line(&spec, &file, bytes, finding.place.span.offset) else { continue };
        let edits = [(file.clone(), silence::comment(bytes, line, finding.rule))];
        let title = format!("silence `{}` here; the reason is for you to write", finding.rule);
        if let Some(edit) = workspace_edit(state, &spec, &edits, client) {
            silences.push((title, action(String::new(), edit, diagnostics, false)));
        }
    }
    silences.dedup_by(|a, b| a.0 == b.0);
    fixes.extend(silences.into_iter().map(|(title, action)| match action {
        CodeActionOrCommand::CodeAction(action) => {
            CodeActionOrCommand::CodeAction(CodeAction { title, ..action })
        }
        other => other,
    }));
    Some(fixes)
}

fn action(
    title: String,
    edit: WorkspaceEdit,
    diagnostics: Vec<lsp_types::Diagnostic>,
    is_preferred: bool,
) -> CodeActionOrCommand {
    CodeActionOrCommand::CodeAction(CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(diagnostics),
        edit: Some(edit),
        is_preferred: Some(is_preferred),
        ..CodeAction::default()
    })
}

/// Edits of a spec's documents, and of files by path from the root, as editors want them. `None` when one of the files
/// cannot be read: half a change is none.
#[expect(clippy::mutable_key_type, reason = "the protocol's type; a URI is not changed while it is a key")]
pub(crate) fn workspace_edit(
    state: &State,
    spec: &SpecState,
    edits: &[(String, Edit)],
    client: &Client,
) -> Option<WorkspaceEdit> {
    let mut files: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    for (file, edit) in edits {
        files.entry(file).or_default().push(edit);
    }
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    let mut versioned: Vec<TextDocumentEdit> = Vec::new();
    for (file, edits) in files {
        let path = match file.strip_prefix(BESIDE) {
            Some(beside) => spec.place.path.join(beside),
            None if spec.has_document(file) => spec.path(file),
            None => state.root.join(file),
        };
        let bytes = state.text(&path)?;
        let lines = state.lines(&path, &bytes);
        let edits: Vec<TextEdit> = edits
            .into_iter()
            .map(|edit| TextEdit { range: range_of(&lines, &bytes, edit.span), new_text: edit.new.clone() })
            .collect();
        let buffer = state.buffers.get(&path);
        let uri = buffer.map_or_else(|| uri_of(&path), |buffer| Some(buffer.uri.clone()))?;
        match client.knows_versions {
            true => versioned.push(TextDocumentEdit {
                text_document: OptionalVersionedTextDocumentIdentifier {
                    uri,
                    version: buffer.map(|buffer| buffer.version),
                },
                edits: edits.into_iter().map(OneOf::Left).collect(),
            }),
            false => drop(changes.insert(uri, edits)),
        }
    }
    Some(match client.knows_versions {
        true => WorkspaceEdit {
            document_changes: Some(DocumentChanges::Edits(versioned)),
            ..WorkspaceEdit::default()
        },
        false => WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() },
    })
}

/// Begins the name of a file in the spec's folder that is none of its documents.
pub(crate) const BESIDE: &str = "beside:";
