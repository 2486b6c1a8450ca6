//! One spec, read: its documents, what they mean, where everything stands, and what is wrong. Also the little that is
//! kept of a spec that nobody looks at. Knows no other spec and no disk.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use index::{Lines, SpecPlace};
use lint::{Finding, Settings};
use lsp_types::Range;
use plan::occurrences::{Item, Occurrence, Role, occurrences};
use plan::{Plan, Reading, Shape, SpecDocuments};
use spec::bugfix::Bugfix;
use spec::design::Design;
use spec::requirements::Requirements;

use crate::convert::range_of;

/// The documents of a spec. A single-file spec answers to the first alone.
pub(crate) const FILES: [&str; 5] = ["requirements.md", "bugfix.md", "design.md", "tasks.md", ".config.kiro"];

/// Characters of a name that a search looks through.
const NAME_CHARS_MAX: usize = 80;

/// One spec.
#[derive(Debug)]
pub(crate) struct SpecState {
    /// Where it lies.
    pub(crate) place: SpecPlace,
    /// Its documents, read.
    pub(crate) reading: Reading,
    /// What they mean together.
    pub(crate) plan: Plan,
    /// Every place that states or cites something, by document and place.
    pub(crate) occurrences: Vec<Occurrence>,
    /// Where each item is stated, as an index of `occurrences`.
    definitions: HashMap<Item, usize>,
    settings: Rc<Settings>,
    findings: OnceCell<(Vec<Finding>, Duration)>,
}

impl SpecState {
    /// Reads all documents.
    pub(crate) fn of(place: SpecPlace, documents: SpecDocuments, settings: Rc<Settings>) -> SpecState {
        SpecState::read(place, Reading::of(documents), settings)
    }

    fn read(place: SpecPlace, reading: Reading, settings: Rc<Settings>) -> SpecState {
        let plan = Plan::of(&reading);
        let occurrences = occurrences(&reading);
        let mut definitions = HashMap::new();
        for (at, one) in occurrences.iter().enumerate().filter(|(_, one)| one.role == Role::Definition) {
            definitions.entry(one.item.clone()).or_insert(at);
        }
        SpecState { place, reading, plan, occurrences, definitions, settings, findings: OnceCell::new() }
    }

    /// The same spec with other bytes in some documents. Only those are read anew.
    pub(crate) fn with(self, changed: Vec<(&'static str, Vec<u8>)>) -> SpecState {
        let SpecState { place, mut reading, settings, .. } = self;
        for (file, bytes) in changed {
            match (place.shape, file) {
                (Shape::Folder, "requirements.md") => {
                    reading.requirements = Some(Requirements::parse(&bytes));
                    reading.documents.requirements = Some(bytes);
                }
                (Shape::Folder, "design.md") => {
                    reading.design = Some(Design::parse(&bytes));
                    reading.documents.design = Some(bytes);
                }
                (Shape::Folder, "tasks.md") => {
                    reading.tasks = Some(spec::Tasks::parse(&bytes));
                    reading.documents.tasks = Some(bytes);
                }
                (Shape::Folder, "bugfix.md") if reading.documents.bugfix.is_some() => {
                    reading.bugfix = Some(Bugfix::parse(&bytes));
                    reading.documents.bugfix = Some(bytes);
                }
                // What is left can change the kind of the spec.
                _ => {
                    let mut documents = std::mem::take(&mut reading.documents);
                    put(&mut documents, file, bytes);
                    reading = Reading::of(documents);
                }
            }
        }
        SpecState::read(place, reading, settings)
    }

    /// What is wrong with it. Judged when somebody asks.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.judged().0
    }

    /// How long judging took.
    pub(crate) fn cost(&self) -> Duration {
        self.judged().1
    }

    fn judged(&self) -> &(Vec<Finding>, Duration) {
        self.findings.get_or_init(|| {
            let start = Instant::now();
            let findings = index::findings::of_spec(&self.reading, &self.plan, &self.settings);
            (findings, start.elapsed())
        })
    }

    /// Where an item is stated.
    pub(crate) fn definition(&self, item: &Item) -> Option<&Occurrence> {
        self.definitions.get(item).and_then(|at| self.occurrences.get(*at))
    }

    /// What is stated in any document, in document order.
    pub(crate) fn stated(&self) -> impl Iterator<Item = &Occurrence> {
        self.occurrences.iter().filter(|one| one.role == Role::Definition)
    }

    /// The occurrences in one document.
    pub(crate) fn within(&self, file: &str) -> &[Occurrence] {
        let start = self.occurrences.partition_point(|one| one.file.as_str() < file);
        let rest = self.occurrences.get(start..).unwrap_or_default();
        let len = rest.partition_point(|one| one.file == file);
        rest.get(..len).unwrap_or_default()
    }

    /// The name under which a document is known to findings and occurrences.
    pub(crate) fn file_name(&self, file: &str) -> String {
        match self.place.shape {
            Shape::Single => self.reading.documents.tasks_file(),
            Shape::Folder => file.to_string(),
        }
    }

    /// Whether findings and occurrences mean a document of the spec by this name, and not a file of the repository.
    pub(crate) fn has_document(&self, file: &str) -> bool {
        match self.place.shape {
            Shape::Single => file == self.reading.documents.tasks_file(),
            Shape::Folder => FILES.contains(&file),
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

/// The documents of a spec, those that are open as the editor shows them. What cannot be read counts as absent: a
/// document that an editor has open is judged whatever its neighbours are.
pub(crate) fn documents<'b>(place: &SpecPlace, open: impl Fn(&Path) -> Option<&'b [u8]>) -> SpecDocuments {
    let mut documents =
        SpecDocuments { name: place.name.clone(), shape: place.shape, ..SpecDocuments::default() };
    let files = match place.shape {
        Shape::Single => FILES.get(..1),
        Shape::Folder => FILES.get(..),
    };
    for file in files.unwrap_or_default() {
        let path = place.file(file);
        let bytes = match open(&path) {
            Some(bytes) => Some(bytes.to_vec()),
            None => index::place::read(&path).ok().flatten(),
        };
        if let Some(bytes) = bytes {
            put(&mut documents, file, bytes);
        }
    }
    documents
}

/// What is kept of a spec that nobody looks at: which items it states, and where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slim {
    /// By item.
    items: Vec<(Item, Stated)>,
}

/// Where an item is stated.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    /// The document, as a place in [`FILES`].
    pub(crate) file: u8,
    /// The line that states it.
    pub(crate) range: Range,
    /// The beginning of its words.
    pub(crate) name: Box<str>,
}

impl Slim {
    /// The little that is kept.
    pub(crate) fn of(reading: &Reading, occurrences: &[Occurrence]) -> Slim {
        let mut lines: HashMap<&str, Lines> = HashMap::new();
        let mut items: Vec<(Item, Stated)> = Vec::new();
        for one in occurrences.iter().filter(|one| one.role == Role::Definition) {
            let Some(bytes) = document(&reading.documents, &one.file) else { continue };
            let lines = lines.entry(one.file.as_str()).or_insert_with(|| Lines::of(bytes));
            let file = FILES.iter().position(|file| *file == one.file).unwrap_or_default();
            let name: String = one.span.text(bytes).chars().take(NAME_CHARS_MAX).collect();
            let stated = Stated {
                file: u8::try_from(file).unwrap_or_default(),
                range: range_of(lines, bytes, one.span),
                name: name.into_boxed_str(),
            };
            items.push((one.item.clone(), stated));
        }
        items.sort_by(|a, b| a.0.cmp(&b.0));
        items.dedup_by(|later, first| later.0 == first.0);
        items.shrink_to_fit();
        Slim { items }
    }

    /// Whether the spec states the item.
    pub(crate) fn has(&self, item: &Item) -> bool {
        self.items.binary_search_by(|(known, _)| known.cmp(item)).is_ok()
    }

    /// What the spec states.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&Item, &Stated)> {
        self.items.iter().map(|(item, stated)| (item, stated))
    }
}
