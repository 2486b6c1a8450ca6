//! The questions to a trace: why, impact, gaps, coverage. Builds no link.

use std::collections::{BTreeMap, BTreeSet};

use super::build::product;
use super::graph::{Item, Link, Source};
use super::results::Outcome;
use super::tags::LooseTag;
use super::{Status, Trace};

/// Items around one item; those beyond are left out and said so.
const NEAR_MAX: usize = 2_000;

/// Links from one item to the other end of an answer: criterion, property, task, commit, code, test.
const STEPS_MAX: usize = 4;

/// An item near another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// The item.
    pub item: Item,
    /// How sure it belongs there, in percent: the product over the way.
    pub confidence: u8,
    /// Where the last link of the way comes from.
    pub source: Source,
    /// The item before it on the way; `None` when it is linked directly.
    pub via: Option<Item>,
    /// For a test, how it ended.
    pub outcome: Option<Outcome>,
}

/// Everything around one criterion, property, task or test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The item asked for.
    pub item: Item,
    /// For a criterion, how far it has come.
    pub status: Option<Status>,
    /// What it follows from, sorted.
    pub above: Vec<Near>,
    /// What follows from it, sorted.
    pub below: Vec<Near>,
    /// Whether items were left out.
    pub is_cut: bool,
}

/// What stands behind a place in the code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// The symbol that holds the line, by its qualified name.
    pub symbol: Option<String>,
    /// Criteria, properties, tasks and commits that the place follows from, sorted.
    pub behind: Vec<Near>,
    /// Tests of those criteria, properties and tasks, and tests that ran the place, sorted.
    pub tests: Vec<Near>,
    /// Whether items were left out.
    pub is_cut: bool,
}

/// What is missing between what is wanted and what proves it. Every list is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Criteria that no task cites.
    pub without_task: Vec<Item>,
    /// Criteria whose tasks are done and of which no test speaks.
    pub without_test: Vec<Item>,
    /// Criteria with a failing test.
    pub red: Vec<Item>,
    /// Criteria that somebody must look at.
    pub suspect: Vec<Item>,
    /// Tasks that are work and cite no criterion.
    pub tasks_without_criterion: Vec<Item>,
    /// Properties that no test names.
    pub properties_without_test: Vec<Item>,
    /// Tags that name nothing, or nothing for certain.
    pub loose_tags: Vec<LooseTag>,
    /// Source files beside files that tasks name, behind which no criterion stands.
    pub unexplained_files: Vec<String>,
}

/// How many criteria have come how far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Criteria that ask for something.
    pub criteria: usize,
    /// Those that a task cites.
    pub cited: usize,
    /// Those of which a test speaks.
    pub tested: usize,
    /// By status.
    pub by_status: BTreeMap<Status, usize>,
    /// Leaves that are work.
    pub tasks: usize,
    /// Those that are done.
    pub tasks_done: usize,
    /// Correctness properties.
    pub properties: usize,
    /// Those that a test names.
    pub properties_tested: usize,
}

impl Coverage {
    /// Criteria that are tested and green, in percent of all, rounded down; 100 when there are none.
    pub fn green_percent(&self) -> usize {
        let green = self.by_status.get(&Status::Green).copied().unwrap_or_default();
        (green * 100).checked_div(self.criteria).unwrap_or(100)
    }

    fn add(&mut self, other: &Coverage) {
        self.criteria += other.criteria;
        self.cited += other.cited;
        self.tested += other.tested;
        self.tasks += other.tasks;
        self.tasks_done += other.tasks_done;
        self.properties += other.properties;
        self.properties_tested += other.properties_tested;
        for (status, count) in &other.by_status {
            *self.by_status.entry(*status).or_default() += count;
        }
    }
}

/// A node on the edge of what is known, in the order in which they are taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reached {
    /// What is missing to 100 percent.
    unsure: u8,
    steps: usize,
    node: usize,
    by: Option<(usize, Source)>,
}

/// Which way to walk.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
}

impl Trace {
    /// Everything around an item. `None` when it is not in the trace.
    pub fn why(&self, item: &Item) -> Option<Why> {
        let node = self.graph.find(item)?;
        let status = match item {
            Item::Criterion { spec, id } => self.status(spec, id),
            _ => None,
        };
        let (above, above_cut) = self.walk(&[(node, 100)], Way::Up);
        let (below, below_cut) = self.walk(&[(node, 100)], Way::Down);
        Some(Why { item: item.clone(), status, above, below, is_cut: above_cut || below_cut })
    }

    /// The criteria, properties and tasks that an id may mean, in all specs or in one: `3.2`, `auth#3.2`.
    pub fn find(&self, id: &str) -> Vec<Item> {
        let (only, id) = match id.rsplit_once('#') {
            Some((spec, id)) => (Some(spec), id),
            None => (None, id),
        };
        let id = spec::references::normal_id(id);
        let specs = self.specs.keys().filter(|spec| only.is_none_or(|only| only == spec.as_str()));
        let items = specs
            .flat_map(|spec| [Item::criterion(spec, &id), Item::property(spec, &id), Item::task(spec, &id)]);
        items.filter(|item| self.graph.find(item).is_some()).collect()
    }

    /// What stands behind a file, or behind one of its lines, counted from 1.
    pub fn impact(&self, path: &str, line: Option<usize>) -> Impact {
        let mut start: BTreeMap<usize, u8> = BTreeMap::new();
        let mut symbol = None;
        let code = |name: Option<String>| Item::Code { path: path.to_string(), symbol: name };
        let test = |name: &str| Item::Test { path: path.to_string(), name: name.to_string() };
        let file = self.places.file(path);
        match (line, file) {
            (Some(line), Some(file)) => {
                for place in file.at(line).into_iter().filter_map(|at| file.symbols.get(at)) {
                    symbol = symbol.or(Some(place.qualified.clone()));
                    let items = [code(Some(place.qualified.clone())), test(&place.qualified)];
                    start.extend(items.iter().filter_map(|item| Some((self.graph.find(item)?, 100))));
                }
            }
            (None, Some(file)) => {
                for place in &file.symbols {
                    let items = [code(Some(place.qualified.clone())), test(&place.qualified)];
                    start.extend(items.iter().filter_map(|item| Some((self.graph.find(item)?, 100))));
                }
            }
            (_, None) => {}
        }
        // What is known of the file as a whole is less sure for one of its lines.
        let whole = if line.is_some() && symbol.is_some() { 70 } else { 100 };
        for item in [code(None), test("")] {
            if let Some(node) = self.graph.find(&item) {
                start.insert(node, whole);
            }
        }
        let mut folder = path;
        while let Some((above, _)) = folder.rsplit_once('/') {
            for name in [above.to_string(), format!("{above}/")] {
                let item = Item::Code { path: name, symbol: None };
                start.extend(self.graph.find(&item).map(|node| (node, whole)));
            }
            folder = above;
        }
        let start: Vec<(usize, u8)> = start.into_iter().collect();
        let (mut behind, mut is_cut) = self.walk(&start, Way::Up);
        let tasks: Vec<(usize, u8)> = behind
            .iter()
            .filter(|near| {
                matches!(near.item, Item::Criterion { .. } | Item::Property { .. } | Item::Task { .. })
            })
            .filter_map(|near| Some((self.graph.find(&near.item)?, near.confidence)))
            .collect();
        let (below, cut) = self.walk(&tasks, Way::Down);
        is_cut |= cut;
        let is_test = |near: &Near| matches!(near.item, Item::Test { .. });
        let mut tests: BTreeMap<Item, Near> = BTreeMap::new();
        for near in
            below.into_iter().filter(is_test).chain(behind.iter().filter(|near| is_test(near)).cloned())
        {
            let known = tests.entry(near.item.clone()).or_insert_with(|| near.clone());
            if near.confidence > known.confidence {
                *known = near;
            }
        }
        behind.retain(|near| !is_test(near));
        Impact { symbol, behind, tests: tests.into_values().collect(), is_cut }
    }

    /// What is missing, in one spec or in all.
    pub fn gaps(&self, only: Option<&str>) -> Gaps {
        let mut gaps = Gaps::default();
        for (_, parts) in self.specs.iter().filter(|(name, _)| only.is_none_or(|only| only == name.as_str()))
        {
            for traced in parts.criteria.iter().filter(|traced| !traced.is_described_only) {
                let Some(item) = self.graph.item(traced.node) else { continue };
                if !self.has_below(traced.node, |item| matches!(item, Item::Task { .. })) {
                    gaps.without_task.push(item.clone());
                }
                match traced.status {
                    Status::NoTest if !traced.has_test => gaps.without_test.push(item.clone()),
                    Status::Red => gaps.red.push(item.clone()),
                    Status::Suspect => gaps.suspect.push(item.clone()),
                    _ => {}
                }
            }
            let tasks = parts.tasks.iter().filter(|(_, _, is_work)| *is_work);
            let bare = tasks.filter(|(node, _, _)| !self.cites(*node));
            gaps.tasks_without_criterion
                .extend(bare.filter_map(|(node, _, _)| self.graph.item(*node).cloned()));
            let untested = parts.properties.iter().filter(|node| !self.has_test(**node));
            gaps.properties_without_test.extend(untested.filter_map(|node| self.graph.item(*node).cloned()));
        }
        if only.is_none() {
            gaps.loose_tags.clone_from(&self.loose_tags);
            gaps.unexplained_files = self.unexplained.iter().cloned().collect();
        }
        for list in [
            &mut gaps.without_task,
            &mut gaps.without_test,
            &mut gaps.red,
            &mut gaps.suspect,
            &mut gaps.tasks_without_criterion,
            &mut gaps.properties_without_test,
        ] {
            list.sort();
            list.dedup();
        }
        gaps
    }

    /// How far each spec has come, and all together.
    pub fn coverage(&self) -> (BTreeMap<String, Coverage>, Coverage) {
        let mut all = Coverage::default();
        let mut by_spec = BTreeMap::new();
        for (name, parts) in &self.specs {
            let mut coverage = Coverage { properties: parts.properties.len(), ..Coverage::default() };
            for traced in parts.criteria.iter().filter(|traced| !traced.is_described_only) {
                coverage.criteria += 1;
                let is_cited = self.has_below(traced.node, |item| matches!(item, Item::Task { .. }));
                coverage.cited += usize::from(is_cited);
                coverage.tested += usize::from(traced.has_test);
                *coverage.by_status.entry(traced.status).or_default() += 1;
            }
            for (_, is_done, _) in parts.tasks.iter().filter(|(_, _, is_work)| *is_work) {
                coverage.tasks += 1;
                coverage.tasks_done += usize::from(*is_done);
            }
            coverage.properties_tested = parts.properties.iter().filter(|node| self.has_test(**node)).count();
            all.add(&coverage);
            by_spec.insert(name.clone(), coverage);
        }
        (by_spec, all)
    }

    fn has_below(&self, node: usize, is_it: impl Fn(&Item) -> bool) -> bool {
        self.graph.below(node).any(|(below, _)| self.graph.item(below).is_some_and(&is_it))
    }

    fn has_test(&self, node: usize) -> bool {
        self.has_below(node, |item| matches!(item, Item::Test { .. }))
    }

    fn cites(&self, task: usize) -> bool {
        let is_criterion = |item: &Item| matches!(item, Item::Criterion { .. });
        self.graph.above(task).any(|(above, _)| self.graph.item(above).is_some_and(is_criterion))
    }

    /// What can be reached in one direction, each by its surest way, sorted by item.
    fn walk(&self, start: &[(usize, u8)], way: Way) -> (Vec<Near>, bool) {
        let starts: BTreeSet<usize> = start.iter().map(|(node, _)| *node).collect();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        // The surest first; among equals the shortest way, then the node that was known first.
        let mut edge: BTreeSet<Reached> = BTreeSet::new();
        for (node, confidence) in start {
            edge.insert(Reached { unsure: 100 - (*confidence).min(100), steps: 0, node: *node, by: None });
        }
        let mut found: Vec<Near> = Vec::new();
        while let Some(reached) = edge.pop_first() {
            if !seen.insert(reached.node) {
                continue;
            }
            let confidence = 100 - reached.unsure;
            if let (Some((via, source)), Some(item)) = (reached.by, self.graph.item(reached.node).cloned()) {
                if found.len() >= NEAR_MAX {
                    found.sort();
                    return (found, true);
                }
                let is_direct = starts.contains(&via) && start.len() == 1;
                let via = self.graph.item(via).filter(|_| !is_direct).cloned();
                let outcome = matches!(item, Item::Test { .. })
                    .then(|| self.outcomes.get(&reached.node).copied().unwrap_or(Outcome::Unknown));
                found.push(Near { item, confidence, source, via, outcome });
            }
            if reached.steps >= STEPS_MAX {
                continue;
            }
            let mut take = |(node, link): (usize, Link)| {
                let is_new = !seen.contains(&node) && !starts.contains(&node);
                if is_new && self.is_on_the_way(reached.node, node, way, reached.steps) {
                    let unsure = 100 - product(confidence, link.confidence).min(100);
                    let by = Some((reached.node, link.source));
                    edge.insert(Reached { unsure, steps: reached.steps + 1, node, by });
                }
            };
            match way {
                Way::Up => self.graph.above(reached.node).for_each(&mut take),
                Way::Down => self.graph.below(reached.node).for_each(&mut take),
            }
        }
        found.sort();
        (found, false)
    }

    /// Whether a link may be followed.
    fn is_on_the_way(&self, from: usize, to: usize, way: Way, step: usize) -> bool {
        let (from, to) = (self.graph.item(from), self.graph.item(to));
        match (way, from, to) {
            // What a test of a test runs says nothing about the first one.
            (Way::Up, Some(Item::Code { .. }), Some(Item::Test { .. })) => step == 0,
            _ => true,
        }
    }
}
