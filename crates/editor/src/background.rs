//! The worker beside the loop: reads the specs that nobody has open, and compares all specs with each other. Knows no
//! message; it sends what it found.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};
use index::{Lines, Listing, SpecPlace, TagIndex};
use lint::across::{Summary, across};
use lint::conflict::{self, Statements};
use lint::{Finding, Place, Settings};
use lsp_types::Location;
use plan::occurrences::occurrences;
use plan::{Reading, Shape, SpecDocuments};

use crate::convert::{range_of, uri_of};
use crate::document::{FILES, Slim, documents};

/// Threads that read.
const THREADS_MAX: usize = 8;
/// Documents in which the other places of findings are looked up.
const DOCUMENTS_MAX: usize = 2_000;

/// The open documents of specs, by path.
pub(crate) type Texts = BTreeMap<PathBuf, Vec<u8>>;

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Job {
    /// Look for specs that came and went, and read the settings.
    pub(crate) everything: bool,
    /// Specs to read anew.
    pub(crate) places: Vec<SpecPlace>,
    /// Documents that count as the editor shows them.
    pub(crate) open: Texts,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum News {
    /// Specs were read.
    Specs(Specs),
    /// Specs were compared.
    Between(Between),
    /// The tags of all sources.
    Tags(TagIndex),
}

/// Specs that were read.
#[derive(Debug)]
pub(crate) struct Specs {
    /// All that there are and the settings, when these were asked for.
    pub(crate) all: Option<(Vec<SpecPlace>, Settings)>,
    /// Why the settings could not be read; the defaults count then.
    pub(crate) trouble: Option<String>,
    /// Those that are not as they were.
    pub(crate) changed: Vec<(String, Slim)>,
}

/// What specs say about each other.
#[derive(Debug)]
pub(crate) struct Between {
    /// The findings, by the spec that each is shown in.
    pub(crate) findings: BTreeMap<String, Vec<Crossing>>,
    /// The open documents as they were judged.
    pub(crate) open: Texts,
}

/// A finding between specs.
#[derive(Clone, Debug)]
pub(crate) struct Crossing {
    pub(crate) finding: Finding,
    /// Where its related places are, as far as they could be found.
    pub(crate) related: Vec<Option<Location>>,
}

/// Starts a worker for a folder. It ends when nobody can send it jobs any more.
pub(crate) fn start(
    root: PathBuf,
    tell: impl Fn(News) -> bool + Send + 'static,
) -> std::io::Result<Sender<Job>> {
    let (sender, jobs) = unbounded();
    std::thread::Builder::new()
        .name("specs".to_string())
        .spawn(move || Worker { root, known: Vec::new(), settings: Settings::default() }.run(&jobs, &tell))?;
    Ok(sender)
}

/// Looks for the tags of all sources, once.
pub(crate) fn scan(root: PathBuf, tell: impl FnOnce(News) + Send + 'static) -> std::io::Result<()> {
    let work = move || tell(News::Tags(TagIndex::scan(&root, &Listing::read(&root))));
    std::thread::Builder::new().name("tags".to_string()).spawn(work).map(drop)
}

struct Worker {
    root: PathBuf,
    known: Vec<Known>,
    settings: Settings,
}

/// A spec as it was read last.
struct Known {
    place: SpecPlace,
    digest: u64,
    summary: Summary,
    statements: Statements,
}

impl Worker {
    fn run(mut self, jobs: &Receiver<Job>, tell: &impl Fn(News) -> bool) {
        while let Ok(mut job) = jobs.recv() {
            loop {
                while let Ok(more) = jobs.try_recv() {
                    job.everything |= more.everything;
                    job.places.extend(more.places);
                    job.open = more.open;
                }
                if !tell(News::Specs(self.read(&job))) {
                    return;
                }
                // Comparing takes longer; what was asked for meanwhile comes first.
                match jobs.try_recv() {
                    Ok(more) => job = more,
                    Err(_) => break,
                }
            }
            if !tell(News::Between(self.compare(job.open))) {
                return;
            }
        }
    }

    fn read(&mut self, job: &Job) -> Specs {
        let mut places = job.places.clone();
        let mut trouble = None;
        let all = job.everything.then(|| {
            let read = index::settings::settings(&self.root);
            trouble = read.as_ref().err().map(ToString::to_string);
            self.settings = read.unwrap_or_default();
            places = index::specs(&self.root);
            (places.clone(), self.settings.clone())
        });
        let mut before: HashMap<PathBuf, Known> = HashMap::new();
        if all.is_some() {
            before.extend(self.known.drain(..).map(|known| (known.place.path.clone(), known)));
        } else {
            let is_wanted = |known: &Known| places.iter().any(|place| place.path == known.place.path);
            let (wanted, rest) = self.known.drain(..).partition(is_wanted);
            self.known = rest;
            before.extend(Vec::into_iter(wanted).map(|known| (known.place.path.clone(), known)));
        }
        let mut changed = Vec::new();
        for (place, digest, read) in self.read_all(places, &before, &job.open) {
            let old = before.remove(&place.path);
            match (read, old) {
                (Some((slim, summary, statements)), _) => {
                    changed.push((place.name.clone(), slim));
                    self.known.push(Known { place, digest, summary, statements });
                }
                (None, Some(old)) => self.known.push(old),
                (None, None) => {}
            }
        }
        self.known.sort_by(|a, b| a.place.path.cmp(&b.place.path));
        self.known.dedup_by(|a, b| a.place.path == b.place.path);
        Specs { all, trouble, changed }
    }

    /// Reads specs on all cores; those whose bytes are as before are not parsed.
    #[expect(clippy::type_complexity, reason = "a row for each spec, used in one place")]
    fn read_all(
        &self,
        places: Vec<SpecPlace>,
        before: &HashMap<PathBuf, Known>,
        open: &Texts,
    ) -> Vec<(SpecPlace, u64, Option<(Slim, Summary, Statements)>)> {
        let next = AtomicUsize::new(0);
        let parts = Mutex::new(Vec::new());
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(THREADS_MAX)
            .min(places.len().max(1));
        let work = || {
            while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                let documents = documents(place, |path| open.get(path).map(Vec::as_slice));
                let digest = digest(&documents);
                let read = (before.get(&place.path).map(|known| known.digest) != Some(digest)).then(|| {
                    let reading = Reading::of(documents);
                    let slim = Slim::of(&reading, &occurrences(&reading));
                    (slim, Summary::of(&reading), conflict::statements(&reading))
                });
                if let Ok(mut parts) = parts.lock() {
                    parts.push((place.clone(), digest, read));
                }
            }
        };
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        parts.into_inner().unwrap_or_default()
    }

    fn compare(&mut self, open: Texts) -> Between {
        // The comparisons want slices; what was kept is lent to them and taken back.
        let summaries: Vec<Summary> =
            self.known.iter_mut().map(|known| std::mem::take(&mut known.summary)).collect();
        let statements: Vec<Statements> =
            self.known.iter_mut().map(|known| std::mem::take(&mut known.statements)).collect();
        let mut found = across(&summaries, &self.settings);
        found.extend(self.settings.applied(conflict::across(&statements)));
        for ((known, summary), statements) in self.known.iter_mut().zip(summaries).zip(statements) {
            (known.summary, known.statements) = (summary, statements);
        }
        let mut places = Places { root: &self.root, known: &self.known, open: &open, texts: HashMap::new() };
        let mut findings: BTreeMap<String, Vec<Crossing>> = BTreeMap::new();
        for finding in found {
            let related = finding.related.iter().map(|(place, _)| places.location(place)).collect();
            let spec = finding.place.spec.clone();
            findings.entry(spec).or_default().push(Crossing { finding, related });
        }
        Between { findings, open }
    }
}

/// Finds places in documents, each read once.
struct Places<'w> {
    root: &'w Path,
    known: &'w [Known],
    open: &'w Texts,
    texts: HashMap<PathBuf, Option<(Vec<u8>, Lines)>>,
}

impl Places<'_> {
    fn location(&mut self, place: &Place) -> Option<Location> {
        let spec = self.known.iter().find(|known| known.place.name == place.spec);
        let path = match spec.map(|known| &known.place) {
            Some(spec) if spec.shape == Shape::Single || FILES.contains(&place.file.as_str()) => {
                spec.file(&place.file)
            }
            _ => self.root.join(&place.file),
        };
        if !self.texts.contains_key(&path) {
            let is_full = self.texts.len() >= DOCUMENTS_MAX;
            let bytes = match self.open.get(&path) {
                Some(bytes) => Some(bytes.clone()),
                None if is_full => None,
                None => index::place::read(&path).ok().flatten(),
            };
            let text = bytes.map(|bytes| (Lines::of(&bytes), bytes)).map(|(lines, bytes)| (bytes, lines));
            self.texts.insert(path.clone(), text);
        }
        let (bytes, lines) = self.texts.get(&path)?.as_ref()?;
        Some(Location { uri: uri_of(&path)?, range: range_of(lines, bytes, place.span) })
    }
}

fn digest(documents: &SpecDocuments) -> u64 {
    let mut hasher = DefaultHasher::new();
    let parts = [
        &documents.requirements,
        &documents.bugfix,
        &documents.design,
        &documents.tasks,
        &documents.single,
        &documents.config,
    ];
    parts.hash(&mut hasher);
    hasher.finish()
}
