//! What the server knows: the specs of the workspace as the editor shows them, each with its findings. Speaks no
//! protocol.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use index::{Lines, SpecPlace, TagIndex};
use lint::{Finding, Settings};
use plan::occurrences::{Item, Occurrence, Role, occurrences};
use plan::{Plan, Reading, Shape, SpecDocuments};

use spec::tags::{CONFIDENT_MIN, Tag};

use crate::buffers::Buffers;
use crate::locate;

/// One spec.
#[derive(Debug)]
pub(crate) struct SpecState {
    /// Where it lies.
    pub(crate) place: SpecPlace,
    /// Its documents, read.
    pub(crate) reading: Reading,
    /// What they mean together.
    pub(crate) plan: Plan,
    /// Every place that states or cites something.
    pub(crate) occurrences: Vec<Occurrence>,
    /// Where each item is stated, as an index of `occurrences`.
    definitions: HashMap<Item, usize>,
    /// What is wrong with it.
    pub(crate) findings: Vec<Finding>,
}

impl SpecState {
    fn of(place: SpecPlace, documents: SpecDocuments, settings: &Settings) -> SpecState {
        let reading = Reading::of(documents);
        let plan = Plan::of(&reading);
        let occurrences = occurrences(&reading);
        let findings = index::findings::of_spec(&reading, &plan, settings);
        let mut definitions = HashMap::new();
        for (at, one) in occurrences.iter().enumerate().filter(|(_, one)| one.role == Role::Definition) {
            definitions.entry(one.item.clone()).or_insert(at);
        }
        SpecState { place, reading, plan, occurrences, definitions, findings }
    }

    /// Where an item is stated.
    pub(crate) fn definition(&self, item: &Item) -> Option<&Occurrence> {
        self.definitions.get(item).and_then(|at| self.occurrences.get(*at))
    }

    /// The name under which a document is known to findings and occurrences.
    pub(crate) fn file_name(&self, file: &str) -> String {
        match self.place.shape {
            Shape::Single => self.reading.documents.tasks_file(),
            Shape::Folder => file.to_string(),
        }
    }

    /// The bytes of one of its documents.
    pub(crate) fn bytes(&self, file: &str) -> Option<&[u8]> {
        document(&self.reading.documents, file)
    }

    /// The path of one of its documents.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.place.file(file)
    }
}

/// The bytes of the document of that name.
pub(crate) fn document<'a>(documents: &'a SpecDocuments, file: &str) -> Option<&'a [u8]> {
    match (documents.shape, file) {
        (Shape::Single, _) => documents.single.as_deref(),
        (_, "requirements.md") => documents.requirements.as_deref(),
        (_, "bugfix.md") => documents.bugfix.as_deref(),
        (_, "design.md") => documents.design.as_deref(),
        (_, "tasks.md") => documents.tasks.as_deref(),
        (_, ".config.kiro") => documents.config.as_deref(),
        _ => None,
    }
}

/// The workspace.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The root, with links resolved where possible.
    pub(crate) root: PathBuf,
    /// The open documents.
    pub(crate) buffers: Buffers,
    /// The specs, by name.
    pub(crate) specs: BTreeMap<String, SpecState>,
    /// Levels and accepted findings of the repository; the defaults while its file cannot be read.
    settings: Settings,
    /// The tags of sources and tests; empty until they were scanned.
    pub(crate) tags: TagIndex,
    /// The tags that speak about an item, by spec and item.
    cited: HashMap<(String, Item), Vec<(String, Tag)>>,
}

impl State {
    /// Reads every spec below the root.
    pub(crate) fn open(root: PathBuf) -> State {
        let mut state = State { root, ..State::default() };
        state.refresh();
        state
    }

    /// Looks at the disk anew: specs that came, changed or went.
    pub(crate) fn refresh(&mut self) {
        self.settings = index::settings::settings(&self.root).unwrap_or_default();
        let places = index::specs(&self.root);
        self.specs.retain(|name, _| places.iter().any(|place| place.name == *name));
        for place in places {
            self.reread(place);
        }
        self.resolve_tags();
    }

    /// Finds out anew which item each tag speaks about.
    pub(crate) fn resolve_tags(&mut self) {
        let mut cited: HashMap<(String, Item), Vec<(String, Tag)>> = HashMap::new();
        for (file, tags) in &self.tags.files {
            for tag in tags.tags.iter().filter(|tag| tag.confidence >= CONFIDENT_MIN) {
                for (spec, item) in locate::resolve(self, tag) {
                    let key = (spec.place.name.clone(), item);
                    cited.entry(key).or_default().push((file.clone(), tag.clone()));
                }
            }
        }
        self.cited = cited;
    }

    /// The tags that speak about an item.
    pub(crate) fn tagged(&self, spec: &str, item: &Item) -> &[(String, Tag)] {
        self.cited.get(&(spec.to_string(), item.clone())).map(Vec::as_slice).unwrap_or_default()
    }

    /// Reads one spec anew. A document that cannot be read counts as absent.
    pub(crate) fn reread(&mut self, place: SpecPlace) {
        let mut documents = place.documents().unwrap_or_else(|_| SpecDocuments {
            name: place.name.clone(),
            shape: place.shape,
            ..SpecDocuments::default()
        });
        for file in FILES {
            if let Some(buffer) = self.buffers.get(&place.file(file)) {
                put(&mut documents, file, buffer.bytes.clone());
            }
        }
        self.specs.insert(place.name.clone(), SpecState::of(place, documents, &self.settings));
    }

    /// The spec that a path belongs to, and the document's name.
    pub(crate) fn spec_of(&self, path: &Path) -> Option<(&SpecState, &'static str)> {
        // A handful of string comparisons for each spec: 300 specs take microseconds.
        self.specs
            .values()
            .find_map(|spec| FILES.into_iter().find(|file| spec.path(file) == path).map(|file| (spec, file)))
    }

    /// The open document of that path changed. Gives the name of the spec concerned.
    pub(crate) fn edited(&mut self, path: &Path) -> Option<String> {
        let (spec, file) = self.spec_of(path)?;
        let (name, bytes) = (spec.place.name.clone(), self.buffers.get(path)?.bytes.clone());
        let spec = self.specs.get_mut(&name)?;
        let mut documents = std::mem::take(&mut spec.reading.documents);
        put(&mut documents, file, bytes);
        *spec = SpecState::of(spec.place.clone(), documents, &self.settings);
        Some(name)
    }

    /// A file may have changed on disk: a document of a spec, a spec that is new, or a source.
    pub(crate) fn look_again(&mut self, path: &Path) {
        match self.spec_of(path).map(|(spec, _)| spec.place.clone()) {
            Some(place) if index::place::read(path).is_ok_and(|bytes| bytes.is_some()) => {
                self.reread(place);
                self.resolve_tags();
            }
            _ if path.components().any(|part| part.as_os_str() == ".kiro") => self.refresh(),
            _ => self.retag(path),
        }
    }

    /// Reads the tags of one source anew, as the editor shows it.
    pub(crate) fn retag(&mut self, path: &Path) {
        let Some(file) = self.relative(path) else { return };
        if index::tags::is_source(&file) {
            let text = self.text(path);
            self.tags.update(&file, text.as_deref());
            for tags in self.cited.values_mut() {
                tags.retain(|(other, _)| *other != file);
            }
            let mut now = Vec::new();
            let tags = self.tags.files.get(&file).into_iter().flat_map(|tags| &tags.tags);
            for tag in tags.filter(|tag| tag.confidence >= CONFIDENT_MIN) {
                now.extend(
                    locate::resolve(self, tag)
                        .map(|(spec, item)| ((spec.place.name.clone(), item), (file.clone(), tag.clone()))),
                );
            }
            for (key, entry) in now {
                self.cited.entry(key).or_default().push(entry);
            }
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

    /// The specs that have a document open.
    pub(crate) fn open_specs(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .buffers
            .iter()
            .filter_map(|(path, _)| self.spec_of(path))
            .map(|(spec, _)| spec.place.name.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// The lines of a document as the editor shows it.
    pub(crate) fn lines(&self, path: &Path, bytes: &[u8]) -> Lines {
        match self.buffers.get(path) {
            Some(buffer) if buffer.bytes == bytes => buffer.lines.clone(),
            _ => Lines::of(bytes),
        }
    }
}

/// The documents of a spec. A single-file spec answers to the first alone.
pub(crate) const FILES: [&str; 5] = ["requirements.md", "bugfix.md", "design.md", "tasks.md", ".config.kiro"];

fn put(documents: &mut SpecDocuments, file: &str, bytes: Vec<u8>) {
    let slot = match (documents.shape, file) {
        (Shape::Single, _) => &mut documents.single,
        (_, "requirements.md") => &mut documents.requirements,
        (_, "bugfix.md") => &mut documents.bugfix,
        (_, "design.md") => &mut documents.design,
        (_, "tasks.md") => &mut documents.tasks,
        _ => &mut documents.config,
    };
    *slot = Some(bytes);
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests make files to read")]
mod tests {
    use super::*;

    #[test]
    fn what_the_editor_shows_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".kiro/specs/a/tasks.md");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "- [ ] 1. A\n").unwrap();
        let mut state = State::open(folder.path().to_path_buf());
        assert_eq!(state.specs["a"].plan.steps.len(), 1);
        state.buffers.open(path.clone(), 1, "- [ ] 1. A\n- [ ] 2. B\n".to_string());
        assert_eq!(state.edited(&path), Some("a".to_string()));
        assert_eq!(state.specs["a"].plan.steps.len(), 2);
        state.refresh();
        assert_eq!(state.specs["a"].plan.steps.len(), 2);
        state.buffers.close(&path);
        state.refresh();
        assert_eq!(state.specs["a"].plan.steps.len(), 1);
        assert_eq!(state.edited(Path::new("/elsewhere")), None);
    }
}
