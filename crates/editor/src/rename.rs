//! Renaming: a term everywhere, or the number of an item with all that cites it.

use lsp_types::{PrepareRenameResponse, RenameParams, TextDocumentPositionParams, WorkspaceEdit};
use plan::occurrences::{Item, Role};
use spec::Edit;

use crate::actions::workspace_edit;
use crate::locate;
use crate::state::State;

/// What would be renamed.
pub(crate) fn prepare(state: &State, at: &TextDocumentPositionParams) -> Option<PrepareRenameResponse> {
    let found = locate::under(state, at)?;
    let placeholder = match &found.item {
        Item::Term(name) => name.clone(),
        Item::Criterion(id) | Item::Requirement(id) | Item::Task(id) => id.clone(),
        Item::Property(number) => number.to_string(),
    };
    Some(PrepareRenameResponse::RangeWithPlaceholder { range: found.range, placeholder })
}

/// The edits of a renaming.
pub(crate) fn rename(state: &State, params: &RenameParams) -> Result<Option<WorkspaceEdit>, String> {
    let Some(found) = locate::under(state, &params.text_document_position) else { return Ok(None) };
    let new = params.new_name.trim();
    let edits = match &found.item {
        Item::Term(old) => term(&found, old, new)?,
        _ => return Err("numbers are changed with `waypost spec edit renumber`".to_string()),
    };
    Ok(workspace_edit(state, found.spec, &edits))
}

fn term(found: &locate::Found<'_>, old: &str, new: &str) -> Result<Vec<(String, Edit)>, String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == ' ';
    if new.is_empty() || !new.chars().all(is_word) {
        return Err(format!("`{new}` cannot be a term"));
    }
    let item = Item::Term(old.to_string());
    let places = found.spec.occurrences.iter().filter(|one| one.item == item && one.role == Role::Reference);
    Ok(places.map(|one| (one.file.clone(), Edit::replace(one.span, new))).collect())
}
