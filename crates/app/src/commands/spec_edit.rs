//! `waypost spec edit`: ticking, inserting, moving, renaming, renumbering, removing. What cites an item follows, in the
//! documents and in the tags of tests. Which bytes change is decided in `spec`.

use std::collections::BTreeMap;

use index::{Listing, SpecPlace, TagIndex};
use plan::{Reading, SpecDocuments};
use spec::refactor::{Changes as Refactoring, Kind, Place, RefactorError, Set};
use spec::settings::tasks_meta::TasksMeta;
use spec::{Edit, State};

use crate::changes::{self, Changes, FileChange};
use crate::cli::{EditState, EditTarget, SpecEdit, SpecEditVerb};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::workspace::Workspace;
use crate::world::World;

/// Edits.
pub(crate) fn run(world: &World, screen: &Screen, edit: &SpecEdit) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(edit.spec.as_deref())?;
    let reading = Reading::of(place.documents()?);
    let sources = sources(&workspace, &edit.verb);
    let changes = match &edit.verb {
        SpecEditVerb::Tick { task, state } => tick(&place, &reading.documents, task, *state)?,
        verb => {
            let documents: Vec<(String, &[u8])> = reading.texts().collect();
            let sources: Vec<(String, &[u8])> =
                sources.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
            let set = Set {
                name: place.short_name(),
                documents: &documents,
                sources: &sources,
                sources_belong: workspace.specs().len() == 1,
            };
            let (what, made) = refactor(&set, verb)?;
            written(&workspace, &place, &set, what, &made)?
        }
    };
    changes::carry_out(world, screen, &workspace, &place, changes, edit.dry_run)?;
    Ok(Exit::Done)
}

/// The files whose tags may name the spec.
fn sources(workspace: &Workspace, verb: &SpecEditVerb) -> BTreeMap<String, Vec<u8>> {
    if matches!(verb, SpecEditVerb::Tick { .. }) {
        return BTreeMap::new();
    }
    let tags = TagIndex::scan(&workspace.root, &Listing::read(&workspace.root));
    let files = tags.files.into_keys();
    files.filter_map(|file| index::sources::read(&workspace.root, &file).map(|bytes| (file, bytes))).collect()
}

fn tick(place: &SpecPlace, documents: &SpecDocuments, task: &str, state: EditState) -> Outcome<Changes> {
    let before = documents.tasks_bytes().unwrap_or_default().to_vec();
    let state = match state {
        EditState::Open => State::Open,
        EditState::Queued => State::Queued,
        EditState::Begun => State::InProgress,
        EditState::Done => State::Done,
    };
    let splice = spec::edit::tick(&before, task, state).map_err(Error::usage)?;
    let after = splice.apply(&before).map_err(Error::failed)?;
    let file = FileChange { path: place.tasks_file(), before: Some(before), after };
    let notes = match state {
        State::Done => vec!["a tick by hand stands on no evidence; `spec status` says so".to_string()],
        _ => Vec::new(),
    };
    Ok(Changes { what: format!("tick task {task}"), why: None, files: vec![file], moved: None, notes })
}

fn refactor(set: &Set<'_>, verb: &SpecEditVerb) -> Outcome<(String, Refactoring)> {
    let refused = |error: RefactorError| Error::usage(error);
    let (what, made) = match verb {
        SpecEditVerb::Tick { .. } => return Ok(Default::default()),
        SpecEditVerb::Insert { what, after, words, details } => {
            let details: Vec<&str> = details.iter().map(String::as_str).collect();
            let made = match what {
                EditTarget::Criteria => set.insert_criterion(after, words),
                EditTarget::Requirements => set.insert_requirement(after, words, None, &details),
                EditTarget::Tasks => set.insert_task(after, words, &details),
                EditTarget::Properties => {
                    return Err(Error::usage("a property is written in the design by hand"));
                }
            };
            (format!("insert a {} behind {after}", kind_of(*what)), made)
        }
        SpecEditVerb::Remove { item, drop_references } => {
            let (kind, id) = item_of(item)?;
            (format!("remove {kind} {id}"), set.remove(kind, id, *drop_references))
        }
        SpecEditVerb::Move { item, before, after } => {
            let (kind, id) = item_of(item)?;
            let to = match (before, after) {
                (Some(before), _) => Place::Before(item_id(before)),
                (None, Some(after)) => Place::After(item_id(after)),
                (None, None) => return Err(Error::usage("say where to: --before ID or --after ID")),
            };
            let made = match kind {
                Kind::Criterion => set.move_criterion(id, to),
                Kind::Requirement => set.move_requirement(id, to),
                Kind::Task => set.move_task(id, to),
                Kind::Property => set.move_property(id, to),
            };
            (format!("move {kind} {id}"), made)
        }
        SpecEditVerb::Rename { item, words } => match item.strip_prefix("term:") {
            Some(term) => (format!("rename the term {term}"), set.rename_term(term, words)),
            None => {
                let (kind, id) = item_of(item)?;
                (format!("rename {kind} {id}"), set.rename(kind, id, words))
            }
        },
        SpecEditVerb::Renumber { what, set: pairs } => {
            let kind = kind_of(*what);
            let made = if pairs.is_empty() {
                set.renumber(kind)
            } else {
                let pairs: Option<Vec<(String, String)>> = pairs
                    .iter()
                    .map(|pair| pair.split_once('=').map(|(old, new)| (old.to_string(), new.to_string())))
                    .collect();
                let pairs = pairs.ok_or_else(|| Error::usage("--set takes OLD=NEW, for example 3.2=3.4"))?;
                set.renumber_with(kind, &pairs)
            };
            let what = match kind {
                Kind::Requirement => "renumber requirements",
                Kind::Criterion => "renumber criteria",
                Kind::Task => "renumber tasks",
                Kind::Property => "renumber properties",
            };
            (what.to_string(), made)
        }
    };
    Ok((what, made.map_err(refused)?))
}

/// Edits as files, the keys of the record beside the tasks among them.
fn written(
    workspace: &Workspace,
    place: &SpecPlace,
    set: &Set<'_>,
    what: String,
    made: &Refactoring,
) -> Outcome<Changes> {
    let mut files = Vec::new();
    let documents = set.documents.iter().map(|(file, bytes)| (place.file(file), file, *bytes));
    let sources = set.sources.iter().map(|(file, bytes)| (workspace.root.join(file), file, *bytes));
    for (path, file, bytes) in documents.chain(sources) {
        let after = made.apply(file, bytes).map_err(Error::failed)?;
        files.push(FileChange { path, before: Some(bytes.to_vec()), after });
    }
    for name in ["tasks.meta.json", ".tasks-meta.json"] {
        let path = place.path.join(name);
        if place.shape == plan::Shape::Folder
            && !made.keys.is_empty()
            && let Some(bytes) = index::place::read(&path)?
        {
            let after = spec::splice::apply(&bytes, &keys(&bytes, &made.keys)).map_err(Error::failed)?;
            files.push(FileChange { path, before: Some(bytes), after });
        }
    }
    let moved = made.moved.iter().map(|moved| format!("{} {} is now {}", moved.kind, moved.from, moved.to));
    let notes = moved.chain(made.notes.iter().cloned()).collect();
    Ok(Changes { what, why: None, files, moved: None, notes })
}

/// The keys of a record of runs that change with their tasks' words.
fn keys(bytes: &[u8], changed: &[(String, String)]) -> Vec<Edit> {
    let meta = TasksMeta::parse(bytes);
    let entries = meta.entries.iter();
    entries
        .filter_map(|entry| {
            let new = changed.iter().find(|(old, _)| *old == entry.task).map(|(_, new)| new)?;
            Some(Edit::replace(entry.key, spec::json::quote(new)))
        })
        .collect()
}

fn kind_of(target: EditTarget) -> Kind {
    match target {
        EditTarget::Requirements => Kind::Requirement,
        EditTarget::Criteria => Kind::Criterion,
        EditTarget::Tasks => Kind::Task,
        EditTarget::Properties => Kind::Property,
    }
}

/// `3.2` is a criterion, `3` a requirement; `task:2.1`, `property:1` and `requirement:3` say what they are.
fn item_of(text: &str) -> Outcome<(Kind, &str)> {
    let Some((kind, id)) = text.split_once(':') else {
        return Ok((if text.contains('.') { Kind::Criterion } else { Kind::Requirement }, text));
    };
    let kind = match kind {
        "task" => Kind::Task,
        "property" => Kind::Property,
        "requirement" | "req" => Kind::Requirement,
        "criterion" => Kind::Criterion,
        _ => {
            return Err(Error::usage(format!("`{kind}:` is not known"))
                .hint("write 3.2 for a criterion, 3 for a requirement, task:2.1, property:1 or term:Name"));
        }
    };
    Ok((kind, id))
}

fn item_id(text: &str) -> &str {
    text.split_once(':').map_or(text, |(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_as_people_write_them() {
        let check = |text: &str, expected: Option<(Kind, &str)>| assert_eq!(item_of(text).ok(), expected);
        check("3.2", Some((Kind::Criterion, "3.2")));
        check("3", Some((Kind::Requirement, "3")));
        check("task:2.1", Some((Kind::Task, "2.1")));
        check("req:NFR-1", Some((Kind::Requirement, "NFR-1")));
        check("thing:1", None);
    }
}
