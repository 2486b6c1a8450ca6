//! Code of finished tasks that changed its meaning, moved or went away, each change with its commit. Judges no text.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use spec::State;

use super::facts::{Contents, Version};
use super::noise::{percent, weight_of, weight_of_shared};
use super::references::{file_again, symbol_again};
use super::{Drift, DriftKind, Ground, empty};
use crate::read::Step;
use crate::scope;
use crate::trace::SymbolFact;
use crate::trace::build::{is_test_path, named_in};

/// How much a link from a task to a symbol is worth, in percent.
const NAMED: u8 = 80;
const TAGGED: u8 = 90;
const OWN: u8 = 75;
/// A symbol of a file that a task names: at least this, and more the more of the file changed.
const IN_FILE: u8 = 35;
/// The same for a task that names nothing in the file: the file is all that it promises.
const ONLY_FILE: u8 = 45;
const IN_FILE_ALL: u8 = 25;
/// A file whose language is not read.
const PLAIN: u8 = 30;

/// A change in which only names differ.
const RENAMED: u8 = 40;
/// A change that belongs to a task of another spec.
const OF_OTHER_SPEC: u8 = 90;

/// New symbols of one file that are named.
const NEW_MAX: usize = 5;

/// A finished task with all that links it to code.
struct Finished<'a> {
    step: &'a Step,
    /// Names in back-ticks.
    names: HashSet<String>,
    /// Changes after this place count.
    from: usize,
    criteria: Vec<String>,
}

/// What happened to one symbol.
struct Fate<'a> {
    was: &'a SymbolFact,
    /// `None` when it is gone.
    now: Option<&'a SymbolFact>,
    /// Places of commits that changed it and have no excuse, with how much each counts, in percent.
    changes: Vec<(usize, u8)>,
}

impl Ground<'_> {
    /// Code of all finished tasks.
    pub(super) fn code(&self, found: &mut Vec<Drift>) {
        let blocks: HashMap<&str, &str> = self
            .spec
            .reading
            .tasks
            .iter()
            .flat_map(|tasks| &tasks.tasks)
            .map(|task| (task.id.as_str(), task.block.as_str()))
            .collect();
        // Work that goes on excuses what it touches.
        let is_going_on = |step: &&Step| step.is_leaf && !step.optional && step.state != State::Done;
        let busy: HashSet<&str> = self
            .spec
            .plan
            .steps
            .iter()
            .filter(is_going_on)
            .flat_map(|step| &step.files)
            .map(String::as_str)
            .collect();
        for step in self.done_tasks() {
            let finished = Finished {
                step,
                names: blocks.get(step.task_id.as_str()).map(|block| named_in(block)).unwrap_or_default(),
                from: self.start.max(self.known.done(&self.spec.plan.name, &step.task_id)),
                criteria: step.criteria.iter().map(|(id, _)| id.clone()).collect(),
            };
            for path in step.files.iter().filter(|path| !busy.contains(path.as_str())) {
                match self.history(path) {
                    Some((key, versions)) => self.file(&finished, key, versions, found),
                    None => self.folder(&finished, path, found),
                }
            }
        }
    }

    /// The versions of a path, also when the task leaves out the folders before it.
    fn history(&self, path: &str) -> Option<(&str, &[Version])> {
        let path = path.strip_prefix("./").unwrap_or(path);
        if let Some((key, versions)) = self.facts.versions.get_key_value(path) {
            return Some((key, versions));
        }
        let ends = |key: &&&str| key.strip_suffix(path).is_some_and(|before| before.ends_with('/'));
        let mut same = self.known.keys_like(path).iter().filter(ends);
        let (Some(only), None) = (same.next(), same.next()) else { return None };
        self.facts.versions.get_key_value(*only).map(|(key, versions)| (key.as_str(), versions.as_slice()))
    }

    /// The versions before and after the work was finished.
    fn parts<'v>(&self, versions: &'v [Version], from: usize) -> (Option<&'v Version>, &'v [Version]) {
        let place = |version: &Version| self.known.place(&version.commit);
        let split = versions.iter().position(|version| place(version) > from).unwrap_or(versions.len());
        let (before, after) = versions.split_at(split);
        (before.last(), after)
    }

    /// A folder that held files and holds none.
    fn folder(&self, finished: &Finished<'_>, path: &str, found: &mut Vec<Drift>) {
        let folder = format!("{}/", path.trim_end_matches('/'));
        let in_it =
            || self.facts.versions.range(folder.clone()..).take_while(|(key, _)| key.starts_with(&folder));
        let was_there = in_it().any(|(_, versions)| {
            self.parts(versions, finished.from).0.is_some_and(|version| version.contents.is_some())
        });
        let is_there =
            self.facts.files.range(folder.clone()..).next().is_some_and(|file| file.starts_with(&folder));
        let ends = in_it().filter_map(|(_, versions)| versions.last());
        let gone = ends.map(|version| self.known.place(&version.commit)).max().unwrap_or_default();
        if was_there && !is_there && !self.is_excused(gone, path, false) && !self.accepts(path, Some(gone), 0)
        {
            found.push(Drift {
                confidence: 70,
                because: self.because(&[gone]),
                ..self.of(finished, DriftKind::DeadReference, path.to_string())
            });
        }
    }

    fn file(&self, finished: &Finished<'_>, key: &str, versions: &[Version], found: &mut Vec<Drift>) {
        let (before, after) = self.parts(versions, finished.from);
        // A file that was not there when the task was finished was named wrongly from the beginning.
        let Some(was) = before.and_then(|version| version.contents.as_ref()) else { return };
        let Some(last) = after.last() else { return };
        let path = last.path.as_str();
        let Some(now) = &last.contents else {
            self.lost_file(finished, key, was, last, found);
            return;
        };
        let base_path = before.map(|version| version.path.as_str()).unwrap_or(key);
        let moved = after.iter().find(|version| version.path == path).map(|it| self.known.place(&it.commit));
        if path != base_path && !self.accepts(key, moved, 0) {
            found.push(Drift {
                confidence: 60,
                because: self.because(&moved.into_iter().collect::<Vec<_>>()),
                path: Some(path.to_string()),
                suggestion: Some(path.to_string()),
                ..self.of(finished, DriftKind::Moved, key.to_string())
            });
        }
        match (&was.symbols, &now.symbols) {
            (Some(was), Some(now)) => self.symbols(finished, (key, path), (was, now), after, versions, found),
            _ => self.plain(finished, key, was.digest, after, found),
        }
    }

    fn lost_file(
        &self,
        finished: &Finished<'_>,
        key: &str,
        was: &Contents,
        last: &Version,
        found: &mut Vec<Drift>,
    ) {
        let place = self.known.place(&last.commit);
        if self.is_excused(place, key, false) || self.accepts(key, Some(place), 0) {
            return;
        }
        let drift = match file_again(key, was, self.known) {
            Some((again, confidence)) => Drift {
                confidence,
                suggestion: Some(again),
                ..self.of(finished, DriftKind::Moved, key.to_string())
            },
            None => {
                let commit = self.known.commit(place).map(weight_of).unwrap_or(100);
                Drift {
                    confidence: percent(90, commit.max(70)),
                    ..self.of(finished, DriftKind::DeadReference, key.to_string())
                }
            }
        };
        found.push(Drift { because: self.because(&[place]), ..drift });
    }

    fn plain(&self, finished: &Finished<'_>, key: &str, was: u64, after: &[Version], found: &mut Vec<Drift>) {
        let mut last = was;
        let mut changes = Vec::new();
        for version in after {
            let digest = version.contents.as_ref().map(|contents| contents.digest).unwrap_or_default();
            let place = self.known.place(&version.commit);
            if digest != last
                && !self.is_excused(place, key, false)
                && !self.accepts(key, Some(place), digest)
            {
                changes.push((place, self.weight(place)));
            }
            last = digest;
        }
        let weight = changes.iter().map(|(_, weight)| *weight).max().unwrap_or_default();
        if last != was && weight > 0 {
            found.push(Drift {
                confidence: percent(PLAIN, weight),
                because: self.because(&places_of(&changes)),
                digest: last,
                ..self.of(finished, DriftKind::SuspectCode, key.to_string())
            });
        }
    }

    fn symbols(
        &self,
        finished: &Finished<'_>,
        (key, path): (&str, &str),
        (was, now): (&[SymbolFact], &[SymbolFact]),
        after: &[Version],
        versions: &[Version],
        found: &mut Vec<Drift>,
    ) {
        let fates = self.fates(key, was, after);
        let own = self.own(finished, versions);
        let tagged = self.tagged(finished, path, now);
        let code: Vec<&SymbolFact> =
            was.iter().filter(|symbol| !symbol.is_test && !symbol.is_group).collect();
        let mut weak: Vec<(usize, u8)> = Vec::new();
        let mut weak_count = 0;
        for fate in &fates {
            let symbol = fate.was;
            let is_named = is_named(&finished.names, symbol);
            let inner = |other: &&Fate<'_>| {
                other.was.lines.0 >= symbol.lines.0
                    && other.was.lines.1 <= symbol.lines.1
                    && other.was.qualified != symbol.qualified
                    && is_named_or(&finished.names, other.was, &own)
            };
            // A class changes with its methods; when those are linked themselves, they are the finding.
            if symbol.is_group && (!is_named || fates.iter().any(|other| inner(&other))) {
                continue;
            }
            let weight = match () {
                () if tagged.contains(symbol.qualified.as_str()) => TAGGED,
                () if is_named => NAMED,
                () if own.contains(symbol.qualified.as_str()) => OWN,
                () => {
                    weak_count += 1;
                    weak.extend(&fate.changes);
                    continue;
                }
            };
            self.linked(finished, (key, path), (was, now), fate, weight, found);
        }
        weak.sort_unstable();
        weak.dedup();
        let strongest = weak.iter().map(|(_, weight)| *weight).max().unwrap_or_default();
        if strongest > 0 {
            let part = (weak_count * usize::from(IN_FILE_ALL)).checked_div(code.len()).unwrap_or_default();
            let has_links = was.iter().any(|symbol| is_named_or(&finished.names, symbol, &own));
            let weight = if has_links { IN_FILE } else { ONLY_FILE };
            let weight = weight + u8::try_from(part).unwrap_or(IN_FILE_ALL).min(IN_FILE_ALL);
            let shared = self.shared.get(key).copied().unwrap_or_default();
            found.push(Drift {
                path: Some(path.to_string()),
                confidence: percent(percent(weight, strongest), weight_of_shared(shared)),
                because: self.because(&places_of(&weak)),
                ..self.of(finished, DriftKind::SuspectCode, key.to_string())
            });
        }
        self.unspecified(finished, (key, path), (was, now), after, found);
    }

    /// A finding about a symbol that the task is linked with.
    fn linked(
        &self,
        finished: &Finished<'_>,
        (key, path): (&str, &str),
        (was, now): (&[SymbolFact], &[SymbolFact]),
        fate: &Fate<'_>,
        weight: u8,
        found: &mut Vec<Drift>,
    ) {
        let strongest = fate.changes.iter().map(|(_, weight)| *weight).max().unwrap_or_default();
        if strongest == 0 {
            return;
        }
        let item = format!("{key}#{}", fate.was.qualified);
        let base = Drift {
            path: Some(path.to_string()),
            because: self.because(&places_of(&fate.changes)),
            ..self.of(finished, DriftKind::SuspectCode, item)
        };
        found.push(match fate.now {
            Some(now) => Drift {
                line: Some(now.lines.0),
                confidence: percent(weight, strongest),
                digest: now.digest,
                ..base
            },
            None => match symbol_again(fate.was, was, now, self.known) {
                Some(again) => Drift {
                    kind: DriftKind::Moved,
                    path: Some(again.path.clone()),
                    line: Some(again.lines.0),
                    suggestion: Some(format!("{}#{}", again.path, again.qualified)),
                    confidence: 60,
                    digest: again.digest,
                    ..base
                },
                None => Drift {
                    kind: DriftKind::DeadReference,
                    confidence: percent(weight, strongest.max(70)),
                    ..base
                },
            },
        });
    }

    /// Symbols that changed or went, with the commits that have no excuse.
    fn fates<'v>(&self, key: &str, was: &'v [SymbolFact], after: &'v [Version]) -> Vec<Fate<'v>> {
        let indexed: Vec<(usize, Vec<&SymbolFact>, BTreeMap<&str, &SymbolFact>)> = after
            .iter()
            .map(|version| {
                let contents = version.contents.as_ref();
                let symbols: Vec<&SymbolFact> =
                    contents.and_then(|it| it.symbols.as_ref()).into_iter().flatten().collect();
                let by_name = symbols.iter().map(|symbol| (symbol.qualified.as_str(), *symbol)).collect();
                (self.known.place(&version.commit), symbols, by_name)
            })
            .collect();
        // Tests beside the code, in the same file: where they changed, the change was meant.
        let mut tests: BTreeMap<&str, u64> = tests_of(was);
        let mut tests_changed = BTreeSet::new();
        for (place, symbols, _) in &indexed {
            let now = tests_of(symbols.iter().copied());
            if now != tests {
                tests_changed.insert(*place);
            }
            tests = now;
        }
        let names: BTreeMap<&str, &SymbolFact> =
            was.iter().map(|symbol| (symbol.qualified.as_str(), symbol)).collect();
        let mut excuses: BTreeMap<usize, bool> = BTreeMap::new();
        let mut fates = Vec::new();
        for symbol in was.iter().filter(|symbol| !symbol.is_test) {
            let mut changes = Vec::new();
            let mut last = Some(symbol);
            let mut earlier: &BTreeMap<&str, &SymbolFact> = &names;
            for (place, symbols, by_name) in &indexed {
                let before = last;
                let known_names = std::mem::replace(&mut earlier, by_name);
                let Some(known) = before else {
                    // It came back under its name.
                    last = by_name.get(symbol.qualified.as_str()).copied();
                    continue;
                };
                let next = by_name.get(known.qualified.as_str()).copied().or_else(|| {
                    let mut same = symbols.iter().filter(|it| {
                        it.shape == known.shape
                            && it.is_group == known.is_group
                            && !known_names.contains_key(it.qualified.as_str())
                    });
                    match (same.next(), same.next()) {
                        (Some(only), None) => Some(*only),
                        _ => None,
                    }
                });
                last = next;
                let digest = next.map(|next| next.digest).unwrap_or_default();
                let mut is_excused = || {
                    let look = || self.is_excused(*place, key, tests_changed.contains(place));
                    *excuses.entry(*place).or_insert_with(look)
                };
                if digest == known.digest || is_excused() {
                    continue;
                }
                let item = format!("{key}#{}", symbol.qualified);
                if self.accepts(&item, Some(*place), digest) {
                    continue;
                }
                let is_renamed = next.is_some_and(|next| next.shape == known.shape);
                changes.push((*place, percent(self.weight(*place), if is_renamed { RENAMED } else { 100 })));
            }
            let is_changed = last.is_none_or(|now| now.digest != symbol.digest);
            if is_changed && !changes.is_empty() {
                fates.push(Fate { was: symbol, now: last, changes });
            }
        }
        fates
    }

    /// Symbols that commits of the task itself made or changed.
    fn own<'v>(&self, finished: &Finished<'_>, versions: &'v [Version]) -> HashSet<&'v str> {
        let name = self.spec.plan.name.as_str();
        let mut own = HashSet::new();
        let mut last: BTreeMap<&str, u64> = BTreeMap::new();
        for version in versions {
            let symbols = version.contents.as_ref().and_then(|contents| contents.symbols.as_ref());
            let now: BTreeMap<&str, u64> = symbols
                .into_iter()
                .flatten()
                .map(|symbol| (symbol.qualified.as_str(), symbol.digest))
                .collect();
            let commit = self.known.find(&version.commit).and_then(|place| self.known.commit(place));
            let is_its = commit.is_some_and(|commit| {
                let sole = Some(&commit.ticked).filter(|ticked| ticked.len() == 1).into_iter().flatten();
                commit
                    .tasks
                    .iter()
                    .chain(sole)
                    .any(|task| task.spec == name && task.task == finished.step.task_id)
            });
            if is_its {
                own.extend(
                    now.iter()
                        .filter(|(name, digest)| last.get(*name) != Some(digest))
                        .map(|(name, _)| *name),
                );
            }
            last = now;
        }
        own
    }

    /// Symbols in which a tag names a criterion of the task.
    fn tagged<'v>(&self, finished: &Finished<'_>, path: &str, now: &'v [SymbolFact]) -> HashSet<&'v str> {
        let name = self.spec.plan.name.as_str();
        let mut tagged = HashSet::new();
        for tag in self.facts.tags.iter().filter(|tag| tag.path == path && !is_test_path(path)) {
            let is_its = tag.spec.as_deref().is_none_or(|spec| spec.eq_ignore_ascii_case(name))
                && finished.criteria.contains(&tag.id);
            let holds = |symbol: &&SymbolFact| {
                symbol.above <= tag.line && tag.line <= symbol.lines.1 && !symbol.is_group && !symbol.is_test
            };
            if is_its {
                tagged.extend(now.iter().filter(holds).map(|symbol| symbol.qualified.as_str()));
            }
        }
        tagged
    }

    /// What is new and can be used from outside, and came with no task of the spec.
    fn unspecified(
        &self,
        finished: &Finished<'_>,
        (key, path): (&str, &str),
        (was, now): (&[SymbolFact], &[SymbolFact]),
        after: &[Version],
        found: &mut Vec<Drift>,
    ) {
        let known: HashSet<&str> = was.iter().map(|symbol| symbol.qualified.as_str()).collect();
        let shapes: HashSet<u64> = was.iter().map(|symbol| symbol.shape).collect();
        let is_new = |symbol: &&SymbolFact| {
            symbol.is_public
                && !symbol.is_test
                && !symbol.is_group
                && !known.contains(symbol.qualified.as_str())
                && !shapes.contains(&symbol.shape)
        };
        for symbol in now.iter().filter(is_new).take(NEW_MAX) {
            let holds = |version: &&Version| {
                let symbols = version.contents.as_ref().and_then(|contents| contents.symbols.as_ref());
                symbols.into_iter().flatten().any(|other| other.qualified == symbol.qualified)
            };
            let Some(first) = after.iter().find(holds) else { continue };
            let place = self.known.place(&first.commit);
            let item = format!("{key}#{}", symbol.qualified);
            if self.is_excused(place, key, false) || self.accepts(&item, Some(place), symbol.digest) {
                continue;
            }
            found.push(Drift {
                path: Some(path.to_string()),
                line: Some(symbol.lines.0),
                confidence: 40,
                because: self.because(&[place]),
                digest: symbol.digest,
                ..self.of(finished, DriftKind::Unspecified, item)
            });
        }
    }

    /// Whether a change was meant: the commit touched the spec, or belongs to one of its tasks, or changed a test of
    /// the file as well.
    fn is_excused(&self, place: usize, key: &str, has_changed_tests: bool) -> bool {
        let name = self.spec.plan.name.as_str();
        let Some(commit) = self.known.commit(place) else { return true };
        has_changed_tests
            || commit.specs.iter().any(|spec| spec == name)
            || commit.tasks.iter().chain(&commit.ticked).any(|task| task.spec == name)
            || commit
                .files
                .iter()
                .any(|file| file != key && is_test_path(file) && self.is_linked_test(file, key))
    }

    fn is_linked_test(&self, test: &str, key: &str) -> bool {
        scope::covers(key, test) || self.known.is_tagged(&self.spec.plan.name, test)
    }

    fn weight(&self, place: usize) -> u8 {
        let Some(commit) = self.known.commit(place) else { return 0 };
        let is_of_other = !commit.tasks.is_empty() || !commit.ticked.is_empty();
        percent(weight_of(commit), if is_of_other { OF_OTHER_SPEC } else { 100 })
    }

    fn of(&self, finished: &Finished<'_>, kind: DriftKind, item: String) -> Drift {
        Drift {
            task: Some(finished.step.task_id.clone()),
            criteria: finished.criteria.clone(),
            path: Some(item.split('#').next().unwrap_or(&item).to_string()),
            ..empty(kind, item)
        }
    }
}

fn places_of(changes: &[(usize, u8)]) -> Vec<usize> {
    changes.iter().map(|(place, _)| *place).collect()
}

fn tests_of<'v>(symbols: impl IntoIterator<Item = &'v SymbolFact>) -> BTreeMap<&'v str, u64> {
    let tests = symbols.into_iter().filter(|symbol| symbol.is_test && !symbol.is_group);
    tests.map(|symbol| (symbol.qualified.as_str(), symbol.digest)).collect()
}

fn is_named(names: &HashSet<String>, symbol: &SymbolFact) -> bool {
    !names.is_empty()
        && (names.contains(&symbol.name)
            || names.contains(&symbol.qualified)
            || names.contains(&symbol.qualified.replace("::", ".")))
}

fn is_named_or(names: &HashSet<String>, symbol: &SymbolFact, own: &HashSet<&str>) -> bool {
    is_named(names, symbol) || own.contains(symbol.qualified.as_str())
}
