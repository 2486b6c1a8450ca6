//! Documents and facts to a trace, one source of links after the other. Answers no question.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use spec::State;
use spec::references::normal_id;

use super::boundary::Boundary;
use super::code::Places;
use super::facts::{Facts, TagKind, TaskRef};
use super::graph::{Graph, Item, Link, Source};
use super::results::{Outcome, Tests};
use super::tags::{LooseTag, Names, Targets, slug};
use super::{SpecParts, Status, TEST_CONFIDENCE_MIN, Trace, Traced, TracedSpec};

/// Tests of a file that a similar name hints at.
const HINTS_MAX: usize = 20;

/// Words in back-ticks of one task that may name a symbol.
const NAMES_MAX: usize = 64;

struct Builder<'a> {
    specs: &'a [TracedSpec<'a>],
    facts: &'a Facts,
    graph: Graph,
    parts: BTreeMap<String, SpecParts>,
    targets: Vec<Targets>,
    titles: Vec<String>,
    by_slug: HashMap<String, usize>,
    boundary: Boundary,
    places: Places,
    outcomes: BTreeMap<usize, Outcome>,
    loose_tags: Vec<LooseTag>,
    /// Task nodes of commits, by the commit's node.
    tasks_of: HashMap<usize, Vec<usize>>,
    is_cut: bool,
}

pub(super) fn trace(specs: &[TracedSpec<'_>], facts: &Facts) -> Trace {
    let mut builder = Builder {
        specs,
        facts,
        graph: Graph::default(),
        parts: BTreeMap::new(),
        targets: Vec::new(),
        titles: Vec::new(),
        by_slug: HashMap::new(),
        boundary: Boundary::default(),
        places: Places::of(&facts.symbols),
        outcomes: BTreeMap::new(),
        loose_tags: Vec::new(),
        tasks_of: HashMap::new(),
        is_cut: false,
    };
    for at in 0..specs.len() {
        builder.documents(at);
    }
    builder.named_code();
    builder.commits();
    builder.blamed();
    builder.work();
    builder.tags();
    builder.results();
    builder.executed();
    let unexplained = builder.unexplained();
    builder.graph.finish();
    let suspects: HashSet<(&str, &str)> =
        facts.suspects.iter().map(|(spec, id)| (spec.as_str(), id.as_str())).collect();
    let mut trace = Trace {
        graph: builder.graph,
        specs: builder.parts,
        outcomes: builder.outcomes,
        places: builder.places,
        loose_tags: builder.loose_tags,
        unexplained,
        is_cut: builder.is_cut,
    };
    judge(&mut trace, &suspects);
    trace.loose_tags.sort();
    trace.loose_tags.dedup();
    trace
}

impl Builder<'_> {
    fn link(&mut self, from: usize, to: usize, link: Link) {
        self.is_cut |= !self.graph.link(from, to, link);
    }

    fn documents(&mut self, at: usize) {
        let Some(TracedSpec { reading, plan }) = self.specs.get(at).copied() else { return };
        let name = plan.name.as_str();
        let mut targets = Targets { name: name.to_string(), ..Targets::default() };
        let mut criteria = Vec::new();
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        for criterion in &plan.criteria {
            let node = self.graph.node(Item::criterion(name, &criterion.id));
            by_id.insert(&criterion.id, node);
            let id = normal_id(&criterion.id);
            let mut stem = id.as_str();
            while let Some((above, _)) = stem.rsplit_once('.') {
                targets.criteria.entry(above.to_string()).or_default().push(node);
                let requirement = Item::Requirement { spec: name.to_string(), id: above.to_string() };
                let requirement = self.graph.node(requirement);
                self.link(requirement, node, Link::of(Source::Document));
                stem = above;
            }
            targets.criteria.entry(id).or_default().insert(0, node);
            criteria.push(Traced {
                node,
                is_described_only: criterion.is_described_only,
                status: Status::NoTask,
                has_test: false,
            });
        }
        let mut tasks = Vec::new();
        let mut open: BTreeSet<usize> = BTreeSet::new();
        let parents: HashMap<&str, &str> = plan
            .steps
            .iter()
            .filter_map(|step| Some((step.task_id.as_str(), step.parent.as_deref()?)))
            .collect();
        for step in &plan.steps {
            let node = self.graph.node(Item::task(name, &step.task_id));
            targets.tasks.insert(normal_id(&step.task_id), node);
            targets.tasks.entry(normal_id(&step.number)).or_insert(node);
            for criterion in step.criteria.iter().filter_map(|(id, _)| by_id.get(id.as_str())) {
                self.link(*criterion, node, Link::of(Source::Document));
            }
            if step.is_leaf {
                let is_work = !step.optional && !step.is_checkpoint;
                tasks.push((node, step.state == State::Done, is_work));
                let mut above = Some(step.task_id.as_str()).filter(|_| is_work && step.state != State::Done);
                while let Some(id) = above {
                    let node = self.graph.node(Item::task(name, id));
                    let is_new = open.insert(node);
                    above = parents.get(id).copied().filter(|_| is_new);
                }
            }
            for path in &step.files {
                self.boundary.name(path, at);
            }
        }
        let mut properties = Vec::new();
        for property in reading.design.iter().flat_map(|design| &design.properties) {
            let id = property.number.to_string();
            let node = self.graph.node(Item::property(name, &id));
            targets.properties.entry(id).or_insert(node);
            properties.push(node);
            for id in &property.validates {
                for criterion in targets.find(TagKind::Criterion, id) {
                    self.link(criterion, node, Link::of(Source::Document));
                }
            }
        }
        properties.sort_unstable();
        properties.dedup();
        let parts = self.parts.entry(name.to_string()).or_default();
        parts.criteria.extend(criteria);
        parts.tasks.extend(tasks);
        parts.open.extend(open);
        parts.properties.extend(properties);
        self.by_slug.entry(slug(name)).or_insert(at);
        self.targets.push(targets);
        self.titles.push(plan.title.clone());
    }

    /// Paths and symbols that tasks name, and tests that are called like them.
    fn named_code(&mut self) {
        let mut tests_by_stem: HashMap<String, Vec<(&String, usize)>> = HashMap::new();
        let places = std::mem::take(&mut self.places);
        for (path, file) in places.files() {
            for (at, _) in file.symbols.iter().enumerate().filter(|(_, symbol)| symbol.is_test) {
                tests_by_stem.entry(stem(path)).or_default().push((path, at));
            }
        }
        for spec in self.specs {
            let blocks: HashMap<&str, &str> = spec
                .reading
                .tasks
                .iter()
                .flat_map(|tasks| &tasks.tasks)
                .map(|task| (task.id.as_str(), task.block.as_str()))
                .collect();
            for step in spec.plan.steps.iter().filter(|step| step.is_leaf) {
                let task = self.graph.node(Item::task(&spec.plan.name, &step.task_id));
                let names =
                    blocks.get(step.task_id.as_str()).map(|block| named_in(block)).unwrap_or_default();
                for path in &step.files {
                    let code = self.graph.node(Item::Code { path: path.clone(), symbol: None });
                    self.link(task, code, Link::of(Source::NamedPath));
                    let symbols = places.file(path).map(|file| file.symbols.as_slice()).unwrap_or_default();
                    for symbol in symbols.iter().filter(|symbol| is_named(&names, symbol)) {
                        let node = self.place(path, symbol);
                        self.link(task, node, Link::of(Source::NamedSymbol));
                    }
                    for (test_path, at) in
                        tests_by_stem.get(&stem(path)).into_iter().flatten().take(HINTS_MAX)
                    {
                        let symbol = places.file(test_path).and_then(|file| file.symbols.get(*at));
                        if let Some(symbol) = symbol {
                            let test = self.place(test_path, symbol);
                            self.link(task, test, Link::of(Source::Lexical));
                        }
                    }
                }
            }
        }
        self.places = places;
    }

    /// The node of a symbol: a test, or code.
    fn place(&mut self, path: &str, symbol: &super::code::Place) -> usize {
        let path = path.to_string();
        if symbol.is_test {
            return self.graph.node(Item::Test { path, name: symbol.qualified.clone() });
        }
        self.graph.node(Item::Code { path, symbol: Some(symbol.qualified.clone()) })
    }

    fn task(&self, task: &TaskRef) -> Option<usize> {
        let spec = self.by_slug.get(&slug(&task.spec))?;
        self.targets.get(*spec)?.tasks.get(&normal_id(&task.task)).copied()
    }

    fn commits(&mut self) {
        let facts = self.facts;
        for commit in &facts.commits {
            let named: Vec<(usize, Source)> =
                commit.tasks.iter().filter_map(|task| Some((self.task(task)?, Source::Trailer))).collect();
            let sole = match commit.ticked.as_slice() {
                [task] => self.task(task).map(|task| (task, Source::SoleTask)),
                _ => None,
            };
            if named.is_empty() && sole.is_none() {
                continue;
            }
            let node = self.graph.node(Item::Commit { hash: commit.hash.clone() });
            for (task, source) in named.into_iter().chain(sole) {
                self.link(task, node, Link::of(source));
                self.tasks_of.entry(node).or_default().push(task);
            }
            for path in &commit.files {
                let code = self.graph.node(Item::Code { path: path.clone(), symbol: None });
                self.link(node, code, Link::of(Source::Commit));
            }
        }
    }

    /// Today's symbols with the commits of tasks that their lines came with.
    fn blamed(&mut self) {
        let facts = self.facts;
        let places = std::mem::take(&mut self.places);
        for blame in &facts.blamed {
            let commit = self.graph.find(&Item::Commit { hash: blame.commit.clone() });
            let (Some(commit), Some(file)) = (commit, places.file(&blame.path)) else { continue };
            let tasks = self.tasks_of.get(&commit).cloned().unwrap_or_default();
            for symbol in file.between(blame.first, blame.last).filter_map(|at| file.symbols.get(at)) {
                let node = self.place(&blame.path, symbol);
                self.link(commit, node, Link::of(Source::Commit));
                if symbol.is_test {
                    for task in &tasks {
                        self.link(*task, node, Link::of(Source::SoleTask));
                    }
                }
            }
        }
        self.places = places;
    }

    fn work(&mut self) {
        let facts = self.facts;
        let places = std::mem::take(&mut self.places);
        for work in &facts.work {
            let Some(task) = self.task(&work.task) else { continue };
            let code = self.graph.node(Item::Code { path: work.path.clone(), symbol: None });
            self.link(task, code, Link::of(Source::Journal));
            let Some(file) = places.file(&work.path).filter(|_| work.first > 0) else { continue };
            for symbol in file.between(work.first, work.last).filter_map(|at| file.symbols.get(at)) {
                let node = self.place(&work.path, symbol);
                self.link(task, node, Link::of(Source::Journal));
            }
        }
        self.places = places;
    }

    fn tags(&mut self) {
        let facts = self.facts;
        let targets = std::mem::take(&mut self.targets);
        let boundary = std::mem::take(&mut self.boundary);
        let places = std::mem::take(&mut self.places);
        let names = Names::new(&targets, &self.titles, &boundary);
        for tag in &facts.tags {
            let (nodes, certainty) = match names.resolve(tag) {
                Ok(found) => found,
                Err(fault) => {
                    let (path, id) = (tag.path.clone(), tag.id.clone());
                    self.loose_tags.push(LooseTag { path, line: tag.line, kind: tag.kind, id, fault });
                    continue;
                }
            };
            let (ends, place) = self.ends(&places, &tag.path, tag.line);
            let confidence = product(product(tag.confidence.min(100), certainty), place);
            for node in nodes {
                for end in &ends {
                    self.link(node, *end, Link { confidence, source: Source::Tag });
                }
            }
        }
        self.targets = targets;
        self.boundary = boundary;
        self.places = places;
    }

    /// What a tag at a place is written on: tests, a symbol, or the file.
    fn ends(&mut self, places: &Places, path: &str, line: usize) -> (Vec<usize>, u8) {
        let Some(file) = places.file(path) else {
            // Without symbols, a file of tests is one test.
            let item = match is_test_path(path) {
                true => Item::Test { path: path.to_string(), name: String::new() },
                false => Item::Code { path: path.to_string(), symbol: None },
            };
            return (vec![self.graph.node(item)], if is_test_path(path) { 70 } else { 100 });
        };
        let (tests, certainty) = file.tests_at(line);
        if !tests.is_empty() {
            let symbols = tests.into_iter().filter_map(|at| file.symbols.get(at));
            return (symbols.map(|symbol| self.place(path, symbol)).collect(), certainty);
        }
        let innermost = file.at(line).into_iter().next().and_then(|at| file.symbols.get(at));
        let node = match innermost {
            Some(symbol) => self.place(path, symbol),
            None => self.graph.node(Item::Code { path: path.to_string(), symbol: None }),
        };
        (vec![node], 100)
    }

    /// Results of the tests that are linked or known; others say nothing about a spec.
    fn results(&mut self) {
        let facts = self.facts;
        let places = std::mem::take(&mut self.places);
        let mut tests = Tests::default();
        let mut known = Vec::new();
        for (path, file) in places.files() {
            for symbol in file.symbols.iter().filter(|symbol| symbol.is_test) {
                tests.add(&symbol.name, &symbol.qualified, path, known.len());
                known.push((path, symbol));
            }
        }
        let mut files: HashMap<&str, Outcome> = HashMap::new();
        for result in &facts.results {
            let outcome = Outcome::of(result.status);
            for (path, symbol) in tests.of(result).into_iter().filter_map(|place| known.get(place)) {
                let node = self.place(path, symbol);
                let last = self.outcomes.entry(node).or_insert(outcome);
                *last = outcome.max(*last);
            }
            if let Some(file) = &result.file {
                let last = files.entry(file).or_insert(outcome);
                *last = outcome.max(*last);
            }
        }
        for (path, outcome) in files {
            if let Some(node) = self.graph.find(&Item::Test { path: path.to_string(), name: String::new() }) {
                self.outcomes.insert(node, outcome);
            }
        }
        self.places = places;
    }

    /// Tests that ran lines of symbols which tasks changed.
    fn executed(&mut self) {
        let facts = self.facts;
        if facts.coverage.iter().all(|covered| covered.test.is_none()) {
            return;
        }
        let places = std::mem::take(&mut self.places);
        let mut tests = Tests::default();
        let mut known = Vec::new();
        for (path, file) in places.files() {
            for symbol in file.symbols.iter().filter(|symbol| symbol.is_test) {
                tests.add(&symbol.name, &symbol.qualified, path, known.len());
                known.push((path, symbol));
            }
        }
        self.graph.finish();
        let mut found = Vec::new();
        for covered in &facts.coverage {
            let (Some(test), Some(file)) = (&covered.test, places.file(&covered.path)) else { continue };
            let Some((test_path, test)) = tests.named(test).first().and_then(|place| known.get(*place))
            else {
                continue;
            };
            let mut symbols: BTreeSet<usize> = BTreeSet::new();
            for line in &covered.hit {
                symbols.extend(file.at(*line).into_iter().next());
            }
            for symbol in symbols.into_iter().filter_map(|at| file.symbols.get(at)).filter(|it| !it.is_test) {
                let item = Item::Code { path: covered.path.clone(), symbol: Some(symbol.qualified.clone()) };
                let Some(code) = self.graph.find(&item) else { continue };
                let mut tasks = BTreeSet::new();
                for (above, link) in self.graph.above(code) {
                    tasks.extend(self.tasks_of.get(&above).into_iter().flatten().copied());
                    if link.source == Source::Journal {
                        tasks.insert(above);
                    }
                }
                found.push((*test_path, *test, code, tasks));
            }
        }
        for (path, test, code, tasks) in found {
            let node = self.place(path, test);
            self.link(node, code, Link::of(Source::Executed));
            for task in tasks {
                self.link(task, node, Link::of(Source::Executed));
            }
        }
        self.places = places;
    }

    /// Source files beside files that a spec names, of which no task, commit of a task or tag speaks.
    fn unexplained(&self) -> BTreeSet<String> {
        let mut explained: HashSet<&str> = self.facts.tags.iter().map(|tag| tag.path.as_str()).collect();
        explained.extend(self.facts.work.iter().map(|work| work.path.as_str()));
        for commit in &self.facts.commits {
            let is_of_task = commit.tasks.iter().chain(&commit.ticked).any(|task| self.task(task).is_some());
            if is_of_task {
                explained.extend(commit.files.iter().map(String::as_str));
            }
        }
        let is_unexplained = |path: &&String| {
            !explained.contains(path.as_str())
                && !is_test_path(path)
                && !self.boundary.neighbours(path).is_empty()
                && self.boundary.owners(path).is_empty()
        };
        self.facts.files.iter().filter(is_unexplained).cloned().collect()
    }
}

/// How far each criterion has come.
fn judge(trace: &mut Trace, suspects: &HashSet<(&str, &str)>) {
    let graph = &trace.graph;
    let outcomes = &trace.outcomes;
    for (spec, parts) in &mut trace.specs {
        for traced in &mut parts.criteria {
            let (mut has_task, mut is_open) = (false, false);
            let mut tests: BTreeMap<usize, u8> = BTreeMap::new();
            for (below, link) in graph.below(traced.node) {
                match graph.item(below) {
                    Some(Item::Test { .. }) => note(&mut tests, below, link.confidence),
                    Some(Item::Task { .. } | Item::Property { .. }) => {
                        if matches!(graph.item(below), Some(Item::Task { .. })) {
                            has_task = true;
                            is_open |= parts.open.contains(&below);
                        }
                        for (test, second) in graph.below(below) {
                            if matches!(graph.item(test), Some(Item::Test { .. })) {
                                note(&mut tests, test, product(link.confidence, second.confidence));
                            }
                        }
                    }
                    _ => {}
                }
            }
            tests.retain(|_, confidence| *confidence >= TEST_CONFIDENCE_MIN);
            let best = tests.keys().filter_map(|test| outcomes.get(test)).max();
            let id = match graph.item(traced.node) {
                Some(Item::Criterion { id, .. }) => id.as_str(),
                _ => "",
            };
            traced.has_test = !tests.is_empty();
            traced.status = match best {
                Some(Outcome::Red) => Status::Red,
                _ if suspects.contains(&(spec.as_str(), id)) => Status::Suspect,
                _ if !has_task && tests.is_empty() => Status::NoTask,
                _ if is_open => Status::TaskOpen,
                Some(Outcome::Green) => Status::Green,
                _ => Status::NoTest,
            };
        }
    }
}

fn note(tests: &mut BTreeMap<usize, u8>, test: usize, confidence: u8) {
    let known = tests.entry(test).or_default();
    *known = confidence.max(*known);
}

/// Two chances one after the other, in percent.
pub(super) fn product(one: u8, other: u8) -> u8 {
    u8::try_from(u16::from(one) * u16::from(other) / 100).unwrap_or(100)
}

/// The words in back-ticks of a task that look like names of symbols, each in its last part.
pub(crate) fn named_in(block: &str) -> HashSet<String> {
    let spans = block.split('`').skip(1).step_by(2).take(NAMES_MAX);
    let bare = |span: &str| {
        let name =
            span.trim().trim_end_matches("()").split(['(', '<']).next().unwrap_or_default().to_string();
        let is_name = !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '#' | '$'))
            && name.chars().any(char::is_alphabetic);
        is_name.then_some(name)
    };
    spans.filter_map(bare).collect()
}

fn is_named(names: &HashSet<String>, symbol: &super::code::Place) -> bool {
    !names.is_empty()
        && (names.contains(&symbol.name)
            || names.contains(&symbol.qualified)
            || symbol.qualified.contains("::") && names.contains(&symbol.qualified.replace("::", ".")))
}

/// The bare name of what a file holds or tests, in lower case.
fn stem(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let first = file.split('.').next().unwrap_or(file);
    let first = first.strip_prefix("test_").unwrap_or(first);
    let ends = ["_test", "_tests", "_spec", "-test", "Test", "Tests", "Spec"];
    let bare = ends.iter().find_map(|end| first.strip_suffix(end)).filter(|bare| !bare.is_empty());
    bare.unwrap_or(first).to_ascii_lowercase()
}

/// Whether a file holds tests, by its name or its folders.
pub(crate) fn is_test_path(path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let first = file.split('.').next().unwrap_or(file);
    let is_folder = |part: &str| matches!(part, "test" | "tests" | "__tests__" | "spec" | "specs" | "e2e");
    folders.split('/').any(is_folder)
        || file.contains(".test.")
        || file.contains(".spec.")
        || first.starts_with("test_")
        || ["_test", "_tests", "_spec", "Test", "Tests", "Spec"].iter().any(|end| first.ends_with(end))
}
