//! What stands under the cursor, in a document of a spec or in a source file, and where everything about it stands.
//! Makes no answer.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use index::Lines;
use lsp_types::{Location, Position, Range, TextDocumentPositionParams, Uri};
use plan::occurrences::{self, Item, Occurrence, Role};
use spec::Span;
use spec::references::normal_id;
use spec::tags::{Tag, TagKind};

use crate::convert::{offset_of, path_of, range_of, uri_of};
use crate::document::SpecState;
use crate::state::State;

/// Places given at once.
const PLACES_MAX: usize = 5_000;

/// An item of a spec, and the place where the cursor is.
pub(crate) struct Found {
    pub(crate) spec: Rc<SpecState>,
    pub(crate) item: Item,
    /// What names it under the cursor, in the file of the request.
    pub(crate) range: Range,
}

/// The item under the cursor.
pub(crate) fn under(state: &State, at: &TextDocumentPositionParams) -> Option<Found> {
    let path = path_of(&at.text_document.uri)?;
    let (offset, text) = offset(state, &path, at.position)?;
    let lines = state.lines(&path, &text);
    if let Some((spec, file)) = state.spec_of(&path) {
        let file = spec.file_name(file);
        let one = occurrences::at(spec.within(&file), &file, offset)?;
        let (item, range) = (one.item.clone(), range_of(&lines, &text, one.span));
        return Some(Found { spec, item, range });
    }
    let file = state.relative(&path).filter(|file| index::tags::is_source(file))?;
    let holds = |span: &Span| span.offset <= offset && offset <= span.end();
    let tag = state.tags.of_file(&file).iter().find(|tag| holds(&tag.span)).cloned();
    // Until the sources are scanned, the file itself says what stands in it.
    let tag = tag.or_else(|| spec::tags::scan(&text).into_iter().find(|tag| holds(&tag.span)))?;
    let (name, item) = tag.ids().iter().find_map(|id| resolve(state, tag.kind, id, tag.spec.as_deref()))?;
    let spec = state.full(&name)?;
    Some(Found { spec, item, range: range_of(&lines, &text, tag.span) })
}

/// The byte of a position, and the text of the file as the editor shows it.
pub(crate) fn offset(state: &State, path: &Path, position: Position) -> Option<(usize, Vec<u8>)> {
    let text = state.text(path)?;
    let lines = state.lines(path, &text);
    Some((offset_of(&lines, &text, position), text))
}

/// What an id of a tag speaks about: an item of the spec that the tag names, or of the only spec that has such an item.
pub(crate) fn resolve(state: &State, kind: TagKind, id: &str, spec: Option<&str>) -> Option<(String, Item)> {
    let items = items_of(kind, id)?;
    let mut having = state
        .names()
        .filter(|name| spec.is_none_or(|wanted| is_named(name, wanted)))
        .filter_map(|name| items.iter().find(|item| state.has(name, item)).map(|item| (name, item)));
    match (having.next(), having.next()) {
        (Some((name, item)), None) => Some((name.to_string(), item.clone())),
        _ => None,
    }
}

/// Whether a tag that says `wanted` means the spec of that name.
pub(crate) fn is_named(name: &str, wanted: &str) -> bool {
    name == wanted || name.rsplit(['/', ':']).next() == Some(wanted)
}

/// What an id of a tag may be, the likelier first.
fn items_of(kind: TagKind, id: &str) -> Option<Vec<Item>> {
    match kind {
        TagKind::Requirement => Some(vec![Item::Criterion(normal_id(id)), Item::Requirement(normal_id(id))]),
        TagKind::Property => Some(vec![Item::Property(id.parse().ok()?)]),
        TagKind::Task => Some(vec![Item::Task(id.to_string())]),
        TagKind::Spec => None,
    }
}

/// The id under which tags speak about an item.
fn tag_id(item: &Item) -> Option<(TagKind, String)> {
    match item {
        Item::Criterion(id) | Item::Requirement(id) => Some((TagKind::Requirement, id.clone())),
        Item::Property(number) => Some((TagKind::Property, number.to_string())),
        Item::Task(id) => Some((TagKind::Task, id.clone())),
        Item::Term(_) => None,
    }
}

/// The definition of an item.
pub(crate) fn definition<'a>(spec: &'a SpecState, item: &Item) -> Option<&'a Occurrence> {
    spec.definition(item)
}

/// A place of a document as editors want it.
pub(crate) fn location(state: &State, spec: &SpecState, file: &str, span: Span) -> Option<Location> {
    Places::new(state).of_spec(spec, file, span)
}

/// Finds places, with one look at each file.
pub(crate) struct Places<'s> {
    state: &'s State,
    files: HashMap<PathBuf, Option<(Uri, Lines)>>,
}

impl<'s> Places<'s> {
    pub(crate) fn new(state: &'s State) -> Places<'s> {
        Places { state, files: HashMap::new() }
    }

    /// A place in a document of a spec, or in a file of the repository.
    pub(crate) fn of_spec(&mut self, spec: &SpecState, file: &str, span: Span) -> Option<Location> {
        if !spec.has_document(file) {
            let path = self.state.root.join(file);
            let bytes = self.state.text(&path)?;
            return self.of(path, &bytes, span);
        }
        self.of(spec.path(file), spec.bytes(file)?, span)
    }

    fn of(&mut self, path: PathBuf, bytes: &[u8], span: Span) -> Option<Location> {
        let state = self.state;
        let read = |path: &PathBuf| {
            let uri = match state.buffers.get(path) {
                Some(buffer) => buffer.uri.clone(),
                None => uri_of(path)?,
            };
            Some((uri, state.lines(path, bytes)))
        };
        let (uri, lines) = self.files.entry(path).or_insert_with_key(read).as_ref()?;
        Some(Location { uri: uri.clone(), range: range_of(lines, bytes, span) })
    }
}

/// Every place that states or cites an item: the documents of its spec, then sources and tests.
pub(crate) fn everywhere(
    state: &State,
    spec: &SpecState,
    item: &Item,
    with_definition: bool,
) -> Vec<Location> {
    let mut finder = Places::new(state);
    let wanted = |one: &&Occurrence| one.item == *item && (with_definition || one.role == Role::Reference);
    let mut places: Vec<Location> = spec
        .occurrences
        .iter()
        .filter(wanted)
        .take(PLACES_MAX)
        .filter_map(|one| finder.of_spec(spec, &one.file, one.span))
        .collect();
    let mut text: Option<(&str, Vec<u8>)> = None;
    for (file, tag) in tagged(state, spec, item).into_iter().take(PLACES_MAX) {
        let path = state.root.join(file);
        if text.as_ref().is_none_or(|(known, _)| *known != file) {
            text = state.text(&path).map(|bytes| (file, bytes));
        }
        let Some((_, bytes)) = &text else { continue };
        places.extend(finder.of(path, bytes, tag.span));
    }
    places
}

/// The tags in sources that speak about an item, by file and line; those of a whole requirement speak about each of its
/// criteria.
pub(crate) fn tagged<'a>(state: &'a State, spec: &SpecState, item: &Item) -> Vec<(&'a str, &'a Tag)> {
    let whole = match item {
        Item::Criterion(id) => id.rsplit_once('.').map(|(whole, _)| Item::Requirement(whole.to_string())),
        _ => None,
    };
    let (name, short) = (spec.place.name.as_str(), spec.place.short_name());
    let mut spellings = vec![None, Some(name), Some(short)];
    spellings.dedup();
    let mut found: Vec<(&str, &Tag)> = Vec::new();
    for item in std::iter::once(item).chain(whole.as_ref()) {
        let Some((kind, id)) = tag_id(item) else { continue };
        for spelling in &spellings {
            let mut tags = state.tags.with(kind, &id, *spelling).peekable();
            let is_meant =
                || resolve(state, kind, &id, *spelling).is_some_and(|(n, i)| n == name && i == *item);
            if tags.peek().is_some() && is_meant() {
                found.extend(tags);
            }
        }
    }
    found.sort_by_key(|(file, tag)| (*file, tag.span.offset));
    found.dedup_by_key(|(file, tag)| (*file, tag.span.offset));
    found
}

/// The path of a request's document.
pub(crate) fn path(uri: &Uri) -> Option<PathBuf> {
    path_of(uri)
}
