//! What the server knows of one folder: the specs as the editor shows them, those that nobody looks at in little, and the
//! tags of sources. Speaks no protocol.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use index::{Lines, SpecPlace, TagIndex};
use lint::Settings;
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use plan::Shape;
use plan::occurrences::Item;

use crate::background::{Between, Crossing, Job, Specs, Texts};
use crate::buffers::{Buffers, Step};
use crate::document::{FILES, Slim, SpecState, documents};
use crate::tagged::Tagged;

/// Specs that stay read although none of their documents is open.
const KEPT_MAX: usize = 4;

/// One spec.
#[derive(Debug)]
struct Entry {
    place: SpecPlace,
    slim: Slim,
    full: RefCell<Option<Rc<SpecState>>>,
    /// When it was last asked for.
    used: Cell<u64>,
}

/// One folder.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The root, as the editor names it.
    pub(crate) root: PathBuf,
    /// The open documents.
    pub(crate) buffers: Buffers,
    /// The tags of sources and tests; empty until they were scanned.
    pub(crate) tags: Tagged,
    /// The specs were looked for; before that, nothing can be answered.
    pub(crate) is_ready: bool,
    specs: BTreeMap<String, Entry>,
    /// The name of the spec in a folder or a file.
    names: HashMap<PathBuf, String>,
    /// Levels and accepted findings of the repository; the defaults while its file cannot be read.
    settings: Rc<Settings>,
    /// Documents that were edited since their spec was read.
    edited: BTreeMap<String, BTreeSet<&'static str>>,
    /// What specs say about each other.
    crossings: BTreeMap<String, Vec<Crossing>>,
    clock: Cell<u64>,
}

impl State {
    /// A folder of which nothing is known.
    pub(crate) fn new(root: PathBuf) -> State {
        State { root, ..State::default() }
    }

    /// The specs were read in the background. Gives the open ones that are not as they were.
    pub(crate) fn take_specs(&mut self, specs: Specs) -> BTreeSet<String> {
        let mut touched: BTreeSet<String> = BTreeSet::new();
        if let Some((places, settings)) = specs.all {
            self.is_ready = true;
            if *self.settings != settings {
                self.settings = Rc::new(settings);
                self.specs.values_mut().for_each(|entry| *entry.full.get_mut() = None);
                touched.extend(self.specs.keys().cloned());
            }
            let mut before = std::mem::take(&mut self.specs);
            self.names.clear();
            for place in places {
                // A folder and a file can have one name; the first is served, and a finding says that there are two.
                if self.specs.contains_key(&place.name) {
                    continue;
                }
                let entry = before.remove(&place.name).filter(|entry| entry.place == place);
                if entry.is_none() {
                    touched.insert(place.name.clone());
                }
                let entry = entry.unwrap_or_else(|| Entry {
                    place: place.clone(),
                    slim: Slim::default(),
                    full: RefCell::default(),
                    used: Cell::default(),
                });
                self.names.insert(place.path.clone(), place.name.clone());
                self.specs.insert(place.name, entry);
            }
            touched.extend(before.into_keys());
        }
        for (name, slim) in specs.changed {
            if let Some(entry) = self.specs.get_mut(&name) {
                entry.slim = slim;
                *entry.full.get_mut() = None;
                touched.insert(name);
            }
        }
        let open = self.open_specs();
        touched.retain(|name| open.contains(name) || !self.specs.contains_key(name));
        touched
    }

    /// The specs were compared in the background. Gives those whose findings may differ.
    pub(crate) fn take_between(&mut self, between: Between) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.crossings.keys().cloned().collect();
        self.crossings = between.findings;
        for (path, judged) in between.open {
            // The document may have been edited while the comparison went on.
            let now = self.buffers.get(&path).map(|buffer| buffer.bytes.as_slice()).unwrap_or_default();
            if let Some(step) = Step::between(&judged, now) {
                self.follow(&path, &[step]);
            }
        }
        names.extend(self.crossings.keys().cloned());
        names
    }

    /// The tags were scanned in the background. Open sources count as the editor shows them.
    pub(crate) fn take_tags(&mut self, tags: TagIndex) {
        self.tags = Tagged::of(tags);
        let open: Vec<PathBuf> = self.buffers.iter().map(|(path, _)| path.clone()).collect();
        open.iter().for_each(|path| self.retag(path));
    }

    /// What specs say about this one.
    pub(crate) fn crossings(&self, spec: &str) -> &[Crossing] {
        self.crossings.get(spec).map(Vec::as_slice).unwrap_or_default()
    }

    /// The document was opened; false when it is too large.
    pub(crate) fn open(&mut self, path: &Path, uri: Uri, version: i32, text: String) -> bool {
        let is_kept = self.buffers.open(path.to_path_buf(), uri, version, text);
        self.touch(path);
        is_kept
    }

    /// The document was edited; false when it is too large now.
    pub(crate) fn change(
        &mut self,
        path: &Path,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) -> bool {
        let steps = self.buffers.change(path, version, changes);
        self.touch(path);
        match steps {
            Some(steps) => {
                self.follow(path, &steps);
                true
            }
            None => false,
        }
    }

    /// The document was closed; what counts now is what is on disk.
    pub(crate) fn close(&mut self, path: &Path) {
        self.buffers.close(path);
        self.forget(path);
    }

    /// What was read of the spec that a path belongs to does not count any more.
    pub(crate) fn forget(&mut self, path: &Path) {
        if let Some((name, _)) = self.named(path).map(|(name, file)| (name.to_string(), file)) {
            self.edited.remove(&name);
            if let Some(entry) = self.specs.get_mut(&name) {
                *entry.full.get_mut() = None;
            }
        }
    }

    fn touch(&mut self, path: &Path) {
        match self.named(path).map(|(name, file)| (name.to_string(), file)) {
            Some((name, file)) => drop(self.edited.entry(name).or_default().insert(file)),
            None => self.retag(path),
        }
    }

    /// Brings the specs up to date whose documents were edited. Only what was edited is read.
    pub(crate) fn settle(&mut self) {
        for (name, files) in std::mem::take(&mut self.edited) {
            let Some(entry) = self.specs.get_mut(&name) else { continue };
            let Some(full) = entry.full.get_mut().take() else { continue };
            let bytes = |file: &'static str| {
                self.buffers.get(&entry.place.file(file)).map(|buffer| (file, buffer.bytes.clone()))
            };
            let changed: Vec<_> = files.iter().copied().filter_map(bytes).collect();
            // Without a buffer the file counts again, and without the last hold the rest is read anew, too.
            if let (Ok(full), true) = (Rc::try_unwrap(full), changed.len() == files.len()) {
                *entry.full.get_mut() = Some(Rc::new(full.with(changed)));
            }
        }
    }

    /// Lets go of specs that nobody looks at.
    pub(crate) fn trim(&self) {
        let mut kept: Vec<(u64, &Entry)> = Vec::new();
        for entry in self.specs.values().filter(|entry| entry.full.borrow().is_some()) {
            let is_open = FILES.iter().any(|file| self.buffers.get(&entry.place.file(file)).is_some());
            if !is_open {
                kept.push((entry.used.get(), entry));
            }
        }
        kept.sort_by_key(|(used, _)| std::cmp::Reverse(*used));
        for (_, entry) in kept.into_iter().skip(KEPT_MAX) {
            *entry.full.borrow_mut() = None;
        }
    }

    /// Moves the findings between specs along with an edit; those that it touches have to be judged anew.
    fn follow(&mut self, path: &Path, steps: &[Step]) {
        let Some(name) = self.named(path).map(|(name, _)| name.to_string()) else { return };
        let Some(entry) = self.specs.get(&name) else { return };
        let is_here = |place: &lint::Place| place.spec == name && entry.place.file(&place.file) == path;
        for crossings in self.crossings.values_mut() {
            crossings.retain_mut(|crossing| {
                let mut span = is_here(&crossing.finding.place).then_some(crossing.finding.place.span);
                for step in steps {
                    match span.map(|span| step.follow(span)) {
                        Some(None) => return false,
                        moved => span = moved.flatten(),
                    }
                }
                if let Some(span) = span {
                    crossing.finding.place.span = span;
                }
                for (related, _) in crossing.finding.related.iter_mut().filter(|(place, _)| is_here(place)) {
                    for step in steps {
                        related.span = step.follow(related.span).unwrap_or(related.span);
                    }
                }
                true
            });
        }
    }

    /// The names of all specs.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.specs.keys().map(String::as_str)
    }

    /// How many specs there are.
    pub(crate) fn count(&self) -> usize {
        self.specs.len()
    }

    /// Where a spec lies.
    pub(crate) fn place(&self, name: &str) -> Option<&SpecPlace> {
        self.specs.get(name).map(|entry| &entry.place)
    }

    /// What is kept of a spec.
    pub(crate) fn slim(&self, name: &str) -> Option<&Slim> {
        self.specs.get(name).map(|entry| &entry.slim)
    }

    /// A spec with all that is known of it; read when it was not.
    pub(crate) fn full(&self, name: &str) -> Option<Rc<SpecState>> {
        let entry = self.specs.get(name)?;
        self.clock.set(self.clock.get() + 1);
        entry.used.set(self.clock.get());
        let mut full = entry.full.borrow_mut();
        let read = || {
            let open = |path: &Path| self.buffers.get(path).map(|buffer| buffer.bytes.as_slice());
            let documents = documents(&entry.place, open);
            Rc::new(SpecState::of(entry.place.clone(), documents, Rc::clone(&self.settings)))
        };
        Some(Rc::clone(full.get_or_insert_with(read)))
    }

    /// Whether a spec states an item.
    pub(crate) fn has(&self, name: &str, item: &Item) -> bool {
        let Some(entry) = self.specs.get(name) else { return false };
        match entry.full.borrow().as_ref() {
            Some(full) => full.definition(item).is_some(),
            None => entry.slim.has(item),
        }
    }

    /// The name of the spec that a path belongs to, and the document's.
    pub(crate) fn named(&self, path: &Path) -> Option<(&str, &'static str)> {
        if let Some(name) = self.names.get(path) {
            let is_single = self.specs.get(name).is_some_and(|entry| entry.place.shape == Shape::Single);
            return is_single.then_some((name.as_str(), FILES[0]));
        }
        let name = self.names.get(path.parent()?)?;
        let file = path.file_name()?;
        FILES.into_iter().find(|known| *known == file).map(|file| (name.as_str(), file))
    }

    /// The spec that a path belongs to, and the document's name.
    pub(crate) fn spec_of(&self, path: &Path) -> Option<(Rc<SpecState>, &'static str)> {
        let (name, file) = self.named(path)?;
        Some((self.full(name)?, file))
    }

    /// Reads the tags of one source anew, as the editor shows it.
    pub(crate) fn retag(&mut self, path: &Path) {
        if let Some(file) = self.relative(path).filter(|file| index::tags::is_source(file)) {
            let text = match self.buffers.get(path) {
                Some(buffer) => Some(buffer.bytes.clone()),
                None => index::sources::read(&self.root, &file),
            };
            self.tags.update(&file, text.as_deref());
        }
    }

    /// The path from the root, with `/`; `None` when it lies elsewhere.
    pub(crate) fn relative(&self, path: &Path) -> Option<String> {
        path.strip_prefix(&self.root).ok().map(|path| path.to_string_lossy().replace('\\', "/"))
    }

    /// The text of a file as the editor shows it, else as it is on disk.
    pub(crate) fn text(&self, path: &Path) -> Option<Vec<u8>> {
        match self.buffers.get(path) {
            Some(buffer) => Some(buffer.bytes.clone()),
            None => index::place::read(path).ok().flatten(),
        }
    }

    /// The lines of a document as the editor shows it.
    pub(crate) fn lines(&self, path: &Path, bytes: &[u8]) -> Lines {
        match self.buffers.get(path) {
            Some(buffer) if buffer.bytes == bytes => buffer.lines.clone(),
            _ => Lines::of(bytes),
        }
    }

    /// The specs that have a document open.
    pub(crate) fn open_specs(&self) -> BTreeSet<String> {
        let paths = self.buffers.iter().map(|(path, _)| path);
        paths.filter_map(|path| self.named(path)).map(|(name, _)| name.to_string()).collect()
    }

    /// A job for the worker: everything, or one spec.
    pub(crate) fn job(&self, spec: Option<&str>) -> Job {
        let is_document = |path: &Path| self.named(path).is_some();
        let open: Texts = self
            .buffers
            .iter()
            .filter(|(path, _)| is_document(path))
            .map(|(path, buffer)| (path.clone(), buffer.bytes.clone()))
            .collect();
        let places = spec.and_then(|name| self.place(name)).cloned().into_iter().collect();
        Job { everything: spec.is_none(), places, open }
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
