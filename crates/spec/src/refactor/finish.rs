//! From a draft to changes that are known to be right: the draft is applied to copies, the copies are read again, the
//! references follow the ids that were read, and the result is read once more and compared. Knows no operation.

use std::collections::{BTreeMap, HashSet};

use super::layout::Layout;
use super::model::Model;
use super::numbering::Numbers;
use super::rewrite::{Change, Outcome};
use super::uses::{self, Doubt, File, How, Use};
use super::{Changes, Kind, Moved, NOTES_MAX, RefactorError, Set, drops};
use crate::Span;
use crate::splice::{self, Edit};

/// A change before its references follow.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// For each document its own changes.
    pub(super) layouts: BTreeMap<usize, Layout>,
    /// Ids that the change means to give; checked against what is read.
    pub(super) numbers: Numbers,
    /// What comes: its kind, and its id when one is written.
    pub(super) inserted: Option<(Kind, Option<String>)>,
    /// Entities that go, children included.
    pub(super) removed: Vec<usize>,
    /// Bytes of documents that go or are written anew, with whatever they named.
    pub(super) cut: Vec<(usize, Span)>,
    /// Entities whose words change.
    pub(super) reworded: Vec<usize>,
    /// References to what goes are taken out where that is possible.
    pub(super) drop_references: bool,
    pub(super) notes: Vec<String>,
}

impl Draft {
    pub(super) fn layout(&mut self, file: usize) -> &mut Layout {
        self.layouts.entry(file).or_default()
    }

    /// Gives ids, and writes them where a number is written.
    pub(super) fn number(&mut self, model: &Model, numbers: Numbers) {
        for (file, edit) in super::numbering::edits(model, &numbers) {
            self.layout(file).small.push(edit);
        }
        self.numbers.extend(numbers);
    }
}

/// All copies of a set with layouts applied.
struct Copies {
    documents: Vec<(String, Vec<u8>)>,
    sources: Vec<(String, Vec<u8>)>,
}

impl Copies {
    fn of(set: &Set<'_>, layouts: &BTreeMap<File, Layout>) -> Result<Copies, RefactorError> {
        let apply = |file: File, bytes: &[u8]| -> Result<Vec<u8>, RefactorError> {
            match layouts.get(&file) {
                Some(layout) => Ok(splice::apply(bytes, &layout.edits(bytes)?)?),
                None => Ok(bytes.to_vec()),
            }
        };
        let mut copies = Copies { documents: Vec::new(), sources: Vec::new() };
        for (at, (name, bytes)) in set.documents.iter().enumerate() {
            copies.documents.push((name.clone(), apply(File::Document(at), bytes)?));
        }
        for (at, (name, bytes)) in set.sources.iter().enumerate() {
            copies.sources.push((name.clone(), apply(File::Source(at), bytes)?));
        }
        Ok(copies)
    }

    fn read<T>(&self, set: &Set<'_>, work: impl FnOnce(&Set<'_>) -> T) -> T {
        fn borrow(files: &[(String, Vec<u8>)]) -> Vec<(String, &[u8])> {
            files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice())).collect()
        }
        let (documents, sources) = (borrow(&self.documents), borrow(&self.sources));
        work(&Set { documents: &documents, sources: &sources, ..*set })
    }
}

/// The way from the old entities to those of a new reading, and back.
struct Identity {
    forward: Vec<Option<usize>>,
    back: Vec<Option<usize>>,
}

impl Identity {
    /// Entities are the same when they begin at the same byte, wherever that went.
    fn of(
        old: &Model,
        new: &Model,
        layouts: &BTreeMap<File, Layout>,
        removed: &[usize],
    ) -> Result<Identity, RefactorError> {
        let maps: BTreeMap<File, _> = layouts.iter().map(|(file, layout)| (*file, layout.map())).collect();
        let mut identity =
            Identity { forward: vec![None; old.entities.len()], back: vec![None; new.entities.len()] };
        let gone: HashSet<usize> = removed.iter().copied().collect();
        for (at, entity) in old.entities.iter().enumerate() {
            if gone.contains(&at) {
                continue;
            }
            let start =
                maps.get(&File::Document(entity.file)).map_or(entity.start, |map| map.at(entity.start));
            let Some(found) = new.at(entity.kind, entity.file, start) else {
                return Err(RefactorError::CannotWrite { kind: entity.kind, id: entity.id.clone() });
            };
            if let (Some(forward), Some(back)) = (identity.forward.get_mut(at), identity.back.get_mut(found))
            {
                *forward = Some(found);
                *back = Some(at);
            }
        }
        Ok(identity)
    }
}

/// Makes the changes of a draft.
///
/// Errors: [`RefactorError::CannotWrite`] when a number would not be read as it is meant,
/// [`RefactorError::WouldChangeMeaning`] when a reference would come to mean something else.
pub(super) fn finish(set: &Set<'_>, model: &Model, draft: Draft) -> Result<Changes, RefactorError> {
    if model.is_cut {
        return Err(RefactorError::TooLarge);
    }
    let mut places = uses::read(set, model).ok_or(RefactorError::TooLarge)?;
    for (file, cut) in draft.cut {
        let is_cut = |at: usize| at >= cut.offset && at < cut.end();
        places.retain(|place| place.file != File::Document(file) || !is_cut(place.span.offset));
    }
    let mut layouts: BTreeMap<File, Layout> =
        draft.layouts.into_iter().map(|(file, layout)| (File::Document(file), layout)).collect();
    let first = Copies::of(set, &layouts)?;
    let renumbered = first.read(set, Model::read);
    let identity = Identity::of(model, &renumbered, &layouts, &draft.removed)?;
    if let Some((kind, id)) = &draft.inserted {
        let mut new = renumbered.entities.iter().zip(&identity.back).filter(|(_, back)| back.is_none());
        let is_read =
            new.any(|(entity, _)| entity.kind == *kind && id.as_ref().is_none_or(|id| *id == entity.id));
        if !is_read {
            return Err(RefactorError::CannotWrite { kind: *kind, id: id.clone().unwrap_or_default() });
        }
    }
    let change = Change {
        old: model,
        new: &renumbered,
        forward: &identity.forward,
        back: &identity.back,
        tidy: draft.drop_references,
    };
    for (at, id) in &draft.numbers {
        let is_written =
            model.get(*at).is_some_and(|entity| entity.number.is_some_and(|number| number.is_true));
        if is_written
            && identity.forward.get(*at).copied().flatten().is_some()
            && change.new_id(*at) != Some(id)
        {
            let entity = model.get(*at);
            let kind = entity.map_or(Kind::Task, |entity| entity.kind);
            return Err(RefactorError::CannotWrite { kind, id: id.clone() });
        }
    }
    let mut notes = Notes { list: draft.notes, more: 0 };
    let mut gone: Vec<&Use> = Vec::new();
    let mut unsaid: HashSet<(File, usize)> = HashSet::new();
    for place in &places {
        let bytes = bytes_of(set, place.file);
        if place.doubt != Doubt::None {
            if change.touches(place) {
                notes.add(|| left(set, place, bytes));
            }
            continue;
        }
        for id in &place.missing {
            if change.meaning(place.kind, id).is_some() && place.to.is_none() {
                notes.add(|| {
                    format!("{} named nothing before and names something now", quote(set, place, bytes))
                });
            }
        }
        match change.outcome(place, bytes) {
            Outcome::Keep => {}
            Outcome::Edits(edits) => {
                if place.to.is_some() && edits.len() == 1 {
                    notes.add(|| {
                        format!("{} is no row any more and was written out", quote(set, place, bytes))
                    });
                }
                layouts.entry(place.file).or_default().small.extend(edits);
            }
            Outcome::Gone => gone.push(place),
            Outcome::Cannot if place.how != How::Name => {
                return Err(RefactorError::WouldChangeMeaning { place: quote(set, place, bytes) });
            }
            Outcome::Cannot => {
                notes.add(|| left(set, place, bytes));
                unsaid.insert((place.file, place.span.offset));
            }
        }
    }
    let dropped =
        if draft.drop_references { drops::plan(set, &places, &gone) } else { drops::Drops::default() };
    for (file, edit) in dropped.edits {
        layouts.entry(file).or_default().small.push(edit);
    }
    for place in gone.iter().filter(|place| !dropped.places.contains(&(place.file, place.span.offset))) {
        let bytes = bytes_of(set, place.file);
        notes.add(|| format!("{} names something that is gone", quote(set, place, bytes)));
    }
    drop(gone);
    places.retain(|place| !unsaid.contains(&(place.file, place.span.offset)));
    let second = Copies::of(set, &layouts)?;
    let keys = second
        .read(set, |after| verify(after, model, &layouts, &places, &draft.removed, &draft.reworded, set))?;
    Ok(Changes { edits: listed(set, &layouts)?, moved: moved(model, &change), keys, notes: notes.into_vec() })
}

/// Reads the result once more and compares every reference. Gives the keys of tasks that changed.
fn verify(
    after: &Set<'_>,
    model: &Model,
    layouts: &BTreeMap<File, Layout>,
    places: &[Use],
    removed: &[usize],
    reworded: &[usize],
    before: &Set<'_>,
) -> Result<Vec<(String, String)>, RefactorError> {
    let new = Model::read(after);
    let identity = Identity::of(model, &new, layouts, removed)?;
    let mut keys = Vec::new();
    for (at, entity) in model.entities.iter().enumerate() {
        let found = identity.forward.get(at).copied().flatten().and_then(|new_at| new.get(new_at));
        let Some(found) = found else { continue };
        if words(&found.text) != words(&entity.text) && !reworded.contains(&at) {
            return Err(RefactorError::CannotWrite { kind: entity.kind, id: entity.id.clone() });
        }
        if found.label != entity.label {
            keys.push((entity.label.clone(), found.label.clone()));
        }
    }
    let now = uses::read(after, &new).ok_or(RefactorError::TooLarge)?;
    let maps: BTreeMap<File, _> = layouts.iter().map(|(file, layout)| (*file, layout.map())).collect();
    let gone: HashSet<usize> = removed.iter().copied().collect();
    for place in places.iter().filter(|place| place.doubt == Doubt::None) {
        let wanted: Vec<usize> = place.targets.iter().copied().filter(|at| !gone.contains(at)).collect();
        if wanted.is_empty() {
            continue;
        }
        let map = |at: usize| maps.get(&place.file).map_or(at, |map| map.at(at));
        // The last byte of a moved block still belongs to the block, the byte behind it does not.
        let from = map(place.span.offset);
        let last = place.span.end().saturating_sub(1);
        let until = maps.get(&place.file).map_or(last, |map| map.last_of(last)).max(from);
        let start = now.partition_point(|other| (other.file, other.number.offset) < (place.file, from));
        let mut found: Vec<usize> = now
            .iter()
            .skip(start)
            .take_while(|other| other.file == place.file && other.number.offset <= until)
            .filter(|other| other.kind == place.kind)
            .flat_map(|other| &other.targets)
            .filter_map(|at| identity.back.get(*at).copied().flatten())
            .collect();
        let mut wanted = wanted;
        wanted.sort_unstable();
        found.sort_unstable();
        found.dedup();
        if found != wanted {
            let bytes = bytes_of(before, place.file);
            return Err(RefactorError::WouldChangeMeaning { place: quote(before, place, bytes) });
        }
    }
    Ok(keys)
}

/// Words alone, for numbers inside them may follow their targets.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

pub(super) fn bytes_of<'a>(set: &Set<'a>, file: File) -> &'a [u8] {
    let found = match file {
        File::Document(at) => set.documents.get(at),
        File::Source(at) => set.sources.get(at),
    };
    found.map(|(_, bytes)| *bytes).unwrap_or_default()
}

fn name_of<'a>(set: &Set<'a>, file: File) -> &'a str {
    let found = match file {
        File::Document(at) => set.documents.get(at),
        File::Source(at) => set.sources.get(at),
    };
    found.map(|(name, _)| name.as_str()).unwrap_or_default()
}

/// `` `1.2` in `tasks.md`, line 7 ``
fn quote(set: &Set<'_>, place: &Use, bytes: &[u8]) -> String {
    let before = bytes.get(..place.span.offset).unwrap_or_default();
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    format!("`{}` in `{}`, line {line},", place.span.text(bytes), name_of(set, place.file))
}

fn left(set: &Set<'_>, place: &Use, bytes: &[u8]) -> String {
    let why = match place.doubt {
        Doubt::OtherSpec => "because its line names another spec",
        Doubt::Stranger => "because nothing says that the file is about this spec",
        Doubt::Unsure => "because it may count something else",
        Doubt::None => "because no text says it",
    };
    format!("{} was left as it is, {why}", quote(set, place, bytes))
}

fn listed(set: &Set<'_>, layouts: &BTreeMap<File, Layout>) -> Result<Vec<(String, Edit)>, RefactorError> {
    let mut out = Vec::new();
    for (file, layout) in layouts {
        let edits = layout.edits(bytes_of(set, *file))?;
        out.extend(edits.into_iter().map(|edit| (name_of(set, *file).to_string(), edit)));
    }
    Ok(out)
}

fn moved(model: &Model, change: &Change<'_>) -> Vec<Moved> {
    let entities = model.entities.iter().enumerate();
    entities
        .filter_map(|(at, entity)| {
            let new = change.new_id(at).filter(|new| *new != entity.id)?;
            Some(Moved { kind: entity.kind, from: entity.id.clone(), to: new.to_string() })
        })
        .collect()
}

/// Notes up to [`NOTES_MAX`]; the rest is counted.
struct Notes {
    list: Vec<String>,
    more: usize,
}

impl Notes {
    fn add(&mut self, make: impl FnOnce() -> String) {
        if self.list.len() < NOTES_MAX {
            self.list.push(make());
        } else {
            self.more += 1;
        }
    }

    fn into_vec(mut self) -> Vec<String> {
        if self.more > 0 {
            self.list.push(format!("and {} more places like these", self.more));
        }
        self.list
    }
}
