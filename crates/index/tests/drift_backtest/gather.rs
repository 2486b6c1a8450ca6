//! Facts for drift from a real repository: commits, ticks, edits, versions of files with their symbols. Judges nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use plan::drift::{Completed, Contents, DriftFacts, Edited, Version, baseline, plain_digest, text_digest};
use plan::trace::{CommitFact, SymbolFact, TaskRef, is_edited, task_refs, ticked};
use plan::{Plan, Reading, SpecDocuments};
use spec::references::normal_id;
use symbols::SymbolKind;
use vcs::history::{ChangeKind, Commit, History};

const SPECS: &str = ".kiro/specs/";

/// A repository's history, read once; it can be looked at as of any commit.
pub(crate) struct Gathered {
    /// Oldest first.
    commits: Vec<Commit>,
    facts: Vec<CommitFact>,
    completed: Vec<(usize, Completed)>,
    edited: Vec<(usize, Edited)>,
    /// By commit and path.
    blobs: HashMap<(String, String), Vec<u8>>,
    contents: HashMap<(String, String), Contents>,
}

/// A spec as of a commit.
pub(crate) struct SpecView {
    pub(crate) reading: Reading,
    pub(crate) plan: Plan,
}

/// A repository as of a commit.
pub(crate) struct View {
    pub(crate) head: String,
    pub(crate) specs: BTreeMap<String, SpecView>,
    pub(crate) facts: DriftFacts,
}

impl Gathered {
    pub(crate) fn of(history: &History) -> Gathered {
        let mut commits = history.commits(usize::MAX).unwrap().commits;
        commits.reverse();
        let mut wanted: Vec<(String, String)> = Vec::new();
        for commit in &commits {
            for file in commit.files.iter().filter(|file| file.kind != ChangeKind::Deleted) {
                wanted.push((commit.hash.clone(), file.path.clone()));
            }
        }
        let blobs: HashMap<(String, String), Vec<u8>> = wanted
            .iter()
            .cloned()
            .zip(history.files_at(&wanted).unwrap())
            .filter_map(|(place, blob)| Some((place, blob?)))
            .collect();
        let contents = blobs
            .iter()
            .filter(|((_, path), _)| !path.starts_with(SPECS))
            .map(|(place, blob)| (place.clone(), contents_of(&place.1, blob)))
            .collect();
        let mut gathered = Gathered {
            commits,
            facts: Vec::new(),
            completed: Vec::new(),
            edited: Vec::new(),
            blobs,
            contents,
        };
        gathered.read_specs();
        gathered
    }

    pub(crate) fn commits(&self) -> usize {
        self.commits.len()
    }

    /// Ticks and edits of every commit, from the documents before and after it.
    fn read_specs(&mut self) {
        let mut documents: HashMap<String, Vec<u8>> = HashMap::new();
        for (at, commit) in self.commits.iter().enumerate() {
            let mut fact = CommitFact {
                hash: commit.hash.clone(),
                time: commit.time,
                subject: commit.subject.clone(),
                tasks: task_refs(&commit.trailers),
                files: commit.files.iter().map(|file| file.path.clone()).collect(),
                ..CommitFact::default()
            };
            for file in &commit.files {
                let Some((name, document)) =
                    file.path.strip_prefix(SPECS).and_then(|rest| rest.split_once('/'))
                else {
                    continue;
                };
                let after = self.blobs.get(&(commit.hash.clone(), file.path.clone()));
                let before = documents.get(&file.path).map(Vec::as_slice);
                if is_edited(before, after.map(Vec::as_slice)) && !fact.specs.iter().any(|spec| spec == name)
                {
                    fact.specs.push(name.to_string());
                }
                if document == "tasks.md" {
                    let ids = after.map(|after| ticked(before, after)).unwrap_or_default();
                    let task = |task: String| TaskRef { spec: name.to_string(), task };
                    fact.ticked.extend(ids.into_iter().map(task));
                }
                documents.insert(file.path.clone(), after.cloned().unwrap_or_default());
            }
            for task in &fact.ticked {
                let plan = Plan::of(&reading(&task.spec, |path| documents.get(path).cloned()));
                let step = plan.step(&task.task);
                let cited = step.into_iter().flat_map(|step| &step.criteria);
                let criteria = cited
                    .filter_map(|(id, text)| Some((normal_id(id), text_digest(text.as_deref()?))))
                    .collect();
                let completed = Completed { task: task.clone(), commit: commit.hash.clone(), criteria };
                self.completed.push((at, completed));
            }
            for name in &fact.specs {
                let plan = Plan::of(&reading(name, |path| documents.get(path).cloned()));
                let criteria =
                    plan.criteria.iter().map(|it| (normal_id(&it.id), text_digest(&it.text))).collect();
                let (spec, commit) = (name.clone(), commit.hash.clone());
                self.edited.push((at, Edited { spec, commit, criteria }));
            }
            self.facts.push(fact);
        }
    }

    /// The repository after the commit at that place, oldest first.
    pub(crate) fn at(&self, last: usize) -> View {
        let commits = &self.commits[..=last];
        let mut documents: BTreeMap<&str, &Vec<u8>> = BTreeMap::new();
        let mut versions: BTreeMap<String, Vec<Version>> = BTreeMap::new();
        // Today's name of each file, to the name under which its versions are kept.
        let mut keys: HashMap<String, String> = HashMap::new();
        let mut files: BTreeSet<String> = BTreeSet::new();
        for commit in commits {
            for file in &commit.files {
                let place = (commit.hash.clone(), file.path.clone());
                if file.path.starts_with(SPECS) {
                    if let Some(blob) = self.blobs.get(&place) {
                        documents.insert(&file.path, blob);
                    }
                    continue;
                }
                let key = match &file.kind {
                    ChangeKind::Renamed { from, .. } => {
                        files.remove(from);
                        keys.remove(from).unwrap_or_else(|| from.clone())
                    }
                    _ => keys.get(&file.path).cloned().unwrap_or_else(|| file.path.clone()),
                };
                let contents = self.contents.get(&place).cloned();
                match contents {
                    Some(_) => files.insert(file.path.clone()),
                    None => files.remove(&file.path),
                };
                keys.insert(file.path.clone(), key.clone());
                let version = Version { commit: commit.hash.clone(), path: file.path.clone(), contents };
                versions.entry(key).or_default().push(version);
            }
        }
        let symbols = versions
            .values()
            .filter_map(|versions| versions.last()?.contents.as_ref()?.symbols.clone())
            .flatten()
            .collect();
        let mut facts: Vec<CommitFact> = self.facts[..=last].to_vec();
        facts.reverse();
        let completed =
            self.completed.iter().filter(|(at, _)| *at <= last).map(|(_, it)| it.clone()).collect();
        let edited = self.edited.iter().filter(|(at, _)| *at <= last).map(|(_, it)| it.clone()).collect();
        let names: BTreeSet<&str> =
            documents.keys().filter_map(|path| path.strip_prefix(SPECS)?.split('/').next()).collect();
        let specs = names
            .into_iter()
            .map(|name| {
                let reading = reading(name, |path| documents.get(path).map(|blob| blob.to_vec()));
                let plan = Plan::of(&reading);
                (name.to_string(), SpecView { reading, plan })
            })
            .collect();
        let head = commits.last().map(|commit| commit.hash.clone()).unwrap_or_default();
        View {
            head,
            specs,
            facts: DriftFacts {
                commits: facts,
                versions,
                files,
                symbols,
                tags: Vec::new(),
                completed,
                edited,
            },
        }
    }
}

impl View {
    /// Specs of which a named file changed since their documents were edited.
    pub(crate) fn naive(&self) -> BTreeSet<String> {
        let mut flagged = BTreeSet::new();
        for (name, spec) in &self.specs {
            let named: BTreeSet<&String> = spec.plan.steps.iter().flat_map(|step| &step.files).collect();
            let base = baseline(name, &self.facts.commits);
            let since = self.facts.commits.iter().take_while(|commit| Some(commit.hash.as_str()) != base);
            if since.into_iter().any(|commit| commit.files.iter().any(|file| named.contains(file))) {
                flagged.insert(name.clone());
            }
        }
        flagged
    }
}

fn reading(name: &str, document: impl Fn(&str) -> Option<Vec<u8>>) -> Reading {
    let part = |file: &str| document(&format!("{SPECS}{name}/{file}"));
    Reading::of(SpecDocuments {
        name: name.to_string(),
        requirements: part("requirements.md"),
        design: part("design.md"),
        tasks: part("tasks.md"),
        ..SpecDocuments::default()
    })
}

fn contents_of(path: &str, blob: &[u8]) -> Contents {
    let Some(source) = symbols::source(path, blob) else {
        return Contents { digest: plain_digest(blob), symbols: None };
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
