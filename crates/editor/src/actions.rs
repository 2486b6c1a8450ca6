//! Quick-fixes: the edits that findings bring along, and a comment that silences one.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, NumberOrString, TextEdit, Uri,
    WorkspaceEdit,
};
use spec::Edit;

use crate::convert::{range_of, span_of, uri_of};
use crate::locate;
use crate::state::{SpecState, State};

/// The actions for a range.
pub(crate) fn actions(state: &State, params: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let file = spec.file_name(file);
    let bytes = spec.bytes(&file)?;
    let lines = state.lines(&path, bytes);
    let wanted = span_of(&lines, bytes, params.range);
    let touches = |span: spec::Span| span.offset <= wanted.end() && wanted.offset <= span.end();
    let mut found = Vec::new();
    for finding in
        spec.findings.iter().filter(|finding| finding.place.file == file && touches(finding.place.span))
    {
        let shown = params.context.diagnostics.iter().filter(
            |shown| matches!(&shown.code, Some(NumberOrString::String(code)) if code == finding.rule),
        );
        let diagnostics: Vec<_> = shown.cloned().collect();
        if let Some(fix) = &finding.fix
            && let Some(edit) = workspace_edit(state, spec, &fix.edits)
        {
            found.push(action(fix.title.clone(), edit, diagnostics.clone(), true));
        }
        let start = bytes.get(..finding.place.span.offset).unwrap_or_default();
        let line = start.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let comment = format!("<!-- waypost: ignore {} reason: … -->\n", finding.rule);
        let edits = vec![(file.clone(), Edit::insert(line, comment))];
        if let Some(edit) = workspace_edit(state, spec, &edits) {
            found.push(action(
                format!("silence `{}` here, with a reason", finding.rule),
                edit,
                diagnostics,
                false,
            ));
        }
    }
    Some(found)
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

/// Edits of a spec's documents, and of files by path from the root, as editors want them.
#[expect(clippy::mutable_key_type, reason = "the protocol's type; a URI is not changed while it is a key")]
pub(crate) fn workspace_edit(
    state: &State,
    spec: &SpecState,
    edits: &[(String, Edit)],
) -> Option<WorkspaceEdit> {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for (file, edit) in edits {
        let is_document = spec.bytes(file).is_some() && !file.contains('/');
        let path = if is_document { spec.path(file) } else { state.root.join(file) };
        let bytes = state.text(&path)?;
        let lines = state.lines(&path, &bytes);
        let text = TextEdit { range: range_of(&lines, &bytes, edit.span), new_text: edit.new.clone() };
        changes.entry(uri_of(&path)?).or_default().push(text);
    }
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}
