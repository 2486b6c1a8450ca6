//! Everything that is wrong with the specs of a repository, from all who judge: rules, conflicts, comparisons between
//! specs. Judges nothing itself.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use exchange::lines::Lines;
use exchange::place::Located;
use lint::across::across;
use lint::check::{Judged, Tally};
use lint::conflict;
use lint::{Finding, Place, Settings};
use plan::{Plan, Reading, Shape, SpecDocuments};

use crate::error::IndexError;
use crate::place::{SpecPlace, slashed};

/// Threads that judge.
const THREADS_MAX: usize = 8;

/// The findings of one spec, on two threads.
pub fn of_spec(reading: &Reading, plan: &Plan, settings: &Settings) -> Vec<Finding> {
    // Somebody waits for a keystroke, and what two threads make takes half the time.
    std::thread::scope(|scope| {
        let dear = scope.spawn(|| lint::check::Dear::of(reading, plan));
        lint::check::spec_beside(reading, plan, settings, || dear.join().ok())
    })
}

/// A repository, judged.
#[derive(Debug, Default)]
pub struct Checked {
    /// Every finding: spec by spec, then those between specs.
    pub findings: Vec<Finding>,
    /// The documents that were judged, by spec.
    pub documents: BTreeMap<String, SpecDocuments>,
    /// Counts over all specs.
    pub tally: Tally,
    /// Where each spec lies, by name: its path from the root.
    places: BTreeMap<String, (String, Shape)>,
}

/// What one spec adds.
struct Part {
    documents: SpecDocuments,
    judged: Judged,
}

/// Judges these specs, each by itself and beside the others. The order of the findings does not depend on the threads.
pub fn check(root: &Path, places: &[SpecPlace], settings: &Settings) -> Result<Checked, IndexError> {
    judge(root, places, settings, &SpecPlace::documents)
}

/// The same with documents as they were at another time, by spec. A spec without any is left out.
pub fn check_then(
    root: &Path,
    places: &[SpecPlace],
    settings: &Settings,
    documents: &BTreeMap<String, SpecDocuments>,
) -> Result<Checked, IndexError> {
    let is_there = |place: &&SpecPlace| {
        let of_it = documents.get(&place.name);
        of_it.is_some_and(|it| Reading::of(it.clone()).texts().next().is_some())
    };
    let places: Vec<SpecPlace> = places.iter().filter(is_there).cloned().collect();
    let read = |place: &SpecPlace| Ok(documents.get(&place.name).cloned().unwrap_or_default());
    judge(root, &places, settings, &read)
}

/// Finds the documents of a spec.
type Read<'a> = &'a (dyn Fn(&SpecPlace) -> Result<SpecDocuments, IndexError> + Sync);

fn judge(
    root: &Path,
    places: &[SpecPlace],
    settings: &Settings,
    read: Read<'_>,
) -> Result<Checked, IndexError> {
    let next = AtomicUsize::new(0);
    let parts: Mutex<Vec<(usize, Result<Part, IndexError>)>> = Mutex::new(Vec::new());
    let threads =
        std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX).min(places.len().max(1));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = places.get(at) else { return };
            let part = part(place, settings, read);
            if let Ok(mut parts) = parts.lock() {
                parts.push((at, part));
            }
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    let mut parts = parts.into_inner().unwrap_or_default();
    parts.sort_by_key(|(at, _)| *at);
    let mut checked = Checked::default();
    let (mut summaries, mut statements) = (Vec::new(), Vec::new());
    for (at, part) in parts {
        let part = part?;
        checked.findings.extend(part.judged.findings);
        checked.tally.add(&part.judged.tally);
        summaries.push(part.judged.summary);
        statements.push(part.judged.statements);
        if let Some(place) = places.get(at) {
            let path = slashed(place.path.strip_prefix(root).unwrap_or(&place.path));
            checked.places.insert(place.name.clone(), (path, place.shape));
            checked.documents.insert(place.name.clone(), part.documents);
        }
    }
    checked.findings.extend(across(&summaries, settings));
    checked.findings.extend(settings.applied(conflict::across(&statements)));
    Ok(checked)
}

fn part(place: &SpecPlace, settings: &Settings, read: Read<'_>) -> Result<Part, IndexError> {
    let reading = Reading::of(read(place)?);
    let plan = Plan::of(&reading);
    let judged = lint::check::whole(&reading, &plan, settings);
    Ok(Part { judged, documents: reading.documents })
}

impl Checked {
    /// The bytes of a document.
    pub fn bytes(&self, spec: &str, file: &str) -> Option<&[u8]> {
        let documents = self.documents.get(spec)?;
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

    /// The path of a place from the root.
    pub fn path(&self, place: &Place) -> String {
        match self.places.get(&place.spec) {
            Some((path, Shape::Single)) => path.clone(),
            Some((path, Shape::Folder)) if self.bytes(&place.spec, &place.file).is_some() => {
                format!("{path}/{}", place.file)
            }
            _ => place.file.clone(),
        }
    }

    /// Path, lines and columns of every place of these findings, found with one count of lines for each document.
    pub fn located<'a>(&self, findings: impl Iterator<Item = &'a Finding>) -> BTreeMap<Place, Located> {
        let mut lines = BTreeMap::new();
        let mut found = BTreeMap::new();
        for finding in findings {
            let places =
                std::iter::once(&finding.place).chain(finding.related.iter().map(|(place, _)| place));
            for place in places {
                let key = (place.spec.clone(), place.file.clone());
                let count = || self.bytes(&place.spec, &place.file).map(|bytes| (bytes, Lines::of(bytes)));
                let known = lines.entry(key).or_insert_with(count);
                let region = known.as_ref().map(|(bytes, lines)| lines.region(bytes, place.span));
                found.insert(place.clone(), Located { path: self.path(place), region });
            }
        }
        found
    }
}
