//! Proves journals offline, and lists what is wrong instead of stopping at the first. Changes nothing.
#![expect(clippy::disallowed_methods, reason = "the journals are read here")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use conversation::Digest;
use serde_json::Value;

use crate::content::{self, Content, Reference};
use crate::head::{Head, HeadFault};
use crate::line::{self, Line, LineFault};
use crate::lock::Lock;
use crate::{LedgerError, chain, layout, wire};

/// How many findings are kept; a file full of noise would give one per line.
const FINDINGS_MAX: usize = 1_000;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many journals were read.
    pub journals: u64,
    /// How many whole records they hold.
    pub records: u64,
    /// How many pieces of content they refer to.
    pub contents: u64,
    /// What is wrong, journal by journal; at most 1,000.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// The record, or the place where it should be; `None` when the whole file is meant.
    pub record: Option<u64>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A record's bytes are not those that its hash was made of.
    Edited,
    /// A line is not a record.
    Unparsable(String),
    /// Records are missing in front of this one.
    Dropped {
        /// How many.
        records: u64,
    },
    /// A record stands where another belongs.
    Reordered {
        /// The one that belongs there.
        expected: u64,
    },
    /// A record does not name the hash of the one before it.
    Unchained,
    /// The journal ends before the record that its head names.
    Truncated {
        /// How many records were durable.
        durable: u64,
    },
    /// The head names another record than the one that stands in its place.
    HeadDiffers,
    /// The file `head` is missing or cannot be read.
    HeadUnreadable(String),
    /// The journal ends in the middle of a record, as a crash leaves it; opening the journal sets that aside.
    Torn {
        /// How many bytes.
        bytes: u64,
    },
    /// Content that a record refers to is missing.
    ContentMissing(Digest),
    /// Content that a record refers to is not what its name says.
    ContentChanged(Digest),
    /// A record of a spec names a head that its session does not have.
    NotInSession {
        /// The session.
        session: String,
        /// The head that is named.
        head: Digest,
    },
    /// A newer Waypost wrote it, in a format that this one does not know.
    Newer {
        /// The format.
        found: u64,
    },
    /// The file cannot be read.
    Unreadable(String),
}

/// Verifies everything at these paths: state roots, directories of workspaces, directories of journals, or
/// journals themselves.
///
/// Limitations: what was cut off after the last record that a head names, and a journal that was removed together
/// with everything that names it, is not found without a digest that was kept elsewhere.
pub fn verify(paths: &[PathBuf]) -> Report {
    let mut check = Check::default();
    for path in paths {
        check.path(path);
    }
    check.cross_references();
    check.report
}

#[derive(Default)]
struct Check {
    report: Report,
    /// Content that was looked at, with what was wrong with it.
    contents: HashMap<PathBuf, Option<Problem>>,
    /// The hashes of journals that were read, by directory.
    hashes: HashMap<PathBuf, HashSet<Digest>>,
    /// Who names which head of which session's directory.
    pins: Vec<Pin>,
}

struct Pin {
    file: PathBuf,
    record: u64,
    session: String,
    directory: PathBuf,
    head: Digest,
}

impl Check {
    fn path(&mut self, path: &Path) {
        if path.is_file() {
            return self.journal(path.parent().unwrap_or(path));
        }
        if path.join(layout::JOURNAL).is_file() {
            return self.journal(path);
        }
        let mut journals = BTreeMap::new();
        for workspace in [path.to_path_buf()].into_iter().chain(below(&path.join("workspaces"))) {
            for directory in below(&workspace.join("sessions")).chain(below(&workspace.join("specs"))) {
                let holds = |name: &str| directory.join(name).exists();
                // A directory in which nothing was ever durable holds at most a lock and a head without records.
                let begun = Head::read(&directory).is_ok_and(|head| head.records > 0);
                journals.insert(directory.clone(), holds(layout::JOURNAL) || begun);
            }
        }
        for directory in journals.into_iter().filter_map(|(directory, begun)| begun.then_some(directory)) {
            self.journal(&directory);
        }
        if !path.is_dir() {
            self.find(path, None, Problem::Unreadable("there is nothing at this path".to_string()));
        }
    }

    fn journal(&mut self, directory: &Path) {
        let path = directory.join(layout::JOURNAL);
        self.report.journals += 1;
        let in_use = Lock::is_taken(directory);
        // The head before the journal, as a writer may be at work.
        let head = Head::read(directory);
        match self.records(directory, &path, head.as_ref().ok(), in_use) {
            Ok(()) => {}
            Err(LedgerError::Io { source, .. }) => {
                self.find(&path, None, Problem::Unreadable(source.to_string()));
            }
            Err(other) => self.find(&path, None, Problem::Unreadable(other.to_string())),
        }
        let problem = match head {
            Ok(_) => return,
            Err(HeadFault::Missing) => Problem::HeadUnreadable("it is missing".to_string()),
            Err(HeadFault::Unreadable(why)) => Problem::HeadUnreadable(why),
            Err(HeadFault::Newer(found)) => Problem::Newer { found },
        };
        self.find(&directory.join(layout::HEAD), None, problem);
    }

    fn records(
        &mut self,
        directory: &Path,
        path: &Path,
        head: Option<&Head>,
        in_use: bool,
    ) -> Result<(), LedgerError> {
        let mut lines = chain::lines(path)?;
        let mut hashes = HashSet::new();
        let (mut expected, mut prev) = (0, line::origin());
        let mut named = head.is_none_or(|head| *head == Head::none());
        while let Some(read) = lines.read().map_err(LedgerError::io("read", path))? {
            let last = lines.at_end().map_err(LedgerError::io("read", path))?;
            let place = expected;
            match lines.prove(&read) {
                // A whole record without its newline is still a write that was cut short.
                Ok(_) | Err(LineFault::Unparsable(_)) if last && !read.ended => {
                    if !in_use {
                        self.find(path, Some(place), Problem::Torn { bytes: read.bytes });
                    }
                    break;
                }
                Ok(line) => {
                    if let Some(problem) = misplaced(&line, expected, prev) {
                        self.find(path, Some(line.seq), problem);
                    }
                    (expected, prev) = (line.seq.saturating_add(1), line.hash);
                    hashes.insert(line.hash);
                    named |= head.is_some_and(|head| head.records == expected && head.hash == line.hash);
                    self.report.records += 1;
                    self.body(directory, path, &line);
                }
                Err(LineFault::Newer(found)) => {
                    self.find(path, Some(place), Problem::Newer { found });
                    return Ok(());
                }
                Err(fault) => {
                    let problem = match fault {
                        LineFault::Unparsable(why) => Problem::Unparsable(why),
                        _ => Problem::Edited,
                    };
                    self.find(path, Some(place), problem);
                    // The next record can only be asked to stand in its own place.
                    (expected, prev) = (expected + 1, claimed_hash(lines.text()).unwrap_or(prev));
                }
            }
        }
        if let Some(head) = head.filter(|_| !named) {
            if expected < head.records {
                self.find(path, Some(expected), Problem::Truncated { durable: head.records });
            } else {
                self.find(path, Some(head.records.saturating_sub(1)), Problem::HeadDiffers);
            }
        }
        self.hashes.insert(directory.to_path_buf(), hashes);
        Ok(())
    }

    /// Follows what a record refers to.
    fn body(&mut self, directory: &Path, path: &Path, line: &Line<'_>) {
        let Ok(body) = serde_json::from_str::<Value>(line.body) else {
            return self.find(path, Some(line.seq), Problem::Unparsable("its body is not JSON".to_string()));
        };
        // `<workspace>/sessions/<id>` and `<workspace>/specs/<slug>`.
        let workspace = directory.parent().and_then(Path::parent).unwrap_or(directory);
        let store = Content::new(content::directory(workspace));
        let mut references = Reference::all(&body);
        while let Some(reference) = references.pop() {
            let new = !self.contents.contains_key(&store.path(&reference.digest));
            if let Some(problem) = self.content(&store, &reference.digest) {
                self.find(path, Some(line.seq), problem);
            } else if new && reference.is_json() {
                references.extend(
                    store.value_of(&reference).map(|inner| Reference::all(&inner)).unwrap_or_default(),
                );
            }
        }
        if line.name == "changed" {
            let mut body = body;
            let pinned = store.inline(&mut body).ok().and_then(|()| wire::pinned(&body));
            if let Some((session, head)) = pinned {
                let directory = workspace.join("sessions").join(&session);
                self.pins.push(Pin { file: path.to_path_buf(), record: line.seq, session, directory, head });
            }
        }
    }

    fn content(&mut self, store: &Content, digest: &Digest) -> Option<Problem> {
        let path = store.path(digest);
        if let Some(known) = self.contents.get(&path) {
            return known.clone();
        }
        self.report.contents += 1;
        let problem = match store.get(digest) {
            Ok(_) => None,
            Err(_) if !path.exists() => Some(Problem::ContentMissing(*digest)),
            Err(_) => Some(Problem::ContentChanged(*digest)),
        };
        self.contents.insert(path, problem.clone());
        problem
    }

    /// A head that a spec names must be the hash of a record of that session.
    fn cross_references(&mut self) {
        for pin in std::mem::take(&mut self.pins) {
            let plain = layout::session_directory(&pin.session).is_ok();
            let known = self.hashes.entry(pin.directory.clone()).or_insert_with(|| hashes_of(&pin.directory));
            if !plain || !known.contains(&pin.head) {
                let problem = Problem::NotInSession { session: pin.session, head: pin.head };
                self.find(&pin.file, Some(pin.record), problem);
            }
        }
    }

    fn find(&mut self, file: &Path, record: Option<u64>, problem: Problem) {
        if self.report.findings.len() < FINDINGS_MAX {
            self.report.findings.push(Finding { file: file.to_path_buf(), record, problem });
        }
    }
}

/// What is wrong with the place of a record that is whole by itself.
fn misplaced(line: &Line<'_>, expected: u64, prev: Digest) -> Option<Problem> {
    if line.seq > expected {
        Some(Problem::Dropped { records: line.seq - expected })
    } else if line.seq < expected {
        Some(Problem::Reordered { expected })
    } else if line.prev != prev {
        Some(Problem::Unchained)
    } else {
        None
    }
}

/// The hash that a damaged line says it has, so that one damaged record is one finding and not two.
fn claimed_hash(text: &[u8]) -> Option<Digest> {
    let digits = text.len().checked_sub(66).and_then(|start| text.get(start..text.len() - 2))?;
    Digest::read(std::str::from_utf8(digits).ok()?)
}

/// The hashes of the whole records of a journal that is not itself verified in this run.
fn hashes_of(directory: &Path) -> HashSet<Digest> {
    let mut hashes = HashSet::new();
    let Ok(mut lines) = chain::lines(&directory.join(layout::JOURNAL)) else {
        return hashes;
    };
    while let Ok(Some(read)) = lines.read() {
        hashes.extend(lines.prove(&read).map(|line| line.hash));
    }
    hashes
}

/// The directories in a directory.
fn below(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if let Some(record) = self.record {
            write!(f, "record {record}: ")?;
        }
        self.problem.fmt(f)
    }
}

impl Problem {
    /// The word for this kind of problem, for machines.
    pub fn name(&self) -> &'static str {
        match self {
            Problem::Edited => "edited",
            Problem::Unparsable(_) => "unparsable",
            Problem::Dropped { .. } => "dropped",
            Problem::Reordered { .. } => "reordered",
            Problem::Unchained => "unchained",
            Problem::Truncated { .. } => "truncated",
            Problem::HeadDiffers => "head_differs",
            Problem::HeadUnreadable(_) => "head_unreadable",
            Problem::Torn { .. } => "torn",
            Problem::ContentMissing(_) => "content_missing",
            Problem::ContentChanged(_) => "content_changed",
            Problem::NotInSession { .. } => "not_in_session",
            Problem::Newer { .. } => "newer",
            Problem::Unreadable(_) => "unreadable",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Edited => f.write_str(chain::EDITED),
            Problem::Unparsable(why) => write!(f, "it is not a record: {why}"),
            Problem::Dropped { records } => write!(f, "{records} records are missing in front of it"),
            Problem::Reordered { expected } => write!(f, "it stands where record {expected} belongs"),
            Problem::Unchained => f.write_str("it does not follow the record before it"),
            Problem::Truncated { durable } => {
                write!(f, "the journal ends before it, and {durable} records were durable")
            }
            Problem::HeadDiffers => f.write_str("it is not the record that the head names"),
            Problem::HeadUnreadable(why) => write!(f, "the head cannot be read: {why}"),
            Problem::Torn { bytes } => {
                write!(f, "{bytes} bytes of a record that was cut short; opening the journal sets them aside")
            }
            Problem::ContentMissing(digest) => write!(f, "content `{digest}` is missing"),
            Problem::ContentChanged(digest) => write!(f, "content `{digest}` was changed"),
            Problem::NotInSession { session, head } => {
                write!(f, "session `{session}` has no record `{head}`")
            }
            Problem::Newer { found } => write!(f, "it has format {found}; update Waypost to verify it"),
            Problem::Unreadable(why) => write!(f, "it cannot be read: {why}"),
        }
    }
}

#[cfg(test)]
mod tests;
