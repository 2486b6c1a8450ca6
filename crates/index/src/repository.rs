//! A whole repository for tracing: its specs, sources, symbols, tags, results and history, gathered once. Judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use exchange::results::{self, TestStatus as Read};
use plan::drift::{Accepted, Drift, DriftFacts, DriftKind, DriftSpec, drift_of_all, within_budget};
use plan::tested::{CoveredLines, TestResult, TestStatus};
use plan::trace::{Facts, SymbolFact, TagFact, TagKind, Trace, TracedSpec, WorkFact};
use plan::{Plan, Reading};
use spec::tags::TagKind as Written;

use crate::error::IndexError;
use crate::freshness::{Stale, in_drift, stale};
use crate::past::{Approval, Past, Today, contents_of};
use crate::place::{SpecPlace, read};
use crate::sources::{self, Listing};
use crate::tags::{TagIndex, is_source};

/// The file beside a spec's documents that holds what somebody looked at and found true.
pub const ACCEPTED_FILE: &str = "accepted.json";
/// Sources whose symbols are read; the others are named by path alone.
const SYMBOL_FILES_MAX: usize = 5_000;

/// One spec, read.
#[derive(Debug)]
pub struct Entry {
    /// Where it lies.
    pub place: SpecPlace,
    /// Its documents.
    pub reading: Reading,
    /// What they mean.
    pub plan: Plan,
    /// What was accepted.
    pub accepted: Accepted,
}

/// What is asked for besides the specs.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Reports of test runs: JUnit, jest, `go test -json`, nextest, pytest.
    pub results: Vec<PathBuf>,
    /// Coverage: LCOV.
    pub coverage: Vec<PathBuf>,
    /// A file whose lines are asked about: its symbols and blame are read, too.
    pub file: Option<String>,
    /// Leave git alone.
    pub without_history: bool,
    /// The last approval of each spec, by its name, as far as its documents are kept.
    pub approvals: BTreeMap<String, Approval>,
}

/// The repository.
#[derive(Debug, Default)]
pub struct Repository {
    /// Its root.
    pub root: PathBuf,
    /// The specs.
    pub specs: Vec<Entry>,
    /// The tags in sources.
    pub tags: TagIndex,
    /// The files.
    pub listing: Listing,
    /// What git remembers.
    pub past: Past,
    /// What a person should know: reports that could not be read, a shallow clone.
    pub notes: Vec<String>,
    results: Vec<TestResult>,
    coverage: Vec<CoveredLines>,
    symbols: Vec<SymbolFact>,
    blamed: Vec<plan::trace::BlameFact>,
}

impl Repository {
    /// Gathers everything. `path` is where git is looked for.
    pub fn open(
        root: &Path,
        places: Vec<SpecPlace>,
        path: &str,
        wanted: &Wanted,
    ) -> Result<Repository, IndexError> {
        let mut repository = Repository { root: root.to_path_buf(), ..Repository::default() };
        for place in places {
            let reading = Reading::of(place.documents()?);
            let plan = Plan::of(&reading);
            let accepted = read(&place.path.join(ACCEPTED_FILE)).ok().flatten();
            let (accepted, odd) = accepted.map(|bytes| Accepted::parse(&bytes)).unwrap_or_default();
            repository.notes.extend(odd.into_iter().map(|odd| format!("{}: {}", place.name, odd.message)));
            repository.specs.push(Entry { place, reading, plan, accepted });
        }
        repository.listing = Listing::read(root);
        repository.tags = TagIndex::scan(root, &repository.listing);
        repository.read_reports(wanted)?;
        if !wanted.without_history {
            repository.read_past(path, wanted);
        }
        repository.read_symbols(wanted);
        Ok(repository)
    }

    fn read_reports(&mut self, wanted: &Wanted) -> Result<(), IndexError> {
        for path in &wanted.results {
            let Some(bytes) = crate::place::read(path)? else {
                self.notes.push(format!("`{}` is not there", path.display()));
                continue;
            };
            let Some(found) = results::read(&bytes) else {
                self.notes.push(format!("`{}` is no report of tests that is known", path.display()));
                continue;
            };
            self.notes.extend(
                found.problems.iter().map(|problem| format!("{}: {}", path.display(), problem.message)),
            );
            self.results.extend(found.tests.into_iter().map(|test| TestResult {
                suite: test.suite,
                name: test.name,
                file: test.file,
                line: test.line.map(|line| line as usize),
                status: match test.status {
                    Read::Passed => TestStatus::Passed,
                    Read::Failed => TestStatus::Failed,
                    Read::Skipped => TestStatus::Skipped,
                    Read::Errored => TestStatus::Errored,
                },
                seconds: test.seconds.unwrap_or_default(),
            }));
        }
        for path in &wanted.coverage {
            let Some(bytes) = crate::place::read(path)? else {
                self.notes.push(format!("`{}` is not there", path.display()));
                continue;
            };
            let found = exchange::lcov::read(&bytes);
            self.coverage.extend(found.files.into_iter().map(|file| CoveredLines {
                test: None,
                found: file.hit.len(),
                hit:
                    file.hit.iter().filter(|(_, count)| *count > 0).map(|(line, _)| *line as usize).collect(),
                path: file.path,
            }));
        }
        Ok(())
    }

    fn read_past(&mut self, path: &str, wanted: &Wanted) {
        let today: Vec<Today<'_>> =
            self.specs.iter().map(|entry| Today { place: &entry.place, plan: &entry.plan }).collect();
        match Past::read(&self.root, path, &today, &wanted.approvals) {
            Ok(past) => self.past = past,
            Err(error) => self.notes.push(format!("the history cannot be read: {error}")),
        }
        self.notes.extend(self.past.absence.clone());
        if let Some(file) = &wanted.file {
            let history = vcs::history::History::open(&self.root, path);
            let lines = history.blame(file).unwrap_or_default();
            self.blamed = lines
                .into_iter()
                .map(|blamed| plan::trace::BlameFact {
                    path: file.clone(),
                    first: blamed.first,
                    last: blamed.last,
                    commit: blamed.commit,
                })
                .collect();
        }
    }

    /// Symbols of files with tags, of files that tasks name, and of the file that is asked about.
    fn read_symbols(&mut self, wanted: &Wanted) {
        let mut files: BTreeSet<&str> = self.tags.files.keys().map(String::as_str).collect();
        let named = self.specs.iter().flat_map(|entry| &entry.plan.steps).flat_map(|step| &step.files);
        files.extend(named.map(String::as_str).filter(|file| is_source(file) && self.listing.has(file)));
        files.extend(wanted.file.as_deref());
        let mut found = Vec::new();
        for file in files.into_iter().take(SYMBOL_FILES_MAX) {
            if let Some(bytes) = sources::read(&self.root, file) {
                found.extend(contents_of(file, &bytes).symbols.unwrap_or_default());
            }
        }
        self.symbols = found;
    }

    fn tag_facts(&self) -> Vec<TagFact> {
        let tags =
            self.tags.files.iter().flat_map(|(path, tags)| tags.tags.iter().map(move |tag| (path, tag)));
        let mut facts = Vec::new();
        for (path, tag) in tags {
            let kind = match tag.kind {
                Written::Requirement => TagKind::Criterion,
                Written::Property => TagKind::Property,
                Written::Task => TagKind::Task,
                Written::Spec => continue,
            };
            // Tags name a spec as its folder is called; the trace knows it by its address.
            let named = tag.spec.as_deref().and_then(|name| {
                let mut same = self
                    .specs
                    .iter()
                    .filter(|entry| entry.place.name == name || entry.place.short_name() == name);
                same.next().map(|entry| entry.place.name.clone())
            });
            for id in tag.ids() {
                facts.push(TagFact {
                    path: path.clone(),
                    line: tag.line,
                    kind,
                    spec: named.clone().or_else(|| tag.spec.clone()),
                    id,
                    confidence: tag.confidence,
                });
            }
        }
        facts
    }

    /// Drift of every spec since its baseline. `today` is a date such as `2026-11-21`.
    pub fn drift(&self, today: &str) -> BTreeMap<String, Vec<Drift>> {
        let facts = DriftFacts {
            commits: self.past.commits.clone(),
            versions: self.past.versions.clone(),
            files: self.listing.files.iter().cloned().collect(),
            symbols: self.symbols.clone(),
            tags: self.tag_facts(),
            completed: self.past.completed.clone(),
            edited: self.past.edited.clone(),
        };
        let specs: Vec<DriftSpec<'_>> = self
            .specs
            .iter()
            .map(|entry| DriftSpec { plan: &entry.plan, reading: &entry.reading, accepted: &entry.accepted })
            .collect();
        let mut all = drift_of_all(&specs, &facts, today);
        for entry in &self.specs {
            let found = all.entry(entry.place.name.clone()).or_default();
            in_drift(entry, &self.past, self.stale(entry, today), found);
        }
        within_budget(&mut all);
        all
    }

    /// What the documents of a spec have not seen of each other.
    pub fn stale(&self, entry: &Entry, today: &str) -> Vec<Stale> {
        stale(&entry.reading, &entry.plan, &entry.accepted, &self.past, today)
    }

    /// The trace. `work` is what the ledger knows of carried-out tasks, `drift` makes criteria suspect.
    pub fn trace(&self, work: Vec<WorkFact>, drift: &BTreeMap<String, Vec<Drift>>) -> Trace {
        let specs: Vec<TracedSpec<'_>> = self
            .specs
            .iter()
            .map(|entry| TracedSpec { reading: &entry.reading, plan: &entry.plan })
            .collect();
        let suspects = drift.iter().flat_map(|(spec, found)| {
            // What only documents have not seen of each other says nothing about finished work.
            let alerts = found.iter().filter(|drift| drift.is_alert && drift.kind != DriftKind::Outdated);
            alerts.flat_map(move |drift| drift.criteria.iter().map(move |id| (spec.clone(), id.clone())))
        });
        let facts = Facts {
            tags: self.tag_facts(),
            results: self.results.clone(),
            coverage: self.coverage.clone(),
            commits: self.past.commits.clone(),
            blamed: self.blamed.clone(),
            work,
            symbols: self.symbols.clone(),
            files: self.listing.files.iter().cloned().collect(),
            suspects: suspects.collect(),
        };
        Trace::of(&specs, &facts)
    }
}
