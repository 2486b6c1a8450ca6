//! What drift is found from, as plain data that the caller gathers, and digests of text. Reads nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::trace::{CommitFact, SymbolFact, TagFact, TaskRef};

/// What is known of history and of today. Paths count from the root, with `/`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DriftFacts {
    /// Commits, newest first, back to the oldest baseline that matters.
    pub commits: Vec<CommitFact>,
    /// For each file that a finished task names or touched, what it was: oldest first, beginning with its state
    /// before the oldest commit, then one version for each commit that changed it. A rename goes on under the old
    /// path's key.
    pub versions: BTreeMap<String, Vec<Version>>,
    /// Today's files.
    pub files: BTreeSet<String>,
    /// Today's symbols, as far as they were read; where a lost one may be found again.
    pub symbols: Vec<SymbolFact>,
    /// Words in source text that name something of a spec.
    pub tags: Vec<TagFact>,
    /// When tasks were finished.
    pub completed: Vec<Completed>,
    /// What criteria said after each commit that changed the documents of their spec.
    pub edited: Vec<Edited>,
}

/// A file after a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The commit; empty for the state before the oldest one.
    pub commit: String,
    /// What the file is called after it.
    pub path: String,
    /// What it holds; `None` when it is not there.
    pub contents: Option<Contents>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The digest of its tokens, or [`plain_digest`] where its language is not read.
    pub digest: u64,
    /// Its symbols; `None` where its language is not read.
    pub symbols: Option<Vec<SymbolFact>>,
}

/// A task that was finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The task, by its id.
    pub task: TaskRef,
    /// The commit that ticked it.
    pub commit: String,
    /// The criteria that it cites with the [`text_digest`] of what they said then.
    pub criteria: Vec<(String, u64)>,
}

/// A spec after a commit that changed its documents otherwise than by ticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The spec.
    pub spec: String,
    /// The commit.
    pub commit: String,
    /// All criteria with the [`text_digest`] of what they said after it.
    pub criteria: Vec<(String, u64)>,
}

/// The baseline of a spec: the newest commit that changed its documents otherwise than by ticks. `None` when no commit
/// that is known did.
pub fn baseline<'a>(spec: &str, commits: &'a [CommitFact]) -> Option<&'a str> {
    let commit = commits.iter().find(|commit| commit.specs.iter().any(|name| name == spec))?;
    Some(commit.hash.as_str())
}

/// The digest of a sentence: its words, in lower case, without layout, punctuation and emphasis.
pub fn text_digest(text: &str) -> u64 {
    let mut hash = Fnv::default();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | ',' | '.' | ';')) {
        if !word.is_empty() {
            word.chars().flat_map(char::to_lowercase).for_each(|c| hash.char(c));
            hash.byte(0);
        }
    }
    hash.0
}

/// The digest of a file whose language is not read: its bytes without white space.
pub fn plain_digest(bytes: &[u8]) -> u64 {
    let mut hash = Fnv::default();
    bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| hash.byte(*byte));
    hash.0
}

struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    fn char(&mut self, c: char) {
        let mut buffer = [0; 4];
        c.encode_utf8(&mut buffer).bytes().for_each(|byte| self.byte(byte));
    }
}

/// The facts by what they are asked for. Commits have places, oldest first; place 0 is before all of them.
pub(super) struct Known<'a> {
    commits: &'a [CommitFact],
    places: HashMap<&'a str, usize>,
    /// When each task was finished last, by spec and task.
    done: HashMap<(&'a str, &'a str), usize>,
    completed: HashMap<&'a str, Vec<&'a Completed>>,
    edited: HashMap<&'a str, Vec<&'a Edited>>,
    /// Files with tags that name a spec, by that spec in lower case.
    tagged: HashMap<String, HashSet<&'a str>>,
    /// Keys of versions, and today's files, by their last parts.
    keys: HashMap<&'a str, Vec<&'a str>>,
    files: HashMap<&'a str, Vec<&'a str>>,
    symbols: HashMap<&'a str, Vec<&'a SymbolFact>>,
}

impl<'a> Known<'a> {
    pub(super) fn of(facts: &'a DriftFacts) -> Known<'a> {
        let count = facts.commits.len();
        let place = |(at, commit): (usize, &'a CommitFact)| (commit.hash.as_str(), count - at);
        let mut known = Known {
            commits: &facts.commits,
            places: facts.commits.iter().enumerate().map(place).collect(),
            done: HashMap::new(),
            completed: HashMap::new(),
            edited: HashMap::new(),
            tagged: HashMap::new(),
            keys: HashMap::new(),
            files: HashMap::new(),
            symbols: HashMap::new(),
        };
        for completed in &facts.completed {
            let place = known.place(&completed.commit);
            let TaskRef { spec, task } = &completed.task;
            let last = known.done.entry((spec, task)).or_default();
            *last = place.max(*last);
            known.completed.entry(spec).or_default().push(completed);
        }
        for edited in &facts.edited {
            known.edited.entry(&edited.spec).or_default().push(edited);
        }
        for tag in &facts.tags {
            if let Some(spec) = &tag.spec {
                known.tagged.entry(spec.to_lowercase()).or_default().insert(&tag.path);
            }
        }
        for key in facts.versions.keys() {
            known.keys.entry(last_part(key)).or_default().push(key);
        }
        for file in &facts.files {
            known.files.entry(last_part(file)).or_default().push(file);
        }
        for symbol in &facts.symbols {
            known.symbols.entry(&symbol.name).or_default().push(symbol);
        }
        known
    }

    /// The place of a commit; 0 for one that is not known, which is older than all that are.
    pub(super) fn place(&self, hash: &str) -> usize {
        self.find(hash).unwrap_or_default()
    }

    pub(super) fn find(&self, hash: &str) -> Option<usize> {
        self.places.get(hash).copied()
    }

    pub(super) fn commit(&self, place: usize) -> Option<&'a CommitFact> {
        self.commits.get(self.commits.len().checked_sub(place)?)
    }

    /// The place of a spec's baseline.
    pub(super) fn start(&self, spec: &str) -> usize {
        baseline(spec, self.commits).map(|hash| self.place(hash)).unwrap_or_default()
    }

    /// The place of the commit that finished a task; 0 when it is not known.
    pub(super) fn done(&self, spec: &str, task: &str) -> usize {
        self.done.get(&(spec, task)).copied().unwrap_or_default()
    }

    pub(super) fn completed(&self, spec: &str) -> &[&'a Completed] {
        self.completed.get(spec).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn edited(&self, spec: &str) -> &[&'a Edited] {
        self.edited.get(spec).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a tag in the file names the spec.
    pub(super) fn is_tagged(&self, spec: &str, path: &str) -> bool {
        self.tagged.get(&spec.to_lowercase()).is_some_and(|paths| paths.contains(path))
    }

    /// Keys of versions that end in the same name.
    pub(super) fn keys_like(&self, path: &str) -> &[&'a str] {
        self.keys.get(last_part(path)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Today's files of the same name.
    pub(super) fn files_like(&self, path: &str) -> &[&'a str] {
        self.files.get(last_part(path)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Today's symbols of that name.
    pub(super) fn symbols_of(&self, name: &str) -> &[&'a SymbolFact] {
        self.symbols.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
