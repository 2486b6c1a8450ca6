//! What git remembers of the specs: commits with the tasks they ticked, edits of criteria, versions of the files that
//! tasks name. Judges nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use plan::drift::{Completed, Contents, Edited, Version, plain_digest, text_digest};
use plan::freshness::{Timeline, Touched};
use plan::trace::{CommitFact, SymbolFact, TaskRef, is_edited, task_refs, ticked};
use plan::{Plan, Reading, Shape, SpecDocuments};
use spec::State;
use spec::references::normal_id;
use symbols::SymbolKind;
use vcs::history::{ChangeKind, Commit, History, HistoryError};

use crate::place::{SpecPlace, slashed};

/// Commits looked at; older ones do not matter for what is true today.
pub const COMMITS_MAX: usize = 3_000;
/// Versions of files that are read.
const BLOBS_MAX: usize = 60_000;

/// The history of the specs.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Newest first.
    pub commits: Vec<CommitFact>,
    /// When tasks were finished, oldest first.
    pub completed: Vec<Completed>,
    /// What criteria said after each edit, oldest first.
    pub edited: Vec<Edited>,
    /// Versions of the files that finished tasks name, oldest first.
    pub versions: BTreeMap<String, Vec<Version>>,
    /// What the sections and tasks of each spec had seen after its last commit and its last approval.
    pub timelines: BTreeMap<String, Timeline>,
    /// The commit that is checked out.
    pub head: Option<String>,
    /// Why there is no history, or less than all of it.
    pub absence: Option<String>,
}

/// A spec with what its documents mean today.
#[derive(Clone, Copy, Debug)]
pub struct Today<'a> {
    /// Where it lies.
    pub place: &'a SpecPlace,
    /// What its documents mean.
    pub plan: &'a Plan,
}

/// The documents of a spec as a person approved them last.
#[derive(Clone, Debug, Default)]
pub struct Approval {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Who.
    pub by: String,
    /// The documents; boxes may be empty.
    pub documents: SpecDocuments,
}

/// What [`Timeline`] names as the time of an approval; anything else is a commit.
pub const APPROVAL: &str = "approval";

/// Approvals that no commit has overtaken yet, by spec.
type Approvals<'a> = BTreeMap<&'a str, &'a Approval>;

impl Past {
    /// Reads the history of these specs. `path` is where git is looked for. Without git only approvals are known.
    pub fn read(
        root: &Path,
        path: &str,
        specs: &[Today<'_>],
        approvals: &BTreeMap<String, Approval>,
    ) -> Result<Past, HistoryError> {
        Past::read_with(root, path, specs, approvals, named)
    }

    /// The same without the files that tasks name: enough for what the documents have seen of each other.
    pub fn read_documents_only(
        root: &Path,
        path: &str,
        specs: &[Today<'_>],
        approvals: &BTreeMap<String, Approval>,
    ) -> Result<Past, HistoryError> {
        Past::read_with(root, path, specs, approvals, |_, _| HashSet::new())
    }

    fn read_with(
        root: &Path,
        path: &str,
        specs: &[Today<'_>],
        approvals: &BTreeMap<String, Approval>,
        named: impl Fn(&[Today<'_>], &[Commit]) -> HashSet<String>,
    ) -> Result<Past, HistoryError> {
        let history = History::open(root, path);
        let mut open: Approvals<'_> =
            approvals.iter().map(|(spec, approval)| (spec.as_str(), approval)).collect();
        if let Some(absence) = history.absence() {
            let mut past = Past { absence: Some(absence.to_string()), ..Past::default() };
            past.approve(&mut open, i64::MAX);
            return Ok(past);
        }
        let log = history.commits(COMMITS_MAX)?;
        let mut commits = log.commits;
        commits.reverse();
        let documents = documents_of(root, specs);
        let named = named(specs, &commits);
        let mut wanted: Vec<(String, String)> = Vec::new();
        for commit in &commits {
            let there = commit.files.iter().filter(|file| file.kind != ChangeKind::Deleted);
            let wanted_file = |path: &str| documents.contains_key(path) || named.contains(path);
            wanted.extend(
                there
                    .filter(|file| wanted_file(&file.path))
                    .map(|file| (commit.hash.clone(), file.path.clone())),
            );
        }
        let is_cut = log.is_cut || wanted.len() > BLOBS_MAX;
        wanted.truncate(BLOBS_MAX);
        let blobs = history.files_at(&wanted)?;
        let blobs: HashMap<(String, String), Vec<u8>> =
            wanted.into_iter().zip(blobs).filter_map(|(place, blob)| Some((place, blob?))).collect();
        let mut past = Past { head: history.head()?, ..Past::default() };
        if is_cut {
            past.absence = Some(format!("only the last {COMMITS_MAX} commits are looked at"));
        } else if history.is_shallow() {
            past.absence = Some("the clone is shallow; older commits are missing".to_string());
        }
        past.read_documents(&commits, &documents, &blobs, &mut open);
        past.approve(&mut open, i64::MAX);
        past.read_versions(&commits, &named, &blobs);
        past.commits.reverse();
        Ok(past)
    }

    /// Ticks and edits of every commit, from the documents before and after it.
    fn read_documents(
        &mut self,
        commits: &[Commit],
        documents: &HashMap<String, (String, String, Shape)>,
        blobs: &HashMap<(String, String), Vec<u8>>,
        approvals: &mut Approvals<'_>,
    ) {
        let mut now: HashMap<&str, Vec<u8>> = HashMap::new();
        for commit in commits {
            self.approve(approvals, commit.time);
            let mut touched: HashMap<&str, Touched> = HashMap::new();
            let mut fact = CommitFact {
                hash: commit.hash.clone(),
                time: commit.time,
                subject: commit.subject.clone(),
                tasks: task_refs(&commit.trailers),
                files: commit.files.iter().map(|file| file.path.clone()).collect(),
                ..CommitFact::default()
            };
            for file in &commit.files {
                let Some((name, document, shape)) = documents.get(&file.path) else { continue };
                let after = blobs.get(&(commit.hash.clone(), file.path.clone()));
                let before = now.get(file.path.as_str()).map(Vec::as_slice);
                if is_edited(before, after.map(Vec::as_slice)) {
                    if !fact.specs.contains(name) {
                        fact.specs.push(name.clone());
                    }
                    // In a single file everything is edited with everything, which says nothing.
                    let touched = touched.entry(name).or_default();
                    touched.design |= document == "design.md" && *shape == Shape::Folder;
                    touched.tasks |= document == "tasks.md" && *shape == Shape::Folder;
                }
                if document == "tasks.md" || *shape == Shape::Single {
                    let ids = after.map(|after| ticked(before, after)).unwrap_or_default();
                    fact.ticked.extend(ids.into_iter().map(|task| TaskRef { spec: name.clone(), task }));
                }
                now.insert(&file.path, after.cloned().unwrap_or_default());
            }
            let concerned: BTreeSet<String> =
                fact.ticked.iter().map(|task| task.spec.clone()).chain(fact.specs.iter().cloned()).collect();
            for name in concerned {
                let reading = then(&name, documents, &now);
                let plan = Plan::of(&reading);
                for task in fact.ticked.iter().filter(|task| task.spec == name) {
                    let cited = plan.step(&task.task).into_iter().flat_map(|step| &step.criteria);
                    let criteria = cited
                        .filter_map(|(id, text)| Some((normal_id(id), text_digest(text.as_deref()?))))
                        .collect();
                    self.completed.push(Completed {
                        task: task.clone(),
                        commit: commit.hash.clone(),
                        criteria,
                    });
                }
                if fact.specs.contains(&name) {
                    let touched = touched.get(name.as_str()).copied().unwrap_or_default();
                    let timeline = self.timelines.entry(name.clone()).or_default();
                    timeline.commit(&reading, &plan, &commit.hash, touched);
                    let criteria =
                        plan.criteria.iter().map(|it| (normal_id(&it.id), text_digest(&it.text))).collect();
                    self.edited.push(Edited { spec: name, commit: commit.hash.clone(), criteria });
                }
            }
            self.commits.push(fact);
        }
    }

    /// Approvals given up to a time become the baseline of their specs.
    fn approve(&mut self, approvals: &mut Approvals<'_>, until: i64) {
        approvals.retain(|spec, approval| {
            if approval.at > until {
                return true;
            }
            let reading = Reading::of(approval.documents.clone());
            let timeline = self.timelines.entry((*spec).to_string()).or_default();
            timeline.approve(&reading, &Plan::of(&reading), APPROVAL);
            false
        });
    }

    /// What the named files were after each commit; a rename goes on under the first name.
    fn read_versions(
        &mut self,
        commits: &[Commit],
        named: &HashSet<String>,
        blobs: &HashMap<(String, String), Vec<u8>>,
    ) {
        let mut keys: HashMap<String, String> = HashMap::new();
        for commit in commits {
            for file in commit.files.iter().filter(|file| named.contains(&file.path)) {
                let key = match &file.kind {
                    ChangeKind::Renamed { from, .. } => keys.remove(from).unwrap_or_else(|| from.clone()),
                    _ => keys.get(&file.path).cloned().unwrap_or_else(|| file.path.clone()),
                };
                let blob = blobs.get(&(commit.hash.clone(), file.path.clone()));
                let contents = blob.map(|blob| contents_of(&file.path, blob));
                keys.insert(file.path.clone(), key.clone());
                let version = Version { commit: commit.hash.clone(), path: file.path.clone(), contents };
                self.versions.entry(key).or_default().push(version);
            }
        }
    }
}

/// A source file as the trace and drift see it.
pub fn contents_of(path: &str, bytes: &[u8]) -> Contents {
    let Some(source) = symbols::source(path, bytes) else {
        return Contents { digest: plain_digest(bytes), symbols: None };
    };
    let facts = source.symbols.iter().map(|symbol| SymbolFact {
        path: path.to_string(),
        name: symbol.name.clone(),
        qualified: symbol.qualified.clone(),
        lines: symbol.lines,
        above: symbol.above,
        digest: symbol.digest,
        shape: symbol.shape,
        is_public: symbol.is_public,
        is_test: symbol.is_test,
        is_group: matches!(symbol.kind, SymbolKind::Module | SymbolKind::Type),
    });
    Contents { digest: source.digest, symbols: Some(facts.collect()) }
}

/// Paths of documents, from the root, to the spec, the document's name and the shape.
fn documents_of(root: &Path, specs: &[Today<'_>]) -> HashMap<String, (String, String, Shape)> {
    let mut documents = HashMap::new();
    for Today { place, .. } in specs {
        for document in ["requirements.md", "bugfix.md", "design.md", "tasks.md"] {
            let path = place.file(document);
            let path = slashed(path.strip_prefix(root).unwrap_or(&path));
            documents.insert(path, (place.name.clone(), document.to_string(), place.shape));
        }
    }
    documents
}

/// The files that finished tasks name, under every name that they had.
fn named(specs: &[Today<'_>], commits: &[Commit]) -> HashSet<String> {
    let done = |today: &Today<'_>| {
        let steps = today.plan.steps.iter().filter(|step| step.state == State::Done);
        steps.flat_map(|step| step.files.clone()).collect::<Vec<_>>()
    };
    let mut named: HashSet<String> = specs.iter().flat_map(done).collect();
    let renames = || commits.iter().flat_map(|commit| &commit.files);
    let pairs: Vec<(&String, &String)> = renames()
        .filter_map(|file| match &file.kind {
            ChangeKind::Renamed { from, .. } => Some((from, &file.path)),
            _ => None,
        })
        .collect();
    for (from, to) in &pairs {
        if named.contains(*from) {
            named.insert((*to).clone());
        }
    }
    for (from, to) in pairs.iter().rev() {
        if named.contains(*to) {
            named.insert((*from).clone());
        }
    }
    named
}

/// A spec as it was.
fn then(
    name: &str,
    documents: &HashMap<String, (String, String, Shape)>,
    now: &HashMap<&str, Vec<u8>>,
) -> Reading {
    let mut read = SpecDocuments { name: name.to_string(), ..SpecDocuments::default() };
    for (path, (spec, document, shape)) in documents.iter().filter(|(_, (spec, ..))| spec == name) {
        let bytes = now.get(path.as_str()).filter(|bytes| !bytes.is_empty()).cloned();
        debug_assert_eq!(spec, name);
        read.shape = *shape;
        match (*shape, document.as_str()) {
            (Shape::Single, _) => read.single = bytes,
            (_, "requirements.md") => read.requirements = bytes,
            (_, "bugfix.md") => read.bugfix = bytes,
            (_, "design.md") => read.design = bytes,
            _ => read.tasks = bytes,
        }
    }
    Reading::of(read)
}
