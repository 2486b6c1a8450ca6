//! What stands under the cursor, in a document of a spec or in a source file, and where everything about it stands.
//! Makes no answer.

use std::path::{Path, PathBuf};

use lsp_types::{Location, Position, Range, TextDocumentPositionParams, Uri};
use plan::occurrences::{self, Item, Occurrence, Role};
use spec::Span;
use spec::references::normal_id;
use spec::tags::{Tag, TagKind};

use crate::convert::{offset_of, path_of, range_of, uri_of};
use crate::state::{SpecState, State};

/// An item of a spec, and the place where the cursor is.
pub(crate) struct Found<'a> {
    pub(crate) spec: &'a SpecState,
    pub(crate) item: Item,
    /// What names it under the cursor, in the file of the request.
    pub(crate) range: Range,
}

/// The item under the cursor.
pub(crate) fn under<'a>(state: &'a State, at: &TextDocumentPositionParams) -> Option<Found<'a>> {
    let path = path_of(&at.text_document.uri)?;
    let (offset, text) = offset(state, &path, at.position)?;
    let lines = state.lines(&path, &text);
    if let Some((spec, file)) = state.spec_of(&path) {
        let file = spec.file_name(file);
        let one = occurrences::at(&spec.occurrences, &file, offset)?;
        let range = range_of(&lines, &text, one.span);
        return Some(Found { spec, item: one.item.clone(), range });
    }
    let holds = |span: &Span| span.offset <= offset && offset <= span.end();
    let tag = spec::tags::scan(&text).into_iter().find(|tag| holds(&tag.span))?;
    let (spec, item) = resolve(state, &tag).next()?;
    Some(Found { spec, item, range: range_of(&lines, &text, tag.span) })
}

/// The byte of a position, and the text of the file as the editor shows it.
pub(crate) fn offset(state: &State, path: &Path, position: Position) -> Option<(usize, Vec<u8>)> {
    let text = state.text(path)?;
    let lines = state.lines(path, &text);
    Some((offset_of(&lines, &text, position), text))
}

/// What a tag speaks about: items of the spec that it names, or of the only spec that has such an item.
pub(crate) fn resolve<'a>(state: &'a State, tag: &Tag) -> impl Iterator<Item = (&'a SpecState, Item)> {
    let mut found = Vec::new();
    for id in tag.ids() {
        let candidates = state.specs.values().filter(|spec| match &tag.spec {
            Some(name) => spec.place.name == *name || spec.place.short_name() == name,
            None => true,
        });
        let mut having = candidates.filter_map(|spec| item_of(spec, tag.kind, &id).map(|item| (spec, item)));
        if let (Some(one), None) = (having.next(), having.next()) {
            found.push(one);
        }
    }
    found.into_iter()
}

fn item_of(spec: &SpecState, kind: TagKind, id: &str) -> Option<Item> {
    let items = match kind {
        TagKind::Requirement => {
            vec![Item::Criterion(normal_id(id)), Item::Requirement(normal_id(id))]
        }
        TagKind::Property => vec![Item::Property(id.parse().ok()?)],
        TagKind::Task => vec![Item::Task(id.to_string())],
        TagKind::Spec => Vec::new(),
    };
    items.into_iter().find(|item| spec.definition(item).is_some())
}

/// The definition of an item.
pub(crate) fn definition<'a>(spec: &'a SpecState, item: &Item) -> Option<&'a Occurrence> {
    spec.definition(item)
}

/// A place of a document as editors want it.
pub(crate) fn location(state: &State, spec: &SpecState, file: &str, span: Span) -> Option<Location> {
    let path = spec.path(file);
    let bytes = spec.bytes(file)?;
    Some(Location { uri: uri_of(&path)?, range: range_of(&state.lines(&path, bytes), bytes, span) })
}

/// Every place that states or cites an item: the documents of its spec, then sources and tests.
pub(crate) fn everywhere(
    state: &State,
    spec: &SpecState,
    item: &Item,
    with_definition: bool,
) -> Vec<Location> {
    let wanted = |one: &&Occurrence| one.item == *item && (with_definition || one.role == Role::Reference);
    let mut places: Vec<Location> = spec
        .occurrences
        .iter()
        .filter(wanted)
        .filter_map(|one| location(state, spec, &one.file, one.span))
        .collect();
    for (file, tag) in tagged(state, spec, item) {
        let path = state.root.join(file);
        let Some((uri, text)) = uri_of(&path).zip(state.text(&path)) else { continue };
        places.push(Location { uri, range: range_of(&state.lines(&path, &text), &text, tag.span) });
    }
    places
}

/// The tags in sources that speak about an item; those of a whole requirement speak about each of its criteria.
pub(crate) fn tagged<'a>(state: &'a State, spec: &SpecState, item: &Item) -> Vec<(&'a str, &'a Tag)> {
    let whole = match item {
        Item::Criterion(id) => id.rsplit_once('.').map(|(whole, _)| Item::Requirement(whole.to_string())),
        _ => None,
    };
    let items = std::iter::once(item).chain(whole.as_ref());
    let tags = items.flat_map(|item| state.tagged(&spec.place.name, item));
    tags.map(|(file, tag)| (file.as_str(), tag)).collect()
}

/// The path of a request's document.
pub(crate) fn path(uri: &Uri) -> Option<PathBuf> {
    path_of(uri)
}
