//! Renaming: a term everywhere, or the number of an item with all that cites it. Which bytes change is decided in `spec`.

use std::collections::BTreeMap;

use lsp_types::{PrepareRenameResponse, RenameParams, TextDocumentPositionParams, WorkspaceEdit};
use plan::Shape;
use plan::occurrences::Item;
use spec::Edit;
use spec::refactor::{Changes, Kind, Set};
use spec::settings::tasks_meta::TasksMeta;

use crate::actions::{BESIDE, workspace_edit};
use crate::client::Client;
use crate::document::SpecState;
use crate::locate::{self, Found};
use crate::state::State;

/// Sources that follow a renaming; where more of them speak about the spec, the command line does it.
const SOURCES_MAX: usize = 5_000;

/// Notes that are told.
const NOTES_MAX: usize = 5;

/// What would be renamed.
pub(crate) fn prepare(
    state: &State,
    at: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResponse>, String> {
    let Some(found) = locate::under(state, at) else { return Ok(None) };
    let placeholder = match &found.item {
        Item::Term(name) => name.clone(),
        Item::Criterion(id) | Item::Requirement(id) | Item::Task(id) => id.clone(),
        Item::Property(number) => number.to_string(),
    };
    if found.spec.definition(&found.item).is_none() {
        return Err(format!("{} does not exist in `{}`", found.item.words(), found.spec.place.name));
    }
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range: found.range, placeholder }))
}

/// The edits of a renaming, and what the person should know about them.
pub(crate) fn rename(
    state: &State,
    params: &RenameParams,
    client: &Client,
) -> Result<Option<(WorkspaceEdit, Vec<String>)>, String> {
    let Some(Found { spec, item, .. }) = locate::under(state, &params.text_document_position) else {
        return Ok(None);
    };
    let new = params.new_name.trim();
    if spec.definition(&item).is_none() {
        return Err(format!("{} does not exist in `{}`", item.words(), spec.place.name));
    }
    let owned = sources(state, &spec)?;
    let sources: Vec<(String, &[u8])> =
        owned.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
    let documents: Vec<(String, &[u8])> = spec.reading.texts().collect();
    let set = Set {
        name: spec.place.short_name(),
        documents: &documents,
        sources: &sources,
        sources_belong: state.count() == 1,
    };
    let made = change(&set, &item, new)?;
    let mut edits = made.edits.clone();
    edits.extend(records(&spec, &made)?);
    if edits.is_empty() {
        return Ok(None);
    }
    let edit =
        workspace_edit(state, &spec, &edits, client).ok_or("a file that has to change cannot be read")?;
    Ok(Some((edit, told(made.notes))))
}

fn change(set: &Set<'_>, item: &Item, new: &str) -> Result<Changes, String> {
    let (kind, old) = match item {
        Item::Term(old) => return set.rename_term(old, new).map_err(|error| error.to_string()),
        Item::Criterion(id) => (Kind::Criterion, id.clone()),
        Item::Requirement(id) => (Kind::Requirement, id.clone()),
        Item::Property(number) => (Kind::Property, number.to_string()),
        Item::Task(id) => (Kind::Task, id.clone()),
    };
    let new = match old.rsplit_once('.') {
        // `4` for `3.2` can only mean `3.4`.
        Some((above, _)) if !new.contains('.') => format!("{above}.{new}"),
        _ => new.to_string(),
    };
    let last = new.rsplit('.').next().unwrap_or_default();
    let is_id = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    if last.is_empty() || !new.chars().all(is_id) {
        return Err(format!("`{new}` is no number; write one such as `{old}`"));
    }
    if new == old {
        return Ok(Changes::default());
    }
    set.renumber_with(kind, &[(old, new)]).map_err(|error| error.to_string())
}

/// The files whose tags may name the spec, as the editor shows them.
fn sources(state: &State, spec: &SpecState) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let name = &spec.place.name;
    let may_mean =
        |wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| locate::is_named(name, wanted));
    let files: Vec<&str> = state
        .tags
        .files()
        .filter(|(_, tags)| tags.iter().any(|tag| may_mean(&tag.spec)))
        .map(|(file, _)| file)
        .take(SOURCES_MAX + 1)
        .collect();
    if files.len() > SOURCES_MAX {
        return Err(format!(
            "more than {SOURCES_MAX} files have tags that may mean `{name}`; use `waypost spec edit` in a terminal"
        ));
    }
    let read = |file: &str| {
        let path = state.root.join(file);
        match state.buffers.get(&path) {
            Some(buffer) => Some(buffer.bytes.clone()),
            None => index::sources::read(&state.root, file),
        }
    };
    Ok(files.into_iter().filter_map(|file| read(file).map(|bytes| (file.to_string(), bytes))).collect())
}

/// The keys of the record of runs beside the tasks, which are the tasks' words.
fn records(spec: &SpecState, made: &Changes) -> Result<Vec<(String, Edit)>, String> {
    let mut edits = Vec::new();
    if spec.place.shape != Shape::Folder || made.keys.is_empty() {
        return Ok(edits);
    }
    for name in ["tasks.meta.json", ".tasks-meta.json"] {
        let read = index::place::read(&spec.place.path.join(name));
        let Some(bytes) = read.map_err(|error| error.to_string())? else { continue };
        for entry in TasksMeta::parse(&bytes).entries {
            if let Some((_, new)) = made.keys.iter().find(|(old, _)| *old == entry.task) {
                edits.push((format!("{BESIDE}{name}"), Edit::replace(entry.key, spec::json::quote(new))));
            }
        }
    }
    Ok(edits)
}

fn told(mut notes: Vec<String>) -> Vec<String> {
    let more = notes.len().saturating_sub(NOTES_MAX);
    notes.truncate(NOTES_MAX);
    if more > 0 {
        notes.push(format!("and {more} more"));
    }
    notes
}
