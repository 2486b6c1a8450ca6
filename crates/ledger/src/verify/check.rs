//! The walk over journals: every record, text and content, against each other and against the signed heads.
//! Changes nothing.
#![expect(clippy::disallowed_methods, reason = "the journals are read here")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use conversation::Digest;
use serde_json::Value;

use super::heads::{Claim, Heads};
use super::{FINDINGS_MAX, Finding, Problem, Report, Trust, anchors};
use crate::content::{self, Content, Reference};
use crate::erasures::Erasures;
use crate::head::{Head, HeadFault};
use crate::line::{self, Line, LineFault};
use crate::lock::Lock;
use crate::signed::State;
use crate::{LedgerError, chain, device, layout, wire};

/// Verifies everything at these paths: state roots, directories of workspaces, directories of journals, or
/// journals themselves. The key is the one that the chain of heads begins with.
pub fn verify(paths: &[PathBuf]) -> Report {
    verify_with(paths, &Trust::default())
}

/// The same, with a key and anchors to lean on.
///
/// Limitations: without a key or an anchor that was kept elsewhere, a state root that was made anew as a whole, or
/// replaced by an older copy as a whole, is not found. [`Trust`] is for that.
pub fn verify_with(paths: &[PathBuf], trust: &Trust) -> Report {
    let mut check = Check::new(trust);
    for path in paths {
        if !path.is_file() && !path.is_dir() {
            check.find(path, None, Problem::Unreadable("there is nothing at this path".to_string()));
        }
        check.path(path);
    }
    check.finish()
}

/// Verifies one workspace below a state root, also when nothing is left of it but its signed heads.
pub(crate) fn verify_workspace(directory: &Path, trust: &Trust) -> Report {
    let mut check = Check::new(trust);
    check.path(directory);
    check.finish()
}

struct Check<'a> {
    trust: &'a Trust,
    report: Report,
    /// The chains of heads, by state root; `None` where there is none.
    heads: HashMap<PathBuf, Option<Heads>>,
    /// What was asked for, below which root.
    scopes: Vec<(PathBuf, String)>,
    /// The journals that were looked at.
    seen: BTreeSet<PathBuf>,
    /// What was erased, by workspace.
    erasures: HashMap<PathBuf, Erasures>,
    /// Erasures that were noted already, by journal and time.
    noted: HashSet<(PathBuf, u64)>,
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

/// What came of reading the records of a journal.
#[derive(Default)]
struct Walked {
    /// How many there are, by the places that they say they have.
    records: u64,
    /// The format of the first.
    format: Option<u64>,
    /// The plain head said already that records are gone.
    truncated: bool,
}

impl<'a> Check<'a> {
    fn new(trust: &'a Trust) -> Check<'a> {
        Check {
            trust,
            report: Report::default(),
            heads: HashMap::new(),
            scopes: Vec::new(),
            seen: BTreeSet::new(),
            erasures: HashMap::new(),
            noted: HashSet::new(),
            contents: HashMap::new(),
            hashes: HashMap::new(),
            pins: Vec::new(),
        }
    }

    fn path(&mut self, path: &Path) {
        if path.is_file() {
            return self.path(path.parent().unwrap_or(path));
        }
        if path.join(layout::JOURNAL).is_file() {
            return self.journal(path);
        }
        let mut journals = BTreeSet::new();
        for workspace in [path.to_path_buf()].into_iter().chain(below(&path.join("workspaces"))) {
            for name in layout::workspace_journals(&workspace).unwrap_or_default() {
                let directory = workspace.join(name);
                // A directory in which nothing was ever durable holds at most a lock and a head without records.
                let begun = Head::read(&directory).is_ok_and(|head| head.records > 0);
                if begun || directory.join(layout::JOURNAL).exists() {
                    journals.insert(directory);
                }
            }
        }
        if let Some(root) = root_of(path) {
            self.load_heads(&root);
            let scope = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
            self.scopes.push((root, scope));
        }
        for directory in journals {
            self.journal(&directory);
        }
    }

    fn journal(&mut self, directory: &Path) {
        let path = directory.join(layout::JOURNAL);
        self.report.journals += 1;
        self.seen.insert(directory.to_path_buf());
        let root = root_of(directory).unwrap_or_else(|| directory.to_path_buf());
        self.load_heads(&root);
        let name = journal_name(&root, directory);
        let claims = self.claims(&root, directory, &name);
        let in_use = Lock::is_taken(directory);
        // The head before the journal, as a writer may be at work.
        let head = Head::read(directory);
        match self.records(directory, &path, head.as_ref().ok(), &claims, in_use) {
            Ok(walked) => self.against_claims(&root, &name, &path, &walked, claims, in_use),
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
        claims: &[Claim],
        in_use: bool,
    ) -> Result<Walked, LedgerError> {
        let mut signed: HashMap<u64, Vec<&Claim>> = HashMap::new();
        for claim in claims {
            signed.entry(claim.records).or_default().push(claim);
        }
        let mut lines = chain::lines(path)?;
        let mut hashes = HashSet::new();
        let mut walked = Walked::default();
        let (mut expected, mut prev) = (0, line::origin());
        let mut named = head.is_none_or(|head| *head == Head::none());
        while let Some(read) = lines.read().map_err(LedgerError::io("read", path))? {
            let last = lines.at_end().map_err(LedgerError::io("read", path))?;
            let place = expected;
            let hash = match lines.prove(&read) {
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
                    walked.format = walked.format.or(line.format);
                    (expected, prev) = (line.seq.saturating_add(1), line.hash);
                    hashes.insert(line.hash);
                    named |= head.is_some_and(|head| head.records == expected && head.hash == line.hash);
                    self.report.records += 1;
                    self.body(directory, path, &line);
                    Some(line.hash)
                }
                Err(LineFault::Newer(found)) => {
                    self.find(path, Some(place), Problem::Newer { found });
                    walked.truncated = true;
                    return Ok(walked);
                }
                Err(fault) => {
                    let problem = match fault {
                        LineFault::Unparsable(why) => Problem::Unparsable(why),
                        _ => Problem::Edited,
                    };
                    self.find(path, Some(place), problem);
                    // The next record can only be asked to stand in its own place.
                    let claimed = claimed_hash(lines.text());
                    (expected, prev) = (expected + 1, claimed.unwrap_or(prev));
                    claimed
                }
            };
            // A line that is no record at all has been found already.
            let mut claims = hash.and_then(|_| signed.get(&expected)).into_iter().flatten();
            // Several heads may name one record; that it is another one is one finding.
            if let Some(claim) = claims.find(|claim| Some(claim.hash) != hash) {
                let problem = Problem::NotAsSigned { head: claim.head };
                self.find(path, Some(expected.saturating_sub(1)), problem);
            }
        }
        walked.records = expected;
        if let Some(head) = head.filter(|_| !named) {
            if expected < head.records {
                walked.truncated = true;
                self.find(path, Some(expected), Problem::Truncated { durable: head.records });
            } else {
                self.find(path, Some(head.records.saturating_sub(1)), Problem::HeadDiffers);
            }
        }
        self.hashes.insert(directory.to_path_buf(), hashes);
        Ok(walked)
    }

    /// What the signed heads say of a journal whose records were read.
    fn against_claims(
        &mut self,
        root: &Path,
        name: &str,
        path: &Path,
        walked: &Walked,
        claims: Vec<Claim>,
        in_use: bool,
    ) {
        let furthest = claims.iter().max_by_key(|claim| claim.records);
        if let Some(claim) = furthest.filter(|claim| claim.records > walked.records && !walked.truncated) {
            let problem = Problem::RolledBack { signed: claim.records, at: claim.at };
            return self.find(path, Some(walked.records), problem);
        }
        let covered = furthest.map_or(0, |claim| claim.records);
        let newer = self.heads.get(root).and_then(Option::as_ref).is_some_and(Heads::is_newer);
        if covered >= walked.records || walked.truncated || newer {
            return;
        }
        let last = claims.last().map(|claim| claim.state);
        if in_use && last.is_some() {
            return;
        }
        let problem = Problem::Unsigned { records: walked.records - covered };
        if matches!(last, Some(State::Opened | State::Running)) {
            // Somebody was killed while writing; what came after the last head can only be taken as it is.
            return self.note(path, Some(covered), problem);
        }
        // Somebody may have begun since the chain was read.
        let now = Heads::read(root, self.trust, &mut |_, _, _| {}).map(|heads| heads.claims(name).to_vec());
        let goes_on = |claims: &Vec<Claim>| {
            claims.last().is_some_and(|claim| claim.state != State::Closed || claim.records >= walked.records)
        };
        if now.as_ref().is_some_and(goes_on) && last != Some(State::Adopted) {
            return;
        }
        // Format 1 knew no signatures, and its journals are signed when the device key is made.
        let unsigned_format = walked.format == Some(1) && last.is_none();
        if now.is_none() && unsigned_format && self.trust.key.is_none() {
            return self.note(path, Some(covered), problem);
        }
        self.find(path, Some(covered), problem);
    }

    /// Reads the chain of heads of a state root, once.
    fn load_heads(&mut self, root: &Path) {
        if self.heads.contains_key(root) {
            return;
        }
        let path = device::chain(root);
        let mut said = Vec::new();
        let heads = Heads::read(root, self.trust, &mut |record, problem, is_note| {
            said.push((record, problem, is_note));
        });
        for (record, problem, is_note) in said {
            if is_note { self.note(&path, record, problem) } else { self.find(&path, record, problem) }
        }
        if let Some(heads) = &heads {
            self.report.heads += heads.proven();
            self.report.key = heads.current();
            if let Some(key) = heads.other_key_in_place() {
                self.find(&device::directory(root).join("key"), None, Problem::WrongKey(key));
            }
        }
        self.heads.insert(root.to_path_buf(), heads);
    }

    /// What was signed of a journal, and what is wrong with the heads beside it.
    fn claims(&mut self, root: &Path, directory: &Path, name: &str) -> Vec<Claim> {
        let path = directory.join(layout::HEADS);
        let mut said = Vec::new();
        let mut find = |record, problem| said.push((record, problem));
        let claims = match (self.heads.get(root).and_then(Option::as_ref), self.trust.key) {
            (Some(heads), _) => {
                heads.compare_beside(&path, &mut find);
                heads.claims(name).to_vec()
            }
            (None, Some(key)) => {
                let heads = Heads::beside(&path, key, &mut find);
                self.report.heads += heads.proven();
                heads.only_claims()
            }
            (None, None) => {
                if path.exists() {
                    let witness = format!("`{}`", path.display());
                    find(None, Problem::ChainCut { head: 0, witness });
                }
                Vec::new()
            }
        };
        for (record, problem) in said {
            self.find(&path, record, problem);
        }
        claims
    }

    /// Follows what a record refers to.
    fn body(&mut self, directory: &Path, path: &Path, line: &Line<'_>) {
        let Ok(body) = serde_json::from_str::<Value>(line.body) else {
            return self.find(path, Some(line.seq), Problem::Unparsable("its body is not JSON".to_string()));
        };
        let workspace = workspace_of(directory);
        let store = Content::new(content::directory(workspace));
        for (digest, text) in line.salted.iter().zip(&line.texts) {
            match (text, self.erasures(workspace, &store).of(digest).cloned()) {
                (None, Some(erasure)) => self.note_erasure(path, line.seq, Problem::Erased(erasure)),
                (None, None) => self.find(path, Some(line.seq), Problem::TextMissing(*digest)),
                (Some(_), Some(_)) => self.find(path, Some(line.seq), Problem::TextNotErased(*digest)),
                (Some(_), None) => {}
            }
        }
        let mut references = Reference::all(&body);
        while let Some(reference) = references.pop() {
            let new = !self.contents.contains_key(&store.path(&reference.digest));
            match self.content(workspace, &store, &reference.digest) {
                Some(problem @ Problem::Erased(_)) => self.note_erasure(path, line.seq, problem),
                Some(problem) => self.find(path, Some(line.seq), problem),
                None if new && reference.is_json() => references.extend(
                    store.value_of(&reference).map(|inner| Reference::all(&inner)).unwrap_or_default(),
                ),
                None => {}
            }
        }
        if line.name == "changed" {
            let mut body = body;
            let pinned = store.inline(&mut body, &Erasures::default()).ok().and_then(|_| wire::pinned(&body));
            if let Some((session, head)) = pinned {
                let directory = workspace.join("sessions").join(&session);
                self.pins.push(Pin { file: path.to_path_buf(), record: line.seq, session, directory, head });
            }
        }
    }

    fn content(&mut self, workspace: &Path, store: &Content, digest: &Digest) -> Option<Problem> {
        let path = store.path(digest);
        if let Some(known) = self.contents.get(&path) {
            return known.clone();
        }
        self.report.contents += 1;
        let problem = match store.get(digest) {
            Ok(_) => None,
            Err(_) if path.exists() => Some(Problem::ContentChanged(*digest)),
            Err(_) => Some(match self.erasures(workspace, store).of(digest) {
                Some(erasure) => Problem::Erased(erasure.clone()),
                None => Problem::ContentMissing(*digest),
            }),
        };
        self.contents.insert(path, problem.clone());
        problem
    }

    /// What was erased in a workspace, as far as its journal of erasures can be read: its own findings say the rest.
    fn erasures(&mut self, workspace: &Path, store: &Content) -> &Erasures {
        self.erasures.entry(workspace.to_path_buf()).or_insert_with(|| {
            let mut erasures = Erasures::default();
            let path = workspace.join(layout::ERASURES).join(layout::JOURNAL);
            if let Ok(mut lines) = chain::lines(&path) {
                while let Ok(Some(read)) = lines.read() {
                    if let Ok(line) = lines.prove(&read) {
                        erasures.note(&line, store);
                    }
                }
            }
            erasures
        })
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

    /// Journals that were signed and are not there.
    fn gone(&mut self) {
        let mut gone = Vec::new();
        for (root, scope) in &self.scopes {
            let Some(heads) = self.heads.get(root).and_then(Option::as_ref) else { continue };
            for (journal, claims) in heads.journals() {
                let asked = scope.is_empty() || journal.starts_with(&format!("{scope}/"));
                let signed = claims.iter().map(|claim| claim.records).max().unwrap_or(0);
                let directory = root.join(journal);
                if asked && signed > 0 && !self.seen.contains(&directory) {
                    gone.push((directory.join(layout::JOURNAL), Problem::Gone { signed }));
                }
            }
        }
        for (path, problem) in gone {
            self.find(&path, None, problem);
        }
    }

    fn finish(mut self) -> Report {
        self.cross_references();
        self.gone();
        let mut said = Vec::new();
        for (root, heads) in &self.heads {
            if let Some(heads) = heads {
                let compared =
                    anchors::compare(heads, &self.trust.anchors, &mut |record, problem, is_note| {
                        said.push((device::chain(root), record, problem, is_note));
                    });
                self.report.anchored.extend(compared);
            }
        }
        for (path, record, problem, is_note) in said {
            if is_note { self.note(&path, record, problem) } else { self.find(&path, record, problem) }
        }
        self.report
    }

    /// One erasure is said once of a journal, however many texts went.
    fn note_erasure(&mut self, path: &Path, record: u64, problem: Problem) {
        let new = match &problem {
            Problem::Erased(erasure) => self.noted.insert((path.to_path_buf(), erasure.at)),
            _ => true,
        };
        if new {
            self.note(path, Some(record), problem);
        }
    }

    fn find(&mut self, file: &Path, record: Option<u64>, problem: Problem) {
        if self.report.findings.len() < FINDINGS_MAX {
            self.report.findings.push(Finding { file: file.to_path_buf(), record, problem });
        }
    }

    fn note(&mut self, file: &Path, record: Option<u64>, problem: Problem) {
        if self.report.notes.len() < FINDINGS_MAX {
            self.report.notes.push(Finding { file: file.to_path_buf(), record, problem });
        }
    }
}

/// The workspace of `<workspace>/sessions/<id>`, `<workspace>/specs/<slug>` and `<workspace>/erasures`.
fn workspace_of(directory: &Path) -> &Path {
    let up = if directory.ends_with(layout::ERASURES) { 1 } else { 2 };
    directory.ancestors().nth(up).unwrap_or(directory)
}

/// The state root above, or at, a path.
fn root_of(path: &Path) -> Option<PathBuf> {
    let is_root = |path: &&Path| path.join("device").is_dir() || path.join("workspaces").is_dir();
    path.ancestors().take(5).find(is_root).map(Path::to_path_buf)
}

/// How the chain of heads names a journal.
fn journal_name(root: &Path, directory: &Path) -> String {
    directory.strip_prefix(root).unwrap_or(directory).to_string_lossy().into_owned()
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
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.rfind(line::HASH_KEY).map(|at| at + line::HASH_KEY.len())?;
    Digest::read(text.get(digits..digits + 64)?)
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
